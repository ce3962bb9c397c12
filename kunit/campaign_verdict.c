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
#include <linux/debug_locks.h>
#include <linux/kvm_host.h>
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

/**
 * struct named - a case that is all right, and why
 * @id: name of the injection
 * @where: the line of 7.2 that handles it
 */
struct named {
	const char *id;
	const char *where;
};

/* No call fails, and the guest is the same. */
#define TOLERATED(_id, _where)	{ _id, _where },
#define FINAL(_id, _where)
#define ENDLESS(_id, _where)
static const struct named tolerated[] = {
#include "campaign_named.h"
	{}
};
#undef TOLERATED
#undef FINAL
#undef ENDLESS

/* KVM has not given the VM up, but the launch can't be completed any more. */
#define TOLERATED(_id, _where)
#define FINAL(_id, _where)	{ _id, _where },
#define ENDLESS(_id, _where)
static const struct named final[] = {
#include "campaign_named.h"
	{}
};
#undef TOLERATED
#undef FINAL
#undef ENDLESS

/* KVM tries for as long as the hardware is busy. */
#define TOLERATED(_id, _where)
#define FINAL(_id, _where)
#define ENDLESS(_id, _where)	{ _id, _where },
static const struct named endless[] = {
#include "campaign_named.h"
	{}
};

static const char *find_named(const struct named *n, const struct camp_injection *in)
{
	char id[CAMP_ID];

	camp_id(in, id, sizeof(id));
	for (; n->id; n++)
		if (!strcmp(n->id, id))
			return n->where;
	return NULL;
}

/* What is left -------------------------------------------------------------------- */

#define MAX_LEFT	400
#define MAX_DIRT	2048

static struct sim_dirt_report before[MAX_DIRT], after[MAX_DIRT];
static u32 nr_before, nr_after, nr_boot;
static u32 violations;
static bool reboot;

/* Interrupts are off: notes only. */
static void note_before(void *ctx, const struct sim_dirt_report *r)
{
	if (nr_before < MAX_DIRT)
		before[nr_before++] = *r;
}

static void note_after(void *ctx, const struct sim_dirt_report *r)
{
	if (nr_after < MAX_DIRT)
		after[nr_after++] = *r;
}

/**
 * camp_judge_begin() - note how things are before an injection
 */
void camp_judge_begin(void)
{
	static bool known;

	violations = sim_oracle_mark();
	kt_rearm_once();
	/* Later it is what the last injection left. */
	if (known)
		return;
	sim_host_check_clean(note_before, NULL);
	nr_boot = nr_before;
	known = true;
}

/* Both walks are in the same order: @from is where the last one was found. */
static bool was_there(const struct sim_dirt_report *r, u32 *from)
{
	u32 i, n;

	for (n = 0, i = *from; n < nr_before; n++, i++) {
		if (i >= nr_before)
			i = 0;
		if (before[i].what == r->what && before[i].addr == r->addr &&
		    before[i].asid == r->asid) {
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

static u32 check_left(struct camp_life *l, const struct camp_injection *in)
{
	static u32 hkids;
	u32 i, left = 0, from = 0;

	nr_after = 0;
	sim_host_check_clean(note_after, NULL);
	for (i = 0; i < nr_after; i++) {
		const struct sim_dirt_report *r = &after[i];

		/* A count goes with its pages. */
		if (r->what == SIM_DIRT_ASID_COUNT || was_there(r, &from))
			continue;
		left++;
		hkids += r->what == SIM_DIRT_HKID;
		/* Only the hardware's refusal is a reason to leave something behind. */
		if (!has_kind(in, CAMP_HW))
			camp_fail(l, "O1", "left behind: kind %u addr %#llx asid %u", r->what,
				  r->addr, r->asid);
		if ((r->what == SIM_DIRT_PAGE || r->what == SIM_DIRT_CONTEXT ||
		     r->what == SIM_DIRT_TD_PAGE) && pfn_valid(PHYS_PFN(r->addr)) &&
		    !page_count(pfn_to_page(PHYS_PFN(r->addr))))
			camp_fail(l, "O1", "page %#llx is free, and not the host's", r->addr);
	}
	/* There is not room for any number of them. */
	if (nr_after > nr_boot + MAX_LEFT || hkids > 6)
		reboot = true;
	memcpy(before, after, nr_after * sizeof(after[0]));
	nr_before = nr_after;
	return left;
}

static void check_oracles(struct camp_life *l, const struct camp_injection *in)
{
	struct sim_violation v;

	while (sim_oracle_read(&violations, &v)) {
		l->reports++;
		/* A WARN is for what only broken hardware can do. */
		if (v.oracle == SIM_O6 && has_kind(in, CAMP_HW) && strstr(v.text, "WARNING: ")) {
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
	if (!debug_locks)
		camp_fail(l, "O6", "lockdep has switched itself off");
	if (!list_empty(&vm_list))
		camp_fail(l, "O3", "the VM is still there");
}

static bool is_same(const struct camp_life *l, const struct camp_state *ref)
{
	return l->launched && !memcmp(&l->state, ref, sizeof(*ref));
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
	/* For the driver, the PSP is dead from then on. */
	if (timeout)
		reboot = true;
	if (l->rule) {
		reboot = true;
		return CAMP_VIOLATION;
	}
	for (i = 0; i < in->nr; i++)
		if (!camp_plan_delivered(i))
			return CAMP_UNDELIVERED;

	if (l->dead || is_same(l, ref)) {
		if (l->dead || l->errored)
			return CAMP_PROPAGATED;
		/* It has to be seen somewhere, and a call that is over can't be stopped. */
		if (in->nr == 1 && has_kind(in, CAMP_SIGNAL))
			l->by = "a signal stops what can be stopped";
		l->by = l->by ?: find_named(tolerated, in);
		return l->by ? CAMP_TOLERATED : CAMP_SWALLOWED;
	}
	if (l->launched || !l->errored) {
		camp_fail(l, "O4", "%s, but %s", l->errored ? "resumed" : "nothing failed",
			  difference(l, ref));
		return CAMP_VIOLATION;
	}
	/* Neither a PSP that is dead nor a file that is closed comes back. */
	if (timeout)
		l->by = "sev-dev.c, __sev_do_cmd_locked(): psp_dead";
	else if (has_kind(in, CAMP_CLOSE))
		l->by = "the file is closed";
	else
		l->by = find_named(final, in);
	if (l->by)
		return CAMP_PROPAGATED;
	camp_fail(l, "END", "the VM lives, but %s fails for ever, error %d",
		  l->w->steps[l->over].name, l->err);
	return CAMP_VIOLATION;
}

/* Is this kernel, or this machine, of no use for another injection? */
bool camp_must_reboot(void)
{
	return reboot;
}
