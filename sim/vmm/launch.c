// SPDX-License-Identifier: GPL-2.0
/* What the launches of all kinds of guests have in common. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launch.h"
#include "tdx_image.h"
#include "vm.h"

#define OVMF_MIN_RAM	(128ULL << 20)	/* the least that OVMF boots with */

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

void launch_begin(struct launch_watch *w, struct launch_result *res)
{
	res->have_calls = !fw_read_calls(&w->before);
	w->violations = fw_violations();
	w->begin = now_us();
}

void launch_built(struct launch_watch *w, struct launch_result *res)
{
	w->built = now_us();
	if (!res->have_calls)
		return;
	if (fw_read_calls(&res->calls))
		res->have_calls = 0;
	else
		fw_calls_since(&res->calls, &w->before);
}

void launch_ran(struct launch_watch *w)
{
	w->ran = now_us();
}

int launch_end(struct launch_watch *w, struct launch_result *res, int ret)
{
	res->launch_us = w->built - w->begin;
	res->run_us = w->ran - w->built;
	res->teardown_us = now_us() - w->ran;

	/* A page that escapes is noticed when it is freed: ask at the end. */
	res->violations = w->violations < 0 ? -1 :
			  fw_violations() - w->violations;
	if (res->violations > 0) {
		ret = complain("%ld violations of the machine's invariants:",
			       res->violations);
		fw_print_violations(stderr);
	}
	return ret;
}

int launch_run(const struct launch_options *opt, struct launch_result *res,
	       struct vm *vm, const struct guest_range *range, unsigned int nr)
{
	int sim, ret;

	if (!opt->run)
		return 0;
	sim = guest_open();
	if (sim < 0) {
		/* A simulated CPU has this device, a real one never has. */
		if (!res->have_calls)
			return 0;
		if (errno != ENOENT)
			return complain("open /dev/sim-guest: %s",
					strerror(errno));
		ret = guest_refused(vm);
		res->refused = !ret;
		return ret;
	}
	ret = guest_check(vm, sim, range, nr, &res->guest_pages,
			  &res->accepted_pages);
	res->ran = !ret;
	close(sim);
	return ret;
}

int launch_memory(const struct launch_options *opt, uint64_t base,
		  uint64_t end, uint64_t *ram)
{
	if (opt->ram > base)
		return complain("guest memory: %#" PRIx64 ", reaches into the image at %#" PRIx64,
				opt->ram, base);
	if (opt->ram) {
		*ram = opt->ram;
		return 0;
	}
	*ram = end > OVMF_MIN_RAM ? end : OVMF_MIN_RAM;
	if (*ram > base)
		*ram = base;
	return 0;
}

const char *launch_page_type_name(enum launch_type type, unsigned int n)
{
	const char *name;

	if (type == LAUNCH_SNP)
		return snp_page_type_name(n);
	name = tdx_section_name(n);
	return name ? name : "?";
}
