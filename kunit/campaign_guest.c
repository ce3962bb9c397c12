// SPDX-License-Identifier: GPL-2.0
/* Steps in which the guest of a workload runs, see kvm_test_guest.h. */
#include <linux/file.h>
#include <linux/kvm_host.h>

#include "campaign.h"

/* Exits that a script of a workload can need */
#define MAX_EXITS	64

static int attach(struct camp_life *l, const struct camp_script *script)
{
	const struct sim_script_params p = { .ops = script->ops, .nr_ops = script->nr };
	struct file *file = fget(l->vcpu_fd[0]);

	if (!file)
		return -EBADF;
	l->script = sim_script_attach_file(file, &p);
	fput(file);
	if (IS_ERR(l->script)) {
		int ret = PTR_ERR(l->script);

		l->script = NULL;
		return ret;
	}
	l->script_nr = script->nr;
	return 0;
}

/**
 * camp_script_end() - take the script away from the vCPU
 * @l: lifetime
 */
void camp_script_end(struct camp_life *l)
{
	if (l->script)
		sim_script_detach(l->script);
	l->script = NULL;
	l->exit_pending = false;
}

/* Did the guest see what it ought to? */
static int script_result(struct camp_life *l)
{
	struct sim_script_result r;
	u32 i;

	for (i = 0; i < l->script_nr; i++) {
		sim_script_result(l->script, i, &r);
		/* The last one is the exit itself. */
		if ((r.status != SIM_SCRIPT_DONE && i + 1 < l->script_nr) ||
		    r.flags & SIM_SCRIPT_R_MISMATCH || r.rc)
			return -EREMOTEIO;
	}
	return 0;
}

/* The guest changes memory from private to shared or back. */
static int map_gpa_range(struct camp_life *l, struct kvm_run *run)
{
	u64 gpa = run->hypercall.args[0], pages = run->hypercall.args[1];
	bool private = run->hypercall.args[2] & KVM_MAP_GPA_RANGE_ENCRYPTED;
	const struct camp_step s = {
		.page = (gpa - KT_GPA) >> PAGE_SHIFT,
		.npages = pages,
		.arg = private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};
	const struct camp_step punch = { .page = s.page, .npages = pages };
	int ret;

	ret = camp_set_attr(l, &s);
	if (!ret && !private)
		ret = camp_punch(l, &punch);
	if (!ret)
		run->hypercall.ret = 0;
	return ret;
}

/* @arg: number of the script.  Goes on where it stopped. */
int camp_run(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_vcpu *vcpu = kt_file_priv(l->vcpu_fd[0]);
	unsigned int n;
	int ret;

	if (!l->script) {
		struct camp_pause p = camp_pause_faults();

		ret = attach(l, &l->w->scripts[s->arg]);
		camp_resume_faults(&p);
		if (ret)
			return ret;
	}
	for (n = 0; n < MAX_EXITS; n++) {
		if (l->exit_pending) {
			ret = map_gpa_range(l, vcpu->run);
			if (ret)
				return ret;
			l->exit_pending = false;
		}
		ret = kt_ioctl(l->vcpu_fd[0], KVM_RUN, 0);
		if (ret)
			return ret;
		switch (vcpu->run->exit_reason) {
		case KVM_EXIT_HYPERCALL:
			l->exit_pending = true;
			continue;
		case KVM_EXIT_HLT:
		case KVM_EXIT_IO:
			ret = script_result(l);
			camp_script_end(l);
			return ret;
		default:
			/* The guest has not noticed: it goes on when it is run again. */
			return -EREMOTEIO;
		}
	}
	return -ELOOP;
}

int camp_pre_fault(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_pre_fault_memory args = {
		.gpa = KT_GPA + s->page * PAGE_SIZE,
		.size = (u64)s->npages << PAGE_SHIFT,
	};
	int ret = camp_ioctl(l, l->vcpu_fd[0], KVM_PRE_FAULT_MEMORY, &args, sizeof(args));

	return ret ?: args.size >> PAGE_SHIFT;
}

/* What is private is converted by an exit to user space. */
int camp_enable_hypercall(struct camp_life *l, const struct camp_step *s)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_EXIT_HYPERCALL, .args = { BIT(KVM_HC_MAP_GPA_RANGE) },
	};

	return camp_ioctl(l, l->fd, KVM_ENABLE_CAP, &cap, sizeof(cap));
}
