// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle about a call as its caller sees it: it gives back what it took (O3).
 * It needs no simulator.
 */
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "kvm_test_sim.h"
#include "kvm_test_priv.h"

void kt_balance_begin(struct kt_balance *b)
{
	b->locks = lockdep_depth(current);
	b->preempt = preempt_count();
	b->pagefault = current->pagefault_disabled;
}

/* O3: @what and @nr name the call. */
void kt_balance_end(const struct kt_balance *b, const char *what, unsigned int nr)
{
	/* A report in between switches lockdep off, and its count is frozen. */
	if (debug_locks && lockdep_depth(current) != b->locks)
		kt_violation(KT_O3, "%s %#x: %d locks held, %d before", what, nr,
			     lockdep_depth(current), b->locks);
	if (preempt_count() != b->preempt)
		kt_violation(KT_O3, "%s %#x: preemption count %#x, %#x before", what,
			     nr, preempt_count(), b->preempt);
	if (current->pagefault_disabled != b->pagefault)
		kt_violation(KT_O3, "%s %#x: page faults disabled %d times, %d before",
			     what, nr, current->pagefault_disabled, b->pagefault);
}

/**
 * kt_check_page_refs() - O3: a page has as many references as before
 * @page: the page
 * @refs: how many it had
 * @what: what it is, for the report
 */
void kt_check_page_refs(struct page *page, int refs, const char *what)
{
	/* Pages that are new wait in a list of some CPU, which holds them. */
	if (page_count(page) != refs)
		lru_add_drain_all();
	if (page_count(page) != refs)
		kt_violation(KT_O3, "%s: page %#lx has %d references, %d before", what,
			     page_to_pfn(page), page_count(page), refs);
}

/**
 * kt_check_folios() - O3: nobody but the page cache holds pages of a guest_memfd file
 * @inode: the file's
 * @first: first page, counted in the file
 * @npages: how many
 *
 * While no other thread is at work on them.
 */
void kt_check_folios(struct inode *inode, pgoff_t first, unsigned int npages)
{
	struct folio *folio;
	pgoff_t i;

	lru_add_drain();
	for (i = first; i < first + npages; i++) {
		folio = filemap_get_folio(inode->i_mapping, i);
		if (IS_ERR(folio))
			continue;
		if (folio_ref_count(folio) != folio_nr_pages(folio) + 1)
			kt_violation(KT_O3, "page %lu of guest_memfd has %ld references too many",
				     i, folio_ref_count(folio) - folio_nr_pages(folio) - 1);
		if (folio_test_locked(folio))
			kt_violation(KT_O3, "page %lu of guest_memfd is locked", i);
		folio_put(folio);
	}
}
