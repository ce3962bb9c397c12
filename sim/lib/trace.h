/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replaying of recorded lines, whatever they record.
 */
#ifndef _SIM_LIB_TRACE_H
#define _SIM_LIB_TRACE_H

#include "json.h"
#include "world.h"

/**
 * struct replay - one run over any number of files
 * @w: SNP machine
 * @file: file being read, for messages
 * @line: its line
 * @operations: lines executed
 * @differences: of them, lines with at least one difference
 * @skipped: lines that carry information only
 * @uncompared: lines of which something was not compared, though it was to be
 * @bytes: length of the lines read
 * @max_print: differences to print, 0: all
 * @later: TDX traces that do not say which module they are of are of a later one
 * @verbose: print every line
 * @differed: the current line has a difference already
 * @incomplete: something of it was not compared already
 * @format: of the file being read
 * @private: state of the format's handler
 */
struct replay {
	struct world *w;
	const char *file;
	unsigned long line;
	unsigned long operations;
	unsigned long differences;
	unsigned long skipped;
	unsigned long uncompared;
	unsigned long bytes;
	unsigned long max_print;
	bool later;
	bool verbose;
	bool differed;
	bool incomplete;
	const struct trace_format *format;
	void *private;
};

/**
 * struct trace_format - one kind of recording
 * @name: what it is
 * @match: is this row one?  Called for the first row of each file.
 * @begin: new file
 * @row: execute and compare; returns false if the row makes no sense, after
 *	replay_bad()
 * @end: the file ends
 */
struct trace_format {
	const char *name;
	bool (*match)(const struct json_doc *doc);
	void (*begin)(struct replay *r);
	bool (*row)(struct replay *r, const struct json_doc *doc);
	void (*end)(struct replay *r);
};

extern const struct trace_format snp_trace_format;
extern const struct trace_format snp_digest_format;
extern const struct trace_format tdx_trace_format;

/**
 * replay_differs - report a difference of the current line
 * @r: run
 * @op: operation
 * @what: field that differs
 * @expected: what the line says
 * @got: what the simulated firmware did
 *
 * Only the first one of a line is printed.
 */
void replay_differs(struct replay *r, const char *op, const char *what,
		    const char *expected, const char *got);

/**
 * replay_bad - report a line that makes no sense
 * @r: run
 * @fmt: what is wrong
 *
 * Return: false.
 */
bool replay_bad(struct replay *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * replay_uncompared - report that something of a line was not compared
 * @r: run
 * @fmt: what, and why
 *
 * A run with such lines does not succeed.  Only the first of a line is
 * printed.
 */
void replay_uncompared(struct replay *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * replay_unknown - the same, of something whose name is not known
 * @r: run
 * @what: kind of thing
 * @name: its name
 * @len: length of the name
 */
void replay_unknown(struct replay *r, const char *what, const char *name,
		    size_t len);

#endif /* _SIM_LIB_TRACE_H */
