/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included (-include) before svm/sev.c, which maps the pages of a launch.
 *
 * Without highmem kmap_local_page() is the page's address and kunmap_local()
 * nothing, so that one without the other goes unnoticed. Here lockdep knows of
 * the mapping, and what a call leaves open is a lock that it keeps (O3).
 */
#ifndef _SIM_SHIM_KMAP_H
#define _SIM_SHIM_KMAP_H
#include <linux/highmem.h>
#include <linux/lockdep.h>

#ifdef CONFIG_LOCKDEP
static struct lock_class_key sim_kmap_key;
static struct lockdep_map sim_kmap = STATIC_LOCKDEP_MAP_INIT("kmap_local", &sim_kmap_key);

static inline void *sim_kmap_open(void *addr)
{
	/* As a reader, for it nests and keeps nobody waiting */
	lock_map_acquire_read(&sim_kmap);
	return addr;
}

#define kmap_local_page(page)	sim_kmap_open((kmap_local_page)(page))
#define kmap_local_pfn(pfn)	sim_kmap_open((kmap_local_pfn)(pfn))

#undef kunmap_local
#define kunmap_local(addr)				\
do {							\
	BUILD_BUG_ON(__same_type((addr), struct page *)); \
	lock_map_release(&sim_kmap);			\
	__kunmap_local(addr);				\
} while (0)
#endif
#endif
