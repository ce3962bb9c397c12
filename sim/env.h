/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the simulated SNP hardware needs from the world around it.
 *
 * The files of sim/ are compiled twice: into the kernel (UML and x86) and
 * into a user-space library.  Everything that differs between the two is
 * declared here and defined by the binding of each build.
 */
#ifndef _SIM_ENV_H
#define _SIM_ENV_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#ifndef static_assert
#define static_assert _Static_assert
#endif
/* Kernels may zero what is on the stack; not this, it is written at once. */
#define __uninitialized
#endif

struct sim_machine;

/**
 * sim_env_phys - bytes of one 4 KiB page of simulated physical memory
 * @m: machine
 * @pa: any system physical address within the page, without the C-bit
 *
 * The core asks only for addresses that the machine's memory map lists as
 * DRAM.  The pointer is used at once and never kept.  Must be callable with
 * interrupts off; must not sleep.
 *
 * Return: first byte of the page, or NULL if the environment has no memory
 * there (the core then behaves as for an address that is not DRAM).
 */
void *sim_env_phys(struct sim_machine *m, u64 pa);

/**
 * sim_env_sha384 - SHA-384
 * @data: bytes to hash
 * @len: their number
 * @out: 48-byte digest
 */
void sim_env_sha384(const void *data, size_t len, u8 out[48]);

/**
 * struct sim_sha256 - SHA-256 that is not finished yet
 * @state: the environment's
 */
struct sim_sha256 {
	u64 state[16];
};

/**
 * sim_env_sha256_init - begin a SHA-256
 * @s: storage
 */
void sim_env_sha256_init(struct sim_sha256 *s);

/**
 * sim_env_sha256_update - hash more
 * @s: the state
 * @data: bytes to hash
 * @len: their number
 */
void sim_env_sha256_update(struct sim_sha256 *s, const void *data, size_t len);

/**
 * sim_env_sha256_final - end a SHA-256
 * @s: the state, which is used up
 * @out: 32-byte digest
 */
void sim_env_sha256_final(struct sim_sha256 *s, u8 out[32]);

/**
 * sim_env_aes128_ctr - AES-128 in counter mode, either direction
 * @key: key
 * @iv: first counter block, big endian
 * @data: encrypted or decrypted in place
 * @len: bytes
 */
void sim_env_aes128_ctr(const u8 key[16], const u8 iv[16], void *data,
			size_t len);

/**
 * sim_env_aes256_gcm_seal - encrypt and authenticate with AES-256-GCM
 * @key: key
 * @iv: initialisation vector
 * @aad: authenticated, not encrypted; NULL: none
 * @aad_len: bytes of it
 * @data: encrypted in place
 * @len: bytes, at most one page
 * @tag: authentication tag
 */
void sim_env_aes256_gcm_seal(const u8 key[32], const u8 iv[12],
			     const void *aad, size_t aad_len, void *data,
			     size_t len, u8 tag[16]);

/**
 * sim_env_aes256_gcm_open - the inverse
 * @key: key
 * @iv: initialisation vector
 * @aad: as when it was sealed
 * @aad_len: bytes of it
 * @data: decrypted in place; not to be used if the tag is wrong
 * @len: bytes, at most one page
 * @tag: authentication tag
 *
 * Return: true if the tag is right.
 */
bool sim_env_aes256_gcm_open(const u8 key[32], const u8 iv[12],
			     const void *aad, size_t aad_len, void *data,
			     size_t len, const u8 tag[16]);

/**
 * sim_env_p384_verify - ECDSA P-384 signature check
 * @qx: public key, x coordinate, big endian
 * @qy: public key, y coordinate, big endian
 * @r: signature, r, big endian
 * @s: signature, s, big endian
 * @digest: SHA-384 digest of the signed bytes
 *
 * Return: true if the point lies on the curve and the signature is good;
 * false in every other case.
 */
bool sim_env_p384_verify(const u8 qx[48], const u8 qy[48], const u8 r[48],
			 const u8 s[48], const u8 digest[48]);

/**
 * sim_env_random - bytes for keys, nonces and identifiers
 * @m: machine
 * @buf: where they go
 * @len: how many
 *
 * An environment that wants reproducible runs draws them from a seed.
 */
void sim_env_random(struct sim_machine *m, void *buf, size_t len);

#endif /* _SIM_ENV_H */
