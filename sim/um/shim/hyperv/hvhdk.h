/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_HVHDK_H
#define _SIM_SHIM_HVHDK_H
#include <linux/types.h>
/* include/hyperv has this for x86 and arm64 kernels only. */
union hv_msi_entry {
	u64 as_uint64;
};
#endif
#include_next <hyperv/hvhdk.h>
