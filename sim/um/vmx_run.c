// SPDX-License-Identifier: GPL-2.0
/*
 * VM entry of the simulated CPU, in place of arch/x86/kvm/vmx/vmenter.S.
 *
 * As in svm_vmrun.c: interrupts are off while an instruction of the guest walks
 * tables and accesses memory, and are taken between instructions; there is no TLB.
 */
#include <linux/bitfield.h>
#include <linux/ftrace.h>
#include <linux/irqflags.h>
#include <linux/smp.h>

#include <asm/posted_intr.h>

#include "vmx/vmx.h"
#include "vmenter.h"

#include "cpu.h"
#include "cpu_intel.h"
#include "ept.h"
#include "hostmem.h"
#include "vmcs.h"
#include "vmx_run.h"

/* Where VM exits go in vmenter.S; an address for HOST_RIP */
void vmx_vmexit(void);
void vmx_vmexit(void)
{
	WARN_ON_ONCE(1);
}

u64 sim_vmx_rd(struct vmx_run *v, u32 field)
{
	return sim_vmcs_read(v->c, field);
}

void sim_vmx_wr(struct vmx_run *v, u32 field, u64 val)
{
	sim_vmcs_write(v->c, field, val);
}

#define rd	sim_vmx_rd
#define wr	sim_vmx_wr

/* Exits */

enum sim_step sim_vmx_exit(struct vmx_run *v, u32 reason, u64 qual)
{
	bool violation = reason == EXIT_REASON_EPT_VIOLATION;

	wr(v, VM_EXIT_REASON, reason);
	wr(v, EXIT_QUALIFICATION, qual);
	if (v->s)
		sim_script_note_exit(v->s, reason, qual,
				     violation ? rd(v, GUEST_PHYSICAL_ADDRESS) : 0, violation);
	return SIM_STEP_EXIT;
}

enum sim_step sim_vmx_exit_insn(struct vmx_run *v, u32 reason, u64 qual, u32 len)
{
	wr(v, VM_EXIT_INSTRUCTION_LEN, len);
	return sim_vmx_exit(v, reason, qual);
}

static enum sim_step exit_interrupt(struct vmx_run *v)
{
	u32 info = 0;

	if (v->exit_ctls & VM_EXIT_ACK_INTR_ON_EXIT)
		info = INTR_INFO_VALID_MASK | INTR_TYPE_EXT_INTR | RESCHEDULE_VECTOR;
	wr(v, VM_EXIT_INTR_INFO, info);
	wr(v, VM_EXIT_REASON, EXIT_REASON_EXTERNAL_INTERRUPT);
	wr(v, EXIT_QUALIFICATION, 0);
	if (v->s)
		sim_script_note_intr(v->s);
	return SIM_STEP_EXIT;
}

/* Memory */

/* FIDELITY(EPT violation): modelled - without #VE; linear addresses are guest-physical ones [SDM vol. 3 29.2.1] */
enum sim_vmx_acc sim_vmx_access(struct vmx_run *v, u64 gpa, void *buf, u32 len, bool write,
				bool exec)
{
	u64 eptp = rd(v, EPT_POINTER);
	struct sim_ept e = {
		.phys = sim_phys_alias,
		.root = eptp,
		.levels = FIELD_GET(VMX_EPTP_PWL_MASK, eptp) + 1,
		.phys_bits = SIM_INTEL_MAXPA,
		.ad = eptp & VMX_EPTP_AD_ENABLE_BIT,
		.exec_only = true,
		.write = write,
		.exec = exec,
	};
	unsigned long flags;
	void *p;
	int ret;

	local_irq_save(flags);
	ret = sim_ept_walk(&e, gpa);
	if (!ret) {
		p = sim_phys_alias(e.spa);
		/* Nobody answers where there is no memory. */
		if (!p && !write)
			memset(buf, 0xff, len);
		else if (p && write)
			memcpy(p, buf, len);
		else if (p)
			memcpy(buf, p, len);
	}
	local_irq_restore(flags);

	switch (ret) {
	case 0:
		return SIM_VMX_ACC_OK;
	case -EFAULT:
		if (v->s && !sim_script_note_fault(v->s, gpa))
			return SIM_VMX_ACC_STUCK;
		wr(v, GUEST_PHYSICAL_ADDRESS, gpa);
		wr(v, GUEST_LINEAR_ADDRESS, gpa);
		sim_vmx_exit(v, EXIT_REASON_EPT_VIOLATION, e.qual);
		return SIM_VMX_ACC_EXIT;
	case -EINVAL:
		if (v->s && !sim_script_note_fault(v->s, gpa))
			return SIM_VMX_ACC_STUCK;
		wr(v, GUEST_PHYSICAL_ADDRESS, gpa);
		sim_vmx_exit(v, EXIT_REASON_EPT_MISCONFIG, 0);
		return SIM_VMX_ACC_EXIT;
	}
	/* Hardware reads whatever is there; KVM made no such tables. */
	pr_warn_once("extended page tables at %#llx lead out of memory\n", eptp);
	sim_vmx_exit(v, EXIT_REASON_TRIPLE_FAULT, 0);
	return SIM_VMX_ACC_EXIT;
}

/* Virtual interrupts */

static u32 *vapic(struct vmx_run *v, u32 reg)
{
	return v->vapic + reg;
}

static int highest(struct vmx_run *v, u32 reg)
{
	int i;

	for (i = 7; i >= 0; i--) {
		u32 bits = READ_ONCE(*vapic(v, reg + i * 0x10));

		if (bits)
			return i * 32 + __fls(bits);
	}
	return 0;
}

static void set_vector(struct vmx_run *v, u32 reg, u8 vector, bool set)
{
	u32 *p = vapic(v, reg + vector / 32 * 0x10);

	if (set)
		*p |= BIT(vector % 32);
	else
		*p &= ~BIT(vector % 32);
}

static void update_ppr(struct vmx_run *v)
{
	u32 tpr = *vapic(v, APIC_TASKPRI) & 0xff, svi = v->svi;

	*vapic(v, APIC_PROCPRI) = tpr >> 4 >= svi >> 4 ? tpr : svi & 0xf0;
}

/* FIDELITY(posted interrupts): modelled - [SDM vol. 3 31.6] */
static void posted_interrupts(struct vmx_run *v)
{
	struct pi_desc *pi = sim_phys_alias(rd(v, POSTED_INTR_DESC_ADDR));
	int i;

	if (!pi)
		return;
	pi_clear_on(pi);
	for (i = 0; i < 8; i++)
		*vapic(v, APIC_IRR + i * 0x10) |= xchg((u32 *)pi->pir + i, 0);
	v->rvi = max_t(int, v->rvi, highest(v, APIC_IRR));
}

static bool blocked(struct vmx_run *v, u32 by)
{
	return v->intr_state & by;
}

static bool interruptible(struct vmx_run *v)
{
	return v->rflags & X86_EFLAGS_IF &&
	       !blocked(v, GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS);
}

static bool event_ends_halt(struct vmx_run *v)
{
	if (v->activity == GUEST_ACTIVITY_HLT)
		v->activity = GUEST_ACTIVITY_ACTIVE;
	return true;
}

/* FIDELITY(virtual interrupts): simplified - a guest takes them at once, there is no IDT [SDM vol. 3 31.2] */
static void virtual_interrupt(struct vmx_run *v)
{
	u8 vector = v->rvi;

	set_vector(v, APIC_ISR, vector, true);
	v->svi = vector;
	*vapic(v, APIC_PROCPRI) = vector & 0xf0;
	set_vector(v, APIC_IRR, vector, false);
	v->rvi = highest(v, APIC_IRR);
	event_ends_halt(v);
	sim_vmx_took_event(v, INTR_INFO_VALID_MASK | INTR_TYPE_EXT_INTR | vector);
}

/* An EOI, of which KVM wants to know for some vectors */
static enum sim_step eoi(struct vmx_run *v)
{
	u8 vector = v->svi;

	set_vector(v, APIC_ISR, vector, false);
	v->svi = highest(v, APIC_ISR);
	update_ppr(v);
	if (rd(v, EOI_EXIT_BITMAP0 + vector / 64 * 2) & BIT_ULL(vector % 64))
		return sim_vmx_exit(v, EXIT_REASON_EOI_INDUCED, vector);
	return SIM_STEP_NEXT;
}

/* FIDELITY(x2APIC virtualization): modelled - [SDM vol. 3 31.5] */
bool sim_vmx_x2apic(struct vmx_run *v, u32 msr, u64 *val, bool write, enum sim_step *next)
{
	u32 reg = (msr - APIC_BASE_MSR) << 4;

	if (!(v->exec2 & SECONDARY_EXEC_VIRTUALIZE_X2APIC_MODE) || !v->vapic ||
	    msr < APIC_BASE_MSR || reg >= PAGE_SIZE)
		return false;
	if (!write) {
		if (reg != APIC_TASKPRI && !(v->exec2 & SECONDARY_EXEC_APIC_REGISTER_VIRT))
			return false;
		*val = *vapic(v, reg);
		return true;
	}
	if (reg == APIC_TASKPRI) {
		*vapic(v, reg) = *val;
		update_ppr(v);
		return true;
	}
	if (!(v->exec2 & SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY))
		return false;
	switch (reg) {
	case APIC_EOI:
		*next = eoi(v);
		return true;
	case APIC_SELF_IPI:
		set_vector(v, APIC_IRR, *val, true);
		v->rvi = max_t(u8, v->rvi, *val);
		return true;
	}
	return false;
}

/* One instruction, or what comes before it */
static enum sim_step step(struct vmx_run *v)
{
	/* Before anything is executed, if the timer began with 0 */
	if (v->pin & PIN_BASED_VMX_PREEMPTION_TIMER && rdtsc() >= v->deadline)
		return sim_vmx_exit(v, EXIT_REASON_PREEMPTION_TIMER, 0);
	if (v->exec & CPU_BASED_NMI_WINDOW_EXITING &&
	    !blocked(v, GUEST_INTR_STATE_NMI | GUEST_INTR_STATE_MOV_SS)) {
		event_ends_halt(v);
		return sim_vmx_exit(v, EXIT_REASON_NMI_WINDOW, 0);
	}
	if (v->exec & CPU_BASED_INTR_WINDOW_EXITING && interruptible(v)) {
		event_ends_halt(v);
		return sim_vmx_exit(v, EXIT_REASON_INTERRUPT_WINDOW, 0);
	}
	if (v->vapic && v->exec2 & SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY) {
		if (v->pin & PIN_BASED_POSTED_INTR && sim_ipi_arrived(rd(v, POSTED_INTR_NV)))
			posted_interrupts(v);
		if (v->rvi >> 4 > *vapic(v, APIC_PROCPRI) >> 4 && interruptible(v))
			virtual_interrupt(v);
	}
	v->intr_state &= ~(GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS);

	if (v->activity == GUEST_ACTIVITY_HLT) {
		cpu_relax();
		return SIM_STEP_NEXT;
	}
	if (v->activity != GUEST_ACTIVITY_ACTIVE) {
		/* Shutdown, or waiting for a SIPI, which nobody sends */
		cpu_relax();
		return SIM_STEP_NEXT;
	}
	return sim_vmx_step_code(v);
}

/* VM entry itself */

static bool ctls_valid(u32 nr, u32 val)
{
	u64 cap = sim_msr_peek(raw_smp_processor_id(), nr);

	return !((u32)cap & ~val) && !(val & ~(u32)(cap >> 32));
}

static bool cr_valid(u64 val, u32 fixed0, u32 fixed1, u64 except)
{
	int cpu = raw_smp_processor_id();

	return !(sim_msr_peek(cpu, fixed0) & ~except & ~val) && !(val & ~sim_msr_peek(cpu, fixed1));
}

static bool is_page(u64 pa)
{
	return PAGE_ALIGNED(pa) && !(pa >> SIM_INTEL_MAXPA);
}

static bool event_valid(u32 info)
{
	u32 vector = info & INTR_INFO_VECTOR_MASK;

	if (!(info & INTR_INFO_VALID_MASK))
		return true;
	if (info & INTR_INFO_RESVD_BITS_MASK)
		return false;
	switch (info & INTR_INFO_INTR_TYPE_MASK) {
	case INTR_TYPE_EXT_INTR:
	case INTR_TYPE_SOFT_INTR:
	case INTR_TYPE_PRIV_SW_EXCEPTION:
	case INTR_TYPE_SOFT_EXCEPTION:
		return true;
	case INTR_TYPE_NMI_INTR:
		return vector == NMI_VECTOR;
	case INTR_TYPE_HARD_EXCEPTION:
		return vector <= 31;
	}
	return false;
}

/* FIDELITY(VM entry): simplified - the checks that Linux can run into [SDM vol. 3 28.2, 28.3] */
static bool controls_valid(struct vmx_run *v)
{
	if (!ctls_valid(MSR_IA32_VMX_TRUE_PINBASED_CTLS, v->pin) ||
	    !ctls_valid(MSR_IA32_VMX_TRUE_PROCBASED_CTLS, v->exec) ||
	    !ctls_valid(MSR_IA32_VMX_PROCBASED_CTLS2, v->exec2) ||
	    !ctls_valid(MSR_IA32_VMX_TRUE_EXIT_CTLS, v->exit_ctls) ||
	    !ctls_valid(MSR_IA32_VMX_TRUE_ENTRY_CTLS, v->entry_ctls))
		return false;
	if (rd(v, CR3_TARGET_COUNT) > 4)
		return false;
	if (v->exec & CPU_BASED_USE_IO_BITMAPS &&
	    (!is_page(rd(v, IO_BITMAP_A)) || !is_page(rd(v, IO_BITMAP_B))))
		return false;
	if (v->exec & CPU_BASED_USE_MSR_BITMAPS && !is_page(rd(v, MSR_BITMAP)))
		return false;
	if (v->exec & CPU_BASED_TPR_SHADOW) {
		if (!is_page(rd(v, VIRTUAL_APIC_PAGE_ADDR)))
			return false;
		if (!(v->exec2 & SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY) && rd(v, TPR_THRESHOLD) >> 4)
			return false;
	} else if (v->exec2 & (SECONDARY_EXEC_VIRTUALIZE_X2APIC_MODE |
			       SECONDARY_EXEC_APIC_REGISTER_VIRT |
			       SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY)) {
		return false;
	}
	if (!(v->pin & PIN_BASED_NMI_EXITING) && v->pin & PIN_BASED_VIRTUAL_NMIS)
		return false;
	if (!(v->pin & PIN_BASED_VIRTUAL_NMIS) && v->exec & CPU_BASED_NMI_WINDOW_EXITING)
		return false;
	if (v->exec2 & SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY && !(v->pin & PIN_BASED_EXT_INTR_MASK))
		return false;
	if (v->pin & PIN_BASED_POSTED_INTR &&
	    (!(v->exec2 & SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY) ||
	     !(v->exit_ctls & VM_EXIT_ACK_INTR_ON_EXIT) || rd(v, POSTED_INTR_NV) > 255 ||
	     rd(v, POSTED_INTR_DESC_ADDR) & 63 || rd(v, POSTED_INTR_DESC_ADDR) >> SIM_INTEL_MAXPA))
		return false;
	if (v->exec2 & SECONDARY_EXEC_ENABLE_VPID && !rd(v, VIRTUAL_PROCESSOR_ID))
		return false;
	/* This CPU walks no guest tables, so it can't run on shadow pages. */
	if (!(v->exec2 & SECONDARY_EXEC_ENABLE_EPT)) {
		pr_warn_once("VM entry without EPT is not simulated\n");
		return false;
	}
	if (!sim_eptp_valid(rd(v, EPT_POINTER)))
		return false;
	if (!(v->pin & PIN_BASED_VMX_PREEMPTION_TIMER) &&
	    v->exit_ctls & VM_EXIT_SAVE_VMX_PREEMPTION_TIMER)
		return false;
	return event_valid(rd(v, VM_ENTRY_INTR_INFO_FIELD));
}

static bool canonical(u64 val)
{
	return __is_canonical_address(val, boot_cpu_data.x86_virt_bits);
}

static bool host_valid(struct vmx_run *v)
{
	static const u16 selectors[] = {
		HOST_ES_SELECTOR, HOST_CS_SELECTOR, HOST_SS_SELECTOR, HOST_DS_SELECTOR,
		HOST_FS_SELECTOR, HOST_GS_SELECTOR, HOST_TR_SELECTOR,
	}, addresses[] = {
		HOST_FS_BASE, HOST_GS_BASE, HOST_TR_BASE, HOST_GDTR_BASE, HOST_IDTR_BASE,
		HOST_IA32_SYSENTER_ESP, HOST_IA32_SYSENTER_EIP, HOST_RIP,
	};
	int i;

	if (!cr_valid(rd(v, HOST_CR0), MSR_IA32_VMX_CR0_FIXED0, MSR_IA32_VMX_CR0_FIXED1, 0) ||
	    !cr_valid(rd(v, HOST_CR4), MSR_IA32_VMX_CR4_FIXED0, MSR_IA32_VMX_CR4_FIXED1, 0) ||
	    !(rd(v, HOST_CR4) & X86_CR4_PAE) || rd(v, HOST_CR3) >> SIM_INTEL_MAXPA)
		return false;
	for (i = 0; i < ARRAY_SIZE(selectors); i++)
		if (rd(v, selectors[i]) & 7)
			return false;
	if (!rd(v, HOST_CS_SELECTOR) || !rd(v, HOST_TR_SELECTOR))
		return false;
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		if (!canonical(rd(v, addresses[i])))
			return false;
	if (v->exit_ctls & VM_EXIT_LOAD_IA32_EFER) {
		u64 efer = rd(v, HOST_IA32_EFER);

		if (efer & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NX) ||
		    !(efer & EFER_LMA) || !(efer & EFER_LME))
			return false;
	}
	return v->exit_ctls & VM_EXIT_HOST_ADDR_SPACE_SIZE;
}

static bool guest_valid(struct vmx_run *v)
{
	u64 cr0 = rd(v, GUEST_CR0), cr4 = rd(v, GUEST_CR4), efer, except = 0;
	bool ia32e = v->entry_ctls & VM_ENTRY_IA32E_MODE;
	u32 info = rd(v, VM_ENTRY_INTR_INFO_FIELD);

	if (v->exec2 & SECONDARY_EXEC_UNRESTRICTED_GUEST)
		except = X86_CR0_PE | X86_CR0_PG;
	if (!cr_valid(cr0, MSR_IA32_VMX_CR0_FIXED0, MSR_IA32_VMX_CR0_FIXED1, except) ||
	    !cr_valid(cr4, MSR_IA32_VMX_CR4_FIXED0, MSR_IA32_VMX_CR4_FIXED1, 0))
		return false;
	if (cr0 & X86_CR0_PG && !(cr0 & X86_CR0_PE))
		return false;
	if (ia32e && (!(cr0 & X86_CR0_PG) || !(cr4 & X86_CR4_PAE)))
		return false;
	if (!ia32e && cr4 & X86_CR4_PCIDE)
		return false;
	if (v->entry_ctls & VM_ENTRY_LOAD_IA32_EFER) {
		efer = rd(v, GUEST_IA32_EFER);
		if (efer & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NX) ||
		    !!(efer & EFER_LMA) != ia32e ||
		    (cr0 & X86_CR0_PG && !!(efer & EFER_LME) != ia32e))
			return false;
	}
	if (v->rflags & ~(u64)(X86_EFLAGS_ID * 2 - 1) || !(v->rflags & X86_EFLAGS_FIXED) ||
	    v->rflags & (BIT(3) | BIT(5) | BIT(15)))
		return false;
	if ((ia32e || !(cr0 & X86_CR0_PE)) && v->rflags & X86_EFLAGS_VM)
		return false;
	if (info & INTR_INFO_VALID_MASK && !(v->rflags & X86_EFLAGS_IF) &&
	    (info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_EXT_INTR)
		return false;
	/* Usable, a code segment, and a busy task */
	if (rd(v, GUEST_CS_AR_BYTES) & VMX_AR_UNUSABLE_MASK ||
	    rd(v, GUEST_TR_AR_BYTES) & VMX_AR_UNUSABLE_MASK || rd(v, GUEST_TR_SELECTOR) & 4)
		return false;
	if (v->activity > GUEST_ACTIVITY_WAIT_SIPI || v->intr_state >> 5 ||
	    (v->intr_state & (GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS)) ==
	    (GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS))
		return false;
	if (blocked(v, GUEST_INTR_STATE_STI) && !(v->rflags & X86_EFLAGS_IF))
		return false;
	/* There are no shadow VMCSs. */
	return rd(v, VMCS_LINK_POINTER) == ~0ULL;
}

/* MSRs in memory: what entry and exit load and store */
static bool msr_list(struct vmx_run *v, u32 addr_field, u32 count_field, bool store)
{
	struct vmx_msr_entry *m;
	u64 pa = rd(v, addr_field), val;
	u32 i, n = rd(v, count_field);

	for (i = 0; i < n; i++, pa += sizeof(*m)) {
		m = sim_phys_alias(pa);
		if (!m || m->reserved)
			return false;
		if (store) {
			if (rdmsrq_safe(m->index, &val))
				return false;
			m->value = val;
		} else if (wrmsrq_safe(m->index, m->value)) {
			return false;
		}
	}
	return true;
}

static bool secondary(struct vmx_run *v)
{
	return v->exec & CPU_BASED_ACTIVATE_SECONDARY_CONTROLS;
}

static void load(struct vmx_run *v)
{
	v->pin = rd(v, PIN_BASED_VM_EXEC_CONTROL);
	v->exec = rd(v, CPU_BASED_VM_EXEC_CONTROL);
	v->exec2 = secondary(v) ? rd(v, SECONDARY_VM_EXEC_CONTROL) : 0;
	v->exit_ctls = rd(v, VM_EXIT_CONTROLS);
	v->entry_ctls = rd(v, VM_ENTRY_CONTROLS);
	v->rip = rd(v, GUEST_RIP);
	v->rflags = rd(v, GUEST_RFLAGS);
	v->intr_state = rd(v, GUEST_INTERRUPTIBILITY_INFO);
	v->activity = rd(v, GUEST_ACTIVITY_STATE);
	v->rvi = rd(v, GUEST_INTR_STATUS) & 0xff;
	v->svi = rd(v, GUEST_INTR_STATUS) >> 8;
	if (v->exec & CPU_BASED_TPR_SHADOW)
		v->vapic = sim_phys_alias(rd(v, VIRTUAL_APIC_PAGE_ADDR));
	v->deadline = rdtsc() + (rd(v, VMX_PREEMPTION_TIMER_VALUE) << SIM_INTEL_TIMER_SHIFT);
}

static void store(struct vmx_run *v)
{
	u64 now = rdtsc(), left = v->deadline > now ? v->deadline - now : 0;

	wr(v, GUEST_RIP, v->rip);
	wr(v, GUEST_RFLAGS, v->rflags);
	wr(v, GUEST_INTERRUPTIBILITY_INFO, v->intr_state);
	wr(v, GUEST_ACTIVITY_STATE, v->activity);
	wr(v, GUEST_INTR_STATUS, v->svi << 8 | v->rvi);
	if (v->exit_ctls & VM_EXIT_SAVE_VMX_PREEMPTION_TIMER)
		wr(v, VMX_PREEMPTION_TIMER_VALUE, left >> SIM_INTEL_TIMER_SHIFT);
}

/* What an exit loads, as far as the simulated CPU has it */
static void load_host(struct vmx_run *v)
{
	if (v->exit_ctls & VM_EXIT_LOAD_IA32_PAT)
		wrmsrq(MSR_IA32_CR_PAT, rd(v, HOST_IA32_PAT));
	wrmsrq(MSR_IA32_DEBUGCTLMSR, 0);
	set_debugreg(DR7_FIXED_1, 7);
}

/* Entry has failed after the checks of controls and host: an exit */
static void fail_entry(struct vmx_run *v, u32 reason, u64 qual)
{
	wr(v, VM_EXIT_REASON, reason | VMX_EXIT_REASONS_FAILED_VMENTRY);
	wr(v, EXIT_QUALIFICATION, qual);
}

static void inject(struct vmx_run *v)
{
	u32 info = rd(v, VM_ENTRY_INTR_INFO_FIELD);

	if (!(info & INTR_INFO_VALID_MASK))
		return;
	/* Delivered, in any case: a guest takes events at once. */
	wr(v, VM_ENTRY_INTR_INFO_FIELD, info & ~INTR_INFO_VALID_MASK);
	event_ends_halt(v);
	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR &&
	    v->pin & PIN_BASED_VIRTUAL_NMIS)
		v->intr_state |= GUEST_INTR_STATE_NMI;
	sim_vmx_took_event(v, info);
}

static void run(struct vmx_run *v)
{
	enum sim_step next = SIM_STEP_NEXT;
	struct sim_script *s = v->s;

	/* KVM has told lockdep that the guest takes interrupts; they are off so far. */
	lockdep_hardirqs_off(CALLER_ADDR0);
	if (s)
		raw_spin_lock(&s->lock);
	sim_vmx_resume(v);
	inject(v);
	if (v->vapic && v->exec2 & SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY)
		update_ppr(v);
	if (s)
		raw_spin_unlock(&s->lock);

	while (next == SIM_STEP_NEXT) {
		/* What a host interrupt is for, the host does at once. */
		local_irq_enable();
		local_irq_disable();
		if (s)
			raw_spin_lock(&s->lock);
		if (v->pin & PIN_BASED_EXT_INTR_MASK &&
		    sim_script_interrupted(&v->vmx->vcpu, s))
			next = exit_interrupt(v);
		else
			next = step(v);
		if (s)
			raw_spin_unlock(&s->lock);
	}
	lockdep_hardirqs_on_prepare();
	lockdep_hardirqs_on(CALLER_ADDR0);
}

/* Return: 0, or the number of the failure */
static enum sim_vm_error enter(struct vmx_run *v, bool resume)
{
	if (resume && !v->c->launched)
		return SIM_VMERR_VMRESUME_NOT_LAUNCHED;
	if (!resume && v->c->launched)
		return SIM_VMERR_VMLAUNCH_NOT_CLEAR;
	load(v);
	if (!controls_valid(v))
		return SIM_VMERR_CONTROLS;
	if (!host_valid(v))
		return SIM_VMERR_HOST_STATE;
	return 0;
}

/* What the last exit left is not about this one. */
static void clear_exit_info(struct vmx_run *v)
{
	wr(v, VM_EXIT_INTR_INFO, 0);
	wr(v, VM_EXIT_INTR_ERROR_CODE, 0);
	wr(v, IDT_VECTORING_INFO_FIELD, 0);
	wr(v, IDT_VECTORING_ERROR_CODE, 0);
	wr(v, VM_EXIT_INSTRUCTION_LEN, 0);
	wr(v, VMX_INSTRUCTION_INFO, 0);
}

/* SPEC_CTRL, which this CPU does not virtualize: vmenter.S switches it. */
static void spec_ctrl(struct vcpu_vmx *vmx, unsigned int flags, bool entry, u64 *host)
{
	if (!boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL))
		return;
	if (entry) {
		rdmsrq(MSR_IA32_SPEC_CTRL, *host);
		wrmsrq(MSR_IA32_SPEC_CTRL, vmx->spec_ctrl);
	} else {
		if (flags & KVM_ENTER_SAVE_SPEC_CTRL)
			rdmsrq(MSR_IA32_SPEC_CTRL, vmx->spec_ctrl);
		wrmsrq(MSR_IA32_SPEC_CTRL, *host);
	}
}

bool __vmx_vcpu_run(struct vcpu_vmx *vmx, unsigned int flags)
{
	struct vmx_run v = {
		.vmx = vmx,
		.c = sim_vmcs_current(),
		.regs = vmx->vcpu.arch.regs,
	};
	enum sim_vm_error error;
	u64 host_spec_ctrl;

	vmx_update_host_rsp(vmx, (unsigned long)__builtin_frame_address(0));
	/* VMfailInvalid: there is no current VMCS */
	if (!v.c)
		return true;

	v.s = sim_script_get(&vmx->vcpu);
	error = enter(&v, flags & KVM_ENTER_VMRESUME);
	sim_script_note_entry(v.s, !error);
	if (error) {
		wr(&v, VM_INSTRUCTION_ERROR, error);
		goto out;
	}

	clear_exit_info(&v);
	if (!guest_valid(&v)) {
		fail_entry(&v, EXIT_REASON_INVALID_STATE, 0);
		goto out;
	}
	if (!msr_list(&v, VM_ENTRY_MSR_LOAD_ADDR, VM_ENTRY_MSR_LOAD_COUNT, false)) {
		fail_entry(&v, EXIT_REASON_MSR_LOAD_FAIL, 1);
		goto out;
	}
	v.c->launched = true;
	spec_ctrl(vmx, flags, true, &host_spec_ctrl);
	run(&v);
	spec_ctrl(vmx, flags, false, &host_spec_ctrl);
	store(&v);
	/* A CPU shuts down if this fails. */
	WARN_ON_ONCE(!msr_list(&v, VM_EXIT_MSR_STORE_ADDR, VM_EXIT_MSR_STORE_COUNT, true));
	load_host(&v);
	WARN_ON_ONCE(!msr_list(&v, VM_EXIT_MSR_LOAD_ADDR, VM_EXIT_MSR_LOAD_COUNT, false));
out:
	if (v.s)
		sim_script_put(v.s);
	return error;
}
