// SPDX-License-Identifier: GPL-2.0
/*
 * Physical memory: what a page is, taking it back, writing caches back.
 */
#include "tdx_internal.h"

static void no_metadata(struct sim_tdx_regs *r)
{
	r->rcx = 0;
	r->rdx = 0;
	r->r8 = 0;
	r->r9 = 0;
	r->r10 = 0;
	r->r11 = 0;
}

static void metadata(struct tdx_call *c, const struct tdx_page *p)
{
	c->r->rcx = tdx_pamt_type(c->t, p->entry);
	c->r->rdx = tdx_pamt_owner(c->t, p->entry);
	c->r->r8 = p->size;
}

/* FIDELITY(TDH.PHYMEM.PAGE.RDMD): modelled - [TDX module 1.5.01] */
u64 sim_tdh_phymem_page_rdmd(struct tdx_call *c)
{
	u64 pa = c->r->rcx, status;
	struct tdx_page p;

	no_metadata(c->r);
	if (!tdx_private_address(c->t, pa, TDX_PAGE_SIZE))
		return TDX_ERR(OPERAND_INVALID, RCX);
	status = tdx_pamt_walk(c, pa, TDX_4K, false, SIM_OPND_RCX, &p);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	metadata(c, &p);
	if (c->r->rcx == SIM_PT_REG || c->r->rcx == SIM_PT_EPT)
		c->r->r9 = tdx_pamt_bepoch(c->t, p.entry);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.PHYMEM.PAGE.RDMD in the kernel): simplified - without a lock, as the
 * handler of machine checks calls it: BUSY if someone holds the entry or changes it
 * meanwhile, and nobody is BUSY because of it; neither the fault plan nor the ledger
 * know of it; UML has no #MC [policy]
 */
u64 sim_tdx_peek_page(struct sim_tdx *t, struct sim_tdx_regs *r)
{
	u64 pa = r->rcx, entry, word, bepoch, *e;
	u32 size, type;

	if (t->dead)
		return SIM_TDX_VMFAIL_INVALID;
	if (t->sys_state == SIM_SYS_SHUTDOWN)
		return TDX_RET(SYS_SHUTDOWN);
	if (t->sys_state != SIM_SYS_READY)
		return TDX_RET(SYS_NOT_READY);
	no_metadata(r);
	if (!tdx_private_address(t, pa, TDX_PAGE_SIZE))
		return TDX_ERR(OPERAND_INVALID, RCX);
	for (size = TDX_1G; ; size--) {
		entry = tdx_pamt_entry(t, pa, size);
		if (!entry)
			return TDX_ERR(OPERAND_ADDR_RANGE_ERROR, RCX);
		e = tdx_pamt_ptr(t, entry);
		word = __atomic_load_n(&e[0], __ATOMIC_ACQUIRE);
		bepoch = __atomic_load_n(&e[1], __ATOMIC_ACQUIRE);
		/* Bit 0 of its lock: exclusive */
		if ((word & 1) || __atomic_load_n(&e[0], __ATOMIC_RELAXED) >> 16 != word >> 16)
			return TDX_ERR(OPERAND_BUSY, RCX);
		type = word >> 16 & 0xff;
		if (size == TDX_4K || type == SIM_PT_REG)
			break;
	}
	r->rcx = type;
	r->rdx = word >> 24 << 12;
	r->r8 = size;
	if (type == SIM_PT_REG || type == SIM_PT_EPT)
		r->r9 = bepoch;
	return TDX_RET(SUCCESS);
}

/* The TD of the page, held so that it cannot go away. */
static u64 take_page_owner(struct tdx_call *c, const struct tdx_page *p)
{
	if (tdx_pamt_type(c->t, p->entry) != SIM_PT_TDR)
		return tdx_take_owner(c, tdx_pamt_owner(c->t, p->entry), false);
	/* A TDR is held exclusive already. */
	c->tdr = p->pa;
	tdx_map_tdcs(c);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.PHYMEM.PAGE.RECLAIM): modelled - does not scrub [TDX module
 * 1.5.01]
 */
u64 sim_tdh_phymem_page_reclaim(struct tdx_call *c)
{
	u64 pa = c->r->rcx, status;
	struct tdx_page p;
	u32 type;

	no_metadata(c->r);
	if (!tdx_private_address(c->t, pa, TDX_PAGE_SIZE))
		return TDX_ERR(OPERAND_INVALID, RCX);
	status = tdx_pamt_walk(c, pa, TDX_4K, true, SIM_OPND_RCX, &p);
	if (status)
		return status;
	type = tdx_pamt_type(c->t, p.entry);
	if (type == SIM_PT_NDA || type == SIM_PT_RSVD)
		return TDX_ERR(PAGE_METADATA_INCORRECT, RCX);
	metadata(c, &p);
	if (pa & (tdx_size(p.size) - 1))
		return TDX_ERR(OPERAND_INVALID, RCX);
	status = take_page_owner(c, &p);
	if (status)
		return status;
	if (tdr_get(c, TDR_LIFECYCLE) != SIM_TD_TEARDOWN)
		return TDX_RET(LIFECYCLE_STATE_INCORRECT);
	if (type == SIM_PT_TDR && tdr_get(c, TDR_CHILDREN))
		return TDX_RET(TD_ASSOCIATED_PAGES_EXIST);
	sim_tdx_env_yield(c->t);
	if (type != SIM_PT_TDR)
		tdr_add(c, TDR_CHILDREN,
			-(s64)(tdx_size(p.size) / TDX_PAGE_SIZE));
	/* FIDELITY(PAMT REG, EPT, TDVPR, TDCX, TDR -> NDA): modelled - PHYMEM.PAGE.RECLAIM of 4K or 2M, the TDR last; owner stays [TDX module 1.5.01] */
	tdx_pamt_set_type(c->t, p.entry, SIM_PT_NDA);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.PHYMEM.PAGE.WBINVD): simplified - checks only, there are no
 * caches [TDX module 1.5.01]
 */
u64 sim_tdh_phymem_page_wbinvd(struct tdx_call *c)
{
	const struct sim_tdx_config *cfg = &c->t->cfg;
	u64 pa = c->r->rcx, status;
	struct tdx_page p;

	if (pa >> cfg->maxpa)
		return TDX_ERR(OPERAND_INVALID, RCX);
	pa &= (1ull << (cfg->maxpa - cfg->hkid_bits)) - 1;
	status = tdx_explicit_page(c, pa, SIM_OPND_RCX, false, SIM_PT_NDA, &p);
	if (!status)
		sim_tdx_env_yield(c->t);
	return status;
}

/*
 * FIDELITY(TDH.PHYMEM.CACHE.WB): simplified - the bookkeeping of cycles and
 * HKIDs; there are no caches [TDX module 1.5.01]
 */
u64 sim_tdh_phymem_cache_wb(struct tdx_call *c)
{
	struct sim_tdx_wbt *w = &c->t->wbt[c->package];
	const struct sim_tdx_config *cfg = &c->t->cfg;
	u64 flushed = 0;
	u32 block, i;

	if (c->r->rcx > 1)
		return TDX_ERR(OPERAND_INVALID, RCX);
	if (!tdx_acquire(c, SIM_LOCK_WBT, c->package, true))
		return TDX_ERR(OPERAND_BUSY, WBCACHE);
	if (!tdx_acquire(c, SIM_LOCK_KOT, 0, false))
		return TDX_ERR(OPERAND_BUSY, KOT);
	if (c->r->rcx) {
		if (!w->next)
			return TDX_RET(WBCACHE_RESUME_ERROR);
	} else {
		w->next = 0;
		for (i = cfg->private_min; i <= cfg->private_max; i++)
			if (c->t->kot[i].state == SIM_HKID_FLUSHED)
				flushed |= 1ull << i;
		if (!flushed)
			return TDX_RET(NO_HKID_READY_TO_WBCACHE);
		w->flushed = flushed;
	}
	sim_tdx_env_yield(c->t);
	for (block = w->next + 1; block < cfg->wb_blocks; block++) {
		if (sim_tdx_env_interrupt(c->t)) {
			w->next = block;
			return TDX_RET(INTERRUPTED_RESUMABLE);
		}
	}
	w->next = 0;
	for (i = cfg->private_min; i <= cfg->private_max; i++)
		if (w->flushed >> i & 1)
			c->t->kot[i].wbinvd &= ~(1u << c->package);
	return TDX_RET(SUCCESS);
}
