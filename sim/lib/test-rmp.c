// SPDX-License-Identifier: GPL-2.0
/*
 * The reverse map table and the processor's rules about it.
 */
#include "test.h"

/* The table of page states, row by row, first match wins. */
static enum sim_page_state expected_state(bool assigned, bool validated,
					  bool asid, bool immutable, u64 gfn,
					  bool vmsa, bool lock)
{
	u64 frame = gfn & ((1ull << 36) - 1), tag = gfn >> 36;

	if (!assigned && !validated && !asid && !immutable)
		return SIM_PAGE_HYPERVISOR;
	if (!assigned && !validated && !asid && immutable)
		return SIM_PAGE_HV_FIXED;
	if (assigned && !validated && !asid && immutable && !gfn && !vmsa)
		return SIM_PAGE_FIRMWARE;
	if (assigned && !validated && !asid && !immutable && !lock)
		return SIM_PAGE_RECLAIM;
	if (assigned && !validated && !asid && immutable && !gfn && vmsa)
		return SIM_PAGE_CONTEXT;
	if (assigned && !validated && !asid && immutable && tag == 1 && frame)
		return SIM_PAGE_METADATA;
	if (assigned && !validated && asid && immutable)
		return SIM_PAGE_PRE_GUEST;
	if (assigned && validated && asid && immutable)
		return SIM_PAGE_PRE_SWAP;
	if (assigned && !validated && asid && !immutable)
		return SIM_PAGE_GUEST_INVALID;
	if (assigned && validated && asid && !immutable)
		return SIM_PAGE_GUEST_VALID;
	if (assigned && !validated && !asid && immutable && tag == 2 &&
	    frame == 1 && !vmsa)
		return SIM_PAGE_FIRMWARE_IOMMU;
	return SIM_PAGE_INVALID;
}

TEST(rmp_states_of_all_entries)
{
	static const u64 gfns[] = {
		0, 1, 0x1234, 1ull << 36, (1ull << 36) | 5, 2ull << 36,
		(2ull << 36) | 1, (2ull << 36) | 2, 4ull << 36,
	};
	struct sim_rmp_raw e = { 0 };
	u32 i, g;

	for (i = 0; i < 64; i++) {
		for (g = 0; g < sizeof(gfns) / sizeof(*gfns); g++) {
			e.lo = (i & 1 ? SIM_RMP_ASSIGNED : 0) |
			       (i & 2 ? SIM_RMP_VALIDATED : 0) |
			       (i & 4 ? 7ull << SIM_RMP_ASID_SHIFT : 0) |
			       (i & 8 ? SIM_RMP_IMMUTABLE : 0) |
			       (i & 16 ? SIM_RMP_VMSA : 0) |
			       (i & 32 ? SIM_RMP_LOCK : 0) |
			       gfns[g] << SIM_RMP_GFN_SHIFT;
			if (!EQ(sim_rmp_entry_state(&e),
				expected_state(i & 1, i & 2, i & 4, i & 8,
					       gfns[g], i & 16, i & 32)))
				printf("  entry 0x%llx\n",
				       (unsigned long long)e.lo);
		}
	}
}

TEST(rmp_entry_layout_in_memory)
{
	struct world *w = test_world_ready();
	u64 *raw = (u64 *)(w->mem + WORLD_RMP_BASE + 0x4000 +
			   (PAGE >> 12) * 16);

	EQ(test_rmp(w, PAGE, 0x123456000, 5, true, 0), SIM_RMP_OK);
	/* assigned, immutable, gfn << 12, asid << 51, lock */
	EQ(raw[0], 1 | 4 | 0x123456ull << 12 | 5ull << 51 | 1ull << 63);
	EQ(raw[1], 0xf);
	EQ(*(u64 *)(w->mem + WORLD_RMP_BASE + 5 * 8), 1);
}

TEST(rmpread_gives_the_architectural_form)
{
	struct world *w = test_world_ready();
	struct sim_rmp_state st;

	EQ(test_rmp(w, BIG, 0x40000000, 9, false, 1), SIM_RMP_OK);
	EQ(sim_rmpread(&w->m, BIG, &st), SIM_RMP_OK);
	EQ(st.gpa, 0x40000000);
	EQ(st.assigned, 1);
	EQ(st.pagesize, 1);
	EQ(st.immutable, 0);
	EQ(st.asid, 9);
	/* Linux finds a sub-page assigned and the level in the first entry. */
	EQ(sim_rmpread(&w->m, BIG + 0x5000, &st), SIM_RMP_OK);
	EQ(st.assigned, 1);
	EQ(st.pagesize, 0);
	EQ(st.asid, 0);
	EQ(sim_rmpread(&w->m, 0xfc00000, &st), SIM_RMP_FAIL_INPUT);
}

TEST(rmp_owner_resolves_large_pages)
{
	struct world *w = test_world_ready();
	struct sim_rmp_owner o;

	EQ(test_rmp(w, BIG, 0x40000000, 9, false, 1), SIM_RMP_OK);
	sim_rmp_owner(&w->m, BIG + 0x5000, &o);
	EQ(o.state, SIM_PAGE_GUEST_INVALID);
	EQ(o.asid, 9);
	EQ(o.gpa, 0x40005000);
	EQ(o.pagesize, 1);
	sim_rmp_owner(&w->m, 0xfc00000, &o);
	EQ(o.state, SIM_PAGE_DEFAULT);
}

TEST(host_writes_see_assigned_pages)
{
	struct world *w = test_world_ready();
	struct sim_machine *m = &w->m;

	CHECK(sim_rmp_check_host_write(m, BIG, SIM_PAGE_SIZE));
	CHECK(sim_rmp_check_host_write(m, BIG, SIM_2M_SIZE));
	EQ(test_rmp(w, BIG + 0x7000, 0x1000, 1, false, 0), SIM_RMP_OK);
	CHECK(!sim_rmp_check_host_write(m, BIG + 0x7000, SIM_PAGE_SIZE));
	CHECK(sim_rmp_check_host_write(m, BIG + 0x6000, SIM_PAGE_SIZE));
	CHECK(!sim_rmp_check_host_write(m, BIG + 0x6000, SIM_2M_SIZE));
	CHECK(sim_rmp_check_host_write(m, BIG + SIM_2M_SIZE, SIM_2M_SIZE));
	CHECK(!sim_rmp_check_host_write(m, 0x6000, SIM_1G_SIZE));
	/* HV-fixed pages stay writable, Default pages have no entry. */
	CHECK(sim_rmp_check_host_write(m, WORLD_HOLE, SIM_PAGE_SIZE));
	CHECK(sim_rmp_check_host_write(m, 0xfc00000, SIM_2M_SIZE));
	EQ(test_unassign(w, BIG + 0x7000, 0), SIM_RMP_OK);
	EQ(test_rmp(w, BIG, 0x200000, 1, false, 1), SIM_RMP_OK);
	CHECK(!sim_rmp_check_host_write(m, BIG + 0x3000, SIM_PAGE_SIZE));
}

TEST(guest_accesses_are_checked_in_order)
{
	struct world *w = test_world_ready();
	struct sim_guest_access g = {
		.asid = 1, .gpa = 0x1000, .spa = PAGE, .private = true,
		.access = SIM_ACCESS_READ,
	};
	u64 npf;
	bool cf;

	EQ(sim_rmp_check_guest(&w->m, &g, &npf), (u64)SIM_RMP_EXIT_NPF);
	EQ(npf, SIM_NPF_RMP | SIM_NPF_ENC);
	EQ(test_rmp(w, PAGE, 0x1000, 1, true, 0), SIM_RMP_OK);
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), (u64)SIM_RMP_EXIT_NPF);
	EQ(test_addr_cmd(w, SIM_CMD_SNP_PAGE_RECLAIM, PAGE), SIM_SUCCESS);
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), (u64)SIM_RMP_EXIT_VC);
	EQ(sim_pvalidate(&w->m, &g, 0, true, &cf, &npf), SIM_RMP_OK);
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), SIM_RMP_OK);
	g.vmpl = 1;
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), (u64)SIM_RMP_EXIT_NPF);
	EQ(npf, SIM_NPF_RMP | SIM_NPF_ENC | SIM_NPF_VMPL);
	g.vmpl = 0;
	g.npt_2m = true;
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), (u64)SIM_RMP_EXIT_NPF);
	g.npt_2m = false;
	g.asid = 2;
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), (u64)SIM_RMP_EXIT_NPF);
	g.asid = 1;
	g.gpa = 0x2000;
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), (u64)SIM_RMP_EXIT_NPF);
	/* Shared: only writes to somebody's page are refused. */
	g.private = false;
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), SIM_RMP_OK);
	g.access = SIM_ACCESS_WRITE;
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), (u64)SIM_RMP_EXIT_NPF);
	EQ(npf, SIM_NPF_RMP);
	g.spa = PAGE + 0x1000;
	EQ(sim_rmp_check_guest(&w->m, &g, &npf), SIM_RMP_OK);
}

TEST(pages_of_running_vcpus_are_in_use)
{
	struct world *w = test_world_ready();
	u32 i;

	EQ(test_rmp(w, PAGE, 0x1000, 1, false, 0), SIM_RMP_OK);
	CHECK(sim_rmp_set_busy(&w->m, PAGE, true));
	EQ(test_unassign(w, PAGE, 0), SIM_RMP_FAIL_INUSE);
	EQ(sim_machine_check_clean(&w->m, NULL, NULL), 3);
	CHECK(sim_rmp_set_busy(&w->m, PAGE, false));
	CHECK(!sim_rmp_set_busy(&w->m, PAGE, false));
	EQ(test_unassign(w, PAGE, 0), SIM_RMP_OK);
	EQ(test_rmp(w, BIG, 0x200000, 1, false, 1), SIM_RMP_OK);
	CHECK(sim_rmp_set_busy(&w->m, BIG + 0x5000, true));
	EQ(sim_psmash(&w->m, BIG), SIM_RMP_FAIL_INUSE);
	CHECK(sim_rmp_set_busy(&w->m, BIG + 0x5000, false));
	EQ(sim_psmash(&w->m, BIG), SIM_RMP_OK);
	for (i = 0; i < SIM_MAX_BUSY; i++)
		CHECK(sim_rmp_set_busy(&w->m, PAGE + i * 4096, true));
	CHECK(!sim_rmp_set_busy(&w->m, BIG, true));
}

TEST(random_updates_keep_the_counts)
{
	struct world *w = test_world_ready();
	struct sim_rmp_state st;
	u32 i;
	u64 r;

	for (i = 0; i < 20000; i++) {
		r = test_random();
		st = (struct sim_rmp_state){
			.gpa = (r >> 8 & 7) << 12 << (r & 16 ? 9 : 0),
			.assigned = r >> 11 & 1,
			.pagesize = r >> 12 & 3 ? 0 : 1,
			.asid = r >> 11 & 1 ? r >> 14 & 3 : 0,
			.immutable = 0,
		};
		if (r >> 20 & 7)
			sim_rmpupdate(&w->m, BIG + (r >> 30 & 0x3ff) *
				      (st.pagesize ? 0x200000 : 0x1000) %
				      0x400000, &st);
		else
			sim_psmash(&w->m, BIG + (r >> 30 & 1) * SIM_2M_SIZE);
		if (!(i % 1000))
			test_invariants(w);
	}
	test_invariants(w);
}
