// SPDX-License-Identifier: GPL-2.0
/*
 * Guests of legacy SEV and SEV-ES.
 *
 * They have no entries in the RMP of their own: the firmware keeps them in its
 * memory under a handle, and where SNP is initialised, it asks that whatever it
 * writes to lies in Firmware pages, guest memory included.
 */
#include "internal.h"

#define SESSION_LEN	128
#define CERT_LEN	0x824
#define CHAIN_LEN	(3 * CERT_LEN)
#define SCRATCH_LEN	(4 * (u32)SIM_PAGE_SIZE)

#define CTX_SECRET	1
#define CTX_MEASURE	4

#define CERT_USAGE_PDH	0x1003
#define CERT_USAGE_NONE	0x1000
#define CERT_ECDH_SHA256	0x003
#define CERT_ECDH_SHA384	0x103

/* The guest of a handle, or NULL. */
static struct sim_sev_guest *find(struct sim_machine *m, u32 handle)
{
	if (!handle || handle > m->sev_slots ||
	    m->sev_guests[handle - 1].state == SIM_SEV_NONE)
		return NULL;
	return &m->sev_guests[handle - 1];
}

/* What nearly every command begins with. */
static u32 open_guest(struct sim_machine *m, u32 handle,
		      struct sim_sev_guest **g)
{
	if (m->sev_state != SIM_PLAT_WORKING)
		return SIM_INVALID_PLATFORM_STATE;
	*g = find(m, handle);
	return *g ? SIM_SUCCESS : SIM_INVALID_GUEST;
}

static u32 check_writable(const struct sim_machine *m, u64 pa, u64 len)
{
	return m->snp_state == SIM_PLAT_UNINIT ?
		       SIM_SUCCESS : sim_fw_check_writable(m, pa, len);
}

static void drop(struct sim_machine *m, struct sim_sev_guest *g)
{
	memset(g, 0, sizeof(*g));
	m->sev_guest_count--;
}

/**
 * sim_sev_drop_guests - the platform shuts down
 * @m: machine
 */
void sim_sev_drop_guests(struct sim_machine *m)
{
	u32 i;

	for (i = 0; i < m->sev_slots; i++) {
		struct sim_sev_guest *g = &m->sev_guests[i];

		if (!g->state)
			continue;
		sim_asid_release(m, &g->b);
		drop(m, g);
	}
	m->sev_slots = 0;
}

/* FIDELITY(SEV_DECOMMISSION): modelled - [firmware 1.55.25] */
u32 sim_sev_decommission(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_handle *cmd = buf;
	struct sim_sev_guest *g;
	u32 status;

	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (sim_bound(&g->b))
		return SIM_ACTIVE;
	/* FIDELITY(SEV guest LUPDATE, LSECRET, RUNNING -> none): modelled - SEV_DECOMMISSION; SEV_SHUTDOWN ends all [firmware 1.55.25] */
	drop(m, g);
	/* FIDELITY(SEV platform WORKING -> INIT): modelled - SEV_DECOMMISSION of the last guest [firmware 1.55.25] */
	if (!m->sev_guest_count)
		m->sev_state = SIM_PLAT_INIT;
	return SIM_SUCCESS;
}

static bool may_run(const struct sim_sev_guest *g)
{
	return g->state == SIM_SEV_RUNNING || g->state == SIM_SEV_SUPDATE;
}

static u32 check_asid(const struct sim_machine *m, u32 asid)
{
	return asid && asid <= m->cfg.max_asid ? SIM_SUCCESS : SIM_INVALID_ASID;
}

/* FIDELITY(SEV_ACTIVATE): modelled - [firmware 1.55.25] */
u32 sim_sev_activate(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_activate *cmd = buf;
	struct sim_sev_guest *g;
	u32 status;

	status = open_guest(m, cmd->handle, &g);
	if (!status)
		status = check_asid(m, cmd->asid);
	if (status)
		return status;
	if (m->asids.in_use[cmd->asid] || m->asids.allocated[cmd->asid])
		return SIM_ASID_OWNED;
	if (sim_bound(&g->b))
		return SIM_ACTIVE;
	if (g->state == SIM_SEV_SENT)
		return SIM_INVALID_GUEST_STATE;
	return sim_asid_bind(m, &g->b, may_run(g), cmd->asid, sim_all_ccx(m));
}

/* FIDELITY(SEV_ACTIVATE_EX): modelled - [firmware 1.55.25] */
u32 sim_sev_activate_ex(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_activate_ex *cmd = buf;
	struct sim_sev_guest *g;
	u32 status, ccxs;

	if (m->sev_state != SIM_PLAT_WORKING)
		return SIM_INVALID_PLATFORM_STATE;
	if (cmd->len != sizeof(*cmd))
		return SIM_INVALID_PARAM;
	status = open_guest(m, cmd->handle, &g);
	if (!status)
		status = check_asid(m, cmd->asid);
	if (!status)
		status = sim_asid_read_ccxs(m, cmd->ids_paddr, cmd->numids,
					    &ccxs);
	if (status)
		return status;
	if (g->state == SIM_SEV_SENT)
		return SIM_INVALID_GUEST_STATE;
	return sim_asid_bind(m, &g->b, may_run(g), cmd->asid, ccxs);
}

/* FIDELITY(SEV_DEACTIVATE): modelled - [firmware 1.55.25] */
u32 sim_sev_deactivate(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_handle *cmd = buf;
	struct sim_sev_guest *g;
	u32 status;

	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (!sim_bound(&g->b))
		return SIM_INACTIVE;
	sim_asid_release(m, &g->b);
	return SIM_SUCCESS;
}

/* FIDELITY(SEV_GUEST_STATUS): modelled - an unknown handle is no error [firmware 1.55.25] */
u32 sim_sev_guest_status(struct sim_machine *m, void *buf)
{
	struct sim_cmd_sev_guest_status *cmd = buf;
	struct sim_sev_guest *g;

	if (m->sev_state == SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	g = find(m, cmd->handle);
	if (!g) {
		cmd->state = SIM_SEV_NONE;
		return SIM_SUCCESS;
	}
	cmd->state = g->state;
	cmd->asid = g->b.asid;
	cmd->policy = g->policy;
	return SIM_SUCCESS;
}

/* Plain text of guest memory into scratch memory, or back. */
static u32 read_guest(struct sim_machine *m, u32 asid, u64 pa, u32 len)
{
	u32 status = sim_fw_check_range(m, pa, len);

	if (status)
		return status;
	return sim_guest_read(m, asid, pa, m->scratch, len) ?
		       SIM_SUCCESS : SIM_INVALID_CONFIG;
}

static u32 write_guest(struct sim_machine *m, u32 asid, u64 pa, u32 len)
{
	u32 status = sim_fw_check_range(m, pa, len);

	if (status)
		return status;
	return sim_guest_write(m, asid, pa, m->scratch, len) ?
		       SIM_SUCCESS : SIM_INVALID_CONFIG;
}

static u32 chunk(u32 left)
{
	return left < SCRATCH_LEN ? left : SCRATCH_LEN;
}

/* FIDELITY(SEV_COPY): assumed - multiples of 16 bytes [firmware 1.55.25] */
u32 sim_sev_copy(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_copy *cmd = buf;
	u64 src = cmd->src_paddr & ~SIM_C_BIT, dst = cmd->dst_paddr & ~SIM_C_BIT;
	struct sim_sev_guest *g;
	u32 status, done, n;

	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (!sim_bound(&g->b))
		return SIM_INACTIVE;
	if (!cmd->len || cmd->len & 15)
		return SIM_INVALID_LENGTH;
	if ((cmd->src_paddr | cmd->dst_paddr) & 15)
		return SIM_INVALID_ADDRESS;
	status = check_writable(m, cmd->dst_paddr, cmd->len);
	if (status)
		return status;
	/* Only the first page of each is compared. */
	if (src < dst + SIM_PAGE_SIZE && dst < src + SIM_PAGE_SIZE)
		return SIM_SUCCESS;
	for (done = 0; done < cmd->len && !status; done += n) {
		n = chunk(cmd->len - done);
		status = read_guest(m, g->b.asid, src + done, n);
		if (!status)
			status = write_guest(m, g->b.asid, dst + done, n);
	}
	return status;
}

/* ---- launch ---- */

struct cert {			/* as far as it is looked at */
	u32 version;
	u8 api[4];
	u32 usage;
	u32 algo;
};

/*
 * A session with the guest's owner, or with the machine a guest comes from.
 * It is opened with this chip's private key, which it does not have; so whatever
 * was wrapped was wrapped for somebody else.
 */
static u32 open_session(struct sim_machine *m,
			const struct sim_cmd_sev_start *cmd)
{
	struct cert cert;
	u32 status;

	if (cmd->session_len != SESSION_LEN)
		return SIM_INVALID_LENGTH;
	status = sim_fw_read(m, cmd->session_paddr, m->scratch, SESSION_LEN);
	if (status)
		return status;
	if (cmd->cert_len != CERT_LEN)
		return SIM_INVALID_LENGTH;
	status = sim_fw_read(m, cmd->cert_paddr, m->scratch, CERT_LEN);
	if (status)
		return status;
	memcpy(&cert, m->scratch, sizeof(cert));
	if (cert.version != 1 || cert.usage != CERT_USAGE_PDH ||
	    (cert.algo != CERT_ECDH_SHA256 && cert.algo != CERT_ECDH_SHA384))
		return SIM_INVALID_CERTIFICATE;
	return SIM_BAD_MEASUREMENT;
}

static struct sim_sev_guest *new_slot(struct sim_machine *m, u32 *handle)
{
	u32 i;

	for (i = 0; i < m->sev_slots && m->sev_guests[i].state; i++)
		;
	if (i == SIM_MAX_SEV_GUESTS)
		return NULL;
	if (i == m->sev_slots)
		m->sev_slots++;
	*handle = i + 1;
	memset(&m->sev_guests[i], 0, sizeof(m->sev_guests[i]));
	return &m->sev_guests[i];
}

/*
 * FIDELITY(SEV_LAUNCH_START): simplified - without an owner's session, whose keys are
 * zeros then; the chip has no key that a session could be opened with [firmware 1.55.25]
 */
u32 sim_sev_launch_start(struct sim_machine *m, void *buf)
{
	struct sim_cmd_sev_start *cmd = buf;
	struct sim_sev_guest *g, *shared = NULL;
	u32 status, handle;

	if (m->sev_state == SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	if (cmd->cert_paddr) {
		status = open_session(m, cmd);
		if (status)
			return status;
	}
	if (cmd->handle) {
		shared = find(m, cmd->handle);
		if (!shared)
			return SIM_INVALID_GUEST;
		if (cmd->policy != shared->policy ||
		    shared->policy & SIM_SEV_POLICY_NOKS)
			return SIM_POLICY_FAILURE;
	}
	if (m->sev_guest_count == SIM_MAX_SEV_GUESTS)
		return SIM_RESOURCE_LIMIT;
	if (cmd->policy & SIM_SEV_POLICY_ES && !(m->sev_flags & 1))
		return SIM_UNSUPPORTED;

	g = new_slot(m, &handle);
	if (!g)
		return SIM_RESOURCE_LIMIT;
	/* FIDELITY(SEV guest none -> LUPDATE): modelled - SEV_LAUNCH_START [firmware 1.55.25] */
	g->state = SIM_SEV_LUPDATE;
	g->policy = cmd->policy;
	g->b.flags = cmd->policy & SIM_SEV_POLICY_ES ? SIM_GFLAG_ES : 0;
	if (shared)
		memcpy(g->b.key, shared->b.key, sizeof(g->b.key));
	else
		sim_env_random(m, g->b.key, sizeof(g->b.key));
	sim_env_sha256_init(&g->hash);
	m->sev_guest_count++;
	/* FIDELITY(SEV platform INIT -> WORKING): modelled - SEV_LAUNCH_START of the first guest [firmware 1.55.25] */
	m->sev_state = SIM_PLAT_WORKING;
	cmd->handle = handle;
	return SIM_SUCCESS;
}

/*
 * The CPU checks a VMSA against a sum that the firmware keeps in its trusted
 * memory, and finds it by an address in the VMSA.
 */
static u32 prepare_vmsa(struct sim_machine *m, u64 *vmsa)
{
	u64 sums = (m->sev_tmr.end - m->sev_tmr.start) / 2;

	if (!m->sev_tmr_ready || (m->nr_vmsas + 1) * sizeof(u64) > sums)
		return SIM_RESOURCE_LIMIT;
	vmsa[SIM_VMSA_VIRTUAL_TOM / 8] = 0;
	vmsa[SIM_VMSA_TLB_ID / 8] = m->sev_tmr.start + sums +
				    m->nr_vmsas++ * sizeof(u64);
	return SIM_SUCCESS;
}

static u32 launch_update(struct sim_machine *m,
			 const struct sim_cmd_sev_range *cmd, bool vmsa)
{
	struct sim_sev_guest *g;
	u32 status, done, n;

	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (g->state != SIM_SEV_LUPDATE)
		return SIM_INVALID_GUEST_STATE;
	if (vmsa && !(g->b.flags & SIM_GFLAG_ES))
		return SIM_UNSUPPORTED;
	if (!sim_bound(&g->b))
		return SIM_INACTIVE;
	if (cmd->paddr & 15)
		return SIM_INVALID_ADDRESS;
	if (!cmd->len || cmd->len & 15)
		return SIM_INVALID_LENGTH;
	status = check_writable(m, cmd->paddr, cmd->len);
	for (done = 0; done < cmd->len && !status; done += n) {
		n = chunk(cmd->len - done);
		status = sim_fw_read(m, cmd->paddr + done, m->scratch, n);
		if (status)
			break;
		sim_env_sha256_update(&g->hash, m->scratch, n);
		if (vmsa)
			status = prepare_vmsa(m, m->scratch);
		if (!status)
			status = write_guest(m, g->b.asid, cmd->paddr + done,
					     n);
	}
	return status;
}

/*
 * FIDELITY(SEV_LAUNCH_UPDATE_DATA): modelled - 16 KiB at a time, and what was done before
 * a failure stays done [firmware 1.55.25]
 */
u32 sim_sev_launch_update_data(struct sim_machine *m, void *buf)
{
	return launch_update(m, buf, false);
}

/*
 * FIDELITY(SEV_LAUNCH_UPDATE_VMSA): simplified - a place for the check sum is handed out,
 * the sum is not made [firmware 1.55.25]
 */
u32 sim_sev_launch_update_vmsa(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_range *cmd = buf;

	if (cmd->len != SIM_PAGE_SIZE)
		return SIM_INVALID_LENGTH;
	return launch_update(m, cmd, true);
}

/* FIDELITY(SEV_LAUNCH_MEASURE): modelled - [firmware 1.55.25] */
u32 sim_sev_launch_measure(struct sim_machine *m, void *buf)
{
	struct sim_cmd_sev_range *cmd = buf;
	const u8 head[] = { CTX_MEASURE, SIM_FW_MAJOR, SIM_FW_MINOR,
			    SIM_FW_BUILD };
	struct sim_sev_measure result;
	struct sim_sev_guest *g;
	struct sim_sha256 hash;
	struct sim_hmac h;
	u32 status;

	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (g->state != SIM_SEV_LUPDATE)
		return SIM_INVALID_GUEST_STATE;
	if (cmd->len < sizeof(result)) {
		cmd->len = sizeof(result);
		return SIM_INVALID_LENGTH;
	}
	status = check_writable(m, cmd->paddr, cmd->len);
	if (status)
		return status;

	hash = g->hash;
	sim_env_sha256_final(&hash, g->ld);
	sim_env_random(m, result.mnonce, sizeof(result.mnonce));
	sim_hmac_init(&h, g->tik, sizeof(g->tik));
	sim_hmac_update(&h, head, sizeof(head));
	sim_hmac_update(&h, &g->policy, sizeof(g->policy));
	sim_hmac_update(&h, g->ld, sizeof(g->ld));
	sim_hmac_update(&h, result.mnonce, sizeof(result.mnonce));
	sim_hmac_final(&h, result.measurement);
	status = sim_fw_write(m, cmd->paddr, &result, sizeof(result));
	if (status)
		return status;
	memcpy(g->measurement, result.measurement, sizeof(g->measurement));
	/* FIDELITY(SEV guest LUPDATE -> LSECRET): modelled - SEV_LAUNCH_MEASURE [firmware 1.55.25] */
	g->state = SIM_SEV_LSECRET;
	return SIM_SUCCESS;
}

static bool packet_good(const struct sim_machine *m,
			const struct sim_sev_guest *g,
			const struct sim_sev_packet *p, u32 len)
{
	const u8 context = CTX_SECRET;
	struct sim_hmac h;
	u8 mac[32];

	sim_hmac_init(&h, g->tik, sizeof(g->tik));
	sim_hmac_update(&h, &context, sizeof(context));
	sim_hmac_update(&h, &p->flags, sizeof(p->flags));
	sim_hmac_update(&h, p->iv, sizeof(p->iv));
	sim_hmac_update(&h, &len, sizeof(len));		/* inflated, */
	sim_hmac_update(&h, &len, sizeof(len));		/* and as it comes */
	sim_hmac_update(&h, m->scratch, len);
	sim_hmac_update(&h, g->measurement, sizeof(g->measurement));
	sim_hmac_final(&h, mac);
	return sim_equal(mac, p->mac, sizeof(mac));
}

/* FIDELITY(SEV_LAUNCH_SECRET): simplified - compressed packets are refused, as UNSUPPORTED [firmware 1.55.25] */
u32 sim_sev_launch_secret(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_transport *cmd = buf;
	struct sim_sev_packet packet;
	struct sim_sev_guest *g;
	u32 status, len = cmd->trans_len;

	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (cmd->guest_paddr & 15)
		return SIM_INVALID_ADDRESS;
	if (cmd->hdr_len != sizeof(packet) || !len || len & 15 ||
	    len > SCRATCH_LEN || len != cmd->guest_len)
		return SIM_INVALID_LENGTH;
	if (g->state != SIM_SEV_LSECRET)
		return SIM_INVALID_GUEST_STATE;
	if (!sim_bound(&g->b))
		return SIM_INACTIVE;
	status = check_writable(m, cmd->guest_paddr, len);
	if (!status)
		status = sim_fw_read(m, cmd->hdr_paddr, &packet,
				     sizeof(packet));
	if (!status)
		status = sim_fw_check_range(m, cmd->guest_paddr, len);
	if (!status)
		status = sim_fw_read(m, cmd->trans_paddr, m->scratch, len);
	if (status)
		return status;
	if (!packet_good(m, g, &packet, len))
		return SIM_BAD_MEASUREMENT;
	if (packet.flags & SIM_SEV_PACKET_COMPRESSED)
		return SIM_UNSUPPORTED;
	sim_env_aes128_ctr(g->tek, packet.iv, m->scratch, len);
	return write_guest(m, g->b.asid, cmd->guest_paddr, len);
}

/* FIDELITY(SEV_LAUNCH_FINISH): modelled - [firmware 1.55.25] */
u32 sim_sev_launch_finish(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_handle *cmd = buf;
	struct sim_sev_guest *g;
	u32 status;

	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (g->state != SIM_SEV_LSECRET)
		return SIM_INVALID_GUEST_STATE;
	if (g->b.flags & SIM_GFLAG_PENDING)
		sim_asid_run(m, &g->b);
	memset(g->tek, 0, sizeof(g->tek));
	memset(g->tik, 0, sizeof(g->tik));
	memset(g->measurement, 0, sizeof(g->measurement));
	/* FIDELITY(SEV guest LSECRET -> RUNNING): modelled - SEV_LAUNCH_FINISH [firmware 1.55.25] */
	g->state = SIM_SEV_RUNNING;
	return SIM_SUCCESS;
}

/*
 * FIDELITY(SEV_ATTESTATION): simplified - the chip has no key, the report says that it
 * is unsigned [firmware 1.55.25]
 */
u32 sim_sev_attestation(struct sim_machine *m, void *buf)
{
	struct sim_cmd_sev_attestation *cmd = buf;
	struct sim_sev_report report;
	struct sim_sev_guest *g;
	u32 status;

	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (g->state == SIM_SEV_LUPDATE || g->state == SIM_SEV_RUPDATE)
		return SIM_INVALID_GUEST_STATE;
	if (cmd->len < sizeof(report)) {
		cmd->len = sizeof(report);
		return SIM_INVALID_LENGTH;
	}
	status = check_writable(m, cmd->paddr, cmd->len);
	if (status)
		return status;
	memset(&report, 0, sizeof(report));
	memcpy(report.mnonce, cmd->mnonce, sizeof(report.mnonce));
	memcpy(report.ld, g->ld, sizeof(report.ld));
	report.policy = g->policy;
	report.sig_usage = CERT_USAGE_NONE;
	cmd->len = sizeof(report);
	return sim_fw_write(m, cmd->paddr, &report, sizeof(report));
}

/* ---- to and from another machine ---- */

/*
 * FIDELITY(SEV_SEND_START): simplified - no chain of certificates can be verified, and
 * the chip has no key to open a session with: INVALID_CERTIFICATE [firmware 1.55.25]
 */
u32 sim_sev_send_start(struct sim_machine *m, void *buf)
{
	struct sim_cmd_sev_send_start *cmd = buf;
	bool chain = false;
	struct sim_sev_guest *g;
	u32 status;

	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (cmd->session_len != SESSION_LEN) {
		cmd->session_len = SESSION_LEN;
		return SIM_INVALID_LENGTH;
	}
	if (g->state != SIM_SEV_RUNNING)
		return SIM_INVALID_GUEST_STATE;
	if (g->policy & SIM_SEV_POLICY_NOSEND)
		return SIM_POLICY_FAILURE;
	chain = g->policy & (SIM_SEV_POLICY_SEV | SIM_SEV_POLICY_DOMAIN);
	if (g->policy & SIM_SEV_POLICY_SEV &&
	    (cmd->plat_len != CHAIN_LEN || cmd->pdh_len != CERT_LEN ||
	     !cmd->amd_len))
		return SIM_INVALID_LENGTH;
	if (!(g->policy & SIM_SEV_POLICY_SEV)) {
		status = check_writable(m, cmd->session_paddr,
					cmd->session_len);
		if (status)
			return status;
		if ((chain && cmd->plat_len != CHAIN_LEN) ||
		    cmd->pdh_len != CERT_LEN)
			return SIM_INVALID_LENGTH;
	}
	if (chain)
		status = sim_fw_read(m, cmd->plat_paddr, m->scratch,
				     CHAIN_LEN);
	if (!status)
		status = sim_fw_read(m, cmd->pdh_paddr, m->scratch, CERT_LEN);
	return status ? status : SIM_INVALID_CERTIFICATE;
}

/*
 * FIDELITY(SEV_SEND_UPDATE_DATA, SEV_SEND_UPDATE_VMSA): simplified - as far as can be got
 * to: no guest is ever being sent [firmware 1.55.25]
 */
u32 sim_sev_send_update(struct sim_machine *m, void *buf)
{
	struct sim_cmd_sev_transport *cmd = buf;
	struct sim_sev_guest *g;
	u32 status;

	if (m->sev_state != SIM_PLAT_WORKING)
		return SIM_INVALID_PLATFORM_STATE;
	if (cmd->hdr_len < sizeof(struct sim_sev_packet)) {
		cmd->hdr_len = sizeof(struct sim_sev_packet);
		return SIM_INVALID_LENGTH;
	}
	status = open_guest(m, cmd->handle, &g);
	return status ? status : SIM_INVALID_GUEST_STATE;
}

/* FIDELITY(SEV_SEND_FINISH, SEV_SEND_CANCEL): simplified - no guest is ever being sent */
u32 sim_sev_send_finish(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_handle *cmd = buf;
	struct sim_sev_guest *g;
	u32 status = open_guest(m, cmd->handle, &g);

	return status ? status : SIM_INVALID_GUEST_STATE;
}

/* FIDELITY(SEV_RECEIVE_START): simplified - nobody can have wrapped keys for this chip [firmware 1.55.25] */
u32 sim_sev_receive_start(struct sim_machine *m, void *buf)
{
	if (m->sev_state == SIM_PLAT_UNINIT)
		return SIM_INVALID_PLATFORM_STATE;
	return open_session(m, buf);
}

/* FIDELITY(SEV_RECEIVE_UPDATE_DATA, SEV_RECEIVE_UPDATE_VMSA): simplified - no guest is ever being received */
u32 sim_sev_receive_update(struct sim_machine *m, void *buf)
{
	return sim_sev_send_finish(m, buf);
}

/* FIDELITY(SEV_RECEIVE_FINISH): simplified - no guest is ever being received */
u32 sim_sev_receive_finish(struct sim_machine *m, void *buf)
{
	return sim_sev_send_finish(m, buf);
}

/* ---- debugging ---- */

static u32 debug(struct sim_machine *m, const struct sim_cmd_sev_dbg *cmd,
		 bool encrypt)
{
	struct sim_sev_guest *g;
	u32 status, done, n;

	if (m->sev_state != SIM_PLAT_WORKING)
		return SIM_INVALID_PLATFORM_STATE;
	if ((cmd->src_paddr | cmd->dst_paddr) & 15)
		return SIM_INVALID_ADDRESS;
	if (cmd->len & 15)
		return SIM_INVALID_LENGTH;
	status = open_guest(m, cmd->handle, &g);
	if (status)
		return status;
	if (g->policy & SIM_SEV_POLICY_NODBG)
		return SIM_POLICY_FAILURE;
	status = check_writable(m, cmd->dst_paddr, cmd->len);
	if (status)
		return status;
	if (!sim_bound(&g->b))
		return SIM_INACTIVE;
	for (done = 0; done < cmd->len && !status; done += n) {
		n = chunk(cmd->len - done);
		if (encrypt)
			status = sim_fw_read(m, cmd->src_paddr + done,
					     m->scratch, n);
		else
			status = read_guest(m, g->b.asid,
					    cmd->src_paddr + done, n);
		if (status)
			break;
		if (encrypt)
			status = write_guest(m, g->b.asid,
					     cmd->dst_paddr + done, n);
		else
			status = sim_fw_write(m, cmd->dst_paddr + done,
					      m->scratch, n);
	}
	return status;
}

/* FIDELITY(SEV_DBG_DECRYPT): modelled - [firmware 1.55.25] */
u32 sim_sev_dbg_decrypt(struct sim_machine *m, void *buf)
{
	return debug(m, buf, false);
}

/* FIDELITY(SEV_DBG_ENCRYPT): modelled - [firmware 1.55.25] */
u32 sim_sev_dbg_encrypt(struct sim_machine *m, void *buf)
{
	return debug(m, buf, true);
}

/* FIDELITY(SEV_SWAP_OUT, SEV_SWAP_IN): simplified - leading checks, then UNSUPPORTED [firmware 1.55.25] */
u32 sim_sev_swap(struct sim_machine *m, void *buf)
{
	const struct sim_cmd_sev_swap *cmd = buf;
	u64 len = cmd->flags & 1 ? SIM_2M_SIZE : SIM_PAGE_SIZE;

	if (m->sev_state != SIM_PLAT_WORKING)
		return SIM_INVALID_PLATFORM_STATE;
	if (sim_fw_check_range(m, cmd->src_paddr, len) ||
	    sim_fw_check_range(m, cmd->dst_paddr, len) ||
	    sim_fw_check_range(m, cmd->mdata_paddr, 64) ||
	    (cmd->src_paddr | cmd->dst_paddr) & (SIM_PAGE_SIZE - 1) ||
	    cmd->mdata_paddr & 63)
		return SIM_INVALID_ADDRESS;
	return find(m, cmd->handle) ? SIM_UNSUPPORTED : SIM_INVALID_GUEST;
}
