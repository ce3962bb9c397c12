/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UML's header for tasks, the x86 one for CPUs.  Where both define something,
 * UML's is kept.
 */
#ifndef _SIM_SHIM_PROCESSOR_H
#define _SIM_SHIM_PROCESSOR_H
struct cpuinfo_x86;
#include_next <asm/processor.h>

#ifdef SIM_X86_FPU
/* For two functions of xstate.c, for ptrace and signal frames; never called */
struct sim_x86_thread {
	struct thread_struct;
	u32 pkru;
};
#define thread_struct sim_x86_thread
#endif

#include <linux/mm_types.h>
#include <linux/percpu.h>
#include <linux/prefetch.h>
#include <asm/desc_defs.h>

#pragma push_macro("INIT_THREAD")
#pragma push_macro("KSTK_EIP")
#pragma push_macro("KSTK_ESP")
#pragma push_macro("TASK_UNMAPPED_BASE")
#pragma push_macro("task_pt_regs")
#pragma push_macro("prefetch")
#pragma push_macro("prefetchw")
#undef INIT_THREAD
#undef KSTK_EIP
#undef KSTK_ESP
#undef TASK_UNMAPPED_BASE
#undef cache_line_size
#undef task_pt_regs
#undef prefetch
#undef prefetchw

#define boot_cpu_data	sim_cpu_data
#undef thread_struct
#define thread_struct	x86_thread_struct
#define start_thread	x86_start_thread
#define native_pause	x86_native_pause
#define cpu_relax	x86_cpu_relax
#define prefetch	x86_prefetch
#define prefetchw	x86_prefetchw
#define arch_thread_struct_whitelist x86_thread_struct_whitelist
/* Per-CPU accesses of the x86 scheduler */
#define __percpu_seg_override
#define this_cpu_read_const(x)	(*raw_cpu_ptr(&(x)))
#define this_cpu_read_stable(x)	(*raw_cpu_ptr(&(x)))

/* Nothing that would need the x86 entry code or its page tables */
#define CONFIG_PARAVIRT_XXL 1
#include "../../../../x86/include/asm/processor.h"
#undef CONFIG_PARAVIRT_XXL

#undef thread_struct
#undef start_thread
#undef native_pause
#undef cpu_relax
#undef prefetch
#undef prefetchw
#undef arch_thread_struct_whitelist
#undef __percpu_seg_override
#undef this_cpu_read_const
#undef this_cpu_read_stable
#undef INIT_THREAD
#undef KSTK_EIP
#undef KSTK_ESP
#undef TASK_UNMAPPED_BASE
#undef task_pt_regs
#undef HAVE_ARCH_PICK_MMAP_LAYOUT
#undef ARCH_HAS_PREFETCHW
#undef ARCH_MIN_TASKALIGN
#pragma pop_macro("INIT_THREAD")
#pragma pop_macro("KSTK_EIP")
#pragma pop_macro("KSTK_ESP")
#pragma pop_macro("TASK_UNMAPPED_BASE")
#pragma pop_macro("task_pt_regs")
#pragma pop_macro("prefetch")
#pragma pop_macro("prefetchw")

unsigned long amd_get_dr_addr_mask(unsigned int dr);

#include <asm/cpufeature.h>
#include <asm/cpuid/api.h>
#endif
