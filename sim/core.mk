# SPDX-License-Identifier: GPL-2.0
# Objects of the simulated RMP and SNP firmware, for every build of them.
sim-core-objs := machine.o rmp.o contents.o fw.o snp_cmd.o snp_platform.o \
	snp_asid.o snp_guest.o snp_launch.o snp_id.o snp_special.o \
	snp_cpuid.o snp_page.o snp_swap.o snp_dbg.o snp_msg.o \
	hmac.o sev_legacy.o sev_guest.o
# The simulated TDX module; it shares contents.o with the above.
sim-tdx-objs := tdx_seamcall.o tdx_lock.o tdx_td.o tdx_vp.o tdx_sept.o \
	tdx_mem.o tdx_measure.o tdx_phymem.o tdx_guest.o tdx_inspect.o \
	tdx_sys.o tdx_metadata.o
