/* SPDX-License-Identifier: GPL-2.0 */
/* Scripted guests: the script as VMRUN sees it */
#ifndef _SIM_UM_GUEST_PRIV_H
#define _SIM_UM_GUEST_PRIV_H

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
 */
enum sim_script_phase {
	SIM_PHASE_START,
	SIM_PHASE_EMUL,
	SIM_PHASE_GHCB_WRITE,
	SIM_PHASE_GHCB_READ,
	SIM_PHASE_MSR,
};

/**
 * struct sim_script - a script and its progress
 * @ref: the owner, and VMRUN while it executes the script
 * @rcu: freed from contexts that must not sleep
 * @node: in the table of all scripts, by @vcpu
 * @vcpu: whose it is
 * @file: held for the owner, or NULL
 * @detached: VMRUN has to let go of it
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

#endif /* _SIM_UM_GUEST_PRIV_H */
