// SPDX-License-Identifier: GPL-2.0
/*
 * Reverse map table and the instructions and checks of the processor.
 *
 * No published document gives the exact behaviour of the four instructions.
 * What is assumed is kept here and nowhere else, as A1 .. A8:
 *
 * A1  RMPUPDATE of 2 MiB with a GPA that is not 2 MiB aligned: FAIL_INPUT.
 * A2  PSMASH of an immutable 2 MiB entry: code 7.
 * A3  RMPUPDATE to unassigned needs ASID 0 and immutable 0: FAIL_INPUT.
 * A4  RMPUPDATE of 2 MiB: FAIL_OVERLAP only if a page other than the first
 *     of the region is assigned, as the sub-page count of the first tells.
 * A5  Under an assigned 2 MiB entry the other 511 read assigned, ASID 0, not
 *     immutable; un-assigning or shrinking the 2 MiB entry clears them.
 * A6  The processor's counter per ASID counts units of 4 KiB.
 * A7  RMPUPDATE keeps validated, VMSA and VMPL rights if assigned, ASID (not
 *     0), GPA and size stay the same; else VMPL0 has all rights, nobody else
 *     any, and the page is neither validated nor a VMSA.  Lock follows
 *     immutable.
 * A8  RMPADJUST of a page that is not validated: #VC.  PVALIDATE and
 *     RMPADJUST of 4 KiB in a 2 MiB entry: #VMEXIT(NPF).
 */
#include "rmp.h"
#include "internal.h"

/* FIDELITY(RMP entry): modelled - Genoa layout, in memory the host maps [Linux arch/x86/virt/svm/sev.c, firmware 1.55.25] */

static const char * const state_names[SIM_PAGE_NR_STATES] = {
	[SIM_PAGE_HYPERVISOR]		= "HYPERVISOR",
	[SIM_PAGE_HV_FIXED]		= "HV_FIXED",
	[SIM_PAGE_FIRMWARE]		= "FIRMWARE",
	[SIM_PAGE_RECLAIM]		= "RECLAIM",
	[SIM_PAGE_CONTEXT]		= "CONTEXT",
	[SIM_PAGE_METADATA]		= "METADATA",
	[SIM_PAGE_PRE_GUEST]		= "PRE_GUEST",
	[SIM_PAGE_PRE_SWAP]		= "PRE_SWAP",
	[SIM_PAGE_GUEST_INVALID]	= "GUEST_INVALID",
	[SIM_PAGE_GUEST_VALID]		= "GUEST_VALID",
	[SIM_PAGE_FIRMWARE_IOMMU]	= "FIRMWARE_IOMMU",
	[SIM_PAGE_DEFAULT]		= "DEFAULT",
	[SIM_PAGE_INVALID]		= "INVALID",
};

const char *sim_page_state_name(enum sim_page_state state)
{
	return (unsigned int)state < SIM_PAGE_NR_STATES ? state_names[state] :
							  "?";
}

static u64 rmp_index(u64 spa)
{
	return (spa & ~SIM_C_BIT) >> SIM_PAGE_SHIFT;
}

static bool is_head(u64 index)
{
	return !(index % SIM_PAGES_PER_2M);
}

static u64 head_of(u64 index)
{
	return index - index % SIM_PAGES_PER_2M;
}

static bool is_assigned_2m(const struct sim_rmp_raw *e)
{
	return (e->lo & (SIM_RMP_ASSIGNED | SIM_RMP_2M)) ==
	       (SIM_RMP_ASSIGNED | SIM_RMP_2M);
}

bool sim_rmp_covered(const struct sim_machine *m, u64 spa)
{
	return rmp_index(spa) < m->rmp_entries;
}

bool sim_rmp_get(const struct sim_machine *m, u64 spa, struct sim_rmp_raw *e)
{
	if (!sim_rmp_covered(m, spa)) {
		e->lo = 0;
		e->hi = 0;
		return false;
	}
	*e = *sim_rmp_entry(m, rmp_index(spa));
	return true;
}

enum sim_page_state sim_rmp_entry_state(const struct sim_rmp_raw *e)
{
	u64 asid = e->lo & SIM_RMP_ASID;
	u64 gfn = sim_rmp_get_gfn(e);
	u64 frame = gfn & ((1ull << (SIM_RMP_TAG_SHIFT -
				     SIM_RMP_GFN_SHIFT)) - 1);
	u32 tag = (e->lo & SIM_RMP_TAG) >> SIM_RMP_TAG_SHIFT;
	bool immutable = e->lo & SIM_RMP_IMMUTABLE;
	bool validated = e->lo & SIM_RMP_VALIDATED;
	bool vmsa = e->lo & SIM_RMP_VMSA;

	if (!(e->lo & SIM_RMP_ASSIGNED)) {
		if (validated || asid)
			return SIM_PAGE_INVALID;
		return immutable ? SIM_PAGE_HV_FIXED : SIM_PAGE_HYPERVISOR;
	}
	if (asid) {
		if (immutable)
			return validated ? SIM_PAGE_PRE_SWAP :
					   SIM_PAGE_PRE_GUEST;
		return validated ? SIM_PAGE_GUEST_VALID :
				   SIM_PAGE_GUEST_INVALID;
	}
	if (validated)
		return SIM_PAGE_INVALID;
	if (!immutable)
		return e->lo & SIM_RMP_LOCK ? SIM_PAGE_INVALID :
					      SIM_PAGE_RECLAIM;
	if (!gfn)
		return vmsa ? SIM_PAGE_CONTEXT : SIM_PAGE_FIRMWARE;
	if (tag == SIM_RMP_TAG_METADATA && frame)
		return SIM_PAGE_METADATA;
	if (tag == SIM_RMP_TAG_IOMMU && frame == 1 && !vmsa)
		return SIM_PAGE_FIRMWARE_IOMMU;
	return SIM_PAGE_INVALID;
}

enum sim_page_state sim_rmp_page_state(const struct sim_machine *m, u64 spa)
{
	struct sim_rmp_raw e;

	if (!sim_rmp_get(m, spa, &e))
		return SIM_PAGE_DEFAULT;
	return sim_rmp_entry_state(&e);
}

void sim_rmp_owner(const struct sim_machine *m, u64 spa,
		   struct sim_rmp_owner *o)
{
	u64 index = rmp_index(spa), offset = 0;
	struct sim_rmp_raw e, head;
	u32 i;

	memset(o, 0, sizeof(*o));
	if (!sim_rmp_get(m, spa, &e)) {
		o->state = SIM_PAGE_DEFAULT;
		return;
	}
	head = *sim_rmp_entry(m, head_of(index));
	if (is_assigned_2m(&head)) {
		e = head;
		offset = (index - head_of(index)) << SIM_PAGE_SHIFT;
	}
	o->state = sim_rmp_entry_state(&e);
	o->asid = sim_rmp_get_asid(&e);
	o->gpa = (sim_rmp_get_gfn(&e) << SIM_PAGE_SHIFT) + offset;
	o->pagesize = sim_rmp_get_size(&e);
	o->assigned = e.lo & SIM_RMP_ASSIGNED;
	o->immutable = e.lo & SIM_RMP_IMMUTABLE;
	o->validated = e.lo & SIM_RMP_VALIDATED;
	o->vmsa = e.lo & SIM_RMP_VMSA;
	for (i = 0; i < 4; i++)
		o->vmpl[i] = e.hi >> (8 * i);
}

static u64 *asid_counter(const struct sim_machine *m, u32 asid)
{
	return (u64 *)m->cfg.rmp + asid;
}

u64 sim_rmp_asid_count(const struct sim_machine *m, u32 asid)
{
	return asid < SIM_RMP_COUNTERS ? *asid_counter(m, asid) : 0;
}

static void count_asid(struct sim_machine *m, const struct sim_rmp_raw *e,
		       bool add)
{
	u32 asid = sim_rmp_get_asid(e);
	u64 n = e->lo & SIM_RMP_2M ? SIM_PAGES_PER_2M : 1;

	if (!(e->lo & SIM_RMP_ASSIGNED) || !asid)
		return;
	*asid_counter(m, asid) += add ? n : -n;
	sim_rmp_mark(m, asid * sizeof(u64));
}

/**
 * sim_rmp_add_subpages - change the sub-page count of a page's 2 MiB region
 * @m: machine
 * @index: entry of a page that was assigned (or no longer is)
 * @n: difference
 *
 * The first entry of a region does not count itself.
 */
void sim_rmp_add_subpages(struct sim_machine *m, u64 index, s32 n)
{
	struct sim_rmp_raw e;
	u32 count;

	if (is_head(index))
		return;
	e = *sim_rmp_entry(m, head_of(index));
	count = (sim_rmp_get_subpages(&e) + n) & 0x1ff;
	e.lo = (e.lo & ~SIM_RMP_SUBPAGES) |
	       ((u64)count << SIM_RMP_SUBPAGES_SHIFT);
	sim_rmp_put(m, head_of(index), &e);
}

static bool is_busy(const struct sim_machine *m, u64 spa, u64 size)
{
	u32 i;

	for (i = 0; i < SIM_MAX_BUSY; i++)
		if (m->busy[i] && (m->busy[i] & ~(size - 1)) == spa)
			return true;
	return false;
}

bool sim_rmp_set_busy(struct sim_machine *m, u64 spa, bool busy)
{
	u64 page = spa & ~SIM_C_BIT & ~(SIM_PAGE_SIZE - 1);
	u32 i;

	for (i = 0; i < SIM_MAX_BUSY; i++) {
		if (m->busy[i] != (busy ? 0 : page))
			continue;
		m->busy[i] = busy ? page : 0;
		return true;
	}
	return false;
}

static void fill_subentries(struct sim_machine *m, u64 head, u64 lo)
{
	struct sim_rmp_raw e = { .lo = lo };
	u32 i;

	for (i = 1; i < SIM_PAGES_PER_2M; i++)
		sim_rmp_put(m, head + i, &e);
}

static bool keeps_guest_bits(const struct sim_rmp_raw *old,
			     const struct sim_rmp_state *st)
{
	return old->lo & SIM_RMP_ASSIGNED && st->assigned && st->asid &&
	       sim_rmp_get_asid(old) == st->asid &&
	       sim_rmp_get_gfn(old) == (st->gpa & ((1ull << 51) - 1)) >>
				       SIM_PAGE_SHIFT &&
	       sim_rmp_get_size(old) == st->pagesize;
}

/* FIDELITY(RMPUPDATE): assumed - order of checks and A1, A3-A7 [APM vol. 2 15.36, assumptions above] */
s32 sim_rmpupdate(struct sim_machine *m, u64 spa,
		  const struct sim_rmp_state *st)
{
	u64 index = rmp_index(spa), size, count;
	struct sim_rmp_raw old, new;

	size = st->pagesize ? SIM_2M_SIZE : SIM_PAGE_SIZE;
	if (st->pagesize > SIM_PS_2M || spa & (size - 1) ||
	    !sim_rmp_covered(m, spa) ||
	    index + (size >> SIM_PAGE_SHIFT) > m->rmp_entries)
		return SIM_RMP_FAIL_INPUT;
	if (st->gpa & (size - 1) || st->asid > SIM_RMP_ASID >>
					      SIM_RMP_ASID_SHIFT)
		return SIM_RMP_FAIL_INPUT;
	if (!st->assigned && (st->asid || st->immutable))
		return SIM_RMP_FAIL_INPUT;

	old = *sim_rmp_entry(m, index);
	if (old.lo & SIM_RMP_IMMUTABLE)
		return SIM_RMP_FAIL_PERMISSION;
	if (old.lo & SIM_RMP_LOCK || is_busy(m, spa & ~SIM_C_BIT, size))
		return SIM_RMP_FAIL_INUSE;
	if (st->pagesize) {
		if (sim_rmp_get_subpages(&old))
			return SIM_RMP_FAIL_OVERLAP;
	} else if (!is_head(index) &&
		   is_assigned_2m(sim_rmp_entry(m, head_of(index)))) {
		return SIM_RMP_FAIL_OVERLAP;
	}

	/* FIDELITY(Hypervisor -> Firmware, Pre-Guest, Guest-Invalid, Reclaim): modelled - RMPUPDATE [APM vol. 2 15.36] */
	/* FIDELITY(Reclaim, Guest-Valid, Guest-Invalid -> Hypervisor): modelled - RMPUPDATE [APM vol. 2 15.36] */
	/* FIDELITY(Reclaim, Guest-Valid, Guest-Invalid -> Firmware): modelled - RMPUPDATE without giving it back first [APM vol. 2 15.36] */
	/* FIDELITY(Guest-Valid, Guest-Invalid -> Reclaim): modelled - RMPUPDATE to ASID 0, not immutable [APM vol. 2 15.36] */
	/* FIDELITY(Guest-Valid -> Guest-Invalid, Pre-Guest; Reclaim -> Pre-Guest, Guest-Invalid): modelled - RMPUPDATE to another ASID or GPA [APM vol. 2 15.36] */
	/* FIDELITY(Hypervisor, Reclaim, Guest-Valid, Guest-Invalid -> Invalid): modelled - RMPUPDATE to ASID 0, immutable, with a GPA; stuck for ever [firmware 1.55.25] */
	/* The sub-page count belongs to the region, not to the page. */
	count = old.lo & SIM_RMP_SUBPAGES;
	new.lo = (st->assigned ? SIM_RMP_ASSIGNED : 0) |
		 (st->pagesize && st->assigned ? SIM_RMP_2M : 0) |
		 (((st->gpa >> SIM_PAGE_SHIFT) << SIM_RMP_GFN_SHIFT) &
		  SIM_RMP_GFN) |
		 ((u64)st->asid << SIM_RMP_ASID_SHIFT) | count;
	sim_rmp_set_immutable(&new, st->immutable);
	new.hi = SIM_VMPL_FULL;
	/* FIDELITY(Guest-Valid -> Pre-Swap; Guest-Invalid -> Pre-Guest): assumed - RMPUPDATE of nothing but immutable, A7 [APM vol. 2 15.36, VeriSMo] */
	if (keeps_guest_bits(&old, st)) {
		new.lo |= old.lo & (SIM_RMP_VALIDATED | SIM_RMP_VMSA);
		new.hi = old.hi;
	}

	count_asid(m, &old, false);
	count_asid(m, &new, true);
	if (!st->pagesize && !(old.lo & SIM_RMP_2M) &&
	    (old.lo ^ new.lo) & SIM_RMP_ASSIGNED)
		sim_rmp_add_subpages(m, index, st->assigned ? 1 : -1);
	if (is_assigned_2m(&old) && !is_assigned_2m(&new))
		fill_subentries(m, index, 0);
	else if (is_assigned_2m(&new) && !is_assigned_2m(&old))
		fill_subentries(m, index, SIM_RMP_ASSIGNED);
	sim_rmp_put(m, index, &new);
	return SIM_RMP_OK;
}

/* FIDELITY(PSMASH): assumed - code of an immutable entry is A2 [APM vol. 2 15.36, assumptions above] */
s32 sim_psmash(struct sim_machine *m, u64 spa)
{
	u64 index = rmp_index(spa), gfn;
	struct sim_rmp_raw e, sub;
	u32 i;

	if (spa & (SIM_2M_SIZE - 1) || !sim_rmp_covered(m, spa))
		return SIM_RMP_FAIL_INPUT;
	e = *sim_rmp_entry(m, index);
	if (!is_assigned_2m(&e) || e.lo & SIM_RMP_IMMUTABLE)
		return SIM_RMP_FAIL_BADADDR;
	if (e.lo & SIM_RMP_LOCK || is_busy(m, spa & ~SIM_C_BIT, SIM_2M_SIZE))
		return SIM_RMP_FAIL_INUSE;

	/* FIDELITY(2M -> 512 x 4K): modelled - PSMASH copies all other fields [APM vol. 2 15.36.11] */
	e.lo &= ~(SIM_RMP_2M | SIM_RMP_SUBPAGES);
	gfn = sim_rmp_get_gfn(&e);
	sub = e;
	for (i = 1; i < SIM_PAGES_PER_2M; i++) {
		sub.lo = (e.lo & ~SIM_RMP_GFN) |
			 (((gfn + i) << SIM_RMP_GFN_SHIFT) & SIM_RMP_GFN);
		sim_rmp_put(m, index + i, &sub);
	}
	e.lo |= (SIM_PAGES_PER_2M - 1ull) << SIM_RMP_SUBPAGES_SHIFT;
	sim_rmp_put(m, index, &e);
	return SIM_RMP_OK;
}

/* FIDELITY(RMPREAD): simplified - the 2M region status bit stays clear, which Linux does not use [Linux arch/x86/virt/svm/sev.c] */
s32 sim_rmpread(const struct sim_machine *m, u64 spa,
		struct sim_rmp_state *out)
{
	struct sim_rmp_raw e;

	memset(out, 0, sizeof(*out));
	if (!sim_rmp_get(m, spa, &e))
		return SIM_RMP_FAIL_INPUT;
	out->gpa = sim_rmp_get_gfn(&e) << SIM_PAGE_SHIFT;
	out->assigned = !!(e.lo & SIM_RMP_ASSIGNED);
	out->pagesize = sim_rmp_get_size(&e);
	out->immutable = !!(e.lo & SIM_RMP_IMMUTABLE);
	out->asid = sim_rmp_get_asid(&e);
	return SIM_RMP_OK;
}

bool sim_rmp_check_host_write(const struct sim_machine *m, u64 spa, u64 size)
{
	u64 index = rmp_index(spa & ~(size - 1));
	u64 end = index + (size >> SIM_PAGE_SHIFT);
	const struct sim_rmp_raw *head;

	if (!m->cfg.snp_enabled)
		return true;
	if (end > m->rmp_entries)
		end = m->rmp_entries;
	if (size == SIM_PAGE_SIZE)
		return index >= end ||
		       (!(sim_rmp_entry(m, index)->lo & SIM_RMP_ASSIGNED));

	for (; index < end; index += SIM_PAGES_PER_2M) {
		head = sim_rmp_entry(m, index);
		if (head->lo & (SIM_RMP_ASSIGNED | SIM_RMP_SUBPAGES))
			return false;
	}
	return true;
}

/*
 * What PVALIDATE, RMPADJUST and private accesses have in common: the entry
 * belongs to this guest at this address and may be changed.
 */
static bool owned_by(const struct sim_machine *m,
		     const struct sim_guest_access *g, u64 *index,
		     struct sim_rmp_raw *e)
{
	u64 i = rmp_index(g->spa), offset = 0;
	struct sim_rmp_raw head;

	if (!sim_rmp_covered(m, g->spa))
		return false;
	*e = *sim_rmp_entry(m, i);
	head = *sim_rmp_entry(m, head_of(i));
	if (is_assigned_2m(&head)) {
		offset = i - head_of(i);
		i = head_of(i);
		*e = head;
	}
	*index = i;
	return e->lo & SIM_RMP_ASSIGNED && !(e->lo & SIM_RMP_IMMUTABLE) &&
	       sim_rmp_get_asid(e) == g->asid &&
	       ((sim_rmp_get_gfn(e) + offset) & (SIM_RMP_GFN >>
						 SIM_RMP_GFN_SHIFT)) ==
	       (g->gpa & ~SIM_C_BIT) >> SIM_PAGE_SHIFT;
}

static void set_npf(u64 *npf, u64 bits)
{
	if (npf)
		*npf = bits;
}

/* FIDELITY(guest access check): modelled - order of the checks [APM vol. 2 15.36] */
s32 sim_rmp_check_guest(const struct sim_machine *m,
			const struct sim_guest_access *g, u64 *npf)
{
	static const u8 needs[] = {
		[SIM_ACCESS_READ] = SIM_VMPL_READ,
		[SIM_ACCESS_WRITE] = SIM_VMPL_WRITE,
		[SIM_ACCESS_EXEC_USER] = SIM_VMPL_XU,
		[SIM_ACCESS_EXEC_SUPER] = SIM_VMPL_XS,
	};
	struct sim_rmp_raw e;
	u64 index;

	set_npf(npf, 0);
	if (!g->private) {
		if (g->access != SIM_ACCESS_WRITE ||
		    sim_rmp_check_host_write(m, g->spa, g->npt_2m ?
					     SIM_2M_SIZE : SIM_PAGE_SIZE))
			return SIM_RMP_OK;
		set_npf(npf, SIM_NPF_RMP);
		return SIM_RMP_EXIT_NPF;
	}
	if (!owned_by(m, g, &index, &e) ||
	    !!(e.lo & SIM_RMP_2M) != g->npt_2m) {
		set_npf(npf, SIM_NPF_RMP | SIM_NPF_ENC);
		return SIM_RMP_EXIT_NPF;
	}
	if (!(e.lo & SIM_RMP_VALIDATED))
		return SIM_RMP_EXIT_VC;
	if (!(e.hi >> (8 * (g->vmpl & 3)) & needs[g->access])) {
		set_npf(npf, SIM_NPF_RMP | SIM_NPF_ENC | SIM_NPF_VMPL);
		return SIM_RMP_EXIT_NPF;
	}
	return SIM_RMP_OK;
}

/*
 * Operand checks of the two guest instructions.  Sets *done if the caller
 * must return the result.
 */
static s32 guest_operand(const struct sim_machine *m,
			 const struct sim_guest_access *g, u32 pagesize,
			 u64 *index, struct sim_rmp_raw *e, bool *done,
			 u64 *npf)
{
	*done = true;
	set_npf(npf, 0);
	if (pagesize > SIM_PS_2M ||
	    (pagesize && g->gpa & (SIM_2M_SIZE - 1)))
		return SIM_RMP_FAIL_INPUT;
	if (!owned_by(m, g, index, e)) {
		set_npf(npf, SIM_NPF_RMP | SIM_NPF_ENC);
		return SIM_RMP_EXIT_NPF;
	}
	if (pagesize && !(e->lo & SIM_RMP_2M))
		return SIM_RMP_FAIL_SIZEMISMATCH;
	if (!pagesize && e->lo & SIM_RMP_2M) {
		set_npf(npf, SIM_NPF_RMP | SIM_NPF_ENC | SIM_NPF_SIZEM);
		return SIM_RMP_EXIT_NPF;
	}
	*done = false;
	return SIM_RMP_OK;
}

/* FIDELITY(PVALIDATE): assumed - result above VMPL0 and A8 [APM vol. 2 15.36, assumptions above] */
s32 sim_pvalidate(struct sim_machine *m, const struct sim_guest_access *g,
		  u32 pagesize, bool validate, bool *cf, u64 *npf)
{
	struct sim_rmp_raw e;
	u64 index;
	bool done;
	s32 ret;

	*cf = false;
	ret = guest_operand(m, g, pagesize, &index, &e, &done, npf);
	if (done)
		return ret;
	if (g->vmpl)
		return SIM_RMP_FAIL_PERMISSION;
	if (!!(e.lo & SIM_RMP_VALIDATED) == validate) {
		*cf = true;
		return SIM_RMP_OK;
	}
	/* FIDELITY(Guest-Valid <-> Guest-Invalid): modelled - PVALIDATE [APM vol. 2 15.36] */
	e.lo ^= SIM_RMP_VALIDATED;
	sim_rmp_put(m, index, &e);
	return SIM_RMP_OK;
}

/* FIDELITY(RMPADJUST): assumed - order of the checks, A8 [APM vol. 2 15.36, assumptions above] */
s32 sim_rmpadjust(struct sim_machine *m, const struct sim_guest_access *g,
		  u32 pagesize, u32 target_vmpl, u32 perms, bool vmsa,
		  u64 *npf)
{
	struct sim_rmp_raw e;
	u64 index;
	bool done;
	s32 ret;
	u8 own;

	if (target_vmpl > 3 || perms > 0xff)
		return SIM_RMP_FAIL_INPUT;
	if (target_vmpl <= g->vmpl)
		return SIM_RMP_FAIL_PERMISSION;
	ret = guest_operand(m, g, pagesize, &index, &e, &done, npf);
	if (done)
		return ret;
	if (!(e.lo & SIM_RMP_VALIDATED))
		return SIM_RMP_EXIT_VC;
	own = e.hi >> (8 * g->vmpl);
	if (perms & ~own || (g->vmpl && vmsa != !!(e.lo & SIM_RMP_VMSA)))
		return SIM_RMP_FAIL_PERMISSION;
	e.hi &= ~(0xffull << (8 * target_vmpl));
	e.hi |= (u64)perms << (8 * target_vmpl);
	if (vmsa)
		e.lo |= SIM_RMP_VMSA;
	else
		e.lo &= ~SIM_RMP_VMSA;
	sim_rmp_put(m, index, &e);
	return SIM_RMP_OK;
}
