/* SPDX-License-Identifier: GPL-2.0 */
/*
 * No perf events (UML has no HAVE_PERF_EVENTS): a counter can't be had, so that
 * nothing can be done with one.
 */
#include_next <linux/perf_event.h>
#ifndef _SIM_SHIM_LINUX_PERF_EVENT_H
#define _SIM_SHIM_LINUX_PERF_EVENT_H
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/profile.h>

struct kvm_vcpu;
struct perf_sample_data;

/* The members that KVM looks at; x86's has them with CONFIG_PERF_EVENTS only */
struct sim_perf_event {
	struct perf_event_attr attr;
	void *overflow_handler_context;
	int state;
	struct {
		int idx;
	} hw;
};
#define perf_event sim_perf_event

static inline struct perf_event *
perf_event_create_kernel_counter(struct perf_event_attr *attr, int cpu, struct task_struct *task,
				 void (*overflow)(struct perf_event *, struct perf_sample_data *,
						  struct pt_regs *), void *context)
{
	return ERR_PTR(-ENODEV);
}

/* Never called, as there is no event; stated once for all of them */
#define SIM_NO_EVENT(ret)	({ WARN_ON_ONCE(1); (ret); })
#define perf_event_read_value(event, enabled, running)	\
	(*(enabled) = *(running) = 0, (void)(event), SIM_NO_EVENT(0ULL))
#define is_sampling_event(event)		((void)(event), SIM_NO_EVENT(false))
#define perf_event_release_kernel(event)	((void)(event), SIM_NO_EVENT(0))
#define perf_event_period(event, value)		((void)(event), (void)(value), SIM_NO_EVENT(-ENODEV))
#define perf_event_pause(event, reset)		((void)(event), SIM_NO_EVENT(0ULL))
#define perf_event_enable(event)		((void)(event), (void)SIM_NO_EVENT(0))
#define perf_event_disable(event)		((void)(event), (void)SIM_NO_EVENT(0))

/* The mediated vPMU needs a PMU that can be handed over */
#define perf_create_mediated_pmu()		(-ENODEV)
#define perf_release_mediated_pmu()		((void)SIM_NO_EVENT(0))
#define perf_load_guest_context()		((void)SIM_NO_EVENT(0))
#define perf_put_guest_context()		((void)SIM_NO_EVENT(0))
#define perf_load_guest_lvtpc(lvtpc)		((void)SIM_NO_EVENT(0))
#define perf_put_guest_lvtpc()			((void)SIM_NO_EVENT(0))

/* Nobody asks whether the guest was interrupted by a PMI */
#define __kvm_register_perf_callbacks(pt_intr_handler, mediated_handler) ((void)0)
#define __kvm_unregister_perf_callbacks()	((void)0)
unsigned long kvm_arch_vcpu_get_ip(struct kvm_vcpu *vcpu);
#endif
