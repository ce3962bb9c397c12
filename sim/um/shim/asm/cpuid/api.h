/* SPDX-License-Identifier: GPL-2.0 */
/* x86's CPUID accessors, on the CPUID of the simulated CPU. */
#ifndef _SIM_SHIM_CPUID_API_H
#define _SIM_SHIM_CPUID_API_H
#include <asm/paravirt.h>
#define CONFIG_PARAVIRT_XXL 1
#include_next <asm/cpuid/api.h>
#undef CONFIG_PARAVIRT_XXL
#endif
