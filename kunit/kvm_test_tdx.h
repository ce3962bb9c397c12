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

#define KT_MRTD_SIZE	48
#define KT_CHUNK	256
#define KT_CHUNKS	(PAGE_SIZE / KT_CHUNK)

#define KT_MEASURE	KVM_TDX_MEASURE_MEMORY_REGION

/* Statuses of SEAMCALLs: the upper half of RAX */
#define KT_TDX_SUCCESS				0
#define KT_TDX_INTERRUPTED_RESUMABLE		0x80000003U
#define KT_TDX_OPERAND_INVALID			0xc0000100U
#define KT_TDX_OPERAND_BUSY			0x80000200U
#define KT_TDX_RND_NO_ENTROPY			0x80000203U
#define KT_TDX_OPERAND_BUSY_HOST_PRIORITY	0x80000204U
#define KT_TDX_PAGE_METADATA_INCORRECT		0xc0000300U
#define KT_TDX_OP_STATE_INCORRECT		0xc0000608U
#define KT_TDX_KEY_GENERATION_FAILED		0x80000800U
#define KT_TDX_FLUSHVP_NOT_DONE			0x80000824U
#define KT_TDX_EPT_ENTRY_NOT_PRESENT		0xc0000b03U
#define KT_TDX_EPT_ENTRY_STATE_INCORRECT	0xc0000b0dU

/* Types of pages: nobody's of TDX, a TD's memory */
#define KT_PT_NDA	0
#define KT_PT_REG	3

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

/* In the middle of a SEAMCALL, with its locks held */
void kt_tdx_during(void (*fn)(void *ctx), void *ctx);
bool kt_op_is_seamcall(u16 op);
void kt_tdx_added(struct kt_vm *vm, u64 mark, u64 gpa, u32 npages);

/**
 * struct kt_tdx_info - what the module knows of a TD
 * @children: 4K pages that belong to it
 * @num_vcpus: initialised vCPUs
 * @num_assoc_vcpus: of these, associated with a processor
 * @mrtd: measurement, once the TD is finalised
 */
struct kt_tdx_info {
	u64 children;
	u32 num_vcpus;
	u32 num_assoc_vcpus;
	u8 mrtd[KT_MRTD_SIZE];
};

/* What the module knows */
void kt_tdx_info(struct kt_vm *vm, struct kt_tdx_info *info);
bool kt_tdx_page(u64 spa, u64 *type, u64 *owner);
bool kt_tdx_leaf(struct kt_vm *vm, unsigned int page, u64 *spa);
void kt_tdx_expect_owned(struct kt_vm *vm, unsigned int page);
void kt_tdx_expect_host(struct kunit *test, u64 spa);
void kt_tdx_read(struct kt_vm *vm, unsigned int page, void *buf);
u64 kt_tdx_accept(u64 tdr, u64 gpa, bool *interrupted);

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
