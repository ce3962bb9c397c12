// SPDX-License-Identifier: GPL-2.0
/*
 * What KVM does not free (O6).
 *
 * From the begin of a lifetime to its end, allocations by the thread that drives the VM
 * are noted, by the tracepoints of the allocators; whoever frees one, at whatever time
 * until the lifetime is judged, crosses it out.  What is left is KVM's if the nearest
 * caller outside of mm/ is KVM's, ccp's or arch/x86's: dentries, inodes, nodes of xarrays
 * and what lockdep or printk() need have callers of their own.
 *
 * kmemleak does not do: it knows no pages, takes what looks like a pointer for one, and
 * has to look at all memory for each injection.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <trace/events/kmem.h>
#include <trace/events/printk.h>

#include "campaign.h"

#define MAX_FRAMES	24
#define TABLE_BITS	10
#define TABLE_SIZE	BIT(TABLE_BITS)
/* Beyond that, looking for a place takes long. */
#define TABLE_FULL	(TABLE_SIZE / 4 * 3)

/**
 * struct live - something that was allocated
 * @key: address of the object; of a page, with PAGE_KEY in it; 0: it has been freed
 * @ip: where the nearest caller outside of mm/ has called
 * @size: bytes
 * @life: in which lifetime; of another one: nothing is here
 * @kept: which entry of kept[] is about it, plus one
 * @told: KVM has printed that it leaks it
 */
struct live {
	unsigned long key;
	unsigned long ip;
	u32 size;
	u32 life;
	u32 kept;
	bool told;
};

#define PAGE_KEY	1ul

static struct live table[TABLE_SIZE];
/* 0 is that of what was never used. */
static u32 life = 1;
static u32 used;
static bool full;
static struct task_struct *allocator;
/* Frees come from interrupts as well: they cross out, and move nothing. */
static atomic_t nr_live;

/**
 * struct kept - what may be there when all is over
 * @function: a function between the allocator and KVM, or that of KVM
 * @op: only if this operation was made to fail; KEPT_WITH: only objects, and only if the
 *	host has not got back something else; NULL: always
 * @why: why it is there
 */
struct kept {
	const char *function;
	const char *op;
	const char *why;
};

#define TOLERATED(...)
#define FINAL(...)
#define ENDLESS(...)
#define FATAL(...)
#define LASTING(...)
#define KEPT(...)	{ __VA_ARGS__ },
#define KEPT_WITH	"*"
static const struct kept kept[] = {
#include "campaign_named.h"
};

static atomic_t nr_kept[ARRAY_SIZE(kept)];
static bool excuses[ARRAY_SIZE(kept)];

struct text {
	unsigned long begin;
	unsigned long end;
};

static struct text kept_at[ARRAY_SIZE(kept)];

/* What these ask for is the slab allocator's own: what it hands out has events. */
static const char * const slab[] = {
	"new_slab", "___kmalloc_large_node", "__pcs_replace_empty_main",
	"__pcs_replace_full_main", "__kfree_rcu_sheaf",
};

static struct text slab_at[ARRAY_SIZE(slab)];

/*
 * A directory is linked in one piece.  That of KVM has the campaign, the machine, ccp and
 * KVM in the order of its Makefile: it begins behind this file.
 */
static struct text kvm_text, mm_text;

static bool is_in(const struct text *r, unsigned long ip)
{
	return ip >= r->begin && ip < r->end;
}

static unsigned long look_up_home(unsigned long ip)
{
	static char name[KSYM_NAME_LEN];
	char *dot;

	if (!kallsyms_lookup(ip, NULL, NULL, NULL, name))
		return ip;
	dot = strstr(name, ".cold");
	if (!dot)
		return ip;
	*dot = '\0';
	return kallsyms_lookup_name(name) ?: ip;
}

/*
 * What the compiler has moved away from its function is to count as part of it.  It is in
 * front of all else, and there are few that allocate.
 */
static unsigned long at_home(unsigned long ip)
{
	static struct {
		unsigned long ip;
		unsigned long home;
	} seen[BIT(6)];
	unsigned int i;

	if (likely(ip >= kvm_text.begin))
		return ip;
	i = hash_long(ip, 6);
	if (seen[i].ip != ip) {
		seen[i].home = look_up_home(ip);
		seen[i].ip = ip;
	}
	return seen[i].home;
}

static u32 find_kept(unsigned long ip, u32 old)
{
	u32 i;

	for (i = 0; !old && i < ARRAY_SIZE(kept); i++)
		if (is_in(&kept_at[i], ip))
			return i + 1;
	return old;
}

struct frame {
	struct frame *next;
	unsigned long ip;
};

/*
 * The nearest caller outside of mm/, if it is KVM's, 0: it is somebody else's.  By hand:
 * UML looks at each word of the stack to find its frames.
 *
 * The caller of the caller may be the one that has an entry: it is up to the compiler
 * whether they are one.
 */
static noinline unsigned long nearest_caller(u32 *why)
{
	unsigned long caller = 0;
	unsigned int more = 2;
	struct frame *f = __builtin_frame_address(0);
	unsigned long end = (unsigned long)task_stack_page(current) + THREAD_SIZE - sizeof(*f);
	bool in_mm = false;
	unsigned int n, i;

	for (n = 0; n < MAX_FRAMES; n++) {
		unsigned long ip = READ_ONCE(f->ip) - 1;

		/* First there are the probes. */
		if (in_mm)
			ip = at_home(ip);
		if (in_mm && is_in(&kvm_text, ip)) {
			*why = find_kept(ip, *why);
			caller = caller ?: ip;
			if (*why || !more--)
				return caller;
		} else if (caller) {
			return caller;
		} else if (is_in(&mm_text, ip)) {
			in_mm = true;
			for (i = 0; i < ARRAY_SIZE(slab); i++)
				if (is_in(&slab_at[i], ip))
					return 0;
			*why = find_kept(ip, *why);
		} else if (in_mm) {
			return 0;
		}
		if (f->next <= f || (unsigned long)f->next > end)
			break;
		f = f->next;
	}
	return caller;
}

static void count(const struct live *e, int n)
{
	bool always = e->kept && !kept[e->kept - 1].op;

	atomic_add(n, always ? &nr_kept[e->kept - 1] : &nr_live);
}

static struct live *place(unsigned long key, unsigned int n)
{
	return &table[(hash_long(key, TABLE_BITS) + n) % TABLE_SIZE];
}

/* Where @key is; if it is nowhere, NULL, and @at is where it may be put. */
static struct live *find(unsigned long key, struct live **at)
{
	struct live *e;
	unsigned int n;

	/* Some places are always free, or this would not end. */
	for (*at = NULL, n = 0; ; n++) {
		e = place(key, n);
		if (e->life != life)
			break;
		if (e->key == key)
			return e;
		if (!e->key && !*at)
			*at = e;
	}
	*at = *at ?: e;
	return NULL;
}

static void note(unsigned long key, unsigned long ip, u32 size, u32 why)
{
	struct live *at, *e = find(key, &at);

	if (e) {
		/* What goes by kfree_rcu() was not seen to be freed. */
		count(e, -1);
		at = e;
	} else if (at->life != life) {
		if (used == TABLE_FULL) {
			full = true;
			return;
		}
		used++;
	}
	*at = (struct live) { .key = key, .ip = ip, .size = size, .life = life, .kept = why };
	count(at, 1);
}

static void forget(unsigned long key)
{
	struct live *at, *e = find(key, &at);

	if (e) {
		e->key = 0;
		count(e, -1);
	}
}

static bool is_watched(void)
{
	return allocator == current && in_task();
}

static void note_object(unsigned long ip, const void *ptr, size_t size)
{
	u32 why = 0;

	if (!ptr || !is_watched())
		return;
	/* Most are somebody else's. An address of return may be that of the next function. */
	ip = at_home(ip - 1);
	if (!is_in(&mm_text, ip) && !is_in(&kvm_text, ip))
		return;
	ip = nearest_caller(&why);
	if (ip)
		note((unsigned long)ptr, ip, size, why);
}

static void probe_kmalloc(void *data, unsigned long ip, const void *ptr, size_t want, size_t got,
			  gfp_t gfp, int node)
{
	note_object(ip, ptr, want);
}

static void probe_cache(void *data, unsigned long ip, const void *ptr, struct kmem_cache *s,
			gfp_t gfp, int node)
{
	note_object(ip, ptr, kmem_cache_size(s));
}

static void probe_pages(void *data, struct page *page, unsigned int order, gfp_t gfp, int type)
{
	unsigned long ip;
	unsigned int i;
	u32 why = 0;

	if (!page || !is_watched())
		return;
	ip = nearest_caller(&why);
	/* They need not be freed in one piece. */
	for (i = 0; ip && i < 1u << order; i++)
		note((unsigned long)page_to_virt(page + i) | PAGE_KEY, ip, PAGE_SIZE, why);
}

static void probe_kfree(void *data, unsigned long ip, const void *ptr)
{
	if (ptr)
		forget((unsigned long)ptr);
}

static void probe_cache_free(void *data, unsigned long ip, const void *ptr,
			     const struct kmem_cache *s)
{
	forget((unsigned long)ptr);
}

static void probe_pages_free(void *data, struct page *page, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < 1u << order; i++)
		forget((unsigned long)page_to_virt(page + i) | PAGE_KEY);
}

/* What KVM can't take back it leaks, and says so. */
static void probe_console(void *data, const char *text, size_t len)
{
	const char *at = allocator ? strnstr(text, "Leaking PFN range ", min(len, 48)) : NULL;
	unsigned long pfn, end;
	struct live *e, *unused;
	char line[64];

	if (!at)
		return;
	strscpy(line, at, min(sizeof(line), (size_t)(text + len - at) + 1));
	if (sscanf(line, "Leaking PFN range 0x%lx-0x%lx", &pfn, &end) != 2)
		return;
	for (; pfn < end && pfn_valid(pfn); pfn++) {
		e = find((unsigned long)pfn_to_kaddr(pfn) | PAGE_KEY, &unused);
		if (e)
			e->told = true;
	}
}

static int range_of(const char *function, struct text *r)
{
	unsigned long size, offset;

	r->begin = kallsyms_lookup_name(function);
	if (!r->begin || !kallsyms_lookup_size_offset(r->begin, &size, &offset)) {
		pr_err("campaign: no function %s\n", function);
		return -ENOENT;
	}
	r->end = r->begin + size;
	return 0;
}

/* Does the kernel lie in memory as this file thinks? */
static int check_layout(void)
{
	static const struct {
		const char *function;
		const struct text *range;
	} known[] = {
		{ "rmpupdate", &kvm_text },
		{ "sev_do_cmd", &kvm_text },
		{ "fpu_alloc_guest_fpstate", &kvm_text },
		{ "kvm_dev_ioctl", &kvm_text },
		{ "sev_mem_enc_ioctl", &kvm_text },
		{ "tdx_vm_ioctl", &kvm_text },
		{ "__filemap_add_folio", &mm_text },
		{ "__kmalloc_noprof", &mm_text },
		{ "get_free_pages_noprof", &mm_text },
		{ "memdup_user", &mm_text },
		{ "__vmalloc_node_range_noprof", &mm_text },
		{ "debugfs_create_file_full", NULL },
		{ "alloc_empty_file", NULL },
		{ "copy_process", NULL },
		{ "xas_store", NULL },
		{ "camp_life_run", NULL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		unsigned long ip = kallsyms_lookup_name(known[i].function);
		const struct text *r = is_in(&kvm_text, ip) ? &kvm_text :
					is_in(&mm_text, ip) ? &mm_text : NULL;

		if (ip && r == known[i].range)
			continue;
		pr_err("campaign: %s is not where it was thought to be\n", known[i].function);
		return -ENOENT;
	}
	return 0;
}

/**
 * camp_leak_init() - begin to watch
 *
 * Return: 0 or -errno.
 */
int camp_leak_init(void)
{
	struct text first, behind;
	unsigned int i;
	int ret;

	/* The last object of KVM's directory, the first of mm/, the first behind mm/ */
	ret = range_of("vmread_error_trampoline", &behind);
	kvm_text = (struct text) { (unsigned long)camp_leak_init, behind.end };
	ret = ret ?: range_of("__traceiter_mm_filemap_delete_from_page_cache", &first);
	ret = ret ?: range_of("generic_file_open", &behind);
	mm_text = (struct text) { first.begin, behind.begin };
	for (i = 0; i < ARRAY_SIZE(kept); i++)
		ret = ret ?: range_of(kept[i].function, &kept_at[i]);
	for (i = 0; i < ARRAY_SIZE(slab); i++)
		ret = ret ?: range_of(slab[i], &slab_at[i]);
	ret = ret ?: check_layout();

	ret = ret ?: register_trace_kmalloc(probe_kmalloc, NULL);
	ret = ret ?: register_trace_kmem_cache_alloc(probe_cache, NULL);
	ret = ret ?: register_trace_mm_page_alloc(probe_pages, NULL);
	ret = ret ?: register_trace_console(probe_console, NULL);
	ret = ret ?: register_trace_kfree(probe_kfree, NULL);
	ret = ret ?: register_trace_kmem_cache_free(probe_cache_free, NULL);
	return ret ?: register_trace_mm_page_free(probe_pages_free, NULL);
}

/**
 * camp_leak_names() - name all that may be there, for who looks whether it ever is
 */
void camp_leak_names(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kept); i++)
		pr_info("campaign: {\"t\":\"kept\",\"function\":\"%s %s\",\"used\":false}\n",
			kept[i].function, kept[i].op ?: "");
}

/**
 * camp_leak_begin() - a lifetime begins: what was there before is nobody's
 */
void camp_leak_begin(void)
{
	unsigned int i;

	allocator = NULL;
	/* With that, the table is empty. */
	life++;
	used = 0;
	full = false;
	atomic_set(&nr_live, 0);
	for (i = 0; i < ARRAY_SIZE(kept); i++)
		atomic_set(&nr_kept[i], 0);
	allocator = current;
}

/**
 * camp_leak_end() - from here on, this thread allocates for itself
 */
void camp_leak_end(void)
{
	allocator = NULL;
}

/* Not freed on purpose: bad memory, and what the machine has not given back */
static bool is_lost(const struct live *e, const struct camp_injection *in,
		    bool (*is_left)(u64 spa))
{
	struct page *page;

	if (!(e->key & PAGE_KEY))
		return false;
	page = virt_to_page((void *)(e->key & ~PAGE_KEY));
	return PageHWPoison(page) || is_left(page_to_phys(page)) ||
	       (e->told && camp_refuses_page(in));
}

static bool was_to_fail(const struct camp_injection *in, const char *op)
{
	char name[48];
	unsigned int i;

	for (i = 0; i < in->nr; i++) {
		camp_op_name(in->w, &in->f[i], name, sizeof(name));
		if (!strcmp(name, op))
			return true;
	}
	return false;
}

static void excuse(unsigned int i)
{
	if (excuses[i])
		return;
	excuses[i] = true;
	pr_info("campaign: {\"t\":\"kept\",\"function\":\"%s %s\",\"used\":true}\n",
		kept[i].function, kept[i].op ?: "");
}

/* A function may have several entries. */
static bool is_kept(const struct live *e, const struct camp_life *l,
		    const struct camp_injection *in)
{
	unsigned int i;
	bool fits;

	for (i = 0; e->kept && i < ARRAY_SIZE(kept); i++) {
		if (kept_at[i].begin != kept_at[e->kept - 1].begin)
			continue;
		if (!kept[i].op)
			return true;
		if (!strcmp(kept[i].op, KEPT_WITH))
			fits = l->left && !(e->key & PAGE_KEY);
		else
			fits = was_to_fail(in, kept[i].op);
		if (!fits)
			continue;
		excuse(i);
		return true;
	}
	return false;
}

/**
 * camp_leak_check() - has all been freed?
 * @l: the lifetime, over; what was left is known
 * @in: what failed in it
 * @is_left: is it known that the host does not get this page back?
 */
void camp_leak_check(struct camp_life *l, const struct camp_injection *in,
		     bool (*is_left)(u64 spa))
{
	const struct live *e, *first = NULL;
	unsigned int i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(kept); i++)
		if (atomic_read(&nr_kept[i]))
			excuse(i);
	if (full)
		pr_info("campaign: {\"t\":\"problem\",\"text\":\"%s\"}\n",
			"more allocations of KVM's than can be noted: not all leaks are seen");
	if (!atomic_read(&nr_live))
		return;
	/* It may be on its way. */
	rcu_barrier();
	if (atomic_read(&nr_live))
		kvfree_rcu_barrier();
	if (!atomic_read(&nr_live))
		return;
	for (e = table; e < table + TABLE_SIZE; e++) {
		if (e->life != life || !e->key || is_lost(e, in, is_left) || is_kept(e, l, in))
			continue;
		first = first ?: e;
		nr++;
	}
	if (first)
		camp_fail(l, "O6", "not freed: %u bytes%s that %ps allocated, and %u more",
			  first->size, first->key & PAGE_KEY ? " (a page)" : "",
			  (void *)first->ip, nr - 1);
}
