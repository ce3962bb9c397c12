// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_RUN of SNP guests: what the guest and the host see of private memory,
 * faults that assign pages, page state changes, RMP faults, requests through the
 * GHCB, and the rules of the VMSA.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/kvm_host.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/printk.h>
#include <linux/psp-sev.h>
#include <linux/sched.h>

#include <asm/sev.h>
#include <asm/sev-common.h>
#include <asm/svm.h>

#include "kvm_test_guest.h"
#include "kvm_test_priv.h"
#include "kvm_test_simulator.h"

#define NPAGES		16
#define LAUNCHED	4

/* Pages of the slot, as the guest addresses them */
#define PAGE(n)		(KT_GPA + (n) * PAGE_SIZE)

/* A second slot, shared memory only: GHCBs and what the guest shares */
#define SHARED_GPA	(KT_GPA + 0x10000000ULL)
#define SHARED_PAGES	4
#define GHCB(n)		(SHARED_GPA + (n) * PAGE_SIZE)
#define SHARED(n)	(SHARED_GPA + (2 + (n)) * PAGE_SIZE)

/* EXITINFO1 of a first access */
#define NPF_PRIVATE	(PFERR_GUEST_FINAL_MASK | PFERR_USER_MASK | PFERR_GUEST_ENC_MASK)
#define NPF_SHARED	(PFERR_GUEST_FINAL_MASK | PFERR_USER_MASK)

/**
 * struct guest - a VM with memory of both kinds
 * @vm: slot 0: private memory, the first LAUNCHED pages measured
 * @hva: user address of the shared slot
 */
struct guest {
	struct kt_vm *vm;
	unsigned long hva;
};

static struct guest *new_guest(struct kunit *test, unsigned int npages, unsigned int vcpus)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_EXIT_HYPERCALL, .args = { BIT(KVM_HC_MAP_GPA_RANGE) },
	};
	struct guest *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);
	struct kt_vm *vm;

	KUNIT_ASSERT_NOT_NULL(test, g);
	vm = kt_snp_launching(test, npages);
	g->vm = vm;
	while (vm->nr_vcpus < vcpus)
		KUNIT_ASSERT_GE(test, kt_vm_vcpu(vm), 0);
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->fd, KVM_ENABLE_CAP, &cap,
					      sizeof(cap)));
	g->hva = kt_mmap(test, SHARED_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 1, 0, SHARED_GPA, SHARED_PAGES * PAGE_SIZE,
					    g->hva, -1, 0));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, LAUNCHED,
						     KVM_SEV_SNP_PAGE_TYPE_NORMAL));
	return g;
}

/* Launched, and ready to run */
static struct guest *running_guest(struct kunit *test, unsigned int npages,
				   unsigned int vcpus)
{
	struct guest *g = new_guest(test, npages, vcpus);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(g->vm, NULL, NULL));
	return g;
}

static void host_bytes(struct kunit *test, u64 spa, void *buf)
{
	memcpy(buf, __va(spa), PAGE_SIZE);
}

/* The guest reads what was launched; the host, at the same place, does not. */
static void launched_contents(struct kunit *test)
{
	struct sim_script_op op = KT_READ(PAGE(0), LAUNCHED * PAGE_SIZE,
					  KT_PRIVATE | SIM_SCRIPT_F_DATA | SIM_SCRIPT_F_COMPARE);
	struct sim_script_params p = {
		.ops = &op, .nr_ops = 1, .data_len = LAUNCHED * PAGE_SIZE,
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u8 *data, *host;
	int i;

	data = kunit_kzalloc(test, p.data_len, GFP_KERNEL);
	host = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_NOT_NULL(test, host);
	for (i = 0; i < LAUNCHED; i++)
		kt_pattern(data + i * PAGE_SIZE, i);
	p.data = data;

	s = kt_script_params(g->vm, 0, &p);
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT));
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npfs, LAUNCHED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npf_error, NPF_PRIVATE);

	for (i = 0; i < LAUNCHED; i++) {
		host_bytes(test, kt_page_spa(g->vm, i), host);
		KUNIT_EXPECT_NE_MSG(test, 0, memcmp(host, data + i * PAGE_SIZE, PAGE_SIZE),
				    "the host sees plain text of page %d", i);
	}
}

/*
 * A private page that was not launched: KVM assigns it when the guest touches
 * it, and the guest has to validate it first.
 */
static void assigned_on_fault(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_READ(PAGE(6), 8, KT_PRIVATE),
		KT_PVALIDATE(PAGE(6), 2 * PAGE_SIZE, 0, 1),
		KT_WRITE(PAGE(7) - 8, 16, KT_PRIVATE, 0xabcdef),
		KT_EXPECT(PAGE(7) - 8, 16, KT_PRIVATE, 0xabcdef),
		KT_PVALIDATE(PAGE(6), PAGE_SIZE, 0, 1),
		KT_PVALIDATE(PAGE(6), PAGE_SIZE, 0, 0),
		KT_READ(PAGE(6), 8, KT_PRIVATE),
	};
	static const char * const assigned[] = {
		"RMPUPDATE", "PVALIDATE", "RMPUPDATE", "PVALIDATE", "PVALIDATE", "PVALIDATE", NULL
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	u64 mark = kt_mark();
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 *host;

	host = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, host);
	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, 0, kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT));

	KUNIT_EXPECT_EQ(test, kt_result(s, 0).status, SIM_SCRIPT_VC);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).rc, 0x404);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npfs, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npf_error, NPF_PRIVATE);
	kt_expect_done(test, s, 1);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).rc, 0);
	KUNIT_EXPECT_FALSE(test, kt_result(s, 1).flags & SIM_SCRIPT_R_CF);
	kt_expect_done(test, s, 2);
	kt_expect_done(test, s, 3);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).exits + kt_result(s, 3).exits, 0);
	/* Validated already: the carry flag tells the guest. */
	KUNIT_EXPECT_TRUE(test, kt_result(s, 4).flags & SIM_SCRIPT_R_CF);
	KUNIT_EXPECT_EQ(test, kt_result(s, 6).status, SIM_SCRIPT_VC);

	KUNIT_EXPECT_EQ(test, kt_page_state(g->vm, 6), KT_PAGE_GUEST_INVALID);
	KUNIT_EXPECT_EQ(test, kt_page_state(g->vm, 7), KT_PAGE_GUEST_VALID);
	host_bytes(test, kt_page_spa(g->vm, 7), host);
	KUNIT_EXPECT_NE(test, host[0], 0xabcdef);
	kt_expect_ops(test, mark, assigned);
}

/*
 * Private to shared and back, by an event and by the MSR protocol: each exits to
 * user space with the range; the guest goes on with memory of the other kind.
 */
static void page_state_change(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_GHCB(GHCB(0)),
		KT_PVALIDATE(PAGE(0), 2 * PAGE_SIZE, 0, 0),
		KT_PSC(PAGE(0), 2 * PAGE_SIZE, 0, KT_PSC_SHARED),
		KT_WRITE(PAGE(0), 2 * PAGE_SIZE, 0, 0x77),
		KT_PSC(PAGE(0), 2 * PAGE_SIZE, SIM_SCRIPT_F_MSR, KT_PSC_PRIVATE),
		KT_READ(PAGE(0), 8, KT_PRIVATE),
		KT_PVALIDATE(PAGE(0), 2 * PAGE_SIZE, 0, 1),
		KT_WRITE(PAGE(0), 8, KT_PRIVATE, 0x99),
		KT_EXPECT(PAGE(0), 8, KT_PRIVATE, 0x99),
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kt_vm *vm = g->vm;
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 val, spa;
	int i;

	spa = kt_page_spa(vm, 0);
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));

	kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL);
	KUNIT_EXPECT_EQ(test, run->hypercall.nr, KVM_HC_MAP_GPA_RANGE);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[0], PAGE(0));
	KUNIT_EXPECT_EQ(test, run->hypercall.args[1], 2);
	KUNIT_EXPECT_EQ(test, run->hypercall.args[2],
			KVM_MAP_GPA_RANGE_DECRYPTED | KVM_MAP_GPA_RANGE_PAGE_SZ_4K);
	kt_expect_done(test, s, 0);
	kt_expect_done(test, s, 1);
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, PAGE(0), 2 * PAGE_SIZE, 0));

	/* The private page is still there, until user space punches a hole. */
	KUNIT_EXPECT_EQ(test, kt_spa_state(spa), KT_PAGE_GUEST_INVALID);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, 2));
	KUNIT_EXPECT_EQ(test, kt_spa_state(spa), KT_PAGE_HYPERVISOR);

	for (i = 0; i < 2; i++) {
		kt_expect_exit(vm, 0, run, KVM_EXIT_HYPERCALL);
		KUNIT_EXPECT_EQ(test, run->hypercall.args[0], PAGE(i));
		KUNIT_EXPECT_EQ(test, run->hypercall.args[1], 1);
		KUNIT_EXPECT_EQ(test, run->hypercall.args[2],
				KVM_MAP_GPA_RANGE_ENCRYPTED | KVM_MAP_GPA_RANGE_PAGE_SZ_4K);
		KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, PAGE(i), PAGE_SIZE,
						    KVM_MEMORY_ATTRIBUTE_PRIVATE));
	}
	kt_expect_done(test, s, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).rc, 0);
	kt_expect_done(test, s, 3);
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).npf_error, NPF_SHARED | PFERR_WRITE_MASK);
	kt_read(test, vm->hva + PAGE_SIZE, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, val, 0x77);

	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 4);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).rc, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 5).status, SIM_SCRIPT_VC);
	for (i = 6; i < ARRAY_SIZE(ops); i++)
		kt_expect_done(test, s, i);
	/* What was written through the shared mapping is not what is private now. */
	kt_read(test, vm->hva, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, val, 0x77);
}

/* User space refuses: the guest is told, and nothing has changed. */
static void page_state_change_refused(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_GHCB(GHCB(0)),
		KT_PSC(PAGE(0), PAGE_SIZE, 0, KT_PSC_SHARED),
		KT_PSC(PAGE(0), PAGE_SIZE, SIM_SCRIPT_F_MSR, KT_PSC_SHARED),
		KT_PSC(PAGE(1), SZ_2M, SIM_SCRIPT_F_2M, KT_PSC_SHARED),
		KT_PSC(PAGE(0), PAGE_SIZE, SIM_SCRIPT_F_MSR, 7),
		KT_READ(PAGE(0), 8, KT_PRIVATE),
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	u64 refuse = EINVAL;
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	int i;

	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	for (i = 0; i < 2; i++) {
		kt_expect_exit(g->vm, 0, run, KVM_EXIT_HYPERCALL);
		kt_run_set(g->vm, 0, offsetof(struct kvm_run, hypercall.ret), &refuse,
			   sizeof(refuse));
	}
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	for (i = 1; i < 5; i++) {
		kt_expect_done(test, s, i);
		KUNIT_EXPECT_NE_MSG(test, kt_result(s, i).rc, 0, "operation %d", i);
	}
	/* Not aligned to its size: KVM never asks user space. */
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).value[0], VMGEXIT_PSC_ERROR_INVALID_ENTRY);
	kt_expect_done(test, s, 5);
	KUNIT_EXPECT_EQ(test, kt_page_state(g->vm, 0), KT_PAGE_GUEST_VALID);
}

/* What is no change between shared and private is passed over, as KVM has it. */
static void page_state_change_of_another_kind(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_GHCB(GHCB(0)),
		KT_PSC(PAGE(0), 2 * PAGE_SIZE, 0, 7),
		KT_READ(PAGE(0), 8, KT_PRIVATE),
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	int i;

	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	/* User space is not asked. */
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		kt_expect_done(test, s, i);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).rc, 0);
	KUNIT_EXPECT_EQ(test, kt_page_state(g->vm, 0), KT_PAGE_GUEST_VALID);
}

static const struct change {
	const char *desc;
	u32 flags;
} changes[] = {
	{ "by MSR", SIM_SCRIPT_F_MSR },
	{ "by GHCB", 0 },
};

KUNIT_ARRAY_PARAM_DESC(changes, changes, desc);

/* An answer that is none is not passed on to the guest. */
static void page_state_change_answer_that_is_none(struct kunit *test)
{
	const struct change *c = test->param_value;
	struct sim_script_op *ops = kunit_kcalloc(test, 2, sizeof(*ops), GFP_KERNEL);
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 none = EPERM;
	u32 exits;

	KUNIT_ASSERT_NOT_NULL(test, ops);
	ops[0] = (struct sim_script_op)KT_GHCB(GHCB(0));
	ops[1] = (struct sim_script_op)KT_PSC(PAGE(0), PAGE_SIZE, c->flags, KT_PSC_SHARED);
	s = kt_script(g->vm, 0, ops, 2);
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HYPERCALL);
	kt_run_set(g->vm, 0, offsetof(struct kvm_run, hypercall.ret), &none, sizeof(none));
	exits = kt_result(s, 1).exits;
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vcpu_run(g->vm, 0, run));
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).exits, exits);
	KUNIT_EXPECT_EQ(test, kt_page_state(g->vm, 0), KT_PAGE_GUEST_VALID);
}

/* An access of the wrong kind is user space's to decide. */
static void memory_fault(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_WRITE(PAGE(2), 8, 0, 0x5a),
		KT_READ(SHARED(0), 8, KT_PRIVATE),
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 val;

	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_expect_exit(g->vm, 0, run, KVM_EXIT_MEMORY_FAULT));
	KUNIT_EXPECT_EQ(test, run->memory_fault.flags, 0);
	KUNIT_EXPECT_EQ(test, run->memory_fault.gpa, PAGE(2));
	KUNIT_EXPECT_EQ(test, run->memory_fault.size, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).status, SIM_SCRIPT_EXITED);

	/* User space makes it shared: the very same access succeeds. */
	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(g->vm, PAGE(2), PAGE_SIZE, 0));
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_expect_exit(g->vm, 0, run, KVM_EXIT_MEMORY_FAULT));
	kt_expect_done(test, s, 0);
	kt_read(test, g->vm->hva + 2 * PAGE_SIZE, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, val, 0x5a);
	KUNIT_EXPECT_EQ(test, run->memory_fault.flags, KVM_MEMORY_EXIT_FLAG_PRIVATE);
	KUNIT_EXPECT_EQ(test, run->memory_fault.gpa, SHARED(0));
}

/* A hole in private memory: the next access gets another page, not validated. */
static void punched(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_EXPECT(PAGE(1), 4, KT_PRIVATE, 0x6b740400),
		KT_HLT,
		KT_READ(PAGE(1), 8, KT_PRIVATE),
		KT_PVALIDATE(PAGE(1), PAGE_SIZE, 0, 1),
		KT_READ(PAGE(1), 8, KT_PRIVATE),
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 spa;

	spa = kt_page_spa(g->vm, 1);
	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, kt_spa_state(spa), KT_PAGE_GUEST_VALID);

	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(g->vm, 1, 1));
	KUNIT_EXPECT_EQ(test, kt_spa_state(spa), KT_PAGE_HYPERVISOR);

	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).status, SIM_SCRIPT_VC);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).npfs, 1);
	kt_expect_done(test, s, 3);
	kt_expect_done(test, s, 4);
	KUNIT_EXPECT_NE(test, kt_result(s, 4).value[0] & 0xffffffff, 0x6b740400);
	KUNIT_EXPECT_EQ(test, kt_page_state(g->vm, 1), KT_PAGE_GUEST_VALID);
}

/* Registers are encrypted: everything that needs them goes through the GHCB. */
static void ghcb_requests(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_GHCB_MSR, .arg = { GHCB_MSR_SEV_INFO_REQ } },
		{ .op = SIM_SCRIPT_GHCB_USE, .gpa = GHCB(0) },
		{ .op = SIM_SCRIPT_CPUID, .arg = { 0 } },
		KT_GHCB(GHCB(0)),
		{ .op = SIM_SCRIPT_CPUID, .arg = { 0 } },
		{ .op = SIM_SCRIPT_RDMSR, .arg = { 0x12345 } },
		{ .op = SIM_SCRIPT_VMGEXIT, .arg = { SVM_VMGEXIT_HV_FEATURES } },
		{ .op = SIM_SCRIPT_VMGEXIT, .arg = { 0x8000abcd } },
		{ .op = SIM_SCRIPT_OUT, .size = 1, .arg = { 0x3f8, 'y' } },
		{ .op = SIM_SCRIPT_IN, .size = 2, .arg = { 0x60 } },
		KT_HLT,
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u16 answer = 0xa55a;
	u64 info;
	u8 c;

	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_IO);
	KUNIT_EXPECT_EQ(test, run->io.port, 0x3f8);
	kt_run_get(g->vm, 0, run->io.data_offset, &c, 1);
	KUNIT_EXPECT_EQ(test, c, 'y');

	info = kt_result(s, 0).value[0];
	KUNIT_EXPECT_EQ(test, GHCB_MSR_INFO(info), GHCB_MSR_SEV_INFO_RESP);
	KUNIT_EXPECT_GE(test, GHCB_MSR_PROTO_MAX(info), 2);
	/* Not registered yet */
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).status, SIM_SCRIPT_REFUSED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).rc, GHCB_ERR_NOT_REGISTERED);
	kt_expect_done(test, s, 3);
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).rc, 0);
	kt_expect_done(test, s, 4);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).value[1], 0x68747541);
	KUNIT_EXPECT_EQ(test, kt_result(s, 4).exit_code, SVM_EXIT_VMGEXIT);
	KUNIT_EXPECT_EQ(test, kt_result(s, 5).status, SIM_SCRIPT_EXCEPTION);
	KUNIT_EXPECT_EQ(test, kt_result(s, 5).rc, GP_VECTOR);
	kt_expect_done(test, s, 6);
	KUNIT_EXPECT_TRUE(test, kt_result(s, 6).value[0] & GHCB_HV_FT_SNP);
	KUNIT_EXPECT_EQ(test, kt_result(s, 7).rc, GHCB_HV_RESP_MALFORMED_INPUT);
	KUNIT_EXPECT_EQ(test, kt_result(s, 7).value[0], GHCB_ERR_INVALID_EVENT);

	kt_expect_exit(g->vm, 0, run, KVM_EXIT_IO);
	KUNIT_EXPECT_EQ(test, run->io.direction, KVM_EXIT_IO_IN);
	kt_run_set(g->vm, 0, run->io.data_offset, &answer, sizeof(answer));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 9);
	KUNIT_EXPECT_EQ(test, kt_result(s, 9).value[0], 0xa55a);
}

/* Emulated MMIO is #VC, which the guest turns into a request. */
static void ghcb_mmio(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_GHCB(GHCB(0)),
		KT_READ(0xd0000000, 4, 0),
		KT_READ(0xd0000000, 4, SIM_SCRIPT_F_MMIO),
		KT_WRITE(0xd0000004, 4, SIM_SCRIPT_F_MMIO, 0x31415926),
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	u32 answer = 0x27182818, val;
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_MMIO);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).status, SIM_SCRIPT_VC);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).rc, SVM_EXIT_NPF);
	KUNIT_EXPECT_EQ(test, run->mmio.phys_addr, 0xd0000000);
	KUNIT_EXPECT_EQ(test, run->mmio.is_write, 0);
	kt_run_set(g->vm, 0, offsetof(struct kvm_run, mmio.data), &answer, sizeof(answer));

	kt_expect_exit(g->vm, 0, run, KVM_EXIT_MMIO);
	kt_expect_done(test, s, 2);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).value[0], 0x27182818);
	KUNIT_EXPECT_EQ(test, run->mmio.phys_addr, 0xd0000004);
	KUNIT_EXPECT_EQ(test, run->mmio.is_write, 1);
	memcpy(&val, run->mmio.data, sizeof(val));
	KUNIT_EXPECT_EQ(test, val, 0x31415926);
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 3);
}

/* OUTS of a port, 4 bytes at a time */
#define KT_OUTS_INFO	(0x3f8 << 16 | SVM_IOIO_STR_MASK | 4 << SVM_IOIO_SIZE_SHIFT)

/* Since version 2 of the protocol the scratch area is the GHCB's own buffer. */
static void ghcb_scratch_area_elsewhere(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_GHCB(GHCB(0)),
		{ .op = SIM_SCRIPT_VMGEXIT, .gpa = PAGE(1), .arg = { SVM_VMGEXIT_PSC } },
		{ .op = SIM_SCRIPT_VMGEXIT, .gpa = PAGE(1),
		  .arg = { SVM_VMGEXIT_MMIO_WRITE, 0xd0000000, 8 } },
		{ .op = SIM_SCRIPT_VMGEXIT, .gpa = PAGE(1),
		  .arg = { SVM_EXIT_IOIO, KT_OUTS_INFO, 2 } },
		/* In it, but not in the buffer */
		{ .op = SIM_SCRIPT_VMGEXIT, .gpa = GHCB(0) + 8, .arg = { SVM_VMGEXIT_PSC } },
		/* It ends before it begins. */
		{ .op = SIM_SCRIPT_VMGEXIT, .gpa = -1ULL, .arg = { SVM_VMGEXIT_PSC } },
		KT_HLT,
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	unsigned int i;

	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	for (i = 1; i < ARRAY_SIZE(ops) - 1; i++) {
		kt_expect_done(test, s, i);
		KUNIT_EXPECT_EQ_MSG(test, kt_result(s, i).rc, GHCB_HV_RESP_MALFORMED_INPUT,
				    "operation %u", i);
		KUNIT_EXPECT_EQ_MSG(test, kt_result(s, i).value[0],
				    GHCB_ERR_INVALID_SCRATCH_AREA, "operation %u", i);
	}
}

static const struct {
	const char *desc;
	u64 code, info1, info2;
} ghcb_errors[] = {
	{ "event that the guest does not support", SVM_VMGEXIT_UNSUPPORTED_EVENT, 0x72, 0 },
	{ "count of a string is no int", SVM_EXIT_IOIO, KT_OUTS_INFO, 1ULL << 31 },
	{ "bytes of a string are no int", SVM_EXIT_IOIO, KT_OUTS_INFO, 1 << 30 },
};

KUNIT_ARRAY_PARAM_DESC(ghcb_errors, ghcb_errors, desc);

/* Not an answer to the guest: the VMM is told that it can't go on. */
static void ghcb_request_ends_the_run(struct kunit *test)
{
	const typeof(*ghcb_errors) *e = test->param_value;
	struct sim_script_op ops[] = {
		KT_GHCB(GHCB(0)),
		{ .op = SIM_SCRIPT_VMGEXIT, .gpa = GHCB(0) + offsetof(struct ghcb, shared_buffer),
		  .arg = { e->code, e->info1, e->info2 } },
		KT_HLT,
	};
	struct guest *g = running_guest(test, NPAGES, 1);

	kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_vcpu_run(g->vm, 0, NULL));
	KUNIT_EXPECT_FALSE(test, g->vm->kvm->vm_dead);
}

static void terminates(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_GHCB(GHCB(0)),
		{ .op = SIM_SCRIPT_TERMINATE, .flags = SIM_SCRIPT_F_EVENT, .arg = { 1, 3 } },
		{ .op = SIM_SCRIPT_TERMINATE, .arg = { 1, 2 } },
		{ .op = SIM_SCRIPT_SHUTDOWN },
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_SYSTEM_EVENT);
	KUNIT_EXPECT_EQ(test, run->system_event.type, KVM_SYSTEM_EVENT_SEV_TERM);
	KUNIT_EXPECT_EQ(test, run->system_event.data[0], GHCB(0));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_SYSTEM_EVENT);
	KUNIT_EXPECT_EQ(test, run->system_event.type, KVM_SYSTEM_EVENT_SEV_TERM);
	KUNIT_EXPECT_EQ(test, run->system_event.data[0],
			GHCB_MSR_TERM_REQ | GHCB_SEV_TERM_REASON(1, 2));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_SHUTDOWN);
	kt_expect_done(test, s, 1);
	kt_expect_done(test, s, 2);
}

/* What user space has to do to get dumps, until the test ends */
static void set_dump(struct kunit *test, bool on)
{
	struct file *file = kt_open_in("sysfs", "module/kvm_amd/parameters/dump_invalid_vmcb",
				       O_WRONLY);
	unsigned long uaddr = kt_scratch(test);
	loff_t pos = 0;
	ssize_t n;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	kt_write(test, uaddr, on ? "Y" : "N", 1);
	n = vfs_write(file, (const char __user *)uaddr, 1, &pos);
	fput(file);
	flush_delayed_fput();
	KUNIT_ASSERT_EQ(test, n, 1);
}

/**
 * struct dumped - what firmware has decrypted, when KVM takes the page back
 * @pid: whose calls
 * @op: SNP_PAGE_RECLAIM
 * @nr: how many
 * @page: a copy of the page
 */
struct dumped {
	pid_t pid;
	int op;
	unsigned int nr;
	void *page;
};

static void copy_reclaimed(void *ctx, const struct kt_op *e, bool done)
{
	struct dumped *d = ctx;
	void *p;

	if (done || e->pid != d->pid || e->op != d->op || d->nr++)
		return;
	p = kmap_local_page(pfn_to_page(PHYS_PFN(e->spa)));
	memcpy(d->page, p, PAGE_SIZE);
	kunmap_local(p);
}

static const struct dump_case {
	const char *desc;
	u64 policy;
	u32 status;
	const char *ops[5];
} dumps[] = {
	{ "policy allows it", SNP_POLICY_MASK_DEBUG, 0,
	  { "RMPUPDATE", "SNP_DBG_DECRYPT", "SNP_PAGE_RECLAIM", "RMPUPDATE", NULL } },
	{ "firmware refuses", SNP_POLICY_MASK_DEBUG, SEV_RET_POLICY_FAILURE,
	  { "RMPUPDATE", "SNP_DBG_DECRYPT", "SNP_PAGE_RECLAIM", "RMPUPDATE", NULL } },
	{ "policy does not allow it", 0, 0, { NULL } },
};

KUNIT_ARRAY_PARAM_DESC(dumps, dumps, desc);

/* The segment registers come first in a VMSA. */
#define VMSA_SEGMENTS	0xa0

/*
 * An exit that KVM does not know: it dumps what it knows of the vCPU. A VMSA it
 * has to have decrypted, into a page that firmware gets and has to give back.
 */
static void dump_of_a_vmsa(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		{ .op = SIM_SCRIPT_EXIT, .arg = { 0x3ff } }, KT_HLT,
	};
	const struct dump_case *c = test->param_value;
	struct kt_vm *vm = kt_snp_vm(test, NPAGES);
	struct kvm_run *run = kt_run_buf(test);
	struct dumped d = { .pid = task_pid_nr(current) };
	int fault = -1, loglevel;
	struct sim_script *s;
	struct kt_vmsas *v;
	u64 mark;

	d.op = kt_op_number("SNP_PAGE_RECLAIM");
	d.page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, d.page);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY | c->policy, NULL));
	v = kt_watch_vmsas(test);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(vm, NULL, NULL));
	KUNIT_ASSERT_EQ(test, 1, v->nr);
	s = kt_script(vm, 0, ops, ARRAY_SIZE(ops));

	if (c->status)
		fault = kt_fault(test, "SNP_DBG_DECRYPT", 1, c->status);
	set_dump(test, true);
	loglevel = kt_console_loglevel(test, CONSOLE_LOGLEVEL_SILENT);
	kt_observe(copy_reclaimed, &d);
	mark = kt_mark();
	kt_vcpu_run(vm, 0, run);
	kt_observe_end();
	kt_console_loglevel(test, loglevel);
	set_dump(test, false);

	KUNIT_EXPECT_EQ(test, run->exit_reason, KVM_EXIT_INTERNAL_ERROR);
	KUNIT_EXPECT_EQ(test, run->internal.suberror, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON);
	KUNIT_EXPECT_EQ(test, run->internal.data[0], 0x3ff);
	kt_expect_ops(test, mark, c->ops);
	if (c->status)
		kt_expect_delivered(test, fault, 1);
	else if (c->policy)
		KUNIT_EXPECT_MEMEQ(test, d.page, v->page[0], VMSA_SEGMENTS);

	/* The guest has lost nothing by it. */
	kt_expect_exit(vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 1);
}

/* The VMSA is the guest's only after LAUNCH_FINISH: the CPU refuses before. */
static void not_launched(struct kunit *test)
{
	static const struct sim_script_op ops[] = { KT_HLT };
	struct guest *g = new_guest(test, NPAGES, 1);
	struct sim_script_state st;
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;

	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_FAIL_ENTRY);
	KUNIT_EXPECT_EQ(test, run->fail_entry.hardware_entry_failure_reason, SVM_EXIT_ERR);
	sim_script_state(s, &st);
	KUNIT_EXPECT_EQ(test, st.invalid, 1);
	KUNIT_EXPECT_EQ(test, st.vmruns, 0);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_finish(g->vm, NULL, NULL));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 0);
}

/*
 * Behind KVM's back the RMP entry comes to be that of another GPA. To KVM the
 * page is assigned, hence ready: it can't resolve the fault, and the guest makes
 * no progress. This is seen, and nothing hangs.
 */
static void rmp_entry_of_another(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_READ(PAGE(0), 8, KT_PRIVATE), KT_HLT, KT_READ(PAGE(0), 8, KT_PRIVATE),
	};
	struct sim_script_params p = {
		.ops = ops, .nr_ops = ARRAY_SIZE(ops), .max_retries = 5,
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 pfn;

	s = kt_script_params(g->vm, 0, &p);
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 0);

	pfn = PHYS_PFN(kt_page_spa(g->vm, 0));
	KUNIT_ASSERT_EQ(test, 0, rmp_make_private(pfn, PAGE(9), PG_LEVEL_4K, g->vm->asid,
						  false));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).status, SIM_SCRIPT_STUCK);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).retries, 5);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).npf_error,
			NPF_PRIVATE | PFERR_PRESENT_MASK | PFERR_GUEST_RMP_MASK);
}

/* The entry is gone altogether: KVM assigns the page again, empty. */
static void rmp_entry_lost(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_READ(PAGE(0), 8, KT_PRIVATE), KT_HLT, KT_READ(PAGE(0), 8, KT_PRIVATE),
	};
	struct guest *g = running_guest(test, NPAGES, 1);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 spa;

	s = kt_script(g->vm, 0, ops, ARRAY_SIZE(ops));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 0);

	spa = kt_page_spa(g->vm, 0);
	KUNIT_ASSERT_EQ(test, 0, rmp_make_shared(PHYS_PFN(spa), PG_LEVEL_4K));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).status, SIM_SCRIPT_VC);
	KUNIT_EXPECT_EQ(test, kt_result(s, 2).npf_error,
			NPF_PRIVATE | PFERR_PRESENT_MASK | PFERR_GUEST_RMP_MASK);
	KUNIT_EXPECT_EQ(test, kt_spa_state(spa), KT_PAGE_GUEST_INVALID);
}

/*
 * Physical memory that happens to be contiguous, in the file as guest_memfd would
 * have put it there: guest_memfd of 7.2 allocates page by page, and so never has
 * 2M entries in the RMP.
 */
static void contiguous_pages(struct kt_vm *vm, unsigned int page)
{
	struct inode *inode = kt_file_inode(vm->gmem_fd);
	struct page *pages;
	int i, ret;

	pages = alloc_pages(GFP_HIGHUSER | __GFP_ZERO, 9);
	KUNIT_ASSERT_NOT_NULL(vm->test, pages);
	split_page(pages, 9);
	for (i = 0; i < 512; i++) {
		struct folio *folio = page_folio(pages + i);

		ret = filemap_add_folio(inode->i_mapping, folio,
					page + i + KT_GMEM_PGOFF, GFP_KERNEL);
		KUNIT_EXPECT_EQ(vm->test, 0, ret);
		if (!ret) {
			folio_mark_uptodate(folio);
			folio_unlock(folio);
		}
		folio_put(folio);
	}
}

/*
 * A 2M entry in the RMP and 4K entries in the nested page tables: the CPU says
 * so with the size bit, KVM splits the entry, and the access succeeds.
 */
static void size_mismatch(struct kunit *test)
{
	static const struct sim_script_op ops[] = {
		KT_PVALIDATE(KT_GPA + SZ_2M, PAGE_SIZE, 0, 1),
		KT_WRITE(KT_GPA + SZ_2M, 8, KT_PRIVATE, 0x2222),
		KT_EXPECT(KT_GPA + SZ_2M, 8, KT_PRIVATE, 0x2222),
		KT_READ(KT_GPA + SZ_2M + PAGE_SIZE, 8, KT_PRIVATE),
	};
	struct sim_script_params p = {
		.ops = ops, .nr_ops = ARRAY_SIZE(ops), .max_retries = 10,
	};
	struct guest *g = running_guest(test, 1024, 1);
	struct kt_op e;
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s;
	u64 mark, spa;

	contiguous_pages(g->vm, 512);
	spa = kt_page_spa(g->vm, 512);
	KUNIT_ASSERT_TRUE(test, IS_ALIGNED(spa, SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, rmp_make_private(PHYS_PFN(spa), KT_GPA + SZ_2M, PG_LEVEL_2M,
						  g->vm->asid, false));
	mark = kt_mark();
	s = kt_script_params(g->vm, 0, &p);
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);

	KUNIT_EXPECT_EQ(test, 1, kt_ops(test, mark, "PSMASH", &e, 1));
	KUNIT_EXPECT_EQ(test, e.spa, spa);
	kt_expect_done(test, s, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).rc, 0);
	KUNIT_EXPECT_EQ(test, kt_result(s, 0).npf_error,
			NPF_PRIVATE | PFERR_PRESENT_MASK | PFERR_GUEST_RMP_MASK |
			PFERR_GUEST_SIZEM_MASK);
	kt_expect_done(test, s, 1);
	kt_expect_done(test, s, 2);
	/* Its neighbour was assigned with it, and is still to be validated. */
	KUNIT_EXPECT_EQ(test, kt_result(s, 3).status, SIM_SCRIPT_VC);
	KUNIT_EXPECT_EQ(test, kt_spa_state(spa + PAGE_SIZE), KT_PAGE_GUEST_INVALID);
}

/* Of another vCPU, by the first one: page 8 holds its registers, becomes a VMSA, and is run. */
#define KT_WRITE_VMSA							\
	KT_PVALIDATE(PAGE(8), PAGE_SIZE, 0, 1),				\
	{ .op = SIM_SCRIPT_WRITE, .gpa = PAGE(8), .size = PAGE_SIZE,	\
	  .flags = KT_PRIVATE | SIM_SCRIPT_F_DATA }
#define KT_MAKE_VMSA							\
	{ .op = SIM_SCRIPT_RMPADJUST, .gpa = PAGE(8), .size = PAGE_SIZE, \
	  .arg = { 1, 0, 1 } }
#define KT_AP_CREATE(_apic_id)						\
	{ .op = SIM_SCRIPT_AP_CREATE, .gpa = PAGE(8),			\
	  .arg = { (_apic_id), SVM_VMGEXIT_AP_CREATE, SVM_SEV_FEAT_SNP_ACTIVE } }

/* What KT_WRITE_VMSA writes: the least that the CPU takes */
static void first_vmsa(struct kunit *test, struct sim_script_params *p)
{
	struct sev_es_save_area *vmsa = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vmsa);
	vmsa->efer = EFER_SVME;
	vmsa->sev_features = SVM_SEV_FEAT_SNP_ACTIVE;
	vmsa->rflags = 2;
	p->data = vmsa;
	p->data_len = PAGE_SIZE;
}

/* A guest starts a second vCPU with a VMSA of its own making. */
static void ap_creation(struct kunit *test)
{
	static const struct sim_script_op bsp[] = {
		KT_GHCB(GHCB(0)),
		KT_WRITE_VMSA,
		/* Not a VMSA yet: KVM can't know, the CPU does. */
		KT_AP_CREATE(1),
		KT_HLT,
		KT_MAKE_VMSA,
		KT_AP_CREATE(1),
		KT_HLT,
		{ .op = SIM_SCRIPT_AP_CREATE, .gpa = PAGE(8),
		  .arg = { 1, SVM_VMGEXIT_AP_DESTROY, 0 } },
		KT_HLT,
	};
	static const struct sim_script_op ap[] = {
		KT_WRITE(PAGE(0), 8, KT_PRIVATE, 0xa9), KT_HLT,
	};
	struct sim_script_params p = { .ops = bsp, .nr_ops = ARRAY_SIZE(bsp) };
	struct guest *g = running_guest(test, NPAGES, 2);
	struct sim_script *s, *t;
	struct kvm_run *run = kt_run_buf(test);
	int i;

	first_vmsa(test, &p);

	s = kt_script_params(g->vm, 0, &p);
	t = kt_script(g->vm, 1, ap, ARRAY_SIZE(ap));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_exit(g->vm, 1, run, KVM_EXIT_FAIL_ENTRY);
	KUNIT_EXPECT_EQ(test, kt_result(t, 0).status, SIM_SCRIPT_PENDING);

	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_exit(g->vm, 1, run, KVM_EXIT_HLT);
	kt_expect_done(test, t, 0);

	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	for (i = 0; i < ARRAY_SIZE(bsp); i++)
		kt_expect_done(test, s, i);
	KUNIT_EXPECT_EQ(test, kt_result(s, 5).rc, 0);
}

static const struct ap_refused {
	const char *desc;
	u64 apic_id, request, gpa, features;
} ap_refused[] = {
	{ "no such vCPU", 7, SVM_VMGEXIT_AP_CREATE, PAGE(8), SVM_SEV_FEAT_SNP_ACTIVE },
	{ "other features", 1, SVM_VMGEXIT_AP_CREATE, PAGE(8), 0 },
	{ "other features, on INIT", 1, SVM_VMGEXIT_AP_CREATE_ON_INIT, PAGE(8), 0 },
	{ "no page", 1, SVM_VMGEXIT_AP_CREATE, PAGE(8) + 8, SVM_SEV_FEAT_SNP_ACTIVE },
	{ "beyond guest-physical memory", 1, SVM_VMGEXIT_AP_CREATE, 1ULL << 52,
	  SVM_SEV_FEAT_SNP_ACTIVE },
	{ "2M boundary", 1, SVM_VMGEXIT_AP_CREATE, SZ_2M, SVM_SEV_FEAT_SNP_ACTIVE },
	{ "no such request", 1, 3, PAGE(8), SVM_SEV_FEAT_SNP_ACTIVE },
};

KUNIT_ARRAY_PARAM_DESC(ap_refused, ap_refused, desc);

/* KVM takes no other VMSA: the guest is told, and the vCPU still runs on the one it had. */
static void ap_creation_refused(struct kunit *test)
{
	const struct ap_refused *r = test->param_value;
	const struct sim_script_op bsp[] = {
		KT_GHCB(GHCB(0)),
		{ .op = SIM_SCRIPT_AP_CREATE, .gpa = r->gpa,
		  .arg = { r->apic_id, r->request, r->features } },
		KT_HLT,
	};
	static const struct sim_script_op ap[] = {
		KT_WRITE(PAGE(0), 8, KT_PRIVATE, 0xa9), KT_HLT,
	};
	struct guest *g = running_guest(test, NPAGES, 2);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s, *t;

	s = kt_script(g->vm, 0, bsp, ARRAY_SIZE(bsp));
	t = kt_script(g->vm, 1, ap, ARRAY_SIZE(ap));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).status, SIM_SCRIPT_REFUSED);
	KUNIT_EXPECT_EQ(test, kt_result(s, 1).rc, GHCB_ERR_INVALID_INPUT);

	kt_expect_exit(g->vm, 1, run, KVM_EXIT_HLT);
	kt_expect_done(test, t, 0);
}

static const struct ap_gone {
	const char *desc;
	u64 request, gpa;
} ap_gone[] = {
	{ "destroyed", SVM_VMGEXIT_AP_DESTROY, 0 },
	{ "VMSA in no slot", SVM_VMGEXIT_AP_CREATE, SZ_1G + PAGE_SIZE },
};

KUNIT_ARRAY_PARAM_DESC(ap_gone, ap_gone, desc);

/*
 * Finding 20: a vCPU that its guest has destroyed, or given a VMSA that is not there,
 * does not go on with the one it was launched with.
 */
static void vcpu_without_a_vmsa(struct kunit *test)
{
	const struct ap_gone *gone = test->param_value;
	const struct sim_script_op bsp[] = {
		KT_GHCB(GHCB(0)),
		{ .op = SIM_SCRIPT_AP_CREATE, .gpa = gone->gpa,
		  .arg = { 1, gone->request, SVM_SEV_FEAT_SNP_ACTIVE } },
		KT_HLT,
	};
	static const struct sim_script_op ap[] = { KT_HLT };
	struct kvm_mp_state runnable = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct guest *g = running_guest(test, NPAGES, 2);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s, *t;

	s = kt_script(g->vm, 0, bsp, ARRAY_SIZE(bsp));
	t = kt_script(g->vm, 1, ap, ARRAY_SIZE(ap));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 1);
	KUNIT_EXPECT_EQ(test, 0, kt_result(s, 1).rc);

	if (gone->request == SVM_VMGEXIT_AP_DESTROY) {
		/* It learns of it when it is about to run, and waits from then on. */
		kt_signal_self();
		KUNIT_EXPECT_EQ(test, -EINTR, kt_vcpu_run(g->vm, 1, NULL));
		kt_signal_clear();
		KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, g->vm->vcpu_fd[1], KVM_SET_MP_STATE,
						      &runnable, sizeof(runnable)));
	}
	kt_expect_exit(g->vm, 1, run, kt_fixed() ? KVM_EXIT_FAIL_ENTRY : KVM_EXIT_HLT);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? SIM_SCRIPT_PENDING : SIM_SCRIPT_DONE,
			kt_result(t, 0).status);
}

static int run_vcpu0(void *data)
{
	struct guest *g = data;

	return kt_vcpu_run(g->vm, 0, NULL);
}

/*
 * A thread that the test looks at while it is in the guest needs a CPU of its own:
 * to take its CPU is to take it out of the guest.
 */
static void pin_test(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(current, cpumask_of(0)));
	/* Cleanup runs elsewhere, the test's thread ends with the test. */
}

static void pin_vcpu(void)
{
	set_cpus_allowed_ptr(current, cpumask_of(1));
}

static int run_vcpu1(void *data)
{
	struct guest *g = data;

	return kt_vcpu_run(g->vm, 1, NULL);
}

/* Again while the other vCPU has the VMSA */
static int run_vcpu1_patiently(void *data)
{
	struct guest *g = data;
	struct kvm_vcpu *vcpu = kt_file_priv(g->vm->vcpu_fd[1]);
	int ret;

	pin_vcpu();
	do {
		ret = kt_vcpu_run(g->vm, 1, NULL);
		cond_resched();
	} while (!ret && vcpu->run->exit_reason == KVM_EXIT_INTERNAL_ERROR);
	return ret;
}

/* Two vCPUs with the same VMSA: the CPU lets only one of them run at a time. */
static void vmsa_shared(struct kunit *test)
{
	static const struct sim_script_op bsp[] = {
		KT_GHCB(GHCB(0)),
		KT_WRITE_VMSA,
		KT_MAKE_VMSA,
		KT_AP_CREATE(1),
		KT_AP_CREATE(2),
	};
	static const struct sim_script_op poll[] = {
		{ .op = SIM_SCRIPT_READ, .gpa = SHARED(0), .size = 8,
		  .flags = SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL, .arg = { 1 } },
	};
	static const struct sim_script_op halt[] = { KT_HLT };
	struct sim_script_params p = { .ops = bsp, .nr_ops = ARRAY_SIZE(bsp) };
	struct guest *g = running_guest(test, NPAGES, 3);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s, *ap;
	struct kt_thread *t;
	bool busy = false;
	u64 val = 0;
	int i;

	pin_test(test);
	first_vmsa(test, &p);
	s = kt_script_params(g->vm, 0, &p);
	ap = kt_script(g->vm, 1, poll, ARRAY_SIZE(poll));
	kt_script(g->vm, 2, halt, ARRAY_SIZE(halt));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 5);

	kt_write(test, g->hva + 2 * PAGE_SIZE, &val, sizeof(val));
	t = kt_thread_start(test, "vcpu1", run_vcpu1_patiently, g);
	for (i = 0; i < 250 && kt_result(ap, 0).status == SIM_SCRIPT_PENDING; i++)
		msleep(20);
	/* In between, the other vCPU is out of the guest for host interrupts. */
	for (i = 0; i < 1000 && !busy; i++) {
		kt_vcpu_run(g->vm, 2, run);
		busy = run->exit_reason == KVM_EXIT_INTERNAL_ERROR;
		cond_resched();
	}
	KUNIT_EXPECT_TRUE(test, busy);
	KUNIT_EXPECT_EQ(test, run->internal.suberror,
			KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON);
	KUNIT_EXPECT_EQ(test, run->internal.data[0], -2ULL);

	val = 1;
	kt_write(test, g->hva + 2 * PAGE_SIZE, &val, sizeof(val));
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
	kt_expect_exit(g->vm, 2, run, KVM_EXIT_HLT);
}

static int run_vcpu1_pinned(void *data)
{
	struct guest *g = data;
	struct kvm_vcpu *vcpu = kt_file_priv(g->vm->vcpu_fd[1]);
	int ret;

	pin_vcpu();
	ret = kt_vcpu_run(g->vm, 1, NULL);

	return ret ?: vcpu->run->exit_reason;
}

/*
 * A hole where the VMSA of a running vCPU is: KVM takes the vCPU out of the guest,
 * and the page goes home. The vCPU is given the page that is there then, which is
 * no VMSA.
 */
static void vmsa_punched(struct kunit *test)
{
	static const struct sim_script_op bsp[] = {
		KT_GHCB(GHCB(0)),
		KT_WRITE_VMSA,
		KT_MAKE_VMSA,
		KT_AP_CREATE(1),
	};
	static const struct sim_script_op poll[] = {
		{ .op = SIM_SCRIPT_READ, .gpa = SHARED(0), .size = 8,
		  .flags = SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL, .arg = { 1 } },
	};
	struct sim_script_params p = { .ops = bsp, .nr_ops = ARRAY_SIZE(bsp) };
	struct guest *g = running_guest(test, NPAGES, 2);
	struct kvm_run *run = kt_run_buf(test);
	struct sim_script *s, *ap;
	struct folio *folio;
	struct kt_thread *t;
	u64 val = 0, spa;
	int i;

	pin_test(test);
	first_vmsa(test, &p);
	s = kt_script_params(g->vm, 0, &p);
	ap = kt_script(g->vm, 1, poll, ARRAY_SIZE(poll));
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	kt_expect_done(test, s, 4);
	spa = kt_page_spa(g->vm, 8);

	kt_write(test, g->hva + 2 * PAGE_SIZE, &val, sizeof(val));
	t = kt_thread_start(test, "vcpu1", run_vcpu1_pinned, g);
	for (i = 0; i < 250 && kt_result(ap, 0).status == SIM_SCRIPT_PENDING; i++)
		msleep(20);
	KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(g->vm, 8, 1));
	/* Or the vCPU would stay. */
	val = 1;
	kt_write(test, g->hva + 2 * PAGE_SIZE, &val, sizeof(val));

	KUNIT_EXPECT_EQ(test, KVM_EXIT_FAIL_ENTRY, kt_thread_join(test, t));
	KUNIT_EXPECT_NE(test, kt_result(ap, 0).status, SIM_SCRIPT_DONE);
	folio = kt_gmem_folio(g->vm, 8);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	if (PFN_PHYS(folio_pfn(folio)) != spa)
		KUNIT_EXPECT_EQ(test, kt_spa_state(spa), KT_PAGE_HYPERVISOR);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, kt_page_state(g->vm, 8), KT_PAGE_GUEST_INVALID);
}

/* Two vCPUs of one guest, at work on the same memory at the same time */
static void two_vcpus(struct kunit *test)
{
	static const struct sim_script_op ops[2][4] = {
		{
			KT_PVALIDATE(PAGE(8), 4 * PAGE_SIZE, 0, 1),
			KT_WRITE(PAGE(8), 4 * PAGE_SIZE, KT_PRIVATE, 0x1111),
			KT_WRITE(PAGE(0), 8, KT_PRIVATE, 1),
			{ .op = SIM_SCRIPT_READ, .gpa = PAGE(0) + 8, .size = 8,
			  .flags = KT_PRIVATE | SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL,
			  .arg = { 2 } },
		}, {
			{ .op = SIM_SCRIPT_READ, .gpa = PAGE(0), .size = 8,
			  .flags = KT_PRIVATE | SIM_SCRIPT_F_COMPARE | SIM_SCRIPT_F_POLL,
			  .arg = { 1 } },
			KT_EXPECT(PAGE(8), 4 * PAGE_SIZE, KT_PRIVATE, 0x1111),
			KT_PVALIDATE(PAGE(12), 4 * PAGE_SIZE, 0, 1),
			KT_WRITE(PAGE(0) + 8, 8, KT_PRIVATE, 2),
		},
	};
	struct guest *g = running_guest(test, NPAGES, 2);
	struct sim_script *s[2];
	struct kt_thread *t;
	struct kvm_run *run = kt_run_buf(test);
	int i;

	s[0] = kt_script(g->vm, 0, ops[0], 4);
	s[1] = kt_script(g->vm, 1, ops[1], 4);
	t = kt_thread_start(test, "vcpu1", run_vcpu1, g);
	kt_expect_exit(g->vm, 0, run, KVM_EXIT_HLT);
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t));
	for (i = 0; i < 4; i++) {
		kt_expect_done(test, s[0], i);
		kt_expect_done(test, s[1], i);
	}
}

#define RACE_PAGES	32
#define RACE_ROUNDS	8

/*
 * Two vCPUs validate and write the same pages over and over while user space
 * punches holes into them: each access ends well or in #VC, and in the end
 * nothing is left behind.
 */
static void faults_and_holes(struct kunit *test)
{
	struct guest *g = running_guest(test, RACE_PAGES, 2);
	struct sim_script_op *ops;
	struct sim_script *s[2];
	struct kt_thread *t[2];
	unsigned int i, j, n = 0;

	ops = kunit_kcalloc(test, 2 * RACE_ROUNDS, sizeof(*ops), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ops);
	for (i = 0; i < RACE_ROUNDS; i++) {
		ops[2 * i] = (struct sim_script_op)
			KT_PVALIDATE(PAGE(0), RACE_PAGES * PAGE_SIZE, 0, 1);
		ops[2 * i + 1] = (struct sim_script_op)
			KT_WRITE(PAGE(i), (RACE_PAGES - i) * PAGE_SIZE, KT_PRIVATE, i);
	}
	s[0] = kt_script(g->vm, 0, ops, 2 * RACE_ROUNDS);
	s[1] = kt_script(g->vm, 1, ops, 2 * RACE_ROUNDS);
	t[0] = kt_thread_start(test, "vcpu0", run_vcpu0, g);
	t[1] = kt_thread_start(test, "vcpu1", run_vcpu1, g);
	/* A prime step meets all pages. */
	for (i = 0; i < 4 * RACE_PAGES; i++) {
		n += !kt_gmem_punch(g->vm, i * 7 % RACE_PAGES, 1);
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, n, 4 * RACE_PAGES);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, t[i]));

	for (i = 0; i < 2; i++) {
		for (j = 0; j < 2 * RACE_ROUNDS; j++) {
			u32 status = kt_result(s[i], j).status;

			KUNIT_EXPECT_TRUE_MSG(test, status == SIM_SCRIPT_DONE ||
					      status == SIM_SCRIPT_VC,
					      "vCPU %u, operation %u: status %u", i, j, status);
		}
	}
}

static struct kunit_case snp_run_cases[] = {
	KUNIT_CASE(launched_contents),
	KUNIT_CASE(assigned_on_fault),
	KUNIT_CASE(page_state_change),
	KUNIT_CASE(page_state_change_refused),
	KUNIT_CASE(page_state_change_of_another_kind),
	KUNIT_CASE_PARAM(page_state_change_answer_that_is_none, changes_gen_params),
	KUNIT_CASE(memory_fault),
	KUNIT_CASE(punched),
	KUNIT_CASE(ghcb_requests),
	KUNIT_CASE(ghcb_mmio),
	KUNIT_CASE(ghcb_scratch_area_elsewhere),
	KUNIT_CASE_PARAM(ghcb_request_ends_the_run, ghcb_errors_gen_params),
	KUNIT_CASE(terminates),
	KUNIT_CASE(not_launched),
	KUNIT_CASE_PARAM(dump_of_a_vmsa, dumps_gen_params),
	KUNIT_CASE(rmp_entry_of_another),
	KUNIT_CASE(rmp_entry_lost),
	KUNIT_CASE(size_mismatch),
	KUNIT_CASE(ap_creation),
	KUNIT_CASE_PARAM(ap_creation_refused, ap_refused_gen_params),
	KUNIT_CASE_PARAM(vcpu_without_a_vmsa, ap_gone_gen_params),
	KUNIT_CASE(vmsa_shared),
	KUNIT_CASE(vmsa_punched),
	KUNIT_CASE(two_vcpus),
	KUNIT_CASE(faults_and_holes),
	{}
};

static struct kunit_suite snp_run_suite = {
	.name = "snp_run",
	.init = kt_init_snp,
	.test_cases = snp_run_cases,
};
kunit_test_suite(snp_run_suite);
