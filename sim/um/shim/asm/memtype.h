/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_MEMTYPE_H
#define _ASM_X86_MEMTYPE_H
#include <linux/types.h>
#include <asm/pgtable_types.h>
static inline bool pat_enabled(void) { return true; }
static inline bool pat_pfn_immune_to_uc_mtrr(unsigned long pfn) { return false; }
/* guest page tables: see paging_tmpl.h */
#define pte_flags(pte)		pte_val(pte)
#define pte_flags_pkey(f)	(((f) >> 59) & 0xf)
#endif
