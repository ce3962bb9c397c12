/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The CPU virtualizes SPEC_CTRL, so that KVM does not ask the kernel to switch it.
 * x86's header wants x86's thread flags.
 */
#ifndef _SIM_SHIM_SPEC_CTRL_H
#define _SIM_SHIM_SPEC_CTRL_H
#include <linux/bug.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>

extern bool itlb_multihit_kvm_mitigation;

static inline void x86_spec_ctrl_set_guest(u64 guest_virt_spec_ctrl)
{
	WARN_ON_ONCE(1);
}

static inline void x86_spec_ctrl_restore_host(u64 guest_virt_spec_ctrl)
{
	WARN_ON_ONCE(1);
}
#endif
