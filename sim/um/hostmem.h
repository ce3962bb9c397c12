/* SPDX-License-Identifier: GPL-2.0 */
/* Two views of memory: the kernel's own, which can be closed, and the hardware's */
#ifndef _SIM_UM_HOSTMEM_H
#define _SIM_UM_HOSTMEM_H

#include <linux/types.h>

/**
 * enum sim_mem_prot - what the kernel's own mapping of a page allows
 * @SIM_MEM_OPEN: everything
 * @SIM_MEM_READONLY: reads
 * @SIM_MEM_CLOSED: nothing
 */
enum sim_mem_prot {
	SIM_MEM_OPEN,
	SIM_MEM_READONLY,
	SIM_MEM_CLOSED,
};

int sim_mem_init(void);
int sim_mem_protect(u64 pfn, u32 nr, enum sim_mem_prot prot);
void *sim_phys_alias(u64 pa);

#endif
