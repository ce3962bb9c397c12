// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which PSP answers the commands of the ccp driver.
 *
 * The binding belongs to the machine and not to the driver, which can be a
 * module and can be bound and unbound at run time, while the state of the
 * firmware lives on.
 */
#include <linux/bug.h>
#include <linux/cache.h>
#include <linux/export.h>
#include <linux/init.h>

#include <asm/psp.h>

struct psp_ops psp_ops __ro_after_init;
EXPORT_SYMBOL_FOR_MODULES(psp_ops, "ccp");

/**
 * psp_bind_ops() - replace the mailbox in the registers of the PSP
 * @ops: what to call instead
 *
 * To be called at most once, at boot and before the driver's probe.
 */
void __init psp_bind_ops(const struct psp_ops *ops)
{
	if (!WARN_ON(psp_ops.submit))
		psp_ops = *ops;
}
