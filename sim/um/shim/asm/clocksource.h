/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_CLOCKSOURCE_H
#define _ASM_X86_CLOCKSOURCE_H
/* trace.h prints these; UML has no vDSO clock modes */
#define VDSO_CLOCKMODE_TSC	1
#define VDSO_CLOCKMODE_PVCLOCK	2
#define VDSO_CLOCKMODE_HVCLOCK	3
#endif
