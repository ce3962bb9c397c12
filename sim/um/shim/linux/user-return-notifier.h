/* SPDX-License-Identifier: GPL-2.0 */
/* The header itself; its functions are in x86.c, and tasks have no flag for it. */
#ifndef _SIM_SHIM_USER_RETURN_NOTIFIER_H
#define _SIM_SHIM_USER_RETURN_NOTIFIER_H
#define CONFIG_USER_RETURN_NOTIFIER	1
#define TIF_USER_RETURN_NOTIFY		30
#include_next <linux/user-return-notifier.h>
#undef CONFIG_USER_RETURN_NOTIFIER
#undef TIF_USER_RETURN_NOTIFY
#endif
