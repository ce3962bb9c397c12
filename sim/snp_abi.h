/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Command buffers, status codes and records of the SEV-SNP firmware, as its
 * callers see them.  Little endian.  The kernel build checks the sizes and
 * offsets against include/linux/psp-sev.h.
 */
#ifndef _SIM_SNP_ABI_H
#define _SIM_SNP_ABI_H

#include "env.h"

/* Firmware version the model follows. */
#define SIM_FW_MAJOR		1
#define SIM_FW_MINOR		55
#define SIM_FW_BUILD		25

/* Status codes */
#define SIM_SUCCESS			0x00
#define SIM_INVALID_PLATFORM_STATE	0x01
#define SIM_INVALID_GUEST_STATE		0x02
#define SIM_INVALID_CONFIG		0x03
#define SIM_INVALID_LENGTH		0x04
#define SIM_ALREADY_OWNED		0x05
#define SIM_INVALID_CERTIFICATE		0x06
#define SIM_POLICY_FAILURE		0x07
#define SIM_INACTIVE			0x08
#define SIM_INVALID_ADDRESS		0x09
#define SIM_BAD_SIGNATURE		0x0a
#define SIM_BAD_MEASUREMENT		0x0b
#define SIM_ASID_OWNED			0x0c
#define SIM_INVALID_ASID		0x0d
#define SIM_WBINVD_REQUIRED		0x0e
#define SIM_DF_FLUSH_REQUIRED		0x0f
#define SIM_INVALID_GUEST		0x10
#define SIM_INVALID_COMMAND		0x11
#define SIM_ACTIVE			0x12
#define SIM_HW_PLATFORM			0x13
#define SIM_HW_UNSAFE			0x14
#define SIM_UNSUPPORTED			0x15
#define SIM_INVALID_PARAM		0x16
#define SIM_RESOURCE_LIMIT		0x17
#define SIM_SECURE_DATA_INVALID		0x18
#define SIM_INVALID_PAGE_SIZE		0x19
#define SIM_INVALID_PAGE_STATE		0x1a
#define SIM_INVALID_MDATA_ENTRY		0x1b
#define SIM_INVALID_PAGE_OWNER		0x1c
#define SIM_AEAD_OFLOW			0x1d
#define SIM_EXIT_RING_BUFFER		0x1f
#define SIM_RMP_INIT_REQUIRED		0x20
#define SIM_BAD_SVN			0x21
#define SIM_BAD_VERSION			0x22
#define SIM_SHUTDOWN_REQUIRED		0x23
#define SIM_UPDATE_FAILED		0x24
#define SIM_RESTORE_REQUIRED		0x25
#define SIM_RMP_INIT_FAILED		0x26
#define SIM_INVALID_KEY			0x27
#define SIM_SHUTDOWN_INCOMPLETE		0x28
/* Legacy command, its buffer in a page of the wrong state. */
#define SIM_LEGACY_BUF_STATE		0x5a

/* Command numbers */
enum sim_psp_cmd {
	SIM_CMD_SEV_INIT		= 0x001,
	SIM_CMD_SEV_SHUTDOWN		= 0x002,
	SIM_CMD_SEV_FACTORY_RESET	= 0x003,
	SIM_CMD_SEV_PLATFORM_STATUS	= 0x004,
	SIM_CMD_SEV_PEK_GEN		= 0x005,
	SIM_CMD_SEV_PEK_CSR		= 0x006,
	SIM_CMD_SEV_PEK_CERT_IMPORT	= 0x007,
	SIM_CMD_SEV_PDH_CERT_EXPORT	= 0x008,
	SIM_CMD_SEV_PDH_GEN		= 0x009,
	SIM_CMD_SEV_DF_FLUSH		= 0x00a,
	SIM_CMD_SEV_DOWNLOAD_FIRMWARE	= 0x00b,
	SIM_CMD_SEV_GET_ID		= 0x00c,
	SIM_CMD_SEV_INIT_EX		= 0x00d,
	SIM_CMD_SEV_DECOMMISSION	= 0x020,
	SIM_CMD_SEV_ACTIVATE		= 0x021,
	SIM_CMD_SEV_DEACTIVATE		= 0x022,
	SIM_CMD_SEV_GUEST_STATUS	= 0x023,
	SIM_CMD_SEV_COPY		= 0x024,
	SIM_CMD_SEV_ACTIVATE_EX		= 0x025,
	SIM_CMD_SEV_LAUNCH_START	= 0x030,
	SIM_CMD_SEV_LAUNCH_UPDATE_DATA	= 0x031,
	SIM_CMD_SEV_LAUNCH_UPDATE_VMSA	= 0x032,
	SIM_CMD_SEV_LAUNCH_MEASURE	= 0x033,
	SIM_CMD_SEV_LAUNCH_SECRET	= 0x034,
	SIM_CMD_SEV_LAUNCH_FINISH	= 0x035,
	SIM_CMD_SEV_ATTESTATION		= 0x036,
	SIM_CMD_SEV_SEND_START		= 0x040,
	SIM_CMD_SEV_SEND_UPDATE_DATA	= 0x041,
	SIM_CMD_SEV_SEND_UPDATE_VMSA	= 0x042,
	SIM_CMD_SEV_SEND_FINISH		= 0x043,
	SIM_CMD_SEV_SEND_CANCEL		= 0x044,
	SIM_CMD_SEV_RECEIVE_START	= 0x050,
	SIM_CMD_SEV_RECEIVE_UPDATE_DATA	= 0x051,
	SIM_CMD_SEV_RECEIVE_UPDATE_VMSA	= 0x052,
	SIM_CMD_SEV_RECEIVE_FINISH	= 0x053,
	SIM_CMD_SEV_DBG_DECRYPT		= 0x060,
	SIM_CMD_SEV_DBG_ENCRYPT		= 0x061,
	SIM_CMD_SEV_SWAP_OUT		= 0x070,
	SIM_CMD_SEV_SWAP_IN		= 0x071,
	SIM_CMD_SNP_INIT		= 0x081,
	SIM_CMD_SNP_SHUTDOWN		= 0x082,
	SIM_CMD_SNP_PLATFORM_STATUS	= 0x083,
	SIM_CMD_SNP_DF_FLUSH		= 0x084,
	SIM_CMD_SNP_INIT_EX		= 0x085,
	SIM_CMD_SNP_SHUTDOWN_EX		= 0x086,
	SIM_CMD_SNP_DECOMMISSION	= 0x090,
	SIM_CMD_SNP_ACTIVATE		= 0x091,
	SIM_CMD_SNP_GUEST_STATUS	= 0x092,
	SIM_CMD_SNP_GCTX_CREATE		= 0x093,
	SIM_CMD_SNP_GUEST_REQUEST	= 0x094,
	SIM_CMD_SNP_ACTIVATE_EX		= 0x095,
	SIM_CMD_SNP_LAUNCH_START	= 0x0a0,
	SIM_CMD_SNP_LAUNCH_UPDATE	= 0x0a1,
	SIM_CMD_SNP_LAUNCH_FINISH	= 0x0a2,
	SIM_CMD_SNP_DBG_DECRYPT		= 0x0b0,
	SIM_CMD_SNP_DBG_ENCRYPT		= 0x0b1,
	SIM_CMD_SNP_PAGE_SWAP_OUT	= 0x0c0,
	SIM_CMD_SNP_PAGE_SWAP_IN	= 0x0c1,
	SIM_CMD_SNP_PAGE_MOVE		= 0x0c2,
	SIM_CMD_SNP_PAGE_MD_INIT	= 0x0c3,
	SIM_CMD_SNP_PAGE_SET_STATE	= 0x0c6,
	SIM_CMD_SNP_PAGE_RECLAIM	= 0x0c7,
	SIM_CMD_SNP_PAGE_UNSMASH	= 0x0c8,
	SIM_CMD_SNP_CONFIG		= 0x0c9,
	SIM_CMD_SNP_DOWNLOAD_FIRMWARE_EX = 0x0ca,
	SIM_CMD_SNP_COMMIT		= 0x0cb,
	SIM_CMD_SNP_VLEK_LOAD		= 0x0cd,
	SIM_CMD_SNP_FEATURE_INFO	= 0x0ce,
};

/* Page types of LAUNCH_UPDATE */
#define SIM_PAGE_TYPE_NORMAL		1
#define SIM_PAGE_TYPE_VMSA		2
#define SIM_PAGE_TYPE_ZERO		3
#define SIM_PAGE_TYPE_UNMEASURED	4
#define SIM_PAGE_TYPE_SECRETS		5
#define SIM_PAGE_TYPE_CPUID		6

/* Guest policy bits */
#define SIM_POLICY_ABI_MINOR		0xffull
#define SIM_POLICY_ABI_MAJOR		0xff00ull
#define SIM_POLICY_SMT			(1ull << 16)
#define SIM_POLICY_RSVD_ONE		(1ull << 17)
#define SIM_POLICY_MIGRATE_MA		(1ull << 18)
#define SIM_POLICY_DEBUG		(1ull << 19)
#define SIM_POLICY_SINGLE_SOCKET	(1ull << 20)
#define SIM_POLICY_KNOWN		((1ull << 21) - 1)

/* SNP_INIT, SNP_INIT_EX */
#define SIM_INIT_RMP			(1u << 0)
#define SIM_INIT_LIST			(1u << 1)
struct sim_cmd_snp_init {
	u32 flags;		/* SIM_INIT_* */
	u32 rsvd;
	u64 list_paddr;		/* struct sim_range_list */
	u8 rsvd2[48];
} __packed;

struct sim_range_elem {
	u64 base;
	u32 page_count;
	u32 rsvd;
} __packed;

struct sim_range_list {
	u32 num_elements;
	u32 rsvd;
	struct sim_range_elem ranges[];
} __packed;

/* SNP_SHUTDOWN, SNP_SHUTDOWN_EX */
#define SIM_SHUTDOWN_IOMMU		(1u << 0)
#define SIM_SHUTDOWN_X86		(1u << 1)
struct sim_cmd_snp_shutdown {
	u32 len;		/* 8 */
	u32 flags;		/* SIM_SHUTDOWN_* */
} __packed;

/* One address: PLATFORM_STATUS, GCTX_CREATE, DECOMMISSION, PAGE_RECLAIM,
 * PAGE_UNSMASH
 */
struct sim_cmd_addr {
	u64 paddr;
} __packed;

/* Result of SNP_PLATFORM_STATUS */
struct sim_snp_platform_status {
	u8 api_major;
	u8 api_minor;
	u8 state;
	u8 rmp_init;		/* bit 0 */
	u32 build;
	u32 flags;		/* 0 mask chip id, 1 mask chip key, 2 VLEK, 3 FEATURE_INFO */
	u32 guest_count;
	u64 current_tcb;
	u64 reported_tcb;
} __packed;

#define SIM_STATUS_FEATURE_INFO		(1u << 3)

struct sim_cmd_activate {
	u64 gctx_paddr;
	u32 asid;
} __packed;

struct sim_cmd_activate_ex {
	u32 len;		/* 0x20 */
	u32 rsvd;
	u64 gctx_paddr;
	u32 asid;
	u32 numids;
	u64 ids_paddr;		/* u32 APIC ids */
} __packed;

#define SIM_LAUNCH_MA_EN		(1u << 0)
#define SIM_LAUNCH_IMI_EN		(1u << 1)
struct sim_cmd_launch_start {
	u64 gctx_paddr;
	u64 policy;
	u64 ma_gctx_paddr;
	u32 flags;		/* SIM_LAUNCH_* */
	u32 desired_tsc_khz;
	u8 gosvw[16];
} __packed;

struct sim_cmd_launch_update {
	u64 gctx_paddr;
	u32 flags;		/* bit 0 size, 3:1 type, bit 4 IMI page */
	u32 rsvd2;
	u64 page_paddr;
	u8 rsvd3;
	u8 vmpl1_perms;
	u8 vmpl2_perms;
	u8 vmpl3_perms;
	u32 rsvd4;
} __packed;

#define SIM_FINISH_ID_BLOCK_EN		(1ull << 0)
#define SIM_FINISH_AUTH_KEY_EN		(1ull << 1)
#define SIM_FINISH_VCEK_DIS		(1ull << 2)
struct sim_cmd_launch_finish {
	u64 gctx_paddr;
	u64 id_block_paddr;
	u64 id_auth_paddr;
	u64 flags;		/* SIM_FINISH_* */
	u8 host_data[32];
} __packed;

/* Identity block, what the guest's owner expects */
struct sim_id_block {
	u8 ld[48];
	u8 family_id[16];
	u8 image_id[16];
	u32 version;
	u32 guest_svn;
	u64 policy;
} __packed;

/* ECDSA key and signature, numbers little endian, 72 bytes each */
struct sim_ecdsa_sig {
	u8 r[72];
	u8 s[72];
	u8 rsvd[368];
} __packed;

struct sim_ecdsa_key {
	u32 curve;		/* 2: P-384 */
	u8 qx[72];
	u8 qy[72];
	u8 rsvd[880];
} __packed;

struct sim_id_auth {
	u32 id_key_algo;	/* 1: ECDSA P-384 with SHA-384 */
	u32 auth_key_algo;
	u8 rsvd[56];
	struct sim_ecdsa_sig id_block_sig;
	struct sim_ecdsa_key id_key;
	u8 rsvd2[60];
	struct sim_ecdsa_sig id_key_sig;
	struct sim_ecdsa_key auth_key;
	u8 rsvd3[892];
} __packed;

struct sim_cmd_guest_status {
	u64 gctx_paddr;
	u64 status_paddr;
} __packed;

/* Result of SNP_GUEST_STATUS */
struct sim_snp_guest_status {
	u64 policy;
	u32 asid;
	u8 state;
	u8 flags;		/* bit 0: VCEK disabled */
	u8 rsvd[18];
} __packed;

struct sim_cmd_page_move {
	u64 gctx_paddr;
	u32 flags;		/* bit 0 size */
	u32 rsvd;
	u64 src_paddr;
	u64 dst_paddr;
} __packed;

struct sim_cmd_page_set_state {
	u32 len;		/* 16 */
	u32 rsvd;
	u64 list_paddr;
} __packed;

struct sim_cmd_md_init {
	u64 gctx_paddr;
	u64 page_paddr;
} __packed;

struct sim_cmd_dbg {
	u64 gctx_paddr;
	u64 src_paddr;
	u64 dst_paddr;
} __packed;

struct sim_cmd_guest_request {
	u64 gctx_paddr;
	u64 req_paddr;
	u64 res_paddr;
} __packed;

/* Guest messages: a header, then the payload under AES-256-GCM */
#define SIM_MSG_MAX		4096
#define SIM_MSG_HEADER		0x60
#define SIM_MSG_AAD		0x30	/* authenticated from here on */
#define SIM_MSG_ALGO_AES_GCM	1
struct sim_msg_header {
	u8 tag[32];
	u64 seqno;
	u64 rsvd;
	u8 algo;
	u8 hdr_version;
	u16 hdr_size;
	u8 msg_type;
	u8 msg_version;
	u16 msg_size;
	u32 rsvd2;
	u8 vmpck;
	u8 rsvd3[35];
} __packed;

enum sim_msg_type {
	SIM_MSG_CPUID_REQ	= 1,
	SIM_MSG_KEY_REQ		= 3,
	SIM_MSG_REPORT_REQ	= 5,
	SIM_MSG_EXPORT_REQ	= 7,
	SIM_MSG_IMPORT_REQ	= 9,
	SIM_MSG_ABSORB_REQ	= 11,
	SIM_MSG_VMRK_REQ	= 13,
	SIM_MSG_ABSORB_NOMA_REQ	= 15,
	SIM_MSG_TSC_INFO_REQ	= 17,
	/* the response has the next number */
};

/* Which key signs or derives */
#define SIM_KEY_SEL_ANY		0
#define SIM_KEY_SEL_VCEK	1
#define SIM_KEY_SEL_VLEK	2

#define SIM_KEY_ROOT_VMRK	(1u << 0)
#define SIM_KEY_FIELD_POLICY	(1ull << 0)
#define SIM_KEY_FIELD_IMAGE_ID	(1ull << 1)
#define SIM_KEY_FIELD_FAMILY_ID	(1ull << 2)
#define SIM_KEY_FIELD_LD	(1ull << 3)
#define SIM_KEY_FIELD_SVN	(1ull << 4)
#define SIM_KEY_FIELD_TCB	(1ull << 5)
#define SIM_KEY_FIELDS		0x3full
struct sim_msg_key_req {
	u32 select;		/* bit 0 VMRK, 2:1 SIM_KEY_SEL_* */
	u32 rsvd;
	u64 fields;		/* SIM_KEY_FIELD_* */
	u32 vmpl;
	u32 svn;
	u64 tcb;
} __packed;

struct sim_msg_key_rsp {
	u32 status;
	u8 rsvd[28];
	u8 key[32];
} __packed;

struct sim_msg_report_req {
	u8 data[64];
	u32 vmpl;
	u32 select;		/* 1:0 SIM_KEY_SEL_* */
	u8 rsvd[24];
} __packed;

#define SIM_REPORT_SMT		(1ull << 0)
#define SIM_REPORT_AUTHOR_KEY	(1u << 0)
#define SIM_REPORT_MASK_KEY	(1u << 1)
#define SIM_REPORT_UNSIGNED	(7u << 2)
struct sim_report {
	u32 version;		/* 2 */
	u32 guest_svn;
	u64 policy;
	u8 family_id[16];
	u8 image_id[16];
	u32 vmpl;
	u32 signature_algo;	/* 1: ECDSA P-384 with SHA-384 */
	u64 tcb;
	u64 platform_info;
	u32 flags;		/* SIM_REPORT_*, 4:2 signing key */
	u32 rsvd;
	u8 data[64];
	u8 ld[48];
	u8 host_data[32];
	u8 id_key_digest[48];
	u8 author_key_digest[48];
	u8 report_id[32];
	u8 report_id_ma[32];
	u64 reported_tcb;
	u8 rsvd2[24];
	u8 chip_id[64];
	u64 committed_tcb;
	u8 build;
	u8 minor;
	u8 major;
	u8 rsvd3;
	u8 committed_build;
	u8 committed_minor;
	u8 committed_major;
	u8 rsvd4;
	u64 launch_tcb;
	u8 rsvd5[168];
	u8 signature[512];
} __packed;

struct sim_msg_report_rsp {
	u32 status;
	u32 size;
	u8 rsvd[24];
	struct sim_report report;
} __packed;

struct sim_msg_tsc_rsp {
	u32 status;
	u32 rsvd;
	u64 scale;
	u64 offset;
	u32 factor;
	u8 rsvd2[100];
} __packed;

/* How a swapped page is to be brought back */
#define SIM_MDATA_VALID		(1ull << 0)
#define SIM_MDATA_VALIDATED	(1ull << 1)
#define SIM_MDATA_VMSA		(1ull << 2)
#define SIM_MDATA_METADATA	(1ull << 3)
#define SIM_MDATA_2M		(1ull << 4)
#define SIM_MDATA_GPA		(~0xfffull)
struct sim_mdata {
	u64 software;
	u64 iv;
	u8 tag[16];
	u64 entry;		/* SIM_MDATA_* */
	u64 vmpl;
	u64 rsvd[2];
} __packed;

/* A guest context on its way to another machine */
#define SIM_GCTX_VERSION	3
#define SIM_GCTX_AUTHOR_KEY	(1ull << 0)
#define SIM_GCTX_ID_BLOCK	(1ull << 1)
#define SIM_GCTX_VCEK_DIS	(1ull << 2)
struct sim_msg_gctx {
	u8 ld[48];
	u8 oek[32];
	u8 vmpck[4][32];
	u8 vmrk[32];
	u8 host_data[32];
	u8 id_key_digest[48];
	u8 author_key_digest[48];
	u8 report_id[32];
	u8 imd[48];
	u64 msg_count[4];
	struct sim_mdata root;
	u64 flags;		/* SIM_GCTX_* */
	u64 policy;
	u8 state;
	u8 rsvd[7];
	u64 oek_iv_count;
	struct sim_id_block id_block;
	u8 gosvw[16];
	u32 tsc_khz;
	u32 rsvd2;
	u64 tsc_offset;
	u64 launch_tcb;
	u8 rsvd3[56];
} __packed;

struct sim_msg_export_req {
	u64 gctx_paddr;
	u32 flags;		/* bit 0: the guest stays, IMI */
	u32 rsvd;
} __packed;

struct sim_msg_export_rsp {
	u32 status;
	u32 gctx_size;
	u32 gctx_version;
	u8 rsvd[20];
	struct sim_msg_gctx gctx;
} __packed;

struct sim_msg_import_req {	/* also ABSORB and ABSORB_NOMA */
	u64 gctx_paddr;
	u32 gctx_size;
	u32 gctx_version;
	u8 rsvd[16];
	struct sim_msg_gctx gctx;
} __packed;

struct sim_msg_vmrk_req {
	u64 gctx_paddr;
	u8 rsvd[24];
	u8 vmrk[32];
} __packed;

#define SIM_MSG_STATUS_ONLY	16	/* response of nothing but a status */

#define SIM_SWAP_DATA		0
#define SIM_SWAP_METADATA	1
#define SIM_SWAP_VMSA		2
#define SIM_SWAP_IN_PLACE	(1ull << 3)
#define SIM_SWAP_ROOT		(1ull << 4)
struct sim_cmd_swap {
	u64 gctx_paddr;
	u64 src_paddr;
	u64 dst_paddr;
	u64 mdata_paddr;
	u64 software;		/* SWAP_IN: zero */
	u64 flags;		/* bit 0 size, 2:1 SIM_SWAP_*, 3, 4 */
} __packed;

struct sim_cmd_dlfw_ex {
	u32 len;
	u32 rsvd;
	u64 fw_paddr;
	u32 fw_len;
	u32 flags;		/* bit 0: commit */
} __packed;

struct sim_cmd_config {
	u64 reported_tcb;
	u32 flags;		/* bit 0 mask chip id, bit 1 mask chip key */
	u8 rsvd[52];
} __packed;

struct sim_cmd_commit {
	u32 len;
} __packed;

#define SIM_VLEK_HASHSTICK		432	/* bytes */
#define SIM_VLEK_TCB			0x190	/* offset of the TCB version */
struct sim_cmd_vlek_load {
	u32 len;
	u8 version;
	u8 rsvd[3];
	u64 hashstick_paddr;
} __packed;

struct sim_cmd_feature_info {
	u32 len;		/* 16 */
	u32 ecx_in;
	u64 paddr;
} __packed;

struct sim_feature_info {
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
} __packed;

/* Legacy SEV */
struct sim_cmd_sev_init {
	u32 flags;		/* bit 0: ES */
	u32 rsvd;
	u64 tmr_paddr;
	u32 tmr_len;
} __packed;

struct sim_cmd_sev_init_ex {
	u32 len;
	u32 flags;
	u64 tmr_paddr;
	u32 tmr_len;
	u32 rsvd;
	u64 nv_paddr;
	u32 nv_len;
} __packed;

struct sim_sev_platform_status {
	u8 api_major;
	u8 api_minor;
	u8 state;
	u32 flags;		/* bit 0 owner, bit 8 ES */
	u8 build;
	u32 guest_count;
} __packed;

struct sim_cmd_sev_buf {	/* GET_ID, PEK_CSR */
	u64 paddr;
	u32 len;
} __packed;

struct sim_cmd_sev_pdh_export {
	u64 cert_paddr;
	u32 cert_len;
	u32 rsvd;
	u64 chain_paddr;
	u32 chain_len;
} __packed;

/* Legacy guests: policy */
#define SIM_SEV_POLICY_NODBG		(1u << 0)
#define SIM_SEV_POLICY_NOKS		(1u << 1)
#define SIM_SEV_POLICY_ES		(1u << 2)
#define SIM_SEV_POLICY_NOSEND		(1u << 3)
#define SIM_SEV_POLICY_DOMAIN		(1u << 4)
#define SIM_SEV_POLICY_SEV		(1u << 5)

struct sim_cmd_sev_handle {	/* DECOMMISSION, DEACTIVATE, *_FINISH, ... */
	u32 handle;
} __packed;

struct sim_cmd_sev_activate {
	u32 handle;
	u32 asid;
} __packed;

struct sim_cmd_sev_activate_ex {
	u32 len;		/* 0x18 */
	u32 handle;
	u32 asid;
	u32 numids;
	u64 ids_paddr;
} __packed;

struct sim_cmd_sev_guest_status {
	u32 handle;
	u32 policy;
	u32 asid;
	u8 state;
} __packed;

struct sim_cmd_sev_copy {
	u32 handle;
	u32 len;
	u64 src_paddr;
	u64 dst_paddr;
} __packed;

struct sim_cmd_sev_start {	/* LAUNCH_START, RECEIVE_START */
	u32 handle;		/* in: share its key, 0: none; out: the guest */
	u32 policy;
	u64 cert_paddr;
	u32 cert_len;
	u32 rsvd;
	u64 session_paddr;
	u32 session_len;
} __packed;

struct sim_cmd_sev_range {	/* LAUNCH_UPDATE_*, LAUNCH_MEASURE */
	u32 handle;
	u32 rsvd;
	u64 paddr;
	u32 len;
} __packed;

struct sim_sev_measure {	/* result of LAUNCH_MEASURE */
	u8 measurement[32];
	u8 mnonce[16];
} __packed;

struct sim_cmd_sev_transport {	/* LAUNCH_SECRET, SEND_UPDATE_*, RECEIVE_UPDATE_* */
	u32 handle;
	u32 rsvd;
	u64 hdr_paddr;
	u32 hdr_len;
	u32 rsvd2;
	u64 guest_paddr;
	u32 guest_len;
	u32 rsvd3;
	u64 trans_paddr;
	u32 trans_len;
} __packed;

#define SIM_SEV_PACKET_COMPRESSED	(1u << 0)
struct sim_sev_packet {		/* header of transported data */
	u32 flags;
	u8 iv[16];
	u8 mac[32];
} __packed;

struct sim_cmd_sev_attestation {
	u32 handle;
	u32 rsvd;
	u64 paddr;
	u8 mnonce[16];
	u32 len;
} __packed;

struct sim_sev_report {		/* result of ATTESTATION */
	u8 mnonce[16];
	u8 ld[32];
	u32 policy;
	u32 sig_usage;		/* 0x1000: none */
	u32 sig_algo;		/* 0: none */
	u32 rsvd;
	u8 signature[144];
} __packed;

struct sim_cmd_sev_send_start {
	u32 handle;
	u32 policy;
	u64 pdh_paddr;
	u32 pdh_len;
	u32 rsvd;
	u64 plat_paddr;
	u32 plat_len;
	u32 rsvd2;
	u64 amd_paddr;
	u32 amd_len;
	u32 rsvd3;
	u64 session_paddr;
	u32 session_len;
} __packed;

struct sim_cmd_sev_dbg {
	u32 handle;
	u32 rsvd;
	u64 src_paddr;
	u64 dst_paddr;
	u32 len;
} __packed;

struct sim_cmd_sev_swap {
	u32 handle;
	u32 flags;
	u64 src_paddr;
	u64 dst_paddr;
	u64 mdata_paddr;
} __packed;

/* PAGE_INFO, what the launch digest is made of */
struct sim_page_info {
	u8 digest_cur[48];
	u8 contents[48];
	u16 length;
	u8 page_type;
	u8 imi_page;
	u8 rsvd;
	u8 vmpl1_perms;
	u8 vmpl2_perms;
	u8 vmpl3_perms;
	u64 gpa;
} __packed;

/* CPUID page */
#define SIM_CPUID_MAX			64
struct sim_cpuid_entry {
	u32 eax_in;
	u32 ecx_in;
	u64 xcr0_in;
	u64 xss_in;
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
	u64 rsvd;
} __packed;

struct sim_cpuid_page {
	u32 count;
	u32 rsvd;
	u64 rsvd2;
	struct sim_cpuid_entry fn[SIM_CPUID_MAX];
} __packed;

/* Secrets page */
struct sim_secrets_page {
	u32 version;		/* 3 */
	u32 flags;		/* bit 0 IMI */
	u32 fms;
	u32 rsvd;
	u8 gosvw[16];
	u8 vmpck[4][32];
	u8 guest_rsvd[96];
	u8 vmsa_tweak[64];
	u8 guest_rsvd2[32];
	u32 tsc_factor;
} __packed;

/* Where the firmware looks in a VMSA */
#define SIM_VMSA_TSC_SCALE		0x2f0
#define SIM_VMSA_TSC_OFFSET		0x2f8
#define SIM_VMSA_REG_PROT_NONCE		0x300
#define SIM_VMSA_VIRTUAL_TOM		0x380
#define SIM_VMSA_TLB_ID			0x388
#define SIM_VMSA_SEV_FEATURES		0x3b0
#define SIM_VMSA_FEAT_SECURE_TSC	(1ull << 9)
#define SIM_VMSA_FEAT_REG_PROT		(1ull << 14)

static_assert(sizeof(struct sim_cmd_snp_init) == 64, "SNP_INIT");
static_assert(sizeof(struct sim_snp_platform_status) == 32, "status");
static_assert(sizeof(struct sim_cmd_activate_ex) == 32, "ACTIVATE_EX");
static_assert(sizeof(struct sim_cmd_launch_start) == 48, "LAUNCH_START");
static_assert(sizeof(struct sim_cmd_launch_update) == 32, "LAUNCH_UPDATE");
static_assert(sizeof(struct sim_cmd_launch_finish) == 64, "LAUNCH_FINISH");
static_assert(sizeof(struct sim_id_block) == 96, "id block");
static_assert(sizeof(struct sim_ecdsa_sig) == 512, "signature");
static_assert(sizeof(struct sim_ecdsa_key) == 1028, "key");
static_assert(sizeof(struct sim_id_auth) == 4096, "id auth");
static_assert(sizeof(struct sim_snp_guest_status) == 32, "guest status");
static_assert(sizeof(struct sim_msg_header) == SIM_MSG_HEADER, "message");
static_assert(sizeof(struct sim_msg_key_req) == 0x20, "key request");
static_assert(sizeof(struct sim_msg_key_rsp) == 0x40, "key response");
static_assert(sizeof(struct sim_msg_report_req) == 0x60, "report request");
static_assert(sizeof(struct sim_report) == 0x4a0, "report");
static_assert(offsetof(struct sim_report, chip_id) == 0x1a0, "chip id");
static_assert(sizeof(struct sim_msg_tsc_rsp) == 0x80, "TSC info");
static_assert(sizeof(struct sim_mdata) == 0x40, "swap metadata");
static_assert(sizeof(struct sim_msg_gctx) == 0x300, "exported context");
static_assert(offsetof(struct sim_msg_gctx, id_block) == 0x240, "id block");
static_assert(sizeof(struct sim_page_info) == 0x70, "PAGE_INFO");
static_assert(sizeof(struct sim_sev_packet) == 52, "packet header");
static_assert(sizeof(struct sim_sev_report) == 0xd0, "legacy report");
static_assert(sizeof(struct sim_cpuid_entry) == 48, "CPUID entry");
static_assert(offsetof(struct sim_secrets_page, vmsa_tweak) == 0x100, "tweak");
static_assert(offsetof(struct sim_secrets_page, tsc_factor) == 0x160, "tsc");

#endif /* _SIM_SNP_ABI_H */
