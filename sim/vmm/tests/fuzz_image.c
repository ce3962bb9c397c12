// SPDX-License-Identifier: GPL-2.0
/* Coverage-guided fuzzing of the image parsers: make fuzz */
#include "invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_error err;

	parse_snp(data, size, &err);
	parse_tdx(data, size, &err);
	return 0;
}
