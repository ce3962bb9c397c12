// SPDX-License-Identifier: GPL-2.0
/*
 * What kvm_gmem_populate() costs per page, for "make x86-cost PART=cycles".
 *
 * The same source is built against the patched and the unpatched kernel.  It calls
 * production code of either, some of it static: addresses come in as parameters.
 * Loading it is one measurement; it never stays.
 *
 * The processor has neither RMPUPDATE nor SEAMCALL, and there is no PSP.
 *  - The instructions are overwritten, in the place where the kernel has them, by one
 *    of the same length that sets RAX and CF to 0, i.e. to success.  This is also one
 *    instruction, so that the kernel executes as many as on a machine that has them.
 *  - The mailbox of the PSP is in ROM, at a word that reads as "done, status 0" and
 *    takes no writes.  It is polled, which the driver does if interrupts are off.
 *  - The table in which RMP entries are looked up is memory of this module, all of it
 *    shared pages.
 */
#include <linux/anon_inodes.h>
#include <linux/cc_platform.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/io.h>
#include <linux/kvm_host.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/psp-sev.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <asm/coco.h>
#include <asm/msr.h>
#include <asm/sev.h>
#include <asm/tdx.h>

#include "psp-dev.h"
#include "sev-dev.h"
#include "tdx_arch.h"

/* Where the kernel has them.  Functions, then variables, then instructions. */
#define ADDRESS(name)						\
	static unsigned long at_##name;				\
	module_param_named(name, at_##name, ulong, 0)

ADDRESS(kvm_gmem_populate);
ADDRESS(sev_gmem_post_populate);
ADDRESS(rmp_make_private);
ADDRESS(tdh_mem_page_add);
ADDRESS(tdh_mr_extend);
ADDRESS(cc_platform_set);
ADDRESS(cc_vendor);
ADDRESS(sev_fops);
ADDRESS(psp_master);
ADDRESS(psp_timeout);
ADDRESS(rmp_segment_table);
ADDRESS(rmp_segment_shift);
ADDRESS(rmp_segment_mask);
ADDRESS(insn_rmpupdate);
ADDRESS(insn_seamcall);

#define FUNCTION(name)	((typeof(name) *)at_##name)
#define VARIABLE(name, type)	(*(type *)at_##name)

static char *what;
module_param(what, charp, 0);
static int vm_fd;
module_param(vm_fd, int, 0);
static unsigned long source;
module_param(source, ulong, 0);
static int npages;
module_param(npages, int, 0);

static u64 *stamps;
static int nr_stamps;

/* ---- firmware ---- */

static const u8 rmpupdate[] = { 0xf2, 0x0f, 0x01, 0xfe };
static const u8 seamcall[] = { 0x66, 0x0f, 0x01, 0xcf };
static const u8 succeed[] = { 0x48, 0x83, 0xe0, 0x00 };		/* and $0, %rax */

/* Text is writable, see the command line. */
static int overwrite(unsigned long at, const u8 *insn)
{
	if (!memcmp((void *)at, succeed, sizeof(succeed)))
		return 0;
	if (memcmp((void *)at, insn, sizeof(succeed))) {
		pr_err("x86-cost: %*ph at %pS\n", (int)sizeof(succeed), (void *)at, (void *)at);
		return -ENOEXEC;
	}
	memcpy((void *)at, succeed, sizeof(succeed));
	return 0;
}

/* More than the machine has */
#define RMP_PAGES	(SZ_1G >> PAGE_SHIFT)

static int add_rmp(void)
{
	/* As arch/x86/virt/svm/sev.c has it */
	struct {
		u64 *entries;
		u64 max_index;
		u64 size;
	} *segment;
	void ***table = (void ***)at_rmp_segment_table;
	int ret;

	if (*table)
		return 0;
	segment = kzalloc_obj(*segment);
	*table = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!segment || !*table)
		return -ENOMEM;
	segment->max_index = RMP_PAGES;
	segment->size = RMP_PAGES * 16;
	segment->entries = vzalloc(segment->size);
	if (!segment->entries)
		return -ENOMEM;
	(*table)[0] = segment;
	VARIABLE(rmp_segment_shift, unsigned int) = 52;
	VARIABLE(rmp_segment_mask, u64) = GENMASK_ULL(51, 0);

	ret = overwrite(at_insn_rmpupdate, rmpupdate);
	if (ret)
		return ret;
	VARIABLE(cc_vendor, enum cc_vendor) = CC_VENDOR_AMD;
	FUNCTION(cc_platform_set)(CC_ATTR_HOST_SEV_SNP);
	return cc_platform_has(CC_ATTR_HOST_SEV_SNP) ? 0 : -ENODEV;
}

#define ROM_BASE	0xffff0000ul

static int add_psp(void)
{
	struct psp_device *psp;
	struct sev_device *sev;
	void __iomem *rom;
	int i;

	if (VARIABLE(psp_master, struct psp_device *))
		return 0;
	rom = ioremap(ROM_BASE, SZ_64K);
	psp = kzalloc_obj(*psp);
	sev = kzalloc_obj(*sev);
	if (!rom || !psp || !sev)
		return -ENOMEM;
	for (i = 0; i < SZ_64K; i += 4) {
		u32 val = ioread32(rom + i);

		if ((val & (PSP_CMDRESP_RESP | PSP_CMDRESP_STS)) == PSP_CMDRESP_RESP)
			break;
	}
	if (i == SZ_64K)
		return -ENXIO;
	/* The module goes, this stays. */
	sev->vdata = kmemdup(&(struct sev_vdata){ i, i, i }, sizeof(*sev->vdata), GFP_KERNEL);
	sev->cmd_buf = (void *)__get_free_page(GFP_KERNEL);
	sev->cmd_buf_backup = (void *)__get_free_page(GFP_KERNEL);
	if (!sev->vdata || !sev->cmd_buf || !sev->cmd_buf_backup)
		return -ENOMEM;
	sev->io_regs = rom;
	sev->psp = psp;
	init_waitqueue_head(&sev->int_queue);
	psp->sev_data = sev;
	/* What probing of the device sets: seconds */
	VARIABLE(psp_timeout, int) = 1;
	VARIABLE(psp_master, struct psp_device *) = psp;
	return 0;
}

static struct tdx_td td;

static int add_tdx(void)
{
	u64 entry, level, err;

	td.tdr_page = alloc_page(GFP_KERNEL);
	if (!td.tdr_page)
		return -ENOMEM;
	if (memcmp((void *)at_insn_seamcall, succeed, sizeof(succeed))) {
		/* Is it this instruction that the wrappers end in?  Then they fail now. */
		err = FUNCTION(tdh_mr_extend)(&td, 0, &entry, &level);
		if (err != TDX_SEAMCALL_UD) {
			pr_err("x86-cost: SEAMCALL: %llx\n", err);
			return -ENOEXEC;
		}
	}
	return overwrite(at_insn_seamcall, seamcall);
}

/* ---- the step of each page ---- */

static void stamp(void)
{
	stamps[nr_stamps++] = rdtsc();
}

static int nothing(struct kvm *kvm, gfn_t gfn, kvm_pfn_t pfn, struct page *src_page, void *opaque)
{
	stamp();
	return 0;
}

static int one_rmpupdate(struct kvm *kvm, gfn_t gfn, kvm_pfn_t pfn, struct page *src_page, void *opaque)
{
	stamp();
	return FUNCTION(rmp_make_private)(pfn, gfn << PAGE_SHIFT, PG_LEVEL_4K, 1, true);
}

/* As KVM_SEV_SNP_LAUNCH_UPDATE passes it to its step */
struct snp_args {
	u8 type;
	int sev_fd;
	int fw_error;
};

static int snp_page(struct kvm *kvm, gfn_t gfn, kvm_pfn_t pfn, struct page *src_page, void *opaque)
{
	int ret;

	stamp();
	/* The mailbox raises no interrupts: have it polled. */
	local_irq_disable();
	ret = ((typeof(snp_page) *)at_sev_gmem_post_populate)(kvm, gfn, pfn, src_page, opaque);
	local_irq_enable();
	return ret;
}

/* What TDX does apart from the page tables of KVM, which need a processor with VMX */
static int tdx_page(struct kvm *kvm, gfn_t gfn, kvm_pfn_t pfn, struct page *src_page, void *opaque)
{
	u64 entry, level;
	int i;

	stamp();
	if (FUNCTION(tdh_mem_page_add)(&td, gfn_to_gpa(gfn), pfn, src_page, &entry, &level))
		return -EIO;
	for (i = 0; i < PAGE_SIZE; i += TDX_EXTENDMR_CHUNKSIZE)
		if (FUNCTION(tdh_mr_extend)(&td, gfn_to_gpa(gfn) + i, &entry, &level))
			return -EIO;
	return 0;
}

static long populate(struct kvm *kvm, int (*step)(struct kvm *, gfn_t, kvm_pfn_t, struct page *, void *),
		     void *opaque)
{
#ifdef GMEM_POPULATE_OPS
	const struct kvm_gmem_populate_ops ops = { .populate_page = step };

	return FUNCTION(kvm_gmem_populate)(kvm, 0, (void __user *)source, npages, &ops, opaque);
#else
	return FUNCTION(kvm_gmem_populate)(kvm, 0, (void __user *)source, npages, false, step, opaque);
#endif
}

static int compare(const void *a, const void *b)
{
	u64 x = *(u64 *)a, y = *(u64 *)b;

	return x < y ? -1 : x > y;
}

/* No timer, nor any other interrupt, is part of the work. */
static void mask_interrupts(bool mask)
{
	asm volatile("mov %0, %%cr8" : : "r" (mask ? 15ul : 0ul) : "memory");
}

static int measure(struct kvm *kvm)
{
	int (*step)(struct kvm *, gfn_t, kvm_pfn_t, struct page *, void *);
	struct snp_args snp = { .type = KVM_SEV_SNP_PAGE_TYPE_NORMAL };
	u64 total;
	int i, ret;
	long done;

	if (!strcmp(what, "core")) {
		step = nothing;
		ret = 0;
	} else if (!strcmp(what, "rmpupdate")) {
		step = one_rmpupdate;
		ret = add_rmp();
	} else if (!strcmp(what, "snp")) {
		step = snp_page;
		ret = add_rmp() ?: add_psp();
		if (!ret) {
			snp.sev_fd = anon_inode_getfd("x86-cost", (void *)at_sev_fops, NULL, O_CLOEXEC);
			ret = min(snp.sev_fd, 0);
		}
	} else if (!strcmp(what, "tdx")) {
		step = tdx_page;
		ret = add_tdx();
	} else {
		ret = -EINVAL;
	}
	if (ret)
		return ret;

	mutex_lock(&kvm->slots_lock);
	mask_interrupts(true);
	done = populate(kvm, step, &snp);
	stamp();
	mask_interrupts(false);
	mutex_unlock(&kvm->slots_lock);

	if (done != npages) {
		pr_err("x86-cost: %s: %ld of %d pages, firmware status %d\n", what, done, npages, snp.fw_error);
		return done < 0 ? done : -EIO;
	}
	if (nr_stamps != npages + 1)
		return -ERANGE;

	/* From one call of the step to the next.  The last page has no next. */
	nr_stamps -= 2;
	total = stamps[nr_stamps] - stamps[0];
	for (i = 0; i < nr_stamps; i++)
		stamps[i] = stamps[i + 1] - stamps[i];
	sort(stamps, nr_stamps, sizeof(*stamps), compare, NULL);
	pr_notice("x86-cost: %s pages %d total %llu median %llu min %llu max %llu\n", what, nr_stamps, total,
		stamps[nr_stamps / 2], stamps[0], stamps[nr_stamps - 1]);
	return 0;
}

static int __init x86_cost_init(void)
{
	struct fd f;
	int ret = -ENOMEM;

	f = fdget(vm_fd);
	if (fd_empty(f))
		return -EBADF;
	stamps = vzalloc(array_size(npages + 2, sizeof(*stamps)));
	if (stamps)
		ret = measure(fd_file(f)->private_data);
	vfree(stamps);
	fdput(f);
	/* Done, and not to stay */
	return ret ?: -ECANCELED;
}
module_init(x86_cost_init);

MODULE_DESCRIPTION("Cost of populating guest memory, per page");
MODULE_LICENSE("GPL");
