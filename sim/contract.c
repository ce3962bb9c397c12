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
#include "tdx.h"

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

#define MMU_LOCK	"&(kvm)->mmu_lock"

/* Locks of KVM that a SEAMCALL is made under, where KVM could take them. */
static void check_seamcall_locks(const struct sim_ledger_entry *e)
{
	switch (e->op - SIM_OP_SEAMCALL) {
	case SIM_TDH_MNG_CREATE:
	case SIM_TDH_MNG_VPFLUSHDONE:
	case SIM_TDH_MNG_KEY_FREEID:
		/* the key ownership table is the module's: BUSY is no answer */
		need(e, "tdx_lock", EXCLUSIVE);
		break;
	case SIM_TDH_MNG_ADDCX:
	case SIM_TDH_MNG_INIT:
	case SIM_TDH_VP_CREATE:
	case SIM_TDH_VP_ADDCX:
		need(e, "&kvm->lock", EXCLUSIVE);
		break;
	case SIM_TDH_MR_FINALIZE:
		need(e, "&kvm->lock", EXCLUSIVE);
		need(e, "&kvm->slots_lock", EXCLUSIVE);
		break;
	case SIM_TDH_VP_INIT:
		/* holds the TDR exclusive, which zapping can't wait for */
		need(e, MMU_LOCK, EXCLUSIVE);
		break;
	case SIM_TDH_VP_WR:
	case SIM_TDH_VP_ENTER:
		need(e, "&vcpu->mutex", EXCLUSIVE);
		break;
	case SIM_TDH_MEM_PAGE_ADD:
		need(e, MMU_LOCK, ANY);
		fallthrough;
	case SIM_TDH_MR_EXTEND:
		/* attributes and slots stand still, and so does guest_memfd */
		need(e, "&kvm->slots_lock", EXCLUSIVE);
		need(e, "mapping.invalidate_lock", EXCLUSIVE);
		/* user memory is pinned before, never faulted in here */
		refuse(e, "&mm->mmap_lock");
		break;
	case SIM_TDH_MEM_SEPT_ADD:
	case SIM_TDH_MEM_PAGE_AUG:
		need(e, MMU_LOCK, ANY);
		refuse(e, "&mm->mmap_lock");
		break;
	case SIM_TDH_MEM_RANGE_BLOCK:
	case SIM_TDH_MEM_TRACK:
	case SIM_TDH_MEM_PAGE_REMOVE:
		/* one of them at a time, and no fault meanwhile */
		need(e, MMU_LOCK, EXCLUSIVE);
		break;
	}
}

static void check_seamcall(const struct sim_ledger_entry *e)
{
	u16 leaf = e->op - SIM_OP_SEAMCALL;

	/* The instruction must end where it began: on this logical processor. */
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT) && preemptible())
		sim_oracle_violation(SIM_OLOCK, "%s with preemption enabled",
				     sim_op_name(e->op));
	/* These are bound to a processor by an IPI, or must not see one. */
	if ((leaf == SIM_TDH_VP_ENTER || leaf == SIM_TDH_VP_FLUSH ||
	     leaf == SIM_TDH_PHYMEM_CACHE_WB) && !irqs_disabled())
		sim_oracle_violation(SIM_OLOCK, "%s with interrupts enabled",
				     sim_op_name(e->op));
	if (in_task())
		check_seamcall_locks(e);
}

void sim_contract_check(const struct sim_ledger_entry *e)
{
	/* lockdep switches itself off after its first report */
	if (!debug_locks || oops_in_progress)
		return;

	if (e->op >= SIM_OP_SEAMCALL) {
		if (e->op < SIM_OP_TDCALL)
			check_seamcall(e);
		return;
	}
	if (!in_task())
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
