/* SPDX-License-Identifier: GPL-2.0 */
/* Which locks a call of the hardware is made under. */
#ifndef _SIM_CONTRACT_H
#define _SIM_CONTRACT_H

#include "ledger.h"

/**
 * sim_contract_check() - check the locks of the current task
 * @e: the call that is about to be made
 *
 * Reports a violation of SIM_OLOCK.  Does nothing without CONFIG_LOCKDEP, and
 * in a panic.
 */
#ifdef CONFIG_LOCKDEP
void sim_contract_check(const struct sim_ledger_entry *e);
#else
static inline void sim_contract_check(const struct sim_ledger_entry *e) { }
#endif

/**
 * sim_contract_waive() - somebody calls the hardware who is not KVM
 * @waive: the locks of KVM are not asked for
 *
 * For suites that test the hardware itself, and have neither a VM nor its locks.
 * What the hardware's interface demands of any caller still holds.
 */
void sim_contract_waive(bool waive);

#endif /* _SIM_CONTRACT_H */
