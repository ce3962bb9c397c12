/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_TLBFLUSH_H
#define _SIM_SHIM_TLBFLUSH_H
#include_next <asm/tlbflush.h>
#define INVPCID_TYPE_INDIV_ADDR		0
#define INVPCID_TYPE_SINGLE_CTXT	1
#define INVPCID_TYPE_ALL_INCL_GLOBAL	2
#define INVPCID_TYPE_ALL_NON_GLOBAL	3
static inline void __flush_tlb_all(void) { }
#endif
