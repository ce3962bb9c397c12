/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fuzzing of the simulated firmware: an input is a sequence of operations.
 */
#ifndef _SIM_LIB_FUZZ_H
#define _SIM_LIB_FUZZ_H

#include "../env.h"

#define FUZZ_RECORD	8	/* bytes of one operation */
#define FUZZ_MAX_STEPS	256

/**
 * struct fuzz_model - one fake under test
 * @name: for messages
 * @reset: a fresh machine; @header is the first record of the input
 * @step: execute one operation and check what must hold
 * @usual: write an operation that @what picks, on one of a few objects, which
 *	@where picks, so that operations meet
 *
 * The first two end in fuzz_fail() if something does not hold.
 */
struct fuzz_model {
	const char *name;
	void (*reset)(const u8 header[FUZZ_RECORD]);
	void (*step)(const u8 r[FUZZ_RECORD]);
	void (*usual)(u32 what, u32 where, u8 r[FUZZ_RECORD]);
};

extern const struct fuzz_model fuzz_snp, fuzz_tdx;

/**
 * fuzz_op - name the operation that is being executed, for messages
 * @fmt: as for printf()
 */
void fuzz_op(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * fuzz_fail - something does not hold: report it and abort
 * @fmt: as for printf()
 */
void fuzz_fail(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/**
 * fuzz_seen - tell the fuzzer that something was reached
 * @what: e.g. a combination of operation and states; counted modulo a few
 *	thousand
 *
 * As good as a new branch in the code under test.
 */
void fuzz_seen(u32 what);

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

#endif /* _SIM_LIB_FUZZ_H */
