/* SPDX-License-Identifier: GPL-2.0 */
/* What the simulated machine tells about itself in debugfs. */
#ifndef GMEM_LAUNCH_FIRMWARE_H
#define GMEM_LAUNCH_FIRMWARE_H

#include <stdint.h>
#include <stdio.h>

#define FW_MAX_CALLS	96
#define FW_MAX_GUESTS	256
#define FW_DIGEST_HEX	96

/**
 * struct fw_calls - how often each operation was called
 * @call: name and number, in the order of the file
 * @nr: how many operations
 */
struct fw_calls {
	struct {
		char name[48];
		unsigned long long count;
	} call[FW_MAX_CALLS];
	unsigned int nr;
};

/**
 * struct fw_guest - a guest context as the firmware has it
 * @gctx: physical address of its context page
 * @asid: its ASID, 0 if not bound
 * @state: INIT, LAUNCH or RUNNING
 * @digest: launch digest, lower case hex
 */
struct fw_guest {
	unsigned long long gctx;
	unsigned int asid;
	char state[16];
	char digest[FW_DIGEST_HEX + 1];
};

/**
 * struct fw_guests - all guest contexts
 * @guest: the contexts
 * @nr: how many
 */
struct fw_guests {
	struct fw_guest guest[FW_MAX_GUESTS];
	unsigned int nr;
};

/**
 * fw_read_calls() - read the counts of all operations
 * @calls: receives them
 *
 * Return: 0, or -1 if this machine does not tell (a real one).
 */
int fw_read_calls(struct fw_calls *calls);

/**
 * fw_calls_since() - subtract an earlier reading
 * @calls: the later reading; becomes the difference
 * @before: the earlier one
 */
void fw_calls_since(struct fw_calls *calls, const struct fw_calls *before);

/**
 * fw_violations() - how often an oracle of the machine was violated
 *
 * Return: the number since boot, or -1 if this machine does not tell.
 */
long fw_violations(void);

/**
 * fw_print_violations() - print them all
 * @f: where to
 */
void fw_print_violations(FILE *f);

/**
 * fw_read_guests() - read all guest contexts
 * @guests: receives them
 *
 * Return: 0, or -1 if this machine does not tell.
 */
int fw_read_guests(struct fw_guests *guests);

/**
 * fw_new_guest() - find the one context that an earlier reading lacks
 * @now: the later reading
 * @before: the earlier one
 *
 * Return: the context, or NULL if there is none or more than one.
 */
const struct fw_guest *fw_new_guest(const struct fw_guests *now,
				    const struct fw_guests *before);

/**
 * fw_find_guest() - find a context by its page
 * @guests: where to look
 * @gctx: address of the page
 *
 * Return: the context or NULL.
 */
const struct fw_guest *fw_find_guest(const struct fw_guests *guests,
				     unsigned long long gctx);

/**
 * fw_status_name() - name of a status of the SNP firmware
 * @status: the number
 *
 * Return: the name, "unknown" if it has none.
 */
const char *fw_status_name(uint32_t status);

#endif
