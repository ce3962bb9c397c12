// SPDX-License-Identifier: GPL-2.0
/*
 * A workload without confidentiality: a file of guest_memfd that user space maps, in a
 * VM whose memory it is, private to nobody.
 */
#include <linux/file.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

#include "campaign.h"

/* What user space writes to the begin of a page */
static u64 value_of(unsigned int page)
{
	return 0x6d656d000000ULL + page;
}

/**
 * camp_write_user() - write to memory of user space, within a page
 * @uaddr: where
 * @buf: what
 * @size: bytes
 *
 * The page is faulted in first: a processor can tell of what is wrong with it, UML's
 * handler of page faults does not know memory errors.
 *
 * Return: 0 or -errno.
 */
int camp_write_user(unsigned long uaddr, const void *buf, size_t size)
{
	int ret;

	mmap_read_lock(current->mm);
	ret = fixup_user_fault(current->mm, uaddr, FAULT_FLAG_WRITE, NULL);
	mmap_read_unlock(current->mm);
	if (ret)
		return ret;
	return copy_to_user((void __user *)uaddr, buf, size) ? -EFAULT : 0;
}

static int write_pages(unsigned long uaddr, const struct camp_step *s)
{
	unsigned int i;
	int ret = 0;
	u64 v;

	for (i = 0; i < s->npages && !ret; i++) {
		v = value_of(s->page + i);
		ret = camp_write_user(uaddr + i * PAGE_SIZE, &v, sizeof(v));
	}
	return ret;
}

/* To unmap is not under test: it must not fail. */
static void unmap(unsigned long uaddr, size_t size)
{
	struct camp_pause p = camp_pause_faults();

	vm_munmap(uaddr, size);
	camp_resume_faults(&p);
}

/**
 * camp_map_gmem() - map pages of the first file and the first slot into user space
 * @l: lifetime
 * @page: the first one, counted from KT_GPA on
 * @npages: how many
 *
 * Return: the address, or -errno as mmap() returns it.
 */
unsigned long camp_map_gmem(struct camp_life *l, unsigned int page, unsigned int npages)
{
	loff_t at = (loff_t)(l->w->slots[0].index + page) << PAGE_SHIFT;
	struct file *file = fget(l->gmem_fd[0]);
	unsigned long uaddr;

	if (!file)
		return -EBADF;
	uaddr = vm_mmap(file, 0, npages << PAGE_SHIFT, PROT_READ | PROT_WRITE, MAP_SHARED, at);
	fput(file);
	return uaddr;
}

/* User space maps pages of the first file, and writes to them. */
static int touch(struct camp_life *l, const struct camp_step *s)
{
	unsigned long uaddr = camp_map_gmem(l, s->page, s->npages);
	int ret;

	if (IS_ERR_VALUE(uaddr)) {
		ret = (int)uaddr;
	} else {
		ret = write_pages(uaddr, s);
		unmap(uaddr, (size_t)s->npages << PAGE_SHIFT);
	}
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
	{ 12, 5, 1, 1 },
	{}
};

static const struct camp_step steps[] = {
	{ "create_vm", camp_create_vm },
	{ "create_gmem0", camp_create_gmem, 0, 18, CAMP_FILE_MMAP | CAMP_FILE_SHARED, CMD },
	{ "create_gmem1", camp_create_gmem, 0, 6, 1 | CAMP_FILE_SHARED, CMD },
	{ "set_slot0", camp_set_slot, .arg = 0, .flags = CMD },
	{ "set_slot1", camp_set_slot, .arg = 1, .flags = CMD },
	{ "touch_early", touch, 0, 4, 0, CAMP_NEEDS_GMEM | CAMP_NO_ATTR | CAMP_CAN_MAP },
	{ "create_vcpu0", camp_create_vcpu, .arg = 0 },
	{ "set_cpuid0", camp_set_cpuid, .arg = 0, .flags = CMD },
	{ "pre_fault", camp_pre_fault, 2, 6, 0,
	  CMD | CAMP_WRITES_CMD | CAMP_NEEDS_GMEM | CAMP_NO_ATTR | CAMP_CAN_MAP },
	{ "punch", camp_punch, 1, 3 },
	{ "touch_late", touch, 2, 8, 0,
	  CAMP_NEEDS_GMEM | CAMP_NO_ATTR | CAMP_CAN_MAP },
	{ "pre_fault_again", camp_pre_fault, 2, 6, 0,
	  CMD | CAMP_WRITES_CMD | CAMP_NEEDS_GMEM | CAMP_NO_ATTR | CAMP_CAN_MAP },
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
