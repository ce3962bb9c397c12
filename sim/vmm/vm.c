// SPDX-License-Identifier: GPL-2.0
/*
 * A KVM virtual machine, set up through the ioctls that QEMU uses and in its
 * order.  The power-on state matters to the last bit: KVM copies it into the
 * VMSA, and the firmware measures that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image.h"
#include "vm.h"

#define IDENTITY_MAP_ADDR	0xfeffc000ULL
#define TSS_ADDR		(IDENTITY_MAP_ADDR + 0x1000)
#define HC_MAP_GPA_RANGE	12
#define IOAPIC_PINS		24

#define MSR_SYSENTER_CS		0x174
#define MSR_SYSENTER_ESP	0x175
#define MSR_SYSENTER_EIP	0x176
#define MSR_PAT			0x277
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SYSCALL_MASK	0xc0000084
#define MSR_KERNEL_GS_BASE	0xc0000102

#define PAT_RESET		0x0007040600070406ULL
#define XSTATE_X87_SSE		3
#define CR0_RESET		0x60000010	/* CD, NW, ET */
#define DR6_RESET		0xffff0ff0
#define DR7_RESET		0x400
#define FCW_RESET		0x37f
#define MXCSR_RESET		0x1f80

int complain(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "gmem-launch: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return -1;
}

static int extension(struct vm *vm, long cap)
{
	return ioctl(vm->kvm, KVM_CHECK_EXTENSION, cap);
}

static int need(struct vm *vm, long cap, const char *name)
{
	if (extension(vm, cap) > 0)
		return 0;
	return complain("KVM of this kernel lacks %s", name);
}

int vm_create(struct vm *vm, int type, const char *what)
{
	int version, types;

	memset(vm, 0, sizeof(*vm));
	vm->fd = -1;
	vm->type = type;
	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0)
		return complain("open /dev/kvm: %s", strerror(errno));

	version = ioctl(vm->kvm, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION)
		return complain("KVM_GET_API_VERSION: %d, should be %d",
				version, KVM_API_VERSION);
	if (need(vm, GL_CAP_USER_MEMORY2, "KVM_CAP_USER_MEMORY2"))
		return -1;

	types = extension(vm, GL_CAP_VM_TYPES);
	if (types < 0 || !(types & 1 << type))
		return complain("KVM_CAP_VM_TYPES: %#x, VM type %d (%s) is not supported",
				types, type, what);

	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, (long)type);
	if (vm->fd < 0)
		return complain("KVM_CREATE_VM type %d (%s): %s", type, what,
				strerror(errno));

	/* These two are properties of a VM, not of KVM. */
	if (ioctl(vm->fd, KVM_CHECK_EXTENSION, (long)GL_CAP_GUEST_MEMFD) <= 0)
		return complain("KVM of this kernel lacks KVM_CAP_GUEST_MEMFD");
	if (!(ioctl(vm->fd, KVM_CHECK_EXTENSION, (long)GL_CAP_MEMORY_ATTRS) &
	      GL_ATTRIBUTE_PRIVATE))
		return complain("KVM of this kernel lacks private memory attributes");
	return 0;
}

int vm_enable(struct vm *vm, uint32_t cap, uint64_t arg, const char *name)
{
	struct kvm_enable_cap c = { .cap = cap, .args = { arg } };

	if (ioctl(vm->fd, KVM_ENABLE_CAP, &c))
		return complain("KVM_ENABLE_CAP %s: %s", name, strerror(errno));
	return 0;
}

int vm_init_tss(struct vm *vm)
{
	uint64_t identity = IDENTITY_MAP_ADDR;

	if (ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity))
		return complain("KVM_SET_IDENTITY_MAP_ADDR: %s",
				strerror(errno));
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, (long)TSS_ADDR))
		return complain("KVM_SET_TSS_ADDR: %s", strerror(errno));
	return 0;
}

int vm_init_irqchip(struct vm *vm)
{
	/* A guest asks for page-state changes by this hypercall. */
	if (vm_enable(vm, KVM_CAP_EXIT_HYPERCALL, 1ULL << HC_MAP_GPA_RANGE,
		      "EXIT_HYPERCALL"))
		return -1;
	return vm_enable(vm, KVM_CAP_SPLIT_IRQCHIP, IOAPIC_PINS,
			 "SPLIT_IRQCHIP");
}

int vm_set_private(struct vm *vm, uint64_t gpa, uint64_t size)
{
	struct gl_memory_attributes a = {
		.address = gpa,
		.size = size,
		.attributes = GL_ATTRIBUTE_PRIVATE,
	};

	if (ioctl(vm->fd, GL_SET_MEMORY_ATTRS, &a))
		return complain("KVM_SET_MEMORY_ATTRIBUTES of %#llx bytes at %#llx: %s",
				(unsigned long long)size,
				(unsigned long long)gpa, strerror(errno));
	return 0;
}

int vm_add_memory(struct vm *vm, uint64_t gpa, uint64_t size)
{
	struct vm_slot *s = &vm->slot[vm->nr_slots];
	struct gl_guest_memfd g = { .size = size };
	struct gl_memory_region2 r = {
		.slot = vm->nr_slots,
		.flags = GL_MEM_GUEST_MEMFD,
		.guest_phys_addr = gpa,
		.memory_size = size,
	};

	s->gpa = gpa;
	s->size = size;
	s->mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->mem == MAP_FAILED)
		return complain("mmap of %#llx bytes of guest memory: %s",
				(unsigned long long)size, strerror(errno));

	s->gmem = ioctl(vm->fd, GL_CREATE_GUEST_MEMFD, &g);
	if (s->gmem < 0) {
		complain("KVM_CREATE_GUEST_MEMFD of %#llx bytes: %s",
			 (unsigned long long)size, strerror(errno));
		munmap(s->mem, size);
		return -1;
	}
	vm->nr_slots++;

	r.userspace_addr = (uintptr_t)s->mem;
	r.guest_memfd = s->gmem;
	if (ioctl(vm->fd, GL_SET_MEMORY_REGION2, &r))
		return complain("KVM_SET_USER_MEMORY_REGION2 of %#llx bytes at %#llx: %s",
				(unsigned long long)size,
				(unsigned long long)gpa, strerror(errno));

	return vm_set_private(vm, gpa, size);
}

void *vm_host_memory(struct vm *vm, uint64_t gpa, uint64_t size)
{
	unsigned int i;

	for (i = 0; i < vm->nr_slots; i++) {
		struct vm_slot *s = &vm->slot[i];

		if (gpa >= s->gpa && size <= s->size &&
		    gpa - s->gpa <= s->size - size)
			return s->mem + (gpa - s->gpa);
	}
	return NULL;
}

static struct kvm_segment segment(uint16_t selector, uint32_t base,
				  unsigned int type, unsigned int s)
{
	return (struct kvm_segment) {
		.selector = selector,
		.base = base,
		.limit = 0xffff,
		.type = type,
		.s = s,
		.present = 1,
	};
}

static int set_sregs(unsigned int n, int fd, uint32_t cs_base)
{
	struct kvm_segment data = segment(0, 0, 3, 1);
	struct kvm_sregs s;
	uint64_t apic_base;

	/* KVM knows best what the APIC base of this vCPU is. */
	if (ioctl(fd, KVM_GET_SREGS, &s))
		return complain("KVM_GET_SREGS of vCPU %u: %s", n,
				strerror(errno));
	apic_base = s.apic_base;

	memset(&s, 0, sizeof(s));
	s.cs = segment(0xf000, cs_base, 0xb, 1);
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.ldt = segment(0, 0, 2, 0);
	s.tr = segment(0, 0, 0xb, 0);
	s.gdt.limit = 0xffff;
	s.idt.limit = 0xffff;
	s.cr0 = CR0_RESET;
	s.apic_base = apic_base;
	if (ioctl(fd, KVM_SET_SREGS, &s))
		return complain("KVM_SET_SREGS of vCPU %u: %s", n,
				strerror(errno));
	return 0;
}

static int set_fpu(struct vm *vm, unsigned int n, int fd)
{
	struct kvm_xcrs xcrs = {
		.nr_xcrs = 1,
		.xcrs = { { .xcr = 0, .value = 1 } },
	};

	if (extension(vm, KVM_CAP_XSAVE) > 0) {
		static struct kvm_xsave x;
		uint16_t fcw = FCW_RESET;
		uint32_t mxcsr = MXCSR_RESET;
		uint64_t features = XSTATE_X87_SSE;

		memset(&x, 0, sizeof(x));
		memcpy((char *)&x, &fcw, sizeof(fcw));
		memcpy((char *)&x + 24, &mxcsr, sizeof(mxcsr));
		memcpy((char *)&x + 512, &features, sizeof(features));
		if (ioctl(fd, KVM_SET_XSAVE, &x))
			return complain("KVM_SET_XSAVE of vCPU %u: %s", n,
					strerror(errno));
	} else {
		struct kvm_fpu f = { .fcw = FCW_RESET, .mxcsr = MXCSR_RESET };

		if (ioctl(fd, KVM_SET_FPU, &f))
			return complain("KVM_SET_FPU of vCPU %u: %s", n,
					strerror(errno));
	}

	if (extension(vm, KVM_CAP_XCRS) > 0 && ioctl(fd, KVM_SET_XCRS, &xcrs))
		return complain("KVM_SET_XCRS of vCPU %u: %s", n,
				strerror(errno));
	return 0;
}

static int set_msrs(unsigned int n, int fd)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[9];
	} m = {
		.head.nmsrs = 9,
		.entries = {
			{ .index = MSR_SYSENTER_CS },
			{ .index = MSR_SYSENTER_ESP },
			{ .index = MSR_SYSENTER_EIP },
			{ .index = MSR_PAT, .data = PAT_RESET },
			{ .index = MSR_STAR },
			{ .index = MSR_LSTAR },
			{ .index = MSR_CSTAR },
			{ .index = MSR_SYSCALL_MASK },
			{ .index = MSR_KERNEL_GS_BASE },
		},
	};
	int done;

	done = ioctl(fd, KVM_SET_MSRS, &m);
	if (done < 0)
		return complain("KVM_SET_MSRS of vCPU %u: %s", n,
				strerror(errno));
	if (done != 9)
		return complain("KVM_SET_MSRS of vCPU %u: MSR %#x refused", n,
				m.entries[done].index);
	return 0;
}

static int reset_vcpu(struct vm *vm, unsigned int n, uint32_t signature,
		      uint32_t cs_base, uint16_t ip)
{
	struct kvm_regs regs = { .rip = ip, .rdx = signature, .rflags = 2 };
	struct kvm_debugregs dr = { .dr6 = DR6_RESET, .dr7 = DR7_RESET };
	struct kvm_mp_state mp = {
		.mp_state = n ? KVM_MP_STATE_UNINITIALIZED :
				KVM_MP_STATE_RUNNABLE,
	};
	int fd = vm->vcpu[n];

	if (set_sregs(n, fd, cs_base))
		return -1;
	if (ioctl(fd, KVM_SET_REGS, &regs))
		return complain("KVM_SET_REGS of vCPU %u: %s", n,
				strerror(errno));
	if (set_fpu(vm, n, fd) || set_msrs(n, fd))
		return -1;
	if (ioctl(fd, KVM_SET_DEBUGREGS, &dr))
		return complain("KVM_SET_DEBUGREGS of vCPU %u: %s", n,
				strerror(errno));
	if (ioctl(fd, KVM_SET_MP_STATE, &mp))
		return complain("KVM_SET_MP_STATE of vCPU %u: %s", n,
				strerror(errno));
	return 0;
}

int vm_supported_cpuid(struct vm *vm, struct cpuid_table *table)
{
	/* The table of a vCPU may have two entries more than this one. */
	table->head.nent = CPUID_MAX - 2;
	table->head.padding = 0;
	if (ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, table))
		return complain("KVM_GET_SUPPORTED_CPUID: %s", strerror(errno));
	return 0;
}

int vm_add_bare_vcpu(struct vm *vm, const struct cpuid_table *table)
{
	unsigned int n = vm->nr_vcpus;
	int fd;

	if (n == VM_MAX_VCPUS)
		return complain("too many vCPUs, at most %d", VM_MAX_VCPUS);
	fd = ioctl(vm->fd, KVM_CREATE_VCPU, (long)n);
	if (fd < 0)
		return complain("KVM_CREATE_VCPU %u: %s", n, strerror(errno));
	vm->vcpu[n] = fd;
	vm->nr_vcpus++;

	if (ioctl(fd, KVM_SET_CPUID2, table))
		return complain("KVM_SET_CPUID2 of vCPU %u: %s", n,
				strerror(errno));
	return 0;
}

int vm_add_vcpu(struct vm *vm, const struct cpu_model *model,
		unsigned int total, uint32_t cs_base, uint16_t ip)
{
	static struct cpuid_table supported, table;
	unsigned int n = vm->nr_vcpus;

	if (vm_supported_cpuid(vm, &supported))
		return -1;
	cpu_build_cpuid(&table, &supported, model, n, total);
	if (vm_add_bare_vcpu(vm, &table))
		return -1;
	return reset_vcpu(vm, n, cpu_signature(model), cs_base, ip);
}

int vm_get_cpuid(struct vm *vm, unsigned int n, struct cpuid_table *table)
{
	table->head.nent = CPUID_MAX;
	table->head.padding = 0;
	if (ioctl(vm->vcpu[n], KVM_GET_CPUID2, table))
		return complain("KVM_GET_CPUID2 of vCPU %u: %s", n,
				strerror(errno));
	return 0;
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		close(vm->vcpu[i]);
	for (i = 0; i < vm->nr_slots; i++) {
		close(vm->slot[i].gmem);
		munmap(vm->slot[i].mem, vm->slot[i].size);
	}
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->kvm >= 0)
		close(vm->kvm);
	memset(vm, 0, sizeof(*vm));
	vm->fd = vm->kvm = -1;
}
