// SPDX-License-Identifier: GPL-2.0
/* Scripted guests: what any CPU does with a script */
#include <linux/kvm_host.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "guest_priv.h"

/*
 * FIDELITY(host interrupts): simplified - taken between two instructions of the
 * guest, by the host kernel first [APM vol. 2 15.13; SDM vol. 3 26.2]
 */
/*
 * A host interrupt is an exit.  The host kernel has taken it already, as it runs
 * on the same simulated CPU; what the interrupt was for shows in what its sender
 * has set.
 */
bool sim_script_interrupted(struct kvm_vcpu *vcpu, struct sim_script *s)
{
	return need_resched() || signal_pending(current) || kvm_request_pending(vcpu) ||
	       READ_ONCE(vcpu->mode) == EXITING_GUEST_MODE ||
	       (s && READ_ONCE(s->detached));
}

void sim_script_note_entry(struct sim_script *s, bool ok)
{
	unsigned long flags;

	if (!s)
		return;
	raw_spin_lock_irqsave(&s->lock, flags);
	if (ok)
		s->st.vmruns++;
	else
		s->st.invalid++;
	raw_spin_unlock_irqrestore(&s->lock, flags);
}

void sim_script_note_intr(struct sim_script *s)
{
	struct sim_script_result *r;

	s->st.intr++;
	if (s->st.next_op >= s->st.nr_ops)
		return;
	r = sim_script_cur_res(s);
	if (r->status == SIM_SCRIPT_PENDING)
		r->status = SIM_SCRIPT_STARTED;
}

void sim_script_note_exit(struct sim_script *s, u64 code, u64 info1, u64 info2, bool fault)
{
	struct sim_script_result *r;

	if (s->st.next_op >= s->st.nr_ops)
		return;
	r = sim_script_cur_res(s);
	r->status = SIM_SCRIPT_EXITED;
	r->exits++;
	r->exit_code = code;
	r->exit_info_1 = info1;
	r->exit_info_2 = info2;
	if (fault) {
		r->npfs++;
		r->npf_error |= info1;
	}
}

bool sim_script_note_fault(struct sim_script *s, u64 gpa)
{
	struct sim_script_result *r;

	if (s->st.next_op >= s->st.nr_ops)
		return true;
	r = sim_script_cur_res(s);
	if (s->row_gpa != gpa)
		s->row = 0;
	s->row_gpa = gpa;
	if (s->row++ >= s->max_retries)
		return false;
	r->retries = max(r->retries, s->row);
	return true;
}

void sim_script_restart(struct sim_script *s)
{
	s->phase = SIM_PHASE_START;
	s->off = 0;
	s->iter = 0;
	s->row = 0;
	s->halted = false;
}

void sim_script_finish(struct sim_script *s, u32 status)
{
	sim_script_cur_res(s)->status = status;
	sim_script_restart(s);
	s->st.next_op++;
}

void sim_script_took_event(struct sim_script *s, u32 event)
{
	s->st.events++;
	s->st.last_event = event;
}

/* FIDELITY(guest paging): simplified - accesses are by guest physical address */

static u8 expected_byte(struct sim_script *s, struct sim_script_op *op, u64 off)
{
	if (op->flags & SIM_SCRIPT_F_DATA)
		return s->data[op->arg[0] + off];
	return op->arg[0] >> (8 * (off % 8));
}

void sim_script_load(struct sim_script *s, u8 *buf, u32 len)
{
	struct sim_script_op *op = sim_script_cur_op(s);
	u32 i;

	for (i = 0; i < len; i++)
		buf[i] = expected_byte(s, op, s->off + i);
}

bool sim_script_take(struct sim_script *s, const u8 *buf, u32 len)
{
	struct sim_script_result *r = sim_script_cur_res(s);
	struct sim_script_op *op = sim_script_cur_op(s);
	u64 off = s->off;
	u32 i;

	if (off < sizeof(r->value))
		memcpy((u8 *)r->value + off, buf, min_t(u64, len, sizeof(r->value) - off));

	if (!(op->flags & SIM_SCRIPT_F_COMPARE)) {
		if (op->flags & SIM_SCRIPT_F_DATA)
			memcpy(s->data + op->arg[0] + off, buf, len);
		return true;
	}
	for (i = 0; i < len; i++) {
		if (buf[i] == expected_byte(s, op, off + i))
			continue;
		if (op->flags & SIM_SCRIPT_F_POLL)
			return false;
		if (!(r->flags & SIM_SCRIPT_R_MISMATCH)) {
			r->flags |= SIM_SCRIPT_R_MISMATCH;
			r->mismatch = off + i;
		}
		break;
	}
	return true;
}
