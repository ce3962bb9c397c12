/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UML's header, and from the x86 one what is not about the host's TLB state:
 * that is a structure of the x86 scheduler.  CR4 has no shadow; it is cheap.
 */
#ifndef _SIM_SHIM_TLBFLUSH_H
#define _SIM_SHIM_TLBFLUSH_H
#include_next <asm/tlbflush.h>
#include <asm/paravirt.h>
#include <asm/invpcid.h>

#define cr4_read_shadow()	sim_read_cr(4)
#define cr4_set_bits(mask)	sim_write_cr(4, sim_read_cr(4) | (mask))
#define cr4_clear_bits(mask)	sim_write_cr(4, sim_read_cr(4) & ~(mask))
#define __get_current_cr3_fast() sim_read_cr(3)

/* Asked for after changes of the host's own mapping, of which UML takes care */
static inline void __flush_tlb_all(void)
{
}
#endif
