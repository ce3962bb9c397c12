// SPDX-License-Identifier: GPL-2.0
/*
 * The module's locks and the memory that they, and everything else, are in.
 *
 * Every lock is a try-lock; whoever cannot get one gives up at once.
 */
#include "tdx_internal.h"

void tdx_put(struct sim_tdx *t, const u64 *key, u64 pa, u64 value)
{
	u64 *w = tdx_word_at(t, pa);

	if (w)
		*w = sim_seal_word(key, sim_tweak(key, pa & ~7ull), value);
}

void tdx_fill_page(struct sim_tdx *t, const u64 *key, u64 pa, u64 value)
{
	u64 *page;
	u32 i;

	pa &= ~(TDX_PAGE_SIZE - 1);
	if (sim_tdx_env_fill(t, pa, key, value))
		return;
	page = sim_tdx_env_phys(t, pa);
	if (!page)
		return;
	for (i = 0; i < TDX_WORDS; i++)
		page[i] = value;
	sim_seal_words(key, pa, page, page, TDX_WORDS);
	sim_tdx_env_sealed(t, pa, key);
}

/*
 * FIDELITY(shared operands): modelled - aligned, no private HKID, outside of
 * the SEAM range; the key is then dropped [TDX module 1.5.01]
 */
bool tdx_shared_operand(const struct sim_tdx *t, u64 *pa, u64 align)
{
	u32 shift = t->cfg.maxpa - t->cfg.hkid_bits;
	u64 hkid = *pa >> shift;

	if ((*pa & (align - 1)) || *pa >> t->cfg.maxpa ||
	    hkid >= t->cfg.private_min)
		return false;
	*pa &= (1ull << shift) - 1;
	return *pa < t->cfg.seamrr.start || *pa >= t->cfg.seamrr.end;
}

/*
 * FIDELITY(module shutdown): modelled - this and every later SEAMCALL fails as
 * VMfailInvalid [TDX module 1.5.01]
 */
u64 tdx_shutdown(struct tdx_call *c)
{
	c->t->dead = true;
	c->t->sys_state = SIM_SYS_SHUTDOWN;
	return SIM_TDX_VMFAIL_INVALID;
}

/*
 * A lock word: bit 0 exclusive, then the host-priority bit if the lock has
 * one, then the number of readers.  A reader that loses leaves its count
 * behind, the writer's release wipes it out.
 */
#define LOCK_EXCLUSIVE	1u
#define LOCK_HP		2u

static u32 lock_hp_bit(const struct sim_tdx *t, enum sim_tdx_lock_kind kind)
{
	switch (kind) {
	case SIM_LOCK_PAMT:
	case SIM_LOCK_OP_STATE:
		return LOCK_HP;
	case SIM_LOCK_TREE:
		return t->cfg.version >= SIM_TDX_LATER ? LOCK_HP : 0;
	default:
		return 0;
	}
}

static bool try_lock(u16 *word, u32 hp, bool exclusive)
{
	u32 reader = hp ? 4 : 2;

	if (exclusive) {
		if (*word & ~hp) {
			*word |= hp;
			return false;
		}
		*word = LOCK_EXCLUSIVE;
		return true;
	}
	*word += reader;
	if (*word & LOCK_EXCLUSIVE) {
		*word |= hp;
		return false;
	}
	*word &= ~hp;
	return true;
}

static void unlock(u16 *word, u32 hp, bool exclusive)
{
	if (exclusive)
		*word &= hp;
	else
		*word -= hp ? 4 : 2;
}

/* The word of a lock that lies in plain text; NULL: it is in the TDCS. */
u16 *tdx_lock_word(struct sim_tdx *t, enum sim_tdx_lock_kind kind, u64 where)
{
	switch (kind) {
	case SIM_LOCK_PAMT:
		return (u16 *)tdx_pamt_ptr(t, where);
	case SIM_LOCK_KOT:
		return &t->kot_lock;
	case SIM_LOCK_WBT:
		return &t->wbt[where].lock;
	case SIM_LOCK_SYS:
		return &t->sys_lock;
	default:
		return NULL;
	}
}

/*
 * FIDELITY(S-EPT entry lock): modelled - a host call that loses makes the
 * guest lose until a host call has won [TDX module 1.5.01]
 */
static bool sept_acquire_host(struct sim_tdx *t, const u64 *key, u64 where)
{
	u64 raw = tdx_get(t, key, where);
	bool good = !(raw & SEPT_LOCK);

	tdx_put(t, key, where, good ? (raw | SEPT_LOCK) & ~SEPT_HP :
				      raw | SEPT_HP);
	return good;
}

bool tdx_sept_acquire_guest(struct sim_tdx *t, const u64 *key, u64 where,
			    u64 *status)
{
	u64 raw = tdx_get(t, key, where);

	*status = TDX_RET(SUCCESS);
	if (raw & SEPT_LOCK)
		*status = TDX_ERR(OPERAND_BUSY, RCX);
	else if (raw & SEPT_HP)
		*status = TDX_ERR(OPERAND_BUSY_HOST_PRIORITY, RCX);
	else
		tdx_put(t, key, where, raw | SEPT_LOCK);
	return !*status;
}

void tdx_sept_release(struct sim_tdx *t, const u64 *key, u64 where)
{
	tdx_put(t, key, where, tdx_get(t, key, where) & ~SEPT_LOCK);
}

static void hold(struct tdx_call *c, enum sim_tdx_lock_kind kind, u64 where,
		 u16 *word, bool exclusive)
{
	struct tdx_held *h = &c->held[c->nr_held++];

	h->kind = kind;
	h->where = where;
	h->word = word;
	h->exclusive = exclusive;
}

/*
 * FIDELITY(module locks): modelled - try-locks held over the call, host
 * priority of PAMT, op_state and S-EPT entries, in later modules of the tree as
 * well; those also return INTERRUPTED_BUSY from long calls, which is not
 * simulated [TDX module 1.5.01]
 */
/*
 * FIDELITY(SEAMCALLs at the same time): simplified - in the kernel the gate makes
 * one after the other, so that two CPUs meet in the module only where a test has
 * it yield in the middle of each call; while a TD runs, VP.ENTER's locks are held
 * and the gate is open [policy]
 */
bool tdx_acquire(struct tdx_call *c, enum sim_tdx_lock_kind kind, u64 where,
		 bool exclusive)
{
	u32 hp = lock_hp_bit(c->t, kind);
	u16 *word = NULL, value;
	bool good;

	if (kind == SIM_LOCK_SEPT_ENTRY) {
		good = sept_acquire_host(c->t, c->key, where);
	} else if ((word = tdx_lock_word(c->t, kind, where))) {
		good = try_lock(word, hp, exclusive);
	} else {
		value = tdx_get(c->t, c->key, where);
		good = try_lock(&value, hp, exclusive);
		tdx_put(c->t, c->key, where, value);
	}
	if (good)
		hold(c, kind, where, word, exclusive);
	return good;
}

/*
 * A PAMT walk that ends early, at a large page, holds that entry shared and
 * needs it exclusive.
 */
static bool make_exclusive(struct tdx_call *c)
{
	struct tdx_held *h = &c->held[c->nr_held - 1];

	unlock(h->word, LOCK_HP, false);
	h->exclusive = try_lock(h->word, LOCK_HP, true);
	if (!h->exclusive)
		*h->word += 4;
	return h->exclusive;
}

static void release_one(struct tdx_call *c, const struct tdx_held *h)
{
	u32 hp;
	u16 value;

	if (h->kind == SIM_LOCK_SEPT_ENTRY) {
		tdx_sept_release(c->t, c->key, h->where);
		return;
	}
	hp = lock_hp_bit(c->t, h->kind);
	if (h->word) {
		unlock(h->word, hp, h->exclusive);
	} else {
		value = tdx_get(c->t, c->key, h->where);
		unlock(&value, hp, h->exclusive);
		tdx_put(c->t, c->key, h->where, value);
	}
}

/* Drop the last lock of a kind before the call ends. */
void tdx_release(struct tdx_call *c, enum sim_tdx_lock_kind kind)
{
	u32 i = c->nr_held;

	while (i--) {
		if (c->held[i].kind != kind)
			continue;
		release_one(c, &c->held[i]);
		memmove(&c->held[i], &c->held[i + 1],
			(--c->nr_held - i) * sizeof(c->held[0]));
		return;
	}
}

void tdx_release_all(struct tdx_call *c)
{
	const struct tdx_held *h;

	while (c->nr_held) {
		h = &c->held[--c->nr_held];
		if (h->kind == SIM_LOCK_PAMT)
			unlock(h->word, LOCK_HP, h->exclusive);
		else
			release_one(c, h);
	}
}

/* ---- PAMT ---- */

static const struct sim_tdmr *find_tdmr(const struct sim_tdx *t, u64 pa)
{
	const struct sim_tdmr *m = t->cfg.tdmr;
	u32 i;

	for (i = 0; i < t->cfg.nr_tdmrs; i++, m++)
		if (pa >= m->base && pa - m->base < m->initialised)
			return m;
	return NULL;
}

static u64 entry_in(const struct sim_tdmr *m, u64 pa, u32 size)
{
	u64 base = size == TDX_4K ? m->pamt_4k :
		   size == TDX_2M ? m->pamt_2m : m->pamt_1g;

	/* tdx_size() is a power of two, which the compiler can't see. */
	return base + ((pa - m->base) >> (12 + 9 * size)) * 16;
}

/* Address of the PAMT entry of a page, 0: there is none. */
u64 tdx_pamt_entry(const struct sim_tdx *t, u64 pa, u32 size)
{
	const struct sim_tdmr *m = find_tdmr(t, pa);

	return m ? entry_in(m, pa, size) : 0;
}

u64 *tdx_pamt_ptr(struct sim_tdx *t, u64 entry)
{
	u8 *page = sim_tdx_env_phys(t, entry);

	if (!page) {
		/* PAMT memory that is none: nothing can be right any more. */
		t->dead = true;
		return t->nowhere;
	}
	return (u64 *)(page + (entry & (TDX_PAGE_SIZE - 16)));
}

/* Entries of pages in [from, to) of a TDMR that are no memory. */
static void mark_reserved(struct sim_tdx *t, const struct sim_tdmr *m, u64 from,
			  u64 to)
{
	u64 pa, end;
	u32 i;

	for (i = 0; i < m->nr_reserved; i++) {
		pa = m->reserved[i].start > from ? m->reserved[i].start : from;
		end = m->reserved[i].end < to ? m->reserved[i].end : to;
		for (; pa < end; pa += TDX_PAGE_SIZE)
			tdx_pamt_set_type(t, entry_in(m, pa, TDX_4K),
					  SIM_PT_RSVD);
	}
}

void tdx_pamt_mark_reserved(struct sim_tdx *t)
{
	const struct sim_tdmr *m = t->cfg.tdmr;
	u32 i;

	for (i = 0; i < t->cfg.nr_tdmrs; i++, m++)
		mark_reserved(t, m, m->base, m->base + m->initialised);
}

/* Make the entries of [from, to) of a TDMR new: free, or reserved. */
void tdx_pamt_init(struct sim_tdx *t, const struct sim_tdmr *m, u64 from, u64 to)
{
	u32 size;
	u64 pa;

	for (size = TDX_4K; size <= TDX_1G; size++)
		for (pa = from; pa < to; pa += tdx_size(size))
			if (!(pa & (tdx_size(size) - 1)))
				memset(tdx_pamt_ptr(t, entry_in(m, pa, size)),
				       0, 16);
	mark_reserved(t, m, from, to);
}

bool tdx_private_address(const struct sim_tdx *t, u64 pa, u64 align)
{
	return !(pa & (align - 1)) &&
	       !(pa >> (t->cfg.maxpa - t->cfg.hkid_bits));
}

/*
 * FIDELITY(PAMT walk): modelled - from 1G downwards, ends at a page in use by
 * a guest or at the size asked for [TDX module 1.5.01]
 */
static u64 pamt_walk(struct tdx_call *c, u64 pa, u32 size, bool exclusive,
		     u32 operand, struct tdx_page *p, u32 *type)
{
	const struct sim_tdmr *m = find_tdmr(c->t, pa);
	bool last;
	u64 *e;

	if (!m)
		return tdx_status(SIM_TDX_OPERAND_ADDR_RANGE_ERROR, operand);
	p->pa = pa;
	for (p->size = TDX_1G; ; p->size--) {
		last = p->size == size;
		p->entry = entry_in(m, pa, p->size);
		e = tdx_pamt_ptr(c->t, p->entry);
		if (!try_lock((u16 *)e, LOCK_HP, last && exclusive))
			return tdx_status(SIM_TDX_OPERAND_BUSY, operand);
		hold(c, SIM_LOCK_PAMT, p->entry, (u16 *)e, last && exclusive);
		*type = e[0] >> 16 & 0xff;
		if (last)
			return TDX_RET(SUCCESS);
		if (*type != SIM_PT_REG)
			continue;
		if (exclusive && !make_exclusive(c))
			return tdx_status(SIM_TDX_OPERAND_BUSY, operand);
		return TDX_RET(SUCCESS);
	}
}

u64 tdx_pamt_walk(struct tdx_call *c, u64 pa, u32 size, bool exclusive,
		  u32 operand, struct tdx_page *p)
{
	u32 type;

	return pamt_walk(c, pa, size, exclusive, operand, p, &type);
}

/* A 4 KiB page that an operand names must be private and of a type. */
u64 tdx_explicit_page(struct tdx_call *c, u64 pa, u32 operand, bool exclusive,
		      enum sim_tdx_page_type type, struct tdx_page *p)
{
	u32 found = SIM_PT_NDA;
	u64 status;

	if (!tdx_private_address(c->t, pa, TDX_PAGE_SIZE))
		return tdx_status(SIM_TDX_OPERAND_INVALID, operand);
	status = pamt_walk(c, pa, TDX_4K, exclusive, operand, p, &found);
	if (status)
		return status;
	if (p->size != TDX_4K || found != type)
		return tdx_status(SIM_TDX_PAGE_METADATA_INCORRECT, operand);
	return TDX_RET(SUCCESS);
}
