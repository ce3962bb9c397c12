// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "test.h"

static struct test *first, **last = &first;
static bool failed;
static struct world *world;

void test_register(struct test *t)
{
	*last = t;
	last = &t->next;
}

bool test_check(bool good, const char *file, int line, const char *what)
{
	if (!good) {
		printf("%s:%d: failed: %s\n", file, line, what);
		failed = true;
	}
	return good;
}

bool test_check_eq(u64 got, u64 want, const char *file, int line,
		   const char *what)
{
	if (got == want)
		return true;
	printf("%s:%d: failed: %s (0x%llx, 0x%llx)\n", file, line, what,
	       (unsigned long long)got, (unsigned long long)want);
	failed = true;
	return false;
}

struct world *test_world(void)
{
	struct world_options opt = WORLD_DEFAULTS;

	if (!world)
		world = world_new();
	EQ(world_reset(world, &opt), 0);
	world_watch(world);
	return world;
}

struct world *test_world_ready(void)
{
	struct world *w = test_world();

	EQ(world_psp(w, SIM_CMD_SNP_INIT, CMDBUF, NULL, 0), SIM_SUCCESS);
	sim_wbinvd_ccx(&w->m, ~0u);
	EQ(world_psp(w, SIM_CMD_SNP_DF_FLUSH, CMDBUF, NULL, 0), SIM_SUCCESS);
	return w;
}

s32 test_rmp(struct world *w, u64 spa, u64 gpa, u32 asid, bool immutable,
	     u8 ps)
{
	struct sim_rmp_state st = {
		.gpa = gpa, .assigned = 1, .pagesize = ps,
		.immutable = immutable, .asid = asid,
	};

	return sim_rmpupdate(&w->m, spa, &st);
}

s32 test_unassign(struct world *w, u64 spa, u8 ps)
{
	struct sim_rmp_state st = { .pagesize = ps };

	return sim_rmpupdate(&w->m, spa, &st);
}

u32 test_addr_cmd(struct world *w, u32 cmd, u64 pa)
{
	struct sim_cmd_addr buf = { .paddr = pa };

	return world_psp(w, cmd, CMDBUF, &buf, sizeof(buf));
}

u32 test_launch(struct world *w, u64 gctx, u32 asid, u64 policy)
{
	struct sim_cmd_launch_start start = {
		.gctx_paddr = gctx, .policy = policy,
	};
	struct sim_cmd_activate act = { .gctx_paddr = gctx, .asid = asid };
	u32 status;

	if (test_rmp(w, gctx, 0, 0, true, 0))
		return ~0u;
	status = test_addr_cmd(w, SIM_CMD_SNP_GCTX_CREATE, gctx);
	if (!status)
		status = world_psp(w, SIM_CMD_SNP_LAUNCH_START, CMDBUF,
				   &start, sizeof(start));
	if (!status && asid)
		status = world_psp(w, SIM_CMD_SNP_ACTIVATE, CMDBUF, &act,
				   sizeof(act));
	return status;
}

u32 test_update(struct world *w, u64 gctx, u64 page, u32 type, u8 ps)
{
	struct sim_cmd_launch_update cmd = {
		.gctx_paddr = gctx, .page_paddr = page,
		.flags = ps | type << 1,
	};

	return world_psp(w, SIM_CMD_SNP_LAUNCH_UPDATE, CMDBUF, &cmd,
			 sizeof(cmd));
}

u32 test_finish(struct world *w, u64 gctx)
{
	struct sim_cmd_launch_finish cmd = { .gctx_paddr = gctx };

	return world_psp(w, SIM_CMD_SNP_LAUNCH_FINISH, CMDBUF, &cmd,
			 sizeof(cmd));
}

u64 test_random(void)
{
	static u64 z = 42;
	u64 x;

	z += 0x9e3779b97f4a7c15ull;
	x = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

/*
 * What must hold after any sequence of operations: sub-page counts and the
 * processor's counters tell what the entries tell, and each core complex is
 * in one state for each ASID.
 */
void test_invariants(struct world *w)
{
	static u64 count[SIM_RMP_COUNTERS];
	struct sim_machine *m = &w->m;
	u32 all = ~0u >> (32 - m->cfg.nr_ccx), subs = 0, asid;
	struct sim_rmp_raw e, head = { 0 };
	u64 pa;

	/* Without an initialised RMP the memory is anybody's. */
	if (!m->rmp_init)
		return;
	memset(count, 0, sizeof(count));
	for (pa = 0; sim_rmp_get(m, pa, &e); pa += SIM_PAGE_SIZE) {
		if (!(pa & (SIM_2M_SIZE - 1))) {
			if (pa && !(head.lo & SIM_RMP_2M))
				EQ((head.lo & SIM_RMP_SUBPAGES) >>
				   SIM_RMP_SUBPAGES_SHIFT, subs);
			head = e;
			subs = 0;
		} else {
			subs += e.lo & SIM_RMP_ASSIGNED;
		}
		asid = (e.lo & SIM_RMP_ASID) >> SIM_RMP_ASID_SHIFT;
		if (asid && e.lo & SIM_RMP_ASSIGNED)
			count[asid] += e.lo & SIM_RMP_2M ? 512 : 1;
	}
	for (asid = 1; asid <= m->cfg.max_asid; asid++) {
		EQ(sim_rmp_asid_count(m, asid), count[asid]);
		if (m->snp_state != SIM_PLAT_INIT)
			continue;
		EQ(m->asids.dirty[asid] | m->asids.clean[asid] |
		   m->asids.allocated[asid] | m->asids.in_use[asid], all);
		EQ((u64)m->asids.dirty[asid] + m->asids.clean[asid] +
		   m->asids.allocated[asid] + m->asids.in_use[asid], all);
		EQ(m->asids.valid[asid] & ~m->asids.in_use[asid], 0);
	}
}

int main(int argc, char **argv)
{
	unsigned int passed = 0, bad = 0;
	struct test *t;

	for (t = first; t; t = t->next) {
		if (argc > 1 && !strstr(t->name, argv[1]))
			continue;
		failed = false;
		t->run();
		printf("%s %s\n", failed ? "not ok" : "ok", t->name);
		failed ? bad++ : passed++;
	}
	if (world)
		world_free(world);
	printf("%u passed, %u failed, 0 skipped\n", passed, bad);
	return bad || !passed;
}
