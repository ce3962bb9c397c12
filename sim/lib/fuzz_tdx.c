// SPDX-License-Identifier: GPL-2.0
/*
 * SEAMCALLs, and what must hold after each of them: PAMT, S-EPT and child
 * counts agree, a page is mapped once, no lock is left, an HKID has one TD, a
 * call that failed changed nothing, and MRTD is the hash of the log kept here.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "../tdx_internal.h"
#include "fuzz.h"
#include "tdx_world.h"

#define P(n)	(0x40000000ull + (n) * 0x1000ull)
#define L(n)	(0x50000000ull + (n) * 0x200000ull)
#define PARAMS	0x100000ull
#define SOURCE	0x101000ull

/* SYS.CONFIG: an array of pointers, and what they point to */
#define TDMRS		0x102000ull
#define TDMR(n)		(0x103000ull + (n) * 0x200ull)

#define NR_TDS		2
#define NR_AREAS	4
#define PER_AREA	512

static const u64 areas[NR_AREAS] = { P(0), L(0), L(1), L(2) };

static struct tdx_world *w;
static u32 last;	/* call that succeeded */
static bool usable;	/* there is a PAMT for the areas */
static u64 before[NR_AREAS][PER_AREA][2];
static u64 before_large[NR_AREAS][2];

/* The measurement of each TD. */
static struct {
	SHA512_CTX log;
	bool finalised;
	u8 mrtd[48];
} tds[NR_TDS];

static u64 tdr_nr(u32 i)
{
	return P(i * 100);
}

/* ---- operands: few, so that calls meet each other's leavings ---- */

static u64 tdr_of(u8 b)
{
	return b < 0xf8 ? tdr_nr(b & 1) : P(b & 7);
}

static u64 page_of(u8 b)
{
	if (b < 0xa0)
		return P(b);
	if (b < 0xc0)
		return L(b % 3);
	if (b < 0xe0)
		return L(b % 3) + (b & 0x1f) * 0x1000ull;
	if (b < 0xf0)
		return L(b % 3) + 0x1ff000;
	switch (b & 7) {
	case 0:
		return PARAMS;
	case 1:
		return TDX_WORLD_RESERVED;
	case 2:
		return TDX_WORLD_TDMR_UNINIT;
	case 3:
		return P(1) + 8;
	case 4:
		return P(1) | 1ull << 47;
	default:
		return ~0ull;
	}
}

static u64 vp_of(u8 b)
{
	return b < 0xf0 ? tdr_nr(b & 1) + (b & 2 ? 0x30000 : 0xa000) :
			  page_of(b);
}

static u64 gpa_of(u8 b, u8 level)
{
	u64 l = level & 1, gpa;

	if (level >= 0xf0)
		l = 2 + (level & 1);
	gpa = (u64)(b & 0xc0) >> 6 << 21;
	if (gpa > 0x400000)
		gpa = 0;
	if (!l)
		gpa |= (u64)(b & 0x3f) % 6 << 12;
	if (l > 1)
		gpa = 0;
	return gpa | l;
}

/* ---- what must hold ---- */

static u64 *pamt(u64 pa, u32 size)
{
	return tdx_pamt_ptr(&w->t, tdx_pamt_entry(&w->t, pa, size));
}

static void remember(void)
{
	u32 i;

	for (i = 0; i < NR_AREAS && usable; i++) {
		memcpy(before[i], pamt(areas[i], TDX_4K), sizeof(before[i]));
		memcpy(before_large[i], pamt(areas[i], TDX_2M), 16);
	}
}

#define NO_LOCK	(~0xffffull)	/* a failure may leave host priority */

static void check_unchanged(void)
{
	u32 i, j;

	for (i = 0; i < NR_AREAS && usable; i++) {
		const u64 (*e)[2] = (void *)pamt(areas[i], TDX_4K);
		const u64 *large = pamt(areas[i], TDX_2M);

		if ((large[0] ^ before_large[i][0]) & NO_LOCK ||
		    large[1] != before_large[i][1])
			fuzz_fail("a call that failed changed a large page");
		if (!memcmp(e, before[i], sizeof(before[i])))
			continue;
		for (j = 0; j < PER_AREA; j++)
			if ((e[j][0] ^ before[i][j][0]) & NO_LOCK ||
			    e[j][1] != before[i][j][1])
				fuzz_fail("a call that failed changed page %#llx",
					  (unsigned long long)areas[i] +
					  j * 0x1000);
	}
}

static u32 type_of(const u64 *entry)
{
	return entry[0] >> 16 & 0xff;
}

/* What was found in an area when it last changed. */
static struct {
	u64 pages[NR_TDS];
	u16 tdr[32];
	u32 nr_tdrs;
} found[NR_AREAS];

static void look_at_area(u32 i)
{
	const u64 (*e)[2] = (void *)pamt(areas[i], TDX_4K);
	const u64 *large = pamt(areas[i], TDX_2M);
	bool is_large = type_of(large) == SIM_PT_REG;
	u32 j, td;

	memset(&found[i], 0, sizeof(found[i]));
	if (large[0] & 0xffff & ~2u)
		fuzz_fail("a large page is locked");
	for (j = 0; j < PER_AREA; j++) {
		u32 type = type_of(e[j]);
		u64 owner = e[j][0] >> 24 << 12;

		if (e[j][0] & 0xffff & ~2u)
			fuzz_fail("page %#llx is locked",
				  (unsigned long long)areas[i] + j * 0x1000);
		if (is_large && type != SIM_PT_NDA)
			fuzz_fail("page %u of a large one has another owner", j);
		if (type == SIM_PT_TDR && found[i].nr_tdrs < 32)
			found[i].tdr[found[i].nr_tdrs++] = j;
		/* A TDR does not count itself. */
		if (type <= SIM_PT_RSVD || type == SIM_PT_TDR)
			continue;
		for (td = 0; td < NR_TDS; td++)
			found[i].pages[td] += owner == tdr_nr(td);
	}
	for (td = 0; td < NR_TDS && is_large; td++)
		if (large[0] >> 24 << 12 == tdr_nr(td))
			found[i].pages[td] += PER_AREA;
}

/* 4 KiB pages that belong to each TD, and no lock held. */
static void count_pages(u64 pages[NR_TDS], bool all)
{
	u32 i, td;

	pages[0] = pages[1] = 0;
	for (i = 0; i < NR_AREAS; i++) {
		if (all || memcmp(before[i], pamt(areas[i], TDX_4K),
				  sizeof(before[i])) ||
		    memcmp(before_large[i], pamt(areas[i], TDX_2M), 16))
			look_at_area(i);
		for (td = 0; td < NR_TDS; td++)
			pages[td] += found[i].pages[td];
	}
}

static u8 seen[NR_AREAS][PER_AREA];

static void map_once(u64 pa, u64 len)
{
	u32 i;

	for (; len; len -= 0x1000, pa += 0x1000) {
		for (i = 0; i < NR_AREAS; i++)
			if (pa >= areas[i] && pa < areas[i] + 0x200000)
				break;
		if (i == NR_AREAS)
			fuzz_fail("page %#llx was never given",
				  (unsigned long long)pa);
		if (seen[i][(pa - areas[i]) >> 12]++)
			fuzz_fail("page %#llx is mapped twice",
				  (unsigned long long)pa);
	}
}

static void check_mapping(u64 tdr, u64 gpa, u32 level)
{
	struct sim_tdx_page_info info;
	u32 at = level, type;
	u64 raw, pa;

	if (!sim_tdx_sept_entry(&w->t, tdr, gpa, &at, &raw) || at != level ||
	    sept_is_free(raw))
		return;
	if (raw & SEPT_LOCK)
		fuzz_fail("an S-EPT entry is locked");
	type = sept_is_page(raw) ? SIM_PT_REG : SIM_PT_EPT;
	pa = type == SIM_PT_REG ? sept_page(raw, level) : raw & SEPT_ADDR;
	if (!sim_tdx_page_info(&w->t, pa, -1, &info) || info.type != type ||
	    info.owner != tdr || info.size != (type == SIM_PT_REG ? level : 0))
		fuzz_fail("S-EPT and PAMT differ about GPA %#llx level %u",
			  (unsigned long long)gpa, level);
	map_once(pa, type == SIM_PT_REG ? tdx_size(level) : 0x1000);
}

/* All that a table of the lowest level maps. */
static void check_table(u64 tdr, const u64 key[2], u64 table, u64 gpa)
{
	u64 e[PER_AREA];
	u32 i;

	sim_open_words(key, table, e, sim_tdx_env_phys(&w->t, table),
		       PER_AREA);
	for (i = 0; i < PER_AREA; i++)
		if (!sept_is_free(e[i]))
			check_mapping(tdr, gpa + i * 0x1000, 0);
}

/* What an operand can name. */
static void check_tree(u64 tdr, u32 hkid)
{
	u32 level;
	u64 gpa, raw;

	for (level = 3; level >= 2; level--)
		check_mapping(tdr, 0, level);
	for (gpa = 0; gpa < 0x600000; gpa += 0x200000) {
		check_mapping(tdr, gpa, 1);
		level = 1;
		if (sim_tdx_sept_entry(&w->t, tdr, gpa, &level, &raw) &&
		    level == 1 && sept_is_table(raw))
			check_table(tdr, w->t.kot[hkid].key, raw & SEPT_ADDR,
				    gpa);
	}
}

/* ---- what an S-EPT entry may become ---- */

enum {
	E_FREE, E_MAPPED, E_PENDING, E_BLOCKED, E_PENDING_BLOCKED, E_NL_MAPPED,
	E_NL_BLOCKED, E_NONE,
};

#define E(_state)	(1u << E_##_state)
#define PAGE		(E(MAPPED) | E(PENDING) | E(BLOCKED) | E(PENDING_BLOCKED))
#define TABLE		(E(NL_MAPPED) | E(NL_BLOCKED))

/* No SEAMCALL */
#define TDG_MEM_PAGE_ACCEPT	0x100u

/* Which calls take the entry that they name from which state to which. */
static const struct {
	u32 leaf;
	u32 from;
	u32 to;
} sept_moves[] = {
	{ SIM_TDH_MEM_SEPT_ADD, E(FREE), E(NL_MAPPED) },
	{ SIM_TDH_MEM_SEPT_REMOVE, TABLE, E(FREE) },
	{ SIM_TDH_MEM_PAGE_ADD, E(FREE), E(MAPPED) },
	{ SIM_TDH_MEM_PAGE_AUG, E(FREE), E(PENDING) },
	{ SIM_TDH_MEM_PAGE_REMOVE, PAGE, E(FREE) },
	{ SIM_TDH_MEM_RANGE_BLOCK, E(MAPPED), E(BLOCKED) },
	{ SIM_TDH_MEM_RANGE_BLOCK, E(PENDING), E(PENDING_BLOCKED) },
	{ SIM_TDH_MEM_RANGE_BLOCK, E(NL_MAPPED), E(NL_BLOCKED) },
	{ SIM_TDH_MEM_RANGE_UNBLOCK, E(BLOCKED), E(MAPPED) },
	{ SIM_TDH_MEM_RANGE_UNBLOCK, E(PENDING_BLOCKED), E(PENDING) },
	{ SIM_TDH_MEM_RANGE_UNBLOCK, E(NL_BLOCKED), E(NL_MAPPED) },
	{ SIM_TDH_MEM_PAGE_PROMOTE, TABLE, E(MAPPED) | E(PENDING) },
	{ SIM_TDH_MEM_PAGE_DEMOTE, PAGE, E(NL_MAPPED) },
	{ TDG_MEM_PAGE_ACCEPT, E(PENDING), E(MAPPED) },
};

/* What operands can name, of each TD */
#define NR_ENTRIES	23

static u8 shape[NR_TDS][NR_ENTRIES];

static u64 entry_nr(u32 i)
{
	if (i < 2)
		return 3 - i;
	if (i < 5)
		return (i - 2) * 0x200000ull | 1;
	i -= 5;
	return i / 6 * 0x200000ull + i % 6 * 0x1000;
}

static u8 entry_state(u64 tdr, u64 gpa, u32 level)
{
	u32 at = level;
	u64 raw;

	if (!sim_tdx_sept_entry(&w->t, tdr, gpa, &at, &raw) || at != level)
		return E_NONE;
	switch (sim_tdx_sept_state(raw)) {
	case SIM_SEPT_FREE:
		return E_FREE;
	case SIM_SEPT_MAPPED:
		return E_MAPPED;
	case SIM_SEPT_PENDING:
		return E_PENDING;
	case SIM_SEPT_BLOCKED:
		return E_BLOCKED;
	case SIM_SEPT_PENDING_BLOCKED:
		return E_PENDING_BLOCKED;
	case SIM_SEPT_TABLE | SIM_SEPT_MAPPED:
		return E_NL_MAPPED;
	case SIM_SEPT_TABLE | SIM_SEPT_BLOCKED:
		return E_NL_BLOCKED;
	default:
		fuzz_fail("an S-EPT entry is in no state");
		return E_NONE;
	}
}

static bool sept_may_move(u32 leaf, u8 from, u8 to)
{
	u32 i;

	for (i = 0; i < sizeof(sept_moves) / sizeof(*sept_moves); i++)
		if (sept_moves[i].leaf == leaf && sept_moves[i].from >> from & 1 &&
		    sept_moves[i].to >> to & 1)
			return true;
	return false;
}

/* Entries come and go with what is above them; apart from that, what is allowed. */
static void check_shape(u32 leaf, u64 tdr, u64 rcx)
{
	struct sim_tdx_td_info info;
	u8 was, is;
	u32 td, i;
	u64 at;

	for (td = 0; td < NR_TDS; td++) {
		if (!sim_tdx_td_info(&w->t, tdr_nr(td), &info) ||
		    info.lifecycle != SIM_TD_KEYS_CONFIGURED) {
			memset(shape[td], E_NONE, sizeof(shape[td]));
			continue;
		}
		for (i = 0; i < NR_ENTRIES; i++) {
			at = entry_nr(i);
			was = shape[td][i];
			is = entry_state(tdr_nr(td), at & ~0xfffull, at & 7);
			shape[td][i] = is;
			if (was == is || was == E_NONE || is == E_NONE)
				continue;
			fuzz_seen(3u << 30 | leaf << 8 | was << 4 | is);
			if (tdr_nr(td) != (tdr & ~0xfffull) || at != rcx ||
			    !sept_may_move(leaf, was, is))
				fuzz_fail("S-EPT entry %#llx went from state %u to %u",
					  (unsigned long long)at, was, is);
		}
	}
}

static void check_hkids(void)
{
	u32 users[SIM_TDX_MAX_HKIDS] = { 0 }, i, j;
	struct sim_tdx_td_info info;
	u64 tdr;

	for (i = 0; i < NR_AREAS; i++) {
		for (j = 0; j < found[i].nr_tdrs; j++) {
			tdr = areas[i] + found[i].tdr[j] * 0x1000;
			if (sim_tdx_td_info(&w->t, tdr, &info) &&
			    info.lifecycle != SIM_TD_TEARDOWN)
				users[info.hkid]++;
		}
	}
	for (i = w->t.cfg.private_min; i <= w->t.cfg.private_max; i++) {
		u32 state = w->t.kot[i].state;

		if (state == SIM_HKID_RESERVED)
			continue;
		if (users[i] != (state == SIM_HKID_ASSIGNED ||
				 state == SIM_HKID_FLUSHED))
			fuzz_fail("HKID %u has %u TDs", i, users[i]);
	}
}

/* Trees are looked at if something was changed. */
static void check_all(bool trees, bool all)
{
	u64 pages[NR_TDS];
	struct sim_tdx_td_info info;
	u32 i;

	if (w->t.dead)
		fuzz_fail("the module stopped");
	if (w->t.kot_lock || w->t.sys_lock || w->t.wbt[0].lock ||
	    w->t.wbt[1].lock)
		fuzz_fail("a lock of the module was left");
	if (!usable)
		return;
	count_pages(pages, all);
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < NR_TDS; i++) {
		if (!sim_tdx_td_info(&w->t, tdr_nr(i), &info))
			continue;
		if (info.children != pages[i])
			fuzz_fail("TD %u counts %llu pages, has %llu", i,
				  (unsigned long long)info.children,
				  (unsigned long long)pages[i]);
		if ((info.op_state_lock | info.sept_lock) & ~2u)
			fuzz_fail("a lock of TD %u was left", i);
		if (info.has_tdcs && tds[i].finalised &&
		    memcmp(info.mrtd, tds[i].mrtd, 48))
			fuzz_fail("MRTD is not that of the log");
		if (trees && info.lifecycle == SIM_TD_KEYS_CONFIGURED)
			check_tree(tdr_nr(i), info.hkid);
	}
	check_hkids();
}

/* ---- the log ---- */

static void record(u32 td, const char *name, u64 gpa, const u8 *chunk)
{
	u8 block[128] = { 0 };

	memcpy(block, name, strlen(name));
	memcpy(block + 16, &gpa, 8);
	SHA384_Update(&tds[td].log, block, sizeof(block));
	if (chunk)
		SHA384_Update(&tds[td].log, chunk, 256);
}

static void log_call(u32 leaf, const struct sim_tdx_regs *in)
{
	u64 tdr = leaf == SIM_TDH_MR_FINALIZE || leaf == SIM_TDH_MNG_INIT ||
		  leaf == SIM_TDH_MNG_CREATE ? in->rcx : in->rdx;
	SHA512_CTX end;
	u8 chunk[256];
	u32 i;

	for (i = 0; i < NR_TDS && tdr != tdr_nr(i); i++)
		;
	if (i == NR_TDS)
		return;
	switch (leaf) {
	case SIM_TDH_MNG_CREATE:
		memset(&tds[i], 0, sizeof(tds[i]));
		SHA384_Init(&tds[i].log);
		break;
	case SIM_TDH_MEM_PAGE_ADD:
		record(i, "MEM.PAGE.ADD", in->rcx & ~0xfffull, NULL);
		break;
	case SIM_TDH_MR_EXTEND:
		memset(chunk, 0, sizeof(chunk));
		if (!sim_tdx_guest_read(&w->t, tdr, in->rcx, chunk, 256))
			break;		/* blocked: read below the S-EPT */
		record(i, "MR.EXTEND", in->rcx, chunk);
		break;
	case SIM_TDH_MR_FINALIZE:
		end = tds[i].log;
		SHA384_Final(tds[i].mrtd, &end);
		tds[i].finalised = true;
		break;
	}
}

/* ---- calls ---- */

static const u8 leaves[64] = {
	SIM_TDH_MNG_CREATE, SIM_TDH_MNG_KEY_CONFIG, SIM_TDH_MNG_ADDCX,
	SIM_TDH_MNG_ADDCX, SIM_TDH_MNG_INIT, SIM_TDH_VP_CREATE,
	SIM_TDH_VP_ADDCX, SIM_TDH_VP_INIT, SIM_TDH_VP_FLUSH,
	SIM_TDH_VP_ENTER, SIM_TDH_MEM_SEPT_ADD, SIM_TDH_MEM_SEPT_ADD,
	SIM_TDH_MEM_SEPT_ADD, SIM_TDH_MEM_SEPT_RD, SIM_TDH_MEM_SEPT_REMOVE,
	SIM_TDH_MEM_PAGE_ADD, SIM_TDH_MEM_PAGE_ADD, SIM_TDH_MEM_PAGE_AUG,
	SIM_TDH_MEM_PAGE_AUG, SIM_TDH_MEM_PAGE_AUG, SIM_TDH_MEM_PAGE_REMOVE,
	SIM_TDH_MEM_PAGE_REMOVE, SIM_TDH_MEM_PAGE_PROMOTE,
	SIM_TDH_MEM_PAGE_DEMOTE, SIM_TDH_MEM_RANGE_BLOCK,
	SIM_TDH_MEM_RANGE_BLOCK, SIM_TDH_MEM_RANGE_UNBLOCK, SIM_TDH_MEM_TRACK,
	SIM_TDH_MEM_TRACK, SIM_TDH_MR_EXTEND, SIM_TDH_MR_FINALIZE,
	SIM_TDH_PHYMEM_PAGE_RDMD, SIM_TDH_PHYMEM_PAGE_RECLAIM,
	SIM_TDH_PHYMEM_PAGE_RECLAIM, SIM_TDH_PHYMEM_PAGE_WBINVD,
	SIM_TDH_PHYMEM_CACHE_WB, SIM_TDH_MNG_VPFLUSHDONE,
	SIM_TDH_MNG_KEY_FREEID,
	/* What is no leaf, see below */
	[48] = SIM_TDH_MNG_RD, SIM_TDH_VP_RD, SIM_TDH_VP_WR,
	SIM_TDH_MNG_KEY_RECLAIMID, SIM_TDH_SYS_INIT, SIM_TDH_SYS_LP_INIT,
	SIM_TDH_SYS_CONFIG, SIM_TDH_SYS_KEY_CONFIG, SIM_TDH_SYS_TDMR_INIT,
	SIM_TDH_SYS_RD, SIM_TDH_SYS_UPDATE, SIM_TDH_SYS_SHUTDOWN,
	SIM_TDH_SYS_DISABLE, SIM_TDH_SYS_CONFIG, SIM_TDH_VP_RD, SIM_TDH_VP_WR,
};

#define ACCEPT		38
#define ENTER		39
#define EXIT		40
#define NO_LEAF		41	/* RAX that no leaf has */
#define PARAM		42	/* a byte of TD_PARAMS */
#define PROCESSOR	43	/* that makes the calls from now on */
#define POISON		44	/* an integrity error */
#define ENVIRONMENT	45	/* PCONFIG, entropy */
#define GUEST_ACCESS	46
#define LIVES		47	/* vCPUs and pages, as tests look at them */
#define NR_OPS		64

/* Fields, without what their numbers have in common */
static const u64 fields[] = {
	0x11ull << 56 | 10, 0x11ull << 56 | 11, 0x94ull << 56,
	0x94ull << 56 | 7 << 9, 0x94ull << 56 | 0x1ff, 0x94ull << 56 | 3ull << 9 | 0x1fe,
	0x94ull << 56 | 1ull << 16 | 8 << 9 | 0x1fe, 2, 0x2016, 0x203c, 0x4000,
	0x20ull << 56 | 11, 0x91ull << 56 | 0x100, 0x08ull << 56 | 3,
	0x0aull << 56 | 8, 0x91ull << 56 | 8, 0x91ull << 56 | 0x10,
	0x98ull << 56, 0x98ull << 56 | 0x100, 0x19ull << 56, 0x99ull << 56 | 4,
	0x99ull << 56 | 0x400, 0x99ull << 56 | 0x500, 0x89ull << 56,
};

static u64 field_of(const u8 *r)
{
	u64 id = fields[r[3] % (sizeof(fields) / sizeof(*fields))];

	if (r[3] & 0x80)
		id += r[4] & 7;
	return r[5] == 0xff ? id | 1ull << (r[4] & 63) : id;
}

/* Two TDMRs that are good, and up to two words of them that need not be. */
static void write_tdmrs(const u8 *r)
{
	static const u64 values[] = {
		0, 1, 0x800, 0x1000, 1u << 30, 2u << 30, 1ull << 32, 1ull << 47,
		~0ull, ~0xfffull, 0x50000000, TDX_WORLD_PAMT, 0x80400000,
		8u << 20,
	};
	u64 *p;
	u32 i;

	for (i = 0; i < 2; i++) {
		((u64 *)tdx_world_page(w, TDMRS))[i] = TDMR(i);
		p = (u64 *)tdx_world_page(w, TDMR(i)) + (TDMR(i) & 0xfff) / 8;
		memset(p, 0, 512);
		p[0] = i ? TDX_WORLD_TDMR_UNINIT : TDX_WORLD_TDMR;
		p[1] = 1u << 30;
		p[6] = TDX_WORLD_PAMT + i * 0x800000ull;
		p[7] = 4u << 20;
		p[4] = p[6] + p[7];
		p[5] = 0x2000;
		p[2] = p[4] + p[5];
		p[3] = 0x1000;
		/* Nothing that the areas are in */
		p[8] = 0x3f000000;
		p[9] = 1u << 20;
	}
	for (i = 0; i < 2; i++) {
		u8 at = r[2 + 2 * i], value = r[3 + 2 * i];

		if (!value)
			continue;
		p = (u64 *)tdx_world_page(w, TDMR(at & 1)) + (TDMR(at & 1) & 0xfff) / 8;
		p += (at >> 1) % 14;
		if (value & 0x80)
			*p += values[value % 14];
		else
			*p = values[value % 14];
	}
}

static void fill_regs(u32 leaf, const u8 *r, struct sim_tdx_regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	switch (leaf) {
	case SIM_TDH_MNG_CREATE:
		regs->rcx = tdr_of(r[1]);
		regs->rdx = 33 + (r[2] & 1) + (r[2] >= 0xf0 ? 40 : 0);
		break;
	case SIM_TDH_MNG_INIT:
		regs->rcx = tdr_of(r[1]);
		regs->rdx = PARAMS;
		break;
	case SIM_TDH_MNG_ADDCX:
		regs->rcx = page_of(r[2]);
		regs->rdx = tdr_of(r[1]);
		break;
	case SIM_TDH_VP_CREATE:
		regs->rcx = vp_of(r[2]);
		regs->rdx = tdr_of(r[1]);
		break;
	case SIM_TDH_VP_ADDCX:
		regs->rcx = page_of(r[2]);
		regs->rdx = vp_of(r[1]);
		break;
	case SIM_TDH_VP_INIT:
	case SIM_TDH_VP_FLUSH:
	case SIM_TDH_VP_ENTER:
		regs->rcx = vp_of(r[1]);
		regs->r8 = r[2] >= 0xf8 ? 1ull << 32 : r[2] & 3;
		break;
	case SIM_TDH_MNG_RD:
		regs->rcx = tdr_of(r[1]);
		regs->rdx = field_of(r);
		break;
	case SIM_TDH_VP_RD:
	case SIM_TDH_VP_WR:
		regs->rcx = vp_of(r[1]);
		regs->rdx = field_of(r);
		regs->r8 = r[2] & 1 ? page_of(r[2]) : r[2];
		regs->r9 = r[6] & 1 ? ~0ull : r[6];
		break;
	case SIM_TDH_SYS_INIT:
	case SIM_TDH_SYS_SHUTDOWN:
		regs->rcx = r[1] == 0xff;
		break;
	case SIM_TDH_SYS_RD:
		regs->rdx = field_of(r);
		break;
	case SIM_TDH_SYS_CONFIG:
		write_tdmrs(r);
		regs->rcx = TDMRS + (r[1] >= 0xf8 ? 8 : 0);
		regs->rdx = r[1] & 0x40 ? r[1] & 0x3f : 1 + (r[1] & 1);
		regs->r8 = r[6] >= 0xf8 ? r[6] : 32 + (r[6] & 1);
		break;
	case SIM_TDH_SYS_TDMR_INIT:
		regs->rcx = r[1] >= 0xf8 ? page_of(r[2]) : r[1] & 1 ?
			TDX_WORLD_TDMR_UNINIT : TDX_WORLD_TDMR;
		break;
	case SIM_TDH_MNG_KEY_CONFIG:
	case SIM_TDH_MEM_TRACK:
	case SIM_TDH_MR_FINALIZE:
	case SIM_TDH_MNG_VPFLUSHDONE:
	case SIM_TDH_MNG_KEY_FREEID:
		regs->rcx = tdr_of(r[1]);
		break;
	case SIM_TDH_PHYMEM_CACHE_WB:
		regs->rcx = r[1] % 3;
		break;
	case SIM_TDH_PHYMEM_PAGE_RDMD:
	case SIM_TDH_PHYMEM_PAGE_RECLAIM:
	case SIM_TDH_PHYMEM_PAGE_WBINVD:
		regs->rcx = page_of(r[2]);
		if (leaf == SIM_TDH_PHYMEM_PAGE_WBINVD && r[3] & 1)
			regs->rcx |= (u64)(32 + (r[3] >> 1 & 31)) << 46;
		break;
	case SIM_TDH_MR_EXTEND:
		regs->rcx = (gpa_of(r[3], 0) & ~0xfffull) + (r[4] & 15) * 256;
		regs->rdx = tdr_of(r[1]);
		break;
	default:
		regs->rcx = gpa_of(r[3], r[4]);
		regs->rdx = tdr_of(r[1]);
		regs->r8 = page_of(r[2]);
		regs->r9 = SOURCE;
		if (leaf == SIM_TDH_MEM_SEPT_ADD || leaf == SIM_TDH_MEM_SEPT_RD ||
		    leaf == SIM_TDH_MEM_PAGE_DEMOTE)
			regs->rdx |= r[5] & (r[5] >= 0xf8 ? 3 : 1);
		if (leaf == SIM_TDH_MEM_PAGE_ADD && r[5] >= 0xf8)
			regs->r9 = page_of(r[5]);
		if (r[7] & 1 && !(r[5] & 2))
			regs->r9 = regs->r10 = regs->r11 = ~0ull;
		if (leaf == SIM_TDH_MEM_PAGE_AUG && (regs->rcx & 7) == 1)
			regs->r8 = L(r[2] % 3);
	}
}

/* The entry that the last call was about */
static struct {
	u64 tdr;
	u64 rcx;
} named;

/* Before it is ready, and after the end, the module says only that. */
static bool is_refused(u64 status)
{
	u32 code = status >> 32;

	return (w->t.sys_state != SIM_SYS_READY && code == SIM_TDX_SYS_NOT_READY) ||
	       (w->t.sys_state == SIM_SYS_SHUTDOWN && code == SIM_TDX_SYS_SHUTDOWN);
}

static bool is_listed(const struct sim_tdx_op *op, u64 status)
{
	u32 i;

	for (i = 0; i < op->nr_statuses; i++)
		if (op->statuses[i] == status >> 32)
			return true;
	return !(status >> 32) || is_refused(status);
}

/*
 * Another processor may hold a lock over the call.  Of the S-EPT's entries
 * only the one that the call is about, so that the entry is still there after.
 */
static bool hold_lock(u32 leaf, const u8 *r, const struct sim_tdx_regs *in,
		      struct sim_tdx_lock *l)
{
	bool rcx = leaf == SIM_TDH_MEM_TRACK || leaf == SIM_TDH_MR_FINALIZE ||
		   leaf == SIM_TDH_MNG_INIT || leaf == SIM_TDH_MNG_RD ||
		   leaf == SIM_TDH_MNG_KEY_CONFIG ||
		   leaf == SIM_TDH_MNG_VPFLUSHDONE ||
		   leaf == SIM_TDH_MNG_KEY_FREEID;

	memset(l, 0, sizeof(*l));
	l->exclusive = !(r[7] & 0x10);
	l->tdr = (rcx ? in->rcx : in->rdx) & ~0xfffull;
	switch (r[7] >> 5) {
	case 1:
		l->kind = SIM_LOCK_PAMT;
		l->level = r[7] >> 1 & 1;
		l->at = r[7] & 4 ? l->tdr : page_of(r[2]) & ~0xfffull;
		break;
	case 2:
		l->kind = SIM_LOCK_OP_STATE;
		break;
	case 3:
		l->kind = SIM_LOCK_TREE;
		break;
	case 4:
		l->kind = SIM_LOCK_EPOCH;
		break;
	case 5:
		l->kind = r[7] & 2 ? SIM_LOCK_WBT : SIM_LOCK_KOT;
		break;
	case 6:
		l->kind = SIM_LOCK_SYS;
		break;
	case 7:
		/* That would stop the module. */
		if (leaf == SIM_TDH_MEM_PAGE_ADD)
			return false;
		l->kind = SIM_LOCK_SEPT_ENTRY;
		l->at = in->rcx & ~0xfffull;
		l->level = in->rcx & 7;
		l->exclusive = true;
		break;
	default:
		return false;
	}
	if (l->kind == SIM_LOCK_PAMT && !usable)
		return false;
	return sim_tdx_lock(&w->t, l);
}

/* What the vCPU that is entered does, and the host meanwhile */
static const u8 *guest_script;

static u64 run_guest(struct tdx_world *world, u64 tdvpr, u64 tdr)
{
	const u8 *r = guest_script;
	struct sim_tdx_regs regs = { .rcx = tdr };

	(void)tdvpr;
	named.tdr = tdr;
	named.rcx = gpa_of(r[3], r[4]);
	sim_tdx_accept(&world->t, tdr, named.rcx, NULL);
	if (r[5] & 1)
		sim_seamcall(&world->t, SIM_TDH_MEM_TRACK, &regs);
	regs = (struct sim_tdx_regs){ .rcx = tdr };
	/* The TDR is held while the guest runs. */
	if (sim_seamcall(&world->t, SIM_TDH_MR_FINALIZE, &regs) !=
	    tdx_status(SIM_TDX_OPERAND_BUSY, SIM_OPND_RCX))
		fuzz_fail("the TDR is free while a vCPU runs");
	return r[2] == 0xff ? (u64)SIM_TDX_NON_RECOVERABLE_VCPU << 32 : 1;
}

/* Bits that were not to be written keep their value. */
static void check_written(const struct sim_tdx_regs *in, u64 old)
{
	struct sim_tdx_regs regs = { .rcx = in->rcx, .rdx = in->rdx };

	if (sim_seamcall(&w->t, SIM_TDH_VP_RD, &regs) ||
	    (regs.r8 ^ old) & ~in->r9)
		fuzz_fail("another bit was written");
}

/* Return: something may have changed */
static bool seamcall(u32 leaf, const u8 *r)
{
	const struct sim_tdx_op *op = sim_tdx_find_op(leaf);
	struct sim_tdx_regs in, regs;
	struct sim_tdx_lock lock;
	const char *name;
	bool locked;
	u64 status;

	fill_regs(leaf, r, &in);
	regs = in;
	named.rcx = in.rcx;
	named.tdr = in.rdx;
	guest_script = r;
	locked = hold_lock(leaf, r, &in, &lock);
	w->interrupt = r[6] >= 0xf8 ? r[6] & 7 : -1;
	w->polls = 0;
	status = sim_seamcall(&w->t, leaf | (u64)(r[7] & 1 && op->max_version) << 16, &regs);
	w->interrupt = -1;
	name = sim_tdx_status_name(status);
	fuzz_op("%s rcx=%#llx rdx=%#llx r8=%#llx -> %#llx %s%s", op->name,
		(unsigned long long)in.rcx, (unsigned long long)in.rdx,
		(unsigned long long)in.r8, (unsigned long long)status,
		name ? name : "?", locked ? ", something locked" : "");
	if (locked)
		sim_tdx_unlock(&w->t, &lock);
	if (status == SIM_TDX_VMFAIL_INVALID)
		fuzz_fail("the module stopped");
	fuzz_seen(2u << 30 | last << 20 | leaf << 12 | (status >> 32 & 0xfff));
	if (!(status >> 32))
		last = leaf | (in.rcx & 1) << 7;
	if (leaf == SIM_TDH_VP_ENTER)
		return true;	/* what it gives is up to the guest */
	if (!is_listed(op, status))
		fuzz_fail("the table does not know this status");
	if (!(status >> 32)) {
		log_call(leaf, &in);
		if (leaf == SIM_TDH_VP_WR)
			check_written(&in, regs.r8);
		return true;
	}
	if (status >> 63 && status >> 32 != SIM_TDX_INTERRUPTED_RESUMABLE) {
		check_unchanged();
		return false;
	}
	return true;
}

/* ---- what is no leaf ---- */

static void no_leaf(const u8 *r)
{
	u64 rax = r[1] | (u64)(r[2] & 3) << 16, status;
	struct sim_tdx_regs regs;

	if (r[3] >= 0xf0)
		rax |= 1ull << (24 + r[4] % 40);
	else if (sim_tdx_find_op(r[1]) && (r[2] & 3) < 2)
		return;
	fill_regs(SIM_TDH_MEM_SEPT_RD, r, &regs);
	status = sim_seamcall(&w->t, rax, &regs);
	fuzz_op("RAX %#llx -> %#llx", (unsigned long long)rax,
		(unsigned long long)status);
	if (status != tdx_status(SIM_TDX_OPERAND_INVALID, SIM_OPND_RAX) &&
	    !is_refused(status))
		fuzz_fail("a leaf that does not exist");
	check_unchanged();
}

static void set_param(const u8 *r)
{
	u8 *p = tdx_world_page(w, PARAMS);
	u32 at = (r[1] | r[2] << 8) & 0x3ff;

	/* Most of the page is CPUID, and reserved. */
	if (r[2] & 0x80)
		at &= 0x3f;
	fuzz_op("TD_PARAMS %u", at);
	p[at] = r[3] & 1 ? p[at] ^ 1 << (r[3] >> 1 & 7) : r[3];
}

/* Read back what the guest wrote, and see that others can't. */
static void guest_access(const u8 *r)
{
	u64 tdr = tdr_of(r[1]), gpa = (gpa_of(r[3], 0) & ~7ull) + r[4] * 8;
	u8 text[24], got[24];

	memset(text, r[5], sizeof(text));
	fuzz_op("guest access %#llx", (unsigned long long)gpa);
	if (!sim_tdx_guest_write(&w->t, tdr, gpa, text, 1 + r[6] % 24))
		return;
	if (!sim_tdx_guest_read(&w->t, tdr, gpa, got, 1 + r[6] % 24) ||
	    memcmp(text, got, 1 + r[6] % 24))
		fuzz_fail("the guest does not read what it wrote");
}

/* Every page in use is found, and says whose it is. */
static void look_at_lives(void)
{
	u64 pages[NR_TDS] = { 0 }, pa = 0, touched = 0;
	struct sim_tdx_page_info info, same;
	struct sim_tdx_vp_info vp;
	struct sim_tdx_td_info td;
	u32 i;

	if (w->t.sys_state != SIM_SYS_READY)
		return;
	for (; sim_tdx_next_page(&w->t, &pa, &info); pa += tdx_size(info.size)) {
		if (!sim_tdx_next_touched(&w->t, &touched, &same) || touched != pa ||
		    same.type != info.type || same.size != info.size)
			fuzz_fail("page %#llx is not known to be touched",
				  (unsigned long long)pa);
		touched += tdx_size(same.size);
		for (i = 0; i < NR_TDS; i++)
			if (info.type != SIM_PT_TDR && info.owner == tdr_nr(i))
				pages[i] += tdx_size(info.size) >> 12;
		if (info.type == SIM_PT_TDVPR && sim_tdx_vp_info(&w->t, pa, &vp) &&
		    vp.tdr != info.owner)
			fuzz_fail("a vCPU is that of another TD");
	}
	if (sim_tdx_next_touched(&w->t, &touched, &same))
		fuzz_fail("page %#llx is touched, and not in use",
			  (unsigned long long)touched);
	for (i = 0; i < NR_TDS; i++)
		if (sim_tdx_td_info(&w->t, tdr_nr(i), &td) &&
		    td.children != pages[i])
			fuzz_fail("not all pages of TD %u are found", i);
}

static bool areas_have_pamt(void)
{
	u32 i;

	for (i = 0; i < NR_AREAS; i++)
		if (!tdx_pamt_entry(&w->t, areas[i], TDX_4K) ||
		    !tdx_pamt_entry(&w->t, areas[i] + 0x1ff000, TDX_4K))
			return false;
	return true;
}

static void step(const u8 *r)
{
	u32 op = r[0] % NR_OPS, leaf = TDG_MEM_PAGE_ACCEPT;
	bool changed = true;
	u64 status;
	u32 n;

	remember();
	switch (op) {
	case ACCEPT:
		named.tdr = tdr_of(r[1]);
		named.rcx = gpa_of(r[3], r[4]);
		w->interrupt = r[6] >= 0xf8 ? r[6] & 7 : -1;
		w->polls = 0;
		status = sim_tdx_accept(&w->t, named.tdr, named.rcx, NULL);
		w->interrupt = -1;
		fuzz_op("ACCEPT %#llx -> %#llx",
			(unsigned long long)named.rcx,
			(unsigned long long)status);
		check_unchanged();
		break;
	case ENTER:
		status = sim_tdx_associate(&w->t, vp_of(r[1]));
		fuzz_op("enter -> %#llx", (unsigned long long)status);
		break;
	case EXIT:
		status = sim_tdx_td_exit(&w->t, vp_of(r[1]));
		fuzz_op("exit -> %#llx", (unsigned long long)status);
		break;
	case NO_LEAF:
		no_leaf(r);
		break;
	case PARAM:
		set_param(r);
		break;
	case PROCESSOR:
		w->lp = r[1] & 3;
		w->package = w->lp % w->t.cfg.nr_packages;
		fuzz_op("processor %u", w->lp);
		break;
	case POISON:
		fuzz_op("poison");
		if (r[2] >= 0xf0)
			sim_tdx_poke(&w->t, tdr_of(r[1]), SIM_FIELD_FATAL, 1);
		break;
	case ENVIRONMENT:
		fuzz_op("environment %u", r[1] & 7);
		w->no_entropy = r[1] & 1;
		w->pconfig = r[1] & 2 ? SIM_PCONFIG_BUSY :
			     r[1] & 4 ? SIM_PCONFIG_ENTROPY : SIM_PCONFIG_OK;
		break;
	case GUEST_ACCESS:
		guest_access(r);
		break;
	case LIVES:
		fuzz_op("lives");
		look_at_lives();
		break;
	default:
		leaf = leaves[op];
		changed = seamcall(leaf, r);
		/* A TDMR is done in many small steps. */
		for (n = 0; leaf == SIM_TDH_SYS_TDMR_INIT && changed &&
		     r[2] & 1 && n < 256; n++)
			changed = seamcall(leaf, r);
		if (leaf == SIM_TDH_VP_ENTER)
			leaf = TDG_MEM_PAGE_ACCEPT;
	}
	if (usable != areas_have_pamt()) {
		usable = !usable;
		check_all(true, true);
	}
	if (changed)
		check_shape(leaf, named.tdr, named.rcx);
	check_all(changed, false);
}

/* ---- a TD to begin with ---- */

static void call(u32 leaf, u64 rcx, u64 rdx, u64 r8)
{
	struct sim_tdx_regs regs = { .rcx = rcx, .rdx = rdx, .r8 = r8 };
	struct sim_tdx_regs in = regs;

	if (sim_seamcall(&w->t, leaf, &regs))
		fuzz_fail("leaf %u fails", leaf);
	log_call(leaf, &in);
}

static void build_td(u32 td)
{
	u64 tdr = tdr_nr(td), vp = tdr + 0xa000;
	u32 i;

	call(SIM_TDH_MNG_CREATE, tdr, 33 + td, 0);
	for (i = w->t.cfg.nr_packages; i--; ) {
		w->package = i;
		call(SIM_TDH_MNG_KEY_CONFIG, tdr, 0, 0);
	}
	for (i = 1; i <= 6; i++)
		call(SIM_TDH_MNG_ADDCX, tdr + i * 0x1000, tdr, 0);
	call(SIM_TDH_MNG_INIT, tdr, PARAMS, 0);
	call(SIM_TDH_VP_CREATE, vp, tdr, 0);
	for (i = 1; i <= 5; i++)
		call(SIM_TDH_VP_ADDCX, vp + i * 0x1000, vp, 0);
	call(SIM_TDH_VP_INIT, vp, 0, 0);
	for (i = 3; i; i--)
		call(SIM_TDH_MEM_SEPT_ADD, i, tdr, tdr + 0x17000 - i * 0x1000);
}

/* The module was just loaded. */
static void power_on(u8 how)
{
	struct sim_tdx_config cfg = w->t.cfg;

	cfg.nr_lps = how & 8 ? 2 : 1;
	cfg.nr_tdmrs = 0;
	memset(cfg.tdmr, 0, sizeof(cfg.tdmr));
	cfg.cmr[0] = (struct sim_tdx_area){ 0x40000000, 0x90000000 };
	cfg.cmr[1] = (struct sim_tdx_area){ 0x100000000, 0x140000000 };
	cfg.nr_cmrs = 2;
	if (sim_tdx_power_on(&w->t, &cfg))
		fuzz_fail("power on fails");
	tdx_world_watch(w);
	usable = false;
}

static void reset(const u8 *header)
{
	static const struct sim_tdx_cpuid_config cpuid[] = {
		{ .leaf = 3, .subleaf = ~0u, .allowed = { 0xf, 0, 0xff00, 0 } },
		{ .leaf = 7, .subleaf = 1, .allowed = { 0x30, 0, 0, 0xf } },
	};
	u64 *p;
	u32 i;

	if (!w)
		w = tdx_world_new();
	tdx_world_reset(w, header[1] & 4 ? 2 : 1,
			header[1] & 1 ? SIM_TDX_LATER : SIM_TDX_1_5_01);
	tdx_world_watch(w);
	w->run = run_guest;
	w->t.cfg.nr_cpuid = 2;
	memcpy(w->t.cfg.cpuid, cpuid, sizeof(cpuid));
	memset(tds, 0, sizeof(tds));
	last = 0;
	p = (u64 *)tdx_world_page(w, PARAMS);
	p[1] = 7;
	p[2] = 3;
	p[3] = 0x1e;
	p[5] = 40;
	p = (u64 *)tdx_world_page(w, SOURCE);
	for (i = 0; i < 512; i++)
		p[i] = 0x9e3779b97f4a7c15ull + i;
	memset(shape, E_NONE, sizeof(shape));
	if (header[1] & 2) {
		power_on(header[1]);
		return;
	}
	for (i = 0; i < NR_TDS; i++)
		if (header[2] >> i & 1)
			build_td(i);
	check_shape(0, 0, 0);
	usable = areas_have_pamt();
	check_all(true, true);
}

/* Of the leaves: SEPT.ADD to MR.EXTEND */
#define FIRST_MEMORY	10
#define NR_MEMORY	20

/* What goes on at one address, most often of the first TD, with a free page. */
static void usual(u32 what, u32 where, u8 *r)
{
	static const u8 at[][2] = {
		{ 0, 0 }, { 1, 0 }, { 2, 0 }, { 0, 1 }, { 0x40, 1 }, { 0x80, 1 },
	};
	const u8 *place = at[where % (sizeof(at) / sizeof(at[0]))];

	u32 op = what % (NR_MEMORY + 1);

	memset(r, 0, FUZZ_RECORD);
	r[0] = op < NR_MEMORY ? FIRST_MEMORY + op : ACCEPT;
	r[1] = !(where >> 8 & 7);
	r[2] = 0x28 + (what >> 8) % 16;
	r[3] = place[0];
	r[4] = place[1];
	if (leaves[r[0]] == SIM_TDH_MEM_PAGE_AUG && r[4])
		r[2] = 0xa0 + what % 3;
}

const struct fuzz_model fuzz_tdx = {
	.name = "TDX",
	.reset = reset,
	.step = step,
	.usual = usual,
};
