/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replaying what tracepoints recorded on real firmware.
 */
#ifndef _SIM_LIB_TRACE_CHECK_H
#define _SIM_LIB_TRACE_CHECK_H

#include "ftrace.h"

#define TC_MAX_REASONS	32

/**
 * struct check - one trace being replayed
 * @t: the trace
 * @max_print: disagreements to print, 0: all
 * @later: TDX module later than 1.5.01
 * @operations: firmware calls and instructions seen
 * @disagreements: of them, those answered otherwise
 * @uncompared: of them, those that were not compared at all
 * @partly: of them, those of which something was not compared
 * @marked: the current one has been counted as one of these
 * @missing: operations of which an event is not there
 * @reason: why, how many, and whether the rest was compared
 * @ev: first event of the current operation
 */
struct check {
	struct ftrace *t;
	u64 max_print;
	bool later;
	u64 operations;
	u64 disagreements;
	u64 uncompared;
	u64 partly;
	u64 missing;
	bool marked;
	struct {
		const char *text;
		u64 n;
		bool partly;
	} reason[TC_MAX_REASONS];
	const struct ft_event *ev;
};

/**
 * tc_begin() - the next operation
 * @c: check
 * @ev: the event that has its operands
 */
void tc_begin(struct check *c, const struct ft_event *ev);

/**
 * tc_differs() - the current operation was answered otherwise
 * @c: check
 * @what: the operation, with operands
 * @real: what the hardware answered
 * @fake: what the simulated one does
 */
void tc_differs(struct check *c, const char *what, const char *real,
		const char *fake);

/**
 * tc_uncompared() - the current operation is not compared
 * @c: check
 * @reason: why; a string that stays
 */
void tc_uncompared(struct check *c, const char *reason);

/**
 * tc_partly() - something of the current operation is not compared, the rest is
 * @c: check
 * @reason: why; a string that stays
 */
void tc_partly(struct check *c, const char *reason);

/**
 * tc_missing() - the current operation has only one of its two events
 * @c: check
 * @what: the operation
 * @which: the event that is missing
 */
void tc_missing(struct check *c, const char *what, const char *which);

/**
 * tc_note() - say something about the whole trace
 * @c: check
 * @fmt: what
 */
void tc_note(struct check *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* One for each kind of firmware: set up, and replay event @i. */
bool tc_snp_begin(struct check *c);
void tc_snp_event(struct check *c, u64 i);
void tc_snp_end(struct check *c);
bool tc_tdx_begin(struct check *c);
void tc_tdx_event(struct check *c, u64 i);
void tc_tdx_end(struct check *c);

/* ---- memory of a machine of any size: pages appear when they are used ---- */

/**
 * struct tc_page - one 4K page
 * @nr: its number, plus one
 * @bytes: contents, NULL: nobody has looked yet
 * @key: that the module filled it with
 * @fill: what every word then is
 * @flags: of the user
 */
struct tc_page {
	u64 nr;
	u8 *bytes;
	u64 key[2];
	u64 fill;
	u32 flags;
};

/**
 * tc_page() - what is known of a page
 * @pa: any address in it
 * @make: make an entry if there is none
 *
 * The pointer is good until the next call that makes one.
 *
 * Return: the entry, or NULL.
 */
struct tc_page *tc_page(u64 pa, bool make);

/**
 * tc_memory() - the bytes of a page
 * @pa: any address in it
 *
 * Return: its first byte.
 */
u8 *tc_memory(u64 pa);

#endif /* _SIM_LIB_TRACE_CHECK_H */
