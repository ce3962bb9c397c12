/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failures that are all right though no call of user space tells of them, each with the
 * function of 7.2 that handles it.  An entry is about one operation called by one
 * function; where several statuses or phases stand together, the function does not
 * tell them apart.  kernel/scripts/campaign-tolerated.json has each of them by itself,
 * with the steps of allocations: what is not in there is not tolerated.
 */

/* Allocations that can be done without ------------------------------------------- */

TOLERATED("alloc.", NULL, ANY_PHASE, "debugfs_create_file_full",
	"kvm_create_vm_debugfs(), kvm_create_vcpu_debugfs(): a file for statistics less")
TOLERATED("alloc.", NULL, ANY_PHASE, "debugfs_create_dir",
	"kvm_create_vm_debugfs(), kvm_create_vcpu_debugfs(): no directory for statistics")
TOLERATED("alloc.", NULL, ANY_PHASE, "debugfs_lookup",
	"kvm_create_vm_debugfs(): a directory of that name is not found, and made")
TOLERATED("alloc.", NULL, ANY_PHASE, "kvm_uevent_notify_change",
	"kvm_uevent_notify_change(): the event is not sent")
TOLERATED("alloc.create_vm", NULL, ONCE, "^kvm_dev_ioctl",
	"kvm_arch_alloc_vm(), kvzalloc(): vmalloc() in place of kmalloc()")
TOLERATED("alloc.", NULL, ANY_PHASE, "__kvm_mmu_topup_memory_cache",
	"__kvm_mmu_topup_memory_cache(): less than the capacity is enough")
/*
 * The only silent allocations of these steps: those before and after them, which have
 * names, are of the same vmalloc().
 */
#define BULK(_step, _user)						\
	TOLERATED("alloc." _step, NULL, ONCE, "",			\
		_user ", vm_area_alloc_pages(): pages one by one in place of all at once")
BULK("create_vcpu0", "fpu_alloc_guest_fpstate()")
BULK("create_vcpu1", "fpu_alloc_guest_fpstate()")
BULK("set_slot", "kvm_arch_prepare_memory_region()")
BULK("set_slot0", "kvm_arch_prepare_memory_region()")
BULK("set_slot1", "kvm_arch_prepare_memory_region()")
BULK("set_slot2", "kvm_arch_prepare_memory_region()")
BULK("set_shared_slot", "kvm_arch_prepare_memory_region()")
#undef BULK
TOLERATED("alloc.", NULL, ANY_PHASE, "kvm_recalculate_apic_map",
	"kvm_recalculate_apic_map(): no map, and vCPUs are looked for one by one")

TOLERATED("alloc.", NULL, ONCE, "__filemap_add_folio",
	"__filemap_add_folio(): the node of the page cache is allocated again without its lock")
TOLERATED("alloc.", NULL, ONCE, "kvm_gmem_bind",
	"xa_store_range(): the node is allocated again without the lock; if not, see finding 25")
TOLERATED("alloc.set_attr", NULL, ONCE, "__xa_cmpxchg",
	"kvm_vm_set_mem_attributes(), xa_reserve(): the node is allocated again without the lock")
TOLERATED("alloc.", NULL, ONCE, "__xa_insert",
	"kvm_vm_ioctl_create_vcpu(), xa_insert(): the node is allocated again without the lock")
TOLERATED("alloc.", NULL, ONCE, "alloc_pid",
	"radix_tree_node_alloc(): alloc_pid() has a node in reserve, by idr_preload()")
TOLERATED("attr.pre_fault", NULL, ONCE, NULL,
	"kvm_arch_vcpu_pre_fault_memory(): what is shared is mapped shared, and the rest later")

/* What user space does with its own slots and files: no step has to notice. */
TOLERATED("slot.", "DELETED", ONCE, NULL,
	"kvm_set_memory_region(): the step has no need of the slot, which is there again in time")
TOLERATED("slot.", "MOVED", ONCE, NULL,
	"kvm_set_memory_region(): the step has no need of the slot, which is there again in time")
TOLERATED("slot.", "REMADE", ONCE, NULL,
	"kvm_set_memory_region(): the slot is there, with the same memory")
TOLERATED("hole.", "NEXT", ONCE, NULL,
	"kvm_gmem_punch_hole(): the step gets other pages")
TOLERATED("hole.", "FIRST", ONCE, NULL,
	"kvm_gmem_punch_hole(): what is launched and taken away again stays measured")

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
	"tdx_mem_page_aug() is RET_PF_RETRY: the fault is handled again until a signal comes")
ENDLESS("TDH.MEM.PAGE.AUG", "OPERAND_BUSY", EVER, "kvm_tdp_page_fault",
	"tdx_mem_page_aug() is RET_PF_RETRY: the fault is handled again until a signal comes")
TOLERATED("TDH.VP.ENTER", "OPERAND_BUSY", ANY_PHASE, "tdx_vcpu_run",
	"tdx_exit_handlers_fastpath(), vcpu_run(): the vCPU is entered again until a signal comes")
ENDLESS("TDH.VP.ENTER", "OPERAND_BUSY", EVER, "tdx_vcpu_run",
	"tdx_exit_handlers_fastpath(), vcpu_run(): the vCPU is entered again until a signal comes")
TOLERATED("TDH.MEM.RANGE.BLOCK", "OPERAND_BUSY", ONCE, "tdx_sept_set_private_spte",
	"tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("TDH.MEM.TRACK", "OPERAND_BUSY", ONCE, "tdx_sept_set_private_spte",
	"tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("TDH.MEM.PAGE.REMOVE", "OPERAND_BUSY", ONCE, "tdx_sept_set_private_spte",
	"tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("TDH.MNG.CREATE", "RND_NO_ENTROPY", SOME, "tdx_vm_ioctl",
	"sc_retry() tries RDRAND_RETRY_LOOPS times")
TOLERATED("TDH.MNG.ADDCX", "RND_NO_ENTROPY", SOME, "tdx_vm_ioctl",
	"sc_retry() tries RDRAND_RETRY_LOOPS times")

/* Nobody to tell: what can't be taken back is leaked ----------------------------------- */

TOLERATED("RMPUPDATE", NULL, ANY_PHASE, "snp_reclaim_pages",
	"snp_reclaim_pages(): the page is leaked")
TOLERATED("SNP_PAGE_RECLAIM", NULL, ANY_PHASE, "snp_reclaim_pages",
	"snp_reclaim_pages(): the page is leaked")
TOLERATED("RMPUPDATE", NULL, ANY_PHASE, "sev_free_vcpu",
	"sev_free_vcpu(), kvm_rmp_make_shared(): VMSA and ASID are leaked, see finding 22")
TOLERATED("RMPUPDATE", NULL, ANY_PHASE, "sev_gmem_invalidate",
	"sev_gmem_invalidate(): the page is leaked, see findings 10 and 22")
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
TOLERATED("TDH.PHYMEM.PAGE.RECLAIM", NULL, ANY_PHASE, "tdx_sept_free_private_spt",
	"tdx_sept_free_private_spt(): the page of the secure EPT is leaked")
TOLERATED("TDH.PHYMEM.PAGE.RECLAIM", NULL, ANY_PHASE, "tdx_reclaim_control_page",
	"tdx_reclaim_control_page(): the page is leaked")
TOLERATED("TDH.PHYMEM.PAGE.RECLAIM", NULL, ANY_PHASE, "tdx_reclaim_td_control_pages",
	"tdx_reclaim_td_control_pages(): the TDR is leaked")
TOLERATED("TDH.PHYMEM.PAGE.WBINVD", NULL, ANY_PHASE, "tdx_reclaim_td_control_pages",
	"tdx_reclaim_td_control_pages(): the TDR is leaked")
TOLERATED("TDH.MEM.RANGE.BLOCK", NULL, ANY_PHASE, "kvm_gmem_release",
	"tdx_sept_remove_leaf_spte(): the page is leaked, see finding 11")
TOLERATED("TDH.MEM.TRACK", NULL, ANY_PHASE, "kvm_gmem_release",
	"tdx_track(): TDH.MEM.PAGE.REMOVE refuses then, and the page is leaked, see finding 11")
TOLERATED("TDH.MEM.PAGE.REMOVE", NULL, ANY_PHASE, "kvm_gmem_release",
	"tdx_sept_remove_leaf_spte(): the page is leaked, see finding 11")
TOLERATED("TDH.PHYMEM.PAGE.WBINVD", NULL, ANY_PHASE, "kvm_gmem_release",
	"tdx_sept_remove_leaf_spte(): the page is leaked, see finding 11")

/* Signals: they are handled on the way back to user space, if nobody looks for them ------ */

#define SIGNAL(_step, _phase, _why)	TOLERATED("signal." _step, NULL, _phase, NULL, _why)

/* A file, a slot, a vCPU, a setting: little to do, and only locks to wait for */
#define SHORT(_step, _function)		\
	SIGNAL(_step, ONCE, _function ": short, nothing to wait for but locks and SRCU")
SHORT("create_gmem", "kvm_gmem_create()")
SHORT("create_gmem0", "kvm_gmem_create()")
SHORT("create_gmem1", "kvm_gmem_create()")
SHORT("set_slot", "kvm_set_memory_region()")
SHORT("set_slot0", "kvm_set_memory_region()")
SHORT("set_slot1", "kvm_set_memory_region()")
SHORT("set_slot2", "kvm_set_memory_region()")
SHORT("set_shared_slot", "kvm_set_memory_region()")
SHORT("create_vcpu0", "kvm_vm_ioctl_create_vcpu()")
SHORT("create_vcpu1", "kvm_vm_ioctl_create_vcpu()")
SHORT("set_cpuid0", "kvm_vcpu_ioctl_set_cpuid2()")
SHORT("enable_caps", "kvm_vm_ioctl_enable_cap()")
SHORT("enable_hypercall", "kvm_vm_ioctl_enable_cap()")
#undef SHORT

/* The locks of vCPUs are killable, but none of them is taken here. */
SIGNAL("init2", ONCE, "__sev_guest_init(), sev_wait_cmd_ioc(): firmware can't be interrupted")
SIGNAL("start", ONCE,
	"snp_launch_start(), sev_wait_cmd_ioc(): firmware can't be interrupted, all or none")
SIGNAL("finish", ONCE,
	"snp_launch_finish(): a vCPU can't be measured twice, so all are, with a command each")
SIGNAL("init_vm", ONCE, "__tdx_td_init(): a TD that is created in part can only be torn down")
SIGNAL("init_vcpu0", ONCE,
	"tdx_td_vcpu_init(): a vCPU that is created in part can't be completed later")
SIGNAL("finalize", ONCE, "tdx_td_finalize(): one SEAMCALL")

TOLERATED("signal.set_attr", "INT", ONCE, NULL,
	"kvm_vm_set_mem_attributes(): only what kills the task stops it, see finding 24")
SIGNAL("punch", ONCE,
	"kvm_gmem_punch_hole(): bounded by the pages that there are, as of any file in memory")
SIGNAL("touch_early", ONCE, "kvm_gmem_fault_user_mapping(): there is a page at once")
SIGNAL("touch_late", ONCE, "kvm_gmem_fault_user_mapping(): there is a page at once")

/* Between pages somebody looks; behind the last one there is nothing left to be stopped. */
SIGNAL("update_normal", ONCE | LAST, "kvm_gmem_populate(): it was the last page")
SIGNAL("update_zero", ONCE | LAST, "kvm_gmem_populate(): it was the last page")
SIGNAL("update_unmeasured", ONCE | LAST, "kvm_gmem_populate(): it was the last page")
SIGNAL("update_secrets", ONCE | LAST, "kvm_gmem_populate(): it was the last page")
SIGNAL("update_cpuid", ONCE | LAST, "kvm_gmem_populate(): it was the last page")
SIGNAL("update_slot0", ONCE | LAST, "kvm_gmem_populate(): it was the last page")
SIGNAL("update_slot1", ONCE | LAST, "kvm_gmem_populate(): it was the last page")
SIGNAL("update_slot2", ONCE | LAST, "kvm_gmem_populate(): it was the last page")
SIGNAL("region_plain", ONCE | LAST, "tdx_vcpu_init_mem_region(): it was the last page")
SIGNAL("region_measured", ONCE | LAST, "tdx_vcpu_init_mem_region(): it was the last page")
SIGNAL("region_across", ONCE | LAST, "tdx_vcpu_init_mem_region(): it was the last page")
SIGNAL("region_slot0", ONCE | LAST, "tdx_vcpu_init_mem_region(): it was the last page")
SIGNAL("pre_fault", ONCE | LAST, "kvm_vcpu_pre_fault_memory(): it was the last page")
#undef SIGNAL

/* What does not come back ------------------------------------------------------------ */

/* Every command fails until the driver is loaded again. */
LASTING("TIMEOUT", "start", -EBUSY, "__sev_do_cmd_locked(): psp_dead")
LASTING("TIMEOUT", "update", -EIO, "__sev_do_cmd_locked(): psp_dead")
LASTING("TIMEOUT", "update", -EINVAL, "snp_launch_update(): there is no context")
LASTING("TIMEOUT", "finish", -EBUSY, "__sev_do_cmd_locked(): psp_dead")
LASTING("TIMEOUT", "finish", -EINVAL, "snp_launch_finish(): there is no context")
LASTING("TIMEOUT", "pre_fault", -EOPNOTSUPP, "kvm_arch_vcpu_pre_fault_memory(): not launched")
LASTING("TIMEOUT", "run", -EREMOTEIO, "svm_handle_exit(): VMRUN refuses what is no VMSA")

/* The memory is gone with its file, and the slots are bound to nothing. */
LASTING("GMEM", "set_slot", -EBADF, "kvm_gmem_bind(): no file")
LASTING("GMEM", "punch", -EBADF, "fallocate(): no file")
LASTING("GMEM", "touch", -EBADF, "mmap(): no file")
LASTING("GMEM", "update", -EIO, "kvm_gmem_populate(): no file")
LASTING("GMEM", "update", -EINVAL, "snp_launch_update(): no slot")
LASTING("GMEM", "region", -EFAULT, "kvm_gmem_populate(): no file")
LASTING("GMEM", "region", -EINVAL, "kvm_gmem_populate(): no slot")
LASTING("GMEM", "pre_fault", -EFAULT, "kvm_gmem_get_pfn(): no file")
LASTING("GMEM", "pre_fault", -ENOENT, "kvm_vcpu_pre_fault_memory(): no slot")
LASTING("GMEM", "run", -EFAULT, "kvm_gmem_get_pfn(): no file")
TOLERATED("close.", "GMEM", ONCE, NULL,
	"kvm_gmem_release(): no step from there on has need of the memory")

/* Done, but not told: the caller can't begin again ----------------------------------- */

/*
 * No finding: the argument is for reading and writing, as documented.  What is measured or
 * bound to an ASID can't be taken back for want of a place to say so, and that it can be
 * written now does not mean that it can be when firmware has answered.  Who passes memory that
 * he can't write harms himself.
 */
FINAL("copy.", "EFAULT", LATE, NULL,
	"sev_mem_enc_ioctl(), tdx_vm_ioctl() ...: done when what comes of it can't be written")
FINAL("SNP_LAUNCH_FINISH", NULL, ANY_PHASE, "snp_launch_finish",
	"snp_launch_finish(): a VMSA that is measured can't be measured again")
FINAL("SNP_LAUNCH_UPDATE", NULL, ANY_PHASE, "snp_launch_finish",
	"snp_launch_finish(): a VMSA that is measured can't be measured again")
FINAL("RMPUPDATE", NULL, ANY_PHASE, "snp_launch_finish",
	"snp_launch_finish(): a VMSA that is measured can't be measured again")
FINAL("SNP_DECOMMISSION", NULL, ANY_PHASE, "snp_launch_start",
	"snp_launch_start(): there is no second context while the first can't be given up")

/* What is not freed ------------------------------------------------------------------- */

/*
 * What is there when all is over: a function by which it was allocated, the operation without
 * whose failure it is not to be there (KEPT_WITH: objects that go with pages which the host has
 * not got back), and why.  An entry for which nothing is there in a whole sweep fails it.
 */
KEPT("kvm_recalculate_apic_map", NULL,
	"kvm_recalculate_apic_map(), kvfree_rcu(): by way of a sheaf, which has no tracepoint")
KEPT("attach", NULL, "sim/um/guest.c, kvfree_rcu(): by way of a sheaf, which has no tracepoint")
KEPT("alloc_vmap_area", NULL,
	"vfree(), free_vmap_area_noflush(): the area is kept until many are purged at once")
KEPT("__pte_alloc_kernel", NULL,
	"vmap_pte_range() ...: page tables of vmalloc()'s addresses are never freed")
KEPT("tdx_vm_ioctl", KEPT_WITH,
	"tdx_reclaim_td_control_pages(): of a TD whose HKID is in use, nothing is freed")
KEPT("tdx_vcpu_unlocked_ioctl", KEPT_WITH,
	"tdx_vcpu_free(): of a TD whose HKID is in use, nothing is freed")
KEPT("kvm_gmem_get_folio", "TDH.PHYMEM.PAGE.WBINVD",
	"tdx_sept_remove_leaf_spte(): the cache may hold some of the page, which is leaked")
KEPT("tdx_vm_ioctl", "TDH.PHYMEM.PAGE.WBINVD",
	"tdx_reclaim_td_control_pages(): the cache may hold some of the TDR, which is leaked")

/* The VM is given up ----------------------------------------------------------------- */

/*
 * An entry without a status is about those by which the hardware breaks a promise: nothing is
 * wrong with what KVM asked for.  Those that say that somebody else has a resource, and those
 * that are no errors, have entries of their own: there the reason says why this can't be.
 */
#define BROKEN(_op, _caller, _where)					\
	FATAL(_op, NULL, ANY_PHASE, _caller, _where ": the module breaks its promise")
#define ALONE(_op, _caller, _why)	FATAL(_op, "OPERAND_BUSY", ANY_PHASE, _caller, _why)

BROKEN("TDH.MNG.CREATE", "tdx_vm_ioctl", "__tdx_td_init()")
ALONE("TDH.MNG.CREATE", "tdx_vm_ioctl",
	"__tdx_td_init(): tdx_lock keeps everybody else from the table of keys")
BROKEN("TDH.MNG.KEY.CONFIG", "tdx_do_tdh_mng_key_config", "tdx_do_tdh_mng_key_config()")
ALONE("TDH.MNG.KEY.CONFIG", "tdx_do_tdh_mng_key_config",
	"tdx_do_tdh_mng_key_config(): by one CPU of each package, one TD after the other")
FATAL("TDH.MNG.KEY.CONFIG", "KEY_CONFIGURED", ANY_PHASE, "tdx_do_tdh_mng_key_config",
	"tdx_do_tdh_mng_key_config(): once for each package")
BROKEN("TDH.MNG.ADDCX", "tdx_vm_ioctl", "__tdx_td_init()")
ALONE("TDH.MNG.ADDCX", "tdx_vm_ioctl", "__tdx_td_init(): nobody else knows the TD yet")
BROKEN("TDH.MNG.INIT", "tdx_vm_ioctl", "__tdx_td_init()")
ALONE("TDH.MNG.INIT", "tdx_vm_ioctl", "__tdx_td_init(): nobody else knows the TD yet")
BROKEN("TDH.MNG.RD", "tdx_vm_ioctl", "tdx_td_init()")
ALONE("TDH.MNG.RD", "tdx_vm_ioctl", "tdx_td_init(): nobody else knows the TD yet")
BROKEN("TDH.VP.CREATE", "tdx_vcpu_unlocked_ioctl", "tdx_td_vcpu_init()")
ALONE("TDH.VP.CREATE", "tdx_vcpu_unlocked_ioctl",
	"tdx_td_vcpu_init(): kvm->lock and those of all vCPUs keep out who would take the TD")
BROKEN("TDH.VP.ADDCX", "tdx_vcpu_unlocked_ioctl", "tdx_td_vcpu_init()")
ALONE("TDH.VP.ADDCX", "tdx_vcpu_unlocked_ioctl",
	"tdx_td_vcpu_init(): kvm->lock and those of all vCPUs keep out who would take the TD")
BROKEN("TDH.VP.INIT", "tdx_vcpu_unlocked_ioctl", "tdx_td_vcpu_init()")
ALONE("TDH.VP.INIT", "tdx_vcpu_unlocked_ioctl",
	"tdx_td_vcpu_init(): mmu_lock keeps out who would hold the TD")
BROKEN("TDH.VP.WR", "tdx_vcpu_unlocked_ioctl", "tdh_vp_wr_failed()")
ALONE("TDH.VP.WR", "tdx_vcpu_unlocked_ioctl",
	"tdh_vp_wr_failed(): the lock of the vCPU keeps everybody else from it")
BROKEN("TDH.VP.WR", "tdx_load_mmu_pgd", "tdh_vp_wr_failed()")
ALONE("TDH.VP.WR", "tdx_load_mmu_pgd",
	"tdh_vp_wr_failed(): the lock of the vCPU keeps everybody else from it")
BROKEN("TDH.MEM.PAGE.ADD", "tdx_sept_set_private_spte", "tdx_mem_page_add()")
BROKEN("TDH.MEM.SEPT.ADD", "tdx_sept_set_private_spte", "tdx_sept_link_private_spt()")
BROKEN("TDH.MEM.PAGE.AUG", "tdx_sept_set_private_spte", "tdx_mem_page_aug()")
BROKEN("TDH.MR.EXTEND", "tdx_gmem_post_populate", "tdx_gmem_post_populate()")
ALONE("TDH.MR.EXTEND", "tdx_gmem_post_populate",
	"tdx_gmem_post_populate(): the page is added, and can't be left unmeasured")
BROKEN("TDH.MR.FINALIZE", "tdx_vm_ioctl", "tdx_td_finalize()")
BROKEN("TDH.MEM.RANGE.BLOCK", "tdx_sept_set_private_spte", "tdx_sept_remove_leaf_spte()")
ALONE("TDH.MEM.RANGE.BLOCK", "tdx_sept_set_private_spte",
	"tdh_do_no_vcpus(): the second time no vCPU is in the TD, and mmu_lock is held")
FATAL("TDH.MEM.RANGE.BLOCK", "GPA_RANGE_ALREADY_BLOCKED", ANY_PHASE,
	"tdx_sept_set_private_spte", "tdx_sept_remove_leaf_spte(): what is mapped is not blocked")
BROKEN("TDH.MEM.TRACK", "tdx_sept_set_private_spte", "tdx_track()")
ALONE("TDH.MEM.TRACK", "tdx_sept_set_private_spte",
	"tdh_do_no_vcpus(): the second time no vCPU is in the TD, and mmu_lock is held")
FATAL("TDH.MEM.TRACK", "PREVIOUS_TLB_EPOCH_BUSY", ANY_PHASE, "tdx_sept_set_private_spte",
	"tdx_track(): behind each TRACK all vCPUs were kicked out")
BROKEN("TDH.MEM.PAGE.REMOVE", "tdx_sept_set_private_spte", "tdx_sept_remove_leaf_spte()")
ALONE("TDH.MEM.PAGE.REMOVE", "tdx_sept_set_private_spte",
	"tdh_do_no_vcpus(): the second time no vCPU is in the TD, and mmu_lock is held")
BROKEN("TDH.PHYMEM.PAGE.WBINVD", "tdx_sept_set_private_spte", "tdx_sept_remove_leaf_spte()")
ALONE("TDH.PHYMEM.PAGE.WBINVD", "tdx_sept_set_private_spte",
	"tdx_sept_remove_leaf_spte(): the page is no TD's any more, nobody else names it")
/* Only behind another fault: a TD that is created in part is taken down at once. */
BROKEN("TDH.MNG.VPFLUSHDONE", "tdx_mmu_release_hkid", "tdx_mmu_release_hkid()")
ALONE("TDH.MNG.VPFLUSHDONE", "tdx_mmu_release_hkid",
	"tdx_mmu_release_hkid(): tdx_lock keeps everybody else from the table of keys")
BROKEN("TDH.PHYMEM.CACHE.WB", "smp_func_do_phymem_cache_wb", "tdx_mmu_release_hkid()")
ALONE("TDH.PHYMEM.CACHE.WB", "smp_func_do_phymem_cache_wb",
	"tdx_mmu_release_hkid(): tdx_lock keeps everybody else from the table of keys")
FATAL("TDH.PHYMEM.CACHE.WB", "NO_HKID_READY_TO_WBCACHE", ANY_PHASE,
	"smp_func_do_phymem_cache_wb",
	"tdx_mmu_release_hkid(): VPFLUSHDONE has just made the TD's HKID ready")
BROKEN("TDH.MNG.KEY.FREEID", "tdx_mmu_release_hkid", "tdx_mmu_release_hkid()")
ALONE("TDH.MNG.KEY.FREEID", "tdx_mmu_release_hkid",
	"tdx_mmu_release_hkid(): tdx_lock keeps everybody else from the table of keys")
BROKEN("TDH.PHYMEM.PAGE.WBINVD", "tdx_reclaim_td_control_pages",
	"tdx_reclaim_td_control_pages()")
ALONE("TDH.PHYMEM.PAGE.WBINVD", "tdx_reclaim_td_control_pages",
	"tdx_reclaim_td_control_pages(): the page is no TD's any more, nobody else names it")
#undef BROKEN
#undef ALONE

#define NO_ANSWER(_op, _caller)						\
	FATAL(_op, "TIMEOUT", ANY_PHASE, _caller,			\
		"snp_page_reclaim(): who does not answer does not give the page back, either")
NO_ANSWER("SNP_LAUNCH_UPDATE", "snp_launch_update_vmsa")
NO_ANSWER("SNP_LAUNCH_UPDATE", "sev_gmem_post_populate")
/* The context of a start that was not answered is still there: pages are launched with it. */
NO_ANSWER("SNP_LAUNCH_START", "sev_mem_enc_ioctl")
NO_ANSWER("SNP_ACTIVATE", "sev_mem_enc_ioctl")
#undef NO_ANSWER
/* Only behind another fault: what was refused is taken back. */
FATAL("SNP_PAGE_RECLAIM", NULL, ANY_PHASE, "snp_launch_update_vmsa",
	"snp_page_reclaim(): firmware keeps the page")
FATAL("SNP_PAGE_RECLAIM", NULL, ANY_PHASE, "sev_gmem_post_populate",
	"snp_page_reclaim(): firmware keeps the page")
FATAL("RMPUPDATE", NULL, ANY_PHASE, "rmp_make_shared",
	"kvm_rmp_make_shared(): the page stays the guest's")
FATAL("RMPUPDATE", "FAIL_INUSE", ANY_PHASE, "rmp_make_shared",
	"kvm_rmp_make_shared(): firmware has answered, and no vCPU runs yet")

/*
 * What looks like a finding and is none, though no entry is needed:
 *
 * alloc.init2: KVM_SEV_INIT2 is -EIO if there is no memory for the page of firmware's answers.
 * snp_alloc_firmware_page() does not say whether that or RMPUPDATE was the reason, -EIO is
 * right for both, and the call can be repeated.
 *
 * TDH.VP.WR: KVM_TDX_INIT_VCPU is 0 although the vCPU could not be set up.  tdh_vp_wr_failed()
 * has given the VM up, with a WARN, and the next ioctl of it is -EIO: nothing goes on with such a
 * vCPU.
 */
