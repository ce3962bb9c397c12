// SPDX-License-Identifier: GPL-2.0
/*
 * vCPUs: creation, association with a processor, TLB epochs.
 */
#include "tdx_internal.h"

static u64 take_vp(struct tdx_call *c, u64 pa, u32 operand, bool exclusive,
		   bool tdr_exclusive)
{
	struct tdx_page p;
	u64 status = tdx_explicit_page(c, pa, operand, exclusive, SIM_PT_TDVPR,
				       &p);

	if (status)
		return status;
	return tdx_take_owner(c, tdx_pamt_owner(c->t, p.entry), tdr_exclusive);
}

u64 tdx_take_vp(struct tdx_call *c, u64 pa, u32 operand, bool exclusive)
{
	return take_vp(c, pa, operand, exclusive, false);
}

bool tdx_vp_has_all_pages(const struct tdx_call *c, u64 vp)
{
	return vp_get(c, vp, VP_PAGES) >= TDX_MIN_TDVPS +
		TDX_L2_TDVPS * tdcs_get(c, TDCS_NUM_L2);
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
	/* FIDELITY(vCPU none -> UNINITIALIZED): modelled - VP.CREATE [TDX module 1.5.01] */
	vp_set(c, page.pa, VP_PAGES, 1);
	/* FIDELITY(PAMT NDA -> TDVPR): modelled - VP.CREATE [TDX module 1.5.01] */
	tdx_give_page(c, &page, SIM_PT_TDVPR);
	return TDX_RET(SUCCESS);
}

/* The second page of each L2 VM holds its MSR bitmaps. */
static u64 tdvps_fill_value(u64 index)
{
	return index > TDX_MIN_TDVPS &&
	       (index - TDX_MIN_TDVPS) % TDX_L2_TDVPS == 1 ? ~0ull : 0;
}

/* FIDELITY(TDH.VP.ADDCX): modelled - [TDX module 1.5.01] */
u64 sim_tdh_vp_addcx(struct tdx_call *c)
{
	u64 vp = c->r->rdx, status, nr;
	struct tdx_page page;

	status = tdx_take_vp(c, vp, SIM_OPND_RDX, true);
	if (!status)
		status = tdx_check_state(c, OP_MASK(INITIALIZED), true);
	if (status)
		return status;
	if (vp_get(c, vp, VP_STATE) != VP_UNINITIALIZED)
		return TDX_RET(VCPU_STATE_INCORRECT);
	nr = vp_get(c, vp, VP_PAGES);
	if (nr >= TDX_MAX_TDVPS)
		return TDX_RET(TDCX_NUM_INCORRECT);
	status = tdx_explicit_page(c, c->r->rcx, SIM_OPND_RCX, true,
				   SIM_PT_NDA, &page);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	tdx_fill_page(c->t, c->key, page.pa, tdvps_fill_value(nr));
	vp_set(c, vp, VP_TDCX + nr - 1, page.pa);
	vp_set(c, vp, VP_PAGES, nr + 1);
	/* FIDELITY(PAMT NDA -> TDCX): modelled - VP.ADDCX [TDX module 1.5.01] */
	tdx_give_page(c, &page, SIM_PT_TDCX);
	return TDX_RET(SUCCESS);
}

static void associate(struct tdx_call *c, u64 vp)
{
	/* FIDELITY(vCPU free -> associated): modelled - VP.INIT; VP.ENTER, VP.RD, VP.WR of one that is free [TDX module 1.5.01; of VP.RD, VP.WR: source of TDX module 1.5] */
	vp_set(c, vp, VP_LP, c->lp + 1ull);
	tdcs_add(c, TDCS_NUM_ASSOC, 1);
}

/* The ID that a vCPU of this TD already has is refused. */
static u64 check_x2apic_id(const struct tdx_call *c, u64 index)
{
	u64 i, word;

	if (c->r->r8 >> 32)
		return TDX_ERR(OPERAND_INVALID, R8);
	for (i = 0; i < index; i++) {
		word = tdcs_get(c, TDCS_X2APIC + i / 2);
		if ((u32)(word >> 32 * (i & 1)) == c->r->r8)
			return tdx_status(SIM_TDX_X2APIC_ID_NOT_UNIQUE,
					  c->r->r8);
	}
	return TDX_RET(SUCCESS);
}

static void set_x2apic_id(const struct tdx_call *c, u64 vp, u64 index)
{
	u64 word = tdcs_get(c, TDCS_X2APIC + index / 2);
	u32 shift = 32 * (index & 1);

	word &= ~(0xffffffffull << shift);
	tdcs_set(c, TDCS_X2APIC + index / 2, word | c->r->r8 << shift);
	vp_set(c, vp, VP_X2APIC, c->r->r8);
}

/*
 * FIDELITY(TDH.VP.INIT): simplified - of the guest's registers only RCX is
 * kept; no MSR is compared; version 1, which later modules have, takes an
 * x2APIC ID and holds the TDR exclusive [TDX module 1.5.01; version 1: source
 * of later modules and KVM]
 */
u64 sim_tdh_vp_init(struct tdx_call *c)
{
	u64 vp = c->r->rcx, status, index;

	if (c->version > 1)
		return TDX_ERR(OPERAND_INVALID, RAX);
	status = take_vp(c, vp, SIM_OPND_RCX, true, c->version);
	if (!status)
		status = tdx_check_state(c, OP_MASK(INITIALIZED), !c->version);
	if (status)
		return status;
	if (!tdx_vp_has_all_pages(c, vp))
		return TDX_RET(TDCX_NUM_INCORRECT);
	if (vp_get(c, vp, VP_STATE) != VP_UNINITIALIZED)
		return TDX_RET(VCPU_STATE_INCORRECT);
	sim_tdx_env_yield(c->t);
	index = tdcs_get(c, TDCS_NUM_VCPUS);
	if (index >= tdcs_get(c, TDCS_MAX_VCPUS))
		return TDX_RET(MAX_VCPUS_EXCEEDED);
	if (c->version) {
		status = check_x2apic_id(c, index);
		if (status)
			return status;
		set_x2apic_id(c, vp, index);
	}
	tdcs_set(c, TDCS_NUM_VCPUS, index + 1);
	vp_set(c, vp, VP_INDEX, index);
	vp_set(c, vp, VP_RCX, c->r->rdx);
	/* FIDELITY(vCPU UNINITIALIZED -> READY): modelled - VP.INIT [TDX module 1.5.01] */
	vp_set(c, vp, VP_STATE, VP_READY);
	associate(c, vp);
	return TDX_RET(SUCCESS);
}

/* FIDELITY(TDH.VP.FLUSH): modelled - [TDX module 1.5.01] */
u64 sim_tdh_vp_flush(struct tdx_call *c)
{
	u64 vp = c->r->rcx, status;

	status = tdx_take_vp(c, vp, SIM_OPND_RCX, true);
	if (status)
		return status;
	if (tdr_get(c, TDR_LIFECYCLE) != SIM_TD_KEYS_CONFIGURED)
		return TDX_RET(TD_KEYS_NOT_CONFIGURED);
	if (!tdx_vp_has_all_pages(c, vp))
		return TDX_RET(TDCX_NUM_INCORRECT);
	if (vp_get(c, vp, VP_LP) != c->lp + 1ull)
		return TDX_RET(VCPU_NOT_ASSOCIATED);
	sim_tdx_env_yield(c->t);
	/* FIDELITY(vCPU associated -> free): modelled - VP.FLUSH on the processor it is associated with [TDX module 1.5.01] */
	vp_set(c, vp, VP_LP, 0);
	tdcs_add(c, TDCS_NUM_ASSOC, -1);
	return TDX_RET(SUCCESS);
}

/* Bind a vCPU to this processor, unless another one has it. */
u64 tdx_vp_associate(struct tdx_call *c, u64 vp)
{
	if (!vp_get(c, vp, VP_LP))
		associate(c, vp);
	else if (vp_get(c, vp, VP_LP) != c->lp + 1ull)
		return TDX_RET(VCPU_ASSOCIATED);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TLB epochs): modelled - a vCPU counts in the epoch it entered in
 * until it exits [TDX module 1.5.01]
 */
static u64 enter_epoch(struct tdx_call *c, u64 vp)
{
	u64 epoch, status = tdx_vp_associate(c, vp);

	if (status)
		return status;
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
 * what the guest then does is the environment's; flags in RCX are not
 * modelled, nor is the protection against single stepping, for which alone the
 * module takes the S-EPT tree lock here [TDX module 1.5.01]
 */
u64 sim_tdh_vp_enter(struct tdx_call *c)
{
	u64 vp = c->r->rcx & ~(TDX_PAGE_SIZE - 1), status;

	if (c->r->rcx & (TDX_PAGE_SIZE - 1))
		return TDX_ERR(OPERAND_INVALID, RCX);
	status = tdx_take_vp(c, vp, SIM_OPND_RCX, false);
	if (!status)
		status = tdx_check_state(c, OP_MASK(RUNNABLE), true);
	if (status)
		return status;
	if (!tdx_vp_has_all_pages(c, vp))
		return TDX_RET(TDCX_NUM_INCORRECT);
	if (vp_get(c, vp, VP_STATE) != VP_READY)
		return TDX_RET(VCPU_STATE_INCORRECT);
	status = enter_epoch(c, vp);
	if (status)
		return status;
	/* FIDELITY(vCPU READY -> ACTIVE): assumed - VP.ENTER [source of TDX module 1.5] */
	vp_set(c, vp, VP_STATE, VP_ACTIVE);
	tdx_release(c, SIM_LOCK_OP_STATE);
	status = sim_tdx_env_run(c->t, vp, c->tdr, c->r);
	/* FIDELITY(vCPU ACTIVE -> READY, DISABLED): assumed - TD exit from VP.ENTER; disabled by NON_RECOVERABLE_VCPU, which the environment says [source of TDX module 1.5] */
	vp_set(c, vp, VP_STATE, status >> 32 == SIM_TDX_NON_RECOVERABLE_VCPU ?
	       VP_DISABLED : VP_READY);
	leave_epoch(c, vp);
	return status;
}

/* A call of our own, outside of any SEAMCALL. */
static bool look_at_vp(struct sim_tdx *t, struct tdx_call *c, u64 tdvpr)
{
	u64 entry = tdx_pamt_entry(t, tdvpr, TDX_4K);

	tdx_call_begin(c, t);
	c->lp = sim_tdx_env_lp(t, &c->package);
	if (!entry || tdx_pamt_type(t, entry) != SIM_PT_TDVPR)
		return false;
	c->tdr = tdx_pamt_owner(t, entry);
	tdx_map_tdcs(c);
	return true;
}

u64 sim_tdx_associate(struct sim_tdx *t, u64 tdvpr)
{
	struct tdx_call c __uninitialized;

	if (!look_at_vp(t, &c, tdvpr))
		return TDX_ERR(PAGE_METADATA_INCORRECT, RCX);
	return enter_epoch(&c, tdvpr);
}

u64 sim_tdx_td_exit(struct sim_tdx *t, u64 tdvpr)
{
	struct tdx_call c __uninitialized;

	if (!look_at_vp(t, &c, tdvpr))
		return TDX_ERR(PAGE_METADATA_INCORRECT, RCX);
	leave_epoch(&c, tdvpr);
	return TDX_RET(SUCCESS);
}

bool sim_tdx_vp_info(struct sim_tdx *t, u64 tdvpr, struct sim_tdx_vp_info *info)
{
	struct tdx_call c __uninitialized;
	u64 lp;

	if (!look_at_vp(t, &c, tdvpr) ||
	    tdr_get(&c, TDR_LIFECYCLE) == SIM_TD_TEARDOWN)
		return false;
	lp = vp_get(&c, tdvpr, VP_LP);
	info->tdr = c.tdr;
	info->pages = vp_get(&c, tdvpr, VP_PAGES);
	info->initialised = vp_get(&c, tdvpr, VP_STATE) != VP_UNINITIALIZED;
	info->disabled = vp_get(&c, tdvpr, VP_STATE) == VP_DISABLED;
	info->active = vp_get(&c, tdvpr, VP_STATE) == VP_ACTIVE;
	info->associated = lp;
	info->lp = lp ? lp - 1 : 0;
	info->index = vp_get(&c, tdvpr, VP_INDEX);
	info->x2apic_id = vp_get(&c, tdvpr, VP_X2APIC);
	info->rcx = vp_get(&c, tdvpr, VP_RCX);
	info->shared_eptp = vp_get(&c, tdvpr, VP_SHARED_EPTP);
	info->posted = vp_get(&c, tdvpr, VP_PIN_CONTROLS) & PIN_POSTED_INTR;
	info->vector = vp_get(&c, tdvpr, VP_PI_VECTOR);
	info->pi_desc = vp_get(&c, tdvpr, VP_PI_DESC);
	info->pend_nmi = vp_get(&c, tdvpr, VP_PEND_NMI);
	info->intr_pending = vp_get(&c, tdvpr, VP_DETAILS) &
		DETAILS_INTR_PENDING;
	return true;
}

void sim_tdx_vp_set_pending(struct sim_tdx *t, u64 tdvpr, bool nmi, bool intr)
{
	struct tdx_call c __uninitialized;

	if (!look_at_vp(t, &c, tdvpr))
		return;
	vp_set(&c, tdvpr, VP_PEND_NMI, nmi);
	vp_set(&c, tdvpr, VP_DETAILS, intr ? DETAILS_INTR_PENDING : 0);
}
