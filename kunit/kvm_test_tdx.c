// SPDX-License-Identifier: GPL-2.0
/* Trust domains of a test, driven through the ioctls that user space calls. */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <linux/unaligned.h>
#include <asm/tdx.h>

#include "vmx/vmx.h"
#include "vmx/tdx.h"

#include "kvm_test_priv.h"
#include "kvm_test_tdx.h"

/**
 * kt_init_tdx() - the .init of a suite that needs a machine with TDX
 * @test: the test
 *
 * On a machine of the other vendor the test is skipped, visibly.
 *
 * Return: 0, or -errno if the test can't run.
 */
int kt_init_tdx(struct kunit *test)
{
	int ret;

	ret = kt_init(test);
	if (ret)
		return ret;

	kt_needs_vm_type(test, KVM_X86_TDX_VM, "TDX");

	return 0;
}

/* Commands ------------------------------------------------------------------ */

/**
 * kt_tdx_at() - KVM_MEMORY_ENCRYPT_OP with data anywhere
 * @vm: the TD
 * @fd: the VM or one of its vCPUs
 * @id: KVM_TDX_*
 * @flags: of the command
 * @data: its data, as user space would pass it
 * @hw_error: what the field holds before and after; may be NULL
 *
 * Return: what the ioctl returns.
 */
int kt_tdx_at(struct kt_vm *vm, int fd, u32 id, u32 flags, unsigned long data,
		 u64 *hw_error)
{
	struct kvm_tdx_cmd cmd = {
		.id = id,
		.flags = flags,
		.data = data,
		.hw_error = hw_error ? *hw_error : 0,
	};
	int ret;

	ret = kt_ioctl_buf(vm->test, fd, KVM_MEMORY_ENCRYPT_OP, &cmd, sizeof(cmd));
	if (hw_error)
		*hw_error = cmd.hw_error;

	return ret;
}

/**
 * kt_tdx() - KVM_MEMORY_ENCRYPT_OP
 * @vm: the TD
 * @fd: the VM or one of its vCPUs
 * @id: KVM_TDX_*
 * @flags: of the command
 * @data: its data, updated from what the command wrote; NULL: there is none
 * @size: bytes, at most half a page
 * @hw_error: what the field holds before and after; may be NULL
 *
 * Return: what the ioctl returns.
 */
int kt_tdx(struct kt_vm *vm, int fd, u32 id, u32 flags, void *data, size_t size,
	      u64 *hw_error)
{
	unsigned long uaddr = kt_scratch(vm->test);
	int ret;

	if (!data)
		return kt_tdx_at(vm, fd, id, flags, 0, hw_error);
	if (!uaddr || size > PAGE_SIZE / 2)
		return -EFAULT;

	/* The command uses the first half of the page, its data the other. */
	uaddr += PAGE_SIZE / 2;
	if (copy_to_user((void __user *)uaddr, data, size))
		return -EFAULT;

	ret = kt_tdx_at(vm, fd, id, flags, uaddr, hw_error);

	if (copy_from_user(data, (void __user *)uaddr, size))
		return -EFAULT;

	return ret;
}

/**
 * kt_tdx_init_vm() - KVM_TDX_INIT_VM
 * @vm: a VM of kt_tdx_bare()
 * @attributes: TDX_TD_ATTR_*
 *
 * FPU and SSE, 48-bit guest-physical addresses.
 *
 * Return: 0 or -errno.
 */
int kt_tdx_init_vm(struct kt_vm *vm, u64 attributes)
{
	struct {
		struct kvm_tdx_init_vm vm;
		struct kvm_cpuid_entry2 entry;
	} init = {
		.vm.attributes = attributes,
		.vm.xfam = XFEATURE_MASK_FPSSE,
		.vm.cpuid.nent = 1,
		.entry.function = 0x80000008,
		.entry.eax = 48 << 16,
	};
	struct kvm_tdx *td;
	int ret;

	ret = kt_tdx(vm, vm->fd, KVM_TDX_INIT_VM, 0, &init, sizeof(init), NULL);
	if (ret)
		return ret;

	td = container_of(vm->kvm, struct kvm_tdx, kvm);
	vm->gctx = page_to_phys(td->td.tdr_page);
	vm->asid = td->hkid;

	return 0;
}

/**
 * kt_tdx_init_vcpu() - KVM_TDX_INIT_VCPU
 * @vm: the TD
 * @i: number of the vCPU
 *
 * Return: 0 or -errno.
 */
int kt_tdx_init_vcpu(struct kt_vm *vm, unsigned int i)
{
	return kt_tdx_at(vm, vm->vcpu_fd[i], KVM_TDX_INIT_VCPU, 0, 0, NULL);
}

/**
 * kt_tdx_region() - KVM_TDX_INIT_MEM_REGION
 * @vm: the TD
 * @i: number of the vCPU
 * @flags: KT_MEASURE or 0
 * @region: the region, updated to what is left
 *
 * Return: 0 or -errno.
 */
int kt_tdx_region(struct kt_vm *vm, unsigned int i, u32 flags,
		 struct kvm_tdx_init_mem_region *region)
{
	u64 mark = kt_mark(), gpa = region->gpa, left = region->nr_pages;
	int ret = kt_tdx(vm, vm->vcpu_fd[i], KVM_TDX_INIT_MEM_REGION, flags, region,
			 sizeof(*region), NULL);

	kt_tdx_added(vm, mark, gpa, left - region->nr_pages);
	return ret;
}

/**
 * kt_tdx_mem_region() - add pages of slot 0 to a TD, by vCPU 0
 * @vm: the TD
 * @page: first page, counted in the slot and in @vm->src
 * @npages: how many
 * @flags: KT_MEASURE or 0
 *
 * Return: 0 if every page was done, -errno, or the number of pages left.
 */
int kt_tdx_mem_region(struct kt_vm *vm, unsigned int page, unsigned int npages, u32 flags)
{
	struct kvm_tdx_init_mem_region region = {
		.source_addr = vm->src + page * PAGE_SIZE,
		.gpa = KT_GPA + page * PAGE_SIZE,
		.nr_pages = npages,
	};

	return kt_tdx_region(vm, 0, flags, &region) ?: region.nr_pages;
}

/**
 * kt_tdx_finalize_error() - KVM_TDX_FINALIZE_VM
 * @vm: the TD
 * @hw_error: what the field holds before and after
 *
 * Return: 0 or -errno.
 */
int kt_tdx_finalize_error(struct kt_vm *vm, u64 *hw_error)
{
	return kt_tdx_at(vm, vm->fd, KVM_TDX_FINALIZE_VM, 0, 0, hw_error);
}

/**
 * kt_tdx_finalize() - KVM_TDX_FINALIZE_VM
 * @vm: the TD
 *
 * Return: 0 or -errno.
 */
int kt_tdx_finalize(struct kt_vm *vm)
{
	return kt_tdx_finalize_error(vm, NULL);
}

/* States of a launch ---------------------------------------------------------- */

/**
 * kt_tdx_bare() - a VM that may become a TD
 * @test: the test
 *
 * MapGPA goes to user space.
 *
 * Return: the VM; the test is over if it can't be made.
 */
struct kt_vm *kt_tdx_bare(struct kunit *test)
{
	struct kvm_enable_cap irqchip = {
		.cap = KVM_CAP_SPLIT_IRQCHIP,
		.args = { 24 },
	};
	struct kvm_enable_cap hypercall = {
		.cap = KVM_CAP_EXIT_HYPERCALL,
		.args = { BIT(KVM_HC_MAP_GPA_RANGE) },
	};
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_TDX_VM);

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_ENABLE_CAP, &irqchip,
					      sizeof(irqchip)));
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_ENABLE_CAP, &hypercall,
					      sizeof(hypercall)));

	return vm;
}

/**
 * kt_tdx_vcpu() - one more vCPU, initialised
 * @vm: the TD
 *
 * Return: number of the vCPU in @vm, or -errno.
 */
int kt_tdx_vcpu(struct kt_vm *vm)
{
	int i = kt_vm_vcpu(vm);

	return i < 0 ? i : (kt_tdx_init_vcpu(vm, i) ?: i);
}

/**
 * kt_tdx_building() - a TD with memory and vCPUs, which can be given pages
 * @test: the test
 * @npages: pages of private memory
 * @attributes: TDX_TD_ATTR_*
 * @vcpus: how many; with more than the machine has CPUs the test is skipped
 *
 * Return: the TD; the test is over if it can't be made.
 */
struct kt_vm *kt_tdx_building(struct kunit *test, unsigned int npages, u64 attributes,
			      unsigned int vcpus)
{
	struct kt_vm *vm;

	kt_needs_cpus(test, vcpus);
	vm = kt_tdx_bare(test);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vm(vm, attributes));
	kt_vm_memory(vm, npages);
	while (vm->nr_vcpus < vcpus)
		KUNIT_ASSERT_GE(test, kt_tdx_vcpu(vm), 0);

	return vm;
}

/* Faults ------------------------------------------------------------------------ */

/**
 * kt_tdx_fault() - let a SEAMCALL fail without any effect
 * @test: the test
 * @name: name of the leaf, as in "TDH.MEM.PAGE.ADD"
 * @nth: first occurrence to fail from now on, from 1
 * @times: how many in a row
 * @status: KT_TDX_*
 *
 * Return: number of the fault, for kt_expect_delivered().
 */
int kt_tdx_fault(struct kunit *test, const char *name, u32 nth, u32 times,
		u32 status)
{
	return kt_fault_full(test, name, nth, times, KT_FAULT_BEFORE, status);
}

/* Pages --------------------------------------------------------------------------- */

/**
 * kt_tdx_expect_owned() - guest_memfd, secure EPT and PAMT agree on a page
 * @vm: the TD
 * @page: the page, counted in the slot
 */
void kt_tdx_expect_owned(struct kt_vm *vm, unsigned int page)
{
	u64 spa = kt_page_spa(vm, page), leaf = 0, type = 0, owner = 0;

	KUNIT_EXPECT_TRUE(vm->test, kt_tdx_leaf(vm, page, &leaf));
	KUNIT_EXPECT_EQ(vm->test, spa, leaf);
	KUNIT_EXPECT_TRUE(vm->test, kt_tdx_page(spa, &type, &owner));
	KUNIT_EXPECT_EQ(vm->test, KT_PT_REG, type);
	KUNIT_EXPECT_EQ(vm->test, vm->gctx, owner);
}

/**
 * kt_tdx_expect_host() - a page is no TD's
 * @test: the test
 * @spa: system physical address of the page
 */
void kt_tdx_expect_host(struct kunit *test, u64 spa)
{
	u64 type = KT_PT_REG, owner;

	KUNIT_EXPECT_TRUE(test, kt_tdx_page(spa, &type, &owner));
	KUNIT_EXPECT_EQ(test, KT_PT_NDA, type);
}

/* Measurement -------------------------------------------------------------------- */

/* What is hashed for an operation: its name and the address, 128 bytes */
static void mrtd_record(struct kt_mrtd *m, const char *name, u64 gpa)
{
	u8 record[128] = {};

	strscpy(record, name, 16);
	put_unaligned_le64(gpa, record + 16);
	sha384_update(&m->ctx, record, sizeof(record));
}

/**
 * kt_mrtd_begin() - the measurement of a TD with nothing in it
 * @m: the measurement
 */
void kt_mrtd_begin(struct kt_mrtd *m)
{
	sha384_init(&m->ctx);
}

/**
 * kt_mrtd_add() - a page was added; what is in it does not count
 * @m: the measurement
 * @gpa: guest-physical address
 */
void kt_mrtd_add(struct kt_mrtd *m, u64 gpa)
{
	mrtd_record(m, "MEM.PAGE.ADD", gpa);
}

/**
 * kt_mrtd_extend() - a part of a page was measured
 * @m: the measurement
 * @gpa: guest-physical address of the part
 * @chunk: KT_CHUNK bytes
 */
void kt_mrtd_extend(struct kt_mrtd *m, u64 gpa, const void *chunk)
{
	mrtd_record(m, "MR.EXTEND", gpa);
	sha384_update(&m->ctx, chunk, KT_CHUNK);
}

/**
 * kt_mrtd_page() - a page was added and, if asked for, measured
 * @m: the measurement
 * @gpa: guest-physical address
 * @page: its contents
 * @flags: KT_MEASURE or 0
 */
void kt_mrtd_page(struct kt_mrtd *m, u64 gpa, const void *page, u32 flags)
{
	unsigned int i;

	kt_mrtd_add(m, gpa);
	for (i = 0; flags && i < PAGE_SIZE; i += KT_CHUNK)
		kt_mrtd_extend(m, gpa + i, page + i);
}

/**
 * kt_mrtd_pattern() - pages of slot 0 were added from @vm->src
 * @m: the measurement
 * @page: first page, counted in the slot
 * @npages: how many
 * @flags: KT_MEASURE or 0
 */
void kt_mrtd_pattern(struct kt_mrtd *m, unsigned int page, unsigned int npages,
		     u32 flags)
{
	void *buf = kmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_NOFAIL);
	unsigned int i;

	for (i = page; i < page + npages; i++) {
		kt_pattern(buf, i);
		kt_mrtd_page(m, KT_GPA + i * PAGE_SIZE, buf, flags);
	}
	kfree(buf);
}
