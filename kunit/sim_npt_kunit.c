// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated CPU's walk of nested page tables, on tables made here: what it
 * answers and which bits it sets, for every level at which something can be wrong.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include <asm/cpufeature.h>

#include "npt.h"

#include "../../../arch/x86/virt/sim/gate.h"

#define P	BIT_ULL(0)
#define W	BIT_ULL(1)
#define U	BIT_ULL(2)
#define A	BIT_ULL(5)
#define D	BIT_ULL(6)
#define PS	BIT_ULL(7)
#define NX	BIT_ULL(63)

#define ERR_P	BIT_ULL(0)
#define ERR_W	BIT_ULL(1)
#define ERR_U	BIT_ULL(2)
#define ERR_RSVD BIT_ULL(3)
#define ERR_ID	BIT_ULL(4)

/* Another index at each of the five levels */
#define GPA	((5ULL << 48) | (4ULL << 39) | (3ULL << 30) | (2ULL << 21) | (1ULL << 12) | 0x123)
#define GPA4	(GPA & GENMASK_ULL(47, 0))
#define SPA	0x12345000ULL

/**
 * struct tables - one path from the root to a page
 * @page: table of each level, from 1
 */
struct tables {
	u64 *page[6];
};

static u64 *entry(struct tables *t, unsigned int level)
{
	return &t->page[level][level];
}

static void free_table(void *page)
{
	free_page((unsigned long)page);
}

static struct tables *new_tables(struct kunit *test)
{
	struct tables *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int level;

	KUNIT_ASSERT_NOT_NULL(test, t);
	for (level = 1; level <= 5; level++) {
		t->page[level] = (u64 *)get_zeroed_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, t->page[level]);
		KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_table,
								   t->page[level]));
	}
	*entry(t, 1) = SPA | P | W | U;
	for (level = 2; level <= 5; level++)
		*entry(t, level) = __pa(t->page[level - 1]) | P | W | U;
	return t;
}

static struct sim_npt operands(struct tables *t, unsigned int levels)
{
	return (struct sim_npt) {
		.root = __pa(t->page[levels]), .levels = levels, .phys_bits = 48,
		.c_bit = 51, .nx = true,
	};
}

static int walk(struct sim_npt *n, u64 gpa, u64 *error)
{
	struct sim_machine *m;
	unsigned long flags;
	int ret;

	*error = 0;
	m = sim_gate_lock(&flags);
	ret = sim_npt_walk(m, n, gpa, error);
	sim_gate_unlock(flags);
	return ret;
}

#define EXPECT_FAULT(_n, _gpa, _error, _level)						\
	do {										\
		u64 error;								\
											\
		KUNIT_EXPECT_EQ_MSG(test, walk(_n, _gpa, &error), -EFAULT, "level %u", _level);	\
		KUNIT_EXPECT_EQ_MSG(test, error, (u64)(_error), "level %u", _level);	\
	} while (0)
#define EXPECT_MAPPED(_n, _gpa, _level)							\
	do {										\
		u64 error;								\
											\
		KUNIT_EXPECT_EQ_MSG(test, walk(_n, _gpa, &error), 0, "level %u, error %#llx",	\
				    _level, error);					\
	} while (0)

/* Accessed bits on the way, the dirty bit of the page for a write only */
static void accessed_and_dirty(struct kunit *test)
{
	struct tables *t = new_tables(test);
	struct sim_npt n = operands(t, 4);
	unsigned int level;

	EXPECT_MAPPED(&n, GPA4, 1);
	KUNIT_EXPECT_EQ(test, n.spa, SPA | 0x123);
	KUNIT_EXPECT_EQ(test, n.size, SZ_4K);
	for (level = 1; level <= 4; level++)
		KUNIT_EXPECT_EQ_MSG(test, *entry(t, level) & (A | D), A, "level %u", level);
	KUNIT_EXPECT_EQ(test, *entry(t, 5) & A, 0);

	n.write = true;
	EXPECT_MAPPED(&n, GPA4, 1);
	KUNIT_EXPECT_EQ(test, *entry(t, 1) & (A | D), A | D);
	KUNIT_EXPECT_EQ(test, *entry(t, 2) & (A | D), A);
}

static void not_present(struct kunit *test)
{
	unsigned int level;

	for (level = 1; level <= 4; level++) {
		struct tables *t = new_tables(test);
		struct sim_npt n = operands(t, 4);

		*entry(t, level) &= ~P;
		EXPECT_FAULT(&n, GPA4, ERR_U, level);
		n.write = true;
		EXPECT_FAULT(&n, GPA4, ERR_U | ERR_W, level);
		n.write = false;
		n.exec = true;
		EXPECT_FAULT(&n, GPA4, ERR_U | ERR_ID, level);
	}
}

/* A right that one level takes away is gone, and nothing is set by a fault. */
static void permissions(struct kunit *test)
{
	unsigned int level;

	for (level = 1; level <= 4; level++) {
		struct tables *t = new_tables(test);
		struct sim_npt n = operands(t, 4);

		*entry(t, level) &= ~W;
		n.write = true;
		EXPECT_FAULT(&n, GPA4, ERR_P | ERR_U | ERR_W, level);
		KUNIT_EXPECT_EQ(test, *entry(t, 1) & (A | D), 0);
		n.write = false;
		EXPECT_MAPPED(&n, GPA4, level);

		*entry(t, level) ^= W | U;
		EXPECT_FAULT(&n, GPA4, ERR_P | ERR_U, level);

		*entry(t, level) ^= U | NX;
		EXPECT_MAPPED(&n, GPA4, level);
		n.exec = true;
		EXPECT_FAULT(&n, GPA4, ERR_P | ERR_U | ERR_ID, level);
		*entry(t, level) ^= NX;
		EXPECT_MAPPED(&n, GPA4, level);
	}
}

static void reserved_bits(struct kunit *test)
{
	unsigned int level;

	for (level = 1; level <= 4; level++) {
		struct tables *t = new_tables(test);
		struct sim_npt n = operands(t, 4);

		/* Above the physical addresses, where KVM marks MMIO */
		*entry(t, level) |= BIT_ULL(48);
		EXPECT_FAULT(&n, GPA4, ERR_P | ERR_U | ERR_RSVD, level);
		*entry(t, level) ^= BIT_ULL(48) | BIT_ULL(51);
		EXPECT_MAPPED(&n, GPA4, level);
		KUNIT_EXPECT_EQ(test, n.spa, SPA | 0x123);
		*entry(t, level) ^= BIT_ULL(51) | NX;
		n.nx = false;
		EXPECT_FAULT(&n, GPA4, ERR_P | ERR_U | ERR_RSVD, level);
		*entry(t, level) ^= NX;
		/* Free for software */
		*entry(t, level) |= GENMASK_ULL(62, 52);
		EXPECT_MAPPED(&n, GPA4, level);
		if (level < 4)
			continue;
		*entry(t, level) |= PS;
		EXPECT_FAULT(&n, GPA4, ERR_P | ERR_U | ERR_RSVD, level);
	}
}

static void large_pages(struct kunit *test)
{
	static const u64 size[] = { 0, SZ_4K, SZ_2M, SZ_1G };
	unsigned int level;

	for (level = 2; level <= 3; level++) {
		struct tables *t = new_tables(test);
		struct sim_npt n = operands(t, 4);

		*entry(t, level) = 0x40000000 | PS | P | W | U;
		n.write = true;
		EXPECT_MAPPED(&n, GPA4, level);
		KUNIT_EXPECT_EQ(test, n.size, size[level]);
		KUNIT_EXPECT_EQ(test, n.spa, 0x40000000 | (GPA4 & (size[level] - 1)));
		KUNIT_EXPECT_EQ(test, *entry(t, level) & (A | D), A | D);
		/* The attribute bit is no part of the address. */
		*entry(t, level) |= BIT_ULL(12);
		EXPECT_MAPPED(&n, GPA4, level);
		KUNIT_EXPECT_EQ(test, n.spa, 0x40000000 | (GPA4 & (size[level] - 1)));
		*entry(t, level) |= size[level] / 2;
		EXPECT_FAULT(&n, GPA4, ERR_P | ERR_U | ERR_W | ERR_RSVD, level);
	}
}

static void five_levels(struct kunit *test)
{
	struct tables *t = new_tables(test);
	struct sim_npt n = operands(t, 5);

	EXPECT_MAPPED(&n, GPA, 5);
	KUNIT_EXPECT_EQ(test, n.spa, SPA | 0x123);
	KUNIT_EXPECT_EQ(test, *entry(t, 5) & A, A);
	EXPECT_FAULT(&n, GPA4, ERR_U, 5);
	/* Four levels can't map it. */
	n = operands(t, 4);
	EXPECT_FAULT(&n, GPA, ERR_U, 4);
}

static void table_outside_of_memory(struct kunit *test)
{
	unsigned int level;

	for (level = 2; level <= 4; level++) {
		struct tables *t = new_tables(test);
		struct sim_npt n = operands(t, 4);
		u64 error;

		*entry(t, level) = BIT_ULL(46) | P | W | U;
		KUNIT_EXPECT_EQ_MSG(test, walk(&n, GPA4, &error), -ENXIO, "level %u", level);
	}
}

static struct kunit_case sim_npt_cases[] = {
	KUNIT_CASE(accessed_and_dirty),
	KUNIT_CASE(not_present),
	KUNIT_CASE(permissions),
	KUNIT_CASE(reserved_bits),
	KUNIT_CASE(large_pages),
	KUNIT_CASE(five_levels),
	KUNIT_CASE(table_outside_of_memory),
	{}
};

static int init(struct kunit *test)
{
	if (!boot_cpu_has(X86_FEATURE_SVM))
		kunit_skip(test, "this machine has no SVM");

	return 0;
}

static struct kunit_suite sim_npt_suite = {
	.name = "sim_npt",
	.init = init,
	.test_cases = sim_npt_cases,
};
kunit_test_suite(sim_npt_suite);
