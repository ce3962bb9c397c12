/* SPDX-License-Identifier: GPL-2.0 */
/* A launch: what is asked for and what came of it. */
#ifndef GMEM_LAUNCH_LAUNCH_H
#define GMEM_LAUNCH_LAUNCH_H

#include <stdint.h>

#include "cpu.h"
#include "firmware.h"
#include "guest.h"

#define LAUNCH_PAGE_TYPES	7	/* SNP: 1 to 6; TDX: 0 to 4 */

enum launch_type {
	LAUNCH_SNP,
	LAUNCH_TDX,
};

/**
 * struct launch_options - what the user asked for
 * @type: kind of guest
 * @path: the image
 * @data: its bytes
 * @size: its length
 * @model: SNP: CPU model of the guest
 * @smp: number of vCPUs
 * @ram: guest memory from address 0, in bytes; 0: what the image needs
 * @policy: SNP: the guest's policy
 * @features: SNP: SEV features of the VMSAs; bit 0 (SNP active) is always set
 * @run: run the guest afterwards, where its CPU is a simulated one
 */
struct launch_options {
	enum launch_type type;
	const char *path;
	const uint8_t *data;
	size_t size;
	const struct cpu_model *model;
	unsigned int smp;
	uint64_t ram;
	uint64_t policy;
	uint64_t features;
	int run;
};

/**
 * struct launch_result - what came of it
 * @image_base: guest physical address of the image
 * @nr_sections: sections of metadata
 * @ram: guest memory from address 0, in bytes
 * @api_major: SNP: version of the firmware's interface
 * @api_minor: SNP: likewise
 * @build: SNP: build number of the firmware
 * @key: ASID or HKID that the guest had, 0 if unknown
 * @attributes: TDX: attributes of the TD
 * @xfam: TDX: its extended features
 * @pages: pages by the number of their type: the firmware's (SNP), that of the
 *	section (TDX)
 * @later: TDX: pages of sections that the guest has to ask for
 * @cpuid_corrections: SNP: CPUID entries that the firmware corrected
 * @have_digests: the machine tells launch digests
 * @digest_image: SNP: digest after the image and its metadata pages
 * @digest_final: digest after LAUNCH_FINISH, VMSAs included; TDX: MRTD
 * @have_calls: the machine tells its calls
 * @calls: firmware calls and instructions of this launch
 * @violations: how often an oracle of the machine was violated by this launch
 *	and its teardown, -1 if the machine does not tell
 * @ran: the guest was run
 * @refused: it was not, as KVM_RUN knows that this CPU can't
 * @guest_pages: pages that it found as they were launched
 * @accepted_pages: TDX: pages that it asked for and accepted
 * @launch_us: time from creating the VM to the end of the launch
 * @run_us: time in which the guest ran
 * @teardown_us: time to close everything
 */
struct launch_result {
	uint64_t image_base;
	unsigned int nr_sections;
	uint64_t ram;
	unsigned int api_major;
	unsigned int api_minor;
	unsigned int build;
	unsigned int key;
	uint64_t attributes;
	uint64_t xfam;
	unsigned long pages[LAUNCH_PAGE_TYPES];
	unsigned long later;
	unsigned int cpuid_corrections;
	int have_digests;
	char digest_image[FW_DIGEST_HEX + 1];
	char digest_final[FW_DIGEST_HEX + 1];
	int have_calls;
	struct fw_calls calls;
	long violations;
	int ran;
	int refused;
	unsigned long guest_pages;
	unsigned long accepted_pages;
	uint64_t launch_us;
	uint64_t run_us;
	uint64_t teardown_us;
};

/**
 * struct launch_watch - what a machine told before the launch, and times
 * @before: its calls
 * @violations: violations of its oracles, -1 if it does not tell
 * @begin: when the launch began
 * @built: when it had ended
 * @ran: when the guest had run
 */
struct launch_watch {
	struct fw_calls before;
	long violations;
	uint64_t begin;
	uint64_t built;
	uint64_t ran;
};

/**
 * launch_begin() - note what the machine tells before a launch
 * @w: filled
 * @res: the result, zeroed
 */
void launch_begin(struct launch_watch *w, struct launch_result *res);

/**
 * launch_built() - the launch has ended: count its calls
 * @w: the watch
 * @res: receives the calls
 */
void launch_built(struct launch_watch *w, struct launch_result *res);

/**
 * launch_run() - let the guest read what was launched, if its CPU can
 * @opt: what was asked for
 * @res: receives the number of pages
 * @vm: the VM, launched
 * @range: what the guest must find
 * @nr: number of ranges
 *
 * Return: 0, or -1 after one line of error.
 */
int launch_run(const struct launch_options *opt, struct launch_result *res,
	       struct vm *vm, const struct guest_range *range,
	       unsigned int nr);

/**
 * launch_ran() - the guest has run: note the time
 * @w: the watch
 */
void launch_ran(struct launch_watch *w);

/**
 * launch_end() - everything is closed: fill in times and violations
 * @w: the watch
 * @res: receives them
 * @ret: what the launch has returned so far
 *
 * Return: @ret, or -1 after errors if invariants of the machine were violated.
 */
int launch_end(struct launch_watch *w, struct launch_result *res, int ret);

/**
 * launch_memory() - how much memory a guest has
 * @opt: what was asked for
 * @base: address of the image, up to which memory may reach
 * @end: where the highest section below the image ends
 * @ram: receives the size
 *
 * Return: 0, or -1 after one line of error.
 */
int launch_memory(const struct launch_options *opt, uint64_t base,
		  uint64_t end, uint64_t *ram);

/**
 * launch_page_type_name() - name of a type of page
 * @type: kind of guest
 * @n: number of the page type
 *
 * Return: its name.
 */
const char *launch_page_type_name(enum launch_type type, unsigned int n);

/**
 * snp_page_type_name() - name of a type of SNP page
 * @type: the firmware's number
 *
 * Return: its name.
 */
const char *snp_page_type_name(unsigned int type);

/**
 * launch_snp() - launch an image as an SNP guest
 * @opt: what to launch
 * @res: what came of it; valid as far as the launch got
 *
 * Return: 0, or -1 after one line of error.
 */
int launch_snp(const struct launch_options *opt, struct launch_result *res);

/**
 * launch_tdx() - launch an image as a TD
 * @opt: what to launch
 * @res: what came of it; valid as far as the launch got
 *
 * Return: 0, or -1 after one line of error.
 */
int launch_tdx(const struct launch_options *opt, struct launch_result *res);

/**
 * report_text() - tell a person
 * @opt: what was launched
 * @res: what came of it
 */
void report_text(const struct launch_options *opt,
		 const struct launch_result *res);

/**
 * report_json() - tell a program
 * @path: file to write
 * @opt: what was launched
 * @res: what came of it
 *
 * Return: 0, or -1 after one line of error.
 */
int report_json(const char *path, const struct launch_options *opt,
		const struct launch_result *res);

/**
 * init_start() - what the first process of a machine must do
 *
 * Mounts proc, sysfs, devtmpfs and debugfs, if this is process 1.
 *
 * Return: 1 if this is process 1, else 0.
 */
int init_start(void);

/**
 * init_redirect() - send standard output and error to files
 * @out: file for standard output
 * @err: file for standard error
 *
 * Return: 0, or -1 after one line of error.
 */
int init_redirect(const char *out, const char *err);

/**
 * init_save_trace() - stop the kernel's tracing and keep what it has recorded
 * @path: file
 *
 * Return: 0, or -1 with a message.
 */
int init_save_trace(const char *path);

/**
 * init_finish() - write the exit status to a file and power the machine off
 * @result: the file, may be NULL
 * @status: the status
 */
void init_finish(const char *result, int status) __attribute__((noreturn));

#endif
