// SPDX-License-Identifier: GPL-2.0
/*
 * Running what was launched.  The simulated CPU executes scripts instead of
 * instructions: here, the first vCPU reads all memory that the launch prepared
 * and compares it with what the launch was given, so that pages, keys, RMP and
 * nested page tables are seen to fit together.  Private memory is out of the
 * host's sight, so that nobody but the guest can tell.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"
#include "image.h"
#include "../um/uapi/sim_guest.h"

#define TERM_REASON_SET		1	/* a set that belongs to Linux */
#define TERM_CODE		0x5a

struct guest_run {
	struct vm *vm;
	int sim;
	struct kvm_run *run;
};

int guest_open(void)
{
	return open("/dev/sim-guest", O_RDWR | O_CLOEXEC);
}

/* Enter the guest until it asks for its end, which tells that it got there. */
static int enter(struct guest_run *g)
{
	uint32_t event = g->vm->type == GL_VM_TYPE_TDX ?
			 GL_EVENT_TDX_FATAL : KVM_SYSTEM_EVENT_SEV_TERM;
	unsigned int tries = 0;
	int fd = g->vm->vcpu[0];

	while (ioctl(fd, KVM_RUN, 0)) {
		if ((errno == EINTR || errno == EAGAIN) &&
		    ++tries < VM_MAX_RETRIES)
			continue;
		return complain("KVM_RUN: %s, exit reason %u", strerror(errno),
				g->run->exit_reason);
	}
	if (g->run->exit_reason != KVM_EXIT_SYSTEM_EVENT ||
	    g->run->system_event.type != event)
		return complain("KVM_RUN: exit reason %u, event %u, should be %u, %u (guest asks for its end)",
				g->run->exit_reason, g->run->system_event.type,
				KVM_EXIT_SYSTEM_EVENT, event);
	return 0;
}

static int check_result(const struct guest_range *r,
			const struct sim_script_op *op,
			const struct sim_script_result *res)
{
	const char *what = op->op == SIM_SCRIPT_ACCEPT ? "accept" : "read";

	if (res->status != SIM_SCRIPT_DONE)
		return complain("guest: %s of %#llx (%s): status %u, exit code %#llx",
				what, (unsigned long long)op->gpa, r->what,
				res->status,
				(unsigned long long)res->exit_code);
	if (op->op == SIM_SCRIPT_ACCEPT && res->rc)
		return complain("guest: %s of %#llx (%s): status %#llx", what,
				(unsigned long long)op->gpa, r->what,
				(unsigned long long)res->value[0]);
	if (res->flags & SIM_SCRIPT_R_MISMATCH)
		return complain("guest: byte at %#" PRIx64 " (%s) is not what was launched",
				(uint64_t)(op->gpa + res->mismatch), r->what);
	return 0;
}

/* @nr operations as a script of their own; @ops has room for one more. */
static int execute(struct guest_run *g, const struct guest_range *r,
		   struct sim_script_op *ops, unsigned int nr,
		   const void *data, size_t len, struct sim_script_result *res)
{
	int fd = g->vm->vcpu[0];
	struct sim_script_attach attach = {
		.vcpu_fd = fd,
		.nr_ops = nr + 1,
		.ops = (uintptr_t)ops,
		.data = (uintptr_t)data,
		.data_len = len,
	};
	struct sim_script_fetch fetch = {
		.vcpu_fd = fd,
		.nr = nr,
		.results = (uintptr_t)res,
	};
	unsigned int i;
	int ret;

	ops[nr] = (struct sim_script_op) {
		.op = SIM_SCRIPT_TERMINATE,
		.arg = { TERM_REASON_SET, TERM_CODE },
	};
	memset(res, 0, nr * sizeof(*res));
	if (ioctl(g->sim, SIM_SCRIPT_ATTACH, &attach))
		return complain("SIM_SCRIPT_ATTACH: %s", strerror(errno));
	ret = enter(g);
	if (ioctl(g->sim, SIM_SCRIPT_FETCH, &fetch) && !ret)
		ret = complain("SIM_SCRIPT_FETCH: %s", strerror(errno));
	if (ioctl(g->sim, SIM_SCRIPT_DETACH, (long)fd) && !ret)
		ret = complain("SIM_SCRIPT_DETACH: %s", strerror(errno));
	for (i = 0; i < nr && !ret; i++)
		ret = check_result(r, &ops[i], &res[i]);
	return ret;
}

static int compare(struct guest_run *g, const struct guest_range *r)
{
	struct sim_script_result res;
	struct sim_script_op ops[2];
	uint64_t done, part;

	for (done = 0; done < r->size; done += part) {
		part = r->size - done;
		if (part > SIM_SCRIPT_MAX_DATA)
			part = SIM_SCRIPT_MAX_DATA;

		ops[0] = (struct sim_script_op) {
			.op = SIM_SCRIPT_READ,
			.flags = SIM_SCRIPT_F_PRIVATE | SIM_SCRIPT_F_COMPARE,
			.gpa = r->gpa + done,
			.size = part,
		};
		if (r->data)
			ops[0].flags |= SIM_SCRIPT_F_DATA;
		if (execute(g, r, ops, 1, r->data ? r->data + done : NULL,
			    r->data ? part : 0, &res))
			return -1;
	}
	return 0;
}

/* The firmware fills this page; all that is known is that it did. */
static int not_empty(struct guest_run *g, const struct guest_range *r)
{
	struct sim_script_result res;
	struct sim_script_op ops[2] = { {
		.op = SIM_SCRIPT_READ,
		.flags = SIM_SCRIPT_F_PRIVATE,
		.gpa = r->gpa,
		.size = 32,
	} };

	if (execute(g, r, ops, 1, NULL, 0, &res))
		return -1;
	if (!(uint32_t)res.value[0])
		return complain("guest: page at %#" PRIx64 " (%s) has version 0",
				r->gpa, r->what);
	return 0;
}

/* Pages that do not exist before the guest accepts them, and are zero then */
static int accept(struct guest_run *g, const struct guest_range *r)
{
	struct sim_script_result res[2];
	struct sim_script_op ops[3] = { {
		.op = SIM_SCRIPT_ACCEPT,
		.gpa = r->gpa,
		.size = r->size,
	}, {
		.op = SIM_SCRIPT_READ,
		.flags = SIM_SCRIPT_F_PRIVATE | SIM_SCRIPT_F_COMPARE,
		.gpa = r->gpa,
		.size = r->size,
	} };

	return execute(g, r, ops, 2, NULL, 0, res);
}

int guest_refused(struct vm *vm)
{
	if (!ioctl(vm->vcpu[0], KVM_RUN, 0))
		return complain("KVM_RUN: success, though nothing says what this CPU would make of such a guest");
	if (errno != EOPNOTSUPP)
		return complain("KVM_RUN: %s, should be: %s", strerror(errno),
				strerror(EOPNOTSUPP));
	return 0;
}

int guest_check(struct vm *vm, int sim, const struct guest_range *range,
		unsigned int nr, unsigned long *pages, unsigned long *accepted)
{
	struct guest_run g = { .vm = vm, .sim = sim };
	unsigned int i;
	int size, ret = 0;

	*pages = *accepted = 0;
	size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return complain("KVM_GET_VCPU_MMAP_SIZE: %s", strerror(errno));
	g.run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		     vm->vcpu[0], 0);
	if (g.run == MAP_FAILED)
		return complain("mmap of vCPU 0: %s", strerror(errno));

	for (i = 0; i < nr && !ret; i++) {
		const struct guest_range *r = &range[i];

		ret = r->accept ? accept(&g, r) :
		      r->filled ? not_empty(&g, r) : compare(&g, r);
		if (!ret)
			*(r->accept ? accepted : pages) += r->size >> PAGE_SHIFT;
	}
	munmap(g.run, size);
	return ret;
}
