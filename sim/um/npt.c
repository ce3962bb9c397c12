// SPDX-License-Identifier: GPL-2.0
/* Walk of the nested page tables, as the memory management unit does it */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "machine.h"
#include "npt.h"

#define NPT_P		BIT_ULL(0)
#define NPT_W		BIT_ULL(1)
#define NPT_U		BIT_ULL(2)
#define NPT_A		BIT_ULL(5)
#define NPT_D		BIT_ULL(6)
#define NPT_PS		BIT_ULL(7)
#define NPT_NX		BIT_ULL(63)
#define NPT_PAT_LARGE	BIT_ULL(12)
#define NPT_ADDR	GENMASK_ULL(51, 12)

#define ERR_P		BIT_ULL(0)
#define ERR_W		BIT_ULL(1)
#define ERR_U		BIT_ULL(2)
#define ERR_RSVD	BIT_ULL(3)
#define ERR_ID		BIT_ULL(4)

static u64 level_size(unsigned int level)
{
	return 1ull << (12 + 9 * (level - 1));
}

static bool is_leaf(u64 e, unsigned int level)
{
	return level == 1 || ((level == 2 || level == 3) && e & NPT_PS);
}

static u64 reserved_bits(const struct sim_npt *n, u64 e, unsigned int level)
{
	u64 rsvd = GENMASK_ULL(51, 0) & ~GENMASK_ULL(n->phys_bits - 1, 0);

	if (n->c_bit)
		rsvd &= ~BIT_ULL(n->c_bit);
	if (!n->nx)
		rsvd |= NPT_NX;
	if (level >= 4)
		rsvd |= NPT_PS;
	else if (level > 1 && e & NPT_PS)
		rsvd |= NPT_ADDR & (level_size(level) - 1) & ~NPT_PAT_LARGE;
	return rsvd;
}

/* FIDELITY(nested page tables): modelled - [APM vol. 2 5.3, 15.25] */
int sim_npt_walk(struct sim_machine *m, struct sim_npt *n, u64 gpa, u64 *error)
{
	/* All nested accesses count as user accesses. */
	u64 kind = ERR_U | (n->write ? ERR_W : 0) | (n->exec && n->nx ? ERR_ID : 0);
	u64 addr_mask, table, pa, e, set;
	unsigned int level;
	bool w, u, x;
	u64 *p;

	addr_mask = GENMASK_ULL(n->phys_bits - 1, 12);
	/* The tables cannot map it. */
	if (gpa >> (12 + 9 * n->levels)) {
		*error = kind;
		return -EFAULT;
	}
restart:
	table = n->root & addr_mask;
	w = u = x = true;
	for (level = n->levels; ; level--) {
		pa = table + ((gpa >> (12 + 9 * (level - 1))) & 511) * sizeof(e);
		if (!sim_is_dram(m, pa, sizeof(e)))
			return -ENXIO;
		p = sim_env_phys(m, pa);
		if (!p)
			return -ENXIO;
		p = (void *)p + (pa & (SZ_4K - 1));

		e = READ_ONCE(*p);
		if (!(e & NPT_P)) {
			*error = kind;
			return -EFAULT;
		}
		if (e & reserved_bits(n, e, level)) {
			*error = kind | ERR_P | ERR_RSVD;
			return -EFAULT;
		}
		w &= !!(e & NPT_W);
		u &= !!(e & NPT_U);
		x &= !(e & NPT_NX);

		set = NPT_A;
		if (is_leaf(e, level)) {
			if (!u || (n->write && !w) || (n->exec && !x)) {
				*error = kind | ERR_P;
				return -EFAULT;
			}
			if (n->write)
				set |= NPT_D;
		}
		/* Software may have changed the entry since: begin again. */
		if ((e & set) != set && cmpxchg(p, e, e | set) != e)
			goto restart;

		if (is_leaf(e, level)) {
			n->size = level_size(level);
			n->spa = (e & addr_mask & ~(n->size - 1)) | (gpa & (n->size - 1));
			return 0;
		}
		table = e & addr_mask;
	}
}
