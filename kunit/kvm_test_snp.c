// SPDX-License-Identifier: GPL-2.0
/* SNP guests of a test: their pages and their measurement, whatever firmware answers. */
#include <crypto/sha2.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <asm/sev.h>

#include "kvm_test_sim.h"

/**
 * kt_page_state() - state of a page of slot 0 in the RMP
 * @vm: the VM
 * @page: the page, counted in the slot
 */
enum kt_page_state kt_page_state(struct kt_vm *vm, unsigned int page)
{
	return kt_spa_state(kt_page_spa(vm, page));
}

const char *kt_page_state_name(enum kt_page_state state)
{
	static const char * const names[] = {
		[KT_PAGE_HYPERVISOR] = "the host's",
		[KT_PAGE_HV_FIXED] = "HV-fixed",
		[KT_PAGE_FIRMWARE] = "firmware's",
		[KT_PAGE_RECLAIM] = "to be reclaimed",
		[KT_PAGE_CONTEXT] = "a guest context",
		[KT_PAGE_METADATA] = "metadata",
		[KT_PAGE_PRE_GUEST] = "pre-guest",
		[KT_PAGE_PRE_SWAP] = "pre-swap",
		[KT_PAGE_GUEST_INVALID] = "a guest's, not validated",
		[KT_PAGE_GUEST_VALID] = "a guest's",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "in no state that is known";
}

/**
 * kt_take_back() - return a page that KVM has given up to the host
 * @test: the test
 * @spa: system physical address of the page
 *
 * For tests that make KVM leak a page: the page stays leaked, the machine is
 * clean again.
 */
void kt_take_back(struct kunit *test, u64 spa)
{
	struct sev_data_snp_page_reclaim data = { .paddr = __sme_set(spa) };
	int error = 0;

	KUNIT_EXPECT_EQ(test, 0, sev_do_cmd(SEV_CMD_SNP_PAGE_RECLAIM, &data, &error));
	KUNIT_EXPECT_EQ(test, 0, rmp_make_shared(PHYS_PFN(spa), PG_LEVEL_4K));
}

/**
 * kt_use_up_asids() - use ASIDs up until there has been a flush
 * @vm: an SNP VM without an ASID, which stays without
 *
 * INIT2 takes an ASID before it asks for a page of firmware, and gives it back if it
 * does not get one: that is a lot quicker than VMs that come and go.
 *
 * Return: how many it took; right after a flush, as many as there are.
 */
unsigned int kt_use_up_asids(struct kt_vm *vm)
{
	u64 before = kt_op_count("SNP_DF_FLUSH");
	struct kunit *test = vm->test;
	unsigned int n, odd = 0;
	int fault, loglevel;

	fault = kt_fault_full(test, "RMPUPDATE", 1, KT_MAX_ASIDS, KT_FAULT_BEFORE,
			      KT_RMP_FAIL_INUSE);
	/* Each failure is worth a page of text to KVM. */
	loglevel = kt_console_loglevel(test, CONSOLE_LOGLEVEL_SILENT);
	for (n = 0; n < KT_MAX_ASIDS && kt_op_count("SNP_DF_FLUSH") == before; n++)
		if (kt_snp_init2(vm) != -EIO)
			odd++;
	kt_console_loglevel(test, loglevel);
	kt_expect_delivered(test, fault, n);
	kt_fault_clear();

	KUNIT_EXPECT_EQ(test, 0, odd);
	KUNIT_ASSERT_EQ(test, before + 1, kt_op_count("SNP_DF_FLUSH"));
	return n;
}

/* Measurement ----------------------------------------------------------------- */

/* The record that firmware hashes for each page */
struct page_info {
	u8 ld[KT_LD_SIZE];
	u8 contents[KT_LD_SIZE];
	__le16 length;
	u8 page_type;
	u8 imi;
	u8 reserved;
	u8 vmpl1_perms;
	u8 vmpl2_perms;
	u8 vmpl3_perms;
	__le64 gpa;
} __packed;

/**
 * kt_ld_extend() - extend a launch digest by one page
 * @ld: the digest
 * @type: KVM_SEV_SNP_PAGE_TYPE_*, or 2 for a VMSA
 * @gpa: guest-physical address of the page
 * @contents: what was launched; not used for types whose contents are not
 *	measured
 */
void kt_ld_extend(u8 ld[KT_LD_SIZE], u8 type, u64 gpa, const void *contents)
{
	struct page_info pi = {
		.length = cpu_to_le16(sizeof(pi)),
		.page_type = type,
		.gpa = cpu_to_le64(gpa),
	};

	BUILD_BUG_ON(sizeof(pi) != 0x70);

	memcpy(pi.ld, ld, KT_LD_SIZE);
	if (type == KVM_SEV_SNP_PAGE_TYPE_NORMAL || type == SNP_PAGE_TYPE_VMSA)
		sha384(contents, PAGE_SIZE, pi.contents);
	sha384((const u8 *)&pi, sizeof(pi), ld);
}

/**
 * kt_ld_vmsa() - extend a launch digest by one vCPU
 * @ld: the digest
 * @vmsa: the page as it was passed to firmware; changed here
 */
void kt_ld_vmsa(u8 ld[KT_LD_SIZE], void *vmsa)
{
	/* TSC scale and offset are set by firmware and not measured. */
	memset(vmsa + 0x2f0, 0, 16);
	kt_ld_extend(ld, SNP_PAGE_TYPE_VMSA, KT_VMSA_GPA, vmsa);
}
