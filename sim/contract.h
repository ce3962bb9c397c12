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
void sim_contract_check(const struct sim_ledger_entry *e);

#endif /* _SIM_CONTRACT_H */
