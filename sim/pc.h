/* SPDX-License-Identifier: GPL-2.0 */
/* The two files of the platform that x86 kernels have, see pc.c. */
#ifndef _SIM_PC_H
#define _SIM_PC_H

int sim_pc_psp_init(void);

#endif /* _SIM_PC_H */
