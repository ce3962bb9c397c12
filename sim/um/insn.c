// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions of the simulated CPU that the host does not let a process run.
 *
 * The host answers them with a signal: SIGILL where they are undefined to it,
 * SIGSEGV with trap number 13 (general protection) where it knows them but
 * reserves them for its kernel.  What is meant depends on the instruction only.
 */
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/extable.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/signal.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <asm/cpufeature.h>
#include <asm/extable.h>
#include <asm/msr.h>
#include <asm/svm.h>
#include <asm/trapnr.h>
#include <as-layout.h>
#include <kern_util.h>
#include <mem_user.h>
#include "cpu.h"
#include "hostmem.h"
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

static enum sim_insn_result do_clgi(struct sim_regs *r, const struct sim_op *op)
{
	if (!svm_enabled())
		return SIM_INSN_UD;
	raw_cpu_ptr(&sim_cpus)->gif = false;
	return SIM_INSN_DONE;
}

static enum sim_insn_result do_stgi(struct sim_regs *r, const struct sim_op *op)
{
	/* Defined without SVME too, as CPUs that can SKINIT have it */
	raw_cpu_ptr(&sim_cpus)->gif = true;
	return SIM_INSN_DONE;
}

/* The simulated CPU has no TLB: every access walks the tables. */
static enum sim_insn_result do_invlpga(struct sim_regs *r, const struct sim_op *op)
{
	return svm_enabled() ? SIM_INSN_DONE : SIM_INSN_UD;
}

/* The state that VMRUN leaves alone goes to, or comes from, the page at rAX. */
static enum sim_insn_result vmsave_vmload(struct sim_regs *r, bool save)
{
	static const struct { u32 msr, offset; } state[] = {
		{ MSR_FS_BASE, offsetof(struct vmcb, save.fs.base) },
		{ MSR_GS_BASE, offsetof(struct vmcb, save.gs.base) },
		{ MSR_KERNEL_GS_BASE, offsetof(struct vmcb, save.kernel_gs_base) },
		{ MSR_STAR, offsetof(struct vmcb, save.star) },
		{ MSR_LSTAR, offsetof(struct vmcb, save.lstar) },
		{ MSR_CSTAR, offsetof(struct vmcb, save.cstar) },
		{ MSR_SYSCALL_MASK, offsetof(struct vmcb, save.sfmask) },
		{ MSR_IA32_SYSENTER_CS, offsetof(struct vmcb, save.sysenter_cs) },
		{ MSR_IA32_SYSENTER_ESP, offsetof(struct vmcb, save.sysenter_esp) },
		{ MSR_IA32_SYSENTER_EIP, offsetof(struct vmcb, save.sysenter_eip) },
	};
	void *vmcb;
	int i;

	if (!svm_enabled())
		return SIM_INSN_UD;
	vmcb = sim_phys_alias(r->g[SIM_RAX]);
	if (!vmcb || !IS_ALIGNED(r->g[SIM_RAX], PAGE_SIZE))
		return SIM_INSN_GP;
	for (i = 0; i < ARRAY_SIZE(state); i++) {
		u64 *p = vmcb + state[i].offset;

		if (save)
			*p = msr_here(state[i].msr);
		else
			sim_wrmsr(state[i].msr, *p);
	}
	return SIM_INSN_DONE;
}

static enum sim_insn_result do_vmsave(struct sim_regs *r, const struct sim_op *op)
{
	return vmsave_vmload(r, true);
}

static enum sim_insn_result do_vmload(struct sim_regs *r, const struct sim_op *op)
{
	return vmsave_vmload(r, false);
}

static enum sim_insn_result do_rdmsr(struct sim_regs *r, const struct sim_op *op)
{
	u64 val;

	if (sim_rdmsr(r->g[SIM_RCX], &val))
		return SIM_INSN_GP;
	r->g[SIM_RAX] = lower_32_bits(val);
	r->g[SIM_RDX] = upper_32_bits(val);
	return SIM_INSN_DONE;
}

static enum sim_insn_result do_wrmsr(struct sim_regs *r, const struct sim_op *op)
{
	u64 val = r->g[SIM_RDX] << 32 | (u32)r->g[SIM_RAX];

	return sim_wrmsr(r->g[SIM_RCX], val) ? SIM_INSN_GP : SIM_INSN_DONE;
}

static enum sim_insn_result do_wbinvd(struct sim_regs *r, const struct sim_op *op)
{
	sim_wbinvd();
	return SIM_INSN_DONE;
}

/*
 * XRSTORS.  The kernel loads the initial state once at boot, to save
 * it; there are no registers behind that (see fpu.c).
 */
static enum sim_insn_result do_xrstors(struct sim_regs *r, const struct sim_op *op)
{
	return SIM_INSN_DONE;
}

/* The host has no LDT, and none of its tables is this CPU's. */
static enum sim_insn_result do_sldt(struct sim_regs *r, const struct sim_op *op)
{
	if (op->mem || op->size)
		*(u16 *)op->rm = 0;
	else
		*op->rm = 0;
	return SIM_INSN_DONE;
}

static enum sim_insn_result do_sidt(struct sim_regs *r, const struct sim_op *op)
{
	memset(op->rm, 0, 10);
	return SIM_INSN_DONE;
}

static bool is_cr(unsigned int nr)
{
	return !nr || nr == 2 || nr == 3 || nr == 4 || nr == 8;
}

static enum sim_insn_result do_mov_from_cr(struct sim_regs *r, const struct sim_op *op)
{
	if (!is_cr(op->reg))
		return SIM_INSN_UD;
	*op->rm = sim_read_cr(op->reg);
	return SIM_INSN_DONE;
}

static enum sim_insn_result do_mov_to_cr(struct sim_regs *r, const struct sim_op *op)
{
	if (!is_cr(op->reg))
		return SIM_INSN_UD;
	sim_write_cr(op->reg, *op->rm);
	return SIM_INSN_DONE;
}

/* 4 and 5 are other names of 6 and 7 */
static enum sim_insn_result do_mov_from_dr(struct sim_regs *r, const struct sim_op *op)
{
	if (op->reg > 7)
		return SIM_INSN_UD;
	*op->rm = sim_read_dr(op->reg == 4 || op->reg == 5 ? op->reg + 2 : op->reg);
	return SIM_INSN_DONE;
}

static enum sim_insn_result do_mov_to_dr(struct sim_regs *r, const struct sim_op *op)
{
	if (op->reg > 7)
		return SIM_INSN_UD;
	sim_write_dr(op->reg == 4 || op->reg == 5 ? op->reg + 2 : op->reg, *op->rm);
	return SIM_INSN_DONE;
}

/*
 * All are 0F-something.  SVM's share an opcode and differ in the next byte; VMX's
 * differ in the prefix too: those that have one come first.
 */
const struct sim_insn sim_insns[] = {
	{ "sldt",	0x00, SIM_RM_MODRM | 0, do_sldt },
	{ "sidt",	0x01, SIM_MEM_MODRM | 1, do_sidt },
	{ "vmload",	0x01, 0xda, do_vmload, X86_FEATURE_SVM },
	{ "vmsave",	0x01, 0xdb, do_vmsave, X86_FEATURE_SVM },
	{ "stgi",	0x01, 0xdc, do_stgi, X86_FEATURE_SVM },
	{ "clgi",	0x01, 0xdd, do_clgi, X86_FEATURE_SVM },
	{ "invlpga",	0x01, 0xdf, do_invlpga, X86_FEATURE_SVM },
	{ "wbinvd",	0x09, SIM_NO_MODRM, do_wbinvd },	/* F3: WBNOINVD */
	{ "mov from cr", 0x20, SIM_ANY_MODRM, do_mov_from_cr },
	{ "mov from dr", 0x21, SIM_ANY_MODRM, do_mov_from_dr },
	{ "mov to cr",	0x22, SIM_ANY_MODRM, do_mov_to_cr },
	{ "mov to dr",	0x23, SIM_ANY_MODRM, do_mov_to_dr },
	{ "wrmsr",	0x30, SIM_NO_MODRM, do_wrmsr },
	{ "rdmsr",	0x32, SIM_NO_MODRM, do_rdmsr },
	{ "xrstors",	0xc7, SIM_MEM_MODRM | 3, do_xrstors },
#ifdef CONFIG_KVM_INTEL
	{ "vmxoff",	0x01, 0xc4, sim_vmxoff, X86_FEATURE_VMX },
	{ "vmread",	0x78, SIM_REG_RM_MODRM, sim_vmread, X86_FEATURE_VMX },
	{ "vmwrite",	0x79, SIM_REG_RM_MODRM, sim_vmwrite, X86_FEATURE_VMX },
	{ "vmclear",	0xc7, SIM_MEM_MODRM | 6, sim_vmclear, X86_FEATURE_VMX, 0x66 },
	{ "vmxon",	0xc7, SIM_MEM_MODRM | 6, sim_vmxon, X86_FEATURE_VMX, 0xf3 },
	{ "vmptrld",	0xc7, SIM_MEM_MODRM | 6, sim_vmptrld, X86_FEATURE_VMX },
	{ "invept",	SIM_0F38(0x80), SIM_REG_MEM_MODRM, sim_invept, X86_FEATURE_VMX, 0x66 },
	{ "invvpid",	SIM_0F38(0x81), SIM_REG_MEM_MODRM, sim_invvpid, X86_FEATURE_VMX, 0x66 },
#endif
};
const unsigned int sim_nr_insns = ARRAY_SIZE(sim_insns);

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
	case EX_TYPE_UACCESS:
		break;
	case EX_TYPE_IMM_REG:
		r->g[reg] = (s16)FIELD_GET(EX_DATA_IMM_MASK, e->data);
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

/*
 * A memory operand, from the byte that describes it on.  An address relative to
 * RIP counts from the end of the instruction: none of these has an immediate.
 */
static const u8 *decode_mem(struct sim_regs *r, const u8 *ip, u8 rex, unsigned long *addr)
{
	u8 mod = ip[0] >> 6, rm = ip[0] & 7;

	ip++;
	*addr = 0;
	if (rm == 4) {
		u8 sib = *ip++, base = sib & 7, index = FIELD_GET(0x38, sib) | (rex & 2) << 2;

		if (index != 4)
			*addr += r->g[reg_nr[index]] << (sib >> 6);
		if (base == 5 && !mod) {
			*addr += get_unaligned((const s32 *)ip);
			ip += 4;
		} else {
			*addr += r->g[reg_nr[base | (rex & 1) << 3]];
		}
	} else if (rm == 5 && !mod) {
		*addr = (unsigned long)ip + 4 + get_unaligned((const s32 *)ip);
		ip += 4;
	} else {
		*addr = r->g[reg_nr[rm | (rex & 1) << 3]];
	}
	if (mod == 1) {
		*addr += *(const s8 *)ip++;
	} else if (mod == 2) {
		*addr += get_unaligned((const s32 *)ip);
		ip += 4;
	}
	return ip;
}

static bool modrm_matches(const struct sim_insn *in, u8 modrm)
{
	bool mem = modrm < 0xc0;

	switch (in->modrm) {
	case SIM_NO_MODRM:
	case SIM_ANY_MODRM:
	case SIM_REG_RM_MODRM:
		return true;
	case SIM_REG_MEM_MODRM:
		return mem;
	}
	if (in->modrm & (SIM_MEM_MODRM | SIM_RM_MODRM))
		return FIELD_GET(0x38, modrm) == (in->modrm & 7) &&
		       (mem || in->modrm & SIM_RM_MODRM);
	return in->modrm == modrm;
}

static const struct sim_insn *decode(struct sim_regs *r, struct sim_op *op)
{
	const u8 *start = (const u8 *)r->g[SIM_RIP], *ip = start;
	u8 rex = 0, prefix = 0, modrm;
	unsigned long addr;
	unsigned int i;
	u16 opcode;

	/* The only prefixes which the kernel puts before these: pads, REP, size */
	for (; *ip == 0x3e || *ip == 0xf3 || *ip == 0x66; ip++)
		if (*ip != 0x3e)
			prefix = *ip;
	if ((*ip & 0xf0) == 0x40)
		rex = *ip++;
	if (*ip++ != 0x0f)
		return NULL;
	opcode = *ip++;
	if (opcode == 0x38)
		opcode = SIM_0F38(*ip++);

	for (i = 0; i < sim_nr_insns; i++) {
		const struct sim_insn *in = &sim_insns[i];

		if (in->opcode != opcode || (in->prefix && in->prefix != prefix))
			continue;
		if (in->modrm != SIM_NO_MODRM) {
			/* Not before it is known that the instruction has one */
			modrm = *ip;
			if (!modrm_matches(in, modrm))
				continue;
			op->size = prefix == 0x66;
			op->reg = FIELD_GET(0x38, modrm) | (rex & 4) << 1;
			op->r = &r->g[reg_nr[op->reg]];
			/* MOV to and from CR ignores the mode bits */
			op->mem = modrm < 0xc0 && in->modrm != SIM_ANY_MODRM;
			if (op->mem) {
				ip = decode_mem(r, ip, rex, &addr);
				op->rm = (unsigned long *)addr;
			} else {
				op->rm = &r->g[reg_nr[(modrm & 7) | (rex & 1) << 3]];
				ip++;
			}
		}
		op->len = ip - start;
		return in;
	}
	return NULL;
}

/*
 * A page fault on what is no memory of the kernel, e.g. user memory, which x86
 * code expects to be mapped: UML's own handler can't read x86's table.
 */
static int page_fault(struct sim_regs *r, unsigned long address)
{
	if ((address >= uml_physmem && address < high_physmem) ||
	    (address >= start_vm && address < end_vm))
		return 0;
	return insn_fault(r);
}

/**
 * sim_insn_emulate() - run one instruction that the host refused
 * @sig: SIGILL or SIGSEGV
 * @trap_no: what the host's CPU raised: 6 or 13, or 14 for a page fault
 * @gregs: the host's registers at that instruction, in the order of struct
 *	   sigcontext; updated
 *
 * Runs in a signal handler: no sleeping.
 *
 * Return: not zero if the instruction is one of the simulated CPU's and
 * execution goes on with @gregs; 0 if the signal means something else, or if the
 * instruction faults and the kernel has no handler for that.
 */
int sim_insn_emulate(int sig, unsigned long trap_no, unsigned long *gregs)
{
	struct sim_regs *r = (struct sim_regs *)gregs;
	const struct sim_insn *in;
	struct sim_op op = {};

	if (sig == SIGSEGV && trap_no == X86_TRAP_PF)
		return page_fault(r, gregs[SIM_CR2]);
	if (sig != SIGILL && !(sig == SIGSEGV && trap_no == X86_TRAP_GP))
		return 0;

	in = decode(r, &op);
	if (!in)
		return 0;
	if (in->feature && !boot_cpu_has(in->feature))
		return insn_fault(r);
	switch (in->run(r, &op)) {
	case SIM_INSN_DONE:
		r->g[SIM_RIP] += op.len;
		return 1;
	case SIM_INSN_UD:
	case SIM_INSN_GP:
		break;
	}
	return insn_fault(r);
}

void __init sim_insn_init(void)
{
	um_insn_hook = sim_insn_emulate;
}
