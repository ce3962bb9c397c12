/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What went through the gate: a ring of the last calls and a counter per
 * operation.
 */
#ifndef _SIM_LEDGER_H
#define _SIM_LEDGER_H

#include <linux/types.h>

/*
 * Operations are numbered like the commands of the PSP; the instructions
 * follow behind the last command number, then the leaves of SEAMCALL, by their
 * numbers, and what a TD calls.
 */
#define SIM_OP_INSN		0x200
enum sim_insn_op {
	SIM_OP_RMPREAD = SIM_OP_INSN,
	SIM_OP_RMPUPDATE,
	SIM_OP_PSMASH,
	SIM_OP_PVALIDATE,
	SIM_OP_RMPADJUST,
	SIM_OP_WBINVD,
	SIM_OP_INSN_END,
};
#define SIM_OP_SEAMCALL		0x300
#define SIM_OP_TDCALL		0x380
enum sim_tdcall_op {
	SIM_OP_TDG_MEM_PAGE_ACCEPT = SIM_OP_TDCALL,
	SIM_NR_OPS,
};

#define SIM_LEDGER_SIZE		16384

/**
 * struct sim_ledger_entry - one call
 * @seq: number of the call, from 1, without gaps
 * @op: command number, SIM_OP_*, or SIM_OP_SEAMCALL + leaf
 * @asid: ASID or HKID operand, or 0
 * @spa: page operand (system physical address), or 0; a vCPU is its TDVPR
 * @gpa: guest physical address operand, or 0
 * @gctx: guest context or TDR operand (system physical address), or 0
 * @arg: what else tells calls apart: page type of LAUNCH_UPDATE; for
 *	RMPUPDATE SIM_ARG_*; page size of PSMASH, PVALIDATE; level of an S-EPT
 *	entry
 * @status: what the caller got: firmware status or EAX; SIM_STATUS_TIMEOUT; of a
 *	SEAMCALL bits 63:32 of RAX, SIM_TDX_*
 * @detail: of a SEAMCALL bits 31:0 of RAX
 * @injected: the status comes from the fault plan
 * @effect: the state machine ran
 * @pid: task that made the call, 0 from interrupts
 */
struct sim_ledger_entry {
	u64 seq;
	u16 op;
	bool injected;
	bool effect;
	u32 asid;
	u64 spa;
	u64 gpa;
	u64 gctx;
	u32 arg;
	s32 status;
	u32 detail;
	s32 pid;
};

/* @arg of RMPUPDATE */
#define SIM_ARG_ASSIGNED	0x1
#define SIM_ARG_IMMUTABLE	0x2
#define SIM_ARG_2M		0x4

#define SIM_STATUS_TIMEOUT	(-110)

/**
 * sim_op_name() - name of an operation, e.g. "SNP_LAUNCH_UPDATE", "RMPUPDATE"
 * @op: operation
 *
 * Return: the name, or NULL if there is no such operation.
 */
const char *sim_op_name(u16 op);

/**
 * sim_op_by_name() - find an operation
 * @name: its name
 *
 * Return: the operation, or -1.
 */
int sim_op_by_name(const char *name);

/**
 * sim_ledger_add() - enter a call; sets its sequence number
 * @e: the call, copied
 *
 * With interrupts off.
 */
void sim_ledger_add(struct sim_ledger_entry *e);

/**
 * sim_ledger_mark() - sequence number of the last call so far
 */
u64 sim_ledger_mark(void);

/**
 * sim_ledger_read() - calls after a mark, oldest first
 * @mark: where to begin, see sim_ledger_mark()
 * @buf: room for @max entries
 * @max: how many
 *
 * Return: entries stored; -1 if the ring has overwritten some of them.
 */
int sim_ledger_read(u64 mark, struct sim_ledger_entry *buf, int max);

/**
 * sim_ledger_count() - calls of one operation since boot
 * @op: operation
 */
u64 sim_ledger_count(u16 op);

/**
 * sim_ledger_format() - one call as text, without newline
 * @e: the call
 * @buf: where to
 * @len: room
 */
void sim_ledger_format(const struct sim_ledger_entry *e, char *buf, size_t len);

#endif /* _SIM_LEDGER_H */
