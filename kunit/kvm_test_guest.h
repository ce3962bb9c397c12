/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests of a test: scripts that run on the vCPUs of the simulated CPU.
 *
 * The operations and their results are described in sim_guest.h.
 */
#ifndef __KVM_KUNIT_KVM_TEST_GUEST_H
#define __KVM_KUNIT_KVM_TEST_GUEST_H

#include "kvm_test.h"

#include "../../../arch/um/kvm/guest.h"

/* Operations that need few arguments */
#define KT_READ(_gpa, _size, _flags)					\
	{ .op = SIM_SCRIPT_READ, .gpa = (_gpa), .size = (_size), .flags = (_flags) }
#define KT_WRITE(_gpa, _size, _flags, _value)				\
	{ .op = SIM_SCRIPT_WRITE, .gpa = (_gpa), .size = (_size),	\
	  .flags = (_flags), .arg = { (_value) } }
#define KT_EXPECT(_gpa, _size, _flags, _value)				\
	{ .op = SIM_SCRIPT_READ, .gpa = (_gpa), .size = (_size),	\
	  .flags = (_flags) | SIM_SCRIPT_F_COMPARE, .arg = { (_value) } }
#define KT_PVALIDATE(_gpa, _size, _flags, _on)				\
	{ .op = SIM_SCRIPT_PVALIDATE, .gpa = (_gpa), .size = (_size),	\
	  .flags = (_flags), .arg = { (_on) } }
#define KT_PSC(_gpa, _size, _flags, _state)				\
	{ .op = SIM_SCRIPT_PSC, .gpa = (_gpa), .size = (_size),		\
	  .flags = (_flags), .arg = { (_state) } }
#define KT_GHCB(_gpa)							\
	{ .op = SIM_SCRIPT_GHCB_REGISTER, .gpa = (_gpa) }
#define KT_HLT								\
	{ .op = SIM_SCRIPT_HLT }

#define KT_PRIVATE	SIM_SCRIPT_F_PRIVATE
#define KT_PSC_PRIVATE	1
#define KT_PSC_SHARED	2

struct sim_script *kt_script(struct kt_vm *vm, unsigned int i,
			     const struct sim_script_op *ops, u32 nr_ops);
struct sim_script *kt_script_params(struct kt_vm *vm, unsigned int i,
				    const struct sim_script_params *p);
void kt_script_done(struct kunit *test, struct sim_script *s);
struct sim_script_result kt_result(struct sim_script *s, u32 i);
void kt_expect_done(struct kunit *test, struct sim_script *s, u32 i);
void kt_run_set(struct kt_vm *vm, unsigned int i, size_t off, const void *buf,
		size_t len);
void kt_run_get(struct kt_vm *vm, unsigned int i, size_t off, void *buf, size_t len);
struct kt_vm *kt_flat_vm(struct kunit *test, unsigned int npages);
struct kt_vm *kt_flat_vm_lapic(struct kunit *test, unsigned int npages);

#endif /* __KVM_KUNIT_KVM_TEST_GUEST_H */
