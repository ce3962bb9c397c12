// SPDX-License-Identifier: GPL-2.0
/* Power-on of the machine's TDX module: what the BIOS has set up for it */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/pfn.h>
#include <linux/sizes.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include "cpu.h"
#include "cpu_intel.h"
#include "hostmem.h"
#include "tdx_enter.h"
#include "tdx_host.h"

static struct sim_tdx_area cmrs[SIM_TDX_MAX_CMRS];

static u32 this_lp(u32 *package)
{
	u32 lp = raw_smp_processor_id();

	*package = topology_physical_package_id(lp);
	return lp;
}

static struct sim_tdx_platform platform = {
	.maxpa = SIM_INTEL_MAXPA,
	.hkid_bits = SIM_INTEL_KEYID_BITS,
	.private_min = SIM_INTEL_MKTME_KEYIDS + 1,
	.private_max = SIM_INTEL_MKTME_KEYIDS + SIM_INTEL_TDX_KEYIDS,
	.nr_packages = 1,
	.cmr = cmrs,
	.phys = sim_phys_alias,
	.protect = sim_mem_protect,
	.lp = this_lp,
#ifdef CONFIG_KVM_INTEL_TDX
	.enter = sim_tdx_enter,
#endif
};

int __init sim_tdx_boot(void)
{
	unsigned long start, end;
	int i, nid;

	/* All memory but the first megabyte is convertible. */
	for_each_mem_pfn_range(i, MAX_NUMNODES, &start, &end, &nid) {
		start = max(start, PHYS_PFN(SZ_1M));
		if (start >= end)
			continue;
		if (WARN_ON(platform.nr_cmrs == ARRAY_SIZE(cmrs)))
			break;
		cmrs[platform.nr_cmrs++] = (struct sim_tdx_area) {
			.start = PFN_PHYS(start),
			.end = PFN_PHYS(end),
		};
	}
	platform.mem = sim_mem_piece(&platform.mem_start, &platform.mem_size);
	return sim_tdx_host_init(&platform, 1);
}
