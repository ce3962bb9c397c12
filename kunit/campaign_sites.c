// SPDX-License-Identifier: GPL-2.0
/*
 * What can fail in a workload: a clean run tells which operations there are, and how
 * many allocations.  Of the same operation in the same step the first, the middle
 * and the last are sites.  What a site can answer is in the tables of the hardware.
 */
#include <linux/debug_locks.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "campaign.h"

#define MAX_LOG		8192

/* So few that all of them can be the first that fails for ever */
#define FEW_ALLOCS	12

/**
 * struct record - a run whose operations are known
 * @env: environment
 * @w: workload
 * @nr_steps: its steps
 * @v: visitor
 * @e: operations
 * @nr: how many
 * @count: how often each of them
 * @first: what fails besides what is being visited
 * @step: number of the step that is being visited
 * @of: record whose sites are the first faults of these pairs
 * @clean: the run in which nothing failed
 * @seen: unwindings of the site that is being visited, by hash
 * @nr_seen: how many
 * @seen_at: that site
 * @ret: why the pairs are not all there
 */
struct record {
	struct camp_env *env;
	const struct camp_workload *w;
	unsigned int nr_steps;
	const struct camp_visitor *v;
	struct sim_ledger_entry *e;
	unsigned int nr;
	u32 count[SIM_NR_OPS];
	struct camp_injection first;
	unsigned int step;
	const struct record *of;
	const struct camp_life *clean;
	u64 seen[32];
	unsigned int nr_seen;
	struct camp_fault seen_at;
	int ret;
};

static bool can_fail(u16 op)
{
	s32 status;

	return sim_fault_status(op, 0, &status) || sim_fault_can_time_out(op);
}

static int read_log(struct record *r, u64 from, u64 to)
{
	int n;

	if (to - from > MAX_LOG)
		return -E2BIG;
	n = sim_ledger_read(from, r->e, to - from);
	r->nr = n > 0 ? n : 0;
	return n < 0 ? -E2BIG : 0;
}

/* How often an operation was called up to and including entry @at */
static u32 occurrence(const struct record *r, unsigned int at)
{
	unsigned int i;
	u32 n = 0;

	for (i = 0; i <= at; i++)
		n += r->e[i].op == r->e[at].op;
	return n;
}

static bool same(const struct sim_ledger_entry *a, const struct sim_ledger_entry *b)
{
	return a->op == b->op && a->arg == b->arg;
}

/*
 * Entries from @from up to @to, by kind of operation: is @at the first, the middle or the
 * last of its kind?
 */
static bool is_site(const struct record *r, unsigned int at, unsigned int from, unsigned int to)
{
	unsigned int i, total = 0, me = 0;

	for (i = from; i < to; i++) {
		if (!same(&r->e[i], &r->e[at]))
			continue;
		if (i == at)
			me = total;
		total++;
	}
	return me == 0 || me == total / 2 || me == total - 1;
}

static void inject(struct record *r, const struct camp_fault *f)
{
	struct camp_injection in = r->first;

	in.f[in.nr++] = *f;
	r->v->injection(r->v->ctx, &in);
}

static void hw_statuses(struct record *r, u16 op, u32 occ, bool pair)
{
	struct camp_fault f = { .kind = CAMP_HW, .op = op, .occ = occ };
	u32 i;

	for (i = 0; sim_fault_status(op, i, &f.status); i++) {
		f.phase = CAMP_BEFORE;
		inject(r, &f);
		if (pair)
			continue;
		if (sim_fault_is_transient(op, f.status)) {
			f.phase = CAMP_BUSY;
			inject(r, &f);
		}
		f.phase = CAMP_EVER;
		inject(r, &f);
	}
	if (!sim_fault_can_time_out(op) || pair)
		return;
	/* The PSP may have done its work and not have said so. */
	f.status = 0;
	f.timeout = true;
	f.phase = CAMP_BEFORE;
	inject(r, &f);
	f.phase = CAMP_AFTER;
	inject(r, &f);
}

static void site(struct record *r, const struct camp_fault *f, u32 of, const char *step)
{
	struct camp_injection in = { .w = r->w, .nr = 1, .f[0] = *f };

	r->v->site(r->v->ctx, &in, of, step);
}

static void hw_sites(struct record *r, const struct camp_life *l, unsigned int step)
{
	unsigned int from = l->mark[step] - l->mark[0];
	unsigned int to = l->mark[step + 1] - l->mark[0], i;

	for (i = from; i < to && i < r->nr; i++) {
		struct camp_fault f = { .kind = CAMP_HW, .op = r->e[i].op };

		if (!can_fail(f.op) || !is_site(r, i, from, to))
			continue;
		f.occ = occurrence(r, i);
		site(r, &f, r->count[f.op], r->w->steps[step].name);
		hw_statuses(r, f.op, f.occ, false);
	}
}

static void one(struct record *r, enum camp_kind kind, unsigned int step, u32 occ, u32 of,
		s32 status, enum camp_phase phase, bool is_new)
{
	const struct camp_fault f = {
		.kind = kind, .step = step, .occ = occ, .status = status, .phase = phase,
	};

	if (is_new)
		site(r, &f, of, r->w->steps[step].name);
	inject(r, &f);
}

/* Each page that can be the first, the middle or the last of its step; statuses below @to */
static void page_sites(struct record *r, enum camp_kind kind, unsigned int step, s32 from,
		       s32 to)
{
	const struct camp_step *s = &r->w->steps[step];
	const u32 pages[] = { 1, s->npages / 2 + 1, s->npages };
	unsigned int i;
	s32 status;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		if (i && pages[i] <= pages[i - 1])
			continue;
		for (status = from; status < to; status++)
			one(r, kind, step, pages[i], s->npages, status, CAMP_BEFORE,
			    status == from);
	}
}

/* Operations at which a signal may come */
static u32 signal_points(const struct record *r, const struct camp_life *l, unsigned int step)
{
	unsigned int i, n = 0;

	for (i = l->mark[step] - l->mark[0]; i < l->mark[step + 1] - l->mark[0] && i < r->nr; i++)
		n += camp_signal_can_come(r->e[i].op);
	return n;
}

/* Is there a file that can be closed, in front of a step of the launch? */
static bool has_file(const struct record *r, unsigned int step)
{
	unsigned int i;

	for (i = 0; i < step && step < r->w->end; i++)
		if (r->w->steps[i].run == camp_create_gmem)
			return true;
	return false;
}

static void step_sites(struct record *r, const struct camp_life *l, unsigned int step)
{
	const struct camp_step *s = &r->w->steps[step];
	u32 ops = signal_points(r, l, step);
	const u32 moments[] = { 1, 2, ops / 2 + 2, ops + 1 };
	u32 i, n = l->allocs[step];
	s32 status;

	for (i = 1; i <= n; i++) {
		one(r, CAMP_ALLOC, step, i, n, 0, CAMP_BEFORE, true);
		if (n <= FEW_ALLOCS || i == 1 || i == n / 2 + 1 || i == n)
			one(r, CAMP_ALLOC, step, i, n, 0, CAMP_EVER, false);
	}
	if (s->flags & CAMP_COPIES_CMD)
		one(r, CAMP_COPY, step, 1, 2, 0, CAMP_BEFORE, true);
	if (s->flags & CAMP_WRITES_CMD)
		one(r, CAMP_COPY, step, 1, 2, 0, CAMP_AFTER, false);
	if (s->flags & CAMP_COPIES_DATA)
		one(r, CAMP_COPY, step, 2, 2, 0, CAMP_BEFORE, true);
	if (s->flags & CAMP_WRITES_DATA)
		one(r, CAMP_COPY, step, 2, 2, 0, CAMP_AFTER, false);
	if (s->flags & CAMP_IS_CPUID)
		one(r, CAMP_CPUID, step, 1, 1, 0, CAMP_AFTER, true);
	if (s->flags & CAMP_READS_SRC)
		page_sites(r, CAMP_GUP, step, 0, CAMP_NR_GUP);
	if (s->flags & CAMP_NEEDS_GMEM) {
		page_sites(r, CAMP_POISON, step,
			   s->flags & CAMP_READS_SRC ? CAMP_POISON_SOURCE : CAMP_POISON_TARGET,
			   s->flags & CAMP_CAN_MAP ? CAMP_NR_POISON : CAMP_POISON_MAPPED);
		if (!(s->flags & CAMP_NO_ATTR))
			page_sites(r, CAMP_ATTR, step, 0, 1);
	}
	if (has_file(r, step))
		one(r, CAMP_CLOSE, step, 1, 1, 0, CAMP_BEFORE, true);
	if (s->flags & CAMP_NEEDS_SEV)
		one(r, CAMP_CLOSE, step, 1, 1, 1, CAMP_BEFORE, !has_file(r, step));
	if (s->flags & CAMP_NO_ERROR)
		return;
	/* Before the step, and at the first, middle and last operation of the hardware */
	for (i = 0; i < ARRAY_SIZE(moments); i++) {
		if (i && (!ops || moments[i] <= moments[i - 1] || moments[i] > ops + 1))
			continue;
		for (status = 0; camp_status_at(CAMP_SIGNAL, status); status++)
			one(r, CAMP_SIGNAL, step, moments[i], ops + 1, status, CAMP_BEFORE,
			    !status);
	}
}

/* Each call at each point, slots and memory that change there, and the launch is left there */
static void call_sites(struct record *r, unsigned int step)
{
	const struct camp_step *steps = r->w->steps;
	bool is_new = true, has_slots = true, has_memory = false;
	u32 i;

	for (i = 0; i < r->w->end; i++) {
		has_slots &= i < step || steps[i].run != camp_set_slot;
		has_memory |= i < step && steps[i].flags & CAMP_NEEDS_GMEM;
	}
	for (i = 0; has_slots && i < CAMP_NR_SLOT; i++)
		one(r, CAMP_SLOT, step, 1, 1, i, CAMP_BEFORE, !i);
	if (has_slots && steps[step].flags & CAMP_NEEDS_GMEM)
		one(r, CAMP_HOLE, step, 1, 1, CAMP_HOLE_NEXT, CAMP_BEFORE, true);
	if (has_memory)
		one(r, CAMP_HOLE, step, 1, 1, CAMP_HOLE_FIRST, CAMP_BEFORE,
		    !(steps[step].flags & CAMP_NEEDS_GMEM));

	for (i = 0; camp_call_name(i); i++) {
		if (!camp_call_fits(r->w, i))
			continue;
		one(r, CAMP_CALL, step, 1, 1, i, CAMP_BEFORE, is_new);
		is_new = false;
	}
	if (step < r->w->end)
		one(r, CAMP_STOP, step, 1, 1, 0, CAMP_BEFORE, true);
}

/*
 * Has another status of the same site made the kernel do the same?  Then the pairs would
 * differ in what the kernel has forgotten.
 */
static bool same_unwinding(struct record *r, const struct camp_fault *f, unsigned int from,
			   unsigned int to, bool dead)
{
	u64 h = dead;
	unsigned int i;

	for (i = from; i < to; i++)
		h = (h ^ (r->e[i].op | (u64)r->e[i].arg << 16)) * 0x100000001b3ull;
	if (r->seen_at.kind != f->kind || r->seen_at.op != f->op ||
	    r->seen_at.step != f->step || r->seen_at.occ != f->occ)
		r->nr_seen = 0;
	r->seen_at = *f;
	for (i = 0; i < r->nr_seen; i++)
		if (r->seen[i] == h)
			return true;
	if (r->nr_seen < ARRAY_SIZE(r->seen))
		r->seen[r->nr_seen++] = h;
	return false;
}

/* Can what the kernel does about it fail as well?  What the caller does to memory can't. */
static bool has_unwinding(const struct camp_fault *f)
{
	switch (f->kind) {
	case CAMP_HW:
		return !f->timeout && f->phase == CAMP_BEFORE;
	case CAMP_ALLOC:
	case CAMP_COPY:
	case CAMP_GUP:
	case CAMP_CPUID:
	case CAMP_POISON:
	case CAMP_ATTR:
	case CAMP_SIGNAL:
		return f->phase != CAMP_EVER;
	default:
		return false;
	}
}

/* The first entry behind the operation that was made to fail, -1: none was */
static int behind_fault(const struct record *r)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++)
		if (r->e[i].injected)
			return i + 1;
	return -1;
}

/*
 * What is no operation is not in the ledger.  But from then on the kernel does other things
 * than in the clean run.
 */
static int behind_parting(const struct record *r, const struct camp_life *l, unsigned int step)
{
	const struct camp_life *clean = r->of->clean;
	unsigned int i = l->mark[step] - l->mark[0];
	unsigned int k = clean->mark[step] - clean->mark[0];

	for (; i < r->nr && k < r->of->nr; i++, k++)
		if (!same(&r->e[i], &r->of->e[k]) || r->e[i].gpa != r->of->e[k].gpa)
			break;
	return i;
}

/* Pairs: what a failure makes the kernel do, fails as well. */
static void pairs_of(void *ctx, const struct camp_injection *in)
{
	struct record *r = ctx;
	static struct camp_life l;
	struct camp_injection first = *in;
	unsigned int i, to;
	int from;

	if (in->nr != 1 || !has_unwinding(&in->f[0]))
		return;
	/* What takes things down does not unwind anything. */
	if (r->of->step >= r->w->end || r->ret)
		return;
	camp_judge_begin();
	camp_life_run(&l, r->env, r->w, in);
	camp_judge(&l, in, &l.state);
	if (!debug_locks)
		r->ret = -EIO;
	if (!l.errored || !debug_locks || read_log(r, l.mark[0], l.mark[r->nr_steps]))
		return;
	from = in->f[0].kind == CAMP_HW ? behind_fault(r) :
					  behind_parting(r, &l, in->f[0].step);
	/* Something that others have used up? */
	if (from < 0)
		r->ret = -EBUSY;
	/* Of a VM that is given up, the rest is unwinding. */
	to = l.dead ? r->nr : min_t(u64, l.mark_err - l.mark[0], r->nr);
	if (from >= 0 && same_unwinding(r, &first.f[0], from, to, l.dead))
		from = -1;
	for (i = from; from >= 0 && i < to; i++) {
		u16 op = r->e[i].op;

		if (!can_fail(op) || !is_site(r, i, from, to))
			continue;
		r->first = first;
		hw_statuses(r, op, occurrence(r, i), true);
	}
	memset(&r->first, 0, sizeof(r->first));
	r->first.w = r->w;
}

static void no_site(void *ctx, const struct camp_injection *in, u32 of, const char *step)
{
}

static void walk(struct record *r, const struct camp_life *l)
{
	unsigned int i;

	memset(r->count, 0, sizeof(r->count));
	for (i = 0; i < r->nr; i++)
		if (r->e[i].op < SIM_NR_OPS)
			r->count[r->e[i].op]++;
	for (i = 0; r->w->steps[i].name; i++) {
		r->step = i;
		hw_sites(r, l, i);
		step_sites(r, l, i);
		if (i && i <= r->w->end)
			call_sites(r, i);
	}
}

/**
 * camp_sites() - visit all sites and injections of a workload
 * @env: environment
 * @w: workload
 * @depth: 1: single faults, 2: pairs only
 * @v: what to call
 *
 * Return: 0 or -errno.
 */
int camp_sites(struct camp_env *env, const struct camp_workload *w, unsigned int depth,
	       const struct camp_visitor *v)
{
	struct record *r = kvzalloc_obj(*r), *second = NULL;
	struct camp_life *l = kzalloc_obj(*l);
	struct camp_visitor pairs = { no_site, pairs_of };
	int ret = -ENOMEM;

	if (!r || !l)
		goto out;
	r->w = w;
	r->v = v;
	r->env = env;
	r->first.w = w;
	while (w->steps[r->nr_steps].name)
		r->nr_steps++;
	r->e = kvmalloc_objs(*r->e, MAX_LOG);
	if (!r->e)
		goto out;

	l->count_allocs = true;
	camp_life_run(l, env, w, NULL);
	ret = l->launched && !l->rule ? 0 : -EIO;
	if (!ret)
		ret = read_log(r, l->mark[0], l->mark[r->nr_steps]);
	if (ret)
		goto out;
	if (depth < 2) {
		walk(r, l);
		goto out;
	}

	/* The lifetimes of the first faults have a record of their own. */
	second = kvzalloc_obj(*second);
	ret = -ENOMEM;
	if (!second)
		goto out;
	*second = *r;
	second->e = kvmalloc_objs(*second->e, MAX_LOG);
	if (!second->e)
		goto out;
	second->of = r;
	r->clean = l;
	pairs.ctx = second;
	r->v = &pairs;
	walk(r, l);
	ret = second->ret;
out:
	if (second)
		kvfree(second->e);
	kvfree(second);
	if (r)
		kvfree(r->e);
	kvfree(r);
	kfree(l);
	return ret;
}
