// SPDX-License-Identifier: GPL-2.0
/*
 * The launch of a TD, as QEMU does it: what the TD is comes before its first
 * vCPU; then memory, all of it private, vCPUs, which get the address of the TD
 * HOB, the sections of the image's metadata in the order of their table, and
 * the end of measurement.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "launch.h"
#include "tdx_hob.h"
#include "tdx_image.h"
#include "vm.h"

#define GPA_BITS		48	/* 4 levels of page tables, shared bit 47 */
#define MAX_ACCEPT		(1UL << 20)	/* of a section, which may be huge */
#define APIC_BUS_CYCLE_NS	40	/* 25 MHz, which a TD is told */

struct tdx_launch {
	const struct launch_options *opt;
	struct launch_result *res;
	struct tdx_image image;
	struct vm vm;
	unsigned long long tdr;
};

/* Of the VM or of a vCPU.  Returns 0 or -errno; @status is the module's. */
static int tdx_op(int fd, uint32_t id, uint32_t flags, uint64_t data,
		  uint64_t *status)
{
	struct gl_tdx_cmd cmd = { .id = id, .flags = flags, .data = data };
	int ret;

	ret = ioctl(fd, KVM_MEMORY_ENCRYPT_OP, &cmd) ? -errno : 0;
	*status = cmd.hw_error;
	return ret;
}

static int tdx_failed(const char *what, int ret, uint64_t status)
{
	/* Of what a vCPU's operations were told, KVM passes nothing on. */
	if (!status)
		return complain("%s: %s", what, strerror(-ret));
	return complain("%s: %s, TDX module status %#" PRIx64 " (%s)", what,
			strerror(-ret), status, tdx_status_name(status));
}

static struct kvm_cpuid_entry2 *find(struct cpuid_table *t, uint32_t function,
				     uint32_t index)
{
	unsigned int i;

	for (i = 0; i < t->head.nent; i++) {
		struct kvm_cpuid_entry2 *e = &t->entries[i];

		if (e->function == function && e->index == index)
			return e;
	}
	return NULL;
}

static void set_address_width(struct kvm_cpuid_entry2 *e)
{
	e->eax = (e->eax & ~0xff0000u) | GPA_BITS << 16;
}

/* The host's CPU: a TD can't have another. */
static void build_cpuid(struct cpuid_table *out, unsigned int apic_id,
			unsigned int total)
{
	unsigned int i;

	for (i = 0; i < out->head.nent; i++) {
		struct kvm_cpuid_entry2 *e = &out->entries[i];

		switch (e->function) {
		case 1:
			e->ebx = (e->ebx & 0xff00) | apic_id << 24 |
				 total << 16;
			e->ecx |= 1u << 31 | 1u << 21;	/* hypervisor, x2APIC */
			break;
		case 0xb:
		case 0x1f:
			e->edx = apic_id;
			break;
		case 0x80000008:
			set_address_width(e);
			break;
		}
	}
}

/* What may be configured, as the host's CPU has it */
static void select_cpuid(struct cpuid_table *out, struct cpuid_table *host,
			 const struct cpuid_table *may)
{
	unsigned int i;

	out->head.nent = 0;
	out->head.padding = 0;
	for (i = 0; i < may->head.nent; i++) {
		const struct kvm_cpuid_entry2 *m = &may->entries[i];
		const struct kvm_cpuid_entry2 *h;
		struct kvm_cpuid_entry2 *e;

		h = find(host, m->function, m->index);
		if (!h)
			continue;
		e = &out->entries[out->head.nent++];
		*e = *h;
		e->eax &= m->eax;
		e->ebx &= m->ebx;
		e->ecx &= m->ecx;
		e->edx &= m->edx;
		if (e->function == 0x80000008)
			set_address_width(e);
	}
}

static int init_vm(struct tdx_launch *l, struct cpuid_table *host)
{
	static struct {
		struct gl_tdx_capabilities caps;
		struct cpuid_table cpuid;
	} may;
	static struct {
		struct gl_tdx_init_vm init;
		struct cpuid_table cpuid;
	} td;
	static struct fw_guests before, after;
	const struct fw_guest *g;
	uint64_t status;
	int ret, told;

	may.cpuid.head.nent = CPUID_MAX;
	ret = tdx_op(l->vm.fd, GL_TDX_CAPABILITIES, 0, (uintptr_t)&may, &status);
	if (ret)
		return tdx_failed("KVM_TDX_CAPABILITIES", ret, status);

	td.init.attributes = may.caps.supported_attrs &
			     GL_TDX_ATTR_SEPT_VE_DISABLE;
	td.init.xfam = may.caps.supported_xfam;
	select_cpuid(&td.cpuid, host, &may.cpuid);

	told = !fw_read_guests(&before);
	ret = tdx_op(l->vm.fd, GL_TDX_INIT_VM, 0, (uintptr_t)&td, &status);
	if (ret)
		return tdx_failed("KVM_TDX_INIT_VM", ret, status);
	l->res->attributes = td.init.attributes;
	l->res->xfam = td.init.xfam;
	if (!told || fw_read_guests(&after))
		return 0;

	g = fw_new_guest(&after, &before);
	if (!g)
		return complain("no TD of ours in debugfs after KVM_TDX_INIT_VM");
	l->tdr = g->id;
	l->res->key = g->key;
	return 0;
}

/* MRTD of our TD, if the machine tells it */
static int read_mrtd(struct tdx_launch *l)
{
	static struct fw_guests guests;
	const struct fw_guest *g;

	if (!l->tdr)
		return 0;
	if (fw_read_guests(&guests))
		return complain("debugfs has no guests any more");
	g = fw_find_guest(&guests, l->tdr);
	if (!g)
		return complain("TD %#llx is no longer in debugfs", l->tdr);
	if (!g->digest[0])
		return complain("TD %#llx is in state %s and has no MRTD in debugfs",
				l->tdr, g->state);
	strcpy(l->res->digest_final, g->digest);
	l->res->have_digests = 1;
	return 0;
}

static int check_smp(struct tdx_launch *l)
{
	int max = ioctl(l->vm.fd, KVM_CHECK_EXTENSION, (long)KVM_CAP_MAX_VCPUS);

	if (max < 0)
		return complain("KVM_CAP_MAX_VCPUS: %s", strerror(errno));
	if (l->opt->smp > (unsigned int)max)
		return complain("--smp: %u, a TD has at most as many vCPUs as this machine has CPUs, %d",
				l->opt->smp, max);
	return 0;
}

static int add_vcpus(struct tdx_launch *l, const struct cpuid_table *host)
{
	const struct tdx_section *hob = &l->image.sections[l->image.hob];
	static struct cpuid_table table;
	uint64_t status;
	unsigned int i;
	int ret;

	for (i = 0; i < l->opt->smp; i++) {
		table = *host;
		build_cpuid(&table, i, l->opt->smp);
		if (vm_add_bare_vcpu(&l->vm, &table))
			return -1;
		ret = tdx_op(l->vm.vcpu[i], GL_TDX_INIT_VCPU, 0, hob->gpa,
			     &status);
		if (ret)
			return tdx_failed("KVM_TDX_INIT_VCPU", ret, status);
	}
	return 0;
}

static int fill_memory(struct tdx_launch *l)
{
	const struct tdx_image *im = &l->image;
	unsigned int i;
	void *mem;

	if (vm_add_memory(&l->vm, 0, l->res->ram) ||
	    vm_add_memory(&l->vm, im->img.base, im->img.size))
		return -1;

	for (i = 0; i < im->nr_sections; i++) {
		const struct tdx_section *s = &im->sections[i];

		mem = vm_host_memory(&l->vm, s->gpa, s->size);
		if (s->data_size)
			memcpy(mem, im->img.data + s->data, s->data_size);
		if (s->type == TDX_SECTION_TD_HOB &&
		    !tdx_hob_build(im, l->res->ram, mem))
			return complain("%s: size of section %u (TD_HOB): %#" PRIx64 ", too small for the list of memory",
					l->opt->path, i, s->size);
	}
	return 0;
}

static int build(struct tdx_launch *l)
{
	static struct cpuid_table host;

	if (vm_create(&l->vm, GL_VM_TYPE_TDX, "TDX") || check_smp(l) ||
	    vm_init_irqchip(&l->vm) ||
	    vm_enable(&l->vm, GL_CAP_APIC_BUS_CYCLES, APIC_BUS_CYCLE_NS,
		      "X86_APIC_BUS_CYCLES_NS") ||
	    vm_supported_cpuid(&l->vm, &host) || init_vm(l, &host))
		return -1;
	return fill_memory(l) || add_vcpus(l, &host) ? -1 : 0;
}

/*
 * KVM writes back how far it came, with an error as well; it stops early for a
 * signal.
 */
static int add_section(struct tdx_launch *l, const struct tdx_section *s)
{
	uint32_t flags = s->attributes & TDX_ATTR_MR_EXTEND ? GL_TDX_MEASURE : 0;
	struct gl_tdx_init_mem_region r = {
		.source_addr = (uintptr_t)vm_host_memory(&l->vm, s->gpa,
							 s->size),
		.gpa = s->gpa,
		.nr_pages = s->size >> PAGE_SHIFT,
	};
	unsigned int tries = 0;
	uint64_t left, status;
	char what[96];
	int ret;

	do {
		left = r.nr_pages;
		ret = tdx_op(l->vm.vcpu[0], GL_TDX_INIT_MEM_REGION, flags,
			     (uintptr_t)&r, &status);
		if (r.nr_pages > left || (!ret && r.nr_pages) ||
		    r.gpa != s->gpa + s->size - (r.nr_pages << PAGE_SHIFT))
			return complain("KVM_TDX_INIT_MEM_REGION of %s at %#" PRIx64 ": returns %d, but gpa %#llx and nr_pages %llu do not fit together",
					tdx_section_name(s->type), s->gpa, ret,
					(unsigned long long)r.gpa,
					(unsigned long long)r.nr_pages);
		l->res->pages[s->type] += left - r.nr_pages;
		tries = r.nr_pages < left ? 0 : tries + 1;
	} while ((ret == -EINTR || ret == -EAGAIN) && tries < VM_MAX_RETRIES);
	if (!ret)
		return 0;

	snprintf(what, sizeof(what),
		 "KVM_TDX_INIT_MEM_REGION of %s, %llu pages left at %#llx",
		 tdx_section_name(s->type), (unsigned long long)r.nr_pages,
		 (unsigned long long)r.gpa);
	return tdx_failed(what, ret, status);
}

static int measure(struct tdx_launch *l)
{
	const struct tdx_image *im = &l->image;
	unsigned int i, tries = 0;
	uint64_t status;
	int ret;

	for (i = 0; i < im->nr_sections; i++) {
		const struct tdx_section *s = &im->sections[i];

		if (!tdx_section_added(s))
			l->res->later += s->size >> PAGE_SHIFT;
		else if (add_section(l, s))
			return -1;
	}

	do {
		ret = tdx_op(l->vm.fd, GL_TDX_FINALIZE_VM, 0, 0, &status);
	} while (ret == -EBUSY && ++tries < VM_MAX_RETRIES);
	if (ret)
		return tdx_failed("KVM_TDX_FINALIZE_VM", ret, status);
	return read_mrtd(l);
}

/* The guest must find what the launch was given, if its CPU can look. */
static int run(struct tdx_launch *l)
{
	static struct guest_range range[TDX_MAX_SECTIONS];
	const struct tdx_image *im = &l->image;
	unsigned int i, n = 0;

	for (i = 0; i < im->nr_sections; i++) {
		const struct tdx_section *s = &im->sections[i];

		range[n] = (struct guest_range) {
			.gpa = s->gpa,
			.size = s->size,
			.accept = !tdx_section_added(s),
			.what = tdx_section_name(s->type),
		};
		if (range[n].accept && range[n].size > MAX_ACCEPT)
			range[n].size = MAX_ACCEPT;
		if (s->data_size)
			range[n].data = im->img.data + s->data;
		else if (s->type == TDX_SECTION_TD_HOB)
			range[n].data = vm_host_memory(&l->vm, s->gpa, s->size);
		n++;
	}
	return launch_run(l->opt, l->res, &l->vm, range, n);
}

static int check_memory(struct tdx_launch *l)
{
	const struct tdx_image *im = &l->image;
	uint64_t end = 0;
	unsigned int i;

	for (i = 0; i < im->nr_sections; i++) {
		const struct tdx_section *s = &im->sections[i];

		if (s->gpa < im->img.base && s->gpa + s->size > end)
			end = s->gpa + s->size;
	}
	if (launch_memory(l->opt, im->img.base, end, &l->res->ram))
		return -1;

	for (i = 0; i < im->nr_sections; i++) {
		const struct tdx_section *s = &im->sections[i];

		if (s->gpa < im->img.base && s->gpa + s->size > l->res->ram)
			return complain("%s: end of section %u (%s): %#" PRIx64 ", beyond guest memory of %#" PRIx64 " bytes",
					l->opt->path, i,
					tdx_section_name(s->type),
					s->gpa + s->size, l->res->ram);
	}
	return 0;
}

int launch_tdx(const struct launch_options *opt, struct launch_result *res)
{
	static struct tdx_launch l;
	static struct launch_watch watch;
	struct image_error err;
	int ret;

	memset(&l, 0, sizeof(l));
	memset(res, 0, sizeof(*res));
	l.opt = opt;
	l.res = res;
	l.vm.fd = l.vm.kvm = -1;
	if (tdx_image_init(&l.image, opt->data, opt->size, &err))
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
	return launch_end(&watch, res, ret);
}
