/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KVM x86 calls optional operations with static_call(): with
 * HAVE_STATIC_CALL a NULL one is a "ret", as here static_call_cond() only.
 */
#include_next <linux/static_call.h>
#undef static_call
#define static_call(name)	__static_call_cond(name)
