/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_FPU_XCR_H
#define _ASM_X86_FPU_XCR_H
#include <linux/types.h>
#define XCR_XFEATURE_ENABLED_MASK	0x00000000
#define XCR_XFEATURE_IN_USE_MASK	0x00000001
u64 sim_xgetbv(u32 index);
void sim_xsetbv(u32 index, u64 value);
#define xgetbv(i)	sim_xgetbv(i)
#define xsetbv(i, v)	sim_xsetbv(i, v)
#endif
