// SPDX-License-Identifier: GPL-2.0
/*
 * Identity blocks with real signatures.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "test.h"

#define ID_BLOCK	0x300000ull
#define ID_AUTH		0x301000ull

static void to_le72(u8 out[72], const BIGNUM *bn)
{
	memset(out, 0, 72);
	CHECK(BN_bn2lebinpad(bn, out, 72) == 72);
}

static void public_key(EVP_PKEY *key, struct sim_ecdsa_key *out)
{
	BIGNUM *x = NULL, *y = NULL;

	memset(out, 0, sizeof(*out));
	out->curve = 2;
	CHECK(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1);
	CHECK(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1);
	to_le72(out->qx, x);
	to_le72(out->qy, y);
	BN_free(x);
	BN_free(y);
}

static void sign(EVP_PKEY *key, const void *msg, size_t len,
		 struct sim_ecdsa_sig *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	u8 der[256];
	const u8 *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig;

	memset(out, 0, sizeof(*out));
	CHECK(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key) == 1);
	CHECK(EVP_DigestSign(ctx, der, &n, msg, len) == 1);
	sig = d2i_ECDSA_SIG(NULL, &p, n);
	to_le72(out->r, ECDSA_SIG_get0_r(sig));
	to_le72(out->s, ECDSA_SIG_get0_s(sig));
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

static u32 finish(struct world *w, u64 flags)
{
	struct sim_cmd_launch_finish cmd = {
		.gctx_paddr = GCTX, .id_block_paddr = ID_BLOCK,
		.id_auth_paddr = ID_AUTH,
		.flags = flags | SIM_FINISH_ID_BLOCK_EN,
	};

	memset(cmd.host_data, 0x5a, sizeof(cmd.host_data));
	return world_psp(w, SIM_CMD_SNP_LAUNCH_FINISH, CMDBUF, &cmd,
			 sizeof(cmd));
}

TEST(identity_block_with_real_signatures)
{
	struct world *w = test_world_ready();
	struct sim_id_block *block = (void *)world_mem(w, ID_BLOCK, 4096);
	struct sim_id_auth *auth = (void *)world_mem(w, ID_AUTH, 4096);
	EVP_PKEY *id = EVP_EC_gen("P-384"), *author = EVP_EC_gen("P-384");
	struct sim_guest_info info;
	struct sim_ecdsa_sig good;

	EQ(test_launch(w, GCTX, 1, 0x30000), SIM_SUCCESS);
	memset(block, 0, sizeof(*block));
	memset(auth, 0, sizeof(*auth));
	block->policy = 0x30000;
	auth->id_key_algo = 1;
	auth->auth_key_algo = 1;
	public_key(id, &auth->id_key);
	public_key(author, &auth->auth_key);
	sign(id, block, sizeof(*block), &auth->id_block_sig);
	sign(author, &auth->id_key, sizeof(auth->id_key), &auth->id_key_sig);

	good = auth->id_block_sig;
	auth->id_block_sig.r[0] ^= 1;
	EQ(finish(w, 0), SIM_BAD_SIGNATURE);
	auth->id_block_sig = good;
	auth->id_block_sig.s[60] = 1;	/* does not fit the curve */
	EQ(finish(w, 0), SIM_BAD_SIGNATURE);
	auth->id_block_sig = good;
	auth->id_key.qx[3] ^= 1;	/* not on the curve */
	EQ(finish(w, 0), SIM_BAD_SIGNATURE);
	auth->id_key.qx[3] ^= 1;
	auth->id_key.curve = 1;
	EQ(finish(w, 0), SIM_BAD_SIGNATURE);
	auth->id_key.curve = 2;
	block->version = 7;		/* not what was signed */
	EQ(finish(w, 0), SIM_BAD_SIGNATURE);
	block->version = 0;

	auth->id_key_sig.r[0] ^= 1;
	EQ(finish(w, SIM_FINISH_AUTH_KEY_EN), SIM_BAD_SIGNATURE);
	auth->id_key_sig.r[0] ^= 1;
	CHECK(sim_guest_info(&w->m, GCTX, &info));
	EQ(info.state, SIM_GUEST_LAUNCH);
	EQ(finish(w, SIM_FINISH_AUTH_KEY_EN), SIM_SUCCESS);
	CHECK(sim_guest_info(&w->m, GCTX, &info));
	EQ(info.state, SIM_GUEST_RUNNING);
	CHECK(info.id_block_en && info.author_key_en);
	EQ(info.host_data[31], 0x5a);
	EVP_PKEY_free(id);
	EVP_PKEY_free(author);
}

TEST(identity_block_in_bad_places)
{
	struct world *w = test_world_ready();
	struct sim_cmd_launch_finish cmd = {
		.gctx_paddr = GCTX, .flags = SIM_FINISH_ID_BLOCK_EN,
		.id_block_paddr = WORLD_HOLE, .id_auth_paddr = ID_AUTH,
	};

	EQ(test_launch(w, GCTX, 1, 0x30000), SIM_SUCCESS);
	EQ(world_psp(w, SIM_CMD_SNP_LAUNCH_FINISH, CMDBUF, &cmd, sizeof(cmd)),
	   SIM_INVALID_CONFIG);
	cmd.id_block_paddr = WORLD_RMP_BASE;
	EQ(world_psp(w, SIM_CMD_SNP_LAUNCH_FINISH, CMDBUF, &cmd, sizeof(cmd)),
	   SIM_INVALID_ADDRESS);
	/* Blocks may lie across pages. */
	cmd.id_block_paddr = ID_BLOCK + 0xfe0;
	cmd.id_auth_paddr = ID_AUTH + 0x800;
	EQ(world_psp(w, SIM_CMD_SNP_LAUNCH_FINISH, CMDBUF, &cmd, sizeof(cmd)),
	   SIM_POLICY_FAILURE);
}
