/* SPDX-License-Identifier: GPL-2.0 */
/* Nothing is required or disabled at build time. */
#define REQUIRED_MASK_BIT_SET(x)	0
#define DISABLED_MASK_BIT_SET(x)	0
