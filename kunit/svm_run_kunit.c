// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_RUN with a guest whose state KVM sees: exits reach user space, KVM's
 * emulator and its skipping of instructions meet a CPU that reads RIP, and the
 * VMCB's intercepts are the only reason for an exit.
 */
#include <linux/delay.h>
#include <linux/kvm_host.h>
#include <linux/mman.h>

#include <asm/msr-index.h>
#include <asm/svm.h>

#include "kvm_test_guest.h"

#define NPAGES	16
#define MMIO	0xd0000000ULL

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
	struct sim_script_state st;
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));
	KUNIT_EXPECT_EQ(test, guest_rip(vm), KT_GPA + 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).status, SIM_SCRIPT_EXITED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).status, SIM_SCRIPT_PENDING);

	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));
	KUNIT_EXPECT_EQ(test, guest_rip(vm), KT_GPA + 2);
	kt_expect_done(test, s, 0);

	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_SHUTDOWN));
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.next_op, 2);
	KUNIT_EXPECT_EQ(test, st.invalid, 0);
}

/*
 * Memory is what user space sees; one nested page fault per page, and a page is
 * in the dirty log exactly if the guest wrote to it.
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
	struct kvm_dirty_log log = {};
	struct kvm_run *run = kt_run_buf(test);
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
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npf_error,
			PFERR_GUEST_FINAL_MASK | PFERR_USER_MASK | PFERR_WRITE_MASK);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).npfs, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).value[0], 0xfeedf00d);
	kt_read(test, vm->hva + 4 * PAGE_SIZE - 8, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, val, 0x1122334455667788);

	log.dirty_bitmap = (void __user *)kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_GET_DIRTY_LOG, &log,
					      sizeof(log)));
	kt_read(test, (unsigned long)log.dirty_bitmap, &bitmap, sizeof(bitmap));
	KUNIT_EXPECT_EQ(test, bitmap, BIT(2) | BIT(3));
}

/* A write to a page whose dirty bit was collected faults again. */
static void dirty_again(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_WRITE(KT_GPA, 4, 0, 1), KT_HLT,
		KT_WRITE(KT_GPA, 4, 0, 2), KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_dirty_log log = {};
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 bitmap;
	int i;

	log.dirty_bitmap = (void __user *)kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_HLT));
		KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_GET_DIRTY_LOG, &log,
						      sizeof(log)));
		kt_read(test, (unsigned long)log.dirty_bitmap, &bitmap, sizeof(bitmap));
		KUNIT_EXPECT_EQ_MSG(test, bitmap, BIT(0), "round %d", i);
		kt_expect_done(test, s, 2 * i);
	}
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).npfs, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).npf_error,
			PFERR_GUEST_FINAL_MASK | PFERR_USER_MASK | PFERR_WRITE_MASK |
			PFERR_PRESENT_MASK);
}

/* KVM decodes the instruction, and completes it with what user space answers. */
static void mmio(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_WRITE(MMIO, 4, 0, 0xcafe0001), KT_READ(MMIO + 8, 2, 0), KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u16 answer = 0xbeef;
	u32 data;

	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(vm, 0, run, KVM_EXIT_MMIO);
	KUNIT_EXPECT_EQ(test, run->mmio.phys_addr, MMIO);
	KUNIT_EXPECT_EQ(test, run->mmio.len, 4);
	KUNIT_EXPECT_EQ(test, run->mmio.is_write, 1);
	memcpy(&data, run->mmio.data, sizeof(data));
	KUNIT_EXPECT_EQ(test, data, 0xcafe0001);

	kt_expect_exit(vm, 0, run, KVM_EXIT_MMIO);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, run->mmio.phys_addr, MMIO + 8);
	KUNIT_EXPECT_EQ(test, run->mmio.len, 2);
	KUNIT_EXPECT_EQ(test, run->mmio.is_write, 0);
	kt_run_set(vm, 0, offsetof(struct kvm_run, mmio.data), &answer, sizeof(answer));

	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).value[0], 0xbeef);
	KUNIT_EXPECT_TRUE(test, kt_result(s, 1).flags & SIM_SCRIPT_R_EMULATED);
	/* KVM has left its mark in the tables: the access is known to be MMIO. */
	KUNIT_EXPECT_TRUE(test, kt_result(s, 1).npf_error & PFERR_RSVD_MASK);
}

static void port_io(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_OUT, .size = 1, .arg = { 0x3f8, 'x' } },
		{ .op = SIM_SCRIPT_IN, .size = 4, .arg = { 0xcf8 } },
		KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	u32 answer = 0x12345678;
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u8 c;

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
 * CPUID exits; an MSR that KVM passes through does not; one that does not exist
 * is #GP in the guest.
 */
static void cpuid_and_msrs(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_CPUID, .arg = { 0 } },
		{ .op = SIM_SCRIPT_WRMSR, .arg = { MSR_LSTAR, 0x4444 } },
		{ .op = SIM_SCRIPT_RDMSR, .arg = { MSR_LSTAR } },
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
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).exit_code, SVM_EXIT_CPUID);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).value[1], 0x68747541);
	kt_expect_done(test, s, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).exits, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).value[0], 0x4444);
	kt_expect_done(test, s, 3);
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).exit_code, SVM_EXIT_MSR);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).status, SIM_SCRIPT_EXCEPTION);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).rc, GP_VECTOR);
	/* No SNP guest, no PVALIDATE */
	KUNIT_EXPECT_EQ(test, kt_result(s, 5).status, SIM_SCRIPT_EXCEPTION);
	KUNIT_EXPECT_EQ(test, kt_result(s, 5).rc, UD_VECTOR);
}

/*
 * User space has an interrupt and waits until the guest can take it: the CPU
 * tells KVM when, and KVM user space.
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
	/* Not in the shadow of STI, but after the first iteration of the loop */
	KUNIT_EXPECT_EQ(test, st.next_op, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).exit_code, SVM_EXIT_VINTR);

	kt_run_set(vm, 0, offsetof(struct kvm_run, request_interrupt_window), &off, 1);
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_INTERRUPT, &irq,
					      sizeof(irq)));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.next_op, 3);
	KUNIT_EXPECT_EQ(test, st.events, 1);
	KUNIT_EXPECT_EQ(test, st.last_event, SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_INTR | 0x30);
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
	KUNIT_EXPECT_EQ(test, st.next_op, 0);
	KUNIT_EXPECT_EQ(test, st.events, 1);
	KUNIT_EXPECT_EQ(test, st.last_event & SVM_EVTINJ_TYPE_MASK, SVM_EVTINJ_TYPE_NMI);

	KUNIT_EXPECT_EQ(test, 0, kt_ioctl(vm->vcpu_fd[0], KVM_NMI, 0));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.events, 2);
	kt_expect_done(test, s, 0);
}

static int run_vcpu(void *data)
{
	struct kt_vm *vm = data;

	return kt_vcpu_run(vm, 0, NULL);
}

/* A guest that never exits does not keep the CPU: the test's thread gets on. */
static void interruptible(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_WRITE(KT_GPA, 8, 0, 1),
		{ .op = SIM_SCRIPT_READ, .gpa = KT_GPA + PAGE_SIZE, .size = 8,
		  .flags = SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL, .arg = { 2 } },
		KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct sim_script *s;
	struct kt_thread *t;
	u64 val = 0;
	int i;

	kt_write(test, vm->hva, &val, sizeof(val));
	kt_write(test, vm->hva + PAGE_SIZE, &val, sizeof(val));
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	t = kt_thread_start(test, "vcpu", run_vcpu, vm);
	for (i = 0; i < 250 && val != 1; i++) {
		msleep(20);
		kt_read(test, vm->hva, &val, sizeof(val));
	}
	KUNIT_EXPECT_EQ(test, val, 1);
	KUNIT_EXPECT_NE(test, kt_result(s, 2).status, SIM_SCRIPT_EXITED);
	val = 2;
	kt_write(test, vm->hva + PAGE_SIZE, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).status, SIM_SCRIPT_EXITED);
}

/*
 * A guest that never exits by itself is made to by a request to all vCPUs, as a
 * flush of TLBs is one.
 */
static void kicked(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_READ, .gpa = KT_GPA, .size = 8,
		  .flags = SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL, .arg = { 2 } },
		KT_HLT,
	};
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[0]);
	struct sim_script_state before, after;
	struct sim_script *s;
	struct kt_thread *t;
	u64 val = 0;
	int i;

	kt_write(test, vm->hva, &val, sizeof(val));
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	t = kt_thread_start(test, "vcpu", run_vcpu, vm);
	for (i = 0; i < 250 && kt_result(s, 0).status == SIM_SCRIPT_PENDING; i++)
		msleep(20);
	sim_script_state(s, &before);
	kvm_make_all_cpus_request(vm->kvm, KVM_REQ_TLB_FLUSH);
	for (i = 0; i < 250 && kvm_test_request(KVM_REQ_TLB_FLUSH, vcpu); i++)
		msleep(20);
	KUNIT_EXPECT_FALSE(test, kvm_test_request(KVM_REQ_TLB_FLUSH, vcpu));
	/* The request may have come while the vCPU was outside of the guest anyway. */
	do {
		sim_script_state(s, &after);
	} while (after.intr == before.intr && i++ < 250 && !msleep_interruptible(20));
	KUNIT_EXPECT_GT(test, after.intr, before.intr);
	KUNIT_EXPECT_EQ(test, after.next_op, 0);

	val = 2;
	kt_write(test, vm->hva, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
}

/* The script is KVM's to interrupt, and its owner's to take away. */
static void detached(struct kunit *test)
{
	static const struct sim_script_op spin[] = { { .op = SIM_SCRIPT_SPIN } };
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct sim_script *s;
	struct kt_thread *t;
	int i;

	s = kt_script(vm, 0, spin, ARRAY_SIZE(spin));
	t = kt_thread_start(test, "vcpu", run_vcpu, vm);
	for (i = 0; i < 250 && kt_result(s, 0).status == SIM_SCRIPT_PENDING; i++)
		msleep(20);
	KUNIT_EXPECT_NE(test, kt_result(s, 0).status, SIM_SCRIPT_PENDING);
	kt_script_done(test, s);
	/* Nothing but zeros at RIP: the guest shuts down. */
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
}

static void malformed_scripts(struct kunit *test)
{
	static const struct sim_script_op bad[] = {
		{ .op = 0 },
		{ .op = SIM_SCRIPT_NR_OPCODES },
		{ .op = SIM_SCRIPT_HLT, .flags = 1 },
		KT_READ(0, 0, 0),
		KT_READ(~0ULL, 2, 0),
		KT_READ(0, SIM_SCRIPT_MAX_RANGE + 1, 0),
		KT_READ(0, 8, SIM_SCRIPT_F_DATA),
		KT_READ(0, 8, SIM_SCRIPT_F_POLL),
		KT_PVALIDATE(0x1000, 0x800, 0, 1),
		KT_PVALIDATE(0x1800, 0x1000, 0, 1),
		KT_PVALIDATE(0x200000, 0x1000, SIM_SCRIPT_F_2M, 1),
		{ .op = SIM_SCRIPT_OUT, .size = 8, .arg = { 1 } },
		{ .op = SIM_SCRIPT_IN, .size = 1, .arg = { 0x10000 } },
		{ .op = SIM_SCRIPT_GHCB_REGISTER, .gpa = 0x1008 },
	};
	static const struct sim_script_op good[] = { KT_HLT };
	struct sim_script_params p = { .nr_ops = 1 };
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct file *file;
	int i;

	file = fget(vm->vcpu_fd[0]);
	KUNIT_ASSERT_NOT_NULL(test, file);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		p.ops = &bad[i];
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR(sim_script_attach_file(file, &p)), -EINVAL,
				    "operation %d", i);
	}
	p.ops = good;
	p.nr_ops = 0;
	KUNIT_EXPECT_EQ(test, PTR_ERR(sim_script_attach_file(file, &p)), -EINVAL);
	p.nr_ops = SIM_SCRIPT_MAX_OPS + 1;
	KUNIT_EXPECT_EQ(test, PTR_ERR(sim_script_attach_file(file, &p)), -EINVAL);
	p.nr_ops = 1;
	kt_script_params(vm, 0, &p);
	KUNIT_EXPECT_EQ(test, PTR_ERR(sim_script_attach_file(file, &p)), -EEXIST);
	fput(file);

	/* Files that are no vCPU */
	file = fget(vm->fd);
	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_EXPECT_EQ(test, PTR_ERR(sim_script_attach_file(file, &p)), -EINVAL);
	fput(file);
	file = fget(vm->kvm_fd);
	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_EXPECT_EQ(test, PTR_ERR(sim_script_attach_file(file, &p)), -EINVAL);
	fput(file);
}

/* The same for user space: /dev/sim-guest, its arguments and its results */
static void device(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_WRITE, .gpa = KT_GPA, .size = 16,
		  .flags = SIM_SCRIPT_F_DATA },
		{ .op = SIM_SCRIPT_READ, .gpa = KT_GPA, .size = 16,
		  .flags = SIM_SCRIPT_F_DATA, .arg = { 16 } },
	};
	static const char text[16] = "fifteen letters";
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script_result res[2] = {};
	struct sim_script_attach a = {
		.vcpu_fd = vm->vcpu_fd[0], .nr_ops = ARRAY_SIZE(ops), .data_len = 32,
	};
	struct sim_script_fetch f = { .vcpu_fd = vm->vcpu_fd[0], .nr = 2, .data_len = 32 };
	unsigned long mem;
	char data[32];
	int fd;

	mem = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	a.ops = mem;
	a.data = mem + 1024;
	f.results = mem + 2048;
	f.data = mem + 3072;
	kt_write(test, a.ops, ops, sizeof(ops));
	kt_write(test, a.data, text, sizeof(text));
	fd = kt_open_dev(test, "sim-guest");
	KUNIT_ASSERT_GE(test, fd, 0);

#define ATTACH(_member, _value, _error)						\
	do {									\
		struct sim_script_attach bad = a;				\
										\
		bad._member = _value;						\
		KUNIT_EXPECT_EQ(test, kt_ioctl_buf(test, fd, SIM_SCRIPT_ATTACH,	\
						   &bad, sizeof(bad)), _error);	\
	} while (0)
	ATTACH(vcpu_fd, -1, -EBADF);
	ATTACH(vcpu_fd, vm->fd, -EINVAL);
	ATTACH(vcpu_fd, fd, -EINVAL);
	ATTACH(nr_ops, 0, -EINVAL);
	ATTACH(nr_ops, SIM_SCRIPT_MAX_OPS + 1, -E2BIG);
	ATTACH(nr_ops, 3, -EINVAL);
	ATTACH(data_len, SIM_SCRIPT_MAX_DATA + 1, -E2BIG);
	ATTACH(data_len, 8, -EINVAL);
	ATTACH(ops, 0, -EFAULT);
	ATTACH(data, 0, -EFAULT);
	ATTACH(ghcb_gpa, 8, -EINVAL);
	ATTACH(reserved[1], 1, -EINVAL);
#undef ATTACH
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_ioctl(fd, SIM_SCRIPT_ATTACH, 0));
	KUNIT_EXPECT_EQ(test, -ENOTTY, kt_ioctl(fd, KVM_RUN, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT, kt_ioctl_buf(test, fd, SIM_SCRIPT_FETCH, &f, sizeof(f)));
	KUNIT_EXPECT_EQ(test, -ENOENT, kt_ioctl(fd, SIM_SCRIPT_DETACH, vm->vcpu_fd[0]));
	KUNIT_EXPECT_EQ(test, -EBADF, kt_ioctl(fd, SIM_SCRIPT_DETACH, -1UL));

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, fd, SIM_SCRIPT_ATTACH, &a, sizeof(a)));
	KUNIT_EXPECT_EQ(test, -EEXIST, kt_ioctl_buf(test, fd, SIM_SCRIPT_ATTACH, &a, sizeof(a)));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, fd, SIM_SCRIPT_FETCH, &f, sizeof(f)));
	KUNIT_EXPECT_EQ(test, f.state.next_op, 2);
	KUNIT_EXPECT_EQ(test, f.state.nr_ops, 2);
	kt_read(test, f.results, res, sizeof(res));
	KUNIT_EXPECT_EQ(test, res[0].status, SIM_SCRIPT_DONE);
	KUNIT_EXPECT_EQ(test, res[0].npfs, 1);
	KUNIT_EXPECT_EQ(test, res[1].status, SIM_SCRIPT_DONE);
	kt_read(test, f.data, data, sizeof(data));
	KUNIT_EXPECT_MEMEQ(test, data + 16, text, sizeof(text));

	f.first = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_ioctl_buf(test, fd, SIM_SCRIPT_FETCH, &f, sizeof(f)));
	f.nr = 1;
	f.results = 0;
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_ioctl_buf(test, fd, SIM_SCRIPT_FETCH, &f, sizeof(f)));
	f.nr = 0;
	f.data_len = 33;
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_ioctl_buf(test, fd, SIM_SCRIPT_FETCH, &f, sizeof(f)));

	KUNIT_EXPECT_EQ(test, 0, kt_ioctl(fd, SIM_SCRIPT_DETACH, vm->vcpu_fd[0]));
	KUNIT_EXPECT_EQ(test, -ENOENT, kt_ioctl(fd, SIM_SCRIPT_DETACH, vm->vcpu_fd[0]));
	/* What a file has attached goes with it. */
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, fd, SIM_SCRIPT_ATTACH, &a, sizeof(a)));
	kt_close(test, fd);
	fd = kt_open_dev(test, "sim-guest");
	KUNIT_EXPECT_EQ(test, 0, kt_ioctl_buf(test, fd, SIM_SCRIPT_ATTACH, &a, sizeof(a)));
}

/*
 * Guest-physical addresses can be faulted in ahead of time only where the MMU is
 * indexed by them. That of a guest's guest is not: its page tables are shadowed.
 */
static void pre_fault_in_a_nested_guest(struct kunit *test)
{
	struct kt_vm *vm = kt_flat_vm(test, NPAGES);
	size_t size = sizeof(struct kvm_nested_state) + KVM_STATE_NESTED_SVM_VMCB_SIZE;
	unsigned long uaddr = kt_mmap(test, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct kvm_nested_state *state = kunit_kzalloc(test, size, GFP_KERNEL);
	u64 gpa = KT_GPA, len = PAGE_SIZE;
	struct kvm_sregs sregs;
	struct vmcb *vmcb12;

	KUNIT_ASSERT_NOT_NULL(test, state);
	BUILD_BUG_ON(sizeof(*vmcb12) > KVM_STATE_NESTED_SVM_VMCB_SIZE);
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &len));

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_GET_SREGS,
					      &sregs, sizeof(sregs)));
	sregs.efer |= EFER_SVME;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_SET_SREGS,
					      &sregs, sizeof(sregs)));

	state->format = KVM_STATE_NESTED_FORMAT_SVM;
	state->flags = KVM_STATE_NESTED_GUEST_MODE | KVM_STATE_NESTED_GIF_SET;
	state->size = size;
	state->hdr.svm.vmcb_pa = KT_GPA;
	vmcb12 = (void *)state->data.svm;
	__set_bit(INTERCEPT_VMRUN, (unsigned long *)vmcb12->control.intercepts);
	vmcb12->control.asid = 1;
	vmcb12->control.misc_ctl = SVM_MISC_ENABLE_NP;
	vmcb12->control.nested_cr3 = KT_GPA + PAGE_SIZE;
	vmcb12->save.efer = EFER_SVME;
	vmcb12->save.cr0 = X86_CR0_PE | X86_CR0_PG;
	vmcb12->save.dr6 = DR6_ACTIVE_LOW;
	vmcb12->save.dr7 = DR7_FIXED_1;
	vmcb12->save.rflags = X86_EFLAGS_FIXED;
	kt_write(test, uaddr, state, size);
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl(vm->vcpu_fd[0], KVM_SET_NESTED_STATE, uaddr));

	gpa = KT_GPA;
	len = PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, kt_vcpu_pre_fault(vm, 0, &gpa, &len));
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, len);

	/* Back in the guest itself it works again. */
	state->flags = KVM_STATE_NESTED_GIF_SET;
	kt_write(test, uaddr, state, size);
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl(vm->vcpu_fd[0], KVM_SET_NESTED_STATE, uaddr));
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &len));
}

static struct kunit_case svm_run_cases[] = {
	KUNIT_CASE(halt),
	KUNIT_CASE(memory),
	KUNIT_CASE(dirty_again),
	KUNIT_CASE(mmio),
	KUNIT_CASE(port_io),
	KUNIT_CASE(cpuid_and_msrs),
	KUNIT_CASE(interrupt),
	KUNIT_CASE(nmi),
	KUNIT_CASE(interruptible),
	KUNIT_CASE(kicked),
	KUNIT_CASE(detached),
	KUNIT_CASE(malformed_scripts),
	KUNIT_CASE(device),
	KUNIT_CASE(pre_fault_in_a_nested_guest),
	{}
};

static struct kunit_suite svm_run_suite = {
	.name = "svm_run",
	.init = kt_init_snp,
	.test_cases = svm_run_cases,
};
kunit_test_suite(svm_run_suite);
