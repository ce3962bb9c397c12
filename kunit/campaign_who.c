// SPDX-License-Identifier: GPL-2.0
/*
 * Who called what was made to fail.  Allocations are numbered, and their numbers say
 * little; what the kernel makes of a failure depends on the functions it comes back to.
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <trace/events/kmem.h>
#include <trace/events/printk.h>

#include "campaign.h"

#define MAX_CALLS	64
#define MAX_DEPTH	40

/* One call that failed: by which operation, and where it returned to */
struct call {
	u16 op;
	u8 nr;
	unsigned long ip[MAX_DEPTH];
};

static struct call calls[MAX_CALLS];
static unsigned int nr_calls;
static struct task_struct *allocator;

/* What stands between a call that fails and the function that wants something */
static const char * const between[] = {
	/* the probes */
	"stack_trace_save", "save_stack_trace", "camp_who", "probe_",
	"note", "__traceiter", "__do_trace", "see_fault", "sim_", "gate",
	"call", "printk", "_printk", "vprintk", "__should_fail", "should_fail", "fail_dump",
	/* pages */
	"alloc_pages", "__alloc", "alloc_frozen", "prepare_alloc", "folio_alloc", "__folio_alloc",
	"get_free_pages", "__get_free", "get_zeroed_page", "vma_alloc",
	/* objects */
	"kmalloc", "__kmalloc", "___kmalloc", "kmem_cache", "__kmem", "kvmalloc", "__kvmalloc",
	"__do_kmalloc", "krealloc", "kmemdup", "kstrdup", "kvasprintf", "kasprintf", "memdup",
	"slab_", "__slab", "___slab", "alloc_from", "refill_", "__pcs", "vzalloc", "__vmalloc",
	"vmalloc", "__vcalloc", "vcalloc", "kcalloc", "kvcalloc",
	/* commands */
	"sev_submit", "psp_submit", "__sev_do_cmd", "sev_do_cmd", "tdh_", "rmpupdate",
};

static bool is_between(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(between); i++)
		if (strstarts(name, between[i]))
			return true;
	return false;
}

/* The function at @ip, without what the compiler has added to its name */
static void name_of(unsigned long ip, char *name)
{
	char *dot;

	/* An address of return may be that of the next function. */
	if (!kallsyms_lookup(ip - 1, NULL, NULL, NULL, name))
		scnprintf(name, KSYM_NAME_LEN, "?");
	dot = strchr(name, '.');
	if (dot)
		*dot = '\0';
}

static void note(u16 op)
{
	struct call *c = &calls[nr_calls];

	if (nr_calls == MAX_CALLS)
		return;
	c->op = op;
	c->nr = stack_trace_save(c->ip, MAX_DEPTH, 1);
	nr_calls++;
}

static void note_allocation(void)
{
	if (allocator == current)
		note(SIM_NR_OPS);
}

static void probe_kmalloc(void *data, unsigned long ip, const void *ptr, size_t want, size_t got,
			  gfp_t gfp, int node)
{
	if (!ptr)
		note_allocation();
}

static void probe_cache(void *data, unsigned long ip, const void *ptr, struct kmem_cache *s,
			gfp_t gfp, int node)
{
	if (!ptr)
		note_allocation();
}

/* What has no tracepoint, pages above all, is announced. */
static void probe_console(void *data, const char *text, size_t len)
{
	if (allocator == current && strnstr(text, "FAULT_INJECTION: forcing a failure", len))
		note(SIM_NR_OPS);
}

/**
 * camp_who_init() - begin to watch
 *
 * Return: 0 or -errno.
 */
int camp_who_init(void)
{
	int ret = register_trace_kmalloc(probe_kmalloc, NULL);

	ret = ret ?: register_trace_kmem_cache_alloc(probe_cache, NULL);
	return ret ?: register_trace_console(probe_console, NULL);
}

/**
 * camp_who_begin() - forget the calls of the last injection
 */
void camp_who_begin(void)
{
	nr_calls = 0;
	allocator = NULL;
}

/**
 * camp_who_allocates() - from here on, allocations of this thread may be made to fail
 * @on: or not any more
 */
void camp_who_allocates(bool on)
{
	allocator = on ? current : NULL;
}

/**
 * camp_who_note() - an operation of the hardware was made to fail
 * @op: which
 */
void camp_who_note(u16 op)
{
	note(op);
}

/* A name with a ^ in front is that of the innermost function, which wants it itself. */
static bool has_function(const struct call *c, const char *function)
{
	bool innermost = *function == '^';
	char name[KSYM_NAME_LEN];
	unsigned int i;

	function += innermost;
	for (i = 0; i < c->nr; i++) {
		name_of(c->ip[i], name);
		if (!strcmp(name, function))
			return true;
		if (innermost && !is_between(name))
			return false;
	}
	return false;
}

/**
 * camp_who_count() - calls of an operation that were made to fail
 * @op: which, SIM_NR_OPS: allocations
 */
unsigned int camp_who_count(u16 op)
{
	unsigned int i, n = 0;

	for (i = 0; i < nr_calls; i++)
		n += calls[i].op == op;
	return n;
}

/**
 * camp_who_called() - was it this function that wanted it?
 * @op: operation, SIM_NR_OPS: allocations
 * @n: which of its calls that failed
 * @function: name
 *
 * Return: true if the function is one of those to which the call returns.
 */
bool camp_who_called(u16 op, unsigned int n, const char *function)
{
	unsigned int i;

	for (i = 0; i < nr_calls; i++)
		if (calls[i].op == op && !n--)
			return has_function(&calls[i], function);
	return false;
}

/**
 * camp_who_say() - the innermost functions that wanted what failed
 * @buf: gets them, innermost first
 * @len: room
 *
 * Of the first call that failed.
 */
void camp_who_say(char *buf, size_t len)
{
	char name[KSYM_NAME_LEN];
	unsigned int i, said = 0;
	size_t n = 0;

	buf[0] = '\0';
	for (i = 0; nr_calls && i < calls[0].nr && said < 8; i++) {
		name_of(calls[0].ip[i], name);
		if (!said && is_between(name))
			continue;
		n += scnprintf(buf + n, len - n, "%s%s", said++ ? " < " : "", name);
	}
}
