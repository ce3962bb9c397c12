// SPDX-License-Identifier: GPL-2.0
/* Reading /sys/kernel/debug/gmem-sim, and names for statuses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware.h"

#define SIM_DIR	"/sys/kernel/debug/gmem-sim/"

int fw_read_calls(struct fw_calls *calls)
{
	char line[256];
	FILE *f;

	calls->nr = 0;
	f = fopen(SIM_DIR "calls", "re");
	if (!f)
		return -1;
	while (calls->nr < FW_MAX_CALLS && fgets(line, sizeof(line), f)) {
		char name[48];
		unsigned long long count;

		if (sscanf(line, "%47s %llu", name, &count) != 2)
			continue;
		strcpy(calls->call[calls->nr].name, name);
		calls->call[calls->nr++].count = count;
	}
	fclose(f);
	return 0;
}

void fw_calls_since(struct fw_calls *calls, const struct fw_calls *before)
{
	unsigned int i, j;

	for (i = 0; i < calls->nr; i++)
		for (j = 0; j < before->nr; j++)
			if (!strcmp(calls->call[i].name, before->call[j].name))
				calls->call[i].count -= before->call[j].count;
}

long fw_violations(void)
{
	long n = -1;
	FILE *f;

	f = fopen(SIM_DIR "violations", "re");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

void fw_print_violations(FILE *out)
{
	char line[512];
	FILE *f;

	f = fopen(SIM_DIR "violations", "re");
	if (!f)
		return;
	if (fgets(line, sizeof(line), f))	/* their number */
		while (fgets(line, sizeof(line), f))
			fprintf(out, "  %s", line);
	fclose(f);
}

/* The value of "key=value" in a line of such words */
static const char *field(const char *line, const char *key)
{
	size_t n = strlen(key);
	const char *p;

	for (p = line; (p = strstr(p, key)); p += n)
		if ((p == line || p[-1] == ' ') && p[n] == '=')
			return p + n + 1;
	return "";
}

int fw_read_guests(struct fw_guests *guests)
{
	char line[512];
	FILE *f;

	guests->nr = 0;
	f = fopen(SIM_DIR "guests", "re");
	if (!f)
		return -1;
	while (guests->nr < FW_MAX_GUESTS && fgets(line, sizeof(line), f)) {
		struct fw_guest *g = &guests->guest[guests->nr];
		int snp = *field(line, "gctx") != '\0';

		memset(g, 0, sizeof(*g));
		g->id = strtoull(field(line, snp ? "gctx" : "tdr"), NULL, 0);
		g->key = strtoul(field(line, snp ? "asid" : "hkid"), NULL, 0);
		sscanf(field(line, "state"), "%23[A-Za-z_]", g->state);
		sscanf(field(line, snp ? "ld" : "mrtd"), "%96[0-9a-f]",
		       g->digest);
		if (strlen(g->digest) != FW_DIGEST_HEX)
			g->digest[0] = '\0';
		if (g->id)
			guests->nr++;
	}
	fclose(f);
	return 0;
}

const struct fw_guest *fw_find_guest(const struct fw_guests *guests,
				     unsigned long long id)
{
	unsigned int i;

	for (i = 0; i < guests->nr; i++)
		if (guests->guest[i].id == id)
			return &guests->guest[i];
	return NULL;
}

const struct fw_guest *fw_new_guest(const struct fw_guests *now,
				    const struct fw_guests *before)
{
	const struct fw_guest *found = NULL;
	unsigned int i;

	for (i = 0; i < now->nr; i++) {
		if (fw_find_guest(before, now->guest[i].id))
			continue;
		if (found)
			return NULL;
		found = &now->guest[i];
	}
	return found;
}

const char *fw_status_name(uint32_t status)
{
	static const char * const names[] = {
		[0x00] = "SUCCESS",
		[0x01] = "INVALID_PLATFORM_STATE",
		[0x02] = "INVALID_GUEST_STATE",
		[0x03] = "INVALID_CONFIG",
		[0x04] = "INVALID_LENGTH",
		[0x05] = "ALREADY_OWNED",
		[0x06] = "INVALID_CERTIFICATE",
		[0x07] = "POLICY_FAILURE",
		[0x08] = "INACTIVE",
		[0x09] = "INVALID_ADDRESS",
		[0x0a] = "BAD_SIGNATURE",
		[0x0b] = "BAD_MEASUREMENT",
		[0x0c] = "ASID_OWNED",
		[0x0d] = "INVALID_ASID",
		[0x0e] = "WBINVD_REQUIRED",
		[0x0f] = "DF_FLUSH_REQUIRED",
		[0x10] = "INVALID_GUEST",
		[0x11] = "INVALID_COMMAND",
		[0x12] = "ACTIVE",
		[0x13] = "HW_PLATFORM",
		[0x14] = "HW_UNSAFE",
		[0x15] = "UNSUPPORTED",
		[0x16] = "INVALID_PARAM",
		[0x17] = "RESOURCE_LIMIT",
		[0x18] = "SECURE_DATA_INVALID",
		[0x19] = "INVALID_PAGE_SIZE",
		[0x1a] = "INVALID_PAGE_STATE",
		[0x1b] = "INVALID_MDATA_ENTRY",
		[0x1c] = "INVALID_PAGE_OWNER",
		[0x1d] = "AEAD_OFLOW",
		[0x1f] = "EXIT_RING_BUFFER",
		[0x20] = "RMP_INIT_REQUIRED",
		[0x21] = "BAD_SVN",
		[0x22] = "BAD_VERSION",
		[0x23] = "SHUTDOWN_REQUIRED",
		[0x24] = "UPDATE_FAILED",
		[0x25] = "RESTORE_REQUIRED",
		[0x26] = "RMP_INITIALIZATION_FAILED",
		[0x27] = "INVALID_KEY",
		[0x28] = "SHUTDOWN_INCOMPLETE",
	};

	if (status < sizeof(names) / sizeof(names[0]) && names[status])
		return names[status];
	return "unknown";
}

const char *tdx_status_name(uint64_t status)
{
	static const struct {
		uint32_t code;		/* the upper half, class and detail */
		const char *name;
	} names[] = {
		{ 0x00000000, "SUCCESS" },
		{ 0x80000003, "INTERRUPTED_RESUMABLE" },
		{ 0x80000004, "INTERRUPTED_RESTARTABLE" },
		{ 0xc0000100, "OPERAND_INVALID" },
		{ 0xc0000101, "OPERAND_ADDR_RANGE_ERROR" },
		{ 0x80000200, "OPERAND_BUSY" },
		{ 0x80000201, "PREVIOUS_TLB_EPOCH_BUSY" },
		{ 0x80000203, "RND_NO_ENTROPY" },
		{ 0x80000204, "OPERAND_BUSY_HOST_PRIORITY" },
		{ 0xc0000300, "PAGE_METADATA_INCORRECT" },
		{ 0xc0000400, "TD_ASSOCIATED_PAGES_EXIST" },
		{ 0xc0000505, "SYS_NOT_READY" },
		{ 0xc0000506, "SYS_SHUTDOWN" },
		{ 0xe0000604, "TD_FATAL" },
		{ 0xc0000606, "TDCS_NOT_ALLOCATED" },
		{ 0xc0000607, "LIFECYCLE_STATE_INCORRECT" },
		{ 0xc0000608, "OP_STATE_INCORRECT" },
		{ 0xc0000609, "NO_VCPUS" },
		{ 0xc0000610, "TDCX_NUM_INCORRECT" },
		{ 0xc0000700, "VCPU_STATE_INCORRECT" },
		{ 0x80000701, "VCPU_ASSOCIATED" },
		{ 0x80000702, "VCPU_NOT_ASSOCIATED" },
		{ 0xc0000705, "MAX_VCPUS_EXCEEDED" },
		{ 0x80000800, "KEY_GENERATION_FAILED" },
		{ 0x80000810, "TD_KEYS_NOT_CONFIGURED" },
		{ 0x80000817, "WBCACHE_NOT_COMPLETE" },
		{ 0xc0000820, "HKID_NOT_FREE" },
		{ 0x80000824, "FLUSHVP_NOT_DONE" },
		{ 0xc0000b00, "EPT_WALK_FAILED" },
		{ 0xc0000b03, "EPT_ENTRY_NOT_PRESENT" },
		{ 0xc0000b0d, "EPT_ENTRY_STATE_INCORRECT" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == status >> 32)
			return names[i].name;
	return "unknown";
}
