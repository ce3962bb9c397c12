// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/sev while SNP is initialised: commands whose answer comes in the buffer
 * they were given are written by firmware, which then owns the page. The driver
 * has to take it back, or the next command has no buffer.
 */
#include <linux/mman.h>
#include <linux/psp-sev.h>

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
	struct sim_ledger_entry e;
	unsigned int i;
	u32 error;
	u64 mark;
	int fd;

	fd = kt_open_dev(test, "sev");
	KUNIT_ASSERT_GE(test, fd, 0);
	for (i = 0; i < ARRAY_SIZE(st); i++) {
		memset(&st[i], 0xa5, sizeof(st[i]));
		kt_write(test, uaddr, &st[i], sizeof(st[i]));
		mark = sim_ledger_mark();
		KUNIT_ASSERT_EQ(test, 0, issue(test, fd, SEV_PLATFORM_STATUS, uaddr, &error));
		KUNIT_EXPECT_EQ(test, SEV_RET_SUCCESS, error);
		kt_expect_ops(test, mark, ops);
		KUNIT_ASSERT_EQ(test, 1, kt_ops(test, mark, "SNP_PAGE_RECLAIM", &e, 1));
		KUNIT_EXPECT_EQ(test, SIM_PAGE_HYPERVISOR, kt_spa_state(e.spa));

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
	mark = sim_ledger_mark();
	KUNIT_EXPECT_EQ(test, -EIO, issue(test, fd, SEV_PLATFORM_STATUS, uaddr, &error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_ADDRESS, error);
	kt_expect_ops(test, mark, ops);
	KUNIT_EXPECT_EQ(test, 0, issue(test, fd, SEV_PLATFORM_STATUS, uaddr, &error));
}

static struct kunit_case psp_sev_dev_cases[] = {
	KUNIT_CASE(legacy_commands_can_be_repeated),
	KUNIT_CASE(buffer_of_a_refused_command_comes_back),
	{}
};

static struct kunit_suite psp_sev_dev_suite = {
	.name = "psp_sev_dev",
	.init = kt_init_snp,
	.test_cases = psp_sev_dev_cases,
};

kunit_test_suite(psp_sev_dev_suite);
