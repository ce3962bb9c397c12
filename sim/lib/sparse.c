// SPDX-License-Identifier: GPL-2.0
/* Memory of a machine of any size: a hash table of the pages in use. */
#include <stdlib.h>

#include "../contents.h"
#include "trace_check.h"

static struct tc_page *slots;
static u64 nr_slots, used;

static struct tc_page *find(struct tc_page *in, u64 nr, u64 page)
{
	u64 i = (page * 0x9e3779b97f4a7c15ull) >> 20 & (nr - 1);

	while (in[i].nr && in[i].nr != page + 1)
		i = (i + 1) & (nr - 1);
	return &in[i];
}

static void grow(void)
{
	u64 nr = nr_slots ? 2 * nr_slots : 1 << 14, i;
	struct tc_page *more = calloc(nr, sizeof(*more));

	if (!more)
		abort();
	for (i = 0; i < nr_slots; i++)
		if (slots[i].nr)
			*find(more, nr, slots[i].nr - 1) = slots[i];
	free(slots);
	slots = more;
	nr_slots = nr;
}

struct tc_page *tc_page(u64 pa, bool make)
{
	struct tc_page *p;

	if (2 * used >= nr_slots)
		grow();
	p = find(slots, nr_slots, pa >> 12);
	if (p->nr || !make)
		return p->nr ? p : NULL;
	used++;
	p->nr = (pa >> 12) + 1;
	return p;
}

u8 *tc_memory(u64 pa)
{
	struct tc_page *p = tc_page(pa, true);
	u64 *words;
	u32 i;

	if (p->bytes)
		return p->bytes;
	p->bytes = calloc(1, 4096);
	if (!p->bytes)
		abort();
	if (p->key[0] | p->key[1]) {
		words = (u64 *)p->bytes;
		for (i = 0; i < 512; i++)
			words[i] = p->fill;
		sim_seal_words(p->key, pa & ~0xfffull, words, words, 512);
	}
	return p->bytes;
}
