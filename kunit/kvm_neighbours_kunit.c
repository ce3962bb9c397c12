// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls around the launch: private memory, its attributes, its slots, and
 * faulting it in ahead of time. One case per rule; what is checked is what 7.2
 * does.
 */
#include <linux/fdtable.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include <trace/events/filemap.h>

#include "kvm_test.h"

#define NPAGES	4
#define PRIVATE	KVM_MEMORY_ATTRIBUTE_PRIVATE

struct row {
	const char *desc;
	void (*run)(struct kunit *test);
};

static void rule(struct kunit *test)
{
	const struct row *r = test->param_value;

	r->run(test);
}

static struct kt_vm *new_vm(struct kunit *test)
{
	return kt_vm_new(test, KVM_X86_SW_PROTECTED_VM, NPAGES);
}

static bool has_folio(struct kt_vm *vm, unsigned int page)
{
	struct folio *folio = kt_gmem_folio(vm, page);

	if (folio)
		folio_put(folio);

	return folio;
}

/**
 * struct interrupter - a signal in the middle of an operation
 * @task: who gets it
 * @at: while its n-th folio is added to a page cache, from 1
 * @nr: how many were added
 */
struct interrupter {
	struct task_struct *task;
	unsigned int at, nr;
};

static void probe_folio(void *data, struct folio *folio)
{
	struct interrupter *in = data;

	if (current == in->task && ++in->nr == in->at)
		kt_signal_self();
}

static void interrupt_end(void *data)
{
	unregister_trace_mm_filemap_add_to_page_cache(probe_folio, data);
	tracepoint_synchronize_unregister();
}

/* Undo with kt_signal_clear(), once it has happened. */
static struct interrupter *interrupt_at(struct kunit *test, unsigned int nth)
{
	struct interrupter *in;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "no tracepoints in this kernel");
	in = kunit_kzalloc(test, sizeof(*in), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, in);
	in->task = current;
	in->at = nth;
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_filemap_add_to_page_cache(probe_folio, in));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, interrupt_end, in));

	return in;
}

/* KVM_PRE_FAULT_MEMORY ------------------------------------------------------- */

static struct kt_vm *new_vm_vcpu(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));

	return vm;
}

static void expect_pre_fault(struct kt_vm *vm, u64 gpa, u64 size, int ret,
			     unsigned int done)
{
	u64 g = gpa, s = size;

	KUNIT_EXPECT_EQ(vm->test, ret, kt_vcpu_pre_fault(vm, 0, &g, &s));
	KUNIT_EXPECT_EQ(vm->test, gpa + done * PAGE_SIZE, g);
	KUNIT_EXPECT_EQ(vm->test, size - done * PAGE_SIZE, s);
}

static void pf_flags(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		struct kvm_pre_fault_memory args = {
			.gpa = KT_GPA, .size = PAGE_SIZE, .flags = BIT_ULL(bit),
		};

		KUNIT_EXPECT_EQ(test, -EINVAL,
				kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_PRE_FAULT_MEMORY,
					     &args, sizeof(args)));
	}
	KUNIT_EXPECT_FALSE(test, has_folio(vm, 0));
}

static void pf_range(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);

	expect_pre_fault(vm, KT_GPA + 1, PAGE_SIZE, -EINVAL, 0);
	expect_pre_fault(vm, KT_GPA, PAGE_SIZE + 1, -EINVAL, 0);
	expect_pre_fault(vm, KT_GPA, 0, -EINVAL, 0);
	expect_pre_fault(vm, -PAGE_SIZE, 2 * PAGE_SIZE, -EINVAL, 0);
	KUNIT_EXPECT_FALSE(test, has_folio(vm, 0));
}

static void pf_no_slot(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);

	expect_pre_fault(vm, KT_GPA - PAGE_SIZE, PAGE_SIZE, -ENOENT, 0);
	expect_pre_fault(vm, KT_GPA + NPAGES * PAGE_SIZE, PAGE_SIZE, -ENOENT, 0);
}

/*
 * Documented, and done for shared pages, is -ENOENT; a private page is found to
 * have no guest_memfd before it is found to have no slot.
 */
static void pf_no_slot_private(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);
	u64 gpa = KT_GPA + NPAGES * PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, gpa, PAGE_SIZE, PRIVATE));
	expect_pre_fault(vm, gpa, PAGE_SIZE, -EFAULT, 0);
}

static void pf_whole_range(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);
	unsigned int i;

	expect_pre_fault(vm, KT_GPA, NPAGES * PAGE_SIZE, 0, NPAGES);
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_TRUE(test, has_folio(vm, i));
	/* Again is no error. */
	expect_pre_fault(vm, KT_GPA, NPAGES * PAGE_SIZE, 0, NPAGES);
}

/* That a guest has mapped a page does not keep it from being taken away. */
static void pf_references(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);
	struct folio *folio;
	int refs;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	folio = kt_gmem_folio(vm, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	/* Looking a page up may park a reference to it in an LRU batch. */
	lru_add_drain_all();
	refs = folio_ref_count(folio);
	expect_pre_fault(vm, KT_GPA, PAGE_SIZE, 0, 1);
	lru_add_drain_all();
	KUNIT_EXPECT_EQ(test, refs, folio_ref_count(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	folio_put(folio);
}

static void pf_progress(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);

	/* The reason why it stopped is lost. */
	expect_pre_fault(vm, KT_GPA + 2 * PAGE_SIZE, 4 * PAGE_SIZE, 0, 2);
}

static void pf_shared(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
	expect_pre_fault(vm, KT_GPA, 2 * PAGE_SIZE, 0, 2);
	KUNIT_EXPECT_FALSE(test, has_folio(vm, 0));
	KUNIT_EXPECT_TRUE(test, has_folio(vm, 1));
}

static void pf_signal(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);
	u64 gpa = KT_GPA, size = PAGE_SIZE;
	int ret;

	kt_signal_self();
	ret = kt_vcpu_pre_fault(vm, 0, &gpa, &size);
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, size);
	KUNIT_EXPECT_FALSE(test, has_folio(vm, 0));
}

/* What was done before the signal came counts. */
static void pf_signal_later(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);
	struct interrupter *in = interrupt_at(test, 2);
	u64 gpa = KT_GPA, size = NPAGES * PAGE_SIZE;
	int ret;

	ret = kt_vcpu_pre_fault(vm, 0, &gpa, &size);
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_EQ(test, 2, in->nr);
	KUNIT_EXPECT_EQ(test, KT_GPA + 2 * PAGE_SIZE, gpa);
	KUNIT_EXPECT_EQ(test, (NPAGES - 2) * PAGE_SIZE, size);
	KUNIT_EXPECT_TRUE(test, has_folio(vm, 1));
	KUNIT_EXPECT_FALSE(test, has_folio(vm, 2));

	/* The rest, as user space would go on */
	expect_pre_fault(vm, gpa, size, 0, NPAGES - 2);
}

static void pf_closed(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);

	kt_close(test, vm->gmem_fd);
	expect_pre_fault(vm, KT_GPA, PAGE_SIZE, -EFAULT, 0);
}

static void pf_poisoned(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);
	struct folio *folio;

	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		kunit_skip(test, "no memory failure handling in this kernel");

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	folio = kt_gmem_folio(vm, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	folio_set_hwpoison(folio);
	expect_pre_fault(vm, KT_GPA, PAGE_SIZE, -EHWPOISON, 0);
	folio_clear_hwpoison(folio);
	folio_put(folio);
}

struct deletion {
	struct kt_vm *vm;
	struct completion held, release;
	int ret;
};

/* As long as somebody may be using the slots, a deletion does not get further. */
static int hold_slots(void *data)
{
	struct deletion *d = data;
	int idx = srcu_read_lock(&d->vm->kvm->srcu);

	complete(&d->held);
	wait_for_completion(&d->release);
	srcu_read_unlock(&d->vm->kvm->srcu, idx);

	return 0;
}

static int delete_slot(void *data)
{
	struct deletion *d = data;

	return kt_vm_slot(d->vm, 0, 0, KT_GPA, 0, d->vm->hva, 0, 0);
}

static bool slot_is_invalid(struct kvm *kvm)
{
	int idx = srcu_read_lock(&kvm->srcu);
	struct kvm_memory_slot *slot = id_to_memslot(kvm_memslots(kvm), 0);
	bool invalid = slot && slot->flags & KVM_MEMSLOT_INVALID;

	srcu_read_unlock(&kvm->srcu, idx);

	return invalid;
}

/*
 * Not documented. The deletion waits for the ioctl as well: it has to give up, not
 * to wait for the deletion.
 */
static void pf_slot_being_deleted(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);
	struct deletion *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	struct kt_thread *holder, *deleter;
	u64 gpa = KT_GPA, size = PAGE_SIZE;
	struct kt_deadline deadline;
	unsigned int i;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, d);
	d->vm = vm;
	init_completion(&d->held);
	init_completion(&d->release);
	holder = kt_thread_start(test, "hold", hold_slots, d);
	wait_for_completion(&d->held);
	deleter = kt_thread_start(test, "delete", delete_slot, d);
	for (i = 0; i < 500 && !slot_is_invalid(vm->kvm); i++)
		schedule_timeout_uninterruptible(1);

	kt_deadline_begin(&deadline, 5000);
	ret = kt_vcpu_pre_fault(vm, 0, &gpa, &size);
	KUNIT_EXPECT_FALSE(test, kt_deadline_end(&deadline));

	complete(&d->release);
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, holder));
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, deleter));
	KUNIT_EXPECT_EQ(test, -EAGAIN, ret);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, size);
	expect_pre_fault(vm, KT_GPA, PAGE_SIZE, -EFAULT, 0);
}

/*
 * A VM that dies after the ioctl has looked whether it lives: what is then left
 * to see is the request. That makes the kernel WARN, so the documentation says.
 */
static void pf_vm_dies(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);
	u64 gpa = KT_GPA, size = PAGE_SIZE;
	int ret = 0;

	kvm_make_request(KVM_REQ_VM_DEAD, kt_file_priv(vm->vcpu_fd[0]));
	kunit_warning_suppress(test) {
		ret = kt_vcpu_pre_fault(vm, 0, &gpa, &size);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, size);
	KUNIT_EXPECT_FALSE(test, has_folio(vm, 0));
}

/*
 * Not here: a GFN alias (-EINVAL) exists only where a bit of the GPA makes memory
 * shared, i.e. in a TD, see tdx_neighbours. -EOPNOTSUPP for shadow paging is in
 * svm_run.pre_fault_in_a_nested_guest, for VMs that are being built in snp_launch_finish.
 */
static const struct row pf_rows[] = {
	{ "flags: EINVAL", pf_flags },
	{ "not aligned, empty, wraps: EINVAL", pf_range },
	{ "outside of slots: ENOENT", pf_no_slot },
	{ "private and outside of slots: EFAULT", pf_no_slot_private },
	{ "whole range: 0, nothing left", pf_whole_range },
	{ "page belongs to the file alone", pf_references },
	{ "range leaves the slot: 0, rest is left", pf_progress },
	{ "shared page: mapped from the shared memory", pf_shared },
	{ "signal: EINTR", pf_signal },
	{ "signal later: 0, rest is left", pf_signal_later },
	{ "guest_memfd closed: EFAULT", pf_closed },
	{ "poisoned: EHWPOISON", pf_poisoned },
	{ "slot being deleted: EAGAIN", pf_slot_being_deleted },
	{ "VM dies meanwhile: EIO and WARN", pf_vm_dies },
};

KUNIT_ARRAY_PARAM_DESC(pf, pf_rows, desc);

static struct kunit_case pf_cases[] = {
	KUNIT_CASE_PARAM(rule, pf_gen_params),
	{}
};

static struct kunit_suite pf_suite = {
	.name = "kvm_pre_fault_memory",
	.init = kt_init,
	.test_cases = pf_cases,
};

/* KVM_SET_MEMORY_ATTRIBUTES ---------------------------------------------------- */

static bool is_private(struct kt_vm *vm, unsigned int page)
{
	return kvm_mem_is_private(vm->kvm, KT_GFN + page);
}

static void attr_flags(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);
	struct kvm_memory_attributes args = {
		.address = KT_GPA, .size = PAGE_SIZE, .attributes = PRIVATE, .flags = 1,
	};

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kt_ioctl_buf(test, vm->fd, KVM_SET_MEMORY_ATTRIBUTES,
				     &args, sizeof(args)));
	KUNIT_EXPECT_FALSE(test, is_private(vm, 0));
}

static void attr_unknown(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (BIT_ULL(bit) != PRIVATE)
			KUNIT_EXPECT_EQ(test, -EINVAL,
					kt_vm_attr(vm, KT_GPA, PAGE_SIZE,
						   PRIVATE | BIT_ULL(bit)));
	KUNIT_EXPECT_FALSE(test, is_private(vm, 0));
}

static void attr_unsupported(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_DEFAULT_VM);

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, PRIVATE));
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
}

static void attr_range(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vm_attr(vm, KT_GPA, 0, PRIVATE));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vm_attr(vm, KT_GPA + 8, PAGE_SIZE, PRIVATE));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vm_attr(vm, KT_GPA, PAGE_SIZE - 8, PRIVATE));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vm_attr(vm, -PAGE_SIZE, 2 * PAGE_SIZE, PRIVATE));
	KUNIT_EXPECT_FALSE(test, is_private(vm, 0));
}

static void attr_whole_range(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);
	unsigned int i;

	/* Slots are not needed. */
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, NPAGES * PAGE_SIZE, PRIVATE));
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, KT_GPA + PAGE_SIZE, PAGE_SIZE, 0));
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_EQ(test, i != 1, is_private(vm, i));
	KUNIT_EXPECT_FALSE(test, kvm_mem_is_private(vm->kvm, KT_GFN - 1));
	KUNIT_EXPECT_FALSE(test, is_private(vm, NPAGES));
}

static void attr_keeps_contents(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);

	/* To share a page does not free what guest_memfd has there. */
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
	KUNIT_EXPECT_TRUE(test, has_folio(vm, 0));
}

/*
 * Memory runs out at every allocation in turn. It is reserved before the first
 * change, so that nothing has changed.
 */
static void attr_no_memory(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);
	unsigned int nth, i, failed = 0;
	int ret = -ENOMEM;

	for (nth = 1; ret; nth++) {
		kt_fail_alloc_from(test, nth);
		/* More than what one node of the array holds */
		ret = kt_vm_attr(vm, KT_GPA, 80 * PAGE_SIZE, PRIVATE);
		if (kt_fail_alloc_end()) {
			KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
			failed++;
		}
		for (i = 0; i < 80; i++)
			KUNIT_EXPECT_EQ(test, !ret, is_private(vm, i));
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
		KUNIT_ASSERT_LT(test, nth, 100);
	}
	KUNIT_EXPECT_GT(test, failed, 1);
}

static const struct row attr_rows[] = {
	{ "flags: EINVAL", attr_flags },
	{ "unknown attribute: EINVAL, nothing changed", attr_unknown },
	{ "VM without private memory: EINVAL", attr_unsupported },
	{ "not aligned, empty, wraps: EINVAL", attr_range },
	{ "whole range, and no more", attr_whole_range },
	{ "contents stay", attr_keeps_contents },
	{ "no memory: ENOMEM, nothing changed", attr_no_memory },
};

KUNIT_ARRAY_PARAM_DESC(attr, attr_rows, desc);

static struct kunit_case attr_cases[] = {
	KUNIT_CASE_PARAM(rule, attr_gen_params),
	{}
};

static struct kunit_suite attr_suite = {
	.name = "kvm_memory_attributes",
	.init = kt_init,
	.test_cases = attr_cases,
};

/* KVM_CREATE_GUEST_MEMFD --------------------------------------------------------- */

static void create_flags(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (!(BIT_ULL(bit) & (GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED)))
			KUNIT_EXPECT_EQ(test, -EINVAL,
					kt_vm_gmem(vm, PAGE_SIZE, BIT_ULL(bit)));
}

static void create_size(struct kunit *test)
{
	static const u64 sizes[] = { 0, 1, PAGE_SIZE + 1, BIT_ULL(63), -PAGE_SIZE };
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		KUNIT_EXPECT_EQ(test, -EINVAL, kt_vm_gmem(vm, sizes[i], 0));
}

static void create_init_shared(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);
	struct kt_vm *plain = kt_vm_bare(test, KVM_X86_DEFAULT_VM);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kt_vm_gmem(vm, PAGE_SIZE, GUEST_MEMFD_FLAG_INIT_SHARED));
	KUNIT_EXPECT_GE(test, kt_vm_gmem(vm, PAGE_SIZE, GUEST_MEMFD_FLAG_MMAP), 0);
	KUNIT_EXPECT_GE(test, kt_vm_gmem(plain, PAGE_SIZE, GUEST_MEMFD_FLAG_INIT_SHARED), 0);
}

static void create_huge(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);

	/* Nothing is allocated before it is used. */
	KUNIT_EXPECT_GE(test, kt_vm_gmem(vm, BIT_ULL(62), 0), 0);
}

static void create_outlives_vm(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	int fd = vm->gmem_fd;

	kt_close(test, vm->fd);
	/* The file holds the VM; what it does needs no ioctl. */
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	KUNIT_EXPECT_TRUE(test, has_folio(vm, 0));
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, 1));
	kt_close(test, fd);
}

static void create_mmap(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);
	int fd = kt_vm_gmem(vm, PAGE_SIZE, 0);
	int mappable = kt_vm_gmem(vm, PAGE_SIZE, GUEST_MEMFD_FLAG_MMAP);
	struct file *file;

	/* The test has user memory from here on. */
	kt_mmap(test, PAGE_SIZE, PROT_READ);
	KUNIT_ASSERT_GE(test, fd, 0);
	KUNIT_ASSERT_GE(test, mappable, 0);
	file = fget(fd);
	KUNIT_EXPECT_EQ(test, -ENODEV, (long)vm_mmap(file, 0, PAGE_SIZE, PROT_READ, MAP_SHARED, 0));
	fput(file);
	/* A copy of its pages is no guest's memory. */
	file = fget(mappable);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			(long)vm_mmap(file, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, 0));
	fput(file);
}

static void create_fixed_size(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct inode *inode = kt_file_inode(vm->gmem_fd);
	struct file *file = fget(vm->gmem_fd);
	loff_t size = i_size_read(inode);

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			do_truncate(file_mnt_idmap(file), file->f_path.dentry, 0, 0, file));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			do_truncate(file_mnt_idmap(file), file->f_path.dentry,
				    size + PAGE_SIZE, 0, file));
	fput(file);
	KUNIT_EXPECT_EQ(test, size, i_size_read(inode));
	KUNIT_EXPECT_TRUE(test, has_folio(vm, 0));
}

#ifdef CONFIG_NUMA
/*
 * Memory is interleaved by an index to which the core adds the offset in the file
 * itself: what it gets here is the same all over the file.
 */
static void create_interleaved(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_DEFAULT_VM);
	struct mempolicy *pol[NPAGES];
	struct vm_area_struct *vma;
	unsigned long hva, i;
	pgoff_t ilx[NPAGES];
	struct file *file;
	int fd;

	fd = kt_vm_gmem(vm, (NPAGES + 1) * PAGE_SIZE, GUEST_MEMFD_FLAG_MMAP);
	KUNIT_ASSERT_GE(test, fd, 0);
	file = fget(fd);
	KUNIT_ASSERT_NOT_NULL(test, file);
	hva = kunit_vm_mmap(test, file, 0, NPAGES * PAGE_SIZE, PROT_READ, MAP_SHARED, PAGE_SIZE);
	fput(file);
	KUNIT_ASSERT_NE(test, hva, 0);
	KUNIT_ASSERT_LT(test, hva, TASK_SIZE);

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, hva);
	for (i = 0; i < NPAGES; i++)
		pol[i] = vma->vm_ops->get_policy(vma, hva + i * PAGE_SIZE, &ilx[i]);
	mmap_read_unlock(current->mm);

	for (i = 0; i < NPAGES; i++) {
		KUNIT_EXPECT_NULL(test, pol[i]);
		KUNIT_EXPECT_EQ(test, ilx[0], ilx[i]);
	}
}
#endif

static const struct row create_rows[] = {
	{ "unknown flags: EINVAL", create_flags },
	{ "size 0, negative, not aligned: EINVAL", create_size },
	{ "INIT_SHARED with private memory: EINVAL", create_init_shared },
	{ "huge size costs nothing", create_huge },
	{ "file outlives the VM's descriptor", create_outlives_vm },
	{ "no MMAP: ENODEV, private mapping: EINVAL", create_mmap },
	{ "size can't be changed: EINVAL", create_fixed_size },
#ifdef CONFIG_NUMA
	{ "interleaving counts the offset once", create_interleaved },
#endif
};

KUNIT_ARRAY_PARAM_DESC(create, create_rows, desc);

static struct kunit_case create_cases[] = {
	KUNIT_CASE_PARAM(rule, create_gen_params),
	{}
};

static struct kunit_suite create_suite = {
	.name = "gmem_create",
	.init = kt_init,
	.test_cases = create_cases,
};

/* KVM_SET_USER_MEMORY_REGION2 ------------------------------------------------------ */

#define OTHER_GPA	(KT_GPA + 0x100000)

/* Bind two pages of a file of eight at @offset; slot 0 has the pages from 4 on. */
static int bind(struct kt_vm *vm, int fd, u64 offset)
{
	return kt_vm_slot(vm, 1, KVM_MEM_GUEST_MEMFD, OTHER_GPA, 2 * PAGE_SIZE,
			  vm->hva, fd, offset);
}

static void bind_bad_fd(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);

	KUNIT_EXPECT_EQ(test, -EBADF, bind(vm, 9999, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, bind(vm, vm->kvm_fd, 0));
}

static void bind_other_vm(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct kt_vm *other = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);

	KUNIT_EXPECT_EQ(test, -EINVAL, bind(other, vm->gmem_fd, 0));
}

static void bind_offset(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	u64 end = (KT_GMEM_PGOFF + NPAGES) << PAGE_SHIFT;

	KUNIT_EXPECT_EQ(test, -EINVAL, bind(vm, vm->gmem_fd, 8));
	KUNIT_EXPECT_EQ(test, -EINVAL, bind(vm, vm->gmem_fd, end));
	KUNIT_EXPECT_EQ(test, -EINVAL, bind(vm, vm->gmem_fd, end - PAGE_SIZE));
	/* Wraps, as an unsigned and as a signed number */
	KUNIT_EXPECT_EQ(test, -EINVAL, bind(vm, vm->gmem_fd, -PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EINVAL, bind(vm, vm->gmem_fd, BIT_ULL(63) - PAGE_SIZE));
}

static void bind_overlap_in_file(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	u64 offset = KT_GMEM_PGOFF << PAGE_SHIFT;

	KUNIT_EXPECT_EQ(test, -EEXIST, bind(vm, vm->gmem_fd, offset));
	KUNIT_EXPECT_EQ(test, -EEXIST, bind(vm, vm->gmem_fd, offset - PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, 0, bind(vm, vm->gmem_fd, offset - 2 * PAGE_SIZE));
}

static void bind_overlap_of_gfns(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);

	KUNIT_EXPECT_EQ(test, -EEXIST,
			kt_vm_slot(vm, 1, KVM_MEM_GUEST_MEMFD,
				   KT_GPA + (NPAGES - 1) * PAGE_SIZE, 2 * PAGE_SIZE,
				   vm->hva, vm->gmem_fd, 0));
}

static void bind_immutable(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	u64 size = NPAGES * PAGE_SIZE, offset = KT_GMEM_PGOFF << PAGE_SHIFT;

	/* The same again, moved, without the flag, read-only */
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, size,
				   vm->hva, vm->gmem_fd, offset));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, OTHER_GPA, size,
				   vm->hva, vm->gmem_fd, offset));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kt_vm_slot(vm, 0, 0, KT_GPA, size, vm->hva, 0, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kt_vm_slot(vm, 1, KVM_MEM_GUEST_MEMFD | KVM_MEM_READONLY,
				   OTHER_GPA, PAGE_SIZE, vm->hva, vm->gmem_fd, 0));

	/* The flag can't be added to a slot that exists. */
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 1, 0, OTHER_GPA, 2 * PAGE_SIZE,
					    vm->hva, 0, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, bind(vm, vm->gmem_fd, 0));
}

static void bind_again_after_delete(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	u64 size = NPAGES * PAGE_SIZE, offset = KT_GMEM_PGOFF << PAGE_SHIFT;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, kt_vm_slot(vm, 0, 0, KT_GPA, 0, vm->hva, 0, 0));
	/* Memory belongs to the file, not to the slot. */
	KUNIT_EXPECT_TRUE(test, has_folio(vm, 0));
	KUNIT_EXPECT_EQ(test, 0,
			kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, size,
				   vm->hva, vm->gmem_fd, offset));
}

static void bind_closed_then_delete(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);

	kt_close(test, vm->gmem_fd);
	KUNIT_EXPECT_EQ(test, 0, kt_vm_slot(vm, 0, 0, KT_GPA, 0, vm->hva, 0, 0));
}

/*
 * The last reference to the file is gone, and its release has not run yet: then
 * the slot has to leave the file, which would find it there when it is freed.
 */
static void bind_deleted_while_closing(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct file *file = file_close_fd(vm->gmem_fd);
	unsigned long seq;
	bool last;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, file);
	last = file_ref_put(&file->f_ref);
	ret = kt_vm_slot(vm, 0, 0, KT_GPA, 0, vm->hva, 0, 0);
	/* Now close it, for which it needs to have a last reference. */
	file_ref_init(&file->f_ref, 1);
	seq = vm->kvm->mmu_invalidate_seq;
	__fput_sync(file);

	KUNIT_EXPECT_TRUE(test, last);
	KUNIT_EXPECT_EQ(test, 0, ret);
	/* It had no slot left to unmap. */
	KUNIT_EXPECT_EQ(test, seq, vm->kvm->mmu_invalidate_seq);
}

/* What unmaps user memory invalidates a slot of guest_memfd that has it, begin to end. */
static void bind_user_mapping(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_DEFAULT_VM);
	struct kvm *kvm = vm->kvm;
	unsigned long hva, seq;
	struct file *file;
	u64 word = 1;
	int fd;

	fd = kt_vm_gmem(vm, 2 * PAGE_SIZE,
			GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED);
	KUNIT_ASSERT_GE(test, fd, 0);
	file = fget(fd);
	KUNIT_ASSERT_NOT_NULL(test, file);
	hva = kunit_vm_mmap(test, file, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_SHARED, 0);
	fput(file);
	KUNIT_ASSERT_NE(test, hva, 0);
	KUNIT_ASSERT_LT(test, hva, TASK_SIZE);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, 2 * PAGE_SIZE,
					    hva, fd, 0));
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	kt_write(test, hva, &word, sizeof(word));
	expect_pre_fault(vm, KT_GPA, 2 * PAGE_SIZE, 0, 2);

	seq = kvm->mmu_invalidate_seq;
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(hva, 2 * PAGE_SIZE));
	KUNIT_EXPECT_GT(test, kvm->mmu_invalidate_seq, seq);
	KUNIT_EXPECT_EQ(test, 0, kvm->mmu_invalidate_in_progress);
	KUNIT_EXPECT_FALSE(test, kvm->vm_bugged);
	/* The guest needs no mapping of user space. */
	expect_pre_fault(vm, KT_GPA, 2 * PAGE_SIZE, 0, 2);
}

static const struct row bind_rows[] = {
	{ "no file: EBADF, not a guest_memfd: EINVAL", bind_bad_fd },
	{ "file of another VM: EINVAL", bind_other_vm },
	{ "offset not aligned, out of range, wraps: EINVAL", bind_offset },
	{ "overlap in the file: EEXIST", bind_overlap_in_file },
	{ "overlap of gfns: EEXIST", bind_overlap_of_gfns },
	{ "slot is immutable: EINVAL", bind_immutable },
	{ "deleted slot can be bound again", bind_again_after_delete },
	{ "slot of a closed file can be deleted", bind_closed_then_delete },
	{ "slot deleted while its file is being closed", bind_deleted_while_closing },
	{ "user mapping of guest_memfd comes and goes", bind_user_mapping },
};

KUNIT_ARRAY_PARAM_DESC(bind, bind_rows, desc);

static struct kunit_case bind_cases[] = {
	KUNIT_CASE_PARAM(rule, bind_gen_params),
	{}
};

static struct kunit_suite bind_suite = {
	.name = "gmem_bind",
	.init = kt_init,
	.test_cases = bind_cases,
};

/* fallocate() ------------------------------------------------------------------------ */

static void falloc_modes(struct kunit *test)
{
	static const int modes[] = {
		0, FALLOC_FL_PUNCH_HOLE,
		FALLOC_FL_KEEP_SIZE | FALLOC_FL_ZERO_RANGE,
		FALLOC_FL_KEEP_SIZE | FALLOC_FL_UNSHARE_RANGE,
		FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE,
	};
	struct kt_vm *vm = new_vm(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
				kt_fallocate(vm->gmem_fd, modes[i], 0, PAGE_SIZE));
}

static void falloc_range(struct kunit *test)
{
	static const int modes[] = {
		FALLOC_FL_KEEP_SIZE, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE,
	};
	struct kt_vm *vm = new_vm(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		KUNIT_EXPECT_EQ(test, -EINVAL, kt_fallocate(vm->gmem_fd, modes[i], 8, PAGE_SIZE));
		KUNIT_EXPECT_EQ(test, -EINVAL, kt_fallocate(vm->gmem_fd, modes[i], 0, 8));
		KUNIT_EXPECT_EQ(test, -EINVAL, kt_fallocate(vm->gmem_fd, modes[i], 0, 0));
	}
}

static void falloc_end(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_gmem_allocate(vm, 0, NPAGES + 1));
	KUNIT_EXPECT_FALSE(test, has_folio(vm, 0));
	/* A hole may be as large as it likes. */
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES + 1));
}

static void falloc_signal(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	int ret;

	kt_signal_self();
	ret = kt_gmem_allocate(vm, 0, NPAGES);
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
}

static void falloc_signal_later(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct interrupter *in = interrupt_at(test, 2);
	unsigned int i;
	int ret;

	ret = kt_gmem_allocate(vm, 0, NPAGES);
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_EQ(test, 2, in->nr);
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_EQ(test, i < 2, has_folio(vm, i));
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	KUNIT_EXPECT_EQ(test, NPAGES, in->nr);
}

static void falloc_and_punch(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_TRUE(test, has_folio(vm, i));
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 1, 2));
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_EQ(test, i == 0 || i == 3, has_folio(vm, i));
	/* A hole where there is nothing */
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 1, 2));
}

/* What was allocated before memory ran out stays. */
static void falloc_no_memory(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	unsigned int nth = 1, i, n, seen = 0, sweeps = 0;
	bool delivered;
	int ret;

	for (;;) {
		kt_fail_alloc(test, nth++);
		ret = kt_gmem_allocate(vm, 0, NPAGES);
		delivered = kt_fail_alloc_end();
		if (!delivered) {
			/* A slab that is refilled allocates, too, and moves the rest. */
			if (++sweeps == 10 || seen == BIT(NPAGES) - 1)
				break;
			KUNIT_EXPECT_EQ(test, 0, ret);
			KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES));
			nth = 1;
			continue;
		}

		for (n = 0; n < NPAGES && has_folio(vm, n); n++)
			;
		for (i = n; i < NPAGES; i++)
			KUNIT_EXPECT_FALSE(test, has_folio(vm, i));
		if (ret)
			seen |= BIT(n);
		KUNIT_EXPECT_EQ(test, n == NPAGES ? 0 : -ENOMEM, ret);
		KUNIT_ASSERT_LT(test, nth, 100);
		KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES));
	}
	KUNIT_EXPECT_EQ(test, 0, ret);
	/* Each page was the one that failed. */
	KUNIT_EXPECT_EQ(test, BIT(NPAGES) - 1, seen);
}

static const struct row falloc_rows[] = {
	{ "other modes: EOPNOTSUPP", falloc_modes },
	{ "not aligned, empty: EINVAL", falloc_range },
	{ "allocate past the end: EINVAL, punch: 0", falloc_end },
	{ "signal: EINTR", falloc_signal },
	{ "signal later: EINTR, what was done stays", falloc_signal_later },
	{ "no memory: ENOMEM, what was done stays", falloc_no_memory },
	{ "allocate and punch", falloc_and_punch },
};

KUNIT_ARRAY_PARAM_DESC(falloc, falloc_rows, desc);

static struct kunit_case falloc_cases[] = {
	KUNIT_CASE_PARAM(rule, falloc_gen_params),
	{}
};

static struct kunit_suite falloc_suite = {
	.name = "gmem_fallocate",
	.init = kt_init,
	.test_cases = falloc_cases,
};

/* A VM that KVM has given up ------------------------------------------------------------ */

static struct kt_vm *new_bugged_vm(struct kunit *test)
{
	struct kt_vm *vm = new_vm_vcpu(test);

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	kvm_vm_bugged(vm->kvm);

	return vm;
}

static void dead_ioctls(struct kunit *test)
{
	struct kt_vm *vm = new_bugged_vm(test);
	u64 gpa = KT_GPA, size = PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_gmem(vm, PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_slot(vm, 0, 0, KT_GPA, 0, vm->hva, 0, 0));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_vcpu(vm));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vcpu_run(vm, 0, NULL));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
}

static void dead_file(struct kunit *test)
{
	struct kt_vm *vm = new_bugged_vm(test);

	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, 1));
	KUNIT_EXPECT_FALSE(test, has_folio(vm, 0));
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	kt_close(test, vm->gmem_fd);
}

static unsigned long map_file(struct kunit *test, int fd, size_t len)
{
	struct file *file = fget(fd);
	unsigned long uaddr;

	KUNIT_ASSERT_NOT_NULL(test, file);
	uaddr = vm_mmap(file, 0, len, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	fput(file);
	KUNIT_ASSERT_LT(test, uaddr, TASK_SIZE);

	return uaddr;
}

/* What a read at a user address finds: 0, or -EFAULT where there would be SIGBUS */
static int touch(unsigned long uaddr, u64 *val)
{
	*val = 0;
	return copy_from_user(val, (void __user *)uaddr, sizeof(*val)) ? -EFAULT : 0;
}

/* The file is mapped, and faults are what they were. */
static void dead_mmap(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_DEFAULT_VM);
	unsigned long before, after, unshared;
	u64 val = 0x5a5a1234;
	int fd, other;

	fd = kt_vm_gmem(vm, 2 * PAGE_SIZE,
			GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED);
	KUNIT_ASSERT_GE(test, fd, 0);
	other = kt_vm_gmem(vm, PAGE_SIZE, GUEST_MEMFD_FLAG_MMAP);
	KUNIT_ASSERT_GE(test, other, 0);
	before = map_file(test, fd, 3 * PAGE_SIZE);
	kt_write(test, before, &val, sizeof(val));

	kvm_vm_bugged(vm->kvm);
	after = map_file(test, fd, 3 * PAGE_SIZE);
	unshared = map_file(test, other, PAGE_SIZE);

	/* A page that is there, one that the fault has to allocate, the end */
	KUNIT_EXPECT_EQ(test, 0, touch(after, &val));
	KUNIT_EXPECT_EQ(test, 0x5a5a1234, val);
	KUNIT_EXPECT_EQ(test, 0, touch(before + PAGE_SIZE, &val));
	KUNIT_EXPECT_EQ(test, 0, val);
	KUNIT_EXPECT_EQ(test, -EFAULT, touch(after + 2 * PAGE_SIZE, &val));
	/* Memory that is not shared is not for user space. */
	KUNIT_EXPECT_EQ(test, -EFAULT, touch(unshared, &val));

	KUNIT_EXPECT_EQ(test, 0, vm_munmap(before, 3 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(after, 3 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, 0, vm_munmap(unshared, PAGE_SIZE));
}

static const struct row dead_rows[] = {
	{ "every ioctl: EIO", dead_ioctls },
	{ "the file of guest_memfd goes on", dead_file },
	{ "faults on a mapped guest_memfd go on", dead_mmap },
};

KUNIT_ARRAY_PARAM_DESC(dead, dead_rows, desc);

static struct kunit_case dead_cases[] = {
	KUNIT_CASE_PARAM(rule, dead_gen_params),
	{}
};

static struct kunit_suite dead_suite = {
	.name = "kvm_dead_vm",
	.init = kt_init,
	.test_cases = dead_cases,
};

kunit_test_suites(&pf_suite, &attr_suite, &create_suite, &bind_suite,
		  &falloc_suite, &dead_suite);
