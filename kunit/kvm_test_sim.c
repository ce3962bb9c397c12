// SPDX-License-Identifier: GPL-2.0
/*
 * The back end of kvm_test_sim.h that there is with the simulator: what a test can
 * ask the simulated machine, and the checks of every test.
 */
#include <linux/highmem.h>
#include <linux/psp-sev.h>
#include <linux/slab.h>

#include <asm/firmware_sim.h>

#include "kvm_test_simulator.h"
#include "kvm_test_priv.h"

#include "../../../arch/x86/virt/sim/tdx_host_priv.h"

#define SAME(_name)	static_assert((int)KT_##_name == (int)SIM_##_name)

SAME(ARG_ASSIGNED);
SAME(ARG_IMMUTABLE);
SAME(RMP_FAIL_INPUT);
SAME(RMP_FAIL_PERMISSION);
SAME(RMP_FAIL_INUSE);
SAME(FAULT_BEFORE);
SAME(FAULT_AFTER);
SAME(O1);
SAME(O2);
SAME(O3);
SAME(O4);
SAME(O5);
SAME(O6);
SAME(O7);
SAME(OLOCK);
SAME(OLOST);
SAME(PAGE_HYPERVISOR);
SAME(PAGE_HV_FIXED);
SAME(PAGE_FIRMWARE);
SAME(PAGE_RECLAIM);
SAME(PAGE_CONTEXT);
SAME(PAGE_METADATA);
SAME(PAGE_PRE_GUEST);
SAME(PAGE_PRE_SWAP);
SAME(PAGE_GUEST_INVALID);
SAME(PAGE_GUEST_VALID);
SAME(GUEST_INIT);
SAME(GUEST_LAUNCH);
SAME(GUEST_RUNNING);

/* An x86 kernel can have a simulator and run on hardware all the same. */
bool kt_has(enum kt_facility what)
{
	if (what == KT_GUESTS && !IS_ENABLED(CONFIG_KVM_SCRIPTED_GUEST))
		return false;
	return IS_ENABLED(CONFIG_UML) || firmware_sim_bound();
}

/* Checks of every test ------------------------------------------------------ */

/*
 * What is not clean before a test: pages that the driver of the PSP keeps for
 * itself. One test runs at a time.
 */
#define MAX_DIRT	1024
static u64 dirt_before[MAX_DIRT];

struct dirt_log {
	struct kt_sim_state *before;
	u32 nr, known;
	struct sim_dirt_report unknown[8];
	u32 nr_unknown;
};

/* Interrupts are off: notes only. */
static void note_before(void *ctx, const struct sim_dirt_report *r)
{
	struct kt_sim_state *st = ctx;

	if (st->dirt < MAX_DIRT)
		dirt_before[st->dirt] = r->addr;
	st->dirt++;
}

static void note_after(void *ctx, const struct sim_dirt_report *r)
{
	struct dirt_log *log = ctx;
	u32 i, end = min_t(u32, log->before->dirt, MAX_DIRT);

	log->nr++;
	/* Both walks are in the same order. */
	for (i = log->known; i < end; i++) {
		if (dirt_before[i] == r->addr) {
			log->known = i + 1;
			return;
		}
	}
	for (i = 0; i < log->before->nr_left; i++) {
		u64 id = r->what == SIM_DIRT_ASID_USED ? r->asid : r->addr;

		if (!log->before->left[i].found &&
		    log->before->left[i].what == r->what &&
		    log->before->left[i].id == id) {
			log->before->left[i].found = true;
			return;
		}
	}
	if (log->nr_unknown < ARRAY_SIZE(log->unknown))
		log->unknown[log->nr_unknown] = *r;
	log->nr_unknown++;
}

/*
 * Where the last test left the list of violations: what comes between two tests, work
 * that was put off for instance, belongs to the second, or nobody would hear of it.
 */
static u32 last_mark;
static bool have_last_mark;

void kt_sim_begin(struct kt_sim_state *st)
{
	if (!kt_has(KT_ORACLES))
		return;
	sim_fault_clear();
	sim_gate_observe(NULL, NULL);
	st->start = sim_oracle_mark();
	st->violations = have_last_mark ? last_mark : st->start;
	st->dirt = 0;
	st->nr_left = 0;
	sim_host_check_clean(note_before, st);
}

void kt_sim_end(struct kunit *test, struct kt_sim_state *st)
{
	static const char * const what[] = {
		[SIM_DIRT_PAGE] = "page",
		[SIM_DIRT_CONTEXT] = "guest context",
		[SIM_DIRT_ASID_USED] = "ASID in use",
		[SIM_DIRT_ASID_COUNT] = "pages of an ASID",
		[SIM_DIRT_BUSY] = "busy page",
		[SIM_DIRT_TD_PAGE] = "page of a TD",
		[SIM_DIRT_HKID] = "HKID in use",
		[SIM_DIRT_SEV_GUEST] = "SEV guest",
	};
	struct sim_violation v;
	struct dirt_log *log;
	unsigned int i;

	if (!kt_has(KT_ORACLES))
		return;
	sim_gate_observe(NULL, NULL);
	sim_fault_clear();
	sim_tdx_mirror_settled();

	while (sim_oracle_read(&st->violations, &v))
		KUNIT_FAIL(test, "oracle %s: %s%s", sim_oracle_name(v.oracle), v.text,
			   (s32)(st->violations - st->start) <= 0 ?
			   " (before this test began)" : "");
	last_mark = st->violations;
	have_last_mark = true;

	log = kzalloc_obj(*log);
	if (!log) {
		KUNIT_FAIL(test, "no memory to check that the machine is clean");
		return;
	}
	log->before = st;
	sim_host_check_clean(note_after, log);
	for (i = 0; i < st->nr_left; i++)
		if (!st->left[i].found)
			KUNIT_FAIL(test, "%s %#llx was expected to be left, and is not",
				   what[st->left[i].what], st->left[i].id);
	if (log->nr_unknown || log->nr != st->dirt + st->nr_left)
		KUNIT_FAIL(test, "the machine is not clean: %u findings, %u before the test",
			   log->nr, st->dirt);
	for (i = 0; i < min(log->nr_unknown, ARRAY_SIZE(log->unknown)); i++) {
		const struct sim_dirt_report *r = &log->unknown[i];

		kunit_info(test, "left: %s %#llx asid %u state %s\n", what[r->what],
			   r->addr, r->asid, r->what == SIM_DIRT_PAGE ?
			   sim_page_state_name(r->state) : "-");
	}
	kfree(log);
}

/**
 * kt_expect_violation() - the test has just broken a rule on purpose
 * @test: the test
 * @oracle: the rule
 * @text: part of the description
 *
 * Takes the oldest violation of the test that was not yet taken, so that it
 * does not fail the test at its end; fails if there is none or if it is another.
 */
void kt_expect_violation(struct kunit *test, enum kt_oracle oracle,
			 const char *text)
{
	struct sim_violation v;

	if (!sim_oracle_read(&kt_sim_state(test)->violations, &v)) {
		KUNIT_FAIL(test, "oracle %s did not see: %s",
			   sim_oracle_name((enum sim_oracle)oracle), text);
		return;
	}
	KUNIT_EXPECT_STREQ(test, sim_oracle_name((enum sim_oracle)oracle),
			   sim_oracle_name(v.oracle));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(v.text, text),
				  "\"%s\" is not in \"%s\"", text, v.text);
}

/**
 * kt_violation() - report that a rule is broken
 * @oracle: the rule
 * @fmt: in what way
 */
void kt_violation(enum kt_oracle oracle, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	sim_oracle_violation((enum sim_oracle)oracle, "%pV", &vaf);
	va_end(args);
}

/**
 * kt_expect_mapped() - expect that a page is mapped for guests, or that it is not
 * @test: the test
 * @spa: system physical address of the page
 * @mapped: which of the two
 */
void kt_expect_mapped(struct kunit *test, u64 spa, bool mapped)
{
	KUNIT_EXPECT_EQ(test, mapped, sim_oracle_mapped(PHYS_PFN(spa)) > 0);
}

/* Firmware knows a guest by its context page, which KVM keeps to itself. */
void kt_sim_note_guest(struct kt_vm *vm, u64 mark)
{
	struct kt_op *e;
	int n;

	if (!kt_has(KT_LEDGER))
		return;
	e = kunit_kzalloc(vm->test, sizeof(*e), GFP_KERNEL);
	if (!e)
		return;
	n = kt_ops(vm->test, mark, "SNP_ACTIVATE", e, 1);
	if (n == 1 && !e->status) {
		vm->gctx = e->gctx;
		vm->asid = e->asid;
	}
	kunit_kfree(vm->test, e);
}

/**
 * kt_check_launched() - O4: the pages that a call reports are those that were measured
 * @mark: of kt_mark(), before the call
 * @op: the operation that makes a page the guest's
 * @gctx: the guest
 * @gpa: where the first page goes
 * @npages: how many the call says that it has done
 *
 * Each once, in ascending order; calls of other threads don't count.
 */
void kt_check_launched(u64 mark, u16 op, u64 gctx, u64 gpa, u32 npages)
{
	struct sim_ledger_entry e;
	u32 n = 0;

	while (sim_ledger_read(mark++, &e, 1) == 1) {
		if (e.op != op || e.gctx != gctx || e.status || e.pid != task_pid_nr(current))
			continue;
		if (e.gpa != gpa + n * PAGE_SIZE)
			sim_oracle_violation(SIM_O4, "%s at gpa %#llx, expected at %#llx",
					     sim_op_name(op), e.gpa, gpa + n * PAGE_SIZE);
		n++;
	}
	if (n != npages)
		sim_oracle_violation(SIM_O4, "%u pages reported from gpa %#llx on, %u measured",
				     npages, gpa, n);
}

/* O4 for LAUNCH_UPDATE.  A VM that KVM has given up owes no account. */
void kt_sim_launched(struct kt_vm *vm, u64 mark, u64 gpa, u32 npages)
{
	if (kt_has(KT_LEDGER) && vm->gctx && !vm->kvm->vm_bugged)
		kt_check_launched(mark, SIM_CMD_SNP_LAUNCH_UPDATE, vm->gctx, gpa, npages);
}

/* Operations ---------------------------------------------------------------- */

/**
 * kt_mark() - now, for kt_ops() and others
 *
 * Return: the mark; 0 if nobody keeps a ledger.
 */
u64 kt_mark(void)
{
	return sim_ledger_mark();
}

/**
 * kt_op_number() - number of an operation, as in struct kt_op
 * @name: its name, e.g. "SNP_LAUNCH_UPDATE"
 *
 * Return: the number, or -1 if there is no such operation.
 */
int kt_op_number(const char *name)
{
	return sim_op_by_name(name);
}

/**
 * kt_op_count() - how often an operation has been called since boot
 * @name: its name
 */
u64 kt_op_count(const char *name)
{
	return sim_ledger_count(sim_op_by_name(name));
}

const char *kt_op_name(u16 op)
{
	return sim_op_name(op);
}

static struct kt_op op_of(const struct sim_ledger_entry *e)
{
	return (struct kt_op){
		.seq = e->seq,
		.op = e->op,
		.injected = e->injected,
		.asid = e->asid,
		.spa = e->spa,
		.gpa = e->gpa,
		.gctx = e->gctx,
		.arg = e->arg,
		.status = e->status,
		.pid = e->pid,
	};
}

static struct {
	kt_observer_fn fn;
	void *ctx;
} observer;

static void look(void *ctx, const struct sim_ledger_entry *e, bool done)
{
	struct kt_op op = op_of(e);

	observer.fn(observer.ctx, &op, done);
}

/**
 * kt_observe() - watch all operations
 * @fn: called before and after each
 * @ctx: passed to @fn
 *
 * Until kt_observe_end(), or the end of the test.
 */
void kt_observe(kt_observer_fn fn, void *ctx)
{
	sim_gate_observe(NULL, NULL);
	observer.fn = fn;
	observer.ctx = ctx;
	sim_gate_observe(look, NULL);
}

void kt_observe_end(void)
{
	sim_gate_observe(NULL, NULL);
}

static int select_ops(struct kunit *test, u64 mark,
		      bool (*want)(const struct sim_ledger_entry *e, int op),
		      int op, struct kt_op *buf, int max)
{
	struct sim_ledger_entry *all;
	int nr, i, n = 0;
	const int room = 1024;

	all = kvmalloc_objs(*all, room);
	if (!all)
		return -ENOMEM;

	while ((nr = sim_ledger_read(mark, all, room)) > 0) {
		for (i = 0; i < nr; i++) {
			if (!want(&all[i], op))
				continue;
			if (n < max)
				buf[n] = op_of(&all[i]);
			n++;
		}
		mark += nr;
	}
	kvfree(all);

	return nr < 0 ? nr : n;
}

static bool is_op(const struct sim_ledger_entry *e, int op)
{
	return e->op == op;
}

static bool is_change(const struct sim_ledger_entry *e, int op)
{
	return e->op != SIM_OP_RMPREAD;
}

/**
 * kt_ops() - calls of one operation since a mark
 * @test: the test
 * @mark: of kt_mark()
 * @name: name of the operation
 * @buf: gets the first @max of them, oldest first; may be NULL if @max is 0
 * @max: room in @buf
 *
 * Return: how many calls there were, or a negative number if the ledger has
 * lost some of them or there is no such operation.
 */
int kt_ops(struct kunit *test, u64 mark, const char *name, struct kt_op *buf, int max)
{
	int op = sim_op_by_name(name);

	return op < 0 ? op : select_ops(test, mark, is_op, op, buf, max);
}

/**
 * kt_ops_changing() - calls since a mark that may have changed something
 * @test: the test
 * @mark: of kt_mark()
 * @buf: gets the first @max of them, oldest first
 * @max: room in @buf
 *
 * Everything but RMPREAD, which KVM executes for many reasons.
 *
 * Return: how many calls there were, or a negative number if the ledger has
 * lost some of them.
 */
int kt_ops_changing(struct kunit *test, u64 mark, struct kt_op *buf, int max)
{
	return select_ops(test, mark, is_change, 0, buf, max);
}

/**
 * kt_expect_ops() - expect exactly these operations since a mark
 * @test: the test
 * @mark: of kt_mark()
 * @names: names of operations in order, NULL at the end; RMPREAD is not looked
 *	at
 */
void kt_expect_ops(struct kunit *test, u64 mark, const char * const *names)
{
	struct kt_op *e;
	const int room = 64;
	int n, i;

	e = kunit_kcalloc(test, room, sizeof(*e), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e);
	n = kt_ops_changing(test, mark, e, room);
	KUNIT_ASSERT_GE(test, n, 0);
	KUNIT_ASSERT_LE(test, n, room);

	for (i = 0; i < n; i++) {
		const char *name = sim_op_name(e[i].op);

		KUNIT_ASSERT_NOT_NULL_MSG(test, names[i], "%d: unexpected %s", i, name);
		KUNIT_EXPECT_STREQ_MSG(test, names[i], name, "operation %d", i);
	}
	KUNIT_EXPECT_NULL_MSG(test, names[n], "%d: %s is missing", n, names[n]);
	kunit_kfree(test, e);
}

/* Faults --------------------------------------------------------------------- */

static int arm(struct kunit *test, const char *name, struct sim_fault *f)
{
	int op = sim_op_by_name(name);
	int id;

	KUNIT_ASSERT_GE_MSG(test, op, 0, "no operation %s", name);
	f->op = op;
	id = sim_fault_arm(f);
	KUNIT_ASSERT_GE(test, id, 0);

	return id;
}

/**
 * kt_fault_full() - let an operation fail
 * @test: the test
 * @name: name of the operation
 * @nth: first occurrence to fail from now on, from 1
 * @times: how many in a row
 * @when: before or after the operation takes effect
 * @status: what it answers
 *
 * All faults are gone when the test ends.
 *
 * Return: number of the fault, for kt_expect_delivered().
 */
int kt_fault_full(struct kunit *test, const char *name, u32 nth, u32 times,
		  enum kt_fault_when when, s32 status)
{
	struct sim_fault f = {
		.nth = nth,
		.times = times,
		.when = (enum sim_fault_when)when,
		.status = status,
	};

	return arm(test, name, &f);
}

/**
 * kt_fault_timeout() - let the PSP never answer a command
 * @test: the test
 * @name: name of the command
 * @when: is the command carried out all the same?
 *
 * The driver takes the PSP for dead from then on, for the whole boot.
 *
 * Return: number of the fault, for kt_expect_delivered().
 */
int kt_fault_timeout(struct kunit *test, const char *name, enum kt_fault_when when)
{
	struct sim_fault f = {
		.nth = 1,
		.times = 1,
		.when = (enum sim_fault_when)when,
		.timeout = true,
	};

	return arm(test, name, &f);
}

/**
 * kt_fault() - let one call of an operation fail without any effect
 * @test: the test
 * @name: name of the operation
 * @nth: which occurrence from now on, from 1
 * @status: what it answers
 *
 * Return: number of the fault, for kt_expect_delivered().
 */
int kt_fault(struct kunit *test, const char *name, u32 nth, s32 status)
{
	return kt_fault_full(test, name, nth, 1, KT_FAULT_BEFORE, status);
}

/* Faults that were armed happen no more. */
void kt_fault_clear(void)
{
	sim_fault_clear();
}

/**
 * kt_status() - what an operation can answer but success
 * @name: its name
 * @i: 0, 1, ...
 * @status: the answer
 *
 * Return: false if there are no more.
 */
bool kt_status(const char *name, unsigned int i, u32 *status)
{
	int op = sim_op_by_name(name);
	s32 s;

	if (op < 0 || !sim_fault_status(op, i, &s))
		return false;
	*status = s;
	return true;
}

/**
 * kt_expect_delivered() - a fault that did not happen tested nothing
 * @test: the test
 * @id: of kt_fault()
 * @times: how often it must have been answered
 */
void kt_expect_delivered(struct kunit *test, int id, u32 times)
{
	KUNIT_EXPECT_EQ_MSG(test, times, sim_fault_delivered(id),
			    "the fault was not delivered");
}

static void copy_vmsa(void *ctx, const struct kt_op *e, bool done)
{
	struct kt_vmsas *v = ctx;
	void *p;

	if (done || e->pid != v->pid || e->op != v->op ||
	    e->arg != SNP_PAGE_TYPE_VMSA || v->nr == KT_MAX_VCPUS)
		return;
	p = kmap_local_page(pfn_to_page(PHYS_PFN(e->spa)));
	memcpy(v->page[v->nr++], p, PAGE_SIZE);
	kunmap_local(p);
}

static void stop_watching(void *unused)
{
	kt_observe_end();
}

/**
 * kt_watch_vmsas() - take a copy of each VMSA that the calling thread launches
 * @test: the test
 *
 * Takes the place of the gate's observer until the test ends.
 *
 * Return: the copies, none so far; the test is over if there is no memory.
 */
struct kt_vmsas *kt_watch_vmsas(struct kunit *test)
{
	struct kt_vmsas *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, v);
	for (i = 0; i < KT_MAX_VCPUS; i++) {
		v->page[i] = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, v->page[i]);
	}
	v->pid = task_pid_nr(current);
	v->op = sim_op_by_name("SNP_LAUNCH_UPDATE");
	kt_observe(copy_vmsa, v);
	/* The VM is torn down when @v is gone already. */
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, stop_watching, NULL));

	return v;
}

/* The state of things -------------------------------------------------------- */

/**
 * kt_spa_state() - state of a page in the RMP
 * @spa: its system physical address
 */
enum kt_page_state kt_spa_state(u64 spa)
{
	enum sim_page_state state;
	struct sim_machine *m;
	unsigned long flags;

	m = sim_gate_lock(&flags);
	state = sim_rmp_page_state(m, spa);
	sim_gate_unlock(flags);

	return (enum kt_page_state)state;
}

/**
 * kt_visible() - what kt_spa_state() says of a page that is in a state
 * @state: the state
 *
 * Return: the state itself, or the one that stands for those that can't be told
 * apart.
 */
enum kt_page_state kt_visible(enum kt_page_state state)
{
	return state;
}

/**
 * kt_guest_info() - what firmware knows of a guest
 * @vm: the VM, after LAUNCH_START
 * @info: the answer; the test is over if there is no such guest
 */
void kt_guest_info(struct kt_vm *vm, struct kt_guest_info *info)
{
	struct sim_guest_info *g = kunit_kzalloc(vm->test, sizeof(*g), GFP_KERNEL);
	struct sim_machine *m;
	unsigned long flags;
	bool ok;

	KUNIT_ASSERT_NOT_NULL(vm->test, g);
	m = sim_gate_lock(&flags);
	ok = sim_guest_info(m, vm->gctx, g);
	sim_gate_unlock(flags);
	KUNIT_ASSERT_TRUE_MSG(vm->test, ok, "firmware has no context at %#llx", vm->gctx);

	static_assert(sizeof(info->ld) == sizeof(g->ld));
	static_assert(sizeof(info->host_data) == sizeof(g->host_data));
	info->state = g->state;
	info->asid = g->asid;
	info->id_block_en = g->id_block_en;
	info->author_key_en = g->author_key_en;
	info->vcek_dis = g->vcek_dis;
	memcpy(info->ld, g->ld, sizeof(info->ld));
	memcpy(info->host_data, g->host_data, sizeof(info->host_data));
	kunit_kfree(vm->test, g);
}

/**
 * kt_expect_guest_state() - expect a state of a guest
 * @vm: the VM, after LAUNCH_START
 * @state: what firmware has to say
 */
void kt_expect_guest_state(struct kt_vm *vm, enum kt_guest_state state)
{
	struct kt_guest_info *info = kunit_kzalloc(vm->test, sizeof(*info), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(vm->test, info);
	kt_guest_info(vm, info);
	KUNIT_EXPECT_EQ(vm->test, state, info->state);
	kunit_kfree(vm->test, info);
}

/**
 * kt_guest_read() - a page of slot 0 as the guest sees it
 * @vm: the VM
 * @page: the page, counted in the slot
 * @buf: PAGE_SIZE bytes
 */
void kt_guest_read(struct kt_vm *vm, unsigned int page, void *buf)
{
	u64 spa = kt_page_spa(vm, page);
	struct sim_machine *m;
	unsigned long flags;
	bool ok;

	m = sim_gate_lock(&flags);
	ok = sim_guest_read(m, vm->asid, spa, buf, PAGE_SIZE);
	sim_gate_unlock(flags);
	KUNIT_ASSERT_TRUE(vm->test, ok);
}

/**
 * kt_expect_left() - something of a guest will not be clean when the test ends
 * @test: the test
 * @what: kind
 * @id: address of the page or context, or the ASID
 *
 * For tests after which KVM has to leak. Exactly what is announced has to be
 * left; it stays so, and is not held against the tests that follow.
 */
void kt_expect_left(struct kunit *test, enum sim_dirt what, u64 id)
{
	struct kt_sim_state *st = kt_sim_state(test);

	KUNIT_ASSERT_LT(test, st->nr_left, KT_MAX_LEFT);
	st->left[st->nr_left].what = what;
	st->left[st->nr_left].id = id;
	st->left[st->nr_left].found = false;
	st->nr_left++;
}

/* Measurement ----------------------------------------------------------------- */

/**
 * kt_expect_ld() - expect that firmware has measured this
 * @vm: the VM
 * @ld: the digest
 */
void kt_expect_ld(struct kt_vm *vm, const u8 ld[KT_LD_SIZE])
{
	struct kt_guest_info *info;

	info = kunit_kzalloc(vm->test, sizeof(*info), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(vm->test, info);
	kt_guest_info(vm, info);
	KUNIT_EXPECT_MEMEQ(vm->test, info->ld, ld, KT_LD_SIZE);
	kunit_kfree(vm->test, info);
}
