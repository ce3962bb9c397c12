// SPDX-License-Identifier: GPL-2.0
/*
 * HMAC-SHA256, which the environment need not offer.
 */
#include "internal.h"

#define BLOCK	64

static void begin(struct sim_sha256 *s, const u8 key[BLOCK], u8 pad)
{
	u8 block[BLOCK];
	u32 i;

	for (i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	sim_env_sha256_init(s);
	sim_env_sha256_update(s, block, sizeof(block));
}

/**
 * sim_hmac_init - begin a keyed hash
 * @h: storage
 * @key: key
 * @len: its bytes, no more than a block of the hash (64)
 */
void sim_hmac_init(struct sim_hmac *h, const void *key, u32 len)
{
	memset(h->key, 0, sizeof(h->key));
	memcpy(h->key, key, len < BLOCK ? len : BLOCK);
	begin(&h->inner, h->key, 0x36);
}

/**
 * sim_hmac_update - hash more
 * @h: the state
 * @data: bytes to hash
 * @len: their number
 */
void sim_hmac_update(struct sim_hmac *h, const void *data, u32 len)
{
	sim_env_sha256_update(&h->inner, data, len);
}

/**
 * sim_hmac_final - end a keyed hash
 * @h: the state, which is used up
 * @out: the code
 */
void sim_hmac_final(struct sim_hmac *h, u8 out[32])
{
	u8 digest[32];

	sim_env_sha256_final(&h->inner, digest);
	begin(&h->inner, h->key, 0x5c);
	sim_env_sha256_update(&h->inner, digest, sizeof(digest));
	sim_env_sha256_final(&h->inner, out);
}

/**
 * sim_equal - compare secrets
 * @a: bytes
 * @b: bytes
 * @len: their number
 *
 * Return: true if they are the same; takes as long if they are not.
 */
bool sim_equal(const u8 *a, const u8 *b, u32 len)
{
	u8 diff = 0;

	while (len--)
		diff |= *a++ ^ *b++;
	return !diff;
}
