// SPDX-License-Identifier: GPL-2.0
/*
 * Fields of the module, of TDs and of vCPUs that the host can read and write:
 * those that the kernel and KVM use.
 */
#include "tdx_internal.h"

/*
 * A field is known by bits 63 (not architectural), 61:56 (class) and 23:0.
 * Sizes and the context need not be right.
 */
#define FIELD_KEY	(1ull << 63 | 0x3full << 56 | 0xffffffull)
/* Reserved, and counts that mean more than one element */
#define FIELD_ZERO	(1ull << 62 | 1ull << 55 | 7ull << 47 |		\
			 0x1ffull << 38 | 0xfull << 34 | 0xffull << 24)
#define FIELD(_na, _class, _code)					\
	((u64)(_na) << 63 | (u64)(_class) << 56 | (_code))

#define NO_FIELD	(~0ull)

static bool is_field(u64 id, u64 *key)
{
	*key = id & FIELD_KEY;
	return !(id & FIELD_ZERO);
}

/* Elements of arrays, which lie one after the other. */
static bool element(u64 key, u64 first, u64 nr, u64 *i)
{
	*i = key - first;
	return key >= first && *i < nr;
}

/* ---- SYS.RD ---- */

#define MODULE_MAJOR	1
#define MODULE_MINOR	5
#define MODULE_UPDATE	24
/* Bits of TDX_FEATURES0: RBP is not touched, topology by x2APIC ID */
#define FEATURES0	(1ull << 18 | 1ull << 20)

static u64 pair(u32 low, u32 high)
{
	return low | (u64)high << 32;
}

static bool read_sys(const struct sim_tdx_config *cfg, u64 key, u64 *value)
{
	u64 i;

	switch (key) {
	case FIELD(0, 8, 3):		/* MINOR_VERSION */
		*value = MODULE_MINOR;
		return true;
	case FIELD(0, 8, 4):		/* MAJOR_VERSION */
		*value = MODULE_MAJOR;
		return true;
	case FIELD(0, 8, 5):		/* UPDATE_VERSION */
		*value = MODULE_UPDATE;
		return true;
	case FIELD(0, 10, 8):		/* TDX_FEATURES0 */
		*value = cfg->version >= SIM_TDX_1_5_01_KVM ? FEATURES0 : 0;
		return true;
	case FIELD(1, 9, 0):		/* MODULE_HV */
		*value = 0;
		return true;
	case FIELD(1, 17, 8):		/* MAX_TDMRS */
		*value = SIM_TDX_MAX_TDMRS;
		return true;
	case FIELD(1, 17, 9):		/* MAX_RESERVED_PER_TDMR */
		*value = SIM_TDX_MAX_RESERVED;
		return true;
	case FIELD(1, 17, 0x10):	/* PAMT_4K_ENTRY_SIZE */
	case FIELD(1, 17, 0x11):	/* PAMT_2M_ENTRY_SIZE */
	case FIELD(1, 17, 0x12):	/* PAMT_1G_ENTRY_SIZE */
		*value = 16;
		return true;
	case FIELD(1, 24, 0):		/* TDR_BASE_SIZE */
		*value = TDX_PAGE_SIZE;
		return true;
	case FIELD(1, 24, 0x100):	/* TDCS_BASE_SIZE */
		*value = TDX_MIN_TDCS * TDX_PAGE_SIZE;
		return true;
	case FIELD(1, 24, 0x200):	/* TDVPS_BASE_SIZE */
		*value = TDX_MIN_TDVPS * TDX_PAGE_SIZE;
		return true;
	case FIELD(0, 25, 0):		/* ATTRIBUTES_FIXED0: may be 1 */
		*value = cfg->attributes;
		return true;
	case FIELD(0, 25, 1):		/* ATTRIBUTES_FIXED1: must be 1 */
		*value = 0;
		return true;
	case FIELD(0, 25, 2):		/* XFAM_FIXED0 */
		*value = cfg->xfam;
		return true;
	case FIELD(0, 25, 3):		/* XFAM_FIXED1 */
		*value = cfg->xfam_fixed1;
		return true;
	case FIELD(1, 25, 4):		/* NUM_CPUID_CONFIG */
		*value = cfg->nr_cpuid;
		return true;
	case FIELD(1, 25, 8):		/* MAX_VCPUS_PER_TD */
		*value = SIM_TDX_MAX_VCPUS;
		return true;
	}
	/* CPUID_CONFIG_LEAVES, CPUID_CONFIG_VALUES */
	if (element(key, FIELD(1, 25, 0x400), cfg->nr_cpuid, &i)) {
		*value = pair(cfg->cpuid[i].leaf, cfg->cpuid[i].subleaf);
		return true;
	}
	if (element(key, FIELD(1, 25, 0x500), 2ull * cfg->nr_cpuid, &i)) {
		*value = pair(cfg->cpuid[i / 2].allowed[2 * (i & 1)],
			      cfg->cpuid[i / 2].allowed[2 * (i & 1) + 1]);
		return true;
	}
	return false;
}

/*
 * FIDELITY(TDH.SYS.RD): assumed - the fields that the kernel reads, their
 * values are this module's; never names a next field [field numbers: the
 * kernel; order of checks: source of TDX module 1.5]
 */
u64 sim_tdh_sys_rd(struct tdx_call *c)
{
	u64 id = c->r->rdx, key;

	c->r->rdx = NO_FIELD;
	c->r->r8 = 0;
	if (!tdx_lp_is_initialised(c))
		return TDX_RET(SYS_LP_INIT_NOT_DONE);
	if (!is_field(id, &key) || !read_sys(&c->t->cfg, key, &c->r->r8))
		return TDX_RET(METADATA_FIELD_ID_INCORRECT);
	return TDX_RET(SUCCESS);
}

/* ---- MNG.RD ---- */

/* Leaves that have subleaves, and how many of them can be read. */
static u32 nr_subleaves(u32 leaf)
{
	switch (leaf) {
	case 4:
		return 5;
	case 7:
		return 3;
	case 0xd:
		return 20;
	case 0x14:
		return 2;
	case 0x1f:
		return 3;
	default:
		return 0;
	}
}

/* The last leaf of the range that a leaf is in. */
static bool leaf_exists(struct sim_tdx *t, u32 leaf)
{
	u32 regs[4];

	sim_tdx_env_cpuid(t, leaf & 0x80000000, 0, regs);
	return leaf <= regs[0];
}

/*
 * FIDELITY(CPUID of a TD): assumed - what the host may configure is as it did,
 * the rest is the platform's [layout of the field: KVM]
 */
static bool read_cpuid(struct tdx_call *c, u64 code, u64 *value)
{
	const struct sim_tdx_config *cfg = &c->t->cfg;
	u32 leaf = (code >> 9 & 0x7f) | (code >> 16 & 1) << 31;
	u32 subleaf = code >> 1 & 0x7f, half = code & 1, i, n, regs[4];
	u64 set, allowed;
	bool none = code >> 8 & 1;

	n = nr_subleaves(leaf);
	if (code >> 17 || none != !n || (none ? subleaf != 0x7f : subleaf >= n) ||
	    !leaf_exists(c->t, leaf))
		return false;
	if (none)
		subleaf = 0;
	sim_tdx_env_cpuid(c->t, leaf, subleaf, regs);
	*value = pair(regs[2 * half], regs[2 * half + 1]);
	for (i = 0; i < cfg->nr_cpuid; i++) {
		if (cfg->cpuid[i].leaf != leaf ||
		    (cfg->cpuid[i].subleaf != ~0u && cfg->cpuid[i].subleaf != subleaf))
			continue;
		allowed = pair(cfg->cpuid[i].allowed[2 * half],
			       cfg->cpuid[i].allowed[2 * half + 1]);
		set = tdcs_get(c, TDCS_CPUID + 2 * i + half);
		*value = (*value & ~allowed) | set;
	}
	return true;
}

static bool read_td(struct tdx_call *c, u64 key, u64 *value)
{
	switch (key) {
	case FIELD(0, 17, 10):		/* TSC_OFFSET */
		*value = 0;
		return true;
	case FIELD(0, 17, 11):		/* TSC_MULTIPLIER: 1.0 */
		*value = 1ull << 48;
		return true;
	}
	if (key >> 56 == (0x80 | 20))	/* CPUID_VALUES */
		return read_cpuid(c, key & 0xffffff, value);
	return false;
}

/*
 * FIDELITY(TDH.MNG.RD): assumed - the fields that KVM reads; the clock of a TD
 * is the host's [field numbers: KVM; order of checks: source of TDX module 1.5]
 */
u64 sim_tdh_mng_rd(struct tdx_call *c)
{
	u64 id = c->r->rdx, key, status;

	if (c->version)
		c->r->rdx = NO_FIELD;
	c->r->r8 = 0;
	if (c->version > 1)
		return TDX_ERR(OPERAND_INVALID, RAX);
	status = tdx_take_tdr(c, c->r->rcx, SIM_OPND_RCX, false);
	if (!status)
		status = tdx_check_state(c, OP_MASK_BUILT, true);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	if (!is_field(id, &key) || !read_td(c, key, &c->r->r8))
		return TDX_RET(METADATA_FIELD_ID_INCORRECT);
	return TDX_RET(SUCCESS);
}

/* ---- VP.RD, VP.WR ---- */

/* Words of the TDVPR page that the host sees, and which bits it can write. */
static const struct vp_field {
	u64 key;
	u32 word;
	u64 writable;
} vp_fields[] = {
	{ FIELD(0, 0, 0x0002), VP_PI_VECTOR, 0xff },
	{ FIELD(0, 0, 0x2016), VP_PI_DESC, ~0x3full },
	{ FIELD(0, 0, 0x203c), VP_SHARED_EPTP, ~0xfffull },
	{ FIELD(0, 0, 0x4000), VP_PIN_CONTROLS, PIN_POSTED_INTR },
	{ FIELD(0, 32, 11), VP_PEND_NMI, 1 },
	{ FIELD(1, 17, 0x100), VP_DETAILS, 0 },
};

static const struct vp_field *find_vp_field(u64 id)
{
	u64 key;
	u32 i;

	if (!is_field(id, &key))
		return NULL;
	for (i = 0; i < sizeof(vp_fields) / sizeof(vp_fields[0]); i++)
		if (vp_fields[i].key == key)
			return &vp_fields[i];
	return NULL;
}

static bool good_value(const struct sim_tdx *t, const struct vp_field *f, u64 value)
{
	switch (f->word) {
	case VP_PI_DESC:
		return tdx_shared_operand(t, &value, 64);
	case VP_SHARED_EPTP:
		return tdx_shared_operand(t, &value, TDX_PAGE_SIZE);
	default:
		return true;
	}
}

/* Locks, states, and association: what both begin with. */
static u64 start_vp_access(struct tdx_call *c, u64 vp)
{
	u64 status = tdx_take_vp(c, vp, SIM_OPND_RCX, false);

	if (!status)
		status = tdx_check_state(c, OP_MASK_BUILT, true);
	if (status)
		return status;
	if (!tdx_vp_has_all_pages(c, vp))
		return TDX_RET(TDCX_NUM_INCORRECT);
	if (vp_get(c, vp, VP_STATE) != VP_READY)
		return TDX_RET(VCPU_STATE_INCORRECT);
	return tdx_vp_associate(c, vp);
}

/*
 * FIDELITY(TDH.VP.RD): assumed - the fields that KVM uses; associates the vCPU
 * [field numbers: KVM; order of checks: source of TDX module 1.5]
 */
u64 sim_tdh_vp_rd(struct tdx_call *c)
{
	u64 vp = c->r->rcx, id = c->r->rdx, status;
	const struct vp_field *f;

	if (c->version)
		c->r->rdx = NO_FIELD;
	c->r->r8 = 0;
	if (c->version > 1)
		return TDX_ERR(OPERAND_INVALID, RAX);
	status = start_vp_access(c, vp);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	f = find_vp_field(id);
	if (!f)
		return TDX_RET(METADATA_FIELD_ID_INCORRECT);
	c->r->r8 = vp_get(c, vp, f->word);
	return TDX_RET(SUCCESS);
}

/*
 * FIDELITY(TDH.VP.WR): assumed - the fields that KVM uses, of which only
 * addresses are checked; associates the vCPU [field numbers: KVM; order of
 * checks: source of TDX module 1.5]
 */
u64 sim_tdh_vp_wr(struct tdx_call *c)
{
	u64 vp = c->r->rcx, id = c->r->rdx, data = c->r->r8, mask = c->r->r9;
	const struct vp_field *f;
	u64 status, old;

	c->r->r8 = 0;
	status = start_vp_access(c, vp);
	if (status)
		return status;
	sim_tdx_env_yield(c->t);
	f = find_vp_field(id);
	if (!f)
		return TDX_RET(METADATA_FIELD_ID_INCORRECT);
	mask &= f->writable;
	if (!mask)
		return TDX_RET(METADATA_FIELD_NOT_WRITABLE);
	old = vp_get(c, vp, f->word);
	data = (old & ~mask) | (data & mask);
	if (!good_value(c->t, f, data))
		return TDX_RET(METADATA_FIELD_VALUE_NOT_VALID);
	vp_set(c, vp, f->word, data);
	c->r->r8 = old;
	return TDX_RET(SUCCESS);
}
