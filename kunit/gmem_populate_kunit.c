// SPDX-License-Identifier: GPL-2.0
/*
 * The contract of kvm_gmem_populate(), seen by an implementation that only
 * observes: which locks and references it runs with, what is reported back for
 * every way a range can end early, and what a page looks like afterwards.
 *
 * The VM, its guest_memfd and its slots are real, no confidential computing
 * hardware is involved.
 */
#include <linux/highmem.h>
#include <linux/kvm_host.h>
#include <linux/lockdep.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "kvm_test.h"

#define NPAGES	4

/* What the step saw when it was called for a page */
struct seen {
	gfn_t gfn;
	kvm_pfn_t pfn;
	bool has_src;
	u32 word;
	bool folio_locked;
	bool uptodate;
	int folio_refs;
	int src_refs;
	bool slots_lock;
	bool invalidate_excl;
	bool mmap_lock;
};

/**
 * struct observer - an implementation of the populate step, and its notes
 * @vm: the VM, for its locks
 * @nr: how often it was called
 * @seen: what it saw
 * @ret_at: the call (from 0) that returns @ret; the others return 0
 * @ret: what that call returns
 * @signal_at: the call during which a signal arrives, or -1
 * @scribble: overwrite the source page
 * @began: completed by each call; NULL: nobody waits for that
 * @meanwhile: what a call that completed @began gives somebody time for
 * @happened: @meanwhile was completed while the call waited
 */
struct observer {
	struct kt_vm *vm;
	unsigned int nr;
	struct seen seen[2 * NPAGES];
	int ret_at;
	int ret;
	int signal_at;
	bool scribble;
	struct completion *began;
	struct completion *meanwhile;
	bool happened;
};

/* Called with locks held: notes, no assertions. */
static int observe(struct kvm *kvm, gfn_t gfn, kvm_pfn_t pfn,
		   struct page *src_page, void *opaque)
{
	struct observer *o = opaque;
	struct folio *folio = pfn_folio(pfn);
	unsigned int n = o->nr++;
	struct seen *s;

	if (n >= ARRAY_SIZE(o->seen))
		return -E2BIG;

	s = &o->seen[n];
	s->gfn = gfn;
	s->pfn = pfn;
	s->has_src = src_page;
	s->folio_locked = folio_test_locked(folio);
	s->uptodate = folio_test_uptodate(folio);
	s->folio_refs = folio_ref_count(folio);
	s->slots_lock = lockdep_is_held(&kvm->slots_lock);
	s->invalidate_excl =
		lockdep_is_held_type(&folio->mapping->invalidate_lock, 0);
	s->mmap_lock = lockdep_is_held(&current->mm->mmap_lock);

	if (src_page) {
		u32 *p = kmap_local_page(src_page);

		s->src_refs = page_ref_count(src_page);
		s->word = p[0];
		if (o->scribble)
			memset(p, 0xa5, PAGE_SIZE);
		kunmap_local(p);
	}

	if ((int)n == o->signal_at)
		kt_signal_self();

	if (o->began) {
		complete(o->began);
		o->happened |= wait_for_completion_timeout(o->meanwhile, HZ / 10);
	}

	return (int)n == o->ret_at ? o->ret : 0;
}

static const struct kvm_gmem_populate_ops read_ops = {
	.populate_page = observe,
};

static const struct kvm_gmem_populate_ops writeback_ops = {
	.may_writeback_src = true,
	.populate_page = observe,
};

static void observer_init(struct observer *o, struct kt_vm *vm)
{
	memset(o, 0, sizeof(*o));
	o->vm = vm;
	o->ret_at = -1;
	o->signal_at = -1;
}

static struct kt_vm *new_vm(struct kunit *test)
{
	return kt_vm_new(test, KVM_X86_SW_PROTECTED_VM, NPAGES);
}

static long populate_ops(struct observer *o, gfn_t gfn, unsigned long src,
			 long npages, const struct kvm_gmem_populate_ops *ops)
{
	struct kvm *kvm = o->vm->kvm;
	long ret;

	mutex_lock(&kvm->slots_lock);
	ret = kvm_gmem_populate(kvm, gfn, (void __user *)src, npages, ops, o);
	mutex_unlock(&kvm->slots_lock);

	return ret;
}

static long populate(struct observer *o, unsigned int page, long npages)
{
	return populate_ops(o, KT_GFN + page,
			    o->vm->src + page * PAGE_SIZE, npages, &read_ops);
}

static u32 pattern_word(unsigned int page)
{
	static u32 buf[PAGE_SIZE / sizeof(u32)];

	kt_pattern(buf, page);

	return buf[0];
}

/* -1: no folio, 0: one that is not up to date, 1: one that is */
static int page_state(struct kt_vm *vm, unsigned int page)
{
	struct folio *folio = kt_gmem_folio(vm, page);
	int state = -1;

	if (folio) {
		state = folio_test_uptodate(folio);
		folio_put(folio);
	}

	return state;
}

/* References the page cache has, apart from those parked in LRU batches */
static int page_refs(struct kt_vm *vm, unsigned int page)
{
	struct folio *folio;
	int refs = 0;

	lru_add_drain_all();
	folio = kt_gmem_folio(vm, page);
	if (folio) {
		refs = folio_ref_count(folio) - 1;
		folio_put(folio);
	}

	return refs;
}

/* Range and order --------------------------------------------------------- */

static void whole_range_in_ascending_order(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	unsigned int i;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, NPAGES, populate(&o, 0, NPAGES));
	KUNIT_ASSERT_EQ(test, NPAGES, o.nr);

	for (i = 0; i < NPAGES; i++) {
		struct folio *folio = kt_gmem_folio(vm, i);

		KUNIT_ASSERT_NOT_NULL(test, folio);
		KUNIT_EXPECT_EQ(test, KT_GFN + i, o.seen[i].gfn);
		/* The page that the file holds, at the offset of the slot */
		KUNIT_EXPECT_EQ(test, folio_pfn(folio), o.seen[i].pfn);
		KUNIT_EXPECT_TRUE(test, o.seen[i].has_src);
		KUNIT_EXPECT_EQ(test, pattern_word(i), o.seen[i].word);
		folio_put(folio);
	}
}

static void starts_in_the_middle_of_a_slot(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, 2, populate(&o, 1, 2));
	KUNIT_ASSERT_EQ(test, 2, o.nr);
	KUNIT_EXPECT_EQ(test, KT_GFN + 1, o.seen[0].gfn);
	KUNIT_EXPECT_EQ(test, pattern_word(1), o.seen[0].word);
	KUNIT_EXPECT_EQ(test, -1, page_state(vm, 0));
	KUNIT_EXPECT_EQ(test, 1, page_state(vm, 1));
	KUNIT_EXPECT_EQ(test, 1, page_state(vm, 2));
	KUNIT_EXPECT_EQ(test, -1, page_state(vm, 3));
}

static void ends_at_the_end_of_the_slot(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, NPAGES - 1, populate(&o, 1, NPAGES + 7));
	KUNIT_EXPECT_EQ(test, NPAGES - 1, o.nr);
}

static void ends_where_the_next_slot_begins(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	u64 half = NPAGES / 2 * PAGE_SIZE, offset = KT_GMEM_PGOFF << PAGE_SHIFT;
	struct observer o;
	long ret = 0;

	/* Two slots, without a gap in GFNs or in the file */
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, 0, KT_GPA, 0, vm->hva, 0, 0));
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, half,
					    vm->hva, vm->gmem_fd, offset));
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 1, KVM_MEM_GUEST_MEMFD, KT_GPA + half,
					    half, vm->hva + half, vm->gmem_fd,
					    offset + half));

	observer_init(&o, vm);
	kunit_warning_suppress(test) {
		ret = populate(&o, 1, NPAGES - 1);
		/* To look behind the end of a slot is a bug that warns. */
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 0);
	}
	KUNIT_EXPECT_EQ(test, NPAGES / 2 - 1, ret);
	KUNIT_EXPECT_EQ(test, NPAGES / 2 - 1, o.nr);
}

static void gfn_without_slot_is_refused(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, -EINVAL, populate_ops(&o, KT_GFN - 1, vm->src, 1,
						    &read_ops));
	KUNIT_EXPECT_EQ(test, -EINVAL, populate_ops(&o, KT_GFN + NPAGES, vm->src,
						    1, &read_ops));
	KUNIT_EXPECT_EQ(test, 0, o.nr);
}

static void slot_without_gmem_is_refused(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	u64 gpa = KT_GPA + 0x100000;
	struct observer o;

	observer_init(&o, vm);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 1, 0, gpa, NPAGES * PAGE_SIZE,
					    vm->hva, 0, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, populate_ops(&o, gpa >> PAGE_SHIFT,
						    vm->src, 1, &read_ops));
	KUNIT_EXPECT_EQ(test, 0, o.nr);
}

struct bad_args {
	const char *desc;
	long npages;
	unsigned long src_offset;
};

static const struct bad_args bad_args[] = {
	{ "npages is 0", 0, 0 },
	{ "npages is negative", -1, 0 },
	{ "src is not page-aligned", 1, 8 },
};

KUNIT_ARRAY_PARAM_DESC(bad_args, bad_args, desc);

/* Only a bug of a caller in the kernel gets here, hence the WARN. */
static void bad_arguments_warn(struct kunit *test)
{
	const struct bad_args *p = test->param_value;
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	long ret = 0;

	observer_init(&o, vm);
	kunit_warning_suppress(test) {
		ret = populate_ops(&o, KT_GFN, vm->src + p->src_offset,
				   p->npages, &read_ops);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_EQ(test, -EINVAL, ret);
	KUNIT_EXPECT_EQ(test, 0, o.nr);
}

static void caller_without_slots_lock_warns(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	int idx;

	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		kunit_skip(test, "only lockdep looks");

	observer_init(&o, vm);
	kunit_warning_suppress(test) {
		/* Keeps the slots alive, which is all that is missing here. */
		idx = srcu_read_lock(&vm->kvm->srcu);
		kvm_gmem_populate(vm->kvm, KT_GFN, (void __user *)vm->src, 1,
				  &read_ops, &o);
		srcu_read_unlock(&vm->kvm->srcu, idx);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
}

/* What the step may rely on ------------------------------------------------ */

static void step_runs_under_slots_and_invalidate_lock(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	unsigned int i;

	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		kunit_skip(test, "only lockdep knows who holds a lock");

	observer_init(&o, vm);
	KUNIT_ASSERT_EQ(test, NPAGES, populate(&o, 0, NPAGES));
	for (i = 0; i < NPAGES; i++) {
		KUNIT_EXPECT_TRUE(test, o.seen[i].slots_lock);
		KUNIT_EXPECT_TRUE(test, o.seen[i].invalidate_excl);
		/* The other order is taken by a fault on a mapped guest_memfd. */
		KUNIT_EXPECT_FALSE(test, o.seen[i].mmap_lock);
	}
}

static void step_sees_an_unlocked_folio(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	unsigned int i;

	observer_init(&o, vm);
	KUNIT_ASSERT_EQ(test, NPAGES, populate(&o, 0, NPAGES));
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_FALSE(test, o.seen[i].folio_locked);
}

/*
 * References a source page has while nobody looks at it. A page that is looked at
 * often enough is moved between lists, and has another reference until it is
 * there: afterwards it stays where it is.
 */
static int src_refs(struct kt_vm *vm, unsigned int page)
{
	struct page *p;
	int refs = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		lru_add_drain_all();
		KUNIT_ASSERT_EQ(vm->test, 1, get_user_pages_fast(vm->src + page * PAGE_SIZE,
								 1, 0, &p));
		refs = page_ref_count(p) - 1;
		put_page(p);
	}
	lru_add_drain_all();

	return refs;
}

static void step_runs_with_references_held(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	int folio_before[NPAGES], src_before[NPAGES];
	struct observer o;
	unsigned int i;

	/* A folio that the step adds to the page cache would have a third one. */
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	for (i = 0; i < NPAGES; i++) {
		src_before[i] = src_refs(vm, i);
		folio_before[i] = page_refs(vm, i);
		KUNIT_ASSERT_GT(test, src_before[i], 0);
		KUNIT_ASSERT_GT(test, folio_before[i], 0);
	}

	observer_init(&o, vm);
	KUNIT_ASSERT_EQ(test, NPAGES, populate(&o, 0, NPAGES));
	for (i = 0; i < NPAGES; i++) {
		/* One is the caller's. */
		KUNIT_EXPECT_EQ(test, folio_before[i] + 1, o.seen[i].folio_refs);
		KUNIT_EXPECT_EQ(test, src_before[i] + 1, o.seen[i].src_refs);
		KUNIT_EXPECT_EQ(test, folio_before[i], page_refs(vm, i));
		KUNIT_EXPECT_EQ(test, src_before[i], src_refs(vm, i));
	}
}

static void no_source_is_passed_as_null(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	unsigned int i;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, NPAGES, populate_ops(&o, KT_GFN, 0, NPAGES, &read_ops));
	KUNIT_ASSERT_EQ(test, NPAGES, o.nr);
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_FALSE(test, o.seen[i].has_src);
}

/* Source -------------------------------------------------------------------- */

static void read_only_source_is_enough_to_read(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	unsigned long src = kt_mmap(test, PAGE_SIZE, PROT_READ);
	struct observer o;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, 1, populate_ops(&o, KT_GFN, src, 1, &read_ops));
	KUNIT_EXPECT_EQ(test, 1, o.nr);
}

static void read_only_source_is_refused_for_write_back(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	unsigned long src = kt_mmap(test, PAGE_SIZE, PROT_READ);
	struct observer o;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, -EFAULT, populate_ops(&o, KT_GFN, src, 1,
						    &writeback_ops));
	KUNIT_EXPECT_EQ(test, 0, o.nr);
	KUNIT_EXPECT_EQ(test, -1, page_state(vm, 0));
}

/* What user space has never written is launched as what it would read there. */
static void untouched_source_is_a_page_of_zeros(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	unsigned long src = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct observer o;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, 1, populate_ops(&o, KT_GFN, src, 1, &read_ops));
	KUNIT_ASSERT_EQ(test, 1, o.nr);
	KUNIT_EXPECT_TRUE(test, o.seen[0].has_src);
	KUNIT_EXPECT_EQ(test, 0, o.seen[0].word);
}

static void write_back_reaches_user_space(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	u32 word;

	observer_init(&o, vm);
	o.scribble = true;
	KUNIT_EXPECT_EQ(test, 1, populate_ops(&o, KT_GFN, vm->src, 1, &writeback_ops));
	kt_read(test, vm->src + PAGE_SIZE - sizeof(word), &word, sizeof(word));
	KUNIT_EXPECT_EQ(test, 0xa5a5a5a5, word);
}

static void unmapped_source_stops_at_its_page(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	unsigned int hole;

	for (hole = 0; hole < NPAGES; hole++) {
		unsigned long src = kt_mmap(test, NPAGES * PAGE_SIZE, PROT_READ);
		struct observer o;

		KUNIT_ASSERT_EQ(test, 0, vm_munmap(src + hole * PAGE_SIZE, PAGE_SIZE));
		observer_init(&o, vm);
		KUNIT_EXPECT_EQ(test, hole ? (long)hole : -EFAULT,
				populate_ops(&o, KT_GFN, src, NPAGES, &read_ops));
		KUNIT_EXPECT_EQ(test, hole, o.nr);
	}
}

/* Attributes ----------------------------------------------------------------- */

static void shared_page_stops_the_range(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	unsigned int shared;

	/* Every page is looked at, not only those at the ends of the range. */
	for (shared = 0; shared < NPAGES; shared++) {
		struct observer o;

		KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA + shared * PAGE_SIZE,
						    PAGE_SIZE, 0));
		observer_init(&o, vm);
		KUNIT_EXPECT_EQ(test, shared ? (long)shared : -EINVAL,
				populate(&o, 0, NPAGES));
		KUNIT_EXPECT_EQ(test, shared, o.nr);
		/* It was allocated on the way, and is not part of the image. */
		KUNIT_EXPECT_EQ(test, 0, page_state(vm, shared));

		KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, NPAGES * PAGE_SIZE,
						    KVM_MEMORY_ATTRIBUTE_PRIVATE));
		KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES));
	}
}

static void page_made_private_again_is_accepted(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;

	observer_init(&o, vm);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, populate(&o, 0, 1));
	KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE,
					    KVM_MEMORY_ATTRIBUTE_PRIVATE));
	KUNIT_EXPECT_EQ(test, 1, populate(&o, 0, 1));
}

struct flip {
	struct kt_vm *vm;
	struct completion ready, began, flipped;
};

static int share_page(void *data)
{
	struct flip *f = data;
	int ret;

	/* The memory that arguments pass through has to be there already. */
	kt_vm_attr(f->vm, KT_GPA, PAGE_SIZE, KVM_MEMORY_ATTRIBUTE_PRIVATE);
	complete(&f->ready);
	wait_for_completion(&f->began);
	ret = kt_vm_attr(f->vm, KT_GPA, PAGE_SIZE, 0);
	complete(&f->flipped);

	return ret;
}

/* What was true when it was looked at is true until the page is done. */
static void attributes_stand_still_during_the_step(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct flip *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct kt_thread *t;
	struct observer o;

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->vm = vm;
	init_completion(&f->ready);
	init_completion(&f->began);
	init_completion(&f->flipped);
	observer_init(&o, vm);
	o.began = &f->began;
	o.meanwhile = &f->flipped;
	t = kt_thread_start(test, "share", share_page, f);
	wait_for_completion(&f->ready);
	KUNIT_EXPECT_EQ(test, 1, populate(&o, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
	KUNIT_EXPECT_FALSE(test, o.happened);
	KUNIT_EXPECT_FALSE(test, kvm_mem_is_private(vm->kvm, KT_GFN));
}

/* Errors --------------------------------------------------------------------- */

static void error_of_page_k_reports_k_pages(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	unsigned int k, i;

	for (k = 0; k < NPAGES; k++) {
		struct observer o;

		observer_init(&o, vm);
		o.ret_at = k;
		o.ret = -EXDEV;
		/* The errno of a page after the first one is lost. */
		KUNIT_EXPECT_EQ(test, k ? (long)k : -EXDEV,
				populate(&o, 0, NPAGES));
		KUNIT_EXPECT_EQ(test, k + 1, o.nr);
		for (i = 0; i < NPAGES; i++)
			KUNIT_EXPECT_EQ(test, i < k ? 1 : i == k ? 0 : -1,
					page_state(vm, i));

		KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 0, NPAGES));
	}
}

static void failed_page_can_be_populated_again(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;

	observer_init(&o, vm);
	o.ret_at = 0;
	o.ret = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, populate(&o, 0, 1));
	KUNIT_EXPECT_EQ(test, 0, page_state(vm, 0));
	KUNIT_EXPECT_EQ(test, 1, populate(&o, 0, 1));
	KUNIT_EXPECT_EQ(test, 1, page_state(vm, 0));
	KUNIT_EXPECT_EQ(test, o.seen[0].pfn, o.seen[1].pfn);
}

static void existing_folio_is_no_obstacle(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	unsigned int i;

	observer_init(&o, vm);
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	KUNIT_EXPECT_EQ(test, NPAGES, populate(&o, 0, NPAGES));
	for (i = 0; i < NPAGES; i++) {
		KUNIT_EXPECT_FALSE(test, o.seen[i].uptodate);
		KUNIT_EXPECT_EQ(test, 1, page_state(vm, i));
	}
}

/* That a page is done only once is for the implementation to see to. */
static void core_does_not_refuse_a_second_time(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, 1, populate(&o, 0, 1));
	KUNIT_EXPECT_EQ(test, 1, populate(&o, 0, 1));
	KUNIT_ASSERT_EQ(test, 2, o.nr);
	KUNIT_EXPECT_EQ(test, o.seen[0].pfn, o.seen[1].pfn);
	KUNIT_EXPECT_TRUE(test, o.seen[1].uptodate);
}

static void uptodate_only_after_success(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	unsigned int i;

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, NPAGES, populate(&o, 0, NPAGES));
	for (i = 0; i < NPAGES; i++) {
		KUNIT_EXPECT_FALSE(test, o.seen[i].uptodate);
		KUNIT_EXPECT_EQ(test, 1, page_state(vm, i));
	}
}

static void *map_page(struct folio *folio, unsigned int page)
{
	return kmap_local_page(folio_file_page(folio, page + KT_GMEM_PGOFF));
}

static void fill_page(struct kt_vm *vm, unsigned int page, int c)
{
	struct folio *folio = kt_gmem_folio(vm, page);
	void *p;

	KUNIT_ASSERT_NOT_NULL(vm->test, folio);
	p = map_page(folio, page);
	memset(p, c, PAGE_SIZE);
	kunmap_local(p);
	folio_put(folio);
}

static bool is_filled(struct kt_vm *vm, unsigned int page, int c)
{
	struct folio *folio = kt_gmem_folio(vm, page);
	bool filled;
	void *p;

	KUNIT_ASSERT_NOT_NULL(vm->test, folio);
	p = map_page(folio, page);
	filled = !memchr_inv(p, c, PAGE_SIZE);
	kunmap_local(p);
	folio_put(folio);

	return filled;
}

/*
 * What the host left in a page is cleared before the guest gets it by a fault, no
 * matter what was populated next to it; what was populated is not.
 */
static void neighbour_of_a_populated_page_is_cleared(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	u64 gpa = KT_GPA, size = NPAGES * PAGE_SIZE;
	struct observer o;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	for (i = 0; i < NPAGES; i++)
		fill_page(vm, i, 0xa5);
	observer_init(&o, vm);
	KUNIT_ASSERT_EQ(test, 1, populate(&o, 1, 1));

	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	KUNIT_EXPECT_EQ(test, 0, size);
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_TRUE_MSG(test, is_filled(vm, i, i == 1 ? 0xa5 : 0), "page %u", i);
}

/* guest_memfd of 7.2 has no large folios: put one where the slot begins. */
static void large_folio_is_populated_page_by_page(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct address_space *mapping = kt_file_inode(vm->gmem_fd)->i_mapping;
	struct folio *folio = folio_alloc(mapping_gfp_mask(mapping), ilog2(NPAGES));
	struct observer o;
	unsigned int i;
	u64 pfn;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	pfn = folio_pfn(folio);
	ret = filemap_add_folio(mapping, folio, KT_GMEM_PGOFF, GFP_KERNEL);
	if (!ret)
		folio_unlock(folio);
	folio_put(folio);
	KUNIT_ASSERT_EQ(test, 0, ret);

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, 2, populate(&o, 1, 2));
	KUNIT_ASSERT_EQ(test, 2, o.nr);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, KT_GFN + 1 + i, o.seen[i].gfn);
		KUNIT_EXPECT_EQ(test, pfn + 1 + i, o.seen[i].pfn);
		KUNIT_EXPECT_EQ(test, pattern_word(1 + i), o.seen[i].word);
	}
}

/*
 * A step that leaks a positive status is a bug of the step, which its contract
 * excludes; 7.2 passes it on as if it were a number of pages.
 */
static void positive_return_is_taken_for_progress(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;

	observer_init(&o, vm);
	o.ret_at = 0;
	o.ret = 100;
	KUNIT_EXPECT_EQ(test, 100, populate(&o, 0, NPAGES));
	KUNIT_EXPECT_EQ(test, 1, o.nr);
	KUNIT_EXPECT_EQ(test, 0, page_state(vm, 0));

	observer_init(&o, vm);
	o.ret_at = 1;
	o.ret = 100;
	KUNIT_EXPECT_EQ(test, 1, populate(&o, 0, NPAGES));
}

/* Signals, holes, the life of the file ---------------------------------------- */

static void pending_signal_stops_before_the_first_page(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	long ret;

	observer_init(&o, vm);
	kt_signal_self();
	ret = populate(&o, 0, NPAGES);
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_EQ(test, 0, o.nr);
	KUNIT_EXPECT_EQ(test, -1, page_state(vm, 0));
}

static void signal_on_the_way_keeps_what_is_done(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;
	long ret;

	observer_init(&o, vm);
	o.signal_at = 1;
	ret = populate(&o, 0, NPAGES);
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, 2, ret);
	KUNIT_EXPECT_EQ(test, 2, o.nr);
	KUNIT_EXPECT_EQ(test, 1, page_state(vm, 1));
	KUNIT_EXPECT_EQ(test, -1, page_state(vm, 2));

	KUNIT_EXPECT_EQ(test, NPAGES - 2, populate(&o, 2, NPAGES - 2));
}

static void hole_is_filled_with_a_fresh_page(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;

	observer_init(&o, vm);
	KUNIT_ASSERT_EQ(test, NPAGES, populate(&o, 0, NPAGES));
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_punch(vm, 1, 1));
	KUNIT_EXPECT_EQ(test, -1, page_state(vm, 1));

	observer_init(&o, vm);
	KUNIT_EXPECT_EQ(test, 1, populate(&o, 1, 1));
	KUNIT_EXPECT_FALSE(test, o.seen[0].uptodate);
	KUNIT_EXPECT_EQ(test, 1, page_state(vm, 1));
}

static void closed_file_is_refused(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct observer o;

	observer_init(&o, vm);
	kt_close(test, vm->gmem_fd);
	KUNIT_EXPECT_EQ(test, -EFAULT, populate(&o, 0, NPAGES));
	KUNIT_EXPECT_EQ(test, 0, o.nr);
}

static void poisoned_page_is_refused_and_released(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	struct folio *folio;
	struct observer o;
	int before, after;
	long ret;

	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		kunit_skip(test, "no memory failure handling in this kernel");

	observer_init(&o, vm);
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 1, 1));
	folio = kt_gmem_folio(vm, 1);
	KUNIT_ASSERT_NOT_NULL(test, folio);

	folio_set_hwpoison(folio);
	before = page_refs(vm, 1);
	ret = populate(&o, 1, 1);
	after = page_refs(vm, 1);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	folio_clear_hwpoison(folio);
	folio_put(folio);

	KUNIT_EXPECT_EQ(test, -EHWPOISON, ret);
	KUNIT_EXPECT_EQ(test, 0, o.nr);
	KUNIT_EXPECT_EQ(test, before, after);
}

/* Nothing is left behind, whatever way the call ends ------------------------ */

enum ending {
	END_DONE,
	END_STEP_FAILS,
	END_STEP_FAILS_LATER,
	END_SHARED,
	END_NO_SOURCE,
	END_SIGNAL,
	END_SIGNAL_LATER,
	END_SLOT,
};

static const struct ending_case {
	const char *desc;
	enum ending how;
	long ret;
} endings[] = {
	{ "all pages done", END_DONE, NPAGES },
	{ "step fails on the first page", END_STEP_FAILS, -ENOMEM },
	{ "step fails on a later page", END_STEP_FAILS_LATER, 2 },
	{ "page is shared", END_SHARED, -EINVAL },
	{ "source is not mapped", END_NO_SOURCE, -EFAULT },
	{ "signal before the first page", END_SIGNAL, -EINTR },
	{ "signal on the way", END_SIGNAL_LATER, 3 },
	{ "slot ends", END_SLOT, NPAGES },
};

KUNIT_ARRAY_PARAM_DESC(endings, endings, desc);

static void nothing_is_left_held(struct kunit *test)
{
	const struct ending_case *c = test->param_value;
	struct kt_vm *vm = new_vm(test);
	int refs[NPAGES], src_before, src_after;
	int depth, depth_after, preempt, preempt_after;
	struct address_space *mapping;
	unsigned long src = vm->src;
	struct page *src_page;
	long n = NPAGES, ret;
	struct observer o;
	unsigned int i;

	/* Let every page exist, so that references can be compared. */
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	for (i = 0; i < NPAGES; i++)
		refs[i] = page_refs(vm, i);
	mapping = kt_file_inode(vm->gmem_fd)->i_mapping;

	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(vm->src, 1, 0, &src_page));
	lru_add_drain_all();
	src_before = page_ref_count(src_page);

	observer_init(&o, vm);
	switch (c->how) {
	case END_DONE:
		break;
	case END_STEP_FAILS:
		o.ret_at = 0;
		o.ret = -ENOMEM;
		break;
	case END_STEP_FAILS_LATER:
		o.ret_at = 2;
		o.ret = -ENOMEM;
		break;
	case END_SHARED:
		KUNIT_ASSERT_EQ(test, 0, kt_vm_attr(vm, KT_GPA, PAGE_SIZE, 0));
		break;
	case END_NO_SOURCE:
		src = TASK_SIZE - NPAGES * PAGE_SIZE;
		break;
	case END_SIGNAL:
		kt_signal_self();
		break;
	case END_SIGNAL_LATER:
		o.signal_at = 2;
		break;
	case END_SLOT:
		n = NPAGES + 3;
		break;
	}

	depth = current->lockdep_depth;
	preempt = preempt_count();
	ret = populate_ops(&o, KT_GFN, src, n, &read_ops);
	depth_after = current->lockdep_depth;
	preempt_after = preempt_count();
	if (c->how == END_SIGNAL || c->how == END_SIGNAL_LATER)
		kt_signal_clear();

	/* Looking a page up may park a reference to it in an LRU batch. */
	lru_add_drain_all();
	src_after = page_ref_count(src_page);
	put_page(src_page);

	KUNIT_EXPECT_EQ(test, c->ret, ret);
	KUNIT_EXPECT_EQ(test, depth, depth_after);
	KUNIT_EXPECT_EQ(test, preempt, preempt_after);
	KUNIT_EXPECT_EQ(test, src_before, src_after);
	KUNIT_EXPECT_FALSE(test, rwsem_is_locked(&mapping->invalidate_lock));
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&vm->kvm->slots_lock));
	for (i = 0; i < NPAGES; i++) {
		struct folio *folio = kt_gmem_folio(vm, i);

		KUNIT_ASSERT_NOT_NULL(test, folio);
		KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
		folio_put(folio);
		KUNIT_EXPECT_EQ(test, refs[i], page_refs(vm, i));
	}
}

static struct kunit_case gmem_populate_cases[] = {
	KUNIT_CASE(whole_range_in_ascending_order),
	KUNIT_CASE(starts_in_the_middle_of_a_slot),
	KUNIT_CASE(ends_at_the_end_of_the_slot),
	KUNIT_CASE(ends_where_the_next_slot_begins),
	KUNIT_CASE(gfn_without_slot_is_refused),
	KUNIT_CASE(slot_without_gmem_is_refused),
	KUNIT_CASE_PARAM(bad_arguments_warn, bad_args_gen_params),
	KUNIT_CASE(caller_without_slots_lock_warns),
	KUNIT_CASE(step_runs_under_slots_and_invalidate_lock),
	KUNIT_CASE(step_sees_an_unlocked_folio),
	KUNIT_CASE(step_runs_with_references_held),
	KUNIT_CASE(no_source_is_passed_as_null),
	KUNIT_CASE(read_only_source_is_enough_to_read),
	KUNIT_CASE(read_only_source_is_refused_for_write_back),
	KUNIT_CASE(untouched_source_is_a_page_of_zeros),
	KUNIT_CASE(write_back_reaches_user_space),
	KUNIT_CASE(unmapped_source_stops_at_its_page),
	KUNIT_CASE(shared_page_stops_the_range),
	KUNIT_CASE(page_made_private_again_is_accepted),
	KUNIT_CASE(attributes_stand_still_during_the_step),
	KUNIT_CASE(error_of_page_k_reports_k_pages),
	KUNIT_CASE(failed_page_can_be_populated_again),
	KUNIT_CASE(existing_folio_is_no_obstacle),
	KUNIT_CASE(core_does_not_refuse_a_second_time),
	KUNIT_CASE(uptodate_only_after_success),
	KUNIT_CASE(neighbour_of_a_populated_page_is_cleared),
	KUNIT_CASE(large_folio_is_populated_page_by_page),
	KUNIT_CASE(positive_return_is_taken_for_progress),
	KUNIT_CASE(pending_signal_stops_before_the_first_page),
	KUNIT_CASE(signal_on_the_way_keeps_what_is_done),
	KUNIT_CASE(hole_is_filled_with_a_fresh_page),
	KUNIT_CASE(closed_file_is_refused),
	KUNIT_CASE(poisoned_page_is_refused_and_released),
	KUNIT_CASE_PARAM(nothing_is_left_held, endings_gen_params),
	{}
};

static struct kunit_suite gmem_populate_suite = {
	.name = "gmem_populate",
	.init = kt_init,
	.test_cases = gmem_populate_cases,
};

kunit_test_suite(gmem_populate_suite);
