/* SPDX-License-Identifier: GPL-2.0 */
/* The x86 header; like MSRs, see asm/msr.h */
#ifndef _SIM_SHIM_SPECIAL_INSNS_H
#define _SIM_SHIM_SPECIAL_INSNS_H
#include <asm/alternative.h>
#define CONFIG_PARAVIRT_XXL 1
#include_next <asm/special_insns.h>
#undef CONFIG_PARAVIRT_XXL
#endif
