/* SPDX-License-Identifier: GPL-2.0 */
/* VMRUN: state of the simulated CPU while it runs a guest */
#ifndef _SIM_UM_SVM_VMRUN_H
#define _SIM_UM_SVM_VMRUN_H

#include "guest_priv.h"

struct vcpu_svm;
struct vmcb_control_area;
struct vmcb_save_area;

/**
 * struct vmrun - one VMRUN instruction
 * @svm: the vCPU
 * @c: control area of the VMCB
 * @save: state of a guest whose registers are not encrypted
 * @regs: its general purpose registers, except RAX and RSP
 * @s: script, or NULL
 * @sev: memory is encrypted with the key of @asid
 * @es: registers are encrypted, state is in the VMSA
 * @snp: guest accesses are checked against the RMP
 * @vmpl: privilege level, SNP only
 * @asid: address space
 * @vmsa_pa: the VMSA
 * @rip: instruction pointer
 * @rflags: flags
 * @pauses: PAUSE instructions until the filter makes the next one exit
 */
struct vmrun {
	struct vcpu_svm *svm;
	struct vmcb_control_area *c;
	struct vmcb_save_area *save;
	unsigned long *regs;
	struct sim_script *s;
	bool sev;
	bool es;
	bool snp;
	u8 vmpl;
	u32 asid;
	u64 vmsa_pa;
	u64 rip;
	u64 rflags;
	int pauses;
};

/**
 * enum sim_acc - outcome of one access
 * @SIM_ACC_OK: done
 * @SIM_ACC_EXIT: exited; to be repeated
 * @SIM_ACC_STUCK: faulted too often; the operation has ended
 * @SIM_ACC_INVALID: #VC: the page is not validated
 * @SIM_ACC_MMIO: #VC: emulated MMIO in a guest with encrypted registers
 */
enum sim_acc {
	SIM_ACC_OK,
	SIM_ACC_EXIT,
	SIM_ACC_STUCK,
	SIM_ACC_INVALID,
	SIM_ACC_MMIO,
};

#define SIM_VC_NOT_VALIDATED	0x404	/* error code of #VC */

static inline struct sim_script_op *sim_cur_op(struct vmrun *v)
{
	return sim_script_cur_op(v->s);
}

static inline struct sim_script_result *sim_cur_res(struct vmrun *v)
{
	return sim_script_cur_res(v->s);
}

/* One access that lies within a page; SIM_SCRIPT_F_* */
enum sim_acc sim_svm_access(struct vmrun *v, u64 gpa, void *buf, u32 len, bool write,
			    u32 flags);
/* Leave the guest */
enum sim_step sim_svm_exit(struct vmrun *v, u64 code, u64 info1, u64 info2);
/* The current operation has ended; its last instruction had @len bytes */
enum sim_step sim_svm_finish(struct vmrun *v, u32 status, u32 len);
/* An access in the current operation did not succeed */
enum sim_step sim_svm_failed(struct vmrun *v, enum sim_acc acc, u32 len);

/* VMGEXIT and the GHCB, svm_ghcb.c */
enum sim_step sim_ghcb_step(struct vmrun *v);

#endif /* _SIM_UM_SVM_VMRUN_H */
