/* SPDX-License-Identifier: GPL-2.0 */
/* UML's header, and the x86 one for how often to try again */
#include_next <asm/archrandom.h>
#ifndef _SIM_SHIM_ARCHRANDOM_H
#define _SIM_SHIM_ARCHRANDOM_H
#define arch_get_random_longs		x86_get_random_longs
#define arch_get_random_seed_longs	x86_get_random_seed_longs
#include "../../../../x86/include/asm/archrandom.h"
#undef arch_get_random_longs
#undef arch_get_random_seed_longs
#endif
