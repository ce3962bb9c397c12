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
 * @size: prefix for 16-bit operands
 * @reg: number of the control or debug register
 * @r: the general register of that number
 * @rm: the general register, or the memory
 * @mem: @rm is memory
 */
struct sim_op {
	u8 len;
	bool size;
	u8 reg;
	unsigned long *r;
	unsigned long *rm;
	bool mem;
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
#define SIM_REG_RM_MODRM	0x102
#define SIM_REG_MEM_MODRM	0x103
#define SIM_MEM_MODRM	0x200
#define SIM_RM_MODRM	0x400

/* Opcodes in the map of 0F 38 */
#define SIM_0F38(opcode)	(0x3800 | (opcode))

/**
 * struct sim_insn - an instruction of the simulated CPU
 * @name: mnemonic
 * @opcode: the byte after 0F, or SIM_0F38()
 * @modrm: the byte after that; or SIM_NO_MODRM; or SIM_ANY_MODRM: two registers;
 *	   or SIM_REG_RM_MODRM: a register, and a register or memory; or
 *	   SIM_REG_MEM_MODRM: a register and memory; or SIM_MEM_MODRM or
 *	   SIM_RM_MODRM, with three bits of opcode: memory, a register or memory
 * @run: does it; must not change RIP
 * @feature: CPUs without it raise #UD; 0: all have it
 * @prefix: 66 or F3, which is part of the opcode; 0: none that matters
 */
struct sim_insn {
	const char *name;
	u16 opcode;
	u16 modrm;
	enum sim_insn_result (*run)(struct sim_regs *r, const struct sim_op *op);
	u16 feature;
	u8 prefix;
};

extern const struct sim_insn sim_insns[];
extern const unsigned int sim_nr_insns;

/* VMX, vmx_insn.c */
enum sim_insn_result sim_vmxon(struct sim_regs *r, const struct sim_op *op);
enum sim_insn_result sim_vmxoff(struct sim_regs *r, const struct sim_op *op);
enum sim_insn_result sim_vmclear(struct sim_regs *r, const struct sim_op *op);
enum sim_insn_result sim_vmptrld(struct sim_regs *r, const struct sim_op *op);
enum sim_insn_result sim_vmread(struct sim_regs *r, const struct sim_op *op);
enum sim_insn_result sim_vmwrite(struct sim_regs *r, const struct sim_op *op);
enum sim_insn_result sim_invept(struct sim_regs *r, const struct sim_op *op);
enum sim_insn_result sim_invvpid(struct sim_regs *r, const struct sim_op *op);

int sim_insn_emulate(int sig, unsigned long trap_no, unsigned long *gregs);

#endif
