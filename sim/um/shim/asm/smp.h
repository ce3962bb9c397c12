/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UML's header for starting and calling CPUs, the x86 one for caches and APIC
 * IDs.  What both define is renamed in the latter.
 */
#ifndef _SIM_SHIM_SMP_H
#define _SIM_SHIM_SMP_H
#include_next <asm/smp.h>
#include <linux/percpu-defs.h>
#include <linux/cpumask.h>

#define smp_send_stop				x86_smp_send_stop
#define smp_prepare_cpus			x86_smp_prepare_cpus
#define smp_cpus_done				x86_smp_cpus_done
#define __cpu_disable				x86_cpu_disable
#define __cpu_die				x86_cpu_die
#define arch_smp_send_reschedule		x86_smp_send_reschedule
#define arch_send_call_function_single_ipi	x86_send_call_function_single_ipi
#define arch_send_call_function_ipi_mask	x86_send_call_function_ipi_mask
#define DECLARE_EARLY_PER_CPU_READ_MOSTLY	DECLARE_PER_CPU_READ_MOSTLY
#pragma push_macro("raw_smp_processor_id")
#undef raw_smp_processor_id
#include "../../../../x86/include/asm/smp.h"
#undef smp_send_stop
#undef smp_prepare_cpus
#undef smp_cpus_done
#undef __cpu_disable
#undef __cpu_die
#undef arch_smp_send_reschedule
#undef arch_send_call_function_single_ipi
#undef arch_send_call_function_ipi_mask
#undef DECLARE_EARLY_PER_CPU_READ_MOSTLY
#undef raw_smp_processor_id
#undef __smp_processor_id
#pragma pop_macro("raw_smp_processor_id")
#ifndef CONFIG_SMP
/* <linux/smp.h> comes first then. */
#define __smp_processor_id()	raw_smp_processor_id()
#endif
#endif
