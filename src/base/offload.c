/* SPDX-License-Identifier: ISC */
#include "base/offload.h"

/* VIRTIO 1.2, 5.1.6 */
#define FLAG_NEEDS_CSUM 1U
#define FLAG_DATA_VALID 2U
#define GSO_NONE        0U
#define GSO_TCP4        1U
#define GSO_TCP6        4U
#define GSO_ECN         0x80U /* a super-frame whose first segment alone has CWR */

static void put_le16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

static uint16_t get_le16(const uint8_t *at)
{
    return (uint16_t)(at[0] | (uint32_t)at[1] << 8);
}

void offload_print(uint8_t header[OFFLOAD_HEADER_LEN], const struct offload *work)
{
    header[0] = work->partial ? FLAG_NEEDS_CSUM : 0;
    header[1] = work->segment_len == 0 ? GSO_NONE : work->ip6 ? GSO_TCP6 : GSO_TCP4;
    put_le16(header + 2, work->headers_len);
    put_le16(header + 4, work->segment_len);
    put_le16(header + 6, work->sum_from);
    put_le16(header + 8, work->sum_at);
}

bool offload_parse(const uint8_t header[OFFLOAD_HEADER_LEN], size_t frame_len,
                   struct offload *work)
{
    unsigned gso = header[1] & ~GSO_ECN;
    struct offload w = {.partial = header[0] & FLAG_NEEDS_CSUM,
                        .verified = header[0] & FLAG_DATA_VALID};
    if (w.partial) {
        w.sum_from = get_le16(header + 6);
        w.sum_at = get_le16(header + 8);
        if ((size_t)w.sum_from + w.sum_at + 2U > frame_len)
            return false;
    }
    if (gso != GSO_NONE) {
        if (gso != GSO_TCP4 && gso != GSO_TCP6)
            return false;
        w.ip6 = gso == GSO_TCP6;
        /* Only an advice of the device's: whoever uses them compares them with the frame. */
        w.headers_len = get_le16(header + 2);
        w.segment_len = get_le16(header + 4);
        if (w.segment_len == 0)
            return false;
    }
    *work = w;
    return true;
}

bool offload_take(uint32_t features, struct bytes octets, struct bytes *frame,
                  struct offload *work)
{
    size_t header_len = offload_header_len(features);
    *work = (struct offload){0};
    if (octets.len <= header_len)
        return false;
    *frame = bytes_of(octets.at + header_len, octets.len - header_len);
    return header_len == 0 || offload_parse(octets.at, frame->len, work);
}
