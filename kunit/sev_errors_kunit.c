// SPDX-License-Identifier: GPL-2.0
/*
 * The ways out of the commands for plain SEV and SEV-ES guests when something is
 * wrong: arguments, memory, firmware. After each the guest is where it was.
 *
 * An SEV-ES guest, whose launch has all the commands.
 */
#include <linux/cred.h>
#include <linux/mman.h>
#include <linux/psp-sev.h>

#include "svm/svm.h"

#include "kvm_test_sim.h"

#define NPAGES		16
#define LEN		(NPAGES * PAGE_SIZE)

#define POLICY_ES	BIT(2)
#define MEASURE_LEN	48

/* Where no user memory is */
#define NOWHERE		(TASK_SIZE - PAGE_SIZE)

static int init(struct kunit *test)
{
	int ret = kt_init_snp(test);

	if (ret)
		return ret;
	kt_needs_vm_type(test, KVM_X86_SEV_ES_VM, "SEV-ES");
	return 0;
}

static struct kt_vm *new_vm(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SEV_ES_VM);
	struct kvm_sev_init args = {};

	KUNIT_ASSERT_EQ(test, 0, kt_sev(vm, KVM_SEV_INIT2, &args, sizeof(args), NULL));
	vm->npages = NPAGES;
	vm->hva = kt_mmap(test, LEN, PROT_READ | PROT_WRITE);
	vm->src = kt_mmap(test, LEN, PROT_READ | PROT_WRITE);
	return vm;
}

static int start(struct kt_vm *vm)
{
	struct kvm_sev_launch_start args = { .policy = POLICY_ES };

	return kt_sev(vm, KVM_SEV_LAUNCH_START, &args, sizeof(args), NULL);
}

/* After LAUNCH_START, with a vCPU */
static struct kt_vm *launching(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);

	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	KUNIT_ASSERT_EQ(test, 0, start(vm));
	return vm;
}

static int update(struct kt_vm *vm, unsigned long uaddr, u32 len)
{
	struct kvm_sev_launch_update_data args = { .uaddr = uaddr, .len = len };

	return kt_sev(vm, KVM_SEV_LAUNCH_UPDATE_DATA, &args, sizeof(args), NULL);
}

static int update_vmsa(struct kt_vm *vm, u32 *error)
{
	return kt_sev_at(vm, KVM_SEV_LAUNCH_UPDATE_VMSA, 0, error);
}

static int measure(struct kt_vm *vm)
{
	struct kvm_sev_launch_measure args = { .uaddr = vm->src, .len = MEASURE_LEN };

	return kt_sev(vm, KVM_SEV_LAUNCH_MEASURE, &args, sizeof(args), NULL);
}

/* Nobody's secret, which firmware refuses as soon as it sees it */
static int secret(struct kt_vm *vm, unsigned long uaddr, u32 len, u32 trans_len, u32 *error)
{
	struct kvm_sev_launch_secret args = {
		.hdr_uaddr = vm->src, .hdr_len = 52,
		.guest_uaddr = uaddr, .guest_len = len,
		.trans_uaddr = vm->src + PAGE_SIZE, .trans_len = trans_len,
	};

	return kt_sev(vm, KVM_SEV_LAUNCH_SECRET, &args, sizeof(args), error);
}

static int report(struct kt_vm *vm, unsigned long uaddr, u32 *len, u32 *error)
{
	struct kvm_sev_attestation_report args = { .uaddr = uaddr, .len = *len };
	int ret = kt_sev(vm, KVM_SEV_GET_ATTESTATION_REPORT, &args, sizeof(args), error);

	*len = args.len;
	return ret;
}

static int dbg(struct kt_vm *vm, u32 id, unsigned long src, unsigned long dst, u32 len, u32 *error)
{
	struct kvm_sev_dbg args = { .src_uaddr = src, .dst_uaddr = dst, .len = len };

	return kt_sev(vm, id, &args, sizeof(args), error);
}

static int region(struct kt_vm *vm, unsigned int cmd, u64 addr, u64 size)
{
	struct kvm_enc_region r = { .addr = addr, .size = size };

	return kt_ioctl_buf(vm->test, vm->fd, cmd, &r, sizeof(r));
}

static int enable(struct kt_vm *vm, u32 cap, int fd)
{
	struct kvm_enable_cap args = { .cap = cap, .args = { fd } };

	return kt_ioctl_buf(vm->test, vm->fd, KVM_ENABLE_CAP, &args, sizeof(args));
}

/* The launch goes on to its end. */
static void expect_launch(struct kt_vm *vm)
{
	struct kunit *test = vm->test;
	u32 error = 0;

	KUNIT_EXPECT_EQ(test, 0, update(vm, vm->hva, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, 0, update_vmsa(vm, &error));
	KUNIT_EXPECT_EQ(test, 0, measure(vm));
	KUNIT_EXPECT_EQ(test, 0, kt_sev_at(vm, KVM_SEV_LAUNCH_FINISH, 0, &error));
}

/* Arguments ------------------------------------------------------------------ */

/* Commands of a guest, and what they are without one */
static const struct {
	const char *name;
	u32 id;
	int no_guest;
	bool reads;
} commands[] = {
	{ "LAUNCH_START", KVM_SEV_LAUNCH_START, -ENOTTY, true },
	{ "LAUNCH_UPDATE_DATA", KVM_SEV_LAUNCH_UPDATE_DATA, -ENOTTY, true },
	{ "LAUNCH_UPDATE_VMSA", KVM_SEV_LAUNCH_UPDATE_VMSA, -ENOTTY },
	{ "LAUNCH_MEASURE", KVM_SEV_LAUNCH_MEASURE, -ENOTTY, true },
	{ "LAUNCH_SECRET", KVM_SEV_LAUNCH_SECRET, -ENOTTY, true },
	{ "LAUNCH_FINISH", KVM_SEV_LAUNCH_FINISH, -ENOTTY },
	{ "GUEST_STATUS", KVM_SEV_GUEST_STATUS, -ENOTTY },
	{ "DBG_DECRYPT", KVM_SEV_DBG_DECRYPT, -ENOTTY, true },
	{ "DBG_ENCRYPT", KVM_SEV_DBG_ENCRYPT, -ENOTTY, true },
	{ "GET_ATTESTATION_REPORT", KVM_SEV_GET_ATTESTATION_REPORT, -ENOTTY, true },
	{ "SEND_START", KVM_SEV_SEND_START, -ENOTTY, true },
	{ "SEND_UPDATE_DATA", KVM_SEV_SEND_UPDATE_DATA, -ENOTTY, true },
	{ "SEND_FINISH", KVM_SEV_SEND_FINISH, -ENOTTY },
	{ "SEND_CANCEL", KVM_SEV_SEND_CANCEL, -ENOTTY },
	{ "RECEIVE_START", KVM_SEV_RECEIVE_START, -ENOTTY, true },
	{ "RECEIVE_UPDATE_DATA", KVM_SEV_RECEIVE_UPDATE_DATA, -EINVAL, true },
	{ "RECEIVE_FINISH", KVM_SEV_RECEIVE_FINISH, -ENOTTY },
};

static void without_a_guest(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SEV_ES_VM);
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	u64 mark = kt_mark();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		KUNIT_EXPECT_EQ_MSG(test, commands[i].no_guest,
				    kt_sev_at(vm, commands[i].id, uaddr, NULL), "%s",
				    commands[i].name);
	KUNIT_EXPECT_EQ(test, -ENOTTY, region(vm, KVM_MEMORY_ENCRYPT_REG_REGION, uaddr, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -ENOTTY,
			region(vm, KVM_MEMORY_ENCRYPT_UNREG_REGION, uaddr, PAGE_SIZE));
	KT_EXPECT_NO_CALLS(test, mark);
}

static void arguments_unreadable(struct kunit *test)
{
	struct kt_vm *vm = launching(test);
	u64 mark = kt_mark();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].reads)
			KUNIT_EXPECT_EQ_MSG(test, -EFAULT,
					    kt_sev_at(vm, commands[i].id, NOWHERE, NULL), "%s",
					    commands[i].name);
	KT_EXPECT_NO_CALLS(test, mark);
	expect_launch(vm);
}

/* What can't be told is undone: the handle of a guest that nobody knows of */
static void start_unwritable(struct kunit *test)
{
	static const char * const ops[] = {
		"SEV_LAUNCH_START", "SEV_ACTIVATE", "SEV_DEACTIVATE", "SEV_DECOMMISSION", NULL
	};
	struct kvm_sev_launch_start args = { .policy = POLICY_ES };
	struct kt_vm *vm = new_vm(test);
	unsigned int i;
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EFAULT,
			kt_sev_at(vm, KVM_SEV_LAUNCH_START,
				  kt_mmap_ro(test, &args, sizeof(args)), NULL));
	for (i = 0; ops[i]; i++)
		KT_EXPECT_CALLS(test, mark, ops[i], 1);
	KUNIT_EXPECT_EQ(test, 0, start(vm));
	expect_launch(vm);
}

static void start_refused_by_firmware(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test);
	int fault;
	u64 mark;

	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));
	fault = kt_fault(test, "SEV_LAUNCH_START", 1, SEV_RET_POLICY_FAILURE);
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EIO, start(vm));
	kt_expect_delivered(test, fault, 1);
	KT_EXPECT_CALLS(test, mark, "SEV_ACTIVATE", 0);
	KUNIT_EXPECT_EQ(test, 0, start(vm));
	expect_launch(vm);
}

/* Where the answer should go, or its length, can't be written to. */
static void answers_unwritable(struct kunit *test)
{
	struct kt_vm *vm = launching(test);
	struct kvm_sev_launch_measure m = { .uaddr = vm->src, .len = MEASURE_LEN };
	struct kvm_sev_attestation_report r = { .uaddr = vm->src };
	u32 len = 0, error = 0;

	KUNIT_EXPECT_EQ(test, -EFAULT, kt_sev_at(vm, KVM_SEV_GUEST_STATUS, NOWHERE, &error));

	/* There is a report of what was launched, and firmware says how long it is. */
	expect_launch(vm);
	KUNIT_EXPECT_EQ(test, -EIO, report(vm, 0, &len, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_LEN, error);
	KUNIT_ASSERT_GT(test, len, 0);
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_sev_at(vm, KVM_SEV_GET_ATTESTATION_REPORT,
						 kt_mmap_ro(test, &r, sizeof(r)), &error));
	KUNIT_EXPECT_EQ(test, -EFAULT, report(vm, NOWHERE, &len, &error));
	len--;
	KUNIT_EXPECT_EQ(test, -EIO, report(vm, vm->src, &len, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_LEN, error);
	len = SEV_FW_BLOB_MAX_SIZE + 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, report(vm, vm->src, &len, &error));

	/* A launch is measured once, whatever becomes of the measurement. */
	vm = launching(test);
	m.uaddr = NOWHERE;
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_sev(vm, KVM_SEV_LAUNCH_MEASURE, &m, sizeof(m), NULL));
	KUNIT_EXPECT_EQ(test, MEASURE_LEN, m.len);
	KUNIT_EXPECT_EQ(test, -EIO, measure(vm));

	vm = launching(test);
	m.uaddr = vm->src;
	KUNIT_EXPECT_EQ(test, -EFAULT, kt_sev_at(vm, KVM_SEV_LAUNCH_MEASURE,
						 kt_mmap_ro(test, &m, sizeof(m)), NULL));
	KUNIT_EXPECT_EQ(test, -EIO, measure(vm));
}

/* What is copied from user memory for firmware has a limit. */
static void blobs_too_long(struct kunit *test)
{
	struct kvm_sev_launch_start s = { .policy = POLICY_ES, .dh_len = SEV_FW_BLOB_MAX_SIZE + 1 };
	struct kt_vm *vm = new_vm(test);
	u64 mark = kt_mark();
	u32 error = 0;

	s.dh_uaddr = vm->src;
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev(vm, KVM_SEV_LAUNCH_START, &s, sizeof(s), NULL));
	s.session_uaddr = vm->src;
	s.session_len = s.dh_len--;
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev(vm, KVM_SEV_LAUNCH_START, &s, sizeof(s), NULL));
	KT_EXPECT_NO_CALLS(test, mark);

	KUNIT_ASSERT_EQ(test, 0, start(vm));
	mark = kt_mark();
	KUNIT_EXPECT_EQ(test, -EINVAL, secret(vm, vm->hva, 16, SEV_FW_BLOB_MAX_SIZE + 1, &error));
	KT_EXPECT_NO_CALLS(test, mark);
}

/* Certificates are an SNP guest's, and asked for before it has a vCPU. */
static void certificates(struct kunit *test)
{
	struct kt_vm *vm = new_vm(test), *snp = kt_vm_bare(test, KVM_X86_SNP_VM);

	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev_at(vm, KVM_SEV_SNP_ENABLE_REQ_CERTS, 0, NULL));
	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(snp));
	KUNIT_EXPECT_EQ(test, 0, kt_sev_at(snp, KVM_SEV_SNP_ENABLE_REQ_CERTS, 0, NULL));
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(snp));
	KUNIT_EXPECT_EQ(test, -EINVAL, kt_sev_at(snp, KVM_SEV_SNP_ENABLE_REQ_CERTS, 0, NULL));
}

/* vCPUs ------------------------------------------------------------------------- */

static void vmsa_of_a_debugged_vcpu(struct kunit *test)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE };
	struct kt_vm *vm = launching(test);
	struct kvm_debugregs regs = {};
	u64 mark = kt_mark();
	u32 error = 0;

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_SET_GUEST_DEBUG, &debug,
					      sizeof(debug)));
	KUNIT_EXPECT_EQ(test, -EINVAL, update_vmsa(vm, &error));
	debug.control = 0;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_SET_GUEST_DEBUG, &debug,
					      sizeof(debug)));

	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_GET_DEBUGREGS, &regs,
					      sizeof(regs)));
	regs.dr7 |= 1;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_SET_DEBUGREGS, &regs,
					      sizeof(regs)));
	KUNIT_EXPECT_EQ(test, -EINVAL, update_vmsa(vm, &error));
	regs.dr7 &= ~1ull;
	KUNIT_ASSERT_EQ(test, 0, kt_ioctl_buf(test, vm->vcpu_fd[0], KVM_SET_DEBUGREGS, &regs,
					      sizeof(regs)));
	KUNIT_EXPECT_EQ(test, 0, error);
	KT_EXPECT_NO_CALLS(test, mark);
	expect_launch(vm);
}

static void vmsa_refused_by_firmware(struct kunit *test)
{
	struct kt_vm *vm = launching(test);
	int fault = kt_fault(test, "SEV_LAUNCH_UPDATE_VMSA", 1, SEV_RET_INVALID_ADDRESS);
	u32 error = 0;

	KUNIT_EXPECT_EQ(test, -EIO, update_vmsa(vm, &error));
	kt_expect_delivered(test, fault, 1);
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_ADDRESS, error);
	expect_launch(vm);
}

static void vmsa_while_a_vcpu_is_created(struct kunit *test)
{
	struct kt_vm *vm = launching(test);
	u64 mark = kt_mark();
	u32 error = 0;

	mutex_lock(&vm->kvm->lock);
	vm->kvm->created_vcpus++;
	mutex_unlock(&vm->kvm->lock);
	KUNIT_EXPECT_EQ(test, -EBUSY, update_vmsa(vm, &error));
	mutex_lock(&vm->kvm->lock);
	vm->kvm->created_vcpus--;
	mutex_unlock(&vm->kvm->lock);
	KT_EXPECT_NO_CALLS(test, mark);
	expect_launch(vm);
}

/* A lock that another thread has while the caller, who waits for it, is killed */
struct holder {
	/* of KVM, held until the caller has been killed */
	struct mutex *lock;
	struct completion held, release;
	struct kt_thread *thread;
};

static int hold(void *data)
{
	struct holder *h = data;

	mutex_lock(h->lock);
	complete(&h->held);
	wait_for_completion(&h->release);
	mutex_unlock(h->lock);
	return 0;
}

static struct holder *killed_begin(struct kunit *test, struct mutex *lock)
{
	struct holder *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, h);
	h->lock = lock;
	init_completion(&h->held);
	init_completion(&h->release);
	h->thread = kt_thread_start(test, "hold", hold, h);
	wait_for_completion(&h->held);
	kt_kill_self();
	return h;
}

static void killed_end(struct kunit *test, struct holder *h)
{
	kt_signal_clear();
	complete(&h->release);
	KUNIT_EXPECT_EQ(test, 0, kt_thread_join(test, h->thread));
}

static struct mutex *vcpu_mutex(struct kt_vm *vm)
{
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[0]);

	return &vcpu->mutex;
}

static void vmsa_killed_while_waiting(struct kunit *test)
{
	struct kt_vm *vm = launching(test);
	struct holder *h = killed_begin(test, vcpu_mutex(vm));
	u64 mark = kt_mark();
	u32 error = 0;

	KUNIT_EXPECT_EQ(test, -EINTR, update_vmsa(vm, &error));
	killed_end(test, h);
	KT_EXPECT_NO_CALLS(test, mark);
	expect_launch(vm);
}

/* Memory ------------------------------------------------------------------------- */

static long pinned(struct kt_vm *vm)
{
	return to_kvm_sev_info(vm->kvm)->pages_locked;
}

/* Ranges that can't be pinned: too long for a number, for the machine, or not there */
static void ranges_that_cannot_be_pinned(struct kunit *test)
{
	struct kt_vm *vm = launching(test);
	u64 mark = kt_mark();
	u32 error = 0;

	KUNIT_EXPECT_EQ(test, -EINVAL, region(vm, KVM_MEMORY_ENCRYPT_REG_REGION, vm->hva,
					      (u64)INT_MAX * PAGE_SIZE + PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EINVAL, region(vm, KVM_MEMORY_ENCRYPT_REG_REGION, vm->hva,
					      (totalram_pages() + 1) * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -ENOMEM, region(vm, KVM_MEMORY_ENCRYPT_REG_REGION, NOWHERE,
					      PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -ENOMEM, update(vm, NOWHERE, PAGE_SIZE));
	/* The page that was pinned first is let go. */
	KUNIT_EXPECT_EQ(test, -ENOMEM, dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva, NOWHERE, 16,
					   &error));
	KUNIT_EXPECT_EQ(test, 0, pinned(vm));
	KT_EXPECT_NO_CALLS(test, mark);
	expect_launch(vm);
}

/* Who may not lock memory may pin as much as RLIMIT_MEMLOCK says. */
static void pinning_is_limited(struct kunit *test)
{
	struct rlimit *limit = &current->signal->rlim[RLIMIT_MEMLOCK], was = *limit;
	struct kt_vm *vm = launching(test);
	const struct cred *old;
	struct cred *cred = prepare_creds();
	int ret[3];
	u32 error = 0;

	KUNIT_ASSERT_NOT_NULL(test, cred);
	cap_lower(cred->cap_effective, CAP_IPC_LOCK);
	limit->rlim_cur = 2 * PAGE_SIZE;
	old = override_creds(cred);
	ret[0] = update(vm, vm->hva, 3 * PAGE_SIZE);
	ret[1] = update(vm, vm->hva, 2 * PAGE_SIZE);
	limit->rlim_cur = 0;
	ret[2] = dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva, vm->src, 16, &error);
	put_cred(revert_creds(old));
	*limit = was;

	KUNIT_EXPECT_EQ(test, -ENOMEM, ret[0]);
	KUNIT_EXPECT_EQ(test, 0, ret[1]);
	KUNIT_EXPECT_EQ(test, -ENOMEM, ret[2]);
	KUNIT_EXPECT_EQ(test, 0, pinned(vm));
	expect_launch(vm);
}

/* A secret goes to one piece of memory. */
static void secret_in_pieces(struct kunit *test)
{
	struct kt_vm *vm = launching(test);
	struct page *pages[NPAGES];
	u64 mark = kt_mark();
	unsigned int i;
	u32 error = 0;
	u8 byte = 1;

	/* Pages come in ascending order, more often than not. */
	for (i = NPAGES; i--; )
		kt_write(test, vm->hva + i * PAGE_SIZE, &byte, 1);
	KUNIT_ASSERT_EQ(test, NPAGES, get_user_pages_fast(vm->hva, NPAGES, 0, pages));
	for (i = 0; i < NPAGES; i++)
		put_page(pages[i]);
	for (i = 1; i < NPAGES; i++)
		if (page_to_pfn(pages[i]) != page_to_pfn(pages[i - 1]) + 1)
			break;
	KUNIT_ASSERT_LT(test, i, NPAGES);
	KUNIT_EXPECT_EQ(test, -EINVAL, secret(vm, vm->hva + i * PAGE_SIZE - 16, 32, 32, &error));
	KUNIT_EXPECT_EQ(test, 0, pinned(vm));
	KT_EXPECT_NO_CALLS(test, mark);
	expect_launch(vm);
}

/* Memory runs out, at each allocation of a command in turn. */
static int reg_region(struct kt_vm *vm)
{
	return region(vm, KVM_MEMORY_ENCRYPT_REG_REGION, vm->hva, PAGE_SIZE);
}

static int update_page(struct kt_vm *vm)
{
	return update(vm, vm->hva, PAGE_SIZE);
}

static int give_secret(struct kt_vm *vm)
{
	u32 error = 0;

	return secret(vm, vm->hva, 32, 32, &error);
}

static int get_report(struct kt_vm *vm)
{
	u32 len = PAGE_SIZE, error = 0;

	return report(vm, vm->src, &len, &error);
}

static int decrypt_unaligned(struct kt_vm *vm)
{
	u32 error = 0;

	return dbg(vm, KVM_SEV_DBG_DECRYPT, vm->hva + 3, vm->src, 5, &error);
}

static int encrypt_unaligned(struct kt_vm *vm)
{
	u32 error = 0;

	return dbg(vm, KVM_SEV_DBG_ENCRYPT, vm->src, vm->hva + 3, 5, &error);
}

static const struct hungry {
	const char *name;
	int (*call)(struct kt_vm *vm);
	/* What comes of it with enough memory */
	int ret;
	/* The driver has a buffer of its own for the answer; if not, it is -EFAULT. */
	bool bounced;
} hungry[] = {
	{ "REG_REGION", reg_region, 0 },
	{ "LAUNCH_UPDATE_DATA", update_page, 0 },
	/* Not before it was measured */
	{ "LAUNCH_SECRET", give_secret, -EIO },
	{ "DBG_DECRYPT", decrypt_unaligned, 0 },
	{ "DBG_ENCRYPT", encrypt_unaligned, 0 },
	{ "GET_ATTESTATION_REPORT", get_report, -EIO, true },
	{ "LAUNCH_MEASURE", measure, 0, true },
};

KUNIT_ARRAY_PARAM_DESC(hungry, hungry, name);

static void no_memory(struct kunit *test)
{
	const struct hungry *c = test->param_value;
	struct kt_vm *vm = launching(test);
	unsigned int nth;
	int ret;

	if (!kt_fixed() && c->bounced)
		kunit_skip(test, "without the fix the driver loses its command buffer, see snp_findings");
	/* So that no page has to be faulted in, which allocates as well */
	KUNIT_ASSERT_EQ(test, 0, update(vm, vm->hva, PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, update(vm, vm->src, PAGE_SIZE));
	for (nth = 1; nth < 20; nth++) {
		kt_fail_alloc(test, nth);
		ret = c->call(vm);
		/* With all of them, or but one that it can do without: a slab is refilled */
		if (!kt_fail_alloc_end() || ret == c->ret)
			break;
		KUNIT_EXPECT_EQ_MSG(test, c->bounced && nth > 1 ? -EFAULT : -ENOMEM, ret,
				    "allocation %u", nth);
		KUNIT_EXPECT_EQ(test, 0, pinned(vm));
	}
	KUNIT_EXPECT_GT(test, nth, 1);
	KUNIT_EXPECT_EQ(test, c->ret, ret);
}

/* Debugging -------------------------------------------------------------------- */

/* What is not aligned is done by way of a buffer; firmware does not want to. */
static void debugging_refused_by_firmware(struct kunit *test)
{
	struct kt_vm *vm = launching(test);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, update(vm, vm->hva, PAGE_SIZE));
	for (i = 0; i < 2; i++) {
		/* To change a part of a block the rest has to be read. */
		int fault = kt_fault(test, "SEV_DBG_DECRYPT", 1, SEV_RET_POLICY_FAILURE);
		u32 error = 0;

		KUNIT_EXPECT_EQ(test, -EIO, dbg(vm, i ? KVM_SEV_DBG_ENCRYPT : KVM_SEV_DBG_DECRYPT,
						i ? vm->src : vm->hva + 3,
						i ? vm->hva + 3 : vm->src, 5, &error));
		kt_expect_delivered(test, fault, 1);
		KUNIT_EXPECT_EQ(test, SEV_RET_POLICY_FAILURE, error);
		KUNIT_EXPECT_EQ(test, 0, pinned(vm));
	}
	expect_launch(vm);
}

/* Two VMs ------------------------------------------------------------------------ */

static const u32 two_vms[] = {
	KVM_CAP_VM_COPY_ENC_CONTEXT_FROM, KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM,
};

static void other_is_no_vm(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SEV_ES_VM);
	struct kt_vm *plain = kt_vm_bare(test, KVM_X86_SEV_VM);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(two_vms); i++) {
		KUNIT_EXPECT_EQ(test, -EBADF, enable(vm, two_vms[i], -1));
		KUNIT_EXPECT_EQ(test, -EBADF, enable(vm, two_vms[i], vm->kvm_fd));
		KUNIT_EXPECT_EQ(test, -EINVAL, enable(vm, two_vms[i], vm->fd));
		/* One without keys, of its own type and another */
		KUNIT_EXPECT_EQ(test, -EINVAL, enable(vm, two_vms[i], plain->fd));
		KUNIT_EXPECT_EQ(test, -EINVAL, enable(plain, two_vms[i], vm->fd));
	}
}

static void other_is_busy(struct kunit *test)
{
	struct kt_vm *src = launching(test), *dst = kt_vm_bare(test, KVM_X86_SEV_ES_VM);
	struct kt_vm *vms[] = { dst, src };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(two_vms); i++)
		for (k = 0; k < 2; k++) {
			atomic_t *busy = &to_kvm_sev_info(vms[k]->kvm)->migration_in_progress;
			struct holder *h;

			/* As while another thread is at it, with a third VM */
			atomic_set(busy, 1);
			KUNIT_EXPECT_EQ(test, -EBUSY, enable(dst, two_vms[i], src->fd));
			KUNIT_EXPECT_EQ(test, 1, atomic_read(busy));
			atomic_set(busy, 0);

			h = killed_begin(test, &vms[k]->kvm->lock);
			KUNIT_EXPECT_EQ(test, -EINTR, enable(dst, two_vms[i], src->fd));
			killed_end(test, h);
			KUNIT_EXPECT_EQ(test, 0, atomic_read(busy));
		}
	KUNIT_EXPECT_EQ(test, 0, enable(dst, KVM_CAP_VM_COPY_ENC_CONTEXT_FROM, src->fd));
	expect_launch(src);
}

/* A mirror has no memory of its own to register. */
static void regions_of_a_mirror(struct kunit *test)
{
	struct kt_vm *src = launching(test), *mirror = kt_vm_bare(test, KVM_X86_SEV_ES_VM);

	KUNIT_ASSERT_EQ(test, 0, enable(mirror, KVM_CAP_VM_COPY_ENC_CONTEXT_FROM, src->fd));
	KUNIT_EXPECT_EQ(test, -EINVAL, region(mirror, KVM_MEMORY_ENCRYPT_REG_REGION, src->hva,
					      PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EINVAL, region(mirror, KVM_MEMORY_ENCRYPT_UNREG_REGION, src->hva,
					      PAGE_SIZE));
}

/* The vCPUs of both: how many, in what state, and whether they can be locked */
static void vcpus_of_a_moved_vm(struct kunit *test)
{
	struct kt_vm *src = launching(test), *dst = kt_vm_bare(test, KVM_X86_SEV_ES_VM);
	struct kt_vm *vms[] = { dst, src };
	const u32 move = KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM;
	unsigned int k;
	u32 error = 0;

	/* One has a vCPU, the other none. */
	KUNIT_EXPECT_EQ(test, -EINVAL, enable(dst, move, src->fd));
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(dst));
	/* The VMSA is not measured yet. */
	KUNIT_EXPECT_EQ(test, -EINVAL, enable(dst, move, src->fd));
	KUNIT_ASSERT_EQ(test, 0, update_vmsa(src, &error));
	for (k = 0; k < 2; k++) {
		struct holder *h = killed_begin(test, vcpu_mutex(vms[k]));

		KUNIT_EXPECT_EQ(test, -EINTR, enable(dst, move, src->fd));
		killed_end(test, h);

		mutex_lock(&vms[k]->kvm->lock);
		vms[k]->kvm->created_vcpus++;
		mutex_unlock(&vms[k]->kvm->lock);
		KUNIT_EXPECT_EQ(test, -EBUSY, enable(dst, move, src->fd));
		mutex_lock(&vms[k]->kvm->lock);
		vms[k]->kvm->created_vcpus--;
		mutex_unlock(&vms[k]->kvm->lock);
	}
	/* It was moved nowhere. */
	KUNIT_EXPECT_EQ(test, 0, measure(src));
	KUNIT_EXPECT_EQ(test, 0, kt_sev_at(src, KVM_SEV_LAUNCH_FINISH, 0, &error));
	KUNIT_EXPECT_EQ(test, 0, enable(dst, move, src->fd));
	KUNIT_EXPECT_EQ(test, -EIO, kt_sev_at(src, KVM_SEV_LAUNCH_FINISH, 0, &error));
	KUNIT_EXPECT_TRUE(test, src->kvm->vm_dead);
}

static struct kunit_case sev_errors_cases[] = {
	KUNIT_CASE(without_a_guest),
	KUNIT_CASE(arguments_unreadable),
	KUNIT_CASE(start_unwritable),
	KUNIT_CASE(start_refused_by_firmware),
	KUNIT_CASE(answers_unwritable),
	KUNIT_CASE(blobs_too_long),
	KUNIT_CASE(certificates),
	KUNIT_CASE(vmsa_of_a_debugged_vcpu),
	KUNIT_CASE(vmsa_refused_by_firmware),
	KUNIT_CASE(vmsa_while_a_vcpu_is_created),
	KUNIT_CASE(vmsa_killed_while_waiting),
	KUNIT_CASE(ranges_that_cannot_be_pinned),
	KUNIT_CASE(pinning_is_limited),
	KUNIT_CASE(secret_in_pieces),
	KUNIT_CASE_PARAM(no_memory, hungry_gen_params),
	KUNIT_CASE(debugging_refused_by_firmware),
	KUNIT_CASE(other_is_no_vm),
	KUNIT_CASE(other_is_busy),
	KUNIT_CASE(regions_of_a_mirror),
	KUNIT_CASE(vcpus_of_a_moved_vm),
	{}
};

static struct kunit_suite sev_errors_suite = {
	.name = "sev_errors",
	.init = init,
	.test_cases = sev_errors_cases,
};

kunit_test_suite(sev_errors_suite);
