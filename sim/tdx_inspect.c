// SPDX-License-Identifier: GPL-2.0
/*
 * Views for tests and oracles, and locks held as another processor would.
 */
#include "tdx_internal.h"

static bool look_at(struct sim_tdx *t, struct tdx_call *c, u64 tdr)
{
	u64 entry = tdx_pamt_entry(t, tdr, TDX_4K);

	tdx_call_begin(c, t);
	c->tdr = tdr;
	c->lp = sim_tdx_env_lp(t, &c->package);
	if ((tdr & (TDX_PAGE_SIZE - 1)) || !entry ||
	    tdx_pamt_type(t, entry) != SIM_PT_TDR)
		return false;
	tdx_map_tdcs(c);
	return true;
}

/* Is the TDCS there, and its key still in place? */
static bool has_tdcs(const struct tdx_call *c)
{
	return c->num_tdcx >= TDX_MIN_TDCS &&
	       (c->lifecycle != SIM_TD_TEARDOWN ||
		c->t->kot[c->hkid].state == SIM_HKID_FREE);
}

int sim_tdx_td_lifecycle(struct sim_tdx *t, u64 tdr)
{
	struct tdx_call c __uninitialized;

	return look_at(t, &c, tdr) ? (int)c.lifecycle : -1;
}

bool sim_tdx_td_info(struct sim_tdx *t, u64 tdr, struct sim_tdx_td_info *info)
{
	struct tdx_call c __uninitialized;
	u64 word;
	u32 i;

	if (!look_at(t, &c, tdr))
		return false;
	memset(info, 0, sizeof(*info));
	info->lifecycle = c.lifecycle;
	info->fatal = c.fatal;
	info->hkid = c.hkid;
	info->pkg_bitmap = tdr_get(&c, TDR_PACKAGES);
	info->num_tdcx = c.num_tdcx;
	info->children = tdr_get(&c, TDR_CHILDREN);
	info->hkid_state = t->kot[c.hkid].state;
	info->wbinvd = t->kot[c.hkid].wbinvd;
	info->has_tdcs = has_tdcs(&c);
	if (!info->has_tdcs)
		return true;
	info->op_state = tdcs_get(&c, TDCS_OP_STATE);
	info->epoch = tdcs_get(&c, TDCS_EPOCH);
	info->refcount[0] = tdcs_get(&c, TDCS_REFCOUNT0);
	info->refcount[1] = tdcs_get(&c, TDCS_REFCOUNT1);
	info->num_vcpus = tdcs_get(&c, TDCS_NUM_VCPUS);
	info->num_assoc_vcpus = tdcs_get(&c, TDCS_NUM_ASSOC);
	info->op_state_lock = tdcs_get(&c, TDCS_OP_STATE_LOCK);
	info->sept_lock = tdcs_get(&c, TDCS_SEPT_LOCK);
	info->attributes = tdcs_get(&c, TDCS_ATTRIBUTES);
	info->gpaw = tdcs_get(&c, TDCS_GPAW);
	info->eptp = tdcs_get(&c, TDCS_EPTP);
	for (i = 0; i < 6; i++) {
		word = tdcs_get(&c, TDCS_MRTD + i);
		memcpy(info->mrtd + 8 * i, &word, 8);
	}
	return true;
}

bool sim_tdx_page_info(struct sim_tdx *t, u64 pa, int size,
		       struct sim_tdx_page_info *info)
{
	u32 s = size < 0 ? TDX_1G : size;
	u64 entry = s > TDX_1G ? 0 : tdx_pamt_entry(t, pa, s);

	if (!entry)
		return false;
	while (size < 0 && s && tdx_pamt_type(t, entry) != SIM_PT_REG)
		entry = tdx_pamt_entry(t, pa, --s);
	info->size = s;
	info->type = tdx_pamt_type(t, entry);
	info->owner = tdx_pamt_owner(t, entry);
	info->bepoch = tdx_pamt_bepoch(t, entry);
	info->lock = *tdx_pamt_ptr(t, entry) & 0xffff;
	return true;
}

static bool in_use(u32 type)
{
	return type != SIM_PT_NDA && type != SIM_PT_RSVD;
}

static u64 *touched_word(struct sim_tdx *t, u64 entry, u64 *bit)
{
	u64 page = entry / TDX_PAGE_SIZE;

	*bit = 1ull << (page % 64);
	return page < t->pamt_touched_end ? &t->pamt_touched[page / 64] : NULL;
}

/* Is a large page in use that begins at @pa? */
static bool large_in_use(struct sim_tdx *t, u64 pa, struct sim_tdx_page_info *info)
{
	u32 size;

	for (size = TDX_2M; size <= TDX_1G; size++) {
		if (pa & (tdx_size(size) - 1))
			break;
		if (in_use(tdx_pamt_type(t, tdx_pamt_entry(t, pa, size))))
			return sim_tdx_page_info(t, pa, size, info);
	}
	return false;
}

/*
 * Entries of one page of the PAMT, from that of @pa on, up to @end.
 *
 * Return: true if a page in use was found at @pa.
 */
static bool next_in_chunk(struct sim_tdx *t, u64 *pa, u64 end,
			  struct sim_tdx_page_info *info)
{
	u64 *e = tdx_pamt_ptr(t, tdx_pamt_entry(t, *pa, TDX_4K));

	for (; *pa < end && !t->dead; *pa += TDX_PAGE_SIZE, e += 2) {
		if (in_use(e[0] >> 16 & 0xff))
			return sim_tdx_page_info(t, *pa, TDX_4K, info);
		if (large_in_use(t, *pa, info))
			return true;
	}
	return false;
}

/* No entry for 4 KiB is in use from @pa up to @end: is a larger one? */
static bool next_large(struct sim_tdx *t, u64 *pa, u64 end, struct sim_tdx_page_info *info)
{
	u64 at = (*pa + tdx_size(TDX_2M) - 1) & ~(tdx_size(TDX_2M) - 1);

	for (; at < end && !t->dead; at += tdx_size(TDX_2M)) {
		*pa = at;
		if (large_in_use(t, at, info))
			return true;
	}
	*pa = end;
	return false;
}

static bool next_in_tdmr(struct sim_tdx *t, const struct sim_tdmr *m, u64 *pa,
			 struct sim_tdx_page_info *info, bool touched)
{
	u64 end = m->base + m->initialised, next, entry, begin, *word, bit;

	if (*pa < m->base)
		*pa = m->base;
	while (*pa < end && !t->dead) {
		/* As far as this page of the PAMT goes */
		begin = *pa;
		entry = tdx_pamt_entry(t, begin, TDX_4K);
		next = begin + (TDX_PAGE_SIZE - entry % TDX_PAGE_SIZE) / 16 * TDX_PAGE_SIZE;
		if (next > end)
			next = end;
		word = touched ? touched_word(t, entry, &bit) : NULL;
		if (word && !(*word & bit)) {
			if (next_large(t, pa, next, info))
				return !t->dead;
			continue;
		}
		if (next_in_chunk(t, pa, next, info))
			return !t->dead;
		/* Large entries are elsewhere, and looked at in any case. */
		if (word && !(entry % TDX_PAGE_SIZE))
			*word &= ~bit;
	}
	return false;
}

static bool next_page(struct sim_tdx *t, u64 *pa, struct sim_tdx_page_info *info, bool touched)
{
	u32 i;

	*pa &= ~(TDX_PAGE_SIZE - 1);
	for (i = 0; i < t->cfg.nr_tdmrs; i++)
		if (*pa < t->cfg.tdmr[i].base + t->cfg.tdmr[i].initialised &&
		    next_in_tdmr(t, &t->cfg.tdmr[i], pa, info, touched))
			return true;
	return false;
}

bool sim_tdx_next_page(struct sim_tdx *t, u64 *pa, struct sim_tdx_page_info *info)
{
	return next_page(t, pa, info, false);
}

bool sim_tdx_next_touched(struct sim_tdx *t, u64 *pa, struct sim_tdx_page_info *info)
{
	return next_page(t, pa, info, true);
}

bool sim_tdx_sept_entry(struct sim_tdx *t, u64 tdr, u64 gpa, u32 *level,
			u64 *raw)
{
	struct tdx_sept s = { .gpa = gpa, .level = *level };
	struct tdx_call c __uninitialized;

	if (!look_at(t, &c, tdr) || !has_tdcs(&c) ||
	    tdcs_get(&c, TDCS_OP_STATE) == SIM_OP_UNINITIALIZED)
		return false;
	tdx_sept_walk(&c, &s);
	*level = s.level;
	*raw = s.raw;
	return true;
}

bool sim_tdx_poke(struct sim_tdx *t, u64 tdr, enum sim_tdx_field field,
		  u64 value)
{
	static const u8 words[] = {
		[SIM_FIELD_OP_STATE] = TDCS_OP_STATE,
		[SIM_FIELD_NUM_VCPUS] = TDCS_NUM_VCPUS,
		[SIM_FIELD_NUM_ASSOC_VCPUS] = TDCS_NUM_ASSOC,
		[SIM_FIELD_REFCOUNT0] = TDCS_REFCOUNT0,
		[SIM_FIELD_REFCOUNT1] = TDCS_REFCOUNT1,
	};
	struct tdx_call c __uninitialized;

	if (!look_at(t, &c, tdr))
		return false;
	if (field == SIM_FIELD_FATAL) {
		tdr_set(&c, TDR_FATAL, value);
		return true;
	}
	if (!has_tdcs(&c))
		return false;
	tdcs_set(&c, words[field], value);
	return true;
}

static bool locate_lock(struct sim_tdx *t, struct tdx_call *c,
			struct sim_tdx_lock *l)
{
	struct tdx_sept s = { .gpa = l->at, .level = l->level };

	switch (l->kind) {
	case SIM_LOCK_PAMT:
		l->where = l->level > TDX_1G ? 0 :
			tdx_pamt_entry(t, l->at, l->level);
		return l->where;
	case SIM_LOCK_KOT:
	case SIM_LOCK_SYS:
		return true;
	case SIM_LOCK_WBT:
		l->where = c->package;
		return true;
	default:
		break;
	}
	if (!look_at(t, c, l->tdr) || !has_tdcs(c))
		return false;
	memcpy(l->key, c->key, sizeof(l->key));
	switch (l->kind) {
	case SIM_LOCK_OP_STATE:
		l->where = c->tdcs + 8 * TDCS_OP_STATE_LOCK;
		return true;
	case SIM_LOCK_TREE:
		l->where = c->tdcs + 8 * TDCS_SEPT_LOCK;
		return true;
	case SIM_LOCK_EPOCH:
		l->where = c->tdcs + 8 * TDCS_EPOCH_LOCK;
		return true;
	default:
		tdx_sept_walk(c, &s);
		l->where = s.where;
		return s.level == l->level;
	}
}

bool sim_tdx_lock(struct sim_tdx *t, struct sim_tdx_lock *l)
{
	struct tdx_call c = { .t = t };

	c.lp = sim_tdx_env_lp(t, &c.package);
	l->where = 0;
	return locate_lock(t, &c, l) &&
	       tdx_acquire(&c, l->kind, l->where, l->exclusive);
}

void sim_tdx_unlock(struct sim_tdx *t, const struct sim_tdx_lock *l)
{
	struct tdx_call c = {
		.t = t,
		.key = l->key,
		.nr_held = 1,
		.held[0] = {
			.kind = l->kind,
			.exclusive = l->exclusive,
			.where = l->where,
			.word = tdx_lock_word(t, l->kind, l->where),
		},
	};

	tdx_release_all(&c);
}
