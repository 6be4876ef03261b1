/* SPDX-License-Identifier: ISC */
/* SYN cookies (RFC 4987 3.6): a SYN for which there is no half-open connection left is answered
 * without one. What must be remembered is our initial sequence number, which the last ACK of
 * the handshake brings back:
 *
 *      31 ............................ 4   3   2 .. 0
 *      a MAC of all that the two know      e   MSS, as its place in a table
 *
 * with a key of its own for each INET_COOKIE_NS; e is the last bit of that period's number, and
 * the one before is still taken. What a cookie has no room for is in the timestamp, where both
 * have one; else such a connection has no window scale and no selective acknowledgements. */
#include "net/inet/state.h"

#include "base/check.h"

#define MSS_BITS 3U
#define EPOCH    (1U << MSS_BITS)
#define MAC_MASK (~(2U * EPOCH - 1))

/* The greatest that is at most the peer's is what it gets. */
static const uint16_t mss_table[1U << MSS_BITS] = {TCP_MSS_LEAST, 536,  1024, 1220,
                                                   1360,          1440, 1460, 8960};

static uint64_t random_u64(struct inet *in)
{
    uint64_t high = in->rim.random(in->rim.ctx);
    return high << 32 | in->rim.random(in->rim.ctx);
}

/* The period's number, from 1 on, with the keys of this one and the last. */
static uint64_t turn_keys(struct inet *in, uint64_t now)
{
    struct inet_cookies *k = &in->cookies;
    uint64_t epoch = now / INET_COOKIE_NS + 1;
    if (epoch == k->epoch)
        return epoch;
    if (epoch != k->epoch + 1)
        k->key[(epoch - 1) & 1] = (struct siphash_key){random_u64(in), random_u64(in)};
    k->key[epoch & 1] = (struct siphash_key){random_u64(in), random_u64(in)};
    k->epoch = epoch;
    return epoch;
}

static uint32_t cookie(const struct inet *in, unsigned which, const struct inet_ends *ends,
                       struct seq irs, unsigned mss)
{
    uint8_t octets[17];
    struct writer w = writer_of(octets, sizeof octets);
    write_u32(&w, ends->peer.ip.n);
    write_u16(&w, ends->peer.port);
    write_u32(&w, ends->local.ip.n);
    write_u16(&w, ends->local.port);
    write_u32(&w, irs.n);
    write_u8(&w, (uint8_t)mss);
    check(!w.ran_out);
    uint32_t mac = (uint32_t)siphash(&in->cookies.key[which], bytes_of(octets, sizeof octets));
    return (mac & MAC_MASK) | which * EPOCH | mss;
}

static unsigned mss_place(const struct tcp_segment *syn)
{
    uint16_t mss = syn->has_mss ? syn->mss : TCP_MSS_DEFAULT;
    unsigned place = (1U << MSS_BITS) - 1;
    while (place > 0 && mss_table[place] > mss)
        place--;
    return place;
}

/* What there is room for only when both have timestamps: the last bits of ours, which comes
 * back with every segment. It may look up to 64 ms older than it is. */
#define STAMP_WSCALE 15U /* none */
#define STAMP_SACK   16U
#define STAMP_ECN    32U
#define STAMP_MASK   63U
#define STAMP_NS     1000000U /* a tick of it */

static void put_options(struct tcp_segment *reply, const struct tcp_segment *syn)
{
    uint32_t bits = syn->has_wscale ? syn->wscale : STAMP_WSCALE;
    bits |= syn->sack_permitted ? STAMP_SACK : 0;
    bits |= reply->flags & TCP_ECE ? STAMP_ECN : 0;
    uint32_t stamp = (reply->ts_val & ~STAMP_MASK) | bits;
    reply->ts_val = stamp > reply->ts_val ? stamp - (STAMP_MASK + 1) : stamp;
}

static void take_options(const struct tcp_segment *ack, struct tcp_segment *syn)
{
    uint32_t bits = ack->ts_ecr & STAMP_MASK;
    syn->has_ts = true;
    syn->ts_val = ack->ts_val;
    syn->sack_permitted = bits & STAMP_SACK;
    if (bits & STAMP_ECN)
        syn->flags |= TCP_ECE | TCP_CWR;
    syn->wscale = bits & STAMP_WSCALE;
    syn->has_wscale = syn->wscale != STAMP_WSCALE;
}

/* The SYN as its ACK will tell of it. */
static struct tcp_segment remembered(const struct tcp_segment *syn)
{
    struct tcp_segment s = *syn;
    s.has_wscale = s.has_wscale && s.has_ts;
    s.sack_permitted = s.sack_permitted && s.has_ts;
    if (!s.has_ts)
        s.flags &= (uint8_t) ~(TCP_ECE | TCP_CWR);
    return s;
}

void cookie_answer(struct inet *in, const struct inet_ends *ends, const struct tcp_segment *syn,
                   uint64_t now)
{
    uint64_t epoch = turn_keys(in, now);
    struct tcp_open open = inet_open(in, ends);
    struct tcp_segment reply, s = remembered(syn);
    struct tcp_conn c;
    in->cookies.sent_epoch = epoch;
    in->cookies.sent_at = now;
    in->counts[INET_TCP_COOKIES_SENT]++;
    open.iss.n = cookie(in, epoch & 1, ends, syn->seq, mss_place(syn));
    /* Its SYN,ACK is all that there will be of this connection. */
    tcp_accept(&c, &in->tcp, &open, &s, now);
    check(tcp_next_segment(&c, now, &reply));
    if (reply.has_ts)
        put_options(&reply, syn);
    reply.src_port = ends->local.port;
    reply.dst_port = ends->peer.port;
    struct ip4_head head = ip4_head_of(ends->local.ip, ends->peer.ip, IP4_TCP);
    struct writer w = send_payload(in);
    tcp_print(&w, &reply, NULL, head.src, head.dst);
    send_answer(in, &head, writer_len(&w), now);
}

bool cookies_are_out(const struct inet *in, uint64_t now)
{
    return in->cookies.sent_epoch > 0 && now / INET_COOKIE_NS + 1 <= in->cookies.sent_epoch + 1;
}

bool cookie_may_follow(const struct inet *in, const struct inet_ends *ends,
                       const struct tcp_segment *ack, uint64_t now)
{
    uint32_t ms = (uint32_t)(now / STAMP_NS), sent = (uint32_t)(in->cookies.sent_at / STAMP_NS);
    if (ack->has_ts) /* the segment that it answers: no other was sent, if it was a cookie */
        sent = ack->ts_ecr - table_ts_offset(in, ends->local, ends->peer);
    return ms - sent < INET_COOKIE_TEXT_NS / STAMP_NS;
}

bool cookie_take(struct inet *in, const struct inet_ends *ends, const struct tcp_segment *ack,
                 uint64_t now, struct tcp_segment *syn)
{
    turn_keys(in, now);
    uint32_t iss = ack->ack.n - 1;
    struct seq irs = seq_add(ack->seq, UINT32_MAX);
    unsigned mss = iss & (EPOCH - 1), which = (iss & EPOCH) != 0;
    if (cookie(in, which, ends, irs, mss) != iss) {
        in->counts[INET_TCP_COOKIES_BAD]++;
        return false;
    }
    in->counts[INET_TCP_COOKIES_TAKEN]++;
    *syn = (struct tcp_segment){.seq = irs,
                                .flags = TCP_SYN,
                                .window = ack->window,
                                .has_mss = true,
                                .mss = mss_table[mss]};
    if (ack->has_ts)
        take_options(ack, syn);
    return true;
}
