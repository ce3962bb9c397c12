/* SPDX-License-Identifier: GPL-2.0 */
/* UML's header, and the x86 one for selectors; TLS entries are the host's */
#include_next <asm/segment.h>
#ifndef _SIM_SHIM_SEGMENT_H
#define _SIM_SHIM_SEGMENT_H
#pragma push_macro("GDT_ENTRY_TLS_ENTRIES")
#pragma push_macro("GDT_ENTRY_TLS_MIN")
#pragma push_macro("GDT_ENTRY_TLS_MAX")
#undef GDT_ENTRY_TLS_ENTRIES
#undef GDT_ENTRY_TLS_MIN
#undef GDT_ENTRY_TLS_MAX
#include "../../../../x86/include/asm/segment.h"
#undef GDT_ENTRY_TLS_ENTRIES
#undef GDT_ENTRY_TLS_MIN
#undef GDT_ENTRY_TLS_MAX
#pragma pop_macro("GDT_ENTRY_TLS_ENTRIES")
#pragma pop_macro("GDT_ENTRY_TLS_MIN")
#pragma pop_macro("GDT_ENTRY_TLS_MAX")
#endif
