/* SPDX-License-Identifier: GPL-2.0 */
/* X86_LOCAL_APIC=n: only the helpers for an APIC register page are real */
#ifndef _SIM_SHIM_APIC_H
#define _SIM_SHIM_APIC_H
#include <asm/irq_vectors.h>
#include "../../../../x86/include/asm/apic.h"
static inline void __apic_send_IPI_mask(const struct cpumask *mask, int vector) { }
static inline void __apic_send_IPI_self(int vector) { }
#endif
