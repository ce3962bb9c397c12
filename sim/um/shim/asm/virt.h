/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_VIRT_H
#define _SIM_SHIM_VIRT_H
#include_next <asm/virt.h>
/* Reached through other headers on x86 */
#include <asm/perf_event.h>
#include <asm/pgtable_types.h>
#include <asm/fpu/types.h>
#include <asm/nospec-branch.h>
#include <asm/tlbflush.h>
#ifndef CONFIG_SMP
#include <asm/smp.h>
#endif
#endif
