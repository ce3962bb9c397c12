/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VMCS of the simulated Intel CPU: a page that software provides, in a layout
 * that is the CPU's own.
 */
#ifndef _SIM_UM_VMCS_H
#define _SIM_UM_VMCS_H

#include <linux/types.h>

/* Of VMX_BASIC; software writes it into every VMCS */
#define SIM_VMCS_REVISION	0x53494d31

/**
 * struct sim_vmcs - a VMCS
 * @revision: identifier; bit 31: shadow VMCS
 * @abort: VMX-abort indicator
 * @launched: launch state
 * @field: the fields, in the order of the table in vmcs.c
 */
struct sim_vmcs {
	u32 revision;
	u32 abort;
	u32 launched;
	u32 reserved;
	u64 field[510];
};

/* Numbers in the VM-instruction error field */
enum sim_vm_error {
	SIM_VMERR_VMCLEAR_ADDRESS	= 2,
	SIM_VMERR_VMCLEAR_VMXON		= 3,
	SIM_VMERR_VMLAUNCH_NOT_CLEAR	= 4,
	SIM_VMERR_VMRESUME_NOT_LAUNCHED	= 5,
	SIM_VMERR_CONTROLS		= 7,
	SIM_VMERR_HOST_STATE		= 8,
	SIM_VMERR_VMPTRLD_ADDRESS	= 9,
	SIM_VMERR_VMPTRLD_VMXON		= 10,
	SIM_VMERR_VMPTRLD_REVISION	= 11,
	SIM_VMERR_FIELD			= 12,
	SIM_VMERR_READ_ONLY		= 13,
	SIM_VMERR_VMXON_IN_ROOT		= 15,
	SIM_VMERR_INV_OPERAND		= 28,
};

/**
 * sim_vmcs_field() - where a field is
 * @v: VMCS
 * @encoding: of the field, without the bit for the high half
 *
 * Return: the field, or NULL if the CPU has no such field.
 */
u64 *sim_vmcs_field(struct sim_vmcs *v, u64 encoding);

/* Fields that the CPU itself uses, and has */
u64 sim_vmcs_read(struct sim_vmcs *v, u32 encoding);
/* The value is cut to the width of the field */
void sim_vmcs_write(struct sim_vmcs *v, u32 encoding, u64 val);

/**
 * sim_vmcs_current() - the current VMCS of this CPU
 *
 * Return: the VMCS, or NULL if there is none.
 */
struct sim_vmcs *sim_vmcs_current(void);

/* Return: VM entry takes this EPT pointer */
bool sim_eptp_valid(u64 eptp);

/* Return: the table of fields is in order */
bool sim_vmcs_table_ok(void);

#endif /* _SIM_UM_VMCS_H */
