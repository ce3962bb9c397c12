/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_PSP_H
#define _ASM_X86_PSP_H

#include <linux/types.h>

/**
 * struct psp_response - registers of the SEV mailbox after a command
 *
 * @cmdresp: the response register; the firmware's status in PSP_CMDRESP_STS
 * @buf_lo: low buffer address register, valid only if the status is not zero;
 *	firmware may have replaced the address by information on the error
 * @buf_hi: high buffer address register, likewise
 */
struct psp_response {
	u32 cmdresp;
	u32 buf_lo;
	u32 buf_hi;
};

/**
 * struct psp_ops - the PSP, as seen through its SEV mailbox
 *
 * @submit: hand command @cmd with the buffer at physical address @buf (C-bit
 *	included, 0 if the command has none) to the firmware and wait for at
 *	most @timeout seconds.  The caller holds the mutex of the command path,
 *	except in a panic.  Sleeps, unless interrupts are disabled.  Return 0
 *	with @resp filled in if the firmware answered, whatever its status;
 *	-ETIMEDOUT if it did not, in which case nobody knows whether the command
 *	took effect and the caller declares the PSP dead.  The pages of @buf,
 *	and whatever it points to, are in the RMP state that the command wants.
 */
struct psp_ops {
	int (*submit)(u32 cmd, u64 buf, unsigned int timeout,
		      struct psp_response *resp);
};

/* Without @submit the driver uses the registers.  Read-only after init. */
extern struct psp_ops psp_ops;

void psp_bind_ops(const struct psp_ops *ops);

#endif /* _ASM_X86_PSP_H */
