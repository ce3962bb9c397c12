// SPDX-License-Identifier: GPL-2.0
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include "world.h"

static struct world *world_of(struct sim_machine *m)
{
	return m->env;
}

/* ---- environment of the core ---- */

void *sim_env_phys(struct sim_machine *m, u64 pa)
{
	struct world *w = world_of(m);
	u64 page = pa >> 12;

	if (w->phys)
		return w->phys(pa);
	if (pa >= WORLD_MEM)
		return NULL;
	w->touched[page >> 6] |= 1ull << (page & 63);
	return w->mem + (page << 12);
}

void sim_env_random(struct sim_machine *m, void *buf, size_t len)
{
	struct world *w = world_of(m);
	u8 *out = buf;
	size_t n;
	u64 z;

	while (len) {
		w->seed += 0x9e3779b97f4a7c15ull;
		z = w->seed;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
		z ^= z >> 31;
		n = len < sizeof(z) ? len : sizeof(z);
		memcpy(out, &z, n);
		out += n;
		len -= n;
	}
}

static void sha384(const void *data, size_t len, u8 out[48])
{
	SHA512_CTX ctx;

	SHA384_Init(&ctx);
	SHA384_Update(&ctx, data, len);
	SHA384_Final(out, &ctx);
}

/*
 * Digests of pages seen before.  The whole page is compared, so a hit is
 * never wrong.
 */
#define CACHE_SLOTS	16

static struct cached_page {
	bool used;
	u8 digest[48];
	u64 words[512];
} *cache;

static u64 fingerprint(const u64 *words)
{
	u64 a = 1, b = 2, c = 3, d = 4;
	u32 i;

	for (i = 0; i < 512; i += 4) {
		a = (a ^ words[i]) * 0x9e3779b97f4a7c15ull;
		b = (b ^ words[i + 1]) * 0xbf58476d1ce4e5b9ull;
		c = (c ^ words[i + 2]) * 0x94d049bb133111ebull;
		d = (d ^ words[i + 3]) * 0xd6e8feb86659fd93ull;
	}
	a += b ^ (c >> 17) ^ (d << 9);
	return a ^ (a >> 32);
}

void world_cache_digests(bool on)
{
	free(cache);
	cache = on ? calloc(CACHE_SLOTS, sizeof(*cache)) : NULL;
}

void sim_env_sha384(const void *data, size_t len, u8 out[48])
{
	struct cached_page *p;

	if (!cache || len != 4096 || (uintptr_t)data % 8) {
		sha384(data, len, out);
		return;
	}
	p = &cache[fingerprint(data) % CACHE_SLOTS];
	if (!p->used || memcmp(p->words, data, 4096)) {
		p->used = true;
		memcpy(p->words, data, 4096);
		sha384(data, len, p->digest);
	}
	memcpy(out, p->digest, 48);
}

void sim_env_sha256_init(struct sim_sha256 *s)
{
	_Static_assert(sizeof(SHA256_CTX) <= sizeof(*s), "SHA-256");
	SHA256_Init((SHA256_CTX *)s);
}

void sim_env_sha256_update(struct sim_sha256 *s, const void *data, size_t len)
{
	SHA256_Update((SHA256_CTX *)s, data, len);
}

void sim_env_sha256_final(struct sim_sha256 *s, u8 out[32])
{
	SHA256_Final(out, (SHA256_CTX *)s);
}

static void need(bool good)
{
	if (good)
		return;
	fprintf(stderr, "libcrypto can't do AES\n");
	exit(2);
}

void sim_env_aes128_ctr(const u8 key[16], const u8 iv[16], void *data,
			size_t len)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	need(c && EVP_EncryptInit_ex(c, EVP_aes_128_ctr(), NULL, key, iv) &&
	     EVP_EncryptUpdate(c, data, &n, data, len));
	EVP_CIPHER_CTX_free(c);
}

void sim_env_aes256_gcm_seal(const u8 key[32], const u8 iv[12],
			     const void *aad, size_t aad_len, void *data,
			     size_t len, u8 tag[16])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	u8 rest[16];
	int n;

	need(c && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, iv) &&
	     (!aad || EVP_EncryptUpdate(c, NULL, &n, aad, aad_len)) &&
	     EVP_EncryptUpdate(c, data, &n, data, len) &&
	     EVP_EncryptFinal_ex(c, rest, &n) &&
	     EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag));
	EVP_CIPHER_CTX_free(c);
}

bool sim_env_aes256_gcm_open(const u8 key[32], const u8 iv[12],
			     const void *aad, size_t aad_len, void *data,
			     size_t len, const u8 tag[16])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	u8 rest[16];
	bool good;
	int n;

	need(c && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, iv) &&
	     (!aad || EVP_DecryptUpdate(c, NULL, &n, aad, aad_len)) &&
	     EVP_DecryptUpdate(c, data, &n, data, len) &&
	     EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, 16, (void *)tag));
	good = EVP_DecryptFinal_ex(c, rest, &n) > 0;
	EVP_CIPHER_CTX_free(c);
	return good;
}

static EVP_PKEY *p384_key(const u8 qx[48], const u8 qy[48])
{
	u8 point[97];
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
				       (char *)"secp384r1", 0),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
					sizeof(point)),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	point[0] = 4;
	memcpy(point + 1, qx, 48);
	memcpy(point + 49, qy, 48);
	if (ctx && EVP_PKEY_fromdata_init(ctx) > 0)
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

bool sim_env_p384_verify(const u8 qx[48], const u8 qy[48], const u8 r[48],
			 const u8 s[48], const u8 digest[48])
{
	EVP_PKEY *key = p384_key(qx, qy);
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	u8 *der = NULL;
	bool good = false;
	int len;

	if (ctx && sig &&
	    ECDSA_SIG_set0(sig, BN_bin2bn(r, 48, NULL),
			   BN_bin2bn(s, 48, NULL))) {
		len = i2d_ECDSA_SIG(sig, &der);
		good = len > 0 && EVP_PKEY_verify_init(ctx) > 0 &&
		       EVP_PKEY_verify(ctx, der, len, digest, 48) == 1;
	}
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return good;
}

/* ---- the world ---- */

struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w)
		w->mem = mmap(NULL, WORLD_MEM, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			      -1, 0);
	if (!w || w->mem == MAP_FAILED) {
		perror("memory of the simulated machine");
		exit(2);
	}
	w->m.env = w;
	return w;
}

void world_free(struct world *w)
{
	munmap(w->mem, WORLD_MEM);
	free(w);
}

static void clear_pages(u8 *base, u64 *bits, size_t words)
{
	size_t i;

	for (i = 0; i < words; i++) {
		while (bits[i]) {
			u32 bit = __builtin_ctzll(bits[i]);

			bits[i] &= bits[i] - 1;
			memset(base + ((i * 64 + bit) << 12), 0, 4096);
		}
	}
}

int world_reset(struct world *w, const struct world_options *opt)
{
	struct sim_machine_config cfg = {
		.dram = {
			{ 0, WORLD_HOLE },
			{ WORLD_HOLE_END, WORLD_MEM },
		},
		.nr_dram = 2,
		.reserved = { { 0xa0000, 0xc0000 } },	/* ASEG */
		.nr_reserved = 1,
		.iommu_pages = { WORLD_IOMMU, WORLD_IOMMU + 0x1000 },
		.nr_iommu_pages = 2,
		.rmp_base = WORLD_RMP_BASE,
		.rmp_end = WORLD_RMP_END,
		.rmp = w->mem + WORLD_RMP_BASE,
		.nr_ccx = opt->nccx,
		.cpus_per_ccx = 4,
		.nr_apic_ids = 8,
		.min_sev_asid = opt->min_sev_asid,
		.max_asid = 1006,
		.dies = opt->dies,
		.smt = opt->smt,
		.snp_enabled = opt->snpen,
		.hsave_nonzero = opt->hsave,
		.cpuid_1_eax = 0x00a10f11,
	};

	clear_pages(w->mem, w->touched,
		    sizeof(w->touched) / sizeof(*w->touched));
	clear_pages(w->mem + WORLD_RMP_BASE, w->rmp_dirty,
		    sizeof(w->rmp_dirty) / sizeof(*w->rmp_dirty));
	w->seed = opt->seed;
	if (sim_machine_init(&w->m, &cfg))
		return -1;
	w->m.rmp_dirty = w->rmp_dirty;
	w->m.rmp_zeroed = true;
	return 0;
}

void world_watch(struct world *w)
{
	memset(w->rmp_touched, 0xff, sizeof(w->rmp_touched));
	w->m.rmp_touched = w->rmp_touched;
}

u8 *world_mem(struct world *w, u64 pa, u64 len)
{
	u64 page;

	pa &= ~SIM_C_BIT;
	if (!len || pa >= WORLD_MEM || len > WORLD_MEM - pa)
		return NULL;
	for (page = pa >> 12; page <= (pa + len - 1) >> 12; page++)
		w->touched[page >> 6] |= 1ull << (page & 63);
	if (pa + len > WORLD_RMP_BASE && pa <= WORLD_RMP_END)
		w->m.rmp_zeroed = false;
	return w->mem + pa;
}

u32 world_psp(struct world *w, u32 cmd, u64 cmdbuf, const void *data, u32 len)
{
	u8 *buf = len ? world_mem(w, cmdbuf, len) : NULL;
	u32 lo, hi;

	if (buf)
		memcpy(buf, data, len);
	return sim_psp_cmd(&w->m, cmd, cmdbuf, &lo, &hi);
}
