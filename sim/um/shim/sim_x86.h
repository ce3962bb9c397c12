/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For files of virt/kvm with parts that only x86 has, such as the page of data
 * of port I/O: UML does not define CONFIG_X86, and must not while headers are
 * read, which make more of it.
 */
#ifndef _SIM_SHIM_X86_H
#define _SIM_SHIM_X86_H
#include <linux/kvm_host.h>
#define CONFIG_X86 1
#endif
