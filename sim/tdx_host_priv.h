/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the other files of the kernel's side ask about the TDX module, which a
 * kernel may have been built without.
 */
#ifndef _SIM_TDX_HOST_PRIV_H
#define _SIM_TDX_HOST_PRIV_H

#include <linux/types.h>

#include "machine.h"

struct seq_file;
struct sim_ledger_entry;

#ifdef CONFIG_INTEL_TDX_HOST
#include "tdx_host.h"

extern raw_spinlock_t sim_tdx_host_lock;
extern struct sim_tdx sim_tdx_module;
extern const struct sim_tdx_platform *sim_tdx_platform;
extern const struct tdx_module_ops sim_tdx_module_ops;

/**
 * struct sim_tdx_wish - what a fault plan makes of the module's environment
 * @entropy: there is none
 * @interrupt: one is pending
 * @pconfig: answer of PCONFIG
 */
struct sim_tdx_wish {
	bool entropy;
	bool interrupt;
	u32 pconfig;
};

/* Of the call that is being made, or NULL; under sim_tdx_host_lock. */
extern const struct sim_tdx_wish *sim_tdx_wish;

bool sim_tdx_present(void);
const char *sim_tdx_leaf_name(u16 leaf);
const char *sim_tdx_code_name(u32 code);
bool sim_tdx_leaf_status(u16 leaf, u32 i, s32 *code);
bool sim_tdx_code_is_transient(u32 code);
bool sim_tdx_describe_owner(u64 pfn, char *buf, size_t len);
u32 sim_tdx_check_clean(void (*report)(void *ctx, const struct sim_dirt_report *r),
			void *ctx, bool touched);
int sim_tdx_watch_pamt(void);
bool sim_tdx_fault(u64 pfn, bool write, unsigned long ip);
void sim_tdx_show_guests(struct seq_file *s);

/* Oracle O7, see tdx_oracle.c */
void sim_tdx_mirror_call(const struct sim_ledger_entry *e);
void sim_tdx_mirror_changed(u64 gfn, int level);
void sim_tdx_mirror_close(u64 tdr);
/* Compare every entry: no thread is inside of KVM.  May sleep, without mmu_lock. */
void sim_tdx_mirror_settled(void);

/* Make the host's mapping follow the PAMT.  Under sim_tdx_host_lock. */
void sim_tdx_sync_protection(u64 pfn, u32 nr);
/* Nobody but the module looks at a PAMT again.  Under sim_tdx_host_lock. */
void sim_tdx_close_pamts(void);
void sim_tdx_close_opened(void);
int sim_tdx_take_protect_error(u64 *pfn);

#else
static inline bool sim_tdx_present(void) { return false; }
static inline const char *sim_tdx_leaf_name(u16 leaf) { return NULL; }
static inline const char *sim_tdx_code_name(u32 code) { return NULL; }
static inline bool sim_tdx_leaf_status(u16 leaf, u32 i, s32 *code) { return false; }
static inline bool sim_tdx_code_is_transient(u32 code) { return false; }
static inline bool sim_tdx_describe_owner(u64 pfn, char *buf, size_t len) { return false; }
static inline bool sim_tdx_fault(u64 pfn, bool write, unsigned long ip) { return false; }
static inline void sim_tdx_show_guests(struct seq_file *s) { }
static inline void sim_tdx_mirror_changed(u64 gfn, int level) { }
static inline void sim_tdx_mirror_settled(void) { }

static inline u32 sim_tdx_check_clean(void (*report)(void *ctx,
						     const struct sim_dirt_report *r),
				      void *ctx, bool touched)
{
	return 0;
}

static inline int sim_tdx_watch_pamt(void) { return 0; }
#endif

#endif /* _SIM_TDX_HOST_PRIV_H */
