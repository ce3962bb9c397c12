/* SPDX-License-Identifier: GPL-2.0 */
/* What the simulated machine tells about itself in debugfs. */
#ifndef GMEM_LAUNCH_FIRMWARE_H
#define GMEM_LAUNCH_FIRMWARE_H

#include <stdint.h>
#include <stdio.h>

#define FW_MAX_CALLS	192
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
 * struct fw_guest - a guest as the firmware or the TDX module has it
 * @id: physical address of its context page (SNP) or its TDR (TDX)
 * @key: its ASID or HKID, 0 if it has none
 * @state: SNP: INIT, LAUNCH or RUNNING; TDX: the module's name of the state
 * @digest: launch digest or MRTD, lower case hex; empty if there is none yet
 */
struct fw_guest {
	unsigned long long id;
	unsigned int key;
	char state[24];
	char digest[FW_DIGEST_HEX + 1];
};

/**
 * struct fw_guests - all guests
 * @guest: the guests
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
 * fw_read_guests() - read all guests
 * @guests: receives them
 *
 * Return: 0, or -1 if this machine does not tell.
 */
int fw_read_guests(struct fw_guests *guests);

/**
 * fw_new_guest() - find the one guest that an earlier reading lacks
 * @now: the later reading
 * @before: the earlier one
 *
 * Return: the guest, or NULL if there is none or more than one.
 */
const struct fw_guest *fw_new_guest(const struct fw_guests *now,
				    const struct fw_guests *before);

/**
 * fw_find_guest() - find a guest by its page
 * @guests: where to look
 * @id: address of the page
 *
 * Return: the guest or NULL.
 */
const struct fw_guest *fw_find_guest(const struct fw_guests *guests,
				     unsigned long long id);

/**
 * fw_status_name() - name of a status of the SNP firmware
 * @status: the number
 *
 * Return: the name, "unknown" if it has none.
 */
const char *fw_status_name(uint32_t status);

/**
 * tdx_status_name() - name of a status of the TDX module
 * @status: completion status of a SEAMCALL
 *
 * Return: the name without details, "unknown" if it has none.
 */
const char *tdx_status_name(uint64_t status);

#endif
