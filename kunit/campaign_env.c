// SPDX-License-Identifier: GPL-2.0
/*
 * What all lifetimes of a campaign share, and the ioctls of which their steps are
 * made.  Nothing here asserts anything: whatever fails is what a campaign is about.
 */
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/kallsyms.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include "campaign.h"
#include "kvm_test_priv.h"

/* Leaf 3 is none that firmware knows: all of it has to be zero. */
static void fill_cpuid(u32 *table, u32 ebx)
{
	memset(table, 0, 64);
	table[0] = 1;	/* leaves */
	table[4] = 3;	/* EAX going in */
	table[11] = ebx;
}

/**
 * camp_src_fill() - write launch data
 * @env: environment
 * @page: number of the page
 * @buf: room for a page
 *
 * The page for the CPUID table has one of a leaf that is all zero, as firmware wants it, any
 * other kt_pattern().
 */
void camp_src_fill(struct camp_env *env, unsigned int page, void *buf)
{
	if (page == CAMP_CPUID_PAGE)
		fill_cpuid(memset(buf, 0, PAGE_SIZE), 0);
	else
		kt_pattern(buf, page);
	kt_write(env->test, env->src + page * PAGE_SIZE, buf, PAGE_SIZE);
}

/**
 * camp_src_spoil() - write a CPUID table that firmware corrects to what it was
 * @env: environment
 */
void camp_src_spoil(struct camp_env *env)
{
	u32 head[16];

	fill_cpuid(head, 0x1234);
	kt_write(env->test, env->src + CAMP_CPUID_PAGE * PAGE_SIZE, head, sizeof(head));
}

/**
 * camp_src_pages() - look up the pages of the launch data
 * @env: environment
 *
 * Nobody moves them; to know them is enough to look at their references.
 *
 * Return: false if one is not there.
 */
bool camp_src_pages(struct camp_env *env)
{
	unsigned int i;

	lru_add_drain();
	for (i = 0; i < CAMP_MAX_PAGES; i++) {
		if (get_user_pages_fast(env->src + i * PAGE_SIZE, 1, FOLL_WRITE,
					&env->src_page[i]) != 1)
			return false;
		put_page(env->src_page[i]);
		env->src_refs[i] = page_count(env->src_page[i]);
	}
	return true;
}

/*
 * Whether the slab allocator has to get memory itself depends on what was freed
 * before: such allocations don't count, or no occurrence could be repeated.
 */
static void ignore_allocator(struct kunit *test)
{
	static const struct {
		const char *attr;
		const char *function;
	} ignored[] = {
		{ "fail_page_alloc", "new_slab" },
		{ "failslab", "__pcs_replace_empty_main" },
	};
	unsigned long begin, size, offset;
	char name[48], value[24];
	unsigned int i;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION_STACKTRACE_FILTER))
		return;
	for (i = 0; i < ARRAY_SIZE(ignored); i++) {
		begin = kallsyms_lookup_name(ignored[i].function);
		KUNIT_ASSERT_NE_MSG(test, begin, 0, "no function %s", ignored[i].function);
		KUNIT_ASSERT_NE(test, 0, kallsyms_lookup_size_offset(begin, &size, &offset));
		scnprintf(name, sizeof(name), "%s/reject-start", ignored[i].attr);
		scnprintf(value, sizeof(value), "%#lx", begin);
		kt_debugfs_set(test, name, value);
		scnprintf(name, sizeof(name), "%s/reject-end", ignored[i].attr);
		scnprintf(value, sizeof(value), "%#lx", begin + size);
		kt_debugfs_set(test, name, value);
	}
}

static unsigned long map_args(struct kunit *test, struct file *file, unsigned long prot)
{
	unsigned long uaddr = kunit_vm_mmap(test, file, 0, 2 * PAGE_SIZE, prot, MAP_SHARED, 0);

	return uaddr < TASK_SIZE ? uaddr : 0;
}

/**
 * camp_env_init() - open what there is one of
 * @env: environment
 * @test: the test that runs the campaign
 *
 * Return: 0 or -errno.
 */
int camp_env_init(struct camp_env *env, struct kunit *test)
{
	size_t size = CAMP_MAX_PAGES << PAGE_SHIFT;
	struct file *file;
	unsigned int i;
	void *page;

	env->test = test;
	env->kvm_fd = kt_open_dev(test, "kvm");
	if (env->kvm_fd < 0)
		return env->kvm_fd;
	/* Only there on a machine with SEV */
	env->sev_fd = kt_open_dev(test, "sev");

	file = shmem_file_setup("campaign", 2 * PAGE_SIZE, EMPTY_VMA_FLAGS);
	if (IS_ERR(file))
		return PTR_ERR(file);
	env->args = map_args(test, file, PROT_READ | PROT_WRITE);
	env->args_ro = map_args(test, file, PROT_READ);
	fput(file);
	if (!env->args || !env->args_ro)
		return -ENOMEM;

	/* The spare page, and behind it that of the shared slot */
	env->hva = kt_mmap(test, size + 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	env->src = kt_mmap(test, size, PROT_READ | PROT_WRITE);
	page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	env->cpuid = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	if (!page || !env->cpuid)
		return -ENOMEM;
	for (i = 0; i < CAMP_MAX_PAGES; i++)
		camp_src_fill(env, i, page);
	if (!camp_src_pages(env))
		return -EFAULT;
	/* Flips the switches without which hardly any allocation fails. */
	kt_fail_alloc(test, 1);
	kt_fail_alloc_end();
	/* Each failure is announced: see campaign_who.c. */
	kt_debugfs_set(test, "failslab/verbose", "1");
	kt_debugfs_set(test, "fail_page_alloc/verbose", "1");
	KUNIT_ASSERT_EQ(test, 0, camp_who_init());
	KUNIT_ASSERT_EQ(test, 0, camp_leak_init());
	ignore_allocator(test);

	env->cpuid->nent = (PAGE_SIZE - sizeof(*env->cpuid)) / sizeof(env->cpuid->entries[0]);
	env->cpuid_size = struct_size(env->cpuid, entries, env->cpuid->nent);
	return kt_ioctl_buf(test, env->kvm_fd, KVM_GET_SUPPORTED_CPUID, env->cpuid,
			    env->cpuid_size);
}

/**
 * camp_ioctl() - an ioctl whose argument is a structure
 * @l: lifetime
 * @fd: file
 * @cmd: command
 * @buf: the structure, updated
 * @size: bytes, at most a page
 *
 * Return: what the ioctl returns.
 */
int camp_ioctl(struct camp_life *l, int fd, unsigned int cmd, void *buf, size_t size)
{
	unsigned long args = l->env->args;
	int ret;

	if (copy_to_user((void __user *)args, buf, size))
		return -EFAULT;
	ret = kt_ioctl(fd, cmd, l->cmd_at ?: args);
	if (copy_from_user(buf, (void __user *)args, size))
		return -EFAULT;
	return ret;
}

/**
 * camp_enc() - KVM_MEMORY_ENCRYPT_OP with data
 * @l: lifetime
 * @fd: the VM or a vCPU
 * @cmd: the command
 * @cmd_size: bytes
 * @data_ptr: the field of @cmd that points to @data
 * @data: data, updated; NULL: none
 * @size: bytes, at most a page
 *
 * Return: what the ioctl returns.
 */
int camp_enc(struct camp_life *l, int fd, void *cmd, size_t cmd_size, u64 *data_ptr,
	     void *data, size_t size)
{
	unsigned long args = l->env->args + PAGE_SIZE;
	int ret;

	if (data) {
		if (copy_to_user((void __user *)args, data, size))
			return -EFAULT;
		*data_ptr = l->data_at ?: args;
	}
	ret = camp_ioctl(l, fd, KVM_MEMORY_ENCRYPT_OP, cmd, cmd_size);
	if (data && copy_from_user(data, (void __user *)args, size))
		return -EFAULT;
	return ret;
}

/* Steps that both machines have --------------------------------------------------- */

int camp_create_vm(struct camp_life *l, const struct camp_step *s)
{
	l->fd = kt_ioctl(l->env->kvm_fd, KVM_CREATE_VM, l->w->type);
	if (l->fd < 0)
		return l->fd;
	l->kvm = kt_file_priv(l->fd);
	return 0;
}

const struct camp_binding camp_one_slot[] = {
	{ 0, CAMP_SPARE_PAGE + 1, 0, KT_GMEM_PGOFF },
	{}
};

/* @arg: number of the file, CAMP_FILE_*; @npages: how large it is */
int camp_create_gmem(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_create_guest_memfd args = {
		.size = (u64)s->npages << PAGE_SHIFT,
		.flags = (s->arg & CAMP_FILE_MMAP ? GUEST_MEMFD_FLAG_MMAP : 0) |
			 (s->arg & CAMP_FILE_SHARED ? GUEST_MEMFD_FLAG_INIT_SHARED : 0),
	};
	int fd = camp_ioctl(l, l->fd, KVM_CREATE_GUEST_MEMFD, &args, sizeof(args));

	if (fd < 0)
		return fd;
	l->gmem_fd[s->arg & 0xff] = fd;
	return 0;
}

/**
 * camp_put_slot() - make or delete a slot with private memory
 * @l: lifetime
 * @nr: its number
 * @gpa: address
 * @delete: delete it
 *
 * Return: what the ioctl returns.
 */
int camp_put_slot(struct camp_life *l, unsigned int nr, u64 gpa, bool delete)
{
	const struct camp_binding *b = &l->w->slots[nr];
	struct kvm_userspace_memory_region2 args = {
		.slot = nr,
		.flags = KVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = gpa,
		.memory_size = delete ? 0 : (u64)b->npages << PAGE_SHIFT,
		.userspace_addr = l->env->hva + b->page * PAGE_SIZE,
		.guest_memfd = l->gmem_fd[b->file],
		.guest_memfd_offset = (u64)b->index << PAGE_SHIFT,
	};

	return camp_ioctl(l, l->fd, KVM_SET_USER_MEMORY_REGION2, &args, sizeof(args));
}

/* @arg: number of the slot */
int camp_set_slot(struct camp_life *l, const struct camp_step *s)
{
	return camp_put_slot(l, s->arg, KT_GPA + l->w->slots[s->arg].page * PAGE_SIZE, false);
}

int camp_set_shared_slot(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_userspace_memory_region2 args = {
		.slot = s->arg,
		.guest_phys_addr = CAMP_SHARED_GPA,
		.memory_size = PAGE_SIZE,
		.userspace_addr = l->env->hva + (CAMP_SPARE_PAGE + 1) * PAGE_SIZE,
	};

	return camp_ioctl(l, l->fd, KVM_SET_USER_MEMORY_REGION2, &args, sizeof(args));
}

/* @arg: the attributes */
int camp_set_attr(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_memory_attributes args = {
		.address = KT_GPA + s->page * PAGE_SIZE,
		.size = (u64)s->npages << PAGE_SHIFT,
		.attributes = s->arg,
	};

	return camp_ioctl(l, l->fd, KVM_SET_MEMORY_ATTRIBUTES, &args, sizeof(args));
}

/* @arg: number of the vCPU */
int camp_create_vcpu(struct camp_life *l, const struct camp_step *s)
{
	int fd = kt_ioctl(l->fd, KVM_CREATE_VCPU, s->arg);

	if (fd < 0)
		return fd;
	l->vcpu_fd[s->arg] = fd;
	return 0;
}

int camp_set_cpuid(struct camp_life *l, const struct camp_step *s)
{
	return camp_ioctl(l, l->vcpu_fd[s->arg], KVM_SET_CPUID2, l->env->cpuid,
			  l->env->cpuid_size);
}

static const struct camp_binding *slot_of(struct camp_life *l, unsigned int page)
{
	const struct camp_binding *b;

	for (b = l->w->slots; b->npages; b++)
		if (page >= b->page && page < b->page + b->npages)
			return b;
	return NULL;
}

/* Within one slot */
int camp_fallocate(struct camp_life *l, unsigned int page, unsigned int npages, int mode)
{
	const struct camp_binding *b = slot_of(l, page);

	if (!b)
		return -ENOENT;
	return kt_fallocate(l->gmem_fd[b->file], mode | FALLOC_FL_KEEP_SIZE,
			    (loff_t)(b->index + page - b->page) << PAGE_SHIFT,
			    (loff_t)npages << PAGE_SHIFT);
}

int camp_punch(struct camp_life *l, const struct camp_step *s)
{
	return camp_fallocate(l, s->page, s->npages, FALLOC_FL_PUNCH_HOLE);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		kt_close_fd(*fd);
	*fd = -1;
}

int camp_close_vcpus(struct camp_life *l, const struct camp_step *s)
{
	unsigned int i;

	camp_script_end(l);
	for (i = 0; i < CAMP_MAX_VCPUS; i++)
		close_fd(&l->vcpu_fd[i]);
	return 0;
}

int camp_close_vm(struct camp_life *l, const struct camp_step *s)
{
	/* Who holds a file of it may keep it alive a little longer. */
	l->kvm = NULL;
	close_fd(&l->fd);
	return 0;
}

int camp_close_gmem(struct camp_life *l, const struct camp_step *s)
{
	unsigned int i;

	for (i = 0; i < CAMP_MAX_FILES; i++)
		close_fd(&l->gmem_fd[i]);
	return 0;
}

/**
 * camp_locate() - where a page of private memory is
 * @l: lifetime
 * @page: counted from KT_GPA on
 * @index: its index in the file
 *
 * Return: inode of the guest_memfd file, NULL if it is not open.
 */
struct inode *camp_locate(struct camp_life *l, unsigned int page, pgoff_t *index)
{
	const struct camp_binding *b = slot_of(l, page);

	if (!b || l->gmem_fd[b->file] < 0)
		return NULL;
	*index = b->index + page - b->page;
	return kt_file_inode(l->gmem_fd[b->file]);
}

/**
 * camp_page_spa() - the page that guest_memfd has
 * @l: lifetime
 * @page: counted from KT_GPA on
 *
 * Return: its system physical address, 0 if there is none.
 */
u64 camp_page_spa(struct camp_life *l, unsigned int page)
{
	struct inode *inode;
	struct folio *folio;
	pgoff_t index;
	u64 spa;

	inode = camp_locate(l, page, &index);
	if (!inode)
		return 0;
	folio = filemap_get_folio(inode->i_mapping, index);
	if (IS_ERR(folio))
		return 0;
	spa = PFN_PHYS(folio_pfn(folio));
	folio_put(folio);
	return spa;
}
