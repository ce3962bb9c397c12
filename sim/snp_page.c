// SPDX-License-Identifier: GPL-2.0
/*
 * Page management: reclaim, unsmash, move, HV-fixed, metadata pages.
 */
#include "internal.h"

/* FIDELITY(SNP_PAGE_RECLAIM): modelled - a Default page counts as not immutable [firmware 1.55.25] */
u32 sim_snp_page_reclaim(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_addr *cmd = buf;
	u64 pa = cmd->paddr & ~(SIM_PAGE_SIZE - 1);
	u32 size = cmd->paddr & 1, status;
	struct sim_lookup l;

	if (cmd->paddr & 0xffe)
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_fw_check_range(m, pa, size ? SIM_2M_SIZE : SIM_PAGE_SIZE);
	if (status)
		return status;
	status = sim_fw_lookup(m, pa, &l);
	if (status)
		return status;
	if (sim_rmp_get_size(&l.e) != size)
		return SIM_INVALID_PAGE_SIZE;
	if (size && pa & (SIM_2M_SIZE - 1))
		return SIM_INVALID_ADDRESS;
	/* Whatever it is, the host can take it back by itself. */
	if (!(l.e.lo & SIM_RMP_IMMUTABLE))
		return SIM_SUCCESS;

	switch (l.state) {
	/* FIDELITY(Metadata -> Reclaim): modelled - PAGE_RECLAIM */
	case SIM_PAGE_METADATA:
		l.e.lo &= ~SIM_RMP_TAG;
		break;
	/* FIDELITY(Firmware -> Reclaim): modelled - PAGE_RECLAIM; the buffer of a legacy command that writes to it */
	case SIM_PAGE_FIRMWARE:
	/* FIDELITY(Pre-Guest -> Guest-Invalid): modelled - PAGE_RECLAIM; source and destination of PAGE_MOVE */
	case SIM_PAGE_PRE_GUEST:
	/* FIDELITY(Pre-Swap -> Guest-Valid): modelled - PAGE_RECLAIM */
	case SIM_PAGE_PRE_SWAP:
		break;
	default:
		return SIM_INVALID_PAGE_STATE;
	}
	sim_rmp_set_immutable(&l.e, false);
	sim_fw_put(m, &l);
	return SIM_SUCCESS;
}

static u32 check_unsmash(const struct sim_machine *m, u64 first)
{
	const struct sim_rmp_raw *head = sim_rmp_entry(m, first), *e;
	enum sim_page_state state = sim_rmp_entry_state(head);
	u64 gfn = sim_rmp_get_gfn(head);
	u32 i;

	if (gfn % SIM_PAGES_PER_2M)
		return SIM_INVALID_PAGE_STATE;
	for (i = 0; i < SIM_PAGES_PER_2M; i++) {
		e = head + i;
		if (e->lo & (SIM_RMP_2M | SIM_RMP_VMSA) ||
		    !(e->lo & SIM_RMP_IMMUTABLE) || !sim_rmp_get_asid(e))
			return SIM_INVALID_PAGE_STATE;
		if (sim_rmp_entry_state(e) != state ||
		    sim_rmp_get_asid(e) != sim_rmp_get_asid(head) ||
		    sim_rmp_get_gfn(e) != gfn + i || e->hi != head->hi)
			return SIM_INVALID_PAGE_STATE;
	}
	return SIM_SUCCESS;
}

/* FIDELITY(SNP_PAGE_UNSMASH): modelled - [firmware 1.55.25] */
u32 sim_snp_page_unsmash(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_addr *cmd = buf;
	const struct sim_range rmp = { m->cfg.rmp_base, m->cfg.rmp_end + 1 };
	u64 pa = cmd->paddr & ~SIM_C_BIT;
	struct sim_rmp_raw e;
	struct sim_lookup l;
	u32 status, i;

	if (cmd->paddr & (SIM_2M_SIZE - 1))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_fw_lookup(m, pa, &l);
	if (status)
		return status;
	if (l.state == SIM_PAGE_DEFAULT ||
	    l.index + SIM_PAGES_PER_2M > m->rmp_entries)
		return SIM_INVALID_PAGE_STATE;
	if (pa < rmp.end && rmp.start < pa + SIM_2M_SIZE)
		return SIM_INVALID_ADDRESS;
	status = check_unsmash(m, l.index);
	if (status)
		return status;

	/* FIDELITY(512 x 4K -> 2M): modelled - PAGE_UNSMASH of Pre-Guest or Pre-Swap pages; sub-entries keep GPA and validated */
	e = l.e;
	e.lo |= SIM_RMP_2M;
	e.lo &= ~SIM_RMP_SUBPAGES;
	sim_rmp_put(m, l.index, &e);
	for (i = 1; i < SIM_PAGES_PER_2M; i++) {
		e = *sim_rmp_entry(m, l.index + i);
		e.lo |= SIM_RMP_ASSIGNED;
		e.lo &= ~SIM_RMP_ASID;
		sim_rmp_set_immutable(&e, false);
		sim_rmp_put(m, l.index + i, &e);
	}
	return SIM_SUCCESS;
}

/**
 * sim_make_metadata - turn a firmware page's entry into one of swap metadata
 * @e: entry
 * @gctx: context page of the guest whose metadata it is to hold
 */
void sim_make_metadata(struct sim_rmp_raw *e, u64 gctx)
{
	u64 frame = (gctx & ~SIM_C_BIT) >> SIM_PAGE_SHIFT;

	e->lo &= ~SIM_RMP_GFN;
	e->lo |= ((frame << SIM_RMP_GFN_SHIFT) & SIM_RMP_GFN & ~SIM_RMP_TAG) |
		 ((u64)SIM_RMP_TAG_METADATA << SIM_RMP_TAG_SHIFT);
}

/* Contents from one place to another, re-encrypted if they are a guest's. */
static u32 move_contents(struct sim_machine *m, const u64 *key, u64 dst,
			 u64 src, u64 len)
{
	u32 status = sim_fw_check_range(m, src, len);
	u64 off;

	if (!status)
		status = sim_fw_check_range(m, dst, len);
	if (status)
		return status;
	dst &= ~SIM_C_BIT;
	src &= ~SIM_C_BIT;
	if (src == dst)
		return SIM_SUCCESS;
	for (off = 0; off < len; off += SIM_PAGE_SIZE) {
		u64 *from = sim_env_phys(m, src + off);
		u64 *to = sim_env_phys(m, dst + off);

		if (!from || !to)
			return SIM_INVALID_CONFIG;
		if (!key) {
			memcpy(to, from, SIM_PAGE_SIZE);
			continue;
		}
		sim_open_words(key, src + off, m->scratch, from,
			       SIM_PAGE_SIZE / 8);
		sim_seal_words(key, dst + off, to, m->scratch,
			       SIM_PAGE_SIZE / 8);
	}
	return SIM_SUCCESS;
}

/* FIDELITY(SNP_PAGE_MOVE): modelled - [firmware 1.55.25] */
u32 sim_snp_page_move(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_page_move *cmd = buf;
	u32 size = cmd->flags & 1, status;
	u64 len = size ? SIM_2M_SIZE : SIM_PAGE_SIZE;
	struct sim_lookup gctx, src, dst;
	struct sim_ctx ctx;
	bool swapped;

	if (sim_misaligned(cmd->gctx_paddr) || sim_misaligned(cmd->src_paddr) ||
	    sim_misaligned(cmd->dst_paddr) || cmd->flags & ~1u || cmd->rsvd)
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_fw_lookup(m, cmd->gctx_paddr, &gctx);
	if (!status)
		status = sim_fw_lookup(m, cmd->src_paddr, &src);
	if (!status)
		status = sim_fw_lookup(m, cmd->dst_paddr, &dst);
	if (status)
		return status;
	if (gctx.state != SIM_PAGE_CONTEXT)
		return SIM_INVALID_GUEST;
	if (sim_rmp_get_size(&src.e) != size ||
	    sim_rmp_get_size(&dst.e) != size)
		return SIM_INVALID_PAGE_SIZE;
	status = sim_ctx_load(m, cmd->gctx_paddr, &ctx);
	if (status)
		return status;
	if (ctx.state != SIM_GUEST_LAUNCH && ctx.state != SIM_GUEST_RUNNING)
		return SIM_INVALID_GUEST_STATE;
	if (!sim_bound(&ctx.b))
		return SIM_INACTIVE;

	swapped = src.state == SIM_PAGE_PRE_SWAP;
	if ((swapped || src.state == SIM_PAGE_PRE_GUEST) &&
	    dst.state == SIM_PAGE_PRE_GUEST) {
		if (sim_rmp_get_asid(&src.e) != ctx.b.asid ||
		    sim_rmp_get_asid(&dst.e) != ctx.b.asid)
			return SIM_INVALID_PAGE_OWNER;
		status = move_contents(m, m->asids.key[ctx.b.asid],
				       cmd->dst_paddr, cmd->src_paddr, len);
		if (status)
			return status;
		dst.e.lo &= ~(SIM_RMP_GFN | SIM_RMP_VMSA);
		dst.e.lo |= src.e.lo & (SIM_RMP_GFN | SIM_RMP_VMSA);
		dst.e.hi = src.e.hi;
		if (swapped)
			dst.e.lo |= SIM_RMP_VALIDATED;
		sim_rmp_set_immutable(&dst.e, false);
		/* FIDELITY(Pre-Swap -> Guest-Invalid): modelled - the source of PAGE_MOVE */
		src.e.lo &= ~SIM_RMP_VALIDATED;
		sim_rmp_set_immutable(&src.e, false);
	} else if (src.state == SIM_PAGE_METADATA &&
		   dst.state == SIM_PAGE_FIRMWARE) {
		if (!sim_belongs_to(&src.e, cmd->gctx_paddr))
			return SIM_INVALID_PAGE_OWNER;
		status = move_contents(m, NULL, cmd->dst_paddr,
				       cmd->src_paddr, len);
		if (status)
			return status;
		sim_make_metadata(&dst.e, cmd->gctx_paddr);
		/* FIDELITY(Metadata -> Firmware): modelled - the source of PAGE_MOVE and SWAP_OUT */
		src.e.lo &= ~(SIM_RMP_GFN | SIM_RMP_VMSA);
	} else {
		return SIM_INVALID_PAGE_STATE;
	}
	sim_fw_put(m, &src);
	sim_fw_put(m, &dst);
	return SIM_SUCCESS;
}

/* FIDELITY(SNP_PAGE_MD_INIT): modelled - [firmware 1.55.25] */
u32 sim_snp_md_init(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_md_init *cmd = buf;
	struct sim_lookup gctx, page;
	struct sim_ctx ctx;
	u32 status;

	if (sim_misaligned(cmd->gctx_paddr) || sim_misaligned(cmd->page_paddr))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_fw_lookup(m, cmd->gctx_paddr, &gctx);
	if (!status)
		status = sim_fw_lookup(m, cmd->page_paddr, &page);
	if (status)
		return status;
	if (gctx.state != SIM_PAGE_CONTEXT)
		return SIM_INVALID_GUEST;
	if (page.state != SIM_PAGE_FIRMWARE)
		return SIM_INVALID_PAGE_STATE;
	status = sim_ctx_load(m, cmd->gctx_paddr, &ctx);
	if (status)
		return status;
	if (ctx.state != SIM_GUEST_LAUNCH && ctx.state != SIM_GUEST_RUNNING)
		return SIM_INVALID_GUEST_STATE;
	status = sim_fw_zero(m, cmd->page_paddr, page.e.lo & SIM_RMP_2M ?
			     SIM_2M_SIZE : SIM_PAGE_SIZE);
	if (status)
		return status;
	/* FIDELITY(Firmware -> Metadata): modelled - PAGE_MD_INIT; the destination of PAGE_MOVE and SWAP_IN */
	sim_make_metadata(&page.e, cmd->gctx_paddr);
	sim_fw_put(m, &page);
	return SIM_SUCCESS;
}

static bool firmware_page(const struct sim_rmp_raw *e)
{
	return (e->lo & ~SIM_RMP_SUBPAGES) ==
	       (SIM_RMP_ASSIGNED | SIM_RMP_IMMUTABLE | SIM_RMP_LOCK);
}

static void fix_page(struct sim_machine *m, u64 index)
{
	struct sim_rmp_raw e = *sim_rmp_entry(m, index);

	if (!firmware_page(&e))
		return;		/* an earlier range had it as well */
	/* FIDELITY(Firmware -> HV-fixed): modelled - PAGE_SET_STATE */
	e.lo &= SIM_RMP_SUBPAGES;
	sim_rmp_set_immutable(&e, true);
	e.hi = 0;
	sim_rmp_put(m, index, &e);
	sim_rmp_add_subpages(m, index, -1);
}

/* The RMP's own pages are left out of every range; so are Default pages. */
static u32 for_range(struct sim_machine *m, const struct sim_range *r,
		     bool commit)
{
	u64 pa;

	for (pa = r->start; pa < r->end && sim_rmp_covered(m, pa);
	     pa += SIM_PAGE_SIZE) {
		u64 index = pa >> SIM_PAGE_SHIFT;

		if (sim_in_rmp(m, pa))
			continue;
		if (commit)
			fix_page(m, index);
		else if (!firmware_page(sim_rmp_entry(m, index)))
			return SIM_INVALID_PAGE_STATE;
	}
	return SIM_SUCCESS;
}

/* FIDELITY(SNP_PAGE_SET_STATE): modelled - [firmware 1.55.25] */
u32 sim_snp_page_set_state(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_page_set_state *cmd = buf;
	struct sim_range_walk w;
	struct sim_range r;
	u32 status, pass;

	if (cmd->len != sizeof(*cmd))
		return SIM_INVALID_LENGTH;
	if (cmd->rsvd || sim_misaligned(cmd->list_paddr))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_range_open(m, cmd->list_paddr, &w);
	if (status)
		return status;
	/* First the whole list, then all pages, then the change. */
	for (pass = 0; pass < 3; pass++) {
		for (w.i = 0; w.i < w.n; ) {
			status = sim_range_next(&w, SIM_2M_SIZE - 1, &r);
			if (!status && pass)
				status = for_range(m, &r, pass == 2);
			if (status)
				return status;
		}
	}
	return SIM_SUCCESS;
}
