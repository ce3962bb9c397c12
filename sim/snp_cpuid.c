// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID policy: what a guest may be told about the processor.
 *
 * One line per leaf, one rule per register.  A register that breaks its rule
 * is replaced by the nearest value that is allowed.  Leaves of the two
 * architectural ranges that have no line must be zero.
 */
#include "internal.h"

enum rule_kind {
	KEEP,	/* any value, but the bits of the operand must be clear */
	MASK,	/* no bits but these */
	IS,	/* this value */
	MAX,	/* at most this value */
};

struct rule {
	u8 kind;
	u32 val;
};

struct leaf {
	u32 fn;
	u32 sub;
	struct rule r[4];	/* EAX, EBX, ECX, EDX */
};

#define ANY		{ KEEP, 0 }
#define CLEAR(bits)	{ KEEP, (bits) }
#define ONLY(bits)	{ MASK, (bits) }
#define VAL(v)		{ IS, (v) }
#define UPTO(v)		{ MAX, (v) }

static const struct leaf leaves[] = {
	{ 0x00, 0, { UPTO(0x10), ANY, ANY, ANY } },
	{ 0x02, 0, { ANY, ANY, ANY, ANY } },
	{ 0x04, 0, { ANY, ANY, ANY, ANY } },
	{ 0x05, 0, { CLEAR(0xffff0000), CLEAR(0xffff0000),
		     CLEAR(0xfffffffc), CLEAR(0xffffff00) } },
	{ 0x06, 0, { ONLY(0x4), VAL(0), ONLY(0x1), VAL(0) } },
	{ 0x07, 1, { ONLY(0x20), VAL(0), VAL(0), VAL(0) } },
	{ 0x0b, 0, { CLEAR(0xffffffe0), CLEAR(0xffff0000),
		     CLEAR(0xffff0000), ANY } },
	{ 0x0b, 1, { CLEAR(0xffffffe0), CLEAR(0xffff0000),
		     CLEAR(0xffff0000), ANY } },
	{ 0x0b, 2, { CLEAR(0xffffffe0), CLEAR(0xffff0000),
		     CLEAR(0xffff0000), ANY } },
	{ 0x0d, 0x2, { VAL(0x100), VAL(0x240), VAL(0), VAL(0) } },
	{ 0x0d, 0x5, { VAL(0x040), VAL(0x340), ONLY(3), VAL(0) } },
	{ 0x0d, 0x6, { VAL(0x200), VAL(0x380), ONLY(3), VAL(0) } },
	{ 0x0d, 0x7, { VAL(0x400), VAL(0x580), ONLY(3), VAL(0) } },
	{ 0x0d, 0x9, { VAL(0x008), VAL(0x980), VAL(0), VAL(0) } },
	{ 0x0d, 0xb, { VAL(0x010), VAL(0), VAL(1), VAL(0) } },
	{ 0x0d, 0xc, { VAL(0x018), VAL(0), VAL(1), VAL(0) } },
	{ 0x0f, 0, { VAL(0), ANY, VAL(0), CLEAR(0xfffffffd) } },
	{ 0x0f, 1, { CLEAR(0xfffffe00), ANY, ANY, CLEAR(0xfffffff8) } },
	{ 0x10, 0, { VAL(0), CLEAR(0xfffffff9), VAL(0), VAL(0) } },
	{ 0x10, 1, { CLEAR(0xffffffe0), ANY, CLEAR(0xfffffffb),
		     CLEAR(0xffff0000) } },
	{ 0x80000000, 0, { UPTO(0x80000028), ANY, ANY, ANY } },
	{ 0x80000002, 0, { ANY, ANY, ANY, ANY } },
	{ 0x80000003, 0, { ANY, ANY, ANY, ANY } },
	{ 0x80000004, 0, { ANY, ANY, ANY, ANY } },
	{ 0x80000005, 0, { ANY, ANY, ANY, ANY } },
	{ 0x80000006, 0, { ANY, ANY, ANY, CLEAR(0x00030000) } },
	{ 0x80000007, 0, { VAL(0), ONLY(0x3b), ANY, ONLY(0x6799) } },
	{ 0x8000000a, 0, { CLEAR(0xffffff00), ANY, VAL(0),
			   ONLY(0x1fbfbcff) } },
	{ 0x80000019, 0, { ANY, ANY, VAL(0), VAL(0) } },
	{ 0x8000001a, 0, { CLEAR(0xfffffff8), VAL(0), VAL(0), VAL(0) } },
	{ 0x8000001b, 0, { ONLY(0xbff), VAL(0), VAL(0), VAL(0) } },
	{ 0x8000001d, 0, { CLEAR(0xfc003c00), ANY, ANY,
			   CLEAR(0xfffffffc) } },
	{ 0x8000001d, 1, { CLEAR(0xfc003c00), ANY, ANY,
			   CLEAR(0xfffffffc) } },
	{ 0x8000001d, 2, { CLEAR(0xfc003c00), ANY, ANY,
			   CLEAR(0xfffffffc) } },
	{ 0x8000001d, 3, { CLEAR(0xfc003c00), ANY, ANY,
			   CLEAR(0xfffffffc) } },
	{ 0x8000001d, 4, { CLEAR(0xfffffff0), VAL(0), ANY, VAL(0) } },
	{ 0x8000001e, 0, { ANY, CLEAR(0xffff0000), CLEAR(0xfffff800),
			   CLEAR(0xffffffff) } },
	{ 0x80000020, 0, { VAL(0), CLEAR(0xffffffe1), VAL(0), VAL(0) } },
	{ 0x80000020, 1, { ANY, VAL(0), VAL(0), ANY } },
	{ 0x80000020, 2, { ANY, VAL(0), VAL(0), ANY } },
	{ 0x80000020, 3, { VAL(0), ANY, ONLY(0x7f), VAL(0) } },
	{ 0x80000021, 0, { ONLY(0x18062fcf), CLEAR(0xfffff000), VAL(0),
			   VAL(0) } },
	{ 0x80000023, 0, { ONLY(1), ANY, VAL(0), VAL(0) } },
	{ 0x80000024, 0, { UPTO(1), ONLY(1), ONLY(3), VAL(0) } },
	{ 0x80000024, 1, { ONLY(0x1ff), VAL(0), VAL(0), VAL(0) } },
	{ 0x80000026, 0, { ANY, ANY, ANY, ANY } },
	{ 0x80000026, 1, { ANY, ANY, ANY, ANY } },
	{ 0x80000026, 2, { ANY, ANY, ANY, ANY } },
	{ 0x80000026, 3, { ANY, ANY, ANY, ANY } },
};

/* Each of these returns true if it changed the register. */

static bool set(u32 *reg, u32 val)
{
	bool changed = *reg != val;

	*reg = val;
	return changed;
}

static bool only(u32 *reg, u32 bits)
{
	return set(reg, *reg & bits);
}

static bool at_most(u32 *reg, u32 shift, u32 width, u32 max)
{
	u32 mask = (u32)(((1ull << width) - 1) << shift);

	if ((*reg & mask) >> shift <= max)
		return false;
	*reg = (*reg & ~mask) | max << shift;
	return true;
}

static bool apply(const struct rule *rule, u32 *reg)
{
	switch (rule->kind) {
	case KEEP:
		return only(reg, ~rule->val);
	case MASK:
		return only(reg, rule->val);
	case IS:
		return set(reg, rule->val);
	default:
		return at_most(reg, 0, 32, rule->val);
	}
}

/*
 * The firmware adds base and extended model instead of putting one above
 * the other, and so must the model.
 */
static u32 family(u32 eax)
{
	return ((eax >> 20) & 0xff) + ((eax >> 8) & 0xf);
}

static u32 model(u32 eax)
{
	return ((eax >> 16) & 0xf) + ((eax >> 4) & 0xf);
}

static bool not_newer(u32 *eax, u32 host)
{
	u32 fam = family(*eax), mod = model(*eax);
	bool bad = false;

	if (fam > family(host) ||
	    (fam == family(host) &&
	     (mod > model(host) ||
	      (mod == model(host) && (*eax & 0xf) > (host & 0xf))))) {
		*eax = host;
		bad = true;
	}
	return only(eax, 0x0fff0fff) | bad;
}

static bool leaf_1(u32 r[4], u32 host)
{
	bool bad = not_newer(&r[0], host);

	if ((r[1] & 0xff00) != 0x0800) {	/* CLFLUSH line: 8 * 8 bytes */
		r[1] = (r[1] & ~0xff00u) | 0x0800;
		bad = true;
	}
	bad |= only(&r[1], ~0xffu);
	/* OSXSAVE and hypervisor present are the guest's business. */
	bad |= only(&r[2], 0x76fa320b | 0x08000000 | 0x80000000);
	bad |= only(&r[3], 0x178bfbff);
	return bad;
}

static bool leaf_7(u32 r[4])
{
	bool bad = at_most(&r[0], 0, 32, 1);

	bad |= only(&r[1], 0xf1bf97a9);
	bad |= only(&r[2], 0x00415fce | 0x10);	/* OSPKE follows CR4 */
	/* Any bit too many costs all of them. */
	if (r[3] & ~0x10000010u)
		bad |= set(&r[3], 0);
	return bad;
}

#define XCR0_AVX	(1ull << 2)
#define XCR0_KREGS	(1ull << 5)
#define XCR0_ZMM_HI256	(1ull << 6)
#define XCR0_HI16_ZMM	(1ull << 7)
#define XCR0_PKRU	(1ull << 9)
#define XSS_CET_U	(1ull << 11)
#define XSS_CET_S	(1ull << 12)

static u32 xsave_size(u64 xcr0)
{
	if (xcr0 & XCR0_PKRU)
		return 0x988;
	if (xcr0 & XCR0_HI16_ZMM)
		return 0x980;
	if (xcr0 & XCR0_ZMM_HI256)
		return 0x580;
	if (xcr0 & XCR0_KREGS)
		return 0x380;
	return xcr0 & XCR0_AVX ? 0x340 : 0x240;
}

static u32 xsaves_size(u64 xcr0, u64 xss)
{
	u32 size = 0x240;

	size += xcr0 & XCR0_AVX ? 0x100 : 0;
	size += xcr0 & XCR0_KREGS ? 0x40 : 0;
	size += xcr0 & XCR0_ZMM_HI256 ? 0x200 : 0;
	size += xcr0 & XCR0_HI16_ZMM ? 0x400 : 0;
	size += xcr0 & XCR0_PKRU ? 0x8 : 0;
	size += xss & XSS_CET_U ? 0x10 : 0;
	size += xss & XSS_CET_S ? 0x18 : 0;
	return size;
}

static bool leaf_d0(u32 r[4], u64 xcr0)
{
	bool bad = set(&r[0], r[0] | 3);	/* x87 and SSE always */

	bad |= only(&r[0], 0x2e7);
	bad |= set(&r[1], xsave_size(xcr0));
	bad |= set(&r[3], 0);
	return bad;
}

static bool leaf_d1(u32 r[4], u64 xcr0, u64 xss)
{
	bool bad = only(&r[0], 0xf);

	bad |= set(&r[1], xsaves_size(xcr0, xss));
	bad |= only(&r[2], 0x1800);
	bad |= set(&r[3], 0);
	return bad;
}

static bool leaf_80000001(u32 r[4], u32 host)
{
	bool bad = not_newer(&r[0], host);

	bad |= only(&r[1], 0xf0000000);
	bad |= only(&r[2], 0x75c237ff);
	bad |= only(&r[3], 0x2fd3fbff);
	return bad;
}

static bool leaf_80000008(u32 r[4])
{
	bool bad = at_most(&r[0], 0, 8, 52);	/* physical address bits */

	bad |= at_most(&r[0], 8, 8, 57);	/* linear address bits */
	bad |= only(&r[0], 0x00ffffff);
	bad |= only(&r[1], 0x79bef35f);
	bad |= only(&r[2], 0x0003f0ff);
	bad |= at_most(&r[3], 0, 16, 7);	/* INVLPGB pages */
	bad |= at_most(&r[3], 16, 8, 1);	/* RDPRU registers */
	bad |= only(&r[3], 0x00ffffff);
	return bad;
}

static bool leaf_8000001f(u32 r[4])
{
	const u32 reduction = 0x3f << 6, vmpls = 0xf << 12, c_bit = 51;
	bool bad = only(&r[0], 0x030fffff);

	if ((r[1] & ~(reduction | vmpls)) != c_bit) {
		/* Adds bits where it should replace them. */
		r[1] = (r[1] & ~reduction) | c_bit;
		bad = true;
	}
	bad |= at_most(&r[1], 12, 4, 4);
	bad |= only(&r[1], 0x0000ffff);
	return bad;
}

static bool leaf_80000022(u32 r[4])
{
	bool bad = only(&r[0], 0x7);

	bad |= at_most(&r[1], 0, 4, 6);		/* core counters */
	bad |= at_most(&r[1], 4, 6, 0x10);	/* LBR stack */
	bad |= set(&r[3], 0);
	return bad;
}

static bool by_table(u32 fn, u32 sub, u32 r[4])
{
	bool bad = false;
	u32 i, j;

	for (i = 0; i < sizeof(leaves) / sizeof(*leaves); i++) {
		if (leaves[i].fn != fn || leaves[i].sub != sub)
			continue;
		for (j = 0; j < 4; j++)
			bad |= apply(&leaves[i].r[j], &r[j]);
		return bad;
	}
	for (j = 0; j < 4; j++)
		bad |= set(&r[j], 0);
	return bad;
}

static bool enforce_leaf(u32 fn, u32 sub, u64 xcr0, u64 xss, u32 r[4],
			 u32 host)
{
	if (fn == 0x0d && sub == 0)
		return leaf_d0(r, xcr0);
	if (fn == 0x0d && sub == 1)
		return leaf_d1(r, xcr0, xss);
	if (sub)
		return by_table(fn, sub, r);
	switch (fn) {
	case 0x00000001:
		return leaf_1(r, host);
	case 0x00000007:
		return leaf_7(r);
	case 0x80000001:
		return leaf_80000001(r, host);
	case 0x80000008:
		return leaf_80000008(r);
	case 0x8000001f:
		return leaf_8000001f(r);
	case 0x80000022:
		return leaf_80000022(r);
	default:
		return by_table(fn, sub, r);
	}
}

static bool is_architectural(u32 fn)
{
	return fn <= 0xffff || (fn >= 0x80000000 && fn <= 0x8000ffff);
}

/**
 * sim_cpuid_enforce_list - check CPUID functions against the policy
 * @m: machine
 * @e: functions; registers that break the policy are corrected in place
 * @n: their number
 *
 * Return: SIM_SUCCESS, SIM_INVALID_PARAM.
 */
u32 sim_cpuid_enforce_list(const struct sim_machine *m,
			   struct sim_cpuid_entry *e, u32 n)
{
	bool bad = false;
	u32 r[4];

	for (; n--; e++) {
		if (!is_architectural(e->eax_in))
			continue;
		/* Refused, but not corrected: a retry fails as well. */
		if (e->rsvd)
			bad = true;
		r[0] = e->eax;
		r[1] = e->ebx;
		r[2] = e->ecx;
		r[3] = e->edx;
		bad |= enforce_leaf(e->eax_in, e->ecx_in, e->xcr0_in,
				    e->xss_in, r, m->cfg.cpuid_1_eax);
		e->eax = r[0];
		e->ebx = r[1];
		e->ecx = r[2];
		e->edx = r[3];
	}
	return bad ? SIM_INVALID_PARAM : SIM_SUCCESS;
}

/* FIDELITY(CPUID page): modelled - rules of 1.55, quirks included [firmware 1.55.25] */

/**
 * sim_cpuid_enforce - check a CPUID page against the policy
 * @m: machine
 * @page: the page; registers that break the policy are corrected in place
 * @corrected: set if the host is to get the page back
 *
 * A malformed header is refused without looking at the entries.
 *
 * Return: SIM_SUCCESS, SIM_INVALID_PARAM.
 */
u32 sim_cpuid_enforce(const struct sim_machine *m, void *page,
		      bool *corrected)
{
	struct sim_cpuid_page *p = page;
	u32 status;

	*corrected = false;
	if (p->rsvd || p->rsvd2 || p->count > SIM_CPUID_MAX)
		return SIM_INVALID_PARAM;
	status = sim_cpuid_enforce_list(m, p->fn, p->count);
	*corrected = status;
	return status;
}
