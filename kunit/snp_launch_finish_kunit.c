// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_SEV_SNP_LAUNCH_FINISH, one case per rule of its ABI. What is checked is
 * what 7.2 does.
 */
#include <linux/mman.h>
#include <linux/psp-sev.h>

#include "id_block_vector.h"
#include "kvm_test_sim.h"

#define NPAGES	2

typedef struct kvm_sev_snp_launch_finish params_t;

static void expect_refused(struct kunit *test, struct kt_vm *vm, params_t *p,
			   int ret)
{
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, ret, kt_snp_finish(vm, p, NULL));
	KT_EXPECT_NO_CALLS(test, mark);
}

/* States ---------------------------------------------------------------------- */

static void not_an_snp_vm(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SW_PROTECTED_VM);

	expect_refused(test, vm, NULL, -ENOTTY);
}

static void no_context(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_vm(test, NPAGES);

	expect_refused(test, vm, NULL, -EINVAL);
}

static void second_finish(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	expect_refused(test, vm, NULL, -EINVAL);
	kt_expect_guest_state(vm, KT_GUEST_RUNNING);
}

/* Without a vCPU nothing stands in the way: firmware has to refuse. */
static void second_finish_without_vcpu(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	u32 error = 0;

	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_finish(vm, NULL, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_GUEST_STATE, error);
}

/* Arguments -------------------------------------------------------------------- */

static void bad_flags(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	unsigned int bit;

	for (bit = 0; bit < 16; bit++) {
		params_t p = { .flags = BIT(bit) };

		expect_refused(test, vm, &p, -EINVAL);
	}
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
}

static void params_unreadable(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, -EFAULT,
			kt_sev_at(vm, KVM_SEV_SNP_LAUNCH_FINISH,
				  TASK_SIZE - PAGE_SIZE, NULL));
	KT_EXPECT_NO_CALLS(test, mark);
}

/* vCPUs ------------------------------------------------------------------------- */

static void vcpu_being_created(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kvm *kvm = vm->kvm;

	/* As between the two halves of KVM_CREATE_VCPU in another thread */
	mutex_lock(&kvm->lock);
	kvm->created_vcpus++;
	mutex_unlock(&kvm->lock);

	expect_refused(test, vm, NULL, -EBUSY);

	mutex_lock(&kvm->lock);
	kvm->created_vcpus--;
	mutex_unlock(&kvm->lock);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
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
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct holder *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
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
	ret = kt_snp_finish(vm, NULL, NULL);
	kt_signal_clear();
	complete(&h->release);
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));

	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KT_EXPECT_NO_CALLS(test, mark);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
}

static void vcpu_is_debugged(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kvm_guest_debug dbg = { .control = KVM_GUESTDBG_ENABLE };

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0],
					      KVM_SET_GUEST_DEBUG, &dbg, sizeof(dbg)));
	expect_refused(test, vm, NULL, -EINVAL);

	dbg.control = 0;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0],
					      KVM_SET_GUEST_DEBUG, &dbg, sizeof(dbg)));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
}

static void vcpu_has_breakpoints(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kvm_debugregs regs = {};

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0],
					      KVM_GET_DEBUGREGS, &regs, sizeof(regs)));
	regs.dr7 |= 1;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0],
					      KVM_SET_DEBUGREGS, &regs, sizeof(regs)));
	expect_refused(test, vm, NULL, -EINVAL);

	regs.dr7 &= ~1ull;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0],
					      KVM_SET_DEBUGREGS, &regs, sizeof(regs)));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
}

/* Where RIP is in a VMSA, and what is put there */
#define VMSA_RIP	0x178
#define FIRST_RIP	0x12340000ULL

static void vmsas_first_in_order_of_vcpus(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kt_op *up, *fin, *rmp;
	struct kvm_regs *regs;
	struct kt_vmsas *v;
	unsigned int i;
	u64 mark;

	kt_needs(test, KT_GATE);
	up = kunit_kcalloc(test, 4, sizeof(*up), GFP_KERNEL);
	fin = kunit_kcalloc(test, 1, sizeof(*fin), GFP_KERNEL);
	rmp = kunit_kcalloc(test, 4, sizeof(*rmp), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, up);
	KUNIT_ASSERT_NOT_NULL(test, fin);
	KUNIT_ASSERT_NOT_NULL(test, rmp);
	regs = kunit_kzalloc(test, sizeof(*regs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, regs);
	while (vm->nr_vcpus < 4)
		KUNIT_ASSERT_GE(test, kt_vm_vcpu(vm), 0);
	/* RIP says whose VMSA it is. */
	for (i = 0; i < 4; i++) {
		regs->rip = FIRST_RIP + i;
		KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[i], KVM_SET_REGS,
						      regs, sizeof(*regs)));
	}

	v = kt_watch_vmsas(test);
	mark = kt_mark();
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	KUNIT_ASSERT_EQ(test, 4, kt_ops(test, mark, "SNP_LAUNCH_UPDATE", up, 4));
	KUNIT_ASSERT_EQ(test, 4, kt_ops(test, mark, "RMPUPDATE", rmp, 4));
	KUNIT_ASSERT_EQ(test, 1, kt_ops(test, mark, "SNP_LAUNCH_FINISH", fin, 1));
	KUNIT_ASSERT_EQ(test, 4, v->nr);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, SNP_PAGE_TYPE_VMSA, up[i].arg);
		KUNIT_EXPECT_EQ(test, KT_VMSA_GPA, rmp[i].gpa);
		KUNIT_EXPECT_EQ(test, up[i].spa, rmp[i].spa);
		KUNIT_EXPECT_EQ(test, FIRST_RIP + i, *(u64 *)(v->page[i] + VMSA_RIP));
	}
	KUNIT_EXPECT_LT(test, up[3].seq, fin->seq);
}

/*
 * Once a vCPU is encrypted there is no way back: its state can't be taken over
 * a second time. The documentation does not say so.
 */
static void failure_after_the_first_vmsa_is_final(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u32 error = 0;
	int fault;

	KUNIT_ASSERT_EQ(test, 1, kt_vm_vcpu(vm));
	fault = kt_fault(test, "SNP_LAUNCH_UPDATE", 2, SEV_RET_INVALID_PAGE_STATE);
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_finish(vm, NULL, &error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PAGE_STATE, error);

	expect_refused(test, vm, NULL, -EINVAL);
	kt_expect_guest_state(vm, KT_GUEST_LAUNCH);
}

static void failed_vmsa_is_reclaimed(struct kunit *test)
{
	static const char * const names[] = {
		"RMPUPDATE", "SNP_LAUNCH_UPDATE", "SNP_PAGE_RECLAIM", "RMPUPDATE", NULL
	};
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();

	kt_fault(test, "SNP_LAUNCH_UPDATE", 1, SEV_RET_INVALID_PAGE_STATE);
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_finish(vm, NULL, NULL));
	kt_expect_ops(test, mark, names);

	/* None is encrypted yet. */
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
}

static void vmsa_rmpupdate_fails(struct kunit *test)
{
	static const char * const names[] = { "RMPUPDATE", NULL };
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();

	kt_fault(test, "RMPUPDATE", 1, KT_RMP_FAIL_INUSE);
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_snp_finish(vm, NULL, NULL));
	kt_expect_ops(test, mark, names);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
}

/* Id block ---------------------------------------------------------------------- */

static void id_block_unreadable(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	unsigned long good = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	params_t p = { .id_block_en = 1 };

	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));

	/* Address 0 is taken for "none given". */
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_snp_finish(vm, &p, NULL));
	p.id_block_uaddr = TASK_SIZE - PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_snp_finish(vm, &p, NULL));
	p.id_block_uaddr = good;
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_snp_finish(vm, &p, NULL));
	p.id_auth_uaddr = TASK_SIZE - PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_snp_finish(vm, &p, NULL));
	kt_expect_guest_state(vm, KT_GUEST_LAUNCH);
}

static void id_block_of_another_image(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	unsigned long block = kt_mmap(test, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	params_t p = {
		.id_block_en = 1,
		.id_block_uaddr = block,
		.id_auth_uaddr = block + PAGE_SIZE,
	};
	static const u8 ld[KT_LD_SIZE] = { 1 };
	u32 error = 0;

	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	/* The expected launch digest is what the block begins with. */
	kt_write(test, block, ld, sizeof(ld));
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_finish(vm, &p, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_BAD_MEASUREMENT, error);
	kt_expect_guest_state(vm, KT_GUEST_LAUNCH);
}

/* Where the parts of the authentication information lie, see gen-id-block */
#define AUTH_ID_ALGO		0x000
#define AUTH_AUTHOR_ALGO	0x004
#define AUTH_ID_BLOCK_SIG	0x040
#define AUTH_ID_KEY		0x240
#define AUTH_ID_KEY_SIG		0x680
#define AUTH_AUTHOR_KEY		0x880

/* LAUNCH_FINISH with the block that was signed, after flipping one bit at @flip */
static int finish_signed(struct kt_vm *vm, bool author, int flip, u32 *error)
{
	struct kunit *test = vm->test;
	unsigned long uaddr = kt_mmap(test, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	u8 *auth = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	params_t p = {
		.id_block_en = 1,
		.auth_key_en = author,
		.id_block_uaddr = uaddr,
		.id_auth_uaddr = uaddr + PAGE_SIZE,
	};

	KUNIT_ASSERT_NOT_NULL(test, auth);
	auth[AUTH_ID_ALGO] = 1;
	auth[AUTH_AUTHOR_ALGO] = 1;
	memcpy(auth + AUTH_ID_BLOCK_SIG, id_block_sig, sizeof(id_block_sig));
	memcpy(auth + AUTH_ID_KEY, id_key, sizeof(id_key));
	memcpy(auth + AUTH_ID_KEY_SIG, id_key_sig, sizeof(id_key_sig));
	memcpy(auth + AUTH_AUTHOR_KEY, author_key, sizeof(author_key));
	if (flip >= 0)
		auth[flip] ^= 1;

	kt_write(test, p.id_block_uaddr, id_block, sizeof(id_block));
	kt_write(test, p.id_auth_uaddr, auth, PAGE_SIZE);
	return kt_snp_finish(vm, &p, error);
}

static void id_block_is_verified(struct kunit *test)
{
	static const struct {
		bool author;
		int flip;
		u32 status;
	} bad[] = {
		{ false, AUTH_ID_BLOCK_SIG,	SEV_RET_BAD_SIGNATURE },
		{ false, AUTH_ID_KEY + 4,	SEV_RET_BAD_SIGNATURE },
		{ false, AUTH_ID_ALGO,		SEV_RET_INVALID_PARAM },
		{ true,	 AUTH_ID_KEY_SIG,	SEV_RET_BAD_SIGNATURE },
		{ true,	 AUTH_AUTHOR_KEY + 4,	SEV_RET_BAD_SIGNATURE },
		{ true,	 AUTH_AUTHOR_ALGO,	SEV_RET_INVALID_PARAM },
	};
	struct kt_guest_info *info = kunit_kzalloc(test, sizeof(*info), GFP_KERNEL);
	struct kt_vm *vm;
	unsigned int i;
	u32 error;

	KUNIT_ASSERT_NOT_NULL(test, info);
	for (i = 0; i < 2; i++) {
		/* Nothing was measured, and there is no vCPU. */
		vm = kt_vm_bare(test, KVM_X86_SNP_VM);
		KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
		KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
		for (unsigned int j = 0; j < ARRAY_SIZE(bad); j++) {
			if (bad[j].author != !!i)
				continue;
			error = 0;
			KUNIT_EXPECT_EQ(test, -EIO, finish_signed(vm, i, bad[j].flip, &error));
			KUNIT_EXPECT_EQ(test, bad[j].status, error);
			kt_expect_guest_state(vm, KT_GUEST_LAUNCH);
		}
		KUNIT_EXPECT_EQ(test, 0, finish_signed(vm, i, -1, NULL));
		kt_expect_guest_state(vm, KT_GUEST_RUNNING);
		if (!kt_checks(test, KT_INSIDE))
			continue;
		kt_guest_info(vm, info);
		KUNIT_EXPECT_TRUE(test, info->id_block_en);
		KUNIT_EXPECT_EQ(test, !!i, info->author_key_en);
	}
}

static void host_data_reaches_firmware(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kt_guest_info *info;
	params_t p = { .vcek_disabled = 1 };
	unsigned int i;

	kt_needs(test, KT_INSIDE);
	info = kunit_kzalloc(test, sizeof(*info), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, info);
	for (i = 0; i < sizeof(p.host_data); i++)
		p.host_data[i] = i + 1;

	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, &p, NULL));
	kt_guest_info(vm, info);
	KUNIT_EXPECT_MEMEQ(test, info->host_data, p.host_data, sizeof(p.host_data));
	KUNIT_EXPECT_TRUE(test, info->vcek_dis);
	KUNIT_EXPECT_FALSE(test, info->id_block_en);
}

/* Firmware ------------------------------------------------------------------------ */

static void any_firmware_status(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	unsigned int i;
	u32 status;

	kt_needs(test, KT_FAULTS);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	for (i = 0; kt_status("SNP_LAUNCH_FINISH", i, &status); i++) {
		u32 error = 0;
		int fault;

		kt_fault_clear();
		fault = kt_fault(test, "SNP_LAUNCH_FINISH", 1, status);
		KUNIT_EXPECT_EQ(test, -EIO, kt_snp_finish(vm, NULL, &error));
		KUNIT_EXPECT_EQ(test, status, error);
		kt_expect_delivered(test, fault, 1);
		KUNIT_EXPECT_FALSE(test, vm->kvm->arch.pre_fault_allowed);
	}
	KUNIT_EXPECT_GT(test, i, 0);
	/* Without a vCPU it may be tried again. */
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	kt_expect_guest_state(vm, KT_GUEST_RUNNING);
}

static void no_memory(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	unsigned long block = kt_mmap(test, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	params_t p = {
		.id_block_en = 1,
		.id_block_uaddr = block,
		.id_auth_uaddr = block + PAGE_SIZE,
	};
	u64 other_ld = 1;
	unsigned int nth;
	u32 error = 0;
	int ret;

	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
	/* The measurement of another image, which firmware refuses */
	kt_write(test, p.id_block_uaddr, &other_ld, sizeof(other_ld));
	kt_write(test, p.id_auth_uaddr, &other_ld, sizeof(other_ld));

	/* The command, the id block, its authentication, a page if the allocator needs one */
	for (nth = 1; nth <= 10; nth++) {
		u64 before = kt_mark();

		kt_fail_alloc(test, nth);
		ret = kt_snp_finish(vm, &p, &error);
		if (!kt_fail_alloc_end())
			break;
		KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
		KT_EXPECT_CALLS(test, before, "SNP_LAUNCH_FINISH", 0);
	}
	KUNIT_EXPECT_GT(test, nth, 3);
	KUNIT_EXPECT_LE(test, nth, 10);
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_EQ(test, SEV_RET_BAD_MEASUREMENT, error);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
}

/* In SERIES=ops memory runs out when the vCPU is measured already, which is final. */
static void no_memory_with_vcpu(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	int ret;

	kt_fail_alloc(test, 1);
	ret = kt_snp_finish(vm, NULL, NULL);
	KUNIT_EXPECT_TRUE(test, kt_fail_alloc_end());
	KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
	kt_expect_guest_state(vm, KT_GUEST_LAUNCH);
	if (kt_fixed())
		KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	else
		expect_refused(test, vm, NULL, -EINVAL);
}

static void firmware_failure_with_vcpu_is_final(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);

	kt_fault(test, "SNP_LAUNCH_FINISH", 1, SEV_RET_POLICY_FAILURE);
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_finish(vm, NULL, NULL));
	expect_refused(test, vm, NULL, -EINVAL);
}

static void pre_fault_only_after_success(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 gpa = KT_GPA, size = PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KUNIT_EXPECT_EQ(test, 0, size);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_GUEST_INVALID);
}

static const struct row {
	const char *desc;
	void (*run)(struct kunit *test);
} rows[] = {
	{ "not an SNP VM: ENOTTY", not_an_snp_vm },
	{ "no LAUNCH_START: EINVAL", no_context },
	{ "flags: EINVAL", bad_flags },
	{ "parameters unreadable: EFAULT", params_unreadable },
	{ "vCPU being created: EBUSY", vcpu_being_created },
	{ "killed while waiting for a vCPU: EINTR", killed_while_waiting_for_a_vcpu },
	{ "vCPU is debugged: EINVAL", vcpu_is_debugged },
	{ "vCPU has breakpoints: EINVAL", vcpu_has_breakpoints },
	{ "VMSAs first, in order of vCPUs", vmsas_first_in_order_of_vcpus },
	{ "failure after the first VMSA is final", failure_after_the_first_vmsa_is_final },
	{ "failed VMSA is reclaimed", failed_vmsa_is_reclaimed },
	{ "RMPUPDATE of a VMSA fails: EFAULT", vmsa_rmpupdate_fails },
	{ "id block or id auth unreadable: EINVAL, EFAULT", id_block_unreadable },
	{ "id block of another image: EIO, measurement", id_block_of_another_image },
	{ "id block is verified, with and without author key", id_block_is_verified },
	{ "host data and VCEK reach firmware", host_data_reaches_firmware },
	{ "no memory: ENOMEM, can be repeated", no_memory },
	{ "no memory with a vCPU: ENOMEM, can be repeated", no_memory_with_vcpu },
	{ "any firmware status: EIO", any_firmware_status },
	{ "firmware failure with a vCPU is final", firmware_failure_with_vcpu_is_final },
	{ "second FINISH: EINVAL", second_finish },
	{ "second FINISH without vCPU: EIO, guest state", second_finish_without_vcpu },
	{ "pre-fault only after success", pre_fault_only_after_success },
};

KUNIT_ARRAY_PARAM_DESC(rows, rows, desc);

static void rule(struct kunit *test)
{
	const struct row *r = test->param_value;

	r->run(test);
}

static struct kunit_case snp_launch_finish_cases[] = {
	KUNIT_CASE_PARAM(rule, rows_gen_params),
	{}
};

static struct kunit_suite snp_launch_finish_suite = {
	.name = "snp_launch_finish",
	.init = kt_init_snp,
	.test_cases = snp_launch_finish_cases,
};

kunit_test_suite(snp_launch_finish_suite);
