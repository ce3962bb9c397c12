// SPDX-License-Identifier: GPL-2.0
/* The simulator, as far as suite snp_firmware knows of it. */
#include "snp_firmware.h"

#include "../../../arch/x86/virt/sim/contract.h"
#include "../../../arch/x86/virt/sim/gate.h"
#include "../../../arch/x86/virt/sim/host.h"
#include "../../../arch/x86/virt/sim/oracle.h"

bool sf_sim_bound(const struct rmp_ops *rmp)
{
	return rmp->update == sim_rmp_ops.update;
}

void sf_sim_begin(struct sf *sf)
{
	sim_contract_waive(true);
	sf->violations = sim_oracle_mark();
	sf->dirt = sim_host_check_clean(NULL, NULL);
}

void sf_sim_end(struct sf *sf)
{
	struct sim_violation v;

	sim_contract_waive(false);
	while (sim_oracle_read(&sf->violations, &v))
		KUNIT_FAIL(sf->test, "oracle %s: %s", sim_oracle_name(v.oracle), v.text);
	KUNIT_EXPECT_EQ_MSG(sf->test, sf->dirt, sim_host_check_clean(NULL, NULL),
			    "the machine is not clean");
}
