/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_TSC_H
#define _ASM_X86_TSC_H
#include <linux/types.h>
extern unsigned int cpu_khz;
extern unsigned int tsc_khz;
u64 rdtsc(void);
#define rdtsc_ordered()		rdtsc()
static inline int check_tsc_unstable(void) { return 0; }
static inline void mark_tsc_unstable(char *reason) { }
#endif
