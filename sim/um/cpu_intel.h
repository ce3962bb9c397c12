/* SPDX-License-Identifier: GPL-2.0 */
/* What is fixed about the simulated Intel CPU */
#ifndef _SIM_UM_CPU_INTEL_H
#define _SIM_UM_CPU_INTEL_H

#include <linux/types.h>

/* Bits of a physical address; the topmost ones are its KeyID. */
#define SIM_INTEL_MAXPA		52
#define SIM_INTEL_KEYID_BITS	6
/* KeyID 0 is the kernel's own, then come those of MKTME, then those of TDX. */
#define SIM_INTEL_MKTME_KEYIDS	31
#define SIM_INTEL_TDX_KEYIDS	32

#define SIM_INTEL_TSC_MHZ	2000
#define SIM_INTEL_CRYSTAL_HZ	25000000
/* The VMX-preemption timer counts once every 2^n cycles of the TSC. */
#define SIM_INTEL_TIMER_SHIFT	5

unsigned int sim_logical_processors(void);
bool sim_ipi_arrived(u8 vector);
int sim_tdx_boot(void);

#endif /* _SIM_UM_CPU_INTEL_H */
