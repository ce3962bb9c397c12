// SPDX-License-Identifier: GPL-2.0
/*
 * TDs: creation, keys, initialisation, the way back.
 */
#include "tdx_internal.h"

static u64 tdr_word(const u64 *tdr, const u64 *key, u64 tweak, u32 word)
{
	return tdr ? sim_open_word(key, tweak + word * SIM_TWEAK_STEP, tdr[word]) : 0;
}

/* The TD of c->tdr: its key and TDCS, as far as it has any. */
void tdx_map_tdcs(struct tdx_call *c)
{
	const u64 *tdr = tdx_word_at(c->t, c->tdr), *key = c->t->global_key;
	u64 tweak = sim_tweak(key, c->tdr);

	c->hkid = tdr_word(tdr, key, tweak, TDR_HKID) % SIM_TDX_MAX_HKIDS;
	c->key = c->t->kot[c->hkid].key;
	c->fatal = tdr_word(tdr, key, tweak, TDR_FATAL);
	c->lifecycle = tdr_word(tdr, key, tweak, TDR_LIFECYCLE);
	c->num_tdcx = tdr_word(tdr, key, tweak, TDR_NUM_TDCX);
	c->tdcs = tdr_word(tdr, key, tweak, TDR_TDCX);
	c->tdcs_tweak = sim_tweak(c->key, c->tdcs);
	c->tdcs_page = c->num_tdcx && !(c->tdcs & (TDX_PAGE_SIZE - 1)) ?
		tdx_word_at(c->t, c->tdcs) : NULL;
}

u64 tdx_take_tdr(struct tdx_call *c, u64 pa, u32 operand, bool exclusive)
{
	struct tdx_page p;
	u64 status = tdx_explicit_page(c, pa, operand, exclusive, SIM_PT_TDR,
				       &p);

	if (status)
		return status;
	c->tdr = pa;
	tdx_map_tdcs(c);
	return TDX_RET(SUCCESS);
}

/* The TDR that a page's PAMT entry names: only its own entry is locked. */
u64 tdx_take_owner(struct tdx_call *c, u64 tdr, bool exclusive)
{
	u64 entry = tdx_pamt_entry(c->t, tdr, TDX_4K);

	if (!entry)
		return tdx_shutdown(c);
	if (!tdx_acquire(c, SIM_LOCK_PAMT, entry, exclusive))
		return TDX_ERR(OPERAND_BUSY, TDR);
	c->tdr = tdr;
	tdx_map_tdcs(c);
	return TDX_RET(SUCCESS);
}

/* Has the TD a key, and no integrity error? */
u64 tdx_check_alive(struct tdx_call *c)
{
	if (c->fatal)
		return TDX_RET(TD_FATAL);
	if (c->lifecycle != SIM_TD_KEYS_CONFIGURED)
		return TDX_RET(TD_KEYS_NOT_CONFIGURED);
	return TDX_RET(SUCCESS);
}

static u64 check_op_state(struct tdx_call *c, u32 op_states, bool lock)
{
	if (lock && !tdx_acquire(c, SIM_LOCK_OP_STATE,
				 c->tdcs + 8 * TDCS_OP_STATE_LOCK, false))
		return TDX_ERR(OPERAND_BUSY, OP_STATE);
	if (!(op_states >> (tdcs_get(c, TDCS_OP_STATE) & 31) & 1))
		return TDX_RET(OP_STATE_INCORRECT);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TD state check): modelled - integrity error, life cycle, TDCS
 * pages, op_state, in this order [TDX module 1.5.01]
 */
u64 tdx_check_state(struct tdx_call *c, u32 op_states, bool lock)
{
	u64 status = tdx_check_alive(c);

	/* Who holds the TDR exclusive does not lock op_state. */
	if (status)
		return status;
	if (c->num_tdcx < TDX_MIN_TDCS)
		return TDX_RET(TDCS_NOT_ALLOCATED);
	return check_op_state(c, op_states, lock);
}

/* Make a free page the TD's. */
void tdx_give_page(struct tdx_call *c, const struct tdx_page *p,
		   enum sim_tdx_page_type type)
{
	tdx_pamt_set_type(c->t, p->entry, type);
	tdx_pamt_set_owner(c->t, p->entry, c->tdr);
	tdr_add(c, TDR_CHILDREN, tdx_size(p->size) / TDX_PAGE_SIZE);
}

/* FIDELITY(TDH.MNG.CREATE): modelled - [TDX module 1.5.01] */
u64 sim_tdh_mng_create(struct tdx_call *c)
{
	struct sim_tdx *t = c->t;
	u64 hkid = c->r->rdx, status;
	struct tdx_page page;

	if (hkid < t->cfg.private_min || hkid > t->cfg.private_max)
		return TDX_ERR(OPERAND_INVALID, RDX);
	status = tdx_explicit_page(c, c->r->rcx, SIM_OPND_RCX, true,
				   SIM_PT_NDA, &page);
	if (status)
		return status;
	if (!tdx_acquire(c, SIM_LOCK_KOT, 0, true))
		return TDX_ERR(OPERAND_BUSY, KOT);
	if (t->kot[hkid].state != SIM_HKID_FREE)
		return TDX_RET(HKID_NOT_FREE);
	sim_tdx_env_yield(t);
	tdx_fill_page(t, t->global_key, page.pa, 0);
	if (!sim_tdx_env_entropy(t))
		return TDX_RET(RND_NO_ENTROPY);
	c->tdr = page.pa;
	tdr_set(c, TDR_HKID, hkid);
	/* FIDELITY(HKID FREE -> ASSIGNED): modelled - MNG.CREATE [TDX module 1.5.01] */
	t->kot[hkid].state = SIM_HKID_ASSIGNED;
	/* FIDELITY(PAMT NDA -> TDR): modelled - MNG.CREATE, no owner [TDX module 1.5.01] */
	tdx_pamt_set_type(t, page.entry, SIM_PT_TDR);
	tdx_pamt_set_owner(t, page.entry, 0);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.MNG.KEY.CONFIG): simplified - one key for all packages, drawn
 * when the first one is configured [TDX module 1.5.01]
 */
u64 sim_tdh_mng_key_config(struct tdx_call *c)
{
	struct sim_tdx *t = c->t;
	u64 status, packages;

	status = tdx_take_tdr(c, c->r->rcx, SIM_OPND_RCX, true);
	if (status)
		return status;
	if (tdr_get(c, TDR_FATAL))
		return TDX_RET(TD_FATAL);
	if (tdr_get(c, TDR_LIFECYCLE) != SIM_TD_HKID_ASSIGNED)
		return TDX_RET(LIFECYCLE_STATE_INCORRECT);
	packages = tdr_get(c, TDR_PACKAGES);
	if (packages >> c->package & 1)
		return TDX_RET(KEY_CONFIGURED);
	sim_tdx_env_yield(t);
	switch (sim_tdx_env_pconfig(t, c->hkid)) {
	case SIM_PCONFIG_OK:
		break;
	case SIM_PCONFIG_BUSY:
		return TDX_ERR(OPERAND_BUSY, KET);
	case SIM_PCONFIG_ENTROPY:
		return TDX_RET(KEY_GENERATION_FAILED);
	default:
		return tdx_shutdown(c);
	}
	if (!packages)
		sim_tdx_env_random(t, t->kot[c->hkid].key,
				   sizeof(t->kot[c->hkid].key));
	packages |= 1ull << c->package;
	tdr_set(c, TDR_PACKAGES, packages);
	/* FIDELITY(TD HKID_ASSIGNED -> KEYS_CONFIGURED): modelled - MNG.KEY.CONFIG on the last package [TDX module 1.5.01] */
	if (packages == (1ull << t->cfg.nr_packages) - 1)
		tdr_set(c, TDR_LIFECYCLE, SIM_TD_KEYS_CONFIGURED);
	return TDX_RET(SUCCESS);
}

static u64 tdcx_fill_value(u64 index)
{
	switch (index) {
	case TDX_SEPT_ROOT:
		return SEPT_FREE;
	case TDX_MSR_BITMAPS:
		return ~0ull;
	default:
		return 0;
	}
}

/*
 * FIDELITY(TDH.MNG.ADDCX): modelled - the page is overwritten before op_state
 * is looked at [TDX module 1.5.01]
 */
u64 sim_tdh_mng_addcx(struct tdx_call *c)
{
	struct tdx_page page;
	u64 status, nr;

	status = tdx_take_tdr(c, c->r->rdx, SIM_OPND_RDX, true);
	if (!status)
		status = tdx_check_alive(c);
	if (status)
		return status;
	nr = c->num_tdcx;
	if (nr >= TDX_MAX_TDCS)
		return TDX_RET(TDCX_NUM_INCORRECT);
	status = tdx_explicit_page(c, c->r->rcx, SIM_OPND_RCX, true,
				   SIM_PT_NDA, &page);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	tdx_fill_page(c->t, c->key, page.pa, tdcx_fill_value(nr));
	if (nr >= TDX_MIN_TDCS) {
		status = check_op_state(c, OP_MASK(UNINITIALIZED), false);
		if (status)
			return status;
	} else if (nr == TDX_MIN_TDCS - 1 && !sim_tdx_env_entropy(c->t)) {
		return TDX_RET(RND_NO_ENTROPY);
	}
	tdr_set(c, TDR_TDCX + nr, page.pa);
	tdr_set(c, TDR_NUM_TDCX, nr + 1);
	/* FIDELITY(PAMT NDA -> TDCX): modelled - MNG.ADDCX; counts as a child of the TDR [TDX module 1.5.01] */
	tdx_give_page(c, &page, SIM_PT_TDCX);
	return TDX_RET(SUCCESS);
}

/* ---- TD_PARAMS ---- */

#define PARAMS_SIZE		1024
#define PARAMS_CPUID		256

/* Copied out of shared memory first, so that what is checked is used. */
struct td_params {
	u64 attributes;
	u64 xfam;
	u16 max_vcpus;
	u8 num_l2_vms;
	u8 reserved0[5];
	u64 eptp_controls;
	u64 config_flags;
	u16 tsc_frequency;
	u8 reserved1[38];
	u64 mrconfigid[6];
	u64 mrowner[6];
	u64 mrownerconfig[6];
	u64 msr_config_ctls;
	u64 arch_capabilities;
	u8 reserved2[16];
	u32 cpuid[48][4];
};
static_assert(sizeof(struct td_params) == PARAMS_SIZE, "TD_PARAMS layout");
static_assert(offsetof(struct td_params, cpuid) == PARAMS_CPUID,
	      "TD_PARAMS layout");
#define MAX_PARAMS_CPUID	48

static bool all_zero(const void *p, u32 len)
{
	const u8 *b = p;

	while (len--)
		if (*b++)
			return false;
	return true;
}

/* FIDELITY(ATTRIBUTES): assumed - the bits a TD may have are the platform's [policy] */
static bool attributes_good(const struct sim_tdx *t, u64 attributes)
{
	return !(attributes & ~t->cfg.attributes) &&
	       !((attributes & ATTR_DEBUG) && (attributes & ATTR_MIGRATABLE));
}

static bool all_or_none(u64 value, u64 mask)
{
	return !(value & mask) || (value & mask) == mask;
}

/* FIDELITY(XFAM): assumed - components that only make sense together [Intel SDM] */
static bool xfam_good(const struct sim_tdx *t, u64 xfam)
{
	const u64 avx = 1u << 2, avx512 = 7u << 5, cet = 3u << 11,
		  amx = 3u << 17;

	if ((xfam & ~t->cfg.xfam) ||
	    (xfam & t->cfg.xfam_fixed1) != t->cfg.xfam_fixed1)
		return false;
	if ((xfam & avx512) && !(xfam & avx))
		return false;
	return all_or_none(xfam, avx512) && all_or_none(xfam, cet) &&
	       all_or_none(xfam, amx);
}

static bool eptp_good(const struct sim_tdx *t, u64 eptp, bool gpaw)
{
	const u64 levels4 = 6 | 3u << 3, levels5 = 6 | 4u << 3;

	if (eptp == levels5)
		return t->cfg.la57;
	return eptp == levels4 && !gpaw;
}

static void set_words(struct tdx_call *c, u32 word, const u64 *value, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		tdcs_set(c, word + i, value[i]);
}

static u64 check_params(struct tdx_call *c, const struct td_params *p)
{
	const struct sim_tdx *t = c->t;

	if (!attributes_good(t, p->attributes))
		return TDX_ERR(OPERAND_INVALID, ATTRIBUTES);
	if (!xfam_good(t, p->xfam))
		return TDX_ERR(OPERAND_INVALID, XFAM);
	if (!p->max_vcpus || (t->cfg.version >= SIM_TDX_1_5_01_KVM &&
			      p->max_vcpus > SIM_TDX_MAX_VCPUS))
		return TDX_ERR(OPERAND_INVALID, MAX_VCPUS);
	if (p->num_l2_vms > TDX_MAX_L2_VMS)
		return TDX_ERR(OPERAND_INVALID, NUM_L2_VMS);
	if (tdr_get(c, TDR_NUM_TDCX) <
	    TDX_MIN_TDCS + (u64)p->num_l2_vms)
		return TDX_RET(TDCS_NOT_ALLOCATED);
	if (!all_zero(p->reserved0, sizeof(p->reserved0)))
		return TDX_ERR(OPERAND_INVALID, RDX);
	if (p->config_flags & ~t->cfg.config_flags)
		return TDX_ERR(OPERAND_INVALID, EXEC_CONTROLS);
	if (!eptp_good(t, p->eptp_controls, p->config_flags & 1))
		return TDX_ERR(OPERAND_INVALID, EPTP_CONTROLS);
	if (p->tsc_frequency < 4 || p->tsc_frequency > 400)
		return TDX_ERR(OPERAND_INVALID, TSC_FREQUENCY);
	if (!all_zero(p->reserved1, sizeof(p->reserved1)) ||
	    p->msr_config_ctls >> 1 ||
	    !all_zero(p->reserved2, sizeof(p->reserved2)))
		return TDX_ERR(OPERAND_INVALID, RDX);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(CPUID configuration): simplified - bits outside of what the
 * platform offers are refused; relations between leaves are not checked [TDX
 * module 1.5.01]
 */
static u64 check_cpuid(struct tdx_call *c, const struct td_params *p)
{
	const struct sim_tdx_config *cfg = &c->t->cfg;
	u32 i, j;

	for (i = 0; i < cfg->nr_cpuid; i++)
		for (j = 0; j < 4; j++)
			if (p->cpuid[i][j] & ~cfg->cpuid[i].allowed[j]) {
				c->r->rcx = cfg->cpuid[i].leaf |
					(u64)cfg->cpuid[i].subleaf << 32;
				return TDX_ERR(OPERAND_INVALID, CPUID_CONFIG);
			}
	if (!all_zero(p->cpuid[cfg->nr_cpuid],
		      sizeof(p->cpuid) - cfg->nr_cpuid * sizeof(p->cpuid[0])))
		return TDX_ERR(OPERAND_INVALID, RDX);
	if ((p->msr_config_ctls & 1) &&
	    (p->arch_capabilities & ~cfg->arch_capabilities))
		return TDX_ERR(OPERAND_INVALID, ARCH_CAPABILITIES);
	return TDX_RET(SUCCESS);
}

static void set_params(struct tdx_call *c, const struct td_params *p)
{
	u32 i;

	tdcs_set(c, TDCS_ATTRIBUTES, p->attributes);
	tdcs_set(c, TDCS_XFAM, p->xfam);
	tdcs_set(c, TDCS_MAX_VCPUS, p->max_vcpus);
	tdcs_set(c, TDCS_NUM_L2, p->num_l2_vms);
	tdcs_set(c, TDCS_CONFIG_FLAGS, p->config_flags);
	tdcs_set(c, TDCS_GPAW, p->config_flags & 1);
	tdcs_set(c, TDCS_EPTP, p->eptp_controls |
		 tdr_get(c, TDR_TDCX + TDX_SEPT_ROOT));
	tdcs_set(c, TDCS_TSC_FREQUENCY, p->tsc_frequency);
	tdcs_set(c, TDCS_ARCH_CAPABILITIES, p->msr_config_ctls & 1 ?
		 p->arch_capabilities : c->t->cfg.arch_capabilities);
	set_words(c, TDCS_MRCONFIGID, p->mrconfigid, 6);
	set_words(c, TDCS_MROWNER, p->mrowner, 6);
	set_words(c, TDCS_MROWNERCONFIG, p->mrownerconfig, 6);
	for (i = 0; i < c->t->cfg.nr_cpuid; i++) {
		tdcs_set(c, TDCS_CPUID + 2 * i,
			 p->cpuid[i][0] | (u64)p->cpuid[i][1] << 32);
		tdcs_set(c, TDCS_CPUID + 2 * i + 1,
			 p->cpuid[i][2] | (u64)p->cpuid[i][3] << 32);
	}
	tdcs_set(c, TDCS_EPOCH, 1);
	/* FIDELITY(op_state UNINITIALIZED -> INITIALIZED): modelled - MNG.INIT; the TLB epoch becomes 1 [TDX module 1.5.01] */
	tdcs_set(c, TDCS_OP_STATE, SIM_OP_INITIALIZED);
}

/*
 * FIDELITY(TDH.MNG.INIT): simplified - order of checks as the module's; which
 * ATTRIBUTES, XFAM and CPUID bits exist is the platform's; no MSR is compared
 * [TDX module 1.5.01]
 */
u64 sim_tdh_mng_init(struct tdx_call *c)
{
	u64 tdr = c->r->rcx, params = c->r->rdx, status;
	struct td_params p;
	u8 *page;

	c->r->rcx = 0;
	status = tdx_take_tdr(c, tdr, SIM_OPND_RCX, true);
	if (!status)
		status = tdx_check_state(c, OP_MASK(UNINITIALIZED), false);
	if (status)
		return status;
	if (!tdx_shared_operand(c->t, &params, PARAMS_SIZE))
		return TDX_ERR(OPERAND_INVALID, RDX);
	sim_tdx_env_yield(c->t);
	page = sim_tdx_env_phys(c->t, params);
	if (page)
		memcpy(&p, page + (params & (TDX_PAGE_SIZE - 1)), sizeof(p));
	else
		memset(&p, 0xff, sizeof(p));
	status = check_params(c, &p);
	if (!status)
		status = check_cpuid(c, &p);
	if (!status)
		set_params(c, &p);
	return status;
}

/* FIDELITY(TDH.MNG.VPFLUSHDONE): modelled - [TDX module 1.5.01] */
u64 sim_tdh_mng_vpflushdone(struct tdx_call *c)
{
	struct sim_tdx *t = c->t;
	u64 status, state;

	status = tdx_take_tdr(c, c->r->rcx, SIM_OPND_RCX, true);
	if (status)
		return status;
	if (!tdx_acquire(c, SIM_LOCK_KOT, 0, true))
		return TDX_ERR(OPERAND_BUSY, KOT);
	state = tdr_get(c, TDR_LIFECYCLE);
	if (state != SIM_TD_HKID_ASSIGNED && state != SIM_TD_KEYS_CONFIGURED)
		return TDX_RET(LIFECYCLE_STATE_INCORRECT);
	if (tdr_get(c, TDR_NUM_TDCX) >= TDX_MIN_TDCS &&
	    tdcs_get(c, TDCS_OP_STATE) != SIM_OP_UNINITIALIZED &&
	    tdcs_get(c, TDCS_NUM_ASSOC))
		return TDX_RET(FLUSHVP_NOT_DONE);
	sim_tdx_env_yield(t);
	t->kot[c->hkid].wbinvd = (1u << t->cfg.nr_packages) - 1;
	/* FIDELITY(HKID ASSIGNED -> FLUSHED): modelled - MNG.VPFLUSHDONE; every package has to write back [TDX module 1.5.01] */
	t->kot[c->hkid].state = SIM_HKID_FLUSHED;
	/* FIDELITY(TD HKID_ASSIGNED, KEYS_CONFIGURED -> BLOCKED): modelled - MNG.VPFLUSHDONE [TDX module 1.5.01] */
	tdr_set(c, TDR_LIFECYCLE, SIM_TD_BLOCKED);
	return TDX_RET(SUCCESS);
}

/* FIDELITY(TDH.MNG.KEY.FREEID): modelled - [TDX module 1.5.01] */
u64 sim_tdh_mng_key_freeid(struct tdx_call *c)
{
	struct sim_tdx *t = c->t;
	u64 status;

	status = tdx_take_tdr(c, c->r->rcx, SIM_OPND_RCX, true);
	if (status)
		return status;
	if (tdr_get(c, TDR_LIFECYCLE) != SIM_TD_BLOCKED)
		return TDX_RET(LIFECYCLE_STATE_INCORRECT);
	if (!tdx_acquire(c, SIM_LOCK_KOT, 0, true))
		return TDX_ERR(OPERAND_BUSY, KOT);
	if (t->kot[c->hkid].wbinvd)
		return TDX_RET(WBCACHE_NOT_COMPLETE);
	sim_tdx_env_yield(t);
	/* FIDELITY(HKID FLUSHED -> FREE): modelled - MNG.KEY.FREEID, when every package has written back [TDX module 1.5.01] */
	t->kot[c->hkid].state = SIM_HKID_FREE;
	/* FIDELITY(TD BLOCKED -> TEARDOWN): modelled - MNG.KEY.FREEID [TDX module 1.5.01] */
	tdr_set(c, TDR_LIFECYCLE, SIM_TD_TEARDOWN);
	return TDX_RET(SUCCESS);
}

/* FIDELITY(TDH.MNG.KEY.RECLAIMID): modelled - does nothing [TDX module 1.5.01] */
u64 sim_tdh_mng_key_reclaimid(struct tdx_call *c)
{
	(void)c;
	return TDX_RET(SUCCESS);
}
