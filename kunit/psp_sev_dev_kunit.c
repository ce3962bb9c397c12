// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/sev while SNP is initialised: commands whose answer comes in the buffer
 * they were given are written by firmware, which then owns the page. The driver
 * has to take it back, or the next command has no buffer.
 */
#include <linux/mman.h>
#include <linux/psp-sev.h>

#include "../../../drivers/crypto/ccp/psp-dev.h"
#include "../../../drivers/crypto/ccp/sev-dev.h"

#include "kvm_test_sim.h"

static int issue(struct kunit *test, int fd, u32 cmd, unsigned long uaddr, u32 *error)
{
	struct sev_issue_cmd arg = { .cmd = cmd, .data = uaddr, .error = U32_MAX };
	int ret;

	ret = kt_ioctl_buf(test, fd, SEV_ISSUE_CMD, &arg, sizeof(arg));
	*error = arg.error;
	return ret;
}

static void legacy_commands_can_be_repeated(struct kunit *test)
{
	static const char * const ops[] = {
		"RMPUPDATE", "SEV_PLATFORM_STATUS", "SNP_PAGE_RECLAIM", "RMPUPDATE", NULL
	};
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct sev_user_data_status st[3];
	struct kt_op e;
	unsigned int i;
	u32 error;
	u64 mark;
	int fd;

	fd = kt_open_dev(test, "sev");
	KUNIT_ASSERT_GE(test, fd, 0);
	for (i = 0; i < ARRAY_SIZE(st); i++) {
		memset(&st[i], 0xa5, sizeof(st[i]));
		kt_write(test, uaddr, &st[i], sizeof(st[i]));
		mark = kt_mark();
		KUNIT_ASSERT_EQ(test, 0, issue(test, fd, SEV_PLATFORM_STATUS, uaddr, &error));
		KUNIT_EXPECT_EQ(test, SEV_RET_SUCCESS, error);
		kt_expect_ops(test, mark, ops);
		if (kt_checks(test, KT_LEDGER)) {
			KUNIT_ASSERT_EQ(test, 1, kt_ops(test, mark, "SNP_PAGE_RECLAIM", &e, 1));
			KT_EXPECT_SPA_STATE(test, e.spa, KT_PAGE_HYPERVISOR);
		}

		kt_read(test, uaddr, &st[i], sizeof(st[i]));
		/* Firmware was initialised for SNP only, or for guests of old as well. */
		KUNIT_EXPECT_LE(test, st[i].state, SEV_STATE_WORKING);
		KUNIT_EXPECT_EQ(test, 0, st[i].guest_count);
		KUNIT_EXPECT_MEMEQ(test, &st[0], &st[i], sizeof(st[i]));
	}
}

/* Firmware refuses: the buffer comes back all the same. */
static void buffer_of_a_refused_command_comes_back(struct kunit *test)
{
	static const char * const ops[] = {
		"RMPUPDATE", "SEV_PLATFORM_STATUS", "SNP_PAGE_RECLAIM", "RMPUPDATE", NULL
	};
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	int fd, fault;
	u32 error;
	u64 mark;

	fd = kt_open_dev(test, "sev");
	KUNIT_ASSERT_GE(test, fd, 0);
	fault = kt_fault(test, "SEV_PLATFORM_STATUS", 1, SEV_RET_INVALID_ADDRESS);
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EIO, issue(test, fd, SEV_PLATFORM_STATUS, uaddr, &error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_ADDRESS, error);
	kt_expect_ops(test, mark, ops);
	KUNIT_EXPECT_EQ(test, 0, issue(test, fd, SEV_PLATFORM_STATUS, uaddr, &error));
}

/*
 * The answer of LAUNCH_MEASURE goes to a buffer of two pages, by way of two pages
 * that firmware owns meanwhile, as it does the command's own buffer: RMPUPDATE is
 * called for the two, for the command, and after it for the command and the two again.
 */
#define ANSWER_PAGES	2

static const struct answer {
	const char *desc;
	const char *op;
	u32 nth;
	u32 status;
	/* Pages of the answer that are lost, and what they are then; firmware keeps the rest */
	unsigned int lost;
	enum kt_page_state state;
	/* The command got to firmware. */
	bool executed;
	/* The first page that has to be taken back can't be. */
	bool kept;
} answers[] = {
	{ "buffer can't be given", "RMPUPDATE", 1, KT_RMP_FAIL_INUSE },
	{ "second page can't be given", "RMPUPDATE", 2, KT_RMP_FAIL_INUSE },
	{ "second page can't be given, first can't be reclaimed", "RMPUPDATE", 2,
	  KT_RMP_FAIL_INUSE, 1, KT_PAGE_FIRMWARE, .kept = true },
	{ "command can't be given", "RMPUPDATE", 3, KT_RMP_FAIL_INUSE },
	{ "buffer can't be reclaimed", "SNP_PAGE_RECLAIM", 2, SEV_RET_INVALID_PAGE_STATE,
	  2, KT_PAGE_FIRMWARE, .executed = true },
	{ "reclaimed buffer can't be made shared", "RMPUPDATE", 5, KT_RMP_FAIL_INUSE,
	  2, KT_PAGE_RECLAIM, .executed = true },
};

KUNIT_ARRAY_PARAM_DESC(answers, answers, desc);

/* What can't be got back is leaked, and the next command is none the worse. */
static void answer_without_a_buffer(struct kunit *test)
{
	const struct answer *a = test->param_value;
	struct sev_data_launch_measure data = { .handle = 0xdead };
	struct kt_op *e;
	unsigned long buf;
	int fault, kept = 0, n, err;
	u64 mark, spa;
	unsigned int i;

	if (!kt_fixed() && !a->executed)
		kunit_skip(test, "without the fix the driver loses its command buffer, see snp_findings");
	e = kunit_kcalloc(test, 8, sizeof(*e), GFP_KERNEL);
	buf = (unsigned long)kunit_kzalloc(test, ANSWER_PAGES * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_ASSERT_NE(test, 0, buf);
	data.address = __sme_set(__pa(buf));
	data.len = ANSWER_PAGES * PAGE_SIZE;

	fault = kt_fault(test, a->op, a->nth, a->status);
	if (a->kept)
		kept = kt_fault(test, "SNP_PAGE_RECLAIM", 1, SEV_RET_INVALID_PAGE_STATE);
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EFAULT, sev_do_cmd(SEV_CMD_LAUNCH_MEASURE, &data, &err));
	kt_expect_delivered(test, fault, 1);
	if (a->kept)
		kt_expect_delivered(test, kept, 1);
	KT_EXPECT_CALLS(test, mark, "SEV_LAUNCH_MEASURE", a->executed);

	n = kt_ops(test, mark, "SNP_PAGE_RECLAIM", e, 8);
	if (a->lost) {
		/* The last one asked for is the first one lost. */
		KUNIT_ASSERT_EQ(test, n, a->executed ? 2 : 1);
		spa = e[n - 1].spa;
		KT_EXPECT_SPA_STATE(test, spa, a->state);
		for (i = 1; i < a->lost; i++)
			KT_EXPECT_SPA_STATE(test, spa + i * PAGE_SIZE, KT_PAGE_FIRMWARE);
		KUNIT_EXPECT_GE(test, page_ref_count(pfn_to_page(PHYS_PFN(spa))), 1);
		if (a->state == KT_PAGE_RECLAIM)
			KUNIT_EXPECT_EQ(test, 0, rmp_make_shared(PHYS_PFN(spa), PG_LEVEL_4K));
		else
			kt_take_back(test, spa);
		for (i = 1; i < a->lost; i++)
			kt_take_back(test, spa + i * PAGE_SIZE);
	} else {
		/* Firmware had some of them. */
		KUNIT_EXPECT_EQ(test, n, a->nth - 1);
	}

	data.address = __sme_set(__pa(buf));
	data.len = ANSWER_PAGES * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, -EIO, sev_do_cmd(SEV_CMD_LAUNCH_MEASURE, &data, &err));
	/* Whether there can be guests of old depends on how the machine was booted. */
	KUNIT_EXPECT_TRUE_MSG(test, err == SEV_RET_INVALID_GUEST ||
			      err == SEV_RET_INVALID_PLATFORM_STATE, "error %#x", err);
}

/* Firmware keeps the command's own buffer: the driver gives it up, see finding 23. */
static void command_buffer_that_firmware_keeps(struct kunit *test)
{
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct sev_device *sev = psp_master->sev_data;
	void *buf = sev->cmd_buf;
	struct kt_op e;
	int fd, fault;
	u32 error;
	u64 mark;

	fd = kt_open_dev(test, "sev");
	KUNIT_ASSERT_GE(test, fd, 0);
	fault = kt_fault(test, "SNP_PAGE_RECLAIM", 1, SEV_RET_INVALID_PAGE_STATE);
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EFAULT, issue(test, fd, SEV_PLATFORM_STATUS, uaddr, &error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_ASSERT_EQ(test, 1, kt_ops(test, mark, "SNP_PAGE_RECLAIM", &e, 1));
	KUNIT_EXPECT_EQ(test, e.spa, __pa(buf));
	KT_EXPECT_SPA_STATE(test, e.spa, KT_PAGE_RECLAIM);
	KUNIT_EXPECT_EQ(test, !kt_fixed(), sev->cmd_buf_active);
	KUNIT_EXPECT_EQ(test, !kt_fixed(), sev->cmd_buf == buf);
	KUNIT_EXPECT_FALSE(test, sev->cmd_buf_backup_active);

	/* Without the fix, by way of the other buffer. */
	kt_take_back(test, e.spa);
	sev->cmd_buf_active = false;
	KUNIT_EXPECT_EQ(test, 0, issue(test, fd, SEV_PLATFORM_STATUS, uaddr, &error));
}

/*
 * SNP_PLATFORM_STATUS is answered in a page that firmware owns meanwhile: it is
 * given, then the command buffer, and after the command both are taken back.
 */
static const struct status_failure {
	const char *desc;
	const char *op;
	u32 nth;
	s32 status;
	int ret;
	/* The page can't be got back. */
	bool lost;
} status_failures[] = {
	{ "page can't be given", "RMPUPDATE", 1, KT_RMP_FAIL_INUSE, -EFAULT },
	{ "firmware refuses", "SNP_PLATFORM_STATUS", 1, SEV_RET_INVALID_PAGE_STATE, -EIO },
	{ "page can't be taken back", "SNP_PAGE_RECLAIM", 1, SEV_RET_INVALID_PAGE_STATE,
	  -EFAULT, true },
};

KUNIT_ARRAY_PARAM_DESC(status_failures, status_failures, desc);

static void snp_status_fails(struct kunit *test)
{
	const struct status_failure *f = test->param_value;
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	int fd, fault;
	struct kt_op e;
	u32 error;
	u64 mark;

	fd = kt_open_dev(test, "sev");
	KUNIT_ASSERT_GE(test, fd, 0);
	fault = kt_fault(test, f->op, f->nth, f->status);
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, f->ret, issue(test, fd, SNP_PLATFORM_STATUS, uaddr, &error));
	kt_expect_delivered(test, fault, 1);
	if (f->lost) {
		KUNIT_ASSERT_EQ(test, 1, kt_ops(test, mark, "SNP_PAGE_RECLAIM", &e, 1));
		kt_take_back(test, e.spa);
	}
	KUNIT_EXPECT_EQ(test, 0, issue(test, fd, SNP_PLATFORM_STATUS, uaddr, &error));
}

static void snp_status_no_memory(struct kunit *test)
{
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	unsigned int nth;
	int fd, ret = 0;
	u32 error;

	fd = kt_open_dev(test, "sev");
	KUNIT_ASSERT_GE(test, fd, 0);
	/* The page of the answer is there from now on. */
	KUNIT_ASSERT_EQ(test, 0, issue(test, fd, SNP_PLATFORM_STATUS, uaddr, &error));
	for (nth = 1; nth < 20; nth++) {
		kt_fail_alloc(test, nth);
		ret = issue(test, fd, SNP_PLATFORM_STATUS, uaddr, &error);
		if (!kt_fail_alloc_end() || !ret)
			break;
		KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
	}
	KUNIT_EXPECT_GT(test, nth, 1);
	KUNIT_EXPECT_EQ(test, 0, ret);
}

static struct kunit_case psp_sev_dev_cases[] = {
	KUNIT_CASE(legacy_commands_can_be_repeated),
	KUNIT_CASE(buffer_of_a_refused_command_comes_back),
	KUNIT_CASE_PARAM(answer_without_a_buffer, answers_gen_params),
	KUNIT_CASE(command_buffer_that_firmware_keeps),
	KUNIT_CASE_PARAM(snp_status_fails, status_failures_gen_params),
	KUNIT_CASE(snp_status_no_memory),
	{}
};

static struct kunit_suite psp_sev_dev_suite = {
	.name = "psp_sev_dev",
	.init = kt_init_snp,
	.test_cases = psp_sev_dev_cases,
};

kunit_test_suite(psp_sev_dev_suite);
