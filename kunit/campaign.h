/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault-injection campaigns: the same launch again and again, each time with
 * another operation that fails.
 *
 * A workload is a list of steps, each an ioctl or a few (campaign_snp.c,
 * campaign_tdx.c).  A clean run of it is recorded; from that the list of
 * injections is made (campaign_sites.c).  An injection has a name, by which it can
 * be repeated (campaign_plan.c).  A lifetime is one run of the workload in a VM of
 * its own (campaign_life.c), what came of it is judged (campaign_verdict.c).
 */
#ifndef __KVM_KUNIT_CAMPAIGN_H
#define __KVM_KUNIT_CAMPAIGN_H

#include "kvm_test_guest.h"
#include "kvm_test_simulator.h"
#include "../../../arch/x86/virt/sim/profile.h"

/* The kernel's own clock jumps over whatever it waits for. */
#define camp_host_ns	sim_cpu_ns

#define CAMP_MAX_PAGES	16
#define CAMP_MAX_STEPS	32
#define CAMP_MAX_VCPUS	2
#define CAMP_MAX_FILES	2
#define CAMP_ID		160
/* A slot without private memory, for GHCBs */
#define CAMP_SHARED_GPA	(KT_GPA + 0x10000000ULL)
/* Of the argument of camp_create_gmem(): flags of the file */
#define CAMP_FILE_MMAP	BIT(8)
#define CAMP_FILE_SHARED	BIT(9)
#define CAMP_CPUID_PAGE	15	/* of the launch data: a CPUID table of one leaf */
#define CAMP_SPARE_PAGE	CAMP_MAX_PAGES	/* in a slot and private, but not launched */

/**
 * struct camp_env - what all lifetimes share
 * @test: the KUnit test that runs the campaign
 * @kvm_fd: /dev/kvm
 * @sev_fd: /dev/sev, -1 on the other machine
 * @args: two pages of user memory: argument of an ioctl, and what it points to
 * @args_ro: the same pages, read-only
 * @src: launch data, CAMP_MAX_PAGES pages of kt_pattern()
 * @src_page: its pages
 * @src_refs: references to each of them while nothing is going on
 * @hva: shared memory of the slots, a page for each of theirs and two more
 * @cpuid: what vCPUs get
 * @cpuid_size: bytes
 */
struct camp_env {
	struct kunit *test;
	int kvm_fd;
	int sev_fd;
	unsigned long args;
	unsigned long args_ro;
	unsigned long src;
	struct page *src_page[CAMP_MAX_PAGES];
	int src_refs[CAMP_MAX_PAGES];
	unsigned long hva;
	struct kvm_cpuid2 *cpuid;
	size_t cpuid_size;
};

struct camp_life;

/* What a step does with memory of user space, and how it may end */
#define CAMP_COPIES_CMD		BIT(0)	/* reads its argument */
#define CAMP_COPIES_DATA	BIT(1)	/* the argument points to more */
#define CAMP_WRITES_CMD		BIT(2)	/* writes to the argument at its end */
#define CAMP_WRITES_DATA	BIT(3)
#define CAMP_READS_SRC		BIT(4)	/* pins source pages */
#define CAMP_NEEDS_GMEM		BIT(5)	/* needs private memory of the file */
#define CAMP_NO_ERROR		BIT(6)	/* close(2) has no error to return */
#define CAMP_NEEDS_SEV		BIT(7)	/* commands go through /dev/sev */
#define CAMP_NO_ATTR		BIT(8)	/* nothing is private or shared */
#define CAMP_CAN_MAP		BIT(9)	/* user space can map the pages, and does */
#define CAMP_IS_CPUID		BIT(10)	/* the source is a table that firmware corrects */

/**
 * struct camp_step - a step of a workload
 * @name: unique in the workload
 * @run: does it; called again after a failure
 * @page: first page that it is about, counted from KT_GPA on
 * @npages: how many
 * @arg: depends on @run
 * @flags: CAMP_*
 */
struct camp_step {
	const char *name;
	int (*run)(struct camp_life *l, const struct camp_step *s);
	u16 page;
	u16 npages;
	u32 arg;
	u32 flags;
};

/**
 * struct camp_binding - a slot with private memory; its number is the index
 * @page: first page, counted from KT_GPA on
 * @npages: how many; 0: end of the list
 * @file: number of the guest_memfd file
 * @index: where the slot begins in it
 */
struct camp_binding {
	u16 page;
	u16 npages;
	u16 file;
	u16 index;
};

/**
 * struct camp_script - what the guest does
 * @ops: operations; the last one leaves for user space
 * @nr: how many
 */
struct camp_script {
	const struct sim_script_op *ops;
	u32 nr;
};

/**
 * struct camp_workload - something that is done to a VM, from its creation on
 * @name: name
 * @type: KVM_X86_*_VM
 * @steps: steps, ends with a NULL name
 * @end: number of the first step that takes things down
 * @slots: slots with private memory
 * @scripts: of the steps in which the guest runs
 * @random: pages whose contents are random, by number
 * @read: what the guest sees of a page of slot 0; false: nothing
 * @digest: what was measured
 */
struct camp_workload {
	const char *name;
	unsigned long type;
	const struct camp_step *steps;
	unsigned int end;
	const struct camp_binding *slots;
	const struct camp_script *scripts;
	u32 random;
	bool (*read)(struct camp_life *l, u64 spa, u64 gpa, void *buf);
	bool (*digest)(struct camp_life *l, u8 digest[KT_LD_SIZE]);
};

extern const struct camp_workload *const camp_workloads[];
extern const struct camp_workload camp_snp_launch;
extern const struct camp_workload camp_snp_run;
extern const struct camp_workload camp_snp_files;
extern const struct camp_workload camp_gmem_shared;
extern const struct camp_workload camp_tdx_launch;
extern const struct camp_workload camp_tdx_run;
extern const struct camp_workload camp_tdx_files;

/* Injections ------------------------------------------------------------------ */

enum camp_kind {
	CAMP_HW,	/* an operation of the hardware, by the plan of sim/fault.h */
	CAMP_ALLOC,
	CAMP_GUP,
	CAMP_COPY,
	CAMP_SIGNAL,
	CAMP_POISON,
	CAMP_ATTR,
	CAMP_CLOSE,
	CAMP_SLOT,	/* slots change in front of the step */
	CAMP_CPUID,	/* firmware corrects the page and refuses it */
	CAMP_HOLE,	/* a hole is punched in front of the step */
	CAMP_CALL,	/* an ioctl out of turn, in front of the step */
	CAMP_STOP,	/* the caller gives up, in front of the step */
	CAMP_NR_KINDS,
};

enum camp_phase {
	CAMP_BEFORE,	/* fails once, without effect */
	CAMP_AFTER,	/* takes effect and fails */
	CAMP_BUSY,	/* fails CAMP_BUSY_TIMES, then no more */
	CAMP_EVER,
	CAMP_NR_PHASES,
};

#define CAMP_BUSY_TIMES	3

/* Statuses of CAMP_GUP */
enum camp_gup {
	CAMP_GUP_UNMAPPED,	/* there is nothing */
	CAMP_GUP_NOACCESS,	/* mapped without access */
	CAMP_GUP_NONE,		/* no page is pinned, and no error */
	CAMP_NR_GUP,
};

/* Statuses of CAMP_POISON */
enum camp_poison {
	CAMP_POISON_SOURCE,
	CAMP_POISON_TARGET,
	CAMP_POISON_MAPPED,	/* while user space has the target mapped */
	CAMP_NR_POISON,
};

/* Statuses of CAMP_SLOT */
enum camp_slot {
	CAMP_SLOT_DELETED,	/* and made again behind the step */
	CAMP_SLOT_MOVED,	/* to another address, and back behind the step */
	CAMP_SLOT_REMADE,	/* deleted and made again */
	CAMP_NR_SLOT,
};

/* Statuses of CAMP_HOLE */
enum camp_hole {
	CAMP_HOLE_NEXT,		/* pages that the step is about */
	CAMP_HOLE_FIRST,	/* the first page that a step was about */
	CAMP_NR_HOLE,
};

/**
 * struct camp_fault - one thing that fails
 * @kind: of what kind
 * @op: CAMP_HW: operation
 * @step: otherwise: number of the step
 * @occ: which occurrence of @op since the VM was begun, or within the step
 * @status: status, or enum value of the kind, see campaign_plan.c
 * @timeout: CAMP_HW: never answers
 * @phase: CAMP_*
 */
struct camp_fault {
	enum camp_kind kind;
	u16 op;
	u16 step;
	u32 occ;
	s32 status;
	bool timeout;
	enum camp_phase phase;
};

#define CAMP_MAX_FAULTS	2

struct camp_injection {
	const struct camp_workload *w;
	unsigned int nr;
	struct camp_fault f[CAMP_MAX_FAULTS];
};

void camp_id(const struct camp_injection *in, char *buf, size_t len);
int camp_parse(const char *id, struct camp_injection *in);
const char *camp_kind_name(const struct camp_fault *f);
const char *camp_status_at(enum camp_kind kind, u32 i);
void camp_status_name(const struct camp_fault *f, char *buf, size_t len);
void camp_op_name(const struct camp_workload *w, const struct camp_fault *f, char *buf,
		  size_t len);

/* Calls out of turn */
const char *camp_call_name(u32 i);
bool camp_call_fits(const struct camp_workload *w, u32 i);
int camp_call_expects(const struct camp_workload *w, u32 i, unsigned int step, bool *counts);
int camp_call(struct camp_life *l, u32 i);

/* Delivery */
void camp_plan_begin(const struct camp_injection *in);
void camp_plan_call(struct camp_life *l, unsigned int step);
bool camp_plan_stop(unsigned int step);
void camp_plan_step(struct camp_life *l, unsigned int step);
u32 camp_plan_lost(void);
bool camp_fault_lasts(const struct camp_fault *f);
bool camp_plan_lasts(void);
void camp_plan_step_end(struct camp_life *l, unsigned int step);
void camp_plan_relent(struct camp_life *l, unsigned int tries);
bool camp_signal_can_come(u16 op);
bool camp_plan_signal_was_late(void);
bool camp_plan_delivered(unsigned int i);
bool camp_refuses_page(const struct camp_injection *in);
bool camp_is_hypothetical(const struct camp_injection *in);
int camp_gup_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
		  struct page **pages);
void camp_plan_end(struct camp_life *l);

/* Who */
int camp_who_init(void);
void camp_who_begin(void);
void camp_who_allocates(bool on);
void camp_who_note(u16 op);
unsigned int camp_who_count(u16 op);
bool camp_who_called(u16 op, unsigned int n, const char *function);
void camp_who_say(char *buf, size_t len);

/* What is not freed */
int camp_leak_init(void);
void camp_leak_names(void);
void camp_leak_begin(void);
void camp_leak_end(void);
void camp_leak_check(struct camp_life *l, const struct camp_injection *in,
		     bool (*is_left)(u64 spa));

/* Lifetimes ------------------------------------------------------------------- */

/**
 * struct camp_state - what a launched guest is
 * @digest: measurement
 * @pages: a hash of what the guest sees of each page, and whose it is
 * @log: a hash of the operations that were measured or can't be undone, in order
 * @nr_log: how many
 */
struct camp_state {
	u8 digest[KT_LD_SIZE];
	u64 pages[CAMP_MAX_PAGES];
	u64 log;
	u32 nr_log;
};

/**
 * struct camp_life - a run of a workload
 * @env: environment
 * @w: workload
 * @fd: the VM, -1: none (any more); likewise for the others
 * @kvm: the VM
 * @gctx: guest context or TDR
 * @asid: ASID or HKID
 * @cmd_at: where the next argument is seen by KVM, 0: @env->args
 * @data_at: likewise for what it points to
 * @sev_fd: what is passed as /dev/sev
 * @update: progress of the region that is being launched
 * @update_step: which step that belongs to, plus one
 * @script: of the guest that runs, @script_nr operations
 * @script_nr: see there
 * @exit_pending: the guest waits for the answer to its hypercall
 * @done: pages that KVM has reported as launched
 * @mark: of the ledger, at the begin of each step and at the end of all
 * @allocs: of each step, if they are counted
 * @count_allocs: they are to be counted
 * @errored: an ioctl failed or stopped early
 * @err: with this; > 0: it stopped early
 * @err_step: in this step
 * @mark_err: of the ledger, when that had failed
 * @why: what is wrong, if something is
 * @rule: and the oracle that says so
 * @over: the first step that did not succeed in the end, or number of steps
 * @dead: KVM has given the VM up
 * @called: what the call out of turn returned
 * @last: what each step returned in the end
 * @launched: every step up to the launch succeeded in the end
 * @state: of the guest when it was launched, if it was
 * @lost: what was done is more than the ledger holds
 * @by: which line of the kernel handles it, if that has a name
 * @warned: the kernel has said WARNING
 * @reports: violations that the oracles have reported
 * @left: what the host did not get back
 * @ns: how long it took
 */
struct camp_life {
	struct camp_env *env;
	const struct camp_workload *w;
	int fd;
	int gmem_fd[CAMP_MAX_FILES];
	int vcpu_fd[CAMP_MAX_VCPUS];
	struct kvm *kvm;
	u64 gctx;
	u32 asid;
	unsigned long cmd_at;
	unsigned long data_at;
	int sev_fd;
	union {
		struct kvm_sev_snp_launch_update snp;
		struct kvm_tdx_init_mem_region tdx;
	} update;
	unsigned int update_step;
	struct sim_script *script;
	u32 script_nr;
	bool exit_pending;
	u32 done;
	u64 mark[CAMP_MAX_STEPS + 1];
	u32 allocs[CAMP_MAX_STEPS];
	bool count_allocs;
	bool errored;
	int err;
	unsigned int err_step;
	u64 mark_err;
	char why[200];
	const char *rule;
	unsigned int over;
	bool dead;
	int called;
	int last[CAMP_MAX_STEPS];
	bool launched;
	struct camp_state state;
	bool lost;
	const char *by;
	bool warned;
	u32 reports;
	u32 left;
	u64 ns;
};

int camp_env_init(struct camp_env *env, struct kunit *test);
void camp_src_spoil(struct camp_env *env);
void camp_src_fill(struct camp_env *env, unsigned int page, void *buf);
bool camp_src_pages(struct camp_env *env);
void camp_life_run(struct camp_life *l, struct camp_env *env, const struct camp_workload *w,
		   const struct camp_injection *in);
void camp_fail(struct camp_life *l, const char *rule, const char *fmt, ...) __printf(3, 4);

/**
 * struct camp_pause - what camp_pause_faults() keeps
 * @nth: allocation that is to fail
 * @all: and all after it
 */
struct camp_pause {
	unsigned int nth;
	bool all;
};

/* For steps: what allocates for the campaign's own sake is no site */
struct camp_pause camp_pause_faults(void);
void camp_resume_faults(const struct camp_pause *p);

/* For steps */
int camp_ioctl(struct camp_life *l, int fd, unsigned int cmd, void *buf, size_t size);
int camp_enc(struct camp_life *l, int fd, void *cmd, size_t cmd_size, u64 *data_ptr,
	     void *data, size_t size);
int camp_create_vm(struct camp_life *l, const struct camp_step *s);
int camp_create_gmem(struct camp_life *l, const struct camp_step *s);
int camp_put_slot(struct camp_life *l, unsigned int nr, u64 gpa, bool delete);
int camp_set_slot(struct camp_life *l, const struct camp_step *s);
int camp_set_attr(struct camp_life *l, const struct camp_step *s);
int camp_create_vcpu(struct camp_life *l, const struct camp_step *s);
int camp_set_cpuid(struct camp_life *l, const struct camp_step *s);
int camp_fallocate(struct camp_life *l, unsigned int page, unsigned int npages, int mode);
int camp_punch(struct camp_life *l, const struct camp_step *s);
int camp_close_vcpus(struct camp_life *l, const struct camp_step *s);
int camp_close_vm(struct camp_life *l, const struct camp_step *s);
int camp_close_gmem(struct camp_life *l, const struct camp_step *s);
int camp_set_shared_slot(struct camp_life *l, const struct camp_step *s);
int camp_enable_hypercall(struct camp_life *l, const struct camp_step *s);
int camp_pre_fault(struct camp_life *l, const struct camp_step *s);
int camp_run(struct camp_life *l, const struct camp_step *s);
int camp_tdx_init_vm(struct camp_life *l, int fd);
int camp_tdx_set_cpuid(struct camp_life *l, const struct camp_step *s);
void camp_script_end(struct camp_life *l);
struct inode *camp_locate(struct camp_life *l, unsigned int page, pgoff_t *index);
u64 camp_page_spa(struct camp_life *l, unsigned int page);
unsigned long camp_map_gmem(struct camp_life *l, unsigned int page, unsigned int npages);
int camp_write_user(unsigned long uaddr, const void *buf, size_t size);
extern const struct camp_binding camp_one_slot[];

/* Verdicts -------------------------------------------------------------------- */

enum camp_verdict {
	CAMP_PROPAGATED,
	CAMP_TOLERATED,
	CAMP_SWALLOWED,
	CAMP_VIOLATION,
	CAMP_UNDELIVERED,
	CAMP_NR_VERDICTS,
};

void camp_judge_begin(void);
enum camp_verdict camp_judge(struct camp_life *l, const struct camp_injection *in,
			     const struct camp_state *ref);
void camp_state_take(struct camp_life *l);
const char *camp_verdict_name(enum camp_verdict v);
bool camp_must_reboot(void);
bool camp_is_suspect(void);
bool camp_has_leftovers(void);
bool camp_look_is_true(void);
bool camp_judge_trial(struct camp_life *l, const struct camp_state *ref);
void camp_revive_psp(void);

/* Sites ----------------------------------------------------------------------- */

struct camp_visitor {
	void (*site)(void *ctx, const struct camp_injection *in, u32 of, const char *step);
	void (*injection)(void *ctx, const struct camp_injection *in);
	void *ctx;
};

int camp_sites(struct camp_env *env, const struct camp_workload *w, unsigned int depth,
	       const struct camp_visitor *v);

#endif /* __KVM_KUNIT_CAMPAIGN_H */
