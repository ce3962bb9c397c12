// SPDX-License-Identifier: GPL-2.0
/*
 * What the rest of the x86 kernel does for KVM, where its file cannot be used.
 */
#include <linux/kvm_host.h>
#include <linux/log2.h>
#include <linux/cc_platform.h>
#include <linux/msi.h>
#include <linux/user-return-notifier.h>
#include <linux/amd-iommu.h>
#include <asm/iommu.h>
#include <asm/cpu_device_id.h>
#include <asm/debugreg.h>
#include <asm/spec-ctrl.h>
#include <asm/nospec-branch.h>
#include <asm/e820/api.h>
#include <asm/vmx.h>
#include "cpu.h"

/* What a shim states, as asm/pgtable.h can't be included there */
static_assert(PTE_SHIFT == ilog2(PTRS_PER_PTE));

/* The guest side of memory encryption: this kernel is no guest, and has no SME. */
#undef sme_me_mask
#undef sev_status
u64 sme_me_mask;
u64 sev_status;

/* CPU features: what the kernel took away or added; no code is patched for any */
__u32 cpu_caps_cleared[NCAPINTS + NBUGINTS] __aligned(sizeof(unsigned long));
__u32 cpu_caps_set[NCAPINTS + NBUGINTS] __aligned(sizeof(unsigned long));
int alternatives_patched;

/* Intel's errata; an AMD CPU has none of them. */
bool gds_ucode_mitigated(void)
{
	return true;
}

bool itlb_multihit_kvm_mitigation;
enum vmx_l1d_flush_state l1tf_vmx_mitigation;

/* Mitigations are off, as with mitigations=off; an IBPB that KVM asks for counts. */
DEFINE_PER_CPU(bool, x86_ibpb_exit_to_user);
DEFINE_STATIC_KEY_FALSE(switch_vcpu_ibpb);

void write_ibpb(void)
{
	sim_wrmsr(MSR_IA32_PRED_CMD, PRED_CMD_IBPB);
}

/* Without DBEXT of its own the host masks no breakpoint address. */
unsigned long amd_get_dr_addr_mask(unsigned int dr)
{
	return 0;
}

/* The host has no breakpoints of its own: back to none after a guest's. */
DEFINE_PER_CPU(unsigned long, cpu_dr7);

void hw_breakpoint_restore(void)
{
	int i;

	for (i = 0; i < 4; i++)
		set_debugreg(0UL, i);
	set_debugreg(DR6_RESERVED, 6);
	set_debugreg(this_cpu_read(cpu_dr7) | DR7_FIXED_1, 7);
}

/* Caches are coherent with everything that looks at memory here. */
void clflush_cache_range(void *addr, unsigned int size)
{
}

/* APIC, MSI */
u32 x86_msi_msg_get_destid(struct msi_msg *msg, bool extid)
{
	u32 dest = msg->arch_addr_lo.destid_0_7;

	return extid ? dest | msg->arch_addr_hi.destid_8_31 << 8 : dest;
}

/*
 * There is no e820 map, and no kexec kernel to hand one to.  Memory is RAM and
 * nothing else, and the RMP was never the kernel's.
 */
struct e820_table *e820_table_kexec;

bool e820__mapped_any(u64 start, u64 end, enum e820_type type)
{
	return false;
}

bool e820__mapped_raw_any(u64 start, u64 end, enum e820_type type)
{
	return true;
}

u64 e820__range_update(u64 start, u64 size, enum e820_type old_type, enum e820_type new_type)
{
	return 0;
}

u64 e820__range_update_table(struct e820_table *t, u64 start, u64 size,
			     enum e820_type old_type, enum e820_type new_type)
{
	return 0;
}

/*
 * UML calls nobody on the way back to user mode, hence shared MSRs keep a guest's
 * values until KVM is done with the CPU.  Kernel and user space run on the host's
 * CPU and depend on none of them.
 */
void user_return_notifier_register(struct user_return_notifier *urn)
{
}

void user_return_notifier_unregister(struct user_return_notifier *urn)
{
}

/* Without an IOMMU it has no log pages that SNP would have to give back. */
bool amd_iommu_snp_en;

int amd_iommu_snp_disable(void)
{
	return 0;
}

/* cmpxchg on user memory: < 0 fault, 1 failed, 0 done; @old is updated */
int sim_cmpxchg_user(void __user *ptr, u64 *old, u64 new, int size)
{
	unsigned long addr = (unsigned long)ptr;
	u64 o = *old;
	struct page *page;
	void *p;

	if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	p = page_address(page) + offset_in_page(addr);
	switch (size) {
	case 1:
		*old = cmpxchg((u8 *)p, (u8)o, (u8)new);
		break;
	case 2:
		*old = cmpxchg((u16 *)p, (u16)o, (u16)new);
		break;
	case 4:
		*old = cmpxchg((u32 *)p, (u32)o, (u32)new);
		break;
	case 8:
		*old = cmpxchg((u64 *)p, o, new);
		break;
	}
	set_page_dirty_lock(page);
	put_page(page);
	return *old != o;
}

#ifndef CONFIG_SMP
u32 boot_cpu_physical_apicid;	/* x86's <asm/smp.h> */
#endif
