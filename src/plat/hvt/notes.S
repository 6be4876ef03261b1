/* SPDX-License-Identifier: ISC */
#define TARGET 1 /* ABI_TARGET_HVT */
#define NET_FEATURES 3 /* ABI_NET_CSUM, ABI_NET_TSO4 */
#define BLOCK_FEATURES 0
#include "plat/bare/notes.inc"
