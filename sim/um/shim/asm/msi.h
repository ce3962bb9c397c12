/* SPDX-License-Identifier: GPL-2.0 */
/* The x86 header without interrupt domains: KVM decodes messages only. */
#ifndef _SIM_SHIM_MSI_H
#define _SIM_SHIM_MSI_H
#include <linux/types.h>
struct msi_msg;
struct irq_domain;
struct device;
#define _ASM_X86_HW_IRQ_H
#define _ASM_IRQDOMAIN_H
#include "../../../../x86/include/asm/msi.h"
#undef _ASM_X86_HW_IRQ_H
#undef _ASM_IRQDOMAIN_H
#endif
