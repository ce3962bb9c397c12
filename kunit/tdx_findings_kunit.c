// SPDX-License-Identifier: GPL-2.0
/*
 * Regression tests of findings: each asserts the violation
 * in a kernel of SERIES=ops and its absence in one of SERIES=fixed.
 */
#include <linux/bitfield.h>
#include <linux/misc_cgroup.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#include <asm/tdx.h>

#include "vmx/vmx.h"
#include "vmx/tdx.h"

#include "kvm_test_tdx.h"

#define NPAGES	4

/* Only what is written here may allocate, sleep or WARN between the two. */
#define SUPPRESSED(_test, _warnings, _call)				\
({									\
	typeof(_call) __ret = 0;					\
									\
	kunit_warning_suppress(_test) {					\
		__ret = (_call);					\
		_warnings = KUNIT_SUPPRESSED_WARNING_COUNT();		\
	}								\
	__ret;								\
})

/* Resources ----------------------------------------------------------------------------- */

/*
 * A control group that has used up its share of HKIDs gets no more, and the
 * attempt does not change the account. The limit is what a write to misc.max sets.
 */
static void limit_of_a_cgroup_holds(struct kunit *test)
{
	struct misc_cg *cg = get_current_misc_cg();
	struct misc_res *res = &cg->res[MISC_CG_RES_TDX];
	struct kt_vm *vm = kt_tdx_bare(test);
	u64 max = res->max, used = atomic64_read(&res->usage), after;
	int first, second = 0, warnings = 0;

	WRITE_ONCE(res->max, used);
	first = SUPPRESSED(test, warnings, kt_tdx_init_vm(vm, 0));
	after = atomic64_read(&res->usage);
	second = kt_tdx_init_vm(vm, 0);
	WRITE_ONCE(res->max, max);
	if (!kt_fixed())
		atomic64_inc(&res->usage);
	put_misc_cg(cg);

	KUNIT_EXPECT_EQ(test, -EBUSY, first);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? used : used - 1, after);
	KUNIT_EXPECT_EQ(test, kt_fixed() || used ? 0 : 1, warnings);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? -EBUSY : 0, second);
	if (kt_fixed())
		KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
}

/* There was no entropy for the key of the TD, this time. */
static void no_entropy_for_the_key(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_bare(test);
	int fault, ret;

	fault = kt_tdx_fault(test, "TDH.MNG.KEY.CONFIG", 1, 1, KT_TDX_KEY_GENERATION_FAILED);
	ret = kt_tdx_init_vm(vm, 0);
	kt_expect_delivered(test, fault, 1);
	if (kt_fixed()) {
		KUNIT_EXPECT_EQ(test, -EAGAIN, ret);
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
		KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vm(vm, 0));
	} else {
		/* By the worker of a CPU, where the test can't suppress it */
		kt_expect_violation(test, KT_O6, "WARNING: ");
		KUNIT_EXPECT_EQ(test, -EIO, ret);
		KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	}
}

/* vCPUs ---------------------------------------------------------------------------------- */

/* User space must not kill the VM with a WARN by pre-faulting as such a vCPU. */
static void pre_fault_by_a_vcpu_that_is_not_initialised(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	u64 gpa = KT_GPA, size = PAGE_SIZE;
	int ret, warnings = 0;

	kt_needs_cpus(test, 2);
	KUNIT_ASSERT_EQ(test, 1, kt_vm_vcpu(vm));
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	ret = SUPPRESSED(test, warnings, kt_vcpu_pre_fault(vm, 1, &gpa, &size));
	if (kt_fixed()) {
		KUNIT_EXPECT_EQ(test, 0, ret);
		KUNIT_EXPECT_EQ(test, 0, warnings);
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
		kt_tdx_expect_owned(vm, 0);
	} else {
		KUNIT_EXPECT_GE(test, warnings, 1);
		KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	}
}

/* The width that the vCPU's CPUID claims is not the TD's: user space may say so. */
static void cpuid_claims_another_width(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 0);
	struct kvm_cpuid2 *cpuid = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	int ret, warnings = 0;
	size_t size;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, cpuid);
	cpuid->nent = (PAGE_SIZE - sizeof(*cpuid)) / sizeof(cpuid->entries[0]);
	size = struct_size(cpuid, entries, cpuid->nent);
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->kvm_fd, KVM_GET_SUPPORTED_CPUID,
					      cpuid, size));
	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == 0x80000008)
			FIELD_MODIFY(GENMASK(23, 16), &cpuid->entries[i].eax, 52);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_SET_CPUID2, cpuid,
					      size));
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vcpu(vm, 0));
	ret = SUPPRESSED(test, warnings, kt_tdx_mem_region(vm, 0, 1, 0));
	if (kt_fixed()) {
		KUNIT_EXPECT_EQ(test, 0, ret);
		KUNIT_EXPECT_EQ(test, 0, warnings);
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
		kt_tdx_expect_owned(vm, 0);
	} else {
		KUNIT_EXPECT_GE(test, warnings, 1);
		KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	}
}

struct mover {
	pid_t pid;
	int op;
	unsigned int cpu;
	bool moved;
};

/* The task is preempted right before a SEAMCALL, and goes on on another CPU. */
static void move(void *ctx, const struct kt_op *e, bool done)
{
	struct mover *m = ctx;

	if (done || m->moved || e->op != m->op || e->pid != m->pid)
		return;
	m->moved = true;
	preempt_enable();
	set_cpus_allowed_ptr(current, cpumask_of(m->cpu));
	preempt_disable();
}

static void flush_vcpu(void *vcpu)
{
	tdh_vp_flush(&container_of(vcpu, struct vcpu_tdx, vcpu)->vp);
}

static void init_vcpu_on_two_cpus(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 0);
	struct mover *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	int ret, warnings = 0;

	kt_needs(test, KT_GATE);
	KUNIT_ASSERT_NOT_NULL(test, m);
	kt_needs_cpus(test, 2);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(current, cpumask_of(0)));
	m->pid = task_pid_nr(current);
	m->op = kt_op_number("TDH.VP.WR");
	m->cpu = 1;
	kt_observe(move, m);
	ret = SUPPRESSED(test, warnings, kt_tdx_init_vcpu(vm, 0));
	kt_observe_end();
	set_cpus_allowed_ptr(current, cpu_possible_mask);

	KUNIT_EXPECT_TRUE(test, m->moved);
	KUNIT_EXPECT_EQ(test, 0, ret);
	if (kt_fixed()) {
		KUNIT_EXPECT_EQ(test, 0, warnings);
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
		KUNIT_EXPECT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 1, 0));
		KUNIT_EXPECT_EQ(test, 0, kt_tdx_finalize(vm));
	} else {
		KUNIT_EXPECT_GE(test, warnings, 1);
		KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
		/* KVM would flush it on the wrong CPU and leak the HKID. */
		smp_call_function_single(0, flush_vcpu, kt_file_priv(vm->vcpu_fd[0]), 1);
	}
}

/* A vCPU that the module has disabled is run once more, which is reported. */
static void run_after_a_shutdown(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct kvm_run *run = kt_run_buf(test);
	int ret, warnings = 0;

	kt_needs(test, KT_GUESTS);
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	kt_guest_shuts_down(vm);
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(vm, 0, run, KVM_EXIT_SHUTDOWN));
	ret = SUPPRESSED(test, warnings, kt_vcpu_run(vm, 0, run));
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_EQ(test, KVM_EXIT_INTERNAL_ERROR, run->exit_reason);
	KUNIT_EXPECT_EQ(test, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON, run->internal.suberror);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : 1, warnings);
}

/* Memory ------------------------------------------------------------------------------------ */

/* However often the module is busy, the caches of the vCPU don't run dry. */
static void module_is_busy_for_long(struct kunit *test)
{
	const unsigned int times = 100;
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	int fault, ret, warnings = 0;

	fault = kt_tdx_fault(test, "TDH.MEM.SEPT.ADD", 3, times, KT_TDX_OPERAND_BUSY);
	ret = SUPPRESSED(test, warnings, kt_tdx_mem_region(vm, 0, 1, 0));
	kt_expect_delivered(test, fault, times);
	KUNIT_EXPECT_EQ(test, 0, ret);
	if (kt_fixed())
		KUNIT_EXPECT_EQ(test, 0, warnings);
	else
		KUNIT_EXPECT_GT(test, warnings, 0);
	kt_tdx_expect_owned(vm, 0);
}

static const struct {
	const char *desc;
} removals[] = {
	{ "TDH.MEM.RANGE.BLOCK" },
	{ "TDH.MEM.PAGE.REMOVE" },
};

KUNIT_ARRAY_PARAM_DESC(removals, removals, desc);

/* What KVM could not do, so that nothing is left of the TD */
static void remove_page(struct kt_vm *vm, bool blocked)
{
	struct tdx_td *td = &container_of(vm->kvm, struct kvm_tdx, kvm)->td;
	u64 block = 0, remove, entry, level_state;

	write_lock(&vm->kvm->mmu_lock);
	if (!blocked)
		block = tdh_mem_range_block(td, KT_GPA, PG_LEVEL_4K, &entry, &level_state);
	remove = tdh_mem_page_remove(td, KT_GPA, PG_LEVEL_4K, &entry, &level_state);
	write_unlock(&vm->kvm->mmu_lock);
	KUNIT_EXPECT_EQ(vm->test, 0, block);
	KUNIT_EXPECT_EQ(vm->test, 0, remove);
}

/* The module does not let go of the page: somebody has to hold it for ever. */
static void page_that_cant_be_removed_stays_allocated(struct kunit *test)
{
	const typeof(removals[0]) *r = test->param_value;
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 1);
	struct folio *folio;
	int fault, warnings = 0;

	KUNIT_ASSERT_EQ(test, 0, kt_tdx_mem_region(vm, 0, 1, 0));
	folio = kt_gmem_folio(vm, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	fault = kt_tdx_fault(test, r->desc, 1, 1, KT_TDX_EPT_ENTRY_STATE_INCORRECT);
	KUNIT_EXPECT_EQ(test, 0, SUPPRESSED(test, warnings, kt_gmem_punch(vm, 0, 1)));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_GE(test, warnings, 1);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 2 : 1, folio_ref_count(folio));

	/* The test's reference is not put: for the MMU the page is mapped still. */
	remove_page(vm, r != &removals[0]);
}

/* Nothing but the order is wrong: no reason to WARN, or to give the VM up. */
static void finalize_without_a_vcpu(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 0);
	int ret, warnings = 0;

	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	ret = SUPPRESSED(test, warnings, kt_tdx_finalize(vm));
	if (kt_fixed()) {
		KUNIT_EXPECT_EQ(test, -EINVAL, ret);
		KUNIT_EXPECT_EQ(test, 0, warnings);
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
		KUNIT_EXPECT_EQ(test, 0, kt_tdx_init_vcpu(vm, 0));
		KUNIT_EXPECT_EQ(test, 0, kt_tdx_finalize(vm));
	} else {
		KUNIT_EXPECT_EQ(test, -EIO, ret);
		KUNIT_EXPECT_GE(test, warnings, 1);
		KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	}
}

static const struct {
	const char *desc;
	u32 nth;
} tsc_fields[] = {
	{ "offset", 1 },
	{ "multiplier", 2 },
};

KUNIT_ARRAY_PARAM_DESC(tsc_fields, tsc_fields, desc);

/* A TD whose TSC KVM doesn't know can't be one that works. */
static void tsc_that_cant_be_read(struct kunit *test)
{
	const typeof(tsc_fields[0]) *p = test->param_value;
	struct kt_vm *vm = kt_tdx_bare(test);
	struct kvm_tdx *td = container_of(vm->kvm, struct kvm_tdx, kvm);
	int ret, fault, warnings = 0;

	fault = kt_tdx_fault(test, "TDH.MNG.RD", p->nth, 1, KT_TDX_OPERAND_INVALID);
	ret = SUPPRESSED(test, warnings, kt_tdx_init_vm(vm, 0));
	kt_expect_delivered(test, fault, 1);
	if (kt_fixed()) {
		KUNIT_EXPECT_EQ(test, -EIO, ret);
		KUNIT_EXPECT_GE(test, warnings, 1);
		KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	} else {
		KUNIT_EXPECT_EQ(test, 0, ret);
		KUNIT_EXPECT_EQ(test, 0, warnings);
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
		if (p->nth == 2)
			KUNIT_EXPECT_EQ(test, 0, td->tsc_multiplier);
	}
}

/* The map is an optimisation: for want of memory the TD must not be given up. */
static void no_memory_for_the_apic_map(struct kunit *test)
{
	struct kt_vm *vm = kt_tdx_building(test, NPAGES, 0, 0);
	struct kvm_run *run = kt_run_buf(test);
	int ret, warnings = 0;

	kt_needs(test, KT_GUESTS);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	/* Which allocation is that of the map depends on what the allocator has in store. */
	kt_fail_alloc_from(test, 1);
	ret = kt_tdx_init_vcpu(vm, 0);
	KUNIT_EXPECT_TRUE(test, kt_fail_alloc_end());
	if (ret)
		KUNIT_ASSERT_EQ(test, 0, kt_tdx_init_vcpu(vm, 0));
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(vm->kvm->arch.apic_map));
	KUNIT_ASSERT_EQ(test, 0, kt_tdx_finalize(vm));
	kt_guest_shuts_down(vm);
	ret = SUPPRESSED(test, warnings, kt_vcpu_run(vm, 0, run));
	if (kt_fixed()) {
		KUNIT_EXPECT_EQ(test, 0, ret);
		KUNIT_EXPECT_EQ(test, KVM_EXIT_SHUTDOWN, run->exit_reason);
		KUNIT_EXPECT_EQ(test, 0, warnings);
		KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
	} else {
		KUNIT_EXPECT_GE(test, warnings, 1);
		KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	}
}

static struct kunit_case tdx_findings_cases[] = {
	KUNIT_CASE(limit_of_a_cgroup_holds),
	KUNIT_CASE(no_entropy_for_the_key),
	KUNIT_CASE(pre_fault_by_a_vcpu_that_is_not_initialised),
	KUNIT_CASE(cpuid_claims_another_width),
	KUNIT_CASE(init_vcpu_on_two_cpus),
	KUNIT_CASE(run_after_a_shutdown),
	KUNIT_CASE(module_is_busy_for_long),
	KUNIT_CASE(finalize_without_a_vcpu),
	KUNIT_CASE_PARAM(tsc_that_cant_be_read, tsc_fields_gen_params),
	KUNIT_CASE(no_memory_for_the_apic_map),
	KUNIT_CASE_PARAM(page_that_cant_be_removed_stays_allocated, removals_gen_params),
	{}
};

static struct kunit_suite tdx_findings_suite = {
	.name = "tdx_findings",
	.init = kt_init_tdx,
	.test_cases = tdx_findings_cases,
};

kunit_test_suite(tdx_findings_suite);
