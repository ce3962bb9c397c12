/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Scripted guests: /dev/sim-guest gives a vCPU of the simulated CPU a list of
 * operations, which VMRUN, a VM entry or TDH.VP.ENTER executes as if they were
 * the guest's instructions.
 *
 * The owner of the script calls KVM_RUN itself and serves the exits; a script
 * survives any number of them.  Each operation leaves a result.
 */
#ifndef _UAPI_SIM_GUEST_H
#define _UAPI_SIM_GUEST_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Limits of one script */
#define SIM_SCRIPT_MAX_OPS	4096
#define SIM_SCRIPT_MAX_DATA	(1u << 20)	/* bytes of data */
#define SIM_SCRIPT_MAX_RANGE	(1ull << 30)	/* bytes of one operation */

/**
 * enum sim_script_opcode - operations of a guest
 *
 * Arguments are in @gpa, @size and @arg of struct sim_script_op, answers in
 * @rc and @value of struct sim_script_result.  In a guest whose registers are
 * encrypted (SEV-ES, SEV-SNP), operations from CPUID on and accesses to MMIO
 * are #VC exceptions; the script then asks the hypervisor through the GHCB, as
 * the guest's handler would.  In a TD they are #VE exceptions, and the script
 * asks by TDG.VP.VMCALL.  An instruction that a guest of this kind does not have
 * ends in #UD.
 *
 * @SIM_SCRIPT_READ: read @size bytes at @gpa.  The first 32 bytes are returned
 *	in @value; flags say what else to do with them.
 * @SIM_SCRIPT_WRITE: write @size bytes at @gpa: @arg[0] as a little-endian
 *	64-bit value, repeated, or data (SIM_SCRIPT_F_DATA).
 * @SIM_SCRIPT_PVALIDATE: on the range @gpa, @size, page by page; @arg[0]: new
 *	value of the validated bit; SIM_SCRIPT_F_2M: pages of 2 MiB.  @rc: EAX
 *	of the last one; ends early when that is not 0.  SIM_SCRIPT_R_CF: the
 *	last one changed nothing.
 * @SIM_SCRIPT_RMPADJUST: likewise; @arg[0]: target VMPL, @arg[1]: permissions,
 *	@arg[2]: VMSA bit.
 * @SIM_SCRIPT_GHCB_MSR: request @arg[0] by the GHCB MSR protocol; @value[0]:
 *	the response.
 * @SIM_SCRIPT_GHCB_REGISTER: register @gpa as GHCB by the MSR protocol and use
 *	it from now on.  @rc: 0 if the response confirms it.
 * @SIM_SCRIPT_GHCB_USE: use @gpa as GHCB from now on, without registration.
 * @SIM_SCRIPT_VMGEXIT: event @arg[0] with information @arg[1], @arg[2] and RAX
 *	= @arg[3] through the GHCB.  SIM_SCRIPT_F_DATA: the first @size bytes of
 *	data at offset @gpa are put into the GHCB's shared buffer, and read back
 *	afterwards; without, a scratch area at @gpa is named, unless that is 0.
 *	@rc: SW_EXITINFO1, @value[0]: SW_EXITINFO2, @value[1]: RAX, @value[2]: RBX.
 * @SIM_SCRIPT_PSC: change the state of @gpa, @size to @arg[0] (1 private, 2
 *	shared), by Page State Change events, as many as it takes;
 *	SIM_SCRIPT_F_2M: in units of 2 MiB; SIM_SCRIPT_F_MSR: by the MSR
 *	protocol, page by page.  @rc: 0, or not 0 if refused; @value[0]:
 *	SW_EXITINFO2 or the last response.  PVALIDATE is not included.
 *	In a TD by MapGPA, called again for the rest as long as it says RETRY;
 *	flags mean nothing; @value[0]: R10, @value[1]: R11, the GPA at which it
 *	failed.  ACCEPT is not included.
 * @SIM_SCRIPT_AP_CREATE: AP creation event for APIC ID @arg[0], request
 *	@arg[1], SEV features @arg[2] in RAX, VMSA at @gpa.
 * @SIM_SCRIPT_CPUID: leaf @arg[0], index @arg[1]; @value: EAX, EBX, ECX, EDX.
 * @SIM_SCRIPT_RDMSR: MSR @arg[0]; @value[0]: its value.
 * @SIM_SCRIPT_WRMSR: MSR @arg[0] = @arg[1].
 * @SIM_SCRIPT_IN: @size bytes of port @arg[0]; @value[0]: the value.
 * @SIM_SCRIPT_OUT: @size bytes of port @arg[0] = @arg[1].
 * @SIM_SCRIPT_VMMCALL: hypercall RAX = @arg[0], RBX = @arg[1], RCX = @arg[2],
 *	RDX = @arg[3], RSI = @gpa; @value[0]: RAX.  In a TD by R10 to R14, R10
 *	must not be 0.
 * @SIM_SCRIPT_HLT: HLT.
 * @SIM_SCRIPT_SHUTDOWN: triple fault.
 * @SIM_SCRIPT_TERMINATE: termination request, reason set @arg[0], code
 *	@arg[1], by the MSR protocol, or by an event with SIM_SCRIPT_F_EVENT.
 *	In a TD ReportFatalError with error code @arg[1].
 * @SIM_SCRIPT_EXIT: exit with code @arg[0], EXITINFO1 @arg[1], EXITINFO2
 *	@arg[2], whatever the VMCB asks for; once.  In a TD with RAX = @arg[0],
 *	RCX = @arg[1], RDX = @arg[2], R8 = @gpa, R9 = @arg[3].
 * @SIM_SCRIPT_STI: set RFLAGS.IF.
 * @SIM_SCRIPT_CLI: clear RFLAGS.IF.
 * @SIM_SCRIPT_SPIN: a loop of @arg[0] iterations, 0: for ever.
 * @SIM_SCRIPT_ACCEPT: TDG.MEM.PAGE.ACCEPT on the range @gpa, @size, page by
 *	page; SIM_SCRIPT_F_2M: pages of 2 MiB.  A page that is not there exits
 *	with an EPT violation, and is accepted again afterwards.  @rc: bits
 *	63:32 of the last one's status; ends early when that is not 0.
 *	@value[0]: the status.
 * @SIM_SCRIPT_TDVMCALL: TDG.VP.VMCALL with R10 = @gpa, R11 = @size, R12 to R15
 *	= @arg.  SIM_SCRIPT_F_DATA: data at offset @gpa holds the 16 general
 *	registers, by number, 64 bits each, of which @arg[0] has a bit set for
 *	each that is exposed; they are read back afterwards.  @value: R10, R11,
 *	R12, R13 of the answer; @rc: the halves of R10, ORed.
 * @SIM_SCRIPT_NR_OPCODES: end of the list.
 */
enum sim_script_opcode {
	SIM_SCRIPT_READ = 1,
	SIM_SCRIPT_WRITE,
	SIM_SCRIPT_PVALIDATE,
	SIM_SCRIPT_RMPADJUST,
	SIM_SCRIPT_GHCB_MSR,
	SIM_SCRIPT_GHCB_REGISTER,
	SIM_SCRIPT_GHCB_USE,
	SIM_SCRIPT_VMGEXIT,
	SIM_SCRIPT_PSC,
	SIM_SCRIPT_AP_CREATE,
	SIM_SCRIPT_CPUID,
	SIM_SCRIPT_RDMSR,
	SIM_SCRIPT_WRMSR,
	SIM_SCRIPT_IN,
	SIM_SCRIPT_OUT,
	SIM_SCRIPT_VMMCALL,
	SIM_SCRIPT_HLT,
	SIM_SCRIPT_SHUTDOWN,
	SIM_SCRIPT_TERMINATE,
	SIM_SCRIPT_EXIT,
	SIM_SCRIPT_STI,
	SIM_SCRIPT_CLI,
	SIM_SCRIPT_SPIN,
	SIM_SCRIPT_ACCEPT,
	SIM_SCRIPT_TDVMCALL,
	SIM_SCRIPT_NR_OPCODES,
};

/* Flags of operations */
/* READ, WRITE: C-bit set; in a TD: SHARED bit clear (GPAs are given without it) */
#define SIM_SCRIPT_F_PRIVATE	(1u << 0)
/* Bytes are in data at offset arg[0]; a READ without F_COMPARE stores them there. */
#define SIM_SCRIPT_F_DATA	(1u << 1)
/* READ: compare with arg[0] repeated, or with data */
#define SIM_SCRIPT_F_COMPARE	(1u << 2)
#define SIM_SCRIPT_F_POLL	(1u << 3)	/* READ: repeat until it compares equal */
#define SIM_SCRIPT_F_EXEC	(1u << 4)	/* READ: an instruction fetch */
#define SIM_SCRIPT_F_WALK	(1u << 5)	/* READ, WRITE: by the page table walker */
#define SIM_SCRIPT_F_MMIO	(1u << 6)	/* READ, WRITE: on #VC or #VE for MMIO
						 * ask the hypervisor to emulate it */
#define SIM_SCRIPT_F_2M		(1u << 7)
#define SIM_SCRIPT_F_MSR	(1u << 8)
#define SIM_SCRIPT_F_EVENT	(1u << 9)

/**
 * struct sim_script_op - one operation
 * @op: enum sim_script_opcode
 * @flags: SIM_SCRIPT_F_*
 * @gpa: guest physical address
 * @size: bytes
 * @arg: depends on @op
 */
struct sim_script_op {
	__u32 op;
	__u32 flags;
	__u64 gpa;
	__u64 size;
	__u64 arg[4];
};

/**
 * enum sim_script_status - what became of an operation
 * @SIM_SCRIPT_PENDING: not begun
 * @SIM_SCRIPT_STARTED: begun, and interrupted by a host interrupt
 * @SIM_SCRIPT_EXITED: exited, and waits for the hypervisor
 * @SIM_SCRIPT_DONE: executed
 * @SIM_SCRIPT_VC: ended in #VC in the guest; @rc: error code of the exception
 * @SIM_SCRIPT_EXCEPTION: ended in another exception; @rc: vector
 * @SIM_SCRIPT_REFUSED: malformed according to the hypervisor (SW_EXITINFO1 =
 *	2); @rc: low half of SW_EXITINFO2.  In a TD: R10 was not 0; @rc: its
 *	halves, ORed
 * @SIM_SCRIPT_STUCK: one access faulted more often than allowed; skipped
 * @SIM_SCRIPT_VE: ended in #VE in the guest; @rc: exit reason of the exception
 */
enum sim_script_status {
	SIM_SCRIPT_PENDING,
	SIM_SCRIPT_STARTED,
	SIM_SCRIPT_EXITED,
	SIM_SCRIPT_DONE,
	SIM_SCRIPT_VC,
	SIM_SCRIPT_EXCEPTION,
	SIM_SCRIPT_REFUSED,
	SIM_SCRIPT_STUCK,
	SIM_SCRIPT_VE,
};

#define SIM_SCRIPT_R_CF		(1u << 0)	/* carry flag */
#define SIM_SCRIPT_R_MISMATCH	(1u << 1)	/* F_COMPARE: not equal */
#define SIM_SCRIPT_R_EMULATED	(1u << 2)	/* KVM executed the instruction */

/**
 * struct sim_script_result - result of one operation
 * @status: enum sim_script_status
 * @flags: SIM_SCRIPT_R_*
 * @rc: depends on the operation
 * @exits: exits while the operation was current, host interrupts excluded
 * @npfs: nested page faults, or EPT violations, among them
 * @retries: most faults in a row of one access
 * @mismatch: F_COMPARE: offset of the first byte that differs
 * @value: depends on the operation
 * @exit_code: of the last exit; of a TD exit RAX
 * @exit_info_1: of the last exit; of a TD exit RCX
 * @exit_info_2: of the last exit; of a TD exit R8, R11 if it is TDG.VP.VMCALL
 * @npf_error: OR of the error codes of all nested page faults, or of the
 *	qualifications of all EPT violations
 */
struct sim_script_result {
	__u32 status;
	__u32 flags;
	__u32 rc;
	__u32 exits;
	__u32 npfs;
	__u32 retries;
	__u64 mismatch;
	__u64 value[4];
	__u64 exit_code;
	__u64 exit_info_1;
	__u64 exit_info_2;
	__u64 npf_error;
};

/**
 * struct sim_script_state - where a vCPU's script is
 * @next_op: index of the current operation; number of operations: finished,
 *	the guest executes HLT for ever
 * @nr_ops: operations of the script
 * @vmruns: VMRUN instructions, or TDH.VP.ENTER, that entered the guest
 * @invalid: VMRUN instructions that failed (VMEXIT_INVALID)
 * @intr: exits for host interrupts
 * @events: events that the hypervisor injected or posted and the guest took
 * @last_event: the last of them, as in EVENTINJ
 * @pad: zero
 */
struct sim_script_state {
	__u32 next_op;
	__u32 nr_ops;
	__u64 vmruns;
	__u64 invalid;
	__u64 intr;
	__u64 events;
	__u32 last_event;
	__u32 pad;
};

/**
 * struct sim_script_attach - SIM_SCRIPT_ATTACH
 * @vcpu_fd: file descriptor of the vCPU
 * @nr_ops: operations, 1 .. SIM_SCRIPT_MAX_OPS
 * @ops: user address of struct sim_script_op []
 * @data: user address of @data_len bytes, copied
 * @data_len: bytes, 0 .. SIM_SCRIPT_MAX_DATA
 * @max_retries: give up an access after so many faults in a row; 0: default
 * @ghcb_gpa: GHCB to begin with, 0: none
 * @reserved: zero
 *
 * The device's file holds a reference to the vCPU's until the script is
 * detached or the device's file is closed.
 *
 * Errors: EBADF: no such file; EINVAL: not a vCPU, or the script is malformed;
 * EEXIST: the vCPU has a script; EFAULT, ENOMEM, E2BIG.
 */
struct sim_script_attach {
	__s32 vcpu_fd;
	__u32 nr_ops;
	__u64 ops;
	__u64 data;
	__u32 data_len;
	__u32 max_retries;
	__u64 ghcb_gpa;
	__u64 reserved[2];
};

/**
 * struct sim_script_fetch - SIM_SCRIPT_FETCH
 * @vcpu_fd: file descriptor of the vCPU
 * @first: first operation whose result is wanted
 * @nr: number of results wanted
 * @data_len: bytes of data wanted
 * @results: user address of struct sim_script_result []
 * @data: user address of @data_len bytes
 * @state: filled in
 *
 * Errors: EBADF; EINVAL: range outside of the script; ENOENT: this file has
 * attached no script to this vCPU; EFAULT.
 */
struct sim_script_fetch {
	__s32 vcpu_fd;
	__u32 first;
	__u32 nr;
	__u32 data_len;
	__u64 results;
	__u64 data;
	struct sim_script_state state;
};

#define SIM_SCRIPT_IOC		0xbd
#define SIM_SCRIPT_ATTACH	_IOW(SIM_SCRIPT_IOC, 0x40, struct sim_script_attach)
#define SIM_SCRIPT_FETCH	_IOWR(SIM_SCRIPT_IOC, 0x41, struct sim_script_fetch)
/* Argument: file descriptor of the vCPU.  Errors: EBADF, ENOENT */
#define SIM_SCRIPT_DETACH	_IO(SIM_SCRIPT_IOC, 0x42)

#endif /* _UAPI_SIM_GUEST_H */
