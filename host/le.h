/* SPDX-License-Identifier: ISC */
#ifndef HOST_LE_H
#define HOST_LE_H

/* Little-endian numbers from a reader: those of ELF files and their notes. */

#include "base/octets.h"

static inline uint16_t read_le16(struct reader *r)
{
    struct bytes b = read_bytes(r, 2);
    unsigned value = b.len == 2 ? b.at[0] | (unsigned)b.at[1] << 8 : 0;
    return (uint16_t)value;
}

static inline uint32_t read_le32(struct reader *r)
{
    uint32_t low = read_le16(r);
    return low | (uint32_t)read_le16(r) << 16;
}

static inline uint64_t read_le64(struct reader *r)
{
    uint64_t low = read_le32(r);
    return low | (uint64_t)read_le32(r) << 32;
}

#endif
