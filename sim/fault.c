// SPDX-License-Identifier: GPL-2.0
/* Fault plan: a handful of slots.  Allocates nothing. */
#include <linux/kernel.h>
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

/* What an instruction leaves in EAX when it fails */
static const s32 rmpupdate_statuses[] = {
	SIM_RMP_FAIL_INPUT, SIM_RMP_FAIL_PERMISSION, SIM_RMP_FAIL_INUSE, SIM_RMP_FAIL_OVERLAP,
};
static const s32 psmash_statuses[] = {
	SIM_RMP_FAIL_INPUT, SIM_RMP_FAIL_PERMISSION, SIM_RMP_FAIL_INUSE, SIM_RMP_FAIL_BADADDR,
};
static const s32 rmpread_statuses[] = { SIM_RMP_FAIL_INPUT };
static const s32 guest_statuses[] = {
	SIM_RMP_FAIL_INPUT, SIM_RMP_FAIL_PERMISSION, SIM_RMP_FAIL_INUSE,
	SIM_RMP_FAIL_SIZEMISMATCH,
};

static bool insn_status(u16 op, u32 i, s32 *status)
{
	const s32 *table;
	u32 n;

	switch (op) {
	case SIM_OP_RMPUPDATE:
		table = rmpupdate_statuses;
		n = ARRAY_SIZE(rmpupdate_statuses);
		break;
	case SIM_OP_PSMASH:
		table = psmash_statuses;
		n = ARRAY_SIZE(psmash_statuses);
		break;
	case SIM_OP_RMPREAD:
		table = rmpread_statuses;
		n = ARRAY_SIZE(rmpread_statuses);
		break;
	case SIM_OP_PVALIDATE:
	case SIM_OP_RMPADJUST:
		table = guest_statuses;
		n = ARRAY_SIZE(guest_statuses);
		break;
	default:
		return false;
	}
	if (i < n)
		*status = table[i];
	return i < n;
}

bool sim_fault_status(u16 op, u32 i, s32 *status)
{
	const struct sim_psp_op *psp;

	if (op >= SIM_OP_TDCALL)
		return false;
	if (op >= SIM_OP_SEAMCALL)
		return sim_tdx_leaf_status(op - SIM_OP_SEAMCALL, i, status);
	if (op >= SIM_OP_INSN)
		return insn_status(op, i, status);
	psp = sim_psp_op(op);
	if (!psp || i >= psp->nr_statuses)
		return false;
	*status = psp->statuses[i];
	return true;
}

void sim_fault_status_name(u16 op, s32 status, char *buf, size_t len)
{
	static const char * const insn_names[] = {
		[SIM_RMP_FAIL_INPUT]		= "FAIL_INPUT",
		[SIM_RMP_FAIL_PERMISSION]	= "FAIL_PERMISSION",
		[SIM_RMP_FAIL_INUSE]		= "FAIL_INUSE",
		[SIM_RMP_FAIL_OVERLAP]		= "FAIL_OVERLAP",
		[SIM_RMP_FAIL_SIZEMISMATCH]	= "FAIL_SIZEMISMATCH",
		[SIM_RMP_FAIL_BADADDR]		= "FAIL_BADADDR",
	};
	const char *name = NULL;

	if (op >= SIM_OP_SEAMCALL)
		name = sim_tdx_code_name(status);
	else if (op < SIM_OP_INSN)
		name = sim_status_name(status);
	else if (status >= 0 && status < ARRAY_SIZE(insn_names))
		name = insn_names[status];

	if (name && *name != '?' && !strpbrk(name, " ("))
		strscpy(buf, name, len);
	else
		scnprintf(buf, len, "%#x", status);
}

bool sim_fault_is_transient(u16 op, s32 status)
{
	if (op >= SIM_OP_SEAMCALL)
		return sim_tdx_code_is_transient(status);
	return op >= SIM_OP_INSN &&
	       (status == SIM_RMP_FAIL_INUSE || status == SIM_RMP_FAIL_OVERLAP);
}

bool sim_fault_can_time_out(u16 op)
{
	return op < SIM_OP_INSN && sim_psp_op(op);
}

/* A fault that the hardware can't have proves nothing. */
static bool can_happen(const struct sim_fault *f)
{
	s32 status;
	u32 i;

	if (f->timeout)
		return sim_fault_can_time_out(f->op);
	if (f->op >= SIM_OP_SEAMCALL && f->when != SIM_FAULT_BEFORE)
		return false;
	for (i = 0; sim_fault_status(f->op, i, &status); i++)
		if (status == f->status)
			return true;
	return false;
}

int sim_fault_arm(const struct sim_fault *f)
{
	unsigned long flags;
	int id = -1;
	s32 status;

	if (!f->nth || !sim_op_name(f->op))
		return -1;
	if (!can_happen(f)) {
		if (!sim_fault_status(f->op, 0, &status))
			pr_warn("gmem-sim: %s takes no faults: it can't fail, or its gate asks no plan\n",
				sim_op_name(f->op));
		return -1;
	}

	sim_lock_irqsave(&fault_lock, flags);
	if (sim_nr_faults < SIM_MAX_FAULTS) {
		id = sim_nr_faults++;
		slots[id] = (struct slot){ .f = *f };
	}
	sim_unlock_irqrestore(&fault_lock, flags);
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

	sim_lock_irqsave(&fault_lock, flags);
	memset(slots, 0, sizeof(slots));
	sim_nr_faults = 0;
	sim_unlock_irqrestore(&fault_lock, flags);
}

bool sim_fault_consult(u16 op, struct sim_fault *f)
{
	bool hit = false, endless = false;
	unsigned long flags;
	int i;

	if (!READ_ONCE(sim_nr_faults))
		return false;

	sim_lock_irqsave(&fault_lock, flags);
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
	sim_unlock_irqrestore(&fault_lock, flags);

	if (endless)
		sim_oracle_violation(SIM_O5, "%s was still retried after %u failures",
				     sim_op_name(op), SIM_FAULT_FOREVER);
	return hit;
}
