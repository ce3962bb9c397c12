// SPDX-License-Identifier: GPL-2.0
/*
 * How launches take answers of KVM that say "again": go on while there is
 * progress, give up when there is none, and believe nothing that does not fit
 * together.  Built once with the SNP launch and once with the TDX launch, whose
 * ioctls are answered here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static int answer_ioctl(int fd, unsigned long request, ...);

#define ioctl answer_ioctl
#include "../vm.c"
#ifdef TEST_TDX
#include "../tdx.c"
#else
#include "../snp.c"
#endif
#undef ioctl

#define PAGES	4
#define GPA	0x800000

/* What KVM does on a call: how many pages, and then this error or 0 */
struct answer {
	int error;
	unsigned int pages;
	int lie;		/* an address that does not fit the count */
};

struct test_case {
	const char *name;
	int good;
	unsigned int calls;
	unsigned int pages;
	struct answer answers[PAGES + 1];	/* the last with a value repeats */
	unsigned int nr;
};

static const struct test_case *now;
static unsigned int calls;
static uint8_t memory[PAGES * PAGE_SIZE];

#ifdef TEST_TDX
static void progress(struct gl_tdx_cmd *cmd, const struct answer *a)
{
	struct gl_tdx_init_mem_region *r = (void *)(uintptr_t)cmd->data;

	r->source_addr += a->pages * PAGE_SIZE;
	r->gpa += (a->pages + a->lie) * PAGE_SIZE;
	r->nr_pages -= a->pages;
}
#define COMMAND	struct gl_tdx_cmd
#define AGAIN	EINTR
#else
static void progress(struct kvm_sev_cmd *cmd, const struct answer *a)
{
	struct gl_snp_launch_update *u = (void *)(uintptr_t)cmd->data;

	u->uaddr += a->pages * PAGE_SIZE;
	u->gfn_start += a->pages + a->lie;
	u->len -= a->pages * PAGE_SIZE;
}
#define COMMAND	struct kvm_sev_cmd
#define AGAIN	EAGAIN
#endif

static int answer_ioctl(int fd, unsigned long request, ...)
{
	const struct answer *a;
	COMMAND *cmd;
	va_list ap;

	if (request != KVM_MEMORY_ENCRYPT_OP)
		return 0;
	va_start(ap, request);
	cmd = va_arg(ap, COMMAND *);
	va_end(ap);

	a = &now->answers[calls < now->nr ? calls : now->nr - 1];
	calls++;
	progress(cmd, a);
	errno = a->error;
	return a->error ? -1 : 0;
}

static const struct test_case cases[] = {
	{ "all at once", 1, 1, PAGES, { { 0, PAGES, 0 } }, 1 },
	{ "page by page", 1, PAGES, PAGES,
	  { { AGAIN, 1, 0 }, { AGAIN, 1, 0 }, { AGAIN, 1, 0 }, { 0, 1, 0 } }, 4 },
	{ "again once, then all", 1, 2, PAGES,
	  { { AGAIN, 0, 0 }, { 0, PAGES, 0 } }, 2 },
	{ "again for ever", 0, VM_MAX_RETRIES, 0, { { AGAIN, 0, 0 } }, 1 },
	{ "a page, then again for ever", 0, VM_MAX_RETRIES + 1, 1,
	  { { AGAIN, 1, 0 }, { AGAIN, 0, 0 } }, 2 },
	{ "another error", 0, 1, 0, { { EIO, 0, 0 } }, 1 },
	{ "another error after a page", 0, 2, 1,
	  { { AGAIN, 1, 0 }, { EIO, 0, 0 } }, 2 },
	{ "address and count that do not fit", 0, 1, 0, { { 0, 1, 1 } }, 1 },
	{ "success that does nothing", 0, 1, 0, { { 0, 0, 0 } }, 1 },
};

static int launch_pages(unsigned long *pages)
{
	static struct launch_result res;
	int ret;
#ifdef TEST_TDX
	static struct tdx_launch l;
	const struct tdx_section s = {
		.gpa = GPA,
		.size = sizeof(memory),
		.type = TDX_SECTION_TEMP_MEM,
	};
#else
	static struct snp_launch l;
	uint32_t status;
#endif

	memset(&res, 0, sizeof(res));
	l.res = &res;
	l.vm.nr_slots = 1;
	l.vm.slot[0] = (struct vm_slot) {
		.gpa = GPA, .size = sizeof(memory), .mem = memory,
	};
#ifdef TEST_TDX
	ret = add_section(&l, &s);
	*pages = res.pages[TDX_SECTION_TEMP_MEM];
#else
	ret = update(&l, PAGE_NORMAL, GPA, memory, sizeof(memory), &status);
	*pages = res.pages[PAGE_NORMAL];
#endif
	return ret;
}

int main(void)
{
	unsigned int i, bad = 0;
	unsigned long pages;
	int good;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		now = &cases[i];
		calls = 0;
		good = !launch_pages(&pages);
		if (good == now->good && calls == now->calls &&
		    pages == now->pages)
			continue;
		printf("%s: %s after %u calls and %lu pages, should be %s after %u and %u\n",
		       now->name, good ? "success" : "failure", calls, pages,
		       now->good ? "success" : "failure", now->calls,
		       now->pages);
		bad++;
	}
	printf("%u cases, %u failed\n", i, bad);
	return bad ? 1 : 0;
}
