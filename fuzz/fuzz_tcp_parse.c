/* SPDX-License-Identifier: ISC */
/* Any octets as a TCP segment, as they are and with the checksum put right. What parses is
 * printed and parsed again: it must come out the same. */

#include "base/checksum.h"
#include "net/tcp/tcp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct ip4 SRC = {0x0a000001}, DST = {0x0a000002};

static void put_right(uint8_t *packet, size_t len)
{
    uint8_t pseudo[12] = {10, 0, 0, 1, 10, 0, 0, 2, 0, 6, (uint8_t)(len >> 8), (uint8_t)len};
    packet[16] = packet[17] = 0;
    uint64_t sum = checksum_add(0, bytes_of(pseudo, sizeof pseudo));
    uint16_t end = checksum_end(checksum_add(sum, bytes_of(packet, len)));
    packet[16] = (uint8_t)(end >> 8);
    packet[17] = (uint8_t)end;
}

static void same(const struct tcp_segment *a, const struct tcp_segment *b)
{
    check(a->src_port == b->src_port && a->dst_port == b->dst_port);
    check(seq_eq(a->seq, b->seq) && seq_eq(a->ack, b->ack));
    check(a->window == b->window && a->urgent == b->urgent && a->flags == b->flags);
    check(a->has_mss == b->has_mss && a->mss == b->mss);
    check(a->has_wscale == b->has_wscale && a->wscale == b->wscale);
    check(a->has_ts == b->has_ts && a->ts_val == b->ts_val && a->ts_ecr == b->ts_ecr);
    check(a->sack_permitted == b->sack_permitted && a->sacks == b->sacks);
    check(memcmp(a->sack, b->sack, a->sacks * sizeof a->sack[0]) == 0);
    check(a->text.len == b->text.len && memcmp(a->text.at, b->text.at, a->text.len) == 0);
}

static void print_and_parse(struct tcp_segment *seg)
{
    static uint8_t wire[1 << 17];
    struct tcp_segment back;
    seg->text_len = (uint32_t)seg->text.len;
    struct writer w = writer_of(wire, sizeof wire);
    tcp_print(&w, seg, NULL, DST, SRC);
    if (writer_len(&w) <= UINT16_MAX) {
        check(tcp_parse(bytes_of(wire, writer_len(&w)), DST, SRC, &back) == TCP_OK);
        same(seg, &back);
    }
}

static void try(const uint8_t *packet, size_t len)
{
    struct tcp_segment seg, reply;
    if (tcp_parse(bytes_of(packet, len), SRC, DST, &seg) != TCP_OK)
        return;
    check(seg.text.len <= len - TCP_HEADER_MIN && seg.wscale <= 14);
    print_and_parse(&seg);
    check(tcp_reset_for(&seg, &reply) == !(seg.flags & TCP_RST));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t *packet = calloc(1, len ? len : 1);
    if (!packet)
        abort();
    if (len > 0)
        memcpy(packet, data, len);
    try(packet, len);
    if (len >= TCP_HEADER_MIN && len <= UINT16_MAX) {
        put_right(packet, len);
        try(packet, len);
    }
    free(packet);
    return 0;
}
