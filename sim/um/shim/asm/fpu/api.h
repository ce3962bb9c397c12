/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_FPU_API_H
#define _SIM_SHIM_FPU_API_H
#include "../../../../../x86/include/asm/fpu/api.h"
#define TIF_NEED_FPU_LOAD	31	/* never set */
#define _TIF_NEED_FPU_LOAD	0
#endif
