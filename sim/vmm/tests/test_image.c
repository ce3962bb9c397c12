// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of images, built with sanitizers.
 *
 * test_image FILE            accept or refuse, as gmem-launch --check does
 * test_image --mutate FILE   try every other value of every byte of the last
 *                            4096; prints how many were tried and accepted
 */
#include <stdio.h>

#include "invariants.h"

static int one(const char *path, const uint8_t *data, size_t size)
{
	static struct snp_image snp;
	struct image_error err;

	if (snp_image_init(&snp, data, size, &err)) {
		check_refused(&err);
		fprintf(stderr, "gmem-launch: %s: %s\n", path, err.text);
		return 1;
	}
	check_accepted(&snp);
	return 0;
}

static int mutate(uint8_t *data, size_t size)
{
	static struct snp_image snp;
	unsigned long tried = 0, accepted = 0;
	struct image_error err;
	unsigned int v;
	size_t i;

	for (i = size - 4096; i < size; i++) {
		uint8_t old = data[i];

		for (v = 1; v < 256; v++) {
			data[i] = old ^ v;
			tried++;
			if (snp_image_init(&snp, data, size, &err)) {
				check_refused(&err);
			} else {
				check_accepted(&snp);
				accepted++;
			}
		}
		data[i] = old;
	}
	printf("%lu tried, %lu accepted\n", tried, accepted);
	return 0;
}

int main(int argc, char **argv)
{
	struct image_error err;
	const char *path = argv[argc - 1];
	uint8_t *data;
	size_t size;
	int ret;

	if (argc < 2 || argc > 3)
		return 2;
	if (image_load(path, &data, &size, &err)) {
		fprintf(stderr, "gmem-launch: %s: %s\n", path, err.text);
		return 1;
	}
	ret = argc == 3 ? mutate(data, size) : one(path, data, size);
	free(data);
	return ret;
}
