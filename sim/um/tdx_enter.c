// SPDX-License-Identifier: GPL-2.0
/*
 * What a TD does between TDH.VP.ENTER and the TD exit.
 *
 * The guest is a script, see guest.h.  Each step is one instruction of the guest,
 * or one TDCALL.  Private memory is reached through the S-EPT, which the TDX module
 * walks; shared memory through the EPT whose root KVM has given to the vCPU.  What
 * would be #VE in a TD (CPUID, MSRs, ports, HLT, MMIO) the script asks of the
 * hypervisor by TDG.VP.VMCALL, as the guest's handler does.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/irqflags.h>
#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <asm/irq_vectors.h>
#include <asm/posted_intr.h>
#include <asm/shared/tdx.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "cpu_intel.h"
#include "ept.h"
#include "guest_priv.h"
#include "hostmem.h"
#include "tdx_enter.h"
#include "tdx_host.h"

/* Where a vCPU begins */
#define RESET_VECTOR		0xfffffff0ull

/* Extended exit qualification: its type, and what it says about TDG.MEM.PAGE.ACCEPT */
#define EEQ_ACCEPT		1ull
#define EEQ_PENDING		6ull
#define EEQ_REQ_LEVEL_SHIFT	32
#define EEQ_ERR_LEVEL_SHIFT	35
#define EEQ_ERR_STATE_SHIFT	38
#define EEQ_ERR_LEAF		BIT_ULL(46)

/* The module tells the host nothing about linear addresses. */
#define QUAL_SHOWN		GENMASK_ULL(6, 0)

#define SEPT_RWX		GENMASK_ULL(2, 0)

enum reg { RDX = 2, RBX = 3, RSI = 6, RDI = 7, R8 = 8, R9, R10, R11, R12, R13, R14, R15 };

/**
 * struct td - one TDH.VP.ENTER
 * @t: module
 * @tdvpr: the vCPU
 * @tdr: its TD
 * @regs: general registers of the call
 * @rax: its return value
 * @vcpu: what KVM has of it
 * @s: script, or NULL
 * @shared_bit: position of a GPA's SHARED bit
 * @levels: of the page tables
 * @pending_ve: access to a page that is not accepted is #VE
 * @ept: root of the shared EPT
 * @pid: posted-interrupt descriptor, or NULL
 * @vector: by which its sender notifies the processor
 * @nmi: an NMI is to be injected
 */
struct td {
	struct sim_tdx *t;
	u64 tdvpr;
	u64 tdr;
	struct sim_tdx_regs *regs;
	u64 rax;
	struct kvm_vcpu *vcpu;
	struct sim_script *s;
	u32 shared_bit;
	u32 levels;
	bool pending_ve;
	u64 ept;
	struct pi_desc *pid;
	u8 vector;
	bool nmi;
};

/**
 * enum acc - outcome of one access
 * @ACC_OK: done
 * @ACC_EXIT: exited; to be repeated
 * @ACC_STUCK: faulted too often
 * @ACC_VE: #VE for an EPT violation
 * @ACC_PF: #PF for a reserved bit
 */
enum acc {
	ACC_OK,
	ACC_EXIT,
	ACC_STUCK,
	ACC_VE,
	ACC_PF,
};

/* Registers */

static u64 *host_reg(struct sim_tdx_regs *r, int n)
{
	switch (n) {
	case RDX: return &r->rdx;
	case RBX: return &r->rbx;
	case RSI: return &r->rsi;
	case RDI: return &r->rdi;
	case R8: return &r->r8;
	case R9: return &r->r9;
	case R10: return &r->r10;
	case R11: return &r->r11;
	case R12: return &r->r12;
	case R13: return &r->r13;
	case R14: return &r->r14;
	case R15: return &r->r15;
	}
	return NULL;
}

/* Exits */

/*
 * FIDELITY(TD exit): simplified - RAX, RCX, RDX, R8 and R9, the others are 0; exits
 * that a script causes do not touch the host's other state [TDX module 1.5.01]
 */
static enum sim_step td_exit(struct td *v, u64 rax, u64 rcx, u64 rdx, u64 r8, u64 r9)
{
	*v->regs = (struct sim_tdx_regs) { .rcx = rcx, .rdx = rdx, .r8 = r8, .r9 = r9 };
	v->rax = rax;
	if (!v->s)
		return SIM_STEP_EXIT;
	if (rax == EXIT_REASON_EXTERNAL_INTERRUPT)
		sim_script_note_intr(v->s);
	else
		sim_script_note_exit(v->s, rax, rcx, r8, rax == EXIT_REASON_EPT_VIOLATION);
	return SIM_STEP_EXIT;
}

static enum sim_step triple_fault(struct td *v)
{
	return td_exit(v, TDX_NON_RECOVERABLE_VCPU | EXIT_REASON_TRIPLE_FAULT, 0, 0, 0, 0);
}

static enum sim_step finish(struct td *v, u32 status, u32 rc)
{
	sim_script_cur_res(v->s)->rc = rc;
	sim_script_finish(v->s, status);
	return SIM_STEP_NEXT;
}

static enum sim_step failed(struct td *v, enum acc acc)
{
	switch (acc) {
	case ACC_VE:
		return finish(v, SIM_SCRIPT_VE, EXIT_REASON_EPT_VIOLATION);
	case ACC_PF:
		return finish(v, SIM_SCRIPT_EXCEPTION, X86_TRAP_PF);
	case ACC_STUCK:
		return finish(v, SIM_SCRIPT_STUCK, 0);
	default:
		return SIM_STEP_EXIT;
	}
}

static enum sim_step undefined(struct td *v)
{
	return finish(v, SIM_SCRIPT_EXCEPTION, X86_TRAP_UD);
}

/* Memory */

static enum acc ept_violation(struct td *v, u64 gpa, u64 qual, u64 eeq)
{
	if (v->s && !sim_script_note_fault(v->s, gpa))
		return ACC_STUCK;
	td_exit(v, EXIT_REASON_EPT_VIOLATION, qual & QUAL_SHOWN, eeq, gpa & PAGE_MASK, 0);
	return ACC_EXIT;
}

static u64 access_bits(bool write, u32 flags)
{
	if (flags & SIM_SCRIPT_F_EXEC)
		return EPT_VIOLATION_ACC_INSTR;
	return write ? EPT_VIOLATION_ACC_WRITE : EPT_VIOLATION_ACC_READ;
}

/* State, level and permissions of the entry at which the walk for a GPA ends */
static u32 sept_entry(struct td *v, u64 gpa, u32 *level, u64 *prot)
{
	u32 state = SIM_SEPT_FREE;
	unsigned long flags;
	u64 raw = 0;

	*prot = 0;
	if (!sim_tdx_gate_lock(&flags))
		return state;
	if (sim_tdx_sept_entry(v->t, v->tdr, gpa, level, &raw)) {
		state = sim_tdx_sept_state(raw);
		*prot = EPT_VIOLATION_RWX_TO_PROT(raw & SEPT_RWX);
	}
	sim_tdx_gate_unlock(flags);
	return state;
}

/*
 * FIDELITY(private access): modelled - a page that is not accepted is #VE, or an
 * exit that says so, as SEPT_VE_DISABLE wants; TD_CTLS do not exist [TDX module 1.5.01]
 */
static enum acc private_access(struct td *v, u64 gpa, void *buf, u32 len, bool write,
			       u32 flags)
{
	u32 level = 0, state;
	u64 prot;

	if (write ? sim_tdx_gate_write(v->tdr, gpa, buf, len) :
		    sim_tdx_gate_read(v->tdr, gpa, buf, len))
		return ACC_OK;

	state = sept_entry(v, gpa, &level, &prot);
	if (state == SIM_SEPT_PENDING && v->pending_ve)
		return ACC_VE;
	return ept_violation(v, gpa, access_bits(write, flags) | prot,
			     state == SIM_SEPT_PENDING ? EEQ_PENDING : 0);
}

/*
 * FIDELITY(shared access): simplified - by the bytes that are in memory, whosever key
 * they were written with [SDM vol. 3 30.3; TDX module 1.5.01]
 */
static enum acc shared_access(struct td *v, u64 gpa, void *buf, u32 len, bool write,
			      u32 flags)
{
	struct sim_ept e = {
		.phys = sim_phys_alias,
		.root = v->ept,
		.levels = v->levels,
		.phys_bits = boot_cpu_data.x86_phys_bits,
		.exec_only = true,
		.write = write,
	};
	u8 *p;

	/* Neither code nor page tables of a TD lie in shared memory. */
	if (flags & (SIM_SCRIPT_F_EXEC | SIM_SCRIPT_F_WALK))
		return ACC_PF;

	gpa |= BIT_ULL(v->shared_bit);
	switch (sim_ept_walk(&e, gpa)) {
	case 0:
		break;
	case -EFAULT:
		return e.ve ? ACC_VE : ept_violation(v, gpa, e.qual, 0);
	case -EINVAL:
		td_exit(v, EXIT_REASON_EPT_MISCONFIG, 0, 0, gpa & PAGE_MASK, 0);
		return ACC_EXIT;
	default:
		/* Hardware reads whatever is there; KVM made no such tables. */
		pr_warn_once("extended page tables at %#llx lead out of memory\n", v->ept);
		triple_fault(v);
		return ACC_EXIT;
	}

	/* Nobody answers where there is no memory. */
	p = sim_phys_alias(e.spa);
	if (p && write)
		memcpy(p, buf, len);
	else if (p)
		memcpy(buf, p, len);
	else if (!write)
		memset(buf, 0xff, len);
	return ACC_OK;
}

/* One access that lies within a page */
static enum acc access(struct td *v, u64 gpa, void *buf, u32 len, bool write, u32 flags)
{
	enum acc acc;

	/* The SHARED bit belongs to the flags, and above it there is nothing. */
	if (gpa >> v->shared_bit)
		return ACC_PF;
	if (flags & SIM_SCRIPT_F_PRIVATE)
		acc = private_access(v, gpa, buf, len, write, flags);
	else
		acc = shared_access(v, gpa, buf, len, write, flags);
	if (acc == ACC_OK && v->s)
		v->s->row = 0;
	return acc;
}

/* TDG.VP.VMCALL */

#define REG(_n)	(v->s->td.reg[_n])

/* FIDELITY(TDG.VP.VMCALL): simplified - general registers only [TDX module 1.5.01, GHCI 1.5] */
static enum sim_step vmcall(struct td *v, u32 exposed)
{
	struct sim_td_state *td = &v->s->td;
	int n;

	td_exit(v, EXIT_REASON_TDCALL, exposed, 0, 0, 0);
	for (n = 0; n < ARRAY_SIZE(td->reg); n++)
		if (exposed & BIT(n))
			*host_reg(v->regs, n) = td->reg[n];
	td->exposed = exposed;
	v->s->phase = SIM_PHASE_TDVMCALL;
	if (v->s->st.next_op < v->s->st.nr_ops)
		sim_script_cur_res(v->s)->exit_info_2 = v->regs->r11;
	return SIM_STEP_EXIT;
}

/* A standard one: R10 = 0 */
static enum sim_step ask(struct td *v, u64 leaf, u64 r12, u64 r13, u64 r14, u64 r15)
{
	REG(R10) = TDX_HYPERCALL_STANDARD;
	REG(R11) = leaf;
	REG(R12) = r12;
	REG(R13) = r13;
	REG(R14) = r14;
	REG(R15) = r15;
	return vmcall(v, TDX_R10 | TDX_R11 | TDX_R12 | TDX_R13 | TDX_R14 | TDX_R15);
}

/* What the host has put into the registers that it was shown */
static void take_answer(struct td *v)
{
	struct sim_td_state *td = &v->s->td;
	int n;

	if (v->s->phase != SIM_PHASE_TDVMCALL)
		return;
	for (n = 0; n < ARRAY_SIZE(td->reg); n++)
		if (td->exposed & BIT(n))
			td->reg[n] = *host_reg(v->regs, n);
}

/* A 64-bit status in 32 bits */
static u32 fold(u64 r10)
{
	return upper_32_bits(r10) | lower_32_bits(r10);
}

static enum sim_step ask_mmio(struct td *v, struct sim_script_op *op)
{
	u64 gpa = op->gpa + v->s->off, val = 0;
	bool write = op->op == SIM_SCRIPT_WRITE;
	u32 len;

	len = min_t(u64, op->size - v->s->off, 1ull << __ffs(gpa | 8));
	len = rounddown_pow_of_two(len);
	v->s->chunk = len;
	if (write)
		sim_script_load(v->s, (u8 *)&val, len);
	return ask(v, EXIT_REASON_EPT_VIOLATION, len, write, gpa | BIT_ULL(v->shared_bit), val);
}

static enum sim_step mmio_answer(struct td *v, struct sim_script_op *op)
{
	struct sim_script *s = v->s;

	sim_script_cur_res(s)->flags |= SIM_SCRIPT_R_EMULATED;
	s->phase = SIM_PHASE_START;
	if (op->op == SIM_SCRIPT_READ && !sim_script_take(s, (u8 *)&REG(R11), s->chunk))
		return SIM_STEP_NEXT;
	s->off += s->chunk;
	return s->off >= op->size ? finish(v, SIM_SCRIPT_DONE, 0) : SIM_STEP_NEXT;
}

static enum sim_step ask_map_gpa(struct td *v, struct sim_script_op *op)
{
	u64 gpa = op->gpa + v->s->off;

	/* 1 private, 2 shared */
	if (op->arg[0] == 2)
		gpa |= BIT_ULL(v->shared_bit);
	return ask(v, TDVMCALL_MAP_GPA, gpa, op->size - v->s->off, 0, 0);
}

static enum sim_step map_gpa_answer(struct td *v, struct sim_script_op *op)
{
	u64 next = (REG(R11) & ~BIT_ULL(v->shared_bit)) - op->gpa;
	struct sim_script_result *r = sim_script_cur_res(v->s);

	r->value[0] = REG(R10);
	r->value[1] = REG(R11);
	if (REG(R10) != TDVMCALL_STATUS_RETRY)
		return finish(v, SIM_SCRIPT_DONE, fold(REG(R10)));
	/* No progress at all would go on for ever. */
	if (next < v->s->off || next >= op->size || v->s->iter++ >= v->s->max_retries)
		return finish(v, SIM_SCRIPT_STUCK, fold(REG(R10)));
	v->s->off = next;
	v->s->phase = SIM_PHASE_START;
	return SIM_STEP_NEXT;
}

static enum sim_step any_vmcall(struct td *v, struct sim_script_op *op)
{
	u64 *regs = (u64 *)v->s->page;
	int n;

	if (!(op->flags & SIM_SCRIPT_F_DATA)) {
		ask(v, op->size, op->arg[0], op->arg[1], op->arg[2], op->arg[3]);
		v->regs->r10 = REG(R10) = op->gpa;
		return SIM_STEP_EXIT;
	}
	memcpy(regs, v->s->data + op->gpa, sizeof(v->s->td.reg));
	for (n = 0; n < ARRAY_SIZE(v->s->td.reg); n++)
		REG(n) = regs[n];
	return vmcall(v, op->arg[0]);
}

static enum sim_step answer(struct td *v, struct sim_script_op *op)
{
	struct sim_script_result *r = sim_script_cur_res(v->s);
	u32 rc = fold(REG(R10));

	switch (op->op) {
	case SIM_SCRIPT_TDVMCALL:
		if (op->flags & SIM_SCRIPT_F_DATA)
			memcpy(v->s->data + op->gpa, v->s->td.reg, sizeof(v->s->td.reg));
		memcpy(r->value, &REG(R10), sizeof(r->value));
		return finish(v, SIM_SCRIPT_DONE, rc);
	case SIM_SCRIPT_PSC:
		return map_gpa_answer(v, op);
	case SIM_SCRIPT_VMMCALL:
		r->value[0] = REG(R10);
		return finish(v, SIM_SCRIPT_DONE, 0);
	}
	if (rc)
		return finish(v, SIM_SCRIPT_REFUSED, rc);

	switch (op->op) {
	case SIM_SCRIPT_READ:
	case SIM_SCRIPT_WRITE:
		return mmio_answer(v, op);
	case SIM_SCRIPT_CPUID:
		r->value[0] = (u32)REG(R12);
		r->value[1] = (u32)REG(R13);
		r->value[2] = (u32)REG(R14);
		r->value[3] = (u32)REG(R15);
		break;
	case SIM_SCRIPT_RDMSR:
		r->value[0] = REG(R11);
		break;
	case SIM_SCRIPT_IN:
		r->value[0] = REG(R11) & GENMASK_ULL(op->size * 8 - 1, 0);
		break;
	}
	return finish(v, SIM_SCRIPT_DONE, 0);
}

/* Operations */

static enum sim_step access_done(struct td *v, struct sim_script_op *op, u32 len)
{
	v->s->off += len;
	return v->s->off >= op->size ? finish(v, SIM_SCRIPT_DONE, 0) : SIM_STEP_NEXT;
}

static enum sim_step step_access(struct td *v, struct sim_script_op *op)
{
	bool write = op->op == SIM_SCRIPT_WRITE;
	u64 gpa = op->gpa + v->s->off;
	u32 len = min(op->size - v->s->off, PAGE_SIZE - offset_in_page(gpa));
	enum acc acc;

	if (write)
		sim_script_load(v->s, v->s->page, len);
	acc = access(v, gpa, v->s->page, len, write, op->flags);
	switch (acc) {
	case ACC_OK:
		/* What is polled for comes from elsewhere: PAUSE, which does not exit. */
		if (write || sim_script_take(v->s, v->s->page, len))
			return access_done(v, op, len);
		cpu_relax();
		return SIM_STEP_NEXT;
	case ACC_VE:
		if (op->flags & SIM_SCRIPT_F_MMIO && !(op->flags & SIM_SCRIPT_F_PRIVATE))
			return ask_mmio(v, op);
		fallthrough;
	default:
		return failed(v, acc);
	}
}

/* FIDELITY(TDG.MEM.PAGE.ACCEPT exit): modelled - [TDX module 1.5.01] */
static enum sim_step step_accept(struct td *v, struct sim_script_op *op)
{
	u32 level = op->flags & SIM_SCRIPT_F_2M ? 1 : 0, at = level, state;
	struct sim_script_result *r = sim_script_cur_res(v->s);
	u64 unit = level ? SZ_2M : SZ_4K, status, eeq, prot;
	u64 gpa = op->gpa + v->s->off;
	bool interrupted = false;

	status = sim_tdx_gate_accept(v->tdr, gpa | level, &interrupted);
	if (status == SIM_TDX_EXIT_EPT_VIOLATION) {
		state = sept_entry(v, gpa, &at, &prot);
		eeq = EEQ_ACCEPT | (u64)level << EEQ_REQ_LEVEL_SHIFT |
		      (u64)at << EEQ_ERR_LEVEL_SHIFT | (u64)state << EEQ_ERR_STATE_SHIFT;
		if (state && !(state & SIM_SEPT_TABLE))
			eeq |= EEQ_ERR_LEAF;
		return failed(v, ept_violation(v, gpa, EPT_VIOLATION_ACC_WRITE | prot, eeq));
	}
	/* The guest's instruction is executed again. */
	if (interrupted)
		return SIM_STEP_NEXT;

	v->s->row = 0;
	r->value[0] = status;
	r->rc = upper_32_bits(status);
	v->s->off += unit;
	if (r->rc || v->s->off >= op->size)
		return finish(v, SIM_SCRIPT_DONE, r->rc);
	return SIM_STEP_NEXT;
}

static enum sim_step step_hlt(struct td *v)
{
	return ask(v, EXIT_REASON_HLT, !v->s->td.intr_enabled, 0, 0, 0);
}

/*
 * FIDELITY(#VE handler): simplified - the script is the handler; leaves and MSRs that
 * the module answers itself are asked of the hypervisor, too [GHCI 1.5]
 */
static enum sim_step step_op(struct td *v)
{
	struct sim_script *s = v->s;
	struct sim_script_op *op;

	if (s->st.next_op >= s->st.nr_ops) {
		/* The end of every script: HLT in a loop */
		s->phase = SIM_PHASE_START;
		return step_hlt(v);
	}

	op = sim_script_cur_op(s);
	if (sim_script_cur_res(s)->status == SIM_SCRIPT_PENDING)
		sim_script_cur_res(s)->status = SIM_SCRIPT_STARTED;
	if (s->phase == SIM_PHASE_TDVMCALL)
		return answer(v, op);

	switch (op->op) {
	case SIM_SCRIPT_READ:
	case SIM_SCRIPT_WRITE:
		return step_access(v, op);
	case SIM_SCRIPT_ACCEPT:
		return step_accept(v, op);
	case SIM_SCRIPT_TDVMCALL:
		return any_vmcall(v, op);
	case SIM_SCRIPT_PSC:
		return ask_map_gpa(v, op);
	case SIM_SCRIPT_CPUID:
		return ask(v, EXIT_REASON_CPUID, op->arg[0], op->arg[1], 0, 0);
	case SIM_SCRIPT_RDMSR:
		return ask(v, EXIT_REASON_MSR_READ, op->arg[0], 0, 0, 0);
	case SIM_SCRIPT_WRMSR:
		return ask(v, EXIT_REASON_MSR_WRITE, op->arg[0], op->arg[1], 0, 0);
	case SIM_SCRIPT_IN:
		return ask(v, EXIT_REASON_IO_INSTRUCTION, op->size, 0, op->arg[0], 0);
	case SIM_SCRIPT_OUT:
		return ask(v, EXIT_REASON_IO_INSTRUCTION, op->size, 1, op->arg[0], op->arg[1]);
	case SIM_SCRIPT_VMMCALL:
		if (!op->arg[0])
			return undefined(v);
		ask(v, op->arg[1], op->arg[2], op->arg[3], op->gpa, 0);
		v->regs->r10 = REG(R10) = op->arg[0];
		return SIM_STEP_EXIT;
	case SIM_SCRIPT_HLT:
		return step_hlt(v);
	case SIM_SCRIPT_SHUTDOWN:
		return triple_fault(v);
	case SIM_SCRIPT_TERMINATE:
		return ask(v, TDVMCALL_REPORT_FATAL_ERROR, op->arg[1], 0, 0, 0);
	case SIM_SCRIPT_EXIT:
		td_exit(v, op->arg[0], op->arg[1], op->arg[2], op->gpa, op->arg[3]);
		finish(v, SIM_SCRIPT_DONE, 0);
		return SIM_STEP_EXIT;
	case SIM_SCRIPT_STI:
		/* Interrupts wait for one more instruction. */
		s->td.intr_shadow = !s->td.intr_enabled;
		s->td.intr_enabled = true;
		return finish(v, SIM_SCRIPT_DONE, 0);
	case SIM_SCRIPT_CLI:
		s->td.intr_enabled = false;
		return finish(v, SIM_SCRIPT_DONE, 0);
	case SIM_SCRIPT_SPIN:
		if (op->arg[0] && s->iter++ >= op->arg[0])
			return finish(v, SIM_SCRIPT_DONE, 0);
		cpu_relax();
		return SIM_STEP_NEXT;
	}
	/* PVALIDATE, RMPADJUST; VMGEXIT, with all that comes with it */
	return undefined(v);
}

/* No script: nothing is known of what lies at the reset vector, if it is there. */
static enum sim_step step_code(struct td *v)
{
	u8 insn;

	if (access(v, RESET_VECTOR, &insn, 1, false,
		   SIM_SCRIPT_F_EXEC | SIM_SCRIPT_F_PRIVATE) == ACC_EXIT)
		return SIM_STEP_EXIT;
	return triple_fault(v);
}

/* Interrupts */

/*
 * FIDELITY(posted interrupts): simplified - a script takes interrupts at once, the
 * highest first, and there are no priorities of tasks [SDM vol. 3 31.6]
 */
static void take_posted(struct td *v)
{
	unsigned long *virr = v->s->td.virr;
	u32 i;

	if (!v->pid || !sim_ipi_arrived(v->vector))
		return;
	pi_clear_on(v->pid);
	/* Pairs with the one in pi_test_and_set_on(), which follows the request. */
	smp_mb__after_atomic();
	for (i = 0; i < ARRAY_SIZE(v->s->td.virr); i++)
		virr[i] |= xchg(&v->pid->pir[i], 0);
}

static void take_events(struct td *v)
{
	struct sim_td_state *td = &v->s->td;
	unsigned long vector;

	if (v->nmi) {
		v->nmi = false;
		sim_script_took_event(v->s, INTR_INFO_VALID_MASK | INTR_TYPE_NMI_INTR |
				      X86_TRAP_NMI);
	}
	take_posted(v);
	if (!td->intr_enabled || td->intr_shadow)
		return;
	vector = find_last_bit(td->virr, 256);
	if (vector == 256)
		return;
	__clear_bit(vector, td->virr);
	sim_script_took_event(v->s, INTR_INFO_VALID_MASK | INTR_TYPE_EXT_INTR | vector);
}

static enum sim_step step(struct td *v)
{
	if (!v->s)
		return step_code(v);
	take_events(v);
	v->s->td.intr_shadow = false;
	return step_op(v);
}

static void run(struct td *v)
{
	enum sim_step next = SIM_STEP_NEXT;
	struct sim_script *s = v->s;

	if (s) {
		raw_spin_lock(&s->lock);
		take_answer(v);
		raw_spin_unlock(&s->lock);
	}

	while (next == SIM_STEP_NEXT) {
		/* What a host interrupt is for, the host does at once. */
		local_irq_enable();
		local_irq_disable();
		if (s)
			raw_spin_lock(&s->lock);
		if (sim_script_interrupted(v->vcpu, s))
			next = td_exit(v, EXIT_REASON_EXTERNAL_INTERRUPT, 0, 0, 0,
				       INTR_INFO_VALID_MASK | INTR_TYPE_EXT_INTR |
				       RESCHEDULE_VECTOR);
		else
			next = step(v);
		if (s)
			raw_spin_unlock(&s->lock);
	}
}

/* State of the TD and of the vCPU that the host has set */
static bool load(struct td *v)
{
	struct sim_tdx_td_info td;
	struct sim_tdx_vp_info vp;
	unsigned long flags;
	bool ok;

	if (!sim_tdx_gate_lock(&flags))
		return false;
	ok = sim_tdx_td_info(v->t, v->tdr, &td) && td.has_tdcs &&
	     sim_tdx_vp_info(v->t, v->tdvpr, &vp);
	sim_tdx_gate_unlock(flags);
	if (!ok)
		return false;

	v->shared_bit = td.gpaw ? 51 : 47;
	v->levels = (td.eptp >> 3 & 7) + 1;
	v->pending_ve = !(td.attributes & TDX_TD_ATTR_SEPT_VE_DISABLE);
	v->ept = vp.shared_eptp;
	v->nmi = vp.pend_nmi;
	if (vp.posted && IS_ALIGNED(vp.pi_desc, sizeof(*v->pid)))
		v->pid = sim_phys_alias(vp.pi_desc);
	v->vector = vp.vector;
	return true;
}

static void store(struct td *v)
{
	unsigned long flags;
	bool intr;

	if (!v->s)
		return;
	raw_spin_lock(&v->s->lock);
	intr = !bitmap_empty(v->s->td.virr, 256);
	raw_spin_unlock(&v->s->lock);
	if (!sim_tdx_gate_lock(&flags))
		return;
	sim_tdx_vp_set_pending(v->t, v->tdvpr, v->nmi, intr);
	sim_tdx_gate_unlock(flags);
}

u64 sim_tdx_enter(struct sim_tdx *t, u64 tdvpr, u64 tdr, struct sim_tdx_regs *regs)
{
	struct td v = {
		.t = t,
		.tdvpr = tdvpr,
		.tdr = tdr,
		.regs = regs,
		.vcpu = kvm_get_running_vcpu(),
	};

	/* VP.ENTER has found both before it came here. */
	if (WARN_ON_ONCE(!v.vcpu || !load(&v)))
		return triple_fault(&v), v.rax;

	v.s = sim_script_get(v.vcpu);
	sim_script_note_entry(v.s, true);
	run(&v);
	store(&v);
	if (v.s)
		sim_script_put(v.s);
	return v.rax;
}
