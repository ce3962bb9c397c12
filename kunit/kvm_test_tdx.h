/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trust domains of a test: the commands that build one, what the TDX module
 * knows of it, and its measurement.
 *
 * kt_vm.gctx is the address of the TDR, kt_vm.asid the HKID.
 */
#ifndef __KVM_KUNIT_KVM_TEST_TDX_H
#define __KVM_KUNIT_KVM_TEST_TDX_H

#include <crypto/sha2.h>
#include <asm/shared/tdx.h>

#include "kvm_test_sim.h"

#include "../../../arch/x86/virt/sim/tdx_host.h"

#define KT_MRTD_SIZE	48
#define KT_CHUNK	256
#define KT_CHUNKS	(PAGE_SIZE / KT_CHUNK)

#define KT_MEASURE	KVM_TDX_MEASURE_MEMORY_REGION

/* The bit of a GPA that makes it shared, with 4 levels of page tables */
#define KT_SHARED	BIT_ULL(47)

int kt_init_tdx(struct kunit *test);

/* Commands */
int kt_tdx_at(struct kt_vm *vm, int fd, u32 id, u32 flags, unsigned long data,
		 u64 *hw_error);
int kt_tdx(struct kt_vm *vm, int fd, u32 id, u32 flags, void *data, size_t size,
	      u64 *hw_error);
int kt_tdx_init_vm(struct kt_vm *vm, u64 attributes);
int kt_tdx_init_vcpu(struct kt_vm *vm, unsigned int i);
int kt_tdx_region(struct kt_vm *vm, unsigned int i, u32 flags,
		 struct kvm_tdx_init_mem_region *region);
int kt_tdx_mem_region(struct kt_vm *vm, unsigned int page, unsigned int npages, u32 flags);
int kt_tdx_finalize(struct kt_vm *vm);
int kt_tdx_finalize_error(struct kt_vm *vm, u64 *hw_error);

/* TDs in the states that a launch goes through */
struct kt_vm *kt_tdx_bare(struct kunit *test);
int kt_tdx_vcpu(struct kt_vm *vm);
struct kt_vm *kt_tdx_building(struct kunit *test, unsigned int npages, u64 attributes,
			      unsigned int vcpus);

/* Faults: an operation's status is the upper half of RAX */
int kt_tdx_fault(struct kunit *test, const char *name, u32 nth, u32 times,
		u32 status);

/* What the module knows */
void kt_tdx_info(struct kt_vm *vm, struct sim_tdx_td_info *info);
bool kt_tdx_leaf(struct kt_vm *vm, unsigned int page, u64 *spa);
void kt_tdx_expect_owned(struct kt_vm *vm, unsigned int page);
void kt_tdx_expect_host(struct kunit *test, u64 spa);
void kt_tdx_read(struct kt_vm *vm, unsigned int page, void *buf);

/* Measurement, computed here and not by the simulated module */
struct kt_mrtd {
	struct sha384_ctx ctx;
};

void kt_mrtd_begin(struct kt_mrtd *m);
void kt_mrtd_add(struct kt_mrtd *m, u64 gpa);
void kt_mrtd_extend(struct kt_mrtd *m, u64 gpa, const void *chunk);
void kt_mrtd_page(struct kt_mrtd *m, u64 gpa, const void *page, u32 flags);
void kt_mrtd_pattern(struct kt_mrtd *m, unsigned int page, unsigned int npages,
		     u32 flags);
void kt_expect_mrtd(struct kt_vm *vm, struct kt_mrtd *m);

#endif /* __KVM_KUNIT_KVM_TEST_TDX_H */
