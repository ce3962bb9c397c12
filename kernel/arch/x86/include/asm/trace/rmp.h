/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rmp

#if !defined(_ASM_X86_TRACE_RMP_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ASM_X86_TRACE_RMP_H

#include <linux/tracepoint.h>

/*
 * One event per RMP instruction, with its operands and the raw EAX, so that a
 * trace holds all that is needed to replay the sequence elsewhere.
 */
DECLARE_EVENT_CLASS(rmp_entry,
	TP_PROTO(u64 paddr, u64 gpa, u32 asid, u8 assigned, u8 pagesize,
		 u8 immutable, int ret),
	TP_ARGS(paddr, gpa, asid, assigned, pagesize, immutable, ret),

	TP_STRUCT__entry(
		__field(u64, paddr)
		__field(u64, gpa)
		__field(u32, asid)
		__field(u8, assigned)
		__field(u8, pagesize)
		__field(u8, immutable)
		__field(int, ret)
	),

	TP_fast_assign(
		__entry->paddr = paddr;
		__entry->gpa = gpa;
		__entry->asid = asid;
		__entry->assigned = assigned;
		__entry->pagesize = pagesize;
		__entry->immutable = immutable;
		__entry->ret = ret;
	),

	TP_printk("paddr 0x%llx gpa 0x%llx asid %u assigned %u pagesize %s immutable %u ret %d",
		  __entry->paddr, __entry->gpa, __entry->asid,
		  __entry->assigned, __entry->pagesize ? "2M" : "4K",
		  __entry->immutable, __entry->ret)
);

DEFINE_EVENT(rmp_entry, rmp_read,
	TP_PROTO(u64 paddr, u64 gpa, u32 asid, u8 assigned, u8 pagesize,
		 u8 immutable, int ret),
	TP_ARGS(paddr, gpa, asid, assigned, pagesize, immutable, ret)
);

DEFINE_EVENT(rmp_entry, rmp_update,
	TP_PROTO(u64 paddr, u64 gpa, u32 asid, u8 assigned, u8 pagesize,
		 u8 immutable, int ret),
	TP_ARGS(paddr, gpa, asid, assigned, pagesize, immutable, ret)
);

TRACE_EVENT(rmp_psmash,
	TP_PROTO(u64 paddr, int ret),
	TP_ARGS(paddr, ret),

	TP_STRUCT__entry(
		__field(u64, paddr)
		__field(int, ret)
	),

	TP_fast_assign(
		__entry->paddr = paddr;
		__entry->ret = ret;
	),

	TP_printk("paddr 0x%llx ret %d", __entry->paddr, __entry->ret)
);

#endif /* _ASM_X86_TRACE_RMP_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH asm/trace/
#define TRACE_INCLUDE_FILE rmp

/* This part must be outside protection */
#include <trace/define_trace.h>
