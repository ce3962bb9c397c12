// SPDX-License-Identifier: GPL-2.0
/* The gate, and the ops tables that lead to it. */
#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/hardirq.h>
#include <linux/kernel.h>
#include <linux/pid.h>
#include <linux/psp.h>
#include <linux/sched.h>
#include <linux/srcu.h>

#include "contract.h"
#include "fault.h"
#include "gate.h"
#include "host_priv.h"
#include "oracle.h"
#include "profile.h"
#include "snp.h"

struct observer {
	sim_observer_fn fn;
	void *ctx;
};

DEFINE_STATIC_SRCU(observer_srcu);
static struct observer observers[2];
static struct observer __rcu *observer;
/* Calls that are at the observer, or about to be */
static atomic_t observing;
bool sim_gate_observed;

void sim_gate_observe(sim_observer_fn fn, void *ctx)
{
	struct observer *o = NULL;

	if (fn) {
		o = rcu_access_pointer(observer) == &observers[0] ?
			&observers[1] : &observers[0];
		*o = (struct observer){ fn, ctx };
	}
	rcu_assign_pointer(observer, o);
	WRITE_ONCE(sim_gate_observed, o);
	/* Who begins from here on finds the new one; a grace period costs a lot. */
	smp_mb();
	if (atomic_read(&observing))
		synchronize_srcu(&observer_srcu);
}

void sim_gate_tell_observer(const struct sim_ledger_entry *e, bool done)
{
	struct observer *o;
	int idx;

	atomic_inc_return(&observing);
	idx = srcu_read_lock(&observer_srcu);
	o = srcu_dereference(observer, &observer_srcu);
	if (o)
		o->fn(o->ctx, e, done);
	srcu_read_unlock(&observer_srcu, idx);
	atomic_dec(&observing);
}

struct sim_machine *sim_gate_lock(unsigned long *flags)
{
	sim_lock_irqsave(&sim_machine_lock, *flags);
	return &sim_machine;
}

void sim_gate_unlock(unsigned long flags)
{
	sim_unlock_irqrestore(&sim_machine_lock, flags);
}

/**
 * struct call - one passage through the gate
 * @e: the ledger's entry
 * @fault: what the plan says, if @e.injected
 * @flags: of the machine's lock
 * @begin: when it began, 0: nobody measures
 */
struct call {
	struct sim_ledger_entry e;
	struct sim_fault fault;
	unsigned long flags;
	u64 begin;
};

/* Return: true if the state machine is to run */
static bool gate_enter(struct call *c)
{
	if (unlikely(READ_ONCE(sim_profiling)))
		c->begin = sim_profile_enter(c->e.op);
	c->e.pid = in_task() ? task_pid_nr(current) : 0;

	sim_contract_check(&c->e);
	sim_gate_tell(&c->e, false);
	c->e.injected = sim_fault_consult(c->e.op, &c->fault);
	c->e.effect = !c->e.injected || c->fault.when == SIM_FAULT_AFTER;

	sim_lock_irqsave(&sim_machine_lock, c->flags);
	return c->e.effect;
}

static s32 gate_leave(struct call *c, s32 status)
{
	int error = 0;
	u64 pfn;

	if (c->e.injected)
		status = c->fault.timeout ? SIM_STATUS_TIMEOUT : c->fault.status;
	c->e.status = status;

	sim_ledger_add(&c->e);
	if (sim_host_o2) {
		sim_host_close_opened();
		error = sim_host_take_protect_error(&pfn);
	}
	sim_unlock_irqrestore(&sim_machine_lock, c->flags);

	if (unlikely(error))
		sim_oracle_violation(SIM_O2, "mapping of page %#llx can't be changed, error %d",
				     pfn, error);
	sim_gate_tell(&c->e, true);
	if (unlikely(c->begin))
		sim_profile_leave(c->e.op, c->begin);
	return status;
}

static int gate_rmpread(u64 paddr, struct rmpentry *entry)
{
	struct call c = { .e = { .op = SIM_OP_RMPREAD, .spa = paddr } };
	s32 status = 0;

	if (gate_enter(&c))
		status = sim_rmpread(&sim_machine, paddr, (struct sim_rmp_state *)entry);
	return gate_leave(&c, status);
}

/*
 * The kernel retries FAIL_OVERLAP for ever, as on hardware it goes away.  Here
 * nobody else holds a lock on the entry, so that an overlap that is real stays.
 * Under sim_machine_lock.
 */
static bool endless_overlap(u64 paddr)
{
	static u64 last;
	static u32 times;

	if (last != paddr)
		times = 0;
	last = paddr;
	if (++times < SIM_FAULT_FOREVER)
		return false;
	times = 0;
	return true;
}

static int gate_rmpupdate(u64 paddr, const struct rmp_state *state)
{
	struct call c = {
		.e = {
			.op = SIM_OP_RMPUPDATE,
			.spa = paddr,
			.gpa = state->gpa,
			.asid = state->asid,
			.arg = (state->assigned ? SIM_ARG_ASSIGNED : 0) |
			       (state->immutable ? SIM_ARG_IMMUTABLE : 0) |
			       (state->pagesize ? SIM_ARG_2M : 0),
		},
	};
	bool endless = false;
	s32 status = 0;

	static_assert(sizeof(struct rmp_state) == sizeof(struct sim_rmp_state));

	if (gate_enter(&c)) {
		status = sim_rmpupdate(&sim_machine, paddr, (const struct sim_rmp_state *)state);
		if (!status)
			sim_host_sync_protection(paddr >> SIM_PAGE_SHIFT,
						 state->pagesize ? SIM_PAGES_PER_2M : 1);
		endless = status == SIM_RMP_FAIL_OVERLAP && endless_overlap(paddr);
		if (endless)
			status = SIM_RMP_FAIL_INPUT;
	}
	status = gate_leave(&c, status);
	if (endless)
		sim_oracle_violation(SIM_O5, "RMPUPDATE of %#llx was retried %u times, though its overlap is real",
				     paddr, SIM_FAULT_FOREVER);
	return status;
}

static int gate_psmash(u64 paddr)
{
	struct call c = {
		.e = { .op = SIM_OP_PSMASH, .spa = paddr, .arg = SIM_PS_2M },
	};
	s32 status = 0;

	if (gate_enter(&c))
		status = sim_psmash(&sim_machine, paddr);
	return gate_leave(&c, status);
}

const struct rmp_ops sim_rmp_ops = {
	.read = gate_rmpread,
	.update = gate_rmpupdate,
	.psmash = gate_psmash,
};

/* The operands that the ledger shows, from the command buffer */
static void decode(struct sim_ledger_entry *e, const void *buf)
{
	switch (e->op) {
	case SIM_CMD_SNP_LAUNCH_UPDATE: {
		const struct sim_cmd_launch_update *u = buf;

		e->gctx = u->gctx_paddr & ~SIM_C_BIT;
		e->spa = u->page_paddr & ~SIM_C_BIT;
		e->arg = (u->flags >> 1) & 7;
		break;
	}
	case SIM_CMD_SNP_ACTIVATE: {
		const struct sim_cmd_activate *a = buf;

		e->gctx = a->gctx_paddr & ~SIM_C_BIT;
		e->asid = a->asid;
		break;
	}
	case SIM_CMD_SNP_PAGE_RECLAIM: {
		const struct sim_cmd_addr *a = buf;

		e->spa = a->paddr & GENMASK_ULL(50, 12);
		e->arg = a->paddr & 1;
		break;
	}
	case SIM_CMD_SNP_GCTX_CREATE:
	case SIM_CMD_SNP_LAUNCH_START:
	case SIM_CMD_SNP_LAUNCH_FINISH:
	case SIM_CMD_SNP_GUEST_STATUS:
	case SIM_CMD_SNP_DECOMMISSION: {
		const struct sim_cmd_addr *a = buf;

		e->gctx = a->paddr & ~SIM_C_BIT;
		break;
	}
	}
}

static int gate_psp_submit(u32 cmd, u64 buf, unsigned int timeout,
			   struct psp_response *resp)
{
	const struct sim_psp_op *op = sim_psp_op(cmd);
	struct call c = { .e = { .op = cmd } };
	struct sim_guest_info info;
	u32 lo = lower_32_bits(buf), hi = upper_32_bits(buf);
	u64 pa = buf & ~SIM_C_BIT;
	s32 status = SIM_SUCCESS;

	/* A buffer does not cross a page: the driver's are page aligned. */
	if (op && op->buf_len && sim_is_dram(&sim_machine, pa, op->buf_len))
		decode(&c.e, sim_platform->phys(pa));

	if (gate_enter(&c)) {
		if (c.e.gctx && sim_guest_info(&sim_machine, c.e.gctx, &info) && !c.e.asid)
			c.e.asid = info.asid;
		/* Where a page goes in the guest is in the RMP, not in the command. */
		if (cmd == SIM_CMD_SNP_LAUNCH_UPDATE) {
			struct sim_rmp_owner o;

			sim_rmp_owner(&sim_machine, c.e.spa, &o);
			c.e.gpa = o.gpa;
		}
		status = sim_psp_cmd(&sim_machine, cmd, pa, &lo, &hi);

		/* The commands that build or drop the RMP change who owns what. */
		switch (cmd) {
		case SIM_CMD_SNP_INIT:
		case SIM_CMD_SNP_INIT_EX:
		case SIM_CMD_SNP_SHUTDOWN:
		case SIM_CMD_SNP_SHUTDOWN_EX:
			sim_host_sync_all();
			break;
		}
	}
	status = gate_leave(&c, status);
	if (status == SIM_STATUS_TIMEOUT)
		return -ETIMEDOUT;

	resp->cmdresp = PSP_CMDRESP_RESP | FIELD_PREP(PSP_CMDRESP_STS, status);
	resp->buf_lo = lo;
	resp->buf_hi = hi;
	return 0;
}

const struct psp_ops sim_psp_ops = {
	.submit = gate_psp_submit,
};

static void guest_operands(struct sim_ledger_entry *e, const struct sim_guest_access *g)
{
	e->asid = g->asid;
	e->spa = g->spa;
	e->gpa = g->gpa;
}

s32 sim_gate_pvalidate(const struct sim_guest_access *g, u32 pagesize,
		       bool validate, bool *cf, u64 *npf)
{
	struct call c = { .e = { .op = SIM_OP_PVALIDATE, .arg = pagesize } };
	s32 status = 0;

	guest_operands(&c.e, g);
	if (gate_enter(&c))
		status = sim_pvalidate(&sim_machine, g, pagesize, validate, cf, npf);
	return gate_leave(&c, status);
}

s32 sim_gate_rmpadjust(const struct sim_guest_access *g, u32 pagesize,
		       u32 target_vmpl, u32 perms, bool vmsa, u64 *npf)
{
	struct call c = { .e = { .op = SIM_OP_RMPADJUST, .arg = pagesize } };
	s32 status = 0;

	guest_operands(&c.e, g);
	if (gate_enter(&c))
		status = sim_rmpadjust(&sim_machine, g, pagesize, target_vmpl,
				       perms, vmsa, npf);
	return gate_leave(&c, status);
}
