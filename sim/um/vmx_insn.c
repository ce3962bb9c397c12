// SPDX-License-Identifier: GPL-2.0
/*
 * The VMX instructions by which software manages VMCSs, as trapped by insn.c.
 * VM entry is in vmx_run.c.
 *
 * FIDELITY(VMX instructions): modelled - in 64-bit mode at CPL 0, without SMX, SMM
 * and nested VMX [SDM vol. 3 chapter 32]
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "cpu.h"
#include "cpu_intel.h"
#include "hostmem.h"
#include "insn.h"
#include "vmcs.h"

#define FLAGS	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
		 X86_EFLAGS_SF | X86_EFLAGS_OF)

static struct sim_cpu *this_cpu(void)
{
	return raw_cpu_ptr(&sim_cpus);
}

static u64 msr(u32 nr)
{
	return sim_msr_peek(raw_smp_processor_id(), nr);
}

static enum sim_insn_result succeed(struct sim_regs *r)
{
	r->g[SIM_EFLAGS] &= ~FLAGS;
	return SIM_INSN_DONE;
}

static enum sim_insn_result fail_invalid(struct sim_regs *r)
{
	r->g[SIM_EFLAGS] &= ~FLAGS;
	r->g[SIM_EFLAGS] |= X86_EFLAGS_CF;
	return SIM_INSN_DONE;
}

/* With a number, if there is a VMCS to put it in */
static enum sim_insn_result fail(struct sim_regs *r, enum sim_vm_error error)
{
	struct sim_vmcs *v = sim_vmcs_current();

	if (!v)
		return fail_invalid(r);
	sim_vmcs_write(v, VM_INSTRUCTION_ERROR, error);
	r->g[SIM_EFLAGS] &= ~FLAGS;
	r->g[SIM_EFLAGS] |= X86_EFLAGS_ZF;
	return SIM_INSN_DONE;
}

/* Page-aligned and within the physical-address width, KeyID bits included */
static bool region_valid(u64 pa)
{
	return PAGE_ALIGNED(pa) && !(pa >> SIM_INTEL_MAXPA);
}

static bool in_vmx(void)
{
	return this_cpu()->vmxon != SIM_NO_VMCS;
}

/* What VMX operation requires of a control register */
static bool cr_valid(u64 val, u32 fixed0, u32 fixed1)
{
	return !(msr(fixed0) & ~val) && !(val & ~msr(fixed1));
}

enum sim_insn_result sim_vmxon(struct sim_regs *r, const struct sim_op *op)
{
	const u64 enabled = FEAT_CTL_LOCKED | FEAT_CTL_VMX_ENABLED_OUTSIDE_SMX;
	struct sim_cpu *cpu = this_cpu();
	struct sim_vmcs *region;

	if (!(cpu->cr[4] & X86_CR4_VMXE))
		return SIM_INSN_UD;
	if (in_vmx())
		return fail(r, SIM_VMERR_VMXON_IN_ROOT);
	if (!cr_valid(cpu->cr[0], MSR_IA32_VMX_CR0_FIXED0, MSR_IA32_VMX_CR0_FIXED1) ||
	    !cr_valid(cpu->cr[4], MSR_IA32_VMX_CR4_FIXED0, MSR_IA32_VMX_CR4_FIXED1) ||
	    (msr(MSR_IA32_FEAT_CTL) & enabled) != enabled)
		return SIM_INSN_GP;

	if (!region_valid(*op->rm))
		return fail_invalid(r);
	region = sim_phys_alias(*op->rm);
	if (!region || region->revision != SIM_VMCS_REVISION)
		return fail_invalid(r);
	cpu->vmxon = *op->rm;
	cpu->vmcs = SIM_NO_VMCS;
	return succeed(r);
}

enum sim_insn_result sim_vmxoff(struct sim_regs *r, const struct sim_op *op)
{
	struct sim_cpu *cpu = this_cpu();

	if (!in_vmx())
		return SIM_INSN_UD;
	cpu->vmxon = SIM_NO_VMCS;
	cpu->vmcs = SIM_NO_VMCS;
	return succeed(r);
}

enum sim_insn_result sim_vmclear(struct sim_regs *r, const struct sim_op *op)
{
	struct sim_cpu *cpu = this_cpu();
	struct sim_vmcs *v;

	if (!in_vmx())
		return SIM_INSN_UD;
	if (!region_valid(*op->rm))
		return fail(r, SIM_VMERR_VMCLEAR_ADDRESS);
	if (*op->rm == cpu->vmxon)
		return fail(r, SIM_VMERR_VMCLEAR_VMXON);
	v = sim_phys_alias(*op->rm);
	if (v)
		v->launched = false;
	if (*op->rm == cpu->vmcs)
		cpu->vmcs = SIM_NO_VMCS;
	return succeed(r);
}

enum sim_insn_result sim_vmptrld(struct sim_regs *r, const struct sim_op *op)
{
	struct sim_cpu *cpu = this_cpu();
	struct sim_vmcs *v;

	if (!in_vmx())
		return SIM_INSN_UD;
	if (!region_valid(*op->rm))
		return fail(r, SIM_VMERR_VMPTRLD_ADDRESS);
	if (*op->rm == cpu->vmxon)
		return fail(r, SIM_VMERR_VMPTRLD_VMXON);
	v = sim_phys_alias(*op->rm);
	/* Bit 31, for a shadow VMCS, is not supported */
	if (!v || v->revision != SIM_VMCS_REVISION)
		return fail(r, SIM_VMERR_VMPTRLD_REVISION);
	cpu->vmcs = *op->rm;
	return succeed(r);
}

/* The field that an operand names; @high: its upper half alone */
static u64 *operand_field(struct sim_vmcs *v, u64 encoding, bool *high)
{
	*high = encoding & 1;
	if (*high && (encoding & 0x6000) != 0x2000)
		return NULL;
	return sim_vmcs_field(v, encoding & ~1ULL);
}

enum sim_insn_result sim_vmread(struct sim_regs *r, const struct sim_op *op)
{
	struct sim_vmcs *v;
	bool high;
	u64 *p;

	if (!in_vmx())
		return SIM_INSN_UD;
	v = sim_vmcs_current();
	if (!v)
		return fail_invalid(r);
	p = operand_field(v, *op->r, &high);
	if (!p)
		return fail(r, SIM_VMERR_FIELD);
	*op->rm = high ? *p >> 32 : *p;
	return succeed(r);
}

enum sim_insn_result sim_vmwrite(struct sim_regs *r, const struct sim_op *op)
{
	u32 encoding = *op->r & ~1ULL;
	struct sim_vmcs *v;
	bool high;
	u64 *p;

	if (!in_vmx())
		return SIM_INSN_UD;
	v = sim_vmcs_current();
	if (!v)
		return fail_invalid(r);
	p = operand_field(v, *op->r, &high);
	if (!p)
		return fail(r, SIM_VMERR_FIELD);
	/* Information about exits */
	if ((encoding & 0xc00) == 0x400 &&
	    !(msr(MSR_IA32_VMX_MISC) & VMX_MISC_VMWRITE_SHADOW_RO_FIELDS))
		return fail(r, SIM_VMERR_READ_ONLY);
	if (high)
		*p = (u32)*p | *op->rm << 32;
	else
		sim_vmcs_write(v, encoding, *op->rm);
	return succeed(r);
}

/* There is no TLB: every access walks the tables. */
enum sim_insn_result sim_invept(struct sim_regs *r, const struct sim_op *op)
{
	const u64 *desc = (const u64 *)op->rm;

	if (!in_vmx())
		return SIM_INSN_UD;
	switch (*op->r) {
	case VMX_EPT_EXTENT_CONTEXT:
		if (!sim_eptp_valid(desc[0]))
			return fail(r, SIM_VMERR_INV_OPERAND);
		break;
	case VMX_EPT_EXTENT_GLOBAL:
		break;
	default:
		return fail(r, SIM_VMERR_INV_OPERAND);
	}
	this_cpu()->nr_invept++;
	return succeed(r);
}

enum sim_insn_result sim_invvpid(struct sim_regs *r, const struct sim_op *op)
{
	const u64 *desc = (const u64 *)op->rm;

	if (!in_vmx())
		return SIM_INSN_UD;
	if (desc[0] > U16_MAX)
		return fail(r, SIM_VMERR_INV_OPERAND);
	switch (*op->r) {
	case VMX_VPID_EXTENT_INDIVIDUAL_ADDR:
		if (!__is_canonical_address(desc[1], boot_cpu_data.x86_virt_bits))
			return fail(r, SIM_VMERR_INV_OPERAND);
		fallthrough;
	case VMX_VPID_EXTENT_SINGLE_CONTEXT:
	case VMX_VPID_EXTENT_SINGLE_NON_GLOBAL:
		if (!desc[0])
			return fail(r, SIM_VMERR_INV_OPERAND);
		break;
	case VMX_VPID_EXTENT_ALL_CONTEXT:
		break;
	default:
		return fail(r, SIM_VMERR_INV_OPERAND);
	}
	this_cpu()->nr_invvpid++;
	return succeed(r);
}
