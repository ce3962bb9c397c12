// SPDX-License-Identifier: GPL-2.0
/*
 * A command that the PSP never answers. The driver gives the PSP up, for the
 * rest of the boot: it has no way back, and neither has a test. Hence this
 * suite has boots of its own, one for each of the two things that may have
 * become of the command.
 */
#include <linux/module.h>
#include <linux/psp-sev.h>
#include <linux/swap.h>

#include "kvm_test_simulator.h"

#define NPAGES	3

static bool late;
module_param(late, bool, 0444);
MODULE_PARM_DESC(late, "The command is carried out before the time is up");

/* Pages that became firmware's since @mark and still are */
static unsigned int firmware_pages(struct kunit *test, u64 mark, u64 *spas,
				   unsigned int max)
{
	const int room = 256;
	struct kt_op *e;
	unsigned int n = 0, j;
	int i, nr;

	e = kunit_kcalloc(test, room, sizeof(*e), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e);
	nr = kt_ops(test, mark, "RMPUPDATE", e, room);
	KUNIT_ASSERT_GE(test, nr, 0);
	KUNIT_ASSERT_LE(test, nr, room);
	for (i = 0; i < nr; i++) {
		if (e[i].asid || !(e[i].arg & KT_ARG_ASSIGNED) ||
		    kt_spa_state(e[i].spa) != KT_PAGE_FIRMWARE)
			continue;
		for (j = 0; j < n && spas[j] != e[i].spa; j++)
			;
		if (j < n)
			continue;
		KUNIT_ASSERT_LT(test, n, max);
		spas[n++] = e[i].spa;
	}
	kunit_kfree(test, e);

	return n;
}

static void close_vm(struct kt_vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		kt_close(vm->test, vm->vcpu_fd[i]);
	kt_close(vm->test, vm->gmem_fd);
	kt_close(vm->test, vm->fd);
}

/* What KVM can't take back without the PSP, besides the pages of firmware */
static void expect_guest_left(struct kt_vm *vm)
{
	kt_expect_left(vm->test, SIM_DIRT_CONTEXT, vm->gctx);
	kt_expect_left(vm->test, SIM_DIRT_ASID_USED, vm->asid);
}

/*
 * KVM notes a page that it gives up, but guest_memfd frees it all the same. Keep
 * it, for ever.
 */
static void keep_page(struct kt_vm *vm, unsigned int page)
{
	KUNIT_ASSERT_EQ(vm->test, 0, kt_gmem_allocate(vm, page, 1));
	KUNIT_ASSERT_NOT_NULL(vm->test, kt_gmem_folio(vm, page));
	lru_add_drain_all();
}

static void launch_update_times_out(struct kunit *test)
{
	enum kt_fault_when when = late ? KT_FAULT_AFTER : KT_FAULT_BEFORE;
	u64 start = kt_mark(), mark, spa, other_spa, spas[16];
	struct kt_vm *vm = kt_snp_launching(test, NPAGES);
	struct kt_vm *other = kt_snp_launching(test, NPAGES);
	struct kt_vm *running = kt_snp_launching(test, NPAGES);
	struct kt_vm *fresh = kt_vm_bare(test, KVM_X86_SNP_VM);
	struct kvm_sev_snp_launch_start args = { .policy = KT_SNP_POLICY };
	struct kvm_sev_snp_launch_update p = {
		.gfn_start = KT_GFN + 1,
		.uaddr = vm->src + PAGE_SIZE,
		.len = PAGE_SIZE,
		.type = KVM_SEV_SNP_PAGE_TYPE_NORMAL,
	};
	struct sev_issue_cmd cmd = { .cmd = SEV_PLATFORM_STATUS };
	struct kt_guest_info *info = kunit_kzalloc(test, sizeof(*info), GFP_KERNEL);
	u64 gpa = KT_GPA + PAGE_SIZE, size = PAGE_SIZE;
	u8 ld[KT_LD_SIZE] = {};
	void *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	unsigned int i, n;
	u32 error = 1;
	int fault, ret = 0;

	KUNIT_ASSERT_NOT_NULL(test, info);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, p.type));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(running, 0, 1, p.type));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(running, NULL, NULL));
	keep_page(vm, 1);
	keep_page(other, 0);
	spa = kt_page_spa(vm, 1);
	other_spa = kt_page_spa(other, 0);

	/* No status, and the page can't be taken back: the VM is given up. */
	fault = kt_fault_timeout(test, "SNP_LAUNCH_UPDATE", when);
	kunit_warning_suppress(test) {
		ret = kt_snp_update(vm, &p, &error);
		KUNIT_EXPECT_GE(test, KUNIT_SUPPRESSED_WARNING_COUNT(), 1);
	}
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_EQ(test, 0, error);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, p.len);
	KUNIT_EXPECT_TRUE(test, vm->kvm->vm_bugged);
	KUNIT_EXPECT_EQ(test, late ? KT_PAGE_GUEST_VALID : KT_PAGE_PRE_GUEST,
			kt_spa_state(spa));
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_update(vm, &p, NULL));
	KUNIT_EXPECT_EQ(test, -EIO, kt_snp_finish(vm, NULL, NULL));

	/* Whether it was measured nobody can tell the host any more. */
	for (i = 0; i <= late; i++) {
		kt_pattern(page, i);
		kt_ld_extend(ld, p.type, KT_GPA + i * PAGE_SIZE, page);
	}
	kt_expect_ld(vm, ld);

	/* From here on no command reaches the PSP. */
	mark = kt_mark();
	p.gfn_start = KT_GFN;
	p.uaddr = other->src;
	kunit_warning_suppress(test) {
		ret = kt_snp_update(other, &p, &error);
	}
	KUNIT_EXPECT_EQ(test, -EIO, ret);
	KUNIT_EXPECT_TRUE(test, other->kvm->vm_bugged);
	KT_EXPECT_SPA_STATE(test, other_spa, KT_PAGE_PRE_GUEST);

	KUNIT_EXPECT_EQ(test, 0, kt_snp_init2(fresh));
	KUNIT_EXPECT_EQ(test, kt_fixed() ? -EBUSY : -ENOTTY,
			kt_sev(fresh, KVM_SEV_SNP_LAUNCH_START, &args, sizeof(args), NULL));
	KUNIT_EXPECT_EQ(test, -EBUSY, kt_ioctl_buf(test, vm->sev_fd, SEV_ISSUE_CMD,
						   &cmd, sizeof(cmd)));
	KT_EXPECT_CALLS(test, mark, "SNP_LAUNCH_UPDATE", 0);
	KT_EXPECT_CALLS(test, mark, "SNP_PAGE_RECLAIM", 0);
	KT_EXPECT_CALLS(test, mark, "SNP_GCTX_CREATE", 0);

	/* A guest that runs has no need of it: the RMP is the CPU's. */
	KUNIT_EXPECT_EQ(test, 0, kt_vcpu_pre_fault(running, 0, &gpa, &size));
	KUNIT_EXPECT_EQ(test, KT_PAGE_GUEST_INVALID, kt_page_state(running, 1));

	/*
	 * Teardown. What a RMPUPDATE can take back is taken back; what needs the
	 * PSP is leaked: contexts and their ASIDs, the page per VM that firmware
	 * answers the guest in, the context that LAUNCH_START could not create,
	 * and pages that are immutable.
	 */
	expect_guest_left(vm);
	expect_guest_left(other);
	expect_guest_left(running);
	if (!late)
		kt_expect_left(test, SIM_DIRT_PAGE, spa);
	kt_expect_left(test, SIM_DIRT_PAGE, other_spa);
	n = firmware_pages(test, start, spas, ARRAY_SIZE(spas));
	KUNIT_EXPECT_EQ(test, 5, n);
	for (i = 0; i < n; i++)
		kt_expect_left(test, SIM_DIRT_PAGE, spas[i]);
	/* The processor counts the pages of each ASID. */
	if (!late)
		kt_expect_left(test, SIM_DIRT_ASID_COUNT, 1);
	kt_expect_left(test, SIM_DIRT_ASID_COUNT, 1);

	kunit_warning_suppress(test) {
		close_vm(vm);
		close_vm(other);
		close_vm(running);
		kt_close(test, fresh->fd);
	}
	KT_EXPECT_CALLS(test, mark, "SNP_DECOMMISSION", 0);
}

static struct kunit_case snp_psp_timeout_cases[] = {
	KUNIT_CASE(launch_update_times_out),
	{}
};

static struct kunit_suite snp_psp_timeout_suite = {
	.name = "snp_psp_timeout",
	.init = kt_init_snp,
	.test_cases = snp_psp_timeout_cases,
};

kunit_test_suite(snp_psp_timeout_suite);
