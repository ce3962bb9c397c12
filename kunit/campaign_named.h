/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Injections that are all right though they look wrong, each by its full name, with
 * the line of 7.2 that handles it.  No patterns: each new one has to be looked at.
 */

TOLERATED("snp-launch:RMPUPDATE#1=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#1=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#1=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#1=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-launch:copy.init2#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
TOLERATED("snp-launch:RMPUPDATE#2=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#2=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#2=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#2=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-launch:copy.start#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
TOLERATED("snp-launch:RMPUPDATE#3=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#3=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#3=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#3=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#8=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#8=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#8=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#8=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#13=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#13=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#13=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#13=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-launch:copy.update_normal#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
FINAL("snp-launch:copy.update_normal#2=EFAULT@after",
	"svm/sev.c, snp_launch_update(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-launch:RMPUPDATE#14=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#14=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#14=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#14=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#15=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#15=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#15=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#15=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-launch:copy.update_zero#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
FINAL("snp-launch:copy.update_zero#2=EFAULT@after",
	"svm/sev.c, snp_launch_update(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-launch:RMPUPDATE#16=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#16=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#16=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#16=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-launch:copy.update_unmeasured#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
FINAL("snp-launch:copy.update_unmeasured#2=EFAULT@after",
	"svm/sev.c, snp_launch_update(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-launch:RMPUPDATE#17=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#17=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#17=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#17=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-launch:copy.update_secrets#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
FINAL("snp-launch:copy.update_secrets#2=EFAULT@after",
	"svm/sev.c, snp_launch_update(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-launch:RMPUPDATE#18=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#18=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#18=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#18=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-launch:copy.update_cpuid#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
FINAL("snp-launch:copy.update_cpuid#2=EFAULT@after",
	"svm/sev.c, snp_launch_update(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-launch:RMPUPDATE#19=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#19=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#19=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#19=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#20=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#20=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#20=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#20=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-launch:copy.finish#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
TOLERATED("snp-launch:RMPUPDATE#21=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#21=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#21=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#21=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#31=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#31=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#31=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#31=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#40=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#40=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-launch:RMPUPDATE#40=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-launch:RMPUPDATE#40=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#1=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#1=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#1=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#1=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-files:copy.init2#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
TOLERATED("snp-files:RMPUPDATE#2=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#2=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#2=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#2=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-files:copy.start#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
TOLERATED("snp-files:RMPUPDATE#3=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#3=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#3=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#3=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#5=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#5=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#5=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#5=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#6=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#6=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#6=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#6=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-files:copy.update_slot1#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
FINAL("snp-files:copy.update_slot1#2=EFAULT@after",
	"svm/sev.c, snp_launch_update(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-files:RMPUPDATE#7=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#7=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#7=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#7=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#10=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#10=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#10=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#10=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#12=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#12=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#12=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#12=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-files:copy.update_slot0#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
FINAL("snp-files:copy.update_slot0#2=EFAULT@after",
	"svm/sev.c, snp_launch_update(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-files:RMPUPDATE#13=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#13=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#13=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#13=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#15=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#15=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#15=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#15=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#17=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#17=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#17=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#17=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-files:copy.update_slot2#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
FINAL("snp-files:copy.update_slot2#2=EFAULT@after",
	"svm/sev.c, snp_launch_update(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-files:RMPUPDATE#18=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#18=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#18=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#18=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#19=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#19=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#19=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#19=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#20=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#20=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#20=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#20=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-files:copy.finish#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
TOLERATED("snp-files:RMPUPDATE#21=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#21=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#21=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#21=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#27=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#27=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#27=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#27=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#33=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#33=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#33=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#33=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#34=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#35=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-files:RMPUPDATE#36=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#1=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#1=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#1=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#1=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-run:copy.init2#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
TOLERATED("snp-run:RMPUPDATE#2=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#2=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#2=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#2=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-run:copy.start#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
TOLERATED("snp-run:RMPUPDATE#3=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#3=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#3=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#3=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#5=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#5=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#5=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#5=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#6=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#6=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#6=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#6=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-run:copy.update_normal#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
FINAL("snp-run:copy.update_normal#2=EFAULT@after",
	"svm/sev.c, snp_launch_update(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-run:RMPUPDATE#7=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#7=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#7=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#7=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("snp-run:copy.finish#1=EFAULT@after",
	"svm/sev.c, sev_mem_enc_ioctl(): the command is done, then copy_to_user() of its error")
TOLERATED("snp-run:RMPUPDATE#8=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#8=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#8=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#8=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#9=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#9=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#9=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#9=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#10=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#10=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#10=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#10=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#13=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#13=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#13=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#13=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#14=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#14=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#14=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#14=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#15=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#15=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#15=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#15=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#17=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#17=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#17=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#17=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#18=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#18=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#18=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#18=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#19=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#19=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#19=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#19=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#20=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#20=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#20=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#20=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#21=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#21=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#21=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#21=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#22=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#22=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#22=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#22=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#27=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#27=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#27=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#27=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#31=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#31=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#31=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#31=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#32=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#33=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_OVERLAP@before",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_OVERLAP@busy",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
ENDLESS("snp-run:RMPUPDATE#34=FAIL_OVERLAP@ever",
	"virt/svm/sev.c, rmpupdate(): while (ret == RMPUPDATE_FAIL_OVERLAP)")
FINAL("tdx-files:copy.region_across#2=EFAULT@after",
	"vmx/tdx.c, tdx_vcpu_init_mem_region(): the pages are done, then copy_to_user() of the progress")
FINAL("tdx-files:copy.region_slot0#2=EFAULT@after",
	"vmx/tdx.c, tdx_vcpu_init_mem_region(): the pages are done, then copy_to_user() of the progress")
FINAL("tdx-launch:copy.region_measured#2=EFAULT@after",
	"vmx/tdx.c, tdx_vcpu_init_mem_region(): the pages are done, then copy_to_user() of the progress")
FINAL("tdx-launch:copy.region_plain#2=EFAULT@after",
	"vmx/tdx.c, tdx_vcpu_init_mem_region(): the pages are done, then copy_to_user() of the progress")
FINAL("tdx-run:copy.region_plain#2=EFAULT@after",
	"vmx/tdx.c, tdx_vcpu_init_mem_region(): the pages are done, then copy_to_user() of the progress")
TOLERATED("snp-launch:RMPUPDATE#21=FAIL_INPUT@before",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-launch:RMPUPDATE#21=FAIL_PERMISSION@before",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-launch:RMPUPDATE#21=FAIL_INUSE@before",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-launch:RMPUPDATE#21=FAIL_INUSE@busy",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_ADDRESS@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_ADDRESS@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_CONFIG@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_CONFIG@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_PARAM@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_PARAM@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_PLATFORM_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_PLATFORM_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_PAGE_SIZE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_PAGE_SIZE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_PAGE_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=INVALID_PAGE_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_ADDRESS@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_ADDRESS@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_CONFIG@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_CONFIG@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_PARAM@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_PARAM@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_PLATFORM_STATE@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_PLATFORM_STATE@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_GUEST@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=INVALID_GUEST@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_ADDRESS@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_ADDRESS@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_CONFIG@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_CONFIG@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_PARAM@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_PARAM@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_PLATFORM_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_PLATFORM_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_PAGE_SIZE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_PAGE_SIZE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_PAGE_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=INVALID_PAGE_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("tdx-launch:TDH.MNG.CREATE#1=RND_NO_ENTROPY@before",
	"virt/vmx/tdx/seamcall_internal.h, sc_retry()")
TOLERATED("tdx-launch:TDH.MNG.CREATE#1=RND_NO_ENTROPY@busy",
	"virt/vmx/tdx/seamcall_internal.h, sc_retry()")
TOLERATED("tdx-launch:TDH.MNG.ADDCX#1=RND_NO_ENTROPY@before",
	"virt/vmx/tdx/seamcall_internal.h, sc_retry()")
TOLERATED("tdx-launch:TDH.MNG.ADDCX#1=RND_NO_ENTROPY@busy",
	"virt/vmx/tdx/seamcall_internal.h, sc_retry()")
TOLERATED("tdx-launch:TDH.MNG.ADDCX#4=RND_NO_ENTROPY@before",
	"virt/vmx/tdx/seamcall_internal.h, sc_retry()")
TOLERATED("tdx-launch:TDH.MNG.ADDCX#4=RND_NO_ENTROPY@busy",
	"virt/vmx/tdx/seamcall_internal.h, sc_retry()")
TOLERATED("tdx-launch:TDH.MNG.ADDCX#6=RND_NO_ENTROPY@before",
	"virt/vmx/tdx/seamcall_internal.h, sc_retry()")
TOLERATED("tdx-launch:TDH.MNG.ADDCX#6=RND_NO_ENTROPY@busy",
	"virt/vmx/tdx/seamcall_internal.h, sc_retry()")
TOLERATED("tdx-launch:TDH.MEM.SEPT.ADD#1=OPERAND_BUSY@before",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.SEPT.ADD#1=OPERAND_BUSY@busy",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.SEPT.ADD#1=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
TOLERATED("tdx-launch:TDH.MEM.SEPT.ADD#2=OPERAND_BUSY@before",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.SEPT.ADD#2=OPERAND_BUSY@busy",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.SEPT.ADD#2=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
TOLERATED("tdx-launch:TDH.MEM.SEPT.ADD#3=OPERAND_BUSY@before",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.SEPT.ADD#3=OPERAND_BUSY@busy",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.SEPT.ADD#3=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#1=OPERAND_BUSY@before",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#1=OPERAND_BUSY@busy",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#1=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#6=OPERAND_BUSY@before",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#6=OPERAND_BUSY@busy",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#6=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#11=OPERAND_BUSY@before",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#11=OPERAND_BUSY@busy",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#11=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#12=OPERAND_BUSY@before",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#12=OPERAND_BUSY@busy",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#12=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#14=OPERAND_BUSY@before",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#14=OPERAND_BUSY@busy",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#14=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#16=OPERAND_BUSY@before",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#16=OPERAND_BUSY@busy",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): while (r == RET_PF_RETRY)")
TOLERATED("tdx-launch:TDH.MEM.PAGE.ADD#16=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
FINAL("snp-launch:RMPUPDATE#20=FAIL_INPUT@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:RMPUPDATE#20=FAIL_INPUT@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:RMPUPDATE#20=FAIL_PERMISSION@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:RMPUPDATE#20=FAIL_PERMISSION@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:RMPUPDATE#20=FAIL_INUSE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:RMPUPDATE#20=FAIL_INUSE@busy",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:RMPUPDATE#20=FAIL_INUSE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_ADDRESS@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_ADDRESS@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_CONFIG@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_CONFIG@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PARAM@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PARAM@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PLATFORM_STATE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PLATFORM_STATE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_GUEST@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_GUEST@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_GUEST_STATE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_GUEST_STATE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INACTIVE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INACTIVE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PAGE_STATE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PAGE_STATE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PAGE_SIZE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PAGE_SIZE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PAGE_OWNER@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_UPDATE#18=INVALID_PAGE_OWNER@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_ADDRESS@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_ADDRESS@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_CONFIG@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_CONFIG@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_PARAM@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_PARAM@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_PLATFORM_STATE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_PLATFORM_STATE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_GUEST@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_GUEST@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_GUEST_STATE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INVALID_GUEST_STATE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INACTIVE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=INACTIVE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=BAD_MEASUREMENT@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=BAD_MEASUREMENT@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=POLICY_FAILURE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=POLICY_FAILURE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=BAD_SIGNATURE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:SNP_LAUNCH_FINISH#1=BAD_SIGNATURE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
ENDLESS("tdx-launch:TDH.MEM.SEPT.ADD#1=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
ENDLESS("tdx-launch:TDH.MEM.SEPT.ADD#2=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
ENDLESS("tdx-launch:TDH.MEM.SEPT.ADD#3=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
ENDLESS("tdx-launch:TDH.MEM.PAGE.ADD#1=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
ENDLESS("tdx-launch:TDH.MEM.PAGE.ADD#6=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
ENDLESS("tdx-launch:TDH.MEM.PAGE.ADD#11=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
ENDLESS("tdx-launch:TDH.MEM.PAGE.ADD#12=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
ENDLESS("tdx-launch:TDH.MEM.PAGE.ADD#14=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
ENDLESS("tdx-launch:TDH.MEM.PAGE.ADD#16=OPERAND_BUSY@ever",
	"mmu/mmu.c, kvm_tdp_mmu_map_private_pfn(): until a signal, or the module lets it go on")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_ADDRESS@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_ADDRESS@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_CONFIG@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_CONFIG@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_GUEST@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_GUEST@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_PARAM@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_PARAM@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_PLATFORM_STATE@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=INVALID_PLATFORM_STATE@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=TIMEOUT@after",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_DECOMMISSION#1=TIMEOUT@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_ADDRESS@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_ADDRESS@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_CONFIG@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_CONFIG@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_PAGE_SIZE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_PAGE_SIZE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_PAGE_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_PAGE_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_PARAM@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_PARAM@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_PLATFORM_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=INVALID_PLATFORM_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=TIMEOUT@after",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#1=TIMEOUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_ADDRESS@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_ADDRESS@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_CONFIG@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_CONFIG@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_PAGE_SIZE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_PAGE_SIZE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_PAGE_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_PAGE_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_PARAM@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_PARAM@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_PLATFORM_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=INVALID_PLATFORM_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=TIMEOUT@after",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:SNP_PAGE_RECLAIM#2=TIMEOUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=TIMEOUT@after",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_DECOMMISSION#1=TIMEOUT@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=TIMEOUT@after",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#1=TIMEOUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=TIMEOUT@after",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-launch:SNP_PAGE_RECLAIM#2=TIMEOUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_ADDRESS@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_ADDRESS@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_CONFIG@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_CONFIG@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_GUEST@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_GUEST@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_PARAM@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_PARAM@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_PLATFORM_STATE@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=INVALID_PLATFORM_STATE@ever",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=TIMEOUT@after",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_DECOMMISSION#1=TIMEOUT@before",
	"svm/sev.c, sev_vm_destroy(): the ASID is leaked if snp_decommission_context() fails")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_ADDRESS@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_ADDRESS@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_CONFIG@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_CONFIG@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_PAGE_SIZE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_PAGE_SIZE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_PAGE_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_PAGE_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_PARAM@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_PARAM@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_PLATFORM_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=INVALID_PLATFORM_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=TIMEOUT@after",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#1=TIMEOUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_ADDRESS@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_ADDRESS@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_CONFIG@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_CONFIG@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_PAGE_SIZE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_PAGE_SIZE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_PAGE_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_PAGE_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_PARAM@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_PARAM@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_PLATFORM_STATE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=INVALID_PLATFORM_STATE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=TIMEOUT@after",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:SNP_PAGE_RECLAIM#2=TIMEOUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:attr.pre_fault#1=SHARED@before",
	"mmu/mmu.c, kvm_arch_vcpu_pre_fault_memory(): what is shared is mapped shared")
TOLERATED("snp-run:attr.pre_fault#2=SHARED@before",
	"mmu/mmu.c, kvm_arch_vcpu_pre_fault_memory(): what is shared is mapped shared")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=BAD_MEASUREMENT@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=BAD_MEASUREMENT@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=BAD_SIGNATURE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=BAD_SIGNATURE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INACTIVE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INACTIVE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_ADDRESS@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_ADDRESS@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_CONFIG@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_CONFIG@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_GUEST@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_GUEST@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_GUEST_STATE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_GUEST_STATE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_PARAM@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_PARAM@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_PLATFORM_STATE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=INVALID_PLATFORM_STATE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=POLICY_FAILURE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:SNP_LAUNCH_FINISH#1=POLICY_FAILURE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:alloc.finish#1=ENOMEM@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-files:alloc.finish#1=ENOMEM@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:alloc.finish#1=ENOMEM@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-launch:alloc.finish#1=ENOMEM@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=BAD_MEASUREMENT@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=BAD_MEASUREMENT@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=BAD_SIGNATURE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=BAD_SIGNATURE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INACTIVE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INACTIVE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_ADDRESS@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_ADDRESS@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_CONFIG@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_CONFIG@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_GUEST@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_GUEST@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_GUEST_STATE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_GUEST_STATE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_PARAM@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_PARAM@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_PLATFORM_STATE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=INVALID_PLATFORM_STATE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=POLICY_FAILURE@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:SNP_LAUNCH_FINISH#1=POLICY_FAILURE@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:alloc.finish#1=ENOMEM@before",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
FINAL("snp-run:alloc.finish#1=ENOMEM@ever",
	"svm/sev.c, snp_launch_update_vmsa(): a VMSA that is encrypted can't be synced again")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_INPUT@before",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_INPUT@ever",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_INUSE@before",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_INUSE@busy",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_INUSE@ever",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_PERMISSION@before",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-files:RMPUPDATE#34=FAIL_PERMISSION@ever",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_INPUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_INPUT@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_INUSE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_INUSE@busy",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_INUSE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_PERMISSION@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#35=FAIL_PERMISSION@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_INPUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_INPUT@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_INUSE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_INUSE@busy",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_INUSE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_PERMISSION@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-files:RMPUPDATE#36=FAIL_PERMISSION@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_INPUT@before",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_INPUT@ever",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_INUSE@before",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_INUSE@busy",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_INUSE@ever",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_PERMISSION@before",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-run:RMPUPDATE#32=FAIL_PERMISSION@ever",
	"svm/sev.c, sev_free_vcpu(): kvm_rmp_make_shared() leaks the VMSA")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_INPUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_INPUT@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_INUSE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_INUSE@busy",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_INUSE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_PERMISSION@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#33=FAIL_PERMISSION@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_INPUT@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_INPUT@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_INUSE@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_INUSE@busy",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_INUSE@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_PERMISSION@before",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("snp-run:RMPUPDATE#34=FAIL_PERMISSION@ever",
	"sev-dev.c, snp_reclaim_pages(): snp_leak_pages()")
TOLERATED("tdx-launch:TDH.MEM.RANGE.BLOCK#1=OPERAND_BUSY@before",
	"vmx/tdx.c, tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("tdx-launch:TDH.MEM.TRACK#1=OPERAND_BUSY@before",
	"vmx/tdx.c, tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("tdx-launch:TDH.MEM.PAGE.REMOVE#1=OPERAND_BUSY@before",
	"vmx/tdx.c, tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("tdx-launch:TDH.MEM.RANGE.BLOCK#9=OPERAND_BUSY@before",
	"vmx/tdx.c, tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("tdx-launch:TDH.MEM.PAGE.REMOVE#9=OPERAND_BUSY@before",
	"vmx/tdx.c, tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("tdx-launch:TDH.MEM.TRACK#9=OPERAND_BUSY@before",
	"vmx/tdx.c, tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("tdx-launch:TDH.MEM.RANGE.BLOCK#16=OPERAND_BUSY@before",
	"vmx/tdx.c, tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("tdx-launch:TDH.MEM.TRACK#16=OPERAND_BUSY@before",
	"vmx/tdx.c, tdh_do_no_vcpus(): once more with every vCPU kicked out")
TOLERATED("tdx-launch:TDH.MEM.PAGE.REMOVE#16=OPERAND_BUSY@before",
	"vmx/tdx.c, tdh_do_no_vcpus(): once more with every vCPU kicked out")
