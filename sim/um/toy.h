/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_UM_TOY_H
#define _SIM_UM_TOY_H
u32 sim_toy_psp(u32 cmd, u64 pa);
#endif
