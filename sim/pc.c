// SPDX-License-Identifier: GPL-2.0
/*
 * Simulated firmware below an x86 kernel, on whatever CPU it runs: a machine with
 * SEV-SNP (firmware_sim=snp) or with a TDX module (firmware_sim=tdx).
 *
 * What the kernel asks the CPU about them is answered here, through the hooks
 * that paravirtualization has for CPUID and MSRs; the code that asks is the
 * kernel's own, and does not know.  Guests of such firmware can be launched but
 * not run: the CPU has none of it.
 */
#define pr_fmt(fmt) "gmem-sim: " fmt

#include <linux/cc_platform.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/kdebug.h>
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/percpu.h>
#include <linux/set_memory.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>
#include <asm/bootparam.h>
#include <asm/cmdline.h>
#include <asm/cpufeature.h>
#include <asm/cpuid/api.h>
#include <asm/e820/types.h>
#include <asm/firmware_sim.h>
#include <asm/insn.h>
#include <asm/iommu.h>
#include <asm/msr.h>
#include <asm/paravirt.h>
#include <asm/pgtable.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/sev.h>
#include <asm/tlbflush.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "host.h"
#include "pc.h"
#include "tdx_host.h"

/* Processor's book-keeping at the start of the table */
#define RMP_BOOKKEEPING	0x4000
#define RMP_ENTRY_SIZE	16

#define NR_ASIDS	1006
/* Of a physical address, next to the C-bit, what encryption takes away */
#define PHYS_BITS_TAKEN	5
#define C_BIT		51

#define TDX_HKID_BITS	6
#define TDX_MKTME_KEYIDS	31
#define TDX_KEYIDS	32

/* ASIDs below are for SEV-ES and SNP guests: so many as the BIOS was told */
static u32 min_sev_asid __ro_after_init = 501;

static enum { NOTHING, SNP, TDX } machine __ro_after_init;

bool firmware_sim_bound(void)
{
	return machine != NOTHING;
}
EXPORT_SYMBOL_GPL(firmware_sim_bound);

static u64 rmp_base __ro_after_init;
static u64 rmp_size __ro_after_init;

/* What this CPU's MSRs hold, as far as the CPU itself has no such MSR */
static DEFINE_PER_CPU(u64, syscfg);
static DEFINE_PER_CPU(u64, hsave);

/* ---- CPUID and MSRs ---- */

static void pc_cpuid(unsigned int *eax, unsigned int *ebx, unsigned int *ecx,
		     unsigned int *edx)
{
	u32 fn = *eax, index = *ecx;

	native_cpuid(eax, ebx, ecx, edx);

	if (machine == TDX) {
		if (fn == 1) {
			*ecx |= BIT(X86_FEATURE_VMX & 31);
			*edx |= BIT(X86_FEATURE_SELFSNOOP & 31);
		} else if (fn == 7 && !index) {
			*ecx |= BIT(X86_FEATURE_MOVDIR64B & 31);
		}
		return;
	}

	switch (fn) {
	case 1:
		/* The kernel looks for an RMP on bare metal only. */
		*ecx &= ~BIT(X86_FEATURE_HYPERVISOR & 31);
		break;
	case 0x80000000:
		*eax = max(*eax, 0x8000001fU);
		break;
	case 0x8000000a:
		*ebx = max(*ebx, 0x8000U);
		/* KVM asks for these before it looks at SEV at all. */
		*edx |= BIT(X86_FEATURE_LBRV & 31) | BIT(X86_FEATURE_NRIPS & 31) |
			BIT(X86_FEATURE_FLUSHBYASID & 31) |
			BIT(X86_FEATURE_DECODEASSISTS & 31);
		break;
	case 0x8000001f:
		*eax = BIT(X86_FEATURE_SEV & 31) | BIT(X86_FEATURE_SEV_ES & 31) |
		       BIT(X86_FEATURE_SEV_SNP & 31) | BIT(X86_FEATURE_SME_COHERENT & 31) |
		       BIT(X86_FEATURE_RMPREAD & 31);
		*ebx = C_BIT | PHYS_BITS_TAKEN << 6;
		*ecx = NR_ASIDS;
		*edx = min_sev_asid;
		break;
	}
}

static bool read_msr(u32 msr, u64 *val)
{
	if (machine == TDX) {
		switch (msr) {
		case MSR_IA32_MKTME_KEYID_PARTITIONING:
			*val = (u64)TDX_KEYIDS << 32 | TDX_MKTME_KEYIDS;
			return true;
		case MSR_IA32_VMX_BASIC:
			*val = VMX_BASIC_NO_SEAMRET_INVD_VMCS | (u64)PAGE_SIZE << 32 | 1;
			return true;
		}
		return false;
	}

	switch (msr) {
	case MSR_AMD64_SYSCFG:
		*val = this_cpu_read(syscfg) | MSR_AMD64_SYSCFG_MEM_ENCRYPT;
		return true;
	case MSR_AMD64_RMP_BASE:
		*val = rmp_base;
		return true;
	case MSR_AMD64_RMP_END:
		*val = rmp_base + rmp_size - 1;
		return true;
	}
	return false;
}

/*
 * Firmware looks at these MSRs of all cores.  Each core comes here after its own
 * write; whichever is the last sees them all.
 */
static void msrs_changed(void)
{
	const u64 snp = MSR_AMD64_SYSCFG_SNP_EN | MSR_AMD64_SYSCFG_SNP_VMPL_EN;
	bool all = true, any = false;
	int cpu;

	smp_mb(); /* this core's write before the reads of the others */
	for_each_present_cpu(cpu) {
		all &= (READ_ONCE(per_cpu(syscfg, cpu)) & snp) == snp;
		any |= READ_ONCE(per_cpu(hsave, cpu));
	}
	sim_host_set_snp_enabled(all);
	sim_host_set_hsave(any);
}

static bool write_msr(u32 msr, u64 val)
{
	if (machine != SNP)
		return false;

	switch (msr) {
	case MSR_AMD64_SYSCFG:
		/* Once on, SNP stays on until reset */
		val |= this_cpu_read(syscfg) & MSR_AMD64_SYSCFG_SNP_EN;
		this_cpu_write(syscfg, val);
		msrs_changed();
		return true;
	case MSR_VM_HSAVE_PA:
		this_cpu_write(hsave, val);
		msrs_changed();
		return false;	/* the CPU has it, too */
	}
	return false;
}

static u64 pc_read_msr(u32 msr)
{
	u64 val;

	if (read_msr(msr, &val))
		return val;
	val = native_read_msr(msr);
	/* The BIOS has locked SMM; without that there is no SEV. */
	if (machine == SNP && msr == MSR_K7_HWCR)
		val |= MSR_K7_HWCR_SMMLOCK;
	return val;
}

static int pc_read_msr_safe(u32 msr, u64 *val)
{
	return read_msr(msr, val) ? 0 : native_read_msr_safe(msr, val);
}

static void pc_write_msr(u32 msr, u64 val)
{
	if (!write_msr(msr, val))
		native_write_msr(msr, val);
}

static int pc_write_msr_safe(u32 msr, u64 val)
{
	return write_msr(msr, val) ? 0 : native_write_msr_safe(msr, val);
}

void firmware_sim_wbinvd(void)
{
	if (machine == SNP)
		sim_host_wbinvd(raw_smp_processor_id());
}

/* ---- VMX operation, outside of which there is no SEAMCALL ---- */

static DEFINE_PER_CPU(bool, vmx_on);

static void pc_write_cr4(unsigned long val)
{
	native_write_cr4(val & ~X86_CR4_VMXE);
}

/* VMXON and VMXOFF succeed; to the CPU itself they are undefined. */
static int emulate_vmx(struct notifier_block *nb, unsigned long event, void *data)
{
	struct die_args *args = data;
	struct pt_regs *regs = args->regs;
	struct insn insn;
	const u8 *op;

	if (event != DIE_TRAP || args->trapnr != X86_TRAP_UD || user_mode(regs) ||
	    insn_decode_kernel(&insn, (void *)regs->ip))
		return NOTIFY_DONE;

	op = insn.opcode.bytes;
	if (op[0] != 0x0f)
		return NOTIFY_DONE;
	if (op[1] == 0xc7 && X86_MODRM_REG(insn.modrm.value) == 6 &&
	    insn.prefixes.bytes[0] == 0xf3)
		this_cpu_write(vmx_on, true);
	else if (op[1] == 0x01 && insn.modrm.value == 0xc4)
		this_cpu_write(vmx_on, false);
	else
		return NOTIFY_DONE;

	regs->flags &= ~(X86_EFLAGS_CF | X86_EFLAGS_ZF);
	regs->ip += insn.length;
	return NOTIFY_STOP;
}

static struct notifier_block vmx_nb = {
	.notifier_call = emulate_vmx,
};

/* ---- Power on ---- */

/*
 * The BIOS: takes memory for the RMP out of the memory map.  The table covers
 * all memory, itself included.
 */
static bool __init take_rmp(void)
{
	struct boot_e820_entry *e, *from = NULL, *tab = boot_params.e820_table;
	u64 top = 0, end, initrd = boot_params.hdr.ramdisk_image;
	unsigned int i;

	for (i = 0; i < boot_params.e820_entries; i++) {
		e = &tab[i];
		if (e->type != E820_TYPE_RAM)
			continue;
		top = max(top, e->addr + e->size);
		if (e->addr + e->size <= SZ_4G && e->size > SZ_256M)
			from = e;
	}
	if (!from || boot_params.e820_entries + 2 > E820_MAX_ENTRIES_ZEROPAGE)
		return false;

	/* The boot loader may have put things at the very end. */
	end = from->addr + from->size;
	if (initrd > from->addr && initrd < end)
		end = initrd;
	end = ALIGN_DOWN(end, SZ_2M);
	rmp_size = ALIGN(RMP_BOOKKEEPING + PHYS_PFN(top) * RMP_ENTRY_SIZE, SZ_2M);
	rmp_base = end - rmp_size;

	tab[boot_params.e820_entries++] = (struct boot_e820_entry) {
		.addr = rmp_base, .size = rmp_size, .type = E820_TYPE_RESERVED,
	};
	if (end != from->addr + from->size)
		tab[boot_params.e820_entries++] = (struct boot_e820_entry) {
			.addr = end, .size = from->addr + from->size - end, .type = E820_TYPE_RAM,
		};
	from->size = rmp_base - from->addr;
	return true;
}

static void __init read_min_sev_asid(void)
{
	unsigned int asid;
	char text[16];
	int len;

	len = cmdline_find_option(boot_command_line, "sim_min_sev_asid", text, sizeof(text));
	if (len < 0)
		return;
	/* What did not fit has been cut off. */
	if (len >= sizeof(text) || kstrtouint(text, 0, &asid) || !asid || asid > NR_ASIDS)
		pr_err("sim_min_sev_asid=%s%s: not an ASID from 1 to %u\n", text,
		       len >= sizeof(text) ? "..." : "", NR_ASIDS);
	else
		min_sev_asid = asid;
}

/* Early parameters are parsed when CPUID has long been read. */
void __init firmware_sim_setup(void)
{
	char name[32];

	if (cmdline_find_option(boot_command_line, "firmware_sim", name, sizeof(name)) < 0)
		return;

	if (!strcmp(name, "snp")) {
		if (!IS_ENABLED(CONFIG_AMD_MEM_ENCRYPT)) {
			pr_err("firmware_sim=snp: needs CONFIG_AMD_MEM_ENCRYPT\n");
			return;
		}
		if (!take_rmp()) {
			pr_err("firmware_sim=snp: no room for an RMP\n");
			return;
		}
		read_min_sev_asid();
		machine = SNP;
	} else if (!strcmp(name, "tdx") && IS_ENABLED(CONFIG_INTEL_TDX_HOST)) {
		/* Only VMXON and VMXOFF are simulated: KVM must not find the real ones. */
		if (native_cpuid_ecx(1) & BIT(X86_FEATURE_VMX & 31)) {
			pr_err("firmware_sim=tdx: not on a CPU that has VMX itself\n");
			return;
		}
		machine = TDX;
		pv_ops.cpu.write_cr4 = pc_write_cr4;
	} else {
		pr_err("firmware_sim=%s: there are snp%s\n", name,
		       IS_ENABLED(CONFIG_INTEL_TDX_HOST) ? ", tdx" : "");
		return;
	}

	pv_ops.cpu.cpuid = pc_cpuid;
	pv_ops.cpu.read_msr = pc_read_msr;
	pv_ops.cpu.write_msr = pc_write_msr;
	pv_ops.cpu.read_msr_safe = pc_read_msr_safe;
	pv_ops.cpu.write_msr_safe = pc_write_msr_safe;
	pr_warn("firmware is simulated (%s): for tests, nothing is protected\n", name);
}

/*
 * Memory as the hardware sees it: a second mapping, which stays open when the
 * kernel's own is closed.
 */
static struct {
	u64 start;
	u64 size;
	void *at;
} views[8] __ro_after_init;
static unsigned int nr_views __ro_after_init;

static void *pc_phys(u64 pa)
{
	unsigned int i;

	for (i = 0; i < nr_views; i++)
		if (pa - views[i].start < views[i].size)
			return views[i].at + (pa - views[i].start);
	return NULL;
}

static int __init add_view(u64 start, u64 size, void *at)
{
	if (!at)
		return -ENOMEM;
	if (nr_views == ARRAY_SIZE(views))
		return -E2BIG;
	views[nr_views].start = start;
	views[nr_views].size = size;
	views[nr_views++].at = at;
	return 0;
}

static int __init map_range(u64 start, u64 size)
{
	struct vm_struct *area = get_vm_area(size, VM_MAP);
	unsigned long addr;

	if (!area)
		return -ENOMEM;
	addr = (unsigned long)area->addr;
	return vmap_page_range(addr, addr + size, start, PAGE_KERNEL) ?:
	       add_view(start, size, area->addr);
}

static int __init map_memory(void)
{
	unsigned long start, end;
	int i, nid, ret;

	for_each_mem_pfn_range(i, MAX_NUMNODES, &start, &end, &nid) {
		ret = map_range(PFN_PHYS((u64)start), PFN_PHYS((u64)(end - start)));
		if (ret)
			return ret;
	}
	return 0;
}

/* ---- The kernel's own mapping of memory ---- */

/* Marks what the simulator took away; the kernel's mapping has no use for it. */
#define TAKEN	_PAGE_SOFTW2

static pte_t with_prot(pte_t pte, enum sim_mem_prot prot)
{
	/*
	 * Without _PAGE_PRESENT, _PAGE_GLOBAL has another meaning; and dirty but not
	 * writable is a shadow stack.  The kernel maps its memory dirty from the start.
	 */
	const u64 writable = _PAGE_RW | _PAGE_DIRTY;
	const u64 all = _PAGE_PRESENT | writable | _PAGE_GLOBAL;

	if (pte_flags(pte) & TAKEN)
		pte = pte_set_flags(pte_clear_flags(pte, TAKEN), all & __default_kernel_pte_mask);
	switch (prot) {
	case SIM_MEM_OPEN:
		return pte;
	case SIM_MEM_READONLY:
		return pte_set_flags(pte_clear_flags(pte, writable), TAKEN);
	case SIM_MEM_CLOSED:
		return pte_set_flags(pte_clear_flags(pte, all), TAKEN);
	}
	return pte;
}

/*
 * The functions of the kernel for this sleep, and flush other CPUs' TLBs, for
 * which interrupts have to be on.  What another CPU still has in its TLB is
 * more than it should be allowed, which misses a violation, or less, which ends
 * in a fault that the kernel takes for spurious.
 */
static int pc_protect(u64 pfn, u32 nr, enum sim_mem_prot prot)
{
	u64 end = pfn + nr, size;
	unsigned long addr;
	unsigned int level;
	pte_t *pte, now;
	int ret = 0;

	for (; pfn < end; pfn = ALIGN_DOWN(pfn, size) + size) {
		addr = (unsigned long)__va(PFN_PHYS(pfn));
		size = 1;
		pte = pfn_valid(pfn) ? lookup_address(addr, &level) : NULL;
		if (!pte || !pte_pfn(*pte)) {
			/* Nothing is mapped there, so nothing has to be protected. */
			continue;
		}
		size = page_level_size(level) >> PAGE_SHIFT;
		now = *pte;
		if (!IS_ALIGNED(pfn, size) || end - pfn < size) {
			/* Part of a large page, which is open, or should be split by now */
			if (prot != SIM_MEM_OPEN || pte_flags(now) & TAKEN)
				ret = -EINVAL;
			continue;
		}
		/* What was not writable before is none of ours. */
		if (!(pte_flags(now) & (_PAGE_RW | TAKEN)))
			continue;
		if (pte_val(with_prot(now, prot)) == pte_val(now))
			continue;
		set_pte(pte, with_prot(now, prot));
		flush_tlb_one_kernel(addr);
	}
	return ret;
}

bool firmware_sim_fault(unsigned long address, bool write, unsigned long ip)
{
	return machine != NOTHING && virt_addr_valid((void *)address) &&
	       sim_host_fault(PHYS_PFN(__pa(address)), write, ip);
}

static const struct sim_platform snp_platform = {
	.phys = pc_phys,
	.protect = pc_protect,
};

static int __init snp_power_on(void)
{
	static struct sim_machine_config cfg __initdata;
	u32 ncpus = num_possible_cpus();
	unsigned long start, end;
	int i, nid, ret;
	void *rmp;

	if (!cpu_feature_enabled(X86_FEATURE_SEV_SNP)) {
		pr_err("the kernel refuses the simulated RMP\n");
		return -ENODEV;
	}
	/* It is not the kernel's memory. */
	rmp = memremap(rmp_base, rmp_size, MEMREMAP_WB);
	ret = add_view(rmp_base, rmp_size, rmp) ?: map_memory();
	if (ret)
		return ret;
	memset(rmp, 0, rmp_size);

	for_each_mem_pfn_range(i, MAX_NUMNODES, &start, &end, &nid) {
		struct sim_range *last = cfg.nr_dram ? &cfg.dram[cfg.nr_dram - 1] : NULL;
		u64 from = PFN_PHYS((u64)start), to = PFN_PHYS((u64)end);

		/* The RMP is memory as well, in its place between the others. */
		if (last && last->end <= rmp_base && from >= rmp_base + rmp_size) {
			last++;
			*last = (struct sim_range) { rmp_base, rmp_base + rmp_size };
			cfg.nr_dram++;
		}
		if (cfg.nr_dram == ARRAY_SIZE(cfg.dram))
			return -E2BIG;
		if (last && last->end == from)
			last->end = to;
		else
			cfg.dram[cfg.nr_dram++] = (struct sim_range) { from, to };
	}
	if (cfg.nr_dram && cfg.dram[cfg.nr_dram - 1].end <= rmp_base &&
	    cfg.nr_dram < ARRAY_SIZE(cfg.dram))
		cfg.dram[cfg.nr_dram++] = (struct sim_range) { rmp_base, rmp_base + rmp_size };

	cfg.rmp_base = rmp_base;
	cfg.rmp_end = rmp_base + rmp_size - 1;
	cfg.rmp = rmp;
	/* A complex per CPU, as long as there are enough: WBINVD counts by them */
	cfg.cpus_per_ccx = DIV_ROUND_UP(ncpus, SIM_MAX_CCX);
	cfg.nr_ccx = DIV_ROUND_UP(ncpus, cfg.cpus_per_ccx);
	cfg.min_sev_asid = min_sev_asid;
	cfg.max_asid = NR_ASIDS;
	cfg.dies = 1;
	cfg.cpuid_1_eax = cpuid_eax(1);
	ret = sim_host_init(&cfg, &snp_platform, 0);
	if (ret)
		return ret;

	/*
	 * Without an IOMMU its driver has taken the attribute back.  With no device
	 * that does DMA there is nothing that one would have to keep out.
	 */
	amd_iommu_snp_en = true;
	cc_platform_set(CC_ATTR_HOST_SEV_SNP);
	if (snp_rmptable_init()) {
		cc_platform_clear(CC_ATTR_HOST_SEV_SNP);
		return -ENODEV;
	}
	return sim_pc_psp_init();
}

#ifdef CONFIG_INTEL_TDX_HOST
static struct sim_tdx_area cmrs[SIM_TDX_MAX_CMRS];

static u32 this_lp(u32 *package)
{
	u32 lp = raw_smp_processor_id();

	*package = topology_physical_package_id(lp);
	return lp;
}

static bool this_vmx_on(void)
{
	return this_cpu_read(vmx_on);
}

static struct sim_tdx_platform tdx_platform = {
	.hkid_bits = TDX_HKID_BITS,
	.private_min = TDX_MKTME_KEYIDS + 1,
	.private_max = TDX_MKTME_KEYIDS + TDX_KEYIDS,
	.cmr = cmrs,
	.phys = pc_phys,
	.protect = pc_protect,
	.lp = this_lp,
	.vmx_on = this_vmx_on,
};

static int __init tdx_power_on(void)
{
	unsigned long start, end;
	int i, nid, ret;

	/* All memory but the first megabyte is convertible. */
	for_each_mem_pfn_range(i, MAX_NUMNODES, &start, &end, &nid) {
		start = max(start, PHYS_PFN(SZ_1M));
		if (start >= end)
			continue;
		if (tdx_platform.nr_cmrs == ARRAY_SIZE(cmrs))
			return -E2BIG;
		cmrs[tdx_platform.nr_cmrs++] = (struct sim_tdx_area) {
			.start = PFN_PHYS((u64)start),
			.end = PFN_PHYS((u64)end),
		};
	}
	/* Pages of TDs lie in large ones of the kernel's mapping, which are not split for them. */
	for_each_mem_pfn_range(i, MAX_NUMNODES, &start, &end, &nid) {
		ret = set_memory_4k((unsigned long)__va(PFN_PHYS(start)), end - start);
		if (ret)
			return ret;
	}
	ret = map_memory();
	if (ret)
		return ret;
	tdx_platform.maxpa = boot_cpu_data.x86_phys_bits + TDX_HKID_BITS;
	tdx_platform.nr_packages = topology_max_packages();
	register_die_notifier(&vmx_nb);
	return sim_tdx_host_init(&tdx_platform, 1);
}
#else
static int __init tdx_power_on(void)
{
	return -ENODEV;
}
#endif

/* Before the TDX module is brought up, and before KVM. */
static int __init pc_power_on(void)
{
	int ret;

	if (machine == NOTHING)
		return 0;
	add_taint(TAINT_TEST, LOCKDEP_STILL_OK);
	ret = machine == SNP ? snp_power_on() : tdx_power_on();
	if (ret)
		pr_err("no simulated firmware: error %d\n", ret);
	return ret;
}
arch_initcall(pc_power_on);
