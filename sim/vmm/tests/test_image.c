// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of images, built with sanitizers.
 *
 * test_image --snp|--tdx FILE            accept or refuse, as gmem-launch
 *                                        --check does
 * test_image --snp|--tdx --mutate FILE   try every other value of every byte of
 *                                        the last 4096; prints how many were
 *                                        tried and accepted
 * test_image --tdx --hob FILE            prints the TD HOB for 128 MiB of memory
 */
#include <stdio.h>

#include "invariants.h"

static int mutate(parser parse, uint8_t *data, size_t size)
{
	unsigned long tried = 0, accepted = 0;
	struct image_error err;
	unsigned int v;
	size_t i;

	for (i = size - 4096; i < size; i++) {
		uint8_t old = data[i];

		for (v = 1; v < 256; v++) {
			data[i] = old ^ v;
			tried++;
			accepted += !parse(data, size, &err);
		}
		data[i] = old;
	}
	printf("%lu tried, %lu accepted\n", tried, accepted);
	return 0;
}

static int print_hob(const uint8_t *data, size_t size, struct image_error *err)
{
	static struct tdx_image tdx;
	uint8_t *buf;
	size_t i, n;

	if (tdx_image_init(&tdx, data, size, err))
		return -1;
	buf = malloc(tdx.sections[tdx.hob].size);
	MUST(buf);
	n = tdx_hob_build(&tdx, 128 << 20, buf);
	for (i = 0; i < n; i++)
		printf("%02x", buf[i]);
	printf("\n");
	free(buf);
	return 0;
}

int main(int argc, char **argv)
{
	struct image_error err;
	const char *path = argv[argc - 1];
	uint8_t *data;
	parser parse;
	size_t size;
	int ret;

	if (argc < 3 || argc > 4)
		return 2;
	parse = strcmp(argv[1], "--tdx") ? parse_snp : parse_tdx;
	ret = image_load(path, &data, &size, &err);
	if (!ret) {
		if (argc == 3)
			ret = parse(data, size, &err);
		else if (!strcmp(argv[2], "--hob"))
			ret = print_hob(data, size, &err);
		else
			ret = mutate(parse, data, size);
		free(data);
	}
	if (ret)
		fprintf(stderr, "gmem-launch: %s: %s\n", path, err.text);
	return ret ? 1 : 0;
}
