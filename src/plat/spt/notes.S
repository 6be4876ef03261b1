/* SPDX-License-Identifier: ISC */
#define TARGET 2 /* ABI_TARGET_SPT */
#include "plat/bare/notes.inc"
