// SPDX-License-Identifier: GPL-2.0
/*
 * O7: what KVM believes of a TD's private memory (the mirror) is what the guest
 * translates with (the S-EPT), and both are about the pages of guest_memfd.
 *
 * At PAGE.ADD and PAGE.AUG, four have to name one page: guest_memfd at that
 * offset, the mirror, the S-EPT, and the PAMT, whose owner has to be the TD.
 * The mirror's entry has to be frozen then, as at SEPT.ADD: another vCPU that
 * faults must not go on with what the module may not have yet.  A frozen entry
 * shows no page, so every entry that a SEAMCALL or KVM has touched is kept in a
 * list, and compared as soon as it has settled: at each later SEAMCALL for that
 * TD and at each change that the TDP MMU reports, by whoever has mmu_lock or can
 * get it at once, as nobody zaps then.
 * A frozen entry stays in the list, and so does one that is blocked in the S-EPT,
 * which is the state between the mirror's change and PAGE.REMOVE.  A SEAMCALL that
 * failed counts as well: the mirror has to be what it was.
 *
 * Whatever is left is compared before the TD's key is given up, and at the end of
 * a test.  Nobody is on its way to settle an entry then, so that one which is
 * frozen or blocked stays so for ever, which is a violation unless the VM is bugged.
 *
 * Cost: a walk of either tree and a look-up in the page cache per SEAMCALL that
 * changes the S-EPT, about a microsecond; nothing is walked as a whole.
 */
#include <linux/kvm_host.h>
#include <linux/lockdep.h>
#include <linux/pagemap.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>

#include "mmu/mmu_internal.h"
#include "mmu/spte.h"

#include "host_priv.h"
#include "ledger.h"
#include "oracle.h"
#include "tdx_host_priv.h"

#define MAX_PENDING	32

/**
 * struct watched - a TD
 * @kvm: its VM, known from the vCPU that extends the S-EPT; NULL: unused
 * @tdr: its TDR
 * @lost: the list was full, and nobody was told yet
 * @nr: entries to be compared
 * @pending: which
 */
struct watched {
	struct kvm *kvm;
	u64 tdr;
	bool lost;
	u32 nr;
	struct entry {
		gfn_t gfn;
		int level;
	} pending[MAX_PENDING];
};

/* Under watch_lock, which is taken outside of the gate's lock. */
static DEFINE_RAW_SPINLOCK(watch_lock);
static struct watched watched[SIM_TDX_MAX_HKIDS];

/* Entries in all lists; read without the lock by who only asks for none */
static u32 nr_pending;

static void set_nr(struct watched *w, u32 nr)
{
	WRITE_ONCE(nr_pending, nr_pending + nr - w->nr);
	w->nr = nr;
}

static void forget(struct watched *w)
{
	set_nr(w, 0);
	w->kvm = NULL;
}

static struct watched *find(u64 tdr)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(watched); i++)
		if (watched[i].kvm && watched[i].tdr == tdr)
			return &watched[i];
	return NULL;
}

static struct watched *find_kvm(const struct kvm *kvm)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(watched); i++)
		if (watched[i].kvm == kvm)
			return &watched[i];
	return NULL;
}

static bool is_alive(u64 tdr)
{
	unsigned long flags;
	struct sim_tdx *t;
	bool ret;

	t = sim_tdx_gate_lock(&flags);
	ret = sim_tdx_td_lifecycle(t, tdr) == SIM_TD_KEYS_CONFIGURED;
	sim_tdx_gate_unlock(flags);
	return ret;
}

/* A TD is built by a vCPU of its VM, and nothing of it is mapped before. */
static struct watched *learn(u64 tdr)
{
	struct kvm_vcpu *vcpu = kvm_get_running_vcpu();
	struct watched *w = find(tdr);

	if (w || !vcpu || !is_alive(tdr))
		return w;
	w = find_kvm(NULL);
	if (w)
		*w = (struct watched){ .kvm = vcpu->kvm, .tdr = tdr };
	return w;
}

/* Whatever has been touched is compared, or it is told that it was not. */
static void note(struct watched *w, gfn_t gfn, int level)
{
	u32 i;

	for (i = 0; i < w->nr; i++)
		if (w->pending[i].gfn == gfn && w->pending[i].level == level)
			return;
	if (w->nr == MAX_PENDING) {
		w->lost = true;
		memmove(&w->pending[0], &w->pending[1],
			(MAX_PENDING - 1) * sizeof(w->pending[0]));
		set_nr(w, w->nr - 1);
	}
	w->pending[w->nr] = (struct entry){ gfn, level };
	set_nr(w, w->nr + 1);
}

/* mmu_lock: may entries be compared, and did that take the lock? */
enum { MMU_BUSY, MMU_HELD, MMU_TAKEN };

static bool holds_mmu_lock(struct kvm *kvm)
{
#ifdef CONFIG_LOCKDEP
	int i;

	for (i = 0; i < current->lockdep_depth; i++)
		if (current->held_locks[i].instance == &kvm->mmu_lock.dep_map)
			return true;
#endif
	return false;
}

static int take_mmu_lock(struct kvm *kvm)
{
	if (holds_mmu_lock(kvm))
		return MMU_HELD;
	/* RT's lock can't be taken here. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || irqs_disabled())
		return MMU_BUSY;
	/*
	 * On UP it is no lock, but whoever holds it can't be preempted: this task
	 * has it, or nobody.
	 */
	if (!IS_ENABLED(CONFIG_SMP))
		return MMU_HELD;
	return read_trylock(&kvm->mmu_lock) ? MMU_TAKEN : MMU_BUSY;
}

static void put_mmu_lock(struct kvm *kvm, int how)
{
	if (how == MMU_TAKEN)
		read_unlock(&kvm->mmu_lock);
}

/*
 * The mirror's entry for @gfn, at *@level or where the walk ends above it.  Under
 * RCU or with interrupts off, mmu_lock or not.  Return: false if there is no mirror.
 */
static bool mirror_entry(struct kvm *kvm, gfn_t gfn, int *level, u64 *spte)
{
	struct kvm_mmu_page *root, *sp = NULL;
	int l;

	list_for_each_entry_rcu(root, &kvm->arch.tdp_mmu_roots, link, true) {
		if (is_mirror_sp(root) && !root->role.invalid) {
			sp = root;
			break;
		}
	}
	/* No address of this tree, as who makes up operands may have it */
	if (!sp || *level > sp->role.level || gfn >> (9 * sp->role.level))
		return false;

	for (l = sp->role.level; ; l--) {
		*spte = READ_ONCE(sp->spt[SPTE_INDEX(gfn << PAGE_SHIFT, l)]);
		if (l == *level || !is_shadow_present_pte(*spte) || is_last_spte(*spte, l))
			break;
		sp = spte_to_child_sp(*spte);
	}
	*level = l;
	return true;
}

static u64 sept_pfn(u64 raw)
{
	return (raw & GENMASK_ULL(51, 12)) >> PAGE_SHIFT;
}

enum verdict { AGREE, DIFFER, NOT_YET };

/**
 * struct views - an entry, as both trees have it
 * @spte: mirror
 * @spte_level: where the walk ended
 * @raw: S-EPT
 * @raw_level: where the walk ended, from PG_LEVEL_4K on
 */
struct views {
	u64 spte;
	int spte_level;
	u64 raw;
	int raw_level;
};

static enum verdict compare(const struct views *v, int level)
{
	bool here = v->raw_level == level;
	u32 state = sim_tdx_sept_state(v->raw);

	if (is_frozen_spte(v->spte))
		return NOT_YET;

	if (!is_shadow_present_pte(v->spte) || v->spte_level != level) {
		if (!here || state == SIM_SEPT_FREE)
			return is_shadow_present_pte(v->spte) ? DIFFER : AGREE;
		return state == SIM_SEPT_BLOCKED || state == SIM_SEPT_PENDING_BLOCKED ?
			NOT_YET : DIFFER;
	}
	if (!here)
		return DIFFER;
	if (!is_last_spte(v->spte, level))
		return state == (SIM_SEPT_TABLE | SIM_SEPT_MAPPED) &&
		       sept_pfn(v->raw) == page_to_pfn(virt_to_page(
				spte_to_child_sp(v->spte)->external_spt)) ? AGREE : DIFFER;
	if (state != SIM_SEPT_MAPPED && state != SIM_SEPT_PENDING)
		return DIFFER;
	return sept_pfn(v->raw) == spte_to_pfn(v->spte) ? AGREE : DIFFER;
}

/* Return: false if there is nothing to compare: the TD or the mirror is on its way out. */
static bool look(struct watched *w, const struct entry *e, struct views *v)
{
	int again_level = e->level;
	unsigned long flags;
	u32 level = e->level - 1;
	struct sim_tdx *t;
	u64 again;
	bool ok;

	v->spte_level = e->level;
	if (!mirror_entry(w->kvm, e->gfn, &v->spte_level, &v->spte))
		return false;
	v->raw = 0;
	v->raw_level = 0;
	/* It will be another one soon, whatever the S-EPT has now. */
	if (is_frozen_spte(v->spte))
		return true;
	t = sim_tdx_gate_lock(&flags);
	ok = sim_tdx_td_lifecycle(t, w->tdr) == SIM_TD_KEYS_CONFIGURED &&
	     sim_tdx_sept_entry(t, w->tdr, e->gfn << PAGE_SHIFT, &level, &v->raw);
	sim_tdx_gate_unlock(flags);
	v->raw_level = level + 1;

	/* Whoever maps it meanwhile, for another attempt, is not done yet or has just been. */
	smp_rmb();
	if (ok && (!mirror_entry(w->kvm, e->gfn, &again_level, &again) ||
		   again_level != v->spte_level || again != v->spte))
		v->spte = FROZEN_SPTE;
	return ok;
}

static bool (*mirror_ahead)(struct kvm *kvm, gfn_t gfn);

void sim_tdx_mirror_may_be_ahead(bool (*fn)(struct kvm *kvm, u64 gfn))
{
	unsigned long flags;

	sim_lock_irqsave(&watch_lock, flags);
	mirror_ahead = fn;
	sim_unlock_irqrestore(&watch_lock, flags);
}

static bool is_ahead(struct kvm *kvm, const struct entry *e, const struct views *v)
{
	return mirror_ahead && v->raw_level == e->level && v->spte_level == e->level &&
	       is_shadow_present_pte(v->spte) && is_last_spte(v->spte, e->level) &&
	       sim_tdx_sept_state(v->raw) == SIM_SEPT_FREE && mirror_ahead(kvm, e->gfn);
}

/*
 * Compares what has settled, and if this is the @last time everything.
 * Return: whether @bad differs.
 */
static bool drain(struct watched *w, bool last, struct entry *bad, struct views *v)
{
	u32 i, kept = 0;
	bool differ = false;

	for (i = 0; i < w->nr; i++) {
		struct entry e = w->pending[i];
		enum verdict verdict = AGREE;

		if (differ)
			verdict = NOT_YET;
		else if (look(w, &e, v))
			verdict = is_ahead(w->kvm, &e, v) ? AGREE : compare(v, e.level);
		if (verdict == NOT_YET && last && !differ)
			verdict = DIFFER;
		if (verdict == NOT_YET) {
			w->pending[kept++] = e;
		} else if (verdict == DIFFER) {
			*bad = e;
			differ = true;
		}
	}
	set_nr(w, kept);
	return differ;
}

static void drain_and_report(u64 tdr, bool last)
{
	struct entry bad;
	struct watched *w;
	unsigned long flags;
	struct kvm *kvm = NULL;
	struct views v;
	bool again, lost;
	int how;

	do {
		again = false;
		lost = false;
		how = MMU_BUSY;
		sim_lock_irqsave(&watch_lock, flags);
		w = find(tdr);
		kvm = w && w->nr ? w->kvm : NULL;
		sim_unlock_irqrestore(&watch_lock, flags);
		if (kvm)
			how = take_mmu_lock(kvm);
		if (how == MMU_BUSY) {
			/* Who would hold it, at the end? */
			if (kvm && last && !IS_ENABLED(CONFIG_PREEMPT_RT))
				sim_oracle_violation(SIM_OLOST,
					"TD %#llx: entries of the mirror that were not compared",
					tdr);
			return;
		}

		/* To have interrupts off keeps RCU from freeing what is looked at, too. */
		sim_lock_irqsave(&watch_lock, flags);
		w = find(tdr);
		if (w && w->kvm == kvm) {
			/* What a bugged VM left behind is what it is. */
			if (READ_ONCE(kvm->vm_bugged)) {
				set_nr(w, 0);
			} else {
				again = drain(w, last, &bad, &v);
				lost = w->lost;
			}
			w->lost = false;
		}
		sim_unlock_irqrestore(&watch_lock, flags);
		put_mmu_lock(kvm, how);

		if (lost)
			sim_oracle_violation(SIM_OLOST,
				"TD %#llx: more than %d entries of the mirror do not settle",
				tdr, MAX_PENDING);
		if (again && is_frozen_spte(v.spte))
			sim_oracle_violation(SIM_O7,
				"gpa %#llx level %d: mirror is frozen for ever",
				bad.gfn << PAGE_SHIFT, bad.level);
		else if (again)
			sim_oracle_violation(SIM_O7,
				"gpa %#llx level %d: mirror %#llx (level %d), S-EPT %#llx (level %d, state %#x)",
				bad.gfn << PAGE_SHIFT, bad.level, v.spte, v.spte_level,
				v.raw, v.raw_level, sim_tdx_sept_state(v.raw));
	} while (again);
}

/* The page that guest_memfd has for @gfn. */
static bool gmem_pfn(struct kvm *kvm, gfn_t gfn, u64 *pfn)
{
	struct kvm_memory_slot *slot;
	struct folio *folio = NULL;
	struct file *file = NULL;
	pgoff_t index = 0;
	int idx;

	*pfn = 0;
	idx = srcu_read_lock(&kvm->srcu);
	rcu_read_lock();
	slot = gfn_to_memslot(kvm, gfn);
	if (slot && kvm_slot_has_gmem(slot)) {
		index = gfn - slot->base_gfn + slot->gmem.pgoff;
		file = READ_ONCE(slot->gmem.file);
	}
	if (file)
		folio = xa_load(&file->f_mapping->i_pages, index);
	if (folio && !xa_is_value(folio))
		*pfn = page_to_pfn(folio_file_page(folio, index));
	rcu_read_unlock();
	srcu_read_unlock(&kvm->srcu, idx);
	return *pfn;
}

/* The S-EPT has just been extended there: the mirror follows when that is done. */
static void check_frozen(struct kvm *kvm, const struct sim_ledger_entry *e)
{
	struct entry at = { e->gpa >> PAGE_SHIFT, e->arg + 1 };
	bool (*ahead)(struct kvm *kvm, gfn_t gfn) = READ_ONCE(mirror_ahead);
	struct views v = { .spte_level = at.level };
	bool frozen;

	rcu_read_lock();
	frozen = mirror_entry(kvm, at.gfn, &v.spte_level, &v.spte) &&
		 v.spte_level == at.level && is_frozen_spte(v.spte);
	rcu_read_unlock();
	if (!frozen && !(ahead && ahead(kvm, at.gfn)))
		sim_oracle_violation(SIM_O7, "%s at gpa %#llx: mirror entry not frozen, but %#llx (level %d)",
				     sim_op_name(e->op), e->gpa, v.spte, v.spte_level);
}

/* A page has just been given to a TD: is it the one that everybody means? */
static void check_new_page(struct kvm *kvm, const struct sim_ledger_entry *e)
{
	gfn_t gfn = e->gpa >> PAGE_SHIFT;
	u64 pfn = e->spa >> PAGE_SHIFT, gmem, spte = 0, raw = 0;
	int level = e->arg + 1, mirror_level = level;
	struct sim_tdx_page_info page = {};
	u32 sept_level = e->arg;
	unsigned long flags;
	struct sim_tdx *t;
	bool differ;

	t = sim_tdx_gate_lock(&flags);
	sim_tdx_page_info(t, e->spa, e->arg, &page);
	sim_tdx_sept_entry(t, e->gctx, e->gpa, &sept_level, &raw);
	sim_tdx_gate_unlock(flags);
	if (page.type != SIM_PT_REG || page.owner != e->gctx ||
	    sept_level != e->arg || sept_pfn(raw) != pfn)
		sim_oracle_violation(SIM_O7,
			"%s of %#llx at gpa %#llx: S-EPT %#llx, PAMT type %u owner %#llx, TD %#llx",
			sim_op_name(e->op), e->spa, e->gpa, raw, page.type, page.owner, e->gctx);

	if (!gmem_pfn(kvm, gfn, &gmem) || gmem != pfn)
		sim_oracle_violation(SIM_O7,
			"%s of page %#llx at gpa %#llx: guest_memfd has page %#llx",
			sim_op_name(e->op), pfn, e->gpa, gmem);

	rcu_read_lock();
	differ = !mirror_entry(kvm, gfn, &mirror_level, &spte) || mirror_level != level ||
		 (!is_frozen_spte(spte) &&
		  (!is_shadow_present_pte(spte) || spte_to_pfn(spte) != pfn));
	rcu_read_unlock();
	if (differ)
		sim_oracle_violation(SIM_O7,
			"%s of page %#llx at gpa %#llx: mirror has %#llx (level %d)",
			sim_op_name(e->op), pfn, e->gpa, spte, mirror_level);
	else
		check_frozen(kvm, e);
}

/*
 * KVM is about to give up a TD, or at least has no vCPU of it left: without its key
 * nothing can be compared, and without that VM nothing can be asked.
 */
void sim_tdx_mirror_close(u64 tdr)
{
	unsigned long flags;
	struct watched *w;

	drain_and_report(tdr, true);
	sim_lock_irqsave(&watch_lock, flags);
	w = find(tdr);
	if (w)
		forget(w);
	sim_unlock_irqrestore(&watch_lock, flags);
}

void sim_tdx_mirror_settled(void)
{
	unsigned long flags;
	struct kvm *kvm;
	u64 tdr;
	int i;

	for (i = 0; i < ARRAY_SIZE(watched); i++) {
		sim_lock_irqsave(&watch_lock, flags);
		kvm = watched[i].nr ? watched[i].kvm : NULL;
		tdr = watched[i].tdr;
		/* It is there as long as it is in this list, but may be on its way out. */
		if (kvm && !kvm_get_kvm_safe(kvm))
			kvm = NULL;
		sim_unlock_irqrestore(&watch_lock, flags);
		if (!kvm)
			continue;
		drain_and_report(tdr, true);
		kvm_put_kvm(kvm);
	}
}

/* Every SEAMCALL, after it was made, outside of the gate's lock */
void sim_tdx_mirror_call(const struct sim_ledger_entry *e)
{
	struct kvm *kvm = NULL;
	unsigned long flags;
	struct watched *w;
	bool pending;
	u16 leaf = e->op - SIM_OP_SEAMCALL;

	/* The guest context has no RCU, and an interrupt may have any locks below it. */
	if (leaf == SIM_TDH_VP_ENTER || !in_task())
		return;

	/* It neither changes the S-EPT nor ends a TD. */
	if (leaf == SIM_TDH_MR_EXTEND && !READ_ONCE(nr_pending))
		return;

	sim_lock_irqsave(&watch_lock, flags);
	switch (leaf) {
	case SIM_TDH_MEM_SEPT_ADD:
	case SIM_TDH_MEM_PAGE_ADD:
	case SIM_TDH_MEM_PAGE_AUG:
		w = learn(e->gctx);
		break;
	case SIM_TDH_MNG_CREATE:
		/* The page may have been a TDR that was lost. */
		w = find(e->gctx);
		if (w)
			forget(w);
		w = NULL;
		break;
	case SIM_TDH_PHYMEM_PAGE_RECLAIM:
		w = find(e->spa);
		if (w && !e->status)
			forget(w);
		w = NULL;
		break;
	default:
		w = find(e->gctx);
		break;
	}
	if (w) {
		switch (leaf) {
		case SIM_TDH_MEM_SEPT_ADD:
		case SIM_TDH_MEM_PAGE_ADD:
		case SIM_TDH_MEM_PAGE_AUG:
			if (!e->status)
				kvm = w->kvm;
			fallthrough;
		case SIM_TDH_MEM_RANGE_BLOCK:
		case SIM_TDH_MEM_PAGE_REMOVE:
			note(w, e->gpa >> PAGE_SHIFT, e->arg + 1);
			break;
		}
	}
	/* A call that failed comes again, or the VM dies of it: not now. */
	pending = w && w->nr && !e->status;
	sim_unlock_irqrestore(&watch_lock, flags);

	if (kvm && leaf == SIM_TDH_MEM_SEPT_ADD)
		check_frozen(kvm, e);
	else if (kvm)
		check_new_page(kvm, e);
	if (pending)
		drain_and_report(e->gctx, false);
}

/*
 * The TDP MMU has changed an entry of some tree of some VM.  The trees of a TD
 * can't be told apart here, but an entry of the mirror that did not change
 * agrees with the S-EPT all the same.
 */
void sim_tdx_mirror_changed(gfn_t gfn, int level)
{
	struct kvm_vcpu *vcpu = kvm_get_running_vcpu();
	struct watched *w = NULL;
	unsigned long flags;
	u64 tdr = 0;
	int i;

	if (!sim_tdx_present() || !in_task())
		return;
	sim_lock_irqsave(&watch_lock, flags);
	if (vcpu)
		w = find_kvm(vcpu->kvm);
	/* As punching a hole in guest_memfd does */
	for (i = 0; !vcpu && !w && i < ARRAY_SIZE(watched); i++)
		if (watched[i].kvm && holds_mmu_lock(watched[i].kvm))
			w = &watched[i];
	if (w) {
		note(w, gfn, level);
		tdr = w->tdr;
	}
	sim_unlock_irqrestore(&watch_lock, flags);
	if (tdr)
		drain_and_report(tdr, false);
}
