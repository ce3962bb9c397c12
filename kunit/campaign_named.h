/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failures that are all right though no call of user space tells of them, each with the
 * function of 7.2 that handles it.  An entry is about one operation called by one
 * function; where several statuses or phases stand together, the function does not
 * tell them apart.
 */

/* Allocations that can be done without ------------------------------------------- */

TOLERATED("alloc.", NULL, ANY_PHASE, "debugfs_create_file_full",
	"kvm_create_vm_debugfs(), kvm_arch_create_vcpu_debugfs(): a file for statistics less")
TOLERATED("alloc.", NULL, ANY_PHASE, "debugfs_create_dir",
	"kvm_create_vm_debugfs(), kvm_create_vcpu_debugfs(): no directory for statistics")
TOLERATED("alloc.", NULL, ANY_PHASE, "debugfs_lookup",
	"kvm_create_vm_debugfs(): a directory of that name is not found, and made")
TOLERATED("alloc.", NULL, ANY_PHASE, "kvm_uevent_notify_change",
	"kvm_uevent_notify_change(): the event is not sent")
TOLERATED("alloc.create_vm", NULL, ONCE, "^kvm_dev_ioctl",
	"kvm_arch_alloc_vm(): vmalloc() in place of kmalloc()")
TOLERATED("alloc.", NULL, ANY_PHASE, "__kvm_mmu_topup_memory_cache",
	"__kvm_mmu_topup_memory_cache(): less than the capacity is enough")
TOLERATED("alloc.", NULL, ONCE, "",
	"vm_area_alloc_pages(): one by one in place of all at once")
TOLERATED("alloc.", NULL, ANY_PHASE, "kvm_recalculate_apic_map",
	"kvm_recalculate_apic_map(): no map, and vCPUs are looked for one by one")

TOLERATED("alloc.", NULL, ONCE, "__filemap_add_folio",
	"__filemap_add_folio(): the node of the page cache is allocated again without its lock")
TOLERATED("alloc.", NULL, ONCE, "kvm_gmem_bind",
	"kvm_gmem_bind(), xa_store_range(): the node is allocated again without the lock")
TOLERATED("alloc.set_attr", NULL, ONCE, "__xa_cmpxchg",
	"kvm_vm_set_mem_attributes(), xa_reserve(): the node is allocated again without the lock")
TOLERATED("alloc.", NULL, ONCE, "__xa_insert",
	"kvm_vm_ioctl_create_vcpu(), xa_insert(): the node is allocated again without the lock")
TOLERATED("alloc.", NULL, ONCE, "alloc_pid",
	"alloc_pid(), idr_preload(): a node is in reserve")
TOLERATED("attr.pre_fault", NULL, ONCE, NULL,
	"kvm_arch_vcpu_pre_fault_memory(): what is shared is mapped shared, and the rest later")

/* Whoever is busy is asked again ---------------------------------------------------- */

TOLERATED("RMPUPDATE", "FAIL_OVERLAP", ANY_PHASE, "rmpupdate",
	"rmpupdate() repeats it: another CPU is at an overlapping entry")
ENDLESS("RMPUPDATE", "FAIL_OVERLAP", EVER, "rmpupdate",
	"rmpupdate() repeats it for as long as an overlapping entry is locked")
TOLERATED("TDH.MEM.PAGE.ADD", "OPERAND_BUSY", ANY_PHASE, "kvm_tdp_mmu_map_private_pfn",
	"kvm_tdp_mmu_map_private_pfn() repeats it until a signal comes")
ENDLESS("TDH.MEM.PAGE.ADD", "OPERAND_BUSY", EVER, "kvm_tdp_mmu_map_private_pfn",
	"kvm_tdp_mmu_map_private_pfn() repeats it until a signal comes")
TOLERATED("TDH.MEM.SEPT.ADD", "OPERAND_BUSY", ANY_PHASE, "kvm_tdp_mmu_map_private_pfn",
	"kvm_tdp_mmu_map_private_pfn() repeats it until a signal comes")
ENDLESS("TDH.MEM.SEPT.ADD", "OPERAND_BUSY", EVER, "kvm_tdp_mmu_map_private_pfn",
	"kvm_tdp_mmu_map_private_pfn() repeats it until a signal comes")
TOLERATED("TDH.MEM.PAGE.AUG", "OPERAND_BUSY", ANY_PHASE, "kvm_tdp_page_fault",
	"kvm_tdp_mmu_page_fault() is RET_PF_RETRY: the fault is handled again until a signal comes")
ENDLESS("TDH.MEM.PAGE.AUG", "OPERAND_BUSY", EVER, "kvm_tdp_page_fault",
	"kvm_tdp_mmu_page_fault() is RET_PF_RETRY: the fault is handled again until a signal comes")
TOLERATED("TDH.VP.ENTER", "OPERAND_BUSY", ANY_PHASE, "tdx_vcpu_run",
	"tdx_exit_handlers_fastpath(), tdx_vcpu_run(): the vCPU is entered again until a signal comes")
ENDLESS("TDH.VP.ENTER", "OPERAND_BUSY", EVER, "tdx_vcpu_run",
	"tdx_exit_handlers_fastpath(), tdx_vcpu_run(): the vCPU is entered again until a signal comes")
TOLERATED("TDH.MEM.RANGE.BLOCK", "OPERAND_BUSY", ONCE, NULL,
	"tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("TDH.MEM.TRACK", "OPERAND_BUSY", ONCE, NULL,
	"tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("TDH.MEM.PAGE.REMOVE", "OPERAND_BUSY", ONCE, NULL,
	"tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("TDH.MNG.CREATE", "RND_NO_ENTROPY", SOME, NULL,
	"sc_retry() tries RDRAND_RETRY_LOOPS times")
TOLERATED("TDH.MNG.ADDCX", "RND_NO_ENTROPY", SOME, NULL,
	"sc_retry() tries RDRAND_RETRY_LOOPS times")

/* Nobody to tell: what can't be taken back is leaked ----------------------------------- */

TOLERATED("RMPUPDATE", NULL, ANY_PHASE, "snp_reclaim_pages",
	"snp_reclaim_pages(): the page is leaked")
TOLERATED("SNP_PAGE_RECLAIM", NULL, ANY_PHASE, "snp_reclaim_pages",
	"snp_reclaim_pages(): the page is leaked")
TOLERATED("RMPUPDATE", NULL, ANY_PHASE, "sev_free_vcpu",
	"sev_free_vcpu(), kvm_rmp_make_shared(): the VMSA is leaked")
TOLERATED("RMPUPDATE", NULL, ANY_PHASE, "sev_gmem_invalidate",
	"sev_gmem_invalidate(): the page is leaked, see finding 10")
TOLERATED("SNP_DECOMMISSION", NULL, ANY_PHASE, "snp_decommission_context",
	"sev_vm_destroy(): context page and ASID are leaked")

TOLERATED("TDH.VP.FLUSH", NULL, ANY_PHASE, "tdx_mmu_release_hkid",
	"tdx_mmu_release_hkid(): the vCPU stays associated, HKID and pages are leaked")
TOLERATED("TDH.VP.FLUSH", NULL, ANY_PHASE, "tdx_flush_vp",
	"tdx_mmu_release_hkid(): the vCPU stays associated, HKID and pages are leaked")
TOLERATED("TDH.MNG.VPFLUSHDONE", NULL, ANY_PHASE, "tdx_mmu_release_hkid",
	"tdx_mmu_release_hkid(): HKID and pages are leaked")
TOLERATED("TDH.PHYMEM.CACHE.WB", NULL, ANY_PHASE, "smp_func_do_phymem_cache_wb",
	"tdx_mmu_release_hkid(): TDH.MNG.KEY.FREEID refuses, HKID and pages are leaked")
TOLERATED("TDH.MNG.KEY.FREEID", NULL, ANY_PHASE, "tdx_mmu_release_hkid",
	"tdx_mmu_release_hkid(): HKID and pages are leaked")
TOLERATED("TDH.PHYMEM.PAGE.RECLAIM", NULL, ANY_PHASE, "__tdx_reclaim_page",
	"tdx_reclaim_control_page(), tdx_reclaim_td_control_pages(): the page is leaked")
TOLERATED("TDH.PHYMEM.PAGE.WBINVD", NULL, ANY_PHASE, "tdx_reclaim_td_control_pages",
	"tdx_reclaim_td_control_pages(): the TDR is leaked")
TOLERATED("TDH.MEM.RANGE.BLOCK", NULL, ANY_PHASE, "kvm_gmem_release",
	"tdx_sept_remove_leaf_spte(): the page is leaked, see finding 11")
TOLERATED("TDH.MEM.TRACK", NULL, ANY_PHASE, "kvm_gmem_release",
	"tdx_sept_remove_leaf_spte(): the page is leaked, see finding 11")
TOLERATED("TDH.MEM.PAGE.REMOVE", NULL, ANY_PHASE, "kvm_gmem_release",
	"tdx_sept_remove_leaf_spte(): the page is leaked, see finding 11")
TOLERATED("TDH.PHYMEM.PAGE.WBINVD", NULL, ANY_PHASE, "kvm_gmem_release",
	"tdx_sept_remove_leaf_spte(): the page is leaked, see finding 11")

/* Done, but not told: the caller can't begin again ----------------------------------- */

FINAL("copy.", "EFAULT", LATE, NULL,
	"the command is done when what comes of it can't be written")
FINAL("SNP_LAUNCH_FINISH", NULL, ANY_PHASE, NULL,
	"snp_launch_finish(): a VMSA that is measured can't be measured again")
FINAL("SNP_LAUNCH_UPDATE", NULL, ANY_PHASE, "snp_launch_finish",
	"snp_launch_finish(): a VMSA that is measured can't be measured again")
FINAL("RMPUPDATE", NULL, ANY_PHASE, "snp_launch_finish",
	"snp_launch_finish(): a VMSA that is measured can't be measured again")
FINAL("SNP_DECOMMISSION", NULL, ANY_PHASE, "snp_launch_start",
	"snp_launch_start(): there is no second context while the first can't be given up")
