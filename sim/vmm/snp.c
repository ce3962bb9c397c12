// SPDX-License-Identifier: GPL-2.0
/*
 * The launch of an SNP guest, as QEMU does it: a context before the first
 * vCPU; memory, all of it private; then the image, the sections of its
 * metadata in the order of their table, and the end, which measures the vCPUs.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/psp-sev.h>

#include "launch.h"
#include "snp_image.h"
#include "vm.h"

#define PAGE_NORMAL	1
#define PAGE_VMSA	2
#define PAGE_ZERO	3
#define PAGE_UNMEASURED	4
#define PAGE_SECRETS	5
#define PAGE_CPUID	6

#define FEATURE_SNP_ACTIVE	1ULL
#define STATUS_INVALID_PARAM	0x16

#define BSP_CS_BASE	0xffff0000
#define BSP_IP		0xfff0

#define SNP_CPUID_MAX	64

/* The page of CPUID entries, as the firmware wants it */
struct snp_cpuid_entry {
	uint32_t eax_in;
	uint32_t ecx_in;
	uint64_t xcr0_in;
	uint64_t xss_in;
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;
	uint64_t reserved;
};

struct snp_cpuid_page {
	uint32_t count;
	uint32_t reserved1;
	uint64_t reserved2;
	struct snp_cpuid_entry entry[SNP_CPUID_MAX];
};

_Static_assert(sizeof(struct snp_cpuid_entry) == 48, "ABI");
_Static_assert(sizeof(struct snp_cpuid_page) <= PAGE_SIZE, "ABI");

struct snp_launch {
	const struct launch_options *opt;
	struct launch_result *res;
	struct snp_image image;
	struct vm vm;
	uint64_t ram;
	int sev;
	unsigned long long gctx;
};

const char *snp_page_type_name(unsigned int type)
{
	static const char * const names[LAUNCH_PAGE_TYPES] = {
		[PAGE_NORMAL] = "NORMAL",
		[PAGE_VMSA] = "VMSA",
		[PAGE_ZERO] = "ZERO",
		[PAGE_UNMEASURED] = "UNMEASURED",
		[PAGE_SECRETS] = "SECRETS",
		[PAGE_CPUID] = "CPUID",
	};

	return type < LAUNCH_PAGE_TYPES && names[type] ? names[type] : "?";
}

/* Returns 0 or -errno; @status is the firmware's. */
static int sev_op(struct snp_launch *l, uint32_t id, void *data,
		  uint32_t *status)
{
	struct kvm_sev_cmd cmd = {
		.id = id,
		.data = (uintptr_t)data,
		.sev_fd = l->sev,
	};
	int ret;

	ret = ioctl(l->vm.fd, KVM_MEMORY_ENCRYPT_OP, &cmd) ? -errno : 0;
	*status = cmd.error;
	return ret;
}

static int sev_failed(const char *what, int ret, uint32_t status)
{
	/* KVM leaves the status alone if the firmware was not reached. */
	return complain("%s: %s, firmware status %#x (%s)", what,
			strerror(-ret), status,
			status ? fw_status_name(status) : "none");
}

static int platform_status(struct snp_launch *l)
{
	struct sev_user_data_status st = { 0 };
	struct sev_issue_cmd cmd = {
		.cmd = SEV_PLATFORM_STATUS,
		.data = (uintptr_t)&st,
	};

	l->sev = open("/dev/sev", O_RDWR | O_CLOEXEC);
	if (l->sev < 0)
		return complain("open /dev/sev: %s", strerror(errno));
	if (ioctl(l->sev, SEV_ISSUE_CMD, &cmd))
		return sev_failed("SEV_PLATFORM_STATUS", -errno, cmd.error);
	l->res->api_major = st.api_major;
	l->res->api_minor = st.api_minor;
	l->res->build = st.build;
	return 0;
}

static int start(struct snp_launch *l)
{
	/* KVM sets the bit "SNP active" itself and refuses it from outside. */
	struct gl_sev_init init = {
		.vmsa_features = l->opt->features & ~FEATURE_SNP_ACTIVE,
	};
	struct gl_snp_launch_start s = { .policy = l->opt->policy };
	static struct fw_guests before, after;
	const struct fw_guest *g;
	uint32_t status;
	int ret, told;

	ret = sev_op(l, GL_SEV_INIT2, &init, &status);
	if (ret) {
		char what[64];

		snprintf(what, sizeof(what),
			 "KVM_SEV_INIT2 with VMSA features %#llx",
			 (unsigned long long)init.vmsa_features);
		return sev_failed(what, ret, status);
	}

	told = !fw_read_guests(&before);
	ret = sev_op(l, GL_SNP_LAUNCH_START, &s, &status);
	if (ret)
		return sev_failed("KVM_SEV_SNP_LAUNCH_START", ret, status);
	if (!told || fw_read_guests(&after))
		return 0;

	g = fw_new_guest(&after, &before);
	if (!g)
		return complain("no guest context of ours in debugfs after LAUNCH_START");
	l->gctx = g->id;
	l->res->key = g->key;
	return 0;
}

/* The digest of our context, if the machine tells it */
static int read_digest(struct snp_launch *l, char digest[FW_DIGEST_HEX + 1],
		       const char *state)
{
	static struct fw_guests guests;
	const struct fw_guest *g;

	if (!l->gctx)
		return 0;
	if (fw_read_guests(&guests))
		return complain("debugfs has no guests any more");
	g = fw_find_guest(&guests, l->gctx);
	if (!g)
		return complain("context %#llx is no longer in debugfs",
				l->gctx);
	if (strcmp(g->state, state))
		return complain("context %#llx is in state %s, should be %s",
				l->gctx, g->state, state);
	if (!g->digest[0])
		return complain("context %#llx has no launch digest in debugfs",
				l->gctx);
	strcpy(digest, g->digest);
	return 0;
}

/*
 * KVM handles a range page by page and may stop early: 0 with progress if
 * later pages failed, an error if the first one did.
 */
static int update(struct snp_launch *l, unsigned int type, uint64_t gpa,
		  void *mem, uint64_t size, uint32_t *status)
{
	struct gl_snp_launch_update u = {
		.gfn_start = gpa >> PAGE_SHIFT,
		.uaddr = type == PAGE_ZERO ? 0 : (uintptr_t)mem,
		.len = size,
		.type = type,
	};
	unsigned int tries = 0;
	uint64_t left;
	int ret;

	*status = 0;
	if (vm_set_private(&l->vm, gpa, size))
		return -ECANCELED;

	do {
		left = u.len;
		ret = sev_op(l, GL_SNP_LAUNCH_UPDATE, &u, status);
		/* The documentation promises this value, this KVM never returns it. */
		if (ret == -EAGAIN && u.len < left)
			tries = 0;
		else if (ret && (ret != -EAGAIN || ++tries == VM_MAX_RETRIES))
			return ret;
		if (!ret && (u.len >= left ||
			     u.gfn_start << PAGE_SHIFT != gpa + size - u.len)) {
			complain("LAUNCH_UPDATE of %s pages at %#" PRIx64 ": success, but gfn_start %#llx and len %#llx do not fit together",
				 snp_page_type_name(type), gpa,
				 (unsigned long long)u.gfn_start,
				 (unsigned long long)u.len);
			return -ECANCELED;
		}
		l->res->pages[type] += (left - u.len) >> PAGE_SHIFT;
	} while (u.len);
	return 0;
}

static int update_failed(unsigned int type, uint64_t gpa, int ret,
			 uint32_t status)
{
	char what[96];

	if (ret == -ECANCELED)
		return -1;	/* has been reported */
	snprintf(what, sizeof(what),
		 "KVM_SEV_SNP_LAUNCH_UPDATE of %s pages at %#" PRIx64,
		 snp_page_type_name(type), gpa);
	return sev_failed(what, ret, status);
}

static int fill_cpuid(struct snp_launch *l, struct snp_cpuid_page *page)
{
	static struct cpuid_table table;
	unsigned int i;

	if (vm_get_cpuid(&l->vm, 0, &table))
		return -1;
	if (table.head.nent > SNP_CPUID_MAX)
		return complain("the vCPU has %u CPUID entries, an SNP guest may have %d",
				table.head.nent, SNP_CPUID_MAX);

	memset(page, 0, PAGE_SIZE);
	page->count = table.head.nent;
	for (i = 0; i < table.head.nent; i++) {
		const struct kvm_cpuid_entry2 *k = &table.entries[i];
		struct snp_cpuid_entry *e = &page->entry[i];

		e->eax_in = k->function;
		if (k->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX)
			e->ecx_in = k->index;
		e->eax = k->eax;
		e->ebx = k->ebx;
		e->ecx = k->ecx;
		e->edx = k->edx;

		/*
		 * The size of the XSAVE area depends on XCR0.  A guest starts
		 * with x87 only and computes the rest from the sub-leaves.
		 */
		if (e->eax_in == 0xd && e->ecx_in <= 1) {
			e->ebx = 0x240;
			e->xcr0_in = 1;
		}
	}
	return 0;
}

static unsigned int report_corrections(const struct snp_cpuid_page *old,
				       const struct snp_cpuid_page *new)
{
	unsigned int i, n = 0;

	for (i = 0; i < old->count && i < SNP_CPUID_MAX; i++) {
		const struct snp_cpuid_entry *o = &old->entry[i];
		const struct snp_cpuid_entry *c = &new->entry[i];

		if (!memcmp(o, c, sizeof(*o)))
			continue;
		n++;
		complain("CPUID %#x.%#x: firmware wants eax %#x ebx %#x ecx %#x edx %#x instead of %#x %#x %#x %#x",
			 o->eax_in, o->ecx_in, c->eax, c->ebx, c->ecx, c->edx,
			 o->eax, o->ebx, o->ecx, o->edx);
	}
	return n;
}

static int update_cpuid(struct snp_launch *l, uint64_t gpa, void *mem)
{
	static struct snp_cpuid_page old;
	uint32_t status;
	int ret;

	if (fill_cpuid(l, mem))
		return -1;
	memcpy(&old, mem, sizeof(old));

	ret = update(l, PAGE_CPUID, gpa, mem, PAGE_SIZE, &status);
	if (ret == -EIO && status == STATUS_INVALID_PARAM) {
		/*
		 * KVM has copied the table back as the firmware corrected it.
		 * A table that comes back as it was would fail again.
		 */
		l->res->cpuid_corrections = report_corrections(&old, mem);
		if (l->res->cpuid_corrections)
			ret = update(l, PAGE_CPUID, gpa, mem, PAGE_SIZE,
				     &status);
	}
	return ret ? update_failed(PAGE_CPUID, gpa, ret, status) : 0;
}

static int update_section(struct snp_launch *l, const struct snp_section *s)
{
	unsigned int type;
	uint32_t status;
	void *mem;
	int ret;

	mem = vm_host_memory(&l->vm, s->gpa, s->size);

	switch (s->type) {
	case SNP_SECTION_CPUID:
		return update_cpuid(l, s->gpa, mem);
	case SNP_SECTION_SECRETS:
		type = PAGE_SECRETS;
		break;
	default:
		/* Without a kernel on the command line its hashes are zero. */
		type = PAGE_ZERO;
		break;
	}

	ret = update(l, type, s->gpa, mem, s->size, &status);
	return ret ? update_failed(type, s->gpa, ret, status) : 0;
}

static int check_memory(struct snp_launch *l)
{
	const struct snp_image *im = &l->image;
	uint64_t end = 0;
	unsigned int i;

	for (i = 0; i < im->nr_sections; i++)
		if (im->sections[i].gpa + im->sections[i].size > end)
			end = im->sections[i].gpa + im->sections[i].size;
	if (launch_memory(l->opt, im->img.base, end, &l->ram))
		return -1;
	l->res->ram = l->ram;

	for (i = 0; i < im->nr_sections; i++) {
		const struct snp_section *s = &im->sections[i];

		if (s->gpa + s->size > l->ram)
			return complain("%s: end of section %u (%s): %#" PRIx64 ", beyond guest memory of %#" PRIx64 " bytes",
					l->opt->path, i,
					snp_section_name(s->type),
					s->gpa + s->size, l->ram);
	}
	return 0;
}

static int build(struct snp_launch *l)
{
	const struct snp_image *im = &l->image;
	unsigned int i;

	if (vm_create(&l->vm, GL_VM_TYPE_SNP, "SNP") || platform_status(l) ||
	    vm_init_tss(&l->vm) || vm_init_irqchip(&l->vm) || start(l))
		return -1;

	for (i = 0; i < l->opt->smp; i++) {
		uint32_t cs = i ? im->reset_eip & 0xffff0000 : BSP_CS_BASE;
		uint16_t ip = i ? im->reset_eip & 0xffff : BSP_IP;

		if (vm_add_vcpu(&l->vm, l->opt->model, l->opt->smp, cs, ip))
			return -1;
	}

	if (vm_add_memory(&l->vm, 0, l->ram) ||
	    vm_add_memory(&l->vm, im->img.base, im->img.size))
		return -1;
	memcpy(vm_host_memory(&l->vm, im->img.base, im->img.size),
	       im->img.data, im->img.size);
	return 0;
}

static int measure(struct snp_launch *l)
{
	const struct snp_image *im = &l->image;
	struct gl_snp_launch_finish fin = { 0 };
	uint32_t status;
	unsigned int i;
	int ret;

	ret = update(l, PAGE_NORMAL, im->img.base,
		     vm_host_memory(&l->vm, im->img.base, im->img.size),
		     im->img.size, &status);
	if (ret)
		return update_failed(PAGE_NORMAL, im->img.base, ret, status);

	for (i = 0; i < im->nr_sections; i++)
		if (update_section(l, &im->sections[i]))
			return -1;
	if (read_digest(l, l->res->digest_image, "LAUNCH"))
		return -1;

	ret = sev_op(l, GL_SNP_LAUNCH_FINISH, &fin, &status);
	if (ret)
		return sev_failed("KVM_SEV_SNP_LAUNCH_FINISH", ret, status);
	l->res->pages[PAGE_VMSA] = l->opt->smp;
	if (read_digest(l, l->res->digest_final, "RUNNING"))
		return -1;
	l->res->have_digests = l->gctx != 0;
	return 0;
}

/* The guest must find what the launch was given, if its CPU can look. */
static int run(struct snp_launch *l)
{
	static struct guest_range range[SNP_MAX_SECTIONS + 1];
	const struct snp_image *im = &l->image;
	unsigned int i, n = 0;

	range[n++] = (struct guest_range) {
		.gpa = im->img.base,
		.size = im->img.size,
		.data = im->img.data,
		.what = "image",
	};
	for (i = 0; i < im->nr_sections; i++, n++) {
		const struct snp_section *s = &im->sections[i];

		range[n] = (struct guest_range) {
			.gpa = s->gpa,
			.size = s->size,
			.filled = s->type == SNP_SECTION_SECRETS,
			.what = snp_section_name(s->type),
		};
		if (s->type == SNP_SECTION_CPUID)
			range[n].data = vm_host_memory(&l->vm, s->gpa, s->size);
	}

	return launch_run(l->opt, l->res, &l->vm, range, n);
}

int launch_snp(const struct launch_options *opt, struct launch_result *res)
{
	struct snp_launch l = { .opt = opt, .res = res, .sev = -1 };
	static struct launch_watch watch;
	struct image_error err;
	int ret;

	memset(res, 0, sizeof(*res));
	l.vm.fd = l.vm.kvm = -1;
	if (snp_image_init(&l.image, opt->data, opt->size, &err))
		return complain("%s: %s", opt->path, err.text);
	if (check_memory(&l))
		return -1;
	res->image_base = l.image.img.base;
	res->nr_sections = l.image.nr_sections;

	launch_begin(&watch, res);
	ret = build(&l) || measure(&l) ? -1 : 0;
	launch_built(&watch, res);
	if (!ret)
		ret = run(&l);
	launch_ran(&watch);

	vm_destroy(&l.vm);
	if (l.sev >= 0)
		close(l.sev);
	return launch_end(&watch, res, ret);
}
