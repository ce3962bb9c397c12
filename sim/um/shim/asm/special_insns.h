/* SPDX-License-Identifier: GPL-2.0 */
/* Privileged instructions of the simulated CPU */
#ifndef _ASM_X86_SPECIAL_INSNS_H
#define _ASM_X86_SPECIAL_INSNS_H
#include <linux/types.h>
#include <linux/mm_types.h>
#include <linux/cpumask.h>
#include <asm/processor-flags.h>

unsigned long sim_read_cr(int cr);
void sim_write_cr(int cr, unsigned long val);

#define read_cr0()		sim_read_cr(0)
#define write_cr0(v)		sim_write_cr(0, v)
#define read_cr2()		sim_read_cr(2)
#define native_write_cr2(v)	sim_write_cr(2, v)
#define write_cr2(v)		sim_write_cr(2, v)
#define __read_cr3()		sim_read_cr(3)
#define read_cr3_pa()		(sim_read_cr(3) & PAGE_MASK)
#define __read_cr4()		sim_read_cr(4)
#define cr4_read_shadow()	sim_read_cr(4)
#define cr4_set_bits(m)		sim_write_cr(4, sim_read_cr(4) | (m))
#define cr4_clear_bits(m)	sim_write_cr(4, sim_read_cr(4) & ~(m))
#define __get_current_cr3_fast() sim_read_cr(3)

static inline u32 rdpkru(void) { return 0; }
static inline void wrpkru(u32 pkru) { }

void sim_wbinvd(void);
#define wbinvd()	sim_wbinvd()
#define wbnoinvd()	sim_wbinvd()
void wbinvd_on_cpu(int cpu);
void wbinvd_on_all_cpus(void);
void wbinvd_on_cpus_mask(struct cpumask *cpus);
void wbnoinvd_on_all_cpus(void);
void wbnoinvd_on_cpus_mask(struct cpumask *cpus);
static inline void clflush_cache_range(void *addr, unsigned int size) { }
static inline void clflush(volatile void *p) { }
#endif
