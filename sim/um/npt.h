/* SPDX-License-Identifier: GPL-2.0 */
/* Walk of the nested page tables */
#ifndef _SIM_UM_NPT_H
#define _SIM_UM_NPT_H

#include <linux/types.h>

struct sim_machine;

/**
 * struct sim_npt - a nested translation
 * @root: nested CR3
 * @levels: 4, or 5 if the host has CR4.LA57 set
 * @phys_bits: physical address width
 * @c_bit: position of the C-bit, legal in an entry; 0: none
 * @nx: host has EFER.NXE set
 * @write: the access writes
 * @exec: the access fetches an instruction
 * @spa: answer: system physical address
 * @size: answer: size of the mapping, bytes
 */
struct sim_npt {
	u64 root;
	unsigned int levels;
	unsigned int phys_bits;
	unsigned int c_bit;
	bool nx;
	bool write;
	bool exec;
	u64 spa;
	u64 size;
};

/**
 * sim_npt_walk() - translate a guest physical address
 * @m: machine, locked
 * @n: operands and answer
 * @gpa: guest physical address
 * @error: error code of the nested page fault: P, W, U, RSVD and I/D bits
 *
 * Sets accessed bits on the way, and the dirty bit for a write, atomically.
 * Interrupts are off until the caller has accessed the page: an acknowledged
 * flush of the TLBs means that no walk is under way on that CPU.
 *
 * Return: 0, -EFAULT for a nested page fault, or -ENXIO if an entry points to a
 * table outside of memory.
 */
int sim_npt_walk(struct sim_machine *m, struct sim_npt *n, u64 gpa, u64 *error);

#endif /* _SIM_UM_NPT_H */
