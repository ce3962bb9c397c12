// SPDX-License-Identifier: GPL-2.0
/*
 * TDX traces: SEAMCALLs with their registers, and "!" lines for everything
 * that is not a SEAMCALL.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../contents.h"
#include "tdx_world.h"
#include "trace.h"

#define MAX_LOCKS	4096
#define NR_REGS		6	/* rcx rdx r8 r9 r10 r11 */

static const char * const reg_names[NR_REGS] = {
	"rcx", "rdx", "r8", "r9", "r10", "r11",
};

struct tdx_state {
	struct tdx_world *w;
	bool started;
	/* Of the sequence: operations announced, and seen. */
	u64 announced;
	u64 seen;
	u64 last_vcpu;
	u32 nr_locks;		/* ids of the sequence are below */
	struct {
		bool named;	/* by a line of the sequence */
		bool held;
		struct sim_tdx_lock lock;
	} locks[MAX_LOCKS];
};

/* One line. */
struct row {
	const struct json *op;
	const struct json *in;
	const struct json *out;
	const struct json *status;
	const struct json *name;
	const struct json *detail;
	const struct json *operand;
	const struct json *mrtd;
	const struct json *pkgs;
	const struct json *ops;
	bool more_keys;
};

struct cmp {
	struct replay *r;
	const struct json_doc *doc;
	const struct row *row;
	struct tdx_state *s;
	/* Words of the operation that are left. */
	const char *p;
	const char *end;
};

static struct tdx_state state;

/* ---- comparing ---- */

static void op_text(const struct cmp *c, char *buf, size_t size)
{
	snprintf(buf, size, "%.*s", (int)c->row->op->len, c->row->op->text);
}

static void differ(const struct cmp *c, const char *what, const char *expected,
		   const char *got)
{
	char op[160];

	op_text(c, op, sizeof(op));
	replay_differs(c->r, op, what, expected, got);
}

static void differ_text(const struct cmp *c, const char *what,
			const struct json *expected, const char *got)
{
	char text[160];

	snprintf(text, sizeof(text), "%.*s", (int)expected->len,
		 expected->text);
	differ(c, what, text, got);
}

static bool cmp_num(const struct cmp *c, const char *what,
		    const struct json *v, u64 got)
{
	char text[32];
	u64 want;

	if (!json_u64(v, &want))
		return replay_bad(c->r, "%s is no number", what);
	if (want != got) {
		snprintf(text, sizeof(text),
			 v->type == JSON_STRING ? "0x%llx" : "%llu",
			 (unsigned long long)got);
		differ_text(c, what, v, text);
	}
	return true;
}

/* Operand ids as the recordings name them. */
static const struct {
	u32 id;
	const char *name;
} operands[] = {
	{ 0, "RAX" }, { 1, "RCX" }, { 2, "RDX" }, { 3, "RBX" }, { 5, "RBP" },
	{ 6, "RSI" }, { 7, "RDI" }, { 8, "R8" }, { 9, "R9" }, { 10, "R10" },
	{ 11, "R11" }, { 12, "R12" }, { 13, "R13" }, { 14, "R14" },
	{ 15, "R15" }, { 64, "ATTRIBUTES" }, { 65, "XFAM" },
	{ 66, "EXEC_CONTROLS" }, { 67, "EPTP_CONTROLS" }, { 68, "MAX_VCPUS" },
	{ 69, "CPUID_CONFIG" }, { 70, "TSC_FREQUENCY" }, { 71, "NUM_L2_VMS" },
	{ 72, "IA32_ARCH_CAPABILITIES" }, { 128, "TDR" }, { 129, "TDCX" },
	{ 130, "TDVPR" }, { 144, "TDCS" }, { 145, "TDVPS" },
	{ 146, "SEPT_TREE" }, { 147, "SEPT_ENTRY" }, { 169, "TD_EPOCH" },
	{ 172, "OP_STATE" }, { 184, "SYS" }, { 185, "TDMR" }, { 186, "KOT" },
	{ 187, "KET" }, { 188, "WBCACHE" },
};

static const char *operand_name(u32 id)
{
	size_t i;

	for (i = 0; i < sizeof(operands) / sizeof(operands[0]); i++)
		if (operands[i].id == id)
			return operands[i].name;
	return "?";
}

static bool cmp_name(const struct cmp *c, u64 got)
{
	const struct json *v = c->row->name;
	const char *name = sim_tdx_status_name(got);
	size_t len = name ? strlen(name) : 0;
	char text[80];

	if (v->type != JSON_STRING)
		return replay_bad(c->r, "name is no string");
	if (!name || v->len != len + 4 || memcmp(v->text, "TDX_", 4) ||
	    memcmp(v->text + 4, name, len)) {
		snprintf(text, sizeof(text), "TDX_%s", name ? name : "?");
		differ_text(c, "name", v, text);
	}
	return true;
}

static bool cmp_status(const struct cmp *c, u64 got)
{
	const struct row *row = c->row;
	char text[80];
	u64 want;

	if (json_is(row->status, "FATAL")) {
		if (got != SIM_TDX_VMFAIL_INVALID) {
			snprintf(text, sizeof(text), "0x%016llx",
				 (unsigned long long)got);
			differ(c, "status", "the module stops itself", text);
		}
		return true;
	}
	if (!json_u64(row->status, &want))
		return replay_bad(c->r, "status is no number");
	if (want != got) {
		const char *name = sim_tdx_status_name(got);

		snprintf(text, sizeof(text), "0x%016llx TDX_%s",
			 (unsigned long long)got, name ? name : "?");
		differ_text(c, "status", row->status, text);
		return true;
	}
	if (row->name && !cmp_name(c, got))
		return false;
	if (row->detail && !cmp_num(c, "detail", row->detail, (u32)got))
		return false;
	if (row->operand && !json_is(row->operand, operand_name(got)))
		differ_text(c, "operand", row->operand, operand_name(got));
	return true;
}

/* ---- words and symbols of an operation ---- */

static bool next_word(struct cmp *c, const char **word, size_t *len)
{
	while (c->p < c->end && *c->p == ' ')
		c->p++;
	*word = c->p;
	while (c->p < c->end && *c->p != ' ')
		c->p++;
	*len = c->p - *word;
	return *len;
}

static bool is_word(const char *word, size_t len, const char *what)
{
	return len == strlen(what) && !memcmp(word, what, len);
}

static bool digits(const char **p, const char *end, u32 base, u64 *value)
{
	const char *start = *p;
	u32 d;

	*value = 0;
	for (; *p < end; ++*p) {
		if (**p >= '0' && **p <= '9')
			d = **p - '0';
		else if (base == 16 && (**p | 32) >= 'a' && (**p | 32) <= 'f')
			d = (**p | 32) - 'a' + 10;
		else
			break;
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, d, value))
			return false;
	}
	return *p > start;
}

static bool term(const char **p, const char *end, u64 *value)
{
	static const struct {
		char letter;
		u64 base;
		u64 step;
	} symbols[] = {
		{ 'P', 0x40000000, 0x1000 }, { 'B', 0x40000000, 0x200000 },
		{ 'L', 0x50000000, 0x200000 }, { 'R', 0x70000000, 0x1000 },
		{ 'U', 0x100000000, 0x1000 }, { 'S', 0x100000, 0x1000 },
	};
	u64 level;
	size_t i;

	if (*p >= end)
		return false;
	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		if (**p != symbols[i].letter)
			continue;
		++*p;
		if (!digits(p, end, 10, value))
			return false;
		*value = symbols[i].base + *value * symbols[i].step;
		return true;
	}
	if (end - *p > 2 && !memcmp(*p, "G:", 2)) {
		*p += 2;
		if (!digits(p, end, 16, value) || *p >= end || *(*p)++ != ':' ||
		    !digits(p, end, 10, &level))
			return false;
		*value |= level;
		return true;
	}
	if (end - *p > 2 && !memcmp(*p, "0x", 2)) {
		*p += 2;
		return digits(p, end, 16, value);
	}
	return digits(p, end, 10, value);
}

static bool symbol(const char *p, size_t len, u64 *value)
{
	const char *end = p + len;
	u64 more;
	char op;

	if (!term(&p, end, value))
		return false;
	while (p < end) {
		op = *p++;
		if ((op != '+' && op != '|') || !term(&p, end, &more))
			return false;
		*value = op == '+' ? *value + more : *value | more;
	}
	return true;
}

static bool bad_word(const struct cmp *c)
{
	return replay_bad(c->r, "operation not understood: %.*s",
			  (int)c->row->op->len, c->row->op->text);
}

static bool too_large(const struct cmp *c, const char *name, u64 value)
{
	return replay_bad(c->r, "%s is too large: 0x%llx", name,
			  (unsigned long long)value);
}

static bool word_value(struct cmp *c, u64 *value)
{
	const char *word;
	size_t len;

	return next_word(c, &word, &len) && symbol(word, len, value);
}

/* May be missing; what is no value is left for bad_word(). */
static bool optional_value(struct cmp *c, u64 *value)
{
	const char *at = c->p;

	if (word_value(c, value))
		return true;
	c->p = at;
	return false;
}

/* Decimal, possibly negative. */
static bool word_number(struct cmp *c, s64 *value)
{
	const char *word;
	bool negative;
	size_t len;
	u64 v;

	if (!next_word(c, &word, &len))
		return false;
	negative = *word == '-';
	if (!symbol(word + negative, len - negative, &v))
		return false;
	*value = negative ? -(s64)v : (s64)v;
	return true;
}

static bool word_hex(struct cmp *c, u64 *value)
{
	const char *word, *end;
	size_t len;

	if (!next_word(c, &word, &len))
		return false;
	end = word + len;
	if (len > 2 && !memcmp(word, "0x", 2))
		word += 2;
	return digits(&word, end, 16, value) && word == end;
}

/* ---- SEAMCALLs ---- */

static u64 *reg_of(struct sim_tdx_regs *regs, u32 i)
{
	return &regs->rcx + i;
}

/* The names, told apart by as few characters as it takes. */
static int find_reg(const struct json *key)
{
	const char *p = key->text;

	if (key->len < 2 || *p != 'r')
		return -1;
	if (key->len == 2)
		return p[1] == '8' ? 2 : p[1] == '9' ? 3 : -1;
	if (key->len != 3)
		return -1;
	if (p[1] == '1')
		return p[2] == '0' ? 4 : p[2] == '1' ? 5 : -1;
	if (p[2] != 'x')
		return -1;
	return p[1] == 'c' ? 0 : p[1] == 'd' ? 1 : -1;
}

static bool read_in(const struct cmp *c, u64 *rax, struct sim_tdx_regs *regs)
{
	const struct json *k, *v;
	bool has_rax = false;
	u64 value;
	int reg;

	if (c->row->in->type != JSON_OBJECT)
		return replay_bad(c->r, "in is no object");
	for_each_member(c->doc, c->row->in, k, v) {
		if (!json_u64(v, &value))
			return replay_bad(c->r, "register %.*s is no number",
					  (int)k->len, k->text);
		reg = find_reg(k);
		if (reg >= 0) {
			*reg_of(regs, reg) = value;
		} else if (json_is(k, "rax")) {
			*rax = value;
			has_rax = true;
		} else {
			replay_unknown(c->r, "register", k->text, k->len);
		}
	}
	return has_rax || replay_bad(c->r, "no rax");
}

/*
 * The operation tells the registers as well, and R10 and R11 alone.
 * @bare: what is to be OR'ed to a GPA left out
 */
static bool read_op(struct cmp *c, u64 *rax, struct sim_tdx_regs *regs,
		    struct sim_tdx_regs *bare)
{
	const struct sim_tdx_op *op;
	const char *word, *eq, *gpa;
	u64 value, version = 0;
	bool has_rax = false;
	size_t len;
	u32 leaf;
	int reg;

	next_word(c, &word, &len);
	/* Of a line with registers, the leaf is the one that they say. */
	op = sim_tdx_find_op(*rax & 0xffff);
	has_rax = op && is_word(word, len, op->name);
	*rax &= 0xffff;
	for (leaf = 0; leaf < 256 && !has_rax; leaf++) {
		op = sim_tdx_find_op(leaf);
		has_rax = op && is_word(word, len, op->name);
		if (has_rax)
			*rax = leaf;
	}
	while (next_word(c, &word, &len)) {
		eq = memchr(word, '=', len);
		if (!eq || !symbol(eq + 1, word + len - eq - 1, &value))
			return bad_word(c);
		reg = find_reg(&(struct json){ .text = word, .len = eq - word });
		if (reg >= 0) {
			*reg_of(regs, reg) = value;
			gpa = eq + 1;
			if (*gpa == 'G')
				term(&gpa, word + len, &value);
			*reg_of(bare, reg) = value;
		} else if (is_word(word, eq - word, "ver")) {
			version = value << 16;
		} else if (is_word(word, eq - word, "rax")) {
			*rax = value;
			has_rax = true;
			version = 0;
		} else {
			return bad_word(c);
		}
	}
	*rax |= version;
	/* A leaf that is not known here has but its number. */
	return has_rax || (c->row->in && !sim_tdx_find_op(*rax & 0xffff)) ||
	       bad_word(c);
}

static bool same_reg(const struct cmp *c, const char *name, u64 in, u64 op)
{
	return in == op ||
	       replay_bad(c->r, "%s is 0x%llx in the registers, but 0x%llx in the operation",
			  name, (unsigned long long)in, (unsigned long long)op);
}

static bool read_regs(struct cmp *c, u64 *rax, struct sim_tdx_regs *regs)
{
	struct sim_tdx_regs op = { 0 }, bare = { 0 };
	u64 op_rax;
	u32 i;

	if (!c->row->in)
		return read_op(c, rax, regs, &bare);
	if (!read_in(c, rax, regs))
		return false;
	op_rax = *rax;
	if (!read_op(c, &op_rax, &op, &bare) || !same_reg(c, "rax", *rax, op_rax))
		return false;
	for (i = 0; i < NR_REGS; i++) {
		/* R10 and R11 may be in the operation only. */
		if (i >= 4 && !*reg_of(regs, i))
			*reg_of(regs, i) = *reg_of(&op, i);
		/* The recordings lost what was OR'ed to a GPA. */
		if (*reg_of(regs, i) != *reg_of(&bare, i) &&
		    !same_reg(c, reg_names[i], *reg_of(regs, i), *reg_of(&op, i)))
			return false;
	}
	return true;
}

static bool cmp_out(const struct cmp *c, struct sim_tdx_regs *regs)
{
	const struct json *k, *v;
	int reg;

	if (c->row->out->type != JSON_OBJECT)
		return replay_bad(c->r, "out is no object");
	for_each_member(c->doc, c->row->out, k, v) {
		reg = find_reg(k);
		if (reg < 0) {
			replay_unknown(c->r, "register", k->text, k->len);
			continue;
		}
		if (!cmp_num(c, reg_names[reg], v, *reg_of(regs, reg)))
			return false;
	}
	return true;
}

static bool cmp_mrtd(const struct cmp *c, u64 tdr)
{
	struct sim_tdx_td_info info;
	u8 want[48];
	char text[97];
	u32 i;

	if (json_hex(c->row->mrtd, want, sizeof(want)) != sizeof(want))
		return replay_bad(c->r, "mrtd is no digest");
	if (!sim_tdx_td_info(&c->s->w->t, tdr, &info))
		memset(info.mrtd, 0, sizeof(info.mrtd));
	if (!memcmp(want, info.mrtd, sizeof(want)))
		return true;
	for (i = 0; i < sizeof(want); i++)
		sprintf(text + 2 * i, "%02x", info.mrtd[i]);
	differ_text(c, "mrtd", c->row->mrtd, text);
	return true;
}

/*
 * The recordings know no encryption, so there the source of PAGE.ADD may be a
 * page that a TD wrote.  Show it in plain text for as long as the call takes.
 */
struct bare_page {
	u64 *page;
	u64 pa;
	u64 key[2];
};

static void bare_source(struct tdx_world *w, u64 pa, struct bare_page *b)
{
	struct sim_tdx_page_info info;

	b->page = NULL;
	pa &= 0x3ffffffff000ull;
	if (!tdx_world_is_sealed(w, pa) ||
	    !sim_tdx_page_info(&w->t, pa, -1, &info) ||
	    (info.type != SIM_PT_NDA && info.type != SIM_PT_REG))
		return;
	b->page = (u64 *)tdx_world_page(w, pa);
	b->pa = pa;
	memcpy(b->key, w->key[pa >> 12], sizeof(b->key));
	sim_open_words(b->key, pa, b->page, b->page, 512);
	memset(w->key[pa >> 12], 0, sizeof(b->key));
}

static void cover_source(struct tdx_world *w, const struct bare_page *b)
{
	if (!b->page || tdx_world_is_sealed(w, b->pa))
		return;
	sim_seal_words(b->key, b->pa, b->page, b->page, 512);
	sim_tdx_env_sealed(&w->t, b->pa, b->key);
}

static bool do_seamcall(struct cmp *c)
{
	struct sim_tdx_regs regs = { 0 };
	struct bare_page bare = { 0 };
	u64 rax = 0, status, tdr;

	if (!read_regs(c, &rax, &regs))
		return false;
	tdr = regs.rcx;
	if (rax == SIM_TDH_MEM_PAGE_ADD)
		bare_source(c->s->w, regs.r9, &bare);
	status = sim_seamcall(&c->s->w->t, rax, &regs);
	cover_source(c->s->w, &bare);
	if (!c->row->status)
		return replay_bad(c->r, "no status");
	if (!cmp_status(c, status))
		return false;
	if (c->row->out && !cmp_out(c, &regs))
		return false;
	return !c->row->mrtd || cmp_mrtd(c, tdr);
}

/* ---- lines that are no SEAMCALLs ---- */

static bool do_fill(struct cmp *c)
{
	u64 words[512], pa, seed, k;

	if (!word_value(c, &pa) || !word_value(c, &seed))
		return bad_word(c);
	for (k = 0; k < 512; k++)
		words[k] = seed ? seed * 0x9e3779b97f4a7c15ull + k : 0;
	return tdx_world_write_plain(c->s->w, pa, words) || bad_word(c);
}

static bool do_zero(struct cmp *c)
{
	u64 words[512] = { 0 }, pa;

	return (word_value(c, &pa) &&
		tdx_world_write_plain(c->s->w, pa, words)) || bad_word(c);
}

static bool do_read(struct cmp *c)
{
	const struct json *v = json_get(c->doc, c->doc->node, "bytes");
	u64 words[512], pa, n;
	u8 want[4096];
	char text[161];
	u32 i;

	if (!word_value(c, &pa) || !word_value(c, &n) || n > 4096 ||
	    !tdx_world_read_plain(c->s->w, pa, words))
		return bad_word(c);
	if (!v || json_hex(v, want, sizeof(want)) != (int)n)
		return replay_bad(c->r, "bytes are not what was asked for");
	if (!memcmp(want, words, n))
		return true;
	for (i = 0; i < n && i < 80; i++)
		sprintf(text + 2 * i, "%02x", ((u8 *)words)[i]);
	text[2 * i] = 0;
	differ_text(c, "bytes", v, text);
	return true;
}

static bool do_tdparams(struct cmp *c)
{
	static const struct {
		const char *name;
		u32 offset;
		u32 size;
		u64 value;
	} fields[] = {
		{ "attributes", 0, 8, 0 }, { "xfam", 8, 8, 7 },
		{ "max_vcpus", 16, 2, 1 }, { "num_l2", 18, 1, 0 },
		{ "eptp", 24, 8, 0x1e }, { "flags", 32, 8, 0 },
		{ "tsc", 40, 2, 40 },
	};
	const size_t nr = sizeof(fields) / sizeof(fields[0]);
	u64 words[512], pa, value;
	const char *word, *eq;
	u8 *p = (u8 *)words;
	size_t len, i;

	if (!word_value(c, &pa) ||
	    !tdx_world_read_plain(c->s->w, pa, words))
		return bad_word(c);
	memset(p, 0, 1024);
	for (i = 0; i < nr; i++)
		memcpy(p + fields[i].offset, &fields[i].value, fields[i].size);
	while (next_word(c, &word, &len)) {
		eq = memchr(word, '=', len);
		if (!eq || !symbol(eq + 1, word + len - eq - 1, &value))
			return bad_word(c);
		if (is_word(word, eq - word, "rsvd") && value < 1024) {
			p[value] = 1;
			continue;
		}
		for (i = 0; i < nr; i++)
			if (is_word(word, eq - word, fields[i].name))
				break;
		if (i == nr)
			return bad_word(c);
		if (fields[i].size < 8 && value >> (8 * fields[i].size))
			return too_large(c, fields[i].name, value);
		memcpy(p + fields[i].offset, &value, fields[i].size);
	}
	return tdx_world_write_plain(c->s->w, pa, words);
}

static bool do_lp(struct cmp *c)
{
	u64 lp, package;

	if (!word_value(c, &lp) || !word_value(c, &package) ||
	    package >= c->s->w->t.cfg.nr_packages)
		return bad_word(c);
	if (lp > UINT32_MAX)
		return too_large(c, "the processor", lp);
	c->s->w->lp = lp;
	c->s->w->package = package;
	return true;
}

static bool do_pconfig(struct cmp *c)
{
	u64 rc;

	if (!word_value(c, &rc))
		return bad_word(c);
	if (rc > UINT32_MAX)
		return too_large(c, "the result", rc);
	c->s->w->pconfig = rc;
	return true;
}

static bool do_intr(struct cmp *c)
{
	s64 n;

	if (!word_number(c, &n))
		return bad_word(c);
	c->s->w->interrupt = n;
	c->s->w->polls = 0;
	return true;
}

static bool lock_target(const char *word, size_t len, struct sim_tdx_lock *l)
{
	static const struct {
		const char *name;
		enum sim_tdx_lock_kind kind;
		u32 level;
	} objects[] = {
		{ "pamt4k:", SIM_LOCK_PAMT, 0 },
		{ "pamt2m:", SIM_LOCK_PAMT, 1 },
		{ "pamt1g:", SIM_LOCK_PAMT, 2 },
		{ "op_state:", SIM_LOCK_OP_STATE, 0 },
		{ "sept_tree:", SIM_LOCK_TREE, 0 },
		{ "epoch:", SIM_LOCK_EPOCH, 0 },
		{ "septe:", SIM_LOCK_SEPT_ENTRY, 0 },
		{ "kot", SIM_LOCK_KOT, 0 },
		{ "wbt", SIM_LOCK_WBT, 0 },
	};
	const char *end = word + len, *colon;
	u64 level;
	size_t i, n;

	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		n = strlen(objects[i].name);
		if (len < n || memcmp(word, objects[i].name, n))
			continue;
		l->kind = objects[i].kind;
		l->level = objects[i].level;
		word += n;
		if (l->kind == SIM_LOCK_KOT || l->kind == SIM_LOCK_WBT)
			return word == end;
		if (l->kind == SIM_LOCK_PAMT)
			return symbol(word, end - word, &l->at);
		if (l->kind != SIM_LOCK_SEPT_ENTRY)
			return symbol(word, end - word, &l->tdr);
		colon = memchr(word, ':', end - word);
		if (!colon || !symbol(word, colon - word, &l->tdr))
			return false;
		word = colon + 1;
		if (!digits(&word, end, 16, &l->at) || word >= end ||
		    *word++ != ':' || !digits(&word, end, 10, &level))
			return false;
		l->level = level;
		return word == end && level == l->level;
	}
	return false;
}

static bool do_lock(struct cmp *c)
{
	const struct json *v = json_get(c->doc, c->doc->node, "lock");
	struct sim_tdx_lock l = { .exclusive = true };
	const char *word;
	size_t len;
	bool good;
	u64 id;

	if (!next_word(c, &word, &len) || !lock_target(word, len, &l))
		return bad_word(c);
	if (next_word(c, &word, &len)) {
		l.exclusive = is_word(word, len, "ex");
		if (!l.exclusive && !is_word(word, len, "sh"))
			return bad_word(c);
	}
	good = sim_tdx_lock(&c->s->w->t, &l);
	if (!v || *v->text == '-' || !json_u64(v, &id)) {
		/* The recording could not take it. */
		if (good) {
			sim_tdx_unlock(&c->s->w->t, &l);
			differ(c, "lock", "taken already", "free");
		}
		return true;
	}
	if (id >= MAX_LOCKS)
		return replay_bad(c->r, "lock %llu is one too many",
				  (unsigned long long)id);
	c->s->locks[id].named = true;
	if (id >= c->s->nr_locks)
		c->s->nr_locks = id + 1;
	if (!good) {
		differ(c, "lock", "free", "taken already");
		return true;
	}
	c->s->locks[id].held = true;
	c->s->locks[id].lock = l;
	return true;
}

static bool do_unlock(struct cmp *c)
{
	u64 id;

	if (!word_value(c, &id))
		return bad_word(c);
	if (id >= MAX_LOCKS || !c->s->locks[id].named)
		return replay_bad(c->r, "lock %llu was not taken",
				  (unsigned long long)id);
	c->s->locks[id].named = false;
	if (c->s->locks[id].held)
		sim_tdx_unlock(&c->s->w->t, &c->s->locks[id].lock);
	c->s->locks[id].held = false;
	return true;
}

static bool do_vpenter(struct cmp *c)
{
	u64 vp, status;

	if (!word_value(c, &vp))
		return bad_word(c);
	c->s->last_vcpu = vp;
	status = sim_tdx_associate(&c->s->w->t, vp);
	return !c->row->status || cmp_status(c, status);
}

static bool do_vpexit(struct cmp *c)
{
	u64 vp, status;

	if (!optional_value(c, &vp))
		vp = c->s->last_vcpu;
	status = sim_tdx_td_exit(&c->s->w->t, vp);
	return !c->row->status || cmp_status(c, status);
}

static bool do_accept(struct cmp *c)
{
	const struct json *exit = json_get(c->doc, c->doc->node, "exit");
	const struct json *cut = json_get(c->doc, c->doc->node, "interrupted");
	bool interrupted;
	u64 tdr, rcx, status;

	if (!word_value(c, &tdr) || !word_value(c, &rcx))
		return bad_word(c);
	status = sim_tdx_accept(&c->s->w->t, tdr, rcx, &interrupted);
	if (exit) {
		if (status != SIM_TDX_EXIT_EPT_VIOLATION)
			differ_text(c, "exit", exit, "none");
		else if (!json_is(exit, "TD_EXIT_EPT_VIOLATION"))
			differ_text(c, "exit", exit, "TD_EXIT_EPT_VIOLATION");
		return true;
	}
	if (!c->row->status)
		return replay_bad(c->r, "neither status nor exit");
	return cmp_status(c, status) &&
	       (!cut || cmp_num(c, "interrupted", cut, interrupted));
}

static bool do_poke(struct cmp *c)
{
	static const char * const fields[] = {
		[SIM_FIELD_FATAL] = "fatal",
		[SIM_FIELD_OP_STATE] = "op_state",
		[SIM_FIELD_NUM_VCPUS] = "num_vcpus",
		[SIM_FIELD_NUM_ASSOC_VCPUS] = "num_assoc_vcpus",
		[SIM_FIELD_REFCOUNT0] = "refcount0",
		[SIM_FIELD_REFCOUNT1] = "refcount1",
	};
	const char *word;
	u64 tdr, value;
	size_t len, i;

	if (!word_value(c, &tdr) || !next_word(c, &word, &len) ||
	    !word_value(c, &value))
		return bad_word(c);
	if (is_word(word, len, "sys_state")) {
		c->s->w->t.sys_state = value;
		return true;
	}
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (is_word(word, len, fields[i]))
			break;
	if (i == sizeof(fields) / sizeof(fields[0]))
		return bad_word(c);
	if (!sim_tdx_poke(&c->s->w->t, tdr, i, value) &&
	    json_get(c->doc, c->doc->node, "ok"))
		differ(c, "ok", "the TD has the field", "it has not");
	return true;
}

static bool cmp_refcount(const struct cmp *c, const struct json *v,
			 const u32 got[2])
{
	const struct json *e;
	u32 i = 0;

	if (v->type != JSON_ARRAY)
		return replay_bad(c->r, "refcount is no array");
	for_each_element(c->doc, v, e) {
		if (i < 2 && !cmp_num(c, "refcount", e, got[i]))
			return false;
		i++;
	}
	return i == 2 || replay_bad(c->r, "refcount is not two numbers");
}

static bool do_inspect(struct cmp *c)
{
	struct sim_tdx_td_info info;
	const struct json *k, *v;
	u64 tdr;

	if (!word_value(c, &tdr))
		return bad_word(c);
	if (!sim_tdx_td_info(&c->s->w->t, tdr, &info)) {
		differ(c, "TD", "a TDR page", "none");
		return true;
	}
	for_each_member(c->doc, c->doc->node, k, v) {
		const struct {
			const char *name;
			u64 value;
			bool tdcs;
		} fields[] = {
			{ "lifecycle", info.lifecycle, false },
			{ "fatal", info.fatal, false },
			{ "num_tdcx", info.num_tdcx, false },
			{ "chldcnt", info.children, false },
			{ "hkid", info.hkid, false },
			{ "pkg_bitmap", info.pkg_bitmap, false },
			{ "kot_state", info.hkid_state, false },
			{ "wbinvd_bitmap", info.wbinvd, false },
			{ "op_state", info.op_state, true },
			{ "epoch", info.epoch, true },
			{ "num_vcpus", info.num_vcpus, true },
			{ "num_assoc_vcpus", info.num_assoc_vcpus, true },
			{ "op_state_lock", info.op_state_lock, true },
			{ "sept_lock", info.sept_lock, true },
			{ "gpaw", info.gpaw, true },
			{ "eptp", info.eptp, true },
		};
		size_t i, nr = sizeof(fields) / sizeof(fields[0]);

		if (json_is(k, "op"))
			continue;
		if (json_is(k, "refcount")) {
			if (info.has_tdcs &&
			    !cmp_refcount(c, v, info.refcount))
				return false;
			continue;
		}
		for (i = 0; i < nr; i++)
			if (json_is(k, fields[i].name))
				break;
		if (i == nr) {
			replay_unknown(c->r, "field", k->text, k->len);
			continue;
		}
		/* The key of its TDCS may have a new owner. */
		if (fields[i].tdcs && !info.has_tdcs)
			continue;
		if (!cmp_num(c, fields[i].name, v, fields[i].value))
			return false;
	}
	return true;
}

static bool do_pamt(struct cmp *c)
{
	struct sim_tdx_page_info info;
	const struct json *k, *v;
	u64 pa, size = 0;

	if (!word_value(c, &pa))
		return bad_word(c);
	optional_value(c, &size);
	if (size > 2)
		return too_large(c, "the size", size);
	if (!sim_tdx_page_info(&c->s->w->t, pa, size, &info)) {
		differ(c, "page", "a PAMT entry", "none");
		return true;
	}
	for_each_member(c->doc, c->doc->node, k, v) {
		if (json_is(k, "pt")) {
			if (!cmp_num(c, "pt", v, info.type))
				return false;
		} else if (json_is(k, "owner")) {
			if (!cmp_num(c, "owner", v, info.owner))
				return false;
		} else if (json_is(k, "bepoch")) {
			if (!cmp_num(c, "bepoch", v, info.bepoch))
				return false;
		} else if (json_is(k, "lock")) {
			if (!cmp_num(c, "lock", v, info.lock))
				return false;
		} else if (!json_is(k, "op")) {
			replay_unknown(c->r, "field", k->text, k->len);
		}
	}
	return true;
}

static bool do_septe(struct cmp *c)
{
	const struct json *v;
	u64 tdr, gpa, level, raw;
	u32 got;

	if (!word_value(c, &tdr) || !word_hex(c, &gpa) ||
	    !word_value(c, &level))
		return bad_word(c);
	if (level > 5)
		return too_large(c, "the level", level);
	got = level;
	if (!sim_tdx_sept_entry(&c->s->w->t, tdr, gpa, &got, &raw)) {
		differ(c, "entry", "an S-EPT", "none");
		return true;
	}
	v = json_get(c->doc, c->doc->node, "raw");
	if (v && !cmp_num(c, "raw", v, raw))
		return false;
	v = json_get(c->doc, c->doc->node, "level");
	return !v || cmp_num(c, "level", v, got);
}

static const struct {
	const char *name;
	bool (*fn)(struct cmp *c);
} meta_ops[] = {
	{ "!tdparams", do_tdparams }, { "!fill", do_fill },
	{ "!lock", do_lock }, { "!unlock", do_unlock }, { "!poke", do_poke },
	{ "!accept", do_accept }, { "!vpenter", do_vpenter },
	{ "!vpexit", do_vpexit }, { "!inspect", do_inspect },
	{ "!intr", do_intr }, { "!read", do_read }, { "!pamt", do_pamt },
	{ "!septe", do_septe }, { "!pconfig", do_pconfig }, { "!lp", do_lp },
	{ "!zero", do_zero },
};

static bool do_meta(struct cmp *c)
{
	const char *word;
	size_t len, i;

	next_word(c, &word, &len);
	for (i = 0; i < sizeof(meta_ops) / sizeof(meta_ops[0]); i++)
		if (is_word(word, len, meta_ops[i].name))
			return meta_ops[i].fn(c) &&
			       (!next_word(c, &word, &len) || bad_word(c));
	return bad_word(c);
}

/* ---- rows ---- */

static void read_row(const struct json_doc *doc, struct row *row)
{
	const struct json *k, *v;

	memset(row, 0, sizeof(*row));
	for_each_member(doc, doc->node, k, v) {
#define FIELD(f)							\
		if (k->len == sizeof(#f) - 1 &&				\
		    !memcmp(k->text, #f, sizeof(#f) - 1)) {		\
			row->f = v;					\
			continue;					\
		}
		FIELD(op)
		FIELD(in)
		FIELD(out)
		FIELD(status)
		FIELD(name)
		FIELD(detail)
		FIELD(operand)
		FIELD(mrtd)
		FIELD(pkgs)
		FIELD(ops)
#undef FIELD
		row->more_keys = true;
	}
}

/* What only some lines have; what it begins with tells a line's kind. */
static const struct {
	const char *op;
	const char *keys[10];
} more_keys[] = {
	{ "", { "scenario", "desc", "seq", "seed", "family", "pkgs", "ops",
		  "module" } },
	{ "TDH.", { "where" } },
	{ "LEAF", { "where" } },
	{ "!", { "ok" } },
	{ "!lock", { "lock" } },
	{ "!accept", { "exit", "interrupted", "keyhole_refs" } },
	{ "!read", { "bytes" } },
	{ "!septe", { "raw", "level" } },
};

static const char * const keys_of_calls[] = {
	"op", "in", "out", "status", "name", "detail", "operand", "mrtd",
};

static bool has_key(const struct row *row, const struct json *key)
{
	size_t i, j, len;

	for (i = 0; i < sizeof(keys_of_calls) / sizeof(*keys_of_calls); i++)
		if (row->op && json_is(key, keys_of_calls[i]))
			return true;
	for (i = 0; i < sizeof(more_keys) / sizeof(*more_keys); i++) {
		len = strlen(more_keys[i].op);
		if (row->op ? !len || row->op->len < len ||
			      memcmp(row->op->text, more_keys[i].op, len) : len)
			continue;
		for (j = 0; j < 10 && more_keys[i].keys[j]; j++)
			if (json_is(key, more_keys[i].keys[j]))
				return true;
	}
	return false;
}

/* A key that is spelt wrong is none that could be compared. */
static void check_keys(struct replay *r, const struct json_doc *doc,
		       const struct row *row)
{
	const struct json *k, *v;

	/* All that these have is looked at when they are compared. */
	if (row->op && (!strncmp(row->op->text, "!inspect ", 9) ||
			!strncmp(row->op->text, "!pamt ", 6)))
		return;
	for_each_member(doc, doc->node, k, v)
		if (!has_key(row, k))
			replay_unknown(r, "field", k->text, k->len);
}

/* The module that a sequence is of, as its header says. */
static bool module_of(struct replay *r, const struct json_doc *doc,
		      enum sim_tdx_version *version)
{
	const struct json *v = json_get(doc, doc->node, "module");

	*version = v ? json_is(v, "later") ? SIM_TDX_LATER : SIM_TDX_1_5_01 :
		   r->later ? SIM_TDX_LATER : SIM_TDX_1_5_01;
	return !v || json_is(v, "later") || json_is(v, "1.5.01") ||
	       replay_bad(r, "module is neither 1.5.01 nor later: %.*s",
			  (int)v->len, v->text);
}

static bool new_sequence(struct replay *r, const struct json_doc *doc,
			 const struct row *row)
{
	enum sim_tdx_version version;
	u64 pkgs = 1;

	if (!module_of(r, doc, &version))
		return false;

	if (row->pkgs && (!json_u64(row->pkgs, &pkgs) || pkgs > UINT32_MAX))
		return replay_bad(r, "pkgs is no number of packages: %.*s",
				  (int)row->pkgs->len, row->pkgs->text);
	if (!state.w)
		state.w = tdx_world_new();
	if (tdx_world_reset(state.w, pkgs, version))
		return replay_bad(r, "there is no such platform");
	memset(state.locks, 0, state.nr_locks * sizeof(*state.locks));
	state.nr_locks = 0;
	state.last_vcpu = 0;
	state.started = true;
	state.announced = 0;
	state.seen = 0;
	if (!row->ops)
		return replay_bad(r, "the header does not say how many ops follow");
	return json_u64(row->ops, &state.announced) ||
	       replay_bad(r, "ops is no number: %.*s", (int)row->ops->len,
			  row->ops->text);
}

/* Something of the sequence that ends here may have been lost. */
static void tdx_end(struct replay *r)
{
	if (state.started && state.seen != state.announced)
		replay_uncompared(r, "the sequence that ends here was to have %llu operations, and has %llu",
				  (unsigned long long)state.announced,
				  (unsigned long long)state.seen);
}

static bool tdx_row(struct replay *r, const struct json_doc *doc)
{
	struct row row;
	struct cmp c = { .r = r, .doc = doc, .row = &row, .s = &state };

	read_row(doc, &row);
	if (row.op && (row.op->type != JSON_STRING || !row.op->len))
		return replay_bad(r, "the operation is no text");
	if (row.more_keys)
		check_keys(r, doc, &row);
	if (!row.op) {
		if (!row.ops && !row.pkgs)
			return replay_bad(r, "neither an operation nor a header");
		tdx_end(r);
		return new_sequence(r, doc, &row);
	}
	if (!state.started)
		return replay_bad(r, "the first line must be a header");
	if (!state.announced)
		return replay_bad(r, "the header says ops 0, but this line follows");
	r->operations++;
	state.seen++;
	c.p = row.op->text;
	c.end = c.p + row.op->len;
	return *c.p == '!' ? do_meta(&c) : do_seamcall(&c);
}

static bool tdx_match(const struct json_doc *doc)
{
	const struct json *op = json_get(doc, doc->node, "op");

	if (!op)
		return json_get(doc, doc->node, "pkgs") ||
		       json_get(doc, doc->node, "ops");
	return op->type == JSON_STRING && op->len > 4 &&
	       (op->text[0] == '!' || !memcmp(op->text, "TDH.", 4) ||
		!memcmp(op->text, "LEAF", 4));
}

static void tdx_begin(struct replay *r)
{
	(void)r;
	state.started = false;
}

const struct trace_format tdx_trace_format = {
	.name = "TDX trace",
	.match = tdx_match,
	.begin = tdx_begin,
	.row = tdx_row,
	.end = tdx_end,
};
