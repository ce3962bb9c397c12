/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_DEBUGREG_H
#define _ASM_X86_DEBUGREG_H
#include <linux/bug.h>
#include <uapi/asm/debugreg.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#define DR7_FIXED_1	0x00000400
#define set_debugreg(value, reg)	do { (void)(value); } while (0)
#define get_debugreg(var, reg)		do { (var) = 0; } while (0)
static inline bool hw_breakpoint_active(void) { return false; }
static inline void hw_breakpoint_restore(void) { }
static inline unsigned long get_debugctlmsr(void) { return 0; }
static inline void update_debugctlmsr(unsigned long v) { }
#endif
