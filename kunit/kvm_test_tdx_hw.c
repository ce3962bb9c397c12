// SPDX-License-Identifier: GPL-2.0
/*
 * In place of kvm_test_tdx_sim.c in a kernel without a simulator: what the module of
 * a machine with TDX tells the host.
 */
#include <kunit/test-bug.h>
#include <linux/bits.h>
#include <linux/preempt.h>

#include <asm/processor.h>
#include <asm/tdx.h>

#include "kvm_test_tdx.h"

#include "../../../arch/x86/virt/vmx/tdx/seamcall_internal.h"

/* Leaves that KVM has no use for */
#define PHYMEM_PAGE_RDMD	24
#define MEM_SEPT_RD		25

/* Others may be at work on the same page. */
#define MAX_TRIES		100

static u64 ask(u64 leaf, u64 rcx, u64 rdx, struct tdx_module_args *r)
{
	unsigned int i;
	u64 ret = 0;

	for (i = 0; i < MAX_TRIES; i++) {
		*r = (struct tdx_module_args){ .rcx = rcx, .rdx = rdx };
		preempt_disable();
		ret = __seamcall_ret(leaf, r);
		preempt_enable();
		if (ret >> 32 != KT_TDX_OPERAND_BUSY)
			break;
	}

	return ret;
}

bool kt_tdx_page(u64 spa, u64 *type, u64 *owner)
{
	struct tdx_module_args r;

	if (ask(PHYMEM_PAGE_RDMD, spa, 0, &r))
		return false;
	*type = r.rcx;
	*owner = r.rdx;
	return true;
}

/* RDX is the level of the entry and, from bit 8 on, its state; 0: free */
bool kt_tdx_leaf(struct kt_vm *vm, unsigned int page, u64 *spa)
{
	struct tdx_module_args r;

	*spa = 0;
	if (ask(MEM_SEPT_RD, KT_GPA + page * PAGE_SIZE, vm->gctx, &r) || r.rdx & 7 ||
	    !(r.rdx >> 8 & 0xff))
		return false;
	*spa = r.rcx & GENMASK_ULL(boot_cpu_data.x86_phys_bits - 1, PAGE_SHIFT);
	return *spa;
}

void kt_tdx_added(struct kt_vm *vm, u64 mark, u64 gpa, u32 npages)
{
}

void kt_tdx_during(void (*fn)(void *ctx), void *ctx)
{
	struct kunit *test = kunit_get_current_test();

	if (fn && test)
		kt_needs(test, KT_GATE);
}

bool kt_op_is_seamcall(u16 op)
{
	return false;
}

void kt_tdx_info(struct kt_vm *vm, struct kt_tdx_info *info)
{
	kt_needs(vm->test, KT_INSIDE);
}

void kt_tdx_read(struct kt_vm *vm, unsigned int page, void *buf)
{
	kt_needs(vm->test, KT_INSIDE);
}

u64 kt_tdx_accept(u64 tdr, u64 gpa, bool *interrupted)
{
	struct kunit *test = kunit_get_current_test();

	if (test)
		kt_needs(test, KT_GATE);
	return ~0ULL;
}

/* The host can't read the measurement of a TD that can't be debugged. */
void kt_expect_mrtd(struct kt_vm *vm, struct kt_mrtd *m)
{
	kt_checks(vm->test, KT_INSIDE);
}
