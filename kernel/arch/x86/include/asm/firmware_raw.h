/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_FIRMWARE_RAW_H
#define _ASM_X86_FIRMWARE_RAW_H

#include <linux/types.h>

struct psp_response;
struct rmp_ops;

/*
 * What a suite that tests the firmware itself needs: the ops below everything
 * that the kernel makes of their answers.  Only with
 * CONFIG_KVM_SNP_KUNIT_TEST, which is built-in, and never exported.
 */

/**
 * rmp_bound_ops() - ask what answers for the RMP
 *
 * Return: the bound table.
 */
const struct rmp_ops *rmp_bound_ops(void);

/**
 * rmp_raw_ops() - the instructions that access the RMP as they are, and traced
 *
 * RMPUPDATE and PSMASH by these leave the direct map alone: the caller maps its
 * pages with 4K first.
 *
 * Return: a table that calls the bound one.
 */
const struct rmp_ops *rmp_raw_ops(void);

/**
 * sev_submit_raw() - hand a command to the firmware as it is
 * @cmd: the command
 * @buf: its buffer, in the direct map; not looked at if @len is 0
 * @len: bytes of it, for the trace; 0 if the command has none
 * @resp: registers of the mailbox afterwards
 *
 * Neither copies the buffer nor changes the state of its pages.  Waits for other
 * commands to end; sleeps.
 *
 * Return: 0 if the firmware answered, whatever its status; -ENODEV, -EBUSY if the
 * PSP is dead, or -ETIMEDOUT.
 */
int sev_submit_raw(u32 cmd, void *buf, int len, struct psp_response *resp);

#endif /* _ASM_X86_FIRMWARE_RAW_H */
