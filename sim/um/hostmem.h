/* SPDX-License-Identifier: GPL-2.0 */
/* Two views of memory: the kernel's own, which can be closed, and the hardware's */
#ifndef _SIM_UM_HOSTMEM_H
#define _SIM_UM_HOSTMEM_H

#include <linux/types.h>
#include "host.h"

int sim_mem_init(void);
int sim_mem_protect(u64 pfn, u32 nr, enum sim_mem_prot prot);
void *sim_phys_alias(u64 pa);
void *sim_mem_piece(u64 *start, u64 *size);

#endif
