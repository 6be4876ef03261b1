/* SPDX-License-Identifier: ISC */
#ifndef ABI_MANIFEST_H
#define ABI_MANIFEST_H

/* The manifest: the devices an image declares. In the image's note it names them;
 * the tender fills in what it attached and hands a copy to the guest. */

#include <stdint.h>

#define ABI_MANIFEST_VERSION     1
#define ABI_MANIFEST_ENTRIES_MAX 64 /* with the reserved first: 63 devices */
#define ABI_MANIFEST_NAME_SIZE   68 /* octets, with the final NUL */

enum abi_device {
    ABI_DEVICE_BLOCK = 1,
    ABI_DEVICE_NET = 2,
    ABI_DEVICE_RESERVED_FIRST = 0x40000000,
};

struct abi_block_info {
    uint64_t capacity;   /* octets */
    uint16_t block_size; /* octets */
};

struct abi_net_info {
    uint8_t mac[6];
    uint16_t mtu; /* octets, without the Ethernet header */
};

/* A device's handle is its index: 1..63. */
struct abi_manifest_entry {
    char name[ABI_MANIFEST_NAME_SIZE]; /* [A-Za-z0-9]{1,67}, NUL-padded */
    uint32_t type;                     /* an enum abi_device */
    union {
        struct abi_block_info block;
        struct abi_net_info net;
    } u;
    union {
        int32_t hostfd; /* spt: the host's descriptor, used by the guest itself */
        uint64_t data;
    } b;
    uint8_t attached; /* 0 in the file */
    uint8_t padding[7];
};

struct abi_manifest {
    uint32_t version;
    uint32_t entries; /* 1..64 */
    struct abi_manifest_entry entry[];
};

_Static_assert(sizeof(struct abi_manifest_entry) == 104, "manifest entry");
_Static_assert(sizeof(struct abi_manifest) == 8, "manifest head");

/* How a program declares the manifest as an object in the note's section; see the
 * generated source of an application's devices. */
struct abi_manifest_note_head {
    uint32_t name_len, desc_len, type;
    char name[8];
    uint32_t padding;
};
_Static_assert(sizeof(struct abi_manifest_note_head) == 24, "manifest note");

#endif
