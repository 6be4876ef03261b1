/* SPDX-License-Identifier: ISC */
#ifndef TESTS_USERNET_FRAMES_H
#define TESTS_USERNET_FRAMES_H

/* Frames as an image with the address 10.0.0.2 writes them. */

#include "base/checksum.h"

#define GATEWAY_ADDR 0x0a000001U
#define IMAGE_ADDR   0x0a000002U
#define FRAME_ROOM   1514

static const uint8_t image_mac[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t gateway_mac[6] = {0x52, 0x55, 10, 0, 0, 1};

struct frame {
    size_t len;
    uint8_t at[FRAME_ROOM];
};

static inline void put_checksum(uint8_t *at, uint64_t sum)
{
    uint16_t c = checksum_end(sum);
    at[0] = (uint8_t)(c >> 8);
    at[1] = (uint8_t)c;
}

/* An IPv4 packet with `payload`, its checksum right. */
static inline struct frame ip_frame(uint8_t protocol, uint32_t dst, const void *payload,
                                    size_t len)
{
    struct frame f = {0};
    struct writer w = writer_of(f.at, sizeof f.at);
    write_bytes(&w, bytes_of(gateway_mac, 6));
    write_bytes(&w, bytes_of(image_mac, 6));
    write_u16(&w, 0x0800);
    write_u16(&w, 0x4500);
    write_u16(&w, (uint16_t)(20 + len));
    write_u32(&w, 0);
    write_u8(&w, 64);
    write_u8(&w, protocol);
    write_u16(&w, 0);
    write_u32(&w, IMAGE_ADDR);
    write_u32(&w, dst);
    write_bytes(&w, bytes_of(payload, len));
    put_checksum(f.at + 24, checksum_add(0, bytes_of(f.at + 14, 20)));
    f.len = writer_len(&w);
    return f;
}

static inline struct frame udp_frame(uint32_t dst, uint16_t from, uint16_t to, const char *text)
{
    uint8_t udp[600];
    struct writer w = writer_of(udp, sizeof udp);
    write_u16(&w, from);
    write_u16(&w, to);
    write_u16(&w, (uint16_t)(8 + strlen(text)));
    write_u16(&w, 0); /* no checksum */
    write_bytes(&w, bytes_of(text, strlen(text)));
    return ip_frame(17, dst, udp, writer_len(&w));
}

static inline struct frame tcp_frame(uint32_t dst, uint16_t from, uint16_t to, uint32_t seq,
                                     uint32_t ack, uint8_t flags)
{
    uint8_t tcp[20] = {0};
    struct writer w = writer_of(tcp, sizeof tcp);
    write_u16(&w, from);
    write_u16(&w, to);
    write_u32(&w, seq);
    write_u32(&w, ack);
    write_u8(&w, 0x50);
    write_u8(&w, flags);
    write_u16(&w, 65535);
    struct frame f = ip_frame(6, dst, tcp, sizeof tcp);
    const uint8_t rest[4] = {0, 6, 0, 20};
    uint64_t sum = checksum_add(0, bytes_of(f.at + 26, 8));
    sum = checksum_add(sum, bytes_of(rest, 4));
    put_checksum(f.at + 50, checksum_add(sum, bytes_of(f.at + 34, 20)));
    return f;
}

static inline struct frame ping_frame(uint32_t dst, uint16_t seq)
{
    uint8_t icmp[8] = {8, 0, 0, 0, 0x12, 0x34, (uint8_t)(seq >> 8), (uint8_t)seq};
    put_checksum(icmp + 2, checksum_add(0, bytes_of(icmp, sizeof icmp)));
    return ip_frame(1, dst, icmp, sizeof icmp);
}

/* A question (op 1) or answer (op 2) of the image. */
static inline struct frame arp_frame(uint16_t op, const uint8_t *to_mac, uint32_t to)
{
    static const uint8_t everyone[6] = {255, 255, 255, 255, 255, 255};
    struct frame f = {0};
    struct writer w = writer_of(f.at, sizeof f.at);
    write_bytes(&w, bytes_of(op == 1 ? everyone : to_mac, 6));
    write_bytes(&w, bytes_of(image_mac, 6));
    write_u16(&w, 0x0806);
    write_u32(&w, 0x00010800);
    write_u16(&w, 0x0604);
    write_u16(&w, op);
    write_bytes(&w, bytes_of(image_mac, 6));
    write_u32(&w, IMAGE_ADDR);
    write_bytes(&w, bytes_of(to_mac, 6));
    write_u32(&w, to);
    f.len = writer_len(&w);
    return f;
}

#endif
