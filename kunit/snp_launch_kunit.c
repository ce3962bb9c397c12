// SPDX-License-Identifier: GPL-2.0
/*
 * Whole launches of SNP guests: what is measured, what is left when a VM goes
 * away at any point and in any order, and several VMs at once.
 */
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/psp-sev.h>

#include "kvm_test_sim.h"

#define NPAGES	6

#define T_NORMAL	KVM_SEV_SNP_PAGE_TYPE_NORMAL
#define T_ZERO		KVM_SEV_SNP_PAGE_TYPE_ZERO
#define T_UNMEASURED	KVM_SEV_SNP_PAGE_TYPE_UNMEASURED
#define T_SECRETS	KVM_SEV_SNP_PAGE_TYPE_SECRETS
#define T_CPUID		KVM_SEV_SNP_PAGE_TYPE_CPUID

/* Digest ------------------------------------------------------------------------ */

/* Launch a little of everything; @ld becomes what has to be measured. */
static void launch_image(struct kt_vm *vm, u8 *ld)
{
	static const struct {
		unsigned int page, npages;
		u8 type;
	} image[] = {
		/* Not in ascending order: the order of the calls is measured. */
		{ 2, 2, T_NORMAL },
		{ 0, 1, T_CPUID },
		{ 1, 1, T_SECRETS },
		{ 4, 1, T_ZERO },
		{ 5, 1, T_UNMEASURED },
	};
	struct kunit *test = vm->test;
	void *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, page);
	/* A CPUID table without entries */
	kt_write(test, vm->src, page, PAGE_SIZE);

	for (i = 0; i < ARRAY_SIZE(image); i++) {
		KUNIT_ASSERT_EQ(test, 0,
				kt_snp_update_pages(vm, image[i].page, image[i].npages,
						    image[i].type));
		for (j = image[i].page; j < image[i].page + image[i].npages; j++) {
			kt_pattern(page, j);
			kt_ld_extend(ld, image[i].type, KT_GPA + j * PAGE_SIZE, page);
		}
	}
	kunit_kfree(test, page);
}

static const struct {
	const char *desc;
	unsigned int vcpus;
} sizes[] = {
	{ "1 vCPU", 1 },
	{ "4 vCPUs", 4 },
};

KUNIT_ARRAY_PARAM_DESC(sizes, sizes, desc);

static void digest_equals_the_documented_records(struct kunit *test)
{
	const typeof(sizes[0]) *size = test->param_value;
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u8 ld[KT_LD_SIZE] = {};
	struct kt_vmsas *v;
	unsigned int i;

	for (i = 1; i < size->vcpus; i++)
		KUNIT_ASSERT_EQ(test, i, kt_vm_vcpu(vm));

	launch_image(vm, ld);
	kt_expect_ld(vm, ld);

	if (!kt_checks(test, KT_GATE)) {
		KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
		return;
	}
	v = kt_watch_vmsas(test);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	KUNIT_ASSERT_EQ(test, size->vcpus, v->nr);
	for (i = 0; i < v->nr; i++)
		kt_ld_vmsa(ld, v->page[i]);
	kt_expect_ld(vm, ld);
}

/* Where things are in a VMSA: AMD64 Architecture Programmer's Manual, volume 2, table B-4 */
static const struct {
	const char *name;
	size_t reg, vmsa;
} gprs[] = {
#define GPR(_name, _vmsa) { #_name, offsetof(struct kvm_regs, _name), _vmsa }
	GPR(rflags, 0x170), GPR(rip, 0x178), GPR(rsp, 0x1d8), GPR(rax, 0x1f8),
	GPR(rcx, 0x308), GPR(rdx, 0x310), GPR(rbx, 0x318), GPR(rbp, 0x328),
	GPR(rsi, 0x330), GPR(rdi, 0x338), GPR(r8, 0x340), GPR(r9, 0x348),
	GPR(r10, 0x350), GPR(r11, 0x358), GPR(r12, 0x360), GPR(r13, 0x368),
	GPR(r14, 0x370), GPR(r15, 0x378),
#undef GPR
};

static const struct {
	const char *name;
	size_t sreg, vmsa;
} segs[] = {
#define SEG(_name, _vmsa) { #_name, offsetof(struct kvm_sregs, _name), _vmsa }
	SEG(es, 0x00), SEG(cs, 0x10), SEG(ss, 0x20), SEG(ds, 0x30),
	SEG(fs, 0x40), SEG(gs, 0x50), SEG(ldt, 0x70), SEG(tr, 0x90),
#undef SEG
};

#define VMSA_GDTR		0x60
#define VMSA_IDTR		0x80
#define VMSA_CR3		0x150
#define VMSA_DR6		0x168
#define VMSA_SEV_FEATURES	0x3b0

static u64 *field(void *vmsa, size_t offset)
{
	return vmsa + offset;
}

/* Give a vCPU registers of which no two are the same, and none that of another vCPU. */
static void set_registers(struct kt_vm *vm, unsigned int i, struct kvm_regs *regs,
			  struct kvm_sregs *sregs, struct kvm_debugregs *dregs)
{
	struct kunit *test = vm->test;
	int fd = vm->vcpu_fd[i];
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(gprs); n++)
		*field(regs, gprs[n].reg) = 0x1020304050600000ULL + i * 0x1000 + n;
	/* Bit 1 is always set; of the others, these may be. */
	regs->rflags = X86_EFLAGS_FIXED | (i ? X86_EFLAGS_ZF : X86_EFLAGS_CF);
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, fd, KVM_SET_REGS, regs, sizeof(*regs)));

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, fd, KVM_GET_SREGS, sregs, sizeof(*sregs)));
	for (n = 0; n < ARRAY_SIZE(segs); n++) {
		struct kvm_segment *seg = (void *)sregs + segs[n].sreg;

		seg->selector = 0x100 * (i + 1) + 8 * n;
		seg->base = 0x10000 * (i + 1) + 16 * n;
		seg->limit = 0xff00 + 16 * i + n;
	}
	sregs->gdt.base = 0x700000 + i;
	sregs->gdt.limit = 0x70 + i;
	sregs->idt.base = 0x800000 + i;
	sregs->idt.limit = 0x80 + i;
	sregs->cr3 = 0x900000 + i * PAGE_SIZE;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, fd, KVM_SET_SREGS, sregs, sizeof(*sregs)));

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, fd, KVM_GET_DEBUGREGS, dregs,
					      sizeof(*dregs)));
	dregs->dr6 ^= BIT(i);
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, fd, KVM_SET_DEBUGREGS, dregs,
					      sizeof(*dregs)));
}

static void vmsa_has_the_registers_that_were_set(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kvm_debugregs *dregs;
	struct kvm_sregs *sregs;
	struct kvm_regs *regs;
	struct kt_vmsas *v;
	unsigned int i, n;

	kt_needs(test, KT_GATE);
	KUNIT_ASSERT_EQ(test, 1, kt_vm_vcpu(vm));
	regs = kunit_kcalloc(test, 2, sizeof(*regs), GFP_KERNEL);
	sregs = kunit_kcalloc(test, 2, sizeof(*sregs), GFP_KERNEL);
	dregs = kunit_kcalloc(test, 2, sizeof(*dregs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, regs);
	KUNIT_ASSERT_NOT_NULL(test, sregs);
	KUNIT_ASSERT_NOT_NULL(test, dregs);
	for (i = 0; i < 2; i++)
		set_registers(vm, i, &regs[i], &sregs[i], &dregs[i]);

	v = kt_watch_vmsas(test);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	KUNIT_ASSERT_EQ(test, 2, v->nr);
	for (i = 0; i < 2; i++) {
		void *vmsa = v->page[i];

		for (n = 0; n < ARRAY_SIZE(gprs); n++)
			KUNIT_EXPECT_EQ_MSG(test, *field(&regs[i], gprs[n].reg),
					    *field(vmsa, gprs[n].vmsa),
					    "%s of vCPU %u", gprs[n].name, i);
		for (n = 0; n < ARRAY_SIZE(segs); n++) {
			struct kvm_segment *seg = (void *)&sregs[i] + segs[n].sreg;
			u64 *d = field(vmsa, segs[n].vmsa);
			u32 attrib = seg->type | seg->s << 4 | seg->dpl << 5 | seg->present << 7 |
				     seg->avl << 8 | seg->l << 9 | seg->db << 10 | seg->g << 11;

			KUNIT_EXPECT_EQ_MSG(test, (u64)seg->limit << 32 | attrib << 16 |
					    seg->selector, d[0],
					    "%s of vCPU %u", segs[n].name, i);
			KUNIT_EXPECT_EQ_MSG(test, seg->base, d[1],
					    "base of %s of vCPU %u", segs[n].name, i);
		}
		KUNIT_EXPECT_EQ(test, sregs[i].gdt.limit, *field(vmsa, VMSA_GDTR) >> 32);
		KUNIT_EXPECT_EQ(test, sregs[i].gdt.base, *field(vmsa, VMSA_GDTR + 8));
		KUNIT_EXPECT_EQ(test, sregs[i].idt.limit, *field(vmsa, VMSA_IDTR) >> 32);
		KUNIT_EXPECT_EQ(test, sregs[i].idt.base, *field(vmsa, VMSA_IDTR + 8));
		KUNIT_EXPECT_EQ(test, sregs[i].cr3, *field(vmsa, VMSA_CR3));
		KUNIT_EXPECT_EQ(test, dregs[i].dr6, *field(vmsa, VMSA_DR6));
		/* SNP active, and no more was asked for */
		KUNIT_EXPECT_EQ(test, 1, *field(vmsa, VMSA_SEV_FEATURES));
	}
}

static void same_image_same_digest(struct kunit *test)
{
	struct kt_guest_info *a, *b;
	u8 ld[KT_LD_SIZE] = {};
	struct kt_vm *vm;

	kt_needs(test, KT_INSIDE);
	a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);
	b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);

	vm = kt_snp_launching(test, NPAGES);
	launch_image(vm, ld);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	kt_guest_info(vm, a);

	vm = kt_snp_launching(test, NPAGES);
	memset(ld, 0, sizeof(ld));
	launch_image(vm, ld);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	kt_guest_info(vm, b);

	KUNIT_EXPECT_MEMEQ(test, a->ld, b->ld, KT_LD_SIZE);
	KUNIT_EXPECT_NE(test, a->asid, b->asid);
}

static void nothing_launched_is_a_digest_of_zeros(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	static const u8 ld[KT_LD_SIZE];

	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	kt_expect_ld(vm, ld);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	kt_expect_ld(vm, ld);
}

/* INIT2 ------------------------------------------------------------------------------- */

static const struct init_case {
	const char *desc;
	struct kvm_sev_init args;
} inits[] = {
	{ "flags", { .flags = 1 } },
	{ "feature that KVM sets", { .vmsa_features = BIT_ULL(0) } },
	{ "feature that is none", { .vmsa_features = BIT_ULL(62) } },
	{ "GHCB of the future", { .ghcb_version = 3 } },
	{ "GHCB that is too old for SNP", { .ghcb_version = 1 } },
};

KUNIT_ARRAY_PARAM_DESC(inits, inits, desc);

static void refused_init2_changes_nothing(struct kunit *test)
{
	const struct init_case *c = test->param_value;
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	static const char * const none[] = { NULL };
	struct kvm_sev_init args = c->args;
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev(vm, KVM_SEV_INIT2, &args, sizeof(args), NULL));
	kt_expect_ops(test, mark, none);
	/* Nothing but INIT2 makes an SNP guest. */
	KUNIT_EXPECT_EQ(test, -ENOTTY, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_init2(vm));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
}

static void commands_of_other_guests_are_refused(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	static const char * const none[] = { NULL };
	u64 mark = kt_mark();
	u32 id;

	KUNIT_EXPECT_EQ(test, -EFAULT, kt_sev_at(vm, KVM_SEV_INIT2, TASK_SIZE - PAGE_SIZE, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev_at(vm, KVM_SEV_INIT, 0, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev_at(vm, KVM_SEV_ES_INIT, 0, NULL));
	kt_expect_ops(test, mark, none);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	for (id = 0; id < KVM_SEV_SNP_LAUNCH_START; id++)
		KUNIT_EXPECT_EQ_MSG(test, -EPERM, kt_sev_at(vm, id, 0, NULL), "command %u", id);
	for (id = KVM_SEV_NR_MAX; id < KVM_SEV_NR_MAX + 3; id++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, kt_sev_at(vm, id, 0, NULL), "command %u", id);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
}

/*
 * Every allocation of INIT2 fails in turn, for a VM of its own. KVM, or the
 * allocator, can do without some; that there is no page for firmware is -EIO, which
 * is not documented. Nor is it a finding: snp_alloc_firmware_page() does not say whether
 * it was memory or RMPUPDATE that failed, and both can be repeated.
 */
static void init2_without_memory_can_be_repeated(struct kunit *test)
{
	unsigned int nth, failed = 0, eio = 0;
	bool delivered = true;
	int ret;

	for (nth = 1; delivered; nth++) {
		struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);

		kt_fail_alloc(test, nth);
		ret = kt_snp_init2(vm);
		delivered = kt_fail_alloc_end();
		if (ret) {
			failed++;
			eio += ret == -EIO;
			KUNIT_EXPECT_TRUE_MSG(test, ret == -ENOMEM || ret == -EIO,
					      "allocation %u: %d", nth, ret);
			KUNIT_EXPECT_EQ(test, 0, kt_snp_init2(vm));
		}
		kt_close(test, vm->fd);
		kt_close(test, vm->sev_fd);
		kt_close(test, vm->kvm_fd);
		KUNIT_ASSERT_LT(test, nth, 50);
	}
	KUNIT_EXPECT_EQ(test, 0, ret);
	/* For guest messages: a page of KVM's, and one or more of firmware's */
	KUNIT_EXPECT_GE(test, eio, 1);
	KUNIT_EXPECT_GT(test, failed, eio);
}

static void vcpu_without_memory_is_not_made(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	unsigned int nth, failed = 0;
	bool delivered = true;
	int fd;

	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	for (nth = 1; delivered; nth++) {
		kt_fail_alloc(test, nth);
		fd = kt_ioctl(vm->fd, KVM_CREATE_VCPU, nth);
		delivered = kt_fail_alloc_end();
		if (fd < 0) {
			failed++;
			KUNIT_EXPECT_EQ_MSG(test, -ENOMEM, fd, "allocation %u", nth);
		} else {
			kt_own_fd(test, fd);
		}
		KUNIT_ASSERT_LT(test, nth, 200);
	}
	KUNIT_EXPECT_GE(test, fd, 0);
	KUNIT_EXPECT_GT(test, failed, 5);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
}

/* Guests of old, by the command of old, which any VM may give: once, and before its vCPUs */
static void init_of_old(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_DEFAULT_VM);

	if (!kt_has_vm_type(test, KVM_X86_SEV_VM))
		kunit_skip(test, "this machine has no SEV guests");
	KUNIT_EXPECT_EQ(test, 0, kt_sev_at(vm, KVM_SEV_INIT, 0, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev_at(vm, KVM_SEV_INIT, 0, NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_snp_init2(vm));

	vm = kt_vm_bare(test, KVM_X86_DEFAULT_VM);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev_at(vm, KVM_SEV_INIT, 0, NULL));
}

static void attributes_of_sev(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct kvm_device_attr attr = { .group = KVM_X86_GRP_SEV, .addr = uaddr };
	u64 val = 0;

	attr.attr = KVM_X86_SNP_POLICY_BITS;
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, vm->kvm_fd, KVM_GET_DEVICE_ATTR, &attr,
					      sizeof(attr)));
	kt_read(test, uaddr, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, KT_SNP_POLICY, val & KT_SNP_POLICY);
	attr.attr = 99;
	KUNIT_EXPECT_EQ(test, -ENXIO, kt_ioctl_buf(test, vm->kvm_fd, KVM_GET_DEVICE_ATTR, &attr,
						   sizeof(attr)));
	attr.group = 99;
	KUNIT_EXPECT_EQ(test, -ENXIO, kt_ioctl_buf(test, vm->kvm_fd, KVM_GET_DEVICE_ATTR, &attr,
						   sizeof(attr)));
}

/* LAUNCH_START ---------------------------------------------------------------------- */

static const struct start_case {
	const char *desc;
	const char *op;
	u32 status;
	int ret;
	bool decommission;
} starts[] = {
	/* Without the fix -ENOTTY: the reason is lost but for the firmware's status. */
	{ "GCTX_CREATE: EIO", "SNP_GCTX_CREATE", SEV_RET_INVALID_PAGE_STATE, -EIO, false },
	{ "LAUNCH_START: EIO", "SNP_LAUNCH_START", SEV_RET_POLICY_FAILURE, -EIO, true },
	{ "ACTIVATE: EIO", "SNP_ACTIVATE", SEV_RET_INVALID_CONFIG, -EIO, true },
};

KUNIT_ARRAY_PARAM_DESC(starts, starts, desc);

static void failed_start_leaves_nothing(struct kunit *test)
{
	const struct start_case *c = test->param_value;
	struct kt_vm *vm = kt_snp_vm(test, NPAGES);
	u64 mark = kt_mark();
	u32 error = 0;
	int fault;

	fault = kt_fault(test, c->op, 1, c->status);
	KUNIT_EXPECT_EQ(test, kt_fixed() || c->decommission ? c->ret : -ENOTTY,
			kt_snp_start(vm, KT_SNP_POLICY, &error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, c->status, error);
	KT_EXPECT_CALLS(test, mark, "SNP_DECOMMISSION", c->decommission);

	/* It may be tried again. */
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
}

static void second_start_is_refused(struct kunit *test)
{
	static const char * const none[] = { NULL };
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	kt_expect_ops(test, mark, none);
}

static void flags_of_start_are_refused(struct kunit *test)
{
	struct kvm_sev_snp_launch_start args = { .policy = KT_SNP_POLICY, .flags = 1 };
	static const char * const none[] = { NULL };
	struct kt_vm *vm = kt_snp_vm(test, NPAGES);
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev(vm, KVM_SEV_SNP_LAUNCH_START, &args, sizeof(args),
					      NULL));
	kt_expect_ops(test, mark, none);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
}

static void policy_without_its_fixed_bit_is_refused(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_vm(test, NPAGES);

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_snp_start(vm, BIT_ULL(16), NULL));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_snp_start(vm, KT_SNP_POLICY | BIT_ULL(63), NULL));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
}

/* Teardown ---------------------------------------------------------------------------- */

enum stage { CREATED, INITED, STARTED, UPDATED, FAULTED, FINISHED, PREFAULTED };
enum last { VM_LAST, FILE_LAST, VCPU_LAST };

static const struct teardown {
	const char *desc;
	enum stage stage;
	enum last last;
} teardowns[] = {
	{ "after creation", CREATED, VM_LAST },
	{ "after INIT2", INITED, VM_LAST },
	{ "after INIT2, file last", INITED, FILE_LAST },
	{ "after LAUNCH_START", STARTED, VM_LAST },
	{ "after LAUNCH_START, file last", STARTED, FILE_LAST },
	{ "after LAUNCH_UPDATE", UPDATED, VM_LAST },
	{ "after LAUNCH_UPDATE, file last", UPDATED, FILE_LAST },
	{ "after LAUNCH_UPDATE, vCPU last", UPDATED, VCPU_LAST },
	{ "after a failed LAUNCH_UPDATE", FAULTED, VM_LAST },
	{ "after LAUNCH_FINISH", FINISHED, VM_LAST },
	{ "after LAUNCH_FINISH, file last", FINISHED, FILE_LAST },
	{ "after LAUNCH_FINISH, vCPU last", FINISHED, VCPU_LAST },
	{ "with pages of run time", PREFAULTED, VM_LAST },
	{ "with pages of run time, file last", PREFAULTED, FILE_LAST },
	{ "with pages of run time, vCPU last", PREFAULTED, VCPU_LAST },
};

KUNIT_ARRAY_PARAM_DESC(teardowns, teardowns, desc);

static struct kt_vm *vm_at(struct kunit *test, enum stage stage)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	u64 gpa = KT_GPA + 3 * PAGE_SIZE, size = 2 * PAGE_SIZE;

	if (stage == CREATED)
		return vm;
	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	kt_vm_memory(vm, NPAGES);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	/* Memory that was never launched, too */
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 2, 1));
	if (stage == INITED)
		return vm;
	KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	if (stage == STARTED)
		return vm;
	if (stage == FAULTED)
		kt_fault(test, "SNP_LAUNCH_UPDATE", 2, SEV_RET_INVALID_PAGE_STATE);
	KUNIT_ASSERT_EQ(test, stage == FAULTED, kt_snp_update_pages(vm, 0, 2, T_NORMAL));
	if (stage == UPDATED || stage == FAULTED)
		return vm;
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	if (stage == FINISHED)
		return vm;
	KUNIT_ASSERT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KUNIT_ASSERT_EQ(test, 0, size);

	return vm;
}

/* That the machine is clean afterwards is checked at the end of every test. */
static void teardown_leaves_nothing(struct kunit *test)
{
	const struct teardown *t = test->param_value;
	struct kt_vm *vm = vm_at(test, t->stage);
	u64 mark = kt_mark(), spa = 0;
	bool memory = t->stage > CREATED;

	/* Of a VM without pages nothing but the calls would show. */
	if (t->stage < UPDATED)
		kt_needs(test, KT_LEDGER);
	else
		spa = kt_page_spa(vm, 0);
	/* The VM has to do without the descriptor it was launched with. */
	kt_close(test, vm->sev_fd);

	switch (t->last) {
	case VM_LAST:
		if (memory) {
			kt_close(test, vm->vcpu_fd[0]);
			kt_close(test, vm->gmem_fd);
		}
		KT_EXPECT_CALLS(test, mark, "SNP_DECOMMISSION", 0);
		kt_close(test, vm->fd);
		break;
	case FILE_LAST:
		kt_close(test, vm->fd);
		kt_close(test, vm->vcpu_fd[0]);
		KT_EXPECT_CALLS(test, mark, "SNP_DECOMMISSION", 0);
		kt_close(test, vm->gmem_fd);
		break;
	case VCPU_LAST:
		kt_close(test, vm->fd);
		kt_close(test, vm->gmem_fd);
		KT_EXPECT_CALLS(test, mark, "SNP_DECOMMISSION", 0);
		kt_close(test, vm->vcpu_fd[0]);
		break;
	}
	KT_EXPECT_CALLS(test, mark, "SNP_DECOMMISSION", t->stage >= STARTED);
	if (spa)
		KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_HYPERVISOR);
}

static void memory_survives_its_slot_but_not_its_file(struct kunit *test)
{
	struct kt_vm *vm = vm_at(test, UPDATED);
	u64 spa = kt_page_spa(vm, 0);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, 0, KT_GPA, 0, vm->hva, 0, 0));
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_GUEST_VALID);
	kt_close(test, vm->gmem_fd);
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_HYPERVISOR);
}

static void hole_returns_the_page_to_the_host(struct kunit *test)
{
	struct kt_vm *vm = vm_at(test, PREFAULTED);
	u64 launched = kt_page_spa(vm, 0), later = kt_page_spa(vm, 3);

	KT_EXPECT_SPA_STATE(test, launched, KT_PAGE_GUEST_VALID);
	KT_EXPECT_SPA_STATE(test, later, KT_PAGE_GUEST_INVALID);
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES));
	KT_EXPECT_SPA_STATE(test, launched, KT_PAGE_HYPERVISOR);
	KT_EXPECT_SPA_STATE(test, later, KT_PAGE_HYPERVISOR);
	kt_expect_mapped(test, launched, false);
	kt_expect_mapped(test, later, false);
}

static void sharing_unmaps_the_page_and_keeps_it(struct kunit *test)
{
	struct kt_vm *vm = vm_at(test, PREFAULTED);
	u64 spa = kt_page_spa(vm, 3);

	kt_expect_mapped(test, spa, true);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA + 3 * PAGE_SIZE, PAGE_SIZE, 0));
	kt_expect_mapped(test, spa, false);
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_GUEST_INVALID);
}

/*
 * Decommissioning fails: KVM gives up the ASID and the context. Neither can be
 * had back, so the test has to do it in its stead.
 */
static void failed_decommission_leaks_the_asid(struct kunit *test)
{
	struct kt_vm *vm = vm_at(test, STARTED);
	struct sev_data_snp_addr addr = { .address = __sme_set(vm->gctx) };
	u64 gctx = vm->gctx;
	int fault, error = 0;

	fault = kt_fault(test, "SNP_DECOMMISSION", 1, SEV_RET_INVALID_GUEST);
	kunit_warning_suppress(test) {
		kt_close(test, vm->vcpu_fd[0]);
		kt_close(test, vm->gmem_fd);
		kt_close(test, vm->fd);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	kt_expect_delivered(test, fault, 1);
	KT_EXPECT_SPA_STATE(test, gctx, KT_PAGE_CONTEXT);

	/* The lock that KVM takes is its own; no ASID is being flushed here. */
	KUNIT_EXPECT_EQ(test, 0, sev_do_cmd(SEV_CMD_SNP_DECOMMISSION, &addr, &error));
	kt_expect_violation(test, KT_OLOCK, "without sev_deactivate_lock");
	kt_take_back(test, gctx);
}

/* Several VMs ------------------------------------------------------------------------------ */

static void two_vms_at_once(struct kunit *test)
{
	struct kt_vm *a = kt_snp_launching(test, NPAGES);
	struct kt_vm *b = kt_snp_launching(test, NPAGES);
	u32 *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u32 *got = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u8 ld[KT_LD_SIZE] = {};
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_NOT_NULL(test, got);
	KUNIT_EXPECT_NE(test, a->asid, b->asid);
	KUNIT_EXPECT_NE(test, a->gctx, b->gctx);

	for (i = 0; i < NPAGES; i++) {
		KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(a, i, 1, T_NORMAL));
		KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(b, i, 1, T_NORMAL));
		kt_pattern(want, i);
		kt_ld_extend(ld, T_NORMAL, KT_GPA + i * PAGE_SIZE, want);
	}
	kt_expect_ld(a, ld);
	kt_expect_ld(b, ld);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(b, NULL, NULL));

	/* One goes away, the other goes on. */
	kt_close(test, b->vcpu_fd[0]);
	kt_close(test, b->fd);
	kt_close(test, b->gmem_fd);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(a, NULL, NULL));
	if (!kt_checks(test, KT_INSIDE))
		return;
	kt_guest_read(a, NPAGES - 1, got);
	KUNIT_EXPECT_MEMEQ(test, want, got, PAGE_SIZE);
}

static void pages_of_another_vm_are_cipher_text(struct kunit *test)
{
	struct kt_vm *a = kt_snp_launching(test, NPAGES);
	struct kt_vm *b = kt_snp_launching(test, NPAGES);
	u32 *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u32 *got = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u32 asid = a->asid;

	kt_needs(test, KT_INSIDE);
	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_NOT_NULL(test, got);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(a, 0, 1, T_NORMAL));
	kt_pattern(want, 0);
	kt_guest_read(a, 0, got);
	KUNIT_EXPECT_MEMEQ(test, want, got, PAGE_SIZE);

	/* The same page with the other's key */
	a->asid = b->asid;
	kt_guest_read(a, 0, got);
	a->asid = asid;
	KUNIT_EXPECT_NE(test, 0, memcmp(want, got, PAGE_SIZE));
}

static void launch_can_be_repeated(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct kt_vm *vm = vm_at(test, PREFAULTED);

		kt_close(test, vm->vcpu_fd[0]);
		kt_close(test, vm->gmem_fd);
		kt_close(test, vm->fd);
	}
}

static struct kunit_case snp_launch_cases[] = {
	KUNIT_CASE_PARAM(digest_equals_the_documented_records, sizes_gen_params),
	KUNIT_CASE(vmsa_has_the_registers_that_were_set),
	KUNIT_CASE(same_image_same_digest),
	KUNIT_CASE(nothing_launched_is_a_digest_of_zeros),
	KUNIT_CASE_PARAM(failed_start_leaves_nothing, starts_gen_params),
	KUNIT_CASE_PARAM(refused_init2_changes_nothing, inits_gen_params),
	KUNIT_CASE(commands_of_other_guests_are_refused),
	KUNIT_CASE(init2_without_memory_can_be_repeated),
	KUNIT_CASE(vcpu_without_memory_is_not_made),
	KUNIT_CASE(init_of_old),
	KUNIT_CASE(attributes_of_sev),
	KUNIT_CASE(second_start_is_refused),
	KUNIT_CASE(flags_of_start_are_refused),
	KUNIT_CASE(policy_without_its_fixed_bit_is_refused),
	KUNIT_CASE_PARAM(teardown_leaves_nothing, teardowns_gen_params),
	KUNIT_CASE(memory_survives_its_slot_but_not_its_file),
	KUNIT_CASE(hole_returns_the_page_to_the_host),
	KUNIT_CASE(sharing_unmaps_the_page_and_keeps_it),
	KUNIT_CASE(failed_decommission_leaks_the_asid),
	KUNIT_CASE(two_vms_at_once),
	KUNIT_CASE(pages_of_another_vm_are_cipher_text),
	KUNIT_CASE(launch_can_be_repeated),
	{}
};

static struct kunit_suite snp_launch_suite = {
	.name = "snp_launch",
	.init = kt_init_snp,
	.test_cases = snp_launch_cases,
};

kunit_test_suite(snp_launch_suite);
