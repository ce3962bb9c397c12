/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_PAGE_H
#define _SIM_SHIM_PAGE_H
#include_next <asm/page.h>
#ifndef __ASSEMBLER__
/* Guest addresses, as in x86's <asm/page.h> */
static __always_inline u64 __canonical_address(u64 vaddr, u8 vaddr_bits)
{
	return ((s64)vaddr << (64 - vaddr_bits)) >> (64 - vaddr_bits);
}

static __always_inline u64 __is_canonical_address(u64 vaddr, u8 vaddr_bits)
{
	return __canonical_address(vaddr, vaddr_bits) == vaddr;
}
#endif
#endif
