// SPDX-License-Identifier: GPL-2.0
/*
 * The gate of the TDX module: every SEAMCALL passes here, and what a guest asks
 * of the module.
 *
 * In this order: lock contract, observer, fault plan, state machine, ledger,
 * host protection, mirror and S-EPT, observer.
 */
#include <linux/ftrace.h>
#include <linux/hardirq.h>
#include <linux/instrumentation.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <asm/tdx.h>
#include <asm/tdx_module.h>

#include "contract.h"
#include "fault.h"
#include "gate.h"
#include "host_priv.h"
#include "oracle.h"
#include "profile.h"
#include "tdx_host_priv.h"

/* Nobody is behind these calls: there is no P-SEAMLDR on this machine. */
#define SEAMLDR_CALL	BIT_ULL(63)

static_assert(sizeof(struct sim_tdx_regs) == sizeof(struct tdx_module_args));
static_assert(offsetof(struct sim_tdx_regs, r11) == offsetof(struct tdx_module_args, r11));
static_assert(offsetof(struct sim_tdx_regs, rsi) == offsetof(struct tdx_module_args, rsi));
static_assert(SIM_TDX_VMFAIL_INVALID == TDX_SEAMCALL_VMFAILINVALID);

const char *sim_tdx_leaf_name(u16 leaf)
{
	const struct sim_tdx_op *op = sim_tdx_find_op(leaf);

	return op ? op->name : NULL;
}

const char *sim_tdx_code_name(u32 code)
{
	return sim_tdx_status_name((u64)code << 32);
}

bool sim_tdx_leaf_status(u16 leaf, u32 i, s32 *code)
{
	const struct sim_tdx_op *op = sim_tdx_find_op(leaf);

	/* Its gate has no lock, and so no fault plan: read_page_metadata(). */
	if (leaf == SIM_TDH_PHYMEM_PAGE_RDMD)
		return false;
	if (!op || i >= op->nr_statuses)
		return false;
	*code = op->statuses[i];
	return true;
}

bool sim_tdx_code_is_transient(u32 code)
{
	switch (code) {
	case SIM_TDX_OPERAND_BUSY:
	case SIM_TDX_OPERAND_BUSY_HOST_PRIORITY:
	case SIM_TDX_SYS_BUSY:
	case SIM_TDX_PREVIOUS_TLB_EPOCH_BUSY:
	case SIM_TDX_RND_NO_ENTROPY:
	case SIM_TDX_KEY_GENERATION_FAILED:
	case SIM_TDX_INTERRUPTED_RESUMABLE:
	case SIM_TDX_INTERRUPTED_RESTARTABLE:
		return true;
	}
	return false;
}

/**
 * struct call - one SEAMCALL
 * @e: the ledger's entry
 * @fault: what the plan says, if @e.injected
 * @wish: what it makes of the environment
 * @r: registers
 * @leaf: number
 */
struct call {
	struct sim_ledger_entry e;
	struct sim_fault fault;
	struct sim_tdx_wish wish;
	struct sim_tdx_regs *r;
	u16 leaf;
};

/* The TD of a vCPU, as the PAMT has it */
static u64 owner_of(u64 pa)
{
	struct sim_tdx_page_info info;
	unsigned long flags;
	bool known;

	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	known = sim_tdx_page_info(&sim_tdx_module, pa & PAGE_MASK, 0, &info);
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
	return known ? info.owner : 0;
}

/* The operands that the ledger shows */
static void decode(struct call *c)
{
	const struct sim_tdx_regs *r = c->r;
	struct sim_ledger_entry *e = &c->e;

	switch (c->leaf) {
	case SIM_TDH_MNG_CREATE:
		e->asid = r->rdx;
		e->gctx = r->rcx;
		break;
	case SIM_TDH_MNG_KEY_CONFIG:
	case SIM_TDH_MNG_INIT:
	case SIM_TDH_MNG_RD:
	case SIM_TDH_MR_FINALIZE:
	case SIM_TDH_MEM_TRACK:
	case SIM_TDH_MNG_VPFLUSHDONE:
	case SIM_TDH_MNG_KEY_FREEID:
		e->gctx = r->rcx;
		break;
	case SIM_TDH_MNG_ADDCX:
	case SIM_TDH_VP_CREATE:
		e->spa = r->rcx;
		e->gctx = r->rdx;
		break;
	case SIM_TDH_VP_ADDCX:
		e->spa = r->rcx;
		e->gctx = owner_of(r->rdx);
		break;
	case SIM_TDH_VP_INIT:
	case SIM_TDH_VP_FLUSH:
	case SIM_TDH_VP_RD:
	case SIM_TDH_VP_WR:
	case SIM_TDH_VP_ENTER:
		e->spa = r->rcx;
		e->gctx = owner_of(r->rcx);
		break;
	case SIM_TDH_MEM_SEPT_ADD:
	case SIM_TDH_MEM_PAGE_ADD:
	case SIM_TDH_MEM_PAGE_AUG:
	case SIM_TDH_MEM_PAGE_DEMOTE:
		e->spa = r->r8;
		fallthrough;
	case SIM_TDH_MEM_SEPT_RD:
	case SIM_TDH_MEM_SEPT_REMOVE:
	case SIM_TDH_MEM_RANGE_BLOCK:
	case SIM_TDH_MEM_RANGE_UNBLOCK:
	case SIM_TDH_MEM_PAGE_REMOVE:
	case SIM_TDH_MEM_PAGE_PROMOTE:
		e->gpa = r->rcx & PAGE_MASK;
		e->arg = r->rcx & 7;
		e->gctx = r->rdx & PAGE_MASK;
		break;
	case SIM_TDH_MR_EXTEND:
		e->gpa = r->rcx;
		e->gctx = r->rdx;
		break;
	case SIM_TDH_PHYMEM_PAGE_RECLAIM:
		e->spa = r->rcx;
		e->gctx = owner_of(r->rcx);
		break;
	case SIM_TDH_PHYMEM_PAGE_RDMD:
		e->spa = r->rcx;
		break;
	case SIM_TDH_PHYMEM_PAGE_WBINVD: {
		const struct sim_tdx_config *cfg = &sim_tdx_module.cfg;

		e->asid = r->rcx >> (cfg->maxpa - cfg->hkid_bits);
		e->spa = r->rcx & (BIT_ULL(cfg->maxpa - cfg->hkid_bits) - 1);
		break;
	}
	case SIM_TDH_SYS_TDMR_INIT:
		e->spa = r->rcx;
		break;
	case SIM_TDH_SYS_CONFIG:
		e->spa = r->rcx;
		e->asid = r->r8;
		break;
	}
}

/* What a call that fails early leaves in the registers that it returns. */
static void fail_registers(struct call *c)
{
	switch (c->leaf) {
	case SIM_TDH_MEM_SEPT_ADD:
	case SIM_TDH_MEM_SEPT_RD:
	case SIM_TDH_MEM_SEPT_REMOVE:
	case SIM_TDH_MEM_PAGE_ADD:
	case SIM_TDH_MEM_PAGE_AUG:
	case SIM_TDH_MEM_PAGE_REMOVE:
	case SIM_TDH_MEM_PAGE_PROMOTE:
	case SIM_TDH_MEM_PAGE_DEMOTE:
	case SIM_TDH_MEM_RANGE_BLOCK:
	case SIM_TDH_MEM_RANGE_UNBLOCK:
	case SIM_TDH_MR_EXTEND:
		c->r->rcx = 0;
		c->r->rdx = 0;
		break;
	case SIM_TDH_PHYMEM_PAGE_RECLAIM:
	case SIM_TDH_PHYMEM_PAGE_RDMD:
		c->r->rcx = 0;
		c->r->rdx = 0;
		c->r->r8 = 0;
		c->r->r9 = 0;
		c->r->r10 = 0;
		c->r->r11 = 0;
		break;
	case SIM_TDH_MNG_INIT:
		c->r->rcx = 0;
		break;
	case SIM_TDH_MNG_RD:
	case SIM_TDH_VP_RD:
	case SIM_TDH_VP_WR:
		c->r->r8 = 0;
		break;
	case SIM_TDH_SYS_RD:
		c->r->rdx = ~0ull;
		c->r->r8 = 0;
		break;
	case SIM_TDH_SYS_TDMR_INIT:
		c->r->rdx = 0;
		break;
	}
}

/*
 * Some statuses come from what surrounds the module.  Then that is what fails,
 * and the module does what it does in such a case.
 *
 * Return: true if the state machine is to run.
 */
static bool fault_is_environment(struct call *c)
{
	switch ((u32)c->fault.status) {
	case SIM_TDX_RND_NO_ENTROPY:
		c->wish.entropy = true;
		return true;
	case SIM_TDX_KEY_GENERATION_FAILED:
		c->wish.pconfig = SIM_PCONFIG_ENTROPY;
		return true;
	case SIM_TDX_INTERRUPTED_RESUMABLE:
	case SIM_TDX_INTERRUPTED_RESTARTABLE:
		if (c->leaf == SIM_TDH_SYS_DISABLE)
			return false;
		c->wish.interrupt = true;
		return true;
	}
	return false;
}

/* The pages whose owner a call may have changed.  Under sim_tdx_host_lock. */
static void follow_owner(const struct call *c, u64 rcx, u64 r8)
{
	struct sim_tdx_page_info info;
	u64 pa;
	u32 nr = 1;

	switch (c->leaf) {
	case SIM_TDH_MNG_CREATE:
	case SIM_TDH_MNG_ADDCX:
	case SIM_TDH_VP_CREATE:
	case SIM_TDH_VP_ADDCX:
		pa = rcx;
		break;
	case SIM_TDH_MEM_SEPT_ADD:
		/* Nobody looked at it if there was a table already; bit 63 never counts. */
		pa = r8 & ~BIT_ULL(63);
		if (!sim_tdx_page_info(&sim_tdx_module, pa, 0, &info) ||
		    info.type != SIM_PT_EPT)
			return;
		break;
	case SIM_TDH_MEM_PAGE_DEMOTE:
		pa = r8;
		break;
	case SIM_TDH_MEM_PAGE_ADD:
	case SIM_TDH_MEM_PAGE_AUG:
		pa = r8;
		nr <<= 9 * (rcx & 7);
		break;
	case SIM_TDH_MEM_PAGE_REMOVE:
		pa = c->r->rcx;
		nr <<= 9 * (rcx & 7);
		break;
	case SIM_TDH_MEM_SEPT_REMOVE:
	case SIM_TDH_MEM_PAGE_PROMOTE:
		pa = c->r->rcx;
		break;
	case SIM_TDH_PHYMEM_PAGE_RECLAIM:
		pa = rcx;
		nr <<= 9 * c->r->r8;
		break;
	case SIM_TDH_SYS_TDMR_INIT:
		if (c->r->rdx == rcx)
			return;
		/* One of several may be complete, and then another: no harm. */
		sim_tdx_close_pamts();
		return;
	default:
		return;
	}
	sim_tdx_sync_protection(pa >> PAGE_SHIFT, nr);
}

static u64 execute(struct call *c, u64 fn)
{
	u64 rax, rcx = c->r->rcx, r8 = c->r->r8;

	if (!c->e.effect) {
		fail_registers(c);
		return (u64)(u32)c->fault.status << 32 | c->fault.detail;
	}
	sim_tdx_wish = c->e.injected ? &c->wish : NULL;
	rax = sim_seamcall(&sim_tdx_module, fn, c->r);
	sim_tdx_wish = NULL;
	if (!rax)
		follow_owner(c, rcx, r8);
	return rax;
}

/* One by one: a populate comes here seventeen times per page. */
static void begin_call(struct call *c, u64 fn, struct sim_tdx_regs *r)
{
	c->e.seq = 0;
	c->e.op = SIM_OP_SEAMCALL + (fn & 0x7f);
	c->e.injected = false;
	c->e.effect = false;
	c->e.asid = 0;
	c->e.spa = 0;
	c->e.gpa = 0;
	c->e.gctx = 0;
	c->e.arg = 0;
	c->e.status = 0;
	c->e.detail = 0;
	c->e.pid = in_task() ? task_pid_nr(current) : 0;
	c->wish = (struct sim_tdx_wish){ };
	c->r = r;
	c->leaf = fn;
}

/* A machine check can come while this CPU has any lock. */
static u64 read_page_metadata(struct sim_tdx_regs *r)
{
	struct sim_ledger_entry e = {
		.op = SIM_OP_SEAMCALL + SIM_TDH_PHYMEM_PAGE_RDMD,
		.spa = r->rcx,
	};

	sim_contract_check(&e);
	return sim_tdx_peek_page(&sim_tdx_module, r);
}

static u64 gate(u64 fn, struct sim_tdx_regs *r)
{
	struct call c __uninitialized;
	u64 rax, pfn, begin = 0;
	unsigned long flags;
	int error = 0;

	if (sim_tdx_platform->vmx_on && !sim_tdx_platform->vmx_on())
		return TDX_SEAMCALL_UD;
	if (fn & SEAMLDR_CALL)
		return TDX_SEAMCALL_VMFAILINVALID;
	if (fn == SIM_TDH_PHYMEM_PAGE_RDMD)
		return read_page_metadata(r);
	begin_call(&c, fn, r);
	if (unlikely(READ_ONCE(sim_profiling)))
		begin = sim_profile_enter(c.e.op);

	/* Whose locks these have to be is told by the operands. */
	decode(&c);
	sim_contract_check(&c.e);
	if (c.leaf == SIM_TDH_MNG_VPFLUSHDONE)
		sim_tdx_mirror_close(c.e.gctx);
	sim_gate_tell(&c.e, false);
	if (unlikely(READ_ONCE(sim_nr_faults)))
		c.e.injected = sim_fault_consult(c.e.op, &c.fault);
	c.e.effect = !c.e.injected || fault_is_environment(&c);

	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	rax = execute(&c, fn);
	c.e.status = rax >> 32;
	c.e.detail = rax;
	sim_ledger_add(&c.e);
	if (sim_host_o2) {
		sim_tdx_close_opened();
		error = sim_tdx_take_protect_error(&pfn);
	}
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);

	if (unlikely(error))
		sim_oracle_violation(SIM_O2, "mapping of page %#llx can't be changed, error %d",
				     pfn, error);
	if (c.e.injected && c.e.effect && (u32)c.e.status != (u32)c.fault.status)
		pr_warn("gmem-sim: %s did not care for %s, and answered %#llx\n",
			sim_op_name(c.e.op), sim_tdx_code_name(c.fault.status), rax);
	sim_tdx_mirror_call(&c.e);
	sim_gate_tell(&c.e, true);
	if (unlikely(begin))
		sim_profile_leave(c.e.op, begin);
	return rax;
}

/* Nothing but these go in, however much there is in @args. */
static void load_registers(struct sim_tdx_regs *r, const struct tdx_module_args *args)
{
	r->rcx = args->rcx;
	r->rdx = args->rdx;
	r->r8 = args->r8;
	r->r9 = args->r9;
	r->r10 = args->r10;
	r->r11 = args->r11;
	r->r12 = 0;
	r->r13 = 0;
	r->r14 = 0;
	r->r15 = 0;
	r->rbx = 0;
	r->rdi = 0;
	r->rsi = 0;
}

static u64 call(u64 fn, struct tdx_module_args *args)
{
	struct sim_tdx_regs r __uninitialized;

	load_registers(&r, args);
	return gate(fn, &r);
}

static u64 call_ret(u64 fn, struct tdx_module_args *args)
{
	struct sim_tdx_regs r __uninitialized;
	u64 rax;

	load_registers(&r, args);
	rax = gate(fn, &r);
	args->rcx = r.rcx;
	args->rdx = r.rdx;
	args->r8 = r.r8;
	args->r9 = r.r9;
	args->r10 = r.r10;
	args->r11 = r.r11;
	return rax;
}

/*
 * KVM has told lockdep that interrupts are on, as they are for the guest; here
 * they are off, and locks are taken.
 */
/*
 * FIDELITY(TDH.VP.ENTER in the kernel): simplified - leaves noinstr code, talks to
 * lockdep and takes the lock of the gate, which struct tdx_module_ops forbids: UML
 * has no #MC and no noinstr checking, so that nobody is harmed and nobody would
 * notice [policy]
 */
static noinstr u64 call_saved_ret(u64 fn, struct tdx_module_args *args)
{
	u64 rax;

	instrumentation_begin();
	lockdep_hardirqs_off(CALLER_ADDR0);
	rax = gate(fn, (struct sim_tdx_regs *)args);
	lockdep_hardirqs_on_prepare();
	lockdep_hardirqs_on(CALLER_ADDR0);
	instrumentation_end();
	return rax;
}

const struct tdx_module_ops sim_tdx_module_ops = {
	.call = call,
	.call_ret = call_ret,
	.call_saved_ret = call_saved_ret,
};

/* What a guest asks of the module, see tdx_host.h */

u64 sim_tdx_gate_accept(u64 tdr, u64 rcx, bool *interrupted)
{
	struct sim_ledger_entry e = {
		.op = SIM_OP_TDG_MEM_PAGE_ACCEPT,
		.gctx = tdr,
		.gpa = rcx & PAGE_MASK,
		.arg = rcx & 7,
		.effect = true,
		.pid = in_task() ? task_pid_nr(current) : 0,
	};
	unsigned long flags;
	u64 rax;

	sim_gate_tell(&e, false);
	sim_lock_irqsave(&sim_tdx_host_lock, flags);
	rax = sim_tdx_accept(&sim_tdx_module, tdr, rcx, interrupted);
	e.status = rax >> 32;
	e.detail = rax;
	sim_ledger_add(&e);
	sim_unlock_irqrestore(&sim_tdx_host_lock, flags);
	sim_gate_tell(&e, true);
	return rax;
}

static const char *td_state(const struct sim_tdx_td_info *td)
{
	switch (td->lifecycle) {
	case SIM_TD_HKID_ASSIGNED:	return "HKID_ASSIGNED";
	case SIM_TD_KEYS_CONFIGURED:	return "KEYS_CONFIGURED";
	case SIM_TD_BLOCKED:		return "BLOCKED";
	case SIM_TD_TEARDOWN:		return "TEARDOWN";
	}
	return "?";
}

static const char *td_op_state(const struct sim_tdx_td_info *td)
{
	if (!td->has_tdcs)
		return "-";
	switch (td->op_state) {
	case SIM_OP_UNINITIALIZED:	return "UNINITIALIZED";
	case SIM_OP_INITIALIZED:	return "INITIALIZED";
	case SIM_OP_RUNNABLE:		return "RUNNABLE";
	}
	return "?";
}

void sim_tdx_show_guests(struct seq_file *s)
{
	struct sim_tdx_page_info page;
	struct sim_tdx_td_info td;
	unsigned long flags;
	struct sim_tdx *t;
	bool found, is_td;
	u64 pa = 0;

	do {
		t = sim_tdx_gate_lock(&flags);
		if (!t)
			return;
		found = sim_tdx_next_page(t, &pa, &page);
		is_td = found && page.type == SIM_PT_TDR && sim_tdx_td_info(t, pa, &td);
		sim_tdx_gate_unlock(flags);
		if (is_td)
			seq_printf(s, "tdr=%#llx hkid=%u state=%s op_state=%s attributes=%#llx vcpus=%u pages=%llu mrtd=%*phN\n",
				   pa, td.hkid, td_state(&td), td_op_state(&td),
				   td.attributes, td.num_vcpus, td.children,
				   (int)sizeof(td.mrtd), td.mrtd);
		pa += PAGE_SIZE << (9 * (found ? page.size : 0));
	} while (found);
}
