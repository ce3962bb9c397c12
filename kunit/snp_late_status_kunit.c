// SPDX-License-Identifier: GPL-2.0
/*
 * An operation that takes effect and is answered with a failure all the same.
 * The hardware is not known to do that but for commands that time out: these
 * are hypothetical, and show what KVM relies on.
 */
#include <linux/mm.h>
#include <linux/psp-sev.h>
#include <linux/swap.h>

#include "kvm_test_simulator.h"

#define T_NORMAL	KVM_SEV_SNP_PAGE_TYPE_NORMAL
#define T_CPUID		KVM_SEV_SNP_PAGE_TYPE_CPUID

static int fault_after(struct kunit *test, const char *name, s32 status)
{
	return kt_fault_full(test, name, 1, 1, KT_FAULT_AFTER, status);
}

static int update(struct kt_vm *vm, u8 type, u32 *error)
{
	struct kvm_sev_snp_launch_update p = {
		.gfn_start = KT_GFN,
		.uaddr = vm->src,
		.len = PAGE_SIZE,
		.type = type,
	};

	return kt_snp_update(vm, &p, error);
}

/*
 * KVM takes the failure at its word: the page goes back to the host, and the
 * caller may try again. Firmware has measured it, and measures it once more.
 */
static void refused_after_it_was_measured(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	int fault = fault_after(test, "SNP_LAUNCH_UPDATE", SEV_RET_INVALID_PAGE_STATE);
	void *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u8 ld[KT_LD_SIZE] = {};
	u32 error = 0;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, -EIO, update(vm, T_NORMAL, &error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PAGE_STATE, error);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_HYPERVISOR);
	KUNIT_EXPECT_FALSE(test, vm->kvm->vm_bugged);
	kt_pattern(page, 0);
	kt_ld_extend(ld, T_NORMAL, KT_GPA, page);
	kt_expect_ld(vm, ld);

	KUNIT_EXPECT_EQ(test, 0, update(vm, T_NORMAL, &error));
	kt_ld_extend(ld, T_NORMAL, KT_GPA, page);
	kt_expect_ld(vm, ld);
}

/*
 * A CPUID table that firmware took is encrypted. Were it called rejected, user
 * space would get the ciphertext for a corrected table, but nothing of what the
 * guest was given.
 */
static void table_refused_after_it_was_taken(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	u8 *table = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	int fault = fault_after(test, "SNP_LAUNCH_UPDATE", SEV_RET_INVALID_PARAM);
	u32 error = 0;

	KUNIT_ASSERT_NOT_NULL(test, table);
	kt_write(test, vm->src, table, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, -EIO, update(vm, T_CPUID, &error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM, error);
	KT_EXPECT_STATE(vm, 0, KT_PAGE_HYPERVISOR);
	kt_read(test, vm->src, table, PAGE_SIZE);
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(table, 0, PAGE_SIZE));
}

/*
 * The page was reclaimed, but KVM can't know: the VM is given up. When its file
 * goes the page turns out to be one that the host can take back.
 */
static void reclaim_refused_after_it_was_done(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	int fault, ret = 0;
	u32 error = 0;
	u64 spa;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	spa = kt_page_spa(vm, 0);
	KUNIT_ASSERT_NOT_NULL(test, kt_gmem_folio(vm, 0));
	lru_add_drain_all();

	kt_fault(test, "SNP_LAUNCH_UPDATE", 1, SEV_RET_INVALID_PAGE_STATE);
	fault = fault_after(test, "SNP_PAGE_RECLAIM", SEV_RET_INVALID_PAGE_STATE);
	kunit_warning_suppress(test) {
		ret = update(vm, T_NORMAL, &error);
		KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
	}
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_GUEST_INVALID);

	kt_close(test, vm->gmem_fd);
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_HYPERVISOR);
}

/*
 * The entry changed, the instruction says it did not: KVM leaves the page as it
 * is, and refuses to launch it, until the hole is punched that shares it.
 */
static void rmpupdate_refused_after_it_was_done(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	int fault = fault_after(test, "RMPUPDATE", KT_RMP_FAIL_INUSE);
	u64 mark = kt_mark(), spa;
	u32 error = 1;

	KUNIT_ASSERT_EQ(test, 0, kt_gmem_allocate(vm, 0, 1));
	spa = kt_page_spa(vm, 0);
	KUNIT_EXPECT_EQ(test, -EIO, update(vm, T_NORMAL, &error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, 0, error);
	KT_EXPECT_CALLS(test, mark, "SNP_LAUNCH_UPDATE", 0);
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_PRE_GUEST);
	KUNIT_EXPECT_EQ(test, -EIO, update(vm, T_NORMAL, NULL));

	/* An immutable page can't be shared: firmware has to release it first. */
	kt_take_back(test, spa);
	KUNIT_EXPECT_EQ(test, 0, update(vm, T_NORMAL, NULL));
}

static void decommission_refused_after_it_was_done(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	int fault;

	fault = fault_after(test, "SNP_DECOMMISSION", SEV_RET_INVALID_GUEST);
	kt_close(test, vm->vcpu_fd[0]);
	kt_close(test, vm->gmem_fd);
	kunit_warning_suppress(test) {
		kt_close(test, vm->fd);
		KUNIT_EXPECT_EQ(test, 1, KUNIT_SUPPRESSED_WARNING_COUNT());
	}
	kt_expect_delivered(test, fault, 1);

	/* The context page is firmware's and never asked for again. */
	KT_EXPECT_SPA_STATE(test, vm->gctx, KT_PAGE_FIRMWARE);
	kt_take_back(test, vm->gctx);
}

static struct kunit_case snp_late_status_cases[] = {
	KUNIT_CASE(refused_after_it_was_measured),
	KUNIT_CASE(table_refused_after_it_was_taken),
	KUNIT_CASE(reclaim_refused_after_it_was_done),
	KUNIT_CASE(rmpupdate_refused_after_it_was_done),
	KUNIT_CASE(decommission_refused_after_it_was_done),
	{}
};

static struct kunit_suite snp_late_status_suite = {
	.name = "snp_late_status",
	.init = kt_init_snp,
	.test_cases = snp_late_status_cases,
};

kunit_test_suite(snp_late_status_suite);
