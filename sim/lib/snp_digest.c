// SPDX-License-Identifier: GPL-2.0
/*
 * SNP digest vectors: each one is launched, page by page, with the commands
 * a host would use, and the launch digest in the guest's context compared.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdio.h>
#include <stdlib.h>

#include <openssl/sha.h>

#include "trace.h"

#define GCTX	0x200000ull
#define PAGES	0x400000ull
#define CMDBUF	0x10000ull
#define ASID	1

static const char * const type_names[] = {
	[SIM_PAGE_TYPE_NORMAL] = "NORMAL",
	[SIM_PAGE_TYPE_VMSA] = "VMSA",
	[SIM_PAGE_TYPE_ZERO] = "ZERO",
	[SIM_PAGE_TYPE_UNMEASURED] = "UNMEASURED",
	[SIM_PAGE_TYPE_SECRETS] = "SECRETS",
	[SIM_PAGE_TYPE_CPUID] = "CPUID",
};

struct update {
	u32 type;
	u64 gpa;
	u64 len;
	bool big;
	bool imi;
	u8 vmpl[3];
	const struct json *content;
};

static bool setup(struct replay *r)
{
	struct world_options opt = WORLD_DEFAULTS;
	struct sim_rmp_state fw = { .assigned = 1, .immutable = 1 };
	struct sim_cmd_addr create = { .paddr = GCTX };
	struct sim_cmd_launch_start start = {
		.gctx_paddr = GCTX, .policy = 0x30000,
	};
	struct sim_cmd_activate activate = {
		.gctx_paddr = GCTX, .asid = ASID,
	};
	struct world *w = r->w;
	u32 bad;

	world_reset(w, &opt);
	bad = world_psp(w, SIM_CMD_SNP_INIT, CMDBUF, NULL, 0);
	sim_wbinvd_ccx(&w->m, ~0u);
	bad |= world_psp(w, SIM_CMD_SNP_DF_FLUSH, CMDBUF, NULL, 0);
	bad |= sim_rmpupdate(&w->m, GCTX, &fw);
	bad |= world_psp(w, SIM_CMD_SNP_GCTX_CREATE, CMDBUF, &create,
			 sizeof(create));
	bad |= world_psp(w, SIM_CMD_SNP_LAUNCH_START, CMDBUF, &start,
			 sizeof(start));
	bad |= world_psp(w, SIM_CMD_SNP_ACTIVATE, CMDBUF, &activate,
			 sizeof(activate));
	return bad ? replay_bad(r, "the guest did not start") : true;
}

/*
 * SHA-256 of the seed and a counter, which is one block, for each 32 bytes.
 * They are many, so do not go through buffers.
 */
static void counter_blocks(u8 *out, u64 nr, const struct json *seed)
{
	u8 block[SHA256_CBLOCK] = { 0 };
	SHA256_CTX start, ctx;
	u64 i, bits = __builtin_bswap64(8 * (seed->len + 8));
	u32 j, word;

	memcpy(block, seed->text, seed->len);
	block[seed->len + 8] = 0x80;
	memcpy(block + sizeof(block) - 8, &bits, 8);
	SHA256_Init(&start);
	for (i = 0; i < nr; i++) {
		memcpy(block + seed->len, &i, sizeof(i));
		ctx = start;
		SHA256_Transform(&ctx, block);
		for (j = 0; j < 8; j++, out += 4) {
			word = __builtin_bswap32(ctx.h[j]);
			memcpy(out, &word, sizeof(word));
		}
	}
}

static void counter_bytes(u8 *out, u64 len, const struct json *seed)
{
	u8 block[32];
	SHA256_CTX ctx;
	u64 i;

	if (seed->len <= SHA256_CBLOCK - 17 && !(len % sizeof(block))) {
		counter_blocks(out, len / sizeof(block), seed);
		return;
	}
	for (i = 0; len; i++) {
		u64 n = len < sizeof(block) ? len : sizeof(block);

		SHA256_Init(&ctx);
		SHA256_Update(&ctx, seed->text, seed->len);
		SHA256_Update(&ctx, &i, sizeof(i));
		SHA256_Final(block, &ctx);
		memcpy(out, block, n);
		out += n;
		len -= n;
	}
}

/* A key with another name is none that could be compared. */
static void check_keys(struct replay *r, const struct json_doc *doc,
		       const struct json *obj, const char * const *names)
{
	const struct json *k, *v;
	size_t i;

	if (obj->type != JSON_OBJECT)
		return;
	for_each_member(doc, obj, k, v) {
		for (i = 0; names[i] && !json_is(k, names[i]); i++)
			;
		if (!names[i])
			replay_unknown(r, "field", k->text, k->len);
	}
}

static const char * const vector_keys[] = {
	"vector", "updates", "ld", "imd", "ld_after_each", "note", NULL,
};

static const char * const update_keys[] = {
	"type", "gpa", "size", "len", "content", "vmpl", "imi", NULL,
};

static const char * const content_keys[] = {
	"kind", "v", "seed", "m", "tsc", "features", "raw", "hex", NULL,
};

static u32 count(const struct json_doc *doc, const struct json *array)
{
	const struct json *v;
	u32 n = 0;

	for_each_element(doc, array, v)
		n++;
	return n;
}

/* A number that may be missing, but not be anything else. */
static bool optional(struct replay *r, const struct json_doc *doc,
		     const struct json *obj, const char *name, uint64_t *val)
{
	const struct json *v = json_get(doc, obj, name);

	return !v || json_u64(v, val) ||
	       replay_bad(r, "%s is no number: %.*s", name, (int)v->len,
			  v->text);
}

static bool make_content(struct replay *r, const struct json_doc *doc,
			 const struct json *content, u8 *out, u64 len)
{
	const struct json *kind = json_get(doc, content, "kind");
	const struct json *seed = json_get(doc, content, "seed");
	const struct json *m = json_get(doc, content, "m");
	uint64_t v = 0, tsc = 0, features = 1;
	int n;

	if (json_is(kind, "ctr") && seed && seed->type == JSON_STRING) {
		counter_bytes(out, len, seed);
		return true;
	}
	if (json_is(kind, "byte") &&
	    (!json_u64(json_get(doc, content, "v"), &v) || v > UINT8_MAX))
		return replay_bad(r, "content.v is no byte");
	memset(out, v, len);
	if (json_is(kind, "zero") || json_is(kind, "byte"))
		return true;
	if (json_is(kind, "ends") && m && m->type == JSON_STRING &&
	    2 * m->len <= len) {
		memcpy(out, m->text, m->len);
		memcpy(out + len - m->len, m->text, m->len);
		return true;
	}
	if (json_is(kind, "vmsa") && seed && seed->type == JSON_STRING &&
	    len >= 4096) {
		if (!optional(r, doc, content, "tsc", &tsc) ||
		    !optional(r, doc, content, "features", &features))
			return false;
		if (tsc > UINT8_MAX)
			return replay_bad(r, "content.tsc is no byte: %llu",
					  (unsigned long long)tsc);
		counter_bytes(out, len, seed);
		memset(out + SIM_VMSA_TSC_SCALE, tsc, 16);
		memcpy(out + SIM_VMSA_SEV_FEATURES, &features,
		       sizeof(features));
		return true;
	}
	if (json_is(kind, "raw")) {
		n = json_hex(json_get(doc, content, "hex"), out, len);
		if (n < 0)
			return replay_bad(r, "content.hex is not hexadecimal");
		return true;
	}
	return replay_bad(r, "content of an unknown kind");
}

static bool read_update(struct replay *r, const struct json_doc *doc,
			const struct json *obj, struct update *u)
{
	const struct json *type = json_get(doc, obj, "type");
	const struct json *size = json_get(doc, obj, "size");
	const struct json *vmpl = json_get(doc, obj, "vmpl"), *v;
	uint64_t val = 0;
	u32 i = 0;

	memset(u, 0, sizeof(*u));
	for (u->type = 1; u->type < 7; u->type++)
		if (json_is(type, type_names[u->type]))
			break;
	if (u->type == 7)
		return replay_bad(r, "update of an unknown type: %.*s",
				  type ? (int)type->len : 0,
				  type ? type->text : "");
	if (size && !json_is(size, "4K") && !json_is(size, "2M"))
		return replay_bad(r, "update.size is neither 4K nor 2M: %.*s",
				  (int)size->len, size->text);
	if (!json_u64(json_get(doc, obj, "gpa"), &val))
		return replay_bad(r, "update.gpa is no number");
	u->gpa = val;
	u->big = json_is(size, "2M");
	val = u->big ? SIM_2M_SIZE : SIM_PAGE_SIZE;
	if (!optional(r, doc, obj, "len", &val))
		return false;
	u->len = val;
	if (!u->len || u->len % (u->big ? SIM_2M_SIZE : SIM_PAGE_SIZE) ||
	    u->len > 16 * SIM_2M_SIZE)
		return replay_bad(r, "update.len is not made of pages");
	val = 0;
	if (!optional(r, doc, obj, "imi", &val))
		return false;
	if (val > 1)
		return replay_bad(r, "update.imi is neither 0 nor 1: %llu",
				  (unsigned long long)val);
	u->imi = val;
	if (vmpl && (vmpl->type != JSON_ARRAY || count(doc, vmpl) != 3))
		return replay_bad(r, "update.vmpl is not three numbers: %.*s",
				  (int)vmpl->len, vmpl->text);
	for (v = vmpl ? json_first(doc, vmpl) : NULL; v && i < 3; i++) {
		if (!json_u64(v, &val) || val > UINT8_MAX)
			return replay_bad(r, "update.vmpl is not three bytes: %.*s",
					  (int)vmpl->len, vmpl->text);
		u->vmpl[i] = val;
		v = json_skip(doc, v);
	}
	u->content = json_get(doc, obj, "content");
	if (!u->content)
		return replay_bad(r, "update without content");
	check_keys(r, doc, obj, update_keys);
	check_keys(r, doc, u->content, content_keys);
	return true;
}

/* Copy, make private, measure, give back. */
static u32 launch_pages(struct replay *r, const struct update *u)
{
	u64 step = u->big ? SIM_2M_SIZE : SIM_PAGE_SIZE, off;
	struct sim_rmp_state priv = {
		.assigned = 1, .immutable = 1, .asid = ASID,
		.pagesize = u->big,
	};
	struct sim_rmp_state shared = { .pagesize = u->big };
	struct sim_cmd_launch_update cmd = {
		.gctx_paddr = GCTX,
		.flags = u->big | u->type << 1 | u->imi << 4,
		.vmpl1_perms = u->vmpl[0],
		.vmpl2_perms = u->vmpl[1],
		.vmpl3_perms = u->vmpl[2],
	};
	u32 status = 0;

	for (off = 0; off < u->len && !status; off += step) {
		priv.gpa = u->gpa + off;
		cmd.page_paddr = PAGES + off;
		if (sim_rmpupdate(&r->w->m, PAGES + off, &priv))
			return SIM_INVALID_PAGE_STATE;
		status = world_psp(r->w, SIM_CMD_SNP_LAUNCH_UPDATE, CMDBUF,
				   &cmd, sizeof(cmd));
		if (sim_rmpupdate(&r->w->m, PAGES + off, &shared))
			status = status ? status : SIM_INVALID_PAGE_STATE;
	}
	return status;
}

static bool cmp_digest(struct replay *r, const char *name, const char *what,
		       const struct json *expected, const u8 got[48])
{
	char text[97], e[97];
	u8 want[48];
	u32 i;

	if (!expected)
		return true;
	if (json_hex(expected, want, sizeof(want)) != 48)
		return replay_bad(r, "%s is no digest", what);
	if (!memcmp(want, got, 48))
		return true;
	for (i = 0; i < 48; i++)
		sprintf(text + 2 * i, "%02x", got[i]);
	snprintf(e, sizeof(e), "%.*s", (int)expected->len, expected->text);
	replay_differs(r, name, what, e, text);
	return true;
}

static bool digest_row(struct replay *r, const struct json_doc *doc)
{
	const struct json *name = json_get(doc, doc->node, "vector");
	const struct json *updates = json_get(doc, doc->node, "updates");
	const struct json *each = json_get(doc, doc->node, "ld_after_each");
	const struct json *expected = NULL, *obj;
	struct sim_guest_info info;
	char text[48], what[32];
	struct update u;
	u32 status, i = 0;
	u8 *mem;

	if (!name || name->type != JSON_STRING || !updates ||
	    updates->type != JSON_ARRAY)
		return replay_bad(r, "a vector has a name and updates");
	check_keys(r, doc, doc->node, vector_keys);
	if (!each && !json_get(doc, doc->node, "ld") &&
	    !json_get(doc, doc->node, "imd"))
		replay_uncompared(r, "a vector without ld, imd or ld_after_each");
	if (each && (each->type != JSON_ARRAY ||
		     count(doc, each) != count(doc, updates)))
		return replay_bad(r, "ld_after_each is not one digest for each of %u updates: %.*s",
				  count(doc, updates),
				  each->len < 60 ? (int)each->len : 60,
				  each->text);
	snprintf(text, sizeof(text), "%.*s", (int)name->len, name->text);
	if (!setup(r))
		return false;
	if (each && each->type == JSON_ARRAY)
		expected = json_first(doc, each);
	for_each_element(doc, updates, obj) {
		if (!read_update(r, doc, obj, &u))
			return false;
		mem = world_mem(r->w, PAGES, u.len);
		if (!mem || !make_content(r, doc, u.content, mem, u.len))
			return false;
		status = launch_pages(r, &u);
		r->operations++;
		snprintf(what, sizeof(what), "update %u", (unsigned int)i);
		if (status)
			replay_differs(r, text, what, "SUCCESS",
				       sim_status_name(status));
		sim_guest_info(&r->w->m, GCTX, &info);
		if (expected && expected < json_end(doc, each)) {
			if (!cmp_digest(r, text, what, expected, info.ld))
				return false;
			expected = json_skip(doc, expected);
		}
		i++;
	}
	sim_guest_info(&r->w->m, GCTX, &info);
	return cmp_digest(r, text, "ld", json_get(doc, doc->node, "ld"),
			  info.ld) &&
	       cmp_digest(r, text, "imd", json_get(doc, doc->node, "imd"),
			  info.imd);
}

static bool digest_match(const struct json_doc *doc)
{
	return json_get(doc, doc->node, "vector") &&
	       json_get(doc, doc->node, "updates");
}

const struct trace_format snp_digest_format = {
	.name = "SNP digest vectors",
	.match = digest_match,
	.row = digest_row,
};
