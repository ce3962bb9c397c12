// SPDX-License-Identifier: GPL-2.0
/*
 * Guest messages, swapping, and a guest that moves from one context to another.
 */
#include <openssl/evp.h>

#include "test.h"
#include "../internal.h"

#define REQ	0x700000ull
#define RES	0x701000ull
#define SECRETS	0x601000ull
#define POLICY	0x30000ull

/* A guest that runs, and what it knows. */
struct guest {
	struct world *w;
	u64 gctx;
	u8 vmpck[4][32];
	u64 seqno[4];
};

static void launch(struct world *w, struct guest *g, u64 gctx, u32 asid,
		   u64 secrets)
{
	EQ(test_launch(w, gctx, asid, POLICY), SIM_SUCCESS);
	EQ(test_rmp(w, secrets, 0x5000, asid, true, 0), SIM_RMP_OK);
	EQ(test_update(w, gctx, secrets, SIM_PAGE_TYPE_SECRETS, 0),
	   SIM_SUCCESS);
	EQ(test_finish(w, gctx), SIM_SUCCESS);
	memset(g, 0, sizeof(*g));
	g->w = w;
	g->gctx = gctx;
	CHECK(sim_guest_read(&w->m, asid, secrets + 0x20, g->vmpck,
			     sizeof(g->vmpck)));
}

static struct guest the_guest;

static struct guest *ready(void)
{
	struct world *w = test_world_ready();

	EQ(test_rmp(w, RES, 0, 0, true, 0), SIM_RMP_OK);
	launch(w, &the_guest, GCTX, 1, SECRETS);
	return &the_guest;
}

static struct sim_msg_header header(struct guest *g, u8 type, u16 len,
				    u8 vmpck)
{
	return (struct sim_msg_header){
		.seqno = g->seqno[vmpck] + 1, .algo = 1, .hdr_version = 1,
		.hdr_size = sizeof(struct sim_msg_header), .msg_type = type,
		.msg_version = 1, .msg_size = len, .vmpck = vmpck,
	};
}

/* The cipher of the guest's operating system, not the simulation's. */
static void gcm(bool seal, const u8 key[32], struct sim_msg_header *h,
		u8 *data)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	u8 iv[12] = { 0 }, rest[16];
	int n;

	memcpy(iv, &h->seqno, 8);
	CHECK(EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, iv, seal));
	CHECK(EVP_CipherUpdate(c, NULL, &n, (u8 *)h + 0x30, 0x30));
	CHECK(EVP_CipherUpdate(c, data, &n, data, h->msg_size));
	if (!seal)
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, 16, h->tag);
	CHECK(EVP_CipherFinal_ex(c, rest, &n) > 0);
	if (seal)
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, h->tag);
	EVP_CIPHER_CTX_free(c);
}

static void put(struct guest *g, struct sim_msg_header *h, const void *data,
		u64 pa)
{
	u8 *p = world_mem(g->w, pa, sizeof(*h) + h->msg_size);

	memcpy(p + sizeof(*h), data, h->msg_size);
	gcm(true, g->vmpck[h->vmpck], h, p + sizeof(*h));
	memcpy(p, h, sizeof(*h));
}

static u32 request_at(struct guest *g, u64 req, u64 res)
{
	struct sim_cmd_guest_request cmd = {
		.gctx_paddr = g->gctx, .req_paddr = req, .res_paddr = res,
	};

	return world_psp(g->w, SIM_CMD_SNP_GUEST_REQUEST, CMDBUF, &cmd,
			 sizeof(cmd));
}

/* A whole exchange; the response is decrypted into @out. */
static u32 ask(struct guest *g, u8 type, const void *data, u16 len, u8 vmpck,
	       void *out, u16 out_len)
{
	struct sim_msg_header h = header(g, type, len, vmpck), r;
	u8 page[4096];
	u32 status;

	put(g, &h, data, REQ);
	status = request_at(g, REQ, RES);
	if (status)
		return status;
	memcpy(page, world_mem(g->w, RES, 4096), 4096);
	memcpy(&r, page, sizeof(r));
	EQ(r.seqno, h.seqno + 1);
	EQ(r.msg_type, type + 1);
	EQ(r.msg_size, out_len);
	EQ(r.vmpck, vmpck);
	if (r.msg_size > 4096 - sizeof(r))
		return ~0u;
	gcm(false, g->vmpck[vmpck], &r, page + sizeof(r));
	memcpy(out, page + sizeof(r), out_len);
	g->seqno[vmpck] += 2;
	return status;
}

TEST(hmac_is_the_standard_one)
{
	/* RFC 4231, test case 2 */
	static const u8 want[32] = {
		0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
		0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
		0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
		0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
	};
	struct sim_hmac h;
	u8 out[32];

	sim_hmac_init(&h, "Jefe", 4);
	sim_hmac_update(&h, "what do ya want ", 16);
	sim_hmac_update(&h, "for nothing?", 12);
	sim_hmac_final(&h, out);
	CHECK(!memcmp(out, want, 32));
	CHECK(sim_equal(out, want, 32));
	out[31] ^= 1;
	CHECK(!sim_equal(out, want, 32));
}

TEST(report_says_what_was_launched)
{
	struct guest *g = ready();
	struct sim_msg_report_req req = { .vmpl = 1 };
	struct sim_msg_report_rsp rsp;
	struct sim_guest_info info;

	memset(req.data, 0xab, sizeof(req.data));
	EQ(ask(g, SIM_MSG_REPORT_REQ, &req, sizeof(req), 0, &rsp, sizeof(rsp)),
	   SIM_SUCCESS);
	CHECK(sim_guest_info(&g->w->m, GCTX, &info));
	EQ(rsp.status, SIM_SUCCESS);
	EQ(rsp.size, 0x4a0);
	EQ(rsp.report.version, 2);
	EQ(rsp.report.policy, POLICY);
	EQ(rsp.report.vmpl, 1);
	EQ(rsp.report.data[63], 0xab);
	CHECK(!memcmp(rsp.report.ld, info.ld, 48));
	CHECK(!sim_all_zero(rsp.report.report_id, 32));
	CHECK(!sim_all_zero(rsp.report.chip_id, 48));
	EQ(rsp.report.report_id_ma[0], 0xff);
	/* Nobody endorsed this chip, and the report does not pretend. */
	EQ(rsp.report.flags, 7 << 2);
	CHECK(sim_all_zero(rsp.report.signature, 512));
	EQ(sim_rmp_page_state(&g->w->m, RES), SIM_PAGE_FIRMWARE);

	req.vmpl = 0;
	EQ(ask(g, SIM_MSG_REPORT_REQ, &req, sizeof(req), 1, &rsp, sizeof(rsp)),
	   SIM_SUCCESS);
	EQ(rsp.status, SIM_INVALID_PARAM);
	EQ(rsp.report.version, 0);
	req.select = SIM_KEY_SEL_VLEK;
	EQ(ask(g, SIM_MSG_REPORT_REQ, &req, sizeof(req), 0, &rsp, sizeof(rsp)),
	   SIM_SUCCESS);
	EQ(rsp.status, SIM_INVALID_KEY);
	req.rsvd[23] = 1;
	EQ(ask(g, SIM_MSG_REPORT_REQ, &req, sizeof(req), 0, &rsp, sizeof(rsp)),
	   SIM_SUCCESS);
	EQ(rsp.status, SIM_INVALID_PARAM);
}

TEST(messages_that_the_host_meddled_with)
{
	struct guest *g = ready();
	struct sim_msg_report_req req = { 0 };
	struct sim_msg_report_rsp rsp;
	struct sim_msg_header h = header(g, SIM_MSG_REPORT_REQ, 0x60, 0);
	u8 *p = world_mem(g->w, REQ, 4096);
	u8 saved[0xc0];

	put(g, &h, &req, REQ);
	memcpy(saved, p, sizeof(saved));
	p[0x60] ^= 1;			/* payload */
	EQ(request_at(g, REQ, RES), SIM_BAD_MEASUREMENT);
	memcpy(p, saved, sizeof(saved));
	p[0x34] ^= 1;			/* type, authenticated */
	EQ(request_at(g, REQ, RES), SIM_BAD_MEASUREMENT);
	memcpy(p, saved, sizeof(saved));
	p[0x3c] = 1;			/* another key */
	EQ(request_at(g, REQ, RES), SIM_BAD_MEASUREMENT);
	p[0x3c] = 4;
	EQ(request_at(g, REQ, RES), SIM_INVALID_PARAM);
	memcpy(p, saved, sizeof(saved));
	p[0x31] = 2;			/* header version */
	EQ(request_at(g, REQ, RES), SIM_INVALID_PARAM);
	memcpy(p, saved, sizeof(saved));
	EQ(request_at(g, REQ + 0xff0, RES), SIM_INVALID_PARAM);
	EQ(request_at(g, REQ, REQ), SIM_INVALID_PAGE_STATE);
	EQ(request_at(g, WORLD_RMP_BASE, RES), SIM_INVALID_PARAM);

	/* After all of that the message is as good as ever, but once only. */
	EQ(request_at(g, REQ, RES), SIM_SUCCESS);
	EQ(request_at(g, REQ, RES), SIM_AEAD_OFLOW);
	g->seqno[0] = 2;
	EQ(ask(g, SIM_MSG_REPORT_REQ, &req, sizeof(req), 0, &rsp, sizeof(rsp)),
	   SIM_SUCCESS);
	g->seqno[0] += 2;
	EQ(ask(g, SIM_MSG_REPORT_REQ, &req, sizeof(req), 0, &rsp, sizeof(rsp)),
	   SIM_AEAD_OFLOW);
	g->seqno[0] -= 2;
	EQ(ask(g, 2, &req, sizeof(req), 0, &rsp, sizeof(rsp)),
	   SIM_INVALID_PARAM);
	/* A response that does not fit. */
	h = header(g, SIM_MSG_REPORT_REQ, 0x60, 0);
	put(g, &h, &req, REQ);
	EQ(request_at(g, REQ, RES + 0xc00), SIM_INVALID_PARAM);
	EQ(request_at(g, REQ, RES), SIM_SUCCESS);
}

static u32 key(struct guest *g, struct sim_msg_key_req req, u8 vmpck,
	       u8 out[32])
{
	struct sim_msg_key_rsp rsp;

	EQ(ask(g, SIM_MSG_KEY_REQ, &req, sizeof(req), vmpck, &rsp,
	       sizeof(rsp)), SIM_SUCCESS);
	memcpy(out, rsp.key, 32);
	if (rsp.status)
		CHECK(sim_all_zero(rsp.key, 32));
	return rsp.status;
}

TEST(derived_keys)
{
	struct guest *g = ready();
	struct sim_cmd_config cfg = { .flags = 2 };
	struct sim_msg_key_req req = { 0 };
	u8 a[32], b[32];

	EQ(key(g, req, 0, a), SIM_SUCCESS);
	EQ(key(g, req, 0, b), SIM_SUCCESS);
	CHECK(!memcmp(a, b, 32));
	req.vmpl = 1;
	EQ(key(g, req, 1, b), SIM_SUCCESS);
	CHECK(memcmp(a, b, 32));
	req.vmpl = 0;
	EQ(key(g, req, 1, b), SIM_INVALID_PARAM);
	req.fields = SIM_KEY_FIELD_POLICY;
	EQ(key(g, req, 0, b), SIM_SUCCESS);
	CHECK(memcmp(a, b, 32));
	req.fields = 1 << 6;
	EQ(key(g, req, 0, b), SIM_INVALID_PARAM);
	req.fields = SIM_KEY_FIELD_TCB;
	req.tcb = sim_current_tcb() + 1;
	EQ(key(g, req, 0, b), SIM_INVALID_PARAM);
	req.tcb = 0;
	EQ(key(g, req, 0, b), SIM_SUCCESS);
	CHECK(memcmp(a, b, 32));
	req.fields = SIM_KEY_FIELD_SVN;
	req.svn = 1;
	EQ(key(g, req, 0, b), SIM_INVALID_PARAM);
	req.fields = 0;
	req.select = SIM_KEY_SEL_VLEK << 1;
	EQ(key(g, req, 0, b), SIM_INVALID_KEY);
	req.select = 8;
	EQ(key(g, req, 0, b), SIM_INVALID_PARAM);

	/* A host that hides the chip's key leaves the guest its own. */
	EQ(world_psp(g->w, SIM_CMD_SNP_CONFIG, CMDBUF, &cfg, sizeof(cfg)),
	   SIM_SUCCESS);
	req.select = 0;
	EQ(key(g, req, 0, b), SIM_INVALID_KEY);
	req.select = SIM_KEY_ROOT_VMRK;
	EQ(key(g, req, 0, b), SIM_SUCCESS);
	CHECK(memcmp(a, b, 32));
}

TEST(tsc_info_and_cpuid_messages)
{
	struct guest *g = ready();
	struct sim_msg_tsc_rsp tsc;
	u8 zero[128] = { 0 };
	struct {
		u32 w[4];
		struct sim_cpuid_entry fn[2];
	} __packed cpuid = { { 1 }, { { .eax_in = 6, .ebx = 1, .edx = 7 } } };

	EQ(ask(g, SIM_MSG_TSC_INFO_REQ, zero, sizeof(zero), 0, &tsc,
	       sizeof(tsc)), SIM_SUCCESS);
	EQ(tsc.status, SIM_SUCCESS);
	EQ(tsc.factor, 200);
	zero[100] = 1;
	EQ(ask(g, SIM_MSG_TSC_INFO_REQ, zero, sizeof(zero), 0, &tsc,
	       sizeof(tsc)), SIM_SUCCESS);
	EQ(tsc.status, SIM_INVALID_PARAM);

	EQ(ask(g, SIM_MSG_CPUID_REQ, &cpuid, sizeof(cpuid), 0, &cpuid,
	       sizeof(cpuid)), SIM_SUCCESS);
	EQ(cpuid.w[0], SIM_INVALID_PARAM);
	EQ(cpuid.w[1], 1);
	EQ(cpuid.fn[0].ebx, 0);
	EQ(cpuid.fn[0].edx, 0);
	cpuid.w[0] = 1;
	cpuid.w[1] = 0;
	EQ(ask(g, SIM_MSG_CPUID_REQ, &cpuid, sizeof(cpuid), 0, &cpuid,
	       sizeof(cpuid)), SIM_SUCCESS);
	EQ(cpuid.w[0], SIM_SUCCESS);
	cpuid.w[0] = 65;
	cpuid.w[1] = 0;
	EQ(ask(g, SIM_MSG_CPUID_REQ, &cpuid, sizeof(cpuid), 0, &cpuid,
	       sizeof(cpuid)), SIM_SUCCESS);
	EQ(cpuid.w[0], SIM_INVALID_PARAM);
	EQ(cpuid.w[1], 0);
}

/* ---- swapping ---- */

#define DATA	0x610000ull
#define OUT	0x611000ull
#define BACK	0x612000ull
#define MDPAGE	0x613000ull
#define GPA	0x9000ull

static u32 swap(struct world *w, bool out, u64 src, u64 dst, u64 md, u32 type,
		u64 flags)
{
	struct sim_cmd_swap cmd = {
		.gctx_paddr = GCTX, .src_paddr = src, .dst_paddr = dst,
		.mdata_paddr = md, .flags = type << 1 | flags,
	};

	return world_psp(w, out ? SIM_CMD_SNP_PAGE_SWAP_OUT :
				  SIM_CMD_SNP_PAGE_SWAP_IN, CMDBUF, &cmd,
			 sizeof(cmd));
}

static void fill(u8 page[4096], u8 first)
{
	u32 i;

	for (i = 0; i < 4096; i++)
		page[i] = first + i * 7;
}

static struct world *swap_ready(void)
{
	struct sim_cmd_md_init md = { .gctx_paddr = GCTX,
				      .page_paddr = MDPAGE };
	struct world *w = test_world_ready();
	u8 page[4096];

	EQ(test_launch(w, GCTX, 1, POLICY), SIM_SUCCESS);
	EQ(test_rmp(w, DATA, GPA, 1, true, 0), SIM_RMP_OK);
	fill(page, 1);
	memcpy(world_mem(w, DATA, 4096), page, 4096);
	EQ(test_update(w, GCTX, DATA, SIM_PAGE_TYPE_NORMAL, 0), SIM_SUCCESS);
	EQ(test_finish(w, GCTX), SIM_SUCCESS);
	EQ(test_rmp(w, OUT, 0, 0, true, 0), SIM_RMP_OK);
	EQ(test_rmp(w, MDPAGE, 0, 0, true, 0), SIM_RMP_OK);
	EQ(test_rmp(w, BACK, 0, 1, true, 0), SIM_RMP_OK);
	EQ(world_psp(w, SIM_CMD_SNP_PAGE_MD_INIT, CMDBUF, &md, sizeof(md)),
	   SIM_SUCCESS);
	return w;
}

static bool holds(struct world *w, u64 pa, u8 first)
{
	u8 want[4096], page[4096];

	fill(want, first);
	return sim_guest_read(&w->m, 1, pa, page, 4096) &&
	       !memcmp(page, want, 4096);
}

TEST(swap_out_and_in)
{
	struct world *w = swap_ready();
	struct sim_rmp_owner o;
	u8 page[4096];

	/* Guest-Valid is the guest's, the host has to take it first. */
	EQ(swap(w, true, DATA, OUT, MDPAGE, SIM_SWAP_DATA, 0),
	   SIM_INVALID_PAGE_STATE);
	EQ(test_rmp(w, DATA, GPA, 1, true, 0), SIM_RMP_OK);
	EQ(sim_rmp_page_state(&w->m, DATA), SIM_PAGE_PRE_SWAP);
	EQ(swap(w, true, DATA, OUT, MDPAGE + 8, SIM_SWAP_DATA, 0),
	   SIM_INVALID_PARAM);
	EQ(swap(w, true, DATA, OUT, OUT, SIM_SWAP_DATA, 0), SIM_INVALID_PARAM);
	EQ(swap(w, true, DATA, OUT, BACK, SIM_SWAP_DATA, 0),
	   SIM_INVALID_PAGE_STATE);
	EQ(swap(w, true, DATA, OUT, MDPAGE, 3, 0), SIM_INVALID_PAGE_STATE);
	EQ(swap(w, true, DATA, OUT, 0, SIM_SWAP_DATA, 1 | SIM_SWAP_ROOT),
	   SIM_INVALID_PAGE_SIZE);
	EQ(swap(w, true, DATA, OUT, MDPAGE, SIM_SWAP_DATA, SIM_SWAP_IN_PLACE),
	   SIM_INVALID_PARAM);
	EQ(swap(w, true, DATA, OUT, MDPAGE, SIM_SWAP_DATA, 0), SIM_SUCCESS);
	EQ(sim_rmp_page_state(&w->m, DATA), SIM_PAGE_PRE_GUEST);
	EQ(sim_rmp_page_state(&w->m, OUT), SIM_PAGE_FIRMWARE);
	fill(page, 1);
	CHECK(memcmp(world_mem(w, OUT, 4096), page, 4096));

	EQ(swap(w, false, OUT, BACK, MDPAGE, SIM_SWAP_VMSA, 0),
	   SIM_INVALID_MDATA_ENTRY);
	EQ(swap(w, false, OUT, BACK, MDPAGE + 64, SIM_SWAP_DATA, 0),
	   SIM_INVALID_MDATA_ENTRY);
	*world_mem(w, OUT + 100, 1) ^= 1;
	EQ(swap(w, false, OUT, BACK, MDPAGE, SIM_SWAP_DATA, 0),
	   SIM_BAD_MEASUREMENT);
	*world_mem(w, OUT + 100, 1) ^= 1;
	EQ(swap(w, false, OUT, BACK, MDPAGE, SIM_SWAP_DATA, 0), SIM_SUCCESS);
	CHECK(holds(w, BACK, 1));
	sim_rmp_owner(&w->m, BACK, &o);
	EQ(o.state, SIM_PAGE_PRE_SWAP);
	EQ(o.gpa, GPA);
	EQ(o.vmpl[0], SIM_VMPL_FULL);
	/* An entry is good for one return. */
	EQ(test_rmp(w, OUT + 0x10000, 0, 1, true, 0), SIM_RMP_OK);
	EQ(swap(w, false, OUT, OUT + 0x10000, MDPAGE, SIM_SWAP_DATA, 0),
	   SIM_INVALID_MDATA_ENTRY);
	test_invariants(w);
}

TEST(metadata_page_is_swapped_to_the_root)
{
	struct world *w = swap_ready();
	u64 page2 = MDPAGE + 0x10000;

	EQ(test_rmp(w, DATA, GPA, 1, true, 0), SIM_RMP_OK);
	EQ(swap(w, true, DATA, OUT, MDPAGE, SIM_SWAP_DATA, 0), SIM_SUCCESS);
	EQ(test_rmp(w, page2, 0, 0, true, 0), SIM_RMP_OK);
	EQ(test_rmp(w, page2 + 0x1000, 0, 0, true, 0), SIM_RMP_OK);
	EQ(swap(w, true, MDPAGE, page2, 0, SIM_SWAP_METADATA, SIM_SWAP_ROOT),
	   SIM_SUCCESS);
	EQ(sim_rmp_page_state(&w->m, MDPAGE), SIM_PAGE_FIRMWARE);
	EQ(swap(w, false, OUT, BACK, MDPAGE, SIM_SWAP_DATA, 0),
	   SIM_INVALID_PAGE_STATE);
	EQ(swap(w, false, page2, page2 + 0x1000, 0, SIM_SWAP_METADATA,
		SIM_SWAP_ROOT | SIM_SWAP_IN_PLACE), SIM_INVALID_PARAM);
	EQ(swap(w, false, page2, page2 + 0x1000, 0, SIM_SWAP_METADATA,
		SIM_SWAP_ROOT), SIM_SUCCESS);
	EQ(sim_rmp_page_state(&w->m, page2 + 0x1000), SIM_PAGE_METADATA);
	EQ(swap(w, false, OUT, BACK, page2 + 0x1000, SIM_SWAP_DATA, 0),
	   SIM_SUCCESS);
	CHECK(holds(w, BACK, 1));
}

TEST(large_page_is_swapped_in_place)
{
	struct world *w = swap_ready();
	u64 big = 0x800000, out = 0xa00000;

	EQ(test_rmp(w, big, 0x400000, 1, true, 1), SIM_RMP_OK);
	EQ(test_rmp(w, out, 0, 0, true, 1), SIM_RMP_OK);
	EQ(swap(w, true, big, out, MDPAGE, SIM_SWAP_DATA, 1), SIM_SUCCESS);
	memcpy(world_mem(w, big, 0x200000), world_mem(w, out, 0x200000),
	       0x200000);
	EQ(swap(w, false, out, big, MDPAGE, SIM_SWAP_DATA,
		1 | SIM_SWAP_IN_PLACE), SIM_INVALID_ADDRESS);
	*world_mem(w, big + 0x1fffff, 1) ^= 1;
	EQ(swap(w, false, big, big, MDPAGE, SIM_SWAP_DATA,
		1 | SIM_SWAP_IN_PLACE), SIM_BAD_MEASUREMENT);
	*world_mem(w, big + 0x1fffff, 1) ^= 1;
	EQ(swap(w, false, big, big, MDPAGE, SIM_SWAP_DATA,
		1 | SIM_SWAP_IN_PLACE), SIM_SUCCESS);
	EQ(sim_rmp_page_state(&w->m, big), SIM_PAGE_PRE_GUEST);
	test_invariants(w);
}

/* ---- migration ---- */

#define AGENT	0x210000ull
#define ARRIVAL	0x220000ull

TEST(a_guest_exports_itself_and_arrives_elsewhere)
{
	struct world *w = swap_ready();
	struct guest g = { .w = w, .gctx = GCTX }, agent;
	struct sim_msg_export_req ex = { .gctx_paddr = GCTX };
	static struct {
		struct sim_msg_export_rsp rsp;
		u8 rest[4096 - 0x60 - sizeof(struct sim_msg_export_rsp)];
	} exported;
	struct sim_msg_import_req im = {
		.gctx_paddr = ARRIVAL, .gctx_size = 0x300, .gctx_version = 3,
	};
	struct sim_cmd_activate act = { .gctx_paddr = ARRIVAL, .asid = 3 };
	struct sim_cmd_swap in = {
		.gctx_paddr = ARRIVAL, .src_paddr = OUT, .dst_paddr = BACK,
		.flags = SIM_SWAP_ROOT,
	};
	struct sim_guest_info info;
	struct sim_ctx ctx;
	u8 status[16], ld[48], page[4096], want[4096];

	EQ(sim_ctx_load(&w->m, GCTX, &ctx), SIM_SUCCESS);
	memcpy(g.vmpck, ctx.vmpck, sizeof(g.vmpck));
	memcpy(ld, ctx.ld, sizeof(ld));
	EQ(test_rmp(w, RES, 0, 0, true, 0), SIM_RMP_OK);
	EQ(test_rmp(w, DATA, GPA, 1, true, 0), SIM_RMP_OK);
	EQ(swap(w, true, DATA, OUT, 0, SIM_SWAP_DATA, SIM_SWAP_ROOT),
	   SIM_SUCCESS);

	EQ(ask(&g, SIM_MSG_EXPORT_REQ, &ex, sizeof(ex), 1, &exported,
	       sizeof(exported)), SIM_SUCCESS);
	EQ(exported.rsp.status, SIM_INVALID_GUEST);	/* not from VMPL1 */
	EQ(ask(&g, SIM_MSG_EXPORT_REQ, &ex, sizeof(ex), 0, &exported,
	       sizeof(exported)), SIM_SUCCESS);
	EQ(exported.rsp.status, SIM_SUCCESS);
	EQ(exported.rsp.gctx.state, SIM_GUEST_RUNNING);
	CHECK(!memcmp(exported.rsp.gctx.ld, ld, 48));
	EQ(sim_rmp_page_state(&w->m, GCTX), SIM_PAGE_FIRMWARE);
	EQ(w->m.guest_count, 0);

	launch(w, &agent, AGENT, 2, SECRETS);
	EQ(test_rmp(w, ARRIVAL, 0, 0, true, 0), SIM_RMP_OK);
	EQ(test_addr_cmd(w, SIM_CMD_SNP_GCTX_CREATE, ARRIVAL), SIM_SUCCESS);
	im.gctx = exported.rsp.gctx;
	im.gctx.root.entry = 0;
	EQ(ask(&agent, SIM_MSG_IMPORT_REQ, &im, sizeof(im), 0, status, 16),
	   SIM_SUCCESS);
	EQ(*(u32 *)status, SIM_INVALID_MDATA_ENTRY);
	im.gctx.root = exported.rsp.gctx.root;
	EQ(ask(&agent, SIM_MSG_IMPORT_REQ, &im, sizeof(im), 0, status, 16),
	   SIM_SUCCESS);
	EQ(*(u32 *)status, SIM_SUCCESS);
	CHECK(sim_guest_info(&w->m, ARRIVAL, &info));
	EQ(info.state, SIM_GUEST_RUNNING);
	EQ(info.ma_paddr, AGENT);
	CHECK(!memcmp(info.ld, ld, 48));

	EQ(world_psp(w, SIM_CMD_SNP_ACTIVATE, CMDBUF, &act, sizeof(act)),
	   SIM_SUCCESS);
	EQ(test_addr_cmd(w, SIM_CMD_SNP_PAGE_RECLAIM, BACK), SIM_SUCCESS);
	EQ(test_unassign(w, BACK, 0), SIM_RMP_OK);
	EQ(test_rmp(w, BACK, 0, 3, true, 0), SIM_RMP_OK);
	EQ(world_psp(w, SIM_CMD_SNP_PAGE_SWAP_IN, CMDBUF, &in, sizeof(in)),
	   SIM_SUCCESS);
	fill(want, 1);
	CHECK(sim_guest_read(&w->m, 3, BACK, page, 4096));
	CHECK(!memcmp(page, want, 4096));
	test_invariants(w);
}

TEST(only_the_agent_installs_a_vmrk)
{
	struct guest *g = ready();
	struct sim_cmd_launch_start start = {
		.gctx_paddr = ARRIVAL, .policy = POLICY | SIM_POLICY_MIGRATE_MA,
		.ma_gctx_paddr = GCTX, .flags = SIM_LAUNCH_MA_EN,
	};
	struct sim_msg_vmrk_req req = { .gctx_paddr = ARRIVAL };
	struct sim_ctx ctx;
	u8 status[16];

	memset(req.vmrk, 0x5a, 32);
	EQ(ask(g, SIM_MSG_VMRK_REQ, &req, sizeof(req), 0, status, 16),
	   SIM_SUCCESS);
	EQ(*(u32 *)status, SIM_INVALID_GUEST);
	EQ(test_rmp(g->w, ARRIVAL, 0, 0, true, 0), SIM_RMP_OK);
	EQ(test_addr_cmd(g->w, SIM_CMD_SNP_GCTX_CREATE, ARRIVAL), SIM_SUCCESS);
	EQ(ask(g, SIM_MSG_VMRK_REQ, &req, sizeof(req), 0, status, 16),
	   SIM_SUCCESS);
	EQ(*(u32 *)status, SIM_INVALID_GUEST_STATE);
	EQ(world_psp(g->w, SIM_CMD_SNP_LAUNCH_START, CMDBUF, &start,
		     sizeof(start)), SIM_SUCCESS);
	EQ(ask(g, SIM_MSG_VMRK_REQ, &req, sizeof(req), 1, status, 16),
	   SIM_SUCCESS);
	EQ(*(u32 *)status, SIM_INVALID_PARAM);
	EQ(ask(g, SIM_MSG_VMRK_REQ, &req, sizeof(req), 0, status, 16),
	   SIM_SUCCESS);
	EQ(*(u32 *)status, SIM_SUCCESS);
	EQ(sim_ctx_load(&g->w->m, ARRIVAL, &ctx), SIM_SUCCESS);
	CHECK(!memcmp(ctx.vmrk, req.vmrk, 32));
}
