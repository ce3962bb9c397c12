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
#define OUT_ANY		(SIM_OP_OUT_UNCHECKED | SIM_OP_OUT_ON_LENGTH)
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

/* A legacy guest, named by its handle. */
#define SEV_GUEST(_cmd, _type, _flags, _handler, ...)			\
	SEV(_cmd, sizeof(struct _type), _flags, _handler,		\
	    SIM_INVALID_PLATFORM_STATE, ADDR, SIM_INVALID_GUEST,	\
	    __VA_ARGS__)

/* What the firmware says of buffers and guest pages of the wrong owner. */
#define SEV_PAGES	SIM_INVALID_PARAM, SIM_INVALID_PAGE_STATE, \
			SIM_INVALID_LENGTH

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
	SEV(SEV_PEK_GEN, 0, 0, sim_sev_pek_gen,
	    SIM_INVALID_PLATFORM_STATE, SIM_UNSUPPORTED),
	SEV(SEV_PEK_CSR, sizeof(struct sim_cmd_sev_buf), OUT_LENGTH,
	    sim_sev_pek_csr,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_INVALID_LENGTH,
	    SIM_INVALID_PAGE_STATE, SIM_LEGACY_BUF_STATE, SIM_UNSUPPORTED),
	SEV(SEV_PEK_CERT_IMPORT, 28, 0, sim_sev_pek_gen,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_ALREADY_OWNED,
	    SIM_INVALID_LENGTH, SIM_INVALID_CERTIFICATE, SIM_UNSUPPORTED),
	SEV(SEV_PDH_CERT_EXPORT, sizeof(struct sim_cmd_sev_pdh_export),
	    OUT_LENGTH, sim_sev_pdh_export,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_INVALID_LENGTH,
	    SIM_INVALID_PAGE_STATE, SIM_LEGACY_BUF_STATE, SIM_UNSUPPORTED),
	SEV(SEV_PDH_GEN, 0, 0, sim_sev_pdh_gen,
	    SIM_INVALID_PLATFORM_STATE, SIM_UNSUPPORTED),
	SEV(SEV_DOWNLOAD_FIRMWARE, 12, 0, sim_sev_download_firmware,
	    ADDR, SIM_INVALID_PLATFORM_STATE, SIM_BAD_SIGNATURE,
	    SIM_BAD_SVN, SIM_UNSUPPORTED),

	SEV_GUEST(SEV_DECOMMISSION, sim_cmd_sev_handle, 0,
		  sim_sev_decommission, SIM_ACTIVE),
	SEV_GUEST(SEV_ACTIVATE, sim_cmd_sev_activate, 0, sim_sev_activate,
		  SIM_INVALID_GUEST_STATE, SIM_INVALID_ASID, SIM_ASID_OWNED,
		  SIM_ACTIVE, SIM_DF_FLUSH_REQUIRED),
	SEV_GUEST(SEV_ACTIVATE_EX, sim_cmd_sev_activate_ex, 0,
		  sim_sev_activate_ex,
		  SIM_INVALID_PARAM, SIM_INVALID_GUEST_STATE, SIM_INVALID_ASID,
		  SIM_ASID_OWNED, SIM_ACTIVE, SIM_DF_FLUSH_REQUIRED),
	SEV_GUEST(SEV_DEACTIVATE, sim_cmd_sev_handle, 0, sim_sev_deactivate,
		  SIM_INACTIVE),
	SEV_GUEST(SEV_GUEST_STATUS, sim_cmd_sev_guest_status, OUT_SUCCESS,
		  sim_sev_guest_status, SIM_LEGACY_BUF_STATE),
	SEV_GUEST(SEV_COPY, sim_cmd_sev_copy, 0, sim_sev_copy,
		  SEV_PAGES, SIM_INACTIVE),
	SEV_GUEST(SEV_LAUNCH_START, sim_cmd_sev_start, OUT_SUCCESS,
		  sim_sev_launch_start,
		  SIM_INVALID_LENGTH, SIM_INVALID_CERTIFICATE,
		  SIM_BAD_MEASUREMENT, SIM_POLICY_FAILURE, SIM_RESOURCE_LIMIT,
		  SIM_LEGACY_BUF_STATE, SIM_UNSUPPORTED),
	SEV_GUEST(SEV_LAUNCH_UPDATE_DATA, sim_cmd_sev_range, 0,
		  sim_sev_launch_update_data,
		  SEV_PAGES, SIM_INVALID_GUEST_STATE, SIM_INACTIVE),
	SEV_GUEST(SEV_LAUNCH_UPDATE_VMSA, sim_cmd_sev_range, 0,
		  sim_sev_launch_update_vmsa,
		  SEV_PAGES, SIM_INVALID_GUEST_STATE, SIM_INACTIVE,
		  SIM_RESOURCE_LIMIT, SIM_UNSUPPORTED),
	SEV_GUEST(SEV_LAUNCH_MEASURE, sim_cmd_sev_range, OUT_LENGTH,
		  sim_sev_launch_measure,
		  SEV_PAGES, SIM_INVALID_GUEST_STATE, SIM_LEGACY_BUF_STATE),
	SEV_GUEST(SEV_LAUNCH_SECRET, sim_cmd_sev_transport, 0,
		  sim_sev_launch_secret,
		  SEV_PAGES, SIM_INVALID_GUEST_STATE, SIM_INACTIVE,
		  SIM_BAD_MEASUREMENT, SIM_UNSUPPORTED),
	SEV_GUEST(SEV_LAUNCH_FINISH, sim_cmd_sev_handle, 0,
		  sim_sev_launch_finish, SIM_INVALID_GUEST_STATE),
	SEV_GUEST(SEV_ATTESTATION, sim_cmd_sev_attestation, OUT_ANY,
		  sim_sev_attestation, SEV_PAGES, SIM_INVALID_GUEST_STATE),
	SEV_GUEST(SEV_SEND_START, sim_cmd_sev_send_start, OUT_LENGTH,
		  sim_sev_send_start,
		  SEV_PAGES, SIM_INVALID_GUEST_STATE, SIM_POLICY_FAILURE,
		  SIM_INVALID_CERTIFICATE, SIM_LEGACY_BUF_STATE),
	SEV_GUEST(SEV_SEND_UPDATE_DATA, sim_cmd_sev_transport, OUT_LENGTH,
		  sim_sev_send_update,
		  SIM_INVALID_LENGTH, SIM_INVALID_GUEST_STATE,
		  SIM_LEGACY_BUF_STATE),
	SEV_GUEST(SEV_SEND_UPDATE_VMSA, sim_cmd_sev_transport, OUT_LENGTH,
		  sim_sev_send_update,
		  SIM_INVALID_LENGTH, SIM_INVALID_GUEST_STATE,
		  SIM_LEGACY_BUF_STATE),
	SEV_GUEST(SEV_SEND_FINISH, sim_cmd_sev_handle, 0, sim_sev_send_finish,
		  SIM_INVALID_GUEST_STATE),
	SEV_GUEST(SEV_SEND_CANCEL, sim_cmd_sev_handle, 0, sim_sev_send_finish,
		  SIM_INVALID_GUEST_STATE),
	SEV_GUEST(SEV_RECEIVE_START, sim_cmd_sev_start, OUT_SUCCESS,
		  sim_sev_receive_start,
		  SIM_INVALID_LENGTH, SIM_INVALID_CERTIFICATE,
		  SIM_BAD_MEASUREMENT, SIM_LEGACY_BUF_STATE),
	SEV_GUEST(SEV_RECEIVE_UPDATE_DATA, sim_cmd_sev_transport, 0,
		  sim_sev_receive_update, SIM_INVALID_GUEST_STATE),
	SEV_GUEST(SEV_RECEIVE_UPDATE_VMSA, sim_cmd_sev_transport, 0,
		  sim_sev_receive_update, SIM_INVALID_GUEST_STATE),
	SEV_GUEST(SEV_RECEIVE_FINISH, sim_cmd_sev_handle, 0,
		  sim_sev_receive_finish, SIM_INVALID_GUEST_STATE),
	SEV_GUEST(SEV_DBG_DECRYPT, sim_cmd_sev_dbg, 0, sim_sev_dbg_decrypt,
		  SEV_PAGES, SIM_POLICY_FAILURE, SIM_INACTIVE),
	SEV_GUEST(SEV_DBG_ENCRYPT, sim_cmd_sev_dbg, 0, sim_sev_dbg_encrypt,
		  SEV_PAGES, SIM_POLICY_FAILURE, SIM_INACTIVE),
	SEV(SEV_SWAP_OUT, 40, OUT_LENGTH, sim_sev_swap,
	    SIM_INVALID_PLATFORM_STATE, ADDR, SIM_INVALID_PARAM,
	    SIM_INVALID_GUEST, SIM_UNSUPPORTED, SIM_LEGACY_BUF_STATE),
	SEV(SEV_SWAP_IN, 32, 0, sim_sev_swap,
	    SIM_INVALID_PLATFORM_STATE, ADDR, SIM_INVALID_PARAM,
	    SIM_INVALID_GUEST, SIM_UNSUPPORTED),
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
		if ((out || op->flags & SIM_OP_OUT_UNCHECKED) &&
		    (!status || (status == SIM_INVALID_LENGTH &&
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
