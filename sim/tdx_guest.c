// SPDX-License-Identifier: GPL-2.0
/*
 * What a TD does with its private memory.
 */
#include "tdx_internal.h"

/* Looks at a TD from inside: no host lock is taken. */
static bool enter_td(struct sim_tdx *t, struct tdx_call *c, u64 tdr)
{
	u64 entry = tdx_pamt_entry(t, tdr, TDX_4K), state;

	tdx_call_begin(c, t);
	c->tdr = tdr;
	if ((tdr & (TDX_PAGE_SIZE - 1)) || !entry ||
	    tdx_pamt_type(t, entry) != SIM_PT_TDR ||
	    tdr_get(c, TDR_NUM_TDCX) < TDX_MIN_TDCS)
		return false;
	/* Whoever is inside is not asked, as long as the key is there. */
	state = tdr_get(c, TDR_LIFECYCLE);
	if (state != SIM_TD_KEYS_CONFIGURED && state != SIM_TD_BLOCKED)
		return false;
	tdx_map_tdcs(c);
	return tdcs_get(c, TDCS_OP_STATE) != SIM_OP_UNINITIALIZED;
}

/* Zero the page, 4 KiB at a time; true: an interrupt came. */
static bool accept_pages(struct tdx_call *c, u64 *raw, u32 level)
{
	for (;;) {
		tdx_fill_page(c->t, c->key, *raw & SEPT_ADDR, 0);
		if (!level)
			return false;
		if ((*raw & SEPT_ACCEPT_COUNT) == SEPT_ACCEPT_COUNT) {
			*raw &= ~SEPT_ACCEPT_COUNT;
			return false;
		}
		*raw += TDX_PAGE_SIZE;
		if (sim_tdx_env_interrupt(c->t))
			return true;
	}
}

/*
 * FIDELITY(TDG.MEM.PAGE.ACCEPT): modelled - 4K and 2M, the entry's guest lock,
 * the count of an acceptance cut short; no L2 VMs [TDX module 1.5.01]
 */
u64 sim_tdx_accept(struct sim_tdx *t, u64 tdr, u64 rcx, bool *interrupted)
{
	struct tdx_sept s;
	struct tdx_call c __uninitialized;
	bool cut = false;
	u64 status, raw;

	if (interrupted)
		*interrupted = false;
	if (!enter_td(t, &c, tdr) || !tdx_level_and_gpa(rcx, 0, 1, &s) ||
	    !tdx_is_private_gpa(&c, s.gpa))
		return TDX_ERR(OPERAND_INVALID, RCX);
	if (!tdx_sept_walk(&c, &s))
		return sept_is_mapped_page(s.raw) ?
			tdx_status(SIM_TDX_PAGE_ALREADY_ACCEPTED, s.level) :
			SIM_TDX_EXIT_EPT_VIOLATION;
	if (!tdx_sept_acquire_guest(t, c.key, s.where, &status))
		return status;
	raw = s.raw;
	if (sept_is_table(raw)) {
		status = tdx_status(SIM_TDX_PAGE_SIZE_MISMATCH, s.level);
	} else if (sept_is_mapped_page(raw)) {
		status = tdx_status(SIM_TDX_PAGE_ALREADY_ACCEPTED, s.level);
	} else if (!sept_is_pending(raw) || sept_is_blocked(raw)) {
		status = SIM_TDX_EXIT_EPT_VIOLATION;
	} else {
		cut = accept_pages(&c, &raw, s.level);
		/* FIDELITY(S-EPT PENDING -> MAPPED): modelled - the guest's ACCEPT, all of the page [TDX module 1.5.01] */
		if (!cut)
			raw = (raw & ~SEPT_PENDING) | SEPT_RWX;
		tdx_put(t, c.key, s.where, raw | SEPT_LOCK);
	}
	tdx_sept_release(t, c.key, s.where);
	if (interrupted)
		*interrupted = cut;
	return status;
}

/*
 * FIDELITY(guest access): simplified - walks the S-EPT each time, there is no
 * TLB; pending, blocked and missing pages are EPT violations [Intel SDM]
 */
static u8 *find_private(struct tdx_call *c, struct sim_tdx *t, u64 tdr,
			u64 gpa, u32 len, u64 *pa)
{
	struct tdx_sept s = { .gpa = gpa };

	if (!len || (gpa & (TDX_PAGE_SIZE - 1)) + len > TDX_PAGE_SIZE ||
	    gpa >> 52 || !enter_td(t, c, tdr) || !tdx_is_private_gpa(c, gpa))
		return NULL;
	tdx_sept_walk(c, &s);
	if (!sept_is_mapped_page(s.raw))
		return NULL;
	*pa = (s.raw & SEPT_ADDR) + (gpa & (tdx_size(s.level) - 1));
	return sim_tdx_env_phys(t, *pa);
}

bool sim_tdx_guest_read(struct sim_tdx *t, u64 tdr, u64 gpa, void *buf,
			u32 len)
{
	struct tdx_call c __uninitialized;
	u8 *out = buf, *page;
	u64 word, pa;
	u32 n, off;

	page = find_private(&c, t, tdr, gpa, len, &pa);
	if (!page)
		return false;
	if (!((pa | len | (unsigned long)out) & 7)) {
		sim_open_words(c.key, pa, buf, (u64 *)(page + (pa & (TDX_PAGE_SIZE - 1))),
			       len / 8);
		return true;
	}
	for (; len; len -= n, pa += n, out += n) {
		off = pa & 7;
		n = 8 - off < len ? 8 - off : len;
		word = tdx_get(t, c.key, pa);
		memcpy(out, (u8 *)&word + off, n);
	}
	return true;
}

bool sim_tdx_guest_write(struct sim_tdx *t, u64 tdr, u64 gpa, const void *buf,
			 u32 len)
{
	const u8 *in = buf;
	struct tdx_call c __uninitialized;
	u64 word, pa;
	u32 n, off;

	if (!find_private(&c, t, tdr, gpa, len, &pa))
		return false;
	for (; len; len -= n, pa += n, in += n) {
		off = pa & 7;
		n = 8 - off < len ? 8 - off : len;
		word = tdx_get(t, c.key, pa);
		memcpy((u8 *)&word + off, in, n);
		tdx_put(t, c.key, pa, word);
	}
	return true;
}
