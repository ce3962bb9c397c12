/* SPDX-License-Identifier: GPL-2.0 */
/* What an OVMF image says about its launch as a TDX guest. */
#ifndef GMEM_LAUNCH_TDX_IMAGE_H
#define GMEM_LAUNCH_TDX_IMAGE_H

#include "image.h"

/* Types of sections, as the image numbers them */
enum tdx_section_type {
	TDX_SECTION_BFV = 0,
	TDX_SECTION_CFV = 1,
	TDX_SECTION_TD_HOB = 2,
	TDX_SECTION_TEMP_MEM = 3,
	TDX_SECTION_PERM_MEM = 4,
};

#define TDX_NR_SECTION_TYPES	5

#define TDX_ATTR_MR_EXTEND	(1u << 0)	/* contents are measured */
#define TDX_ATTR_PAGE_AUG	(1u << 1)	/* added when the guest accepts it */

#define TDX_MAX_SECTIONS	64

/**
 * struct tdx_section - a range of guest memory that the launch must prepare
 * @gpa: first byte, page aligned
 * @size: length in bytes, page aligned, not zero
 * @data: offset of its contents in the image, page aligned
 * @data_size: length of the contents: 0 or @size
 * @type: enum tdx_section_type
 * @attributes: TDX_ATTR_*, never both
 */
struct tdx_section {
	uint64_t gpa;
	uint64_t size;
	uint32_t data;
	uint32_t data_size;
	uint32_t type;
	uint32_t attributes;
};

/**
 * struct tdx_image - an image ready for a TDX launch
 * @img: the image itself
 * @sections: in the order of the image's table, which MRTD depends on
 * @nr_sections: how many
 * @bytes: sizes of those that the launch adds, added up
 * @hob: number of the section of type TD_HOB
 */
struct tdx_image {
	struct image img;
	struct tdx_section sections[TDX_MAX_SECTIONS];
	unsigned int nr_sections;
	uint64_t bytes;
	unsigned int hob;
};

/**
 * tdx_section_name() - name of a type of section
 * @type: enum tdx_section_type
 *
 * Return: the name, or NULL for a type that does not exist.
 */
const char *tdx_section_name(uint32_t type);

/**
 * tdx_section_added() - is a section added by the launch?
 * @s: the section
 *
 * Return: 0 if it is the guest that asks for its pages, later.
 */
static inline int tdx_section_added(const struct tdx_section *s)
{
	return !(s->attributes & TDX_ATTR_PAGE_AUG);
}

/**
 * tdx_image_init() - validate an image for a TDX launch
 * @tdx: filled on success; keeps @data, does not own it
 * @data: the file's bytes
 * @size: how many
 * @err: says why, on failure
 *
 * Return: 0 or -1.
 */
int tdx_image_init(struct tdx_image *tdx, const void *data, size_t size,
		   struct image_error *err);

#endif
