/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The x86 headers redefine the types of UML's own page tables.  What KVM wants of
 * them, the levels of page tables in general, is cut out by the Makefile.
 */
#ifndef _SIM_SHIM_PGTABLE_TYPES_H
#define _SIM_SHIM_PGTABLE_TYPES_H
#include <asm/page.h>
#include <asm/page_types.h>
#include <asm/mem_encrypt.h>

#define PTE_SHIFT	9	/* checked in x86.c */
#include <pg_level.h>

/* Stacks are in the direct map. */
#define slow_virt_to_phys(p)	virt_to_phys(p)

#define pgtable_l5_enabled()	false

/* The kernel's own mapping has 4K pages only: there is never one to split. */
#define lookup_address(addr, level)		((pte_t *)NULL)
#define lookup_address_in_pgd(pgd, addr, level)	((pte_t *)NULL)
#endif
