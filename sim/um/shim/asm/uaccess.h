/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_UACCESS_H
#define _SIM_SHIM_UACCESS_H
#include_next <asm/uaccess.h>
/* Setting accessed and dirty bits in guest page tables */
int sim_cmpxchg_user(void __user *ptr, u64 *old, u64 new, int size);
#define __try_cmpxchg_user(_ptr, _oldp, _nval, _label)				\
({										\
	u64 __old = *(_oldp), __new = (_nval);					\
	int __r = sim_cmpxchg_user((void __user *)(_ptr), &__old, __new,	\
				      sizeof(*(_ptr)));				\
	*(_oldp) = __old;							\
	__r;									\
})
#endif
