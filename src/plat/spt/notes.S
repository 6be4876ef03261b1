/* SPDX-License-Identifier: ISC */
#define TARGET 2 /* ABI_TARGET_SPT */
#define NET_FEATURES 3 /* ABI_NET_CSUM, ABI_NET_TSO4 */
#define BLOCK_FEATURES 1 /* ABI_BLOCK_MORE */
#include "plat/bare/notes.inc"
