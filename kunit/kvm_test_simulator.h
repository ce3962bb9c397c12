/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For suites about the simulator itself, and for the back end: its own headers. A
 * suite that includes this one can't be built without it.
 */
#ifndef __KVM_KUNIT_KVM_TEST_SIMULATOR_H
#define __KVM_KUNIT_KVM_TEST_SIMULATOR_H

#include "kvm_test_sim.h"

#include "../../../arch/x86/virt/sim/fault.h"
#include "../../../arch/x86/virt/sim/gate.h"
#include "../../../arch/x86/virt/sim/host.h"
#include "../../../arch/x86/virt/sim/ledger.h"
#include "../../../arch/x86/virt/sim/machine.h"
#include "../../../arch/x86/virt/sim/oracle.h"
#include "../../../arch/x86/virt/sim/snp.h"

void kt_check_launched(u64 mark, u16 op, u64 gctx, u64 gpa, u32 npages);
void kt_expect_left(struct kunit *test, enum sim_dirt what, u64 id);

#endif /* __KVM_KUNIT_KVM_TEST_SIMULATOR_H */
