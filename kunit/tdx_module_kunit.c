// SPDX-License-Identifier: GPL-2.0
/*
 * A TDX module, leaf by leaf.
 *
 * What is expected was measured on published module 1.5.01, or read in its source;
 * where later ones are known to differ, both answers are accepted. Statuses are
 * compared with their operand, and so are the registers that come back, on failures
 * too. What only guests, several processors at once or migration can reach is not
 * here.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <asm/processor.h>
#include <asm/tdx.h>

#include "tdx_module.h"

#define JUNK(_i)	(0x1234567800000000ULL + (_i))

/* Dispatch ------------------------------------------------------------------ */

struct rax_row {
	const char *name;
	u64 rax;
};

static const struct rax_row rax_rows[] = {
	{ "bit 24", TM_TRACK | BIT_ULL(24) },
	{ "bit 40", TM_TRACK | BIT_ULL(40) },
	{ "bit 62", TM_TRACK | BIT_ULL(62) },
	{ "no such leaf", 0xffff },
	{ "a version of TRACK", TM_TRACK | BIT_ULL(16) },
	{ "a version of PAGE.ADD", TM_PAGE_ADD | BIT_ULL(16) },
	{ "version 255 of SEPT.ADD", TM_SEPT_ADD | 0xffULL << 16 },
};

KUNIT_ARRAY_PARAM_DESC(rax, rax_rows, name);

/* It is about RAX, whose number is 0; all but the last touch no register */
static void rax_is_refused(struct kunit *test)
{
	const struct rax_row *row = test->param_value;
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	struct tdx_module_args r = {
		.rcx = td->tdr, .rdx = td->tdr, .r8 = JUNK(8), .r9 = JUNK(9),
		.r10 = JUNK(10), .r11 = JUNK(11),
	};

	KUNIT_EXPECT_EQ_MSG(test, TM_OPERAND_INVALID | TM_RAX, tm_call(tm, row->rax, &r), "%s",
			    row->name);
	if ((u16)row->rax == TM_SEPT_ADD)
		return;
	KUNIT_EXPECT_EQ(test, td->tdr, r.rcx);
	KUNIT_EXPECT_EQ(test, td->tdr, r.rdx);
	KUNIT_EXPECT_EQ(test, JUNK(8), r.r8);
	KUNIT_EXPECT_EQ(test, JUNK(11), r.r11);
}

/* Which TD: the checks that leaves have in common --------------------------- */

struct tdr_row {
	const char *name;
	u64 leaf;
	u32 operand;
	bool start;	/* the TD must not even have a key */
};

static const struct tdr_row tdr_rows[] = {
	{ "KEY.CONFIG", TM_KEY_CONFIG, TM_RCX, true },
	{ "MNG.ADDCX", TM_MNG_ADDCX, TM_RDX },
	{ "MNG.INIT", TM_MNG_INIT, TM_RCX },
	{ "SEPT.ADD", TM_SEPT_ADD, TM_RDX },
	{ "SEPT.RD", TM_SEPT_RD, TM_RDX },
	{ "SEPT.REMOVE", TM_SEPT_REMOVE, TM_RDX },
	{ "PAGE.ADD", TM_PAGE_ADD, TM_RDX },
	{ "PAGE.AUG", TM_PAGE_AUG, TM_RDX },
	{ "MR.EXTEND", TM_MR_EXTEND, TM_RDX },
	{ "MR.FINALIZE", TM_MR_FINALIZE, TM_RCX },
	{ "RANGE.BLOCK", TM_RANGE_BLOCK, TM_RDX },
	{ "RANGE.UNBLOCK", TM_RANGE_UNBLOCK, TM_RDX },
	{ "TRACK", TM_TRACK, TM_RCX },
	{ "PAGE.REMOVE", TM_PAGE_REMOVE, TM_RDX },
	{ "PAGE.PROMOTE", TM_PAGE_PROMOTE, TM_RDX },
	{ "PAGE.DEMOTE", TM_PAGE_DEMOTE, TM_RDX },
	{ "VPFLUSHDONE", TM_VPFLUSHDONE, TM_RCX },
	{ "KEY.FREEID", TM_KEY_FREEID, TM_RCX },
	{ "VP.CREATE", TM_VP_CREATE, TM_RDX },
};

KUNIT_ARRAY_PARAM_DESC(tdr, tdr_rows, name);

/* An address of memory that nobody gave to TDX: the last below the HKID bits */
static u64 outside(struct tmod *tm)
{
	return tm->max_pa - SZ_2M;
}

static u64 with_tdr(struct tmod *tm, const struct tdr_row *row, u64 tdr)
{
	if (row->operand == TM_RCX)
		return tm_op(tm, row->leaf, tdr, 0, 0, 0);
	return tm_op(tm, row->leaf, TM_GPA | (row->leaf == TM_SEPT_ADD), tdr, 0, 0);
}

static void tdr_operand(struct kunit *test)
{
	const struct tdr_row *row = test->param_value;
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, row->start ? TM_CREATED : TM_TDCS);
	u64 free = tm_page(tm);
	/* SEPT.ADD and DEMOTE have flags in the low bits of RDX, SEPT.RD has one. */
	u64 odd = td->tdr | 0x800;

	KUNIT_EXPECT_EQ_MSG(test, TM_OPERAND_INVALID | row->operand, with_tdr(tm, row, odd),
			    "not aligned");
	KUNIT_EXPECT_EQ_MSG(test, TM_OPERAND_INVALID | row->operand,
			    with_tdr(tm, row, td->tdr | tm->max_pa), "HKID bits");
	KUNIT_EXPECT_EQ_MSG(test, TM_OPERAND_INVALID | row->operand,
			    with_tdr(tm, row, td->tdr | BIT_ULL(52)), "beyond 52 bits");
	KUNIT_EXPECT_EQ_MSG(test, TM_ADDR_RANGE_ERROR | row->operand,
			    with_tdr(tm, row, outside(tm)), "in no TDMR");
	KUNIT_EXPECT_EQ_MSG(test, TM_METADATA_INCORRECT | row->operand, with_tdr(tm, row, free),
			    "free page");
}

/* The life of a TD, and what each leaf says in each state of it ------------- */

enum leaf {
	L_CREATE, L_KEY_CONFIG, L_ADDCX, L_INIT, L_SEPT_ADD, L_SEPT_RD, L_PAGE_ADD, L_PAGE_AUG,
	L_EXTEND, L_FINALIZE, L_BLOCK, L_TRACK, L_VP_CREATE, L_VPFLUSHDONE, L_FREEID, L_RECLAIM,
	L_RDMD, NR_LEAVES,
};

static const char * const leaf_names[] = {
	"MNG.CREATE", "KEY.CONFIG", "MNG.ADDCX", "MNG.INIT", "SEPT.ADD", "SEPT.RD", "PAGE.ADD",
	"PAGE.AUG", "MR.EXTEND", "MR.FINALIZE", "RANGE.BLOCK", "TRACK", "VP.CREATE",
	"VPFLUSHDONE", "KEY.FREEID", "PAGE.RECLAIM of the TDR", "PAGE.RDMD of the TDR",
};

struct life_row {
	const char *name;
	enum tm_stage stage;
	u64 status[NR_LEAVES];
};

#define S	TM_SUCCESS
#define NOKEY	TM_KEYS_NOT_CONFIGURED
#define NOTDCS	TM_TDCS_NOT_ALLOCATED
#define OPST	TM_OP_STATE_INCORRECT
#define LIFE	TM_LIFECYCLE_INCORRECT
#define ISTDR	(TM_METADATA_INCORRECT | TM_RCX)
/* There is no table below the root, of which it is an entry of level 3 that is free */
#define WALK	(TM_WALK_FAILED | TM_RCX)
#define ABSENT	(TM_NOT_PRESENT | TM_RCX)

static const struct life_row life_rows[] = {
	{ "HKID_ASSIGNED", TM_CREATED,
	  { ISTDR, S, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY,
	    NOKEY, S, LIFE, LIFE, S } },
	{ "KEYS_CONFIGURED, no TDCS", TM_KEYED,
	  { ISTDR, LIFE, S, NOTDCS, NOTDCS, NOTDCS, NOTDCS, NOTDCS, NOTDCS, NOTDCS, NOTDCS,
	    NOTDCS, NOTDCS, S, LIFE, LIFE, S } },
	{ "UNINITIALIZED", TM_TDCS,
	  { ISTDR, LIFE, S, S, OPST, OPST, OPST, OPST, OPST, OPST, OPST, OPST, OPST, S, LIFE,
	    LIFE, S } },
	{ "INITIALIZED", TM_INIT,
	  { ISTDR, LIFE, OPST, OPST, S, WALK, WALK, WALK, ABSENT, TM_NO_VCPUS, WALK, S, S, S,
	    LIFE, LIFE, S } },
	{ "RUNNABLE", TM_RUNNABLE,
	  { ISTDR, LIFE, OPST, OPST, S, WALK, OPST, WALK, OPST, OPST, WALK, S, OPST,
	    TM_FLUSHVP_NOT_DONE, LIFE, LIFE, S } },
	{ "BLOCKED", TM_FLUSHED,
	  { ISTDR, LIFE, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY,
	    NOKEY, LIFE, TM_WBCACHE_NOT_COMPLETE, LIFE, S } },
	{ "TEARDOWN", TM_TEARDOWN,
	  { ISTDR, LIFE, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY, NOKEY,
	    NOKEY, LIFE, LIFE, S, S } },
};

KUNIT_ARRAY_PARAM_DESC(life, life_rows, name);

static u64 try_leaf(struct tm_td *td, enum leaf leaf)
{
	struct tmod *tm = td->tm;
	u64 tdr = td->tdr, pa;

	switch (leaf) {
	case L_CREATE:
		return tm_op(tm, TM_MNG_CREATE, tdr, td->hkid, 0, 0);
	case L_KEY_CONFIG:
		return tm_op(tm, TM_KEY_CONFIG, tdr, 0, 0, 0);
	case L_ADDCX:
		return tm_op(tm, TM_MNG_ADDCX, tm_page(tm), tdr, 0, 0);
	case L_INIT:
		pa = tm_page(tm);
		tm_fill_params(tm, __va(pa));
		return tm_op(tm, TM_MNG_INIT, tdr, pa, 0, 0);
	case L_SEPT_ADD:
		return tm_op(tm, TM_SEPT_ADD, 3, tdr, tm_page(tm), 0);
	case L_SEPT_RD:
		return tm_op(tm, TM_SEPT_RD, TM_GPA, tdr, 0, 0);
	case L_PAGE_ADD:
		return tm_op(tm, TM_PAGE_ADD, TM_GPA, tdr, tm_page(tm), tm_page(tm));
	case L_PAGE_AUG:
		return tm_op(tm, TM_PAGE_AUG, TM_GPA, tdr, tm_page(tm), 0);
	case L_EXTEND:
		return tm_op(tm, TM_MR_EXTEND, TM_GPA, tdr, 0, 0);
	case L_FINALIZE:
		return tm_op(tm, TM_MR_FINALIZE, tdr, 0, 0, 0);
	case L_BLOCK:
		return tm_op(tm, TM_RANGE_BLOCK, TM_GPA, tdr, 0, 0);
	case L_TRACK:
		return tm_op(tm, TM_TRACK, tdr, 0, 0, 0);
	case L_VP_CREATE:
		return tm_op(tm, TM_VP_CREATE, tm_page(tm), tdr, 0, 0);
	case L_VPFLUSHDONE:
		return tm_op(tm, TM_VPFLUSHDONE, tdr, 0, 0, 0);
	case L_FREEID:
		return tm_op(tm, TM_KEY_FREEID, tdr, 0, 0, 0);
	case L_RECLAIM:
		return tm_op(tm, TM_PAGE_RECLAIM, tdr, 0, 0, 0);
	default:
		return tm_op(tm, TM_PAGE_RDMD, tdr, 0, 0, 0);
	}
}

/* What the test has done to the TD behind the library's back */
static void note(struct tm_td *td, enum leaf leaf)
{
	switch (leaf) {
	case L_KEY_CONFIG:
		td->stage = TM_KEYED;
		break;
	case L_INIT:
		td->stage = TM_INIT;
		break;
	case L_VPFLUSHDONE:
		td->stage = TM_FLUSHED;
		break;
	default:
		break;
	}
}

static void leaves_in_every_state(struct kunit *test)
{
	const struct life_row *row = test->param_value;
	struct tmod *tm = test->priv;
	unsigned int l;
	u64 ret;

	for (l = 0; l < NR_LEAVES; l++) {
		struct tm_td *td = tm_td(tm, row->stage);

		ret = try_leaf(td, l);
		/* Another package may be left; none of the rest is about that. */
		if (ret != TM_KEY_CONFIGURED)
			KUNIT_EXPECT_EQ_MSG(test, row->status[l], ret, "%s: %s", row->name,
					    leaf_names[l]);
		if (!ret)
			note(td, l);
		/* A TDR that was given back has no TD any more. */
		if (l == L_RECLAIM && !ret)
			td->stage = TM_TEARDOWN;
		tm_reset(tm);
	}
}

/* Entries of the secure EPT: every state, every leaf ------------------------ */

enum state_of_entry {
	R_4K_NO_PARENT, R_4K_FREE, R_4K_MAPPED, R_4K_PENDING, R_4K_BLOCKED_UNTRACKED,
	R_4K_BLOCKED_TRACKED, R_4K_PENDING_BLOCKED_UNTRACKED, R_4K_PENDING_BLOCKED_TRACKED,
	R_2M_FREE, R_2M_NL_MAPPED_EMPTY, R_2M_NL_MAPPED_NON_EMPTY, R_2M_NL_MAPPED_512_MAPPED,
	R_2M_NL_BLOCKED_EMPTY_UNTRACKED, R_2M_NL_BLOCKED_EMPTY_TRACKED,
	R_2M_NL_BLOCKED_512_MAPPED_TRACKED, R_2M_MAPPED, R_2M_PENDING, R_2M_BLOCKED_UNTRACKED,
	R_2M_BLOCKED_TRACKED, R_2M_PENDING_BLOCKED_TRACKED,
};

enum sept_leaf {
	E_SEPT_ADD, E_SEPT_REMOVE, E_PAGE_ADD, E_PAGE_AUG, E_EXTEND, E_BLOCK, E_UNBLOCK,
	E_PAGE_REMOVE, E_PROMOTE, E_DEMOTE, NR_SEPT_LEAVES,
};

static const struct {
	const char *name;
	u64 leaf;
} sept_leaves[] = {
	{ "SEPT.ADD", TM_SEPT_ADD },
	{ "SEPT.REMOVE", TM_SEPT_REMOVE },
	{ "PAGE.ADD", TM_PAGE_ADD },
	{ "PAGE.AUG", TM_PAGE_AUG },
	{ "MR.EXTEND", TM_MR_EXTEND },
	{ "RANGE.BLOCK", TM_RANGE_BLOCK },
	{ "RANGE.UNBLOCK", TM_RANGE_UNBLOCK },
	{ "PAGE.REMOVE", TM_PAGE_REMOVE },
	{ "PAGE.PROMOTE", TM_PAGE_PROMOTE },
	{ "PAGE.DEMOTE", TM_PAGE_DEMOTE },
};

#undef WALK
#undef ABSENT

/* A cell: how the leaf fails, or which state the entry then has */
enum cell {
	INVALID, ENTRY, WALK, ABSENT, ALREADY, UNBLKD, UNTRKD, IN_USE, UNLIKE, OPSTATE,
};

#define CELL_OK		BIT(16)
#define TO(_state)	(CELL_OK | TM_##_state)

static const u64 cell_status[] = {
	[INVALID] = TM_OPERAND_INVALID | TM_RCX,
	[ENTRY] = TM_ENTRY_STATE | TM_RCX,
	[WALK] = TM_WALK_FAILED | TM_RCX,
	[ABSENT] = TM_NOT_PRESENT | TM_RCX,
	[ALREADY] = TM_ALREADY_BLOCKED | TM_RCX,
	[UNBLKD] = TM_NOT_BLOCKED | TM_RCX,
	[UNTRKD] = TM_NOT_TRACKED | TM_RCX,
	[IN_USE] = TM_PAGE_NOT_FREE | TM_RCX,
	[UNLIKE] = TM_BAD_PROMOTE | TM_RCX,
	[OPSTATE] = TM_OP_STATE_INCORRECT,
};

struct row {
	const char *name;
	enum state_of_entry state;
	u32 cell[NR_SEPT_LEAVES];
};

static const struct row initialized_rows[] = {
	{ "4K no parent", R_4K_NO_PARENT,
	  { INVALID, INVALID, WALK, WALK, ABSENT,
	    WALK, WALK, WALK, INVALID, INVALID } },
	{ "4K FREE", R_4K_FREE,
	  { INVALID, INVALID, TO(MAPPED), TO(PENDING), ABSENT,
	    ENTRY, ENTRY, ENTRY, INVALID, INVALID } },
	{ "4K MAPPED", R_4K_MAPPED,
	  { INVALID, INVALID, ENTRY, ENTRY, TO(MAPPED),
	    TO(BLOCKED), ENTRY, TO(FREE), INVALID, INVALID } },
	{ "4K PENDING", R_4K_PENDING,
	  { INVALID, INVALID, ENTRY, ENTRY, ABSENT,
	    TO(PBLOCKED), ENTRY, TO(FREE), INVALID, INVALID } },
	{ "4K BLOCKED untracked", R_4K_BLOCKED_UNTRACKED,
	  { INVALID, INVALID, ENTRY, ENTRY, ABSENT,
	    ALREADY, TO(MAPPED), TO(FREE), INVALID, INVALID } },
	{ "4K BLOCKED tracked", R_4K_BLOCKED_TRACKED,
	  { INVALID, INVALID, ENTRY, ENTRY, ABSENT,
	    ALREADY, TO(MAPPED), TO(FREE), INVALID, INVALID } },
	{ "4K PENDING_BLOCKED untracked", R_4K_PENDING_BLOCKED_UNTRACKED,
	  { INVALID, INVALID, ENTRY, ENTRY, ABSENT,
	    ALREADY, TO(PENDING), TO(FREE), INVALID, INVALID } },
	{ "4K PENDING_BLOCKED tracked", R_4K_PENDING_BLOCKED_TRACKED,
	  { INVALID, INVALID, ENTRY, ENTRY, ABSENT,
	    ALREADY, TO(PENDING), TO(FREE), INVALID, INVALID } },
	{ "2M FREE", R_2M_FREE,
	  { TO(NL_MAPPED), ENTRY, INVALID, TO(PENDING), ABSENT,
	    ENTRY, ENTRY, ENTRY, ENTRY, ENTRY } },
	{ "2M NL_MAPPED empty", R_2M_NL_MAPPED_EMPTY,
	  { ENTRY, TO(FREE), INVALID, ENTRY, ABSENT,
	    TO(NL_BLOCKED), ENTRY, ENTRY, UNLIKE, ENTRY } },
	{ "2M NL_MAPPED non-empty", R_2M_NL_MAPPED_NON_EMPTY,
	  { ENTRY, IN_USE, INVALID, ENTRY, ABSENT,
	    TO(NL_BLOCKED), ENTRY, ENTRY, UNLIKE, ENTRY } },
	{ "2M NL_MAPPED 512 mapped", R_2M_NL_MAPPED_512_MAPPED,
	  { ENTRY, IN_USE, INVALID, ENTRY, TO(NL_MAPPED),
	    TO(NL_BLOCKED), ENTRY, ENTRY, TO(MAPPED), ENTRY } },
	{ "2M NL_BLOCKED empty untracked", R_2M_NL_BLOCKED_EMPTY_UNTRACKED,
	  { ENTRY, TO(FREE), INVALID, ENTRY, ABSENT,
	    ALREADY, TO(NL_MAPPED), ENTRY, UNLIKE, ENTRY } },
	{ "2M NL_BLOCKED empty tracked", R_2M_NL_BLOCKED_EMPTY_TRACKED,
	  { ENTRY, TO(FREE), INVALID, ENTRY, ABSENT,
	    ALREADY, TO(NL_MAPPED), ENTRY, UNLIKE, ENTRY } },
	{ "2M NL_BLOCKED 512 mapped tracked", R_2M_NL_BLOCKED_512_MAPPED_TRACKED,
	  { ENTRY, IN_USE, INVALID, ENTRY, ABSENT,
	    ALREADY, TO(NL_MAPPED), ENTRY, TO(MAPPED), ENTRY } },
	{ "2M MAPPED", R_2M_MAPPED,
	  { ENTRY, ENTRY, INVALID, ENTRY, TO(MAPPED),
	    TO(BLOCKED), ENTRY, TO(FREE), ENTRY, TO(NL_MAPPED) } },
	{ "2M PENDING", R_2M_PENDING,
	  { ENTRY, ENTRY, INVALID, ENTRY, ABSENT,
	    TO(PBLOCKED), ENTRY, TO(FREE), ENTRY, TO(NL_MAPPED) } },
	{ "2M BLOCKED untracked", R_2M_BLOCKED_UNTRACKED,
	  { ENTRY, ENTRY, INVALID, ENTRY, ABSENT,
	    ALREADY, TO(MAPPED), TO(FREE), ENTRY, TO(NL_MAPPED) } },
	{ "2M BLOCKED tracked", R_2M_BLOCKED_TRACKED,
	  { ENTRY, ENTRY, INVALID, ENTRY, ABSENT,
	    ALREADY, TO(MAPPED), TO(FREE), ENTRY, TO(NL_MAPPED) } },
	{ "2M PENDING_BLOCKED tracked", R_2M_PENDING_BLOCKED_TRACKED,
	  { ENTRY, ENTRY, INVALID, ENTRY, ABSENT,
	    ALREADY, TO(PENDING), TO(FREE), ENTRY, TO(NL_MAPPED) } },
};

static const struct row runnable_rows[] = {
	{ "4K no parent", R_4K_NO_PARENT,
	  { INVALID, INVALID, OPSTATE, WALK, OPSTATE,
	    WALK, WALK, WALK, INVALID, INVALID } },
	{ "4K FREE", R_4K_FREE,
	  { INVALID, INVALID, OPSTATE, TO(PENDING), OPSTATE,
	    ENTRY, ENTRY, ENTRY, INVALID, INVALID } },
	{ "4K MAPPED", R_4K_MAPPED,
	  { INVALID, INVALID, OPSTATE, ENTRY, OPSTATE,
	    TO(BLOCKED), ENTRY, UNBLKD, INVALID, INVALID } },
	{ "4K PENDING", R_4K_PENDING,
	  { INVALID, INVALID, OPSTATE, ENTRY, OPSTATE,
	    TO(PBLOCKED), ENTRY, UNBLKD, INVALID, INVALID } },
	{ "4K BLOCKED untracked", R_4K_BLOCKED_UNTRACKED,
	  { INVALID, INVALID, OPSTATE, ENTRY, OPSTATE,
	    ALREADY, UNTRKD, UNTRKD, INVALID, INVALID } },
	{ "4K BLOCKED tracked", R_4K_BLOCKED_TRACKED,
	  { INVALID, INVALID, OPSTATE, ENTRY, OPSTATE,
	    ALREADY, TO(MAPPED), TO(FREE), INVALID, INVALID } },
	{ "4K PENDING_BLOCKED untracked", R_4K_PENDING_BLOCKED_UNTRACKED,
	  { INVALID, INVALID, OPSTATE, ENTRY, OPSTATE,
	    ALREADY, UNTRKD, UNTRKD, INVALID, INVALID } },
	{ "4K PENDING_BLOCKED tracked", R_4K_PENDING_BLOCKED_TRACKED,
	  { INVALID, INVALID, OPSTATE, ENTRY, OPSTATE,
	    ALREADY, TO(PENDING), TO(FREE), INVALID, INVALID } },
	{ "2M FREE", R_2M_FREE,
	  { TO(NL_MAPPED), ENTRY, OPSTATE, TO(PENDING), OPSTATE,
	    ENTRY, ENTRY, ENTRY, ENTRY, ENTRY } },
	{ "2M NL_MAPPED empty", R_2M_NL_MAPPED_EMPTY,
	  { ENTRY, UNBLKD, OPSTATE, ENTRY, OPSTATE,
	    TO(NL_BLOCKED), ENTRY, ENTRY, UNBLKD, ENTRY } },
	{ "2M NL_MAPPED non-empty", R_2M_NL_MAPPED_NON_EMPTY,
	  { ENTRY, UNBLKD, OPSTATE, ENTRY, OPSTATE,
	    TO(NL_BLOCKED), ENTRY, ENTRY, UNBLKD, ENTRY } },
	{ "2M NL_MAPPED 512 mapped", R_2M_NL_MAPPED_512_MAPPED,
	  { ENTRY, UNBLKD, OPSTATE, ENTRY, OPSTATE,
	    TO(NL_BLOCKED), ENTRY, ENTRY, UNBLKD, ENTRY } },
	{ "2M NL_BLOCKED empty untracked", R_2M_NL_BLOCKED_EMPTY_UNTRACKED,
	  { ENTRY, UNTRKD, OPSTATE, ENTRY, OPSTATE,
	    ALREADY, UNTRKD, ENTRY, UNTRKD, ENTRY } },
	{ "2M NL_BLOCKED empty tracked", R_2M_NL_BLOCKED_EMPTY_TRACKED,
	  { ENTRY, TO(FREE), OPSTATE, ENTRY, OPSTATE,
	    ALREADY, TO(NL_MAPPED), ENTRY, UNLIKE, ENTRY } },
	{ "2M NL_BLOCKED 512 mapped tracked", R_2M_NL_BLOCKED_512_MAPPED_TRACKED,
	  { ENTRY, IN_USE, OPSTATE, ENTRY, OPSTATE,
	    ALREADY, TO(NL_MAPPED), ENTRY, TO(MAPPED), ENTRY } },
	{ "2M MAPPED", R_2M_MAPPED,
	  { ENTRY, ENTRY, OPSTATE, ENTRY, OPSTATE,
	    TO(BLOCKED), ENTRY, UNBLKD, ENTRY, UNBLKD } },
	{ "2M PENDING", R_2M_PENDING,
	  { ENTRY, ENTRY, OPSTATE, ENTRY, OPSTATE,
	    TO(PBLOCKED), ENTRY, UNBLKD, ENTRY, UNBLKD } },
	{ "2M BLOCKED untracked", R_2M_BLOCKED_UNTRACKED,
	  { ENTRY, ENTRY, OPSTATE, ENTRY, OPSTATE,
	    ALREADY, UNTRKD, UNTRKD, ENTRY, UNTRKD } },
	{ "2M BLOCKED tracked", R_2M_BLOCKED_TRACKED,
	  { ENTRY, ENTRY, OPSTATE, ENTRY, OPSTATE,
	    ALREADY, TO(MAPPED), TO(FREE), ENTRY, TO(NL_MAPPED) } },
	{ "2M PENDING_BLOCKED tracked", R_2M_PENDING_BLOCKED_TRACKED,
	  { ENTRY, ENTRY, OPSTATE, ENTRY, OPSTATE,
	    ALREADY, TO(PENDING), TO(FREE), ENTRY, TO(NL_MAPPED) } },
};

KUNIT_ARRAY_PARAM_DESC(initialized, initialized_rows, name);
KUNIT_ARRAY_PARAM_DESC(runnable, runnable_rows, name);

static unsigned int level_of(enum state_of_entry state)
{
	return state >= R_2M_FREE;
}

/* Adds 512 pages that lie and are mapped one after the other */
static u64 add_512(struct tm_td *td)
{
	u64 pa = tm_region(td->tm), i;

	for (i = 0; i < SZ_2M; i += PAGE_SIZE)
		tm_add_at(td, TM_GPA + i, pa + i);
	return pa;
}

static void promote(struct tm_td *td)
{
	KUNIT_ASSERT_EQ(td->tm->test, TM_SUCCESS,
			tm_sept(td, TM_PAGE_PROMOTE, TM_GPA, 1, 0, 0));
}

/* What can be done only before the measurement is finalized; the page, if there is one */
static u64 build_entry(struct tm_td *td, enum state_of_entry state)
{
	switch (state) {
	case R_4K_NO_PARENT:
	case R_2M_FREE:
		tm_tables(td, TM_GPA, 1);
		return 0;
	case R_4K_MAPPED:
	case R_4K_BLOCKED_UNTRACKED:
	case R_4K_BLOCKED_TRACKED:
		tm_tables(td, TM_GPA, 0);
		return tm_add(td, TM_GPA);
	case R_4K_PENDING:
	case R_4K_PENDING_BLOCKED_UNTRACKED:
	case R_4K_PENDING_BLOCKED_TRACKED:
		tm_tables(td, TM_GPA, 0);
		return tm_aug(td, TM_GPA, 0);
	case R_2M_NL_MAPPED_NON_EMPTY:
		tm_tables(td, TM_GPA, 0);
		tm_add(td, TM_GPA + 7 * PAGE_SIZE);
		return 0;
	case R_2M_NL_MAPPED_512_MAPPED:
	case R_2M_NL_BLOCKED_512_MAPPED_TRACKED:
		tm_tables(td, TM_GPA, 0);
		return add_512(td);
	case R_2M_MAPPED:
	case R_2M_BLOCKED_UNTRACKED:
	case R_2M_BLOCKED_TRACKED: {
		u64 pa;

		tm_tables(td, TM_GPA, 0);
		pa = add_512(td);
		promote(td);
		return pa;
	}
	case R_2M_PENDING:
	case R_2M_PENDING_BLOCKED_TRACKED:
		tm_tables(td, TM_GPA, 1);
		return tm_aug(td, TM_GPA, 1);
	default:
		tm_tables(td, TM_GPA, 0);
		return 0;
	}
}

static void block_entry(struct tm_td *td, enum state_of_entry state)
{
	bool track = false;

	switch (state) {
	case R_4K_BLOCKED_TRACKED:
	case R_4K_PENDING_BLOCKED_TRACKED:
	case R_2M_NL_BLOCKED_EMPTY_TRACKED:
	case R_2M_NL_BLOCKED_512_MAPPED_TRACKED:
	case R_2M_BLOCKED_TRACKED:
	case R_2M_PENDING_BLOCKED_TRACKED:
		track = true;
		fallthrough;
	case R_4K_BLOCKED_UNTRACKED:
	case R_4K_PENDING_BLOCKED_UNTRACKED:
	case R_2M_NL_BLOCKED_EMPTY_UNTRACKED:
	case R_2M_BLOCKED_UNTRACKED:
		tm_block(td, TM_GPA, level_of(state));
		if (track)
			tm_track(td);
		break;
	default:
		break;
	}
}

static struct tm_td *td_with_entry(struct tmod *tm, enum state_of_entry state, bool runnable,
				   u64 *page)
{
	struct tm_td *td = tm_td(tm, TM_INIT);

	*page = build_entry(td, state);
	if (runnable)
		tm_advance(td, TM_RUNNABLE);
	block_entry(td, state);
	return td;
}

/* Registers of a leaf on the entry, as the host gives them */
static void operands(struct tm_td *td, enum sept_leaf l, unsigned int level,
		     struct tdx_module_args *r)
{
	*r = (struct tdx_module_args){
		.rcx = TM_GPA | level, .rdx = td->tdr, .r8 = JUNK(8), .r9 = JUNK(9),
		.r10 = JUNK(10), .r11 = JUNK(11),
	};
	switch (l) {
	case E_SEPT_ADD:
	case E_DEMOTE:
		r->r8 = tm_page(td->tm);
		break;
	case E_PAGE_ADD:
		r->r8 = tm_page(td->tm);
		r->r9 = tm_page(td->tm);
		break;
	case E_PAGE_AUG:
		r->r8 = level ? tm_region(td->tm) : tm_page(td->tm);
		break;
	case E_EXTEND:
		/* It has no level. */
		r->rcx = TM_GPA;
		break;
	default:
		break;
	}
}

static bool is_status(enum sept_leaf l, u32 cell, u64 ret)
{
	/* Module 1.5.01 names the tree here, later ones the entry. */
	if (cell == UNTRKD && l == E_UNBLOCK && ret == (TM_NOT_TRACKED | TM_SEPT_TREE))
		return true;
	return ret == cell_status[cell];
}

/* What a failure tells of the entry: as SEPT.RD does, or nothing */
static void check_details(struct kunit *test, const struct row *row, enum sept_leaf l,
			  const struct tdx_module_args *r, u64 rcx, u64 rdx)
{
	switch (row->cell[l]) {
	case INVALID:
	case UNTRKD:
	case OPSTATE:
		rcx = 0;
		rdx = 0;
		break;
	case WALK:
		/* The entry above, which has no table */
		rcx = BIT_ULL(63);
		rdx = 1;
		break;
	case ABSENT:
		/* EXTEND walks to whatever there is. */
		KUNIT_EXPECT_NE_MSG(test, TM_MAPPED, r->rdx >> 8 & 0xff, "%s", row->name);
		return;
	}
	KUNIT_EXPECT_EQ_MSG(test, rcx, r->rcx, "%s: RCX of %s", row->name, sept_leaves[l].name);
	KUNIT_EXPECT_EQ_MSG(test, rdx, r->rdx, "%s: RDX of %s", row->name, sept_leaves[l].name);
}

static void expect_untouched(struct kunit *test, const struct tdx_module_args *in,
			     const struct tdx_module_args *out)
{
	KUNIT_EXPECT_EQ(test, in->r8, out->r8);
	KUNIT_EXPECT_EQ(test, in->r9, out->r9);
	KUNIT_EXPECT_EQ(test, in->r10, out->r10);
	KUNIT_EXPECT_EQ(test, in->r11, out->r11);
}

/* Above the entry there is none: it can't be read. */
static bool readable(enum state_of_entry state)
{
	return state != R_4K_NO_PARENT;
}

static void try_row(struct kunit *test, bool runnable)
{
	const struct row *row = test->param_value;
	unsigned int level = level_of(row->state), l;
	u64 rcx = 0, rdx = 0, now_rcx, now_rdx, page, ret;
	struct tdx_module_args in, out;
	struct tmod *tm = test->priv;
	struct tm_td *td;

	/* Those that fail change nothing: one TD is enough for them. */
	td = td_with_entry(tm, row->state, runnable, &page);
	if (readable(row->state))
		tm_entry(td, TM_GPA, level, &rcx, &rdx);
	for (l = 0; l < NR_SEPT_LEAVES; l++) {
		if (row->cell[l] & CELL_OK)
			continue;
		operands(td, l, level, &in);
		out = in;
		ret = tm_call(tm, sept_leaves[l].leaf, &out);
		KUNIT_EXPECT_TRUE_MSG(test, is_status(l, row->cell[l], ret),
				      "%s: %s gives %#llx, not %#llx", row->name,
				      sept_leaves[l].name, ret, cell_status[row->cell[l]]);
		check_details(test, row, l, &out, rcx, rdx);
		expect_untouched(test, &in, &out);
		if (!readable(row->state))
			continue;
		tm_entry(td, TM_GPA, level, &now_rcx, &now_rdx);
		KUNIT_EXPECT_EQ_MSG(test, rcx, now_rcx, "%s after %s", row->name,
				    sept_leaves[l].name);
		KUNIT_EXPECT_EQ_MSG(test, rdx, now_rdx, "%s after %s", row->name,
				    sept_leaves[l].name);
	}
	tm_reset(tm);

	for (l = 0; l < NR_SEPT_LEAVES; l++) {
		if (!(row->cell[l] & CELL_OK))
			continue;
		td = td_with_entry(tm, row->state, runnable, &page);
		operands(td, l, level, &in);
		out = in;
		KUNIT_EXPECT_EQ_MSG(test, TM_SUCCESS, tm_call(tm, sept_leaves[l].leaf, &out),
				    "%s: %s", row->name, sept_leaves[l].name);
		tm_entry(td, TM_GPA, level, &now_rcx, &now_rdx);
		KUNIT_EXPECT_EQ_MSG(test, (u64)(row->cell[l] & 0xff) << 8 | level, now_rdx,
				    "%s after %s", row->name, sept_leaves[l].name);
		/* What was split is what the page was, and none of it is blocked. */
		if (l == E_DEMOTE) {
			u8 part = row->state == R_2M_PENDING ||
				  row->state == R_2M_PENDING_BLOCKED_TRACKED ?
				  TM_PENDING : TM_MAPPED;

			tm_expect_entry(td, TM_GPA, 0, part);
			tm_expect_entry(td, TM_GPA + 511 * PAGE_SIZE, 0, part);
		}
		/* What was removed is named: a page, or a table */
		KUNIT_EXPECT_EQ(test, 0, out.rdx);
		if (l == E_PAGE_REMOVE)
			KUNIT_EXPECT_EQ(test, page, out.rcx);
		else if (l == E_SEPT_REMOVE || l == E_PROMOTE)
			tm_expect_page(tm, out.rcx, TM_PT_FREE, td->tdr, 0);
		else
			KUNIT_EXPECT_EQ(test, 0, out.rcx);
		expect_untouched(test, &in, &out);
		tm_reset(tm);
	}
}

static void entries_of_an_initialized_td(struct kunit *test)
{
	try_row(test, false);
}

static void entries_of_a_runnable_td(struct kunit *test)
{
	try_row(test, true);
}

/* What SEPT.RD shows of an entry in each state */
static void entry_details(struct kunit *test)
{
	static const struct {
		enum state_of_entry state;
		u8 shown;
		u64 rcx;
		bool page;
	} rows[] = {
		{ R_4K_FREE, TM_FREE, BIT_ULL(63) },
		{ R_4K_MAPPED, TM_MAPPED, BIT_ULL(63) | 0xf7, true },
		{ R_4K_PENDING, TM_PENDING, BIT_ULL(63) | 0xf0, true },
		{ R_4K_BLOCKED_TRACKED, TM_BLOCKED, BIT_ULL(63) | 0xf0, true },
		{ R_4K_PENDING_BLOCKED_TRACKED, TM_PBLOCKED, BIT_ULL(63) | 0xf0, true },
		{ R_2M_FREE, TM_FREE, BIT_ULL(63) },
		{ R_2M_NL_MAPPED_EMPTY, TM_NL_MAPPED, 7 },
		{ R_2M_NL_BLOCKED_EMPTY_TRACKED, TM_NL_BLOCKED, 0 },
		{ R_2M_MAPPED, TM_MAPPED, BIT_ULL(63) | 0xf7, true },
		{ R_2M_PENDING, TM_PENDING, BIT_ULL(63) | 0xf0, true },
	};
	struct tmod *tm = test->priv;
	u64 page, rcx, rdx;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int level = level_of(rows[i].state);
		struct tm_td *td = td_with_entry(tm, rows[i].state, false, &page);

		tm_entry(td, TM_GPA, level, &rcx, &rdx);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].rcx + (rows[i].page ? page : 0), rcx,
				    "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, (u64)rows[i].shown << 8 | level, rdx, "row %u", i);
		tm_reset(tm);
	}
}

/* A blocked table hides all that is below, from every leaf */
static void blocked_table_hides(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	struct tdx_module_args r;
	unsigned int l;

	tm_tables(td, TM_GPA, 0);
	tm_add(td, TM_GPA);
	tm_block(td, TM_GPA, 1);
	for (l = 0; l < NR_SEPT_LEAVES; l++) {
		if (l == E_SEPT_ADD || l == E_SEPT_REMOVE || l == E_PROMOTE || l == E_DEMOTE)
			continue;
		operands(td, l, 0, &r);
		KUNIT_EXPECT_EQ_MSG(test, l == E_EXTEND ? TM_NOT_PRESENT | TM_RCX :
							  TM_WALK_FAILED | TM_RCX,
				    tm_call(tm, sept_leaves[l].leaf, &r), "%s",
				    sept_leaves[l].name);
		KUNIT_EXPECT_EQ(test, 0, r.rcx);
		KUNIT_EXPECT_EQ(test, TM_NL_BLOCKED << 8 | 1, r.rdx);
	}
	KUNIT_EXPECT_EQ(test, TM_WALK_FAILED | TM_RCX,
			tm_op(tm, TM_SEPT_RD, TM_GPA, td->tdr, 0, 0));
	/* It comes back as it was. */
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_RANGE_UNBLOCK, TM_GPA, 1, 0, 0));
	tm_expect_entry(td, TM_GPA, 0, TM_MAPPED);
}

/* Operands of the leaves on the secure EPT ---------------------------------- */

struct rcx_row {
	const char *name;
	u64 leaf;
	unsigned int min, max;
};

static const struct rcx_row rcx_rows[] = {
	{ "SEPT.ADD", TM_SEPT_ADD, 1, 3 },
	{ "SEPT.RD", TM_SEPT_RD, 0, 3 },
	{ "SEPT.REMOVE", TM_SEPT_REMOVE, 1, 3 },
	{ "PAGE.ADD", TM_PAGE_ADD, 0, 0 },
	{ "PAGE.AUG", TM_PAGE_AUG, 0, 1 },
	{ "RANGE.BLOCK", TM_RANGE_BLOCK, 0, 3 },
	{ "RANGE.UNBLOCK", TM_RANGE_UNBLOCK, 0, 3 },
	{ "PAGE.REMOVE", TM_PAGE_REMOVE, 0, 2 },
	{ "PAGE.PROMOTE", TM_PAGE_PROMOTE, 1, 2 },
	{ "PAGE.DEMOTE", TM_PAGE_DEMOTE, 1, 2 },
};

KUNIT_ARRAY_PARAM_DESC(rcx, rcx_rows, name);

/* Every level, every kind of bit that must be zero, before anything is walked */
static void gpa_operand(struct kunit *test)
{
	const struct rcx_row *row = test->param_value;
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	u64 good = row->min, bad = TM_OPERAND_INVALID | TM_RCX;
	unsigned int level;

	for (level = 0; level < 8; level++) {
		u64 ret = tm_op(tm, row->leaf, level, td->tdr, JUNK(8) << 12, JUNK(9) << 12);

		if (level < row->min || level > row->max)
			KUNIT_EXPECT_EQ_MSG(test, bad, ret, "level %u", level);
		else
			KUNIT_EXPECT_NE_MSG(test, bad, ret, "level %u", level);
	}
#define BAD(_rcx, _why)								\
	KUNIT_EXPECT_EQ_MSG(test, bad, tm_op(tm, row->leaf, _rcx, td->tdr, 0, 0), _why)
	BAD(good | BIT_ULL(3), "bit 3");
	BAD(good | BIT_ULL(11), "bit 11");
	BAD(good | BIT_ULL(52), "bit 52");
	BAD(good | BIT_ULL(63), "bit 63");
	/* 48 bits of GPA: bit 47 makes it shared, and there is nothing above. */
	BAD(good | BIT_ULL(47), "shared");
	BAD(good | BIT_ULL(51), "bit 51");
	if (row->max)
		BAD(row->max | PAGE_SIZE, "not aligned to the level");
#undef BAD
}

/* EXTEND has a GPA alone, of 256 bytes */
static void extend_operand(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	unsigned int i;

	tm_tables(td, TM_GPA, 0);
	tm_add(td, TM_GPA);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX,
				tm_op(tm, TM_MR_EXTEND, TM_GPA | BIT(i), td->tdr, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX,
			tm_op(tm, TM_MR_EXTEND, TM_GPA | BIT_ULL(47), td->tdr, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS,
			tm_op(tm, TM_MR_EXTEND, TM_GPA + 0xf00, td->tdr, 0, 0));
}

/* RDX has flags for some: one bit, and nothing above the address */
static void flags_of_rdx(struct kunit *test)
{
	static const u64 leaves[] = { TM_SEPT_ADD, TM_PAGE_DEMOTE, TM_SEPT_RD };
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(leaves); i++)
		for (bit = 1; bit < 12; bit++)
			KUNIT_EXPECT_EQ_MSG(test, TM_OPERAND_INVALID | TM_RDX,
					    tm_op(tm, leaves[i], TM_GPA | 1,
						  td->tdr | BIT_ULL(bit), 0, 0),
					    "leaf %llu, bit %u", leaves[i], bit);
	/* Only of a TD that is debugged */
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RDX,
			tm_op(tm, TM_SEPT_RD, 3, td->tdr | 1, 0, 0));
}

/* A table that exists, if that is allowed: R8 is not even looked at */
static void sept_add_of_an_existing_table(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	/* Neither aligned nor free: there is nothing to be said for it. */
	u64 bad = td->tdr + 0x10;
	struct tdx_module_args r;

	tm_tables(td, TM_GPA, 0);
	r = (struct tdx_module_args){ .rcx = TM_GPA | 1, .rdx = td->tdr | 1, .r8 = bad };
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_call(tm, TM_SEPT_ADD, &r));
	KUNIT_EXPECT_EQ(test, 0, r.rcx);
	KUNIT_EXPECT_EQ(test, 0, r.rdx);
	KUNIT_EXPECT_EQ(test, bad, r.r8);
	r = (struct tdx_module_args){ .rcx = TM_GPA | 1, .rdx = td->tdr, .r8 = bad };
	KUNIT_EXPECT_EQ(test, TM_ENTRY_STATE | TM_RCX, tm_call(tm, TM_SEPT_ADD, &r));
	/* No page at all is found out about only after the walk. */
	KUNIT_EXPECT_EQ(test, TM_WALK_FAILED | TM_RCX,
			tm_op(tm, TM_SEPT_ADD, (TM_GPA + SZ_1G) | 1, td->tdr, ~0ULL, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_R8,
			tm_op(tm, TM_SEPT_ADD, (TM_GPA + SZ_2M) | 1, td->tdr, ~0ULL, 0));
	/* ... and not at all where there is a table. */
	KUNIT_EXPECT_EQ(test, TM_SUCCESS,
			tm_op(tm, TM_SEPT_ADD, TM_GPA | 1, td->tdr | 1, ~0ULL, 0));
	KUNIT_EXPECT_EQ(test, TM_ENTRY_STATE | TM_RCX,
			tm_op(tm, TM_SEPT_ADD, TM_GPA | 1, td->tdr, ~0ULL, 0));
}

/* Pages that are given to a TD */
struct page_row {
	const char *name;
	u64 leaf;
	u32 operand;
	unsigned int level;
};

static const struct page_row page_rows[] = {
	{ "MNG.CREATE", TM_MNG_CREATE, TM_RCX },
	{ "MNG.ADDCX", TM_MNG_ADDCX, TM_RCX },
	{ "VP.CREATE", TM_VP_CREATE, TM_RCX },
	{ "VP.ADDCX", TM_VP_ADDCX, TM_RCX },
	{ "SEPT.ADD", TM_SEPT_ADD, TM_R8, 1 },
	{ "PAGE.ADD", TM_PAGE_ADD, TM_R8 },
	{ "PAGE.AUG of 4K", TM_PAGE_AUG, TM_R8 },
	{ "PAGE.AUG of 2M", TM_PAGE_AUG, TM_R8, 1 },
	{ "PAGE.DEMOTE", TM_PAGE_DEMOTE, TM_R8, 1 },
};

KUNIT_ARRAY_PARAM_DESC(page, page_rows, name);

static u64 give_page(struct tm_td *td, const struct page_row *row, u64 pa, u64 source, u64 hkid,
		     u64 vp)
{
	switch (row->leaf) {
	case TM_MNG_CREATE:
		return tm_op(td->tm, row->leaf, pa, hkid, 0, 0);
	case TM_MNG_ADDCX:
	case TM_VP_CREATE:
		return tm_op(td->tm, row->leaf, pa, td->tdr, 0, 0);
	case TM_VP_ADDCX:
		return tm_op(td->tm, row->leaf, pa, vp, 0, 0);
	default:
		return tm_sept(td, row->leaf, TM_GPA, row->level, pa, source);
	}
}

static void page_operand(struct kunit *test)
{
	const struct page_row *row = test->param_value;
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, row->leaf == TM_MNG_ADDCX ? TM_TDCS : TM_INIT);
	u64 free = row->leaf == TM_PAGE_AUG && row->level ? tm_region(tm) : tm_page(tm);
	u64 source = tm_page(tm), vp = 0, own, big;
	u32 id = row->operand;
	int hkid = 0;

	switch (row->leaf) {
	case TM_MNG_CREATE:
		hkid = tdx_guest_keyid_alloc();
		KUNIT_ASSERT_GT(test, hkid, 0);
		break;
	case TM_VP_ADDCX:
		vp = tm_page(tm);
		KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_op(tm, TM_VP_CREATE, vp, td->tdr, 0, 0));
		break;
	case TM_PAGE_DEMOTE:
		tm_tables(td, TM_GPA, 1);
		tm_aug(td, TM_GPA, 1);
		break;
	case TM_SEPT_ADD:
	case TM_PAGE_ADD:
	case TM_PAGE_AUG:
		tm_tables(td, TM_GPA, row->level);
		break;
	}
	/* A page that is the TD's already; naming the TDR, which is held, is below. */
	big = tm_region(tm);
	own = big + 5 * PAGE_SIZE;
	if (td->stage == TM_INIT)
		KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_op(tm, TM_VP_CREATE, own, td->tdr, 0, 0));
	else
		KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_op(tm, TM_MNG_ADDCX, own, td->tdr, 0, 0));

#define GIVE(_status, _pa, _why)						\
	KUNIT_EXPECT_EQ_MSG(test, (_status) | id, give_page(td, row, _pa, source, hkid, vp), _why)
	GIVE(TM_OPERAND_INVALID, free + 0x10, "not aligned");
	GIVE(TM_OPERAND_INVALID, free | tm->max_pa, "HKID bits");
	if (row->leaf == TM_PAGE_AUG && row->level) {
		GIVE(TM_OPERAND_INVALID, free + PAGE_SIZE, "not aligned to 2M");
		own = big;
	}
	GIVE(TM_ADDR_RANGE_ERROR, outside(tm), "in no TDMR");
	GIVE(TM_METADATA_INCORRECT, own, "not free");
#undef GIVE
	if (hkid)
		tdx_guest_keyid_free(hkid);
}

/* The same page twice is busy on itself, and not of the wrong type */
static void page_named_twice(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT), *raw = tm_td(tm, TM_TDCS);

	tm_tables(td, TM_GPA, 0);
	KUNIT_EXPECT_EQ(test, TM_OPERAND_BUSY | TM_RCX,
			tm_op(tm, TM_MNG_ADDCX, raw->tdr, raw->tdr, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_BUSY | TM_RCX,
			tm_op(tm, TM_VP_CREATE, td->tdr, td->tdr, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_BUSY | TM_R8,
			tm_sept(td, TM_SEPT_ADD, TM_GPA + SZ_2M, 1, td->tdr, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_BUSY | TM_R8,
			tm_sept(td, TM_PAGE_AUG, TM_GPA, 0, td->tdr, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_BUSY | TM_R8,
			tm_sept(td, TM_PAGE_ADD, TM_GPA, 0, td->tdr, tm_page(tm)));
	/* Nor can 2M be had of which a 4K page is held. */
	KUNIT_EXPECT_EQ(test, TM_OPERAND_BUSY | TM_R8,
			tm_sept(td, TM_PAGE_AUG, TM_GPA + SZ_2M, 1, ALIGN_DOWN(td->tdr, SZ_2M), 0));
}

/* GPA, then the state of the entry, then the source, then the target */
static void page_add_order(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	u64 page = tm_page(tm), bad = td->tdr + 0x10;

	tm_tables(td, TM_GPA, 0);
	tm_add(td, TM_GPA);
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX,
			tm_sept(td, TM_PAGE_ADD, TM_GPA | BIT(4), 0, bad, bad));
	KUNIT_EXPECT_EQ(test, TM_ENTRY_STATE | TM_RCX,
			tm_sept(td, TM_PAGE_ADD, TM_GPA, 0, bad, bad));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_R9,
			tm_sept(td, TM_PAGE_ADD, TM_GPA + PAGE_SIZE, 0, bad, bad));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_R8,
			tm_sept(td, TM_PAGE_ADD, TM_GPA + PAGE_SIZE, 0, bad, page));
	/* The source may be the target. */
	KUNIT_EXPECT_EQ(test, TM_SUCCESS,
			tm_sept(td, TM_PAGE_ADD, TM_GPA + PAGE_SIZE, 0, page, page));
	/* A page that can't be had is found out about last. */
	KUNIT_EXPECT_EQ(test, TM_ENTRY_STATE | TM_RCX, tm_sept(td, TM_PAGE_AUG, TM_GPA, 0, bad, 0));
	KUNIT_EXPECT_EQ(test, TM_ENTRY_STATE | TM_RCX,
			tm_op(tm, TM_SEPT_ADD, TM_GPA | 1, td->tdr, bad, 0));
}

/* Creation ------------------------------------------------------------------ */

/* The HKID comes before the page, whether it is free after it */
static void mng_create_order(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_KEYED);
	u64 page = tm_page(tm), bad = page + 0x10;

	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RDX, tm_op(tm, TM_MNG_CREATE, bad, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RDX,
			tm_op(tm, TM_MNG_CREATE, bad, 0xffff, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RDX,
			tm_op(tm, TM_MNG_CREATE, bad, td->hkid | BIT_ULL(16), 0, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX,
			tm_op(tm, TM_MNG_CREATE, bad, td->hkid, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_HKID_NOT_FREE, tm_op(tm, TM_MNG_CREATE, page, td->hkid, 0, 0));
	tm_expect_free(tm, page);
}

/* Leaves of management keep the registers; INIT clears RCX alone */
static void registers_of_management(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_CREATED);
	u64 params = tm_page(tm);
	const struct {
		const char *name;
		u64 leaf, rcx, rdx;
		enum tm_stage before, after;
	} calls[] = {
		{ "KEY.CONFIG", TM_KEY_CONFIG, td->tdr, JUNK(2), TM_CREATED, TM_KEYED },
		{ "ADDCX", TM_MNG_ADDCX, tm_page(tm), td->tdr, TM_TDCS, TM_TDCS },
		{ "INIT", TM_MNG_INIT, td->tdr, params, TM_TDCS, TM_INIT },
		{ "TRACK", TM_TRACK, td->tdr, JUNK(2), TM_INIT, TM_INIT },
		{ "VP.CREATE", TM_VP_CREATE, tm_page(tm), td->tdr, TM_INIT, TM_INIT },
		{ "KEY.RECLAIMID", TM_KEY_RECLAIMID, td->tdr, JUNK(2), TM_INIT, TM_INIT },
		{ "VPFLUSHDONE", TM_VPFLUSHDONE, td->tdr, JUNK(2), TM_INIT, TM_FLUSHED },
		{ "PAGE.WBINVD", TM_PAGE_WBINVD, tm_page(tm), JUNK(2), TM_FLUSHED, TM_FLUSHED },
	};
	struct tdx_module_args r;
	unsigned int i;

	tm_fill_params(tm, __va(params));
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		/* One call would not be enough. */
		if (calls[i].leaf == TM_KEY_CONFIG && tm_packages() > 1)
			continue;
		tm_advance(td, calls[i].before);
		r = (struct tdx_module_args){
			.rcx = calls[i].rcx, .rdx = calls[i].rdx, .r8 = JUNK(8), .r9 = JUNK(9),
			.r10 = JUNK(10), .r11 = JUNK(11),
		};
		KUNIT_EXPECT_EQ_MSG(test, TM_SUCCESS, tm_call(tm, calls[i].leaf, &r), "%s",
				    calls[i].name);
		KUNIT_EXPECT_EQ_MSG(test, calls[i].leaf == TM_MNG_INIT ? 0 : calls[i].rcx, r.rcx,
				    "%s", calls[i].name);
		KUNIT_EXPECT_EQ_MSG(test, calls[i].rdx, r.rdx, "%s", calls[i].name);
		KUNIT_EXPECT_EQ(test, JUNK(8), r.r8);
		KUNIT_EXPECT_EQ(test, JUNK(9), r.r9);
		KUNIT_EXPECT_EQ(test, JUNK(10), r.r10);
		KUNIT_EXPECT_EQ(test, JUNK(11), r.r11);
		td->stage = calls[i].after;
	}
}

/* Six pages at least, nine at most; which of them comes first does not show */
static void tdcs_pages(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_KEYED);
	u64 params = tm_page(tm);
	unsigned int i;

	if (tm->tdcs_pages != TM_1501_TDCS)
		kunit_skip(test, "known of modules whose TDCS has %u pages, not %u",
			   TM_1501_TDCS, tm->tdcs_pages);
	tm_fill_params(tm, __va(params));
	for (i = 0; i < TM_MAX_TDCS; i++) {
		KUNIT_EXPECT_EQ_MSG(test, i < TM_1501_TDCS ? TM_TDCS_NOT_ALLOCATED :
							  TM_OP_STATE_INCORRECT,
				    tm_op(tm, TM_TRACK, td->tdr, 0, 0, 0), "%u pages", i);
		KUNIT_EXPECT_EQ(test, TM_SUCCESS,
				tm_op(tm, TM_MNG_ADDCX, tm_page(tm), td->tdr, 0, 0));
	}
	/* Enough is said of before the page is looked at. */
	KUNIT_EXPECT_EQ(test, TM_TDCX_NUM_INCORRECT,
			tm_op(tm, TM_MNG_ADDCX, td->tdr + 0x10, td->tdr, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_op(tm, TM_MNG_INIT, td->tdr, params, 0, 0));
}

/* After INIT one page more is refused, though there would be room; the page stays the host's */
static void tdcs_page_after_init(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	u64 pa = tm_page(tm);

	KUNIT_EXPECT_EQ(test, TM_OP_STATE_INCORRECT, tm_op(tm, TM_MNG_ADDCX, pa, td->tdr, 0, 0));
	tm_expect_free(tm, pa);
	/* A page that can't be had comes before op_state. */
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX,
			tm_op(tm, TM_MNG_ADDCX, pa + 0x10, td->tdr, 0, 0));
}

/* TD_PARAMS: each wrong, alone and with a later one; INIT may then be tried again */
enum param {
	P_ATTRIBUTES, P_XFAM, P_VCPUS, P_RSVD0, P_FLAGS, P_EPTP, P_TSC, P_RSVD1, P_CPUID, NR_PARAMS,
};

static const struct {
	const char *name;
	u32 operand;
} params[] = {
	[P_ATTRIBUTES] = { "ATTRIBUTES", TM_ATTRIBUTES },
	[P_XFAM] = { "XFAM", TM_XFAM },
	[P_VCPUS] = { "MAX_VCPUS", TM_MAX_VCPUS },
	[P_RSVD0] = { "reserved bytes after MAX_VCPUS", TM_RDX },
	[P_FLAGS] = { "CONFIG_FLAGS", TM_CONFIG_FLAGS },
	[P_EPTP] = { "EPTP_CONTROLS", TM_EPTP },
	[P_TSC] = { "TSC_FREQUENCY", TM_TSC },
	[P_RSVD1] = { "reserved bytes after TSC_FREQUENCY", TM_RDX },
	[P_CPUID] = { "CPUID", TM_CPUID },
};

static void spoil(struct tm_params *p, enum param which)
{
	switch (which) {
	case P_ATTRIBUTES:
		p->attributes |= BIT_ULL(1);
		break;
	case P_XFAM:
		/* x87 and SSE are not the TD's to refuse. */
		p->xfam = 0;
		break;
	case P_VCPUS:
		p->max_vcpus = 0;
		break;
	case P_RSVD0:
		p->rsvd0[4] = 1;
		break;
	case P_FLAGS:
		p->config_flags |= BIT_ULL(63);
		break;
	case P_EPTP:
		/* Three levels */
		p->eptp_controls = 6 | 2 << 3;
		break;
	case P_TSC:
		p->tsc_frequency = 3;
		break;
	case P_RSVD1:
		p->rsvd1[37] = 0x80;
		break;
	default:
		/* The first leaf is one whose EAX has reserved bits. */
		p->cpuid[0][0] = BIT(31);
		break;
	}
}

static void params_are_refused(struct kunit *test)
{
	const struct tdx_sys_info *info = tdx_get_sysinfo();
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_TDCS);
	u64 pa = tm_page(tm);
	struct tm_params *p = __va(pa);
	struct tdx_module_args r;
	unsigned int i, j;
	u64 leaf;

	for (i = 0; i < NR_PARAMS; i++) {
		for (j = i; j < NR_PARAMS; j++) {
			tm_fill_params(tm, p);
			spoil(p, i);
			spoil(p, j);
			r = (struct tdx_module_args){ .rcx = td->tdr, .rdx = pa };
			KUNIT_EXPECT_EQ_MSG(test, TM_OPERAND_INVALID | params[i].operand,
					    tm_call(tm, TM_MNG_INIT, &r), "%s, and %s",
					    params[i].name, params[j].name);
			/* Of CPUID it says which leaf, and sub-leaf. */
			leaf = i == P_CPUID ? info->td_conf.cpuid_config_leaves[0] : 0;
			KUNIT_EXPECT_EQ(test, (u32)leaf, (u32)r.rcx);
			KUNIT_EXPECT_EQ(test, pa, r.rdx);
		}
	}
	/* Too fast, too many levels for the width of a GPA */
	tm_fill_params(tm, p);
	p->tsc_frequency = 401;
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_TSC,
			tm_op(tm, TM_MNG_INIT, td->tdr, pa, 0, 0));
	tm_fill_params(tm, p);
	p->config_flags = BIT_ULL(0);
	KUNIT_EXPECT_EQ_MSG(test, TM_OPERAND_INVALID | TM_EPTP,
			    tm_op(tm, TM_MNG_INIT, td->tdr, pa, 0, 0),
			    "a GPA of 52 bits with 4 levels");
	KUNIT_EXPECT_EQ_MSG(test, TM_OPERAND_INVALID | TM_RDX,
			    tm_op(tm, TM_MNG_INIT, td->tdr, pa + 512, 0, 0), "not aligned to 1K");
	tm_fill_params(tm, p);
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_op(tm, TM_MNG_INIT, td->tdr, pa, 0, 0));
	td->stage = TM_INIT;
}

/* vCPUs --------------------------------------------------------------------- */

static void vcpu_pages(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	u64 vp = tm_page(tm), extra = tm_page(tm);
	struct tdx_module_args r;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_op(tm, TM_VP_CREATE, vp, td->tdr, 0, 0));
	tm_expect_page(tm, vp, TM_PT_TDVPR, td->tdr, 0);
	for (i = 1; i < tm->vp_pages; i++) {
		u64 pa = tm_page(tm);

		KUNIT_EXPECT_EQ_MSG(test, TM_TDCX_NUM_INCORRECT,
				    tm_op(tm, TM_VP_INIT, vp, 0, 0, 0), "%u pages", i);
		KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_op(tm, TM_VP_ADDCX, pa, vp, 0, 0));
		tm_expect_page(tm, pa, TM_PT_TDCX, td->tdr, 0);
	}
	KUNIT_EXPECT_EQ(test, TM_NO_VCPUS, tm_op(tm, TM_MR_FINALIZE, td->tdr, 0, 0, 0));
	td->vp = vp;
	td->cpu = cpumask_first(cpu_online_mask);
	r = (struct tdx_module_args){ .rcx = vp };
	KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_call_on(tm, td->cpu, TM_VP_INIT, &r));
	td->associated = true;
	/* Neither twice, nor may pages follow. */
	KUNIT_EXPECT_EQ(test, TM_VCPU_STATE_INCORRECT, tm_op(tm, TM_VP_INIT, vp, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_VCPU_STATE_INCORRECT, tm_op(tm, TM_VP_ADDCX, extra, vp, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_op(tm, TM_MR_FINALIZE, td->tdr, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_OP_STATE_INCORRECT, tm_op(tm, TM_MR_FINALIZE, td->tdr, 0, 0, 0));
	td->stage = TM_RUNNABLE;
}

/* More than the TD was initialized for */
static void too_many_vcpus(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	unsigned int i;
	u64 vp;

	tm_add_vcpu(td);
	vp = tm_page(tm);
	KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_op(tm, TM_VP_CREATE, vp, td->tdr, 0, 0));
	for (i = 1; i < tm->vp_pages; i++)
		KUNIT_ASSERT_EQ(test, TM_SUCCESS,
				tm_op(tm, TM_VP_ADDCX, tm_page(tm), vp, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_MAX_VCPUS_EXCEEDED, tm_op(tm, TM_VP_INIT, vp, 0, 0, 0));
}

/* INIT binds a vCPU to its processor, though it never ran; only there can it be flushed */
static void vcpu_association(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	struct tdx_module_args r;
	int other;

	tm_add_vcpu(td);
	other = cpumask_next(td->cpu, cpu_online_mask);
	KUNIT_EXPECT_EQ(test, TM_FLUSHVP_NOT_DONE, tm_op(tm, TM_VPFLUSHDONE, td->tdr, 0, 0, 0));
	if (other < nr_cpu_ids) {
		r = (struct tdx_module_args){ .rcx = td->vp };
		KUNIT_EXPECT_EQ(test, TM_VCPU_NOT_ASSOCIATED,
				tm_call_on(tm, other, TM_VP_FLUSH, &r));
	}
	r = (struct tdx_module_args){ .rcx = td->vp };
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_call_on(tm, td->cpu, TM_VP_FLUSH, &r));
	td->associated = false;
	r = (struct tdx_module_args){ .rcx = td->vp };
	KUNIT_EXPECT_EQ(test, TM_VCPU_NOT_ASSOCIATED, tm_call_on(tm, td->cpu, TM_VP_FLUSH, &r));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_op(tm, TM_VPFLUSHDONE, td->tdr, 0, 0, 0));
	td->stage = TM_FLUSHED;
}

/* Metadata of pages --------------------------------------------------------- */

/* Type and owner of every kind of page, at each step of its life */
static void pages_through_life(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	u64 table = tm_page(tm), added, augd, big;
	struct tdx_module_args r;

	tm_expect_page(tm, td->tdr, TM_PT_TDR, 0, 0);
	tm_expect_free(tm, table);
	tm_tables(td, TM_GPA, 1);
	KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_sept(td, TM_SEPT_ADD, TM_GPA, 1, table, 0));
	tm_expect_page(tm, table, TM_PT_EPT, td->tdr, 0);
	added = tm_add(td, TM_GPA);
	augd = tm_aug(td, TM_GPA + PAGE_SIZE, 0);
	tm_expect_page(tm, added, TM_PT_REG, td->tdr, 0);
	tm_expect_page(tm, augd, TM_PT_REG, td->tdr, 0);
	KUNIT_EXPECT_EQ(test, 0, tm_bepoch(tm, added));

	/* Blocking stamps the epoch, which began with 1; unblocking does not take it back. */
	tm_track(td);
	tm_block(td, TM_GPA, 0);
	KUNIT_EXPECT_EQ(test, 2, tm_bepoch(tm, added));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_RANGE_UNBLOCK, TM_GPA, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, 2, tm_bepoch(tm, added));
	/* Of a table it is the table's page that has the stamp. */
	tm_track(td);
	tm_block(td, TM_GPA, 1);
	KUNIT_EXPECT_EQ(test, 3, tm_bepoch(tm, table));
	KUNIT_EXPECT_EQ(test, 2, tm_bepoch(tm, added));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_RANGE_UNBLOCK, TM_GPA, 1, 0, 0));

	/* What is removed is free, and still says whose it was. */
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_REMOVE, TM_GPA, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_REMOVE, TM_GPA + PAGE_SIZE, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_SEPT_REMOVE, TM_GPA, 1, 0, 0));
	tm_expect_page(tm, added, TM_PT_FREE, td->tdr, 0);
	tm_expect_page(tm, table, TM_PT_FREE, td->tdr, 0);

	/* Of 2M every address tells of the one page. */
	big = tm_aug(td, TM_GPA, 1);
	tm_expect_page(tm, big, TM_PT_REG, td->tdr, 1);
	tm_expect_page(tm, big + 5 * PAGE_SIZE, TM_PT_REG, td->tdr, 1);
	/* Not free: RECLAIM says all about it, and that it is not yet time. */
	r = (struct tdx_module_args){ .rcx = big, .r9 = JUNK(9), .r10 = JUNK(10), .r11 = JUNK(11) };
	KUNIT_EXPECT_EQ(test, TM_LIFECYCLE_INCORRECT, tm_call(tm, TM_PAGE_RECLAIM, &r));
	KUNIT_EXPECT_EQ(test, TM_PT_REG, r.rcx);
	KUNIT_EXPECT_EQ(test, td->tdr, r.rdx);
	KUNIT_EXPECT_EQ(test, 1, r.r8);
	KUNIT_EXPECT_EQ(test, 0, r.r9);
	KUNIT_EXPECT_EQ(test, 0, r.r11);
	r = (struct tdx_module_args){ .rcx = big + PAGE_SIZE };
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX, tm_call(tm, TM_PAGE_RECLAIM, &r));
	KUNIT_EXPECT_EQ(test, TM_PT_REG, r.rcx);
	KUNIT_EXPECT_EQ(test, 1, r.r8);
	/* No 4K of it can be had. */
	KUNIT_EXPECT_EQ(test, TM_METADATA_INCORRECT | TM_R8,
			tm_sept(td, TM_SEPT_ADD, TM_GPA + SZ_2M, 1, big + PAGE_SIZE, 0));

	/* Split: 512 pages, and a table that was given for it */
	table = tm_page(tm);
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_DEMOTE, TM_GPA, 1, table, 0));
	tm_expect_page(tm, table, TM_PT_EPT, td->tdr, 0);
	tm_expect_page(tm, big, TM_PT_REG, td->tdr, 0);
	tm_expect_page(tm, big + 511 * PAGE_SIZE, TM_PT_REG, td->tdr, 0);
	tm_expect_entry(td, TM_GPA, 0, TM_PENDING);
	tm_expect_entry(td, TM_GPA + 511 * PAGE_SIZE, 0, TM_PENDING);
	/* And merged, pending as they are */
	r = (struct tdx_module_args){ .rcx = TM_GPA | 1, .rdx = td->tdr };
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_call(tm, TM_PAGE_PROMOTE, &r));
	KUNIT_EXPECT_EQ(test, table, r.rcx);
	tm_expect_page(tm, big, TM_PT_REG, td->tdr, 1);
	tm_expect_page(tm, table, TM_PT_FREE, td->tdr, 0);
	tm_expect_entry(td, TM_GPA, 1, TM_PENDING);

	/* Gone, its 4K pages are free one by one. */
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_REMOVE, TM_GPA, 1, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_op(tm, TM_PAGE_RDMD, big + PAGE_SIZE, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS,
			tm_sept(td, TM_SEPT_ADD, TM_GPA, 1, big + PAGE_SIZE, 0));
}

static void rdmd_operand(struct kunit *test)
{
	static const u64 leaves[] = { TM_PAGE_RDMD, TM_PAGE_RECLAIM };
	struct tmod *tm = test->priv;
	u64 page = tm_page(tm);
	struct tdx_module_args r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(leaves); i++) {
		r = (struct tdx_module_args){
			.rcx = page + 8, .rdx = JUNK(2), .r8 = JUNK(8), .r9 = JUNK(9),
			.r10 = JUNK(10), .r11 = JUNK(11),
		};
		KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX, tm_call(tm, leaves[i], &r));
		/* Nothing of what went in comes back. */
		KUNIT_EXPECT_EQ(test, 0, r.rcx | r.rdx | r.r8 | r.r9 | r.r10 | r.r11);
		KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX,
				tm_op(tm, leaves[i], page | tm->max_pa, 0, 0, 0));
		KUNIT_EXPECT_EQ(test, TM_ADDR_RANGE_ERROR | TM_RCX,
				tm_op(tm, leaves[i], outside(tm), 0, 0, 0));
	}
	KUNIT_EXPECT_EQ(test, TM_METADATA_INCORRECT | TM_RCX,
			tm_op(tm, TM_PAGE_RECLAIM, page, 0, 0, 0));
}

/* PAGE.WBINVD: any HKID, but a page that is free */
static void wbinvd_of_a_page(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_KEYED);
	u64 page = tm_page(tm);

	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_op(tm, TM_PAGE_WBINVD, page, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS,
			tm_op(tm, TM_PAGE_WBINVD, page | (u64)td->hkid << tm->hkid_shift, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_METADATA_INCORRECT | TM_RCX,
			tm_op(tm, TM_PAGE_WBINVD, td->tdr, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX,
			tm_op(tm, TM_PAGE_WBINVD, page + 0x10, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX,
			tm_op(tm, TM_PAGE_WBINVD, page | BIT_ULL(52), 0, 0, 0));
}

/* 2M need 512 free pages */
static void aug_2m_needs_all_of_it(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	u64 big = tm_region(tm);

	tm_tables(td, TM_GPA, 0);
	tm_add_at(td, TM_GPA, big + 300 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, TM_METADATA_INCORRECT | TM_R8,
			tm_sept(td, TM_PAGE_AUG, TM_GPA + SZ_2M, 1, big, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_REMOVE, TM_GPA, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_AUG, TM_GPA + SZ_2M, 1, big, 0));
}

/* 512 pages that are not one after the other, or not all alike, make no large one */
static void promote_conditions(struct kunit *test)
{
	struct tmod *tm = test->priv;
	u64 i, pa, bad = TM_BAD_PROMOTE | TM_RCX;
	static const char * const what[] = {
		"one is missing", "one is elsewhere", "one is pending", "one is blocked",
	};
	struct tm_td *td;
	unsigned int how;

	for (how = 0; how < ARRAY_SIZE(what); how++) {
		td = tm_td(tm, TM_INIT);
		tm_tables(td, TM_GPA, 0);
		pa = tm_region(tm);
		for (i = 0; i < 512; i++) {
			u64 at = pa + i * PAGE_SIZE, gpa = TM_GPA + i * PAGE_SIZE;

			if (i == 100 && how == 0)
				continue;
			if (i == 100 && how == 1)
				at = tm_page(tm);
			if (i == 100 && how == 2)
				KUNIT_ASSERT_EQ(test, TM_SUCCESS,
						tm_sept(td, TM_PAGE_AUG, gpa, 0, at, 0));
			else
				tm_add_at(td, gpa, at);
		}
		if (how == 3)
			tm_block(td, TM_GPA + 100 * PAGE_SIZE, 0);
		KUNIT_EXPECT_EQ_MSG(test, bad, tm_sept(td, TM_PAGE_PROMOTE, TM_GPA, 1, 0, 0),
				    "%s", what[how]);
		tm_expect_entry(td, TM_GPA, 1, TM_NL_MAPPED);
		tm_reset(tm);
	}
}

/* Tracking ------------------------------------------------------------------ */

static void tracking(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	u64 not = TM_NOT_TRACKED | TM_RCX, g = TM_GPA, ret;
	struct tdx_module_args r;
	unsigned int i;

	tm_tables(td, g, 0);
	for (i = 0; i < 4; i++)
		tm_add(td, g + i * PAGE_SIZE);
	/* What was blocked before the TD could run needs it too. */
	tm_block(td, g, 0);
	tm_advance(td, TM_RUNNABLE);
	r = (struct tdx_module_args){ .rcx = g, .rdx = td->tdr };
	KUNIT_EXPECT_EQ(test, not, tm_call(tm, TM_PAGE_REMOVE, &r));
	KUNIT_EXPECT_EQ(test, 0, r.rcx);
	KUNIT_EXPECT_EQ(test, 0, r.rdx);
	/* One does for all that are blocked. */
	tm_block(td, g + PAGE_SIZE, 0);
	tm_track(td);
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_REMOVE, g, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_REMOVE, g + PAGE_SIZE, 0, 0, 0));
	/* It came before, it is of no use. */
	tm_block(td, g + 2 * PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, not, tm_sept(td, TM_PAGE_REMOVE, g + 2 * PAGE_SIZE, 0, 0, 0));
	tm_track(td);
	KUNIT_EXPECT_EQ(test, TM_SUCCESS,
			tm_sept(td, TM_RANGE_UNBLOCK, g + 2 * PAGE_SIZE, 0, 0, 0));
	/* Blocked again it needs another one, for UNBLOCK as well. */
	tm_block(td, g + 2 * PAGE_SIZE, 0);
	ret = tm_sept(td, TM_RANGE_UNBLOCK, g + 2 * PAGE_SIZE, 0, 0, 0);
	/* Module 1.5.01 names the tree here, later ones the entry. */
	KUNIT_EXPECT_TRUE_MSG(test, (ret == not && (tm->hw || tm->later)) ||
			      (ret == (TM_NOT_TRACKED | TM_SEPT_TREE) && (tm->hw || !tm->later)),
			      "UNBLOCK gives %#llx", ret);
	tm_track(td);
	/* With nothing blocked it is fine as well, as often as one likes. */
	tm_track(td);
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_REMOVE, g + 2 * PAGE_SIZE, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_NOT_BLOCKED | TM_RCX,
			tm_sept(td, TM_PAGE_REMOVE, g + 3 * PAGE_SIZE, 0, 0, 0));
}

struct in_promote {
	struct tm_td *td;
	u64 rd;
};

/* SEPT.RD of something else, as another CPU may make it meanwhile */
static void read_meanwhile(void *ctx)
{
	struct in_promote *p = ctx;
	struct tdx_module_args r = { .rcx = (TM_GPA + SZ_2M) | 1, .rdx = p->td->tdr };

	tm_sim_during(NULL, NULL);
	p->rd = tm_call(p->td->tm, TM_SEPT_RD, &r);
}

/* 1.5.01 shares the tree with others while it promotes, later modules do not */
static void promote_and_the_tree(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct in_promote p = { .rd = ~0ULL };

	if (tm->hw)
		kunit_skip(test, "not on hardware: nobody can act in the middle of a SEAMCALL");
	p.td = tm_td(tm, TM_INIT);
	tm_tables(p.td, TM_GPA, 0);
	add_512(p.td);
	tm_sim_during(read_meanwhile, &p);
	promote(p.td);
	tm_sim_during(NULL, NULL);
	KUNIT_EXPECT_EQ(test, tm->later ? TM_OPERAND_BUSY | TM_SEPT_TREE : TM_SUCCESS, p.rd);
}

/* Measurement --------------------------------------------------------------- */

static void expect_mrtd(struct tm_td *td)
{
	u8 want[SHA384_DIGEST_SIZE], have[SHA384_DIGEST_SIZE];

	if (td->tm->hw)
		kunit_skip(td->tm->test,
			   "not on hardware: the host can't read the measurement of a TD");
	tm_advance(td, TM_RUNNABLE);
	sha384_final(&td->measured, want);
	KUNIT_ASSERT_TRUE(td->tm->test, tm_sim_mrtd(td->tdr, have));
	KUNIT_EXPECT_MEMEQ(td->tm->test, want, have, sizeof(want));
}

static void mrtd_of_nothing(struct kunit *test)
{
	expect_mrtd(tm_td(test->priv, TM_INIT));
}

/* Pages without their contents, chunks with them, in the order of the calls */
static void mrtd_of_pages(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	u64 g = TM_GPA, source = tm_page(tm), i;

	tm_tables(td, g, 0);
	tm_add(td, g + 3 * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_ADD, g, 0, tm_page(tm), source));
	tm_measure_add(td, g);
	for (i = 0; i < PAGE_SIZE; i += 256) {
		KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_op(tm, TM_MR_EXTEND, g + i, td->tdr, 0, 0));
		tm_measure_extend(td, g + i, __va(source) + i);
	}
	/* A chunk can come again. */
	KUNIT_ASSERT_EQ(test, TM_SUCCESS, tm_op(tm, TM_MR_EXTEND, g + 0x700, td->tdr, 0, 0));
	tm_measure_extend(td, g + 0x700, __va(source) + 0x700);
	/* None of these leaves a trace: pages that fail, pages that wait, pages that go. */
	KUNIT_EXPECT_EQ(test, TM_ENTRY_STATE | TM_RCX,
			tm_sept(td, TM_PAGE_ADD, g, 0, tm_page(tm), source));
	tm_aug(td, g + PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, TM_NOT_PRESENT | TM_RCX,
			tm_op(tm, TM_MR_EXTEND, g + PAGE_SIZE, td->tdr, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_sept(td, TM_PAGE_REMOVE, g + 3 * PAGE_SIZE, 0, 0, 0));
	expect_mrtd(td);
}

/* Merged or not, the contents are those of the pages */
static void mrtd_in_a_large_page(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	u64 g = TM_GPA, pa = tm_region(tm), source = tm_page(tm), i;

	tm_tables(td, g, 0);
	for (i = 0; i < SZ_2M; i += PAGE_SIZE) {
		KUNIT_ASSERT_EQ(test, TM_SUCCESS,
				tm_sept(td, TM_PAGE_ADD, g + i, 0, pa + i, source));
		tm_measure_add(td, g + i);
	}
	promote(td);
	KUNIT_EXPECT_EQ(test, TM_SUCCESS,
			tm_op(tm, TM_MR_EXTEND, g + 77 * PAGE_SIZE + 0x100, td->tdr, 0, 0));
	tm_measure_extend(td, g + 77 * PAGE_SIZE + 0x100, __va(source) + 0x100);
	expect_mrtd(td);
}

/* The way back -------------------------------------------------------------- */

/* Each step before it is time, and then in time */
static void teardown_order(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_INIT);
	struct tdx_module_args r;
	u64 page, fresh = tm_page(tm);

	/* Nothing is waiting for it, which is no error. */
	KUNIT_EXPECT_EQ(test, TM_NO_HKID_TO_WB, tm_cache_wb(tm));
	r = (struct tdx_module_args){ .rcx = 2 };
	KUNIT_EXPECT_EQ(test, TM_OPERAND_INVALID | TM_RCX, tm_call_on(tm, 0, TM_CACHE_WB, &r));
	r = (struct tdx_module_args){ .rcx = 1 };
	KUNIT_EXPECT_EQ(test, TM_WB_RESUME_ERROR, tm_call_on(tm, 0, TM_CACHE_WB, &r));

	tm_tables(td, TM_GPA, 0);
	page = tm_add(td, TM_GPA);
	tm_advance(td, TM_RUNNABLE);
	KUNIT_EXPECT_EQ(test, TM_FLUSHVP_NOT_DONE, tm_op(tm, TM_VPFLUSHDONE, td->tdr, 0, 0, 0));
	tm_advance(td, TM_FLUSHED);
	/* The HKID is not free, and no page can be removed any more. */
	KUNIT_EXPECT_EQ(test, TM_HKID_NOT_FREE, tm_op(tm, TM_MNG_CREATE, fresh, td->hkid, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_KEYS_NOT_CONFIGURED, tm_sept(td, TM_PAGE_REMOVE, TM_GPA, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_WBCACHE_NOT_COMPLETE, tm_op(tm, TM_KEY_FREEID, td->tdr, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_cache_wb(tm));
	/* Again, for an HKID that is still there */
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_cache_wb(tm));
	r = (struct tdx_module_args){ .rcx = page };
	KUNIT_EXPECT_EQ(test, TM_LIFECYCLE_INCORRECT, tm_call(tm, TM_PAGE_RECLAIM, &r));
	KUNIT_EXPECT_EQ(test, TM_PT_REG, r.rcx);
	KUNIT_EXPECT_EQ(test, td->tdr, r.rdx);
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_op(tm, TM_KEY_FREEID, td->tdr, 0, 0, 0));
	td->stage = TM_TEARDOWN;
	KUNIT_EXPECT_EQ(test, TM_NO_HKID_TO_WB, tm_cache_wb(tm));

	/* The TDR is the last. */
	r = (struct tdx_module_args){ .rcx = td->tdr };
	KUNIT_EXPECT_EQ(test, TM_PAGES_EXIST, tm_call(tm, TM_PAGE_RECLAIM, &r));
	KUNIT_EXPECT_EQ(test, TM_PT_TDR, r.rcx);
	r = (struct tdx_module_args){ .rcx = page };
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_call(tm, TM_PAGE_RECLAIM, &r));
	KUNIT_EXPECT_EQ(test, TM_PT_REG, r.rcx);
	KUNIT_EXPECT_EQ(test, td->tdr, r.rdx);
	KUNIT_EXPECT_EQ(test, 0, r.r8 | r.r9 | r.r10 | r.r11);
	tm_expect_page(tm, page, TM_PT_FREE, td->tdr, 0);
}

/* A TD need not have come far; the HKID can then be another TD's */
static void teardown_of_a_td_without_key(struct kunit *test)
{
	struct tmod *tm = test->priv;
	struct tm_td *td = tm_td(tm, TM_CREATED);
	u64 other = tm_page(tm);

	tm_advance(td, TM_TEARDOWN);
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_op(tm, TM_PAGE_RECLAIM, td->tdr, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, TM_SUCCESS, tm_op(tm, TM_MNG_CREATE, other, td->hkid, 0, 0));
	/* Now it is the TD of the library. */
	td->tdr = other;
	td->stage = TM_CREATED;
}

static struct kunit_case tdx_module_cases[] = {
	KUNIT_CASE_PARAM(rax_is_refused, rax_gen_params),
	KUNIT_CASE_PARAM(tdr_operand, tdr_gen_params),
	KUNIT_CASE_PARAM(leaves_in_every_state, life_gen_params),
	KUNIT_CASE_PARAM(entries_of_an_initialized_td, initialized_gen_params),
	KUNIT_CASE_PARAM(entries_of_a_runnable_td, runnable_gen_params),
	KUNIT_CASE(entry_details),
	KUNIT_CASE(blocked_table_hides),
	KUNIT_CASE_PARAM(gpa_operand, rcx_gen_params),
	KUNIT_CASE(extend_operand),
	KUNIT_CASE(flags_of_rdx),
	KUNIT_CASE(sept_add_of_an_existing_table),
	KUNIT_CASE_PARAM(page_operand, page_gen_params),
	KUNIT_CASE(page_named_twice),
	KUNIT_CASE(page_add_order),
	KUNIT_CASE(mng_create_order),
	KUNIT_CASE(registers_of_management),
	KUNIT_CASE(tdcs_pages),
	KUNIT_CASE(tdcs_page_after_init),
	KUNIT_CASE(params_are_refused),
	KUNIT_CASE(vcpu_pages),
	KUNIT_CASE(too_many_vcpus),
	KUNIT_CASE(vcpu_association),
	KUNIT_CASE(pages_through_life),
	KUNIT_CASE(rdmd_operand),
	KUNIT_CASE(wbinvd_of_a_page),
	KUNIT_CASE(aug_2m_needs_all_of_it),
	KUNIT_CASE(promote_conditions),
	KUNIT_CASE(promote_and_the_tree),
	KUNIT_CASE(tracking),
	KUNIT_CASE(mrtd_of_nothing),
	KUNIT_CASE(mrtd_of_pages),
	KUNIT_CASE(mrtd_in_a_large_page),
	KUNIT_CASE(teardown_order),
	KUNIT_CASE(teardown_of_a_td_without_key),
	{}
};

static struct kunit_suite tdx_module_suite = {
	.name = "tdx_module",
	.init = tm_init,
	.test_cases = tdx_module_cases,
};

kunit_test_suite(tdx_module_suite);

MODULE_DESCRIPTION("KUnit suite of TDX modules");
MODULE_LICENSE("GPL");
