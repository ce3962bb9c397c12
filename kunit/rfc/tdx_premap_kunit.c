// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_TDX_INIT_VM_PREMAP: user space maps the pages of a TD's image first, by
 * KVM_PRE_FAULT_MEMORY; KVM_TDX_INIT_MEM_REGION only checks the mapping and adds.
 *
 * What is particular about it is the state in between, mapped by the mirror
 * and unknown to the module: each way into it and out of it is here.
 */
#include <asm/tdx.h>

#include "mmu/mmu_internal.h"
#include "mmu/spte.h"
#include "vmx/vmx.h"
#include "vmx/tdx.h"

#include "../kvm_test_tdx.h"

#include "../../../../arch/x86/virt/sim/tdx_host.h"

#define NPAGES	4

static struct kvm_tdx *td_of(struct kvm *kvm)
{
	return container_of(kvm, struct kvm_tdx, kvm);
}

static bool is_premapped(struct kvm *kvm, u64 gfn)
{
	return xa_load(&td_of(kvm)->premapped, gfn);
}

static int init_vm(struct kt_vm *vm, u32 flags)
{
	struct {
		struct kvm_tdx_init_vm v;
		struct kvm_cpuid_entry2 entry;
	} args = {
		.v.xfam = XFEATURE_MASK_FPSSE,
		.v.cpuid.nent = 1,
		.entry = { .function = 0x80000008, .eax = 48 << 16 },
	};

	return kt_tdx(vm, vm->fd, KVM_TDX_INIT_VM, flags, &args, sizeof(args), NULL);
}

/* A TD that wants its image mapped first */
static struct kt_vm *premap_vm(struct kunit *test, unsigned int vcpus)
{
	struct kt_vm *vm = kt_tdx_bare(test);

	KUNIT_ASSERT_EQ(test, 0, init_vm(vm, KVM_TDX_INIT_VM_PREMAP));
	vm->gctx = page_to_phys(td_of(vm->kvm)->td.tdr_page);
	vm->asid = td_of(vm->kvm)->hkid;
	kt_vm_memory(vm, NPAGES);
	while (vm->nr_vcpus < vcpus)
		KUNIT_ASSERT_GE(test, kt_tdx_vcpu(vm), 0);

	return vm;
}

/* Return: 0, -errno, or the number of bytes left. */
static long premap(struct kt_vm *vm, unsigned int vcpu, unsigned int page,
		   unsigned int npages)
{
	u64 gpa = KT_GPA + page * PAGE_SIZE, size = npages * PAGE_SIZE;

	return kt_vcpu_pre_fault(vm, vcpu, &gpa, &size) ?: size;
}

static int ops(struct kt_vm *vm, u64 mark, const char *name)
{
	return kt_ops(vm->test, mark, name, NULL, 0);
}

static void expect_launch(struct kt_vm *vm, unsigned int npages)
{
	struct kt_mrtd m;
	unsigned int i;

	kt_mrtd_begin(&m);
	kt_mrtd_pattern(&m, 0, npages, KVM_TDX_MEASURE_MEMORY_REGION);
	KUNIT_EXPECT_EQ(vm->test, 0, kt_tdx_finalize(vm));
	kt_expect_mrtd(vm, &m);
	for (i = 0; i < npages; i++)
		kt_tdx_expect_owned(vm, i);
}

static int add(struct kt_vm *vm, unsigned int page, unsigned int npages)
{
	return kt_tdx_mem_region(vm, page, npages, KVM_TDX_MEASURE_MEMORY_REGION);
}

/* Off unless asked for ------------------------------------------------------------ */

static void off_by_default(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, premap(vm, 0, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 1));
	expect_launch(vm, 1);
}

static void unknown_flag_is_refused(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_bare(test);

	KUNIT_EXPECT_EQ(test, -EINVAL, init_vm(vm, KVM_TDX_INIT_VM_PREMAP << 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, init_vm(vm, BIT(31)));
}

static void mapping_wants_an_initialised_vcpu(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 0);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, premap(vm, 0, 0, 1));
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
}

/* The usual way ----------------------------------------------------------------------- */

/* Mapping extends the S-EPT and adds no page; populate adds pages and extends nothing. */
static void mapped_then_added(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	u64 mark = kt_mark();
	unsigned int i;
	u64 spa;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, NPAGES));
	KUNIT_EXPECT_EQ(test, 3, ops(vm, mark, "TDH.MEM.SEPT.ADD"));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MEM.PAGE.ADD"));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MEM.PAGE.AUG"));
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_FALSE(test, kt_tdx_leaf(vm, i, &spa));

	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, NPAGES));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MEM.SEPT.ADD"));
	KUNIT_EXPECT_EQ(test, NPAGES, ops(vm, mark, "TDH.MEM.PAGE.ADD"));
	KUNIT_EXPECT_EQ(test, NPAGES * KT_CHUNKS, ops(vm, mark, "TDH.MR.EXTEND"));
	expect_launch(vm, NPAGES);
}

/* Mapping twice is no error, and it is not added twice. */
static void mapped_twice(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 2));
	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 2));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 2));
	KUNIT_EXPECT_EQ(test, 0, premap(vm, 0, 0, 2));
	expect_launch(vm, 2);
}

/* Which vCPU mapped it does not matter to the one that adds. */
static void mapped_by_another_vcpu(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 2);

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 1, 0, NPAGES));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, NPAGES));
	expect_launch(vm, NPAGES);
}

struct mapper {
	struct kt_vm *vm;
	unsigned int vcpu;
};

static int map_all(void *data)
{
	struct mapper *m = data;

	return premap(m->vm, m->vcpu, 0, NPAGES);
}

static void mapped_by_two_vcpus_at_once(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 2);
	struct mapper m[2] = { { vm, 0 }, { vm, 1 } };
	struct kt_thread *t[2];
	unsigned int i;

	for (i = 0; i < 2; i++)
		t[i] = kt_thread_start(test, "map", map_all, &m[i]);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t[i]));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, NPAGES));
	expect_launch(vm, NPAGES);
}

/* After the image is final a fault is a fault. */
static void later_pages_are_augmented(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 1));
	expect_launch(vm, 1);

	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, 0, premap(vm, 0, 1, 1));
	KUNIT_EXPECT_EQ(test, 1, ops(vm, mark, "TDH.MEM.PAGE.AUG"));
	kt_tdx_expect_owned(vm, 1);
}

/* A mapping is required ------------------------------------------------------------------ */

static void nothing_mapped_is_an_error(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	u64 mark = kt_mark();

	/* No mirror at all yet, then one without this page */
	KUNIT_EXPECT_EQ(test, -ENOENT, add(vm, 0, 1));
	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 1));
	KUNIT_EXPECT_EQ(test, -ENOENT, add(vm, 1, 1));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MEM.PAGE.ADD"));
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 1, 1));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 2));
	expect_launch(vm, 2);
}

/* Pages in front of the one that is missing are done, and user space is told so. */
static void first_page_not_mapped_ends_the_region(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	struct kvm_tdx_init_mem_region r = {
		.source_addr = vm->src,
		.gpa = KT_GPA,
		.nr_pages = NPAGES,
	};

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 2));
	KUNIT_EXPECT_EQ(test, -ENOENT, kt_tdx(vm, vm->vcpu_fd[0], KVM_TDX_INIT_MEM_REGION,
					      KVM_TDX_MEASURE_MEMORY_REGION, &r, sizeof(r),
					      NULL));
	KUNIT_EXPECT_EQ(test, NPAGES - 2, r.nr_pages);
	KUNIT_EXPECT_EQ(test, KT_GPA + 2 * PAGE_SIZE, r.gpa);
	KUNIT_EXPECT_EQ(test, vm->src + 2 * PAGE_SIZE, r.source_addr);

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 2, 2));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 2, 2));
	expect_launch(vm, NPAGES);
}

static void added_twice_is_an_error(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 1));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EEXIST, add(vm, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MEM.PAGE.ADD"));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MR.EXTEND"));
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
	expect_launch(vm, 1);
}

static u64 *mirror_leaf(struct kvm *kvm, gfn_t gfn)
{
	struct kvm_mmu_page *sp;
	int level;

	lockdep_assert_held_write(&kvm->mmu_lock);

	list_for_each_entry(sp, &kvm->arch.tdp_mmu_roots, link) {
		if (!is_mirror_sp(sp))
			continue;
		for (level = sp->role.level; level > PG_LEVEL_4K; level--)
			sp = spte_to_child_sp(sp->spt[SPTE_INDEX(gfn << PAGE_SHIFT, level)]);
		return &sp->spt[SPTE_INDEX(gfn << PAGE_SHIFT, PG_LEVEL_4K)];
	}
	return NULL;
}

/* Return: the PFN that the mirror had before. */
static u64 set_mirror_pfn(struct kvm *kvm, gfn_t gfn, kvm_pfn_t pfn)
{
	u64 *sptep, old;

	guard(write_lock)(&kvm->mmu_lock);

	sptep = mirror_leaf(kvm, gfn);
	if (!sptep)
		return 0;
	old = READ_ONCE(*sptep);
	WRITE_ONCE(*sptep, (old & ~SPTE_BASE_ADDR_MASK) | PFN_PHYS(pfn));

	return spte_to_pfn(old);
}

/* A page that is not the one which the mirror maps is not added: KVM is broken. */
static void mirror_has_another_page(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	u64 mark, pfn;
	int ret = 0;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 2));
	pfn = PHYS_PFN(kt_page_spa(vm, 0));
	KUNIT_ASSERT_EQ(test, pfn, set_mirror_pfn(vm->kvm, KT_GFN,
						  PHYS_PFN(kt_page_spa(vm, 1))));
	mark = kt_mark();
	kunit_warning_suppress(test) {
		ret = add(vm, 0, 1);
		KUNIT_EXPECT_EQ(test, 1, KUNIT_SUPPRESSED_WARNING_COUNT());
	}
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MEM.PAGE.ADD"));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MR.EXTEND"));
	set_mirror_pfn(vm->kvm, KT_GFN, pfn);
}

/* The guest could not get at such a page: mapped says KVM, not mapped says the module. */
static void mapped_and_not_added_is_not_finalized(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 2));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 1));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_finalize(vm));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MR.FINALIZE"));

	KUNIT_EXPECT_EQ(test, 0, add(vm, 1, 1));
	expect_launch(vm, 2);
}

/* A mapping goes away ---------------------------------------------------------------------- */

static int punch(struct kt_vm *vm)
{
	return kt_gmem_punch(vm, 0, 1);
}

static int convert(struct kt_vm *vm)
{
	return kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0) ?:
	       kt_vm_attr(vm, KT_GPA, PAGE_SIZE, KVM_MEMORY_ATTRIBUTE_PRIVATE);
}

static int replace_slot(struct kt_vm *vm)
{
	return kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, 0, vm->hva, vm->gmem_fd,
			  KT_GMEM_PGOFF * PAGE_SIZE) ?:
	       kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, NPAGES * PAGE_SIZE, vm->hva,
			  vm->gmem_fd, KT_GMEM_PGOFF * PAGE_SIZE);
}

static const struct {
	const char *desc;
	int (*take)(struct kt_vm *vm);
} takes[] = {
	{ "hole punched", punch },
	{ "converted to shared and back", convert },
	{ "slot replaced", replace_slot },
};

KUNIT_ARRAY_PARAM_DESC(takes, takes, desc);

/* The module has never heard of the page: nothing is to be blocked or removed. */
static void mapping_taken_away(struct kunit *test)
{
	const typeof(takes[0]) *p = test->param_value;
	struct kt_vm *vm = premap_vm(test, 1);
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 1));
	mark = kt_mark();
	KUNIT_ASSERT_EQ(test, 0, p->take(vm));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MEM.RANGE.BLOCK"));
	KUNIT_EXPECT_EQ(test, 0, ops(vm, mark, "TDH.MEM.PAGE.REMOVE"));
	KUNIT_EXPECT_EQ(test, -ENOENT, add(vm, 0, 1));
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);

	/* It is not forgotten that nothing is mapped, nor remembered that it was. */
	KUNIT_EXPECT_EQ(test, 0, premap(vm, 0, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 1));
	expect_launch(vm, 1);
}

/* With no page mapped any more there is nothing to wait for. */
static void taken_away_does_not_keep_from_finalizing(struct kunit *test)
{
	const typeof(takes[0]) *p = test->param_value;
	struct kt_vm *vm = premap_vm(test, 1);

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 1));
	KUNIT_ASSERT_EQ(test, 0, p->take(vm));
	expect_launch(vm, 0);
}

static void added_page_taken_away(struct kunit *test)
{
	const typeof(takes[0]) *p = test->param_value;
	struct kt_vm *vm = premap_vm(test, 1);
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 1));
	KUNIT_ASSERT_EQ(test, 0, add(vm, 0, 1));
	mark = kt_mark();
	KUNIT_ASSERT_EQ(test, 0, p->take(vm));
	KUNIT_EXPECT_EQ(test, 1, ops(vm, mark, "TDH.MEM.RANGE.BLOCK"));
	KUNIT_EXPECT_EQ(test, 1, ops(vm, mark, "TDH.MEM.PAGE.REMOVE"));
	KUNIT_EXPECT_EQ(test, -ENOENT, add(vm, 0, 1));
}

static void td_with_mapped_pages_goes_away(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, NPAGES));
	KUNIT_ASSERT_EQ(test, 0, add(vm, 1, 1));
	mark = kt_mark();
	kt_close(test, vm->vcpu_fd[0]);
	kt_close(test, vm->gmem_fd);
	kt_close(test, vm->fd);
	KUNIT_EXPECT_EQ(test, 1, ops(vm, mark, "TDH.MEM.PAGE.REMOVE"));
}

/*
 * Each allocation fails in turn, the one under mmu_lock among them.  The page is
 * mapped all the same or user space hears of it; mapping it again always works.
 */
static void any_allocation_may_fail(struct kunit *test)
{
	unsigned int nth = 0, failed = 0;
	bool delivered;

	do {
		struct kt_vm *vm = premap_vm(test, 1);
		long ret;

		kt_fail_alloc(test, ++nth);
		ret = premap(vm, 0, 0, 1);
		delivered = kt_fail_alloc_end();
		if (ret) {
			KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
			failed++;
		}
		KUNIT_EXPECT_TRUE(test, !ret || delivered);

		KUNIT_EXPECT_EQ(test, 0, premap(vm, 0, 0, 1));
		KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 1));
		expect_launch(vm, 1);
		kt_close(test, vm->vcpu_fd[0]);
		kt_close(test, vm->gmem_fd);
		kt_close(test, vm->fd);
		/* The caches of the MMU alone take some 200. */
		KUNIT_ASSERT_LT(test, nth, 500);
	} while (delivered);
	KUNIT_EXPECT_GT(test, failed, 0);
}

/* The module says no -------------------------------------------------------------------------- */

static void busy_is_tried_again(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	int fault;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 1));
	fault = kt_tdx_fault(test, "TDH.MEM.PAGE.ADD", 1, 3, KT_TDX_OPERAND_BUSY);
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 1));
	kt_expect_delivered(test, fault, 3);
	expect_launch(vm, 1);
}

static void busy_while_mapping_is_tried_again(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	int fault;

	fault = kt_tdx_fault(test, "TDH.MEM.SEPT.ADD", 2, 2, KT_TDX_OPERAND_BUSY);
	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, 1));
	kt_expect_delivered(test, fault, 2);
	KUNIT_EXPECT_EQ(test, 0, add(vm, 0, 1));
	expect_launch(vm, 1);
}

static void refused_page_kills_the_td(struct kunit *test)
{
	struct kt_vm *vm = premap_vm(test, 1);
	int fault, ret = 0;

	KUNIT_ASSERT_EQ(test, 0, premap(vm, 0, 0, NPAGES));
	fault = kt_tdx_fault(test, "TDH.MEM.PAGE.ADD", 2, 1, KT_TDX_PAGE_METADATA_INCORRECT);
	kunit_warning_suppress(test) {
		ret = add(vm, 0, NPAGES);
	}
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
}

static struct kunit_case tdx_premap_cases[] = {
	KUNIT_CASE(off_by_default),
	KUNIT_CASE(unknown_flag_is_refused),
	KUNIT_CASE(mapping_wants_an_initialised_vcpu),
	KUNIT_CASE(mapped_then_added),
	KUNIT_CASE(mapped_twice),
	KUNIT_CASE(mapped_by_another_vcpu),
	KUNIT_CASE(mapped_by_two_vcpus_at_once),
	KUNIT_CASE(later_pages_are_augmented),
	KUNIT_CASE(nothing_mapped_is_an_error),
	KUNIT_CASE(first_page_not_mapped_ends_the_region),
	KUNIT_CASE(added_twice_is_an_error),
	KUNIT_CASE(mirror_has_another_page),
	KUNIT_CASE(mapped_and_not_added_is_not_finalized),
	KUNIT_CASE_PARAM(mapping_taken_away, takes_gen_params),
	KUNIT_CASE_PARAM(taken_away_does_not_keep_from_finalizing, takes_gen_params),
	KUNIT_CASE_PARAM(added_page_taken_away, takes_gen_params),
	KUNIT_CASE(td_with_mapped_pages_goes_away),
	KUNIT_CASE_SLOW(any_allocation_may_fail),
	KUNIT_CASE(busy_is_tried_again),
	KUNIT_CASE(busy_while_mapping_is_tried_again),
	KUNIT_CASE(refused_page_kills_the_td),
	{}
};

static void forget_premapped(void *unused)
{
	sim_tdx_mirror_may_be_ahead(NULL);
}

/* For the oracle that compares mirror and S-EPT a third state of pages is legal here. */
static int tdx_premap_init(struct kunit *test)
{
	int ret = kt_init_tdx(test);

	if (ret)
		return ret;
	sim_tdx_mirror_may_be_ahead(is_premapped);

	return kunit_add_action_or_reset(test, forget_premapped, NULL);
}

static struct kunit_suite tdx_premap_suite = {
	.name = "tdx_premap",
	.init = tdx_premap_init,
	.test_cases = tdx_premap_cases,
};

kunit_test_suite(tdx_premap_suite);
