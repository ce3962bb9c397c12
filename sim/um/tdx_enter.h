/* SPDX-License-Identifier: GPL-2.0 */
/* TDH.VP.ENTER: the guest's side */
#ifndef _SIM_UM_TDX_ENTER_H
#define _SIM_UM_TDX_ENTER_H

#include <linux/types.h>

struct sim_tdx;
struct sim_tdx_regs;

/**
 * sim_tdx_enter() - run a TD's vCPU until it exits
 * @t: module
 * @tdvpr: the vCPU, the one of kvm_get_running_vcpu()
 * @tdr: its TD
 * @regs: general registers of TDH.VP.ENTER, and of the TD exit afterwards
 *
 * Executes the vCPU's script.  Without one, the vCPU fetches its first instruction
 * at the reset vector, and shuts down.  Interrupts are off, for lockdep as well; they
 * are taken between the guest's instructions.  The lock of the gate is not held.
 *
 * Return: RAX of TDH.VP.ENTER.
 */
u64 sim_tdx_enter(struct sim_tdx *t, u64 tdvpr, u64 tdr, struct sim_tdx_regs *regs);

#endif /* _SIM_UM_TDX_ENTER_H */
