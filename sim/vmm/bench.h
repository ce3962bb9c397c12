/* SPDX-License-Identifier: GPL-2.0 */
/* What a bench asks of a platform. */
#ifndef GMEM_BENCH_H
#define GMEM_BENCH_H

#include <stdint.h>

#include "vm.h"

/**
 * struct bench_guest - a guest that is being launched
 * @vm: the VM; its memory is one slot at guest physical address 0
 * @sev: /dev/sev, SNP only
 */
struct bench_guest {
	struct vm vm;
	int sev;
};

/**
 * struct bench_platform - how a platform populates guests
 * @name: of the platform
 * @create: create a VM up to the point where memory can be populated
 * @populate: populate @size bytes of measured memory from @src by one ioctl
 *
 * Both return 0, or -1 after one line of error.
 */
struct bench_platform {
	const char *name;
	int (*create)(struct bench_guest *g, uint64_t size);
	int (*populate)(struct bench_guest *g, void *src, uint64_t size);
};

extern const struct bench_platform bench_snp;
extern const struct bench_platform bench_tdx;

#endif
