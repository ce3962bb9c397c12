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
	SIM_CR2 = 22,
};

/**
 * struct sim_regs - registers at a trapped instruction
 * @g: by SIM_R*
 */
struct sim_regs {
	unsigned long g[SIM_NR_REGS];
};

/**
 * struct sim_op - operands of a trapped instruction
 * @len: its length in bytes
 * @reg: number of the control or debug register
 * @rm: the general register
 */
struct sim_op {
	u8 len;
	u8 reg;
	unsigned long *rm;
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

#define SIM_NO_MODRM	0x100
#define SIM_ANY_MODRM	0x101
#define SIM_MEM_MODRM	0x200

/**
 * struct sim_insn - an instruction of the simulated CPU
 * @name: mnemonic
 * @opcode: the byte after 0F
 * @modrm: the byte after that; or SIM_NO_MODRM; or SIM_ANY_MODRM: two registers;
 *	   or SIM_MEM_MODRM, with three bits of opcode: memory
 * @run: does it; must not change RIP
 */
struct sim_insn {
	const char *name;
	u8 opcode;
	u16 modrm;
	enum sim_insn_result (*run)(struct sim_regs *r, const struct sim_op *op);
};

extern const struct sim_insn sim_insns[];
extern const unsigned int sim_nr_insns;

int sim_insn_emulate(int sig, unsigned long trap_no, unsigned long *gregs);

#endif
