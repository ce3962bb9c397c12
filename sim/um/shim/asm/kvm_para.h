/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_PARA_H
#define _SIM_SHIM_PARA_H
#include_next <asm/kvm_para.h>
#include <uapi/asm/kvm_para.h>
#define kvm_async_pf_task_wait_schedule(T)	do {} while (0)
static inline u32 kvm_read_and_reset_apf_flags(void) { return 0; }
#endif
