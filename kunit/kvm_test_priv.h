/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the test library know of each other. */
#ifndef __KVM_KUNIT_KVM_TEST_PRIV_H
#define __KVM_KUNIT_KVM_TEST_PRIV_H

#include "kvm_test.h"

#define KT_MAX_LEFT	32

/**
 * struct kt_sim_state - the simulated machine before a test
 * @violations: of oracles, from the end of the test before this one
 * @start: of oracles, when this test began
 * @dirt: findings of sim_host_check_clean()
 * @left: what the test says it leaves behind
 * @nr_left: how much of it
 */
struct kt_sim_state {
	u32 violations;
	u32 start;
	u32 dirt;
	struct {
		u32 what;
		u64 id;
		bool found;
	} left[KT_MAX_LEFT];
	u32 nr_left;
};

unsigned long kt_scratch(struct kunit *test);
void kt_debugfs_set(struct kunit *test, const char *name, const char *value);
struct file *kt_open_in(const char *fs, const char *name, int flags);
struct kt_sim_state *kt_sim_state(struct kunit *test);

/**
 * struct kt_balance - what a thread holds before a call
 * @locks: locks that lockdep knows
 * @preempt: preemption count
 * @pagefault: count of pagefault_disable()
 */
struct kt_balance {
	int locks;
	int preempt;
	int pagefault;
};

void kt_balance_begin(struct kt_balance *b);
void kt_balance_end(const struct kt_balance *b, const char *what, unsigned int nr);

/* The back end */
void kt_sim_begin(struct kt_sim_state *st);
void kt_sim_end(struct kunit *test, struct kt_sim_state *st);
void kt_sim_note_guest(struct kt_vm *vm, u64 mark);
void kt_sim_launched(struct kt_vm *vm, u64 mark, u64 gpa, u32 npages);

#endif /* __KVM_KUNIT_KVM_TEST_PRIV_H */
