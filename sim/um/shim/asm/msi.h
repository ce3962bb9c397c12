/* SPDX-License-Identifier: GPL-2.0 */
/* The x86 header without interrupt domains: KVM decodes messages only. */
#ifndef _SIM_SHIM_MSI_H
#define _SIM_SHIM_MSI_H
#include <linux/types.h>
struct msi_msg;
struct irq_domain;
struct device;
/* The generic MSI code of a UML kernel with PCI allocates with its own struct. */
#include <asm-generic/msi.h>
#define irq_alloc_info	msi_alloc_info
#define _ASM_X86_HW_IRQ_H
#define _ASM_IRQDOMAIN_H
#include "../../../../x86/include/asm/msi.h"
#undef irq_alloc_info
#undef _ASM_X86_HW_IRQ_H
#undef _ASM_IRQDOMAIN_H
#endif
