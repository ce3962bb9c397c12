// SPDX-License-Identifier: GPL-2.0
/* Coverage-guided fuzzing of the image parser: make fuzz */
#include "invariants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snp_image snp;
	struct image_error err;

	if (snp_image_init(&snp, data, size, &err))
		check_refused(&err);
	else
		check_accepted(&snp);
	return 0;
}
