/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hold a TDX module to what is known of it, by SEAMCALLs and nothing else:
 * whatever is bound to them, simulator or machine, answers. See snp_firmware.h.
 */
#ifndef __KVM_KUNIT_TDX_MODULE_H
#define __KVM_KUNIT_TDX_MODULE_H

#include <crypto/sha2.h>
#include <kunit/test.h>
#include <linux/list.h>
#include <asm/shared/tdx.h>

/* Leaves */
#define TM_MNG_ADDCX		1
#define TM_PAGE_ADD		2
#define TM_SEPT_ADD		3
#define TM_VP_ADDCX		4
#define TM_PAGE_AUG		6
#define TM_RANGE_BLOCK		7
#define TM_KEY_CONFIG		8
#define TM_MNG_CREATE		9
#define TM_VP_CREATE		10
#define TM_PAGE_DEMOTE		15
#define TM_MR_EXTEND		16
#define TM_MR_FINALIZE		17
#define TM_VP_FLUSH		18
#define TM_VPFLUSHDONE		19
#define TM_KEY_FREEID		20
#define TM_MNG_INIT		21
#define TM_VP_INIT		22
#define TM_PAGE_PROMOTE		23
#define TM_PAGE_RDMD		24
#define TM_SEPT_RD		25
#define TM_KEY_RECLAIMID	27
#define TM_PAGE_RECLAIM		28
#define TM_PAGE_REMOVE		29
#define TM_SEPT_REMOVE		30
#define TM_TRACK		38
#define TM_RANGE_UNBLOCK	39
#define TM_CACHE_WB		40
#define TM_PAGE_WBINVD		41

/* Statuses, without operand */
#define TM_SUCCESS			0ULL
#define TM_INTERRUPTED_RESUMABLE	0x8000000300000000ULL
#define TM_OPERAND_INVALID		0xc000010000000000ULL
#define TM_ADDR_RANGE_ERROR		0xc000010100000000ULL
#define TM_OPERAND_BUSY			0x8000020000000000ULL
#define TM_METADATA_INCORRECT		0xc000030000000000ULL
#define TM_PAGES_EXIST			0xc000040000000000ULL
#define TM_TDCS_NOT_ALLOCATED		0xc000060600000000ULL
#define TM_LIFECYCLE_INCORRECT		0xc000060700000000ULL
#define TM_OP_STATE_INCORRECT		0xc000060800000000ULL
#define TM_NO_VCPUS			0xc000060900000000ULL
#define TM_TDCX_NUM_INCORRECT		0xc000061000000000ULL
#define TM_VCPU_STATE_INCORRECT		0xc000070000000000ULL
#define TM_VCPU_NOT_ASSOCIATED		0x8000070200000000ULL
#define TM_MAX_VCPUS_EXCEEDED		0xc000070500000000ULL
#define TM_KEYS_NOT_CONFIGURED		0x8000081000000000ULL
#define TM_KEY_CONFIGURED		0x0000081500000000ULL
#define TM_WBCACHE_NOT_COMPLETE		0x8000081700000000ULL
#define TM_HKID_NOT_FREE		0xc000082000000000ULL
#define TM_NO_HKID_TO_WB		0x0000082100000000ULL
#define TM_WB_RESUME_ERROR		0xc000082300000000ULL
#define TM_FLUSHVP_NOT_DONE		0x8000082400000000ULL
#define TM_WALK_FAILED			0xc0000b0000000000ULL
#define TM_NOT_PRESENT			0xc0000b0300000000ULL
#define TM_NOT_BLOCKED			0xc0000b0600000000ULL
#define TM_ALREADY_BLOCKED		0x00000b0700000000ULL
#define TM_NOT_TRACKED			0xc0000b0800000000ULL
#define TM_BAD_PROMOTE			0xc0000b0900000000ULL
#define TM_ENTRY_STATE			0xc0000b0d00000000ULL
#define TM_PAGE_NOT_FREE		0xc0000b0e00000000ULL

/* Operands, in the lower half of a status */
#define TM_RAX		0
#define TM_RCX		1
#define TM_RDX		2
#define TM_R8		8
#define TM_R9		9
#define TM_ATTRIBUTES	64
#define TM_XFAM		65
#define TM_CONFIG_FLAGS	66
#define TM_EPTP		67
#define TM_MAX_VCPUS	68
#define TM_CPUID	69
#define TM_TSC		70
#define TM_SEPT_TREE	146

/* Types of pages */
#define TM_PT_FREE	0
#define TM_PT_REG	3
#define TM_PT_TDR	4
#define TM_PT_TDCX	5
#define TM_PT_TDVPR	6
#define TM_PT_EPT	8

/* States of entries, as SEPT.RD reports them */
#define TM_FREE		0x00
#define TM_BLOCKED	0x01
#define TM_PENDING	0x02
#define TM_PBLOCKED	0x03
#define TM_MAPPED	0x04
#define TM_NL_BLOCKED	0x81
#define TM_NL_MAPPED	0x84

/* What module 1.5.01 has room for, and wants at least, see struct tmod */
#define TM_MAX_TDCS	9
#define TM_1501_TDCS	6

/* A GPA whose tables nobody else uses */
#define TM_GPA		0x40200000ULL

/**
 * enum tm_stage - how far a TD has come, or how far gone it is
 * @TM_CREATED: the TDR exists, HKID assigned
 * @TM_KEYED: key configured, no TDCS
 * @TM_TDCS: six pages of TDCS, not initialized
 * @TM_INIT: initialized
 * @TM_RUNNABLE: a vCPU, measurement finalized
 * @TM_FLUSHED: VPFLUSHDONE
 * @TM_TEARDOWN: HKID freed
 */
enum tm_stage {
	TM_CREATED,
	TM_KEYED,
	TM_TDCS,
	TM_INIT,
	TM_RUNNABLE,
	TM_FLUSHED,
	TM_TEARDOWN,
};

/**
 * struct tmod - a module under test
 * @test: the test
 * @hw: it is the machine's own
 * @tdcs_pages: pages of a TDCS
 * @vp_pages: pages of a vCPU, with the TDVPR
 * @hkid_shift: where the HKID is in a physical address
 * @max_pa: first address with HKID bits
 * @tds: TDs to be taken down, latest first
 * @pages: pages to be given back, latest first
 * @violations: of the simulator
 * @dirt: of the simulator
 */
struct tmod {
	struct kunit *test;
	bool hw;
	bool later;		/* what a simulator has to be, see parameter module */
	unsigned int tdcs_pages;
	unsigned int vp_pages;
	unsigned int hkid_shift;
	u64 max_pa;
	struct list_head tds;
	struct list_head pages;
	u32 violations;
	u32 dirt;
};

/**
 * struct tm_td - a TD
 * @list: in tm.tds
 * @tm: module
 * @tdr: its TDR
 * @hkid: its HKID
 * @stage: how far it has come
 * @vp: TDVPR of its vCPU, 0 if it has none
 * @cpu: where the vCPU is associated
 * @associated: it is
 * @measured: what was added to the measurement, by the test's own account
 */
struct tm_td {
	struct list_head list;
	struct tmod *tm;
	u64 tdr;
	u32 hkid;
	enum tm_stage stage;
	u64 vp;
	int cpu;
	bool associated;
	struct sha384_ctx measured;
};

/* TD_PARAMS */
struct tm_params {
	u64 attributes;
	u64 xfam;
	u16 max_vcpus;
	u8 num_l2_vms;
	u8 rsvd0[5];
	u64 eptp_controls;
	u64 config_flags;
	u16 tsc_frequency;
	u8 rsvd1[38];
	u64 mrconfigid[6];
	u64 mrowner[6];
	u64 mrownerconfig[6];
	u64 rsvd2[4];
	u32 cpuid[48][4];
} __packed;

int tm_init(struct kunit *test);

/* SEAMCALLs */
u64 tm_call(struct tmod *tm, u64 rax, struct tdx_module_args *r);
u64 tm_call_on(struct tmod *tm, int cpu, u64 rax, struct tdx_module_args *r);
u64 tm_op(struct tmod *tm, u64 rax, u64 rcx, u64 rdx, u64 r8, u64 r9);

/* Pages */
u64 tm_page(struct tmod *tm);
u64 tm_region(struct tmod *tm);
void tm_expect_page(struct tmod *tm, u64 pa, u64 type, u64 owner, u64 size);
void tm_expect_free(struct tmod *tm, u64 pa);
u64 tm_bepoch(struct tmod *tm, u64 pa);
void tm_reset(struct tmod *tm);

/* TDs */
void tm_fill_params(struct tmod *tm, struct tm_params *p);
struct tm_td *tm_td(struct tmod *tm, enum tm_stage stage);
void tm_advance(struct tm_td *td, enum tm_stage stage);
void tm_add_vcpu(struct tm_td *td);
u64 tm_cache_wb(struct tmod *tm);
unsigned int tm_packages(void);

/* Memory of TDs */
u64 tm_sept(struct tm_td *td, u64 leaf, u64 gpa, unsigned int level, u64 r8, u64 r9);
void tm_tables(struct tm_td *td, u64 gpa, unsigned int level);
u64 tm_add(struct tm_td *td, u64 gpa);
void tm_add_at(struct tm_td *td, u64 gpa, u64 pa);
u64 tm_aug(struct tm_td *td, u64 gpa, unsigned int level);
void tm_block(struct tm_td *td, u64 gpa, unsigned int level);
void tm_track(struct tm_td *td);
void tm_entry(struct tm_td *td, u64 gpa, unsigned int level, u64 *rcx, u64 *rdx);
void tm_expect_entry(struct tm_td *td, u64 gpa, unsigned int level, u8 state);

/* The measurement, computed here */
void tm_measure_add(struct tm_td *td, u64 gpa);
void tm_measure_extend(struct tm_td *td, u64 gpa, const void *chunk);

/*
 * The back end: the one file that knows of a simulator. The stubs are for kernels
 * without it.
 */
#ifdef CONFIG_KVM_FIRMWARE_SIM
bool tm_sim_bound(u64 (*call)(u64 fn, struct tdx_module_args *args));
void tm_sim_begin(struct tmod *tm);
void tm_sim_end(struct tmod *tm);
bool tm_sim_mrtd(u64 tdr, u8 mrtd[SHA384_DIGEST_SIZE]);
void tm_sim_during(void (*fn)(void *ctx), void *ctx);
#else
static inline bool tm_sim_bound(u64 (*call)(u64 fn, struct tdx_module_args *args))
{
	return false;
}

static inline void tm_sim_begin(struct tmod *tm) { }
static inline void tm_sim_end(struct tmod *tm) { }
static inline bool tm_sim_mrtd(u64 tdr, u8 mrtd[SHA384_DIGEST_SIZE]) { return false; }
static inline void tm_sim_during(void (*fn)(void *ctx), void *ctx) { }
#endif

#endif /* __KVM_KUNIT_TDX_MODULE_H */
