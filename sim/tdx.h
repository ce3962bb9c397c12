/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulated TDX module: SEAMCALLs, and what a TD does inside.
 *
 * All state that the real module keeps in pages given by the host (TDR, TDCS,
 * TDVPS, S-EPT, PAMT) is kept in those very pages; what is left is flat.  The
 * module's own try-locks are real: they are taken, held over the call and
 * released, and another call that runs meanwhile gets BUSY.  Apart from
 * sim_tdx_env_yield(), where a call may be parked with its locks held, callers
 * serialise all calls on one module.  Nothing here allocates or sleeps.
 */
#ifndef _SIM_TDX_H
#define _SIM_TDX_H

#include "env.h"

#define SIM_TDX_MAX_TDMRS	64
#define SIM_TDX_MAX_RESERVED	16
#define SIM_TDX_MAX_CMRS	32
#define SIM_TDX_MAX_HKIDS	64
#define SIM_TDX_MAX_PACKAGES	8
#define SIM_TDX_MAX_CPUID	64
#define SIM_TDX_MAX_LPS		256
#define SIM_TDX_MAX_VCPUS	576

/* SEAMCALL leaf numbers, RAX bits 15:0. */
enum sim_tdx_leaf {
	SIM_TDH_VP_ENTER = 0,
	SIM_TDH_MNG_ADDCX = 1,
	SIM_TDH_MEM_PAGE_ADD = 2,
	SIM_TDH_MEM_SEPT_ADD = 3,
	SIM_TDH_VP_ADDCX = 4,
	SIM_TDH_MEM_PAGE_AUG = 6,
	SIM_TDH_MEM_RANGE_BLOCK = 7,
	SIM_TDH_MNG_KEY_CONFIG = 8,
	SIM_TDH_MNG_CREATE = 9,
	SIM_TDH_VP_CREATE = 10,
	SIM_TDH_MNG_RD = 11,
	SIM_TDH_MEM_PAGE_DEMOTE = 15,
	SIM_TDH_MR_EXTEND = 16,
	SIM_TDH_MR_FINALIZE = 17,
	SIM_TDH_VP_FLUSH = 18,
	SIM_TDH_MNG_VPFLUSHDONE = 19,
	SIM_TDH_MNG_KEY_FREEID = 20,
	SIM_TDH_MNG_INIT = 21,
	SIM_TDH_VP_INIT = 22,
	SIM_TDH_MEM_PAGE_PROMOTE = 23,
	SIM_TDH_PHYMEM_PAGE_RDMD = 24,
	SIM_TDH_MEM_SEPT_RD = 25,
	SIM_TDH_VP_RD = 26,
	SIM_TDH_MNG_KEY_RECLAIMID = 27,
	SIM_TDH_PHYMEM_PAGE_RECLAIM = 28,
	SIM_TDH_MEM_PAGE_REMOVE = 29,
	SIM_TDH_MEM_SEPT_REMOVE = 30,
	SIM_TDH_SYS_KEY_CONFIG = 31,
	SIM_TDH_SYS_INIT = 33,
	SIM_TDH_SYS_RD = 34,
	SIM_TDH_SYS_LP_INIT = 35,
	SIM_TDH_SYS_TDMR_INIT = 36,
	SIM_TDH_MEM_TRACK = 38,
	SIM_TDH_MEM_RANGE_UNBLOCK = 39,
	SIM_TDH_PHYMEM_CACHE_WB = 40,
	SIM_TDH_PHYMEM_PAGE_WBINVD = 41,
	SIM_TDH_VP_WR = 43,
	SIM_TDH_SYS_CONFIG = 45,
	SIM_TDH_SYS_SHUTDOWN = 52,
	SIM_TDH_SYS_UPDATE = 53,
	SIM_TDH_SYS_DISABLE = 69,
};

/*
 * RAX bits 63:32; bits 31:0 are an operand or zero.
 *
 * Bit 31 of these (63 of RAX) is clear where the answer is not a failure.
 */
enum sim_tdx_status {
	SIM_TDX_SUCCESS				= 0x00000000,
	SIM_TDX_NON_RECOVERABLE_VCPU		= 0x40000001,
	SIM_TDX_INTERRUPTED_RESUMABLE		= 0x80000003,
	SIM_TDX_INTERRUPTED_RESTARTABLE		= 0x80000004,
	SIM_TDX_OPERAND_INVALID			= 0xC0000100,
	SIM_TDX_OPERAND_ADDR_RANGE_ERROR	= 0xC0000101,
	SIM_TDX_OPERAND_BUSY			= 0x80000200,
	SIM_TDX_PREVIOUS_TLB_EPOCH_BUSY		= 0x80000201,
	SIM_TDX_SYS_BUSY			= 0x80000202,
	SIM_TDX_RND_NO_ENTROPY			= 0x80000203,
	SIM_TDX_OPERAND_BUSY_HOST_PRIORITY	= 0x80000204,
	SIM_TDX_PAGE_METADATA_INCORRECT		= 0xC0000300,
	SIM_TDX_TD_ASSOCIATED_PAGES_EXIST	= 0xC0000400,
	SIM_TDX_SYS_INIT_NOT_PENDING		= 0xC0000500,
	SIM_TDX_SYS_LP_INIT_NOT_DONE		= 0xC0000502,
	SIM_TDX_SYS_LP_INIT_DONE		= 0xC0000503,
	SIM_TDX_SYS_NOT_READY			= 0xC0000505,
	SIM_TDX_SYS_SHUTDOWN			= 0xC0000506,
	SIM_TDX_SYS_KEY_CONFIG_NOT_PENDING	= 0xC0000507,
	SIM_TDX_SYS_STATE_INCORRECT		= 0xC0000508,
	SIM_TDX_SYS_INVALID_HANDOFF		= 0xC0000509,
	SIM_TDX_SYS_LP_INIT_NOT_PENDING		= 0xC000050B,
	SIM_TDX_SYS_CONFIG_NOT_PENDING		= 0xC000050C,
	SIM_TDX_TD_FATAL			= 0xE0000604,
	SIM_TDX_TDCS_NOT_ALLOCATED		= 0xC0000606,
	SIM_TDX_LIFECYCLE_STATE_INCORRECT	= 0xC0000607,
	SIM_TDX_OP_STATE_INCORRECT		= 0xC0000608,
	SIM_TDX_NO_VCPUS			= 0xC0000609,
	SIM_TDX_TDCX_NUM_INCORRECT		= 0xC0000610,
	SIM_TDX_X2APIC_ID_NOT_UNIQUE		= 0xC0000621,
	SIM_TDX_VCPU_STATE_INCORRECT		= 0xC0000700,
	SIM_TDX_VCPU_ASSOCIATED			= 0x80000701,
	SIM_TDX_VCPU_NOT_ASSOCIATED		= 0x80000702,
	SIM_TDX_MAX_VCPUS_EXCEEDED		= 0xC0000705,
	SIM_TDX_KEY_GENERATION_FAILED		= 0x80000800,
	SIM_TDX_TD_KEYS_NOT_CONFIGURED		= 0x80000810,
	SIM_TDX_KEY_CONFIGURED			= 0x00000815,
	SIM_TDX_WBCACHE_NOT_COMPLETE		= 0x80000817,
	SIM_TDX_HKID_NOT_FREE			= 0xC0000820,
	SIM_TDX_NO_HKID_READY_TO_WBCACHE	= 0x00000821,
	SIM_TDX_WBCACHE_RESUME_ERROR		= 0xC0000823,
	SIM_TDX_FLUSHVP_NOT_DONE		= 0x80000824,
	SIM_TDX_INVALID_TDMR			= 0xC0000A00,
	SIM_TDX_NON_ORDERED_TDMR		= 0xC0000A01,
	SIM_TDX_TDMR_OUTSIDE_CMRS		= 0xC0000A02,
	SIM_TDX_TDMR_ALREADY_INITIALIZED	= 0x00000A03,
	SIM_TDX_INVALID_PAMT			= 0xC0000A10,
	SIM_TDX_PAMT_OUTSIDE_CMRS		= 0xC0000A11,
	SIM_TDX_PAMT_OVERLAP			= 0xC0000A12,
	SIM_TDX_INVALID_RESERVED_IN_TDMR	= 0xC0000A20,
	SIM_TDX_NON_ORDERED_RESERVED_IN_TDMR	= 0xC0000A21,
	SIM_TDX_EPT_WALK_FAILED			= 0xC0000B00,
	SIM_TDX_EPT_ENTRY_NOT_PRESENT		= 0xC0000B03,
	SIM_TDX_GPA_RANGE_NOT_BLOCKED		= 0xC0000B06,
	SIM_TDX_GPA_RANGE_ALREADY_BLOCKED	= 0x00000B07,
	SIM_TDX_TLB_TRACKING_NOT_DONE		= 0xC0000B08,
	SIM_TDX_EPT_INVALID_PROMOTE_CONDITIONS	= 0xC0000B09,
	SIM_TDX_PAGE_ALREADY_ACCEPTED		= 0x00000B0A,
	SIM_TDX_PAGE_SIZE_MISMATCH		= 0xC0000B0B,
	SIM_TDX_EPT_ENTRY_STATE_INCORRECT	= 0xC0000B0D,
	SIM_TDX_EPT_PAGE_NOT_FREE		= 0xC0000B0E,
	SIM_TDX_METADATA_FIELD_ID_INCORRECT	= 0xC0000C00,
	SIM_TDX_METADATA_FIELD_NOT_WRITABLE	= 0xC0000C01,
	SIM_TDX_METADATA_FIELD_NOT_READABLE	= 0xC0000C02,
	SIM_TDX_METADATA_FIELD_VALUE_NOT_VALID	= 0xC0000C03,
};

/* What bits 31:0 of a status point at. */
enum sim_tdx_operand {
	SIM_OPND_RAX = 0,
	SIM_OPND_RCX = 1,
	SIM_OPND_RDX = 2,
	SIM_OPND_R8 = 8,
	SIM_OPND_R9 = 9,
	SIM_OPND_ATTRIBUTES = 64,
	SIM_OPND_XFAM = 65,
	SIM_OPND_EXEC_CONTROLS = 66,
	SIM_OPND_EPTP_CONTROLS = 67,
	SIM_OPND_MAX_VCPUS = 68,
	SIM_OPND_CPUID_CONFIG = 69,
	SIM_OPND_TSC_FREQUENCY = 70,
	SIM_OPND_NUM_L2_VMS = 71,
	SIM_OPND_ARCH_CAPABILITIES = 72,
	SIM_OPND_TDR = 128,
	SIM_OPND_SEPT_TREE = 146,
	SIM_OPND_TD_EPOCH = 169,
	SIM_OPND_OP_STATE = 172,
	SIM_OPND_KOT = 186,
	SIM_OPND_KET = 187,
	SIM_OPND_WBCACHE = 188,
};

/* SEAMCALL itself failed (VMfailInvalid): the module is gone for good. */
#define SIM_TDX_VMFAIL_INVALID	0x8000FF00FFFF0000ull

/* Not a status: the guest left with an EPT violation. */
#define SIM_TDX_EXIT_EPT_VIOLATION	0xffffffffffffffffull

/* Address operand that stands for "no page". */
#define SIM_TDX_NULL_PA		0xffffffffffffffffull

/* Types of pages in the PAMT. */
enum sim_tdx_page_type {
	SIM_PT_NDA = 0,
	SIM_PT_RSVD = 1,
	SIM_PT_REG = 3,
	SIM_PT_TDR = 4,
	SIM_PT_TDCX = 5,
	SIM_PT_TDVPR = 6,
	SIM_PT_EPT = 8,
};

/* States of a TD as the TDR knows them. */
enum sim_tdx_lifecycle {
	SIM_TD_HKID_ASSIGNED = 0,
	SIM_TD_KEYS_CONFIGURED = 1,
	SIM_TD_BLOCKED = 2,
	SIM_TD_TEARDOWN = 3,
};

/* States of a TD as the TDCS knows them. */
enum sim_tdx_op_state {
	SIM_OP_UNINITIALIZED = 0,
	SIM_OP_INITIALIZED = 1,
	SIM_OP_RUNNABLE = 2,
};

/* States of a private HKID. */
enum sim_tdx_hkid_state {
	SIM_HKID_FREE = 0,
	SIM_HKID_ASSIGNED = 1,
	SIM_HKID_FLUSHED = 2,
	SIM_HKID_RESERVED = 3,
};

/* States of the module. */
enum sim_tdx_sys_state {
	SIM_SYS_PENDING = 0,
	SIM_SYS_INITIALISED = 1,
	SIM_SYS_CONFIGURED = 2,
	SIM_SYS_READY = 3,
	SIM_SYS_SHUTDOWN = 4,
};

/**
 * enum sim_tdx_version - which module is simulated
 * @SIM_TDX_1_5_01: the one the reference was measured on
 * @SIM_TDX_1_5_01_KVM: the same, with what KVM does not do without: VP.INIT has
 *	a version that takes an x2APIC ID, TDX_FEATURES0 says so, and MAX_VCPUS
 *	is limited
 * @SIM_TDX_LATER: the same, and what later ones do differently with the same
 *	operands: RANGE.UNBLOCK names RCX when tracking is missing, the S-EPT
 *	tree lock has host priority, PAGE.PROMOTE takes the tree exclusive and
 *	does not lock the 512 children
 */
enum sim_tdx_version {
	SIM_TDX_1_5_01,
	SIM_TDX_1_5_01_KVM,
	SIM_TDX_LATER,
};

/* What PCONFIG answers. */
enum sim_tdx_pconfig {
	SIM_PCONFIG_OK = 0,
	SIM_PCONFIG_ENTROPY = 2,
	SIM_PCONFIG_BUSY = 5,
};

/* General registers of a SEAMCALL, in and out. */
struct sim_tdx_regs {
	u64 rcx;
	u64 rdx;
	u64 r8;
	u64 r9;
	u64 r10;
	u64 r11;
	u64 r12;
	u64 r13;
	u64 r14;
	u64 r15;
	u64 rbx;
	u64 rdi;
	u64 rsi;
};

/**
 * struct sim_tdx_area - range of physical addresses
 * @start: first byte
 * @end: first byte after it
 */
struct sim_tdx_area {
	u64 start;
	u64 end;
};

/**
 * struct sim_tdmr - memory that TDs can be given
 * @base: first byte, 1 GiB aligned
 * @size: bytes, whole GiB
 * @pamt_1g: physical address of the PAMT of 1G pages, 16 bytes an entry
 * @pamt_2m: of 2M pages
 * @pamt_4k: of 4K pages
 * @pamt_size: bytes that the host gave for the PAMT of 4K, 2M, 1G pages
 * @initialised: bytes whose PAMT has been initialised, whole GiB
 * @next: bytes whose PAMT has been initialised, exactly
 * @reserved: areas that are no memory
 * @nr_reserved: how many
 */
struct sim_tdmr {
	u64 base;
	u64 size;
	u64 pamt_1g;
	u64 pamt_2m;
	u64 pamt_4k;
	u64 pamt_size[3];
	u64 initialised;
	u64 next;
	struct sim_tdx_area reserved[SIM_TDX_MAX_RESERVED];
	u32 nr_reserved;
};

/**
 * struct sim_tdx_cpuid_config - CPUID leaf that MNG.INIT lets the host change
 * @leaf: CPUID leaf
 * @subleaf: subleaf, ~0: has none
 * @allowed: bits that may be set, EAX EBX ECX EDX
 */
struct sim_tdx_cpuid_config {
	u32 leaf;
	u32 subleaf;
	u32 allowed[4];
};

/**
 * struct sim_tdx_config - the platform
 * @version: which module
 * @maxpa: bits of a physical address, HKID bits included
 * @hkid_bits: the topmost of them are the HKID
 * @private_min: first private HKID
 * @private_max: last private HKID
 * @global_hkid: the module's own
 * @nr_packages: packages
 * @nr_lps: logical processors
 * @cmr: convertible memory, ascending
 * @nr_cmrs: how many
 * @tdmr: memory for TDs
 * @nr_tdmrs: how many
 * @seamrr: where the module lives; refused as a shared operand
 * @wb_blocks: sub-blocks of a cache write-back cycle
 * @attributes: ATTRIBUTES bits a TD may have
 * @xfam: XFAM bits a TD may have
 * @xfam_fixed1: XFAM bits a TD must have
 * @config_flags: CONFIG_FLAGS bits a TD may have
 * @arch_capabilities: IA32_ARCH_CAPABILITIES bits a TD may be given
 * @la57: 5-level page tables exist
 * @cpuid: CPUID configuration
 * @nr_cpuid: how many
 */
struct sim_tdx_config {
	enum sim_tdx_version version;
	u32 maxpa;
	u32 hkid_bits;
	u32 private_min;
	u32 private_max;
	u32 global_hkid;
	u32 nr_packages;
	u32 nr_lps;
	struct sim_tdx_area cmr[SIM_TDX_MAX_CMRS];
	u32 nr_cmrs;
	struct sim_tdmr tdmr[SIM_TDX_MAX_TDMRS];
	u32 nr_tdmrs;
	struct sim_tdx_area seamrr;
	u32 wb_blocks;
	u64 attributes;
	u64 xfam;
	u64 xfam_fixed1;
	u64 config_flags;
	u64 arch_capabilities;
	bool la57;
	struct sim_tdx_cpuid_config cpuid[SIM_TDX_MAX_CPUID];
	u32 nr_cpuid;
};

/**
 * struct sim_tdx_hkid - key ownership table entry
 * @state: SIM_HKID_*
 * @wbinvd: packages that have not written their caches back
 * @key: key in the memory controller; stays until the next one is programmed
 */
struct sim_tdx_hkid {
	u32 state;
	u32 wbinvd;
	u64 key[2];
};

/**
 * struct sim_tdx_wbt - cache write-back state of a package
 * @lock: mutex
 * @next: sub-block to resume at, 0: nothing to resume
 * @flushed: HKIDs the running cycle covers
 */
struct sim_tdx_wbt {
	u16 lock;
	u32 next;
	u64 flushed;
};

/**
 * struct sim_tdx - all state of the simulated module
 * @env: for the environment's own use
 * @cfg: the platform
 * @sys_state: SIM_SYS_*
 * @sys_lock: lock of the module as a whole, for SYS.*
 * @lp_done: logical processors that have done SYS.LP.INIT
 * @nr_lps_done: how many
 * @packages_done: packages that have the global key
 * @dead: the module stopped itself; every SEAMCALL fails
 * @global_key: key of TDR pages
 * @kot_lock: lock of the key ownership table
 * @kot: the table, by HKID
 * @wbt: write-back state, by package
 * @nowhere: stands in for PAMT memory that does not exist
 * @pamt_touched: optional bitmap by page number, NULL: not wanted; a bit is set
 *	whenever the type of an entry in that page changes, and cleared by
 *	sim_tdx_next_touched()
 * @pamt_touched_end: the first page beyond it
 */
struct sim_tdx {
	void *env;
	struct sim_tdx_config cfg;
	u8 sys_state;
	u16 sys_lock;
	u64 lp_done[SIM_TDX_MAX_LPS / 64];
	u32 nr_lps_done;
	u32 packages_done;
	bool dead;
	u64 global_key[2];
	u16 kot_lock;
	struct sim_tdx_hkid kot[SIM_TDX_MAX_HKIDS];
	struct sim_tdx_wbt wbt[SIM_TDX_MAX_PACKAGES];
	u64 nowhere[2];
	u64 *pamt_touched;
	u64 pamt_touched_end;
};

/* ---- what the module needs from the world around it ---- */

/**
 * sim_tdx_env_phys - bytes of one 4 KiB page of physical memory
 * @t: module
 * @pa: any address within the page, without HKID
 *
 * Must be callable with interrupts off.  The pointer is used within the call
 * that asked for it.  The address can be nonsense if the host has overwritten a page of the module's:
 * on the real machine that is caught by memory integrity, here it makes noise
 * of what the module reads, and stops it where nothing fits any more.
 *
 * Return: first byte of the page; NULL: there is no memory.
 */
void *sim_tdx_env_phys(struct sim_tdx *t, u64 pa);

/**
 * sim_tdx_env_random - random bytes for keys
 * @t: module
 * @buf: where they go
 * @len: how many
 */
void sim_tdx_env_random(struct sim_tdx *t, void *buf, size_t len);

/**
 * sim_tdx_env_entropy - ask for a random value, as by RDRAND
 * @t: module
 *
 * Return: false: there is none now.
 */
bool sim_tdx_env_entropy(struct sim_tdx *t);

/**
 * sim_tdx_env_lp - logical processor that executes the call
 * @t: module
 * @package: its package
 *
 * Return: its number.
 */
u32 sim_tdx_env_lp(struct sim_tdx *t, u32 *package);

/**
 * sim_tdx_env_interrupt - is an interrupt pending on this processor?
 * @t: module
 *
 * Asked where the real module polls, once each time.
 *
 * Return: true: one is.
 */
bool sim_tdx_env_interrupt(struct sim_tdx *t);

/**
 * sim_tdx_env_pconfig - answer of PCONFIG on this package
 * @t: module
 * @hkid: key to be programmed
 *
 * Return: SIM_PCONFIG_*; any other value makes the module stop itself.
 */
u32 sim_tdx_env_pconfig(struct sim_tdx *t, u32 hkid);

/**
 * sim_tdx_env_cpuid - CPUID of the platform
 * @t: module
 * @leaf: leaf
 * @subleaf: subleaf
 * @regs: EAX EBX ECX EDX
 */
void sim_tdx_env_cpuid(struct sim_tdx *t, u32 leaf, u32 subleaf, u32 regs[4]);

/**
 * sim_tdx_env_yield - other processors may run now
 * @t: module
 *
 * Called once in a call, with all its locks held and nothing changed that
 * those locks protect.  Other calls on the same module may be made inside.
 */
void sim_tdx_env_yield(struct sim_tdx *t);

/**
 * sim_tdx_env_sealed - the module wrote a page with a key
 * @t: module
 * @pa: the page
 * @key: the key its bytes are transformed with
 *
 * For environments that want to show plain text; may do nothing.
 */
void sim_tdx_env_sealed(struct sim_tdx *t, u64 pa, const u64 key[2]);

/**
 * sim_tdx_env_fill - the module is about to fill a page with one value
 * @t: module
 * @pa: the page
 * @key: the key its bytes will be transformed with
 * @value: each word
 *
 * An environment that hands out pages on demand may keep this in mind and do
 * it when somebody looks; sim_tdx_env_sealed() is not called then.
 *
 * Return: false: the module fills the page itself.
 */
bool sim_tdx_env_fill(struct sim_tdx *t, u64 pa, const u64 key[2], u64 value);

/**
 * sim_tdx_env_run - run a vCPU until something makes it exit
 * @t: module
 * @tdvpr: the vCPU
 * @tdr: its TD
 * @regs: VP.ENTER's registers in, those of the TD exit out
 *
 * The locks of VP.ENTER are held meanwhile, as on the real module.
 *
 * Return: RAX of VP.ENTER.
 */
u64 sim_tdx_env_run(struct sim_tdx *t, u64 tdvpr, u64 tdr,
		    struct sim_tdx_regs *regs);

/* ---- the module ---- */

/**
 * sim_tdx_init - a module that is configured and ready
 * @t: storage, any content; @t->env is kept
 * @cfg: the platform, copied
 *
 * Marks reserved areas in the PAMTs, whose memory must be zero where
 * cfg->tdmr[].initialised says that it is initialised.
 *
 * Return: 0; -1 if the platform makes no sense.
 */
int sim_tdx_init(struct sim_tdx *t, const struct sim_tdx_config *cfg);

/**
 * sim_tdx_power_on - a module that was just loaded
 * @t: storage, any content; @t->env is kept
 * @cfg: the platform, copied; without TDMRs, which the host brings with
 *	SYS.CONFIG, and without @cfg->global_hkid, which comes from there as well
 *
 * Return: 0; -1 if the platform makes no sense.
 */
int sim_tdx_power_on(struct sim_tdx *t, const struct sim_tdx_config *cfg);

/**
 * sim_tdx_hash - go on with a hash as MRTD does
 * @state: state of the hash, SHA-512's
 * @data: what follows
 * @len: bytes, whole blocks of 128
 */
void sim_tdx_hash(u64 state[8], const u8 *data, u32 len);

/**
 * sim_seamcall - execute one SEAMCALL
 * @t: module
 * @rax: leaf number, version, and bits that must be zero
 * @regs: registers in and out; those a leaf does not write keep their value
 *
 * Return: RAX; SIM_TDX_VMFAIL_INVALID if the module has stopped itself.
 */
u64 sim_seamcall(struct sim_tdx *t, u64 rax, struct sim_tdx_regs *regs);

struct tdx_call;

/**
 * struct sim_tdx_op - a leaf, for the gate, the ledger and fault plans
 * @leaf: number
 * @name: name, as in TDH.MEM.PAGE.ADD
 * @max_version: highest version of the leaf
 * @handler: not for users
 * @statuses: what else than SUCCESS it can answer (bits 63:32 of RAX)
 * @nr_statuses: how many
 */
struct sim_tdx_op {
	u16 leaf;
	const char *name;
	u8 max_version;
	u64 (*handler)(struct tdx_call *c);
	const u32 *statuses;
	u32 nr_statuses;
};

/**
 * sim_tdx_find_op - description of a leaf
 * @leaf: number
 *
 * Return: description, or NULL.
 */
const struct sim_tdx_op *sim_tdx_find_op(u32 leaf);

/**
 * sim_tdx_status_name - name of a status
 * @status: RAX
 *
 * Return: name without TDX_, or NULL.
 */
const char *sim_tdx_status_name(u64 status);

/* ---- inside the guest ---- */

/**
 * sim_tdx_associate - the part of VP.ENTER that binds a vCPU to this processor
 * @t: module
 * @tdvpr: the vCPU
 *
 * Associates it if it is not, and counts it into the TD's current TLB epoch.
 * Takes no lock but the epoch's.
 *
 * Return: status.
 */
u64 sim_tdx_associate(struct sim_tdx *t, u64 tdvpr);

/**
 * sim_tdx_td_exit - a TD exit: the vCPU leaves its TLB epoch
 * @t: module
 * @tdvpr: the vCPU
 *
 * It stays associated.
 *
 * Return: status.
 */
u64 sim_tdx_td_exit(struct sim_tdx *t, u64 tdvpr);

/**
 * sim_tdx_accept - TDG.MEM.PAGE.ACCEPT
 * @t: module
 * @tdr: the TD
 * @rcx: GPA and level
 * @interrupted: an interrupt cut acceptance of a 2M page short; the guest
 *	executes the instruction again.  May be NULL.
 *
 * Return: status, or SIM_TDX_EXIT_EPT_VIOLATION.
 */
u64 sim_tdx_accept(struct sim_tdx *t, u64 tdr, u64 rcx, bool *interrupted);

/**
 * sim_tdx_guest_read - a guest reads its private memory
 * @t: module
 * @tdr: the TD
 * @gpa: guest physical address
 * @buf: where the bytes go
 * @len: how many, within one 4 KiB page
 *
 * Return: false: EPT violation.
 */
bool sim_tdx_guest_read(struct sim_tdx *t, u64 tdr, u64 gpa, void *buf,
			u32 len);

/**
 * sim_tdx_guest_write - a guest writes its private memory
 * @t: module
 * @tdr: the TD
 * @gpa: guest physical address
 * @buf: the bytes
 * @len: how many, within one 4 KiB page
 *
 * Return: false: EPT violation.
 */
bool sim_tdx_guest_write(struct sim_tdx *t, u64 tdr, u64 gpa, const void *buf,
			 u32 len);

/* ---- for tests and oracles: looks through all locks ---- */

/**
 * struct sim_tdx_td_info - what a TDR and its TDCS say
 * @lifecycle: SIM_TD_*
 * @fatal: the TD had an integrity error
 * @hkid: key
 * @pkg_bitmap: packages whose key is configured
 * @num_tdcx: TDCS pages
 * @children: 4 KiB pages that belong to the TD
 * @hkid_state: SIM_HKID_*
 * @wbinvd: packages that have not written their caches back
 * @has_tdcs: the rest is valid
 * @op_state: SIM_OP_*
 * @epoch: TLB epoch
 * @refcount: vCPUs inside, by parity of the epoch they entered in
 * @num_vcpus: initialised vCPUs
 * @num_assoc_vcpus: of these, associated with a processor
 * @op_state_lock: lock word
 * @sept_lock: lock word
 * @attributes: ATTRIBUTES
 * @gpaw: guest physical addresses have 52 bits
 * @eptp: root of the S-EPT and its levels
 * @mrtd: digest, once the TD is finalised
 */
struct sim_tdx_td_info {
	u32 lifecycle;
	u32 fatal;
	u32 hkid;
	u32 pkg_bitmap;
	u32 num_tdcx;
	u64 children;
	u32 hkid_state;
	u32 wbinvd;
	bool has_tdcs;
	u32 op_state;
	u64 epoch;
	u32 refcount[2];
	u32 num_vcpus;
	u32 num_assoc_vcpus;
	u32 op_state_lock;
	u32 sept_lock;
	u64 attributes;
	u32 gpaw;
	u64 eptp;
	u8 mrtd[48];
};

/**
 * sim_tdx_td_info - look at a TD
 * @t: module
 * @tdr: its TDR page
 * @info: what is there
 *
 * Return: false if this is no TDR.
 */
bool sim_tdx_td_info(struct sim_tdx *t, u64 tdr, struct sim_tdx_td_info *info);

/**
 * sim_tdx_td_lifecycle - in which state of its life is a TD?
 * @t: module
 * @tdr: its TDR page
 *
 * Return: SIM_TD_*, -1 if this is no TDR.
 */
int sim_tdx_td_lifecycle(struct sim_tdx *t, u64 tdr);

/**
 * sim_tdx_peek_page - TDH.PHYMEM.PAGE.RDMD while others change the module
 * @t: module
 * @r: registers
 *
 * Writes nothing but @r, and needs no lock.
 *
 * Return: RAX.
 */
u64 sim_tdx_peek_page(struct sim_tdx *t, struct sim_tdx_regs *r);

/**
 * struct sim_tdx_page_info - a PAMT entry
 * @type: SIM_PT_*
 * @size: 0 4K, 1 2M, 2 1G
 * @owner: TDR page
 * @bepoch: TLB epoch of the last BLOCK
 * @lock: lock word
 */
struct sim_tdx_page_info {
	u32 type;
	u32 size;
	u64 owner;
	u64 bepoch;
	u32 lock;
};

/**
 * sim_tdx_page_info - look at a PAMT entry
 * @t: module
 * @pa: page
 * @size: of the entry: 0 4K, 1 2M, 2 1G; -1: the one that speaks for @pa
 * @info: what is there
 *
 * Return: false if the page is in no initialised TDMR.
 */
bool sim_tdx_page_info(struct sim_tdx *t, u64 pa, int size,
		       struct sim_tdx_page_info *info);

/**
 * sim_tdx_next_page - walk the pages that TDs have
 * @t: module
 * @pa: in: where to begin; out: the page found, of its size in @info
 * @info: its PAMT entry
 *
 * Return: false if there is none from @pa on.
 */
bool sim_tdx_next_page(struct sim_tdx *t, u64 *pa, struct sim_tdx_page_info *info);

/**
 * sim_tdx_next_touched - the same walk, without reading the whole PAMT
 * @t: module
 * @pa: in: where to begin; out: the page found, of its size in @info
 * @info: its PAMT entry
 *
 * Passes over those pages of PAMT memory in which nothing was in use when they were
 * last read and whose types the module has not changed since; @t->pamt_touched
 * knows them.  Without it all is read.
 *
 * Return: false if there is none from @pa on.
 */
bool sim_tdx_next_touched(struct sim_tdx *t, u64 *pa, struct sim_tdx_page_info *info);

/**
 * sim_tdx_sept_entry - look at an S-EPT entry
 * @t: module
 * @tdr: the TD
 * @gpa: guest physical address
 * @level: in: where to stop at the latest; out: where the walk stopped
 * @raw: the entry as it is in memory
 *
 * Return: false if the TD has no S-EPT.
 */
bool sim_tdx_sept_entry(struct sim_tdx *t, u64 tdr, u64 gpa, u32 *level,
			u64 *raw);

/* States of an S-EPT entry as the host is told of them; of a table 0x80 more. */
enum sim_tdx_sept_state {
	SIM_SEPT_FREE = 0,
	SIM_SEPT_BLOCKED = 1,
	SIM_SEPT_PENDING = 2,
	SIM_SEPT_PENDING_BLOCKED = 3,
	SIM_SEPT_MAPPED = 4,
	SIM_SEPT_TABLE = 0x80,
};

/**
 * sim_tdx_sept_state - what an S-EPT entry is
 * @raw: the entry, from sim_tdx_sept_entry()
 *
 * Return: SIM_SEPT_*.
 */
u32 sim_tdx_sept_state(u64 raw);

/**
 * struct sim_tdx_vp_info - what a TDVPR says
 * @tdr: its TD
 * @pages: TDVPR and TDCX pages
 * @initialised: VP.INIT was done
 * @disabled: can't be entered any more
 * @active: the guest runs
 * @associated: with a logical processor
 * @lp: which
 * @index: number within the TD
 * @x2apic_id: from VP.INIT
 * @rcx: initial RCX
 * @shared_eptp: root of the EPT of shared memory
 * @posted: posted interrupts are processed
 * @vector: notification vector
 * @pi_desc: address of the posted-interrupt descriptor
 * @pend_nmi: an NMI waits for the next entry
 * @intr_pending: an interrupt waits for the guest to take it
 */
struct sim_tdx_vp_info {
	u64 tdr;
	u32 pages;
	bool initialised;
	bool disabled;
	bool active;
	bool associated;
	u32 lp;
	u32 index;
	u32 x2apic_id;
	u64 rcx;
	u64 shared_eptp;
	bool posted;
	u8 vector;
	u64 pi_desc;
	bool pend_nmi;
	bool intr_pending;
};

/**
 * sim_tdx_vp_info - look at a vCPU
 * @t: module
 * @tdvpr: its TDVPR page
 * @info: what is there
 *
 * Return: false if this is no TDVPR, or its TD has lost its key.
 */
bool sim_tdx_vp_info(struct sim_tdx *t, u64 tdvpr, struct sim_tdx_vp_info *info);

/**
 * sim_tdx_vp_set_pending - what the processor notes as a guest runs
 * @t: module
 * @tdvpr: the vCPU
 * @nmi: an NMI still waits
 * @intr: an interrupt waits for the guest to take it
 */
void sim_tdx_vp_set_pending(struct sim_tdx *t, u64 tdvpr, bool nmi, bool intr);

/* What sim_tdx_poke() changes. */
enum sim_tdx_field {
	SIM_FIELD_FATAL,
	SIM_FIELD_OP_STATE,
	SIM_FIELD_NUM_VCPUS,
	SIM_FIELD_NUM_ASSOC_VCPUS,
	SIM_FIELD_REFCOUNT0,
	SIM_FIELD_REFCOUNT1,
};

/**
 * sim_tdx_poke - force a field of a TD
 * @t: module
 * @tdr: the TD
 * @field: which
 * @value: new value
 *
 * Return: false if the TD does not have it now.
 */
bool sim_tdx_poke(struct sim_tdx *t, u64 tdr, enum sim_tdx_field field,
		  u64 value);

/**
 * enum sim_tdx_lock_kind - the module's locks
 * @SIM_LOCK_PAMT: entry of a page: @at is the page, @level its size
 * @SIM_LOCK_OP_STATE: @tdr
 * @SIM_LOCK_TREE: S-EPT tree of @tdr
 * @SIM_LOCK_EPOCH: TLB epoch of @tdr
 * @SIM_LOCK_SEPT_ENTRY: @tdr, @at is the GPA, @level
 * @SIM_LOCK_KOT: key ownership table
 * @SIM_LOCK_WBT: cache write-back of the caller's package
 * @SIM_LOCK_SYS: module as a whole
 */
enum sim_tdx_lock_kind {
	SIM_LOCK_PAMT,
	SIM_LOCK_OP_STATE,
	SIM_LOCK_TREE,
	SIM_LOCK_EPOCH,
	SIM_LOCK_SEPT_ENTRY,
	SIM_LOCK_KOT,
	SIM_LOCK_WBT,
	SIM_LOCK_SYS,
};

/**
 * struct sim_tdx_lock - one lock, as another processor's call would hold it
 * @kind: which kind
 * @tdr: TD
 * @at: page or GPA
 * @level: size or level
 * @exclusive: mode
 * @where: filled in by sim_tdx_lock()
 * @key: likewise
 */
struct sim_tdx_lock {
	enum sim_tdx_lock_kind kind;
	u64 tdr;
	u64 at;
	u32 level;
	bool exclusive;
	u64 where;
	u64 key[2];
};

/**
 * sim_tdx_lock - take a lock
 * @t: module
 * @l: which; must be kept for sim_tdx_unlock()
 *
 * Return: false if it is taken already, or does not exist.
 */
bool sim_tdx_lock(struct sim_tdx *t, struct sim_tdx_lock *l);

/**
 * sim_tdx_unlock - release it
 * @t: module
 * @l: from sim_tdx_lock()
 */
void sim_tdx_unlock(struct sim_tdx *t, const struct sim_tdx_lock *l);

#endif /* _SIM_TDX_H */
