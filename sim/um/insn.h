/* SPDX-License-Identifier: GPL-2.0 */
/* Emulation of instructions which the host answers with a signal */
#ifndef _SIM_UM_INSN_H
#define _SIM_UM_INSN_H

#include <linux/types.h>

/* Indices into struct sigcontext of 64-bit x86 */
enum {
	SIM_R8, SIM_R9, SIM_R10, SIM_R11, SIM_R12, SIM_R13, SIM_R14, SIM_R15,
	SIM_RDI, SIM_RSI, SIM_RBP, SIM_RBX, SIM_RDX, SIM_RAX, SIM_RCX, SIM_RSP,
	SIM_RIP, SIM_EFLAGS, SIM_NR_REGS,
};

/**
 * struct sim_regs - registers at a trapped instruction
 * @g: by SIM_R*
 */
struct sim_regs {
	unsigned long g[SIM_NR_REGS];
};

/**
 * enum sim_insn_result - what became of an instruction
 * @SIM_INSN_DONE: executed
 * @SIM_INSN_UD: the simulated CPU raises #UD
 * @SIM_INSN_GP: the simulated CPU raises #GP
 */
enum sim_insn_result {
	SIM_INSN_DONE,
	SIM_INSN_UD,
	SIM_INSN_GP,
};

/**
 * struct sim_insn - an instruction of the simulated CPU
 * @name: mnemonic
 * @op: its bytes
 * @len: their number
 * @run: does it; must not change RIP
 */
struct sim_insn {
	const char *name;
	u8 op[4];
	u8 len;
	enum sim_insn_result (*run)(struct sim_regs *r);
};


int sim_insn_emulate(int sig, unsigned long trap_no, unsigned long *gregs);

#endif
