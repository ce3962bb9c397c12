// SPDX-License-Identifier: GPL-2.0
/*
 * The steps by which one page becomes part of a TD's image, each seen at the
 * module's gate: pin the source, allocate the page, map it in the mirror, let
 * the module add it, measure it if asked to, let the source go.
 *
 * Results alone would not show an order or a lock.
 */
#include <linux/delay.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/rwsem.h>
#include <linux/swap.h>

#include <asm/tdx.h>

#include "mmu/mmu_internal.h"
#include "mmu/mmutrace.h"
#include "mmu/spte.h"
#include "vmx/vmx.h"
#include "vmx/tdx.h"

#include "kvm_test_tdx.h"

#define NPAGES	4

/* Source pages ------------------------------------------------------------------ */

/* The page behind a user address, without a reference: the mapping holds it */
static struct page *source_page(struct kunit *test, unsigned long uaddr)
{
	struct page *page = NULL;

	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(uaddr, 1, 0, &page));
	put_page(page);

	return page;
}

struct pinner {
	struct kt_vm *vm;
	struct mm_struct *mm;
	struct completion held, ready, go, release;
	struct kvm_tdx_init_mem_region region;
	int ret;
};

/* With this nobody can fault in a page. */
static int hold_mmap_lock(void *data)
{
	struct pinner *p = data;

	mmap_write_lock(p->mm);
	complete(&p->held);
	wait_for_completion(&p->release);
	mmap_write_unlock(p->mm);

	return 0;
}

static int add_pages(void *data)
{
	struct pinner *p = data;

	/* The memory that arguments pass through has to be there already. */
	kt_vm_attr(p->vm, KT_GPA, PAGE_SIZE, KVM_MEMORY_ATTRIBUTE_PRIVATE);
	complete(&p->ready);
	wait_for_completion(&p->go);

	return kt_tdx_region(p->vm, 0, KT_MEASURE, &p->region);
}

/*
 * While the source is being pinned, which may fault and sleep for as long as
 * user space likes, neither guest_memfd nor the MMU are locked.
 */
static void source_is_pinned_outside_the_invalidate_lock(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct address_space *mapping = kt_file_inode(vm->gmem_fd)->i_mapping;
	struct pinner *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	bool waits, invalidate_free, mmu_free, slots_held;
	struct kt_thread *holder, *adder;
	unsigned int i;
	u64 mark;

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->vm = vm;
	p->mm = current->mm;
	p->region.source_addr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	p->region.gpa = KT_GPA;
	p->region.nr_pages = 1;
	init_completion(&p->held);
	init_completion(&p->ready);
	init_completion(&p->go);
	init_completion(&p->release);

	adder = kt_thread_start(test, "add", add_pages, p);
	wait_for_completion(&p->ready);
	holder = kt_thread_start(test, "mmap", hold_mmap_lock, p);
	wait_for_completion(&p->held);
	mark = kt_mark();
	complete(&p->go);
	for (i = 0; i < 5000 && !rwsem_is_contended(&p->mm->mmap_lock); i++)
		schedule_timeout_uninterruptible(1);
	waits = rwsem_is_contended(&p->mm->mmap_lock);

	slots_held = mutex_is_locked(&vm->kvm->slots_lock);
	invalidate_free = down_write_trylock(&mapping->invalidate_lock);
	if (invalidate_free)
		up_write(&mapping->invalidate_lock);
	mmu_free = write_trylock(&vm->kvm->mmu_lock);
	if (mmu_free)
		write_unlock(&vm->kvm->mmu_lock);

	complete(&p->release);
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, holder));
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, adder));
	KUNIT_EXPECT_TRUE(test, waits);
	KUNIT_EXPECT_TRUE(test, slots_held);
	KUNIT_EXPECT_TRUE(test, invalidate_free);
	KUNIT_EXPECT_TRUE(test, mmu_free);
	KT_EXPECT_CALLS(test, mark, "TDH.MEM.PAGE.ADD", 1);
	kt_tdx_expect_owned(vm, 0);
}

static void source_is_released(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct page *page[NPAGES];
	int before[NPAGES];
	unsigned int i;
	int fault, ret = 0;

	kt_needs(test, KT_FAULTS);
	for (i = 0; i < NPAGES; i++)
		page[i] = source_page(test, vm->src + i * PAGE_SIZE);
	/* What waits on a list of its CPU for the LRU has one reference more, for a while. */
	lru_add_drain_all();
	for (i = 0; i < NPAGES; i++)
		before[i] = page_count(page[i]);

	/* Done, refused by the module and not reached */
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 2, KT_MEASURE));
	fault = kt_tdx_fault(test, "TDH.MEM.PAGE.ADD", 1, 1, KT_TDX_PAGE_METADATA_INCORRECT);
	kunit_warning_suppress(test) {
		ret = kt_tdx_mem_region(vm, 2, 2, KT_MEASURE);
	}
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	kt_expect_delivered(test, fault, 1);
	lru_add_drain_all();
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_EQ_MSG(test, before[i], page_count(page[i]), "page %u", i);
}

/* Locks --------------------------------------------------------------------------- */

struct locks {
	struct kvm *kvm;
	struct address_space *mapping;
	pid_t pid;
	int add, extend;
	unsigned int adds, extends;
	unsigned int slots, invalidate, mmu_read, mmu_write, mmap;
	unsigned int mmu_at_extend;
	struct page *source;
	int source_count;
};

static void note_locks(void *ctx, const struct kt_op *e, bool done)
{
	struct locks *l = ctx;

	if (done || e->pid != l->pid || (e->op != l->add && e->op != l->extend))
		return;

	l->slots += lockdep_is_held_type(&l->kvm->slots_lock, -1) == LOCK_STATE_HELD;
	l->invalidate += lockdep_is_held_type(&l->mapping->invalidate_lock, 0) ==
			 LOCK_STATE_HELD;
	l->mmap += lockdep_is_held_type(&current->mm->mmap_lock, -1) == LOCK_STATE_HELD;
	if (e->op == l->extend) {
		l->extends++;
		l->mmu_at_extend += lockdep_is_held_type(&l->kvm->mmu_lock, -1) == LOCK_STATE_HELD;
		return;
	}
	l->adds++;
	l->mmu_read += lockdep_is_held_type(&l->kvm->mmu_lock, 1) == LOCK_STATE_HELD;
	l->mmu_write += lockdep_is_held_type(&l->kvm->mmu_lock, 0) == LOCK_STATE_HELD;
	l->source_count = page_count(l->source);
}

static void mmu_lock_is_taken_inside_the_step(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct locks *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	int before;

	kt_needs(test, KT_GATE);
	KUNIT_ASSERT_NOT_NULL(test, l);
	l->kvm = vm->kvm;
	l->mapping = kt_file_inode(vm->gmem_fd)->i_mapping;
	l->pid = task_pid_nr(current);
	l->add = kt_op_number("TDH.MEM.PAGE.ADD");
	l->extend = kt_op_number("TDH.MR.EXTEND");
	l->source = source_page(test, vm->src);
	/* Used once more it is active, and using it puts it on no CPU's list for the LRU. */
	source_page(test, vm->src);
	lru_add_drain_all();
	before = page_count(l->source);
	kt_observe(note_locks, l);
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 1, KT_MEASURE));
	kt_observe_end();

	KUNIT_ASSERT_EQ(test, 1, l->adds);
	KUNIT_ASSERT_EQ(test, KT_CHUNKS, l->extends);
	/* The page is added under mmu_lock, for reading, and measured without it. */
	KUNIT_EXPECT_EQ(test, 1, l->mmu_read);
	KUNIT_EXPECT_EQ(test, 0, l->mmu_write);
	KUNIT_EXPECT_EQ(test, 0, l->mmu_at_extend);
	/* All the while slots and guest_memfd stand still, user memory does not. */
	KUNIT_EXPECT_EQ(test, 1 + KT_CHUNKS, l->slots);
	KUNIT_EXPECT_EQ(test, 1 + KT_CHUNKS, l->invalidate);
	KUNIT_EXPECT_EQ(test, 0, l->mmap);
	/* and the source is pinned. */
	KUNIT_EXPECT_EQ(test, before + 1, l->source_count);
}

struct other_vcpu {
	struct kt_vm *vm;
	struct completion ready, go;
	int extend;
	bool began;
};

/* Nobody may sleep in a SEAMCALL; take one's time all the same. */
static void let_the_other_in(void *ctx, const struct kt_op *e, bool done)
{
	struct other_vcpu *o = ctx;

	if (done || e->op != o->extend || o->began)
		return;
	o->began = true;
	complete(&o->go);
	mdelay(20);
}

static int init_vcpu1(void *data)
{
	struct other_vcpu *o = data;

	/* The memory that arguments pass through has to be there already. */
	kt_vm_attr(o->vm, KT_GPA, PAGE_SIZE, KVM_MEMORY_ATTRIBUTE_PRIVATE);
	complete(&o->ready);
	wait_for_completion(&o->go);

	return kt_tdx_init_vcpu(o->vm, 1);
}

/*
 * Measuring has the TDR to itself, and the creation of a vCPU needs it: at once one
 * of them would find it busy, which is the end of the TD.
 */
static void vcpus_wait_until_a_region_is_done(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct other_vcpu *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	const int room = NPAGES * KT_CHUNKS;
	struct kt_op *ext, *create;
	struct kt_thread *t;
	u64 mark;

	kt_needs(test, KT_GATE);
	kt_needs_cpus(test, 2);
	ext = kunit_kcalloc(test, room, sizeof(*ext), GFP_KERNEL);
	create = kunit_kzalloc(test, sizeof(*create), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, o);
	KUNIT_ASSERT_NOT_NULL(test, ext);
	KUNIT_ASSERT_NOT_NULL(test, create);
	KUNIT_ASSERT_EQ(test, 1, kt_vm_vcpu(vm));
	o->vm = vm;
	o->extend = kt_op_number("TDH.MR.EXTEND");
	init_completion(&o->ready);
	init_completion(&o->go);
	t = kt_thread_start(test, "vcpu1", init_vcpu1, o);
	wait_for_completion(&o->ready);

	mark = kt_mark();
	kt_observe(let_the_other_in, o);
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 0, NPAGES, KT_MEASURE));
	kt_observe_end();
	/* Whatever has become of the region */
	complete(&o->go);
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));

	KUNIT_ASSERT_EQ(test, room, kt_ops(test, mark, "TDH.MR.EXTEND", ext, room));
	KUNIT_ASSERT_EQ(test, 1, kt_ops(test, mark, "TDH.VP.CREATE", create, 1));
	KUNIT_EXPECT_GT(test, create->seq, ext[room - 1].seq);
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
}

/* The mapping ----------------------------------------------------------------------- */

struct mirror {
	pid_t pid;
	kvm_pfn_t pfn[NPAGES];
	unsigned int nr;
};

static void probe_spte(void *data, int as_id, gfn_t gfn, int level, u64 old_spte,
		       u64 new_spte)
{
	struct mirror *m = data;

	if (task_pid_nr(current) != m->pid || level != PG_LEVEL_4K ||
	    gfn < KT_GFN || gfn >= KT_GFN + NPAGES || !is_shadow_present_pte(new_spte))
		return;
	m->pfn[gfn - KT_GFN] = spte_to_pfn(new_spte);
	m->nr++;
}

static void probe_end(void *data)
{
	unregister_trace_kvm_tdp_mmu_spte_changed(probe_spte, data);
	tracepoint_synchronize_unregister();
}

/* guest_memfd, mirror, operand of the module, secure EPT, PAMT: one page */
static void mirror_has_the_pfn_of_guest_memfd(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct mirror *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct kt_op *e;
	u64 mark = kt_mark();
	unsigned int i;

	e = kunit_kcalloc(test, NPAGES, sizeof(*e), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_NOT_NULL(test, e);
	m->pid = task_pid_nr(current);
	KUNIT_ASSERT_EQ(test, 0, register_trace_kvm_tdp_mmu_spte_changed(probe_spte, m));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, probe_end, m));

	/* Pages that exist already, and pages that the step allocates */
	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 2, 2));
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 0, NPAGES, 0));
	KUNIT_EXPECT_EQ(test, NPAGES, m->nr);
	for (i = 0; i < NPAGES; i++) {
		KUNIT_EXPECT_EQ(test, kt_page_spa(vm, i), PFN_PHYS(m->pfn[i]));
		kt_tdx_expect_owned(vm, i);
	}
	if (!kt_checks(test, KT_LEDGER))
		return;
	KUNIT_ASSERT_EQ(test, NPAGES, kt_ops(test, mark, "TDH.MEM.PAGE.ADD", e, NPAGES));
	for (i = 0; i < NPAGES; i++)
		KUNIT_EXPECT_EQ(test, kt_page_spa(vm, i), e[i].spa);
}

struct thief {
	struct kt_vm *vm;
	pid_t pid;
	int extend;
	unsigned int nr;
	u64 status;
	bool mmu_lock_free;
};

/* Take the first page out of the S-EPT before it is measured; KVM hears nothing. */
static void steal_page(void *ctx, const struct kt_op *e, bool done)
{
	struct thief *t = ctx;
	struct kvm *kvm = t->vm->kvm;
	u64 entry, level;

	if (done || e->pid != t->pid || e->op != t->extend || t->nr++)
		return;
	t->mmu_lock_free = write_trylock(&kvm->mmu_lock);
	if (!t->mmu_lock_free)
		return;
	t->status = tdh_mem_page_remove(&container_of(kvm, struct kvm_tdx, kvm)->td, KT_GPA,
					PG_LEVEL_4K, &entry, &level);
	write_unlock(&kvm->mmu_lock);
}

/*
 * MR.EXTEND needs a mapping. If it finds none the TD is given up: the page might
 * be in it without being measured.
 */
static void nothing_mapped_where_a_mapping_is_required(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
	struct thief *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct kt_op e;
	u64 mark = kt_mark(), spa, gone, entry, level;
	int ret = 0;

	kt_needs(test, KT_GATE);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->vm = vm;
	t->pid = task_pid_nr(current);
	t->extend = kt_op_number("TDH.MR.EXTEND");
	kt_observe(steal_page, t);
	kunit_warning_suppress(test) {
		ret = kt_tdx_mem_region(vm, 0, 2, KT_MEASURE);
		KUNIT_EXPECT_EQ(test, 1, KUNIT_SUPPRESSED_WARNING_COUNT());
	}
	kt_observe_end();
	KUNIT_ASSERT_TRUE(test, t->mmu_lock_free);
	KUNIT_ASSERT_EQ(test, 0, t->status);
	kt_expect_violation(test, KT_O7, "gpa 0x1000000 level 1: mirror");
	KUNIT_EXPECT_FALSE(test, kt_tdx_leaf(vm, 0, &gone));

	/* The module itself says so, and that is the end of it. */
	KUNIT_EXPECT_EQ(test, 1, kt_ops(test, mark, "TDH.MR.EXTEND", &e, 1));
	KUNIT_EXPECT_EQ(test, KT_TDX_EPT_ENTRY_NOT_PRESENT, (u32)e.status);
	KUNIT_EXPECT_FALSE(test, e.injected);
	KT_EXPECT_CALLS(test, mark, "TDH.MEM.PAGE.ADD", 1);
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, -EIO, kt_tdx_finalize(vm));

	/* Put it back, so that KVM can take it away in its own time. */
	spa = kt_page_spa(vm, 0);
	read_lock(&vm->kvm->mmu_lock);
	t->status = tdh_mem_page_aug(&td->td, KT_GPA, PG_LEVEL_4K, PHYS_PFN(spa), &entry, &level);
	read_unlock(&vm->kvm->mmu_lock);
	KUNIT_EXPECT_EQ(test, 0, t->status);
	/* The mirror has had it all the time. */
	kt_expect_violation(test, KT_O7, "mirror entry not frozen");
}

/* That a folio exists is no obstacle; that the GPA is mapped is one. */
static void only_a_mapping_is_an_obstacle(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kt_mrtd m;
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, NPAGES));
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 1, KT_MEASURE));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EIO, kt_tdx_mem_region(vm, 0, 1, KT_MEASURE));
	KT_EXPECT_CALLS(test, mark, "TDH.MEM.PAGE.ADD", 0);
	KT_EXPECT_CALLS(test, mark, "TDH.MR.EXTEND", 0);
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_finalize(vm));
	kt_mrtd_begin(&m);
	kt_mrtd_pattern(&m, 0, 1, KT_MEASURE);
	kt_expect_mrtd(vm, &m);
}

/* The module --------------------------------------------------------------------------- */

static void page_add_then_sixteen_extends_if_measured(struct kunit *test)
{
	static const char * const plain[] = { "TDH.MEM.PAGE.ADD", NULL };
	static const char * const measured[] = {
		"TDH.MEM.PAGE.ADD",
		"TDH.MR.EXTEND", "TDH.MR.EXTEND", "TDH.MR.EXTEND", "TDH.MR.EXTEND",
		"TDH.MR.EXTEND", "TDH.MR.EXTEND", "TDH.MR.EXTEND", "TDH.MR.EXTEND",
		"TDH.MR.EXTEND", "TDH.MR.EXTEND", "TDH.MR.EXTEND", "TDH.MR.EXTEND",
		"TDH.MR.EXTEND", "TDH.MR.EXTEND", "TDH.MR.EXTEND", "TDH.MR.EXTEND",
		NULL
	};
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kt_mrtd m;
	u64 mark;

	kt_needs(test, KT_LEDGER);
	/* The first page brings the tables along. */
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 1, 0));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 1, 1, KT_MEASURE));
	kt_expect_ops(test, mark, measured);
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 2, 1, 0));
	kt_expect_ops(test, mark, plain);

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	kt_mrtd_begin(&m);
	kt_mrtd_pattern(&m, 0, 1, 0);
	kt_mrtd_pattern(&m, 1, 1, KT_MEASURE);
	kt_mrtd_pattern(&m, 2, 1, 0);
	kt_expect_mrtd(vm, &m);
}

/* What the guest sees is what the source held when the page was added. */
static void contents_are_those_of_the_source(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	void *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	void *got = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	unsigned int i;

	kt_needs(test, KT_INSIDE);
	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_NOT_NULL(test, got);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 0, NPAGES, KT_MEASURE));
	memset(got, 0xff, PAGE_SIZE);
	for (i = 0; i < NPAGES; i++)
		kt_write(test, vm->src + i * PAGE_SIZE, got, PAGE_SIZE);
	for (i = 0; i < NPAGES; i++) {
		kt_pattern(want, i);
		kt_tdx_read(vm, i, got);
		KUNIT_EXPECT_MEMEQ(test, want, got, PAGE_SIZE);
	}
}

/* The locks that measuring needs are held, but they are those of another TD. */
static void locks_of_another_td_do_not_count(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kt_vm *other = kt_tdx_building(test, NPAGES, 0, 1);
	struct address_space *mapping = kt_file_inode(other->gmem_fd)->i_mapping;
	struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
	u64 err, entry, level_state;

	kt_needs(test, KT_ORACLES);
	mutex_lock(&other->kvm->slots_lock);
	filemap_invalidate_lock(mapping);
	err = tdh_mr_extend(&td->td, KT_GPA, &entry, &level_state);
	filemap_invalidate_unlock(mapping);
	mutex_unlock(&other->kvm->slots_lock);

	/* Nothing is mapped there. */
	KUNIT_EXPECT_EQ(test, KT_TDX_EPT_ENTRY_NOT_PRESENT, err >> 32);
	kt_expect_violation(test, KT_OLOCK, "with another's &kvm->slots_lock");
}

static struct kunit_case tdx_flow_cases[] = {
	KUNIT_CASE(source_is_pinned_outside_the_invalidate_lock),
	KUNIT_CASE(mmu_lock_is_taken_inside_the_step),
	KUNIT_CASE(vcpus_wait_until_a_region_is_done),
	KUNIT_CASE(mirror_has_the_pfn_of_guest_memfd),
	KUNIT_CASE(nothing_mapped_where_a_mapping_is_required),
	KUNIT_CASE(only_a_mapping_is_an_obstacle),
	KUNIT_CASE(page_add_then_sixteen_extends_if_measured),
	KUNIT_CASE(contents_are_those_of_the_source),
	KUNIT_CASE(source_is_released),
	KUNIT_CASE(locks_of_another_td_do_not_count),
	{}
};

static struct kunit_suite tdx_flow_suite = {
	.name = "tdx_flow",
	.init = kt_init_tdx,
	.test_cases = tdx_flow_cases,
};

kunit_test_suite(tdx_flow_suite);
