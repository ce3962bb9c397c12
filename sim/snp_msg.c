// SPDX-License-Identifier: GPL-2.0
/*
 * Guest messages: what a guest asks of the firmware behind the host's back.
 *
 * Whatever the host got wrong is the command's status.  Whatever the guest got
 * wrong is a status in the sealed response, and the command succeeds.
 */
#include "internal.h"

#define MSG_VERSION	1
#define REPORT_VERSION	2
#define ALGO_P384	1

/* One exchange; payloads and contexts lie in the machine's scratch memory. */
struct exchange {
	const struct sim_cmd_guest_request *cmd;
	struct sim_ctx *ctx;
	struct sim_msg_header req;
	u16 rsp_size;
	u8 *in;
	u8 *out;
	struct sim_ctx *other;
};

static void make_iv(u64 seqno, u8 iv[12])
{
	memset(iv, 0, 12);
	memcpy(iv, &seqno, sizeof(seqno));
}

/* Counts up the bits of a derived key in rounds of one hash. */
static void derive(u8 out[32], const void *key, u32 key_len,
		   const char *label, const void *context, u32 len)
{
	const u32 round = 1, bits = 256;
	struct sim_hmac h;

	sim_hmac_init(&h, key, key_len);
	sim_hmac_update(&h, &round, sizeof(round));
	sim_hmac_update(&h, label, strlen(label) + 1);
	sim_hmac_update(&h, context, len);
	sim_hmac_update(&h, &bits, sizeof(bits));
	sim_hmac_final(&h, out);
}

/* FIDELITY(MSG_CPUID_REQ): modelled - as a CPUID page, without write-back to the host [firmware 1.55.25] */
static u32 msg_cpuid(struct sim_machine *m, struct exchange *x)
{
	const struct sim_cpuid_page *req = (void *)x->in;
	struct sim_cpuid_page *rsp = (void *)x->out;
	u32 status;

	x->rsp_size = x->req.msg_size;
	if (req->rsvd || req->rsvd2 || req->count > SIM_CPUID_MAX) {
		status = SIM_INVALID_PARAM;
	} else {
		memcpy(rsp->fn, req->fn, req->count * sizeof(*req->fn));
		status = sim_cpuid_enforce_list(m, rsp->fn, req->count);
		rsp->rsvd = req->count;		/* the second word counts */
	}
	rsp->count = status;
	return SIM_SUCCESS;
}

/* What a derived key depends on; the layout is the firmware's. */
struct mix {
	u32 select;		/* bit 0 root, 2:1 key of the identity block */
	u32 rsvd;
	u64 fields;
	u32 vmpl;
	u32 svn;
	u64 tcb;
	u64 policy;
	u8 image_id[16];
	u8 family_id[16];
	u8 ld[32];
	u8 host_data[32];
	u8 id_key[32];
} __packed;

static bool tcb_too_new(u64 tcb)
{
	u64 have = sim_current_tcb();
	u32 i;

	for (i = 0; i < 8; i++)
		if ((u8)(tcb >> (8 * i)) > (u8)(have >> (8 * i)))
			return true;
	return false;
}

static bool key_unavailable(const struct sim_ctx *ctx, u32 sel)
{
	/* No VLEK was ever loaded. */
	return sel > SIM_KEY_SEL_VCEK || ctx->vcek_dis;
}

static u32 derive_key(struct sim_machine *m, const struct exchange *x,
		      const struct sim_msg_key_req *req, u8 key[32])
{
	const struct sim_ctx *ctx = x->ctx;
	bool vmrk = req->select & SIM_KEY_ROOT_VMRK;
	u64 fields = req->fields, root_tcb = sim_current_tcb();
	u8 vcek[32];
	struct mix mix;

	if (req->select & ~7u || req->rsvd)
		return SIM_INVALID_PARAM;
	if (!vmrk && (m->config_flags & 2 ||
		      key_unavailable(ctx, req->select >> 1)))
		return SIM_INVALID_KEY;
	if (req->vmpl < x->req.vmpck || fields & ~SIM_KEY_FIELDS)
		return SIM_INVALID_PARAM;

	memset(&mix, 0, sizeof(mix));
	mix.select = vmrk;
	mix.vmpl = req->vmpl;
	mix.fields = fields;
	memcpy(mix.host_data, ctx->host_data, sizeof(mix.host_data));
	if (ctx->author_key_en) {
		mix.select |= 2 << 1;
		memcpy(mix.id_key, ctx->author_key_digest, sizeof(mix.id_key));
	} else if (ctx->id_block_en) {
		mix.select |= 1 << 1;
		memcpy(mix.id_key, ctx->id_key_digest, sizeof(mix.id_key));
	}
	if (fields & SIM_KEY_FIELD_TCB) {
		if (tcb_too_new(req->tcb))
			return SIM_INVALID_PARAM;
		mix.tcb = root_tcb = req->tcb;
	}
	if (fields & SIM_KEY_FIELD_SVN) {
		if (req->svn > ctx->id_block.guest_svn)
			return SIM_INVALID_PARAM;
		mix.svn = req->svn;
	}
	if (fields & SIM_KEY_FIELD_LD)
		memcpy(mix.ld, ctx->ld, sizeof(mix.ld));
	if (fields & SIM_KEY_FIELD_FAMILY_ID)
		memcpy(mix.family_id, ctx->id_block.family_id,
		       sizeof(mix.family_id));
	if (fields & SIM_KEY_FIELD_IMAGE_ID)
		memcpy(mix.image_id, ctx->id_block.image_id,
		       sizeof(mix.image_id));
	if (fields & SIM_KEY_FIELD_POLICY)
		mix.policy = ctx->policy;

	derive(vcek, m->chip_secret, sizeof(m->chip_secret), "sim-vcek",
	       &root_tcb, sizeof(root_tcb));
	derive(key, vmrk ? ctx->vmrk : vcek, 32, "gmsg-keyreq", &mix,
	       sizeof(mix));
	return SIM_SUCCESS;
}

/*
 * FIDELITY(MSG_KEY_REQ): simplified - the root of VCEK-derived keys is made up, and
 * no VLEK can be loaded [firmware 1.55.25]
 */
static u32 msg_key(struct sim_machine *m, struct exchange *x)
{
	struct sim_msg_key_rsp *rsp = (void *)x->out;

	x->rsp_size = sizeof(*rsp);
	rsp->status = derive_key(m, x, (void *)x->in, rsp->key);
	return SIM_SUCCESS;
}

static u32 make_report(struct sim_machine *m, const struct exchange *x,
		       const struct sim_msg_report_req *req,
		       struct sim_report *r)
{
	const struct sim_ctx *ctx = x->ctx;

	if (!sim_all_zero(req->rsvd, sizeof(req->rsvd)) || req->select & ~3u)
		return SIM_INVALID_PARAM;
	if (key_unavailable(ctx, req->select))
		return SIM_INVALID_KEY;
	if (req->vmpl < x->req.vmpck)
		return SIM_INVALID_PARAM;

	r->version = REPORT_VERSION;
	r->guest_svn = ctx->id_block.guest_svn;
	r->policy = ctx->policy;
	memcpy(r->family_id, ctx->id_block.family_id, sizeof(r->family_id));
	memcpy(r->image_id, ctx->id_block.image_id, sizeof(r->image_id));
	r->vmpl = req->vmpl;
	r->signature_algo = ALGO_P384;
	r->tcb = sim_current_tcb();
	r->platform_info = m->cfg.smt ? SIM_REPORT_SMT : 0;
	r->flags = (ctx->author_key_en ? SIM_REPORT_AUTHOR_KEY : 0) |
		   (m->config_flags & 2 ? SIM_REPORT_MASK_KEY : 0) |
		   SIM_REPORT_UNSIGNED;
	memcpy(r->data, req->data, sizeof(r->data));
	memcpy(r->ld, ctx->ld, sizeof(r->ld));
	memcpy(r->host_data, ctx->host_data, sizeof(r->host_data));
	memcpy(r->id_key_digest, ctx->id_key_digest,
	       sizeof(r->id_key_digest));
	memcpy(r->author_key_digest, ctx->author_key_digest,
	       sizeof(r->author_key_digest));
	memcpy(r->report_id, ctx->report_id, sizeof(r->report_id));
	memcpy(r->report_id_ma, ctx->report_id_ma, sizeof(r->report_id_ma));
	r->reported_tcb = m->reported_tcb ? m->reported_tcb : r->tcb;
	if (!(m->config_flags & 1))
		sim_chip_id(m, 0, r->chip_id);
	r->committed_tcb = r->tcb;
	r->build = r->committed_build = SIM_FW_BUILD;
	r->minor = r->committed_minor = SIM_FW_MINOR;
	r->major = r->committed_major = SIM_FW_MAJOR;
	r->launch_tcb = ctx->launch_tcb;
	return SIM_SUCCESS;
}

/*
 * FIDELITY(MSG_REPORT_REQ): simplified - the chip has no endorsement key, so that every
 * report says that it is unsigned [firmware 1.55.25]
 */
static u32 msg_report(struct sim_machine *m, struct exchange *x)
{
	struct sim_msg_report_rsp *rsp = (void *)x->out;

	x->rsp_size = sizeof(*rsp);
	rsp->size = sizeof(rsp->report);
	rsp->status = make_report(m, x, (void *)x->in, &rsp->report);
	return SIM_SUCCESS;
}

/* FIDELITY(MSG_TSC_INFO_REQ): modelled - [firmware 1.55.25] */
static u32 msg_tsc_info(struct sim_machine *m, struct exchange *x)
{
	struct sim_msg_tsc_rsp *rsp = (void *)x->out;

	x->rsp_size = sizeof(*rsp);
	if (!sim_all_zero(x->in, sizeof(*rsp))) {
		rsp->status = SIM_INVALID_PARAM;
		return SIM_SUCCESS;
	}
	rsp->scale = sim_tsc_scale(x->ctx->tsc_khz, m->cfg.tsc_khz);
	rsp->offset = x->ctx->tsc_offset;
	rsp->factor = SIM_TSC_FACTOR;
	return SIM_SUCCESS;
}

/* ---- migration: the context of one guest in the hands of another ---- */

static bool same_page(u64 a, u64 b)
{
	return !((a ^ b) & ~SIM_C_BIT);
}

/* Is the sender the migration agent of this guest? */
static bool is_agent_of(const struct exchange *x, const struct sim_ctx *guest)
{
	return same_page(guest->ma_paddr, x->cmd->gctx_paddr) &&
	       guest->ma_paddr != SIM_NO_MA &&
	       !memcmp(guest->report_id_ma, x->ctx->report_id,
		       sizeof(guest->report_id_ma));
}

static void export_context(const struct sim_ctx *ctx, struct sim_msg_gctx *g)
{
	memcpy(g->ld, ctx->ld, sizeof(g->ld));
	memcpy(g->oek, ctx->oek, sizeof(g->oek));
	memcpy(g->vmpck, ctx->vmpck, sizeof(g->vmpck));
	memcpy(g->vmrk, ctx->vmrk, sizeof(g->vmrk));
	memcpy(g->host_data, ctx->host_data, sizeof(g->host_data));
	memcpy(g->id_key_digest, ctx->id_key_digest,
	       sizeof(g->id_key_digest));
	memcpy(g->author_key_digest, ctx->author_key_digest,
	       sizeof(g->author_key_digest));
	memcpy(g->report_id, ctx->report_id, sizeof(g->report_id));
	memcpy(g->imd, ctx->imd, sizeof(g->imd));
	memcpy(g->msg_count, ctx->msg_count, sizeof(g->msg_count));
	g->root = ctx->root;
	g->flags = (ctx->author_key_en ? SIM_GCTX_AUTHOR_KEY : 0) |
		   (ctx->id_block_en ? SIM_GCTX_ID_BLOCK : 0) |
		   (ctx->vcek_dis ? SIM_GCTX_VCEK_DIS : 0);
	g->policy = ctx->policy;
	g->state = ctx->state;
	g->oek_iv_count = ctx->oek_iv_count;
	g->id_block = ctx->id_block;
	memcpy(g->gosvw, ctx->gosvw, sizeof(g->gosvw));
	g->tsc_khz = ctx->tsc_khz;
	g->tsc_offset = ctx->tsc_offset;
	g->launch_tcb = ctx->launch_tcb;
}

/* What every kind of arrival takes over. */
static void take_context(struct sim_ctx *ctx, const struct sim_msg_gctx *g)
{
	memcpy(ctx->ld, g->ld, sizeof(ctx->ld));
	memcpy(ctx->oek, g->oek, sizeof(ctx->oek));
	memcpy(ctx->vmpck, g->vmpck, sizeof(ctx->vmpck));
	memcpy(ctx->vmrk, g->vmrk, sizeof(ctx->vmrk));
	memcpy(ctx->host_data, g->host_data, sizeof(ctx->host_data));
	memcpy(ctx->imd, g->imd, sizeof(ctx->imd));
	memcpy(ctx->msg_count, g->msg_count, sizeof(ctx->msg_count));
	ctx->root = g->root;
	ctx->policy = g->policy;
	ctx->oek_iv_count = g->oek_iv_count;
	memcpy(ctx->gosvw, g->gosvw, sizeof(ctx->gosvw));
	ctx->tsc_khz = g->tsc_khz;
	ctx->tsc_offset = g->tsc_offset;
	ctx->launch_tcb = g->launch_tcb;
	ctx->b.flags |= SIM_GFLAG_ES;
}

static void take_identity(struct sim_ctx *ctx, const struct sim_msg_gctx *g)
{
	memcpy(ctx->id_key_digest, g->id_key_digest,
	       sizeof(ctx->id_key_digest));
	memcpy(ctx->author_key_digest, g->author_key_digest,
	       sizeof(ctx->author_key_digest));
	ctx->author_key_en = !!(g->flags & SIM_GCTX_AUTHOR_KEY);
	ctx->id_block_en = !!(g->flags & SIM_GCTX_ID_BLOCK);
	ctx->id_block = g->id_block;
}

static u32 export_guest(struct sim_machine *m, struct exchange *x,
			struct sim_msg_gctx *g)
{
	const struct sim_msg_export_req *req = (void *)x->in;
	bool self = same_page(req->gctx_paddr, x->cmd->gctx_paddr) &&
		    x->ctx->ma_paddr == SIM_NO_MA;
	struct sim_lookup l;
	struct sim_ctx *ctx = x->other;
	u32 status;

	if (sim_misaligned(req->gctx_paddr) || req->flags & ~1u || req->rsvd)
		return SIM_INVALID_PARAM;
	status = sim_ctx_open(m, req->gctx_paddr, &l, ctx);
	if (status)
		return status;
	if (ctx->state != SIM_GUEST_RUNNING)
		return SIM_INVALID_GUEST_STATE;
	if (!self && !is_agent_of(x, ctx))
		return SIM_INVALID_GUEST;
	if (self && x->req.vmpck)
		return SIM_INVALID_GUEST;

	export_context(ctx, g);
	if (req->flags & 1) {
		memset(&g->root, 0, sizeof(g->root));
		return SIM_SUCCESS;
	}
	/* It lives on elsewhere. */
	sim_kill_context(m, &l, req->gctx_paddr, ctx);
	return SIM_SUCCESS;
}

/* FIDELITY(MSG_EXPORT_REQ): modelled - [firmware 1.55.25] */
static u32 msg_export(struct sim_machine *m, struct exchange *x)
{
	struct sim_msg_export_rsp *rsp = (void *)x->out;

	x->rsp_size = SIM_MSG_MAX - SIM_MSG_HEADER;
	rsp->gctx_size = sizeof(rsp->gctx);
	rsp->gctx_version = SIM_GCTX_VERSION;
	rsp->status = export_guest(m, x, &rsp->gctx);
	return SIM_SUCCESS;
}

static bool wrong_version(const struct sim_msg_import_req *req)
{
	return req->gctx_size != sizeof(req->gctx) ||
	       req->gctx_version != SIM_GCTX_VERSION;
}

static u32 import_guest(struct sim_machine *m, struct exchange *x)
{
	const struct sim_msg_import_req *req = (void *)x->in;
	struct sim_lookup l;
	struct sim_ctx *ctx = x->other;
	u32 status;

	if (sim_misaligned(req->gctx_paddr) ||
	    !sim_all_zero(req->rsvd, sizeof(req->rsvd)) || wrong_version(req))
		return SIM_INVALID_PARAM;
	status = sim_ctx_open(m, req->gctx_paddr, &l, ctx);
	if (status)
		return status;
	if (ctx->state != SIM_GUEST_INIT)
		return SIM_INVALID_GUEST_STATE;
	if (!(req->gctx.root.entry & SIM_MDATA_VALID))
		return SIM_INVALID_MDATA_ENTRY;

	take_context(ctx, &req->gctx);
	take_identity(ctx, &req->gctx);
	ctx->ma_paddr = x->cmd->gctx_paddr;
	ctx->imi_en = false;
	memcpy(ctx->report_id_ma, x->ctx->report_id, sizeof(ctx->report_id_ma));
	sim_env_random(m, ctx->report_id, sizeof(ctx->report_id));
	/* FIDELITY(SNP guest INIT -> RUNNING): modelled - MSG_IMPORT_REQ [firmware 1.55.25] */
	ctx->state = SIM_GUEST_RUNNING;
	m->guest_count++;
	sim_ctx_store(m, req->gctx_paddr, ctx);
	return SIM_SUCCESS;
}

/* FIDELITY(MSG_IMPORT_REQ): assumed - an imported guest counts as a live one [firmware 1.55.25] */
static u32 msg_import(struct sim_machine *m, struct exchange *x)
{
	u32 *rsp = (void *)x->out;

	x->rsp_size = SIM_MSG_STATUS_ONLY;
	*rsp = import_guest(m, x);
	return SIM_SUCCESS;
}

static u32 absorb_guest(struct sim_machine *m, struct exchange *x)
{
	const struct sim_msg_import_req *req = (void *)x->in;
	struct sim_lookup l;
	struct sim_ctx *ctx = x->other;
	u32 status;

	if (sim_misaligned(req->gctx_paddr) ||
	    !sim_all_zero(req->rsvd, sizeof(req->rsvd)))
		return SIM_INVALID_PARAM;
	status = sim_ctx_open(m, req->gctx_paddr, &l, ctx);
	if (status)
		return status;
	if (ctx->state != SIM_GUEST_LAUNCH || !ctx->imi_en)
		return SIM_INVALID_GUEST_STATE;
	if (ctx->root.entry & SIM_MDATA_VALID)
		return SIM_INVALID_MDATA_ENTRY;
	if (memcmp(req->gctx.imd, ctx->ld, sizeof(ctx->ld)))
		return SIM_BAD_MEASUREMENT;
	if (wrong_version(req))
		return SIM_INVALID_PARAM;

	take_context(ctx, &req->gctx);
	take_identity(ctx, &req->gctx);
	ctx->imi_en = false;
	if (ctx->b.flags & SIM_GFLAG_PENDING)
		sim_asid_run(m, &ctx->b);
	/* FIDELITY(SNP guest LAUNCH -> RUNNING): assumed - MSG_ABSORB_REQ, of a guest launched for it [firmware 1.55.25] */
	ctx->state = SIM_GUEST_RUNNING;
	sim_ctx_store(m, req->gctx_paddr, ctx);
	return SIM_SUCCESS;
}

/*
 * FIDELITY(MSG_ABSORB_REQ): assumed - which fields are kept, and that a pending ASID
 * begins to run [firmware 1.55.25]
 */
static u32 msg_absorb(struct sim_machine *m, struct exchange *x)
{
	u32 *rsp = (void *)x->out;

	x->rsp_size = SIM_MSG_STATUS_ONLY;
	*rsp = absorb_guest(m, x);
	return SIM_SUCCESS;
}

static u32 absorb_self(struct exchange *x)
{
	const struct sim_msg_import_req *req = (void *)x->in;
	struct sim_ctx *ctx = x->ctx;

	if (req->gctx_paddr || !sim_all_zero(req->rsvd, sizeof(req->rsvd)))
		return SIM_INVALID_PARAM;
	if (ctx->ma_paddr != SIM_NO_MA)
		return SIM_INVALID_GUEST;
	if (memcmp(req->gctx.imd, ctx->ld, sizeof(ctx->ld)) ||
	    memcmp(req->gctx.imd, ctx->imd, sizeof(ctx->imd)))
		return SIM_BAD_MEASUREMENT;
	if (wrong_version(req))
		return SIM_INVALID_PARAM;
	take_context(ctx, &req->gctx);
	return SIM_SUCCESS;
}

/* FIDELITY(MSG_ABSORB_NOMA_REQ): modelled - [firmware 1.55.25] */
static u32 msg_absorb_noma(struct sim_machine *m, struct exchange *x)
{
	u32 *rsp = (void *)x->out;

	(void)m;
	x->rsp_size = SIM_MSG_STATUS_ONLY;
	*rsp = absorb_self(x);
	return SIM_SUCCESS;
}

static u32 install_vmrk(struct sim_machine *m, struct exchange *x)
{
	const struct sim_msg_vmrk_req *req = (void *)x->in;
	struct sim_lookup l;
	struct sim_ctx *ctx = x->other;
	u32 status;

	if (x->req.vmpck || sim_misaligned(req->gctx_paddr) ||
	    !sim_all_zero(req->rsvd, sizeof(req->rsvd)))
		return SIM_INVALID_PARAM;
	status = sim_ctx_open(m, req->gctx_paddr, &l, ctx);
	if (status)
		return status;
	if (ctx->state != SIM_GUEST_LAUNCH || ctx->imi_en)
		return SIM_INVALID_GUEST_STATE;
	if (!is_agent_of(x, ctx))
		return SIM_INVALID_GUEST;
	memcpy(ctx->vmrk, req->vmrk, sizeof(ctx->vmrk));
	sim_ctx_store(m, req->gctx_paddr, ctx);
	return SIM_SUCCESS;
}

/* FIDELITY(MSG_VMRK_REQ): modelled - [firmware 1.55.25] */
static u32 msg_vmrk(struct sim_machine *m, struct exchange *x)
{
	u32 *rsp = (void *)x->out;

	x->rsp_size = SIM_MSG_STATUS_ONLY;
	*rsp = install_vmrk(m, x);
	return SIM_SUCCESS;
}

static u32 dispatch(struct sim_machine *m, struct exchange *x)
{
	if (x->req.msg_version != MSG_VERSION)
		return SIM_INVALID_PARAM;
	switch (x->req.msg_type) {
	case SIM_MSG_CPUID_REQ:
		return msg_cpuid(m, x);
	case SIM_MSG_KEY_REQ:
		return msg_key(m, x);
	case SIM_MSG_REPORT_REQ:
		return msg_report(m, x);
	case SIM_MSG_EXPORT_REQ:
		return msg_export(m, x);
	case SIM_MSG_IMPORT_REQ:
		return msg_import(m, x);
	case SIM_MSG_ABSORB_REQ:
		return msg_absorb(m, x);
	case SIM_MSG_VMRK_REQ:
		return msg_vmrk(m, x);
	case SIM_MSG_ABSORB_NOMA_REQ:
		return msg_absorb_noma(m, x);
	case SIM_MSG_TSC_INFO_REQ:
		return msg_tsc_info(m, x);
	default:
		return SIM_INVALID_PARAM;
	}
}

/* Header and sealed payload into private memory. */
static u32 read_request(struct sim_machine *m, struct exchange *x)
{
	u32 off = x->cmd->req_paddr & (SIM_PAGE_SIZE - 1), status;
	struct sim_msg_header *h = &x->req;

	if (off > SIM_PAGE_SIZE - sizeof(*h))
		return SIM_INVALID_PARAM;
	status = sim_fw_read(m, x->cmd->req_paddr, h, sizeof(*h));
	if (status)
		return status;
	if (h->hdr_version != 1 || h->hdr_size != sizeof(*h) ||
	    h->algo != SIM_MSG_ALGO_AES_GCM || !h->msg_size || h->msg_size & 15)
		return SIM_INVALID_PARAM;
	if (off + sizeof(*h) + h->msg_size > SIM_PAGE_SIZE)
		return SIM_INVALID_PARAM;
	memset(x->in, 0, SIM_PAGE_SIZE);
	memset(x->out, 0, SIM_PAGE_SIZE);
	return sim_fw_read(m, x->cmd->req_paddr + sizeof(*h), x->in,
			   h->msg_size);
}

static u32 answer(struct sim_machine *m, struct exchange *x, const u8 key[32])
{
	u64 pa = x->cmd->res_paddr;
	struct sim_msg_header h;
	u32 status;
	u8 iv[12];

	if ((pa & (SIM_PAGE_SIZE - 1)) + sizeof(h) + x->rsp_size >
	    SIM_PAGE_SIZE)
		return SIM_INVALID_PARAM;
	memset(&h, 0, sizeof(h));
	h.algo = SIM_MSG_ALGO_AES_GCM;
	h.hdr_version = 1;
	h.hdr_size = sizeof(h);
	h.msg_type = x->req.msg_type + 1;
	h.msg_version = MSG_VERSION;
	h.msg_size = x->rsp_size;
	h.seqno = x->req.seqno + 1;
	h.vmpck = x->req.vmpck;
	make_iv(h.seqno, iv);
	sim_env_aes256_gcm_seal(key, iv, (u8 *)&h + SIM_MSG_AAD,
				sizeof(h) - SIM_MSG_AAD, x->out, x->rsp_size,
				h.tag);
	status = sim_fw_write(m, pa, &h, sizeof(h));
	if (status)
		return status;
	return sim_fw_write(m, pa + sizeof(h), x->out, x->rsp_size);
}

static u32 exchange(struct sim_machine *m, struct exchange *x)
{
	struct sim_ctx *ctx = x->ctx;
	u64 *count, pa = x->cmd->gctx_paddr;
	u8 key[32], iv[12];
	bool exported;
	u32 status;

	status = read_request(m, x);
	if (status)
		return status;
	if (x->req.vmpck > 3)
		return SIM_INVALID_PARAM;
	/* The key may change on the way, the response goes under the old one. */
	memcpy(key, ctx->vmpck[x->req.vmpck], sizeof(key));
	make_iv(x->req.seqno, iv);
	if (!sim_env_aes256_gcm_open(key, iv, (u8 *)&x->req + SIM_MSG_AAD,
				     sizeof(x->req) - SIM_MSG_AAD, x->in,
				     x->req.msg_size, x->req.tag))
		return SIM_BAD_MEASUREMENT;
	count = &ctx->msg_count[x->req.vmpck];
	if (*count == ~1ull || x->req.seqno != *count + 1)
		return SIM_AEAD_OFLOW;
	status = dispatch(m, x);
	if (status)
		return status;

	/* A guest that exported itself is gone. */
	exported = sim_rmp_page_state(m, pa) != SIM_PAGE_CONTEXT;
	status = answer(m, x, key);
	if (!status)
		*count += 2;
	if (!exported)
		sim_ctx_store(m, pa, ctx);
	return status;
}

/*
 * FIDELITY(SNP_GUEST_REQUEST): modelled - messages as far as theirs say; a response that
 * does not fit its page is refused after its effect [firmware 1.55.25]
 */
u32 sim_snp_guest_request(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_guest_request *cmd = buf;
	struct sim_lookup gctx, req, res;
	struct exchange x = {
		.cmd = cmd,
		.in = (u8 *)m->scratch,
		.out = (u8 *)m->scratch + SIM_PAGE_SIZE,
		.other = (void *)((u8 *)m->scratch + 2 * SIM_PAGE_SIZE),
		.ctx = (void *)((u8 *)m->scratch + 3 * SIM_PAGE_SIZE),
	};
	u32 status;

	if (sim_misaligned(cmd->gctx_paddr))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_fw_lookup(m, cmd->gctx_paddr, &gctx);
	if (!status)
		status = sim_fw_lookup(m, cmd->req_paddr, &req);
	if (!status)
		status = sim_fw_lookup(m, cmd->res_paddr, &res);
	if (status)
		return status;
	if (gctx.state != SIM_PAGE_CONTEXT)
		return SIM_INVALID_GUEST;
	if (res.state != SIM_PAGE_FIRMWARE)
		return SIM_INVALID_PAGE_STATE;
	if ((req.e.lo | res.e.lo) & SIM_RMP_2M)
		return SIM_INVALID_PAGE_SIZE;
	status = sim_ctx_load(m, cmd->gctx_paddr, x.ctx);
	if (status)
		return status;
	if (x.ctx->state != SIM_GUEST_RUNNING)
		return SIM_INVALID_GUEST_STATE;
	return exchange(m, &x);
}
