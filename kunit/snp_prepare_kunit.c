// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that a guest gets at run time: kvm_arch_gmem_prepare(), its failures, and
 * the end of guests that ran.
 */
#include <linux/pagemap.h>
#include <linux/psp-sev.h>
#include <linux/swap.h>

#include "svm/svm.h"

#include "kvm_test_guest.h"
#include "kvm_test_simulator.h"

#define NPAGES	4
#define COOKIE	0x1122334455667788ULL

#define GPA(page)	(KT_GPA + (u64)(page) * PAGE_SIZE)

static const struct sim_script_op touch[] = {
	KT_PVALIDATE(GPA(2), PAGE_SIZE, 0, 1),
	KT_WRITE(GPA(2), PAGE_SIZE, KT_PRIVATE, COOKIE),
	KT_EXPECT(GPA(2), PAGE_SIZE, KT_PRIVATE, COOKIE),
};

static struct kt_vm *launched(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, KVM_SEV_SNP_PAGE_TYPE_NORMAL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));

	return vm;
}

static void expect_touched(struct kunit *test, struct sim_script *s)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(touch); i++)
		kt_expect_done(test, s, i);
}

/*
 * The page could not be made private: the fault fails, the page stays the host's,
 * and the next fault does not take it for prepared.
 */
static void failed_fault_is_tried_again(struct kunit *test)
{
	struct kt_vm *vm = launched(test);
	struct sim_script *s = kt_script(vm, 0, touch, ARRAY_SIZE(touch));
	struct kvm_run *run = kt_run_buf(test);
	int fault;

	fault = kt_fault(test, "RMPUPDATE", 1, KT_RMP_FAIL_INUSE);
	KUNIT_EXPECT_LT(test, kt_vcpu_run(vm, 0, run), 0);
	kt_expect_delivered(test, fault, 1);
	KT_EXPECT_STATE(vm, 2, KT_PAGE_HYPERVISOR);

	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));
	expect_touched(test, s);
	KT_EXPECT_STATE(vm, 2, KT_PAGE_GUEST_VALID);
}

static const struct prepare {
	const char *desc;
	const char *op;
	u32 nth;
	s32 status;
	int ret;
} prepares[] = {
	{ "entry of the page", "RMPREAD", 1, KT_RMP_FAIL_INPUT, -ENOENT },
	{ "entry of its 2 MiB", "RMPREAD", 2, KT_RMP_FAIL_INPUT, -ENOENT },
	{ "update", "RMPUPDATE", 1, KT_RMP_FAIL_INUSE, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(prepares, prepares, desc);

static void failed_pre_fault_is_tried_again(struct kunit *test)
{
	const struct prepare *p = test->param_value;
	struct kt_vm *vm = launched(test);
	u64 gpa = GPA(2), size = PAGE_SIZE;
	struct folio *folio;
	int fault;

	fault = kt_fault(test, p->op, p->nth, p->status);
	KUNIT_EXPECT_EQ(test, p->ret, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, size);
	KT_EXPECT_STATE(vm, 2, KT_PAGE_HYPERVISOR);

	/* Neither locked nor referenced by what failed */
	folio = kt_gmem_folio(vm, 2);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	lru_add_drain_all();
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_EQ(test, 2, folio_ref_count(folio));
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KT_EXPECT_STATE(vm, 2, KT_PAGE_GUEST_INVALID);
}

static void pre_fault_keeps_what_it_did_before_a_failure(struct kunit *test)
{
	struct kt_vm *vm = launched(test);
	u64 gpa = GPA(1), size = 3 * PAGE_SIZE;
	int fault;

	fault = kt_fault(test, "RMPUPDATE", 2, KT_RMP_FAIL_INUSE);
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, GPA(2), gpa);
	KUNIT_EXPECT_EQ(test, 2 * PAGE_SIZE, size);
}

/* A page that is the guest's already is not given to it again. */
static void prepared_page_is_left_alone(struct kunit *test)
{
	struct kt_vm *vm = launched(test);
	u64 gpa = GPA(0), size = PAGE_SIZE;
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KT_EXPECT_CALLS(test, mark, "RMPUPDATE", 0);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_GUEST_VALID);
}

/* Memory that is only allocated is nobody's yet, and can be launched. */
static void allocation_prepares_nothing(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	KT_EXPECT_CALLS(test, mark, "RMPUPDATE", 0);
	for (i = 0; i < NPAGES; i++)
		KT_EXPECT_STATE(vm, i, KT_PAGE_HYPERVISOR);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 0, NPAGES,
						     KVM_SEV_SNP_PAGE_TYPE_NORMAL));
}

static void shared_page_is_not_prepared(struct kunit *test)
{
	struct kt_vm *vm = launched(test);
	u64 gpa = GPA(2), size = PAGE_SIZE;
	u64 mark = kt_mark();

	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, gpa, PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KT_EXPECT_CALLS(test, mark, "RMPUPDATE", 0);
	KUNIT_EXPECT_NULL(test, kt_gmem_folio(vm, 2));
}

static void guest_that_ran_leaves_nothing(struct kunit *test)
{
	struct kt_vm *vm = launched(test);
	struct sim_script *s = kt_script(vm, 0, touch, ARRAY_SIZE(touch));
	struct kvm_run *run = kt_run_buf(test);
	u64 mark;

	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));
	expect_touched(test, s);
	kt_script_done(test, s);

	mark = kt_mark();
	kt_close(test, vm->fd);
	kt_close(test, vm->gmem_fd);
	KT_EXPECT_CALLS(test, mark, "SNP_DECOMMISSION", 0);
	kt_close(test, vm->vcpu_fd[0]);
	KT_EXPECT_CALLS(test, mark, "SNP_DECOMMISSION", 1);
}

static void running_guest_keeps_its_memory_without_the_vm(struct kunit *test)
{
	struct kt_vm *vm = launched(test);
	struct sim_script *s = kt_script(vm, 0, touch, ARRAY_SIZE(touch));
	struct kvm_run *run = kt_run_buf(test);

	/* The vCPU holds the VM, slots and all; the file holds the memory. */
	kt_close(test, vm->fd);
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));
	expect_touched(test, s);
}

static void running_guest_without_its_file_faults(struct kunit *test)
{
	struct kt_vm *vm = launched(test);
	struct kvm_run *run = kt_run_buf(test);

	kt_script(vm, 0, touch, ARRAY_SIZE(touch));
	kt_close(test, vm->gmem_fd);
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_expect_exit(vm, 0, run, KVM_EXIT_MEMORY_FAULT));
	KUNIT_EXPECT_EQ(test, GPA(2), run->memory_fault.gpa);
	KUNIT_EXPECT_EQ(test, KVM_MEMORY_EXIT_FLAG_PRIVATE, run->memory_fault.flags);
}

/* What is no memory, or no large page, has no state that could be changed. */
static void rmp_of_what_is_no_page(struct kunit *test)
{
	void *mem = kunit_kzalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	static const char * const ops[] = { NULL };
	u64 none = PHYS_PFN(BIT_ULL(45)), pfn = PHYS_PFN(virt_to_phys(mem)) | 1;
	u64 mark = kt_mark();

	KUNIT_ASSERT_NOT_NULL(test, mem);
	KUNIT_EXPECT_FALSE(test, pfn_valid(none));
	KUNIT_EXPECT_TRUE(test, pfn_valid(pfn));
	KUNIT_EXPECT_EQ(test, -EINVAL, psmash(none));
	KUNIT_EXPECT_EQ(test, -EFAULT, rmp_make_private(none, 0, PG_LEVEL_4K, 1, false));
	KUNIT_EXPECT_EQ(test, -EFAULT, rmp_make_shared(none, PG_LEVEL_4K));
	KUNIT_EXPECT_EQ(test, -EFAULT, rmp_make_private(pfn, 0, PG_LEVEL_2M, 1, false));
	KUNIT_EXPECT_EQ(test, -EFAULT, rmp_make_shared(pfn, PG_LEVEL_2M));
	kt_expect_ops(test, mark, ops);
}

/* The VM is gone, its VMSA can't be made the host's: the page is never used again. */
static void vmsa_that_cant_be_made_shared_is_leaked(struct kunit *test)
{
	struct kt_vm *vm = launched(test);
	struct kvm_vcpu *vcpu = kvm_get_vcpu(vm->kvm, 0);
	u64 spa = __pa(to_svm(vcpu)->sev_es.vmsa);
	int fault;

	kt_close(test, vm->vcpu_fd[0]);
	kt_close(test, vm->gmem_fd);
	fault = kt_fault(test, "RMPUPDATE", 1, KT_RMP_FAIL_INUSE);
	kunit_warning_suppress(test) {
		kt_close(test, vm->fd);
		KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
	}
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_NE(test, KT_PAGE_HYPERVISOR, kt_spa_state(spa));
	KUNIT_EXPECT_GE(test, page_ref_count(pfn_to_page(PHYS_PFN(spa))), 1);

	KUNIT_EXPECT_EQ(test, 0, rmp_make_shared(PHYS_PFN(spa), PG_LEVEL_4K));
}

static struct kunit_case snp_prepare_cases[] = {
	KUNIT_CASE(failed_fault_is_tried_again),
	KUNIT_CASE_PARAM(failed_pre_fault_is_tried_again, prepares_gen_params),
	KUNIT_CASE(pre_fault_keeps_what_it_did_before_a_failure),
	KUNIT_CASE(prepared_page_is_left_alone),
	KUNIT_CASE(allocation_prepares_nothing),
	KUNIT_CASE(shared_page_is_not_prepared),
	KUNIT_CASE(guest_that_ran_leaves_nothing),
	KUNIT_CASE(running_guest_keeps_its_memory_without_the_vm),
	KUNIT_CASE(running_guest_without_its_file_faults),
	KUNIT_CASE(rmp_of_what_is_no_page),
	KUNIT_CASE(vmsa_that_cant_be_made_shared_is_leaked),
	{}
};

static struct kunit_suite snp_prepare_suite = {
	.name = "snp_prepare",
	.init = kt_init_snp,
	.test_cases = snp_prepare_cases,
};

kunit_test_suite(snp_prepare_suite);
