/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the project's tracepoints wrote, as text: /sys/kernel/tracing/trace, or
 * the report of trace-cmd.
 */
#ifndef _SIM_LIB_FTRACE_H
#define _SIM_LIB_FTRACE_H

#include "../env.h"

#define FT_MAX_RANGES	64
#define FT_MAX_CPUS	8192
#define FT_REGS		6	/* RCX RDX R8 R9 R10 R11 */

enum ft_kind {
	FT_RMP_READ,
	FT_RMP_UPDATE,
	FT_RMP_PSMASH,
	FT_SEV_SUBMIT,
	FT_SEV_COMPLETE,
	FT_TDX_ENTER,
	FT_TDX_EXIT,
	FT_VP_ENTER,
	FT_VP_EXIT,
	FT_POPULATE,
};

/**
 * struct ft_event - one event
 * @kind: FT_*
 * @cpu: CPU it was recorded on
 * @line: in the file
 * @time: time stamp as it is written
 * @ret: what the hardware or the function returned
 * @rmp: FT_RMP_*
 * @sev: FT_SEV_*; the bytes of the buffer are from @at in struct ftrace on
 * @tdx: FT_TDX_*
 * @vp: FT_VP_*
 * @pop: FT_POPULATE
 */
struct ft_event {
	u8 kind;
	u32 cpu;
	u64 line;
	char time[24];
	s64 ret;
	union {
		struct {
			u64 paddr;
			u64 gpa;
			u32 asid;
			u8 assigned;
			u8 pagesize;
			u8 immutable;
		} rmp;
		struct {
			u32 cmd;
			u64 pa;
			u32 cmdresp;
			u32 len;
			u64 at;
		} sev;
		struct {
			u64 fn;
			u64 rax;
			u64 regs[FT_REGS];
		} tdx;
		struct {
			u64 tdvpr;
			u64 rax;
		} vp;
		struct {
			u64 gfn;
			u64 pfn;
			bool has_src;
		} pop;
	};
};

/**
 * struct ft_range - physical addresses
 * @start: first byte
 * @end: first byte behind
 */
struct ft_range {
	u64 start;
	u64 end;
};

/**
 * struct ft_machine - what "# machine:" lines say; zero: nothing
 * @memory: RAM
 * @nr_memory: how many
 * @rmp: the RMP, if it is one table
 * @max_asid: highest ASID
 * @min_sev_asid: lowest ASID of a guest with neither ES nor SNP
 * @single_thread: SMT is off
 * @hkid_shift: first bit of the HKID in a physical address
 * @package: package of each CPU
 * @nr_packages: how many
 * @later: a module later than 1.5.01; 0 nobody says, 1 yes, 2 no
 */
struct ft_machine {
	struct ft_range memory[FT_MAX_RANGES];
	u32 nr_memory;
	struct ft_range rmp;
	u32 max_asid;
	u32 min_sev_asid;
	bool single_thread;
	u32 hkid_shift;
	u8 package[FT_MAX_CPUS];
	u32 nr_packages;
	u32 later;
};

/**
 * struct ftrace - a whole trace
 * @file: its name
 * @ev: events of this project, in the order of the file
 * @nr: how many
 * @bytes: of command buffers
 * @nr_bytes: how many
 * @other: events of others
 * @lost: events that the kernel says are missing
 * @lost_line: where it says so first
 * @m: the machine
 */
struct ftrace {
	const char *file;
	struct ft_event *ev;
	u64 nr;
	u64 max;
	u8 *bytes;
	u64 nr_bytes;
	u64 max_bytes;
	u64 other;
	u64 lost;
	u64 lost_line;
	struct ft_machine m;
};

/**
 * ft_read() - read a trace
 * @t: zeroed
 * @file: its name, plain or compressed with gzip
 *
 * Return: false after a message that names file and line, if it makes no sense.
 */
bool ft_read(struct ftrace *t, const char *file);

/**
 * ft_progress() - tell a terminal how far it is
 * @what: what is being done
 * @at: how much of it is done
 * @of: how much there is
 */
void ft_progress(const char *what, u64 at, u64 of);

/** ft_progress_end() - leave a clean line behind */
void ft_progress_end(void);

#endif /* _SIM_LIB_FTRACE_H */
