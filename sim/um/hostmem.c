// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of the machine, as the kernel and as the hardware see it.
 *
 * The memory of a UML kernel is a file of the host, mapped once for the kernel.
 * A second mapping serves firmware and guests, which are not subject to what the
 * kernel's mapping allows.
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pfn.h>
#include <as-layout.h>
#include <kern_util.h>
#include <mem_user.h>
#include <os.h>
#include "hostmem.h"
#include "host.h"

static void *alias;
/* The part of memory that is in the file */
static u64 file_start __ro_after_init;
static u64 file_size __ro_after_init;

/* libc's, whose headers don't go together with the kernel's */
extern int madvise(void *addr, size_t len, int advice);

/* Of the 65530 mappings that the host allows by default (vm.max_map_count), a quarter at most */
#define MAX_APART	8192

/* Pages that the host keeps in a mapping of their own; one call at a time changes them. */
static unsigned long *apart __ro_after_init;
static u32 nr_apart;

/*
 * The host joins mappings that allow the same, and cuts them apart for one page that does
 * not, which takes longer than all else that it does for it.  Nobody reads this file of
 * the host's from a disk: advice how to read it tells a page from its neighbours for good.
 */
static void keep_apart(u64 pfn)
{
	if (!apart || nr_apart == MAX_APART || __test_and_set_bit(pfn, apart))
		return;
	nr_apart++;
	/* A host that does not do this takes longer. */
	madvise(__va(PFN_PHYS(pfn)), PAGE_SIZE, pfn & 1 ? MADV_RANDOM : MADV_SEQUENTIAL);
}

/* Memory below holds the kernel's image and is not part of the file. */
static bool in_file(u64 pa, u64 len)
{
	return pa >= file_start && len <= physmem_size && pa <= physmem_size - len;
}

/**
 * sim_phys_alias() - where the hardware finds a byte of memory
 * @pa: physical address
 *
 * Any context.  Writes through the address are not seen by the traps of
 * sim_mem_protect().
 *
 * Return: the address, good up to the end of the page; NULL if there is no
 * memory at @pa.
 */
void *sim_phys_alias(u64 pa)
{
	if (likely(pa - file_start < file_size))
		return alias + pa;
	/* The image is never protected, so its own mapping will do */
	return pa < physmem_size ? __va(pa) : NULL;
}
EXPORT_SYMBOL_GPL(sim_phys_alias);

/**
 * sim_mem_piece() - the memory that sim_phys_alias() finds in one piece
 * @start: its first byte
 * @size: bytes
 *
 * Return: where the hardware finds it.
 */
void *sim_mem_piece(u64 *start, u64 *size)
{
	*start = file_start;
	*size = file_size;
	return alias + file_start;
}

/**
 * sim_mem_protect() - change what the kernel's mapping of pages allows
 * @pfn: first page
 * @nr: number of pages
 * @prot: what it is to allow
 *
 * An access that it does not allow ends up in sim_host_fault().  Mappings of
 * user space are not affected.  Any context, one at a time; cheap enough for every
 * RMPUPDATE (1 to 2 us).  The image of the kernel can only stay open.
 *
 * Return: 0; -EINVAL if there are no such pages or they can't be protected;
 * another error of the host, e.g. -ENOMEM if it has no more room for mappings
 * (vm.max_map_count).
 */
int sim_mem_protect(u64 pfn, u32 nr, enum sim_mem_prot prot)
{
	u64 pa = PFN_PHYS(pfn), len = PFN_PHYS((u64)nr), skip;

	if (prot == SIM_MEM_OPEN && pa < __pa(uml_reserved)) {
		skip = min(len, __pa(uml_reserved) - pa);
		pa += skip;
		len -= skip;
	}
	if (!len)
		return 0;
	if (!in_file(pa, len))
		return -EINVAL;
	if (len == PAGE_SIZE)
		keep_apart(PHYS_PFN(pa));
	return os_protect_memory(__va(pa), len, prot != SIM_MEM_CLOSED, prot == SIM_MEM_OPEN,
				 prot == SIM_MEM_OPEN);
}

/* A fault of the kernel on its own mapping */
static int mem_fault(unsigned long address, int is_write, unsigned long ip)
{
	if (address < uml_reserved || address >= high_physmem)
		return 0;
	return sim_host_fault(PHYS_PFN(__pa(address)), is_write, ip);
}

static bool prefault __initdata;

static int __init set_prefault(char *arg)
{
	return kstrtobool(arg, &prefault);
}
early_param("sim_prefault", set_prefault);

/* Let the host find all memory now, so that no bench waits for it. */
static void __init touch_all(void)
{
	u64 pa;

	for (pa = file_start; pa - file_start < file_size; pa += PAGE_SIZE) {
		/* Somebody may use it already. */
		atomic_or(0, (atomic_t *)__va(pa));
		atomic_or(0, (atomic_t *)(alias + pa));
	}
}

/**
 * sim_mem_init() - make the hardware's mapping
 *
 * Return: 0 or -errno.
 */
int __init sim_mem_init(void)
{
	unsigned long long offset;
	int fd = phys_mapping(__pa(uml_reserved), &offset);

	alias = os_mmap_rw_shared(fd, physmem_size);
	if (!alias)
		return -ENOMEM;
	file_start = __pa(uml_reserved);
	file_size = physmem_size - file_start;
	/* Without it, changes of single pages take longer. */
	apart = bitmap_zalloc(PHYS_PFN(physmem_size), GFP_KERNEL);
	if (prefault)
		touch_all();
	um_segv_hook = mem_fault;
	return 0;
}
