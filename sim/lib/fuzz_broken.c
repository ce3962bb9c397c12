// SPDX-License-Identifier: GPL-2.0
/*
 * Mistakes for the fuzzer to find, put in at link time (ld --wrap).  Each one
 * shows only after some operations in the right order.  FUZZ_BREAK in the
 * environment says which: snp or tdx.
 */
#include <stdlib.h>

#include "../internal.h"
#include "../tdx_internal.h"

s32 __real_sim_pvalidate(struct sim_machine *m,
			 const struct sim_guest_access *g, u32 pagesize,
			 bool validate, bool *cf, u64 *npf);
s32 __wrap_sim_pvalidate(struct sim_machine *m,
			 const struct sim_guest_access *g, u32 pagesize,
			 bool validate, bool *cf, u64 *npf);
u64 __real_sim_tdh_mem_page_demote(struct tdx_call *c);
u64 __wrap_sim_tdh_mem_page_demote(struct tdx_call *c);

static bool is_broken(const char *what)
{
	const char *name = getenv("FUZZ_BREAK");

	return name && !strcmp(name, what);
}

/* A page whose validation is rescinded loses its owner. */
s32 __wrap_sim_pvalidate(struct sim_machine *m,
			 const struct sim_guest_access *g, u32 pagesize,
			 bool validate, bool *cf, u64 *npf)
{
	s32 ret = __real_sim_pvalidate(m, g, pagesize, validate, cf, npf);
	struct sim_lookup l;

	if (!is_broken("snp") || ret || *cf || validate || pagesize ||
	    sim_fw_lookup(m, g->spa, &l))
		return ret;
	l.e.lo &= ~SIM_RMP_ASID;
	sim_fw_put(m, &l);
	return ret;
}

/* The page that becomes a table is not counted. */
u64 __wrap_sim_tdh_mem_page_demote(struct tdx_call *c)
{
	u64 tdr = c->r->rdx, status = __real_sim_tdh_mem_page_demote(c);
	struct tdx_call view = { .t = c->t, .tdr = tdr };

	if (!status && is_broken("tdx"))
		tdr_add(&view, TDR_CHILDREN, -1);
	return status;
}
