// SPDX-License-Identifier: GPL-2.0
/*
 * The FPU.  x86's own code describes the states, allocates and copies those of
 * guests; they stay in memory, as nothing here executes guest code: there is no
 * context to switch, and a process must not load it over the registers which it
 * needs itself.
 */
#include <linux/cpu.h>
#include <linux/init.h>
#include <linux/kvm_types.h>
#include <linux/smp.h>
#include <asm/fpu/api.h>
#include <asm/fpu/regset.h>
#include <asm/fpu/xstate.h>
#include "../../x86/kernel/fpu/internal.h"
#include "cpu.h"

/* In place of the context of a task: permissions, of which none is dynamic */
static struct fpu host_fpu;

struct fpu *sim_task_fpu(struct task_struct *task);
struct fpu *sim_task_fpu(struct task_struct *task)
{
	return &host_fpu;
}

/* The size that x86 would give a task; UML has its own */
int x86_task_struct_size;

/* ptrace's view of a task, of which this kernel has its own */
u64 xstate_fx_sw_bytes[USER_XSTATE_FX_SW_WORDS];

void update_regset_xstate_info(unsigned int size, u64 xstate_mask)
{
}

/* x86 loads and saves registers here, which is all that differs */
int fpu_swap_kvm_fpstate(struct fpu_guest *guest_fpu, bool enter_guest)
{
	guest_fpu->fpstate->in_use = enter_guest;
	return 0;
}
EXPORT_SYMBOL_FOR_KVM(fpu_swap_kvm_fpstate);

static void init_cpu(void *unused)
{
	fpu__init_cpu();
}

void __init sim_fpu_init(void)
{
	fpu__init_system();
	/* Set for the boot task and its children; no task waits for its FPU state */
	clear_thread_flag(TIF_NEED_FPU_LOAD);
	/* FXSAVE took what the host's registers held */
	memset(init_fpstate.regs.fxsave.st_space, 0, sizeof(init_fpstate.regs.fxsave.st_space));
	memset(init_fpstate.regs.fxsave.xmm_space, 0, sizeof(init_fpstate.regs.fxsave.xmm_space));
	on_each_cpu(init_cpu, NULL, 1);
}
