/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest firmware images: an OVMF build for any confidential VM ends in a table
 * of GUIDs, which says where the metadata for SNP or TDX lies.
 */
#ifndef GMEM_LAUNCH_IMAGE_H
#define GMEM_LAUNCH_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE	4096UL
#define PAGE_SHIFT	12
#define FOUR_GIB	(1ULL << 32)

#define IMAGE_MIN_SIZE	PAGE_SIZE
#define IMAGE_MAX_SIZE	(256UL << 20)
#define IMAGE_MAX_PAGES	(256UL << 20)	/* bytes that the launch puts in place */

/**
 * struct guid - a GUID in the byte order it has in memory
 * @b: the 16 bytes
 */
struct guid {
	uint8_t b[16];
};

/**
 * struct image_error - why an image was refused
 * @text: "FIELD: VALUE, what is wrong", one line, without the file's name
 */
struct image_error {
	char text[256];
};

/**
 * struct image - a firmware image whose GUID table has been validated
 * @data: the whole file
 * @size: its length in bytes, a multiple of 4096
 * @base: guest physical address of its first byte; it ends at 4 GiB
 * @table: offset of the GUID table's first byte
 * @table_end: offset behind the last entry (where the footer begins)
 */
struct image {
	const uint8_t *data;
	size_t size;
	uint64_t base;
	size_t table;
	size_t table_end;
};

/**
 * image_check_start() - does a firmware volume begin where the image does?
 * @img: image
 * @err: receives the reason if not
 *
 * All tables are found from the end, so that nothing else notices if an image
 * has lost its beginning.
 *
 * Return: 0, or -1 if there is no volume header.
 */
int image_check_start(const struct image *img, struct image_error *err);

/**
 * image_fail() - state why an image is refused
 * @err: receives the text
 * @fmt: format of the text
 *
 * Return: always -1, so that callers can return it.
 */
int image_fail(struct image_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * image_init() - validate the size and the GUID table of an image
 * @img: filled on success; keeps @data, does not own it
 * @data: the file's bytes
 * @size: how many
 * @err: says why, on failure
 *
 * Return: 0, or -1 if this is no OVMF image or its table is broken.
 */
int image_init(struct image *img, const void *data, size_t size,
	       struct image_error *err);

/**
 * image_find() - look up an entry of the GUID table
 * @img: a validated image
 * @guid: which one
 * @len: receives the length of the entry's data in bytes
 *
 * Return: offset of the entry's data in the image, or 0 if there is none.
 */
size_t image_find(const struct image *img, const struct guid *guid,
		  size_t *len);

/**
 * image_load() - read a whole file
 * @path: the file
 * @data: receives a buffer to free()
 * @size: receives its length
 * @err: says why, on failure
 *
 * Return: 0 or -1.
 */
int image_load(const char *path, uint8_t **data, size_t *size,
	       struct image_error *err);

static inline uint16_t get_le16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

static inline uint32_t get_le32(const uint8_t *p)
{
	return get_le16(p) | (uint32_t)get_le16(p + 2) << 16;
}

static inline uint64_t get_le64(const uint8_t *p)
{
	return get_le32(p) | (uint64_t)get_le32(p + 4) << 32;
}

#endif
