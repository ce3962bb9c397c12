/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_LINUX_SET_MEMORY_H
#define _SIM_SHIM_LINUX_SET_MEMORY_H
#include_next <linux/set_memory.h>

/* The kernel's own mapping has 4K pages only: there is nothing to split. */
static inline int set_memory_4k(unsigned long addr, int nr)
{
	return 0;
}

/* The host's mapping can't be uncached, and the PSP is coherent. */
static inline int set_memory_uc(unsigned long addr, int nr)
{
	return 0;
}

static inline int set_memory_wb(unsigned long addr, int nr)
{
	return 0;
}
#endif
