// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest on the simulated Intel CPU executes: its script, or the code in
 * its memory.  As in svm_vmrun.c, a script is driven by RIP: an instruction that
 * exited has been executed by KVM if RIP has moved past it, is repeated if RIP has
 * not moved, and has been abandoned if RIP is elsewhere.
 */
#include <linux/log2.h>

#include "vmx/vmx.h"

#include "hostmem.h"
#include "vmcs.h"
#include "vmx_run.h"

#define rd	sim_vmx_rd

/* CPUID, RDMSR, WRMSR, VMCALL; what lengths of others depend on is not modelled */
#define INSN_LEN	2
#define MOV_LEN		4

static enum sim_step finish(struct vmx_run *v, u32 status, u32 len)
{
	v->rip += len;
	sim_script_finish(v->s, status);
	return SIM_STEP_NEXT;
}

static enum sim_step exception(struct vmx_run *v, u32 vector, u32 len)
{
	sim_script_cur_res(v->s)->rc = vector;
	return finish(v, SIM_SCRIPT_EXCEPTION, len);
}

/* An instruction that KVM may execute, and skip */
static enum sim_step exit_insn(struct vmx_run *v, u32 reason, u64 qual, u32 len)
{
	if (v->s) {
		v->s->phase = SIM_PHASE_EMUL;
		v->s->ip = v->rip;
		v->s->insn_len = len;
	}
	sim_vmx_wr(v, VM_EXIT_INSTRUCTION_LEN, len);
	return sim_vmx_exit(v, reason, qual);
}

void sim_vmx_resume(struct vmx_run *v)
{
	u32 info = rd(v, VM_ENTRY_INTR_INFO_FIELD);
	struct sim_script *s = v->s;

	if (!s)
		return;
	if (s->phase == SIM_PHASE_EMUL) {
		if (v->rip == s->ip)
			s->phase = SIM_PHASE_START;
		else if (v->rip != s->ip + s->insn_len)
			sim_script_restart(s);
	}
	/* The handler of an exception skips the instruction. */
	if (is_intr_type(info, INTR_TYPE_HARD_EXCEPTION) && s->st.next_op < s->st.nr_ops)
		exception(v, info & INTR_INFO_VECTOR_MASK, s->insn_len);
}

void sim_vmx_took_event(struct vmx_run *v, u32 info)
{
	if (!v->s)
		return;
	sim_script_took_event(v->s, info);
	if (v->s->halted)
		finish(v, SIM_SCRIPT_DONE, 1);
}

static enum sim_step hlt(struct vmx_run *v)
{
	if (v->exec & CPU_BASED_HLT_EXITING)
		return exit_insn(v, EXIT_REASON_HLT, 0, 1);
	/* Until an event ends it; nothing else does. */
	if (v->s)
		v->s->halted = true;
	else
		v->rip++;
	v->activity = GUEST_ACTIVITY_HLT;
	return SIM_STEP_NEXT;
}

/* No script: execute what lies at RIP, of which only HLT is known. */
static enum sim_step step_code(struct vmx_run *v)
{
	u8 insn = 0;
	u64 gpa;

	/*
	 * With paging RIP is no guest-physical address.  To take it for one would
	 * have KVM emulate, for ever, whatever code it finds.
	 */
	if (rd(v, GUEST_CR0) & X86_CR0_PG)
		return sim_vmx_exit(v, EXIT_REASON_TRIPLE_FAULT, 0);
	gpa = v->rip + rd(v, GUEST_CS_BASE);
	if (sim_vmx_access(v, gpa, &insn, 1, false, true) != SIM_VMX_ACC_OK)
		return SIM_STEP_EXIT;
	if (insn != 0xf4)
		return sim_vmx_exit(v, EXIT_REASON_TRIPLE_FAULT, 0);
	return hlt(v);
}

static enum sim_step pause_insn(struct vmx_run *v)
{
	if (v->exec & CPU_BASED_PAUSE_EXITING)
		return sim_vmx_exit_insn(v, EXIT_REASON_PAUSE_INSTRUCTION, 0, 2);
	cpu_relax();
	return SIM_STEP_NEXT;
}

/*
 * READ and WRITE.  FIDELITY(scripted accesses under VMX): simplified - the
 * instruction is not in the guest's memory, where KVM would read it to emulate
 * MMIO: an access to an address without a memslot can't be completed
 */
static enum sim_step step_access(struct vmx_run *v, struct sim_script_op *op)
{
	bool write = op->op == SIM_SCRIPT_WRITE;
	struct sim_script *s = v->s;
	u64 gpa = op->gpa + s->off;
	u32 len = min(op->size - s->off, PAGE_SIZE - offset_in_page(gpa));

	s->phase = SIM_PHASE_START;
	if (write)
		sim_script_load(s, s->page, len);
	switch (sim_vmx_access(v, gpa, s->page, len, write, op->flags & SIM_SCRIPT_F_EXEC)) {
	case SIM_VMX_ACC_OK:
		break;
	case SIM_VMX_ACC_EXIT:
		s->phase = SIM_PHASE_EMUL;
		s->ip = v->rip;
		s->insn_len = MOV_LEN;
		return SIM_STEP_EXIT;
	case SIM_VMX_ACC_STUCK:
		return finish(v, SIM_SCRIPT_STUCK, MOV_LEN);
	}
	s->row = 0;
	if (!write && !sim_script_take(s, s->page, len))
		return pause_insn(v);
	s->off += len;
	if (s->off < op->size)
		return SIM_STEP_NEXT;
	return finish(v, SIM_SCRIPT_DONE, MOV_LEN);
}

/* A bit of a bitmap in memory; what can't be read intercepts */
static bool bitmap(u64 pa, u32 bit)
{
	u8 *p = sim_phys_alias(pa + bit / 8);

	return !p || *p & BIT(bit % 8);
}

static bool msr_exits(struct vmx_run *v, u32 msr, bool write)
{
	u64 pa = rd(v, MSR_BITMAP) + (write ? 0x800 : 0);

	if (!(v->exec & CPU_BASED_USE_MSR_BITMAPS))
		return true;
	if (msr < 0x2000)
		return bitmap(pa, msr);
	if (msr >= 0xc0000000 && msr < 0xc0002000)
		return bitmap(pa + 0x400, msr - 0xc0000000);
	return true;
}

/* MSRs of the guest that are in the VMCS; 0: the CPU's */
static u32 msr_field(struct vmx_run *v, u32 msr)
{
	switch (msr) {
	case MSR_FS_BASE:		return GUEST_FS_BASE;
	case MSR_GS_BASE:		return GUEST_GS_BASE;
	case MSR_IA32_SYSENTER_CS:	return GUEST_SYSENTER_CS;
	case MSR_IA32_SYSENTER_ESP:	return GUEST_SYSENTER_ESP;
	case MSR_IA32_SYSENTER_EIP:	return GUEST_SYSENTER_EIP;
	case MSR_IA32_DEBUGCTLMSR:	return GUEST_IA32_DEBUGCTL;
	case MSR_IA32_CR_PAT:
		return v->entry_ctls & VM_ENTRY_LOAD_IA32_PAT ? GUEST_IA32_PAT : 0;
	case MSR_EFER:
		return v->entry_ctls & VM_ENTRY_LOAD_IA32_EFER ? GUEST_IA32_EFER : 0;
	}
	return 0;
}

static enum sim_step step_msr(struct vmx_run *v, struct sim_script_op *op, bool write)
{
	struct sim_script_result *r = sim_script_cur_res(v->s);
	enum sim_step next = SIM_STEP_NEXT;
	u32 msr = op->arg[0], field;
	u64 val = op->arg[1];

	if (msr_exits(v, msr, write)) {
		v->regs[VCPU_REGS_RCX] = msr;
		if (write) {
			v->regs[VCPU_REGS_RAX] = (u32)val;
			v->regs[VCPU_REGS_RDX] = val >> 32;
		}
		return exit_insn(v, write ? EXIT_REASON_MSR_WRITE : EXIT_REASON_MSR_READ, 0,
				 INSN_LEN);
	}
	field = msr_field(v, msr);
	if (field) {
		if (write)
			sim_vmx_wr(v, field, val);
		else
			val = rd(v, field);
	} else if (sim_vmx_x2apic(v, msr, &val, write, &next)) {
		/* The exit for an EOI comes after the instruction. */
	} else if (write ? wrmsrq_safe(msr, val) : rdmsrq_safe(msr, &val)) {
		return exception(v, GP_VECTOR, INSN_LEN);
	}
	if (!write)
		r->value[0] = val;
	finish(v, SIM_SCRIPT_DONE, INSN_LEN);
	return next;
}

static enum sim_step step_io(struct vmx_run *v, struct sim_script_op *op)
{
	bool in = op->op == SIM_SCRIPT_IN, exits = v->exec & CPU_BASED_UNCOND_IO_EXITING;
	u32 port = op->arg[0], i;

	if (v->exec & CPU_BASED_USE_IO_BITMAPS) {
		exits = false;
		for (i = port; i < port + op->size; i++)
			exits |= i > U16_MAX || bitmap(rd(v, i & 0x8000 ? IO_BITMAP_B : IO_BITMAP_A),
						       i & 0x7fff);
	}
	if (exits) {
		v->regs[VCPU_REGS_RDX] = port;
		if (!in)
			v->regs[VCPU_REGS_RAX] = op->arg[1];
		return exit_insn(v, EXIT_REASON_IO_INSTRUCTION,
				 (op->size - 1) | (in ? BIT(3) : 0) | port << 16, 1);
	}
	/* No device answers. */
	if (in)
		sim_script_cur_res(v->s)->value[0] = GENMASK_ULL(op->size * 8 - 1, 0);
	return finish(v, SIM_SCRIPT_DONE, 1);
}

/* KVM has executed the instruction that exited. */
static enum sim_step emulated(struct vmx_run *v, struct sim_script_op *op)
{
	struct sim_script_result *r = sim_script_cur_res(v->s);

	r->flags |= SIM_SCRIPT_R_EMULATED;
	switch (op->op) {
	case SIM_SCRIPT_CPUID:
		r->value[0] = (u32)v->regs[VCPU_REGS_RAX];
		r->value[1] = (u32)v->regs[VCPU_REGS_RBX];
		r->value[2] = (u32)v->regs[VCPU_REGS_RCX];
		r->value[3] = (u32)v->regs[VCPU_REGS_RDX];
		break;
	case SIM_SCRIPT_RDMSR:
		r->value[0] = (u32)v->regs[VCPU_REGS_RAX] | (u64)v->regs[VCPU_REGS_RDX] << 32;
		break;
	case SIM_SCRIPT_IN:
		r->value[0] = v->regs[VCPU_REGS_RAX] & GENMASK_ULL(op->size * 8 - 1, 0);
		break;
	case SIM_SCRIPT_VMMCALL:
		r->value[0] = v->regs[VCPU_REGS_RAX];
		break;
	}
	return finish(v, SIM_SCRIPT_DONE, 0);
}

static enum sim_step step_insn(struct vmx_run *v, struct sim_script_op *op)
{
	if (v->s->phase == SIM_PHASE_EMUL)
		return emulated(v, op);

	switch (op->op) {
	case SIM_SCRIPT_HLT:
		return hlt(v);
	case SIM_SCRIPT_CPUID:
		v->regs[VCPU_REGS_RAX] = op->arg[0];
		v->regs[VCPU_REGS_RCX] = op->arg[1];
		return exit_insn(v, EXIT_REASON_CPUID, 0, INSN_LEN);
	case SIM_SCRIPT_RDMSR:
	case SIM_SCRIPT_WRMSR:
		return step_msr(v, op, op->op == SIM_SCRIPT_WRMSR);
	case SIM_SCRIPT_IN:
	case SIM_SCRIPT_OUT:
		return step_io(v, op);
	case SIM_SCRIPT_VMMCALL:
		/* VMCALL */
		v->regs[VCPU_REGS_RAX] = op->arg[0];
		v->regs[VCPU_REGS_RBX] = op->arg[1];
		v->regs[VCPU_REGS_RCX] = op->arg[2];
		v->regs[VCPU_REGS_RDX] = op->arg[3];
		v->regs[VCPU_REGS_RSI] = op->gpa;
		return exit_insn(v, EXIT_REASON_VMCALL, 0, 3);
	}
	/* What only guests of another kind know */
	return exception(v, UD_VECTOR, MOV_LEN);
}

static enum sim_step step_op(struct vmx_run *v)
{
	struct sim_script *s = v->s;
	struct sim_script_op *op;

	if (s->st.next_op >= s->st.nr_ops) {
		/* The end of every script: HLT in a loop */
		s->phase = SIM_PHASE_START;
		return hlt(v);
	}
	op = sim_script_cur_op(s);
	if (sim_script_cur_res(s)->status == SIM_SCRIPT_PENDING)
		sim_script_cur_res(s)->status = SIM_SCRIPT_STARTED;

	switch (op->op) {
	case SIM_SCRIPT_READ:
	case SIM_SCRIPT_WRITE:
		return step_access(v, op);
	case SIM_SCRIPT_SHUTDOWN:
		return sim_vmx_exit(v, EXIT_REASON_TRIPLE_FAULT, 0);
	case SIM_SCRIPT_EXIT:
		sim_vmx_exit(v, op->arg[0], op->arg[1]);
		finish(v, SIM_SCRIPT_DONE, 0);
		return SIM_STEP_EXIT;
	case SIM_SCRIPT_STI:
		/* Interrupts wait for one more instruction. */
		if (!(v->rflags & X86_EFLAGS_IF))
			v->intr_state |= GUEST_INTR_STATE_STI;
		v->rflags |= X86_EFLAGS_IF;
		return finish(v, SIM_SCRIPT_DONE, 1);
	case SIM_SCRIPT_CLI:
		v->rflags &= ~X86_EFLAGS_IF;
		return finish(v, SIM_SCRIPT_DONE, 1);
	case SIM_SCRIPT_SPIN:
		if (op->arg[0] && s->iter++ >= op->arg[0])
			return finish(v, SIM_SCRIPT_DONE, 2);
		return pause_insn(v);
	}
	return step_insn(v, op);
}

enum sim_step sim_vmx_step_code(struct vmx_run *v)
{
	/* The handler of an NMI is IRET. */
	v->intr_state &= ~GUEST_INTR_STATE_NMI;
	return v->s ? step_op(v) : step_code(v);
}
