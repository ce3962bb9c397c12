// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of the machine that "make x86-cost PART=cycles" boots: gives a
 * virtual machine to x86-cost.ko, once for each line of /plan, and powers off.
 *
 * A line of /plan is what to measure and the number of pages; /addresses are
 * parameters for the module.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void say(const char *what, int err)
{
	printf("x86-cost: %s: %s\n", what, err ? strerror(err) : "done");
	fflush(stdout);
}

static void power_off(void)
{
	reboot(RB_AUTOBOOT);	/* -no-reboot: this ends QEMU */
	for (;;)
		pause();
}

static void die(const char *what)
{
	say(what, errno);
	power_off();
}

static void measure(int kvm, int module, const char *what, int pages, const char *addresses)
{
	size_t len = pages * (size_t)getpagesize();
	struct kvm_create_guest_memfd gmem = { .size = len };
	struct kvm_memory_attributes attr = { .size = len, .attributes = KVM_MEMORY_ATTRIBUTE_PRIVATE };
	struct kvm_userspace_memory_region2 region = { .flags = KVM_MEM_GUEST_MEMFD, .memory_size = len };
	static char params[8192];
	void *source, *shared;
	int vm;

	vm = ioctl(kvm, KVM_CREATE_VM, KVM_X86_SW_PROTECTED_VM);
	if (vm < 0)
		die("KVM_CREATE_VM");
	region.guest_memfd = ioctl(vm, KVM_CREATE_GUEST_MEMFD, &gmem);
	if ((int)region.guest_memfd < 0)
		die("KVM_CREATE_GUEST_MEMFD");
	shared = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	source = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (shared == MAP_FAILED || source == MAP_FAILED)
		die("mmap");
	memset(source, 0x5a, len);
	region.userspace_addr = (unsigned long)shared;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION2, &region))
		die("KVM_SET_USER_MEMORY_REGION2");
	if (ioctl(vm, KVM_SET_MEMORY_ATTRIBUTES, &attr))
		die("KVM_SET_MEMORY_ATTRIBUTES");
	snprintf(params, sizeof(params), "what=%s npages=%d vm_fd=%d source=0x%lx %s", what, pages, vm,
		 (unsigned long)source, addresses);
	if (!syscall(SYS_finit_module, module, params, 0))
		errno = 0;
	say(what, errno == ECANCELED ? 0 : errno ? errno : EEXIST);
	munmap(source, len);
	munmap(shared, len);
	close(region.guest_memfd);
	close(vm);
}

static void read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (n < 0)
		die(path);
	buf[n] = 0;
	close(fd);
}

int main(void)
{
	static char plan[4096], addresses[4096];
	char *line, *rest = plan, what[32];
	int kvm, module, pages;

	mkdir("/dev", 0755);
	mknod("/dev/kvm", S_IFCHR | 0600, makedev(10, 232));
	mknod("/dev/console", S_IFCHR | 0600, makedev(5, 1));
	if (!freopen("/dev/console", "w", stdout))
		power_off();
	kvm = open("/dev/kvm", O_RDWR);
	if (kvm < 0)
		die("/dev/kvm");
	module = open("/x86-cost.ko", O_RDONLY);
	if (module < 0)
		die("/x86-cost.ko");
	read_file("/plan", plan, sizeof(plan));
	read_file("/addresses", addresses, sizeof(addresses));
	while ((line = strsep(&rest, "\n")))
		if (sscanf(line, "%31s %d", what, &pages) == 2)
			measure(kvm, module, what, pages, addresses);
	say("all", 0);
	power_off();
}
