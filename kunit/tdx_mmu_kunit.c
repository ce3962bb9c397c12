// SPDX-License-Identifier: GPL-2.0
/*
 * Mirror and external page tables: what the MMU does when the module is busy or
 * memory is short, when two vCPUs map the same region, when it takes a mapping
 * away; and what it does with the vCPUs of a CPU that goes offline.
 */
#include <linux/delay.h>
#include <linux/lockdep.h>
#include <linux/mman.h>
#include <linux/smp.h>

#include <asm/tdx.h>

#include <trace/events/kmem.h>

#include "mmu/mmu_internal.h"
#include "mmu/mmutrace.h"
#include "mmu/spte.h"
#include "vmx/vmx.h"
#include "vmx/tdx.h"
#include "vmx/x86_ops.h"

#include "kvm_test_priv.h"
#include "kvm_test_tdx.h"

#define NPAGES		4
#define PER_2M		512

/* Tables for the first page: the root is the module's own. */
#define TABLES		3

static u64 gpa_of(unsigned int page)
{
	return KT_GPA + page * PAGE_SIZE;
}

static int pre_fault(struct kt_vm *vm, unsigned int vcpu, unsigned int page,
		     unsigned int npages, unsigned int *done)
{
	u64 gpa = gpa_of(page), size = npages * PAGE_SIZE;
	int ret = kt_vcpu_pre_fault(vm, vcpu, &gpa, &size);

	if (done)
		*done = npages - (size >> PAGE_SHIFT);

	return ret;
}

static struct kt_vm *running_td(struct kunit *test, unsigned int npages,
				unsigned int vcpus)
{
	struct kt_vm *vm = kt_tdx_building(test, npages, 0, vcpus);

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));

	return vm;
}

/* How many calls of an operation since @mark succeeded */
static int succeeded(struct kunit *test, u64 mark, const char *name)
{
	const int room = 4096;
	struct kt_op *e = kvmalloc_objs(*e, room);
	int i, n, ok = 0;

	KUNIT_ASSERT_NOT_NULL(test, e);
	n = kt_ops(test, mark, name, e, room);
	for (i = 0; i < n && i < room; i++)
		ok += !e[i].status;
	kvfree(e);

	return n < 0 || n > room ? -1 : ok;
}

static void expect_succeeded(struct kunit *test, u64 mark, const char *name, int nr)
{
	if (kt_checks(test, KT_LEDGER))
		KUNIT_EXPECT_EQ_MSG(test, nr, succeeded(test, mark, name), "%s", name);
}

/* BUSY ------------------------------------------------------------------------- */

static const struct busy {
	const char *desc;
	u32 nth;
} busy[] = {
	{ "TDH.MEM.SEPT.ADD", 1 },
	{ "TDH.MEM.SEPT.ADD", 2 },
	{ "TDH.MEM.SEPT.ADD", 3 },
	{ "TDH.MEM.PAGE.AUG", 1 },
	{ "TDH.MEM.PAGE.AUG", 2 },
};

static void busy_desc(const struct busy *b, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %u", b->desc, b->nth);
}

KUNIT_ARRAY_PARAM(busy, busy, busy_desc);

/* The mirror entry is put back, and the fault is begun anew. */
static void map_is_retried_under_busy(struct kunit *test)
{
	const struct busy *b = test->param_value;
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	u64 mark = kt_mark();
	struct kt_deadline deadline;
	unsigned int i;
	int fault;

	fault = kt_tdx_fault(test, b->desc, b->nth, 20, KT_TDX_OPERAND_BUSY);
	kt_deadline_begin(&deadline, 20000);
	KUNIT_EXPECT_EQ(test, 0, pre_fault(vm, 0, 0, NPAGES, NULL));
	KUNIT_EXPECT_FALSE(test, kt_deadline_end(&deadline));
	kt_expect_delivered(test, fault, 20);
	expect_succeeded(test, mark, "TDH.MEM.SEPT.ADD", TABLES);
	expect_succeeded(test, mark, "TDH.MEM.PAGE.AUG", NPAGES);
	for (i = 0; i < NPAGES; i++)
		kt_tdx_expect_owned(vm, i);
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
}

/* Nobody but the host is in the way: the second attempt has to succeed. */
static void zap_keeps_vcpus_out_under_busy(struct kunit *test)
{
	static const char * const ops[] = {
		"TDH.MEM.RANGE.BLOCK", "TDH.MEM.TRACK", "TDH.MEM.PAGE.REMOVE",
	};
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	unsigned int i;
	u64 spa;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		int fault;

		KUNIT_ASSERT_EQ(test, 0, pre_fault(vm, 0, 0, 1, NULL));
		spa = kt_page_spa(vm, 0);
		kt_fault_clear();
		fault = kt_tdx_fault(test, ops[i], 1, 1, KT_TDX_OPERAND_BUSY);
		KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, 1));
		kt_expect_delivered(test, fault, 1);
		kt_tdx_expect_host(test, spa);
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
	}
}

/* Memory --------------------------------------------------------------------------- */

/* The caches of the vCPU run dry on the way and are filled up again. */
static void caches_are_refilled(struct kunit *test)
{
	const unsigned int npages = 4 * PER_2M + 2;
	struct kt_vm *vm = running_td(test, npages, 1);
	u64 mark = kt_mark();
	unsigned int i;

	/* One page per region, from the last one on */
	for (i = 5; i-- > 0;)
		KUNIT_EXPECT_EQ(test, 0, pre_fault(vm, 0, i * PER_2M + 1, 1, NULL));
	expect_succeeded(test, mark, "TDH.MEM.SEPT.ADD", TABLES + 4);
	for (i = 0; i < 5; i++)
		kt_tdx_expect_owned(vm, i * PER_2M + 1);
}

/* Whatever allocation fails, nothing is mapped by half. */
static void no_memory_for_a_mapping(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, PER_2M + 2, 1);
	unsigned int nth, page = PER_2M - 2, done, i, failed = 0;
	bool delivered = true;
	u64 spa;
	int ret;

	for (nth = 1; delivered; nth++) {
		kt_fail_alloc(test, nth);
		ret = pre_fault(vm, 0, page, 4, &done);
		delivered = kt_fail_alloc_end();

		KUNIT_EXPECT_EQ(test, done ? 0 : -ENOMEM, ret);
		failed += done < 4;
		for (i = 0; i < 4; i++)
			KUNIT_EXPECT_EQ(test, i < done, kt_tdx_leaf(vm, page + i, &spa));
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
		KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, page, 4));
		KUNIT_ASSERT_LT(test, nth, 200);
	}
	KUNIT_EXPECT_EQ(test, 4, done);
	/* How many do depends on what is in the slabs already. */
	KUNIT_EXPECT_GT(test, failed, 1);
}

/**
 * struct tables - pages that the module was to make page tables of
 * @op: TDH.MEM.SEPT.ADD
 * @nr: how many there were
 * @pfn: which, in the order of the calls; a page can come again
 * @freed: whether it was freed after that
 */
struct tables {
	int op;
	unsigned int nr;
	u64 pfn[32];
	bool freed[32];
};

static void note_table(void *ctx, const struct kt_op *e, bool done)
{
	struct tables *t = ctx;

	if (!done && e->op == t->op && t->nr < ARRAY_SIZE(t->pfn))
		t->pfn[t->nr++] = PHYS_PFN(e->spa);
}

static void note_free(void *data, struct page *page, unsigned int order)
{
	struct tables *t = data;
	unsigned int i;

	for (i = 0; i < READ_ONCE(t->nr); i++) {
		if (t->pfn[i] - page_to_pfn(page) < 1UL << order && !t->freed[i]) {
			t->freed[i] = true;
			return;
		}
	}
}

static void note_no_frees(void *data)
{
	unregister_trace_mm_page_free(note_free, data);
	tracepoint_synchronize_unregister();
}

/* What the module had no time for is freed at once, the others with the TD. */
static void every_table_is_freed(struct kunit *test)
{
	const unsigned int refused = 5;
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct tables *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;
	int fault;

	kt_needs(test, KT_FAULTS);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->op = kt_op_number("TDH.MEM.SEPT.ADD");
	KUNIT_ASSERT_EQ(test, 0, register_trace_mm_page_free(note_free, t));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, note_no_frees, t));

	fault = kt_tdx_fault(test, "TDH.MEM.SEPT.ADD", 2, refused, KT_TDX_OPERAND_BUSY);
	kt_observe(note_table, t);
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 0, NPAGES, 0));
	kt_observe_end();
	kt_expect_delivered(test, fault, refused);
	KUNIT_ASSERT_EQ(test, TABLES + refused, t->nr);
	for (i = 0; i < t->nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, i >= 1 && i < 1 + refused, t->freed[i], "table %u", i);

	kt_close(test, vm->vcpu_fd[0]);
	kt_close(test, vm->gmem_fd);
	kt_close(test, vm->fd);
	for (i = 0; i < t->nr; i++)
		KUNIT_EXPECT_TRUE_MSG(test, t->freed[i], "table %u", i);
}

/* Two at once ---------------------------------------------------------------------- */

struct mapper {
	struct kt_vm *vm;
	unsigned int vcpu;
	struct completion *go;
	unsigned int done;
};

static int map_region(void *data)
{
	struct mapper *m = data;

	wait_for_completion(m->go);

	return pre_fault(m->vm, m->vcpu, 0, PER_2M, &m->done);
}

struct slow {
	int op, aug;
	atomic_t nr;
	/* Who mapped the first page, and has another thread mapped one? */
	int first;
	bool both;
};

/*
 * Nobody may sleep under mmu_lock; take one's time all the same. Pages take their
 * time until both vCPUs have mapped one.
 */
static void be_slow(void *ctx, const struct kt_op *e, bool done)
{
	struct slow *s = ctx;

	if (done) {
		if (e->op == s->aug && !e->status &&
		    (cmpxchg(&s->first, 0, e->pid) ?: e->pid) != e->pid)
			WRITE_ONCE(s->both, true);
		return;
	}
	if ((e->op == s->op && atomic_inc_return(&s->nr) <= TABLES + 4) ||
	    (e->op == s->aug && !READ_ONCE(s->both)))
		mdelay(5);
}

static const struct {
	const char *desc;
	const char *op;
} slow_ops[] = {
	{ "undisturbed", NULL },
	{ "while a table is added", "TDH.MEM.SEPT.ADD" },
	{ "while a page is added", "TDH.MEM.PAGE.AUG" },
};

KUNIT_ARRAY_PARAM_DESC(slow, slow_ops, desc);

static void two_vcpus_map_one_region(struct kunit *test)
{
	const typeof(slow_ops[0]) *op = test->param_value;
	struct kt_vm *vm = running_td(test, PER_2M, 2);
	struct mapper *m = kunit_kcalloc(test, 2, sizeof(*m), GFP_KERNEL);
	struct slow *slow = kunit_kzalloc(test, sizeof(*slow), GFP_KERNEL);
	struct completion *go = kunit_kzalloc(test, sizeof(*go), GFP_KERNEL);
	u64 mark = kt_mark();
	struct kt_thread *t[2];
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_NOT_NULL(test, slow);
	KUNIT_ASSERT_NOT_NULL(test, go);
	init_completion(go);
	if (op->op) {
		slow->op = kt_op_number(op->op);
		slow->aug = kt_op_number("TDH.MEM.PAGE.AUG");
		kt_observe(be_slow, slow);
	}
	for (i = 0; i < 2; i++) {
		m[i] = (struct mapper){ .vm = vm, .vcpu = i, .go = go };
		t[i] = kt_thread_start(test, "map", map_region, &m[i]);
	}
	complete_all(go);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t[i]));
	kt_observe_end();

	if (op->op)
		KUNIT_EXPECT_TRUE(test, slow->both);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, PER_2M, m[i].done);
	/* Each table and each page once, whoever was first */
	expect_succeeded(test, mark, "TDH.MEM.SEPT.ADD", TABLES);
	expect_succeeded(test, mark, "TDH.MEM.PAGE.AUG", PER_2M);
	for (i = 0; i < PER_2M; i += 37)
		kt_tdx_expect_owned(vm, i);
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
}

/**
 * struct meeting - two vCPUs in the module at the same time
 * @tdr: TD
 * @aug: number of PAGE.AUG
 * @gpa: what each CPU is just mapping, 0: nothing
 * @inside: how many are in the middle of a SEAMCALL
 * @met: there were two
 */
struct meeting {
	u64 tdr;
	int aug;
	u64 gpa[NR_CPUS];
	atomic_t inside;
	bool met;
};

static void note_aug(void *ctx, const struct kt_op *e, bool done)
{
	struct meeting *m = ctx;

	if (kt_op_is_seamcall(e->op))
		m->gpa[raw_smp_processor_id()] = !done && e->op == m->aug ? e->gpa : 0;
}

/* The entry is locked, and its guest wants it already: who else is on its way? */
static void meet(void *ctx)
{
	struct meeting *m = ctx;
	u64 gpa = m->gpa[raw_smp_processor_id()];
	unsigned int i;
	bool interrupted;

	if (atomic_inc_return(&m->inside) > 1)
		WRITE_ONCE(m->met, true);
	for (i = 0; i < 200 && !READ_ONCE(m->met); i++)
		udelay(10);
	if (gpa)
		kt_tdx_accept(m->tdr, gpa, &interrupted);
	atomic_dec(&m->inside);
}

static int map_half(void *data)
{
	struct mapper *m = data;

	wait_for_completion(m->go);

	return pre_fault(m->vm, m->vcpu, m->vcpu * PER_2M / 2, PER_2M / 2, &m->done);
}

/*
 * Both calls are in the module at once.  The MMU's locks are such that no two faults
 * want one lock of the module; the guest may, and is told to come again.
 */
static void two_vcpus_meet_in_the_module(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, PER_2M, 2);
	struct meeting *meeting = kunit_kzalloc(test, sizeof(*meeting), GFP_KERNEL);
	struct kt_op *e = kunit_kcalloc(test, PER_2M, sizeof(*e), GFP_KERNEL);
	struct mapper *m = kunit_kcalloc(test, 2, sizeof(*m), GFP_KERNEL);
	struct completion *go = kunit_kzalloc(test, sizeof(*go), GFP_KERNEL);
	int i, n, busy = 0;
	struct kt_thread *t[2];
	u64 mark;

	kt_needs(test, KT_GATE);
	KUNIT_ASSERT_NOT_NULL(test, meeting);
	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_NOT_NULL(test, go);
	init_completion(go);
	meeting->tdr = vm->gctx;
	meeting->aug = kt_op_number("TDH.MEM.PAGE.AUG");
	for (i = 0; i < 2; i++) {
		m[i] = (struct mapper){ .vm = vm, .vcpu = i, .go = go };
		t[i] = kt_thread_start(test, "meet", map_half, &m[i]);
	}
	mark = kt_mark();
	kt_observe(note_aug, meeting);
	kt_tdx_during(meet, meeting);
	complete_all(go);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t[i]));
	kt_tdx_during(NULL, NULL);
	kt_observe_end();

	KUNIT_EXPECT_TRUE(test, meeting->met);
	expect_succeeded(test, mark, "TDH.MEM.SEPT.ADD", TABLES);
	expect_succeeded(test, mark, "TDH.MEM.PAGE.AUG", PER_2M);
	n = kt_ops(test, mark, "TDG.MEM.PAGE.ACCEPT", e, PER_2M);
	KUNIT_EXPECT_EQ(test, PER_2M, n);
	for (i = 0; i < min(n, PER_2M); i++)
		busy += (u32)e[i].status == KT_TDX_OPERAND_BUSY;
	KUNIT_EXPECT_EQ(test, PER_2M, busy);
	for (i = 0; i < PER_2M; i += 37) {
		bool interrupted;

		kt_tdx_expect_owned(vm, i);
		KUNIT_EXPECT_EQ(test, 0, kt_tdx_accept(vm->gctx, gpa_of(i), &interrupted));
	}
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
}

static int punch_region(void *data)
{
	struct mapper *m = data;
	unsigned int i;
	int ret = 0;

	wait_for_completion(m->go);
	for (i = 0; i < 20 && !ret; i++)
		ret = kt_gmem_punch(m->vm, 0, PER_2M);

	return ret;
}

/* Mapping and unmapping the same pages; the oracles compare the tables. */
static void map_and_punch_at_once(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, PER_2M, 2);
	struct mapper *m = kunit_kcalloc(test, 3, sizeof(*m), GFP_KERNEL);
	struct completion *go = kunit_kzalloc(test, sizeof(*go), GFP_KERNEL);
	struct kt_thread *t[3];
	unsigned int i;
	u64 spa;

	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_NOT_NULL(test, go);
	init_completion(go);
	for (i = 0; i < 3; i++) {
		m[i] = (struct mapper){ .vm = vm, .vcpu = i, .go = go };
		t[i] = kt_thread_start(test, "race", i < 2 ? map_region : punch_region,
				       &m[i]);
	}
	complete_all(go);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t[i]));

	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, 0, pre_fault(vm, 0, 0, PER_2M, NULL));
	for (i = 0; i < PER_2M; i += 37)
		kt_tdx_expect_owned(vm, i);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, PER_2M));
	for (i = 0; i < PER_2M; i++)
		KUNIT_EXPECT_FALSE(test, kt_tdx_leaf(vm, i, &spa));
}

/* Zapping --------------------------------------------------------------------------- */

struct zap {
	struct kvm *kvm;
	pid_t pid;
	unsigned int nr, written;
};

static void note_zap(void *ctx, const struct kt_op *e, bool done)
{
	struct zap *z = ctx;

	if (done || e->pid != z->pid)
		return;
	z->nr++;
	z->written += lockdep_is_held_type(&z->kvm->mmu_lock, 0) == LOCK_STATE_HELD;
}

/* Block, track, remove, write back: all of it with mmu_lock held for writing */
static void zap_under_write_lock(struct kunit *test)
{
	static const char * const building[] = {
		"TDH.MEM.RANGE.BLOCK", "TDH.MEM.PAGE.REMOVE", "TDH.PHYMEM.PAGE.WBINVD", NULL
	};
	static const char * const running[] = {
		"TDH.MEM.RANGE.BLOCK", "TDH.MEM.TRACK", "TDH.MEM.PAGE.REMOVE",
		"TDH.PHYMEM.PAGE.WBINVD", NULL
	};
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct zap *z = kunit_kzalloc(test, sizeof(*z), GFP_KERNEL);
	u64 mark;

	kt_needs(test, KT_GATE);
	KUNIT_ASSERT_NOT_NULL(test, z);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 2, KT_MEASURE));
	z->kvm = vm->kvm;
	z->pid = task_pid_nr(current);

	/* No vCPU has run yet. */
	mark = kt_mark();
	kt_observe(note_zap, z);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, 1));
	kt_observe_end();
	kt_expect_ops(test, mark, building);
	KUNIT_EXPECT_EQ(test, 3, z->nr);
	KUNIT_EXPECT_EQ(test, 3, z->written);

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	mark = kt_mark();
	kt_observe(note_zap, z);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 1, 1));
	kt_observe_end();
	kt_expect_ops(test, mark, running);
	KUNIT_EXPECT_EQ(test, 3 + 4, z->nr);
	KUNIT_EXPECT_EQ(test, 3 + 4, z->written);
}

static void set_nx_huge_pages(struct kunit *test, const char *value)
{
	struct file *file = kt_open_in("sysfs", "module/kvm/parameters/nx_huge_pages",
				       O_WRONLY);
	loff_t pos = 0;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, strlen(value), kernel_write(file, value, strlen(value), &pos));
	__fput_sync(file);
}

struct drop {
	struct kvm *kvm;
	pid_t pid;
	unsigned int nr, read;
};

static void note_drop(void *data, int as_id, gfn_t gfn, int level, u64 old_spte, u64 new_spte)
{
	struct drop *d = data;

	if (task_pid_nr(current) != d->pid || level != PG_LEVEL_4K || gfn != KT_GFN ||
	    !is_shadow_present_pte(old_spte) || is_shadow_present_pte(new_spte))
		return;
	d->nr++;
	d->read += lockdep_is_held_type(&d->kvm->mmu_lock, 1) == LOCK_STATE_HELD;
}

static void note_no_drops(void *data)
{
	unregister_trace_kvm_tdp_mmu_spte_changed(note_drop, data);
	tracepoint_synchronize_unregister();
}

/*
 * All roots are dropped and, under mmu_lock for reading, what they map: those of
 * shared memory. The mirror stays, as nothing but the TD's end drops it.
 */
static void zap_under_read_lock(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	struct drop *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	u64 spa, mark;

	KUNIT_ASSERT_NOT_NULL(test, d);
	d->kvm = vm->kvm;
	d->pid = task_pid_nr(current);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, gpa_of(0), PAGE_SIZE, 0));
	KUNIT_ASSERT_EQ(test, 0, pre_fault(vm, 0, 0, NPAGES, NULL));
	KUNIT_ASSERT_FALSE(test, kt_tdx_leaf(vm, 0, &spa));

	KUNIT_ASSERT_EQ(test, 0, register_trace_kvm_tdp_mmu_spte_changed(note_drop, d));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, note_no_drops, d));
	mark = kt_mark();
	set_nx_huge_pages(test, "force");
	kunit_release_action(test, note_no_drops, d);
	/* Page 0 was mapped in the one root that is gone. */
	KUNIT_EXPECT_GE(test, d->nr, 1);
	KUNIT_EXPECT_EQ(test, d->nr, d->read);
	KT_EXPECT_CALLS(test, mark, "TDH.MEM.RANGE.BLOCK", 0);
	KT_EXPECT_CALLS(test, mark, "TDH.MEM.PAGE.REMOVE", 0);
	kt_tdx_expect_owned(vm, 1);

	/* The shared page is mapped again, into a new root. */
	KUNIT_EXPECT_EQ(test, 0, pre_fault(vm, 0, 0, NPAGES, NULL));
	KT_EXPECT_CALLS(test, mark, "TDH.MEM.PAGE.AUG", 0);
	set_nx_huge_pages(test, "auto");
	kt_tdx_expect_owned(vm, 1);
}

/* A slot that goes takes its leaves along, and no table. */
static void slot_takes_its_leaves_along(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	u64 spa[NPAGES], mark, leaf;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, pre_fault(vm, 0, 0, NPAGES, NULL));
	for (i = 0; i < NPAGES; i++)
		spa[i] = kt_page_spa(vm, i);
	mark = kt_mark();
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, 0, KT_GPA, 0, vm->hva, 0, 0));
	expect_succeeded(test, mark, "TDH.MEM.PAGE.REMOVE", NPAGES);
	for (i = 0; i < NPAGES; i++) {
		KUNIT_EXPECT_FALSE(test, kt_tdx_leaf(vm, i, &leaf));
		kt_tdx_expect_host(test, spa[i]);
	}

	/* In a slot again it is mapped by the tables that are there. */
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA,
					    NPAGES * PAGE_SIZE, vm->hva, vm->gmem_fd,
					    KT_GMEM_PGOFF << PAGE_SHIFT));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, 0, pre_fault(vm, 0, 0, NPAGES, NULL));
	KT_EXPECT_CALLS(test, mark, "TDH.MEM.SEPT.ADD", 0);
	for (i = 0; i < NPAGES; i++)
		kt_tdx_expect_owned(vm, i);
}

/* CPUs ------------------------------------------------------------------------------ */

static void cpu_goes_offline(void *unused)
{
	tdx_disable_virtualization_cpu();
}

static int on_cpu(void *data)
{
	struct mapper *m = data;
	int ret;

	ret = set_cpus_allowed_ptr(current, cpumask_of(m->vcpu));
	if (ret)
		return ret;

	return pre_fault(m->vm, m->vcpu, m->vcpu, 1, NULL);
}

/*
 * The module lets go of a CPU's vCPUs before the CPU goes; UML has no hotplug, so
 * call what a CPU calls that goes offline. The vCPUs then go on elsewhere.
 */
static void offline_cpu_flushes_its_vcpus(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 2);
	struct kt_tdx_info *info = kunit_kzalloc(test, sizeof(*info), GFP_KERNEL);
	struct mapper *m = kunit_kcalloc(test, 2, sizeof(*m), GFP_KERNEL);
	unsigned int i, cpu, cpus = num_online_cpus();
	u64 mark;

	kt_needs(test, KT_INSIDE);
	KUNIT_ASSERT_NOT_NULL(test, info);
	KUNIT_ASSERT_NOT_NULL(test, m);

	/* VP.INIT has associated both with the CPU it ran on. */
	kt_tdx_info(vm, info);
	KUNIT_EXPECT_EQ(test, 2, info->num_vcpus);
	KUNIT_EXPECT_EQ(test, 2, info->num_assoc_vcpus);

	mark = kt_mark();
	for (cpu = 0; cpu < cpus; cpu++) {
		smp_call_function_single(cpu, cpu_goes_offline, NULL, 1);
		KT_EXPECT_CALLS(test, mark, "TDH.MNG.VPFLUSHDONE", 0);
	}
	expect_succeeded(test, mark, "TDH.VP.FLUSH", 2);
	kt_tdx_info(vm, info);
	KUNIT_EXPECT_EQ(test, 0, info->num_assoc_vcpus);

	/* A second time there is nothing left to flush. */
	mark = kt_mark();
	on_each_cpu(cpu_goes_offline, NULL, true);
	KT_EXPECT_CALLS(test, mark, "TDH.VP.FLUSH", 0);

	for (i = 0; i < 2; i++) {
		struct kt_thread *t;

		m[i] = (struct mapper){ .vm = vm, .vcpu = i };
		t = kt_thread_start(test, "cpu", on_cpu, &m[i]);
		KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
		kt_tdx_expect_owned(vm, i);
	}
}

/* vCPUs of several TDs, some on one CPU and some on the other */
static void offline_cpu_flushes_those_of_every_td(struct kunit *test)
{
	struct kt_vm *vm[2];
	struct kt_tdx_info *info = kunit_kzalloc(test, sizeof(*info), GFP_KERNEL);
	unsigned int i;

	kt_needs(test, KT_INSIDE);
	KUNIT_ASSERT_NOT_NULL(test, info);
	for (i = 0; i < 2; i++)
		vm[i] = running_td(test, NPAGES, 2);
	on_each_cpu(cpu_goes_offline, NULL, true);
	for (i = 0; i < 2; i++) {
		kt_tdx_info(vm[i], info);
		KUNIT_EXPECT_EQ(test, 0, info->num_assoc_vcpus);
		KUNIT_EXPECT_EQ(test, 0, pre_fault(vm[i], 0, 0, NPAGES, NULL));
	}
}

static struct kunit_case tdx_mmu_cases[] = {
	KUNIT_CASE_PARAM(map_is_retried_under_busy, busy_gen_params),
	KUNIT_CASE(zap_keeps_vcpus_out_under_busy),
	KUNIT_CASE(caches_are_refilled),
	KUNIT_CASE(no_memory_for_a_mapping),
	KUNIT_CASE(every_table_is_freed),
	KUNIT_CASE_PARAM(two_vcpus_map_one_region, slow_gen_params),
	KUNIT_CASE(two_vcpus_meet_in_the_module),
	KUNIT_CASE(map_and_punch_at_once),
	KUNIT_CASE(zap_under_write_lock),
	KUNIT_CASE(zap_under_read_lock),
	KUNIT_CASE(slot_takes_its_leaves_along),
	KUNIT_CASE(offline_cpu_flushes_its_vcpus),
	KUNIT_CASE(offline_cpu_flushes_those_of_every_td),
	{}
};

static struct kunit_suite tdx_mmu_suite = {
	.name = "tdx_mmu",
	.init = kt_init_tdx,
	.test_cases = tdx_mmu_cases,
};

/* The ioctls around the launch --------------------------------------------------------- */

struct row {
	const char *desc;
	void (*run)(struct kunit *test);
};

static void rule(struct kunit *test)
{
	const struct row *r = test->param_value;

	r->run(test);
}

static void expect_pre_fault(struct kt_vm *vm, u64 gpa, u64 size, int ret)
{
	u64 g = gpa, s = size;

	KUNIT_EXPECT_EQ(vm->test, ret, kt_vcpu_pre_fault(vm, 0, &g, &s));
	KUNIT_EXPECT_EQ(vm->test, gpa, g);
	KUNIT_EXPECT_EQ(vm->test, size, s);
}

/* An address with the shared bit is the same memory by another name. */
static void pf_alias(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);

	expect_pre_fault(vm, KT_GPA | KT_SHARED, PAGE_SIZE, -EINVAL);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
	expect_pre_fault(vm, KT_GPA | KT_SHARED, PAGE_SIZE, -EINVAL);
	KUNIT_EXPECT_EQ(test, 0, pre_fault(vm, 0, 0, 1, NULL));
}

static void pf_while_building(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	u64 spa;

	expect_pre_fault(vm, KT_GPA, PAGE_SIZE, -EOPNOTSUPP);
	KUNIT_EXPECT_FALSE(test, kt_tdx_leaf(vm, 0, &spa));
}

/* Documented: "also causes a WARN" */
static void pf_module_fails(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	int fault = kt_tdx_fault(test, "TDH.MEM.PAGE.AUG", 1, 1,
				 KT_TDX_PAGE_METADATA_INCORRECT);

	kunit_warning_suppress(test) {
		expect_pre_fault(vm, KT_GPA, PAGE_SIZE, -EIO);
		/* That of the SEAMCALL, and that of the ioctl */
		KUNIT_EXPECT_EQ(test, 2, KUNIT_SUPPRESSED_WARNING_COUNT());
	}
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
}

static void pf_outside(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	u64 end = gpa_of(NPAGES);

	expect_pre_fault(vm, end, PAGE_SIZE, -ENOENT);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, end, PAGE_SIZE,
					    KVM_MEMORY_ATTRIBUTE_PRIVATE));
	expect_pre_fault(vm, end, PAGE_SIZE, -EFAULT);
}

static void pf_closed(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);

	kt_close(test, vm->gmem_fd);
	expect_pre_fault(vm, KT_GPA, PAGE_SIZE, -EFAULT);
}

static void pf_shared(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	u64 mark, spa;

	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, 0, pre_fault(vm, 0, 0, 1, NULL));
	KT_EXPECT_CALLS(test, mark, "TDH.MEM.PAGE.AUG", 0);
	KUNIT_EXPECT_FALSE(test, kt_tdx_leaf(vm, 0, &spa));
}

static void gmem_init_shared(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_bare(test);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kt_vm_gmem(vm, PAGE_SIZE, GUEST_MEMFD_FLAG_INIT_SHARED));
	KUNIT_EXPECT_GE(test, kt_vm_gmem(vm, PAGE_SIZE, 0), 0);
}

static void slot_read_only(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kt_vm_slot(vm, 1, KVM_MEM_READONLY, KT_GPA + 0x100000, PAGE_SIZE,
				   vm->hva, 0, 0));
}

static void attr_round_trip(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, pre_fault(vm, 0, 0, NPAGES, NULL));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, gpa_of(1), 2 * PAGE_SIZE, 0));
	expect_succeeded(test, mark, "TDH.MEM.PAGE.REMOVE", 2);
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, gpa_of(1), 2 * PAGE_SIZE,
					    KVM_MEMORY_ATTRIBUTE_PRIVATE));
	KUNIT_EXPECT_EQ(test, 0, pre_fault(vm, 0, 0, NPAGES, NULL));
	expect_succeeded(test, mark, "TDH.MEM.PAGE.AUG", 2);
	kt_tdx_expect_owned(vm, 1);
}

static void dead_ioctls(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	u64 hw_error = 0;

	KUNIT_ASSERT_EQ(test, 0, pre_fault(vm, 0, 0, 2, NULL));
	kvm_vm_bugged(vm->kvm);
	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_gmem(vm, PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vm_vcpu(vm));
	KUNIT_EXPECT_EQ(test, -EIO, kt_vcpu_run(vm, 0, NULL));
	KUNIT_EXPECT_EQ(test, -EIO, kt_tdx_mem_region(vm, 3, 1, 0));
	KUNIT_EXPECT_EQ(test, -EIO, kt_tdx_finalize_error(vm, &hw_error));
	expect_pre_fault(vm, KT_GPA, PAGE_SIZE, -EIO);
}

/* The file of guest_memfd goes on, and takes its pages back from the module. */
static void dead_file(struct kunit *test)
{
	struct kt_vm *vm = running_td(test, NPAGES, 1);
	u64 spa;

	KUNIT_ASSERT_EQ(test, 0, pre_fault(vm, 0, 0, 2, NULL));
	spa = kt_page_spa(vm, 0);
	kvm_vm_bugged(vm->kvm);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, 1));
	kt_tdx_expect_host(test, spa);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	kt_close(test, vm->gmem_fd);
}

static const struct row neighbours[] = {
	{ "pre-fault of an alias: EINVAL", pf_alias },
	{ "pre-fault while building: EOPNOTSUPP", pf_while_building },
	{ "pre-fault, module fails: EIO and WARN", pf_module_fails },
	{ "pre-fault outside of slots: ENOENT, private: EFAULT", pf_outside },
	{ "pre-fault, guest_memfd closed: EFAULT", pf_closed },
	{ "pre-fault of a shared page: no business of the module", pf_shared },
	{ "guest_memfd INIT_SHARED: EINVAL", gmem_init_shared },
	{ "read-only slot: EINVAL", slot_read_only },
	{ "shared and private again", attr_round_trip },
	{ "dead, every ioctl: EIO", dead_ioctls },
	{ "dead, the file of guest_memfd goes on", dead_file },
};

KUNIT_ARRAY_PARAM_DESC(neighbours, neighbours, desc);

static struct kunit_case tdx_neighbours_cases[] = {
	KUNIT_CASE_PARAM(rule, neighbours_gen_params),
	{}
};

static struct kunit_suite tdx_neighbours_suite = {
	.name = "tdx_neighbours",
	.init = kt_init_tdx,
	.test_cases = tdx_neighbours_cases,
};

kunit_test_suites(&tdx_mmu_suite, &tdx_neighbours_suite);
