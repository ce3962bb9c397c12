/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hold SNP firmware and the RMP to what is known of them, through the ops and
 * nothing else: whatever is bound to them, simulator or machine, answers.
 *
 * The parameter "binding" says which of the two is meant to answer; a suite that
 * finds the other one skips. The suite's own pages are all it touches, and it
 * gives each of them back.
 */
#ifndef __KVM_KUNIT_SNP_FIRMWARE_H
#define __KVM_KUNIT_SNP_FIRMWARE_H

#include <kunit/test.h>
#include <linux/list.h>
#include <linux/psp-sev.h>
#include <linux/sizes.h>
#include <asm/psp.h>
#include <asm/sev.h>

/* The least that firmware accepts: SMT allowed, and a bit that must be one */
#define SF_POLICY	(BIT_ULL(16) | BIT_ULL(17))
#define SF_POLICY_MA	BIT_ULL(18)
#define SF_POLICY_DEBUG	BIT_ULL(19)

#define SF_LD_SIZE	48
#define SF_GPA		0x40000000ULL

/* Results of the instructions, in EAX */
#define SF_OK		0
#define SF_INPUT	1
#define SF_PERMISSION	2
#define SF_INUSE	3
#define SF_OVERLAP	4
#define SF_NOT_2M	7

/* How often INUSE and OVERLAP are tried again on hardware, where they may pass */
#define SF_RETRIES	100

/* Guests that some test has at the same time, and one ASID that nobody has */
#define SF_MIN_ASIDS	4

/**
 * enum sf_state - what a page is, as far as the host can find out
 */
enum sf_state {
	SF_HYPERVISOR,
	SF_FIRMWARE,
	SF_RECLAIM,
	SF_CONTEXT,
	SF_METADATA,
	SF_PRE_GUEST,
	SF_PRE_SWAP,
	SF_GUEST_INVALID,
	SF_GUEST_VALID,
	SF_NR_STATES,
};

/**
 * enum sf_stage - how far a guest has come
 * @SF_NONE: there is a firmware page, no context
 * @SF_INIT: the context exists
 * @SF_LAUNCH: launch started, no ASID
 * @SF_BOUND: launch started, ASID bound
 * @SF_RUNNING: launch finished
 */
enum sf_stage {
	SF_NONE,
	SF_INIT,
	SF_LAUNCH,
	SF_BOUND,
	SF_RUNNING,
};

/**
 * struct sf - a machine under test
 * @test: the test
 * @rmp: the instructions
 * @hw: they are the machine's own
 * @rmpread: the CPU has RMPREAD
 * @cmd: command buffer, one page
 * @objs: pages and guests to be given back, latest first
 * @max_asid: last ASID
 * @min_sev_asid: first ASID that SNP guests can't have
 * @dirty: an ASID has been used, caches are to be flushed
 * @violations: of the simulator
 * @dirt: of the simulator
 */
struct sf {
	struct kunit *test;
	const struct rmp_ops *rmp;
	bool hw;
	bool rmpread;
	void *cmd;
	struct list_head objs;
	u32 max_asid;
	u32 min_sev_asid;
	bool dirty;
	u32 violations;
	u32 dirt;
};

/**
 * struct sf_guest - a guest
 * @gctx: physical address of its context page
 * @asid: its ASID; with none bound, one that nobody has
 * @policy: its policy
 * @ld: launch digest, by the test's own account
 */
struct sf_guest {
	u64 gctx;
	u32 asid;
	u64 policy;
	u8 ld[SF_LD_SIZE];
};

/* Commands that Linux has no structures of, or only ones without the reserved bits */
struct sf_launch_update {
	u64 gctx;
	u32 flags;		/* bit 0 size, 3:1 type, bit 4 IMI */
	u32 rsvd;
	u64 page;
	u8 rsvd2;
	u8 vmpl[3];
	u32 rsvd3;
} __packed;

struct sf_launch_start {
	u64 gctx;
	u64 policy;
	u64 ma;
	u32 flags;		/* bit 0 MA, bit 1 IMI */
	u32 tsc_khz;
	u8 gosvw[16];
} __packed;

struct sf_launch_finish {
	u64 gctx;
	u64 id_block;
	u64 id_auth;
	u64 flags;		/* bit 0 ID block, bit 1 author key, bit 2 no VCEK */
	u8 host_data[32];
} __packed;

struct sf_activate_ex {
	u32 len;
	u32 rsvd;
	u64 gctx;
	u32 asid;
	u32 nr_ids;
	u64 ids;
} __packed;

struct sf_page_move {
	u64 gctx;
	u32 flags;		/* bit 0 size */
	u32 rsvd;
	u64 src;
	u64 dst;
} __packed;

struct sf_md_init {
	u64 gctx;
	u64 page;
} __packed;

struct sf_set_state {
	u32 len;
	u32 rsvd;
	u64 list;
} __packed;

struct sf_swap {
	u64 gctx;
	u64 src;
	u64 dst;
	u64 mdata;
	u64 software;
	u64 flags;		/* bit 0 size, 2:1 type, bit 3 in place, bit 4 root entry */
} __packed;

struct sf_guest_status {
	u64 policy;
	u32 asid;
	u8 state;
	u8 flags;
	u8 rsvd[18];
} __packed;

int sf_init(struct kunit *test);
void sf_needs_simulator(struct sf *sf, const char *why);
bool sf_not_on_hardware(struct sf *sf, const char *why);
u64 sf_beyond(struct sf *sf);

/* Commands */
u32 sf_command(struct sf *sf, u32 cmd, const void *buf, size_t len);
u32 sf_legacy(struct sf *sf, u32 cmd, u64 pa, size_t len);
u32 sf_addr(struct sf *sf, u32 cmd, u64 addr);
void sf_flush(struct sf *sf);

/* Memory */
u64 sf_page(struct sf *sf);
u64 sf_region(struct sf *sf);
u64 sf_inside(struct sf *sf);
struct list_head *sf_mark(struct sf *sf);
void sf_rewind(struct sf *sf, struct list_head *mark);
int sf_rmpupdate(struct sf *sf, u64 pa, u32 asid, u64 gpa, bool immutable, bool huge);
int sf_unassign(struct sf *sf, u64 pa);
bool sf_entry(struct sf *sf, u64 pa, struct rmp_state *e);
void sf_expect_entry(struct sf *sf, u64 pa, u32 asid, u64 gpa, bool immutable, bool huge);
u64 sf_page_in(struct sf *sf, enum sf_state state, struct sf_guest *g);
enum sf_state sf_state(struct sf *sf, u64 pa, struct sf_guest *g);
const char *sf_state_name(enum sf_state state);
void sf_pattern(u64 pa, unsigned int seed);

/* Guests */
struct sf_guest *sf_guest(struct sf *sf, enum sf_stage stage);
struct sf_guest *sf_guest_policy(struct sf *sf, enum sf_stage stage, u64 policy, u32 flags);
u32 sf_activate(struct sf *sf, struct sf_guest *g);
u32 sf_finish(struct sf *sf, struct sf_guest *g);
u32 sf_update(struct sf *sf, struct sf_guest *g, u64 pa, u32 type);
u8 sf_guest_state(struct sf *sf, struct sf_guest *g);

/* The launch digest, computed here */
void sf_measure(struct sf_guest *g, u32 type, bool imi, const u8 vmpl[3], u64 gpa,
		const void *contents);
void sf_expect_ld(struct sf *sf, struct sf_guest *g);

/*
 * The back end: the one file that knows of a simulator. It tells whether the ops
 * are bound to it, excepts the calls of the suite from the locking rules that it
 * holds KVM to, and asks it whether anything was left. The stubs are for kernels
 * without it.
 */
#ifdef CONFIG_KVM_FIRMWARE_SIM
bool sf_sim_bound(const struct rmp_ops *rmp);
void sf_sim_begin(struct sf *sf);
void sf_sim_end(struct sf *sf);
#else
static inline bool sf_sim_bound(const struct rmp_ops *rmp) { return false; }
static inline void sf_sim_begin(struct sf *sf) { }
static inline void sf_sim_end(struct sf *sf) { }
#endif

#endif /* __KVM_KUNIT_SNP_FIRMWARE_H */
