// SPDX-License-Identifier: GPL-2.0
/*
 * Every rule that the gate of the TDX module and its oracles know, broken on
 * purpose, behind KVM's back where KVM would not do it.
 */
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <asm/tdx.h>
#include <asm/tdx_module.h>

#include "vmx/vmx.h"
#include "vmx/tdx.h"

#include "mmu/mmu_internal.h"
#include "mmu/mmutrace.h"
#include "mmu/spte.h"

#include "kvm_test_simulator.h"
#include "kvm_test_tdx.h"

#include "../../../arch/x86/virt/sim/tdx_host_priv.h"

#define NPAGES	4
/* A page of the slot that no test adds, but whose table exists */
#define SPARE	3

static u64 gpa_of(unsigned int page)
{
	return KT_GPA + page * PAGE_SIZE;
}

static struct tdx_td *td_of(struct kt_vm *vm)
{
	return &container_of(vm->kvm, struct kvm_tdx, kvm)->td;
}

/* A TD with page 0 added, as KVM does it */
static struct kt_vm *td(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 1, 0));
	return vm;
}

static u64 seamcall(u64 fn, u64 rcx, u64 rdx)
{
	struct tdx_module_args args = { .rcx = rcx, .rdx = rdx };
	u64 ret;

	preempt_disable();
	ret = sim_tdx_module_ops.call_ret(fn, &args);
	preempt_enable();
	return ret;
}

static u64 aug(struct kt_vm *vm, unsigned int page, u64 spa)
{
	u64 entry, level, ret;

	read_lock(&vm->kvm->mmu_lock);
	ret = tdh_mem_page_aug(td_of(vm), gpa_of(page), PG_LEVEL_4K, PHYS_PFN(spa), &entry, &level);
	read_unlock(&vm->kvm->mmu_lock);
	return ret;
}

static u64 remove(struct kt_vm *vm, unsigned int page)
{
	u64 entry, level, ret;

	write_lock(&vm->kvm->mmu_lock);
	ret = tdh_mem_page_remove(td_of(vm), gpa_of(page), PG_LEVEL_4K, &entry, &level);
	write_unlock(&vm->kvm->mmu_lock);
	return ret;
}

/* The host's memory ----------------------------------------------------------- */

/* A page that only the test knows of is mapped: guest_memfd and mirror differ. */
static struct page *foreign_page(struct kunit *test, struct kt_vm *vm)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, 0, aug(vm, SPARE, page_to_phys(page)));
	kt_expect_violation(test, KT_O7, "guest_memfd has page 0");
	kt_expect_violation(test, KT_O7, "mirror has");
	kt_expect_violation(test, KT_O7, "gpa 0x1003000 level 1");
	return page;
}

static void td_page_freed(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	struct page *page = foreign_page(test, vm);
	u64 entry, level, ret;

	/* The page stays first on this CPU's list until it is the host's again. */
	write_lock(&vm->kvm->mmu_lock);
	__free_page(page);
	ret = tdh_mem_page_remove(td_of(vm), gpa_of(SPARE), PG_LEVEL_4K, &entry, &level);
	write_unlock(&vm->kvm->mmu_lock);

	KUNIT_EXPECT_EQ(test, 0, ret);
	kt_expect_violation(test, KT_O1, "while TD's memory, TD 0x");
}

static void host_reads(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 *word = __va(kt_page_spa(vm, 0)), plain;

	kt_read(test, vm->src, &plain, sizeof(plain));
	KUNIT_EXPECT_NE(test, plain, READ_ONCE(*word));
	kt_expect_violation(test, KT_O2, "read of page");

	/* The next call of the hardware closes the page again. */
	seamcall(SIM_TDH_MNG_RD, vm->gctx, 0);
	READ_ONCE(word[1]);
	kt_expect_violation(test, KT_O2, "while TD's memory");
}

static void host_writes(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 *word = __va(kt_page_spa(vm, 0));

	WRITE_ONCE(word[511], 0);
	kt_expect_violation(test, KT_O2, "write of page");
}

static void host_reads_control_pages(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	struct sim_tdx *t;
	unsigned long flags;
	u64 pamt;

	READ_ONCE(*(u64 *)__va(vm->gctx));
	kt_expect_violation(test, KT_O2, "while TDR, TD");
	READ_ONCE(*(u64 *)page_address(td_of(vm)->tdcs_pages[0]));
	kt_expect_violation(test, KT_O2, "while TDCX, TD");

	t = sim_tdx_gate_lock(&flags);
	pamt = t->cfg.tdmr[0].pamt_4k;
	sim_tdx_gate_unlock(flags);
	READ_ONCE(*(u64 *)__va(pamt));
	kt_expect_violation(test, KT_O2, "while PAMT");
}

static void page_taken_back_is_the_hosts(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 spa = kt_page_spa(vm, 0);
	struct page *page = phys_to_page(spa);

	get_page(page);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, 1));
	WRITE_ONCE(*(u64 *)__va(spa), 1);
	kt_tdx_expect_host(test, spa);
	put_page(page);
}

/* Locks -------------------------------------------------------------------------- */

static void with_preemption_enabled(struct kunit *test)
{
	struct tdx_module_args args = {};

	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT))
		kunit_skip(test, "nobody counts");
	sim_tdx_module_ops.call(SIM_TDH_PHYMEM_PAGE_RDMD, &args);
	kt_expect_violation(test, KT_OLOCK, "PAGE.RDMD with preemption enabled");
}

static void with_interrupts_enabled(struct kunit *test)
{
	KUNIT_EXPECT_NE(test, 0, seamcall(SIM_TDH_VP_FLUSH, 0, 0));
	kt_expect_violation(test, KT_OLOCK, "VP.FLUSH with interrupts enabled");
}

static void without_the_modules_mutex(struct kunit *test)
{
	/* HKID 0 is no private one: nothing happens. */
	KUNIT_EXPECT_NE(test, 0, seamcall(SIM_TDH_MNG_CREATE, PAGE_SIZE, 0));
	kt_expect_violation(test, KT_OLOCK, "TDH.MNG.CREATE without tdx_lock");
}

static void without_mmu_lock(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 entry, level;

	/* Page 0 is there already, and there is none so far away. */
	KUNIT_EXPECT_NE(test, 0, tdh_mem_page_aug(td_of(vm), gpa_of(0), PG_LEVEL_4K, 0,
						  &entry, &level));
	kt_expect_violation(test, KT_OLOCK, "TDH.MEM.PAGE.AUG without &(kvm)->mmu_lock");

	read_lock(&vm->kvm->mmu_lock);
	KUNIT_EXPECT_NE(test, 0, tdh_mem_range_block(td_of(vm), BIT_ULL(40), PG_LEVEL_4K,
						     &entry, &level));
	read_unlock(&vm->kvm->mmu_lock);
	kt_expect_violation(test, KT_OLOCK, "TDH.MEM.RANGE.BLOCK without &(kvm)->mmu_lock held exclusively");
}

static void mmu_lock_of_another_vm(struct kunit *test)
{
	struct kt_vm *vm = td(test), *other = td(test);
	u64 entry, level;

	read_lock(&other->kvm->mmu_lock);
	KUNIT_EXPECT_NE(test, 0, tdh_mem_page_aug(td_of(vm), gpa_of(0), PG_LEVEL_4K, 0,
						  &entry, &level));
	read_unlock(&other->kvm->mmu_lock);
	kt_expect_violation(test, KT_OLOCK, "with another's &(kvm)->mmu_lock only");
}

static void with_mmap_lock(struct kunit *test)
{
	struct kt_vm *vm = td(test);

	mmap_read_lock(current->mm);
	KUNIT_EXPECT_NE(test, 0, aug(vm, 0, 0));
	mmap_read_unlock(current->mm);
	kt_expect_violation(test, KT_OLOCK, "TDH.MEM.PAGE.AUG with &mm->mmap_lock held");
}

static void extend_without_locks(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 entry, level;

	KUNIT_EXPECT_NE(test, 0, tdh_mr_extend(td_of(vm), BIT_ULL(40), &entry, &level));
	kt_expect_violation(test, KT_OLOCK, "TDH.MR.EXTEND without &kvm->slots_lock");
	kt_expect_violation(test, KT_OLOCK, "TDH.MR.EXTEND without mapping.invalidate_lock");
}

/* Mirror and S-EPT ------------------------------------------------------------------ */

static void mapped_behind_kvms_back(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	struct page *page = foreign_page(test, vm);

	KUNIT_EXPECT_EQ(test, 0, remove(vm, SPARE));
	__free_page(page);
}

static void removed_behind_kvms_back(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 spa = kt_page_spa(vm, 0);

	KUNIT_ASSERT_EQ(test, 0, remove(vm, 0));
	kt_expect_violation(test, KT_O7, "gpa 0x1000000 level 1: mirror");
	/* The right page at the right place, but KVM does not know of it. */
	KUNIT_EXPECT_EQ(test, 0, aug(vm, 0, spa));
	kt_expect_violation(test, KT_O7, "PAGE.AUG at gpa 0x1000000: mirror entry not frozen");
}

static void another_page_in_its_place(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 spa = kt_page_spa(vm, 0);
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, 0, remove(vm, 0));
	kt_expect_violation(test, KT_O7, "gpa 0x1000000 level 1: mirror");
	KUNIT_ASSERT_EQ(test, 0, aug(vm, 0, page_to_phys(page)));
	kt_expect_violation(test, KT_O7, "guest_memfd has page 0x");
	kt_expect_violation(test, KT_O7, "mirror has 0x");
	kt_expect_violation(test, KT_O7, "gpa 0x1000000 level 1: mirror");

	KUNIT_ASSERT_EQ(test, 0, remove(vm, 0));
	kt_expect_violation(test, KT_O7, "gpa 0x1000000 level 1: mirror");
	__free_page(page);
	KUNIT_EXPECT_EQ(test, 0, aug(vm, 0, spa));
	kt_expect_violation(test, KT_O7, "mirror entry not frozen");
}

static void blocked_and_not_removed(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 entry, level, ret;

	write_lock(&vm->kvm->mmu_lock);
	ret = tdh_mem_range_block(td_of(vm), gpa_of(0), PG_LEVEL_4K, &entry, &level);
	write_unlock(&vm->kvm->mmu_lock);
	KUNIT_ASSERT_EQ(test, 0, ret);
	kt_expect_violation(test, KT_O7, "state 0x1)");
	KUNIT_EXPECT_EQ(test, 0, seamcall(SIM_TDH_MEM_RANGE_UNBLOCK, gpa_of(0), vm->gctx));
}

static u64 *mirror_sptep(struct kvm *kvm, gfn_t gfn)
{
	struct kvm_mmu_page *sp;
	int level;

	list_for_each_entry(sp, &kvm->arch.tdp_mmu_roots, link) {
		if (!is_mirror_sp(sp))
			continue;
		for (level = sp->role.level; level > PG_LEVEL_4K; level--)
			sp = spte_to_child_sp(sp->spt[SPTE_INDEX(gfn << PAGE_SHIFT, level)]);
		return &sp->spt[SPTE_INDEX(gfn << PAGE_SHIFT, PG_LEVEL_4K)];
	}
	return NULL;
}

/* As if the TDP MMU had zapped an entry and not told the module */
static void mirror_changes_alone(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	struct kvm *kvm = vm->kvm;
	u64 *sptep, spte;

	write_lock(&kvm->mmu_lock);
	sptep = mirror_sptep(kvm, KT_GFN);
	spte = *sptep;
	WRITE_ONCE(*sptep, SHADOW_NONPRESENT_VALUE);
	trace_kvm_tdp_mmu_spte_changed(0, KT_GFN, PG_LEVEL_4K, spte, SHADOW_NONPRESENT_VALUE);
	WRITE_ONCE(*sptep, spte);
	trace_kvm_tdp_mmu_spte_changed(0, KT_GFN, PG_LEVEL_4K, SHADOW_NONPRESENT_VALUE, spte);
	write_unlock(&kvm->mmu_lock);

	kt_expect_violation(test, KT_O7, "gpa 0x1000000 level 1: mirror");
}

static void frozen_entries_are_left_alone(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	struct kvm *kvm = vm->kvm;
	u64 *sptep, spte;

	write_lock(&kvm->mmu_lock);
	sptep = mirror_sptep(kvm, KT_GFN);
	spte = *sptep;
	WRITE_ONCE(*sptep, FROZEN_SPTE);
	trace_kvm_tdp_mmu_spte_changed(0, KT_GFN, PG_LEVEL_4K, spte, FROZEN_SPTE);
	WRITE_ONCE(*sptep, spte);
	trace_kvm_tdp_mmu_spte_changed(0, KT_GFN, PG_LEVEL_4K, FROZEN_SPTE, spte);
	write_unlock(&kvm->mmu_lock);
}

static void frozen_for_ever(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	struct kvm *kvm = vm->kvm;
	u64 *sptep, spte;

	write_lock(&kvm->mmu_lock);
	sptep = mirror_sptep(kvm, KT_GFN);
	spte = *sptep;
	WRITE_ONCE(*sptep, FROZEN_SPTE);
	trace_kvm_tdp_mmu_spte_changed(0, KT_GFN, PG_LEVEL_4K, spte, FROZEN_SPTE);
	write_unlock(&kvm->mmu_lock);

	sim_tdx_mirror_settled();
	kt_expect_violation(test, KT_O7, "gpa 0x1000000 level 1: mirror is frozen for ever");

	write_lock(&kvm->mmu_lock);
	WRITE_ONCE(*sptep, spte);
	trace_kvm_tdp_mmu_spte_changed(0, KT_GFN, PG_LEVEL_4K, FROZEN_SPTE, spte);
	write_unlock(&kvm->mmu_lock);
}

/* One more than the oracle can keep in mind */
#define MANY	33

static void too_many_frozen(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	struct kvm *kvm = vm->kvm;
	unsigned int i;
	u64 *sptep;

	/* Nothing is mapped there. */
	write_lock(&kvm->mmu_lock);
	sptep = mirror_sptep(kvm, KT_GFN) + NPAGES;
	for (i = 0; i < MANY; i++) {
		WRITE_ONCE(sptep[i], FROZEN_SPTE);
		trace_kvm_tdp_mmu_spte_changed(0, KT_GFN + NPAGES + i, PG_LEVEL_4K,
					       SHADOW_NONPRESENT_VALUE, FROZEN_SPTE);
	}
	for (i = 0; i < MANY; i++)
		WRITE_ONCE(sptep[i], SHADOW_NONPRESENT_VALUE);
	trace_kvm_tdp_mmu_spte_changed(0, KT_GFN + NPAGES + MANY - 1, PG_LEVEL_4K,
				       FROZEN_SPTE, SHADOW_NONPRESENT_VALUE);
	write_unlock(&kvm->mmu_lock);
	kt_expect_violation(test, KT_OLOST, "do not settle");
}

/*
 * The last entry that KVM touches, which no later call looks at: O7 alone tells
 * whether it is what it should be.
 */
static void last_entry_is_compared(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 gpa = gpa_of(1), size = PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	sim_tdx_mirror_settled();
}

/* The same, but that the module had no time for the last page */
static void last_entry_is_compared_under_busy(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	u64 gpa = gpa_of(1), size = PAGE_SIZE;
	int fault;

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	fault = kt_tdx_fault(test, "TDH.MEM.PAGE.AUG", 1, 1, KT_TDX_OPERAND_BUSY);
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(vm, 0, &gpa, &size));
	sim_tdx_mirror_settled();
	kt_expect_delivered(test, fault, 1);
}

/* The gate ---------------------------------------------------------------------------- */

static void td_left_behind(struct kunit *test)
{
	u32 before = sim_host_check_clean(NULL, NULL);
	struct kt_vm *vm = td(test);
	struct kt_tdx_info info;

	/* Each of its pages, the TDR, the HKID */
	kt_tdx_info(vm, &info);
	KUNIT_EXPECT_EQ(test, before + info.children + 2, sim_host_check_clean(NULL, NULL));
}

static u64 inner;

static void reclaim_page(void *ctx)
{
	struct kt_vm *vm = ctx;

	/* once */
	sim_tdx_host_set_yield(NULL, NULL);
	inner = seamcall(SIM_TDH_PHYMEM_PAGE_RECLAIM, vm->gctx, 0);
}

static void busy_in_the_middle_of_a_call(struct kunit *test)
{
	struct kt_vm *vm = td(test);

	sim_tdx_host_set_yield(reclaim_page, vm);
	/* There is no such field, which it says last. */
	KUNIT_EXPECT_EQ(test, (u64)(u32)SIM_TDX_METADATA_FIELD_ID_INCORRECT << 32,
			seamcall(SIM_TDH_MNG_RD, vm->gctx, 0));
	KUNIT_EXPECT_EQ(test, TDX_OPERAND_BUSY | TDX_OPERAND_ID_RCX, inner);
	inner = seamcall(SIM_TDH_PHYMEM_PAGE_RECLAIM, vm->gctx, 0);
	KUNIT_EXPECT_EQ(test, (u64)(u32)SIM_TDX_LIFECYCLE_STATE_INCORRECT << 32, inner);
}

/* As the handler of a machine check does, whatever the CPU was doing */
static void page_metadata_without_locks(struct kunit *test)
{
	struct tdx_module_args args;
	struct kt_vm *vm = td(test);
	unsigned long flags;
	u64 ret;

	args = (struct tdx_module_args){ .rcx = kt_page_spa(vm, 0) };
	sim_tdx_gate_lock(&flags);
	ret = sim_tdx_module_ops.call_ret(SIM_TDH_PHYMEM_PAGE_RDMD, &args);
	sim_tdx_gate_unlock(flags);

	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_EQ(test, SIM_PT_REG, args.rcx);
	KUNIT_EXPECT_EQ(test, vm->gctx, args.rdx);
	KUNIT_EXPECT_EQ(test, 0, args.r8);
}

static void no_seamldr(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, TDX_SEAMCALL_VMFAILINVALID, seamcall(BIT_ULL(63), 0, 0));
}

static int arm(const char *name, u32 status, enum sim_fault_when when)
{
	struct sim_fault f = {
		.op = kt_op_number(name), .nth = 1, .times = 1, .when = when, .status = status,
	};
	int id = sim_fault_arm(&f);

	kt_fault_clear();
	return id;
}

static void impossible_faults_are_refused(struct kunit *test)
{
	const struct sim_tdx_op *op;
	u32 leaf, i;

	for (leaf = 0; leaf < 128; leaf++) {
		op = sim_tdx_find_op(leaf);
		if (!op)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, -1, arm(op->name, KT_TDX_SUCCESS, SIM_FAULT_BEFORE),
				    "%s", op->name);
		KUNIT_EXPECT_EQ_MSG(test, -1, arm(op->name, SIM_TDX_PAGE_SIZE_MISMATCH,
						  SIM_FAULT_BEFORE), "%s", op->name);
		for (i = 0; i < op->nr_statuses; i++) {
			/* No lock, no plan: RDMD is asked by handlers of machine checks. */
			KUNIT_EXPECT_EQ_MSG(test, leaf == SIM_TDH_PHYMEM_PAGE_RDMD ? -1 : 0,
					    arm(op->name, op->statuses[i], SIM_FAULT_BEFORE),
					    "%s %#x", op->name, op->statuses[i]);
			KUNIT_EXPECT_EQ_MSG(test, -1,
					    arm(op->name, op->statuses[i], SIM_FAULT_AFTER),
					    "%s %#x", op->name, op->statuses[i]);
		}
	}
	KUNIT_EXPECT_EQ(test, -1, arm("TDH.MEM.TRACK", SIM_TDX_NO_VCPUS, SIM_FAULT_BEFORE));
}

/* Lack of entropy is not only answered: the module does not get any. */
static void entropy_is_asked_for_again(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_bare(test);
	int fault = kt_tdx_fault(test, "TDH.MNG.CREATE", 1, 3, KT_TDX_RND_NO_ENTROPY);
	u64 mark = kt_mark();

	KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
	kt_expect_delivered(test, fault, 3);
	KT_EXPECT_CALLS(test, mark, "TDH.MNG.CREATE", 4);
}

/* KVM resumes where the module was interrupted. */
static void interrupted_write_back_resumes(struct kunit *test)
{
	struct kt_vm *vm = td(test);
	int fault = kt_tdx_fault(test, "TDH.PHYMEM.CACHE.WB", 1, 2, KT_TDX_INTERRUPTED_RESUMABLE);
	struct kt_op e[4];
	u64 mark = kt_mark();

	kt_close(test, vm->vcpu_fd[0]);
	kt_close(test, vm->gmem_fd);
	kt_close(test, vm->fd);
	kt_expect_delivered(test, fault, 2);
	KUNIT_ASSERT_EQ(test, 3, kt_ops(test, mark, "TDH.PHYMEM.CACHE.WB", e, ARRAY_SIZE(e)));
	KUNIT_EXPECT_EQ(test, KT_TDX_INTERRUPTED_RESUMABLE, (u32)e[0].status);
	KUNIT_EXPECT_EQ(test, KT_TDX_INTERRUPTED_RESUMABLE, (u32)e[1].status);
	KUNIT_EXPECT_EQ(test, 0, e[2].status);
}

static struct kunit_case tdx_oracles_cases[] = {
	KUNIT_CASE(td_page_freed),
	KUNIT_CASE(host_reads),
	KUNIT_CASE(host_writes),
	KUNIT_CASE(host_reads_control_pages),
	KUNIT_CASE(page_taken_back_is_the_hosts),
	KUNIT_CASE(with_preemption_enabled),
	KUNIT_CASE(with_interrupts_enabled),
	KUNIT_CASE(without_the_modules_mutex),
	KUNIT_CASE(without_mmu_lock),
	KUNIT_CASE(mmu_lock_of_another_vm),
	KUNIT_CASE(with_mmap_lock),
	KUNIT_CASE(extend_without_locks),
	KUNIT_CASE(mapped_behind_kvms_back),
	KUNIT_CASE(removed_behind_kvms_back),
	KUNIT_CASE(another_page_in_its_place),
	KUNIT_CASE(blocked_and_not_removed),
	KUNIT_CASE(mirror_changes_alone),
	KUNIT_CASE(frozen_entries_are_left_alone),
	KUNIT_CASE(frozen_for_ever),
	KUNIT_CASE(too_many_frozen),
	KUNIT_CASE(last_entry_is_compared),
	KUNIT_CASE(last_entry_is_compared_under_busy),
	KUNIT_CASE(td_left_behind),
	KUNIT_CASE(busy_in_the_middle_of_a_call),
	KUNIT_CASE(page_metadata_without_locks),
	KUNIT_CASE(no_seamldr),
	KUNIT_CASE(impossible_faults_are_refused),
	KUNIT_CASE(entropy_is_asked_for_again),
	KUNIT_CASE(interrupted_write_back_resumes),
	{}
};

static struct kunit_suite tdx_oracles_suite = {
	.name = "tdx_oracles",
	.init = kt_init_tdx,
	.test_cases = tdx_oracles_cases,
};

kunit_test_suite(tdx_oracles_suite);
