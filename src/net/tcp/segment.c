/* SPDX-License-Identifier: ISC */
/* Segments on the wire: RFC 9293 3.1, the options of 3.2, RFC 7323 2.2 and 3.2, and RFC 2018.
 */

#include "base/check.h"
#include "base/checksum.h"
#include "net/ip4/ip4.h"
#include "net/tcp/core.h"

enum option {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_WSCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_STAMPS = 8
};

/* The pseudo-header's part of the checksum. */
static uint64_t pseudo_sum(struct ip4 src, struct ip4 dst, size_t len)
{
    return (uint64_t)src.n + dst.n + IP4_TCP + (uint16_t)len;
}

/* Of a SYN alone. */
static void take_syn_option(uint8_t kind, struct bytes body, struct tcp_segment *seg)
{
    struct reader r = reader_of(body);
    if (kind == OPTION_MSS && body.len == 2) {
        seg->has_mss = true;
        seg->mss = read_u16(&r);
    } else if (kind == OPTION_WSCALE && body.len == 1) {
        seg->has_wscale = true;
        seg->wscale = (uint8_t)tcp_min(read_u8(&r), TCP_SHIFT_MAX);
    } else if (kind == OPTION_SACK_PERMITTED && body.len == 0) {
        seg->sack_permitted = true;
    }
}

static void take_option(uint8_t kind, struct bytes body, struct tcp_segment *seg)
{
    struct reader r = reader_of(body);
    if (kind == OPTION_STAMPS && body.len == 8) {
        seg->has_ts = true;
        seg->ts_val = read_u32(&r);
        seg->ts_ecr = read_u32(&r);
    } else if (seg->flags & TCP_SYN) {
        take_syn_option(kind, body, seg);
    } else if (kind == OPTION_SACK && body.len % 8 == 0 && body.len <= 8 * TCP_SACKS_MAX) {
        seg->sacks = (uint8_t)(body.len / 8);
        /*@ loop invariant cursor(&r) && 0 <= i <= seg->sacks <= TCP_SACKS_MAX;
            loop assigns i, r.at, r.ran_out, seg->sack[0 .. TCP_SACKS_MAX - 1];
            loop variant seg->sacks - i; */
        for (unsigned i = 0; i < seg->sacks; i++) {
            seg->sack[i].from.n = read_u32(&r);
            seg->sack[i].to.n = read_u32(&r);
        }
    }
}

/* False when an option's length is impossible. Unknown ones, those of another length than
 * theirs, and those that are meant for a SYN in another segment, are skipped. */
static bool parse_options(struct bytes options, struct tcp_segment *seg)
{
    struct reader r = reader_of(options);
    /*@ loop invariant cursor(&r) && !r.ran_out;
        loop assigns r.at, r.ran_out, *seg;
        loop variant r.end - r.at; */
    while (reader_left(&r) > 0) {
        uint8_t kind = read_u8(&r);
        if (kind == OPTION_END)
            return true;
        if (kind == OPTION_NOP)
            continue;
        uint8_t len = read_u8(&r);
        if (len < 2)
            return false;
        struct bytes body = read_bytes(&r, len - 2U);
        if (r.ran_out)
            return false;
        take_option(kind, body, seg);
    }
    return true;
}

static enum tcp_verdict parse(struct bytes packet, bool sum_is_right, struct tcp_segment *seg)
{
    if (packet.len < TCP_HEADER_MIN || packet.len > UINT16_MAX)
        return TCP_TRUNCATED;
    struct reader r = reader_of(packet);
    struct tcp_segment s = {.src_port = read_u16(&r)};
    s.dst_port = read_u16(&r);
    s.seq.n = read_u32(&r);
    s.ack.n = read_u32(&r);
    size_t header_len = (read_u8(&r) >> 4) * 4U;
    s.flags = read_u8(&r);
    s.window = read_u16(&r);
    read_u16(&r); /* the checksum, which the sum covers */
    s.urgent = read_u16(&r);
    if (header_len < TCP_HEADER_MIN)
        return TCP_BAD_OFFSET;
    if (header_len > packet.len)
        return TCP_TRUNCATED;
    if (!sum_is_right)
        return TCP_BAD_CHECKSUM;
    if (s.src_port == 0 || s.dst_port == 0)
        return TCP_BAD_PORT;
    if (!parse_options(read_bytes(&r, header_len - TCP_HEADER_MIN), &s))
        return TCP_BAD_OPTION;
    s.text = read_rest(&r);
    //@ assert text_of(s, packet);
    *seg = s;
    return TCP_OK;
}

enum tcp_verdict tcp_parse(struct bytes packet, struct ip4 src, struct ip4 dst,
                           struct tcp_segment *seg)
{
    uint64_t sum = checksum_add(pseudo_sum(src, dst, packet.len), packet);
    return parse(packet, checksum_end(sum) == 0, seg);
}

enum tcp_verdict tcp_parse_verified(struct bytes packet, struct tcp_segment *seg)
{
    return parse(packet, true, seg);
}

static size_t options_len(const struct tcp_segment *seg)
{
    size_t len = (seg->has_mss ? 4U : 0U) + (seg->has_wscale ? 4U : 0U);
    if (seg->has_ts)
        len += TCP_STAMPS_LEN; /* what pads it, SACK-permitted takes */
    else if (seg->sack_permitted)
        len += 4;
    return len + tcp_sacks_len(seg->sacks);
}

static void print_nops(struct writer *w)
{
    write_u8(w, OPTION_NOP);
    write_u8(w, OPTION_NOP);
}

static void print_stamps(struct writer *w, const struct tcp_segment *seg)
{
    write_u8(w, OPTION_STAMPS);
    write_u8(w, 10);
    write_u32(w, seg->ts_val);
    write_u32(w, seg->ts_ecr);
}

static void print_sacks(struct writer *w, const struct tcp_segment *seg)
{
    print_nops(w);
    write_u8(w, OPTION_SACK);
    write_u8(w, (uint8_t)(2U + 8U * seg->sacks));
    for (unsigned i = 0; i < seg->sacks; i++) {
        write_u32(w, seg->sack[i].from.n);
        write_u32(w, seg->sack[i].to.n);
    }
}

static void print_options(struct writer *w, const struct tcp_segment *seg)
{
    if (seg->has_mss) {
        write_u8(w, OPTION_MSS);
        write_u8(w, 4);
        write_u16(w, seg->mss);
    }
    /* In the order in which Linux has them: middleboxes have seen it before. */
    if (seg->has_ts != seg->sack_permitted)
        print_nops(w);
    if (seg->sack_permitted) {
        write_u8(w, OPTION_SACK_PERMITTED);
        write_u8(w, 2);
    }
    if (seg->has_ts)
        print_stamps(w, seg);
    if (seg->has_wscale) {
        write_u8(w, OPTION_NOP);
        write_u8(w, OPTION_WSCALE);
        write_u8(w, 3);
        write_u8(w, seg->wscale);
    }
    if (seg->sacks > 0)
        print_sacks(w, seg);
}

static void print_header(struct writer *h, size_t len, const struct tcp_segment *seg)
{
    write_u16(h, seg->src_port);
    write_u16(h, seg->dst_port);
    write_u32(h, seg->seq.n);
    write_u32(h, seg->ack.n);
    write_u8(h, (uint8_t)(len / 4 << 4));
    write_u8(h, seg->flags);
    write_u16(h, seg->window);
    write_u16(h, 0);
    write_u16(h, seg->urgent);
    print_options(h, seg);
}

static void put_checksum(uint8_t *at, uint16_t sum)
{
    at[TCP_CHECKSUM_AT] = (uint8_t)(sum >> 8);
    at[TCP_CHECKSUM_AT + 1] = (uint8_t)sum;
}

void tcp_print(struct writer *w, const struct tcp_segment *seg, const struct tcp_queue *queue,
               struct ip4 src, struct ip4 dst)
{
    size_t header_len = TCP_HEADER_MIN + options_len(seg), len = header_len + seg->text_len;
    uint8_t *at = write_room(w, len);
    check(at);
    struct writer h = writer_of(at, header_len);
    print_header(&h, header_len, seg);
    if (queue)
        queue_peek(queue, seg->text_at, at + header_len, seg->text_len);
    else if (seg->text_len > 0)
        memcpy(at + header_len, seg->text.at, seg->text_len);
    put_checksum(at, checksum_end(checksum_add(pseudo_sum(src, dst, len), bytes_of(at, len))));
}

void tcp_print_header(struct writer *w, const struct tcp_segment *seg, struct ip4 src,
                      struct ip4 dst)
{
    size_t len = TCP_HEADER_MIN + options_len(seg);
    uint8_t *at = w->at;
    print_header(w, len, seg);
    check(!w->ran_out);
    put_checksum(at, (uint16_t)~checksum_end(pseudo_sum(src, dst, len + seg->text_len)));
}

bool tcp_reset_for(const struct tcp_segment *seg, struct tcp_segment *reply)
{
    if (seg->flags & TCP_RST)
        return false;
    *reply = (struct tcp_segment){
        .src_port = seg->dst_port, .dst_port = seg->src_port, .flags = TCP_RST};
    if (seg->flags & TCP_ACK) {
        reply->seq = seg->ack;
        return true;
    }
    uint32_t len =
        (uint32_t)seg->text.len + !!(seg->flags & TCP_SYN) + !!(seg->flags & TCP_FIN);
    reply->ack = seq_add(seg->seq, len);
    reply->flags = TCP_RST | TCP_ACK;
    return true;
}
