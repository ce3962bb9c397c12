/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transformation of private memory, shared by all simulated hardware.
 */
#ifndef _SIM_CONTENTS_H
#define _SIM_CONTENTS_H

#include "env.h"

void sim_seal_words(const u64 key[2], u64 pa, u64 *dst, const u64 *src,
		    u32 words);
void sim_open_words(const u64 key[2], u64 pa, u64 *dst, const u64 *src,
		    u32 words);

#endif /* _SIM_CONTENTS_H */
