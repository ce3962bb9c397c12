// SPDX-License-Identifier: GPL-2.0
/*
 * For benches, in /sys/kernel/debug/gmem-sim:
 *
 *   profile   write 1: forget what was measured, and measure; write 0: stop.
 *             Read:
 *               o2 on|off
 *               time NANOSECONDS TICKS      between 1 and 0
 *               clock TICKS TICKS           that one interval has too many, and
 *                                           what is around it because of it
 *               op NAME CALLS TICKS BEFORE  in the operation, and in the kernel
 *                                           between the operation before and it
 *               cost NAME TIMES TICKS       of work within operations
 *   hash      write "snp|tdx ADDRESS PAGES": measure user memory like the
 *             launch of such a guest does, and do nothing else.
 *             Read: nanoseconds of the last time.
 *   cpu       nanoseconds for which this machine had a processor
 *
 * All nanoseconds are of that clock; ticks go on while it stands.
 *
 * One task at a time is measured: what others do in between counts as its own.
 */
#include <crypto/sha2.h>
#include <linux/debugfs.h>
#include <linux/highmem.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "host_priv.h"
#include "ledger.h"
#include "profile.h"
#include "snp_abi.h"
#include "tdx.h"

bool sim_profiling;

struct cost {
	u64 n;
	u64 ticks;
};

static struct cost costs[SIM_NR_COSTS];
static struct cost ops[SIM_NR_OPS];
static u64 before[SIM_NR_OPS];
static u64 last_leave;

static u64 begin_ns, end_ns, begin_ticks, end_ticks, clock_inside, clock_around;
static DEFINE_MUTEX(profile_mutex);

u64 __weak sim_cpu_ns(void)
{
	return ktime_get_ns();
}

static u64 ticks(void)
{
	return __builtin_ia32_rdtsc();
}

void sim_profile_cost(enum sim_cost cost, u64 begin)
{
	costs[cost].ticks += ticks() - begin;
	costs[cost].n++;
}

/* An operation begins.  Return: for sim_profile_leave(). */
u64 sim_profile_enter(u16 op)
{
	u64 now = ticks();

	if (op < SIM_NR_OPS)
		before[op] += now - last_leave;
	return now;
}

void sim_profile_leave(u16 op, u64 begin)
{
	u64 now = ticks();

	if (op < SIM_NR_OPS) {
		ops[op].ticks += now - begin;
		ops[op].n++;
	}
	last_leave = now;
}

/* Averages, of the round that nothing disturbed */
static void calibrate(void)
{
	u64 begin, t;
	int round, i;

	clock_inside = clock_around = ~0ull / 2;
	for (round = 0; round < 10; round++) {
		memset(costs, 0, sizeof(costs));
		begin = ticks();
		for (i = 0; i < 100; i++)
			sim_cost_end(SIM_COST_HASH, sim_cost_begin());
		t = ticks() - begin;
		if (t / 100 >= clock_inside + clock_around)
			continue;
		clock_inside = costs[SIM_COST_HASH].ticks / 100;
		clock_around = t / 100 - clock_inside;
	}
}

static void start(void)
{
	memset(ops, 0, sizeof(ops));
	memset(before, 0, sizeof(before));
	WRITE_ONCE(sim_profiling, true);
	calibrate();
	memset(costs, 0, sizeof(costs));
	begin_ns = sim_cpu_ns();
	begin_ticks = last_leave = ticks();
}

static void stop(void)
{
	if (!sim_profiling)
		return;
	WRITE_ONCE(sim_profiling, false);
	end_ticks = ticks();
	end_ns = sim_cpu_ns();
}

static int profile_show(struct seq_file *s, void *unused)
{
	static const char * const names[SIM_NR_COSTS] = {
		[SIM_COST_HASH] = "hash",
		[SIM_COST_CONTENTS] = "contents",
		[SIM_COST_COPY] = "copy",
		[SIM_COST_TABLES] = "tables",
	};
	int i;

	guard(mutex)(&profile_mutex);
	seq_printf(s, "o2 %s\n", sim_host_o2 ? "on" : "off");
	seq_printf(s, "time %llu %llu\n", end_ns - begin_ns, end_ticks - begin_ticks);
	seq_printf(s, "clock %llu %llu\n", clock_inside, clock_around);
	for (i = 0; i < SIM_NR_OPS; i++)
		if (ops[i].n)
			seq_printf(s, "op %s %llu %llu %llu\n", sim_op_name(i) ?: "?",
				   ops[i].n, ops[i].ticks, before[i]);
	for (i = 0; i < SIM_NR_COSTS; i++)
		if (costs[i].n)
			seq_printf(s, "cost %s %llu %llu\n", names[i],
				   costs[i].n, costs[i].ticks);
	return 0;
}

static int profile_open(struct inode *inode, struct file *file)
{
	return single_open(file, profile_show, NULL);
}

static ssize_t profile_write(struct file *file, const char __user *buf, size_t len,
			     loff_t *pos)
{
	bool on;
	int ret;

	ret = kstrtobool_from_user(buf, len, &on);
	if (ret)
		return ret;

	guard(mutex)(&profile_mutex);
	if (on)
		start();
	else
		stop();
	return len;
}

static const struct file_operations profile_fops = {
	.owner = THIS_MODULE,
	.open = profile_open,
	.read = seq_read,
	.write = profile_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* What a launch measures of one page, by the routine that it uses */

static void hash_snp(const void *page, void *state)
{
	struct sim_page_info *info = state;

	sim_env_sha384(page, PAGE_SIZE, info->contents);
	sim_env_sha384(info, sizeof(*info), info->digest_cur);
}

static void hash_tdx(const void *page, void *state)
{
	static const u8 header[128];
	u32 off;

	sim_tdx_hash(state, header, sizeof(header));
	for (off = 0; off < PAGE_SIZE; off += 256) {
		sim_tdx_hash(state, header, sizeof(header));
		sim_tdx_hash(state, page + off, 256);
	}
}

#define BATCH	512

static u64 hash_ns;

/* The time to find the pages is left out. */
static int hash_pages(void (*hash)(const void *page, void *state), unsigned long addr,
		      u64 nr)
{
	struct page **pages __free(kvfree) = kvmalloc_array(BATCH, sizeof(*pages),
							    GFP_KERNEL);
	u64 state[32] = {}, begin, ns = 0;
	int i, n;

	static_assert(sizeof(struct sim_page_info) <= sizeof(state));

	if (!pages)
		return -ENOMEM;
	for (; nr; nr -= n, addr += (u64)n << PAGE_SHIFT) {
		n = get_user_pages_fast(addr, min_t(u64, nr, BATCH), 0, pages);
		if (n <= 0)
			return n ?: -EFAULT;
		begin = sim_cpu_ns();
		for (i = 0; i < n; i++) {
			void *page = kmap_local_page(pages[i]);

			hash(page, state);
			kunmap_local(page);
		}
		ns += sim_cpu_ns() - begin;
		release_pages(pages, n);
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	hash_ns = ns;
	return 0;
}

static int hash_show(struct seq_file *s, void *unused)
{
	guard(mutex)(&profile_mutex);
	seq_printf(s, "%llu\n", hash_ns);
	return 0;
}

static int hash_open(struct inode *inode, struct file *file)
{
	return single_open(file, hash_show, NULL);
}

static ssize_t hash_write(struct file *file, const char __user *ubuf, size_t len,
			  loff_t *pos)
{
	unsigned long addr;
	char buf[64], type[8];
	u64 nr;
	int ret;

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = '\0';
	if (sscanf(buf, "%7s %lx %llu", type, &addr, &nr) != 3 || !PAGE_ALIGNED(addr))
		return -EINVAL;

	guard(mutex)(&profile_mutex);
	if (!strcmp(type, "snp"))
		ret = hash_pages(hash_snp, addr, nr);
	else if (!strcmp(type, "tdx") && IS_ENABLED(CONFIG_INTEL_TDX_HOST))
		ret = hash_pages(hash_tdx, addr, nr);
	else
		ret = -EINVAL;
	return ret ?: len;
}

static const struct file_operations hash_fops = {
	.owner = THIS_MODULE,
	.open = hash_open,
	.read = seq_read,
	.write = hash_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int cpu_show(struct seq_file *s, void *unused)
{
	seq_printf(s, "%llu\n", sim_cpu_ns());
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cpu);

void __init sim_profile_debugfs(struct dentry *dir)
{
	debugfs_create_file("profile", 0600, dir, NULL, &profile_fops);
	debugfs_create_file("hash", 0600, dir, NULL, &hash_fops);
	debugfs_create_file("cpu", 0400, dir, NULL, &cpu_fops);
}
