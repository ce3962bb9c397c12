// SPDX-License-Identifier: GPL-2.0
/* An SNP guest, as far as LAUNCH_UPDATE needs it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include "bench.h"
#include "firmware.h"


#define PAGE_TYPE_NORMAL	1
#define POLICY			0x30000

static int sev_op(struct bench_guest *g, uint32_t id, void *data, const char *what)
{
	struct kvm_sev_cmd cmd = {
		.id = id,
		.data = (uintptr_t)data,
		.sev_fd = g->sev,
	};

	if (ioctl(g->vm.fd, KVM_MEMORY_ENCRYPT_OP, &cmd))
		return complain("%s: %s, firmware status %#x (%s)", what,
				strerror(errno), cmd.error,
				cmd.error ? fw_status_name(cmd.error) : "none");
	return 0;
}

static int create(struct bench_guest *g, uint64_t size)
{
	struct gl_snp_launch_start start = { .policy = POLICY };
	struct gl_sev_init init = { 0 };

	if (vm_create(&g->vm, GL_VM_TYPE_SNP, "SNP"))
		return -1;
	g->sev = open("/dev/sev", O_RDWR | O_CLOEXEC);
	if (g->sev < 0)
		return complain("open /dev/sev: %s", strerror(errno));
	if (sev_op(g, GL_SEV_INIT2, &init, "KVM_SEV_INIT2") ||
	    sev_op(g, GL_SNP_LAUNCH_START, &start, "KVM_SEV_SNP_LAUNCH_START"))
		return -1;
	return vm_add_memory(&g->vm, 0, size);
}

static int populate(struct bench_guest *g, void *src, uint64_t size)
{
	struct gl_snp_launch_update u = {
		.uaddr = (uintptr_t)src,
		.len = size,
		.type = PAGE_TYPE_NORMAL,
	};

	if (sev_op(g, GL_SNP_LAUNCH_UPDATE, &u, "KVM_SEV_SNP_LAUNCH_UPDATE"))
		return -1;
	if (u.len)
		return complain("KVM_SEV_SNP_LAUNCH_UPDATE: %llu bytes of %llu are left",
				(unsigned long long)u.len, (unsigned long long)size);
	return 0;
}

const struct bench_platform bench_snp = {
	.name = "snp",
	.create = create,
	.populate = populate,
};
