/* SPDX-License-Identifier: GPL-2.0 */
/* CPU models and the CPUID table of a vCPU. */
#ifndef GMEM_LAUNCH_CPU_H
#define GMEM_LAUNCH_CPU_H

#include <stdint.h>
#include <stdio.h>

#include "kvm_abi.h"

#define CPUID_MAX	128

/**
 * struct cpu_model - a CPU model by the name that QEMU gives it
 * @name: that name
 * @brand: the string of CPUID leaves 0x80000002 to 0x80000004
 * @family: family, extended family added
 * @model: model, extended model included
 * @stepping: stepping
 * @max_ext: last extended CPUID leaf
 */
struct cpu_model {
	const char *name;
	const char *brand;
	uint8_t family;
	uint8_t model;
	uint8_t stepping;
	uint32_t max_ext;
};

/**
 * struct cpuid_table - room for what KVM's CPUID ioctls take
 * @head: KVM's header; its array begins where @entries does
 * @entries: the table
 */
struct cpuid_table {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[CPUID_MAX];
};

/**
 * cpu_find() - look up a model
 * @name: QEMU's name for it
 *
 * Return: the model, or NULL.
 */
const struct cpu_model *cpu_find(const char *name);

/**
 * cpu_list() - print the names of all models on one line
 * @f: where to
 */
void cpu_list(FILE *f);

/**
 * cpu_signature() - CPUID leaf 1 EAX of a model
 * @model: the model
 *
 * Return: the signature.
 */
uint32_t cpu_signature(const struct cpu_model *model);

/**
 * cpu_build_cpuid() - the CPUID table of one vCPU
 * @out: the table
 * @supported: what KVM supports
 * @model: which CPU the guest shall see
 * @apic_id: of this vCPU
 * @total: number of vCPUs
 */
void cpu_build_cpuid(struct cpuid_table *out,
		     const struct cpuid_table *supported,
		     const struct cpu_model *model, unsigned int apic_id,
		     unsigned int total);

#endif
