// SPDX-License-Identifier: GPL-2.0
/*
 * The instruction hook: a host that answers an instruction differently must not
 * change a result.
 */
#include <kunit/test.h>
#include <linux/cpufeature.h>
#include <linux/preempt.h>
#include <linux/signal.h>
#include <asm/asm.h>
#include <asm/debugreg.h>
#include <asm/msr.h>
#include <asm/special_insns.h>
#include <asm/svm.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>
#include <kern_util.h>
#include "cpu.h"
#include "insn.h"
#include "../../../virt/kvm/kunit/kvm_test.h"

/* The two ways in which hosts refuse an instruction */
static const struct {
	const char *name;
	int sig;
	unsigned long trap_no;
} ways[] = {
	{ "#UD", SIGILL, X86_TRAP_UD },
	{ "#GP", SIGSEGV, X86_TRAP_GP },
};

struct outcome {
	int ret;
	struct sim_regs regs;
	struct sim_cpu cpu;
	struct sim_cpu saved;
};

/*
 * Deliver the instruction at @code with @regs and the CPU in its present state,
 * which is put back.
 */
static void deliver(const u8 *code, const struct sim_regs *regs, int way, struct outcome *o)
{
	o->regs = *regs;
	o->regs.g[SIM_RIP] = (unsigned long)code;
	preempt_disable();
	o->saved = *this_cpu_ptr(&sim_cpus);
	o->ret = um_insn_hook(ways[way].sig, ways[way].trap_no, o->regs.g);
	o->cpu = *this_cpu_ptr(&sim_cpus);
	*this_cpu_ptr(&sim_cpus) = o->saved;
	preempt_enable();
}

static void set_svme(bool on)
{
	u64 efer;

	if (!boot_cpu_has(X86_FEATURE_SVM))
		return;
	efer = native_rdmsrq(MSR_EFER) & ~EFER_SVME;
	native_wrmsrq(MSR_EFER, on ? efer | EFER_SVME : efer);
}

/* What an instruction works on: registers, memory, and a VMCS that is the current one */
struct operands {
	u64 mem[2];
	struct page *vmcs;
	struct sim_regs regs;
};

/* As deliver(), with @op's VMCS the current one */
static void deliver_on(const u8 *code, const struct operands *op, int way, struct outcome *o)
{
	u64 saved;

	preempt_disable();
	saved = this_cpu_ptr(&sim_cpus)->vmcs;
	if (boot_cpu_has(X86_FEATURE_VMX))
		this_cpu_ptr(&sim_cpus)->vmcs = page_to_phys(op->vmcs);
	deliver(code, &op->regs, way, o);
	this_cpu_ptr(&sim_cpus)->vmcs = saved;
	preempt_enable();
}

static bool exists(const struct sim_insn *in)
{
	return !in->feature || boot_cpu_has(in->feature);
}

/* The instruction, on operands which it accepts */
static size_t encode(const struct sim_insn *in, u8 rex, u8 modrm, u8 *code, struct operands *op)
{
	unsigned long *g = op->regs.g;
	u64 pa = page_to_phys(op->vmcs);
	size_t n = 0;

	memset(op->mem, 0, sizeof(op->mem));
	memset(g, 0, sizeof(op->regs));
	/* RAX, RCX and RDI are register operands 0 and 1, and point to memory. */
	g[SIM_RAX] = pa;
	g[SIM_RCX] = MSR_TSC_AUX;
	g[SIM_RDI] = (unsigned long)op->mem;

	if (in->prefix)
		code[n++] = in->prefix;
	if (rex)
		code[n++] = rex;
	code[n++] = 0x0f;
	if (in->opcode > 0xff)
		code[n++] = in->opcode >> 8;
	code[n++] = in->opcode;
	switch (in->modrm) {
	case SIM_NO_MODRM:
		if (in->opcode == 0x30)
			g[SIM_RAX] = 0x1234;
		break;
	case SIM_ANY_MODRM:
		memset(g, 0x55, sizeof(op->regs));
		code[n++] = modrm;
		break;
	case SIM_REG_RM_MODRM:
		g[SIM_RAX] = GUEST_RIP;
		code[n++] = 0xc1;
		break;
	case SIM_REG_MEM_MODRM:
		g[SIM_RAX] = VMX_EPT_EXTENT_GLOBAL;
		code[n++] = 0x07;
		break;
	default:
		op->mem[0] = pa;
		if (in->modrm & (SIM_MEM_MODRM | SIM_RM_MODRM))
			code[n++] = (in->modrm & 7) << 3 | 7;
		else
			code[n++] = in->modrm;
	}
	code[n] = 0x90;
	return n;
}

/*
 * Every instruction in both ways, with operands that work: same result, and the
 * instruction is over.  Those of the other vendor are undefined.
 */
static void insn_both_ways(struct kunit *test)
{
	static const u8 rexes[] = { 0, 0x44, 0x41 };
	struct outcome *o = kunit_kcalloc(test, 2, sizeof(*o), GFP_KERNEL);
	struct operands *op = kunit_kzalloc(test, sizeof(*op), GFP_KERNEL);
	unsigned int i, rex, modrm, cases = 0;

	KUNIT_ASSERT_NOT_NULL(test, o);
	KUNIT_ASSERT_NOT_NULL(test, op);
	op->vmcs = alloc_page(GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, op->vmcs);

	for (i = 0; i < sim_nr_insns; i++) {
		const struct sim_insn *in = &sim_insns[i];

		for (rex = 0; rex < ARRAY_SIZE(rexes); rex++) {
			for (modrm = 0xc0; modrm <= 0xff; modrm++) {
				u8 code[8];
				size_t n;
				int w;

				if (in->modrm != SIM_ANY_MODRM && (modrm != 0xc0 || rex))
					break;
				n = encode(in, rexes[rex], modrm, code, op);
				for (w = 0; w < ARRAY_SIZE(ways); w++)
					deliver_on(code, op, w, &o[w]);
				KUNIT_EXPECT_EQ_MSG(test, o[0].ret, o[1].ret, "%s", in->name);
				KUNIT_EXPECT_MEMEQ_MSG(test, &o[0].regs, &o[1].regs,
						       sizeof(o[0].regs), "%s", in->name);
				KUNIT_EXPECT_MEMEQ_MSG(test, &o[0].cpu, &o[1].cpu,
						       sizeof(o[0].cpu), "%s", in->name);
				if (o[0].ret)
					KUNIT_EXPECT_EQ_MSG(test, o[0].regs.g[SIM_RIP],
							    (unsigned long)code + n,
							    "%s", in->name);
				/* CR1 and its like don't exist, and nobody handles that here */
				if (in->modrm != SIM_ANY_MODRM)
					KUNIT_EXPECT_EQ_MSG(test, o[0].ret, exists(in), "%s", in->name);
				cases++;
			}
		}
	}
	KUNIT_EXPECT_GT(test, cases, sim_nr_insns);
	__free_page(op->vmcs);
}

/* What they do */
static void insn_effects(struct kunit *test)
{
	static const u8 rdmsr[] = { 0x0f, 0x32 }, wrmsr[] = { 0x3e, 0x0f, 0x30 };
	static const u8 wbnoinvd[] = { 0xf3, 0x0f, 0x09 }, clgi[] = { 0x0f, 0x01, 0xdd };
	static const u8 vmsave[] = { 0x0f, 0x01, 0xdb };
	struct outcome *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	struct sim_regs regs = {};
	struct vmcb *vmcb;
	int w;

	KUNIT_ASSERT_NOT_NULL(test, o);
	KUNIT_ASSERT_NOT_NULL(test, page);
	vmcb = page_address(page);

	for (w = 0; w < ARRAY_SIZE(ways); w++) {
		regs.g[SIM_RCX] = MSR_IA32_CR_PAT;
		regs.g[SIM_RAX] = regs.g[SIM_RDX] = ~0UL;
		deliver(rdmsr, &regs, w, o);
		KUNIT_EXPECT_EQ(test, o->ret, 1);
		KUNIT_EXPECT_EQ(test, o->regs.g[SIM_RDX] << 32 | o->regs.g[SIM_RAX],
				sim_msr_peek(0, MSR_IA32_CR_PAT));

		regs.g[SIM_RCX] = MSR_TSC_AUX;
		regs.g[SIM_RAX] = 0xdeadbeef12345678;
		regs.g[SIM_RDX] = 0;
		deliver(wrmsr, &regs, w, o);
		KUNIT_EXPECT_EQ(test, o->ret, 1);
		KUNIT_EXPECT_EQ(test, o->regs.g[SIM_RIP], (unsigned long)wrmsr + sizeof(wrmsr));

		deliver(wbnoinvd, &regs, w, o);
		KUNIT_EXPECT_EQ(test, o->ret, 1);
		KUNIT_EXPECT_EQ(test, o->regs.g[SIM_RIP],
				(unsigned long)wbnoinvd + sizeof(wbnoinvd));

		if (!boot_cpu_has(X86_FEATURE_SVM))
			continue;
		deliver(clgi, &regs, w, o);
		KUNIT_EXPECT_FALSE(test, o->cpu.gif);

		memset(vmcb, 0, PAGE_SIZE);
		regs.g[SIM_RAX] = page_to_phys(page);
		deliver(vmsave, &regs, w, o);
		KUNIT_EXPECT_EQ(test, o->ret, 1);
		KUNIT_EXPECT_EQ(test, vmcb->save.star, sim_msr_peek(0, MSR_STAR));
		/* Misaligned, and beyond memory: #GP, and there is no handler here */
		regs.g[SIM_RAX]++;
		deliver(vmsave, &regs, w, o);
		KUNIT_EXPECT_EQ(test, o->ret, 0);
		regs.g[SIM_RAX] = 1ULL << 45;
		deliver(vmsave, &regs, w, o);
		KUNIT_EXPECT_EQ(test, o->ret, 0);
	}
	__free_page(page);
}

/* The length of an instruction with a memory operand, by all forms of that */
static void insn_memory_operands(struct kunit *test)
{
	static const struct { u8 len, code[12]; } codes[] = {
		{ 4, { 0x48, 0x0f, 0xc7, 0x1f } },				/* (rdi) */
		{ 5, { 0x49, 0x0f, 0xc7, 0x5e, 0x40 } },			/* 0x40(r14) */
		{ 8, { 0x48, 0x0f, 0xc7, 0x9e, 1, 2, 3, 4 } },			/* disp32(rsi) */
		{ 5, { 0x48, 0x0f, 0xc7, 0x1c, 0x24 } },			/* (rsp) */
		{ 6, { 0x48, 0x0f, 0xc7, 0x5c, 0x24, 0x40 } },			/* 0x40(rsp) */
		{ 9, { 0x48, 0x0f, 0xc7, 0x9c, 0x24, 1, 2, 3, 4 } },		/* disp32(rsp) */
		{ 8, { 0x48, 0x0f, 0xc7, 0x1d, 1, 2, 3, 4 } },			/* disp32(rip) */
		{ 9, { 0x48, 0x0f, 0xc7, 0x1c, 0x25, 1, 2, 3, 4 } },		/* disp32 */
	};
	struct outcome *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	struct sim_regs regs = {};
	int i, w;

	KUNIT_ASSERT_NOT_NULL(test, o);
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		for (w = 0; w < ARRAY_SIZE(ways); w++) {
			deliver(codes[i].code, &regs, w, o);
			KUNIT_EXPECT_EQ_MSG(test, o->ret, 1, "code %d", i);
			KUNIT_EXPECT_EQ_MSG(test, o->regs.g[SIM_RIP],
					    (unsigned long)codes[i].code + codes[i].len,
					    "code %d", i);
		}
	}
}

/* Anything else is none of the hook's business: it would hide real crashes. */
static void insn_unknown(struct kunit *test)
{
	static const u8 codes[][4] = {
		{ 0x0f, 0x0b },			/* ud2 */
		{ 0xf4 },			/* hlt */
		{ 0x0f, 0x01, 0xd8 },		/* vmrun: KVM's entry is not an instruction here */
		{ 0x0f, 0x01, 0xd9 },		/* vmmcall */
		{ 0x0f, 0x01, 0xc1 },		/* vmcall */
		{ 0x0f, 0xff },			/* ud0 */
		{ 0x0f, 0xc7, 0x0f },		/* cmpxchg8b */
		{ 0x90 },			/* nop */
		{ 0x8b, 0x00 },			/* a load, of a non-canonical address say */
	};
	static const u8 rdmsr[] = { 0x0f, 0x32 };
	struct outcome *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	unsigned long gregs[SIM_CR2 + 1] = {};
	struct sim_regs regs = {};
	int i, w;

	KUNIT_ASSERT_NOT_NULL(test, o);
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		for (w = 0; w < ARRAY_SIZE(ways); w++) {
			deliver(codes[i], &regs, w, o);
			KUNIT_EXPECT_EQ_MSG(test, o->ret, 0, "code %d as %s", i, ways[w].name);
			KUNIT_EXPECT_EQ(test, o->regs.g[SIM_RIP], (unsigned long)codes[i]);
		}
	}

	/* A page fault at an instruction that would be emulated, another signal */
	gregs[SIM_RIP] = (unsigned long)rdmsr;
	gregs[SIM_RCX] = MSR_EFER;
	KUNIT_EXPECT_EQ(test, um_insn_hook(SIGSEGV, X86_TRAP_PF, gregs), 0);
	KUNIT_EXPECT_EQ(test, um_insn_hook(SIGBUS, X86_TRAP_AC, gregs), 0);
	KUNIT_EXPECT_EQ(test, gregs[SIM_RIP], (unsigned long)rdmsr);
}

static bool clgi_faults(void)
{
	asm goto("1: clgi\n\t" _ASM_EXTABLE(1b, %l[fault]) ::: "memory" : fault);
	return false;
fault:
	return true;
}

/* A load of what is not there, with a handler: the kernel lives on */
static bool load_faults(const void *p)
{
	asm goto("1: mov (%0), %%rax\n\t" _ASM_EXTABLE_UA(1b, %l[fault])
		 :: "r" (p) : "rax", "memory" : fault);
	return false;
fault:
	return true;
}

/* In earnest, whichever way this host has; with faults into the exception table */
static void insn_executed(struct kunit *test)
{
	bool fault_off, fault_on, gif = false, was_on, svm = boot_cpu_has(X86_FEATURE_SVM);
	unsigned long cr4, dr6, nr_wbinvd;
	u64 pat = 0, none = 1;
	int err, err_none;

	preempt_disable();
	was_on = native_rdmsrq(MSR_EFER) & EFER_SVME;
	set_svme(false);
	fault_off = clgi_faults();
	set_svme(true);
	fault_on = clgi_faults();
	if (svm) {
		gif = this_cpu_ptr(&sim_cpus)->gif;
		asm volatile("stgi" ::: "memory");
		gif |= !this_cpu_ptr(&sim_cpus)->gif;
	}
	set_svme(was_on);

	err = native_read_msr_safe(MSR_IA32_CR_PAT, &pat);
	err_none = native_read_msr_safe(0x12345678, &none);
	cr4 = native_read_cr4();
	dr6 = native_get_debugreg(6);
	nr_wbinvd = this_cpu_ptr(&sim_cpus)->nr_wbinvd;
	wbinvd();
	nr_wbinvd = this_cpu_ptr(&sim_cpus)->nr_wbinvd - nr_wbinvd;
	preempt_enable();

	KUNIT_EXPECT_TRUE(test, load_faults((void *)0x1000));
	KUNIT_EXPECT_FALSE(test, load_faults(&cr4));
	KUNIT_EXPECT_TRUE(test, fault_off);
	KUNIT_EXPECT_EQ(test, fault_on, !svm);
	KUNIT_EXPECT_FALSE(test, gif);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, pat, sim_msr_peek(0, MSR_IA32_CR_PAT));
	KUNIT_EXPECT_EQ(test, err_none, -EIO);
	KUNIT_EXPECT_EQ(test, native_write_msr_safe(0x12345678, 0), -EIO);
	KUNIT_EXPECT_TRUE(test, cr4 & X86_CR4_PAE);
	KUNIT_EXPECT_EQ(test, dr6, DR6_RESERVED);
	KUNIT_EXPECT_EQ(test, nr_wbinvd, 1);
}

/* On another CPU, in the handler of an interrupt */
static void insn_in_ipi(void *faults)
{
	set_svme(false);
	*(bool *)faults = clgi_faults();
	set_svme(true);
}

static void insn_interrupt(struct kunit *test)
{
	bool faults = false;
	int cpu;

	for_each_online_cpu(cpu) {
		faults = false;
		smp_call_function_single(cpu, insn_in_ipi, &faults, 1);
		KUNIT_EXPECT_TRUE(test, faults);
	}
}

static struct kunit_case insn_hook_cases[] = {
	KUNIT_CASE(insn_both_ways),
	KUNIT_CASE(insn_effects),
	KUNIT_CASE(insn_memory_operands),
	KUNIT_CASE(insn_unknown),
	KUNIT_CASE(insn_executed),
	KUNIT_CASE(insn_interrupt),
	{}
};

static struct kunit_suite insn_hook_suite = {
	.name = "sim_insn_hook",
	/* A report, or a machine that is not what it was, fails the test here, too. */
	.init = kt_init,
	.test_cases = insn_hook_cases,
};
kunit_test_suite(insn_hook_suite);

MODULE_DESCRIPTION("Instruction hook of the simulated CPU");
MODULE_LICENSE("GPL");
