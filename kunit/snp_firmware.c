// SPDX-License-Identifier: GPL-2.0
/* Pages, guests and commands of suite snp_firmware. */
#include <crypto/sha2.h>
#include <linux/bitfield.h>
#include <linux/cc_platform.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/psp.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/cpuid/api.h>
#include <asm/firmware_raw.h>
#include <asm/processor.h>
#include <asm/smp.h>

#include "snp_firmware.h"

static char *binding = "sim";
module_param(binding, charp, 0444);
MODULE_PARM_DESC(binding, "Who is to answer: sim (default) or hw");

/* Something to be given back: a guest, or pages */
struct obj {
	struct list_head list;
	struct sf_guest *guest;
	u64 pa;
	unsigned int order;
};

const char *sf_state_name(enum sf_state state)
{
	static const char * const names[] = {
		"Hypervisor", "Firmware", "Reclaim", "Context", "Metadata",
		"Pre-Guest", "Pre-Swap", "Guest-Invalid", "Guest-Valid",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "?";
}

/* Commands ------------------------------------------------------------------ */

static u32 submit(struct sf *sf, u32 cmd, void *buf, size_t len)
{
	struct psp_response resp = {};
	int ret = sev_submit_raw(cmd, buf, len, &resp);

	KUNIT_EXPECT_EQ_MSG(sf->test, 0, ret, "command %#x got no answer", cmd);
	return ret ? ~0u : FIELD_GET(PSP_CMDRESP_STS, resp.cmdresp);
}

/**
 * sf_command() - a command with a buffer
 * @sf: machine
 * @cmd: number
 * @buf: contents of the buffer
 * @len: their length, 0 if the command has none
 *
 * Return: the status.
 */
u32 sf_command(struct sf *sf, u32 cmd, const void *buf, size_t len)
{
	memset(sf->cmd, 0, PAGE_SIZE);
	memcpy(sf->cmd, buf, len);
	return submit(sf, cmd, sf->cmd, len);
}

/**
 * sf_legacy() - a legacy command, with a buffer that the test has made
 * @sf: machine
 * @cmd: number
 * @pa: where the buffer is
 * @len: its length
 *
 * Return: the status.
 */
u32 sf_legacy(struct sf *sf, u32 cmd, u64 pa, size_t len)
{
	return submit(sf, cmd, __va(pa), len);
}

/**
 * sf_addr() - a command whose only operand is an address
 * @sf: machine
 * @cmd: number
 * @addr: operand
 *
 * Return: the status.
 */
u32 sf_addr(struct sf *sf, u32 cmd, u64 addr)
{
	struct sev_data_snp_addr a = { .address = __sme_set(addr) };

	return sf_command(sf, cmd, &a, sizeof(a));
}

/**
 * sf_flush() - make all ASIDs that nobody has usable
 * @sf: machine
 */
void sf_flush(struct sf *sf)
{
	wbinvd_on_all_cpus();
	KUNIT_EXPECT_EQ(sf->test, SEV_RET_SUCCESS,
			sf_command(sf, SEV_CMD_SNP_DF_FLUSH, NULL, 0));
	sf->dirty = false;
}

/* Memory -------------------------------------------------------------------- */

static struct obj *new_obj(struct sf *sf)
{
	struct obj *o = kzalloc_obj(*o);

	KUNIT_ASSERT_NOT_NULL(sf->test, o);
	list_add(&o->list, &sf->objs);
	return o;
}

/* Contents by which pages can be told apart */
void sf_pattern(u64 pa, unsigned int seed)
{
	u64 *p = __va(pa);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*p); i++)
		p[i] = (u64)(seed + 1) << 32 | (i * 0x9e3779b9U);
}

static u64 alloc(struct sf *sf, unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL, order);
	struct obj *o;

	KUNIT_ASSERT_NOT_NULL(sf->test, page);
	/* The host may not write through a large mapping with a page that is not its own. */
	if (set_memory_4k((unsigned long)page_address(page), 1 << order)) {
		__free_pages(page, order);
		KUNIT_FAIL_AND_ABORT(sf->test, "the direct map can't be split");
	}
	o = new_obj(sf);
	o->pa = page_to_phys(page);
	o->order = order;
	return o->pa;
}

/**
 * sf_page() - a page of the hypervisor
 * @sf: machine
 *
 * Return: its physical address; it has contents of its own.
 */
u64 sf_page(struct sf *sf)
{
	u64 pa = alloc(sf, 0);

	sf_pattern(pa, PHYS_PFN(pa));
	return pa;
}

/**
 * sf_region() - 2 MiB of the hypervisor's pages
 * @sf: machine
 *
 * Return: their physical address, aligned.
 */
u64 sf_region(struct sf *sf)
{
	u64 pa = alloc(sf, 9);

	memset(__va(pa), 0x5a, SZ_2M);
	return pa;
}

/**
 * sf_inside() - a page of the hypervisor with memory around it
 * @sf: machine
 *
 * The 2 MiB that begin with it are all memory, and not the firmware's, though
 * they are not aligned: whoever looks at them finds nothing wrong but that.
 *
 * Return: its physical address.
 */
u64 sf_inside(struct sf *sf)
{
	return alloc(sf, 10) + PAGE_SIZE;
}

/*
 * A processor may find the entry in use by another one, or by firmware, and then it
 * is to be tried again.
 */
static int rmpupdate(struct sf *sf, u64 pa, struct rmp_state *st)
{
	int i, ret = sf->rmp->update(pa, st);

	for (i = 0; sf->hw && i < SF_RETRIES && (ret == SF_INUSE || ret == SF_OVERLAP); i++) {
		cpu_relax();
		ret = sf->rmp->update(pa, st);
	}
	return ret;
}

/**
 * sf_rmpupdate() - RMPUPDATE that assigns a page
 * @sf: machine
 * @pa: page
 * @asid: owner, 0 for firmware
 * @gpa: guest physical address
 * @immutable: only firmware may change the entry
 * @huge: 2M
 *
 * Return: the instruction's answer.
 */
int sf_rmpupdate(struct sf *sf, u64 pa, u32 asid, u64 gpa, bool immutable, bool huge)
{
	struct rmp_state st = {
		.gpa = gpa,
		.assigned = 1,
		.pagesize = huge,
		.immutable = immutable,
		.asid = asid,
	};

	return rmpupdate(sf, pa, &st);
}

/**
 * sf_unassign() - RMPUPDATE that takes a 4K page back
 * @sf: machine
 * @pa: page
 *
 * Return: the instruction's answer.
 */
int sf_unassign(struct sf *sf, u64 pa)
{
	struct rmp_state st = {};

	return rmpupdate(sf, pa, &st);
}

/**
 * sf_entry() - RMPREAD
 * @sf: machine
 * @pa: page
 * @e: its entry
 *
 * Return: true; false if this CPU has no such instruction.
 */
bool sf_entry(struct sf *sf, u64 pa, struct rmp_state *e)
{
	memset(e, 0, sizeof(*e));
	if (!sf->rmpread)
		return false;
	KUNIT_EXPECT_EQ_MSG(sf->test, 0, sf->rmp->read(pa, (struct rmpentry *)e),
			    "RMPREAD of %#llx", pa);
	/* Only these bits of the three bytes are defined. */
	e->assigned &= 1;
	e->pagesize &= 1;
	e->immutable &= 1;
	return true;
}

/* What RMPREAD has to say of a page that is assigned */
void sf_expect_entry(struct sf *sf, u64 pa, u32 asid, u64 gpa, bool immutable, bool huge)
{
	struct rmp_state e;

	if (!sf_entry(sf, pa, &e))
		return;
	KUNIT_EXPECT_EQ(sf->test, 1, e.assigned);
	KUNIT_EXPECT_EQ(sf->test, asid, e.asid);
	KUNIT_EXPECT_EQ(sf->test, gpa, e.gpa);
	KUNIT_EXPECT_EQ(sf->test, immutable, e.immutable);
	KUNIT_EXPECT_EQ(sf->test, huge, e.pagesize);
}

static bool give_back_4k(struct sf *sf, u64 pa)
{
	struct rmp_state e;
	u32 status;

	if (sf_entry(sf, pa, &e) && !e.assigned && !e.immutable)
		return true;
	status = sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, pa);
	if (status == SEV_RET_INVALID_PAGE_STATE &&
	    !sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, pa))
		status = sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, pa);
	return !status && !sf_unassign(sf, pa);
}

static bool give_back_2m(struct sf *sf, u64 pa)
{
	struct rmp_state none = { .pagesize = 1 };
	bool ok = true;
	u64 i;

	/* A region that is one page says so, any other one has pages of 4K. */
	if (sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, pa | 1) == SEV_RET_SUCCESS)
		return !rmpupdate(sf, pa, &none);
	for (i = 0; i < SZ_2M; i += PAGE_SIZE)
		ok &= give_back_4k(sf, pa + i);
	return ok;
}

static void release(struct sf *sf, struct obj *o)
{
	list_del(&o->list);
	if (o->guest) {
		/* Its page may be a context no longer. */
		sf_addr(sf, SEV_CMD_SNP_DECOMMISSION, o->guest->gctx);
		kfree(o->guest);
	} else if (o->order ? give_back_2m(sf, o->pa) : give_back_4k(sf, o->pa)) {
		__free_pages(phys_to_page(o->pa), o->order);
	} else {
		/* Kept for ever: whoever wrote to it next would fault. */
		KUNIT_FAIL(sf->test, "page %#llx could not be taken back", o->pa);
	}
	kfree(o);
}

/**
 * sf_mark() - remember what there is
 * @sf: machine
 */
struct list_head *sf_mark(struct sf *sf)
{
	return sf->objs.next;
}

/**
 * sf_rewind() - give back what has come since
 * @sf: machine
 * @mark: of sf_mark()
 */
void sf_rewind(struct sf *sf, struct list_head *mark)
{
	while (sf->objs.next != mark)
		release(sf, list_first_entry(&sf->objs, struct obj, list));
}

/**
 * sf_page_in() - a page in some state
 * @sf: machine
 * @state: state
 * @g: whose it is to be, during launch and with an ASID; not needed for
 *	SF_HYPERVISOR to SF_CONTEXT
 *
 * Return: its physical address. GPAs are SF_GPA plus the offset in 2M.
 */
u64 sf_page_in(struct sf *sf, enum sf_state state, struct sf_guest *g)
{
	struct sf_md_init md;
	u64 pa, gpa;
	int ret = 0;

	if (state == SF_CONTEXT)
		return sf_guest(sf, SF_INIT)->gctx;
	pa = sf_page(sf);
	gpa = SF_GPA + (pa & (SZ_2M - 1));
	switch (state) {
	case SF_FIRMWARE:
	case SF_RECLAIM:
	case SF_METADATA:
		ret = sf_rmpupdate(sf, pa, 0, 0, true, false);
		break;
	case SF_PRE_GUEST:
	case SF_PRE_SWAP:
	case SF_GUEST_VALID:
		ret = sf_rmpupdate(sf, pa, g->asid, gpa, true, false);
		break;
	case SF_GUEST_INVALID:
		ret = sf_rmpupdate(sf, pa, g->asid, gpa, false, false);
		break;
	default:
		break;
	}
	KUNIT_ASSERT_EQ_MSG(sf->test, SF_OK, ret, "RMPUPDATE to %s", sf_state_name(state));

	if (state == SF_RECLAIM)
		KUNIT_ASSERT_EQ(sf->test, SEV_RET_SUCCESS,
				sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, pa));
	if (state == SF_METADATA) {
		md = (struct sf_md_init){ __sme_set(g->gctx), __sme_set(pa) };
		KUNIT_ASSERT_EQ(sf->test, SEV_RET_SUCCESS,
				sf_command(sf, SEV_CMD_SNP_PAGE_MD_INIT, &md, sizeof(md)));
	}
	if (state == SF_PRE_SWAP || state == SF_GUEST_VALID)
		KUNIT_ASSERT_EQ(sf->test, SEV_RET_SUCCESS,
				sf_update(sf, g, pa, SNP_PAGE_TYPE_NORMAL));
	if (state == SF_PRE_SWAP)
		KUNIT_ASSERT_EQ(sf->test, SF_OK, sf_rmpupdate(sf, pa, g->asid, gpa, true, false));
	return pa;
}

/* A context is one that GUEST_STATUS accepts; it then refuses where the result goes. */
static bool is_context(struct sf *sf, u64 pa)
{
	struct sev_data_snp_guest_status s = {
		.gctx_paddr = __sme_set(pa),
		.address = __psp_pa(sf->cmd),
	};

	return sf_command(sf, SEV_CMD_SNP_GUEST_STATUS, &s, sizeof(s)) ==
	       SEV_RET_INVALID_PAGE_STATE;
}

/* A page type that there is not is looked at after the state of the page. */
static bool is_pre_guest(struct sf *sf, u64 pa, struct sf_guest *g)
{
	return sf_update(sf, g, pa, 7) == SEV_RET_INVALID_PARAM;
}

/**
 * sf_state() - find out what a 4K page is
 * @sf: machine, with RMPREAD
 * @pa: page
 * @g: any guest in launch
 *
 * By the entry, and where that does not say it, by what commands think of it.
 * The contents of a Firmware page are lost.
 */
enum sf_state sf_state(struct sf *sf, u64 pa, struct sf_guest *g)
{
	enum sf_state state;
	struct rmp_state e;

	sf_entry(sf, pa, &e);
	if (!e.assigned)
		return e.immutable || e.asid ? SF_NR_STATES : SF_HYPERVISOR;
	if (!e.asid && !e.immutable)
		return SF_RECLAIM;
	if (!e.asid) {
		if (is_context(sf, pa))
			return SF_CONTEXT;
		if (!sf_addr(sf, SEV_CMD_SNP_PLATFORM_STATUS, pa))
			return SF_FIRMWARE;
		return SF_METADATA;
	}
	if (e.immutable)
		return is_pre_guest(sf, pa, g) ? SF_PRE_GUEST : SF_PRE_SWAP;
	/* Whether it is valid shows as soon as firmware may look at it. */
	if (sf_rmpupdate(sf, pa, e.asid, e.gpa, true, false))
		return SF_NR_STATES;
	state = is_pre_guest(sf, pa, g) ? SF_GUEST_INVALID : SF_GUEST_VALID;
	if (sf_addr(sf, SEV_CMD_SNP_PAGE_RECLAIM, pa))
		return SF_NR_STATES;
	return state;
}

/* Guests -------------------------------------------------------------------- */

/**
 * sf_activate() - bind a guest to an ASID that is free
 * @sf: machine
 * @g: guest
 *
 * From the last one down, as KVM begins with the first.
 *
 * Return: the status.
 */
u32 sf_activate(struct sf *sf, struct sf_guest *g)
{
	struct sev_data_snp_activate a = { .gctx_paddr = __sme_set(g->gctx) };
	u32 asid, status = SEV_RET_RESOURCE_LIMIT;

	for (asid = sf->min_sev_asid - 1; asid; asid--) {
		a.asid = asid;
		status = sf_command(sf, SEV_CMD_SNP_ACTIVATE, &a, sizeof(a));
		if (status == SEV_RET_DFFLUSH_REQUIRED) {
			sf_flush(sf);
			status = sf_command(sf, SEV_CMD_SNP_ACTIVATE, &a, sizeof(a));
		}
		/* Someone has it, or had it and left a page. */
		if (status != SEV_RET_ASID_OWNED && status != SEV_RET_INVALID_CONFIG)
			break;
	}
	if (!status)
		g->asid = asid;
	return status;
}

/**
 * sf_finish() - LAUNCH_FINISH without an identity
 * @sf: machine
 * @g: guest
 *
 * Return: the status.
 */
u32 sf_finish(struct sf *sf, struct sf_guest *g)
{
	struct sf_launch_finish f = { .gctx = __sme_set(g->gctx) };
	u32 status = sf_command(sf, SEV_CMD_SNP_LAUNCH_FINISH, &f, sizeof(f));

	/* Now the ASID runs, and the caches have to be flushed when it is given up. */
	if (!status)
		sf->dirty = true;
	return status;
}

/**
 * sf_guest_policy() - a guest
 * @sf: machine
 * @stage: how far it is to come
 * @policy: its policy
 * @flags: of LAUNCH_START
 *
 * Return: the guest.
 */
struct sf_guest *sf_guest_policy(struct sf *sf, enum sf_stage stage, u64 policy, u32 flags)
{
	struct sf_launch_start s = { .policy = policy, .flags = flags };
	u64 gctx = sf_page_in(sf, SF_FIRMWARE, NULL);
	struct sf_guest *g = kzalloc_obj(*g);

	KUNIT_ASSERT_NOT_NULL(sf->test, g);
	new_obj(sf)->guest = g;
	g->gctx = gctx;
	g->policy = policy;
	g->asid = sf->min_sev_asid - 1;
	if (stage >= SF_INIT)
		KUNIT_ASSERT_EQ(sf->test, SEV_RET_SUCCESS,
				sf_addr(sf, SEV_CMD_SNP_GCTX_CREATE, gctx));
	s.gctx = __sme_set(gctx);
	if (stage >= SF_LAUNCH)
		KUNIT_ASSERT_EQ(sf->test, SEV_RET_SUCCESS,
				sf_command(sf, SEV_CMD_SNP_LAUNCH_START, &s, sizeof(s)));
	if (stage >= SF_BOUND)
		KUNIT_ASSERT_EQ(sf->test, SEV_RET_SUCCESS, sf_activate(sf, g));
	if (stage >= SF_RUNNING)
		KUNIT_ASSERT_EQ(sf->test, SEV_RET_SUCCESS, sf_finish(sf, g));
	return g;
}

/* The same, with the policy that allows least */
struct sf_guest *sf_guest(struct sf *sf, enum sf_stage stage)
{
	return sf_guest_policy(sf, stage, SF_POLICY, 0);
}

/**
 * sf_update() - LAUNCH_UPDATE of a 4K page
 * @sf: machine
 * @g: guest
 * @pa: page
 * @type: SNP_PAGE_TYPE_*
 *
 * Return: the status.
 */
u32 sf_update(struct sf *sf, struct sf_guest *g, u64 pa, u32 type)
{
	struct sf_launch_update u = {
		.gctx = __sme_set(g->gctx),
		.flags = type << 1,
		.page = __sme_set(pa),
	};

	return sf_command(sf, SEV_CMD_SNP_LAUNCH_UPDATE, &u, sizeof(u));
}

/**
 * sf_guest_state() - the state that GUEST_STATUS reports
 * @sf: machine
 * @g: guest
 *
 * Return: 0 INIT, 1 LAUNCH, 2 RUNNING.
 */
u8 sf_guest_state(struct sf *sf, struct sf_guest *g)
{
	struct list_head *mark = sf_mark(sf);
	u64 pa = sf_page_in(sf, SF_FIRMWARE, NULL);
	struct sev_data_snp_guest_status s = {
		.gctx_paddr = __sme_set(g->gctx),
		.address = __sme_set(pa),
	};
	u8 state;

	KUNIT_EXPECT_EQ(sf->test, SEV_RET_SUCCESS,
			sf_command(sf, SEV_CMD_SNP_GUEST_STATUS, &s, sizeof(s)));
	state = ((struct sf_guest_status *)__va(pa))->state;
	sf_rewind(sf, mark);
	return state;
}

/* Measurement --------------------------------------------------------------- */

/**
 * sf_measure() - extend the launch digest by one page
 * @g: guest
 * @type: SNP_PAGE_TYPE_*
 * @imi: the page is part of an IMI
 * @vmpl: rights of VMPL 1 to 3, may be NULL: none
 * @gpa: where the guest has it
 * @contents: the page, if its type has them measured
 */
void sf_measure(struct sf_guest *g, u32 type, bool imi, const u8 vmpl[3], u64 gpa,
		const void *contents)
{
	struct {
		u8 current_digest[SF_LD_SIZE];
		u8 contents[SF_LD_SIZE];
		__le16 length;
		u8 type;
		u8 imi;
		u8 rsvd;
		u8 vmpl[3];
		__le64 gpa;
	} __packed info = {
		.length = cpu_to_le16(0x70),
		.type = type,
		.imi = imi,
		.gpa = cpu_to_le64(gpa),
	};

	static_assert(sizeof(info) == 0x70);
	memcpy(info.current_digest, g->ld, SF_LD_SIZE);
	if (contents)
		sha384(contents, PAGE_SIZE, info.contents);
	if (vmpl)
		memcpy(info.vmpl, vmpl, sizeof(info.vmpl));
	sha384((u8 *)&info, sizeof(info), g->ld);
}

/**
 * sf_expect_ld() - expect that firmware has measured what the test has
 * @sf: machine
 * @g: guest in launch, with an ASID
 *
 * No command reports a launch digest to the host. But LAUNCH_FINISH compares it
 * with the identity block before it compares the policy, and a block with the
 * right digest and a wrong policy leaves the guest in launch.
 */
void sf_expect_ld(struct sf *sf, struct sf_guest *g)
{
	struct list_head *mark = sf_mark(sf);
	struct sf_launch_finish f = {
		.gctx = __sme_set(g->gctx),
		.flags = BIT(0),
	};
	u64 block = sf_page(sf), auth = sf_page(sf);
	u64 policy = ~g->policy;

	memset(__va(block), 0, PAGE_SIZE);
	memset(__va(auth), 0, PAGE_SIZE);
	memcpy(__va(block), g->ld, SF_LD_SIZE);
	memcpy(__va(block + 88), &policy, sizeof(policy));
	f.id_block = __sme_set(block);
	f.id_auth = __sme_set(auth);
	KUNIT_EXPECT_EQ_MSG(sf->test, SEV_RET_POLICY_FAILURE,
			    sf_command(sf, SEV_CMD_SNP_LAUNCH_FINISH, &f, sizeof(f)),
			    "the launch digest is not %*phN", SF_LD_SIZE, g->ld);
	/* And with any other digest it stops there. */
	((u8 *)__va(block))[17] ^= 1;
	KUNIT_EXPECT_EQ(sf->test, SEV_RET_BAD_MEASUREMENT,
			sf_command(sf, SEV_CMD_SNP_LAUNCH_FINISH, &f, sizeof(f)));
	sf_rewind(sf, mark);
}

/* The suite's init ---------------------------------------------------------- */

static void sf_end(void *data)
{
	struct sf *sf = data;

	sf_rewind(sf, &sf->objs);
	/* Who gets such an ASID next would be refused. */
	if (sf->dirty)
		sf_flush(sf);
	free_page((unsigned long)sf->cmd);
	sf_sim_end(sf);
}

/**
 * sf_init() - the .init of the suite
 * @test: the test
 *
 * Skips if the machine has no SNP, or is not the one that was asked for.
 */
int sf_init(struct kunit *test)
{
	struct sev_platform_init_args args = { .probe = true };
	struct sf *sf;
	bool sim;
	int ret;

	if (!cc_platform_has(CC_ATTR_HOST_SEV_SNP))
		kunit_skip(test, "this machine has no SEV-SNP");
	sf = kunit_kzalloc(test, sizeof(*sf), GFP_KERNEL);
	if (!sf)
		return -ENOMEM;
	sf->test = test;
	sf->rmp = rmp_bound_ops();
	INIT_LIST_HEAD(&sf->objs);

	sim = sf_sim_bound(sf->rmp);
	if (!strcmp(binding, "sim") && !sim)
		kunit_skip(test, "binding=sim: no simulator is bound in this boot");
	/* Without that option the simulated machine stands for hardware. */
	if (!strcmp(binding, "hw") && sim && IS_ENABLED(CONFIG_KVM_KUNIT_SIM))
		kunit_skip(test, "binding=hw: a simulator is bound in this boot");
	if (strcmp(binding, "hw") && strcmp(binding, "sim")) {
		kunit_err(test, "binding=%s: there are sim and hw\n", binding);
		return -EINVAL;
	}
	sf->hw = !strcmp(binding, "hw");
	/* The same, traced */
	sf->rmp = rmp_raw_ops();

	/* Does nothing if it was done before. */
	ret = sev_platform_init(&args);
	if (ret)
		kunit_skip(test, "SNP can't be initialized: error %d, status %#x", ret, args.error);

	sf->rmpread = cpu_feature_enabled(X86_FEATURE_RMPREAD);
	sf->max_asid = cpuid_ecx(0x8000001f);
	sf->min_sev_asid = min(cpuid_edx(0x8000001f), sf->max_asid + 1);
	if (sf->min_sev_asid < SF_MIN_ASIDS + 1)
		kunit_skip(test, "this machine is set up for %u ASIDs of SNP guests, %u are needed",
			   sf->min_sev_asid - 1, SF_MIN_ASIDS);
	sf->cmd = (void *)get_zeroed_page(GFP_KERNEL);
	if (!sf->cmd)
		return -ENOMEM;
	test->priv = sf;
	sf_sim_begin(sf);
	return kunit_add_action_or_reset(test, sf_end, sf);
}

/**
 * sf_needs_simulator() - skip on hardware
 * @sf: machine
 * @why: what a machine would suffer
 */
void sf_needs_simulator(struct sf *sf, const char *why)
{
	if (sf->hw)
		kunit_skip(sf->test, "not on hardware: %s", why);
}

/**
 * sf_not_on_hardware() - leave a part of a test out on hardware
 * @sf: machine
 * @why: what a machine would suffer
 *
 * Return: true on hardware; it is reported then.
 */
bool sf_not_on_hardware(struct sf *sf, const char *why)
{
	if (sf->hw)
		kunit_info(sf->test, "SKIPPED assertions: not on hardware: %s\n", why);
	return sf->hw;
}

/**
 * sf_beyond() - an address that the RMP does not cover
 * @sf: machine
 *
 * On hardware one that the processor has: another one might be an exception.
 */
u64 sf_beyond(struct sf *sf)
{
	return BIT_ULL(sf->hw ? boot_cpu_data.x86_phys_bits - 1 : 50);
}
