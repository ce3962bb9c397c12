/* SPDX-License-Identifier: GPL-2.0 */
/* A KVM virtual machine: memory, vCPUs and their state at power-on. */
#ifndef GMEM_LAUNCH_VM_H
#define GMEM_LAUNCH_VM_H

#include <stdint.h>

#include "cpu.h"
#include "kvm_abi.h"

#define VM_MAX_VCPUS	64
#define VM_MAX_SLOTS	2
#define VM_MAX_RETRIES	1000	/* of a call that says "again" and gets nowhere */

/**
 * struct vm_slot - guest memory that has a shared and a private backing
 * @gpa: guest physical address
 * @size: in bytes
 * @mem: the shared backing, mapped here
 * @gmem: the private backing, a guest_memfd
 */
struct vm_slot {
	uint64_t gpa;
	uint64_t size;
	uint8_t *mem;
	int gmem;
};

/**
 * struct vm - a virtual machine
 * @kvm: /dev/kvm
 * @fd: the VM
 * @type: KVM's number of its type
 * @vcpu: the vCPUs
 * @nr_vcpus: how many of them
 * @slot: memory
 * @nr_slots: how much of @slot is in use
 */
struct vm {
	int kvm;
	int fd;
	int type;
	int vcpu[VM_MAX_VCPUS];
	unsigned int nr_vcpus;
	struct vm_slot slot[VM_MAX_SLOTS];
	unsigned int nr_slots;
};

/* All of these return 0 on success; otherwise they have printed one line. */

/**
 * vm_create() - open /dev/kvm and create a VM
 * @vm: filled
 * @type: KVM's number of the VM type
 * @what: name of the type, for messages
 *
 * Return: 0 or -1.
 */
int vm_create(struct vm *vm, int type, const char *what);

/**
 * vm_init_tss() - where KVM may put what some CPUs need for real mode
 * @vm: the VM, without vCPUs yet
 *
 * Return: 0 or -1.
 */
int vm_init_tss(struct vm *vm);

/**
 * vm_enable() - enable a capability of a VM
 * @vm: the VM
 * @cap: the capability
 * @arg: its first argument
 * @name: its name, for messages
 *
 * Return: 0 or -1.
 */
int vm_enable(struct vm *vm, uint32_t cap, uint64_t arg, const char *name);

/**
 * vm_init_irqchip() - the in-kernel APIC and what belongs to it
 * @vm: the VM, without vCPUs yet
 *
 * Return: 0 or -1.
 */
int vm_init_irqchip(struct vm *vm);

/**
 * vm_add_memory() - add a slot with guest_memfd, all of it private
 * @vm: the VM
 * @gpa: where
 * @size: how much
 *
 * Return: 0 or -1.
 */
int vm_add_memory(struct vm *vm, uint64_t gpa, uint64_t size);

/**
 * vm_set_private() - make a range private
 * @vm: the VM
 * @gpa: first byte, page aligned
 * @size: length, page aligned
 *
 * Return: 0 or -1.
 */
int vm_set_private(struct vm *vm, uint64_t gpa, uint64_t size);

/**
 * vm_host_memory() - the shared backing of a guest physical range
 * @vm: the VM
 * @gpa: first byte
 * @size: length
 *
 * Return: its address, or NULL if one slot does not hold all of it.
 */
void *vm_host_memory(struct vm *vm, uint64_t gpa, uint64_t size);

/**
 * vm_add_vcpu() - create the next vCPU with its CPUID and power-on state
 * @vm: the VM
 * @model: the CPU model
 * @total: how many vCPUs the VM will have
 * @cs_base: base of CS
 * @ip: instruction pointer
 *
 * Return: 0 or -1.
 */
int vm_add_vcpu(struct vm *vm, const struct cpu_model *model,
		unsigned int total, uint32_t cs_base, uint16_t ip);

/**
 * vm_supported_cpuid() - what KVM supports
 * @vm: the VM
 * @table: receives it, with room for two entries more
 *
 * Return: 0 or -1.
 */
int vm_supported_cpuid(struct vm *vm, struct cpuid_table *table);

/**
 * vm_add_bare_vcpu() - create the next vCPU, whose registers nobody sets
 * @vm: the VM
 * @table: its CPUID
 *
 * Return: 0 or -1.
 */
int vm_add_bare_vcpu(struct vm *vm, const struct cpuid_table *table);

/**
 * vm_get_cpuid() - the CPUID table of a vCPU as KVM has it
 * @vm: the VM
 * @n: which vCPU
 * @table: receives it
 *
 * Return: 0 or -1.
 */
int vm_get_cpuid(struct vm *vm, unsigned int n, struct cpuid_table *table);

/**
 * vm_destroy() - close everything
 * @vm: the VM
 */
void vm_destroy(struct vm *vm);

/**
 * complain() - print one line of error, with the program's name
 * @fmt: format
 *
 * Return: always -1.
 */
int complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
