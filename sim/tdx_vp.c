// SPDX-License-Identifier: GPL-2.0
/*
 * vCPUs: creation, association with a processor, TLB epochs.
 */
#include "tdx_internal.h"

#define TDVPS_MIN_PAGES		6	/* TDVPR and TDCX pages */
#define TDVPS_L2_PAGES		3	/* more for each L2 VM */
#define TDVPS_MAX_PAGES		(TDVPS_MIN_PAGES + \
				 TDVPS_L2_PAGES * TDX_MAX_L2_VMS)

/* Words of the TDVPR page. */
enum vp_word {
	VP_STATE,
	VP_PAGES,
	VP_LP,			/* processor + 1, 0: not associated */
	VP_INDEX,
	VP_EPOCH,		/* entered in */
	VP_INSIDE,
	VP_RCX,
	VP_TDCX,
};

enum vp_state {
	VP_UNINITIALIZED,
	VP_READY,
	VP_ACTIVE,
};

static u64 vp_get(const struct tdx_call *c, u64 vp, u32 word)
{
	return tdx_get(c->t, c->key, vp + 8 * word);
}

static void vp_set(const struct tdx_call *c, u64 vp, u32 word, u64 value)
{
	tdx_put(c->t, c->key, vp + 8 * word, value);
}

static u64 take_vp(struct tdx_call *c, u64 pa, u32 operand, bool exclusive)
{
	struct tdx_page p;
	u64 status = tdx_explicit_page(c, pa, operand, exclusive, SIM_PT_TDVPR,
				       &p);

	if (status)
		return status;
	return tdx_take_owner(c, tdx_pamt_owner(c->t, p.entry));
}

static bool has_all_pages(const struct tdx_call *c, u64 vp)
{
	return vp_get(c, vp, VP_PAGES) >= TDVPS_MIN_PAGES +
		TDVPS_L2_PAGES * tdcs_get(c, TDCS_NUM_L2);
}

/* FIDELITY(TDH.VP.CREATE): modelled - [TDX module 1.5.01] */
u64 sim_tdh_vp_create(struct tdx_call *c)
{
	struct tdx_page page;
	u64 status;

	status = tdx_take_tdr(c, c->r->rdx, SIM_OPND_RDX, false);
	if (!status)
		status = tdx_check_state(c, OP_MASK(INITIALIZED), true);
	if (!status)
		status = tdx_explicit_page(c, c->r->rcx, SIM_OPND_RCX, true,
					   SIM_PT_NDA, &page);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	tdx_fill_page(c->t, c->key, page.pa, 0);
	vp_set(c, page.pa, VP_PAGES, 1);
	tdx_give_page(c, &page, SIM_PT_TDVPR);
	return TDX_RET(SUCCESS);
}

/* The second page of each L2 VM holds its MSR bitmaps. */
static u64 tdvps_fill_value(u64 index)
{
	return index > TDVPS_MIN_PAGES &&
	       (index - TDVPS_MIN_PAGES) % TDVPS_L2_PAGES == 1 ? ~0ull : 0;
}

/* FIDELITY(TDH.VP.ADDCX): modelled - [TDX module 1.5.01] */
u64 sim_tdh_vp_addcx(struct tdx_call *c)
{
	u64 vp = c->r->rdx, status, nr;
	struct tdx_page page;

	status = take_vp(c, vp, SIM_OPND_RDX, true);
	if (!status)
		status = tdx_check_state(c, OP_MASK(INITIALIZED), true);
	if (status)
		return status;
	if (vp_get(c, vp, VP_STATE) != VP_UNINITIALIZED)
		return TDX_RET(VCPU_STATE_INCORRECT);
	nr = vp_get(c, vp, VP_PAGES);
	if (nr >= TDVPS_MAX_PAGES)
		return TDX_RET(TDCX_NUM_INCORRECT);
	status = tdx_explicit_page(c, c->r->rcx, SIM_OPND_RCX, true,
				   SIM_PT_NDA, &page);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	tdx_fill_page(c->t, c->key, page.pa, tdvps_fill_value(nr));
	vp_set(c, vp, VP_TDCX + nr - 1, page.pa);
	vp_set(c, vp, VP_PAGES, nr + 1);
	tdx_give_page(c, &page, SIM_PT_TDCX);
	return TDX_RET(SUCCESS);
}

static void associate(struct tdx_call *c, u64 vp)
{
	vp_set(c, vp, VP_LP, c->lp + 1ull);
	tdcs_add(c, TDCS_NUM_ASSOC, 1);
}

/*
 * FIDELITY(TDH.VP.INIT): simplified - version 0; of the guest's registers only
 * RCX is kept; no MSR is compared [TDX module 1.5.01]
 */
u64 sim_tdh_vp_init(struct tdx_call *c)
{
	u64 vp = c->r->rcx, status, index;

	status = take_vp(c, vp, SIM_OPND_RCX, true);
	if (!status)
		status = tdx_check_state(c, OP_MASK(INITIALIZED), true);
	if (status)
		return status;
	if (!has_all_pages(c, vp))
		return TDX_RET(TDCX_NUM_INCORRECT);
	if (vp_get(c, vp, VP_STATE) != VP_UNINITIALIZED)
		return TDX_RET(VCPU_STATE_INCORRECT);
	sim_tdx_env_yield(c->t);
	index = tdcs_get(c, TDCS_NUM_VCPUS);
	if (index >= tdcs_get(c, TDCS_MAX_VCPUS))
		return TDX_RET(MAX_VCPUS_EXCEEDED);
	tdcs_set(c, TDCS_NUM_VCPUS, index + 1);
	vp_set(c, vp, VP_INDEX, index);
	vp_set(c, vp, VP_RCX, c->r->rdx);
	vp_set(c, vp, VP_STATE, VP_READY);
	associate(c, vp);
	return TDX_RET(SUCCESS);
}

/* FIDELITY(TDH.VP.FLUSH): modelled - [TDX module 1.5.01] */
u64 sim_tdh_vp_flush(struct tdx_call *c)
{
	u64 vp = c->r->rcx, status;

	status = take_vp(c, vp, SIM_OPND_RCX, true);
	if (status)
		return status;
	if (tdr_get(c, TDR_LIFECYCLE) != SIM_TD_KEYS_CONFIGURED)
		return TDX_RET(TD_KEYS_NOT_CONFIGURED);
	if (!has_all_pages(c, vp))
		return TDX_RET(TDCX_NUM_INCORRECT);
	if (vp_get(c, vp, VP_LP) != c->lp + 1ull)
		return TDX_RET(VCPU_NOT_ASSOCIATED);
	sim_tdx_env_yield(c->t);
	vp_set(c, vp, VP_LP, 0);
	tdcs_add(c, TDCS_NUM_ASSOC, -1);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TLB epochs): modelled - a vCPU counts in the epoch it entered in
 * until it exits [TDX module 1.5.01]
 */
static u64 enter_epoch(struct tdx_call *c, u64 vp)
{
	u64 epoch;

	if (!vp_get(c, vp, VP_LP))
		associate(c, vp);
	else if (vp_get(c, vp, VP_LP) != c->lp + 1ull)
		return TDX_RET(VCPU_ASSOCIATED);
	if (!tdx_acquire(c, SIM_LOCK_EPOCH, c->tdcs + 8 * TDCS_EPOCH_LOCK,
			 false))
		return TDX_ERR(OPERAND_BUSY, TD_EPOCH);
	epoch = tdcs_get(c, TDCS_EPOCH);
	tdcs_add(c, TDCS_REFCOUNT0 + (epoch & 1), 1);
	vp_set(c, vp, VP_EPOCH, epoch);
	vp_set(c, vp, VP_INSIDE, vp_get(c, vp, VP_INSIDE) + 1);
	tdx_release(c, SIM_LOCK_EPOCH);
	return TDX_RET(SUCCESS);
}

static void leave_epoch(struct tdx_call *c, u64 vp)
{
	u64 inside = vp_get(c, vp, VP_INSIDE);

	if (!inside)
		return;
	vp_set(c, vp, VP_INSIDE, inside - 1);
	tdcs_add(c, TDCS_REFCOUNT0 + (vp_get(c, vp, VP_EPOCH) & 1), -1);
}

/*
 * FIDELITY(TDH.VP.ENTER): simplified - locks, states, association and epochs;
 * what the guest then does is the environment's; flags in RCX and the
 * protection against single stepping are not modelled [TDX module 1.5.01]
 */
u64 sim_tdh_vp_enter(struct tdx_call *c)
{
	u64 vp = c->r->rcx & ~(TDX_PAGE_SIZE - 1), status;

	if (c->r->rcx & (TDX_PAGE_SIZE - 1))
		return TDX_ERR(OPERAND_INVALID, RCX);
	status = take_vp(c, vp, SIM_OPND_RCX, false);
	if (!status)
		status = tdx_check_state(c, OP_MASK(RUNNABLE), true);
	if (status)
		return status;
	if (!has_all_pages(c, vp))
		return TDX_RET(TDCX_NUM_INCORRECT);
	if (vp_get(c, vp, VP_STATE) != VP_READY)
		return TDX_RET(VCPU_STATE_INCORRECT);
	status = enter_epoch(c, vp);
	if (status)
		return status;
	vp_set(c, vp, VP_STATE, VP_ACTIVE);
	tdx_release(c, SIM_LOCK_OP_STATE);
	status = sim_tdx_env_run(c->t, vp, c->tdr, c->r);
	vp_set(c, vp, VP_STATE, VP_READY);
	leave_epoch(c, vp);
	return status;
}

/* A call of our own, outside of any SEAMCALL. */
static bool look_at_vp(struct sim_tdx *t, struct tdx_call *c, u64 tdvpr)
{
	u64 entry = tdx_pamt_entry(t, tdvpr, TDX_4K);

	memset(c, 0, sizeof(*c));
	c->t = t;
	c->lp = sim_tdx_env_lp(t, &c->package);
	if (!entry || tdx_pamt_type(t, entry) != SIM_PT_TDVPR)
		return false;
	c->tdr = tdx_pamt_owner(t, entry);
	tdx_map_tdcs(c);
	return true;
}

u64 sim_tdx_associate(struct sim_tdx *t, u64 tdvpr)
{
	struct tdx_call c;

	if (!look_at_vp(t, &c, tdvpr))
		return TDX_ERR(PAGE_METADATA_INCORRECT, RCX);
	return enter_epoch(&c, tdvpr);
}

u64 sim_tdx_td_exit(struct sim_tdx *t, u64 tdvpr)
{
	struct tdx_call c;

	if (!look_at_vp(t, &c, tdvpr))
		return TDX_ERR(PAGE_METADATA_INCORRECT, RCX);
	leave_epoch(&c, tdvpr);
	return TDX_RET(SUCCESS);
}
