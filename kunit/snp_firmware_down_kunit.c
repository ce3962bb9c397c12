// SPDX-License-Identifier: GPL-2.0
/*
 * SNP firmware that is shut down: every command but two refuses, and what the RMP
 * says outlives it. Nothing that a machine in use could be put through; and the
 * driver must not have initialized legacy SEV, which keeps SNP from being shut
 * down. Hence a boot of its own, with ccp.psp_init_on_probe=0.
 */
#include <linux/module.h>
#include <asm/smp.h>

#include "snp_firmware.h"

#define S	SEV_RET_SUCCESS

/* State of the legacy platform, by a buffer that firmware owns meanwhile */
static u8 legacy_state(struct sf *sf)
{
	struct list_head *mark = sf_mark(sf);
	u64 pa = sf_page_in(sf, SF_FIRMWARE, NULL);
	u8 state;

	KUNIT_EXPECT_EQ(sf->test, S, sf_legacy(sf, SEV_CMD_PLATFORM_STATUS, pa,
					       sizeof(struct sev_user_data_status)));
	state = ((struct sev_user_data_status *)__va(pa))->state;
	sf_rewind(sf, mark);
	return state;
}

static int down_init(struct kunit *test)
{
	struct sf *sf;
	int ret;

	ret = sf_init(test);
	if (ret)
		return ret;
	sf = test->priv;
	sf_needs_simulator(sf, "it takes SNP down under the kernel's feet");
	if (legacy_state(sf))
		kunit_skip(test, "legacy SEV is initialized, SNP can't be shut down");
	return 0;
}

/*
 * Guests that exist keep SNP from being shut down; that is seen before what is
 * wrong with the operands. So does legacy SEV, even earlier.
 */
static void shutdown_with_a_guest(struct kunit *test)
{
	struct sev_data_snp_shutdown_ex s = { .len = sizeof(s) };
	struct sev_data_snp_shutdown_ex bad = { .len = 4 };
	struct sev_data_init init = {};
	struct sf *sf = test->priv;
	unsigned int i;

	sf_guest(sf, SF_BOUND);
	for (i = 0; i < 2; i++) {
		u32 want = i ? SEV_RET_INVALID_PLATFORM_STATE : SEV_RET_DFFLUSH_REQUIRED;

		KUNIT_EXPECT_EQ(test, want, sf_command(sf, SEV_CMD_SNP_SHUTDOWN, NULL, 0));
		KUNIT_EXPECT_EQ(test, want, sf_command(sf, SEV_CMD_SNP_SHUTDOWN_EX, &s, sizeof(s)));
		KUNIT_EXPECT_EQ(test, want,
				sf_command(sf, SEV_CMD_SNP_SHUTDOWN_EX, &bad, sizeof(bad)));
		/* No flush helps. */
		sf_flush(sf);
		if (i)
			break;
		KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_INIT, &init, sizeof(init)));
		KUNIT_EXPECT_EQ(test, 1, legacy_state(sf));
	}
	KUNIT_EXPECT_EQ(test, S, sf_command(sf, SEV_CMD_SHUTDOWN, NULL, 0));
	KUNIT_EXPECT_EQ(test, 0, legacy_state(sf));
}

/* Every command but two wants an initialized platform; what is malformed is seen before */
static void commands_without_a_platform(struct kunit *test)
{
	struct sev_data_snp_shutdown_ex s = { .len = sizeof(s) };
	struct sev_data_snp_activate act1 = { .asid = 1 };
	struct sev_data_snp_init_ex i = {};
	struct sf *sf = test->priv;
	struct sf_guest *g;
	u64 kept, host, list, region;
	unsigned int n;

	kept = sf_page_in(sf, SF_FIRMWARE, NULL);
	host = sf_page(sf);
	list = sf_page(sf);
	region = sf_region(sf);
	g = sf_guest(sf, SF_NONE);

	/* What is wrong with the operands is seen only now that nothing else is. */
	sf_flush(sf);
	s.len = 4;
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM,
			sf_command(sf, SEV_CMD_SNP_SHUTDOWN_EX, &s, sizeof(s)));
	s.len = sizeof(s);
	s.x86_snp_shutdown = 1;
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PARAM,
			sf_command(sf, SEV_CMD_SNP_SHUTDOWN_EX, &s, sizeof(s)));
	KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_SHUTDOWN, NULL, 0));
	/* Again: the buffer is not even looked at. */
	KUNIT_EXPECT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_SHUTDOWN_EX, &s, sizeof(s)));

	for (n = 0; n < 2; n++) {
		/* Once well formed, once not */
		u64 gctx = __sme_set(g->gctx) | (n ? 0x10 : 0);
		u64 huge = __sme_set(region) | (n ? PAGE_SIZE : 0);
		u32 want = n ? SEV_RET_INVALID_PARAM : SEV_RET_INVALID_PLATFORM_STATE;
		struct sf_launch_start start = { .gctx = gctx, .policy = SF_POLICY };
		struct sf_launch_update update = { .gctx = gctx, .flags = 2, .page = host };
		struct sf_launch_finish finish = { .gctx = gctx };
		struct sev_data_snp_activate act = { gctx, 1 };
		struct sf_activate_ex act_ex = { .len = 0x20, .gctx = gctx, .asid = 1,
						 .nr_ids = 1, .ids = list };
		struct sev_data_snp_guest_status status = { gctx, kept };
		struct sf_page_move move = { .gctx = gctx, .src = host, .dst = host };
		struct sf_md_init md = { gctx, kept };
		struct sf_swap swap = { .gctx = gctx, .src = host, .dst = kept };
		struct sev_data_snp_dbg dbg = { gctx, host, kept };
		struct sf_set_state set = { .len = 16, .rsvd = n, .list = list };
		const struct { u32 cmd; const void *buf; size_t len; u32 want; } cmds[] = {
			{ SEV_CMD_SNP_GCTX_CREATE, &gctx, sizeof(gctx), want },
			{ SEV_CMD_SNP_LAUNCH_START, &start, sizeof(start), want },
			{ SEV_CMD_SNP_ACTIVATE, &act, sizeof(act), want },
			{ SEV_CMD_SNP_ACTIVATE_EX, &act_ex, sizeof(act_ex), want },
			{ SEV_CMD_SNP_LAUNCH_UPDATE, &update, sizeof(update), want },
			{ SEV_CMD_SNP_LAUNCH_FINISH, &finish, sizeof(finish), want },
			{ SEV_CMD_SNP_DECOMMISSION, &gctx, sizeof(gctx), want },
			{ SEV_CMD_SNP_GUEST_STATUS, &status, sizeof(status), want },
			{ SEV_CMD_SNP_PAGE_RECLAIM, &gctx, sizeof(gctx), want },
			{ SEV_CMD_SNP_PAGE_UNSMASH, &huge, sizeof(huge), want },
			{ SEV_CMD_SNP_PAGE_MOVE, &move, sizeof(move), want },
			{ SEV_CMD_SNP_PAGE_MD_INIT, &md, sizeof(md), want },
			{ SEV_CMD_SNP_PAGE_SWAP_OUT, &swap, sizeof(swap), want },
			{ SEV_CMD_SNP_PAGE_SWAP_IN, &swap, sizeof(swap), want },
			{ SEV_CMD_SNP_PAGE_SET_STATE, &set, sizeof(set), want },
			{ SEV_CMD_SNP_DBG_DECRYPT, &dbg, sizeof(dbg), want },
			/* This one asks for the platform first. */
			{ SEV_CMD_SNP_DBG_ENCRYPT, &dbg, sizeof(dbg),
			  SEV_RET_INVALID_PLATFORM_STATE },
		};
		unsigned int c;

		for (c = 0; c < ARRAY_SIZE(cmds); c++)
			KUNIT_EXPECT_EQ_MSG(test, cmds[c].want,
					    sf_command(sf, cmds[c].cmd, cmds[c].buf, cmds[c].len),
					    "command %#x, operands %s", cmds[c].cmd,
					    n ? "malformed" : "well formed");
	}
	/* These two have no opinion; the result may go anywhere. */
	KUNIT_EXPECT_EQ(test, S, sf_addr(sf, SEV_CMD_SNP_PLATFORM_STATUS, host));
	KUNIT_EXPECT_EQ(test, 0, ((struct sev_user_data_snp_status *)__va(host))->state);
	wbinvd_on_all_cpus();
	KUNIT_EXPECT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_DF_FLUSH, NULL, 0));

	i.list_paddr_en = 1;
	KUNIT_EXPECT_EQ_MSG(test, SEV_RET_INVALID_PARAM,
			    sf_command(sf, SEV_CMD_SNP_INIT_EX, &i, sizeof(i)),
			    "a list, and nothing to be built");
	/* The RMP has outlived it, and so have the states of its pages. */
	i.list_paddr_en = 0;
	KUNIT_ASSERT_EQ(test, S, sf_command(sf, SEV_CMD_SNP_INIT_EX, &i, sizeof(i)));
	sf_expect_entry(sf, kept, 0, 0, true, false);
	/* All ASIDs are dirty, though nobody has used them since. */
	act1.gctx_paddr = __sme_set(sf_guest(sf, SF_LAUNCH)->gctx);
	KUNIT_EXPECT_EQ(test, SEV_RET_DFFLUSH_REQUIRED,
			sf_command(sf, SEV_CMD_SNP_ACTIVATE, &act1, sizeof(act1)));
	sf_flush(sf);
}

static struct kunit_case snp_firmware_down_cases[] = {
	KUNIT_CASE(shutdown_with_a_guest),
	KUNIT_CASE(commands_without_a_platform),
	{}
};

static struct kunit_suite snp_firmware_down_suite = {
	.name = "snp_firmware_down",
	.init = down_init,
	.test_cases = snp_firmware_down_cases,
};

kunit_test_suite(snp_firmware_down_suite);

MODULE_DESCRIPTION("KUnit suite of SNP firmware that is shut down");
MODULE_LICENSE("GPL");
