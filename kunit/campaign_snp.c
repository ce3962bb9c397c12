// SPDX-License-Identifier: GPL-2.0
/* Workloads on the AMD machine. */
#include <linux/kallsyms.h>
#include <linux/psp-sev.h>
#include <linux/slab.h>

#include "campaign.h"
#include "../../../drivers/crypto/ccp/psp-dev.h"
#include "../../../drivers/crypto/ccp/sev-dev.h"

static int sev_cmd(struct camp_life *l, u32 id, void *data, size_t size)
{
	struct kvm_sev_cmd cmd = { .id = id, .sev_fd = l->sev_fd };

	return camp_enc(l, l->fd, &cmd, sizeof(cmd), &cmd.data, data, size);
}

static int init2(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_sev_init args = {};

	return sev_cmd(l, KVM_SEV_INIT2, &args, sizeof(args));
}

/* Firmware knows a guest by its context page, which KVM keeps to itself. */
static void note_guest(struct camp_life *l, u64 mark)
{
	struct sim_ledger_entry e;

	while (sim_ledger_read(mark++, &e, 1) == 1) {
		if (e.op != SIM_CMD_SNP_ACTIVATE)
			continue;
		if (!e.status) {
			l->gctx = e.gctx;
			l->asid = e.asid;
		}
		/* The ASIDs come round: one that still has pages is nobody else's. */
		if (e.status == SEV_RET_INVALID_CONFIG && !e.injected)
			camp_fail(l, "O1", "ASID %u is given out, and there are pages that have it",
				  e.asid);
	}
}

static int start(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_sev_snp_launch_start args = { .policy = KT_SNP_POLICY };
	u64 mark = sim_ledger_mark();
	int ret = sev_cmd(l, KVM_SEV_SNP_LAUNCH_START, &args, sizeof(args));

	note_guest(l, mark);
	return ret;
}

/* @arg: type of the pages.  Goes on where it stopped. */
static int update(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_sev_snp_launch_update *p = &l->update.snp;
	unsigned int step = s - l->w->steps + 1;
	u64 mark, len, gfn;
	int ret;

	if (l->update_step != step) {
		*p = (struct kvm_sev_snp_launch_update){
			.gfn_start = KT_GFN + s->page,
			.uaddr = l->env->src + s->page * PAGE_SIZE,
			.len = (u64)s->npages << PAGE_SHIFT,
			.type = s->arg,
		};
		l->update_step = step;
	}
	mark = sim_ledger_mark();
	len = p->len;
	gfn = p->gfn_start;
	ret = sev_cmd(l, KVM_SEV_SNP_LAUNCH_UPDATE, p, sizeof(*p));
	/* What can't be written can't report anything. */
	if (!l->kvm->vm_bugged && !l->data_at)
		kt_check_launched(mark, SIM_CMD_SNP_LAUNCH_UPDATE, l->gctx, gfn << PAGE_SHIFT,
				  (len - p->len) >> PAGE_SHIFT);
	l->done += (len - p->len) >> PAGE_SHIFT;
	return ret ?: p->len >> PAGE_SHIFT;
}

static int finish(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_sev_snp_launch_finish args = {};

	return sev_cmd(l, KVM_SEV_SNP_LAUNCH_FINISH, &args, sizeof(args));
}

/**
 * camp_revive_psp() - what a reload of the driver does after a command that timed out
 *
 * The driver has given the PSP up, for as long as it is loaded.
 */
void camp_revive_psp(void)
{
	struct sev_device *sev = psp_master ? psp_master->sev_data : NULL;
	bool *dead = (bool *)kallsyms_lookup_name("psp_dead");

	/* After anything else, what a command has kept is a mistake. */
	if (!sev || !dead || !*dead)
		return;
	*dead = false;
	sev->cmd_buf_active = false;
	sev->cmd_buf_backup_active = false;
}

static bool read_page(struct camp_life *l, u64 spa, u64 gpa, void *buf)
{
	struct sim_machine *m;
	unsigned long flags;
	bool ok;

	if (sim_rmp_page_state(sim_gate_lock(&flags), spa) != SIM_PAGE_GUEST_VALID) {
		sim_gate_unlock(flags);
		return false;
	}
	sim_gate_unlock(flags);
	m = sim_gate_lock(&flags);
	ok = sim_guest_read(m, l->asid, spa, buf, PAGE_SIZE);
	sim_gate_unlock(flags);
	return ok;
}

static bool digest(struct camp_life *l, u8 digest[KT_LD_SIZE])
{
	static struct sim_guest_info info;
	struct sim_machine *m;
	unsigned long flags;
	bool ok;

	m = sim_gate_lock(&flags);
	ok = sim_guest_info(m, l->gctx, &info);
	sim_gate_unlock(flags);
	memcpy(digest, info.ld, KT_LD_SIZE);
	return ok;
}

#define CMD		(CAMP_COPIES_CMD | CAMP_WRITES_CMD)
#define CMD_DATA	(CMD | CAMP_COPIES_DATA)
#define SEV_CMD		(CMD_DATA | CAMP_NEEDS_SEV)
#define UPDATE		(SEV_CMD | CAMP_WRITES_DATA | CAMP_NEEDS_GMEM)
#define T(_type)	KVM_SEV_SNP_PAGE_TYPE_##_type

static const struct camp_step launch_steps[] = {
	{ "create_vm", camp_create_vm },
	{ "init2", init2, .flags = CMD_DATA },
	{ "create_gmem", camp_create_gmem, 0, 21, .flags = CAMP_COPIES_CMD },
	{ "set_slot", camp_set_slot, .flags = CAMP_COPIES_CMD },
	{ "set_attr", camp_set_attr, 0, 17, KVM_MEMORY_ATTRIBUTE_PRIVATE, CAMP_COPIES_CMD },
	{ "create_vcpu0", camp_create_vcpu, .arg = 0 },
	{ "set_cpuid0", camp_set_cpuid, .arg = 0, .flags = CAMP_COPIES_CMD },
	{ "create_vcpu1", camp_create_vcpu, .arg = 1 },
	{ "start", start, .flags = SEV_CMD },
	{ "update_normal", update, 0, 11, T(NORMAL), UPDATE | CAMP_READS_SRC },
	{ "update_zero", update, 11, 2, T(ZERO), UPDATE },
	{ "update_unmeasured", update, 13, 1, T(UNMEASURED), UPDATE | CAMP_READS_SRC },
	{ "update_secrets", update, 14, 1, T(SECRETS), UPDATE | CAMP_READS_SRC },
	{ "update_cpuid", update, CAMP_CPUID_PAGE, 1, T(CPUID),
	  UPDATE | CAMP_READS_SRC | CAMP_IS_CPUID },
	{ "finish", finish, .flags = SEV_CMD },
	{ "close_vcpus", camp_close_vcpus, .flags = CAMP_NO_ERROR },
	{ "close_vm", camp_close_vm, .flags = CAMP_NO_ERROR },
	{ "close_gmem", camp_close_gmem, .flags = CAMP_NO_ERROR },
	{}
};

const struct camp_workload camp_snp_launch = {
	.name = "snp-launch",
	.type = KVM_X86_SNP_VM,
	.steps = launch_steps,
	.end = 15,
	.random = BIT(14),	/* secrets */
	.slots = camp_one_slot,
	.read = read_page,
	.digest = digest,
};

/*
 * Two files: one in two slots, not in the order of the guest's memory, and one whose
 * slot ends within it.
 */
static const struct camp_binding files_slots[] = {
	{ 0, 6, 0, 8 },
	{ 6, 4, 1, 2 },
	{ 10, 7, 0, 1 },
	{}
};

static const struct camp_step files_steps[] = {
	{ "create_vm", camp_create_vm },
	{ "init2", init2, .flags = CMD_DATA },
	{ "create_gmem0", camp_create_gmem, 0, 14, 0, CAMP_COPIES_CMD },
	{ "create_gmem1", camp_create_gmem, 0, 9, 1 | CAMP_FILE_MMAP, CAMP_COPIES_CMD },
	{ "set_slot0", camp_set_slot, .arg = 0, .flags = CAMP_COPIES_CMD },
	{ "set_slot1", camp_set_slot, .arg = 1, .flags = CAMP_COPIES_CMD },
	{ "set_slot2", camp_set_slot, .arg = 2, .flags = CAMP_COPIES_CMD },
	{ "set_attr", camp_set_attr, 0, 17, KVM_MEMORY_ATTRIBUTE_PRIVATE, CAMP_COPIES_CMD },
	{ "start", start, .flags = SEV_CMD },
	{ "update_slot1", update, 6, 4, T(NORMAL), UPDATE | CAMP_READS_SRC },
	{ "update_slot0", update, 0, 6, T(NORMAL), UPDATE | CAMP_READS_SRC },
	{ "update_slot2", update, 10, 5, T(NORMAL), UPDATE | CAMP_READS_SRC },
	{ "punch", camp_punch, 2, 2 },
	{ "create_vcpu0", camp_create_vcpu, .arg = 0 },
	{ "set_cpuid0", camp_set_cpuid, .arg = 0, .flags = CAMP_COPIES_CMD },
	{ "finish", finish, .flags = SEV_CMD },
	{ "close_gmem", camp_close_gmem, .flags = CAMP_NO_ERROR },
	{ "close_vm", camp_close_vm, .flags = CAMP_NO_ERROR },
	{ "close_vcpus", camp_close_vcpus, .flags = CAMP_NO_ERROR },
	{}
};

const struct camp_workload camp_snp_files = {
	.name = "snp-files",
	.type = KVM_X86_SNP_VM,
	.steps = files_steps,
	.end = 16,
	.slots = files_slots,
	.read = read_page,
	.digest = digest,
};

/* Launched, then run: faults that assign pages, conversions, punched holes */
#define PAGE(_n)	(KT_GPA + (_n) * PAGE_SIZE)

static const struct sim_script_op first_ops[] = {
	KT_GHCB(CAMP_SHARED_GPA),
	KT_READ(PAGE(0), 4 * PAGE_SIZE, KT_PRIVATE),
	KT_PVALIDATE(PAGE(4), 4 * PAGE_SIZE, 0, 1),
	KT_WRITE(PAGE(4), 4 * PAGE_SIZE, KT_PRIVATE, 0x4b1d),
	KT_EXPECT(PAGE(4), 4 * PAGE_SIZE, KT_PRIVATE, 0x4b1d),
	KT_PVALIDATE(PAGE(1), 2 * PAGE_SIZE, 0, 0),
	KT_PSC(PAGE(1), 2 * PAGE_SIZE, 0, KT_PSC_SHARED),
	KT_WRITE(PAGE(1), 2 * PAGE_SIZE, 0, 0x77),
	KT_PSC(PAGE(1), 2 * PAGE_SIZE, 0, KT_PSC_PRIVATE),
	KT_PVALIDATE(PAGE(1), 2 * PAGE_SIZE, 0, 1),
	KT_WRITE(PAGE(1), 2 * PAGE_SIZE, KT_PRIVATE, 0x99),
	KT_HLT,
};

static const struct sim_script_op second_ops[] = {
	KT_PVALIDATE(PAGE(6), 4 * PAGE_SIZE, 0, 1),
	KT_WRITE(PAGE(6), 4 * PAGE_SIZE, KT_PRIVATE, 0x5eed),
	KT_EXPECT(PAGE(6), 4 * PAGE_SIZE, KT_PRIVATE, 0x5eed),
	KT_EXPECT(PAGE(1), 2 * PAGE_SIZE, KT_PRIVATE, 0x99),
	KT_HLT,
};

static const struct camp_script run_scripts[] = {
	{ first_ops, ARRAY_SIZE(first_ops) },
	{ second_ops, ARRAY_SIZE(second_ops) },
};

static const struct camp_step run_steps[] = {
	{ "create_vm", camp_create_vm },
	{ "init2", init2, .flags = CMD_DATA },
	{ "enable_hypercall", camp_enable_hypercall, .flags = CAMP_COPIES_CMD },
	{ "create_gmem", camp_create_gmem, 0, 21, .flags = CAMP_COPIES_CMD },
	{ "set_slot", camp_set_slot, .flags = CAMP_COPIES_CMD },
	{ "set_shared_slot", camp_set_shared_slot, .arg = 1, .flags = CAMP_COPIES_CMD },
	{ "set_attr", camp_set_attr, 0, 17, KVM_MEMORY_ATTRIBUTE_PRIVATE, CAMP_COPIES_CMD },
	{ "create_vcpu0", camp_create_vcpu, .arg = 0 },
	{ "set_cpuid0", camp_set_cpuid, .arg = 0, .flags = CAMP_COPIES_CMD },
	{ "start", start, .flags = SEV_CMD },
	{ "update_normal", update, 0, 4, T(NORMAL), UPDATE | CAMP_READS_SRC },
	{ "finish", finish, .flags = SEV_CMD },
	{ "pre_fault", camp_pre_fault, 8, 2, 0,
	  CMD | CAMP_NEEDS_GMEM },
	{ "run_first", camp_run, 4, 4, 0, CAMP_NEEDS_GMEM },
	{ "punch", camp_punch, 6, 2 },
	{ "run_second", camp_run, 6, 2, 1, CAMP_NEEDS_GMEM },
	{ "close_vcpus", camp_close_vcpus, .flags = CAMP_NO_ERROR },
	{ "close_gmem", camp_close_gmem, .flags = CAMP_NO_ERROR },
	{ "close_vm", camp_close_vm, .flags = CAMP_NO_ERROR },
	{}
};

const struct camp_workload camp_snp_run = {
	.name = "snp-run",
	.type = KVM_X86_SNP_VM,
	.steps = run_steps,
	.end = 16,
	.scripts = run_scripts,
	.slots = camp_one_slot,
	.read = read_page,
	.digest = digest,
};
