/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User-space home of the simulated machine: memory, digests, randomness.
 */
#ifndef _SIM_LIB_WORLD_H
#define _SIM_LIB_WORLD_H

#include "../machine.h"
#include "../snp.h"

#define WORLD_MEM	(256ull << 20)
#define WORLD_RMP_BASE	0x08000000ull
#define WORLD_RMP_END	0x080fffffull
#define WORLD_HOLE	0x0a000000ull
#define WORLD_HOLE_END	0x0a200000ull
#define WORLD_IOMMU	0x07000000ull

/**
 * struct world - one machine and its memory
 * @m: the machine; m.env points back here
 * @mem: WORLD_MEM bytes of physical memory from address 0
 * @touched: one bit per page that may differ from zero
 * @rmp_dirty: the machine's bitmap of RMP pages written
 * @rmp_touched: likewise, since sim_machine_check_touched() has read them
 * @seed: state of the random generator
 * @phys: where pages are, if not in @mem; NULL: there
 */
struct world {
	struct sim_machine m;
	u8 *mem;
	u64 touched[WORLD_MEM / 4096 / 64];
	u64 rmp_dirty[(WORLD_RMP_END + 1 - WORLD_RMP_BASE) / 4096 / 64];
	u64 rmp_touched[(WORLD_RMP_END + 1 - WORLD_RMP_BASE) / 4096 / 64];
	u64 seed;
	u8 *(*phys)(u64 pa);
};

/**
 * struct world_options - the variable part of the test machine
 * @nccx: core complexes
 * @smt: SMT enabled
 * @hsave: VM_HSAVE_PA not zero
 * @snpen: SNP enabled
 * @dies: sockets
 * @seed: of the random generator
 * @min_sev_asid: lowest ASID of plain SEV
 */
struct world_options {
	u32 nccx;
	bool smt;
	bool hsave;
	bool snpen;
	u32 dies;
	u64 seed;
	u32 min_sev_asid;
};

#define WORLD_DEFAULTS ((struct world_options){				\
	.nccx = 2, .smt = true, .hsave = false, .snpen = true,		\
	.dies = 1, .seed = 1, .min_sev_asid = 100,			\
})

/**
 * world_new - allocate a machine with memory
 *
 * Return: the world; exits the program if memory is short.
 */
struct world *world_new(void);

/**
 * world_free - give a world back
 * @w: world
 */
void world_free(struct world *w);

/**
 * world_reset - a fresh machine, powered on, memory zero
 * @w: world
 * @opt: what it is made of
 *
 * Costs as much as was touched since the last reset.
 *
 * Return: 0, -1 if the options make no machine.
 */
int world_reset(struct world *w, const struct world_options *opt);

/**
 * world_watch - let the machine note which pages of the RMP it writes
 * @w: world, whose machine was just powered on
 *
 * For those who ask sim_machine_check_touched(); a replay does not, and is faster without.
 */
void world_watch(struct world *w);

/**
 * world_mem - memory as the host and its devices see it
 * @w: world
 * @pa: physical address
 * @len: bytes
 *
 * The firmware's memory map does not matter here: something answers in the
 * hole as well.
 *
 * Return: pointer, or NULL beyond WORLD_MEM.
 */
u8 *world_mem(struct world *w, u64 pa, u64 len);

/**
 * world_psp - fill the command buffer and execute a command
 * @w: world
 * @cmd: command number
 * @cmdbuf: physical address of the buffer
 * @data: its contents
 * @len: bytes
 *
 * Return: status.
 */
u32 world_psp(struct world *w, u32 cmd, u64 cmdbuf, const void *data, u32 len);

/**
 * world_cache_digests - remember digests of whole pages
 * @on: remember or forget
 *
 * A replay hashes most pages twice, as the firmware and to compare.
 */
void world_cache_digests(bool on);

#endif /* _SIM_LIB_WORLD_H */
