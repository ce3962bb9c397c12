// SPDX-License-Identifier: GPL-2.0
/*
 * VMRUN of the simulated CPU, in place of arch/x86/kvm/svm/vmenter.S.
 *
 * The guest is a script, see guest.h.  Each step is one instruction of the
 * guest: interrupts are off while it walks tables and accesses memory, and are
 * taken between instructions, so that an acknowledged IPI means what it means on
 * hardware.  There is no TLB: each access walks.
 *
 * A guest whose registers KVM can see is driven by RIP: an instruction that
 * exited has been executed by KVM if RIP has moved past it, is repeated if RIP
 * has not moved, and has been abandoned if RIP is elsewhere.  If registers are
 * encrypted, RIP is the CPU's own.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>

#include <asm/sev-common.h>

#include "svm/svm.h"
#include "gate.h"
#include "npt.h"
#include "snp.h"
#include "svm_vmrun.h"

/* What EXITINFO1 says about a nested page fault, beyond the bits of npt.c */
#define NPF_P		PFERR_PRESENT_MASK
#define NPF_U		PFERR_USER_MASK

#define EFER_VALID	(EFER_SCE | EFER_LME | EFER_LMA | EFER_NX | EFER_SVME | \
			 EFER_LMSLE | EFER_FFXSR | EFER_TCE | EFER_AUTOIBRS | \
			 BIT_ULL(17) | BIT_ULL(18) | BIT_ULL(20))

/* VMRUN failed: another CPU runs with this VMSA */
#define VMEXIT_BUSY	-2ull

/* Where a guest has its NMI handler */
#define NMI_HANDLER	0

#define VMSA_OFF(field)	offsetof(struct sev_es_save_area, field)

static bool intercepted(struct vmrun *v, u32 bit)
{
	return vmcb_is_intercept(v->c, bit);
}

/* Exits */

enum sim_step sim_svm_exit(struct vmrun *v, u64 code, u64 info1, u64 info2)
{
	struct vmcb_control_area *c = v->c;

	c->exit_code = code;
	c->exit_info_1 = info1;
	c->exit_info_2 = info2;
	if (!v->s)
		return SIM_STEP_EXIT;
	if (code == SVM_EXIT_INTR)
		sim_script_note_intr(v->s);
	else
		sim_script_note_exit(v->s, code, info1, info2, code == SVM_EXIT_NPF);
	return SIM_STEP_EXIT;
}

/* An instruction that KVM may execute, and skip */
static enum sim_step exit_insn(struct vmrun *v, u64 code, u64 info1, u64 info2, u32 len)
{
	v->s->phase = SIM_PHASE_EMUL;
	v->s->ip = v->rip;
	v->s->insn_len = len;
	if (boot_cpu_has(X86_FEATURE_NRIPS))
		v->c->next_rip = v->rip + len;
	return sim_svm_exit(v, code, info1, info2);
}

enum sim_step sim_svm_finish(struct vmrun *v, u32 status, u32 len)
{
	v->rip += len;
	sim_script_finish(v->s, status);
	return SIM_STEP_NEXT;
}

enum sim_step sim_svm_failed(struct vmrun *v, enum sim_acc acc, u32 len)
{
	struct sim_script_result *r = sim_cur_res(v);

	switch (acc) {
	case SIM_ACC_INVALID:
		r->rc = SIM_VC_NOT_VALIDATED;
		return sim_svm_finish(v, SIM_SCRIPT_VC, len);
	case SIM_ACC_MMIO:
		r->rc = SVM_EXIT_NPF;
		return sim_svm_finish(v, SIM_SCRIPT_VC, len);
	case SIM_ACC_STUCK:
		return sim_svm_finish(v, SIM_SCRIPT_STUCK, len);
	default:
		return SIM_STEP_EXIT;
	}
}

/* Memory */

/* FIDELITY(TLB): simplified - there is none, flushes are no-ops [APM vol. 2 15.16] */
/* FIDELITY(nested page fault): modelled - [APM vol. 2 15.25.6, 15.36.10] */
static enum sim_acc npf(struct vmrun *v, u64 gpa, u64 error)
{
	/*
	 * Registers are encrypted: KVM could not emulate the access, so the guest
	 * is told that it was one to emulated MMIO.
	 */
	if (v->es && error & PFERR_RSVD_MASK)
		return SIM_ACC_MMIO;

	if (v->s && !sim_script_note_fault(v->s, gpa))
		return SIM_ACC_STUCK;
	sim_svm_exit(v, SVM_EXIT_NPF, error, gpa);
	return SIM_ACC_EXIT;
}

/* Position of the C-bit, which entries of the host's tables may have */
static unsigned int host_c_bit(void)
{
	static unsigned int c_bit = ~0u;

	if (READ_ONCE(c_bit) == ~0u)
		WRITE_ONCE(c_bit, boot_cpu_has(X86_FEATURE_SEV) ?
				  cpuid_ebx(0x8000001f) & 0x3f : 0);
	return READ_ONCE(c_bit);
}

static int translate(struct vmrun *v, struct sim_machine *m, u64 gpa, bool write,
		     bool exec, struct sim_npt *n, u64 *error)
{
	*n = (struct sim_npt) {
		.root = v->c->nested_cr3,
		.levels = __read_cr4() & X86_CR4_LA57 ? 5 : 4,
		.phys_bits = boot_cpu_data.x86_phys_bits,
		.c_bit = host_c_bit(),
		.nx = true,
		.write = write,
		.exec = exec,
	};
	return sim_npt_walk(m, n, gpa, error);
}

/* Flags of the access for EXITINFO1, whatever went wrong */
static u64 error_flags(struct vmrun *v, bool write, u32 flags)
{
	return (write ? PFERR_WRITE_MASK : 0) |
	       (flags & SIM_SCRIPT_F_EXEC ? PFERR_FETCH_MASK : 0) |
	       (flags & SIM_SCRIPT_F_WALK ? PFERR_GUEST_PAGE_MASK : PFERR_GUEST_FINAL_MASK) |
	       (v->snp && flags & SIM_SCRIPT_F_PRIVATE ? PFERR_GUEST_ENC_MASK : 0);
}

static void guest_access(struct vmrun *v, const struct sim_npt *n, u64 gpa, u32 flags,
			 struct sim_guest_access *g)
{
	*g = (struct sim_guest_access) {
		.asid = v->asid,
		.vmpl = v->vmpl,
		.gpa = gpa,
		.spa = n->spa,
		.npt_2m = n->size >= SIM_2M_SIZE,
		.private = flags & SIM_SCRIPT_F_PRIVATE,
		.access = n->write ? SIM_ACCESS_WRITE :
			  n->exec ? SIM_ACCESS_EXEC_SUPER : SIM_ACCESS_READ,
	};
}

/* Bytes of memory, as the guest sees them */
static void transfer(struct vmrun *v, struct sim_machine *m, u64 spa, void *buf,
		     u32 len, bool write, bool encrypted)
{
	u8 *p;

	if (encrypted) {
		if (write)
			sim_guest_write(m, v->asid, spa, buf, len);
		else if (!sim_guest_read(m, v->asid, spa, buf, len))
			memset(buf, 0xff, len);
		return;
	}

	/* Nobody answers where there is no memory. */
	p = sim_is_dram(m, spa, len) ? sim_env_phys(m, spa & PAGE_MASK) : NULL;
	if (!p) {
		if (!write)
			memset(buf, 0xff, len);
		return;
	}
	p += offset_in_page(spa);
	if (write)
		memcpy(p, buf, len);
	else
		memcpy(buf, p, len);
}

enum sim_acc sim_svm_access(struct vmrun *v, u64 gpa, void *buf, u32 len, bool write,
			    u32 flags)
{
	bool private = v->sev && flags & SIM_SCRIPT_F_PRIVATE;
	u64 error = 0, rmp_error = 0;
	struct sim_guest_access g;
	struct sim_machine *m;
	unsigned long irqflags;
	struct sim_npt n;
	int ret;

	m = sim_gate_lock(&irqflags);
	ret = translate(v, m, gpa, write, flags & SIM_SCRIPT_F_EXEC, &n, &error);
	if (ret)
		goto fault;

	if (v->snp) {
		guest_access(v, &n, gpa, flags, &g);
		ret = sim_rmp_check_guest(m, &g, &rmp_error);
		if (ret == SIM_RMP_EXIT_VC) {
			sim_gate_unlock(irqflags);
			return SIM_ACC_INVALID;
		}
	} else if (write && m->cfg.snp_enabled) {
		/* Not an SNP guest: what holds for the host holds for it. */
		if (!sim_rmp_check_host_write(m, n.spa, n.size)) {
			rmp_error = SIM_NPF_RMP;
			ret = SIM_RMP_EXIT_NPF;
		}
	}
	if (ret) {
		error = NPF_P | NPF_U | rmp_error;
		goto fault;
	}

	transfer(v, m, n.spa, buf, len, write, private);
	sim_gate_unlock(irqflags);
	if (v->s)
		v->s->row = 0;
	return SIM_ACC_OK;

fault:
	sim_gate_unlock(irqflags);
	if (ret == -ENXIO) {
		/* Hardware reads whatever is there; KVM made no such tables. */
		pr_warn_once("nested page tables at %#llx lead out of memory\n",
			     v->c->nested_cr3);
		sim_svm_exit(v, SVM_EXIT_SHUTDOWN, 0, 0);
		return SIM_ACC_EXIT;
	}
	return npf(v, gpa, error | error_flags(v, write, flags));
}

/* READ and WRITE */

static bool long_mode(struct vmrun *v)
{
	return v->save->efer & EFER_LMA && v->save->cs.attrib & BIT(9);
}

static bool code32(struct vmrun *v)
{
	return v->save->cr0 & X86_CR0_PE && v->save->cs.attrib & BIT(10);
}

/* The instruction of an access of @len bytes: MOV between [RBX] and RAX */
static u32 encode_mov(struct vmrun *v, u32 len, bool write, u8 *b)
{
	u32 n = 0;

	if (!long_mode(v) && !code32(v))
		b[n++] = 0x67;
	if (len == 2 ? long_mode(v) || code32(v) : len == 4 && !long_mode(v) && !code32(v))
		b[n++] = 0x66;
	if (len == 8)
		b[n++] = 0x48;
	b[n++] = (write ? 0x88 : 0x8a) | (len > 1);
	b[n++] = 0x03;
	return n;
}

static u32 max_reg(struct vmrun *v)
{
	return long_mode(v) ? 8 : 4;
}

/* Bytes of the next instruction */
static u32 access_len(struct vmrun *v, struct sim_script_op *op)
{
	u64 gpa = op->gpa + v->s->off;
	u64 len = min(op->size - v->s->off, PAGE_SIZE - offset_in_page(gpa));

	/* String instructions, which KVM never has to emulate */
	if (v->es)
		return len;
	/* A register, naturally aligned unless the whole access fits in one */
	if (op->size > max_reg(v))
		len = min_t(u64, len, min_t(u64, max_reg(v), 1ull << __ffs(gpa | 8)));
	return rounddown_pow_of_two(len);
}

static enum sim_step pause_insn(struct vmrun *v)
{
	if (intercepted(v, INTERCEPT_PAUSE) && v->pauses-- <= 0) {
		/* A fault-like exit without, a trap-like one with a VMSA */
		if (boot_cpu_has(X86_FEATURE_NRIPS) && !v->es)
			v->c->next_rip = v->rip + 2;
		return sim_svm_exit(v, SVM_EXIT_PAUSE, 0, 0);
	}
	return SIM_STEP_NEXT;
}

static enum sim_step access_done(struct vmrun *v, struct sim_script_op *op, u32 len)
{
	v->s->phase = SIM_PHASE_START;
	v->s->off += len;
	if (v->s->off >= op->size)
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
	return SIM_STEP_NEXT;
}

static enum sim_step step_access(struct vmrun *v, struct sim_script_op *op)
{
	bool write = op->op == SIM_SCRIPT_WRITE;
	struct sim_script *s = v->s;
	u32 len = access_len(v, op);
	u64 gpa = op->gpa + s->off;
	u8 insn[16] = {};
	u32 insn_len = 4;
	enum sim_acc acc;

	if (s->phase == SIM_PHASE_EMUL) {
		/* KVM has executed it. */
		sim_cur_res(v)->flags |= SIM_SCRIPT_R_EMULATED;
		if (!write) {
			memcpy(s->page, &v->save->rax, sizeof(u64));
			if (!sim_script_take(v->s, s->page, s->chunk)) {
				s->phase = SIM_PHASE_START;
				return pause_insn(v);
			}
		}
		return access_done(v, op, s->chunk);
	}

	if (write)
		sim_script_load(v->s, s->page, len);
	if (!v->es) {
		insn_len = encode_mov(v, len, write, insn);
		v->regs[VCPU_REGS_RBX] = gpa;
		if (write) {
			v->save->rax = 0;
			memcpy(&v->save->rax, s->page, len);
		}
	}

	acc = sim_svm_access(v, gpa, s->page, len, write, op->flags);
	switch (acc) {
	case SIM_ACC_OK:
		v->rip += insn_len;
		if (write || sim_script_take(v->s, s->page, len))
			return access_done(v, op, len);
		v->rip -= insn_len;
		return pause_insn(v);
	case SIM_ACC_EXIT:
		if (v->es)
			return SIM_STEP_EXIT;
		/* Decode assists: what the CPU has fetched already */
		if (!(op->flags & SIM_SCRIPT_F_EXEC) &&
		    boot_cpu_has(X86_FEATURE_DECODEASSISTS)) {
			memcpy(v->c->insn_bytes, insn, sizeof(v->c->insn_bytes));
			v->c->insn_len = insn_len;
		}
		s->phase = SIM_PHASE_EMUL;
		s->ip = v->rip;
		s->insn_len = insn_len;
		s->chunk = len;
		return SIM_STEP_EXIT;
	case SIM_ACC_MMIO:
		if (op->flags & SIM_SCRIPT_F_MMIO)
			return sim_ghcb_step(v);
		fallthrough;
	default:
		return sim_svm_failed(v, acc, insn_len);
	}
}

/* PVALIDATE and RMPADJUST */

static enum sim_step step_rmp(struct vmrun *v, struct sim_script_op *op)
{
	u64 unit = op->flags & SIM_SCRIPT_F_2M ? SIM_2M_SIZE : SIM_PAGE_SIZE;
	u32 ps = op->flags & SIM_SCRIPT_F_2M ? SIM_PS_2M : SIM_PS_4K;
	struct sim_script_result *r = sim_cur_res(v);
	u64 gpa = op->gpa + v->s->off;
	u64 error = 0, rmp_error = 0;
	struct sim_guest_access g;
	struct sim_machine *m;
	unsigned long irqflags;
	struct sim_npt n;
	bool cf = false;
	int ret;

	/* The instructions exist in SNP guests only. */
	if (!v->snp) {
		r->rc = UD_VECTOR;
		return sim_svm_finish(v, SIM_SCRIPT_EXCEPTION, 4);
	}

	m = sim_gate_lock(&irqflags);
	ret = translate(v, m, gpa, false, false, &n, &error);
	sim_gate_unlock(irqflags);
	if (ret == -ENXIO)
		return sim_svm_exit(v, SVM_EXIT_SHUTDOWN, 0, 0);
	if (ret)
		goto fault;

	guest_access(v, &n, gpa, SIM_SCRIPT_F_PRIVATE, &g);
	if (op->op == SIM_SCRIPT_PVALIDATE)
		ret = sim_gate_pvalidate(&g, ps, op->arg[0], &cf, &rmp_error);
	else
		ret = sim_gate_rmpadjust(&g, ps, op->arg[0], op->arg[1], op->arg[2],
					 &rmp_error);
	if (ret == SIM_RMP_EXIT_VC)
		return sim_svm_failed(v, SIM_ACC_INVALID, 4);
	if (ret == SIM_RMP_EXIT_NPF) {
		error = NPF_P | NPF_U | rmp_error;
		goto fault;
	}

	v->s->row = 0;
	r->rc = ret;
	r->flags &= ~SIM_SCRIPT_R_CF;
	if (cf)
		r->flags |= SIM_SCRIPT_R_CF;
	v->s->off += unit;
	if (ret || v->s->off >= op->size)
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 4);
	return SIM_STEP_NEXT;

fault:
	error |= error_flags(v, false, SIM_SCRIPT_F_PRIVATE);
	return sim_svm_failed(v, npf(v, gpa, error), 4);
}

/* Instructions that a guest with visible registers executes itself */

static bool bitmap_intercepts(u64 pa, u32 bit, u32 n)
{
	struct sim_machine *m;
	unsigned long flags;
	bool hit = true;
	u8 *p;
	u32 i;

	m = sim_gate_lock(&flags);
	for (i = bit; i < bit + n; i++) {
		u64 at = pa + i / 8;

		p = sim_is_dram(m, at, 1) ? sim_env_phys(m, at & PAGE_MASK) : NULL;
		if (!p)
			break;
		hit = p[offset_in_page(at)] & BIT(i % 8);
		if (hit)
			break;
	}
	sim_gate_unlock(flags);
	return hit;
}

static bool msr_intercepted(struct vmrun *v, u32 msr, bool write)
{
	static const u32 base[] = { 0, 0xc0000000, 0xc0010000 };
	u32 i;

	if (!intercepted(v, INTERCEPT_MSR_PROT))
		return false;
	for (i = 0; i < ARRAY_SIZE(base); i++)
		if (msr >= base[i] && msr < base[i] + 0x2000)
			return bitmap_intercepts(v->c->msrpm_base_pa & ~SIM_C_BIT,
						 i * 0x4000 + 2 * (msr - base[i]) + write, 1);
	return true;
}

/* MSRs of the guest, which VMRUN or VMLOAD switches; NULL: the host's */
static u64 *guest_msr(struct vmrun *v, u32 msr)
{
	switch (msr) {
	case MSR_EFER:		return &v->save->efer;
	case MSR_STAR:		return &v->save->star;
	case MSR_LSTAR:		return &v->save->lstar;
	case MSR_CSTAR:		return &v->save->cstar;
	case MSR_SYSCALL_MASK:	return &v->save->sfmask;
	case MSR_KERNEL_GS_BASE: return &v->save->kernel_gs_base;
	case MSR_FS_BASE:	return &v->save->fs.base;
	case MSR_GS_BASE:	return &v->save->gs.base;
	case MSR_IA32_SYSENTER_CS: return &v->save->sysenter_cs;
	case MSR_IA32_SYSENTER_ESP: return &v->save->sysenter_esp;
	case MSR_IA32_SYSENTER_EIP: return &v->save->sysenter_eip;
	case MSR_IA32_CR_PAT:	return &v->save->g_pat;
	case MSR_IA32_SPEC_CTRL:
		return boot_cpu_has(X86_FEATURE_V_SPEC_CTRL) ? &v->save->spec_ctrl : NULL;
	}
	return NULL;
}

static enum sim_step step_msr(struct vmrun *v, struct sim_script_op *op, bool write)
{
	struct sim_script_result *r = sim_cur_res(v);
	u32 msr = op->arg[0];
	u64 *mine, val;

	if (msr_intercepted(v, msr, write)) {
		v->regs[VCPU_REGS_RCX] = msr;
		if (write) {
			v->save->rax = (u32)op->arg[1];
			v->regs[VCPU_REGS_RDX] = op->arg[1] >> 32;
		}
		return exit_insn(v, SVM_EXIT_MSR, write, 0, 2);
	}

	mine = guest_msr(v, msr);
	if (mine) {
		if (write)
			*mine = op->arg[1];
		else
			r->value[0] = *mine;
	} else {
		val = op->arg[1];
		if (write ? wrmsrq_safe(msr, val) : rdmsrq_safe(msr, &val)) {
			r->rc = GP_VECTOR;
			return sim_svm_finish(v, SIM_SCRIPT_EXCEPTION, 2);
		}
		if (!write)
			r->value[0] = val;
	}
	return sim_svm_finish(v, SIM_SCRIPT_DONE, 2);
}

static u64 ioio_info(struct vmrun *v, struct sim_script_op *op)
{
	u32 asize = long_mode(v) ? 4 : code32(v) ? 2 : 1;

	return op->arg[0] << 16 | asize << SVM_IOIO_ASIZE_SHIFT |
	       op->size << SVM_IOIO_SIZE_SHIFT |
	       (op->op == SIM_SCRIPT_IN ? SVM_IOIO_TYPE_MASK : 0);
}

static enum sim_step step_io(struct vmrun *v, struct sim_script_op *op)
{
	/* DX; a prefix unless it is the default operand size */
	u32 len = 1 + (op->size != 1 && (op->size == 2) == (long_mode(v) || code32(v)));

	if (intercepted(v, INTERCEPT_IOIO_PROT) &&
	    bitmap_intercepts(v->c->iopm_base_pa & ~SIM_C_BIT, op->arg[0], op->size)) {
		v->regs[VCPU_REGS_RDX] = op->arg[0];
		if (op->op == SIM_SCRIPT_OUT)
			v->save->rax = op->arg[1];
		return exit_insn(v, SVM_EXIT_IOIO, ioio_info(v, op), v->rip + len, len);
	}
	/* No device answers. */
	if (op->op == SIM_SCRIPT_IN)
		sim_cur_res(v)->value[0] = GENMASK_ULL(op->size * 8 - 1, 0);
	return sim_svm_finish(v, SIM_SCRIPT_DONE, len);
}

/* KVM has executed the instruction that exited. */
static enum sim_step emulated(struct vmrun *v, struct sim_script_op *op)
{
	struct sim_script_result *r = sim_cur_res(v);

	r->flags |= SIM_SCRIPT_R_EMULATED;
	switch (op->op) {
	case SIM_SCRIPT_CPUID:
		r->value[0] = (u32)v->save->rax;
		r->value[1] = (u32)v->regs[VCPU_REGS_RBX];
		r->value[2] = (u32)v->regs[VCPU_REGS_RCX];
		r->value[3] = (u32)v->regs[VCPU_REGS_RDX];
		break;
	case SIM_SCRIPT_RDMSR:
		r->value[0] = (u32)v->save->rax | (u64)v->regs[VCPU_REGS_RDX] << 32;
		break;
	case SIM_SCRIPT_IN:
		r->value[0] = v->save->rax & GENMASK_ULL(op->size * 8 - 1, 0);
		break;
	case SIM_SCRIPT_VMMCALL:
		r->value[0] = v->save->rax;
		break;
	}
	return sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
}

static bool virq_deliverable(struct vmrun *v)
{
	u32 ctl = v->c->int_ctl;

	if (!(ctl & V_IRQ_MASK) || !(v->rflags & X86_EFLAGS_IF) ||
	    v->c->int_state & SVM_INTERRUPT_SHADOW_MASK)
		return false;
	if (ctl & V_GIF_ENABLE_MASK && !(ctl & V_GIF_MASK))
		return false;
	return ctl & V_IGN_TPR_MASK ||
	       (ctl & V_INTR_PRIO_MASK) >> V_INTR_PRIO_SHIFT > (ctl & V_TPR_MASK);
}

static enum sim_step step_hlt(struct vmrun *v)
{
	if (intercepted(v, INTERCEPT_HLT)) {
		if (!v->es)
			return exit_insn(v, SVM_EXIT_HLT, 0, 0, 1);
		sim_svm_exit(v, SVM_EXIT_HLT, 0, 0);
	} else if (intercepted(v, INTERCEPT_IDLE_HLT) && !(v->c->int_ctl & V_IRQ_MASK)) {
		if (!v->es)
			return exit_insn(v, SVM_EXIT_IDLE_HLT, 0, 0, 1);
		sim_svm_exit(v, SVM_EXIT_IDLE_HLT, 0, 0);
	} else {
		/* Until an event ends it; nothing else does. */
		v->s->halted = true;
		cpu_relax();
		return SIM_STEP_NEXT;
	}
	/* With a VMSA the exit is taken after the instruction. */
	sim_svm_finish(v, SIM_SCRIPT_DONE, 1);
	return SIM_STEP_EXIT;
}

/* Instructions that exit, or trap to the guest's #VC handler */
static enum sim_step step_insn(struct vmrun *v, struct sim_script_op *op)
{
	struct sim_script_result *r = sim_cur_res(v);
	u32 eax, ebx, ecx, edx;

	if (v->s->phase == SIM_PHASE_EMUL)
		return emulated(v, op);

	switch (op->op) {
	case SIM_SCRIPT_CPUID:
		if (intercepted(v, INTERCEPT_CPUID)) {
			v->save->rax = op->arg[0];
			v->regs[VCPU_REGS_RCX] = op->arg[1];
			return exit_insn(v, SVM_EXIT_CPUID, 0, 0, 2);
		}
		cpuid_count(op->arg[0], op->arg[1], &eax, &ebx, &ecx, &edx);
		r->value[0] = eax;
		r->value[1] = ebx;
		r->value[2] = ecx;
		r->value[3] = edx;
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 2);
	case SIM_SCRIPT_RDMSR:
	case SIM_SCRIPT_WRMSR:
		return step_msr(v, op, op->op == SIM_SCRIPT_WRMSR);
	case SIM_SCRIPT_IN:
	case SIM_SCRIPT_OUT:
		return step_io(v, op);
	case SIM_SCRIPT_VMMCALL:
		if (!intercepted(v, INTERCEPT_VMMCALL)) {
			r->rc = UD_VECTOR;
			return sim_svm_finish(v, SIM_SCRIPT_EXCEPTION, 3);
		}
		v->save->rax = op->arg[0];
		v->regs[VCPU_REGS_RBX] = op->arg[1];
		v->regs[VCPU_REGS_RCX] = op->arg[2];
		v->regs[VCPU_REGS_RDX] = op->arg[3];
		v->regs[VCPU_REGS_RSI] = op->gpa;
		return exit_insn(v, SVM_EXIT_VMMCALL, 0, 0, 3);
	default:
		/* VMGEXIT in a guest without a GHCB is VMMCALL with a prefix. */
		r->rc = UD_VECTOR;
		return sim_svm_finish(v, SIM_SCRIPT_EXCEPTION, 4);
	}
}

/* No script: execute what lies at RIP, of which only HLT is known. */
static enum sim_step step_code(struct vmrun *v)
{
	u64 gpa = v->rip, cs_base = 0;
	struct sim_machine *m;
	unsigned long flags;
	u8 insn = 0;

	if (v->es) {
		m = sim_gate_lock(&flags);
		sim_guest_read(m, v->asid, v->vmsa_pa + VMSA_OFF(cs.base), &cs_base,
			       sizeof(cs_base));
		sim_gate_unlock(flags);
		gpa += cs_base;
	} else if (v->save->cr0 & X86_CR0_PG) {
		/*
		 * RIP is no guest-physical address then.  To take it for one
		 * would have KVM emulate, for ever, whatever code it finds.
		 */
		return sim_svm_exit(v, SVM_EXIT_SHUTDOWN, 0, 0);
	} else {
		gpa += v->save->cs.base;
	}

	switch (sim_svm_access(v, gpa, &insn, 1, false,
			       SIM_SCRIPT_F_EXEC | (v->sev ? SIM_SCRIPT_F_PRIVATE : 0))) {
	case SIM_ACC_OK:
		break;
	case SIM_ACC_EXIT:
		return SIM_STEP_EXIT;
	default:
		return sim_svm_exit(v, SVM_EXIT_SHUTDOWN, 0, 0);
	}
	if (insn != 0xf4 || !(intercepted(v, INTERCEPT_HLT) ||
			      intercepted(v, INTERCEPT_IDLE_HLT)))
		return sim_svm_exit(v, SVM_EXIT_SHUTDOWN, 0, 0);
	if (v->es)
		v->rip++;
	else if (boot_cpu_has(X86_FEATURE_NRIPS))
		v->c->next_rip = v->rip + 1;
	return sim_svm_exit(v, intercepted(v, INTERCEPT_HLT) ? SVM_EXIT_HLT :
			    SVM_EXIT_IDLE_HLT, 0, 0);
}

static enum sim_step step_op(struct vmrun *v)
{
	struct sim_script *s = v->s;
	struct sim_script_op *op;
	u64 code;

	if (s->st.next_op >= s->st.nr_ops) {
		/* The end of every script: HLT in a loop */
		if (s->phase == SIM_PHASE_EMUL)
			s->phase = SIM_PHASE_START;
		if (!intercepted(v, INTERCEPT_HLT) && !intercepted(v, INTERCEPT_IDLE_HLT)) {
			cpu_relax();
			return SIM_STEP_NEXT;
		}
		code = intercepted(v, INTERCEPT_HLT) ? SVM_EXIT_HLT : SVM_EXIT_IDLE_HLT;
		if (!v->es)
			return exit_insn(v, code, 0, 0, 1);
		v->rip++;
		return sim_svm_exit(v, code, 0, 0);
	}

	op = sim_cur_op(v);
	if (sim_cur_res(v)->status == SIM_SCRIPT_PENDING)
		sim_cur_res(v)->status = SIM_SCRIPT_STARTED;

	/* On the way through the GHCB */
	if (s->phase >= SIM_PHASE_GHCB_WRITE)
		return sim_ghcb_step(v);

	switch (op->op) {
	case SIM_SCRIPT_READ:
	case SIM_SCRIPT_WRITE:
		return step_access(v, op);
	case SIM_SCRIPT_PVALIDATE:
	case SIM_SCRIPT_RMPADJUST:
		return step_rmp(v, op);
	case SIM_SCRIPT_GHCB_USE:
		s->ghcb_gpa = op->gpa;
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
	case SIM_SCRIPT_HLT:
		if (s->phase == SIM_PHASE_EMUL)
			return emulated(v, op);
		return step_hlt(v);
	case SIM_SCRIPT_SHUTDOWN:
		return sim_svm_exit(v, SVM_EXIT_SHUTDOWN, 0, 0);
	case SIM_SCRIPT_EXIT:
		sim_svm_exit(v, op->arg[0], op->arg[1], op->arg[2]);
		sim_svm_finish(v, SIM_SCRIPT_DONE, 0);
		return SIM_STEP_EXIT;
	case SIM_SCRIPT_STI:
		/* Interrupts wait for one more instruction. */
		if (!(v->rflags & X86_EFLAGS_IF))
			v->c->int_state |= SVM_INTERRUPT_SHADOW_MASK;
		v->rflags |= X86_EFLAGS_IF;
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 1);
	case SIM_SCRIPT_CLI:
		v->rflags &= ~X86_EFLAGS_IF;
		return sim_svm_finish(v, SIM_SCRIPT_DONE, 1);
	case SIM_SCRIPT_SPIN:
		if (op->arg[0] && s->iter++ >= op->arg[0])
			return sim_svm_finish(v, SIM_SCRIPT_DONE, 2);
		return pause_insn(v);
	case SIM_SCRIPT_ACCEPT:
	case SIM_SCRIPT_TDVMCALL:
		/* TDCALL */
		sim_cur_res(v)->rc = UD_VECTOR;
		return sim_svm_finish(v, SIM_SCRIPT_EXCEPTION, 4);
	}
	return v->es ? sim_ghcb_step(v) : step_insn(v, op);
}

static void took_event(struct vmrun *v, u32 event)
{
	if (!v->s)
		return;
	sim_script_took_event(v->s, event);
	if (v->s->halted)
		sim_svm_finish(v, SIM_SCRIPT_DONE, 1);
	/* Its handler is IRET, which KVM tells from the interrupted code by RIP. */
	if (!v->es && (event & SVM_EVTINJ_TYPE_MASK) == SVM_EVTINJ_TYPE_NMI) {
		v->s->in_nmi = true;
		v->s->nmi_rip = v->rip;
		v->rip = NMI_HANDLER;
	}
}

/* FIDELITY(events): simplified - a script takes them at once, there is no IDT [APM vol. 2 15.20, 15.21] */
/* One instruction, or one event before it */
static enum sim_step step(struct vmrun *v)
{
	struct sim_script *s = v->s;

	if (v->c->int_ctl & V_NMI_PENDING_MASK && v->c->int_ctl & V_NMI_ENABLE_MASK &&
	    !(v->c->int_ctl & V_NMI_BLOCKING_MASK)) {
		v->c->int_ctl &= ~V_NMI_PENDING_MASK;
		took_event(v, SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_NMI | 2);
	}
	if (virq_deliverable(v)) {
		if (intercepted(v, INTERCEPT_VINTR))
			return sim_svm_exit(v, SVM_EXIT_VINTR, 0, 0);
		v->c->int_ctl &= ~V_IRQ_MASK;
		took_event(v, SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_INTR |
			   (v->c->int_vector & SVM_INT_VECTOR_MASK));
	}
	if (s && s->in_nmi) {
		if (intercepted(v, INTERCEPT_IRET))
			return sim_svm_exit(v, SVM_EXIT_IRET, 0, 0);
		s->in_nmi = false;
		v->rip = s->nmi_rip;
	}
	v->c->int_state &= ~SVM_INTERRUPT_SHADOW_MASK;

	return s ? step_op(v) : step_code(v);
}

/* VMRUN itself */

static bool event_valid(u32 event)
{
	u32 vector = event & SVM_EVTINJ_VEC_MASK;

	if (!(event & SVM_EVTINJ_VALID))
		return true;
	switch (event & SVM_EVTINJ_TYPE_MASK) {
	case SVM_EVTINJ_TYPE_INTR:
	case SVM_EVTINJ_TYPE_NMI:
	case SVM_EVTINJ_TYPE_SOFT:
		return true;
	case SVM_EVTINJ_TYPE_EXEPT:
		return vector <= 31 && vector != NMI_VECTOR;
	}
	return false;
}

static bool efer_valid(u64 efer)
{
	return efer & EFER_SVME && !(efer & ~EFER_VALID);
}

static bool save_valid(const struct vmcb_save_area *save)
{
	if (!efer_valid(save->efer))
		return false;
	if (!(save->cr0 & X86_CR0_CD) && save->cr0 & X86_CR0_NW)
		return false;
	if (save->cr0 >> 32 || save->dr6 >> 32 || save->dr7 >> 32)
		return false;
	if (save->efer & EFER_LME && save->cr0 & X86_CR0_PG) {
		if (!(save->cr4 & X86_CR4_PAE) || !(save->cr0 & X86_CR0_PE))
			return false;
		/* CS.L and CS.D exclude each other. */
		if (save->cs.attrib & BIT(9) && save->cs.attrib & BIT(10))
			return false;
	}
	return true;
}

/* FIDELITY(VMRUN): simplified - the checks that Linux can run into [APM vol. 2 15.5.1] */
static bool control_valid(struct vmcb_control_area *c)
{
	u64 limit = 1ull << boot_cpu_data.x86_phys_bits;

	if (!vmcb_is_intercept(c, INTERCEPT_VMRUN) || !c->asid)
		return false;
	if (vmcb_is_intercept(c, INTERCEPT_MSR_PROT) &&
	    (c->msrpm_base_pa & ~SIM_C_BIT) + 2 * PAGE_SIZE > limit)
		return false;
	if ((c->iopm_base_pa & ~SIM_C_BIT) + 3 * PAGE_SIZE > limit)
		return false;
	/* This CPU walks no guest tables, so it can't run on shadow pages. */
	if (!(c->misc_ctl & SVM_MISC_ENABLE_NP)) {
		pr_warn_once("VMRUN without nested paging is not simulated\n");
		return false;
	}
	return event_valid(c->event_inj);
}

/* State of a guest with encrypted registers */
/* FIDELITY(VMSA): simplified - RIP, RFLAGS, EFER, VMPL and features are used [APM vol. 2 15.35, 15.36.12] */
static bool load_vmsa(struct vmrun *v, struct sim_machine *m)
{
	struct sim_rmp_owner o;
	u64 efer, features;
	u32 ccx;

	if (v->vmsa_pa & ~PAGE_MASK || !sim_is_dram(m, v->vmsa_pa, PAGE_SIZE))
		return false;
	/* An ASID runs from the moment that the firmware has activated it. */
	ccx = raw_smp_processor_id() / max(m->cfg.cpus_per_ccx, 1u);
	if (v->asid >= SIM_MAX_ASIDS || !(m->asids.valid[v->asid] & BIT(ccx)))
		return false;

#define VMSA(field, to) \
	sim_guest_read(m, v->asid, v->vmsa_pa + VMSA_OFF(field), (to), sizeof(*(to)))
	if (!VMSA(efer, &efer) || !VMSA(sev_features, &features) || !VMSA(rip, &v->rip) ||
	    !VMSA(rflags, &v->rflags) || !VMSA(vmpl, &v->vmpl))
		return false;
#undef VMSA

	v->snp = features & SVM_SEV_FEAT_SNP_ACTIVE;
	if (v->c->allowed_sev_features & VMCB_ALLOWED_SEV_FEATURES_VALID &&
	    features & ~v->c->allowed_sev_features)
		return false;
	if (m->cfg.snp_enabled) {
		sim_rmp_owner(m, v->vmsa_pa, &o);
		if (v->snp) {
			if (!o.assigned || o.immutable || !o.validated || !o.vmsa ||
			    o.asid != v->asid || o.pagesize != SIM_PS_4K)
				return false;
		} else if (o.assigned) {
			return false;
		}
	} else if (v->snp) {
		return false;
	}
	if (!v->snp)
		v->vmpl = 0;
	else if (v->vmpl > 3)
		return false;
	return efer_valid(efer);
}

static void store_vmsa(struct vmrun *v, struct sim_machine *m)
{
	sim_guest_write(m, v->asid, v->vmsa_pa + VMSA_OFF(rip), &v->rip, sizeof(v->rip));
	sim_guest_write(m, v->asid, v->vmsa_pa + VMSA_OFF(rflags), &v->rflags,
			sizeof(v->rflags));
}

static bool is_busy(const struct sim_machine *m, u64 pa)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(m->busy); i++)
		if (m->busy[i] == pa)
			return true;
	return false;
}

/* Pages of the machine that are in use while the guest runs */
static bool set_busy(struct vmrun *v, struct sim_machine *m, bool busy)
{
	u64 vmcb_pa = __pa(v->svm->vmcb);

	if (!sim_rmp_set_busy(m, vmcb_pa, busy))
		return false;
	if (!v->es || sim_rmp_set_busy(m, v->vmsa_pa, busy))
		return true;
	sim_rmp_set_busy(m, vmcb_pa, false);
	return false;
}

/* Return: 0, or the code of the failure */
static u64 enter(struct vmrun *v)
{
	u64 ret = SVM_EXIT_ERR;
	struct sim_machine *m;
	unsigned long flags;

	if (!control_valid(v->c))
		return ret;
	if (!v->es) {
		if (!save_valid(v->save))
			return ret;
		v->rip = v->save->rip;
		v->rflags = v->save->rflags;
	}
	m = sim_gate_lock(&flags);
	if (v->es && is_busy(m, v->vmsa_pa))
		ret = VMEXIT_BUSY;
	else if ((!v->es || load_vmsa(v, m)) && set_busy(v, m, true))
		ret = 0;
	sim_gate_unlock(flags);
	return ret;
}

static void leave(struct vmrun *v)
{
	struct sim_machine *m;
	unsigned long flags;

	m = sim_gate_lock(&flags);
	if (v->es)
		store_vmsa(v, m);
	set_busy(v, m, false);
	sim_gate_unlock(flags);

	if (!v->es) {
		v->save->rip = v->rip;
		v->save->rflags = v->rflags;
		return;
	}
	v->c->int_state &= ~SVM_GUEST_INTERRUPT_MASK;
	if (v->rflags & X86_EFLAGS_IF)
		v->c->int_state |= SVM_GUEST_INTERRUPT_MASK;
}

/* Where KVM has left the instruction that exited, and what it injects */
static void resume(struct vmrun *v)
{
	struct sim_script *s = v->s;
	u32 event = v->c->event_inj;
	bool exception = event & SVM_EVTINJ_VALID &&
			 (event & SVM_EVTINJ_TYPE_MASK) == SVM_EVTINJ_TYPE_EXEPT;

	if (!s)
		return;

	if (s->phase == SIM_PHASE_EMUL && !s->in_nmi) {
		if (v->rip == s->ip)
			s->phase = SIM_PHASE_START;
		else if (v->rip != s->ip + s->insn_len)
			sim_script_restart(s);
	}
	if (exception && s->st.next_op < s->st.nr_ops) {
		/* The handler skips the instruction. */
		sim_cur_res(v)->rc = event & SVM_EVTINJ_VEC_MASK;
		sim_svm_finish(v, SIM_SCRIPT_EXCEPTION, s->insn_len);
	}
	if (event & SVM_EVTINJ_VALID)
		took_event(v, event);
}

static void run(struct vmrun *v)
{
	enum sim_step next = SIM_STEP_NEXT;
	struct sim_script *s = v->s;
	unsigned long flags;

	local_irq_save(flags);
	if (s)
		raw_spin_lock(&s->lock);
	resume(v);
	if (s)
		raw_spin_unlock(&s->lock);
	local_irq_restore(flags);
	/* Delivered, in any case: a script takes events at once. */
	v->c->event_inj = 0;

	while (next == SIM_STEP_NEXT) {
		local_irq_save(flags);
		if (s)
			raw_spin_lock(&s->lock);
		if (sim_script_interrupted(&v->svm->vcpu, s) && intercepted(v, INTERCEPT_INTR))
			next = sim_svm_exit(v, SVM_EXIT_INTR, 0, 0);
		else
			next = step(v);
		if (s)
			raw_spin_unlock(&s->lock);
		local_irq_restore(flags);
	}
}

static void vmrun(struct vcpu_svm *svm, bool es)
{
	struct vmcb_control_area *c = &svm->vmcb->control;
	struct vmrun v = {
		.svm = svm,
		.c = c,
		.save = &svm->vmcb->save,
		.regs = svm->vcpu.arch.regs,
		.sev = c->misc_ctl & SVM_MISC_ENABLE_SEV,
		.es = es,
		.asid = c->asid,
		.vmsa_pa = c->vmsa_pa & ~SIM_C_BIT,
		.pauses = c->pause_filter_count,
	};
	u64 failure;

	c->exit_info_1 = 0;
	c->exit_info_2 = 0;
	c->exit_int_info = 0;
	c->exit_int_info_err = 0;
	c->next_rip = 0;
	c->insn_len = 0;

	v.s = sim_script_get(&svm->vcpu);
	failure = enter(&v);
	sim_script_note_entry(v.s, !failure);
	if (failure) {
		c->exit_code = failure;
	} else {
		run(&v);
		leave(&v);
	}
	if (v.s)
		sim_script_put(v.s);
}

void __svm_vcpu_run(struct vcpu_svm *svm, unsigned int flags)
{
	/* The function is chosen by KVM, the instruction by the VMCB. */
	vmrun(svm, svm->vmcb->control.misc_ctl & SVM_MISC_ENABLE_SEV_ES);
}

void __svm_sev_es_vcpu_run(struct vcpu_svm *svm, unsigned int flags,
			   struct sev_es_save_area *hostsa)
{
	vmrun(svm, svm->vmcb->control.misc_ctl & SVM_MISC_ENABLE_SEV_ES);
}
