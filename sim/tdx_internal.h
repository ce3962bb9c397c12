/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared between the files of the simulated TDX module; nothing for users.
 */
#ifndef _SIM_TDX_INTERNAL_H
#define _SIM_TDX_INTERNAL_H

#include "contents.h"
#include "profile.h"
#include "tdx.h"

#define TDX_4K			0
#define TDX_2M			1
#define TDX_1G			2
#define TDX_PAGE_SIZE		4096ull
#define TDX_WORDS		512u
#define TDX_CHILDREN		512u

static inline u64 tdx_size(u32 level)
{
	return TDX_PAGE_SIZE << (9 * level);
}

static inline u64 tdx_status(enum sim_tdx_status code, u32 operand)
{
	return (u64)(u32)code << 32 | operand;
}

#define TDX_ERR(_code, _operand)					\
	tdx_status(SIM_TDX_##_code, SIM_OPND_##_operand)
#define TDX_RET(_code)		tdx_status(SIM_TDX_##_code, 0)

/* ---- S-EPT entries ---- */

#define SEPT_RWX		0x7ull
#define SEPT_LEAF		(1ull << 7)
#define SEPT_LOCK		(1ull << 11)
#define SEPT_ADDR		0x000ffffffffff000ull
#define SEPT_HP			(1ull << 52)
#define SEPT_BLOCKED		(1ull << 55)
#define SEPT_PENDING		(1ull << 56)
#define SEPT_STATE		(0xfull << 53)
#define SEPT_STATE_FREE		(0x7ull << 53)
#define SEPT_SUPPRESS_VE	(1ull << 63)
/* Write-back, ignore PAT, leaf. */
#define SEPT_LEAF_ATTR		0xf0ull
#define SEPT_FREE		(SEPT_SUPPRESS_VE | SEPT_STATE_FREE)
/* Of a pending 2M page: 4 KiB pages that the guest has accepted. */
#define SEPT_ACCEPT_COUNT	(0x1ffull << 12)

static inline bool sept_is_free(u64 raw)
{
	return (raw & SEPT_STATE) == SEPT_STATE_FREE;
}

static inline bool sept_is_leaf(u64 raw)
{
	return raw & SEPT_LEAF;
}

/* A page, in whatever state. */
static inline bool sept_is_page(u64 raw)
{
	return !sept_is_free(raw) && sept_is_leaf(raw);
}

/* Points to a table. */
static inline bool sept_is_table(u64 raw)
{
	return !sept_is_free(raw) && !sept_is_leaf(raw);
}

static inline bool sept_is_blocked(u64 raw)
{
	return !sept_is_free(raw) && (raw & SEPT_BLOCKED);
}

static inline bool sept_is_pending(u64 raw)
{
	return !sept_is_free(raw) && (raw & SEPT_PENDING);
}

static inline bool sept_is_mapped_page(u64 raw)
{
	return sept_is_page(raw) && !(raw & SEPT_STATE);
}

/* What an entry is once acceptance that was cut short is forgotten. */
static inline u64 sept_without_count(u64 raw, u32 level)
{
	if (level && sept_is_page(raw) && sept_is_pending(raw))
		raw &= ~SEPT_ACCEPT_COUNT;
	return raw;
}

/* The page that an entry maps. */
static inline u64 sept_page(u64 raw, u32 level)
{
	return raw & SEPT_ADDR & ~(tdx_size(level) - 1);
}

static inline u64 sept_unblock(u64 raw)
{
	raw &= ~SEPT_BLOCKED;
	return raw & SEPT_PENDING ? raw : raw | SEPT_RWX;
}

/* ---- locks ---- */

/**
 * struct tdx_held - lock held by a call
 * @kind: SIM_LOCK_*
 * @exclusive: mode
 * @where: address of the word that holds it, or package
 * @word: that word, if it lies in plain text
 */
struct tdx_held {
	u8 kind;
	bool exclusive;
	u64 where;
	u16 *word;
};

#define TDX_MAX_HELD	16

/**
 * struct tdx_call - one SEAMCALL being executed
 * @t: module
 * @r: its registers
 * @version: of the leaf
 * @lp: logical processor
 * @package: its package
 * @tdr: TD that the call is about
 * @hkid: its key
 * @key: its key
 * @fatal: TDR_FATAL, when the call took the TDR
 * @lifecycle: TDR_LIFECYCLE
 * @num_tdcx: TDR_NUM_TDCX
 * @tdcs: its first TDCS page
 * @tdcs_tweak: sim_tweak() of that
 * @tdcs_page: its words; NULL: there is no such page
 * @nr_held: locks held
 * @held: the locks, in the order they were taken
 */
struct tdx_call {
	struct sim_tdx *t;
	struct sim_tdx_regs *r;
	u32 version;
	u32 lp;
	u32 package;
	u64 tdr;
	u32 hkid;
	const u64 *key;
	u64 fatal;
	u64 lifecycle;
	u64 num_tdcx;
	u64 tdcs;
	u64 tdcs_tweak;
	u64 *tdcs_page;
	u32 nr_held;
	struct tdx_held held[TDX_MAX_HELD];
};

/* A call, or a look, that has not found its TD yet */
static inline void tdx_call_begin(struct tdx_call *c, struct sim_tdx *t)
{
	c->t = t;
	c->r = NULL;
	c->version = 0;
	c->package = 0;
	c->lp = 0;
	c->tdr = 0;
	c->hkid = 0;
	c->key = NULL;
	c->fatal = 0;
	c->lifecycle = 0;
	c->num_tdcx = 0;
	c->tdcs = 0;
	c->tdcs_tweak = 0;
	c->tdcs_page = NULL;
	c->nr_held = 0;
}

bool tdx_acquire(struct tdx_call *c, enum sim_tdx_lock_kind kind, u64 where,
		 bool exclusive);
u16 *tdx_lock_word(struct sim_tdx *t, enum sim_tdx_lock_kind kind, u64 where);
void tdx_release(struct tdx_call *c, enum sim_tdx_lock_kind kind);
void tdx_release_all(struct tdx_call *c);
bool tdx_sept_acquire_guest(struct sim_tdx *t, const u64 *key, u64 where,
			    u64 *status);
void tdx_sept_release(struct sim_tdx *t, const u64 *key, u64 where);

/* ---- memory ---- */

static inline u64 *tdx_word_at(struct sim_tdx *t, u64 pa)
{
	u8 *page = sim_tdx_env_phys(t, pa);

	return page ? (u64 *)(page + (pa & (TDX_PAGE_SIZE - 8))) : NULL;
}

/* One word of a private page */
static inline u64 tdx_get(struct sim_tdx *t, const u64 *key, u64 pa)
{
	const u64 *w = tdx_word_at(t, pa);

	return w ? sim_open_word(key, sim_tweak(key, pa & ~7ull), *w) : 0;
}

void tdx_put(struct sim_tdx *t, const u64 *key, u64 pa, u64 value);
void tdx_fill_page(struct sim_tdx *t, const u64 *key, u64 pa, u64 value);
bool tdx_shared_operand(const struct sim_tdx *t, u64 *pa, u64 align);
u64 tdx_shutdown(struct tdx_call *c);
bool tdx_lp_is_initialised(struct tdx_call *c);

/* ---- PAMT ---- */

/**
 * struct tdx_page - a page that an operand names
 * @pa: its address
 * @entry: address of the PAMT entry that speaks for it
 * @size: of that entry
 */
struct tdx_page {
	u64 pa;
	u64 entry;
	u32 size;
};

u64 tdx_pamt_entry(const struct sim_tdx *t, u64 pa, u32 size);
u64 *tdx_pamt_ptr(struct sim_tdx *t, u64 entry);
u64 tdx_pamt_walk(struct tdx_call *c, u64 pa, u32 size, bool exclusive,
		  u32 operand, struct tdx_page *p);
u64 tdx_explicit_page(struct tdx_call *c, u64 pa, u32 operand, bool exclusive,
		      enum sim_tdx_page_type type, struct tdx_page *p);
bool tdx_private_address(const struct sim_tdx *t, u64 pa, u64 align);
void tdx_pamt_mark_reserved(struct sim_tdx *t);
void tdx_pamt_init(struct sim_tdx *t, const struct sim_tdmr *m, u64 from, u64 to);

static inline u32 tdx_pamt_type(struct sim_tdx *t, u64 entry)
{
	return tdx_pamt_ptr(t, entry)[0] >> 16 & 0xff;
}

static inline u64 tdx_pamt_owner(struct sim_tdx *t, u64 entry)
{
	return tdx_pamt_ptr(t, entry)[0] >> 24 << 12;
}

static inline u64 tdx_pamt_bepoch(struct sim_tdx *t, u64 entry)
{
	return tdx_pamt_ptr(t, entry)[1];
}

static inline void tdx_pamt_set_type(struct sim_tdx *t, u64 entry, u32 type)
{
	u64 *e = tdx_pamt_ptr(t, entry);
	u64 page = entry / TDX_PAGE_SIZE;

	e[0] = (e[0] & ~0xff0000ull) | (u64)type << 16;
	if (page < t->pamt_touched_end)
		t->pamt_touched[page / 64] |= 1ull << (page % 64);
}

static inline void tdx_pamt_set_owner(struct sim_tdx *t, u64 entry, u64 tdr)
{
	u64 *e = tdx_pamt_ptr(t, entry);

	e[0] = (e[0] & 0xffffff) | tdr >> 12 << 24;
}

static inline void tdx_pamt_set_bepoch(struct sim_tdx *t, u64 entry, u64 epoch)
{
	tdx_pamt_ptr(t, entry)[1] = epoch;
}

/* ---- TDs ---- */

#define TDX_MIN_TDCS	6
#define TDX_MAX_TDCS	9
#define TDX_SEPT_ROOT	3	/* TDCS page that is the S-EPT root */
#define TDX_MSR_BITMAPS	2	/* TDCS page that holds the MSR bitmaps */
#define TDX_MAX_L2_VMS	3

/* Words of the TDR page. */
enum tdr_word {
	TDR_FATAL,
	TDR_LIFECYCLE,
	TDR_HKID,
	TDR_PACKAGES,
	TDR_CHILDREN,
	TDR_NUM_TDCX,
	TDR_TDCX,
};

/* Words of the first TDCS page. */
enum tdcs_word {
	TDCS_OP_STATE,
	TDCS_OP_STATE_LOCK,
	TDCS_SEPT_LOCK,
	TDCS_EPOCH_LOCK,
	TDCS_EPOCH,
	TDCS_REFCOUNT0,
	TDCS_REFCOUNT1,
	TDCS_NUM_VCPUS,
	TDCS_NUM_ASSOC,
	TDCS_ATTRIBUTES,
	TDCS_XFAM,
	TDCS_MAX_VCPUS,
	TDCS_NUM_L2,
	TDCS_CONFIG_FLAGS,
	TDCS_GPAW,
	TDCS_EPTP,
	TDCS_TSC_FREQUENCY,
	TDCS_ARCH_CAPABILITIES,
	TDCS_SHA_STARTED,
	TDCS_SHA_LENGTH,
	TDCS_SHA_STATE,
	TDCS_MRTD = TDCS_SHA_STATE + 8,
	TDCS_MRCONFIGID = TDCS_MRTD + 6,
	TDCS_MROWNER = TDCS_MRCONFIGID + 6,
	TDCS_MROWNERCONFIG = TDCS_MROWNER + 6,
	TDCS_CPUID = TDCS_MROWNERCONFIG + 6,
	TDCS_X2APIC = TDCS_CPUID + 2 * SIM_TDX_MAX_CPUID,
	TDCS_WORDS = TDCS_X2APIC + SIM_TDX_MAX_VCPUS / 2,
};
static_assert(TDCS_WORDS <= TDX_WORDS, "the TDCS fields fit in a page");

static inline u64 tdr_get(const struct tdx_call *c, u32 word)
{
	return tdx_get(c->t, c->t->global_key, c->tdr + 8 * word);
}

static inline void tdr_set(const struct tdx_call *c, u32 word, u64 value)
{
	tdx_put(c->t, c->t->global_key, c->tdr + 8 * word, value);
}

static inline void tdr_add(const struct tdx_call *c, u32 word, s64 n)
{
	tdr_set(c, word, tdr_get(c, word) + n);
}

static inline u64 tdcs_get(const struct tdx_call *c, u32 word)
{
	return c->tdcs_page ?
		sim_open_word(c->key, c->tdcs_tweak + word * SIM_TWEAK_STEP,
			      c->tdcs_page[word]) : 0;
}

static inline void tdcs_set(const struct tdx_call *c, u32 word, u64 value)
{
	if (c->tdcs_page)
		c->tdcs_page[word] =
			sim_seal_word(c->key, c->tdcs_tweak + word * SIM_TWEAK_STEP, value);
}

static inline void tdcs_add(const struct tdx_call *c, u32 word, s64 n)
{
	tdcs_set(c, word, tdcs_get(c, word) + n);
}

#define ATTR_DEBUG		(1ull << 0)
#define ATTR_MIGRATABLE		(1ull << 29)

#define OP_MASK(_state)		(1u << SIM_OP_##_state)
#define OP_MASK_BUILT		(OP_MASK(INITIALIZED) | OP_MASK(RUNNABLE))

void tdx_map_tdcs(struct tdx_call *c);
u64 tdx_take_tdr(struct tdx_call *c, u64 pa, u32 operand, bool exclusive);
u64 tdx_take_owner(struct tdx_call *c, u64 tdr, bool exclusive);
u64 tdx_check_alive(struct tdx_call *c);
u64 tdx_check_state(struct tdx_call *c, u32 op_states, bool lock);
void tdx_give_page(struct tdx_call *c, const struct tdx_page *p,
		   enum sim_tdx_page_type type);

/* ---- vCPUs ---- */

#define TDX_MIN_TDVPS	6	/* TDVPR and TDCX pages */
#define TDX_L2_TDVPS	3	/* more for each L2 VM */
#define TDX_MAX_TDVPS	(TDX_MIN_TDVPS + TDX_L2_TDVPS * TDX_MAX_L2_VMS)

/* Words of the TDVPR page. */
enum vp_word {
	VP_STATE,
	VP_PAGES,
	VP_LP,			/* processor + 1, 0: not associated */
	VP_INDEX,
	VP_EPOCH,		/* entered in */
	VP_INSIDE,
	VP_RCX,
	VP_X2APIC,
	VP_PI_VECTOR,
	VP_PI_DESC,
	VP_PIN_CONTROLS,
	VP_SHARED_EPTP,
	VP_PEND_NMI,
	VP_DETAILS,
	VP_TDCX,
};

enum vp_state {
	VP_UNINITIALIZED,
	VP_READY,
	VP_ACTIVE,
	VP_DISABLED,		/* by a triple fault */
};

#define PIN_POSTED_INTR		(1ull << 7)
#define DETAILS_INTR_PENDING	(1ull << 0)

static inline u64 vp_get(const struct tdx_call *c, u64 vp, u32 word)
{
	return tdx_get(c->t, c->key, vp + 8 * word);
}

static inline void vp_set(const struct tdx_call *c, u64 vp, u32 word, u64 value)
{
	tdx_put(c->t, c->key, vp + 8 * word, value);
}

u64 tdx_take_vp(struct tdx_call *c, u64 pa, u32 operand, bool exclusive);
bool tdx_vp_has_all_pages(const struct tdx_call *c, u64 vp);
u64 tdx_vp_associate(struct tdx_call *c, u64 vp);

/* ---- S-EPT ---- */

enum tdx_tree { TDX_TREE_NONE, TDX_TREE_SHARED, TDX_TREE_EXCLUSIVE };

/**
 * struct tdx_sept - an entry found by a walk
 * @gpa: what it maps
 * @level: its level
 * @where: its address
 * @raw: what was there; without lock bits once it is locked
 */
struct tdx_sept {
	u64 gpa;
	u32 level;
	u64 where;
	u64 raw;
};

u32 tdx_top_level(const struct tdx_call *c);
bool tdx_is_private_gpa(const struct tdx_call *c, u64 gpa);
bool tdx_level_and_gpa(u64 rcx, u32 min, u32 max, struct tdx_sept *s);
bool tdx_sept_walk(const struct tdx_call *c, struct tdx_sept *s);
u64 tdx_sept_find(struct tdx_call *c, u64 rcx, u32 min, u32 max,
		  enum tdx_tree tree, struct tdx_sept *s);
u64 tdx_sept_take(struct tdx_call *c, struct tdx_sept *s);
void tdx_sept_details(struct tdx_call *c, u64 raw, u32 level);
u64 tdx_sept_fail(struct tdx_call *c, enum sim_tdx_status code,
		  const struct tdx_sept *s);
void tdx_sept_write(struct tdx_call *c, const struct tdx_sept *s, u64 raw);
u64 tdx_take_target(struct tdx_call *c, u64 pa, u32 size, u64 *entry);
bool tdx_must_track(const struct tdx_call *c);
bool tdx_is_tracked(const struct tdx_call *c, u64 bepoch);
u64 tdx_check_removable(struct tdx_call *c, const struct tdx_sept *s,
			u64 entry);
u64 tdx_start_sept_leaf(struct tdx_call *c);

/* ---- MRTD ---- */

void tdx_mrtd_page_add(struct tdx_call *c, u64 gpa);

/* ---- handlers ---- */

typedef u64 tdx_handler(struct tdx_call *c);

tdx_handler sim_tdh_sys_init, sim_tdh_sys_lp_init, sim_tdh_sys_config,
	sim_tdh_sys_key_config, sim_tdh_sys_tdmr_init, sim_tdh_sys_rd,
	sim_tdh_sys_shutdown, sim_tdh_sys_update, sim_tdh_sys_disable;
tdx_handler sim_tdh_mng_create, sim_tdh_mng_key_config, sim_tdh_mng_addcx,
	sim_tdh_mng_init, sim_tdh_mng_vpflushdone, sim_tdh_mng_key_freeid,
	sim_tdh_mng_key_reclaimid, sim_tdh_mng_rd;
tdx_handler sim_tdh_vp_create, sim_tdh_vp_addcx, sim_tdh_vp_init,
	sim_tdh_vp_flush, sim_tdh_vp_enter, sim_tdh_vp_rd, sim_tdh_vp_wr;
tdx_handler sim_tdh_mem_sept_add, sim_tdh_mem_sept_rd,
	sim_tdh_mem_sept_remove, sim_tdh_mem_page_add, sim_tdh_mem_page_aug,
	sim_tdh_mem_page_remove, sim_tdh_mem_page_promote,
	sim_tdh_mem_page_demote, sim_tdh_mem_range_block,
	sim_tdh_mem_range_unblock, sim_tdh_mem_track;
tdx_handler sim_tdh_mr_extend, sim_tdh_mr_finalize;
tdx_handler sim_tdh_phymem_page_rdmd, sim_tdh_phymem_page_reclaim,
	sim_tdh_phymem_page_wbinvd, sim_tdh_phymem_cache_wb;

#endif /* _SIM_TDX_INTERNAL_H */
