// SPDX-License-Identifier: GPL-2.0
/*
 * MRTD: SHA-384 over the record of what was added to the TD.
 *
 * Every record is a whole number of hash blocks, so the state of the hash is
 * eight words and a length, which live in the TDCS.
 */
#include "tdx_internal.h"
#include "hash_memo.h"

#define BLOCK	128
#define CHUNK	256

static const u64 round_constants[80] = {
	0x428a2f98d728ae22ull, 0x7137449123ef65cdull, 0xb5c0fbcfec4d3b2full,
	0xe9b5dba58189dbbcull, 0x3956c25bf348b538ull, 0x59f111f1b605d019ull,
	0x923f82a4af194f9bull, 0xab1c5ed5da6d8118ull, 0xd807aa98a3030242ull,
	0x12835b0145706fbeull, 0x243185be4ee4b28cull, 0x550c7dc3d5ffb4e2ull,
	0x72be5d74f27b896full, 0x80deb1fe3b1696b1ull, 0x9bdc06a725c71235ull,
	0xc19bf174cf692694ull, 0xe49b69c19ef14ad2ull, 0xefbe4786384f25e3ull,
	0x0fc19dc68b8cd5b5ull, 0x240ca1cc77ac9c65ull, 0x2de92c6f592b0275ull,
	0x4a7484aa6ea6e483ull, 0x5cb0a9dcbd41fbd4ull, 0x76f988da831153b5ull,
	0x983e5152ee66dfabull, 0xa831c66d2db43210ull, 0xb00327c898fb213full,
	0xbf597fc7beef0ee4ull, 0xc6e00bf33da88fc2ull, 0xd5a79147930aa725ull,
	0x06ca6351e003826full, 0x142929670a0e6e70ull, 0x27b70a8546d22ffcull,
	0x2e1b21385c26c926ull, 0x4d2c6dfc5ac42aedull, 0x53380d139d95b3dfull,
	0x650a73548baf63deull, 0x766a0abb3c77b2a8ull, 0x81c2c92e47edaee6ull,
	0x92722c851482353bull, 0xa2bfe8a14cf10364ull, 0xa81a664bbc423001ull,
	0xc24b8b70d0f89791ull, 0xc76c51a30654be30ull, 0xd192e819d6ef5218ull,
	0xd69906245565a910ull, 0xf40e35855771202aull, 0x106aa07032bbd1b8ull,
	0x19a4c116b8d2d0c8ull, 0x1e376c085141ab53ull, 0x2748774cdf8eeb99ull,
	0x34b0bcb5e19b48a8ull, 0x391c0cb3c5c95a63ull, 0x4ed8aa4ae3418acbull,
	0x5b9cca4f7763e373ull, 0x682e6ff3d6b2b8a3ull, 0x748f82ee5defb2fcull,
	0x78a5636f43172f60ull, 0x84c87814a1f0ab72ull, 0x8cc702081a6439ecull,
	0x90befffa23631e28ull, 0xa4506cebde82bde9ull, 0xbef9a3f7b2c67915ull,
	0xc67178f2e372532bull, 0xca273eceea26619cull, 0xd186b8c721c0c207ull,
	0xeada7dd6cde0eb1eull, 0xf57d4f7fee6ed178ull, 0x06f067aa72176fbaull,
	0x0a637dc5a2c898a6ull, 0x113f9804bef90daeull, 0x1b710b35131c471bull,
	0x28db77f523047d84ull, 0x32caab7b40c72493ull, 0x3c9ebe0a15c9bebcull,
	0x431d67c49c100d4cull, 0x4cc5d4becb3e42b6ull, 0x597f299cfc657e2aull,
	0x5fcb6fab3ad6faecull, 0x6c44198c4a475817ull,
};

static const u64 initial_state[8] = {
	0xcbbb9d5dc1059ed8ull, 0x629a292a367cd507ull, 0x9159015a3070dd17ull,
	0x152fecd8f70e5939ull, 0x67332667ffc00b31ull, 0x8eb44a8768581511ull,
	0xdb0c2e0d64f98fa7ull, 0x47b5481dbefa4fa4ull,
};

static inline u64 ror(u64 x, u32 n)
{
	return x >> n | x << (64 - n);
}

static inline u64 big_endian(u64 x)
{
	return __builtin_bswap64(x);
}

/* One block of the hash, as FIPS 180-4 defines it. */
static void hash_block(u64 state[8], const u8 *block)
{
	u64 w[16], s[8], t1, t2, x;
	u32 i;

	memcpy(s, state, sizeof(s));
	for (i = 0; i < 80; i++) {
		if (i < 16) {
			memcpy(&x, block + 8 * i, 8);
			w[i] = big_endian(x);
		} else {
			u64 a = w[(i + 1) & 15], b = w[(i + 14) & 15];

			w[i & 15] += (ror(a, 1) ^ ror(a, 8) ^ a >> 7) +
				w[(i + 9) & 15] +
				(ror(b, 19) ^ ror(b, 61) ^ b >> 6);
		}
		t1 = s[7] + (ror(s[4], 14) ^ ror(s[4], 18) ^ ror(s[4], 41)) +
			((s[4] & s[5]) ^ (~s[4] & s[6])) +
			round_constants[i] + w[i & 15];
		t2 = (ror(s[0], 28) ^ ror(s[0], 34) ^ ror(s[0], 39)) +
			((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		s[7] = s[6];
		s[6] = s[5];
		s[5] = s[4];
		s[4] = s[3] + t1;
		s[3] = s[2];
		s[2] = s[1];
		s[1] = s[0];
		s[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		state[i] += s[i];
}

void sim_tdx_hash(u64 state[8], const u8 *data, u32 len)
{
	u64 begin = sim_cost_begin(), before[8];
	u32 i;

	memcpy(before, state, sizeof(before));
	if (!sim_hash_find(before, data, len, state)) {
		for (i = 0; i < len; i += BLOCK)
			hash_block(state, data + i);
		sim_hash_keep(before, data, len, state);
	}
	sim_cost_end(SIM_COST_HASH, begin);
}

/* The words of the TDCS that the hash is in, at once */
struct mrtd {
	u64 started;
	u64 length;
	u64 state[8];
};

#define MRTD_WORDS	(sizeof(struct mrtd) / 8)
static_assert(TDCS_SHA_LENGTH == TDCS_SHA_STARTED + 1, "as struct mrtd");
static_assert(TDCS_SHA_STATE == TDCS_SHA_LENGTH + 1, "as struct mrtd");

static void load_mrtd(const struct tdx_call *c, struct mrtd *h)
{
	if (c->tdcs_page)
		sim_open_words(c->key, c->tdcs + 8 * TDCS_SHA_STARTED, (u64 *)h,
			       c->tdcs_page + TDCS_SHA_STARTED, MRTD_WORDS);
	else
		memset(h, 0, sizeof(*h));
	if (!h->started)
		memcpy(h->state, initial_state, sizeof(initial_state));
}

static void extend(struct tdx_call *c, const u8 *record, u32 len)
{
	struct mrtd h __uninitialized;

	load_mrtd(c, &h);
	sim_tdx_hash(h.state, record, len);
	h.started = 1;
	h.length += len;
	if (c->tdcs_page)
		sim_seal_words(c->key, c->tdcs + 8 * TDCS_SHA_STARTED,
			       c->tdcs_page + TDCS_SHA_STARTED, (u64 *)&h, MRTD_WORDS);
}

/* What a record begins with, and is if it is about no contents */
struct record_header {
	u64 name[2];
	u64 gpa;
	u64 zero[13];
};
static_assert(sizeof(struct record_header) == BLOCK, "one block");

/* Word by word: a string instruction would take as long as all else here. */
static inline void begin_record(struct record_header *h, const char name[16], u64 gpa)
{
	u64 *z = h->zero;

	memcpy(h->name, name, sizeof(h->name));
	h->gpa = gpa;
	z[0] = z[1] = z[2] = z[3] = z[4] = z[5] = z[6] = 0;
	z[7] = z[8] = z[9] = z[10] = z[11] = z[12] = 0;
}

/*
 * FIDELITY(MRTD): modelled - [recomputed from recorded operations of TDX
 * module 1.5.01]
 */
void tdx_mrtd_page_add(struct tdx_call *c, u64 gpa)
{
	static const char name[16] = "MEM.PAGE.ADD";
	struct record_header record __uninitialized;

	begin_record(&record, name, gpa);
	extend(c, (u8 *)&record, sizeof(record));
}

static void mrtd_extend(struct tdx_call *c, u64 gpa, u64 pa)
{
	static const char name[16] = "MR.EXTEND";
	struct {
		struct record_header header;
		u64 chunk[CHUNK / 8];
	} record __uninitialized;
	u8 *page = sim_tdx_env_phys(c->t, pa);
	u64 begin = sim_cost_begin();

	begin_record(&record.header, name, gpa);
	if (page)
		sim_open_words(c->key, pa, record.chunk,
			       (u64 *)(page + (pa & (TDX_PAGE_SIZE - 1))),
			       CHUNK / 8);
	else
		memset(record.chunk, 0xff, CHUNK);
	sim_cost_end(SIM_COST_CONTENTS, begin);
	extend(c, (u8 *)&record, sizeof(record));
}

static void mrtd_finish(struct tdx_call *c)
{
	u8 padding[BLOCK] = { 0x80 };
	struct mrtd h;
	u64 bits;
	u32 i;

	load_mrtd(c, &h);
	bits = big_endian(h.length * 8);
	memcpy(padding + BLOCK - sizeof(bits), &bits, sizeof(bits));
	hash_block(h.state, padding);
	for (i = 0; i < 6; i++)
		tdcs_set(c, TDCS_MRTD + i, big_endian(h.state[i]));
}

/*
 * FIDELITY(TDH.MR.EXTEND): modelled - has a walk of its own, to whatever page
 * maps the address [TDX module 1.5.01]
 */
u64 sim_tdh_mr_extend(struct tdx_call *c)
{
	u64 gpa = c->r->rcx, tdr = c->r->rdx, status;
	struct tdx_sept s = { .gpa = gpa };

	c->r->rcx = 0;
	c->r->rdx = 0;
	status = tdx_take_tdr(c, tdr, SIM_OPND_RDX, true);
	if (!status)
		status = tdx_check_state(c, OP_MASK(INITIALIZED), false);
	if (status)
		return status;
	if ((gpa & (CHUNK - 1)) || gpa >> 52 || !tdx_is_private_gpa(c, gpa))
		return TDX_ERR(OPERAND_INVALID, RCX);
	tdx_sept_walk(c, &s);
	if (!sept_is_mapped_page(s.raw))
		return tdx_sept_fail(c, SIM_TDX_EPT_ENTRY_NOT_PRESENT, &s);
	sim_tdx_env_yield(c->t);
	mrtd_extend(c, gpa, (s.raw & SEPT_ADDR) +
		    (gpa & (tdx_size(s.level) - 1)));
	return TDX_RET(SUCCESS);
}

/* FIDELITY(TDH.MR.FINALIZE): modelled - [TDX module 1.5.01] */
u64 sim_tdh_mr_finalize(struct tdx_call *c)
{
	u64 status;

	status = tdx_take_tdr(c, c->r->rcx, SIM_OPND_RCX, true);
	if (!status)
		status = tdx_check_state(c, OP_MASK(INITIALIZED), false);
	if (status)
		return status;
	if (!tdcs_get(c, TDCS_NUM_VCPUS))
		return TDX_RET(NO_VCPUS);
	sim_tdx_env_yield(c->t);
	mrtd_finish(c);
	/* FIDELITY(op_state INITIALIZED -> RUNNABLE): modelled - MR.FINALIZE [TDX module 1.5.01] */
	tdcs_set(c, TDCS_OP_STATE, SIM_OP_RUNNABLE);
	return TDX_RET(SUCCESS);
}
