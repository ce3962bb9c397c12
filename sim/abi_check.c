// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated firmware describes its command buffers in its own words, as
 * it is built in user space as well.  Here they are held against the kernel's.
 */
#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/psp-sev.h>
#include <linux/stddef.h>
#include <asm/sev.h>
#include <asm/svm.h>

#include "snp_abi.h"
#include "rmp.h"

#define SAME_SIZE(ours, theirs) \
	static_assert(sizeof(struct ours) == sizeof(struct theirs))
#define SAME_NUMBER(ours, theirs) \
	static_assert((int)(ours) == (int)(theirs))
#define SAME_OFFSET(ours, o, theirs, t) \
	static_assert(offsetof(struct ours, o) == offsetof(struct theirs, t))

SAME_SIZE(sim_cmd_snp_init, sev_data_snp_init_ex);
SAME_OFFSET(sim_cmd_snp_init, list_paddr, sev_data_snp_init_ex, list_paddr);

SAME_SIZE(sim_cmd_snp_shutdown, sev_data_snp_shutdown_ex);
SAME_SIZE(sim_cmd_addr, sev_data_snp_addr);
SAME_SIZE(sim_cmd_addr, sev_data_snp_page_reclaim);
SAME_SIZE(sim_snp_platform_status, sev_user_data_snp_status);

SAME_OFFSET(sim_cmd_activate, gctx_paddr, sev_data_snp_activate, gctx_paddr);
SAME_OFFSET(sim_cmd_activate, asid, sev_data_snp_activate, asid);

SAME_SIZE(sim_cmd_launch_start, sev_data_snp_launch_start);
SAME_OFFSET(sim_cmd_launch_start, policy, sev_data_snp_launch_start, policy);
SAME_OFFSET(sim_cmd_launch_start, ma_gctx_paddr, sev_data_snp_launch_start, ma_gctx_paddr);
SAME_OFFSET(sim_cmd_launch_start, desired_tsc_khz, sev_data_snp_launch_start, desired_tsc_khz);
SAME_OFFSET(sim_cmd_launch_start, gosvw, sev_data_snp_launch_start, gosvw);

SAME_SIZE(sim_cmd_launch_update, sev_data_snp_launch_update);
SAME_OFFSET(sim_cmd_launch_update, page_paddr, sev_data_snp_launch_update, address);

SAME_SIZE(sim_cmd_launch_finish, sev_data_snp_launch_finish);
SAME_OFFSET(sim_cmd_launch_finish, id_block_paddr, sev_data_snp_launch_finish, id_block_paddr);
SAME_OFFSET(sim_cmd_launch_finish, id_auth_paddr, sev_data_snp_launch_finish, id_auth_paddr);
SAME_OFFSET(sim_cmd_launch_finish, host_data, sev_data_snp_launch_finish, host_data);

SAME_OFFSET(sim_cmd_guest_status, status_paddr, sev_data_snp_guest_status, address);

SAME_SIZE(sim_cmd_sev_pdh_export, sev_data_pdh_cert_export);
SAME_SIZE(sim_cmd_sev_handle, sev_data_decommission);
SAME_SIZE(sim_cmd_sev_handle, sev_data_launch_finish);
SAME_SIZE(sim_cmd_sev_activate, sev_data_activate);
SAME_SIZE(sim_cmd_sev_guest_status, sev_data_guest_status);
SAME_OFFSET(sim_cmd_sev_guest_status, state, sev_data_guest_status, state);
SAME_SIZE(sim_cmd_sev_start, sev_data_launch_start);
SAME_OFFSET(sim_cmd_sev_start, session_paddr, sev_data_launch_start, session_address);
SAME_SIZE(sim_cmd_sev_start, sev_data_receive_start);
SAME_SIZE(sim_cmd_sev_range, sev_data_launch_update_data);
SAME_OFFSET(sim_cmd_sev_range, paddr, sev_data_launch_update_data, address);
SAME_SIZE(sim_cmd_sev_range, sev_data_launch_measure);
SAME_SIZE(sim_cmd_sev_transport, sev_data_launch_secret);
SAME_OFFSET(sim_cmd_sev_transport, guest_paddr, sev_data_launch_secret, guest_address);
SAME_OFFSET(sim_cmd_sev_transport, trans_paddr, sev_data_launch_secret, trans_address);
SAME_SIZE(sim_cmd_sev_transport, sev_data_receive_update_data);
SAME_SIZE(sim_cmd_sev_attestation, sev_data_attestation_report);
SAME_OFFSET(sim_cmd_sev_attestation, len, sev_data_attestation_report, len);
SAME_SIZE(sim_cmd_sev_send_start, sev_data_send_start);
SAME_OFFSET(sim_cmd_sev_send_start, session_paddr, sev_data_send_start, session_address);
SAME_SIZE(sim_cmd_sev_dbg, sev_data_dbg);

SAME_SIZE(sim_rmp_state, rmp_state);
SAME_OFFSET(sim_rmp_state, asid, rmp_state, asid);

static_assert(SIM_SUCCESS == SEV_RET_SUCCESS);
static_assert(SIM_INVALID_PLATFORM_STATE == SEV_RET_INVALID_PLATFORM_STATE);
static_assert(SIM_DF_FLUSH_REQUIRED == SEV_RET_DFFLUSH_REQUIRED);
static_assert(SIM_INVALID_PARAM == SEV_RET_INVALID_PARAM);
static_assert(SIM_INVALID_PAGE_STATE == SEV_RET_INVALID_PAGE_STATE);
static_assert(SIM_INVALID_PAGE_OWNER == SEV_RET_INVALID_PAGE_OWNER);
static_assert(SIM_RMP_INIT_REQUIRED == SEV_RET_RMP_INIT_REQUIRED);
SAME_NUMBER(SIM_CMD_SNP_INIT_EX, SEV_CMD_SNP_INIT_EX);
SAME_NUMBER(SIM_CMD_SNP_SHUTDOWN_EX, SEV_CMD_SNP_SHUTDOWN_EX);
SAME_NUMBER(SIM_CMD_SNP_GCTX_CREATE, SEV_CMD_SNP_GCTX_CREATE);
SAME_NUMBER(SIM_CMD_SNP_LAUNCH_START, SEV_CMD_SNP_LAUNCH_START);
SAME_NUMBER(SIM_CMD_SNP_LAUNCH_UPDATE, SEV_CMD_SNP_LAUNCH_UPDATE);
SAME_NUMBER(SIM_CMD_SNP_LAUNCH_FINISH, SEV_CMD_SNP_LAUNCH_FINISH);
SAME_NUMBER(SIM_CMD_SNP_PAGE_RECLAIM, SEV_CMD_SNP_PAGE_RECLAIM);
SAME_NUMBER(SIM_CMD_SNP_FEATURE_INFO, SEV_CMD_SNP_FEATURE_INFO);
static_assert(SIM_RMP_FAIL_OVERLAP == RMPUPDATE_FAIL_OVERLAP);
static_assert(SIM_RMP_FAIL_INUSE == PSMASH_FAIL_INUSE);
