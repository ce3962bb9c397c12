// SPDX-License-Identifier: GPL-2.0
/*
 * Lock contracts of the operations.  Locks are found by the name that lockdep
 * has for them, as most of them are static to the code under test.
 */
#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "contract.h"
#include "oracle.h"
#include "snp.h"

#ifdef CONFIG_LOCKDEP

enum mode { ANY, EXCLUSIVE };

static const struct held_lock *find_held(const char *name, enum mode mode)
{
	int i;

	for (i = 0; i < current->lockdep_depth; i++) {
		const struct held_lock *h = &current->held_locks[i];

		if (h->instance && h->instance->name &&
		    !strcmp(h->instance->name, name) &&
		    (mode == ANY || !h->read))
			return h;
	}
	return NULL;
}

static void need(const struct sim_ledger_entry *e, const char *name, enum mode mode)
{
	if (!find_held(name, mode))
		sim_oracle_violation(SIM_OLOCK, "%s without %s%s",
				     sim_op_name(e->op), name,
				     mode == EXCLUSIVE ? " held exclusively" : "");
}

static void refuse(const struct sim_ledger_entry *e, const char *name)
{
	if (find_held(name, ANY))
		sim_oracle_violation(SIM_OLOCK, "%s with %s held",
				     sim_op_name(e->op), name);
}

void sim_contract_check(const struct sim_ledger_entry *e)
{
	/* lockdep switches itself off after its first report */
	if (!debug_locks || !in_task() || oops_in_progress)
		return;

	/* Instructions are legal anywhere; no lock of KVM serialises the RMP. */
	if (e->op >= SIM_OP_INSN)
		return;

	need(e, "sev_cmd_mutex", EXCLUSIVE);
	if (!irqs_disabled() && !preemptible())
		sim_oracle_violation(SIM_OLOCK, "%s where it may not sleep",
				     sim_op_name(e->op));

	/* or a flush could hand the ASID on before the guest is gone */
	if (e->op == SIM_CMD_SNP_DECOMMISSION)
		need(e, "sev_deactivate_lock", EXCLUSIVE);

	if (e->op != SIM_CMD_SNP_LAUNCH_UPDATE)
		return;

	if (e->arg == SIM_PAGE_TYPE_VMSA) {
		need(e, "&vcpu->mutex", EXCLUSIVE);
	} else {
		/* attributes and slots stand still, and so does guest_memfd */
		need(e, "&kvm->slots_lock", EXCLUSIVE);
		need(e, "mapping.invalidate_lock", EXCLUSIVE);
		/* user memory is pinned before, never faulted in here */
		refuse(e, "&mm->mmap_lock");
	}
}

#else
void sim_contract_check(const struct sim_ledger_entry *e) { }
#endif
