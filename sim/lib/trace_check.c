// SPDX-License-Identifier: GPL-2.0
/*
 * trace-check: replay what the tracepoints recorded on a machine with real
 * firmware on the simulated firmware, and report every disagreement.
 *
 * Exit status: 0 both agree, 1 they disagree or the trace is incomplete, 2 the
 * trace makes no sense.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "trace_check.h"

void tc_begin(struct check *c, const struct ft_event *ev)
{
	c->operations++;
	c->marked = false;
	c->ev = ev;
}

void tc_differs(struct check *c, const char *what, const char *real,
		const char *fake)
{
	c->disagreements++;
	if (c->max_print && c->disagreements > c->max_print)
		return;
	ft_progress_end();
	printf("%s:%llu: operation %llu, time %s, CPU %u: %s: firmware: %s; fake: %s\n",
	       c->t->file, (unsigned long long)c->ev->line,
	       (unsigned long long)c->operations, c->ev->time, c->ev->cpu, what,
	       real, fake);
	if (c->disagreements == c->max_print)
		printf("... more disagreements are counted, not shown (-n 0 shows all)\n");
}

static void count_reason(struct check *c, const char *reason, bool partly)
{
	u32 i;

	for (i = 0; i < TC_MAX_REASONS - 1; i++)
		if (!c->reason[i].text || (c->reason[i].text == reason &&
					   c->reason[i].partly == partly))
			break;
	c->reason[i].text = reason;
	c->reason[i].partly = partly;
	c->reason[i].n++;
}

void tc_uncompared(struct check *c, const char *reason)
{
	c->uncompared++;
	c->partly -= c->marked;
	c->marked = false;
	count_reason(c, reason, false);
}

void tc_partly(struct check *c, const char *reason)
{
	c->partly += !c->marked;
	c->marked = true;
	count_reason(c, reason, true);
}

void tc_missing(struct check *c, const char *what, const char *which)
{
	c->missing++;
	tc_uncompared(c, "of which an event is missing");
	if (c->max_print && c->missing > c->max_print)
		return;
	ft_progress_end();
	printf("%s:%llu: operation %llu, time %s, CPU %u: %s: incomplete: the event of its %s is missing\n",
	       c->t->file, (unsigned long long)c->ev->line,
	       (unsigned long long)c->operations, c->ev->time, c->ev->cpu, what,
	       which);
}

void tc_note(struct check *c, const char *fmt, ...)
{
	va_list ap;

	(void)c;
	printf("note: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static void replay(struct check *c)
{
	u64 i;

	for (i = 0; i < c->t->nr; i++) {
		if (!(i & 0xfff))
			ft_progress("replaying", i, c->t->nr);
		switch (c->t->ev[i].kind) {
		case FT_TDX_ENTER:
		case FT_TDX_EXIT:
		case FT_VP_ENTER:
		case FT_VP_EXIT:
			tc_tdx_event(c, i);
			break;
		case FT_POPULATE:
			tc_snp_event(c, i);
			tc_tdx_event(c, i);
			break;
		default:
			tc_snp_event(c, i);
		}
	}
	ft_progress_end();
}

static void show_reasons(const struct check *c, u64 nr, const char *what, bool partly)
{
	const char *sep = ": ";
	u32 i;

	printf("%llu %s", (unsigned long long)nr, what);
	for (i = 0; i < TC_MAX_REASONS && c->reason[i].text; i++) {
		if (c->reason[i].partly != partly)
			continue;
		printf("%s%llu %s", sep, (unsigned long long)c->reason[i].n,
		       c->reason[i].text);
		sep = ", ";
	}
}

/* What KVM says of pages that it populated is nothing by itself. */
static bool has_firmware(const struct ftrace *t)
{
	u64 i;

	for (i = 0; i < t->nr; i++)
		if (t->ev[i].kind != FT_POPULATE)
			return true;
	return false;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: trace-check [-n COUNT] [-m MODULE] TRACE\n"
		"  TRACE      text of /sys/kernel/tracing/trace, may be compressed with gzip\n"
		"  -n COUNT   disagreements to print (default 20, 0: all)\n"
		"  -m MODULE  TDX module: later (default), 1.5.01\n");
	return 2;
}

int main(int argc, char **argv)
{
	static struct ftrace t;
	struct check c = { .t = &t, .max_print = 20 };
	u32 module = 0;
	char *end;
	int opt;

	while ((opt = getopt(argc, argv, "n:m:")) != -1) {
		switch (opt) {
		case 'n':
			c.max_print = strtoull(optarg, &end, 10);
			if (*optarg < '0' || *optarg > '9' || *end) {
				fprintf(stderr, "-n %s: expected a number\n", optarg);
				return 2;
			}
			break;
		case 'm':
			if (strcmp(optarg, "later") && strcmp(optarg, "1.5.01")) {
				fprintf(stderr, "-m %s: there are later, 1.5.01\n", optarg);
				return 2;
			}
			module = strcmp(optarg, "later") ? 2 : 1;
			break;
		default:
			return usage();
		}
	}
	if (optind + 1 != argc)
		return usage();
	if (!ft_read(&t, argv[optind]))
		return 2;
	if (!has_firmware(&t)) {
		fprintf(stderr, "%s: none of the events rmp:*, sev:*, tdx:* in %llu events\n",
			t.file, (unsigned long long)(t.nr + t.other));
		return 2;
	}
	if (!module)
		module = t.m.later;
	c.later = module != 2;
	if (!tc_snp_begin(&c) || !tc_tdx_begin(&c))
		return 2;
	replay(&c);
	tc_snp_end(&c);
	tc_tdx_end(&c);
	if (t.lost)
		printf("%s:%llu: incomplete: %llu events were lost, so what follows need not agree; record again with larger buffers\n",
		       t.file, (unsigned long long)t.lost_line,
		       (unsigned long long)t.lost);
	printf("trace-check: %llu operations, %llu disagreements, %llu not comparable",
	       (unsigned long long)c.operations,
	       (unsigned long long)c.disagreements,
	       (unsigned long long)(c.uncompared + c.partly));
	if (c.uncompared + c.partly)
		printf(" (");
	if (c.uncompared)
		show_reasons(&c, c.uncompared, "not at all", false);
	if (c.uncompared && c.partly)
		printf("; ");
	if (c.partly)
		show_reasons(&c, c.partly, "in part", true);
	printf("%s%s\n", c.uncompared + c.partly ? ")" : "",
	       t.lost || c.missing ? ", INCOMPLETE" : "");
	return c.disagreements || t.lost || c.missing || !c.operations ? 1 : 0;
}
