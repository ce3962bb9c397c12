// SPDX-License-Identifier: GPL-2.0
/*
 * Lock contracts of the operations.  A lock that is static to the code under
 * test is found by the name that lockdep has for it; one of a VM has to be that
 * VM's, as another VM's excludes nobody.
 */
#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/kvm_host.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "contract.h"
#include "host_priv.h"
#include "oracle.h"
#include "snp.h"
#include "tdx.h"

#ifdef CONFIG_LOCKDEP

static bool waived;

enum mode { ANY, EXCLUSIVE };

static const struct held_lock *find_next(const struct held_lock *prev,
					 const char *name, enum mode mode)
{
	const struct held_lock *h = prev ? prev + 1 : current->held_locks;

	for (; h < current->held_locks + current->lockdep_depth; h++) {
		if (h->instance && h->instance->name &&
		    !strcmp(h->instance->name, name) &&
		    (mode == ANY || !h->read))
			return h;
	}
	return NULL;
}

static const struct held_lock *find_held(const char *name, enum mode mode)
{
	return find_next(NULL, name, mode);
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

/*
 * Which VM a guest context belongs to, learned when KVM has it created.  Only
 * the addresses of the VM's locks are taken from it, so that it does no harm if
 * the VM is gone.
 */
static DEFINE_RAW_SPINLOCK(owners_lock);
static struct {
	u64 gctx;
	struct kvm *kvm;
} owners[32];

static void learn_owner(u64 gctx)
{
	const struct held_lock *h = find_held("&kvm->lock", EXCLUSIVE);
	static unsigned int oldest;
	unsigned long flags;
	int i, at = -1;

	sim_lock_irqsave(&owners_lock, flags);
	for (i = 0; i < ARRAY_SIZE(owners); i++) {
		if (owners[i].gctx == gctx) {
			at = i;
			break;
		}
		if (!owners[i].gctx && at < 0)
			at = i;
	}
	/* Some are never given back, as their key or context could not be. */
	if (at < 0)
		at = oldest++ % ARRAY_SIZE(owners);
	owners[at].kvm = h ? container_of(h->instance, struct kvm, lock.dep_map) : NULL;
	owners[at].gctx = h ? gctx : 0;
	sim_unlock_irqrestore(&owners_lock, flags);
}

static struct kvm *owner_of(u64 gctx)
{
	struct kvm *kvm = NULL;
	unsigned long flags;
	int i;

	sim_lock_irqsave(&owners_lock, flags);
	for (i = 0; gctx && i < ARRAY_SIZE(owners); i++) {
		if (owners[i].gctx == gctx) {
			kvm = owners[i].kvm;
			break;
		}
	}
	sim_unlock_irqrestore(&owners_lock, flags);
	return kvm;
}

static void forget_owner(u64 gctx)
{
	unsigned long flags;
	int i;

	sim_lock_irqsave(&owners_lock, flags);
	for (i = 0; gctx && i < ARRAY_SIZE(owners); i++)
		if (owners[i].gctx == gctx)
			owners[i].gctx = 0;
	sim_unlock_irqrestore(&owners_lock, flags);
}

static bool holds(const struct lockdep_map *map, enum mode mode)
{
	const struct held_lock *h;

	for (h = current->held_locks; h < current->held_locks + current->lockdep_depth; h++)
		if (h->instance == map && (mode == ANY || !h->read))
			return true;
	return false;
}

/* Like need(), and the lock is @map unless that is not known */
static void need_this(const struct sim_ledger_entry *e, const char *name,
		      enum mode mode, const struct lockdep_map *map)
{
	if (map && holds(map, mode))
		return;
	if (!map || !find_held(name, mode))
		need(e, name, mode);
	else
		sim_oracle_violation(SIM_OLOCK, "%s with another's %s only",
				     sim_op_name(e->op), name);
}

/* A lock of the VM that the guest context of the call belongs to */
#define need_of(e, kvm, name, mode, field)					\
	need_this(e, name, mode, (kvm) ? &(kvm)->field.dep_map : NULL)

/* A vCPU of the VM; lockdep counts the others as more of the same. */
static void need_vcpu(const struct sim_ledger_entry *e, struct kvm *kvm)
{
	static const char name[] = "&vcpu->mutex";
	const struct held_lock *h = NULL;

	if (!kvm) {
		need(e, name, EXCLUSIVE);
		return;
	}
	while ((h = find_next(h, name, EXCLUSIVE)))
		if (container_of(h->instance, struct kvm_vcpu, mutex.dep_map)->kvm == kvm)
			return;
	sim_oracle_violation(SIM_OLOCK, "%s without %s of the guest's VM",
			     sim_op_name(e->op), name);
}

/* guest_memfd's lock is that of the file which the page belongs to. */
static const struct lockdep_map *file_lock_of(u64 spa)
{
	struct address_space *mapping;

	if (!pfn_valid(PHYS_PFN(spa)))
		return NULL;
	mapping = folio_mapping(page_folio(pfn_to_page(PHYS_PFN(spa))));
	return mapping ? &mapping->invalidate_lock.dep_map : NULL;
}

#define MMU_LOCK	"&(kvm)->mmu_lock"

/* Locks of KVM that a SEAMCALL is made under, where KVM could take them. */
static void check_seamcall_locks(const struct sim_ledger_entry *e)
{
	struct kvm *kvm = owner_of(e->gctx);

	switch (e->op - SIM_OP_SEAMCALL) {
	case SIM_TDH_MNG_CREATE:
		learn_owner(e->gctx);
		fallthrough;
	case SIM_TDH_MNG_VPFLUSHDONE:
	case SIM_TDH_MNG_KEY_FREEID:
		/* the key ownership table is the module's: BUSY is no answer */
		need(e, "tdx_lock", EXCLUSIVE);
		/* Nothing that a lock of KVM protects comes after it. */
		if (e->op == SIM_OP_SEAMCALL + SIM_TDH_MNG_KEY_FREEID)
			forget_owner(e->gctx);
		break;
	case SIM_TDH_MNG_ADDCX:
	case SIM_TDH_MNG_INIT:
	case SIM_TDH_VP_CREATE:
	case SIM_TDH_VP_ADDCX:
		need_of(e, kvm, "&kvm->lock", EXCLUSIVE, lock);
		break;
	case SIM_TDH_MR_FINALIZE:
		need_of(e, kvm, "&kvm->lock", EXCLUSIVE, lock);
		need_of(e, kvm, "&kvm->slots_lock", EXCLUSIVE, slots_lock);
		break;
	case SIM_TDH_VP_INIT:
		/* holds the TDR exclusive, which zapping can't wait for */
		need_of(e, kvm, MMU_LOCK, EXCLUSIVE, mmu_lock);
		break;
	case SIM_TDH_VP_WR:
	case SIM_TDH_VP_ENTER:
		need_vcpu(e, kvm);
		break;
	case SIM_TDH_MEM_PAGE_ADD:
		need_of(e, kvm, MMU_LOCK, ANY, mmu_lock);
		fallthrough;
	case SIM_TDH_MR_EXTEND:
		/* attributes and slots stand still, and so does guest_memfd */
		need_of(e, kvm, "&kvm->slots_lock", EXCLUSIVE, slots_lock);
		need_this(e, "mapping.invalidate_lock", EXCLUSIVE, file_lock_of(e->spa));
		/* user memory is pinned before, never faulted in here */
		refuse(e, "&mm->mmap_lock");
		break;
	case SIM_TDH_MEM_SEPT_ADD:
	case SIM_TDH_MEM_PAGE_AUG:
		need_of(e, kvm, MMU_LOCK, ANY, mmu_lock);
		refuse(e, "&mm->mmap_lock");
		break;
	case SIM_TDH_MEM_RANGE_BLOCK:
	case SIM_TDH_MEM_TRACK:
	case SIM_TDH_MEM_PAGE_REMOVE:
		/* one of them at a time, and no fault meanwhile */
		need_of(e, kvm, MMU_LOCK, EXCLUSIVE, mmu_lock);
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
	if (in_task() && !READ_ONCE(waived))
		check_seamcall_locks(e);
}

static void check_guest(const struct sim_ledger_entry *e)
{
	struct kvm *kvm = owner_of(e->gctx);

	if (kvm)
		need_of(e, kvm, "&kvm->lock", EXCLUSIVE, lock);

	if (e->op != SIM_CMD_SNP_LAUNCH_UPDATE)
		return;

	if (e->arg == SIM_PAGE_TYPE_VMSA) {
		need_vcpu(e, kvm);
	} else {
		/* attributes and slots stand still, and so does guest_memfd */
		need_of(e, kvm, "&kvm->slots_lock", EXCLUSIVE, slots_lock);
		need_this(e, "mapping.invalidate_lock", EXCLUSIVE, file_lock_of(e->spa));
		/* user memory is pinned before, never faulted in here */
		refuse(e, "&mm->mmap_lock");
	}
}

void sim_contract_check(const struct sim_ledger_entry *e)
{
	/* lockdep switches itself off after its first report; a thread can do without it */
	if (!debug_locks || oops_in_progress || lockdep_recursing(current))
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
	if (READ_ONCE(waived))
		return;

	switch (e->op) {
	case SIM_CMD_SNP_GCTX_CREATE:
		learn_owner(e->gctx);
		break;
	case SIM_CMD_SNP_LAUNCH_START:
	case SIM_CMD_SNP_ACTIVATE:
	case SIM_CMD_SNP_LAUNCH_UPDATE:
	case SIM_CMD_SNP_LAUNCH_FINISH:
		check_guest(e);
		break;
	case SIM_CMD_SNP_DECOMMISSION:
		/* or a flush could hand the ASID on before the guest is gone */
		need(e, "sev_deactivate_lock", EXCLUSIVE);
		forget_owner(e->gctx);
		break;
	}
}

void sim_contract_waive(bool waive)
{
	WRITE_ONCE(waived, waive);
}

#else
void sim_contract_waive(bool waive) { }
#endif
