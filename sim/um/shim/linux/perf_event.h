/* SPDX-License-Identifier: GPL-2.0 */
/* No perf events: the vPMU sees no counters and stays disabled. */
#include_next <linux/perf_event.h>
#ifndef _SIM_SHIM_PERF_EVENT
#define _SIM_SHIM_PERF_EVENT
#include <linux/profile.h>
struct sim_perf_event {
	struct perf_event_attr attr;
	void *overflow_handler_context;
	int state;
	struct { int idx; } hw;
};
#define perf_event sim_perf_event
#define perf_event_create_kernel_counter(...)	((struct perf_event *)ERR_PTR(-ENODEV))
#define perf_event_read_value(e, en, ru)	({ *(en) = *(ru) = 0; 0ULL; })
#define is_sampling_event(e)			false
#define perf_event_release_kernel(e)		do { (void)(e); } while (0)
#define perf_event_period(e, v)			({ (void)(e); (void)(v); 0; })
#define perf_event_pause(e, r)			({ (void)(e); (void)(r); 0ULL; })
#define perf_event_enable(e)			do { (void)(e); } while (0)
#define perf_event_disable(e)			do { (void)(e); } while (0)
#define perf_load_guest_context()		do { } while (0)
#define perf_put_guest_context()		do { } while (0)
#define perf_load_guest_lvtpc(x)		do { } while (0)
#define perf_put_guest_lvtpc()			do { } while (0)
#define perf_create_mediated_pmu()		(-ENODEV)
#define perf_release_mediated_pmu()		do { } while (0)
#define __kvm_register_perf_callbacks(a, b)	do { } while (0)
#define __kvm_unregister_perf_callbacks()	do { } while (0)
#endif
