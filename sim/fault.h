/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fault plan: which calls of the hardware are to fail, and how.
 */
#ifndef _SIM_FAULT_H
#define _SIM_FAULT_H

#include <linux/types.h>

#define SIM_MAX_FAULTS		8
/* A fault "for ever" ends after this many answers, which is a finding (O5). */
#define SIM_FAULT_FOREVER	2000

/**
 * enum sim_fault_when - does the operation take effect?
 * @SIM_FAULT_BEFORE: the status is answered, nothing changes
 * @SIM_FAULT_AFTER: the operation is carried out, then the status is answered;
 *	no SEAMCALL does that
 */
enum sim_fault_when {
	SIM_FAULT_BEFORE,
	SIM_FAULT_AFTER,
};

/**
 * struct sim_fault - one armed fault
 * @op: operation, see sim_op_by_name()
 * @nth: first occurrence to hit, counted from arming, from 1
 * @times: how many occurrences in a row; 0: for ever, see SIM_FAULT_FOREVER
 * @when: before or after the effect
 * @timeout: PSP only: the command times out, @status is unused
 * @status: firmware status or EAX to answer; of a SEAMCALL bits 63:32 of RAX
 * @detail: of a SEAMCALL bits 31:0 of RAX
 *
 * Where the hardware gives a status because of its environment, that is what the
 * plan changes, and the status comes from the state machine: lack of entropy
 * (RND_NO_ENTROPY, KEY_GENERATION_FAILED), an interrupt (INTERRUPTED_*).
 */
struct sim_fault {
	u16 op;
	u32 nth;
	u32 times;
	enum sim_fault_when when;
	bool timeout;
	s32 status;
	u32 detail;
};

/**
 * sim_fault_status() - what an operation can answer when it fails
 * @op: operation
 * @i: 0, 1, ...
 * @status: the answer: firmware status, EAX, or bits 63:32 of RAX of a SEAMCALL
 *
 * These are the statuses that sim_fault_arm() takes: those of the tables by which
 * the state machines are described.  Any context.
 *
 * Return: false past the end.
 */
bool sim_fault_status(u16 op, u32 i, s32 *status);

/**
 * sim_fault_status_name() - a status of an operation as a word
 * @op: operation
 * @status: of sim_fault_status()
 * @buf: gets the word, without blanks; a number if there is no name for it
 * @len: room
 */
void sim_fault_status_name(u16 op, s32 status, char *buf, size_t len);

/**
 * sim_fault_is_transient() - does a status go away if the call is repeated?
 * @op: operation
 * @status: of sim_fault_status()
 *
 * Return: true if it is about who else is using something, or about entropy.
 */
bool sim_fault_is_transient(u16 op, s32 status);

/**
 * sim_fault_can_time_out() - can an operation never answer?
 * @op: operation
 *
 * Return: true for the commands of the PSP.
 */
bool sim_fault_can_time_out(u16 op);

/**
 * sim_fault_arm() - add a fault to the plan
 * @f: the fault, copied
 *
 * Any context.
 *
 * Return: number of the fault, for sim_fault_delivered(); -1 if the operation
 * does not exist or can't give the status, @nth is 0 or the plan is full.  One that
 * takes no faults at all, as TDH.PHYMEM.PAGE.RDMD, which is answered without any
 * lock, is said in the log.
 */
int sim_fault_arm(const struct sim_fault *f);

/**
 * sim_fault_delivered() - how often a fault was answered
 * @id: return value of sim_fault_arm()
 */
u32 sim_fault_delivered(int id);

/**
 * sim_fault_clear() - empty the plan
 *
 * Any context.
 */
void sim_fault_clear(void);

/**
 * sim_fault_consult() - called by the gate for each call
 * @op: operation about to run
 * @f: what to do if the answer is true
 *
 * Counts the occurrence.  Any context.
 *
 * Return: true if this occurrence is to fail.
 */
bool sim_fault_consult(u16 op, struct sim_fault *f);

#endif /* _SIM_FAULT_H */
