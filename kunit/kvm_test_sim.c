// SPDX-License-Identifier: GPL-2.0
/* What a test can ask the simulated machine, and the checks of every test. */
#include <crypto/sha2.h>
#include <linux/highmem.h>
#include <linux/printk.h>
#include <linux/psp-sev.h>
#include <linux/slab.h>

#include "kvm_test_sim.h"
#include "kvm_test_priv.h"

#include "../../../arch/x86/virt/sim/tdx_host_priv.h"

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
void kt_expect_violation(struct kunit *test, enum sim_oracle oracle,
			 const char *text)
{
	struct sim_violation v;

	if (!sim_oracle_read(&kt_sim_state(test)->violations, &v)) {
		KUNIT_FAIL(test, "oracle %s did not see: %s",
			   sim_oracle_name(oracle), text);
		return;
	}
	KUNIT_EXPECT_STREQ(test, sim_oracle_name(oracle), sim_oracle_name(v.oracle));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(v.text, text),
				  "\"%s\" is not in \"%s\"", text, v.text);
}

u64 kt_sim_mark(void)
{
	return sim_ledger_mark();
}

/* Firmware knows a guest by its context page, which KVM keeps to itself. */
void kt_sim_note_guest(struct kt_vm *vm, u64 mark)
{
	struct sim_ledger_entry *e;
	int n;

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

/* O4 for LAUNCH_UPDATE.  A VM that KVM has given up owes no account. */
void kt_sim_launched(struct kt_vm *vm, u64 mark, u64 gpa, u32 npages)
{
	if (vm->gctx && !vm->kvm->vm_bugged)
		kt_check_launched(mark, SIM_CMD_SNP_LAUNCH_UPDATE, vm->gctx, gpa, npages);
}

/* Operations ---------------------------------------------------------------- */

static int select_ops(struct kunit *test, u64 mark,
		      bool (*want)(const struct sim_ledger_entry *e, int op),
		      int op, struct sim_ledger_entry *buf, int max)
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
				buf[n] = all[i];
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
 * @mark: of sim_ledger_mark()
 * @name: name of the operation
 * @buf: gets the first @max of them, oldest first; may be NULL if @max is 0
 * @max: room in @buf
 *
 * Return: how many calls there were, or a negative number if the ledger has
 * lost some of them or there is no such operation.
 */
int kt_ops(struct kunit *test, u64 mark, const char *name,
	   struct sim_ledger_entry *buf, int max)
{
	int op = sim_op_by_name(name);

	return op < 0 ? op : select_ops(test, mark, is_op, op, buf, max);
}

/**
 * kt_ops_changing() - calls since a mark that may have changed something
 * @test: the test
 * @mark: of sim_ledger_mark()
 * @buf: gets the first @max of them, oldest first
 * @max: room in @buf
 *
 * Everything but RMPREAD, which KVM executes for many reasons.
 *
 * Return: how many calls there were, or a negative number if the ledger has
 * lost some of them.
 */
int kt_ops_changing(struct kunit *test, u64 mark, struct sim_ledger_entry *buf,
		    int max)
{
	return select_ops(test, mark, is_change, 0, buf, max);
}

/**
 * kt_expect_ops() - expect exactly these operations since a mark
 * @test: the test
 * @mark: of sim_ledger_mark()
 * @names: names of operations in order, NULL at the end; RMPREAD is not looked
 *	at
 */
void kt_expect_ops(struct kunit *test, u64 mark, const char * const *names)
{
	struct sim_ledger_entry *e;
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
		  enum sim_fault_when when, s32 status)
{
	struct sim_fault f = {
		.nth = nth,
		.times = times,
		.when = when,
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
int kt_fault_timeout(struct kunit *test, const char *name, enum sim_fault_when when)
{
	struct sim_fault f = {
		.nth = 1,
		.times = 1,
		.when = when,
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
	return kt_fault_full(test, name, nth, 1, SIM_FAULT_BEFORE, status);
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

static void copy_vmsa(void *ctx, const struct sim_ledger_entry *e, bool done)
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
	sim_gate_observe(NULL, NULL);
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
	sim_gate_observe(copy_vmsa, v);
	/* The VM is torn down when @v is gone already. */
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, stop_watching, NULL));

	return v;
}

/* The state of things -------------------------------------------------------- */

/**
 * kt_page_spa() - system physical address of a page of slot 0
 * @vm: the VM
 * @page: the page, counted in the slot
 *
 * The test is over if guest_memfd has no page there.
 *
 * Return: the address.
 */
u64 kt_page_spa(struct kt_vm *vm, unsigned int page)
{
	struct folio *folio = kt_gmem_folio(vm, page);
	u64 spa;

	KUNIT_ASSERT_NOT_NULL(vm->test, folio);
	spa = PFN_PHYS(folio_pfn(folio));
	folio_put(folio);

	return spa;
}

/**
 * kt_spa_state() - state of a page in the RMP
 * @spa: its system physical address
 */
enum sim_page_state kt_spa_state(u64 spa)
{
	enum sim_page_state state;
	struct sim_machine *m;
	unsigned long flags;

	m = sim_gate_lock(&flags);
	state = sim_rmp_page_state(m, spa);
	sim_gate_unlock(flags);

	return state;
}

/**
 * kt_page_state() - state of a page of slot 0 in the RMP
 * @vm: the VM
 * @page: the page, counted in the slot
 */
enum sim_page_state kt_page_state(struct kt_vm *vm, unsigned int page)
{
	return kt_spa_state(kt_page_spa(vm, page));
}

/**
 * kt_guest_info() - what firmware knows of a guest
 * @vm: the VM, after LAUNCH_START
 * @info: the answer; the test is over if there is no such guest
 */
void kt_guest_info(struct kt_vm *vm, struct sim_guest_info *info)
{
	struct sim_machine *m;
	unsigned long flags;
	bool ok;

	m = sim_gate_lock(&flags);
	ok = sim_guest_info(m, vm->gctx, info);
	sim_gate_unlock(flags);
	KUNIT_ASSERT_TRUE_MSG(vm->test, ok, "firmware has no context at %#llx", vm->gctx);
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
 * kt_take_back() - return a page that KVM has given up to the host
 * @test: the test
 * @spa: system physical address of the page
 *
 * For tests that make KVM leak a page: the page stays leaked, the machine is
 * clean again.
 */
void kt_take_back(struct kunit *test, u64 spa)
{
	struct sev_data_snp_page_reclaim data = { .paddr = __sme_set(spa) };
	int error = 0;

	KUNIT_EXPECT_EQ(test, 0, sev_do_cmd(SEV_CMD_SNP_PAGE_RECLAIM, &data, &error));
	KUNIT_EXPECT_EQ(test, 0, rmp_make_shared(PHYS_PFN(spa), PG_LEVEL_4K));
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

/**
 * kt_use_up_asids() - use ASIDs up until there has been a flush
 * @vm: an SNP VM without an ASID, which stays without
 *
 * INIT2 takes an ASID before it asks for a page of firmware, and gives it back if it
 * does not get one: that is a lot quicker than VMs that come and go.
 *
 * Return: how many it took; right after a flush, as many as there are.
 */
unsigned int kt_use_up_asids(struct kt_vm *vm)
{
	int flush = sim_op_by_name("SNP_DF_FLUSH"), fault, loglevel;
	u64 before = sim_ledger_count(flush);
	struct kunit *test = vm->test;
	unsigned int n, odd = 0;

	fault = kt_fault_full(test, "RMPUPDATE", 1, KT_MAX_ASIDS, SIM_FAULT_BEFORE,
			      SIM_RMP_FAIL_INUSE);
	/* Each failure is worth a page of text to KVM. */
	loglevel = kt_console_loglevel(test, CONSOLE_LOGLEVEL_SILENT);
	for (n = 0; n < KT_MAX_ASIDS && sim_ledger_count(flush) == before; n++)
		if (kt_snp_init2(vm) != -EIO)
			odd++;
	kt_console_loglevel(test, loglevel);
	kt_expect_delivered(test, fault, n);
	sim_fault_clear();

	KUNIT_EXPECT_EQ(test, 0, odd);
	KUNIT_ASSERT_EQ(test, before + 1, sim_ledger_count(flush));
	return n;
}

/* Measurement ----------------------------------------------------------------- */

/* The record that firmware hashes for each page */
struct page_info {
	u8 ld[KT_LD_SIZE];
	u8 contents[KT_LD_SIZE];
	__le16 length;
	u8 page_type;
	u8 imi;
	u8 reserved;
	u8 vmpl1_perms;
	u8 vmpl2_perms;
	u8 vmpl3_perms;
	__le64 gpa;
} __packed;

/**
 * kt_ld_extend() - extend a launch digest by one page
 * @ld: the digest
 * @type: KVM_SEV_SNP_PAGE_TYPE_*, or 2 for a VMSA
 * @gpa: guest-physical address of the page
 * @contents: what was launched; not used for types whose contents are not
 *	measured
 */
void kt_ld_extend(u8 ld[KT_LD_SIZE], u8 type, u64 gpa, const void *contents)
{
	struct page_info pi = {
		.length = cpu_to_le16(sizeof(pi)),
		.page_type = type,
		.gpa = cpu_to_le64(gpa),
	};

	BUILD_BUG_ON(sizeof(pi) != 0x70);

	memcpy(pi.ld, ld, KT_LD_SIZE);
	if (type == KVM_SEV_SNP_PAGE_TYPE_NORMAL || type == SNP_PAGE_TYPE_VMSA)
		sha384(contents, PAGE_SIZE, pi.contents);
	sha384((const u8 *)&pi, sizeof(pi), ld);
}

/**
 * kt_ld_vmsa() - extend a launch digest by one vCPU
 * @ld: the digest
 * @vmsa: the page as it was passed to firmware; changed here
 */
void kt_ld_vmsa(u8 ld[KT_LD_SIZE], void *vmsa)
{
	/* TSC scale and offset are set by firmware and not measured. */
	memset(vmsa + 0x2f0, 0, 16);
	kt_ld_extend(ld, SNP_PAGE_TYPE_VMSA, KT_VMSA_GPA, vmsa);
}

/**
 * kt_expect_ld() - expect that firmware has measured this
 * @vm: the VM
 * @ld: the digest
 */
void kt_expect_ld(struct kt_vm *vm, const u8 ld[KT_LD_SIZE])
{
	struct sim_guest_info *info;

	info = kunit_kzalloc(vm->test, sizeof(*info), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(vm->test, info);
	kt_guest_info(vm, info);
	KUNIT_EXPECT_MEMEQ(vm->test, info->ld, ld, KT_LD_SIZE);
	kunit_kfree(vm->test, info);
}
