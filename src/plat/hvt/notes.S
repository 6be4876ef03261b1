/* SPDX-License-Identifier: ISC */
#define TARGET 1 /* ABI_TARGET_HVT */
#define NET_FEATURES 0
#include "plat/bare/notes.inc"
