/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reverse map table: entries in real memory, page states, and the x86
 * instructions and access checks that work on them.
 *
 * Callers serialise; nothing here locks, allocates or sleeps.
 */
#ifndef _SIM_RMP_H
#define _SIM_RMP_H

#include "env.h"

struct sim_machine;

#define SIM_PAGE_SHIFT		12
#define SIM_PAGE_SIZE		(1ull << SIM_PAGE_SHIFT)
#define SIM_2M_SIZE		(1ull << 21)
#define SIM_1G_SIZE		(1ull << 30)
#define SIM_PAGES_PER_2M	512
#define SIM_C_BIT		(1ull << 51)

/* First 16 KiB of the RMP: one 64-bit page counter per ASID. */
#define SIM_RMP_BOOKKEEPING	0x4000ull
#define SIM_RMP_COUNTERS	2048

/* Page sizes as RMPUPDATE and the firmware commands encode them. */
#define SIM_PS_4K		0
#define SIM_PS_2M		1

/* Results of the x86 instructions (EAX); negative: the guest exits instead. */
#define SIM_RMP_OK		0
#define SIM_RMP_FAIL_INPUT	1
#define SIM_RMP_FAIL_PERMISSION	2
#define SIM_RMP_FAIL_INUSE	3
#define SIM_RMP_FAIL_OVERLAP	4
#define SIM_RMP_FAIL_SIZEMISMATCH 6
#define SIM_RMP_FAIL_BADADDR	7	/* PSMASH: not an assigned 2M entry */
#define SIM_RMP_EXIT_NPF	(-1)	/* #VMEXIT(NPF) */
#define SIM_RMP_EXIT_VC		(-2)	/* #VC, error code 0x404 */

/* Bits of one table entry, quad-word 0. */
#define SIM_RMP_ASSIGNED	(1ull << 0)
#define SIM_RMP_2M		(1ull << 1)
#define SIM_RMP_IMMUTABLE	(1ull << 2)
#define SIM_RMP_SUBPAGES_SHIFT	3
#define SIM_RMP_SUBPAGES	(0x1ffull << SIM_RMP_SUBPAGES_SHIFT)
#define SIM_RMP_GFN_SHIFT	12
#define SIM_RMP_GFN		(0x7fffffffffull << SIM_RMP_GFN_SHIFT)
#define SIM_RMP_TAG_SHIFT	48	/* the firmware's use of the top GFN bits */
#define SIM_RMP_TAG		(7ull << SIM_RMP_TAG_SHIFT)
#define SIM_RMP_ASID_SHIFT	51
#define SIM_RMP_ASID		(0x3ffull << SIM_RMP_ASID_SHIFT)
#define SIM_RMP_VMSA		(1ull << 61)
#define SIM_RMP_VALIDATED	(1ull << 62)
#define SIM_RMP_LOCK		(1ull << 63)

#define SIM_RMP_TAG_FIRMWARE	0
#define SIM_RMP_TAG_METADATA	1
#define SIM_RMP_TAG_IOMMU	2

/* Permission bits of one VMPL byte (quad-word 1, VMPL0 lowest). */
#define SIM_VMPL_READ		0x01
#define SIM_VMPL_WRITE		0x02
#define SIM_VMPL_XU		0x04
#define SIM_VMPL_XS		0x08
#define SIM_VMPL_SSS		0x10
#define SIM_VMPL_FULL		0x0f

/**
 * struct sim_rmp_raw - one entry as it lies in memory (Genoa layout)
 * @lo: assigned, size, immutable, sub-page count, GFN, ASID, VMSA, validated,
 *	lock; see SIM_RMP_*
 * @hi: VMPL permission bytes in the low 32 bits
 */
struct sim_rmp_raw {
	u64 lo;
	u64 hi;
};

/**
 * struct sim_rmp_state - operand of RMPUPDATE and result of RMPREAD
 * @gpa: guest physical address
 * @assigned: page belongs to a guest or to firmware
 * @pagesize: SIM_PS_4K or SIM_PS_2M
 * @immutable: x86 instructions may not change the entry
 * @rsvd: zero
 * @asid: owner
 *
 * 16 bytes, the layout of the architecture.
 */
struct sim_rmp_state {
	u64 gpa;
	u8 assigned;
	u8 pagesize;
	u8 immutable;
	u8 rsvd;
	u32 asid;
} __packed;

static_assert(sizeof(struct sim_rmp_raw) == 16, "RMP entry");
static_assert(sizeof(struct sim_rmp_state) == 16, "RMPUPDATE operand");

/**
 * enum sim_page_state - what the firmware makes of an entry
 * @SIM_PAGE_HYPERVISOR: the host's
 * @SIM_PAGE_HV_FIXED: the host's until the RMP is built anew
 * @SIM_PAGE_FIRMWARE: given to the firmware by RMPUPDATE
 * @SIM_PAGE_RECLAIM: the host may take it back by RMPUPDATE
 * @SIM_PAGE_CONTEXT: holds a guest context; only DECOMMISSION frees it
 * @SIM_PAGE_METADATA: holds swap metadata of one guest
 * @SIM_PAGE_PRE_GUEST: a guest's, not validated, for firmware to work on
 * @SIM_PAGE_PRE_SWAP: a guest's, validated, for firmware to work on
 * @SIM_PAGE_GUEST_INVALID: a guest's, not validated
 * @SIM_PAGE_GUEST_VALID: a guest's, validated
 * @SIM_PAGE_FIRMWARE_IOMMU: IOMMU log, until shutdown
 * @SIM_PAGE_DEFAULT: above the RMP, hypervisor-owned for ever
 * @SIM_PAGE_INVALID: no known state; no command accepts it
 * @SIM_PAGE_NR_STATES: how many there are
 */
enum sim_page_state {
	SIM_PAGE_HYPERVISOR,
	SIM_PAGE_HV_FIXED,
	SIM_PAGE_FIRMWARE,
	SIM_PAGE_RECLAIM,
	SIM_PAGE_CONTEXT,
	SIM_PAGE_METADATA,
	SIM_PAGE_PRE_GUEST,
	SIM_PAGE_PRE_SWAP,
	SIM_PAGE_GUEST_INVALID,
	SIM_PAGE_GUEST_VALID,
	SIM_PAGE_FIRMWARE_IOMMU,
	SIM_PAGE_DEFAULT,
	SIM_PAGE_INVALID,
	SIM_PAGE_NR_STATES,
};

/**
 * enum sim_access - kind of a guest memory access
 * @SIM_ACCESS_READ: data read
 * @SIM_ACCESS_WRITE: data write
 * @SIM_ACCESS_EXEC_USER: instruction fetch at CPL 3
 * @SIM_ACCESS_EXEC_SUPER: instruction fetch at CPL 0 .. 2
 */
enum sim_access {
	SIM_ACCESS_READ,
	SIM_ACCESS_WRITE,
	SIM_ACCESS_EXEC_USER,
	SIM_ACCESS_EXEC_SUPER,
};

/* Nested page fault error code bits that the RMP check sets (EXITINFO1). */
#define SIM_NPF_RMP		(1ull << 31)
#define SIM_NPF_ENC		(1ull << 34)
#define SIM_NPF_SIZEM		(1ull << 35)
#define SIM_NPF_VMPL		(1ull << 36)

/**
 * struct sim_guest_access - operands of the check of one guest access
 * @asid: the guest's ASID
 * @vmpl: privilege level of the vCPU, 0..3
 * @gpa: guest physical address accessed
 * @spa: system physical address that the nested page tables give
 * @npt_2m: the nested mapping is 2 MiB or larger
 * @private: the guest's C-bit is set for this access
 * @access: what kind
 */
struct sim_guest_access {
	u32 asid;
	u8 vmpl;
	u64 gpa;
	u64 spa;
	bool npt_2m;
	bool private;
	enum sim_access access;
};

/**
 * sim_page_state_name - name of a page state, as in traces
 * @state: state
 *
 * Return: e.g. "PRE_GUEST", "?" for no state.
 */
const char *sim_page_state_name(enum sim_page_state state);

/**
 * sim_rmp_covered - is there an RMP entry for this address?
 * @m: machine
 * @spa: system physical address (C-bit ignored)
 *
 * Return: true if there is.
 */
bool sim_rmp_covered(const struct sim_machine *m, u64 spa);

/**
 * sim_rmp_get - raw entry of one 4 KiB page
 * @m: machine
 * @spa: system physical address (C-bit ignored)
 * @e: the entry; zeros when there is none
 *
 * Return: true if the address is covered.
 */
bool sim_rmp_get(const struct sim_machine *m, u64 spa, struct sim_rmp_raw *e);

/**
 * sim_rmp_page_state - state of one 4 KiB page as the firmware decodes it
 * @m: machine
 * @spa: system physical address
 *
 * As the firmware does it.  A sub-page of a 2M entry decodes to SIM_PAGE_RECLAIM,
 * because that is what its own entry says; see sim_rmp_owner() for the
 * page's owner.
 *
 * Return: the state, SIM_PAGE_DEFAULT above the table.
 */
enum sim_page_state sim_rmp_page_state(const struct sim_machine *m, u64 spa);

/**
 * sim_rmp_entry_state - decode one raw entry
 * @e: entry
 *
 * Return: the state.
 */
enum sim_page_state sim_rmp_entry_state(const struct sim_rmp_raw *e);

/**
 * struct sim_rmp_owner - who owns one 4 KiB page, 2M entries resolved
 * @state: state of the authoritative entry
 * @asid: owner, 0: none or firmware
 * @gpa: guest address of this 4 KiB page
 * @pagesize: of the authoritative entry
 * @assigned: the page is not the hypervisor's
 * @immutable: entry may only be changed by firmware
 * @validated: guest accepted it
 * @vmsa: marked as VMSA
 * @vmpl: permission bytes
 */
struct sim_rmp_owner {
	enum sim_page_state state;
	u32 asid;
	u64 gpa;
	u8 pagesize;
	bool assigned;
	bool immutable;
	bool validated;
	bool vmsa;
	u8 vmpl[4];
};

/**
 * sim_rmp_owner - look up a page's owner, resolving 2M entries
 * @m: machine
 * @spa: system physical address
 * @o: answer
 */
void sim_rmp_owner(const struct sim_machine *m, u64 spa,
		   struct sim_rmp_owner *o);

/**
 * sim_rmpupdate - the RMPUPDATE instruction, executed by the host
 * @m: machine
 * @spa: system physical address (RAX)
 * @st: new state (memory at RCX)
 *
 * What is assumed about the order of checks: A1, A3-A7 in rmp.c.
 *
 * Return: SIM_RMP_OK or SIM_RMP_FAIL_*.
 */
s32 sim_rmpupdate(struct sim_machine *m, u64 spa,
		  const struct sim_rmp_state *st);

/**
 * sim_psmash - the PSMASH instruction
 * @m: machine
 * @spa: 2M-aligned system physical address (RAX)
 *
 * What is assumed about immutable entries: A2 in rmp.c.
 *
 * Return: SIM_RMP_OK, SIM_RMP_FAIL_INPUT, SIM_RMP_FAIL_INUSE or
 * SIM_RMP_FAIL_BADADDR.
 */
s32 sim_psmash(struct sim_machine *m, u64 spa);

/**
 * sim_rmpread - the RMPREAD instruction
 * @m: machine
 * @spa: system physical address (RAX)
 * @out: 16-byte architectural form (memory at RCX)
 *
 * Return: SIM_RMP_OK, or SIM_RMP_FAIL_INPUT if the RMP does not cover @spa.
 */
s32 sim_rmpread(const struct sim_machine *m, u64 spa,
		struct sim_rmp_state *out);

/**
 * sim_pvalidate - the PVALIDATE instruction of a guest
 * @m: machine
 * @g: guest, VMPL and translation of the operand; @g->access is ignored
 * @pagesize: SIM_PS_4K or SIM_PS_2M
 * @validate: new value of the validated bit
 * @cf: set to true if nothing changed (carry flag)
 * @npf: error bits of an exit, may be NULL
 *
 * Return: SIM_RMP_OK, SIM_RMP_FAIL_INPUT, SIM_RMP_FAIL_SIZEMISMATCH,
 * SIM_RMP_EXIT_NPF or SIM_RMP_EXIT_VC.
 */
s32 sim_pvalidate(struct sim_machine *m, const struct sim_guest_access *g,
		  u32 pagesize, bool validate, bool *cf, u64 *npf);

/**
 * sim_rmpadjust - the RMPADJUST instruction of a guest
 * @m: machine
 * @g: guest, its current VMPL and translation; @g->access is ignored
 * @pagesize: SIM_PS_4K or SIM_PS_2M
 * @target_vmpl: level whose permissions change
 * @perms: new SIM_VMPL_* bits
 * @vmsa: new value of the VMSA bit
 * @npf: error bits of an exit, may be NULL
 *
 * Return: SIM_RMP_OK, SIM_RMP_FAIL_INPUT, SIM_RMP_FAIL_PERMISSION,
 * SIM_RMP_FAIL_SIZEMISMATCH, SIM_RMP_EXIT_NPF or SIM_RMP_EXIT_VC.
 */
s32 sim_rmpadjust(struct sim_machine *m, const struct sim_guest_access *g,
		  u32 pagesize, u32 target_vmpl, u32 perms, bool vmsa,
		  u64 *npf);

/**
 * sim_rmp_check_host_write - may the host write through this mapping?
 * @m: machine
 * @spa: system physical address
 * @size: size of the host mapping: SIM_PAGE_SIZE, SIM_2M_SIZE, SIM_1G_SIZE
 *
 * Host reads are never checked, so there is no function for them.
 *
 * Return: true if allowed; false: #PF with bit 31 (RMP) set.
 */
bool sim_rmp_check_host_write(const struct sim_machine *m, u64 spa, u64 size);

/**
 * sim_rmp_check_guest - RMP check of one guest access
 * @m: machine
 * @g: the access
 * @npf: SIM_NPF_* bits to OR into the exit's error code, 0 otherwise
 *
 * Return: SIM_RMP_OK; SIM_RMP_EXIT_NPF: exit with *@npf; SIM_RMP_EXIT_VC:
 * the page is not validated, the guest gets #VC with error code 0x404.
 */
s32 sim_rmp_check_guest(const struct sim_machine *m,
			const struct sim_guest_access *g, u64 *npf);

/**
 * sim_rmp_set_busy - a running vCPU uses this page as VMCB, VMSA or AVIC page
 * @m: machine
 * @spa: page
 * @busy: begin or end
 *
 * While it lasts, RMPUPDATE and PSMASH of the page answer FAIL_INUSE.
 *
 * Return: false if the machine has no slot left to remember the page.
 */
bool sim_rmp_set_busy(struct sim_machine *m, u64 spa, bool busy);

/**
 * sim_rmp_asid_count - pages whose entries carry an ASID
 * @m: machine
 * @asid: ASID
 *
 * The processor's own counter at the start of the RMP (assumption A6).
 *
 * Return: their number in units of 4 KiB.
 */
u64 sim_rmp_asid_count(const struct sim_machine *m, u32 asid);

#endif /* _SIM_RMP_H */
