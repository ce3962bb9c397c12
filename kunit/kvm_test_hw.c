// SPDX-License-Identifier: GPL-2.0
/*
 * In place of kvm_test_sim.c in a kernel without a simulator: nobody keeps a ledger,
 * lets operations fail or looks on.
 */
#include <kunit/test-bug.h>

#include "kvm_test_sim.h"
#include "kvm_test_priv.h"

#ifdef CONFIG_KVM_AMD_SEV
#include "svm/svm.h"
#endif

bool kt_has(enum kt_facility what)
{
	return false;
}

static void needs(enum kt_facility what)
{
	struct kunit *test = kunit_get_current_test();

	if (test)
		kt_needs(test, what);
}

/* Checks of every test ------------------------------------------------------ */

void kt_sim_begin(struct kt_sim_state *st)
{
}

void kt_sim_end(struct kunit *test, struct kt_sim_state *st)
{
}

/* No call tells which guest it is; KVM knows. */
void kt_sim_note_guest(struct kt_vm *vm, u64 mark)
{
#ifdef CONFIG_KVM_AMD_SEV
	struct kvm_sev_info *sev = to_kvm_sev_info(vm->kvm);

	vm->gctx = __pa(sev->snp_context);
	vm->asid = sev->asid;
#endif
}

void kt_sim_launched(struct kt_vm *vm, u64 mark, u64 gpa, u32 npages)
{
}

void kt_violation(enum kt_oracle oracle, const char *fmt, ...)
{
	struct kunit *test = kunit_get_current_test();
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	if (test)
		KUNIT_FAIL(test, "%pV", &vaf);
	va_end(args);
}

void kt_expect_violation(struct kunit *test, enum kt_oracle oracle, const char *text)
{
	kt_checks(test, KT_ORACLES);
}

void kt_expect_mapped(struct kunit *test, u64 spa, bool mapped)
{
	kt_checks(test, KT_ORACLES);
}

/* Operations ---------------------------------------------------------------- */

u64 kt_mark(void)
{
	return 0;
}

int kt_op_number(const char *name)
{
	return -1;
}

const char *kt_op_name(u16 op)
{
	return "?";
}

u64 kt_op_count(const char *name)
{
	needs(KT_LEDGER);
	return 0;
}

int kt_ops(struct kunit *test, u64 mark, const char *name, struct kt_op *buf, int max)
{
	kt_needs(test, KT_LEDGER);
	return -EOPNOTSUPP;
}

int kt_ops_changing(struct kunit *test, u64 mark, struct kt_op *buf, int max)
{
	kt_needs(test, KT_LEDGER);
	return -EOPNOTSUPP;
}

void kt_expect_ops(struct kunit *test, u64 mark, const char * const *names)
{
	kt_checks(test, KT_LEDGER);
}

void kt_observe(kt_observer_fn fn, void *ctx)
{
	needs(KT_GATE);
}

void kt_observe_end(void)
{
}

struct kt_vmsas *kt_watch_vmsas(struct kunit *test)
{
	kt_needs(test, KT_GATE);
	return NULL;
}

/* Faults --------------------------------------------------------------------- */

int kt_fault(struct kunit *test, const char *name, u32 nth, s32 status)
{
	kt_needs(test, KT_FAULTS);
	return -EOPNOTSUPP;
}

int kt_fault_full(struct kunit *test, const char *name, u32 nth, u32 times,
		  enum kt_fault_when when, s32 status)
{
	kt_needs(test, KT_FAULTS);
	return -EOPNOTSUPP;
}

int kt_fault_timeout(struct kunit *test, const char *name, enum kt_fault_when when)
{
	kt_needs(test, KT_FAULTS);
	return -EOPNOTSUPP;
}

void kt_fault_clear(void)
{
}

void kt_expect_delivered(struct kunit *test, int id, u32 times)
{
	kt_needs(test, KT_FAULTS);
}

bool kt_status(const char *name, unsigned int i, u32 *status)
{
	needs(KT_FAULTS);
	return false;
}
