/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The x86 header leaves the emulation helpers out on UML, whose pt_regs have
 * other members.
 */
#ifndef _SIM_SHIM_TEXT_PATCHING_H
#define _SIM_SHIM_TEXT_PATCHING_H
#include <asm/processor-flags.h>
#include <asm/ptrace.h>
struct sim_int3_regs {
	unsigned long ip, sp, flags;
};
#pragma push_macro("CONFIG_UML_X86")
#undef CONFIG_UML_X86
#define pt_regs sim_int3_regs
#include_next <asm/text-patching.h>
#undef pt_regs
#pragma pop_macro("CONFIG_UML_X86")
#endif
