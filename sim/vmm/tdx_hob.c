// SPDX-License-Identifier: GPL-2.0
/*
 * The TD HOB: a list of hand-off blocks as UEFI's platform initialization
 * defines them, in QEMU's selection.  First a block that says where the list
 * ends, then one for each range of RAM in ascending order, of type "system
 * memory" where the launch has added pages and "unaccepted" where the guest has
 * to accept them itself, then the end.  Firmware volumes are not mentioned.
 */
#include <string.h>

#include "tdx_hob.h"

#define HOB_HANDOFF		0x0001
#define HOB_RESOURCE		0x0003
#define HOB_END			0xffff

#define HANDOFF_VERSION		9

#define RESOURCE_SYSTEM		0
#define RESOURCE_UNACCEPTED	7
#define RESOURCE_ATTRIBUTES	7	/* present, initialized, tested */

struct hob_header {
	uint16_t type;
	uint16_t length;
	uint32_t reserved;
};

struct hob_handoff {
	struct hob_header header;
	uint32_t version;
	uint32_t boot_mode;
	uint64_t memory_top;
	uint64_t memory_bottom;
	uint64_t free_top;
	uint64_t free_bottom;
	uint64_t end_of_list;
};

struct hob_resource {
	struct hob_header header;
	uint8_t owner[16];
	uint32_t type;
	uint32_t attributes;
	uint64_t start;
	uint64_t length;
};

_Static_assert(sizeof(struct hob_handoff) == 56, "UEFI PI");
_Static_assert(sizeof(struct hob_resource) == 48, "UEFI PI");

struct hob_list {
	uint8_t *buf;
	size_t size;
	size_t used;
};

static void *add(struct hob_list *l, uint16_t type, size_t length)
{
	struct hob_header *h = (void *)(l->buf + l->used);

	if (length > l->size - l->used)
		return NULL;
	h->type = type;
	h->length = length;
	l->used += length;
	return h;
}

static int add_memory(struct hob_list *l, uint32_t type, uint64_t start,
		      uint64_t end)
{
	struct hob_resource *r;

	if (start == end)
		return 0;
	r = add(l, HOB_RESOURCE, sizeof(*r));
	if (!r)
		return -1;
	r->type = type;
	r->attributes = RESOURCE_ATTRIBUTES;
	r->start = start;
	r->length = end - start;
	return 0;
}

/* The lowest section of RAM at or above @from that the launch adds */
static const struct tdx_section *next_added(const struct tdx_image *tdx,
					    uint64_t from, uint64_t ram)
{
	const struct tdx_section *s, *best = NULL;

	for (s = tdx->sections; s < tdx->sections + tdx->nr_sections; s++)
		if (tdx_section_added(s) && s->gpa >= from && s->gpa < ram &&
		    (!best || s->gpa < best->gpa))
			best = s;
	return best;
}

size_t tdx_hob_build(const struct tdx_image *tdx, uint64_t ram, void *buf)
{
	const struct tdx_section *hob = &tdx->sections[tdx->hob], *s;
	struct hob_list l = { .buf = buf, .size = hob->size };
	struct hob_handoff *first;
	uint64_t at = 0;

	memset(buf, 0, hob->size);
	first = add(&l, HOB_HANDOFF, sizeof(*first));
	first->version = HANDOFF_VERSION;

	while ((s = next_added(tdx, at, ram))) {
		if (add_memory(&l, RESOURCE_UNACCEPTED, at, s->gpa) ||
		    add_memory(&l, RESOURCE_SYSTEM, s->gpa, s->gpa + s->size))
			return 0;
		at = s->gpa + s->size;
	}
	if (add_memory(&l, RESOURCE_UNACCEPTED, at, ram) ||
	    !add(&l, HOB_END, sizeof(struct hob_header)))
		return 0;
	first->end_of_list = hob->gpa + l.used;
	return l.used;
}
