// SPDX-License-Identifier: GPL-2.0
/*
 * Platform commands: initialisation, shutdown, status, configuration.
 */
#include "internal.h"

/* Ranges that are HV-fixed whatever the memory map says: HyperTransport. */
#define HT_START	0xfd00000000ull
#define HT_END		0xfe00000000ull

/*
 * Version of the trusted computing base: boot loader, TEE, SNP firmware,
 * microcode, as Genoa packs them.  The firmware model never changes version,
 * so current, committed and launch TCB are this one.
 */
u64 sim_current_tcb(void)
{
	const u64 boot_loader = 9, tee = 0, snp = 21, microcode = 72;

	return boot_loader | tee << 8 | snp << 48 | microcode << 56;
}

/* ---- building the RMP ---- */

static void set_hv_fixed(struct sim_machine *m, u64 start, u64 end)
{
	struct sim_rmp_raw e = { 0 };
	u64 i, last;

	if (start >= end)
		return;
	sim_rmp_set_immutable(&e, true);
	last = (end - 1) >> SIM_PAGE_SHIFT;
	for (i = start >> SIM_PAGE_SHIFT; i <= last && i < m->rmp_entries; i++)
		sim_rmp_put(m, i, &e);
}

static void set_holes_fixed(struct sim_machine *m)
{
	u64 at = 0, top = m->rmp_entries << SIM_PAGE_SHIFT;
	u32 i;

	for (i = 0; i < m->cfg.nr_dram; i++) {
		set_hv_fixed(m, at, m->cfg.dram[i].start);
		at = m->cfg.dram[i].end;
	}
	set_hv_fixed(m, at, top);
}

/* Everything of a range but the RMP itself. */
static void set_range_fixed(struct sim_machine *m, const struct sim_range *r)
{
	u64 rmp_end = m->cfg.rmp_end + 1;

	set_hv_fixed(m, r->start, r->end < m->cfg.rmp_base ?
				  r->end : m->cfg.rmp_base);
	set_hv_fixed(m, r->start > rmp_end ? r->start : rmp_end, r->end);
}

/* A malformed list ends at its first bad element; that is no error. */
static void set_list_fixed(struct sim_machine *m, u64 list_pa)
{
	struct sim_range_walk w;
	struct sim_range r;

	if (sim_range_open(m, list_pa, &w))
		return;
	while (w.i < w.n) {
		if (sim_range_next(&w, SIM_PAGE_SIZE - 1, &r))
			return;
		set_range_fixed(m, &r);
	}
}

static bool all_hypervisor(const struct sim_machine *m, u64 start, u64 end)
{
	u64 pa;

	for (pa = start; pa < end; pa += SIM_PAGE_SIZE)
		if (sim_rmp_page_state(m, pa) != SIM_PAGE_HYPERVISOR)
			return false;
	return true;
}

static void set_assigned(struct sim_machine *m, u64 pa, u64 gfn, u32 tag)
{
	struct sim_rmp_raw e = { 0 };
	u64 index = pa >> SIM_PAGE_SHIFT;

	e.lo = SIM_RMP_ASSIGNED | (gfn << SIM_RMP_GFN_SHIFT) |
	       ((u64)tag << SIM_RMP_TAG_SHIFT) |
	       (sim_rmp_entry(m, index)->lo & SIM_RMP_SUBPAGES);
	sim_rmp_set_immutable(&e, true);
	sim_rmp_put(m, index, &e);
	sim_rmp_add_subpages(m, index, 1);
}

static void set_reclaim(struct sim_machine *m, u64 pa)
{
	u64 index = pa >> SIM_PAGE_SHIFT;
	struct sim_rmp_raw e = { .lo = SIM_RMP_ASSIGNED };

	e.lo |= sim_rmp_entry(m, index)->lo & SIM_RMP_SUBPAGES;
	sim_rmp_put(m, index, &e);
}

static u32 build_rmp(struct sim_machine *m, bool list, u64 list_pa)
{
	u64 size = m->cfg.rmp_end + 1 - m->cfg.rmp_base, pa;
	const struct sim_range ht = { HT_START, HT_END };
	u32 i;

	if (!m->rmp_zeroed) {
		memset(m->cfg.rmp, 0, size);
		for (pa = 0; pa < size; pa += SIM_PAGE_SIZE)
			sim_rmp_mark(m, pa);
	}
	/* FIDELITY(all -> Hypervisor, HV-fixed, Firmware, Firmware-IOMMU): modelled - SNP_INIT, INIT_EX with INIT_RMP; the RMP's own pages are Firmware, the logs of the IOMMU Firmware-IOMMU */
	set_holes_fixed(m);
	if (list)
		set_list_fixed(m, list_pa);
	if (m->cfg.reserved_hv_fixed)
		for (i = 0; i < m->cfg.nr_reserved; i++)
			set_range_fixed(m, &m->cfg.reserved[i]);
	set_range_fixed(m, &ht);
	if (!sim_rmp_covered(m, m->cfg.rmp_end) ||
	    !all_hypervisor(m, m->cfg.rmp_base, m->cfg.rmp_end))
		return SIM_RMP_INIT_FAILED;
	for (pa = m->cfg.rmp_base; pa < m->cfg.rmp_end; pa += SIM_PAGE_SIZE)
		set_assigned(m, pa, 0, SIM_RMP_TAG_FIRMWARE);
	for (i = 0; i < m->cfg.nr_iommu_pages; i++)
		if (sim_rmp_covered(m, m->cfg.iommu_pages[i]))
			set_assigned(m, m->cfg.iommu_pages[i], 1,
				     SIM_RMP_TAG_IOMMU);
	return SIM_SUCCESS;
}

static u32 init_common(struct sim_machine *m, bool init_rmp, bool list,
		       u64 list_pa)
{
	u32 status;

	if (m->snp_state != SIM_PLAT_UNINIT || m->sev_state != SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	if (!init_rmp && !m->rmp_init)
		return SIM_RMP_INIT_REQUIRED;
	if (!init_rmp && list)
		return SIM_INVALID_PARAM;
	if (!m->cfg.snp_enabled || m->cfg.broken)
		return SIM_INVALID_CONFIG;
	status = sim_fw_check_range_rmp(m, m->cfg.rmp_base, m->cfg.rmp_end -
							    m->cfg.rmp_base);
	if (status)
		return status;
	if (init_rmp) {
		if (m->cfg.hsave_nonzero)
			return SIM_INVALID_CONFIG;
		status = build_rmp(m, list, list_pa);
		if (status)
			return status;
	}
	sim_asid_init(m);
	/* FIDELITY(SNP platform UNINIT -> INIT): modelled - SNP_INIT, INIT_EX [firmware 1.55.25] */
	m->snp_state = SIM_PLAT_INIT;
	m->rmp_init = true;
	m->iommu_protected = true;
	m->guest_count = 0;
	return SIM_SUCCESS;
}

/*
 * FIDELITY(SNP_INIT): modelled - a test can let any of the platform's conditions
 * be missed; takes no command buffer [firmware 1.55.25]
 */
u32 sim_snp_init(struct sim_machine *m, void *buf)
{
	(void)buf;
	return init_common(m, true, false, 0);
}

/* FIDELITY(SNP_INIT_EX): modelled - as SNP_INIT [firmware 1.55.25] */
u32 sim_snp_init_ex(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_snp_init *cmd = buf;

	if (cmd->flags & ~(SIM_INIT_RMP | SIM_INIT_LIST) || cmd->rsvd ||
	    !sim_all_zero(cmd->rsvd2, sizeof(cmd->rsvd2)))
		return SIM_INVALID_PARAM;
	return init_common(m, cmd->flags & SIM_INIT_RMP,
			   cmd->flags & SIM_INIT_LIST, cmd->list_paddr);
}

static u32 shutdown_common(struct sim_machine *m,
			   const struct sim_cmd_snp_shutdown *cmd)
{
	u32 i;

	if (m->sev_state != SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	if (m->snp_state == SIM_PLAT_UNINIT)
		return SIM_SUCCESS;
	if (!sim_asid_all_clean(m))
		return SIM_DF_FLUSH_REQUIRED;
	if (cmd) {
		if (cmd->len != sizeof(*cmd) ||
		    cmd->flags & ~(SIM_SHUTDOWN_IOMMU | SIM_SHUTDOWN_X86))
			return SIM_INVALID_PARAM;
		if (cmd->flags & SIM_SHUTDOWN_X86 &&
		    !(cmd->flags & SIM_SHUTDOWN_IOMMU))
			return SIM_INVALID_PARAM;
	}
	/* FIDELITY(SNP platform INIT -> UNINIT): modelled - SHUTDOWN, SHUTDOWN_EX [firmware 1.55.25] */
	m->snp_state = SIM_PLAT_UNINIT;
	if (cmd && cmd->flags & SIM_SHUTDOWN_IOMMU) {
		/* FIDELITY(Firmware-IOMMU -> Reclaim): modelled - SHUTDOWN_EX with IOMMU_SNP_SHUTDOWN */
		for (i = 0; i < m->cfg.nr_iommu_pages; i++)
			if (sim_rmp_covered(m, m->cfg.iommu_pages[i]))
				set_reclaim(m, m->cfg.iommu_pages[i]);
		memset(m->asids.key, 0, sizeof(m->asids.key));
		m->rmp_init = false;
		m->iommu_protected = false;
		m->config_flags = 0;
		if (cmd->flags & SIM_SHUTDOWN_X86)
			m->cfg.snp_enabled = false;
	}
	return SIM_SUCCESS;
}

/* FIDELITY(SNP_SHUTDOWN): modelled - takes no command buffer [firmware 1.55.25] */
u32 sim_snp_shutdown(struct sim_machine *m, void *buf)
{
	(void)buf;
	return shutdown_common(m, NULL);
}

/* FIDELITY(SNP_SHUTDOWN_EX): modelled - x86 shutdown clears SYSCFG's SNP enable [firmware 1.55.25] */
u32 sim_snp_shutdown_ex(struct sim_machine *m, void *buf)
{
	return shutdown_common(m, buf);
}

/* FIDELITY(SNP_PLATFORM_STATUS): modelled - TCB version is made up [firmware 1.55.25] */
u32 sim_snp_platform_status(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_addr *cmd = buf;
	struct sim_snp_platform_status s;
	struct sim_lookup l;
	u32 status;

	if (sim_crosses_page(cmd->paddr, sizeof(s)))
		return SIM_INVALID_PARAM;
	if (m->snp_state != SIM_PLAT_UNINIT) {
		status = sim_fw_lookup(m, cmd->paddr, &l);
		if (status)
			return status;
		if (!sim_fw_writable_state(l.state))
			return SIM_INVALID_PAGE_STATE;
	}
	memset(&s, 0, sizeof(s));
	s.api_major = SIM_FW_MAJOR;
	s.api_minor = SIM_FW_MINOR;
	s.state = m->snp_state;
	s.rmp_init = m->rmp_init;
	s.build = SIM_FW_BUILD;
	s.flags = m->config_flags | SIM_STATUS_FEATURE_INFO;
	s.guest_count = m->guest_count;
	s.current_tcb = sim_current_tcb();
	s.reported_tcb = m->reported_tcb ? m->reported_tcb : s.current_tcb;
	return sim_fw_write(m, cmd->paddr, &s, sizeof(s));
}

/* FIDELITY(SNP_FEATURE_INFO): modelled - checks and the answers of 1.55 */
u32 sim_snp_feature_info(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_feature_info *cmd = buf;
	struct sim_feature_info info = { 0 };
	struct sim_lookup l;
	u32 status;

	if (cmd->len != sizeof(*cmd))
		return SIM_INVALID_PARAM;
	if (cmd->paddr & 3 || sim_crosses_page(cmd->paddr, sizeof(info)))
		return SIM_INVALID_ADDRESS;
	if (m->snp_state != SIM_PLAT_UNINIT) {
		status = sim_fw_lookup(m, cmd->paddr, &l);
		if (status)
			return status;
		if (!sim_fw_writable_state(l.state))
			return SIM_INVALID_PAGE_STATE;
	}
	switch (cmd->ecx_in) {
	case 0:
		info.eax = 1;		/* highest sub-function */
		info.ebx = 1;		/* legacy SEV commands */
		info.ecx = 3;		/* VLEK, x86 shutdown */
		break;
	case 1:
		info.eax = 0x1ff;	/* guest messages */
		break;
	default:
		return SIM_INVALID_PARAM;
	}
	return sim_fw_write(m, cmd->paddr, &info, sizeof(info));
}

static bool tcb_above(u64 a, u64 b)
{
	u32 i;

	for (i = 0; i < 8; i++)
		if ((u8)(a >> (8 * i)) > (u8)(b >> (8 * i)))
			return true;
	return false;
}

/* FIDELITY(SNP_CONFIG): modelled - compares TCB components one by one */
u32 sim_snp_config(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_config *cmd = buf;

	if (cmd->flags & ~3u || !sim_all_zero(cmd->rsvd, sizeof(cmd->rsvd)))
		return SIM_INVALID_PARAM;
	if (tcb_above(cmd->reported_tcb, sim_current_tcb()))
		return SIM_INVALID_PARAM;
	m->reported_tcb = cmd->reported_tcb;
	m->config_flags = cmd->flags;
	return SIM_SUCCESS;
}

/* FIDELITY(SNP_COMMIT): modelled - there is one firmware, already committed */
u32 sim_snp_commit(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_commit *cmd = buf;

	if (cmd->len != sizeof(*cmd))
		return SIM_INVALID_PARAM;
	m->reported_tcb = 0;
	return SIM_SUCCESS;
}

/*
 * FIDELITY(SNP_VLEK_LOAD): simplified - nobody can wrap a key for a chip without
 * secrets, so authentication of the hashstick always fails
 */
u32 sim_snp_vlek_load(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_vlek_load *cmd = buf;
	u64 tcb, reported;
	u32 status;

	if (cmd->len != sizeof(*cmd) || cmd->version ||
	    cmd->rsvd[0] || cmd->rsvd[1] || cmd->rsvd[2])
		return SIM_INVALID_PARAM;
	status = sim_fw_read(m, cmd->hashstick_paddr, m->scratch,
			     SIM_VLEK_HASHSTICK);
	if (status)
		return status;
	reported = m->reported_tcb ? m->reported_tcb : sim_current_tcb();
	memcpy(&tcb, (u8 *)m->scratch + SIM_VLEK_TCB, sizeof(tcb));
	if (tcb != reported)
		return SIM_BAD_SVN;
	return SIM_BAD_MEASUREMENT;
}

/* FIDELITY(SNP_DOWNLOAD_FIRMWARE_EX): simplified - there is no other firmware to load */
u32 sim_snp_download_firmware_ex(struct sim_machine *m, void *buf)
{
	(void)buf;
	if (m->sev_state != SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	return SIM_UNSUPPORTED;
}
