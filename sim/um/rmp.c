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
#include <asm/cpuid/api.h>
#include <asm/iommu.h>
#include <asm/msr.h>
#include <asm/sev.h>
#include <kern_util.h>
#include "cpu.h"
#include "host.h"
#include "hostmem.h"

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

static const struct sim_platform platform = {
	.phys = sim_phys_alias,
	.protect = sim_mem_protect,
};

/* Power on: memory, cores and secure processor of this machine */
static int __init power_on(void)
{
	static struct sim_machine_config cfg __initdata;
	u32 ncpus = num_possible_cpus();
	int ret;

	ret = sim_mem_init();
	if (ret)
		return ret;

	cfg.dram[0].start = memblock_start_of_DRAM();
	cfg.dram[0].end = memblock_end_of_DRAM();
	cfg.nr_dram = 1;
	cfg.rmp_base = rmp_base;
	cfg.rmp_end = rmp_base + rmp_size - 1;
	cfg.rmp = sim_phys_alias(rmp_base);
	/* A complex per CPU, as long as there are enough: WBINVD counts by them */
	cfg.cpus_per_ccx = DIV_ROUND_UP(ncpus, SIM_MAX_CCX);
	cfg.nr_ccx = DIV_ROUND_UP(ncpus, cfg.cpus_per_ccx);
	cfg.min_sev_asid = cpuid_edx(0x8000001f);
	cfg.max_asid = cpuid_ecx(0x8000001f);
	cfg.dies = 1;
	cfg.cpuid_1_eax = cpuid_eax(1);
	return sim_host_init(&cfg, &platform, 0);
}

/**
 * sim_rmp_boot - what the BIOS and the x86 kernel do for SNP before initcalls
 *
 * The BIOS reports the table in two MSRs; the kernel probes it, decides for
 * SNP, and maps the table once the IOMMU driver has agreed.
 *
 * Return: 0, or -errno if there is no machine.  Without SNP the host runs on.
 */
int __init sim_rmp_boot(void)
{
	int ret;

	ret = power_on();
	if (ret) {
		pr_err("sim: no RMP and no secure processor: error %d\n", ret);
		return ret;
	}

	system_ram.start = memblock_start_of_DRAM();
	system_ram.end = memblock_end_of_DRAM() - 1;

	sim_msr_poke(MSR_AMD64_RMP_BASE, rmp_base);
	sim_msr_poke(MSR_AMD64_RMP_END, rmp_base + rmp_size - 1);

	if (!cpu_feature_enabled(X86_FEATURE_SEV_SNP) || !snp_probe_rmptable_info())
		return 0;
	cc_platform_set(CC_ATTR_HOST_SEV_SNP);

	/* The IOMMU driver agrees: there is no IOMMU and no device that does DMA */
	amd_iommu_snp_en = true;
	insert_resource(&iomem_resource, &system_ram);
	if (snp_rmptable_init())
		cc_platform_clear(CC_ATTR_HOST_SEV_SNP);
	/* UML's PCI bridge requests a window where there is RAM: let it come first. */
	remove_resource(&system_ram);
	return 0;
}

static int __init add_system_ram(void)
{
	return insert_resource(&iomem_resource, &system_ram);
}
late_initcall(add_system_ram);
