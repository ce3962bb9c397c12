// SPDX-License-Identifier: GPL-2.0
/* The simulator, as far as suite tdx_module knows of it. */
#include <asm/tdx_module.h>

#include "tdx_module.h"

#include "../../../arch/x86/virt/sim/contract.h"
#include "../../../arch/x86/virt/sim/oracle.h"
#include "../../../arch/x86/virt/sim/tdx_host_priv.h"

bool tm_sim_bound(u64 (*call)(u64 fn, struct tdx_module_args *args))
{
	return call == sim_tdx_module_ops.call;
}

void tm_sim_begin(struct tmod *tm)
{
	sim_contract_waive(true);
	tm->violations = sim_oracle_mark();
	tm->dirt = sim_host_check_clean(NULL, NULL);
}

void tm_sim_end(struct tmod *tm)
{
	struct sim_violation v;

	sim_contract_waive(false);
	while (sim_oracle_read(&tm->violations, &v))
		KUNIT_FAIL(tm->test, "oracle %s: %s", sim_oracle_name(v.oracle), v.text);
	KUNIT_EXPECT_EQ_MSG(tm->test, tm->dirt, sim_host_check_clean(NULL, NULL),
			    "the machine is not clean");
}

/* Have something happen in the middle of the next SEAMCALLs, with their locks held. */
void tm_sim_during(void (*fn)(void *ctx), void *ctx)
{
	sim_tdx_host_set_yield(fn, ctx);
}

/* The host can't read the measurement of a TD; the simulator can. */
bool tm_sim_mrtd(u64 tdr, u8 mrtd[SHA384_DIGEST_SIZE])
{
	struct sim_tdx_td_info info;
	unsigned long flags;
	struct sim_tdx *t;
	bool ret;

	t = sim_tdx_gate_lock(&flags);
	if (!t)
		return false;
	ret = sim_tdx_td_info(t, tdr, &info);
	sim_tdx_gate_unlock(flags);
	if (ret)
		memcpy(mrtd, info.mrtd, SHA384_DIGEST_SIZE);
	return ret;
}
