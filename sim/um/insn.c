// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions of the simulated CPU that the host does not let a process run.
 *
 * The host answers them with a signal: SIGILL where they are undefined to it,
 * SIGSEGV with trap number 13 (general protection) where it knows them but
 * reserves them for its kernel.  What is meant depends on the instruction only.
 */
#include <linux/bitfield.h>
#include <linux/extable.h>
#include <linux/kernel.h>
#include <linux/signal.h>
#include <linux/string.h>
#include <asm/extable.h>
#include <asm/msr.h>
#include <asm/msr-index.h>
#include <asm/trapnr.h>
#include <kern_util.h>
#include "cpu.h"
#include "insn.h"

static u64 msr_here(u32 nr)
{
	return sim_msr_peek(raw_smp_processor_id(), nr);
}

/* SVM instructions are undefined while EFER.SVME is clear. */
static bool svm_enabled(void)
{
	return msr_here(MSR_EFER) & EFER_SVME;
}

static enum sim_insn_result do_clgi(struct sim_regs *r)
{
	if (!svm_enabled())
		return SIM_INSN_UD;
	raw_cpu_ptr(&sim_cpus)->gif = false;
	return SIM_INSN_DONE;
}

static enum sim_insn_result do_stgi(struct sim_regs *r)
{
	raw_cpu_ptr(&sim_cpus)->gif = true;
	return SIM_INSN_DONE;
}

/* The simulated CPU has no TLB: every access walks the tables. */
static enum sim_insn_result do_invlpga(struct sim_regs *r)
{
	return svm_enabled() ? SIM_INSN_DONE : SIM_INSN_UD;
}

/* rAX must be the address of a page */
static enum sim_insn_result do_vmsave(struct sim_regs *r)
{
	if (!svm_enabled())
		return SIM_INSN_UD;
	if (!IS_ALIGNED(r->g[SIM_RAX], PAGE_SIZE) || !pfn_valid(PHYS_PFN(r->g[SIM_RAX])))
		return SIM_INSN_GP;
	return SIM_INSN_DONE;
}

static enum sim_insn_result do_rdmsr(struct sim_regs *r)
{
	u64 val;

	if (sim_rdmsr(r->g[SIM_RCX], &val))
		return SIM_INSN_GP;
	r->g[SIM_RAX] = lower_32_bits(val);
	r->g[SIM_RDX] = upper_32_bits(val);
	return SIM_INSN_DONE;
}

static enum sim_insn_result do_wrmsr(struct sim_regs *r)
{
	u64 val = r->g[SIM_RDX] << 32 | (u32)r->g[SIM_RAX];

	return sim_wrmsr(r->g[SIM_RCX], val) ? SIM_INSN_GP : SIM_INSN_DONE;
}

static const struct sim_insn insns[] = {
	{ "rdmsr",	{ 0x0f, 0x32 }, 2, do_rdmsr },
	{ "wrmsr",	{ 0x0f, 0x30 }, 2, do_wrmsr },
	/* what WRMSRNS falls back to */
	{ "ds wrmsr",	{ 0x3e, 0x0f, 0x30 }, 3, do_wrmsr },
	{ "stgi",	{ 0x0f, 0x01, 0xdc }, 3, do_stgi },
	{ "clgi",	{ 0x0f, 0x01, 0xdd }, 3, do_clgi },
	{ "vmsave",	{ 0x0f, 0x01, 0xdb }, 3, do_vmsave },
	{ "invlpga",	{ 0x0f, 0x01, 0xdf }, 3, do_invlpga },
};

/* Where the registers of pt_regs_nr() order are in struct sigcontext */
static const u8 reg_nr[] = {
	SIM_RAX, SIM_RCX, SIM_RDX, SIM_RBX, SIM_RSP, SIM_RBP, SIM_RSI, SIM_RDI,
	SIM_R8, SIM_R9, SIM_R10, SIM_R11, SIM_R12, SIM_R13, SIM_R14, SIM_R15,
};

/*
 * A fault of the simulated CPU: what x86's exception table says.  Only the kinds
 * that the emulated instructions come with.
 */
static bool insn_fault(struct sim_regs *r)
{
	const struct exception_table_entry *e = search_exception_tables(r->g[SIM_RIP]);
	unsigned int reg;

	if (!e)
		return false;

	reg = reg_nr[FIELD_GET(EX_DATA_REG_MASK, e->data)];
	switch (FIELD_GET(EX_DATA_TYPE_MASK, e->data)) {
	case EX_TYPE_DEFAULT:
		break;
	case EX_TYPE_RDMSR:
		r->g[SIM_RAX] = 0;
		r->g[SIM_RDX] = 0;
		fallthrough;
	case EX_TYPE_WRMSR:
		WARN_ONCE(1, "unchecked MSR access error: MSR %#lx at %pS\n",
			  r->g[SIM_RCX], (void *)r->g[SIM_RIP]);
		break;
	case EX_TYPE_RDMSR_SAFE:
		r->g[SIM_RAX] = 0;
		r->g[SIM_RDX] = 0;
		fallthrough;
	case EX_TYPE_WRMSR_SAFE:
		r->g[reg] = -EIO;
		break;
	default:
		return false;
	}
	r->g[SIM_RIP] = (unsigned long)&e->fixup + e->fixup;
	return true;
}

/**
 * sim_insn_emulate - run one instruction that the host refused
 * @sig: SIGILL or SIGSEGV
 * @trap_no: what the host's CPU raised, 6 or 13
 * @gregs: registers at that instruction, in the order of struct sigcontext;
 *	   updated
 *
 * Runs in a signal handler: no sleeping, no locks.
 *
 * Return: true if the instruction is one of the simulated CPU's and execution
 * goes on with @gregs; false if the signal means something else.
 */
int sim_insn_emulate(int sig, unsigned long trap_no, unsigned long *gregs)
{
	struct sim_regs *r = (struct sim_regs *)gregs;
	const u8 *ip = (const u8 *)r->g[SIM_RIP];
	unsigned int i;

	if (sig != SIGILL && !(sig == SIGSEGV && trap_no == X86_TRAP_GP))
		return false;

	for (i = 0; i < ARRAY_SIZE(insns); i++) {
		const struct sim_insn *in = &insns[i];

		if (memcmp(ip, in->op, in->len))
			continue;
		switch (in->run(r)) {
		case SIM_INSN_DONE:
			r->g[SIM_RIP] += in->len;
			return true;
		case SIM_INSN_UD:
		case SIM_INSN_GP:
			return insn_fault(r);
		}
	}
	return false;
}

void __init sim_insn_init(void)
{
	um_insn_hook = sim_insn_emulate;
}
