// SPDX-License-Identifier: GPL-2.0
/*
 * The TDX module of this kernel and its environment.
 */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/spinlock.h>

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

/* There is nothing yet that brings the module up. */
int __init sim_tdx_host_init(const struct sim_tdx_platform *plat, u64 seed)
{
	return -EOPNOTSUPP;
}
