// SPDX-License-Identifier: GPL-2.0
/*
 * Swapping: pages leave the guest under its offline key and come back.
 *
 * Where a page belongs, and whether it was validated, is kept by a metadata
 * entry, which lies in a metadata page of the guest or in its context.
 */
#include "internal.h"

/* A command and what it works on. */
struct swap {
	const struct sim_cmd_swap *cmd;
	u32 size;
	u32 type;
	u64 len;
	struct sim_lookup src;
	struct sim_lookup dst;
	struct sim_ctx ctx;
};

static bool overlap(u64 a, u64 a_len, u64 b, u64 b_len)
{
	a &= ~SIM_C_BIT;
	b &= ~SIM_C_BIT;
	return a < b + b_len && b < a + a_len;
}

/* Operands, platform, entries and the place of the metadata. */
static u32 look_up(struct sim_machine *m, struct swap *s)
{
	const struct sim_cmd_swap *cmd = s->cmd;
	struct sim_lookup gctx, md;
	u32 status;

	s->size = cmd->flags & 1;
	s->type = (cmd->flags >> 1) & 3;
	s->len = s->size ? SIM_2M_SIZE : SIM_PAGE_SIZE;
	if (m->snp_state != SIM_PLAT_INIT)
		return SIM_INVALID_PLATFORM_STATE;
	status = sim_fw_lookup(m, cmd->gctx_paddr, &gctx);
	if (!status)
		status = sim_fw_lookup(m, cmd->src_paddr, &s->src);
	if (!status)
		status = sim_fw_lookup(m, cmd->dst_paddr, &s->dst);
	if (status)
		return status;
	if (gctx.state != SIM_PAGE_CONTEXT)
		return SIM_INVALID_GUEST;
	if (cmd->flags & SIM_SWAP_ROOT)
		return SIM_SUCCESS;

	status = sim_fw_lookup(m, cmd->mdata_paddr, &md);
	if (status)
		return status;
	if (cmd->mdata_paddr % sizeof(struct sim_mdata) ||
	    overlap(cmd->mdata_paddr, sizeof(struct sim_mdata), cmd->src_paddr,
		    s->len) ||
	    overlap(cmd->mdata_paddr, sizeof(struct sim_mdata), cmd->dst_paddr,
		    s->len))
		return SIM_INVALID_PARAM;
	if (md.state != SIM_PAGE_METADATA)
		return SIM_INVALID_PAGE_STATE;
	return sim_belongs_to(&md.e, cmd->gctx_paddr) ? SIM_SUCCESS :
							SIM_INVALID_PAGE_OWNER;
}

static u32 open_guest(struct sim_machine *m, struct swap *s)
{
	u32 status = sim_ctx_load(m, s->cmd->gctx_paddr, &s->ctx);

	if (status)
		return status;
	if (s->ctx.state != SIM_GUEST_LAUNCH &&
	    s->ctx.state != SIM_GUEST_RUNNING)
		return SIM_INVALID_GUEST_STATE;
	return sim_bound(&s->ctx.b) ? SIM_SUCCESS : SIM_INACTIVE;
}

static u32 read_mdata(struct sim_machine *m, const struct swap *s,
		      struct sim_mdata *md)
{
	if (!(s->cmd->flags & SIM_SWAP_ROOT))
		return sim_fw_read(m, s->cmd->mdata_paddr, md, sizeof(*md));
	*md = s->ctx.root;
	return SIM_SUCCESS;
}

static u32 write_mdata(struct sim_machine *m, struct swap *s,
		       const struct sim_mdata *md)
{
	if (!(s->cmd->flags & SIM_SWAP_ROOT))
		return sim_fw_write(m, s->cmd->mdata_paddr, md, sizeof(*md));
	s->ctx.root = *md;
	return SIM_SUCCESS;
}

/* AES in counter mode: the same for either direction. */
static void crypt_page(const struct swap *s, u64 iv, u32 nr, u64 *page)
{
	u8 nonce[12], tag[16];

	memcpy(nonce, &iv, sizeof(iv));
	memcpy(nonce + sizeof(iv), &nr, sizeof(nr));
	sim_env_aes256_gcm_seal(s->ctx.oek, nonce, NULL, 0, page,
				SIM_PAGE_SIZE, tag);
}

/* Authentication tag of a swapped page. */
static u32 make_tag(struct sim_machine *m, const struct swap *s, u64 pa,
		    u64 iv, u8 tag[16])
{
	struct sim_hmac h;
	u8 code[32];
	u32 status;
	u64 off;

	sim_hmac_init(&h, s->ctx.oek, sizeof(s->ctx.oek));
	sim_hmac_update(&h, &iv, sizeof(iv));
	for (off = 0; off < s->len; off += SIM_PAGE_SIZE) {
		status = sim_fw_read(m, pa + off, m->scratch, SIM_PAGE_SIZE);
		if (status)
			return status;
		sim_hmac_update(&h, m->scratch, SIM_PAGE_SIZE);
	}
	sim_hmac_final(&h, code);
	memcpy(tag, code, 16);
	return SIM_SUCCESS;
}

/* FIDELITY(swapped page): simplified - AES-256 in counter mode with an HMAC instead of GCM with a 64-bit IV */

/* Contents from the memory key to the offline key (out), or back. */
static u32 convert(struct sim_machine *m, const struct swap *s, u64 iv,
		   bool out)
{
	const u64 *key = s->type == SIM_SWAP_METADATA ?
				 NULL : m->asids.key[s->ctx.b.asid];
	u64 src = s->cmd->src_paddr & ~SIM_C_BIT;
	u64 dst = s->cmd->dst_paddr & ~SIM_C_BIT;
	u64 off, *page = m->scratch;
	u32 status;

	for (off = 0; off < s->len; off += SIM_PAGE_SIZE) {
		status = sim_fw_read(m, src + off, page, SIM_PAGE_SIZE);
		if (status)
			return status;
		if (out && key)
			sim_open_words(key, src + off, page, page,
				       SIM_PAGE_SIZE / 8);
		crypt_page(s, iv, off >> SIM_PAGE_SHIFT, page);
		if (!out && key)
			sim_seal_words(key, dst + off, page, page,
				       SIM_PAGE_SIZE / 8);
		status = sim_fw_write(m, dst + off, page, SIM_PAGE_SIZE);
		if (status)
			return status;
	}
	return SIM_SUCCESS;
}

static u32 check_both(const struct sim_machine *m, const struct swap *s)
{
	u32 status = sim_fw_check_range(m, s->cmd->src_paddr, s->len);

	return status ? status : sim_fw_check_range(m, s->cmd->dst_paddr,
						    s->len);
}

static bool open_to_guest(enum sim_page_state state)
{
	return state == SIM_PAGE_PRE_GUEST || state == SIM_PAGE_PRE_SWAP;
}

static u32 check_out(const struct swap *s)
{
	bool metadata = s->type == SIM_SWAP_METADATA;

	if (s->type > SIM_SWAP_VMSA)
		return SIM_INVALID_PAGE_STATE;
	if ((metadata ? s->src.state != SIM_PAGE_METADATA :
			!open_to_guest(s->src.state)) ||
	    !sim_fw_writable_state(s->dst.state))
		return SIM_INVALID_PAGE_STATE;
	if (metadata ? !sim_belongs_to(&s->src.e, s->cmd->gctx_paddr) :
		       sim_rmp_get_asid(&s->src.e) != s->ctx.b.asid)
		return SIM_INVALID_PAGE_OWNER;
	return SIM_SUCCESS;
}

static void make_entry(const struct swap *s, struct sim_mdata *md)
{
	memset(md, 0, sizeof(*md));
	md->software = s->cmd->software;
	md->entry = SIM_MDATA_VALID | (s->size ? SIM_MDATA_2M : 0);
	if (s->type == SIM_SWAP_METADATA) {
		md->entry |= SIM_MDATA_METADATA | SIM_MDATA_GPA;
		return;
	}
	md->entry |= sim_rmp_get_gfn(&s->src.e) << SIM_PAGE_SHIFT;
	if (s->type == SIM_SWAP_VMSA)
		md->entry |= SIM_MDATA_VMSA;
	if (s->src.e.lo & SIM_RMP_VALIDATED)
		md->entry |= SIM_MDATA_VALIDATED;
	md->vmpl = s->src.e.hi;
}

/* FIDELITY(SNP_PAGE_SWAP_OUT): modelled - the page's type is the caller's word [firmware 1.55.25] */
u32 sim_snp_swap_out(struct sim_machine *m, void *buf)
{
	struct swap s = { .cmd = buf };
	struct sim_mdata md;
	u32 status;

	if (sim_misaligned(s.cmd->gctx_paddr) ||
	    sim_misaligned(s.cmd->src_paddr) ||
	    sim_misaligned(s.cmd->dst_paddr) || s.cmd->flags & ~0x17ull)
		return SIM_INVALID_PARAM;
	status = look_up(m, &s);
	if (status)
		return status;
	if (sim_rmp_get_size(&s.src.e) != s.size ||
	    (s.dst.state != SIM_PAGE_DEFAULT &&
	     sim_rmp_get_size(&s.dst.e) != s.size))
		return SIM_INVALID_PAGE_SIZE;
	status = open_guest(m, &s);
	if (!status)
		status = check_out(&s);
	if (status)
		return status;
	if (s.ctx.oek_iv_count == ~1ull)
		return SIM_AEAD_OFLOW;
	status = check_both(m, &s);
	if (status)
		return status;

	make_entry(&s, &md);
	md.iv = s.ctx.oek_iv_count++;
	status = convert(m, &s, md.iv, true);
	if (!status)
		status = make_tag(m, &s, s.cmd->dst_paddr, md.iv, md.tag);
	if (status)
		return status;
	if (s.type == SIM_SWAP_METADATA)
		s.src.e.lo &= ~(SIM_RMP_GFN | SIM_RMP_VMSA);
	else
		/* FIDELITY(Pre-Swap -> Pre-Guest): modelled - SWAP_OUT */
		s.src.e.lo &= ~SIM_RMP_VALIDATED;
	sim_fw_put(m, &s.src);
	status = write_mdata(m, &s, &md);
	sim_ctx_store(m, s.cmd->gctx_paddr, &s.ctx);
	return status;
}

/* The type that the metadata say, or none. */
static u32 type_of(const struct sim_mdata *md)
{
	switch (md->entry & (SIM_MDATA_VMSA | SIM_MDATA_METADATA)) {
	case 0:
		return SIM_SWAP_DATA;
	case SIM_MDATA_METADATA:
		return SIM_SWAP_METADATA;
	case SIM_MDATA_VMSA:
		return SIM_SWAP_VMSA;
	default:
		return ~0u;
	}
}

static u32 check_in(const struct swap *s)
{
	bool in_place = s->cmd->flags & SIM_SWAP_IN_PLACE;

	switch (s->type) {
	case SIM_SWAP_METADATA:
		if (in_place)
			return SIM_INVALID_PARAM;
		return s->dst.state == SIM_PAGE_FIRMWARE ?
			       SIM_SUCCESS : SIM_INVALID_PAGE_STATE;
	case SIM_SWAP_VMSA:
		if (in_place)
			return SIM_INVALID_PARAM;
		if (s->size)
			return SIM_INVALID_PAGE_SIZE;
		break;
	default:
		if (in_place && s->cmd->src_paddr != s->cmd->dst_paddr)
			return SIM_INVALID_ADDRESS;
		break;
	}
	if (s->dst.state != SIM_PAGE_PRE_GUEST)
		return SIM_INVALID_PAGE_STATE;
	if (sim_rmp_get_asid(&s->dst.e) != s->ctx.b.asid)
		return SIM_INVALID_PAGE_OWNER;
	return SIM_SUCCESS;
}

/* The guest's clock may run at another ratio on this machine. */
static u32 fix_vmsa(struct sim_machine *m, const struct swap *s)
{
	u64 pa = s->cmd->dst_paddr & ~SIM_C_BIT, *vmsa = m->scratch;
	const u64 *key = m->asids.key[s->ctx.b.asid];
	u32 status = sim_fw_read(m, pa, vmsa, SIM_PAGE_SIZE);

	if (status)
		return status;
	sim_open_words(key, pa, vmsa, vmsa, SIM_PAGE_SIZE / 8);
	if (!(vmsa[SIM_VMSA_SEV_FEATURES / 8] & SIM_VMSA_FEAT_SECURE_TSC))
		return SIM_SUCCESS;
	vmsa[SIM_VMSA_TSC_SCALE / 8] =
		sim_tsc_scale(s->ctx.tsc_khz, m->cfg.tsc_khz);
	vmsa[SIM_VMSA_TSC_OFFSET / 8] = s->ctx.tsc_offset;
	sim_seal_words(key, pa, vmsa, vmsa, SIM_PAGE_SIZE / 8);
	return sim_fw_write(m, pa, vmsa, SIM_PAGE_SIZE);
}

static void restore_entry(struct swap *s, const struct sim_mdata *md)
{
	struct sim_rmp_raw *e = &s->dst.e;

	if (s->type == SIM_SWAP_METADATA) {
		sim_make_metadata(e, s->cmd->gctx_paddr);
		return;
	}
	e->lo &= ~(SIM_RMP_GFN | SIM_RMP_VMSA);
	e->lo |= ((md->entry >> SIM_PAGE_SHIFT) << SIM_RMP_GFN_SHIFT) &
		 SIM_RMP_GFN;
	if (s->type == SIM_SWAP_VMSA)
		e->lo |= SIM_RMP_VMSA;
	/* FIDELITY(Pre-Guest -> Pre-Swap): modelled - SWAP_IN of a page that was validated */
	if (md->entry & SIM_MDATA_VALIDATED)
		e->lo |= SIM_RMP_VALIDATED;
	e->hi = md->vmpl;
}

/*
 * FIDELITY(SNP_PAGE_SWAP_IN): simplified - a page with a wrong tag leaves the destination
 * as it was [firmware 1.55.25]
 */
u32 sim_snp_swap_in(struct sim_machine *m, void *buf)
{
	struct swap s = { .cmd = buf };
	struct sim_mdata md;
	u8 tag[16];
	u32 status;

	if (sim_misaligned(s.cmd->gctx_paddr) ||
	    sim_misaligned(s.cmd->src_paddr) ||
	    sim_misaligned(s.cmd->dst_paddr) || s.cmd->software ||
	    s.cmd->flags & ~0x1full)
		return SIM_INVALID_PARAM;
	status = look_up(m, &s);
	if (!status)
		status = open_guest(m, &s);
	if (!status)
		status = read_mdata(m, &s, &md);
	if (status)
		return status;
	if (type_of(&md) != s.type || !(md.entry & SIM_MDATA_VALID))
		return SIM_INVALID_MDATA_ENTRY;
	if ((s.src.state != SIM_PAGE_DEFAULT &&
	     sim_rmp_get_size(&s.src.e) != s.size) ||
	    sim_rmp_get_size(&s.dst.e) != s.size ||
	    !!(md.entry & SIM_MDATA_2M) != s.size)
		return SIM_INVALID_PAGE_SIZE;
	status = check_in(&s);
	if (!status)
		status = check_both(m, &s);
	if (!status)
		status = make_tag(m, &s, s.cmd->src_paddr, md.iv, tag);
	if (status)
		return status;
	if (!sim_equal(tag, md.tag, sizeof(tag)))
		return SIM_BAD_MEASUREMENT;

	status = convert(m, &s, md.iv, false);
	if (!status && s.type == SIM_SWAP_VMSA)
		status = fix_vmsa(m, &s);
	if (status)
		return status;
	restore_entry(&s, &md);
	sim_fw_put(m, &s.dst);
	md.entry &= ~SIM_MDATA_VALID;
	status = write_mdata(m, &s, &md);
	sim_ctx_store(m, s.cmd->gctx_paddr, &s.ctx);
	return status;
}
