// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of a TD: given, taken back, blocked, merged and split.
 */
#include "tdx_internal.h"

static void copy_in(struct tdx_call *c, u64 pa, u64 source)
{
	u64 *to = sim_tdx_env_phys(c->t, pa);
	const u64 *from = sim_tdx_env_phys(c->t, source);
	u64 begin;

	if (!from) {
		/* Nothing answers there. */
		tdx_fill_page(c->t, c->key, pa, ~0ull);
		return;
	}
	if (!to)
		return;
	begin = sim_cost_begin();
	sim_seal_words(c->key, pa, to, from, TDX_WORDS);
	sim_cost_end(SIM_COST_COPY, begin);
	sim_tdx_env_sealed(c->t, pa, c->key);
}

/*
 * FIDELITY(TDH.MEM.PAGE.ADD): modelled - the source is read as the host wrote
 * it [TDX module 1.5.01]
 */
u64 sim_tdh_mem_page_add(struct tdx_call *c)
{
	u64 rcx = c->r->rcx, rdx = c->r->rdx, source = c->r->r9, status;
	struct tdx_page page;
	struct tdx_sept s;

	c->r->rcx = 0;
	c->r->rdx = 0;
	status = tdx_take_tdr(c, rdx, SIM_OPND_RDX, true);
	if (!status)
		status = tdx_check_state(c, OP_MASK(INITIALIZED), false);
	if (!status)
		status = tdx_sept_find(c, rcx, 0, 0, TDX_TREE_NONE, &s);
	if (status)
		return status;
	if (!sept_is_free(s.raw))
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_STATE_INCORRECT, &s);
	if (!tdx_shared_operand(c->t, &source, TDX_PAGE_SIZE))
		return TDX_ERR(OPERAND_INVALID, R9);
	status = tdx_explicit_page(c, c->r->r8, SIM_OPND_R8, true, SIM_PT_NDA,
				   &page);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	/* Nobody else can have it while the TDR is held exclusive. */
	if (s.raw & SEPT_LOCK)
		return tdx_shutdown(c);
	copy_in(c, page.pa, source);
	tdx_mrtd_page_add(c, s.gpa);
	/* FIDELITY(S-EPT FREE -> MAPPED): modelled - PAGE.ADD, before the TD can run [TDX module 1.5.01] */
	tdx_put(c->t, c->key, s.where, SEPT_SUPPRESS_VE | page.pa |
		SEPT_LEAF_ATTR | SEPT_RWX);
	/* FIDELITY(PAMT NDA -> REG): modelled - PAGE.ADD; BEPOCH 0 [TDX module 1.5.01] */
	tdx_give_page(c, &page, SIM_PT_REG);
	tdx_pamt_set_bepoch(c->t, page.entry, 0);
	return TDX_RET(SUCCESS);
}

/* All 512 smaller pages of a large one are free. */
static bool parts_are_free(struct tdx_call *c, const struct tdx_page *p)
{
	u64 first = tdx_pamt_entry(c->t, p->pa, p->size - 1);
	u32 i;

	for (i = 0; i < TDX_CHILDREN; i++)
		if (tdx_pamt_type(c->t, first + 16 * i) != SIM_PT_NDA)
			return false;
	return true;
}

static u64 take_free_2m(struct tdx_call *c, u64 pa, struct tdx_page *p)
{
	u64 status;

	if (!tdx_private_address(c->t, pa, tdx_size(TDX_2M)))
		return TDX_ERR(OPERAND_INVALID, R8);
	status = tdx_pamt_walk(c, pa, TDX_2M, true, SIM_OPND_R8, p);
	if (status)
		return status;
	if (p->size != TDX_2M ||
	    tdx_pamt_type(c->t, p->entry) != SIM_PT_NDA ||
	    !parts_are_free(c, p))
		return TDX_ERR(PAGE_METADATA_INCORRECT, R8);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.MEM.PAGE.AUG): modelled - contents are not touched, the guest
 * zeroes the page as it accepts it [TDX module 1.5.01]
 */
u64 sim_tdh_mem_page_aug(struct tdx_call *c)
{
	u64 rcx = c->r->rcx, status;
	struct tdx_page page;
	struct tdx_sept s;

	status = tdx_start_sept_leaf(c);
	if (!status)
		status = tdx_sept_find(c, rcx, 0, 1, TDX_TREE_SHARED, &s);
	if (!status)
		status = tdx_sept_take(c, &s);
	if (status)
		return status;
	if (!sept_is_free(s.raw))
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_STATE_INCORRECT, &s);
	if (s.level)
		status = take_free_2m(c, c->r->r8, &page);
	else
		status = tdx_explicit_page(c, c->r->r8, SIM_OPND_R8, true,
					   SIM_PT_NDA, &page);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	/* FIDELITY(S-EPT FREE -> PENDING): modelled - PAGE.AUG [TDX module 1.5.01] */
	tdx_sept_write(c, &s, SEPT_SUPPRESS_VE | SEPT_PENDING | page.pa |
		       SEPT_LEAF_ATTR);
	/* FIDELITY(PAMT NDA -> REG): modelled - PAGE.AUG of 4K or 2M; BEPOCH 0 [TDX module 1.5.01] */
	tdx_give_page(c, &page, SIM_PT_REG);
	tdx_pamt_set_bepoch(c->t, page.entry, 0);
	return TDX_RET(SUCCESS);
}

/* FIDELITY(TDH.MEM.PAGE.REMOVE): modelled - [TDX module 1.5.01] */
u64 sim_tdh_mem_page_remove(struct tdx_call *c)
{
	u64 rcx = c->r->rcx, status, pa, entry;
	struct tdx_sept s;

	status = tdx_start_sept_leaf(c);
	if (!status)
		status = tdx_sept_find(c, rcx, 0, 2, TDX_TREE_SHARED, &s);
	if (!status)
		status = tdx_sept_take(c, &s);
	if (status)
		return status;
	if (!sept_is_page(s.raw))
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_STATE_INCORRECT, &s);
	pa = sept_page(s.raw, s.level);
	status = tdx_take_target(c, pa, s.level, &entry);
	if (!status)
		status = tdx_check_removable(c, &s, entry);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	/* FIDELITY(S-EPT MAPPED, PENDING -> FREE): modelled - PAGE.REMOVE, before the TD can run only [TDX module 1.5.01] */
	/* FIDELITY(S-EPT BLOCKED, PENDING_BLOCKED -> FREE): modelled - PAGE.REMOVE, tracked if the TD can run [TDX module 1.5.01] */
	tdx_sept_write(c, &s, SEPT_FREE);
	tdr_add(c, TDR_CHILDREN, -(s64)(tdx_size(s.level) / TDX_PAGE_SIZE));
	/* FIDELITY(PAMT REG -> NDA): modelled - PAGE.REMOVE; owner and BEPOCH stay [TDX module 1.5.01] */
	tdx_pamt_set_type(c->t, entry, SIM_PT_NDA);
	c->r->rcx = pa;
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.MEM.RANGE.BLOCK): modelled - stamps the page's or the table's
 * PAMT entry without its lock [TDX module 1.5.01]
 */
u64 sim_tdh_mem_range_block(struct tdx_call *c)
{
	u64 rcx = c->r->rcx, status, raw, entry;
	struct tdx_sept s;

	status = tdx_start_sept_leaf(c);
	if (!status)
		status = tdx_sept_find(c, rcx, 0, tdx_top_level(c),
				       TDX_TREE_EXCLUSIVE, &s);
	if (!status)
		status = tdx_sept_take(c, &s);
	if (status)
		return status;
	if (sept_is_blocked(s.raw))
		return tdx_sept_fail(c, SIM_TDX_GPA_RANGE_ALREADY_BLOCKED, &s);
	if (sept_is_free(s.raw))
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_STATE_INCORRECT, &s);
	raw = sept_without_count(s.raw, s.level);
	entry = tdx_pamt_entry(c->t, raw & SEPT_ADDR,
			       sept_is_leaf(raw) ? s.level : TDX_4K);
	if (!entry)
		return tdx_shutdown(c);
	sim_tdx_env_yield(c->t);
	/* FIDELITY(S-EPT MAPPED -> BLOCKED; PENDING -> PENDING_BLOCKED): modelled - RANGE.BLOCK [TDX module 1.5.01] */
	/* FIDELITY(S-EPT NL_MAPPED -> NL_BLOCKED): modelled - RANGE.BLOCK, hides all that is below [TDX module 1.5.01] */
	tdx_sept_write(c, &s, (raw & ~SEPT_RWX) | SEPT_BLOCKED);
	tdx_pamt_set_bepoch(c->t, entry, tdcs_get(c, TDCS_EPOCH));
	return TDX_RET(SUCCESS);
}

/* FIDELITY(TDH.MEM.RANGE.UNBLOCK): modelled - [TDX module 1.5.01] */
u64 sim_tdh_mem_range_unblock(struct tdx_call *c)
{
	u64 rcx = c->r->rcx, status, raw, entry;
	struct tdx_sept s;

	status = tdx_start_sept_leaf(c);
	if (!status)
		status = tdx_sept_find(c, rcx, 0, tdx_top_level(c),
				       TDX_TREE_EXCLUSIVE, &s);
	if (!status)
		status = tdx_sept_take(c, &s);
	if (status)
		return status;
	if (!sept_is_blocked(s.raw))
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_STATE_INCORRECT, &s);
	raw = sept_without_count(s.raw, s.level);
	entry = tdx_pamt_entry(c->t, raw & SEPT_ADDR,
			       sept_is_leaf(raw) ? s.level : TDX_4K);
	if (!entry)
		return tdx_shutdown(c);
	if (tdx_must_track(c) &&
	    !tdx_is_tracked(c, tdx_pamt_bepoch(c->t, entry)))
		return c->t->cfg.version >= SIM_TDX_LATER ?
			TDX_ERR(TLB_TRACKING_NOT_DONE, RCX) :
			TDX_ERR(TLB_TRACKING_NOT_DONE, SEPT_TREE);
	sim_tdx_env_yield(c->t);
	/* FIDELITY(S-EPT BLOCKED -> MAPPED; PENDING_BLOCKED -> PENDING; NL_BLOCKED -> NL_MAPPED): modelled - RANGE.UNBLOCK, tracked if the TD can run [TDX module 1.5.01] */
	tdx_sept_write(c, &s, sept_unblock(raw));
	return TDX_RET(SUCCESS);
}

/* FIDELITY(TDH.MEM.TRACK): modelled - [TDX module 1.5.01] */
u64 sim_tdh_mem_track(struct tdx_call *c)
{
	u64 status, epoch;

	status = tdx_take_tdr(c, c->r->rcx, SIM_OPND_RCX, false);
	if (!status)
		status = tdx_check_state(c, OP_MASK_BUILT, true);
	if (status)
		return status;
	if (!tdx_acquire(c, SIM_LOCK_EPOCH, c->tdcs + 8 * TDCS_EPOCH_LOCK,
			 true))
		return TDX_ERR(OPERAND_BUSY, TD_EPOCH);
	sim_tdx_env_yield(c->t);
	epoch = tdcs_get(c, TDCS_EPOCH);
	if (tdcs_get(c, TDCS_REFCOUNT0 + ((epoch - 1) & 1)))
		return TDX_RET(PREVIOUS_TLB_EPOCH_BUSY);
	tdcs_set(c, TDCS_EPOCH, epoch + 1);
	return TDX_RET(SUCCESS);
}

/* ---- merge and split ---- */

static u64 large_entry_ex(struct tdx_call *c, u64 pa, u32 level, u64 *entry)
{
	*entry = tdx_pamt_entry(c->t, pa, level);
	if (!*entry)
		return tdx_shutdown(c);
	if (!tdx_acquire(c, SIM_LOCK_PAMT, *entry, true))
		return TDX_ERR(OPERAND_BUSY, RCX);
	return TDX_RET(SUCCESS);
}

/*
 * The 512 children of a table are locked one after the other, each looked at
 * right after.  Later modules hold the tree exclusive instead.
 */
static u64 take_children(struct tdx_call *c, const struct tdx_sept *s,
			 u64 table, u32 *locked, u64 *first)
{
	bool lock = c->t->cfg.version < SIM_TDX_LATER;
	u64 raw;
	u32 i;

	for (i = 0; i < TDX_CHILDREN; i++) {
		if (lock) {
			if (!tdx_acquire(c, SIM_LOCK_SEPT_ENTRY, table + 8 * i,
					 true))
				return tdx_sept_fail(c, SIM_TDX_OPERAND_BUSY,
						     s);
			/* Counted in *locked, not one by one. */
			c->nr_held--;
			++*locked;
		}
		raw = tdx_get(c->t, c->key, table + 8 * i) &
			~(SEPT_LOCK | SEPT_HP);
		raw = sept_without_count(raw, s->level - 1);
		if (!i) {
			if ((raw & SEPT_ADDR & (tdx_size(s->level) - 1)) ||
			    !sept_is_page(raw) || sept_is_blocked(raw))
				break;
			*first = raw;
		} else if (raw != *first + i * tdx_size(s->level - 1)) {
			break;
		}
	}
	if (i < TDX_CHILDREN)
		return tdx_sept_fail(c, SIM_TDX_EPT_INVALID_PROMOTE_CONDITIONS,
				     s);
	return TDX_RET(SUCCESS);
}

static u64 merge(struct tdx_call *c, const struct tdx_sept *s, u64 table,
		 u64 table_entry, u64 first)
{
	u64 pa = sept_page(first, s->level), large, part, status;
	u32 i;

	status = large_entry_ex(c, pa, s->level, &large);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	part = tdx_pamt_entry(c->t, pa, s->level - 1);
	tdx_pamt_set_owner(c->t, large, tdx_pamt_owner(c->t, part));
	/* FIDELITY(PAMT 512 x 4K REG -> 2M REG): modelled - PAGE.PROMOTE; BEPOCH is that of its last life [TDX module 1.5.01] */
	for (i = 0; i < TDX_CHILDREN; i++)
		tdx_pamt_set_type(c->t, part + 16 * i, SIM_PT_NDA);
	tdx_pamt_set_type(c->t, large, SIM_PT_REG);
	/* FIDELITY(PAMT EPT -> NDA): modelled - PAGE.PROMOTE; owner stays [TDX module 1.5.01] */
	tdx_pamt_set_type(c->t, table_entry, SIM_PT_NDA);
	tdr_add(c, TDR_CHILDREN, -1);
	/* FIDELITY(S-EPT NL_MAPPED -> MAPPED, PENDING): modelled - PAGE.PROMOTE, before the TD can run only [TDX module 1.5.01] */
	/* FIDELITY(S-EPT NL_BLOCKED -> MAPPED, PENDING): modelled - PAGE.PROMOTE, as the 512 children are; tracked if the TD can run [TDX module 1.5.01] */
	tdx_sept_write(c, s, first);
	c->r->rcx = table;
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.MEM.PAGE.PROMOTE): simplified - versions 0 and 1, no L2 VMs;
 * merging to 1G was never measured [TDX module 1.5.01]
 */
u64 sim_tdh_mem_page_promote(struct tdx_call *c)
{
	u64 rcx = c->r->rcx, rdx = c->r->rdx, status, table, entry, first = 0;
	struct tdx_sept s;
	u32 locked = 0;

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
		status = tdx_sept_find(c, rcx, 1, 2,
				       c->t->cfg.version >= SIM_TDX_LATER ?
				       TDX_TREE_EXCLUSIVE : TDX_TREE_SHARED,
				       &s);
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
	status = take_children(c, &s, table, &locked, &first);
	if (!status && sim_tdx_env_interrupt(c->t)) {
		c->r->rcx = rcx;
		c->r->rdx = rdx;
		status = TDX_RET(INTERRUPTED_RESTARTABLE);
	}
	if (!status)
		status = merge(c, &s, table, entry, first);
	/* After success the table is the host's, with all its locks. */
	while (status && locked)
		tdx_sept_release(c->t, c->key, table + 8 * --locked);
	return status;
}

/* The new table, before anything is decided. */
static void write_split_table(struct tdx_call *c, const struct tdx_sept *s,
			      u64 table)
{
	u64 *page = sim_tdx_env_phys(c->t, table), raw;
	u32 i;

	if (!page)
		return;
	raw = sept_is_blocked(s->raw) ? sept_unblock(s->raw) : s->raw;
	for (i = 0; i < TDX_CHILDREN; i++)
		page[i] = raw + i * tdx_size(s->level - 1);
	sim_seal_words(c->key, table, page, page, TDX_WORDS);
	sim_tdx_env_sealed(c->t, table, c->key);
}

static u64 split(struct tdx_call *c, const struct tdx_sept *s,
		 const struct tdx_page *table)
{
	u64 pa = sept_page(s->raw, s->level), large, part, status;
	u32 i;

	status = large_entry_ex(c, pa, s->level, &large);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	part = tdx_pamt_entry(c->t, pa, s->level - 1);
	/* FIDELITY(PAMT 2M REG -> 512 x 4K REG): modelled - PAGE.DEMOTE; BEPOCH 0 [TDX module 1.5.01] */
	tdx_pamt_set_type(c->t, large, SIM_PT_NDA);
	for (i = 0; i < TDX_CHILDREN; i++) {
		tdx_pamt_set_type(c->t, part + 16 * i, SIM_PT_REG);
		tdx_pamt_set_owner(c->t, part + 16 * i, c->tdr);
		tdx_pamt_set_bepoch(c->t, part + 16 * i, 0);
	}
	/* FIDELITY(PAMT NDA -> EPT): modelled - PAGE.DEMOTE; BEPOCH stays [TDX module 1.5.01] */
	tdx_give_page(c, table, SIM_PT_EPT);
	/* FIDELITY(S-EPT MAPPED, PENDING -> NL_MAPPED): modelled - PAGE.DEMOTE, before the TD can run only [TDX module 1.5.01] */
	/* FIDELITY(S-EPT BLOCKED, PENDING_BLOCKED -> NL_MAPPED): modelled - PAGE.DEMOTE into 512 pages that are not blocked; tracked if the TD can run [TDX module 1.5.01] */
	tdx_sept_write(c, s, SEPT_SUPPRESS_VE | table->pa | SEPT_RWX);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.MEM.PAGE.DEMOTE): simplified - no L2 VMs; splitting 1G was
 * never measured [TDX module 1.5.01]
 */
u64 sim_tdh_mem_page_demote(struct tdx_call *c)
{
	u64 rcx = c->r->rcx, rdx = c->r->rdx, status, entry;
	struct tdx_page table;
	struct tdx_sept s;

	c->r->rcx = 0;
	c->r->rdx = 0;
	if (rdx & ~(SEPT_ADDR | 1))
		return TDX_ERR(OPERAND_INVALID, RDX);
	status = tdx_take_tdr(c, rdx & SEPT_ADDR, SIM_OPND_RDX, false);
	if (!status)
		status = tdx_check_state(c, OP_MASK_BUILT, true);
	if (!status)
		status = tdx_sept_find(c, rcx, 1, 2, TDX_TREE_SHARED, &s);
	if (!status)
		status = tdx_sept_take(c, &s);
	if (status)
		return status;
	if (!sept_is_page(s.raw))
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_STATE_INCORRECT, &s);
	entry = tdx_pamt_entry(c->t, sept_page(s.raw, s.level), s.level);
	if (!entry)
		return tdx_shutdown(c);
	status = tdx_check_removable(c, &s, entry);
	/* What is said about an entry shows how far acceptance came. */
	s.raw = sept_without_count(s.raw, s.level);
	if (!status)
		status = tdx_explicit_page(c, c->r->r8, SIM_OPND_R8, true,
					   SIM_PT_NDA, &table);
	if (status)
		return status;
	write_split_table(c, &s, table.pa);
	if (sim_tdx_env_interrupt(c->t)) {
		c->r->rcx = rcx;
		c->r->rdx = rdx;
		return TDX_RET(INTERRUPTED_RESTARTABLE);
	}
	return split(c, &s, &table);
}
