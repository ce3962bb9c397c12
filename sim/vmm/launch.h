/* SPDX-License-Identifier: GPL-2.0 */
/* A launch: what is asked for and what came of it. */
#ifndef GMEM_LAUNCH_LAUNCH_H
#define GMEM_LAUNCH_LAUNCH_H

#include <stdint.h>

#include "cpu.h"
#include "firmware.h"

#define LAUNCH_PAGE_TYPES	7	/* the firmware's numbers are 1 to 6 */

/**
 * struct launch_options - what the user asked for
 * @path: the image
 * @data: its bytes
 * @size: its length
 * @model: CPU model of the guest
 * @smp: number of vCPUs
 * @ram: guest memory from address 0, in bytes; 0: what the image needs
 * @policy: the guest's policy
 * @features: SEV features of the VMSAs; bit 0 (SNP active) is always set
 * @run: run the guest afterwards, where its CPU is a simulated one
 */
struct launch_options {
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
 * @api_major: version of the firmware's interface
 * @api_minor: likewise
 * @build: build number of the firmware
 * @asid: ASID that the guest had, 0 if unknown
 * @pages: pages by the firmware's number of their type
 * @cpuid_corrections: CPUID entries that the firmware corrected
 * @have_digests: the machine tells launch digests
 * @digest_image: digest after the image and its metadata pages
 * @digest_final: digest after LAUNCH_FINISH, VMSAs included
 * @have_calls: the machine tells its calls
 * @calls: firmware calls and instructions of this launch
 * @violations: how often an oracle of the machine was violated by this launch
 *	and its teardown, -1 if the machine does not tell
 * @ran: the guest was run
 * @guest_pages: pages that it found as they were launched
 * @launch_us: time from creating the VM to the end of LAUNCH_FINISH
 * @run_us: time in which the guest ran
 * @teardown_us: time to close everything
 */
struct launch_result {
	uint64_t image_base;
	unsigned int nr_sections;
	unsigned int api_major;
	unsigned int api_minor;
	unsigned int build;
	unsigned int asid;
	unsigned long pages[LAUNCH_PAGE_TYPES];
	unsigned int cpuid_corrections;
	int have_digests;
	char digest_image[FW_DIGEST_HEX + 1];
	char digest_final[FW_DIGEST_HEX + 1];
	int have_calls;
	struct fw_calls calls;
	long violations;
	int ran;
	unsigned long guest_pages;
	uint64_t launch_us;
	uint64_t run_us;
	uint64_t teardown_us;
};

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
 * init_finish() - write the exit status to a file and power the machine off
 * @result: the file, may be NULL
 * @status: the status
 */
void init_finish(const char *result, int status) __attribute__((noreturn));

#endif
