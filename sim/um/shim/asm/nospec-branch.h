/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_NOSPEC_H
#define _SIM_SHIM_NOSPEC_H
#include <asm/segment.h>
#include "../../../../x86/include/asm/nospec-branch.h"
#include <sim_undef.h>
#endif
