// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on the SNP machine, and what must hold after each of them:
 * an entry changes only as the page states allow, and not at all if the
 * operation failed; counts tell what the entries tell; an ASID has one guest;
 * digests are those of the log kept here.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "../internal.h"
#include "fuzz.h"
#include "world.h"

#define CMDBUF		0x10000ull
#define HOST_BUF	0x11000ull	/* never an operand */
#define REQUEST		0x12000ull
#define NR_REGIONS	5
#define PER_REGION	512

static const u64 regions[NR_REGIONS] = {
	0, 0x200000, 0x600000, 0x800000, 0xa00000,
};

static struct world *w;
static struct sim_rmp_raw before[NR_REGIONS][PER_REGION];

/* What the launch digests must be. */
struct shadow {
	u8 ld[48];
	u8 imd[48];
};

static struct shadow shadows[NR_REGIONS][PER_REGION];
static SHA256_CTX sev_log[4];	/* of handles that operations name */
static u32 last;		/* operation that succeeded */
static bool rmp_is_old;		/* contexts of an earlier life may exist */

/* ---- operands ---- */

static u64 page_of(u8 b)
{
	switch (b % 32) {
	case 0 ... 3:
		return 0x200000 + b % 32 * 0x1000;
	case 4 ... 15:
		return 0x600000 + (b % 32 - 4) * 0x1000;
	case 16 ... 18:
		return 0x800000 + (b % 32 - 16) * 0x1000;
	case 19:
		return 0x9ff000;
	case 20:
		return 0xa00000;
	case 21:
		return 0xa01000;
	case 22:
		return CMDBUF;
	case 23:
		return WORLD_RMP_BASE;
	case 24:
		return WORLD_HOLE;
	case 25:
		return 0xa0000;
	case 26:
		return 0xfc00000;
	case 27:
		return WORLD_IOMMU;
	case 28:
		return 0x600008;
	case 29:
		return 0x200000 | SIM_C_BIT;
	case 30:
		return 0x200000;
	default:
		return 0x800000;
	}
}

static u32 asid_of(u8 b)
{
	return b & 0x80 ? 98 + (b & 3) : b & 3;
}

static u64 gpa_of(u8 b)
{
	return b & 0x80 ? (u64)(b & 7) << 21 : (u64)(b & 15) << 12;
}

/* ---- what must hold ---- */

static enum sim_page_state state_of(const struct sim_rmp_raw *e)
{
	return sim_rmp_entry_state(e);
}

#define S(_state)	(1u << SIM_PAGE_##_state)
#define GUEST		(S(GUEST_VALID) | S(GUEST_INVALID))
#define PRE		(S(PRE_GUEST) | S(PRE_SWAP))
/* The host can change what is not immutable, a guest what is its own. */
#define OPEN		(S(HYPERVISOR) | S(RECLAIM) | GUEST)
/* Instructions, among the commands */
#define X86_RMPUPDATE	0x1000u
#define X86_PVALIDATE	0x1001u

/* Which commands and instructions take a page from which state to which. */
static const struct {
	u32 cmd;
	u32 from;
	u32 to;
} moves[] = {
	{ X86_RMPUPDATE, OPEN, S(HYPERVISOR) | S(FIRMWARE) | S(RECLAIM) },
	{ X86_RMPUPDATE, OPEN, S(PRE_GUEST) | S(GUEST_INVALID) | S(INVALID) },
	{ X86_RMPUPDATE, S(GUEST_VALID), S(PRE_SWAP) },
	{ X86_PVALIDATE, S(GUEST_INVALID), S(GUEST_VALID) },
	{ X86_PVALIDATE, S(GUEST_VALID), S(GUEST_INVALID) },
	{ SIM_CMD_SNP_GCTX_CREATE, S(FIRMWARE), S(CONTEXT) },
	{ SIM_CMD_SNP_DECOMMISSION, S(CONTEXT), S(FIRMWARE) },
	{ SIM_CMD_SNP_GUEST_REQUEST, S(CONTEXT), S(FIRMWARE) },
	{ SIM_CMD_SNP_LAUNCH_UPDATE, S(PRE_GUEST), S(GUEST_VALID) },
	{ SIM_CMD_SNP_PAGE_RECLAIM, S(FIRMWARE) | S(METADATA), S(RECLAIM) },
	{ SIM_CMD_SNP_PAGE_RECLAIM, S(PRE_GUEST), S(GUEST_INVALID) },
	{ SIM_CMD_SNP_PAGE_RECLAIM, S(PRE_SWAP), S(GUEST_VALID) },
	{ SIM_CMD_SNP_PAGE_MOVE, S(PRE_GUEST), GUEST },
	{ SIM_CMD_SNP_PAGE_MOVE, S(PRE_SWAP), S(GUEST_INVALID) },
	{ SIM_CMD_SNP_PAGE_MOVE, S(FIRMWARE), S(METADATA) },
	{ SIM_CMD_SNP_PAGE_MOVE, S(METADATA), S(FIRMWARE) },
	{ SIM_CMD_SNP_PAGE_MD_INIT, S(FIRMWARE), S(METADATA) },
	{ SIM_CMD_SNP_PAGE_SWAP_OUT, S(PRE_SWAP), S(PRE_GUEST) },
	{ SIM_CMD_SNP_PAGE_SWAP_OUT, S(METADATA), S(FIRMWARE) },
	{ SIM_CMD_SNP_PAGE_SWAP_IN, S(PRE_GUEST), S(PRE_SWAP) },
	{ SIM_CMD_SNP_PAGE_SWAP_IN, S(FIRMWARE), S(METADATA) },
	{ SIM_CMD_SNP_PAGE_SET_STATE, S(FIRMWARE), S(HV_FIXED) },
	/* Sub-pages of a page that was put together say little. */
	{ SIM_CMD_SNP_PAGE_UNSMASH, PRE, S(RECLAIM) | S(INVALID) },
};

static bool may_move(u32 cmd, enum sim_page_state from,
		     enum sim_page_state to)
{
	u32 i;

	for (i = 0; i < sizeof(moves) / sizeof(*moves); i++)
		if (moves[i].cmd == cmd && moves[i].from & 1u << from &&
		    moves[i].to & 1u << to)
			return true;
	return false;
}

/* The buffer of a legacy command goes back to the host, whatever comes of it. */
static bool is_buffer(u32 cmd, enum sim_page_state from,
		      enum sim_page_state to, u64 pa)
{
	const struct sim_psp_op *op = sim_psp_op(cmd);

	return op && op->flags & SIM_OP_WRITES_BUF && pa == CMDBUF &&
	       from == SIM_PAGE_FIRMWARE && to == SIM_PAGE_RECLAIM;
}

/* A guest has exported itself when its response turns out not to fit. */
static bool is_exported(u32 cmd, enum sim_page_state from,
			enum sim_page_state to)
{
	return cmd == SIM_CMD_SNP_GUEST_REQUEST && may_move(cmd, from, to);
}

static void check_moves(u32 cmd, bool failed)
{
	const u64 ignore = SIM_RMP_SUBPAGES;
	u32 r, i;

	for (r = 0; r < NR_REGIONS; r++) {
		const struct sim_rmp_raw *now =
			sim_rmp_entry(&w->m, regions[r] >> 12);

		if (!memcmp(now, before[r], sizeof(before[r])))
			continue;
		for (i = 0; i < PER_REGION; i++) {
			enum sim_page_state from = state_of(&before[r][i]);
			enum sim_page_state to = state_of(&now[i]);
			u64 pa = regions[r] + i * 0x1000ull;

			if (!((now[i].lo ^ before[r][i].lo) & ~ignore) &&
			    now[i].hi == before[r][i].hi)
				continue;
			if (from == to && !failed)
				continue;
			fuzz_seen(cmd << 8 | from << 4 | to);
			if (!is_buffer(cmd, from, to, pa) &&
			    !is_exported(cmd, from, to) &&
			    (failed || !may_move(cmd, from, to)))
				fuzz_fail("page %#llx went from %s to %s%s",
					  (unsigned long long)pa,
					  sim_page_state_name(from),
					  sim_page_state_name(to),
					  failed ? " by a failure" : "");
		}
	}
}

/* One page that an instruction changed. */
static void check_move(u32 cmd, u64 pa, enum sim_page_state from,
		       enum sim_page_state to)
{
	if (from != to && !may_move(cmd, from, to))
		fuzz_fail("page %#llx went from %s to %s",
			  (unsigned long long)pa, sim_page_state_name(from),
			  sim_page_state_name(to));
}

/* What was found in a region when it last changed. */
static struct {
	u16 pages[128];		/* by ASID */
	u16 context[16];
	u32 nr_contexts;
} found[NR_REGIONS];

static void look_at_region(u32 r)
{
	const struct sim_rmp_raw *e = sim_rmp_entry(&w->m, regions[r] >> 12);
	bool large = (e->lo & 3) == 3;
	u32 i, subs = 0, asid;

	memset(&found[r], 0, sizeof(found[r]));
	for (i = 0; i < PER_REGION; i++) {
		bool assigned = e[i].lo & SIM_RMP_ASSIGNED;

		if (!(e[i].lo & ~SIM_RMP_SUBPAGES) && !large)
			continue;
		asid = sim_rmp_get_asid(&e[i]);
		if (!(e[i].lo & SIM_RMP_LOCK) != !(e[i].lo & SIM_RMP_IMMUTABLE))
			fuzz_fail("lock and immutable differ");
		if (i)
			subs += assigned;
		if (i && large &&
		    (!assigned || asid || e[i].lo & SIM_RMP_IMMUTABLE))
			fuzz_fail("page %u of a large one has another owner", i);
		if (i && e[i].lo & SIM_RMP_2M)
			fuzz_fail("a large page begins at page %u", i);
		if (asid >= 128)
			fuzz_fail("ASID %u was never given", asid);
		if (assigned && asid)
			found[r].pages[asid] += e[i].lo & SIM_RMP_2M ?
							PER_REGION : 1;
		if (state_of(&e[i]) == SIM_PAGE_CONTEXT &&
		    found[r].nr_contexts < 16)
			found[r].context[found[r].nr_contexts++] = i;
	}
	if (!large && subs != sim_rmp_get_subpages(e))
		fuzz_fail("region %#llx counts %u pages, has %u",
			  (unsigned long long)regions[r],
			  sim_rmp_get_subpages(e), subs);
}

static void check_counts(bool all)
{
	u32 r, asid, n;

	for (r = 0; r < NR_REGIONS; r++)
		if (all || memcmp(sim_rmp_entry(&w->m, regions[r] >> 12),
				  before[r], sizeof(before[r])))
			look_at_region(r);
	for (asid = 1; asid < 128; asid++) {
		for (r = 0, n = 0; r < NR_REGIONS; r++)
			n += found[r].pages[asid];
		if (n != sim_rmp_asid_count(&w->m, asid))
			fuzz_fail("ASID %u counts %llu pages, has %u", asid,
				  (unsigned long long)sim_rmp_asid_count(&w->m, asid),
				  n);
	}
}

static void check_asids(const u8 guests[128])
{
	const struct sim_asids *a = &w->m.asids;
	u32 all = sim_all_ccx(&w->m), i;

	if (w->m.snp_state != SIM_PLAT_INIT)
		return;
	for (i = 1; i < 128; i++) {
		if ((a->dirty[i] | a->clean[i] | a->allocated[i] |
		     a->in_use[i]) != all ||
		    a->dirty[i] + a->clean[i] + a->allocated[i] +
		    a->in_use[i] != all)
			fuzz_fail("ASID %u is not in one state", i);
		if (a->valid[i] & ~a->in_use[i])
			fuzz_fail("ASID %u may run without a guest", i);
		if (rmp_is_old)
			continue;
		if (guests[i] != !!(a->allocated[i] | a->in_use[i]))
			fuzz_fail("ASID %u has %u guests", i, guests[i]);
	}
}

static void check_digests(void)
{
	u8 guests[128] = { 0 };
	struct sim_guest_info info;
	u32 r, i, n, live = 0;

	for (r = 0; r < NR_REGIONS; r++) {
		for (n = 0; n < found[r].nr_contexts; n++) {
			i = found[r].context[n];
			if (!sim_guest_info(&w->m, regions[r] + i * 0x1000,
					    &info))
				fuzz_fail("a context can't be read");
			if (memcmp(info.ld, shadows[r][i].ld, 48) ||
			    memcmp(info.imd, shadows[r][i].imd, 48))
				fuzz_fail("the digest is not that of the log");
			live += info.state != SIM_GUEST_INIT;
			if (info.asid >= 128)
				fuzz_fail("ASID %u was never given", info.asid);
			guests[info.asid]++;
		}
	}
	if (!rmp_is_old && w->m.snp_state && w->m.guest_count != live)
		fuzz_fail("%u guests are counted, %u live", w->m.guest_count,
			  live);
	for (i = 0, live = 0; i < w->m.sev_slots; i++) {
		if (!w->m.sev_guests[i].state)
			continue;
		live++;
		if (w->m.sev_guests[i].b.asid < 128)
			guests[w->m.sev_guests[i].b.asid]++;
	}
	if (live != w->m.sev_guest_count)
		fuzz_fail("%u SEV guests are counted, %u live",
			  w->m.sev_guest_count, live);
	if (w->m.sev_state != SIM_PLAT_UNINIT &&
	    !live != (w->m.sev_state == SIM_PLAT_INIT))
		fuzz_fail("SEV platform state %u, %u guests", w->m.sev_state,
			  live);
	guests[0] = 0;
	check_asids(guests);
}

static bool looked;		/* at every region, since the RMP was built */

static void check_all(void)
{
	if (!w->m.rmp_init) {
		looked = false;
		return;
	}
	check_counts(!looked);
	looked = true;
	check_digests();
}

static void remember(void)
{
	u32 r;

	for (r = 0; r < NR_REGIONS; r++)
		memcpy(before[r], sim_rmp_entry(&w->m, regions[r] >> 12),
		       sizeof(before[r]));
}

/* ---- commands ---- */

static u32 run(u32 cmd, const void *data, u32 len)
{
	enum sim_page_state s = sim_rmp_page_state(&w->m, CMDBUF);
	const struct sim_psp_op *op = sim_psp_op(cmd);
	u64 buf = s == SIM_PAGE_HYPERVISOR || s == SIM_PAGE_FIRMWARE ?
			  CMDBUF : HOST_BUF;
	u32 status, i;

	status = world_psp(w, cmd, buf, data, len);
	fuzz_op("%s -> %u %s", op->name, status, sim_status_name(status));
	for (i = 0; status && i < op->nr_statuses; i++)
		if (op->statuses[i] == status)
			break;
	fuzz_seen(1u << 30 | last << 16 | cmd << 8 | status);
	if (!status)
		last = cmd;
	if (status && i == op->nr_statuses)
		fuzz_fail("the table does not know this status");
	switch (cmd) {
	case SIM_CMD_SNP_INIT:
	case SIM_CMD_SNP_INIT_EX:
		break;		/* everything may change */
	default:
		check_moves(cmd, status);
	}
	return status;
}

static struct shadow *shadow_of(u64 pa)
{
	u32 r;

	pa &= ~SIM_C_BIT;
	for (r = 0; r < NR_REGIONS; r++)
		if (pa >= regions[r] && pa < regions[r] + SIM_2M_SIZE)
			return &shadows[r][(pa - regions[r]) >> 12];
	return NULL;
}

static void extend(u8 digest[48], const u8 contents[48], u32 type, bool imi,
		   u32 perms, u64 gpa)
{
	u8 record[0x70] = { 0 };

	memcpy(record, digest, 48);
	memcpy(record + 48, contents, 48);
	record[0x60] = 0x70;
	record[0x62] = type;
	record[0x63] = imi;
	memcpy(record + 0x64, &perms, 4);
	memcpy(record + 0x68, &gpa, 8);
	SHA384(record, sizeof(record), digest);
}

static void launch_update(const u8 *r)
{
	u64 pa = page_of(r[2]) & ~SIM_C_BIT, gpa, i;
	u32 type = r[3] & 7, large = r[3] >> 3 & 1, imi = r[3] >> 4 & 1;
	struct sim_cmd_launch_update cmd = {
		.gctx_paddr = page_of(r[1]), .page_paddr = page_of(r[2]),
		.vmpl1_perms = r[4], .vmpl3_perms = r[5],
	};
	struct shadow *s = shadow_of(cmd.gctx_paddr);
	u8 contents[48] = { 0 }, page[4096], seen[4096], *mem;
	struct sim_guest_info info;
	struct sim_rmp_owner o;

	/* Large pages of text take long and show nothing new. */
	if (large && type == SIM_PAGE_TYPE_NORMAL)
		type = SIM_PAGE_TYPE_UNMEASURED;
	cmd.flags = large | type << 1 | imi << 4;
	mem = pa < WORLD_MEM ? world_mem(w, pa & ~0xfffull, 4096) : NULL;
	if (mem && r[6] && sim_rmp_page_state(&w->m, pa) ==
				   SIM_PAGE_HYPERVISOR)
		memset(mem, r[6], 64);
	if (mem)
		memcpy(page, mem, 4096);
	if (type == SIM_PAGE_TYPE_NORMAL || type == SIM_PAGE_TYPE_VMSA) {
		if (type == SIM_PAGE_TYPE_VMSA)
			memset(page + 0x2f0, 0, 16);
		SHA384(page, 4096, contents);
	}
	sim_rmp_owner(&w->m, pa, &o);
	gpa = o.gpa;
	if (run(SIM_CMD_SNP_LAUNCH_UPDATE, &cmd, sizeof(cmd)) || !s)
		return;
	for (i = 0; i < (large ? PER_REGION : 1); i++) {
		u32 perms = (u32)r[4] << 8 | (u32)r[5] << 24;

		extend(s->ld, contents, type, imi, perms, gpa + i * 0x1000);
		if (!imi)
			continue;
		/* The same record on top of the other digest. */
		extend(s->imd, contents, type, imi, perms, gpa + i * 0x1000);
	}
	if (type != SIM_PAGE_TYPE_NORMAL && type != SIM_PAGE_TYPE_UNMEASURED)
		return;
	if (!sim_guest_info(&w->m, cmd.gctx_paddr, &info) ||
	    !sim_guest_read(&w->m, info.asid, pa, seen, 4096) ||
	    memcmp(seen, page, 4096))
		fuzz_fail("the guest does not see what was supplied");
	if (!memcmp(mem, page, 4096))
		fuzz_fail("the host still sees the guest's text");
}

static void guest_request(const u8 *r)
{
	static const u8 types[] = {
		SIM_MSG_REPORT_REQ, SIM_MSG_KEY_REQ, SIM_MSG_TSC_INFO_REQ,
		SIM_MSG_EXPORT_REQ, SIM_MSG_VMRK_REQ, SIM_MSG_CPUID_REQ, 2,
	};
	struct sim_cmd_guest_request cmd = {
		.gctx_paddr = page_of(r[1]), .req_paddr = REQUEST,
		.res_paddr = page_of(r[2]) | (r[7] & 0x40 ? 0xc00 : 0),
	};
	u8 *p = world_mem(w, REQUEST, 4096), iv[12] = { 0 };
	struct sim_msg_header h = {
		.algo = 1, .hdr_version = 1, .hdr_size = sizeof(h),
		.msg_type = types[r[3] % sizeof(types)], .msg_version = 1,
		.msg_size = 0x80, .vmpck = r[4] & 3,
	};
	struct sim_ctx ctx;

	memset(p, 0, 4096);
	if (sim_rmp_page_state(&w->m, cmd.gctx_paddr) == SIM_PAGE_CONTEXT &&
	    !sim_ctx_load(&w->m, cmd.gctx_paddr, &ctx)) {
		h.seqno = ctx.msg_count[h.vmpck] + 1 + (r[7] & 1);
		if (h.msg_type == SIM_MSG_EXPORT_REQ ||
		    h.msg_type == SIM_MSG_VMRK_REQ) {
			u64 other = page_of(r[5]);

			memcpy(p + sizeof(h), &other, 8);
		} else {
			p[sizeof(h) + r[5] % 0x80] = r[6];
		}
		memcpy(iv, &h.seqno, 8);
		sim_env_aes256_gcm_seal(ctx.vmpck[h.vmpck], iv,
					(u8 *)&h + 0x30, 0x30, p + sizeof(h),
					h.msg_size, h.tag);
	}
	memcpy(p, &h, sizeof(h));
	run(SIM_CMD_SNP_GUEST_REQUEST, &cmd, sizeof(cmd));
}

/* ---- legacy guests ---- */

static void sev_start(const u8 *r)
{
	struct sim_cmd_sev_start cmd = { .handle = r[1] & 4 ? r[1] & 3 : 0,
					 .policy = r[2] & 0x3f };
	u32 i;

	if (run(SIM_CMD_SEV_LAUNCH_START, &cmd, sizeof(cmd)))
		return;
	/* Whoever has no log yet is new. */
	for (i = 0; i < w->m.sev_slots && i < 4; i++)
		if (w->m.sev_guests[i].state == SIM_SEV_LUPDATE &&
		    !sev_log[i].md_len)
			SHA256_Init(&sev_log[i]);
}

static void sev_update(const u8 *r, u32 which)
{
	struct sim_cmd_sev_range cmd = {
		.handle = r[1] & 3, .paddr = page_of(r[2]) + (r[3] & 0x30),
		.len = which == SIM_CMD_SEV_LAUNCH_UPDATE_VMSA ?
			       4096 : (r[4] & 0x3f) * 16,
	};
	u64 pa = cmd.paddr & ~SIM_C_BIT;
	u8 text[4096 + 1024];
	bool there = pa < WORLD_MEM - sizeof(text);

	/* What the command itself is written to is no text to be measured. */
	if (pa < CMDBUF + 4096 && pa + cmd.len > CMDBUF)
		return;
	if (there)
		memcpy(text, world_mem(w, pa, sizeof(text)), sizeof(text));
	if (!run(which, &cmd, sizeof(cmd)) && there)
		SHA256_Update(&sev_log[cmd.handle - 1], text, cmd.len);
}

static void sev_measure(const u8 *r)
{
	struct sim_cmd_sev_range cmd = {
		.handle = r[1] & 3, .paddr = page_of(r[2]),
		.len = r[3] & 1 ? 0 : 48,
	};
	u8 ld[32];

	if (run(SIM_CMD_SEV_LAUNCH_MEASURE, &cmd, sizeof(cmd)))
		return;
	SHA256_Final(ld, &sev_log[cmd.handle - 1]);
	if (memcmp(ld, w->m.sev_guests[cmd.handle - 1].ld, 32))
		fuzz_fail("the digest is not that of the log");
}

static void sev_handle(const u8 *r)
{
	static const u16 cmds[] = {
		SIM_CMD_SEV_DECOMMISSION, SIM_CMD_SEV_DEACTIVATE,
		SIM_CMD_SEV_LAUNCH_FINISH, SIM_CMD_SEV_SEND_FINISH,
		SIM_CMD_SEV_RECEIVE_FINISH,
	};
	struct sim_cmd_sev_handle cmd = { r[1] & 3 };
	u32 which = cmds[r[2] % 5];

	if (!run(which, &cmd, sizeof(cmd)) &&
	    which == SIM_CMD_SEV_DECOMMISSION)
		memset(&sev_log[cmd.handle - 1], 0, sizeof(*sev_log));
}

static void sev_platform(const u8 *r)
{
	struct sim_cmd_sev_init init = {
		.flags = r[2] & 1, .tmr_paddr = page_of(r[3]),
		.tmr_len = 0x200000,
	};
	struct sim_cmd_sev_buf buf = { .paddr = page_of(r[3]),
				       .len = r[4] & 1 ? 64 : 0 };

	switch (r[1] % 5) {
	case 0:
		run(SIM_CMD_SEV_INIT, &init, sizeof(init));
		break;
	case 1:
		if (r[5] & 3)
			return;
		run(SIM_CMD_SEV_SHUTDOWN, NULL, 0);
		memset(sev_log, 0, sizeof(sev_log));
		break;
	case 2:
		run(SIM_CMD_SEV_PLATFORM_STATUS, NULL, 0);
		break;
	case 3:
		run(SIM_CMD_SEV_DF_FLUSH, NULL, 0);
		break;
	default:
		run(SIM_CMD_SEV_GET_ID, &buf, sizeof(buf));
	}
}

static void sev_rest(const u8 *r)
{
	struct sim_cmd_sev_activate act = { r[2] & 3, asid_of(r[3]) };
	struct sim_cmd_sev_dbg dbg = {
		.handle = r[2] & 3, .src_paddr = page_of(r[3]),
		.dst_paddr = page_of(r[4]), .len = (r[5] & 0xf) * 16,
	};
	struct sim_cmd_sev_guest_status st = { .handle = r[2] & 3 };

	switch (r[1] % 5) {
	case 0:
	case 1:
		run(SIM_CMD_SEV_ACTIVATE, &act, sizeof(act));
		break;
	case 2:
		run(SIM_CMD_SEV_DBG_DECRYPT, &dbg, sizeof(dbg));
		break;
	case 3:
		run(SIM_CMD_SEV_DBG_ENCRYPT, &dbg, sizeof(dbg));
		break;
	default:
		run(SIM_CMD_SEV_GUEST_STATUS, &st, sizeof(st));
	}
}

/* ---- SNP ---- */

static void addr_cmd(u32 which, u64 pa)
{
	struct sim_cmd_addr cmd = { pa };
	struct shadow *s = shadow_of(pa);

	if (!run(which, &cmd, sizeof(cmd)) &&
	    which == SIM_CMD_SNP_GCTX_CREATE && s)
		memset(s, 0, sizeof(*s));
}

static void launch_start(const u8 *r)
{
	struct sim_cmd_launch_start cmd = {
		.gctx_paddr = page_of(r[1]),
		.policy = 0x30000 | (u64)(r[2] & 0xe) << 17,
		.ma_gctx_paddr = r[3] & 1 ? page_of(r[4]) : 0,
		.flags = r[3] & 3,
	};

	run(SIM_CMD_SNP_LAUNCH_START, &cmd, sizeof(cmd));
}

static void activate(const u8 *r)
{
	struct sim_cmd_activate cmd = { page_of(r[1]), asid_of(r[2]) };
	struct sim_cmd_activate_ex ex = {
		.len = sizeof(ex), .gctx_paddr = page_of(r[1]),
		.asid = asid_of(r[2]), .numids = r[3] & 3,
		.ids_paddr = HOST_BUF + 0x800,
	};
	u32 *ids = (u32 *)world_mem(w, HOST_BUF + 0x800, 16);

	if (!(r[4] & 1)) {
		run(SIM_CMD_SNP_ACTIVATE, &cmd, sizeof(cmd));
		return;
	}
	ids[0] = r[5] & 15;
	ids[1] = r[6] & 7;
	ids[2] = r[7] & 7;
	run(SIM_CMD_SNP_ACTIVATE_EX, &ex, sizeof(ex));
}

static void launch_finish(const u8 *r)
{
	struct sim_cmd_launch_finish cmd = {
		.gctx_paddr = page_of(r[1]), .id_block_paddr = HOST_BUF,
		.id_auth_paddr = HOST_BUF, .flags = r[2] & 0xf,
	};

	run(SIM_CMD_SNP_LAUNCH_FINISH, &cmd, sizeof(cmd));
}

static void page_cmd(const u8 *r)
{
	struct sim_cmd_page_move move = {
		.gctx_paddr = page_of(r[2]), .src_paddr = page_of(r[3]),
		.dst_paddr = page_of(r[4]), .flags = r[5] & 1,
	};
	struct sim_cmd_swap swap = {
		.gctx_paddr = page_of(r[2]), .src_paddr = page_of(r[3]),
		.dst_paddr = page_of(r[4]),
		.mdata_paddr = page_of(r[6]) + (r[7] & 3) * 64,
		.flags = r[5] & 0x1f,
	};
	struct sim_cmd_md_init md = { page_of(r[2]), page_of(r[3]) };
	struct sim_cmd_dbg dbg = { page_of(r[2]), page_of(r[3]),
				   page_of(r[4]) };
	struct sim_cmd_page_set_state set = { 16, 0, HOST_BUF };
	struct sim_range_list *list;

	switch (r[1] % 7) {
	case 0:
		run(SIM_CMD_SNP_PAGE_MOVE, &move, sizeof(move));
		break;
	case 1:
		run(SIM_CMD_SNP_PAGE_SWAP_OUT, &swap, sizeof(swap));
		break;
	case 2:
		run(SIM_CMD_SNP_PAGE_SWAP_IN, &swap, sizeof(swap));
		break;
	case 3:
		run(SIM_CMD_SNP_PAGE_MD_INIT, &md, sizeof(md));
		break;
	case 4:
		run(SIM_CMD_SNP_DBG_DECRYPT, &dbg, sizeof(dbg));
		break;
	case 5:
		run(SIM_CMD_SNP_DBG_ENCRYPT, &dbg, sizeof(dbg));
		break;
	default:
		list = (void *)world_mem(w, HOST_BUF + 0x800, 64);
		list->num_elements = r[2] & 3;
		list->rsvd = 0;
		list->ranges[0] = (struct sim_range_elem){ page_of(r[3]),
							   r[4] & 7, 0 };
		list->ranges[1] = (struct sim_range_elem){ page_of(r[5]),
							   r[6] & 3, 0 };
		list->ranges[2] = list->ranges[0];
		set.list_paddr = HOST_BUF + (r[7] & 1 ? 0 : 0x800);
		/* The list has to begin at a page. */
		if (!(r[7] & 1)) {
			memcpy(world_mem(w, REQUEST, 64), list, 64);
			set.list_paddr = REQUEST;
		}
		run(SIM_CMD_SNP_PAGE_SET_STATE, &set, sizeof(set));
	}
}

/*
 * Before there is a platform the firmware does not ask what a page is that it
 * writes to: an old context would be gone.
 */
static bool spoils_context(u64 pa)
{
	return w->m.snp_state == SIM_PLAT_UNINIT && w->m.rmp_init &&
	       sim_rmp_page_state(&w->m, pa) == SIM_PAGE_CONTEXT;
}

static void platform(const u8 *r)
{
	struct sim_cmd_snp_init init = { .flags = r[2] & 1 };
	struct sim_cmd_snp_shutdown down = { .len = 8, .flags = r[2] & 3 };
	struct sim_cmd_guest_status st = { page_of(r[2]), page_of(r[3]) };
	struct sim_cmd_config cfg = { .flags = r[2] & 3 };
	bool had_rmp = w->m.rmp_init;

	switch (r[1] % 8) {
	case 0:
		if (run(SIM_CMD_SNP_INIT_EX, &init, sizeof(init)))
			break;
		rmp_is_old = !(init.flags & 1) && had_rmp;
		break;
	case 1:
		if (r[5] & 7)
			return;		/* not the end of every run */
		run(SIM_CMD_SNP_SHUTDOWN_EX, &down, sizeof(down));
		break;
	case 2:
		run(SIM_CMD_SNP_GUEST_STATUS, &st, sizeof(st));
		break;
	case 3:
		run(SIM_CMD_SNP_CONFIG, &cfg, sizeof(cfg));
		break;
	case 4:
		if (!spoils_context(page_of(r[2])))
			addr_cmd(SIM_CMD_SNP_PLATFORM_STATUS, page_of(r[2]));
		break;
	default:
		run(SIM_CMD_SNP_DF_FLUSH, NULL, 0);
	}
}

/* ---- instructions ---- */

static bool is_immutable(u64 pa)
{
	struct sim_rmp_owner o;

	sim_rmp_owner(&w->m, pa, &o);
	return o.immutable;
}

static void rmpupdate(const u8 *r)
{
	struct sim_rmp_state st = {
		.assigned = r[2] & 1, .immutable = r[2] >> 1 & 1,
		.pagesize = r[2] >> 2 & 1, .asid = asid_of(r[3]),
		.gpa = gpa_of(r[4]),
	};
	u64 pa = page_of(r[1]);
	bool fixed = is_immutable(pa);
	enum sim_page_state was;
	struct sim_rmp_owner o;
	s32 ret;

	if (!(r[2] & 8)) {	/* one that makes sense */
		if (!st.assigned)
			st.asid = st.immutable = 0;
		if (!st.asid)
			st.gpa = 0;
	}
	sim_rmp_owner(&w->m, pa, &o);
	if (r[2] & 16 && o.asid) {	/* the same, for the firmware to work on */
		st.assigned = true;
		st.immutable = r[2] >> 1 & 1;
		st.asid = o.asid;
		st.gpa = o.gpa;
		st.pagesize = o.pagesize;
	}
	was = o.state;
	ret = sim_rmpupdate(&w->m, pa, &st);
	fuzz_op("RMPUPDATE %#llx assigned %u asid %u -> %d",
		(unsigned long long)pa, st.assigned, st.asid, ret);
	if (ret) {
		check_moves(0, true);
		return;
	}
	if (fixed)
		fuzz_fail("an immutable page was changed");
	sim_rmp_owner(&w->m, pa, &o);
	fuzz_seen(last << 8 | was << 4 | o.state);
	last = 0xe0 + o.state;
	check_move(X86_RMPUPDATE, pa, was, o.state);
	if (o.assigned != st.assigned || o.asid != st.asid ||
	    o.immutable != st.immutable ||
	    (st.assigned && (o.gpa != st.gpa || o.pagesize != st.pagesize)))
		fuzz_fail("the page is not what was asked for");
}

static struct sim_guest_access access_of(const u8 *r)
{
	struct sim_rmp_owner o;
	u64 pa = page_of(r[1]);

	sim_rmp_owner(&w->m, pa, &o);
	return (struct sim_guest_access){
		.asid = r[2] & 4 ? asid_of(r[3]) : o.asid,
		.vmpl = r[2] >> 4 & 3,
		.gpa = r[2] & 8 ? gpa_of(r[4]) : o.gpa,
		.spa = pa, .npt_2m = o.pagesize, .private = true,
	};
}

static void check_owner_only(const struct sim_guest_access *g, bool fixed,
			     const struct sim_rmp_owner *o)
{
	if (fixed || o->asid != g->asid)
		fuzz_fail("another's page was changed");
}

static void guest_instruction(const u8 *r)
{
	struct sim_guest_access g = access_of(r);
	bool fixed = is_immutable(g.spa), cf;
	struct sim_rmp_owner o, now;
	u8 text[32], page[4096];
	u64 npf;
	s32 ret;

	if (!g.asid)
		return;
	sim_rmp_owner(&w->m, g.spa, &o);
	switch (r[5] % 4) {
	case 0:
	case 1:
		ret = sim_pvalidate(&w->m, &g, r[6] & 1, r[6] >> 1 & 1, &cf,
				    &npf);
		fuzz_op("PVALIDATE -> %d", ret);
		if (ret) {
			check_moves(0, true);
			break;
		}
		check_owner_only(&g, fixed, &o);
		sim_rmp_owner(&w->m, g.spa, &now);
		check_move(X86_PVALIDATE, g.spa, o.state, now.state);
		break;
	case 2:
		ret = sim_rmpadjust(&w->m, &g, r[6] & 1, r[6] >> 1 & 3, r[7],
				    r[6] >> 3 & 1, &npf);
		fuzz_op("RMPADJUST -> %d", ret);
		if (ret)
			check_moves(0, true);
		else
			check_owner_only(&g, fixed, &o);
		break;
	default:
		g.access = SIM_ACCESS_WRITE;
		ret = sim_rmp_check_guest(&w->m, &g, &npf);
		fuzz_op("guest write -> %d", ret);
		if (ret || !world_mem(w, g.spa, 4096))
			break;
		if (o.state != SIM_PAGE_GUEST_VALID)
			fuzz_fail("a guest wrote to a page that is %s",
				  sim_page_state_name(o.state));
		memset(text, r[6], sizeof(text));
		memcpy(page, world_mem(w, g.spa, 4096), 4096);
		if (!sim_guest_write(&w->m, g.asid, g.spa + r[7] * 8, text,
				     sizeof(text)) ||
		    !sim_guest_read(&w->m, g.asid, g.spa + r[7] * 8, page,
				    sizeof(text)) ||
		    memcmp(page, text, sizeof(text)))
			fuzz_fail("the guest does not read what it wrote");
	}
}

static void psmash(const u8 *r)
{
	u64 pa = page_of(r[1]);
	bool fixed = is_immutable(pa);
	struct sim_rmp_owner o, p;
	s32 ret;

	sim_rmp_owner(&w->m, pa + 0x1000, &o);
	ret = sim_psmash(&w->m, pa);
	fuzz_op("PSMASH %#llx -> %d", (unsigned long long)pa, ret);
	if (ret) {
		check_moves(0, true);
		return;
	}
	sim_rmp_owner(&w->m, pa + 0x1000, &p);
	if (fixed || p.asid != o.asid || p.gpa != o.gpa || p.pagesize ||
	    p.validated != o.validated || p.vmsa != o.vmsa ||
	    memcmp(p.vmpl, o.vmpl, sizeof(p.vmpl)))
		fuzz_fail("the pages are not what the large one was");
}

/* ---- what needs more than one step to be got to ---- */

/* Private, for the firmware to work on, if the host can do that */
static bool make_private(u64 pa, u32 asid, u64 gpa)
{
	struct sim_rmp_state st = {
		.assigned = true, .immutable = true, .asid = asid, .gpa = gpa,
	};

	return sim_rmp_page_state(&w->m, pa) == SIM_PAGE_HYPERVISOR && asid &&
	       !sim_rmpupdate(&w->m, pa, &st);
}

static u32 update(u64 gctx, u64 pa, u32 type, u64 gpa, const u8 contents[48])
{
	struct sim_cmd_launch_update cmd = {
		.gctx_paddr = gctx, .page_paddr = pa, .flags = type << 1,
	};
	static const u8 none[48] = { 0 };
	struct shadow *s = shadow_of(gctx);
	u32 status;

	/* The page was made private a moment ago: look at everything again. */
	looked = false;
	remember();
	status = run(SIM_CMD_SNP_LAUNCH_UPDATE, &cmd, sizeof(cmd));
	if (!status && s)
		extend(s->ld, contents ? contents : none, type, false, 0, gpa);
	return status;
}

/* A CPUID page that was corrected is accepted when it is offered again. */
static void launch_cpuid(const u8 *r)
{
	static const u32 leaves[] = {
		0, 1, 2, 4, 5, 6, 7, 0xb, 0xd, 0xf, 0x10, 3, 0x80000000,
		0x80000001, 0x80000006, 0x80000007, 0x80000008, 0x8000000a,
		0x80000019, 0x8000001a, 0x8000001b, 0x8000001d, 0x8000001e,
		0x8000001f, 0x80000020, 0x80000021, 0x80000022, 0x80000023,
		0x80000024, 0x80000026, 0x40000000, 0x1f,
	};
	u64 gctx = page_of(r[1]), pa = page_of(r[2]) & ~SIM_C_BIT;
	struct sim_cpuid_page *page, was;
	struct sim_guest_info info;
	bool hopeless = false;
	u32 i, status;

	page = (void *)world_mem(w, pa, 4096);
	if (!page || pa & 0xfff || sim_rmp_page_state(&w->m, pa) != SIM_PAGE_HYPERVISOR)
		return;
	memset(page, 0, 4096);
	page->count = r[3] == 0xff ? 65 : r[3] & 3;
	page->rsvd2 = r[3] == 0xfe;
	for (i = 0; i < 4; i++) {
		page->fn[i].eax_in = leaves[(r[4] + i) % 32];
		page->fn[i].ecx_in = r[5] & 15;
		page->fn[i].xcr0_in = r[6] * 9ull;
		page->fn[i].xss_in = r[6] & 1 ? 0x1800 : 0;
		page->fn[i].eax = r[7] * 0x01010101u;
		page->fn[i].ebx = r[7] * 0x00ff0103u;
		page->fn[i].ecx = (u32)r[7] << (r[5] & 31);
		page->fn[i].edx = r[7] & 1 ? ~0u : 0;
		page->fn[i].rsvd = r[5] >= 0xf8;
		/* Corrected by adding bits, which need not be enough. */
		hopeless |= i < page->count && page->fn[i].eax_in == 0x8000001f;
	}
	was = *page;
	hopeless |= page->count > SIM_CPUID_MAX || page->rsvd2 || page->fn[0].rsvd;
	if (!sim_guest_info(&w->m, gctx, &info) ||
	    !make_private(pa, info.asid, 0x5000))
		return;
	/* Such a guest takes none but pages of its image. */
	hopeless |= info.imi_en;
	status = update(gctx, pa, SIM_PAGE_TYPE_CPUID, 0x5000, NULL);
	if (status != SIM_INVALID_PARAM)
		return;
	if (hopeless && page->count > SIM_CPUID_MAX &&
	    memcmp(&was, page, sizeof(was)))
		fuzz_fail("a page that is none was corrected");
	status = update(gctx, pa, SIM_PAGE_TYPE_CPUID, 0x5000, NULL);
	if (!hopeless && status)
		fuzz_fail("a corrected CPUID page is refused");
}

/* The guest sees what was measured, but for what the firmware fills in. */
static void launch_vmsa(const u8 *r)
{
	u64 gctx = page_of(r[1]), pa = page_of(r[2]) & ~SIM_C_BIT, features;
	u8 page[4096], seen[4096], contents[48], *mem;
	struct sim_guest_info info;

	mem = world_mem(w, pa, 4096);
	if (!mem || pa & 0xfff || sim_rmp_page_state(&w->m, pa) != SIM_PAGE_HYPERVISOR)
		return;
	memset(mem, r[4], 4096);
	features = (r[3] & 1 ? SIM_VMSA_FEAT_SECURE_TSC : 0) |
		   (r[3] & 2 ? SIM_VMSA_FEAT_REG_PROT : 0) | 1;
	memcpy(mem + SIM_VMSA_SEV_FEATURES, &features, 8);
	memcpy(page, mem, 4096);
	if (!sim_guest_info(&w->m, gctx, &info) ||
	    !make_private(pa, info.asid, 0xfffffffff000))
		return;
	memset(page + SIM_VMSA_TSC_SCALE, 0, 16);
	SHA384(page, 4096, contents);
	if (update(gctx, pa, SIM_PAGE_TYPE_VMSA, 0xfffffffff000, contents))
		return;
	if (!sim_guest_read(&w->m, info.asid, pa, seen, 4096))
		fuzz_fail("a VMSA can't be read");
	if (features & SIM_VMSA_FEAT_REG_PROT)
		sim_vmsa_xor_protected((u64 *)seen);
	memset(page + SIM_VMSA_TSC_SCALE, 0, 0x18);
	memset(seen + SIM_VMSA_TSC_SCALE, 0, 0x18);
	memset(page + SIM_VMSA_VIRTUAL_TOM, 0, 8);
	memset(page + SIM_VMSA_TLB_ID, 0xff, 8);
	if (memcmp(page, seen, 4096))
		fuzz_fail("the guest does not see its VMSA");
}

/* 512 pages, all but one alike, to be made one */
static void many_pages(const u8 *r)
{
	u64 base = r[1] & 1 ? 0x800000 : 0xa00000;
	struct sim_rmp_state st = {
		.assigned = r[2] & 7, .immutable = r[2] & 7,
		.asid = r[2] & 7 ? asid_of(r[3]) : 0,
	};
	u32 i;

	fuzz_op("512 x RMPUPDATE %#llx asid %u", (unsigned long long)base, st.asid);
	if (st.assigned && !st.asid)
		return;
	for (i = 0; i < 512; i++) {
		st.gpa = 0x400000 + i * 0x1000ull;
		if (i == r[4] && r[5] >= 0xf0)
			continue;
		sim_rmpupdate(&w->m, base + i * 0x1000, &st);
	}
}

/* What neither changes the platform nor a guest */
static void ask(const u8 *r)
{
	struct sim_cmd_feature_info fi = {
		.len = r[5] == 0xff ? 8 : 16, .ecx_in = r[3] & 3,
		.paddr = page_of(r[2]) + (r[4] == 0xff ? 0xff8 : 0),
	};
	struct sim_cmd_commit commit = { r[5] == 0xff ? 8 : 4 };
	struct sim_cmd_vlek_load vlek = {
		.len = sizeof(vlek), .version = r[4] == 0xff,
		.hashstick_paddr = HOST_BUF + 0x800,
	};
	struct sim_cmd_dlfw_ex fw = { .len = sizeof(fw) };
	struct sim_cmd_config cfg = { .flags = r[2] & 7, .reported_tcb = r[3] };
	u64 tcb = r[3] & 1 ? sim_current_tcb() : 0;

	switch (r[1] % 5) {
	case 0:
		if (!spoils_context(fi.paddr))
			run(SIM_CMD_SNP_FEATURE_INFO, &fi, sizeof(fi));
		break;
	case 1:
		run(SIM_CMD_SNP_COMMIT, &commit, sizeof(commit));
		break;
	case 2:
		memcpy(world_mem(w, HOST_BUF + 0x800 + SIM_VLEK_TCB, 8), &tcb, 8);
		run(SIM_CMD_SNP_VLEK_LOAD, &vlek, sizeof(vlek));
		break;
	case 3:
		run(SIM_CMD_SNP_DOWNLOAD_FIRMWARE_EX, &fw, sizeof(fw));
		break;
	default:
		run(SIM_CMD_SNP_CONFIG, &cfg, sizeof(cfg));
	}
}

/* Up and down in every way */
static void up_and_down(const u8 *r)
{
	struct sim_cmd_snp_init init = {
		.flags = r[2] & (r[7] == 0xff ? 7 : 3), .list_paddr = REQUEST,
	};
	struct sim_cmd_snp_shutdown down = {
		.len = r[7] == 0xff ? 4 : 8, .flags = r[2] & 7,
	};
	struct sim_range_list *list;
	bool had_rmp = w->m.rmp_init;
	u32 ret;

	switch (r[1] % 5) {
	case 0:
		list = (void *)world_mem(w, REQUEST, 4096);
		memset(list, 0, 4096);
		list->num_elements = r[3] & 3;
		list->ranges[0] = (struct sim_range_elem){ 0xc000000, r[4], 0 };
		list->ranges[1] = (struct sim_range_elem){ page_of(r[5]), r[6] & 1, r[6] >> 7 };
		if (run(SIM_CMD_SNP_INIT_EX, &init, sizeof(init)))
			break;
		rmp_is_old = !(init.flags & 1) && had_rmp;
		break;
	case 1:
		ret = run(SIM_CMD_SNP_INIT, NULL, 0);
		if (!ret)
			rmp_is_old = false;
		break;
	case 2:
		run(SIM_CMD_SNP_SHUTDOWN, NULL, 0);
		break;
	case 3:
		run(SIM_CMD_SNP_SHUTDOWN_EX, &down, sizeof(down));
		break;
	default:
		fuzz_op("machine %u", r[2] & 3);
		if (w->m.snp_state != SIM_PLAT_UNINIT)
			break;
		sim_set_hsave(&w->m, r[2] & 1);
		sim_set_snp_enabled(&w->m, !(r[2] & 2));
	}
}

/* An identity block that fits the guest; nobody can sign it here. */
static void finish_with_id(const u8 *r)
{
	struct sim_cmd_launch_finish cmd = {
		.gctx_paddr = page_of(r[1]), .id_block_paddr = HOST_BUF + 0x100,
		.id_auth_paddr = REQUEST, .flags = 1 | (r[2] & 2),
	};
	struct sim_id_block *b = (void *)world_mem(w, HOST_BUF + 0x100, sizeof(*b));
	struct sim_id_auth *a = (void *)world_mem(w, REQUEST, sizeof(*a));
	struct sim_guest_info info;

	memset(b, 0, sizeof(*b));
	memset(a, 0, sizeof(*a));
	if (sim_guest_info(&w->m, cmd.gctx_paddr, &info)) {
		memcpy(b->ld, info.ld, sizeof(b->ld));
		b->policy = info.policy;
	}
	b->ld[0] ^= r[3] >= 0xf0;
	b->policy ^= r[4] >= 0xf0;
	a->id_key_algo = r[5] < 0xf0;
	a->auth_key_algo = r[5] < 0xe0;
	a->id_key.curve = r[6] < 0xe0 ? 2 : r[6];
	a->id_key.qx[0] = r[7];
	a->id_key.qx[60] = r[6] == 1;
	if (!run(SIM_CMD_SNP_LAUNCH_FINISH, &cmd, sizeof(cmd)))
		fuzz_fail("a signature of nobody is good");
}

/* A page that a processor is at work on */
static void busy_page(const u8 *r)
{
	u64 pa = page_of(r[1]);
	struct sim_rmp_state st = { 0 };
	s32 ret;

	if (pa >= WORLD_MEM || !sim_rmp_set_busy(&w->m, pa, true))
		return;
	ret = r[2] & 1 ? sim_psmash(&w->m, pa & ~0x1fffffull) :
			 sim_rmpupdate(&w->m, pa & ~0xfffull, &st);
	fuzz_op("busy %#llx -> %d", (unsigned long long)pa, ret);
	if (!ret && !(r[2] & 1))
		fuzz_fail("a page that is in use was changed");
	sim_rmp_set_busy(&w->m, pa, false);
	if (ret)
		check_moves(0, true);
}

/* RMPREAD, and what the host may write */
static void host_view(const u8 *r)
{
	u64 pa = page_of(r[1]) & ~0xfffull;
	struct sim_guest_access g = { .spa = pa, .access = SIM_ACCESS_WRITE };
	bool may = sim_rmp_check_host_write(&w->m, pa, SIM_PAGE_SIZE);
	struct sim_rmp_state st;
	struct sim_rmp_raw e;
	u64 npf;

	fuzz_op("host looks at %#llx", (unsigned long long)pa);
	if (sim_rmpread(&w->m, pa, &st))
		return;
	sim_rmp_get(&w->m, pa, &e);
	if (w->m.cfg.snp_enabled && may != !st.assigned)
		fuzz_fail("the host may write to a page that is assigned");
	if (sim_rmp_check_guest(&w->m, &g, &npf) != (may ? 0 : SIM_RMP_EXIT_NPF))
		fuzz_fail("a guest may write where the host may not");
	if (!may && sim_rmp_check_host_write(&w->m, pa, SIM_2M_SIZE))
		fuzz_fail("a large write gets at a page that is assigned");
}

/* The rest of what legacy guests have */
static void sev_more(const u8 *r)
{
	struct sim_cmd_sev_init_ex init = {
		.len = sizeof(init), .flags = r[2] & 3, .tmr_paddr = 0xa00000,
		.tmr_len = 0x200000,
		.nv_paddr = r[3] & 1 ? page_of(r[4]) : 0,
		.nv_len = r[3] & 2 ? 0x8000 : 0x1000,
	};
	struct sim_cmd_sev_buf buf = { page_of(r[3]), r[4] * 16 };
	struct sim_cmd_sev_pdh_export pdh = {
		.cert_paddr = page_of(r[3]), .cert_len = r[4] * 16,
		.chain_paddr = page_of(r[3]), .chain_len = r[5] * 64,
	};
	struct sim_cmd_sev_copy copy = {
		r[2] & 3, (r[5] & 15) * (r[6] & 1 ? 16 : 24), page_of(r[3]), page_of(r[4]),
	};
	struct sim_cmd_sev_attestation att = {
		.handle = r[2] & 3, .paddr = page_of(r[3]), .len = r[4],
	};
	struct sim_cmd_sev_transport tr = {
		.handle = r[2] & 3, .hdr_paddr = HOST_BUF + 0x400,
		.hdr_len = r[5] & 1 ? 0 : 52, .guest_paddr = page_of(r[3]),
		.guest_len = (r[4] & 15) * 16, .trans_paddr = HOST_BUF + 0x800,
		.trans_len = (r[4] & 15) * 16,
	};
	struct sim_cmd_sev_send_start send = {
		.handle = r[2] & 3, .session_len = r[5] & 1 ? 0 : 128,
		.pdh_paddr = HOST_BUF, .pdh_len = r[4] & 1 ? 0x824 : 0,
		.plat_paddr = HOST_BUF, .plat_len = r[4] & 2 ? 3 * 0x824 : 0,
		.amd_paddr = HOST_BUF, .amd_len = r[4] & 4,
		.session_paddr = page_of(r[3]),
	};
	struct sim_cmd_sev_start start = {
		.policy = r[2], .session_paddr = REQUEST, .cert_paddr = REQUEST,
		.session_len = r[5] & 1 ? 0 : 128, .cert_len = r[5] & 2 ? 0 : 0x824,
	};
	struct sim_cmd_sev_activate_ex act = {
		.len = sizeof(act), .handle = r[2] & 3, .asid = asid_of(r[3]),
		.numids = 1 + (r[4] & 1), .ids_paddr = HOST_BUF + 0x800,
	};
	struct sim_cmd_sev_swap swap = {
		.handle = r[2] & 3, .src_paddr = page_of(r[3]),
		.dst_paddr = page_of(r[4]), .mdata_paddr = page_of(r[5]),
	};
	u32 *p = (u32 *)world_mem(w, REQUEST, 4096);
	u8 other[40] = { r[4] == 0xff };

	/* Most write to their buffer, which has to be the firmware's for that. */
	if (!(r[7] & 1) && w->m.rmp_init) {
		struct sim_rmp_state fw = { .assigned = true, .immutable = true };

		sim_rmpupdate(&w->m, CMDBUF, &fw);
		looked = false;
		remember();
	}
	memset(world_mem(w, HOST_BUF + 0x800, 8), 0, 8);
	memset(p, 0, 4096);
	p[0] = 1;
	p[2] = r[6] & 1 ? 0x1003 : 0;
	p[3] = r[6] & 2 ? 0x103 : 3;
	switch (r[1] % 19) {
	case 0:
		run(SIM_CMD_SEV_INIT_EX, &init, sizeof(init));
		break;
	case 1:
		run(SIM_CMD_SEV_FACTORY_RESET, NULL, 0);
		break;
	case 2:
		run(SIM_CMD_SEV_PEK_GEN, NULL, 0);
		break;
	case 3:
		run(SIM_CMD_SEV_PDH_GEN, NULL, 0);
		break;
	case 4:
		run(SIM_CMD_SEV_PEK_CSR, &buf, sizeof(buf));
		break;
	case 5:
		run(SIM_CMD_SEV_PDH_CERT_EXPORT, &pdh, sizeof(pdh));
		break;
	case 6:
		run(SIM_CMD_SEV_DOWNLOAD_FIRMWARE, other, 12);
		break;
	case 7:
		run(SIM_CMD_SEV_COPY, &copy, sizeof(copy));
		break;
	case 8:
		run(SIM_CMD_SEV_ATTESTATION, &att, sizeof(att));
		break;
	case 9:
		if (!run(SIM_CMD_SEV_LAUNCH_SECRET, &tr, sizeof(tr)))
			fuzz_fail("a secret of nobody is good");
		break;
	case 10:
		run(SIM_CMD_SEV_SEND_START, &send, sizeof(send));
		break;
	case 11:
		run(SIM_CMD_SEV_SEND_UPDATE_DATA, &tr, sizeof(tr));
		break;
	case 12:
		run(SIM_CMD_SEV_SEND_UPDATE_VMSA, &tr, sizeof(tr));
		break;
	case 13:
		run(SIM_CMD_SEV_RECEIVE_START, &start, sizeof(start));
		break;
	case 14:
		run(SIM_CMD_SEV_RECEIVE_UPDATE_DATA, &tr, sizeof(tr));
		break;
	case 15:
		run(SIM_CMD_SEV_LAUNCH_START, &start, sizeof(start));
		break;
	case 16:
		run(SIM_CMD_SEV_ACTIVATE_EX, &act, sizeof(act));
		break;
	case 17:
		memcpy(other, &swap, sizeof(swap));
		run(r[6] & 1 ? SIM_CMD_SEV_SWAP_IN : SIM_CMD_SEV_SWAP_OUT, other,
		    r[6] & 1 ? sizeof(swap) : sizeof(other));
		break;
	default:
		run(SIM_CMD_SEV_PEK_CERT_IMPORT, other, 28);
	}
}

static void more(const u8 *r)
{
	switch (r[0] % 8) {
	case 0:
		launch_cpuid(r);
		break;
	case 1:
		launch_vmsa(r);
		break;
	case 2:
		many_pages(r);
		break;
	case 3:
		ask(r);
		break;
	case 4:
		if (r[6] & 3 || r[1] % 5 == 4)
			up_and_down(r);
		break;
	case 5:
		finish_with_id(r);
		break;
	case 6:
		if (r[3] & 1)
			busy_page(r);
		else
			host_view(r);
		break;
	default:
		sev_more(r);
	}
}

static void step(const u8 *r)
{
	remember();
	switch (r[0] % 40) {
	case 0 ... 5:
		rmpupdate(r);
		break;
	case 6:
		psmash(r);
		break;
	case 7:
	case 8:
		guest_instruction(r);
		break;
	case 9:
		fuzz_op("WBINVD");
		sim_wbinvd_ccx(&w->m, r[1] & 1 ? ~0u : r[2] & 3);
		break;
	case 10:
		addr_cmd(SIM_CMD_SNP_GCTX_CREATE, page_of(r[1]));
		break;
	case 11:
		launch_start(r);
		break;
	case 12:
		activate(r);
		break;
	case 13 ... 15:
		launch_update(r);
		break;
	case 16:
		launch_finish(r);
		break;
	case 17:
		addr_cmd(SIM_CMD_SNP_DECOMMISSION, page_of(r[1]));
		break;
	case 18:
	case 19:
		addr_cmd(SIM_CMD_SNP_PAGE_RECLAIM, page_of(r[1]) | (r[2] & 1));
		break;
	case 20:
		addr_cmd(SIM_CMD_SNP_PAGE_UNSMASH, page_of(r[1]));
		break;
	case 21 ... 23:
		page_cmd(r);
		break;
	case 24:
		guest_request(r);
		break;
	case 25:
		platform(r);
		break;
	case 26:
		sev_platform(r);
		break;
	case 27:
		sev_start(r);
		break;
	case 28:
		sev_update(r, r[5] & 1 ? SIM_CMD_SEV_LAUNCH_UPDATE_VMSA :
					 SIM_CMD_SEV_LAUNCH_UPDATE_DATA);
		break;
	case 29:
		sev_measure(r);
		break;
	case 30:
		sev_handle(r);
		break;
	case 31:
		sev_rest(r);
		break;
	default:
		more(r);
	}
	check_all();
}

static void reset(const u8 *header)
{
	struct world_options opt = WORLD_DEFAULTS;

	if (!w) {
		w = world_new();
		world_cache_digests(true);
	}
	opt.nccx = 2;
	world_reset(w, &opt);
	memset(shadows, 0, sizeof(shadows));
	memset(sev_log, 0, sizeof(sev_log));
	rmp_is_old = false;
	last = 0;
	looked = false;
	if (header[1] & 1)
		return;		/* the input does it all */
	if (world_psp(w, SIM_CMD_SNP_INIT, HOST_BUF, NULL, 0))
		fuzz_fail("SNP_INIT fails");
	sim_wbinvd_ccx(&w->m, ~0u);
	if (world_psp(w, SIM_CMD_SNP_DF_FLUSH, HOST_BUF, NULL, 0))
		fuzz_fail("DF_FLUSH fails");
	check_all();
}

/* What a guest that is launched, and its host, do with one page of 4K. */
static void usual(u32 what, u32 where, u8 *r)
{
	u8 page = 4 + where % 4, more = what >> 8;
	/* Context 0, ASID 1; see corpus.py for what the bytes are */
	const u8 operations[][FUZZ_RECORD] = {
		{ 0, page, 3, 1, 1 },			/* Pre-Guest */
		{ 0, page, 0 },				/* Hypervisor */
		{ 13, 0, page, 1, 0, 0, 0x41 },		/* LAUNCH_UPDATE */
		{ 13, 0, page, 3 },			/* of zeros */
		{ 7, page, 0, 0, 0, 0, more & 2 },	/* PVALIDATE */
		{ 7, page, 0, 0, 0, 2, 2, more },	/* RMPADJUST */
		{ 7, page, 0, 0, 0, 3, more },		/* a write */
		{ 18, page },				/* PAGE_RECLAIM */
		{ 21, 0, 0, page, 8 },			/* PAGE_MOVE */
		{ 16, 0 },				/* LAUNCH_FINISH */
	};

	memcpy(r, operations[what % (sizeof(operations) / sizeof(operations[0]))],
	       FUZZ_RECORD);
}

const struct fuzz_model fuzz_snp = {
	.name = "SNP",
	.reset = reset,
	.step = step,
	.usual = usual,
};
