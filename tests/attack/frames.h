/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ATTACK_FRAMES_H
#define TESTS_ATTACK_FRAMES_H

/* Frames for the image, right at first; a test then makes of them what no honest host sends.
 * The image is 10.0.0.2 at 02:00:00:00:00:02. */

#include "net/arp/arp.h"
#include "net/eth/eth.h"
#include "net/icmp/icmp.h"
#include "net/ip4/ip4.h"
#include "net/tcp/tcp.h"
#include "net/udp/udp.h"

#define FRAME_MAX 9014U

struct frame {
    size_t len;
    uint8_t at[FRAME_MAX];
};

/* Where the parts of a frame begin that has no IP options. */
#define FRAME_IP      ETH_HEADER_LEN
#define FRAME_PAYLOAD (ETH_HEADER_LEN + IP4_HEADER_MIN)

extern const struct eth_addr image_mac, evil_mac;
struct ip4 image_ip(void); /* 10.0.0.2 */
struct ip4 evil_ip(void);  /* 10.0.0.66, at 02:00:00:00:00:66 */
/* An address behind the gateway: 198.18.x.y (RFC 2544). */
struct ip4 far_ip(uint32_t n);

/* All come from evil_mac. */
void frame_arp(struct frame *f, const struct eth_addr *to, const struct arp_packet *p);
void frame_icmp(struct frame *f, struct ip4 src, const struct icmp_message *m);
void frame_udp(struct frame *f, struct ip4_endpoint src, uint16_t port, struct bytes text);
/* The text is the `len` octets that follow from `text`, or as many x when that is NULL. */
void frame_tcp(struct frame *f, struct ip4 src, const struct tcp_segment *seg, const char *text,
               size_t len);
/* A segment's options, in place of those it has; a multiple of 4 octets. */
void frame_tcp_options(struct frame *f, struct bytes options);

/* After a change: the header's checksum, or the segment's, becomes right again. */
void frame_sum_ip(struct frame *f);
void frame_sum_tcp(struct frame *f);

#endif
