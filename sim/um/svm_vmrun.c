// SPDX-License-Identifier: GPL-2.0
/* VMRUN: walks the nested page table and knows HLT */
#include "svm/svm.h"

static bool npt_walk(u64 cr3, u64 gpa, u64 *pa)
{
	u64 table = cr3 & GENMASK_ULL(51, 12), e;
	int shift;

	if (!pfn_valid(table >> PAGE_SHIFT))
		return false;
	for (shift = 39; shift >= 12; shift -= 9) {
		e = ((u64 *)__va(table))[(gpa >> shift) & 511];
		if (!(e & 1))
			return false;
		if (shift <= 30 && shift > 12 && (e & BIT_ULL(7))) {
			*pa = (e & GENMASK_ULL(50, 12) & ~(BIT_ULL(shift) - 1)) |
			      (gpa & (BIT_ULL(shift) - 1));
			return true;
		}
		table = e & GENMASK_ULL(50, 12);
	}
	*pa = table | (gpa & 0xfff);
	return true;
}

static void sim_vmrun(struct vcpu_svm *svm, bool es)
{
	struct vmcb *v = svm->vmcb;
	u64 gpa = es || (v->save.cr0 & X86_CR0_PG) ? 0x1000 : v->save.cs.base + v->save.rip, pa;

	v->control.exit_info_1 = v->control.exit_info_2 = 0;
	v->control.exit_int_info = 0;
	if (!npt_walk(v->control.nested_cr3, gpa, &pa)) {
		v->control.exit_code = SVM_EXIT_NPF;
		v->control.exit_info_1 = PFERR_USER_MASK | PFERR_FETCH_MASK | PFERR_GUEST_FINAL_MASK |
			(es ? PFERR_GUEST_ENC_MASK : 0);
		v->control.exit_info_2 = gpa;
		pr_info("sim_svm: #NPF gpa %llx\n", gpa);
		return;
	}
	if (!es && !(v->save.cr0 & X86_CR0_PG) && pfn_valid(pa >> PAGE_SHIFT) &&
	    *(u8 *)__va(pa) == 0xf4) {
		v->control.exit_code = SVM_EXIT_HLT;
		v->control.next_rip = v->save.rip + 1;
		pr_info("sim_svm: HLT at gpa %llx pa %llx\n", gpa, pa);
		return;
	}
	v->control.exit_code = SVM_EXIT_SHUTDOWN;
	pr_info("sim_svm: SHUTDOWN at gpa %llx pa %llx\n", gpa, pa);
}

void __svm_vcpu_run(struct vcpu_svm *svm, unsigned int flags)
{
	sim_vmrun(svm, false);
}

void __svm_sev_es_vcpu_run(struct vcpu_svm *svm, unsigned int flags,
			   struct sev_es_save_area *hostsa)
{
	sim_vmrun(svm, true);
}
