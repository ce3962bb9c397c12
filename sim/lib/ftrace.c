// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <zlib.h>

#include "ftrace.h"

/* ---- progress ---- */

static bool progress_shown;

void ft_progress_end(void)
{
	if (progress_shown)
		fprintf(stderr, "\r\033[K");
	progress_shown = false;
}

void ft_progress(const char *what, u64 at, u64 of)
{
	static struct timespec last;
	struct timespec now;

	if (!isatty(2))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec == last.tv_sec && now.tv_nsec - last.tv_nsec < 200000000)
		return;
	last = now;
	progress_shown = true;
	fprintf(stderr, "\r%s %3d%%\033[K", what, (int)(100.0 * at / (of ? of : 1)));
}

/* ---- words of a line ---- */

struct line {
	const struct ftrace *t;
	u64 nr;
	const char *p;
};

static bool bad(const struct line *l, const char *fmt, ...)
{
	char text[256], *c;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* The file is a stranger's: nothing of it may speak to the terminal. */
	for (c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	ft_progress_end();
	fprintf(stderr, "%s:%llu: %s\n", l->t->file, (unsigned long long)l->nr, text);
	return false;
}

static void blanks(struct line *l)
{
	while (*l->p == ' ' || *l->p == '\t')
		l->p++;
}

static bool word(struct line *l, const char *w)
{
	size_t len = strlen(w);

	blanks(l);
	if (strncmp(l->p, w, len) || (isalnum((u8)w[len - 1]) && isalnum((u8)l->p[len])))
		return false;
	l->p += len;
	return true;
}

static bool expect(struct line *l, const char *w)
{
	return word(l, w) || bad(l, "expected '%s', found '%.24s'", w, l->p);
}

static bool number(struct line *l, u64 *v)
{
	char *end;

	blanks(l);
	if (!isdigit((u8)*l->p))
		return bad(l, "expected a number, found '%.24s'", l->p);
	*v = strtoull(l->p, &end, 0);
	if (isalnum((u8)*end))
		return bad(l, "not a number: '%.24s'", l->p);
	l->p = end;
	return true;
}

/* "name number", and the number is at most @max */
static bool value(struct line *l, const char *name, u64 max, u64 *v)
{
	if (!expect(l, name) || !number(l, v))
		return false;
	return *v <= max || bad(l, "%s is too large: 0x%llx", name,
				(unsigned long long)*v);
}

static bool value32(struct line *l, const char *name, u32 *v)
{
	u64 n;

	if (!value(l, name, UINT32_MAX, &n))
		return false;
	*v = n;
	return true;
}

static bool flag(struct line *l, const char *name, u8 *v)
{
	u64 n;

	if (!value(l, name, UINT8_MAX, &n))
		return false;
	*v = n;
	return true;
}

static bool result(struct line *l, s64 *v)
{
	bool minus;
	u64 n;

	if (!expect(l, "ret"))
		return false;
	blanks(l);
	minus = *l->p == '-';
	l->p += minus;
	if (!number(l, &n))
		return false;
	*v = minus ? -(s64)n : (s64)n;
	return true;
}

static bool line_ends(struct line *l)
{
	blanks(l);
	return !*l->p || bad(l, "not understood: '%.40s'", l->p);
}

/* ---- events ---- */

static bool rmp_entry(struct line *l, struct ft_event *e)
{
	if (!value(l, "paddr", UINT64_MAX, &e->rmp.paddr) ||
	    !value(l, "gpa", UINT64_MAX, &e->rmp.gpa) ||
	    !value32(l, "asid", &e->rmp.asid) ||
	    !flag(l, "assigned", &e->rmp.assigned) || !expect(l, "pagesize"))
		return false;
	e->rmp.pagesize = word(l, "2M");
	if (!e->rmp.pagesize && !expect(l, "4K"))
		return false;
	return flag(l, "immutable", &e->rmp.immutable) && result(l, &e->ret);
}

static bool rmp_psmash(struct line *l, struct ft_event *e)
{
	return value(l, "paddr", UINT64_MAX, &e->rmp.paddr) && result(l, &e->ret);
}

static int digit(char c)
{
	return isdigit((u8)c) ? c - '0' : isxdigit((u8)c) ? (c | 32) - 'a' + 10 : -1;
}

static bool buffer(struct ftrace *t, struct line *l, struct ft_event *e)
{
	int hi, lo;

	if (!expect(l, "buf"))
		return false;
	blanks(l);
	e->sev.at = t->nr_bytes;
	for (; *l->p && *l->p != ' '; l->p += 2) {
		hi = digit(l->p[0]);
		lo = hi < 0 ? -1 : digit(l->p[1]);
		if (lo < 0)
			return bad(l, "buf is not hexadecimal: '%.24s'", l->p);
		if (t->nr_bytes == t->max_bytes) {
			t->max_bytes = 2 * t->max_bytes + 65536;
			t->bytes = realloc(t->bytes, t->max_bytes);
			if (!t->bytes)
				abort();
		}
		t->bytes[t->nr_bytes++] = hi << 4 | lo;
	}
	e->sev.len = t->nr_bytes - e->sev.at;
	return e->sev.len <= 4096 || bad(l, "buf is longer than a page");
}

static bool sev_submit(struct ftrace *t, struct line *l, struct ft_event *e)
{
	return value32(l, "cmd", &e->sev.cmd) &&
	       value(l, "pa", UINT64_MAX, &e->sev.pa) && buffer(t, l, e);
}

static bool sev_complete(struct ftrace *t, struct line *l, struct ft_event *e)
{
	u32 lo, hi;

	return value32(l, "cmd", &e->sev.cmd) && result(l, &e->ret) &&
	       value32(l, "cmdresp", &e->sev.cmdresp) && value32(l, "lo", &lo) &&
	       value32(l, "hi", &hi) && buffer(t, l, e);
}

/* "regs {0x1,0x2,...}" */
static bool regs(struct line *l, u64 *r, u32 nr)
{
	u64 unused;
	u32 i;

	if (!expect(l, "regs") || !expect(l, "{"))
		return false;
	for (i = 0; i < nr; i++) {
		if (i && !expect(l, ","))
			return false;
		if (!number(l, i < FT_REGS ? &r[i] : &unused))
			return false;
	}
	return expect(l, "}");
}

static bool tdx_call(struct line *l, struct ft_event *e, bool exit)
{
	return value(l, "fn", UINT64_MAX, &e->tdx.fn) &&
	       (!exit || value(l, "ret", UINT64_MAX, &e->tdx.rax)) &&
	       regs(l, e->tdx.regs, FT_REGS);
}

static bool vp_call(struct line *l, struct ft_event *e, bool exit)
{
	u64 r[FT_REGS];

	return value(l, "tdvpr", UINT64_MAX, &e->vp.tdvpr) &&
	       (!exit || value(l, "ret", UINT64_MAX, &e->vp.rax)) &&
	       regs(l, r, 13);
}

static bool populate(struct line *l, struct ft_event *e)
{
	if (!value(l, "gfn", UINT64_MAX, &e->pop.gfn) ||
	    !value(l, "pfn", UINT64_MAX >> 12, &e->pop.pfn))
		return false;
	e->pop.has_src = word(l, "src");
	return result(l, &e->ret);
}

static const struct {
	const char *name;
	enum ft_kind kind;
} names[] = {
	{ "rmp_read", FT_RMP_READ }, { "rmp_update", FT_RMP_UPDATE },
	{ "rmp_psmash", FT_RMP_PSMASH }, { "sev_cmd_submit", FT_SEV_SUBMIT },
	{ "sev_cmd_complete", FT_SEV_COMPLETE },
	{ "tdx_seamcall_enter", FT_TDX_ENTER },
	{ "tdx_seamcall_exit", FT_TDX_EXIT }, { "tdx_vp_enter", FT_VP_ENTER },
	{ "tdx_vp_exit", FT_VP_EXIT }, { "kvm_gmem_populate_page", FT_POPULATE },
};

static bool fields(struct ftrace *t, struct line *l, struct ft_event *e)
{
	bool ok = false;

	switch (e->kind) {
	case FT_RMP_READ:
	case FT_RMP_UPDATE:
		ok = rmp_entry(l, e);
		break;
	case FT_RMP_PSMASH:
		ok = rmp_psmash(l, e);
		break;
	case FT_SEV_SUBMIT:
		ok = sev_submit(t, l, e);
		break;
	case FT_SEV_COMPLETE:
		ok = sev_complete(t, l, e);
		break;
	case FT_TDX_ENTER:
	case FT_TDX_EXIT:
		ok = tdx_call(l, e, e->kind == FT_TDX_EXIT);
		break;
	case FT_VP_ENTER:
	case FT_VP_EXIT:
		ok = vp_call(l, e, e->kind == FT_VP_EXIT);
		break;
	case FT_POPULATE:
		ok = populate(l, e);
		break;
	}
	return ok && line_ends(l);
}

static void add(struct ftrace *t, const struct ft_event *e)
{
	if (t->nr == t->max) {
		t->max = 2 * t->max + 4096;
		t->ev = realloc(t->ev, t->max * sizeof(*t->ev));
		if (!t->ev)
			abort();
	}
	t->ev[t->nr++] = *e;
}

/*
 * "COMM-PID [CPU] FLAGS TIME: EVENT: fields", where a command can have any
 * characters, and the flags need not be there.
 */
static const char *find_cpu(const char *p, u32 *cpu)
{
	const char *q;

	for (; (p = strchr(p, '[')); p++) {
		*cpu = 0;
		for (q = p + 1; isdigit((u8)*q); q++)
			*cpu = *cpu * 10 + *q - '0';
		if (q > p + 1 && q[0] == ']' && q[1] == ' ')
			return q + 1;
	}
	return NULL;
}

static bool is_time(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isdigit((u8)p[i]) && p[i] != '.')
			return false;
	return len;
}

static bool event(struct ftrace *t, struct line *l)
{
	struct ft_event e = { .line = l->nr };
	const char *p, *w;
	size_t len, i;

	p = find_cpu(l->p, &e.cpu);
	if (!p)
		return bad(l, "neither an event nor a comment: '%.40s'", l->p);
	if (e.cpu >= FT_MAX_CPUS)
		return bad(l, "CPU %u: there are at most %u", e.cpu, FT_MAX_CPUS);
	for (;;) {
		while (*p == ' ')
			p++;
		len = strcspn(p, " ");
		if (!len)
			return bad(l, "no time stamp");
		if (p[len - 1] == ':' && is_time(p, len - 1))
			break;
		p += len;
	}
	if (len > sizeof(e.time))
		return bad(l, "time stamp too long");
	memcpy(e.time, p, len - 1);
	p += len;
	while (*p == ' ')
		p++;
	w = p;
	len = strcspn(p, ": ");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (len == strlen(names[i].name) && !memcmp(w, names[i].name, len))
			break;
	if (i == sizeof(names) / sizeof(names[0])) {
		t->other++;
		return true;
	}
	if (p[len] != ':')
		return bad(l, "the line ends within an event");
	l->p = p + len + 1;
	e.kind = names[i].kind;
	if (!fields(t, l, &e))
		return false;
	add(t, &e);
	return true;
}

/* ---- "# machine:" ---- */

static bool range(struct line *l, struct ft_range *r)
{
	char *end;

	blanks(l);
	r->start = strtoull(l->p, &end, 16);
	if (end == l->p || *end != '-')
		return bad(l, "expected START-END, found '%.40s'", l->p);
	l->p = end + 1;
	r->end = strtoull(l->p, &end, 16);
	if (end == l->p || r->end < r->start || r->end == UINT64_MAX)
		return bad(l, "expected START-END, found '%.40s'", l->p);
	r->end++;
	l->p = end;
	return true;
}

/* "N cpus 0-7,16-23" */
static bool package(struct line *l, struct ft_machine *m)
{
	u64 n, first, last;

	if (!number(l, &n) || !expect(l, "cpus"))
		return false;
	if (n >= 8)
		return bad(l, "package %llu: the simulated module knows 8",
			   (unsigned long long)n);
	do {
		if (!number(l, &first))
			return false;
		last = first;
		if (*l->p == '-' && (l->p++, !number(l, &last)))
			return false;
		if (last < first || last >= FT_MAX_CPUS)
			return bad(l, "no list of CPUs");
		for (; first <= last; first++)
			m->package[first] = n;
	} while (*l->p == ',' && l->p++);
	if (m->nr_packages <= n)
		m->nr_packages = n + 1;
	return true;
}

static bool machine(struct line *l, struct ft_machine *m)
{
	u64 n;

	if (word(l, "memory")) {
		if (m->nr_memory == FT_MAX_RANGES)
			return bad(l, "more than %u ranges of memory", FT_MAX_RANGES);
		return range(l, &m->memory[m->nr_memory++]) && line_ends(l);
	}
	if (word(l, "rmp"))
		return range(l, &m->rmp) && line_ends(l);
	if (word(l, "asids"))
		return value32(l, "max", &m->max_asid) &&
		       value32(l, "sev", &m->min_sev_asid) && line_ends(l);
	if (word(l, "smt")) {
		m->single_thread = word(l, "off");
		return m->single_thread || (expect(l, "on") && line_ends(l));
	}
	if (word(l, "hkids")) {
		if (!value(l, "shift", 51, &n) || n < 32)
			return bad(l, "expected 'shift' and a number from 32 to 51");
		m->hkid_shift = n;
		return line_ends(l);
	}
	if (word(l, "package"))
		return package(l, m) && line_ends(l);
	if (word(l, "module")) {
		m->later = word(l, "later") ? 1 : 2;
		return m->later == 1 || (expect(l, "1.5.01") && line_ends(l));
	}
	/* For people */
	return word(l, "about") ||
	       bad(l, "of the machine, not understood: '%.40s'", l->p);
}

/* "#            entries-in-buffer/entries-written: 20/30   #P:4" */
static void header(struct ftrace *t, struct line *l)
{
	static const char key[] = "entries-in-buffer/entries-written: ";
	unsigned long long have, written;
	const char *p = strstr(l->p, key);

	if (p && sscanf(p + strlen(key), "%llu/%llu", &have, &written) == 2 &&
	    written > have) {
		t->lost += written - have;
		if (!t->lost_line)
			t->lost_line = l->nr;
	}
}

/* "CPU:2 [LOST 12 EVENTS]", of trace-cmd "CPU:2 [12 EVENTS DROPPED]" */
static bool lost(struct ftrace *t, struct line *l)
{
	unsigned long long n = 0;
	const char *p = strchr(l->p, '[');

	if (!p || (!strstr(p, "LOST") && !strstr(p, "DROPPED")))
		return false;
	if (sscanf(p, "[LOST %llu", &n) != 1 && sscanf(p, "[%llu", &n) != 1)
		n = 1;
	t->lost += n ? n : 1;
	if (!t->lost_line)
		t->lost_line = l->nr;
	return true;
}

static bool one_line(struct ftrace *t, struct line *l)
{
	blanks(l);
	if (!*l->p)
		return true;
	if (*l->p == '#') {
		l->p++;
		if (word(l, "machine:"))
			return machine(l, &t->m);
		header(t, l);
		return true;
	}
	if (!strncmp(l->p, "CPU:", 4)) {
		if (lost(t, l))
			return true;
		/* "CPU:3 STARTED", where trace-cmd begins to have events of a CPU */
		return strstr(l->p, "STARTED") ||
		       bad(l, "not understood: '%.40s'", l->p);
	}
	/* What trace-cmd says in front */
	if (!strncmp(l->p, "cpus=", 5) || !strncmp(l->p, "version = ", 10))
		return true;
	return event(t, l);
}

bool ft_read(struct ftrace *t, const char *file)
{
	static char text[65536];
	struct line l = { .t = t };
	struct stat st = { 0 };
	size_t len = 0;
	bool ok = true;
	int err;
	gzFile f;

	t->file = file;
	f = gzopen(file, "rb");
	if (!f) {
		perror(file);
		return false;
	}
	gzbuffer(f, 1 << 18);
	stat(file, &st);
	while (ok && gzgets(f, text, sizeof(text))) {
		l.nr++;
		l.p = text;
		len = strlen(text);
		if (len == sizeof(text) - 1 && text[len - 1] != '\n') {
			ok = bad(&l, "line too long");
			break;
		}
		if (text[len - 1] != '\n' && *text != '#')
			ok = bad(&l, "the file ends within a line");
		while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
			text[--len] = 0;
		if (!(l.nr & 0xfff))
			ft_progress("reading", gzoffset(f), st.st_size);
		ok = ok && one_line(t, &l);
	}
	gzerror(f, &err);
	if (ok && err != Z_OK && err != Z_STREAM_END)
		ok = bad(&l, "%s", gzerror(f, &err));
	if (gzclose(f) != Z_OK && ok)
		ok = bad(&l, "compressed data end early");
	ft_progress_end();
	return ok;
}
