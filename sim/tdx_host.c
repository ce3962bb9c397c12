// SPDX-License-Identifier: GPL-2.0
/*
 * The TDX module of this kernel and its environment.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <asm/cpuid/api.h>
#include <asm/fpu/types.h>
#include <asm/tdx_module.h>

#include "host_priv.h"
#include "oracle.h"
#include "tdx_host_priv.h"

DEFINE_RAW_SPINLOCK(sim_tdx_host_lock);
struct sim_tdx sim_tdx_module;
const struct sim_tdx_platform *sim_tdx_platform;
const struct sim_tdx_wish *sim_tdx_wish;

static sim_tdx_yield_fn yield_fn;
static void *yield_ctx;
static u64 random_state;

/* Environment of the module, see tdx.h */

void *sim_tdx_env_phys(struct sim_tdx *t, u64 pa)
{
	const struct sim_tdx_platform *p = sim_tdx_platform;
	u64 offset = (pa & PAGE_MASK) - p->mem_start;

	return likely(offset < p->mem_size) ? p->mem + offset : p->phys(pa & PAGE_MASK);
}

/* Reproducible on purpose: a run is determined by its seed.  (splitmix64) */
void sim_tdx_env_random(struct sim_tdx *t, void *buf, size_t len)
{
	while (len) {
		u64 z = (random_state += 0x9e3779b97f4a7c15ull);
		size_t n = min_t(size_t, len, sizeof(z));

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
		z ^= z >> 31;
		memcpy(buf, &z, n);
		buf += n;
		len -= n;
	}
}

/* Never short of it by itself: a fault plan can ask for that. */
bool sim_tdx_env_entropy(struct sim_tdx *t)
{
	return !sim_tdx_wish || !sim_tdx_wish->entropy;
}

u32 sim_tdx_env_lp(struct sim_tdx *t, u32 *package)
{
	return sim_tdx_platform->lp(package);
}

/*
 * FIDELITY(interrupted SEAMCALLs): simplified - calls are short here and look at
 * no interrupt; a fault plan can ask for one [the kernel's side]
 */
bool sim_tdx_env_interrupt(struct sim_tdx *t)
{
	return sim_tdx_wish && sim_tdx_wish->interrupt;
}

u32 sim_tdx_env_pconfig(struct sim_tdx *t, u32 hkid)
{
	return sim_tdx_wish ? sim_tdx_wish->pconfig : SIM_PCONFIG_OK;
}

void sim_tdx_env_cpuid(struct sim_tdx *t, u32 leaf, u32 subleaf, u32 regs[4])
{
	cpuid_count(leaf, subleaf, &regs[0], &regs[1], &regs[2], &regs[3]);
}

/*
 * Other calls may be made while one is on its way, with its locks held: by the
 * test that asked for it, and by other CPUs.
 */
void sim_tdx_env_yield(struct sim_tdx *t)
{
	const struct sim_tdx_wish *wish = sim_tdx_wish;
	sim_tdx_yield_fn fn = yield_fn;
	void *ctx = yield_ctx;

	if (!fn)
		return;
	sim_tdx_wish = NULL;
	sim_unlock(&sim_tdx_host_lock);
	fn(ctx);
	sim_lock(&sim_tdx_host_lock);
	sim_tdx_wish = wish;
}

void sim_tdx_host_set_yield(sim_tdx_yield_fn fn, void *ctx)
{
	unsigned long flags;

	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	yield_fn = fn;
	yield_ctx = ctx;
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
}

/* Nobody is told: the bytes are ciphertext at once. */
void sim_tdx_env_sealed(struct sim_tdx *t, u64 pa, const u64 key[2])
{
}

bool sim_tdx_env_fill(struct sim_tdx *t, u64 pa, const u64 key[2], u64 value)
{
	return false;
}

/* The guest runs for as long as it likes, and other CPUs make calls meanwhile. */
u64 sim_tdx_env_run(struct sim_tdx *t, u64 tdvpr, u64 tdr, struct sim_tdx_regs *regs)
{
	const struct sim_tdx_wish *wish = sim_tdx_wish;
	u64 ret;

	sim_tdx_wish = NULL;
	sim_unlock(&sim_tdx_host_lock);
	ret = sim_tdx_platform->enter(t, tdvpr, tdr, regs);
	sim_lock(&sim_tdx_host_lock);
	sim_tdx_wish = wish;
	return ret;
}

/* What the guests and the curious call, see tdx_host.h */

struct sim_tdx *sim_tdx_gate_lock(unsigned long *flags)
{
	if (!sim_tdx_platform)
		return NULL;
	sim_lock_irqsave(&sim_tdx_host_lock, *flags);
	return &sim_tdx_module;
}

void sim_tdx_gate_unlock(unsigned long flags)
{
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
}

bool sim_tdx_gate_read(u64 tdr, u64 gpa, void *buf, u32 len)
{
	unsigned long flags;
	bool ret;

	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	ret = sim_tdx_guest_read(&sim_tdx_module, tdr, gpa, buf, len);
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
	return ret;
}

bool sim_tdx_gate_write(u64 tdr, u64 gpa, const void *buf, u32 len)
{
	unsigned long flags;
	bool ret;

	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	ret = sim_tdx_guest_write(&sim_tdx_module, tdr, gpa, buf, len);
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
	return ret;
}

/* Pages: whose they are, what the host may see of them */

bool sim_tdx_present(void)
{
	return sim_tdx_platform;
}

static const char *page_type_name(u32 type)
{
	switch (type) {
	case SIM_PT_RSVD:	return "reserved";
	case SIM_PT_REG:	return "TD's memory";
	case SIM_PT_TDR:	return "TDR";
	case SIM_PT_TDCX:	return "TDCX";
	case SIM_PT_TDVPR:	return "TDVPR";
	case SIM_PT_EPT:	return "S-EPT";
	}
	return "?";
}

static bool is_pamt(u64 pa)
{
	const struct sim_tdmr *m = sim_tdx_module.cfg.tdmr;
	u32 i;

	for (i = 0; i < sim_tdx_module.cfg.nr_tdmrs; i++, m++)
		if ((pa >= m->pamt_4k && pa - m->pamt_4k < m->pamt_size[0]) ||
		    (pa >= m->pamt_2m && pa - m->pamt_2m < m->pamt_size[1]) ||
		    (pa >= m->pamt_1g && pa - m->pamt_1g < m->pamt_size[2]))
			return true;
	return false;
}

/* Under sim_tdx_host_lock.  Reserved areas are holes in memory, and PAMTs. */
static bool not_the_hosts(u64 pfn, struct sim_tdx_page_info *info)
{
	u64 pa = pfn << PAGE_SHIFT;

	if (sim_tdx_module.sys_state != SIM_SYS_READY)
		return false;
	if (!sim_tdx_page_info(&sim_tdx_module, pa, -1, info))
		return false;
	if (info->type == SIM_PT_RSVD)
		return is_pamt(pa);
	return info->type != SIM_PT_NDA;
}

bool sim_tdx_describe_owner(u64 pfn, char *buf, size_t len)
{
	struct sim_tdx_page_info info;
	unsigned long flags;
	bool ret;

	if (!sim_tdx_platform)
		return false;
	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	ret = not_the_hosts(pfn, &info);
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
	if (!ret)
		return false;
	if (info.type == SIM_PT_RSVD)
		scnprintf(buf, len, "PAMT");
	else
		scnprintf(buf, len, "%s, TD %#llx", page_type_name(info.type),
			  info.type == SIM_PT_TDR ? pfn << PAGE_SHIFT : info.owner);
	return true;
}

/* The first page whose mapping did not change, until someone reports it */
static u64 protect_failed_pfn;
static int protect_error;

static void protect(u64 pfn, u32 nr, enum sim_mem_prot prot)
{
	int ret = sim_tdx_platform->protect(pfn, nr, prot);

	if (ret && !protect_error) {
		protect_failed_pfn = pfn;
		protect_error = ret;
	}
}

int sim_tdx_take_protect_error(u64 *pfn)
{
	int ret = protect_error;

	*pfn = protect_failed_pfn;
	protect_error = 0;
	return ret;
}

/*
 * FIDELITY(host access to pages of a TD): simplified - none at all, where the
 * processor lets the host write and fails the next reader [policy]
 */
void sim_tdx_sync_protection(u64 pfn, u32 nr)
{
	struct sim_tdx_page_info info;
	bool closed;
	u32 i, run;

	if (!sim_host_o2)
		return;
	for (i = 0; i < nr; i += run) {
		closed = not_the_hosts(pfn + i, &info);
		for (run = 1; i + run < nr; run++)
			if (not_the_hosts(pfn + i + run, &info) != closed)
				break;
		protect(pfn + i, run, closed ? SIM_MEM_CLOSED : SIM_MEM_OPEN);
	}
}

void sim_tdx_close_pamts(void)
{
	const struct sim_tdmr *m = sim_tdx_module.cfg.tdmr;
	u32 i;

	if (!sim_host_o2)
		return;
	for (i = 0; i < sim_tdx_module.cfg.nr_tdmrs; i++, m++) {
		protect(m->pamt_4k >> PAGE_SHIFT, m->pamt_size[0] >> PAGE_SHIFT, SIM_MEM_CLOSED);
		protect(m->pamt_2m >> PAGE_SHIFT, m->pamt_size[1] >> PAGE_SHIFT, SIM_MEM_CLOSED);
		protect(m->pamt_1g >> PAGE_SHIFT, m->pamt_size[2] >> PAGE_SHIFT, SIM_MEM_CLOSED);
	}
}

/* Pages that a fault opened and that the next call closes again */
#define MAX_OPENED	16
static u64 opened[MAX_OPENED];
static u32 nr_opened;

void sim_tdx_close_opened(void)
{
	while (nr_opened)
		sim_tdx_sync_protection(opened[--nr_opened], 1);
}

bool sim_tdx_fault(u64 pfn, bool write, unsigned long ip)
{
	char owner[SIM_OWNER_TEXT] = "";
	unsigned long flags;
	bool violation;

	if (!sim_tdx_platform || !sim_tdx_platform->phys(pfn << PAGE_SHIFT))
		return false;

	violation = sim_tdx_describe_owner(pfn, owner, sizeof(owner));
	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	protect(pfn, 1, SIM_MEM_OPEN);
	if (violation && nr_opened < MAX_OPENED)
		opened[nr_opened++] = pfn;
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);

	if (violation)
		sim_oracle_violation(SIM_O2, "%s of page %#llx at %pS while %s",
				     write ? "write" : "read", pfn, (void *)ip, owner);
	return true;
}

/* One page at a time, so that others get their turn. */
static bool next_page(u64 *pa, struct sim_tdx_page_info *info, bool touched)
{
	unsigned long flags;
	bool ret;

	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	ret = touched ? sim_tdx_next_touched(&sim_tdx_module, pa, info) :
			sim_tdx_next_page(&sim_tdx_module, pa, info);
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
	return ret;
}

u32 sim_tdx_check_clean(void (*report)(void *ctx, const struct sim_dirt_report *r),
			void *ctx, bool touched)
{
	struct sim_dirt_report r = { .what = SIM_DIRT_TD_PAGE };
	struct sim_tdx *t = &sim_tdx_module;
	struct sim_tdx_page_info info;
	unsigned long flags;
	u64 pa = 0;
	u32 i, n = 0;

	if (!sim_tdx_platform)
		return 0;
	for (; next_page(&pa, &info, touched); pa += PAGE_SIZE << (9 * info.size), n++) {
		r.addr = pa;
		r.state = info.type;
		if (report)
			report(ctx, &r);
	}
	r = (struct sim_dirt_report){ .what = SIM_DIRT_HKID };
	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	for (i = t->cfg.private_min; i <= t->cfg.private_max; i++) {
		if (t->kot[i].state == SIM_HKID_FREE || t->kot[i].state == SIM_HKID_RESERVED)
			continue;
		r.asid = i;
		if (report)
			report(ctx, &r);
		n++;
	}
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
	return n;
}

/* What has been touched so far is not known.  PAMTs can be anywhere in memory. */
int __init sim_tdx_watch_pamt(void)
{
	u32 words = DIV_ROUND_UP(max_pfn, 64);
	unsigned long flags;
	u64 *bits;

	bits = kvmalloc_array(words, sizeof(*bits), GFP_KERNEL);
	if (!bits)
		return -ENOMEM;
	memset(bits, 0xff, words * sizeof(*bits));
	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	sim_tdx_module.pamt_touched = bits;
	sim_tdx_module.pamt_touched_end = max_pfn;
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
	return 0;
}

/*
 * FIDELITY(CPUID_CONFIG of this machine): assumed - a selection of what modules
 * let the host configure: model, topology, caches, and instructions that not
 * every processor has [TDX module 1.5]
 */
static const struct sim_tdx_cpuid_config cpuid_config[] __initconst = {
	{ 0x1, ~0u, { 0x0fff3fff, 0x00ff0000, 0x234451a8, 0xb8405080 } },
	{ 0x4, 0, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x4, 1, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x4, 2, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x4, 3, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x4, 4, { ~0u, ~0u, ~0u, ~0u } },
	{ 0x7, 0, { 0, 0xd03b9b38, 0x00005f7e, 0x0381c534 } },
	{ 0x7, 1, { 0x00000c30, 0, 0, 0 } },
	{ 0x1f, 0, { 0x1f, 0xffff, 0xff00, 0 } },
	{ 0x1f, 1, { 0x1f, 0xffff, 0xff00, 0 } },
	{ 0x80000008, ~0u, { 0, 0x00000200, 0, 0 } },
};

/* ATTRIBUTES: DEBUG, SEPT_VE_DISABLE, PKS, PERFMON */
#define ATTRIBUTES	(BIT_ULL(0) | BIT_ULL(28) | BIT_ULL(30) | BIT_ULL(63))
#define XFAM_FIXED1	(XFEATURE_MASK_FP | XFEATURE_MASK_SSE)
#define XFAM		(XFAM_FIXED1 | XFEATURE_MASK_YMM | XFEATURE_MASK_AVX512 | \
			 XFEATURE_MASK_PT | XFEATURE_MASK_PKRU | XFEATURE_MASK_CET_USER | \
			 XFEATURE_MASK_CET_KERNEL | XFEATURE_MASK_LBR | XFEATURE_MASK_XTILE)

static u64 __init platform_xfam(void)
{
	u32 xcr0_lo, xcr0_hi, xss_lo, xss_hi, unused;

	cpuid_count(0xd, 0, &xcr0_lo, &unused, &unused, &xcr0_hi);
	cpuid_count(0xd, 1, &unused, &unused, &xss_lo, &xss_hi);
	return xcr0_lo | xss_lo | (u64)(xcr0_hi | xss_hi) << 32;
}

/*
 * FIDELITY(module of this machine): assumed - 1.5.24, as KVM wants version 1 of
 * VP.INIT; unlike the measured 1.5.01 it knows that version, has an S-EPT tree lock
 * with host priority, takes the tree exclusive in PAGE.PROMOTE instead of locking
 * the 512 children, names RCX if RANGE.UNBLOCK lacks tracking, limits MAX_VCPUS,
 * and reports TDX_FEATURES0; all else follows 1.5.01, as its own row says.
 * sim_tdx_module=1.5.01 is the measured one in all but what KVM does not do
 * without: VP.INIT, MAX_VCPUS and TDX_FEATURES0 [source of later modules and KVM]
 */
static enum sim_tdx_version module_version __initdata = SIM_TDX_LATER;

static int __init set_module_version(char *s)
{
	if (s && !strcmp(s, "1.5.01"))
		module_version = SIM_TDX_1_5_01_KVM;
	else if (!s || strcmp(s, "later"))
		panic("sim_tdx_module=%s: there are 1.5.01 and later", s ?: "");
	return 0;
}
early_param("sim_tdx_module", set_module_version);

int __init sim_tdx_host_init(const struct sim_tdx_platform *plat, u64 seed)
{
	static struct sim_tdx_config cfg __initdata = {
		.wb_blocks = 4,
		.attributes = ATTRIBUTES,
		.xfam_fixed1 = XFAM_FIXED1,
		/* GPAW, FLEXIBLE_PENDING_VE, NO_RBP_MOD */
		.config_flags = 7,
		.la57 = true,
		.nr_cpuid = ARRAY_SIZE(cpuid_config),
	};

	if (plat->nr_cmrs > SIM_TDX_MAX_CMRS)
		return -EINVAL;
	cfg.version = module_version;
	cfg.maxpa = plat->maxpa;
	cfg.hkid_bits = plat->hkid_bits;
	cfg.private_min = plat->private_min;
	cfg.private_max = plat->private_max;
	cfg.nr_packages = plat->nr_packages;
	/*
	 * FIDELITY(logical processors): simplified - sim_lps= adds some for KVM to
	 * count, which the kernel does not start; the module knows nothing of them
	 * [policy]
	 */
	cfg.nr_lps = num_possible_cpus();
	memcpy(cfg.cmr, plat->cmr, plat->nr_cmrs * sizeof(cfg.cmr[0]));
	cfg.nr_cmrs = plat->nr_cmrs;
	memcpy(cfg.cpuid, cpuid_config, sizeof(cpuid_config));
	cfg.xfam = platform_xfam() & XFAM;

	sim_tdx_platform = plat;
	random_state = seed;
	if (!plat->protect)
		sim_host_o2_off();
	if (sim_tdx_power_on(&sim_tdx_module, &cfg)) {
		sim_tdx_platform = NULL;
		return -EINVAL;
	}
	tdx_module_bind_ops(&sim_tdx_module_ops);
	return 0;
}
