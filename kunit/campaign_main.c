// SPDX-License-Identifier: GPL-2.0
/*
 * The campaign as the command line of the kernel asks for it:
 *
 * campaign.mode=workloads	names the workloads
 * campaign.mode=record		names what can fail, and each injection
 * campaign.mode=run		injects
 * campaign.mode=repro		injects one, and prints every operation
 *
 * What it has to say is lines of JSON behind the word "campaign: ".
 */
#include <linux/debug_locks.h>
#include <linux/file.h>
#include <linux/kernel_read_file.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "campaign.h"
#include "kvm_test_priv.h"

static char *mode = "";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "workloads, record, run or repro");
static char *workload = "";
module_param(workload, charp, 0444);
MODULE_PARM_DESC(workload, "one workload, otherwise all of this machine");
static char *list = "";
module_param(list, charp, 0444);
MODULE_PARM_DESC(list, "file of the host with names of injections, one a line");
static char *id = "";
module_param(id, charp, 0444);
MODULE_PARM_DESC(id, "one injection");
static uint depth = 1;
module_param(depth, uint, 0444);
MODULE_PARM_DESC(depth, "record: 1: single faults, 2: pairs");
static uint lifetimes = 20;
module_param(lifetimes, uint, 0444);
MODULE_PARM_DESC(lifetimes, "undisturbed runs before anything fails");

#define say(fmt, ...)	pr_info("campaign: " fmt "\n", ##__VA_ARGS__)

const struct camp_workload *const camp_workloads[] = {
	&camp_snp_launch,
	&camp_snp_run,
	&camp_snp_files,
	&camp_gmem_shared,
	&camp_tdx_launch,
	&camp_tdx_run,
	&camp_tdx_files,
	NULL
};

static struct camp_env env;
static struct camp_life life;

/* What the reference is, per workload */
static struct camp_state refs[16];
static bool have_ref[16];
static u32 done;
/* When the row of the last injection was about to be printed */
static u64 since;

static bool is_wanted(struct kunit *test, const struct camp_workload *w)
{
	return (!*workload || !strcmp(workload, w->name)) && kt_has_vm_type(test, w->type);
}

static int index_of(const struct camp_workload *w)
{
	int i;

	for (i = 0; camp_workloads[i] != w; i++)
		;
	return i;
}

static void escape(const char *text, char *buf, size_t len)
{
	size_t n = 0;

	for (; *text && n + 3 < len; text++) {
		if (*text == '"' || *text == '\\')
			buf[n++] = '\\';
		buf[n++] = *text < ' ' ? ' ' : *text;
	}
	buf[n] = '\0';
}

static int by_size(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* A run without a fault, @bare: without lockdep as well, which an injection has */
static int undisturbed(struct kunit *test, const struct camp_workload *w, bool bare)
{
	camp_judge_begin();
	if (bare)
		lockdep_off();
	camp_life_run(&life, &env, w, NULL);
	if (bare)
		lockdep_on();
	if (life.launched && !life.lost && !life.rule)
		return 0;
	kunit_err(test, "%s does not run: %s fails with %d, %s\n", w->name,
		  w->steps[life.over].name ?: "-", life.err, life.why);
	return -EIO;
}

/* Caches and lists fill: every run is to be as the one before. */
static int reference(struct kunit *test, const struct camp_workload *w)
{
	int i = index_of(w);
	uint n;

	if (have_ref[i])
		return 0;
	for (n = 0; n < 3 + lifetimes; n++) {
		if (undisturbed(test, w, false))
			return -EIO;
		if (n && memcmp(&refs[i], &life.state, sizeof(life.state))) {
			kunit_err(test, "%s is not twice the same\n", w->name);
			return -EIO;
		}
		refs[i] = life.state;
	}
	have_ref[i] = true;
	return 0;
}

#define NR_TIMED	50

/*
 * What a lifetime costs: in turn without lockdep and with it, as what else goes on in
 * the host changes with time.  The median, for the same reason.
 */
static int time_lifetimes(struct kunit *test, const struct camp_workload *w)
{
	static u64 bare[NR_TIMED], watched[NR_TIMED];
	int n;

	for (n = 0; n < NR_TIMED; n++) {
		if (undisturbed(test, w, true))
			return -EIO;
		bare[n] = life.ns;
		if (undisturbed(test, w, false))
			return -EIO;
		watched[n] = life.ns;
	}
	sort(bare, NR_TIMED, sizeof(u64), by_size, NULL);
	sort(watched, NR_TIMED, sizeof(u64), by_size, NULL);
	say("{\"t\":\"lifetime\",\"workload\":\"%s\",\"ns\":%llu,\"least\":%llu,\"watched\":%llu,\"runs\":%u}",
	    w->name, bare[NR_TIMED / 2], bare[0], watched[NR_TIMED / 2], NR_TIMED);
	return 0;
}

/* Recording ----------------------------------------------------------------------- */

static void say_site(void *ctx, const struct camp_injection *in, u32 of, const char *step)
{
	const struct camp_fault *f = &in->f[0];
	char op[48];

	camp_op_name(in->w, f, op, sizeof(op));
	say("{\"t\":\"site\",\"workload\":\"%s\",\"op\":\"%s\",\"occ\":%u,\"of\":%u,\"kind\":\"%s\",\"step\":\"%s\"}",
	    in->w->name, op, f->occ, of, camp_kind_name(f), step);
}

static void say_injection(void *ctx, const struct camp_injection *in)
{
	char name[CAMP_ID];
	struct camp_injection same;

	camp_id(in, name, sizeof(name));
	if (camp_parse(name, &same) || memcmp(&same, in, sizeof(same)))
		pr_err("campaign: %s is not understood\n", name);
	say("{\"t\":\"injection\",\"id\":\"%s\"}", name);
	done++;
}

/* Running ------------------------------------------------------------------------- */

#define MAX_SAID	200

static void say_operations(u64 from, u64 to)
{
	struct sim_ledger_entry e;
	char buf[256];

	/* More than the ledger holds: how it ended */
	if (sim_ledger_read(from, &e, 1) < 0 && to - from > MAX_SAID)
		from = to - MAX_SAID;
	for (; from < to && sim_ledger_read(from, &e, 1) == 1; from++) {
		sim_ledger_format(&e, buf, sizeof(buf));
		pr_info("campaign-ledger: %s\n", buf);
	}
}

static enum camp_verdict inject(struct kunit *test, const struct camp_injection *in, bool verbose,
				bool *again)
{
	char name[CAMP_ID], why[256], caller[256];
	enum camp_verdict v;
	u64 now, mark;

	mark = sim_ledger_mark();
	camp_judge_begin();
	camp_life_run(&life, &env, in->w, in);
	v = camp_judge(&life, in, &refs[index_of(in->w)]);

	/* What others have left may be the reason: it is to be seen on its own. */
	if ((v == CAMP_UNDELIVERED ||
	     (v == CAMP_VIOLATION && (!strcmp(life.rule, "END") || !strcmp(life.rule, "ABI")))) &&
	    done && camp_has_leftovers()) {
		*again = true;
		return v;
	}
	camp_id(in, name, sizeof(name));
	if (verbose || (v != CAMP_PROPAGATED && v != CAMP_TOLERATED))
		say_operations(mark, sim_ledger_mark());
	escape(life.why, why, sizeof(why));
	camp_who_say(caller, sizeof(caller));
	/* All that is done for an injection counts, the row of the one before as well. */
	now = camp_host_ns();
	say("{\"t\":\"result\",\"id\":\"%s\",\"verdict\":\"%s\",\"errno\":%d,\"step\":\"%s\",\"end\":\"%s\",\"left\":%u,\"oracle\":\"%s\",\"why\":\"%s\",\"by\":\"%s\",\"caller\":\"%s\",\"reports\":%u,\"ns\":%llu%s%s}",
	    name, camp_verdict_name(v), life.err,
	    life.errored ? in->w->steps[life.err_step].name : "",
	    life.dead ? "dead" : life.launched ? "launched" : "given up", life.left,
	    life.rule ?: "", why, life.by ?: "", caller, life.reports, now - since,
	    life.warned ? ",\"warned\":true" : "",
	    camp_is_hypothetical(in) ? ",\"hypothetical\":true" : "");
	since = now;
	done++;
	return v;
}

/* A boot takes as long as hundreds of lifetimes: does the machine do without one? */
static void try_again(const struct camp_injection *in, bool is_finding)
{
	char name[CAMP_ID], why[256];

	camp_revive_psp();
	camp_judge_begin();
	/* It has seen these steps; what it has against them now, the next injection shows. */
	lockdep_off();
	camp_life_run(&life, &env, in->w, NULL);
	lockdep_on();
	/* What comes of a finding is part of it. */
	if (camp_judge_trial(&life, &refs[index_of(in->w)]) || is_finding)
		return;
	camp_id(in, name, sizeof(name));
	escape(life.why, why, sizeof(why));
	say("{\"t\":\"problem\",\"text\":\"after %s, a run without a fault is not as ever: %s: %s\"}",
	    name, life.rule, why);
}

struct runner {
	struct kunit *test;
	u32 bad;
	bool stop;
};

static void run_one(void *ctx, const struct camp_injection *in)
{
	struct runner *r = ctx;
	bool again = false, is_finding, unreal;
	enum camp_verdict v;

	if (r->stop)
		return;
	if (!have_ref[index_of(in->w)]) {
		if (reference(r->test, in->w)) {
			r->stop = true;
			r->bad++;
			return;
		}
		since = 0;
	}
	if (!since)
		since = camp_host_ns();
	v = inject(r->test, in, !strcmp(mode, "repro"), &again);
	if (again) {
		say("{\"t\":\"reboot\"}");
		r->stop = true;
		return;
	}
	is_finding = v != CAMP_PROPAGATED && v != CAMP_TOLERATED && !camp_is_hypothetical(in);
	r->bad += is_finding;
	/* Nobody is to blame for what comes of what hardware does not do. */
	unreal = camp_is_suspect() && camp_is_hypothetical(in);
	if (camp_is_suspect() && !unreal && !camp_must_reboot())
		try_again(in, is_finding);
	if (unreal || camp_must_reboot()) {
		say("{\"t\":\"reboot\"}");
		r->stop = true;
	}
}

static void run_name(struct runner *r, const char *name)
{
	struct camp_injection in;

	if (camp_parse(name, &in)) {
		kunit_err(r->test, "no injection %s\n", name);
		r->bad++;
		return;
	}
	run_one(r, &in);
}

static char *read_list(struct kunit *test)
{
	struct file *file = kt_open_in("hostfs", list, O_RDONLY);
	void *buf = NULL;
	ssize_t n;
	char *text;

	if (IS_ERR(file)) {
		kunit_err(test, "%s: error %ld\n", list, PTR_ERR(file));
		return NULL;
	}
	n = kernel_read_file(file, 0, &buf, SZ_64M, NULL, READING_UNKNOWN);
	fput(file);
	if (n < 0)
		return NULL;
	text = vmalloc(n + 1);
	if (text) {
		memcpy(text, buf, n);
		text[n] = '\0';
	}
	vfree(buf);
	return text;
}

static u32 count_lines(const char *text)
{
	u32 n = 0;

	for (; *text; text = strchrnul(text, '\n'), text += *text == '\n')
		n += *text != '\n' && *text != '#';
	return n;
}

static void no_site(void *ctx, const struct camp_injection *in, u32 of, const char *step)
{
}

static void count_one(void *ctx, const struct camp_injection *in)
{
	++*(u32 *)ctx;
}

static void run_all(struct kunit *test, struct runner *r)
{
	struct camp_visitor count = { no_site, count_one }, v = { no_site, run_one, r };
	u32 n = 0, i;

	count.ctx = &n;
	for (i = 0; camp_workloads[i]; i++)
		if (is_wanted(test, camp_workloads[i]) &&
		    !reference(test, camp_workloads[i]))
			camp_sites(&env, camp_workloads[i], depth, &count);
	say("{\"t\":\"begin\",\"n\":%u}", n);
	for (i = 0; camp_workloads[i] && !r->stop; i++)
		if (is_wanted(test, camp_workloads[i]))
			KUNIT_EXPECT_EQ(test, 0, camp_sites(&env, camp_workloads[i], depth, &v));
}

static void run_list(struct kunit *test, struct runner *r)
{
	char *text = read_list(test), *rest = text, *line;

	KUNIT_ASSERT_NOT_NULL(test, text);
	say("{\"t\":\"begin\",\"n\":%u}", count_lines(text));
	while ((line = strsep(&rest, "\n")) && !r->stop) {
		if (*line && *line != '#')
			run_name(r, line);
	}
	vfree(text);
}

static void run(struct kunit *test)
{
	const struct camp_visitor v = { say_site, say_injection };
	struct runner r = { .test = test };
	int i;

	if (!*mode)
		kunit_skip(test, "no campaign.mode=");
	KUNIT_ASSERT_EQ(test, 0, camp_env_init(&env, test));

	if (!strcmp(mode, "workloads")) {
		for (i = 0; camp_workloads[i]; i++)
			say("{\"t\":\"workload\",\"name\":\"%s\",\"machine\":\"%s\"}",
			    camp_workloads[i]->name,
			    camp_workloads[i]->type == KVM_X86_TDX_VM ? "intel" :
			    camp_workloads[i]->type == KVM_X86_SNP_VM ? "amd" : "any");
	} else if (!strcmp(mode, "record")) {
		camp_leak_names();
		for (i = 0; camp_workloads[i]; i++) {
			if (!is_wanted(test, camp_workloads[i]))
				continue;
			KUNIT_ASSERT_EQ(test, 0, reference(test, camp_workloads[i]));
			KUNIT_EXPECT_EQ(test, 0, camp_sites(&env, camp_workloads[i], depth, &v));
		}
		/* Now: what VMs there were before changes a little what a record finds. */
		for (i = 0; depth < 2 && camp_workloads[i]; i++)
			if (is_wanted(test, camp_workloads[i]))
				KUNIT_EXPECT_EQ(test, 0, time_lifetimes(test, camp_workloads[i]));
	} else if (!strcmp(mode, "run") || !strcmp(mode, "repro")) {
		if (!strcmp(mode, "repro")) {
			/* Which allocation it is that fails, and its stack */
			kt_debugfs_set(test, "failslab/verbose", "2");
			kt_debugfs_set(test, "fail_page_alloc/verbose", "2");
		}
		if (*id) {
			say("{\"t\":\"begin\",\"n\":1}");
			run_name(&r, id);
		} else if (*list) {
			run_list(test, &r);
		} else {
			run_all(test, &r);
		}
		KUNIT_EXPECT_EQ_MSG(test, 0, r.bad, "%u injections are not as they should be",
				    r.bad);
	} else {
		KUNIT_FAIL(test, "campaign.mode=%s: no such mode", mode);
	}
	if (!camp_look_is_true())
		say("{\"t\":\"problem\",\"text\":\"something was left that nobody is known to have touched\"}");
	say("{\"t\":\"end\",\"done\":%u}", done);
	/* Each lifetime has been judged; what the injections left is not to be judged again. */
	kt_sim_begin(kt_sim_state(test));
}

static struct kunit_case campaign_cases[] = {
	KUNIT_CASE_SLOW(run),
	{}
};

static struct kunit_suite campaign_suite = {
	.name = "campaign",
	.init = kt_init,
	.test_cases = campaign_cases,
};

kunit_test_suite(campaign_suite);

MODULE_DESCRIPTION("Fault-injection campaigns for the launch of confidential guests");
MODULE_LICENSE("GPL");
