/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared between the files of the simulated RMP and SNP firmware; nothing
 * for users of the machine.
 */
#ifndef _SIM_INTERNAL_H
#define _SIM_INTERNAL_H

#include "contents.h"
#include "env.h"
#include "machine.h"
#include "profile.h"
#include "rmp.h"
#include "snp.h"
#include "snp_abi.h"

/* ---- RMP table access ---- */

static inline struct sim_rmp_raw *sim_rmp_entry(const struct sim_machine *m,
						u64 index)
{
	return (struct sim_rmp_raw *)((u8 *)m->cfg.rmp + SIM_RMP_BOOKKEEPING) +
		index;
}

static inline void sim_rmp_mark(struct sim_machine *m, u64 offset)
{
	u64 chunk = offset >> 12;

	m->rmp_zeroed = false;
	if (m->rmp_dirty)
		m->rmp_dirty[chunk >> 6] |= 1ull << (chunk & 63);
	if (m->rmp_touched)
		m->rmp_touched[chunk >> 6] |= 1ull << (chunk & 63);
}

static inline void sim_rmp_put(struct sim_machine *m, u64 index,
			       const struct sim_rmp_raw *e)
{
	*sim_rmp_entry(m, index) = *e;
	sim_rmp_mark(m, SIM_RMP_BOOKKEEPING + index * sizeof(*e));
}

static inline bool sim_in_rmp(const struct sim_machine *m, u64 pa)
{
	pa &= ~SIM_C_BIT;
	return m->cfg.rmp_base <= pa && pa <= m->cfg.rmp_end;
}

static inline u32 sim_rmp_get_asid(const struct sim_rmp_raw *e)
{
	return (e->lo & SIM_RMP_ASID) >> SIM_RMP_ASID_SHIFT;
}

static inline u64 sim_rmp_get_gfn(const struct sim_rmp_raw *e)
{
	return (e->lo & SIM_RMP_GFN) >> SIM_RMP_GFN_SHIFT;
}

static inline u32 sim_rmp_get_subpages(const struct sim_rmp_raw *e)
{
	return (e->lo & SIM_RMP_SUBPAGES) >> SIM_RMP_SUBPAGES_SHIFT;
}

static inline u8 sim_rmp_get_size(const struct sim_rmp_raw *e)
{
	return e->lo & SIM_RMP_2M ? SIM_PS_2M : SIM_PS_4K;
}

/* Locked is always the same as immutable when the firmware writes. */
static inline void sim_rmp_set_immutable(struct sim_rmp_raw *e, bool on)
{
	if (on)
		e->lo |= SIM_RMP_IMMUTABLE | SIM_RMP_LOCK;
	else
		e->lo &= ~(SIM_RMP_IMMUTABLE | SIM_RMP_LOCK);
}

void sim_rmp_add_subpages(struct sim_machine *m, u64 index, s32 n);

/* ---- caches ---- */

void sim_clear_wbinvd(struct sim_machine *m, u32 mask);

static inline u32 sim_all_ccx(const struct sim_machine *m)
{
	return ~0u >> (32 - m->cfg.nr_ccx);
}

/* ---- firmware's view of memory ---- */

/**
 * struct sim_lookup - RMP entry of an operand
 * @index: of the entry; meaningless for Default pages
 * @e: the entry; zeros for Default pages
 * @state: page state
 */
struct sim_lookup {
	u64 index;
	struct sim_rmp_raw e;
	enum sim_page_state state;
};

u32 sim_fw_lookup(const struct sim_machine *m, u64 pa, struct sim_lookup *l);
u32 sim_fw_check_range(const struct sim_machine *m, u64 pa, u64 len);
u32 sim_fw_check_range_rmp(const struct sim_machine *m, u64 pa, u64 len);
u32 sim_fw_read(struct sim_machine *m, u64 pa, void *buf, u32 len);
u32 sim_fw_write(struct sim_machine *m, u64 pa, const void *buf, u32 len);
u32 sim_fw_zero(struct sim_machine *m, u64 pa, u64 len);
bool sim_fw_writable_state(enum sim_page_state state);
u32 sim_fw_check_writable(const struct sim_machine *m, u64 pa, u64 len);

static inline void sim_fw_put(struct sim_machine *m,
			      const struct sim_lookup *l)
{
	sim_rmp_put(m, l->index, &l->e);
}

static inline bool sim_misaligned(u64 pa)
{
	return pa & (SIM_PAGE_SIZE - 1);
}

static inline bool sim_crosses_page(u64 pa, u32 len)
{
	return (pa & (SIM_PAGE_SIZE - 1)) + len > SIM_PAGE_SIZE;
}

static inline bool sim_all_zero(const u8 *p, u32 len)
{
	while (len--)
		if (*p++)
			return false;
	return true;
}

/* ---- guest context ---- */

#define SIM_NO_MA		(~0ull)

/* Plain text of the used part of a context page. */
struct sim_ctx {
	u8 state;
	u8 imi_en;
	u8 id_block_en;
	u8 author_key_en;
	u8 vcek_dis;
	u8 rsvd[3];
	struct sim_binding b;
	u64 policy;
	u64 ma_paddr;
	u32 tsc_khz;
	u32 rsvd2;
	u8 gosvw[16];
	u8 ld[48];
	u8 imd[48];
	u8 host_data[32];
	u8 report_id[32];
	u8 report_id_ma[32];
	u8 id_key_digest[48];
	u8 author_key_digest[48];
	struct sim_id_block id_block;
	u8 vmpck[4][32];
	u8 vmrk[32];
	u8 oek[32];
	u64 oek_iv_count;
	u64 msg_count[4];
	struct sim_mdata root;
	u64 tsc_offset;
	u64 launch_tcb;
};

#define SIM_CTX_WORDS	(sizeof(struct sim_ctx) / 8)
static_assert(sizeof(struct sim_ctx) % 8 == 0, "context is whole words");

u32 sim_ctx_load(struct sim_machine *m, u64 pa, struct sim_ctx *ctx);
u32 sim_ctx_open(struct sim_machine *m, u64 pa, struct sim_lookup *l,
		 struct sim_ctx *ctx);
void sim_ctx_store(struct sim_machine *m, u64 pa, const struct sim_ctx *ctx);
u32 sim_ctx_create(struct sim_machine *m, u64 pa, struct sim_ctx *ctx);

static inline bool sim_bound(const struct sim_binding *b)
{
	return b->flags & (SIM_GFLAG_ACTIVE | SIM_GFLAG_PENDING);
}

/* ---- ASIDs ---- */

void sim_asid_init(struct sim_machine *m);
u32 sim_asid_df_flush(struct sim_machine *m);
bool sim_asid_all_clean(const struct sim_machine *m);
u32 sim_asid_bind(struct sim_machine *m, struct sim_binding *b, bool running,
		  u32 asid, u32 ccxs);
u32 sim_asid_read_ccxs(struct sim_machine *m, u64 ids_pa, u32 n, u32 *ccxs);
void sim_asid_run(struct sim_machine *m, struct sim_binding *b);
void sim_asid_release(struct sim_machine *m, struct sim_binding *b);

/* ---- range lists ---- */

struct sim_range_walk {
	const struct sim_range_elem *elem;
	u32 n;
	u32 i;
};

u32 sim_range_open(struct sim_machine *m, u64 list_pa,
		   struct sim_range_walk *w);
u32 sim_range_next(struct sim_range_walk *w, u64 align_mask,
		   struct sim_range *r);

/* ---- special pages ---- */

u32 sim_cpuid_enforce(const struct sim_machine *m, void *page,
		      bool *corrected);
void sim_secrets_fill(struct sim_machine *m, const struct sim_ctx *ctx,
		      void *page);
void sim_vmsa_prepare(struct sim_machine *m, const struct sim_ctx *ctx,
		      void *page);
void sim_vmsa_xor_protected(u64 *vmsa);
u32 sim_id_check(struct sim_machine *m, struct sim_ctx *ctx,
		 const struct sim_cmd_launch_finish *cmd);
u64 sim_current_tcb(void);
void sim_chip_id(const struct sim_machine *m, u32 die, u8 id[64]);
#define SIM_TSC_FACTOR		200	/* 0.2 % */
u64 sim_tsc_scale(u32 want_khz, u32 have_khz);
u32 sim_cpuid_enforce_list(const struct sim_machine *m,
			   struct sim_cpuid_entry *e, u32 n);
void sim_kill_context(struct sim_machine *m, struct sim_lookup *l, u64 pa,
		      struct sim_ctx *ctx);

/* ---- keyed hashes ---- */

struct sim_hmac {
	struct sim_sha256 inner;
	u8 key[64];
};

void sim_hmac_init(struct sim_hmac *h, const void *key, u32 len);
void sim_hmac_update(struct sim_hmac *h, const void *data, u32 len);
void sim_hmac_final(struct sim_hmac *h, u8 out[32]);
bool sim_equal(const u8 *a, const u8 *b, u32 len);

/* ---- swap metadata pages belong to a guest by the address in the GFN ---- */

static inline bool sim_belongs_to(const struct sim_rmp_raw *e, u64 gctx)
{
	return (e->lo & SIM_RMP_GFN & ~SIM_RMP_TAG) >> SIM_RMP_GFN_SHIFT ==
	       (gctx & ~SIM_C_BIT) >> SIM_PAGE_SHIFT;
}

void sim_make_metadata(struct sim_rmp_raw *e, u64 gctx);

/* ---- command handlers ---- */

typedef u32 sim_handler(struct sim_machine *m, void *buf);

sim_handler sim_snp_init, sim_snp_init_ex, sim_snp_shutdown,
	sim_snp_shutdown_ex, sim_snp_platform_status, sim_snp_df_flush,
	sim_snp_feature_info, sim_snp_config, sim_snp_commit,
	sim_snp_vlek_load, sim_snp_download_firmware_ex;
sim_handler sim_snp_gctx_create, sim_snp_decommission, sim_snp_guest_status,
	sim_snp_activate, sim_snp_activate_ex, sim_snp_guest_request;
sim_handler sim_snp_launch_start, sim_snp_launch_update,
	sim_snp_launch_finish;
sim_handler sim_snp_page_reclaim, sim_snp_page_unsmash, sim_snp_page_move,
	sim_snp_page_set_state, sim_snp_md_init, sim_snp_swap_out,
	sim_snp_swap_in;
sim_handler sim_snp_dbg_decrypt, sim_snp_dbg_encrypt;
sim_handler sim_sev_init, sim_sev_init_ex, sim_sev_shutdown,
	sim_sev_platform_status, sim_sev_df_flush, sim_sev_get_id,
	sim_sev_factory_reset, sim_sev_pek_gen, sim_sev_pek_csr,
	sim_sev_pdh_export, sim_sev_pdh_gen, sim_sev_download_firmware;
sim_handler sim_sev_decommission, sim_sev_activate, sim_sev_activate_ex,
	sim_sev_deactivate, sim_sev_guest_status, sim_sev_copy;
sim_handler sim_sev_launch_start, sim_sev_launch_update_data,
	sim_sev_launch_update_vmsa, sim_sev_launch_measure,
	sim_sev_launch_secret, sim_sev_launch_finish, sim_sev_attestation;
sim_handler sim_sev_send_start, sim_sev_send_update, sim_sev_send_finish,
	sim_sev_receive_start, sim_sev_receive_update,
	sim_sev_receive_finish;
sim_handler sim_sev_dbg_decrypt, sim_sev_dbg_encrypt, sim_sev_swap;

void sim_sev_drop_guests(struct sim_machine *m);

#endif /* _SIM_INTERNAL_H */
