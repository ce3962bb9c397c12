/* SPDX-License-Identifier: GPL-2.0 */
/* What must hold for every image that the parser accepts. */
#ifndef GMEM_LAUNCH_INVARIANTS_H
#define GMEM_LAUNCH_INVARIANTS_H

#include <stdlib.h>
#include <string.h>

#include "../snp_image.h"

#define MUST(x) do { if (!(x)) abort(); } while (0)

/* Says the same as the parser, but in another way: pages in a bitmap. */
static void check_accepted(const struct snp_image *s)
{
	static uint8_t used[FOUR_GIB / PAGE_SIZE / 8];
	uint64_t page, first, last;
	unsigned int i, cpuid = 0, secrets = 0;

	MUST(s->img.base + s->img.size == FOUR_GIB);
	MUST(s->nr_sections >= 1 && s->nr_sections <= SNP_MAX_SECTIONS);
	MUST(s->reset_eip);

	for (i = 0; i < s->nr_sections; i++) {
		const struct snp_section *c = &s->sections[i];

		MUST(snp_section_name(c->type));
		MUST(c->size && !(c->gpa % PAGE_SIZE) && !(c->size % PAGE_SIZE));
		cpuid += c->type == SNP_SECTION_CPUID;
		secrets += c->type == SNP_SECTION_SECRETS;
		first = c->gpa / PAGE_SIZE;
		last = (c->gpa + c->size) / PAGE_SIZE;
		MUST(last <= s->img.base / PAGE_SIZE);
		for (page = first; page < last; page++) {
			MUST(!(used[page / 8] & 1 << page % 8));
			used[page / 8] |= 1 << page % 8;
		}
	}
	MUST(cpuid <= 1 && secrets <= 1);

	for (i = 0; i < s->nr_sections; i++)
		memset(used + s->sections[i].gpa / PAGE_SIZE / 8, 0,
		       s->sections[i].size / PAGE_SIZE / 8 + 2);
}

/* What must hold for every refusal: one line that says something. */
static void check_refused(const struct image_error *err)
{
	size_t n = strnlen(err->text, sizeof(err->text));

	MUST(n > 8 && n < sizeof(err->text) - 1);
	MUST(strchr(err->text, ':'));
	MUST(!strchr(err->text, '\n'));
}

#endif
