/* SPDX-License-Identifier: GPL-2.0 */
/* Privileged registers, as x86 headers want them with CONFIG_PARAVIRT_XXL */
#ifndef _SIM_SHIM_PARAVIRT_H
#define _SIM_SHIM_PARAVIRT_H
#include <linux/types.h>

void sim_cpuid(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
#define __cpuid sim_cpuid

int sim_rdmsr(u32 nr, u64 *val);
int sim_wrmsr(u32 nr, u64 val);
u64 sim_rdmsr_unsafe(u32 nr);
void sim_wrmsr_unsafe(u32 nr, u64 val);
u64 sim_rdpmc(int counter);

#define rdmsrq_safe		sim_rdmsr
#define wrmsrq_safe		sim_wrmsr
#define rdmsrq(nr, val)		((val) = sim_rdmsr_unsafe(nr))
#define wrmsrq(nr, val)		sim_wrmsr_unsafe(nr, val)
#define wrmsr(nr, lo, hi)	sim_wrmsr_unsafe(nr, (u64)(hi) << 32 | (lo))
#define rdpmc(counter)		sim_rdpmc(counter)

#define rdmsr(nr, lo, hi)					\
do {								\
	u64 __msr = sim_rdmsr_unsafe(nr);			\
								\
	(lo) = lower_32_bits(__msr);				\
	(hi) = upper_32_bits(__msr);				\
} while (0)

#define rdmsr_safe(nr, lo, hi)					\
({								\
	u64 __msr;						\
	int __err = sim_rdmsr(nr, &__msr);			\
								\
	*(lo) = lower_32_bits(__msr);				\
	*(hi) = upper_32_bits(__msr);				\
	__err;							\
})

unsigned long sim_read_cr(int nr);
void sim_write_cr(int nr, unsigned long val);
unsigned long sim_read_dr(int nr);
void sim_write_dr(int nr, unsigned long val);

#define read_cr0()		sim_read_cr(0)
#define write_cr0(val)		sim_write_cr(0, val)
#define read_cr2()		sim_read_cr(2)
#define write_cr2(val)		sim_write_cr(2, val)
#define __read_cr3()		sim_read_cr(3)
#define write_cr3(val)		sim_write_cr(3, val)
#define __write_cr4(val)	sim_write_cr(4, val)
#define get_debugreg(var, nr)	((var) = sim_read_dr(nr))
#define set_debugreg(val, nr)	sim_write_dr(nr, val)
#endif
