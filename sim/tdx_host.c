// SPDX-License-Identifier: GPL-2.0
/*
 * The TDX module of this kernel and its environment.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <asm/cpuid/api.h>
#include <asm/fpu/types.h>

#include "tdx_host.h"

static DEFINE_RAW_SPINLOCK(tdx_lock);
static struct sim_tdx module;
static const struct sim_tdx_platform *platform;
static u64 random_state;

/* Environment of the module, see tdx.h */

void *sim_tdx_env_phys(struct sim_tdx *t, u64 pa)
{
	return platform->phys(pa & PAGE_MASK);
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
	return true;
}

u32 sim_tdx_env_lp(struct sim_tdx *t, u32 *package)
{
	return platform->lp(package);
}

/* Calls are short here, and none is cut in two: a fault plan can ask for that. */
bool sim_tdx_env_interrupt(struct sim_tdx *t)
{
	return false;
}

u32 sim_tdx_env_pconfig(struct sim_tdx *t, u32 hkid)
{
	return SIM_PCONFIG_OK;
}

void sim_tdx_env_cpuid(struct sim_tdx *t, u32 leaf, u32 subleaf, u32 regs[4])
{
	cpuid_count(leaf, subleaf, &regs[0], &regs[1], &regs[2], &regs[3]);
}

void sim_tdx_env_yield(struct sim_tdx *t)
{
}

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
	u64 ret;

	raw_spin_unlock(&tdx_lock);
	ret = platform->enter(t, tdvpr, tdr, regs);
	raw_spin_lock(&tdx_lock);
	return ret;
}

struct sim_tdx *sim_tdx_gate_lock(unsigned long *flags)
{
	if (!platform)
		return NULL;
	raw_spin_lock_irqsave(&tdx_lock, *flags);
	return &module;
}

void sim_tdx_gate_unlock(unsigned long flags)
{
	raw_spin_unlock_irqrestore(&tdx_lock, flags);
}

u64 sim_tdx_gate_accept(u64 tdr, u64 rcx, bool *interrupted)
{
	unsigned long flags;
	u64 ret;

	raw_spin_lock_irqsave(&tdx_lock, flags);
	ret = sim_tdx_accept(&module, tdr, rcx, interrupted);
	raw_spin_unlock_irqrestore(&tdx_lock, flags);
	return ret;
}

bool sim_tdx_gate_read(u64 tdr, u64 gpa, void *buf, u32 len)
{
	unsigned long flags;
	bool ret;

	raw_spin_lock_irqsave(&tdx_lock, flags);
	ret = sim_tdx_guest_read(&module, tdr, gpa, buf, len);
	raw_spin_unlock_irqrestore(&tdx_lock, flags);
	return ret;
}

bool sim_tdx_gate_write(u64 tdr, u64 gpa, const void *buf, u32 len)
{
	unsigned long flags;
	bool ret;

	raw_spin_lock_irqsave(&tdx_lock, flags);
	ret = sim_tdx_guest_write(&module, tdr, gpa, buf, len);
	raw_spin_unlock_irqrestore(&tdx_lock, flags);
	return ret;
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

int __init sim_tdx_host_init(const struct sim_tdx_platform *plat, u64 seed)
{
	static struct sim_tdx_config cfg __initdata = {
		.version = SIM_TDX_LATER,
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
	cfg.maxpa = plat->maxpa;
	cfg.hkid_bits = plat->hkid_bits;
	cfg.private_min = plat->private_min;
	cfg.private_max = plat->private_max;
	cfg.nr_packages = plat->nr_packages;
	cfg.nr_lps = num_present_cpus();
	memcpy(cfg.cmr, plat->cmr, plat->nr_cmrs * sizeof(cfg.cmr[0]));
	cfg.nr_cmrs = plat->nr_cmrs;
	memcpy(cfg.cpuid, cpuid_config, sizeof(cpuid_config));
	cfg.xfam = platform_xfam() & XFAM;

	platform = plat;
	random_state = seed;
	if (sim_tdx_power_on(&module, &cfg)) {
		platform = NULL;
		return -EINVAL;
	}
	tdx_module_bind_ops(&sim_tdx_module_ops);
	return 0;
}
