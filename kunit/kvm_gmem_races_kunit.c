// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that meet on the same private memory: launch, fault, hole, sharing,
 * teardown. What is expected is what holds for every interleaving; the oracles
 * watch the pages, lockdep the locks. Each test is bounded in time, and shows
 * that both sides got somewhere.
 *
 * This samples; exhausting schedules is the business of another kernel.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/psp-sev.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include "kvm_test_sim.h"

#define NPAGES		6

/* A race lasts so long, and until each side has got somewhere, but not for ever. */
#define RACE_MS		100
#define RACE_MAX_MS	20000
#define RACE_TURNS	4

#define T_NORMAL	KVM_SEV_SNP_PAGE_TYPE_NORMAL

struct actor;

/**
 * struct race - what the threads of a test share
 * @test: the test
 * @vm: the VM
 * @actors: the threads
 * @nr: how many
 * @ready: those that wait for the others
 * @from: when it began
 * @stop: it is over early
 */
struct race {
	struct kunit *test;
	struct kt_vm *vm;
	struct actor *actors;
	int nr;
	atomic_t ready;
	ktime_t from;
	bool stop;
};

/**
 * struct actor - one thread
 * @race: what it takes part in
 * @cpu: where it runs
 * @turn: does its thing once; returns 0, an errno, or 1 to end
 * @other: another VM, if it needs one
 * @rnd: its random numbers
 * @done: how often it succeeded
 * @ended: it does nothing more
 * @odd: an errno that nobody expected
 * @allowed: those that are expected, 0 at the end
 */
struct actor {
	struct race *race;
	int cpu;
	int (*turn)(struct actor *a);
	struct kt_vm *other;
	struct rnd_state rnd;
	unsigned int done;
	bool ended;
	int odd;
	int allowed[4];
};

static bool past(struct race *r, unsigned int ms)
{
	return ktime_after(ktime_get(), ktime_add_ms(r->from, ms));
}

/* Has everybody but @except got somewhere? */
static bool all_acted(struct race *r, const struct actor *except)
{
	int i;

	for (i = 0; i < r->nr; i++) {
		const struct actor *a = &r->actors[i];

		if (a != except && !READ_ONCE(a->ended) && READ_ONCE(a->done) < RACE_TURNS)
			return false;
	}

	return true;
}

static bool over(struct race *r)
{
	return READ_ONCE(r->stop) || past(r, RACE_MAX_MS) ||
	       (past(r, RACE_MS) && all_acted(r, NULL));
}

static bool allowed(const struct actor *a, int ret)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(a->allowed) && a->allowed[i]; i++)
		if (a->allowed[i] == ret)
			return true;

	return false;
}

static int act(void *data)
{
	struct actor *a = data;
	struct race *r = a->race;
	int ret;

	if (cpu_online(a->cpu))
		set_cpus_allowed_ptr(current, cpumask_of(a->cpu));

	/* Nobody begins before all are there. */
	atomic_inc(&r->ready);
	while (atomic_read(&r->ready) < r->nr)
		cond_resched();

	while (!over(r)) {
		ret = a->turn(a);
		if (ret >= 0) {
			WRITE_ONCE(a->done, a->done + 1);
			if (ret)
				break;
		} else if (!allowed(a, ret)) {
			a->odd = ret;
			WRITE_ONCE(r->stop, true);
		}
		cond_resched();
	}
	WRITE_ONCE(a->ended, true);

	return 0;
}

/* For an actor that acts but once: in the middle of what the others do */
static void wait_for_the_others(struct actor *a)
{
	struct race *r = a->race;

	while (!READ_ONCE(r->stop) && !past(r, RACE_MAX_MS) && !all_acted(r, a))
		usleep_range(500, 1000);
}

/* Let the actors loose, and expect that each got somewhere. */
static void race(struct kunit *test, struct kt_vm *vm, struct actor *a, int nr)
{
	struct kt_thread *t[KT_MAX_VCPUS];
	struct race *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, r);
	KUNIT_ASSERT_LE(test, nr, ARRAY_SIZE(t));
	r->test = test;
	r->vm = vm;
	r->actors = a;
	r->nr = nr;
	r->from = ktime_get();

	for (i = 0; i < nr; i++) {
		a[i].race = r;
		a[i].cpu = i % num_online_cpus();
		prandom_seed_state(&a[i].rnd, 0x6b74 + i);
	}
	for (i = 0; i < nr; i++)
		t[i] = kt_thread_start(test, "race", act, &a[i]);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t[i]));

	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ_MSG(test, 0, a[i].odd, "actor %d", i);
		KUNIT_EXPECT_GT_MSG(test, a[i].done, 0, "actor %d", i);
	}
}

static unsigned int pick(struct actor *a, unsigned int n)
{
	return prandom_u32_state(&a->rnd) % n;
}

/* Turns ---------------------------------------------------------------------- */

static int do_update(struct actor *a)
{
	struct kt_vm *vm = a->race->vm;
	unsigned int page = pick(a, NPAGES);
	int ret;

	ret = kt_snp_update_pages(vm, page, 1 + pick(a, NPAGES - page), T_NORMAL);

	/* Pages left are no reason to end. */
	return min(ret, 0);
}

static int do_punch(struct actor *a)
{
	unsigned int page = pick(a, NPAGES);

	return kt_gmem_punch(a->race->vm, page, 1 + pick(a, NPAGES - page));
}

static int do_allocate(struct actor *a)
{
	unsigned int page = pick(a, NPAGES);

	return kt_gmem_allocate(a->race->vm, page, 1 + pick(a, NPAGES - page));
}

static int do_flip(struct actor *a)
{
	u64 gpa = KT_GPA + pick(a, NPAGES) * PAGE_SIZE;

	return kt_vm_attr(a->race->vm, gpa, PAGE_SIZE,
			  pick(a, 2) ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0);
}

static int do_pre_fault(struct actor *a)
{
	u64 gpa = KT_GPA + pick(a, NPAGES) * PAGE_SIZE, size = PAGE_SIZE;

	return kt_vcpu_pre_fault(a->race->vm, 0, &gpa, &size);
}

static int do_slot(struct actor *a)
{
	struct kt_vm *vm = a->race->vm;
	u64 size = (u64)vm->npages << PAGE_SHIFT;
	int ret;

	ret = kt_vm_slot(vm, 0, 0, KT_GPA, 0, vm->hva, 0, 0);
	if (ret)
		return ret;

	ret = kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, size, vm->hva,
			 vm->gmem_fd, KT_GMEM_PGOFF << PAGE_SHIFT);
	/* Let the others see it. */
	usleep_range(500, 1000);

	return ret;
}

/* Tests ------------------------------------------------------------------------ */

/* Whatever happened, each page is either launched or the host's. */
static void expect_settled(struct kunit *test, struct kt_vm *vm)
{
	unsigned int i;

	for (i = 0; i < NPAGES; i++) {
		struct folio *folio = kt_gmem_folio(vm, i);
		enum kt_page_state state;

		if (!folio)
			continue;
		folio_put(folio);
		state = kt_page_state(vm, i);
		KUNIT_EXPECT_TRUE_MSG(test, state == kt_visible(KT_PAGE_HYPERVISOR) ||
				      state == kt_visible(KT_PAGE_GUEST_VALID) ||
				      state == kt_visible(KT_PAGE_GUEST_INVALID),
				      "page %u is %s", i, kt_page_state_name(state));
	}
}

static void launch_against_holes(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_update, .allowed = { -EIO } },
		{ .turn = do_punch },
	};

	race(test, vm, a, ARRAY_SIZE(a));
	expect_settled(test, vm);
}

static void launch_against_launch(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_update, .allowed = { -EIO } },
		{ .turn = do_update, .allowed = { -EIO } },
		{ .turn = do_punch },
	};

	race(test, vm, a, ARRAY_SIZE(a));
	expect_settled(test, vm);
}

static void launch_against_allocation(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_update, .allowed = { -EIO } },
		{ .turn = do_allocate },
		{ .turn = do_punch },
	};

	race(test, vm, a, ARRAY_SIZE(a));
	expect_settled(test, vm);
}

/* Notes a page that firmware gets although KVM calls it shared. */
struct guard {
	struct kt_vm *vm;
	int rmpupdate;
	atomic_t shared;
};

static void guard_look(void *ctx, const struct kt_op *e, bool done)
{
	struct guard *g = ctx;

	if (!done && e->op == g->rmpupdate && (e->arg & KT_ARG_IMMUTABLE) &&
	    e->asid == g->vm->asid && e->gpa != KT_VMSA_GPA &&
	    !kvm_mem_is_private(g->vm->kvm, gpa_to_gfn(e->gpa)))
		atomic_inc(&g->shared);
}

static void launch_against_sharing(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct guard *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);
	struct actor a[] = {
		{ .turn = do_update, .allowed = { -EIO } },
		{ .turn = do_flip },
		{ .turn = do_punch },
	};

	KUNIT_ASSERT_NOT_NULL(test, g);
	g->vm = vm;
	g->rmpupdate = kt_op_number("RMPUPDATE");
	if (kt_checks(test, KT_GATE))
		kt_observe(guard_look, g);
	race(test, vm, a, ARRAY_SIZE(a));
	if (kt_has(KT_GATE))
		kt_observe_end();
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&g->shared));
	expect_settled(test, vm);
}

static void launch_against_slot_changes(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_update, .allowed = { -EIO, -EINVAL } },
		{ .turn = do_slot },
		{ .turn = do_punch },
	};

	race(test, vm, a, ARRAY_SIZE(a));
	expect_settled(test, vm);
}

static int do_close_file(struct actor *a)
{
	struct kt_vm *vm = a->race->vm;

	wait_for_the_others(a);
	kt_close(a->race->test, vm->gmem_fd);

	return 1;
}

static void launch_against_close(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_update, .allowed = { -EIO } },
		{ .turn = do_close_file },
		{ .turn = do_punch, .allowed = { -EBADF } },
	};

	race(test, vm, a, ARRAY_SIZE(a));
}

static void fault_against_holes(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_pre_fault },
		{ .turn = do_punch },
	};

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, NPAGES, T_NORMAL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	race(test, vm, a, ARRAY_SIZE(a));
	expect_settled(test, vm);
}

/* -EFAULT: what the page is changed between two looks of one fault at it. */
static void fault_against_sharing(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_pre_fault, .allowed = { -EFAULT } },
		{ .turn = do_flip },
		{ .turn = do_punch },
	};

	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	race(test, vm, a, ARRAY_SIZE(a));
	expect_settled(test, vm);
}

/* A fault on a slot that is being deleted must not wait for it. */
static void fault_against_slot_changes(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_pre_fault, .allowed = { -ENOENT, -EAGAIN, -EFAULT } },
		{ .turn = do_slot },
	};

	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	race(test, vm, a, ARRAY_SIZE(a));
	expect_settled(test, vm);
}

static void fault_against_close(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_pre_fault, .allowed = { -EFAULT } },
		{ .turn = do_close_file },
	};

	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	race(test, vm, a, ARRAY_SIZE(a));
}

/* Either the page is measured, or it is the host's: never in between. */
static int do_finish(struct actor *a)
{
	wait_for_the_others(a);

	return kt_snp_finish(a->race->vm, NULL, NULL) ?: 1;
}

static void launch_against_finish(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_update, .allowed = { -EIO } },
		{ .turn = do_finish },
		{ .turn = do_punch },
	};

	race(test, vm, a, ARRAY_SIZE(a));
	expect_settled(test, vm);
	kt_expect_guest_state(vm, KT_GUEST_RUNNING);
}

/* The VMSA is taken from a vCPU that is not allowed to change meanwhile. */
static int do_regs(struct actor *a)
{
	struct kt_vm *vm = a->race->vm;
	struct kvm_regs regs = { .rip = pick(a, 1 << 20), .rflags = 2 };

	return kt_ioctl_buf(a->race->test, vm->vcpu_fd[0], KVM_SET_REGS, &regs,
			    sizeof(regs));
}

static void finish_against_vcpu_ioctls(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_regs, .allowed = { -EINVAL } },
		{ .turn = do_finish },
	};

	race(test, vm, a, ARRAY_SIZE(a));
	/* Now the registers are the guest's. */
	KUNIT_EXPECT_EQ(test, -EINVAL, do_regs(&a[0]));
}

static int do_close_vm(struct actor *a)
{
	struct kunit *test = a->race->test;
	struct kt_vm *vm = a->other;

	wait_for_the_others(a);
	kt_close(test, vm->fd);
	kt_close(test, vm->gmem_fd);
	kt_close(test, vm->vcpu_fd[0]);

	return 1;
}

/* One VM goes away while the other one is launched. */
static void launch_against_teardown_of_another(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kt_vm *other = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_update, .allowed = { -EIO } },
		{ .turn = do_punch },
		{ .turn = do_close_vm, .other = other },
	};
	u64 mark = kt_mark();

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(other, 0, NPAGES, T_NORMAL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(other, NULL, NULL));
	race(test, vm, a, ARRAY_SIZE(a));
	KT_EXPECT_CALLS(test, mark, "SNP_DECOMMISSION", 1);
	expect_settled(test, vm);
}

/*
 * Run it once. What the guest accesses is made what it takes it for, as a VMM
 * does. When the script is at its end the guest halts for ever.
 */
static int do_run(struct actor *a)
{
	struct kt_vm *vm = a->race->vm;
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[0]);
	int ret;

	ret = kt_vcpu_run(vm, 0, NULL);
	if (ret == -EFAULT && vcpu->run->exit_reason == KVM_EXIT_MEMORY_FAULT)
		return kt_vm_attr(vm, vcpu->run->memory_fault.gpa,
				  vcpu->run->memory_fault.size,
				  KVM_MEMORY_ATTRIBUTE_PRIVATE);

	return ret;
}

static void guest_against_holes(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_run },
		{ .turn = do_punch },
	};
	void *s;

	kt_needs(test, KT_GUESTS);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, NPAGES, T_NORMAL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	s = kt_busy_guest(vm, NPAGES);
	race(test, vm, a, ARRAY_SIZE(a));
	kt_expect_ended(test, s);
	expect_settled(test, vm);
}

static void guest_against_sharing(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_run },
		{ .turn = do_flip },
		{ .turn = do_punch },
	};
	void *s;

	kt_needs(test, KT_GUESTS);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	s = kt_busy_guest(vm, NPAGES);
	race(test, vm, a, ARRAY_SIZE(a));
	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, NPAGES * PAGE_SIZE,
					    KVM_MEMORY_ATTRIBUTE_PRIVATE));
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_run(vm, 0, NULL));
	kt_expect_ended(test, s);
	expect_settled(test, vm);
}

static void guest_against_teardown_of_another(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kt_vm *other = kt_snp_launching(test, NPAGES);
	struct actor a[] = {
		{ .turn = do_run },
		{ .turn = do_punch },
		{ .turn = do_close_vm, .other = other },
	};

	kt_needs(test, KT_GUESTS);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(other, 0, NPAGES, T_NORMAL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(other, NULL, NULL));
	kt_busy_guest(vm, NPAGES);
	race(test, vm, a, ARRAY_SIZE(a));
	expect_settled(test, vm);
}
static struct kunit_case kvm_gmem_races_cases[] = {
	KUNIT_CASE(launch_against_holes),
	KUNIT_CASE(launch_against_launch),
	KUNIT_CASE(launch_against_allocation),
	KUNIT_CASE(launch_against_sharing),
	KUNIT_CASE(launch_against_slot_changes),
	KUNIT_CASE(launch_against_close),
	KUNIT_CASE(launch_against_finish),
	KUNIT_CASE(fault_against_holes),
	KUNIT_CASE(fault_against_sharing),
	KUNIT_CASE(fault_against_slot_changes),
	KUNIT_CASE(fault_against_close),
	KUNIT_CASE(finish_against_vcpu_ioctls),
	KUNIT_CASE(launch_against_teardown_of_another),
	KUNIT_CASE(guest_against_holes),
	KUNIT_CASE(guest_against_sharing),
	KUNIT_CASE(guest_against_teardown_of_another),
	{}
};

static struct kunit_suite kvm_gmem_races_suite = {
	.name = "kvm_gmem_races",
	.init = kt_init_snp,
	.test_cases = kvm_gmem_races_cases,
};

kunit_test_suite(kvm_gmem_races_suite);
