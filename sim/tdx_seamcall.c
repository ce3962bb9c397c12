// SPDX-License-Identifier: GPL-2.0
/*
 * SEAMCALL: table of leaves and their dispatch.
 */
#include "tdx_internal.h"

#define S(_code)	SIM_TDX_##_code

/* What naming a page, a TD or an S-EPT entry can give. */
#define PAGE		S(OPERAND_INVALID), S(OPERAND_ADDR_RANGE_ERROR),	\
			S(OPERAND_BUSY), S(PAGE_METADATA_INCORRECT)
#define ALIVE		PAGE, S(TD_FATAL), S(TD_KEYS_NOT_CONFIGURED)
#define BUILT		ALIVE, S(TDCS_NOT_ALLOCATED), S(OP_STATE_INCORRECT)
#define SEPT		BUILT, S(EPT_WALK_FAILED), S(EPT_ENTRY_STATE_INCORRECT)
#define VP		BUILT, S(TDCX_NUM_INCORRECT), S(VCPU_STATE_INCORRECT),	\
			S(VCPU_ASSOCIATED)
#define TRACKED		SEPT, S(GPA_RANGE_NOT_BLOCKED), S(TLB_TRACKING_NOT_DONE)

#define LEAF(_leaf, _name, _version, _handler, ...) [SIM_##_leaf] = {	\
	.leaf = SIM_##_leaf,						\
	.name = _name,							\
	.max_version = (_version),					\
	.handler = (_handler),						\
	.statuses = (const u32[]){ __VA_ARGS__ },			\
	.nr_statuses = sizeof((const u32[]){ __VA_ARGS__ }) /		\
		sizeof(u32),						\
}

/* Indexed by leaf number; holes have no handler. */
static const struct sim_tdx_op ops[] = {
	LEAF(TDH_VP_ENTER, "TDH.VP.ENTER", 0, sim_tdh_vp_enter,
	     VP),
	LEAF(TDH_MNG_ADDCX, "TDH.MNG.ADDCX", 0, sim_tdh_mng_addcx,
	     ALIVE, S(TDCX_NUM_INCORRECT), S(OP_STATE_INCORRECT),
	     S(RND_NO_ENTROPY)),
	LEAF(TDH_MEM_PAGE_ADD, "TDH.MEM.PAGE.ADD", 0, sim_tdh_mem_page_add,
	     SEPT),
	LEAF(TDH_MEM_SEPT_ADD, "TDH.MEM.SEPT.ADD", 1, sim_tdh_mem_sept_add,
	     SEPT),
	LEAF(TDH_VP_ADDCX, "TDH.VP.ADDCX", 0, sim_tdh_vp_addcx,
	     BUILT, S(TDCX_NUM_INCORRECT), S(VCPU_STATE_INCORRECT)),
	LEAF(TDH_MEM_PAGE_AUG, "TDH.MEM.PAGE.AUG", 0, sim_tdh_mem_page_aug,
	     SEPT),
	LEAF(TDH_MEM_RANGE_BLOCK, "TDH.MEM.RANGE.BLOCK", 0,
	     sim_tdh_mem_range_block, SEPT, S(GPA_RANGE_ALREADY_BLOCKED)),
	LEAF(TDH_MNG_KEY_CONFIG, "TDH.MNG.KEY.CONFIG", 0,
	     sim_tdh_mng_key_config,
	     PAGE, S(TD_FATAL), S(LIFECYCLE_STATE_INCORRECT),
	     S(KEY_CONFIGURED), S(KEY_GENERATION_FAILED)),
	LEAF(TDH_MNG_CREATE, "TDH.MNG.CREATE", 0, sim_tdh_mng_create,
	     PAGE, S(HKID_NOT_FREE), S(RND_NO_ENTROPY)),
	LEAF(TDH_VP_CREATE, "TDH.VP.CREATE", 0, sim_tdh_vp_create, BUILT),
	LEAF(TDH_MNG_RD, "TDH.MNG.RD", 1, sim_tdh_mng_rd,
	     BUILT, S(METADATA_FIELD_ID_INCORRECT)),
	LEAF(TDH_MEM_PAGE_DEMOTE, "TDH.MEM.PAGE.DEMOTE", 0,
	     sim_tdh_mem_page_demote, TRACKED, S(INTERRUPTED_RESTARTABLE)),
	LEAF(TDH_MR_EXTEND, "TDH.MR.EXTEND", 0, sim_tdh_mr_extend,
	     BUILT, S(EPT_ENTRY_NOT_PRESENT)),
	LEAF(TDH_MR_FINALIZE, "TDH.MR.FINALIZE", 0, sim_tdh_mr_finalize,
	     BUILT, S(NO_VCPUS)),
	LEAF(TDH_VP_FLUSH, "TDH.VP.FLUSH", 0, sim_tdh_vp_flush,
	     PAGE, S(TD_KEYS_NOT_CONFIGURED), S(TDCX_NUM_INCORRECT),
	     S(VCPU_NOT_ASSOCIATED)),
	LEAF(TDH_MNG_VPFLUSHDONE, "TDH.MNG.VPFLUSHDONE", 0,
	     sim_tdh_mng_vpflushdone,
	     PAGE, S(LIFECYCLE_STATE_INCORRECT), S(FLUSHVP_NOT_DONE)),
	LEAF(TDH_MNG_KEY_FREEID, "TDH.MNG.KEY.FREEID", 0,
	     sim_tdh_mng_key_freeid,
	     PAGE, S(LIFECYCLE_STATE_INCORRECT), S(WBCACHE_NOT_COMPLETE)),
	LEAF(TDH_MNG_INIT, "TDH.MNG.INIT", 0, sim_tdh_mng_init, BUILT),
	LEAF(TDH_VP_INIT, "TDH.VP.INIT", 1, sim_tdh_vp_init,
	     BUILT, S(TDCX_NUM_INCORRECT), S(VCPU_STATE_INCORRECT),
	     S(MAX_VCPUS_EXCEEDED), S(X2APIC_ID_NOT_UNIQUE)),
	LEAF(TDH_MEM_PAGE_PROMOTE, "TDH.MEM.PAGE.PROMOTE", 1,
	     sim_tdh_mem_page_promote,
	     TRACKED, S(EPT_INVALID_PROMOTE_CONDITIONS),
	     S(INTERRUPTED_RESTARTABLE)),
	LEAF(TDH_PHYMEM_PAGE_RDMD, "TDH.PHYMEM.PAGE.RDMD", 0,
	     sim_tdh_phymem_page_rdmd, PAGE),
	LEAF(TDH_MEM_SEPT_RD, "TDH.MEM.SEPT.RD", 0, sim_tdh_mem_sept_rd,
	     BUILT, S(EPT_WALK_FAILED)),
	LEAF(TDH_VP_RD, "TDH.VP.RD", 1, sim_tdh_vp_rd,
	     VP, S(METADATA_FIELD_ID_INCORRECT)),
	LEAF(TDH_MNG_KEY_RECLAIMID, "TDH.MNG.KEY.RECLAIMID", 0,
	     sim_tdh_mng_key_reclaimid, S(OPERAND_INVALID)),
	LEAF(TDH_PHYMEM_PAGE_RECLAIM, "TDH.PHYMEM.PAGE.RECLAIM", 0,
	     sim_tdh_phymem_page_reclaim,
	     PAGE, S(LIFECYCLE_STATE_INCORRECT), S(TD_ASSOCIATED_PAGES_EXIST)),
	LEAF(TDH_MEM_PAGE_REMOVE, "TDH.MEM.PAGE.REMOVE", 0,
	     sim_tdh_mem_page_remove, TRACKED),
	LEAF(TDH_MEM_SEPT_REMOVE, "TDH.MEM.SEPT.REMOVE", 1,
	     sim_tdh_mem_sept_remove, TRACKED, S(EPT_PAGE_NOT_FREE)),
	LEAF(TDH_SYS_KEY_CONFIG, "TDH.SYS.KEY.CONFIG", 0, sim_tdh_sys_key_config,
	     S(SYS_BUSY), S(SYS_KEY_CONFIG_NOT_PENDING), S(KEY_CONFIGURED),
	     S(OPERAND_BUSY), S(KEY_GENERATION_FAILED)),
	LEAF(TDH_SYS_INIT, "TDH.SYS.INIT", 0, sim_tdh_sys_init,
	     S(SYS_BUSY), S(OPERAND_INVALID), S(SYS_INIT_NOT_PENDING)),
	LEAF(TDH_SYS_RD, "TDH.SYS.RD", 0, sim_tdh_sys_rd,
	     S(SYS_LP_INIT_NOT_DONE), S(METADATA_FIELD_ID_INCORRECT)),
	LEAF(TDH_SYS_LP_INIT, "TDH.SYS.LP.INIT", 0, sim_tdh_sys_lp_init,
	     S(SYS_BUSY), S(SYS_LP_INIT_NOT_PENDING), S(SYS_LP_INIT_DONE)),
	LEAF(TDH_SYS_TDMR_INIT, "TDH.SYS.TDMR.INIT", 0, sim_tdh_sys_tdmr_init,
	     S(OPERAND_INVALID), S(OPERAND_BUSY), S(TDMR_ALREADY_INITIALIZED)),
	LEAF(TDH_MEM_TRACK, "TDH.MEM.TRACK", 0, sim_tdh_mem_track,
	     BUILT, S(PREVIOUS_TLB_EPOCH_BUSY)),
	LEAF(TDH_MEM_RANGE_UNBLOCK, "TDH.MEM.RANGE.UNBLOCK", 0,
	     sim_tdh_mem_range_unblock, SEPT, S(TLB_TRACKING_NOT_DONE)),
	LEAF(TDH_PHYMEM_CACHE_WB, "TDH.PHYMEM.CACHE.WB", 0,
	     sim_tdh_phymem_cache_wb,
	     S(OPERAND_INVALID), S(OPERAND_BUSY), S(NO_HKID_READY_TO_WBCACHE),
	     S(WBCACHE_RESUME_ERROR), S(INTERRUPTED_RESUMABLE)),
	LEAF(TDH_PHYMEM_PAGE_WBINVD, "TDH.PHYMEM.PAGE.WBINVD", 0,
	     sim_tdh_phymem_page_wbinvd, PAGE),
	LEAF(TDH_VP_WR, "TDH.VP.WR", 0, sim_tdh_vp_wr,
	     VP, S(METADATA_FIELD_ID_INCORRECT), S(METADATA_FIELD_NOT_WRITABLE),
	     S(METADATA_FIELD_VALUE_NOT_VALID)),
	LEAF(TDH_SYS_CONFIG, "TDH.SYS.CONFIG", 0, sim_tdh_sys_config,
	     S(SYS_BUSY), S(SYS_CONFIG_NOT_PENDING), S(OPERAND_INVALID),
	     S(INVALID_TDMR), S(NON_ORDERED_TDMR), S(TDMR_OUTSIDE_CMRS),
	     S(INVALID_PAMT), S(PAMT_OUTSIDE_CMRS), S(PAMT_OVERLAP),
	     S(INVALID_RESERVED_IN_TDMR), S(NON_ORDERED_RESERVED_IN_TDMR)),
	LEAF(TDH_SYS_SHUTDOWN, "TDH.SYS.SHUTDOWN", 0, sim_tdh_sys_shutdown,
	     S(SYS_BUSY), S(OPERAND_INVALID)),
	LEAF(TDH_SYS_UPDATE, "TDH.SYS.UPDATE", 0, sim_tdh_sys_update,
	     S(SYS_BUSY), S(SYS_STATE_INCORRECT), S(SYS_INVALID_HANDOFF)),
	LEAF(TDH_SYS_DISABLE, "TDH.SYS.DISABLE", 0, sim_tdh_sys_disable,
	     S(SYS_BUSY), S(INTERRUPTED_RESUMABLE)),
};

#define NR_OPS	(sizeof(ops) / sizeof(ops[0]))

const struct sim_tdx_op *sim_tdx_find_op(u32 leaf)
{
	return leaf < NR_OPS && ops[leaf].handler ? &ops[leaf] : NULL;
}

#define NAME(_code)	{ SIM_TDX_##_code, #_code }

static const struct {
	u32 code;
	const char *name;
} status_names[] = {
	NAME(SUCCESS), NAME(NON_RECOVERABLE_VCPU), NAME(INTERRUPTED_RESUMABLE),
	NAME(INTERRUPTED_RESTARTABLE), NAME(OPERAND_INVALID),
	NAME(OPERAND_ADDR_RANGE_ERROR), NAME(OPERAND_BUSY),
	NAME(PREVIOUS_TLB_EPOCH_BUSY), NAME(RND_NO_ENTROPY),
	NAME(OPERAND_BUSY_HOST_PRIORITY), NAME(PAGE_METADATA_INCORRECT),
	NAME(TD_ASSOCIATED_PAGES_EXIST), NAME(SYS_NOT_READY),
	NAME(SYS_SHUTDOWN), NAME(TD_FATAL), NAME(TDCS_NOT_ALLOCATED),
	NAME(LIFECYCLE_STATE_INCORRECT), NAME(OP_STATE_INCORRECT),
	NAME(NO_VCPUS), NAME(TDCX_NUM_INCORRECT), NAME(VCPU_STATE_INCORRECT),
	NAME(VCPU_ASSOCIATED), NAME(VCPU_NOT_ASSOCIATED),
	NAME(MAX_VCPUS_EXCEEDED), NAME(KEY_GENERATION_FAILED),
	NAME(TD_KEYS_NOT_CONFIGURED), NAME(KEY_CONFIGURED),
	NAME(WBCACHE_NOT_COMPLETE), NAME(HKID_NOT_FREE),
	NAME(NO_HKID_READY_TO_WBCACHE), NAME(WBCACHE_RESUME_ERROR),
	NAME(FLUSHVP_NOT_DONE), NAME(EPT_WALK_FAILED),
	NAME(EPT_ENTRY_NOT_PRESENT), NAME(GPA_RANGE_NOT_BLOCKED),
	NAME(GPA_RANGE_ALREADY_BLOCKED), NAME(TLB_TRACKING_NOT_DONE),
	NAME(EPT_INVALID_PROMOTE_CONDITIONS), NAME(PAGE_ALREADY_ACCEPTED),
	NAME(PAGE_SIZE_MISMATCH), NAME(EPT_ENTRY_STATE_INCORRECT),
	NAME(EPT_PAGE_NOT_FREE), NAME(SYS_BUSY), NAME(SYS_INIT_NOT_PENDING),
	NAME(SYS_LP_INIT_NOT_DONE), NAME(SYS_LP_INIT_DONE),
	NAME(SYS_KEY_CONFIG_NOT_PENDING), NAME(SYS_STATE_INCORRECT),
	NAME(SYS_INVALID_HANDOFF), NAME(SYS_LP_INIT_NOT_PENDING),
	NAME(SYS_CONFIG_NOT_PENDING), NAME(X2APIC_ID_NOT_UNIQUE),
	NAME(INVALID_TDMR), NAME(NON_ORDERED_TDMR), NAME(TDMR_OUTSIDE_CMRS),
	NAME(TDMR_ALREADY_INITIALIZED), NAME(INVALID_PAMT),
	NAME(PAMT_OUTSIDE_CMRS), NAME(PAMT_OVERLAP),
	NAME(INVALID_RESERVED_IN_TDMR), NAME(NON_ORDERED_RESERVED_IN_TDMR),
	NAME(METADATA_FIELD_ID_INCORRECT), NAME(METADATA_FIELD_NOT_WRITABLE),
	NAME(METADATA_FIELD_NOT_READABLE), NAME(METADATA_FIELD_VALUE_NOT_VALID),
};

const char *sim_tdx_status_name(u64 status)
{
	u32 i;

	for (i = 0; i < sizeof(status_names) / sizeof(status_names[0]); i++)
		if (status_names[i].code == status >> 32)
			return status_names[i].name;
	return NULL;
}

/* Leaves that may be called with a version; they judge it themselves. */
static bool takes_version(const struct sim_tdx *t, u32 leaf)
{
	return leaf == SIM_TDH_MEM_PAGE_PROMOTE ||
	       leaf == SIM_TDH_MEM_SEPT_ADD ||
	       leaf == SIM_TDH_MEM_SEPT_REMOVE ||
	       leaf == SIM_TDH_MNG_RD || leaf == SIM_TDH_VP_RD ||
	       (leaf == SIM_TDH_VP_INIT &&
		t->cfg.version >= SIM_TDX_1_5_01_KVM);
}

/* What the module does before it is ready. */
static bool may_come_early(u32 leaf)
{
	switch (leaf) {
	case SIM_TDH_SYS_INIT:
	case SIM_TDH_SYS_LP_INIT:
	case SIM_TDH_SYS_RD:
	case SIM_TDH_SYS_CONFIG:
	case SIM_TDH_SYS_KEY_CONFIG:
	case SIM_TDH_SYS_UPDATE:
	case SIM_TDH_SYS_DISABLE:
		return true;
	default:
		return false;
	}
}

/*
 * FIDELITY(SEAMCALL dispatch): modelled - a leaf that is not simulated is
 * answered as one that the module does not know [TDX module 1.5.01]
 */
u64 sim_seamcall(struct sim_tdx *t, u64 rax, struct sim_tdx_regs *regs)
{
	u32 leaf = rax & 0xffff, version = rax >> 16 & 0xff;
	const struct sim_tdx_op *op = sim_tdx_find_op(leaf);
	struct tdx_call c __uninitialized;
	u64 status;

	if (t->dead)
		return SIM_TDX_VMFAIL_INVALID;
	if (rax >> 24 || (version && !takes_version(t, leaf)))
		return TDX_ERR(OPERAND_INVALID, RAX);
	if (t->sys_state == SIM_SYS_SHUTDOWN)
		return TDX_RET(SYS_SHUTDOWN);
	if (t->sys_state != SIM_SYS_READY && !may_come_early(leaf))
		return TDX_RET(SYS_NOT_READY);
	if (!op)
		return TDX_ERR(OPERAND_INVALID, RAX);
	tdx_call_begin(&c, t);
	c.r = regs;
	c.version = version;
	c.lp = sim_tdx_env_lp(t, &c.package);
	status = op->handler(&c);
	tdx_release_all(&c);
	return t->dead ? SIM_TDX_VMFAIL_INVALID : status;
}

static bool tdmr_good(const struct sim_tdmr *m)
{
	const u64 gib = 1ull << 30;

	return !(m->base % gib) && m->size && !(m->size % gib) &&
	       !(m->initialised % gib) && m->initialised <= m->size &&
	       m->nr_reserved <= SIM_TDX_MAX_RESERVED &&
	       !(m->pamt_1g & 15) && !(m->pamt_2m & 15) && !(m->pamt_4k & 15);
}

static bool platform_good(const struct sim_tdx_config *cfg)
{
	return cfg->nr_packages && cfg->nr_packages <= SIM_TDX_MAX_PACKAGES &&
	       cfg->nr_lps <= SIM_TDX_MAX_LPS &&
	       cfg->nr_cmrs <= SIM_TDX_MAX_CMRS &&
	       cfg->nr_tdmrs <= SIM_TDX_MAX_TDMRS &&
	       cfg->private_max < SIM_TDX_MAX_HKIDS &&
	       cfg->private_min <= cfg->private_max &&
	       cfg->global_hkid < SIM_TDX_MAX_HKIDS && cfg->nr_cpuid <= 48 &&
	       cfg->maxpa <= 52 && cfg->hkid_bits < cfg->maxpa && cfg->wb_blocks;
}

static void load(struct sim_tdx *t, const struct sim_tdx_config *cfg)
{
	void *env = t->env;

	memset(t, 0, sizeof(*t));
	t->env = env;
	t->cfg = *cfg;
	sim_tdx_env_random(t, t->global_key, sizeof(t->global_key));
}

int sim_tdx_power_on(struct sim_tdx *t, const struct sim_tdx_config *cfg)
{
	if (!platform_good(cfg) || cfg->nr_tdmrs || !cfg->nr_lps)
		return -1;
	load(t, cfg);
	return 0;
}

int sim_tdx_init(struct sim_tdx *t, const struct sim_tdx_config *cfg)
{
	u32 i;

	if (!platform_good(cfg))
		return -1;
	for (i = 0; i < cfg->nr_tdmrs; i++)
		if (!tdmr_good(&cfg->tdmr[i]))
			return -1;
	load(t, cfg);
	for (i = 0; i < cfg->nr_tdmrs; i++)
		t->cfg.tdmr[i].next = cfg->tdmr[i].initialised;
	t->kot[cfg->global_hkid].state = SIM_HKID_RESERVED;
	tdx_pamt_mark_reserved(t);
	memset(t->lp_done, 0xff, sizeof(t->lp_done));
	t->sys_state = SIM_SYS_READY;
	return t->dead ? -1 : 0;
}
