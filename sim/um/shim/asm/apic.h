/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The x86 header with X86_LOCAL_APIC=n: the helpers for a register page.  AVIC and
 * posted interrupts, which would send an IPI to the host's APIC, are off.
 */
#ifndef _SIM_SHIM_APIC_H
#define _SIM_SHIM_APIC_H
#include <linux/bug.h>
#include <asm/irq_vectors.h>
#include "../../../../x86/include/asm/apic.h"

static inline void __apic_send_IPI_mask(const struct cpumask *mask, int vector)
{
	WARN_ON_ONCE(1);
}

static inline void __apic_send_IPI_self(int vector)
{
	WARN_ON_ONCE(1);
}
#endif
