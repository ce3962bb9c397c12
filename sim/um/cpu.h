/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulated CPU: what stands below KVM in a User Mode Linux kernel.
 *
 * One vendor and model per boot (sim_cpu= on the command line), the state of
 * each CPU its own.  Code that runs on the simulated CPU reads and writes this
 * state through instructions, or through the accessors which shim/ puts in their
 * place.
 */
#ifndef _SIM_UM_CPU_H
#define _SIM_UM_CPU_H

#include <linux/bitmap.h>
#include <linux/percpu.h>
#include <linux/types.h>

struct cpuinfo_x86;

#define SIM_MAX_MSRS	128
#define SIM_NO_VMCS	(~0ULL)

/**
 * struct sim_cpu - state of one simulated CPU
 * @cr: control registers, by number
 * @dr: debug registers, by number
 * @xcr0: extended control register 0
 * @msr: values of the MSRs, in the order of the model's table
 * @gif: global interrupt flag of SVM
 * @vmxon: address of the VMXON region, SIM_NO_VMCS: not in VMX operation
 * @vmcs: address of the current VMCS, or SIM_NO_VMCS
 * @pi_notify: notification vectors of posted interrupts that have arrived
 * @nr_wbinvd: WBINVD and WBNOINVD executed since boot
 * @nr_ibpb: branch prediction barriers since boot
 * @nr_invept: INVEPT executed since boot
 * @nr_invvpid: INVVPID executed since boot
 *
 * Only the CPU itself touches its state, with preemption disabled wherever
 * hardware would not allow it to move either.
 */
struct sim_cpu {
	unsigned long cr[9];
	unsigned long dr[8];
	u64 xcr0;
	u64 msr[SIM_MAX_MSRS];
	bool gif;
	u64 vmxon;
	u64 vmcs;
	DECLARE_BITMAP(pi_notify, 256);
	unsigned long nr_wbinvd;
	unsigned long nr_ibpb;
	unsigned long nr_invept;
	unsigned long nr_invvpid;
};

DECLARE_PER_CPU(struct sim_cpu, sim_cpus);

/**
 * struct sim_msr - one MSR of a CPU model
 * @nr: its number
 * @reset: value after the BIOS has run
 * @writable: bits that software may change; a write that differs elsewhere is #GP
 * @write_only: reads are #GP (commands)
 */
struct sim_msr {
	u32 nr;
	u64 reset;
	u64 writable;
	bool write_only;
};

/**
 * struct sim_leaf - one CPUID leaf of a CPU model
 * @fn: EAX on entry
 * @index: ECX on entry; 0 for leaves that do not look at it
 * @r: EAX, EBX, ECX, EDX
 */
struct sim_leaf {
	u32 fn;
	u32 index;
	u32 r[4];
};

/**
 * struct sim_cpu_model - a CPU model
 * @name: value of sim_cpu= that selects it
 * @chosen: called when the command line asks for this model (may be NULL)
 * @leaves: CPUID, ascending by (fn, index)
 * @nr_leaves: their number
 * @msrs: MSRs, ascending by number; every other one does not exist
 * @nr_msrs: their number
 * @cpuid_fixup: leaves which depend on the state of the CPU (may be NULL)
 * @msr_write: effects of a write beyond keeping the value; an error is #GP
 *	       (may be NULL)
 * @msr_written: tells the rest of the machine about a new value (may be NULL)
 * @identify: fills in what the x86 kernel finds out at boot
 * @boot: the rest of the x86 kernel's boot sequence for this vendor
 */
struct sim_cpu_model {
	const char *name;
	void (*chosen)(void);
	const struct sim_leaf *leaves;
	unsigned int nr_leaves;
	const struct sim_msr *msrs;
	unsigned int nr_msrs;
	void (*cpuid_fixup)(struct sim_cpu *cpu, u32 fn, u32 index, u32 *r);
	int (*msr_write)(struct sim_cpu *cpu, u32 nr, u64 old, u64 *val);
	void (*msr_written)(u32 nr);
	void (*identify)(struct cpuinfo_x86 *c);
	int (*boot)(void);
};

extern const struct sim_cpu_model sim_cpu_amd;
extern const struct sim_cpu_model sim_cpu_intel;

void sim_identify(struct cpuinfo_x86 *c);
u64 sim_msr_peek(int cpu, u32 nr);
void sim_msr_poke(u32 nr, u64 val);
void sim_wbinvd(void);
void sim_insn_init(void);
int sim_rmp_boot(void);
void sim_fpu_init(void);

#endif
