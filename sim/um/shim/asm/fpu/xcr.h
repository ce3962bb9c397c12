/* SPDX-License-Identifier: GPL-2.0 */
/* The x86 header, with XCRs of the simulated CPU: the host lets us read its own */
#ifndef _SIM_SHIM_FPU_XCR_H
#define _SIM_SHIM_FPU_XCR_H
#define xgetbv			x86_xgetbv
#define xsetbv			x86_xsetbv
#define xfeatures_in_use	x86_xfeatures_in_use
#include "../../../../../x86/include/asm/fpu/xcr.h"
#undef xgetbv
#undef xsetbv
#undef xfeatures_in_use

u64 sim_xgetbv(u32 index);
void sim_xsetbv(u32 index, u64 value);
#define xgetbv(index)		sim_xgetbv(index)
#define xsetbv(index, value)	sim_xsetbv(index, value)
#define xfeatures_in_use()	sim_xgetbv(XCR_XFEATURE_IN_USE_MASK)
#endif
