// SPDX-License-Identifier: GPL-2.0
/* Stand-in for the simulated RMP and firmware until sim/ is bound to the ops */
#include <linux/mm.h>
#include <linux/psp-sev.h>
#include <asm/msr.h>
#include <asm/sev.h>
#include "cpu.h"
#include "insn.h"
#include "toy.h"

static u64 *toy_entry(u64 pa)
{
	u64 base = sim_msr_peek(0, MSR_AMD64_RMP_BASE), end = sim_msr_peek(0, MSR_AMD64_RMP_END);
	u64 off = base + 0x4000 + (pa >> PAGE_SHIFT) * 16;

	return off + 15 <= end ? __va(off) : NULL;
}

enum sim_insn_result sim_toy_rmpread(struct sim_regs *r)
{
	u64 *e = toy_entry(r->g[SIM_RAX]);
	struct rmp_state *st = (void *)r->g[SIM_RCX];

	r->g[SIM_RAX] = 1;
	if (!e)
		return SIM_INSN_DONE;
	memset(st, 0, sizeof(*st));
	st->gpa = (*e >> 12 & GENMASK_ULL(38, 0)) << PAGE_SHIFT;
	st->assigned = *e & 1;
	st->pagesize = *e >> 1 & 1;
	st->immutable = *e >> 2 & 1;
	st->asid = *e >> 51 & 0x3ff;
	r->g[SIM_RAX] = 0;
	return SIM_INSN_DONE;
}

enum sim_insn_result sim_toy_rmpupdate(struct sim_regs *r)
{
	u64 *e = toy_entry(r->g[SIM_RAX]);
	struct rmp_state *st = (void *)r->g[SIM_RCX];

	r->g[SIM_RAX] = 1;
	if (!e)
		return SIM_INSN_DONE;
	*e = (u64)!!st->assigned | (u64)!!st->pagesize << 1 | (u64)!!st->immutable << 2 |
	     (st->gpa >> PAGE_SHIFT) << 12 | (u64)(st->asid & 0x3ff) << 51;
	r->g[SIM_RAX] = 0;
	return SIM_INSN_DONE;
}

enum sim_insn_result sim_toy_psmash(struct sim_regs *r)
{
	r->g[SIM_RAX] = 0;
	return SIM_INSN_DONE;
}

static bool snp_up;

u32 sim_toy_psp(u32 cmd, u64 pa)
{
	void *p = pa ? __va(pa) : NULL;

	switch (cmd) {
	case SEV_CMD_PLATFORM_STATUS: {
		struct sev_user_data_status *s = p;

		memset(s, 0, sizeof(*s));
		s->api_major = 1;
		s->api_minor = 55;
		s->build = 25;
		break;
	}
	case SEV_CMD_SNP_PLATFORM_STATUS: {
		struct sev_data_snp_addr *a = p;
		struct sev_user_data_snp_status *s = __va(a->address);

		memset(s, 0, sizeof(*s));
		s->api_major = 1;
		s->api_minor = 55;
		s->build_id = 25;
		s->state = snp_up;
		break;
	}
	case SEV_CMD_SNP_INIT:
	case SEV_CMD_SNP_INIT_EX:
		snp_up = true;
		break;
	case SEV_CMD_SNP_PAGE_RECLAIM: {
		struct sev_data_snp_page_reclaim *r = p;
		u64 *e = toy_entry(r->paddr);

		if (e)
			*e &= ~BIT_ULL(2);
		break;
	}
	}
	return 0;
}
