// SPDX-License-Identifier: GPL-2.0
/*
 * Identity of a guest: what its owner signed about it.
 */
#include "internal.h"

#define ALGO_ECDSA_P384_SHA384	1
#define CURVE_P384		2

/* Numbers of the ABI are little endian in 72 bytes, of the library big. */
static bool to_be48(u8 out[48], const u8 in[72])
{
	u32 i;

	for (i = 0; i < 48; i++)
		out[i] = in[47 - i];
	return sim_all_zero(in + 48, 72 - 48);
}

static bool signature_good(const struct sim_ecdsa_key *key,
			   const struct sim_ecdsa_sig *sig, const void *msg,
			   u32 len)
{
	u8 qx[48], qy[48], r[48], s[48], digest[48];
	u32 curve;

	memcpy(&curve, &key->curve, sizeof(curve));
	if (curve != CURVE_P384)
		return false;
	if (!to_be48(qx, key->qx) || !to_be48(qy, key->qy) ||
	    !to_be48(r, sig->r) || !to_be48(s, sig->s))
		return false;
	sim_env_sha384(msg, len, digest);
	return sim_env_p384_verify(qx, qy, r, s, digest);
}

/**
 * sim_id_check - check a guest against its identity block
 * @m: machine
 * @ctx: guest; gets the digests of the keys
 * @cmd: LAUNCH_FINISH with an identity block
 *
 * Return: SIM_SUCCESS, SIM_BAD_MEASUREMENT, SIM_POLICY_FAILURE,
 * SIM_INVALID_PARAM (algorithm), SIM_BAD_SIGNATURE, or what
 * sim_fw_check_range() says about the two pages.
 */
u32 sim_id_check(struct sim_machine *m, struct sim_ctx *ctx,
		 const struct sim_cmd_launch_finish *cmd)
{
	bool author = cmd->flags & SIM_FINISH_AUTH_KEY_EN;
	const struct sim_id_auth *auth = (struct sim_id_auth *)m->scratch;
	struct sim_id_block block;
	u32 status;

	status = sim_fw_read(m, cmd->id_block_paddr, &block, sizeof(block));
	if (status)
		return status;
	status = sim_fw_read(m, cmd->id_auth_paddr, m->scratch, sizeof(*auth));
	if (status)
		return status;
	if (memcmp(block.ld, ctx->ld, sizeof(block.ld)))
		return SIM_BAD_MEASUREMENT;
	if (block.policy != ctx->policy)
		return SIM_POLICY_FAILURE;
	if (auth->id_key_algo != ALGO_ECDSA_P384_SHA384 ||
	    (author && auth->auth_key_algo != ALGO_ECDSA_P384_SHA384))
		return SIM_INVALID_PARAM;
	if (!signature_good(&auth->id_key, &auth->id_block_sig, &block,
			    sizeof(block)))
		return SIM_BAD_SIGNATURE;
	ctx->id_block = block;
	sim_env_sha384(&auth->id_key, sizeof(auth->id_key),
		       ctx->id_key_digest);
	if (!author)
		return SIM_SUCCESS;
	if (!signature_good(&auth->auth_key, &auth->id_key_sig, &auth->id_key,
			    sizeof(auth->id_key)))
		return SIM_BAD_SIGNATURE;
	sim_env_sha384(&auth->auth_key, sizeof(auth->auth_key),
		       ctx->author_key_digest);
	return SIM_SUCCESS;
}
