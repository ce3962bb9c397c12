// SPDX-License-Identifier: GPL-2.0
/*
 * Contents of private memory.
 *
 * The memory controller of the real machine encrypts with AES.  Here every
 * 64-bit word is mixed with a key and a tweak that depends on its physical
 * address.  This is NO cipher and protects nothing; it is a permutation that
 * is cheap, differs for each key and address, and is not undone by anybody
 * who merely forgets that a page is private.  That is all a test needs: the
 * host sees noise, the guest sees its bytes, and bytes moved to another page
 * or another ASID turn into noise.
 */
#include "internal.h"

/* FIDELITY(memory encryption): simplified - keyed and address-tweaked mixing instead of AES [policy] */

/**
 * sim_seal_words - plain text to what the memory chips hold
 * @key: owner's key
 * @pa: physical address of the first word, 8-byte aligned, C-bit clear
 * @dst: where to, may be @src
 * @src: plain text
 * @words: number of 64-bit words, within one page
 */
void sim_seal_words(const u64 key[2], u64 pa, u64 *dst, const u64 *src,
		    u32 words)
{
	const u64 k[2] = { key[0], key[1] };
	u64 t = sim_tweak(k, pa);
	u32 i;

	/* By four: this is most of what a launch costs besides its hash. */
	for (i = 0; i + 4 <= words; i += 4, t += 4 * SIM_TWEAK_STEP) {
		dst[i] = sim_seal_word(k, t, src[i]);
		dst[i + 1] = sim_seal_word(k, t + SIM_TWEAK_STEP, src[i + 1]);
		dst[i + 2] = sim_seal_word(k, t + 2 * SIM_TWEAK_STEP, src[i + 2]);
		dst[i + 3] = sim_seal_word(k, t + 3 * SIM_TWEAK_STEP, src[i + 3]);
	}
	for (; i < words; i++, t += SIM_TWEAK_STEP)
		dst[i] = sim_seal_word(k, t, src[i]);
}

/**
 * sim_open_words - inverse of sim_seal_words()
 * @key: owner's key
 * @pa: physical address of the first word
 * @dst: plain text, may be @src
 * @src: what the memory chips hold
 * @words: number of 64-bit words, within one page
 */
void sim_open_words(const u64 key[2], u64 pa, u64 *dst, const u64 *src,
		    u32 words)
{
	const u64 k[2] = { key[0], key[1] };
	u64 t = sim_tweak(k, pa);
	u32 i;

	for (i = 0; i + 4 <= words; i += 4, t += 4 * SIM_TWEAK_STEP) {
		dst[i] = sim_open_word(k, t, src[i]);
		dst[i + 1] = sim_open_word(k, t + SIM_TWEAK_STEP, src[i + 1]);
		dst[i + 2] = sim_open_word(k, t + 2 * SIM_TWEAK_STEP, src[i + 2]);
		dst[i + 3] = sim_open_word(k, t + 3 * SIM_TWEAK_STEP, src[i + 3]);
	}
	for (; i < words; i++, t += SIM_TWEAK_STEP)
		dst[i] = sim_open_word(k, t, src[i]);
}

static bool all_present(struct sim_machine *m, u64 spa, size_t len)
{
	u64 end = spa + len;
	u64 pa;

	if (end < spa || !len || !sim_is_dram(m, spa, len))
		return !len;
	for (pa = spa & ~(SIM_PAGE_SIZE - 1); pa < end; pa += SIM_PAGE_SIZE)
		if (!sim_env_phys(m, pa))
			return false;
	return true;
}

static const u64 *asid_key(const struct sim_machine *m, u32 asid)
{
	return m->asids.key[asid < SIM_MAX_ASIDS ? asid : 0];
}

bool sim_guest_read(struct sim_machine *m, u32 asid, u64 spa, void *buf,
		    size_t len)
{
	u64 word;
	u8 *out = buf, *page;
	u32 off, n;

	spa &= ~SIM_C_BIT;
	if (!all_present(m, spa, len))
		return false;
	while (len) {
		page = sim_env_phys(m, spa);
		off = spa & (SIM_PAGE_SIZE - 1);
		n = SIM_PAGE_SIZE - off;
		if (n > len)
			n = len;
		if (!asid) {
			memcpy(out, page + off, n);
		} else if (!(off & 7) && !(n & 7) && !((unsigned long)out & 7)) {
			sim_open_words(asid_key(m, asid), spa, (u64 *)out,
				       (u64 *)(page + off), n / 8);
		} else {
			u32 in_word = off & 7;

			if (n > 8 - in_word)
				n = 8 - in_word;
			sim_open_words(asid_key(m, asid), spa - in_word, &word,
				       (u64 *)(page + off - in_word), 1);
			memcpy(out, (u8 *)&word + in_word, n);
		}
		out += n;
		spa += n;
		len -= n;
	}
	return true;
}

bool sim_guest_write(struct sim_machine *m, u32 asid, u64 spa,
		     const void *buf, size_t len)
{
	const u8 *in = buf;
	u64 word;
	u8 *page;
	u32 off, n;

	spa &= ~SIM_C_BIT;
	if (!all_present(m, spa, len))
		return false;
	while (len) {
		page = sim_env_phys(m, spa);
		off = spa & (SIM_PAGE_SIZE - 1);
		n = SIM_PAGE_SIZE - off;
		if (n > len)
			n = len;
		if (!asid) {
			memcpy(page + off, in, n);
		} else if (!(off & 7) && !(n & 7) && !((unsigned long)in & 7)) {
			sim_seal_words(asid_key(m, asid), spa,
				       (u64 *)(page + off), (const u64 *)in,
				       n / 8);
		} else {
			u32 in_word = off & 7;
			u64 *w = (u64 *)(page + off - in_word);

			if (n > 8 - in_word)
				n = 8 - in_word;
			sim_open_words(asid_key(m, asid), spa - in_word, &word,
				       w, 1);
			memcpy((u8 *)&word + in_word, in, n);
			sim_seal_words(asid_key(m, asid), spa - in_word, w,
				       &word, 1);
		}
		in += n;
		spa += n;
		len -= n;
	}
	return true;
}
