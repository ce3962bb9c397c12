/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_TRAPS_H
#define _ASM_X86_TRAPS_H
#include <asm/trapnr.h>
#include <asm/trap_pf.h>
#endif
