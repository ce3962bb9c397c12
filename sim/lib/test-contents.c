// SPDX-License-Identifier: GPL-2.0
/*
 * What host and guest see of private memory.
 */
#include "test.h"

TEST(host_sees_noise_guest_sees_text)
{
	struct world *w = test_world_ready();
	u8 *mem = world_mem(w, PAGE, 4096);
	u8 text[4096], got[4096], moved[4096];
	u32 i, same = 0;

	for (i = 0; i < sizeof(text); i++)
		text[i] = i * 7;
	EQ(test_launch(w, GCTX, 1, 0x30000), SIM_SUCCESS);
	memcpy(mem, text, sizeof(text));
	EQ(test_rmp(w, PAGE, 0x1000, 1, true, 0), SIM_RMP_OK);
	EQ(test_update(w, GCTX, PAGE, SIM_PAGE_TYPE_NORMAL, 0), SIM_SUCCESS);
	for (i = 0; i < sizeof(text); i++)
		same += mem[i] == text[i];
	CHECK(same < 64);
	CHECK(sim_guest_read(&w->m, 1, PAGE, got, sizeof(got)));
	CHECK(!memcmp(got, text, sizeof(text)));
	/* Another key or another place, and it is noise. */
	CHECK(sim_guest_read(&w->m, 2, PAGE, got, sizeof(got)));
	CHECK(memcmp(got, text, sizeof(text)));
	memcpy(moved, mem, sizeof(moved));
	memcpy(world_mem(w, PAGE + 0x1000, 4096), moved, sizeof(moved));
	CHECK(sim_guest_read(&w->m, 1, PAGE + 0x1000, got, sizeof(got)));
	CHECK(memcmp(got, text, sizeof(text)));
}

TEST(guest_accesses_of_any_size_and_alignment)
{
	struct world *w = test_world_ready();
	static u8 shadow[8192], got[8192], buf[300];
	u32 i, j, off, len;

	EQ(test_launch(w, GCTX, 1, 0x30000), SIM_SUCCESS);
	CHECK(sim_guest_write(&w->m, 1, PAGE, shadow, sizeof(shadow)));
	for (i = 0; i < 2000; i++) {
		len = test_random() % sizeof(buf) + 1;
		off = test_random() % (sizeof(shadow) - len);
		for (j = 0; j < len; j++)
			buf[j] = test_random();
		memcpy(shadow + off, buf, len);
		CHECK(sim_guest_write(&w->m, 1, PAGE + off, buf, len));
		CHECK(sim_guest_read(&w->m, 1, PAGE + off, got, len));
		CHECK(!memcmp(got, buf, len));
	}
	CHECK(sim_guest_read(&w->m, 1, PAGE, got, sizeof(got)));
	CHECK(!memcmp(got, shadow, sizeof(got)));
	CHECK(!sim_guest_read(&w->m, 1, WORLD_HOLE - 16, got, 32));
	CHECK(!sim_guest_write(&w->m, 1, WORLD_HOLE, got, 1));
	CHECK(!sim_guest_read(&w->m, 1, ~0ull - 4, got, 32));
	CHECK(sim_guest_read(&w->m, 1, WORLD_HOLE, got, 0));
}

TEST(asid_0_is_the_host)
{
	struct world *w = test_world_ready();
	u8 got[16];

	memcpy(world_mem(w, PAGE, 16), "shared in plain!", 16);
	CHECK(sim_guest_read(&w->m, 0, PAGE, got, sizeof(got)));
	CHECK(!memcmp(got, "shared in plain!", 16));
}

TEST(context_pages_hide_their_contents)
{
	struct world *w = test_world_ready();
	u64 *mem = (u64 *)world_mem(w, GCTX, 4096);
	struct sim_guest_info info;
	u32 i, zeros = 0;

	EQ(test_launch(w, GCTX, 1, 0x30000), SIM_SUCCESS);
	for (i = 0; i < 512; i++)
		zeros += !mem[i];
	EQ(zeros, 0);
	CHECK(sim_guest_info(&w->m, GCTX, &info));
	EQ(info.asid, 1);
	EQ(info.policy, 0x30000);
	CHECK(!sim_guest_info(&w->m, PAGE, &info));
	CHECK(!sim_guest_info(&w->m, 0xfc00000, &info));
}

TEST(vmsa_register_protection_comes_off_with_the_nonce)
{
	struct world *w = test_world_ready();
	u64 *mem = (u64 *)world_mem(w, PAGE, 4096);
	struct sim_cmd_dbg dbg = {
		.gctx_paddr = GCTX, .src_paddr = PAGE, .dst_paddr = 0x700000,
	};
	u64 got[512], *plain = (u64 *)world_mem(w, 0x700000, 4096);

	EQ(test_launch(w, GCTX, 1, 0x30000 | SIM_POLICY_DEBUG), SIM_SUCCESS);
	memset(mem, 0, 4096);
	mem[0x178 / 8] = 0xfff0;		/* RIP */
	mem[0x160 / 8] = 0x1234;		/* DR7, not protected */
	mem[SIM_VMSA_SEV_FEATURES / 8] = SIM_VMSA_FEAT_REG_PROT;
	EQ(test_rmp(w, PAGE, 0xfffffffff000, 1, true, 0), SIM_RMP_OK);
	EQ(test_update(w, GCTX, PAGE, SIM_PAGE_TYPE_VMSA, 0), SIM_SUCCESS);
	CHECK(sim_guest_read(&w->m, 1, PAGE, got, sizeof(got)));
	CHECK(got[SIM_VMSA_REG_PROT_NONCE / 8]);
	EQ(got[0x178 / 8], 0xfff0 ^ got[SIM_VMSA_REG_PROT_NONCE / 8]);
	EQ(got[0x160 / 8], 0x1234);
	EQ(test_rmp(w, 0x700000, 0, 0, true, 0), SIM_RMP_OK);
	EQ(world_psp(w, SIM_CMD_SNP_DBG_DECRYPT, CMDBUF, &dbg, sizeof(dbg)),
	   SIM_SUCCESS);
	EQ(plain[0x178 / 8], 0xfff0);
	EQ(plain[0x160 / 8], 0x1234);
}

TEST(secrets_page_layout)
{
	struct world *w = test_world_ready();
	struct sim_secrets_page s;
	u8 page[4096];
	u32 i;

	EQ(test_launch(w, GCTX, 1, 0x30000), SIM_SUCCESS);
	memset(world_mem(w, PAGE, 4096), 0xee, 4096);
	EQ(test_rmp(w, PAGE, 0x1000, 1, true, 0), SIM_RMP_OK);
	EQ(test_update(w, GCTX, PAGE, SIM_PAGE_TYPE_SECRETS, 0), SIM_SUCCESS);
	CHECK(sim_guest_read(&w->m, 1, PAGE, page, sizeof(page)));
	memcpy(&s, page, sizeof(s));
	EQ(s.version, 3);
	EQ(s.flags, 0);
	EQ(s.fms, 0x00a10f11);
	EQ(s.tsc_factor, 200);
	CHECK(memcmp(s.vmpck[0], s.vmpck[1], 32));
	/* RIP is quad-word 0x2f, RAX 0x3f, RSP 0x3b. */
	EQ(s.vmsa_tweak[5], 0x80);
	EQ(s.vmsa_tweak[7], 0x88);
	EQ(s.vmsa_tweak[6], 0);
	for (i = sizeof(s); i < sizeof(page); i++)
		EQ(page[i], 0);
}
