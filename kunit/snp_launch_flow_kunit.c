// SPDX-License-Identifier: GPL-2.0
/*
 * The steps by which one page becomes part of an SNP guest's image, each seen
 * at the hardware's gate: copy the source while the page is the host's, make it
 * private and immutable, let firmware encrypt and measure it, and if that
 * fails, take the page back.
 *
 * Results alone would not show an order. The observer notes at every call what
 * the page is and what is in it.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/psp-sev.h>

#include "kvm_test_sim.h"

#include <trace/events/kvm.h>

#define NPAGES	4

#define T_NORMAL	KVM_SEV_SNP_PAGE_TYPE_NORMAL
#define T_CPUID		KVM_SEV_SNP_PAGE_TYPE_CPUID

#define MAX_NOTES	64

/**
 * struct note - one look at a page, before or after a call
 * @op: the operation
 * @done: after it
 * @spa: the page
 * @arg: as in the ledger
 * @status: what the call returned, if @done
 * @state: of the page
 * @contents: first and last word of the page as the host reads it
 */
struct note {
	u16 op;
	bool done;
	u64 spa;
	u32 arg;
	s32 status;
	enum kt_page_state state;
	u32 contents[2];
};

/**
 * struct watch - the observer of a test
 * @pid: whose calls
 * @nr: of @note
 * @note: what was seen
 * @op: RMPUPDATE, LAUNCH_UPDATE and RECLAIM by number
 * @errnos: results of the populate step, as traced
 * @nr_errnos: of @errnos
 */
struct watch {
	pid_t pid;
	unsigned int nr;
	struct note note[MAX_NOTES];
	struct {
		int rmpupdate, update, reclaim;
	} op;
	int errnos[NPAGES];
	unsigned int nr_errnos;
};

static void look(void *ctx, const struct kt_op *e, bool done)
{
	struct watch *w = ctx;
	struct note *n;
	u32 *p;

	if (e->pid != w->pid ||
	    (e->op != w->op.rmpupdate && e->op != w->op.update &&
	     e->op != w->op.reclaim))
		return;
	if (w->nr == MAX_NOTES)
		return;

	n = &w->note[w->nr++];
	n->op = e->op;
	n->done = done;
	n->spa = e->spa;
	n->arg = e->arg;
	n->status = done ? e->status : 0;
	n->state = kt_spa_state(e->spa);

	/* The host may always read; what it reads is another matter. */
	p = kmap_local_page(pfn_to_page(PHYS_PFN(e->spa)));
	n->contents[0] = p[0];
	n->contents[1] = p[PAGE_SIZE / sizeof(*p) - 1];
	kunmap_local(p);
}

static void probe_populate(void *ctx, gfn_t gfn, kvm_pfn_t pfn, bool has_src,
			   int ret)
{
	struct watch *w = ctx;

	if (task_pid_nr(current) == w->pid && w->nr_errnos < NPAGES)
		w->errnos[w->nr_errnos++] = ret;
}

static void watch_end(void *data)
{
	if (kt_has(KT_GATE))
		kt_observe_end();
	unregister_trace_kvm_gmem_populate_page(probe_populate, data);
	tracepoint_synchronize_unregister();
}

/* From now on, calls of this thread are noted. */
static struct watch *watch_begin(struct kunit *test)
{
	struct watch *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->pid = task_pid_nr(current);
	w->op.rmpupdate = kt_op_number("RMPUPDATE");
	w->op.update = kt_op_number("SNP_LAUNCH_UPDATE");
	w->op.reclaim = kt_op_number("SNP_PAGE_RECLAIM");
	KUNIT_ASSERT_EQ(test, 0, register_trace_kvm_gmem_populate_page(probe_populate, w));
	if (kt_has(KT_GATE))
		kt_observe(look, w);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, watch_end, w));

	return w;
}

/* The one note of an operation, or that of its first call; the test is over if none. */
static struct note *noted(struct kunit *test, struct watch *w, int op, bool done)
{
	unsigned int i;

	for (i = 0; i < w->nr; i++)
		if (w->note[i].op == op && w->note[i].done == done)
			return &w->note[i];
	KUNIT_FAIL_AND_ABORT(test, "%s was not called", kt_op_name(op));
	return NULL;
}

static void expect_pattern(struct kunit *test, const struct note *n,
			   unsigned int page)
{
	u32 *p = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	kt_pattern(p, page);
	KUNIT_EXPECT_EQ(test, p[0], n->contents[0]);
	KUNIT_EXPECT_EQ(test, p[PAGE_SIZE / sizeof(*p) - 1], n->contents[1]);
	kunit_kfree(test, p);
}

/* Steps ------------------------------------------------------------------------ */

static void source_is_copied_while_the_page_is_shared(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct watch *w = watch_begin(test);
	struct note *n;

	kt_needs(test, KT_GATE);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 1, 1, T_NORMAL));

	n = noted(test, w, w->op.rmpupdate, false);
	KUNIT_EXPECT_EQ(test, KT_PAGE_HYPERVISOR, n->state);
	expect_pattern(test, n, 1);
}

static void page_is_made_private_and_immutable(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();
	struct kt_op *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	kt_needs(test, KT_LEDGER);
	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 1, 1, T_NORMAL));

	KUNIT_ASSERT_EQ(test, 1, kt_ops(test, mark, "RMPUPDATE", e, 1));
	KUNIT_EXPECT_EQ(test, KT_ARG_ASSIGNED | KT_ARG_IMMUTABLE, e->arg);
	KUNIT_EXPECT_EQ(test, vm->asid, e->asid);
	KUNIT_EXPECT_EQ(test, KT_GPA + PAGE_SIZE, e->gpa);
	KUNIT_EXPECT_EQ(test, kt_page_spa(vm, 1), e->spa);
}

static void firmware_gets_a_private_page_in_plain_text(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct watch *w = watch_begin(test);
	struct note *n;

	kt_needs(test, KT_GATE);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 2, 1, T_NORMAL));

	n = noted(test, w, w->op.update, false);
	KUNIT_EXPECT_EQ(test, KT_PAGE_PRE_GUEST, n->state);
	expect_pattern(test, n, 2);
}

static void firmware_encrypts_and_measures_the_page(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	void *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	void *got = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct watch *w = watch_begin(test);
	u8 ld[KT_LD_SIZE] = {};
	struct note *n;

	kt_needs(test, KT_GATE);
	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_NOT_NULL(test, got);
	kt_pattern(want, 0);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));

	n = noted(test, w, w->op.update, true);
	KUNIT_EXPECT_EQ(test, 0, n->status);
	KUNIT_EXPECT_EQ(test, KT_PAGE_GUEST_VALID, n->state);
	/* Cipher text for the host, plain text for the guest */
	KUNIT_EXPECT_NE(test, *(u32 *)want, n->contents[0]);
	kt_guest_read(vm, 0, got);
	KUNIT_EXPECT_MEMEQ(test, want, got, PAGE_SIZE);

	kt_ld_extend(ld, T_NORMAL, KT_GPA, want);
	kt_expect_ld(vm, ld);
}

static void nothing_else_is_done_to_the_page(struct kunit *test)
{
	static const char * const names[] = {
		"RMPUPDATE", "SNP_LAUNCH_UPDATE",
		"RMPUPDATE", "SNP_LAUNCH_UPDATE", NULL
	};
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();

	kt_needs(test, KT_LEDGER);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 0, 2, T_NORMAL));
	kt_expect_ops(test, mark, names);
}

static void success_means_that_firmware_ran(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, NPAGES, T_NORMAL));
	KT_EXPECT_CALLS(test, mark, "SNP_LAUNCH_UPDATE", NPAGES);
	for (i = 0; i < NPAGES; i++)
		KT_EXPECT_STATE(vm, i, KT_PAGE_GUEST_VALID);

	kt_expect_guest_state(vm, KT_GUEST_LAUNCH);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	KT_EXPECT_CALLS(test, mark, "SNP_LAUNCH_FINISH", 1);
	kt_expect_guest_state(vm, KT_GUEST_RUNNING);
}

/* Failure ------------------------------------------------------------------------ */

static void failed_page_is_reclaimed_and_made_shared(struct kunit *test)
{
	static const char * const names[] = {
		"RMPUPDATE", "SNP_LAUNCH_UPDATE", "SNP_PAGE_RECLAIM", "RMPUPDATE", NULL
	};
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct watch *w = watch_begin(test);
	struct kt_op *e;
	u64 mark = kt_mark();
	struct note *n;
	int fault;

	e = kunit_kcalloc(test, 2, sizeof(*e), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e);
	fault = kt_fault(test, "SNP_LAUNCH_UPDATE", 1, SEV_RET_INVALID_PAGE_STATE);
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	kt_expect_delivered(test, fault, 1);
	kt_expect_ops(test, mark, names);

	/* From a page of firmware to one of the guest to one of the host */
	n = noted(test, w, w->op.reclaim, false);
	KUNIT_EXPECT_EQ(test, KT_PAGE_PRE_GUEST, n->state);
	n = noted(test, w, w->op.reclaim, true);
	KUNIT_EXPECT_EQ(test, 0, n->status);
	KUNIT_EXPECT_EQ(test, KT_PAGE_GUEST_INVALID, n->state);
	KUNIT_ASSERT_EQ(test, 2, kt_ops(test, mark, "RMPUPDATE", e, 2));
	KUNIT_EXPECT_EQ(test, 0, e[1].arg);
	KUNIT_EXPECT_EQ(test, e[0].spa, e[1].spa);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_HYPERVISOR);
}

static void failed_page_can_be_launched_again(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	void *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u8 ld[KT_LD_SIZE] = {};

	KUNIT_ASSERT_NOT_NULL(test, page);
	kt_fault(test, "SNP_LAUNCH_UPDATE", 1, SEV_RET_INVALID_PAGE_STATE);
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	kt_expect_ld(vm, ld);

	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	kt_pattern(page, 0);
	kt_ld_extend(ld, T_NORMAL, KT_GPA, page);
	kt_expect_ld(vm, ld);
}

static void page_that_stays_shared_is_not_given_to_firmware(struct kunit *test)
{
	static const char * const names[] = { "RMPUPDATE", NULL };
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();
	int fault;

	fault = kt_fault(test, "RMPUPDATE", 1, KT_RMP_FAIL_INUSE);
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	kt_expect_delivered(test, fault, 1);
	kt_expect_ops(test, mark, names);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_HYPERVISOR);
}

static void failure_stops_the_range(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u64 mark = kt_mark();

	kt_fault(test, "SNP_LAUNCH_UPDATE", 2, SEV_RET_INVALID_PAGE_STATE);
	KUNIT_EXPECT_EQ(test, NPAGES - 1, kt_snp_update_pages(vm, 0, NPAGES, T_NORMAL));
	KT_EXPECT_CALLS(test, mark, "SNP_LAUNCH_UPDATE", 2);
}

/* CPUID ---------------------------------------------------------------------------- */

/* One entry of a leaf that does not exist, and that is not zero */
static const u32 bad_cpuid[] = { 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0x1234 };

static void rejected_cpuid_table_is_written_back(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	u32 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct kvm_sev_snp_launch_update p = {
		.gfn_start = KT_GFN,
		.uaddr = vm->src,
		.len = PAGE_SIZE,
		.type = T_CPUID,
	};
	u32 error = 0;

	KUNIT_ASSERT_NOT_NULL(test, page);
	memcpy(page, bad_cpuid, sizeof(bad_cpuid));
	kt_write(test, vm->src, page, PAGE_SIZE);

	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update(vm, &p, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM, error);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_HYPERVISOR);

	kt_read(test, vm->src, page, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, page[0]);
	KUNIT_EXPECT_EQ(test, 3, page[4]);
	KUNIT_EXPECT_EQ(test, 0, page[10]);

	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_CPUID));
}

/*
 * The source of a page that failed otherwise is left alone. To tell, the source
 * is changed by firmware's answer only if the page in guest_memfd differs from
 * it, which is seen to by writing to the source while firmware runs.
 */
struct scribbler {
	struct watch w;
	unsigned long uaddr;
	struct page *src;
};

static void scribble(void *ctx, const struct kt_op *e, bool done)
{
	struct scribbler *s = ctx;
	u32 *p;

	if (e->pid != s->w.pid || e->op != s->w.op.update || !done)
		return;
	p = kmap_local_page(s->src);
	p[1] = 0x5eed;
	kunmap_local(p);
}

static void scribble_end(void *data)
{
	struct scribbler *s = data;

	kt_observe_end();
	put_page(s->src);
}

static void source_is_left_alone(struct kunit *test, u8 type, u32 status)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct scribbler *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	u32 word = 0;
	int fault;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(vm->src, 1, FOLL_WRITE, &s->src));
	s->w.pid = task_pid_nr(current);
	s->w.op.update = kt_op_number("SNP_LAUNCH_UPDATE");
	kt_observe(scribble, s);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, scribble_end, s));

	fault = kt_fault(test, "SNP_LAUNCH_UPDATE", 1, status);
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update_pages(vm, 0, 1, type));
	kt_expect_delivered(test, fault, 1);
	kt_read(test, vm->src + sizeof(word), &word, sizeof(word));
	KUNIT_EXPECT_EQ(test, 0x5eed, word);
}

static void other_types_are_not_written_back(struct kunit *test)
{
	source_is_left_alone(test, T_NORMAL, SEV_RET_INVALID_PARAM);
}

static void other_failures_are_not_written_back(struct kunit *test)
{
	source_is_left_alone(test, T_CPUID, SEV_RET_INVALID_PAGE_STATE);
}

/* Existence ------------------------------------------------------------------------- */

static void private_page_is_eexist_inside_and_eio_outside(struct kunit *test)
{
	static const char * const none[] = { NULL };
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	void *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	void *got = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct kvm_sev_snp_launch_update p = {
		.gfn_start = KT_GFN,
		/* Other contents than the first time */
		.uaddr = vm->src + PAGE_SIZE,
		.len = PAGE_SIZE,
		.type = T_NORMAL,
	};
	u8 ld[KT_LD_SIZE] = {};
	u32 error = 0xabcd;
	struct watch *w;
	u64 mark;

	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_NOT_NULL(test, got);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	kt_pattern(want, 0);
	kt_ld_extend(ld, T_NORMAL, KT_GPA, want);

	w = watch_begin(test);
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update(vm, &p, &error));
	KUNIT_EXPECT_EQ(test, 0, error);
	KUNIT_ASSERT_EQ(test, 1, w->nr_errnos);
	KUNIT_EXPECT_EQ(test, -EEXIST, w->errnos[0]);

	/* Nothing happened: not to the machine, the image, the measurement. */
	kt_expect_ops(test, mark, none);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_GUEST_VALID);
	kt_expect_ld(vm, ld);
	if (!kt_checks(test, KT_INSIDE))
		return;
	kt_guest_read(vm, 0, got);
	KUNIT_EXPECT_MEMEQ(test, want, got, PAGE_SIZE);
}

static void existing_folio_is_never_eexist(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct watch *w;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	w = watch_begin(test);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 0, NPAGES, T_NORMAL));
	KUNIT_ASSERT_EQ(test, NPAGES, w->nr_errnos);
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_EQ(test, 0, w->errnos[i]);
}

static void punched_page_can_be_launched_again(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	KT_EXPECT_STATE(vm, 0, KT_PAGE_GUEST_VALID);
}

static struct kunit_case snp_launch_flow_cases[] = {
	KUNIT_CASE(source_is_copied_while_the_page_is_shared),
	KUNIT_CASE(page_is_made_private_and_immutable),
	KUNIT_CASE(firmware_gets_a_private_page_in_plain_text),
	KUNIT_CASE(firmware_encrypts_and_measures_the_page),
	KUNIT_CASE(nothing_else_is_done_to_the_page),
	KUNIT_CASE(success_means_that_firmware_ran),
	KUNIT_CASE(failed_page_is_reclaimed_and_made_shared),
	KUNIT_CASE(failed_page_can_be_launched_again),
	KUNIT_CASE(page_that_stays_shared_is_not_given_to_firmware),
	KUNIT_CASE(failure_stops_the_range),
	KUNIT_CASE(rejected_cpuid_table_is_written_back),
	KUNIT_CASE(other_types_are_not_written_back),
	KUNIT_CASE(other_failures_are_not_written_back),
	KUNIT_CASE(private_page_is_eexist_inside_and_eio_outside),
	KUNIT_CASE(existing_folio_is_never_eexist),
	KUNIT_CASE(punched_page_can_be_launched_again),
	{}
};

static struct kunit_suite snp_launch_flow_suite = {
	.name = "snp_launch_flow",
	.init = kt_init_snp,
	.test_cases = snp_launch_flow_cases,
};

kunit_test_suite(snp_launch_flow_suite);
