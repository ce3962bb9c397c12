/* SPDX-License-Identifier: GPL-2.0 */
/* The TD HOB: what a TD is told about its memory. */
#ifndef GMEM_LAUNCH_TDX_HOB_H
#define GMEM_LAUNCH_TDX_HOB_H

#include "tdx_image.h"

/**
 * tdx_hob_build() - write the list of hand-off blocks
 * @tdx: the image; says where the list lies and what else is added to the TD
 * @ram: guest memory from address 0, in bytes
 * @buf: memory of the image's TD_HOB section
 *
 * The rest of @buf is zeroed.
 *
 * Return: bytes used, or 0 if the section is too small.
 */
size_t tdx_hob_build(const struct tdx_image *tdx, uint64_t ram, void *buf);

#endif
