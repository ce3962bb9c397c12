// SPDX-License-Identifier: GPL-2.0
/*
 * Regression tests of findings: each asserts the violation
 * in a kernel of SERIES=ops and its absence in one of SERIES=fixed.
 */
#include <linux/file.h>
#include <linux/misc_cgroup.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/path.h>
#include <linux/psp-sev.h>
#include <linux/swap.h>
#include <trace/events/kmem.h>
#include <asm/sev.h>

#include "../../../drivers/crypto/ccp/psp-dev.h"
#include "../../../drivers/crypto/ccp/sev-dev.h"

#include "svm/svm.h"

#include "kvm_test_sim.h"

#define T_NORMAL	KVM_SEV_SNP_PAGE_TYPE_NORMAL

/* Commands of /dev/sev -------------------------------------------------------------- */

static int issue(struct kunit *test, int fd, u32 id, unsigned long data)
{
	struct sev_issue_cmd cmd = { .cmd = id, .data = data };

	return kt_ioctl_buf(test, fd, SEV_ISSUE_CMD, &cmd, sizeof(cmd));
}

/* A command whose answer goes to a buffer that the driver has to allocate */
static int get_id(struct kunit *test, int fd, unsigned long uaddr)
{
	struct sev_user_data_get_id2 id = { .address = uaddr + 1024, .length = 64 };

	kt_write(test, uaddr, &id, sizeof(id));
	return issue(test, fd, SEV_GET_ID2, uaddr);
}

/* The driver has two command buffers; one that is not given back is one less. */
static void release_command_buffers(void)
{
	struct sev_device *sev = psp_master->sev_data;

	sev->cmd_buf_active = false;
	sev->cmd_buf_backup_active = false;
}

static void no_memory_does_not_cost_a_command_buffer(struct kunit *test)
{
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	int fd = kt_open_dev(test, "sev");
	unsigned int i, nth = 1;
	int ret;

	KUNIT_ASSERT_EQ(test, 0, get_id(test, fd, uaddr));
	for (i = 0; i < 2; i++) {
		/* The ID's buffer, then the one that firmware may write to */
		do {
			kt_fail_alloc(test, nth);
			ret = get_id(test, fd, uaddr);
			KUNIT_ASSERT_TRUE(test, kt_fail_alloc_end());
		} while (ret == -ENOMEM && nth++ < 10);
		KUNIT_EXPECT_EQ(test, -EFAULT, ret);
	}

	/* Memory is back; so are the commands, for all who use the PSP. */
	ret = issue(test, fd, SEV_PLATFORM_STATUS, uaddr);
	if (!kt_fixed())
		release_command_buffers();
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : -EBUSY, ret);
	KUNIT_EXPECT_EQ(test, 0, get_id(test, fd, uaddr));
}

/* The buffer itself can't be made firmware's. */
static void failed_conversion_does_not_cost_a_command_buffer(struct kunit *test)
{
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	int fd = kt_open_dev(test, "sev");
	int fault, ret;

	fault = kt_fault_full(test, "RMPUPDATE", 1, 2, KT_FAULT_BEFORE, KT_RMP_FAIL_INUSE);
	KUNIT_EXPECT_EQ(test, -EFAULT, issue(test, fd, SEV_PLATFORM_STATUS, uaddr));
	KUNIT_EXPECT_EQ(test, -EFAULT, issue(test, fd, SEV_PLATFORM_STATUS, uaddr));
	kt_expect_delivered(test, fault, 2);

	ret = issue(test, fd, SEV_PLATFORM_STATUS, uaddr);
	if (!kt_fixed())
		release_command_buffers();
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : -EBUSY, ret);
}

/* Firmware keeps a command's buffer. Nothing else fails, and nothing else gets lost. */
static void lost_command_buffer_is_replaced(struct kunit *test)
{
	unsigned long uaddr = kt_mmap(test, PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct sev_device *sev = psp_master->sev_data;
	void *bufs[] = { sev->cmd_buf, sev->cmd_buf_backup };
	int fd = kt_open_dev(test, "sev");
	u64 spa[2];
	int fault, ret;

	kt_needs(test, KT_FAULTS);
	/* Buffers of its own, as they are leaked */
	sev->cmd_buf = (void *)__get_free_page(GFP_KERNEL | __GFP_NOFAIL);
	sev->cmd_buf_backup = (void *)__get_free_page(GFP_KERNEL | __GFP_NOFAIL);
	spa[0] = __pa(sev->cmd_buf);
	spa[1] = __pa(sev->cmd_buf_backup);

	fault = kt_fault(test, "SNP_PAGE_RECLAIM", 1, SEV_RET_INVALID_PAGE_STATE);
	KUNIT_EXPECT_EQ(test, -EFAULT, issue(test, fd, SEV_PLATFORM_STATUS, uaddr));
	kt_expect_delivered(test, fault, 1);

	/* To reclaim a buffer takes another one. */
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : -EFAULT,
			issue(test, fd, SEV_PLATFORM_STATUS, uaddr));
	ret = issue(test, fd, SEV_PLATFORM_STATUS, uaddr);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : -EBUSY, ret);

	if (kt_fixed())
		free_page((unsigned long)sev->cmd_buf_backup);
	sev->cmd_buf = bufs[0];
	sev->cmd_buf_backup = bufs[1];
	release_command_buffers();
	kt_take_back(test, spa[0]);
	if (!kt_fixed())
		kt_take_back(test, spa[1]);
}

/* A page that did not become firmware's is as good as new. */
static void failed_conversion_does_not_cost_the_page(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_vm(test, 1);
	struct kt_op *e;
	const unsigned int nr = 16;
	unsigned int i, j, again = 0;
	u64 spa[16];

	e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e);
	for (i = 0; i < nr; i++) {
		u64 mark = kt_mark();

		kt_fault_clear();
		kt_fault(test, "RMPUPDATE", 1, KT_RMP_FAIL_INUSE);
		KUNIT_EXPECT_LT(test, kt_snp_start(vm, KT_SNP_POLICY, NULL), 0);
		KUNIT_ASSERT_EQ(test, 1, kt_ops(test, mark, "RMPUPDATE", e, 1));
		spa[i] = e->spa;
		for (j = 0; j < i && spa[j] != spa[i]; j++)
			;
		again += j < i;
	}
	/* What was given back is what the next allocation gets, mostly. */
	if (kt_fixed())
		KUNIT_EXPECT_GT(test, again, 0);
	else
		KUNIT_EXPECT_EQ(test, again, 0);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
}

/* Launch ------------------------------------------------------------------------------ */

/* User space must not make the kernel WARN. */
static void launch_without_a_source(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	struct kvm_sev_snp_launch_update p = {
		.gfn_start = KT_GFN,
		.len = PAGE_SIZE,
		.type = T_NORMAL,
	};
	int ret = 0, warnings = 0;

	kunit_warning_suppress(test) {
		ret = kt_snp_update(vm, &p, NULL);
		warnings = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	KUNIT_EXPECT_EQ(test, kt_fixed() ? -EINVAL : -EIO, ret);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : 1, warnings);
}

/* -ENOTTY says that there is no such ioctl. */
static void failed_start_says_why(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_vm(test, 1);
	u32 error = 0;
	int ret;

	kt_fault(test, "SNP_GCTX_CREATE", 1, SEV_RET_INVALID_PAGE_STATE);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? -EIO : -ENOTTY,
			kt_snp_start(vm, KT_SNP_POLICY, &error));
	KUNIT_EXPECT_EQ(test, SEV_RET_INVALID_PAGE_STATE, error);

	kt_fail_alloc(test, 1);
	ret = kt_snp_start(vm, KT_SNP_POLICY, NULL);
	KUNIT_EXPECT_TRUE(test, kt_fail_alloc_end());
	KUNIT_EXPECT_EQ(test, kt_fixed() ? -ENOMEM : -ENOTTY, ret);
	KUNIT_EXPECT_EQ(test, 0, kt_snp_start(vm, KT_SNP_POLICY, NULL));
}

/* Failures that look as if the call could be repeated let it be repeated. */
static void finish_can_be_repeated(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	struct kvm_sev_snp_launch_finish p = {
		.id_block_en = 1,
		.id_block_uaddr = TASK_SIZE - PAGE_SIZE,
	};

	KUNIT_EXPECT_EQ(test, -EFAULT, kt_snp_finish(vm, &p, NULL));
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : -EINVAL, kt_snp_finish(vm, NULL, NULL));
}

/* Creating a VM is interrupted; there is nothing that a lock could be needed for. */
static void vm_that_is_not_created(struct kunit *test)
{
	int fd = kt_open_dev(test, "kvm");
	int ret = 0, warnings = 0;

	KUNIT_ASSERT_GE(test, fd, 0);
	/* Signals are looked for once per mapping of the task. */
	kt_mmap(test, PAGE_SIZE, PROT_READ);
	kt_signal_self();
	kunit_warning_suppress(test) {
		ret = kt_ioctl(fd, KVM_CREATE_VM, KVM_X86_SNP_VM);
		warnings = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, -EINTR, ret);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : 1, warnings);
}

/*
 * A VM is moved to the test's control group from another. Both accounts are of
 * SEV-ES ASIDs, and no other changes.
 */
static void moved_vm_is_charged_as_what_it_is(struct kunit *test)
{
	struct misc_cg *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL), *own;
	struct kvm_enable_cap cap = { .cap = KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM };
	struct kvm_sev_init init = {};
	struct kvm_sev_info *sev;
	struct kt_vm *src, *dst;
	int ret = 0, warnings = 0;
	s64 es, plain;

	KUNIT_ASSERT_NOT_NULL(test, other);
	if (!kt_has_vm_type(test, KVM_X86_SEV_ES_VM))
		kunit_skip(test, "this machine has no SEV-ES guests");
	src = kt_vm_bare(test, KVM_X86_SEV_ES_VM);
	dst = kt_vm_bare(test, KVM_X86_SEV_ES_VM);
	sev = to_kvm_sev_info(src->kvm);
	cap.args[0] = src->fd;
	other->css.flags = CSS_NO_REF;
	other->res[MISC_CG_RES_SEV].max = U64_MAX;
	other->res[MISC_CG_RES_SEV_ES].max = U64_MAX;
	KUNIT_ASSERT_EQ(test, 0, kt_sev(src, KVM_SEV_INIT2, &init, sizeof(init), NULL));

	/* As if the VM had been made in the other group */
	own = sev->misc_cg;
	misc_cg_uncharge(MISC_CG_RES_SEV_ES, own, 1);
	KUNIT_ASSERT_EQ(test, 0, misc_cg_try_charge(MISC_CG_RES_SEV_ES, other, 1));
	sev->misc_cg = other;
	es = atomic64_read(&own->res[MISC_CG_RES_SEV_ES].usage);
	plain = atomic64_read(&own->res[MISC_CG_RES_SEV].usage);

	kunit_warning_suppress(test) {
		ret = kt_ioctl_buf(test, dst->fd, KVM_ENABLE_CAP, &cap, sizeof(cap));
		warnings = KUNIT_SUPPRESSED_WARNING_COUNT();
	}
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : 1, warnings);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : 1,
			atomic64_read(&other->res[MISC_CG_RES_SEV_ES].usage));
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : -1,
			atomic64_read(&other->res[MISC_CG_RES_SEV].usage));
	KUNIT_EXPECT_EQ(test, es + kt_fixed(),
			atomic64_read(&own->res[MISC_CG_RES_SEV_ES].usage));
	KUNIT_EXPECT_EQ(test, plain + !kt_fixed(),
			atomic64_read(&own->res[MISC_CG_RES_SEV].usage));

	if (!kt_fixed()) {
		misc_cg_uncharge(MISC_CG_RES_SEV, own, 1);
		KUNIT_EXPECT_EQ(test, 0, misc_cg_try_charge(MISC_CG_RES_SEV_ES, own, 1));
	}
	put_misc_cg(own);
}

/* Pages that are given up ---------------------------------------------------------------- */

/*
 * A page of guest_memfd, with a reference of the test's own that keeps it from
 * being freed in the end, and nothing else that would use its lru field.
 */
static struct folio *hold_page(struct kt_vm *vm)
{
	struct folio *folio;

	KUNIT_ASSERT_EQ(vm->test, 0, kt_gmem_allocate(vm, 0, 1));
	folio = kt_gmem_folio(vm, 0);
	KUNIT_ASSERT_NOT_NULL(vm->test, folio);
	lru_add_drain_all();

	return folio;
}

/*
 * Firmware does not give the page back: KVM says that it leaks the page. When
 * guest_memfd drops it, somebody has to hold it still.
 */
static void page_that_is_leaked_stays_allocated(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	struct folio *folio = hold_page(vm);
	u64 spa = PFN_PHYS(folio_pfn(folio));
	int fault;

	kt_fault(test, "SNP_LAUNCH_UPDATE", 1, SEV_RET_INVALID_PAGE_STATE);
	fault = kt_fault(test, "SNP_PAGE_RECLAIM", 1, SEV_RET_INVALID_PAGE_STATE);
	kunit_warning_suppress(test) {
		KUNIT_EXPECT_EQ(test, -1, kt_snp_update_pages(vm, 0, 1, T_NORMAL) ? -1 : 0);
		KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, 1));
	}
	kt_expect_delivered(test, fault, 1);
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_PRE_GUEST);
	if (kt_fixed())
		KUNIT_EXPECT_GT(test, folio_ref_count(folio), 1);
	else
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);

	/* The test's reference is never dropped: the page is in a list. */
	kt_take_back(test, spa);
}

/* The page is in use by a guest, or so the CPU says, when its hole is punched. */
static void page_that_stays_assigned_stays_allocated(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_launching(test, 1);
	struct folio *folio = hold_page(vm);
	u64 spa = PFN_PHYS(folio_pfn(folio));
	int fault;

	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	fault = kt_fault(test, "RMPUPDATE", 1, KT_RMP_FAIL_INUSE);
	kunit_warning_suppress(test) {
		KUNIT_EXPECT_EQ(test, 0, kt_gmem_punch(vm, 0, 1));
		KUNIT_EXPECT_EQ(test, 1, KUNIT_SUPPRESSED_WARNING_COUNT());
	}
	kt_expect_delivered(test, fault, 1);
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_GUEST_VALID);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 2 : 1, folio_ref_count(folio));

	KUNIT_EXPECT_EQ(test, 0, rmp_make_shared(PHYS_PFN(spa), PG_LEVEL_4K));
	folio_put(folio);
}

/* ASIDs ------------------------------------------------------------------------------------ */

static void close_vm(struct kt_vm *vm)
{
	kt_close(vm->test, vm->vcpu_fd[0]);
	kt_close(vm->test, vm->fd);
	kt_close(vm->test, vm->gmem_fd);
}

/* KVM begins with the lowest ASID after a flush, which somebody has had then. */
static void use_up_asids(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);

	kt_use_up_asids(vm);
	kt_close(test, vm->fd);
}

/* A VM with the next ASID, if firmware activates that */
static struct kt_vm *next_vm(struct kunit *test, int *ret, u32 *error)
{
	struct kt_vm *vm = kt_snp_vm(test, 1);

	*ret = kt_snp_start(vm, KT_SNP_POLICY, error);
	return vm;
}

/*
 * All files of a VM are closed, the one of guest_memfd last. What is kept is a path, as
 * open(O_PATH) of /proc/self/fd/N does: nobody can get at the memory.
 */
static void memory_is_not_kept_beyond_the_vm(struct kunit *test)
{
	struct kt_vm *vm, *next;
	struct file *file;
	struct path path;
	u32 error = 0;
	int ret;
	u64 spa;

	use_up_asids(test);
	vm = next_vm(test, &ret, &error);
	KUNIT_ASSERT_EQ(test, 0, ret);
	KUNIT_ASSERT_EQ(test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	spa = kt_page_spa(vm, 0);
	file = fget(vm->gmem_fd);
	KUNIT_ASSERT_NOT_NULL(test, file);
	path = file->f_path;
	path_get(&path);
	fput(file);
	close_vm(vm);
	KT_EXPECT_SPA_STATE(test, spa, kt_fixed() ? KT_PAGE_HYPERVISOR : KT_PAGE_GUEST_VALID);

	use_up_asids(test);
	next = next_vm(test, &ret, &error);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : -EIO, ret);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : SEV_RET_INVALID_CONFIG, error);
	path_put(&path);
	KT_EXPECT_SPA_STATE(test, spa, KT_PAGE_HYPERVISOR);
	if (!kt_fixed())
		KUNIT_EXPECT_EQ(test, 0, kt_snp_start(next, KT_SNP_POLICY, &error));
	KUNIT_EXPECT_EQ(test, vm->asid, next->asid);
}

/* Ways to leak a page, each with a reference of the test's own, as those of page_that_*() */
static u64 leak_launched(struct kt_vm *vm)
{
	struct folio *folio = hold_page(vm);

	kt_fault(vm->test, "SNP_LAUNCH_UPDATE", 1, SEV_RET_INVALID_PAGE_STATE);
	kt_fault(vm->test, "SNP_PAGE_RECLAIM", 1, SEV_RET_INVALID_PAGE_STATE);
	KUNIT_EXPECT_LT(vm->test, kt_snp_update_pages(vm, 0, 1, T_NORMAL), 0);
	return PFN_PHYS(folio_pfn(folio));
}

static u64 leak_punched(struct kt_vm *vm)
{
	struct folio *folio = hold_page(vm);

	KUNIT_ASSERT_EQ(vm->test, 0, kt_snp_update_pages(vm, 0, 1, T_NORMAL));
	kt_fault(vm->test, "RMPUPDATE", 1, KT_RMP_FAIL_INUSE);
	KUNIT_EXPECT_EQ(vm->test, 0, kt_gmem_punch(vm, 0, 1));
	return PFN_PHYS(folio_pfn(folio));
}

/* The VMSA is the only page that is the guest's when everything is closed. */
static u64 leak_vmsa(struct kt_vm *vm)
{
	struct kvm_vcpu *vcpu;

	KUNIT_ASSERT_EQ(vm->test, 0, kt_snp_finish(vm, NULL, NULL));
	kt_fault(vm->test, "RMPUPDATE", 1, KT_RMP_FAIL_INUSE);
	vcpu = kt_file_priv(vm->vcpu_fd[0]);
	return __pa(to_svm(vcpu)->sev_es.vmsa);
}

static u64 (* const leaks[])(struct kt_vm *vm) = { leak_launched, leak_punched, leak_vmsa };

/* As long as a page has an ASID no guest can be launched with it. */
static void asid_of_a_leaked_page_is_not_used_again(struct kunit *test)
{
	struct kt_vm *vm[ARRAY_SIZE(leaks)], *next[ARRAY_SIZE(leaks)];
	int ret[ARRAY_SIZE(leaks)];
	u32 error[ARRAY_SIZE(leaks)] = {};
	u64 spa[ARRAY_SIZE(leaks)];
	unsigned int i;

	use_up_asids(test);
	for (i = 0; i < ARRAY_SIZE(leaks); i++) {
		vm[i] = next_vm(test, &ret[i], &error[i]);
		KUNIT_ASSERT_EQ(test, 0, ret[i]);
	}
	kunit_warning_suppress(test) {
		for (i = 0; i < ARRAY_SIZE(leaks); i++) {
			spa[i] = leaks[i](vm[i]);
			close_vm(vm[i]);
			kt_fault_clear();
		}
	}

	use_up_asids(test);
	for (i = 0; i < ARRAY_SIZE(leaks); i++) {
		KUNIT_EXPECT_NE(test, KT_PAGE_HYPERVISOR, kt_spa_state(spa[i]));
		next[i] = next_vm(test, &ret[i], &error[i]);
		KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : -EIO, ret[i]);
		KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : SEV_RET_INVALID_CONFIG, error[i]);
	}
	for (i = 0; i < ARRAY_SIZE(leaks); i++) {
		kt_take_back(test, spa[i]);
		if (!kt_fixed())
			KUNIT_EXPECT_EQ(test, 0, kt_snp_start(next[i], KT_SNP_POLICY, NULL));
		KUNIT_EXPECT_EQ(test, !kt_fixed(), vm[i]->asid == next[i]->asid);
	}
}

/* Slots --------------------------------------------------------------------------------------- */

static void refuse_twice(void *data, unsigned long ip, const void *ptr, struct kmem_cache *s,
			 gfp_t gfp, int node)
{
	unsigned int *refused = data;

	if (!ptr && kt_fail_alloc_failing() && ++*refused == 2)
		kt_fail_alloc_stop();
}

/* There is no memory to note the slot, neither under the lock nor without it. */
static void slot_that_cant_be_bound(struct kunit *test)
{
	struct kt_vm *vm = kt_vm_bare(test, KVM_X86_SNP_VM);
	const u64 size = 8 * PAGE_SIZE;
	struct kvm_memory_slot *slot;
	unsigned int refused = 0;
	unsigned long hva;
	int fd, ret, idx;

	/* Not with the probe in place */
	if (!IS_ENABLED(CONFIG_FAILSLAB) || !IS_ENABLED(CONFIG_FAIL_PAGE_ALLOC))
		kunit_skip(test, "no fault injection in this kernel");
	KUNIT_ASSERT_EQ(test, 0, kt_snp_init2(vm));
	hva = kt_mmap(test, size, PROT_READ | PROT_WRITE);
	fd = kt_vm_gmem(vm, 2 * size, 0);
	KUNIT_ASSERT_GE(test, fd, 0);

	KUNIT_ASSERT_EQ(test, 0, register_trace_kmem_cache_alloc(refuse_twice, &refused));
	/* The first allocation is that of the slot itself. */
	kt_fail_alloc_from(test, 2);
	ret = kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, size, hva, fd, PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, kt_fail_alloc_end());
	unregister_trace_kmem_cache_alloc(refuse_twice, &refused);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_EQ(test, 2, refused);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? -ENOMEM : 0, ret);
	if (ret)
		KUNIT_ASSERT_EQ(test, 0, kt_vm_slot(vm, 0, KVM_MEM_GUEST_MEMFD, KT_GPA, size,
						    hva, fd, PAGE_SIZE));

	idx = srcu_read_lock(&vm->kvm->srcu);
	slot = gfn_to_memslot(vm->kvm, KT_GFN);
	srcu_read_unlock(&vm->kvm->srcu, idx);
	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_EXPECT_NOT_NULL(test, slot->gmem.file);
	kt_close(test, fd);
	if (kt_fixed()) {
		KUNIT_EXPECT_NULL(test, slot->gmem.file);
	} else {
		/* Nobody must look at the file any more. */
		KUNIT_EXPECT_NOT_NULL(test, slot->gmem.file);
		WRITE_ONCE(slot->gmem.file, NULL);
	}
}

/* Attributes ---------------------------------------------------------------------------------- */

/* How many pages is up to user space; no slot is needed. */
static void setting_attributes_can_be_killed(struct kunit *test)
{
	struct kt_vm *vm = kt_snp_vm(test, 1);
	const u64 npages = 0x10000;
	int ret;

	kt_kill_self();
	ret = kt_vm_attr(vm, 0, npages << PAGE_SHIFT, KVM_MEMORY_ATTRIBUTE_PRIVATE);
	kt_signal_clear();
	KUNIT_EXPECT_EQ(test, kt_fixed() ? -EINTR : 0, ret);
	KUNIT_EXPECT_EQ(test, kt_fixed() ? 0 : KVM_MEMORY_ATTRIBUTE_PRIVATE,
			kvm_get_memory_attributes(vm->kvm, 0));

	KUNIT_EXPECT_EQ(test, 0, kt_vm_attr(vm, 0, npages << PAGE_SHIFT,
					    KVM_MEMORY_ATTRIBUTE_PRIVATE));
	KUNIT_EXPECT_EQ(test, KVM_MEMORY_ATTRIBUTE_PRIVATE,
			kvm_get_memory_attributes(vm->kvm, npages - 1));
}

static struct kunit_case snp_findings_cases[] = {
	KUNIT_CASE(no_memory_does_not_cost_a_command_buffer),
	KUNIT_CASE(failed_conversion_does_not_cost_a_command_buffer),
	KUNIT_CASE(lost_command_buffer_is_replaced),
	KUNIT_CASE(failed_conversion_does_not_cost_the_page),
	KUNIT_CASE(launch_without_a_source),
	KUNIT_CASE(failed_start_says_why),
	KUNIT_CASE(finish_can_be_repeated),
	KUNIT_CASE(vm_that_is_not_created),
	KUNIT_CASE(moved_vm_is_charged_as_what_it_is),
	KUNIT_CASE(page_that_is_leaked_stays_allocated),
	KUNIT_CASE(page_that_stays_assigned_stays_allocated),
	KUNIT_CASE(memory_is_not_kept_beyond_the_vm),
	KUNIT_CASE(asid_of_a_leaked_page_is_not_used_again),
	KUNIT_CASE(slot_that_cant_be_bound),
	KUNIT_CASE(setting_attributes_can_be_killed),
	{}
};

static struct kunit_suite snp_findings_suite = {
	.name = "snp_findings",
	.init = kt_init_snp,
	.test_cases = snp_findings_cases,
};

kunit_test_suite(snp_findings_suite);
