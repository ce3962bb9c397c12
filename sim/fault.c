// SPDX-License-Identifier: GPL-2.0
/* Fault plan: a handful of slots.  Allocates nothing. */
#include <linux/spinlock.h>
#include <linux/string.h>

#include "fault.h"
#include "host_priv.h"
#include "ledger.h"
#include "oracle.h"
#include "rmp.h"
#include "snp.h"
#include "tdx_host_priv.h"

struct slot {
	struct sim_fault f;
	u32 seen;
	u32 delivered;
};

static DEFINE_RAW_SPINLOCK(fault_lock);
static struct slot slots[SIM_MAX_FAULTS];
int sim_nr_faults;

/* What an instruction leaves in EAX: success, and what it can fail with. */
static bool insn_can_give(u16 op, s32 status)
{
	switch (op) {
	case SIM_OP_RMPUPDATE:
		return status >= SIM_RMP_FAIL_INPUT && status <= SIM_RMP_FAIL_OVERLAP;
	case SIM_OP_PSMASH:
		return status == SIM_RMP_FAIL_INPUT || status == SIM_RMP_FAIL_INUSE ||
		       status == SIM_RMP_FAIL_PERMISSION || status == SIM_RMP_FAIL_BADADDR;
	case SIM_OP_RMPREAD:
		return status == SIM_RMP_FAIL_INPUT;
	case SIM_OP_PVALIDATE:
	case SIM_OP_RMPADJUST:
		return status == SIM_RMP_FAIL_INPUT || status == SIM_RMP_FAIL_PERMISSION ||
		       status == SIM_RMP_FAIL_INUSE || status == SIM_RMP_FAIL_SIZEMISMATCH;
	default:
		return false;
	}
}

/* A fault that the hardware can't have proves nothing. */
static bool can_happen(const struct sim_fault *f)
{
	const struct sim_psp_op *op;
	u32 i;

	if (f->op >= SIM_OP_SEAMCALL)
		return !f->timeout && f->when == SIM_FAULT_BEFORE &&
		       sim_tdx_leaf_can_give(f->op - SIM_OP_SEAMCALL, f->status);
	if (f->op >= SIM_OP_INSN)
		return !f->timeout && insn_can_give(f->op, f->status);
	if (f->timeout)
		return true;
	op = sim_psp_op(f->op);
	for (i = 0; op && i < op->nr_statuses; i++)
		if (op->statuses[i] == f->status)
			return true;
	return false;
}

int sim_fault_arm(const struct sim_fault *f)
{
	unsigned long flags;
	int id = -1;

	if (!f->nth || !sim_op_name(f->op) || !can_happen(f))
		return -1;

	raw_spin_lock_irqsave(&fault_lock, flags);
	if (sim_nr_faults < SIM_MAX_FAULTS) {
		id = sim_nr_faults++;
		slots[id] = (struct slot){ .f = *f };
	}
	raw_spin_unlock_irqrestore(&fault_lock, flags);
	return id;
}

u32 sim_fault_delivered(int id)
{
	if (id < 0 || id >= READ_ONCE(sim_nr_faults))
		return 0;
	return READ_ONCE(slots[id].delivered);
}

void sim_fault_clear(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&fault_lock, flags);
	memset(slots, 0, sizeof(slots));
	sim_nr_faults = 0;
	raw_spin_unlock_irqrestore(&fault_lock, flags);
}

bool sim_fault_consult(u16 op, struct sim_fault *f)
{
	bool hit = false, endless = false;
	unsigned long flags;
	int i;

	if (!READ_ONCE(sim_nr_faults))
		return false;

	raw_spin_lock_irqsave(&fault_lock, flags);
	for (i = 0; i < sim_nr_faults; i++) {
		struct slot *s = &slots[i];
		u32 limit = s->f.times ?: SIM_FAULT_FOREVER;

		if (s->f.op != op || ++s->seen < s->f.nth)
			continue;
		if (s->delivered == limit) {
			/* once per fault: the next occurrence finds it beyond */
			endless = !s->f.times;
			if (endless)
				s->f.times = limit;
			continue;
		}
		if (hit)
			continue;
		s->delivered++;
		*f = s->f;
		hit = true;
	}
	raw_spin_unlock_irqrestore(&fault_lock, flags);

	if (endless)
		sim_oracle_violation(SIM_O5, "%s was still retried after %u failures",
				     sim_op_name(op), SIM_FAULT_FOREVER);
	return hit;
}
