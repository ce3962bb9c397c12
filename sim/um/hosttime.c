// SPDX-License-Identifier: GPL-2.0
/* Time as the host gives it to this machine. */
#include <linux/time64.h>
#include "profile.h"

/* libc's, whose headers don't go together with the kernel's */
extern int clock_gettime(int clock, struct timespec64 *ts);
#define HOST_CLOCK_THREAD_CPUTIME_ID	3

/* Each CPU of UML is a thread of the host. */
u64 sim_cpu_ns(void)
{
	struct timespec64 ts = {};

	clock_gettime(HOST_CLOCK_THREAD_CPUTIME_ID, &ts);
	return timespec64_to_ns(&ts);
}
