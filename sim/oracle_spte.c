// SPDX-License-Identifier: GPL-2.0
/*
 * An index from page to the number of leaf SPTEs that map it, kept from the
 * tracepoint in which the TDP MMU reports every change of an SPTE.  Freeing a
 * page asks the index (O1); nothing walks page tables.
 */
#include <linux/atomic.h>
#include <linux/kvm_host.h>
#include <linux/memblock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>

#include "mmu/spte.h"
#include "oracle.h"
#include "tdx_host_priv.h"

static atomic_t *mapped;
static u64 nr_mapped;

u32 sim_oracle_mapped(u64 pfn)
{
	if (!mapped || pfn >= nr_mapped)
		return 0;
	return atomic_read(&mapped[pfn]);
}

static void account(u64 spte, int level, int delta)
{
	u64 pfn, end;

	if (!is_shadow_present_pte(spte) || !is_last_spte(spte, level))
		return;

	pfn = spte_to_pfn(spte);
	end = min_t(u64, pfn + KVM_PAGES_PER_HPAGE(level), nr_mapped);
	for (; pfn < end; pfn++)
		atomic_add(delta, &mapped[pfn]);
}

static void probe_spte_changed(void *data, int as_id, gfn_t gfn, int level,
			       u64 old_spte, u64 new_spte)
{
	account(new_spte, level, 1);
	account(old_spte, level, -1);
	sim_tdx_mirror_changed(gfn, level);
}

static void __init find_spte_changed(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "kvm_tdp_mmu_spte_changed"))
		*(struct tracepoint **)found = tp;
}

int __init sim_oracle_watch_sptes(void)
{
	struct tracepoint *tp = NULL;

	for_each_kernel_tracepoint(find_spte_changed, &tp);
	if (!tp)
		return -ENOENT;

	nr_mapped = max_pfn;
	mapped = vcalloc(nr_mapped, sizeof(*mapped));
	if (!mapped)
		return -ENOMEM;

	return tracepoint_probe_register(tp, probe_spte_changed, NULL);
}
