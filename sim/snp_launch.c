// SPDX-License-Identifier: GPL-2.0
/*
 * Launch: start, measured pages, finish.
 */
#include "internal.h"

static bool policy_bad(const struct sim_machine *m,
		       const struct sim_cmd_launch_start *cmd,
		       const struct sim_ctx *ma)
{
	u32 major = (cmd->policy & SIM_POLICY_ABI_MAJOR) >> 8;
	u32 minor = cmd->policy & SIM_POLICY_ABI_MINOR;

	if (!(cmd->policy & SIM_POLICY_RSVD_ONE) ||
	    cmd->policy & ~SIM_POLICY_KNOWN)
		return true;
	if (!(cmd->policy & SIM_POLICY_SMT) && m->cfg.smt)
		return true;
	if (major > SIM_FW_MAJOR ||
	    (major == SIM_FW_MAJOR && minor > SIM_FW_MINOR))
		return true;
	if (!ma)
		return false;
	return !(cmd->policy & SIM_POLICY_MIGRATE_MA) ||
	       ma->ma_paddr != SIM_NO_MA ||
	       (cmd->policy & SIM_POLICY_SINGLE_SOCKET &&
		!(ma->policy & SIM_POLICY_SINGLE_SOCKET));
}

/* FIDELITY(SNP_LAUNCH_START): modelled - policy bits of 1.55 [firmware 1.55.25] */
u32 sim_snp_launch_start(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_launch_start *cmd = buf;
	bool has_ma = cmd->flags & SIM_LAUNCH_MA_EN;
	struct sim_ctx ctx, *ma = (struct sim_ctx *)m->scratch;
	struct sim_lookup l;
	u32 status;

	if (cmd->flags & ~(SIM_LAUNCH_MA_EN | SIM_LAUNCH_IMI_EN) ||
	    sim_misaligned(cmd->gctx_paddr) ||
	    sim_misaligned(cmd->ma_gctx_paddr))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_ctx_open(m, cmd->gctx_paddr, &l, &ctx);
	if (status)
		return status;
	if (ctx.state != SIM_GUEST_INIT)
		return SIM_INVALID_GUEST_STATE;
	if (has_ma) {
		status = sim_ctx_open(m, cmd->ma_gctx_paddr, &l, ma);
		if (status)
			return status;
	}
	/* Set even if the policy is then refused. */
	ctx.b.flags |= SIM_GFLAG_ES;
	if (policy_bad(m, cmd, has_ma ? ma : NULL)) {
		sim_ctx_store(m, cmd->gctx_paddr, &ctx);
		return SIM_POLICY_FAILURE;
	}

	ctx.policy = cmd->policy;
	ctx.ma_paddr = has_ma ? cmd->ma_gctx_paddr : SIM_NO_MA;
	ctx.imi_en = !!(cmd->flags & SIM_LAUNCH_IMI_EN);
	ctx.tsc_khz = cmd->desired_tsc_khz;
	memcpy(ctx.gosvw, cmd->gosvw, sizeof(ctx.gosvw));
	sim_env_random(m, ctx.vmpck, sizeof(ctx.vmpck));
	sim_env_random(m, ctx.vmrk, sizeof(ctx.vmrk));
	sim_env_random(m, ctx.oek, sizeof(ctx.oek));
	sim_env_random(m, ctx.report_id, sizeof(ctx.report_id));
	if (has_ma)
		memcpy(ctx.report_id_ma, ma->report_id,
		       sizeof(ctx.report_id_ma));
	else
		memset(ctx.report_id_ma, 0xff, sizeof(ctx.report_id_ma));
	/* FIDELITY(SNP guest INIT -> LAUNCH): modelled - LAUNCH_START [firmware 1.55.25] */
	ctx.state = SIM_GUEST_LAUNCH;
	m->guest_count++;
	sim_ctx_store(m, cmd->gctx_paddr, &ctx);
	return SIM_SUCCESS;
}

/* One record of the launch digest; an IMI page extends a second one. */
static void extend_digests(struct sim_ctx *ctx,
			   const struct sim_cmd_launch_update *cmd, u32 type,
			   bool imi, u64 gpa, const u8 contents[48])
{
	struct sim_page_info info;

	memset(&info, 0, sizeof(info));
	memcpy(info.digest_cur, ctx->ld, sizeof(info.digest_cur));
	if (contents)
		memcpy(info.contents, contents, sizeof(info.contents));
	info.length = sizeof(info);
	info.page_type = type;
	info.imi_page = imi;
	info.vmpl1_perms = cmd->vmpl1_perms;
	info.vmpl2_perms = cmd->vmpl2_perms;
	info.vmpl3_perms = cmd->vmpl3_perms;
	info.gpa = gpa;
	sim_env_sha384(&info, sizeof(info), ctx->ld);
	if (imi) {
		memcpy(info.digest_cur, ctx->imd, sizeof(info.digest_cur));
		sim_env_sha384(&info, sizeof(info), ctx->imd);
	}
}

static void hash_contents(u32 type, u64 *page, u8 digest[48])
{
	u64 *scale = page + SIM_VMSA_TSC_SCALE / 8;
	u64 saved[2];

	if (type != SIM_PAGE_TYPE_VMSA) {
		sim_env_sha384(page, SIM_PAGE_SIZE, digest);
		return;
	}
	/* The TSC fields depend on the host, so they are left out. */
	memcpy(saved, scale, sizeof(saved));
	memset(scale, 0, sizeof(saved));
	sim_env_sha384(page, SIM_PAGE_SIZE, digest);
	memcpy(scale, saved, sizeof(saved));
}

/* All of the work on 4 KiB: measure, make the contents, encrypt in place. */
static u32 update_4k(struct sim_machine *m, struct sim_ctx *ctx,
		     const struct sim_cmd_launch_update *cmd, u32 type,
		     bool imi, u64 pa, u64 gpa)
{
	u64 *page = m->scratch, begin;
	u8 digest[48];
	bool hashed = false, corrected;
	u32 status;

	begin = sim_cost_begin();
	status = sim_fw_read(m, pa, page, SIM_PAGE_SIZE);
	sim_cost_end(SIM_COST_CONTENTS, begin);
	if (status)
		return status;

	switch (type) {
	case SIM_PAGE_TYPE_NORMAL:
		hash_contents(type, page, digest);
		hashed = true;
		break;
	case SIM_PAGE_TYPE_VMSA:
		hash_contents(type, page, digest);
		hashed = true;
		sim_vmsa_prepare(m, ctx, page);
		break;
	case SIM_PAGE_TYPE_ZERO:
		memset(page, 0, SIM_PAGE_SIZE);
		break;
	case SIM_PAGE_TYPE_SECRETS:
		sim_secrets_fill(m, ctx, page);
		break;
	case SIM_PAGE_TYPE_CPUID:
		status = sim_cpuid_enforce(m, page, &corrected);
		/* The host gets what would have been accepted, in plain text. */
		if (corrected)
			sim_fw_write(m, pa, page, SIM_PAGE_SIZE);
		if (status)
			return status;
		break;
	}
	extend_digests(ctx, cmd, type, imi, gpa, hashed ? digest : NULL);
	pa &= ~SIM_C_BIT;
	begin = sim_cost_begin();
	sim_seal_words(m->asids.key[ctx->b.asid], pa, sim_env_phys(m, pa), page,
		       SIM_PAGE_SIZE / 8);
	sim_cost_end(SIM_COST_CONTENTS, begin);
	return SIM_SUCCESS;
}

static u32 check_page(const struct sim_cmd_launch_update *cmd,
		      const struct sim_lookup *page, u32 size, u32 type)
{
	if (page->state != SIM_PAGE_PRE_GUEST)
		return SIM_INVALID_PAGE_STATE;
	if (sim_rmp_get_size(&page->e) != size)
		return SIM_INVALID_PAGE_SIZE;
	if (size && cmd->page_paddr & (SIM_2M_SIZE - 1))
		return SIM_INVALID_ADDRESS;
	switch (type) {
	case SIM_PAGE_TYPE_NORMAL:
	case SIM_PAGE_TYPE_ZERO:
	case SIM_PAGE_TYPE_UNMEASURED:
		return SIM_SUCCESS;
	case SIM_PAGE_TYPE_VMSA:
	case SIM_PAGE_TYPE_SECRETS:
	case SIM_PAGE_TYPE_CPUID:
		return size ? SIM_INVALID_PAGE_SIZE : SIM_SUCCESS;
	default:
		return SIM_INVALID_PARAM;
	}
}

static u32 check_guest(const struct sim_ctx *ctx,
		       const struct sim_lookup *page, bool imi)
{
	if (ctx->state != SIM_GUEST_LAUNCH)
		return SIM_INVALID_GUEST_STATE;
	if (!sim_bound(&ctx->b))
		return SIM_INACTIVE;
	if (sim_rmp_get_asid(&page->e) != ctx->b.asid)
		return SIM_INVALID_PAGE_OWNER;
	if (ctx->imi_en && !imi)
		return SIM_INVALID_PARAM;
	return SIM_SUCCESS;
}

/*
 * FIDELITY(SNP_LAUNCH_UPDATE): modelled - 2M as 512 records with partial effect of a
 * failure in the middle [firmware 1.55.25]
 */
u32 sim_snp_launch_update(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_launch_update *cmd = buf;
	u32 size = cmd->flags & 1, type = (cmd->flags >> 1) & 7;
	bool imi = cmd->flags & 0x10;
	u32 status, n = size ? SIM_PAGES_PER_2M : 1, i;
	struct sim_lookup gctx, page;
	struct sim_ctx ctx;
	u64 gpa;

	if (sim_misaligned(cmd->gctx_paddr) ||
	    sim_misaligned(cmd->page_paddr) || cmd->flags & ~0x1fu ||
	    cmd->rsvd2 || cmd->rsvd3 || cmd->rsvd4)
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_fw_lookup(m, cmd->gctx_paddr, &gctx);
	if (status)
		return status;
	if (gctx.state != SIM_PAGE_CONTEXT)
		return SIM_INVALID_GUEST;
	status = sim_fw_lookup(m, cmd->page_paddr, &page);
	if (status)
		return status;
	status = check_page(cmd, &page, size, type);
	if (status)
		return status;
	status = sim_ctx_load(m, cmd->gctx_paddr, &ctx);
	if (status)
		return status;
	status = check_guest(&ctx, &page, imi);
	if (status)
		return status;

	gpa = sim_rmp_get_gfn(&page.e) << SIM_PAGE_SHIFT;
	for (i = 0; i < n && !status; i++)
		status = update_4k(m, &ctx, cmd, type, imi,
				   cmd->page_paddr + i * SIM_PAGE_SIZE,
				   gpa + i * SIM_PAGE_SIZE);
	/* What was measured stays measured, even if the rest failed. */
	sim_ctx_store(m, cmd->gctx_paddr, &ctx);
	if (status)
		return status;

	page.e.hi &= ~0xffffff00ull;
	page.e.hi |= (u64)cmd->vmpl1_perms << 8 | (u64)cmd->vmpl2_perms << 16 |
		     (u64)cmd->vmpl3_perms << 24;
	if (type == SIM_PAGE_TYPE_VMSA)
		page.e.lo |= SIM_RMP_VMSA;
	/* FIDELITY(Pre-Guest -> Guest-Valid): modelled - LAUNCH_UPDATE; the destination of PAGE_MOVE from Pre-Swap */
	page.e.lo |= SIM_RMP_VALIDATED;
	sim_rmp_set_immutable(&page.e, false);
	sim_fw_put(m, &page);
	return SIM_SUCCESS;
}

/* FIDELITY(SNP_LAUNCH_FINISH): modelled - [firmware 1.55.25] */
u32 sim_snp_launch_finish(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_launch_finish *cmd = buf;
	struct sim_lookup l;
	struct sim_ctx ctx;
	u32 status;

	if (sim_misaligned(cmd->gctx_paddr) ||
	    cmd->flags & ~(SIM_FINISH_ID_BLOCK_EN | SIM_FINISH_AUTH_KEY_EN |
			   SIM_FINISH_VCEK_DIS))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_ctx_open(m, cmd->gctx_paddr, &l, &ctx);
	if (status)
		return status;
	if (ctx.state != SIM_GUEST_LAUNCH || ctx.imi_en)
		return SIM_INVALID_GUEST_STATE;
	if (!sim_bound(&ctx.b))
		return SIM_INACTIVE;
	if (cmd->flags & SIM_FINISH_ID_BLOCK_EN) {
		status = sim_id_check(m, &ctx, cmd);
		if (status)
			return status;
	}

	memcpy(ctx.host_data, cmd->host_data, sizeof(ctx.host_data));
	ctx.id_block_en = !!(cmd->flags & SIM_FINISH_ID_BLOCK_EN);
	ctx.author_key_en = !!(cmd->flags & SIM_FINISH_AUTH_KEY_EN);
	ctx.vcek_dis = !!(cmd->flags & SIM_FINISH_VCEK_DIS);
	if (ctx.b.flags & SIM_GFLAG_PENDING)
		sim_asid_run(m, &ctx.b);
	/* FIDELITY(SNP guest LAUNCH -> RUNNING): modelled - LAUNCH_FINISH [firmware 1.55.25] */
	ctx.state = SIM_GUEST_RUNNING;
	sim_ctx_store(m, cmd->gctx_paddr, &ctx);
	return SIM_SUCCESS;
}
