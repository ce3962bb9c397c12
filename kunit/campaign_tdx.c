// SPDX-License-Identifier: GPL-2.0
/* Workloads on the Intel machine. */
#include <linux/slab.h>

#include <asm/tdx.h>

#include "vmx/vmx.h"
#include "vmx/tdx.h"

#include "campaign.h"
#include "../../../arch/x86/virt/sim/tdx_host.h"

static int tdx_cmd(struct camp_life *l, int fd, u32 id, u32 flags, void *data, size_t size)
{
	struct kvm_tdx_cmd cmd = { .id = id, .flags = flags };

	return camp_enc(l, fd, &cmd, sizeof(cmd), &cmd.data, data, size);
}

static int enable_caps(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 24 } };

	return camp_ioctl(l, l->fd, KVM_ENABLE_CAP, &cap, sizeof(cap));
}

/**
 * camp_tdx_init_vm() - KVM_TDX_INIT_VM with arguments that are right
 * @l: lifetime
 * @fd: file of the VM
 *
 * FPU and SSE, 48-bit guest-physical addresses.
 *
 * Return: what the ioctl returns.
 */
int camp_tdx_init_vm(struct camp_life *l, int fd)
{
	struct {
		struct kvm_tdx_init_vm vm;
		struct kvm_cpuid_entry2 entry;
	} init = {
		.vm.xfam = XFEATURE_MASK_FPSSE,
		.vm.cpuid.nent = 1,
		.entry.function = 0x80000008,
		.entry.eax = 48 << 16,
	};

	return tdx_cmd(l, fd, KVM_TDX_INIT_VM, 0, &init, sizeof(init));
}

static int init_vm(struct camp_life *l, const struct camp_step *s)
{
	int ret = camp_tdx_init_vm(l, l->fd);
	struct kvm_tdx *td;

	if (!ret) {
		td = container_of(l->kvm, struct kvm_tdx, kvm);
		l->gctx = page_to_phys(td->td.tdr_page);
		l->asid = td->hkid;
	}
	return ret;
}

/* A TD's width of guest-physical addresses is that of KVM_TDX_INIT_VM. */
int camp_tdx_set_cpuid(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_cpuid2 *cpuid = l->env->cpuid;
	u32 i;

	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == 0x80000008)
			cpuid->entries[i].eax = (cpuid->entries[i].eax & ~GENMASK(23, 16)) |
						48 << 16;
	return camp_set_cpuid(l, s);
}

static int init_vcpu(struct camp_life *l, const struct camp_step *s)
{
	return tdx_cmd(l, l->vcpu_fd[s->arg], KVM_TDX_INIT_VCPU, 0, NULL, 0);
}

/* @arg: flags.  Goes on where it stopped. */
static int region(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_tdx_init_mem_region *r = &l->update.tdx;
	unsigned int step = s - l->w->steps + 1;
	u64 mark = sim_ledger_mark(), left, gpa;
	int ret;

	if (l->update_step != step) {
		*r = (struct kvm_tdx_init_mem_region){
			.source_addr = l->env->src + s->page * PAGE_SIZE,
			.gpa = KT_GPA + s->page * PAGE_SIZE,
			.nr_pages = s->npages,
		};
		l->update_step = step;
	}
	left = r->nr_pages;
	gpa = r->gpa;
	ret = tdx_cmd(l, l->vcpu_fd[0], KVM_TDX_INIT_MEM_REGION, s->arg, r, sizeof(*r));
	/* What can't be written can't report anything. */
	if (!l->kvm->vm_bugged && !l->data_at)
		kt_check_launched(mark, SIM_OP_SEAMCALL + SIM_TDH_MEM_PAGE_ADD, l->gctx, gpa,
				  left - r->nr_pages);
	l->done += left - r->nr_pages;
	return ret ?: r->nr_pages;
}

static int finalize(struct camp_life *l, const struct camp_step *s)
{
	return tdx_cmd(l, l->fd, KVM_TDX_FINALIZE_VM, 0, NULL, 0);
}

static bool read_page(struct camp_life *l, u64 spa, u64 gpa, void *buf)
{
	return sim_tdx_gate_read(l->gctx, gpa, buf, PAGE_SIZE);
}

static bool digest(struct camp_life *l, u8 digest[KT_LD_SIZE])
{
	static struct sim_tdx_td_info info;
	unsigned long flags;
	struct sim_tdx *t;
	bool ok = false;

	t = sim_tdx_gate_lock(&flags);
	if (t) {
		ok = sim_tdx_td_info(t, l->gctx, &info);
		sim_tdx_gate_unlock(flags);
	}
	memcpy(digest, info.mrtd, KT_LD_SIZE);
	return ok;
}

#define CMD		CAMP_COPIES_CMD
#define REGION		(CMD | CAMP_COPIES_DATA | CAMP_WRITES_DATA | CAMP_NEEDS_GMEM | \
			 CAMP_READS_SRC)

static const struct camp_step launch_steps[] = {
	{ "create_vm", camp_create_vm },
	{ "enable_caps", enable_caps, .flags = CMD },
	{ "init_vm", init_vm, .flags = CMD | CAMP_WRITES_CMD | CAMP_COPIES_DATA },
	{ "create_gmem", camp_create_gmem, 0, 21, .flags = CMD },
	{ "set_slot", camp_set_slot, .flags = CMD },
	{ "set_attr", camp_set_attr, 0, 17, KVM_MEMORY_ATTRIBUTE_PRIVATE, CMD },
	{ "create_vcpu0", camp_create_vcpu, .arg = 0 },
	{ "set_cpuid0", camp_tdx_set_cpuid, .arg = 0, .flags = CMD },
	{ "init_vcpu0", init_vcpu, .arg = 0, .flags = CMD },
	{ "region_measured", region, 0, 11, KVM_TDX_MEASURE_MEMORY_REGION, REGION },
	{ "region_plain", region, 11, 5, 0, REGION },
	{ "finalize", finalize, .flags = CMD | CAMP_WRITES_CMD },
	{ "close_vcpus", camp_close_vcpus, .flags = CAMP_NO_ERROR },
	{ "close_vm", camp_close_vm, .flags = CAMP_NO_ERROR },
	{ "close_gmem", camp_close_gmem, .flags = CAMP_NO_ERROR },
	{}
};

const struct camp_workload camp_tdx_launch = {
	.name = "tdx-launch",
	.type = KVM_X86_TDX_VM,
	.steps = launch_steps,
	.end = 12,
	.slots = camp_one_slot,
	.read = read_page,
	.digest = digest,
};

/* Two files: one in two slots, and one whose slot ends within it. */
static const struct camp_binding files_slots[] = {
	{ 0, 6, 0, 8 },
	{ 6, 4, 1, 2 },
	{ 10, 7, 0, 1 },
	{}
};

#define MEASURE		KVM_TDX_MEASURE_MEMORY_REGION

static const struct camp_step files_steps[] = {
	{ "create_vm", camp_create_vm },
	{ "enable_caps", enable_caps, .flags = CMD },
	{ "init_vm", init_vm, .flags = CMD | CAMP_WRITES_CMD | CAMP_COPIES_DATA },
	{ "create_gmem0", camp_create_gmem, 0, 14, 0, CMD },
	{ "create_gmem1", camp_create_gmem, 0, 9, 1 | CAMP_FILE_MMAP, CMD },
	{ "set_slot0", camp_set_slot, .arg = 0, .flags = CMD },
	{ "set_slot1", camp_set_slot, .arg = 1, .flags = CMD },
	{ "set_slot2", camp_set_slot, .arg = 2, .flags = CMD },
	{ "set_attr", camp_set_attr, 0, 17, KVM_MEMORY_ATTRIBUTE_PRIVATE, CMD },
	{ "create_vcpu0", camp_create_vcpu, .arg = 0 },
	{ "set_cpuid0", camp_tdx_set_cpuid, .arg = 0, .flags = CMD },
	{ "init_vcpu0", init_vcpu, .arg = 0, .flags = CMD },
	/* From the second slot into the third */
	{ "region_across", region, 8, 6, MEASURE, REGION },
	{ "region_slot0", region, 0, 6, 0, REGION },
	{ "punch", camp_punch, 2, 2 },
	{ "finalize", finalize, .flags = CMD | CAMP_WRITES_CMD },
	{ "close_gmem", camp_close_gmem, .flags = CAMP_NO_ERROR },
	{ "close_vm", camp_close_vm, .flags = CAMP_NO_ERROR },
	{ "close_vcpus", camp_close_vcpus, .flags = CAMP_NO_ERROR },
	{}
};

const struct camp_workload camp_tdx_files = {
	.name = "tdx-files",
	.type = KVM_X86_TDX_VM,
	.steps = files_steps,
	.end = 16,
	.slots = files_slots,
	.read = read_page,
	.digest = digest,
};

/* Launched, then run: faults that add pages, conversions, punched holes */
#define PAGE(_n)	(KT_GPA + (_n) * PAGE_SIZE)
#define ACCEPT(_gpa, _size)						\
	{ .op = SIM_SCRIPT_ACCEPT, .gpa = (_gpa), .size = (_size) }
/* HLT stays in the kernel. */
#define STOP		{ .op = SIM_SCRIPT_OUT, .size = 1, .arg = { 0xf4 } }

static const struct sim_script_op first_ops[] = {
	KT_READ(PAGE(0), 4 * PAGE_SIZE, KT_PRIVATE),
	ACCEPT(PAGE(4), 4 * PAGE_SIZE),
	KT_WRITE(PAGE(4), 4 * PAGE_SIZE, KT_PRIVATE, 0x4b1d),
	KT_EXPECT(PAGE(4), 4 * PAGE_SIZE, KT_PRIVATE, 0x4b1d),
	KT_PSC(PAGE(1), 2 * PAGE_SIZE, 0, KT_PSC_SHARED),
	KT_WRITE(PAGE(1), 2 * PAGE_SIZE, 0, 0x77),
	KT_PSC(PAGE(1), 2 * PAGE_SIZE, 0, KT_PSC_PRIVATE),
	ACCEPT(PAGE(1), 2 * PAGE_SIZE),
	KT_WRITE(PAGE(1), 2 * PAGE_SIZE, KT_PRIVATE, 0x99),
	STOP,
};

static const struct sim_script_op second_ops[] = {
	ACCEPT(PAGE(6), 4 * PAGE_SIZE),
	KT_WRITE(PAGE(6), 4 * PAGE_SIZE, KT_PRIVATE, 0x5eed),
	KT_EXPECT(PAGE(6), 4 * PAGE_SIZE, KT_PRIVATE, 0x5eed),
	KT_EXPECT(PAGE(1), 2 * PAGE_SIZE, KT_PRIVATE, 0x99),
	STOP,
};

static const struct camp_script run_scripts[] = {
	{ first_ops, ARRAY_SIZE(first_ops) },
	{ second_ops, ARRAY_SIZE(second_ops) },
};

static const struct camp_step run_steps[] = {
	{ "create_vm", camp_create_vm },
	{ "enable_caps", enable_caps, .flags = CMD },
	{ "enable_hypercall", camp_enable_hypercall, .flags = CMD },
	{ "init_vm", init_vm, .flags = CMD | CAMP_WRITES_CMD | CAMP_COPIES_DATA },
	{ "create_gmem", camp_create_gmem, 0, 21, .flags = CMD },
	{ "set_slot", camp_set_slot, .flags = CMD },
	{ "set_attr", camp_set_attr, 0, 17, KVM_MEMORY_ATTRIBUTE_PRIVATE, CMD },
	{ "create_vcpu0", camp_create_vcpu, .arg = 0 },
	{ "set_cpuid0", camp_tdx_set_cpuid, .arg = 0, .flags = CMD },
	{ "init_vcpu0", init_vcpu, .arg = 0, .flags = CMD },
	{ "region_plain", region, 0, 4, 0, REGION },
	{ "finalize", finalize, .flags = CMD | CAMP_WRITES_CMD },
	{ "pre_fault", camp_pre_fault, 8, 2, 0,
	  CMD | CAMP_WRITES_CMD | CAMP_NEEDS_GMEM },
	{ "run_first", camp_run, 4, 4, 0, CAMP_NEEDS_GMEM },
	{ "punch", camp_punch, 6, 2 },
	{ "run_second", camp_run, 6, 2, 1, CAMP_NEEDS_GMEM },
	{ "close_vcpus", camp_close_vcpus, .flags = CAMP_NO_ERROR },
	{ "close_gmem", camp_close_gmem, .flags = CAMP_NO_ERROR },
	{ "close_vm", camp_close_vm, .flags = CAMP_NO_ERROR },
	{}
};

const struct camp_workload camp_tdx_run = {
	.name = "tdx-run",
	.type = KVM_X86_TDX_VM,
	.steps = run_steps,
	.end = 16,
	.scripts = run_scripts,
	.slots = camp_one_slot,
	.read = read_page,
	.digest = digest,
};
