// SPDX-License-Identifier: GPL-2.0
/*
 * What came of an injection.
 *
 * A fault that was delivered is propagated (a call failed, or did less than it was
 * asked for), or tolerated (no call failed, and the guest is the same; each such
 * case is in the table below, by its full name), or swallowed, which is wrong.  After
 * a failure the caller tries again; then the guest has to be the same as without the
 * fault, or KVM has to have given the VM up.  In any case all has to be taken down
 * in the end, and what the host does not get back must never be freed.
 */
#include <linux/bitmap.h>
#include <linux/debug_locks.h>
#include <linux/fdtable.h>
#include <linux/kallsyms.h>
#include <linux/kvm_host.h>
#include <linux/misc_cgroup.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "campaign.h"

static const char * const verdicts[CAMP_NR_VERDICTS] = {
	[CAMP_PROPAGATED] = "propagated", [CAMP_TOLERATED] = "tolerated",
	[CAMP_SWALLOWED] = "swallowed", [CAMP_VIOLATION] = "violation",
	[CAMP_UNDELIVERED] = "undelivered",
};

const char *camp_verdict_name(enum camp_verdict v)
{
	return verdicts[v];
}

/* Named cases --------------------------------------------------------------------- */

#define ANY_PHASE	(BIT(CAMP_NR_PHASES) - 1)
#define ONCE		BIT(CAMP_BEFORE)
#define LATE		BIT(CAMP_AFTER)
#define SOME		(BIT(CAMP_BEFORE) | BIT(CAMP_BUSY))
#define EVER		BIT(CAMP_EVER)
/* A signal that came when only the last page of the step was left */
#define LAST		BIT(CAMP_NR_PHASES)

/**
 * struct named - a place whose failures are all right, and why
 * @op: operation; with a dot at its end: of a kind, whatever the step
 * @status: what it answers, NULL: whatever it can answer
 * @phases: BIT(CAMP_*)
 * @caller: a function to which the failed call returns, with a ^ in front the innermost
 *	one; "": the allocation is silent (__GFP_NOWARN) and has no tracepoint; NULL: any
 * @why: how it is handled, and by what of 7.2
 */
struct named {
	const char *op;
	const char *status;
	u8 phases;
	const char *caller;
	const char *why;
};

/* No call fails, and the guest is the same. */
#define LASTING(...)
#define KEPT(...)
#define TOLERATED(...)	{ __VA_ARGS__ },
#define FINAL(...)
#define ENDLESS(...)
#define FATAL(...)
static const struct named tolerated[] = {
#include "campaign_named.h"
	{}
};
#undef TOLERATED
#undef FINAL
#undef ENDLESS
#undef FATAL

/* KVM has not given the VM up, but the launch can't be completed any more. */
#define TOLERATED(...)
#define FINAL(...)	{ __VA_ARGS__ },
#define ENDLESS(...)
#define FATAL(...)
static const struct named final[] = {
#include "campaign_named.h"
	{}
};
#undef TOLERATED
#undef FINAL
#undef ENDLESS
#undef FATAL

/* KVM tries for as long as the hardware is busy. */
#define TOLERATED(...)
#define FINAL(...)
#define ENDLESS(...)	{ __VA_ARGS__ },
#define FATAL(...)
static const struct named endless[] = {
#include "campaign_named.h"
	{}
};
#undef TOLERATED
#undef FINAL
#undef ENDLESS
#undef FATAL

/* KVM gives the VM up. */
#define TOLERATED(...)
#define FINAL(...)
#define ENDLESS(...)
#define FATAL(...)	{ __VA_ARGS__ },
static const struct named fatal[] = {
#include "campaign_named.h"
	{}
};
#undef FATAL

static bool is_op(const char *want, const char *op)
{
	return want[strlen(want) - 1] == '.' ? strstarts(op, want) : !strcmp(op, want);
}

/* Is it the place for fault @f, the @n'th call that failed for it? */
static bool fits(const struct named *e, const struct camp_workload *w,
		 const struct camp_fault *f, unsigned int n)
{
	u16 key = f->kind == CAMP_HW ? f->op : SIM_NR_OPS;
	char op[48], status[48];

	camp_op_name(w, f, op, sizeof(op));
	if (!is_op(e->op, op) || !(e->phases & BIT(f->phase)))
		return false;
	if (e->phases & LAST && !camp_plan_signal_was_late())
		return false;
	camp_status_name(f, status, sizeof(status));
	if (e->status && strcmp(e->status, status))
		return false;
	if (!e->caller)
		return true;
	if (!*e->caller)
		return !camp_who_count(key);
	return camp_who_called(key, n, e->caller);
}

static const struct named *find_place(const struct named *table, const struct camp_workload *w,
				      const struct camp_fault *f, unsigned int n)
{
	for (; table->op; table++)
		if (fits(table, w, f, n))
			return table;
	return NULL;
}

/*
 * Is it only for a while, or no error at all?  Then that the hardware breaks its promises is
 * no reason to give a VM up.
 */
static bool is_mild(const struct camp_fault *f)
{
	return f->kind != CAMP_HW || sim_fault_is_transient(f->op, f->status) ||
	       (f->op >= SIM_OP_SEAMCALL && f->status >= 0);
}

/* Which of the calls that failed was a reason to give the VM up? */
static const char *name_of_death(const struct camp_injection *in)
{
	const struct named *e;
	unsigned int i, n;

	for (i = 0; i < in->nr; i++) {
		const struct camp_fault *f = &in->f[i];
		u16 key = f->kind == CAMP_HW ? f->op : SIM_NR_OPS;

		for (n = 0; n < max(camp_who_count(key), 1u); n++)
			for (e = fatal; e->op; e++)
				if (fits(e, in->w, f, n) &&
				    (e->status || !is_mild(f) || f->timeout))
					return e->why;
	}
	return NULL;
}

/* All calls that failed have to be in places with a name; @first: or only the first one. */
static const char *name_of_fault(const struct named *table, const struct camp_workload *w,
				 const struct camp_fault *f, bool first)
{
	u16 key = f->kind == CAMP_HW ? f->op : SIM_NR_OPS;
	unsigned int n = first ? 1 : camp_who_count(key), i;
	const struct named *e = NULL;

	for (i = max(n, 1u); i--; ) {
		e = find_place(table, w, f, i);
		if (!e)
			return NULL;
	}
	return e->why;
}

static const char *find_named(const struct named *table, const struct camp_injection *in)
{
	const char *why = NULL;
	unsigned int i;

	for (i = 0; i < in->nr && !why; i++)
		why = name_of_fault(table, in->w, &in->f[i], table == final);
	return why;
}

/* What is left -------------------------------------------------------------------- */

/*
 * What a kernel can go without: pages of its memory, HKIDs and ASIDs of those that
 * the machine has (sim_min_sev_asid= in kernel/scripts/campaign_scheduler.py).  A lifetime
 * needs little of each.
 */
#define MAX_LEFT	8000
#define MAX_HKIDS	24
#define MAX_ASIDS	60
#define MAX_DIRT	16384

/* What is left, as one look has found it */
struct look {
	struct sim_dirt_report r[MAX_DIRT];
	u32 nr;
};

static struct look looks[3];
static struct look *before = &looks[0], *after = &looks[1];
static u32 nr_boot;
static u32 violations;
static bool reboot, suspect;

/* Interrupts are off: notes only. */
static void note(void *ctx, const struct sim_dirt_report *r)
{
	struct look *l = ctx;

	if (l->nr < MAX_DIRT)
		l->r[l->nr++] = *r;
}

static void look_at_touched(struct look *l)
{
	l->nr = 0;
	sim_host_check_touched(note, l);
}

static bool is_same_dirt(const struct sim_dirt_report *a, const struct sim_dirt_report *b)
{
	return a->what == b->what && a->addr == b->addr && a->asid == b->asid;
}

/* A look at all that there is costs as much as a whole lifetime. */
#define FULL_LOOK	256

/**
 * camp_look_is_true() - is what was touched all that is left?
 *
 * Each injection looks at what was touched since the one before.  This looks at
 * everything, and compares.
 */
bool camp_look_is_true(void)
{
	struct look *full = &looks[2];
	u32 i;

	full->nr = 0;
	sim_host_check_clean(note, full);
	look_at_touched(after);
	if (full->nr != after->nr)
		return false;
	for (i = 0; i < full->nr; i++)
		if (!is_same_dirt(&full->r[i], &after->r[i]) ||
		    full->r[i].state != after->r[i].state)
			return false;
	return true;
}

/* ASIDs and HKIDs are charged to the cgroup of who takes them. */
static u64 charges[MISC_CG_RES_TYPES];
static unsigned int fds, asids_taken;

/* Those that are taken and not installed count as well. */
static unsigned int count_fds(void)
{
	struct files_struct *files = current->files;
	unsigned int n;

	spin_lock(&files->file_lock);
	n = bitmap_weight(files_fdtable(files)->open_fds, files_fdtable(files)->max_fds);
	spin_unlock(&files->file_lock);
	return n;
}

/* Those that nobody can have, not even when the ones that were freed have been flushed */
static unsigned int count_asids(void)
{
	static unsigned long **taken, **freed;
	static unsigned int *nr;

	if (!nr) {
		taken = (void *)kallsyms_lookup_name("sev_asid_bitmap");
		freed = (void *)kallsyms_lookup_name("sev_reclaim_asid_bitmap");
		nr = (void *)kallsyms_lookup_name("nr_asids");
		if (WARN_ON(!taken || !freed || !nr || (*taken && !*nr)))
			return 0;
	}
	return *taken && *freed ? bitmap_weight_andnot(*taken, *freed, *nr) : 0;
}

static void note_charges(u64 usage[MISC_CG_RES_TYPES])
{
	struct misc_cg *cg = get_current_misc_cg();
	unsigned int i;

	for (i = 0; i < MISC_CG_RES_TYPES; i++)
		usage[i] = atomic64_read(&cg->res[i].usage);
	put_misc_cg(cg);
}

/* O3: what a VM took.  Its ASID or HKID stays charged if it can't be used again. */
static void check_taken(struct camp_life *l, const struct camp_injection *in)
{
	s64 may = l->left || camp_refuses_page(in);
	u64 now[MISC_CG_RES_TYPES];
	s64 more = 0;
	unsigned int i;

	note_charges(now);
	for (i = 0; i < MISC_CG_RES_TYPES; i++) {
		if (now[i] < charges[i])
			camp_fail(l, "O3", "misc resource %u: %llu charged, %llu before", i,
				  now[i], charges[i]);
		more += now[i] - charges[i];
	}
	if (more > may)
		camp_fail(l, "O3", "charged for %lld more ASIDs or HKIDs than before", more);
	more = (s64)count_asids() - asids_taken;
	if (more < 0 || more > may)
		camp_fail(l, "O3", "%u ASIDs are taken, %u before", count_asids(), asids_taken);
	if (count_fds() != fds)
		camp_fail(l, "O3", "%u file descriptors, %u before", count_fds(), fds);
}

/**
 * camp_judge_begin() - note how things are before an injection
 */
void camp_judge_begin(void)
{
	static bool known;

	violations = sim_oracle_mark();
	note_charges(charges);
	fds = count_fds();
	asids_taken = count_asids();
	suspect = false;
	kt_rearm_once();
	/* Later it is what the last injection left. */
	if (known)
		return;
	look_at_touched(before);
	nr_boot = before->nr;
	known = true;
}

/* Both walks are in the same order: @from is where the last one was found. */
static bool was_there(const struct sim_dirt_report *r, u32 *from)
{
	u32 i, n;

	for (n = 0, i = *from; n < before->nr; n++, i++) {
		if (i >= before->nr)
			i = 0;
		if (is_same_dirt(&before->r[i], r)) {
			*from = i + 1;
			return true;
		}
	}
	return false;
}

static bool has_kind(const struct camp_injection *in, enum camp_kind kind)
{
	unsigned int i;

	for (i = 0; i < in->nr; i++)
		if (in->f[i].kind == kind)
			return true;
	return false;
}

/*
 * A page that is free although it is not the host's: nobody must get it, or what he
 * does to it would look like another mistake.
 */
static bool seize(u64 pfn)
{
	return !memory_failure(pfn, 0) && page_count(pfn_to_page(pfn));
}

static u32 check_left(struct camp_life *l, const struct camp_injection *in)
{
	static u32 hkids, asids, nr_looks;
	u32 i, left = 0, from = 0;

	if (++nr_looks % FULL_LOOK) {
		look_at_touched(after);
	} else if (!camp_look_is_true()) {
		camp_fail(l, "O1", "something has changed that nobody is known to have touched");
		reboot = true;
	}
	for (i = 0; i < after->nr; i++) {
		const struct sim_dirt_report *r = &after->r[i];

		if (was_there(r, &from))
			continue;
		/* A count goes with its pages, and its ASID is not used again. */
		if (r->what == SIM_DIRT_ASID_COUNT) {
			asids++;
			continue;
		}
		left++;
		hkids += r->what == SIM_DIRT_HKID;
		asids += r->what == SIM_DIRT_ASID_USED;
		/* Only the hardware's refusal is a reason to leave something behind. */
		if (!has_kind(in, CAMP_HW))
			camp_fail(l, "O1", "left behind: kind %u addr %#llx asid %u", r->what,
				  r->addr, r->asid);
		if ((r->what == SIM_DIRT_PAGE || r->what == SIM_DIRT_CONTEXT ||
		     r->what == SIM_DIRT_TD_PAGE) && pfn_valid(PHYS_PFN(r->addr)) &&
		    !page_count(pfn_to_page(PHYS_PFN(r->addr)))) {
			camp_fail(l, "O1", "page %#llx is free, and not the host's", r->addr);
			if (!seize(PHYS_PFN(r->addr)))
				reboot = true;
		}
	}
	/* There is not room for any number of them. */
	if (after->nr > nr_boot + MAX_LEFT || hkids > MAX_HKIDS || asids > MAX_ASIDS)
		reboot = true;
	swap(before, after);
	return left;
}

/*
 * A WARN of the kernel's own, with the line where it stands: "WARNING: file.c:1 at ...".
 * What lockdep and RCU say begins the same way, and no hardware is the reason for it.
 */
static bool is_warn(const char *text)
{
	const char *at = strstr(text, "WARNING: ");

	return at && (strstr(at, ".c:") || strstr(at, ".h:")) && strstr(at, " at ");
}

/* Does the last look know of this page? */
static bool is_left_page(u64 spa)
{
	u32 i;

	for (i = 0; i < before->nr; i++)
		if (before->r[i].addr == spa)
			return true;
	return false;
}

static void check_oracles(struct camp_life *l, const struct camp_injection *in)
{
	struct sim_violation v;
	bool lost = false;

	while (sim_oracle_read(&violations, &v)) {
		l->reports++;
		/* What is left of them says more than that there were too many. */
		if (v.oracle == SIM_OLOST) {
			lost = true;
			continue;
		}
		/* A WARN is for what only broken hardware can do, not for one that is busy. */
		if (v.oracle == SIM_O6 && has_kind(in, CAMP_HW) && is_warn(v.text) &&
		    !find_named(endless, in)) {
			l->warned = true;
			continue;
		}
		if (v.oracle == SIM_O5) {
			l->by = find_named(endless, in);
			if (l->by)
				continue;
		}
		camp_fail(l, sim_oracle_name(v.oracle), "%s", v.text);
	}
	if (lost)
		camp_fail(l, "LOST", "more violations than can be kept");
	if (!debug_locks) {
		camp_fail(l, "O6", "lockdep has switched itself off");
		reboot = true;
	}
	if (!list_empty(&vm_list)) {
		camp_fail(l, "O3", "the VM is still there");
		reboot = true;
	}
}

static bool is_same(const struct camp_life *l, const struct camp_state *ref)
{
	return l->launched && !memcmp(&l->state, ref, sizeof(*ref));
}

/* What the memory is at that moment says what is mapped early, and what is left for later. */
static bool maps_other_things(const struct camp_life *l, const struct camp_injection *in,
			      const struct camp_state *ref)
{
	return in->nr == 1 && has_kind(in, CAMP_ATTR) && l->launched && !l->errored &&
	       strstarts(l->w->steps[in->f[0].step].name, "pre_fault") &&
	       !memcmp(l->state.digest, ref->digest, sizeof(ref->digest)) &&
	       !memcmp(l->state.pages, ref->pages, sizeof(ref->pages));
}

static const char *difference(const struct camp_life *l, const struct camp_state *ref)
{
	if (!l->launched)
		return "not launched";
	if (memcmp(l->state.digest, ref->digest, sizeof(ref->digest)))
		return "another digest";
	if (memcmp(l->state.pages, ref->pages, sizeof(ref->pages)))
		return "other memory";
	return "other operations";
}

static bool times_out(const struct camp_injection *in)
{
	unsigned int i;

	for (i = 0; i < in->nr; i++)
		if (in->f[i].timeout)
			return true;
	return false;
}

/**
 * struct lasting - a step that fails for ever, since something does not come back
 * @status: what has happened
 * @step: how the step's name begins
 * @err: with what it fails
 * @why: by what of 7.2
 */
struct lasting {
	const char *status;
	const char *step;
	int err;
	const char *why;
};

#define TOLERATED(...)
#define FINAL(...)
#define ENDLESS(...)
#define FATAL(...)
#undef LASTING
#define LASTING(...)	{ __VA_ARGS__ },
static const struct lasting lasting[] = {
#include "campaign_named.h"
	{}
};

/* Why may a step fail for ever? */
static const char *name_of_step(const struct camp_fault *f, const struct camp_step *s, int err)
{
	const struct lasting *e;
	char status[48];

	camp_status_name(f, status, sizeof(status));
	for (e = lasting; e->status; e++)
		if (e->err == err && !strcmp(e->status, status) && strstarts(s->name, e->step))
			return e->why;
	return NULL;
}

/*
 * What lasts takes with it what has need of it, with the errno that says so; every other step
 * is to succeed.  Without its file the memory is gone, and what was measured is not.
 */
static enum camp_verdict judge_lasting(struct camp_life *l, const struct camp_injection *in,
				       const struct camp_state *ref)
{
	const struct camp_fault *f = &in->f[0];
	unsigned int i;

	for (i = 0; i < l->w->end; i++) {
		const struct camp_step *s = &l->w->steps[i];

		if (!l->last[i])
			continue;
		l->by = name_of_step(f, s, l->last[i]);
		if (!l->by)
			camp_fail(l, "END", "%s fails for ever, error %d", s->name, l->last[i]);
	}
	if (l->launched && (f->timeout ? !is_same(l, ref) :
			    memcmp(l->state.digest, ref->digest, sizeof(ref->digest))))
		camp_fail(l, "O4", "%s", difference(l, ref));
	if (l->rule)
		return CAMP_VIOLATION;
	if (l->errored)
		return CAMP_PROPAGATED;
	l->by = find_named(tolerated, in);
	return l->by ? CAMP_TOLERATED : CAMP_SWALLOWED;
}

/*
 * Slots and memory that the caller changes are his own affair.  What he did not take away
 * is to be as ever, every step but those of the guest has to succeed in the end, and
 * what was measured stays measured.
 */
static enum camp_verdict judge_memory(struct camp_life *l, const struct camp_injection *in,
				      const struct camp_state *ref)
{
	u32 lost = camp_plan_lost(), i;

	if (l->dead)
		camp_fail(l, "END", "the VM is dead");
	else if (!lost && !is_same(l, ref))
		camp_fail(l, "END", "nothing was taken away, but %s, error %d",
			  difference(l, ref), l->err);
	else if (!l->launched && l->w->steps[l->over].run != camp_run)
		camp_fail(l, "END", "%s fails for ever, error %d", l->w->steps[l->over].name,
			  l->err);
	else if (l->launched && memcmp(l->state.digest, ref->digest, sizeof(ref->digest)))
		camp_fail(l, "O4", "another digest");
	for (i = 0; l->launched && i < CAMP_MAX_PAGES; i++)
		if (!(lost & BIT(i)) && l->state.pages[i] != ref->pages[i])
			camp_fail(l, "O4", "page %u is another one", i);
	if (l->rule)
		return CAMP_VIOLATION;
	if (l->errored)
		return CAMP_PROPAGATED;
	l->by = find_named(tolerated, in);
	return l->by ? CAMP_TOLERATED : CAMP_SWALLOWED;
}

/*
 * A call is to answer what it does in this state.  One that fails, or is no part of the
 * launch, changes nothing; what comes of the launch after one that is part of it is up to it.
 */
static enum camp_verdict judge_call(struct camp_life *l, const struct camp_injection *in,
				    const struct camp_state *ref)
{
	const struct camp_fault *f = &in->f[0];
	bool counts;
	int want = camp_call_expects(in->w, f->status, f->step, &counts);

	l->errored = l->called < 0;
	l->err = l->called;
	if (l->dead)
		camp_fail(l, "END", "it returns %d, and the VM is dead", l->called);
	else if (l->called != want)
		camp_fail(l, "ABI", "it returns %d in place of %d", l->called, want);
	else if ((l->called < 0 || !counts) && !is_same(l, ref))
		camp_fail(l, "END", "it returns %d, but %s", l->called, difference(l, ref));
	if (!l->rule)
		return CAMP_PROPAGATED;
	l->by = find_named(final, in);
	if (!l->by)
		return CAMP_VIOLATION;
	l->rule = NULL;
	l->why[0] = '\0';
	return CAMP_PROPAGATED;
}

/**
 * camp_judge() - what came of it?
 * @l: the lifetime, over
 * @in: what failed in it
 * @ref: what the guest is if nothing fails
 *
 * Return: the verdict; @l->rule and @l->why say more.
 */
enum camp_verdict camp_judge(struct camp_life *l, const struct camp_injection *in,
			     const struct camp_state *ref)
{
	bool timeout = times_out(in);
	unsigned int i;

	check_oracles(l, in);
	l->left = check_left(l, in);
	check_taken(l, in);
	camp_leak_check(l, in, is_left_page);
	/* There is a reason for it, which has come first. */
	if (l->lost)
		camp_fail(l, "LOST", "the ledger is too short");
	if (timeout || l->left)
		suspect = true;
	if (l->rule) {
		suspect = true;
		return CAMP_VIOLATION;
	}
	for (i = 0; i < in->nr; i++)
		if (!camp_plan_delivered(i))
			return CAMP_UNDELIVERED;

	if (has_kind(in, CAMP_STOP))
		return CAMP_PROPAGATED;
	if (has_kind(in, CAMP_CALL))
		return judge_call(l, in, ref);
	if (has_kind(in, CAMP_SLOT) || has_kind(in, CAMP_HOLE))
		return judge_memory(l, in, ref);
	if (l->dead && !name_of_death(in)) {
		camp_fail(l, "END", "the VM is dead, for nothing that has a name: %s, error %d",
			  l->errored ? l->w->steps[l->err_step].name : "nothing failed", l->err);
		return CAMP_VIOLATION;
	}
	if (in->nr == 1 && camp_fault_lasts(&in->f[0]) && !l->dead)
		return judge_lasting(l, in, ref);
	if (l->dead || is_same(l, ref) || maps_other_things(l, in, ref)) {
		if (l->errored)
			return CAMP_PROPAGATED;
		l->by = l->by ?: find_named(tolerated, in);
		return l->by ? CAMP_TOLERATED : CAMP_SWALLOWED;
	}
	if (l->launched || !l->errored) {
		camp_fail(l, "O4", "%s, but %s", l->errored ? "resumed" : "nothing failed",
			  difference(l, ref));
		return CAMP_VIOLATION;
	}
	l->by = find_named(final, in);
	if (l->by)
		return CAMP_PROPAGATED;
	camp_fail(l, "END", "the VM lives, but %s fails for ever, error %d",
		  l->w->steps[l->over].name, l->err);
	return CAMP_VIOLATION;
}

/**
 * camp_has_leftovers() - have injections of this boot left something behind?
 */
bool camp_has_leftovers(void)
{
	return before->nr > nr_boot;
}

/**
 * camp_is_suspect() - may the last injection have left something that others run into?
 */
bool camp_is_suspect(void)
{
	return suspect;
}

/**
 * camp_judge_trial() - a run in which nothing failed, after one in which something did
 * @l: the lifetime, over
 * @ref: what the guest is
 *
 * Return: false if it is not as ever; then the kernel has to be rebooted.
 */
bool camp_judge_trial(struct camp_life *l, const struct camp_state *ref)
{
	const struct camp_injection nothing = { .w = l->w };

	check_oracles(l, &nothing);
	l->left = check_left(l, &nothing);
	check_taken(l, &nothing);
	camp_leak_check(l, &nothing, is_left_page);
	if (l->lost)
		camp_fail(l, "LOST", "the ledger is too short");
	else if (l->errored)
		camp_fail(l, "END", "%s fails with %d", l->w->steps[l->err_step].name, l->err);
	else if (!is_same(l, ref))
		camp_fail(l, "O4", "%s", difference(l, ref));
	if (l->rule)
		reboot = true;
	return !l->rule;
}

/* Is this kernel, or this machine, of no use for another injection? */
bool camp_must_reboot(void)
{
	return reboot;
}
