/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test can ask the simulated machine: which operations ran and in what
 * order, what a page is, what the guest sees, what firmware measured; and how
 * it makes an operation fail.
 *
 * Behind it is an optional back end, kvm_test_sim.c, the only part of the library
 * that knows of the simulator. In a kernel without one kvm_test_hw.c and
 * kvm_test_snp_hw.c ask the machine as far as it answers. What nobody answers is
 * never a pass: KT_EXPECT_*() and kt_expect_*() count it as not checked, which is
 * reported at the end of the test, and what returns something skips the test.
 */
#ifndef __KVM_KUNIT_KVM_TEST_SIM_H
#define __KVM_KUNIT_KVM_TEST_SIM_H

#include <linux/fs.h>
#include <linux/psp-sev.h>

#include <asm/sev.h>

#include "kvm_test.h"

#define KT_LD_SIZE	48

/* GPA under which KVM lets every VMSA be measured */
#define KT_VMSA_GPA	0xfffffffff000ULL

/* What there may be --------------------------------------------------------- */

/**
 * enum kt_facility - what a test may need that a machine does not have
 * @KT_LEDGER: the operations that ran, in their order
 * @KT_FAULTS: operations that can be made to fail
 * @KT_ORACLES: oracles, and what they know of mappings
 * @KT_GATE: calls that can be watched, or held up, while they are made
 * @KT_INSIDE: what firmware keeps to itself, and what only the guest can read
 * @KT_GUESTS: scripts that run as guests
 * @KT_NR_FACILITIES: how many there are
 */
enum kt_facility {
	KT_LEDGER,
	KT_FAULTS,
	KT_ORACLES,
	KT_GATE,
	KT_INSIDE,
	KT_GUESTS,
	KT_NR_FACILITIES,
};

bool kt_has(enum kt_facility what);
void kt_needs(struct kunit *test, enum kt_facility what);
bool kt_checks(struct kunit *test, enum kt_facility what);

/* Operations ---------------------------------------------------------------- */

/* Of RMPUPDATE: what becomes of the page */
#define KT_ARG_ASSIGNED		0x1
#define KT_ARG_IMMUTABLE	0x2

/**
 * struct kt_op - one call of an operation
 * @seq: ascends from call to call
 * @op: kt_op_number()
 * @injected: the status is that of a fault
 * @asid: ASID, HKID
 * @spa: system physical address of the page
 * @gpa: guest-physical address of it
 * @gctx: the guest's context page, the TDR
 * @arg: of RMPUPDATE KT_ARG_*, of LAUNCH_UPDATE the page type, of WBINVD the CPU
 * @status: what it answered; of a SEAMCALL the upper half of RAX
 * @pid: whose call it was
 */
struct kt_op {
	u64 seq;
	u16 op;
	bool injected;
	u32 asid;
	u64 spa;
	u64 gpa;
	u64 gctx;
	u32 arg;
	s32 status;
	s32 pid;
};

u64 kt_mark(void);
int kt_op_number(const char *name);
u64 kt_op_count(const char *name);
const char *kt_op_name(u16 op);
int kt_ops(struct kunit *test, u64 mark, const char *name, struct kt_op *buf, int max);
int kt_ops_changing(struct kunit *test, u64 mark, struct kt_op *buf, int max);
void kt_expect_ops(struct kunit *test, u64 mark, const char * const *names);

/* Expect so many calls of an operation since a mark */
#define KT_EXPECT_CALLS(_test, _mark, _name, _nr)				\
do {										\
	struct kunit *__t = (_test);						\
										\
	if (kt_checks(__t, KT_LEDGER))						\
		KUNIT_EXPECT_EQ(__t, _nr, kt_ops(__t, _mark, _name, NULL, 0));	\
} while (0)

/* Expect that nothing has happened to the machine since a mark */
#define KT_EXPECT_NO_CALLS(_test, _mark)					\
do {										\
	struct kunit *__t = (_test);						\
										\
	if (kt_checks(__t, KT_LEDGER))						\
		KUNIT_EXPECT_EQ(__t, 0, kt_ops_changing(__t, _mark, NULL, 0));	\
} while (0)

/**
 * typedef kt_observer_fn - called before and after each operation
 * @ctx: as given to kt_observe()
 * @op: the call; @op->status is valid if it is @done
 * @done: it was made
 *
 * In the context of the call, whose locks are held.
 */
typedef void (*kt_observer_fn)(void *ctx, const struct kt_op *op, bool done);

void kt_observe(kt_observer_fn fn, void *ctx);
void kt_observe_end(void);

/* Faults -------------------------------------------------------------------- */

/* What RMPUPDATE answers */
#define KT_RMP_FAIL_INPUT	1
#define KT_RMP_FAIL_PERMISSION	2
#define KT_RMP_FAIL_INUSE	3

enum kt_fault_when {
	KT_FAULT_BEFORE,
	KT_FAULT_AFTER,
};

int kt_fault(struct kunit *test, const char *name, u32 nth, s32 status);
int kt_fault_full(struct kunit *test, const char *name, u32 nth, u32 times,
		  enum kt_fault_when when, s32 status);
int kt_fault_timeout(struct kunit *test, const char *name, enum kt_fault_when when);
void kt_fault_clear(void);
void kt_expect_delivered(struct kunit *test, int id, u32 times);
bool kt_status(const char *name, unsigned int i, u32 *status);

/* Oracles ------------------------------------------------------------------- */

enum kt_oracle {
	KT_O1,
	KT_O2,
	KT_O3,
	KT_O4,
	KT_O5,
	KT_O6,
	KT_O7,
	KT_OLOCK,
	KT_OLOST,
};

__printf(2, 3)
void kt_violation(enum kt_oracle oracle, const char *fmt, ...);
void kt_expect_violation(struct kunit *test, enum kt_oracle oracle,
			 const char *text);
void kt_check_folios(struct inode *inode, pgoff_t first, unsigned int npages);
void kt_check_page_refs(struct page *page, int refs, const char *what);
void kt_expect_mapped(struct kunit *test, u64 spa, bool mapped);

/**
 * struct kt_vmsas - the VMSAs of a launch, as they were passed to firmware
 * @pid: whose calls
 * @op: LAUNCH_UPDATE
 * @nr: how many
 * @page: copies, in the order of the calls
 */
struct kt_vmsas {
	pid_t pid;
	int op;
	unsigned int nr;
	void *page[KT_MAX_VCPUS];
};

struct kt_vmsas *kt_watch_vmsas(struct kunit *test);

/* The state of things ------------------------------------------------------- */

/**
 * enum kt_page_state - what firmware makes of a page
 * @KT_PAGE_HYPERVISOR: the host's
 * @KT_PAGE_HV_FIXED: the host's until the RMP is built anew
 * @KT_PAGE_FIRMWARE: given to firmware
 * @KT_PAGE_RECLAIM: the host may take it back
 * @KT_PAGE_CONTEXT: holds a guest context
 * @KT_PAGE_METADATA: holds swap metadata
 * @KT_PAGE_PRE_GUEST: a guest's, not validated, for firmware to work on
 * @KT_PAGE_PRE_SWAP: a guest's, validated, for firmware to work on
 * @KT_PAGE_GUEST_INVALID: a guest's, not validated
 * @KT_PAGE_GUEST_VALID: a guest's, validated
 *
 * Others that a simulator tells apart are none that a test would expect.
 */
enum kt_page_state {
	KT_PAGE_HYPERVISOR,
	KT_PAGE_HV_FIXED,
	KT_PAGE_FIRMWARE,
	KT_PAGE_RECLAIM,
	KT_PAGE_CONTEXT,
	KT_PAGE_METADATA,
	KT_PAGE_PRE_GUEST,
	KT_PAGE_PRE_SWAP,
	KT_PAGE_GUEST_INVALID,
	KT_PAGE_GUEST_VALID,
};

u64 kt_page_spa(struct kt_vm *vm, unsigned int page);
enum kt_page_state kt_spa_state(u64 spa);
enum kt_page_state kt_page_state(struct kt_vm *vm, unsigned int page);
enum kt_page_state kt_visible(enum kt_page_state state);
const char *kt_page_state_name(enum kt_page_state state);

/* Expect that a page is in a state, as far as it shows */
#define KT_EXPECT_SPA_STATE(_test, _spa, _state)				\
	KUNIT_EXPECT_EQ(_test, kt_visible(_state), kt_spa_state(_spa))
#define KT_EXPECT_STATE(_vm, _page, _state)					\
do {										\
	struct kt_vm *__vm = (_vm);						\
										\
	KUNIT_EXPECT_EQ(__vm->test, kt_visible(_state), kt_page_state(__vm, _page));	\
} while (0)

enum kt_guest_state {
	KT_GUEST_INIT,
	KT_GUEST_LAUNCH,
	KT_GUEST_RUNNING,
};

/**
 * struct kt_guest_info - what firmware knows of a guest
 * @state: enum kt_guest_state
 * @asid: ASID
 * @id_block_en: it had an identity block
 * @author_key_en: with the key of an author
 * @vcek_dis: VCEK disabled
 * @ld: launch digest
 * @host_data: of LAUNCH_FINISH
 */
struct kt_guest_info {
	u8 state;
	u32 asid;
	bool id_block_en;
	bool author_key_en;
	bool vcek_dis;
	u8 ld[KT_LD_SIZE];
	u8 host_data[32];
};

void kt_guest_info(struct kt_vm *vm, struct kt_guest_info *info);
void kt_expect_guest_state(struct kt_vm *vm, enum kt_guest_state state);
void kt_guest_read(struct kt_vm *vm, unsigned int page, void *buf);
void kt_take_back(struct kunit *test, u64 spa);

/* Guests that run; without KT_GUESTS the test is skipped */
#if IS_ENABLED(CONFIG_KVM_SCRIPTED_GUEST) && IS_ENABLED(CONFIG_KVM_KUNIT_SIM)
void *kt_busy_guest(struct kt_vm *vm, unsigned int npages);
void kt_expect_ended(struct kunit *test, void *guest);
void kt_guest_takes_page(struct kt_vm *vm, u64 gpa);
void kt_guest_shuts_down(struct kt_vm *vm);
#else
static inline void *kt_busy_guest(struct kt_vm *vm, unsigned int npages)
{
	kt_needs(vm->test, KT_GUESTS);
	return NULL;
}

static inline void kt_expect_ended(struct kunit *test, void *guest)
{
	kt_needs(test, KT_GUESTS);
}

static inline void kt_guest_takes_page(struct kt_vm *vm, u64 gpa)
{
	kt_needs(vm->test, KT_GUESTS);
}

static inline void kt_guest_shuts_down(struct kt_vm *vm)
{
	kt_needs(vm->test, KT_GUESTS);
}
#endif

/* More than any processor has */
#define KT_MAX_ASIDS	2048

unsigned int kt_use_up_asids(struct kt_vm *vm);

/* Measurement, computed here and not by the simulated firmware */
void kt_ld_extend(u8 ld[KT_LD_SIZE], u8 type, u64 gpa, const void *contents);
void kt_ld_vmsa(u8 ld[KT_LD_SIZE], void *vmsa);
void kt_expect_ld(struct kt_vm *vm, const u8 ld[KT_LD_SIZE]);

#endif /* __KVM_KUNIT_KVM_TEST_SIM_H */
