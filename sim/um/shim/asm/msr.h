/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The x86 header.  Ordinary accesses go to the simulated CPU the way a
 * paravirtualized kernel does them; the native_*() ones execute the instruction,
 * which traps.
 */
#ifndef _SIM_SHIM_MSR_H
#define _SIM_SHIM_MSR_H
#include <asm/errno.h>
#define CONFIG_PARAVIRT_XXL 1
#include_next <asm/msr.h>
#undef CONFIG_PARAVIRT_XXL
#endif
