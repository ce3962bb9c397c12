// SPDX-License-Identifier: GPL-2.0
/*
 * TDX metadata of an OVMF image.
 *
 * An entry of the GUID table holds the distance of a descriptor from the end
 * of the image: {"TDVF", u32 length, u32 version, u32 count}, followed by
 * count times {u32 offset of the data, u32 size of the data, u64 gpa, u64
 * size, u32 type, u32 attributes}.
 *
 * Unlike an SNP guest, a TD consists of what the sections say and of nothing
 * else: the image as such is not loaded.
 */
#include <string.h>

#include "tdx_image.h"

#define TDVF_HEADER	16
#define TDVF_SECTION	32
#define TDVF_VERSION	1

#define RESET_VECTOR	0xfffffff0ULL

static const struct guid tdx_metadata_guid = { {
	0x35, 0x65, 0x7a, 0xe4, 0x4a, 0x98, 0x98, 0x47,
	0x86, 0x5e, 0x46, 0x85, 0xa7, 0xbf, 0x8e, 0xc2 } };

const char *tdx_section_name(uint32_t type)
{
	switch (type) {
	case TDX_SECTION_BFV:		return "BFV";
	case TDX_SECTION_CFV:		return "CFV";
	case TDX_SECTION_TD_HOB:	return "TD_HOB";
	case TDX_SECTION_TEMP_MEM:	return "TEMP_MEM";
	case TDX_SECTION_PERM_MEM:	return "PERM_MEM";
	default:			return NULL;
	}
}

/* A firmware volume comes out of the image, everything else does not. */
static int has_data(uint32_t type)
{
	return type == TDX_SECTION_BFV || type == TDX_SECTION_CFV;
}

static int check_attributes(const struct tdx_section *s, unsigned int n,
			    const char *name, struct image_error *err)
{
	uint32_t a = s->attributes;

	if (a & ~(TDX_ATTR_MR_EXTEND | TDX_ATTR_PAGE_AUG))
		return image_fail(err, "attributes of section %u (%s): %#x, unknown bits %#x",
				  n, name, a,
				  a & ~(TDX_ATTR_MR_EXTEND | TDX_ATTR_PAGE_AUG));
	if (!(a & TDX_ATTR_PAGE_AUG))
		return 0;
	if (a & TDX_ATTR_MR_EXTEND)
		return image_fail(err, "attributes of section %u (%s): %#x, both MR.EXTEND and PAGE.AUG (such a page can't be measured)",
				  n, name, a);
	if (has_data(s->type) || s->type == TDX_SECTION_TD_HOB)
		return image_fail(err, "attributes of section %u (%s): %#x, PAGE.AUG (such a page has no contents)",
				  n, name, a);
	return 0;
}

static int check_data(const struct tdx_image *tdx, unsigned int n,
		      const char *name, struct image_error *err)
{
	const struct tdx_section *s = &tdx->sections[n];
	unsigned long long size = s->size;

	if (!has_data(s->type)) {
		if (s->data_size)
			return image_fail(err, "data size of section %u (%s): %#x, should be 0",
					  n, name, s->data_size);
		return 0;
	}
	if (s->data_size != size)
		return image_fail(err, "data size of section %u (%s): %#x, should be its size in memory, %#llx",
				  n, name, s->data_size, size);
	if (s->data % PAGE_SIZE)
		return image_fail(err, "data offset of section %u (%s): %#x, not a multiple of 4096",
				  n, name, s->data);
	if (s->data > tdx->img.size || size > tdx->img.size - s->data)
		return image_fail(err, "data of section %u (%s): %#llx bytes at offset %#x, outside the image of %#zx bytes",
				  n, name, size, s->data, tdx->img.size);
	return 0;
}

static int check_memory(struct tdx_image *tdx, unsigned int n,
			const char *name, struct image_error *err)
{
	const struct tdx_section *s = &tdx->sections[n];
	unsigned long long gpa = s->gpa, size = s->size, base = tdx->img.base;
	unsigned int i;

	if (gpa % PAGE_SIZE)
		return image_fail(err, "address of section %u (%s): %#llx, not a multiple of 4096",
				  n, name, gpa);
	if (!size)
		return image_fail(err, "size of section %u (%s): 0", n, name);
	if (size % PAGE_SIZE)
		return image_fail(err, "size of section %u (%s): %#llx, not a multiple of 4096",
				  n, name, size);
	if (gpa >= FOUR_GIB)
		return image_fail(err, "address of section %u (%s): %#llx, beyond 4 GiB",
				  n, name, gpa);
	if (size > FOUR_GIB - gpa)
		return image_fail(err, "size of section %u (%s): %#llx at %#llx, reaches beyond 4 GiB",
				  n, name, size, gpa);
	if (gpa < base && gpa + size > base)
		return image_fail(err, "end of section %u (%s): %#llx, begins below the image at %#llx and ends in it",
				  n, name, gpa + size, base);

	if (tdx_section_added(s))
		tdx->bytes += size;
	if (tdx->bytes > IMAGE_MAX_PAGES)
		return image_fail(err, "size of section %u (%s): %#llx, all so far are %#llx, at most %#lx are launched",
				  n, name, size,
				  (unsigned long long)tdx->bytes,
				  IMAGE_MAX_PAGES);

	for (i = 0; i < n; i++) {
		const struct tdx_section *o = &tdx->sections[i];

		if (gpa < o->gpa + o->size && o->gpa < gpa + size)
			return image_fail(err, "address of section %u (%s): %#llx, overlaps section %u (%s) at %#llx",
					  n, name, gpa, i,
					  tdx_section_name(o->type),
					  (unsigned long long)o->gpa);
		if (s->type == TDX_SECTION_TD_HOB && o->type == s->type)
			return image_fail(err, "type of section %u: %s, section %u has it already",
					  n, name, i);
	}
	return 0;
}

static int check_section(struct tdx_image *tdx, unsigned int n,
			 struct image_error *err)
{
	const struct tdx_section *s = &tdx->sections[n];
	const char *name = tdx_section_name(s->type);

	if (!name)
		return image_fail(err, "type of section %u: %#x, unknown", n,
				  s->type);
	if (check_attributes(s, n, name, err) ||
	    check_memory(tdx, n, name, err) || check_data(tdx, n, name, err))
		return -1;
	if (s->type == TDX_SECTION_TD_HOB)
		tdx->hob = n;
	return 0;
}

/* A TD without these starts nowhere, or is not told what memory it has. */
static int check_complete(const struct tdx_image *tdx, struct image_error *err)
{
	unsigned int i, hobs = 0, start = 0;

	for (i = 0; i < tdx->nr_sections; i++) {
		const struct tdx_section *s = &tdx->sections[i];

		hobs += s->type == TDX_SECTION_TD_HOB;
		if (s->type == TDX_SECTION_BFV && s->gpa <= RESET_VECTOR &&
		    s->gpa + s->size > RESET_VECTOR)
			start = 1;
	}
	if (!start)
		return image_fail(err, "reset vector: %#llx, in no section of type BFV",
				  RESET_VECTOR);
	if (!hobs)
		return image_fail(err, "TD_HOB: no section of this type among %u",
				  tdx->nr_sections);
	return 0;
}

static int read_sections(struct tdx_image *tdx, struct image_error *err)
{
	const struct image *img = &tdx->img;
	uint32_t distance, length, version, count, i;
	const uint8_t *p;
	size_t at, len;

	at = image_find(img, &tdx_metadata_guid, &len);
	if (!at)
		return image_fail(err, "TDX metadata: no such entry in the GUID table (image built without TDX support)");
	if (len != 4)
		return image_fail(err, "length of the TDX metadata entry: %zu bytes of data, should be 4",
				  len);

	distance = get_le32(img->data + at);
	if (distance < TDVF_HEADER || distance > img->size)
		return image_fail(err, "TDX metadata offset: %#x, outside the image of %#zx bytes",
				  distance, img->size);

	p = img->data + img->size - distance;
	if (memcmp(p, "TDVF", 4))
		return image_fail(err, "TDX metadata signature: %02x %02x %02x %02x, should be \"TDVF\"",
				  p[0], p[1], p[2], p[3]);
	length = get_le32(p + 4);
	version = get_le32(p + 8);
	count = get_le32(p + 12);

	if (version != TDVF_VERSION)
		return image_fail(err, "TDX metadata version: %u, should be %d",
				  version, TDVF_VERSION);
	if (!count || count > TDX_MAX_SECTIONS)
		return image_fail(err, "TDX metadata section count: %u, should be 1 to %d",
				  count, TDX_MAX_SECTIONS);
	if (length != TDVF_HEADER + count * TDVF_SECTION)
		return image_fail(err, "TDX metadata length: %u, should be %u for %u sections",
				  length, TDVF_HEADER + count * TDVF_SECTION,
				  count);
	if (length > distance)
		return image_fail(err, "TDX metadata length: %u, only %u bytes are left in the image",
				  length, distance);

	p += TDVF_HEADER;
	for (i = 0; i < count; i++, p += TDVF_SECTION) {
		tdx->sections[i] = (struct tdx_section) {
			.data = get_le32(p),
			.data_size = get_le32(p + 4),
			.gpa = get_le64(p + 8),
			.size = get_le64(p + 16),
			.type = get_le32(p + 24),
			.attributes = get_le32(p + 28),
		};
		tdx->nr_sections = i + 1;
		if (check_section(tdx, i, err))
			return -1;
	}
	return check_complete(tdx, err);
}

int tdx_image_init(struct tdx_image *tdx, const void *data, size_t size,
		   struct image_error *err)
{
	memset(tdx, 0, sizeof(*tdx));
	if (image_init(&tdx->img, data, size, err) || read_sections(tdx, err))
		return -1;
	return image_check_start(&tdx->img, err);
}
