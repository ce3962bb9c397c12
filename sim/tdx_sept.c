// SPDX-License-Identifier: GPL-2.0
/*
 * The secure EPT: walks, entries, and the leaves that build its tree.
 */
#include "tdx_internal.h"

static u32 top_level(u64 eptp)
{
	/* There are but two; anything else is a TDCS that was overwritten. */
	return (eptp >> 3 & 7) == 4 ? 4 : 3;
}

/* Level of the entries of the root page. */
u32 tdx_top_level(const struct tdx_call *c)
{
	return top_level(tdcs_get(c, TDCS_EPTP));
}

/* FIDELITY(private GPA): modelled - [TDX module 1.5.01] */
bool tdx_is_private_gpa(const struct tdx_call *c, u64 gpa)
{
	return !(gpa >> (tdcs_get(c, TDCS_GPAW) ? 51 : 47));
}

/* Level and GPA of an operand; false: bits that must be zero, or level. */
bool tdx_level_and_gpa(u64 rcx, u32 min, u32 max, struct tdx_sept *s)
{
	s->level = rcx & 7;
	s->gpa = rcx & SEPT_ADDR;
	return !(rcx & ~(SEPT_ADDR | 7)) && s->level >= min &&
	       s->level <= max && !(s->gpa & (tdx_size(s->level) - 1));
}

static u64 entry_address(u64 table, u64 gpa, u32 level)
{
	return table + (gpa >> (12 + 9 * level) & (TDX_CHILDREN - 1)) * 8;
}

/*
 * FIDELITY(S-EPT walk): modelled - from the root; an entry above the target
 * that no access can pass, or a page, ends it [TDX module 1.5.01]
 */
static bool walk(const struct tdx_call *c, struct tdx_sept *s)
{
	u64 eptp = tdcs_get(c, TDCS_EPTP);
	u32 target = s->level;

	/* True if it comes to s->level; s tells where it ended. */
	s->level = top_level(eptp);
	s->where = entry_address(eptp & SEPT_ADDR, s->gpa, s->level);
	for (;;) {
		s->raw = tdx_get(c->t, c->key, s->where);
		if (s->level <= target)
			return true;
		if (!(s->raw & SEPT_RWX) || sept_is_leaf(s->raw))
			return false;
		s->level--;
		s->where = entry_address(s->raw & SEPT_ADDR, s->gpa,
					 s->level);
	}
}

bool tdx_sept_walk(const struct tdx_call *c, struct tdx_sept *s)
{
	u64 begin = sim_cost_begin();
	bool ret = walk(c, s);

	sim_cost_end(SIM_COST_TABLES, begin);
	return ret;
}

u32 sim_tdx_sept_state(u64 raw)
{
	if (sept_is_free(raw))
		return SIM_SEPT_FREE;
	if (!sept_is_leaf(raw))
		return SIM_SEPT_TABLE |
			(sept_is_blocked(raw) ? SIM_SEPT_BLOCKED : SIM_SEPT_MAPPED);
	if (sept_is_blocked(raw))
		return sept_is_pending(raw) ? SIM_SEPT_PENDING_BLOCKED : SIM_SEPT_BLOCKED;
	return sept_is_pending(raw) ? SIM_SEPT_PENDING : SIM_SEPT_MAPPED;
}

/*
 * FIDELITY(entry details): modelled - the address of a table is not shown
 * [TDX module 1.5.01]
 */
void tdx_sept_details(struct tdx_call *c, u64 raw, u32 level)
{
	if (sept_is_free(raw))
		c->r->rcx = SEPT_SUPPRESS_VE;
	else if (!sept_is_leaf(raw))
		c->r->rcx = raw & SEPT_RWX;
	else
		c->r->rcx = raw & (SEPT_SUPPRESS_VE | SEPT_ADDR | 0xff);
	c->r->rdx = level | sim_tdx_sept_state(raw) << 8;
}

u64 tdx_sept_fail(struct tdx_call *c, enum sim_tdx_status code,
		  const struct tdx_sept *s)
{
	tdx_sept_details(c, s->raw, s->level);
	return tdx_status(code, SIM_OPND_RCX);
}

/* Operand, tree lock, walk. */
u64 tdx_sept_find(struct tdx_call *c, u64 rcx, u32 min, u32 max,
		  enum tdx_tree tree, struct tdx_sept *s)
{
	if (!tdx_level_and_gpa(rcx, min, max, s) ||
	    !tdx_is_private_gpa(c, s->gpa))
		return TDX_ERR(OPERAND_INVALID, RCX);
	if (tree != TDX_TREE_NONE &&
	    !tdx_acquire(c, SIM_LOCK_TREE, c->tdcs + 8 * TDCS_SEPT_LOCK,
			 tree == TDX_TREE_EXCLUSIVE))
		return TDX_ERR(OPERAND_BUSY, SEPT_TREE);
	if (!tdx_sept_walk(c, s))
		return tdx_sept_fail(c, SIM_TDX_EPT_WALK_FAILED, s);
	return TDX_RET(SUCCESS);
}

/* Lock the entry, as the host does. */
u64 tdx_sept_take(struct tdx_call *c, struct tdx_sept *s)
{
	if (!tdx_acquire(c, SIM_LOCK_SEPT_ENTRY, s->where, true))
		return tdx_sept_fail(c, SIM_TDX_OPERAND_BUSY, s);
	s->raw = tdx_get(c->t, c->key, s->where) & ~(SEPT_LOCK | SEPT_HP);
	return TDX_RET(SUCCESS);
}

/* New contents of a locked entry; it stays locked until the call ends. */
void tdx_sept_write(struct tdx_call *c, const struct tdx_sept *s, u64 raw)
{
	tdx_put(c->t, c->key, s->where, raw | SEPT_LOCK);
}

/* The page that an entry maps or points to: its PAMT entry, exclusive. */
u64 tdx_take_target(struct tdx_call *c, u64 pa, u32 size, u64 *entry)
{
	u32 type;

	*entry = tdx_pamt_entry(c->t, pa, size);
	if (!*entry)
		return tdx_shutdown(c);
	type = tdx_pamt_type(c->t, *entry);
	if (type == SIM_PT_NDA || type == SIM_PT_RSVD)
		return tdx_shutdown(c);
	if (!tdx_acquire(c, SIM_LOCK_PAMT, *entry, true))
		return TDX_ERR(OPERAND_BUSY, RCX);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TLB tracking): modelled - blocked in an epoch that no vCPU is
 * inside of any more [TDX module 1.5.01]
 */
bool tdx_is_tracked(const struct tdx_call *c, u64 bepoch)
{
	u64 epoch = tdcs_get(c, TDCS_EPOCH);

	if (bepoch >> 63)
		return false;
	if (bepoch + 1 < epoch)
		return true;
	return bepoch + 1 == epoch &&
	       !tdcs_get(c, TDCS_REFCOUNT0 + (bepoch & 1));
}

/* Before the TD can run nothing need be blocked. */
bool tdx_must_track(const struct tdx_call *c)
{
	return tdcs_get(c, TDCS_OP_STATE) == SIM_OP_RUNNABLE;
}

/* Blocked and tracked, if need be. */
u64 tdx_check_removable(struct tdx_call *c, const struct tdx_sept *s,
			u64 entry)
{
	if (!tdx_must_track(c))
		return TDX_RET(SUCCESS);
	if (!sept_is_blocked(s->raw))
		return tdx_sept_fail(c, SIM_TDX_GPA_RANGE_NOT_BLOCKED, s);
	if (!tdx_is_tracked(c, tdx_pamt_bepoch(c->t, entry)))
		return TDX_ERR(TLB_TRACKING_NOT_DONE, RCX);
	return TDX_RET(SUCCESS);
}

/* TDR in RDX, shared, of a TD that can have an S-EPT. */
u64 tdx_start_sept_leaf(struct tdx_call *c)
{
	u64 tdr = c->r->rdx, status;

	c->r->rcx = 0;
	c->r->rdx = 0;
	status = tdx_take_tdr(c, tdr, SIM_OPND_RDX, false);
	if (!status)
		status = tdx_check_state(c, OP_MASK_BUILT, true);
	return status;
}

/* ---- TDH.MEM.SEPT.* ---- */

/* Registers of the pages offered, for version 1. */
struct sept_add_pages {
	u64 in[1 + TDX_MAX_L2_VMS];
	u64 out[1 + TDX_MAX_L2_VMS];
};

#define NOT_USED	(1ull << 63)

static u64 sept_add_l1(struct tdx_call *c, const struct tdx_sept *s,
		       bool allow_existing, struct sept_add_pages *p,
		       struct tdx_page *page)
{
	/* Version 0 looks at the operand only if it needs the page. */
	if (c->version && p->in[0] == SIM_TDX_NULL_PA) {
		if (sept_is_free(s->raw))
			return tdx_sept_fail(c,
					SIM_TDX_EPT_ENTRY_STATE_INCORRECT, s);
		return TDX_RET(SUCCESS);
	}
	if (sept_is_free(s->raw))
		return tdx_explicit_page(c, p->in[0], SIM_OPND_R8, true,
					 SIM_PT_NDA, page);
	if (!allow_existing)
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_STATE_INCORRECT, s);
	p->out[0] |= NOT_USED;
	return TDX_RET(SUCCESS);
}

/* No TD here has L2 VMs, so no page for one can be offered. */
static u64 sept_add_l2(struct tdx_call *c, const struct sept_add_pages *p)
{
	u32 vm;

	if (!c->version)
		return TDX_RET(SUCCESS);
	for (vm = 1; vm <= TDX_MAX_L2_VMS; vm++)
		if (p->in[vm] != SIM_TDX_NULL_PA)
			return tdx_status(SIM_TDX_OPERAND_INVALID,
					  SIM_OPND_R8 + vm);
	return TDX_RET(SUCCESS);
}

static u64 sept_add(struct tdx_call *c, u64 rcx, u64 rdx,
		    struct sept_add_pages *p)
{
	struct tdx_page page;
	struct tdx_sept s;
	u64 status;

	if (rdx & ~(SEPT_ADDR | 1))
		return TDX_ERR(OPERAND_INVALID, RDX);
	status = tdx_take_tdr(c, rdx & SEPT_ADDR, SIM_OPND_RDX, false);
	if (!status)
		status = tdx_check_state(c, OP_MASK_BUILT, true);
	if (!status)
		status = tdx_sept_find(c, rcx, 1, tdx_top_level(c),
				       TDX_TREE_SHARED, &s);
	if (!status)
		status = tdx_sept_take(c, &s);
	if (status)
		return status;
	if (!sept_is_free(s.raw) &&
	    (!sept_is_table(s.raw) || sept_is_blocked(s.raw)))
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_STATE_INCORRECT, &s);
	status = sept_add_l1(c, &s, rdx & 1, p, &page);
	if (!status)
		status = sept_add_l2(c, p);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	if (p->out[0] & NOT_USED)
		return TDX_RET(SUCCESS);
	tdx_fill_page(c->t, c->key, page.pa, SEPT_FREE);
	/* FIDELITY(PAMT NDA -> EPT): modelled - SEPT.ADD; BEPOCH 0 [TDX module 1.5.01] */
	tdx_give_page(c, &page, SIM_PT_EPT);
	tdx_pamt_set_bepoch(c->t, page.entry, 0);
	/* FIDELITY(S-EPT FREE -> NL_MAPPED): modelled - SEPT.ADD [TDX module 1.5.01] */
	tdx_sept_write(c, &s, SEPT_SUPPRESS_VE | page.pa | SEPT_RWX);
	p->out[0] = SIM_TDX_NULL_PA;
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.MEM.SEPT.ADD): simplified - versions 0 and 1, no L2 VMs [TDX
 * module 1.5.01]
 */
u64 sim_tdh_mem_sept_add(struct tdx_call *c)
{
	struct sim_tdx_regs *r = c->r;
	struct sept_add_pages p = { .in = { r->r8, r->r9, r->r10, r->r11 } };
	u64 rcx = r->rcx, rdx = r->rdx, status;
	u32 i;

	r->rcx = 0;
	r->rdx = 0;
	if (c->version > 1)
		return TDX_ERR(OPERAND_INVALID, RAX);
	for (i = 0; i <= TDX_MAX_L2_VMS; i++) {
		if (p.in[i] != SIM_TDX_NULL_PA)
			p.in[i] &= ~NOT_USED;
		p.out[i] = p.in[i];
	}
	status = sept_add(c, rcx, rdx, &p);
	if (c->version && !c->t->dead) {
		r->r8 = p.out[0];
		r->r9 = p.out[1];
		r->r10 = p.out[2];
		r->r11 = p.out[3];
	}
	return status;
}

/*
 * FIDELITY(TDH.MEM.SEPT.RD): simplified - a debug TD has no L2 attributes, as
 * there are no L2 VMs [TDX module 1.5.01]
 */
u64 sim_tdh_mem_sept_rd(struct tdx_call *c)
{
	u64 rcx = c->r->rcx, rdx = c->r->rdx, status;
	struct tdx_sept s;

	c->r->rcx = 0;
	c->r->rdx = 0;
	if (rdx & ~(SEPT_ADDR | 1))
		return TDX_ERR(OPERAND_INVALID, RDX);
	status = tdx_take_tdr(c, rdx & SEPT_ADDR, SIM_OPND_RDX, false);
	if (!status)
		status = tdx_check_state(c, OP_MASK_BUILT, true);
	if (status)
		return status;
	if ((rdx & 1) && !(tdcs_get(c, TDCS_ATTRIBUTES) & ATTR_DEBUG))
		return TDX_ERR(OPERAND_INVALID, RDX);
	status = tdx_sept_find(c, rcx, 0, tdx_top_level(c), TDX_TREE_SHARED,
			       &s);
	if (!status)
		status = tdx_sept_take(c, &s);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	if (rdx & 1)
		c->r->r8 = 0;
	tdx_sept_details(c, s.raw, s.level);
	return TDX_RET(SUCCESS);
}

static bool table_is_free(const struct tdx_call *c, u64 table)
{
	u64 *page = sim_tdx_env_phys(c->t, table), chunk[16];
	u32 i, j;

	for (i = 0; page && i < TDX_WORDS; i += 16) {
		sim_open_words(c->key, table + 8 * i, chunk, page + i, 16);
		for (j = 0; j < 16; j++)
			if (!sept_is_free(chunk[j]))
				return false;
	}
	return page;
}

/*
 * FIDELITY(TDH.MEM.SEPT.REMOVE): simplified - versions 0 and 1, no L2 VMs
 * [TDX module 1.5.01]
 */
u64 sim_tdh_mem_sept_remove(struct tdx_call *c)
{
	u64 rcx = c->r->rcx, table, entry, status;
	struct tdx_sept s;

	if (c->version) {
		c->r->r9 = SIM_TDX_NULL_PA;
		c->r->r10 = SIM_TDX_NULL_PA;
		c->r->r11 = SIM_TDX_NULL_PA;
	}
	if (c->version > 1) {
		c->r->rcx = 0;
		c->r->rdx = 0;
		return TDX_ERR(OPERAND_INVALID, RAX);
	}
	status = tdx_start_sept_leaf(c);
	if (!status)
		status = tdx_sept_find(c, rcx, 1, tdx_top_level(c),
				       TDX_TREE_EXCLUSIVE, &s);
	if (!status)
		status = tdx_sept_take(c, &s);
	if (status)
		return status;
	if (!sept_is_table(s.raw))
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_STATE_INCORRECT, &s);
	table = s.raw & SEPT_ADDR;
	status = tdx_take_target(c, table, TDX_4K, &entry);
	if (!status)
		status = tdx_check_removable(c, &s, entry);
	if (status)
		return status;
	if (!table_is_free(c, table))
		return tdx_sept_fail(c, SIM_TDX_EPT_PAGE_NOT_FREE, &s);
	sim_tdx_env_yield(c->t);
	/* FIDELITY(S-EPT NL_MAPPED -> FREE): modelled - SEPT.REMOVE of an empty table, before the TD can run only [TDX module 1.5.01] */
	/* FIDELITY(S-EPT NL_BLOCKED -> FREE): modelled - SEPT.REMOVE of an empty table, tracked if the TD can run [TDX module 1.5.01] */
	tdx_sept_write(c, &s, SEPT_FREE);
	tdr_add(c, TDR_CHILDREN, -1);
	/* FIDELITY(PAMT EPT -> NDA): modelled - SEPT.REMOVE; owner and BEPOCH stay [TDX module 1.5.01] */
	tdx_pamt_set_type(c->t, entry, SIM_PT_NDA);
	c->r->rcx = table;
	return TDX_RET(SUCCESS);
}
