/* SPDX-License-Identifier: GPL-2.0 */
/* UML names its host registers like two VMCS fields. */
#undef HOST_FS_BASE
#undef HOST_GS_BASE
#include_next <asm/vmx.h>
