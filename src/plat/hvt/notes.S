/* SPDX-License-Identifier: ISC */
#define TARGET 1 /* ABI_TARGET_HVT */
#include "plat/bare/notes.inc"
