/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Oracles: rules that hold whatever the test does.  A violation is recorded,
 * printed with its stack, and fails the test that is running.
 */
#ifndef _SIM_ORACLE_H
#define _SIM_ORACLE_H

#include <linux/compiler.h>
#include <linux/types.h>

/**
 * enum sim_oracle - which rule
 * @SIM_O1: no page returns to the allocator while the hardware says that it is
 *	not the host's, or while an SPTE maps it
 * @SIM_O2: no host access to a page that is not the host's
 * @SIM_O3: a call gives back every lock and reference that it took
 * @SIM_O4: what a call says that it has launched is what was measured
 * @SIM_O5: no endless retry
 * @SIM_O6: no WARN, BUG, lockdep, KASAN or leak report
 * @SIM_O7: mirror and S-EPT agree, and so do guest_memfd and the PAMT
 * @SIM_OLOCK: the lock contract of an operation
 * @SIM_OLOST: more violations than there was room for
 */
enum sim_oracle {
	SIM_O1,
	SIM_O2,
	SIM_O3,
	SIM_O4,
	SIM_O5,
	SIM_O6,
	SIM_O7,
	SIM_OLOCK,
	SIM_OLOST,
	SIM_NR_ORACLES,
};

#define SIM_ORACLE_TEXT		200
#define SIM_MAX_VIOLATIONS	64

/**
 * struct sim_violation - one broken rule
 * @oracle: which
 * @text: what happened
 */
struct sim_violation {
	enum sim_oracle oracle;
	char text[SIM_ORACLE_TEXT];
};

/**
 * sim_oracle_violation() - record a violation and print it with a stack
 * @oracle: the rule
 * @fmt: what happened
 *
 * Any context, but not under the lock of the gate.
 */
__printf(2, 3)
void sim_oracle_violation(enum sim_oracle oracle, const char *fmt, ...);

/**
 * sim_oracle_mark() - number of violations so far
 */
u32 sim_oracle_mark(void);

/**
 * sim_oracle_read() - the violation after a mark
 * @mark: advanced by one if there is one
 * @v: the violation; its text says so if it was overwritten since
 *
 * Return: true if there was one.
 */
bool sim_oracle_read(u32 *mark, struct sim_violation *v);

/**
 * sim_oracle_name() - "O1", "LOCK", ...
 * @oracle: which
 */
const char *sim_oracle_name(enum sim_oracle oracle);

/**
 * sim_oracle_watch_host() - begin to watch frees and the console
 *
 * Called once at boot.  Return: 0 or -errno.
 */
int sim_oracle_watch_host(void);

/**
 * sim_oracle_watch_sptes() - begin to watch the MMU of KVM
 *
 * Called once at boot.  Return: 0, or -ENOENT if this kernel has no such
 * tracepoint.
 */
int sim_oracle_watch_sptes(void);

/**
 * sim_oracle_mapped() - leaf SPTEs that map a page
 * @pfn: page
 */
u32 sim_oracle_mapped(u64 pfn);

#endif /* _SIM_ORACLE_H */
