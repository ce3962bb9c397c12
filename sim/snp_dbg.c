// SPDX-License-Identifier: GPL-2.0
/*
 * Debug access to guests whose policy allows it, 4 KiB at a time.
 */
#include "internal.h"

/*
 * A page with a 4K entry of ASID 0 may lie inside a 2M page; then the entry
 * of the 2M page speaks for it.
 */
static u32 lookup_region(const struct sim_machine *m, u64 pa,
			 struct sim_lookup *l)
{
	struct sim_lookup head;
	u32 status;

	status = sim_fw_lookup(m, pa & ~(SIM_2M_SIZE - 1), &head);
	if (status)
		return status;
	if (head.e.lo & SIM_RMP_2M)
		*l = head;
	return SIM_SUCCESS;
}

static bool is_4k_of_nobody(const struct sim_lookup *l)
{
	return !(l->e.lo & (SIM_RMP_2M | SIM_RMP_ASID));
}

static u32 lookup_all(const struct sim_machine *m,
		      const struct sim_cmd_dbg *cmd, struct sim_lookup *gctx,
		      struct sim_lookup *src, struct sim_lookup *dst,
		      bool src_may_be_default)
{
	u32 status;

	status = sim_fw_lookup(m, cmd->gctx_paddr, gctx);
	if (!status)
		status = sim_fw_lookup(m, cmd->src_paddr, src);
	if (!status)
		status = sim_fw_lookup(m, cmd->dst_paddr, dst);
	if (!status && is_4k_of_nobody(src) &&
	    !(src_may_be_default && src->state == SIM_PAGE_DEFAULT))
		status = lookup_region(m, cmd->src_paddr, src);
	if (!status && is_4k_of_nobody(dst))
		status = lookup_region(m, cmd->dst_paddr, dst);
	return status;
}

/* Owner before policy before activation. */
static u32 check_owner(struct sim_machine *m, u64 gctx,
		       const struct sim_lookup *page, struct sim_ctx *ctx)
{
	u32 status = sim_ctx_load(m, gctx, ctx);

	if (status)
		return status;
	if (sim_rmp_get_asid(&page->e) != ctx->b.asid)
		return SIM_INVALID_PAGE_OWNER;
	if (!(ctx->policy & SIM_POLICY_DEBUG))
		return SIM_POLICY_FAILURE;
	if (!sim_bound(&ctx->b))
		return SIM_INACTIVE;
	return SIM_SUCCESS;
}

static bool operands_misaligned(const struct sim_cmd_dbg *cmd)
{
	return sim_misaligned(cmd->gctx_paddr) ||
	       sim_misaligned(cmd->src_paddr) ||
	       sim_misaligned(cmd->dst_paddr);
}

static bool is_guest_page(enum sim_page_state state)
{
	return state == SIM_PAGE_PRE_GUEST || state == SIM_PAGE_PRE_SWAP ||
	       state == SIM_PAGE_GUEST_INVALID ||
	       state == SIM_PAGE_GUEST_VALID;
}

/* FIDELITY(SNP_DBG_DECRYPT): modelled - [firmware 1.55.25] */
u32 sim_snp_dbg_decrypt(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_dbg *cmd = buf;
	struct sim_lookup gctx, src, dst;
	struct sim_ctx ctx;
	u32 status;
	u64 pa;

	if (operands_misaligned(cmd))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = lookup_all(m, cmd, &gctx, &src, &dst, false);
	if (status)
		return status;
	if (gctx.state != SIM_PAGE_CONTEXT)
		return SIM_INVALID_GUEST;
	if (!is_guest_page(src.state) || dst.state != SIM_PAGE_FIRMWARE)
		return SIM_INVALID_PAGE_STATE;
	status = check_owner(m, cmd->gctx_paddr, &src, &ctx);
	if (status)
		return status;
	status = sim_fw_read(m, cmd->src_paddr, m->scratch, SIM_PAGE_SIZE);
	if (status)
		return status;
	pa = cmd->src_paddr & ~SIM_C_BIT;
	sim_open_words(m->asids.key[ctx.b.asid], pa, m->scratch, m->scratch,
		       SIM_PAGE_SIZE / 8);
	if (src.e.lo & SIM_RMP_VMSA)
		sim_vmsa_xor_protected(m->scratch);
	return sim_fw_write(m, cmd->dst_paddr, m->scratch, SIM_PAGE_SIZE);
}

/* FIDELITY(SNP_DBG_ENCRYPT): modelled - platform state comes first [firmware 1.55.25] */
u32 sim_snp_dbg_encrypt(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_dbg *cmd = buf;
	struct sim_lookup gctx, src, dst;
	struct sim_ctx ctx;
	u32 status;
	u64 pa;

	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	if (operands_misaligned(cmd))
		return SIM_INVALID_PARAM;
	status = lookup_all(m, cmd, &gctx, &src, &dst, true);
	if (status)
		return status;
	if (gctx.state != SIM_PAGE_CONTEXT)
		return SIM_INVALID_GUEST;
	if (dst.state != SIM_PAGE_PRE_SWAP && dst.state != SIM_PAGE_PRE_GUEST)
		return SIM_INVALID_PAGE_STATE;
	status = check_owner(m, cmd->gctx_paddr, &dst, &ctx);
	if (status)
		return status;
	status = sim_fw_read(m, cmd->src_paddr, m->scratch, SIM_PAGE_SIZE);
	if (status)
		return status;
	if (dst.e.lo & SIM_RMP_VMSA)
		sim_vmsa_xor_protected(m->scratch);
	status = sim_fw_check_range(m, cmd->dst_paddr, SIM_PAGE_SIZE);
	if (status)
		return status;
	pa = cmd->dst_paddr & ~SIM_C_BIT;
	sim_seal_words(m->asids.key[ctx.b.asid], pa, m->scratch, m->scratch,
		       SIM_PAGE_SIZE / 8);
	return sim_fw_write(m, cmd->dst_paddr, m->scratch, SIM_PAGE_SIZE);
}
