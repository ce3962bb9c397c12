// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_RUN of a plain VM on the Intel machine: the controls of the VMCS are the only
 * reason for an exit, and KVM's handlers get what they need from it.
 */
#include <linux/delay.h>
#include <linux/kvm_host.h>
#include <linux/mman.h>

#include <asm/msr-index.h>
#include <asm/vmx.h>

#include "lapic.h"
#include "kvm_test_guest.h"

#define NPAGES	16
#define INTR(type, vector)	(INTR_INFO_VALID_MASK | (type) | (vector))

static u64 guest_rip(struct kt_vm *vm)
{
	struct kvm_regs regs = {};

	KUNIT_EXPECT_EQ(vm->test, 0, kt_ioctl_buf(vm->test, vm->vcpu_fd[0], KVM_GET_REGS,
						  &regs, sizeof(regs)));
	return regs.rip;
}

/* HLT returns to user space with RIP behind it, and the guest goes on. */
static void halt(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_HLT, KT_HLT, { .op = SIM_SCRIPT_SHUTDOWN },
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script_state st;
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));
	KUNIT_EXPECT_EQ(test, guest_rip(vm), KT_GPA + 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_code, EXIT_REASON_HLT);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).status, SIM_SCRIPT_PENDING);

	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));
	KUNIT_EXPECT_EQ(test, guest_rip(vm), KT_GPA + 2);
	kt_expect_done(test, s, 0);

	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_SHUTDOWN));
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.next_op, 2);
	KUNIT_EXPECT_EQ(test, st.invalid, 0);
}

/* Without a script the CPU executes the HLT that lies in memory, and nothing else. */
static void code(struct kunit *test)
{
	static const u8 insns[] = { 0xf4, 0x90 };
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_run *run = kt_run_buf(test);

	kt_write(test, vm->hva, insns, sizeof(insns));
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));
	KUNIT_EXPECT_EQ(test, guest_rip(vm), KT_GPA + 1);
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_SHUTDOWN));
}

/*
 * Memory is what user space sees; one EPT violation per page, and a page is in the
 * dirty log exactly if the guest wrote to it.
 */
static void memory(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_WRITE(KT_GPA + 2 * PAGE_SIZE, 2 * PAGE_SIZE, 0, 0x1122334455667788),
		KT_EXPECT(KT_GPA + 3 * PAGE_SIZE - 4, 8, 0, 0x5566778811223344),
		KT_READ(KT_GPA + 5 * PAGE_SIZE, 4, 0),
		KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_run *run = kt_run_buf(test);
	struct kvm_dirty_log log = {};
	struct sim_script *s;
	u64 bitmap = 0, val;

	val = 0xfeedf00d;
	kt_write(test, vm->hva + 5 * PAGE_SIZE, &val, sizeof(val));
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));

	kt_expect_done(test, s, 0);
	kt_expect_done(test, s, 1);
	kt_expect_done(test, s, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npfs, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_code, EXIT_REASON_EPT_VIOLATION);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npf_error & 0x3f, EPT_VIOLATION_ACC_WRITE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_info_2, KT_GPA + 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).npfs, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).npf_error & 0x3f, EPT_VIOLATION_ACC_READ);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).value[0], 0xfeedf00d);
	kt_read(test, vm->hva + 4 * PAGE_SIZE - 8, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, val, 0x1122334455667788);

	log.dirty_bitmap = (void __user *)kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_GET_DIRTY_LOG, &log,
					      sizeof(log)));
	kt_read(test, (unsigned long)log.dirty_bitmap, &bitmap, sizeof(bitmap));
	KUNIT_EXPECT_EQ(test, bitmap, BIT(2) | BIT(3));
}

/* User space does the I/O, KVM skips the instruction. */
static void port_io(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_OUT, .size = 1, .arg = { 0x3f8, 'x' } },
		{ .op = SIM_SCRIPT_IN, .size = 4, .arg = { 0xcf8 } },
		KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_run *run = kt_run_buf(test);
	u32 answer = 0x12345678;
	struct sim_script *s;
	char c = 0;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(vm, 0, run, KVM_EXIT_IO);
	KUNIT_EXPECT_EQ(test, run->io.port, 0x3f8);
	KUNIT_EXPECT_EQ(test, run->io.size, 1);
	KUNIT_EXPECT_EQ(test, run->io.direction, KVM_EXIT_IO_OUT);
	kt_run_get(vm, 0, run->io.data_offset, &c, 1);
	KUNIT_EXPECT_EQ(test, c, 'x');

	kt_expect_exit(vm, 0, run, KVM_EXIT_IO);
	KUNIT_EXPECT_EQ(test, run->io.port, 0xcf8);
	KUNIT_EXPECT_EQ(test, run->io.size, 4);
	KUNIT_EXPECT_EQ(test, run->io.direction, KVM_EXIT_IO_IN);
	kt_run_set(vm, 0, run->io.data_offset, &answer, sizeof(answer));

	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).value[0], 0x12345678);
}

/*
 * CPUID exits; an MSR that KVM passes through does not; one that does not exist is
 * #GP in the guest.
 */
static void cpuid_and_msrs(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_CPUID, .arg = { 0 } },
		{ .op = SIM_SCRIPT_WRMSR, .arg = { MSR_IA32_SYSENTER_EIP, 0x4444 } },
		{ .op = SIM_SCRIPT_RDMSR, .arg = { MSR_IA32_SYSENTER_EIP } },
		{ .op = SIM_SCRIPT_RDMSR, .arg = { MSR_IA32_APICBASE } },
		{ .op = SIM_SCRIPT_RDMSR, .arg = { 0x12345 } },
		KT_PVALIDATE(KT_GPA, PAGE_SIZE, 0, 1),
		KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_code, EXIT_REASON_CPUID);
	kt_expect_done(test, s, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).exits, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).value[0], 0x4444);
	kt_expect_done(test, s, 3);
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).exit_code, EXIT_REASON_MSR_READ);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).status, SIM_SCRIPT_EXCEPTION);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).rc, GP_VECTOR);
	KUNIT_EXPECT_EQ(test, kt_result(s, 5).status, SIM_SCRIPT_EXCEPTION);
	KUNIT_EXPECT_EQ(test, kt_result(s, 5).rc, UD_VECTOR);
}

/*
 * User space has an interrupt and waits until the guest can take it: the CPU tells
 * KVM when, and KVM user space.
 */
static void interrupt(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_HLT,
		{ .op = SIM_SCRIPT_STI },
		{ .op = SIM_SCRIPT_SPIN, .arg = { 1 } },
		KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_interrupt irq = { .irq = 0x30 };
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script_state st;
	struct sim_script *s;
	u8 on = 1, off = 0;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	kt_run_set(vm, 0, offsetof(struct kvm_run, request_interrupt_window), &on, 1);
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	KUNIT_EXPECT_EQ(test, run->ready_for_interrupt_injection, 0);
	kt_expect_exit(vm, 0, run, KVM_EXIT_IRQ_WINDOW_OPEN);
	KUNIT_EXPECT_EQ(test, run->ready_for_interrupt_injection, 1);
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.events, 0);
	KUNIT_EXPECT_EQ(test, st.next_op, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).exit_code, EXIT_REASON_INTERRUPT_WINDOW);

	kt_run_set(vm, 0, offsetof(struct kvm_run, request_interrupt_window), &off, 1);
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_INTERRUPT, &irq,
					      sizeof(irq)));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.next_op, 3);
	KUNIT_EXPECT_EQ(test, st.events, 1);
	KUNIT_EXPECT_EQ(test, st.last_event, INTR(INTR_TYPE_EXT_INTR, 0x30));
}

/* An NMI does not wait; the next one waits for the end of its handler. */
static void nmi(struct kunit *test)
{
	static const struct sim_script_op ops[] = { KT_HLT, KT_HLT };
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script_state st;
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl(vm->vcpu_fd[0], KVM_NMI, 0));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.events, 1);
	KUNIT_EXPECT_EQ(test, st.last_event, INTR(INTR_TYPE_NMI_INTR, NMI_VECTOR));

	KUNIT_EXPECT_EQ(test, 0, kt_ioctl(vm->vcpu_fd[0], KVM_NMI, 0));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.events, 2);
	kt_expect_done(test, s, 0);
}

static int run_vcpu(void *data)
{
	return kt_vcpu_run(data, 0, NULL);
}

/* A guest that never exits by itself is made to by a request to all vCPUs. */
static void kicked(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_READ, .gpa = KT_GPA, .size = 8,
		  .flags = SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL, .arg = { 2 } },
		KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[0]);
	struct sim_script *s;
	struct kt_thread *t;
	u64 val = 0;
	int i;

	kt_write(test, vm->hva, &val, sizeof(val));
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	t = kt_thread_start(test, "vcpu", run_vcpu, vm);
	for (i = 0; i < 250 && kt_result(s, 0).status == SIM_SCRIPT_PENDING; i++)
		msleep(20);
	kvm_make_all_cpus_request(vm->kvm, KVM_REQ_TLB_FLUSH);
	for (i = 0; i < 250 && kvm_test_request(KVM_REQ_TLB_FLUSH, vcpu); i++)
		msleep(20);
	KUNIT_EXPECT_FALSE(test, kvm_test_request(KVM_REQ_TLB_FLUSH, vcpu));

	val = 2;
	kt_write(test, vm->hva, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
	kt_expect_done(test, s, 0);
}

/* Wait until the guest has taken @n events */
static u64 events(struct sim_script *s, u64 n)
{
	struct sim_script_state st;
	int i;

	for (i = 0; i < 250; i++) {
		sim_script_state(s, &st);
		if (st.events >= n)
			break;
		msleep(20);
	}
	return st.events;
}

/*
 * An interrupt is posted to a guest that runs, and the CPU delivers it; one that does
 * not have a higher priority than the one in service has to wait.
 */
static void posted_interrupt(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_STI },
		{ .op = SIM_SCRIPT_READ, .gpa = KT_GPA, .size = 8,
		  .flags = SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL, .arg = { 2 } },
		{ .op = SIM_SCRIPT_SHUTDOWN },
	};
	static const u8 vectors[] = { 0x41, 0x51, 0x45 };
	struct kt_vm *vm = kt_flat_vm_lapic(test, NPAGES);
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[0]);
	struct kvm_msi msi = { .address_lo = 0xfee00000 };
	struct sim_script_state st;
	struct sim_script *s;
	struct kt_thread *t;
	u64 val = 0;
	int i;

	KUNIT_ASSERT_TRUE(test, kvm_vcpu_apicv_active(vcpu));
	kt_write(test, vm->hva, &val, sizeof(val));
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	t = kt_thread_start(test, "vcpu", run_vcpu, vm);
	for (i = 0; i < 250 && kt_result(s, 1).status == SIM_SCRIPT_PENDING; i++)
		msleep(20);

	for (i = 0; i < 2; i++) {
		msi.data = vectors[i];
		KUNIT_EXPECT_EQ(test, 1, kt_ioctl_buf(test, vm->fd, KVM_SIGNAL_MSI, &msi,
						      sizeof(msi)));
		KUNIT_EXPECT_EQ(test, events(s, i + 1), i + 1);
		sim_script_state(s, &st);
		KUNIT_EXPECT_EQ(test, st.last_event, INTR(INTR_TYPE_EXT_INTR, vectors[i]));
	}
	msi.data = vectors[2];
	KUNIT_EXPECT_EQ(test, 1, kt_ioctl_buf(test, vm->fd, KVM_SIGNAL_MSI, &msi, sizeof(msi)));
	msleep(100);
	KUNIT_EXPECT_EQ(test, events(s, 2), 2);

	val = 2;
	kt_write(test, vm->hva, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
	kt_expect_done(test, s, 1);
}

static struct kunit_case vmx_run_cases[] = {
	KUNIT_CASE(halt),
	KUNIT_CASE(code),
	KUNIT_CASE(memory),
	KUNIT_CASE(port_io),
	KUNIT_CASE(cpuid_and_msrs),
	KUNIT_CASE(interrupt),
	KUNIT_CASE(nmi),
	KUNIT_CASE(kicked),
	KUNIT_CASE(posted_interrupt),
	{}
};

static struct kunit_suite vmx_run_suite = {
	.name = "vmx_run",
	.init = kt_init_vmx,
	.test_cases = vmx_run_cases,
};
kunit_test_suite(vmx_run_suite);
