/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_MSHYPER_H
#define _ASM_X86_MSHYPER_H
/* KVM_HYPERV=n, HYPERV=n */
#include <hyperv/hvhdk.h>
static inline void set_hv_tscchange_cb(void (*cb)(void)) { }
static inline void clear_hv_tscchange_cb(void) { }
static inline void hyperv_stop_tsc_emulation(void) { }
static inline int hyperv_flush_guest_mapping(u64 as) { return -1; }
#define HV_X64_NESTED_MSR_BITMAP	BIT(19)
static const struct { u32 nested_features, hints; } ms_hyperv __maybe_unused;
static inline struct hv_vp_assist_page *hv_get_vp_assist_page(unsigned int cpu) { return NULL; }
#endif
