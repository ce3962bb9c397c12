/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transformation of private memory, shared by all simulated hardware.
 */
#ifndef _SIM_CONTENTS_H
#define _SIM_CONTENTS_H

#include "env.h"

/* Tweaks of neighbouring words differ by this. */
#define SIM_TWEAK_STEP	0x9e3779b97f4a7c15ull

/**
 * sim_tweak - what makes a word of memory differ from the same one elsewhere
 * @key: owner's key
 * @pa: physical address of the word, 8-byte aligned, C-bit clear
 *
 * Return: the tweak; SIM_TWEAK_STEP more for the next word of that page.
 */
static inline u64 sim_tweak(const u64 key[2], u64 pa)
{
	u64 z = (key[0] + (pa >> 12)) * 0xd6e8feb86659fd93ull;

	return (z ^ z >> 32) + ((pa & 0xfff) >> 3) * SIM_TWEAK_STEP;
}

/**
 * sim_seal_word - plain text to what the memory chips hold
 * @key: owner's key
 * @tweak: from sim_tweak()
 * @x: plain text
 */
static inline u64 sim_seal_word(const u64 key[2], u64 tweak, u64 x)
{
	x ^= tweak;
	return (x << 23 | x >> 41) + key[1];
}

/**
 * sim_open_word - inverse of sim_seal_word()
 * @key: owner's key
 * @tweak: from sim_tweak()
 * @x: what the memory chips hold
 */
static inline u64 sim_open_word(const u64 key[2], u64 tweak, u64 x)
{
	x -= key[1];
	return (x >> 23 | x << 41) ^ tweak;
}

void sim_seal_words(const u64 key[2], u64 pa, u64 *dst, const u64 *src,
		    u32 words);
void sim_open_words(const u64 key[2], u64 pa, u64 *dst, const u64 *src,
		    u32 words);

#endif /* _SIM_CONTENTS_H */
