// SPDX-License-Identifier: GPL-2.0
/*
 * What the rest of the x86 kernel does for kvm-intel and the bring-up of the TDX
 * module, where its file cannot be used.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/percpu.h>
#include <asm/apic.h>
#include <asm/cpu_entry_area.h>
#include <asm/desc.h>
#include <asm/irq_vectors.h>
#include <asm/mce.h>
#include <asm/perf_event.h>
#include <asm/tdx.h>
#include <asm/virt.h>
#include <asm/vmx.h>
#include "cpu.h"
#include "cpu_intel.h"

/*
 * Addresses of the host's descriptor tables and stacks go to the VMCS, for a VM
 * exit to load.  A CPU that does not execute the kernel loads none; x86 has them
 * at this address.
 */
#define ENTRY_AREA	0xfffffe0000001000UL

struct cpu_entry_area *get_cpu_entry_area(int cpu)
{
	return (struct cpu_entry_area *)(ENTRY_AREA + cpu * CPU_ENTRY_AREA_SIZE);
}

DEFINE_PER_CPU_PAGE_ALIGNED(struct gdt_page, gdt_page);
DEFINE_PER_CPU(bool, __tss_limit_invalid);

void load_direct_gdt(int cpu)
{
}

void load_fixmap_gdt(int cpu)
{
}

/* The CPU is not vulnerable; the flush is compiled out as well. */
enum l1tf_mitigations l1tf_mitigation = L1TF_MITIGATION_OFF;

/* No processor trace, no PMU, no machine checks */
void intel_pt_handle_vmx(int on)
{
}

struct perf_guest_switch_msr *perf_guest_get_msrs(int *nr, void *data)
{
	*nr = 0;
	return NULL;
}

bool mce_is_memory_error(struct mce *m)
{
	return false;
}

bool mce_usable_address(struct mce *m)
{
	return false;
}

/* SEAMCALL on a CPU without a TDX module, or whose BIOS did not enable SEAM: #GP */
u64 tdx_hw_seamcall(u64 fn, struct tdx_module_args *args);
u64 tdx_hw_seamcall_ret(u64 fn, struct tdx_module_args *args);
u64 tdx_hw_seamcall_saved_ret(u64 fn, struct tdx_module_args *args);

u64 tdx_hw_seamcall(u64 fn, struct tdx_module_args *args)
{
	return TDX_SEAMCALL_GP;
}

u64 tdx_hw_seamcall_ret(u64 fn, struct tdx_module_args *args)
{
	return TDX_SEAMCALL_GP;
}

u64 noinstr tdx_hw_seamcall_saved_ret(u64 fn, struct tdx_module_args *args)
{
	return TDX_SEAMCALL_GP;
}

/*
 * Interrupts that KVM sends from CPU to CPU, which are all notifications of posted
 * interrupts.  A CPU in a guest takes notice between two instructions; the handler
 * of one that is in the kernel does nothing.  The other vector is for devices and
 * IPI virtualization, which this machine does not have.
 */
void sim_send_ipi(const struct cpumask *mask, int vector)
{
	int cpu;

	WARN_ON_ONCE(vector != POSTED_INTR_VECTOR && vector != POSTED_INTR_NESTED_VECTOR);
	for_each_cpu(cpu, mask)
		set_bit(vector, per_cpu(sim_cpus, cpu).pi_notify);
}
EXPORT_SYMBOL_GPL(sim_send_ipi);

static void send_ipi_self(int vector)
{
	sim_send_ipi(cpumask_of(raw_smp_processor_id()), vector);
}

static struct apic sim_apic = {
	.name = "simulated",
	.send_IPI_self = send_ipi_self,
};
struct apic *apic = &sim_apic;
EXPORT_SYMBOL_GPL(apic);

/**
 * sim_ipi_arrived() - take an interrupt that has been sent to this CPU
 * @vector: its vector
 *
 * Return: there was one.
 */
bool sim_ipi_arrived(u8 vector)
{
	unsigned long *pending = raw_cpu_ptr(&sim_cpus)->pi_notify;

	return test_bit(vector, pending) && test_and_clear_bit(vector, pending);
}
EXPORT_SYMBOL_GPL(sim_ipi_arrived);

void kvm_set_posted_intr_wakeup_handler(void (*handler)(void));
void kvm_set_posted_intr_wakeup_handler(void (*handler)(void))
{
}
EXPORT_SYMBOL_GPL(kvm_set_posted_intr_wakeup_handler);

/*
 * The exit of a guest has taken a host interrupt out of the APIC, for KVM to have
 * the kernel handle it.  Here the kernel has handled it already, or does when
 * interrupts are enabled; see vmx_run.c.
 */
void x86_entry_from_kvm(unsigned int entry_type, unsigned int vector);
void noinstr x86_entry_from_kvm(unsigned int entry_type, unsigned int vector)
{
}
EXPORT_SYMBOL_GPL(x86_entry_from_kvm);
