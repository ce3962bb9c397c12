// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated CPU under an SNP guest that KVM launched and runs: what its
 * instructions answer, and what it lets nobody do while it is in the guest. KVM
 * is not under test here; what KVM makes of it is in snp_run.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kvm_host.h>
#include <linux/mman.h>
#include <linux/sched.h>

#include "kvm_test_guest.h"
#include "kvm_test_simulator.h"

#define NPAGES		4

#define PAGE(n)		(KT_GPA + (n) * PAGE_SIZE)

/* A second slot, shared memory only */
#define SHARED_GPA	(KT_GPA + 0x10000000ULL)

/* All of its private memory is launched; @hva, if given, is the shared page. */
static struct kt_vm *running_vm(struct kunit *test, unsigned long *hva)
{
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);

	if (hva) {
		*hva = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
		KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 1, 0, SHARED_GPA, PAGE_SIZE, *hva,
						    -1, 0));
	}
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, NPAGES,
						     KVM_SEV_SNP_PAGE_TYPE_NORMAL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	return vm;
}

/* VMPLs and sizes, by the codes of the instructions */
static void rmp_instructions(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		/* More rights for VMPL1 than for oneself can't be had. */
		{ .op = SIM_SCRIPT_RMPADJUST, .gpa = PAGE(0), .size = PAGE_SIZE,
		  .arg = { 1, SIM_VMPL_READ | SIM_VMPL_WRITE, 0 } },
		{ .op = SIM_SCRIPT_RMPADJUST, .gpa = PAGE(0), .size = PAGE_SIZE,
		  .arg = { 0, SIM_VMPL_READ, 0 } },
		/* 2M on 4K entries */
		KT_PVALIDATE(KT_GPA, SZ_2M, SIM_SCRIPT_F_2M, 1),
		KT_PVALIDATE(PAGE(1), SZ_2M, SIM_SCRIPT_F_2M, 1),
	};
	struct kt_vm *vm = running_vm(test, NULL);
	struct sim_rmp_owner o;
	struct sim_machine *m;
	unsigned long flags;
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 spa;

	spa = kt_page_spa(vm, 0);
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).rc, SIM_RMP_OK);
	m = sim_gate_lock(&flags);
	sim_rmp_owner(m, spa, &o);
	sim_gate_unlock(flags);
	KUNIT_EXPECT_EQ(test, o.vmpl[1], SIM_VMPL_READ | SIM_VMPL_WRITE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).rc, SIM_RMP_FAIL_PERMISSION);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).rc, SIM_RMP_FAIL_SIZEMISMATCH);
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).rc, SIM_RMP_FAIL_INPUT);
}

static int run_vcpu_pinned(void *data)
{
	set_cpus_allowed_ptr(current, cpumask_of(1));
	return kt_vcpu_run(data, 0, NULL);
}

/* While a vCPU runs, its VMSA can't be taken away from it. */
static void vmsa_in_use(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_READ, .gpa = SHARED_GPA, .size = 8,
		  .flags = SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL, .arg = { 1 } },
		KT_HLT,
	};
	unsigned long hva;
	struct kt_vm *vm = running_vm(test, &hva);
	struct sim_rmp_owner o;
	struct sim_rmp_state st;
	struct sim_script *s;
	struct sim_machine *m;
	struct kt_thread *t;
	unsigned long flags;
	bool in_use = false;
	u64 vmsa = 0, val = 0;
	int i;

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	/* To take the vCPU's CPU is to take it out of the guest. */
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(current, cpumask_of(0)));
	/* KVM keeps its address to itself; there is only one of this guest. */
	m = sim_gate_lock(&flags);
	for (i = 0; i < m->rmp_entries; i++) {
		sim_rmp_owner(m, (u64)i << PAGE_SHIFT, &o);
		if (o.assigned && o.vmsa && o.asid == vm->asid)
			vmsa = (u64)i << PAGE_SHIFT;
	}
	sim_gate_unlock(flags);
	KUNIT_ASSERT_NE(test, vmsa, 0);

	kt_write(test, hva, &val, sizeof(val));
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));
	t = kt_thread_start(test, "vcpu", run_vcpu_pinned, vm);
	for (i = 0; i < 250 && kt_result(s, 0).status == SIM_SCRIPT_PENDING; i++)
		msleep(20);

	/* The state it has: harmless, should the machine accept it. */
	for (i = 0; i < 1000 && !in_use; i++) {
		m = sim_gate_lock(&flags);
		sim_rmpread(m, vmsa, &st);
		in_use = sim_rmpupdate(m, vmsa, &st) == SIM_RMP_FAIL_INUSE;
		sim_gate_unlock(flags);
		/* The vCPU's thread may not even have been given a CPU. */
		usleep_range(100, 1000);
	}
	KUNIT_EXPECT_TRUE(test, in_use);

	val = 1;
	kt_write(test, hva, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
	m = sim_gate_lock(&flags);
	in_use = sim_rmpupdate(m, vmsa, &st) == SIM_RMP_FAIL_INUSE;
	sim_gate_unlock(flags);
	KUNIT_EXPECT_FALSE(test, in_use);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).status, SIM_SCRIPT_DONE);
}

static struct kunit_case sim_snp_cpu_cases[] = {
	KUNIT_CASE(rmp_instructions),
	KUNIT_CASE(vmsa_in_use),
	{}
};

static struct kunit_suite sim_snp_cpu_suite = {
	.name = "sim_snp_cpu",
	.init = kt_init_snp,
	.test_cases = sim_snp_cpu_cases,
};

kunit_test_suite(sim_snp_cpu_suite);
