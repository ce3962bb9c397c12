// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/gmem-sim: what people and programs may want to see of the
 * simulated machine.
 *
 *   calls       one line per operation: name, calls since boot
 *   ledger      the last calls, oldest first
 *   guests      one line per guest context, or TD
 *   violations  one line per violation of an oracle since boot
 *   profile, hash  for benches, see profile.c
 */
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "gate.h"
#include "host_priv.h"
#include "ledger.h"
#include "oracle.h"
#include "snp.h"
#include "tdx_host_priv.h"

static int calls_show(struct seq_file *s, void *unused)
{
	u16 op;

	for (op = 0; op < SIM_NR_OPS; op++) {
		u64 n = sim_ledger_count(op);

		if (n)
			seq_printf(s, "%s %llu\n", sim_op_name(op) ?: "?", n);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(calls);

#define LEDGER_LINES	1024

static int ledger_show(struct seq_file *s, void *unused)
{
	u64 end = sim_ledger_mark(), mark = end > LEDGER_LINES ? end - LEDGER_LINES : 0;
	struct sim_ledger_entry *buf;
	char line[320];
	int i, n;

	buf = kvmalloc_array(LEDGER_LINES, sizeof(*buf), GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	n = sim_ledger_read(mark, buf, LEDGER_LINES);
	for (i = 0; i < n; i++) {
		sim_ledger_format(&buf[i], line, sizeof(line));
		seq_printf(s, "%s\n", line);
	}
	kvfree(buf);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ledger);

static const char *guest_state(u8 state)
{
	switch (state) {
	case SIM_GUEST_INIT:	return "INIT";
	case SIM_GUEST_LAUNCH:	return "LAUNCH";
	case SIM_GUEST_RUNNING:	return "RUNNING";
	}
	return "?";
}

static void show_guest(struct seq_file *s, u64 pa)
{
	struct sim_guest_info info;
	struct sim_machine *m;
	unsigned long flags;
	bool ok;

	m = sim_gate_lock(&flags);
	ok = sim_rmp_page_state(m, pa) == SIM_PAGE_CONTEXT &&
	     sim_guest_info(m, pa, &info);
	sim_gate_unlock(flags);
	if (ok)
		seq_printf(s, "gctx=%#llx asid=%u state=%s policy=%#llx ld=%*phN\n",
			   pa, info.asid, guest_state(info.state), info.policy,
			   (int)sizeof(info.ld), info.ld);
}

/* First context page in [pa, end), or end */
static u64 next_context(u64 pa, u64 end)
{
	struct sim_machine *m;
	unsigned long flags;

	m = sim_gate_lock(&flags);
	while (pa < end && sim_rmp_page_state(m, pa) != SIM_PAGE_CONTEXT)
		pa += SIM_PAGE_SIZE;
	sim_gate_unlock(flags);
	return pa;
}

static int guests_show(struct seq_file *s, void *unused)
{
	const struct sim_machine_config *cfg;
	unsigned long flags;
	u64 pa, end;
	u32 i;

	sim_tdx_show_guests(s);
	cfg = &sim_gate_lock(&flags)->cfg;
	sim_gate_unlock(flags);

	/*
	 * A context is known by the state of its page only.  Look at 2M at a
	 * time, so that others get their turn.
	 */
	for (i = 0; i < cfg->nr_dram; i++) {
		for (pa = cfg->dram[i].start; pa < cfg->dram[i].end; ) {
			end = min(ALIGN(pa + 1, SIM_2M_SIZE), cfg->dram[i].end);
			pa = next_context(pa, end);
			if (pa < end) {
				show_guest(s, pa);
				pa += SIM_PAGE_SIZE;
			}
		}
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(guests);

static int violations_show(struct seq_file *s, void *unused)
{
	u32 mark = sim_oracle_mark(), n = mark;
	struct sim_violation v;

	mark -= min(mark, SIM_MAX_VIOLATIONS);
	seq_printf(s, "%u\n", n);
	while (mark != n && sim_oracle_read(&mark, &v))
		seq_printf(s, "%s: %s\n", sim_oracle_name(v.oracle), v.text);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(violations);

static int __init sim_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("gmem-sim", NULL);

	debugfs_create_file("calls", 0400, dir, NULL, &calls_fops);
	debugfs_create_file("ledger", 0400, dir, NULL, &ledger_fops);
	debugfs_create_file("guests", 0400, dir, NULL, &guests_fops);
	debugfs_create_file("violations", 0400, dir, NULL, &violations_fops);
	sim_profile_debugfs(dir);
	return 0;
}
late_initcall(sim_debugfs_init);
