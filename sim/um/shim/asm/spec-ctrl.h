/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_SPECCTRL_H_
#define _ASM_X86_SPECCTRL_H_
#include <asm/msr.h>
extern bool itlb_multihit_kvm_mitigation;
static inline void x86_spec_ctrl_set_guest(u64 v) { }
static inline void x86_spec_ctrl_restore_host(u64 v) { }
#endif
