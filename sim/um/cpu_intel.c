// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated Intel CPU: a server of family 6, model 8Fh, with VMX and TDX,
 * without PMU, SGX, AMX, PT, LBR, CET and TSX.
 */
#include <linux/kernel.h>
#include <linux/sizes.h>
#include <asm/coco.h>
#include <asm/cpufeature.h>
#include <asm/cpuid/api.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/tdx.h>
#include <asm/virt.h>
#include <asm/vmx.h>
#include "cpu.h"
#include "cpu_intel.h"
#include "hostmem.h"
#include "tdx.h"
#include "vmcs.h"

#define VENDOR_INTEL	0x756e6547, 0x6c65746e, 0x49656e69

static const struct sim_leaf intel_leaves[] = {
	{ 0x00000000, 0, { 0x1f, VENDOR_INTEL } },
	{ 0x00000001, 0, { 0x000806f8, 0x00080800, 0x7ffa3223, 0x1f8bfbff } },
	{ 0x00000004, 0, { 0x00000121, 0x02c0003f, 0x3f, 0 } },
	{ 0x00000004, 1, { 0x00000122, 0x01c0003f, 0x3f, 0 } },
	{ 0x00000004, 2, { 0x00000143, 0x03c0003f, 0x7ff, 0 } },
	{ 0x00000004, 3, { 0x00004163, 0x0380003f, 0x1ffff, 0x4 } },
	{ 0x00000006, 0, { 0x4, 0, 0x1, 0 } },
	{ 0x00000007, 0, { 0x1, 0xf1bf07ab, 0x18407f4e, 0xbc004410 } },
	{ 0x00000007, 1, { 0x30, 0, 0, 0 } },
	/* ECX and EDX of the next two, and of 1Fh, are about the CPU that asks */
	{ 0x0000000b, 0, { 0x0, 0x1, 0x100, 0 } },
	{ 0x0000000b, 1, { 0x6, 0x40, 0x201, 0 } },
	/* EBX of the first two follows XCR0 and XSS */
	{ 0x0000000d, 0x0, { 0x2e7, 0, 0xa88, 0 } },
	{ 0x0000000d, 0x1, { 0xf, 0, 0, 0 } },
	{ 0x0000000d, 0x2, { 0x100, 0x240, 0, 0 } },
	{ 0x0000000d, 0x5, { 0x40, 0x440, 0, 0 } },
	{ 0x0000000d, 0x6, { 0x200, 0x480, 0, 0 } },
	{ 0x0000000d, 0x7, { 0x400, 0x680, 0, 0 } },
	{ 0x0000000d, 0x9, { 0x8, 0xa80, 0, 0 } },
	{ 0x00000015, 0, { 2, 2 * SIM_INTEL_TSC_MHZ / (SIM_INTEL_CRYSTAL_HZ / 1000000),
			   SIM_INTEL_CRYSTAL_HZ, 0 } },
	{ 0x00000016, 0, { SIM_INTEL_TSC_MHZ, SIM_INTEL_TSC_MHZ, 100, 0 } },
	{ 0x0000001f, 0, { 0x0, 0x1, 0x100, 0 } },
	{ 0x0000001f, 1, { 0x6, 0x40, 0x201, 0 } },
	{ 0x80000000, 0, { 0x80000008, 0, 0, 0 } },
	{ 0x80000001, 0, { 0, 0, 0x121, 0x2c100800 } },
	{ 0x80000002, 0, { 0x65746e49, 0x6547206c, 0x6e69756e, 0x49462065 } },
	{ 0x80000003, 0, { 0x6973204d, 0x616c756d, 0x00646574, 0 } },
	{ 0x80000004, 0, { 0, 0, 0, 0 } },
	{ 0x80000006, 0, { 0, 0, 0x08007040, 0 } },
	{ 0x80000007, 0, { 0, 0, 0, 0x100 } },
	{ 0x80000008, 0, { 48 << 8 | SIM_INTEL_MAXPA, 0x200, 0, 0 } },
};

static void intel_cpuid_fixup(struct sim_cpu *cpu, u32 fn, u32 index, u32 *r)
{
	static const struct { u8 nr; u16 size, offset; } area[] = {
		{ 2, 0x100, 0x240 }, { 5, 0x40, 0x440 }, { 6, 0x200, 0x480 },
		{ 7, 0x400, 0x680 }, { 9, 0x8, 0xa80 },
	};
	u32 i, std = 0x240, compact = 0x240, id = raw_smp_processor_id();

	switch (fn) {
	case 1:
		r[1] |= id << 24;
		break;
	case 0xb:
	case 0x1f:
		r[3] = id;
		break;
	case 0xd:
		if (index > 1)
			break;
		for (i = 0; i < ARRAY_SIZE(area); i++) {
			if (!(cpu->xcr0 & BIT_ULL(area[i].nr)))
				continue;
			std = max(std, (u32)area[i].offset + area[i].size);
			compact += area[i].size;
		}
		r[1] = index ? compact : std;
		break;
	}
}

#define ALL	(~0ULL)
#define RO	0ULL

/* Bits of VMX controls that must be 1, and those that may be */
#define CTLS(must, may)		((u64)((must) | (may)) << 32 | (must))

/* Reserved control bits that are 1 */
#define PIN_DEFAULT1		0x00000016
#define EXEC_DEFAULT1		0x0401e172
#define EXIT_DEFAULT1		0x00036dff
#define ENTRY_DEFAULT1		0x000011ff
/* Of those, the ones which the TRUE MSRs let be 0 */
#define EXEC_DEFAULT1_TRUE	0x04006172
#define EXIT_DEFAULT1_TRUE	0x00036dfb
#define ENTRY_DEFAULT1_TRUE	0x000011fb

#define PIN_MAY		(PIN_BASED_EXT_INTR_MASK | PIN_BASED_NMI_EXITING | \
			 PIN_BASED_VIRTUAL_NMIS | PIN_BASED_VMX_PREEMPTION_TIMER | \
			 PIN_BASED_POSTED_INTR)
#define EXEC_MAY	(CPU_BASED_INTR_WINDOW_EXITING | CPU_BASED_USE_TSC_OFFSETTING | \
			 CPU_BASED_HLT_EXITING | CPU_BASED_INVLPG_EXITING | \
			 CPU_BASED_MWAIT_EXITING | CPU_BASED_RDPMC_EXITING | \
			 CPU_BASED_RDTSC_EXITING | CPU_BASED_CR3_LOAD_EXITING | \
			 CPU_BASED_CR3_STORE_EXITING | CPU_BASED_CR8_LOAD_EXITING | \
			 CPU_BASED_CR8_STORE_EXITING | CPU_BASED_TPR_SHADOW | \
			 CPU_BASED_NMI_WINDOW_EXITING | CPU_BASED_MOV_DR_EXITING | \
			 CPU_BASED_UNCOND_IO_EXITING | CPU_BASED_USE_IO_BITMAPS | \
			 CPU_BASED_MONITOR_TRAP_FLAG | CPU_BASED_USE_MSR_BITMAPS | \
			 CPU_BASED_MONITOR_EXITING | CPU_BASED_PAUSE_EXITING | \
			 CPU_BASED_ACTIVATE_SECONDARY_CONTROLS)
#define EXEC2_MAY	(SECONDARY_EXEC_ENABLE_EPT | SECONDARY_EXEC_DESC | \
			 SECONDARY_EXEC_ENABLE_RDTSCP | SECONDARY_EXEC_VIRTUALIZE_X2APIC_MODE | \
			 SECONDARY_EXEC_ENABLE_VPID | SECONDARY_EXEC_WBINVD_EXITING | \
			 SECONDARY_EXEC_UNRESTRICTED_GUEST | SECONDARY_EXEC_APIC_REGISTER_VIRT | \
			 SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY | SECONDARY_EXEC_PAUSE_LOOP_EXITING | \
			 SECONDARY_EXEC_RDRAND_EXITING | SECONDARY_EXEC_ENABLE_INVPCID | \
			 SECONDARY_EXEC_RDSEED_EXITING | SECONDARY_EXEC_ENABLE_XSAVES | \
			 SECONDARY_EXEC_TSC_SCALING)
#define EXIT_MAY	(VM_EXIT_SAVE_DEBUG_CONTROLS | VM_EXIT_HOST_ADDR_SPACE_SIZE | \
			 VM_EXIT_ACK_INTR_ON_EXIT | VM_EXIT_SAVE_IA32_PAT | \
			 VM_EXIT_LOAD_IA32_PAT | VM_EXIT_SAVE_IA32_EFER | \
			 VM_EXIT_LOAD_IA32_EFER | VM_EXIT_SAVE_VMX_PREEMPTION_TIMER)
#define ENTRY_MAY	(VM_ENTRY_LOAD_DEBUG_CONTROLS | VM_ENTRY_IA32E_MODE | \
			 VM_ENTRY_LOAD_IA32_PAT | VM_ENTRY_LOAD_IA32_EFER)

#define EPT_CAP		(VMX_EPT_EXECUTE_ONLY_BIT | VMX_EPT_PAGE_WALK_4_BIT | \
			 VMX_EPT_PAGE_WALK_5_BIT | VMX_EPTP_UC_BIT | VMX_EPTP_WB_BIT | \
			 VMX_EPT_2MB_PAGE_BIT | VMX_EPT_1GB_PAGE_BIT | VMX_EPT_INVEPT_BIT | \
			 VMX_EPT_AD_BIT | VMX_EPT_EXTENT_CONTEXT_BIT | VMX_EPT_EXTENT_GLOBAL_BIT)
#define VPID_CAP	(VMX_VPID_INVVPID_BIT | VMX_VPID_EXTENT_INDIVIDUAL_ADDR_BIT | \
			 VMX_VPID_EXTENT_SINGLE_CONTEXT_BIT | VMX_VPID_EXTENT_GLOBAL_CONTEXT_BIT | \
			 VMX_VPID_EXTENT_SINGLE_NON_GLOBAL_BIT)

/* Activity states HLT, shutdown, wait-for-SIPI; four CR3 targets; EFER.LMA is stored */
#define VMX_MISC	(SIM_INTEL_TIMER_SHIFT | VMX_MISC_SAVE_EFER_LMA | 7 << 6 | 4 << 16 | \
			 VMX_MISC_VMWRITE_SHADOW_RO_FIELDS | VMX_MISC_ZERO_LEN_INS)

#define ARCH_CAP	(ARCH_CAP_RDCL_NO | ARCH_CAP_IBRS_ALL | ARCH_CAP_SKIP_VMENTRY_L1DFLUSH | \
			 ARCH_CAP_MDS_NO | ARCH_CAP_PSCHANGE_MC_NO | ARCH_CAP_TAA_NO | \
			 ARCH_CAP_SBDR_SSDP_NO | ARCH_CAP_FBSDP_NO | ARCH_CAP_PSDP_NO | \
			 ARCH_CAP_FB_CLEAR | ARCH_CAP_GDS_NO | ARCH_CAP_RFDS_NO)

#define MSR_TME_ACTIVATE	0x982
/* Memory encryption: locked, on, and how many bits the KeyIDs, and TDX's, have */
#define TME_ACTIVATE	(1 | 2 | (u64)SIM_INTEL_KEYID_BITS << 32 | (u64)(SIM_INTEL_KEYID_BITS - 1) << 36)

static const struct sim_msr intel_msrs[] = {
	{ MSR_IA32_TSC, 0, ALL },
	{ MSR_IA32_APICBASE, 0xfee00900, ALL },
	{ MSR_IA32_FEAT_CTL, FEAT_CTL_LOCKED | FEAT_CTL_VMX_ENABLED_OUTSIDE_SMX, RO },
	{ MSR_IA32_TSC_ADJUST, 0, ALL },
	{ MSR_IA32_SPEC_CTRL, 0, 0x7 },
	{ MSR_IA32_PRED_CMD, 0, 0x1, true },
	{ MSR_IA32_MKTME_KEYID_PARTITIONING,
	  SIM_INTEL_MKTME_KEYIDS | (u64)SIM_INTEL_TDX_KEYIDS << 32, RO },
	{ MSR_IA32_UCODE_REV, 0x2b000000ULL << 32, RO },
	{ MSR_IA32_ARCH_CAPABILITIES, ARCH_CAP, RO },
	{ MSR_IA32_FLUSH_CMD, 0, 0x1, true },
	{ MSR_IA32_SYSENTER_CS, 0, 0xffffffff },
	{ MSR_IA32_SYSENTER_ESP, 0, ALL },
	{ MSR_IA32_SYSENTER_EIP, 0, ALL },
	{ MSR_IA32_MCG_CAP, 0, RO },
	{ MSR_IA32_MCG_STATUS, 0, 0x7 },
	{ MSR_IA32_MISC_ENABLE, 0x51809, 0x50001 },
	{ MSR_IA32_DEBUGCTLMSR, 0, 0x2 },
	{ MSR_IA32_CR_PAT, 0x0007040600070406ULL, 0x0707070707070707ULL },
	{ MSR_IA32_VMX_BASIC, SIM_VMCS_REVISION | (u64)SZ_4K << 32 | VMX_BASIC_INOUT |
		(u64)X86_MEMTYPE_WB << 50 | VMX_BASIC_TRUE_CTLS |
		VMX_BASIC_NO_SEAMRET_INVD_VMCS, RO },
	{ MSR_IA32_VMX_PINBASED_CTLS, CTLS(PIN_DEFAULT1, PIN_MAY), RO },
	{ MSR_IA32_VMX_PROCBASED_CTLS, CTLS(EXEC_DEFAULT1, EXEC_MAY), RO },
	{ MSR_IA32_VMX_EXIT_CTLS, CTLS(EXIT_DEFAULT1, EXIT_MAY), RO },
	{ MSR_IA32_VMX_ENTRY_CTLS, CTLS(ENTRY_DEFAULT1, ENTRY_MAY), RO },
	{ MSR_IA32_VMX_MISC, VMX_MISC, RO },
	{ MSR_IA32_VMX_CR0_FIXED0, 0x80000021, RO },
	{ MSR_IA32_VMX_CR0_FIXED1, 0xffffffff, RO },
	{ MSR_IA32_VMX_CR4_FIXED0, 0x2000, RO },
	{ MSR_IA32_VMX_CR4_FIXED1, 0x772fff, RO },
	/* The highest index of a field */
	{ MSR_IA32_VMX_VMCS_ENUM, VMX_PREEMPTION_TIMER_VALUE & 0x3fe, RO },
	{ MSR_IA32_VMX_PROCBASED_CTLS2, CTLS(0, EXEC2_MAY), RO },
	{ MSR_IA32_VMX_EPT_VPID_CAP, (u64)VPID_CAP << 32 | EPT_CAP, RO },
	{ MSR_IA32_VMX_TRUE_PINBASED_CTLS, CTLS(PIN_DEFAULT1, PIN_MAY), RO },
	{ MSR_IA32_VMX_TRUE_PROCBASED_CTLS, CTLS(EXEC_DEFAULT1_TRUE, EXEC_DEFAULT1 | EXEC_MAY), RO },
	{ MSR_IA32_VMX_TRUE_EXIT_CTLS, CTLS(EXIT_DEFAULT1_TRUE, EXIT_DEFAULT1 | EXIT_MAY), RO },
	{ MSR_IA32_VMX_TRUE_ENTRY_CTLS, CTLS(ENTRY_DEFAULT1_TRUE, ENTRY_DEFAULT1 | ENTRY_MAY), RO },
	{ MSR_IA32_TSC_DEADLINE, 0, ALL },
	{ MSR_TME_ACTIVATE, TME_ACTIVATE, RO },
	{ MSR_IA32_XSS, 0, RO },
	{ MSR_EFER, EFER_SCE | EFER_LME | EFER_LMA | EFER_NX, EFER_SCE | EFER_NX },
	{ MSR_STAR, 0, ALL },
	{ MSR_LSTAR, 0, ALL },
	{ MSR_CSTAR, 0, ALL },
	{ MSR_SYSCALL_MASK, 0, 0xffffffff },
	{ MSR_FS_BASE, 0, ALL },
	{ MSR_GS_BASE, 0, ALL },
	{ MSR_KERNEL_GS_BASE, 0, ALL },
	{ MSR_TSC_AUX, 0, 0xffffffff },
};

static bool canonical(u64 val)
{
	return (s64)(val << 16) >> 16 == (s64)val;
}

static int intel_msr_write(struct sim_cpu *cpu, u32 nr, u64 old, u64 *val)
{
	int i;

	switch (nr) {
	case MSR_IA32_PRED_CMD:
		cpu->nr_ibpb += *val & 1;
		break;
	case MSR_IA32_CR_PAT:
		for (i = 0; i < 64; i += 8)
			if ((*val >> i & 7) == 2 || (*val >> i & 7) == 3)
				return -EIO;
		break;
	case MSR_IA32_SYSENTER_ESP:
	case MSR_IA32_SYSENTER_EIP:
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		if (!canonical(*val))
			return -EIO;
		break;
	}
	return 0;
}

static void intel_identify(struct cpuinfo_x86 *c)
{
	c->x86_vendor = X86_VENDOR_INTEL;
	sim_identify(c);
	/* What x86 finds in TME_ACTIVATE, FEAT_CTL, and with the mitigations */
	c->x86_phys_bits -= SIM_INTEL_KEYID_BITS;
	set_cpu_cap(c, X86_FEATURE_MSR_IA32_FEAT_CTL);
	set_cpu_cap(c, X86_FEATURE_MSR_SPEC_CTRL);
}

#ifdef CONFIG_KVM_INTEL_TDX
/* Off by default; on this machine it is what KVM is there for.  kvm_intel.tdx=0 still works. */
extern bool enable_tdx;

static void __init intel_chosen(void)
{
	enable_tdx = true;
}
#else
#define intel_chosen NULL
#endif

static unsigned int logical_processors __ro_after_init;

/**
 * sim_logical_processors - logical processors of the machine
 *
 * Return: those that the kernel runs on, or what sim_lps= says if that is more:
 * then there are some which it does not start, as with maxcpus=.
 */
unsigned int sim_logical_processors(void)
{
	return max(logical_processors, num_present_cpus());
}
EXPORT_SYMBOL_GPL(sim_logical_processors);

static int __init set_logical_processors(char *s)
{
	if (!s || kstrtouint(s, 0, &logical_processors) || !logical_processors ||
	    logical_processors > SIM_TDX_MAX_LPS)
		panic("sim_lps=%s: should be a number from 1 to %d", s ?: "", SIM_TDX_MAX_LPS);
	return 0;
}
early_param("sim_lps", set_logical_processors);

static int __init intel_boot(void)
{
	int ret;

	if (WARN_ON(!sim_vmcs_table_ok()))
		return -EINVAL;
	cc_vendor = CC_VENDOR_INTEL;
	ret = sim_mem_init();
	if (ret)
		return ret;
	x86_virt_init();
	if (IS_ENABLED(CONFIG_INTEL_TDX_HOST)) {
		ret = sim_tdx_boot();
		tdx_init();
	}
	return ret;
}

const struct sim_cpu_model sim_cpu_intel __refconst = {
	.name = "intel",
	.chosen = intel_chosen,
	.leaves = intel_leaves,
	.nr_leaves = ARRAY_SIZE(intel_leaves),
	.msrs = intel_msrs,
	.nr_msrs = ARRAY_SIZE(intel_msrs),
	.cpuid_fixup = intel_cpuid_fixup,
	.msr_write = intel_msr_write,
	.identify = intel_identify,
	.boot = intel_boot,
};
