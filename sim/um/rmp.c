// SPDX-License-Identifier: GPL-2.0
/*
 * The RMP as the BIOS leaves it, and the boot sequence of SNP on the host.
 */
#include <linux/cc_platform.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <asm/cpufeature.h>
#include <asm/iommu.h>
#include <asm/msr.h>
#include <asm/sev.h>
#include <kern_util.h>
#include "cpu.h"

/* Processor's book-keeping at the start of the table */
#define RMP_BOOKKEEPING	0x4000
#define RMP_ENTRY_SIZE	16

/* As the x86 kernel does from the e820 map; memremap() wants to know */
static struct resource system_ram = {
	.name	= "System RAM",
	.flags	= IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
};

static phys_addr_t rmp_base;
static size_t rmp_size;

/*
 * The BIOS: takes memory for the RMP before the kernel gets to see it.  The
 * table covers all memory, itself included.
 */
void __init um_reserve_memory(void)
{
	size_t size = ALIGN(RMP_BOOKKEEPING +
			    PHYS_PFN(memblock_end_of_DRAM()) * RMP_ENTRY_SIZE, SZ_1M);

	rmp_base = memblock_phys_alloc(size, SZ_2M);
	if (!rmp_base)
		panic("no memory for an RMP of %zu MiB", size / SZ_1M);
	rmp_size = size;
}

/**
 * sim_rmp_boot - what the BIOS and the x86 kernel do for SNP before initcalls
 *
 * The BIOS reports the table in two MSRs; the kernel probes it, decides for
 * SNP, and maps the table once the IOMMU driver has agreed.
 *
 * Return: 0; without SNP the host runs on without it, as on hardware.
 */
int __init sim_rmp_boot(void)
{
	system_ram.start = memblock_start_of_DRAM();
	system_ram.end = memblock_end_of_DRAM() - 1;
	insert_resource(&iomem_resource, &system_ram);

	sim_msr_poke(MSR_AMD64_RMP_BASE, rmp_base);
	sim_msr_poke(MSR_AMD64_RMP_END, rmp_base + rmp_size - 1);

	if (!cpu_feature_enabled(X86_FEATURE_SEV_SNP) || !snp_probe_rmptable_info())
		return 0;
	cc_platform_set(CC_ATTR_HOST_SEV_SNP);

	/* The IOMMU driver agrees: there is no IOMMU and no device that does DMA */
	amd_iommu_snp_en = true;
	if (snp_rmptable_init())
		cc_platform_clear(CC_ATTR_HOST_SEV_SNP);
	return 0;
}
