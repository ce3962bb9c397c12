// SPDX-License-Identifier: GPL-2.0
/* Hashes that are known already, see hash_memo.h.  Allocates nothing. */
#include <linux/array_size.h>
#include <linux/hash.h>
#include <linux/string.h>

#include "hash_memo.h"

#define WAYS		4
#define SMALL_SETS	256
#define PAGE_SETS	32

/* What a record of MRTD, or of the launch digest, is at most */
#define SMALL		384
#define LARGE		4096

struct known {
	u32 len;
	u64 state[8];
	u64 result[8];
};

/* The data of each is in the array of the same name. */
static struct known small[SMALL_SETS * WAYS], large[PAGE_SETS * WAYS];
static u8 small_data[ARRAY_SIZE(small)][SMALL], large_data[ARRAY_SIZE(large)][LARGE];

/* A place for one @data of @len bytes, or for four of them */
struct place {
	struct known *known;
	u8 *data;
	u32 size;
};

/* Where @data is if it is known.  Return: false if there is no place for so much. */
static bool find_set(const u64 *state, const void *data, u32 len, struct place *p)
{
	const u64 *w = data;
	u64 key = len;
	u32 i, set;

	if (len < 2 * sizeof(*w) || len > LARGE || len % sizeof(*w))
		return false;
	len /= sizeof(*w);
	/* What was hashed before tells most data apart, or a few words do. */
	if (state)
		key ^= state[0];
	for (i = 0; i < (state ? 4 : 16); i++)
		key = (key ^ w[i * (len - 1) / 15]) * GOLDEN_RATIO_64;
	if (len * sizeof(*w) <= SMALL) {
		set = hash_64(key, ilog2(SMALL_SETS)) * WAYS;
		*p = (struct place){ &small[set], small_data[set], SMALL };
	} else {
		set = hash_64(key, ilog2(PAGE_SETS)) * WAYS;
		*p = (struct place){ &large[set], large_data[set], LARGE };
	}
	return true;
}

static const u64 nothing[8];

bool sim_hash_find(const u64 *state, const void *data, u32 len, u64 *result)
{
	struct place p;
	u32 i;

	if (!find_set(state, data, len, &p))
		return false;
	state = state ?: nothing;
	for (i = 0; i < WAYS; i++) {
		const struct known *k = &p.known[i];

		if (k->len != len || memcmp(k->state, state, sizeof(k->state)) ||
		    memcmp(p.data + i * p.size, data, len))
			continue;
		memcpy(result, k->result, sizeof(k->result));
		return true;
	}
	return false;
}

void sim_hash_keep(const u64 *state, const void *data, u32 len, const u64 *result)
{
	static u32 next;
	struct place p;
	u32 i;

	if (!find_set(state, data, len, &p))
		return;
	for (i = 0; i < WAYS && p.known[i].len; i++)
		;
	if (i == WAYS)
		i = next++ % WAYS;
	p.known[i].len = len;
	memcpy(p.known[i].state, state ?: nothing, sizeof(nothing));
	memcpy(p.known[i].result, result, sizeof(p.known[i].result));
	memcpy(p.data + i * p.size, data, len);
}
