/* SPDX-License-Identifier: GPL-2.0 */
/* The x86 header without interrupt domains; IRQ_REMAP=n: nothing is posted. */
#ifndef _SIM_SHIM_IRQ_REMAPPING_H
#define _SIM_SHIM_IRQ_REMAPPING_H
#include <linux/types.h>
#include <linux/cpumask.h>
#define _ASM_X86_HW_IRQ_H
#define _ASM_IRQDOMAIN_H
#define _ASM_X86_IO_APIC_H
#include "../../../../x86/include/asm/irq_remapping.h"
#undef _ASM_X86_HW_IRQ_H
#undef _ASM_IRQDOMAIN_H
#undef _ASM_X86_IO_APIC_H
#endif
