/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hashes that are known already.  A campaign launches the same few guests thousands of
 * times, so that in its kernel what has been hashed once is looked up.  Data is compared as
 * a whole: what differs in one bit is hashed.  Everybody else hashes whatever comes.
 */
#ifndef _SIM_HASH_MEMO_H
#define _SIM_HASH_MEMO_H

#ifdef __KERNEL__
#include <linux/types.h>
#endif

#ifdef CONFIG_KVM_CAMPAIGN

/**
 * sim_hash_find() - has this been hashed before?
 * @state: of the hash before, 8 words; NULL: a new hash
 * @data: what is to be hashed
 * @len: bytes
 * @result: gets what sim_hash_keep() was given, up to 8 words
 *
 * Under the lock of the machine, as sim_hash_keep().
 *
 * Return: true if @result is what it becomes.
 */
bool sim_hash_find(const u64 *state, const void *data, u32 len, u64 *result);

/**
 * sim_hash_keep() - remember what a hash has become
 * @state: as above
 * @data: as above
 * @len: as above
 * @result: 8 words
 */
void sim_hash_keep(const u64 *state, const void *data, u32 len, const u64 *result);

#else
static inline bool sim_hash_find(const u64 *state, const void *data, u32 len, u64 *result)
{
	(void)state;
	(void)data;
	(void)len;
	(void)result;
	return false;
}

static inline void sim_hash_keep(const u64 *state, const void *data, u32 len,
				 const u64 *result)
{
	(void)state;
	(void)data;
	(void)len;
	(void)result;
}
#endif

#endif /* _SIM_HASH_MEMO_H */
