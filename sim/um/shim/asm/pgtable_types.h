/* SPDX-License-Identifier: GPL-2.0 */
/* The x86 header redefines UML's own page table types. */
#ifndef _SIM_SHIM_PGTABLE_TYPES_H
#define _SIM_SHIM_PGTABLE_TYPES_H
#include <asm/page.h>
#include <asm/mem_encrypt.h>
enum pg_level {
	PG_LEVEL_NONE,
	PG_LEVEL_4K,
	PG_LEVEL_2M,
	PG_LEVEL_1G,
	PG_LEVEL_512G,
	PG_LEVEL_256T,
	PG_LEVEL_NUM
};
#define __PHYSICAL_MASK_SHIFT	52
#define PTE_SHIFT		9
static inline unsigned long page_level_shift(int level)
{
	return (PAGE_SHIFT - 9) + level * 9;
}
static inline unsigned long page_level_size(int level)
{
	return 1UL << page_level_shift(level);
}
static inline unsigned long page_level_mask(int level)
{
	return ~(page_level_size(level) - 1);
}
#define pgtable_l5_enabled()	false
#define lookup_address(addr, level)		((pte_t *)NULL)
#define lookup_address_in_pgd(pgd, addr, level)	((pte_t *)NULL)
#endif
