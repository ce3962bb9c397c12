// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated CPU: registers, CPUID and MSRs of the chosen model.
 */
#include <linux/bsearch.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/cpuid/api.h>
#include <asm/fpu/xcr.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/smp.h>
#include <asm/special_insns.h>
#include <asm/virt.h>
#include "cpu.h"
#include "host.h"

/* What the x86 kernel knows about its CPUs; they are all alike. */
struct cpuinfo_x86 sim_cpu_data;
EXPORT_SYMBOL_GPL(sim_cpu_data);

DEFINE_PER_CPU_READ_MOSTLY(struct cpuinfo_x86, cpu_info);
EXPORT_PER_CPU_SYMBOL(cpu_info);
DEFINE_PER_CPU_READ_MOSTLY(u32, x86_cpu_to_apicid);

DEFINE_PER_CPU(struct sim_cpu, sim_cpus);

/* Frequency in kHz of the simulated TSC */
unsigned int tsc_khz = 2000000;
unsigned int cpu_khz = 2000000;

/* Set by the Intel side of x86 when a CPU's caches hold TDX lines */
DEFINE_PER_CPU(bool, cache_state_incoherent);

static const struct sim_cpu_model *const models[] __initconst = {
	&sim_cpu_amd,
#ifdef CONFIG_KVM_INTEL
	&sim_cpu_intel,
#endif
};

static const struct sim_cpu_model *model = &sim_cpu_amd;

static int __init sim_cpu_setup(char *s)
{
	char known[32] = "";
	int i;

	for (i = 0; i < ARRAY_SIZE(models); i++) {
		if (s && !strcmp(s, models[i]->name)) {
			model = models[i];
			if (model->chosen)
				model->chosen();
			return 0;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 i ? ", " : "", models[i]->name);
	}
	if (!s || !*s)
		panic("sim_cpu: needs a value: %s", known);
	panic("sim_cpu=%s: no such simulated CPU; known: %s", s, known);
}
early_param("sim_cpu", sim_cpu_setup);

/* 2 GHz, and monotonic across CPUs as an invariant TSC is */
u64 rdtsc(void)
{
	return ktime_get_raw_fast_ns() * 2;
}

void sim_cpuid(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	u32 fn = *eax, index = *ecx, r[4] = {};
	unsigned int i;

	for (i = 0; i < model->nr_leaves; i++) {
		const struct sim_leaf *l = &model->leaves[i];

		if (l->fn != fn)
			continue;
		/* A leaf with one entry has no index */
		if (l->index == index ||
		    (!l->index && (i + 1 == model->nr_leaves || l[1].fn != fn))) {
			memcpy(r, l->r, sizeof(r));
			if (model->cpuid_fixup)
				model->cpuid_fixup(raw_cpu_ptr(&sim_cpus), fn, index, r);
			break;
		}
	}
	*eax = r[0];
	*ebx = r[1];
	*ecx = r[2];
	*edx = r[3];
}
EXPORT_SYMBOL_GPL(sim_cpuid);

static int msr_cmp(const void *key, const void *elt)
{
	u32 nr = *(const u32 *)key, other = ((const struct sim_msr *)elt)->nr;

	return nr < other ? -1 : nr > other;
}

static const struct sim_msr *msr_find(u32 nr)
{
	return bsearch(&nr, model->msrs, model->nr_msrs, sizeof(*model->msrs), msr_cmp);
}

/* RDMSR: -EIO is #GP */
int sim_rdmsr(u32 nr, u64 *val)
{
	const struct sim_msr *m = msr_find(nr);

	*val = 0;
	if (!m || m->write_only)
		return -EIO;
	if (nr == MSR_IA32_TSC)
		*val = rdtsc();
	else
		*val = raw_cpu_ptr(&sim_cpus)->msr[m - model->msrs];
	return 0;
}
EXPORT_SYMBOL_GPL(sim_rdmsr);

/* WRMSR: -EIO is #GP */
int sim_wrmsr(u32 nr, u64 val)
{
	struct sim_cpu *cpu = raw_cpu_ptr(&sim_cpus);
	const struct sim_msr *m = msr_find(nr);
	u64 *cur;

	if (!m)
		return -EIO;
	cur = &cpu->msr[m - model->msrs];
	if ((val ^ *cur) & ~m->writable)
		return -EIO;
	if (model->msr_write && model->msr_write(cpu, nr, *cur, &val))
		return -EIO;
	if (!m->write_only)
		WRITE_ONCE(*cur, val);
	if (model->msr_written)
		model->msr_written(nr);
	return 0;
}
EXPORT_SYMBOL_GPL(sim_wrmsr);

/* Without a handler for #GP: the kernel complains and goes on with 0 */
u64 sim_rdmsr_unsafe(u32 nr)
{
	u64 val;

	WARN_ONCE(sim_rdmsr(nr, &val), "RDMSR of MSR %#x: #GP at %pS\n", nr,
		  __builtin_return_address(0));
	return val;
}
EXPORT_SYMBOL_GPL(sim_rdmsr_unsafe);

void sim_wrmsr_unsafe(u32 nr, u64 val)
{
	WARN_ONCE(sim_wrmsr(nr, val), "WRMSR of MSR %#x, value %#llx: #GP at %pS\n", nr, val,
		  __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(sim_wrmsr_unsafe);

/* No performance counters */
u64 sim_rdpmc(int counter)
{
	WARN_ONCE(1, "RDPMC of counter %d: #GP\n", counter);
	return 0;
}
EXPORT_SYMBOL_GPL(sim_rdpmc);

/**
 * sim_msr_peek - an MSR of any CPU as it stands
 * @cpu: the CPU
 * @nr: number of the MSR, which must exist
 *
 * For the simulated firmware, which sees every core.
 */
u64 sim_msr_peek(int cpu, u32 nr)
{
	const struct sim_msr *m = msr_find(nr);

	return WARN_ON_ONCE(!m) ? 0 : READ_ONCE(per_cpu(sim_cpus, cpu).msr[m - model->msrs]);
}

/**
 * sim_msr_poke - set an MSR on every CPU, as the BIOS does
 * @nr: number of the MSR, which must exist
 * @val: its value
 */
void sim_msr_poke(u32 nr, u64 val)
{
	const struct sim_msr *m = msr_find(nr);
	int cpu;

	if (WARN_ON_ONCE(!m))
		return;
	for_each_possible_cpu(cpu)
		per_cpu(sim_cpus, cpu).msr[m - model->msrs] = val;
}

unsigned long sim_read_cr(int nr)
{
	return raw_cpu_ptr(&sim_cpus)->cr[nr];
}
EXPORT_SYMBOL_GPL(sim_read_cr);

void sim_write_cr(int nr, unsigned long val)
{
	raw_cpu_ptr(&sim_cpus)->cr[nr] = val;
}
EXPORT_SYMBOL_GPL(sim_write_cr);

unsigned long sim_read_dr(int nr)
{
	return raw_cpu_ptr(&sim_cpus)->dr[nr];
}
EXPORT_SYMBOL_GPL(sim_read_dr);

void sim_write_dr(int nr, unsigned long val)
{
	raw_cpu_ptr(&sim_cpus)->dr[nr] = val;
}
EXPORT_SYMBOL_GPL(sim_write_dr);

u64 sim_xgetbv(u32 index)
{
	return raw_cpu_ptr(&sim_cpus)->xcr0;
}
EXPORT_SYMBOL_GPL(sim_xgetbv);

void sim_xsetbv(u32 index, u64 val)
{
	raw_cpu_ptr(&sim_cpus)->xcr0 = val;
}
EXPORT_SYMBOL_GPL(sim_xsetbv);

/**
 * sim_wbinvd - WBINVD or WBNOINVD on this CPU
 *
 * Memory of the simulation is coherent, nothing has to be written back; what
 * matters is that the firmware knows which CPUs have flushed.
 */
void sim_wbinvd(void)
{
	raw_cpu_ptr(&sim_cpus)->nr_wbinvd++;
	if (IS_ENABLED(CONFIG_KVM_FIRMWARE_SIM))
		sim_host_wbinvd(raw_smp_processor_id());
}
EXPORT_SYMBOL_GPL(sim_wbinvd);

/**
 * sim_identify - what the x86 kernel reads from CPUID at boot
 * @c: where it keeps it
 */
void sim_identify(struct cpuinfo_x86 *c)
{
	static const struct { u8 word; u32 fn, index; u8 reg; } words[] = {
		{ CPUID_1_EDX, 1, 0, 3 },
		{ CPUID_1_ECX, 1, 0, 2 },
		{ CPUID_8000_0001_EDX, 0x80000001, 0, 3 },
		{ CPUID_8000_0001_ECX, 0x80000001, 0, 2 },
		{ CPUID_7_0_EBX, 7, 0, 1 },
		{ CPUID_7_ECX, 7, 0, 2 },
		{ CPUID_7_EDX, 7, 0, 3 },
		{ CPUID_7_1_EAX, 7, 1, 0 },
		{ CPUID_D_1_EAX, 0xd, 1, 0 },
		{ CPUID_8000_0008_EBX, 0x80000008, 0, 1 },
		{ CPUID_8000_000A_EDX, 0x8000000a, 0, 3 },
		{ CPUID_8000_001F_EAX, 0x8000001f, 0, 0 },
		{ CPUID_8000_0021_EAX, 0x80000021, 0, 0 },
	};
	u32 i, sig = cpuid_eax(1);

	c->x86 = x86_family(sig);
	c->x86_model = x86_model(sig);
	c->x86_stepping = x86_stepping(sig);
	c->x86_phys_bits = cpuid_eax(0x80000008) & 0xff;
	c->x86_virt_bits = (cpuid_eax(0x80000008) >> 8) & 0xff;
	c->x86_cache_bits = c->x86_phys_bits;
	c->x86_clflush_size = ((cpuid_ebx(1) >> 8) & 0xff) * 8;
	c->x86_cache_alignment = c->x86_clflush_size;
	c->cpuid_level = cpuid_eax(0);
	c->extended_cpuid_level = cpuid_eax(0x80000000);
	c->x86_power = cpuid_edx(0x80000007);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		u32 r[4];

		cpuid_count(words[i].fn, words[i].index, &r[0], &r[1], &r[2], &r[3]);
		c->x86_capability[words[i].word] = r[words[i].reg];
	}
	set_cpu_cap(c, X86_FEATURE_ALWAYS);
	set_cpu_cap(c, X86_FEATURE_CPUID);
	set_cpu_cap(c, X86_FEATURE_CONSTANT_TSC);
	set_cpu_cap(c, X86_FEATURE_NONSTOP_TSC);
}

static int __init sim_cpu_init(void)
{
	unsigned int i;
	int n;

	if (WARN_ON(model->nr_msrs > SIM_MAX_MSRS))
		return -E2BIG;
	for (i = 1; i < model->nr_msrs; i++)
		if (WARN_ON(model->msrs[i - 1].nr >= model->msrs[i].nr))
			return -EINVAL;

	for_each_possible_cpu(n) {
		struct sim_cpu *cpu = per_cpu_ptr(&sim_cpus, n);

		cpu->cr[0] = X86_CR0_PE | X86_CR0_PG | X86_CR0_NE | X86_CR0_ET | X86_CR0_WP;
		cpu->cr[4] = X86_CR4_PAE | X86_CR4_OSFXSR | X86_CR4_OSXSAVE |
			     X86_CR4_MCE;
		cpu->dr[6] = 0xffff0ff0;
		cpu->dr[7] = 0x400;
		cpu->xcr0 = 1;
		cpu->gif = true;
		cpu->vmxon = SIM_NO_VMCS;
		cpu->vmcs = SIM_NO_VMCS;
		for (i = 0; i < model->nr_msrs; i++)
			cpu->msr[i] = model->msrs[i].reset;
	}

	model->identify(&sim_cpu_data);
	for_each_possible_cpu(n) {
		per_cpu(cpu_info, n) = sim_cpu_data;
		per_cpu(cpu_info, n).cpu_index = n;
		per_cpu(x86_cpu_to_apicid, n) = n;
	}
	sim_insn_init();
	sim_fpu_init();
	return model->boot();
}
core_initcall(sim_cpu_init);
