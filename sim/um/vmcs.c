// SPDX-License-Identifier: GPL-2.0
/* The VMCS of the simulated Intel CPU */
#include <linux/bitfield.h>
#include <linux/bsearch.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <asm/vmx.h>

#include "cpu.h"
#include "cpu_intel.h"
#include "hostmem.h"
#include "vmcs.h"

/* Registers at SMIs, which there are none of */
#define EXIT_IO_RCX	0x6402
#define EXIT_IO_RSI	0x6404
#define EXIT_IO_RDI	0x6406
#define EXIT_IO_RIP	0x6408

/*
 * Ascending.  A CPU has the fields of the controls that it has: none here for
 * shadow VMCSs, VM functions, page modification logging, #VE, SGX, PT, MPX, CET.
 */
static const u16 fields[] = {
	VIRTUAL_PROCESSOR_ID, POSTED_INTR_NV,
	GUEST_ES_SELECTOR, GUEST_CS_SELECTOR, GUEST_SS_SELECTOR, GUEST_DS_SELECTOR,
	GUEST_FS_SELECTOR, GUEST_GS_SELECTOR, GUEST_LDTR_SELECTOR, GUEST_TR_SELECTOR,
	GUEST_INTR_STATUS,
	HOST_ES_SELECTOR, HOST_CS_SELECTOR, HOST_SS_SELECTOR, HOST_DS_SELECTOR,
	HOST_FS_SELECTOR, HOST_GS_SELECTOR, HOST_TR_SELECTOR,

	IO_BITMAP_A, IO_BITMAP_B, MSR_BITMAP, VM_EXIT_MSR_STORE_ADDR,
	VM_EXIT_MSR_LOAD_ADDR, VM_ENTRY_MSR_LOAD_ADDR, TSC_OFFSET,
	VIRTUAL_APIC_PAGE_ADDR, POSTED_INTR_DESC_ADDR, EPT_POINTER, EOI_EXIT_BITMAP0,
	EOI_EXIT_BITMAP1, EOI_EXIT_BITMAP2, EOI_EXIT_BITMAP3, XSS_EXIT_BITMAP,
	TSC_MULTIPLIER,
	GUEST_PHYSICAL_ADDRESS,
	VMCS_LINK_POINTER, GUEST_IA32_DEBUGCTL, GUEST_IA32_PAT, GUEST_IA32_EFER,
	GUEST_PDPTR0, GUEST_PDPTR1, GUEST_PDPTR2, GUEST_PDPTR3,
	HOST_IA32_PAT, HOST_IA32_EFER,

	PIN_BASED_VM_EXEC_CONTROL, CPU_BASED_VM_EXEC_CONTROL, EXCEPTION_BITMAP,
	PAGE_FAULT_ERROR_CODE_MASK, PAGE_FAULT_ERROR_CODE_MATCH, CR3_TARGET_COUNT,
	VM_EXIT_CONTROLS, VM_EXIT_MSR_STORE_COUNT, VM_EXIT_MSR_LOAD_COUNT,
	VM_ENTRY_CONTROLS, VM_ENTRY_MSR_LOAD_COUNT, VM_ENTRY_INTR_INFO_FIELD,
	VM_ENTRY_EXCEPTION_ERROR_CODE, VM_ENTRY_INSTRUCTION_LEN, TPR_THRESHOLD,
	SECONDARY_VM_EXEC_CONTROL, PLE_GAP, PLE_WINDOW,
	VM_INSTRUCTION_ERROR, VM_EXIT_REASON, VM_EXIT_INTR_INFO,
	VM_EXIT_INTR_ERROR_CODE, IDT_VECTORING_INFO_FIELD, IDT_VECTORING_ERROR_CODE,
	VM_EXIT_INSTRUCTION_LEN, VMX_INSTRUCTION_INFO,
	GUEST_ES_LIMIT, GUEST_CS_LIMIT, GUEST_SS_LIMIT, GUEST_DS_LIMIT, GUEST_FS_LIMIT,
	GUEST_GS_LIMIT, GUEST_LDTR_LIMIT, GUEST_TR_LIMIT, GUEST_GDTR_LIMIT,
	GUEST_IDTR_LIMIT, GUEST_ES_AR_BYTES, GUEST_CS_AR_BYTES, GUEST_SS_AR_BYTES,
	GUEST_DS_AR_BYTES, GUEST_FS_AR_BYTES, GUEST_GS_AR_BYTES, GUEST_LDTR_AR_BYTES,
	GUEST_TR_AR_BYTES, GUEST_INTERRUPTIBILITY_INFO, GUEST_ACTIVITY_STATE,
	GUEST_SYSENTER_CS, VMX_PREEMPTION_TIMER_VALUE,
	HOST_IA32_SYSENTER_CS,

	CR0_GUEST_HOST_MASK, CR4_GUEST_HOST_MASK, CR0_READ_SHADOW, CR4_READ_SHADOW,
	CR3_TARGET_VALUE0, CR3_TARGET_VALUE1, CR3_TARGET_VALUE2, CR3_TARGET_VALUE3,
	EXIT_QUALIFICATION, EXIT_IO_RCX, EXIT_IO_RSI, EXIT_IO_RDI, EXIT_IO_RIP,
	GUEST_LINEAR_ADDRESS,
	GUEST_CR0, GUEST_CR3, GUEST_CR4, GUEST_ES_BASE, GUEST_CS_BASE, GUEST_SS_BASE,
	GUEST_DS_BASE, GUEST_FS_BASE, GUEST_GS_BASE, GUEST_LDTR_BASE, GUEST_TR_BASE,
	GUEST_GDTR_BASE, GUEST_IDTR_BASE, GUEST_DR7, GUEST_RSP, GUEST_RIP,
	GUEST_RFLAGS, GUEST_PENDING_DBG_EXCEPTIONS, GUEST_SYSENTER_ESP,
	GUEST_SYSENTER_EIP,
	HOST_CR0, HOST_CR3, HOST_CR4, HOST_FS_BASE, HOST_GS_BASE, HOST_TR_BASE,
	HOST_GDTR_BASE, HOST_IDTR_BASE, HOST_IA32_SYSENTER_ESP, HOST_IA32_SYSENTER_EIP,
	HOST_RSP, HOST_RIP,
};
static_assert(ARRAY_SIZE(fields) <= ARRAY_SIZE(((struct sim_vmcs *)0)->field));
static_assert(sizeof(struct sim_vmcs) <= PAGE_SIZE);

static int field_cmp(const void *key, const void *elt)
{
	return (int)*(const u16 *)key - *(const u16 *)elt;
}

u64 *sim_vmcs_field(struct sim_vmcs *v, u64 encoding)
{
	const u16 *f, key = encoding;

	if (encoding > U16_MAX)
		return NULL;
	f = bsearch(&key, fields, ARRAY_SIZE(fields), sizeof(*fields), field_cmp);
	return f ? &v->field[f - fields] : NULL;
}

u64 sim_vmcs_read(struct sim_vmcs *v, u32 encoding)
{
	u64 *p = sim_vmcs_field(v, encoding);

	return WARN_ON_ONCE(!p) ? 0 : *p;
}
EXPORT_SYMBOL_GPL(sim_vmcs_read);

void sim_vmcs_write(struct sim_vmcs *v, u32 encoding, u64 val)
{
	/* 16 bits, 64, 32, natural width */
	static const u64 mask[] = { U16_MAX, U64_MAX, U32_MAX, U64_MAX };
	u64 *p = sim_vmcs_field(v, encoding);

	if (!WARN_ON_ONCE(!p))
		*p = val & mask[(encoding >> 13) & 3];
}
EXPORT_SYMBOL_GPL(sim_vmcs_write);

struct sim_vmcs *sim_vmcs_current(void)
{
	u64 pa = raw_cpu_ptr(&sim_cpus)->vmcs;

	return pa == SIM_NO_VMCS ? NULL : sim_phys_alias(pa);
}
EXPORT_SYMBOL_GPL(sim_vmcs_current);

bool sim_eptp_valid(u64 eptp)
{
	u64 type = FIELD_GET(VMX_EPTP_MT_MASK, eptp), levels = FIELD_GET(VMX_EPTP_PWL_MASK, eptp) + 1;

	return (type == X86_MEMTYPE_UC || type == X86_MEMTYPE_WB) &&
	       (levels == 4 || levels == 5) && !(eptp & GENMASK_ULL(11, 7)) &&
	       !(eptp >> SIM_INTEL_MAXPA);
}
EXPORT_SYMBOL_GPL(sim_eptp_valid);

bool __init sim_vmcs_table_ok(void)
{
	int i;

	for (i = 1; i < ARRAY_SIZE(fields); i++)
		if (fields[i - 1] >= fields[i])
			return false;
	return true;
}
