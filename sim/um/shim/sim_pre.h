/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included (-include) before everything else in the x86 files that run on the
 * simulated CPU.
 */
#ifndef _SIM_SHIM_PRE_H
#define _SIM_SHIM_PRE_H
/* No L1TF flushing: its flag lives in x86's irq_stat */
#undef CONFIG_CPU_MITIGATIONS
/* One package; the generic default of -1 ends up as a bit number in tdx.c */
#define topology_physical_package_id(cpu)	((void)(cpu), 0)
#include <linux/types.h>
#include <linux/cc_platform.h>
#include <asm/ptrace.h>
#include <asm/processor.h>
#include <asm/msr.h>
#include <asm/cpufeature.h>
#include <asm/special_insns.h>
#include <asm/tsc.h>
#include <asm/pgtable_types.h>
#include <linux/io.h>
/* Early mappings are for a segmented RMP, which this machine does not have. */
#define early_memremap(pa, size)	NULL
#define early_memunmap(p, size)		do { } while (0)

/*
 * No steal time: record_steal_time() accesses user memory in inline assembly,
 * which UML's kernel address space does not have.
 */
#include <linux/sched/stat.h>
#define sched_info_on()		0

#include <linux/percpu.h>
DECLARE_PER_CPU(bool, cache_state_incoherent);

/* UML has the ptrace offsets and HOST_FS_BASE as macros */
#include <linux/ptrace.h>
#include <sim_undef.h>

#ifdef SIM_PR_FMT
#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#endif
#ifdef SIM_OWN_PR_FMT
#undef pr_fmt
#endif
#endif
