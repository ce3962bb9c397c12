/* SPDX-License-Identifier: GPL-2.0 */
/* What must hold for every image that the parsers accept. */
#ifndef GMEM_LAUNCH_INVARIANTS_H
#define GMEM_LAUNCH_INVARIANTS_H

#include <stdlib.h>
#include <string.h>

#include "../snp_image.h"
#include "../tdx_hob.h"
#include "../tdx_image.h"

#define MUST(x) do { if (!(x)) abort(); } while (0)

/* Says the same as the parsers, but in another way: pages in a bitmap. */
static uint8_t used[FOUR_GIB / PAGE_SIZE / 8];

static void take(uint64_t gpa, uint64_t size)
{
	uint64_t page, last = (gpa + size) / PAGE_SIZE;

	MUST(size && !(gpa % PAGE_SIZE) && !(size % PAGE_SIZE));
	MUST(gpa < FOUR_GIB && size <= FOUR_GIB && gpa + size <= FOUR_GIB);
	for (page = gpa / PAGE_SIZE; page < last; page++) {
		MUST(!(used[page / 8] & 1 << page % 8));
		used[page / 8] |= 1 << page % 8;
	}
}

static void give_back(uint64_t gpa, uint64_t size)
{
	size_t first = gpa / PAGE_SIZE / 8, n = size / PAGE_SIZE / 8 + 2;

	memset(used + first, 0,
	       n < sizeof(used) - first ? n : sizeof(used) - first);
}

static void check_snp(const struct snp_image *s)
{
	unsigned int i, cpuid = 0, secrets = 0;
	uint64_t bytes = 0;

	MUST(s->img.base + s->img.size == FOUR_GIB);
	MUST(s->nr_sections >= 1 && s->nr_sections <= SNP_MAX_SECTIONS);
	MUST(s->reset_eip);

	for (i = 0; i < s->nr_sections; i++) {
		const struct snp_section *c = &s->sections[i];

		MUST(snp_section_name(c->type));
		cpuid += c->type == SNP_SECTION_CPUID;
		secrets += c->type == SNP_SECTION_SECRETS;
		take(c->gpa, c->size);
		MUST(c->gpa + c->size <= s->img.base);
		bytes += c->size;
	}
	MUST(cpuid <= 1 && secrets <= 1);
	MUST(bytes == s->bytes && bytes <= IMAGE_MAX_PAGES);

	for (i = 0; i < s->nr_sections; i++)
		give_back(s->sections[i].gpa, s->sections[i].size);
}

/* Ranges of the list cover all RAM, in order; its end is where it says. */
static void check_hob(const struct tdx_image *t)
{
	const struct tdx_section *hob = &t->sections[t->hob];
	uint64_t at = 0, ram = t->img.base;
	uint8_t *buf = malloc(hob->size);
	size_t n, p;

	MUST(buf);
	n = tdx_hob_build(t, ram, buf);
	for (p = 56; n && p < n - 8; p += 48) {
		MUST(get_le16(buf + p) == 3 && get_le16(buf + p + 2) == 48);
		MUST(get_le64(buf + p + 32) == at);
		at += get_le64(buf + p + 40);
	}
	MUST(!n || (at == ram && p == n - 8 && get_le16(buf + p) == 0xffff));
	MUST(!n || get_le64(buf + 48) == hob->gpa + n);
	free(buf);
}

static void check_tdx(const struct tdx_image *t)
{
	unsigned int i, hobs = 0, reset = 0;
	uint64_t bytes = 0;

	MUST(t->img.base + t->img.size == FOUR_GIB);
	MUST(t->nr_sections >= 1 && t->nr_sections <= TDX_MAX_SECTIONS);

	for (i = 0; i < t->nr_sections; i++) {
		const struct tdx_section *c = &t->sections[i];
		int volume = c->type <= TDX_SECTION_CFV;

		MUST(tdx_section_name(c->type));
		take(c->gpa, c->size);
		MUST(c->gpa >= t->img.base || c->gpa + c->size <= t->img.base);
		MUST(c->data_size == (volume ? c->size : 0));
		MUST(!volume || (uint64_t)c->data + c->data_size <= t->img.size);
		MUST(!volume || !(c->data % PAGE_SIZE));
		MUST(c->attributes <= 2);
		if (c->attributes & TDX_ATTR_PAGE_AUG)
			MUST(!volume && c->type != TDX_SECTION_TD_HOB);
		else
			bytes += c->size;
		hobs += c->type == TDX_SECTION_TD_HOB;
		reset += c->type == TDX_SECTION_BFV &&
			 c->gpa + c->size == FOUR_GIB;
	}
	MUST(hobs == 1 && t->sections[t->hob].type == TDX_SECTION_TD_HOB);
	MUST(reset == 1);
	MUST(bytes == t->bytes && bytes <= IMAGE_MAX_PAGES);
	check_hob(t);

	for (i = 0; i < t->nr_sections; i++)
		give_back(t->sections[i].gpa, t->sections[i].size);
}

/* What must hold for every refusal: one line that says something. */
static void check_refused(const struct image_error *err)
{
	size_t n = strnlen(err->text, sizeof(err->text));

	MUST(n > 8 && n < sizeof(err->text) - 1);
	MUST(strchr(err->text, ':'));
	MUST(!strchr(err->text, '\n'));
}

typedef int (*parser)(const uint8_t *data, size_t size,
		      struct image_error *err);

static int parse_snp(const uint8_t *data, size_t size, struct image_error *err)
{
	static struct snp_image snp;

	if (snp_image_init(&snp, data, size, err)) {
		check_refused(err);
		return -1;
	}
	check_snp(&snp);
	return 0;
}

static int parse_tdx(const uint8_t *data, size_t size, struct image_error *err)
{
	static struct tdx_image tdx;

	if (tdx_image_init(&tdx, data, size, err)) {
		check_refused(err);
		return -1;
	}
	check_tdx(&tdx);
	return 0;
}

#endif
