/* SPDX-License-Identifier: GPL-2.0 */
/* Scripted guests: the script as the CPU that executes it sees it */
#ifndef _SIM_UM_GUEST_PRIV_H
#define _SIM_UM_GUEST_PRIV_H

#include <linux/bits.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <asm/page.h>

#include "guest.h"

/**
 * enum sim_script_phase - where the current operation is
 * @SIM_PHASE_START: at the start of an instruction
 * @SIM_PHASE_EMUL: the instruction at @ip exited; KVM may have executed it
 * @SIM_PHASE_GHCB_WRITE: @page has to be written to the GHCB
 * @SIM_PHASE_GHCB_READ: VMGEXIT has been executed, the GHCB holds the answer
 * @SIM_PHASE_MSR: VMGEXIT has been executed, the GHCB MSR holds the answer
 * @SIM_PHASE_TDVMCALL: TDG.VP.VMCALL has been executed, registers hold the answer
 */
enum sim_script_phase {
	SIM_PHASE_START,
	SIM_PHASE_EMUL,
	SIM_PHASE_GHCB_WRITE,
	SIM_PHASE_GHCB_READ,
	SIM_PHASE_MSR,
	SIM_PHASE_TDVMCALL,
};

/**
 * enum sim_step - what follows an instruction
 * @SIM_STEP_NEXT: the next instruction
 * @SIM_STEP_EXIT: the guest has exited
 */
enum sim_step {
	SIM_STEP_NEXT,
	SIM_STEP_EXIT,
};

/**
 * struct sim_td_state - what a TD's vCPU has beside the script
 * @intr_enabled: RFLAGS.IF
 * @intr_shadow: interrupts wait for one more instruction
 * @virr: interrupts that were posted and not taken yet
 * @exposed: registers that the last TDG.VP.VMCALL exposed, a bit for each
 * @reg: general registers of the guest, as far as its TDG.VP.VMCALL uses them
 */
struct sim_td_state {
	bool intr_enabled;
	bool intr_shadow;
	unsigned long virr[256 / BITS_PER_LONG];
	u32 exposed;
	u64 reg[16];
};

/**
 * struct sim_script - a script and its progress
 * @ref: the owner, and the CPU while it executes the script
 * @rcu: freed from contexts that must not sleep
 * @node: in the table of all scripts, by @vcpu
 * @vcpu: whose it is
 * @file: held for the owner, or NULL
 * @detached: the CPU has to let go of it
 * @lock: all that follows; held while an instruction executes
 * @max_retries: faults in a row of one access
 * @ghcb_gpa: the guest's GHCB, 0: none
 * @phase: enum sim_script_phase
 * @off: bytes of the current operation that are done
 * @chunk: bytes of the instruction that exited, or of the page state change
 *	request
 * @iter: iterations of a loop, or answers in a row that left a request unfinished
 * @ip: address of the instruction that exited
 * @insn_len: its length
 * @row: faults in a row
 * @row_gpa: of this access
 * @in_nmi: an NMI handler runs: IRET to come
 * @nmi_rip: where it returns to
 * @halted: HLT that was not intercepted
 * @td: state of a TD's vCPU
 * @page: GHCB being built, or bytes of an access
 * @st: counters
 * @data_len: bytes at @data
 * @ops: operations
 * @res: their results
 * @data: the script's data
 */
struct sim_script {
	struct kref ref;
	struct rcu_head rcu;
	struct hlist_node node;
	struct kvm_vcpu *vcpu;
	struct file *file;
	bool detached;

	raw_spinlock_t lock;
	u32 max_retries;
	u64 ghcb_gpa;
	enum sim_script_phase phase;
	u64 off;
	u32 chunk;
	u64 iter;
	u64 ip;
	u8 insn_len;
	u32 row;
	u64 row_gpa;
	bool in_nmi;
	u64 nmi_rip;
	bool halted;
	struct sim_td_state td;
	u8 page[PAGE_SIZE] __aligned(8);
	struct sim_script_state st;
	u32 data_len;
	struct sim_script_op *ops;
	struct sim_script_result *res;
	u8 *data;
};

/* Script of a vCPU, with a reference; or NULL.  Any context. */
struct sim_script *sim_script_get(struct kvm_vcpu *vcpu);
/* Any context. */
void sim_script_put(struct sim_script *s);

/* What any CPU does with a script, guest_ops.c.  With @lock held, but for the first two. */

/* Has the host something to do that makes the guest exit?  @s may be NULL. */
bool sim_script_interrupted(struct kvm_vcpu *vcpu, struct sim_script *s);
/* The guest was entered, or failed to.  @s may be NULL. */
void sim_script_note_entry(struct sim_script *s, bool ok);
/* An exit for a host interrupt */
void sim_script_note_intr(struct sim_script *s);
/* Any other exit; @fault: @info1 is the error code of a nested page fault */
void sim_script_note_exit(struct sim_script *s, u64 code, u64 info1, u64 info2, bool fault);
/* An access faulted; false: it did so too often */
bool sim_script_note_fault(struct sim_script *s, u64 gpa);
/* The current operation is to begin again */
void sim_script_restart(struct sim_script *s);
/* It has ended */
void sim_script_finish(struct sim_script *s, u32 status);
/* An event was delivered, as in EVENTINJ */
void sim_script_took_event(struct sim_script *s, u32 event);
/* The next bytes of a WRITE */
void sim_script_load(struct sim_script *s, u8 *buf, u32 len);
/* The next bytes of a READ; false: polling has not seen them yet */
bool sim_script_take(struct sim_script *s, const u8 *buf, u32 len);

static inline struct sim_script_op *sim_script_cur_op(struct sim_script *s)
{
	return &s->ops[s->st.next_op];
}

static inline struct sim_script_result *sim_script_cur_res(struct sim_script *s)
{
	return &s->res[s->st.next_op];
}

#endif /* _SIM_UM_GUEST_PRIV_H */
