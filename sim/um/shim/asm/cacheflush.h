/* SPDX-License-Identifier: GPL-2.0 */
/* UML's header and the x86 one */
#ifndef _SIM_SHIM_CACHEFLUSH_H
#define _SIM_SHIM_CACHEFLUSH_H
#include_next <asm/cacheflush.h>
#include "../../../../x86/include/asm/cacheflush.h"
#endif
