// SPDX-License-Identifier: GPL-2.0
/*
 * ASIDs of SNP guests: each is used once, until none is left; then all that were
 * given back are flushed and used again.
 */
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/misc_cgroup.h>
#include <linux/printk.h>
#include <linux/psp-sev.h>

#include "kvm_test_sim.h"

static u64 flushes(void)
{
	return kt_op_count("SNP_DF_FLUSH");
}

static void asids_are_used_again_after_a_flush(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	struct kt_op *wb, *df;
	u64 mark = kt_mark();
	unsigned int cpu, i;
	int n;

	df = kunit_kzalloc(test, sizeof(*df), GFP_KERNEL);
	wb = kunit_kcalloc(test, 16, sizeof(*wb), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, df);
	KUNIT_ASSERT_NOT_NULL(test, wb);
	kt_use_up_asids(vm);

	/* Every CPU writes back its caches first, or firmware would refuse. */
	KUNIT_ASSERT_EQ(test, 1, kt_ops(test, mark, "SNP_DF_FLUSH", df, 1));
	KUNIT_EXPECT_EQ(test, 0, df->status);
	n = kt_ops(test, mark, "WBINVD", wb, 16);
	KUNIT_ASSERT_GE(test, n, 0);
	KUNIT_ASSERT_LE(test, n, 16);
	for_each_online_cpu(cpu) {
		for (i = 0; i < n; i++)
			if (wb[i].arg == cpu && wb[i].seq < df->seq)
				break;
		KUNIT_EXPECT_LT_MSG(test, i, n, "CPU %u", cpu);
	}

	/* What was flushed can be bound to a guest. */
	vm = kt_snp_launching(test, 2);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_update_pages(vm, 0, 2, KVM_SEV_SNP_PAGE_TYPE_NORMAL));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
}

static void asid_of_a_live_guest_is_left_alone(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	struct kt_vm *burner = kt_vm_bare(test, KVM_X86_SNP_VM);
	struct kt_vm *other;
	u32 *want = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u32 *got = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, want);
	KUNIT_ASSERT_NOT_NULL(test, got);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, KVM_SEV_SNP_PAGE_TYPE_NORMAL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));

	kt_use_up_asids(burner);
	other = kt_snp_launching(test, 1);
	KUNIT_EXPECT_NE(test, vm->asid, other->asid);
	kt_pattern(want, 0);
	kt_guest_read(vm, 0, got);
	KUNIT_EXPECT_MEMEQ(test, want, got, PAGE_SIZE);
}

/* The flush fails: there are no ASIDs until it succeeds. */
static void failed_flush_gives_no_asid(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	int refused, fault, loglevel, ret = -EIO;
	unsigned int n;

	refused = kt_fault_full(test, "RMPUPDATE", 1, KT_MAX_ASIDS, KT_FAULT_BEFORE,
				KT_RMP_FAIL_INUSE);
	fault = kt_fault(test, "SNP_DF_FLUSH", 1, SEV_RET_WBINVD_REQUIRED);
	loglevel = kt_console_loglevel(test, CONSOLE_LOGLEVEL_SILENT);
	for (n = 0; n < KT_MAX_ASIDS && ret == -EIO; n++)
		ret = kt_snp_init2(vm);
	kt_console_loglevel(test, loglevel);
	kt_expect_delivered(test, refused, n - 1);
	kt_expect_delivered(test, fault, 1);
	kt_fault_clear();
	KUNIT_EXPECT_EQ(test, -EBUSY, ret);

	KUNIT_EXPECT_EQ(test, 0, kt_snp_init2(vm));
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
}

static void close_vm(struct kt_vm *vm)
{
	kt_close(vm->test, vm->vcpu_fd[0]);
	kt_close(vm->test, vm->gmem_fd);
	kt_close(vm->test, vm->fd);
}

static void asid_is_not_used_again_at_once(struct kunit *test)
{
	struct kt_vm *vm;
	u64 before;
	u32 asid;

	/* Earlier tests may have left the last one: begin with plenty. */
	kt_use_up_asids(kt_vm_bare(test, KVM_X86_SNP_VM));
	before = flushes();
	vm = kt_snp_launching(test, 1);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	asid = vm->asid;
	close_vm(vm);

	/* It would need a flush first, which is put off until none is left. */
	vm = kt_snp_launching(test, 1);
	KUNIT_EXPECT_EQ(test, before, flushes());
	KUNIT_EXPECT_NE(test, asid, vm->asid);
}

/* After a flush there are as many as before: no VM has kept its ASID. */
static void every_vm_gives_its_asid_back(struct kunit *test)
{
	struct kt_vm *burner = kt_vm_bare(test, KVM_X86_SNP_VM);
	struct kt_vm *vm;
	unsigned int all, left;

	kt_use_up_asids(burner);
	all = kt_use_up_asids(burner);

	/* A VM that was not launched, one that was not finished, one that was */
	vm = kt_snp_vm(test, 1);
	close_vm(vm);
	vm = kt_snp_launching(test, 1);
	close_vm(vm);
	vm = kt_snp_launching(test, 1);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	close_vm(vm);

	left = kt_use_up_asids(burner);
	KUNIT_EXPECT_EQ(test, all - 3, left);
	KUNIT_EXPECT_EQ(test, all, kt_use_up_asids(burner));
}

/* The limit is what a write to misc.max sets. */
static void limit_of_the_cgroup_holds(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	struct misc_cg *cg = get_current_misc_cg();
	struct misc_res *res = &cg->res[MISC_CG_RES_SEV_ES];
	static const char * const none[] = { NULL };
	u64 max = READ_ONCE(res->max), usage = atomic64_read(&res->usage);
	u64 mark = kt_mark();
	int i;

	WRITE_ONCE(res->max, usage);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, -EBUSY, kt_snp_init2(vm));
	WRITE_ONCE(res->max, max);
	KUNIT_EXPECT_EQ(test, usage, atomic64_read(&res->usage));
	kt_expect_ops(test, mark, none);

	KUNIT_EXPECT_EQ(test, 0, kt_snp_init2(vm));
	KUNIT_EXPECT_EQ(test, usage + 1, atomic64_read(&res->usage));
	put_misc_cg(cg);
}

static struct kunit_case snp_asid_cases[] = {
	KUNIT_CASE(asid_is_not_used_again_at_once),
	KUNIT_CASE(every_vm_gives_its_asid_back),
	KUNIT_CASE(asids_are_used_again_after_a_flush),
	KUNIT_CASE(asid_of_a_live_guest_is_left_alone),
	KUNIT_CASE(failed_flush_gives_no_asid),
	KUNIT_CASE(limit_of_the_cgroup_holds),
	{}
};

static struct kunit_suite snp_asid_suite = {
	.name = "snp_asid",
	.init = kt_init_snp,
	.test_cases = snp_asid_cases,
};

kunit_test_suite(snp_asid_suite);
