/* SPDX-License-Identifier: GPL-2.0 */
/* UML's header, and the x86 one for descriptors of guests */
#include_next <asm/desc.h>
#ifndef _SIM_SHIM_DESC_H
#define _SIM_SHIM_DESC_H
#include <asm/processor.h>
#pragma push_macro("LDT_empty")
#undef LDT_empty
#define thread_struct	x86_thread_struct
#define TIF_IO_BITMAP	22	/* of x86's thread_info; never set */
#include "../../../../x86/include/asm/desc.h"
#undef thread_struct
#undef TIF_IO_BITMAP
#undef LDT_empty
#pragma pop_macro("LDT_empty")
#endif
