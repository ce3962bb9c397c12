/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A few lines of test framework for the user-space build.
 */
#ifndef _SIM_LIB_TEST_H
#define _SIM_LIB_TEST_H

#include <stdio.h>

#include "world.h"

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *t);
bool test_check(bool good, const char *file, int line, const char *what);
bool test_check_eq(u64 got, u64 want, const char *file, int line,
		   const char *what);

/* TEST(name) { ... } is found and run by itself. */
#define TEST(_name)							\
	static void _name(void);					\
	static struct test test_##_name = { #_name, _name, NULL };	\
	__attribute__((constructor)) static void register_##_name(void)	\
	{								\
		test_register(&test_##_name);				\
	}								\
	static void _name(void)

/* Both go on after a failure; the result says whether they held. */
#define CHECK(cond)	test_check(cond, __FILE__, __LINE__, #cond)
#define EQ(got, want)							\
	test_check_eq((u64)(got), (u64)(want), __FILE__, __LINE__,	\
		      #got " == " #want)

/* A machine per test; pages and commands most tests need. */
#define GCTX	0x200000ull
#define PAGE	0x600000ull
#define BIG	0x800000ull
#define CMDBUF	0x10000ull

struct world *test_world(void);
struct world *test_world_ready(void);
s32 test_rmp(struct world *w, u64 spa, u64 gpa, u32 asid, bool immutable,
	     u8 ps);
s32 test_unassign(struct world *w, u64 spa, u8 ps);
u32 test_addr_cmd(struct world *w, u32 cmd, u64 pa);
u32 test_launch(struct world *w, u64 gctx, u32 asid, u64 policy);
u32 test_update(struct world *w, u64 gctx, u64 page, u32 type, u8 ps);
u32 test_finish(struct world *w, u64 gctx);
u64 test_random(void);
void test_invariants(struct world *w);

#endif /* _SIM_LIB_TEST_H */
