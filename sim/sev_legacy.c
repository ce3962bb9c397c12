// SPDX-License-Identifier: GPL-2.0
/*
 * Legacy SEV: the platform.  Its guests are in sev_guest.c.
 *
 * The chip has no keys that anybody endorsed, so nothing can be signed, and no
 * session with it can be opened.
 */
#include "internal.h"

#define SEV_INIT_ES		1
#define SEV_TMR_SIZE		(1ull << 20)
#define SEV_TMR_SIZE_SNP	(2ull << 20)
#define SEV_NV_SIZE		(32u << 10)
#define SEV_ID_LEN		64
#define SEV_CERT_LEN		0x824
#define SEV_CHAIN_LEN		(3 * SEV_CERT_LEN)

static u32 reserve_tmr(struct sim_machine *m, u64 base, u64 len)
{
	u64 size = m->rmp_init ? SEV_TMR_SIZE_SNP : SEV_TMR_SIZE;
	u32 status;

	if (m->snp_state != SIM_PLAT_UNINIT) {
		status = sim_fw_check_writable(m, base, len);
		if (status)
			return status;
	}
	if (base & (size - 1))
		return SIM_INVALID_ADDRESS;
	if (len != size)
		return SIM_INVALID_LENGTH;
	status = sim_fw_check_range(m, base, size);
	if (status)
		return status;
	m->sev_tmr.start = base & ~SIM_C_BIT;
	m->sev_tmr.end = m->sev_tmr.start + size;
	return SIM_SUCCESS;
}

static u32 init_common(struct sim_machine *m, u32 flags, u64 tmr, u64 tmr_len)
{
	u32 status;

	if (flags & SEV_INIT_ES) {
		status = reserve_tmr(m, tmr, tmr_len);
		if (status)
			return status;
	}
	/* With SNP running, the ASIDs are in use already. */
	if (m->snp_state == SIM_PLAT_UNINIT)
		sim_asid_init(m);
	m->sev_flags = flags;
	/* FIDELITY(SEV platform UNINIT -> INIT): modelled - SEV_INIT, INIT_EX [firmware 1.55.25] */
	m->sev_state = SIM_PLAT_INIT;
	return SIM_SUCCESS;
}

/* FIDELITY(SEV_INIT): simplified - no keys and certificates are made */
u32 sim_sev_init(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_init *cmd = buf;

	if (m->sev_state != SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	if (cmd->flags & ~SEV_INIT_ES || cmd->rsvd)
		return SIM_INVALID_CONFIG;
	if (m->cfg.snp_enabled && !m->rmp_init)
		return SIM_INVALID_PLATFORM_STATE;
	return init_common(m, cmd->flags, cmd->tmr_paddr, cmd->tmr_len);
}

/* FIDELITY(SEV_INIT_EX): simplified - nothing is kept in the NV area */
u32 sim_sev_init_ex(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_init_ex *cmd = buf;
	u32 status;

	if (m->sev_state != SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	if (cmd->flags & ~SEV_INIT_ES || cmd->rsvd)
		return SIM_INVALID_CONFIG;
	if (m->cfg.snp_enabled && !m->rmp_init)
		return SIM_INVALID_PLATFORM_STATE;
	if (cmd->len != sizeof(*cmd))
		return SIM_INVALID_LENGTH;
	if (cmd->nv_paddr) {
		if (sim_misaligned(cmd->nv_paddr))
			return SIM_INVALID_ADDRESS;
		status = sim_fw_check_range(m, cmd->nv_paddr, cmd->nv_len);
		if (status)
			return status;
		if (cmd->nv_len != SEV_NV_SIZE)
			return SIM_INVALID_LENGTH;
	}
	if (m->snp_state != SIM_PLAT_UNINIT) {
		status = sim_fw_check_writable(m, cmd->nv_paddr, cmd->nv_len);
		if (status)
			return status;
	}
	if (cmd->flags & SEV_INIT_ES && cmd->nv_paddr &&
	    (cmd->nv_paddr & ~SIM_C_BIT) < (cmd->tmr_paddr & ~SIM_C_BIT) +
					   cmd->tmr_len &&
	    (cmd->tmr_paddr & ~SIM_C_BIT) < (cmd->nv_paddr & ~SIM_C_BIT) +
					    SEV_NV_SIZE)
		return SIM_INVALID_ADDRESS;
	return init_common(m, cmd->flags, cmd->tmr_paddr, cmd->tmr_len);
}

/* FIDELITY(SEV_SHUTDOWN): modelled - ends legacy guests, leaves SNP guests alone */
u32 sim_sev_shutdown(struct sim_machine *m, void *buf)
{
	(void)buf;
	sim_sev_drop_guests(m);
	/* FIDELITY(SEV platform INIT, WORKING -> UNINIT): modelled - SEV_SHUTDOWN [firmware 1.55.25] */
	m->sev_state = SIM_PLAT_UNINIT;
	m->sev_flags = 0;
	m->sev_tmr_ready = false;
	m->nr_vmsas = 0;
	memset(&m->sev_tmr, 0, sizeof(m->sev_tmr));
	return SIM_SUCCESS;
}

/* FIDELITY(SEV_PLATFORM_STATUS): modelled - [firmware 1.55.25] */
u32 sim_sev_platform_status(struct sim_machine *m, void *buf)
{
	struct sim_sev_platform_status *s = buf;

	memset(s, 0, sizeof(*s));
	s->api_major = SIM_FW_MAJOR;
	s->api_minor = SIM_FW_MINOR;
	s->state = m->sev_state;
	s->build = SIM_FW_BUILD;
	if (m->sev_state != SIM_PLAT_UNINIT)
		s->flags = (m->sev_flags & SEV_INIT_ES) << 8;
	s->guest_count = m->sev_guest_count;
	return SIM_SUCCESS;
}

/* FIDELITY(SEV_DF_FLUSH): modelled - same as SNP_DF_FLUSH once initialised */
u32 sim_sev_df_flush(struct sim_machine *m, void *buf)
{
	(void)buf;
	if (m->sev_state == SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	return sim_asid_df_flush(m);
}

/**
 * sim_chip_id - the identifier of a socket
 * @m: machine
 * @die: socket
 * @id: derived from the chip's secret
 */
void sim_chip_id(const struct sim_machine *m, u32 die, u8 id[SEV_ID_LEN])
{
	u64 seed[6];

	memcpy(seed, m->chip_secret, sizeof(m->chip_secret));
	seed[4] = die;
	seed[5] = SIM_CMD_SEV_GET_ID;
	memset(id, 0, SEV_ID_LEN);
	sim_env_sha384(seed, sizeof(seed), id);
}

/*
 * FIDELITY(SEV_GET_ID): modelled - the identifier is derived from the chip's secret;
 * that of a second socket is for those who ask for both
 */
u32 sim_sev_get_id(struct sim_machine *m, void *buf)
{
	struct sim_cmd_sev_buf *cmd = buf;
	u32 dies = cmd->len == 2 * SEV_ID_LEN && m->cfg.dies > 1 ? 2 : 1;
	u8 id[SEV_ID_LEN];
	u32 die, status;

	if (cmd->len < SEV_ID_LEN) {
		cmd->len = SEV_ID_LEN;
		return SIM_INVALID_LENGTH;
	}
	if (m->snp_state != SIM_PLAT_UNINIT) {
		status = sim_fw_check_writable(m, cmd->paddr, cmd->len);
		if (status)
			return status;
	}
	for (die = 0; die < dies; die++) {
		sim_chip_id(m, die, id);
		status = sim_fw_write(m, cmd->paddr + die * SEV_ID_LEN, id,
				      sizeof(id));
		if (status)
			return status;
	}
	cmd->len = dies * SEV_ID_LEN;
	return SIM_SUCCESS;
}

/* FIDELITY(SEV_FACTORY_RESET): modelled - nothing persistent exists */
u32 sim_sev_factory_reset(struct sim_machine *m, void *buf)
{
	(void)buf;
	return m->sev_state == SIM_PLAT_UNINIT ? SIM_SUCCESS :
						 SIM_INVALID_PLATFORM_STATE;
}

/* FIDELITY(SEV_PEK_GEN, SEV_PEK_CERT_IMPORT): simplified - state check, then UNSUPPORTED */
u32 sim_sev_pek_gen(struct sim_machine *m, void *buf)
{
	(void)buf;
	return m->sev_state == SIM_PLAT_INIT ? SIM_UNSUPPORTED :
					       SIM_INVALID_PLATFORM_STATE;
}

/* FIDELITY(SEV_PDH_GEN): simplified - state check, then UNSUPPORTED */
u32 sim_sev_pdh_gen(struct sim_machine *m, void *buf)
{
	(void)buf;
	return m->sev_state == SIM_PLAT_UNINIT ? SIM_INVALID_PLATFORM_STATE :
						 SIM_UNSUPPORTED;
}

/* FIDELITY(SEV_PEK_CSR): simplified - tells the length, then UNSUPPORTED */
u32 sim_sev_pek_csr(struct sim_machine *m, void *buf)
{
	struct sim_cmd_sev_buf *cmd = buf;

	if (m->sev_state == SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	if (cmd->len >= SEV_CERT_LEN)
		return SIM_UNSUPPORTED;
	cmd->len = SEV_CERT_LEN;
	return SIM_INVALID_LENGTH;
}

/* FIDELITY(SEV_PDH_CERT_EXPORT): simplified - tells the lengths, then UNSUPPORTED */
u32 sim_sev_pdh_export(struct sim_machine *m, void *buf)
{
	struct sim_cmd_sev_pdh_export *cmd = buf;

	if (m->sev_state == SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	if (cmd->cert_len >= SEV_CERT_LEN && cmd->chain_len >= SEV_CHAIN_LEN)
		return SIM_UNSUPPORTED;
	cmd->cert_len = SEV_CERT_LEN;
	cmd->chain_len = SEV_CHAIN_LEN;
	return SIM_INVALID_LENGTH;
}

/* FIDELITY(SEV_DOWNLOAD_FIRMWARE): simplified - there is no other firmware to load */
u32 sim_sev_download_firmware(struct sim_machine *m, void *buf)
{
	u64 pa;

	if (m->sev_state != SIM_PLAT_UNINIT || m->snp_state != SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	memcpy(&pa, buf, sizeof(pa));
	return pa & 31 ? SIM_INVALID_ADDRESS : SIM_UNSUPPORTED;
}
