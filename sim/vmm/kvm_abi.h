/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the KVM ABI that the headers of Debian 12 (Linux 6.1) lack.
 * Names are our own where the kernel's are enumerators, so that newer headers
 * do not collide with them.
 */
#ifndef GMEM_LAUNCH_KVM_ABI_H
#define GMEM_LAUNCH_KVM_ABI_H

#include <linux/kvm.h>
#include <linux/types.h>

#define GL_VM_TYPE_SNP		4
#define GL_VM_TYPE_TDX		5

/* Extensions */
#define GL_CAP_USER_MEMORY2	231
#define GL_CAP_MEMORY_ATTRS	233
#define GL_CAP_GUEST_MEMFD	234
#define GL_CAP_VM_TYPES		235
#define GL_CAP_APIC_BUS_CYCLES	237

/* Operations of KVM_MEMORY_ENCRYPT_OP */
#define GL_SEV_INIT2		22
#define GL_SNP_LAUNCH_START	100
#define GL_SNP_LAUNCH_UPDATE	101
#define GL_SNP_LAUNCH_FINISH	102

#define GL_TDX_CAPABILITIES	0
#define GL_TDX_INIT_VM		1
#define GL_TDX_INIT_VCPU	2
#define GL_TDX_INIT_MEM_REGION	3
#define GL_TDX_FINALIZE_VM	4

#define GL_TDX_MEASURE		(1u << 0)	/* flag of INIT_MEM_REGION */
#define GL_TDX_ATTR_SEPT_VE_DISABLE	(1ULL << 28)

#define GL_EVENT_TDX_FATAL	7	/* of KVM_EXIT_SYSTEM_EVENT */

#define GL_MEM_GUEST_MEMFD	(1u << 2)
#define GL_ATTRIBUTE_PRIVATE	(1ULL << 3)

struct gl_memory_region2 {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
	__u64 userspace_addr;
	__u64 guest_memfd_offset;
	__u32 guest_memfd;
	__u32 pad1;
	__u64 pad2[14];
};

struct gl_memory_attributes {
	__u64 address;
	__u64 size;
	__u64 attributes;
	__u64 flags;
};

struct gl_guest_memfd {
	__u64 size;
	__u64 flags;
	__u64 reserved[6];
};

struct gl_sev_init {
	__u64 vmsa_features;
	__u32 flags;
	__u16 ghcb_version;
	__u16 pad1;
	__u32 pad2[8];
};

struct gl_snp_launch_start {
	__u64 policy;
	__u8 gosvw[16];
	__u16 flags;
	__u8 pad0[6];
	__u64 pad1[4];
};

struct gl_snp_launch_update {
	__u64 gfn_start;
	__u64 uaddr;
	__u64 len;
	__u8 type;
	__u8 pad0;
	__u16 flags;
	__u32 pad1;
	__u64 pad2[4];
};

struct gl_snp_launch_finish {
	__u64 id_block_uaddr;
	__u64 id_auth_uaddr;
	__u8 id_block_en;
	__u8 auth_key_en;
	__u8 vcek_disabled;
	__u8 host_data[32];
	__u8 pad0[3];
	__u16 flags;
	__u64 pad1[4];
};

struct gl_tdx_cmd {
	__u32 id;
	__u32 flags;
	__u64 data;
	__u64 hw_error;
};

/* Each of the next two is followed by a struct kvm_cpuid2. */
struct gl_tdx_capabilities {
	__u64 supported_attrs;
	__u64 supported_xfam;
	__u64 kernel_tdvmcallinfo_1_r11;
	__u64 user_tdvmcallinfo_1_r11;
	__u64 kernel_tdvmcallinfo_1_r12;
	__u64 user_tdvmcallinfo_1_r12;
	__u64 reserved[250];
};

struct gl_tdx_init_vm {
	__u64 attributes;
	__u64 xfam;
	__u64 mrconfigid[6];
	__u64 mrowner[6];
	__u64 mrownerconfig[6];
	__u64 reserved[12];
};

struct gl_tdx_init_mem_region {
	__u64 source_addr;
	__u64 gpa;
	__u64 nr_pages;
};

_Static_assert(sizeof(struct gl_memory_region2) == 160, "ABI");
_Static_assert(sizeof(struct gl_memory_attributes) == 32, "ABI");
_Static_assert(sizeof(struct gl_guest_memfd) == 64, "ABI");
_Static_assert(sizeof(struct gl_sev_init) == 48, "ABI");
_Static_assert(sizeof(struct gl_snp_launch_start) == 64, "ABI");
_Static_assert(sizeof(struct gl_snp_launch_update) == 64, "ABI");
_Static_assert(sizeof(struct gl_snp_launch_finish) == 88, "ABI");
_Static_assert(sizeof(struct gl_tdx_cmd) == 24, "ABI");
_Static_assert(sizeof(struct gl_tdx_capabilities) == 2048, "ABI");
_Static_assert(sizeof(struct gl_tdx_init_vm) == 256, "ABI");
_Static_assert(sizeof(struct gl_tdx_init_mem_region) == 24, "ABI");

#define GL_SET_MEMORY_REGION2	_IOW(KVMIO, 0x49, struct gl_memory_region2)
#define GL_SET_MEMORY_ATTRS	_IOW(KVMIO, 0xd2, struct gl_memory_attributes)
#define GL_CREATE_GUEST_MEMFD	_IOWR(KVMIO, 0xd4, struct gl_guest_memfd)

#endif
