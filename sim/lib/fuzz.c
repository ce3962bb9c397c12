// SPDX-License-Identifier: GPL-2.0
/*
 * The target of libFuzzer, and how it changes inputs.
 *
 * The first record picks the fake and its machine, each other one is an
 * operation.  FUZZ_TRACE=1 in the environment prints the operations; with
 * FUZZ_BRANCHES_ONLY=1 only branches count as new, to choose a small corpus.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

size_t LLVMFuzzerMutate(u8 *data, size_t len, size_t max_len);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t len, size_t max_len,
			       unsigned int seed);

/* libFuzzer counts these as if they were branches. */
static u8 counters[1 << 15]
	__attribute__((section("__libfuzzer_extra_counters"), used));

static const struct fuzz_model *model;
static char op[256];
static u32 step;

void fuzz_op(const char *fmt, ...)
{
	static int trace = -1;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(op, sizeof(op), fmt, ap);
	va_end(ap);
	if (trace < 0)
		trace = getenv("FUZZ_TRACE") != NULL;
	if (trace)
		fprintf(stderr, "%4u %s\n", step, op);
}

void fuzz_seen(u32 what)
{
	static int branches_only = -1;

	if (branches_only < 0)
		branches_only = getenv("FUZZ_BRANCHES_ONLY") != NULL;
	if (branches_only)
		return;
	counters[(what * 2654435761u) >> 17] = 1;
}

void fuzz_fail(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "FINDING: %s, step %u, %s: ", model->name, step, op);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	if (len < FUZZ_RECORD)
		return 0;
	model = data[0] & 1 ? &fuzz_tdx : &fuzz_snp;
	step = 0;
	fuzz_op("reset");
	model->reset(data);
	for (data += FUZZ_RECORD, len -= FUZZ_RECORD;
	     len >= FUZZ_RECORD && step < FUZZ_MAX_STEPS;
	     data += FUZZ_RECORD, len -= FUZZ_RECORD) {
		step++;
		model->step(data);
	}
	return 0;
}

static u32 next(unsigned int *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

/* Some operations on the same: each makes sense after some of the others. */
static size_t usual_records(const struct fuzz_model *m, unsigned int *seed,
			    u8 *data, size_t n, size_t at, size_t max)
{
	u32 where = next(seed) << 16 ^ next(seed), nr = 2 + next(seed) % 4;
	u32 i;

	if (n + nr > max)
		return n;
	memmove(data + (at + nr) * FUZZ_RECORD, data + at * FUZZ_RECORD,
		(n - at) * FUZZ_RECORD);
	for (i = 0; i < nr; i++)
		m->usual(next(seed), where, data + (at + i) * FUZZ_RECORD);
	return n + nr;
}

/* Whole records are moved about, so that what follows keeps its meaning. */
size_t LLVMFuzzerCustomMutator(u8 *data, size_t len, size_t max_len,
			       unsigned int seed)
{
	size_t n = len / FUZZ_RECORD, at, from;
	const struct fuzz_model *m = data[0] & 1 ? &fuzz_tdx : &fuzz_snp;
	u8 tmp[FUZZ_RECORD];
	u32 i;

	if (n < 3 || !(next(&seed) % 4))
		return LLVMFuzzerMutate(data, len, max_len);
	at = 1 + next(&seed) % (n - 1);
	from = 1 + next(&seed) % (n - 1);
	if (!(next(&seed) % 4))
		at = n - 1;		/* the end has seen least */
	if (!(next(&seed) % 4))
		return usual_records(m, &seed, data, n, at + (next(&seed) & 1),
				     max_len / FUZZ_RECORD) * FUZZ_RECORD;
	switch (next(&seed) % 5) {
	case 0:		/* repeat one elsewhere */
	case 1:		/* a new one */
		if ((n + 1) * FUZZ_RECORD > max_len)
			break;
		memcpy(tmp, data + from * FUZZ_RECORD, FUZZ_RECORD);
		if (next(&seed) & 1)	/* another operation on the same */
			tmp[0] = next(&seed);
		at += next(&seed) & 1;
		memmove(data + (at + 1) * FUZZ_RECORD,
			data + at * FUZZ_RECORD, (n - at) * FUZZ_RECORD);
		if (!(next(&seed) % 4))
			for (i = 0; i < FUZZ_RECORD; i++)
				tmp[i] = next(&seed);
		memcpy(data + at * FUZZ_RECORD, tmp, FUZZ_RECORD);
		return (n + 1) * FUZZ_RECORD;
	case 2:		/* one less */
		memmove(data + at * FUZZ_RECORD,
			data + (at + 1) * FUZZ_RECORD,
			(n - at - 1) * FUZZ_RECORD);
		return (n - 1) * FUZZ_RECORD;
	case 3:		/* another order */
		memcpy(tmp, data + at * FUZZ_RECORD, FUZZ_RECORD);
		memcpy(data + at * FUZZ_RECORD, data + from * FUZZ_RECORD,
		       FUZZ_RECORD);
		memcpy(data + from * FUZZ_RECORD, tmp, FUZZ_RECORD);
		return n * FUZZ_RECORD;
	}
	/* One operand of one operation. */
	data[at * FUZZ_RECORD + next(&seed) % FUZZ_RECORD] = next(&seed);
	return n * FUZZ_RECORD;
}
