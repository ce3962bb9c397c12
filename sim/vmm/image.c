// SPDX-License-Identifier: GPL-2.0
/*
 * The GUID table at the end of an OVMF image.
 *
 * It is read from its end: 32 bytes before the end of the image stops a
 * footer, {u16 length of the table, GUID}; below it lie the entries, each one
 * {data, u16 length of the entry, GUID}, so that a walk goes downwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"

#define RESET_VECTOR_LEN	32	/* what lies behind the footer */
#define ENTRY_TAIL		18	/* u16 length, GUID */
#define FV_SIGNATURE		0x28	/* in the header of a firmware volume */

static const struct guid footer_guid = { {
	0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45,
	0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d } };

int image_fail(struct image_error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

static const char *guid_text(const uint8_t *b, char out[37])
{
	snprintf(out, 37, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 get_le32(b), get_le16(b + 4), get_le16(b + 6), b[8], b[9],
		 b[10], b[11], b[12], b[13], b[14], b[15]);
	return out;
}

int image_init(struct image *img, const void *data, size_t size,
	       struct image_error *err)
{
	const uint8_t *bytes = data;
	size_t footer, length, at;
	char text[37], want[37];

	if (size < IMAGE_MIN_SIZE)
		return image_fail(err, "size: %zu bytes, an image has at least %lu",
				  size, IMAGE_MIN_SIZE);
	if (size > IMAGE_MAX_SIZE)
		return image_fail(err, "size: %zu bytes, an image has at most %lu",
				  size, IMAGE_MAX_SIZE);
	if (size % PAGE_SIZE)
		return image_fail(err, "size: %zu bytes, not a multiple of 4096 (truncated?)",
				  size);

	footer = size - RESET_VECTOR_LEN - ENTRY_TAIL;
	if (memcmp(bytes + footer + 2, &footer_guid, sizeof(footer_guid)))
		return image_fail(err, "GUID table footer: %s, should be %s (not an OVMF image, or truncated)",
				  guid_text(bytes + footer + 2, text),
				  guid_text(footer_guid.b, want));

	length = get_le16(bytes + footer);
	if (length < ENTRY_TAIL)
		return image_fail(err, "GUID table length: %zu, less than its footer of %d bytes",
				  length, ENTRY_TAIL);
	if (length - ENTRY_TAIL > footer)
		return image_fail(err, "GUID table length: %zu, starts before the image",
				  length);

	img->data = bytes;
	img->size = size;
	img->base = FOUR_GIB - size;
	img->table = footer + ENTRY_TAIL - length;
	img->table_end = footer;

	for (at = img->table_end; at > img->table; ) {
		size_t left = at - img->table, len;

		if (left < ENTRY_TAIL)
			return image_fail(err, "GUID table length: %zu, leaves %zu bytes in front of the first entry",
					  length, left);
		len = get_le16(bytes + at - ENTRY_TAIL);
		if (len < ENTRY_TAIL || len > left)
			return image_fail(err, "length of GUID table entry %s: %zu, should be %d to %zu",
					  guid_text(bytes + at - 16, text), len,
					  ENTRY_TAIL, left);
		at -= len;
	}
	return 0;
}

int image_check_start(const struct image *img, struct image_error *err)
{
	const uint8_t *sig = img->data + FV_SIGNATURE;

	if (memcmp(sig, "_FVH", 4))
		return image_fail(err, "firmware volume signature at 0x%x: 0x%08x, should be 0x%08x (the image's beginning is missing)",
				  FV_SIGNATURE, get_le32(sig),
				  get_le32((const uint8_t *)"_FVH"));
	return 0;
}

size_t image_find(const struct image *img, const struct guid *guid,
		  size_t *len)
{
	size_t at, size;

	/* image_init() has proved that this walk ends at the table's start */
	for (at = img->table_end; at > img->table; at -= size) {
		size = get_le16(img->data + at - ENTRY_TAIL);
		if (!memcmp(img->data + at - 16, guid, sizeof(*guid))) {
			*len = size - ENTRY_TAIL;
			return at - size;
		}
	}
	return 0;
}

int image_load(const char *path, uint8_t **data, size_t *size,
	       struct image_error *err)
{
	struct stat st;
	size_t done = 0;
	ssize_t n = 0;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return image_fail(err, "open: %s", strerror(errno));
	if (fstat(fd, &st)) {
		image_fail(err, "stat: %s", strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		image_fail(err, "type: mode %#o, not a regular file",
			   st.st_mode);
		goto out;
	}
	if ((uint64_t)st.st_size > IMAGE_MAX_SIZE) {
		image_fail(err, "size: %lld bytes, an image has at most %lu",
			   (long long)st.st_size, IMAGE_MAX_SIZE);
		goto out;
	}

	*size = st.st_size;
	*data = malloc(*size ? *size : 1);
	if (!*data) {
		image_fail(err, "size: %zu bytes, no memory to read it", *size);
		goto out;
	}
	while (done < *size) {
		n = read(fd, *data + done, *size - done);
		if (n <= 0)
			break;
		done += n;
	}
	close(fd);
	if (done == *size)
		return 0;

	image_fail(err, "read: %s after %zu of %zu bytes",
		   n < 0 ? strerror(errno) : "end of file", done, *size);
	free(*data);
	*data = NULL;
	return -1;

out:
	close(fd);
	return -1;
}
