// SPDX-License-Identifier: GPL-2.0
/*
 * Pages whose contents the firmware makes or changes: secrets and VMSA.
 */
#include "internal.h"

#define SECRETS_VERSION		3

/*
 * Quad-words of a VMSA that register protection covers, first .. last:
 * the general registers, RIP, and all floating point state.
 */
static const struct {
	u16 first, last;
} protected_words[] = {
	{ 0x178 / 8, 0x178 / 8 },	/* RIP */
	{ 0x1d8 / 8, 0x1d8 / 8 },	/* RSP */
	{ 0x1f8 / 8, 0x1f8 / 8 },	/* RAX */
	{ 0x308 / 8, 0x318 / 8 },	/* RCX, RDX, RBX */
	{ 0x328 / 8, 0x378 / 8 },	/* RBP, RSI, RDI, R8 .. R15 */
	{ 0x420 / 8, 0x668 / 8 },	/* x87, XMM, YMM */
	{ 0x980 / 8, 0xfb8 / 8 },	/* mask registers, ZMM */
};

static void tweak_bitmap(u8 bitmap[64])
{
	u32 i, w;

	memset(bitmap, 0, 64);
	for (i = 0; i < sizeof(protected_words) / sizeof(*protected_words); i++)
		for (w = protected_words[i].first;
		     w <= protected_words[i].last; w++)
			bitmap[w / 8] |= 1u << (w % 8);
}

/**
 * sim_vmsa_xor_protected - apply or remove the register protection
 * @vmsa: VMSA with the nonce in place
 *
 * Does nothing unless the VMSA's features ask for it.
 */
void sim_vmsa_xor_protected(u64 *vmsa)
{
	u64 nonce = vmsa[SIM_VMSA_REG_PROT_NONCE / 8];
	u32 i, w;

	if (!(vmsa[SIM_VMSA_SEV_FEATURES / 8] & SIM_VMSA_FEAT_REG_PROT))
		return;
	for (i = 0; i < sizeof(protected_words) / sizeof(*protected_words); i++)
		for (w = protected_words[i].first;
		     w <= protected_words[i].last; w++)
			vmsa[w] ^= nonce;
}

/**
 * sim_tsc_scale - ratio of two frequencies
 * @want_khz: the guest's
 * @have_khz: the host's
 *
 * Return: 8.32 fixed point, rounded up.
 */
u64 sim_tsc_scale(u32 want_khz, u32 have_khz)
{
	u64 whole = want_khz / have_khz, rest = want_khz % have_khz;

	rest = ((rest << 32) + have_khz - 1) / have_khz;
	return (whole & 0xff) << 32 | (rest & 0xffffffff);
}

/* FIDELITY(VMSA page): modelled - guest-visible bytes differ from measured ones [firmware 1.55.25] */

/**
 * sim_vmsa_prepare - turn a measured VMSA into what the guest gets
 * @m: machine
 * @ctx: guest
 * @page: the VMSA
 */
void sim_vmsa_prepare(struct sim_machine *m, const struct sim_ctx *ctx,
		      void *page)
{
	u64 *vmsa = page;
	u64 features = vmsa[SIM_VMSA_SEV_FEATURES / 8];

	if (features & SIM_VMSA_FEAT_REG_PROT) {
		sim_env_random(m, &vmsa[SIM_VMSA_REG_PROT_NONCE / 8],
			       sizeof(u64));
		sim_vmsa_xor_protected(vmsa);
	}
	if (features & SIM_VMSA_FEAT_SECURE_TSC) {
		vmsa[SIM_VMSA_TSC_SCALE / 8] =
			sim_tsc_scale(ctx->tsc_khz, m->cfg.tsc_khz);
		vmsa[SIM_VMSA_TSC_OFFSET / 8] = ctx->tsc_offset;
	}
	vmsa[SIM_VMSA_VIRTUAL_TOM / 8] = 0;
	vmsa[SIM_VMSA_TLB_ID / 8] = ~0ull;
}

/* FIDELITY(SECRETS page): modelled - [firmware 1.55.25] */

/**
 * sim_secrets_fill - make the secrets page
 * @m: machine
 * @ctx: guest
 * @page: 4 KiB, old contents are lost
 */
void sim_secrets_fill(struct sim_machine *m, const struct sim_ctx *ctx,
		      void *page)
{
	struct sim_secrets_page *s = page;

	memset(page, 0, SIM_PAGE_SIZE);
	s->version = SECRETS_VERSION;
	s->flags = ctx->imi_en;
	s->fms = m->cfg.cpuid_1_eax;
	memcpy(s->gosvw, ctx->gosvw, sizeof(s->gosvw));
	memcpy(s->vmpck, ctx->vmpck, sizeof(s->vmpck));
	tweak_bitmap(s->vmsa_tweak);
	s->tsc_factor = SIM_TSC_FACTOR;
}
