// SPDX-License-Identifier: GPL-2.0
/* The back end of kvm_test_tdx.h that there is with the simulator. */
#include "kvm_test_simulator.h"
#include "kvm_test_tdx.h"

#include "../../../arch/x86/virt/sim/tdx_host.h"

#define SAME(_name)	static_assert((u32)KT_TDX_##_name == (u32)SIM_TDX_##_name)

SAME(SUCCESS);
SAME(INTERRUPTED_RESUMABLE);
SAME(OPERAND_INVALID);
SAME(OPERAND_BUSY);
SAME(RND_NO_ENTROPY);
SAME(OPERAND_BUSY_HOST_PRIORITY);
SAME(PAGE_METADATA_INCORRECT);
SAME(OP_STATE_INCORRECT);
SAME(KEY_GENERATION_FAILED);
SAME(FLUSHVP_NOT_DONE);
SAME(EPT_ENTRY_NOT_PRESENT);
SAME(EPT_ENTRY_STATE_INCORRECT);
static_assert(KT_PT_NDA == SIM_PT_NDA);
static_assert(KT_PT_REG == SIM_PT_REG);

/* O4 for INIT_MEM_REGION.  A TD that KVM has given up owes no account. */
void kt_tdx_added(struct kt_vm *vm, u64 mark, u64 gpa, u32 npages)
{
	if (kt_has(KT_LEDGER) && vm->gctx && !vm->kvm->vm_bugged)
		kt_check_launched(mark, SIM_OP_SEAMCALL + SIM_TDH_MEM_PAGE_ADD, vm->gctx, gpa,
				  npages);
}

/**
 * kt_tdx_during() - let something happen in the middle of SEAMCALLs
 * @fn: called once in each of them, NULL: nothing happens
 * @ctx: passed to @fn
 *
 * The module holds the locks of that call; interrupts are off.
 */
void kt_tdx_during(void (*fn)(void *ctx), void *ctx)
{
	sim_tdx_host_set_yield(fn, ctx);
}

/* Is an operation one of the host? */
bool kt_op_is_seamcall(u16 op)
{
	return op >= SIM_OP_SEAMCALL && op < SIM_OP_TDCALL;
}

/* What the module knows ----------------------------------------------------------- */

/**
 * kt_tdx_info() - what the module knows of a TD
 * @vm: the TD, after KVM_TDX_INIT_VM
 * @info: the answer; the test is over if there is no such TD
 */
void kt_tdx_info(struct kt_vm *vm, struct kt_tdx_info *info)
{
	struct sim_tdx_td_info td;
	struct sim_tdx *t;
	unsigned long flags;
	bool ok = false;

	t = sim_tdx_gate_lock(&flags);
	if (t) {
		ok = sim_tdx_td_info(t, vm->gctx, &td);
		sim_tdx_gate_unlock(flags);
	}
	KUNIT_ASSERT_TRUE_MSG(vm->test, ok, "the module has no TD at %#llx", vm->gctx);

	static_assert(sizeof(info->mrtd) == sizeof(td.mrtd));
	info->children = td.children;
	info->num_vcpus = td.num_vcpus;
	info->num_assoc_vcpus = td.num_assoc_vcpus;
	memcpy(info->mrtd, td.mrtd, sizeof(info->mrtd));
}

/**
 * kt_tdx_leaf() - where the secure EPT maps a page of slot 0
 * @vm: the TD
 * @page: the page, counted in the slot
 * @spa: its system physical address
 *
 * Return: false if it is not mapped.
 */
bool kt_tdx_leaf(struct kt_vm *vm, unsigned int page, u64 *spa)
{
	struct sim_tdx *t;
	unsigned long flags;
	u32 level = 0;
	u64 raw = 0;
	bool ok = false;

	t = sim_tdx_gate_lock(&flags);
	if (t) {
		ok = sim_tdx_sept_entry(t, vm->gctx, KT_GPA + page * PAGE_SIZE, &level,
					&raw);
		sim_tdx_gate_unlock(flags);
	}
	*spa = raw & GENMASK_ULL(45, PAGE_SHIFT);

	return ok && !level && *spa;
}

/**
 * kt_tdx_page() - whose is a page?
 * @spa: its system physical address
 * @type: KT_PT_* or another number
 * @owner: TDR of the TD that has it, if any
 *
 * Return: false if the module does not know the page.
 */
bool kt_tdx_page(u64 spa, u64 *type, u64 *owner)
{
	struct sim_tdx_page_info info;
	struct sim_tdx *t;
	unsigned long flags;
	bool ok = false;

	t = sim_tdx_gate_lock(&flags);
	if (t) {
		ok = sim_tdx_page_info(t, spa, -1, &info);
		sim_tdx_gate_unlock(flags);
	}
	if (ok) {
		*type = info.type;
		*owner = info.owner;
	}

	return ok;
}

/**
 * kt_tdx_read() - a page of slot 0 as the guest sees it
 * @vm: the TD
 * @page: the page, counted in the slot
 * @buf: PAGE_SIZE bytes
 */
void kt_tdx_read(struct kt_vm *vm, unsigned int page, void *buf)
{
	KUNIT_ASSERT_TRUE(vm->test,
			  sim_tdx_gate_read(vm->gctx, KT_GPA + page * PAGE_SIZE, buf,
					    PAGE_SIZE));
}

/**
 * kt_tdx_accept() - the guest accepts a page
 * @tdr: the TD
 * @gpa: GPA and level
 * @interrupted: it has to be done again
 *
 * Return: RAX.
 */
u64 kt_tdx_accept(u64 tdr, u64 gpa, bool *interrupted)
{
	return sim_tdx_gate_accept(tdr, gpa, interrupted);
}

/**
 * kt_expect_mrtd() - expect that the module has measured this
 * @vm: the TD, finalised
 * @m: the measurement, which ends here
 */
void kt_expect_mrtd(struct kt_vm *vm, struct kt_mrtd *m)
{
	struct kt_tdx_info *info;
	u8 mrtd[KT_MRTD_SIZE];

	info = kunit_kzalloc(vm->test, sizeof(*info), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(vm->test, info);
	sha384_final(&m->ctx, mrtd);
	kt_tdx_info(vm, info);
	KUNIT_EXPECT_MEMEQ(vm->test, info->mrtd, mrtd, KT_MRTD_SIZE);
	kunit_kfree(vm->test, info);
}
