/* SPDX-License-Identifier: GPL-2.0 */
/* There is no return to user mode to hook: shared MSRs keep the guest's value. */
#ifndef _LINUX_USER_RETURN_NOTIFIER_H
#define _LINUX_USER_RETURN_NOTIFIER_H
#include <linux/list.h>
struct user_return_notifier {
	void (*on_user_return)(struct user_return_notifier *urn);
	struct hlist_node link;
};
static inline void user_return_notifier_register(struct user_return_notifier *urn) { }
static inline void user_return_notifier_unregister(struct user_return_notifier *urn) { }
#endif
