// SPDX-License-Identifier: GPL-2.0
/*
 * RMP instructions and commands of the secure processor.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "trace_check.h"
#include "world.h"

#define MIB		(1ull << 20)
#define GIB		(1ull << 30)
#define STATUS(cmdresp)	((cmdresp) & 0xffff)	/* PSP_CMDRESP_STS */

/* In place of the handle of a legacy guest */
#define NO_HANDLE	0x7fffffffu	/* nobody's */
#define NOT_REPLAYED	0xffffffffu	/* of one that exists, but not here */

/* Flags of tc_page() */
#define PAGE_SEEN	1	/* an instruction or command has said what it is */

static struct snp {
	struct world *w;
	bool active;		/* there is something of it in the trace */
	bool late;		/* firmware was initialised before the trace began */
	u64 open;		/* command that was submitted, index + 1 */
	/* Legacy guests have numbers that each firmware chooses by itself. */
	struct {
		u32 real;
		u32 fake;
	} handle[SIM_MAX_SEV_GUESTS];
	u32 nr_handles;
} s;

static const char contents[] =
	"page contents are not in a trace, nor is the digest they go into";
static const char memory_result[] =
	"the result is in memory, which is not in a trace";
static const char judged[] =
	"the answer depends on memory, which is not in a trace";
static const char chip[] = "the answer is this chip's own";
static const char before[] = "state from before the trace began";
static const char no_firmware[] =
	"pages were populated without firmware, as tests of guest_memfd do";
static const char contention[] =
	"another processor was using the entry, says the answer";

/* ---- set-up ---- */

static bool is_snp(const struct ft_event *e)
{
	return e->kind <= FT_SEV_COMPLETE;
}

static u64 highest(u64 top, u64 pa)
{
	pa &= ~SIM_C_BIT;
	return pa < 1ull << 48 && pa >= top ? (pa | (SIM_2M_SIZE - 1)) + 1 : top;
}

/* The addresses in the buffers of commands lie at multiples of eight bytes. */
static u64 top_of_trace(const struct ftrace *t)
{
	u64 top = GIB, i, j, pa;

	for (i = 0; i < t->nr; i++) {
		const struct ft_event *e = &t->ev[i];

		if (e->kind <= FT_RMP_PSMASH)
			top = highest(top, e->rmp.paddr);
		if (e->kind != FT_SEV_SUBMIT)
			continue;
		top = highest(top, e->sev.pa);
		if (e->sev.cmd != SIM_CMD_SNP_LAUNCH_UPDATE &&
		    e->sev.cmd != SIM_CMD_SNP_GCTX_CREATE &&
		    e->sev.cmd != SIM_CMD_SNP_PAGE_RECLAIM)
			continue;
		for (j = 0; j + 8 <= e->sev.len; j += 8) {
			memcpy(&pa, t->bytes + e->sev.at + j, sizeof(pa));
			if (!(pa & 0xffe) && pa & SIM_C_BIT)
				top = highest(top, pa);
		}
	}
	return (top + GIB - 1) & ~(GIB - 1);
}

static void describe_machine(struct check *c, struct sim_machine_config *cfg)
{
	const struct ft_machine *fm = &c->t->m;
	u64 top = 0, pages;
	u32 i;

	for (i = 0; i < fm->nr_memory; i++) {
		cfg->dram[i].start = fm->memory[i].start & ~0xfffull;
		cfg->dram[i].end = fm->memory[i].end & ~0xfffull;
		if (cfg->dram[i].end > top)
			top = cfg->dram[i].end;
	}
	cfg->nr_dram = i;
	if (!i) {
		top = top_of_trace(c->t);
		cfg->dram[0].end = top;
		cfg->nr_dram = 1;
		tc_note(c, "the trace does not say what memory the machine has, taken to be all below 0x%llx",
			(unsigned long long)top);
	}
	if (fm->rmp.end && fm->rmp.end - fm->rmp.start >
			   SIM_RMP_BOOKKEEPING + 16 * (fm->rmp.end >> 12)) {
		cfg->rmp_base = fm->rmp.start;
		cfg->rmp_end = fm->rmp.end - 1;
		/* It is RAM, whether or not the kernel calls it so. */
		for (i = 0; i < cfg->nr_dram; i++)
			if (cfg->rmp_base >= cfg->dram[i].start &&
			    cfg->rmp_end < cfg->dram[i].end)
				return;
		if (cfg->nr_dram < SIM_MAX_RANGES) {
			for (i = cfg->nr_dram++; i && cfg->dram[i - 1].start > cfg->rmp_base; i--)
				cfg->dram[i] = cfg->dram[i - 1];
			cfg->dram[i].start = cfg->rmp_base;
			cfg->dram[i].end = cfg->rmp_end + 1;
		}
		return;
	}
	/* Above everything else; the table covers itself. */
	top = (top + MIB - 1) & ~(MIB - 1);
	pages = (top >> 12) + (top >> 19) + 1024;
	cfg->rmp_base = top;
	cfg->rmp_end = top + ((SIM_RMP_BOOKKEEPING + 16 * pages + MIB - 1) & ~(MIB - 1)) - 1;
	i = cfg->nr_dram < SIM_MAX_RANGES ? cfg->nr_dram++ : cfg->nr_dram - 1;
	cfg->dram[i].start = top;
	cfg->dram[i].end = cfg->rmp_end + 1;
}

/* A table of 16 bytes a page, of which little is ever touched */
static void *map(u64 len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		perror("memory of the simulated RMP");
		exit(2);
	}
	return p;
}

/* Does the trace begin before @cmd or @cmd2, or after it? */
static bool is_initialised_first(const struct ftrace *t, u32 cmd, u32 cmd2)
{
	u64 i;

	for (i = 0; i < t->nr; i++)
		if (t->ev[i].kind == FT_SEV_SUBMIT &&
		    (t->ev[i].sev.cmd == cmd || t->ev[i].sev.cmd == cmd2))
			return true;
	return false;
}

/* The state of legacy SEV as the firmware tells it first */
static u8 first_sev_state(const struct ftrace *t)
{
	u64 i;

	for (i = 0; i < t->nr; i++)
		if (t->ev[i].kind == FT_SEV_COMPLETE && t->ev[i].sev.len > 2 &&
		    t->ev[i].sev.cmd == SIM_CMD_SEV_PLATFORM_STATUS)
			return t->bytes[t->ev[i].sev.at + 2];
	return SIM_PLAT_UNINIT;
}

bool tc_snp_begin(struct check *c)
{
	const struct ft_machine *fm = &c->t->m;
	struct sim_machine_config cfg = {
		.nr_ccx = 1,
		.cpus_per_ccx = 1,
		.min_sev_asid = 1007,
		.max_asid = 1006,
		.dies = 1,
		.smt = !fm->single_thread,
		.snp_enabled = true,
		.cpuid_1_eax = 0x00a10f11,
	};
	u32 lo, hi;
	u64 i;

	for (i = 0; i < c->t->nr && !s.active; i++)
		s.active = is_snp(&c->t->ev[i]);
	if (!s.active)
		return true;
	s.w = map(sizeof(*s.w));
	s.w->m.env = s.w;
	s.w->phys = tc_memory;
	s.w->seed = 1;
	describe_machine(c, &cfg);
	if (fm->max_asid) {
		cfg.max_asid = fm->max_asid;
		cfg.min_sev_asid = fm->min_sev_asid;
	} else {
		tc_note(c, "the trace does not say how ASIDs are divided, taken to be all good for SNP");
	}
	cfg.rmp = map(cfg.rmp_end + 1 - cfg.rmp_base);
	if (sim_machine_init(&s.w->m, &cfg)) {
		fprintf(stderr, "%s: there is no such machine: %u ASIDs, RMP at 0x%llx\n",
			c->t->file, cfg.max_asid, (unsigned long long)cfg.rmp_base);
		return false;
	}
	s.w->m.rmp_zeroed = true;
	s.late = !is_initialised_first(c->t, SIM_CMD_SNP_INIT, SIM_CMD_SNP_INIT_EX);
	if (!s.late)
		return true;
	tc_note(c, "the trace begins after SNP_INIT_EX: no page and no ASID is taken to be in use then");
	sim_psp_cmd(&s.w->m, SIM_CMD_SNP_INIT, 0, &lo, &hi);
	sim_wbinvd_ccx(&s.w->m, ~0u);
	sim_psp_cmd(&s.w->m, SIM_CMD_SNP_DF_FLUSH, 0, &lo, &hi);
	if (!is_initialised_first(c->t, SIM_CMD_SEV_INIT, SIM_CMD_SEV_INIT_EX))
		s.w->m.sev_state = first_sev_state(c->t);
	return true;
}

/* ---- instructions ---- */

static const char *x86_name(s64 ret)
{
	static const char * const names[] = {
		[SIM_RMP_OK] = "SUCCESS", [SIM_RMP_FAIL_INPUT] = "FAIL_INPUT",
		[SIM_RMP_FAIL_PERMISSION] = "FAIL_PERMISSION",
		[SIM_RMP_FAIL_INUSE] = "FAIL_INUSE",
		[SIM_RMP_FAIL_OVERLAP] = "FAIL_OVERLAP",
		[SIM_RMP_FAIL_SIZEMISMATCH] = "FAIL_SIZEMISMATCH",
		[SIM_RMP_FAIL_BADADDR] = "FAIL_BADADDR",
	};

	if (ret < 0 || ret >= (s64)(sizeof(names) / sizeof(names[0])) || !names[ret])
		return "?";
	return names[ret];
}

/* A page that nobody has spoken of yet may be in use since before the trace. */
static bool seen(u64 pa, bool set)
{
	struct tc_page *p = tc_page(pa & ~SIM_C_BIT, set);
	bool was = p && p->flags & PAGE_SEEN;

	if (set)
		p->flags |= PAGE_SEEN;
	return was;
}

static void entry_text(char *buf, size_t size, s64 ret,
		       const struct sim_rmp_state *st)
{
	if (ret)
		snprintf(buf, size, "%lld %s", (long long)ret, x86_name(ret));
	else
		snprintf(buf, size, "gpa 0x%llx asid %u assigned %u pagesize %s immutable %u",
			 (unsigned long long)st->gpa, st->asid, st->assigned,
			 st->pagesize ? "2M" : "4K", st->immutable);
}

static void rmp_read(struct check *c, const struct ft_event *e)
{
	struct sim_rmp_state real = {
		.gpa = e->rmp.gpa, .assigned = e->rmp.assigned,
		.pagesize = e->rmp.pagesize, .immutable = e->rmp.immutable,
		.asid = e->rmp.asid,
	}, fake = { 0 };
	char what[64], r[120], f[120];
	s64 ret = sim_rmpread(&s.w->m, e->rmp.paddr, &fake);

	if (ret == e->ret && (ret || !memcmp(&real, &fake, sizeof(real))))
		return;
	if (s.late && !seen(e->rmp.paddr, false)) {
		tc_uncompared(c, before);
		return;
	}
	snprintf(what, sizeof(what), "RMPREAD 0x%llx", (unsigned long long)e->rmp.paddr);
	entry_text(r, sizeof(r), e->ret, &real);
	entry_text(f, sizeof(f), ret, &fake);
	tc_differs(c, what, r, f);
}

static bool is_contention(s64 ret)
{
	return ret == SIM_RMP_FAIL_INUSE || ret == SIM_RMP_FAIL_OVERLAP;
}

static void instruction(struct check *c, const struct ft_event *e, s64 fake,
			const char *what)
{
	char r[40], f[40];

	if (fake == e->ret)
		return;
	snprintf(r, sizeof(r), "%lld %s", (long long)e->ret, x86_name(e->ret));
	snprintf(f, sizeof(f), "%lld %s", (long long)fake, x86_name(fake));
	tc_differs(c, what, r, f);
}

static void rmp_update(struct check *c, const struct ft_event *e)
{
	struct sim_rmp_state st = {
		.gpa = e->rmp.gpa, .assigned = e->rmp.assigned,
		.pagesize = e->rmp.pagesize, .immutable = e->rmp.immutable,
		.asid = e->rmp.asid,
	};
	char what[200], entry[120];

	if (is_contention(e->ret)) {
		tc_uncompared(c, contention);
		return;
	}
	entry_text(entry, sizeof(entry), 0, &st);
	snprintf(what, sizeof(what), "RMPUPDATE 0x%llx %s",
		 (unsigned long long)e->rmp.paddr, entry);
	instruction(c, e, sim_rmpupdate(&s.w->m, e->rmp.paddr, &st), what);
	seen(e->rmp.paddr, true);
}

static void rmp_psmash(struct check *c, const struct ft_event *e)
{
	char what[64];

	if (is_contention(e->ret)) {
		tc_uncompared(c, contention);
		return;
	}
	snprintf(what, sizeof(what), "PSMASH 0x%llx", (unsigned long long)e->rmp.paddr);
	instruction(c, e, sim_psmash(&s.w->m, e->rmp.paddr), what);
}

/* ---- commands ---- */

static const char *command_name(u32 cmd)
{
	const struct sim_psp_op *op = sim_psp_op(cmd);
	static char text[24];

	if (op)
		return op->name;
	snprintf(text, sizeof(text), "command 0x%x", cmd);
	return text;
}

/* Its operands, as far as a person wants to see them */
static void command_text(char *buf, size_t size, u32 cmd, const u8 *b, u32 len)
{
	struct sim_cmd_launch_update u;
	struct sim_cmd_activate a;
	u64 pa;

	snprintf(buf, size, "%s", command_name(cmd));
	buf += strlen(buf);
	size = size > 100 ? 100 : size;
	if (cmd == SIM_CMD_SNP_LAUNCH_UPDATE && len >= sizeof(u)) {
		memcpy(&u, b, sizeof(u));
		snprintf(buf, size, " type %u page 0x%llx gctx 0x%llx",
			 u.flags >> 1 & 7,
			 (unsigned long long)(u.page_paddr & ~SIM_C_BIT),
			 (unsigned long long)(u.gctx_paddr & ~SIM_C_BIT));
	} else if (cmd == SIM_CMD_SNP_ACTIVATE && len >= sizeof(a)) {
		memcpy(&a, b, sizeof(a));
		snprintf(buf, size, " gctx 0x%llx asid %u",
			 (unsigned long long)(a.gctx_paddr & ~SIM_C_BIT), a.asid);
	} else if (cmd >= SIM_CMD_SNP_INIT && len >= sizeof(pa)) {
		memcpy(&pa, b, sizeof(pa));
		snprintf(buf, size, " 0x%llx",
			 (unsigned long long)(pa & ~SIM_C_BIT));
	}
}

/* Offset of the handle of a legacy guest in a command, -1: has none */
static int handle_offset(u32 cmd)
{
	switch (cmd) {
	case SIM_CMD_SEV_ACTIVATE_EX:
		return 4;
	case SIM_CMD_SEV_DECOMMISSION ... SIM_CMD_SEV_COPY:
	case SIM_CMD_SEV_LAUNCH_START ... SIM_CMD_SEV_ATTESTATION:
	case SIM_CMD_SEV_SEND_START ... SIM_CMD_SEV_SEND_CANCEL:
	case SIM_CMD_SEV_RECEIVE_START ... SIM_CMD_SEV_RECEIVE_FINISH:
	case SIM_CMD_SEV_DBG_DECRYPT:
	case SIM_CMD_SEV_DBG_ENCRYPT:
	case SIM_CMD_SEV_SWAP_OUT:
	case SIM_CMD_SEV_SWAP_IN:
		return 0;
	}
	return -1;
}

static bool find_handle(u32 real, u32 *fake)
{
	u32 i;

	for (i = s.nr_handles; i--; ) {
		if (s.handle[i].real == real) {
			*fake = s.handle[i].fake;
			return true;
		}
	}
	return false;
}

static void add_handle(u32 real, u32 fake)
{
	u32 i;

	for (i = 0; i < s.nr_handles; i++)
		if (s.handle[i].real == real)
			break;
	if (i == SIM_MAX_SEV_GUESTS)
		return;
	if (i == s.nr_handles)
		s.nr_handles++;
	s.handle[i].real = real;
	s.handle[i].fake = fake;
}

/*
 * Commands that cannot be replayed: what they do is decided by memory that is
 * not in a trace, or by the chip.  NULL: this one can be.
 */
static const char *not_replayed(u32 cmd, u32 status, const u8 *buf, u32 len)
{
	struct sim_cmd_launch_update update = { 0 };
	struct sim_cmd_launch_finish finish = { 0 };

	if (!sim_psp_op(cmd))
		return "the simulated firmware does not know the command";
	switch (cmd) {
	case SIM_CMD_SNP_GUEST_REQUEST:
	case SIM_CMD_SNP_PAGE_SET_STATE:
	case SIM_CMD_SNP_ACTIVATE_EX:
	case SIM_CMD_SEV_ACTIVATE_EX:
	case SIM_CMD_SEV_LAUNCH_SECRET:
	case SIM_CMD_SEV_SEND_START ... SIM_CMD_SEV_SEND_CANCEL:
	case SIM_CMD_SEV_RECEIVE_START ... SIM_CMD_SEV_RECEIVE_FINISH:
	case SIM_CMD_SEV_SWAP_OUT:
	case SIM_CMD_SEV_SWAP_IN:
		return judged;
	case SIM_CMD_SNP_CONFIG:
	case SIM_CMD_SNP_COMMIT:
	case SIM_CMD_SNP_VLEK_LOAD:
	case SIM_CMD_SNP_DOWNLOAD_FIRMWARE_EX:
	case SIM_CMD_SEV_DOWNLOAD_FIRMWARE:
	case SIM_CMD_SEV_PEK_GEN ... SIM_CMD_SEV_PDH_GEN:
	case SIM_CMD_SEV_GET_ID:
	case SIM_CMD_SEV_ATTESTATION:
		return chip;
	case SIM_CMD_SNP_LAUNCH_UPDATE:
		/* A CPUID table is the only page whose contents are judged. */
		memcpy(&update, buf, len < sizeof(update) ? 0 : sizeof(update));
		if (status == SIM_INVALID_PARAM &&
		    (update.flags >> 1 & 7) == SIM_PAGE_TYPE_CPUID)
			return judged;
		break;
	case SIM_CMD_SNP_LAUNCH_FINISH:
		memcpy(&finish, buf, len < sizeof(finish) ? 0 : sizeof(finish));
		if (!(finish.flags & SIM_FINISH_ID_BLOCK_EN))
			break;
		switch (status) {
		case SIM_INVALID_PARAM:
		case SIM_INVALID_ADDRESS:
		case SIM_INVALID_CONFIG:
		case SIM_INVALID_KEY:
		case SIM_POLICY_FAILURE:
		case SIM_BAD_SIGNATURE:
		case SIM_BAD_MEASUREMENT:
			return judged;
		}
		break;
	}
	return status == SIM_WBINVD_REQUIRED ?
	       "WBINVD is not in a trace" : NULL;
}

/* What a command is given that the trace has not, or the model does not know */
static void prepare(struct check *c, u32 cmd, u8 *buf)
{
	struct sim_cmd_launch_update update;
	struct sim_cmd_launch_finish finish;
	struct sim_cmd_snp_init init;
	const u32 known = SIM_INIT_RMP | SIM_INIT_LIST;
	/* RAPL, ciphertext hiding, TIO, as the kernel may ask for them */
	const u32 newer = 7u << 2;

	switch (cmd) {
	case SIM_CMD_SNP_DF_FLUSH:
	case SIM_CMD_SEV_DF_FLUSH:
		sim_wbinvd_ccx(&s.w->m, ~0u);
		tc_partly(c, "WBINVD is not in a trace");
		break;
	case SIM_CMD_SNP_INIT_EX:
		memcpy(&init, buf, sizeof(init));
		if (init.flags & SIM_INIT_LIST)
			tc_partly(c, "the list of ranges of SNP_INIT_EX is not in a trace");
		if (init.flags & newer || init.rsvd2[0] || init.rsvd2[1])
			tc_partly(c, "options of newer firmware that the simulated one does not have");
		init.flags &= known | ~newer;
		/* The highest ASID of SNP, with ciphertext hiding */
		init.rsvd2[0] = 0;
		init.rsvd2[1] = 0;
		memcpy(buf, &init, sizeof(init));
		break;
	case SIM_CMD_SNP_LAUNCH_UPDATE:
		tc_partly(c, contents);
		/* Zeros make a CPUID table that is as good as any. */
		memcpy(&update, buf, sizeof(update));
		update.page_paddr &= ~(SIM_C_BIT | 0xfff);
		if (sim_rmp_page_state(&s.w->m, update.page_paddr) == SIM_PAGE_PRE_GUEST)
			memset(tc_memory(update.page_paddr), 0, SIM_PAGE_SIZE);
		break;
	case SIM_CMD_SNP_LAUNCH_FINISH:
		memcpy(&finish, buf, sizeof(finish));
		if (finish.flags & (SIM_FINISH_ID_BLOCK_EN | SIM_FINISH_AUTH_KEY_EN))
			tc_partly(c, "identity block and signatures are not in a trace");
		finish.flags &= ~(SIM_FINISH_ID_BLOCK_EN | SIM_FINISH_AUTH_KEY_EN);
		memcpy(buf, &finish, sizeof(finish));
		break;
	case SIM_CMD_SEV_LAUNCH_UPDATE_DATA:
	case SIM_CMD_SEV_LAUNCH_UPDATE_VMSA:
	case SIM_CMD_SEV_LAUNCH_MEASURE:
		tc_partly(c, contents);
		break;
	case SIM_CMD_SNP_PLATFORM_STATUS:
	case SIM_CMD_SNP_FEATURE_INFO:
	case SIM_CMD_SNP_GUEST_STATUS:
	case SIM_CMD_SNP_DBG_DECRYPT:
	case SIM_CMD_SNP_DBG_ENCRYPT:
	case SIM_CMD_SEV_DBG_DECRYPT:
	case SIM_CMD_SEV_DBG_ENCRYPT:
	case SIM_CMD_SEV_COPY:
		tc_partly(c, memory_result);
		break;
	}
}

/* What the command left in its buffer: the fields that are no version */
static void compare_buffer(struct check *c, const char *what, u32 cmd,
			   const u8 *real, const u8 *fake, u32 len)
{
	struct sim_sev_platform_status rs, fs;
	char r[64], f[64];
	u32 i;

	if (cmd == SIM_CMD_SEV_PLATFORM_STATUS && len >= sizeof(rs)) {
		memcpy(&rs, real, sizeof(rs));
		memcpy(&fs, fake, sizeof(fs));
		tc_partly(c, "version and flags of the firmware are this chip's own");
		if (rs.state == fs.state && rs.guest_count == fs.guest_count)
			return;
		snprintf(r, sizeof(r), "state %u, %u guests", rs.state, rs.guest_count);
		snprintf(f, sizeof(f), "state %u, %u guests", fs.state, fs.guest_count);
		tc_differs(c, what, r, f);
		return;
	}
	for (i = 0; i < len && real[i] == fake[i]; i++)
		;
	if (i == len)
		return;
	snprintf(r, sizeof(r), "byte %u of the command buffer is 0x%02x", i, real[i]);
	snprintf(f, sizeof(f), "0x%02x", fake[i]);
	tc_differs(c, what, r, f);
}

static void status_text(char *buf, size_t size, u32 status)
{
	snprintf(buf, size, "%u %s", status, sim_status_name(status));
}

/* A guest's page, or a context, has ciphertext, which is another one here. */
static bool may_have_plain_text(u64 pa)
{
	switch (sim_rmp_page_state(&s.w->m, pa)) {
	case SIM_PAGE_HYPERVISOR:
	case SIM_PAGE_HV_FIXED:
	case SIM_PAGE_FIRMWARE:
	case SIM_PAGE_RECLAIM:
	case SIM_PAGE_DEFAULT:
		return true;
	default:
		return false;
	}
}

static void command(struct check *c, const struct ft_event *sub,
		    const struct ft_event *done)
{
	const u8 *in = c->t->bytes + sub->sev.at, *out = c->t->bytes + done->sev.at;
	u32 cmd = sub->sev.cmd, status = STATUS(done->sev.cmdresp), fake, lo, hi;
	u64 pa = sub->sev.pa & ~SIM_C_BIT;
	const struct sim_psp_op *op = sim_psp_op(cmd);
	int at = handle_offset(cmd);
	u8 buf[4096] = { 0 };
	char what[160], r[64], f[64];
	u32 len = sub->sev.len, handle = 0;
	const char *why;

	command_text(what, sizeof(what), cmd, in, len);
	if (done->ret == -ETIMEDOUT) {
		tc_uncompared(c, "firmware did not answer in time");
		return;
	}
	why = not_replayed(cmd, status, in, len);
	if (why) {
		tc_uncompared(c, why);
		if (cmd == SIM_CMD_SEV_RECEIVE_START && !status && done->sev.len >= 4) {
			memcpy(&handle, out, 4);
			add_handle(handle, NOT_REPLAYED);
		}
		return;
	}
	if (op->buf_len > sizeof(buf) || (op->buf_len && len < op->buf_len)) {
		tc_uncompared(c, "the command's buffer is shorter than the simulated firmware wants it");
		return;
	}
	memcpy(buf, in, len);
	if (at >= 0 && (u32)at + 4 <= len) {
		memcpy(&handle, buf + at, 4);
		/* Unless it is one from before, there is no such guest for either. */
		if (handle && !find_handle(handle, &handle))
			handle = s.late ? NOT_REPLAYED : NO_HANDLE;
		if (handle == NOT_REPLAYED) {
			tc_uncompared(c, before);
			return;
		}
		memcpy(buf + at, &handle, 4);
	}
	prepare(c, cmd, buf);
	if (op->buf_len) {
		if ((pa & 0xfff) + len > 4096) {
			tc_uncompared(c, "the command's buffer crosses a page");
			return;
		}
		if (may_have_plain_text(pa))
			memcpy(tc_memory(pa) + (pa & 0xfff), buf, len);
	}
	fake = sim_psp_cmd(&s.w->m, cmd, pa, &lo, &hi);
	if (fake != status && cmd == SIM_CMD_SNP_PAGE_SWAP_IN) {
		/* The host may have had the page anywhere meanwhile. */
		tc_uncompared(c, judged);
		return;
	}
	if (fake != status) {
		status_text(r, sizeof(r), status);
		status_text(f, sizeof(f), fake);
		tc_differs(c, what, r, f);
		return;
	}
	if (status || !op->buf_len || !(op->flags & SIM_OP_WRITES_BUF) ||
	    done->sev.len != len)
		return;
	memcpy(buf, tc_memory(pa) + (pa & 0xfff), len);
	if (at >= 0 && (u32)at + 4 <= len) {
		memcpy(&handle, buf + at, 4);
		if (cmd == SIM_CMD_SEV_LAUNCH_START) {
			memcpy(&lo, out + at, 4);
			add_handle(lo, handle);
		}
		memcpy(buf + at, out + at, 4);
	}
	compare_buffer(c, what, cmd, out, buf, op->buf_len);
}

/* ---- what KVM says of a page that it populated ---- */

static void populated(struct check *c, const struct ft_event *e)
{
	u64 pa = e->pop.pfn << 12;
	struct sim_rmp_owner o;
	char what[100], f[100];

	sim_rmp_owner(&s.w->m, pa, &o);
	if (!e->ret && !o.assigned) {
		tc_uncompared(c, no_firmware);
		return;
	}
	if (e->ret ? !o.asid : o.validated && o.gpa >> 12 == e->pop.gfn)
		return;
	snprintf(what, sizeof(what), "populate of GFN 0x%llx with PFN 0x%llx",
		 (unsigned long long)e->pop.gfn, (unsigned long long)e->pop.pfn);
	snprintf(f, sizeof(f), "the page has ASID %u, GFN 0x%llx%s", o.asid,
		 (unsigned long long)o.gpa >> 12, o.validated ? "" : ", not validated");
	tc_differs(c, what, e->ret ? "KVM says that it failed" :
		   "KVM says that the page is the guest's", f);
}

void tc_snp_event(struct check *c, u64 i)
{
	const struct ft_event *e = &c->t->ev[i], *sub;

	if (!s.active)
		return;
	if (e->kind == FT_SEV_SUBMIT) {
		if (s.open) {
			tc_begin(c, &c->t->ev[s.open - 1]);
			tc_missing(c, command_name(c->ev->sev.cmd), "end");
		}
		s.open = i + 1;
		return;
	}
	if (e->kind == FT_SEV_COMPLETE) {
		sub = s.open ? &c->t->ev[s.open - 1] : NULL;
		s.open = 0;
		tc_begin(c, sub ? sub : e);
		if (!sub)
			tc_missing(c, command_name(e->sev.cmd), "beginning");
		else if (sub->sev.cmd != e->sev.cmd)
			tc_differs(c, command_name(sub->sev.cmd), "answers another command",
				   command_name(e->sev.cmd));
		else
			command(c, sub, e);
		return;
	}
	tc_begin(c, e);
	switch (e->kind) {
	case FT_RMP_READ:
		rmp_read(c, e);
		break;
	case FT_RMP_UPDATE:
		rmp_update(c, e);
		break;
	case FT_RMP_PSMASH:
		rmp_psmash(c, e);
		break;
	case FT_POPULATE:
		populated(c, e);
		break;
	}
}

void tc_snp_end(struct check *c)
{
	if (!s.open)
		return;
	tc_begin(c, &c->t->ev[s.open - 1]);
	tc_missing(c, command_name(c->ev->sev.cmd), "end");
}
