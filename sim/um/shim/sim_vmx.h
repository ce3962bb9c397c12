/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included (-include) before the files of kvm-intel: the state of the host that
 * VMX saves and loads with a guest's.
 */
#ifndef _SIM_SHIM_VMX_H
#define _SIM_SHIM_VMX_H
#include <linux/kvm_host.h>
#include <linux/regset.h>
#include <asm/tdx.h>
#include <asm/user.h>

/*
 * Segment registers of the task, where UML keeps them: those of its process on
 * the host.
 */
#define SIM_TASK_REG(reg)	\
	regs.regs.gp[offsetof(struct user_regs_struct, reg) / sizeof(unsigned long)]
#define fsindex			SIM_TASK_REG(fs)
#define gsindex			SIM_TASK_REG(gs)
#define fsbase			SIM_TASK_REG(fs_base)
#define gsbase			SIM_TASK_REG(gs_base)
#define is_64bit_mm(mm)		((void)(mm), true)
/* Per-CPU data is not found by GS here. */
#define cpu_kernelmode_gs_base(cpu)	((void)(cpu), 0UL)
#define current_save_fsgs()		do { } while (0)
#define load_gs_index(sel)		do { (void)(sel); WARN_ON_ONCE(1); } while (0)

/* Entries of guest page tables; those of UML's own tables are other bits. */
#include <pte_bits.h>
#undef _PAGE_PRESENT
#undef _PAGE_RW
#undef _PAGE_USER
#undef _PAGE_ACCESSED
#undef _PAGE_DIRTY
#define _PAGE_PRESENT		BIT(_PAGE_BIT_PRESENT)
#define _PAGE_RW		BIT(_PAGE_BIT_RW)
#define _PAGE_USER		BIT(_PAGE_BIT_USER)
#define _PAGE_ACCESSED		BIT(_PAGE_BIT_ACCESSED)
#define _PAGE_DIRTY		BIT(_PAGE_BIT_DIRTY)
#define _PAGE_PSE		BIT(_PAGE_BIT_PSE)

/*
 * Logical processors of the machine, of which the kernel may run on fewer: TDX
 * gives a TD no more vCPUs than there are.
 */
#include <linux/cpumask.h>
#include <cpu_intel.h>
#undef num_present_cpus
#define num_present_cpus()	sim_logical_processors()

/* From x86's <asm/entry-common.h> and <asm/irq.h>, which are about its entry code */
void x86_entry_from_kvm(unsigned int entry_type, unsigned int vector);
void kvm_set_posted_intr_wakeup_handler(void (*handler)(void));
#endif
