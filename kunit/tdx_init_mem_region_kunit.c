// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_TDX_INIT_MEM_REGION and KVM_TDX_FINALIZE_VM, one case per rule of their
 * ABI. What is checked is what 7.2 does; where the documentation says something
 * else, or nothing, a note tells.
 */
#include <linux/mman.h>
#include <linux/pagemap.h>

#include "mmu/mmu_internal.h"
#include "mmu/page_track.h"

#include "kvm_test_tdx.h"

#define NPAGES	4

typedef struct kvm_tdx_init_mem_region region_t;

struct row {
	const char *desc;
	void (*run)(struct kunit *test);
};

static void rule(struct kunit *test)
{
	const struct row *r = test->param_value;

	r->run(test);
}

static region_t region(struct kt_vm *vm, unsigned int page, unsigned int npages)
{
	return (region_t){
		.source_addr = vm->src + page * PAGE_SIZE,
		.gpa = KT_GPA + page * PAGE_SIZE,
		.nr_pages = npages,
	};
}

/* @ret comes back after @done pages, and the region is what is left. */
static void expect_stop(struct kt_vm *vm, region_t r, u32 flags, int ret,
			unsigned int done)
{
	struct kunit *test = vm->test;
	region_t before = r;

	KUNIT_EXPECT_EQ(test, ret, kt_tdx_region(vm, 0, flags, &r));
	KUNIT_EXPECT_EQ(test, before.source_addr + done * PAGE_SIZE, r.source_addr);
	KUNIT_EXPECT_EQ(test, before.gpa + done * PAGE_SIZE, r.gpa);
	KUNIT_EXPECT_EQ(test, before.nr_pages - done, r.nr_pages);
}

static void expect_calls(struct kunit *test, u64 mark, int adds, int extends)
{
	KT_EXPECT_CALLS(test, mark, "TDH.MEM.PAGE.ADD", adds);
	KT_EXPECT_CALLS(test, mark, "TDH.MR.EXTEND", extends);
}

/* Nothing reached the module, no page was allocated, the region is as it was. */
static void expect_refused(struct kt_vm *vm, region_t r, u32 flags, int ret)
{
	u64 mark = kt_mark();
	struct folio *folio;

	expect_stop(vm, r, flags, ret, 0);
	expect_calls(vm->test, mark, 0, 0);
	KT_EXPECT_CALLS(vm->test, mark, "TDH.MEM.SEPT.ADD", 0);
	folio = kt_gmem_folio(vm, 0);
	KUNIT_EXPECT_NULL(vm->test, folio);
	if (folio)
		folio_put(folio);
}

/* The TD has become nothing worse: all of it can be launched, and is measured once. */
static void expect_launch(struct kt_vm *vm, unsigned int page, unsigned int npages,
			  struct kt_mrtd *m)
{
	struct kunit *test = vm->test;

	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, page, npages, KT_MEASURE));
	kt_mrtd_pattern(m, page, npages, KT_MEASURE);
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_finalize(vm));
	kt_expect_mrtd(vm, m);
}

static void expect_launch_all(struct kt_vm *vm)
{
	struct kt_mrtd m;

	kt_mrtd_begin(&m);
	expect_launch(vm, 0, vm->npages, &m);
}

/* Nobody can go on with the TD, and its pages can be taken back. */
static void expect_dead(struct kt_vm *vm)
{
	struct kunit *test = vm->test;
	region_t r = region(vm, 0, 1);

	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, -EIO, kt_tdx_region(vm, 0, 0, &r));
	KUNIT_EXPECT_EQ(test, -EIO, kt_tdx_finalize(vm));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
}

/* States ------------------------------------------------------------------------ */

static void cmd_unreadable(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);

	KUNIT_EXPECT_EQ(test, -EFAULT, kt_ioctl(vm->vcpu_fd[0], KVM_MEMORY_ENCRYPT_OP,
						TASK_SIZE - PAGE_SIZE));
	expect_launch_all(vm);
}

static void hw_error_set(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	region_t r = region(vm, 0, 1);
	u64 hw_error = 1, mark = kt_mark();

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kt_tdx(vm, vm->vcpu_fd[0], KVM_TDX_INIT_MEM_REGION, 0, &r,
				  sizeof(r), &hw_error));
	KUNIT_EXPECT_EQ(test, 1, hw_error);
	expect_calls(test, mark, 0, 0);
}

/* Not documented */
static void vcpu_being_created(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kvm *kvm = vm->kvm;

	/* As between the two halves of KVM_CREATE_VCPU in another thread */
	mutex_lock(&kvm->lock);
	kvm->created_vcpus++;
	mutex_unlock(&kvm->lock);

	expect_refused(vm, region(vm, 0, 1), 0, -EBUSY);
	KUNIT_EXPECT_EQ(test, -EBUSY, kt_tdx_finalize(vm));

	mutex_lock(&kvm->lock);
	kvm->created_vcpus--;
	mutex_unlock(&kvm->lock);
	expect_launch_all(vm);
}

struct holder {
	struct kvm_vcpu *vcpu;
	struct completion held, release;
};

static int hold_vcpu(void *data)
{
	struct holder *h = data;

	/* As a vCPU ioctl does */
	mutex_lock(&h->vcpu->mutex);
	complete(&h->held);
	wait_for_completion(&h->release);
	mutex_unlock(&h->vcpu->mutex);

	return 0;
}

static void killed_while_waiting_for_a_vcpu(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct holder *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	region_t r = region(vm, 0, 1), before = r;
	struct kt_thread *t;
	u64 mark;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, h);
	h->vcpu = kt_file_priv(vm->vcpu_fd[0]);
	init_completion(&h->held);
	init_completion(&h->release);
	t = kt_thread_start(test, "hold", hold_vcpu, h);
	wait_for_completion(&h->held);

	mark = kt_mark();
	kt_kill_self();
	ret = kt_tdx_region(vm, 0, 0, &r);
	kt_signal_clear();
	complete(&h->release);
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));

	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_MEMEQ(test, &before, &r, sizeof(r));
	expect_calls(test, mark, 0, 0);
	expect_launch_all(vm);
}

static void after_finalize(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	expect_refused(vm, region(vm, 0, 1), 0, -EINVAL);
}

static void vcpu_not_initialised(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 0);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	expect_refused(vm, region(vm, 0, 1), 0, -EINVAL);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vcpu(vm, 0));
	expect_launch_all(vm);
}

/* Arguments ---------------------------------------------------------------------- */

static void bad_flags(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	unsigned int bit;

	for (bit = 0; bit < 32; bit++)
		if (BIT(bit) != KT_MEASURE)
			expect_refused(vm, region(vm, 0, 1), BIT(bit) | KT_MEASURE, -EINVAL);
}

static void region_unreadable(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, -EFAULT,
			kt_tdx_at(vm, vm->vcpu_fd[0], KVM_TDX_INIT_MEM_REGION, 0,
				     TASK_SIZE - PAGE_SIZE, NULL));
	expect_calls(test, mark, 0, 0);
}

static void bad_region(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	region_t r;

	r = region(vm, 0, 1);
	r.source_addr += 16;
	expect_refused(vm, r, 0, -EINVAL);
	r = region(vm, 0, 1);
	r.gpa += 16;
	expect_refused(vm, r, 0, -EINVAL);
	expect_refused(vm, region(vm, 0, 0), 0, -EINVAL);

	/* Wraps, and reaches into the shared half */
	r = region(vm, 0, 1);
	r.gpa = -PAGE_SIZE;
	r.nr_pages = 2;
	expect_refused(vm, r, 0, -EINVAL);
	r.nr_pages = 1ULL << 52;
	expect_refused(vm, r, 0, -EINVAL);
	r = region(vm, 0, 1);
	r.gpa |= KT_SHARED;
	expect_refused(vm, r, 0, -EINVAL);
	r.gpa = KT_SHARED - PAGE_SIZE;
	r.nr_pages = 2;
	expect_refused(vm, r, 0, -EINVAL);

	expect_launch_all(vm);
}

/* Not documented; to be given a meaning: contents that are there already */
static void no_source(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	region_t r = region(vm, 0, 2);
	u64 mark = kt_mark();

	r.source_addr = 0;
	expect_stop(vm, r, KT_MEASURE, -EOPNOTSUPP, 0);
	expect_calls(test, mark, 0, 0);
	expect_launch_all(vm);
}

/*
 * The documentation has the range as "[gpa, gpa + nr_pages]": the unit is pages,
 * and the end is not part of it.
 */
static void range_is_in_pages(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	unsigned int i;
	u64 spa;

	expect_stop(vm, region(vm, 1, 2), 0, 0, 2);
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_EQ(test, i == 1 || i == 2, kt_tdx_leaf(vm, i, &spa));
	kt_tdx_expect_owned(vm, 1);
	kt_tdx_expect_owned(vm, 2);
}

/* A page can't be done ------------------------------------------------------------- */

static void no_slot(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	region_t r = region(vm, 0, 1);

	r.gpa -= PAGE_SIZE;
	expect_refused(vm, r, 0, -EINVAL);
	/* It leaves the slot: unlike for SNP the reason is not lost. */
	r = region(vm, 0, NPAGES + 1);
	expect_stop(vm, r, KT_MEASURE, -EINVAL, NPAGES);
}

static void slot_without_gmem(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	region_t r = region(vm, 0, 1);

	r.gpa = KT_GPA + 0x100000;
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 1, 0, r.gpa, NPAGES * PAGE_SIZE, vm->hva,
					    0, 0));
	expect_refused(vm, r, 0, -EINVAL);
}

static void page_shared(struct kunit *test)
{
	unsigned int k;

	for (k = 0; k < NPAGES; k++) {
		struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
		struct kt_mrtd m;

		KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA + k * PAGE_SIZE,
						    PAGE_SIZE, 0));
		expect_stop(vm, region(vm, 0, NPAGES), KT_MEASURE, -EINVAL, k);
		KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA + k * PAGE_SIZE, PAGE_SIZE,
						    KVM_MEMORY_ATTRIBUTE_PRIVATE));
		kt_mrtd_begin(&m);
		kt_mrtd_pattern(&m, 0, k, KT_MEASURE);
		expect_launch(vm, k, NPAGES - k, &m);
	}
}

/*
 * -ENOMEM for a source that is pinned in part only can't be had: one page is
 * asked for, which is pinned or not.
 */
static void source_unmapped(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	unsigned long src = kt_mmap(test, NPAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	region_t r = region(vm, 0, 1);
	struct kt_mrtd m;
	u64 zero = 0;

	r.source_addr = TASK_SIZE - PAGE_SIZE;
	expect_stop(vm, r, KT_MEASURE, -EFAULT, 0);

	/* The second page of the source is gone. */
	kt_write(test, src, &zero, sizeof(zero));
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(src + PAGE_SIZE, PAGE_SIZE));
	r = region(vm, 0, 2);
	r.source_addr = src;
	expect_stop(vm, r, 0, -EFAULT, 1);

	kt_mrtd_begin(&m);
	kt_mrtd_add(&m, KT_GPA);
	expect_launch(vm, 1, NPAGES - 1, &m);
}

/* Reading is enough. */
static void source_read_only(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	region_t r = region(vm, 0, 1);

	r.source_addr = kt_mmap(test, PAGE_SIZE, PROT_READ);
	expect_stop(vm, r, KT_MEASURE, 0, 1);
}

static void gmem_closed(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);

	kt_close(test, vm->gmem_fd);
	expect_stop(vm, region(vm, 0, 1), 0, -EFAULT, 0);
}

static void page_poisoned(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct folio *folio;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 1, 1));
	folio = kt_gmem_folio(vm, 1);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	folio_set_hwpoison(folio);
	expect_stop(vm, region(vm, 0, 2), 0, -EHWPOISON, 1);
	folio_clear_hwpoison(folio);
	folio_put(folio);
}

/*
 * Nothing tracks writes to a TD's memory: it takes shadow paging or GVT-g.  Make
 * the slot one that can be tracked, as after the first shadow page table.
 */
static void gfn_write_tracked(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_bare(test);
	struct kvm *kvm = vm->kvm;
	struct kvm_memory_slot *slot;

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
	smp_store_release(&kvm->arch.shadow_root_allocated, true);
	kt_vm_memory(vm, NPAGES);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_vcpu(vm));

	mutex_lock(&kvm->slots_lock);
	slot = gfn_to_memslot(kvm, KT_GFN + 1);
	write_lock(&kvm->mmu_lock);
	__kvm_write_track_add_gfn(kvm, slot, KT_GFN + 1);
	write_unlock(&kvm->mmu_lock);
	mutex_unlock(&kvm->slots_lock);

	expect_stop(vm, region(vm, 0, 2), 0, -EPERM, 1);

	mutex_lock(&kvm->slots_lock);
	write_lock(&kvm->mmu_lock);
	__kvm_write_track_remove_gfn(kvm, slot, KT_GFN + 1);
	write_unlock(&kvm->mmu_lock);
	mutex_unlock(&kvm->slots_lock);
	expect_stop(vm, region(vm, 1, 1), 0, 0, 1);
}

/* It was -EEXIST until 6.19. It must not be measured a second time. */
static void added_twice(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kt_mrtd m;
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 1, 1, KT_MEASURE));
	mark = kt_mark();
	expect_stop(vm, region(vm, 1, 1), KT_MEASURE, -EIO, 0);
	expect_calls(test, mark, 0, 0);
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
	/* In the middle of a range, too */
	expect_stop(vm, region(vm, 0, NPAGES), KT_MEASURE, -EIO, 1);

	kt_mrtd_begin(&m);
	kt_mrtd_pattern(&m, 1, 1, KT_MEASURE);
	kt_mrtd_pattern(&m, 0, 1, KT_MEASURE);
	expect_launch(vm, 2, NPAGES - 2, &m);
}

static void signal_before(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	region_t r = region(vm, 0, NPAGES);
	int ret;

	kt_signal_self();
	ret = kt_tdx_region(vm, 0, KT_MEASURE, &r);
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_EQ(test, NPAGES, r.nr_pages);
	expect_launch_all(vm);
}

struct interruption {
	struct task_struct *task;
	int op;
	u32 nth;
	u32 seen;
};

static void signal_at(void *ctx, const struct kt_op *e, bool done)
{
	struct interruption *i = ctx;

	if (done && e->op == i->op && ++i->seen == i->nth)
		send_sig(SIGUSR1, i->task, 1);
}

static void allow_signal_at(struct interruption *i, const char *op, u32 nth)
{
	i->task = current;
	i->op = kt_op_number(op);
	i->nth = nth;
	allow_signal(SIGUSR1);
	kt_observe(signal_at, i);
}

static void disallow_signal_at(void)
{
	kt_observe_end();
	kt_signal_clear();
}

/* A page that was begun is done, the region is what is left, and -EINTR returned. */
static void signal_on_the_way(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct interruption i = {};
	struct kt_mrtd m;

	kt_needs(test, KT_GATE);
	allow_signal_at(&i, "TDH.MR.EXTEND", KT_CHUNKS + 3);
	expect_stop(vm, region(vm, 0, NPAGES), KT_MEASURE, -EINTR, 2);
	disallow_signal_at();

	kt_mrtd_begin(&m);
	kt_mrtd_pattern(&m, 0, 2, KT_MEASURE);
	expect_launch(vm, 2, NPAGES - 2, &m);
}

/* Every allocation fails once. */
static void no_memory(struct kunit *test)
{
	unsigned int nth, failed = 0, later = 0;
	bool delivered = true;

	for (nth = 1; delivered; nth++) {
		struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
		region_t r = region(vm, 0, NPAGES);
		unsigned int done;
		struct kt_mrtd m;
		int ret;

		kt_fail_alloc(test, nth);
		ret = kt_tdx_region(vm, 0, KT_MEASURE, &r);
		delivered = kt_fail_alloc_end();

		done = NPAGES - r.nr_pages;
		KUNIT_EXPECT_EQ(test, r.nr_pages ? -ENOMEM : 0, ret);
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
		failed += !!ret;
		later += ret && done;
		kt_mrtd_begin(&m);
		kt_mrtd_pattern(&m, 0, done, KT_MEASURE);
		if (r.nr_pages)
			expect_launch(vm, done, r.nr_pages, &m);
		kt_close(test, vm->vcpu_fd[0]);
		kt_close(test, vm->gmem_fd);
		kt_close(test, vm->fd);
		KUNIT_ASSERT_LT(test, nth, 200);
	}
	KUNIT_EXPECT_GT(test, failed, later);
	KUNIT_EXPECT_GT(test, later, 0);
}

/* The module ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	/* Few enough attempts for what a fault has at hand */
	u32 times;
} busy_ops[] = {
	{ "TDH.MEM.SEPT.ADD", 20 },
	{ "TDH.MEM.PAGE.ADD", 100 },
};

static void busy_is_retried(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(busy_ops); i++) {
		struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
		int fault;

		kt_fault_clear();
		fault = kt_tdx_fault(test, busy_ops[i].name, 1, busy_ops[i].times,
				     KT_TDX_OPERAND_BUSY);
		expect_launch_all(vm);
		kt_expect_delivered(test, fault, busy_ops[i].times);
	}
}

/* Nothing but a signal ends it. */
static void busy_ends_by_a_signal(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(busy_ops); i++) {
		struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
		struct interruption in = {};
		int fault;

		kt_fault_clear();
		fault = kt_tdx_fault(test, busy_ops[i].name, 1, 1000, KT_TDX_OPERAND_BUSY);
		allow_signal_at(&in, busy_ops[i].name, busy_ops[i].times);
		expect_stop(vm, region(vm, 0, 1), KT_MEASURE, -EINTR, 0);
		disallow_signal_at();
		kt_expect_delivered(test, fault, busy_ops[i].times);
		kt_fault_clear();
		expect_launch_all(vm);
	}
}

static void fails(struct kunit *test, const char *name, u32 nth, u32 status,
		  unsigned int done)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	region_t r = region(vm, 0, NPAGES);
	u64 hw_error = 0;
	int fault, ret = 0;

	kt_fault_clear();
	fault = kt_tdx_fault(test, name, nth, 1, status);
	kunit_warning_suppress(test) {
		ret = kt_tdx(vm, vm->vcpu_fd[0], KVM_TDX_INIT_MEM_REGION, KT_MEASURE,
				&r, sizeof(r), &hw_error);
	}
	KUNIT_EXPECT_EQ_MSG(test, -EIO, ret, "%s %#x", name, status);
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, NPAGES - done, r.nr_pages);
	/*
	 * Never written back for commands of vCPUs. The documentation has it
	 * that it "may return" the status.
	 */
	KUNIT_EXPECT_EQ(test, 0, hw_error);
	expect_dead(vm);
	kt_close(test, vm->vcpu_fd[0]);
	kt_close(test, vm->gmem_fd);
	kt_close(test, vm->fd);
}

static void any_status_but_busy(struct kunit *test, const char *name, u32 nth,
				unsigned int done, bool busy)
{
	unsigned int i, n = 0;
	u32 status;

	kt_needs(test, KT_FAULTS);
	for (i = 0; kt_status(name, i, &status); i++) {
		if (!busy && (status == KT_TDX_OPERAND_BUSY ||
			      status == KT_TDX_OPERAND_BUSY_HOST_PRIORITY))
			continue;
		fails(test, name, nth, status, done);
		n++;
	}
	KUNIT_EXPECT_GT(test, n, 0);
}

static void page_add_fails(struct kunit *test)
{
	any_status_but_busy(test, "TDH.MEM.PAGE.ADD", 1, 0, false);
	fails(test, "TDH.MEM.PAGE.ADD", 3, KT_TDX_PAGE_METADATA_INCORRECT, 2);
}

static void sept_add_fails(struct kunit *test)
{
	any_status_but_busy(test, "TDH.MEM.SEPT.ADD", 1, 0, false);
}

/* BUSY, too: there is no way to take the page back that was added. */
static void extend_fails(struct kunit *test)
{
	any_status_but_busy(test, "TDH.MR.EXTEND", 1, 0, true);
	fails(test, "TDH.MR.EXTEND", 1, KT_TDX_OPERAND_BUSY, 0);
}

/* Either a page is reported as done, or the TD is dead. */
static void added_but_not_measured_is_dead(struct kunit *test)
{
	unsigned int k;

	for (k = 1; k <= KT_CHUNKS; k++)
		fails(test, "TDH.MR.EXTEND", KT_CHUNKS + k, KT_TDX_EPT_ENTRY_NOT_PRESENT, 1);
}

static void region_copy_back_fails(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	region_t r = region(vm, 0, 2);
	unsigned long uaddr = kt_mmap_ro(test, &r, sizeof(r));

	KUNIT_EXPECT_EQ(test, -EFAULT,
			kt_tdx_at(vm, vm->vcpu_fd[0], KVM_TDX_INIT_MEM_REGION, 0,
				     uaddr, NULL));
	kt_tdx_expect_owned(vm, 0);
	kt_tdx_expect_owned(vm, 1);

	/* It hides the reason, too: this would be -EIO. */
	KUNIT_EXPECT_EQ(test, -EFAULT,
			kt_tdx_at(vm, vm->vcpu_fd[0], KVM_TDX_INIT_MEM_REGION, 0,
				     uaddr, NULL));
}

/* Order ----------------------------------------------------------------------------- */

static void add_then_sixteen_extends(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	const int room = NPAGES * KT_CHUNKS;
	struct kt_op *add, *ext;
	u64 mark = kt_mark();
	unsigned int i, k;

	kt_needs(test, KT_LEDGER);
	add = kunit_kcalloc(test, NPAGES, sizeof(*add), GFP_KERNEL);
	ext = kunit_kcalloc(test, room, sizeof(*ext), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, add);
	KUNIT_ASSERT_NOT_NULL(test, ext);
	expect_stop(vm, region(vm, 0, NPAGES), KT_MEASURE, 0, NPAGES);
	KUNIT_ASSERT_EQ(test, NPAGES, kt_ops(test, mark, "TDH.MEM.PAGE.ADD", add, NPAGES));
	KUNIT_ASSERT_EQ(test, room, kt_ops(test, mark, "TDH.MR.EXTEND", ext, room));
	for (i = 0; i < NPAGES; i++) {
		KUNIT_EXPECT_EQ(test, KT_GPA + i * PAGE_SIZE, add[i].gpa);
		KUNIT_EXPECT_EQ(test, kt_page_spa(vm, i), add[i].spa);
		for (k = 0; k < KT_CHUNKS; k++)
			KUNIT_EXPECT_EQ(test, KT_GPA + i * PAGE_SIZE + k * KT_CHUNK,
					ext[i * KT_CHUNKS + k].gpa);
		KUNIT_EXPECT_LT(test, add[i].seq, ext[i * KT_CHUNKS].seq);
		if (i)
			KUNIT_EXPECT_GT(test, add[i].seq, ext[i * KT_CHUNKS - 1].seq);
	}
}

static void without_measure(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	u64 mark = kt_mark();
	struct kt_mrtd m;

	kt_needs(test, KT_LEDGER);
	expect_stop(vm, region(vm, 0, 2), 0, 0, 2);
	expect_calls(test, mark, 2, 0);
	kt_mrtd_begin(&m);
	kt_mrtd_pattern(&m, 0, 2, 0);
	expect_launch(vm, 2, 2, &m);
}

/*
 * Not here: a vCPU ioctl of a TD without HKID (-EINVAL). A vCPU can be created
 * only when KVM_TDX_INIT_VM has assigned one, and it is given back when the last
 * descriptor of the VM is gone.
 */
static const struct row region_rows[] = {
	{ "command unreadable: EFAULT", cmd_unreadable },
	{ "hw_error not 0: EINVAL", hw_error_set },
	{ "vCPU being created: EBUSY", vcpu_being_created },
	{ "killed while waiting for a vCPU: EINTR, nothing done", killed_while_waiting_for_a_vcpu },
	{ "after FINALIZE_VM: EINVAL", after_finalize },
	{ "vCPU not initialised: EINVAL", vcpu_not_initialised },
	{ "other flags than MEASURE: EINVAL", bad_flags },
	{ "region unreadable: EFAULT", region_unreadable },
	{ "not aligned, empty, wraps, shared: EINVAL", bad_region },
	{ "no source: EOPNOTSUPP", no_source },
	{ "range is in pages", range_is_in_pages },
	{ "signal: EINTR", signal_before },
	{ "signal on the way: EINTR and progress", signal_on_the_way },
	{ "no slot: EINVAL, after progress if it leaves one", no_slot },
	{ "slot without guest_memfd: EINVAL", slot_without_gmem },
	{ "page shared: EINVAL and progress", page_shared },
	{ "source unmapped: EFAULT and progress", source_unmapped },
	{ "source read-only: accepted", source_read_only },
	{ "no memory: ENOMEM and progress", no_memory },
	{ "guest_memfd closed: EFAULT", gmem_closed },
	{ "page poisoned: EHWPOISON and progress", page_poisoned },
	{ "gfn write-tracked: EPERM and progress", gfn_write_tracked },
	{ "added twice: EIO, not measured again", added_twice },
	{ "BUSY is retried", busy_is_retried },
	{ "BUSY ends by a signal: EINTR", busy_ends_by_a_signal },
	{ "PAGE.ADD fails: EIO and dead", page_add_fails },
	{ "SEPT.ADD fails: EIO and dead", sept_add_fails },
	{ "MR.EXTEND fails or is BUSY: EIO and dead", extend_fails },
	{ "added but not measured is dead", added_but_not_measured_is_dead },
	{ "region can't be copied back: EFAULT", region_copy_back_fails },
	{ "PAGE.ADD, then 16 times EXTEND, ascending", add_then_sixteen_extends },
	{ "without MEASURE: PAGE.ADD only", without_measure },
};

KUNIT_ARRAY_PARAM_DESC(region, region_rows, desc);

static struct kunit_case region_cases[] = {
	KUNIT_CASE_PARAM(rule, region_gen_params),
	{}
};

static struct kunit_suite region_suite = {
	.name = "tdx_init_mem_region",
	.init = kt_init_tdx,
	.test_cases = region_cases,
};

/* KVM_TDX_FINALIZE_VM ---------------------------------------------------------------- */

static void finalize_without_td(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_bare(test);

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_finalize(vm));
}

static void finalize_twice(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	u64 hw_error = 0, mark;

	KUNIT_EXPECT_EQ(test, 0, kt_tdx_finalize_error(vm, &hw_error));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_finalize_error(vm, &hw_error));
	KT_EXPECT_CALLS(test, mark, "TDH.MR.FINALIZE", 0);
}

static void finalize_hw_error_set(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	u64 hw_error = 1;

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_finalize_error(vm, &hw_error));
	expect_launch_all(vm);
}

/* The documentation has both as "must be 0". */
static void finalize_flags_and_data(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);

	KUNIT_EXPECT_EQ(test, 0, kt_tdx_at(vm, vm->fd, KVM_TDX_FINALIZE_VM, ~0u,
					      0x1234, NULL));
}

static void finalize_busy(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	int fault = kt_tdx_fault(test, "TDH.MR.FINALIZE", 1, 1, KT_TDX_OPERAND_BUSY);
	u64 hw_error = 0;

	KUNIT_EXPECT_EQ(test, -EBUSY, kt_tdx_finalize_error(vm, &hw_error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, KT_TDX_OPERAND_BUSY, hw_error >> 32);
	KUNIT_EXPECT_FALSE(test, vm->kvm->arch.pre_fault_allowed);
	expect_launch_all(vm);
}

static void finalize_fails(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	int ret = 0, fault = kt_tdx_fault(test, "TDH.MR.FINALIZE", 1, 1,
					 KT_TDX_OP_STATE_INCORRECT);
	u64 hw_error = 0;

	kunit_warning_suppress(test) {
		ret = kt_tdx_finalize_error(vm, &hw_error);
	}
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_EQ(test, KT_TDX_OP_STATE_INCORRECT, hw_error >> 32);
	KUNIT_EXPECT_FALSE(test, vm->kvm->arch.pre_fault_allowed);
	expect_dead(vm);
}

static void finalize_allows_pre_fault(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	u64 gpa = KT_GPA, size = PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KUNIT_EXPECT_EQ(test, 0, size);
	kt_tdx_expect_owned(vm, 0);
}

static const struct row finalize_rows[] = {
	{ "no TD: EINVAL", finalize_without_td },
	{ "second time: EINVAL", finalize_twice },
	{ "hw_error not 0: EINVAL", finalize_hw_error_set },
	{ "flags and data are not looked at", finalize_flags_and_data },
	{ "BUSY: EBUSY and hw_error, can be repeated", finalize_busy },
	{ "other failure: EIO, hw_error, dead", finalize_fails },
	{ "pre-fault only after it", finalize_allows_pre_fault },
};

KUNIT_ARRAY_PARAM_DESC(finalize, finalize_rows, desc);

static struct kunit_case finalize_cases[] = {
	KUNIT_CASE_PARAM(rule, finalize_gen_params),
	{}
};

static struct kunit_suite finalize_suite = {
	.name = "tdx_finalize_vm",
	.init = kt_init_tdx,
	.test_cases = finalize_cases,
};

kunit_test_suites(&region_suite, &finalize_suite);
