/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SHIM_IRQ_VECTORS_H
#define _SIM_SHIM_IRQ_VECTORS_H
#include <asm/irq.h>
#pragma push_macro("NR_IRQS")
#undef NR_IRQS
#undef NR_IRQS_LEGACY
#include "../../../../x86/include/asm/irq_vectors.h"
#undef NR_IRQS
#pragma pop_macro("NR_IRQS")
#endif
