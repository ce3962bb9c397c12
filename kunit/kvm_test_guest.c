// SPDX-License-Identifier: GPL-2.0
/* Guests of a test: scripts on the vCPUs of the simulated CPU */
#include <linux/file.h>
#include <linux/mman.h>

#include "kvm_test_guest.h"
#include "kvm_test_sim.h"

static void detach(void *data)
{
	sim_script_detach(data);
}

/**
 * kt_script_params() - give a vCPU a script
 * @vm: the VM
 * @i: number of the vCPU
 * @p: the script
 *
 * Return: the script, which is detached at the latest when the test ends.
 */
struct sim_script *kt_script_params(struct kt_vm *vm, unsigned int i,
				    const struct sim_script_params *p)
{
	struct sim_script *s = ERR_PTR(-EBADF);
	struct file *file = fget(vm->vcpu_fd[i]);

	if (file) {
		s = sim_script_attach_file(file, p);
		fput(file);
	}
	KUNIT_ASSERT_EQ(vm->test, 0, PTR_ERR_OR_ZERO(s));
	KUNIT_ASSERT_EQ(vm->test, 0, kunit_add_action_or_reset(vm->test, detach, s));

	return s;
}

/**
 * kt_script() - give a vCPU a list of operations
 * @vm: the VM
 * @i: number of the vCPU
 * @ops: operations
 * @nr_ops: their number
 *
 * Return: as kt_script_params().
 */
struct sim_script *kt_script(struct kt_vm *vm, unsigned int i,
			     const struct sim_script_op *ops, u32 nr_ops)
{
	const struct sim_script_params p = { .ops = ops, .nr_ops = nr_ops };

	return kt_script_params(vm, i, &p);
}

/**
 * kt_script_done() - take the script away now
 * @test: the test
 * @s: the script
 */
void kt_script_done(struct kunit *test, struct sim_script *s)
{
	kunit_release_action(test, detach, s);
}

/**
 * kt_result() - result of an operation
 * @s: the script
 * @i: index of the operation
 */
struct sim_script_result kt_result(struct sim_script *s, u32 i)
{
	struct sim_script_result r;

	sim_script_result(s, i, &r);
	return r;
}

/**
 * kt_expect_done() - expect that an operation was executed, and compared equal
 * @test: the test
 * @s: the script
 * @i: index of the operation
 */
void kt_expect_done(struct kunit *test, struct sim_script *s, u32 i)
{
	struct sim_script_result r = kt_result(s, i);

	KUNIT_EXPECT_EQ_MSG(test, r.status, SIM_SCRIPT_DONE,
			    "operation %u: rc %#x, last exit %#llx %#llx %#llx, %u faults",
			    i, r.rc, r.exit_code, r.exit_info_1, r.exit_info_2, r.npfs);
	KUNIT_EXPECT_FALSE_MSG(test, r.flags & SIM_SCRIPT_R_MISMATCH,
			       "operation %u: differs from offset %#llx on", i, r.mismatch);
}

#define BUSY_OPS	512

/**
 * kt_busy_guest() - a guest that validates and writes all over its memory
 * @vm: the VM, whose vCPU 0 it runs on
 * @npages: pages of slot 0
 *
 * Whatever it gets to see. At the end it halts for ever.
 *
 * Return: the guest, for kt_expect_ended().
 */
void *kt_busy_guest(struct kt_vm *vm, unsigned int npages)
{
	struct sim_script_op *ops;
	unsigned int i;

	ops = kunit_kcalloc(vm->test, BUSY_OPS, sizeof(*ops), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(vm->test, ops);
	for (i = 0; i < BUSY_OPS; i += 2) {
		u64 gpa = KT_GPA + (i / 2 * 5 % npages) * PAGE_SIZE;

		ops[i] = (struct sim_script_op)KT_PVALIDATE(gpa, PAGE_SIZE, 0, 1);
		ops[i + 1] = (struct sim_script_op)KT_WRITE(gpa, PAGE_SIZE, KT_PRIVATE, i);
	}

	return kt_script(vm, 0, ops, BUSY_OPS);
}

/**
 * kt_expect_ended() - expect that a guest has come to its end
 * @test: the test
 * @guest: of kt_busy_guest()
 */
void kt_expect_ended(struct kunit *test, void *guest)
{
	struct sim_script_state st;

	sim_script_state(guest, &st);
	KUNIT_EXPECT_EQ(test, st.nr_ops, st.next_op);
}

/**
 * kt_guest_takes_page() - run a TD that accepts a page and writes to it
 * @vm: the TD, whose vCPU 0 it runs on
 * @gpa: the page
 *
 * It then leaves for user space, and is a guest no more.
 */
void kt_guest_takes_page(struct kt_vm *vm, u64 gpa)
{
	const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_ACCEPT, .gpa = gpa, .size = PAGE_SIZE },
		KT_WRITE(gpa, 8, KT_PRIVATE, 1),
		{ .op = SIM_SCRIPT_OUT, .size = 1, .arg = { 0xf4 } },
	};
	struct kvm_run *run = kt_run_buf(vm->test);
	struct sim_script *s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));

	KUNIT_ASSERT_EQ(vm->test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_IO));
	kt_expect_done(vm->test, s, 1);
	/* It holds the vCPU. */
	kt_script_done(vm->test, s);
}

/**
 * kt_guest_shuts_down() - a guest that does nothing but shut down
 * @vm: the VM, whose vCPU 0 it is to run on
 */
void kt_guest_shuts_down(struct kt_vm *vm)
{
	static const struct sim_script_op ops[] = { { .op = SIM_SCRIPT_SHUTDOWN } };

	kt_script(vm, 0, ops, ARRAY_SIZE(ops));
}

/* What a user of the vCPU's mapping finds at an offset */
static void *run_addr(struct kt_vm *vm, unsigned int i, size_t off, size_t len)
{
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[i]);

	KUNIT_ASSERT_EQ(vm->test, off / PAGE_SIZE, (off + len - 1) / PAGE_SIZE);
	if (off / PAGE_SIZE == KVM_PIO_PAGE_OFFSET)
		return vcpu->arch.pio_data + offset_in_page(off);
	KUNIT_ASSERT_EQ(vm->test, off / PAGE_SIZE, 0);
	return (void *)vcpu->run + off;
}

/**
 * kt_run_set() - write to a vCPU's struct kvm_run, e.g. data for the guest
 * @vm: the VM
 * @i: number of the vCPU
 * @off: offset in struct kvm_run, or in the page of I/O data behind it
 * @buf: bytes
 * @len: how many
 */
void kt_run_set(struct kt_vm *vm, unsigned int i, size_t off, const void *buf,
		size_t len)
{
	memcpy(run_addr(vm, i, off, len), buf, len);
}

/**
 * kt_run_get() - read what lies behind a vCPU's struct kvm_run
 * @vm: the VM
 * @i: number of the vCPU
 * @off: offset, as of kt_run_set()
 * @buf: gets the bytes
 * @len: how many
 */
void kt_run_get(struct kt_vm *vm, unsigned int i, size_t off, void *buf, size_t len)
{
	memcpy(buf, run_addr(vm, i, off, len), len);
}

static struct kt_vm *flat_vm(struct kunit *test, unsigned int npages, bool lapic)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 24 } };
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_DEFAULT_VM);
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = 8, .type = 11, .present = 1,
		.db = 1, .s = 1, .g = 1,
	};
	struct kvm_segment data = {
		.limit = 0xffffffff, .selector = 16, .type = 3, .present = 1,
		.db = 1, .s = 1, .g = 1,
	};
	struct kvm_regs regs = { .rip = KT_GPA, .rflags = 2 };
	struct kvm_sregs sregs;
	int vcpu;

	vm->npages = npages;
	if (lapic)
		KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_ENABLE_CAP, &split,
						      sizeof(split)));
	vm->hva = kt_mmap(test, npages * PAGE_SIZE, PROT_READ | PROT_WRITE);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, KT_GPA,
					    npages * PAGE_SIZE, vm->hva, -1, 0));
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));

	vcpu = vm->vcpu_fd[0];
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vcpu, KVM_GET_SREGS, &sregs,
					      sizeof(sregs)));
	sregs.cs = code;
	sregs.ds = data;
	sregs.es = data;
	sregs.ss = data;
	sregs.cr0 |= X86_CR0_PE;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vcpu, KVM_SET_SREGS, &sregs,
					      sizeof(sregs)));
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vcpu, KVM_SET_REGS, &regs,
					      sizeof(regs)));

	return vm;
}

/**
 * kt_flat_vm() - a VM without private memory, its vCPU in flat protected mode
 * @test: the test
 * @npages: pages of memory at KT_GPA
 *
 * Return: the VM; the test is over if it can't be made.
 */
struct kt_vm *kt_flat_vm(struct kunit *test, unsigned int npages)
{
	return flat_vm(test, npages, false);
}

/**
 * kt_flat_vm_lapic() - as kt_flat_vm(), with local APICs in the kernel
 * @test: the test
 * @npages: pages of memory at KT_GPA
 *
 * The APIC of the vCPU is enabled.  HLT does not return to user space.
 *
 * Return: the VM; the test is over if it can't be made.
 */
struct kt_vm *kt_flat_vm_lapic(struct kunit *test, unsigned int npages)
{
	struct kvm_lapic_state *apic = kunit_kzalloc(test, sizeof(*apic), GFP_KERNEL);
	struct kt_vm *vm = flat_vm(test, npages, true);

	KUNIT_ASSERT_NOT_NULL(test, apic);
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_GET_LAPIC, apic,
					      sizeof(*apic)));
	*(u32 *)(apic->regs + APIC_SPIV) |= APIC_SPIV_APIC_ENABLED;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_SET_LAPIC, apic,
					      sizeof(*apic)));
	return vm;
}
