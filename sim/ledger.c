// SPDX-License-Identifier: GPL-2.0
/* Ring of the calls through the gate.  Allocates nothing. */
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/kernel.h>

#include "host_priv.h"
#include "ledger.h"
#include "snp.h"
#include "tdx_host_priv.h"

static DEFINE_RAW_SPINLOCK(ledger_lock);
static struct sim_ledger_entry ring[SIM_LEDGER_SIZE];
static u64 counts[SIM_NR_OPS];
static u64 last_seq;

static const char * const insn_names[] = {
	[SIM_OP_RMPREAD - SIM_OP_INSN]		= "RMPREAD",
	[SIM_OP_RMPUPDATE - SIM_OP_INSN]	= "RMPUPDATE",
	[SIM_OP_PSMASH - SIM_OP_INSN]		= "PSMASH",
	[SIM_OP_PVALIDATE - SIM_OP_INSN]	= "PVALIDATE",
	[SIM_OP_RMPADJUST - SIM_OP_INSN]	= "RMPADJUST",
	[SIM_OP_WBINVD - SIM_OP_INSN]		= "WBINVD",
};

const char *sim_op_name(u16 op)
{
	const struct sim_psp_op *op_desc;

	if (op >= SIM_NR_OPS)
		return NULL;
	if (op == SIM_OP_TDG_MEM_PAGE_ACCEPT)
		return "TDG.MEM.PAGE.ACCEPT";
	if (op >= SIM_OP_SEAMCALL)
		return sim_tdx_leaf_name(op - SIM_OP_SEAMCALL);
	if (op >= SIM_OP_INSN_END)
		return NULL;
	if (op >= SIM_OP_INSN)
		return insn_names[op - SIM_OP_INSN];
	op_desc = sim_psp_op(op);
	return op_desc ? op_desc->name : NULL;
}

int sim_op_by_name(const char *name)
{
	int op;

	for (op = 0; op < SIM_NR_OPS; op++) {
		const char *n = sim_op_name(op);

		if (n && !strcmp(n, name))
			return op;
	}
	return -1;
}

void sim_ledger_add(struct sim_ledger_entry *e)
{
	sim_lock(&ledger_lock);
	e->seq = ++last_seq;
	ring[e->seq % SIM_LEDGER_SIZE] = *e;
	if (e->op < SIM_NR_OPS)
		counts[e->op]++;
	sim_unlock(&ledger_lock);
}

u64 sim_ledger_mark(void)
{
	unsigned long flags;
	u64 seq;

	sim_lock_irqsave(&ledger_lock, flags);
	seq = last_seq;
	sim_unlock_irqrestore(&ledger_lock, flags);
	return seq;
}

int sim_ledger_read(u64 mark, struct sim_ledger_entry *buf, int max)
{
	unsigned long flags;
	int n = 0;

	sim_lock_irqsave(&ledger_lock, flags);
	if (last_seq - mark > SIM_LEDGER_SIZE)
		n = -1;
	else
		for (; n < max && mark + n < last_seq; n++)
			buf[n] = ring[(mark + n + 1) % SIM_LEDGER_SIZE];
	sim_unlock_irqrestore(&ledger_lock, flags);
	return n;
}

u64 sim_ledger_count(u16 op)
{
	return op < SIM_NR_OPS ? READ_ONCE(counts[op]) : 0;
}

void sim_ledger_format(const struct sim_ledger_entry *e, char *buf, size_t len)
{
	const char *name = sim_op_name(e->op);

	if (e->op >= SIM_OP_SEAMCALL) {
		scnprintf(buf, len,
			  "%llu %s tdr=%#llx spa=%#llx gpa=%#llx level=%u hkid=%u status=%08x%08x %s%s%s pid=%d",
			  e->seq, name ?: "?", e->gctx, e->spa, e->gpa, e->arg, e->asid,
			  (u32)e->status, e->detail, sim_tdx_code_name(e->status) ?: "-",
			  e->injected ? " injected" : "", e->effect ? "" : " no-effect",
			  e->pid);
		return;
	}

	scnprintf(buf, len,
		  "%llu %s(%#x) gctx=%#llx spa=%#llx gpa=%#llx asid=%u arg=%#x status=%d%s%s pid=%d",
		  e->seq, name ?: "?", e->op, e->gctx, e->spa, e->gpa, e->asid,
		  e->arg, e->status, e->injected ? " injected" : "",
		  e->effect ? "" : " no-effect", e->pid);
}
