/* SPDX-License-Identifier: ISC */
/* The note of an image that understands frames with a header, and more calls of block devices. */
#include <abi/note.h>

extern const struct own_note {
    uint32_t name_len, desc_len, type;
    char name[8];
    struct abi_net_note desc;
} own_note;
__attribute__((section(".note.own"), used, aligned(4)))
const struct own_note own_note = {ABI_NOTE_NAME_LEN,
                                  sizeof(struct abi_net_note),
                                  ABI_NOTE_NET,
                                  ABI_NOTE_OWN_NAME,
                                  {ABI_NET_CSUM | ABI_NET_TSO4, ABI_BLOCK_MORE}};
