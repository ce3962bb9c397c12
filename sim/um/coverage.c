// SPDX-License-Identifier: GPL-2.0
/*
 * What the files of "make coverage" counted is written when the kernel ends.
 * libgcov would do that by a destructor with a priority, which the linker script
 * of UML keeps out of the list; one without is called.
 */
void __gcov_dump(void);

static void __attribute__((destructor, used)) sim_coverage_dump(void)
{
	__gcov_dump();
}
