// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../contents.h"
#include "tdx_world.h"

#define PAGES	(TDX_WORLD_MEM >> 12)

/* ---- environment of the module ---- */

static struct tdx_world *world_of(struct sim_tdx *t)
{
	return t->env;
}

static void list_page(struct tdx_world *w, u64 page)
{
	if (!(w->touched[page] & PAGE_LISTED))
		w->list[w->nr_touched++] = page;
	w->touched[page] |= PAGE_LISTED;
}

static __attribute__((noinline)) void touch(struct tdx_world *w, u64 page)
{
	u64 *words = (u64 *)(w->mem + (page << 12));
	u32 i;

	list_page(w, page);
	if (w->touched[page] & PAGE_TO_FILL) {
		for (i = 0; i < 512; i++)
			words[i] = w->fill[page];
		sim_seal_words(w->key[page], page << 12, words, words, 512);
	}
	w->touched[page] = PAGE_LISTED | PAGE_WRITTEN;
}

u8 *tdx_world_page(struct tdx_world *w, u64 pa)
{
	u64 page = pa >> 12;

	if (pa >= TDX_WORLD_MEM)
		return NULL;
	if (w->touched[page] != (PAGE_LISTED | PAGE_WRITTEN))
		touch(w, page);
	return w->mem + (page << 12);
}

bool sim_tdx_env_fill(struct sim_tdx *t, u64 pa, const u64 key[2], u64 value)
{
	struct tdx_world *w = world_of(t);
	u64 page = pa >> 12;

	if (w->phys)
		return w->filled(pa, key, value);
	if (pa >= TDX_WORLD_MEM || w->fill_at_once)
		return false;
	list_page(w, page);
	w->touched[page] |= PAGE_TO_FILL;
	memcpy(w->key[page], key, sizeof(w->key[page]));
	w->fill[page] = value;
	return true;
}

void *sim_tdx_env_phys(struct sim_tdx *t, u64 pa)
{
	struct tdx_world *w = world_of(t);

	return w->phys ? w->phys(pa) : tdx_world_page(w, pa);
}

void sim_tdx_env_random(struct sim_tdx *t, void *buf, size_t len)
{
	struct tdx_world *w = world_of(t);
	u8 *out = buf;
	size_t n;
	u64 z;

	for (; len; len -= n, out += n) {
		w->seed += 0x9e3779b97f4a7c15ull;
		z = w->seed;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
		z ^= z >> 31;
		n = len < sizeof(z) ? len : sizeof(z);
		memcpy(out, &z, n);
	}
}

bool sim_tdx_env_entropy(struct sim_tdx *t)
{
	return !world_of(t)->no_entropy;
}

u32 sim_tdx_env_lp(struct sim_tdx *t, u32 *package)
{
	*package = world_of(t)->package;
	return world_of(t)->lp;
}

bool sim_tdx_env_interrupt(struct sim_tdx *t)
{
	struct tdx_world *w = world_of(t);

	return w->interrupt >= 0 && w->polls++ >= w->interrupt;
}

u32 sim_tdx_env_pconfig(struct sim_tdx *t, u32 hkid)
{
	(void)hkid;
	return world_of(t)->pconfig;
}

void sim_tdx_env_yield(struct sim_tdx *t)
{
	if (world_of(t)->yield)
		world_of(t)->yield(world_of(t));
}

/* A leaf of the platform tells which leaf it is. */
void sim_tdx_env_cpuid(struct sim_tdx *t, u32 leaf, u32 subleaf, u32 regs[4])
{
	(void)t;
	regs[0] = leaf & 0x7fffffff ? leaf << 8 | subleaf : leaf | 0x1f;
	regs[1] = 0xbbbbbbbb;
	regs[2] = 0xcccccccc;
	regs[3] = 0xdddddddd;
}

void sim_tdx_env_sealed(struct sim_tdx *t, u64 pa, const u64 key[2])
{
	struct tdx_world *w = world_of(t);

	if (!w->phys)
		memcpy(w->key[pa >> 12], key, sizeof(w->key[0]));
}

/* A guest that does nothing is soon left by an external interrupt. */
#define EXIT_REASON_EXTERNAL_INTERRUPT	1

u64 sim_tdx_env_run(struct sim_tdx *t, u64 tdvpr, u64 tdr,
		    struct sim_tdx_regs *regs)
{
	struct tdx_world *w = world_of(t);

	(void)regs;
	return w->run ? w->run(w, tdvpr, tdr) : EXIT_REASON_EXTERNAL_INTERRUPT;
}

/* ---- the world ---- */

static void *map(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		perror("memory of the simulated platform");
		exit(2);
	}
	return p;
}

struct tdx_world *tdx_world_new(void)
{
	struct tdx_world *w = map(sizeof(*w));

	w->mem = map(TDX_WORLD_MEM);
	w->touched = map(PAGES);
	w->list = map(PAGES * sizeof(*w->list));
	w->key = map(PAGES * sizeof(*w->key));
	w->fill = map(PAGES * sizeof(*w->fill));
	w->pamt_touched = map(PAGES / 8);
	w->t.env = w;
	return w;
}

void tdx_world_free(struct tdx_world *w)
{
	if (!w)
		return;
	munmap(w->mem, TDX_WORLD_MEM);
	munmap(w->touched, PAGES);
	munmap(w->list, PAGES * sizeof(*w->list));
	munmap(w->key, PAGES * sizeof(*w->key));
	munmap(w->fill, PAGES * sizeof(*w->fill));
	munmap(w->pamt_touched, PAGES / 8);
	munmap(w, sizeof(*w));
}

void tdx_world_watch(struct tdx_world *w)
{
	memset(w->pamt_touched, 0xff, PAGES / 8);
	w->t.pamt_touched = w->pamt_touched;
	w->t.pamt_touched_end = PAGES;
}

int tdx_world_reset(struct tdx_world *w, u32 packages,
		    enum sim_tdx_version version)
{
	struct sim_tdx_config cfg = {
		.version = version,
		.maxpa = 52,
		.hkid_bits = 6,
		.private_min = 32,
		.private_max = 63,
		.global_hkid = 32,
		.nr_packages = packages,
		.tdmr = {
			{
				.base = TDX_WORLD_TDMR,
				.size = 1u << 30,
				.initialised = 1u << 30,
				.pamt_4k = TDX_WORLD_PAMT,
				.pamt_2m = TDX_WORLD_PAMT + 0x400000,
				.pamt_1g = TDX_WORLD_PAMT + 0x410000,
				.reserved = {
					{ TDX_WORLD_RESERVED,
					  TDX_WORLD_RESERVED + 0x200000 },
				},
				.nr_reserved = 1,
			},
			{
				.base = TDX_WORLD_TDMR_UNINIT,
				.size = 1u << 30,
			},
		},
		.nr_tdmrs = 2,
		.seamrr = { 0x90000000, 0x94000000 },
		.wb_blocks = 4,
		/* DEBUG, SEPT_VE_DISABLE, MIGRATABLE, PKS, PERFMON */
		.attributes = 1ull | 7ull << 28 | 1ull << 63,
		.xfam = 7,
		.xfam_fixed1 = 3,
		.config_flags = 7,
		.la57 = true,
	};
	u32 page;

	while (w->nr_touched) {
		page = w->list[--w->nr_touched];
		if (w->touched[page] & PAGE_WRITTEN)
			memset(w->mem + ((u64)page << 12), 0, 4096);
		memset(w->key[page], 0, sizeof(w->key[page]));
		w->touched[page] = 0;
	}
	w->lp = 0;
	w->package = 0;
	w->interrupt = -1;
	w->polls = 0;
	w->pconfig = SIM_PCONFIG_OK;
	w->no_entropy = false;
	w->fill_at_once = false;
	w->seed = 1;
	w->yield = NULL;
	w->run = NULL;
	return sim_tdx_init(&w->t, &cfg) ? -1 : 0;
}

bool tdx_world_is_sealed(struct tdx_world *w, u64 pa)
{
	return pa < TDX_WORLD_MEM && (w->key[pa >> 12][0] | w->key[pa >> 12][1]);
}

bool tdx_world_read_plain(struct tdx_world *w, u64 pa, u64 *words)
{
	u64 *page = (u64 *)tdx_world_page(w, pa);

	if (!page)
		return false;
	if (tdx_world_is_sealed(w, pa))
		sim_open_words(w->key[pa >> 12], pa & ~0xfffull, words, page,
			       512);
	else
		memcpy(words, page, 4096);
	return true;
}

bool tdx_world_write_plain(struct tdx_world *w, u64 pa, const u64 *words)
{
	u64 *page = (u64 *)tdx_world_page(w, pa);
	struct sim_tdx_page_info info;

	if (!page)
		return false;
	if (tdx_world_is_sealed(w, pa) &&
	    sim_tdx_page_info(&w->t, pa, -1, &info) &&
	    info.type != SIM_PT_NDA) {
		sim_seal_words(w->key[pa >> 12], pa & ~0xfffull, page, words,
			       512);
		return true;
	}
	memcpy(page, words, 4096);
	memset(w->key[pa >> 12], 0, sizeof(w->key[0]));
	return true;
}
