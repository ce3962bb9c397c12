// SPDX-License-Identifier: GPL-2.0
/*
 * SNP firmware and the RMP, check by check.
 *
 * A command is described by the list of its checks in the order in which the
 * firmware makes them, each with the status that it gives and where that is
 * known from. A check is tried alone and together with each later one: the
 * earlier has to win. What a refused command may not have changed is compared.
 *
 * Where it is known from: "seen" in the behaviour of published firmware 1.55,
 * "read" in its source, "apm" the programmer's manual, vol. 2, "ms" the
 * published intrinsics, "linux" what the kernel relies on; "assumed" nobody has
 * published it, and on hardware it is tried only to report a difference.
 */
#include <crypto/sha2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <asm/cpuid/api.h>
#include <asm/msr.h>
#include <asm/smp.h>

#include "id_block_vector.h"
#include "snp_firmware.h"

/* The engine ---------------------------------------------------------------- */

/**
 * struct check - what a command looks at
 * @name: what is wrong with the call
 * @from: where it is known from
 * @status: what firmware answers
 * @not_with: mask of the later checks that can't be failed at the same time
 */
struct check {
	const char *name;
	const char *from;
	u32 status;
	u32 not_with;
};

/**
 * typedef run_fn - build what a command needs and give it
 * @sf: machine
 * @wrong: mask of the checks that are to fail
 *
 * Expects that a refused command has changed nothing.
 *
 * Return: the status.
 */
typedef u32 (*run_fn)(struct sf *sf, u32 wrong);

static u32 run_once(struct sf *sf, run_fn run, u32 wrong)
{
	struct list_head *mark = sf_mark(sf);
	u32 status = run(sf, wrong);

	sf_rewind(sf, mark);
	return status;
}

static void run_checks(struct kunit *test, const struct check *checks, unsigned int nr,
		       run_fn run)
{
	const struct check *c = test->param_value;
	unsigned int i = c - checks, j;
	struct sf *sf = test->priv;

	if (!i)
		KUNIT_EXPECT_EQ_MSG(test, SEV_RET_SUCCESS, run_once(sf, run, 0),
				    "nothing is wrong");
	KUNIT_EXPECT_EQ_MSG(test, c->status, run_once(sf, run, BIT(i)), "%s (%s)", c->name,
			    c->from);
	for (j = i + 1; j < nr; j++) {
		if (c->not_with & BIT(j))
			continue;
		KUNIT_EXPECT_EQ_MSG(test, c->status, run_once(sf, run, BIT(i) | BIT(j)),
				    "%s (%s), and %s", c->name, c->from, checks[j].name);
	}
}

#define CHECKS(_cmd)								\
KUNIT_ARRAY_PARAM_DESC(_cmd, _cmd##_checks, name);				\
static void _cmd##_order(struct kunit *test)					\
{										\
	run_checks(test, _cmd##_checks, ARRAY_SIZE(_cmd##_checks), _cmd##_run);	\
}

/* An address that is not aligned, a reserved bit: operands come before everything */
#define ODD(_wrong, _bit)	((_wrong) & BIT(_bit) ? 0x10 : 0)

/* A refused command leaves page and contents as they were */
struct before {
	struct rmp_state e;
	u64 words[4];
};

static void look(struct sf *sf, u64 pa, struct before *b)
{
	sf_entry(sf, pa, &b->e);
	memcpy(b->words, __va(pa), sizeof(b->words));
}

static void expect_same(struct sf *sf, u64 pa, const struct before *b)
{
	struct before now;

	look(sf, pa, &now);
	KUNIT_EXPECT_MEMEQ(sf->test, &b->e, &now.e, sizeof(now.e));
	KUNIT_EXPECT_MEMEQ(sf->test, b->words, now.words, sizeof(now.words));
}

/* RMPUPDATE ----------------------------------------------------------------- */

enum request {
	TO_HYPERVISOR,
	TO_FIRMWARE,
	TO_SAME_MUTABLE,
	TO_SAME_IMMUTABLE,
	TO_OTHER_ASID,
	TO_OTHER_GPA,
	NR_REQUESTS,
};

static const char * const request_names[] = {
	"Hypervisor", "Firmware", "the same, mutable", "the same, immutable",
	"another ASID", "another GPA",
};

/* What becomes of a page that RMPUPDATE may change; rows of immutable states have no entry */
struct rmpupdate_row {
	const char *name;
	enum sf_state from;
	bool immutable;
	enum sf_state to[NR_REQUESTS];
};

/*
 * The owner of the request is the page's, or the guest at hand if it has none;
 * another one makes the page invalid.
 */
static const struct rmpupdate_row rmpupdate_rows[] = {
	{ "Hypervisor", SF_HYPERVISOR, false,
	  { SF_HYPERVISOR, SF_FIRMWARE, SF_GUEST_INVALID, SF_PRE_GUEST, SF_GUEST_INVALID,
	    SF_GUEST_INVALID } },
	{ "Reclaim", SF_RECLAIM, false,
	  { SF_HYPERVISOR, SF_FIRMWARE, SF_GUEST_INVALID, SF_PRE_GUEST, SF_GUEST_INVALID,
	    SF_GUEST_INVALID } },
	{ "Guest-Invalid", SF_GUEST_INVALID, false,
	  { SF_HYPERVISOR, SF_FIRMWARE, SF_GUEST_INVALID, SF_PRE_GUEST, SF_GUEST_INVALID,
	    SF_GUEST_INVALID } },
	{ "Guest-Valid", SF_GUEST_VALID, false,
	  { SF_HYPERVISOR, SF_FIRMWARE, SF_GUEST_VALID, SF_PRE_SWAP, SF_GUEST_INVALID,
	    SF_GUEST_INVALID } },
	{ "Firmware", SF_FIRMWARE, true },
	{ "Context", SF_CONTEXT, true },
	{ "Metadata", SF_METADATA, true },
	{ "Pre-Guest", SF_PRE_GUEST, true },
	{ "Pre-Swap", SF_PRE_SWAP, true },
};

KUNIT_ARRAY_PARAM_DESC(rmpupdate, rmpupdate_rows, name);

static int request(struct sf *sf, u64 pa, enum request r, struct sf_guest *g)
{
	u64 gpa = SF_GPA + (pa & (SZ_2M - 1));

	switch (r) {
	case TO_HYPERVISOR:
		return sf_unassign(sf, pa);
	case TO_FIRMWARE:
		return sf_rmpupdate(sf, pa, 0, 0, true, false);
	case TO_SAME_MUTABLE:
		return sf_rmpupdate(sf, pa, g->asid, gpa, false, false);
	case TO_SAME_IMMUTABLE:
		return sf_rmpupdate(sf, pa, g->asid, gpa, true, false);
	case TO_OTHER_ASID:
		return sf_rmpupdate(sf, pa, g->asid - 1, gpa, false, false);
	default:
		return sf_rmpupdate(sf, pa, g->asid, gpa + SZ_1G, false, false);
	}
}

/* Every page state, every request: the answer, the entry, the state that follows */
static void rmpupdate_of_every_state(struct kunit *test)
{
	const struct rmpupdate_row *row = test->param_value;
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	struct rmp_state before, after;
	unsigned int r;

	for (r = 0; r < NR_REQUESTS; r++) {
		u64 pa = sf_page_in(sf, row->from, g);
		enum sf_state state;
		int ret;

		sf_entry(sf, pa, &before);
		ret = request(sf, pa, r, g);
		sf_entry(sf, pa, &after);
		KUNIT_EXPECT_EQ_MSG(test, row->immutable ? SF_PERMISSION : SF_OK, ret,
				    "%s to %s", row->name, request_names[r]);
		if (row->immutable) {
			KUNIT_EXPECT_MEMEQ_MSG(test, &before, &after, sizeof(after),
					       "%s to %s", row->name, request_names[r]);
			continue;
		}
		if (!sf->rmpread)
			continue;
		state = sf_state(sf, pa, g);
		KUNIT_EXPECT_EQ_MSG(test, row->to[r], state, "%s to %s is %s, not %s",
				    row->name, request_names[r], sf_state_name(state),
				    sf_state_name(row->to[r]));
		if (r == TO_SAME_MUTABLE)
			sf_expect_entry(sf, pa, g->asid, SF_GPA + (pa & (SZ_2M - 1)), false,
					false);
	}
}

struct rmpupdate_operand {
	const char *name;
	const char *from;
	u64 offset;		/* into a region */
	struct rmp_state st;
	int ret;
};

/* In place of an offset: an address that no entry is for */
#define BEYOND	~0ULL

/* ASID 0 in the row stands for one that guests can have */
static const struct rmpupdate_operand rmpupdate_operands[] = {
	{ "2M of a page that is not aligned", "assumed", PAGE_SIZE,
	  { .gpa = SF_GPA, .assigned = 1, .pagesize = 1, .asid = 1 }, SF_INPUT },
	{ "2M at a GPA that is not aligned", "assumed", 0,
	  { .gpa = SF_GPA + PAGE_SIZE, .assigned = 1, .pagesize = 1, .asid = 1 }, SF_INPUT },
	{ "unassigned with an ASID", "verismo", 0, { .asid = 1 }, SF_INPUT },
	{ "unassigned and immutable", "verismo", 0, { .immutable = 1 }, SF_INPUT },
	{ "beyond the RMP", "ms", BEYOND, { .assigned = 1, .asid = 1 }, SF_INPUT },
};

KUNIT_ARRAY_PARAM_DESC(rmpupdate_operand, rmpupdate_operands, name);

static void assumed(struct sf *sf, const char *from)
{
	if (!strcmp(from, "assumed") || !strcmp(from, "verismo"))
		sf_needs_simulator(sf, "nobody has published what the instruction does here");
}

static void rmpupdate_refuses(struct kunit *test)
{
	const struct rmpupdate_operand *row = test->param_value;
	struct sf *sf = test->priv;
	struct rmp_state st = row->st;
	struct rmp_state e;
	u64 pa;

	assumed(sf, row->from);
	pa = sf_region(sf);
	if (st.asid)
		st.asid = sf->min_sev_asid - 1;
	KUNIT_EXPECT_EQ_MSG(test, row->ret,
			    sf->rmp->update(row->offset == BEYOND ? sf_beyond(sf) :
					    pa + row->offset, &st), "%s (%s)",
			    row->name, row->from);
	if (sf_entry(sf, pa, &e))
		KUNIT_EXPECT_EQ(test, 0, e.assigned);
}

/* 4K in a page of 2M, 2M over pages of 4K; each refusal leaves the other's entries alone */
static void rmpupdate_of_overlapping_sizes(struct kunit *test)
{
	struct sf *sf = test->priv;
	u64 pa = sf_region(sf), in = pa + 7 * PAGE_SIZE;
	u32 asid = sf->min_sev_asid - 1;
	struct rmp_state none = { .pagesize = 1 };

	KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, asid, SF_GPA, false, true));
	sf_expect_entry(sf, pa, asid, SF_GPA, false, true);
	KUNIT_EXPECT_EQ(test, SF_OVERLAP, sf_rmpupdate(sf, in, asid, SF_GPA, false, false));
	KUNIT_EXPECT_EQ(test, SF_OVERLAP, sf_unassign(sf, in));
	sf_expect_entry(sf, pa, asid, SF_GPA, false, true);
	KUNIT_EXPECT_EQ(test, SF_OK, sf->rmp->update(pa, &none));

	KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, in, asid, SF_GPA, false, false));
	KUNIT_EXPECT_EQ(test, SF_OVERLAP, sf_rmpupdate(sf, pa, asid, SF_GPA, false, true));
	sf_expect_entry(sf, in, asid, SF_GPA, false, false);
	KUNIT_EXPECT_EQ(test, SF_OK, sf_unassign(sf, in));
	KUNIT_EXPECT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, asid, SF_GPA, false, true));
	KUNIT_EXPECT_EQ(test, SF_OK, sf->rmp->update(pa, &none));
}

/* As Linux reads them: every page of 2M is assigned, the size is the first one's */
static void entries_below_a_2m_entry(struct kunit *test)
{
	struct sf *sf = test->priv;
	u64 pa = sf_region(sf), i;
	struct rmp_state e;

	if (!sf->rmpread)
		kunit_skip(test, "this CPU has no RMPREAD");
	KUNIT_ASSERT_EQ(test, SF_OK,
			sf_rmpupdate(sf, pa, sf->min_sev_asid - 1, SF_GPA, false, true));
	for (i = PAGE_SIZE; i < SZ_2M; i += PAGE_SIZE) {
		sf_entry(sf, pa + i, &e);
		KUNIT_ASSERT_EQ(test, 1, e.assigned);
		KUNIT_ASSERT_EQ(test, 0, e.immutable);
	}
}

/* PSMASH, RMPREAD ----------------------------------------------------------- */

static void psmash_splits(struct kunit *test)
{
	struct sf *sf = test->priv;
	u32 asid = sf->min_sev_asid - 1;
	u64 pa = sf_region(sf), i;

	KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, asid, SF_GPA, false, true));
	KUNIT_ASSERT_EQ(test, SF_OK, sf->rmp->psmash(pa));
	for (i = 0; i < SZ_2M; i += PAGE_SIZE)
		sf_expect_entry(sf, pa + i, asid, SF_GPA + i, false, false);
	KUNIT_EXPECT_EQ_MSG(test, SF_NOT_2M, sf->rmp->psmash(pa), "it is split already");
	/* Now each of them can be taken back by itself. */
	KUNIT_EXPECT_EQ(test, SF_OK, sf_unassign(sf, pa + 3 * PAGE_SIZE));
	sf_expect_entry(sf, pa + 2 * PAGE_SIZE, asid, SF_GPA + 2 * PAGE_SIZE, false, false);
}

static void psmash_refuses(struct kunit *test)
{
	struct sf *sf = test->priv;
	u32 asid = sf->min_sev_asid - 1;
	u64 pa = sf_region(sf);

	KUNIT_EXPECT_EQ_MSG(test, SF_NOT_2M, sf->rmp->psmash(pa), "Hypervisor");
	KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, asid, SF_GPA, false, true));
	KUNIT_EXPECT_EQ_MSG(test, SF_INPUT, sf->rmp->psmash(pa + PAGE_SIZE), "not aligned");
	KUNIT_EXPECT_EQ_MSG(test, SF_INPUT, sf->rmp->psmash(sf_beyond(sf)), "beyond the RMP");
	sf_expect_entry(sf, pa, asid, SF_GPA, false, true);
	if (sf_not_on_hardware(sf, "nobody has published what PSMASH does to an immutable page"))
		return;
	/* Assumed: the same answer as for pages that are no 2M pages */
	KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, asid, SF_GPA, true, true));
	KUNIT_EXPECT_EQ_MSG(test, SF_NOT_2M, sf->rmp->psmash(pa), "immutable");
	sf_expect_entry(sf, pa, asid, SF_GPA, true, true);
}

static void rmpread_answers(struct kunit *test)
{
	struct sf *sf = test->priv;
	u64 pa = sf_page(sf);
	struct rmp_state e;

	if (!sf_entry(sf, pa, &e))
		kunit_skip(test, "this CPU has no RMPREAD");
	KUNIT_EXPECT_EQ(test, 0, e.assigned);
	KUNIT_EXPECT_EQ(test, 0, e.asid);
	KUNIT_EXPECT_EQ(test, 0, e.immutable);
	KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, 0, 0, true, false));
	sf_expect_entry(sf, pa, 0, 0, true, false);
	KUNIT_EXPECT_NE(test, 0, sf->rmp->read(sf_beyond(sf), (struct rmpentry *)&e));
}

/* Commands that take a page, for every state of it -------------------------- */

enum use {
	USE_GCTX_CREATE,
	USE_DECOMMISSION,
	USE_LAUNCH_UPDATE,
	USE_MD_INIT,
	USE_RECLAIM,
	USE_STATUS_OF_GUEST,
	USE_STATUS_OF_PLATFORM,
	USE_DECRYPT_FROM,
	USE_DECRYPT_TO,
	USE_ENCRYPT_TO,
	USE_LEGACY_BUFFER,
	NR_USES,
};

static const char * const use_names[] = {
	"GCTX_CREATE", "DECOMMISSION", "LAUNCH_UPDATE", "PAGE_MD_INIT", "PAGE_RECLAIM",
	"result of GUEST_STATUS", "result of PLATFORM_STATUS", "source of DBG_DECRYPT",
	"destination of DBG_DECRYPT", "destination of DBG_ENCRYPT",
	"buffer of a legacy command",
};

struct use_row {
	const char *name;
	enum sf_state state;
	u32 status[NR_USES];
	enum sf_state reclaimed;
};

#define S	SEV_RET_SUCCESS
#define STATE	SEV_RET_INVALID_PAGE_STATE
#define GUEST	SEV_RET_INVALID_GUEST
/* A legacy command's buffer in the wrong state: the status, plus 64 */
#define LEGACY	(SEV_RET_INVALID_PAGE_STATE + 64)

static const struct use_row use_rows[] = {
	{ "Hypervisor", SF_HYPERVISOR,
	  { STATE, GUEST, STATE, STATE, S, STATE, STATE, STATE, STATE, STATE, LEGACY },
	  SF_HYPERVISOR },
	{ "Firmware", SF_FIRMWARE,
	  { S, GUEST, STATE, S, S, S, S, STATE, S, STATE, S }, SF_RECLAIM },
	{ "Reclaim", SF_RECLAIM,
	  { STATE, GUEST, STATE, STATE, S, STATE, STATE, STATE, STATE, STATE, LEGACY },
	  SF_RECLAIM },
	{ "Context", SF_CONTEXT,
	  { STATE, S, STATE, STATE, STATE, STATE, STATE, STATE, STATE, STATE, LEGACY },
	  SF_CONTEXT },
	{ "Metadata", SF_METADATA,
	  { STATE, GUEST, STATE, STATE, S, STATE, STATE, STATE, STATE, STATE, LEGACY },
	  SF_RECLAIM },
	{ "Pre-Guest", SF_PRE_GUEST,
	  { STATE, GUEST, S, STATE, S, STATE, STATE, S, STATE, S, LEGACY },
	  SF_GUEST_INVALID },
	{ "Pre-Swap", SF_PRE_SWAP,
	  { STATE, GUEST, STATE, STATE, S, STATE, STATE, S, STATE, S, LEGACY },
	  SF_GUEST_VALID },
	{ "Guest-Invalid", SF_GUEST_INVALID,
	  { STATE, GUEST, STATE, STATE, S, STATE, STATE, S, STATE, STATE, LEGACY },
	  SF_GUEST_INVALID },
	{ "Guest-Valid", SF_GUEST_VALID,
	  { STATE, GUEST, STATE, STATE, S, STATE, STATE, S, STATE, STATE, LEGACY },
	  SF_GUEST_VALID },
};

KUNIT_ARRAY_PARAM_DESC(use, use_rows, name);

static u32 use_page(struct sf *sf, enum use as, u64 pa, struct sf_guest *g)
{
	struct sev_data_snp_guest_status s = { __sme_set(g->gctx), __sme_set(pa) };
	struct sf_md_init md = { __sme_set(g->gctx), __sme_set(pa) };
	struct sev_data_snp_dbg dbg = { .gctx_paddr = __sme_set(g->gctx) };

	switch (as) {
	case USE_GCTX_CREATE:
		return sf_addr(sf, SEV_CMD_SNP_GCTX_CREATE, pa);
	case USE_DECOMMISSION:
		return sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, pa);
	case USE_LAUNCH_UPDATE:
		return sf_update(sf, g, pa, SNP_PAGE_TYPE_NORMAL);
	case USE_MD_INIT:
		return sf_command(sf, SEV_CMD_SNP_PAGE_MD_INIT, &md, sizeof(md));
	case USE_RECLAIM:
		return sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, pa);
	case USE_STATUS_OF_GUEST:
		return sf_command(sf, SEV_CMD_SNP_GUEST_STATUS, &s, sizeof(s));
	case USE_STATUS_OF_PLATFORM:
		return sf_addr(sf, SEV_CMD_SNP_PLATFORM_STATUS, pa);
	case USE_DECRYPT_FROM:
		dbg.src_addr = __sme_set(pa);
		dbg.dst_addr = __sme_set(sf_page_in(sf, SF_FIRMWARE, g));
		return sf_command(sf, SEV_CMD_SNP_DBG_DECRYPT, &dbg, sizeof(dbg));
	case USE_DECRYPT_TO:
		dbg.src_addr = __sme_set(sf_page_in(sf, SF_GUEST_VALID, g));
		dbg.dst_addr = __sme_set(pa);
		return sf_command(sf, SEV_CMD_SNP_DBG_DECRYPT, &dbg, sizeof(dbg));
	case USE_ENCRYPT_TO:
		dbg.src_addr = __sme_set(sf_page(sf));
		dbg.dst_addr = __sme_set(pa);
		return sf_command(sf, SEV_CMD_SNP_DBG_ENCRYPT, &dbg, sizeof(dbg));
	default:
		return sf_legacy(sf, SEV_CMD_PLATFORM_STATUS, pa,
				 sizeof(struct sev_user_data_status));
	}
}

/* What a page is good for in each state, and that a refusal leaves it in it */
static void use_of_every_state(struct kunit *test)
{
	const struct use_row *row = test->param_value;
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest_policy(sf, SF_BOUND, SF_POLICY | SF_POLICY_DEBUG, 0);
	unsigned int use;

	for (use = 0; use < NR_USES; use++) {
		u64 pa = sf_page_in(sf, row->state, g);
		struct before b;

		look(sf, pa, &b);
		KUNIT_EXPECT_EQ_MSG(test, row->status[use], use_page(sf, use, pa, g),
				    "%s as %s", row->name, use_names[use]);
		if (row->status[use])
			expect_same(sf, pa, &b);
		if (use == USE_RECLAIM && sf->rmpread)
			KUNIT_EXPECT_EQ(test, row->reclaimed, sf_state(sf, pa, g));
	}
}

/* PAGE_MOVE: source by destination ------------------------------------------ */

static const struct sf_state_row {
	const char *name;
	enum sf_state state;
} state_rows[] = {
	{ "Hypervisor", SF_HYPERVISOR },
	{ "Firmware", SF_FIRMWARE },
	{ "Reclaim", SF_RECLAIM },
	{ "Context", SF_CONTEXT },
	{ "Metadata", SF_METADATA },
	{ "Pre-Guest", SF_PRE_GUEST },
	{ "Pre-Swap", SF_PRE_SWAP },
	{ "Guest-Invalid", SF_GUEST_INVALID },
	{ "Guest-Valid", SF_GUEST_VALID },
};

KUNIT_ARRAY_PARAM_DESC(state, state_rows, name);

static void page_move_of_every_state(struct kunit *test)
{
	const struct sf_state_row *row = test->param_value;
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	unsigned int d;

	for (d = 0; d < SF_NR_STATES; d++) {
		u64 src = sf_page_in(sf, row->state, g), dst = sf_page_in(sf, d, g);
		struct sf_page_move m = {
			.gctx = __sme_set(g->gctx),
			.src = __sme_set(src),
			.dst = __sme_set(dst),
		};
		bool guest = (row->state == SF_PRE_GUEST || row->state == SF_PRE_SWAP) &&
			     d == SF_PRE_GUEST;
		bool metadata = row->state == SF_METADATA && d == SF_FIRMWARE;
		struct before bs, bd;

		look(sf, src, &bs);
		look(sf, dst, &bd);
		KUNIT_EXPECT_EQ_MSG(test, guest || metadata ? S : STATE,
				    sf_command(sf, SEV_CMD_SNP_PAGE_MOVE, &m, sizeof(m)),
				    "%s to %s", row->name, state_rows[d].name);
		if (!guest && !metadata) {
			expect_same(sf, src, &bs);
			expect_same(sf, dst, &bd);
		} else if (sf->rmpread && metadata) {
			KUNIT_EXPECT_EQ(test, SF_FIRMWARE, sf_state(sf, src, g));
			KUNIT_EXPECT_EQ(test, SF_METADATA, sf_state(sf, dst, g));
		} else if (sf->rmpread) {
			/* The destination goes where the source was, which keeps its GPA. */
			sf_expect_entry(sf, dst, g->asid, bs.e.gpa, false, false);
			sf_expect_entry(sf, src, g->asid, bs.e.gpa, false, false);
			KUNIT_EXPECT_EQ(test, SF_GUEST_INVALID, sf_state(sf, src, g));
			KUNIT_EXPECT_EQ(test, row->state == SF_PRE_SWAP ? SF_GUEST_VALID :
							SF_GUEST_INVALID,
					sf_state(sf, dst, g));
		}
	}
}

/* Commands by the state of the guest ---------------------------------------- */

enum step {
	STEP_GCTX_CREATE,
	STEP_LAUNCH_START,
	STEP_ACTIVATE,
	STEP_ACTIVATE_AGAIN,
	STEP_LAUNCH_UPDATE,
	STEP_LAUNCH_FINISH,
	STEP_PAGE_MOVE,
	STEP_SWAP_OUT,
	STEP_MD_INIT,
	STEP_DBG_DECRYPT,
	STEP_GUEST_STATUS,
	STEP_DECOMMISSION,
	NR_STEPS,
};

static const char * const step_names[] = {
	"GCTX_CREATE", "LAUNCH_START", "ACTIVATE", "ACTIVATE of its own ASID", "LAUNCH_UPDATE",
	"LAUNCH_FINISH", "PAGE_MOVE", "PAGE_SWAP_OUT", "PAGE_MD_INIT", "DBG_DECRYPT",
	"GUEST_STATUS", "DECOMMISSION",
};

struct stage_row {
	const char *name;
	enum sf_stage stage;
	u32 status[NR_STEPS];
};

#define GSTATE	SEV_RET_INVALID_GUEST_STATE
#define OWNER	SEV_RET_INVALID_PAGE_OWNER

/*
 * A guest without ASID is bound to ASID 0, which no page has: of DBG_DECRYPT the
 * page is another's. Of a second ACTIVATE the ASID is taken, by the guest itself.
 */
static const struct stage_row stage_rows[] = {
	{ "no context", SF_NONE,
	  { S, GUEST, GUEST, 0, GUEST, GUEST, GUEST, GUEST, GUEST, GUEST, GUEST, GUEST } },
	{ "INIT", SF_INIT,
	  { STATE, S, GSTATE, 0, GSTATE, GSTATE, GSTATE, GSTATE, GSTATE, OWNER, S, S } },
	{ "LAUNCH without ASID", SF_LAUNCH,
	  { STATE, GSTATE, S, 0, SEV_RET_INACTIVE, SEV_RET_INACTIVE, SEV_RET_INACTIVE,
	    SEV_RET_INACTIVE, S, OWNER, S, S } },
	{ "LAUNCH", SF_BOUND,
	  { STATE, GSTATE, SEV_RET_ACTIVE, SEV_RET_ASID_OWNED, S, S, S, S, S, S, S, S } },
	{ "RUNNING", SF_RUNNING,
	  { STATE, GSTATE, SEV_RET_ACTIVE, SEV_RET_ASID_OWNED, GSTATE, GSTATE, S, S, S, S, S, S } },
};

KUNIT_ARRAY_PARAM_DESC(stage, stage_rows, name);

/* Pages are the guest's, though its ASID may not be bound */
static u32 step(struct sf *sf, enum step s, struct sf_guest *g)
{
	u64 gctx = __sme_set(g->gctx);
	struct sf_launch_start start = { .gctx = gctx, .policy = SF_POLICY };
	struct sf_page_move move = { .gctx = gctx };
	struct sf_swap swap = { .gctx = gctx, .flags = BIT(4) };
	struct sf_md_init md = { .gctx = gctx };
	struct sev_data_snp_dbg dbg = { .gctx_paddr = gctx };
	struct sev_data_snp_guest_status status = { .gctx_paddr = gctx };
	struct sev_data_snp_activate act = { .gctx_paddr = gctx, .asid = g->asid };

	switch (s) {
	case STEP_GCTX_CREATE:
		return sf_addr(sf, SEV_CMD_SNP_GCTX_CREATE, g->gctx);
	case STEP_LAUNCH_START:
		return sf_command(sf, SEV_CMD_SNP_LAUNCH_START, &start, sizeof(start));
	case STEP_ACTIVATE:
		return sf_activate(sf, g);
	case STEP_ACTIVATE_AGAIN:
		return sf_command(sf, SEV_CMD_SNP_ACTIVATE, &act, sizeof(act));
	case STEP_LAUNCH_UPDATE:
		return sf_update(sf, g, sf_page_in(sf, SF_PRE_GUEST, g), SNP_PAGE_TYPE_NORMAL);
	case STEP_LAUNCH_FINISH:
		return sf_finish(sf, g);
	case STEP_PAGE_MOVE:
		move.src = __sme_set(sf_page_in(sf, SF_PRE_GUEST, g));
		move.dst = __sme_set(sf_page_in(sf, SF_PRE_GUEST, g));
		return sf_command(sf, SEV_CMD_SNP_PAGE_MOVE, &move, sizeof(move));
	case STEP_SWAP_OUT:
		swap.src = __sme_set(sf_page_in(sf, SF_PRE_GUEST, g));
		swap.dst = __sme_set(sf_page_in(sf, SF_FIRMWARE, g));
		return sf_command(sf, SEV_CMD_SNP_PAGE_SWAP_OUT, &swap, sizeof(swap));
	case STEP_MD_INIT:
		md.page = __sme_set(sf_page_in(sf, SF_FIRMWARE, g));
		return sf_command(sf, SEV_CMD_SNP_PAGE_MD_INIT, &md, sizeof(md));
	case STEP_DBG_DECRYPT:
		dbg.src_addr = __sme_set(sf_page_in(sf, SF_PRE_GUEST, g));
		dbg.dst_addr = __sme_set(sf_page_in(sf, SF_FIRMWARE, g));
		return sf_command(sf, SEV_CMD_SNP_DBG_DECRYPT, &dbg, sizeof(dbg));
	case STEP_GUEST_STATUS:
		status.address = __sme_set(sf_page_in(sf, SF_FIRMWARE, g));
		return sf_command(sf, SEV_CMD_SNP_GUEST_STATUS, &status, sizeof(status));
	default:
		return sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, g->gctx);
	}
}

static void steps_in_every_stage(struct kunit *test)
{
	const struct stage_row *row = test->param_value;
	struct sf *sf = test->priv;
	unsigned int s;

	for (s = 0; s < NR_STEPS; s++) {
		struct list_head *mark = sf_mark(sf);
		struct sf_guest *g;

		/* Only a guest that has one */
		if (s == STEP_ACTIVATE_AGAIN && row->stage < SF_BOUND)
			continue;
		g = sf_guest_policy(sf, row->stage, SF_POLICY | SF_POLICY_DEBUG, 0);
		KUNIT_EXPECT_EQ_MSG(test, row->status[s], step(sf, s, g), "%s: %s", row->name,
				    step_names[s]);
		sf_rewind(sf, mark);
	}
}

/* The checks of each command, in order -------------------------------------- */

/* GCTX_CREATE */
enum { GC_ALIGN, GC_STATE, GC_SIZE };

static const struct check gctx_create_checks[] = {
	[GC_ALIGN] = { "page not aligned", "seen", SEV_RET_INVALID_PARAM },
	[GC_STATE] = { "page not Firmware", "seen", STATE },
	[GC_SIZE] = { "page of 2M", "read", SEV_RET_INVALID_PAGE_SIZE },
};

static u32 gctx_create_run(struct sf *sf, u32 wrong)
{
	bool huge = wrong & BIT(GC_SIZE), guest = wrong & BIT(GC_STATE);
	u64 pa = huge ? sf_region(sf) : sf_page(sf);
	struct before b;
	u32 status;

	KUNIT_ASSERT_EQ(sf->test, SF_OK,
			sf_rmpupdate(sf, pa, guest ? sf->min_sev_asid - 1 : 0,
				     guest ? SF_GPA : 0, !guest, huge));
	look(sf, pa, &b);
	status = sf_addr(sf, SEV_CMD_SNP_GCTX_CREATE, pa | ODD(wrong, GC_ALIGN));
	if (status)
		expect_same(sf, pa, &b);
	return status;
}

CHECKS(gctx_create)

/* LAUNCH_START */
enum { LS_RSVD, LS_ALIGN, LS_MA_ALIGN, LS_CONTEXT, LS_STATE, LS_MA, LS_POLICY };

static const struct check launch_start_checks[] = {
	[LS_RSVD] = { "reserved bit", "seen", SEV_RET_INVALID_PARAM },
	[LS_ALIGN] = { "context not aligned", "seen", SEV_RET_INVALID_PARAM },
	[LS_MA_ALIGN] = { "migration agent not aligned", "seen", SEV_RET_INVALID_PARAM,
			  BIT(LS_MA) },
	[LS_CONTEXT] = { "no context", "seen", GUEST, BIT(LS_STATE) },
	[LS_STATE] = { "launch already started", "seen", GSTATE },
	[LS_MA] = { "migration agent is no context", "read", GUEST },
	[LS_POLICY] = { "policy lacks the bit that must be one", "seen", SEV_RET_POLICY_FAILURE },
};

static u32 launch_start_run(struct sf *sf, u32 wrong)
{
	enum sf_stage stage = wrong & BIT(LS_CONTEXT) ? SF_NONE :
			      wrong & BIT(LS_STATE) ? SF_LAUNCH : SF_INIT;
	struct sf_guest *g = sf_guest(sf, stage);
	struct sf_launch_start s = {
		.gctx = __sme_set(g->gctx) | ODD(wrong, LS_ALIGN),
		.policy = wrong & BIT(LS_POLICY) ? BIT_ULL(16) : SF_POLICY,
		.flags = wrong & BIT(LS_RSVD) ? BIT(2) : 0,
	};
	u32 status;

	/* It is looked at even when it is not used. */
	if (wrong & BIT(LS_MA_ALIGN))
		s.ma = 0x10;
	if (wrong & BIT(LS_MA)) {
		s.ma = __sme_set(sf_page(sf));
		s.flags |= BIT(0);
	}
	status = sf_command(sf, SEV_CMD_SNP_LAUNCH_START, &s, sizeof(s));
	if (status && stage != SF_NONE)
		KUNIT_EXPECT_EQ(sf->test, stage == SF_LAUNCH, sf_guest_state(sf, g));
	return status;
}

CHECKS(launch_start)

struct policy_row {
	const char *name;
	const char *from;
	u64 policy;
	bool ma;
	u64 ma_policy;
	bool newer;	/* later firmware gives the bit a meaning */
};

#define MIGRATABLE	(SF_POLICY | SF_POLICY_MA)
#define SINGLE_SOCKET	BIT_ULL(20)

static const struct policy_row policy_rows[] = {
	{ "the bit that must be one is not", "seen", BIT_ULL(16) },
	{ "ABI major above the firmware's", "read", SF_POLICY | 0xff00 },
	{ "ABI minor above the firmware's", "read", SF_POLICY | 0x01ff },
	{ "bit 21", "read", SF_POLICY | BIT_ULL(21), .newer = true },
	{ "bit 26", "read", SF_POLICY | BIT_ULL(26) },
	{ "bit 63", "read", SF_POLICY | BIT_ULL(63) },
	{ "migration agent, and the policy allows none", "read", SF_POLICY, true, SF_POLICY },
	{ "single socket, and its migration agent is not", "read",
	  MIGRATABLE | SINGLE_SOCKET, true, SF_POLICY },
};

KUNIT_ARRAY_PARAM_DESC(policy, policy_rows, name);

/* The guest stays what it was, and may try again */
static void policy_is_refused(struct kunit *test)
{
	const struct policy_row *row = test->param_value;
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_INIT);
	struct sf_launch_start s = { .gctx = __sme_set(g->gctx), .policy = row->policy };

	if (row->newer)
		sf_needs_simulator(sf, "newer firmware knows the bit");
	if (row->ma) {
		s.ma = __sme_set(sf_guest_policy(sf, SF_LAUNCH, row->ma_policy, 0)->gctx);
		s.flags = BIT(0);
	}
	KUNIT_EXPECT_EQ_MSG(test, SEV_RET_POLICY_FAILURE,
			    sf_command(sf, SEV_CMD_SNP_LAUNCH_START, &s, sizeof(s)), "%s (%s)",
			    row->name, row->from);
	KUNIT_EXPECT_EQ(test, 0, sf_guest_state(sf, g));
	s = (struct sf_launch_start){ .gctx = __sme_set(g->gctx), .policy = SF_POLICY };
	KUNIT_EXPECT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_LAUNCH_START, &s, sizeof(s)));
}

/* A migration agent may not have one itself */
static void migration_agents_do_not_nest(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *ma = sf_guest(sf, SF_LAUNCH), *g;
	struct sf_launch_start s = {
		.policy = MIGRATABLE,
		.ma = __sme_set(ma->gctx),
		.flags = BIT(0),
	};

	g = sf_guest(sf, SF_INIT);
	s.gctx = __sme_set(g->gctx);
	KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_LAUNCH_START, &s, sizeof(s)));
	s.ma = s.gctx;
	s.gctx = __sme_set(sf_guest(sf, SF_INIT)->gctx);
	KUNIT_EXPECT_EQ(test, SEV_RET_POLICY_FAILURE,
			sf_command(sf, SEV_CMD_SNP_LAUNCH_START, &s, sizeof(s)));
}

/* ACTIVATE. Which ASID is wrong in which way has an order of its own. */
enum { AC_ALIGN, AC_CONTEXT, AC_STATE, AC_RANGE, AC_PAGES, AC_ZERO, AC_OWNED, AC_BOUND, AC_ES };

#define ONE_ASID	(BIT(AC_PAGES) | BIT(AC_ZERO) | BIT(AC_OWNED) | BIT(AC_BOUND) | BIT(AC_ES))

static const struct check activate_checks[] = {
	[AC_ALIGN] = { "context not aligned", "seen", SEV_RET_INVALID_PARAM },
	[AC_CONTEXT] = { "no context", "seen", GUEST, BIT(AC_STATE) | BIT(AC_BOUND) },
	[AC_STATE] = { "launch not started", "seen", GSTATE, BIT(AC_BOUND) },
	[AC_RANGE] = { "ASID 2048", "seen", SEV_RET_INVALID_ASID, ONE_ASID & ~BIT(AC_BOUND) },
	[AC_PAGES] = { "a page has the ASID", "seen", SEV_RET_INVALID_CONFIG,
		       BIT(AC_ZERO) | BIT(AC_ES) },
	[AC_ZERO] = { "ASID 0", "seen", SEV_RET_INVALID_ASID,
		      BIT(AC_OWNED) | BIT(AC_ES) },
	[AC_OWNED] = { "another guest has the ASID", "seen", SEV_RET_ASID_OWNED, BIT(AC_ES) },
	[AC_BOUND] = { "the guest has another ASID", "seen", SEV_RET_ACTIVE },
	[AC_ES] = { "ASID for plain SEV guests", "seen", SEV_RET_INVALID_ASID },
};

static u32 activate_run(struct sf *sf, u32 wrong)
{
	enum sf_stage stage = wrong & BIT(AC_CONTEXT) ? SF_NONE :
			      wrong & BIT(AC_STATE) ? SF_INIT :
			      wrong & BIT(AC_BOUND) ? SF_BOUND : SF_LAUNCH;
	struct sev_data_snp_activate a = {};
	struct sf_guest *other, *g;

	/* One that a guest had and gave up without ever running is free. */
	other = sf_guest(sf, SF_BOUND);
	a.asid = other->asid;
	if (!(wrong & BIT(AC_OWNED)))
		sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, other->gctx);
	if (wrong & BIT(AC_PAGES))
		sf_page_in(sf, SF_GUEST_INVALID, other);
	if (wrong & BIT(AC_BOUND) && !(wrong & BIT(AC_OWNED))) {
		/* Let the guest get another one. */
		struct sf_guest *first = sf_guest(sf, SF_BOUND);

		g = sf_guest(sf, stage);
		sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, first->gctx);
	} else {
		g = sf_guest(sf, stage);
	}
	a.gctx_paddr = __sme_set(g->gctx) | ODD(wrong, AC_ALIGN);
	if (wrong & BIT(AC_RANGE))
		a.asid = 2048;
	if (wrong & BIT(AC_ZERO))
		a.asid = 0;
	if (wrong & BIT(AC_ES)) {
		a.asid = sf->min_sev_asid;
		if (a.asid > sf->max_asid)
			kunit_skip(sf->test, "this machine has no ASIDs for plain SEV guests");
	}
	return sf_command(sf, SEV_CMD_SNP_ACTIVATE, &a, sizeof(a));
}

CHECKS(activate)

/* ACTIVATE_EX */
enum { AX_LEN, AX_ALIGN, AX_CONTEXT, AX_STATE, AX_ZERO, AX_NONE, AX_MANY, AX_APIC };

static const struct check activate_ex_checks[] = {
	[AX_LEN] = { "length", "seen", SEV_RET_INVALID_PARAM },
	[AX_ALIGN] = { "context not aligned", "seen", SEV_RET_INVALID_PARAM },
	[AX_CONTEXT] = { "no context", "seen", GUEST, BIT(AX_STATE) },
	[AX_STATE] = { "launch not started", "seen", GSTATE },
	[AX_ZERO] = { "ASID 0", "read", SEV_RET_INVALID_ASID },
	[AX_NONE] = { "no APIC id", "read", SEV_RET_INVALID_PARAM, BIT(AX_MANY) | BIT(AX_APIC) },
	[AX_MANY] = { "1025 APIC ids", "read", SEV_RET_INVALID_PARAM, BIT(AX_APIC) },
	[AX_APIC] = { "no such APIC id", "read", SEV_RET_INVALID_CONFIG },
};

static u32 activate_ex_run(struct sf *sf, u32 wrong)
{
	enum sf_stage stage = wrong & BIT(AX_CONTEXT) ? SF_NONE :
			      wrong & BIT(AX_STATE) ? SF_INIT : SF_LAUNCH;
	struct sf_guest *other = sf_guest(sf, SF_BOUND), *g;
	u64 ids = sf_region(sf);
	struct sf_activate_ex a = {
		.len = wrong & BIT(AX_LEN) ? 0x18 : 0x20,
		.asid = other->asid,
		.nr_ids = wrong & BIT(AX_NONE) ? 0 : wrong & BIT(AX_MANY) ? 1025 : 1,
		.ids = __sme_set(ids),
	};

	sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, other->gctx);
	memset(__va(ids), 0, 2 * PAGE_SIZE);
	if (wrong & BIT(AX_APIC))
		*(u32 *)__va(ids) = 0xfffffff0;
	g = sf_guest(sf, stage);
	a.gctx = __sme_set(g->gctx) | ODD(wrong, AX_ALIGN);
	if (wrong & BIT(AX_ZERO))
		a.asid = 0;
	return sf_command(sf, SEV_CMD_SNP_ACTIVATE_EX, &a, sizeof(a));
}

CHECKS(activate_ex)

/* More core complexes may join in the ASID that a guest has; another ASID is none of them */
static void activate_ex_of_a_bound_guest(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	u64 ids = sf_page(sf);
	struct sf_activate_ex a = {
		.len = sizeof(a),
		.gctx = __sme_set(g->gctx),
		.asid = g->asid,
		.nr_ids = 1,
		.ids = __sme_set(ids),
	};

	memset(__va(ids), 0, PAGE_SIZE);
	/* Unlike ACTIVATE it does not mind that the ASID has pages. */
	sf_page_in(sf, SF_PRE_GUEST, g);
	KUNIT_EXPECT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_ACTIVATE_EX, &a, sizeof(a)));
	a.asid--;
	KUNIT_EXPECT_EQ(test, SEV_RET_ACTIVE,
			sf_command(sf, SEV_CMD_SNP_ACTIVATE_EX, &a, sizeof(a)));
}

/* LAUNCH_UPDATE */
enum {
	LU_RSVD, LU_RSVD2, LU_RSVD3, LU_RSVD4, LU_ALIGN, LU_PAGE_ALIGN, LU_CONTEXT, LU_PAGE,
	LU_SIZE, LU_SPECIAL, LU_TYPE0, LU_TYPE7, LU_STATE, LU_ASID, LU_OWNER, LU_IMI, LU_CPUID,
};

static const struct check launch_update_checks[] = {
	[LU_RSVD] = { "reserved bit in the flags", "seen", SEV_RET_INVALID_PARAM },
	[LU_RSVD2] = { "reserved word after the flags", "seen", SEV_RET_INVALID_PARAM },
	[LU_RSVD3] = { "reserved byte before the VMPLs", "seen", SEV_RET_INVALID_PARAM },
	[LU_RSVD4] = { "reserved word at the end", "seen", SEV_RET_INVALID_PARAM },
	[LU_ALIGN] = { "context not aligned", "seen", SEV_RET_INVALID_PARAM },
	[LU_PAGE_ALIGN] = { "page not aligned", "seen", SEV_RET_INVALID_PARAM },
	[LU_CONTEXT] = { "no context", "seen", GUEST,
			 BIT(LU_STATE) | BIT(LU_ASID) | BIT(LU_IMI) },
	[LU_PAGE] = { "page not Pre-Guest", "seen", STATE },
	[LU_SIZE] = { "page of another size", "seen", SEV_RET_INVALID_PAGE_SIZE, BIT(LU_SPECIAL) },
	[LU_SPECIAL] = { "secrets of 2M", "seen", SEV_RET_INVALID_PAGE_SIZE,
			 BIT(LU_TYPE0) | BIT(LU_TYPE7) | BIT(LU_CPUID) },
	[LU_TYPE0] = { "type 0", "seen", SEV_RET_INVALID_PARAM, BIT(LU_TYPE7) | BIT(LU_CPUID) },
	[LU_TYPE7] = { "type 7", "seen", SEV_RET_INVALID_PARAM, BIT(LU_CPUID) },
	[LU_STATE] = { "not in launch", "seen", GSTATE, BIT(LU_ASID) | BIT(LU_IMI) },
	[LU_ASID] = { "no ASID", "seen", SEV_RET_INACTIVE },
	[LU_OWNER] = { "another ASID's page", "seen", OWNER },
	[LU_IMI] = { "not an IMI page, for a guest that has only those", "read",
		     SEV_RET_INVALID_PARAM },
	[LU_CPUID] = { "CPUID page of 65 entries", "seen", SEV_RET_INVALID_PARAM },
};

static u32 launch_update_run(struct sf *sf, u32 wrong)
{
	enum sf_stage stage = wrong & BIT(LU_CONTEXT) ? SF_NONE :
			      wrong & BIT(LU_STATE) ? SF_RUNNING :
			      wrong & BIT(LU_ASID) ? SF_LAUNCH : SF_BOUND;
	struct sf_guest *g = sf_guest_policy(sf, stage, SF_POLICY,
					     wrong & BIT(LU_IMI) ? BIT(1) : 0);
	bool huge = wrong & BIT(LU_SPECIAL);
	u64 pa = huge ? sf_region(sf) : sf_page(sf);
	u32 type = huge ? SNP_PAGE_TYPE_SECRET : SNP_PAGE_TYPE_NORMAL;
	struct sf_launch_update u = {
		.gctx = __sme_set(g->gctx) | ODD(wrong, LU_ALIGN),
		.rsvd = !!(wrong & BIT(LU_RSVD2)),
		.page = __sme_set(pa) | ODD(wrong, LU_PAGE_ALIGN),
		.rsvd2 = !!(wrong & BIT(LU_RSVD3)),
		.rsvd3 = !!(wrong & BIT(LU_RSVD4)),
	};
	struct before b;
	u32 status;

	if (wrong & BIT(LU_TYPE0))
		type = 0;
	if (wrong & BIT(LU_TYPE7))
		type = 7;
	if (wrong & BIT(LU_CPUID)) {
		memset(__va(pa), 0, PAGE_SIZE);
		*(u32 *)__va(pa) = 65;
		type = SNP_PAGE_TYPE_CPUID;
	}
	KUNIT_ASSERT_EQ(sf->test, SF_OK,
			sf_rmpupdate(sf, pa, g->asid - !!(wrong & BIT(LU_OWNER)), SF_GPA,
				     !(wrong & BIT(LU_PAGE)), huge));
	if (wrong & BIT(LU_SIZE))
		huge = !huge;
	u.flags = huge | type << 1 | (wrong & BIT(LU_RSVD) ? BIT(5) : 0);
	look(sf, pa, &b);
	status = sf_command(sf, SEV_CMD_SNP_LAUNCH_UPDATE, &u, sizeof(u));
	if (!status)
		return status;
	expect_same(sf, pa, &b);
	/* No refusal of 4K is measured. */
	if (stage == SF_BOUND && !(wrong & BIT(LU_IMI)))
		sf_expect_ld(sf, g);
	return status;
}

CHECKS(launch_update)

/* LAUNCH_FINISH */
enum {
	LF_RSVD, LF_ALIGN, LF_CONTEXT, LF_STATE, LF_IMI, LF_ASID, LF_LD, LF_POLICY, LF_ALGO,
	LF_AUTH_ALGO, LF_CURVE, LF_POINT, LF_SIG, LF_AUTH_SIG,
};

static const struct check launch_finish_checks[] = {
	[LF_RSVD] = { "reserved bit", "seen", SEV_RET_INVALID_PARAM },
	[LF_ALIGN] = { "context not aligned", "seen", SEV_RET_INVALID_PARAM },
	[LF_CONTEXT] = { "no context", "seen", GUEST, BIT(LF_STATE) | BIT(LF_IMI) | BIT(LF_ASID) },
	[LF_STATE] = { "finished before", "seen", GSTATE, BIT(LF_IMI) | BIT(LF_ASID) },
	[LF_IMI] = { "launch of an IMI", "read", GSTATE },
	[LF_ASID] = { "no ASID", "seen", SEV_RET_INACTIVE },
	[LF_LD] = { "another digest", "seen", SEV_RET_BAD_MEASUREMENT },
	[LF_POLICY] = { "another policy", "seen", SEV_RET_POLICY_FAILURE },
	[LF_ALGO] = { "algorithm of the key", "read", SEV_RET_INVALID_PARAM },
	[LF_AUTH_ALGO] = { "algorithm of the author's key", "read", SEV_RET_INVALID_PARAM },
	[LF_CURVE] = { "curve of the key", "read", SEV_RET_BAD_SIGNATURE },
	[LF_POINT] = { "key that is no point of the curve", "read", SEV_RET_BAD_SIGNATURE },
	[LF_SIG] = { "signature of the block", "seen", SEV_RET_BAD_SIGNATURE },
	[LF_AUTH_SIG] = { "signature of the key", "read", SEV_RET_BAD_SIGNATURE },
};

/* Where things are in the page of keys and signatures */
#define AUTH_KEY_ALGO	0x0
#define AUTH_AUTHOR_ALGO 0x4
#define AUTH_BLOCK_SIG	0x40
#define AUTH_KEY	0x240
#define AUTH_KEY_SIG	0x680
#define AUTH_AUTHOR_KEY	0x880

static void fill_auth(void *auth)
{
	memset(auth, 0, PAGE_SIZE);
	*(u32 *)(auth + AUTH_KEY_ALGO) = 1;
	*(u32 *)(auth + AUTH_AUTHOR_ALGO) = 1;
	memcpy(auth + AUTH_BLOCK_SIG, id_block_sig, sizeof(id_block_sig));
	memcpy(auth + AUTH_KEY, id_key, sizeof(id_key));
	memcpy(auth + AUTH_KEY_SIG, id_key_sig, sizeof(id_key_sig));
	memcpy(auth + AUTH_AUTHOR_KEY, author_key, sizeof(author_key));
}

static u32 launch_finish_run(struct sf *sf, u32 wrong)
{
	enum sf_stage stage = wrong & BIT(LF_CONTEXT) ? SF_NONE :
			      wrong & BIT(LF_STATE) ? SF_RUNNING :
			      wrong & BIT(LF_ASID) ? SF_LAUNCH : SF_BOUND;
	struct sf_guest *g = sf_guest_policy(sf, stage, SF_POLICY,
					     wrong & BIT(LF_IMI) ? BIT(1) : 0);
	u64 block = sf_page(sf), auth = sf_page(sf);
	struct sf_launch_finish f = {
		.gctx = __sme_set(g->gctx) | ODD(wrong, LF_ALIGN),
		.id_block = __sme_set(block),
		.id_auth = __sme_set(auth),
		.flags = BIT(0) | BIT(1) | (wrong & BIT(LF_RSVD) ? BIT(3) : 0),
	};
	u32 status;

	memcpy(__va(block), id_block, sizeof(id_block));
	fill_auth(__va(auth));
	if (wrong & BIT(LF_LD))
		((u8 *)__va(block))[47] ^= 0x80;
	if (wrong & BIT(LF_POLICY))
		((u8 *)__va(block))[90] ^= 0x08;
	if (wrong & BIT(LF_ALGO))
		*(u32 *)(__va(auth) + AUTH_KEY_ALGO) = 2;
	if (wrong & BIT(LF_AUTH_ALGO))
		*(u32 *)(__va(auth) + AUTH_AUTHOR_ALGO) = 0;
	if (wrong & BIT(LF_CURVE))
		*(u32 *)(__va(auth) + AUTH_KEY) = 1;
	if (wrong & BIT(LF_POINT))
		((u8 *)__va(auth))[AUTH_KEY + 4] ^= 1;
	if (wrong & BIT(LF_SIG))
		((u8 *)__va(auth))[AUTH_BLOCK_SIG] ^= 1;
	if (wrong & BIT(LF_AUTH_SIG))
		((u8 *)__va(auth))[AUTH_KEY_SIG] ^= 1;
	status = sf_command(sf, SEV_CMD_SNP_LAUNCH_FINISH, &f, sizeof(f));
	if (!status)
		sf->dirty = true;
	else if (stage == SF_BOUND)
		KUNIT_EXPECT_EQ(sf->test, 1, sf_guest_state(sf, g));
	return status;
}

CHECKS(launch_finish)

/* DECOMMISSION */
enum { DC_ALIGN, DC_CONTEXT };

static const struct check decommission_checks[] = {
	[DC_ALIGN] = { "context not aligned", "seen", SEV_RET_INVALID_PARAM },
	[DC_CONTEXT] = { "no context", "seen", GUEST },
};

static u32 decommission_run(struct sf *sf, u32 wrong)
{
	struct sf_guest *g = sf_guest(sf, wrong & BIT(DC_CONTEXT) ? SF_NONE : SF_INIT);

	return sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, g->gctx | ODD(wrong, DC_ALIGN));
}

CHECKS(decommission)

/* GUEST_STATUS */
enum { GS_ALIGN, GS_CROSS, GS_CONTEXT, GS_PAGE };

static const struct check guest_status_checks[] = {
	[GS_ALIGN] = { "context not aligned", "seen", SEV_RET_INVALID_PARAM },
	[GS_CROSS] = { "result crosses a page", "seen", SEV_RET_INVALID_PARAM },
	[GS_CONTEXT] = { "no context", "seen", GUEST },
	[GS_PAGE] = { "result not in a Firmware page", "seen", STATE },
};

static u32 guest_status_run(struct sf *sf, u32 wrong)
{
	struct sf_guest *g = sf_guest(sf, wrong & BIT(GS_CONTEXT) ? SF_NONE : SF_INIT);
	u64 pa = sf_page_in(sf, wrong & BIT(GS_PAGE) ? SF_RECLAIM : SF_FIRMWARE, g);
	struct sev_data_snp_guest_status s = {
		.gctx_paddr = __sme_set(g->gctx) | ODD(wrong, GS_ALIGN),
		/* It need not be aligned, but has 32 bytes. */
		.address = __sme_set(pa) + (wrong & BIT(GS_CROSS) ? PAGE_SIZE - 31 : 48),
	};

	return sf_command(sf, SEV_CMD_SNP_GUEST_STATUS, &s, sizeof(s));
}

CHECKS(guest_status)

/* PAGE_RECLAIM */
enum { PR_RSVD, PR_RANGE, PR_SIZE };

static const struct check page_reclaim_checks[] = {
	[PR_RSVD] = { "reserved bit", "seen", SEV_RET_INVALID_PARAM },
	[PR_RANGE] = { "no such address", "read", SEV_RET_INVALID_ADDRESS, BIT(PR_SIZE) },
	[PR_SIZE] = { "page of another size", "seen", SEV_RET_INVALID_PAGE_SIZE },
};

static u32 page_reclaim_run(struct sf *sf, u32 wrong)
{
	u64 pa = sf_inside(sf);
	struct before b;
	u64 operand = pa;
	u32 status;

	KUNIT_ASSERT_EQ(sf->test, SF_OK, sf_rmpupdate(sf, pa, 0, 0, true, false));
	if (wrong & BIT(PR_RSVD))
		operand |= BIT(11);
	if (wrong & BIT(PR_RANGE))
		operand |= BIT_ULL(50);
	if (wrong & BIT(PR_SIZE))
		operand |= 1;
	look(sf, pa, &b);
	status = sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, operand);
	if (status)
		expect_same(sf, pa, &b);
	return status;
}

CHECKS(page_reclaim)

/* PAGE_MOVE */
enum {
	PM_RSVD, PM_ALIGN, PM_SRC, PM_DST, PM_CONTEXT, PM_SIZE, PM_STATE, PM_ASID, PM_PAGE,
	PM_OWNER,
};

static const struct check page_move_checks[] = {
	[PM_RSVD] = { "reserved bit", "seen", SEV_RET_INVALID_PARAM },
	[PM_ALIGN] = { "context not aligned", "seen", SEV_RET_INVALID_PARAM },
	[PM_SRC] = { "source not aligned", "seen", SEV_RET_INVALID_PARAM },
	[PM_DST] = { "destination not aligned", "seen", SEV_RET_INVALID_PARAM },
	[PM_CONTEXT] = { "no context", "read", GUEST, BIT(PM_STATE) | BIT(PM_ASID) },
	[PM_SIZE] = { "pages of another size", "read", SEV_RET_INVALID_PAGE_SIZE },
	[PM_STATE] = { "launch not started", "read", GSTATE, BIT(PM_ASID) },
	[PM_ASID] = { "no ASID", "read", SEV_RET_INACTIVE },
	[PM_PAGE] = { "destination not Pre-Guest", "read", STATE },
	[PM_OWNER] = { "another ASID's source", "read", OWNER },
};

static u32 page_move_run(struct sf *sf, u32 wrong)
{
	enum sf_stage stage = wrong & BIT(PM_CONTEXT) ? SF_NONE :
			      wrong & BIT(PM_STATE) ? SF_INIT :
			      wrong & BIT(PM_ASID) ? SF_LAUNCH : SF_BOUND;
	struct sf_guest *g = sf_guest(sf, stage), other;
	struct sf_page_move m = { .gctx = __sme_set(g->gctx) | ODD(wrong, PM_ALIGN) };
	struct before bs, bd;
	u64 src, dst;
	u32 status;

	other = *g;
	other.asid--;
	src = sf_page_in(sf, SF_PRE_GUEST, wrong & BIT(PM_OWNER) ? &other : g);
	dst = sf_page_in(sf, wrong & BIT(PM_PAGE) ? SF_GUEST_INVALID : SF_PRE_GUEST, g);
	m.src = __sme_set(src) | ODD(wrong, PM_SRC);
	m.dst = __sme_set(dst) | ODD(wrong, PM_DST);
	m.flags = (wrong & BIT(PM_RSVD) ? BIT(1) : 0) | (wrong & BIT(PM_SIZE) ? BIT(0) : 0);
	look(sf, src, &bs);
	look(sf, dst, &bd);
	status = sf_command(sf, SEV_CMD_SNP_PAGE_MOVE, &m, sizeof(m));
	if (status) {
		expect_same(sf, src, &bs);
		expect_same(sf, dst, &bd);
	}
	return status;
}

CHECKS(page_move)

/* PAGE_MD_INIT */
enum { MI_ALIGN, MI_PAGE_ALIGN, MI_CONTEXT, MI_PAGE, MI_STATE };

static const struct check md_init_checks[] = {
	[MI_ALIGN] = { "context not aligned", "read", SEV_RET_INVALID_PARAM },
	[MI_PAGE_ALIGN] = { "page not aligned", "read", SEV_RET_INVALID_PARAM },
	[MI_CONTEXT] = { "no context", "read", GUEST, BIT(MI_STATE) },
	[MI_PAGE] = { "page not Firmware", "read", STATE },
	[MI_STATE] = { "launch not started", "read", GSTATE },
};

static u32 md_init_run(struct sf *sf, u32 wrong)
{
	struct sf_guest *g = sf_guest(sf, wrong & BIT(MI_CONTEXT) ? SF_NONE :
					  wrong & BIT(MI_STATE) ? SF_INIT : SF_LAUNCH);
	u64 pa = sf_page_in(sf, wrong & BIT(MI_PAGE) ? SF_RECLAIM : SF_FIRMWARE, g);
	struct sf_md_init md = {
		.gctx = __sme_set(g->gctx) | ODD(wrong, MI_ALIGN),
		.page = __sme_set(pa) | ODD(wrong, MI_PAGE_ALIGN),
	};

	return sf_command(sf, SEV_CMD_SNP_PAGE_MD_INIT, &md, sizeof(md));
}

CHECKS(md_init)

/* DBG_DECRYPT, DBG_ENCRYPT */
enum { DB_ALIGN, DB_SRC, DB_DST, DB_CONTEXT, DB_PAGE, DB_OWNER, DB_POLICY };

#define DBG_CHECKS(_page)							\
	[DB_ALIGN] = { "context not aligned", "seen", SEV_RET_INVALID_PARAM },	\
	[DB_SRC] = { "source not aligned", "seen", SEV_RET_INVALID_PARAM },	\
	[DB_DST] = { "destination not aligned", "seen", SEV_RET_INVALID_PARAM },	\
	[DB_CONTEXT] = { "no context", "seen", GUEST, BIT(DB_OWNER) | BIT(DB_POLICY) },	\
	[DB_PAGE] = { _page, "seen", STATE },					\
	[DB_OWNER] = { "another ASID's page", "seen", OWNER },			\
	[DB_POLICY] = { "the policy allows no debugging", "seen", SEV_RET_POLICY_FAILURE }

static u32 dbg_run(struct sf *sf, u32 wrong, bool decrypt)
{
	struct sf_guest *g, other;
	struct sev_data_snp_dbg d = {};
	u64 guest, host;

	g = sf_guest_policy(sf, wrong & BIT(DB_CONTEXT) ? SF_NONE : SF_BOUND,
			    wrong & BIT(DB_POLICY) ? SF_POLICY : SF_POLICY | SF_POLICY_DEBUG, 0);
	other = *g;
	other.asid--;
	/* From the guest to a page of firmware, and from any to one that the guest can't see */
	host = sf_page_in(sf, decrypt ? wrong & BIT(DB_PAGE) ? SF_RECLAIM : SF_FIRMWARE :
				SF_HYPERVISOR, g);
	guest = sf_page_in(sf, !decrypt && wrong & BIT(DB_PAGE) ? SF_GUEST_INVALID : SF_PRE_GUEST,
			   wrong & BIT(DB_OWNER) ? &other : g);
	d.gctx_paddr = __sme_set(g->gctx) | ODD(wrong, DB_ALIGN);
	d.src_addr = __sme_set(decrypt ? guest : host) | ODD(wrong, DB_SRC);
	d.dst_addr = __sme_set(decrypt ? host : guest) | ODD(wrong, DB_DST);
	return sf_command(sf, decrypt ? SEV_CMD_SNP_DBG_DECRYPT : SEV_CMD_SNP_DBG_ENCRYPT, &d,
			  sizeof(d));
}

static const struct check dbg_decrypt_checks[] = { DBG_CHECKS("destination not Firmware") };
static const struct check dbg_encrypt_checks[] = { DBG_CHECKS("destination open to the guest") };

static u32 dbg_decrypt_run(struct sf *sf, u32 wrong)
{
	return dbg_run(sf, wrong, true);
}

static u32 dbg_encrypt_run(struct sf *sf, u32 wrong)
{
	return dbg_run(sf, wrong, false);
}

CHECKS(dbg_decrypt)
CHECKS(dbg_encrypt)

/* PAGE_SET_STATE; that it succeeds is not tried: such pages are lost until the next reset */
enum { SS_LEN, SS_RSVD, SS_ALIGN, SS_HEADER, SS_BASE };

static const struct check set_state_checks[] = {
	[SS_LEN] = { "length", "read", SEV_RET_INVALID_LEN },
	[SS_RSVD] = { "reserved word", "read", SEV_RET_INVALID_PARAM },
	[SS_ALIGN] = { "list not aligned", "read", SEV_RET_INVALID_PARAM },
	[SS_HEADER] = { "reserved word of the list", "read", SEV_RET_INVALID_PARAM },
	[SS_BASE] = { "range not aligned to 2M", "read", SEV_RET_INVALID_PARAM },
};

static u32 set_state_command(struct sf *sf, u32 wrong)
{
	u64 list = sf_page(sf), region = sf_region(sf);
	struct sev_data_range_list *l = __va(list);
	struct sf_set_state s = {
		.len = wrong & BIT(SS_LEN) ? 8 : sizeof(s),
		.rsvd = !!(wrong & BIT(SS_RSVD)),
		.list = __sme_set(list) | ODD(wrong, SS_ALIGN),
	};

	memset(l, 0, PAGE_SIZE);
	l->num_elements = 1;
	l->rsvd = !!(wrong & BIT(SS_HEADER));
	l->ranges[0].base = __sme_set(region);
	if (wrong & BIT(SS_BASE))
		l->ranges[0].base += PAGE_SIZE;
	l->ranges[0].page_count = 2;
	/* Of the two pages only one is firmware's: the command can't succeed. */
	KUNIT_ASSERT_EQ(sf->test, SF_OK, sf_rmpupdate(sf, region, 0, 0, true, false));
	return sf_command(sf, SEV_CMD_SNP_PAGE_SET_STATE, &s, sizeof(s));
}

static u32 set_state_run(struct sf *sf, u32 wrong)
{
	u32 status;

	/* Were it done by half, the half would be lost until the next reset. */
	if (!wrong && sf_not_on_hardware(sf, "pages that PAGE_SET_STATE takes do not come back"))
		return SEV_RET_SUCCESS;
	status = set_state_command(sf, wrong);
	if (wrong)
		return status;
	KUNIT_EXPECT_EQ_MSG(sf->test, STATE, status, "a page that is not Firmware");
	return SEV_RET_SUCCESS;
}

CHECKS(set_state)

/* PAGE_UNSMASH */
struct unsmash_row {
	const char *name;
	const char *from;
	u32 status;
};

enum {
	US_GOOD, US_ALIGN, US_HOLE, US_MUTABLE, US_GPA, US_ASID, US_VALID, US_NO_ASID, US_BASE,
	US_2M,
};

static const struct unsmash_row unsmash_rows[] = {
	[US_GOOD] = { "nothing is wrong", "read", S },
	[US_ALIGN] = { "not aligned", "read", SEV_RET_INVALID_PARAM },
	[US_HOLE] = { "one page is the hypervisor's", "read", STATE },
	[US_MUTABLE] = { "one page is open to the guest", "read", STATE },
	[US_GPA] = { "GPAs are not consecutive", "read", STATE },
	[US_ASID] = { "one page is another's", "read", STATE },
	[US_VALID] = { "one page is valid", "read", STATE },
	[US_NO_ASID] = { "firmware's pages", "read", STATE },
	[US_BASE] = { "GPA not aligned", "read", STATE },
	[US_2M] = { "it is one page already", "read", STATE },
};

KUNIT_ARRAY_PARAM_DESC(unsmash, unsmash_rows, name);

static void page_unsmash(struct kunit *test)
{
	const struct unsmash_row *row = test->param_value;
	unsigned int wrong = row - unsmash_rows;
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	u64 pa = sf_region(sf), i, gpa = SF_GPA;
	struct rmp_state e;

	if (wrong == US_BASE)
		gpa += PAGE_SIZE;
	for (i = 0; i < SZ_2M; i += PAGE_SIZE) {
		bool odd = i == 37 * PAGE_SIZE;
		u32 asid = wrong == US_NO_ASID ? 0 : g->asid;
		u64 at = asid ? gpa + i : 0;

		if (wrong == US_2M || (odd && wrong == US_HOLE))
			continue;
		if (odd && wrong == US_GPA)
			at += SZ_1G;
		if (odd && wrong == US_ASID)
			asid--;
		KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa + i, asid, at,
							  !(odd && wrong == US_MUTABLE), false));
		if (odd && wrong == US_VALID) {
			KUNIT_ASSERT_EQ(test, S, sf_update(sf, g, pa + i, SNP_PAGE_TYPE_ZERO));
			KUNIT_ASSERT_EQ(test, SF_OK,
					sf_rmpupdate(sf, pa + i, asid, at, true, false));
		}
	}
	if (wrong == US_2M)
		KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, g->asid, gpa, true, true));

	KUNIT_EXPECT_EQ_MSG(test, row->status,
			    sf_addr(sf, SEV_CMD_SNP_PAGE_UNSMASH,
				    pa + (wrong == US_ALIGN ? PAGE_SIZE : 0)),
			    "%s (%s)", row->name, row->from);
	if (row->status)
		return;
	/* One page that firmware, and then the guest, can have */
	sf_expect_entry(sf, pa, g->asid, SF_GPA, true, true);
	for (i = PAGE_SIZE; i < SZ_2M && sf_entry(sf, pa + i, &e); i += PAGE_SIZE) {
		KUNIT_ASSERT_EQ(test, 1, e.assigned);
		KUNIT_ASSERT_EQ(test, 0, e.asid);
		KUNIT_ASSERT_EQ(test, 0, e.immutable);
	}
	KUNIT_EXPECT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, pa | 1));
	sf_expect_entry(sf, pa, g->asid, SF_GPA, false, true);
	KUNIT_EXPECT_EQ(test, SF_OK, sf->rmp->psmash(pa));
	sf_expect_entry(sf, pa + 5 * PAGE_SIZE, g->asid, SF_GPA + 5 * PAGE_SIZE, false, false);
}

/* Addresses ----------------------------------------------------------------- */

/* The RMP itself is nobody's operand, and PAGE_RECLAIM looks at the range first */
static void pages_of_the_rmp(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_md_init md = {};
	struct sf_guest *g;
	u64 rmp;

	sf_needs_simulator(sf, "any other answer would destroy the RMP");
	if (rdmsrq_safe(MSR_AMD64_RMP_BASE, &rmp) || !rmp)
		kunit_skip(test, "this machine has its RMP in segments");
	g = sf_guest(sf, SF_BOUND);
	md.gctx = __sme_set(g->gctx);
	rmp = ALIGN_DOWN(rmp, PAGE_SIZE) + SZ_1M;
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM, sf_addr(sf, SEV_CMD_SNP_GCTX_CREATE, rmp));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM, sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, rmp));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM, sf_addr(sf, SEV_CMD_SNP_PLATFORM_STATUS, rmp));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM,
			sf_update(sf, g, rmp, SNP_PAGE_TYPE_NORMAL));
	md.page = __sme_set(rmp);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM,
			sf_command(sf, SEV_CMD_SNP_PAGE_MD_INIT, &md, sizeof(md)));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_ADDRESS,
			sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, rmp));
	/* To the CPU they are pages of firmware. */
	KUNIT_EXPECT_EQ(test, SF_PERMISSION, sf_unassign(sf, rmp));
	KUNIT_EXPECT_EQ(test, SF_PERMISSION, sf_rmpupdate(sf, rmp, g->asid, SF_GPA, false, false));
}

/* Measurement --------------------------------------------------------------- */

/* Nothing measured: 48 zero bytes */
static void ld_of_nothing(struct kunit *test)
{
	struct sf *sf = test->priv;

	sf_expect_ld(sf, sf_guest(sf, SF_BOUND));
}

static u64 pre_guest(struct sf *sf, struct sf_guest *g, u64 gpa, u8 *copy)
{
	u64 pa = sf_page(sf);

	sf_pattern(pa, (unsigned int)(gpa >> PAGE_SHIFT));
	if (copy)
		memcpy(copy, __va(pa), PAGE_SIZE);
	KUNIT_ASSERT_EQ(sf->test, SF_OK, sf_rmpupdate(sf, pa, g->asid, gpa, true, false));
	return pa;
}

struct type_row {
	const char *name;
	u32 type;
	bool contents;
};

static const struct type_row type_rows[] = {
	{ "NORMAL", SNP_PAGE_TYPE_NORMAL, true },
	{ "VMSA", SNP_PAGE_TYPE_VMSA, true },
	{ "ZERO", SNP_PAGE_TYPE_ZERO, false },
	{ "UNMEASURED", SNP_PAGE_TYPE_UNMEASURED, false },
	{ "SECRETS", SNP_PAGE_TYPE_SECRET, false },
	{ "CPUID", SNP_PAGE_TYPE_CPUID, false },
};

KUNIT_ARRAY_PARAM_DESC(type, type_rows, name);

#define VMSA_TSC	0x2f0
#define VMSA_TSC_LEN	16
#define VMSA_TOM	0x380
#define VMSA_TLB_ID	0x388
#define VMSA_FEATURES	0x3b0

/* What a page of this type can be launched from */
static void fill_for(u32 type, u8 *page)
{
	if (type == SNP_PAGE_TYPE_CPUID)
		memset(page, 0, PAGE_SIZE);
	/* Without secure TSC and protected registers, which rewrite more */
	if (type == SNP_PAGE_TYPE_VMSA)
		memset(page + VMSA_FEATURES, 0, 8);
}

/*
 * Each type, by itself and after another page; with and without rights for the
 * other VMPLs. Every page adds a record, whether or not its contents are measured.
 */
static void ld_of_every_type(struct kunit *test)
{
	static const u8 rights[][3] = { { 0, 0, 0 }, { 1, 3, 0xf }, { 0xff, 0x80, 0x1f } };
	const struct type_row *row = test->param_value;
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	u8 *copy = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	for (i = 0; i < ARRAY_SIZE(rights); i++) {
		u64 gpa = SF_GPA + i * 3 * PAGE_SIZE, pa = sf_page(sf);
		struct sf_launch_update u = {
			.gctx = __sme_set(g->gctx),
			.flags = row->type << 1,
			.page = __sme_set(pa),
		};

		sf_pattern(pa, i);
		fill_for(row->type, __va(pa));
		memcpy(copy, __va(pa), PAGE_SIZE);
		/* The host's TSC has no part in the digest. */
		if (row->type == SNP_PAGE_TYPE_VMSA)
			memset(copy + VMSA_TSC, 0, VMSA_TSC_LEN);
		memcpy(u.vmpl, rights[i], sizeof(u.vmpl));
		KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, g->asid, gpa, true, false));
		KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_LAUNCH_UPDATE, &u, sizeof(u)));
		sf_measure(g, row->type, false, rights[i], gpa, row->contents ? copy : NULL);
		sf_expect_ld(sf, g);
		sf_expect_entry(sf, pa, g->asid, gpa, false, false);
		if (sf->rmpread)
			KUNIT_EXPECT_EQ(test, SF_GUEST_VALID, sf_state(sf, pa, g));
	}
}

/* The order of pages shows, and so does a page that comes twice, at one GPA even */
static void ld_follows_the_order(struct kunit *test)
{
	static const u64 gpas[] = { 0x5000, 0x1000, 0x1000, 0xfffffffff000, 0 };
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	u8 *copy = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	for (i = 0; i < ARRAY_SIZE(gpas); i++) {
		u64 pa = pre_guest(sf, g, gpas[i], copy);

		KUNIT_ASSERT_EQ(test, S, sf_update(sf, g, pa, SNP_PAGE_TYPE_NORMAL));
		sf_measure(g, SNP_PAGE_TYPE_NORMAL, false, NULL, gpas[i], copy);
	}
	sf_expect_ld(sf, g);
}

/* Two guests with the same pages have the same digest, and none of it is each other's */
static void ld_is_the_guests_own(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *a = sf_guest(sf, SF_BOUND), *b = sf_guest(sf, SF_BOUND);
	u8 *copy = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_ASSERT_EQ(test, S, sf_update(sf, a, pre_guest(sf, a, SF_GPA, copy),
					   SNP_PAGE_TYPE_NORMAL));
	sf_measure(a, SNP_PAGE_TYPE_NORMAL, false, NULL, SF_GPA, copy);
	sf_expect_ld(sf, b);
	sf_expect_ld(sf, a);
	KUNIT_ASSERT_EQ(test, S, sf_update(sf, b, pre_guest(sf, b, SF_GPA, NULL),
					   SNP_PAGE_TYPE_NORMAL));
	memcpy(b->ld, a->ld, sizeof(b->ld));
	sf_expect_ld(sf, b);
}

/* 2M are 512 records, one per 4K */
static void ld_of_2m(struct kunit *test)
{
	static const u32 types[] = {
		SNP_PAGE_TYPE_NORMAL, SNP_PAGE_TYPE_ZERO, SNP_PAGE_TYPE_UNMEASURED,
	};
	struct sf *sf = test->priv;
	u8 *copy = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	unsigned int t;
	u64 i;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	for (t = 0; t < ARRAY_SIZE(types); t++) {
		struct list_head *mark = sf_mark(sf);
		struct sf_guest *g = sf_guest(sf, SF_BOUND);
		u64 pa = sf_region(sf);
		struct sf_launch_update u = {
			.gctx = __sme_set(g->gctx),
			.flags = 1 | types[t] << 1,
			.page = __sme_set(pa),
		};

		for (i = 0; i < SZ_2M; i += PAGE_SIZE) {
			sf_pattern(pa + i, i >> PAGE_SHIFT);
			sf_measure(g, types[t], false, NULL, SF_GPA + i,
				   types[t] == SNP_PAGE_TYPE_NORMAL ? __va(pa + i) : NULL);
		}
		KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, g->asid, SF_GPA, true, true));
		KUNIT_EXPECT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_LAUNCH_UPDATE, &u, sizeof(u)));
		sf_expect_entry(sf, pa, g->asid, SF_GPA, false, true);
		sf_expect_ld(sf, g);
		sf_rewind(sf, mark);
	}
}

/* An identity block that is signed; the guest is what it says, and runs */
static void finish_with_an_identity(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	u64 block = sf_page(sf), auth = sf_page(sf);
	struct sf_launch_finish f = {
		.gctx = __sme_set(g->gctx),
		.id_block = __sme_set(block),
		.id_auth = __sme_set(auth),
		.flags = BIT(0),
	};

	memcpy(__va(block), id_block, sizeof(id_block));
	fill_auth(__va(auth));
	/* Nobody looks at the author's key of a block without one. */
	memset(__va(auth) + AUTH_AUTHOR_KEY, 0, 64);
	*(u32 *)(__va(auth) + AUTH_AUTHOR_ALGO) = 0;
	KUNIT_EXPECT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_LAUNCH_FINISH, &f, sizeof(f)));
	sf->dirty = true;
	KUNIT_EXPECT_EQ(test, 2, sf_guest_state(sf, g));
}

/* An author's key without a block is taken note of, and not looked at */
static void finish_with_an_author_alone(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	struct sf_launch_finish f = { .gctx = __sme_set(g->gctx), .flags = BIT(1) };

	KUNIT_EXPECT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_LAUNCH_FINISH, &f, sizeof(f)));
	sf->dirty = true;
}

/* What the guest sees ------------------------------------------------------- */

static const u8 *decrypt(struct sf *sf, struct sf_guest *g, u64 pa)
{
	u64 to = sf_page_in(sf, SF_FIRMWARE, NULL);
	struct sev_data_snp_dbg d = {
		.gctx_paddr = __sme_set(g->gctx),
		.src_addr = __sme_set(pa),
		.dst_addr = __sme_set(to),
	};

	KUNIT_ASSERT_EQ(sf->test, S, sf_command(sf, SEV_CMD_SNP_DBG_DECRYPT, &d, sizeof(d)));
	return __va(to);
}

static void contents_of_every_type(struct kunit *test)
{
	const struct type_row *row = test->param_value;
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest_policy(sf, SF_BOUND, SF_POLICY | SF_POLICY_DEBUG, 0);
	u8 *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 pa = sf_page(sf);
	const u8 *seen;

	KUNIT_ASSERT_NOT_NULL(test, want);
	sf_pattern(pa, row->type);
	fill_for(row->type, __va(pa));
	memcpy(want, __va(pa), PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, g->asid, SF_GPA, true, false));
	KUNIT_ASSERT_EQ(test, S, sf_update(sf, g, pa, row->type));
	/* What the host sees is something else. */
	KUNIT_EXPECT_NE(test, 0, memcmp(want, __va(pa), PAGE_SIZE));

	seen = decrypt(sf, g, pa);
	switch (row->type) {
	case SNP_PAGE_TYPE_ZERO:
		memset(want, 0, PAGE_SIZE);
		break;
	case SNP_PAGE_TYPE_VMSA:
		memset(want + VMSA_TOM, 0, 8);
		memset(want + VMSA_TLB_ID, 0xff, 8);
		break;
	case SNP_PAGE_TYPE_SECRET:
		/* Four keys that nobody else knows, then what is fixed */
		KUNIT_EXPECT_EQ(test, 3, *(u32 *)seen);
		KUNIT_EXPECT_EQ(test, 0, *(u32 *)(seen + 4));
		KUNIT_EXPECT_EQ(test, cpuid_eax(1), *(u32 *)(seen + 8));
		KUNIT_EXPECT_NE(test, 0, memcmp(seen + 0x20, seen + 0x40, 32));
		KUNIT_EXPECT_NE(test, 0, memcmp(seen + 0x60, seen + 0x80, 32));
		KUNIT_EXPECT_EQ(test, 200, *(u32 *)(seen + 0x160));
		KUNIT_EXPECT_NULL(test, memchr_inv(seen + 0x164, 0, PAGE_SIZE - 0x164));
		return;
	}
	KUNIT_EXPECT_MEMEQ(test, want, seen, PAGE_SIZE);
}

/* What is encrypted comes out again, and belongs to this guest alone */
static void dbg_encrypt_round_trip(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest_policy(sf, SF_RUNNING, SF_POLICY | SF_POLICY_DEBUG, 0);
	u64 pa = sf_page_in(sf, SF_PRE_GUEST, g), from = sf_page(sf);
	struct sev_data_snp_dbg d = {
		.gctx_paddr = __sme_set(g->gctx),
		.src_addr = __sme_set(from),
		.dst_addr = __sme_set(pa),
	};
	u8 *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, want);
	sf_pattern(from, 4711);
	memcpy(want, __va(from), PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_DBG_ENCRYPT, &d, sizeof(d)));
	KUNIT_EXPECT_NE(test, 0, memcmp(want, __va(pa), PAGE_SIZE));
	KUNIT_EXPECT_MEMEQ(test, want, decrypt(sf, g, pa), PAGE_SIZE);
	/* The source is left alone, and the page is no more open to the guest than it was. */
	KUNIT_EXPECT_MEMEQ(test, want, __va(from), PAGE_SIZE);
	sf_expect_entry(sf, pa, g->asid, SF_GPA + (pa & (SZ_2M - 1)), true, false);
}

/* Moved pages have the contents that they had */
static void page_move_keeps_contents(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest_policy(sf, SF_BOUND, SF_POLICY | SF_POLICY_DEBUG, 0);
	u8 *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 src = sf_page_in(sf, SF_PRE_SWAP, g), dst = sf_page_in(sf, SF_PRE_GUEST, g);
	struct sf_page_move m = {
		.gctx = __sme_set(g->gctx),
		.src = __sme_set(src),
		.dst = __sme_set(dst),
	};

	KUNIT_ASSERT_NOT_NULL(test, want);
	memcpy(want, decrypt(sf, g, src), PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_PAGE_MOVE, &m, sizeof(m)));
	KUNIT_EXPECT_MEMEQ(test, want, decrypt(sf, g, dst), PAGE_SIZE);
}

/* Out, and in to another place: contents, GPA and state come back, once */
static void swap_round_trip(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest_policy(sf, SF_BOUND, SF_POLICY | SF_POLICY_DEBUG, 0);
	u8 *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 src = sf_page_in(sf, SF_PRE_SWAP, g), disk = sf_page_in(sf, SF_FIRMWARE, g);
	u64 md = sf_page_in(sf, SF_METADATA, g), dst;
	struct sf_swap s = {
		.gctx = __sme_set(g->gctx),
		.src = __sme_set(src),
		.dst = __sme_set(disk),
		.mdata = __sme_set(md) + 0x40,
	};

	KUNIT_ASSERT_NOT_NULL(test, want);
	memcpy(want, decrypt(sf, g, src), PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_PAGE_SWAP_OUT, &s, sizeof(s)));
	KUNIT_EXPECT_NE(test, 0, memcmp(want, __va(disk), PAGE_SIZE));
	if (sf->rmpread)
		KUNIT_EXPECT_EQ(test, SF_PRE_GUEST, sf_state(sf, src, g));

	dst = sf_page(sf);
	KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, dst, g->asid, 0, true, false));
	s.src = __sme_set(disk);
	s.dst = __sme_set(dst);
	KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_PAGE_SWAP_IN, &s, sizeof(s)));
	sf_expect_entry(sf, dst, g->asid, SF_GPA + (src & (SZ_2M - 1)), true, false);
	if (sf->rmpread)
		KUNIT_EXPECT_EQ(test, SF_PRE_SWAP, sf_state(sf, dst, g));
	KUNIT_EXPECT_MEMEQ(test, want, decrypt(sf, g, dst), PAGE_SIZE);
	/* The entry is used up. */
	s.dst = __sme_set(sf_page_in(sf, SF_PRE_GUEST, g));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_MDATA_ENTRY,
			sf_command(sf, SEV_CMD_SNP_PAGE_SWAP_IN, &s, sizeof(s)));
}

/* CPUID pages --------------------------------------------------------------- */

struct cpuid_page {
	u32 count;
	u32 rsvd;
	u64 rsvd2;
	struct {
		u32 eax_in;
		u32 ecx_in;
		u64 xcr0_in;
		u64 xss_in;
		u32 eax;
		u32 ebx;
		u32 ecx;
		u32 edx;
		u64 rsvd;
	} fn[64];
};

/* A leaf that is not on the firmware's list has to be zero; leaves of hypervisors are free */
#define LEAF_UNLISTED	0x3
#define LEAF_HYPERVISOR	0x40000000

static u64 cpuid_page(struct sf *sf, struct sf_guest *g, const struct cpuid_page *p)
{
	u64 pa = sf_page(sf);

	memset(__va(pa), 0, PAGE_SIZE);
	memcpy(__va(pa), p, sizeof(*p));
	KUNIT_ASSERT_EQ(sf->test, SF_OK, sf_rmpupdate(sf, pa, g->asid, SF_GPA, true, false));
	return pa;
}

/* It is corrected in place, for the host to read and to try again; nothing is measured */
static void cpuid_is_corrected(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	struct cpuid_page *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	u64 pa;

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->count = 3;
	p->fn[0].eax_in = LEAF_UNLISTED;
	p->fn[0].ebx = 1;
	p->fn[1].eax_in = LEAF_HYPERVISOR;
	p->fn[1].eax = 0x12345678;
	p->fn[2].eax_in = LEAF_UNLISTED;
	p->fn[2].edx = 0x80000000;
	pa = cpuid_page(sf, g, p);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM, sf_update(sf, g, pa, SNP_PAGE_TYPE_CPUID));
	p->fn[0].ebx = 0;
	p->fn[2].edx = 0;
	KUNIT_EXPECT_MEMEQ(test, (u8 *)p, (u8 *)__va(pa), sizeof(*p));
	if (sf->rmpread)
		KUNIT_EXPECT_EQ(test, SF_PRE_GUEST, sf_state(sf, pa, g));
	sf_expect_ld(sf, g);

	KUNIT_EXPECT_EQ(test, S, sf_update(sf, g, pa, SNP_PAGE_TYPE_CPUID));
	sf_measure(g, SNP_PAGE_TYPE_CPUID, false, NULL, SF_GPA, NULL);
	sf_expect_ld(sf, g);
}

/* Errors of the header and reserved fields are not corrected: it fails again */
static void cpuid_that_stays_wrong(struct kunit *test)
{
	static const struct {
		const char *name;
		u32 count, rsvd;
		u64 rsvd2, fn_rsvd;
	} rows[] = {
		{ "65 entries", 65, 0, 0, 0 },
		{ "reserved word", 1, 1, 0, 0 },
		{ "reserved quad-word", 1, 0, 1, 0 },
		{ "reserved field of an entry", 1, 0, 0, 1 },
	};
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);
	struct cpuid_page *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	unsigned int i, n;

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 pa;

		memset(p, 0, sizeof(*p));
		p->count = rows[i].count;
		p->rsvd = rows[i].rsvd;
		p->rsvd2 = rows[i].rsvd2;
		p->fn[0].rsvd = rows[i].fn_rsvd;
		pa = cpuid_page(sf, g, p);
		for (n = 0; n < 2; n++) {
			KUNIT_EXPECT_EQ_MSG(test, SEV_RET_INVALID_PARAM,
					    sf_update(sf, g, pa, SNP_PAGE_TYPE_CPUID), "%s",
					    rows[i].name);
			KUNIT_EXPECT_MEMEQ(test, (u8 *)p, (u8 *)__va(pa), sizeof(*p));
		}
	}
	sf_expect_ld(sf, g);
}

/* ASIDs --------------------------------------------------------------------- */

static u32 activate_with(struct sf *sf, struct sf_guest *g, u32 asid)
{
	struct sev_data_snp_activate a = { __sme_set(g->gctx), asid };

	return sf_command(sf, SEV_CMD_SNP_ACTIVATE, &a, sizeof(a));
}

/* An ASID that never ran is free at once */
static void asid_of_an_unfinished_launch(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *a = sf_guest(sf, SF_BOUND), *b = sf_guest(sf, SF_LAUNCH);

	KUNIT_EXPECT_EQ(test, SEV_RET_ASID_OWNED, activate_with(sf, b, a->asid));
	KUNIT_ASSERT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, a->gctx));
	KUNIT_EXPECT_EQ(test, S, activate_with(sf, b, a->asid));
}

/*
 * One that ran needs WBINVD on all CPUs and then DF_FLUSH, in that order, while
 * other guests run on.
 */
static void asid_of_a_guest_that_ran(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *other = sf_guest(sf, SF_RUNNING);
	struct sf_guest *a = sf_guest(sf, SF_RUNNING), *b = sf_guest(sf, SF_LAUNCH);

	/* Settle whatever was before. */
	sf_flush(sf);
	KUNIT_ASSERT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, a->gctx));
	sf->dirty = true;
	KUNIT_EXPECT_EQ(test, SEV_RET_DFFLUSH_REQUIRED, activate_with(sf, b, a->asid));
	KUNIT_EXPECT_EQ_MSG(test, SEV_RET_WBINVD_REQUIRED,
			    sf_command(sf, SEV_CMD_SNP_DF_FLUSH, NULL, 0), "no WBINVD");
	KUNIT_EXPECT_EQ(test, SEV_RET_DFFLUSH_REQUIRED, activate_with(sf, b, a->asid));
	wbinvd_on_all_cpus();
	KUNIT_EXPECT_EQ_MSG(test, SEV_RET_DFFLUSH_REQUIRED, activate_with(sf, b, a->asid),
			    "WBINVD alone");
	sf_flush(sf);
	KUNIT_EXPECT_EQ(test, S, activate_with(sf, b, a->asid));
	KUNIT_EXPECT_EQ(test, 2, sf_guest_state(sf, other));
	sf->dirty = true;
}

/* A page that was left behind keeps its ASID from everybody, whatever is flushed */
static void asid_of_a_page_left_behind(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *a = sf_guest(sf, SF_BOUND), *b = sf_guest(sf, SF_LAUNCH);
	u64 pa = sf_page_in(sf, SF_GUEST_VALID, a);

	KUNIT_ASSERT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, a->gctx));
	/* The guest is gone, its pages are not. */
	sf_expect_entry(sf, pa, a->asid, SF_GPA + (pa & (SZ_2M - 1)), false, false);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_CONFIG, activate_with(sf, b, a->asid));
	sf_flush(sf);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_CONFIG, activate_with(sf, b, a->asid));
	KUNIT_EXPECT_EQ(test, SF_OK, sf_unassign(sf, pa));
	KUNIT_EXPECT_EQ(test, S, activate_with(sf, b, a->asid));
}

/* Guests -------------------------------------------------------------------- */

static void guest_status_reports(struct kunit *test)
{
	static const enum sf_stage stages[] = { SF_INIT, SF_LAUNCH, SF_BOUND, SF_RUNNING };
	static const u8 states[] = { 0, 1, 1, 2 };
	struct sf *sf = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		u64 policy = SF_POLICY | SF_POLICY_DEBUG;
		struct sf_guest *g = sf_guest_policy(sf, stages[i], policy, 0);
		u64 pa = sf_page_in(sf, SF_FIRMWARE, g);
		struct sev_data_snp_guest_status s = { __sme_set(g->gctx), __sme_set(pa) };
		const struct sf_guest_status *r = __va(pa);

		KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_GUEST_STATUS, &s, sizeof(s)));
		KUNIT_EXPECT_EQ(test, states[i], r->state);
		KUNIT_EXPECT_EQ(test, stages[i] >= SF_BOUND ? g->asid : 0, r->asid);
		KUNIT_EXPECT_EQ(test, stages[i] >= SF_LAUNCH ? policy : 0, r->policy);
		/* Firmware keeps the page. */
		sf_expect_entry(sf, pa, 0, 0, true, false);
	}
}

/* The page of a context can become one again at once; nothing else can be done to it */
static void context_page_lives_on(struct kunit *test)
{
	struct sf *sf = test->priv;
	struct sf_guest *g = sf_guest(sf, SF_BOUND);

	KUNIT_EXPECT_EQ(test, STATE, sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, g->gctx));
	KUNIT_EXPECT_EQ(test, SF_PERMISSION, sf_unassign(sf, g->gctx));
	KUNIT_ASSERT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, g->gctx));
	if (sf->rmpread)
		KUNIT_EXPECT_EQ(test, SF_FIRMWARE, sf_state(sf, g->gctx, g));
	KUNIT_EXPECT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_GCTX_CREATE, g->gctx));
	KUNIT_EXPECT_EQ(test, 0, sf_guest_state(sf, g));
	KUNIT_ASSERT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, g->gctx));
	KUNIT_EXPECT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, g->gctx));
	KUNIT_EXPECT_EQ(test, SF_OK, sf_unassign(sf, g->gctx));
}

/* The platform -------------------------------------------------------------- */

static void platform_status_reports(struct kunit *test)
{
	struct sf *sf = test->priv;
	u64 pa = sf_page_in(sf, SF_FIRMWARE, NULL);
	const struct sev_user_data_snp_status *s = __va(pa);
	u32 guests;

	KUNIT_ASSERT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_PLATFORM_STATUS, pa));
	KUNIT_EXPECT_EQ(test, 1, s->state);
	KUNIT_EXPECT_TRUE(test, s->is_rmp_initialized);
	KUNIT_EXPECT_GE(test, s->api_major * 256 + s->api_minor, 256 + 50);
	guests = s->guest_count;
	/* The page stays firmware's; Linux reckons with both. */
	sf_expect_entry(sf, pa, 0, 0, true, false);

	/* A guest counts from LAUNCH_START on. */
	sf_guest(sf, SF_INIT);
	KUNIT_ASSERT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_PLATFORM_STATUS, pa));
	KUNIT_EXPECT_EQ(test, guests, s->guest_count);
	sf_guest(sf, SF_LAUNCH);
	KUNIT_ASSERT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_PLATFORM_STATUS, pa));
	KUNIT_EXPECT_EQ(test, guests + 1, s->guest_count);

	KUNIT_EXPECT_EQ_MSG(test, SEV_RET_INVALID_PARAM,
			    sf_addr(sf, SEV_CMD_SNP_PLATFORM_STATUS, pa + PAGE_SIZE - 31),
			    "the result crosses a page");
	KUNIT_EXPECT_EQ_MSG(test, S, sf_addr(sf, SEV_CMD_SNP_PLATFORM_STATUS, pa + PAGE_SIZE - 32),
			    "the result ends with the page");
}

/* What is malformed is seen before that the platform is initialized; neither changes it */
static void init_of_an_initialized_platform(struct kunit *test)
{
	struct sev_data_snp_init_ex i = { .init_rmp = 1 };
	struct sf *sf = test->priv;

	sf_needs_simulator(sf, "firmware that took it would build the RMP anew");
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PLATFORM_STATE,
			sf_command(sf, SEV_CMD_SNP_INIT_EX, &i, sizeof(i)));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PLATFORM_STATE,
			sf_command(sf, SEV_CMD_SNP_INIT, NULL, 0));
	i.rsvd1 = 1;
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM,
			sf_command(sf, SEV_CMD_SNP_INIT_EX, &i, sizeof(i)));
}

static void unknown_command(struct kunit *test)
{
	struct sf *sf = test->priv;

	sf_needs_simulator(sf, "newer firmware may know the command");
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_COMMAND, sf_command(sf, 0xff, NULL, 0));
}

/* Legacy commands once SNP is initialized: results go to pages of firmware only */
static void legacy_buffers(struct kunit *test)
{
	struct sf *sf = test->priv;
	u64 pa = sf_page_in(sf, SF_FIRMWARE, NULL);
	const struct sev_user_data_status *s = __va(pa);
	struct rmp_state e;

	KUNIT_EXPECT_EQ(test, S, sf_legacy(sf, SEV_CMD_PLATFORM_STATUS, pa,
					   sizeof(struct sev_user_data_status)));
	KUNIT_EXPECT_GE(test, s->api_major, 1);
	/* The page goes back on its own, and is of no use a second time. */
	if (sf_entry(sf, pa, &e)) {
		KUNIT_EXPECT_EQ(test, 1, e.assigned);
		KUNIT_EXPECT_EQ(test, 0, e.immutable);
	}
	KUNIT_EXPECT_EQ(test, LEGACY, sf_legacy(sf, SEV_CMD_PLATFORM_STATUS, pa,
						sizeof(struct sev_user_data_status)));
	KUNIT_EXPECT_EQ(test, SF_OK, sf_unassign(sf, pa));

	/* Also after an error of the command itself */
	memset(__va(pa), 0, PAGE_SIZE);
	((struct sev_data_launch_measure *)__va(pa))->handle = 0x7fffffff;
	KUNIT_ASSERT_EQ(test, SF_OK, sf_rmpupdate(sf, pa, 0, 0, true, false));
	KUNIT_EXPECT_NE(test, S, sf_legacy(sf, SEV_CMD_LAUNCH_MEASURE, pa,
					   sizeof(struct sev_data_launch_measure)));
	if (sf_entry(sf, pa, &e))
		KUNIT_EXPECT_EQ(test, 0, e.immutable);
	KUNIT_EXPECT_EQ(test, SF_OK, sf_unassign(sf, pa));
}

static struct kunit_case snp_firmware_cases[] = {
	KUNIT_CASE_PARAM(rmpupdate_of_every_state, rmpupdate_gen_params),
	KUNIT_CASE_PARAM(rmpupdate_refuses, rmpupdate_operand_gen_params),
	KUNIT_CASE(rmpupdate_of_overlapping_sizes),
	KUNIT_CASE(entries_below_a_2m_entry),
	KUNIT_CASE(psmash_splits),
	KUNIT_CASE(psmash_refuses),
	KUNIT_CASE(rmpread_answers),
	KUNIT_CASE_PARAM(use_of_every_state, use_gen_params),
	KUNIT_CASE_PARAM(page_move_of_every_state, state_gen_params),
	KUNIT_CASE_PARAM(steps_in_every_stage, stage_gen_params),
	KUNIT_CASE_PARAM(gctx_create_order, gctx_create_gen_params),
	KUNIT_CASE_PARAM(launch_start_order, launch_start_gen_params),
	KUNIT_CASE_PARAM(policy_is_refused, policy_gen_params),
	KUNIT_CASE(migration_agents_do_not_nest),
	KUNIT_CASE_PARAM(activate_order, activate_gen_params),
	KUNIT_CASE_PARAM(activate_ex_order, activate_ex_gen_params),
	KUNIT_CASE(activate_ex_of_a_bound_guest),
	KUNIT_CASE_PARAM(launch_update_order, launch_update_gen_params),
	KUNIT_CASE_PARAM(launch_finish_order, launch_finish_gen_params),
	KUNIT_CASE(finish_with_an_identity),
	KUNIT_CASE(finish_with_an_author_alone),
	KUNIT_CASE_PARAM(decommission_order, decommission_gen_params),
	KUNIT_CASE_PARAM(guest_status_order, guest_status_gen_params),
	KUNIT_CASE(guest_status_reports),
	KUNIT_CASE_PARAM(page_reclaim_order, page_reclaim_gen_params),
	KUNIT_CASE_PARAM(page_move_order, page_move_gen_params),
	KUNIT_CASE(page_move_keeps_contents),
	KUNIT_CASE_PARAM(md_init_order, md_init_gen_params),
	KUNIT_CASE_PARAM(dbg_decrypt_order, dbg_decrypt_gen_params),
	KUNIT_CASE_PARAM(dbg_encrypt_order, dbg_encrypt_gen_params),
	KUNIT_CASE(dbg_encrypt_round_trip),
	KUNIT_CASE_PARAM(set_state_order, set_state_gen_params),
	KUNIT_CASE_PARAM(page_unsmash, unsmash_gen_params),
	KUNIT_CASE(swap_round_trip),
	KUNIT_CASE(pages_of_the_rmp),
	KUNIT_CASE(ld_of_nothing),
	KUNIT_CASE_PARAM(ld_of_every_type, type_gen_params),
	KUNIT_CASE(ld_follows_the_order),
	KUNIT_CASE(ld_is_the_guests_own),
	KUNIT_CASE(ld_of_2m),
	KUNIT_CASE_PARAM(contents_of_every_type, type_gen_params),
	KUNIT_CASE(cpuid_is_corrected),
	KUNIT_CASE(cpuid_that_stays_wrong),
	KUNIT_CASE(asid_of_an_unfinished_launch),
	KUNIT_CASE(asid_of_a_guest_that_ran),
	KUNIT_CASE(asid_of_a_page_left_behind),
	KUNIT_CASE(context_page_lives_on),
	KUNIT_CASE(platform_status_reports),
	KUNIT_CASE(init_of_an_initialized_platform),
	KUNIT_CASE(unknown_command),
	KUNIT_CASE(legacy_buffers),
	{}
};

static struct kunit_suite snp_firmware_suite = {
	.name = "snp_firmware",
	.init = sf_init,
	.test_cases = snp_firmware_cases,
};

kunit_test_suite(snp_firmware_suite);

MODULE_DESCRIPTION("KUnit suite of SNP firmware and the RMP");
MODULE_LICENSE("GPL");
