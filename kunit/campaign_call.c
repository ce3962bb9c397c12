// SPDX-License-Identifier: GPL-2.0
/*
 * Calls out of turn: each ioctl of the launch at each point of it, too early, twice
 * or too late, with arguments that are right where the call is in order.  What it is to
 * answer is in the table at the end of this file; one that fails must have changed
 * nothing.
 */
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/kvm_host.h>
#include <linux/psp-sev.h>
#include <linux/string.h>

#include "campaign.h"

/* What has been done when the call comes */
#define SNP	BIT(0)	/* the type of the VM */
#define TDX	BIT(1)
#define INIT	BIT(2)	/* KVM_SEV_INIT2, KVM_TDX_INIT_VM */
#define GMEM	BIT(3)	/* there is the first file */
#define SLOT	BIT(4)	/* and the slot of the first page */
#define SPARE	BIT(5)	/* and that of CAMP_SPARE_PAGE */
#define ATTR	BIT(6)	/* which are private */
#define START	BIT(7)	/* KVM_SEV_SNP_LAUNCH_START */
#define VCPU	BIT(8)
#define LEAVES	BIT(9)	/* KVM_SET_CPUID2 */
#define VINIT	BIT(10)	/* KVM_TDX_INIT_VCPU */
#define PAGE0	BIT(11)	/* the first page was launched */
#define DONE	BIT(12)	/* KVM_SEV_SNP_LAUNCH_FINISH, KVM_TDX_FINALIZE_VM */

/**
 * struct rule - what a call is to answer
 * @has: if all of this has been done
 * @lacks: and nothing of this
 * @ret: 0 or -errno
 */
struct rule {
	u16 has;
	u16 lacks;
	int ret;
};

/**
 * struct camp_call - a call
 * @name: of the ioctl, or of what is special about it
 * @run: does it
 * @arg: depends on @run
 * @on: type of VM that has it, 0: all
 * @counts: in order it is part of the launch, which is another one then
 * @rules: the first one that fits; none fits: it succeeds
 */
struct camp_call {
	const char *name;
	int (*run)(struct camp_life *l, u32 arg);
	u32 arg;
	unsigned long on;
	bool counts;
	struct rule rules[7];
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

/* Pages that the launch wants private, and are it behind set_attr */
static int set_attr(struct camp_life *l, u32 arg)
{
	const struct camp_step s = { .npages = 4, .arg = arg };

	return camp_set_attr(l, &s);
}

/* The spare page is nobody's business. */
static int share_spare(struct camp_life *l, u32 arg)
{
	const struct camp_step s = { .page = CAMP_SPARE_PAGE, .npages = 1, .arg = arg };

	return camp_set_attr(l, &s);
}

static int set_cpuid(struct camp_life *l, u32 arg)
{
	const struct camp_step s = {};

	return l->w->type == KVM_X86_TDX_VM ? camp_tdx_set_cpuid(l, &s) : camp_set_cpuid(l, &s);
}

static int pre_fault(struct camp_life *l, u32 arg)
{
	const struct camp_step s = { .page = CAMP_SPARE_PAGE, .npages = 1 };

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

static int sev_op(struct camp_life *l, u32 id, void *data, size_t size)
{
	struct kvm_sev_cmd cmd = { .id = id, .sev_fd = l->sev_fd };

	return camp_enc(l, l->fd, &cmd, sizeof(cmd), &cmd.data, data, size);
}

/* @arg: command of a guest of SEV or SEV-ES, about memory of the shared slot's page */
static int sev_legacy(struct camp_life *l, u32 arg)
{
	u64 page = l->env->hva + (CAMP_SPARE_PAGE + 1) * PAGE_SIZE;
	union {
		struct kvm_sev_launch_start start;
		struct kvm_sev_launch_update_data update;
		struct kvm_sev_launch_secret secret;
		struct kvm_sev_launch_measure measure;
		struct kvm_sev_guest_status status;
		struct kvm_sev_dbg dbg;
		struct kvm_sev_attestation_report report;
		struct kvm_sev_send_start send;
		struct kvm_sev_send_update_data send_update;
		struct kvm_sev_receive_start receive;
		struct kvm_sev_receive_update_data receive_update;
	} args = {};

	switch (arg) {
	case KVM_SEV_LAUNCH_START:
		args.start.policy = 1;
		break;
	case KVM_SEV_LAUNCH_UPDATE_DATA:
		args.update = (typeof(args.update)){ .uaddr = page, .len = PAGE_SIZE };
		break;
	case KVM_SEV_LAUNCH_SECRET:
		args.secret = (typeof(args.secret)){
			.hdr_uaddr = page, .hdr_len = 52,
			.guest_uaddr = page + 256, .guest_len = 64,
			.trans_uaddr = page + 512, .trans_len = 64,
		};
		break;
	case KVM_SEV_LAUNCH_MEASURE:
		args.measure = (typeof(args.measure)){ .uaddr = page, .len = 48 };
		break;
	case KVM_SEV_DBG_DECRYPT:
	case KVM_SEV_DBG_ENCRYPT:
		args.dbg = (typeof(args.dbg)){
			.src_uaddr = page, .dst_uaddr = page + 256, .len = 64,
		};
		break;
	case KVM_SEV_GET_ATTESTATION_REPORT:
		args.report.uaddr = page;
		args.report.len = 0x180;
		break;
	case KVM_SEV_SEND_START:
		args.send.session_uaddr = page;
		args.send.session_len = 128;
		break;
	case KVM_SEV_SEND_UPDATE_DATA:
		args.send_update = (typeof(args.send_update)){
			.hdr_uaddr = page, .hdr_len = 52,
			.guest_uaddr = page + 256, .guest_len = 64,
			.trans_uaddr = page + 512, .trans_len = 64,
		};
		break;
	case KVM_SEV_RECEIVE_START:
		args.receive = (typeof(args.receive)){
			.policy = 1, .pdh_uaddr = page, .pdh_len = 0x824,
			.session_uaddr = page, .session_len = 128,
		};
		break;
	case KVM_SEV_RECEIVE_UPDATE_DATA:
		args.receive_update = (typeof(args.receive_update)){
			.hdr_uaddr = page, .hdr_len = 52,
			.guest_uaddr = page + 256, .guest_len = 64,
			.trans_uaddr = page + 512, .trans_len = 64,
		};
		break;
	}
	return sev_op(l, arg, &args, sizeof(args));
}

static int sev_init2(struct camp_life *l, u32 arg)
{
	struct kvm_sev_init args = {};

	return sev_op(l, KVM_SEV_INIT2, &args, sizeof(args));
}

static int snp_start(struct camp_life *l, u32 arg)
{
	struct kvm_sev_snp_launch_start args = { .policy = KT_SNP_POLICY };

	return sev_op(l, KVM_SEV_SNP_LAUNCH_START, &args, sizeof(args));
}

/* @arg: type of page, SPARE: of the page that no step launches, or else of page 0 */
static int snp_update(struct camp_life *l, u32 arg)
{
	u32 type = arg & ~SPARE, src = type == KVM_SEV_SNP_PAGE_TYPE_CPUID ? CAMP_CPUID_PAGE : 0;
	struct kvm_sev_snp_launch_update args = {
		.gfn_start = KT_GFN + (arg & SPARE ? CAMP_SPARE_PAGE : 0),
		.uaddr = l->env->src + src * PAGE_SIZE, .len = PAGE_SIZE, .type = type,
	};

	return sev_op(l, KVM_SEV_SNP_LAUNCH_UPDATE, &args, sizeof(args));
}

static int snp_finish(struct camp_life *l, u32 arg)
{
	struct kvm_sev_snp_launch_finish args = {};

	return sev_op(l, KVM_SEV_SNP_LAUNCH_FINISH, &args, sizeof(args));
}

/* TDX ----------------------------------------------------------------------------- */

/* Room for what the module knows of CPUID, in the page that camp_enc() has for it */
#define NR_CPUID	48

static int tdx_op(struct camp_life *l, int fd, u32 id, u32 flags, void *data, size_t size)
{
	struct kvm_tdx_cmd cmd = { .id = id, .flags = flags };

	return camp_enc(l, fd, &cmd, sizeof(cmd), &cmd.data, data, size);
}

static int tdx_capabilities(struct camp_life *l, u32 arg)
{
	static union {
		struct kvm_tdx_capabilities caps;
		u8 page[PAGE_SIZE];
	} u;

	memset(&u, 0, sizeof(u));
	u.caps.cpuid.nent = NR_CPUID;
	return tdx_op(l, l->fd, KVM_TDX_CAPABILITIES, 0, &u, sizeof(u));
}

/* @arg: on the vCPU's file */
static int tdx_init_vm(struct camp_life *l, u32 arg)
{
	return camp_tdx_init_vm(l, arg ? l->vcpu_fd[0] : l->fd);
}

static int tdx_finalize(struct camp_life *l, u32 arg)
{
	return tdx_op(l, l->fd, KVM_TDX_FINALIZE_VM, 0, NULL, 0);
}

/* @arg: on the VM's file */
static int tdx_init_vcpu(struct camp_life *l, u32 arg)
{
	return tdx_op(l, arg ? l->fd : l->vcpu_fd[0], KVM_TDX_INIT_VCPU, 0, NULL, 0);
}

static int tdx_get_cpuid(struct camp_life *l, u32 arg)
{
	static union {
		struct kvm_cpuid2 cpuid;
		u8 page[PAGE_SIZE];
	} u;

	memset(&u, 0, sizeof(u));
	u.cpuid.nent = (PAGE_SIZE - sizeof(u.cpuid)) / sizeof(u.cpuid.entries[0]);
	return tdx_op(l, l->vcpu_fd[0], KVM_TDX_GET_CPUID, 0, &u, sizeof(u));
}

/* @arg: flags; SPARE: of the page that no step launches, or else of page 0 */
static int tdx_region(struct camp_life *l, u32 arg)
{
	struct kvm_tdx_init_mem_region args = {
		.source_addr = l->env->src, .nr_pages = 1,
		.gpa = KT_GPA + (arg & SPARE ? CAMP_SPARE_PAGE * PAGE_SIZE : 0),
	};

	return tdx_op(l, l->vcpu_fd[0], KVM_TDX_INIT_MEM_REGION, arg & ~SPARE, &args,
		      sizeof(args));
}

/* What each call is to answer ------------------------------------------------------- */

#define ALWAYS(_ret)	{ 0, 0, _ret }
#define TYPE(_name)	KVM_SEV_SNP_PAGE_TYPE_##_name

/* A VM that is not initialised is none of SEV; one of SNP has its own commands. */
#define LEGACY(_name)							\
	{ #_name, sev_legacy, KVM_##_name, KVM_X86_SNP_VM, false,	\
	  { { INIT, 0, -EPERM }, ALWAYS(-ENOTTY) } }
#define INIT_OLD(_name)							\
	{ #_name, sev_legacy, KVM_##_name, KVM_X86_SNP_VM, false,	\
	  { { INIT, 0, -EPERM }, ALWAYS(-EINVAL) } }
#define UPDATE(_type)							\
	{ "SNP_LAUNCH_UPDATE_" #_type, snp_update, SPARE | TYPE(_type),	\
	  KVM_X86_SNP_VM, true,						\
	  { { 0, START, -EINVAL }, { 0, SPARE, -EINVAL }, { DONE, 0, -EIO },	\
	    { 0, ATTR, -EIO } } }

static const struct camp_call calls[] = {
	/* A TD has room for as many vCPUs as the host has CPUs, which is one. */
	{ "CREATE_VCPU", create_vcpu, 0, 0, true, {
		{ TDX, INIT, -EIO }, { TDX | VCPU, 0, -EINVAL }, { VCPU, 0, -EEXIST } } },
	{ "CREATE_ANOTHER_VCPU", create_vcpu, 9, 0, true, {
		{ TDX, INIT, -EIO }, { TDX | VCPU, 0, -EINVAL } } },
	{ "CREATE_GUEST_MEMFD", create_gmem, 0 },
	{ "CREATE_GUEST_MEMFD_INIT_SHARED", create_gmem, GUEST_MEMFD_FLAG_INIT_SHARED, .rules = {
		{ SNP, 0, -EINVAL }, { TDX, 0, -EINVAL } } },
	{ "CREATE_GUEST_MEMFD_BAD_FLAG", create_gmem, BIT(31), .rules = { ALWAYS(-EINVAL) } },
	{ "SET_SLOT", set_slot, KVM_MEM_GUEST_MEMFD, .rules = {
		{ SLOT, 0, -EINVAL }, { 0, GMEM, -EBADF } }, .counts = true },
	{ "SET_SLOT_WITHOUT_GMEM", set_slot, 0, .counts = true, .rules = {
		{ SLOT, 0, -EINVAL } } },
	{ "SET_SLOT_READONLY", set_slot, KVM_MEM_GUEST_MEMFD | KVM_MEM_READONLY, .rules = {
		ALWAYS(-EINVAL) } },
	{ "BIND_TWICE", bind_twice, 0, .counts = true, .rules = {
		{ SLOT, 0, -EEXIST }, { 0, GMEM, -EBADF } } },
	{ "SET_ATTR_PRIVATE", set_attr, KVM_MEMORY_ATTRIBUTE_PRIVATE, .rules = {
		{ 0, SNP | TDX, -EINVAL } } },
	{ "SET_ATTR_UNKNOWN", set_attr, BIT(0), .rules = { ALWAYS(-EINVAL) } },
	{ "SHARE_SPARE_PAGE", share_spare, 0 },
	{ "SET_CPUID2", set_cpuid, .rules = { { 0, VCPU, -EBADF } } },
	{ "PRE_FAULT_MEMORY", pre_fault, .counts = true, .rules = {
		{ 0, VCPU, -EBADF }, { SNP, DONE, -EOPNOTSUPP }, { TDX, DONE, -EOPNOTSUPP },
		{ 0, SPARE, -ENOENT } } },
	{ "RUN", run, .rules = { { 0, VCPU, -EBADF }, ALWAYS(-EINTR) } },
	{ "GET_REGS", get_regs, .rules = {
		{ 0, VCPU, -EBADF }, { SNP | DONE, 0, -EINVAL }, { TDX, 0, -EINVAL } } },
	{ "SET_REGS", set_regs, .counts = true, .rules = {
		{ 0, VCPU, -EBADF }, { SNP | DONE, 0, -EINVAL }, { TDX, 0, -EINVAL } } },
	{ "ALLOCATE_PAST_END", allocate_past_end, .rules = {
		{ 0, GMEM, -EBADF }, ALWAYS(-EINVAL) } },
	{ "PUNCH_UNALIGNED", punch_unaligned, .rules = {
		{ 0, GMEM, -EBADF }, ALWAYS(-EINVAL) } },

	INIT_OLD(SEV_INIT), INIT_OLD(SEV_ES_INIT),
	{ "SEV_INIT2", sev_init2, 0, KVM_X86_SNP_VM, true, { { INIT, 0, -EPERM } } },
	LEGACY(SEV_LAUNCH_START), LEGACY(SEV_LAUNCH_UPDATE_DATA),
	LEGACY(SEV_LAUNCH_UPDATE_VMSA), LEGACY(SEV_LAUNCH_SECRET),
	LEGACY(SEV_LAUNCH_MEASURE), LEGACY(SEV_LAUNCH_FINISH),
	LEGACY(SEV_SEND_START), LEGACY(SEV_SEND_UPDATE_DATA), LEGACY(SEV_SEND_FINISH),
	LEGACY(SEV_RECEIVE_START), LEGACY(SEV_RECEIVE_FINISH),
	/* As above but for the errno */
	INIT_OLD(SEV_RECEIVE_UPDATE_DATA),
	LEGACY(SEV_GUEST_STATUS), LEGACY(SEV_DBG_DECRYPT),
	LEGACY(SEV_DBG_ENCRYPT), LEGACY(SEV_GET_ATTESTATION_REPORT),
	LEGACY(SEV_SEND_CANCEL),
	{ "SNP_LAUNCH_START", snp_start, 0, KVM_X86_SNP_VM, true, {
		{ START, 0, -EINVAL }, { 0, INIT, -ENOTTY } } },
	{ "SNP_LAUNCH_FINISH", snp_finish, 0, KVM_X86_SNP_VM, true, {
		{ DONE, 0, -EINVAL }, { 0, INIT, -ENOTTY }, { 0, START, -EINVAL } } },
	UPDATE(NORMAL), UPDATE(ZERO), UPDATE(UNMEASURED), UPDATE(SECRETS), UPDATE(CPUID),
	{ "SNP_LAUNCH_UPDATE_TWICE", snp_update, TYPE(NORMAL), KVM_X86_SNP_VM, true, {
		{ 0, START, -EINVAL }, { PAGE0, 0, -EIO } } },

	{ "TDX_CAPABILITIES", tdx_capabilities, 0, KVM_X86_TDX_VM },
	{ "TDX_INIT_VM", tdx_init_vm, false, KVM_X86_TDX_VM, true, { { INIT, 0, -EINVAL } } },
	{ "TDX_INIT_VM_ON_VCPU", tdx_init_vm, true, KVM_X86_TDX_VM, false, {
		{ 0, VCPU, -EBADF }, ALWAYS(-EINVAL) } },
	{ "TDX_FINALIZE_VM", tdx_finalize, 0, KVM_X86_TDX_VM, true, {
		{ DONE, 0, -EINVAL }, { 0, VINIT, -EINVAL } } },
	{ "TDX_INIT_VCPU", tdx_init_vcpu, false, KVM_X86_TDX_VM, true, {
		{ 0, VCPU, -EBADF }, { VINIT, 0, -EINVAL }, { 0, LEAVES, -EINVAL } } },
	{ "TDX_INIT_VCPU_ON_VM", tdx_init_vcpu, true, KVM_X86_TDX_VM, false, {
		ALWAYS(-EINVAL) } },
	{ "TDX_GET_CPUID", tdx_get_cpuid, 0, KVM_X86_TDX_VM, false, {
		{ 0, VCPU, -EBADF }, { DONE, 0, -EINVAL } } },
	{ "TDX_INIT_MEM_REGION", tdx_region, SPARE, KVM_X86_TDX_VM, true, {
		{ 0, VCPU, -EBADF }, { 0, VINIT, -EINVAL }, { DONE, 0, -EINVAL },
		{ 0, ATTR | SPARE, -EINVAL } } },
	{ "TDX_INIT_MEM_REGION_MEASURED", tdx_region, SPARE | KVM_TDX_MEASURE_MEMORY_REGION,
	  KVM_X86_TDX_VM, true, {
		{ 0, VCPU, -EBADF }, { 0, VINIT, -EINVAL }, { DONE, 0, -EINVAL },
		{ 0, ATTR | SPARE, -EINVAL } } },
	{ "TDX_INIT_MEM_REGION_TWICE", tdx_region, 0, KVM_X86_TDX_VM, true, {
		{ 0, VCPU, -EBADF }, { 0, VINIT, -EINVAL }, { DONE, 0, -EINVAL },
		{ PAGE0, 0, -EIO } } },
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

/* Does a step begin like this? */
static bool is_step(const struct camp_step *s, const char *name)
{
	return strstarts(s->name, name);
}

static bool has_spare(const struct camp_binding *b)
{
	return CAMP_SPARE_PAGE >= b->page && CAMP_SPARE_PAGE < b->page + b->npages;
}

/* What has been done in front of step @at */
static u16 state_at(const struct camp_workload *w, unsigned int at)
{
	u16 has = w->type == KVM_X86_SNP_VM ? SNP : w->type == KVM_X86_TDX_VM ? TDX : 0;
	unsigned int i;

	for (i = 0; i < at; i++) {
		const struct camp_step *s = &w->steps[i];

		if (is_step(s, "init2") || is_step(s, "init_vm"))
			has |= INIT;
		else if (is_step(s, "create_gmem") && !(s->arg & 0xff))
			has |= GMEM;
		else if (s->run == camp_set_slot)
			has |= (s->arg ? 0 : SLOT) | (has_spare(&w->slots[s->arg]) ? SPARE : 0);
		else if (is_step(s, "set_attr"))
			has |= ATTR;
		else if (is_step(s, "start"))
			has |= START;
		else if (is_step(s, "update") || is_step(s, "region"))
			has |= s->page ? 0 : PAGE0;
		else if (is_step(s, "create_vcpu0"))
			has |= VCPU;
		else if (is_step(s, "set_cpuid0"))
			has |= LEAVES;
		else if (is_step(s, "init_vcpu0"))
			has |= VINIT;
		else if (is_step(s, "finish") || is_step(s, "finalize"))
			has |= DONE;
	}
	return has;
}

/**
 * camp_call_expects() - what a call is to answer
 * @w: workload
 * @i: number of the call
 * @step: in front of which step it is made
 * @counts: set if it is part of the launch when it succeeds
 *
 * Return: 0 or -errno.
 */
int camp_call_expects(const struct camp_workload *w, u32 i, unsigned int step, bool *counts)
{
	u16 has = state_at(w, step);
	unsigned int n;

	*counts = calls[i].counts;
	for (n = 0; n < ARRAY_SIZE(calls[i].rules); n++) {
		const struct rule *r = &calls[i].rules[n];

		if ((has & r->has) == r->has && !(has & r->lacks))
			return r->ret;
	}
	return 0;
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
