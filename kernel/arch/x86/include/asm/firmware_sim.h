/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an x86 kernel meets firmware that is simulated, and that its CPU knows
 * nothing of.  UML has a CPU of its own for that.
 */
#ifndef _ASM_X86_FIRMWARE_SIM_H
#define _ASM_X86_FIRMWARE_SIM_H

#include <linux/types.h>

#if defined(CONFIG_KVM_FIRMWARE_SIM) && !defined(CONFIG_UML)

/*
 * Before anything asks for CPUID, an MSR or the memory map: take over what
 * firmware_sim= on the command line says.
 */
void firmware_sim_setup(void);

/* This CPU wrote back and invalidated its caches. */
void firmware_sim_wbinvd(void);

/*
 * The kernel faulted on its own mapping of memory.  True if the page was not its
 * to touch, by what the simulator says; the access is to be repeated.
 */
bool firmware_sim_fault(unsigned long address, bool write, unsigned long ip);

/* Is the guest's memory only encrypted as far as the simulator goes?  No CPU can run it then. */
bool firmware_sim_bound(void);

#else

static inline void firmware_sim_setup(void) { }
static inline void firmware_sim_wbinvd(void) { }
static inline bool firmware_sim_fault(unsigned long address, bool write, unsigned long ip)
{
	return false;
}

static inline bool firmware_sim_bound(void) { return false; }

#endif

#endif /* _ASM_X86_FIRMWARE_SIM_H */
