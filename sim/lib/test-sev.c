// SPDX-License-Identifier: GPL-2.0
/*
 * Guests of legacy SEV and SEV-ES.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "test.h"
#include "../internal.h"

#define TMR	0x800000ull
#define MEM	0x620000ull
#define OUT	0x630000ull
#define PACKET	0x640000ull
#define TRANS	0x641000ull
#define ES	SIM_SEV_POLICY_ES

/* A command whose buffer is written: the firmware's page, and the host's after. */
static u32 out_cmd(struct world *w, u32 cmd, void *buf, u32 len)
{
	u32 status;

	EQ(test_rmp(w, CMDBUF, 0, 0, true, 0), SIM_RMP_OK);
	status = world_psp(w, cmd, CMDBUF, buf, len);
	memcpy(buf, world_mem(w, CMDBUF, len), len);
	EQ(sim_rmp_page_state(&w->m, CMDBUF), SIM_PAGE_RECLAIM);
	EQ(test_unassign(w, CMDBUF, 0), SIM_RMP_OK);
	return status;
}

static u32 handle_cmd(struct world *w, u32 cmd, u32 handle)
{
	return world_psp(w, cmd, CMDBUF, &handle, sizeof(handle));
}

static struct world *ready(void)
{
	struct world *w = test_world_ready();
	struct sim_cmd_sev_init init = { .flags = 1, .tmr_paddr = TMR,
					 .tmr_len = 0x200000 };

	EQ(test_rmp(w, TMR, 0, 0, true, 1), SIM_RMP_OK);
	EQ(world_psp(w, SIM_CMD_SEV_INIT, CMDBUF, &init, sizeof(init)),
	   SIM_SUCCESS);
	EQ(world_psp(w, SIM_CMD_SEV_DF_FLUSH, CMDBUF, NULL, 0), SIM_SUCCESS);
	return w;
}

static u32 start(struct world *w, u32 policy, u32 share, u32 *handle)
{
	struct sim_cmd_sev_start cmd = { .handle = share, .policy = policy };
	u32 status = out_cmd(w, SIM_CMD_SEV_LAUNCH_START, &cmd, sizeof(cmd));

	*handle = cmd.handle;
	return status;
}

static u32 activate(struct world *w, u32 handle, u32 asid)
{
	struct sim_cmd_sev_activate cmd = { handle, asid };

	return world_psp(w, SIM_CMD_SEV_ACTIVATE, CMDBUF, &cmd, sizeof(cmd));
}

static u32 update(struct world *w, u32 cmd, u32 handle, u64 pa, u32 len)
{
	struct sim_cmd_sev_range buf = { .handle = handle, .paddr = pa,
					 .len = len };

	return world_psp(w, cmd, CMDBUF, &buf, sizeof(buf));
}

static u32 measure(struct world *w, u32 handle, u64 pa, u32 *len)
{
	struct sim_cmd_sev_range buf = { .handle = handle, .paddr = pa,
					 .len = *len };
	u32 status = out_cmd(w, SIM_CMD_SEV_LAUNCH_MEASURE, &buf, sizeof(buf));

	*len = buf.len;
	return status;
}

static void fill(u8 *p, u32 len)
{
	while (len--)
		p[len] = len * 11 + (len >> 8);
}

static u32 platform_state(struct world *w)
{
	struct sim_sev_platform_status s = { 0 };

	EQ(out_cmd(w, SIM_CMD_SEV_PLATFORM_STATUS, &s, sizeof(s)),
	   SIM_SUCCESS);
	return s.state | s.guest_count << 8;
}

TEST(sev_guest_is_measured_as_published)
{
	struct world *w = ready();
	u8 data[0x5000], got[0x5000], ld[32], text[4 + 4 + 32 + 16], mac[32];
	struct sim_sev_measure *m;
	u32 handle, len = 0, policy = 3;

	EQ(platform_state(w), SIM_PLAT_INIT);
	EQ(start(w, policy, 0, &handle), SIM_SUCCESS);
	EQ(handle, 1);
	EQ(platform_state(w), SIM_PLAT_WORKING | 1 << 8);
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_DATA, handle, MEM, 16),
	   SIM_INACTIVE);
	/* ASIDs from 100 on are for guests without ES. */
	EQ(activate(w, handle, 5), SIM_INVALID_ASID);
	EQ(activate(w, handle, 0), SIM_INVALID_ASID);
	EQ(activate(w, handle + 1, 100), SIM_INVALID_GUEST);
	EQ(activate(w, handle, 100), SIM_SUCCESS);
	EQ(activate(w, handle, 100), SIM_ASID_OWNED);
	EQ(activate(w, handle, 101), SIM_ACTIVE);

	fill(data, sizeof(data));
	memcpy(world_mem(w, MEM, sizeof(data)), data, sizeof(data));
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_DATA, handle, MEM, 0x5000),
	   SIM_INVALID_PAGE_STATE);
	for (u64 pa = MEM; pa < MEM + 0x5000; pa += 0x1000)
		EQ(test_rmp(w, pa, 0, 0, true, 0), SIM_RMP_OK);
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_DATA, handle, MEM + 8, 16),
	   SIM_INVALID_ADDRESS);
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_DATA, handle, MEM, 24),
	   SIM_INVALID_LENGTH);
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_DATA, handle, MEM, 0),
	   SIM_INVALID_LENGTH);
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_VMSA, handle, MEM, 0x1000),
	   SIM_UNSUPPORTED);
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_DATA, handle, MEM, 0x5000),
	   SIM_SUCCESS);
	CHECK(memcmp(world_mem(w, MEM, sizeof(data)), data, 4096));
	CHECK(sim_guest_read(&w->m, 100, MEM, got, sizeof(got)));
	CHECK(!memcmp(got, data, sizeof(data)));

	EQ(handle_cmd(w, SIM_CMD_SEV_LAUNCH_FINISH, handle),
	   SIM_INVALID_GUEST_STATE);
	EQ(measure(w, handle, OUT, &len), SIM_INVALID_LENGTH);
	EQ(len, 48);
	EQ(measure(w, handle, OUT, &len), SIM_INVALID_PAGE_STATE);
	EQ(test_rmp(w, OUT, 0, 0, true, 0), SIM_RMP_OK);
	EQ(measure(w, handle, OUT, &len), SIM_SUCCESS);
	EQ(measure(w, handle, OUT, &len), SIM_INVALID_GUEST_STATE);

	/* What the guest's owner computes; without a session the key is zeros. */
	m = (void *)world_mem(w, OUT, sizeof(*m));
	SHA256(data, sizeof(data), ld);
	memcpy(text, (u8[]){ 4, SIM_FW_MAJOR, SIM_FW_MINOR, SIM_FW_BUILD }, 4);
	memcpy(text + 4, &policy, 4);
	memcpy(text + 8, ld, 32);
	memcpy(text + 40, m->mnonce, 16);
	HMAC(EVP_sha256(), (u8[16]){ 0 }, 16, text, sizeof(text), mac, NULL);
	CHECK(!memcmp(mac, m->measurement, 32));

	EQ(handle_cmd(w, SIM_CMD_SEV_LAUNCH_FINISH, handle), SIM_SUCCESS);
	EQ(w->m.asids.in_use[100], 3);
	EQ(w->m.asids.valid[100], 3);
	EQ(handle_cmd(w, SIM_CMD_SEV_DECOMMISSION, handle), SIM_ACTIVE);
	EQ(handle_cmd(w, SIM_CMD_SEV_DEACTIVATE, handle), SIM_SUCCESS);
	EQ(handle_cmd(w, SIM_CMD_SEV_DEACTIVATE, handle), SIM_INACTIVE);
	EQ(w->m.asids.dirty[100], 3);
	EQ(sim_machine_check_clean(&w->m, NULL, NULL) > 0, 1);
	EQ(handle_cmd(w, SIM_CMD_SEV_DECOMMISSION, handle), SIM_SUCCESS);
	EQ(platform_state(w), SIM_PLAT_INIT);
	EQ(handle_cmd(w, SIM_CMD_SEV_DECOMMISSION, handle),
	   SIM_INVALID_PLATFORM_STATE);
	test_invariants(w);
}

static u32 secret(struct world *w, u32 handle, u64 pa, u32 len)
{
	struct sim_cmd_sev_transport cmd = {
		.handle = handle, .hdr_paddr = PACKET, .hdr_len = 52,
		.guest_paddr = pa, .guest_len = len, .trans_paddr = TRANS,
		.trans_len = len,
	};

	return world_psp(w, SIM_CMD_SEV_LAUNCH_SECRET, CMDBUF, &cmd,
			 sizeof(cmd));
}

TEST(sev_owner_sends_a_secret)
{
	struct world *w = ready();
	struct sim_sev_packet *p = (void *)world_mem(w, PACKET, sizeof(*p));
	u8 *trans = world_mem(w, TRANS, 32), plain[32], got[32];
	u8 text[1 + 4 + 16 + 4 + 4 + 32 + 32], key[16] = { 0 };
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	u32 handle, len = 48, n32 = 32;
	int n;

	EQ(start(w, 1, 0, &handle), SIM_SUCCESS);
	EQ(activate(w, handle, 100), SIM_SUCCESS);
	EQ(test_rmp(w, OUT, 0, 0, true, 0), SIM_RMP_OK);
	EQ(test_rmp(w, MEM, 0, 0, true, 0), SIM_RMP_OK);
	EQ(secret(w, handle, MEM, 32), SIM_INVALID_GUEST_STATE);
	EQ(measure(w, handle, OUT, &len), SIM_SUCCESS);

	fill(plain, sizeof(plain));
	memset(p->iv, 0xfe, 16);
	EVP_EncryptInit_ex(c, EVP_aes_128_ctr(), NULL, key, p->iv);
	EVP_EncryptUpdate(c, trans, &n, plain, 32);
	EVP_CIPHER_CTX_free(c);
	text[0] = 1;
	memcpy(text + 1, &p->flags, 4);
	memcpy(text + 5, p->iv, 16);
	memcpy(text + 21, &n32, 4);
	memcpy(text + 25, &n32, 4);
	memcpy(text + 29, trans, 32);
	memcpy(text + 61, world_mem(w, OUT, 32), 32);
	HMAC(EVP_sha256(), key, 16, text, sizeof(text), p->mac, NULL);

	EQ(secret(w, handle, MEM + 4, 32), SIM_INVALID_ADDRESS);
	EQ(secret(w, handle, MEM, 40), SIM_INVALID_LENGTH);
	EQ(secret(w, handle, 0x650000, 32), SIM_INVALID_PAGE_STATE);
	trans[5] ^= 1;
	EQ(secret(w, handle, MEM, 32), SIM_BAD_MEASUREMENT);
	trans[5] ^= 1;
	EQ(secret(w, handle, MEM, 32), SIM_SUCCESS);
	CHECK(sim_guest_read(&w->m, 100, MEM, got, 32));
	CHECK(!memcmp(got, plain, 32));
}

TEST(sev_es_vmsas_get_a_check_sum)
{
	struct world *w = ready();
	u64 vmsa[512];
	u32 handle, plain;

	EQ(start(w, ES, 0, &handle), SIM_SUCCESS);
	EQ(activate(w, handle, 100), SIM_INVALID_ASID);
	EQ(activate(w, handle, 7), SIM_SUCCESS);
	EQ(test_rmp(w, MEM, 0, 0, true, 0), SIM_RMP_OK);
	memset(world_mem(w, MEM, 4096), 0x77, 4096);
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_VMSA, handle, MEM, 0x800),
	   SIM_INVALID_LENGTH);
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_VMSA, handle, MEM, 0x1000),
	   SIM_SUCCESS);
	CHECK(sim_guest_read(&w->m, 7, MEM, vmsa, 4096));
	EQ(vmsa[0x380 / 8], 0);
	EQ(vmsa[0x388 / 8], TMR + 0x100000);
	EQ(vmsa[0x390 / 8], 0x7777777777777777);

	/* A platform without ES has no place for the sum. */
	EQ(world_psp(w, SIM_CMD_SEV_SHUTDOWN, CMDBUF, NULL, 0), SIM_SUCCESS);
	EQ(w->m.asids.clean[7], 3);
	EQ(w->m.sev_guest_count, 0);
	EQ(world_psp(w, SIM_CMD_SEV_INIT, CMDBUF,
		     &(struct sim_cmd_sev_init){ 0 },
		     sizeof(struct sim_cmd_sev_init)), SIM_SUCCESS);
	EQ(start(w, ES, 0, &plain), SIM_UNSUPPORTED);
	EQ(start(w, 0, 0, &plain), SIM_SUCCESS);
}

TEST(sev_keys_are_shared_only_if_the_policy_says_so)
{
	struct world *w = ready();
	u32 a, b, c;

	EQ(start(w, 0, 7, &a), SIM_INVALID_GUEST);
	EQ(start(w, 0, 0, &a), SIM_SUCCESS);
	EQ(start(w, 1, a, &b), SIM_POLICY_FAILURE);
	EQ(start(w, 0, a, &b), SIM_SUCCESS);
	EQ(b, 2);
	CHECK(!memcmp(w->m.sev_guests[0].b.key, w->m.sev_guests[1].b.key, 16));
	EQ(start(w, SIM_SEV_POLICY_NOKS, 0, &c), SIM_SUCCESS);
	EQ(start(w, SIM_SEV_POLICY_NOKS, c, &b), SIM_POLICY_FAILURE);
	/* Handles are used again. */
	EQ(handle_cmd(w, SIM_CMD_SEV_DECOMMISSION, a), SIM_SUCCESS);
	EQ(start(w, 0, 0, &b), SIM_SUCCESS);
	EQ(b, a);
}

TEST(sev_owners_session_is_never_for_this_chip)
{
	struct world *w = ready();
	struct sim_cmd_sev_start cmd = { .cert_paddr = PACKET };
	u32 *cert = (void *)world_mem(w, PACKET, 4096);

	EQ(out_cmd(w, SIM_CMD_SEV_LAUNCH_START, &cmd, sizeof(cmd)),
	   SIM_INVALID_LENGTH);
	cmd.session_len = 128;
	cmd.session_paddr = TRANS;
	EQ(out_cmd(w, SIM_CMD_SEV_LAUNCH_START, &cmd, sizeof(cmd)),
	   SIM_INVALID_LENGTH);
	cmd.cert_len = 0x824;
	EQ(out_cmd(w, SIM_CMD_SEV_LAUNCH_START, &cmd, sizeof(cmd)),
	   SIM_INVALID_CERTIFICATE);
	cert[0] = 1;
	cert[2] = 0x1003;
	cert[3] = 3;
	EQ(out_cmd(w, SIM_CMD_SEV_LAUNCH_START, &cmd, sizeof(cmd)),
	   SIM_BAD_MEASUREMENT);
	EQ(out_cmd(w, SIM_CMD_SEV_RECEIVE_START, &cmd, sizeof(cmd)),
	   SIM_BAD_MEASUREMENT);
	EQ(platform_state(w), SIM_PLAT_INIT);
}

static u32 dbg(struct world *w, u32 cmd, u32 handle, u64 src, u64 dst, u32 len)
{
	struct sim_cmd_sev_dbg buf = { .handle = handle, .src_paddr = src,
				       .dst_paddr = dst, .len = len };

	return world_psp(w, cmd, CMDBUF, &buf, sizeof(buf));
}

TEST(sev_debug_and_copy)
{
	struct world *w = ready();
	struct sim_cmd_sev_copy copy = { .len = 64, .src_paddr = MEM,
					 .dst_paddr = OUT };
	u32 handle, locked;
	u8 plain[64], got[64];

	EQ(start(w, 0, 0, &handle), SIM_SUCCESS);
	EQ(start(w, SIM_SEV_POLICY_NODBG, 0, &locked), SIM_SUCCESS);
	EQ(test_rmp(w, MEM, 0, 0, true, 0), SIM_RMP_OK);
	EQ(test_rmp(w, OUT, 0, 0, true, 0), SIM_RMP_OK);
	fill(plain, 64);
	memcpy(world_mem(w, PACKET, 64), plain, 64);
	EQ(dbg(w, SIM_CMD_SEV_DBG_ENCRYPT, handle, PACKET, MEM, 64),
	   SIM_INACTIVE);
	EQ(activate(w, handle, 100), SIM_SUCCESS);
	EQ(dbg(w, SIM_CMD_SEV_DBG_ENCRYPT, locked, PACKET, MEM, 64),
	   SIM_POLICY_FAILURE);
	EQ(dbg(w, SIM_CMD_SEV_DBG_ENCRYPT, 9, PACKET, MEM, 64),
	   SIM_INVALID_GUEST);
	EQ(dbg(w, SIM_CMD_SEV_DBG_ENCRYPT, handle, PACKET + 1, MEM, 64),
	   SIM_INVALID_ADDRESS);
	EQ(dbg(w, SIM_CMD_SEV_DBG_ENCRYPT, handle, PACKET, MEM, 63),
	   SIM_INVALID_LENGTH);
	EQ(dbg(w, SIM_CMD_SEV_DBG_ENCRYPT, handle, PACKET, TRANS, 64),
	   SIM_INVALID_PAGE_STATE);
	EQ(dbg(w, SIM_CMD_SEV_DBG_ENCRYPT, handle, PACKET, MEM, 64),
	   SIM_SUCCESS);
	CHECK(sim_guest_read(&w->m, 100, MEM, got, 64));
	CHECK(!memcmp(got, plain, 64));
	EQ(dbg(w, SIM_CMD_SEV_DBG_DECRYPT, handle, MEM, OUT, 64), SIM_SUCCESS);
	CHECK(!memcmp(world_mem(w, OUT, 64), plain, 64));

	copy.handle = handle;
	EQ(world_psp(w, SIM_CMD_SEV_COPY, CMDBUF, &copy, sizeof(copy)),
	   SIM_SUCCESS);
	CHECK(sim_guest_read(&w->m, 100, OUT, got, 64));
	CHECK(!memcmp(got, plain, 64));
}

TEST(sev_attestation_and_sending)
{
	struct world *w = ready();
	struct sim_cmd_sev_attestation att = { .paddr = OUT };
	struct sim_cmd_sev_send_start send = { 0 };
	struct sim_cmd_sev_transport data = { 0 };
	struct sim_cmd_sev_guest_status st = { .handle = 9, .state = 77 };
	struct sim_sev_report *r = (void *)world_mem(w, OUT, sizeof(*r));
	u32 handle, len = 48;

	EQ(start(w, SIM_SEV_POLICY_SEV, 0, &handle), SIM_SUCCESS);
	EQ(out_cmd(w, SIM_CMD_SEV_GUEST_STATUS, &st, sizeof(st)), SIM_SUCCESS);
	EQ(st.state, SIM_SEV_NONE);
	st.handle = handle;
	EQ(out_cmd(w, SIM_CMD_SEV_GUEST_STATUS, &st, sizeof(st)), SIM_SUCCESS);
	EQ(st.state, SIM_SEV_LUPDATE);
	EQ(st.policy, SIM_SEV_POLICY_SEV);
	att.handle = handle;
	memset(att.mnonce, 9, 16);
	EQ(world_psp(w, SIM_CMD_SEV_ATTESTATION, CMDBUF, &att, sizeof(att)),
	   SIM_INVALID_GUEST_STATE);
	EQ(test_rmp(w, OUT, 0, 0, true, 0), SIM_RMP_OK);
	EQ(measure(w, handle, OUT, &len), SIM_SUCCESS);
	/* The host's page will do, and stays what it is. */
	EQ(world_psp(w, SIM_CMD_SEV_ATTESTATION, CMDBUF, &att, sizeof(att)),
	   SIM_INVALID_LENGTH);
	memcpy(&att, world_mem(w, CMDBUF, sizeof(att)), sizeof(att));
	EQ(att.len, 0xd0);
	EQ(sim_rmp_page_state(&w->m, CMDBUF), SIM_PAGE_HYPERVISOR);
	EQ(world_psp(w, SIM_CMD_SEV_ATTESTATION, CMDBUF, &att, sizeof(att)),
	   SIM_SUCCESS);
	EQ(r->mnonce[15], 9);
	EQ(r->policy, SIM_SEV_POLICY_SEV);
	EQ(r->sig_usage, 0x1000);
	CHECK(sim_all_zero(r->signature, sizeof(r->signature)));

	send.handle = handle;
	EQ(out_cmd(w, SIM_CMD_SEV_SEND_START, &send, sizeof(send)),
	   SIM_INVALID_LENGTH);
	EQ(send.session_len, 128);
	EQ(out_cmd(w, SIM_CMD_SEV_SEND_START, &send, sizeof(send)),
	   SIM_INVALID_GUEST_STATE);
	EQ(handle_cmd(w, SIM_CMD_SEV_LAUNCH_FINISH, handle), SIM_SUCCESS);
	EQ(out_cmd(w, SIM_CMD_SEV_SEND_START, &send, sizeof(send)),
	   SIM_INVALID_LENGTH);
	send.plat_paddr = send.pdh_paddr = PACKET;
	send.plat_len = 3 * 0x824;
	send.pdh_len = 0x824;
	send.amd_len = 4096;
	EQ(out_cmd(w, SIM_CMD_SEV_SEND_START, &send, sizeof(send)),
	   SIM_INVALID_CERTIFICATE);
	data.handle = handle;
	EQ(out_cmd(w, SIM_CMD_SEV_SEND_UPDATE_DATA, &data, sizeof(data)),
	   SIM_INVALID_LENGTH);
	EQ(data.hdr_len, 52);
	EQ(out_cmd(w, SIM_CMD_SEV_SEND_UPDATE_DATA, &data, sizeof(data)),
	   SIM_INVALID_GUEST_STATE);
	EQ(handle_cmd(w, SIM_CMD_SEV_SEND_FINISH, handle),
	   SIM_INVALID_GUEST_STATE);
	EQ(handle_cmd(w, SIM_CMD_SEV_SEND_CANCEL, 8), SIM_INVALID_GUEST);
	EQ(handle_cmd(w, SIM_CMD_SEV_RECEIVE_FINISH, handle),
	   SIM_INVALID_GUEST_STATE);
}

TEST(sev_without_snp)
{
	struct world *w = test_world();
	struct sim_cmd_sev_init init = { 0 };
	struct sim_cmd_sev_start cmd = { 0 };
	u8 data[64], got[64];

	sim_set_snp_enabled(&w->m, false);
	EQ(world_psp(w, SIM_CMD_SEV_INIT, CMDBUF, &init, sizeof(init)),
	   SIM_SUCCESS);
	EQ(world_psp(w, SIM_CMD_SEV_LAUNCH_START, CMDBUF, &cmd, sizeof(cmd)),
	   SIM_SUCCESS);
	EQ(activate(w, 1, 200), SIM_DF_FLUSH_REQUIRED);
	EQ(world_psp(w, SIM_CMD_SEV_DF_FLUSH, CMDBUF, NULL, 0),
	   SIM_WBINVD_REQUIRED);
	sim_wbinvd_ccx(&w->m, ~0u);
	EQ(world_psp(w, SIM_CMD_SEV_DF_FLUSH, CMDBUF, NULL, 0), SIM_SUCCESS);
	EQ(activate(w, 1, 200), SIM_SUCCESS);
	fill(data, 64);
	memcpy(world_mem(w, MEM, 64), data, 64);
	EQ(update(w, SIM_CMD_SEV_LAUNCH_UPDATE_DATA, 1, MEM, 64), SIM_SUCCESS);
	CHECK(sim_guest_read(&w->m, 200, MEM, got, 64));
	CHECK(!memcmp(got, data, 64));
	EQ(world_psp(w, SIM_CMD_SEV_SHUTDOWN, CMDBUF, NULL, 0), SIM_SUCCESS);
	EQ(sim_machine_check_clean(&w->m, NULL, NULL), 0);
}
