// SPDX-License-Identifier: GPL-2.0
/*
 * Drive KVM's real ioctls from a KUnit test.
 *
 * KUnit runs a test in a kernel thread and cleans up after it in another one.
 * All kernel threads share one file table, so file descriptors, which is what
 * KVM's ABI is made of, are good in every thread of a test; user memory is good
 * only in a thread that uses the test's mm.
 */
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/debug_locks.h>
#include <linux/falloc.h>
#include <linux/fault-inject.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/uaccess.h>

#include <asm/cpufeature.h>
#include <asm/sections.h>

#include "kvm_test_sim.h"
#include "kvm_test_priv.h"

#define KT_MAX_TASKS	16

static bool series_ops;
module_param_named(kt_ops, series_ops, bool, 0444);
MODULE_PARM_DESC(kt_ops, "KUnit: the kernel is SERIES=ops, with the weaknesses of the release");

/*
 * What a test carries along. @scratch is one page of user memory per thread,
 * through which the arguments of ioctls pass; @unchecked counts the assertions that
 * this machine could not answer.
 */
struct kt_fixture {
	struct kunit *test;
	atomic_t unchecked[KT_NR_FACILITIES];
	struct kt_sim_state sim;
	spinlock_t lock;
	struct {
		struct task_struct *task;
		unsigned long uaddr;
	} scratch[KT_MAX_TASKS];
};

struct kt_thread {
	struct task_struct *task;
	struct mm_struct *mm;
	struct kunit *test;
	struct completion done;
	int (*fn)(void *data);
	void *data;
	int ret;
};

/**
 * kt_rearm_once() - let WARN_ON_ONCE() fire again
 *
 * It has fired for the whole boot once it has fired for one test; every test is to
 * see its own.
 */
void kt_rearm_once(void)
{
#ifndef MODULE
	generic_bug_clear_once();
	memset(__start_once, 0, __end_once - __start_once);
#endif
}

static const char * const missing[KT_NR_FACILITIES] = {
	[KT_LEDGER] = "nobody keeps a ledger of the operations",
	[KT_FAULTS] = "no operation can be made to fail",
	[KT_ORACLES] = "there are no oracles",
	[KT_GATE] = "nobody can look on while an operation runs",
	[KT_INSIDE] = "neither firmware nor memory tells the host",
	[KT_GUESTS] = "there are no scripted guests",
};

/**
 * kt_needs() - skip a test that is about what this machine does not have
 * @test: the test
 * @what: what it needs
 *
 * A test that has failed already stays failed.
 */
void kt_needs(struct kunit *test, enum kt_facility what)
{
	if (kt_has(what))
		return;
	if (READ_ONCE(test->status) == KUNIT_FAILURE)
		kunit_try_catch_throw(&test->try_catch);
	/* With a simulator below a real CPU, only some of it is missing. */
	kunit_skip(test, "%s: %s", kt_has(KT_LEDGER) ? "not on a real CPU" :
		   "not without a simulator", missing[what]);
}

/**
 * kt_checks() - can an assertion be checked on this machine?
 * @test: the test
 * @what: what it needs
 *
 * If not, it is counted. How many there were is reported when the test ends. For
 * assertions besides the one that the test is about; that one is for kt_needs().
 *
 * Return: true if it can.
 */
bool kt_checks(struct kunit *test, enum kt_facility what)
{
	struct kt_fixture *fx = test->priv;

	if (kt_has(what))
		return true;
	atomic_inc(&fx->unchecked[what]);
	return false;
}

static void kt_check_end(void *data)
{
	struct kt_fixture *fx = data;
	unsigned int i;

	for (i = 0; i < KT_NR_FACILITIES; i++)
		if (atomic_read(&fx->unchecked[i]))
			kunit_info(fx->test, "SKIPPED assertions: %d, %s\n",
				   atomic_read(&fx->unchecked[i]), missing[i]);
	flush_delayed_fput();

	/* A lockdep report turns lockdep off: the tests that follow are blind. */
	KUNIT_EXPECT_TRUE_MSG(fx->test, debug_locks,
			      "a lockdep report during this test");
	kt_sim_end(fx->test, &fx->sim);
}

/**
 * kt_init() - the .init of every suite that uses this library
 * @test: the test
 *
 * Gives the test user memory and registers the checks that run when everything
 * else the test acquired has been released.
 *
 * Return: 0, or -errno if the test can't run.
 */
int kt_init(struct kunit *test)
{
	struct kt_fixture *fx;
	int ret;

	fx = kunit_kzalloc(test, sizeof(*fx), GFP_KERNEL);
	if (!fx)
		return -ENOMEM;
	fx->test = test;
	spin_lock_init(&fx->lock);

	if (!debug_locks) {
		kunit_err(test, "lockdep is off: an earlier report, or not configured\n");
		return -EIO;
	}

	ret = kunit_attach_mm();
	if (ret)
		return ret;

	kt_rearm_once();
	kt_sim_begin(&fx->sim);
	test->priv = fx;

	return kunit_add_action_or_reset(test, kt_check_end, fx);
}

/**
 * kt_fixed() - does this kernel have the patches of group fixes?
 *
 * The regression test of a finding asserts the violation in a kernel that does
 * not have them. It is told by the parameter kvm.kt_ops and does not find out by
 * itself, or it would take a fix that does not work for a kernel without it.
 *
 * Return: true unless the kernel was booted as one of SERIES=ops.
 */
bool kt_fixed(void)
{
	return !series_ops;
}

struct kt_sim_state *kt_sim_state(struct kunit *test)
{
	struct kt_fixture *fx = test->priv;

	return &fx->sim;
}

/* Files ------------------------------------------------------------------- */

/**
 * kt_close_fd() - close a descriptor that nobody else closes
 * @fd: a descriptor that was not given to kt_own_fd()
 */
void kt_close_fd(int fd)
{
	struct file *file = file_close_fd(fd);

	/*
	 * fput() of a kernel thread is deferred to a work item; close(2) runs
	 * ->release() before it returns, and so does this.
	 */
	if (file)
		__fput_sync(file);
	flush_delayed_fput();
}

static void kt_close_owned(void *data)
{
	kt_close_fd((unsigned long)data);
}

/**
 * kt_own_fd() - let a file descriptor be closed when the test ends
 * @test: the test
 * @fd: the descriptor; a negative one fails the test
 */
void kt_own_fd(struct kunit *test, int fd)
{
	KUNIT_ASSERT_GE(test, fd, 0);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, kt_close_owned,
						  (void *)(unsigned long)fd));
}

/**
 * kt_close() - close a file now, as close(2) does
 * @test: the test
 * @fd: a descriptor known to kt_own_fd(); everything this library opens is
 *
 * ->release() has run on return, unless something else holds the file.
 */
void kt_close(struct kunit *test, int fd)
{
	kunit_release_action(test, kt_close_owned, (void *)(unsigned long)fd);
}

/* A file by its path in a filesystem that nobody has mounted */
struct file *kt_open_in(const char *fs, const char *name, int flags)
{
	struct file_system_type *type;
	struct vfsmount *mnt;
	struct path root;
	struct file *file;

	type = get_fs_type(fs);
	if (!type)
		return ERR_PTR(-ENODEV);

	mnt = vfs_kern_mount(type, 0, fs, NULL);
	put_filesystem(type);
	if (IS_ERR(mnt))
		return ERR_CAST(mnt);

	root.mnt = mnt;
	root.dentry = mnt->mnt_root;
	file = file_open_root(&root, name, flags, 0);
	mntput(mnt);

	return file;
}

/**
 * kt_open_dev() - open a device node by its name
 * @test: the test
 * @name: name in /dev, e.g. "kvm"
 *
 * No /dev is mounted while KUnit runs at boot. The node is looked up in
 * devtmpfs itself, so there is no need to know a dynamic minor number.
 *
 * Return: a descriptor that is closed when the test ends, or -errno.
 */
int kt_open_dev(struct kunit *test, const char *name)
{
	struct file *file;
	int fd;

	file = kt_open_in("devtmpfs", name, O_RDWR | O_CLOEXEC);
	if (IS_ERR(file))
		return PTR_ERR(file);

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		fput(file);
		return fd;
	}
	fd_install(fd, file);
	kt_own_fd(test, fd);

	return fd;
}

/**
 * kt_file_priv() - what a descriptor stands for inside the kernel
 * @fd: a descriptor
 *
 * Return: private_data of the file, e.g. the struct kvm of a VM; valid while
 * the file is open. NULL if @fd is not open.
 */
void *kt_file_priv(int fd)
{
	struct file *file = fget(fd);
	void *priv;

	if (!file)
		return NULL;

	priv = file->private_data;
	fput(file);

	return priv;
}

/**
 * kt_file_inode() - the inode of an open file
 * @fd: a descriptor
 *
 * Return: the inode, valid while the file is open; NULL if @fd is not open.
 */
struct inode *kt_file_inode(int fd)
{
	struct file *file = fget(fd);
	struct inode *inode;

	if (!file)
		return NULL;

	inode = file_inode(file);
	fput(file);

	return inode;
}

/**
 * kt_ioctl() - an ioctl whose argument is a number or a user address
 * @fd: the file
 * @cmd: the command
 * @arg: the argument, as user space would pass it
 *
 * Return: what the file's ioctl handler returns.
 */
long kt_ioctl(int fd, unsigned int cmd, unsigned long arg)
{
	struct file *file = fget(fd);
	struct kt_balance balance;
	long ret;

	if (!file)
		return -EBADF;

	kt_balance_begin(&balance);
	ret = file->f_op->unlocked_ioctl ?
	      file->f_op->unlocked_ioctl(file, cmd, arg) : -ENOTTY;
	kt_balance_end(&balance, "ioctl", cmd);
	fput(file);

	return ret;
}

/* The calling thread's page for arguments */
unsigned long kt_scratch(struct kunit *test)
{
	struct kt_fixture *fx = test->priv;
	unsigned long uaddr = 0;
	int i, slot = -1;

	spin_lock(&fx->lock);
	for (i = 0; i < KT_MAX_TASKS; i++) {
		if (fx->scratch[i].task == current) {
			uaddr = fx->scratch[i].uaddr;
			break;
		}
		if (!fx->scratch[i].task && slot < 0)
			slot = i;
	}
	if (!uaddr && slot >= 0)
		fx->scratch[slot].task = current;
	spin_unlock(&fx->lock);

	if (uaddr || slot < 0)
		return uaddr;

	uaddr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (uaddr >= TASK_SIZE)
		uaddr = 0;
	fx->scratch[slot].uaddr = uaddr;
	if (!uaddr)
		fx->scratch[slot].task = NULL;

	return uaddr;
}

static void kt_scratch_put(struct kt_fixture *fx)
{
	int i;

	spin_lock(&fx->lock);
	for (i = 0; i < KT_MAX_TASKS; i++)
		if (fx->scratch[i].task == current)
			fx->scratch[i].task = NULL;
	spin_unlock(&fx->lock);
}

/**
 * kt_ioctl_buf() - an ioctl whose argument points to a structure
 * @test: the test
 * @fd: the file
 * @cmd: the command
 * @buf: the structure, updated from what the ioctl wrote
 * @size: its size, at most one page
 *
 * Return: what the file's ioctl handler returns, or -EFAULT if the structure
 * could not pass through user memory.
 */
long kt_ioctl_buf(struct kunit *test, int fd, unsigned int cmd, void *buf,
		  size_t size)
{
	unsigned long uaddr = kt_scratch(test);
	long ret;

	if (!uaddr || size > PAGE_SIZE ||
	    copy_to_user((void __user *)uaddr, buf, size))
		return -EFAULT;

	ret = kt_ioctl(fd, cmd, uaddr);

	if (copy_from_user(buf, (void __user *)uaddr, size))
		return -EFAULT;

	return ret;
}

/**
 * kt_fallocate() - fallocate(2)
 * @fd: the file
 * @mode: FALLOC_FL_*
 * @offset: first byte
 * @len: number of bytes
 *
 * Return: 0 or -errno.
 */
int kt_fallocate(int fd, int mode, loff_t offset, loff_t len)
{
	struct file *file = fget(fd);
	struct kt_balance balance;
	int ret;

	if (!file)
		return -EBADF;

	kt_balance_begin(&balance);
	ret = vfs_fallocate(file, mode, offset, len);
	kt_balance_end(&balance, "fallocate", mode);
	fput(file);

	return ret;
}

/* User memory -------------------------------------------------------------- */

/**
 * kt_mmap() - anonymous private memory of the test
 * @test: the test
 * @len: bytes
 * @prot: PROT_*
 *
 * Return: the user address; the test is over if there is none.
 */
unsigned long kt_mmap(struct kunit *test, size_t len, unsigned long prot)
{
	unsigned long uaddr;

	uaddr = kunit_vm_mmap(test, NULL, 0, len, prot,
			      MAP_PRIVATE | MAP_ANONYMOUS, 0);
	KUNIT_ASSERT_NE(test, uaddr, 0);
	/* An error comes back as an address. */
	KUNIT_ASSERT_LT(test, uaddr, TASK_SIZE);

	return uaddr;
}

static void kt_fput(void *data)
{
	fput(data);
	flush_delayed_fput();
}

/**
 * kt_mmap_ro() - user memory with contents that can't be written
 * @test: the test
 * @buf: the contents
 * @len: bytes
 *
 * Return: the user address, page-aligned; the test is over if there is none.
 */
unsigned long kt_mmap_ro(struct kunit *test, const void *buf, size_t len)
{
	unsigned long uaddr;
	struct file *file;
	loff_t pos = 0;

	file = shmem_file_setup("kt", PAGE_ALIGN(len), EMPTY_VMA_FLAGS);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, kt_fput, file));
	KUNIT_ASSERT_EQ(test, len, kernel_write(file, buf, len, &pos));

	uaddr = kunit_vm_mmap(test, file, 0, PAGE_ALIGN(len), PROT_READ,
			      MAP_SHARED, 0);
	KUNIT_ASSERT_NE(test, uaddr, 0);
	KUNIT_ASSERT_LT(test, uaddr, TASK_SIZE);

	return uaddr;
}

/**
 * kt_write() - write to user memory
 * @test: the test
 * @uaddr: user address
 * @buf: what to write
 * @len: bytes
 */
void kt_write(struct kunit *test, unsigned long uaddr, const void *buf,
	      size_t len)
{
	KUNIT_ASSERT_EQ(test, 0, copy_to_user((void __user *)uaddr, buf, len));
}

/**
 * kt_read() - read user memory
 * @test: the test
 * @uaddr: user address
 * @buf: where to put it
 * @len: bytes
 */
void kt_read(struct kunit *test, unsigned long uaddr, void *buf, size_t len)
{
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(buf, (void __user *)uaddr, len));
}

/**
 * kt_pattern() - contents that can't be mistaken for another page's
 * @page: PAGE_SIZE bytes
 * @seed: number of the page
 */
void kt_pattern(void *page, unsigned int seed)
{
	u32 *p = page;
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*p); i++)
		p[i] = 0x6b740000u + (seed << 10) + i;
}

/* VMs ---------------------------------------------------------------------- */

/**
 * kt_has_vm_type() - does this machine have VMs of a type?
 * @test: the test
 * @type: KVM_X86_*_VM
 *
 * Return: true if it has; the test is over if KVM can't be asked.
 */
bool kt_has_vm_type(struct kunit *test, unsigned long type)
{
	int fd, types;

	fd = kt_open_dev(test, "kvm");
	KUNIT_ASSERT_GE(test, fd, 0);
	types = kt_ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_VM_TYPES);
	kt_close(test, fd);
	KUNIT_ASSERT_GE(test, types, 0);

	return types & BIT(type);
}

/**
 * kt_needs_vm_type() - skip a test if this machine has no VMs of a type
 * @test: the test
 * @type: KVM_X86_*_VM
 * @name: what the machine lacks then
 *
 * A kernel with a simulator that runs on hardware asks the simulator nevertheless:
 * such a kernel is of no use here.
 */
void kt_needs_vm_type(struct kunit *test, unsigned long type, const char *name)
{
	if (!kt_has_vm_type(test, type))
		kunit_skip(test, "this machine has no %s", name);
	if (IS_ENABLED(CONFIG_KVM_KUNIT_SIM) && !kt_has(KT_LEDGER))
		kunit_skip(test, "%s hardware, but a kernel with CONFIG_KVM_KUNIT_SIM", name);
}

/**
 * kt_vm_bare() - a VM without memory or vCPUs
 * @test: the test
 * @type: KVM_X86_*_VM
 *
 * Return: the VM; the test is over if it can't be made.
 */
struct kt_vm *kt_vm_bare(struct kunit *test, unsigned long type)
{
	struct kt_vm *vm;

	vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vm);
	vm->test = test;
	vm->type = type;
	vm->sev_fd = -1;
	vm->gmem_fd = -1;

	vm->kvm_fd = kt_open_dev(test, "kvm");
	KUNIT_ASSERT_GE(test, vm->kvm_fd, 0);

	if (type >= KVM_X86_SEV_VM && type <= KVM_X86_SNP_VM) {
		vm->sev_fd = kt_open_dev(test, "sev");
		KUNIT_ASSERT_GE(test, vm->sev_fd, 0);
	}

	vm->fd = kt_ioctl(vm->kvm_fd, KVM_CREATE_VM, type);
	kt_own_fd(test, vm->fd);
	vm->kvm = kt_file_priv(vm->fd);

	return vm;
}

/**
 * kt_vm_gmem() - KVM_CREATE_GUEST_MEMFD
 * @vm: the VM
 * @size: bytes
 * @flags: GUEST_MEMFD_FLAG_*
 *
 * Return: a descriptor that is closed when the test ends, or -errno.
 */
int kt_vm_gmem(struct kt_vm *vm, u64 size, u64 flags)
{
	struct kvm_create_guest_memfd args = { .size = size, .flags = flags };
	int fd;

	fd = kt_ioctl_buf(vm->test, vm->fd, KVM_CREATE_GUEST_MEMFD, &args,
			  sizeof(args));
	if (fd >= 0)
		kt_own_fd(vm->test, fd);

	return fd;
}

/**
 * kt_vm_slot() - KVM_SET_USER_MEMORY_REGION2
 * @vm: the VM
 * @slot: number of the slot
 * @flags: KVM_MEM_*
 * @gpa: first guest-physical address
 * @size: bytes; 0 deletes the slot
 * @hva: user address of the shared memory
 * @gmem_fd: guest_memfd, if @flags has KVM_MEM_GUEST_MEMFD
 * @offset: where in the guest_memfd the slot begins
 *
 * Return: 0 or -errno.
 */
int kt_vm_slot(struct kt_vm *vm, u32 slot, u32 flags, u64 gpa, u64 size,
	       unsigned long hva, int gmem_fd, u64 offset)
{
	struct kvm_userspace_memory_region2 args = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = hva,
		.guest_memfd_offset = offset,
		.guest_memfd = gmem_fd,
	};

	return kt_ioctl_buf(vm->test, vm->fd, KVM_SET_USER_MEMORY_REGION2,
			    &args, sizeof(args));
}

/**
 * kt_vm_attr() - KVM_SET_MEMORY_ATTRIBUTES
 * @vm: the VM
 * @gpa: first guest-physical address
 * @size: bytes
 * @attrs: KVM_MEMORY_ATTRIBUTE_* or 0 for shared
 *
 * Return: 0 or -errno.
 */
int kt_vm_attr(struct kt_vm *vm, u64 gpa, u64 size, u64 attrs)
{
	struct kvm_memory_attributes args = {
		.address = gpa, .size = size, .attributes = attrs,
	};

	return kt_ioctl_buf(vm->test, vm->fd, KVM_SET_MEMORY_ATTRIBUTES, &args,
			    sizeof(args));
}

/**
 * kt_vm_memory() - give a VM its slot 0, all of it private
 * @vm: a VM of kt_vm_bare()
 * @npages: pages
 *
 * guest_memfd, memslot at KT_GPA, attributes, shared memory, and a buffer of
 * launch data that holds kt_pattern(n) in page n.
 */
void kt_vm_memory(struct kt_vm *vm, unsigned int npages)
{
	struct kunit *test = vm->test;
	size_t size = (size_t)npages << PAGE_SHIFT;
	unsigned int i;
	void *page;

	vm->npages = npages;
	vm->hva = kt_mmap(test, size, PROT_READ | PROT_WRITE);
	vm->src = kt_mmap(test, size, PROT_READ | PROT_WRITE);

	page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < npages; i++) {
		kt_pattern(page, i);
		kt_write(test, vm->src + i * PAGE_SIZE, page, PAGE_SIZE);
	}
	kunit_kfree(test, page);

	vm->gmem_fd = kt_vm_gmem(vm, size + (KT_GMEM_PGOFF << PAGE_SHIFT), 0);
	KUNIT_ASSERT_GE(test, vm->gmem_fd, 0);
	KUNIT_ASSERT_EQ(test, 0,
			kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, size,
				   vm->hva, vm->gmem_fd,
				   KT_GMEM_PGOFF << PAGE_SHIFT));
	KUNIT_ASSERT_EQ(test, 0,
			kt_vm_attr(vm, KT_GPA, size,
				   KVM_MEMORY_ATTRIBUTE_PRIVATE));
}

/**
 * kt_vm_new() - a VM with private memory
 * @test: the test
 * @type: KVM_X86_SW_PROTECTED_VM or another type that has private memory
 * @npages: pages of memory
 *
 * Return: the VM; the test is over if it can't be made.
 */
struct kt_vm *kt_vm_new(struct kunit *test, unsigned long type,
			unsigned int npages)
{
	struct kt_vm *vm = kt_vm_bare(test, type);

	kt_vm_memory(vm, npages);

	return vm;
}

/**
 * kt_vm_vcpu() - KVM_CREATE_VCPU
 * @vm: the VM
 *
 * The vCPU has the CPUID that KVM supports.
 *
 * Return: number of the vCPU in @vm, or -errno.
 */
int kt_vm_vcpu(struct kt_vm *vm)
{
	struct kunit *test = vm->test;
	struct kvm_cpuid2 *cpuid;
	unsigned int i = vm->nr_vcpus;
	size_t size;
	int fd, ret;

	if (i >= KT_MAX_VCPUS)
		return -EINVAL;

	fd = kt_ioctl(vm->fd, KVM_CREATE_VCPU, i);
	if (fd < 0)
		return fd;
	kt_own_fd(test, fd);
	vm->vcpu_fd[i] = fd;
	vm->nr_vcpus++;

	/* As many entries as fit into the page that arguments pass through */
	cpuid = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpuid);
	cpuid->nent = (PAGE_SIZE - sizeof(*cpuid)) / sizeof(cpuid->entries[0]);
	size = struct_size(cpuid, entries, cpuid->nent);
	ret = kt_ioctl_buf(test, vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid, size);
	/* A TD's width of guest-physical addresses is that of KVM_TDX_INIT_VM. */
	for (u32 e = 0; vm->type == KVM_X86_TDX_VM && !ret && e < cpuid->nent; e++) {
		u32 *eax = &cpuid->entries[e].eax;

		if (cpuid->entries[e].function == 0x80000008)
			*eax = (*eax & ~GENMASK(23, 16)) | 48 << 16;
	}
	if (!ret)
		ret = kt_ioctl_buf(test, fd, KVM_SET_CPUID2, cpuid, size);
	kunit_kfree(test, cpuid);

	return ret ?: i;
}

/**
 * kt_vcpu_run() - KVM_RUN
 * @vm: the VM
 * @i: number of the vCPU
 * @out: gets the head of struct kvm_run, i.e. the exit; may be NULL
 *
 * Return: what KVM_RUN returns.
 */
int kt_vcpu_run(struct kt_vm *vm, unsigned int i, struct kvm_run *out)
{
	int ret = kt_ioctl(vm->vcpu_fd[i], KVM_RUN, 0);
	struct kvm_vcpu *vcpu = kt_file_priv(vm->vcpu_fd[i]);

	/*
	 * Not by way of a mapping: it would keep the vCPU's file open until the
	 * test's thread is gone, which nobody waits for.
	 */
	if (out)
		memcpy(out, vcpu->run, sizeof(*out));

	return ret;
}

/**
 * kt_run_buf() - room for a copy of struct kvm_run, which is no small thing
 * @test: the test
 */
struct kvm_run *kt_run_buf(struct kunit *test)
{
	struct kvm_run *run = kunit_kzalloc(test, sizeof(*run), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, run);
	return run;
}

/**
 * kt_expect_exit() - KVM_RUN, and expect a reason for its return
 * @vm: the VM
 * @i: number of the vCPU
 * @run: gets the head of struct kvm_run
 * @reason: KVM_EXIT_*
 *
 * Return: what KVM_RUN returned.
 */
int kt_expect_exit(struct kt_vm *vm, unsigned int i, struct kvm_run *run, u32 reason)
{
	int ret = kt_vcpu_run(vm, i, run);

	KUNIT_EXPECT_EQ_MSG(vm->test, run->exit_reason, reason, "KVM_RUN: %d", ret);
	return ret;
}

/**
 * kt_vcpu_pre_fault() - KVM_PRE_FAULT_MEMORY
 * @vm: the VM
 * @i: number of the vCPU
 * @gpa: first guest-physical address, updated to what is left
 * @size: bytes, updated to what is left
 *
 * Return: 0 or -errno.
 */
int kt_vcpu_pre_fault(struct kt_vm *vm, unsigned int i, u64 *gpa, u64 *size)
{
	struct kvm_pre_fault_memory args = { .gpa = *gpa, .size = *size };
	int ret;

	ret = kt_ioctl_buf(vm->test, vm->vcpu_fd[i], KVM_PRE_FAULT_MEMORY,
			   &args, sizeof(args));
	*gpa = args.gpa;
	*size = args.size;

	return ret;
}

/**
 * kt_gmem_punch() - punch a hole into the private memory of slot 0
 * @vm: the VM
 * @page: first page, counted in the slot
 * @npages: how many
 *
 * Return: 0 or -errno.
 */
int kt_gmem_punch(struct kt_vm *vm, unsigned int page, unsigned int npages)
{
	return kt_fallocate(vm->gmem_fd,
			    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			    (loff_t)(page + KT_GMEM_PGOFF) << PAGE_SHIFT,
			    (loff_t)npages << PAGE_SHIFT);
}

/**
 * kt_gmem_allocate() - allocate private memory of slot 0 ahead of its use
 * @vm: the VM
 * @page: first page, counted in the slot
 * @npages: how many
 *
 * Return: 0 or -errno.
 */
int kt_gmem_allocate(struct kt_vm *vm, unsigned int page, unsigned int npages)
{
	return kt_fallocate(vm->gmem_fd, FALLOC_FL_KEEP_SIZE,
			    (loff_t)(page + KT_GMEM_PGOFF) << PAGE_SHIFT,
			    (loff_t)npages << PAGE_SHIFT);
}

/**
 * kt_gmem_folio() - the folio that guest_memfd holds for a page of slot 0
 * @vm: the VM
 * @page: the page, counted in the slot
 *
 * Return: the folio with a reference for the caller (folio_put()), or NULL if
 * there is none.
 */
struct folio *kt_gmem_folio(struct kt_vm *vm, unsigned int page)
{
	struct inode *inode = kt_file_inode(vm->gmem_fd);
	struct folio *folio;

	if (!inode)
		return NULL;

	folio = filemap_get_folio(inode->i_mapping, page + KT_GMEM_PGOFF);

	return IS_ERR(folio) ? NULL : folio;
}

/**
 * kt_page_spa() - system physical address of a page of slot 0
 * @vm: the VM
 * @page: the page, counted in the slot
 *
 * The test is over if guest_memfd has no page there.
 *
 * Return: the address.
 */
u64 kt_page_spa(struct kt_vm *vm, unsigned int page)
{
	struct folio *folio = kt_gmem_folio(vm, page);
	u64 spa;

	KUNIT_ASSERT_NOT_NULL(vm->test, folio);
	spa = PFN_PHYS(folio_pfn(folio));
	folio_put(folio);

	return spa;
}

/* SEV commands -------------------------------------------------------------- */

/**
 * kt_sev_at() - KVM_MEMORY_ENCRYPT_OP with parameters anywhere
 * @vm: the VM
 * @id: KVM_SEV_*
 * @data: user address of the command's parameters
 * @fw_error: what the error field holds before and after; may be NULL
 *
 * Return: what the ioctl returns.
 */
int kt_sev_at(struct kt_vm *vm, u32 id, unsigned long data, u32 *fw_error)
{
	struct kvm_sev_cmd cmd = {
		.id = id,
		.data = data,
		.sev_fd = vm->sev_fd,
		.error = fw_error ? *fw_error : 0,
	};
	int ret;

	ret = kt_ioctl_buf(vm->test, vm->fd, KVM_MEMORY_ENCRYPT_OP, &cmd,
			   sizeof(cmd));
	if (fw_error)
		*fw_error = cmd.error;

	return ret;
}

/**
 * kt_sev() - KVM_MEMORY_ENCRYPT_OP
 * @vm: the VM
 * @id: KVM_SEV_*
 * @data: parameters of the command, updated from what the command wrote
 * @size: their size, at most half a page
 * @fw_error: what the error field holds before and after; may be NULL
 *
 * Return: what the ioctl returns.
 */
int kt_sev(struct kt_vm *vm, u32 id, void *data, size_t size, u32 *fw_error)
{
	unsigned long uaddr = kt_scratch(vm->test);
	int ret;

	if (!uaddr || size > PAGE_SIZE / 2)
		return -EFAULT;

	/* The command uses the first half of the page, its data the other. */
	uaddr += PAGE_SIZE / 2;
	if (copy_to_user((void __user *)uaddr, data, size))
		return -EFAULT;

	ret = kt_sev_at(vm, id, uaddr, fw_error);

	if (copy_from_user(data, (void __user *)uaddr, size))
		return -EFAULT;

	return ret;
}

/**
 * kt_snp_init2() - KVM_SEV_INIT2
 * @vm: a VM of type KVM_X86_SNP_VM
 *
 * Return: 0 or -errno.
 */
int kt_snp_init2(struct kt_vm *vm)
{
	struct kvm_sev_init args = {};

	return kt_sev(vm, KVM_SEV_INIT2, &args, sizeof(args), NULL);
}

/**
 * kt_snp_start() - KVM_SEV_SNP_LAUNCH_START
 * @vm: the VM
 * @policy: the guest policy, e.g. KT_SNP_POLICY
 * @fw_error: what the error field holds before and after; may be NULL
 *
 * Return: 0 or -errno.
 */
int kt_snp_start(struct kt_vm *vm, u64 policy, u32 *fw_error)
{
	struct kvm_sev_snp_launch_start args = { .policy = policy };
	u64 mark = kt_mark();
	int ret;

	ret = kt_sev(vm, KVM_SEV_SNP_LAUNCH_START, &args, sizeof(args), fw_error);
	if (!ret)
		kt_sim_note_guest(vm, mark);

	return ret;
}

/**
 * kt_snp_update() - KVM_SEV_SNP_LAUNCH_UPDATE
 * @vm: the VM
 * @p: parameters, updated to what is left
 * @fw_error: what the error field holds before and after; may be NULL
 *
 * Return: 0 or -errno.
 */
int kt_snp_update(struct kt_vm *vm, struct kvm_sev_snp_launch_update *p,
		  u32 *fw_error)
{
	u64 mark = kt_mark(), len = p->len, gfn = p->gfn_start;
	int ret = kt_sev(vm, KVM_SEV_SNP_LAUNCH_UPDATE, p, sizeof(*p), fw_error);

	kt_sim_launched(vm, mark, gfn << PAGE_SHIFT, (len - p->len) >> PAGE_SHIFT);
	return ret;
}

/**
 * kt_snp_update_pages() - KVM_SEV_SNP_LAUNCH_UPDATE of pages of slot 0
 * @vm: the VM
 * @page: first page, counted in the slot and in @vm->src
 * @npages: how many
 * @type: KVM_SEV_SNP_PAGE_TYPE_*
 *
 * Return: 0 if every page was done, -errno, or the number of pages left.
 */
int kt_snp_update_pages(struct kt_vm *vm, unsigned int page,
			unsigned int npages, u8 type)
{
	struct kvm_sev_snp_launch_update p = {
		.gfn_start = KT_GFN + page,
		.uaddr = vm->src + page * PAGE_SIZE,
		.len = (u64)npages << PAGE_SHIFT,
		.type = type,
	};

	return kt_snp_update(vm, &p, NULL) ?: p.len >> PAGE_SHIFT;
}

/**
 * kt_snp_finish() - KVM_SEV_SNP_LAUNCH_FINISH
 * @vm: the VM
 * @p: parameters; NULL for none
 * @fw_error: what the error field holds before and after; may be NULL
 *
 * Return: 0 or -errno.
 */
int kt_snp_finish(struct kt_vm *vm, struct kvm_sev_snp_launch_finish *p,
		  u32 *fw_error)
{
	struct kvm_sev_snp_launch_finish none = {};

	return kt_sev(vm, KVM_SEV_SNP_LAUNCH_FINISH, p ?: &none, sizeof(none),
		      fw_error);
}

/**
 * kt_snp_vm() - an SNP VM with memory and one vCPU, before LAUNCH_START
 * @test: the test
 * @npages: pages of private memory
 *
 * Return: the VM; the test is over if it can't be made.
 */
struct kt_vm *kt_snp_vm(struct kunit *test, unsigned int npages)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	kt_vm_memory(vm, npages);
	KUNIT_ASSERT_EQ(test, 0, kt_vm_vcpu(vm));

	return vm;
}

/**
 * kt_snp_launching() - an SNP VM after LAUNCH_START
 * @test: the test
 * @npages: pages of private memory
 *
 * Return: the VM; the test is over if it can't be made.
 */
struct kt_vm *kt_snp_launching(struct kunit *test, unsigned int npages)
{
	struct kt_vm *vm = kt_snp_vm(test, npages);

	KUNIT_ASSERT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));

	return vm;
}

/**
 * kt_init_snp() - the .init of a suite that needs a machine with SNP
 * @test: the test
 *
 * On a machine of the other vendor the test is skipped, visibly.
 *
 * Return: 0, or -errno if the test can't run.
 */
int kt_init_snp(struct kunit *test)
{
	int ret;

	ret = kt_init(test);
	if (ret)
		return ret;

	kt_needs_vm_type(test, KVM_X86_SNP_VM, "SNP");

	return 0;
}

/**
 * kt_init_vmx() - the .init of a suite that needs a machine with VMX
 * @test: the test
 *
 * On a machine of the other vendor the test is skipped, visibly.
 *
 * Return: 0, or -errno if the test can't run.
 */
int kt_init_vmx(struct kunit *test)
{
	int ret;

	ret = kt_init(test);
	if (ret)
		return ret;

	if (!boot_cpu_has(X86_FEATURE_VMX))
		kunit_skip(test, "this machine has no VMX");

	return 0;
}

/**
 * kt_needs_cpus() - skip a test that is about more CPUs than there are
 * @test: the test
 * @cpus: how many it wants
 *
 * A TD has no more vCPUs than the machine has CPUs.
 */
void kt_needs_cpus(struct kunit *test, unsigned int cpus)
{
	if (num_online_cpus() < cpus)
		kunit_skip(test, "this machine has %u CPU(s), the test needs %u",
			   num_online_cpus(), cpus);
}

/* Threads ------------------------------------------------------------------ */

static int kt_thread_fn(void *data)
{
	struct kt_thread *t = data;

	kthread_use_mm(t->mm);
	/* A report in this thread is a failure of the test. */
	current->kunit_test = t->test;

	t->ret = t->fn(t->data);

	kt_scratch_put(t->test->priv);
	current->kunit_test = NULL;
	kthread_unuse_mm(t->mm);
	mmput(t->mm);
	complete(&t->done);

	return 0;
}

static void kt_thread_wait(void *data)
{
	struct kt_thread *t = data;

	wait_for_completion(&t->done);
}

/**
 * kt_thread_start() - run a function in a thread that shares the test's memory
 * @test: the test
 * @name: name of the thread
 * @fn: the function; it has to end by itself. It must not use KUNIT_ASSERT_*(),
 *	which would end the wrong thread.
 * @data: its argument
 *
 * Return: the thread, which is waited for at the latest when the test ends.
 */
struct kt_thread *kt_thread_start(struct kunit *test, const char *name,
				  int (*fn)(void *data), void *data)
{
	struct kt_thread *t;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->test = test;
	t->fn = fn;
	t->data = data;
	init_completion(&t->done);

	t->task = kthread_create(kt_thread_fn, t, "kt/%s", name);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->task));
	/* From here on the thread has to run, or its mm would leak. */
	t->mm = current->mm;
	mmget(t->mm);
	wake_up_process(t->task);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, kt_thread_wait, t));

	return t;
}

/**
 * kt_thread_join() - wait for a thread
 * @test: the test
 * @thread: the thread
 *
 * Return: what its function returned.
 */
int kt_thread_join(struct kunit *test, struct kt_thread *thread)
{
	kunit_release_action(test, kt_thread_wait, thread);

	return thread->ret;
}

/* Signals ------------------------------------------------------------------ */

/**
 * kt_signal_self() - make a signal pending in the calling thread
 *
 * Kernel threads ignore signals until they allow one. Undo with
 * kt_signal_clear().
 */
void kt_signal_self(void)
{
	allow_signal(SIGUSR1);
	send_sig(SIGUSR1, current, 1);
}

/**
 * kt_kill_self() - make SIGKILL pending in the calling thread
 *
 * The thread does not die of it, but what is killable ends. Undo with
 * kt_signal_clear().
 */
void kt_kill_self(void)
{
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
}

/**
 * kt_signal_clear() - no signal is pending any more
 */
void kt_signal_clear(void)
{
	flush_signals(current);
	disallow_signal(SIGUSR1);
	disallow_signal(SIGKILL);
}

/**
 * kt_console_loglevel() - let the kernel print less, or as much as before
 * @test: the test
 * @level: CONSOLE_LOGLEVEL_*, or what an earlier call returned
 *
 * Lines are printed when somebody gets around to it, at the level that holds
 * then.  A line of our own pushes those out that came before the change.
 *
 * Return: the level so far.
 */
int kt_console_loglevel(struct kunit *test, int level)
{
	int before = console_loglevel;

	kunit_info(test, "console loglevel %d\n", level);
	console_loglevel = level;
	return before;
}

/**
 * kt_debugfs_set() - write to a file of debugfs
 * @test: the test, which is over if that fails
 * @name: path in debugfs
 * @value: what to write
 */
void kt_debugfs_set(struct kunit *test, const char *name, const char *value)
{
	struct file *file = kt_open_in("debugfs", name, O_WRONLY);
	unsigned long uaddr = kt_scratch(test);
	size_t len = strlen(value);
	loff_t pos = 0;
	ssize_t n;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s", name);
	KUNIT_ASSERT_NE(test, uaddr, 0);
	kt_write(test, uaddr, value, len);
	n = vfs_write(file, (const char __user *)uaddr, len, &pos);
	fput(file);
	KUNIT_ASSERT_EQ_MSG(test, n, len, "%s", name);
}

static void deadline_missed(struct timer_list *t)
{
	struct kt_deadline *d = timer_container_of(d, t, timer);

	WRITE_ONCE(d->missed, true);
	send_sig(SIGUSR1, d->task, 1);
}

/**
 * kt_deadline_begin() - let a signal end what the calling thread does next
 * @d: the deadline, on its stack
 * @ms: when
 *
 * For what would try again for ever if it were wrong, so that the test fails
 * and ends. Ends with kt_deadline_end().
 */
void kt_deadline_begin(struct kt_deadline *d, unsigned int ms)
{
	d->task = current;
	d->missed = false;
	allow_signal(SIGUSR1);
	timer_setup_on_stack(&d->timer, deadline_missed, 0);
	mod_timer(&d->timer, jiffies + msecs_to_jiffies(ms));
}

/**
 * kt_deadline_end() - it was done in time, or not
 * @d: of kt_deadline_begin()
 *
 * Return: true if the signal had to be sent.
 */
bool kt_deadline_end(struct kt_deadline *d)
{
	timer_delete_sync(&d->timer);
	timer_destroy_on_stack(&d->timer);
	kt_signal_clear();

	return d->missed;
}

/* Allocations -------------------------------------------------------------- */

#if IS_ENABLED(CONFIG_FAILSLAB) && IS_ENABLED(CONFIG_FAIL_PAGE_ALLOC)

/*
 * By default neither fails an allocation that may wait, i.e. hardly any. With the
 * task filter they fail those of threads that ask for it, and no others.
 */
static void fail_any_alloc(struct kunit *test)
{
	static const struct {
		const char *name;
		const char *value;
	} switches[] = {
		{ "failslab/ignore-gfp-wait",		"N" },
		{ "failslab/verbose",			"0" },
		{ "failslab/task-filter",		"Y" },
		{ "failslab/times",			"-1" },
		{ "failslab/probability",		"100" },
		{ "fail_page_alloc/ignore-gfp-wait",	"N" },
		{ "fail_page_alloc/ignore-gfp-highmem",	"N" },
		{ "fail_page_alloc/min-order",		"0" },
		{ "fail_page_alloc/verbose",		"0" },
		{ "fail_page_alloc/task-filter",	"Y" },
		{ "fail_page_alloc/times",		"-1" },
		{ "fail_page_alloc/probability",	"100" },
	};
	static bool done;
	unsigned int i;

	if (done)
		return;

	for (i = 0; i < ARRAY_SIZE(switches); i++)
		kt_debugfs_set(test, switches[i].name, switches[i].value);
	flush_delayed_fput();
	done = true;
}

/**
 * kt_fail_alloc() - let an allocation of the calling thread fail
 * @test: the test
 * @nth: which of its allocations from now on, of pages and of objects, from 1
 *
 * Ends with kt_fail_alloc_end(). What is not under test must not allocate in
 * between: the memory that an ioctl's arguments pass through is made here.
 */
void kt_fail_alloc(struct kunit *test, unsigned int nth)
{
	u64 zero = 0;

	fail_any_alloc(test);
	kt_write(test, kt_scratch(test), &zero, sizeof(zero));
	current->fail_nth = nth;
}

/**
 * kt_fail_alloc_from() - let all allocations of the calling thread fail
 * @test: the test
 * @nth: from which one on, from 1
 *
 * As kt_fail_alloc(), for code that has another way if one fails.
 */
void kt_fail_alloc_from(struct kunit *test, unsigned int nth)
{
	kt_fail_alloc(test, nth);
	current->make_it_fail = 1;
}

/* Do all allocations of the calling thread fail now? In any context */
bool kt_fail_alloc_failing(void)
{
	return current->make_it_fail;
}

/* From the next one on they succeed; kt_fail_alloc_end() is still to come. In any context */
void kt_fail_alloc_stop(void)
{
	current->make_it_fail = 0;
}

/**
 * kt_fail_alloc_end() - allocations succeed again
 *
 * Return: true if one has failed, false if there were fewer.
 */
bool kt_fail_alloc_end(void)
{
	bool delivered = !current->fail_nth;

	current->fail_nth = 0;
	current->make_it_fail = 0;

	return delivered;
}

#else

void kt_fail_alloc(struct kunit *test, unsigned int nth)
{
	kunit_skip(test, "no fault injection in this kernel");
}

void kt_fail_alloc_from(struct kunit *test, unsigned int nth)
{
	kt_fail_alloc(test, nth);
}

bool kt_fail_alloc_failing(void)
{
	return false;
}

void kt_fail_alloc_stop(void)
{
}

bool kt_fail_alloc_end(void)
{
	return false;
}

#endif
