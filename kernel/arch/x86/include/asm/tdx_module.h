/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_TDX_MODULE_H
#define _ASM_X86_TDX_MODULE_H

#include <linux/types.h>

#include <asm/shared/tdx.h>

/**
 * struct tdx_module_ops - SEAMCALL, as the host sees it
 *
 * One member per convention of passing registers.  @fn goes in as RAX: leaf in
 * bits 15:0, version of the leaf in bits 23:16, and bit 63 set if the call is
 * for the P-SEAMLDR instead of the TDX module.  Members see both, as it is one
 * instruction for both; only the P-SEAMLDR's callers hold a lock for it.
 * Registers that a leaf does not define are passed on as they are in @args.
 *
 * Return RAX: the completion status of the leaf, 0 on success.  If no leaf was
 * executed, TDX_SEAMCALL_VMFAILINVALID (whom the call is for is not loaded, or
 * is the P-SEAMLDR and busy), TDX_SEAMCALL_GP or TDX_SEAMCALL_UD; registers in
 * @args are then as they were.  The caller does everything else: it flushes the
 * pages that it hands over, marks the CPU's caches as incoherent, repeats on
 * TDX_RND_NO_ENTROPY, handles BUSY and interrupted leaves, and maps to errno.
 *
 * Called with preemption disabled, from task context, from IPIs with interrupts
 * disabled, and from the #MC handler; mmu_lock and raw spinlocks may be held.
 * Must not sleep.  A lock has to be raw and taken with interrupts disabled, and
 * must not be taken for TDH.PHYMEM.PAGE.RDMD, which the #MC handler calls.
 *
 * @call: RCX, RDX and R8-R11 go in, @args is left alone.
 * @call_ret: As @call, and RCX, RDX and R8-R11 come back in @args.
 * @call_saved_ret: RCX, RDX, R8-R15, RBX, RDI and RSI go in and come back in
 *	@args.  For TDH.VP.ENTER: called with interrupts disabled, and without
 *	RCU, as the CPU counts as being in the guest.  Has to be noinstr, and
 *	must not leave it, be it for tracepoints, lockdep or printk().  Returns
 *	when the guest exits, or with the error that kept it from being entered.
 *	An NMI is an exit like any other, and KVM handles it.
 */
struct tdx_module_ops {
	u64 (*call)(u64 fn, struct tdx_module_args *args);
	u64 (*call_ret)(u64 fn, struct tdx_module_args *args);
	u64 (*call_saved_ret)(u64 fn, struct tdx_module_args *args);
};

void tdx_module_bind_ops(const struct tdx_module_ops *ops);

#endif /* _ASM_X86_TDX_MODULE_H */
