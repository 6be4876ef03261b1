/* SPDX-License-Identifier: ISC */
#ifndef ABI_NOTE_H
#define ABI_NOTE_H

/* The ELF notes by which an image says for which tender it is and which devices
 * it has: Solo5's ABI note (spt and hvt, version 2) and manifest note (version 1).
 * All integers are little-endian. Each note stands alone in a PT_NOTE segment. */

#include <stdint.h>

#define ABI_NOTE_NAME     "Solo5" /* n_namesz is 6, padded to 8 */
#define ABI_NOTE_NAME_LEN 6
#define ABI_NOTE_ABI      0x31494241U /* "ABI1" */
#define ABI_NOTE_MANIFEST 0x3154464DU /* "MFT1" */

/* The descriptor begins at this offset in the note; the manifest's four octets of
 * padding count in n_descsz. */
#define ABI_NOTE_ABI_DESC_AT       20
#define ABI_NOTE_MANIFEST_DESC_AT  24
#define ABI_NOTE_ABI_DESC_MAX      32
#define ABI_NOTE_MANIFEST_DESC_MAX 6668

enum abi_target {
    ABI_TARGET_HVT = 1,
    ABI_TARGET_SPT = 2,
    ABI_TARGET_VIRTIO = 3,
    ABI_TARGET_MUEN = 4,
    ABI_TARGET_GENODE = 5,
    ABI_TARGET_XEN = 6,
};

#define ABI_VERSION_HVT 2
#define ABI_VERSION_SPT 2

struct abi_note {
    uint32_t target; /* an enum abi_target */
    uint32_t version;
    uint32_t zero[2];
};

/* Beside Solo5's, a note of our own, which other tenders do not look at: what the image
 * understands of what only our tenders offer. Its descriptor is a struct abi_net_note, or
 * something longer that begins with one. */
#define ABI_NOTE_OWN_NAME     "Drupe"     /* as long as the other name */
#define ABI_NOTE_NET          0x3154454EU /* "NET1" */
#define ABI_NOTE_NET_DESC_MAX 64

/* Of network devices, in both directions. When any is on for a device, every frame to and from
 * it has VIRTIO's struct virtio_net_hdr of 10 octets in front, little-endian. */
enum abi_net_feature {
    ABI_NET_CSUM = 1, /* frames without their TCP or UDP checksum */
    ABI_NET_TSO4 = 2, /* TCP segments of up to 64 KiB over IPv4 */
    ABI_NET_TSO6 = 4, /* and over IPv6 */
};

/* Of block devices, on spt: reads and writes of many blocks, fdatasync, and fallocate of a
 * hole. */
enum abi_block_feature { ABI_BLOCK_MORE = 1 };

struct abi_net_note {
    uint32_t features; /* by enum abi_net_feature */
    uint32_t block;    /* by enum abi_block_feature */
};

/* The lowest address an image is loaded at, on spt and hvt. */
#define ABI_LOAD_MIN     0x100000U
#define ABI_CMDLINE_SIZE 8192 /* octets, with the final NUL */
#define ABI_MEM_DEFAULT  (512ULL << 20)

#endif
