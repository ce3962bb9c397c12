/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test can ask the simulated machine: which operations ran and in what
 * order, what a page is, what the guest sees, what firmware measured; and how
 * it makes an operation fail.
 */
#ifndef __KVM_KUNIT_KVM_TEST_SIM_H
#define __KVM_KUNIT_KVM_TEST_SIM_H

#include "kvm_test.h"

#include "../../../arch/x86/virt/sim/fault.h"
#include "../../../arch/x86/virt/sim/gate.h"
#include "../../../arch/x86/virt/sim/host.h"
#include "../../../arch/x86/virt/sim/ledger.h"
#include "../../../arch/x86/virt/sim/machine.h"
#include "../../../arch/x86/virt/sim/oracle.h"
#include "../../../arch/x86/virt/sim/snp.h"

#define KT_LD_SIZE	48

/* GPA under which KVM lets every VMSA be measured */
#define KT_VMSA_GPA	0xfffffffff000ULL


/* Operations */
int kt_ops(struct kunit *test, u64 mark, const char *name,
	   struct sim_ledger_entry *buf, int max);
int kt_ops_changing(struct kunit *test, u64 mark, struct sim_ledger_entry *buf,
		    int max);
void kt_expect_ops(struct kunit *test, u64 mark, const char * const *names);

/* Faults */
int kt_fault(struct kunit *test, const char *name, u32 nth, s32 status);
int kt_fault_full(struct kunit *test, const char *name, u32 nth, u32 times,
		  enum sim_fault_when when, s32 status);
int kt_fault_timeout(struct kunit *test, const char *name, enum sim_fault_when when);
void kt_expect_delivered(struct kunit *test, int id, u32 times);

/* Oracles */
void kt_expect_violation(struct kunit *test, enum sim_oracle oracle,
			 const char *text);

/**
 * struct kt_vmsas - the VMSAs of a launch, as they were passed to firmware
 * @pid: whose calls
 * @op: LAUNCH_UPDATE
 * @nr: how many
 * @page: copies, in the order of the calls
 */
struct kt_vmsas {
	pid_t pid;
	int op;
	unsigned int nr;
	void *page[KT_MAX_VCPUS];
};

struct kt_vmsas *kt_watch_vmsas(struct kunit *test);
void kt_check_folios(struct inode *inode, pgoff_t first, unsigned int npages);
void kt_check_page_refs(struct page *page, int refs, const char *what);
void kt_check_launched(u64 mark, u16 op, u64 gctx, u64 gpa, u32 npages);

/* The state of things */
u64 kt_page_spa(struct kt_vm *vm, unsigned int page);
enum sim_page_state kt_spa_state(u64 spa);
enum sim_page_state kt_page_state(struct kt_vm *vm, unsigned int page);
void kt_guest_info(struct kt_vm *vm, struct sim_guest_info *info);
void kt_guest_read(struct kt_vm *vm, unsigned int page, void *buf);
void kt_take_back(struct kunit *test, u64 spa);
void kt_expect_left(struct kunit *test, enum sim_dirt what, u64 id);

/* More than any processor has */
#define KT_MAX_ASIDS	2048

unsigned int kt_use_up_asids(struct kt_vm *vm);

/* Measurement, computed here and not by the simulated firmware */
void kt_ld_extend(u8 ld[KT_LD_SIZE], u8 type, u64 gpa, const void *contents);
void kt_ld_vmsa(u8 ld[KT_LD_SIZE], void *vmsa);
void kt_expect_ld(struct kt_vm *vm, const u8 ld[KT_LD_SIZE]);

#endif /* __KVM_KUNIT_KVM_TEST_SIM_H */
