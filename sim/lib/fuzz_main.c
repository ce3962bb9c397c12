// SPDX-License-Identifier: GPL-2.0
/*
 * Runs recorded inputs without libFuzzer: fuzz-replay FILE|DIRECTORY ...
 * In a file *.gz each line is an input, in hexadecimal.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "fuzz.h"

static unsigned int done;

size_t LLVMFuzzerMutate(u8 *data, size_t len, size_t max_len);

/* libFuzzer's; nothing is changed here. */
size_t LLVMFuzzerMutate(u8 *data, size_t len, size_t max_len)
{
	(void)data;
	(void)max_len;
	return len;
}

static void fail(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(2);
}

/* Where it is, in case it ends there. */
static void show(const char *path, unsigned int line)
{
	if (isatty(2))
		fprintf(stderr, "\r%s:%u\033[K", path, line);
}

static u8 buf[(FUZZ_MAX_STEPS + 1) * FUZZ_RECORD];

static void run_lines(const char *path)
{
	static char line[2 * sizeof(buf) + 2];
	gzFile f = gzopen(path, "rb");
	unsigned int nr = 0, byte;
	size_t len;

	if (!f)
		fail(path);
	while (gzgets(f, line, sizeof(line))) {
		nr++;
		for (len = 0; sscanf(line + 2 * len, "%2x", &byte) == 1; len++)
			buf[len] = byte;
		if (!len || !isspace((unsigned char)line[2 * len])) {
			fprintf(stderr, "%s:%u: not a line of hexadecimal bytes\n",
				path, nr);
			exit(2);
		}
		show(path, nr);
		LLVMFuzzerTestOneInput(buf, len);
		done++;
	}
	gzclose(f);
}

static void run_file(const char *path)
{
	const char *dot = strrchr(path, '.');
	FILE *f;
	size_t len;

	if (dot && !strcmp(dot, ".gz")) {
		run_lines(path);
		return;
	}
	f = fopen(path, "rb");
	if (!f)
		fail(path);
	len = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	show(path, 0);
	LLVMFuzzerTestOneInput(buf, len);
	done++;
}

static void run_path(const char *path)
{
	struct dirent **list;
	struct stat st;
	char *sub;
	int n, i;

	if (stat(path, &st))
		fail(path);
	if (!S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	n = scandir(path, &list, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.' &&
		    asprintf(&sub, "%s/%s", path, list[i]->d_name) > 0) {
			run_path(sub);
			free(sub);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2) {
		fprintf(stderr, "usage: fuzz-replay FILE|DIRECTORY ...\n");
		return 2;
	}
	for (i = 1; i < argc; i++)
		run_path(argv[i]);
	if (isatty(2))
		fprintf(stderr, "\r\033[K");
	printf("%u inputs without a finding\n", done);
	return !done;
}
