/* SPDX-License-Identifier: GPL-2.0 */
#include "../../../../../x86/include/uapi/asm/kvm_para.h"
