/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the time of a launch goes: per operation, and within the simulated
 * hardware per kind of work.
 */
#ifndef _SIM_PROFILE_H
#define _SIM_PROFILE_H

/**
 * enum sim_cost - kinds of work within the simulated hardware
 * @SIM_COST_HASH: SHA-384 of a measurement
 * @SIM_COST_CONTENTS: pages encrypted, decrypted, copied inside of the firmware
 * @SIM_COST_COPY: pages copied in from the host's memory and encrypted on the way
 * @SIM_COST_TABLES: S-EPT walked
 */
enum sim_cost {
	SIM_COST_HASH,
	SIM_COST_CONTENTS,
	SIM_COST_COPY,
	SIM_COST_TABLES,
	SIM_NR_COSTS,
};

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/types.h>

/* Written by the file "profile" in debugfs only */
extern bool sim_profiling;

void sim_profile_cost(enum sim_cost cost, u64 begin);
u64 sim_profile_enter(u16 op);
void sim_profile_leave(u16 op, u64 begin);

/**
 * sim_cpu_ns() - for how long this CPU was there
 *
 * A platform whose CPUs share those of a host has its own.  Any context.
 *
 * Return: nanoseconds.
 */
u64 sim_cpu_ns(void);

/**
 * sim_cost_begin() - work of one kind begins
 *
 * Costs nothing but a test while nobody measures.  Any context.
 *
 * Return: what sim_cost_end() needs.
 */
static inline u64 sim_cost_begin(void)
{
	return unlikely(READ_ONCE(sim_profiling)) ? __builtin_ia32_rdtsc() : 0;
}

/**
 * sim_cost_end() - it ends
 * @cost: its kind
 * @begin: from sim_cost_begin()
 */
static inline void sim_cost_end(enum sim_cost cost, u64 begin)
{
	if (unlikely(begin))
		sim_profile_cost(cost, begin);
}

#else
/* The user-space library has the profilers of user space. */
static inline u64 sim_cost_begin(void)
{
	return 0;
}

static inline void sim_cost_end(enum sim_cost cost, u64 begin)
{
	(void)cost;
	(void)begin;
}
#endif

#endif /* _SIM_PROFILE_H */
