/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User-space home of the simulated TDX module: memory, processors, keys.
 */
#ifndef _SIM_LIB_TDX_WORLD_H
#define _SIM_LIB_TDX_WORLD_H

#include "../tdx.h"

#define TDX_WORLD_MEM		0x140000000ull
#define TDX_WORLD_TDMR		0x40000000ull
#define TDX_WORLD_TDMR_UNINIT	0x100000000ull
#define TDX_WORLD_RESERVED	0x70000000ull
#define TDX_WORLD_PAMT		0x80000000ull

/* What is known of a page; zero: it is all zeros. */
#define PAGE_LISTED	1	/* is in the list of those to be reset */
#define PAGE_WRITTEN	2	/* its memory may differ from zero */
#define PAGE_TO_FILL	4	/* to be filled by whoever looks first */

/**
 * struct tdx_world - one module and its platform
 * @t: the module; t.env points back here
 * @mem: TDX_WORLD_MEM bytes of physical memory from address 0
 * @touched: flags per page, PAGE_*
 * @list: pages touched
 * @nr_touched: how many
 * @key: per page, key that the module wrote it with; zeros: plain
 * @fill: per page, what to fill it with when somebody looks
 * @pamt_touched: the module's bitmap of PAMT pages written
 * @lp: logical processor that makes the calls
 * @package: its package
 * @interrupt: polls until an interrupt is pending, negative: never
 * @polls: polls since that was set
 * @pconfig: answer of PCONFIG
 * @no_entropy: RDRAND gives nothing
 * @seed: state of the random generator
 * @fill_at_once: let the module fill pages itself
 * @yield: called while a call is under way with its locks held, or NULL
 * @run: the guest of VP.ENTER, NULL: it exits at once
 * @phys: where pages are, if not in @mem; NULL: there
 * @filled: with @phys, the module has filled a page
 */
struct tdx_world {
	struct sim_tdx t;
	u8 *mem;
	u8 *touched;
	u32 *list;
	u32 nr_touched;
	u64 (*key)[2];
	u64 *fill;
	u64 *pamt_touched;
	u32 lp;
	u32 package;
	s64 interrupt;
	s64 polls;
	u32 pconfig;
	bool no_entropy;
	bool fill_at_once;
	u64 seed;
	void (*yield)(struct tdx_world *w);
	u64 (*run)(struct tdx_world *w, u64 tdvpr, u64 tdr);
	u8 *(*phys)(u64 pa);
	bool (*filled)(u64 pa, const u64 key[2], u64 value);
};

/**
 * tdx_world_new - allocate a module with memory
 *
 * Return: the world; exits the program if memory is short.
 */
struct tdx_world *tdx_world_new(void);

/**
 * tdx_world_free - give a world back
 * @w: world, may be NULL
 */
void tdx_world_free(struct tdx_world *w);

/**
 * tdx_world_watch - let the module note which pages of the PAMT it writes
 * @w: world, whose module was just loaded
 *
 * For those who ask sim_tdx_next_touched(); a replay does not, and is faster without.
 */
void tdx_world_watch(struct tdx_world *w);

/**
 * tdx_world_reset - a fresh platform, memory zero
 * @w: world
 * @packages: packages
 * @version: module
 *
 * Costs as much as was touched since the last reset.
 *
 * Return: 0, -1 if there is no such platform.
 */
int tdx_world_reset(struct tdx_world *w, u32 packages,
		    enum sim_tdx_version version);

/**
 * tdx_world_page - a page as the host sees it
 * @w: world
 * @pa: any address in it
 *
 * Return: its first byte, NULL: no memory.
 */
u8 *tdx_world_page(struct tdx_world *w, u64 pa);

/**
 * tdx_world_is_sealed - was the page last written by the module?
 * @w: world
 * @pa: page
 *
 * Return: true: its bytes are transformed with w->key.
 */
bool tdx_world_is_sealed(struct tdx_world *w, u64 pa);

/**
 * tdx_world_read_plain - a page in plain text, whoever wrote it
 * @w: world
 * @pa: page
 * @words: 512 words
 *
 * Return: false: no memory.
 */
bool tdx_world_read_plain(struct tdx_world *w, u64 pa, u64 *words);

/**
 * tdx_world_write_plain - the inverse
 * @w: world
 * @pa: page
 * @words: 512 words
 *
 * A page of a TD is written with its key, any other one as it is.
 *
 * Return: false: no memory.
 */
bool tdx_world_write_plain(struct tdx_world *w, u64 pa, const u64 *words);

#endif /* _SIM_LIB_TDX_WORLD_H */
