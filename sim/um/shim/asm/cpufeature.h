/* SPDX-License-Identifier: GPL-2.0 */
/* Every CPU feature test is a run time test of the simulated CPU. */
#ifndef _SIM_SHIM_CPUFEATURE_H
#define _SIM_SHIM_CPUFEATURE_H
#include <asm/processor.h>
#include "../../../../x86/include/asm/cpufeature.h"
#undef static_cpu_has
#undef this_cpu_has
#undef setup_force_cpu_cap
#define static_cpu_has(bit)		boot_cpu_has(bit)
#define this_cpu_has(bit)		boot_cpu_has(bit)
#define setup_force_cpu_cap(bit)	set_cpu_cap(&boot_cpu_data, bit)
#endif
