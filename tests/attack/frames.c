/* SPDX-License-Identifier: ISC */
#include "tests/attack/frames.h"

#include "base/checksum.h"
#include "tests/attack/failing.h"

const struct eth_addr image_mac = {{2, 0, 0, 0, 0, 2}}, evil_mac = {{2, 0, 0, 0, 0, 0x66}};

struct ip4 image_ip(void)
{
    return ip4_of(10, 0, 0, 2);
}

struct ip4 evil_ip(void)
{
    return ip4_of(10, 0, 0, 66);
}

struct ip4 far_ip(uint32_t n)
{
    return (struct ip4){ip4_of(198, 18, 0, 1).n + n % 0x1fffd};
}

static void put_u16(uint8_t *at, uint16_t n)
{
    struct writer w = writer_of(at, 2);
    write_u16(&w, n);
}

void frame_arp(struct frame *f, const struct eth_addr *to, const struct arp_packet *p)
{
    struct writer w = writer_of(f->at, sizeof f->at);
    eth_print(&w, to, &evil_mac, ETH_ARP);
    arp_print(&w, p);
    f->len = writer_len(&w);
}

/* Room for a payload; end_packet writes what goes before it. */
static struct writer begin_packet(struct frame *f)
{
    return writer_of(f->at + FRAME_PAYLOAD, sizeof f->at - FRAME_PAYLOAD);
}

static void end_packet(struct frame *f, const struct writer *payload, struct ip4 src,
                       uint8_t protocol)
{
    struct writer w = writer_of(f->at, FRAME_PAYLOAD);
    eth_print(&w, &image_mac, &evil_mac, ETH_IP4);
    ip4_print(&w, src, image_ip(), protocol, writer_len(payload));
    f->len = FRAME_PAYLOAD + writer_len(payload);
}

void frame_icmp(struct frame *f, struct ip4 src, const struct icmp_message *m)
{
    struct writer w = begin_packet(f);
    icmp_print(&w, m);
    end_packet(f, &w, src, IP4_ICMP);
}

void frame_udp(struct frame *f, struct ip4_endpoint src, uint16_t port, struct bytes text)
{
    struct writer w = begin_packet(f);
    udp_print(&w, src, (struct ip4_endpoint){image_ip(), port}, text);
    end_packet(f, &w, src.ip, IP4_UDP);
}

void frame_sum_ip(struct frame *f)
{
    size_t len = (f->at[FRAME_IP] & 15U) * 4U;
    put_u16(f->at + FRAME_IP + 10, 0);
    put_u16(f->at + FRAME_IP + 10,
            checksum_end(checksum_add(0, bytes_of(f->at + FRAME_IP, len))));
}

void frame_sum_tcp(struct frame *f)
{
    struct bytes addresses = bytes_of(f->at + FRAME_IP + 12, 8);
    size_t len = f->len - FRAME_PAYLOAD;
    put_u16(f->at + FRAME_PAYLOAD + 16, 0);
    uint64_t sum = checksum_add(IP4_TCP + len, addresses);
    sum = checksum_add(sum, bytes_of(f->at + FRAME_PAYLOAD, len));
    put_u16(f->at + FRAME_PAYLOAD + 16, checksum_end(sum));
}

void frame_tcp(struct frame *f, struct ip4 src, const struct tcp_segment *seg, const char *text,
               size_t len)
{
    struct writer w = begin_packet(f);
    struct tcp_segment bare = *seg;
    bare.text_len = 0;
    tcp_print(&w, &bare, NULL, src, image_ip());
    uint8_t *room = write_room(&w, len);
    CHECK(room || len == 0);
    if (text)
        memcpy(room, text, len);
    else if (len > 0)
        memset(room, 'x', len);
    end_packet(f, &w, src, IP4_TCP);
    frame_sum_tcp(f);
}

void frame_tcp_options(struct frame *f, struct bytes options)
{
    CHECK(options.len % 4 == 0 && options.len <= TCP_HEADER_MAX - TCP_HEADER_MIN);
    memcpy(f->at + FRAME_PAYLOAD + TCP_HEADER_MIN, options.at, options.len);
    f->at[FRAME_PAYLOAD + 12] = (uint8_t)((TCP_HEADER_MIN + options.len) / 4 << 4);
    f->len = FRAME_PAYLOAD + TCP_HEADER_MIN + options.len;
    put_u16(f->at + FRAME_IP + 2, (uint16_t)(f->len - FRAME_IP));
    frame_sum_ip(f);
    frame_sum_tcp(f);
}
