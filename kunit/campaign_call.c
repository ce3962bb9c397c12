// SPDX-License-Identifier: GPL-2.0
/*
 * Calls out of turn: each ioctl of the launch at each point of it, too early, twice
 * or too late.  One that fails must have changed nothing.
 */
#include <linux/file.h>
#include <linux/falloc.h>
#include <linux/kvm_host.h>
#include <linux/psp-sev.h>
#include <linux/string.h>

#include "campaign.h"

/**
 * struct camp_call - a call
 * @name: of the ioctl, or of what is special about it
 * @run: does it
 * @arg: depends on @run
 * @on: type of VM that has it, 0: all
 */
struct camp_call {
	const char *name;
	int (*run)(struct camp_life *l, u32 arg);
	u32 arg;
	unsigned long on;
};

/* Every type of VM ---------------------------------------------------------------- */

static int create_vcpu(struct camp_life *l, u32 arg)
{
	int fd = kt_ioctl(l->fd, KVM_CREATE_VCPU, arg);

	if (fd >= 0)
		kt_close_fd(fd);
	return fd < 0 ? fd : 0;
}

static int create_gmem(struct camp_life *l, u32 arg)
{
	struct kvm_create_guest_memfd args = { .size = 16 * PAGE_SIZE, .flags = arg };
	int fd = camp_ioctl(l, l->fd, KVM_CREATE_GUEST_MEMFD, &args, sizeof(args));

	if (fd >= 0)
		kt_close_fd(fd);
	return fd < 0 ? fd : 0;
}

/* @arg: flags of the slot */
static int set_slot(struct camp_life *l, u32 arg)
{
	const struct camp_binding *b = &l->w->slots[0];
	struct kvm_userspace_memory_region2 args = {
		.flags = arg,
		.guest_phys_addr = KT_GPA + b->page * PAGE_SIZE,
		.memory_size = (u64)b->npages << PAGE_SHIFT,
		.userspace_addr = l->env->hva + b->page * PAGE_SIZE,
		.guest_memfd = l->gmem_fd[b->file],
		.guest_memfd_offset = (u64)b->index << PAGE_SHIFT,
	};

	return camp_ioctl(l, l->fd, KVM_SET_USER_MEMORY_REGION2, &args, sizeof(args));
}

/* The same part of the file once more, elsewhere in the guest */
static int bind_twice(struct camp_life *l, u32 arg)
{
	const struct camp_binding *b = &l->w->slots[0];
	struct kvm_userspace_memory_region2 args = {
		.slot = 7,
		.flags = KVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = KT_GPA + 0x20000000ULL,
		.memory_size = PAGE_SIZE,
		.userspace_addr = l->env->hva,
		.guest_memfd = l->gmem_fd[b->file],
		.guest_memfd_offset = (u64)b->index << PAGE_SHIFT,
	};

	return camp_ioctl(l, l->fd, KVM_SET_USER_MEMORY_REGION2, &args, sizeof(args));
}

static int set_attr(struct camp_life *l, u32 arg)
{
	const struct camp_step s = { .npages = 4, .arg = arg };

	return camp_set_attr(l, &s);
}

static int set_cpuid(struct camp_life *l, u32 arg)
{
	const struct camp_step s = {};

	return camp_set_cpuid(l, &s);
}

static int pre_fault(struct camp_life *l, u32 arg)
{
	const struct camp_step s = { .npages = 1 };

	return camp_pre_fault(l, &s);
}

/* As far as the first look at what user space wants */
static int run(struct camp_life *l, u32 arg)
{
	struct kvm_vcpu *vcpu;
	int ret;

	if (l->vcpu_fd[0] < 0)
		return -EBADF;
	vcpu = kt_file_priv(l->vcpu_fd[0]);
	vcpu->run->immediate_exit__unsafe = 1;
	ret = kt_ioctl(l->vcpu_fd[0], KVM_RUN, 0);
	vcpu->run->immediate_exit__unsafe = 0;
	return ret;
}

static int get_regs(struct camp_life *l, u32 arg)
{
	struct kvm_regs regs;

	return camp_ioctl(l, l->vcpu_fd[0], KVM_GET_REGS, &regs, sizeof(regs));
}

static int set_regs(struct camp_life *l, u32 arg)
{
	struct kvm_regs regs = { .rip = 0xfff0, .rflags = 2 };

	return camp_ioctl(l, l->vcpu_fd[0], KVM_SET_REGS, &regs, sizeof(regs));
}

/* Memory that isn't there for good reasons is not for the taking. */
static int allocate_past_end(struct camp_life *l, u32 arg)
{
	return kt_fallocate(l->gmem_fd[0], FALLOC_FL_KEEP_SIZE, 0x1000 * PAGE_SIZE, PAGE_SIZE);
}

static int punch_unaligned(struct camp_life *l, u32 arg)
{
	return kt_fallocate(l->gmem_fd[0], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1,
			    PAGE_SIZE);
}

/* SEV ----------------------------------------------------------------------------- */

/* @arg: command; its argument is all zero */
static int sev_cmd(struct camp_life *l, u32 arg)
{
	static u8 zero[256];
	struct kvm_sev_cmd cmd = { .id = arg, .sev_fd = l->sev_fd };

	memset(zero, 0, sizeof(zero));
	return camp_enc(l, l->fd, &cmd, sizeof(cmd), &cmd.data, zero, sizeof(zero));
}

static int snp_start(struct camp_life *l, u32 arg)
{
	struct kvm_sev_snp_launch_start args = { .policy = KT_SNP_POLICY };
	struct kvm_sev_cmd cmd = { .id = KVM_SEV_SNP_LAUNCH_START, .sev_fd = l->sev_fd };

	return camp_enc(l, l->fd, &cmd, sizeof(cmd), &cmd.data, &args, sizeof(args));
}

/* @arg: type of page; page 0 once more */
static int snp_update(struct camp_life *l, u32 arg)
{
	struct kvm_sev_snp_launch_update args = {
		.gfn_start = KT_GFN, .uaddr = l->env->src, .len = PAGE_SIZE, .type = arg,
	};
	struct kvm_sev_cmd cmd = { .id = KVM_SEV_SNP_LAUNCH_UPDATE, .sev_fd = l->sev_fd };

	return camp_enc(l, l->fd, &cmd, sizeof(cmd), &cmd.data, &args, sizeof(args));
}

/* TDX ----------------------------------------------------------------------------- */

/* @arg: command; its argument is all zero, or none */
static int tdx_vm_cmd(struct camp_life *l, u32 arg)
{
	static u8 zero[512];
	struct kvm_tdx_cmd cmd = { .id = arg };

	memset(zero, 0, sizeof(zero));
	if (arg == KVM_TDX_FINALIZE_VM)
		return camp_enc(l, l->fd, &cmd, sizeof(cmd), NULL, NULL, 0);
	return camp_enc(l, l->fd, &cmd, sizeof(cmd), &cmd.data, zero, sizeof(zero));
}

static int tdx_vcpu_cmd(struct camp_life *l, u32 arg)
{
	static u8 zero[512];
	struct kvm_tdx_cmd cmd = { .id = arg };

	memset(zero, 0, sizeof(zero));
	if (arg == KVM_TDX_INIT_VCPU)
		return camp_enc(l, l->vcpu_fd[0], &cmd, sizeof(cmd), NULL, NULL, 0);
	return camp_enc(l, l->vcpu_fd[0], &cmd, sizeof(cmd), &cmd.data, zero, sizeof(zero));
}

/* @arg: flags; page 0 once more */
static int tdx_region(struct camp_life *l, u32 arg)
{
	struct kvm_tdx_init_mem_region args = {
		.source_addr = l->env->src, .gpa = KT_GPA, .nr_pages = 1,
	};
	struct kvm_tdx_cmd cmd = { .id = KVM_TDX_INIT_MEM_REGION, .flags = arg };

	return camp_enc(l, l->vcpu_fd[0], &cmd, sizeof(cmd), &cmd.data, &args, sizeof(args));
}

#define SEV(_name)	{ #_name, sev_cmd, KVM_##_name, KVM_X86_SNP_VM }
#define SNP(_type)								\
	{ "SNP_LAUNCH_UPDATE_" #_type, snp_update, KVM_SEV_SNP_PAGE_TYPE_##_type, KVM_X86_SNP_VM }

static const struct camp_call calls[] = {
	{ "CREATE_VCPU", create_vcpu, 0 },
	{ "CREATE_ANOTHER_VCPU", create_vcpu, 9 },
	{ "CREATE_GUEST_MEMFD", create_gmem, 0 },
	{ "CREATE_GUEST_MEMFD_INIT_SHARED", create_gmem, GUEST_MEMFD_FLAG_INIT_SHARED },
	{ "CREATE_GUEST_MEMFD_BAD_FLAG", create_gmem, BIT(31) },
	{ "SET_SLOT", set_slot, KVM_MEM_GUEST_MEMFD },
	{ "SET_SLOT_WITHOUT_GMEM", set_slot, 0 },
	{ "SET_SLOT_READONLY", set_slot, KVM_MEM_GUEST_MEMFD | KVM_MEM_READONLY },
	{ "BIND_TWICE", bind_twice, 0 },
	{ "SET_ATTR_PRIVATE", set_attr, KVM_MEMORY_ATTRIBUTE_PRIVATE },
	{ "SET_ATTR_UNKNOWN", set_attr, BIT(0) },
	{ "SET_CPUID2", set_cpuid },
	{ "PRE_FAULT_MEMORY", pre_fault },
	{ "RUN", run },
	{ "GET_REGS", get_regs },
	{ "SET_REGS", set_regs },
	{ "ALLOCATE_PAST_END", allocate_past_end },
	{ "PUNCH_UNALIGNED", punch_unaligned },
	SEV(SEV_INIT), SEV(SEV_ES_INIT), SEV(SEV_INIT2),
	SEV(SEV_LAUNCH_START), SEV(SEV_LAUNCH_UPDATE_DATA), SEV(SEV_LAUNCH_UPDATE_VMSA),
	SEV(SEV_LAUNCH_SECRET), SEV(SEV_LAUNCH_MEASURE), SEV(SEV_LAUNCH_FINISH),
	SEV(SEV_SEND_START), SEV(SEV_SEND_UPDATE_DATA), SEV(SEV_SEND_FINISH),
	SEV(SEV_RECEIVE_START), SEV(SEV_RECEIVE_UPDATE_DATA), SEV(SEV_RECEIVE_FINISH),
	SEV(SEV_GUEST_STATUS), SEV(SEV_DBG_DECRYPT), SEV(SEV_DBG_ENCRYPT),
	SEV(SEV_GET_ATTESTATION_REPORT), SEV(SEV_SEND_CANCEL),
	SEV(SEV_SNP_LAUNCH_FINISH),
	{ "SNP_LAUNCH_START", snp_start, 0, KVM_X86_SNP_VM },
	SNP(NORMAL), SNP(ZERO), SNP(UNMEASURED), SNP(SECRETS), SNP(CPUID),
	{ "TDX_CAPABILITIES", tdx_vm_cmd, KVM_TDX_CAPABILITIES, KVM_X86_TDX_VM },
	{ "TDX_INIT_VM", tdx_vm_cmd, KVM_TDX_INIT_VM, KVM_X86_TDX_VM },
	{ "TDX_FINALIZE_VM", tdx_vm_cmd, KVM_TDX_FINALIZE_VM, KVM_X86_TDX_VM },
	{ "TDX_INIT_VCPU", tdx_vcpu_cmd, KVM_TDX_INIT_VCPU, KVM_X86_TDX_VM },
	{ "TDX_GET_CPUID", tdx_vcpu_cmd, KVM_TDX_GET_CPUID, KVM_X86_TDX_VM },
	{ "TDX_INIT_VM_ON_VCPU", tdx_vcpu_cmd, KVM_TDX_INIT_VM, KVM_X86_TDX_VM },
	{ "TDX_INIT_VCPU_ON_VM", tdx_vm_cmd, KVM_TDX_INIT_VCPU, KVM_X86_TDX_VM },
	{ "TDX_INIT_MEM_REGION", tdx_region, 0, KVM_X86_TDX_VM },
	{ "TDX_INIT_MEM_REGION_MEASURED", tdx_region, KVM_TDX_MEASURE_MEMORY_REGION,
	  KVM_X86_TDX_VM },
};

/**
 * camp_call_name() - the name of a call
 * @i: its number
 *
 * Return: NULL past the end.
 */
const char *camp_call_name(u32 i)
{
	return i < ARRAY_SIZE(calls) ? calls[i].name : NULL;
}

/**
 * camp_call_fits() - does this workload's type of VM have the call?
 * @w: workload
 * @i: number of the call
 */
bool camp_call_fits(const struct camp_workload *w, u32 i)
{
	return !calls[i].on || calls[i].on == w->type;
}

/**
 * camp_call() - do it
 * @l: lifetime
 * @i: number of the call
 *
 * Return: what it returns.
 */
int camp_call(struct camp_life *l, u32 i)
{
	return calls[i].run(l, calls[i].arg);
}
