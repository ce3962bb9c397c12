// SPDX-License-Identifier: GPL-2.0
/* A lifetime: one run of a workload in a VM of its own, and what the guest became. */
#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "campaign.h"
#include "../../../arch/x86/virt/sim/tdx.h"

/* A caller that gets an error tries again, but not for ever. */
#define TRIES		(CAMP_BUSY_TIMES + 3)
#define MANY		(1u << 30)

static void count_begin(struct camp_life *l)
{
	if (l->count_allocs)
		kt_fail_alloc(l->env->test, MANY);
}

static void count_end(struct camp_life *l, unsigned int step)
{
	if (!l->count_allocs)
		return;
	l->allocs[step] = MANY - current->fail_nth;
	kt_fail_alloc_end();
}

struct camp_pause camp_pause_faults(void)
{
	struct camp_pause p = { current->fail_nth, current->make_it_fail };

	current->fail_nth = 0;
	current->make_it_fail = 0;
	return p;
}

void camp_resume_faults(const struct camp_pause *p)
{
	current->fail_nth = p->nth;
	current->make_it_fail = p->all;
}

/**
 * camp_fail() - a rule is broken
 * @l: lifetime
 * @rule: which
 * @fmt: how
 *
 * The first one counts.
 */
void camp_fail(struct camp_life *l, const char *rule, const char *fmt, ...)
{
	va_list args;

	if (l->rule)
		return;
	l->rule = rule;
	va_start(args, fmt);
	vscnprintf(l->why, sizeof(l->why), fmt, args);
	va_end(args);
}

static bool is_dead(struct camp_life *l)
{
	return l->kvm && (l->kvm->vm_bugged || l->kvm->vm_dead);
}

/* KVM has given the page up, and keeps a reference so that it is never freed. */
static bool is_lost(struct camp_life *l, unsigned int page)
{
	char owner[SIM_OWNER_TEXT];
	u64 spa;

	if (!is_dead(l))
		return false;
	spa = camp_page_spa(l, page);
	return spa && sim_host_describe_owner(PHYS_PFN(spa), owner, sizeof(owner));
}

/* O3: whatever a step took, it has given back.  Locks are looked at by kt_ioctl(). */
static void check_references(struct camp_life *l, const struct camp_step *s)
{
	struct inode *inode;
	unsigned int i;
	pgoff_t index;

	if (s->flags & CAMP_READS_SRC)
		for (i = s->page; i < s->page + s->npages; i++)
			kt_check_page_refs(l->env->src_page[i], l->env->src_refs[i], s->name);
	for (i = s->page; s->flags & CAMP_NEEDS_GMEM && i < s->page + s->npages; i++) {
		inode = camp_locate(l, i, &index);
		if (inode && !is_lost(l, i))
			kt_check_folios(inode, index, 1);
	}
}

/* Return: false if the step can't be done. */
static bool do_step(struct camp_life *l, unsigned int i)
{
	const struct camp_step *s = &l->w->steps[i];
	unsigned int tries;
	int ret;

	l->mark[i] = sim_ledger_mark();
	count_begin(l);
	camp_plan_step(l, i);
	ret = s->run(l, s);
	count_end(l, i);
	if (ret && !l->errored) {
		l->errored = true;
		l->err = ret;
		l->err_step = i;
		l->mark_err = sim_ledger_mark();
	}
	camp_plan_step_end(l, i);
	check_references(l, s);

	for (tries = 0; ret && tries < TRIES && !is_dead(l); tries++) {
		camp_plan_relent(l, tries);
		ret = s->run(l, s);
		check_references(l, s);
	}
	if (is_dead(l))
		l->dead = true;
	l->last[i] = ret;
	return !ret;
}

/**
 * camp_life_run() - run a workload
 * @l: gets what became of it
 * @env: environment
 * @w: workload
 * @in: what fails, NULL: nothing
 */
void camp_life_run(struct camp_life *l, struct camp_env *env, const struct camp_workload *w,
		   const struct camp_injection *in)
{
	bool count = l->count_allocs;
	unsigned int i;
	u64 begin;

	memset(l, 0, sizeof(*l));
	l->count_allocs = count;
	l->env = env;
	l->w = w;
	l->sev_fd = env->sev_fd;
	l->fd = -1;
	memset(l->gmem_fd, 0xff, sizeof(l->gmem_fd));
	memset(l->vcpu_fd, 0xff, sizeof(l->vcpu_fd));

	camp_plan_begin(in);
	camp_leak_begin();
	begin = camp_host_ns();
	l->over = w->end;
	for (i = 0; i < w->end; i++) {
		camp_plan_call(l, i);
		if (camp_plan_stop(i))
			break;
		if (do_step(l, i))
			continue;
		l->over = min(l->over, i);
		/* What has no need of it goes on. */
		if (l->dead || !camp_plan_lasts())
			break;
	}
	l->launched = i == w->end && l->over == i;
	l->over = min(l->over, i);
	if (l->launched) {
		camp_plan_call(l, i);
		camp_state_take(l);
	}
	l->dead |= is_dead(l);
	for (; i < w->end; i++)
		l->mark[i] = sim_ledger_mark();
	for (; w->steps[i].name; i++)
		do_step(l, i);
	l->mark[i] = sim_ledger_mark();
	l->ns = camp_host_ns() - begin;
	camp_leak_end();
	camp_plan_end(l);
}

static u64 hash(u64 h, u64 v)
{
	return (h ^ v) * 0x100000001b3ull;
}

/* In four parts, as each step of one has to wait for the step before. */
static u64 hash_page(const u64 *w)
{
	u64 h[4] = { 1, 2, 3, 4 };
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*w); i += 4) {
		h[0] = hash(h[0], w[i]);
		h[1] = hash(h[1], w[i + 1]);
		h[2] = hash(h[2], w[i + 2]);
		h[3] = hash(h[3], w[i + 3]);
	}
	return hash(hash(hash(h[0], h[1]), h[2]), h[3]);
}

/* What can't be taken back, and is therefore done once and in order */
static bool is_logged(const struct sim_ledger_entry *e)
{
	switch (e->op) {
	case SIM_CMD_SNP_LAUNCH_UPDATE:
	case SIM_CMD_SNP_LAUNCH_FINISH:
	case SIM_OP_SEAMCALL + SIM_TDH_MNG_INIT:
	case SIM_OP_SEAMCALL + SIM_TDH_VP_INIT:
	case SIM_OP_SEAMCALL + SIM_TDH_MEM_PAGE_ADD:
	case SIM_OP_SEAMCALL + SIM_TDH_MEM_PAGE_AUG:
	case SIM_OP_SEAMCALL + SIM_TDH_MR_EXTEND:
	case SIM_OP_SEAMCALL + SIM_TDH_MR_FINALIZE:
		return true;
	}
	return false;
}

static void take_log(struct camp_life *l)
{
	static struct sim_ledger_entry e[64];
	u64 mark = l->mark[0];
	int n, i;

	while ((n = sim_ledger_read(mark, e, ARRAY_SIZE(e))) > 0) {
		for (i = 0; i < n; i++) {
			if (e[i].status || !e[i].effect || e[i].gctx != l->gctx ||
			    !is_logged(&e[i]))
				continue;
			l->state.log = hash(hash(hash(l->state.log, e[i].op), e[i].gpa), e[i].arg);
			l->state.nr_log++;
		}
		mark += n;
	}
	l->lost = n < 0;
}

/**
 * camp_state_take() - note what a launched guest is
 * @l: lifetime
 */
void camp_state_take(struct camp_life *l)
{
	static u64 buf[PAGE_SIZE / sizeof(u64)];
	unsigned int i;

	if (!l->w->digest(l, l->state.digest))
		camp_fail(l, "O4", "there is no digest");
	for (i = 0; i < CAMP_MAX_PAGES; i++) {
		u64 spa = camp_page_spa(l, i);

		if (!spa || !l->w->read(l, spa, KT_GPA + i * PAGE_SIZE, buf))
			continue;
		/* That it is there, if what is in it differs each time */
		l->state.pages[i] = l->w->random & BIT(i) ? 1 : hash_page(buf);
	}
	take_log(l);
}
