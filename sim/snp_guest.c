// SPDX-License-Identifier: GPL-2.0
/*
 * Guest contexts: birth, status, death.
 */
#include "internal.h"

/* FIDELITY(SNP_GCTX_CREATE): modelled - [firmware 1.55.25] */
u32 sim_snp_gctx_create(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_addr *cmd = buf;
	struct sim_lookup l;
	struct sim_ctx ctx;
	u32 status;

	if (sim_misaligned(cmd->paddr))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_fw_lookup(m, cmd->paddr, &l);
	if (status)
		return status;
	if (l.state != SIM_PAGE_FIRMWARE)
		return SIM_INVALID_PAGE_STATE;
	if (l.e.lo & SIM_RMP_2M)
		return SIM_INVALID_PAGE_SIZE;
	if (!sim_is_dram(m, cmd->paddr, SIM_PAGE_SIZE))
		return SIM_INVALID_CONFIG;

	memset(&ctx, 0, sizeof(ctx));
	/* FIDELITY(SNP guest none -> INIT): modelled - GCTX_CREATE [firmware 1.55.25] */
	ctx.state = SIM_GUEST_INIT;
	ctx.launch_tcb = sim_current_tcb();
	sim_env_random(m, ctx.b.key, sizeof(ctx.b.key));
	status = sim_ctx_create(m, cmd->paddr, &ctx);
	if (status)
		return status;
	/* FIDELITY(Firmware -> Context): modelled - GCTX_CREATE */
	l.e.lo |= SIM_RMP_VMSA;
	sim_fw_put(m, &l);
	return SIM_SUCCESS;
}

/**
 * sim_kill_context - end of a guest: the context becomes a firmware page
 * @m: machine
 * @l: the context page's entry
 * @pa: the context page
 * @ctx: its contents, wiped
 */
void sim_kill_context(struct sim_machine *m, struct sim_lookup *l, u64 pa,
		      struct sim_ctx *ctx)
{
	sim_asid_release(m, &ctx->b);
	if (ctx->state != SIM_GUEST_INIT)
		m->guest_count--;
	/* FIDELITY(SNP guest INIT, LAUNCH, RUNNING -> none): modelled - DECOMMISSION, in any state; GUEST_REQUEST of a guest that exports itself [firmware 1.55.25] */
	memset(ctx, 0, sizeof(*ctx));
	sim_ctx_store(m, pa, ctx);
	/* FIDELITY(Context -> Firmware): modelled - DECOMMISSION; GUEST_REQUEST of a guest that exports itself */
	l->e.lo &= ~SIM_RMP_VMSA;
	sim_fw_put(m, l);
}

/* FIDELITY(SNP_DECOMMISSION): modelled - [firmware 1.55.25] */
u32 sim_snp_decommission(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_addr *cmd = buf;
	struct sim_lookup l;
	struct sim_ctx ctx;
	u32 status;

	if (sim_misaligned(cmd->paddr))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_ctx_open(m, cmd->paddr, &l, &ctx);
	if (status)
		return status;
	sim_kill_context(m, &l, cmd->paddr, &ctx);
	return SIM_SUCCESS;
}

/* FIDELITY(SNP_GUEST_STATUS): modelled - [firmware 1.55.25] */
u32 sim_snp_guest_status(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_guest_status *cmd = buf;
	struct sim_snp_guest_status s;
	struct sim_lookup l;
	struct sim_ctx ctx;
	u32 status;

	if (sim_misaligned(cmd->gctx_paddr) ||
	    sim_crosses_page(cmd->status_paddr, sizeof(s)))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_fw_lookup(m, cmd->gctx_paddr, &l);
	if (status)
		return status;
	if (l.state != SIM_PAGE_CONTEXT)
		return SIM_INVALID_GUEST;
	status = sim_fw_lookup(m, cmd->status_paddr, &l);
	if (status)
		return status;
	if (!sim_fw_writable_state(l.state))
		return SIM_INVALID_PAGE_STATE;
	status = sim_ctx_load(m, cmd->gctx_paddr, &ctx);
	if (status)
		return status;

	memset(&s, 0, sizeof(s));
	s.policy = ctx.policy;
	s.asid = sim_bound(&ctx.b) ? ctx.b.asid : 0;
	s.state = ctx.state;
	s.flags = ctx.vcek_dis;
	return sim_fw_write(m, cmd->status_paddr, &s, sizeof(s));
}
