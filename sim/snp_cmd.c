// SPDX-License-Identifier: GPL-2.0
/*
 * The mailbox: table of commands and their dispatch.
 */
#include "internal.h"

/* Reserved bits, platform state, and what address checks give. */
#define ADDR		SIM_INVALID_ADDRESS, SIM_INVALID_CONFIG
#define BASIC		ADDR, SIM_INVALID_PARAM, SIM_INVALID_PLATFORM_STATE
#define GUEST		BASIC, SIM_INVALID_GUEST

/* When the command buffer is written back. */
#define OUT_SUCCESS	SIM_OP_WRITES_BUF
#define OUT_LENGTH	(SIM_OP_WRITES_BUF | SIM_OP_OUT_ON_LENGTH)
#define LEGACY		SIM_OP_LEGACY

#define OP(_cmd, _len, _flags, _handler, ...) [SIM_CMD_##_cmd] = {	\
	.cmd = SIM_CMD_##_cmd,						\
	.name = #_cmd,							\
	.buf_len = (_len),						\
	.flags = (_flags),						\
	.handler = (_handler),						\
	.statuses = (const u8[]){ __VA_ARGS__ },			\
	.nr_statuses = sizeof((const u8[]){ __VA_ARGS__ }),		\
}

#define SNP(_cmd, _type, _handler, ...)					\
	OP(_cmd, sizeof(_type), 0, _handler, __VA_ARGS__)
#define SNP_NOBUF(_cmd, _handler, ...)					\
	OP(_cmd, 0, 0, _handler, __VA_ARGS__)
#define SEV(_cmd, _len, _flags, _handler, ...)				\
	OP(_cmd, _len, LEGACY | (_flags), _handler, __VA_ARGS__)

/* Commands on legacy guests: there are none, see sev_legacy.c. */
#define SEV_GUEST(_cmd, _len, _flags)					\
	SEV(_cmd, _len, _flags, sim_sev_needs_working,			\
	    SIM_INVALID_PLATFORM_STATE, ADDR, SIM_LEGACY_BUF_STATE)

/* Indexed by command number; holes have no handler. */
static const struct sim_psp_op ops[] = {
	SNP_NOBUF(SNP_INIT, sim_snp_init,
		  SIM_INVALID_PLATFORM_STATE, SIM_INVALID_CONFIG,
		  SIM_INVALID_ADDRESS, SIM_RMP_INIT_FAILED),
	SNP(SNP_INIT_EX, struct sim_cmd_snp_init, sim_snp_init_ex,
	    BASIC, SIM_RMP_INIT_REQUIRED, SIM_RMP_INIT_FAILED),
	SNP_NOBUF(SNP_SHUTDOWN, sim_snp_shutdown,
		  SIM_INVALID_PLATFORM_STATE, SIM_DF_FLUSH_REQUIRED),
	SNP(SNP_SHUTDOWN_EX, struct sim_cmd_snp_shutdown, sim_snp_shutdown_ex,
	    BASIC, SIM_DF_FLUSH_REQUIRED),
	SNP(SNP_PLATFORM_STATUS, struct sim_cmd_addr, sim_snp_platform_status,
	    ADDR, SIM_INVALID_PARAM, SIM_INVALID_PAGE_STATE),
	SNP_NOBUF(SNP_DF_FLUSH, sim_snp_df_flush, SIM_WBINVD_REQUIRED),
	SNP(SNP_FEATURE_INFO, struct sim_cmd_feature_info,
	    sim_snp_feature_info,
	    ADDR, SIM_INVALID_PARAM, SIM_INVALID_PAGE_STATE),
	SNP(SNP_CONFIG, struct sim_cmd_config, sim_snp_config,
	    ADDR, SIM_INVALID_PARAM),
	SNP(SNP_COMMIT, struct sim_cmd_commit, sim_snp_commit,
	    ADDR, SIM_INVALID_PARAM),
	SNP(SNP_VLEK_LOAD, struct sim_cmd_vlek_load, sim_snp_vlek_load,
	    ADDR, SIM_INVALID_PARAM, SIM_BAD_SVN, SIM_BAD_MEASUREMENT),
	SNP(SNP_DOWNLOAD_FIRMWARE_EX, struct sim_cmd_dlfw_ex,
	    sim_snp_download_firmware_ex,
	    BASIC, SIM_BAD_SIGNATURE, SIM_BAD_SVN, SIM_BAD_VERSION,
	    SIM_UPDATE_FAILED, SIM_RESTORE_REQUIRED, SIM_UNSUPPORTED),

	SNP(SNP_GCTX_CREATE, struct sim_cmd_addr, sim_snp_gctx_create,
	    BASIC, SIM_INVALID_PAGE_STATE, SIM_INVALID_PAGE_SIZE),
	SNP(SNP_DECOMMISSION, struct sim_cmd_addr, sim_snp_decommission,
	    GUEST),
	SNP(SNP_GUEST_STATUS, struct sim_cmd_guest_status,
	    sim_snp_guest_status, GUEST, SIM_INVALID_PAGE_STATE),
	SNP(SNP_ACTIVATE, struct sim_cmd_activate, sim_snp_activate,
	    GUEST, SIM_INVALID_GUEST_STATE, SIM_INVALID_ASID,
	    SIM_POLICY_FAILURE, SIM_ASID_OWNED, SIM_ACTIVE,
	    SIM_DF_FLUSH_REQUIRED),
	SNP(SNP_ACTIVATE_EX, struct sim_cmd_activate_ex, sim_snp_activate_ex,
	    GUEST, SIM_INVALID_GUEST_STATE, SIM_INVALID_ASID,
	    SIM_POLICY_FAILURE, SIM_ASID_OWNED, SIM_ACTIVE,
	    SIM_DF_FLUSH_REQUIRED, SIM_UNSUPPORTED),
	SNP(SNP_GUEST_REQUEST, struct sim_cmd_guest_request,
	    sim_snp_guest_request,
	    GUEST, SIM_INVALID_GUEST_STATE, SIM_INVALID_PAGE_STATE,
	    SIM_INVALID_PAGE_SIZE, SIM_BAD_MEASUREMENT, SIM_AEAD_OFLOW),

	SNP(SNP_LAUNCH_START, struct sim_cmd_launch_start,
	    sim_snp_launch_start,
	    GUEST, SIM_INVALID_GUEST_STATE, SIM_POLICY_FAILURE),
	SNP(SNP_LAUNCH_UPDATE, struct sim_cmd_launch_update,
	    sim_snp_launch_update,
	    GUEST, SIM_INVALID_GUEST_STATE, SIM_INACTIVE,
	    SIM_INVALID_PAGE_STATE, SIM_INVALID_PAGE_SIZE,
	    SIM_INVALID_PAGE_OWNER),
	SNP(SNP_LAUNCH_FINISH, struct sim_cmd_launch_finish,
	    sim_snp_launch_finish,
	    GUEST, SIM_INVALID_GUEST_STATE, SIM_INACTIVE,
	    SIM_BAD_MEASUREMENT, SIM_POLICY_FAILURE, SIM_BAD_SIGNATURE),

	SNP(SNP_DBG_DECRYPT, struct sim_cmd_dbg, sim_snp_dbg_decrypt,
	    GUEST, SIM_INVALID_PAGE_STATE, SIM_INVALID_PAGE_OWNER,
	    SIM_POLICY_FAILURE, SIM_INACTIVE),
	SNP(SNP_DBG_ENCRYPT, struct sim_cmd_dbg, sim_snp_dbg_encrypt,
	    GUEST, SIM_INVALID_PAGE_STATE, SIM_INVALID_PAGE_OWNER,
	    SIM_POLICY_FAILURE, SIM_INACTIVE),

	SNP(SNP_PAGE_SWAP_OUT, struct sim_cmd_swap, sim_snp_swap_out,
	    GUEST, SIM_INVALID_GUEST_STATE, SIM_INACTIVE,
	    SIM_INVALID_PAGE_STATE, SIM_INVALID_PAGE_SIZE,
	    SIM_INVALID_PAGE_OWNER, SIM_AEAD_OFLOW),
	SNP(SNP_PAGE_SWAP_IN, struct sim_cmd_swap, sim_snp_swap_in,
	    GUEST, SIM_INVALID_GUEST_STATE, SIM_INACTIVE,
	    SIM_INVALID_PAGE_STATE, SIM_INVALID_PAGE_SIZE,
	    SIM_INVALID_PAGE_OWNER, SIM_INVALID_MDATA_ENTRY,
	    SIM_BAD_MEASUREMENT),
	SNP(SNP_PAGE_MOVE, struct sim_cmd_page_move, sim_snp_page_move,
	    GUEST, SIM_INVALID_PAGE_SIZE, SIM_INVALID_GUEST_STATE,
	    SIM_INACTIVE, SIM_INVALID_PAGE_STATE, SIM_INVALID_PAGE_OWNER),
	SNP(SNP_PAGE_MD_INIT, struct sim_cmd_md_init, sim_snp_md_init,
	    GUEST, SIM_INVALID_PAGE_STATE, SIM_INVALID_GUEST_STATE),
	SNP(SNP_PAGE_SET_STATE, struct sim_cmd_page_set_state,
	    sim_snp_page_set_state,
	    BASIC, SIM_INVALID_LENGTH, SIM_INVALID_PAGE_STATE),
	SNP(SNP_PAGE_RECLAIM, struct sim_cmd_addr, sim_snp_page_reclaim,
	    BASIC, SIM_INVALID_PAGE_SIZE, SIM_INVALID_PAGE_STATE),
	SNP(SNP_PAGE_UNSMASH, struct sim_cmd_addr, sim_snp_page_unsmash,
	    BASIC, SIM_INVALID_PAGE_STATE),

	SEV(SEV_INIT, sizeof(struct sim_cmd_sev_init), 0, sim_sev_init,
	    SIM_INVALID_PLATFORM_STATE, ADDR, SIM_INVALID_LENGTH,
	    SIM_INVALID_PARAM, SIM_INVALID_PAGE_STATE, SIM_HW_PLATFORM,
	    SIM_SECURE_DATA_INVALID),
	SEV(SEV_INIT_EX, sizeof(struct sim_cmd_sev_init_ex), 0,
	    sim_sev_init_ex,
	    SIM_INVALID_PLATFORM_STATE, ADDR, SIM_INVALID_LENGTH,
	    SIM_INVALID_PARAM, SIM_INVALID_PAGE_STATE, SIM_HW_PLATFORM,
	    SIM_SECURE_DATA_INVALID),
	SEV(SEV_SHUTDOWN, 0, 0, sim_sev_shutdown, SIM_HW_UNSAFE),
	SEV(SEV_FACTORY_RESET, 0, 0, sim_sev_factory_reset,
	    SIM_INVALID_PLATFORM_STATE),
	SEV(SEV_PLATFORM_STATUS, sizeof(struct sim_sev_platform_status),
	    OUT_SUCCESS, sim_sev_platform_status,
	    ADDR, SIM_LEGACY_BUF_STATE),
	SEV(SEV_DF_FLUSH, 0, 0, sim_sev_df_flush,
	    SIM_INVALID_PLATFORM_STATE, SIM_WBINVD_REQUIRED),
	SEV(SEV_GET_ID, sizeof(struct sim_cmd_sev_buf), OUT_LENGTH,
	    sim_sev_get_id,
	    ADDR, SIM_INVALID_LENGTH, SIM_INVALID_PARAM,
	    SIM_INVALID_PAGE_STATE, SIM_LEGACY_BUF_STATE),
	SEV(SEV_PEK_GEN, 0, 0, sim_sev_needs_owner,
	    SIM_INVALID_PLATFORM_STATE, SIM_UNSUPPORTED),
	SEV(SEV_PEK_CSR, sizeof(struct sim_cmd_sev_buf), OUT_LENGTH,
	    sim_sev_needs_owner,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_INVALID_LENGTH,
	    SIM_INVALID_PAGE_STATE, SIM_LEGACY_BUF_STATE, SIM_UNSUPPORTED),
	SEV(SEV_PEK_CERT_IMPORT, 28, 0, sim_sev_needs_owner,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_ALREADY_OWNED,
	    SIM_INVALID_LENGTH, SIM_INVALID_CERTIFICATE, SIM_UNSUPPORTED),
	SEV(SEV_PDH_CERT_EXPORT, 28, OUT_LENGTH, sim_sev_needs_owner,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_INVALID_LENGTH,
	    SIM_INVALID_PAGE_STATE, SIM_LEGACY_BUF_STATE, SIM_UNSUPPORTED),
	SEV(SEV_PDH_GEN, 0, 0, sim_sev_needs_owner,
	    SIM_INVALID_PLATFORM_STATE, SIM_UNSUPPORTED),
	SEV(SEV_DOWNLOAD_FIRMWARE, 12, 0, sim_snp_download_firmware_ex,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_BAD_SIGNATURE,
	    SIM_BAD_SVN, SIM_UNSUPPORTED),
	SEV(SEV_LAUNCH_START, 36, OUT_SUCCESS, sim_sev_needs_init,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_INVALID_GUEST,
	    SIM_INVALID_CERTIFICATE, SIM_POLICY_FAILURE, SIM_RESOURCE_LIMIT,
	    SIM_INVALID_PAGE_STATE, SIM_LEGACY_BUF_STATE, SIM_UNSUPPORTED),
	SEV(SEV_RECEIVE_START, 36, OUT_SUCCESS, sim_sev_needs_init,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_INVALID_GUEST,
	    SIM_INVALID_CERTIFICATE, SIM_POLICY_FAILURE, SIM_RESOURCE_LIMIT,
	    SIM_INVALID_PAGE_STATE, SIM_LEGACY_BUF_STATE, SIM_UNSUPPORTED),
	SEV_GUEST(SEV_DECOMMISSION, 4, 0),
	SEV_GUEST(SEV_ACTIVATE, 8, 0),
	SEV_GUEST(SEV_DEACTIVATE, 4, 0),
	SEV_GUEST(SEV_GUEST_STATUS, 13, OUT_SUCCESS),
	SEV_GUEST(SEV_COPY, 32, 0),
	SEV_GUEST(SEV_ACTIVATE_EX, 32, 0),
	SEV_GUEST(SEV_LAUNCH_UPDATE_DATA, 20, 0),
	SEV_GUEST(SEV_LAUNCH_UPDATE_VMSA, 20, 0),
	SEV_GUEST(SEV_LAUNCH_MEASURE, 20, OUT_LENGTH),
	SEV_GUEST(SEV_LAUNCH_SECRET, 52, 0),
	SEV_GUEST(SEV_LAUNCH_FINISH, 4, 0),
	SEV_GUEST(SEV_ATTESTATION, 36, 0),
	SEV_GUEST(SEV_SEND_START, 68, OUT_LENGTH),
	SEV_GUEST(SEV_SEND_UPDATE_DATA, 52, OUT_LENGTH),
	SEV_GUEST(SEV_SEND_UPDATE_VMSA, 52, OUT_LENGTH),
	SEV_GUEST(SEV_SEND_FINISH, 4, 0),
	SEV_GUEST(SEV_SEND_CANCEL, 4, 0),
	SEV_GUEST(SEV_RECEIVE_UPDATE_DATA, 52, 0),
	SEV_GUEST(SEV_RECEIVE_UPDATE_VMSA, 52, 0),
	SEV_GUEST(SEV_RECEIVE_FINISH, 4, 0),
	SEV_GUEST(SEV_DBG_DECRYPT, 28, 0),
	SEV_GUEST(SEV_DBG_ENCRYPT, 28, 0),
	SEV_GUEST(SEV_SWAP_OUT, 40, OUT_LENGTH),
	SEV_GUEST(SEV_SWAP_IN, 40, 0),
};

#define NR_OPS	(sizeof(ops) / sizeof(*ops))

static const char * const status_names[] = {
	[SIM_SUCCESS]			= "SUCCESS",
	[SIM_INVALID_PLATFORM_STATE]	= "INVALID_PLATFORM_STATE",
	[SIM_INVALID_GUEST_STATE]	= "INVALID_GUEST_STATE",
	[SIM_INVALID_CONFIG]		= "INVALID_CONFIG",
	[SIM_INVALID_LENGTH]		= "INVALID_LENGTH",
	[SIM_ALREADY_OWNED]		= "ALREADY_OWNED",
	[SIM_INVALID_CERTIFICATE]	= "INVALID_CERTIFICATE",
	[SIM_POLICY_FAILURE]		= "POLICY_FAILURE",
	[SIM_INACTIVE]			= "INACTIVE",
	[SIM_INVALID_ADDRESS]		= "INVALID_ADDRESS",
	[SIM_BAD_SIGNATURE]		= "BAD_SIGNATURE",
	[SIM_BAD_MEASUREMENT]		= "BAD_MEASUREMENT",
	[SIM_ASID_OWNED]		= "ASID_OWNED",
	[SIM_INVALID_ASID]		= "INVALID_ASID",
	[SIM_WBINVD_REQUIRED]		= "WBINVD_REQUIRED",
	[SIM_DF_FLUSH_REQUIRED]		= "DF_FLUSH_REQUIRED",
	[SIM_INVALID_GUEST]		= "INVALID_GUEST",
	[SIM_INVALID_COMMAND]		= "INVALID_COMMAND",
	[SIM_ACTIVE]			= "ACTIVE",
	[SIM_HW_PLATFORM]		= "HW_PLATFORM",
	[SIM_HW_UNSAFE]			= "HW_UNSAFE",
	[SIM_UNSUPPORTED]		= "UNSUPPORTED",
	[SIM_INVALID_PARAM]		= "INVALID_PARAM",
	[SIM_RESOURCE_LIMIT]		= "RESOURCE_LIMIT",
	[SIM_SECURE_DATA_INVALID]	= "SECURE_DATA_INVALID",
	[SIM_INVALID_PAGE_SIZE]		= "INVALID_PAGE_SIZE",
	[SIM_INVALID_PAGE_STATE]	= "INVALID_PAGE_STATE",
	[SIM_INVALID_MDATA_ENTRY]	= "INVALID_MDATA_ENTRY",
	[SIM_INVALID_PAGE_OWNER]	= "INVALID_PAGE_OWNER",
	[SIM_AEAD_OFLOW]		= "AEAD_OFLOW",
	[SIM_EXIT_RING_BUFFER]		= "EXIT_RING_BUFFER",
	[SIM_RMP_INIT_REQUIRED]		= "RMP_INIT_REQUIRED",
	[SIM_BAD_SVN]			= "BAD_SVN",
	[SIM_BAD_VERSION]		= "BAD_VERSION",
	[SIM_SHUTDOWN_REQUIRED]		= "SHUTDOWN_REQUIRED",
	[SIM_UPDATE_FAILED]		= "UPDATE_FAILED",
	[SIM_RESTORE_REQUIRED]		= "RESTORE_REQUIRED",
	[SIM_RMP_INIT_FAILED]		= "RMP_INITIALIZATION_FAILED",
	[SIM_INVALID_KEY]		= "INVALID_KEY",
	[SIM_SHUTDOWN_INCOMPLETE]	= "SHUTDOWN_INCOMPLETE",
	[SIM_LEGACY_BUF_STATE]		= "INVALID_PAGE_STATE (command buffer)",
};

const char *sim_status_name(u32 status)
{
	if (status < sizeof(status_names) / sizeof(*status_names) &&
	    status_names[status])
		return status_names[status];
	return "?";
}

const struct sim_psp_op *sim_psp_op_by_index(u32 i)
{
	u32 cmd;

	for (cmd = 0; cmd < NR_OPS; cmd++)
		if (ops[cmd].handler && !i--)
			return &ops[cmd];
	return NULL;
}

const struct sim_psp_op *sim_psp_op(u32 cmd)
{
	return cmd < NR_OPS && ops[cmd].handler ? &ops[cmd] : NULL;
}

/* A buffer the firmware will write to must be the firmware's, if SNP is on. */
static u32 check_cmd_buf(const struct sim_machine *m, u64 pa, u32 len)
{
	u32 status = sim_fw_check_range(m, pa, len);

	if (status)
		return status;
	status = sim_fw_check_writable(m, pa, len);
	return status ? status + 64 : SIM_SUCCESS;
}

/* The first page goes back to the host, whatever came of the command. */
static void release_cmd_buf(struct sim_machine *m, u64 pa)
{
	struct sim_lookup l;

	if (!m->rmp_init || sim_fw_lookup(m, pa, &l) ||
	    l.state == SIM_PAGE_DEFAULT)
		return;
	sim_rmp_set_immutable(&l.e, false);
	sim_fw_put(m, &l);
}

static u32 run(struct sim_machine *m, const struct sim_psp_op *op, u64 pa)
{
	u64 buf[10] = { 0 };
	bool out = op->flags & SIM_OP_WRITES_BUF;
	u32 status = SIM_SUCCESS;

	if (out && m->snp_state == SIM_PLAT_INIT) {
		status = check_cmd_buf(m, pa, op->buf_len);
		if (status)
			return status;
	}
	if (op->buf_len)
		status = sim_fw_read(m, pa, buf, op->buf_len);
	if (!status) {
		status = op->handler(m, buf);
		if (out && (!status || (status == SIM_INVALID_LENGTH &&
					op->flags & SIM_OP_OUT_ON_LENGTH)))
			sim_fw_write(m, pa, buf, op->buf_len);
	}
	if (out)
		release_cmd_buf(m, pa);
	return status;
}

/* FIDELITY(extended error ids): simplified - one id, the status itself [firmware 1.55.25] */
u32 sim_psp_cmd(struct sim_machine *m, u32 cmd, u64 cmdbuf_pa,
		u32 *buf_lo, u32 *buf_hi)
{
	const struct sim_psp_op *op = sim_psp_op(cmd);
	u32 status = op ? run(m, op, cmdbuf_pa) : SIM_INVALID_COMMAND;

	*buf_lo = status ? status & 0x3ff : (u32)cmdbuf_pa;
	*buf_hi = status ? 0 : cmdbuf_pa >> 32;
	return status;
}
