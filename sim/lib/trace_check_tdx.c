// SPDX-License-Identifier: GPL-2.0
/*
 * SEAMCALLs.  Those of one CPU nest, as an IPI can make one while another is
 * on its way; each is replayed when it ends.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tdx_world.h"
#include "trace_check.h"

#define GIB		(1ull << 30)
#define ERROR		(1ull << 63)
#define MAX_DEPTH	4
#define MAX_CPUS	FT_MAX_CPUS

/* The simulated platform: addresses of 46 bits, PAMTs and scratch at the top */
#define MAXPA		52
#define HKID_BITS	6
#define HKID_SHIFT	(MAXPA - HKID_BITS)
#define PAMT_AREA	(1ull << 45)
#define SCRATCH		(PAMT_AREA + (1ull << 44))

/* Flags of tc_page() */
#define TD_HAS_RUN	2

static struct tdx {
	struct tdx_world *w;
	bool active;
	bool late;		/* the module was ready before the trace began */
	/* Calls that have begun, by CPU: index + 1 */
	struct {
		u64 open[MAX_DEPTH];
		u32 depth;
		u64 vp;		/* TDH.VP.ENTER */
		bool inside;	/* it has counted into an epoch */
	} cpu[MAX_CPUS];
	u16 lp[MAX_CPUS];	/* CPUs get numbers as they appear */
	u32 nr_lps;
	/* HKIDs likewise, from 1 on */
	u64 hkid[SIM_TDX_MAX_HKIDS];
	u32 nr_hkids;
	struct sim_tdmr tdmr[SIM_TDX_MAX_TDMRS];
	u32 nr_tdmrs;
	u64 now;		/* event */
	bool entered;
	u32 resume;		/* packages with a cut write-back that is not replayed */
} x;

static const char params[] =
	"parameters are in memory, which is not in a trace";
static const char contents[] =
	"page contents are not in a trace, nor is MRTD, which they go into";
static const char field_value[] = "values of metadata fields are the platform's";
static const char chance[] =
	"BUSY, interrupts and lack of entropy depend on what else happens on the machine";
static const char no_firmware[] =
	"pages were populated without firmware, as tests of guest_memfd do";
static const char guest[] = "what a TD does inside is not in a trace";

/* ---- set-up ---- */

static bool is_call(const struct ft_event *e)
{
	return e->kind == FT_TDX_ENTER || e->kind == FT_TDX_EXIT;
}

static u32 leaf_of(const struct ft_event *e)
{
	return e->tdx.fn & 0xffff;
}

static u32 package_of(const struct check *c, u32 cpu)
{
	return c->t->m.nr_packages ? c->t->m.package[cpu] : 0;
}

static u32 lp_of(u32 cpu)
{
	if (!x.lp[cpu])
		x.lp[cpu] = ++x.nr_lps;
	return x.lp[cpu] - 1;
}

static u32 fake_hkid(u64 real)
{
	u32 i;

	for (i = 0; i < x.nr_hkids; i++)
		if (x.hkid[i] == real)
			return i + 1;
	if (x.nr_hkids == SIM_TDX_MAX_HKIDS - 1)
		return 0;
	x.hkid[x.nr_hkids++] = real;
	return x.nr_hkids;
}

static void add_tdmr(u64 base)
{
	u32 i;

	for (i = 0; i < x.nr_tdmrs; i++)
		if (x.tdmr[i].base == base)
			return;
	if (x.nr_tdmrs < SIM_TDX_MAX_TDMRS && !(base & (GIB - 1)))
		x.tdmr[x.nr_tdmrs++].base = base;
}

static int by_base(const void *a, const void *b)
{
	const struct sim_tdmr *l = a, *r = b;

	return l->base < r->base ? -1 : l->base > r->base;
}

/* Operands that are pages of TDs, to know how far memory goes */
static u64 top_of_trace(const struct ftrace *t)
{
	u64 top = GIB, i, pa;
	u32 j;

	for (i = 0; i < t->nr; i++) {
		if (t->ev[i].kind != FT_TDX_ENTER)
			continue;
		for (j = 0; j < 4; j++) {
			pa = t->ev[i].tdx.regs[j] & ((1ull << 44) - 1);
			if (pa != t->ev[i].tdx.regs[j] || pa < GIB)
				continue;
			if (pa + GIB > top)
				top = (pa + GIB) & ~(GIB - 1);
		}
	}
	return top;
}

/* Where each TDMR ends, TDH.SYS.TDMR.INIT says at last. */
static void find_tdmrs(struct check *c, bool *configured)
{
	const struct ftrace *t = c->t;
	u64 pamt = PAMT_AREA, i, end;
	u32 j;

	*configured = false;
	for (i = 0; i < t->nr; i++) {
		if (t->ev[i].kind != FT_TDX_EXIT)
			continue;
		if (leaf_of(&t->ev[i]) == SIM_TDH_SYS_CONFIG)
			*configured = true;
	}
	for (i = 0; i < t->nr; i++)
		if (t->ev[i].kind == FT_TDX_ENTER &&
		    leaf_of(&t->ev[i]) == SIM_TDH_SYS_TDMR_INIT)
			add_tdmr(t->ev[i].tdx.regs[0]);
	qsort(x.tdmr, x.nr_tdmrs, sizeof(x.tdmr[0]), by_base);
	for (i = 0; i < t->nr; i++) {
		if (t->ev[i].kind != FT_TDX_EXIT ||
		    leaf_of(&t->ev[i]) != SIM_TDH_SYS_TDMR_INIT || t->ev[i].tdx.rax)
			continue;
		end = t->ev[i].tdx.regs[1];
		for (j = x.nr_tdmrs; j--; )
			if (end > x.tdmr[j].base)
				break;
		if (j < x.nr_tdmrs && end - x.tdmr[j].base > x.tdmr[j].size)
			x.tdmr[j].size = (end - x.tdmr[j].base + GIB - 1) & ~(GIB - 1);
	}
	if (!x.nr_tdmrs) {
		x.tdmr[0].base = 0;
		x.tdmr[0].size = top_of_trace(t);
		x.nr_tdmrs = 1;
		tc_note(c, "the trace does not say where TDMRs are, taken to be all below 0x%llx",
			(unsigned long long)x.tdmr[0].size);
	}
	for (j = 0; j < x.nr_tdmrs; j++) {
		if (!x.tdmr[j].size)
			x.tdmr[j].size = GIB;
		for (i = 0; i < 3; i++) {
			x.tdmr[j].pamt_size[i] = ((x.tdmr[j].size >> (12 + 9 * i)) * 16 + 4095) & ~4095ull;
			*(i == 0 ? &x.tdmr[j].pamt_4k : i == 1 ? &x.tdmr[j].pamt_2m :
			  &x.tdmr[j].pamt_1g) = pamt;
			pamt += x.tdmr[j].pamt_size[i];
		}
	}
}

static bool filled(u64 pa, const u64 key[2], u64 value)
{
	struct tc_page *p = tc_page(pa, true);

	if (p->bytes)
		return false;
	memcpy(p->key, key, sizeof(p->key));
	p->fill = value;
	return true;
}

static void scan(struct check *c, u32 *first_lps)
{
	const struct ftrace *t = c->t;
	u64 i;

	*first_lps = 0;
	for (i = 0; i < t->nr; i++) {
		const struct ft_event *e = &t->ev[i];

		if (!is_call(e))
			continue;
		x.active = true;
		if (e->kind == FT_TDX_EXIT && leaf_of(e) == SIM_TDH_SYS_LP_INIT) {
			lp_of(e->cpu);
			*first_lps = x.nr_lps;
		}
	}
}

bool tc_tdx_begin(struct check *c)
{
	struct sim_tdx_config cfg = {
		.version = c->later ? SIM_TDX_LATER : SIM_TDX_1_5_01_KVM,
		.maxpa = MAXPA,
		.hkid_bits = HKID_BITS,
		.private_min = 1,
		.private_max = SIM_TDX_MAX_HKIDS - 1,
		.nr_packages = c->t->m.nr_packages ? c->t->m.nr_packages : 1,
		.cmr = { { 0, 1ull << HKID_SHIFT } },
		.nr_cmrs = 1,
		.wb_blocks = 4,
		.xfam = 3,
		.xfam_fixed1 = 3,
		.la57 = true,
	};
	bool configured;
	u32 i, lps;
	int ret;

	scan(c, &lps);
	if (!x.active)
		return true;
	x.w = calloc(1, sizeof(*x.w));
	if (!x.w)
		abort();
	x.w->t.env = x.w;
	x.w->phys = tc_memory;
	x.w->filled = filled;
	x.w->interrupt = -1;
	x.w->seed = 1;
	find_tdmrs(c, &configured);
	if (!c->t->m.nr_packages)
		tc_note(c, "the trace does not say which CPUs form a package, taken to be one");
	if (configured && lps && lps <= SIM_TDX_MAX_LPS) {
		cfg.nr_lps = lps;
		ret = sim_tdx_power_on(&x.w->t, &cfg);
	} else {
		x.late = true;
		tc_note(c, "the trace begins after the module was configured: no page and no key is taken to be in use then");
		cfg.global_hkid = SIM_TDX_MAX_HKIDS - 1;
		cfg.nr_tdmrs = x.nr_tdmrs;
		for (i = 0; i < x.nr_tdmrs; i++) {
			cfg.tdmr[i] = x.tdmr[i];
			cfg.tdmr[i].initialised = cfg.tdmr[i].size;
		}
		ret = sim_tdx_init(&x.w->t, &cfg);
	}
	if (ret)
		fprintf(stderr, "%s: there is no such platform: %u packages, %u TDMRs\n",
			c->t->file, cfg.nr_packages, x.nr_tdmrs);
	return !ret;
}

/* ---- one call ---- */

/* Does the kernel ask for the registers that this leaf returns? */
static bool returns_registers(u32 leaf)
{
	switch (leaf) {
	case SIM_TDH_MEM_PAGE_ADD:
	case SIM_TDH_MEM_SEPT_ADD:
	case SIM_TDH_MEM_PAGE_AUG:
	case SIM_TDH_MEM_RANGE_BLOCK:
	case SIM_TDH_MNG_RD:
	case SIM_TDH_MR_EXTEND:
	case SIM_TDH_MNG_INIT:
	case SIM_TDH_VP_RD:
	case SIM_TDH_PHYMEM_PAGE_RECLAIM:
	case SIM_TDH_PHYMEM_PAGE_RDMD:
	case SIM_TDH_MEM_PAGE_REMOVE:
	case SIM_TDH_SYS_RD:
	case SIM_TDH_SYS_TDMR_INIT:
		return true;
	}
	return false;
}

static bool by_chance(u64 rax)
{
	switch ((u32)(rax >> 32)) {
	case SIM_TDX_OPERAND_BUSY:
	case SIM_TDX_OPERAND_BUSY_HOST_PRIORITY:
	case SIM_TDX_PREVIOUS_TLB_EPOCH_BUSY:
	case SIM_TDX_SYS_BUSY:
	case SIM_TDX_RND_NO_ENTROPY:
	case SIM_TDX_KEY_GENERATION_FAILED:
	case SIM_TDX_INTERRUPTED_RESUMABLE:
	case SIM_TDX_INTERRUPTED_RESTARTABLE:
		return true;
	}
	return false;
}

static void rax_text(char *buf, size_t size, u64 rax)
{
	const char *name = sim_tdx_status_name(rax);

	snprintf(buf, size, "0x%016llx %s", (unsigned long long)rax, name ? name : "?");
}

static void call_text(char *buf, size_t size, const struct ft_event *e)
{
	const struct sim_tdx_op *op = sim_tdx_find_op(leaf_of(e));
	char leaf[24];

	snprintf(leaf, sizeof(leaf), "leaf %u", leaf_of(e));
	snprintf(buf, size, "%s rcx 0x%llx rdx 0x%llx r8 0x%llx r9 0x%llx",
		 op ? op->name : leaf, (unsigned long long)e->tdx.regs[0],
		 (unsigned long long)e->tdx.regs[1], (unsigned long long)e->tdx.regs[2],
		 (unsigned long long)e->tdx.regs[3]);
}

/* TDMR_INFOs like those that the host must have written */
static void write_tdmrs(struct sim_tdx_regs *r)
{
	u64 *array = (u64 *)(tc_memory(r->rcx) + (r->rcx & 0xe00)), pa, *info;
	u32 i;

	for (i = 0; i < x.nr_tdmrs; i++) {
		pa = SCRATCH + 512 * i;
		info = (u64 *)(tc_memory(pa) + (pa & 0xfff));
		info[0] = x.tdmr[i].base;
		info[1] = x.tdmr[i].size;
		info[2] = x.tdmr[i].pamt_1g;
		info[3] = x.tdmr[i].pamt_size[2];
		info[4] = x.tdmr[i].pamt_2m;
		info[5] = x.tdmr[i].pamt_size[1];
		info[6] = x.tdmr[i].pamt_4k;
		info[7] = x.tdmr[i].pamt_size[0];
		if (i < 64)
			array[i] = pa;
	}
	r->rdx = x.nr_tdmrs;
}

/* Of the secure EPT of a TD that begins now: at the top is the first page. */
static u32 levels_of(const struct ftrace *t, u64 tdr)
{
	const struct ft_event *add = NULL, *e;
	u64 i;

	for (i = x.now; i < t->nr; i++) {
		e = &t->ev[i];
		if (e->kind == FT_TDX_ENTER && leaf_of(e) == SIM_TDH_MNG_CREATE &&
		    e->tdx.regs[0] == tdr)
			break;
		if (e->kind == FT_TDX_ENTER && leaf_of(e) == SIM_TDH_MEM_SEPT_ADD &&
		    e->tdx.regs[1] == tdr)
			add = e;
		else if (e->kind == FT_TDX_EXIT && add && e->cpu == add->cpu &&
			 e->tdx.fn == add->tdx.fn && !e->tdx.rax)
			return (add->tdx.regs[0] & 7) >= 4 ? 5 : 4;
	}
	return 4;
}

/* TD_PARAMS of a TD that may be anything */
static void write_params(u64 pa, u32 levels)
{
	u8 *p = tc_memory(pa) + (pa & 0xc00);
	const u16 max_vcpus = SIM_TDX_MAX_VCPUS, tsc = 40;
	const u64 xfam = 3, eptp = 6 | (levels - 1) << 3;

	memset(p, 0, 1024);
	memcpy(p + 8, &xfam, 8);
	memcpy(p + 16, &max_vcpus, 2);
	memcpy(p + 24, &eptp, 8);
	memcpy(p + 40, &tsc, 2);
}

/* What a call is given that the trace has not.  Returns false: do not replay. */
static bool prepare(struct check *c, u32 leaf, const struct ft_event *exit,
		    struct sim_tdx_regs *r)
{
	u32 package = package_of(c, exit->cpu), hkid;
	u64 real;

	switch (leaf) {
	case SIM_TDH_SYS_CONFIG:
		if (exit->tdx.rax) {
			tc_uncompared(c, params);
			return false;
		}
		tc_partly(c, params);
		write_tdmrs(r);
		r->r8 = fake_hkid(r->r8);
		break;
	case SIM_TDH_MNG_CREATE:
		if (exit->tdx.rax == ((u64)SIM_TDX_OPERAND_INVALID << 32 | SIM_OPND_RDX)) {
			tc_partly(c, "which HKIDs are private is the platform's");
			r->rdx = 0;
			break;
		}
		r->rdx = r->rdx >> 16 ? r->rdx : fake_hkid(r->rdx);
		if (!r->rdx) {
			tc_uncompared(c, "there are more HKIDs than the simulated module has");
			return false;
		}
		break;
	case SIM_TDH_MNG_INIT:
		if ((u32)(exit->tdx.rax >> 32) == SIM_TDX_OPERAND_INVALID) {
			tc_uncompared(c, params);
			return false;
		}
		tc_partly(c, params);
		write_params(r->rdx, levels_of(c->t, r->rcx));
		break;
	case SIM_TDH_VP_INIT:
		/* As many vCPUs as the parameters of the TD say */
		if (exit->tdx.rax >> 32 == SIM_TDX_MAX_VCPUS_EXCEEDED) {
			tc_uncompared(c, params);
			return false;
		}
		break;
	case SIM_TDH_PHYMEM_PAGE_WBINVD:
		if (!c->t->m.hkid_shift) {
			tc_uncompared(c, "the trace does not say where in an address the HKID is");
			return false;
		}
		real = r->rcx >> c->t->m.hkid_shift;
		if (real && exit->tdx.rax == ((u64)SIM_TDX_OPERAND_INVALID << 32 | SIM_OPND_RCX)) {
			tc_partly(c, "which HKIDs are private is the platform's");
			r->rcx |= 1ull << MAXPA;
			break;
		}
		hkid = real ? fake_hkid(real) : 0;
		r->rcx &= (1ull << c->t->m.hkid_shift) - 1;
		r->rcx |= (u64)hkid << HKID_SHIFT;
		break;
	case SIM_TDH_PHYMEM_CACHE_WB:
		/* How far a cycle got before an interrupt is a matter of chance. */
		if (exit->tdx.rax >> 32 == SIM_TDX_INTERRUPTED_RESUMABLE)
			x.resume |= 1u << package;
		else if (x.resume & 1u << package) {
			r->rcx = 0;
			x.resume &= ~(1u << package);
		}
		break;
	case SIM_TDH_MEM_PAGE_ADD:
	case SIM_TDH_MR_EXTEND:
	case SIM_TDH_MR_FINALIZE:
		tc_partly(c, contents);
		break;
	case SIM_TDH_SYS_RD:
	case SIM_TDH_MNG_RD:
	case SIM_TDH_VP_RD:
	case SIM_TDH_VP_WR:
		tc_partly(c, field_value);
		break;
	}
	return true;
}

/* Fields differ from module to module, in number and in value. */
static bool is_field_access(u32 leaf)
{
	return leaf == SIM_TDH_SYS_RD || leaf == SIM_TDH_MNG_RD ||
	       leaf == SIM_TDH_VP_RD || leaf == SIM_TDH_VP_WR;
}

static void compare_regs(struct check *c, u32 leaf, const char *what,
			 const struct ft_event *in, const struct ft_event *out,
			 const struct sim_tdx_regs *r)
{
	static const char * const names[] = { "rcx", "rdx", "r8", "r9", "r10", "r11" };
	const u64 *fake = &r->rcx, *real = out->tdx.regs;
	char re[48], fa[48];
	u32 i;

	switch (leaf) {
	case SIM_TDH_SYS_RD:
	case SIM_TDH_MNG_RD:
	case SIM_TDH_VP_RD:
	case SIM_TDH_MNG_INIT:
	case SIM_TDH_SYS_CONFIG:
		return;
	case SIM_TDH_SYS_TDMR_INIT:
		tc_partly(c, "how much of a TDMR one call initialises is up to the module");
		return;
	}
	/* Not asked for: those that went in.  Tests of the module itself do ask. */
	if (!returns_registers(leaf) && !memcmp(real, in->tdx.regs, sizeof(in->tdx.regs)))
		return;
	for (i = 0; i < FT_REGS; i++) {
		if (real[i] == fake[i])
			continue;
		/* A TD that has run may have accepted the page. */
		if (x.entered && out->tdx.rax & ERROR && i < 2) {
			tc_partly(c, guest);
			continue;
		}
		snprintf(re, sizeof(re), "%s 0x%llx", names[i], (unsigned long long)real[i]);
		snprintf(fa, sizeof(fa), "0x%llx", (unsigned long long)fake[i]);
		tc_differs(c, what, re, fa);
		return;
	}
}

/* As many calls as it takes the simulated module to be as far. */
static u64 tdmr_init(struct sim_tdx_regs *r, const struct ft_event *out)
{
	const u64 rcx = r->rcx, want = out->tdx.rax ? 0 : out->tdx.regs[1];
	u64 rax = 0;

	do {
		r->rcx = rcx;
		rax = sim_seamcall(&x.w->t, SIM_TDH_SYS_TDMR_INIT, r);
	} while (!rax && r->rdx < want);
	return rax;
}

static bool is_bring_up(u32 leaf)
{
	return leaf == SIM_TDH_SYS_INIT || leaf == SIM_TDH_SYS_LP_INIT ||
	       leaf == SIM_TDH_SYS_CONFIG || leaf == SIM_TDH_SYS_KEY_CONFIG ||
	       leaf == SIM_TDH_SYS_TDMR_INIT;
}

static void call(struct check *c, const struct ft_event *in,
		 const struct ft_event *out)
{
	struct sim_tdx_regs r = {
		.rcx = in->tdx.regs[0], .rdx = in->tdx.regs[1],
		.r8 = in->tdx.regs[2], .r9 = in->tdx.regs[3],
		.r10 = in->tdx.regs[4], .r11 = in->tdx.regs[5],
	};
	u32 leaf = leaf_of(in);
	char what[160], re[80], fa[80];
	u64 rax;

	if (in->tdx.fn >> 63) {
		tc_uncompared(c, "there is no simulated P-SEAMLDR");
		return;
	}
	if (!sim_tdx_find_op(leaf)) {
		tc_uncompared(c, "the simulated module does not know the leaf");
		return;
	}
	if (x.late && is_bring_up(leaf)) {
		tc_uncompared(c, "of the module's initialisation, which is not in the trace as a whole");
		return;
	}
	if (!prepare(c, leaf, out, &r))
		return;
	if (by_chance(out->tdx.rax)) {
		tc_uncompared(c, chance);
		return;
	}
	x.w->lp = lp_of(out->cpu);
	x.w->package = package_of(c, out->cpu);
	call_text(what, sizeof(what), in);
	rax = leaf == SIM_TDH_SYS_TDMR_INIT ? tdmr_init(&r, out) :
					      sim_seamcall(&x.w->t, in->tdx.fn, &r);
	if (is_field_access(leaf) && (!rax) != (!out->tdx.rax) &&
	    (u32)((rax | out->tdx.rax) >> 40) == 0xc0000c)
		return;		/* the one has a field that the other one has not */
	if (rax != out->tdx.rax) {
		rax_text(re, sizeof(re), out->tdx.rax);
		rax_text(fa, sizeof(fa), rax);
		tc_differs(c, what, re, fa);
		return;
	}
	compare_regs(c, leaf, what, in, out, &r);
}

/* ---- TDH.VP.ENTER ---- */

static bool guest_started;

static u64 start_guest(struct tdx_world *w, u64 tdvpr, u64 tdr)
{
	(void)w;
	(void)tdvpr;
	(void)tdr;
	guest_started = true;
	return 1;		/* external interrupt */
}

static void vp_enter(struct check *c, const struct ft_event *e, u64 i)
{
	x.cpu[e->cpu].vp = i + 1;
	x.w->lp = lp_of(e->cpu);
	x.w->package = package_of(c, e->cpu);
	x.cpu[e->cpu].inside = !sim_tdx_associate(&x.w->t, e->vp.tdvpr);
}

static void vp_exit(struct check *c, const struct ft_event *in,
		    const struct ft_event *out)
{
	char what[64], re[80], fa[80];
	struct sim_tdx_regs r = { .rcx = in->vp.tdvpr };
	u64 rax;

	x.w->lp = lp_of(out->cpu);
	x.w->package = package_of(c, out->cpu);
	if (x.cpu[out->cpu].inside)
		sim_tdx_td_exit(&x.w->t, in->vp.tdvpr);
	if (in->vp.tdvpr != out->vp.tdvpr) {
		tc_differs(c, "TDH.VP.ENTER", "leaves another vCPU", "the one entered");
		return;
	}
	if (by_chance(out->vp.rax)) {
		tc_uncompared(c, chance);
		return;
	}
	tc_partly(c, guest);
	snprintf(what, sizeof(what), "TDH.VP.ENTER rcx 0x%llx",
		 (unsigned long long)in->vp.tdvpr);
	x.w->run = start_guest;
	guest_started = false;
	rax = sim_seamcall(&x.w->t, SIM_TDH_VP_ENTER, &r);
	if (!(out->vp.rax & ERROR) == guest_started) {
		x.entered |= guest_started;
		if (guest_started || rax == out->vp.rax)
			return;
	}
	rax_text(re, sizeof(re), out->vp.rax);
	rax_text(fa, sizeof(fa), rax);
	tc_differs(c, what, out->vp.rax & ERROR ? re : "the TD was entered",
		   guest_started ? "the TD was entered" : fa);
}

/* ---- what KVM says of a page that it populated ---- */

static void populated(struct check *c, const struct ft_event *e)
{
	struct sim_tdx_page_info info = { 0 };
	char what[100], f[100];
	bool has;

	sim_tdx_page_info(&x.w->t, e->pop.pfn << 12, -1, &info);
	has = info.type == SIM_PT_REG;
	if (!e->ret && info.type == SIM_PT_NDA) {
		tc_uncompared(c, no_firmware);
		return;
	}
	if (has == !e->ret)
		return;
	snprintf(what, sizeof(what), "populate of GFN 0x%llx with PFN 0x%llx",
		 (unsigned long long)e->pop.gfn, (unsigned long long)e->pop.pfn);
	snprintf(f, sizeof(f), "the PAMT has type %u", info.type);
	tc_differs(c, what, e->ret ? "KVM says that it failed" :
		   "KVM says that the page is the TD's", f);
}

static void call_event(struct check *c, u64 i)
{
	const struct ft_event *e = &c->t->ev[i], *in;
	u32 cpu = e->cpu;
	char what[160];

	if (e->kind == FT_TDX_ENTER) {
		/* A call whose end is missing is found under the next one. */
		if (x.cpu[cpu].depth == MAX_DEPTH) {
			tc_begin(c, &c->t->ev[x.cpu[cpu].open[0] - 1]);
			call_text(what, sizeof(what), c->ev);
			tc_missing(c, what, "end");
			memmove(x.cpu[cpu].open, x.cpu[cpu].open + 1,
				sizeof(x.cpu[cpu].open[0]) * (MAX_DEPTH - 1));
			x.cpu[cpu].depth--;
		}
		x.cpu[cpu].open[x.cpu[cpu].depth++] = i + 1;
		return;
	}
	for (; x.cpu[cpu].depth; x.cpu[cpu].depth--) {
		in = &c->t->ev[x.cpu[cpu].open[x.cpu[cpu].depth - 1] - 1];
		tc_begin(c, in);
		if (in->tdx.fn == e->tdx.fn) {
			x.cpu[cpu].depth--;
			call(c, in, e);
			return;
		}
		call_text(what, sizeof(what), in);
		tc_missing(c, what, "end");
	}
	tc_begin(c, e);
	call_text(what, sizeof(what), e);
	tc_missing(c, what, "beginning");
}

void tc_tdx_event(struct check *c, u64 i)
{
	const struct ft_event *e = &c->t->ev[i];
	u64 open;

	if (!x.active)
		return;
	x.now = i;
	switch (e->kind) {
	case FT_TDX_ENTER:
	case FT_TDX_EXIT:
		call_event(c, i);
		break;
	case FT_VP_ENTER:
		vp_enter(c, e, i);
		break;
	case FT_VP_EXIT:
		open = x.cpu[e->cpu].vp;
		x.cpu[e->cpu].vp = 0;
		tc_begin(c, open ? &c->t->ev[open - 1] : e);
		if (open)
			vp_exit(c, &c->t->ev[open - 1], e);
		else
			tc_missing(c, "TDH.VP.ENTER", "beginning");
		break;
	case FT_POPULATE:
		tc_begin(c, e);
		populated(c, e);
		break;
	}
}

void tc_tdx_end(struct check *c)
{
	char what[160];
	u32 cpu;

	if (!x.active)
		return;
	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		while (x.cpu[cpu].depth) {
			tc_begin(c, &c->t->ev[x.cpu[cpu].open[--x.cpu[cpu].depth] - 1]);
			call_text(what, sizeof(what), c->ev);
			tc_missing(c, what, "end");
		}
}
