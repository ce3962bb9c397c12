// SPDX-License-Identifier: GPL-2.0
/*
 * Bring-up of the module: from just loaded to ready, and the way out.
 *
 * Nobody has recorded what the module answers here.  What is checked, and in
 * which order, is from its published source and from what the kernel expects.
 */
#include "tdx_internal.h"

#define GIB		(1ull << 30)
#define INFO_ALIGN	512u	/* of a TDMR_INFO and of the array of them */
#define PAMT_ENTRY	16u
#define TDMR_INIT_PAGES	1024u	/* 4K entries that one call initialises */
#define HANDOFF_VERSION	0u

/* The lock of the module as a whole. */
static bool take_sys(struct tdx_call *c, bool exclusive)
{
	return tdx_acquire(c, SIM_LOCK_SYS, 0, exclusive);
}

static void zero_outputs(struct sim_tdx_regs *r)
{
	r->rcx = 0;
	r->rdx = 0;
	r->r8 = 0;
	r->r9 = 0;
	r->r10 = 0;
}

/*
 * FIDELITY(TDH.SYS.INIT): assumed - the state and RCX; no CPUID or MSR is
 * looked at [source of TDX module 1.5]
 */
u64 sim_tdh_sys_init(struct tdx_call *c)
{
	u64 attributes = c->r->rcx;

	zero_outputs(c->r);
	if (!take_sys(c, true))
		return TDX_RET(SYS_BUSY);
	if (attributes)
		return TDX_ERR(OPERAND_INVALID, RCX);
	if (c->t->sys_state != SIM_SYS_PENDING)
		return TDX_RET(SYS_INIT_NOT_PENDING);
	sim_tdx_env_yield(c->t);
	c->t->sys_state = SIM_SYS_INITIALISED;
	return TDX_RET(SUCCESS);
}

static u64 *lp_word(struct tdx_call *c, u64 *bit)
{
	u32 lp = c->lp % SIM_TDX_MAX_LPS;

	*bit = 1ull << (lp & 63);
	return &c->t->lp_done[lp / 64];
}

/*
 * FIDELITY(TDH.SYS.LP.INIT): assumed - states; nothing is compared between
 * processors [source of TDX module 1.5]
 */
u64 sim_tdh_sys_lp_init(struct tdx_call *c)
{
	u64 bit, *word = lp_word(c, &bit);

	zero_outputs(c->r);
	if (!take_sys(c, false))
		return TDX_RET(SYS_BUSY);
	if (c->t->sys_state != SIM_SYS_INITIALISED)
		return TDX_RET(SYS_LP_INIT_NOT_PENDING);
	if (*word & bit)
		return TDX_RET(SYS_LP_INIT_DONE);
	sim_tdx_env_yield(c->t);
	*word |= bit;
	c->t->nr_lps_done++;
	return TDX_RET(SUCCESS);
}

bool tdx_lp_is_initialised(struct tdx_call *c)
{
	u64 bit, *word = lp_word(c, &bit);

	return *word & bit;
}

/* ---- SYS.CONFIG ---- */

struct tdmr_info {
	u64 base;
	u64 size;
	struct {
		u64 base;
		u64 size;
	} pamt[3];		/* 1G, 2M, 4K */
	struct {
		u64 offset;
		u64 size;
	} reserved[SIM_TDX_MAX_RESERVED];
};
static_assert(sizeof(struct tdmr_info) <= INFO_ALIGN, "TDMR_INFO layout");

/* More about a status: two indexes, and what else the check knows. */
static u64 at(enum sim_tdx_status code, u32 tdmr, u32 b, u32 c)
{
	return tdx_status(code, tdmr | b << 8 | c << 16);
}

static bool overflows(u64 start, u64 len)
{
	return start + len < start;
}

static bool overlap(u64 a, u64 a_len, u64 b, u64 b_len)
{
	return a < b + b_len && b < a + a_len;
}

static bool in_cmr(const struct sim_tdx *t, u64 start, u64 end)
{
	u32 i;

	for (i = 0; i < t->cfg.nr_cmrs; i++)
		if (start >= t->cfg.cmr[i].start && end <= t->cfg.cmr[i].end)
			return true;
	return false;
}

static u64 pamt_base(const struct sim_tdmr *m, u32 size)
{
	return size == TDX_4K ? m->pamt_4k :
	       size == TDX_2M ? m->pamt_2m : m->pamt_1g;
}

/* The part of a TDMR in front of its i-th reserved area, or behind the last. */
static void available(const struct sim_tdmr *m, u32 i, u64 *start, u64 *end)
{
	*start = i ? m->reserved[i - 1].end : m->base;
	*end = i < m->nr_reserved ? m->reserved[i].start : m->base + m->size;
}

static u64 take_reserved(struct sim_tdmr *m, const struct tdmr_info *info, u32 n)
{
	u64 offset, size;
	u32 i;

	m->nr_reserved = 0;
	for (i = 0; i < SIM_TDX_MAX_RESERVED; i++) {
		offset = info->reserved[i].offset;
		size = info->reserved[i].size;
		if (!size)
			continue;
		/* An empty one ends the list. */
		if (i != m->nr_reserved)
			return at(SIM_TDX_NON_ORDERED_RESERVED_IN_TDMR, n, i - 1, 0);
		if (overflows(offset, size))
			return at(SIM_TDX_INVALID_RESERVED_IN_TDMR, n, i, 0);
		if (i && m->base + offset < m->reserved[i - 1].end)
			return at(SIM_TDX_NON_ORDERED_RESERVED_IN_TDMR, n, i, 0);
		if (((offset | size) & (TDX_PAGE_SIZE - 1)) ||
		    offset + size > m->size)
			return at(SIM_TDX_INVALID_RESERVED_IN_TDMR, n, i, 0);
		m->reserved[i].start = m->base + offset;
		m->reserved[i].end = m->base + offset + size;
		m->nr_reserved++;
	}
	return TDX_RET(SUCCESS);
}

/* The PAMT of @size of TDMR @n must not be in a part of @m that TDs can get. */
static bool pamt_in_available(const struct sim_tdmr *m, u64 base, u64 len)
{
	u64 start, end;
	u32 i;

	for (i = 0; i <= m->nr_reserved; i++) {
		available(m, i, &start, &end);
		if (start < end && overlap(base, len, start, end - start))
			return true;
	}
	return false;
}

static u64 check_pamt_overlap(struct sim_tdx *t, u32 n)
{
	const struct sim_tdmr *m = &t->cfg.tdmr[n], *o;
	u32 s, i, other;

	/* one with another */
	for (i = 0; i <= n; i++) {
		o = &t->cfg.tdmr[i];
		for (s = TDX_4K; s <= TDX_1G; s++)
			for (other = TDX_4K; other <= TDX_1G; other++) {
				if (i == n && other <= s)
					continue;
				if (overlap(pamt_base(m, s), m->pamt_size[s],
					    pamt_base(o, other),
					    o->pamt_size[other]))
					return at(SIM_TDX_PAMT_OVERLAP, n, s, i);
			}
	}
	/* with memory for TDs, of this TDMR and of those before it */
	for (i = 0; i <= n; i++) {
		o = &t->cfg.tdmr[i];
		for (s = TDX_4K; s <= TDX_1G; s++) {
			if (pamt_in_available(o, pamt_base(m, s), m->pamt_size[s]))
				return at(SIM_TDX_PAMT_OVERLAP, n, s, i);
			if (i < n && pamt_in_available(m, pamt_base(o, s),
						       o->pamt_size[s]))
				return at(SIM_TDX_PAMT_OVERLAP, i, s, n);
		}
	}
	return TDX_RET(SUCCESS);
}

static u64 take_pamt(struct sim_tdx *t, const struct tdmr_info *info, u32 n)
{
	struct sim_tdmr *m = &t->cfg.tdmr[n];
	u64 base, size, status;
	u32 i, s;

	for (i = 0; i < 3; i++) {
		base = info->pamt[i].base;
		size = info->pamt[i].size;
		s = TDX_1G - i;
		if (!tdx_private_address(t, base, TDX_PAGE_SIZE) ||
		    (size & (TDX_PAGE_SIZE - 1)) || overflows(base, size) ||
		    size < m->size / tdx_size(s) * PAMT_ENTRY)
			return at(SIM_TDX_INVALID_PAMT, n, s, 0);
		m->pamt_size[s] = size;
		*(s == TDX_4K ? &m->pamt_4k :
		  s == TDX_2M ? &m->pamt_2m : &m->pamt_1g) = base;
	}
	status = check_pamt_overlap(t, n);
	if (status)
		return status;
	for (i = 0; i < 3; i++) {
		s = TDX_1G - i;
		base = pamt_base(m, s);
		if (!in_cmr(t, base, base + m->pamt_size[s]))
			return at(SIM_TDX_PAMT_OUTSIDE_CMRS, n, s, 0);
	}
	return TDX_RET(SUCCESS);
}

static u64 check_available(struct sim_tdx *t, u32 n)
{
	const struct sim_tdmr *m = &t->cfg.tdmr[n];
	u64 start, end;
	u32 i;

	for (i = 0; i <= m->nr_reserved; i++) {
		available(m, i, &start, &end);
		if (start < end && !in_cmr(t, start, end))
			return at(SIM_TDX_TDMR_OUTSIDE_CMRS, n, 0, 0);
	}
	return TDX_RET(SUCCESS);
}

/* Copied out of shared memory first, so that what is checked is used. */
static u64 take_tdmr(struct tdx_call *c, u64 pa, u32 n)
{
	struct sim_tdx *t = c->t;
	struct sim_tdmr *m = &t->cfg.tdmr[n], *prev = n ? m - 1 : NULL;
	struct tdmr_info info;
	u64 status;
	u8 *page;

	if (!tdx_shared_operand(t, &pa, INFO_ALIGN))
		return TDX_ERR(OPERAND_INVALID, RCX);
	page = sim_tdx_env_phys(t, pa);
	if (page)
		memcpy(&info, page + (pa & (TDX_PAGE_SIZE - 1)), sizeof(info));
	else
		memset(&info, 0xff, sizeof(info));

	if (overflows(info.base, info.size))
		return at(SIM_TDX_INVALID_TDMR, n, 0, 0);
	if (prev && info.base < prev->base + prev->size)
		return at(SIM_TDX_NON_ORDERED_TDMR, n, 0, 0);
	if (!info.size || (info.size & (GIB - 1)) ||
	    !tdx_private_address(t, info.base, GIB) ||
	    !tdx_private_address(t, info.base + info.size - GIB, GIB))
		return at(SIM_TDX_INVALID_TDMR, n, 0, 0);
	m->base = info.base;
	m->size = info.size;
	m->initialised = 0;
	m->next = 0;
	status = take_reserved(m, &info, n);
	if (!status)
		status = take_pamt(t, &info, n);
	if (!status)
		status = check_available(t, n);
	return status;
}

/*
 * FIDELITY(TDH.SYS.CONFIG): assumed - TDMRs in order, aligned, apart, their
 * reserved areas, PAMTs of sufficient size in convertible memory that no TD
 * can get; no dynamic PAMT [source of TDX module 1.5]
 */
u64 sim_tdh_sys_config(struct tdx_call *c)
{
	u64 array = c->r->rcx, nr = c->r->rdx, hkid = c->r->r8, status, entry;
	struct sim_tdx *t = c->t;
	const u64 *page;
	u32 i;

	if (!take_sys(c, true))
		return TDX_RET(SYS_BUSY);
	if (t->sys_state != SIM_SYS_INITIALISED ||
	    t->nr_lps_done < t->cfg.nr_lps)
		return TDX_RET(SYS_CONFIG_NOT_PENDING);
	if (!tdx_shared_operand(t, &array, INFO_ALIGN))
		return TDX_ERR(OPERAND_INVALID, RCX);
	if (!nr || nr > SIM_TDX_MAX_TDMRS)
		return TDX_ERR(OPERAND_INVALID, RDX);
	if (hkid < t->cfg.private_min || hkid > t->cfg.private_max)
		return TDX_ERR(OPERAND_INVALID, R8);
	sim_tdx_env_yield(t);
	for (i = 0; i < nr; i++) {
		page = sim_tdx_env_phys(t, array);
		entry = page ? page[(array & (TDX_PAGE_SIZE - 1)) / 8 + i] : ~0ull;
		status = take_tdmr(c, entry, i);
		if (status)
			return status;
	}
	/* An attempt that failed leaves no key behind. */
	t->kot[hkid].state = SIM_HKID_RESERVED;
	t->cfg.global_hkid = hkid;
	t->cfg.nr_tdmrs = nr;
	t->sys_state = SIM_SYS_CONFIGURED;
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.SYS.KEY.CONFIG): assumed - one key for all packages, drawn when
 * the module was loaded; ready once every package has it [source of TDX module
 * 1.5]
 */
u64 sim_tdh_sys_key_config(struct tdx_call *c)
{
	struct sim_tdx *t = c->t;

	if (!take_sys(c, true))
		return TDX_RET(SYS_BUSY);
	if (t->sys_state != SIM_SYS_CONFIGURED)
		return TDX_RET(SYS_KEY_CONFIG_NOT_PENDING);
	if (t->packages_done >> c->package & 1)
		return TDX_RET(KEY_CONFIGURED);
	sim_tdx_env_yield(t);
	switch (sim_tdx_env_pconfig(t, t->cfg.global_hkid)) {
	case SIM_PCONFIG_OK:
		break;
	case SIM_PCONFIG_BUSY:
		return TDX_ERR(OPERAND_BUSY, KET);
	case SIM_PCONFIG_ENTROPY:
		return TDX_RET(KEY_GENERATION_FAILED);
	default:
		return tdx_shutdown(c);
	}
	t->packages_done |= 1u << c->package;
	if (t->packages_done == (1u << t->cfg.nr_packages) - 1)
		t->sys_state = SIM_SYS_READY;
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.SYS.TDMR.INIT): assumed - 1024 4K entries a call; memory can be
 * used by whole GiB; calls on one TDMR are not made at once [source of TDX
 * module 1.5]
 */
u64 sim_tdh_sys_tdmr_init(struct tdx_call *c)
{
	struct sim_tdx *t = c->t;
	u64 pa = c->r->rcx, from, to;
	struct sim_tdmr *m;
	u32 i;

	c->r->rdx = 0;
	for (i = 0; i < t->cfg.nr_tdmrs && t->cfg.tdmr[i].base != pa; i++)
		;
	if (!tdx_private_address(t, pa, GIB) || i == t->cfg.nr_tdmrs)
		return TDX_ERR(OPERAND_INVALID, RCX);
	m = &t->cfg.tdmr[i];
	if (m->next >= m->size)
		return TDX_RET(TDMR_ALREADY_INITIALIZED);
	from = m->base + m->next;
	to = from + TDMR_INIT_PAGES * TDX_PAGE_SIZE;
	tdx_pamt_init(t, m, from, to);
	m->next = to - m->base;
	m->initialised = m->next & ~(GIB - 1);
	c->r->rdx = to & ~(GIB - 1);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.SYS.SHUTDOWN): assumed - nothing is handed over to another
 * module, so that no SEAMCALL works afterwards [source of TDX module 1.5]
 */
u64 sim_tdh_sys_shutdown(struct tdx_call *c)
{
	if (c->r->rcx != HANDOFF_VERSION)
		return TDX_ERR(OPERAND_INVALID, RCX);
	if (!take_sys(c, true))
		return TDX_RET(SYS_BUSY);
	sim_tdx_env_yield(c->t);
	c->t->sys_state = SIM_SYS_SHUTDOWN;
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.SYS.UPDATE): assumed - there never is a module before this one
 * whose data it could take [source of TDX module 1.5]
 */
u64 sim_tdh_sys_update(struct tdx_call *c)
{
	if (!take_sys(c, true))
		return TDX_RET(SYS_BUSY);
	if (c->t->sys_state != SIM_SYS_INITIALISED)
		return TDX_RET(SYS_STATE_INCORRECT);
	return TDX_RET(SYS_INVALID_HANDOFF);
}

/*
 * FIDELITY(TDH.SYS.DISABLE): assumed - at once; no SEAMCALL works afterwards
 * [what the kernel says about it]
 */
u64 sim_tdh_sys_disable(struct tdx_call *c)
{
	if (!take_sys(c, true))
		return TDX_RET(SYS_BUSY);
	sim_tdx_env_yield(c->t);
	c->t->sys_state = SIM_SYS_SHUTDOWN;
	return TDX_RET(SUCCESS);
}
