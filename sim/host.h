/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one simulated machine of this kernel: how it is set up by the platform,
 * what the CPUs of the platform tell it, what the oracles ask it.
 */
#ifndef _SIM_HOST_H
#define _SIM_HOST_H

#include "machine.h"

/**
 * enum sim_mem_prot - what the kernel's own mapping of a page allows
 * @SIM_MEM_OPEN: everything
 * @SIM_MEM_READONLY: reads
 * @SIM_MEM_CLOSED: nothing
 */
enum sim_mem_prot {
	SIM_MEM_OPEN,
	SIM_MEM_READONLY,
	SIM_MEM_CLOSED,
};

/**
 * struct sim_platform - what the simulated hardware needs of the platform
 *
 * @phys: address at which the hardware itself accesses the page at @pa, whatever
 *	the kernel's own mapping of it allows.  Any context.
 * @protect: what the kernel's mapping of @nr pages from @pfn is to allow.  Any
 *	context, interrupts off.  0, or -errno if the mapping did not change.
 *	NULL: this platform has no such means, oracle O2 is off.
 */
struct sim_platform {
	void *(*phys)(u64 pa);
	int (*protect)(u64 pfn, u32 nr, enum sim_mem_prot prot);
};

/**
 * sim_host_init() - power the machine on and bind it
 * @cfg: what it is made of, copied
 * @plat: the platform, must stay valid for ever
 * @seed: seed of the random numbers of the firmware
 *
 * Binds rmp_ops and psp_ops.  To be called once, at boot, before
 * snp_rmptable_init().
 *
 * Return: 0, or -EINVAL if @cfg makes no sense.
 */
int sim_host_init(const struct sim_machine_config *cfg,
		  const struct sim_platform *plat, u64 seed);

/**
 * sim_host_wbinvd() - a CPU wrote back and invalidated its caches
 * @cpu: the CPU
 *
 * Any context.
 */
void sim_host_wbinvd(u32 cpu);

/**
 * sim_host_set_snp_enabled() - the SNP bits of SYSCFG changed
 * @enabled: set on every CPU
 *
 * Any context.
 */
void sim_host_set_snp_enabled(bool enabled);

/**
 * sim_host_set_hsave() - VM_HSAVE_PA changed
 * @nonzero: not zero on some CPU
 *
 * Any context.
 */
void sim_host_set_hsave(bool nonzero);

/**
 * sim_host_page_owner() - who owns a page?
 * @pfn: page
 * @o: the owner
 *
 * Any context.  Return: true if the page is not the host's.
 */
bool sim_host_page_owner(u64 pfn, struct sim_rmp_owner *o);

#define SIM_OWNER_TEXT	64

/**
 * sim_host_describe_owner() - who owns a page, in words
 * @pfn: page
 * @buf: gets the description
 * @len: room, SIM_OWNER_TEXT is enough
 *
 * By the RMP or by the PAMT, whichever this machine has.  Any context.
 *
 * Return: true if the page is not the host's.
 */
bool sim_host_describe_owner(u64 pfn, char *buf, size_t len);

/**
 * sim_host_fault() - the kernel faulted on its own mapping of memory
 * @pfn: page
 * @write: it was a write
 * @ip: where
 *
 * Opens the page, so that the access can be repeated, and reports a violation
 * of SIM_O2 if the page is not the host's to write, or of TDX at all.  Any
 * context.
 *
 * Return: true if the fault was due to the simulated hardware, i.e. the access
 * is to be repeated.
 */
bool sim_host_fault(u64 pfn, bool write, unsigned long ip);

/**
 * sim_host_check_clean() - does anything of any guest remain?
 * @report: called for each finding, may be NULL
 * @ctx: passed to @report
 *
 * See sim_machine_check_clean(); of a TDX module its TDs, their pages and HKIDs.
 * @report is called with interrupts off.
 *
 * Return: number of findings.
 */
u32 sim_host_check_clean(void (*report)(void *ctx, const struct sim_dirt_report *r),
			 void *ctx);

/**
 * sim_host_check_touched() - the same question, of what was touched since it was last asked
 * @report: called for each finding, may be NULL
 * @ctx: passed to @report
 *
 * See sim_machine_check_touched() and sim_tdx_next_touched(): for those who ask after
 * every VM, and ask sim_host_check_clean() now and then whether it says the same.
 * @report is called with interrupts off.
 *
 * Return: number of findings.
 */
u32 sim_host_check_touched(void (*report)(void *ctx, const struct sim_dirt_report *r),
			   void *ctx);

#endif /* _SIM_HOST_H */
