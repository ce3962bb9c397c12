// SPDX-License-Identifier: GPL-2.0
/*
 * A machine whose setup leaves SNP guests few ASIDs, all of which are in use at the
 * same time. It needs a boot with sim_min_sev_asid=.
 */
#include <linux/module.h>
#include <linux/psp-sev.h>
#include <asm/cpuid/api.h>

#include "kvm_test_sim.h"

#define NR_ASIDS	3

/* A guest more than there are ASIDs has to wait until one is given back. */
static void as_many_guests_as_asids(struct kunit *test)
{
	static const char * const none[] = { NULL };
	struct kt_vm *vm[NR_ASIDS + 1];
	u64 mark;
	int i, j;

	for (i = 0; i <= NR_ASIDS; i++)
		vm[i] = kt_vm_bare(test, KVM_X86_SNP_VM);
	for (i = 0; i < NR_ASIDS; i++) {
		KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm[i]));
		KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm[i], KT_SNP_POLICY, NULL));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, vm[i]->asid, vm[j]->asid);
	}

	/* The root of the cgroups has no more to give, either: firmware is not even asked. */
	mark = kt_mark();
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, -EBUSY, kt_snp_init2(vm[NR_ASIDS]));
	kt_expect_ops(test, mark, none);

	kt_close(test, vm[1]->fd);
	mark = kt_mark();
	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm[NR_ASIDS]));
	KT_EXPECT_CALLS(test, mark, "SNP_DF_FLUSH", 1);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm[NR_ASIDS], KT_SNP_POLICY, NULL));
	KUNIT_EXPECT_EQ(test, vm[NR_ASIDS]->asid, vm[1]->asid);
}

static int few_asids_init(struct kunit *test)
{
	int ret = kt_init_snp(test);
	u32 eax, ebx, ecx, min_sev_asid;

	if (ret)
		return ret;
	cpuid(0x8000001f, &eax, &ebx, &ecx, &min_sev_asid);
	if (min_sev_asid != NR_ASIDS + 1)
		kunit_skip(test, "this machine has no such ASIDs: boot with sim_min_sev_asid=%u",
			   NR_ASIDS + 1);
	return 0;
}

static struct kunit_case few_asids_cases[] = {
	KUNIT_CASE(as_many_guests_as_asids),
	{}
};

static struct kunit_suite few_asids_suite = {
	.name = "snp_few_asids",
	.init = few_asids_init,
	.test_cases = few_asids_cases,
};

kunit_test_suites(&few_asids_suite);

MODULE_DESCRIPTION("KUnit suite for SNP guests that use all ASIDs");
MODULE_LICENSE("GPL");
