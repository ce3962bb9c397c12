// SPDX-License-Identifier: GPL-2.0
/*
 * ASIDs: dirty -> clean -> allocated -> in use -> dirty, per core complex.
 *
 * Only a guest that was able to run leaves its ASID dirty.
 */
#include "internal.h"

/* Sockets as the bit masks of core complexes have them. */
#define SOCKET0_CCXS	0x0000ffffu
#define SOCKET1_CCXS	0xffff0000u

/**
 * sim_asid_init - every ASID dirty everywhere, none may run
 * @m: machine
 */
void sim_asid_init(struct sim_machine *m)
{
	u32 all = sim_all_ccx(m), i;

	/* FIDELITY(ASID all -> dirty): modelled - SNP_INIT, INIT_EX; SEV_INIT, INIT_EX without SNP [firmware 1.55.25] */
	for (i = 0; i < SIM_MAX_ASIDS; i++)
		m->asids.dirty[i] = all;
	memset(m->asids.clean, 0, sizeof(m->asids.clean));
	memset(m->asids.allocated, 0, sizeof(m->asids.allocated));
	memset(m->asids.in_use, 0, sizeof(m->asids.in_use));
	memset(m->asids.valid, 0, sizeof(m->asids.valid));
	sim_clear_wbinvd(m, all);
}

/**
 * sim_asid_df_flush - dirty ASIDs become clean where WBINVD was executed
 * @m: machine
 *
 * Takes effect on the flushed complexes even if others are missing.
 *
 * Return: SIM_SUCCESS, SIM_WBINVD_REQUIRED.
 */
u32 sim_asid_df_flush(struct sim_machine *m)
{
	u32 flushed = m->wbinvd & sim_all_ccx(m), moved, i;

	if (flushed) {
		/* FIDELITY(ASID dirty -> clean): modelled - DF_FLUSH, on core complexes that executed WBINVD [firmware 1.55.25] */
		for (i = 1; i <= m->cfg.max_asid; i++) {
			moved = m->asids.dirty[i] & flushed;
			m->asids.dirty[i] &= ~moved;
			m->asids.clean[i] |= moved;
		}
	}
	if (flushed != sim_all_ccx(m))
		return SIM_WBINVD_REQUIRED;
	if (m->sev_tmr.end)
		m->sev_tmr_ready = true;
	return SIM_SUCCESS;
}

/**
 * sim_asid_all_clean - is every ASID clean on every core complex?
 * @m: machine
 *
 * Return: true if so; ASIDs that are allocated or in use are not.
 */
bool sim_asid_all_clean(const struct sim_machine *m)
{
	u32 all = sim_all_ccx(m), i;

	for (i = 1; i <= m->cfg.max_asid; i++)
		if (m->asids.clean[i] != all)
			return false;
	return true;
}

static void make_in_use(struct sim_machine *m, const struct sim_binding *b)
{
	m->asids.in_use[b->asid] |= b->ccxs;
	m->asids.allocated[b->asid] &= ~b->ccxs;
	m->asids.clean[b->asid] &= ~b->ccxs;
}

/**
 * sim_asid_bind - bind a guest to an ASID on some core complexes
 * @m: machine
 * @b: the guest's binding
 * @running: the guest may run, its launch is finished
 * @asid: ASID, 1 .. max_asid
 * @ccxs: core complexes
 *
 * A bound guest may get more complexes for the ASID it has.  During launch
 * the binding is pending: the key is in place, the ASID may not run yet.
 *
 * Return: SIM_SUCCESS, SIM_DF_FLUSH_REQUIRED, SIM_ASID_OWNED, SIM_ACTIVE,
 * SIM_INVALID_ASID (not for SEV-ES guests, which SNP guests are).
 */
u32 sim_asid_bind(struct sim_machine *m, struct sim_binding *b, bool running,
		  u32 asid, u32 ccxs)
{
	if (!sim_bound(b)) {
		if (m->asids.dirty[asid])
			return SIM_DF_FLUSH_REQUIRED;
		if (m->asids.clean[asid] != sim_all_ccx(m))
			return SIM_ASID_OWNED;
		b->ccxs = 0;
	} else if (asid != b->asid) {
		return SIM_ACTIVE;
	}
	if (b->flags & SIM_GFLAG_ES ? asid >= m->cfg.min_sev_asid :
				      asid < m->cfg.min_sev_asid)
		return SIM_INVALID_ASID;
	if (m->asids.dirty[asid] & ccxs)
		return SIM_DF_FLUSH_REQUIRED;

	if (!sim_bound(b)) {
		memcpy(m->asids.key[asid], b->key, sizeof(b->key));
		b->asid = asid;
	}
	b->ccxs |= ccxs;
	if (running && b->ccxs) {
		/* FIDELITY(ASID clean -> in use): modelled - ACTIVATE, ACTIVATE_EX of a guest that runs [firmware 1.55.25] */
		sim_asid_run(m, b);
	} else {
		/* FIDELITY(ASID clean -> allocated): modelled - ACTIVATE, ACTIVATE_EX during launch; the guest is pending [firmware 1.55.25] */
		b->flags |= SIM_GFLAG_PENDING;
		m->asids.allocated[asid] |= ccxs;
		m->asids.clean[asid] &= ~ccxs;
	}
	return SIM_SUCCESS;
}

/**
 * sim_asid_run - let a bound guest run
 * @m: machine
 * @b: the guest's binding
 */
void sim_asid_run(struct sim_machine *m, struct sim_binding *b)
{
	/* FIDELITY(ASID allocated -> in use): modelled - LAUNCH_FINISH; MSG_ABSORB_REQ [firmware 1.55.25] */
	m->asids.valid[b->asid] |= b->ccxs;
	b->flags &= ~SIM_GFLAG_PENDING;
	b->flags |= SIM_GFLAG_ACTIVE;
	make_in_use(m, b);
}

/**
 * sim_asid_release - take the ASID from a guest
 * @m: machine
 * @b: the guest's binding, bound or not
 *
 * The key stays in the memory controller until the next guest's replaces it.
 */
void sim_asid_release(struct sim_machine *m, struct sim_binding *b)
{
	u32 asid = b->asid, used, idle;

	if (!sim_bound(b))
		return;
	if (m->asids.in_use[asid]) {
		m->asids.valid[asid] &= ~m->asids.in_use[asid];
		sim_clear_wbinvd(m, m->asids.in_use[asid]);
	}
	/* FIDELITY(ASID allocated -> clean): modelled - DECOMMISSION, SEV_DEACTIVATE of a guest that never ran [firmware 1.55.25] */
	idle = m->asids.allocated[asid] & b->ccxs;
	m->asids.allocated[asid] &= ~idle;
	m->asids.clean[asid] |= idle;
	/* FIDELITY(ASID in use -> dirty): modelled - DECOMMISSION, SEV_DEACTIVATE [firmware 1.55.25] */
	used = m->asids.in_use[asid] & b->ccxs;
	m->asids.in_use[asid] &= ~used;
	m->asids.dirty[asid] |= used;
	b->flags &= ~(SIM_GFLAG_ACTIVE | SIM_GFLAG_PENDING);
	b->asid = 0;
	b->ccxs = 0;
}

/*
 * FIDELITY(SNP_DF_FLUSH): modelled - partial effect while failing [firmware 1.55.25]
 */
u32 sim_snp_df_flush(struct sim_machine *m, void *buf)
{
	(void)buf;
	return sim_asid_df_flush(m);
}

static u32 open_guest(struct sim_machine *m, u64 gctx, struct sim_ctx *ctx)
{
	struct sim_lookup l;
	u32 status;

	status = sim_ctx_open(m, gctx, &l, ctx);
	if (status)
		return status;
	if (ctx->state != SIM_GUEST_LAUNCH && ctx->state != SIM_GUEST_RUNNING)
		return SIM_INVALID_GUEST_STATE;
	return SIM_SUCCESS;
}

static u32 check_no_pages(const struct sim_machine *m, u32 asid)
{
	if (asid >= SIM_RMP_COUNTERS)
		return SIM_INVALID_ASID;
	return sim_rmp_asid_count(m, asid) ? SIM_INVALID_CONFIG : SIM_SUCCESS;
}

/* FIDELITY(SNP_ACTIVATE): modelled - all checks in order [firmware 1.55.25] */
u32 sim_snp_activate(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_activate *cmd = buf;
	struct sim_ctx ctx;
	u32 status, asid = cmd->asid;

	if (sim_misaligned(cmd->gctx_paddr))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = open_guest(m, cmd->gctx_paddr, &ctx);
	if (status)
		return status;
	status = check_no_pages(m, asid);
	if (status)
		return status;
	if (ctx.policy & SIM_POLICY_SINGLE_SOCKET && m->cfg.dies > 1)
		return SIM_POLICY_FAILURE;
	if (!asid || asid > m->cfg.max_asid)
		return SIM_INVALID_ASID;
	if (m->asids.in_use[asid] || m->asids.allocated[asid])
		return SIM_ASID_OWNED;
	if (sim_bound(&ctx.b))
		return SIM_ACTIVE;
	status = sim_asid_bind(m, &ctx.b, ctx.state == SIM_GUEST_RUNNING,
			       asid, sim_all_ccx(m));
	if (status)
		return status;
	sim_ctx_store(m, cmd->gctx_paddr, &ctx);
	return SIM_SUCCESS;
}

static bool both_sockets(u32 a, u32 b)
{
	return (a & SOCKET0_CCXS && b & SOCKET1_CCXS) ||
	       (a & SOCKET1_CCXS && b & SOCKET0_CCXS);
}

/**
 * sim_asid_read_ccxs - the core complexes that a list of APIC ids names
 * @m: machine
 * @ids_pa: the list
 * @n: its length
 * @ccxs: answer
 *
 * Return: SIM_SUCCESS, SIM_INVALID_PARAM (length), SIM_INVALID_CONFIG (unknown
 * id), or as sim_fw_check_range().
 */
u32 sim_asid_read_ccxs(struct sim_machine *m, u64 ids_pa, u32 n, u32 *ccxs)
{
	u32 *ids = (u32 *)m->scratch, status, i;

	if (!n || n > 1024)
		return SIM_INVALID_PARAM;
	status = sim_fw_read(m, ids_pa, ids, n * sizeof(*ids));
	if (status)
		return status;
	*ccxs = 0;
	for (i = 0; i < n; i++) {
		if (ids[i] >= m->cfg.nr_apic_ids ||
		    ids[i] / m->cfg.cpus_per_ccx >= m->cfg.nr_ccx)
			return SIM_INVALID_CONFIG;
		*ccxs |= 1u << (ids[i] / m->cfg.cpus_per_ccx);
	}
	return SIM_SUCCESS;
}

/*
 * FIDELITY(SNP_ACTIVATE_EX): modelled - APIC ids are numbered through, cpus_per_ccx
 * to a core complex [firmware 1.55.25]
 */
u32 sim_snp_activate_ex(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_activate_ex *cmd = buf;
	struct sim_ctx ctx, *ma;
	u32 status, ccxs;

	if (cmd->len != sizeof(*cmd) || cmd->rsvd ||
	    sim_misaligned(cmd->gctx_paddr))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = open_guest(m, cmd->gctx_paddr, &ctx);
	if (status)
		return status;
	if (!sim_bound(&ctx.b)) {
		status = check_no_pages(m, cmd->asid);
		if (status)
			return status;
	}
	if (!cmd->asid || cmd->asid > m->cfg.max_asid)
		return SIM_INVALID_ASID;
	status = sim_asid_read_ccxs(m, cmd->ids_paddr, cmd->numids, &ccxs);
	if (status)
		return status;
	if (ctx.policy & SIM_POLICY_SINGLE_SOCKET) {
		if (ctx.ma_paddr != SIM_NO_MA) {
			ma = (struct sim_ctx *)m->scratch;
			status = sim_ctx_load(m, ctx.ma_paddr, ma);
			if (status)
				return status;
			if (!(ma->b.flags & SIM_GFLAG_ACTIVE) ||
			    both_sockets(ma->b.ccxs, ccxs))
				return SIM_POLICY_FAILURE;
		}
		if (both_sockets(ccxs, ccxs) || both_sockets(ctx.b.ccxs, ccxs))
			return SIM_POLICY_FAILURE;
	}
	status = sim_asid_bind(m, &ctx.b, ctx.state == SIM_GUEST_RUNNING,
			       cmd->asid, ccxs);
	if (status)
		return status;
	sim_ctx_store(m, cmd->gctx_paddr, &ctx);
	return SIM_SUCCESS;
}
