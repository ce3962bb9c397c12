/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_MSI_H
#define _SIM_SHIM_MSI_H
#include_next <asm/msi.h>
#include <linux/types.h>
/* From x86's <asm/msi.h> */
typedef struct x86_msi_data {
	union {
		struct {
			u32	vector			:  8,
				delivery_mode		:  3,
				dest_mode_logical	:  1,
				reserved		:  2,
				active_low		:  1,
				is_level		:  1;
		};
		u32	dmar_subhandle;
	};
} __attribute__ ((packed)) arch_msi_msg_data_t;
#define arch_msi_msg_data	x86_msi_data
typedef struct x86_msi_addr_lo {
	u32	reserved_0		:  2,
		dest_mode_logical	:  1,
		redirect_hint		:  1,
		reserved_1		:  1,
		virt_destid_8_14	:  7,
		destid_0_7		:  8,
		base_address		: 12;
} __attribute__ ((packed)) arch_msi_msg_addr_lo_t;
#define arch_msi_msg_addr_lo	x86_msi_addr_lo
typedef struct x86_msi_addr_hi {
	u32	reserved		:  8,
		destid_8_31		: 24;
} __attribute__ ((packed)) arch_msi_msg_addr_hi_t;
#define arch_msi_msg_addr_hi	x86_msi_addr_hi
struct msi_msg;
u32 x86_msi_msg_get_destid(struct msi_msg *msg, bool extid);
#endif
