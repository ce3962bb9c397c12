/* SPDX-License-Identifier: GPL-2.0 */
/* The x86 header; like MSRs, see asm/msr.h.  A host may not have MOVDIR64B. */
#ifndef _SIM_SHIM_SPECIAL_INSNS_H
#define _SIM_SHIM_SPECIAL_INSNS_H
#include <asm/alternative.h>
#define CONFIG_PARAVIRT_XXL 1
#define movdir64b x86_movdir64b
#include_next <asm/special_insns.h>
#undef movdir64b
#undef CONFIG_PARAVIRT_XXL

/* 64 bytes at once, as far as anybody can tell in coherent memory */
static inline void movdir64b(void *dst, const void *src)
{
	const u64 *s = src;
	u64 *d = dst;
	int i;

	for (i = 0; i < 8; i++)
		WRITE_ONCE(d[i], s[i]);
}
#endif
