/* SPDX-License-Identifier: GPL-2.0 */
/* Offsets in the host register array, which are KVM names too */
#undef R8
#undef RAX
#undef RBX
#undef RCX
#undef RDX
#undef RSI
#undef RDI
#undef RBP
#undef RIP
#undef RSP
#undef CS
#undef SS
#undef EFLAGS
#undef ORIG_RAX
#undef R9
#undef R10
#undef R11
#undef R12
#undef R13
#undef R14
#undef R15
#undef HOST_FS_BASE
#undef HOST_GS_BASE
