// SPDX-License-Identifier: GPL-2.0
/*
 * The machine of this kernel, its environment (memory, hashes, random
 * numbers), and the protection of the host's own mapping of memory (O2).
 */
#include <crypto/aes.h>
#include <crypto/ecdh.h>
#include <crypto/gcm.h>
#include <crypto/internal/ecc.h>
#include <crypto/sha2.h>
#include <crypto/utils.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/psp-sev.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "gate.h"
#include "hash_memo.h"
#include "host_priv.h"
#include "oracle.h"
#include "profile.h"
#include "snp.h"
#include "tdx_host_priv.h"

DEFINE_RAW_SPINLOCK(sim_machine_lock);
struct sim_machine sim_machine;
const struct sim_platform *sim_platform;

static u64 random_state;

/* Environment of the core, see env.h */

void *sim_env_phys(struct sim_machine *m, u64 pa)
{
	return sim_platform->phys(pa & PAGE_MASK);
}

void sim_env_sha384(const void *data, size_t len, u8 out[48])
{
	u64 begin = sim_cost_begin(), known[8] = {};

	if (!sim_hash_find(NULL, data, len, known)) {
		sha384(data, len, (u8 *)known);
		sim_hash_keep(NULL, data, len, known);
	}
	memcpy(out, known, SHA384_DIGEST_SIZE);
	sim_cost_end(SIM_COST_HASH, begin);
}

void sim_env_sha256_init(struct sim_sha256 *s)
{
	static_assert(sizeof(struct sha256_ctx) <= sizeof(*s));
	sha256_init((struct sha256_ctx *)s);
}

void sim_env_sha256_update(struct sim_sha256 *s, const void *data, size_t len)
{
	sha256_update((struct sha256_ctx *)s, data, len);
}

void sim_env_sha256_final(struct sim_sha256 *s, u8 out[32])
{
	sha256_final((struct sha256_ctx *)s, out);
}

void sim_env_aes128_ctr(const u8 key[16], const u8 iv[16], void *data, size_t len)
{
	u8 ctr[AES_BLOCK_SIZE], stream[AES_BLOCK_SIZE], *p = data;
	struct aes_enckey aes;
	size_t n;
	int i;

	if (WARN_ON(aes_prepareenckey(&aes, key, AES_KEYSIZE_128)))
		return;
	memcpy(ctr, iv, sizeof(ctr));
	for (; len; p += n, len -= n) {
		n = min_t(size_t, len, sizeof(stream));
		aes_encrypt(&aes, stream, ctr);
		crypto_xor(p, stream, n);
		for (i = sizeof(ctr) - 1; i >= 0 && !++ctr[i]; i--)
			;
	}
	memzero_explicit(&aes, sizeof(aes));
}

void sim_env_aes256_gcm_seal(const u8 key[32], const u8 iv[12], const void *aad,
			     size_t aad_len, void *data, size_t len, u8 tag[16])
{
	struct aesgcm_ctx gcm;

	if (WARN_ON(aesgcm_expandkey(&gcm, key, AES_KEYSIZE_256, 16)))
		return;
	aesgcm_encrypt(&gcm, data, data, len, aad, aad_len, iv, tag);
	memzero_explicit(&gcm, sizeof(gcm));
}

bool sim_env_aes256_gcm_open(const u8 key[32], const u8 iv[12], const void *aad,
			     size_t aad_len, void *data, size_t len, const u8 tag[16])
{
	struct aesgcm_ctx gcm;
	bool good;

	if (WARN_ON(aesgcm_expandkey(&gcm, key, AES_KEYSIZE_256, 16)))
		return false;
	good = aesgcm_decrypt(&gcm, data, data, len, aad, aad_len, iv, tag);
	memzero_explicit(&gcm, sizeof(gcm));
	return good;
}

#define P384_DIGITS	(48 / sizeof(u64))

bool sim_env_p384_verify(const u8 qx[48], const u8 qy[48], const u8 r[48],
			 const u8 s[48], const u8 digest[48])
{
	const struct ecc_curve *curve = ecc_get_curve(ECC_CURVE_NIST_P384);
	u64 dqx[P384_DIGITS], dqy[P384_DIGITS], dr[P384_DIGITS];
	u64 ds[P384_DIGITS], z[P384_DIGITS], w[P384_DIGITS];
	u64 u1[P384_DIGITS], u2[P384_DIGITS], px[P384_DIGITS], py[P384_DIGITS];
	struct ecc_point q = ECC_POINT_INIT(dqx, dqy, P384_DIGITS);
	struct ecc_point p = ECC_POINT_INIT(px, py, P384_DIGITS);

	ecc_digits_from_bytes(qx, 48, dqx, P384_DIGITS);
	ecc_digits_from_bytes(qy, 48, dqy, P384_DIGITS);
	ecc_digits_from_bytes(r, 48, dr, P384_DIGITS);
	ecc_digits_from_bytes(s, 48, ds, P384_DIGITS);
	ecc_digits_from_bytes(digest, 48, z, P384_DIGITS);

	/*
	 * On the curve is enough, as the order of P-384 is prime.  The full check
	 * allocates, which is not possible here.
	 */
	if (ecc_is_pubkey_valid_partial(curve, &q))
		return false;

	/* r and s lie in [1, n - 1] */
	if (vli_is_zero(dr, P384_DIGITS) || vli_is_zero(ds, P384_DIGITS) ||
	    vli_cmp(dr, curve->n, P384_DIGITS) >= 0 ||
	    vli_cmp(ds, curve->n, P384_DIGITS) >= 0)
		return false;

	/* P = (z / s) G + (r / s) Q; r has to be the x coordinate of P, mod n */
	if (vli_cmp(z, curve->n, P384_DIGITS) >= 0)
		vli_sub(z, z, curve->n, P384_DIGITS);
	vli_mod_inv(w, ds, curve->n, P384_DIGITS);
	vli_mod_mult_slow(u1, z, w, curve->n, P384_DIGITS);
	vli_mod_mult_slow(u2, dr, w, curve->n, P384_DIGITS);
	ecc_point_mult_shamir(&p, u1, &curve->g, u2, &q, curve);
	if (ecc_point_is_zero(&p))
		return false;

	if (vli_cmp(px, curve->n, P384_DIGITS) >= 0)
		vli_sub(px, px, curve->n, P384_DIGITS);
	return !vli_cmp(px, dr, P384_DIGITS);
}

/* Reproducible on purpose: a run is determined by its seed.  (splitmix64) */
void sim_env_random(struct sim_machine *m, void *buf, size_t len)
{
	while (len) {
		u64 z = (random_state += 0x9e3779b97f4a7c15ull);
		size_t n = min_t(size_t, len, sizeof(z));

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
		z ^= z >> 31;
		memcpy(buf, &z, n);
		buf += n;
		len -= n;
	}
}

/* What the CPUs and the oracles call, see host.h */

void sim_host_wbinvd(u32 cpu)
{
	struct sim_ledger_entry e = {
		.op = SIM_OP_WBINVD, .arg = cpu, .effect = true,
	};
	unsigned long flags;

	if (!sim_platform)
		return;
	sim_lock_irqsave(&sim_machine_lock, flags);
	sim_wbinvd_cpu(&sim_machine, cpu);
	sim_ledger_add(&e);
	sim_unlock_irqrestore(&sim_machine_lock, flags);
}

void sim_host_set_snp_enabled(bool enabled)
{
	unsigned long flags;

	sim_lock_irqsave(&sim_machine_lock, flags);
	sim_set_snp_enabled(&sim_machine, enabled);
	sim_unlock_irqrestore(&sim_machine_lock, flags);
}

void sim_host_set_hsave(bool nonzero)
{
	unsigned long flags;

	sim_lock_irqsave(&sim_machine_lock, flags);
	sim_set_hsave(&sim_machine, nonzero);
	sim_unlock_irqrestore(&sim_machine_lock, flags);
}

/* Nothing is checked by a CPU on which SNP is not enabled. */
static bool not_the_hosts(u64 pfn, struct sim_rmp_owner *o)
{
	if (!sim_machine.cfg.snp_enabled)
		return false;
	sim_rmp_owner(&sim_machine, pfn << PAGE_SHIFT, o);
	return o->assigned;
}

bool sim_host_page_owner(u64 pfn, struct sim_rmp_owner *o)
{
	unsigned long flags;
	bool ret;

	if (!READ_ONCE(sim_machine.cfg.snp_enabled))
		return false;
	sim_lock_irqsave(&sim_machine_lock, flags);
	ret = not_the_hosts(pfn, o);
	sim_unlock_irqrestore(&sim_machine_lock, flags);
	return ret;
}

bool sim_host_describe_owner(u64 pfn, char *buf, size_t len)
{
	struct sim_rmp_owner o;

	if (!sim_host_page_owner(pfn, &o))
		return sim_tdx_describe_owner(pfn, buf, len);
	scnprintf(buf, len, "%s, asid %u gpa %#llx", sim_page_state_name(o.state),
		  o.asid, o.gpa);
	return true;
}

static u32 check(void (*report)(void *ctx, const struct sim_dirt_report *r), void *ctx,
		 bool touched)
{
	unsigned long flags;
	u32 n;

	if (!sim_platform)
		return sim_tdx_check_clean(report, ctx, touched);
	sim_lock_irqsave(&sim_machine_lock, flags);
	n = touched ? sim_machine_check_touched(&sim_machine, report, ctx) :
		      sim_machine_check_clean(&sim_machine, report, ctx);
	sim_unlock_irqrestore(&sim_machine_lock, flags);
	return n;
}

u32 sim_host_check_clean(void (*report)(void *ctx, const struct sim_dirt_report *r),
			 void *ctx)
{
	return check(report, ctx, false);
}

u32 sim_host_check_touched(void (*report)(void *ctx, const struct sim_dirt_report *r),
			   void *ctx)
{
	return check(report, ctx, true);
}

/* What has been touched so far is not known. */
static int __init watch_rmp(void)
{
	u64 size = sim_machine.cfg.rmp_end + 1 - sim_machine.cfg.rmp_base;
	u32 words = DIV_ROUND_UP(size >> PAGE_SHIFT, 64);
	unsigned long flags;
	u64 *bits;

	bits = kvmalloc_array(words, sizeof(*bits), GFP_KERNEL);
	if (!bits)
		return -ENOMEM;
	memset(bits, 0xff, words * sizeof(*bits));
	sim_lock_irqsave(&sim_machine_lock, flags);
	sim_machine.rmp_touched = bits;
	sim_unlock_irqrestore(&sim_machine_lock, flags);
	return 0;
}

/* Protection of the host's mapping */

bool sim_host_o2 __ro_after_init = true;

/* A system call of the host per page costs more than all the rest: benches do without. */
void __init sim_host_o2_off(void)
{
	sim_host_o2 = false;
	pr_notice("gmem-sim: oracle O2 is off, the kernel's mapping of memory stays open\n");
}

static int __init set_o2(char *arg)
{
	bool on;
	int ret = kstrtobool(arg, &on);

	if (!ret && !on)
		sim_host_o2_off();
	return ret;
}
early_param("sim_o2", set_o2);

/* The first page whose mapping did not change, until someone reports it */
static u64 protect_failed_pfn;
static int protect_error;

static void protect(u64 pfn, u32 nr, enum sim_mem_prot prot)
{
	int ret = sim_platform->protect(pfn, nr, prot);

	if (ret && !protect_error) {
		protect_failed_pfn = pfn;
		protect_error = ret;
	}
}

int sim_host_take_protect_error(u64 *pfn)
{
	int ret = protect_error;

	*pfn = protect_failed_pfn;
	protect_error = 0;
	return ret;
}

void sim_host_sync_protection(u64 pfn, u32 nr)
{
	struct sim_rmp_owner o;
	bool readonly;
	u32 i, run;

	if (!sim_host_o2)
		return;
	for (i = 0; i < nr; i += run) {
		readonly = not_the_hosts(pfn + i, &o);
		for (run = 1; i + run < nr; run++)
			if (not_the_hosts(pfn + i + run, &o) != readonly)
				break;
		protect(pfn + i, run, readonly ? SIM_MEM_READONLY : SIM_MEM_OPEN);
	}
}

void sim_host_sync_all(void)
{
	u32 i;

	for (i = 0; i < sim_machine.cfg.nr_dram; i++) {
		const struct sim_range *r = &sim_machine.cfg.dram[i];

		sim_host_sync_protection(r->start >> PAGE_SHIFT,
					 (r->end - r->start) >> PAGE_SHIFT);
	}
}

/* Pages that a fault opened and that the next call closes again */
#define MAX_OPENED	16
static u64 opened[MAX_OPENED];
static u32 nr_opened;

void sim_host_close_opened(void)
{
	while (nr_opened)
		sim_host_sync_protection(opened[--nr_opened], 1);
}

bool sim_host_fault(u64 pfn, bool write, unsigned long ip)
{
	struct sim_rmp_owner o = {};
	unsigned long flags;
	bool violation;

	if (!sim_platform)
		return sim_tdx_fault(pfn, write, ip);
	if (!sim_is_dram(&sim_machine, pfn << PAGE_SHIFT, PAGE_SIZE))
		return false;

	sim_lock_irqsave(&sim_machine_lock, flags);
	/*
	 * The RMP is memory, which the host may also clear by hand; then the
	 * mapping is stale and there is no violation.
	 */
	violation = not_the_hosts(pfn, &o);
	protect(pfn, 1, SIM_MEM_OPEN);
	if (violation && nr_opened < MAX_OPENED)
		opened[nr_opened++] = pfn;
	sim_unlock_irqrestore(&sim_machine_lock, flags);

	if (violation)
		sim_oracle_violation(SIM_O2,
			"%s of page %#llx at %pS while %s, asid %u gpa %#llx",
			write ? "write" : "read", pfn, (void *)ip,
			sim_page_state_name(o.state), o.asid, o.gpa);
	return true;
}

int __init sim_host_init(const struct sim_machine_config *cfg,
			 const struct sim_platform *plat, u64 seed)
{
	sim_platform = plat;
	random_state = seed;
	if (!plat->protect)
		sim_host_o2_off();
	if (sim_machine_init(&sim_machine, cfg)) {
		sim_platform = NULL;
		return -EINVAL;
	}

	rmp_bind_ops(&sim_rmp_ops);
	psp_bind_ops(&sim_psp_ops);
	return 0;
}

static int __init sim_host_watch(void)
{
	int ret;

	if (!sim_platform && !sim_tdx_present())
		return 0;

	/* Without these looks take longer. */
	if (sim_platform ? watch_rmp() : sim_tdx_watch_pamt())
		pr_warn("gmem-sim: no memory to note what is touched\n");
	ret = sim_oracle_watch_host();
	if (!ret)
		ret = sim_oracle_watch_sptes();
	if (ret)
		pr_err("gmem-sim: oracle O1 or O6 is off, error %d\n", ret);
	return ret;
}
late_initcall(sim_host_watch);
