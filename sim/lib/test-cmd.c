// SPDX-License-Identifier: GPL-2.0
/*
 * The command table, random commands, and a clean machine in the end.
 */
#include "test.h"
#include "../internal.h"

TEST(command_table_is_complete)
{
	const struct sim_psp_op *op, *other;
	u32 i, j, n;

	for (i = 0; (op = sim_psp_op_by_index(i)); i++) {
		CHECK(op == sim_psp_op(op->cmd));
		CHECK(op->name && op->handler);
		CHECK(op->nr_statuses > 0);
		CHECK(op->buf_len <= 80);
		for (n = 0; n < op->nr_statuses; n++) {
			CHECK(op->statuses[n]);
			CHECK(strcmp(sim_status_name(op->statuses[n]), "?"));
		}
		for (j = 0; j < i; j++) {
			other = sim_psp_op_by_index(j);
			CHECK(strcmp(op->name, other->name));
		}
	}
	CHECK(i > 60);
	CHECK(!sim_psp_op(0));
	CHECK(!sim_psp_op(0xcf));
	CHECK(!sim_psp_op(~0u));
}

TEST(snp_init_wants_every_condition)
{
	struct world_options opt = WORLD_DEFAULTS;
	struct sim_cmd_snp_init ex = { .flags = SIM_INIT_RMP };
	struct world *w = test_world_ready();
	u32 bit;

	for (bit = SIM_BROKEN_ENCRYPTION; bit <= SIM_BROKEN_BOUNDS; bit <<= 1) {
		EQ(world_reset(w, &opt), 0);
		w->m.cfg.broken = bit;
		EQ(world_psp(w, SIM_CMD_SNP_INIT, CMDBUF, NULL, 0), SIM_INVALID_CONFIG);
		EQ(world_psp(w, SIM_CMD_SNP_INIT_EX, CMDBUF, &ex, sizeof(ex)), SIM_INVALID_CONFIG);
		CHECK(!w->m.snp_state && !w->m.rmp_init);
		w->m.cfg.broken = 0;
		EQ(world_psp(w, SIM_CMD_SNP_INIT_EX, CMDBUF, &ex, sizeof(ex)), SIM_SUCCESS);
	}
	/* Only the build of an RMP wants VM_HSAVE_PA zero. */
	EQ(world_reset(w, &opt), 0);
	EQ(world_psp(w, SIM_CMD_SNP_INIT, CMDBUF, NULL, 0), SIM_SUCCESS);
	sim_wbinvd_ccx(&w->m, ~0u);
	EQ(world_psp(w, SIM_CMD_SNP_DF_FLUSH, CMDBUF, NULL, 0), SIM_SUCCESS);
	EQ(world_psp(w, SIM_CMD_SNP_SHUTDOWN, CMDBUF, NULL, 0), SIM_SUCCESS);
	sim_set_hsave(&w->m, true);
	EQ(world_psp(w, SIM_CMD_SNP_INIT_EX, CMDBUF, &ex, sizeof(ex)), SIM_INVALID_CONFIG);
	ex.flags = 0;
	EQ(world_psp(w, SIM_CMD_SNP_INIT_EX, CMDBUF, &ex, sizeof(ex)), SIM_SUCCESS);
}

TEST(unknown_commands)
{
	struct world *w = test_world_ready();
	u32 lo, hi;

	EQ(sim_psp_cmd(&w->m, 0x7f, CMDBUF, &lo, &hi), SIM_INVALID_COMMAND);
	EQ(sim_psp_cmd(&w->m, 0, CMDBUF, &lo, &hi), SIM_INVALID_COMMAND);
	EQ(sim_psp_cmd(&w->m, 0xffffffff, CMDBUF, &lo, &hi),
	   SIM_INVALID_COMMAND);
}

TEST(registers_keep_the_address_on_success)
{
	struct world *w = test_world_ready();
	u32 lo, hi;

	EQ(sim_psp_cmd(&w->m, SIM_CMD_SNP_DF_FLUSH, 0x123456789000, &lo, &hi),
	   SIM_SUCCESS);
	EQ(lo, 0x56789000);
	EQ(hi, 0x1234);
	EQ(sim_psp_cmd(&w->m, SIM_CMD_SNP_GCTX_CREATE, CMDBUF, &lo, &hi),
	   SIM_INVALID_PAGE_STATE);
	CHECK(lo != CMDBUF);
}

TEST(command_buffers_that_are_no_memory)
{
	struct world *w = test_world_ready();

	EQ(world_psp(w, SIM_CMD_SNP_GCTX_CREATE, WORLD_HOLE, NULL, 0),
	   SIM_INVALID_CONFIG);
	EQ(world_psp(w, SIM_CMD_SNP_GCTX_CREATE, WORLD_RMP_BASE, NULL, 0),
	   SIM_INVALID_ADDRESS);
	EQ(world_psp(w, SIM_CMD_SNP_GCTX_CREATE, 0xa0000, NULL, 0),
	   SIM_INVALID_ADDRESS);
	EQ(world_psp(w, SIM_CMD_SNP_GCTX_CREATE, ~0ull, NULL, 0),
	   SIM_INVALID_ADDRESS);
}

static const struct {
	u32 cmd;
	u32 len;
} snp_cmds[] = {
	{ SIM_CMD_SNP_GCTX_CREATE, 8 },
	{ SIM_CMD_SNP_DECOMMISSION, 8 },
	{ SIM_CMD_SNP_PAGE_RECLAIM, 8 },
	{ SIM_CMD_SNP_PAGE_UNSMASH, 8 },
	{ SIM_CMD_SNP_PLATFORM_STATUS, 8 },
	{ SIM_CMD_SNP_LAUNCH_START, sizeof(struct sim_cmd_launch_start) },
	{ SIM_CMD_SNP_ACTIVATE, sizeof(struct sim_cmd_activate) },
	{ SIM_CMD_SNP_LAUNCH_UPDATE, sizeof(struct sim_cmd_launch_update) },
	{ SIM_CMD_SNP_LAUNCH_FINISH, sizeof(struct sim_cmd_launch_finish) },
	{ SIM_CMD_SNP_PAGE_MOVE, sizeof(struct sim_cmd_page_move) },
	{ SIM_CMD_SNP_PAGE_MD_INIT, sizeof(struct sim_cmd_md_init) },
	{ SIM_CMD_SNP_DBG_DECRYPT, sizeof(struct sim_cmd_dbg) },
	{ SIM_CMD_SNP_DBG_ENCRYPT, sizeof(struct sim_cmd_dbg) },
	{ SIM_CMD_SNP_GUEST_STATUS, sizeof(struct sim_cmd_guest_status) },
	{ SIM_CMD_SNP_DF_FLUSH, 0 },
	{ SIM_CMD_SNP_SHUTDOWN, 0 },
	{ SIM_CMD_SNP_INIT, 0 },
	{ SIM_CMD_SNP_SHUTDOWN_EX, 8 },
	{ SIM_CMD_SNP_PAGE_SET_STATE, 16 },
	{ SIM_CMD_SEV_PLATFORM_STATUS, 0 },
	{ SIM_CMD_SEV_GET_ID, 12 },
};

/* Few pages, so that commands meet each other's leavings. */
static u64 some_page(u64 r)
{
	static const u64 odd[] = {
		0xfc00000, WORLD_RMP_BASE, WORLD_HOLE, 0xa0000, WORLD_IOMMU,
	};

	if (!(r & 63))
		return odd[(r >> 6) % 5];
	if (!(r & 31))
		return BIG + (r >> 6 & 1) * SIM_2M_SIZE;
	return GCTX + (r >> 6 & 7) * 4096 + (r & 0x3f00 ? 0 : 8);
}

static void random_command(struct world *w)
{
	u64 buf[8] = { 0 }, r = test_random(), i;
	const struct sim_psp_op *op;
	u32 which = (r >> 8) % (sizeof(snp_cmds) / sizeof(*snp_cmds));
	u32 status, n;

	for (i = 0; i < snp_cmds[which].len / 8; i++)
		buf[i] = some_page(test_random());
	switch (snp_cmds[which].cmd) {
	case SIM_CMD_SNP_LAUNCH_START:
		buf[1] = 0x30000 | (r >> 20 & 1 ? SIM_POLICY_DEBUG : 0);
		buf[2] = 0;
		buf[3] = 0;
		break;
	case SIM_CMD_SNP_ACTIVATE:
		buf[1] = r >> 20 & 3;
		break;
	case SIM_CMD_SNP_LAUNCH_UPDATE:
		buf[1] = (r >> 20 & 15) | (r >> 40 & 15 ? 0 : 1 << 4);
		buf[3] = 0;
		break;
	case SIM_CMD_SNP_LAUNCH_FINISH:
		buf[3] = r >> 20 & 15 ? 0 : 1;
		break;
	case SIM_CMD_SNP_PAGE_MOVE:
		buf[1] = r >> 20 & 15 ? 0 : 1;
		break;
	case SIM_CMD_SNP_SHUTDOWN_EX:
		buf[0] = 8 | (r >> 20 & 1) << 32;
		break;
	case SIM_CMD_SNP_PAGE_SET_STATE:
		buf[0] = 16;
		break;
	case SIM_CMD_SNP_SHUTDOWN:
	case SIM_CMD_SNP_INIT:
		if (r >> 20 & 63)
			return;
		break;
	}
	status = world_psp(w, snp_cmds[which].cmd, CMDBUF, buf,
			   snp_cmds[which].len);
	op = sim_psp_op(snp_cmds[which].cmd);
	if (!status)
		return;
	for (n = 0; n < op->nr_statuses; n++)
		if (op->statuses[n] == status)
			return;
	CHECK(!"status is in the table");
	printf("  %s gave %u %s\n", op->name, status, sim_status_name(status));
}

static void random_step(struct world *w)
{
	struct sim_rmp_state st = { 0 };
	u64 r = test_random();

	switch (r & 7) {
	case 0:
	case 1:
	case 2:
		st.assigned = r >> 8 & 3 ? 1 : 0;
		st.asid = st.assigned ? r >> 10 & 3 : 0;
		st.immutable = st.assigned && r >> 12 & 3;
		st.pagesize = !(r >> 14 & 15);
		st.gpa = st.asid ? (r >> 18 & 7) << (st.pagesize ? 21 : 12) :
				   0;
		sim_rmpupdate(&w->m, some_page(r >> 24), &st);
		break;
	case 3:
		if (!(r >> 8 & 7))
			sim_wbinvd_ccx(&w->m, r >> 11 & 3);
		if (!(r >> 16 & 31))
			sim_psmash(&w->m, some_page(r >> 24));
		break;
	default:
		random_command(w);
	}
}

struct look {
	struct sim_dirt_report r[2048];
	u32 n;
};

static void note(void *ctx, const struct sim_dirt_report *r)
{
	struct look *l = ctx;

	if (l->n < 2048)
		l->r[l->n++] = *r;
}

/* What was touched is all that there is to find. */
static void looks_are_the_same(struct world *w)
{
	static struct look all, touched;
	u32 i;

	all.n = 0;
	touched.n = 0;
	EQ(sim_machine_check_touched(&w->m, note, &touched),
	   sim_machine_check_clean(&w->m, note, &all));
	EQ(touched.n, all.n);
	for (i = 0; i < all.n; i++)
		CHECK(touched.r[i].what == all.r[i].what &&
		      touched.r[i].addr == all.r[i].addr &&
		      touched.r[i].asid == all.r[i].asid &&
		      touched.r[i].state == all.r[i].state);
}

TEST(random_commands_give_documented_statuses)
{
	struct world *w = test_world_ready();
	u32 i;

	for (i = 0; i < 60000; i++) {
		if (!(i % 5000))
			w = test_world_ready();
		random_step(w);
		if (!(i % 500))
			test_invariants(w);
		if (!(i % 50))
			looks_are_the_same(w);
	}
	test_invariants(w);
}

static u32 contexts, dirty_pages;

static void count_dirt(void *ctx, const struct sim_dirt_report *r)
{
	(void)ctx;
	contexts += r->what == SIM_DIRT_CONTEXT;
	dirty_pages += r->what == SIM_DIRT_PAGE;
	if (r->what == SIM_DIRT_PAGE && r->addr == PAGE) {
		EQ(r->asid, 1);
		EQ(r->state, SIM_PAGE_GUEST_VALID);
	}
}

TEST(clean_machine_and_what_makes_it_dirty)
{
	struct world *w = test_world_ready();

	looks_are_the_same(w);
	EQ(sim_machine_check_clean(&w->m, NULL, NULL), 0);
	EQ(test_launch(w, GCTX, 1, 0x30000), SIM_SUCCESS);
	EQ(test_rmp(w, PAGE, 0x1000, 1, true, 0), SIM_RMP_OK);
	EQ(test_update(w, GCTX, PAGE, SIM_PAGE_TYPE_NORMAL, 0), SIM_SUCCESS);
	EQ(test_finish(w, GCTX), SIM_SUCCESS);
	contexts = 0;
	dirty_pages = 0;
	/* context, page, ASID in use, ASID counted */
	EQ(sim_machine_check_clean(&w->m, count_dirt, NULL), 4);
	EQ(sim_machine_check_touched(&w->m, NULL, NULL), 4);
	EQ(contexts, 1);
	EQ(dirty_pages, 1);
	EQ(test_addr_cmd(w, SIM_CMD_SNP_DECOMMISSION, GCTX), SIM_SUCCESS);
	EQ(test_unassign(w, PAGE, 0), SIM_RMP_OK);
	looks_are_the_same(w);
	EQ(sim_machine_check_clean(&w->m, NULL, NULL), 1);
	EQ(test_addr_cmd(w, SIM_CMD_SNP_PAGE_RECLAIM, GCTX), SIM_SUCCESS);
	looks_are_the_same(w);
	EQ(sim_machine_check_clean(&w->m, NULL, NULL), 1);
	EQ(test_unassign(w, GCTX, 0), SIM_RMP_OK);
	looks_are_the_same(w);
	EQ(sim_machine_check_clean(&w->m, NULL, NULL), 0);
}

/* What the RMP keeps from happening: a trace may do it, and must not take the core along. */
TEST(context_that_was_written_over)
{
	struct world *w = test_world_ready();
	u32 seed;

	EQ(test_launch(w, GCTX, 1, 0x30000), SIM_SUCCESS);
	for (seed = 1; seed < 64; seed++) {
		memset(world_mem(w, GCTX, 4096), seed, 4096);
		EQ(test_addr_cmd(w, SIM_CMD_SNP_DECOMMISSION, GCTX), SIM_INVALID_GUEST);
	}
}

TEST(only_what_was_touched_is_read_again)
{
	struct world *w = test_world_ready();
	struct sim_rmp_raw *e = sim_rmp_entry(&w->m, PAGE >> 12);

	EQ(sim_machine_check_touched(&w->m, NULL, NULL), 0);
	/* Behind the core's back */
	e->lo = SIM_RMP_ASSIGNED;
	EQ(sim_machine_check_clean(&w->m, NULL, NULL), 1);
	EQ(sim_machine_check_touched(&w->m, NULL, NULL), 0);
	/* Its neighbour is touched, and so is all of that part of the table. */
	EQ(test_rmp(w, PAGE + 0x1000, 0x1000, 1, false, 0), SIM_RMP_OK);
	EQ(test_unassign(w, PAGE + 0x1000, 0), SIM_RMP_OK);
	EQ(sim_machine_check_touched(&w->m, NULL, NULL), 1);
	/* What was found is looked for again. */
	EQ(sim_machine_check_touched(&w->m, NULL, NULL), 1);
	w->m.rmp_touched = NULL;
	e->lo = 0;
	EQ(sim_machine_check_touched(&w->m, NULL, NULL), 0);
}

TEST(wbinvd_counts_when_every_cpu_did_it)
{
	struct world *w = test_world();
	u32 cpu;

	EQ(world_psp(w, SIM_CMD_SNP_INIT, CMDBUF, NULL, 0), SIM_SUCCESS);
	for (cpu = 0; cpu < 8; cpu++) {
		EQ(world_psp(w, SIM_CMD_SNP_DF_FLUSH, CMDBUF, NULL, 0),
		   SIM_WBINVD_REQUIRED);
		EQ(w->m.asids.clean[1], cpu >= 4 ? 1 : 0);
		sim_wbinvd_cpu(&w->m, cpu);
		sim_wbinvd_cpu(&w->m, cpu);
	}
	sim_wbinvd_cpu(&w->m, 1000);
	EQ(world_psp(w, SIM_CMD_SNP_DF_FLUSH, CMDBUF, NULL, 0), SIM_SUCCESS);
}

TEST(machines_that_make_no_sense)
{
	struct world *w = test_world();
	struct sim_machine_config cfg = w->m.cfg;

	cfg.nr_ccx = 0;
	EQ(sim_machine_init(&w->m, &cfg), (u64)-1);
	cfg.nr_ccx = 2;
	cfg.rmp_base += 0x1000;
	EQ(sim_machine_init(&w->m, &cfg), (u64)-1);
	cfg.rmp_base -= 0x1000;
	cfg.max_asid = SIM_MAX_ASIDS;
	EQ(sim_machine_init(&w->m, &cfg), (u64)-1);
	cfg.max_asid = 10;
	cfg.rmp = NULL;
	EQ(sim_machine_init(&w->m, &cfg), (u64)-1);
}

TEST(rmp_in_a_hole_or_in_itself_is_refused)
{
	struct world *w = test_world();

	w->m.cfg.dram[0].end = WORLD_RMP_BASE + 0x80000;
	EQ(world_psp(w, SIM_CMD_SNP_INIT, CMDBUF, NULL, 0),
	   SIM_INVALID_CONFIG);
	w = test_world();
	w->m.cfg.reserved[0].start = WORLD_RMP_BASE;
	w->m.cfg.reserved[0].end = WORLD_RMP_BASE + 0x1000;
	EQ(world_psp(w, SIM_CMD_SNP_INIT, CMDBUF, NULL, 0),
	   SIM_INVALID_ADDRESS);
}

TEST(rmp_is_cleared_even_if_it_held_something)
{
	struct world *w = test_world();

	memset(world_mem(w, WORLD_RMP_BASE, 0x100000), 0xa5, 0x100000);
	EQ(world_psp(w, SIM_CMD_SNP_INIT, CMDBUF, NULL, 0), SIM_SUCCESS);
	EQ(sim_rmp_page_state(&w->m, PAGE), SIM_PAGE_HYPERVISOR);
	EQ(sim_rmp_asid_count(&w->m, 5), 0);
	test_invariants(w);
}

TEST(reset_is_a_power_cycle)
{
	struct world *w = test_world_ready();

	EQ(test_launch(w, GCTX, 1, 0x30000), SIM_SUCCESS);
	sim_machine_reset(&w->m);
	EQ(w->m.snp_state, SIM_PLAT_UNINIT);
	EQ(w->m.guest_count, 0);
	EQ(w->m.asids.allocated[1], 0);
	EQ(world_psp(w, SIM_CMD_SNP_INIT, CMDBUF, NULL, 0), SIM_SUCCESS);
	EQ(sim_rmp_page_state(&w->m, GCTX), SIM_PAGE_HYPERVISOR);
}

TEST(feature_info_config_commit_vlek)
{
	struct world *w = test_world_ready();
	struct sim_cmd_feature_info fi = { .len = 16, .paddr = 0x700000 };
	struct sim_cmd_config cfg = { .flags = 3 };
	struct sim_cmd_commit commit = { .len = 4 };
	struct sim_cmd_vlek_load vlek = {
		.len = sizeof(vlek), .hashstick_paddr = 0x710000,
	};
	struct sim_snp_platform_status *s;

	EQ(world_psp(w, SIM_CMD_SNP_FEATURE_INFO, CMDBUF, &fi, sizeof(fi)),
	   SIM_INVALID_PAGE_STATE);
	EQ(test_rmp(w, 0x700000, 0, 0, true, 0), SIM_RMP_OK);
	EQ(world_psp(w, SIM_CMD_SNP_FEATURE_INFO, CMDBUF, &fi, sizeof(fi)),
	   SIM_SUCCESS);
	EQ(*(u32 *)world_mem(w, 0x700008, 4), 3);
	fi.paddr = 0x700ffc;
	EQ(world_psp(w, SIM_CMD_SNP_FEATURE_INFO, CMDBUF, &fi, sizeof(fi)),
	   SIM_INVALID_ADDRESS);
	fi.paddr = 0x700000;
	fi.ecx_in = 2;
	EQ(world_psp(w, SIM_CMD_SNP_FEATURE_INFO, CMDBUF, &fi, sizeof(fi)),
	   SIM_INVALID_PARAM);

	EQ(world_psp(w, SIM_CMD_SNP_CONFIG, CMDBUF, &cfg, sizeof(cfg)),
	   SIM_SUCCESS);
	EQ(test_addr_cmd(w, SIM_CMD_SNP_PLATFORM_STATUS, 0x700000),
	   SIM_SUCCESS);
	s = (void *)world_mem(w, 0x700000, sizeof(*s));
	EQ(s->flags, 3 | SIM_STATUS_FEATURE_INFO);
	cfg.reported_tcb = s->current_tcb + 1;
	EQ(world_psp(w, SIM_CMD_SNP_CONFIG, CMDBUF, &cfg, sizeof(cfg)),
	   SIM_INVALID_PARAM);
	cfg.reported_tcb = s->current_tcb - 1;
	EQ(world_psp(w, SIM_CMD_SNP_CONFIG, CMDBUF, &cfg, sizeof(cfg)),
	   SIM_SUCCESS);
	EQ(world_psp(w, SIM_CMD_SNP_VLEK_LOAD, CMDBUF, &vlek, sizeof(vlek)),
	   SIM_BAD_SVN);
	EQ(world_psp(w, SIM_CMD_SNP_COMMIT, CMDBUF, &commit, sizeof(commit)),
	   SIM_SUCCESS);
	commit.len = 8;
	EQ(world_psp(w, SIM_CMD_SNP_COMMIT, CMDBUF, &commit, sizeof(commit)),
	   SIM_INVALID_PARAM);
}

TEST(legacy_sev_life_cycle)
{
	struct world *w = test_world_ready();
	struct sim_cmd_sev_init init = { .flags = 1, .tmr_paddr = BIG,
					 .tmr_len = 0x200000 };
	struct sim_cmd_sev_buf id = { .paddr = 0x700000 };
	struct sim_cmd_sev_buf *out;

	EQ(world_psp(w, SIM_CMD_SEV_INIT, CMDBUF, &init, sizeof(init)),
	   SIM_INVALID_PAGE_STATE);
	EQ(test_rmp(w, BIG, 0, 0, true, 1), SIM_RMP_OK);
	EQ(world_psp(w, SIM_CMD_SEV_INIT, CMDBUF, &init, sizeof(init)),
	   SIM_SUCCESS);
	/* The firmware's trusted memory is no operand any more. */
	EQ(test_addr_cmd(w, SIM_CMD_SNP_PAGE_RECLAIM, BIG | 1),
	   SIM_INVALID_ADDRESS);
	EQ(world_psp(w, SIM_CMD_SEV_INIT, CMDBUF, &init, sizeof(init)),
	   SIM_INVALID_PLATFORM_STATE);
	EQ(world_psp(w, SIM_CMD_SNP_SHUTDOWN, CMDBUF, NULL, 0),
	   SIM_INVALID_PLATFORM_STATE);
	EQ(world_psp(w, SIM_CMD_SEV_DF_FLUSH, CMDBUF, NULL, 0), SIM_SUCCESS);
	EQ(world_psp(w, SIM_CMD_SEV_LAUNCH_UPDATE_DATA, CMDBUF, NULL, 0),
	   SIM_INVALID_PLATFORM_STATE);

	EQ(test_rmp(w, CMDBUF, 0, 0, true, 0), SIM_RMP_OK);
	EQ(world_psp(w, SIM_CMD_SEV_GET_ID, CMDBUF, &id, sizeof(id)),
	   SIM_INVALID_LENGTH);
	out = (void *)world_mem(w, CMDBUF, sizeof(*out));
	EQ(out->len, 64);
	EQ(sim_rmp_page_state(&w->m, CMDBUF), SIM_PAGE_RECLAIM);
	EQ(world_psp(w, SIM_CMD_SEV_SHUTDOWN, CMDBUF, NULL, 0), SIM_SUCCESS);
	EQ(test_addr_cmd(w, SIM_CMD_SNP_PAGE_RECLAIM, BIG | 1), SIM_SUCCESS);
	EQ(world_psp(w, SIM_CMD_SNP_SHUTDOWN, CMDBUF, NULL, 0), SIM_SUCCESS);
}
