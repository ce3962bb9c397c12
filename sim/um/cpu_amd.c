// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated AMD CPU: a server of family 19h, model 11h, with SEV-SNP and
 * RMPREAD.
 */
#include <linux/cc_platform.h>
#include <linux/kernel.h>
#include <asm/coco.h>
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/cpuid/api.h>
#include <asm/iommu.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/sev.h>
#include <asm/svm.h>
#include <asm/virt.h>
#include "cpu.h"
#include "host.h"

#define SIM_NR_ASIDS		1006

/*
 * ASIDs below are for SEV-ES and SNP guests, from here on for plain SEV guests;
 * the setup of a server lets choose.  With SIM_NR_ASIDS + 1 there is no ASID for
 * plain SEV guests and KVM does not offer the type.
 */
static u32 min_sev_asid __ro_after_init = 501;

static int __init set_min_sev_asid(char *arg)
{
	u32 asid;

	if (!arg || kstrtou32(arg, 0, &asid) || !asid || asid > SIM_NR_ASIDS + 1)
		panic("sim_min_sev_asid=%s: not an ASID from 1 to %u", arg ?: "",
		      SIM_NR_ASIDS + 1);
	min_sev_asid = asid;
	return 0;
}
early_param("sim_min_sev_asid", set_min_sev_asid);

#define VENDOR_AMD	0x68747541, 0x444d4163, 0x69746e65

static const struct sim_leaf amd_leaves[] = {
	{ 0x00000000, 0, { 0x10, VENDOR_AMD } },
	{ 0x00000001, 0, { 0x00a10f11, 0x00080800, 0x7efa320b, 0x178bfbff } },
	{ 0x00000005, 0, { 0x40, 0x40, 0x3, 0x11 } },
	{ 0x00000006, 0, { 0x4, 0, 0x1, 0 } },
	/* Without shadow stacks, for which the kernel would need supervisor XSTATE */
	{ 0x00000007, 0, { 0x1, 0xf1bf97a9, 0x00405f4e, 0x10000010 } },
	{ 0x00000007, 1, { 0x20, 0, 0, 0 } },
	/* EBX of the first two follows XCR0 and XSS */
	{ 0x0000000d, 0x0, { 0x2e7, 0, 0x988, 0 } },
	{ 0x0000000d, 0x1, { 0xf, 0, 0, 0 } },
	{ 0x0000000d, 0x2, { 0x100, 0x240, 0, 0 } },
	{ 0x0000000d, 0x5, { 0x40, 0x340, 0, 0 } },
	{ 0x0000000d, 0x6, { 0x200, 0x380, 0, 0 } },
	{ 0x0000000d, 0x7, { 0x400, 0x580, 0, 0 } },
	{ 0x0000000d, 0x9, { 0x8, 0x980, 0, 0 } },
	{ 0x80000000, 0, { 0x80000028, VENDOR_AMD } },
	{ 0x80000001, 0, { 0x00a10f11, 0x40000000, 0x75c237ff, 0x2fd3fbff } },
	{ 0x80000002, 0, { 0x20444d41, 0x43595045, 0x65472820, 0x20616f6e } },
	{ 0x80000003, 0, { 0x696d6973, 0x2972616c, 0x6973202c, 0x616c756d } },
	{ 0x80000004, 0, { 0x00646574, 0, 0, 0 } },
	{ 0x80000005, 0, { 0xff48ff40, 0xff48ff40, 0x20080140, 0x20080140 } },
	{ 0x80000006, 0, { 0x5c002200, 0x6c004200, 0x04006140, 0x00808140 } },
	{ 0x80000007, 0, { 0, 0, 0, 0x100 } },
	/*
	 * 48 physical bits: with 52 KVM has no reserved bit left for its MMIO
	 * caching, without which there is no SEV-ES.
	 */
	{ 0x80000008, 0, { 0x3030, 0x111ef257, 0x5000, 0x10000 } },
	/* Without AVIC: there is no interrupt remapping */
	{ 0x8000000a, 0, { 0x1, 0x8000, 0, 0x101194ff } },
	{ 0x80000019, 0, { 0xf048f040, 0xf0400000, 0, 0 } },
	{ 0x8000001a, 0, { 0x6, 0, 0, 0 } },
	{ 0x8000001e, 0, { 0, 0, 0, 0 } },
	{ 0x8000001f, 0, { 0x0120041b, 51 | 5 << 6, SIM_NR_ASIDS, 0 } },
	{ 0x80000021, 0, { 0x0000004d, 0, 0, 0 } },
};

static void amd_cpuid_fixup(struct sim_cpu *cpu, u32 fn, u32 index, u32 *r)
{
	static const struct { u8 nr; u16 size, offset; } area[] = {
		{ 2, 0x100, 0x240 }, { 5, 0x40, 0x340 }, { 6, 0x200, 0x380 },
		{ 7, 0x400, 0x580 }, { 9, 0x8, 0x980 },
	};
	u32 i, std = 0x240, compact = 0x240;

	if (fn == 0x8000001f)
		r[3] = min_sev_asid;
	if (fn != 0xd || index > 1)
		return;
	for (i = 0; i < ARRAY_SIZE(area); i++) {
		if (!(cpu->xcr0 & BIT_ULL(area[i].nr)))
			continue;
		std = max(std, (u32)area[i].offset + area[i].size);
		compact += area[i].size;
	}
	r[1] = index ? compact : std;
}

#define ALL	(~0ULL)
#define RO	0ULL

static const struct sim_msr amd_msrs[] = {
	{ MSR_IA32_TSC, 0, ALL },
	{ MSR_IA32_APICBASE, 0xfee00900, ALL },
	{ MSR_IA32_SPEC_CTRL, 0, 0x87 },
	{ MSR_IA32_PRED_CMD, 0, 0x81, true },
	{ MSR_IA32_SYSENTER_CS, 0, ALL },
	{ MSR_IA32_SYSENTER_ESP, 0, ALL },
	{ MSR_IA32_SYSENTER_EIP, 0, ALL },
	{ MSR_IA32_MCG_CAP, 0, RO },
	{ MSR_IA32_MCG_STATUS, 0, 0x7 },
	{ MSR_IA32_DEBUGCTLMSR, 0, 0x3f },
	{ MSR_IA32_CR_PAT, 0x0007040600070406ULL, ALL },
	{ MSR_IA32_XSS, 0, RO },
	{ MSR_EFER, EFER_SCE | EFER_LME | EFER_LMA | EFER_NX, EFER_SVME | EFER_LMSLE | EFER_FFXSR |
		    EFER_SCE | EFER_NX | EFER_AUTOIBRS | BIT_ULL(17) },
	{ MSR_STAR, 0, ALL },
	{ MSR_LSTAR, 0, ALL },
	{ MSR_CSTAR, 0, ALL },
	{ MSR_SYSCALL_MASK, 0, 0xffffffff },
	{ MSR_FS_BASE, 0, ALL },
	{ MSR_GS_BASE, 0, ALL },
	{ MSR_KERNEL_GS_BASE, 0, ALL },
	{ MSR_TSC_AUX, 0, 0xffffffff },
	{ MSR_AMD64_TSC_RATIO, 1ULL << 32, GENMASK_ULL(39, 0) },
	{ MSR_AMD64_SYSCFG, MSR_AMD64_SYSCFG_MEM_ENCRYPT, ALL },
	{ MSR_K7_HWCR, BIT_ULL(24), ALL },
	{ MSR_VM_CR, 0, 0x1f },
	{ MSR_VM_IGNNE, 0, 1 },
	{ MSR_VM_HSAVE_PA, 0, ALL },
	{ MSR_AMD64_VIRT_SPEC_CTRL, 0, 0x4 },
	{ MSR_AMD64_RMP_BASE, 0, RO },
	{ MSR_AMD64_RMP_END, 0, RO },
	{ MSR_AMD64_OSVW_ID_LENGTH, 0, RO },
	{ MSR_AMD64_OSVW_STATUS, 0, RO },
	{ MSR_AMD64_LS_CFG, 0, ALL },
	{ MSR_AMD64_DE_CFG, 2, ALL },
};

static int amd_msr_write(struct sim_cpu *cpu, u32 nr, u64 old, u64 *val)
{
	switch (nr) {
	case MSR_IA32_PRED_CMD:
		cpu->nr_ibpb += *val & 1;
		break;
	case MSR_AMD64_SYSCFG:
		/* Once on, SNP stays on until reset */
		if (old & MSR_AMD64_SYSCFG_SNP_EN && !(*val & MSR_AMD64_SYSCFG_SNP_EN))
			return -EIO;
		break;
	case MSR_VM_HSAVE_PA:
		if (*val & ~PAGE_MASK)
			return -EIO;
		break;
	}
	return 0;
}

/*
 * Firmware looks at these MSRs of all cores.  Each core comes here after its own
 * write; whichever is the last sees them all.
 */
static void amd_msr_written(u32 nr)
{
	const u64 snp = MSR_AMD64_SYSCFG_SNP_EN | MSR_AMD64_SYSCFG_SNP_VMPL_EN;
	bool all = true, any = false;
	int cpu;

	if (!IS_ENABLED(CONFIG_KVM_FIRMWARE_SIM) ||
	    (nr != MSR_AMD64_SYSCFG && nr != MSR_VM_HSAVE_PA))
		return;

	smp_mb(); /* this core's write before the reads of the others */
	for_each_present_cpu(cpu) {
		all &= (sim_msr_peek(cpu, MSR_AMD64_SYSCFG) & snp) == snp;
		any |= sim_msr_peek(cpu, MSR_VM_HSAVE_PA);
	}
	if (nr == MSR_AMD64_SYSCFG)
		sim_host_set_snp_enabled(all);
	else
		sim_host_set_hsave(any);
}

static void amd_identify(struct cpuinfo_x86 *c)
{
	c->x86_vendor = X86_VENDOR_AMD;
	sim_identify(c);
	set_cpu_cap(c, X86_FEATURE_ZEN);
	set_cpu_cap(c, X86_FEATURE_ZEN4);
}

static int __init amd_boot(void)
{
	int ret = 0;

	cc_vendor = CC_VENDOR_AMD;
	if (IS_ENABLED(CONFIG_KVM_AMD_SEV))
		ret = sim_rmp_boot();
	x86_virt_init();
	return ret;
}

const struct sim_cpu_model sim_cpu_amd __refconst = {
	.name = "amd",
	.leaves = amd_leaves,
	.nr_leaves = ARRAY_SIZE(amd_leaves),
	.msrs = amd_msrs,
	.nr_msrs = ARRAY_SIZE(amd_msrs),
	.cpuid_fixup = amd_cpuid_fixup,
	.msr_write = amd_msr_write,
	.msr_written = amd_msr_written,
	.identify = amd_identify,
	.boot = amd_boot,
};
