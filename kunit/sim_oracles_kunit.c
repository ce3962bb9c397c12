// SPDX-License-Identifier: GPL-2.0
/*
 * Every oracle, violated on purpose: a rule that nobody has seen broken may
 * just not be watched.
 */
#include <linux/bitfield.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/pagemap.h>
#include <linux/psp.h>
#include <linux/psp-sev.h>
#include <asm/psp.h>
#include <asm/sev.h>

#include "mmu/mmu_internal.h"
#include "mmu/mmutrace.h"
#include "mmu/spte.h"

#include "kvm_test.h"
#include "kvm_test_priv.h"
#include "kvm_test_simulator.h"

/* Any ASID will do: no guest with it exists */
#define ASID	7

/* A page of the host that the RMP gives to a guest */
static struct page *guest_page(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, 0, rmp_make_private(page_to_pfn(page), KT_GPA,
						  PG_LEVEL_4K, ASID, false));
	return page;
}

static void take_back(struct kunit *test, struct page *page)
{
	KUNIT_EXPECT_EQ(test, 0, rmp_make_shared(page_to_pfn(page), PG_LEVEL_4K));
	__free_page(page);
}

static void guest_page_freed(struct kunit *test)
{
	struct page *page = guest_page(test);
	int ret;

	/* The page stays first on this CPU's list until it is shared again. */
	preempt_disable();
	__free_page(page);
	ret = rmp_make_shared(page_to_pfn(page), PG_LEVEL_4K);
	preempt_enable();

	KUNIT_EXPECT_EQ(test, 0, ret);
	kt_expect_violation(test, KT_O1, "GUEST_INVALID, asid 7");
}

static void mapped_page_freed(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u64 spte;

	KUNIT_ASSERT_NOT_NULL(test, page);
	spte = SPTE_MMU_PRESENT_MASK | PT_PRESENT_MASK | page_to_phys(page);

	trace_kvm_tdp_mmu_spte_changed(0, KT_GFN, PG_LEVEL_4K, 0, spte);
	KUNIT_EXPECT_EQ(test, 1, sim_oracle_mapped(page_to_pfn(page)));

	preempt_disable();
	__free_page(page);
	trace_kvm_tdp_mmu_spte_changed(0, KT_GFN, PG_LEVEL_4K, spte, 0);
	preempt_enable();

	KUNIT_EXPECT_EQ(test, 0, sim_oracle_mapped(page_to_pfn(page)));
	kt_expect_violation(test, KT_O1, "while 1 SPTE(s) map it");
}

static void host_writes_to_guest_page(struct kunit *test)
{
	struct page *page = guest_page(test);
	u64 *word = page_address(page);
	bool assigned;
	int level;

	WRITE_ONCE(*word, 1);
	kt_expect_violation(test, KT_O2, "write of page");
	/* The access itself went through, as the test has to go on. */
	KUNIT_EXPECT_EQ(test, 1, READ_ONCE(*word));

	/* The next call of the hardware closes the page again. */
	KUNIT_EXPECT_EQ(test, KT_PAGE_GUEST_INVALID,
			kt_spa_state(page_to_phys(page)));
	KUNIT_EXPECT_EQ(test, 0, snp_lookup_rmpentry(page_to_pfn(page), &assigned,
						     &level));
	KUNIT_EXPECT_TRUE(test, assigned);
	WRITE_ONCE(word[1], 1);
	kt_expect_violation(test, KT_O2, "write of page");

	get_page(page);
	take_back(test, page);
	WRITE_ONCE(*word, 2);
	put_page(page);
}

static void host_may_read_guest_page(struct kunit *test)
{
	struct page *page = guest_page(test);

	READ_ONCE(*(u64 *)page_address(page));
	take_back(test, page);
}

static void retried_for_ever(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);
	int fault;

	KUNIT_ASSERT_NOT_NULL(test, page);
	fault = kt_fault_full(test, "RMPUPDATE", 1, 0, KT_FAULT_BEFORE,
			      RMPUPDATE_FAIL_OVERLAP);
	KUNIT_EXPECT_EQ(test, 0, rmp_make_private(page_to_pfn(page), KT_GPA,
						  PG_LEVEL_4K, ASID, false));
	kt_expect_delivered(test, fault, SIM_FAULT_FOREVER);
	kt_expect_violation(test, KT_O5, "RMPUPDATE was still retried");
	take_back(test, page);
}

/* 4K inside of a 2M entry: nothing will ever resolve that. */
static void overlap_that_stays(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, get_order(SZ_2M));
	u64 pfn;

	KUNIT_ASSERT_NOT_NULL(test, page);
	pfn = page_to_pfn(page);
	KUNIT_EXPECT_EQ(test, 0, rmp_make_private(pfn, 0, PG_LEVEL_2M, ASID, false));
	KUNIT_EXPECT_EQ(test, -EFAULT, rmp_make_private(pfn + 1, SZ_4K, PG_LEVEL_4K,
							ASID, false));
	kt_expect_violation(test, KT_O5, "though its overlap is real");
	KUNIT_EXPECT_EQ(test, 0, rmp_make_shared(pfn, PG_LEVEL_2M));
	__free_pages(page, get_order(SZ_2M));
}

static void kernel_warns(struct kunit *test)
{
	WARN(1, "on purpose\n");
	kt_expect_violation(test, KT_O6, "WARNING: ");
}

static void command_without_the_mutex(struct kunit *test)
{
	struct psp_response resp = {};

	KUNIT_EXPECT_EQ(test, 0, psp_ops.submit(0x7f, 0, 1, &resp));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_COMMAND,
			FIELD_GET(PSP_CMDRESP_STS, resp.cmdresp));
	kt_expect_violation(test, KT_OLOCK, "without sev_cmd_mutex");
}

/* Every lock that a launch needs is held, but they are those of another VM. */
static void locks_of_another_vm(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	struct kt_vm *other = kt_snp_launching(test, 1);
	struct address_space *mapping = kt_file_inode(other->gmem_fd)->i_mapping;
	struct sev_data_snp_launch_update data = {
		.gctx_paddr = vm->gctx,
		.page_type = SNP_PAGE_TYPE_NORMAL,
	};
	int error = 0, ret;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	data.address = kt_page_spa(vm, 0);

	mutex_lock(&other->kvm->lock);
	mutex_lock(&other->kvm->slots_lock);
	filemap_invalidate_lock(mapping);
	ret = sev_do_cmd(SEV_CMD_SNP_LAUNCH_UPDATE, &data, &error);
	filemap_invalidate_unlock(mapping);
	mutex_unlock(&other->kvm->slots_lock);
	mutex_unlock(&other->kvm->lock);

	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PAGE_STATE, error);
	kt_expect_violation(test, KT_OLOCK, "with another's &kvm->lock");
	kt_expect_violation(test, KT_OLOCK, "with another's &kvm->slots_lock");
	kt_expect_violation(test, KT_OLOCK, "with another's mapping.invalidate_lock");
}

static void call_keeps_a_lock(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	struct kt_balance b;

	kt_balance_begin(&b);
	mutex_lock(&vm->kvm->slots_lock);
	kt_balance_end(&b, "on purpose", 1);
	mutex_unlock(&vm->kvm->slots_lock);
	kt_expect_violation(test, KT_O3, "1 locks held, 0 before");
	kt_balance_end(&b, "nothing", 1);
}

static void call_keeps_preemption_off(struct kunit *test)
{
	struct kt_balance b;

	kt_balance_begin(&b);
	preempt_disable();
	pagefault_disable();
	kt_balance_end(&b, "on purpose", 2);
	pagefault_enable();
	preempt_enable();
	kt_expect_violation(test, KT_O3, "preemption count");
	kt_expect_violation(test, KT_O3, "page faults disabled 1 times, 0 before");
}

static void call_keeps_references(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 3);
	struct inode *inode = kt_file_inode(vm->gmem_fd);
	struct folio *folio;
	struct page *src;
	int refs;

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 3, KVM_SEV_SNP_PAGE_TYPE_NORMAL));
	kt_check_folios(inode, KT_GMEM_PGOFF, 3);

	folio = kt_gmem_folio(vm, 1);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	folio_lock(folio);
	kt_check_folios(inode, KT_GMEM_PGOFF, 3);
	folio_unlock(folio);
	folio_put(folio);
	kt_expect_violation(test, KT_O3, "page 5 of guest_memfd has 1 references too many");
	kt_expect_violation(test, KT_O3, "page 5 of guest_memfd is locked");

	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(vm->src, 1, 0, &src));
	/* What waits on a list of its CPU for the LRU has one reference more, for a while. */
	lru_add_drain_all();
	refs = page_count(src) - 1;
	kt_check_page_refs(src, refs, "source");
	kt_expect_violation(test, KT_O3, "source: page");
	put_page(src);
	kt_check_page_refs(src, refs, "source");
}

static void measurement_that_was_not_reported(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 3);
	u64 mark = kt_mark();

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 2, KVM_SEV_SNP_PAGE_TYPE_NORMAL));
	kt_check_launched(mark, SIM_CMD_SNP_LAUNCH_UPDATE, vm->gctx, KT_GPA, 2);
	kt_check_launched(mark, SIM_CMD_SNP_LAUNCH_UPDATE, vm->gctx, KT_GPA, 1);
	kt_expect_violation(test, KT_O4, "1 pages reported");
	kt_check_launched(mark, SIM_CMD_SNP_LAUNCH_UPDATE, vm->gctx, KT_GPA, 3);
	kt_expect_violation(test, KT_O4, "3 pages reported");
}

static void measurement_in_another_order(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 3);
	u64 mark = kt_mark();

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 1, 1, KVM_SEV_SNP_PAGE_TYPE_NORMAL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, KVM_SEV_SNP_PAGE_TYPE_NORMAL));
	kt_check_launched(mark, SIM_CMD_SNP_LAUNCH_UPDATE, vm->gctx, KT_GPA, 2);
	kt_expect_violation(test, KT_O4, "expected at");
	kt_expect_violation(test, KT_O4, "expected at");
}

static void page_left_behind(struct kunit *test)
{
	u32 before = sim_host_check_clean(NULL, NULL);
	struct page *page = guest_page(test);

	/* The page itself, and the processor's count of the ASID's pages */
	KUNIT_EXPECT_EQ(test, before + 2, sim_host_check_clean(NULL, NULL));
	take_back(test, page);
	KUNIT_EXPECT_EQ(test, before, sim_host_check_clean(NULL, NULL));
}

static struct kunit_case sim_oracles_cases[] = {
	KUNIT_CASE(guest_page_freed),
	KUNIT_CASE(mapped_page_freed),
	KUNIT_CASE(host_writes_to_guest_page),
	KUNIT_CASE(host_may_read_guest_page),
	KUNIT_CASE(retried_for_ever),
	KUNIT_CASE(overlap_that_stays),
	KUNIT_CASE(kernel_warns),
	KUNIT_CASE(command_without_the_mutex),
	KUNIT_CASE(locks_of_another_vm),
	KUNIT_CASE(call_keeps_a_lock),
	KUNIT_CASE(call_keeps_preemption_off),
	KUNIT_CASE(call_keeps_references),
	KUNIT_CASE(measurement_that_was_not_reported),
	KUNIT_CASE(measurement_in_another_order),
	KUNIT_CASE(page_left_behind),
	{}
};

static struct kunit_suite sim_oracles_suite = {
	.name = "sim_oracles",
	.init = kt_init_snp,
	.test_cases = sim_oracles_cases,
};

kunit_test_suite(sim_oracles_suite);
