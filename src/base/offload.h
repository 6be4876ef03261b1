/* SPDX-License-Identifier: ISC */
#ifndef BASE_OFFLOAD_H
#define BASE_OFFLOAD_H

/* Work on a frame that its sender leaves to the device, or the device to the receiver: the
 * checksum of TCP or UDP, and the cutting of a TCP segment of up to 64 KiB (a super-frame)
 * into segments that fit the MTU. Between two ends on one host neither is done at all.
 *
 * On the way it stands in a header before the frame, which is VIRTIO 1.2's (5.1.6, struct
 * virtio_net_hdr without num_buffers) in little-endian order: what Linux's taps have with
 * IFF_VNET_HDR. */

#include "base/octets.h"

/* What a device offers, for both directions. None of it: frames are whole, no longer than
 * the MTU allows, and handed over in one part. */
enum offload_feature {
    OFFLOAD_CSUM = 1, /* checksums; and a frame may be handed over in several parts */
    OFFLOAD_TSO4 = 2, /* super-frames of TCP over IPv4 (takes OFFLOAD_CSUM) */
    OFFLOAD_TSO6 = 4, /* the same over IPv6 */
};

#define OFFLOAD_HEADER_LEN 10U
#define OFFLOAD_FRAME_MAX  (14U + 65535U) /* octets of a super-frame, Ethernet header included \
                                           */

/* Octets of the header before each frame of a device with these features. */
static inline uint32_t offload_header_len(uint32_t features)
{
    return features ? OFFLOAD_HEADER_LEN : 0;
}

/* Octets of the longest frame that a device with these features may deliver. */
static inline uint32_t offload_frame_max(uint32_t features, uint16_t mtu)
{
    return features & (OFFLOAD_TSO4 | OFFLOAD_TSO6) ? OFFLOAD_FRAME_MAX : mtu + 14U;
}

/* What is left to be done to a frame; all zero for nothing. */
struct offload {
    /* The Internet checksum of the octets from sum_from to the end of the packet is still to
     * be written at sum_from + sum_at, where the pseudo-header's sum (not complemented)
     * stands. In a frame that arrived: it never left the host, and need not be checked. */
    bool partial;
    bool verified; /* in: the device has checked the checksum */
    uint16_t sum_from, sum_at;
    /* A super-frame: the text is, or was, in segments of this many octets; 0: one segment. */
    uint16_t segment_len;
    uint16_t headers_len; /* of a super-frame: octets before the text */
    bool ip6;             /* of a super-frame: over IPv6 */
};

/* Writes the header for a frame to be sent. */
void offload_print(uint8_t header[OFFLOAD_HEADER_LEN], const struct offload *work);

/* Reads the header of a frame of frame_len octets. False when it cannot be: a kind of
 * super-frame that is none of enum offload_feature, or a checksum outside of the frame. */
bool offload_parse(const uint8_t header[OFFLOAD_HEADER_LEN], size_t frame_len,
                   struct offload *work);

/* Of octets that a device with these features delivered: the frame, and what is left to be done
 * to it. False when the header is missing or makes no sense. */
bool offload_take(uint32_t features, struct bytes octets, struct bytes *frame,
                  struct offload *work);

/* Whether the checksum of what begins at `from` in the frame, itself at `from` + `at`, is as
 * good as verified. */
static inline bool offload_sum_is_good(const struct offload *work, size_t from, size_t at)
{
    return work->verified || (work->partial && work->sum_from == from && work->sum_at == at);
}

#endif
