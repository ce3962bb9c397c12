// SPDX-License-Identifier: GPL-2.0
/* Walk of the extended page tables, as the memory management unit does it */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/mm.h>

#include <asm/vmx.h>

#include "ept.h"

#define EPT_R		VMX_EPT_READABLE_MASK
#define EPT_W		VMX_EPT_WRITABLE_MASK
#define EPT_X		VMX_EPT_EXECUTABLE_MASK
#define EPT_RWX		VMX_EPT_RWX_MASK
#define EPT_LEAF	BIT_ULL(7)
#define EPT_ADDR	GENMASK_ULL(51, 12)

static u64 level_size(unsigned int level)
{
	return 1ull << (12 + 9 * (level - 1));
}

static bool is_leaf(u64 raw, unsigned int level)
{
	return level == 1 || ((level == 2 || level == 3) && raw & EPT_LEAF);
}

static u64 reserved_bits(const struct sim_ept *e, u64 raw, unsigned int level)
{
	u64 rsvd = GENMASK_ULL(51, 0) & ~GENMASK_ULL(e->phys_bits - 1, 0);

	if (is_leaf(raw, level))
		rsvd |= EPT_ADDR & (level_size(level) - 1);
	else
		rsvd |= GENMASK_ULL(6, 3) | (level >= 4 ? EPT_LEAF : 0);
	return rsvd;
}

static bool misconfigured(const struct sim_ept *e, u64 raw, unsigned int level)
{
	u32 type = (raw & VMX_EPT_MT_MASK) >> VMX_EPT_MT_EPTE_SHIFT;

	if (raw & EPT_W && !(raw & EPT_R))
		return true;
	if (!(raw & EPT_R) && !e->exec_only)
		return true;
	if (raw & reserved_bits(e, raw, level))
		return true;
	/* Memory types that do not exist */
	return is_leaf(raw, level) && (type == 2 || type == 3 || type == 7);
}

/* FIDELITY(extended page tables): simplified - no mode-based execute control, no paging-write, no supervisor shadow stack [SDM vol. 3 30.3] */
int sim_ept_walk(struct sim_ept *e, u64 gpa)
{
	/* With accessed and dirty bits, the walker may write any entry it reads. */
	bool write = e->write || (e->walk && e->ad);
	u64 need = e->exec ? EPT_X : write ? EPT_W : EPT_R;
	u64 table, pa, raw, set, perms;
	unsigned int level;
	u64 *p;

	e->qual = EPT_VIOLATION_GVA_IS_VALID | (e->walk ? 0 : EPT_VIOLATION_GVA_TRANSLATED);
	if (e->exec)
		e->qual |= EPT_VIOLATION_ACC_INSTR;
	else if (e->write)
		e->qual |= EPT_VIOLATION_ACC_WRITE;
	else
		e->qual |= EPT_VIOLATION_ACC_READ | (write ? EPT_VIOLATION_ACC_WRITE : 0);
	e->ve = false;
	/* The tables cannot map it. */
	if (gpa >> (12 + 9 * e->levels))
		return -EFAULT;
restart:
	table = e->root & EPT_ADDR;
	perms = EPT_RWX;
	for (level = e->levels; ; level--) {
		pa = table + ((gpa >> (12 + 9 * (level - 1))) & 511) * sizeof(raw);
		p = e->phys(pa);
		if (!p)
			return -ENXIO;

		raw = READ_ONCE(*p);
		perms &= raw;
		if (!(raw & EPT_RWX))
			goto violation;
		if (misconfigured(e, raw, level))
			return -EINVAL;

		set = VMX_EPT_ACCESS_BIT;
		if (is_leaf(raw, level)) {
			if (!(perms & need))
				goto violation;
			if (write)
				set |= VMX_EPT_DIRTY_BIT;
		}
		/* Software may have changed the entry since: begin again. */
		if (e->ad && (raw & set) != set && cmpxchg(p, raw, raw | set) != raw)
			goto restart;

		if (is_leaf(raw, level)) {
			e->size = level_size(level);
			e->spa = (raw & EPT_ADDR & ~(e->size - 1)) | (gpa & (e->size - 1));
			return 0;
		}
		table = raw & EPT_ADDR;
	}

violation:
	e->qual |= EPT_VIOLATION_RWX_TO_PROT(perms);
	e->ve = !(raw & VMX_EPT_SUPPRESS_VE_BIT);
	return -EFAULT;
}
