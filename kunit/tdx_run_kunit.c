// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_RUN with a TD: what its accesses to private and shared memory do, by way of
 * the S-EPT and the EPT that KVM builds, and what it asks of the hypervisor.
 */
#include <linux/delay.h>
#include <linux/kvm_host.h>
#include <linux/mman.h>

#include <asm/msr-index.h>
#include <asm/tdx.h>
#include <asm/vmx.h>

#include "vmx/tdx.h"

#include "kvm_test_guest.h"
#include "kvm_test_simulator.h"
#include "kvm_test_tdx.h"

#include "../../../arch/x86/virt/sim/tdx_host.h"

#define NPAGES		16
#define LAUNCHED	4
#define PAGE(_i)	(KT_GPA + (_i) * PAGE_SIZE)

/* Memory that only the hypervisor has */
#define MMIO		0xd0000000ULL

#define VE_DISABLE	TDX_TD_ATTR_SEPT_VE_DISABLE

/* Extended exit qualification of an access to a page that is not accepted */
#define EEQ_PENDING	6

/* TDG.MEM.PAGE.ACCEPT, status bits 63:32 */
#define ALREADY_ACCEPTED	0x00000b0a
#define SIZE_MISMATCH		0xc0000b0b

#define KT_ACCEPT(_gpa, _size, _flags)					\
	{ .op = SIM_SCRIPT_ACCEPT, .gpa = (_gpa), .size = (_size), .flags = (_flags) }
#define KT_VMCALL(_leaf, ...)						\
	{ .op = SIM_SCRIPT_TDVMCALL, .size = (_leaf), .arg = { __VA_ARGS__ } }
#define KT_POLL(_gpa, _value)						\
	{ .op = SIM_SCRIPT_READ, .gpa = (_gpa), .size = 8,		\
	  .flags = KT_PRIVATE | SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL, \
	  .arg = { (_value) } }
/* HLT stays in the kernel: leave for user space */
#define STOP_PORT	0xf4
#define KT_STOP		{ .op = SIM_SCRIPT_OUT, .size = 1, .arg = { STOP_PORT } }

static struct kt_vm *running_td(struct kunit *test, u64 attributes, unsigned int vcpus)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, attributes, vcpus);

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 0, LAUNCHED, 0));
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	return vm;
}

static void expect_stop(struct kt_vm *vm, unsigned int i, struct kvm_run *run)
{
	KUNIT_EXPECT_EQ(vm->test, 0, kt_expect_exit(vm, i, run, KVM_EXIT_IO));
	KUNIT_EXPECT_EQ(vm->test, run->io.port, STOP_PORT);
}

/* The guest sees what was added; no page of it faults. */
static void launched_contents(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_READ, .gpa = PAGE(0), .size = LAUNCHED * PAGE_SIZE,
		  .flags = KT_PRIVATE | SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_DATA },
		KT_WRITE(PAGE(1) - 4, 8, KT_PRIVATE, 0x1122334455667788),
		KT_EXPECT(PAGE(1) - 4, 8, KT_PRIVATE, 0x1122334455667788),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script_params p = {
		.ops = ops, .nr_ops = ARRAY_SIZE(ops), .data_len = LAUNCHED * PAGE_SIZE,
	};
	struct sim_script *s;
	void *data;

	data = kunit_kmalloc(test, LAUNCHED * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	kt_read(test, vm->src, data, LAUNCHED * PAGE_SIZE);
	p.data = data;
	s = kt_script_params(vm, 0, &p);

	expect_stop(vm, 0, run);
	kt_expect_done(test, s, 0);
	kt_expect_done(test, s, 1);
	kt_expect_done(test, s, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npfs, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).npfs, 0);
}

/*
 * The first access brings a page, by an EPT violation that says nothing but what was
 * tried; the second is #VE, as the guest has not accepted the page; then it is zero.
 */
static void fault_accept(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_READ(PAGE(8) + 0x123, 8, KT_PRIVATE),
		KT_WRITE(PAGE(8), 8, KT_PRIVATE, 1),
		KT_ACCEPT(PAGE(8), PAGE_SIZE, 0),
		KT_EXPECT(PAGE(8), PAGE_SIZE, KT_PRIVATE, 0),
		KT_WRITE(PAGE(8), PAGE_SIZE, KT_PRIVATE, 0x1234),
		KT_EXPECT(PAGE(8), PAGE_SIZE, KT_PRIVATE, 0x1234),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	int i;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);

	KUNIT_EXPECT_EQ(test, kt_result(s, 0).status, SIM_SCRIPT_VE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).rc, EXIT_REASON_EPT_VIOLATION);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npfs, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_code, EXIT_REASON_EPT_VIOLATION);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npf_error, EPT_VIOLATION_ACC_READ);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_info_2, PAGE(8));
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).status, SIM_SCRIPT_VE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).exits, 0);
	for (i = 2; i < 6; i++) {
		kt_expect_done(test, s, i);
		KUNIT_EXPECT_EQ_MSG(test, kt_result(s, i).exits, 0, "operation %d", i);
	}
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).rc, 0);
}

/* Acceptance of pages that are not there brings them, one exit each. */
static void accept_brings(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_ACCEPT(PAGE(8), 4 * PAGE_SIZE, 0),
		KT_EXPECT(PAGE(8), 4 * PAGE_SIZE, KT_PRIVATE, 0),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, VE_DISABLE, 1);
	struct vcpu_tdx *tdx = kt_file_priv(vm->vcpu_fd[0]);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);

	kt_expect_done(test, s, 0);
	kt_expect_done(test, s, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).rc, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npfs, 4);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exits, 4);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npf_error, EPT_VIOLATION_ACC_WRITE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_info_2, PAGE(11));
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).exits, 0);
	/* TDG.VP.VMCALL says nothing of that kind. */
	KUNIT_EXPECT_EQ(test, tdx->ext_exit_qualification & TDX_EXT_EXIT_QUAL_TYPE_MASK, 0);
}

/* Each page is accepted once, and with its own size. */
static void accept_refused(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_ACCEPT(PAGE(1), PAGE_SIZE, 0),
		KT_ACCEPT(PAGE(8), PAGE_SIZE, 0),
		KT_ACCEPT(PAGE(8), PAGE_SIZE, 0),
		KT_ACCEPT(PAGE(0), SZ_2M, SIM_SCRIPT_F_2M),
		KT_ACCEPT(PAGE(7), 2 * PAGE_SIZE, 0),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	int i;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);
	for (i = 0; i < 5; i++)
		kt_expect_done(test, s, i);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).rc, ALREADY_ACCEPTED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).rc, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).rc, ALREADY_ACCEPTED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).exits, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).rc, SIZE_MISMATCH);
	KUNIT_EXPECT_EQ(test, lower_32_bits(kt_result(s, 3).value[0]), 1);
	/* The first of the two was new. */
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).rc, ALREADY_ACCEPTED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).npfs, 1);
}

/* What KVM_PRE_FAULT_MEMORY has mapped is there, and waits for acceptance. */
static void pre_fault(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_READ(PAGE(8), 8, KT_PRIVATE),
		KT_ACCEPT(PAGE(8), 2 * PAGE_SIZE, 0),
		KT_EXPECT(PAGE(8), 2 * PAGE_SIZE, KT_PRIVATE, 0),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	u64 gpa = PAGE(8), size = 2 * PAGE_SIZE;
	struct sim_script *s;
	int i;

	KUNIT_ASSERT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KUNIT_EXPECT_EQ(test, size, 0);
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).status, SIM_SCRIPT_VE);
	kt_expect_done(test, s, 1);
	kt_expect_done(test, s, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).rc, 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ_MSG(test, kt_result(s, i).exits, 0, "operation %d", i);
}

/* A TD that wants no #VE for a page it has not accepted dies of touching one. */
static void touched_before_accepted(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_READ(PAGE(8), 8, KT_PRIVATE),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, VE_DISABLE, 1);
	struct vcpu_tdx *tdx = kt_file_priv(vm->vcpu_fd[0]);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vcpu_run(vm, 0, run));
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).status, SIM_SCRIPT_EXITED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npfs, 2);
	KUNIT_EXPECT_EQ(test, tdx->ext_exit_qualification, EEQ_PENDING);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_dead);
}

/*
 * MapGPA is user space's to decide. What becomes shared is user space's memory, and
 * what becomes private again has to be accepted, and has lost its contents.
 */
static void map_gpa(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_PSC(PAGE(2), 2 * PAGE_SIZE, 0, KT_PSC_SHARED),
		KT_EXPECT(PAGE(2), 8, 0, 0x4444),
		KT_WRITE(PAGE(2) + 8, 8, 0, 0x5555),
		KT_PSC(PAGE(2), PAGE_SIZE, 0, KT_PSC_PRIVATE),
		KT_ACCEPT(PAGE(2), PAGE_SIZE, 0),
		KT_EXPECT(PAGE(2), PAGE_SIZE, KT_PRIVATE, 0),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 val = 0x4444;
	int i;

	kt_write(test, vm->hva + 2 * PAGE_SIZE, &val, sizeof(val));
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));

	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL));
	KUNIT_EXPECT_EQ(test, run->hypercall.nr, KVM_HC_MAP_GPA_RANGE);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[0], PAGE(2));
	KUNIT_EXPECT_EQ(test, run->hypercall.args[1], 2);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[2], KVM_MAP_GPA_RANGE_DECRYPTED);
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, PAGE(2), 2 * PAGE_SIZE, 0));

	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL));
	kt_read(test, vm->hva + 2 * PAGE_SIZE + 8, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, val, 0x5555);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[1], 1);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[2], KVM_MAP_GPA_RANGE_ENCRYPTED);
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, PAGE(2), PAGE_SIZE,
					    KVM_MEMORY_ATTRIBUTE_PRIVATE));

	expect_stop(vm, 0, run);
	for (i = 0; i < 6; i++)
		kt_expect_done(test, s, i);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).rc, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_code, EXIT_REASON_TDCALL);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_info_2, TDVMCALL_MAP_GPA);
	/* The EPT of shared memory said what was tried. */
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).npfs, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).npf_error, EPT_VIOLATION_ACC_READ);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).npfs, 1);
}

/* A page that the module refuses kills the VM; the fault is not tried again for ever. */
static void fault_that_kills_the_vm(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_ACCEPT(PAGE(8), PAGE_SIZE, 0),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct kt_deadline d;
	int fault, ret = 0;

	kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	fault = kt_tdx_fault(test, "TDH.MEM.PAGE.AUG", 1, 1, KT_TDX_OPERAND_INVALID);
	kt_deadline_begin(&d, 10000);
	kunit_warning_suppress(test) {
		ret = kt_vcpu_run(vm, 0, run);
		KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
	}
	KUNIT_EXPECT_FALSE(test, kt_deadline_end(&d));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, -EIO, kt_vcpu_run(vm, 0, run));
}

static void set_hypercall_ret(struct kt_vm *vm, u64 ret)
{
	kt_run_set(vm, 0, offsetof(struct kvm_run, hypercall.ret), &ret, sizeof(ret));
}

/* User space may put it off, from where it has come to, or refuse. */
static void map_gpa_answers(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_PSC(0x40000000, SZ_4M, 0, KT_PSC_SHARED),
		KT_PSC(PAGE(2), PAGE_SIZE, 0, KT_PSC_SHARED),
		KT_VMCALL(TDVMCALL_MAP_GPA, PAGE(2) + 1, PAGE_SIZE),
		KT_VMCALL(TDVMCALL_MAP_GPA, PAGE(2), 0),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));

	/* KVM asks in parts. */
	kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[0], 0x40000000);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[1], SZ_2M / PAGE_SIZE);
	kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[0], 0x40000000 + SZ_2M);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exits, 1);
	set_hypercall_ret(vm, EAGAIN);
	/* The guest asks again, for the rest. */
	kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[0], 0x40000000 + SZ_2M);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[1], SZ_2M / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exits, 2);

	kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).rc, 0);
	set_hypercall_ret(vm, EINVAL);

	expect_stop(vm, 0, run);
	kt_expect_done(test, s, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).value[0], TDVMCALL_STATUS_INVALID_OPERAND);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).value[0], TDVMCALL_STATUS_ALIGN_ERROR);
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).value[0], TDVMCALL_STATUS_INVALID_OPERAND);
}

/* User space that does not want to be asked can't answer: the guest is told. */
static void map_gpa_without_user_space(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_PSC(PAGE(2), PAGE_SIZE, 0, KT_PSC_SHARED),
		KT_READ(PAGE(2), 8, KT_PRIVATE),
		KT_STOP,
	};
	struct kvm_enable_cap none = { .cap = KVM_CAP_EXIT_HYPERCALL };
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_ENABLE_CAP, &none, sizeof(none)));
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).value[0], TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
	kt_expect_done(test, s, 1);
}

/* An answer that is none is not passed on to the guest. */
static void map_gpa_answer_that_is_none(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_PSC(PAGE(2), PAGE_SIZE, 0, KT_PSC_SHARED),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 mark;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL);
	set_hypercall_ret(vm, EPERM);
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vcpu_run(vm, 0, run));
	KT_EXPECT_CALLS(test, mark, "TDH.VP.ENTER", 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exits, 1);
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
}

/* An access of the wrong kind is user space's to decide. */
static void memory_fault(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_WRITE(PAGE(8), 8, 0, 0x5a),
		KT_READ(PAGE(8), 8, KT_PRIVATE),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 val;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_expect_exit(vm, 0, run, KVM_EXIT_MEMORY_FAULT));
	KUNIT_EXPECT_EQ(test, run->memory_fault.flags, 0);
	KUNIT_EXPECT_EQ(test, run->memory_fault.gpa, PAGE(8));
	KUNIT_EXPECT_EQ(test, run->memory_fault.size, PAGE_SIZE);

	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, PAGE(8), PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_expect_exit(vm, 0, run, KVM_EXIT_MEMORY_FAULT));
	kt_expect_done(test, s, 0);
	kt_read(test, vm->hva + 8 * PAGE_SIZE, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, val, 0x5a);
	KUNIT_EXPECT_EQ(test, run->memory_fault.flags, KVM_MEMORY_EXIT_FLAG_PRIVATE);
	KUNIT_EXPECT_EQ(test, run->memory_fault.gpa, PAGE(8));
}

/* A hole in private memory: the page is gone, the next one has to be accepted. */
static void punched(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_WRITE(PAGE(1), 8, KT_PRIVATE, 0x77),
		KT_STOP,
		KT_READ(PAGE(1), 8, KT_PRIVATE),
		KT_ACCEPT(PAGE(1), PAGE_SIZE, 0),
		KT_EXPECT(PAGE(1), PAGE_SIZE, KT_PRIVATE, 0),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 1, 1));
	expect_stop(vm, 0, run);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).status, SIM_SCRIPT_VE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).npfs, 1);
	kt_expect_done(test, s, 3);
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).rc, 0);
	kt_expect_done(test, s, 4);
}

struct deletion {
	struct kt_vm *vm;
	bool missed;
};

static int delete_slot(void *data)
{
	struct deletion *d = data;

	return kt_vm_slot(d->vm, 0, 0, KT_GPA, 0, d->vm->hva, 0, 0);
}

static int run_until_deadline(void *data)
{
	struct deletion *d = data;
	struct kvm_vcpu *vcpu = kt_file_priv(d->vm->vcpu_fd[0]);
	struct kt_deadline deadline;
	int ret;

	kt_deadline_begin(&deadline, 10000);
	ret = kt_vcpu_run(d->vm, 0, NULL);
	d->missed = kt_deadline_end(&deadline);

	return ret == -EFAULT ? vcpu->run->exit_reason : ret;
}

/*
 * To keep the module from taking measures against a guest that makes no progress,
 * a fault is tried again before the guest is entered. But a slot that is being
 * deleted stays until those who may have seen it have left KVM's code: the vCPU is
 * in the midst of it, as the module is busy, when the deletion begins.
 */
static void fault_in_a_slot_being_deleted(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_READ(PAGE(8), 8, KT_PRIVATE),
		KT_STOP,
	};
	struct sim_script_params p = {
		.ops = ops, .nr_ops = ARRAY_SIZE(ops), .max_retries = 100000000,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct deletion *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	struct kt_thread *deleter, *vcpu;
	struct sim_script *s;
	int i, fault;

	KUNIT_ASSERT_NOT_NULL(test, d);
	d->vm = vm;
	s = kt_script_params(vm, 0, &p);
	fault = kt_tdx_fault(test, "TDH.MEM.PAGE.AUG", 1, U32_MAX,
			     KT_TDX_OPERAND_BUSY);
	vcpu = kt_thread_start(test, "vcpu0", run_until_deadline, d);
	for (i = 0; i < 5000 && !sim_fault_delivered(fault); i++)
		usleep_range(1000, 2000);
	KUNIT_EXPECT_GT(test, sim_fault_delivered(fault), 0);
	KUNIT_EXPECT_EQ(test, 1, kt_result(s, 0).npfs);

	deleter = kt_thread_start(test, "delete", delete_slot, d);
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, deleter));
	/* Then there is nothing left. */
	KUNIT_EXPECT_EQ(test, KVM_EXIT_MEMORY_FAULT, kt_thread_join(test, vcpu));
	KUNIT_EXPECT_FALSE(test, d->missed);
}

/* The requests of a #VE handler, and what KVM or user space answer */
static void vmcalls(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_CPUID, .arg = { 0 } },
		{ .op = SIM_SCRIPT_RDMSR, .arg = { MSR_EFER } },
		{ .op = SIM_SCRIPT_WRMSR, .arg = { MSR_EFER, 0 } },
		{ .op = SIM_SCRIPT_IN, .size = 2, .arg = { 0x80 } },
		{ .op = SIM_SCRIPT_OUT, .size = 4, .arg = { 0x84, 0x12345678 } },
		{ .op = SIM_SCRIPT_VMMCALL, .arg = { KVM_HC_VAPIC_POLL_IRQ } },
		KT_VMCALL(TDVMCALL_GET_TD_VM_CALL_INFO, 0),
		KT_VMCALL(0xbad),
		KT_VMCALL(TDVMCALL_GET_TD_VM_CALL_INFO, 1),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[0]);
	u32 eax = 0, ebx, ecx = 0, edx, data;
	struct sim_script *s;
	u16 in = 0xa55a;
	u64 r11 = 2;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));

	kt_expect_exit(vm, 0, run, KVM_EXIT_IO);
	KUNIT_EXPECT_EQ(test, run->io.direction, KVM_EXIT_IO_IN);
	KUNIT_EXPECT_EQ(test, run->io.port, 0x80);
	KUNIT_EXPECT_EQ(test, run->io.size, 2);
	kt_run_set(vm, 0, run->io.data_offset, &in, sizeof(in));

	kt_expect_exit(vm, 0, run, KVM_EXIT_IO);
	KUNIT_EXPECT_EQ(test, run->io.direction, KVM_EXIT_IO_OUT);
	KUNIT_EXPECT_EQ(test, run->io.size, 4);
	kt_run_get(vm, 0, run->io.data_offset, &data, sizeof(data));
	KUNIT_EXPECT_EQ(test, data, 0x12345678);

	kt_expect_exit(vm, 0, run, KVM_EXIT_TDX);
	KUNIT_EXPECT_EQ(test, run->tdx.nr, TDVMCALL_GET_TD_VM_CALL_INFO);
	kt_run_set(vm, 0, offsetof(struct kvm_run, tdx.get_tdvmcall_info.r11), &r11, sizeof(r11));
	expect_stop(vm, 0, run);

	kvm_cpuid(vcpu, &eax, &ebx, &ecx, &edx, false);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).value[0], eax);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).value[1], ebx);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).value[2], ecx);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).value[3], edx);
	kt_expect_done(test, s, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).value[0], EFER_SCE | EFER_LME | EFER_LMA | EFER_NX);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).status, SIM_SCRIPT_REFUSED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).rc, upper_32_bits(TDVMCALL_STATUS_INVALID_OPERAND));
	kt_expect_done(test, s, 3);
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).value[0], 0xa55a);
	kt_expect_done(test, s, 4);
	kt_expect_done(test, s, 5);
	KUNIT_EXPECT_EQ(test, kt_result(s, 5).value[0], 0);
	kt_expect_done(test, s, 6);
	KUNIT_EXPECT_EQ(test, kt_result(s, 6).value[0], 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 7).value[0], TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED);
	kt_expect_done(test, s, 8);
	KUNIT_EXPECT_EQ(test, kt_result(s, 8).value[0], 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 8).value[1], 2);
}

/* The host sees the registers that the guest exposes, and can change no other. */
static void exposed_registers(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_TDVMCALL, .flags = SIM_SCRIPT_F_DATA, .gpa = 0,
		  .arg = { TDX_RDX | TDX_RSI | TDX_R8 | TDX_R10 | TDX_R11 | TDX_R12 } },
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	u64 regs[16], i;
	const struct sim_script_params p = {
		.ops = ops, .nr_ops = ARRAY_SIZE(ops), .data = regs, .data_len = sizeof(regs),
	};
	struct sim_script *s;
	u64 *seen;

	for (i = 0; i < 16; i++)
		regs[i] = 0x100 + i;
	regs[10] = 0;
	regs[11] = TDVMCALL_REPORT_FATAL_ERROR;
	s = kt_script_params(vm, 0, &p);

	kt_expect_exit(vm, 0, run, KVM_EXIT_SYSTEM_EVENT);
	KUNIT_EXPECT_EQ(test, run->system_event.type, KVM_SYSTEM_EVENT_TDX_FATAL);
	seen = run->system_event.data;
	KUNIT_EXPECT_EQ(test, seen[0], EXIT_REASON_TDCALL);
	KUNIT_EXPECT_EQ(test, seen[1], ops[0].arg[0]);
	for (i = 2; i < 16; i++)
		KUNIT_EXPECT_EQ_MSG(test, seen[i], ops[0].arg[0] & BIT(i) ? regs[i] : 0,
				    "register %llu", i);

	expect_stop(vm, 0, run);
	kt_expect_done(test, s, 0);
	KUNIT_ASSERT_EQ(test, 0, sim_script_data(s, 0, run, sizeof(regs)));
	for (i = 2; i < 16; i++)
		KUNIT_EXPECT_EQ_MSG(test, ((u64 *)run)[i], regs[i], "register %llu", i);
}

/* Emulated MMIO: #VE, and the guest asks; without asking it knows no better. */
static void mmio(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_READ(MMIO, 8, 0),
		KT_WRITE(MMIO, 4, SIM_SCRIPT_F_MMIO, 0xcafe0001),
		KT_READ(MMIO + 8, 2, SIM_SCRIPT_F_MMIO),
		KT_VMCALL(EXIT_REASON_EPT_VIOLATION, 4, 0, MMIO),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u16 in = 0xbeef;
	u32 data;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(vm, 0, run, KVM_EXIT_MMIO);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).status, SIM_SCRIPT_VE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npfs, 1);
	KUNIT_EXPECT_EQ(test, run->mmio.phys_addr, MMIO);
	KUNIT_EXPECT_TRUE(test, run->mmio.is_write);
	KUNIT_EXPECT_EQ(test, run->mmio.len, 4);
	memcpy(&data, run->mmio.data, sizeof(data));
	KUNIT_EXPECT_EQ(test, data, 0xcafe0001);

	kt_expect_exit(vm, 0, run, KVM_EXIT_MMIO);
	KUNIT_EXPECT_EQ(test, run->mmio.phys_addr, MMIO + 8);
	KUNIT_EXPECT_FALSE(test, run->mmio.is_write);
	kt_run_set(vm, 0, offsetof(struct kvm_run, mmio.data), &in, sizeof(in));

	expect_stop(vm, 0, run);
	kt_expect_done(test, s, 1);
	kt_expect_done(test, s, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).value[0], 0xbeef);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).npfs, 0);
	/* Private memory is nobody's to emulate. */
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).value[0], TDVMCALL_STATUS_INVALID_OPERAND);
}

/* What is no access: other sizes, other directions */
static void mmio_refused(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, 0, 1);
	u64 gpa = MMIO | gfn_to_gpa(kvm_gfn_direct_bits(vm->kvm));
	struct sim_script_op ops[] = {
		KT_VMCALL(EXIT_REASON_EPT_VIOLATION, 3, 0, gpa),
		KT_VMCALL(EXIT_REASON_EPT_VIOLATION, 16, 0, gpa),
		KT_VMCALL(EXIT_REASON_EPT_VIOLATION, 4, 2, gpa),
		KT_STOP,
	};
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	unsigned int i;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ_MSG(test, kt_result(s, i).value[0],
				    TDVMCALL_STATUS_INVALID_OPERAND, "call %u", i);
}

#define VECTOR	0x51

/* The guest's local APIC takes interrupts once the guest has enabled it. */
#define KT_APIC_ON							\
	{ .op = SIM_SCRIPT_WRMSR,					\
	  .arg = { APIC_BASE_MSR + (APIC_SPIV >> 4), APIC_SPIV_APIC_ENABLED | 0xff } }

static int post_interrupt(struct kt_vm *vm)
{
	/* Fixed delivery to the vCPU with APIC ID 0 */
	struct kvm_msi msi = { .address_lo = 0xfee00000, .data = VECTOR };

	return kt_ioctl_buf(vm->test, vm->fd, KVM_SIGNAL_MSI, &msi, sizeof(msi));
}

static void expect_event(struct kunit *test, struct sim_script *s, u32 event)
{
	struct sim_script_state st;

	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.events, 1);
	KUNIT_EXPECT_EQ(test, st.last_event, event);
}

/*
 * An interrupt that was posted before the guest is entered ends HLT: KVM asks the
 * module whether one waits. While the guest has them disabled, it is not taken.
 */
static void posted_interrupt(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_APIC_ON, KT_STOP, KT_STOP, { .op = SIM_SCRIPT_STI }, KT_HLT, KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script_state st;
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);
	/* Or nothing ends HLT */
	KUNIT_ASSERT_EQ(test, 1, post_interrupt(vm));
	expect_stop(vm, 0, run);
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.events, 0);

	expect_stop(vm, 0, run);
	kt_expect_done(test, s, 4);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).exit_code, EXIT_REASON_TDCALL);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).exit_info_2, EXIT_REASON_HLT);
	expect_event(test, s, INTR_INFO_VALID_MASK | VECTOR);
}

struct unknowing {
	struct kt_vm *vm;
	struct task_struct *task;
	int warnings;
};

static int run_unknowing(void *data)
{
	struct unknowing *u = data;
	int ret = 0;

	allow_signal(SIGUSR1);
	WRITE_ONCE(u->task, current);
	kunit_warning_suppress(u->vm->test) {
		ret = kt_vcpu_run(u->vm, 0, NULL);
		u->warnings = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	return ret;
}

/*
 * The module won't say whether an interrupt waits: KVM can't go on with this TD. The
 * vCPU has halted, which only a signal ends now.
 */
static void unknown_if_an_interrupt_waits(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_APIC_ON, { .op = SIM_SCRIPT_STI }, KT_HLT, KT_STOP,
	};
	struct unknowing u = { .vm = running_td(test, 0, 1) };
	struct kvm *kvm = kt_file_priv(u.vm->fd);
	struct sim_script *s;
	struct kt_thread *t;
	int fault, i;

	s = kt_script(u.vm, 0, ops, ARRAY_SIZE(ops));
	fault = kt_tdx_fault(test, "TDH.VP.RD", 1, 1, SIM_TDX_METADATA_FIELD_ID_INCORRECT);
	t = kt_thread_start(test, "vcpu0", run_unknowing, &u);
	for (i = 0; i < 1000 && !READ_ONCE(kvm->vm_bugged); i++)
		usleep_range(1000, 2000);
	KUNIT_EXPECT_TRUE(test, kvm->vm_bugged);
	kt_expect_delivered(test, fault, 1);

	send_sig(SIGUSR1, READ_ONCE(u.task), 1);
	KUNIT_EXPECT_EQ(test, -EINTR, kt_thread_join(test, t));
	KUNIT_EXPECT_EQ(test, 1, u.warnings);
	KUNIT_EXPECT_EQ(test, SIM_SCRIPT_EXITED, kt_result(s, 2).status);
	KUNIT_EXPECT_EQ(test, -EIO, kt_vcpu_run(u.vm, 0, NULL));
}

static int run_vcpu(struct kt_vm *vm, unsigned int i)
{
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[i]);
	int ret = kt_vcpu_run(vm, i, NULL);

	return ret ?: vcpu->run->exit_reason;
}

static int run_vcpu0(void *data)
{
	return run_vcpu(data, 0);
}

static int run_vcpu1(void *data)
{
	return run_vcpu(data, 1);
}

/* HLT waits in the kernel until an interrupt comes. */
static void halted(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_APIC_ON, { .op = SIM_SCRIPT_STI }, KT_HLT, KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[0]);
	struct kt_thread *t;
	struct sim_script *s;
	int i;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	t = kt_thread_start(test, "vcpu0", run_vcpu0, vm);
	for (i = 0; i < 1000 && READ_ONCE(vcpu->arch.mp_state) != KVM_MP_STATE_HALTED; i++)
		usleep_range(1000, 2000);
	KUNIT_EXPECT_EQ(test, vcpu->arch.mp_state, KVM_MP_STATE_HALTED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).status, SIM_SCRIPT_EXITED);

	KUNIT_EXPECT_EQ(test, 1, post_interrupt(vm));
	KUNIT_EXPECT_EQ(test, KVM_EXIT_IO, kt_thread_join(test, t));
	kt_expect_done(test, s, 2);
	expect_event(test, s, INTR_INFO_VALID_MASK | VECTOR);
}

/* An NMI is the module's to inject; it does not wait for interrupts to be enabled. */
static void nmi(struct kunit *test)
{
	static const struct sim_script_op ops[] = { KT_STOP, KT_STOP };
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl(vm->vcpu_fd[0], KVM_NMI, 0));
	expect_stop(vm, 0, run);
	expect_event(test, s, INTR_INFO_VALID_MASK | INTR_TYPE_NMI_INTR | 2);
}

/* What is to be delivered does not wait for the rest, for which the guest asks again. */
static void map_gpa_gives_way_to_an_event(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_PSC(0x40000000, SZ_4M, 0, KT_PSC_SHARED),
		KT_STOP,
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL);
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl(vm->vcpu_fd[0], KVM_NMI, 0));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[0], 0x40000000 + SZ_2M);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[1], SZ_2M / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exits, 2);
	expect_event(test, s, INTR_INFO_VALID_MASK | INTR_TYPE_NMI_INTR | 2);

	expect_stop(vm, 0, run);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).rc, 0);
}

/* A triple fault ends the vCPU, for the module as well. */
static void triple_fault(struct kunit *test)
{
	static const struct sim_script_op ops[] = { { .op = SIM_SCRIPT_SHUTDOWN } };
	struct kt_vm *vm = running_td(test, 0, 1);
	struct vcpu_tdx *tdx = kt_file_priv(vm->vcpu_fd[0]);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_tdx_vp_info info = {};
	unsigned long flags;
	struct sim_tdx *t;

	kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_SHUTDOWN));
	t = sim_tdx_gate_lock(&flags);
	sim_tdx_vp_info(t, tdx->vp.tdvpr_pa, &info);
	sim_tdx_gate_unlock(flags);
	KUNIT_EXPECT_TRUE(test, info.disabled);
	KUNIT_EXPECT_FALSE(test, info.active);
}

/* A vCPU without a script knows no instruction, if it finds one at all. */
static void no_script(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);

	/* There is no memory at the reset vector. */
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_expect_exit(vm, 0, run, KVM_EXIT_MEMORY_FAULT));
	KUNIT_EXPECT_EQ(test, run->memory_fault.gpa, 0xfffff000);
	KUNIT_EXPECT_EQ(test, run->memory_fault.flags, KVM_MEMORY_EXIT_FLAG_PRIVATE);
}

/* Exits that scripts do not cause by themselves */
static void other_exits(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_EXIT, .arg = { EXIT_REASON_OTHER_SMI } },
		{ .op = SIM_SCRIPT_EXIT,
		  .arg = { EXIT_REASON_EXCEPTION_NMI, 0, 0,
			   INTR_INFO_VALID_MASK | INTR_TYPE_HARD_EXCEPTION | 6 } },
		{ .op = SIM_SCRIPT_EXIT,
		  .arg = { TDX_NON_RECOVERABLE_VCPU | BIT(31) | EXIT_REASON_INVALID_STATE } },
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_EXCEPTION));
	KUNIT_EXPECT_EQ(test, run->ex.exception, 6);
	kt_expect_done(test, s, 0);
	kt_expect_done(test, s, 1);
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_FAIL_ENTRY));
	KUNIT_EXPECT_EQ(test, run->fail_entry.hardware_entry_failure_reason,
			BIT(31) | EXIT_REASON_INVALID_STATE);
}

/* What is not an instruction of a TD, and what lies where there is no memory */
static void exceptions(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_PVALIDATE(PAGE(0), PAGE_SIZE, 0, 1),
		KT_GHCB(PAGE(2)),
		{ .op = SIM_SCRIPT_VMMCALL, .arg = { 0 } },
		KT_READ(1ULL << 47, 8, KT_PRIVATE),
		KT_READ(PAGE(0), 8, SIM_SCRIPT_F_EXEC),
		KT_STOP,
	};
	static const u32 vector[] = { 6, 6, 6, 14, 14 };
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	int i;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	expect_stop(vm, 0, run);
	for (i = 0; i < ARRAY_SIZE(vector); i++) {
		KUNIT_EXPECT_EQ_MSG(test, kt_result(s, i).status, SIM_SCRIPT_EXCEPTION,
				    "operation %d", i);
		KUNIT_EXPECT_EQ_MSG(test, kt_result(s, i).rc, vector[i], "operation %d", i);
		KUNIT_EXPECT_EQ_MSG(test, kt_result(s, i).exits, 0, "operation %d", i);
	}
}

/* A vCPU in the guest leaves it for a request, and goes on; and for good without a script. */
static void kicked(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_WRITE(PAGE(0), 8, KT_PRIVATE, 1),
		{ .op = SIM_SCRIPT_SPIN },
	};
	struct kt_vm *vm = running_td(test, 0, 1);
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[0]);
	struct sim_script_state st;
	struct sim_script *s;
	struct kt_thread *t;
	u64 intr;
	int i;

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	t = kt_thread_start(test, "vcpu0", run_vcpu0, vm);
	for (i = 0; i < 1000 && kt_result(s, 1).status != SIM_SCRIPT_STARTED; i++)
		usleep_range(1000, 2000);
	kt_expect_done(test, s, 0);

	sim_script_state(s, &st);
	intr = st.intr;
	kvm_make_request(KVM_REQ_UNBLOCK, vcpu);
	kvm_vcpu_kick(vcpu);
	for (i = 0; i < 1000 && kvm_test_request(KVM_REQ_UNBLOCK, vcpu); i++)
		usleep_range(1000, 2000);
	KUNIT_EXPECT_FALSE(test, kvm_test_request(KVM_REQ_UNBLOCK, vcpu));
	/* The request may have come while the vCPU was outside of the guest anyway. */
	for (i = 0; i < 1000; i++) {
		sim_script_state(s, &st);
		if (st.intr > intr)
			break;
		usleep_range(1000, 2000);
	}
	KUNIT_EXPECT_GT(test, st.intr, intr);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).exits, 0);

	/* Back at the reset vector, where there is no memory */
	kt_script_done(test, s);
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_thread_join(test, t));
}

/* One vCPU sees what the other writes, in memory that either of them brought. */
static void two_vcpus(struct kunit *test)
{
	static const struct sim_script_op ops[2][5] = {
		{
			KT_ACCEPT(PAGE(8), 2 * PAGE_SIZE, 0),
			KT_WRITE(PAGE(8), 2 * PAGE_SIZE, KT_PRIVATE, 0x1111),
			KT_WRITE(PAGE(0), 8, KT_PRIVATE, 1),
			KT_POLL(PAGE(0) + 8, 2),
			KT_STOP,
		}, {
			KT_POLL(PAGE(0), 1),
			KT_EXPECT(PAGE(8), 2 * PAGE_SIZE, KT_PRIVATE, 0x1111),
			KT_ACCEPT(PAGE(10), 2 * PAGE_SIZE, 0),
			KT_WRITE(PAGE(0) + 8, 8, KT_PRIVATE, 2),
			KT_STOP,
		},
	};
	struct kt_vm *vm = running_td(test, 0, 2);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s[2];
	struct kt_thread *t;
	int i;

	s[0] = kt_script(vm, 0, ops[0], 5);
	s[1] = kt_script(vm, 1, ops[1], 5);
	t = kt_thread_start(test, "vcpu1", run_vcpu1, vm);
	expect_stop(vm, 0, run);
	KUNIT_EXPECT_EQ(test, KVM_EXIT_IO, kt_thread_join(test, t));
	for (i = 0; i < 4; i++) {
		kt_expect_done(test, s[0], i);
		kt_expect_done(test, s[1], i);
	}
	KUNIT_EXPECT_EQ(test, kt_result(s[0], 0).rc, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s[1], 2).rc, 0);
}

static struct kunit_case tdx_run_cases[] = {
	KUNIT_CASE(launched_contents),
	KUNIT_CASE(fault_accept),
	KUNIT_CASE(accept_brings),
	KUNIT_CASE(accept_refused),
	KUNIT_CASE(pre_fault),
	KUNIT_CASE(touched_before_accepted),
	KUNIT_CASE(map_gpa),
	KUNIT_CASE(map_gpa_answers),
	KUNIT_CASE(map_gpa_without_user_space),
	KUNIT_CASE(map_gpa_answer_that_is_none),
	KUNIT_CASE(fault_that_kills_the_vm),
	KUNIT_CASE(memory_fault),
	KUNIT_CASE(punched),
	KUNIT_CASE(fault_in_a_slot_being_deleted),
	KUNIT_CASE(vmcalls),
	KUNIT_CASE(exposed_registers),
	KUNIT_CASE(mmio),
	KUNIT_CASE(mmio_refused),
	KUNIT_CASE(posted_interrupt),
	KUNIT_CASE(unknown_if_an_interrupt_waits),
	KUNIT_CASE(halted),
	KUNIT_CASE(nmi),
	KUNIT_CASE(map_gpa_gives_way_to_an_event),
	KUNIT_CASE(triple_fault),
	KUNIT_CASE(no_script),
	KUNIT_CASE(other_exits),
	KUNIT_CASE(exceptions),
	KUNIT_CASE(kicked),
	KUNIT_CASE(two_vcpus),
	{}
};

static struct kunit_suite tdx_run_suite = {
	.name = "tdx_run",
	.init = kt_init_tdx,
	.test_cases = tdx_run_cases,
};
kunit_test_suite(tdx_run_suite);
