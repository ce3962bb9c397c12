// SPDX-License-Identifier: GPL-2.0
/*
 * SEV metadata of an OVMF image.
 *
 * An entry of the GUID table holds the distance of a descriptor from the end
 * of the image: {"ASEV", u32 length, u32 version, u32 count}, followed by
 * count times {u32 gpa, u32 size, u32 type}.
 */
#include <string.h>

#include "snp_image.h"

#define ASEV_HEADER	16
#define ASEV_SECTION	12
#define ASEV_VERSION	1

static const struct guid sev_metadata_guid = { {
	0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98, 0x98, 0x47,
	0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc } };

static const struct guid reset_block_guid = { {
	0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a, 0xcb, 0x4f,
	0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e } };

const char *snp_section_name(uint32_t type)
{
	switch (type) {
	case SNP_SECTION_ZERO:		return "ZERO";
	case SNP_SECTION_SECRETS:	return "SECRETS";
	case SNP_SECTION_CPUID:		return "CPUID";
	case SNP_SECTION_SVSM_CAA:	return "SVSM_CAA";
	case SNP_SECTION_KERNEL_HASHES:	return "KERNEL_HASHES";
	default:			return NULL;
	}
}

/* A guest has one of each of these, and the firmware writes a single page. */
static int single_page(uint32_t type)
{
	return type == SNP_SECTION_SECRETS || type == SNP_SECTION_CPUID;
}

static int check_section(struct snp_image *snp, unsigned int n,
			 struct image_error *err)
{
	const struct snp_section *s = &snp->sections[n], *o;
	const char *name = snp_section_name(s->type);
	unsigned long long gpa = s->gpa, size = s->size;
	unsigned int i;

	if (!name)
		return image_fail(err, "type of section %u: %#x, unknown", n,
				  s->type);
	if (gpa % PAGE_SIZE)
		return image_fail(err, "address of section %u (%s): %#llx, not a multiple of 4096",
				  n, name, gpa);
	if (!size)
		return image_fail(err, "size of section %u (%s): 0", n, name);
	if (size % PAGE_SIZE)
		return image_fail(err, "size of section %u (%s): %#llx, not a multiple of 4096",
				  n, name, size);
	if (single_page(s->type) && size != PAGE_SIZE)
		return image_fail(err, "size of section %u (%s): %#llx, should be one page",
				  n, name, size);
	if (gpa + size > FOUR_GIB)
		return image_fail(err, "end of section %u (%s): %#llx, beyond 4 GiB",
				  n, name, gpa + size);
	if (gpa + size > snp->img.base)
		return image_fail(err, "end of section %u (%s): %#llx, overlaps the image at %#llx",
				  n, name, gpa + size,
				  (unsigned long long)snp->img.base);
	snp->bytes += size;
	if (snp->bytes > IMAGE_MAX_PAGES)
		return image_fail(err, "size of section %u (%s): %#llx, all so far are %#llx, at most %#lx are launched",
				  n, name, size,
				  (unsigned long long)snp->bytes,
				  IMAGE_MAX_PAGES);

	for (i = 0; i < n; i++) {
		o = &snp->sections[i];
		if (gpa < o->gpa + o->size && o->gpa < gpa + size)
			return image_fail(err, "address of section %u (%s): %#llx, overlaps section %u (%s) at %#llx",
					  n, name, gpa, i,
					  snp_section_name(o->type),
					  (unsigned long long)o->gpa);
		if (single_page(s->type) && s->type == o->type)
			return image_fail(err, "type of section %u: %s, section %u has it already",
					  n, name, i);
	}
	return 0;
}

static int read_sections(struct snp_image *snp, struct image_error *err)
{
	const struct image *img = &snp->img;
	uint32_t distance, length, version, count, i;
	const uint8_t *p;
	size_t at, len;

	at = image_find(img, &sev_metadata_guid, &len);
	if (!at)
		return image_fail(err, "SEV metadata: no such entry in the GUID table (image built without SNP support)");
	if (len != 4)
		return image_fail(err, "length of the SEV metadata entry: %zu bytes of data, should be 4",
				  len);

	distance = get_le32(img->data + at);
	if (distance < ASEV_HEADER || distance > img->size)
		return image_fail(err, "SEV metadata offset: %#x, outside the image of %#zx bytes",
				  distance, img->size);

	p = img->data + img->size - distance;
	if (memcmp(p, "ASEV", 4))
		return image_fail(err, "SEV metadata signature: %02x %02x %02x %02x, should be \"ASEV\"",
				  p[0], p[1], p[2], p[3]);
	length = get_le32(p + 4);
	version = get_le32(p + 8);
	count = get_le32(p + 12);

	if (version != ASEV_VERSION)
		return image_fail(err, "SEV metadata version: %u, should be %d",
				  version, ASEV_VERSION);
	if (!count || count > SNP_MAX_SECTIONS)
		return image_fail(err, "SEV metadata section count: %u, should be 1 to %d",
				  count, SNP_MAX_SECTIONS);
	if (length != ASEV_HEADER + count * ASEV_SECTION)
		return image_fail(err, "SEV metadata length: %u, should be %u for %u sections",
				  length, ASEV_HEADER + count * ASEV_SECTION,
				  count);
	if (length > distance)
		return image_fail(err, "SEV metadata length: %u, only %u bytes are left in the image",
				  length, distance);

	p += ASEV_HEADER;
	for (i = 0; i < count; i++, p += ASEV_SECTION) {
		snp->sections[i].gpa = get_le32(p);
		snp->sections[i].size = get_le32(p + 4);
		snp->sections[i].type = get_le32(p + 8);
		snp->nr_sections = i + 1;
		if (check_section(snp, i, err))
			return -1;
	}
	return 0;
}

static int read_reset_block(struct snp_image *snp, struct image_error *err)
{
	const struct image *img = &snp->img;
	size_t at, len;

	at = image_find(img, &reset_block_guid, &len);
	if (!at)
		return image_fail(err, "SEV-ES reset block: no such entry in the GUID table");
	if (len < 4)
		return image_fail(err, "length of the SEV-ES reset block: %zu bytes of data, should be at least 4",
				  len);
	snp->reset_eip = get_le32(img->data + at);
	if (!snp->reset_eip)
		return image_fail(err, "SEV-ES reset address: 0");
	return 0;
}

int snp_image_init(struct snp_image *snp, const void *data, size_t size,
		   struct image_error *err)
{
	memset(snp, 0, sizeof(*snp));
	if (image_init(&snp->img, data, size, err) || read_sections(snp, err) ||
	    read_reset_block(snp, err))
		return -1;
	return image_check_start(&snp->img, err);
}
