// SPDX-License-Identifier: GPL-2.0
/*
 * Whole launches of TDs: what is measured, several at once, and what is left
 * when one goes away at any point and in any order.
 */
#include <linux/mman.h>

#include <asm/archrandom.h>
#include <asm/tdx.h>

#include "vmx/vmx.h"
#include "vmx/tdx.h"

#include "kvm_test_tdx.h"

#define NPAGES	6

/* Launch a little of everything; @m becomes what has to be measured. */
static void launch_image(struct kt_vm *vm, struct kt_mrtd *m)
{
	static const struct {
		unsigned int page, npages;
		u32 flags;
	} image[] = {
		/* Not in ascending order: the order of the calls is measured. */
		{ 2, 2, KT_MEASURE },
		{ 0, 1, 0 },
		{ 4, 1, KT_MEASURE },
		{ 1, 1, KT_MEASURE },
	};
	unsigned int i;

	kt_mrtd_begin(m);
	for (i = 0; i < ARRAY_SIZE(image); i++) {
		KUNIT_EXPECT_EQ(vm->test, 0, kt_tdx_mem_region(vm, image[i].page, image[i].npages,
						       image[i].flags));
		kt_mrtd_pattern(m, image[i].page, image[i].npages, image[i].flags);
	}
}

static const struct {
	const char *desc;
	unsigned int vcpus;
} sizes[] = {
	{ "1 vCPU", 1 },
	{ "2 vCPUs", 2 },
};

KUNIT_ARRAY_PARAM_DESC(sizes, sizes, desc);

/* Unlike for SNP, vCPUs are not measured. */
static void mrtd_equals_the_documented_records(struct kunit *test)
{
	const typeof(sizes[0]) *size = test->param_value;
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kt_mrtd m;
	unsigned int i;

	kt_needs(test, KT_INSIDE);
	kt_needs_cpus(test, size->vcpus);
	for (i = 1; i < size->vcpus; i++)
		KUNIT_ASSERT_EQ(test, i, kt_tdx_vcpu(vm));
	launch_image(vm, &m);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	kt_expect_mrtd(vm, &m);
}

static void nothing_added_is_the_digest_of_nothing(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kt_mrtd m;

	kt_needs(test, KT_INSIDE);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	kt_mrtd_begin(&m);
	kt_expect_mrtd(vm, &m);
}

/* Which vCPU is asked makes no difference. */
static void any_vcpu_can_add(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kvm_tdx_init_mem_region r = {
		.source_addr = vm->src + PAGE_SIZE,
		.gpa = KT_GPA + PAGE_SIZE,
		.nr_pages = 1,
	};
	struct kt_mrtd m;

	kt_needs_cpus(test, 2);
	KUNIT_ASSERT_EQ(test, 1, kt_tdx_vcpu(vm));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 1, KT_MEASURE));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_region(vm, 1, KT_MEASURE, &r));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_finalize(vm));
	kt_mrtd_begin(&m);
	kt_mrtd_pattern(&m, 0, 2, KT_MEASURE);
	kt_expect_mrtd(vm, &m);
}

/* TDX has as many vCPUs as the machine has CPUs. */
static void one_vcpu_too_many(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	unsigned int i;

	if (num_present_cpus() >= KT_MAX_VCPUS)
		kunit_skip(test, "this machine has %u CPUs, a TD of a test at most %u vCPUs",
			   num_present_cpus(), KT_MAX_VCPUS);
	for (i = 1; i < num_present_cpus(); i++)
		KUNIT_ASSERT_EQ(test, i, kt_tdx_vcpu(vm));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vm_vcpu(vm));
}

static void td_is_initialised_once_and_before_its_vcpus(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_bare(test);

	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_vcpu(vm));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_init_vm(vm, 0));
	KUNIT_EXPECT_EQ(test, 0, kt_vm_vcpu(vm));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vcpu(vm, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_init_vcpu(vm, 0));
}

/*
 * A vCPU of which nothing came has been on its CPU, and in that CPU's list. It must
 * not be found there: the list is that of the vCPUs of all TDs.
 */
static void failed_vcpu_is_forgotten(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	unsigned int nth, failed = 0;
	int fd = -ENOMEM;

	kt_needs_cpus(test, 2);
	/* That the number is taken is found last. */
	KUNIT_EXPECT_EQ(test, -EEXIST, kt_ioctl(vm->fd, KVM_CREATE_VCPU, 0));
	for (nth = 1; fd < 0; nth++) {
		kt_fail_alloc(test, nth);
		fd = kt_ioctl(vm->fd, KVM_CREATE_VCPU, 1);
		if (kt_fail_alloc_end() && fd < 0) {
			KUNIT_EXPECT_EQ(test, -ENOMEM, fd);
			failed++;
		}
		KUNIT_ASSERT_LT(test, nth, 200);
	}
	kt_own_fd(test, fd);
	/* How many of some dozen allocations fail depends on what the slabs have in store. */
	KUNIT_EXPECT_GE(test, failed, 5);
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);

	/* Others use the lists of both CPUs. */
	vm = kt_tdx_building(test, NPAGES, 0, 2);
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 0, NPAGES, KT_MEASURE));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_finalize(vm));
}

/* No end of it: the kernel gives up at some time. */
#define FOR_EVER	1000

/*
 * Every SEAMCALL of INIT_VM fails, the one that is made several times at the
 * first and on the way; what was made is taken back.
 */
static const struct start {
	const char *desc;
	u32 nth, times;
	u32 status;
	int ret;
	/* Pages that the module had by then */
	int made;
	/* Where the call is made somebody else's warning can't be suppressed. */
	bool warns_elsewhere;
} starts[] = {
	{ "TDH.MNG.CREATE", 1, 1, KT_TDX_OPERAND_INVALID, -EIO, 0 },
	{ "TDH.MNG.CREATE", 1, FOR_EVER, KT_TDX_RND_NO_ENTROPY, -EAGAIN, 0 },
	{ "TDH.MNG.KEY.CONFIG", 1, 1, KT_TDX_OPERAND_INVALID, -EIO, 1, true },
	{ "TDH.MNG.ADDCX", 1, 1, KT_TDX_OPERAND_INVALID, -EIO, 1 },
	{ "TDH.MNG.ADDCX", 3, 1, KT_TDX_OPERAND_INVALID, -EIO, 3 },
	/* The sixth page is the one for which random numbers are wanted. */
	{ "TDH.MNG.ADDCX", 6, FOR_EVER, KT_TDX_RND_NO_ENTROPY, -EAGAIN, 6 },
	{ "TDH.MNG.INIT", 1, 1, KT_TDX_OPERAND_INVALID, -EINVAL, -1 },
	{ "TDH.MNG.INIT", 1, 1, KT_TDX_OP_STATE_INCORRECT, -EIO, -1 },
};

static void starts_desc(const struct start *s, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %u: %#x", s->desc, s->nth, s->status);
}

KUNIT_ARRAY_PARAM(starts, starts, starts_desc);

static void failed_init_vm_leaves_nothing(struct kunit *test)
{
	const struct start *s = test->param_value;
	struct kt_vm *vm = kt_tdx_bare(test);
	struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
	u64 mark = kt_mark();
	int fault, made, ret = 0;

	fault = kt_tdx_fault(test, s->desc, s->nth, s->times, s->status);
	kunit_warning_suppress(test) {
		ret = kt_tdx_init_vm(vm, 0);
	}
	kt_expect_delivered(test, fault, s->times == FOR_EVER ? RDRAND_RETRY_LOOPS : s->times);
	if (s->warns_elsewhere)
		kt_expect_violation(test, KT_O6, "WARNING: ");
	KUNIT_EXPECT_EQ(test, s->ret, ret);

	/* All that the module got comes back, the key and the TDR last. */
	made = s->made < 0 ? 1 + td->td.tdcs_nr_pages : s->made;
	KT_EXPECT_CALLS(test, mark, "TDH.PHYMEM.PAGE.RECLAIM", made);
	KT_EXPECT_CALLS(test, mark, "TDH.MNG.KEY.FREEID", !!made);
	KUNIT_EXPECT_NULL(test, td->td.tdr_page);
	KUNIT_EXPECT_NULL(test, td->td.tdcs_pages);
	KUNIT_EXPECT_EQ(test, -1, td->hkid);
	KUNIT_EXPECT_EQ(test, TD_STATE_UNINITIALIZED, td->state);

	/* That operands are refused may be user space's fault; the VM lives. */
	KUNIT_EXPECT_EQ(test, ret == -EIO, vm->kvm->vm_bugged);
	kt_fault_clear();
	KUNIT_EXPECT_EQ(test, vm->kvm->vm_bugged ? -EIO : 0, kt_tdx_init_vm(vm, 0));
}

/* The same for INIT_VCPU, of the second vCPU */
static const struct vcpu_start {
	const char *desc;
	u32 nth;
	u32 status;
	/* Pages that the module had by then */
	int made;
} vcpu_starts[] = {
	{ "TDH.VP.CREATE", 1, KT_TDX_OPERAND_INVALID, 0 },
	{ "TDH.VP.ADDCX", 1, KT_TDX_OPERAND_INVALID, 1 },
	{ "TDH.VP.ADDCX", 3, KT_TDX_OPERAND_INVALID, 3 },
	{ "TDH.VP.INIT", 1, KT_TDX_OPERAND_BUSY, -1 },
};

static void vcpu_starts_desc(const struct vcpu_start *s, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %u", s->desc, s->nth);
}

KUNIT_ARRAY_PARAM(vcpu_starts, vcpu_starts, vcpu_starts_desc);

/* What the module has got stays with the vCPU, and comes back when the TD goes. */
static void failed_init_vcpu_keeps_what_is_the_modules(struct kunit *test)
{
	const struct vcpu_start *s = test->param_value;
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
	struct kt_tdx_info info;
	struct kvm_vcpu *vcpu;
	struct vcpu_tdx *tdx;
	int fault, made, i, pages, ret = 0;
	u64 children, mark;

	kt_needs(test, KT_FAULTS);
	kt_needs_cpus(test, 2);
	KUNIT_ASSERT_EQ(test, 1, kt_vm_vcpu(vm));
	vcpu = kvm_get_vcpu(vm->kvm, 1);
	KUNIT_ASSERT_NOT_NULL(test, vcpu);
	tdx = container_of(vcpu, struct vcpu_tdx, vcpu);
	pages = td->td.tdcx_nr_pages;
	made = s->made < 0 ? 1 + pages : s->made;
	KUNIT_ASSERT_LE(test, made, 1 + pages);
	KUNIT_ASSERT_EQ(test, KVM_MP_STATE_UNINITIALIZED, vcpu->arch.mp_state);
	kt_tdx_info(vm, &info);
	children = info.children;

	fault = kt_tdx_fault(test, s->desc, s->nth, 1, s->status);
	kunit_warning_suppress(test) {
		ret = kt_tdx_init_vcpu(vm, 1);
		KUNIT_EXPECT_EQ(test, 1, KUNIT_SUPPRESSED_WARNING_COUNT());
	}
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, VCPU_TD_STATE_UNINITIALIZED, tdx->state);
	KUNIT_EXPECT_EQ(test, KVM_MP_STATE_UNINITIALIZED, vcpu->arch.mp_state);
	kt_tdx_info(vm, &info);
	KUNIT_EXPECT_EQ(test, 1, info.num_vcpus);
	KUNIT_EXPECT_EQ(test, children + made, info.children);

	/* KVM knows of those pages and of no other. */
	KUNIT_EXPECT_EQ(test, made > 0, !!tdx->vp.tdvpr_page);
	KUNIT_EXPECT_EQ(test, made > 0, !!tdx->vp.tdvpr_pa);
	KUNIT_EXPECT_EQ(test, made > 0, !!tdx->vp.tdcx_pages);
	for (i = 0; tdx->vp.tdcx_pages && i < pages; i++)
		KUNIT_EXPECT_EQ_MSG(test, i + 1 < made, !!tdx->vp.tdcx_pages[i], "page %d", i);
	KUNIT_EXPECT_EQ(test, -EIO, kt_tdx_init_vcpu(vm, 1));

	/* The other vCPU's pages, the TDCS and the TDR as well */
	mark = kt_mark();
	kt_close(test, vm->vcpu_fd[1]);
	kt_close(test, vm->vcpu_fd[0]);
	kt_close(test, vm->gmem_fd);
	kt_close(test, vm->fd);
	KT_EXPECT_CALLS(test, mark, "TDH.PHYMEM.PAGE.RECLAIM", 1 + children + made);
}

static const struct {
	const char *desc;
	u32 nth;
} vcpu_settings[] = {
	{ "vector", 1 },
	{ "descriptor", 2 },
	{ "posted interrupts", 3 },
};

KUNIT_ARRAY_PARAM_DESC(vcpu_settings, vcpu_settings, desc);

/*
 * The vCPU is there, but not set up: INIT_VCPU returns 0.  That is no finding, as the VM has
 * been given up for it, with a WARN, and nothing can be done with it any more.
 */
static void vcpu_that_is_not_set_up_is_never_run(struct kunit *test)
{
	const typeof(vcpu_settings[0]) *s = test->param_value;
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 0);
	int fault, warnings = 0, ret = -1;

	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	fault = kt_tdx_fault(test, "TDH.VP.WR", s->nth, 1, KT_TDX_OPERAND_INVALID);
	kunit_warning_suppress(test) {
		ret = kt_tdx_init_vcpu(vm, 0);
		warnings = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_GE(test, warnings, 1);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, -EIO, kt_tdx_mem_region(vm, 0, 1, 0));
	KUNIT_EXPECT_EQ(test, -EIO, kt_tdx_finalize(vm));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vcpu_run(vm, 0, NULL));
}

/* What user space gets wrong ------------------------------------------------------------- */

/* An address that is nobody's */
#define NOWHERE	(TASK_SIZE - PAGE_SIZE)

#define NO_LEAF	0xffffffff

struct init_vm {
	struct kvm_tdx_init_vm vm;
	struct kvm_cpuid_entry2 entry[2];
};

/* What KVM refuses before it asks the module for anything */
static const struct bad_init {
	const char *desc;
	int ret;
	u64 attributes, xfam, reserved;
	u32 flags, nent, padding;
	/* In place of, or in addition to that of guest-physical addresses */
	struct kvm_cpuid_entry2 entry[2];
} bad_inits[] = {
	{ "flags", -EINVAL, .flags = 1 },
	{ "reserved field", -EINVAL, .reserved = 1 },
	{ "padding of CPUID", -EINVAL, .padding = 1 },
	{ "more CPUID entries than KVM takes", -E2BIG, .nent = KVM_MAX_CPUID_ENTRIES + 1 },
	{ "attribute that is none", -EINVAL, .attributes = BIT_ULL(62) },
	{ "XFAM bit that is none", -EINVAL, .xfam = BIT_ULL(62) },
	{ "no leaf of guest-physical addresses", -EINVAL, .entry[0].function = NO_LEAF },
	{ "50-bit guest-physical addresses", -EINVAL,
	  .entry[0] = { .function = 0x80000008, .eax = 50 << 16 } },
	{ "TSX", -EINVAL, .nent = 2,
	  .entry[1] = { .function = 7, .ebx = BIT(11) } },
	{ "WAITPKG", -EINVAL, .nent = 2,
	  .entry[1] = { .function = 7, .ecx = BIT(5) } },
	{ "leaf that can't be configured", -EINVAL, .nent = 2,
	  .entry[1] = { .function = 0x16 } },
};

KUNIT_ARRAY_PARAM_DESC(bad_inits, bad_inits, desc);

static int init_vm(struct kt_vm *vm, const struct bad_init *b)
{
	struct init_vm init = {
		.vm.attributes = b->attributes,
		.vm.xfam = XFEATURE_MASK_FPSSE | b->xfam,
		.vm.reserved[0] = b->reserved,
		.vm.cpuid.nent = b->nent ?: 1,
		.vm.cpuid.padding = b->padding,
		.entry = { b->entry[0], b->entry[1] },
	};

	if (!init.entry[0].function)
		init.entry[0] = (struct kvm_cpuid_entry2) { .function = 0x80000008,
							    .eax = 48 << 16 };
	return kt_tdx(vm, vm->fd, KVM_TDX_INIT_VM, b->flags, &init, sizeof(init), NULL);
}

static void refused_init_vm_changes_nothing(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_bare(test);
	struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
	const struct bad_init *b = test->param_value;
	static const char * const none[] = { NULL };
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, b->ret, init_vm(vm, b));
	kt_expect_ops(test, mark, none);
	KUNIT_EXPECT_EQ(test, TD_STATE_UNINITIALIZED, td->state);
	KUNIT_EXPECT_LE(test, td->hkid, 0);
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);

	KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
}

static void close_td(struct kt_vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		kt_close(vm->test, vm->vcpu_fd[i]);
	kt_close(vm->test, vm->fd);
	kt_close(vm->test, vm->kvm_fd);
}

/*
 * Every allocation of INIT_VM fails in turn, for a TD of its own: all that was made
 * by then is given back. KVM, or the allocator, can do without some.
 */
static void init_vm_without_memory_can_be_repeated(struct kunit *test)
{
	unsigned int nth, failed = 0, pages = 0;
	bool delivered = true;
	int ret;

	for (nth = 1; delivered; nth++) {
		struct kt_vm *vm = kt_tdx_bare(test);
		struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
		u64 mark = kt_mark();

		kt_fail_alloc(test, nth);
		ret = kt_tdx_init_vm(vm, 0);
		delivered = kt_fail_alloc_end();
		if (ret) {
			failed++;
			KUNIT_EXPECT_EQ_MSG(test, -ENOMEM, ret, "allocation %u", nth);
			KT_EXPECT_CALLS(test, mark, "TDH.MNG.CREATE", 0);
			KUNIT_EXPECT_EQ(test, TD_STATE_UNINITIALIZED, td->state);
			KUNIT_EXPECT_NULL(test, td->td.tdr_page);
			KUNIT_EXPECT_NULL(test, td->td.tdcs_pages);
			KUNIT_EXPECT_LE(test, td->hkid, 0);
			KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
			KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
		}
		pages = td->td.tdcs_nr_pages;
		close_td(vm);
		KUNIT_ASSERT_LT(test, nth, 100);
	}
	KUNIT_EXPECT_EQ(test, 0, ret);
	/* At least arguments, TD_PARAMS, TDR, the list of the TDCS' pages and these */
	KUNIT_EXPECT_GE(test, failed, 4 + pages);
}

static void init_vcpu_without_memory_can_be_repeated(struct kunit *test)
{
	unsigned int nth, failed = 0, pages = 0;
	bool delivered = true;
	int ret;

	for (nth = 1; delivered; nth++) {
		struct kt_vm *vm = kt_tdx_bare(test);
		struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
		struct vcpu_tdx *tdx;
		u64 mark;

		KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
		KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
		tdx = container_of(kvm_get_vcpu(vm->kvm, 0), struct vcpu_tdx, vcpu);
		mark = kt_mark();
		kt_fail_alloc(test, nth);
		ret = kt_tdx_init_vcpu(vm, 0);
		delivered = kt_fail_alloc_end();
		if (ret) {
			failed++;
			KUNIT_EXPECT_EQ_MSG(test, -ENOMEM, ret, "allocation %u", nth);
			KT_EXPECT_CALLS(test, mark, "TDH.VP.CREATE", 0);
			KUNIT_EXPECT_EQ(test, VCPU_TD_STATE_UNINITIALIZED, tdx->state);
			KUNIT_EXPECT_NULL(test, tdx->vp.tdvpr_page);
			KUNIT_EXPECT_NULL(test, tdx->vp.tdcx_pages);
			KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
			KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vcpu(vm, 0));
		}
		pages = td->td.tdcx_nr_pages;
		close_td(vm);
		KUNIT_ASSERT_LT(test, nth, 100);
	}
	KUNIT_EXPECT_EQ(test, 0, ret);
	/* TDVPR, the list of the TDCX pages, and these */
	KUNIT_EXPECT_GE(test, failed, 2 + pages);
}

static void vcpu_needs_what_the_module_needs(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_TDX_VM);
	int fd;

	/* The local APIC in the kernel, the I/O APIC not */
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vm_vcpu(vm));

	vm = kt_tdx_bare(test);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
	fd = kt_ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	kt_own_fd(test, fd);
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_at(vm, fd, KVM_TDX_INIT_VCPU, 1, 0, NULL));
	/* No x2APIC as long as it has no CPUID */
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_at(vm, fd, KVM_TDX_INIT_VCPU, 0, 0, NULL));
}

static void vcpu_runs_once_all_is_final(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_bare(test);

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
	kt_vm_memory(vm, NPAGES);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vcpu_run(vm, 0, NULL));
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vcpu(vm, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vcpu_run(vm, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 0, NPAGES, KT_MEASURE));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_finalize(vm));
}

static void unknown_commands_are_refused(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, 1, 0, 1);
	struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
	u32 id;

	for (id = KVM_TDX_CMD_NR_MAX; id < KVM_TDX_CMD_NR_MAX + 3; id++) {
		KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_at(vm, vm->fd, id, 0, 0, NULL));
		KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_at(vm, vm->vcpu_fd[0], id, 0, 0, NULL));
	}
	/* Those of the other's descriptor */
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_at(vm, vm->fd, KVM_TDX_INIT_VCPU, 0, 0, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_at(vm, vm->vcpu_fd[0], KVM_TDX_FINALIZE_VM, 0, 0,
						 NULL));
	KUNIT_EXPECT_EQ(test, TD_STATE_INITIALIZED, td->state);
}

/* Parameters that end where nothing is mapped; they are read before the table that follows. */
static void parameters_that_cant_be_read(struct kunit *test)
{
	struct kvm_tdx_init_vm head = { .cpuid.nent = 1 };
	struct kt_vm *vm = kt_tdx_bare(test);
	unsigned long end = kt_mmap(test, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE) +
			    PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, 0, vm_munmap(end, PAGE_SIZE));
	kt_write(test, end - sizeof(head), &head, sizeof(head));
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_tdx_at(vm, vm->fd, KVM_TDX_INIT_VM, 0,
						 end - sizeof(head), NULL));
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_tdx_at(vm, vm->fd, KVM_TDX_INIT_VM, 0, end - 8, NULL));
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_tdx_at(vm, vm->fd, KVM_TDX_INIT_VM, 0, NOWHERE, NULL));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
}

/* The answer can't be delivered: what the command has done stays. Not documented. */
static void command_that_cant_be_written_back_was_executed(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, 1, 0, 1);
	struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
	struct kvm_tdx_cmd cmd = { .id = KVM_TDX_FINALIZE_VM };
	unsigned long uaddr = kt_mmap_ro(test, &cmd, sizeof(cmd));

	KUNIT_EXPECT_EQ(test, -EFAULT, kt_ioctl(vm->fd, KVM_MEMORY_ENCRYPT_OP, uaddr));
	KUNIT_EXPECT_EQ(test, TD_STATE_RUNNABLE, td->state);
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_tdx_finalize(vm));
}

/* Questions ------------------------------------------------------------------------------ */

static int capabilities(struct kt_vm *vm, u32 flags, unsigned long uaddr)
{
	return kt_tdx_at(vm, vm->fd, KVM_TDX_CAPABILITIES, flags, uaddr, NULL);
}

static void capabilities_are_told_or_refused(struct kunit *test)
{
	struct kvm_tdx_capabilities *caps = kunit_kzalloc(test, sizeof(*caps), GFP_KERNEL);
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct kt_vm *vm = kt_tdx_bare(test);
	unsigned int nth;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, caps);
	caps->cpuid.nent = 64;
	kt_write(test, uaddr, caps, sizeof(*caps));
	KUNIT_EXPECT_EQ(test, -EINVAL, capabilities(vm, 1, uaddr));
	KUNIT_EXPECT_EQ(test, -EFAULT, capabilities(vm, 0, NOWHERE));
	KUNIT_EXPECT_EQ(test, -EFAULT, capabilities(vm, 0, kt_mmap_ro(test, caps, sizeof(*caps))));
	for (nth = 1, ret = -ENOMEM; ret; nth++) {
		kt_fail_alloc(test, nth);
		ret = capabilities(vm, 0, uaddr);
		if (kt_fail_alloc_end() && ret)
			KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
		KUNIT_ASSERT_LT(test, nth, 10);
	}
	KUNIT_EXPECT_GT(test, nth, 2);

	kt_read(test, uaddr, caps, sizeof(*caps));
	KUNIT_EXPECT_GT(test, caps->cpuid.nent, 0);
	KUNIT_EXPECT_LT(test, caps->cpuid.nent, 64);
	KUNIT_EXPECT_NE(test, 0, caps->supported_attrs);
	KUNIT_EXPECT_EQ(test, XFEATURE_MASK_FPSSE, caps->supported_xfam & XFEATURE_MASK_FPSSE);

	/* The room that there is has to be enough. */
	caps->cpuid.nent--;
	kt_write(test, uaddr, caps, sizeof(*caps));
	KUNIT_EXPECT_EQ(test, -E2BIG, capabilities(vm, 0, uaddr));
	caps->cpuid.nent++;
	kt_write(test, uaddr, caps, sizeof(*caps));
	KUNIT_EXPECT_EQ(test, 0, capabilities(vm, 0, uaddr));
}

static int get_cpuid(struct kt_vm *vm, unsigned long uaddr, u32 nent)
{
	struct kvm_cpuid2 head = { .nent = nent };

	kt_write(vm->test, uaddr, &head, sizeof(head));
	return kt_tdx_at(vm, vm->vcpu_fd[0], KVM_TDX_GET_CPUID, 0, uaddr, NULL);
}

static void cpuid_is_told_or_refused(struct kunit *test)
{
	unsigned int nth, i, failed = 0, found = 0;
	struct kt_vm *vm = kt_tdx_building(test, 1, 0, 1);
	unsigned long uaddr, last;
	struct kvm_cpuid2 *cpuid, head = {};
	int ret, n, fault;
	u64 mark;

	uaddr = kt_mmap(test, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	/* How much room it wants, it says. */
	KUNIT_EXPECT_EQ(test, -E2BIG, get_cpuid(vm, uaddr, 0));
	kt_read(test, uaddr, &head, sizeof(head));
	KUNIT_ASSERT_GT(test, head.nent, 2);
	KUNIT_ASSERT_LE(test, struct_size(cpuid, entries, head.nent), 4 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, -E2BIG, get_cpuid(vm, uaddr, head.nent - 1));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, 0, get_cpuid(vm, uaddr, head.nent));
	n = kt_has(KT_LEDGER) ? kt_ops(test, mark, "TDH.MNG.RD", NULL, 0) : 0;

	cpuid = kunit_kzalloc(test, struct_size(cpuid, entries, head.nent), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpuid);
	kt_read(test, uaddr, cpuid, struct_size(cpuid, entries, head.nent));
	KUNIT_EXPECT_EQ(test, head.nent, cpuid->nent);
	for (i = 0; i < head.nent; i++) {
		if (cpuid->entries[i].function != 0x80000008)
			continue;
		found++;
		KUNIT_EXPECT_EQ(test, 48, cpuid->entries[i].eax >> 16 & 0xff);
	}
	KUNIT_EXPECT_EQ(test, 1, found);

	/* Neither, the head and the entries can't be written */
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_tdx_at(vm, vm->vcpu_fd[0], KVM_TDX_GET_CPUID, 0,
						 NOWHERE, NULL));
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_tdx_at(vm, vm->vcpu_fd[0], KVM_TDX_GET_CPUID, 0,
						 kt_mmap_ro(test, &head, sizeof(head)), NULL));
	last = kt_mmap(test, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE) + PAGE_SIZE;
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(last, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EFAULT, get_cpuid(vm, last - sizeof(head), head.nent));

	for (nth = 1, ret = -ENOMEM; ret; nth++) {
		kt_fail_alloc(test, nth);
		ret = kt_tdx_at(vm, vm->vcpu_fd[0], KVM_TDX_GET_CPUID, 0, uaddr, NULL);
		if (kt_fail_alloc_end() && ret)
			KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
		KUNIT_ASSERT_LT(test, nth, 10);
	}
	KUNIT_EXPECT_GT(test, nth, 2);

	if (!kt_checks(test, KT_FAULTS))
		return;
	/*
	 * The module does not answer, with a subleaf and without. Leaf 0 and leaf
	 * 0x80000000 say how many there are; others are left out. The first failure
	 * ends the subleaves of a leaf, the second one is the next leaf's then.
	 */
	for (i = 1; i < n; i++) {
		fault = kt_tdx_fault(test, "TDH.MNG.RD", i, 2, KT_TDX_OPERAND_INVALID);
		kunit_warning_suppress(test) {
			ret = get_cpuid(vm, uaddr, head.nent);
		}
		kt_expect_delivered(test, fault, 2);
		kt_fault_clear();
		if (ret)
			KUNIT_EXPECT_EQ_MSG(test, -EIO, ret, "read %u", i);
		failed += !!ret;
		if (i < 3)
			KUNIT_EXPECT_EQ(test, i, failed);
	}
	KUNIT_EXPECT_GE(test, failed, 4);
	KUNIT_EXPECT_LT(test, failed, n / 2);
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
}

/* Several at once ------------------------------------------------------------------------ */

static void tds_are_built_in_turn(struct kunit *test)
{
	struct kt_vm *vm[3];
	struct kt_mrtd m[3];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(vm); i++) {
		vm[i] = kt_tdx_building(test, NPAGES, 0, 1);
		kt_mrtd_begin(&m[i]);
	}
	for (j = 0; j < NPAGES; j++) {
		for (i = 0; i < ARRAY_SIZE(vm); i++) {
			u32 flags = (i + j) % 3 ? KT_MEASURE : 0;

			KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm[i], j, 1, flags));
			kt_mrtd_pattern(&m[i], j, 1, flags);
		}
	}
	for (i = 0; i < ARRAY_SIZE(vm); i++) {
		KUNIT_EXPECT_EQ(test, 0, kt_tdx_finalize(vm[i]));
		kt_expect_mrtd(vm[i], &m[i]);
		for (j = 0; j < i; j++) {
			KUNIT_EXPECT_NE(test, vm[i]->asid, vm[j]->asid);
			KUNIT_EXPECT_NE(test, vm[i]->gctx, vm[j]->gctx);
		}
	}
}

struct builder {
	struct kt_vm *vm;
	int ret;
};

static int build(void *data)
{
	struct builder *b = data;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < b->vm->npages && !ret; i++)
		ret = kt_tdx_mem_region(b->vm, i, 1, KT_MEASURE);

	return ret ?: kt_tdx_finalize(b->vm);
}

static void tds_are_built_in_parallel(struct kunit *test)
{
	struct kt_thread *t[3];
	struct builder *b = kunit_kcalloc(test, ARRAY_SIZE(t), sizeof(*b), GFP_KERNEL);
	struct kt_mrtd m;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	for (i = 0; i < ARRAY_SIZE(t); i++)
		b[i].vm = kt_tdx_building(test, 16, 0, 1);
	for (i = 0; i < ARRAY_SIZE(t); i++)
		t[i] = kt_thread_start(test, "build", build, &b[i]);
	for (i = 0; i < ARRAY_SIZE(t); i++)
		KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t[i]));
	for (i = 0; i < ARRAY_SIZE(t); i++) {
		kt_mrtd_begin(&m);
		kt_mrtd_pattern(&m, 0, 16, KT_MEASURE);
		kt_expect_mrtd(b[i].vm, &m);
	}
}

/* A TD goes while another is being built. */
static void teardown_does_not_disturb_another(struct kunit *test)
{
	struct kt_vm *gone = kt_tdx_building(test, NPAGES, 0, 1);
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kt_mrtd m;

	kt_mrtd_begin(&m);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(gone, 0, 2, KT_MEASURE));
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 2, KT_MEASURE));
	kt_close(test, gone->vcpu_fd[0]);
	kt_close(test, gone->gmem_fd);
	kt_close(test, gone->fd);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 2, NPAGES - 2, KT_MEASURE));
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	kt_mrtd_pattern(&m, 0, NPAGES, KT_MEASURE);
	kt_expect_mrtd(vm, &m);
}

/* HKIDs come back: more TDs one after the other than there are HKIDs */
static void hkids_are_used_again(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < tdx_get_nr_guest_keyids() + 1; i++) {
		struct kt_vm *vm = kt_tdx_bare(test);

		KUNIT_ASSERT_EQ_MSG(test, 0, kt_tdx_init_vm(vm, 0), "TD %u", i);
		kt_close(test, vm->fd);
		kt_close(test, vm->kvm_fd);
	}
}

/* Each HKID is a TD's: there is no other TD until one goes. */
static void more_tds_than_hkids(struct kunit *test)
{
	struct kt_vm *vm = NULL, *next;
	unsigned int i;
	u64 mark = 0;
	int ret = 0;

	for (i = 0; i < tdx_get_nr_guest_keyids() + 1; i++) {
		next = kt_tdx_bare(test);
		mark = kt_mark();
		ret = kt_tdx_init_vm(next, 0);
		if (ret)
			break;
		vm = next;
		kt_close(test, vm->kvm_fd);
	}
	KUNIT_EXPECT_EQ(test, -ENOSPC, ret);
	KUNIT_EXPECT_GT(test, i, 1);
	KT_EXPECT_CALLS(test, mark, "TDH.MNG.CREATE", 0);
	KUNIT_ASSERT_NOT_NULL(test, vm);
	kt_close(test, vm->fd);
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vm(next, 0));
}

static struct kunit_case tdx_launch_cases[] = {
	KUNIT_CASE_PARAM(mrtd_equals_the_documented_records, sizes_gen_params),
	KUNIT_CASE(nothing_added_is_the_digest_of_nothing),
	KUNIT_CASE(any_vcpu_can_add),
	KUNIT_CASE(one_vcpu_too_many),
	KUNIT_CASE(td_is_initialised_once_and_before_its_vcpus),
	KUNIT_CASE(failed_vcpu_is_forgotten),
	KUNIT_CASE_PARAM(failed_init_vm_leaves_nothing, starts_gen_params),
	KUNIT_CASE_PARAM(failed_init_vcpu_keeps_what_is_the_modules, vcpu_starts_gen_params),
	KUNIT_CASE_PARAM(vcpu_that_is_not_set_up_is_never_run, vcpu_settings_gen_params),
	KUNIT_CASE_PARAM(refused_init_vm_changes_nothing, bad_inits_gen_params),
	KUNIT_CASE(init_vm_without_memory_can_be_repeated),
	KUNIT_CASE(init_vcpu_without_memory_can_be_repeated),
	KUNIT_CASE(vcpu_needs_what_the_module_needs),
	KUNIT_CASE(vcpu_runs_once_all_is_final),
	KUNIT_CASE(unknown_commands_are_refused),
	KUNIT_CASE(parameters_that_cant_be_read),
	KUNIT_CASE(command_that_cant_be_written_back_was_executed),
	KUNIT_CASE(capabilities_are_told_or_refused),
	KUNIT_CASE(cpuid_is_told_or_refused),
	KUNIT_CASE(tds_are_built_in_turn),
	KUNIT_CASE(tds_are_built_in_parallel),
	KUNIT_CASE(teardown_does_not_disturb_another),
	KUNIT_CASE(hkids_are_used_again),
	KUNIT_CASE(more_tds_than_hkids),
	{}
};

static struct kunit_suite tdx_launch_suite = {
	.name = "tdx_launch",
	.init = kt_init_tdx,
	.test_cases = tdx_launch_cases,
};

/* Teardown --------------------------------------------------------------------------------- */

enum stage { CREATED, KEY_FAILED, INITED, MEMORY, VCPU_CREATED, VP_ADDCX_FAILED,
	     VP_INIT_FAILED, VCPU_INITED, ADDED, FAULTED, FINALISE_FAILED, FINALISED,
	     PREFAULTED, PUNCHED, SHARED, RAN };
enum last { VM_LAST, FILE_LAST, VCPU_LAST };

static const struct teardown {
	const char *desc;
	enum stage stage;
	enum last last;
} teardowns[] = {
	{ "after creation", CREATED, VM_LAST },
	{ "after KEY.CONFIG failed", KEY_FAILED, VM_LAST },
	{ "after INIT_VM", INITED, VM_LAST },
	{ "with memory", MEMORY, VM_LAST },
	{ "with memory, file last", MEMORY, FILE_LAST },
	{ "with a vCPU", VCPU_CREATED, VM_LAST },
	{ "with a vCPU, vCPU last", VCPU_CREATED, VCPU_LAST },
	{ "after VP.ADDCX failed", VP_ADDCX_FAILED, VM_LAST },
	{ "after VP.ADDCX failed, vCPU last", VP_ADDCX_FAILED, VCPU_LAST },
	{ "after VP.INIT failed", VP_INIT_FAILED, VM_LAST },
	{ "after VP.INIT failed, vCPU last", VP_INIT_FAILED, VCPU_LAST },
	{ "after INIT_VCPU", VCPU_INITED, VM_LAST },
	{ "after INIT_VCPU, vCPU last", VCPU_INITED, VCPU_LAST },
	{ "after INIT_MEM_REGION", ADDED, VM_LAST },
	{ "after INIT_MEM_REGION, file last", ADDED, FILE_LAST },
	{ "after INIT_MEM_REGION, vCPU last", ADDED, VCPU_LAST },
	{ "after a failed INIT_MEM_REGION", FAULTED, VM_LAST },
	{ "after a failed INIT_MEM_REGION, file last", FAULTED, FILE_LAST },
	{ "after a failed INIT_MEM_REGION, vCPU last", FAULTED, VCPU_LAST },
	{ "after a failed FINALIZE_VM", FINALISE_FAILED, VM_LAST },
	{ "after a failed FINALIZE_VM, file last", FINALISE_FAILED, FILE_LAST },
	{ "after a failed FINALIZE_VM, vCPU last", FINALISE_FAILED, VCPU_LAST },
	{ "after FINALIZE_VM", FINALISED, VM_LAST },
	{ "after FINALIZE_VM, file last", FINALISED, FILE_LAST },
	{ "after FINALIZE_VM, vCPU last", FINALISED, VCPU_LAST },
	{ "with pages of run time", PREFAULTED, VM_LAST },
	{ "with pages of run time, file last", PREFAULTED, FILE_LAST },
	{ "with pages of run time, vCPU last", PREFAULTED, VCPU_LAST },
	{ "with holes", PUNCHED, VM_LAST },
	{ "with holes, file last", PUNCHED, FILE_LAST },
	{ "with holes, vCPU last", PUNCHED, VCPU_LAST },
	{ "with pages that were shared again", SHARED, VM_LAST },
	{ "with pages that were shared again, file last", SHARED, FILE_LAST },
	{ "with pages that were shared again, vCPU last", SHARED, VCPU_LAST },
	{ "after a vCPU ran", RAN, VM_LAST },
	{ "after a vCPU ran, file last", RAN, FILE_LAST },
	{ "after a vCPU ran, vCPU last", RAN, VCPU_LAST },
};

KUNIT_ARRAY_PARAM_DESC(teardowns, teardowns, desc);

static struct kt_vm *td_at(struct kunit *test, enum stage stage)
{
	struct kt_vm *vm = kt_tdx_bare(test);
	u64 gpa = KT_GPA + 3 * PAGE_SIZE, size = 2 * PAGE_SIZE;
	int ret = 0;

	if (stage == CREATED)
		return vm;
	if (stage == KEY_FAILED) {
		kt_tdx_fault(test, "TDH.MNG.KEY.CONFIG", 1, 1, KT_TDX_OPERAND_INVALID);
		KUNIT_ASSERT_EQ(test, -EIO, kt_tdx_init_vm(vm, 0));
		/* Given by a worker, where it can't be suppressed */
		kt_expect_violation(test, KT_O6, "WARNING: ");
		return vm;
	}
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
	if (stage == INITED)
		return vm;
	kt_vm_memory(vm, NPAGES);
	/* Memory that is never added, too */
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 5, 1));
	if (stage == MEMORY)
		return vm;
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	if (stage == VCPU_CREATED)
		return vm;
	if (stage == VP_ADDCX_FAILED || stage == VP_INIT_FAILED) {
		if (stage == VP_ADDCX_FAILED)
			kt_tdx_fault(test, "TDH.VP.ADDCX", 3, 1, KT_TDX_OPERAND_INVALID);
		else
			kt_tdx_fault(test, "TDH.VP.INIT", 1, 1, KT_TDX_OPERAND_BUSY);
		kunit_warning_suppress(test) {
			ret = kt_tdx_init_vcpu(vm, 0);
		}
		KUNIT_ASSERT_EQ(test, -EIO, ret);
		return vm;
	}
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vcpu(vm, 0));
	if (stage == VCPU_INITED)
		return vm;
	if (stage == FAULTED) {
		kt_tdx_fault(test, "TDH.MR.EXTEND", KT_CHUNKS + 1, 1,
			    KT_TDX_OPERAND_BUSY);
		kunit_warning_suppress(test) {
			ret = kt_tdx_mem_region(vm, 0, 2, KT_MEASURE);
		}
		KUNIT_ASSERT_EQ(test, -EIO, ret);
		return vm;
	}
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 2, KT_MEASURE));
	if (stage == ADDED)
		return vm;
	if (stage == FINALISE_FAILED) {
		kt_tdx_fault(test, "TDH.MR.FINALIZE", 1, 1, KT_TDX_OP_STATE_INCORRECT);
		kunit_warning_suppress(test) {
			ret = kt_tdx_finalize(vm);
		}
		KUNIT_ASSERT_EQ(test, -EIO, ret);
		return vm;
	}
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	if (stage == FINALISED)
		return vm;
	KUNIT_ASSERT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KUNIT_ASSERT_EQ(test, 0, size);
	if (stage == PREFAULTED)
		return vm;
	if (stage == RAN) {
		kt_guest_takes_page(vm, KT_GPA + 2 * PAGE_SIZE);
		return vm;
	}
	if (stage == SHARED) {
		KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA + PAGE_SIZE, 3 * PAGE_SIZE, 0));
		return vm;
	}
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 1, 3));

	return vm;
}

/* That the machine is clean afterwards is checked at the end of every test. */
static void teardown_leaves_nothing(struct kunit *test)
{
	const struct teardown *t = test->param_value;
	struct kt_vm *vm = td_at(test, t->stage);
	bool memory = t->stage >= MEMORY, vcpu = t->stage >= VCPU_CREATED;
	u64 mark = kt_mark(), spa = 0;

	/* Of a TD without pages nothing but the calls would show. */
	if (t->stage < ADDED)
		kt_needs(test, KT_LEDGER);
	else
		spa = kt_page_spa(vm, 0);
	switch (t->last) {
	case VM_LAST:
		if (vcpu)
			kt_close(test, vm->vcpu_fd[0]);
		if (memory)
			kt_close(test, vm->gmem_fd);
		KT_EXPECT_CALLS(test, mark, "TDH.MNG.KEY.FREEID", 0);
		kt_close(test, vm->fd);
		break;
	case FILE_LAST:
		kt_close(test, vm->fd);
		if (vcpu)
			kt_close(test, vm->vcpu_fd[0]);
		KT_EXPECT_CALLS(test, mark, "TDH.MNG.KEY.FREEID", 0);
		kt_close(test, vm->gmem_fd);
		break;
	case VCPU_LAST:
		kt_close(test, vm->fd);
		if (memory)
			kt_close(test, vm->gmem_fd);
		KT_EXPECT_CALLS(test, mark, "TDH.MNG.KEY.FREEID", 0);
		kt_close(test, vm->vcpu_fd[0]);
		break;
	}
	KT_EXPECT_CALLS(test, mark, "TDH.MNG.KEY.FREEID", t->stage >= INITED);
	KT_EXPECT_CALLS(test, mark, "TDH.MNG.VPFLUSHDONE", t->stage >= INITED);
	if (spa)
		kt_tdx_expect_host(test, spa);
}

static void memory_survives_its_slot_but_not_its_td(struct kunit *test)
{
	struct kt_vm *vm = td_at(test, PREFAULTED);
	u64 spa = kt_page_spa(vm, 0);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, 0, KT_GPA, 0, vm->hva, 0, 0));
	/* Unmapped from the TD the page is the host's; it stays in its file. */
	kt_tdx_expect_host(test, spa);
	KUNIT_EXPECT_EQ(test, spa, kt_page_spa(vm, 0));
	kt_close(test, vm->gmem_fd);
}

static void hole_returns_the_page_to_the_host(struct kunit *test)
{
	struct kt_vm *vm = td_at(test, PREFAULTED);
	u64 added = kt_page_spa(vm, 0), later = kt_page_spa(vm, 3);

	kt_tdx_expect_owned(vm, 0);
	kt_tdx_expect_owned(vm, 3);
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES));
	kt_tdx_expect_host(test, added);
	kt_tdx_expect_host(test, later);
	kt_expect_mapped(test, added, false);
	kt_expect_mapped(test, later, false);
}

static void sharing_returns_the_page_and_keeps_it(struct kunit *test)
{
	struct kt_vm *vm = td_at(test, PREFAULTED);
	u64 spa = kt_page_spa(vm, 3);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA + 3 * PAGE_SIZE, PAGE_SIZE, 0));
	kt_tdx_expect_host(test, spa);
	KUNIT_EXPECT_EQ(test, spa, kt_page_spa(vm, 3));
}

static void write_back(void *unused)
{
	while (tdh_phymem_cache_wb(false) == (u64)KT_TDX_INTERRUPTED_RESUMABLE << 32)
		;
}

/*
 * The HKID can't be given back: it, and every page that its key protects, is
 * leaked. KVM has lost all it knew; do what it would have done.
 */
static void failed_free_of_the_key_leaks_the_td(struct kunit *test)
{
	struct kt_vm *vm = td_at(test, INITED);
	struct tdx_td td = container_of(vm->kvm, struct kvm_tdx, kvm)->td;
	u64 mark = kt_mark(), rcx, rdx, r8;
	unsigned int i;
	int fault;

	fault = kt_tdx_fault(test, "TDH.MNG.VPFLUSHDONE", 1, 1, KT_TDX_FLUSHVP_NOT_DONE);
	kt_close(test, vm->fd);
	kt_expect_delivered(test, fault, 1);
	KT_EXPECT_CALLS(test, mark, "TDH.MNG.KEY.FREEID", 0);
	KT_EXPECT_CALLS(test, mark, "TDH.PHYMEM.PAGE.RECLAIM", 0);

	/* KVM's lock for these is its own. */
	KUNIT_EXPECT_EQ(test, 0, tdh_mng_vpflushdone(&td));
	kt_expect_violation(test, KT_OLOCK, "VPFLUSHDONE without tdx_lock");
	on_each_cpu(write_back, NULL, true);
	KUNIT_EXPECT_EQ(test, 0, tdh_mng_key_freeid(&td));
	kt_expect_violation(test, KT_OLOCK, "KEY.FREEID without tdx_lock");
	for (i = 0; i < td.tdcs_nr_pages; i++)
		KUNIT_EXPECT_EQ(test, 0, tdh_phymem_page_reclaim(td.tdcs_pages[i], &rcx,
								 &rdx, &r8));
	KUNIT_EXPECT_EQ(test, 0, tdh_phymem_page_reclaim(td.tdr_page, &rcx, &rdx, &r8));
}

static struct kunit_case tdx_teardown_cases[] = {
	KUNIT_CASE_PARAM(teardown_leaves_nothing, teardowns_gen_params),
	KUNIT_CASE(memory_survives_its_slot_but_not_its_td),
	KUNIT_CASE(hole_returns_the_page_to_the_host),
	KUNIT_CASE(sharing_returns_the_page_and_keeps_it),
	KUNIT_CASE(failed_free_of_the_key_leaks_the_td),
	{}
};

static struct kunit_suite tdx_teardown_suite = {
	.name = "tdx_teardown",
	.init = kt_init_tdx,
	.test_cases = tdx_teardown_cases,
};

kunit_test_suites(&tdx_launch_suite, &tdx_teardown_suite);
