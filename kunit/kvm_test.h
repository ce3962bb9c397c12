/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drive KVM's real ioctls from a KUnit test.
 *
 * A test is a small VMM that runs in the kernel: it opens /dev/kvm and
 * /dev/sev, has user memory of its own, and calls the same entry points that a
 * system call reaches. Nothing of KVM is mocked here; what is simulated is the
 * machine below it.
 *
 * A suite sets .init = kt_init (or kt_init_snp). Everything a test acquires
 * through this library is released at its end, in reverse order, and after that
 * the simulated machine has to be clean.
 */
#ifndef __KVM_KUNIT_KVM_TEST_H
#define __KVM_KUNIT_KVM_TEST_H

#include <kunit/test.h>
#include <linux/kvm_host.h>
#include <linux/timer.h>

/*
 * Where a test VM has its memory. Neither the first GFN nor the offset into the
 * guest_memfd file is zero, so that code that mixes up GFN, index in the slot
 * and index in the file is seen to do so.
 */
#define KT_GPA		0x1000000ULL
#define KT_GFN		(KT_GPA >> PAGE_SHIFT)
#define KT_GMEM_PGOFF	4ULL

#define KT_MAX_VCPUS	4

/* Bits 16 (SMT) and 17 (must be one): the least that firmware accepts. */
#define KT_SNP_POLICY	0x30000ULL

/**
 * struct kt_vm - a VM under test
 * @test: the test it belongs to
 * @type: KVM_X86_*_VM
 * @kvm_fd: /dev/kvm
 * @sev_fd: /dev/sev, or -1 if the VM is not an SEV guest
 * @fd: the VM
 * @gmem_fd: the guest_memfd file bound to slot 0
 * @kvm: what @fd stands for; valid while @fd is open
 * @hva: user address of the shared memory of slot 0
 * @src: user address of the buffer launch data comes from, @npages pages; each
 *       page is filled with a pattern of its own (kt_pattern())
 * @npages: pages of slot 0
 * @nr_vcpus: vCPUs created so far
 * @vcpu_fd: the vCPUs
 * @gctx: simulated machine: the guest's context page
 * @asid: simulated machine: the guest's ASID
 */
struct kt_vm {
	struct kunit *test;
	unsigned long type;
	int kvm_fd;
	int sev_fd;
	int fd;
	int gmem_fd;
	struct kvm *kvm;
	unsigned long hva;
	unsigned long src;
	unsigned int npages;
	unsigned int nr_vcpus;
	int vcpu_fd[KT_MAX_VCPUS];
	u64 gctx;
	u32 asid;
};

struct kt_thread;

/**
 * struct kt_deadline - until when the calling thread may take
 * @timer: sends the signal
 * @task: to this thread
 * @missed: it was sent
 */
struct kt_deadline {
	struct timer_list timer;
	struct task_struct *task;
	bool missed;
};

int kt_init(struct kunit *test);
int kt_init_snp(struct kunit *test);
int kt_init_vmx(struct kunit *test);
void kt_needs_cpus(struct kunit *test, unsigned int cpus);
bool kt_fixed(void);

void kt_rearm_once(void);

/* Files and user memory */
int kt_open_dev(struct kunit *test, const char *name);
void kt_own_fd(struct kunit *test, int fd);
void kt_close(struct kunit *test, int fd);
void kt_close_fd(int fd);
void *kt_file_priv(int fd);
struct inode *kt_file_inode(int fd);
long kt_ioctl(int fd, unsigned int cmd, unsigned long arg);
long kt_ioctl_buf(struct kunit *test, int fd, unsigned int cmd, void *buf,
		  size_t size);
int kt_fallocate(int fd, int mode, loff_t offset, loff_t len);
unsigned long kt_mmap(struct kunit *test, size_t len, unsigned long prot);
unsigned long kt_mmap_ro(struct kunit *test, const void *buf, size_t len);
void kt_write(struct kunit *test, unsigned long uaddr, const void *buf,
	      size_t len);
void kt_read(struct kunit *test, unsigned long uaddr, void *buf, size_t len);
void kt_pattern(void *page, unsigned int seed);

/* VMs */
bool kt_has_vm_type(struct kunit *test, unsigned long type);
void kt_needs_vm_type(struct kunit *test, unsigned long type, const char *name);
struct kt_vm *kt_vm_bare(struct kunit *test, unsigned long type);
struct kt_vm *kt_vm_new(struct kunit *test, unsigned long type,
			unsigned int npages);
void kt_vm_memory(struct kt_vm *vm, unsigned int npages);
int kt_vm_gmem(struct kt_vm *vm, u64 size, u64 flags);
int kt_vm_slot(struct kt_vm *vm, u32 slot, u32 flags, u64 gpa, u64 size,
	       unsigned long hva, int gmem_fd, u64 offset);
int kt_vm_attr(struct kt_vm *vm, u64 gpa, u64 size, u64 attrs);
int kt_vm_vcpu(struct kt_vm *vm);
int kt_vcpu_run(struct kt_vm *vm, unsigned int i, struct kvm_run *out);
struct kvm_run *kt_run_buf(struct kunit *test);
int kt_expect_exit(struct kt_vm *vm, unsigned int i, struct kvm_run *run, u32 reason);
int kt_vcpu_pre_fault(struct kt_vm *vm, unsigned int i, u64 *gpa, u64 *size);
int kt_gmem_punch(struct kt_vm *vm, unsigned int page, unsigned int npages);
int kt_gmem_allocate(struct kt_vm *vm, unsigned int page, unsigned int npages);
struct folio *kt_gmem_folio(struct kt_vm *vm, unsigned int page);

/* SEV commands */
int kt_sev_at(struct kt_vm *vm, u32 id, unsigned long data, u32 *fw_error);
int kt_sev(struct kt_vm *vm, u32 id, void *data, size_t size, u32 *fw_error);
int kt_snp_init2(struct kt_vm *vm);
int kt_snp_start(struct kt_vm *vm, u64 policy, u32 *fw_error);
int kt_snp_update(struct kt_vm *vm, struct kvm_sev_snp_launch_update *p,
		  u32 *fw_error);
int kt_snp_update_pages(struct kt_vm *vm, unsigned int page,
			unsigned int npages, u8 type);
int kt_snp_finish(struct kt_vm *vm, struct kvm_sev_snp_launch_finish *p,
		  u32 *fw_error);
struct kt_vm *kt_snp_vm(struct kunit *test, unsigned int npages);
struct kt_vm *kt_snp_launching(struct kunit *test, unsigned int npages);

/* Threads */
struct kt_thread *kt_thread_start(struct kunit *test, const char *name,
				  int (*fn)(void *data), void *data);
int kt_thread_join(struct kunit *test, struct kt_thread *thread);

/* Signals: kernel threads have none unless they ask for it */
void kt_signal_self(void);
void kt_kill_self(void);
void kt_signal_clear(void);
void kt_deadline_begin(struct kt_deadline *d, unsigned int ms);
bool kt_deadline_end(struct kt_deadline *d);

int kt_console_loglevel(struct kunit *test, int level);

/* Allocations of the calling thread that fail */
void kt_fail_alloc(struct kunit *test, unsigned int nth);
void kt_fail_alloc_from(struct kunit *test, unsigned int nth);
bool kt_fail_alloc_failing(void);
void kt_fail_alloc_stop(void);
bool kt_fail_alloc_end(void);

#endif /* __KVM_KUNIT_KVM_TEST_H */
