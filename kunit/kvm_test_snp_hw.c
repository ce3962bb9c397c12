// SPDX-License-Identifier: GPL-2.0
/*
 * In place of kvm_test_sim.c in a kernel without a simulator: what the RMP and the
 * firmware of a machine with SNP tell the host.
 */
#include <kunit/test-bug.h>
#include <linux/psp.h>
#include <linux/slab.h>

#include <asm/cpufeature.h>
#include <asm/firmware_raw.h>
#include <asm/sev.h>

#include "kvm_test_sim.h"

/*
 * Without RMPREAD the kernel knows no more than who owns a page. With it the states
 * that differ in what only firmware or the guest sees look the same.
 */
enum kt_page_state kt_visible(enum kt_page_state state)
{
	switch (state) {
	case KT_PAGE_HYPERVISOR:
	case KT_PAGE_HV_FIXED:
		return KT_PAGE_HYPERVISOR;
	case KT_PAGE_FIRMWARE:
	case KT_PAGE_CONTEXT:
	case KT_PAGE_METADATA:
		return KT_PAGE_FIRMWARE;
	default:
		break;
	}
	if (!cpu_feature_enabled(X86_FEATURE_RMPREAD))
		return KT_PAGE_FIRMWARE;
	switch (state) {
	case KT_PAGE_PRE_GUEST:
	case KT_PAGE_PRE_SWAP:
		return KT_PAGE_PRE_GUEST;
	case KT_PAGE_GUEST_INVALID:
	case KT_PAGE_GUEST_VALID:
		return KT_PAGE_GUEST_INVALID;
	default:
		return state;
	}
}

enum kt_page_state kt_spa_state(u64 spa)
{
	struct kunit *test = kunit_get_current_test();
	bool assigned = false;
	struct rmp_state e = {};
	int level, ret;

	if (!cpu_feature_enabled(X86_FEATURE_RMPREAD)) {
		ret = snp_lookup_rmpentry(PHYS_PFN(spa), &assigned, &level);
		if (ret)
			KUNIT_FAIL(test, "no RMP entry of %#llx: %d", spa, ret);
		return assigned ? KT_PAGE_FIRMWARE : KT_PAGE_HYPERVISOR;
	}
	ret = rmp_bound_ops()->read(spa, (struct rmpentry *)&e);
	if (ret)
		KUNIT_FAIL(test, "RMPREAD of %#llx: %d", spa, ret);
	if (!(e.assigned & 1))
		return KT_PAGE_HYPERVISOR;
	if (!e.asid)
		return e.immutable & 1 ? KT_PAGE_FIRMWARE : KT_PAGE_RECLAIM;
	return e.immutable & 1 ? KT_PAGE_PRE_GUEST : KT_PAGE_GUEST_INVALID;
}

/* The beginning of what GUEST_STATUS answers */
struct guest_status {
	u64 policy;
	u32 asid;
	u8 state;
} __packed;

static struct guest_status guest_status(struct kt_vm *vm)
{
	struct sev_data_snp_guest_status cmd = { .gctx_paddr = __sme_set(vm->gctx) };
	void *page = snp_alloc_firmware_page(GFP_KERNEL_ACCOUNT);
	struct guest_status st;
	int ret, error = 0;

	KUNIT_ASSERT_NOT_NULL(vm->test, page);
	cmd.address = __psp_pa(page);
	ret = sev_do_cmd(SEV_CMD_SNP_GUEST_STATUS, &cmd, &error);
	memcpy(&st, page, sizeof(st));
	snp_free_firmware_page(page);
	KUNIT_ASSERT_EQ_MSG(vm->test, 0, ret, "GUEST_STATUS: %#x", error);

	return st;
}

void kt_guest_info(struct kt_vm *vm, struct kt_guest_info *info)
{
	kt_needs(vm->test, KT_INSIDE);
}

void kt_expect_guest_state(struct kt_vm *vm, enum kt_guest_state state)
{
	KUNIT_EXPECT_EQ(vm->test, state, guest_status(vm).state);
}

void kt_guest_read(struct kt_vm *vm, unsigned int page, void *buf)
{
	kt_needs(vm->test, KT_INSIDE);
}

/* Where the policy is in an identity block; it begins with the digest. */
#define ID_BLOCK_POLICY	88

static int finish_with_id(struct kt_vm *vm, void *block, void *auth)
{
	struct sev_data_snp_launch_finish cmd = {
		.gctx_paddr = __sme_set(vm->gctx),
		.id_block_paddr = __psp_pa(block),
		.id_auth_paddr = __psp_pa(auth),
		.id_block_en = 1,
	};
	int error = 0;

	sev_do_cmd(SEV_CMD_SNP_LAUNCH_FINISH, &cmd, &error);
	return error;
}

/*
 * No command reports a launch digest to the host. But LAUNCH_FINISH compares it with
 * the identity block's before it compares the policy, and a block with the right
 * digest and a wrong policy leaves the guest in launch; suite snp_firmware holds
 * firmware to that. After the launch there is no such way.
 */
void kt_expect_ld(struct kt_vm *vm, const u8 ld[KT_LD_SIZE])
{
	struct guest_status st = guest_status(vm);
	struct kunit *test = vm->test;
	u64 policy = ~st.policy;
	u8 *block, *auth;

	if (st.state != KT_GUEST_LAUNCH) {
		kt_checks(test, KT_INSIDE);
		return;
	}
	block = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	auth = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, block);
	KUNIT_ASSERT_NOT_NULL(test, auth);
	memcpy(block, ld, KT_LD_SIZE);
	memcpy(block + ID_BLOCK_POLICY, &policy, sizeof(policy));
	KUNIT_EXPECT_EQ_MSG(test, SEV_RET_POLICY_FAILURE, finish_with_id(vm, block, auth),
			    "the launch digest is not %*phN", KT_LD_SIZE, ld);
	block[0] ^= 1;
	KUNIT_EXPECT_EQ(test, SEV_RET_BAD_MEASUREMENT, finish_with_id(vm, block, auth));
	kunit_kfree(test, auth);
	kunit_kfree(test, block);
}
