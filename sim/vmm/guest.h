/* SPDX-License-Identifier: GPL-2.0 */
/* Running a guest of the simulated CPU after its launch. */
#ifndef GMEM_LAUNCH_GUEST_H
#define GMEM_LAUNCH_GUEST_H

#include <stdint.h>

#include "vm.h"

/**
 * struct guest_range - memory that the guest must find as it was launched
 * @gpa: first byte
 * @size: length
 * @data: what it holds; NULL: zeros
 * @filled: the firmware wrote it, so that only that is checked
 * @accept: TDX: there is nothing before the guest accepts it
 * @what: name for messages
 */
struct guest_range {
	uint64_t gpa;
	uint64_t size;
	const uint8_t *data;
	int filled;
	int accept;
	const char *what;
};

/**
 * guest_open() - open the device that runs scripts
 *
 * Return: file descriptor, or -1 if this CPU executes no scripts (a real one).
 */
int guest_open(void);

/**
 * guest_refused() - the firmware is simulated but the CPU is not: such a guest
 * must not be entered
 * @vm: the VM, launched
 *
 * Return: 0 if KVM_RUN says that it is not supported, or -1 after one line of
 * error.
 */
int guest_refused(struct vm *vm);

/**
 * guest_check() - let the first vCPU read memory and compare
 * @vm: the VM, launched
 * @sim: what guest_open() returned
 * @range: the memory
 * @nr: number of ranges
 * @pages: receives the number of pages that were as they should be
 * @accepted: receives the number of pages that the guest has accepted
 *
 * Return: 0, or -1 after one line of error.
 */
int guest_check(struct vm *vm, int sim, const struct guest_range *range,
		unsigned int nr, unsigned long *pages, unsigned long *accepted);

#endif
