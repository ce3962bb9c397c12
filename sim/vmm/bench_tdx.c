// SPDX-License-Identifier: GPL-2.0
/* A TD, as far as INIT_MEM_REGION needs it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>

#include "bench.h"
#include "firmware.h"
#include "image.h"

#define GPA_BITS	48
#define CPUID_ADDRESS	0x80000008

static int tdx_op(int fd, uint32_t id, uint32_t flags, void *data, const char *what)
{
	struct gl_tdx_cmd cmd = {
		.id = id,
		.flags = flags,
		.data = (uintptr_t)data,
	};

	if (ioctl(fd, KVM_MEMORY_ENCRYPT_OP, &cmd))
		return complain("%s: %s, TDX module status %#" PRIx64 " (%s)", what,
				strerror(errno), (uint64_t)cmd.hw_error,
				cmd.hw_error ? tdx_status_name(cmd.hw_error) : "none");
	return 0;
}

static const struct kvm_cpuid_entry2 *find_address(const struct cpuid_table *t)
{
	unsigned int i;

	for (i = 0; i < t->head.nent; i++)
		if (t->entries[i].function == CPUID_ADDRESS)
			return &t->entries[i];
	return NULL;
}

/* Of all that can be configured, a TD has to be told the width of its addresses. */
static int init_vm(struct bench_guest *g, const struct cpuid_table *host)
{
	static struct {
		struct gl_tdx_capabilities caps;
		struct cpuid_table cpuid;
	} may;
	static struct {
		struct gl_tdx_init_vm init;
		struct cpuid_table cpuid;
	} td;
	const struct kvm_cpuid_entry2 *m, *h = find_address(host);
	struct kvm_cpuid_entry2 *e = &td.cpuid.entries[0];

	memset(&may, 0, sizeof(may));
	may.cpuid.head.nent = CPUID_MAX;
	if (tdx_op(g->vm.fd, GL_TDX_CAPABILITIES, 0, &may, "KVM_TDX_CAPABILITIES"))
		return -1;
	m = find_address(&may.cpuid);
	if (!m || !h)
		return complain("CPUID %#x can't be configured", CPUID_ADDRESS);

	memset(&td, 0, sizeof(td));
	td.init.attributes = may.caps.supported_attrs & GL_TDX_ATTR_SEPT_VE_DISABLE;
	td.init.xfam = may.caps.supported_xfam;
	td.cpuid.head.nent = 1;
	*e = *h;
	e->eax = (h->eax & m->eax & ~0xff0000u) | GPA_BITS << 16;
	e->ebx &= m->ebx;
	e->ecx &= m->ecx;
	e->edx &= m->edx;
	return tdx_op(g->vm.fd, GL_TDX_INIT_VM, 0, &td, "KVM_TDX_INIT_VM");
}

static int create(struct bench_guest *g, uint64_t size)
{
	static struct cpuid_table host;
	unsigned int i;

	if (vm_create(&g->vm, GL_VM_TYPE_TDX, "TDX") || vm_init_irqchip(&g->vm) ||
	    vm_supported_cpuid(&g->vm, &host) || init_vm(g, &host))
		return -1;

	for (i = 0; i < host.head.nent; i++) {
		struct kvm_cpuid_entry2 *e = &host.entries[i];

		if (e->function == 1)
			e->ecx |= 1u << 31 | 1u << 21;	/* hypervisor, x2APIC */
		else if (e->function == CPUID_ADDRESS)
			e->eax = (e->eax & ~0xff0000u) | GPA_BITS << 16;
	}
	if (vm_add_bare_vcpu(&g->vm, &host) ||
	    tdx_op(g->vm.vcpu[0], GL_TDX_INIT_VCPU, 0, NULL, "KVM_TDX_INIT_VCPU"))
		return -1;
	return vm_add_memory(&g->vm, 0, size);
}

static int populate(struct bench_guest *g, void *src, uint64_t size)
{
	struct gl_tdx_init_mem_region r = {
		.source_addr = (uintptr_t)src,
		.nr_pages = size / PAGE_SIZE,
	};

	if (tdx_op(g->vm.vcpu[0], GL_TDX_INIT_MEM_REGION, GL_TDX_MEASURE, &r,
		   "KVM_TDX_INIT_MEM_REGION"))
		return -1;
	if (r.nr_pages)
		return complain("KVM_TDX_INIT_MEM_REGION: %llu pages of %llu are left",
				(unsigned long long)r.nr_pages,
				(unsigned long long)(size / PAGE_SIZE));
	return 0;
}

const struct bench_platform bench_tdx = {
	.name = "tdx",
	.create = create,
	.populate = populate,
};
