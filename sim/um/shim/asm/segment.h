/* SPDX-License-Identifier: GPL-2.0 */
#include_next <asm/segment.h>
#ifndef _SIM_SHIM_SEGMENT_H
#define _SIM_SHIM_SEGMENT_H
#define __KERNEL_CS		0x10
#define __KERNEL_DS		0x18
#define GDT_ENTRY_TSS		8
#define SEGMENT_TI_MASK		0x4
#define SEGMENT_RPL_MASK	0x3
#endif
