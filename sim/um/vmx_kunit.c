// SPDX-License-Identifier: GPL-2.0
/*
 * VMX instructions with operands that they refuse, and the walk of extended page
 * tables.
 */
#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/gfp.h>
#include <linux/preempt.h>
#include <linux/signal.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>
#include <kern_util.h>
#include "cpu.h"
#include "cpu_intel.h"
#include "ept.h"
#include "hostmem.h"
#include "insn.h"
#include "vmcs.h"
#include "../../../virt/kvm/kunit/kvm_test.h"

/* RAX is the register operand, RCX the other one, RDI points to the memory operand. */
static const u8 vmread[] = { 0x0f, 0x78, 0xc1 }, vmwrite[] = { 0x0f, 0x79, 0xc1 };
static const u8 vmptrld[] = { 0x0f, 0xc7, 0x37 }, vmclear[] = { 0x66, 0x0f, 0xc7, 0x37 };
static const u8 vmxon[] = { 0xf3, 0x0f, 0xc7, 0x37 }, vmxoff[] = { 0x0f, 0x01, 0xc4 };
static const u8 invept[] = { 0x66, 0x0f, 0x38, 0x80, 0x07 };
static const u8 invvpid[] = { 0x66, 0x0f, 0x38, 0x81, 0x07 };

enum { SUCCEED, INVALID = X86_EFLAGS_CF, VALID = X86_EFLAGS_ZF };

#define FLAGS	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
		 X86_EFLAGS_SF | X86_EFLAGS_OF)

struct vmx_test {
	struct kunit *test;
	struct sim_cpu cpu;		/* what the instruction sees, and leaves */
	struct sim_vmcs *vmcs;
	u64 pa;
	u64 mem[2];
	struct sim_regs regs;
};

/* One instruction in VMX operation; the CPU is put back. Return: it was executed. */
static bool run(struct vmx_test *t, const u8 *code, size_t len, unsigned long rax,
		unsigned long rcx)
{
	struct sim_cpu *saved = kunit_kmalloc(t->test, sizeof(*saved), GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(t->test, saved);
	memset(&t->regs, 0, sizeof(t->regs));
	t->regs.g[SIM_RIP] = (unsigned long)code;
	t->regs.g[SIM_EFLAGS] = FLAGS | X86_EFLAGS_IF;
	t->regs.g[SIM_RAX] = rax;
	t->regs.g[SIM_RCX] = rcx;
	t->regs.g[SIM_RDI] = (unsigned long)t->mem;
	preempt_disable();
	*saved = *this_cpu_ptr(&sim_cpus);
	*this_cpu_ptr(&sim_cpus) = t->cpu;
	ret = um_insn_hook(SIGILL, X86_TRAP_UD, t->regs.g);
	t->cpu = *this_cpu_ptr(&sim_cpus);
	*this_cpu_ptr(&sim_cpus) = *saved;
	preempt_enable();
	if (ret)
		KUNIT_EXPECT_EQ(t->test, t->regs.g[SIM_RIP], (unsigned long)code + len);
	return ret;
}

static void expect(struct vmx_test *t, const char *what, u32 flags, u32 error)
{
	KUNIT_EXPECT_EQ_MSG(t->test, t->regs.g[SIM_EFLAGS] & FLAGS, flags, "%s", what);
	KUNIT_EXPECT_TRUE(t->test, t->regs.g[SIM_EFLAGS] & X86_EFLAGS_IF);
	if (flags == VALID)
		KUNIT_EXPECT_EQ_MSG(t->test, sim_vmcs_read(t->vmcs, VM_INSTRUCTION_ERROR), error,
				    "%s", what);
}

#define RUN(t, insn, rax, rcx)	run(t, insn, sizeof(insn), rax, rcx)

static struct vmx_test *begin(struct kunit *test)
{
	struct vmx_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->test = test;
	t->vmcs = (void *)get_zeroed_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->vmcs);
	t->vmcs->revision = SIM_VMCS_REVISION;
	t->pa = __pa(t->vmcs);
	preempt_disable();
	t->cpu = *this_cpu_ptr(&sim_cpus);
	preempt_enable();
	/* KVM's own VMXON region serves. */
	KUNIT_ASSERT_NE(test, t->cpu.vmxon, SIM_NO_VMCS);
	t->cpu.vmcs = t->pa;
	return t;
}

static void end(struct vmx_test *t)
{
	free_page((unsigned long)t->vmcs);
}

static void vmx_pointers(struct kunit *test)
{
	struct vmx_test *t = begin(test);

	t->mem[0] = t->pa;
	RUN(t, vmptrld, 0, 0);
	expect(t, "vmptrld", SUCCEED, 0);
	KUNIT_EXPECT_EQ(test, t->cpu.vmcs, t->pa);

	t->mem[0] = t->pa + 8;
	RUN(t, vmptrld, 0, 0);
	expect(t, "vmptrld, misaligned", VALID, SIM_VMERR_VMPTRLD_ADDRESS);
	RUN(t, vmclear, 0, 0);
	expect(t, "vmclear, misaligned", VALID, SIM_VMERR_VMCLEAR_ADDRESS);
	t->mem[0] = BIT_ULL(SIM_INTEL_MAXPA);
	RUN(t, vmptrld, 0, 0);
	expect(t, "vmptrld, too wide", VALID, SIM_VMERR_VMPTRLD_ADDRESS);
	t->mem[0] = t->cpu.vmxon;
	RUN(t, vmptrld, 0, 0);
	expect(t, "vmptrld, VMXON region", VALID, SIM_VMERR_VMPTRLD_VMXON);
	RUN(t, vmclear, 0, 0);
	expect(t, "vmclear, VMXON region", VALID, SIM_VMERR_VMCLEAR_VMXON);
	RUN(t, vmxon, 0, 0);
	expect(t, "vmxon, in VMX operation", VALID, SIM_VMERR_VMXON_IN_ROOT);
	KUNIT_EXPECT_EQ(test, t->cpu.vmcs, t->pa);

	t->vmcs->revision |= BIT(31);
	t->mem[0] = t->pa;
	RUN(t, vmptrld, 0, 0);
	expect(t, "vmptrld, shadow VMCS", VALID, SIM_VMERR_VMPTRLD_REVISION);
	t->vmcs->revision = SIM_VMCS_REVISION;

	t->vmcs->launched = true;
	RUN(t, vmclear, 0, 0);
	expect(t, "vmclear", SUCCEED, 0);
	KUNIT_EXPECT_EQ(test, t->cpu.vmcs, SIM_NO_VMCS);
	KUNIT_EXPECT_EQ(test, t->vmcs->launched, 0);
	/* With no VMCS there is no place for a number. */
	t->mem[0] = t->pa + 8;
	RUN(t, vmptrld, 0, 0);
	expect(t, "vmptrld without a VMCS", INVALID, 0);
	end(t);
}

static void vmx_fields(struct kunit *test)
{
	struct vmx_test *t = begin(test);

	RUN(t, vmwrite, GUEST_RIP, 0x123456789abcdef0);
	expect(t, "vmwrite", SUCCEED, 0);
	RUN(t, vmread, GUEST_RIP, 0);
	expect(t, "vmread", SUCCEED, 0);
	KUNIT_EXPECT_EQ(test, t->regs.g[SIM_RCX], 0x123456789abcdef0);
	/* Cut to the width of the field; halves of 64-bit fields */
	RUN(t, vmwrite, VIRTUAL_PROCESSOR_ID, 0x12345678);
	RUN(t, vmread, VIRTUAL_PROCESSOR_ID, 0);
	KUNIT_EXPECT_EQ(test, t->regs.g[SIM_RCX], 0x5678);
	RUN(t, vmwrite, VM_EXIT_CONTROLS, 0x123456789abcdef0);
	RUN(t, vmread, VM_EXIT_CONTROLS, 0);
	KUNIT_EXPECT_EQ(test, t->regs.g[SIM_RCX], 0x9abcdef0);
	RUN(t, vmwrite, TSC_OFFSET, 0x123456789abcdef0);
	RUN(t, vmwrite, TSC_OFFSET_HIGH, 0x55555555);
	RUN(t, vmread, TSC_OFFSET, 0);
	KUNIT_EXPECT_EQ(test, t->regs.g[SIM_RCX], 0x555555559abcdef0);
	RUN(t, vmread, TSC_OFFSET_HIGH, 0);
	KUNIT_EXPECT_EQ(test, t->regs.g[SIM_RCX], 0x55555555);

	/* Fields that the CPU does not have, and high halves of what has none */
	RUN(t, vmread, GUEST_PML_INDEX, 0);
	expect(t, "vmread, no such field", VALID, SIM_VMERR_FIELD);
	RUN(t, vmwrite, GUEST_RIP | BIT(20), 0);
	expect(t, "vmwrite, reserved bits", VALID, SIM_VMERR_FIELD);
	RUN(t, vmread, GUEST_RIP + 1, 0);
	expect(t, "vmread, no high half", VALID, SIM_VMERR_FIELD);

	t->cpu.vmcs = SIM_NO_VMCS;
	RUN(t, vmread, GUEST_RIP, 0);
	expect(t, "vmread without a VMCS", INVALID, 0);
	RUN(t, vmwrite, GUEST_RIP, 0);
	expect(t, "vmwrite without a VMCS", INVALID, 0);
	end(t);
}

static void vmx_invalidate(struct kunit *test)
{
	struct vmx_test *t = begin(test);
	unsigned long n = t->cpu.nr_invept, m = t->cpu.nr_invvpid;

	RUN(t, invept, VMX_EPT_EXTENT_GLOBAL, 0);
	expect(t, "invept", SUCCEED, 0);
	RUN(t, invept, 0, 0);
	expect(t, "invept, type 0", VALID, SIM_VMERR_INV_OPERAND);
	/* Page walks of one level */
	RUN(t, invept, VMX_EPT_EXTENT_CONTEXT, 0);
	expect(t, "invept, no EPT pointer", VALID, SIM_VMERR_INV_OPERAND);
	t->mem[0] = t->pa | VMX_EPTP_PWL_4 | VMX_EPTP_MT_WB;
	RUN(t, invept, VMX_EPT_EXTENT_CONTEXT, 0);
	expect(t, "invept, one context", SUCCEED, 0);
	KUNIT_EXPECT_EQ(test, t->cpu.nr_invept, n + 2);

	t->mem[0] = 0;
	RUN(t, invvpid, VMX_VPID_EXTENT_ALL_CONTEXT, 0);
	expect(t, "invvpid", SUCCEED, 0);
	RUN(t, invvpid, VMX_VPID_EXTENT_SINGLE_CONTEXT, 0);
	expect(t, "invvpid, VPID 0", VALID, SIM_VMERR_INV_OPERAND);
	t->mem[0] = 1;
	t->mem[1] = BIT_ULL(60);
	RUN(t, invvpid, VMX_VPID_EXTENT_INDIVIDUAL_ADDR, 0);
	expect(t, "invvpid, not canonical", VALID, SIM_VMERR_INV_OPERAND);
	RUN(t, invvpid, VMX_VPID_EXTENT_SINGLE_CONTEXT, 0);
	expect(t, "invvpid, one context", SUCCEED, 0);
	t->mem[0] = BIT(16);
	RUN(t, invvpid, VMX_VPID_EXTENT_ALL_CONTEXT, 0);
	expect(t, "invvpid, reserved bits", VALID, SIM_VMERR_INV_OPERAND);
	RUN(t, invvpid, 4, 0);
	expect(t, "invvpid, type 4", VALID, SIM_VMERR_INV_OPERAND);
	KUNIT_EXPECT_EQ(test, t->cpu.nr_invvpid, m + 2);
	end(t);
}

/* Outside of VMX operation there is VMXON only. */
static void vmx_operation(struct kunit *test)
{
	static const struct { const char *name; const u8 *code; size_t len; } others[] = {
		{ "vmread", vmread, sizeof(vmread) }, { "vmwrite", vmwrite, sizeof(vmwrite) },
		{ "vmptrld", vmptrld, sizeof(vmptrld) }, { "vmclear", vmclear, sizeof(vmclear) },
		{ "vmxoff", vmxoff, sizeof(vmxoff) }, { "invept", invept, sizeof(invept) },
		{ "invvpid", invvpid, sizeof(invvpid) },
	};
	struct vmx_test *t = begin(test);
	u64 region = t->cpu.vmxon;
	int i;

	KUNIT_EXPECT_TRUE(test, RUN(t, vmxoff, 0, 0));
	expect(t, "vmxoff", SUCCEED, 0);
	KUNIT_EXPECT_EQ(test, t->cpu.vmxon, SIM_NO_VMCS);
	KUNIT_EXPECT_EQ(test, t->cpu.vmcs, SIM_NO_VMCS);
	/* No handler of the fault here */
	for (i = 0; i < ARRAY_SIZE(others); i++)
		KUNIT_EXPECT_FALSE_MSG(test, run(t, others[i].code, others[i].len, 0, 0), "%s",
				       others[i].name);

	t->mem[0] = region;
	t->cpu.cr[4] &= ~X86_CR4_VMXE;
	KUNIT_EXPECT_FALSE_MSG(test, RUN(t, vmxon, 0, 0), "CR4.VMXE");
	t->cpu.cr[4] |= X86_CR4_VMXE;
	t->cpu.cr[0] &= ~X86_CR0_NE;
	KUNIT_EXPECT_FALSE_MSG(test, RUN(t, vmxon, 0, 0), "CR0.NE");
	t->cpu.cr[0] |= X86_CR0_NE;
	t->mem[0] = region + 1;
	RUN(t, vmxon, 0, 0);
	expect(t, "vmxon, misaligned", INVALID, 0);
	t->vmcs->revision = 1;
	t->mem[0] = t->pa;
	RUN(t, vmxon, 0, 0);
	expect(t, "vmxon, revision", INVALID, 0);
	t->mem[0] = region;
	KUNIT_EXPECT_TRUE(test, RUN(t, vmxon, 0, 0));
	expect(t, "vmxon", SUCCEED, 0);
	KUNIT_EXPECT_EQ(test, t->cpu.vmxon, region);
	end(t);
}

#define R	VMX_EPT_READABLE_MASK
#define W	VMX_EPT_WRITABLE_MASK
#define X	VMX_EPT_EXECUTABLE_MASK
#define RWX	VMX_EPT_RWX_MASK
#define WB	((u64)X86_MEMTYPE_WB << VMX_EPT_MT_EPTE_SHIFT)
#define LARGE	BIT_ULL(7)

#define GPA	((1ULL << 39) | (2ULL << 30) | (3ULL << 21) | (4ULL << 12) | 0x567)

struct tables {
	u64 *t[4];	/* [0] is the last level */
	struct sim_ept e;
};

static void tables_begin(struct kunit *test, struct tables *t)
{
	static const unsigned int index[] = { 4, 3, 2, 1 };
	int i;

	for (i = 0; i < 4; i++) {
		t->t[i] = (void *)get_zeroed_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, t->t[i]);
		t->t[i][index[i]] = i ? __pa(t->t[i - 1]) | RWX : 0x200000000ULL | RWX | WB;
	}
	t->e = (struct sim_ept) {
		.phys = sim_phys_alias,
		.root = __pa(t->t[3]),
		.levels = 4,
		.phys_bits = SIM_INTEL_MAXPA,
		.ad = true,
		.exec_only = true,
	};
}

static void tables_end(struct tables *t)
{
	int i;

	for (i = 0; i < 4; i++)
		free_page((unsigned long)t->t[i]);
}

/* Walk with the last entry as given; accessed and dirty bits begin as 0 */
static int walk(struct tables *t, u64 leaf, bool write, bool exec)
{
	t->t[0][4] = leaf;
	t->e.write = write;
	t->e.exec = exec;
	return sim_ept_walk(&t->e, GPA);
}

static void ept_permissions(struct kunit *test)
{
	const u64 pa = 0x200000000ULL | WB;
	struct tables t;

	tables_begin(test, &t);
	KUNIT_EXPECT_EQ(test, walk(&t, pa | RWX, false, false), 0);
	KUNIT_EXPECT_EQ(test, t.e.spa, 0x200000567ULL);
	KUNIT_EXPECT_EQ(test, t.e.size, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t.t[0][4], pa | RWX | VMX_EPT_ACCESS_BIT);
	KUNIT_EXPECT_TRUE(test, t.t[3][1] & VMX_EPT_ACCESS_BIT);
	KUNIT_EXPECT_EQ(test, walk(&t, pa | RWX, true, false), 0);
	KUNIT_EXPECT_EQ(test, t.t[0][4], pa | RWX | VMX_EPT_ACCESS_BIT | VMX_EPT_DIRTY_BIT);
	KUNIT_EXPECT_EQ(test, walk(&t, pa | X, false, true), 0);
	t.e.ad = false;
	KUNIT_EXPECT_EQ(test, walk(&t, pa | RWX, true, false), 0);
	KUNIT_EXPECT_EQ(test, t.t[0][4], pa | RWX);
	t.e.ad = true;

	/* The kind of the access, and what the entries allow together */
	KUNIT_EXPECT_EQ(test, walk(&t, 0, false, false), -EFAULT);
	KUNIT_EXPECT_EQ(test, t.e.qual & 0x3f, EPT_VIOLATION_ACC_READ);
	KUNIT_EXPECT_EQ(test, walk(&t, pa | R | X, true, false), -EFAULT);
	KUNIT_EXPECT_EQ(test, t.e.qual & 0x3f,
			EPT_VIOLATION_ACC_WRITE | EPT_VIOLATION_PROT_READ |
			EPT_VIOLATION_PROT_EXEC);
	KUNIT_EXPECT_EQ(test, walk(&t, pa | R | W, false, true), -EFAULT);
	KUNIT_EXPECT_EQ(test, t.e.qual & 0x3f,
			EPT_VIOLATION_ACC_INSTR | EPT_VIOLATION_PROT_READ |
			EPT_VIOLATION_PROT_WRITE);
	t.t[2][2] &= ~W;
	KUNIT_EXPECT_EQ(test, walk(&t, pa | RWX, true, false), -EFAULT);
	KUNIT_EXPECT_EQ(test, t.e.qual & 0x38,
			EPT_VIOLATION_PROT_READ | EPT_VIOLATION_PROT_EXEC);
	KUNIT_EXPECT_EQ(test, sim_ept_walk(&t.e, GPA | BIT_ULL(48)), -EFAULT);
	tables_end(&t);
}

static void ept_misconfigurations(struct kunit *test)
{
	const u64 pa = 0x200000000ULL | WB;
	struct tables t;
	u64 saved;
	int i;

	tables_begin(test, &t);
	KUNIT_EXPECT_EQ(test, walk(&t, pa | W, false, false), -EINVAL);
	KUNIT_EXPECT_EQ(test, walk(&t, pa | W | X, false, false), -EINVAL);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ_MSG(test, walk(&t, 0x200000000ULL | R | i << 3, false, false),
				    i == 2 || i == 3 || i == 7 ? -EINVAL : 0, "memory type %d", i);
	t.e.exec_only = false;
	KUNIT_EXPECT_EQ(test, walk(&t, pa | X, false, true), -EINVAL);
	t.e.exec_only = true;
	t.e.phys_bits = 46;
	KUNIT_EXPECT_EQ(test, walk(&t, pa | R | BIT_ULL(46), false, false), -EINVAL);
	t.e.phys_bits = SIM_INTEL_MAXPA;
	/* Reserved in what points to a table */
	for (i = 1; i < 4; i++) {
		u64 *e = &t.t[i][4 - i];

		saved = *e;
		*e |= BIT_ULL(3);
		KUNIT_EXPECT_EQ_MSG(test, walk(&t, pa | R, false, false), -EINVAL, "level %d",
				    i + 1);
		*e = saved;
	}
	t.t[3][1] |= LARGE;
	KUNIT_EXPECT_EQ(test, walk(&t, pa | R, false, false), -EINVAL);
	t.t[3][1] &= ~LARGE;

	/* A large page, aligned and not */
	t.t[1][3] = 0x200000000ULL | R | WB | LARGE;
	KUNIT_EXPECT_EQ(test, sim_ept_walk(&t.e, GPA), 0);
	KUNIT_EXPECT_EQ(test, t.e.spa, 0x200000000ULL | (GPA & (BIT_ULL(21) - 1)));
	KUNIT_EXPECT_EQ(test, t.e.size, BIT_ULL(21));
	t.t[1][3] |= BIT_ULL(12);
	KUNIT_EXPECT_EQ(test, sim_ept_walk(&t.e, GPA), -EINVAL);

	/* A table where there is no memory */
	t.t[1][3] = BIT_ULL(45) | RWX;
	KUNIT_EXPECT_EQ(test, sim_ept_walk(&t.e, GPA), -ENXIO);
	tables_end(&t);
}

static struct kunit_case vmx_cases[] = {
	KUNIT_CASE(vmx_pointers),
	KUNIT_CASE(vmx_fields),
	KUNIT_CASE(vmx_invalidate),
	KUNIT_CASE(vmx_operation),
	{}
};

static struct kunit_suite vmx_suite = {
	.name = "sim_vmx_insn",
	.init = kt_init_vmx,
	.test_cases = vmx_cases,
};

static struct kunit_case ept_cases[] = {
	KUNIT_CASE(ept_permissions),
	KUNIT_CASE(ept_misconfigurations),
	{}
};

static struct kunit_suite ept_suite = {
	.name = "sim_ept",
	.init = kt_init,
	.test_cases = ept_cases,
};
kunit_test_suites(&vmx_suite, &ept_suite);
