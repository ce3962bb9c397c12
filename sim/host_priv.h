/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by host.c and the gates only. */
#ifndef _SIM_HOST_PRIV_H
#define _SIM_HOST_PRIV_H

#include <linux/irqflags.h>
#include <linux/spinlock.h>

#include "host.h"

struct sim_ledger_entry;

/* Let the observer see a call, before or after. */
extern bool sim_gate_observed;
void sim_gate_tell_observer(const struct sim_ledger_entry *e, bool done);

static inline void sim_gate_tell(const struct sim_ledger_entry *e, bool done)
{
	if (unlikely(READ_ONCE(sim_gate_observed)))
		sim_gate_tell_observer(e, done);
}

/*
 * Serialises the machine.  Taken with interrupts off, nothing but the lock of
 * the ledger is taken inside.
 */
extern raw_spinlock_t sim_machine_lock;
extern struct sim_machine sim_machine;
extern const struct sim_platform *sim_platform;

/* Pages that are not the host's are protected; sim_o2=off at boot: they are not. */
extern bool sim_host_o2;
/* For a platform that can't, too. */
void sim_host_o2_off(void);

/*
 * The locks of the machine itself, which hardware does not have.  In the suites they are
 * spinlocks like any other, and lockdep watches them.  A campaign takes them several
 * times per call of the hardware, and is about those of KVM: its kernel has one
 * CPU and does not preempt, so that to keep interrupts out is all that a lock does there.
 * Lockdep is not told, as nobody takes any other lock under these.
 */
#if IS_ENABLED(CONFIG_KVM_CAMPAIGN) && !IS_ENABLED(CONFIG_SMP) && !IS_ENABLED(CONFIG_PREEMPTION)
#define sim_lock(lock)				do { (void)(lock); barrier(); } while (0)
#define sim_unlock(lock)			do { (void)(lock); barrier(); } while (0)
#define sim_lock_irqsave(lock, flags)		\
	do { (void)(lock); raw_local_irq_save(flags); } while (0)
#define sim_unlock_irqrestore(lock, flags)	\
	do { (void)(lock); raw_local_irq_restore(flags); } while (0)
#else
#define sim_lock(lock)				raw_spin_lock(lock)
#define sim_unlock(lock)			raw_spin_unlock(lock)
#define sim_lock_irqsave(lock, flags)		raw_spin_lock_irqsave(lock, flags)
#define sim_unlock_irqrestore(lock, flags)	raw_spin_unlock_irqrestore(lock, flags)
#endif

/* Faults that are armed, see sim_fault_consult() */
extern int sim_nr_faults;

/* Make the host's mapping of a range follow the RMP.  Under sim_machine_lock. */
void sim_host_sync_protection(u64 pfn, u32 nr);
/* The same for all memory, after the RMP was built or torn down. */
void sim_host_sync_all(void);
/*
 * A mapping that could not be changed is a hole in O2; the error is kept until
 * it is taken, as nothing can be printed under the lock.
 */
int sim_host_take_protect_error(u64 *pfn);
/* Close the pages that sim_host_fault() opened.  Under sim_machine_lock. */
void sim_host_close_opened(void);

/* The files of profile.c */
struct dentry;
void sim_profile_debugfs(struct dentry *dir);

#endif /* _SIM_HOST_PRIV_H */
