/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The x86 header with X86_LOCAL_APIC=n: the helpers for a register page.  An IPI is
 * one of the simulated CPU's; AVIC, which would send others, is off.
 */
#ifndef _SIM_SHIM_APIC_H
#define _SIM_SHIM_APIC_H
#include <linux/bug.h>
#include <asm/irq_vectors.h>
#include "../../../../x86/include/asm/apic.h"

#ifdef CONFIG_KVM_INTEL
void sim_send_ipi(const struct cpumask *mask, int vector);
#else
static inline void sim_send_ipi(const struct cpumask *mask, int vector)
{
	WARN_ON_ONCE(1);
}
#endif

static inline void __apic_send_IPI_mask(const struct cpumask *mask, int vector)
{
	sim_send_ipi(mask, vector);
}

static inline void __apic_send_IPI_self(int vector)
{
	sim_send_ipi(cpumask_of(raw_smp_processor_id()), vector);
}
#endif
