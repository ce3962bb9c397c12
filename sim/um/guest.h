/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scripted guests: the list of operations that VMRUN executes in place of a
 * guest's instructions, for code inside the kernel.  uapi/sim_guest.h has the
 * operations and the door for user space.
 */
#ifndef _SIM_UM_GUEST_H
#define _SIM_UM_GUEST_H

#include <linux/fs.h>
#include <linux/types.h>

#include "uapi/sim_guest.h"

struct kvm_vcpu;
struct sim_script;

/**
 * struct sim_script_params - a script
 * @ops: operations, copied
 * @nr_ops: their number, 1 .. SIM_SCRIPT_MAX_OPS
 * @data: bytes for SIM_SCRIPT_F_DATA, copied
 * @data_len: their number
 * @max_retries: give up an access after so many faults in a row; 0: default
 * @ghcb_gpa: GHCB to begin with, 0: none
 */
struct sim_script_params {
	const struct sim_script_op *ops;
	u32 nr_ops;
	const void *data;
	u32 data_len;
	u32 max_retries;
	u64 ghcb_gpa;
};

/**
 * sim_script_attach() - give a vCPU a script
 * @vcpu: vCPU; must stay until sim_script_detach()
 * @p: the script
 *
 * The vCPU executes it from its next VMRUN on.  Without a script, a vCPU
 * fetches at RIP, knows HLT, and shuts down at anything else.  Sleeps.
 *
 * Return: handle, or ERR_PTR: -EINVAL: malformed, -EEXIST: the vCPU has a
 * script, -ENOMEM.
 */
struct sim_script *sim_script_attach(struct kvm_vcpu *vcpu,
				     const struct sim_script_params *p);

/**
 * sim_script_attach_file() - give the vCPU behind a file a script
 * @file: of the vCPU; a reference is held until sim_script_detach()
 * @p: the script
 *
 * Return: as sim_script_attach(), or -EINVAL if @file is not a vCPU's.
 */
struct sim_script *sim_script_attach_file(struct file *file,
					  const struct sim_script_params *p);

/**
 * sim_script_result() - result of one operation
 * @s: script
 * @i: index of the operation
 * @r: the result; zeros if there is no such operation
 *
 * May be called while the vCPU runs.  Any context.
 */
void sim_script_result(struct sim_script *s, u32 i, struct sim_script_result *r);

/**
 * sim_script_state() - where the script is
 * @s: script
 * @state: the answer
 *
 * Any context.
 */
void sim_script_state(struct sim_script *s, struct sim_script_state *state);

/**
 * sim_script_data() - copy of the script's data
 * @s: script
 * @off: first byte
 * @buf: where it goes
 * @len: bytes
 *
 * Return: 0, or -EINVAL if the script has not as much data.
 */
int sim_script_data(struct sim_script *s, u32 off, void *buf, u32 len);

/**
 * sim_script_detach() - take the script away from its vCPU
 * @s: script, invalid afterwards
 *
 * A vCPU inside VMRUN leaves it as for a host interrupt.  Sleeps.
 */
void sim_script_detach(struct sim_script *s);

/**
 * sim_script_vcpu() - the vCPU behind a file
 * @file: any file
 *
 * KVM offers no test; a file of the anonymous inode file system whose name is
 * the one that KVM gives to the files of its vCPUs, with the vCPU's own number,
 * is one.  User space cannot choose names there.
 *
 * Return: vCPU, valid as long as the file is; or NULL.
 */
struct kvm_vcpu *sim_script_vcpu(struct file *file);

#endif /* _SIM_UM_GUEST_H */
