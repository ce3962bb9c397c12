// SPDX-License-Identifier: GPL-2.0
/*
 * replay: execute recorded lines on the simulated firmware and compare.
 *
 * Exit status: 0 all is equal, 1 differences or something that could not be
 * compared, 2 input that makes no sense.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <zlib.h>

#include "trace.h"

/* ---- messages ---- */

static bool progress_shown;

static void clear_progress(void)
{
	if (progress_shown)
		fprintf(stderr, "\r\033[K");
	progress_shown = false;
}

void replay_differs(struct replay *r, const char *op, const char *what,
		    const char *expected, const char *got)
{
	if (r->differed)
		return;
	r->differed = true;
	r->differences++;
	if (r->max_print && r->differences > r->max_print)
		return;
	clear_progress();
	printf("%s:%lu: %s: %s: expected %s, got %s\n", r->file, r->line, op,
	       what, expected, got);
	if (r->differences == r->max_print)
		printf("... more differences are counted, not shown\n");
}

bool replay_bad(struct replay *r, const char *fmt, ...)
{
	va_list ap;

	clear_progress();
	fflush(stdout);
	fprintf(stderr, "%s:%lu: ", r->file, r->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return false;
}

void replay_uncompared(struct replay *r, const char *fmt, ...)
{
	va_list ap;

	if (r->incomplete)
		return;
	r->incomplete = true;
	r->uncompared++;
	if (r->max_print && r->uncompared > r->max_print)
		return;
	clear_progress();
	printf("%s:%lu: not compared: ", r->file, r->line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	if (r->uncompared == r->max_print)
		printf("... more such lines are counted, not shown\n");
}

void replay_unknown(struct replay *r, const char *what, const char *name,
		    size_t len)
{
	replay_uncompared(r, "%s %.*s is not understood", what, (int)len, name);
}

/* ---- input ---- */

struct text {
	char *bytes;
	size_t len;
	bool mapped;
};

static bool is_gzip(const struct text *t)
{
	return t->len > 2 && !memcmp(t->bytes, "\x1f\x8b", 2);
}

static void unmap(struct text *t)
{
	if (t->mapped)
		munmap(t->bytes, t->len);
	else
		free(t->bytes);
	memset(t, 0, sizeof(*t));
}

static bool map_text(const char *path, struct text *t)
{
	int fd = open(path, O_RDONLY);
	struct stat st;

	memset(t, 0, sizeof(*t));
	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		t->bytes = mmap(NULL, st.st_size, PROT_READ,
				MAP_PRIVATE | MAP_POPULATE, fd, 0);
		if (t->bytes == MAP_FAILED)
			t->bytes = NULL;
		else
			t->len = st.st_size;
		t->mapped = t->bytes;
	}
	close(fd);
	return true;
}

static unsigned long lines_of(const struct text *t)
{
	unsigned long n = 1;
	size_t i;

	for (i = 0; i < t->len; i++)
		n += t->bytes[i] == '\n';
	return n;
}

/* What cannot be mapped, or is compressed. */
static bool inflate_text(const char *path, struct text *t)
{
	gzFile f = gzopen(path, "rb");
	size_t room = 1 << 20;
	int n = 0;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	gzbuffer(f, 1 << 18);
	t->bytes = malloc(room);
	while (t->bytes && (n = gzread(f, t->bytes + t->len,
				       room - t->len)) > 0) {
		t->len += n;
		if (t->len == room) {
			room *= 2;
			t->bytes = realloc(t->bytes, room);
		}
	}
	if (!t->bytes)
		abort();
	if (n < 0)
		fprintf(stderr, "%s:%lu: %s\n", path, lines_of(t), gzerror(f, &n));
	/* A file that was cut off is noticed here only. */
	if (gzclose(f) != Z_OK && n >= 0) {
		fprintf(stderr, "%s:%lu: compressed data end early\n", path, lines_of(t));
		n = -1;
	}
	return n >= 0;
}

static bool read_text(const char *path, struct text *t)
{
	if (!map_text(path, t))
		return false;
	if (t->mapped && !is_gzip(t))
		return true;
	unmap(t);
	return inflate_text(path, t);
}

static const struct trace_format * const formats[] = {
	&snp_trace_format,
	&snp_digest_format,
	&tdx_trace_format,
};

static const struct trace_format *find_format(const struct json_doc *doc)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (formats[i]->match(doc))
			return formats[i];
	return NULL;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static void show_progress(struct replay *r, size_t at, size_t len)
{
	static double last;
	double t = now();

	if (!isatty(2) || t - last < 0.1)
		return;
	last = t;
	progress_shown = true;
	fprintf(stderr, "\r%s %3d%%  %lu operations, %lu differences\033[K",
		r->file, (int)(100.0 * at / (len ? len : 1)), r->operations,
		r->differences);
}

static bool is_blank(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p == end;
}

static bool replay_text(struct replay *r, const struct text *t)
{
	static struct json_doc doc;
	const char *p = t->bytes, *end = t->bytes + t->len, *eol;

	r->line = 0;
	r->format = NULL;
	json_forget(&doc);
	if (t->len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;		/* a byte order mark */
	for (; p < end; p = eol + 1) {
		eol = memchr(p, '\n', end - p);
		if (!eol)
			eol = end;
		r->line++;
		if (!(r->line & 0xfff))
			show_progress(r, p - t->bytes, t->len);
		if (is_blank(p, eol))
			continue;
		if (!json_parse(&doc, p, eol - p))
			return replay_bad(r, "column %d: %s",
					  (int)(doc.where - p) + 1,
					  doc.error);
		if (doc.node->type != JSON_OBJECT)
			return replay_bad(r, "a line is an object");
		if (!r->format) {
			r->format = find_format(&doc);
			if (!r->format)
				return replay_bad(r, "neither a trace nor a digest vector");
			if (r->format->begin)
				r->format->begin(r);
		}
		r->differed = false;
		r->incomplete = false;
		if (!r->format->row(r, &doc))
			return false;
	}
	r->incomplete = false;
	if (r->format && r->format->end)
		r->format->end(r);
	if (!r->format)
		fprintf(stderr, "%s: note: nothing in it\n", r->file);
	r->bytes += t->len;
	return true;
}

static bool replay_file(struct replay *r, const char *path)
{
	struct text t = { 0 };
	bool ok = read_text(path, &t);

	r->file = path;
	if (ok)
		ok = replay_text(r, &t);
	unmap(&t);
	return ok;
}

static bool is_trace_name(const char *name)
{
	const char *dot = strstr(name, ".jsonl");

	return dot && (!strcmp(dot, ".jsonl") || !strcmp(dot, ".jsonl.gz"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static bool replay_path(struct replay *r, const char *path, bool named)
{
	struct dirent **list;
	struct stat st;
	bool ok = true;
	char *sub;
	int n, i;

	if (stat(path, &st)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode))
		return named || is_trace_name(path) ? replay_file(r, path) :
						      true;
	n = scandir(path, &list, not_hidden, by_name);
	for (i = 0; i < n; i++) {
		if (ok && asprintf(&sub, "%s/%s", path, list[i]->d_name) > 0) {
			ok = replay_path(r, sub, false);
			free(sub);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return ok;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: replay [-v] [-n COUNT] [-m MODULE] FILE|DIRECTORY ...\n"
		"Replays traces and digest vectors (*.jsonl, *.jsonl.gz).\n"
		"  -n COUNT  differences to print (default 20, 0: all)\n"
		"  -m MODULE TDX module of traces that do not say: 1.5.01 (default), later\n"
		"  -v        print operations per second, as on a terminal\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct replay r = { .max_print = 20 };
	double start;
	bool ok = true;
	int c;

	while ((c = getopt(argc, argv, "vn:m:")) != -1) {
		if (c == 'v')
			r.verbose = true;
		else if (c == 'n')
			r.max_print = strtoul(optarg, NULL, 0);
		else if (c == 'm' && !strcmp(optarg, "later"))
			r.later = true;
		else if (c == 'm' && !strcmp(optarg, "1.5.01"))
			r.later = false;
		else
			return usage();
	}
	if (optind == argc)
		return usage();
	r.w = world_new();
	world_cache_digests(true);
	start = now();
	for (; optind < argc && ok; optind++)
		ok = replay_path(&r, argv[optind], true);
	clear_progress();
	if (ok && !r.operations)
		fprintf(stderr, "nothing to replay\n");
	if (r.verbose || isatty(STDOUT_FILENO))
		printf("%.0f operations/s, %.0f a CPU second, %lu lines for information only\n",
		       r.operations / (now() - start),
		       r.operations * (double)CLOCKS_PER_SEC / clock(),
		       r.skipped);
	if (r.uncompared)
		printf("not compared: something of %lu lines\n", r.uncompared);
	printf("conformance: %lu operations, %lu differences\n", r.operations,
	       r.differences);
	world_free(r.w);
	if (!ok)
		return 2;
	return r.differences || r.uncompared || !r.operations ? 1 : 0;
}
