/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tdx

#if !defined(_ASM_X86_TRACE_TDX_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ASM_X86_TRACE_TDX_H

#include <linux/build_bug.h>
#include <linux/tracepoint.h>

#include <asm/shared/tdx.h>

/*
 * Two events per SEAMCALL, on the same CPU.  Between them can be those of a
 * SEAMCALL made by an IPI.  The registers are in the order of struct
 * tdx_module_args: RCX, RDX, R8-R11, and for TDH.VP.ENTER R12-R15, RBX, RDI, RSI.
 *
 * Plain numbers: user space parses the formats of events, but not offsetof().
 */
#define TDX_TRACE_NR_REGS	6
#define TDX_TRACE_NR_REGS_ALL	13
#define TDX_TRACE_REG_SIZE	8

static_assert(offsetof(struct tdx_module_args, r12) ==
	      TDX_TRACE_NR_REGS * TDX_TRACE_REG_SIZE);
static_assert(sizeof(struct tdx_module_args) ==
	      TDX_TRACE_NR_REGS_ALL * TDX_TRACE_REG_SIZE);

TRACE_EVENT(tdx_seamcall_enter,
	TP_PROTO(u64 fn, const struct tdx_module_args *args),
	TP_ARGS(fn, args),

	TP_STRUCT__entry(
		__field(u64, fn)
		__array(u64, regs, TDX_TRACE_NR_REGS)
	),

	TP_fast_assign(
		__entry->fn = fn;
		memcpy(__entry->regs, args, sizeof(__entry->regs));
	),

	TP_printk("fn 0x%llx regs %s", __entry->fn,
		  __print_array(__entry->regs, TDX_TRACE_NR_REGS, TDX_TRACE_REG_SIZE))
);

/* A call that returns no registers shows those that went in. */
TRACE_EVENT(tdx_seamcall_exit,
	TP_PROTO(u64 fn, u64 ret, const struct tdx_module_args *args),
	TP_ARGS(fn, ret, args),

	TP_STRUCT__entry(
		__field(u64, fn)
		__field(u64, ret)
		__array(u64, regs, TDX_TRACE_NR_REGS)
	),

	TP_fast_assign(
		__entry->fn = fn;
		__entry->ret = ret;
		memcpy(__entry->regs, args, sizeof(__entry->regs));
	),

	TP_printk("fn 0x%llx ret 0x%llx regs %s", __entry->fn, __entry->ret,
		  __print_array(__entry->regs, TDX_TRACE_NR_REGS, TDX_TRACE_REG_SIZE))
);

/* TDH.VP.ENTER: RCX, which tdh_vp_enter() fills in, is @tdvpr. */
TRACE_EVENT(tdx_vp_enter,
	TP_PROTO(u64 tdvpr, const struct tdx_module_args *args),
	TP_ARGS(tdvpr, args),

	TP_STRUCT__entry(
		__field(u64, tdvpr)
		__array(u64, regs, TDX_TRACE_NR_REGS_ALL)
	),

	TP_fast_assign(
		__entry->tdvpr = tdvpr;
		memcpy(__entry->regs, args, sizeof(__entry->regs));
		__entry->regs[0] = tdvpr;
	),

	TP_printk("tdvpr 0x%llx regs %s", __entry->tdvpr,
		  __print_array(__entry->regs, TDX_TRACE_NR_REGS_ALL, TDX_TRACE_REG_SIZE))
);

TRACE_EVENT(tdx_vp_exit,
	TP_PROTO(u64 tdvpr, u64 ret, const struct tdx_module_args *args),
	TP_ARGS(tdvpr, ret, args),

	TP_STRUCT__entry(
		__field(u64, tdvpr)
		__field(u64, ret)
		__array(u64, regs, TDX_TRACE_NR_REGS_ALL)
	),

	TP_fast_assign(
		__entry->tdvpr = tdvpr;
		__entry->ret = ret;
		memcpy(__entry->regs, args, sizeof(__entry->regs));
	),

	TP_printk("tdvpr 0x%llx ret 0x%llx regs %s", __entry->tdvpr, __entry->ret,
		  __print_array(__entry->regs, TDX_TRACE_NR_REGS_ALL, TDX_TRACE_REG_SIZE))
);

#endif /* _ASM_X86_TRACE_TDX_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH asm/trace/
#define TRACE_INCLUDE_FILE tdx

/* This part must be outside protection */
#include <trace/define_trace.h>
