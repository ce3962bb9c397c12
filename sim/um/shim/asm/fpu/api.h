/* SPDX-License-Identifier: GPL-2.0 */
/* The x86 header; FPU registers are never loaded, see fpu.c */
#ifndef _SIM_SHIM_FPU_API_H
#define _SIM_SHIM_FPU_API_H
#include <linux/bits.h>
#define TIF_NEED_FPU_LOAD	31
#define _TIF_NEED_FPU_LOAD	BIT(31)
#include "../../../../../x86/include/asm/fpu/api.h"
#endif
