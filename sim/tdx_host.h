/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one simulated TDX module of this kernel: how the platform sets it up,
 * what the guests on its CPUs ask of it, what the oracles ask it.
 */
#ifndef _SIM_TDX_HOST_H
#define _SIM_TDX_HOST_H

#include "host.h"
#include "tdx.h"

/**
 * struct sim_tdx_platform - what the simulated module needs of the platform
 *
 * What TDs can have of CPUID and XFAM follows from CPUID, which is asked as it is;
 * every possible CPU is a logical processor of the module.
 *
 * @maxpa: bits of a physical address as CPUID reports it, HKID bits included
 * @hkid_bits: how many of them, the topmost ones, are the HKID; the rest is what
 *	boot_cpu_data.x86_phys_bits has to say
 * @private_min: first private HKID: KeyIDs of IA32_MKTME_KEYID_PARTITIONING that
 *	are not TDX's, plus one
 * @private_max: last private HKID, below SIM_TDX_MAX_HKIDS
 * @nr_packages: packages, at most SIM_TDX_MAX_PACKAGES
 * @cmr: convertible memory, ascending; all of what memblock has, from 1 MiB on
 * @nr_cmrs: how many, at most SIM_TDX_MAX_CMRS
 * @phys: address at which the hardware itself accesses the page at @pa, whatever
 *	the kernel's own mapping of it allows; NULL: no memory.  Any context.
 * @mem: where the hardware itself has @mem_size bytes of memory from @mem_start on;
 *	nothing but a short cut: @phys knows all of it
 * @mem_start: first byte
 * @mem_size: bytes, 0: there is no such piece
 * @protect: what the kernel's mapping of @nr pages from @pfn is to allow.  Any
 *	context, interrupts off.  0, or -errno if the mapping did not change.
 *	NULL: this platform has no such means, oracle O2 is off.
 * @lp: number of the logical processor that executes this, and its package.
 *	Preemption is off.
 * @vmx_on: is this processor in VMX operation?  A SEAMCALL outside of it is #UD.
 *	NULL: nobody knows.  Preemption is off.
 * @enter: run a vCPU until something makes it exit; see sim_tdx_env_run().
 *	Interrupts are off and lockdep knows, the lock of the gate is not held.
 *	The vCPU is the one of kvm_get_running_vcpu().  For what the guest does there is
 *	sim_tdx_gate_accept(), sim_tdx_gate_read(), sim_tdx_gate_write().
 */
struct sim_tdx_platform {
	u32 maxpa;
	u32 hkid_bits;
	u32 private_min;
	u32 private_max;
	u32 nr_packages;
	const struct sim_tdx_area *cmr;
	u32 nr_cmrs;
	void *(*phys)(u64 pa);
	void *mem;
	u64 mem_start;
	u64 mem_size;
	int (*protect)(u64 pfn, u32 nr, enum sim_mem_prot prot);
	u32 (*lp)(u32 *package);
	bool (*vmx_on)(void);
	u64 (*enter)(struct sim_tdx *t, u64 tdvpr, u64 tdr, struct sim_tdx_regs *regs);
};

/**
 * sim_tdx_host_init() - load the module and bind it
 * @plat: the platform, must stay valid for ever
 * @seed: seed of the module's random numbers
 *
 * Binds tdx_module_ops.  To be called once, at boot, before tdx_init().  After it
 * the module is loaded and SYS.INIT has not been done: the kernel's own bring-up
 * does the rest.
 *
 * Return: 0, or -EINVAL if @plat makes no sense.
 */
int sim_tdx_host_init(const struct sim_tdx_platform *plat, u64 seed);

/**
 * typedef sim_tdx_yield_fn - runs in the middle of a SEAMCALL
 * @ctx: of whoever installed it
 *
 * The module holds the locks of that call, and the lock of the gate is free: a
 * SEAMCALL made here, or meanwhile on another CPU, can be BUSY.  Interrupts are
 * off.  It is called for the SEAMCALLs that it makes itself as well.
 */
typedef void (*sim_tdx_yield_fn)(void *ctx);

/**
 * sim_tdx_host_set_yield() - let something happen in the middle of SEAMCALLs
 * @fn: called once in each of them, NULL: nothing happens
 * @ctx: passed to it
 *
 * For tests.  Any context.
 */
void sim_tdx_host_set_yield(sim_tdx_yield_fn fn, void *ctx);

/**
 * sim_tdx_gate_accept() - TDG.MEM.PAGE.ACCEPT by a guest, see sim_tdx_accept()
 * @tdr: the TD
 * @rcx: GPA and level
 * @interrupted: an interrupt cut it short; the guest executes it again
 *
 * Any context.
 */
u64 sim_tdx_gate_accept(u64 tdr, u64 rcx, bool *interrupted);

/**
 * sim_tdx_gate_read() - a guest reads private memory, see sim_tdx_guest_read()
 * @tdr: the TD
 * @gpa: guest physical address
 * @buf: where the bytes go
 * @len: how many, within one 4 KiB page
 *
 * Any context.
 */
bool sim_tdx_gate_read(u64 tdr, u64 gpa, void *buf, u32 len);

/**
 * sim_tdx_gate_write() - a guest writes private memory, see sim_tdx_guest_write()
 * @tdr: the TD
 * @gpa: guest physical address
 * @buf: the bytes
 * @len: how many, within one 4 KiB page
 *
 * Any context.
 */
bool sim_tdx_gate_write(u64 tdr, u64 gpa, const void *buf, u32 len);

struct kvm;

/**
 * sim_tdx_mirror_may_be_ahead() - except from O7 what KVM has mapped and not yet added
 * @fn: whether the mirror may map @gfn while the entry of the S-EPT is free; called
 *	with interrupts off.  NULL: it never may, which is the default.
 *
 * In 7.2 there are no such pages.  Who introduces them has to know each of them.
 */
void sim_tdx_mirror_may_be_ahead(bool (*fn)(struct kvm *kvm, u64 gfn));

/**
 * sim_tdx_gate_lock() - keep the module still
 * @flags: for sim_tdx_gate_unlock()
 *
 * For those who look at several things at once with the functions of tdx.h.
 * Interrupts are off until sim_tdx_gate_unlock().
 *
 * Return: the module; NULL if this machine has none, which is not to be unlocked.
 */
struct sim_tdx *sim_tdx_gate_lock(unsigned long *flags);

/**
 * sim_tdx_gate_unlock() - let the module go on
 * @flags: of sim_tdx_gate_lock()
 */
void sim_tdx_gate_unlock(unsigned long flags);

#endif /* _SIM_TDX_HOST_H */
