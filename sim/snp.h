/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulated SEV-SNP firmware: one entry for commands, and the plain-text
 * view of guest memory for the simulated CPU and for tests.
 */
#ifndef _SIM_SNP_H
#define _SIM_SNP_H

#include "env.h"
#include "machine.h"
#include "snp_abi.h"

/**
 * enum sim_guest_state - state of a guest context
 * @SIM_GUEST_INIT: created
 * @SIM_GUEST_LAUNCH: between LAUNCH_START and LAUNCH_FINISH
 * @SIM_GUEST_RUNNING: launched
 */
enum sim_guest_state {
	SIM_GUEST_INIT = 0,
	SIM_GUEST_LAUNCH = 1,
	SIM_GUEST_RUNNING = 2,
};

/**
 * sim_psp_cmd - execute one firmware command
 * @m: machine
 * @cmd: command number (enum sim_psp_cmd)
 * @cmdbuf_pa: physical address of the command buffer; commands without
 *	operands ignore it
 * @buf_lo: response: low command buffer register
 * @buf_hi: response: high command buffer register
 *
 * On success the two registers keep the address.  On failure the firmware
 * leaves extended error information there; the model's is one 10-bit id, the
 * status itself, which Linux only prints.
 *
 * Never sleeps, never allocates.  A LAUNCH_UPDATE of 2 MiB hashes 2 MiB.
 *
 * Return: status code, SIM_SUCCESS or SIM_*; SIM_INVALID_COMMAND for a
 * number the firmware does not know.
 */
u32 sim_psp_cmd(struct sim_machine *m, u32 cmd, u64 cmdbuf_pa,
		u32 *buf_lo, u32 *buf_hi);

#define SIM_OP_WRITES_BUF	(1u << 0)	/* legacy: result in the buffer */
#define SIM_OP_LEGACY		(1u << 1)
#define SIM_OP_OUT_ON_LENGTH	(1u << 2)	/* also with INVALID_LENGTH */
#define SIM_OP_OUT_UNCHECKED	(1u << 3)	/* whoever owns the buffer */

/**
 * struct sim_psp_op - one firmware command, for tables and fault plans
 * @cmd: command number
 * @name: its name, e.g. "SNP_LAUNCH_UPDATE"
 * @buf_len: bytes of the command buffer, 0: none
 * @flags: SIM_OP_*
 * @nr_statuses: length of @statuses
 * @statuses: every status the firmware can give, success excluded
 * @handler: gets the copied-in command buffer
 */
struct sim_psp_op {
	u32 cmd;
	const char *name;
	u16 buf_len;
	u16 flags;
	u32 nr_statuses;
	const u8 *statuses;
	u32 (*handler)(struct sim_machine *m, void *buf);
};

/**
 * sim_psp_op - table entry of a command
 * @cmd: command number
 *
 * Return: the entry, or NULL for a command the firmware does not know.
 */
const struct sim_psp_op *sim_psp_op(u32 cmd);

/**
 * sim_psp_op_by_index - walk the table
 * @i: 0, 1, ...
 *
 * Return: the entry, or NULL past the end.
 */
const struct sim_psp_op *sim_psp_op_by_index(u32 i);

/**
 * sim_status_name - name of a status code
 * @status: code
 *
 * Return: e.g. "INVALID_PAGE_STATE", "?" for a number without a name.
 */
const char *sim_status_name(u32 status);

/**
 * struct sim_guest_info - a guest context, decoded
 * @state: enum sim_guest_state
 * @asid: bound ASID, 0: none
 * @active: runnable (bound and launch finished)
 * @es: SEV-ES, always set from LAUNCH_START on
 * @pending: bound, but launch not finished
 * @imi_en: IMI launch
 * @id_block_en: LAUNCH_FINISH had an id block
 * @author_key_en: ... and an author key
 * @vcek_dis: VCEK disabled
 * @ma_en: has a migration agent
 * @ccxs: CCXs it is active on
 * @policy: guest policy
 * @ma_paddr: the migration agent's context
 * @desired_tsc_khz: of LAUNCH_START
 * @gosvw: of LAUNCH_START
 * @ld: launch digest
 * @imd: initial migration image digest
 * @host_data: of LAUNCH_FINISH
 */
struct sim_guest_info {
	u8 state;
	u32 asid;
	bool active;
	bool es;
	bool pending;
	bool imi_en;
	bool id_block_en;
	bool author_key_en;
	bool vcek_dis;
	bool ma_en;
	u32 ccxs;
	u64 policy;
	u64 ma_paddr;
	u32 desired_tsc_khz;
	u8 gosvw[16];
	u8 ld[48];
	u8 imd[48];
	u8 host_data[32];
};

/**
 * sim_guest_info - look into a context page
 * @m: machine
 * @gctx_pa: context page
 * @info: answer
 *
 * For tests and reports; no hardware offers this.
 *
 * Return: false if the page is not in the Context state.
 */
bool sim_guest_info(struct sim_machine *m, u64 gctx_pa,
		    struct sim_guest_info *info);

/**
 * sim_guest_read - read memory as the guest with an ASID sees it
 * @m: machine
 * @asid: ASID whose key decrypts
 * @spa: system physical address, any alignment
 * @buf: plain text
 * @len: bytes; may cross pages that are contiguous in @spa
 *
 * No access check: see sim_rmp_check_guest().  Without a key installed for
 * @asid the bytes are garbage, as on hardware.
 *
 * Return: false if some page is no memory; nothing is read then.
 */
bool sim_guest_read(struct sim_machine *m, u32 asid, u64 spa, void *buf,
		    size_t len);

/**
 * sim_guest_write - write memory as the guest with an ASID
 * @m: machine
 * @asid: ASID whose key encrypts
 * @spa: system physical address, any alignment
 * @buf: plain text
 * @len: bytes
 *
 * Return: false if some page is no memory; nothing is written then.
 */
bool sim_guest_write(struct sim_machine *m, u32 asid, u64 spa,
		     const void *buf, size_t len);

#endif /* _SIM_SNP_H */
