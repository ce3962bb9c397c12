// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_SEV_SNP_LAUNCH_UPDATE, one case per rule of its ABI. What is checked is
 * what 7.2 does; where the documentation says something else, or nothing, a
 * note tells.
 */
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/psp-sev.h>
#include <linux/swap.h>

#include "kvm_test_sim.h"

#define NPAGES	4

#define T_NORMAL	KVM_SEV_SNP_PAGE_TYPE_NORMAL
#define T_ZERO		KVM_SEV_SNP_PAGE_TYPE_ZERO
#define T_UNMEASURED	KVM_SEV_SNP_PAGE_TYPE_UNMEASURED
#define T_SECRETS	KVM_SEV_SNP_PAGE_TYPE_SECRETS
#define T_CPUID		KVM_SEV_SNP_PAGE_TYPE_CPUID

/* Not a status of firmware: shows that the error field was left alone */
#define UNTOUCHED	0xabcd

typedef struct kvm_sev_snp_launch_update params_t;

static params_t params(struct kt_vm *vm, unsigned int page, unsigned int npages,
		       u8 type)
{
	return (params_t){
		.gfn_start = KT_GFN + page,
		.uaddr = vm->src + page * PAGE_SIZE,
		.len = (u64)npages << PAGE_SHIFT,
		.type = type,
	};
}

/* Nothing reached the hardware, no page was allocated, @p is as it was. */
static void expect_untouched(struct kunit *test, struct kt_vm *vm, u64 mark,
			     const params_t *before, const params_t *after)
{
	struct folio *folio = kt_gmem_folio(vm, 0);

	KUNIT_EXPECT_NULL(test, folio);
	if (folio)
		folio_put(folio);
	KT_EXPECT_NO_CALLS(test, mark);
	KUNIT_EXPECT_MEMEQ(test, before, after, sizeof(*before));
}

static void expect_refused(struct kunit *test, struct kt_vm *vm, params_t p,
			   int ret)
{
	params_t before = p;
	u64 mark = kt_mark();
	u32 error = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, ret, kt_snp_update(vm, &p, &error));
	KUNIT_EXPECT_EQ(test, UNTOUCHED, error);
	expect_untouched(test, vm, mark, &before, &p);
}

/* The page belongs to the host again and can be launched. */
static void expect_retry(struct kunit *test, struct kt_vm *vm,
			 unsigned int page, u8 type)
{
	KT_EXPECT_STATE(vm, page, KT_PAGE_HYPERVISOR);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, page, 1, type));
	KT_EXPECT_STATE(vm, page, KT_PAGE_GUEST_VALID);
}

/* States of the VM ---------------------------------------------------------- */

static void not_an_snp_vm(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_new(test, KVM_X86_SW_PROTECTED_VM, NPAGES);

	expect_refused(test, vm, params(vm, 0, 1, T_NORMAL), -EINVAL);
}

static void no_init2(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_new(test, KVM_X86_SNP_VM, NPAGES);

	expect_refused(test, vm, params(vm, 0, 1, T_NORMAL), -EINVAL);
}

static void no_launch_start(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_vm(test, NPAGES);

	expect_refused(test, vm, params(vm, 0, 1, T_NORMAL), -EINVAL);
}

/*
 * A mirror can't be an SNP VM, so that it would be refused as "not an SNP VM",
 * too. But that comes later, when the command would be copied back: a command
 * that can't be written tells the two apart.
 */
static void mirror_vm(struct kunit *test)
{
	unsigned long type = kt_has_vm_type(test, KVM_X86_SEV_VM) ?
			     KVM_X86_SEV_VM : KVM_X86_SEV_ES_VM;
	struct kvm_enable_cap cap = { .cap = KVM_CAP_VM_COPY_ENC_CONTEXT_FROM };
	struct kvm_sev_cmd cmd = { .id = KVM_SEV_SNP_LAUNCH_UPDATE };
	params_t p = { .len = PAGE_SIZE, .type = T_ZERO };
	struct kvm_sev_init init = {};
	struct kt_vm *owner, *mirror;
	unsigned long ro;

	if (!kt_has_vm_type(test, type))
		kunit_skip(test, "this machine has neither SEV nor SEV-ES guests");
	owner = kt_vm_bare(test, type);
	mirror = kt_vm_bare(test, type);
	cap.args[0] = owner->fd;
	cmd.sev_fd = mirror->sev_fd;
	KUNIT_ASSERT_EQ(test, 0, kt_sev(owner, KVM_SEV_INIT2, &init, sizeof(init), NULL));
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, mirror->fd, KVM_ENABLE_CAP,
					      &cap, sizeof(cap)));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_snp_update(mirror, &p, NULL));

	cmd.data = kt_mmap_ro(test, &p, sizeof(p));
	ro = kt_mmap_ro(test, &cmd, sizeof(cmd));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_ioctl(mirror->fd, KVM_MEMORY_ENCRYPT_OP, ro));
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_ioctl(owner->fd, KVM_MEMORY_ENCRYPT_OP, ro));
}

static void mirror_of_snp(struct kunit *test)
{
	struct kt_vm *owner = kt_snp_launching(test, NPAGES);
	struct kt_vm *mirror = kt_vm_bare(test, KVM_X86_SNP_VM);
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_VM_COPY_ENC_CONTEXT_FROM,
		.args = { owner->fd },
	};

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_ioctl_buf(test, mirror->fd, KVM_ENABLE_CAP,
						    &cap, sizeof(cap)));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(owner, 0, 1, T_NORMAL));
}

static void after_finish(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 1, T_NORMAL);
	u32 error = 0;

	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update(vm, &p, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_GUEST_STATE, error);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_HYPERVISOR);
}

/* Arguments ------------------------------------------------------------------ */

static void cmd_unreadable(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, -EFAULT, kt_ioctl(vm->fd, KVM_MEMORY_ENCRYPT_OP,
						TASK_SIZE - PAGE_SIZE));
	KT_EXPECT_NO_CALLS(test, mark);
}

static void params_unreadable(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, -EFAULT,
			kt_sev_at(vm, KVM_SEV_SNP_LAUNCH_UPDATE,
				  TASK_SIZE - PAGE_SIZE, NULL));
	KT_EXPECT_NO_CALLS(test, mark);
}

static void bad_len(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	static const u64 lens[] = { 0, 1, PAGE_SIZE - 1, PAGE_SIZE + 1 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		params_t p = params(vm, 0, 1, T_NORMAL);

		p.len = lens[i];
		expect_refused(test, vm, p, -EINVAL);
	}
}

static void bad_flags(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int bit;

	for (bit = 0; bit < 16; bit++) {
		params_t p = params(vm, 0, 1, T_NORMAL);

		p.flags = BIT(bit);
		expect_refused(test, vm, p, -EINVAL);
	}
}

static void bad_type(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int type;

	for (type = 0; type < 256; type++) {
		/* 2 is the VMSA, which user space can't supply. */
		if (type == T_NORMAL || type == T_ZERO || type == T_UNMEASURED ||
		    type == T_SECRETS || type == T_CPUID)
			continue;
		expect_refused(test, vm, params(vm, 0, 1, type), -EINVAL);
	}
}

static void uaddr_unaligned(struct kunit *test)
{
	static const u8 types[] = { T_NORMAL, T_UNMEASURED, T_SECRETS, T_CPUID };
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		params_t p = params(vm, 0, 1, types[i]);

		p.uaddr += 16;
		expect_refused(test, vm, p, -EINVAL);
	}
}

/*
 * In SERIES=ops the step of the populate path is called without a source, which it
 * holds to be impossible, and WARNs. The documentation says nothing.
 */
static void uaddr_null(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 1, T_NORMAL);
	u32 error = UNTOUCHED;
	int ret = 0;

	p.uaddr = 0;
	if (kt_fixed()) {
		expect_refused(test, vm, p, -EINVAL);
		return;
	}
	kunit_warning_suppress(test) {
		ret = kt_snp_update(vm, &p, &error);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_EQ(test, 0, error);
	expect_retry(test, vm, 0, T_NORMAL);
}

static void zero_ignores_uaddr(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 2, T_ZERO);

	/* Neither aligned nor mapped */
	p.uaddr = TASK_SIZE - 123;
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update(vm, &p, NULL));
	KUNIT_EXPECT_EQ(test, 0, p.len);
	KUNIT_EXPECT_EQ(test, KT_GFN + 2, p.gfn_start);
	/* It is not advanced either. */
	KUNIT_EXPECT_EQ(test, TASK_SIZE - 123, p.uaddr);
}

/* Not looked at, so it can't be given a meaning later. Not documented. */
static void padding_is_accepted(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 1, T_NORMAL);

	p.pad0 = 0xff;
	p.pad1 = ~0u;
	memset(p.pad2, 0xff, sizeof(p.pad2));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update(vm, &p, NULL));
	KT_EXPECT_STATE(vm, 0, KT_PAGE_GUEST_VALID);
}

static void gfn_in_no_slot(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 1, T_NORMAL);

	p.gfn_start = KT_GFN - 1;
	expect_refused(test, vm, p, -EINVAL);
	p.gfn_start = KT_GFN + NPAGES;
	expect_refused(test, vm, p, -EINVAL);
}

static void gfn_in_a_slot_without_gmem(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 gpa = KT_GPA + 0x100000;
	params_t p = params(vm, 0, 1, T_NORMAL);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 1, 0, gpa, NPAGES * PAGE_SIZE,
					    vm->hva, 0, 0));
	p.gfn_start = gpa >> PAGE_SHIFT;
	expect_refused(test, vm, p, -EINVAL);
}

/*
 * The first page fails. Every reason inside KVM becomes -EIO with a firmware
 * status of 0; the documentation promises "-EAGAIN if the caller should retry",
 * which is never returned.
 */

static void first_page_fails(struct kunit *test, struct kt_vm *vm, params_t p,
			     u32 status)
{
	params_t before = p;
	u32 error = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update(vm, &p, &error));
	KUNIT_EXPECT_EQ(test, status, error);
	/* No progress */
	KUNIT_EXPECT_MEMEQ(test, &before, &p, sizeof(p));
}

static void first_page_signal(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, NPAGES, T_NORMAL);
	u32 error = UNTOUCHED;
	int ret;

	kt_signal_self();
	ret = kt_snp_update(vm, &p, &error);
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_EQ(test, 0, error);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update(vm, &p, NULL));
	KUNIT_EXPECT_EQ(test, 0, p.len);
}

static void first_page_bad_source(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 1, T_NORMAL);

	p.uaddr = TASK_SIZE - PAGE_SIZE;
	first_page_fails(test, vm, p, 0);
}

static void first_page_shared(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();

	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
	first_page_fails(test, vm, params(vm, 0, NPAGES, T_NORMAL), 0);
	KT_EXPECT_CALLS(test, mark, "RMPUPDATE", 0);
	KT_EXPECT_CALLS(test, mark, "SNP_LAUNCH_UPDATE", 0);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE,
					    KVM_MEMORY_ATTRIBUTE_PRIVATE));
	expect_retry(test, vm, 0, T_NORMAL);
}

static void first_page_duplicate(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	first_page_fails(test, vm, params(vm, 0, 1, T_NORMAL), 0);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_GUEST_VALID);
}

static void first_page_poisoned(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct folio *folio;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	folio = kt_gmem_folio(vm, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	folio_set_hwpoison(folio);
	first_page_fails(test, vm, params(vm, 0, 1, T_NORMAL), 0);
	folio_clear_hwpoison(folio);
	folio_put(folio);
}

static void first_page_gmem_closed(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);

	kt_close(test, vm->gmem_fd);
	first_page_fails(test, vm, params(vm, 0, 1, T_NORMAL), 0);
}

/* The entry of the page, and that of the 2 MiB which it is in */
static void first_page_rmpread(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int nth;

	for (nth = 1; nth <= 2; nth++) {
		u64 mark = kt_mark();
		int fault = kt_fault(test, "RMPREAD", nth, KT_RMP_FAIL_INPUT);

		first_page_fails(test, vm, params(vm, 0, 1, T_NORMAL), 0);
		kt_expect_delivered(test, fault, 1);
		KT_EXPECT_CALLS(test, mark, "SNP_LAUNCH_UPDATE", 0);
		KT_EXPECT_STATE(vm, 0, KT_PAGE_HYPERVISOR);
	}
	expect_retry(test, vm, 0, T_NORMAL);
}

static void first_page_rmpupdate(struct kunit *test)
{
	static const s32 codes[] = {
		KT_RMP_FAIL_INPUT, KT_RMP_FAIL_PERMISSION, KT_RMP_FAIL_INUSE,
	};
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		u64 mark = kt_mark();
		int fault = kt_fault(test, "RMPUPDATE", 1, codes[i]);

		first_page_fails(test, vm, params(vm, 0, 1, T_NORMAL), 0);
		kt_expect_delivered(test, fault, 1);
		KT_EXPECT_CALLS(test, mark, "SNP_LAUNCH_UPDATE", 0);
		KT_EXPECT_STATE(vm, 0, KT_PAGE_HYPERVISOR);
	}
	expect_retry(test, vm, 0, T_NORMAL);
}

static void first_page_bad_sev_fd(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	int fd = vm->sev_fd;

	/* Not open, and open but not /dev/sev */
	vm->sev_fd = 9999;
	first_page_fails(test, vm, params(vm, 0, 1, T_NORMAL), 0);
	vm->sev_fd = vm->kvm_fd;
	first_page_fails(test, vm, params(vm, 0, 1, T_NORMAL), 0);
	vm->sev_fd = fd;
	expect_retry(test, vm, 0, T_NORMAL);
}

/* Whatever firmware answers, user space gets to see it. */
static void first_page_firmware(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int i;
	u32 status;

	kt_needs(test, KT_FAULTS);
	for (i = 0; kt_status("SNP_LAUNCH_UPDATE", i, &status); i++) {
		int fault;

		kt_fault_clear();
		fault = kt_fault(test, "SNP_LAUNCH_UPDATE", 1, status);
		first_page_fails(test, vm, params(vm, 0, 1, T_NORMAL), status);
		kt_expect_delivered(test, fault, 1);
		KT_EXPECT_STATE(vm, 0, KT_PAGE_HYPERVISOR);
	}
	KUNIT_EXPECT_GT(test, i, 0);
	expect_retry(test, vm, 0, T_NORMAL);
}

/*
 * A later page fails, or the range leaves the slot: success, with progress, and
 * the error field as it was. Why it stopped is seen only when the caller goes
 * on. The documentation has it that not all of the range may be processed.
 */

static void expect_progress(struct kunit *test, struct kt_vm *vm, params_t p,
			    unsigned int done)
{
	params_t before = p;
	u32 error = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, 0, kt_snp_update(vm, &p, &error));
	KUNIT_EXPECT_EQ(test, UNTOUCHED, error);
	KUNIT_EXPECT_EQ(test, before.gfn_start + done, p.gfn_start);
	KUNIT_EXPECT_EQ(test, before.len - done * PAGE_SIZE, p.len);
	KUNIT_EXPECT_EQ(test, before.type == T_ZERO ? before.uaddr :
			      before.uaddr + done * PAGE_SIZE, p.uaddr);
}

static void later_page_firmware(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int k;

	for (k = 1; k < NPAGES; k++) {
		int fault;

		kt_fault_clear();
		fault = kt_fault(test, "SNP_LAUNCH_UPDATE", k + 1, SEV_RET_INVALID_PARAM);
		expect_progress(test, vm, params(vm, 0, NPAGES, T_NORMAL), k);
		kt_expect_delivered(test, fault, 1);
		KT_EXPECT_STATE(vm, k - 1, KT_PAGE_GUEST_VALID);
		KT_EXPECT_STATE(vm, k, KT_PAGE_HYPERVISOR);
		KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES));
	}
}

static void later_page_of_type_zero(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);

	kt_fault(test, "SNP_LAUNCH_UPDATE", 2, SEV_RET_INVALID_PARAM);
	expect_progress(test, vm, params(vm, 0, NPAGES, T_ZERO), 1);
}

static void later_page_shared(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int k;

	for (k = 1; k < NPAGES; k++) {
		KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA + k * PAGE_SIZE,
						    PAGE_SIZE, 0));
		expect_progress(test, vm, params(vm, 0, NPAGES, T_NORMAL), k);
		KT_EXPECT_STATE(vm, k, KT_PAGE_HYPERVISOR);
		KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES));
		KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA + k * PAGE_SIZE, PAGE_SIZE,
						    KVM_MEMORY_ATTRIBUTE_PRIVATE));
	}
}

static void later_page_duplicate(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 2, 1, T_NORMAL));
	expect_progress(test, vm, params(vm, 0, NPAGES, T_NORMAL), 2);
}

/*
 * Every allocation fails once; the caller goes on, and the measurement is right.
 *
 * Return: true if one has failed, false if there were fewer.
 */
static bool no_memory_at(struct kt_vm *vm, unsigned int nth, void *page, u8 *ld, u32 *seen)
{
	params_t p = params(vm, 0, NPAGES, T_NORMAL);
	struct kunit *test = vm->test;
	u32 error = UNTOUCHED;
	unsigned int i, k;
	bool delivered;
	int ret;

	kt_fail_alloc(test, nth);
	ret = kt_snp_update(vm, &p, &error);
	delivered = kt_fail_alloc_end();

	k = NPAGES - (p.len >> PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, k ? 0 : -EIO, ret);
	KUNIT_EXPECT_EQ(test, k ? UNTOUCHED : 0, error);
	KUNIT_EXPECT_EQ(test, KT_GFN + k, p.gfn_start);
	KUNIT_EXPECT_EQ(test, vm->src + k * PAGE_SIZE, p.uaddr);
	for (i = 0; i < k; i++)
		KT_EXPECT_STATE(vm, i, KT_PAGE_GUEST_VALID);
	if (k < NPAGES) {
		KUNIT_EXPECT_TRUE(test, delivered);
		*seen |= BIT(k);
		KUNIT_ASSERT_EQ(test, 0, kt_snp_update(vm, &p, NULL));
		KUNIT_ASSERT_EQ(test, 0, p.len);
	}
	for (i = 0; i < NPAGES; i++) {
		kt_pattern(page, i);
		kt_ld_extend(ld, T_NORMAL, KT_GPA + i * PAGE_SIZE, page);
	}
	kt_expect_ld(vm, ld);
	return delivered;
}

static void no_memory(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	void *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	unsigned int nth, sweep;
	u8 ld[KT_LD_SIZE] = {};
	u32 seen = 0;

	KUNIT_ASSERT_NOT_NULL(test, page);
	/*
	 * A slab that has to be refilled allocates, too, and can do without: then
	 * what the next number stands for is not what came next.
	 */
	for (sweep = 0; sweep < 10 && seen != BIT(NPAGES) - 1; sweep++)
		for (nth = 1; ; nth++) {
			KUNIT_ASSERT_LT(test, nth, 100);
			KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES));
			if (!no_memory_at(vm, nth, page, ld, &seen))
				break;
		}
	/* Each page was the one that failed. */
	KUNIT_EXPECT_EQ(test, BIT(NPAGES) - 1, seen);
}

static void range_leaves_the_slot(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 1, NPAGES, T_NORMAL);

	expect_progress(test, vm, p, NPAGES - 1);

	/* The caller that goes on learns that there is no slot. */
	p.gfn_start = KT_GFN + NPAGES;
	p.len = PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_snp_update(vm, &p, NULL));
}

static void caller_goes_on(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, NPAGES, T_NORMAL);
	u8 ld[KT_LD_SIZE] = {};
	unsigned int i;
	void *page;

	page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);

	kt_fault(test, "SNP_LAUNCH_UPDATE", 3, SEV_RET_INVALID_PARAM);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update(vm, &p, NULL));
	KUNIT_EXPECT_EQ(test, 2 * PAGE_SIZE, p.len);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update(vm, &p, NULL));
	KUNIT_EXPECT_EQ(test, 0, p.len);

	/* The measurement is that of an undisturbed launch. */
	for (i = 0; i < NPAGES; i++) {
		kt_pattern(page, i);
		kt_ld_extend(ld, T_NORMAL, KT_GPA + i * PAGE_SIZE, page);
	}
	kt_expect_ld(vm, ld);
}

/* CPUID ------------------------------------------------------------------------ */

struct cpuid_entry {
	u32 eax_in, ecx_in;
	u64 xcr0_in, xss_in;
	u32 eax, ebx, ecx, edx;
	u64 reserved;
};

struct cpuid_page {
	u32 count;
	u32 reserved1;
	u64 reserved2;
	struct cpuid_entry entry[64];
};

/* Leaf 3 is none that firmware knows: all of it has to be zero. */
static struct cpuid_page *bad_table(struct kunit *test)
{
	struct cpuid_page *t = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->count = 1;
	t->entry[0].eax_in = 3;
	t->entry[0].ebx = 0x1234;

	return t;
}

/* Described only by a comment in the code, not by the documentation */
static void cpuid_rejected(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct cpuid_page *t = bad_table(test);
	u8 ld[KT_LD_SIZE] = {};
	struct page *src;

	kt_write(test, vm->src, t, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(vm->src, 1, FOLL_WRITE, &src));
	folio_clear_dirty(page_folio(src));
	put_page(src);
	first_page_fails(test, vm, params(vm, 0, 1, T_CPUID), SEV_RET_INVALID_PARAM);
	/* Or what firmware has corrected is lost when the page is written out. */
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(page_folio(src)));
	kt_expect_ld(vm, ld);

	kt_read(test, vm->src, t, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, t->count);
	KUNIT_EXPECT_EQ(test, 3, t->entry[0].eax_in);
	KUNIT_EXPECT_EQ(test, 0, t->entry[0].ebx);

	/* The corrected table is acceptable as it stands. */
	expect_retry(test, vm, 0, T_CPUID);
	kt_ld_extend(ld, T_CPUID, KT_GPA, NULL);
	kt_expect_ld(vm, ld);
}

static void cpuid_source_read_only(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 1, T_CPUID);

	/* Even an acceptable table has to be writable. */
	p.uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ);
	first_page_fails(test, vm, p, 0);
}

static void other_source_read_only(struct kunit *test)
{
	static const u8 types[] = { T_NORMAL, T_UNMEASURED, T_SECRETS };
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		params_t p = params(vm, i, 1, types[i]);

		p.uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ);
		KUNIT_EXPECT_EQ(test, 0, kt_snp_update(vm, &p, NULL));
		KUNIT_EXPECT_EQ(test, 0, p.len);
	}
}

/* Failures of the way back ------------------------------------------------------ */

static void reclaim_fails(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 1, T_NORMAL);
	int fault, ret = 0;
	u32 error = 0;
	u64 spa;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	spa = kt_page_spa(vm, 0);
	/*
	 * In SERIES=ops KVM chains a page that it gives up into a list by its lru
	 * field, but takes no reference: guest_memfd would free it all the same.
	 * Keep it, for ever, and let nothing else use that field.
	 */
	KUNIT_ASSERT_NOT_NULL(test, kt_gmem_folio(vm, 0));
	lru_add_drain_all();

	kt_fault(test, "SNP_LAUNCH_UPDATE", 1, SEV_RET_INVALID_PAGE_STATE);
	fault = kt_fault(test, "SNP_PAGE_RECLAIM", 1, SEV_RET_INVALID_PAGE_STATE);
	kunit_warning_suppress(test) {
		ret = kt_snp_update(vm, &p, &error);
		KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
	}
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);

	/* Every later ioctl fails; the page must not go back to the allocator. */
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update(vm, &p, NULL));
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_finish(vm, NULL, NULL));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vcpu_run(vm, 0, NULL));
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_PRE_GUEST);

	kt_take_back(test, spa);
}

/* Firmware gave the page back, but it can't be made the host's. */
static void make_shared_fails(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 1, T_NORMAL);
	int fault, ret = 0;
	u64 spa;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	spa = kt_page_spa(vm, 0);
	/* As for a failed reclaim */
	KUNIT_ASSERT_NOT_NULL(test, kt_gmem_folio(vm, 0));
	lru_add_drain_all();

	kt_fault(test, "SNP_LAUNCH_UPDATE", 1, SEV_RET_INVALID_PAGE_STATE);
	/* The first one made it private. */
	fault = kt_fault(test, "RMPUPDATE", 2, KT_RMP_FAIL_INUSE);
	kunit_warning_suppress(test) {
		ret = kt_snp_update(vm, &p, NULL);
		KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
	}
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update(vm, &p, NULL));
	/* Of what firmware worked on, reclaim makes the guest's. */
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_GUEST_INVALID);

	KUNIT_EXPECT_EQ(test, 0, rmp_make_shared(PHYS_PFN(spa), PG_LEVEL_4K));
}

/*
 * The pages are done, the caller does not learn it: when it repeats the call it
 * gets -EIO for a duplicate. Not documented.
 */
static void params_copy_back_fails(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	params_t p = params(vm, 0, 2, T_NORMAL);
	unsigned long uaddr = kt_mmap_ro(test, &p, sizeof(p));

	KUNIT_EXPECT_EQ(test, -EFAULT,
			kt_sev_at(vm, KVM_SEV_SNP_LAUNCH_UPDATE, uaddr, NULL));
	KT_EXPECT_STATE(vm, 0, KT_PAGE_GUEST_VALID);
	KT_EXPECT_STATE(vm, 1, KT_PAGE_GUEST_VALID);
	KUNIT_EXPECT_EQ(test, -EIO,
			kt_sev_at(vm, KVM_SEV_SNP_LAUNCH_UPDATE, uaddr, NULL));
}

/* Order and types ------------------------------------------------------------------ */

static void one_command_per_page_ascending(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kt_op *e;
	u64 mark = kt_mark();
	unsigned int i;

	kt_needs(test, KT_LEDGER);
	e = kunit_kcalloc(test, NPAGES, sizeof(*e), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, NPAGES, T_NORMAL));
	KUNIT_ASSERT_EQ(test, NPAGES, kt_ops(test, mark, "SNP_LAUNCH_UPDATE", e, NPAGES));
	for (i = 0; i < NPAGES; i++) {
		KUNIT_EXPECT_EQ(test, kt_page_spa(vm, i), e[i].spa);
		KUNIT_EXPECT_EQ(test, vm->gctx, e[i].gctx);
		KUNIT_EXPECT_EQ(test, T_NORMAL, e[i].arg);
	}
}

static void every_type_is_measured(struct kunit *test)
{
	static const u8 types[] = { T_NORMAL, T_ZERO, T_UNMEASURED, T_SECRETS, T_CPUID };
	struct kt_vm *vm = kt_snp_launching(test, ARRAY_SIZE(types));
	void *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	u8 ld[KT_LD_SIZE] = {};
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	/* No entries: nothing to object to */
	kt_write(test, vm->src + 4 * PAGE_SIZE, page, PAGE_SIZE);

	kt_pattern(page, 0);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, i, 1, types[i]));
		kt_ld_extend(ld, types[i], KT_GPA + i * PAGE_SIZE, page);
		kt_expect_ld(vm, ld);
	}

	/* The guest sees what it was given, or what firmware made of it. */
	if (!kt_checks(test, KT_INSIDE))
		return;
	kt_guest_read(vm, 0, page);
	KUNIT_EXPECT_EQ(test, 0x6b740000u, *(u32 *)page);
	kt_guest_read(vm, 1, page);
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 0, PAGE_SIZE));
	kt_guest_read(vm, 2, page);
	KUNIT_EXPECT_EQ(test, 0x6b740000u + (2 << 10), *(u32 *)page);
	kt_guest_read(vm, 3, page);
	KUNIT_EXPECT_NE(test, 0x6b740000u + (3 << 10), *(u32 *)page);
}

/* Table --------------------------------------------------------------------------- */

static const struct row {
	const char *desc;
	void (*run)(struct kunit *test);
} rows[] = {
	{ "not an SNP VM: EINVAL", not_an_snp_vm },
	{ "SNP VM without INIT2: EINVAL", no_init2 },
	{ "no LAUNCH_START: EINVAL", no_launch_start },
	{ "mirror VM: EINVAL", mirror_vm },
	{ "mirror of an SNP VM: can't be made", mirror_of_snp },
	{ "after LAUNCH_FINISH: EIO, guest state", after_finish },
	{ "kvm_sev_cmd unreadable: EFAULT", cmd_unreadable },
	{ "parameters unreadable: EFAULT", params_unreadable },
	{ "len 0 or no multiple of 4K: EINVAL", bad_len },
	{ "flags: EINVAL", bad_flags },
	{ "unknown type: EINVAL", bad_type },
	{ "uaddr not 4K-aligned: EINVAL", uaddr_unaligned },
	{ "uaddr 0: EINVAL", uaddr_null },
	{ "type ZERO: uaddr ignored, not advanced", zero_ignores_uaddr },
	{ "padding not zero: accepted", padding_is_accepted },
	{ "gfn in no slot: EINVAL", gfn_in_no_slot },
	{ "gfn in a slot without guest_memfd: EINVAL", gfn_in_a_slot_without_gmem },
	{ "first page, signal: EIO", first_page_signal },
	{ "first page, bad source: EIO", first_page_bad_source },
	{ "first page, shared: EIO", first_page_shared },
	{ "first page, duplicate: EIO", first_page_duplicate },
	{ "first page, poisoned: EIO", first_page_poisoned },
	{ "first page, guest_memfd closed: EIO", first_page_gmem_closed },
	{ "first page, RMPREAD fails: EIO", first_page_rmpread },
	{ "first page, RMPUPDATE fails: EIO", first_page_rmpupdate },
	{ "first page, bad sev_fd: EIO", first_page_bad_sev_fd },
	{ "first page, any firmware status: EIO", first_page_firmware },
	{ "later page, firmware: 0 and progress", later_page_firmware },
	{ "later page of type ZERO: uaddr stays", later_page_of_type_zero },
	{ "later page, shared: 0 and progress", later_page_shared },
	{ "later page, duplicate: 0 and progress", later_page_duplicate },
	{ "any page, no memory: EIO or 0 and progress", no_memory },
	{ "range leaves the slot: 0 and progress", range_leaves_the_slot },
	{ "caller goes on until len is 0", caller_goes_on },
	{ "CPUID table rejected: EIO and corrected table", cpuid_rejected },
	{ "CPUID source read-only: EIO", cpuid_source_read_only },
	{ "other source read-only: accepted", other_source_read_only },
	{ "reclaim fails: EIO and VM bugged", reclaim_fails },
	{ "reclaimed page can't be made shared: EIO and VM bugged", make_shared_fails },
	{ "parameters can't be copied back: EFAULT after progress", params_copy_back_fails },
	{ "one command per page, ascending", one_command_per_page_ascending },
	{ "every type is measured", every_type_is_measured },
};

KUNIT_ARRAY_PARAM_DESC(rows, rows, desc);

static void rule(struct kunit *test)
{
	const struct row *r = test->param_value;

	r->run(test);
}

static struct kunit_case snp_launch_update_cases[] = {
	KUNIT_CASE_PARAM(rule, rows_gen_params),
	{}
};

static struct kunit_suite snp_launch_update_suite = {
	.name = "snp_launch_update",
	.init = kt_init_snp,
	.test_cases = snp_launch_update_cases,
};

kunit_test_suite(snp_launch_update_suite);
