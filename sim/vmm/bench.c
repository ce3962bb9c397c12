// SPDX-License-Identifier: GPL-2.0
/*
 * How long the populate ioctl of a launch takes, by size of the range.
 *
 * Runs as init of a UML kernel and writes one JSON object per line:
 *
 *   first     the first populate, for which the host has yet to give memory
 *   populate  one populate; nothing measures but the clock around it
 *   hash      the same bytes measured in the same way, and nothing else
 *   profile   one populate in whose course each operation is timed, the answer
 *             of /sys/kernel/debug/gmem-sim/profile and the calls made
 *   teardown  how long the guest took to go
 *
 * Times are nanoseconds for which the UML kernel had a processor of the host.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "firmware.h"
#include "image.h"
#include "launch.h"

#define SIM_DIR	"/sys/kernel/debug/gmem-sim/"
#define MIB	(1ULL << 20)

struct bench {
	const struct bench_platform *platform;
	uint64_t min;
	uint64_t max;
	unsigned int step;
	unsigned int runs;
	uint8_t *src;
	int clock;
	FILE *out;
};

static int read_number(int fd, uint64_t *n)
{
	char buf[32];
	ssize_t len;

	len = pread(fd, buf, sizeof(buf) - 1, 0);
	if (len <= 0)
		return complain("clock of the machine: %s", strerror(errno));
	buf[len] = '\0';
	*n = strtoull(buf, NULL, 10);
	return 0;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = strlen(text);

	if (fd < 0)
		return complain("open %s: %s", path, strerror(errno));
	if (write(fd, text, len) != len) {
		complain("write \"%s\" to %s: %s", text, path, strerror(errno));
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

/* What a guest is made of is of no concern here, but it should not be zeros. */
static int fill_source(struct bench *b)
{
	uint64_t done = 0;
	ssize_t n;
	int fd;

	b->src = mmap(NULL, b->max, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (b->src == MAP_FAILED)
		return complain("mmap of %llu bytes: %s",
				(unsigned long long)b->max, strerror(errno));
	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return complain("open /dev/urandom: %s", strerror(errno));
	/* The kernel touches the pages: one by one from here would take minutes. */
	while (done < b->max) {
		n = read(fd, b->src + done, b->max - done);
		if (n <= 0) {
			complain("read /dev/urandom: %s", strerror(errno));
			close(fd);
			return -1;
		}
		done += n;
	}
	close(fd);
	return 0;
}

static int print_line(struct bench *b, const char *kind, uint64_t size, uint64_t ns)
{
	fprintf(b->out, "{\"kind\": \"%s\", \"mib\": %llu, \"ns\": %llu}\n", kind,
		(unsigned long long)(size / MIB), (unsigned long long)ns);
	return 0;
}

static void print_calls(struct bench *b, const struct fw_calls *calls)
{
	unsigned int i, n = 0;

	fprintf(b->out, ", \"calls\": {");
	for (i = 0; i < calls->nr; i++)
		if (calls->call[i].count)
			fprintf(b->out, "%s\"%s\": %llu", n++ ? ", " : "",
				calls->call[i].name,
				(unsigned long long)calls->call[i].count);
	fprintf(b->out, "}");
}

/* Lines of text as an array of strings; there is nothing to escape in them */
static int print_profile(struct bench *b)
{
	FILE *f = fopen(SIM_DIR "profile", "re");
	unsigned int n = 0;
	char line[256];

	if (!f)
		return complain("open " SIM_DIR "profile: %s", strerror(errno));
	fprintf(b->out, ", \"profile\": [");
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		fprintf(b->out, "%s\"%s\"", n++ ? ", " : "", line);
	}
	fprintf(b->out, "]");
	fclose(f);
	return 0;
}

static int populate(struct bench *b, uint64_t size, const char *kind, int profile)
{
	static struct fw_calls before, calls;
	struct bench_guest g = { .sev = -1, .vm.fd = -1, .vm.kvm = -1 };
	uint64_t begin, end, gone;
	int ret;

	ret = b->platform->create(&g, size);
	if (!ret && profile)
		ret = fw_read_calls(&before) || write_file(SIM_DIR "profile", "1");
	if (!ret)
		ret = read_number(b->clock, &begin) ||
		      b->platform->populate(&g, b->src, size) ||
		      read_number(b->clock, &end);
	if (!ret && profile)
		ret = write_file(SIM_DIR "profile", "0") || fw_read_calls(&calls);
	if (!ret && profile) {
		fw_calls_since(&calls, &before);
		fprintf(b->out, "{\"kind\": \"%s\", \"mib\": %llu, \"ns\": %llu",
			kind, (unsigned long long)(size / MIB),
			(unsigned long long)(end - begin));
		print_calls(b, &calls);
		ret = print_profile(b);
		fprintf(b->out, "}\n");
	} else if (!ret) {
		print_line(b, kind, size, end - begin);
	}
	if (!ret)
		ret = read_number(b->clock, &end);

	vm_destroy(&g.vm);
	if (g.sev >= 0)
		close(g.sev);
	if (!ret && !profile)
		ret = read_number(b->clock, &gone) ||
		      print_line(b, "teardown", size, gone - end);
	fflush(b->out);
	return ret ? -1 : 0;
}

static int hash(struct bench *b, uint64_t size)
{
	char text[64];
	uint64_t ns;
	int fd, ret;

	snprintf(text, sizeof(text), "%s %llx %llu", b->platform->name,
		 (unsigned long long)(uintptr_t)b->src,
		 (unsigned long long)(size / PAGE_SIZE));
	if (write_file(SIM_DIR "hash", text))
		return -1;
	fd = open(SIM_DIR "hash", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return complain("open " SIM_DIR "hash: %s", strerror(errno));
	ret = read_number(fd, &ns) || print_line(b, "hash", size, ns) ? -1 : 0;
	close(fd);
	return ret;
}

static int bench(struct bench *b)
{
	long violations = fw_violations();
	unsigned int i;
	uint64_t size;

	b->clock = open(SIM_DIR "cpu", O_RDONLY | O_CLOEXEC);
	if (b->clock < 0)
		return complain("open " SIM_DIR "cpu: %s", strerror(errno));
	if (fill_source(b) || populate(b, b->max, "first", 0))
		return -1;

	/*
	 * Close together what is compared, and again and again: the host may be
	 * busy with other things.
	 */
	for (i = 0; i < b->runs; i++)
		for (size = b->min; size <= b->max; size *= b->step)
			if (hash(b, size) || populate(b, size, "populate", 0) ||
			    populate(b, size, "profile", 1))
				return -1;

	if (fw_violations() != violations) {
		complain("violations of the machine's invariants:");
		fw_print_violations(stderr);
		return -1;
	}
	return 0;
}

static int number(const char *name, const char *s, unsigned int min, unsigned int max)
{
	char *end;
	long n = strtol(s, &end, 10);

	if (!*s || *end || n < min || n > max) {
		complain("%s: %s, should be a number from %u to %u", name, s, min, max);
		return -1;
	}
	return n;
}

static int parse(int argc, char **argv, struct bench *b, const char **out,
		 const char **err, const char **result)
{
	static const struct option options[] = {
		{ "type", required_argument, NULL, 't' },
		{ "min", required_argument, NULL, 'a' },
		{ "max", required_argument, NULL, 'b' },
		{ "step", required_argument, NULL, 's' },
		{ "runs", required_argument, NULL, 'n' },
		{ "stdout", required_argument, NULL, 'o' },
		{ "stderr", required_argument, NULL, 'e' },
		{ "result", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int c, n = 0;

	while (n >= 0 && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 't':
			if (!strcmp(optarg, bench_snp.name))
				b->platform = &bench_snp;
			else if (!strcmp(optarg, bench_tdx.name))
				b->platform = &bench_tdx;
			else
				return complain("--type: %s, should be one of: snp tdx", optarg);
			break;
		case 'a':
			n = number("--min", optarg, 1, 1 << 20);
			b->min = n * MIB;
			break;
		case 'b':
			n = number("--max", optarg, 1, 1 << 20);
			b->max = n * MIB;
			break;
		case 's':
			n = number("--step", optarg, 2, 1024);
			b->step = n;
			break;
		case 'n':
			n = number("--runs", optarg, 1, 1000);
			b->runs = n;
			break;
		case 'o':
			*out = optarg;
			break;
		case 'e':
			*err = optarg;
			break;
		case 'r':
			*result = optarg;
			break;
		default:
			return -1;
		}
	}
	return n < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct bench b = {
		.platform = &bench_snp,
		.min = 16 * MIB, .max = 1024 * MIB, .step = 2, .runs = 3,
	};
	const char *out = NULL, *err = NULL, *result = NULL;
	int status = 1;

	init_start();
	if (!parse(argc, argv, &b, &out, &err, &result) && !init_redirect(out, err)) {
		b.out = stdout;
		status = bench(&b) ? 1 : 0;
	}
	init_finish(result, status);
}
