/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __X86_IRQ_REMAPPING_H
#define __X86_IRQ_REMAPPING_H
#include <linux/types.h>
enum irq_remap_cap { IRQ_POSTING_CAP = 0, };
struct amd_iommu_pi_data {
	u64 vapic_addr;
	u32 ga_tag;
	u32 vector;
	int cpu;
	bool ga_log_intr;
	bool is_guest_mode;
	void *ir_data;
};
struct intel_iommu_pi_data {
	u64 pi_desc_addr;
	u32 vector;
};
static inline bool irq_remapping_cap(enum irq_remap_cap cap) { return false; }
#endif
