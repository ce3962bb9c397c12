/* SPDX-License-Identifier: GPL-2.0 */
/* UML's <asm/processor.h> plus the x86 CPU description KVM looks at. */
#ifndef _SIM_SHIM_PROCESSOR_H
#define _SIM_SHIM_PROCESSOR_H
#include_next <asm/processor.h>

#include <asm/processor-flags.h>
#include <asm/vmxfeatures.h>

#define X86_VENDOR_INTEL	0
#define X86_VENDOR_AMD		2
#define X86_VENDOR_CENTAUR	5
#define X86_VENDOR_HYGON	9
#define X86_VENDOR_ZHAOXIN	10

struct cpuinfo_x86 {
	union {
		struct { __u8 x86_model; __u8 x86; __u8 x86_vendor; __u8 x86_reserved; };
		__u32 x86_vfm;
	};
	__u8	x86_stepping;
	__u8	x86_virt_bits;
	__u8	x86_phys_bits;
	__u8	x86_cache_bits;
	__u32	extended_cpuid_level;
	int	cpuid_level;
	__u32	x86_power;
	int	cache_alignment;
	__u16	x86_clflush_size;
	unsigned long loops_per_jiffy;
	union {
		__u32		x86_capability[NCAPINTS + NBUGINTS];
		unsigned long	x86_capability_alignment;
	};
};

extern struct cpuinfo_x86 sim_cpu_data;
#define boot_cpu_data sim_cpu_data
#define cpu_data(cpu) sim_cpu_data
#define cpu_info sim_cpu_data

#define IO_BITMAP_LONGS 0
#define cpu_physical_id(cpu)	(cpu)

extern bool gds_ucode_mitigated(void);
static inline void amd_clear_divider(void) { }
unsigned long amd_get_dr_addr_mask(unsigned int dr);


#include <asm/cpufeature.h>
#include <asm/special_insns.h>
#include <asm/cpuid/api.h>
#endif
