// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated TDX module: bring-up, and the fields that the host reads and
 * writes.
 */
#include <stdlib.h>

#include "tdx_world.h"
#include "test.h"

#define GIB	(1ull << 30)
#define MIB	(1ull << 20)
#define P(n)	(GIB + (n) * 0x1000ull)
#define PAMT	(GIB + 512 * MIB)
#define ARRAY	0x100000ull
#define INFO(n)	(0x101000ull + (n) * 0x200ull)
#define PARAMS	0x110000ull
#define FIRST	32
#define GLOBAL	32

#define ERR(code, operand)	((u64)(u32)SIM_TDX_##code << 32 | (operand))

static struct tdx_world *w;
static struct sim_tdx_regs regs;

static u64 call(u64 leaf, u64 rcx, u64 rdx, u64 r8, u64 r9)
{
	regs = (struct sim_tdx_regs){ .rcx = rcx, .rdx = rdx, .r8 = r8, .r9 = r9 };
	return sim_seamcall(&w->t, leaf, &regs);
}

#define V1		(1ull << 16)
#define CALL(leaf, ...)	call_args(SIM_TDH_##leaf, (u64[4]){ __VA_ARGS__ })

static u64 call_args(u64 leaf, const u64 a[4])
{
	return call(leaf, a[0], a[1], a[2], a[3]);
}

/* A machine of 5 GiB with @lps processors, one a package, 1 MiB is no CMR. */
static void power_on(u32 lps)
{
	struct sim_tdx_config cfg = {
		.version = SIM_TDX_LATER,
		.maxpa = 52,
		.hkid_bits = 6,
		.private_min = FIRST,
		.private_max = 63,
		.nr_packages = lps,
		.nr_lps = lps,
		.cmr = { { MIB, 4 * GIB }, { 4 * GIB, 5 * GIB } },
		.nr_cmrs = 2,
		.wb_blocks = 1,
		.attributes = 1ull << 28,
		.xfam = 0xe7,
		.xfam_fixed1 = 3,
		.config_flags = 5,
		.cpuid = {
			{ .leaf = 1, .subleaf = ~0u, .allowed = { 0xff, 0, 0x100, 0 } },
			{ .leaf = 7, .subleaf = 1, .allowed = { 0x30, 0, 0, 0xf } },
		},
		.nr_cpuid = 2,
	};

	if (!w)
		w = tdx_world_new();
	EQ(tdx_world_reset(w, 1, SIM_TDX_LATER), 0);
	EQ(sim_tdx_power_on(&w->t, &cfg), 0);
	tdx_world_watch(w);
}

static void on_lp(u32 lp)
{
	w->lp = lp;
	w->package = lp;
}

/* One TDMR of 1 GiB at 1 GiB; its PAMT in a reserved area, 4K 2M 1G. */
static u64 *info(u32 n, u64 base, u64 pamt)
{
	u64 *p = (u64 *)tdx_world_page(w, INFO(n)) + (INFO(n) & 0xfff) / 8;

	((u64 *)tdx_world_page(w, ARRAY))[n] = INFO(n);
	memset(p, 0, 512);
	p[0] = base;
	p[1] = GIB;
	p[2] = pamt + 4 * MIB + 0x2000;		/* 1G */
	p[3] = 0x1000;
	p[4] = pamt + 4 * MIB;			/* 2M */
	p[5] = 0x2000;
	p[6] = pamt;				/* 4K */
	p[7] = 4 * MIB;
	p[8] = pamt - base;
	p[9] = 8 * MIB;
	return p;
}

static void initialised(void)
{
	power_on(1);
	EQ(CALL(SYS_INIT), 0);
	EQ(CALL(SYS_LP_INIT), 0);
}

static void ready(void)
{
	initialised();
	info(0, GIB, PAMT);
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), 0);
	EQ(CALL(SYS_KEY_CONFIG), 0);
	do
		EQ(CALL(SYS_TDMR_INIT, GIB), 0);
	while (regs.rdx < 2 * GIB);
}

TEST(tdx_sys_states_follow_each_other)
{
	u32 lp;

	power_on(2);
	EQ(CALL(MNG_CREATE, P(0), 33), ERR(SYS_NOT_READY, 0));
	EQ(CALL(SYS_TDMR_INIT, GIB), ERR(SYS_NOT_READY, 0));
	EQ(CALL(SYS_LP_INIT), ERR(SYS_LP_INIT_NOT_PENDING, 0));
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), ERR(SYS_CONFIG_NOT_PENDING, 0));
	EQ(CALL(SYS_RD, 0, 0x9100000100000008), ERR(SYS_LP_INIT_NOT_DONE, 0));
	EQ(CALL(SYS_INIT, 1), ERR(OPERAND_INVALID, SIM_OPND_RCX));
	EQ(CALL(SYS_INIT), 0);
	EQ(CALL(SYS_INIT), ERR(SYS_INIT_NOT_PENDING, 0));

	info(0, GIB, PAMT);
	for (lp = 0; lp < 2; lp++) {
		EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), ERR(SYS_CONFIG_NOT_PENDING, 0));
		on_lp(lp);
		EQ(CALL(SYS_RD, 0, 0x9100000100000008), ERR(SYS_LP_INIT_NOT_DONE, 0));
		EQ(CALL(SYS_LP_INIT), 0);
		EQ(CALL(SYS_LP_INIT), ERR(SYS_LP_INIT_DONE, 0));
		EQ(CALL(SYS_RD, 0, 0x9100000100000008), 0);
	}
	EQ(CALL(SYS_KEY_CONFIG), ERR(SYS_KEY_CONFIG_NOT_PENDING, 0));
	EQ(CALL(SYS_UPDATE), ERR(SYS_INVALID_HANDOFF, 0));
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), 0);
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), ERR(SYS_CONFIG_NOT_PENDING, 0));
	EQ(CALL(SYS_LP_INIT), ERR(SYS_LP_INIT_NOT_PENDING, 0));
	EQ(CALL(SYS_UPDATE), ERR(SYS_STATE_INCORRECT, 0));

	w->pconfig = SIM_PCONFIG_BUSY;
	EQ(CALL(SYS_KEY_CONFIG), ERR(OPERAND_BUSY, SIM_OPND_KET));
	w->pconfig = SIM_PCONFIG_ENTROPY;
	EQ(CALL(SYS_KEY_CONFIG), ERR(KEY_GENERATION_FAILED, 0));
	w->pconfig = SIM_PCONFIG_OK;
	EQ(CALL(SYS_KEY_CONFIG), 0);
	EQ(CALL(SYS_KEY_CONFIG), ERR(KEY_CONFIGURED, 0));
	EQ(CALL(SYS_TDMR_INIT, GIB), ERR(SYS_NOT_READY, 0));
	on_lp(0);
	EQ(CALL(SYS_KEY_CONFIG), 0);
	EQ(CALL(SYS_KEY_CONFIG), ERR(SYS_KEY_CONFIG_NOT_PENDING, 0));
	EQ(CALL(SYS_TDMR_INIT, GIB), 0);
}

TEST(tdx_sys_config_operands)
{
	initialised();
	info(0, GIB, PAMT);
	EQ(CALL(SYS_CONFIG, ARRAY + 256, 1, GLOBAL), ERR(OPERAND_INVALID, SIM_OPND_RCX));
	EQ(CALL(SYS_CONFIG, ARRAY | 32ull << 46, 1, GLOBAL), ERR(OPERAND_INVALID, SIM_OPND_RCX));
	EQ(CALL(SYS_CONFIG, ARRAY, 0, GLOBAL), ERR(OPERAND_INVALID, SIM_OPND_RDX));
	EQ(CALL(SYS_CONFIG, ARRAY, 65, GLOBAL), ERR(OPERAND_INVALID, SIM_OPND_RDX));
	EQ(CALL(SYS_CONFIG, ARRAY, 1, FIRST - 1), ERR(OPERAND_INVALID, SIM_OPND_R8));
	EQ(CALL(SYS_CONFIG, ARRAY, 1, 64), ERR(OPERAND_INVALID, SIM_OPND_R8));
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL | 1 << 16), ERR(OPERAND_INVALID, SIM_OPND_R8));
	((u64 *)tdx_world_page(w, ARRAY))[0] = INFO(0) + 8;
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), ERR(OPERAND_INVALID, SIM_OPND_RCX));
	/* Nothing of that has changed the state. */
	((u64 *)tdx_world_page(w, ARRAY))[0] = INFO(0);
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), 0);
}

TEST(tdx_sys_config_checks_each_field)
{
	static const struct {
		u32 word;
		u64 value;
		u64 status;
	} wrong[] = {
		{ 0, GIB + MIB, ERR(INVALID_TDMR, 0) },
		{ 0, 1ull << 46, ERR(INVALID_TDMR, 0) },
		{ 0, 7 * GIB, ERR(TDMR_OUTSIDE_CMRS, 0) },
		{ 1, 0, ERR(INVALID_TDMR, 0) },
		{ 1, GIB + 0x1000, ERR(INVALID_TDMR, 0) },
		{ 1, ~0ull & ~(GIB - 1), ERR(INVALID_TDMR, 0) },
		{ 1, 2 * GIB, ERR(INVALID_PAMT, 1 << 8) },
		{ 2, PAMT + 1, ERR(INVALID_PAMT, 2 << 8) },
		{ 3, 0, ERR(INVALID_PAMT, 2 << 8) },
		{ 4, PAMT + 0x800, ERR(INVALID_PAMT, 1 << 8) },
		{ 5, 0x1000, ERR(INVALID_PAMT, 1 << 8) },
		{ 6, 1ull << 50, ERR(INVALID_PAMT, 0) },
		{ 7, 4 * MIB - 0x1000, ERR(INVALID_PAMT, 0) },
		{ 6, PAMT + 0x1000, ERR(PAMT_OVERLAP, 0) },	/* 2M's */
		{ 6, GIB + 64 * MIB, ERR(PAMT_OVERLAP, 0) },	/* available */
		{ 7, 8 * MIB, ERR(PAMT_OVERLAP, 0) },
		{ 6, 6 * GIB, ERR(PAMT_OUTSIDE_CMRS, 0) },
		{ 6, 0, ERR(PAMT_OUTSIDE_CMRS, 0) },
		{ 8, 512 * MIB + 8, ERR(INVALID_RESERVED_IN_TDMR, 0) },
		{ 9, 8 * MIB + 1, ERR(INVALID_RESERVED_IN_TDMR, 0) },
		{ 9, GIB, ERR(INVALID_RESERVED_IN_TDMR, 0) },
		{ 9, ~0ull, ERR(INVALID_RESERVED_IN_TDMR, 0) },
		{ 9, 0, ERR(PAMT_OVERLAP, 0) },
		/* a second area: empty but for its place, in front, overlapping */
		{ 11, 0x1000, ERR(NON_ORDERED_RESERVED_IN_TDMR, 1 << 8) },
		{ 13, 0x1000, ERR(NON_ORDERED_RESERVED_IN_TDMR, 1 << 8) },
	};
	u32 i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		initialised();
		info(0, GIB, PAMT)[wrong[i].word] = wrong[i].value;
		EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), wrong[i].status);
		EQ(CALL(SYS_KEY_CONFIG), ERR(SYS_KEY_CONFIG_NOT_PENDING, 0));
		info(0, GIB, PAMT);
		EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), 0);
	}
}

TEST(tdx_sys_config_of_several_tdmrs)
{
	u64 *p;

	/* ascending, next to each other, with PAMTs in one another */
	initialised();
	info(0, GIB, PAMT)[9] = 16 * MIB;
	info(1, 2 * GIB, PAMT + 8 * MIB)[9] = 0;
	EQ(CALL(SYS_CONFIG, ARRAY, 2, GLOBAL), 0);
	EQ(CALL(SYS_KEY_CONFIG), 0);
	EQ(CALL(SYS_TDMR_INIT, 2 * GIB), 0);

	initialised();
	info(1, GIB, PAMT);
	info(0, 2 * GIB, 2 * GIB + 512 * MIB);
	EQ(CALL(SYS_CONFIG, ARRAY, 2, GLOBAL), ERR(NON_ORDERED_TDMR, 1));

	initialised();
	p = info(0, GIB, PAMT);
	p[1] = 2 * GIB;
	p[3] = 0x1000;
	p[4] = PAMT + 8 * MIB;
	p[5] = 0x4000;
	p[2] = PAMT + 9 * MIB;
	p[7] = 8 * MIB;
	p[9] = 16 * MIB;
	info(1, 2 * GIB, 2 * GIB + 512 * MIB);
	EQ(CALL(SYS_CONFIG, ARRAY, 2, GLOBAL), ERR(NON_ORDERED_TDMR, 1));

	/* the PAMT of the second in free memory of the first, and the reverse */
	initialised();
	info(0, GIB, PAMT);
	info(1, 2 * GIB, PAMT + 8 * MIB)[9] = 0;
	EQ(CALL(SYS_CONFIG, ARRAY, 2, GLOBAL), ERR(PAMT_OVERLAP, 1));
	initialised();
	info(0, GIB, 2 * GIB)[9] = 0;
	info(1, 2 * GIB, 2 * GIB + 512 * MIB);
	EQ(CALL(SYS_CONFIG, ARRAY, 2, GLOBAL), ERR(PAMT_OVERLAP, 1 << 16));
	/* and both the same */
	initialised();
	info(0, GIB, PAMT);
	info(1, 2 * GIB, PAMT)[9] = 0;
	EQ(CALL(SYS_CONFIG, ARRAY, 2, GLOBAL), ERR(PAMT_OVERLAP, 1));
	/* a hole in the middle of convertible memory */
	initialised();
	info(0, 0, PAMT)[9] = 0;
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), ERR(TDMR_OUTSIDE_CMRS, 0));
	initialised();
	p = info(0, 0, PAMT);
	p[8] = 0;
	p[9] = MIB;
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), 0);
}

TEST(tdx_sys_tdmr_becomes_usable_when_it_is_complete)
{
	struct sim_tdx_page_info page;
	u32 calls = 0;

	initialised();
	info(0, GIB, PAMT);
	memset(tdx_world_page(w, PAMT), 0xa5, 4096);
	EQ(CALL(SYS_CONFIG, ARRAY, 1, GLOBAL), 0);
	EQ(CALL(SYS_KEY_CONFIG), 0);
	EQ(CALL(SYS_TDMR_INIT, 2 * GIB), ERR(OPERAND_INVALID, SIM_OPND_RCX));
	EQ(CALL(SYS_TDMR_INIT, GIB + 0x1000), ERR(OPERAND_INVALID, SIM_OPND_RCX));
	for (;;) {
		EQ(CALL(SYS_TDMR_INIT, GIB), 0);
		calls++;
		if (regs.rdx == 2 * GIB)
			break;
		EQ(regs.rdx, GIB);
		EQ(CALL(MNG_CREATE, P(0), 33), ERR(OPERAND_ADDR_RANGE_ERROR, SIM_OPND_RCX));
	}
	EQ(calls, 256);
	EQ(CALL(SYS_TDMR_INIT, GIB), ERR(TDMR_ALREADY_INITIALIZED, 0));
	CHECK(sim_tdx_page_info(&w->t, PAMT, 0, &page));
	EQ(page.type, SIM_PT_RSVD);
	CHECK(sim_tdx_page_info(&w->t, PAMT + 8 * MIB, 0, &page));
	EQ(page.type, SIM_PT_NDA);
	CHECK(sim_tdx_page_info(&w->t, P(0), 0, &page));
	EQ(page.type, SIM_PT_NDA);
	EQ(page.owner, 0);
	EQ(page.lock, 0);
	EQ(CALL(MNG_CREATE, PAMT, 33), ERR(PAGE_METADATA_INCORRECT, SIM_OPND_RCX));
	EQ(CALL(MNG_CREATE, P(0), GLOBAL), ERR(HKID_NOT_FREE, 0));
	EQ(CALL(MNG_CREATE, P(0), 33), 0);
}

static u64 (*inside)(void);
static u64 seen;

static void yield(struct tdx_world *world)
{
	struct sim_tdx_regs r = { 0 };

	world->yield = NULL;
	seen = sim_seamcall(&world->t, inside(), &r);
}

static u64 sys_init(void) { return SIM_TDH_SYS_INIT; }
static u64 lp_init(void) { return SIM_TDH_SYS_LP_INIT; }

TEST(tdx_sys_calls_exclude_each_other)
{
	power_on(1);
	inside = lp_init;
	w->yield = yield;
	EQ(CALL(SYS_INIT), 0);
	EQ(seen, ERR(SYS_BUSY, 0));
	inside = sys_init;
	w->yield = yield;
	EQ(CALL(SYS_LP_INIT), 0);
	EQ(seen, ERR(SYS_BUSY, 0));
	EQ(CALL(SYS_INIT), ERR(SYS_INIT_NOT_PENDING, 0));
}

TEST(tdx_sys_ends)
{
	ready();
	EQ(CALL(SYS_SHUTDOWN, 1), ERR(OPERAND_INVALID, SIM_OPND_RCX));
	EQ(CALL(MNG_CREATE, P(0), 33), 0);
	EQ(CALL(SYS_SHUTDOWN, 0), 0);
	EQ(CALL(MNG_KEY_CONFIG, P(0)), ERR(SYS_SHUTDOWN, 0));
	EQ(CALL(SYS_DISABLE), ERR(SYS_SHUTDOWN, 0));
	EQ(CALL(SYS_UPDATE), ERR(SYS_SHUTDOWN, 0));
	ready();
	EQ(CALL(SYS_DISABLE), 0);
	EQ(CALL(SYS_RD, 0, 0x9100000100000008), ERR(SYS_SHUTDOWN, 0));
}

static u64 sys_rd(u64 field)
{
	EQ(CALL(SYS_RD, 0, field), 0);
	EQ(regs.rdx, ~0ull);
	return regs.r8;
}

/* With the very numbers that the kernel uses. */
TEST(tdx_sys_fields_agree_with_the_module)
{
	u32 i;

	ready();
	EQ(sys_rd(0x0800000100000004), 1);
	EQ(sys_rd(0x0800000100000003), 5);
	CHECK(sys_rd(0x0A00000300000008) & 1ull << 18);
	CHECK(sys_rd(0x0A00000300000008) & 1ull << 20);
	CHECK(!(sys_rd(0x0A00000300000008) & 1ull << 1));
	EQ(sys_rd(0x9100000100000008), SIM_TDX_MAX_TDMRS);
	EQ(sys_rd(0x9100000100000009), SIM_TDX_MAX_RESERVED);
	for (i = 0; i < 3; i++)
		EQ(sys_rd(0x9100000100000010 + i), 16);
	EQ(sys_rd(0x9800000100000000), 4096);
	EQ(sys_rd(0x1900000300000000), 1ull << 28);
	EQ(sys_rd(0x1900000300000001), 0);
	EQ(sys_rd(0x1900000300000002), 0xe7);
	EQ(sys_rd(0x1900000300000003), 3);
	EQ(sys_rd(0x9900000100000008), SIM_TDX_MAX_VCPUS);
	EQ(sys_rd(0x8900000100000000), 0);
	EQ(sys_rd(0x9900000100000004), 2);
	EQ(sys_rd(0x9900000300000400), 1 | 0xffffffffull << 32);
	EQ(sys_rd(0x9900000300000401), 7 | 1ull << 32);
	EQ(sys_rd(0x9900000300000500), 0xff);
	EQ(sys_rd(0x9900000300000501), 0x100);
	EQ(sys_rd(0x9900000300000502), 0x30);
	EQ(sys_rd(0x9900000300000503), 0xfull << 32);
	EQ(CALL(SYS_RD, 0, 0x9900000300000402), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	EQ(CALL(SYS_RD, 0, 0x9900000300000504), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	/* bits that must be zero, a count of elements, another class */
	EQ(CALL(SYS_RD, 0, 0xD100000100000008), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	EQ(CALL(SYS_RD, 0, 0x9100000500000008), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	EQ(CALL(SYS_RD, 0, 0x1100000100000008), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	EQ(regs.r8, 0);
}

static void params(u32 max_vcpus)
{
	u64 *p = (u64 *)tdx_world_page(w, PARAMS);

	memset(p, 0, 4096);
	p[0] = 1ull << 28;
	p[1] = 7;
	p[2] = max_vcpus;
	p[3] = 0x1e;
	p[4] = 4;
	p[5] = 40;
	p[32] = 0x12;		/* 1: EAX */
	p[33] = 0x100;		/* 1: ECX */
	p[34] = 0x20;		/* 7.1: EAX */
}

/* As many pages as the module says, and none more. */
static void td(u32 vcpus)
{
	u64 nr_tdcs, nr_tdcx;
	u32 i, v;

	ready();
	nr_tdcs = sys_rd(0x9800000100000100) / 4096;
	nr_tdcx = sys_rd(0x9800000100000200) / 4096 - 1;
	EQ(CALL(MNG_CREATE, P(0), 33), 0);
	EQ(CALL(MNG_KEY_CONFIG, P(0)), 0);
	params(vcpus);
	for (i = 1; i <= nr_tdcs; i++) {
		EQ(CALL(MNG_INIT, P(0), PARAMS), ERR(TDCS_NOT_ALLOCATED, 0));
		EQ(CALL(MNG_ADDCX, P(i), P(0)), 0);
	}
	EQ(CALL(MNG_INIT, P(0), PARAMS), 0);
	for (v = 1; v <= vcpus; v++) {
		EQ(CALL(VP_CREATE, P(100 * v), P(0)), 0);
		for (i = 1; i <= nr_tdcx; i++) {
			EQ(call(SIM_TDH_VP_INIT | V1, P(100 * v), 0, v, 0),
			   ERR(TDCX_NUM_INCORRECT, 0));
			EQ(CALL(VP_ADDCX, P(100 * v + i), P(100 * v)), 0);
		}
	}
}

TEST(tdx_vp_init_with_x2apic_id)
{
	struct sim_tdx_vp_info vp;

	td(3);
	EQ(call(SIM_TDH_VP_INIT | 2 << 16, P(100), 0, 0, 0), ERR(OPERAND_INVALID, 0));
	EQ(call(SIM_TDH_VP_INIT | V1, P(100), 0, 1ull << 32, 0), ERR(OPERAND_INVALID, SIM_OPND_R8));
	CHECK(sim_tdx_vp_info(&w->t, P(100), &vp));
	CHECK(!vp.initialised && !vp.associated);
	EQ(call(SIM_TDH_VP_INIT | V1, P(100), 0x1234, 7, 0), 0);
	EQ(call(SIM_TDH_VP_INIT | V1, P(200), 0, 7, 0), ERR(X2APIC_ID_NOT_UNIQUE, 7));
	EQ(call(SIM_TDH_VP_INIT | V1, P(200), 0, 0xfffffff9, 0), 0);
	EQ(call(SIM_TDH_VP_INIT | V1, P(300), 0, 0xfffffff9, 0),
	   ERR(X2APIC_ID_NOT_UNIQUE, 0xfffffff9));
	EQ(call(SIM_TDH_VP_INIT | V1, P(300), 0, 0, 0), 0);
	CHECK(sim_tdx_vp_info(&w->t, P(100), &vp));
	CHECK(vp.initialised && vp.associated && !vp.active);
	EQ(vp.tdr, P(0));
	EQ(vp.x2apic_id, 7);
	EQ(vp.rcx, 0x1234);
	CHECK(sim_tdx_vp_info(&w->t, P(200), &vp));
	EQ(vp.index, 1);
	EQ(vp.x2apic_id, 0xfffffff9);
	CHECK(!sim_tdx_vp_info(&w->t, P(0), &vp));
	/* The module that was measured has no such version. */
	EQ(tdx_world_reset(w, 1, SIM_TDX_1_5_01), 0);
	EQ(call(SIM_TDH_VP_INIT | V1, P(100), 0, 0, 0), ERR(OPERAND_INVALID, 0));
}

#define PI_VECTOR	0x2ull
#define PI_DESC		0x2016ull
#define SHARED_EPTP	0x203cull
#define PIN_CONTROLS	0x4000ull
#define PEND_NMI	(32ull << 56 | 11)
#define DETAILS		(1ull << 63 | 17ull << 56 | 0x100)

TEST(tdx_vp_fields)
{
	struct sim_tdx_vp_info vp;

	td(1);
	EQ(CALL(VP_WR, P(100), PI_VECTOR, 0xf2, 0xffff), ERR(VCPU_STATE_INCORRECT, 0));
	EQ(CALL(VP_RD, P(100), DETAILS), ERR(VCPU_STATE_INCORRECT, 0));
	EQ(call(SIM_TDH_VP_INIT | V1, P(100), 0, 0, 0), 0);
	EQ(CALL(VP_WR, P(100), PI_VECTOR, 0xf2, 0xffff), 0);
	EQ(CALL(VP_WR, P(100), PI_VECTOR, 0xf3, 0xffff), 0);
	EQ(regs.r8, 0xf2);
	EQ(CALL(VP_WR, P(100), PI_DESC, 0x12345640, ~0ull), 0);
	EQ(CALL(VP_WR, P(100), PI_DESC, 63ull << 46, ~0ull), ERR(METADATA_FIELD_VALUE_NOT_VALID, 0));
	EQ(CALL(VP_WR, P(100), PIN_CONTROLS, 0x80, 0x80), 0);
	EQ(CALL(VP_WR, P(100), PIN_CONTROLS, 0x10, 0x10), ERR(METADATA_FIELD_NOT_WRITABLE, 0));
	EQ(CALL(VP_WR, P(100), SHARED_EPTP, 0x5000, ~0ull), 0);
	EQ(CALL(VP_WR, P(100), PEND_NMI, 1, 0xff), 0);
	EQ(CALL(VP_WR, P(100), DETAILS, 1, ~0ull), ERR(METADATA_FIELD_NOT_WRITABLE, 0));
	EQ(CALL(VP_WR, P(100), 0x2017, 1, ~0ull), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	CHECK(sim_tdx_vp_info(&w->t, P(100), &vp));
	EQ(vp.vector, 0xf3);
	EQ(vp.pi_desc, 0x12345640);
	EQ(vp.shared_eptp, 0x5000);
	CHECK(vp.posted && vp.pend_nmi && !vp.intr_pending);

	EQ(CALL(VP_RD, P(100), DETAILS), 0);
	EQ(regs.r8, 0);
	EQ(regs.rdx, DETAILS);
	sim_tdx_vp_set_pending(&w->t, P(100), false, true);
	EQ(call(SIM_TDH_VP_RD | V1, P(100), DETAILS, 0, 0), 0);
	EQ(regs.r8, 1);
	EQ(regs.rdx, ~0ull);
	EQ(CALL(VP_RD, P(100), PEND_NMI), 0);
	EQ(regs.r8, 0);
	EQ(call(SIM_TDH_VP_RD | 2 << 16, P(100), DETAILS, 0, 0), ERR(OPERAND_INVALID, 0));
	EQ(CALL(VP_RD, P(0), DETAILS), ERR(PAGE_METADATA_INCORRECT, SIM_OPND_RCX));
	EQ(CALL(VP_RD, P(100), 0x4002), ERR(METADATA_FIELD_ID_INCORRECT, 0));
}

TEST(tdx_vp_access_associates)
{
	struct sim_tdx_vp_info vp;

	td(1);
	EQ(call(SIM_TDH_VP_INIT | V1, P(100), 0, 0, 0), 0);
	w->lp = 1;
	EQ(CALL(VP_RD, P(100), DETAILS), ERR(VCPU_ASSOCIATED, 0));
	EQ(CALL(VP_WR, P(100), PEND_NMI, 1, 1), ERR(VCPU_ASSOCIATED, 0));
	w->lp = 0;
	EQ(CALL(VP_FLUSH, P(100)), 0);
	w->lp = 1;
	EQ(CALL(VP_WR, P(100), PEND_NMI, 1, 1), 0);
	CHECK(sim_tdx_vp_info(&w->t, P(100), &vp));
	CHECK(vp.associated && vp.lp == 1);
	w->lp = 0;
	EQ(CALL(VP_FLUSH, P(100)), ERR(VCPU_NOT_ASSOCIATED, 0));
	EQ(CALL(MNG_VPFLUSHDONE, P(0)), ERR(FLUSHVP_NOT_DONE, 0));
}

#define CPUID(leaf, subleaf, half)					\
	(0x9410000300000000ull | ((leaf) & 0x7full) << 9 |		\
	 (u64)((leaf) >> 31) << 16 | (u64)((subleaf) & 0x7f) << 1 | (half))
#define NO_SUBLEAF(leaf, half)	(CPUID(leaf, 0x7f, half) | 1 << 8)

TEST(tdx_td_fields)
{
	td(1);
	EQ(CALL(MNG_RD, P(0), 17ull << 56 | 10), 0);
	EQ(regs.r8, 0);
	EQ(CALL(MNG_RD, P(0), 17ull << 56 | 11), 0);
	EQ(regs.r8, 1ull << 48);
	EQ(regs.rdx, 17ull << 56 | 11);
	EQ(call(SIM_TDH_MNG_RD | V1, P(0), 17ull << 56 | 11, 0, 0), 0);
	EQ(regs.rdx, ~0ull);
	EQ(CALL(MNG_RD, P(0), 17ull << 56 | 12), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	EQ(CALL(MNG_RD, P(1), 17ull << 56 | 10), ERR(PAGE_METADATA_INCORRECT, SIM_OPND_RCX));

	/* of the platform, but for what the host chose */
	EQ(CALL(MNG_RD, P(0), NO_SUBLEAF(0u, 0)), 0);
	EQ(regs.r8, 0x1f | 0xbbbbbbbbull << 32);
	EQ(CALL(MNG_RD, P(0), NO_SUBLEAF(1u, 0)), 0);
	EQ(regs.r8, 0x112 | 0xbbbbbbbbull << 32);
	EQ(CALL(MNG_RD, P(0), NO_SUBLEAF(1u, 1)), 0);
	EQ(regs.r8, (0xccccccccull & ~0x100ull) | 0x100 | 0xddddddddull << 32);
	EQ(CALL(MNG_RD, P(0), CPUID(7u, 0, 0)), 0);
	EQ((u32)regs.r8, 0x700);
	EQ(CALL(MNG_RD, P(0), CPUID(7u, 1, 0)), 0);
	EQ((u32)regs.r8, (0x701 & ~0x30) | 0x20);
	EQ(CALL(MNG_RD, P(0), NO_SUBLEAF(0x80000000u, 0)), 0);
	EQ((u32)regs.r8, 0x8000001f);
	EQ(CALL(MNG_RD, P(0), NO_SUBLEAF(7u, 0)), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	EQ(CALL(MNG_RD, P(0), CPUID(1u, 0, 0)), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	EQ(CALL(MNG_RD, P(0), CPUID(7u, 3, 0)), ERR(METADATA_FIELD_ID_INCORRECT, 0));
	EQ(CALL(MNG_RD, P(0), NO_SUBLEAF(0x20u, 0)), ERR(METADATA_FIELD_ID_INCORRECT, 0));
}

TEST(tdx_pages_in_use_are_found)
{
	struct sim_tdx_page_info page;
	u32 n = 0, tdr = 0, i;
	u64 pa;

	td(2);
	EQ(call(SIM_TDH_VP_INIT | V1, P(100), 0, 0, 0), 0);
	EQ(CALL(MEM_SEPT_ADD, 3, P(0), P(1000)), 0);
	EQ(CALL(MEM_SEPT_ADD, 2, P(0), P(1001)), 0);
	EQ(CALL(MEM_PAGE_AUG, 0x200001, P(0), GIB + 256 * MIB), 0);
	for (pa = 0; sim_tdx_next_page(&w->t, &pa, &page); n++) {
		tdr += page.type == SIM_PT_TDR;
		pa += 4096ull << 9 * page.size;
		CHECK(page.type == SIM_PT_TDR || page.owner == P(0));
	}
	/* TDR, TDCS, two vCPUs, two tables, a large page */
	EQ(n, 1 + 6 + 2 * 6 + 2 + 1);
	EQ(tdr, 1);
	pa = GIB + 256 * MIB;
	CHECK(sim_tdx_next_page(&w->t, &pa, &page));
	EQ(pa, GIB + 256 * MIB);
	EQ(page.size, 1);
	pa += 0x1000;
	CHECK(!sim_tdx_next_page(&w->t, &pa, &page));

	/* Twice, as the first time all is read. */
	for (i = 0; i < 2; i++) {
		for (n = 0, pa = 0; sim_tdx_next_touched(&w->t, &pa, &page); n++)
			pa += 4096ull << 9 * page.size;
		EQ(n, 1 + 6 + 2 * 6 + 2 + 1);
	}
	EQ(CALL(MEM_SEPT_ADD, 2 | GIB, P(0), P(1002)), 0);
	for (n = 0, pa = 0; sim_tdx_next_touched(&w->t, &pa, &page); n++)
		pa += 4096ull << 9 * page.size;
	EQ(n, 1 + 6 + 2 * 6 + 3 + 1);
	/* What is not in use any more */
	EQ(CALL(MEM_RANGE_BLOCK, 1 | 0x200000, P(0), 0), 0);
	EQ(CALL(MEM_TRACK, P(0), 0, 0), 0);
	EQ(CALL(MEM_PAGE_REMOVE, 1 | 0x200000, P(0), 0), 0);
	pa = GIB + 256 * MIB;
	CHECK(!sim_tdx_next_touched(&w->t, &pa, &page));
}

static void track(struct tdx_world *world)
{
	struct sim_tdx_regs r = { .rcx = P(0) };

	world->yield = NULL;
	seen = sim_seamcall(&world->t, SIM_TDH_MEM_TRACK, &r);
}

/* With an ID, it writes to the TD and keeps everybody out: KVM counts on that. */
TEST(tdx_vp_init_with_x2apic_id_excludes_others)
{
	td(2);
	w->yield = track;
	EQ(CALL(VP_INIT, P(100)), 0);
	EQ(seen, 0);
	w->yield = track;
	EQ(call(SIM_TDH_VP_INIT | V1, P(200), 0, 7, 0), 0);
	EQ(seen, ERR(OPERAND_BUSY, SIM_OPND_RCX));
}

/* Mostly right, so that it gets far. */
TEST(tdx_sys_config_of_noise_does_no_harm)
{
	static const u64 values[] = {
		0, 0x1000, 0x2000, 4 * MIB, 8 * MIB, GIB, 2 * GIB, 4 * GIB, PAMT,
		PAMT + 4 * MIB, 512 * MIB, ~0ull, ~0xfffull, 1ull << 46, 1ull << 63,
	};
	u32 i, j, n, good = 0;
	u64 *p, status;

	initialised();
	for (i = 0; i < 50000; i++) {
		n = 1 + test_random() % 3;
		for (j = 0; j < n; j++) {
			p = info(j, (j + 1) * GIB, (j + 1) * GIB + 512 * MIB);
			if (test_random() % 2)
				p[test_random() % 40] =
					values[test_random() % (sizeof(values) / sizeof(values[0]))];
		}
		status = CALL(SYS_CONFIG, ARRAY, n, GLOBAL);
		if (status)
			continue;
		good++;
		initialised();
	}
	CHECK(!w->t.dead);
	CHECK(good > 1000 && good < 49000);
}
