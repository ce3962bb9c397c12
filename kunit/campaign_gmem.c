// SPDX-License-Identifier: GPL-2.0
/*
 * A workload without confidentiality: a file of guest_memfd that user space maps, in a
 * VM whose memory it is, private to nobody.
 */
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

#include "campaign.h"

/* What user space writes to the begin of a page */
static u64 value_of(unsigned int page)
{
	return 0x6d656d000000ULL + page;
}

static int write_pages(unsigned long uaddr, const struct camp_step *s)
{
	unsigned int i;
	u64 v;

	for (i = 0; i < s->npages; i++) {
		v = value_of(s->page + i);
		if (copy_to_user((void __user *)(uaddr + i * PAGE_SIZE), &v, sizeof(v)))
			return -EFAULT;
	}
	return 0;
}

/* To unmap is not under test: it must not fail. */
static void unmap(unsigned long uaddr, size_t size)
{
	struct camp_pause p = camp_pause_faults();

	vm_munmap(uaddr, size);
	camp_resume_faults(&p);
}

/* User space maps pages of the first file, and writes to them. */
static int touch(struct camp_life *l, const struct camp_step *s)
{
	loff_t at = (loff_t)(l->w->slots[0].index + s->page) << PAGE_SHIFT;
	size_t size = (size_t)s->npages << PAGE_SHIFT;
	struct file *file = fget(l->gmem_fd[0]);
	unsigned long uaddr;
	int ret;

	if (!file)
		return -EBADF;
	uaddr = vm_mmap(file, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED, at);
	if (IS_ERR_VALUE(uaddr)) {
		ret = (int)uaddr;
	} else {
		ret = write_pages(uaddr, s);
		unmap(uaddr, size);
	}
	fput(file);
	flush_delayed_fput();
	return ret;
}

static bool read_page(struct camp_life *l, u64 spa, u64 gpa, void *buf)
{
	copy_page(buf, phys_to_virt(spa));
	return true;
}

static bool digest(struct camp_life *l, u8 digest[KT_LD_SIZE])
{
	memset(digest, 0, KT_LD_SIZE);
	return true;
}

#define CMD	CAMP_COPIES_CMD

/* The second slot is memory that user space can't map. */
static const struct camp_binding slots[] = {
	{ 0, 12, 0, 3 },
	{ 12, 4, 1, 1 },
	{}
};

static const struct camp_step steps[] = {
	{ "create_vm", camp_create_vm },
	{ "create_gmem0", camp_create_gmem, 0, 18, CAMP_FILE_MMAP | CAMP_FILE_SHARED, CMD },
	{ "create_gmem1", camp_create_gmem, 0, 6, 1 | CAMP_FILE_SHARED, CMD },
	{ "set_slot0", camp_set_slot, .arg = 0, .flags = CMD },
	{ "set_slot1", camp_set_slot, .arg = 1, .flags = CMD },
	{ "touch_early", touch, 0, 4, 0, CAMP_NEEDS_GMEM | CAMP_NO_ATTR | CAMP_NO_POISON },
	{ "create_vcpu0", camp_create_vcpu, .arg = 0 },
	{ "set_cpuid0", camp_set_cpuid, .arg = 0, .flags = CMD },
	{ "pre_fault", camp_pre_fault, 2, 6, 0,
	  CMD | CAMP_WRITES_CMD | CAMP_NEEDS_GMEM | CAMP_NO_ATTR },
	{ "punch", camp_punch, 1, 3 },
	{ "touch_late", touch, 2, 8, 0,
	  CAMP_NEEDS_GMEM | CAMP_NO_ATTR | CAMP_NO_POISON },
	{ "pre_fault_again", camp_pre_fault, 2, 6, 0,
	  CMD | CAMP_WRITES_CMD | CAMP_NEEDS_GMEM | CAMP_NO_ATTR },
	{ "close_gmem", camp_close_gmem, .flags = CAMP_NO_ERROR },
	{ "close_vcpus", camp_close_vcpus, .flags = CAMP_NO_ERROR },
	{ "close_vm", camp_close_vm, .flags = CAMP_NO_ERROR },
	{}
};

const struct camp_workload camp_gmem_shared = {
	.name = "gmem-shared",
	.type = KVM_X86_DEFAULT_VM,
	.steps = steps,
	.end = 12,
	.slots = slots,
	.read = read_page,
	.digest = digest,
};
