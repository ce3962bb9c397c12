/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sev

#if !defined(_SEV_DEV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SEV_DEV_TRACE_H

#include <linux/tracepoint.h>
#include <asm/psp.h>

/* The command buffer as handed to the firmware */
TRACE_EVENT(sev_cmd_submit,
	TP_PROTO(u32 cmd, u64 pa, const void *buf, int len),
	TP_ARGS(cmd, pa, buf, len),

	TP_STRUCT__entry(
		__field(u32, cmd)
		__field(u64, pa)
		__field(int, len)
		__dynamic_array(u8, buf, len)
	),

	TP_fast_assign(
		__entry->cmd = cmd;
		__entry->pa = pa;
		__entry->len = len;
		memcpy(__get_dynamic_array(buf), buf, len);
	),

	TP_printk("cmd 0x%x pa 0x%llx buf %s", __entry->cmd, __entry->pa,
		  __print_hex_str(__get_dynamic_array(buf), __entry->len))
);

/* What the firmware answered, and the command buffer as it left it */
TRACE_EVENT(sev_cmd_complete,
	TP_PROTO(u32 cmd, int ret, const struct psp_response *resp,
		 const void *buf, int len),
	TP_ARGS(cmd, ret, resp, buf, len),

	TP_STRUCT__entry(
		__field(u32, cmd)
		__field(int, ret)
		__field(u32, cmdresp)
		__field(u32, buf_lo)
		__field(u32, buf_hi)
		__field(int, len)
		__dynamic_array(u8, buf, len)
	),

	TP_fast_assign(
		__entry->cmd = cmd;
		__entry->ret = ret;
		__entry->cmdresp = resp->cmdresp;
		__entry->buf_lo = resp->buf_lo;
		__entry->buf_hi = resp->buf_hi;
		__entry->len = len;
		memcpy(__get_dynamic_array(buf), buf, len);
	),

	TP_printk("cmd 0x%x ret %d cmdresp 0x%08x lo 0x%08x hi 0x%08x buf %s",
		  __entry->cmd, __entry->ret, __entry->cmdresp,
		  __entry->buf_lo, __entry->buf_hi,
		  __print_hex_str(__get_dynamic_array(buf), __entry->len))
);

#endif /* _SEV_DEV_TRACE_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH ../../drivers/crypto/ccp
#define TRACE_INCLUDE_FILE sev-dev-trace

/* This part must be outside protection */
#include <trace/define_trace.h>
