// SPDX-License-Identifier: GPL-2.0
/*
 * Oracles about a call as its caller sees it: it gives back what it took (O3), and
 * what it says that it has launched is what the hardware has measured (O4).
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
		sim_oracle_violation(SIM_O3, "%s %#x: %d locks held, %d before", what, nr,
				     lockdep_depth(current), b->locks);
	if (preempt_count() != b->preempt)
		sim_oracle_violation(SIM_O3, "%s %#x: preemption count %#x, %#x before", what,
				     nr, preempt_count(), b->preempt);
	if (current->pagefault_disabled != b->pagefault)
		sim_oracle_violation(SIM_O3, "%s %#x: page faults disabled %d times, %d before",
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
		sim_oracle_violation(SIM_O3, "%s: page %#lx has %d references, %d before", what,
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
			sim_oracle_violation(SIM_O3, "page %lu of guest_memfd has %ld references too many",
					     i, folio_ref_count(folio) - folio_nr_pages(folio) - 1);
		if (folio_test_locked(folio))
			sim_oracle_violation(SIM_O3, "page %lu of guest_memfd is locked", i);
		folio_put(folio);
	}
}

/**
 * kt_check_launched() - O4: the pages that a call reports are those that were measured
 * @mark: of sim_ledger_mark(), before the call
 * @op: the operation that makes a page the guest's
 * @gctx: the guest
 * @gpa: where the first page goes
 * @npages: how many the call says that it has done
 *
 * Each once, in ascending order; calls of other threads don't count.
 */
void kt_check_launched(u64 mark, u16 op, u64 gctx, u64 gpa, u32 npages)
{
	struct sim_ledger_entry e;
	u32 n = 0;

	while (sim_ledger_read(mark++, &e, 1) == 1) {
		if (e.op != op || e.gctx != gctx || e.status || e.pid != task_pid_nr(current))
			continue;
		if (e.gpa != gpa + n * PAGE_SIZE)
			sim_oracle_violation(SIM_O4, "%s at gpa %#llx, expected at %#llx",
					     sim_op_name(op), e.gpa, gpa + n * PAGE_SIZE);
		n++;
	}
	if (n != npages)
		sim_oracle_violation(SIM_O4, "%u pages reported from gpa %#llx on, %u measured",
				     npages, gpa, n);
}
