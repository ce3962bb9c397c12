// SPDX-License-Identifier: GPL-2.0
/*
 * How the firmware looks at memory: address checks, RMP look-ups, copies
 * into and out of its private memory, context pages, range lists.
 */
#include "internal.h"

/**
 * sim_fw_lookup - RMP entry and state of an operand
 * @m: machine
 * @pa: operand; the C-bit is ignored
 * @l: answer
 *
 * An address beyond the table is a Default page and no error.
 *
 * Return: SIM_SUCCESS, or SIM_INVALID_PARAM for an address inside the RMP.
 */
u32 sim_fw_lookup(const struct sim_machine *m, u64 pa, struct sim_lookup *l)
{
	if (sim_in_rmp(m, pa))
		return SIM_INVALID_PARAM;
	l->index = (pa & ~SIM_C_BIT) >> SIM_PAGE_SHIFT;
	if (sim_rmp_get(m, pa, &l->e))
		l->state = sim_rmp_entry_state(&l->e);
	else
		l->state = SIM_PAGE_DEFAULT;
	return SIM_SUCCESS;
}

static bool overlaps(u64 start, u64 end, const struct sim_range *r)
{
	return r->start < r->end && start < r->end && r->start < end;
}

/**
 * sim_fw_check_range_rmp - may the firmware touch this memory?
 * @m: machine
 * @pa: first byte; the C-bit is ignored
 * @len: bytes
 *
 * Like sim_fw_check_range(), for the few callers to whom the RMP is open.
 *
 * Return: SIM_SUCCESS, SIM_INVALID_ADDRESS, SIM_INVALID_CONFIG.
 */
u32 sim_fw_check_range_rmp(const struct sim_machine *m, u64 pa, u64 len)
{
	u64 end;
	u32 i;

	pa &= ~SIM_C_BIT;
	end = pa + len;
	if (!len || end < pa || end - 1 > m->cfg.max_pa)
		return SIM_INVALID_ADDRESS;
	for (i = 0; i < m->cfg.nr_reserved; i++)
		if (overlaps(pa, end, &m->cfg.reserved[i]))
			return SIM_INVALID_ADDRESS;
	if (overlaps(pa, end, &m->sev_tmr))
		return SIM_INVALID_ADDRESS;
	return sim_is_dram(m, pa, len) ? SIM_SUCCESS : SIM_INVALID_CONFIG;
}

/**
 * sim_fw_check_range - may the firmware touch this memory?
 * @m: machine
 * @pa: first byte; the C-bit is ignored
 * @len: bytes
 *
 * Return: SIM_SUCCESS; SIM_INVALID_ADDRESS: reserved, too high, or in the
 * RMP; SIM_INVALID_CONFIG: not memory.
 */
u32 sim_fw_check_range(const struct sim_machine *m, u64 pa, u64 len)
{
	const struct sim_range rmp = { m->cfg.rmp_base, m->cfg.rmp_end + 1 };
	u32 status = sim_fw_check_range_rmp(m, pa, len);

	pa &= ~SIM_C_BIT;
	if (m->rmp_init && status != SIM_INVALID_ADDRESS &&
	    overlaps(pa, pa + len, &rmp))
		return SIM_INVALID_ADDRESS;
	return status;
}

static u32 copy(struct sim_machine *m, u64 pa, void *buf, u32 len, bool write)
{
	u32 status = sim_fw_check_range(m, pa, len), off, n;
	u8 *p = buf, *page;

	if (status)
		return status;
	pa &= ~SIM_C_BIT;
	while (len) {
		off = pa & (SIM_PAGE_SIZE - 1);
		n = SIM_PAGE_SIZE - off;
		if (n > len)
			n = len;
		page = sim_env_phys(m, pa);
		if (!page)
			return SIM_INVALID_CONFIG;
		if (!p)
			memset(page + off, 0, n);
		else if (write)
			memcpy(page + off, p, n);
		else
			memcpy(p, page + off, n);
		if (p)
			p += n;
		pa += n;
		len -= n;
	}
	return SIM_SUCCESS;
}

/**
 * sim_fw_read - copy into the firmware's private memory
 * @m: machine
 * @pa: where from
 * @buf: where to
 * @len: bytes, may cross pages
 *
 * Return: as sim_fw_check_range().
 */
u32 sim_fw_read(struct sim_machine *m, u64 pa, void *buf, u32 len)
{
	return copy(m, pa, buf, len, false);
}

/**
 * sim_fw_write - copy out of the firmware's private memory
 * @m: machine
 * @pa: where to
 * @buf: where from
 * @len: bytes, may cross pages
 *
 * Return: as sim_fw_check_range().
 */
u32 sim_fw_write(struct sim_machine *m, u64 pa, const void *buf, u32 len)
{
	return copy(m, pa, (void *)buf, len, true);
}

/**
 * sim_fw_zero - clear memory
 * @m: machine
 * @pa: where
 * @len: bytes, may cross pages
 *
 * Return: as sim_fw_check_range().
 */
u32 sim_fw_zero(struct sim_machine *m, u64 pa, u64 len)
{
	return copy(m, pa, NULL, len, true);
}

/**
 * sim_fw_writable_state - may the firmware write results to such a page?
 * @state: page state
 *
 * Return: true for Firmware and Default pages.
 */
bool sim_fw_writable_state(enum sim_page_state state)
{
	return state == SIM_PAGE_FIRMWARE || state == SIM_PAGE_DEFAULT;
}

/**
 * sim_fw_check_writable - are all pages of a range open to the firmware?
 * @m: machine
 * @pa: first byte
 * @len: bytes
 *
 * Goes on by whole pages from the first byte, as the firmware does: a range
 * that does not begin at a page has its tail on a page nobody looks at.
 *
 * Return: SIM_SUCCESS, SIM_INVALID_PAGE_STATE, SIM_INVALID_PARAM (RMP).
 */
u32 sim_fw_check_writable(const struct sim_machine *m, u64 pa, u64 len)
{
	struct sim_lookup l;
	u64 end = pa + len;
	u32 status;

	do {
		status = sim_fw_lookup(m, pa, &l);
		if (status)
			return status;
		if (!sim_fw_writable_state(l.state))
			return SIM_INVALID_PAGE_STATE;
		pa += l.e.lo & SIM_RMP_2M ? SIM_2M_SIZE : SIM_PAGE_SIZE;
	} while (pa < end);
	return SIM_SUCCESS;
}

/**
 * sim_ctx_load - decrypt a guest context
 * @m: machine
 * @pa: context page
 * @ctx: plain text
 *
 * Return: as sim_fw_check_range(); SIM_INVALID_GUEST if the page was written over:
 * it decrypts to noise then, whose ASID would be that of nobody.
 */
u32 sim_ctx_load(struct sim_machine *m, u64 pa, struct sim_ctx *ctx)
{
	u32 status = sim_fw_check_range(m, pa, SIM_PAGE_SIZE);
	const u64 *page;

	if (status)
		return status;
	pa &= ~SIM_C_BIT;
	page = sim_env_phys(m, pa);
	if (!page)
		return SIM_INVALID_CONFIG;
	sim_open_words(m->fw_key, pa, (u64 *)ctx, page, SIM_CTX_WORDS);
	if (ctx->b.asid > m->cfg.max_asid || ctx->state > SIM_GUEST_RUNNING)
		return SIM_INVALID_GUEST;
	return SIM_SUCCESS;
}

/**
 * sim_ctx_open - the guest context operand of a command: look up, check, decrypt
 * @m: machine
 * @pa: context page
 * @l: its RMP entry
 * @ctx: plain text
 *
 * Return: as sim_fw_lookup() and sim_ctx_load(); SIM_INVALID_GUEST if the page is
 * no context.
 */
u32 sim_ctx_open(struct sim_machine *m, u64 pa, struct sim_lookup *l,
		 struct sim_ctx *ctx)
{
	u32 status = sim_fw_lookup(m, pa, l);

	if (status)
		return status;
	if (l->state != SIM_PAGE_CONTEXT)
		return SIM_INVALID_GUEST;
	return sim_ctx_load(m, pa, ctx);
}

/**
 * sim_ctx_store - encrypt a guest context
 * @m: machine
 * @pa: context page, one that sim_ctx_load() accepted
 * @ctx: plain text
 */
void sim_ctx_store(struct sim_machine *m, u64 pa, const struct sim_ctx *ctx)
{
	pa &= ~SIM_C_BIT;
	sim_seal_words(m->fw_key, pa, sim_env_phys(m, pa), (const u64 *)ctx,
		       SIM_CTX_WORDS);
}

/**
 * sim_ctx_create - turn a page into an encrypted context
 * @m: machine
 * @pa: page
 * @ctx: plain text of the used part; the rest is zeros
 *
 * Return: as sim_fw_check_range().
 */
u32 sim_ctx_create(struct sim_machine *m, u64 pa, struct sim_ctx *ctx)
{
	u32 status = sim_fw_zero(m, pa, SIM_PAGE_SIZE);
	u64 *page;

	if (status)
		return status;
	pa &= ~SIM_C_BIT;
	page = sim_env_phys(m, pa);
	memcpy(page, ctx, sizeof(*ctx));
	sim_seal_words(m->fw_key, pa, page, page, SIM_PAGE_SIZE / 8);
	return SIM_SUCCESS;
}

bool sim_guest_info(struct sim_machine *m, u64 gctx_pa,
		    struct sim_guest_info *info)
{
	struct sim_ctx ctx;

	if (sim_rmp_page_state(m, gctx_pa) != SIM_PAGE_CONTEXT ||
	    sim_ctx_load(m, gctx_pa & ~(SIM_PAGE_SIZE - 1), &ctx))
		return false;
	info->state = ctx.state;
	info->asid = sim_bound(&ctx.b) ? ctx.b.asid : 0;
	info->active = ctx.b.flags & SIM_GFLAG_ACTIVE;
	info->es = ctx.b.flags & SIM_GFLAG_ES;
	info->pending = ctx.b.flags & SIM_GFLAG_PENDING;
	info->imi_en = ctx.imi_en;
	info->id_block_en = ctx.id_block_en;
	info->author_key_en = ctx.author_key_en;
	info->vcek_dis = ctx.vcek_dis;
	info->ma_en = ctx.ma_paddr && ctx.ma_paddr != SIM_NO_MA;
	info->ccxs = ctx.b.ccxs;
	info->policy = ctx.policy;
	info->ma_paddr = info->ma_en ? ctx.ma_paddr : 0;
	info->desired_tsc_khz = ctx.tsc_khz;
	memcpy(info->gosvw, ctx.gosvw, sizeof(info->gosvw));
	memcpy(info->ld, ctx.ld, sizeof(info->ld));
	memcpy(info->imd, ctx.imd, sizeof(info->imd));
	memcpy(info->host_data, ctx.host_data, sizeof(info->host_data));
	return true;
}

/**
 * sim_range_open - begin to walk a range list
 * @m: machine
 * @list_pa: struct sim_range_list; must not cross a page
 * @w: walk
 *
 * Copies the list into private memory, which lasts as long as the walk.
 *
 * Return: SIM_SUCCESS, SIM_INVALID_ADDRESS (no such memory),
 * SIM_INVALID_PARAM (header).
 */
u32 sim_range_open(struct sim_machine *m, u64 list_pa,
		   struct sim_range_walk *w)
{
	struct sim_range_list head;
	u64 bytes;

	if (sim_fw_check_range(m, list_pa, SIM_PAGE_SIZE) ||
	    sim_fw_read(m, list_pa, &head, sizeof(head)))
		return SIM_INVALID_ADDRESS;
	bytes = sizeof(head) + (u64)head.num_elements *
			       sizeof(struct sim_range_elem);
	if (head.rsvd || (list_pa & (SIM_PAGE_SIZE - 1)) + bytes >
			 SIM_PAGE_SIZE)
		return SIM_INVALID_PARAM;
	if (sim_fw_read(m, list_pa, m->scratch, bytes))
		return SIM_INVALID_ADDRESS;
	w->elem = ((struct sim_range_list *)m->scratch)->ranges;
	w->n = head.num_elements;
	w->i = 0;
	return SIM_SUCCESS;
}

/**
 * sim_range_next - next element of a range list
 * @w: walk, with elements left
 * @align_mask: bits of the base that must be zero
 * @r: the range, C-bit removed
 *
 * Return: SIM_SUCCESS, SIM_INVALID_PARAM.
 */
u32 sim_range_next(struct sim_range_walk *w, u64 align_mask,
		   struct sim_range *r)
{
	const struct sim_range_elem *e = &w->elem[w->i++];

	r->start = e->base & ~SIM_C_BIT;
	r->end = r->start + ((u64)e->page_count << SIM_PAGE_SHIFT);
	if (e->rsvd || r->start & align_mask || r->end < r->start)
		return SIM_INVALID_PARAM;
	return SIM_SUCCESS;
}
