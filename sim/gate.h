/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gate: every call into the simulated hardware passes here.
 *
 * In this order: lock contract, observer, fault plan, state machine, ledger,
 * host protection, observer.
 */
#ifndef _SIM_GATE_H
#define _SIM_GATE_H

#include <asm/psp.h>
#include <asm/sev.h>

#include "ledger.h"
#include "machine.h"
#include "rmp.h"

/* What the ops tables of the kernel are bound to */
extern const struct rmp_ops sim_rmp_ops;
extern const struct psp_ops sim_psp_ops;

/**
 * typedef sim_observer_fn - sees each call
 * @ctx: of the observer
 * @e: the call
 * @done: false before, true after the call; @e->status is valid only after
 *
 * Runs in the context of the caller, outside the lock of the gate: it may look
 * at the machine, and may sleep if the caller may.
 */
typedef void (*sim_observer_fn)(void *ctx, const struct sim_ledger_entry *e, bool done);

/**
 * sim_gate_observe() - install the observer, or remove it
 * @fn: observer, or NULL
 * @ctx: passed to it
 *
 * One at a time.  Returns after the last call of the previous one has ended;
 * must not be called from an observer.  Sleeps.
 */
void sim_gate_observe(sim_observer_fn fn, void *ctx);

/**
 * sim_gate_lock() - keep the machine still
 *
 * For those who look at several things at once.  Interrupts are off until
 * sim_gate_unlock().
 *
 * Return: the machine, and what sim_gate_unlock() needs in @flags.
 */
struct sim_machine *sim_gate_lock(unsigned long *flags);

/**
 * sim_gate_unlock() - let the machine go on
 * @flags: of sim_gate_lock()
 */
void sim_gate_unlock(unsigned long flags);

/**
 * sim_gate_pvalidate() - PVALIDATE by a guest, see sim_pvalidate()
 * @g: guest, VMPL and translation
 * @pagesize: SIM_PS_*
 * @validate: new value
 * @cf: nothing changed
 * @npf: error bits of an exit
 *
 * Any context.
 */
s32 sim_gate_pvalidate(const struct sim_guest_access *g, u32 pagesize,
		       bool validate, bool *cf, u64 *npf);

/**
 * sim_gate_rmpadjust() - RMPADJUST by a guest, see sim_rmpadjust()
 * @g: guest, VMPL and translation
 * @pagesize: SIM_PS_*
 * @target_vmpl: level whose permissions change
 * @perms: new SIM_VMPL_* bits
 * @vmsa: new value of the VMSA bit
 * @npf: error bits of an exit
 *
 * Any context.
 */
s32 sim_gate_rmpadjust(const struct sim_guest_access *g, u32 pagesize,
		       u32 target_vmpl, u32 perms, bool vmsa, u64 *npf);

#endif /* _SIM_GATE_H */
