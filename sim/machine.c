// SPDX-License-Identifier: GPL-2.0
/*
 * The simulated machine: power on, reset, caches, and the question whether
 * anything of a guest is left.
 */
#include "machine.h"
#include "internal.h"

#define SIM_DEFAULT_TSC_KHZ	99800
#define SIM_RMP_ALIGN		(1ull << 20)
#define SIM_DEFAULT_MAX_PA	(((1ull << 46) - (12ull << 30)) - 1)

int sim_machine_init(struct sim_machine *m,
		     const struct sim_machine_config *cfg)
{
	void *env = m->env;

	if (!cfg->rmp || cfg->rmp_base & (SIM_RMP_ALIGN - 1) ||
	    (cfg->rmp_end + 1) & (SIM_RMP_ALIGN - 1) ||
	    cfg->rmp_end <= cfg->rmp_base)
		return -1;
	if (!cfg->nr_ccx || cfg->nr_ccx > SIM_MAX_CCX || !cfg->cpus_per_ccx ||
	    cfg->cpus_per_ccx > 64)
		return -1;
	if (!cfg->max_asid || cfg->max_asid >= SIM_MAX_ASIDS ||
	    cfg->nr_dram > SIM_MAX_RANGES ||
	    cfg->nr_reserved > SIM_MAX_RANGES ||
	    cfg->nr_iommu_pages > SIM_MAX_IOMMU_PAGES)
		return -1;

	/* The rest is cleared where and when it is used. */
	memset(m, 0, offsetof(struct sim_machine, sev_guests));
	m->env = env;
	m->cfg = *cfg;
	if (!m->cfg.tsc_khz)
		m->cfg.tsc_khz = SIM_DEFAULT_TSC_KHZ;
	if (!m->cfg.max_pa)
		m->cfg.max_pa = SIM_DEFAULT_MAX_PA;
	if (!m->cfg.nr_apic_ids)
		m->cfg.nr_apic_ids = cfg->nr_ccx * cfg->cpus_per_ccx;
	m->rmp_entries = (cfg->rmp_end + 1 - cfg->rmp_base -
			  SIM_RMP_BOOKKEEPING) / sizeof(struct sim_rmp_raw);
	sim_env_random(m, m->fw_key, sizeof(m->fw_key));
	sim_env_random(m, m->chip_secret, sizeof(m->chip_secret));
	return 0;
}

void sim_machine_reset(struct sim_machine *m)
{
	m->snp_state = SIM_PLAT_UNINIT;
	m->sev_state = SIM_PLAT_UNINIT;
	m->rmp_init = false;
	m->iommu_protected = false;
	m->guest_count = 0;
	m->wbinvd = 0;
	memset(m->wbinvd_cpus, 0, sizeof(m->wbinvd_cpus));
	memset(&m->asids, 0, sizeof(m->asids));
	memset(m->busy, 0, sizeof(m->busy));
	m->reported_tcb = 0;
	m->config_flags = 0;
	m->sev_flags = 0;
	memset(&m->sev_tmr, 0, sizeof(m->sev_tmr));
	m->sev_tmr_ready = false;
	m->nr_vmsas = 0;
	m->sev_guest_count = 0;
	m->sev_slots = 0;
	memset(m->scratch, 0, sizeof(m->scratch));
	sim_env_random(m, m->fw_key, sizeof(m->fw_key));
}

void sim_wbinvd_cpu(struct sim_machine *m, u32 cpu)
{
	u32 ccx = cpu / m->cfg.cpus_per_ccx;
	u64 all;

	if (ccx >= m->cfg.nr_ccx)
		return;
	all = ~0ull >> (64 - m->cfg.cpus_per_ccx);
	m->wbinvd_cpus[ccx] |= 1ull << (cpu % m->cfg.cpus_per_ccx);
	if (m->wbinvd_cpus[ccx] == all)
		m->wbinvd |= 1u << ccx;
}

void sim_wbinvd_ccx(struct sim_machine *m, u32 mask)
{
	u64 all = ~0ull >> (64 - m->cfg.cpus_per_ccx);
	u32 i;

	m->wbinvd |= mask;
	for (i = 0; i < m->cfg.nr_ccx; i++)
		if (mask & (1u << i))
			m->wbinvd_cpus[i] = all;
}

void sim_clear_wbinvd(struct sim_machine *m, u32 mask)
{
	u32 i;

	m->wbinvd &= ~mask;
	for (i = 0; i < m->cfg.nr_ccx; i++)
		if (mask & (1u << i))
			m->wbinvd_cpus[i] = 0;
}

void sim_set_hsave(struct sim_machine *m, bool nonzero)
{
	m->cfg.hsave_nonzero = nonzero;
}

void sim_set_snp_enabled(struct sim_machine *m, bool enabled)
{
	m->cfg.snp_enabled = enabled;
}

bool sim_is_dram(const struct sim_machine *m, u64 pa, u64 len)
{
	u32 i;

	pa &= ~SIM_C_BIT;
	for (i = 0; i < m->cfg.nr_dram; i++)
		if (m->cfg.dram[i].start <= pa && pa < m->cfg.dram[i].end)
			return len <= m->cfg.dram[i].end - pa;
	return false;
}

struct dirt {
	void (*report)(void *ctx, const struct sim_dirt_report *r);
	void *ctx;
	u32 n;
};

static void found(struct dirt *d, enum sim_dirt what, u64 addr, u32 asid,
		  enum sim_page_state state)
{
	struct sim_dirt_report r = {
		.what = what, .addr = addr, .asid = asid, .state = state,
	};

	d->n++;
	if (d->report)
		d->report(d->ctx, &r);
}

#define AT_ONCE		8

/* Entries @i and those behind it: has nobody touched any of them? */
static bool untouched(const struct sim_machine *m, u64 i)
{
	const struct sim_rmp_raw *e = sim_rmp_entry(m, i);
	u64 lo = 0;
	int k;

	for (k = 0; k < AT_ONCE; k++)
		lo |= e[k].lo;
	return !(lo & ~SIM_RMP_SUBPAGES);
}

/*
 * Entries from @i up to @end.
 *
 * Return: the first that was not looked at, which is beyond @end behind a large
 * page.
 */
static u64 check_entries(const struct sim_machine *m, struct dirt *d, u64 i,
			 u64 end)
{
	while (i < end) {
		u64 spa = i << SIM_PAGE_SHIFT;
		struct sim_rmp_raw e = *sim_rmp_entry(m, i);
		enum sim_page_state st;
		u64 step = 1;

		/* Untouched entries are the rule; get past them quickly. */
		if (i + AT_ONCE <= end && untouched(m, i)) {
			i += AT_ONCE;
			continue;
		}
		if (!(e.lo & ~SIM_RMP_SUBPAGES)) {
			i++;
			continue;
		}
		st = sim_rmp_entry_state(&e);
		if (e.lo & SIM_RMP_2M)
			step = SIM_PAGES_PER_2M;
		if (st == SIM_PAGE_CONTEXT)
			found(d, SIM_DIRT_CONTEXT, spa, 0, st);
		else if (st != SIM_PAGE_HYPERVISOR &&
			 st != SIM_PAGE_HV_FIXED &&
			 st != SIM_PAGE_FIRMWARE_IOMMU &&
			 !sim_in_rmp(m, spa))
			found(d, SIM_DIRT_PAGE, spa,
			      (e.lo & SIM_RMP_ASID) >> SIM_RMP_ASID_SHIFT, st);
		i += step;
	}
	return i;
}

#define PER_CHUNK	(SIM_PAGE_SIZE / sizeof(struct sim_rmp_raw))

/* Entries of 4 KiB of the table at a time */
static void check_touched(struct sim_machine *m, struct dirt *d)
{
	u64 i, next, end, chunk, *word, bit;
	u32 before;

	for (i = 0; i < m->rmp_entries; i = next) {
		chunk = (SIM_RMP_BOOKKEEPING + i * sizeof(struct sim_rmp_raw)) >> SIM_PAGE_SHIFT;
		word = &m->rmp_touched[chunk / 64];
		bit = 1ull << (chunk % 64);
		end = i - i % PER_CHUNK + PER_CHUNK;
		if (end > m->rmp_entries)
			end = m->rmp_entries;
		next = end;
		if (!(*word & bit))
			continue;
		before = d->n;
		next = check_entries(m, d, i, end);
		if (d->n == before && !(i % PER_CHUNK))
			*word &= ~bit;
	}
}

static u32 check_rest(const struct sim_machine *m, struct dirt *d)
{
	u32 i;

	for (i = 1; i <= m->cfg.max_asid; i++) {
		if (m->asids.allocated[i] | m->asids.in_use[i])
			found(d, SIM_DIRT_ASID_USED, 0, i,
			      SIM_PAGE_HYPERVISOR);
		if (m->rmp_init && sim_rmp_asid_count(m, i))
			found(d, SIM_DIRT_ASID_COUNT,
			      sim_rmp_asid_count(m, i), i,
			      SIM_PAGE_HYPERVISOR);
	}
	for (i = 0; i < m->sev_slots; i++)
		if (m->sev_guests[i].state)
			found(d, SIM_DIRT_SEV_GUEST, i + 1,
			      m->sev_guests[i].b.asid, SIM_PAGE_HYPERVISOR);
	for (i = 0; i < SIM_MAX_BUSY; i++)
		if (m->busy[i])
			found(d, SIM_DIRT_BUSY, m->busy[i], 0,
			      SIM_PAGE_HYPERVISOR);
	return d->n;
}

u32 sim_machine_check_clean(const struct sim_machine *m,
			    void (*report)(void *ctx,
					   const struct sim_dirt_report *r),
			    void *ctx)
{
	struct dirt d = { .report = report, .ctx = ctx };

	if (m->rmp_init)
		check_entries(m, &d, 0, m->rmp_entries);
	return check_rest(m, &d);
}

u32 sim_machine_check_touched(struct sim_machine *m,
			      void (*report)(void *ctx,
					     const struct sim_dirt_report *r),
			      void *ctx)
{
	struct dirt d = { .report = report, .ctx = ctx };

	if (!m->rmp_touched)
		return sim_machine_check_clean(m, report, ctx);
	if (m->rmp_init)
		check_touched(m, &d);
	return check_rest(m, &d);
}
