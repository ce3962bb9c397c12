// SPDX-License-Identifier: GPL-2.0
/*
 * The record of violations, and the rules that watch the host kernel: what
 * it frees (O1) and what it reports about itself (O6).  The rules about the
 * hardware's side are where the hardware is: gate.c and contract.c.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched/debug.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <trace/events/kmem.h>
#include <trace/events/printk.h>

#include "host.h"
#include "oracle.h"
#include "rmp.h"

static DEFINE_RAW_SPINLOCK(oracle_lock);
static struct sim_violation violations[SIM_MAX_VIOLATIONS];
static u32 nr_violations;

const char *sim_oracle_name(enum sim_oracle oracle)
{
	static const char * const names[SIM_NR_ORACLES] = {
		[SIM_O1] = "O1", [SIM_O2] = "O2", [SIM_O3] = "O3", [SIM_O4] = "O4",
		[SIM_O5] = "O5", [SIM_O6] = "O6", [SIM_O7] = "O7", [SIM_OLOCK] = "LOCK",
		[SIM_OLOST] = "LOST",
	};

	return oracle < SIM_NR_ORACLES ? names[oracle] : "?";
}

static void record(enum sim_oracle oracle, const char *text, size_t len)
{
	struct sim_violation *v;
	unsigned long flags;

	len = min_t(size_t, len, SIM_ORACLE_TEXT - 1);
	raw_spin_lock_irqsave(&oracle_lock, flags);
	v = &violations[nr_violations++ % SIM_MAX_VIOLATIONS];
	v->oracle = oracle;
	memcpy(v->text, text, len);
	v->text[len] = '\0';
	raw_spin_unlock_irqrestore(&oracle_lock, flags);
}

void sim_oracle_violation(enum sim_oracle oracle, const char *fmt, ...)
{
	char text[SIM_ORACLE_TEXT];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	record(oracle, text, len);
	pr_err("gmem-sim: oracle %s: %s\n", sim_oracle_name(oracle), text);
	dump_stack();
}

u32 sim_oracle_mark(void)
{
	return READ_ONCE(nr_violations);
}

bool sim_oracle_read(u32 *mark, struct sim_violation *v)
{
	unsigned long flags;
	bool ret = false;

	raw_spin_lock_irqsave(&oracle_lock, flags);
	if (*mark != nr_violations) {
		if (nr_violations - *mark > SIM_MAX_VIOLATIONS) {
			v->oracle = SIM_OLOST;
			strscpy(v->text, "(overwritten by later violations)");
		} else {
			*v = violations[*mark % SIM_MAX_VIOLATIONS];
		}
		(*mark)++;
		ret = true;
	}
	raw_spin_unlock_irqrestore(&oracle_lock, flags);
	return ret;
}

/* O1: every page of every block that goes back to the allocator */
static void probe_page_free(void *data, struct page *page, unsigned int order)
{
	u64 pfn = page_to_pfn(page), end = pfn + (1ull << order);
	char owner[SIM_OWNER_TEXT];
	u32 sptes;

	for (; pfn < end; pfn++) {
		if (sim_host_describe_owner(pfn, owner, sizeof(owner)))
			sim_oracle_violation(SIM_O1,
				"page %#llx freed (order %u) while %s",
				pfn, order, owner);

		sptes = sim_oracle_mapped(pfn);
		if (sptes)
			sim_oracle_violation(SIM_O1,
				"page %#llx freed (order %u) while %u SPTE(s) map it",
				pfn, order, sptes);
	}
}

/* O6: what the kernel says when something is wrong with itself */
static const char * const reports[] = {
	"WARNING: ", "BUG: ", "kernel BUG at", "INFO: possible ", "INFO: task ",
	"INFO: rcu", "UBSAN: ", "unreferenced object", "suspicious RCU usage",
};

/* Letters with which a report begins: most of a text is none of them. */
static DECLARE_BITMAP(initials, 256) __ro_after_init;

static bool has_report(const char *text, size_t len)
{
	size_t at, n;
	int i;

	for (at = 0; at < len; at++) {
		if (!test_bit((u8)text[at], initials))
			continue;
		for (i = 0; i < ARRAY_SIZE(reports); i++) {
			n = strlen(reports[i]);
			if (text[at] == *reports[i] && n <= len - at &&
			    !memcmp(text + at, reports[i], n))
				return true;
		}
	}
	return false;
}

static void probe_console(void *data, const char *text, size_t len)
{
	/* A test that fails for a report quotes it. */
	if (!has_report(text, len) || strnstr(text, "oracle O6", len))
		return;

	while (len && text[len - 1] == '\n')
		len--;
	/* printing it again from within printk() is no use */
	record(SIM_O6, text, len);
}

int __init sim_oracle_watch_host(void)
{
	int ret, i;

	for (i = 0; i < ARRAY_SIZE(reports); i++)
		__set_bit((u8)*reports[i], initials);
	ret = register_trace_console(probe_console, NULL);
	if (ret)
		return ret;
	return register_trace_mm_page_free(probe_page_free, NULL);
}
