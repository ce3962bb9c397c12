/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulated SNP machine: flat state, no pointers into it from outside.
 *
 * One machine outlives every VM.  Callers serialise all calls on one machine;
 * the core takes no lock, allocates nothing and never sleeps, so every entry
 * point may be called with interrupts off.
 */
#ifndef _SIM_MACHINE_H
#define _SIM_MACHINE_H

#include "env.h"
#include "rmp.h"

#define SIM_MAX_RANGES		64
#define SIM_MAX_IOMMU_PAGES	16
#define SIM_MAX_ASIDS		1024
#define SIM_MAX_CCX		32
#define SIM_MAX_BUSY		64
#define SIM_MAX_SEV_GUESTS	1024

/**
 * struct sim_range - physical address range
 * @start: first byte
 * @end: first byte after it
 */
struct sim_range {
	u64 start;
	u64 end;
};

/**
 * struct sim_machine_config - what the machine is made of
 * @dram: memory, ascending; everything else is no memory
 * @nr_dram: how many
 * @reserved: memory that firmware refuses as an operand (TSEG, ASEG, TMR)
 * @nr_reserved: how many
 * @reserved_hv_fixed: SNP_INIT makes the reserved ranges HV-fixed as well
 * @iommu_pages: IOMMU log pages, Firmware-IOMMU after initialisation
 * @nr_iommu_pages: how many
 * @max_pa: highest physical address; higher ones are invalid, 0: 2^46 - 12G - 1
 * @rmp_base: first byte of the RMP (MSR RMP_BASE), 1 MiB aligned
 * @rmp_end: last byte of the RMP (MSR RMP_END)
 * @rmp: the table's bytes; the very memory the operating system maps
 * @nr_ccx: core complexes; WBINVD and ASID state are kept per CCX
 * @cpus_per_ccx: logical CPUs in each
 * @nr_apic_ids: APIC ids that exist, cpus_per_ccx to a complex, 0: all
 * @min_sev_asid: lowest ASID of plain SEV guests; SNP takes 1 .. this - 1
 * @max_asid: highest ASID
 * @dies: sockets
 * @smt: simultaneous multithreading is on
 * @snp_enabled: SYSCFG SNP and VMPL enable bits are set on every core
 * @hsave_nonzero: some core's VM_HSAVE_PA is not zero
 * @broken: what else SNP_INIT wants of the platform and does not find, SIM_BROKEN_*
 * @tsc_khz: P0 frequency the firmware scales VMSAs against; 0: 99800
 * @cpuid_1_eax: family, model, stepping as CPUID Fn1 EAX encodes them
 */
struct sim_machine_config {
	struct sim_range dram[SIM_MAX_RANGES];
	u32 nr_dram;
	struct sim_range reserved[SIM_MAX_RANGES];
	u32 nr_reserved;
	bool reserved_hv_fixed;
	u64 iommu_pages[SIM_MAX_IOMMU_PAGES];
	u32 nr_iommu_pages;
	u64 max_pa;
	u64 rmp_base;
	u64 rmp_end;
	void *rmp;
	u32 nr_ccx;
	u32 cpus_per_ccx;
	u32 nr_apic_ids;
	u32 min_sev_asid;
	u32 max_asid;
	u32 dies;
	bool smt;
	bool snp_enabled;
	bool hsave_nonzero;
	u32 broken;
	u32 tsc_khz;
	u32 cpuid_1_eax;
};

/**
 * enum sim_broken - conditions of SNP_INIT that firmware and kernel of a platform can miss
 * @SIM_BROKEN_ENCRYPTION: memory encryption is off
 * @SIM_BROKEN_VMPL: VMPLs are not enabled on every core
 * @SIM_BROKEN_MTRR: SYSCFG MtrrFixDramModEn is not clear on every core
 * @SIM_BROKEN_SMM: SMM is not locked on every core
 * @SIM_BROKEN_BOUNDS: RMP_BASE and RMP_END differ between cores
 */
enum sim_broken {
	SIM_BROKEN_ENCRYPTION = 1 << 0,
	SIM_BROKEN_VMPL = 1 << 1,
	SIM_BROKEN_MTRR = 1 << 2,
	SIM_BROKEN_SMM = 1 << 3,
	SIM_BROKEN_BOUNDS = 1 << 4,
};

/**
 * enum sim_platform_state - state of SNP, and of legacy SEV
 * @SIM_PLAT_UNINIT: not initialised
 * @SIM_PLAT_INIT: initialised
 * @SIM_PLAT_WORKING: legacy SEV only: initialised, and guests exist
 */
enum sim_platform_state {
	SIM_PLAT_UNINIT = 0,
	SIM_PLAT_INIT = 1,
	SIM_PLAT_WORKING = 2,
};

/**
 * struct sim_asids - per-ASID bookkeeping of the firmware
 * @dirty: CCXs whose caches may hold lines of the ASID
 * @clean: CCXs flushed since
 * @allocated: CCXs bound to a guest that is still being launched
 * @in_use: CCXs bound to a running guest
 * @valid: CCXs on which the ASID may run
 * @key: guest key installed in the memory controller, zeros: none
 *
 * Each CCX is in exactly one of dirty, clean, allocated and in_use.
 */
struct sim_asids {
	u32 dirty[SIM_MAX_ASIDS];
	u32 clean[SIM_MAX_ASIDS];
	u32 allocated[SIM_MAX_ASIDS];
	u32 in_use[SIM_MAX_ASIDS];
	u32 valid[SIM_MAX_ASIDS];
	u64 key[SIM_MAX_ASIDS][2];
};

#define SIM_GFLAG_ACTIVE	1
#define SIM_GFLAG_ES		2
#define SIM_GFLAG_PENDING	4

/**
 * struct sim_binding - what ties a guest to an ASID
 * @flags: SIM_GFLAG_*: bound and runnable, SEV-ES, bound but still in launch
 * @asid: ASID, 0: none
 * @ccxs: core complexes the ASID is enabled on
 * @rsvd: zero
 * @key: the guest's memory encryption key
 */
struct sim_binding {
	u32 flags;
	u32 asid;
	u32 ccxs;
	u32 rsvd;
	u64 key[2];
};

/**
 * enum sim_sev_state - state of a legacy SEV or SEV-ES guest
 * @SIM_SEV_NONE: no guest
 * @SIM_SEV_LUPDATE: being launched, memory is measured
 * @SIM_SEV_LSECRET: measured, its owner may send secrets
 * @SIM_SEV_RUNNING: launched
 * @SIM_SEV_SUPDATE: being sent to another machine
 * @SIM_SEV_RUPDATE: being received
 * @SIM_SEV_SENT: gone
 */
enum sim_sev_state {
	SIM_SEV_NONE = 0,
	SIM_SEV_LUPDATE = 1,
	SIM_SEV_LSECRET = 2,
	SIM_SEV_RUNNING = 3,
	SIM_SEV_SUPDATE = 4,
	SIM_SEV_RUPDATE = 5,
	SIM_SEV_SENT = 6,
};

/**
 * struct sim_sev_guest - a legacy guest, in the firmware's own memory
 * @state: SIM_SEV_*
 * @policy: of LAUNCH_START
 * @b: its ASID and key
 * @tek: transport encryption key, of the session with the guest's owner
 * @tik: transport integrity key
 * @measurement: what LAUNCH_MEASURE gave, for LAUNCH_SECRET
 * @ld: launch digest, after LAUNCH_MEASURE
 * @hash: launch digest, before
 */
struct sim_sev_guest {
	u32 state;
	u32 policy;
	struct sim_binding b;
	u8 tek[16];
	u8 tik[16];
	u8 measurement[32];
	u8 ld[32];
	struct sim_sha256 hash;
};

/**
 * struct sim_machine - all state of the simulated machine
 * @env: for the environment's own use
 * @cfg: what it is made of
 * @rmp_dirty: optional bitmap, one bit per 4 KiB of the table, set whenever
 *	the core writes there; NULL: not wanted.  Lets a replay reset a machine
 *	in less time than clearing the table takes.
 * @rmp_touched: likewise, for sim_machine_check_touched(), which clears bits
 * @rmp_zeroed: the environment vouches that the table is all zeros; SNP_INIT
 *	then skips clearing it.  Reset by the first write.
 * @rmp_entries: entries of the table
 * @snp_state: SIM_PLAT_*
 * @sev_state: SIM_PLAT_* of legacy SEV
 * @rmp_init: an RMP initialised by this firmware exists
 * @iommu_protected: SNP is active in the IOMMU
 * @guest_count: live SNP guests past LAUNCH_START
 * @wbinvd: CCXs whose cores have all executed WBINVD since the last clear
 * @wbinvd_cpus: per CCX, the CPUs that have
 * @fw_key: key of firmware-owned contents
 * @chip_secret: fused into the chip: its identity and the root of its keys
 * @asids: per-ASID state
 * @busy: pages in use by running vCPUs, 0: free slot
 * @reported_tcb: SNP_CONFIG: TCB to report, 0: the current one
 * @config_flags: SNP_CONFIG: bit 0 mask chip id, bit 1 mask chip key
 * @sev_flags: flags of the legacy INIT (bit 0 ES)
 * @sev_tmr: trusted memory region of the legacy INIT, end 0: none
 * @sev_tmr_ready: it was flushed since and may hold check sums of VMSAs
 * @nr_vmsas: legacy VMSAs that have one
 * @sev_guest_count: live legacy guests
 * @sev_slots: slots of @sev_guests that were ever used
 * @scratch: private memory of the firmware: operands are copied here before
 *	they are looked at, so that what is checked is what is used
 * @sev_guests: legacy guests; handles count from 1
 */
struct sim_machine {
	void *env;
	struct sim_machine_config cfg;
	u64 *rmp_dirty;
	u64 *rmp_touched;
	bool rmp_zeroed;
	u64 rmp_entries;

	u8 snp_state;
	u8 sev_state;
	bool rmp_init;
	bool iommu_protected;
	u32 guest_count;
	u32 wbinvd;
	u64 wbinvd_cpus[SIM_MAX_CCX];
	u64 fw_key[2];
	u64 chip_secret[4];
	struct sim_asids asids;
	u64 busy[SIM_MAX_BUSY];
	u64 reported_tcb;
	u32 config_flags;
	u32 sev_flags;
	struct sim_range sev_tmr;
	bool sev_tmr_ready;
	u32 nr_vmsas;
	u32 sev_guest_count;
	u32 sev_slots;
	u64 scratch[4 * 4096 / 8];
	struct sim_sev_guest sev_guests[SIM_MAX_SEV_GUESTS];
};

/**
 * sim_machine_init - power on
 * @m: storage of the machine, any content
 * @cfg: what it is made of, copied
 *
 * Draws the firmware key, so the environment must be ready for
 * sim_env_random(); @m->env is preserved.  The RMP's memory is not touched.
 *
 * Return: 0, or -1 if the configuration makes no sense (no RMP, bounds not
 * 1 MiB aligned, more CCXs or ASIDs than the model has room for).
 */
int sim_machine_init(struct sim_machine *m,
		     const struct sim_machine_config *cfg);

/**
 * sim_machine_reset - back to the state right after power on
 * @m: machine
 *
 * Volatile firmware state is lost; the configuration and the chip's secret stay.
 */
void sim_machine_reset(struct sim_machine *m);

/**
 * sim_wbinvd_cpu - one CPU executed WBINVD (or WBNOINVD)
 * @m: machine
 * @cpu: logical CPU number; CCX = cpu / cpus_per_ccx
 */
void sim_wbinvd_cpu(struct sim_machine *m, u32 cpu);

/**
 * sim_wbinvd_ccx - all CPUs of some CCXs executed WBINVD
 * @m: machine
 * @mask: CCXs; ~0u: all of the machine
 */
void sim_wbinvd_ccx(struct sim_machine *m, u32 mask);

/**
 * sim_set_hsave - VM_HSAVE_PA of the machine's cores changed
 * @m: machine
 * @nonzero: some core's MSR is not zero
 */
void sim_set_hsave(struct sim_machine *m, bool nonzero);

/**
 * sim_set_snp_enabled - SYSCFG SNP enable (and VMPL enable) of all cores
 * @m: machine
 * @enabled: set on every core
 */
void sim_set_snp_enabled(struct sim_machine *m, bool enabled);

/**
 * sim_is_dram - is this memory?
 * @m: machine
 * @pa: system physical address (C-bit ignored)
 * @len: bytes
 *
 * Return: true if all of it lies in one range of the memory map.
 */
bool sim_is_dram(const struct sim_machine *m, u64 pa, u64 len);

/**
 * enum sim_dirt - what a guest can leave behind
 * @SIM_DIRT_PAGE: page that is not the hypervisor's: addr, state, asid
 * @SIM_DIRT_CONTEXT: live guest context: addr
 * @SIM_DIRT_ASID_USED: ASID allocated or in use: asid
 * @SIM_DIRT_ASID_COUNT: the processor counts pages of an ASID: asid, addr is
 *	the count
 * @SIM_DIRT_BUSY: page still marked busy: addr
 * @SIM_DIRT_TD_PAGE: page of a TD: addr; state is its type, SIM_PT_*
 * @SIM_DIRT_HKID: HKID in use: asid
 * @SIM_DIRT_SEV_GUEST: live legacy guest: addr is its handle
 */
enum sim_dirt {
	SIM_DIRT_PAGE,
	SIM_DIRT_CONTEXT,
	SIM_DIRT_ASID_USED,
	SIM_DIRT_ASID_COUNT,
	SIM_DIRT_BUSY,
	SIM_DIRT_TD_PAGE,
	SIM_DIRT_HKID,
	SIM_DIRT_SEV_GUEST,
};

/**
 * struct sim_dirt_report - one thing that is not clean
 * @what: kind
 * @addr: page or count
 * @asid: ASID concerned, 0: none
 * @state: page state where @what is about a page
 */
struct sim_dirt_report {
	enum sim_dirt what;
	u64 addr;
	u32 asid;
	enum sim_page_state state;
};

/**
 * sim_machine_check_clean - does anything of any guest remain?
 * @m: machine
 * @report: called for each finding, may be NULL
 * @ctx: passed to @report
 *
 * Firmware's own pages (the RMP, IOMMU pages, HV-fixed) are not reported;
 * Firmware and Reclaim pages outside of them are, because the host owes
 * their return.  Dirty ASIDs are clean in this sense: the host flushes them
 * lazily.  Reads the whole RMP: 16 bytes per 4 KiB of memory.
 *
 * Return: number of findings.
 */
u32 sim_machine_check_clean(const struct sim_machine *m,
			    void (*report)(void *ctx,
					   const struct sim_dirt_report *r),
			    void *ctx);

/**
 * sim_machine_check_touched - the same question, without reading the whole RMP
 * @m: machine
 * @report: called for each finding, may be NULL
 * @ctx: passed to @report
 *
 * Passes over those 4 KiB of the table that had nothing of a guest when they were
 * last read and that the core has not written to since; @m->rmp_touched knows
 * them.  What somebody else writes there is not seen.  Without @m->rmp_touched all is read.
 *
 * Return: what sim_machine_check_clean() returns, after the same reports in the
 * same order.
 */
u32 sim_machine_check_touched(struct sim_machine *m,
			      void (*report)(void *ctx,
					     const struct sim_dirt_report *r),
			      void *ctx);

#endif /* _SIM_MACHINE_H */
