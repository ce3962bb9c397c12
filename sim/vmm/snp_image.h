/* SPDX-License-Identifier: GPL-2.0 */
/* What an OVMF image says about its launch as an SNP guest. */
#ifndef GMEM_LAUNCH_SNP_IMAGE_H
#define GMEM_LAUNCH_SNP_IMAGE_H

#include "image.h"

/* Types of sections, as the image numbers them */
enum snp_section_type {
	SNP_SECTION_ZERO = 1,
	SNP_SECTION_SECRETS = 2,
	SNP_SECTION_CPUID = 3,
	SNP_SECTION_SVSM_CAA = 4,
	SNP_SECTION_KERNEL_HASHES = 0x10,
};

#define SNP_MAX_SECTIONS	64

/**
 * struct snp_section - a range of guest memory that the launch must prepare
 * @gpa: first byte, page aligned
 * @size: length in bytes, page aligned, not zero
 * @type: enum snp_section_type
 */
struct snp_section {
	uint64_t gpa;
	uint64_t size;
	uint32_t type;
};

/**
 * struct snp_image - an image ready for an SNP launch
 * @img: the image itself
 * @sections: in the order of the image's table, which the digest depends on
 * @nr_sections: how many
 * @bytes: their sizes, added up
 * @reset_eip: where application processors start: upper half of it is the
 *	base of CS, lower half is IP
 */
struct snp_image {
	struct image img;
	struct snp_section sections[SNP_MAX_SECTIONS];
	unsigned int nr_sections;
	uint64_t bytes;
	uint32_t reset_eip;
};

/**
 * snp_section_name() - name of a type of section
 * @type: enum snp_section_type
 *
 * Return: the name, or NULL for a type that does not exist.
 */
const char *snp_section_name(uint32_t type);

/**
 * snp_image_init() - validate an image for an SNP launch
 * @snp: filled on success; keeps @data, does not own it
 * @data: the file's bytes
 * @size: how many
 * @err: says why, on failure
 *
 * Return: 0 or -1.
 */
int snp_image_init(struct snp_image *snp, const void *data, size_t size,
		   struct image_error *err);

#endif
