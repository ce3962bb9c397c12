/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_PERF_EVENT_H
#define _SIM_SHIM_PERF_EVENT_H
struct perf_event;
struct x86_pmu_lbr { unsigned int nr, from, to, info; bool has_callstack; };
struct perf_guest_switch_msr { unsigned int msr; u64 host, guest; };		/* x86 has it with CONFIG_PERF_EVENTS only */
#include_next <asm/perf_event.h>
#endif
