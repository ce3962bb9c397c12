/* SPDX-License-Identifier: GPL-2.0 */
/* UML's header, and the guest address helpers of the x86 one */
#ifndef _SIM_SHIM_PAGE_H
#define _SIM_SHIM_PAGE_H
#include_next <asm/page.h>
#ifndef __ASSEMBLER__
#include <linux/range.h>

/* The host's page tables and direct map are UML's. */
#pragma push_macro("copy_page")
#pragma push_macro("copy_user_page")
#pragma push_macro("virt_to_page")
#pragma push_macro("virt_addr_valid")
#undef copy_page
#undef copy_user_page
#undef virt_to_page
#undef virt_addr_valid
#define copy_page(to, from)	((void)(to), (void)(from))
#define copy_user_page		x86_copy_user_page
#define _ASM_X86_PAGE_64_H
#include "../../../../x86/include/asm/page.h"
#undef _ASM_X86_PAGE_64_H
#undef HAVE_ARCH_HUGETLB_UNMAPPED_AREA
#undef vma_alloc_zeroed_movable_folio
#undef copy_page
#undef copy_user_page
#undef virt_to_page
#undef virt_addr_valid
#pragma pop_macro("copy_page")
#pragma pop_macro("copy_user_page")
#pragma pop_macro("virt_to_page")
#pragma pop_macro("virt_addr_valid")
#endif
#endif
