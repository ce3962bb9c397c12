// SPDX-License-Identifier: GPL-2.0
/* SEAMCALLs, pages and TDs of suite tdx_module. */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <asm/cacheflush.h>
#include <asm/tdx.h>

#include "tdx_module.h"

#include "../../../arch/x86/virt/vmx/tdx/seamcall_internal.h"

static char *binding = "sim";
module_param(binding, charp, 0444);
MODULE_PARM_DESC(binding, "Who is to answer: sim (default) or hw");

static char *module = "later";
module_param(module, charp, 0444);
MODULE_PARM_DESC(module, "What sim_tdx_module= says a simulator is: later (default) or 1.5.01");

/* Pages that are to be given back */
struct pages {
	struct list_head list;
	u64 pa;
	unsigned int order;
};

/* SEAMCALLs ----------------------------------------------------------------- */

struct remote_call {
	u64 rax;
	struct tdx_module_args *r;
	u64 ret;
};

static void make_call(void *data)
{
	struct remote_call *c = data;

	c->ret = __seamcall_dirty_cache(__seamcall_ret, c->rax, c->r);
}

/**
 * tm_call_on() - a SEAMCALL on some CPU, with interrupts off
 * @tm: module
 * @cpu: CPU
 * @rax: leaf
 * @r: registers, in and out
 *
 * Return: RAX.
 */
u64 tm_call_on(struct tmod *tm, int cpu, u64 rax, struct tdx_module_args *r)
{
	struct remote_call c = { .rax = rax, .r = r };

	KUNIT_EXPECT_EQ(tm->test, 0, smp_call_function_single(cpu, make_call, &c, 1));
	return c.ret;
}

/**
 * tm_call() - a SEAMCALL
 * @tm: module
 * @rax: leaf
 * @r: registers, in and out
 *
 * Return: RAX.
 */
u64 tm_call(struct tmod *tm, u64 rax, struct tdx_module_args *r)
{
	struct remote_call c = { .rax = rax, .r = r };

	preempt_disable();
	make_call(&c);
	preempt_enable();
	return c.ret;
}

/* The same, by the registers that most leaves have; only the status comes back */
u64 tm_op(struct tmod *tm, u64 rax, u64 rcx, u64 rdx, u64 r8, u64 r9)
{
	struct tdx_module_args r = { .rcx = rcx, .rdx = rdx, .r8 = r8, .r9 = r9 };

	return tm_call(tm, rax, &r);
}

static bool first_of_package(int cpu)
{
	int other;

	for_each_online_cpu(other)
		if (topology_physical_package_id(other) == topology_physical_package_id(cpu))
			break;
	return other == cpu;
}

/* How many packages have a CPU that is online */
unsigned int tm_packages(void)
{
	unsigned int n = 0;
	int cpu;

	for_each_online_cpu(cpu)
		n += first_of_package(cpu);
	return n;
}

/* One CPU of each package, until one of the calls fails */
static u64 on_each_package(struct tmod *tm, u64 rax, u64 rcx)
{
	struct tdx_module_args r;
	u64 ret = 0;
	int cpu;

	for_each_online_cpu(cpu) {
		if (!first_of_package(cpu))
			continue;
		r = (struct tdx_module_args){ .rcx = rcx };
		ret = tm_call_on(tm, cpu, rax, &r);
		while (ret == TM_INTERRUPTED_RESUMABLE) {
			r = (struct tdx_module_args){ .rcx = 1 };
			ret = tm_call_on(tm, cpu, rax, &r);
		}
		if (ret)
			break;
	}
	return ret;
}

/**
 * tm_cache_wb() - write back the caches of all packages
 * @tm: module
 *
 * Return: the first status that is not success.
 */
u64 tm_cache_wb(struct tmod *tm)
{
	return on_each_package(tm, TM_CACHE_WB, 0);
}

/* Pages --------------------------------------------------------------------- */

static u64 alloc(struct tmod *tm, unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL, order);
	struct pages *p = kzalloc_obj(*p);
	unsigned int i;
	u64 *w;

	KUNIT_ASSERT_NOT_NULL(tm->test, page);
	KUNIT_ASSERT_NOT_NULL(tm->test, p);
	p->pa = page_to_phys(page);
	p->order = order;
	list_add(&p->list, &tm->pages);
	w = page_address(page);
	for (i = 0; i < (PAGE_SIZE << order) / sizeof(*w); i++)
		w[i] = p->pa + i * 0x9e3779b97f4a7c15ULL;
	/* The module must not find the host's lines in the way. */
	clflush_cache_range(w, PAGE_SIZE << order);
	return p->pa;
}

/* A page of the host, with contents of its own */
u64 tm_page(struct tmod *tm)
{
	return alloc(tm, 0);
}

/* 2 MiB of the host's pages, aligned */
u64 tm_region(struct tmod *tm)
{
	return alloc(tm, 9);
}

static u64 rdmd(struct tmod *tm, u64 pa, struct tdx_module_args *r)
{
	*r = (struct tdx_module_args){ .rcx = pa };
	return tm_call(tm, TM_PAGE_RDMD, r);
}

/**
 * tm_expect_page() - what the module has to say of a page
 * @tm: module
 * @pa: page
 * @type: TM_PT_*
 * @owner: TDR
 * @size: 0 4K, 1 2M
 */
void tm_expect_page(struct tmod *tm, u64 pa, u64 type, u64 owner, u64 size)
{
	struct tdx_module_args r;

	KUNIT_EXPECT_EQ(tm->test, TM_SUCCESS, rdmd(tm, pa, &r));
	KUNIT_EXPECT_EQ_MSG(tm->test, type, r.rcx, "type of page %#llx", pa);
	KUNIT_EXPECT_EQ_MSG(tm->test, owner, r.rdx, "owner of page %#llx", pa);
	KUNIT_EXPECT_EQ_MSG(tm->test, size, r.r8, "size of page %#llx", pa);
	KUNIT_EXPECT_EQ(tm->test, 0, r.r10);
	KUNIT_EXPECT_EQ(tm->test, 0, r.r11);
}

/* A page that is free; whose it was last, if anybody's, it still says */
void tm_expect_free(struct tmod *tm, u64 pa)
{
	struct tdx_module_args r;

	KUNIT_EXPECT_EQ(tm->test, TM_SUCCESS, rdmd(tm, pa, &r));
	KUNIT_EXPECT_EQ_MSG(tm->test, TM_PT_FREE, r.rcx, "type of page %#llx", pa);
	KUNIT_EXPECT_EQ(tm->test, 0, r.r9);
}

/* The epoch in which a page was blocked */
u64 tm_bepoch(struct tmod *tm, u64 pa)
{
	struct tdx_module_args r;

	KUNIT_EXPECT_EQ(tm->test, TM_SUCCESS, rdmd(tm, pa, &r));
	return r.r9;
}

static bool reclaim(struct tmod *tm, u64 pa)
{
	struct tdx_td td = { .tdr_page = phys_to_page(pa) };
	struct tdx_module_args r;

	if (rdmd(tm, pa, &r))
		return false;
	if (r.rcx == TM_PT_FREE)
		return true;
	if (tm_op(tm, TM_PAGE_RECLAIM, pa, 0, 0, 0))
		return false;
	/* The module's own key has been in use for it, until now. */
	return r.rcx != TM_PT_TDR || !tdh_phymem_page_wbinvd_tdr(&td);
}

static void give_back(struct tmod *tm, struct pages *p)
{
	struct tdx_module_args r;
	bool ok = true;
	u64 i, step;

	for (i = 0; i < PAGE_SIZE << p->order; i += step) {
		step = !rdmd(tm, p->pa + i, &r) && r.r8 && r.rcx != TM_PT_FREE ? SZ_2M : PAGE_SIZE;
		ok &= reclaim(tm, p->pa + i);
	}
	if (ok) {
		tdx_quirk_reset_paddr(p->pa, PAGE_SIZE << p->order);
		__free_pages(phys_to_page(p->pa), p->order);
	} else {
		KUNIT_FAIL(tm->test, "page %#llx could not be taken back", p->pa);
	}
	list_del(&p->list);
	kfree(p);
}

/* TDs ----------------------------------------------------------------------- */

#define TM_DO(_td, _leaf, _rcx, _rdx)						\
	KUNIT_ASSERT_EQ_MSG((_td)->tm->test, TM_SUCCESS,			\
			    tm_op((_td)->tm, _leaf, _rcx, _rdx, 0, 0), "leaf %d", _leaf)

/**
 * tm_fill_params() - the least that a TD can be
 * @tm: module
 * @p: parameters
 */
void tm_fill_params(struct tmod *tm, struct tm_params *p)
{
	const struct tdx_sys_info *info = tdx_get_sysinfo();

	static_assert(sizeof(*p) == 1024);
	memset(p, 0, sizeof(*p));
	p->attributes = info->td_conf.attributes_fixed1;
	p->xfam = info->td_conf.xfam_fixed1;
	p->max_vcpus = 1;
	/* Write-back, 4 levels */
	p->eptp_controls = 6 | 3 << 3;
	/* 1 GHz */
	p->tsc_frequency = 40;
}

static void init_td(struct tm_td *td)
{
	u64 pa = tm_page(td->tm);

	tm_fill_params(td->tm, __va(pa));
	TM_DO(td, TM_MNG_INIT, td->tdr, pa);
	sha384_init(&td->measured);
}

/**
 * tm_add_vcpu() - give a TD a vCPU
 * @td: TD, initialized
 */
void tm_add_vcpu(struct tm_td *td)
{
	struct tdx_module_args r;
	struct tmod *tm = td->tm;
	unsigned int i;
	u64 vp;

	vp = tm_page(tm);
	TM_DO(td, TM_VP_CREATE, vp, td->tdr);
	for (i = 1; i < tm->vp_pages; i++)
		TM_DO(td, TM_VP_ADDCX, tm_page(tm), vp);
	td->vp = vp;
	td->cpu = cpumask_first(cpu_online_mask);
	r = (struct tdx_module_args){ .rcx = vp };
	KUNIT_ASSERT_EQ(tm->test, TM_SUCCESS, tm_call_on(tm, td->cpu, TM_VP_INIT, &r));
	td->associated = true;
}

static void flush_vcpu(struct tm_td *td)
{
	struct tdx_module_args r = { .rcx = td->vp };

	if (!td->associated)
		return;
	KUNIT_EXPECT_EQ(td->tm->test, TM_SUCCESS,
			tm_call_on(td->tm, td->cpu, TM_VP_FLUSH, &r));
	td->associated = false;
}

/**
 * tm_advance() - bring a TD further
 * @td: TD
 * @stage: how far
 */
void tm_advance(struct tm_td *td, enum tm_stage stage)
{
	struct tmod *tm = td->tm;
	unsigned int i;

	while (td->stage < stage) {
		/* What is taken down need not have come far. */
		enum tm_stage next = stage >= TM_FLUSHED && td->stage < TM_FLUSHED ?
				     TM_FLUSHED : td->stage + 1;

		switch (next) {
		case TM_KEYED:
			KUNIT_ASSERT_EQ(tm->test, TM_SUCCESS,
					on_each_package(tm, TM_KEY_CONFIG, td->tdr));
			break;
		case TM_TDCS:
			for (i = 0; i < tm->tdcs_pages; i++)
				TM_DO(td, TM_MNG_ADDCX, tm_page(tm), td->tdr);
			break;
		case TM_INIT:
			init_td(td);
			break;
		case TM_RUNNABLE:
			if (!td->vp)
				tm_add_vcpu(td);
			TM_DO(td, TM_MR_FINALIZE, td->tdr, 0);
			break;
		case TM_FLUSHED:
			flush_vcpu(td);
			KUNIT_EXPECT_EQ(tm->test, TM_SUCCESS,
					tm_op(tm, TM_VPFLUSHDONE, td->tdr, 0, 0, 0));
			break;
		case TM_TEARDOWN:
			KUNIT_EXPECT_EQ(tm->test, TM_SUCCESS, tm_cache_wb(tm));
			KUNIT_EXPECT_EQ(tm->test, TM_SUCCESS,
					tm_op(tm, TM_KEY_FREEID, td->tdr, 0, 0, 0));
			break;
		default:
			break;
		}
		td->stage = next;
	}
}

/**
 * tm_td() - a TD
 * @tm: module
 * @stage: how far it is to come
 */
struct tm_td *tm_td(struct tmod *tm, enum tm_stage stage)
{
	struct tm_td *td = kzalloc_obj(*td);
	int hkid = tdx_guest_keyid_alloc();
	u64 tdr, ret;

	KUNIT_ASSERT_NOT_NULL(tm->test, td);
	if (hkid < 0)
		kfree(td);
	KUNIT_ASSERT_GE(tm->test, hkid, 0);
	tdr = tm_page(tm);
	ret = tm_op(tm, TM_MNG_CREATE, tdr, hkid, 0, 0);
	if (ret) {
		tdx_guest_keyid_free(hkid);
		kfree(td);
	}
	KUNIT_ASSERT_EQ(tm->test, TM_SUCCESS, ret);
	td->tm = tm;
	td->tdr = tdr;
	td->hkid = hkid;
	list_add(&td->list, &tm->tds);
	tm_advance(td, stage);
	return td;
}

/**
 * tm_reset() - take down all TDs and give back all pages
 * @tm: module
 */
void tm_reset(struct tmod *tm)
{
	struct tm_td *td, *next;
	struct pages *p, *q;

	list_for_each_entry(td, &tm->tds, list)
		tm_advance(td, TM_TEARDOWN);
	/* Those of a TD come before the TDR, which was there first. */
	list_for_each_entry_safe(p, q, &tm->pages, list)
		give_back(tm, p);
	list_for_each_entry_safe(td, next, &tm->tds, list) {
		tdx_guest_keyid_free(td->hkid);
		list_del(&td->list);
		kfree(td);
	}
}

/* Memory of TDs ------------------------------------------------------------- */

/**
 * tm_sept() - a leaf that works on an entry of the secure EPT
 * @td: TD
 * @leaf: leaf
 * @gpa: GPA
 * @level: of the entry
 * @r8: page
 * @r9: source
 *
 * Return: the status.
 */
u64 tm_sept(struct tm_td *td, u64 leaf, u64 gpa, unsigned int level, u64 r8, u64 r9)
{
	return tm_op(td->tm, leaf, gpa | level, td->tdr, r8, r9);
}

#define TM_SEPT(_td, _leaf, _gpa, _level, _r8, _r9)				\
	KUNIT_ASSERT_EQ_MSG((_td)->tm->test, TM_SUCCESS,			\
			    tm_sept(_td, _leaf, _gpa, _level, _r8, _r9), "leaf %d", _leaf)

/**
 * tm_tables() - the tables down to the one that has the entry of a level
 * @td: TD, with none of them
 * @gpa: GPA
 * @level: level
 */
void tm_tables(struct tm_td *td, u64 gpa, unsigned int level)
{
	unsigned int l;

	for (l = 3; l > level; l--)
		TM_SEPT(td, TM_SEPT_ADD, ALIGN_DOWN(gpa, PAGE_SIZE << (9 * l)), l,
			tm_page(td->tm), 0);
}

/* PAGE.ADD of a page at @pa */
void tm_add_at(struct tm_td *td, u64 gpa, u64 pa)
{
	TM_SEPT(td, TM_PAGE_ADD, gpa, 0, pa, tm_page(td->tm));
	tm_measure_add(td, gpa);
}

/* PAGE.ADD of any page; its address */
u64 tm_add(struct tm_td *td, u64 gpa)
{
	u64 pa = tm_page(td->tm);

	tm_add_at(td, gpa, pa);
	return pa;
}

/* PAGE.AUG; the page's address */
u64 tm_aug(struct tm_td *td, u64 gpa, unsigned int level)
{
	u64 pa = level ? tm_region(td->tm) : tm_page(td->tm);

	TM_SEPT(td, TM_PAGE_AUG, gpa, level, pa, 0);
	return pa;
}

void tm_block(struct tm_td *td, u64 gpa, unsigned int level)
{
	TM_SEPT(td, TM_RANGE_BLOCK, gpa, level, 0, 0);
}

void tm_track(struct tm_td *td)
{
	TM_DO(td, TM_TRACK, td->tdr, 0);
}

/**
 * tm_entry() - SEPT.RD
 * @td: TD
 * @gpa: GPA
 * @level: level
 * @rcx: the entry
 * @rdx: its level and state
 */
void tm_entry(struct tm_td *td, u64 gpa, unsigned int level, u64 *rcx, u64 *rdx)
{
	struct tdx_module_args r = { .rcx = gpa | level, .rdx = td->tdr };

	KUNIT_EXPECT_EQ(td->tm->test, TM_SUCCESS, tm_call(td->tm, TM_SEPT_RD, &r));
	*rcx = r.rcx;
	*rdx = r.rdx;
}

void tm_expect_entry(struct tm_td *td, u64 gpa, unsigned int level, u8 state)
{
	u64 rcx, rdx;

	tm_entry(td, gpa, level, &rcx, &rdx);
	KUNIT_EXPECT_EQ_MSG(td->tm->test, (u64)state << 8 | level, rdx, "GPA %#llx", gpa);
}

/* Measurement --------------------------------------------------------------- */

static void measure(struct tm_td *td, const char *what, u64 gpa)
{
	struct {
		char what[16];
		__le64 gpa;
		u8 zero[104];
	} __packed rec = { .gpa = cpu_to_le64(gpa) };

	memcpy(rec.what, what, strlen(what));
	sha384_update(&td->measured, (u8 *)&rec, sizeof(rec));
}

void tm_measure_add(struct tm_td *td, u64 gpa)
{
	measure(td, "MEM.PAGE.ADD", gpa);
}

void tm_measure_extend(struct tm_td *td, u64 gpa, const void *chunk)
{
	measure(td, "MR.EXTEND", gpa);
	sha384_update(&td->measured, chunk, 256);
}

/* The suite's init ---------------------------------------------------------- */

static void tm_end(void *data)
{
	struct tmod *tm = data;

	tm_reset(tm);
	tm_sim_end(tm);
}

/**
 * tm_init() - the .init of the suite
 * @test: the test
 *
 * Skips if the machine has no TDX module, or is not the one that was asked for.
 */
int tm_init(struct kunit *test)
{
	const struct tdx_sys_info *info = tdx_get_sysinfo();
	struct tmod *tm;
	bool sim;

	if (!info)
		kunit_skip(test, "this machine has no TDX module that is initialized");
	tm = kunit_kzalloc(test, sizeof(*tm), GFP_KERNEL);
	if (!tm)
		return -ENOMEM;
	tm->test = test;
	INIT_LIST_HEAD(&tm->tds);
	INIT_LIST_HEAD(&tm->pages);

	sim = tm_sim_bound(static_call_query(tdx_seamcall));
	if (!strcmp(binding, "sim") && !sim)
		kunit_skip(test, "binding=sim: no simulator is bound in this boot");
	/* Without that option the simulated machine stands for hardware. */
	if (!strcmp(binding, "hw") && sim && IS_ENABLED(CONFIG_KVM_KUNIT_SIM))
		kunit_skip(test, "binding=hw: a simulator is bound in this boot");
	if (strcmp(binding, "hw") && strcmp(binding, "sim")) {
		kunit_err(test, "binding=%s: there are sim and hw\n", binding);
		return -EINVAL;
	}
	if (strcmp(module, "later") && strcmp(module, "1.5.01")) {
		kunit_err(test, "module=%s: there are 1.5.01 and later\n", module);
		return -EINVAL;
	}
	tm->hw = !strcmp(binding, "hw");
	tm->later = !strcmp(module, "later");
	tm->tdcs_pages = info->td_ctrl.tdcs_base_size / PAGE_SIZE;
	tm->vp_pages = info->td_ctrl.tdvps_base_size / PAGE_SIZE;
	tm->hkid_shift = boot_cpu_data.x86_phys_bits;
	tm->max_pa = BIT_ULL(tm->hkid_shift);
	test->priv = tm;
	tm_sim_begin(tm);
	return kunit_add_action_or_reset(test, tm_end, tm);
}
