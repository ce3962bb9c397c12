// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated TDX module: contents, locks held over calls, versions, and
 * long random runs that must keep PAMT, S-EPT and child counts in agreement.
 */
#include <stdlib.h>

#include "tdx_world.h"
#include "test.h"

#define P(n)	(0x40000000ull + (n) * 0x1000ull)
#define L(n)	(0x50000000ull + (n) * 0x200000ull)
#define S(n)	(0x100000ull + (n) * 0x1000ull)
#define TDR	P(0)
#define VP	P(10)

#define ERR(code, operand)	((u64)(u32)SIM_TDX_##code << 32 | (operand))

static struct tdx_world *w;

static u64 call(u64 leaf, u64 rcx, u64 rdx, u64 r8, u64 r9,
		struct sim_tdx_regs *out)
{
	struct sim_tdx_regs regs = {
		.rcx = rcx, .rdx = rdx, .r8 = r8, .r9 = r9,
	};
	u64 status = sim_seamcall(&w->t, leaf, &regs);

	if (out)
		*out = regs;
	return status;
}

#define CALL(leaf, ...)	call_args(SIM_TDH_##leaf, (u64[4]){ __VA_ARGS__ })

static u64 call_args(u64 leaf, const u64 a[4])
{
	return call(leaf, a[0], a[1], a[2], a[3], NULL);
}

static void params(u64 pa, u32 max_vcpus)
{
	u64 *p = (u64 *)tdx_world_page(w, pa);

	memset(p, 0, 4096);
	p[1] = 7;
	p[2] = max_vcpus;
	p[3] = 0x1e;
	p[5] = 40;
}

/* A TD of pages tdr .. tdr + 15, with a vCPU and a tree for the first 1 GiB. */
static void build_td(u64 tdr, u32 hkid)
{
	u32 i;

	EQ(CALL(MNG_CREATE, tdr, hkid), 0);
	EQ(CALL(MNG_KEY_CONFIG, tdr), 0);
	for (i = 1; i <= 6; i++)
		EQ(CALL(MNG_ADDCX, tdr + i * 0x1000, tdr), 0);
	params(S(0), 4);
	EQ(CALL(MNG_INIT, tdr, S(0)), 0);
	EQ(CALL(VP_CREATE, tdr + 0xa000, tdr), 0);
	for (i = 11; i <= 15; i++)
		EQ(CALL(VP_ADDCX, tdr + i * 0x1000, tdr + 0xa000), 0);
	EQ(CALL(VP_INIT, tdr + 0xa000), 0);
	EQ(CALL(MEM_SEPT_ADD, 3, tdr, tdr + 0x14000), 0);
	EQ(CALL(MEM_SEPT_ADD, 2, tdr, tdr + 0x15000), 0);
	EQ(CALL(MEM_SEPT_ADD, 1, tdr, tdr + 0x16000), 0);
}

static void fresh(enum sim_tdx_version version)
{
	if (!w)
		w = tdx_world_new();
	EQ(tdx_world_reset(w, 1, version), 0);
}

static void fresh_td(void)
{
	fresh(SIM_TDX_1_5_01);
	build_td(TDR, 33);
}

static u32 zeros(u64 pa)
{
	const u64 *p = (u64 *)tdx_world_page(w, pa);
	u32 i, n = 0;

	for (i = 0; i < 512; i++)
		n += !p[i];
	return n;
}

TEST(tdx_host_sees_noise_td_sees_text)
{
	u8 text[4096], got[4096];
	u32 i, same = 0;

	fresh_td();
	for (i = 0; i < sizeof(text); i++)
		text[i] = i * 7;
	memcpy(tdx_world_page(w, S(1)), text, sizeof(text));
	EQ(CALL(MEM_PAGE_ADD, 0, TDR, P(30), S(1)), 0);
	for (i = 0; i < sizeof(text); i++)
		same += tdx_world_page(w, P(30))[i] == text[i];
	CHECK(same < 64);
	CHECK(sim_tdx_guest_read(&w->t, TDR, 0, got, sizeof(got)));
	CHECK(!memcmp(got, text, sizeof(text)));
	CHECK(sim_tdx_guest_write(&w->t, TDR, 5, "secret", 6));
	CHECK(sim_tdx_guest_read(&w->t, TDR, 3, got, 10));
	CHECK(!memcmp(got + 2, "secret", 6) && got[0] == 21 && got[8] == 77);
	CHECK(!memmem(tdx_world_page(w, P(30)), 4096, "secret", 6));
	/* Removed, it is still noise. */
	EQ(CALL(MEM_PAGE_REMOVE, 0, TDR), 0);
	CHECK(!memmem(tdx_world_page(w, P(30)), 4096, "secret", 6));
	CHECK(!sim_tdx_guest_read(&w->t, TDR, 0, got, 1));
}

TEST(tdx_accepted_pages_are_zero)
{
	u8 got[16], zero[16] = { 0 };

	fresh_td();
	memset(tdx_world_page(w, P(30)), 0x5a, 4096);
	EQ(CALL(MEM_PAGE_AUG, 0x1000, TDR, P(30)), 0);
	CHECK(!sim_tdx_guest_read(&w->t, TDR, 0x1000, got, 16));
	EQ(tdx_world_page(w, P(30))[0], 0x5a);
	EQ(sim_tdx_accept(&w->t, TDR, 0x1000, NULL), 0);
	CHECK(sim_tdx_guest_read(&w->t, TDR, 0x1ff0, got, 16));
	CHECK(!memcmp(got, zero, 16));
	EQ(zeros(P(30)), 0);
	/* A shared address and one past the TD's are no private memory. */
	CHECK(!sim_tdx_guest_read(&w->t, TDR, 1ull << 47 | 0x1000, got, 1));
	CHECK(!sim_tdx_guest_read(&w->t, TDR, 1ull << 60, got, 1));
}

TEST(tdx_details_show_how_far_acceptance_came)
{
	static const struct {
		u64 leaf;
		u64 rcx;
		u64 r8;
		u64 status;
	} calls[] = {
		{ SIM_TDH_MEM_SEPT_RD, 0x200001, 0, 0 },
		{ SIM_TDH_MEM_PAGE_REMOVE, 0x200001, 0, ERR(GPA_RANGE_NOT_BLOCKED, 1) },
		{ SIM_TDH_MEM_PAGE_DEMOTE, 0x200001, P(40), ERR(GPA_RANGE_NOT_BLOCKED, 1) },
		{ SIM_TDH_MEM_PAGE_AUG, 0x200001, L(1), ERR(EPT_ENTRY_STATE_INCORRECT, 1) },
		{ SIM_TDH_MEM_RANGE_UNBLOCK, 0x200001, 0, ERR(EPT_ENTRY_STATE_INCORRECT, 1) },
		{ SIM_TDH_MEM_PAGE_AUG, 0x203000, P(40), ERR(EPT_WALK_FAILED, 1) },
	};
	struct sim_tdx_regs r;
	bool cut;
	u32 i;

	fresh_td();
	EQ(CALL(MR_FINALIZE, TDR), 0);
	EQ(CALL(MEM_PAGE_AUG, 0x200001, TDR, L(0)), 0);
	w->interrupt = 2;
	EQ(sim_tdx_accept(&w->t, TDR, 0x200001, &cut), 0);
	CHECK(cut);
	w->interrupt = -1;
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		EQ(call(calls[i].leaf, calls[i].rcx, TDR, calls[i].r8, 0, &r), calls[i].status);
		EQ(r.rcx, 1ull << 63 | (L(0) + 0x3000) | 0xf0);
		EQ(r.rdx, 0x201);
	}
	/* Blocked, it is forgotten; what is then taken is the page. */
	EQ(CALL(MEM_RANGE_BLOCK, 0x200001, TDR), 0);
	EQ(CALL(MEM_TRACK, TDR), 0);
	EQ(call(SIM_TDH_MEM_PAGE_REMOVE, 0x200001, TDR, 0, 0, &r), 0);
	EQ(r.rcx, L(0));
}

TEST(tdx_control_pages_hide_their_contents)
{
	u32 at_once;

	for (at_once = 0; at_once < 2; at_once++) {
		fresh(SIM_TDX_1_5_01);
		w->fill_at_once = at_once;
		build_td(TDR, 33);
		EQ(zeros(TDR), 0);
		EQ(zeros(P(1)), 0);
		EQ(zeros(P(4)), 0);
		EQ(zeros(VP), 0);
		EQ(zeros(P(22)), 0);
	}
}

TEST(tdx_vcpu_pages)
{
	u64 words[512];
	u32 i;

	fresh_td();
	EQ(CALL(VP_CREATE, P(40), TDR), 0);
	for (i = 1; i < 15; i++) {
		EQ(CALL(VP_ADDCX, P(40 + i), P(40)), 0);
		CHECK(tdx_world_read_plain(w, P(40 + i), words));
		EQ(words[511], i == 7 || i == 10 || i == 13 ? ~0ull : 0);
	}
	EQ(CALL(VP_ADDCX, P(60), P(40)), ERR(TDCX_NUM_INCORRECT, 0));
	EQ(CALL(VP_INIT, P(40)), 0);
	EQ(CALL(VP_INIT, P(40)), ERR(VCPU_STATE_INCORRECT, 0));
	EQ(CALL(VP_ADDCX, P(60), P(40)), ERR(VCPU_STATE_INCORRECT, 0));
}

TEST(tdx_l2_attributes_of_debug_tds_only)
{
	struct sim_tdx_regs regs;
	u32 i, debug;

	for (debug = 0; debug < 2; debug++) {
		fresh(SIM_TDX_1_5_01);
		EQ(CALL(MNG_CREATE, TDR, 33), 0);
		EQ(CALL(MNG_KEY_CONFIG, TDR), 0);
		for (i = 1; i <= 6; i++)
			EQ(CALL(MNG_ADDCX, P(i), TDR), 0);
		params(S(0), 1);
		*(u64 *)tdx_world_page(w, S(0)) = debug;
		EQ(CALL(MNG_INIT, TDR, S(0)), 0);
		EQ(call(SIM_TDH_MEM_SEPT_RD, 3, TDR | 1, 7, 0, &regs),
		   debug ? 0 : ERR(OPERAND_INVALID, SIM_OPND_RDX));
		EQ(regs.r8, debug ? 0 : 7);
	}
}

TEST(tdx_two_tds_have_two_keys)
{
	u64 a, b;

	fresh_td();
	build_td(P(100), 34);
	memset(tdx_world_page(w, S(1)), 0, 4096);
	EQ(CALL(MEM_PAGE_ADD, 0, TDR, P(30), S(1)), 0);
	a = *(u64 *)tdx_world_page(w, P(30));
	EQ(CALL(MEM_PAGE_REMOVE, 0, TDR), 0);
	EQ(CALL(MEM_PAGE_ADD, 0, P(100), P(30), S(1)), 0);
	b = *(u64 *)tdx_world_page(w, P(30));
	CHECK(a != b);
}

/* ---- calls that run while another one holds its locks ---- */

static struct {
	u64 leaf;
	u64 arg[4];
	u64 status;
	u32 nested;
} inner;

static void call_inner(struct tdx_world *world)
{
	world->yield = NULL;
	inner.nested++;
	inner.status = call(inner.leaf, inner.arg[0], inner.arg[1],
			    inner.arg[2], inner.arg[3], NULL);
	world->yield = call_inner;
}

#define WHILE(leaf_, want_, ...) do {					\
	inner.leaf = SIM_TDH_##leaf_;					\
	memcpy(inner.arg, (u64[4]){ __VA_ARGS__ }, sizeof(inner.arg));	\
	inner.nested = 0;						\
	inner.status = ~0ull;						\
	w->yield = call_inner;						\
	expected = (want_);						\
} while (0)

#define DURING(leaf_, ...) do {						\
	EQ(CALL(leaf_, __VA_ARGS__), 0);				\
	w->yield = NULL;						\
	EQ(inner.nested, 1);						\
	EQ(inner.status, expected);					\
} while (0)

static void check_unlocked(u64 tdr)
{
	struct sim_tdx_page_info page;
	struct sim_tdx_td_info td;
	u32 i;

	for (i = 0; i < 128; i++) {
		CHECK(sim_tdx_page_info(&w->t, P(i), 0, &page));
		/* The host-priority bit may stay, nothing else. */
		EQ(page.lock & ~2u, 0);
	}
	CHECK(sim_tdx_page_info(&w->t, P(0), 1, &page));
	EQ(page.lock & ~2u, 0);
	CHECK(sim_tdx_page_info(&w->t, P(0), 2, &page));
	EQ(page.lock & ~2u, 0);
	CHECK(sim_tdx_td_info(&w->t, tdr, &td));
	EQ(td.op_state_lock & ~2u, 0);
	EQ(td.sept_lock & ~2u, 0);
	EQ(w->t.kot_lock, 0);
	EQ(w->t.wbt[0].lock, 0);
}

TEST(tdx_locks_are_held_over_the_call)
{
	u64 expected;

	fresh_td();
	/* Exclusive TDR: everybody else on the TD loses. */
	WHILE(MEM_SEPT_RD, ERR(OPERAND_BUSY, SIM_OPND_RDX), 0, TDR);
	DURING(MEM_PAGE_ADD, 0, TDR, P(30), S(1));
	WHILE(MEM_PAGE_ADD, ERR(OPERAND_BUSY, SIM_OPND_RDX),
	      0x1000, TDR, P(31), S(1));
	DURING(MR_EXTEND, 0, TDR);
	/* Shared tree: different entries go on in parallel. */
	WHILE(MEM_PAGE_AUG, 0, 0x2000, TDR, P(32));
	DURING(MEM_PAGE_AUG, 0x1000, TDR, P(31));
	WHILE(MEM_PAGE_AUG, ERR(OPERAND_BUSY, SIM_OPND_RCX),
	      0x3000, TDR, P(34));
	DURING(MEM_PAGE_AUG, 0x3000, TDR, P(33));
	WHILE(MEM_PAGE_AUG, ERR(OPERAND_BUSY, SIM_OPND_R8),
	      0x5000, TDR, P(34));
	DURING(MEM_PAGE_AUG, 0x4000, TDR, P(34));
	WHILE(MEM_RANGE_BLOCK, ERR(OPERAND_BUSY, SIM_OPND_SEPT_TREE),
	      0x1000, TDR);
	DURING(MEM_SEPT_RD, 0x2000, TDR);
	/* Exclusive tree: nobody else gets in. */
	WHILE(MEM_SEPT_RD, ERR(OPERAND_BUSY, SIM_OPND_SEPT_TREE), 0, TDR);
	DURING(MEM_RANGE_BLOCK, 0x1000, TDR);
	/* A 2M page keeps all 4K pages of its range busy, and another TD. */
	WHILE(MNG_CREATE, ERR(OPERAND_BUSY, SIM_OPND_RCX), L(0) + 0x3000, 40);
	DURING(MEM_PAGE_AUG, 0x200001, TDR, L(0));
	WHILE(MEM_TRACK, ERR(OPERAND_BUSY, SIM_OPND_TD_EPOCH), TDR);
	DURING(MEM_TRACK, TDR);
	check_unlocked(TDR);
}

TEST(tdx_cache_wb_keeps_the_key_table_busy)
{
	u64 expected;

	fresh(SIM_TDX_1_5_01);
	EQ(CALL(MNG_CREATE, TDR, 33), 0);
	EQ(CALL(MNG_VPFLUSHDONE, TDR), 0);
	WHILE(MNG_CREATE, ERR(OPERAND_BUSY, SIM_OPND_KOT), P(1), 34);
	DURING(PHYMEM_CACHE_WB, 0);
	EQ(CALL(MNG_KEY_FREEID, TDR), 0);
	EQ(CALL(PHYMEM_PAGE_RECLAIM, TDR), 0);
}

/* ---- VP.ENTER ---- */

static u32 ran;

static u64 guest(struct tdx_world *world, u64 tdvpr, u64 tdr)
{
	world->run = NULL;
	ran++;
	EQ(tdvpr, VP);
	EQ(tdr, TDR);
	EQ(CALL(VP_FLUSH, VP), ERR(OPERAND_BUSY, SIM_OPND_RCX));
	EQ(CALL(VP_ENTER, VP), ERR(VCPU_STATE_INCORRECT, 0));
	EQ(CALL(MNG_INIT, TDR, S(0)), ERR(OPERAND_BUSY, SIM_OPND_RCX));
	EQ(CALL(MEM_PAGE_AUG, 0x1000, TDR, P(31)), 0);
	EQ(sim_tdx_accept(&world->t, TDR, 0x1000, NULL), 0);
	EQ(CALL(MEM_RANGE_BLOCK, 0x1000, TDR), 0);
	EQ(CALL(MEM_TRACK, TDR), 0);
	EQ(CALL(MEM_TRACK, TDR), ERR(PREVIOUS_TLB_EPOCH_BUSY, 0));
	EQ(CALL(MEM_PAGE_REMOVE, 0x1000, TDR),
	   ERR(TLB_TRACKING_NOT_DONE, SIM_OPND_RCX));
	return 1;
}

static u64 triple_fault(struct tdx_world *world, u64 tdvpr, u64 tdr)
{
	(void)world;
	(void)tdvpr;
	(void)tdr;
	return (u64)SIM_TDX_NON_RECOVERABLE_VCPU << 32 | 2;
}

TEST(tdx_vcpu_is_not_entered_after_a_triple_fault)
{
	fresh_td();
	EQ(CALL(MR_FINALIZE, TDR), 0);
	w->run = triple_fault;
	EQ(CALL(VP_ENTER, VP), ERR(NON_RECOVERABLE_VCPU, 2));
	EQ(CALL(VP_ENTER, VP), ERR(VCPU_STATE_INCORRECT, 0));
	EQ(CALL(VP_FLUSH, VP), 0);
	w->run = NULL;
}

TEST(tdx_vp_enter_holds_its_locks_while_the_guest_runs)
{
	fresh_td();
	EQ(CALL(VP_ENTER, VP), ERR(OP_STATE_INCORRECT, 0));
	EQ(CALL(MR_FINALIZE, TDR), 0);
	EQ(CALL(VP_ENTER, VP | 1), ERR(OPERAND_INVALID, SIM_OPND_RCX));
	EQ(CALL(VP_ENTER, TDR), ERR(PAGE_METADATA_INCORRECT, SIM_OPND_RCX));
	w->run = guest;
	ran = 0;
	EQ(CALL(VP_ENTER, VP), 1);
	EQ(ran, 1);
	EQ(CALL(MEM_PAGE_REMOVE, 0x1000, TDR), 0);
	w->lp = 1;
	EQ(CALL(VP_ENTER, VP), ERR(VCPU_ASSOCIATED, 0));
	EQ(CALL(VP_FLUSH, VP), ERR(VCPU_NOT_ASSOCIATED, 0));
	w->lp = 0;
	EQ(CALL(VP_FLUSH, VP), 0);
	w->lp = 1;
	EQ(CALL(VP_ENTER, VP), 1);
	check_unlocked(TDR);
}

/* ---- the module itself ---- */

TEST(tdx_later_modules_differ_in_three_things)
{
	struct sim_tdx_lock child = {
		.kind = SIM_LOCK_SEPT_ENTRY, .tdr = TDR, .at = 0x205000,
		.exclusive = true,
	}, tree = {
		.kind = SIM_LOCK_TREE, .tdr = TDR,
	};
	struct sim_tdx_td_info td;
	u32 later, version;

	for (later = 0; later < 2; later++) {
		version = later ? SIM_TDX_LATER : SIM_TDX_1_5_01;
		fresh(version);
		build_td(TDR, 33);
		EQ(CALL(MR_FINALIZE, TDR), 0);
		EQ(CALL(MEM_PAGE_AUG, 0x200001, TDR, L(0)), 0);
		EQ(CALL(MEM_RANGE_BLOCK, 0x200001, TDR), 0);
		EQ(CALL(MEM_RANGE_UNBLOCK, 0x200001, TDR),
		   ERR(TLB_TRACKING_NOT_DONE, later ? SIM_OPND_RCX :
						      SIM_OPND_SEPT_TREE));
		EQ(CALL(MEM_TRACK, TDR), 0);
		EQ(CALL(MEM_PAGE_DEMOTE, 0x200001, TDR, P(60)), 0);
		CHECK(sim_tdx_lock(&w->t, &child));
		EQ(CALL(MEM_RANGE_BLOCK, 0x200001, TDR), 0);
		EQ(CALL(MEM_TRACK, TDR), 0);
		CHECK(sim_tdx_lock(&w->t, &tree));
		EQ(CALL(MEM_PAGE_PROMOTE, 0x200001, TDR),
		   later ? ERR(OPERAND_BUSY, SIM_OPND_SEPT_TREE) :
			   ERR(OPERAND_BUSY, SIM_OPND_RCX));
		CHECK(sim_tdx_td_info(&w->t, TDR, &td));
		/* One reader; with host priority the host is wanted now. */
		EQ(td.sept_lock, later ? 6 : 2);
		sim_tdx_unlock(&w->t, &tree);
		EQ(CALL(MEM_PAGE_PROMOTE, 0x200001, TDR),
		   later ? 0 : ERR(OPERAND_BUSY, SIM_OPND_RCX));
	}
}

TEST(tdx_module_that_stopped_stays_stopped)
{
	struct sim_tdx_lock entry = {
		.kind = SIM_LOCK_SEPT_ENTRY, .tdr = TDR, .exclusive = true,
	};

	fresh(SIM_TDX_1_5_01);
	EQ(CALL(MNG_CREATE, TDR, 33), 0);
	w->pconfig = 3;
	EQ(CALL(MNG_KEY_CONFIG, TDR), SIM_TDX_VMFAIL_INVALID);
	w->pconfig = SIM_PCONFIG_OK;
	EQ(CALL(MNG_KEY_CONFIG, TDR), SIM_TDX_VMFAIL_INVALID);
	EQ(CALL(PHYMEM_PAGE_RDMD, TDR), SIM_TDX_VMFAIL_INVALID);

	fresh_td();
	CHECK(sim_tdx_lock(&w->t, &entry));
	EQ(CALL(MEM_PAGE_ADD, 0, TDR, P(30), S(1)), SIM_TDX_VMFAIL_INVALID);
}

TEST(tdx_no_entropy)
{
	u32 i;

	fresh(SIM_TDX_1_5_01);
	w->no_entropy = true;
	EQ(CALL(MNG_CREATE, TDR, 33), ERR(RND_NO_ENTROPY, 0));
	w->no_entropy = false;
	EQ(CALL(MNG_CREATE, TDR, 33), 0);
	EQ(CALL(MNG_KEY_CONFIG, TDR), 0);
	w->no_entropy = true;
	for (i = 1; i <= 5; i++)
		EQ(CALL(MNG_ADDCX, P(i), TDR), 0);
	EQ(CALL(MNG_ADDCX, P(6), TDR), ERR(RND_NO_ENTROPY, 0));
	w->no_entropy = false;
	EQ(CALL(MNG_ADDCX, P(6), TDR), 0);
}

TEST(tdx_cpuid_configuration_is_checked)
{
	struct sim_tdx_regs regs;
	u32 *cpuid;
	u32 i;

	fresh(SIM_TDX_1_5_01);
	cpuid = (u32 *)(tdx_world_page(w, S(0)) + 256);
	w->t.cfg.nr_cpuid = 1;
	w->t.cfg.cpuid[0] = (struct sim_tdx_cpuid_config){
		.leaf = 7, .subleaf = 2, .allowed = { 0xf0, 0, 1, 0 },
	};
	EQ(CALL(MNG_CREATE, TDR, 33), 0);
	EQ(CALL(MNG_KEY_CONFIG, TDR), 0);
	for (i = 1; i <= 6; i++)
		EQ(CALL(MNG_ADDCX, P(i), TDR), 0);
	params(S(0), 1);
	cpuid[1] = 1;
	EQ(call(SIM_TDH_MNG_INIT, TDR, S(0), 0, 0, &regs),
	   ERR(OPERAND_INVALID, SIM_OPND_CPUID_CONFIG));
	EQ(regs.rcx, 7 | 2ull << 32);
	cpuid[1] = 0;
	cpuid[4] = 1;
	EQ(CALL(MNG_INIT, TDR, S(0)), ERR(OPERAND_INVALID, SIM_OPND_RDX));
	cpuid[4] = 0;
	cpuid[0] = 0x30;
	EQ(CALL(MNG_INIT, TDR, S(0)), 0);
}

static u8 stream[65536];
static u32 stream_len;

static void append(const char *name, u64 gpa, const void *data, u32 len)
{
	memset(stream + stream_len, 0, 128);
	memcpy(stream + stream_len, name, strlen(name));
	memcpy(stream + stream_len + 16, &gpa, 8);
	stream_len += 128;
	memcpy(stream + stream_len, data, len);
	stream_len += len;
}

TEST(tdx_mrtd_is_sha384_of_the_record)
{
	struct sim_tdx_td_info td;
	u64 gpa, chunk;
	u8 digest[48], *source;
	u32 i, j;

	fresh_td();
	source = tdx_world_page(w, S(1));
	stream_len = 0;
	for (i = 0; i < 40; i++) {
		gpa = i * 0x1000ull;
		for (j = 0; j < 4096; j++)
			source[j] = test_random();
		EQ(CALL(MEM_PAGE_ADD, gpa, TDR, P(30 + i), S(1)), 0);
		append("MEM.PAGE.ADD", gpa, "", 0);
		for (j = test_random() % 4; j; j--) {
			chunk = test_random() % 16 * 256;
			EQ(CALL(MR_EXTEND, gpa + chunk, TDR), 0);
			append("MR.EXTEND", gpa + chunk, source + chunk, 256);
		}
	}
	sim_env_sha384(stream, stream_len, digest);
	EQ(CALL(MR_FINALIZE, TDR), 0);
	CHECK(sim_tdx_td_info(&w->t, TDR, &td));
	CHECK(!memcmp(td.mrtd, digest, sizeof(digest)));
}

/* ---- PAMT life cycle ---- */

static void check_page(u64 pa, int size, u32 type, u64 owner, u64 bepoch)
{
	struct sim_tdx_page_info info;

	CHECK(sim_tdx_page_info(&w->t, pa, size, &info));
	EQ(info.type, type);
	EQ(info.owner, owner);
	EQ(info.bepoch, bepoch);
}

static u64 children(void)
{
	struct sim_tdx_td_info td;

	CHECK(sim_tdx_td_info(&w->t, TDR, &td));
	return td.children;
}

TEST(tdx_pamt_entries_from_life_to_life)
{
	u64 before;

	fresh_td();
	before = children();
	EQ(CALL(MR_FINALIZE, TDR), 0);
	/* Give the first 4K page of L0 a past: owner and epoch stay. */
	EQ(CALL(MEM_PAGE_AUG, 0, TDR, L(0)), 0);
	EQ(children(), before + 1);
	EQ(CALL(MEM_TRACK, TDR), 0);
	EQ(CALL(MEM_RANGE_BLOCK, 0, TDR), 0);
	check_page(L(0), 0, SIM_PT_REG, TDR, 2);
	EQ(CALL(MEM_TRACK, TDR), 0);
	EQ(CALL(MEM_RANGE_UNBLOCK, 0, TDR), 0);
	check_page(L(0), 0, SIM_PT_REG, TDR, 2);
	EQ(CALL(MEM_RANGE_BLOCK, 0, TDR), 0);
	EQ(CALL(MEM_TRACK, TDR), 0);
	EQ(CALL(MEM_PAGE_REMOVE, 0, TDR), 0);
	check_page(L(0), 0, SIM_PT_NDA, TDR, 3);
	EQ(children(), before);
	/* The same for the page that becomes a table. */
	EQ(CALL(MEM_SEPT_ADD, 0x600001, TDR, P(60)), 0);
	check_page(P(60), 0, SIM_PT_EPT, TDR, 0);
	EQ(CALL(MEM_RANGE_BLOCK, 0x600001, TDR), 0);
	EQ(CALL(MEM_TRACK, TDR), 0);
	EQ(CALL(MEM_SEPT_REMOVE, 0x600001, TDR), 0);
	check_page(P(60), 0, SIM_PT_NDA, TDR, 4);

	EQ(CALL(MEM_PAGE_AUG, 0x200001, TDR, L(0)), 0);
	check_page(L(0), 1, SIM_PT_REG, TDR, 0);
	check_page(L(0), 0, SIM_PT_NDA, TDR, 3);
	EQ(children(), before + 512);
	EQ(CALL(MEM_RANGE_BLOCK, 0x200001, TDR), 0);
	check_page(L(0), 1, SIM_PT_REG, TDR, 5);
	EQ(CALL(MEM_TRACK, TDR), 0);
	EQ(CALL(MEM_PAGE_DEMOTE, 0x200001, TDR, P(60)), 0);
	check_page(L(0), 1, SIM_PT_NDA, TDR, 5);
	check_page(L(0), 0, SIM_PT_REG, TDR, 0);
	check_page(L(0) + 0x1ff000, 0, SIM_PT_REG, TDR, 0);
	check_page(P(60), 0, SIM_PT_EPT, TDR, 4);
	EQ(children(), before + 513);

	EQ(CALL(MEM_RANGE_BLOCK, 0x200001, TDR), 0);
	EQ(CALL(MEM_TRACK, TDR), 0);
	EQ(CALL(MEM_PAGE_PROMOTE, 0x200001, TDR), 0);
	check_page(L(0), 1, SIM_PT_REG, TDR, 5);
	check_page(L(0) + 0x1ff000, 0, SIM_PT_NDA, TDR, 0);
	check_page(P(60), 0, SIM_PT_NDA, TDR, 6);
	EQ(children(), before + 512);
	EQ(CALL(MEM_RANGE_BLOCK, 0x200001, TDR), 0);
	EQ(CALL(MEM_TRACK, TDR), 0);
	EQ(CALL(MEM_PAGE_REMOVE, 0x200001, TDR), 0);
	check_page(L(0), 1, SIM_PT_NDA, TDR, 7);
	EQ(children(), before);
}

/* ---- random runs ---- */

static u64 pick(const u64 *values, u32 nr)
{
	return values[test_random() % nr];
}

static u64 any_page(void)
{
	u64 n = test_random() % 100;

	if (n < 70)
		return P(test_random() % 160);
	if (n < 90)
		return L(test_random() % 3);
	if (n < 96)
		return L(test_random() % 3) + test_random() % 512 * 0x1000;
	return pick((u64[]){ S(0), 0x70000000, 0x100000000, P(1) + 8,
			     P(1) | 1ull << 47, ~0ull }, 6);
}

static u64 any_tdr(void)
{
	return test_random() % 50 ? P(test_random() % 2 * 100) : any_page();
}

static u64 any_vp(void)
{
	return test_random() % 2 ? any_tdr() + 0xa000 :
				   P(140 + test_random() % 3);
}

static u64 any_gpa(void)
{
	u64 level = pick((u64[]){ 0, 0, 0, 0, 1, 1, 1, 1 }, 8);
	u64 gpa = pick((u64[]){ 0, 0x200000, 0x400000 }, 3);

	if (!(test_random() % 60))
		level = 2 + test_random() % 2;
	if (!level)
		gpa += test_random() % 6 * 0x1000;
	if (level > 1)
		gpa = 0;
	return gpa | level;
}

static const u32 random_leaves[] = {
	SIM_TDH_MNG_CREATE, SIM_TDH_MNG_KEY_CONFIG, SIM_TDH_MNG_ADDCX,
	SIM_TDH_MNG_INIT, SIM_TDH_VP_CREATE, SIM_TDH_VP_ADDCX,
	SIM_TDH_VP_INIT, SIM_TDH_VP_FLUSH, SIM_TDH_VP_ENTER,
	SIM_TDH_MEM_SEPT_ADD, SIM_TDH_MEM_SEPT_ADD, SIM_TDH_MEM_SEPT_ADD,
	SIM_TDH_MEM_SEPT_RD, SIM_TDH_MEM_SEPT_REMOVE, SIM_TDH_MEM_PAGE_ADD,
	SIM_TDH_MEM_PAGE_AUG, SIM_TDH_MEM_PAGE_AUG, SIM_TDH_MEM_PAGE_AUG,
	SIM_TDH_MEM_PAGE_REMOVE, SIM_TDH_MEM_PAGE_REMOVE,
	SIM_TDH_MEM_PAGE_PROMOTE, SIM_TDH_MEM_PAGE_DEMOTE,
	SIM_TDH_MEM_RANGE_BLOCK, SIM_TDH_MEM_RANGE_BLOCK,
	SIM_TDH_MEM_RANGE_UNBLOCK, SIM_TDH_MEM_TRACK, SIM_TDH_MEM_TRACK,
	SIM_TDH_MR_EXTEND, SIM_TDH_MR_FINALIZE, SIM_TDH_PHYMEM_PAGE_RDMD,
	SIM_TDH_PHYMEM_PAGE_RECLAIM, SIM_TDH_PHYMEM_PAGE_RECLAIM,
	SIM_TDH_PHYMEM_PAGE_WBINVD, SIM_TDH_PHYMEM_CACHE_WB,
	SIM_TDH_MNG_VPFLUSHDONE, SIM_TDH_MNG_KEY_FREEID,
};

/* Operands that make sense more often than not. */
static void random_regs(u32 leaf, struct sim_tdx_regs *r)
{
	memset(r, 0, sizeof(*r));
	switch (leaf) {
	case SIM_TDH_MNG_CREATE:
		r->rcx = any_tdr();
		r->rdx = 33 + test_random() % 2;
		break;
	case SIM_TDH_MNG_INIT:
		r->rcx = any_tdr();
		r->rdx = S(0);
		break;
	case SIM_TDH_MNG_ADDCX:
		r->rcx = any_page();
		r->rdx = any_tdr();
		break;
	case SIM_TDH_VP_CREATE:
		r->rcx = any_vp();
		r->rdx = any_tdr();
		break;
	case SIM_TDH_VP_ADDCX:
		r->rcx = any_page();
		r->rdx = any_vp();
		break;
	case SIM_TDH_VP_INIT:
	case SIM_TDH_VP_FLUSH:
	case SIM_TDH_VP_ENTER:
		r->rcx = any_vp();
		break;
	case SIM_TDH_MNG_KEY_CONFIG:
	case SIM_TDH_MEM_TRACK:
	case SIM_TDH_MR_FINALIZE:
	case SIM_TDH_MNG_VPFLUSHDONE:
	case SIM_TDH_MNG_KEY_FREEID:
		r->rcx = any_tdr();
		break;
	case SIM_TDH_PHYMEM_CACHE_WB:
		r->rcx = test_random() % 3;
		break;
	case SIM_TDH_PHYMEM_PAGE_RDMD:
	case SIM_TDH_PHYMEM_PAGE_RECLAIM:
	case SIM_TDH_PHYMEM_PAGE_WBINVD:
		r->rcx = any_page();
		break;
	case SIM_TDH_MEM_SEPT_ADD:
		r->rdx = any_tdr() | test_random() % 2;
		r->rcx = any_gpa();
		r->r8 = any_page();
		break;
	default:
		r->rcx = any_gpa();
		r->rdx = any_tdr();
		r->r8 = any_page();
		r->r9 = S(1);
		if (leaf == SIM_TDH_MEM_PAGE_AUG && (r->rcx & 7) == 1)
			r->r8 = L(test_random() % 3);
	}
}

static bool is_listed(const struct sim_tdx_op *op, u64 status)
{
	u32 i;

	for (i = 0; i < op->nr_statuses; i++)
		if (op->statuses[i] == status >> 32)
			return true;
	return !(status >> 32) || !op;
}

/* 4 KiB pages that the PAMT says are the TD's. */
static u64 pages_of(u64 tdr)
{
	struct sim_tdx_page_info info;
	u64 pa, n = 0;
	u32 i;

	for (i = 0; i < 4; i++) {
		u64 base = i ? L(i - 1) : P(0);

		for (pa = base; pa < base + 0x200000; pa += 0x1000) {
			CHECK(sim_tdx_page_info(&w->t, pa, -1, &info));
			n += info.type > SIM_PT_RSVD && info.owner == tdr;
			EQ(info.lock & ~2u, 0);
		}
	}
	return n;
}

static void check_mapping(u64 tdr, u64 gpa, u32 level, u8 *seen)
{
	struct sim_tdx_page_info info;
	u32 at = level, type;
	u64 raw, pa;

	if (!sim_tdx_sept_entry(&w->t, tdr, gpa, &at, &raw) || at != level ||
	    (raw >> 53 & 7) == 7)
		return;
	CHECK(!(raw & 1 << 11));
	pa = raw & 0xffffffffff000ull;
	type = raw & 1 << 7 ? SIM_PT_REG : SIM_PT_EPT;
	if (type == SIM_PT_REG && level && (raw >> 56 & 1))
		pa &= ~0x1fffffull;
	CHECK(sim_tdx_page_info(&w->t, pa, -1, &info));
	EQ(info.type, type);
	EQ(info.owner, tdr);
	EQ(info.size, type == SIM_PT_REG ? level : 0);
	/* Mapped once, by one TD. */
	CHECK(!seen[(pa - P(0)) >> 12]);
	seen[(pa - P(0)) >> 12] = 1;
}

static void check_agreement(void)
{
	static u8 seen[0x40000];
	struct sim_tdx_td_info td;
	u64 tdr, gpa;
	u32 i, level;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < 2; i++) {
		tdr = P(i * 100);
		if (!sim_tdx_td_info(&w->t, tdr, &td))
			continue;
		EQ(td.children, pages_of(tdr));
		EQ(td.op_state_lock & ~2u, 0);
		EQ(td.sept_lock & ~2u, 0);
		if (td.lifecycle != SIM_TD_KEYS_CONFIGURED)
			continue;
		for (level = 3; level >= 2; level--)
			check_mapping(tdr, 0, level, seen);
		for (gpa = 0; gpa < 0x600000; gpa += 0x1000) {
			if (!(gpa & 0x1fffff))
				check_mapping(tdr, gpa, 1, seen);
			check_mapping(tdr, gpa, 0, seen);
		}
	}
	EQ(w->t.kot_lock, 0);
}

TEST(tdx_random_runs_keep_everything_in_agreement)
{
	const struct sim_tdx_op *op;
	u32 successes[64] = { 0 };
	struct sim_tdx_regs regs;
	u32 run, step, leaf;
	u64 status;

	for (run = 0; run < 40; run++) {
		fresh(run % 2 ? SIM_TDX_LATER : SIM_TDX_1_5_01);
		w->fill_at_once = !(run % 10);
		build_td(P(0), 33);
		if (run % 4 < 2)
			build_td(P(100), 34);
		params(S(0), 2);
		for (step = 0; step < 3000; step++) {
			leaf = random_leaves[test_random() %
				(sizeof(random_leaves) / 4)];
			/* Teardown is for the end of a run. */
			if (leaf == SIM_TDH_MNG_VPFLUSHDONE && step < 2500)
				continue;
			if (leaf == SIM_TDH_MR_FINALIZE && test_random() % 30)
				continue;
			op = sim_tdx_find_op(leaf);
			random_regs(leaf, &regs);
			status = sim_seamcall(&w->t, leaf, &regs);
			CHECK(is_listed(op, status));
			CHECK(status != SIM_TDX_VMFAIL_INVALID);
			successes[leaf] += !(status >> 32);
			if (!(test_random() % 8))
				sim_tdx_accept(&w->t, any_tdr(), any_gpa(),
					       NULL);
			if (step % 75 == 74)
				check_agreement();
		}
	}
	/* A run that does nothing agrees with everything. */
	for (leaf = 0; leaf < sizeof(random_leaves) / 4; leaf++)
		CHECK(successes[random_leaves[leaf]]);
}

/* What the host must not do; the module may stop, but not fall over. */
TEST(tdx_pages_overwritten_by_the_host_do_no_harm)
{
	struct sim_tdx_regs regs;
	u32 run, step, leaf;
	u64 *page;

	for (run = 0; run < 300; run++) {
		fresh(SIM_TDX_1_5_01);
		build_td(P(0), 33);
		params(S(0), 2);
		for (step = 0; step < 200; step++) {
			leaf = random_leaves[test_random() %
				(sizeof(random_leaves) / 4)];
			if (!(step % 20)) {
				page = (u64 *)tdx_world_page(w,
						P(test_random() % 24));
				page[test_random() % 40] = test_random();
				if (!(test_random() % 4))
					memset(page, test_random(), 4096);
			}
			random_regs(leaf, &regs);
			sim_seamcall(&w->t, leaf, &regs);
			sim_tdx_accept(&w->t, P(0), any_gpa(), NULL);
		}
	}
}

TEST(tdx_registers_full_of_noise_do_no_harm)
{
	struct sim_tdx_regs regs;
	u64 rax, i, j;

	fresh_td();
	for (i = 0; i < 200000; i++) {
		rax = test_random() % 48;
		if (rax == SIM_TDH_MNG_VPFLUSHDONE)
			continue;
		for (j = 0; j < 6; j++)
			(&regs.rcx)[j] = test_random() % 3 ?
				any_page() | test_random() % 4 : test_random();
		sim_seamcall(&w->t, rax | test_random() % 2 << 16, &regs);
	}
	CHECK(!w->t.dead);
	EQ(CALL(MNG_KEY_CONFIG, ~0ull), ERR(OPERAND_INVALID, SIM_OPND_RCX));
}
