// SPDX-License-Identifier: GPL-2.0
/*
 * SNP traces: one operation a line, executed on the simulated machine, and
 * everything the line says about the state afterwards is compared.
 */
#include <stdio.h>
#include <stdlib.h>

#include "trace.h"

#define DEFAULT_CMDBUF	0x10000ull
#define APIC_ID_LIST	0x30000ull
#define MAX_BULK	(WORLD_MEM >> SIM_PAGE_SHIFT)

/* ---- arguments ---- */

#define ARGS(X)								\
	X(nccx) X(smt) X(hsave) X(snpen) X(dies) X(seed) X(min_sev_asid)\
	X(page) X(pat) X(len) X(addr) X(mask) X(v)			\
	X(gpa) X(assigned) X(ps) X(immutable) X(asid) X(n) X(gpa_step)	\
	X(cmdbuf) X(gctx) X(status) X(src) X(dst) X(ma) X(list)		\
	X(init_rmp) X(list_en) X(iommu) X(x86)				\
	X(type) X(imi) X(vmpl1) X(vmpl2) X(vmpl3)			\
	X(rsvd) X(rsvd2) X(rsvd3) X(rsvd4)				\
	X(policy) X(ma_en) X(imi_en) X(tsc) X(gosvw)			\
	X(id_block_en) X(auth_key_en) X(vcek_dis) X(id_block) X(id_auth)\
	X(host_data) X(base0) X(cnt0) X(id0) X(numids) X(ids)		\
	X(validate) X(vmpl) X(cur_vmpl) X(target) X(perms) X(vmsa)	\
	X(cur_asid)

enum arg {
#define X(name) A_##name,
	ARGS(X)
#undef X
	NR_ARGS,
};

static const char * const arg_names[] = {
#define X(name) #name,
	ARGS(X)
#undef X
};

/* Other names of the same thing. */
static const struct {
	const char *name;
	enum arg arg;
} aliases[] = {
	{ "length", A_len }, { "list_enable", A_list_en },
	{ "list_paddr_en", A_list_en }, { "list_paddr", A_list },
	{ "val", A_validate }, { "value", A_validate },
	{ "target_vmpl", A_target }, { "tvmpl", A_target },
	{ "mask_perms", A_perms }, { "perm", A_perms },
	{ "current_vmpl", A_cur_vmpl }, { "cvmpl", A_cur_vmpl },
	{ "validated", A_validate }, { "ids_paddr", A_ids },
	{ "reserved", A_rsvd }, { "imi_page", A_imi }, { "init", A_init_rmp },
	{ "iommu_shutdown", A_iommu }, { "iommu_snp_shutdown", A_iommu },
	{ "x86_shutdown", A_x86 }, { "x86_snp_shutdown", A_x86 },
	{ "tsc_khz", A_tsc }, { "desired_tsc_khz", A_tsc },
	{ "page_size", A_ps }, { "size", A_ps }, { "ma_gctx", A_ma },
};

struct args {
	u64 v[NR_ARGS];
	u64 set[(NR_ARGS + 63) / 64];
	const struct json *hex_nz;
	const struct json *except;
	const struct json *id_list;
};

struct snp_state {
	struct world_options opt;
	struct {
		u16 arg;
		u8 len;
		const char *name;
	} slot[512];
	/* Contents before the operation. */
	struct {
		u64 pa;
		u64 len;
		u64 room;
		bool context;
		u8 *bytes;
	} *saved;
	u32 nr_saved;
	u32 max_saved;
	bool started;
	/* What of a page's contents another cipher would change as well. */
	struct {
		u32 sealed;	/* == epoch: the host reads ciphertext */
		u32 known;	/* == binding: its guest reads what the trace says */
	} *page;
	u32 epoch;
	u32 bindings;
	u32 bound_before;	/* ASID of the guest before ACTIVATE_EX */
	u32 binding[SIM_MAX_ASIDS];
};

static bool has(const struct args *a, enum arg arg)
{
	return a->set[arg / 64] >> (arg % 64) & 1;
}

static u64 get(const struct args *a, enum arg arg, u64 otherwise)
{
	return has(a, arg) ? a->v[arg] : otherwise;
}

static u32 name_hash(const char *name, size_t len)
{
	u32 h = len * 31;
	size_t i;

	for (i = 0; i < len; i++)
		h = h * 33 + (unsigned char)name[i];
	return h ^ (h >> 11);
}

static void add_name(struct snp_state *s, const char *name, u16 arg)
{
	u32 i = name_hash(name, strlen(name)) % 512;

	while (s->slot[i].name)
		i = (i + 1) % 512;
	s->slot[i].name = name;
	s->slot[i].len = strlen(name);
	s->slot[i].arg = arg;
}

static struct snp_state *state_of(struct replay *r)
{
	struct snp_state *s = r->private;
	u32 i;

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	s->page = calloc(MAX_BULK, sizeof(*s->page));
	if (!s->page)
		abort();
	for (i = 0; i < NR_ARGS; i++)
		add_name(s, arg_names[i], i);
	for (i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		add_name(s, aliases[i].name, aliases[i].arg);
	r->private = s;
	return s;
}

static int find_arg(const struct snp_state *s, const struct json *key)
{
	u32 i = name_hash(key->text, key->len) % 512;

	for (; s->slot[i].name; i = (i + 1) % 512)
		if (s->slot[i].len == key->len &&
		    !memcmp(s->slot[i].name, key->text, key->len))
			return s->slot[i].arg;
	return -1;
}

/* An element of a range list, which write_range_list() looks for. */
static bool is_range(const struct json *key)
{
	u32 i = key->len > 4 && !memcmp(key->text, "base", 4) ? 4 : 3;

	if (key->len < 4 || (i == 3 && memcmp(key->text, "cnt", 3)))
		return false;
	while (i < key->len && key->text[i] >= '0' && key->text[i] <= '9')
		i++;
	return i == key->len;
}

/* Largest value that the operand has room for, 0: no limit of its own. */
static const u64 arg_max[NR_ARGS] = {
	[A_nccx] = UINT32_MAX, [A_smt] = 1, [A_hsave] = 1, [A_snpen] = 1,
	[A_dies] = UINT32_MAX, [A_min_sev_asid] = UINT32_MAX, [A_mask] = UINT32_MAX,
	[A_assigned] = UINT8_MAX, [A_ps] = 1, [A_immutable] = UINT8_MAX,
	[A_asid] = UINT32_MAX, [A_n] = UINT32_MAX, [A_ma_en] = 1, [A_imi_en] = 1, [A_init_rmp] = 1,
	[A_list_en] = 1, [A_iommu] = 1, [A_x86] = 1, [A_type] = 7, [A_imi] = 1,
	[A_vmpl1] = UINT8_MAX, [A_vmpl2] = UINT8_MAX, [A_vmpl3] = UINT8_MAX,
	[A_rsvd2] = UINT32_MAX, [A_rsvd4] = UINT32_MAX, [A_tsc] = UINT32_MAX,
	[A_gosvw] = UINT8_MAX, [A_id_block_en] = 1, [A_auth_key_en] = 1,
	[A_vcek_dis] = 1, [A_host_data] = UINT8_MAX, [A_cnt0] = UINT32_MAX,
	[A_id0] = UINT32_MAX, [A_numids] = UINT32_MAX, [A_vmpl] = UINT8_MAX,
	[A_cur_vmpl] = UINT8_MAX, [A_target] = UINT32_MAX, [A_perms] = UINT32_MAX,
};

/* Nothing of a value may get lost. */
static bool fits(struct replay *r, enum arg arg, const struct json *v, u64 val,
		 bool any_size)
{
	u64 max = arg == A_ps && any_size ? UINT8_MAX : arg_max[arg];

	/* -1 is how some write all bits. */
	return !max || val <= max || (max == UINT32_MAX && val == ~0ull) ||
	       replay_bad(r, "argument %s is too large, at most %llu: %.*s",
			  arg_names[arg], (unsigned long long)max, (int)v->len,
			  v->text);
}

static bool read_args(struct replay *r, const struct json_doc *doc,
		      const struct json *obj, struct args *a, bool any_size)
{
	struct snp_state *s = r->private;
	const struct json *k, *v;
	uint64_t num;
	int arg;

	memset(a->set, 0, sizeof(a->set));
	a->hex_nz = NULL;
	a->except = NULL;
	a->id_list = NULL;
	if (!obj)
		return true;
	if (obj->type != JSON_OBJECT)
		return replay_bad(r, "args is no object");
	for_each_member(doc, obj, k, v) {
		if (v->type == JSON_NULL)
			continue;
		if (json_is(k, "hex_nz")) {
			a->hex_nz = v;
			continue;
		}
		if (json_is(k, "ids") && v->type == JSON_ARRAY) {
			a->id_list = v;
			continue;
		}
		if (json_is(k, "except")) {
			a->except = v;
			continue;
		}
		arg = find_arg(s, k);
		if (arg < 0 && is_range(k)) {
			if (!json_u64(v, &num) || (*k->text == 'c' && num > UINT32_MAX))
				return replay_bad(r, "argument %.*s is no number, or too large: %.*s",
						  (int)k->len, k->text,
						  (int)v->len, v->text);
			continue;
		}
		if (arg < 0) {
			replay_unknown(r, "argument", k->text, k->len);
			continue;
		}
		if (!json_u64(v, &a->v[arg]))
			return replay_bad(r, "argument %.*s is no number",
					  (int)k->len, k->text);
		if (!fits(r, arg, v, a->v[arg], any_size))
			return false;
		a->set[arg / 64] |= 1ull << (arg % 64);
	}
	return true;
}

/* ---- operations ---- */

/* What an operation gave. */
struct result {
	bool fw;		/* firmware status, else result of x86 */
	s32 val;
	bool cf;
	u64 output;		/* address of the result page, 0: none */
	u32 cmd;
	u32 nr_each;		/* of an operation on many pages */
	s32 *each;
};

static s32 each_result[MAX_BULK];

typedef bool op_fn(struct replay *r, const struct json_doc *doc,
		   const struct args *a, struct result *res);

static const char *x86_result_name(s32 ret)
{
	switch (ret) {
	case SIM_RMP_OK:
		return "SUCCESS";
	case SIM_RMP_FAIL_INPUT:
		return "FAIL_INPUT";
	case SIM_RMP_FAIL_PERMISSION:
		return "FAIL_PERMISSION";
	case SIM_RMP_FAIL_INUSE:
		return "FAIL_INUSE";
	case SIM_RMP_FAIL_OVERLAP:
		return "FAIL_OVERLAP";
	case SIM_RMP_FAIL_SIZEMISMATCH:
		return "FAIL_SIZEMISMATCH";
	case SIM_RMP_FAIL_BADADDR:
		return "FAIL_BADADDR";
	case SIM_RMP_EXIT_NPF:
		return "#VMEXIT(NPF)";
	case SIM_RMP_EXIT_VC:
		return "#VC";
	default:
		return "?";
	}
}

static u64 mix64(u64 z)
{
	z += 0x9e3779b97f4a7c15ull;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static bool do_reset(struct replay *r, const struct json_doc *doc,
		     const struct args *a, struct result *res)
{
	struct snp_state *s = r->private;
	struct world_options opt = WORLD_DEFAULTS;

	(void)doc;
	(void)res;
	opt.nccx = get(a, A_nccx, opt.nccx);
	opt.smt = get(a, A_smt, opt.smt);
	opt.hsave = get(a, A_hsave, opt.hsave);
	opt.snpen = get(a, A_snpen, opt.snpen);
	opt.dies = get(a, A_dies, opt.dies);
	opt.seed = get(a, A_seed, opt.seed);
	opt.min_sev_asid = get(a, A_min_sev_asid, opt.min_sev_asid);
	if (world_reset(r->w, &opt))
		return replay_bad(r, "there is no such machine");
	s->started = true;
	s->epoch++;
	memset(s->binding, 0, sizeof(s->binding));
	return true;
}

/* Reserved bits from one on, none of which may get lost. */
static u64 reserved(const struct args *a, u32 shift, u32 width)
{
	u64 rsvd = get(a, A_rsvd, 0), mask = ~0ull >> (64 - width);

	if (rsvd << shift >> shift != rsvd || (rsvd << shift) & ~mask)
		return 1ull << (width - 1);
	return rsvd << shift;
}

static bool do_fill(struct replay *r, const struct json_doc *doc,
		    const struct args *a, struct result *res)
{
	u64 pat = get(a, A_pat, 0), len = get(a, A_len, 4096), i;
	u8 *mem = world_mem(r->w, get(a, A_page, 0), len);

	(void)doc;
	(void)res;
	if (!mem || len % 8 || (uintptr_t)mem % 8)
		return replay_bad(r, "no such memory to fill");
	if (!pat) {
		memset(mem, 0, len);
		return true;
	}
	for (i = 0; i < len; i += 8)
		*(u64 *)(mem + i) = mix64(pat ^ ((i >> 12) << 32) ^
					  (i & 0xfff));
	return true;
}

static bool do_poke(struct replay *r, const struct json_doc *doc,
		    const struct args *a, struct result *res)
{
	u64 pa = has(a, A_addr) ? a->v[A_addr] : get(a, A_page, 0), len;
	static u8 bytes[2 << 20];
	u8 *mem;
	int n;

	(void)doc;
	(void)res;
	n = a->hex_nz ? json_hex(a->hex_nz, bytes, sizeof(bytes)) : 0;
	if (n < 0)
		return replay_bad(r, "hex_nz is not hexadecimal");
	len = get(a, A_len, n);
	mem = world_mem(r->w, pa, len);
	if (!mem || len < (u64)n)
		return replay_bad(r, "no such memory to poke");
	memcpy(mem, bytes, n);
	memset(mem + n, 0, len - n);
	return true;
}

static bool do_wbinvd(struct replay *r, const struct json_doc *doc,
		      const struct args *a, struct result *res)
{
	(void)doc;
	(void)res;
	sim_wbinvd_ccx(&r->w->m, get(a, A_mask, ~0u));
	return true;
}

static bool do_sevstate(struct replay *r, const struct json_doc *doc,
			const struct args *a, struct result *res)
{
	(void)doc;
	(void)res;
	r->w->m.sev_state = get(a, A_v, 1) ? SIM_PLAT_INIT : SIM_PLAT_UNINIT;
	return true;
}

static struct sim_rmp_state rmp_state(const struct args *a)
{
	struct sim_rmp_state st = {
		.gpa = get(a, A_gpa, 0),
		.assigned = get(a, A_assigned, 0),
		.pagesize = get(a, A_ps, 0),
		.immutable = get(a, A_immutable, 0),
		.asid = get(a, A_asid, 0),
	};

	return st;
}

static bool do_rmpupdate(struct replay *r, const struct json_doc *doc,
			 const struct args *a, struct result *res)
{
	struct sim_rmp_state st = rmp_state(a);

	(void)doc;
	/* Executed by a guest, the processor refuses before it looks. */
	if (get(a, A_cur_asid, 0))
		res->val = SIM_RMP_FAIL_PERMISSION;
	else
		res->val = sim_rmpupdate(&r->w->m, get(a, A_page, 0), &st);
	return true;
}

static bool override(struct replay *r, const struct json_doc *doc,
		     const struct args *a, u64 index, struct args *out)
{
	const struct json *k, *v, *k2, *v2;
	u64 i;
	int arg;

	*out = *a;
	if (!a->except)
		return true;
	if (a->except->type != JSON_OBJECT)
		return replay_bad(r, "except is no object");
	for_each_member(doc, a->except, k, v) {
		if (!json_u64(k, &i) || v->type != JSON_OBJECT)
			return replay_bad(r, "except wants indices, each with an object");
		if (i != index)
			continue;
		for_each_member(doc, v, k2, v2) {
			arg = find_arg(r->private, k2);
			if (arg < 0 || !json_u64(v2, &out->v[arg]))
				return replay_bad(r, "except: bad override");
			if (!fits(r, arg, v2, out->v[arg], false))
				return false;
			out->set[arg / 64] |= 1ull << (arg % 64);
		}
	}
	return true;
}

static bool do_bulk_rmpupdate(struct replay *r, const struct json_doc *doc,
			      const struct args *a, struct result *res)
{
	u64 n = get(a, A_n, 1), step = get(a, A_gpa_step, 4096), i;
	struct args each;
	struct sim_rmp_state st;
	s32 ret;

	if (n > MAX_BULK)
		return replay_bad(r, "more pages than the machine has");
	for (i = 0; i < n; i++) {
		u64 size = get(a, A_ps, 0) ? SIM_2M_SIZE : SIM_PAGE_SIZE;

		each = *a;
		each.v[A_gpa] = get(a, A_gpa, 0) + i * step;
		each.set[A_gpa / 64] |= 1ull << (A_gpa % 64);
		if (!override(r, doc, &each, i, &each))
			return false;
		st = rmp_state(&each);
		ret = sim_rmpupdate(&r->w->m, get(a, A_page, 0) + i * size,
				    &st);
		each_result[i] = ret;
		if (ret && !res->val)
			res->val = ret;
	}
	res->each = each_result;
	res->nr_each = n;
	return true;
}

static bool do_psmash(struct replay *r, const struct json_doc *doc,
		      const struct args *a, struct result *res)
{
	(void)doc;
	/* A guest that executes it learns about bad addresses first. */
	if (get(a, A_cur_asid, get(a, A_asid, 0)))
		res->val = get(a, A_page, 0) & (SIM_2M_SIZE - 1) ?
			   SIM_RMP_FAIL_INPUT : SIM_RMP_FAIL_PERMISSION;
	else
		res->val = sim_psmash(&r->w->m, get(a, A_page, 0));
	return true;
}

static struct sim_guest_access guest_access(struct replay *r,
					    const struct args *a)
{
	struct sim_guest_access g = {
		.asid = get(a, A_asid, 0),
		.vmpl = get(a, A_cur_vmpl, 0),
		.spa = get(a, A_page, 0),
		.private = true,
		.access = SIM_ACCESS_WRITE,
	};
	struct sim_rmp_owner o;

	/* A trace that names no address means the one that fits. */
	sim_rmp_owner(&r->w->m, g.spa, &o);
	g.gpa = get(a, A_gpa, o.gpa);
	if (!has(a, A_asid))
		g.asid = o.asid;
	return g;
}

static bool do_pvalidate(struct replay *r, const struct json_doc *doc,
			 const struct args *a, struct result *res)
{
	struct sim_guest_access g = guest_access(r, a);
	bool validate = get(a, A_validate, get(a, A_v, 1));

	(void)doc;
	g.vmpl = get(a, A_cur_vmpl, get(a, A_vmpl, 0));
	res->val = sim_pvalidate(&r->w->m, &g, get(a, A_ps, 0), validate,
				 &res->cf, NULL);
	return true;
}

static bool do_rmpadjust(struct replay *r, const struct json_doc *doc,
			 const struct args *a, struct result *res)
{
	struct sim_guest_access g = guest_access(r, a);
	/* One level alone is the target; with a target it is the guest's. */
	u32 target = get(a, A_target, get(a, A_vmpl, 1));
	u64 perms = get(a, A_perms, get(a, A_mask, 0));

	(void)doc;
	if (has(a, A_target) && has(a, A_vmpl))
		g.vmpl = a->v[A_vmpl];
	res->val = sim_rmpadjust(&r->w->m, &g, get(a, A_ps, 0), target, perms,
				 get(a, A_vmsa, 0), NULL);
	return true;
}

static bool psp(struct replay *r, const struct args *a, struct result *res,
		u32 cmd, const void *buf, u32 len)
{
	res->fw = true;
	res->cmd = cmd;
	res->val = world_psp(r->w, cmd, get(a, A_cmdbuf, DEFAULT_CMDBUF), buf,
			     len);
	return true;
}

static bool do_snp_init(struct replay *r, const struct json_doc *doc,
			const struct args *a, struct result *res)
{
	(void)doc;
	return psp(r, a, res, SIM_CMD_SNP_INIT, NULL, 0);
}

static void write_range_list(struct replay *r, const struct json_doc *doc,
			     const struct json *args, const struct args *a)
{
	struct sim_range_list *list;
	u64 n = get(a, A_n, has(a, A_base0)), i;
	char base[24], cnt[24];
	uint64_t v;

	list = (void *)world_mem(r->w, get(a, A_list, 0), 4096);
	if (!list || !(has(a, A_n) || has(a, A_base0)))
		return;
	list->num_elements = n;
	list->rsvd = 0;
	for (i = 0; i < n && i < 255; i++) {
		snprintf(base, sizeof(base), "base%u", (unsigned int)i);
		snprintf(cnt, sizeof(cnt), "cnt%u", (unsigned int)i);
		if (!json_u64(json_get(doc, args, base), &v))
			continue;
		list->ranges[i].base = v;
		v = 0;
		json_u64(json_get(doc, args, cnt), &v);
		list->ranges[i].page_count = v;
		list->ranges[i].rsvd = 0;
	}
}

static bool do_snp_init_ex(struct replay *r, const struct json_doc *doc,
			   const struct args *a, struct result *res)
{
	struct sim_cmd_snp_init cmd = {
		.flags = (get(a, A_init_rmp, 0) ? SIM_INIT_RMP : 0) |
			 (get(a, A_list_en, 0) ? SIM_INIT_LIST : 0) |
			 reserved(a, 2, 32),
		.rsvd = get(a, A_rsvd2, 0),
		.list_paddr = get(a, A_list, 0),
	};
	u64 rsvd3 = get(a, A_rsvd3, 0);

	memcpy(cmd.rsvd2, &rsvd3, sizeof(rsvd3));
	write_range_list(r, doc, json_get(doc, doc->node, "args"), a);
	return psp(r, a, res, SIM_CMD_SNP_INIT_EX, &cmd, sizeof(cmd));
}

static bool do_snp_shutdown(struct replay *r, const struct json_doc *doc,
			    const struct args *a, struct result *res)
{
	(void)doc;
	return psp(r, a, res, SIM_CMD_SNP_SHUTDOWN, NULL, 0);
}

static bool do_snp_shutdown_ex(struct replay *r, const struct json_doc *doc,
			       const struct args *a, struct result *res)
{
	struct sim_cmd_snp_shutdown cmd = {
		.len = get(a, A_len, sizeof(cmd)),
		.flags = (get(a, A_iommu, 0) ? SIM_SHUTDOWN_IOMMU : 0) |
			 (get(a, A_x86, 0) ? SIM_SHUTDOWN_X86 : 0) |
			 reserved(a, 2, 32),
	};

	(void)doc;
	return psp(r, a, res, SIM_CMD_SNP_SHUTDOWN_EX, &cmd, sizeof(cmd));
}

static bool do_platform_status(struct replay *r, const struct json_doc *doc,
			       const struct args *a, struct result *res)
{
	u64 pa = get(a, A_status, get(a, A_page, get(a, A_addr, 0)));
	struct sim_cmd_addr cmd = { .paddr = pa };

	(void)doc;
	res->output = pa;
	return psp(r, a, res, SIM_CMD_SNP_PLATFORM_STATUS, &cmd, sizeof(cmd));
}

static bool do_df_flush(struct replay *r, const struct json_doc *doc,
			const struct args *a, struct result *res)
{
	(void)doc;
	return psp(r, a, res, SIM_CMD_SNP_DF_FLUSH, NULL, 0);
}

static bool addr_cmd(struct replay *r, const struct args *a,
		     struct result *res, u32 cmd, u64 pa)
{
	struct sim_cmd_addr buf = { .paddr = pa };

	return psp(r, a, res, cmd, &buf, sizeof(buf));
}

static bool do_gctx_create(struct replay *r, const struct json_doc *doc,
			   const struct args *a, struct result *res)
{
	(void)doc;
	return addr_cmd(r, a, res, SIM_CMD_SNP_GCTX_CREATE,
			get(a, A_gctx, 0));
}

static bool do_decommission(struct replay *r, const struct json_doc *doc,
			    const struct args *a, struct result *res)
{
	(void)doc;
	return addr_cmd(r, a, res, SIM_CMD_SNP_DECOMMISSION,
			get(a, A_gctx, 0));
}

static bool do_page_reclaim(struct replay *r, const struct json_doc *doc,
			    const struct args *a, struct result *res)
{
	(void)doc;
	return addr_cmd(r, a, res, SIM_CMD_SNP_PAGE_RECLAIM,
			get(a, A_page, 0) | get(a, A_ps, 0) |
			get(a, A_rsvd, 0));
}

static bool do_page_unsmash(struct replay *r, const struct json_doc *doc,
			    const struct args *a, struct result *res)
{
	(void)doc;
	return addr_cmd(r, a, res, SIM_CMD_SNP_PAGE_UNSMASH,
			get(a, A_page, 0) | get(a, A_rsvd, 0));
}

static bool do_launch_start(struct replay *r, const struct json_doc *doc,
			    const struct args *a, struct result *res)
{
	struct sim_cmd_launch_start cmd = {
		.gctx_paddr = get(a, A_gctx, 0),
		.policy = get(a, A_policy, 0),
		.ma_gctx_paddr = get(a, A_ma, 0),
		.flags = (get(a, A_ma_en, 0) ? SIM_LAUNCH_MA_EN : 0) |
			 (get(a, A_imi_en, 0) ? SIM_LAUNCH_IMI_EN : 0) |
			 reserved(a, 2, 32),
		.desired_tsc_khz = get(a, A_tsc, 0),
	};

	(void)doc;
	memset(cmd.gosvw, get(a, A_gosvw, 0), sizeof(cmd.gosvw));
	return psp(r, a, res, SIM_CMD_SNP_LAUNCH_START, &cmd, sizeof(cmd));
}

static bool do_activate(struct replay *r, const struct json_doc *doc,
			const struct args *a, struct result *res)
{
	struct sim_cmd_activate cmd = {
		.gctx_paddr = get(a, A_gctx, 0),
		.asid = get(a, A_asid, 0),
	};

	(void)doc;
	return psp(r, a, res, SIM_CMD_SNP_ACTIVATE, &cmd, sizeof(cmd));
}

static bool do_activate_ex(struct replay *r, const struct json_doc *doc,
			   const struct args *a, struct result *res)
{
	u64 n = get(a, A_numids, 0), ids = get(a, A_ids, APIC_ID_LIST), i;
	struct sim_cmd_activate_ex cmd = {
		.len = get(a, A_len, sizeof(cmd)),
		.rsvd = get(a, A_rsvd, 0),
		.gctx_paddr = get(a, A_gctx, 0),
		.asid = get(a, A_asid, 0),
		.numids = n,
		.ids_paddr = ids,
	};
	const struct json *v;
	uint64_t id;
	u32 *list;

	if (a->id_list) {
		list = (u32 *)world_mem(r->w, APIC_ID_LIST, 4096);
		i = 0;
		for_each_element(doc, a->id_list, v) {
			if (!json_u64(v, &id) || i == 1024 || id > UINT32_MAX)
				return replay_bad(r, "ids are up to 1024 numbers of 32 bits");
			list[i++] = id;
		}
		if (!has(a, A_numids))
			cmd.numids = i;
	}
	if (has(a, A_id0) && n && n <= 4096) {
		list = (u32 *)world_mem(r->w, APIC_ID_LIST, n * sizeof(u32));
		for (i = 0; list && i < n; i++)
			list[i] = a->v[A_id0] + i;
	}
	return psp(r, a, res, SIM_CMD_SNP_ACTIVATE_EX, &cmd, sizeof(cmd));
}

static bool launch_update(struct replay *r, const struct args *a,
			  struct result *res, u64 page, u32 type)
{
	struct sim_cmd_launch_update cmd = {
		.gctx_paddr = get(a, A_gctx, 0),
		.flags = (get(a, A_ps, 0) & 1) |
			 (get(a, A_type, type) & 7) << 1 |
			 (get(a, A_imi, 0) & 1) << 4 | reserved(a, 5, 32),
		.rsvd2 = get(a, A_rsvd2, 0),
		.page_paddr = page,
		.rsvd3 = get(a, A_rsvd3, 0),
		.vmpl1_perms = get(a, A_vmpl1, 0),
		.vmpl2_perms = get(a, A_vmpl2, 0),
		.vmpl3_perms = get(a, A_vmpl3, 0),
		.rsvd4 = get(a, A_rsvd4, 0),
	};

	return psp(r, a, res, SIM_CMD_SNP_LAUNCH_UPDATE, &cmd, sizeof(cmd));
}

static bool do_launch_update(struct replay *r, const struct json_doc *doc,
			     const struct args *a, struct result *res)
{
	(void)doc;
	if (get(a, A_rsvd3, 0) > UINT8_MAX)
		return replay_bad(r, "argument rsvd3 is too large, at most 255: %llu",
				  (unsigned long long)a->v[A_rsvd3]);
	return launch_update(r, a, res, get(a, A_page, 0), 0);
}

static bool do_bulk_launch_update(struct replay *r,
				  const struct json_doc *doc,
				  const struct args *a, struct result *res)
{
	u64 n = get(a, A_n, 1), step = get(a, A_gpa_step, 4096), i, page;
	struct sim_guest_info info;
	struct result one;
	struct sim_rmp_state st = { .assigned = 1, .immutable = 1 };
	s32 ret;

	(void)doc;
	st.asid = get(a, A_asid, 0);
	if (!has(a, A_asid) &&
	    sim_guest_info(&r->w->m, get(a, A_gctx, 0), &info))
		st.asid = info.asid;
	if (n > MAX_BULK)
		return replay_bad(r, "more pages than the machine has");
	res->fw = true;
	res->cmd = SIM_CMD_SNP_LAUNCH_UPDATE;
	for (i = 0; i < n && !res->val; i++) {
		page = get(a, A_page, 0) + i * SIM_PAGE_SIZE;
		st.gpa = get(a, A_gpa, 0) + i * step;
		ret = sim_rmpupdate(&r->w->m, page, &st);
		if (ret)
			replay_differs(r, "bulk_launch_update_4k", "RMPUPDATE",
				       "SUCCESS", x86_result_name(ret));
		memset(&one, 0, sizeof(one));
		launch_update(r, a, &one, page, SIM_PAGE_TYPE_NORMAL);
		res->val = one.val;
		each_result[i] = one.val;
	}
	res->each = each_result;
	res->nr_each = i;
	return true;
}

static bool do_launch_finish(struct replay *r, const struct json_doc *doc,
			     const struct args *a, struct result *res)
{
	struct sim_cmd_launch_finish cmd = {
		.gctx_paddr = get(a, A_gctx, 0),
		.id_block_paddr = get(a, A_id_block, 0),
		.id_auth_paddr = get(a, A_id_auth, 0),
		.flags = (get(a, A_id_block_en, 0) ?
			  SIM_FINISH_ID_BLOCK_EN : 0) |
			 (get(a, A_auth_key_en, 0) ?
			  SIM_FINISH_AUTH_KEY_EN : 0) |
			 (get(a, A_vcek_dis, 0) ? SIM_FINISH_VCEK_DIS : 0) |
			 reserved(a, 3, 64),
	};

	(void)doc;
	memset(cmd.host_data, get(a, A_host_data, 0), sizeof(cmd.host_data));
	return psp(r, a, res, SIM_CMD_SNP_LAUNCH_FINISH, &cmd, sizeof(cmd));
}

static bool do_guest_status(struct replay *r, const struct json_doc *doc,
			    const struct args *a, struct result *res)
{
	struct sim_cmd_guest_status cmd = {
		.gctx_paddr = get(a, A_gctx, 0),
		.status_paddr = get(a, A_status, 0),
	};

	(void)doc;
	res->output = cmd.status_paddr;
	return psp(r, a, res, SIM_CMD_SNP_GUEST_STATUS, &cmd, sizeof(cmd));
}

static bool do_page_move(struct replay *r, const struct json_doc *doc,
			 const struct args *a, struct result *res)
{
	struct sim_cmd_page_move cmd = {
		.gctx_paddr = get(a, A_gctx, 0),
		.flags = (get(a, A_ps, 0) & 1) | reserved(a, 1, 32),
		.rsvd = get(a, A_rsvd2, 0),
		.src_paddr = get(a, A_src, 0),
		.dst_paddr = get(a, A_dst, 0),
	};

	(void)doc;
	return psp(r, a, res, SIM_CMD_SNP_PAGE_MOVE, &cmd, sizeof(cmd));
}

static bool do_page_set_state(struct replay *r, const struct json_doc *doc,
			      const struct args *a, struct result *res)
{
	struct sim_cmd_page_set_state cmd = {
		.len = get(a, A_len, sizeof(cmd)),
		.rsvd = get(a, A_rsvd, 0),
		.list_paddr = get(a, A_list, 0),
	};

	write_range_list(r, doc, json_get(doc, doc->node, "args"), a);
	return psp(r, a, res, SIM_CMD_SNP_PAGE_SET_STATE, &cmd, sizeof(cmd));
}

static bool do_md_init(struct replay *r, const struct json_doc *doc,
		       const struct args *a, struct result *res)
{
	struct sim_cmd_md_init cmd = {
		.gctx_paddr = get(a, A_gctx, 0),
		.page_paddr = get(a, A_page, 0),
	};

	(void)doc;
	return psp(r, a, res, SIM_CMD_SNP_PAGE_MD_INIT, &cmd, sizeof(cmd));
}

static bool dbg(struct replay *r, const struct args *a, struct result *res,
		u32 op)
{
	struct sim_cmd_dbg cmd = {
		.gctx_paddr = get(a, A_gctx, 0),
		.src_paddr = get(a, A_src, 0),
		.dst_paddr = get(a, A_dst, 0),
	};

	return psp(r, a, res, op, &cmd, sizeof(cmd));
}

static bool do_dbg_decrypt(struct replay *r, const struct json_doc *doc,
			   const struct args *a, struct result *res)
{
	(void)doc;
	return dbg(r, a, res, SIM_CMD_SNP_DBG_DECRYPT);
}

static bool do_dbg_encrypt(struct replay *r, const struct json_doc *doc,
			   const struct args *a, struct result *res)
{
	(void)doc;
	return dbg(r, a, res, SIM_CMD_SNP_DBG_ENCRYPT);
}

static bool do_legacy_status(struct replay *r, const struct json_doc *doc,
			     const struct args *a, struct result *res)
{
	(void)doc;
	return psp(r, a, res, SIM_CMD_SEV_PLATFORM_STATUS, NULL, 0);
}

/* Lines that only dump state; what they say is compared all the same. */
static bool do_nothing(struct replay *r, const struct json_doc *doc,
		       const struct args *a, struct result *res)
{
	(void)r;
	(void)doc;
	(void)a;
	(void)res;
	return true;
}

#define OPERATION(_name, _fn) { _name, sizeof(_name) - 1, _fn }

static const struct {
	const char *name;
	u32 len;
	op_fn *fn;
} operations[] = {
	OPERATION("rmpupdate", do_rmpupdate),
	OPERATION("launch_update", do_launch_update),
	OPERATION("page_reclaim", do_page_reclaim),
	OPERATION("reset", do_reset),
	OPERATION("fill", do_fill),
	OPERATION("poke", do_poke),
	OPERATION("wbinvd", do_wbinvd),
	OPERATION("sevstate", do_sevstate),
	OPERATION("psmash", do_psmash),
	OPERATION("pvalidate", do_pvalidate),
	OPERATION("rmpadjust", do_rmpadjust),
	OPERATION("bulk_rmpupdate", do_bulk_rmpupdate),
	OPERATION("bulk_launch_update_4k", do_bulk_launch_update),
	OPERATION("snp_init", do_snp_init),
	OPERATION("snp_init_ex", do_snp_init_ex),
	OPERATION("snp_shutdown", do_snp_shutdown),
	OPERATION("snp_shutdown_ex", do_snp_shutdown_ex),
	OPERATION("platform_status", do_platform_status),
	OPERATION("df_flush", do_df_flush),
	OPERATION("gctx_create", do_gctx_create),
	OPERATION("launch_start", do_launch_start),
	OPERATION("activate", do_activate),
	OPERATION("activate_ex", do_activate_ex),
	OPERATION("launch_finish", do_launch_finish),
	OPERATION("guest_status", do_guest_status),
	OPERATION("decommission", do_decommission),
	OPERATION("page_unsmash", do_page_unsmash),
	OPERATION("page_move", do_page_move),
	OPERATION("page_set_state", do_page_set_state),
	OPERATION("md_init", do_md_init),
	OPERATION("dbg_decrypt", do_dbg_decrypt),
	OPERATION("dbg_encrypt", do_dbg_encrypt),
	OPERATION("legacy_status", do_legacy_status),
	OPERATION("final_state", do_nothing),
};

static op_fn *find_op(const struct json *op)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (operations[i].len == op->len &&
		    !memcmp(operations[i].name, op->text, op->len))
			return operations[i].fn;
	return NULL;
}

/* ---- contents that depend on the cipher ---- */

static u64 page_nr(u64 pa)
{
	return (pa & ~SIM_C_BIT) >> SIM_PAGE_SHIFT;
}

static void set_sealed(struct snp_state *s, u64 page, bool sealed)
{
	if (page < MAX_BULK)
		s->page[page].sealed = sealed ? s->epoch : 0;
}

static bool any_sealed(const struct snp_state *s, u64 page, u64 n)
{
	for (; n--; page++)
		if (page < MAX_BULK && s->page[page].sealed == s->epoch)
			return true;
	return false;
}

/* Does the guest of this ASID read there what every other cipher gives? */
static bool all_known(const struct snp_state *s, u32 asid, u64 page, u64 n)
{
	if (!s->binding[asid % SIM_MAX_ASIDS])
		return false;
	for (; n--; page++)
		if (page >= MAX_BULK ||
		    s->page[page].known != s->binding[asid % SIM_MAX_ASIDS])
			return false;
	return true;
}

static void set_known(struct snp_state *s, u32 asid, u64 page, bool known)
{
	if (page < MAX_BULK)
		s->page[page].known = known ? s->binding[asid % SIM_MAX_ASIDS] : 0;
}

static u32 owner_of(struct replay *r, u64 pa)
{
	struct sim_rmp_owner o;

	sim_rmp_owner(&r->w->m, pa, &o);
	return o.asid;
}

static u32 asid_of(struct replay *r, u64 gctx)
{
	struct sim_guest_info info;

	return sim_guest_info(&r->w->m, gctx, &info) ? info.asid : 0;
}

static void note_launch_update(struct replay *r, const struct args *a, u64 n,
			       bool good)
{
	struct snp_state *s = r->private;
	u64 page = page_nr(get(a, A_page, 0));
	u32 asid = owner_of(r, get(a, A_page, 0));

	/* A large page that failed was done up to somewhere. */
	if (!good && n == 1)
		return;
	for (; n--; page++) {
		set_sealed(s, page, true);
		set_known(s, asid, page, good);
	}
}

/* Re-encrypted if they are a guest's, else metadata, copied. */
static void note_page_move(struct replay *r, const struct args *a, u64 n)
{
	struct snp_state *s = r->private;
	u64 src = page_nr(get(a, A_src, 0)), dst = page_nr(get(a, A_dst, 0));
	u32 asid = owner_of(r, get(a, A_dst, 0));

	for (; n--; src++, dst++) {
		set_sealed(s, dst, asid || any_sealed(s, src, 1));
		set_known(s, asid, dst, asid && all_known(s, asid, src, 1));
	}
}

static void note_written(struct snp_state *s, u64 pa, u64 len)
{
	u64 page = page_nr(pa), last = page_nr(pa + len - 1);

	for (; len && page <= last; page++) {
		set_known(s, 0, page, false);
		if (pa <= page << SIM_PAGE_SHIFT &&
		    pa + len >= (page + 1) << SIM_PAGE_SHIFT)
			set_sealed(s, page, false);
	}
}

/*
 * A cipher gives its own results where the host reads what a guest wrote, and
 * where a guest reads what the host wrote.  Keep book of where that is.
 */
static void note_contents(struct replay *r, op_fn *fn, const struct args *a,
			  const struct result *res)
{
	struct snp_state *s = r->private;
	bool good = res->fw && !res->val;
	u64 n = get(a, A_ps, 0) ? SIM_PAGES_PER_2M : 1;
	u64 src = get(a, A_src, 0), dst = get(a, A_dst, 0);
	u32 asid;

	if (fn == do_fill || fn == do_poke) {
		note_written(s, (has(a, A_addr) ? a->v[A_addr] :
				 get(a, A_page, 0)) & ~SIM_C_BIT,
			     get(a, A_len, fn == do_fill ? SIM_PAGE_SIZE : 1));
		return;
	}
	if (res->cmd == SIM_CMD_SNP_LAUNCH_UPDATE) {
		note_launch_update(r, a, fn == do_launch_update ?
					 n : get(a, A_n, 1), good);
		return;
	}
	if (!good)
		return;
	switch (res->cmd) {
	case SIM_CMD_SNP_GCTX_CREATE:
		set_sealed(s, page_nr(get(a, A_gctx, 0)), true);
		break;
	case SIM_CMD_SNP_ACTIVATE:
		s->binding[get(a, A_asid, 0) % SIM_MAX_ASIDS] = ++s->bindings;
		break;
	case SIM_CMD_SNP_ACTIVATE_EX:
		/* More core complexes for an ASID are no new key. */
		asid = get(a, A_asid, 0) % SIM_MAX_ASIDS;
		if (s->bound_before != asid)
			s->binding[asid] = ++s->bindings;
		break;
	case SIM_CMD_SNP_PAGE_MOVE:
		note_page_move(r, a, n);
		break;
	case SIM_CMD_SNP_PAGE_MD_INIT:
		set_sealed(s, page_nr(get(a, A_page, 0)), false);
		break;
	case SIM_CMD_SNP_DBG_DECRYPT:
		set_sealed(s, page_nr(dst),
			   !all_known(s, owner_of(r, src), page_nr(src), 1));
		break;
	case SIM_CMD_SNP_DBG_ENCRYPT:
		set_known(s, owner_of(r, dst), page_nr(dst),
			  !any_sealed(s, page_nr(src), 1));
		set_sealed(s, page_nr(dst), true);
		break;
	}
}

/* ---- comparison ---- */

struct cmp {
	struct replay *r;
	const struct json_doc *doc;
	const struct args *args;
	const char *op;
	const struct result *res;
	bool dump;		/* no operation, only the state */
	/* Path of the field being compared. */
	const char *section;
	const struct json *key;
	const struct json *field;
	char what[96];
};

static void set_what(struct cmp *c, const char *section,
		     const struct json *key, const struct json *field)
{
	c->section = section;
	c->key = key;
	c->field = field;
}

static const char *what(struct cmp *c)
{
	snprintf(c->what, sizeof(c->what), "%s%s%.*s%s%.*s", c->section,
		 c->key ? "." : "", c->key ? (int)c->key->len : 0,
		 c->key ? c->key->text : "", c->field ? "." : "",
		 c->field ? (int)c->field->len : 0,
		 c->field ? c->field->text : "");
	return c->what;
}

static void differs(struct cmp *c, const struct json *expected,
		    const char *got)
{
	char e[160];

	snprintf(e, sizeof(e), "%.*s", (int)expected->len, expected->text);
	replay_differs(c->r, c->op, what(c), e, got);
}

static bool cmp_num(struct cmp *c, const struct json *expected, u64 got)
{
	char text[40];
	uint64_t e;

	/* Most are one digit. */
	if (expected->type == JSON_INT && expected->len == 1 &&
	    (u64)(*expected->text - '0') == got)
		return true;
	if (!json_u64(expected, &e))
		return replay_bad(c->r, "%s is no number", what(c));
	if (e == got)
		return true;
	if (expected->type == JSON_STRING)
		snprintf(text, sizeof(text), "0x%llx",
			 (unsigned long long)got);
	else
		snprintf(text, sizeof(text), "%lld", (long long)got);
	differs(c, expected, text);
	return true;
}

static bool cmp_bytes(struct cmp *c, const struct json *expected,
		      const u8 *got, size_t len)
{
	u8 e[128];
	char text[2 * 128 + 1];
	size_t i;
	int n;

	n = json_hex(expected, e, sizeof(e));
	if (n < 0 || (size_t)n > len)
		return replay_bad(c->r, "%s is not %zu bytes in hexadecimal",
				  what(c), len);
	if ((size_t)n == len && !memcmp(e, got, len))
		return true;
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", got[i]);
	differs(c, expected, text);
	return true;
}

/*
 * Sections are objects of objects, one for each page, ASID or guest.  The
 * key is an address, a number, or the name of an operand.
 */
static bool key_addr(struct cmp *c, const struct json *key, u64 *addr)
{
	int arg;

	if (json_u64(key, addr))
		return true;
	arg = find_arg(c->r->private, key);
	if (arg < 0 || !has(c->args, arg))
		return replay_bad(c->r, "%.*s is no operand of this line",
				  (int)key->len, key->text);
	*addr = c->args->v[arg];
	return true;
}

static bool cmp_vmpl(struct cmp *c, const struct json *expected, u64 hi)
{
	const struct json *v;
	u32 i = 0;

	if (expected->type != JSON_ARRAY)
		return replay_bad(c->r, "vmpl is no array");
	for_each_element(c->doc, expected, v) {
		if (i < 4 && !cmp_num(c, v, (u8)(hi >> (8 * i))))
			return false;
		i++;
	}
	return i == 4 || replay_bad(c->r, "vmpl is not four numbers");
}

static bool cmp_pagesize(struct cmp *c, const struct json *expected, u8 ps)
{
	if (expected->type == JSON_INT)
		return cmp_num(c, expected, ps);
	if (!json_is(expected, ps ? "2M" : "4K"))
		differs(c, expected, ps ? "2M" : "4K");
	return true;
}

static bool cmp_rmp_entry(struct cmp *c, const struct json *key,
			  const struct json *entry)
{
	const struct sim_machine *m = &c->r->w->m;
	const struct json *k, *v;
	struct sim_rmp_raw e, head;
	enum sim_page_state state;
	bool ok = true;
	u64 pa, gfn;

	if (entry->type != JSON_OBJECT)
		return replay_bad(c->r, "an RMP entry is an object");
	if (!key_addr(c, key, &pa))
		return false;
	pa &= ~SIM_C_BIT;
	state = sim_rmp_page_state(m, pa);
	sim_rmp_get(m, pa, &e);
	sim_rmp_get(m, pa & ~(SIM_2M_SIZE - 1), &head);
	gfn = (e.lo & SIM_RMP_GFN) >> SIM_RMP_GFN_SHIFT;

	for_each_member(c->doc, entry, k, v) {
		set_what(c, "rmp_after", key, k);
		if (json_is(k, "state")) {
			if (!json_is(v, sim_page_state_name(state)))
				differs(c, v, sim_page_state_name(state));
		} else if (json_is(k, "assigned")) {
			ok = cmp_num(c, v, !!(e.lo & SIM_RMP_ASSIGNED));
		} else if (json_is(k, "pagesize")) {
			ok = cmp_pagesize(c, v, !!(e.lo & SIM_RMP_2M));
		} else if (json_is(k, "immutable")) {
			ok = cmp_num(c, v, !!(e.lo & SIM_RMP_IMMUTABLE));
		} else if (json_is(k, "asid")) {
			ok = cmp_num(c, v, (e.lo & SIM_RMP_ASID) >>
					   SIM_RMP_ASID_SHIFT);
		} else if (json_is(k, "gpa")) {
			/* The firmware's tag is a field of its own. */
			ok = cmp_num(c, v, (gfn & ((1ull << 36) - 1)) << 12);
		} else if (json_is(k, "fwtag")) {
			ok = cmp_num(c, v, gfn >> 36);
		} else if (json_is(k, "vmsa")) {
			ok = cmp_num(c, v, !!(e.lo & SIM_RMP_VMSA));
		} else if (json_is(k, "validated")) {
			ok = cmp_num(c, v, !!(e.lo & SIM_RMP_VALIDATED));
		} else if (json_is(k, "lock")) {
			ok = cmp_num(c, v, !!(e.lo & SIM_RMP_LOCK));
		} else if (json_is(k, "subpages")) {
			if (!(pa & (SIM_2M_SIZE - 1)))
				ok = cmp_num(c, v, (e.lo & SIM_RMP_SUBPAGES) >>
						   SIM_RMP_SUBPAGES_SHIFT);
		} else if (json_is(k, "vmpl")) {
			ok = cmp_vmpl(c, v, e.hi);
		} else if (json_is(k, "base2m")) {
			ok = cmp_num(c, v, (head.lo & (SIM_RMP_ASSIGNED |
						       SIM_RMP_2M)) ==
					   (SIM_RMP_ASSIGNED | SIM_RMP_2M));
		} else {
			replay_unknown(c->r, "rmp_after field", k->text,
				       k->len);
		}
		if (!ok)
			return false;
	}
	return true;
}

static bool cmp_guest_fields(struct cmp *c, const struct json *key, u64 pa,
			     const struct json *obj)
{
	struct sim_guest_info g;
	const struct json *k, *v;
	bool ok = true;

	if (!sim_guest_info(&c->r->w->m, pa, &g)) {
		set_what(c, "guest_after", key, NULL);
		replay_differs(c->r, c->op, what(c), "a context page",
			       sim_page_state_name(sim_rmp_page_state(
					&c->r->w->m, pa)));
		return true;
	}
	for_each_member(c->doc, obj, k, v) {
		set_what(c, "guest_after", key, k);
		if (json_is(k, "state"))
			ok = cmp_num(c, v, g.state);
		else if (json_is(k, "asid"))
			ok = cmp_num(c, v, g.asid);
		else if (json_is(k, "flags"))
			ok = cmp_num(c, v, g.active | g.es << 1 |
					   g.pending << 2);
		else if (json_is(k, "ccxs"))
			ok = cmp_num(c, v, g.ccxs);
		else if (json_is(k, "policy"))
			ok = cmp_num(c, v, g.policy);
		else if (json_is(k, "imi_en"))
			ok = cmp_num(c, v, g.imi_en);
		else if (json_is(k, "id_block_en"))
			ok = cmp_num(c, v, g.id_block_en);
		else if (json_is(k, "author_key_en"))
			ok = cmp_num(c, v, g.author_key_en);
		else if (json_is(k, "vcek_dis"))
			ok = cmp_num(c, v, g.vcek_dis);
		else if (json_is(k, "ld"))
			ok = cmp_bytes(c, v, g.ld, sizeof(g.ld));
		else if (json_is(k, "imd"))
			ok = cmp_bytes(c, v, g.imd, sizeof(g.imd));
		else
			replay_unknown(c->r, "guest_after field", k->text,
				       k->len);
		if (!ok)
			return false;
	}
	return true;
}

/* Either one guest's fields, or an object for each context page. */
static bool cmp_guests(struct cmp *c, const struct json *section)
{
	static const struct json gctx = {
		.type = JSON_STRING, .text = "gctx", .len = 4,
	};
	const struct json *k, *v;
	u64 pa;

	if (section->type == JSON_NULL)
		return true;
	if (section->type != JSON_OBJECT)
		return replay_bad(c->r, "guest_after is no object");
	for_each_member(c->doc, section, k, v) {
		if (v->type == JSON_NULL)
			continue;
		if (v->type != JSON_OBJECT)
			return cmp_guest_fields(c, &gctx,
						get(c->args, A_gctx, 0),
						section);
		if (!key_addr(c, k, &pa) || !cmp_guest_fields(c, k, pa, v))
			return false;
	}
	return true;
}

static bool cmp_asid(struct cmp *c, const struct json *key,
		     const struct json *obj)
{
	const struct sim_machine *m = &c->r->w->m;
	u32 all = ~0u >> (32 - m->cfg.nr_ccx);
	const struct json *k, *v;
	uint64_t asid, e;
	bool ok = true;

	if (obj->type != JSON_OBJECT || !json_u64(key, &asid) ||
	    asid >= SIM_MAX_ASIDS)
		return replay_bad(c->r, "asid_after: bad ASID");
	for_each_member(c->doc, obj, k, v) {
		set_what(c, "asid_after", key, k);
		if (json_is(k, "dirty"))
			ok = cmp_num(c, v, m->asids.dirty[asid]);
		else if (json_is(k, "clean"))
			ok = cmp_num(c, v, m->asids.clean[asid]);
		else if (json_is(k, "allocated"))
			ok = cmp_num(c, v, m->asids.allocated[asid]);
		else if (json_is(k, "in_use"))
			ok = cmp_num(c, v, m->asids.in_use[asid]);
		else if (json_is(k, "valid"))
			ok = cmp_num(c, v, m->asids.valid[asid]);
		else if (json_is(k, "rmp_count"))
			ok = cmp_num(c, v, sim_rmp_asid_count(m, asid));
		else if (json_is(k, "wbinvd")) {
			/* Flags of complexes that do not exist say nothing. */
			if (!json_u64(v, &e))
				ok = cmp_num(c, v, 0);
			else if ((e ^ m->wbinvd) & all)
				ok = cmp_num(c, v, m->wbinvd);
		} else {
			replay_unknown(c->r, "asid_after field", k->text,
				       k->len);
		}
		if (!ok)
			return false;
	}
	return true;
}

static bool cmp_platform(struct cmp *c, const struct json *section)
{
	const struct sim_machine *m = &c->r->w->m;
	const struct json *k, *v;
	bool ok = true;

	if (section->type != JSON_OBJECT)
		return replay_bad(c->r, "plat_after is no object");
	for_each_member(c->doc, section, k, v) {
		set_what(c, "plat_after", k, NULL);
		if (json_is(k, "snp_state"))
			ok = cmp_num(c, v, m->snp_state);
		else if (json_is(k, "sev_state"))
			ok = cmp_num(c, v, m->sev_state);
		else if (json_is(k, "guest_count"))
			ok = cmp_num(c, v, m->guest_count);
		else if (json_is(k, "rmp_init"))
			ok = cmp_num(c, v, m->rmp_init);
		else
			replay_unknown(c->r, "plat_after field", k->text,
				       k->len);
		if (!ok)
			return false;
	}
	return true;
}

static bool has_random_bytes(const struct cmp *c,
			     const struct sim_rmp_owner *o, const u8 *plain)
{
	u64 features;

	if (get(c->args, A_type, 0) == SIM_PAGE_TYPE_SECRETS)
		return true;
	memcpy(&features, plain + SIM_VMSA_SEV_FEATURES, sizeof(features));
	return o->vmsa && features & SIM_VMSA_FEAT_REG_PROT;
}

static bool cmp_mem_page(struct cmp *c, const struct json *key,
			 const struct json *obj, const u8 *before, u64 pa,
			 u64 len)
{
	static u8 plain[2 << 20];
	const struct snp_state *s = c->r->private;
	struct world *w = c->r->w;
	const u8 *now = world_mem(w, pa, len);
	struct sim_rmp_owner o;
	const struct json *k, *v;
	const char *kind;
	bool ok = true;
	u8 digest[48];

	sim_rmp_owner(&w->m, pa, &o);
	if (!memcmp(now, before, len))
		kind = "unchanged";
	else if (o.asid && c->res->fw && !c->res->val)
		kind = "guest_key";
	else
		kind = "host_plain";

	for_each_member(c->doc, obj, k, v) {
		set_what(c, "mem_after", key, k);
		if (json_is(k, "kind")) {
			/* In a dump it tells what the page is, not became. */
			if (c->dump)
				continue;
			if (!json_is(v, kind))
				differs(c, v, kind);
		} else if (json_is(k, "plain_sha384")) {
			if (!o.asid ||
			    !all_known(s, o.asid, page_nr(pa), len >> SIM_PAGE_SHIFT) ||
			    !sim_guest_read(&w->m, o.asid, pa, plain, len) ||
			    has_random_bytes(c, &o, plain))
				continue;
			sim_env_sha384(plain, len, digest);
			ok = cmp_bytes(c, v, digest, sizeof(digest));
		} else if (json_is(k, "raw_sha384")) {
			/* The cipher is our own: only plain text compares. */
			if (c->dump ? !json_is(json_get(c->doc, obj, "kind"),
					       "host_plain") :
				      strcmp(kind, "host_plain"))
				continue;
			if (any_sealed(s, page_nr(pa), len >> SIM_PAGE_SHIFT))
				continue;
			sim_env_sha384(now, len, digest);
			ok = cmp_bytes(c, v, digest, sizeof(digest));
		} else {
			replay_unknown(c->r, "mem_after field", k->text,
				       k->len);
		}
		if (!ok)
			return false;
	}
	return true;
}

static u64 mem_len(const struct args *a, u64 pa, u64 gctx)
{
	return get(a, A_ps, 0) && pa != gctx ? SIM_2M_SIZE : SIM_PAGE_SIZE;
}

/* Keep what mem_after will ask about. */
static bool save_memory(struct cmp *c, const struct json *section)
{
	struct snp_state *s = c->r->private;
	const struct json *k, *v;
	u8 *mem;
	u64 pa, len;
	u32 i;

	s->nr_saved = 0;
	if (section->type != JSON_OBJECT)
		return replay_bad(c->r, "mem_after is no object");
	for_each_member(c->doc, section, k, v) {
		if (!key_addr(c, k, &pa))
			return false;
		i = s->nr_saved++;
		if (i == s->max_saved) {
			s->max_saved = 2 * s->max_saved + 16;
			s->saved = realloc(s->saved, s->max_saved *
					   sizeof(*s->saved));
			if (!s->saved)
				abort();
			memset(s->saved + i, 0, (s->max_saved - i) *
			       sizeof(*s->saved));
		}
		len = mem_len(c->args, pa, get(c->args, A_gctx, 0));
		pa &= ~(SIM_C_BIT | (len - 1));
		mem = world_mem(c->r->w, pa, len);
		if (s->saved[i].room < len) {
			free(s->saved[i].bytes);
			s->saved[i].bytes = malloc(len);
			s->saved[i].room = len;
			if (!s->saved[i].bytes)
				abort();
		}
		if (mem)
			memcpy(s->saved[i].bytes, mem, len);
		s->saved[i].pa = pa;
		s->saved[i].context = sim_rmp_page_state(&c->r->w->m, pa) ==
				      SIM_PAGE_CONTEXT;
		s->saved[i].len = mem ? len : 0;
	}
	return true;
}

/*
 * Bytes no two implementations share: contexts, the platform's versions, and
 * a large page that was left half done.
 */
static bool incomparable(const struct cmp *c, u64 pa, u64 len)
{
	if (!len || sim_rmp_page_state(&c->r->w->m, pa) == SIM_PAGE_CONTEXT)
		return true;
	if (c->res->cmd == SIM_CMD_SNP_PLATFORM_STATUS && !c->res->val)
		return true;
	return c->res->cmd == SIM_CMD_SNP_LAUNCH_UPDATE && c->res->val &&
	       len == SIM_2M_SIZE;
}

static bool cmp_memory(struct cmp *c, const struct json *section)
{
	struct snp_state *s = c->r->private;
	const struct json *k, *v;
	u32 i = 0;

	for_each_member(c->doc, section, k, v) {
		if (v->type != JSON_OBJECT && v->type != JSON_NULL)
			return replay_bad(c->r, "mem_after.%.*s is no object",
					  (int)k->len, k->text);
		if (v->type == JSON_OBJECT && !s->saved[i].context &&
		    !incomparable(c, s->saved[i].pa, s->saved[i].len) &&
		    !cmp_mem_page(c, k, v, s->saved[i].bytes, s->saved[i].pa,
				  s->saved[i].len))
			return false;
		i++;
	}
	return true;
}

static bool cmp_output(struct cmp *c, const struct json *section,
		       const struct result *res)
{
	struct sim_snp_platform_status ps;
	struct sim_snp_guest_status gs;
	const struct json *k, *v;
	bool ok = true;
	u8 *mem;

	if (section->type != JSON_OBJECT)
		return section->type == JSON_NULL ||
		       replay_bad(c->r, "output is no object");
	mem = world_mem(c->r->w, res->output, sizeof(ps));
	if (!mem)
		return replay_bad(c->r, "output of what?");
	memcpy(&ps, mem, sizeof(ps));
	memcpy(&gs, mem, sizeof(gs));
	for_each_member(c->doc, section, k, v) {
		set_what(c, "output", k, NULL);
		if (res->cmd == SIM_CMD_SNP_GUEST_STATUS) {
			if (json_is(k, "policy"))
				ok = cmp_num(c, v, gs.policy);
			else if (json_is(k, "asid"))
				ok = cmp_num(c, v, gs.asid);
			else if (json_is(k, "state"))
				ok = cmp_num(c, v, gs.state);
			else if (json_is(k, "vcek_dis"))
				ok = cmp_num(c, v, gs.flags & 1);
			else
				replay_unknown(c->r, "output field", k->text,
					       k->len);
		} else if (json_is(k, "api_major")) {
			ok = cmp_num(c, v, ps.api_major);
		} else if (json_is(k, "api_minor")) {
			ok = cmp_num(c, v, ps.api_minor);
		} else if (json_is(k, "state")) {
			ok = cmp_num(c, v, ps.state);
		} else if (json_is(k, "is_rmp_init") ||
			   json_is(k, "is_rmp_initialized") ||
			   json_is(k, "rmp_init")) {
			ok = cmp_num(c, v, ps.rmp_init & 1);
		} else if (json_is(k, "build") || json_is(k, "build_id")) {
			ok = cmp_num(c, v, ps.build);
		} else if (json_is(k, "guest_count")) {
			ok = cmp_num(c, v, ps.guest_count);
		} else if (json_is(k, "mask_chip_id")) {
			ok = cmp_num(c, v, ps.flags & 1);
		} else if (json_is(k, "mask_chip_key")) {
			ok = cmp_num(c, v, ps.flags >> 1 & 1);
		} else if (json_is(k, "vlek_en")) {
			ok = cmp_num(c, v, ps.flags >> 2 & 1);
		} else if (json_is(k, "feature_info")) {
			ok = cmp_num(c, v, ps.flags >> 3 & 1);
		} else if (!memmem(k->text, k->len, "tcb", 3)) {
			/* TCB versions are the chip's own. */
			replay_unknown(c->r, "output field", k->text, k->len);
		}
		if (!ok)
			return false;
	}
	return true;
}

/* One result for each page of many. */
static bool cmp_each(struct cmp *c, const struct json *nums, bool fw)
{
	const struct json *v;
	char e[40], g[40];
	uint64_t val;
	u32 i = 0;

	for_each_element(c->doc, nums, v) {
		if (!json_u64(v, &val))
			return replay_bad(c->r, "result is no number");
		if (i >= c->res->nr_each || (val != (u64)c->res->each[i] &&
					     val != (u32)c->res->each[i]))
			break;
		i++;
	}
	if (v == json_end(c->doc, nums) && i == c->res->nr_each)
		return true;
	snprintf(e, sizeof(e), "page %u: %.*s", i,
		 v < json_end(c->doc, nums) ? (int)v->len : 4,
		 v < json_end(c->doc, nums) ? v->text : "none");
	snprintf(g, sizeof(g), i < c->res->nr_each ? "%d" : "none",
		 i < c->res->nr_each ? c->res->each[i] : 0);
	replay_differs(c->r, c->op, fw ? "status" : "ret", e, g);
	return true;
}

/* A name of another number means that one of the two is wrong. */
static bool name_fits(struct cmp *c, const struct json *name, s32 num, bool fw)
{
	const char *is = fw ? sim_status_name(num) : x86_result_name(num);
	s32 other;

	if (!name || name->type != JSON_STRING || json_is(name, is))
		return true;
	for (other = fw ? 0 : SIM_RMP_EXIT_VC; other < 256; other++)
		if (*(is = fw ? sim_status_name(other) : x86_result_name(other)) != '?' &&
		    json_is(name, is))
			return replay_bad(c->r, "%s %.*s is %d, but the line says %d",
					  fw ? "status" : "ret", (int)name->len,
					  name->text, other, num);
	return true;
}

/* Numbers decide; names make the message readable. */
static bool cmp_result(struct cmp *c, const struct json *num,
		       const struct json *name, s32 got, bool fw)
{
	const char *got_name = fw ? sim_status_name(got) :
				    x86_result_name(got);
	char e[80], g[80];
	uint64_t val;

	if (num && num->type == JSON_ARRAY && c->res->each)
		return cmp_each(c, num, fw);
	if (num && (num->type == JSON_ARRAY || num->type == JSON_OBJECT)) {
		replay_unknown(c->r, "result", "of many", 7);
		return true;
	}
	if (num) {
		if (!json_u64(num, &val))
			return replay_bad(c->r, "result is no number");
		if (!name_fits(c, name, val, fw))
			return false;
		if (val == (u64)got || val == (u32)got)
			return true;
		snprintf(e, sizeof(e), "%lld %.*s", (long long)val,
			 name ? (int)name->len : 0, name ? name->text : "");
	} else {
		if (!name || json_is(name, got_name))
			return true;
		snprintf(e, sizeof(e), "%.*s", (int)name->len, name->text);
	}
	snprintf(g, sizeof(g), "%d %s", got, got_name);
	replay_differs(c->r, c->op, fw ? "status" : "ret", e, g);
	return true;
}

static bool for_each_entry(struct cmp *c, const struct json *section,
			   const char *name,
			   bool (*fn)(struct cmp *c, const struct json *key,
				      const struct json *val))
{
	const struct json *k, *v;

	if (section->type != JSON_OBJECT)
		return replay_bad(c->r, "%s is no object", name);
	for_each_member(c->doc, section, k, v)
		if (v->type != JSON_NULL && !fn(c, k, v))
			return false;
	return true;
}

/* ---- a line ---- */

struct row {
	const struct json *op, *args, *status, *status_num, *ret, *ret_num,
		*cf, *rmp_after, *guest_after, *asid_after, *plat_after,
		*mem_after, *output;
	const struct json *unknown;	/* the first key with another name */
};

/* What a line may say besides. */
static bool is_information(const struct json *key)
{
	static const char * const names[] = {
		"scn", "step", "src", "cmd", "title", "note", "desc",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (json_is(key, names[i]))
			return true;
	return false;
}

static void read_row(const struct json_doc *doc, struct row *row)
{
	const struct json *k, *v;

	memset(row, 0, sizeof(*row));
	for_each_member(doc, doc->node, k, v) {
		if (v->type == JSON_NULL)
			continue;
#define FIELD(f)							\
		if (k->len == sizeof(#f) - 1 &&				\
		    !memcmp(k->text, #f, sizeof(#f) - 1)) {		\
			row->f = v;					\
			continue;					\
		}
		FIELD(op)
		FIELD(args)
		FIELD(status)
		FIELD(status_num)
		FIELD(ret)
		FIELD(ret_num)
		FIELD(cf)
		FIELD(rmp_after)
		FIELD(guest_after)
		FIELD(asid_after)
		FIELD(plat_after)
		FIELD(mem_after)
		FIELD(output)
#undef FIELD
		if (!row->unknown && !is_information(k))
			row->unknown = k;
	}
}

/* Lines of other operations tell what was seen, or were not understood. */
static bool other_row(struct replay *r, const struct json_doc *doc,
		      const struct row *row)
{
	static const char * const helpers[] = {
		"page_bytes", "vmsa_bytes", "secrets_bytes", "partial_check",
		"check",
	};
	const struct json *src = json_get(doc, doc->node, "src");
	size_t i;

	for (i = 0; i < sizeof(helpers) / sizeof(*helpers); i++)
		if (json_is(row->op, helpers[i]))
			break;
	if (i == sizeof(helpers) / sizeof(*helpers) &&
	    (row->status || row->status_num || row->ret || row->ret_num ||
	     row->rmp_after || row->guest_after || row->asid_after ||
	     row->plat_after || row->mem_after || row->output ||
	     json_is(src, "firmware") || json_is(src, "x86")))
		replay_unknown(r, "operation", row->op->text, row->op->len);
	else
		r->skipped++;
	return true;
}

static bool snp_row(struct replay *r, const struct json_doc *doc)
{
	struct snp_state *s = state_of(r);
	struct result res = { 0 };
	char op_name[32];
	size_t len;
	struct row row;
	struct args args;
	struct cmp c = { .r = r, .doc = doc, .args = &args, .op = op_name,
			 .res = &res };
	op_fn *fn;

	read_row(doc, &row);
	if (!row.op || row.op->type != JSON_STRING)
		return replay_bad(r, "no operation");
	fn = find_op(row.op);
	if (!fn)
		return other_row(r, doc, &row);
	if (row.unknown)
		replay_unknown(r, "field", row.unknown->text, row.unknown->len);
	if (!s->started && fn != do_reset)
		return replay_bad(r, "the first line must be a reset");
	c.dump = fn == do_nothing;
	len = row.op->len < sizeof(op_name) ? row.op->len : sizeof(op_name) - 1;
	memcpy(op_name, row.op->text, len);
	op_name[len] = 0;
	/* An instruction gets a whole register, a reclaim an address. */
	if (!read_args(r, doc, row.args, &args,
		       fn == do_pvalidate || fn == do_rmpadjust ||
		       fn == do_page_reclaim || fn == do_rmpupdate))
		return false;
	if (row.mem_after && !save_memory(&c, row.mem_after))
		return false;
	if (fn == do_activate_ex)
		s->bound_before = asid_of(r, get(&args, A_gctx, 0));
	if (!fn(r, doc, &args, &res))
		return false;
	note_contents(r, fn, &args, &res);
	r->operations++;

	if (res.fw ? !cmp_result(&c, row.status_num, row.status, res.val, true)
		   : !cmp_result(&c, row.ret_num, row.ret, res.val, false))
		return false;
	if (res.fw ? row.ret || row.ret_num || row.cf :
		     row.status || row.status_num)
		replay_uncompared(r, "%s is no %s", op_name, res.fw ?
				  "instruction" : "command of the firmware");
	if (row.cf && row.cf->type != JSON_NULL && !res.fw) {
		set_what(&c, "cf", NULL, NULL);
		if (!cmp_num(&c, row.cf, res.cf))
			return false;
	}
	if (row.rmp_after && !for_each_entry(&c, row.rmp_after, "rmp_after",
				       cmp_rmp_entry))
		return false;
	if (row.guest_after && !cmp_guests(&c, row.guest_after))
		return false;
	if (row.asid_after && !for_each_entry(&c, row.asid_after, "asid_after", cmp_asid))
		return false;
	if (row.plat_after && !cmp_platform(&c, row.plat_after))
		return false;
	if (row.mem_after && !cmp_memory(&c, row.mem_after))
		return false;
	if (row.output && !res.val && !cmp_output(&c, row.output, &res))
		return false;
	return true;
}

static bool snp_match(const struct json_doc *doc)
{
	const struct json *op = json_get(doc, doc->node, "op");

	return op && op->type == JSON_STRING &&
	       (json_get(doc, doc->node, "scn") || find_op(op));
}

static void snp_begin(struct replay *r)
{
	state_of(r)->started = false;
}

const struct trace_format snp_trace_format = {
	.name = "SNP trace",
	.match = snp_match,
	.begin = snp_begin,
	.row = snp_row,
};
