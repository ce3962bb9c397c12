/* SPDX-License-Identifier: GPL-2.0 */
/* VM entry: state of the simulated Intel CPU while it runs a guest */
#ifndef _SIM_UM_VMX_RUN_H
#define _SIM_UM_VMX_RUN_H

#include "guest_priv.h"

struct sim_vmcs;
struct vcpu_vmx;

/**
 * struct vmx_run - one VM entry
 * @vmx: the vCPU
 * @c: the VMCS
 * @regs: general purpose registers, except RSP
 * @s: script, or NULL
 * @pin: pin-based controls
 * @exec: primary processor-based controls
 * @exec2: secondary ones, 0 if they are not in use
 * @exit_ctls: VM-exit controls
 * @entry_ctls: VM-entry controls
 * @rip: instruction pointer
 * @rflags: flags
 * @intr_state: interruptibility
 * @activity: activity state
 * @vapic: virtual-APIC page, or NULL
 * @rvi: requesting virtual interrupt
 * @svi: servicing virtual interrupt
 * @deadline: when the VMX-preemption timer runs out
 */
struct vmx_run {
	struct vcpu_vmx *vmx;
	struct sim_vmcs *c;
	unsigned long *regs;
	struct sim_script *s;
	u32 pin;
	u32 exec;
	u32 exec2;
	u32 exit_ctls;
	u32 entry_ctls;
	u64 rip;
	u64 rflags;
	u32 intr_state;
	u32 activity;
	void *vapic;
	u8 rvi;
	u8 svi;
	u64 deadline;
};

/**
 * enum sim_vmx_acc - outcome of one access
 * @SIM_VMX_ACC_OK: done
 * @SIM_VMX_ACC_EXIT: exited; to be repeated
 * @SIM_VMX_ACC_STUCK: faulted too often; the operation has to end
 */
enum sim_vmx_acc {
	SIM_VMX_ACC_OK,
	SIM_VMX_ACC_EXIT,
	SIM_VMX_ACC_STUCK,
};

/* Fields of the VMCS */
u64 sim_vmx_rd(struct vmx_run *v, u32 field);
void sim_vmx_wr(struct vmx_run *v, u32 field, u64 val);
/* One access that lies within a page */
enum sim_vmx_acc sim_vmx_access(struct vmx_run *v, u64 gpa, void *buf, u32 len, bool write,
				bool exec);
/* Leave the guest */
enum sim_step sim_vmx_exit(struct vmx_run *v, u32 reason, u64 qual);
/* Leave it at an instruction of @len bytes, which KVM may execute */
enum sim_step sim_vmx_exit_insn(struct vmx_run *v, u32 reason, u64 qual, u32 len);

/*
 * An MSR of the APIC that does not exit: virtualized by the CPU?  If so, @next says
 * whether the access exits after all.
 */
bool sim_vmx_x2apic(struct vmx_run *v, u32 msr, u64 *val, bool write, enum sim_step *next);

/* The guest, vmx_guest.c */

/* Where KVM has left the instruction that exited */
void sim_vmx_resume(struct vmx_run *v);
/* An event was delivered, as in the VM-entry interruption information */
void sim_vmx_took_event(struct vmx_run *v, u32 info);
/* One instruction */
enum sim_step sim_vmx_step_code(struct vmx_run *v);

#endif /* _SIM_UM_VMX_RUN_H */
