/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included (-include) before x86's files about the FPU.
 *
 * The FPU context of a task is not part of it here, see fpu.c.  What concerns
 * signal frames and ptrace is compiled and never called.
 */
#ifndef _SIM_SHIM_FPU_H
#define _SIM_SHIM_FPU_H
#include <asm/asm.h>
#include <asm/smap.h>
#include <asm/pkru.h>
#include <linux/elf.h>
struct fpu;
struct task_struct;
struct fpu *sim_task_fpu(struct task_struct *task);
#undef x86_task_fpu
#define x86_task_fpu(task)		sim_task_fpu(task)
#define fpu_swap_kvm_fpstate		x86_fpu_swap_kvm_fpstate
#define arch_task_struct_size		x86_task_struct_size
extern int x86_task_struct_size;
#define elf_coredump_extra_notes_write	x86_elf_coredump_extra_notes_write
#define elf_coredump_extra_notes_size	x86_elf_coredump_extra_notes_size
struct coredump_params;
int x86_elf_coredump_extra_notes_write(struct coredump_params *cprm);
int x86_elf_coredump_extra_notes_size(void);
#define get_sigframe_size()		0UL
#endif
