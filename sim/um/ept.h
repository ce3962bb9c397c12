/* SPDX-License-Identifier: GPL-2.0 */
/* Walk of the extended page tables */
#ifndef _SIM_UM_EPT_H
#define _SIM_UM_EPT_H

#include <linux/types.h>

/**
 * struct sim_ept - a translation by extended page tables
 * @phys: address at which the hardware finds a byte of memory; NULL: there is none
 * @root: physical address of the topmost table; other bits of the EPT pointer
 *	are ignored
 * @levels: 4 or 5
 * @phys_bits: physical address width
 * @ad: accessed and dirty bits are in use; then accesses of the page table walker
 *	count as writes
 * @exec_only: pages that can only be executed are supported
 * @write: the access writes
 * @exec: the access fetches an instruction
 * @walk: the access is the page table walker's
 * @spa: answer: physical address
 * @size: answer: size of the mapping, bytes
 * @qual: answer: exit qualification of an EPT violation, EPT_VIOLATION_*
 * @ve: answer: the violation may become #VE, its entry does not suppress that
 */
struct sim_ept {
	void *(*phys)(u64 pa);
	u64 root;
	unsigned int levels;
	unsigned int phys_bits;
	bool ad;
	bool exec_only;
	bool write;
	bool exec;
	bool walk;
	u64 spa;
	u64 size;
	u64 qual;
	bool ve;
};

/**
 * sim_ept_walk() - translate a guest physical address
 * @e: operands and answer
 * @gpa: guest physical address
 *
 * Sets accessed and dirty bits, atomically, if they are in use.  Interrupts are
 * off until the caller has accessed the page: an acknowledged flush of the TLBs
 * means that no walk is under way on that CPU.
 *
 * Return: 0; -EFAULT: EPT violation; -EINVAL: EPT misconfiguration; -ENXIO if an
 * entry points to a table outside of memory.
 */
int sim_ept_walk(struct sim_ept *e, u64 gpa);

#endif /* _SIM_UM_EPT_H */
