/* SPDX-License-Identifier: ISC */
#include "tests/tcp/packet.h"

#include "base/checksum.h"

#include <stdarg.h>
#include <stdio.h>

#define IP_HEADER  20U
#define TCP_HEADER 20U

uint8_t packet_octet(uint32_t seq)
{
    return (uint8_t)(seq * 167 + (seq >> 8) * 31 + 5);
}

static void write_text(struct writer *w, uint32_t seq, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        write_u8(w, packet_octet(seq + i));
}

/* ---- Sent by the peer --------------------------------------------------------------- */

static uint32_t ours(const struct flow *f, uint32_t n)
{
    return f->isn + n;
}

static void write_option(struct writer *w, const struct option *o, const struct flow *f)
{
    if (o->kind == OPT_RAW) {
        write_bytes(w, bytes_of(o->raw, o->n));
        return;
    }
    write_u8(w, o->kind);
    switch ((enum packet_option)o->kind) {
    case OPT_EOL:
    case OPT_NOP:
    case OPT_RAW:
        break;
    case OPT_MSS:
        write_u8(w, 4);
        write_u16(w, (uint16_t)o->value[0]);
        break;
    case OPT_WSCALE:
        write_u8(w, 3);
        write_u8(w, (uint8_t)o->value[0]);
        break;
    case OPT_SACKOK:
        write_u8(w, 2);
        break;
    case OPT_SACK:
        write_u8(w, (uint8_t)(2 + 4 * o->n));
        for (unsigned i = 0; i < o->n; i++)
            write_u32(w, ours(f, o->value[i]));
        break;
    case OPT_TS:
        write_u8(w, 10);
        write_u32(w, o->value[0]);
        write_u32(w, f->ts_known ? f->ts_base + o->value[1] : o->value[1]);
        break;
    }
}

static void write_options(struct writer *w, const struct packet *p, const struct flow *f)
{
    const uint8_t *begin = w->at;
    for (unsigned i = 0; i < p->options; i++)
        write_option(w, &p->option[i], f);
    while ((w->at - begin) % 4)
        write_u8(w, OPT_EOL);
}

static uint64_t pseudo_sum(uint32_t src, uint32_t dst, uint8_t protocol, size_t len)
{
    return (uint64_t)src + dst + protocol + len;
}

static void put_sum(uint8_t *at, size_t offset, size_t len, uint64_t sum, bool bad)
{
    uint16_t n = checksum_end(checksum_add(sum, bytes_of(at, len)));
    n ^= bad ? 0x0101 : 0;
    at[offset] = (uint8_t)(n >> 8);
    at[offset + 1] = (uint8_t)n;
}

static void write_segment(struct writer *w, const struct packet *p, const struct flow *f)
{
    uint8_t *begin = w->at;
    write_u16(w, f->peer_port);
    write_u16(w, f->local_port);
    write_u32(w, f->peer_isn + p->seq);
    write_u32(w, p->flags & F_ACK ? ours(f, p->ack) : 0);
    write_u8(w, 0);
    write_u8(w, p->flags);
    write_u16(w, p->window);
    write_u16(w, 0);
    write_u16(w, p->urgent);
    write_options(w, p, f);
    begin[12] = (uint8_t)((w->at - begin) / 4 << 4);
    write_text(w, p->seq + !!(p->flags & F_SYN), p->len);
}

static void write_udp(struct writer *w, const struct packet *p, const struct flow *f)
{
    write_u16(w, f->peer_port);
    write_u16(w, f->local_port);
    write_u16(w, (uint16_t)(8 + p->len));
    write_u16(w, 0);
    write_text(w, 0, p->len);
}

/* What the error is about: a header of ours, and eight octets of what was in it. */
static void write_quote(struct writer *w, const struct packet *p, const struct flow *f,
                        const struct addresses *a)
{
    uint8_t *begin = w->at;
    size_t headers = p->quote_protocol == 6 ? TCP_HEADER : 8;
    write_u16(w, 0x4500);
    write_u16(w, (uint16_t)(IP_HEADER + headers + p->len));
    write_u32(w, 0x00004000);
    write_u8(w, 63);
    write_u8(w, p->quote_protocol);
    write_u16(w, 0);
    write_u32(w, a->local);
    write_u32(w, p->has_dst ? p->dst : a->peer);
    put_sum(begin, 10, IP_HEADER, 0, false);
    write_u16(w, f->local_port);
    write_u16(w, f->peer_port);
    if (p->quote_protocol == 6)
        write_u32(w, ours(f, p->seq));
    else
        write_u32(w, (uint32_t)(8 + p->len) << 16);
}

static void write_icmp(struct writer *w, const struct packet *p, const struct flow *f,
                       const struct addresses *a)
{
    write_u8(w, p->type);
    write_u8(w, p->code);
    write_u16(w, 0);
    write_u32(w, p->rest);
    if (p->has_quote)
        write_quote(w, p, f, a);
    else
        write_text(w, 0, p->len);
}

static uint8_t protocol_of(const struct packet *p)
{
    switch (p->kind) {
    case PACKET_TCP:
        return 6;
    case PACKET_UDP:
        return 17;
    case PACKET_ICMP:
        return 1;
    case PACKET_OTHER:
        break;
    }
    return p->protocol;
}

static void write_ip(struct writer *w, const struct packet *p, const struct addresses *a)
{
    uint16_t fragment = (uint16_t)(p->fragment_at / 8 | (p->more_fragments ? 0x2000 : 0) |
                                   (p->has_df && !p->df ? 0 : 0x4000));
    if (p->more_fragments || p->fragment_at)
        fragment &= 0xbfff;
    write_u8(w, (uint8_t)(0x40 | (IP_HEADER + p->ip_options_len) / 4));
    write_u8(w, (uint8_t)(p->tos | p->ecn));
    write_u16(w, 0);
    write_u16(w, p->id);
    write_u16(w, fragment);
    write_u8(w, p->has_ttl ? p->ttl : 64);
    write_u8(w, protocol_of(p));
    write_u16(w, 0);
    write_u32(w, p->has_src ? p->src : a->peer);
    write_u32(w, p->has_dst && !p->has_quote ? p->dst : a->local);
    write_bytes(w, bytes_of(p->ip_options, p->ip_options_len));
}

static void end_packet(uint8_t *ip, struct writer *w, const struct packet *p,
                       const struct addresses *a)
{
    size_t header = IP_HEADER + p->ip_options_len, len = (size_t)(w->at - ip);
    size_t body = len - header;
    uint32_t src = p->has_src ? p->src : a->peer;
    uint32_t dst = p->has_dst && !p->has_quote ? p->dst : a->local;
    uint64_t sum = pseudo_sum(src, dst, protocol_of(p), body);
    if (p->kind == PACKET_TCP)
        put_sum(ip + header, 16, body, sum, p->bad_sum);
    else if (p->kind == PACKET_UDP)
        put_sum(ip + header, 6, body, sum, p->bad_sum);
    else if (p->kind == PACKET_ICMP)
        put_sum(ip + header, 2, body, 0, p->bad_sum);
    len += p->cut ? 1 : 0;
    ip[2] = (uint8_t)(len >> 8);
    ip[3] = (uint8_t)len;
    put_sum(ip, 10, header, 0, p->bad_ip_sum);
}

void packet_write(struct writer *w, const struct packet *p, const struct flow *f,
                  const struct addresses *a)
{
    uint8_t *ip = w->at;
    write_ip(w, p, a);
    switch (p->kind) {
    case PACKET_TCP:
        write_segment(w, p, f);
        break;
    case PACKET_UDP:
        write_udp(w, p, f);
        break;
    case PACKET_ICMP:
        write_icmp(w, p, f, a);
        break;
    case PACKET_OTHER:
        write_text(w, 0, p->len);
        break;
    }
    end_packet(ip, w, p, a);
}

/* ---- Sent by the host ----------------------------------------------------------------- */

static void raw_option(struct option *o, uint8_t kind, struct bytes body)
{
    o->kind = OPT_RAW;
    o->n = (uint8_t)(body.len + 2);
    o->raw[0] = kind;
    o->raw[1] = o->n;
    memcpy(o->raw + 2, body.at, body.len);
}

static void read_option(struct option *o, uint8_t kind, struct bytes body, struct flow *f)
{
    struct reader r = reader_of(body);
    *o = (struct option){.kind = kind};
    if (kind == OPT_MSS && body.len == 2) {
        o->value[0] = read_u16(&r);
    } else if (kind == OPT_WSCALE && body.len == 1) {
        o->value[0] = read_u8(&r);
    } else if (kind == OPT_TS && body.len == 8) {
        uint32_t val = read_u32(&r);
        if (!f->ts_known)
            f->ts_base = val;
        f->ts_known = true;
        o->value[0] = val - f->ts_base;
        o->value[1] = read_u32(&r);
    } else if (kind == OPT_SACK && body.len % 8 == 0 && body.len <= 32) {
        o->n = (uint8_t)(body.len / 4);
        for (unsigned i = 0; i < o->n; i++)
            o->value[i] = read_u32(&r) - f->peer_isn;
    } else if (!(kind == OPT_SACKOK && body.len == 0)) {
        raw_option(o, kind, body);
    }
}

static const char *read_options(struct bytes options, struct packet *p, struct flow *f)
{
    struct reader r = reader_of(options);
    while (reader_left(&r) > 0) {
        if (p->options == PACKET_OPTIONS_MAX)
            return "more options than a script can name";
        struct option *o = &p->option[p->options++];
        uint8_t kind = read_u8(&r);
        if (kind == OPT_EOL || kind == OPT_NOP) {
            *o = (struct option){.kind = kind};
            continue;
        }
        uint8_t len = read_u8(&r);
        struct bytes body = read_bytes(&r, len < 2 ? 0 : len - 2U);
        if (len < 2 || r.ran_out || body.len > 38)
            return "an option's length is impossible";
        read_option(o, kind, body, f);
    }
    return NULL;
}

static const char *read_segment(struct bytes b, struct packet *p, packet_flow_fn *find,
                                void *ctx)
{
    struct reader r = reader_of(b);
    p->kind = PACKET_TCP;
    p->local_port = read_u16(&r);
    p->peer_port = read_u16(&r);
    p->seq = read_u32(&r);
    p->ack = read_u32(&r);
    unsigned offset = read_u8(&r);
    size_t header = (offset >> 4) * 4U;
    p->flags = read_u8(&r);
    p->window = read_u16(&r);
    read_u16(&r);
    p->urgent = read_u16(&r);
    if (r.ran_out || header < TCP_HEADER || header > b.len)
        return "the data offset is impossible";
    if (offset & 15)
        return "reserved bits are set";
    struct flow *f = find(ctx, p->peer_port, p->local_port);
    if (!f)
        return "it goes to a port that the script does not know";
    if (p->flags & F_SYN && !f->isn_known) {
        f->isn = p->seq;
        f->isn_known = true;
    }
    p->seq -= f->isn;
    if (p->flags & F_ACK)
        p->ack -= f->peer_isn;
    else if (p->ack != 0)
        return "an acknowledgement number without the bit";
    const char *bad = read_options(read_bytes(&r, header - TCP_HEADER), p, f);
    struct bytes text = read_rest(&r);
    p->len = (uint32_t)text.len;
    for (uint32_t i = 0; !bad && i < p->len; i++)
        if (text.at[i] != packet_octet(p->seq + !!(p->flags & F_SYN) + i))
            bad = "its text is not what was written";
    return bad;
}

static const char *read_icmp(struct bytes b, struct packet *p)
{
    struct reader r = reader_of(b);
    p->kind = PACKET_ICMP;
    p->type = read_u8(&r);
    p->code = read_u8(&r);
    read_u16(&r);
    p->rest = read_u32(&r);
    p->len = (uint32_t)reader_left(&r);
    return r.ran_out ? "ICMP's header is cut off" : NULL;
}

static const char *read_udp(struct bytes b, struct packet *p)
{
    struct reader r = reader_of(b);
    p->kind = PACKET_UDP;
    p->local_port = read_u16(&r);
    p->peer_port = read_u16(&r);
    p->len = read_u16(&r) - 8U;
    return p->len + 8 != b.len ? "UDP's length is not the packet's" : NULL;
}

static bool sum_is_right(const struct packet *p, struct bytes body)
{
    uint64_t sum = p->protocol == 1 ? 0 : pseudo_sum(p->src, p->dst, p->protocol, body.len);
    return checksum_end(checksum_add(sum, body)) == 0;
}

static const char *read_ip(struct reader *r, struct packet *p, const struct addresses *a)
{
    struct reader whole = *r;
    unsigned first = read_u8(r);
    uint8_t tos = read_u8(r);
    size_t total = read_u16(r);
    p->id = read_u16(r);
    uint16_t fragment = read_u16(r);
    p->ttl = read_u8(r);
    p->protocol = read_u8(r);
    read_u16(r);
    p->src = read_u32(r);
    p->dst = read_u32(r);
    p->tos = tos & 0xfc;
    p->ecn = tos & 3;
    p->df = fragment & 0x4000;
    p->more_fragments = fragment & 0x2000;
    p->fragment_at = (uint16_t)((fragment & 0x1fff) * 8);
    if (r->ran_out || first != 0x45)
        return "it has no plain IPv4 header";
    if (total != reader_left(&whole))
        return "IP's total length is not the packet's";
    if (checksum_end(checksum_add(0, bytes_of(whole.at, IP_HEADER))) != 0)
        return "IP's checksum is wrong";
    return p->src != a->local ? "it has another's source address" : NULL;
}

const char *packet_read(struct bytes wire, struct packet *p, const struct addresses *a,
                        packet_flow_fn *find, void *ctx)
{
    struct reader r = reader_of(wire);
    *p = (struct packet){.has_window = true};
    const char *bad = read_ip(&r, p, a);
    if (bad)
        return bad;
    struct bytes body = read_rest(&r);
    bool whole = !p->more_fragments && p->fragment_at == 0;
    if (whole && (p->protocol == 6 || p->protocol == 17 || p->protocol == 1) &&
        !sum_is_right(p, body))
        return "the checksum is wrong";
    if (p->protocol == 6)
        return read_segment(body, p, find, ctx);
    if (p->protocol == 17 && whole)
        return read_udp(body, p);
    if (p->protocol == 1 && whole)
        return read_icmp(body, p);
    p->kind = PACKET_OTHER;
    p->len = (uint32_t)body.len;
    return NULL;
}

/* ---- Compared ----------------------------------------------------------------------------
 */

static bool option_equals(const struct option *a, const struct option *b)
{
    return a->kind == b->kind && a->n == b->n &&
           memcmp(a->value, b->value, sizeof a->value) == 0 &&
           memcmp(a->raw, b->raw, sizeof a->raw) == 0;
}

static bool options_equal(const struct packet *a, const struct packet *b)
{
    if (a->options != b->options)
        return false;
    for (unsigned i = 0; i < a->options; i++)
        if (!option_equals(&a->option[i], &b->option[i]))
            return false;
    return true;
}

static const char *segments_differ(const struct packet *want, const struct packet *got)
{
    if (want->flags != got->flags)
        return "flags";
    if (want->seq != got->seq || want->len != got->len)
        return "sequence numbers";
    if (want->flags & F_ACK && want->ack != got->ack)
        return "acknowledgement";
    if (want->has_window && want->window != got->window)
        return "window";
    if (want->urgent != got->urgent)
        return "urgent pointer";
    return want->any_options || options_equal(want, got) ? NULL : "options";
}

static const char *headers_differ(const struct packet *want, const struct packet *got)
{
    if (want->ecn != got->ecn)
        return "ECN bits";
    if (want->has_ttl && want->ttl != got->ttl)
        return "time to live";
    if (want->has_tos && want->tos != got->tos)
        return "type of service";
    if (want->has_df && want->df != got->df)
        return "DF bit";
    if (want->has_id && want->id != got->id)
        return "identification";
    if (want->has_src && want->src != got->src)
        return "source address";
    if (want->has_dst && want->dst != got->dst)
        return "destination address";
    return want->more_fragments != got->more_fragments || want->fragment_at != got->fragment_at
               ? "fragment"
               : NULL;
}

const char *packet_differs(const struct packet *want, const struct packet *got)
{
    if (want->kind != got->kind)
        return "protocol";
    const char *what = headers_differ(want, got);
    if (what)
        return what;
    if (want->kind == PACKET_TCP || want->kind == PACKET_UDP) {
        if (want->peer_port != got->peer_port || want->local_port != got->local_port)
            return "ports";
    }
    if (want->kind == PACKET_TCP)
        return segments_differ(want, got);
    if (want->kind == PACKET_ICMP && (want->type != got->type || want->code != got->code))
        return "type";
    if (want->kind == PACKET_OTHER && want->protocol != got->protocol)
        return "protocol";
    return want->len != got->len ? "length" : NULL;
}

/* ---- Shown --------------------------------------------------------------------------------
 */

struct out {
    char *at;
    size_t left;
};

__attribute__((format(printf, 2, 3))) static void put(struct out *o, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(o->at, o->left, format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < o->left ? (size_t)n : o->left - 1;
    o->at += len;
    o->left -= len;
}

static void put_option(struct out *o, const struct option *opt)
{
    switch ((enum packet_option)opt->kind) {
    case OPT_EOL:
        put(o, "eol");
        return;
    case OPT_NOP:
        put(o, "nop");
        return;
    case OPT_MSS:
        put(o, "mss %u", opt->value[0]);
        return;
    case OPT_WSCALE:
        put(o, "wscale %u", opt->value[0]);
        return;
    case OPT_SACKOK:
        put(o, "sackOK");
        return;
    case OPT_TS:
        put(o, "TS val %u ecr %u", opt->value[0], opt->value[1]);
        return;
    case OPT_SACK:
        put(o, "sack");
        for (unsigned i = 0; i + 1 < opt->n; i += 2)
            put(o, " %u:%u", opt->value[i], opt->value[i + 1]);
        return;
    case OPT_RAW:
        put(o, "raw ");
        for (unsigned i = 0; i < opt->n; i++)
            put(o, "%02x", opt->raw[i]);
        return;
    }
}

static void put_attributes(struct out *o, const struct packet *p, const struct packet *want)
{
    static const char *const ecn[] = {"", "[ect1] ", "[ect0] ", "[ce] "};
    put(o, "%s", ecn[p->ecn]);
    if (want->has_ttl)
        put(o, "[ttl %u] ", p->ttl);
    if (want->has_tos)
        put(o, "[tos %u] ", p->tos);
    if (want->has_df)
        put(o, "[%s] ", p->df ? "df" : "nodf");
    if (want->has_id)
        put(o, "[id %u] ", p->id);
    if (want->has_src)
        put(o, "[src %u.%u.%u.%u] ", p->src >> 24, p->src >> 16 & 255, p->src >> 8 & 255,
            p->src & 255);
    if (want->has_dst)
        put(o, "[dst %u.%u.%u.%u] ", p->dst >> 24, p->dst >> 16 & 255, p->dst >> 8 & 255,
            p->dst & 255);
    if (p->more_fragments || p->fragment_at)
        put(o, "[frag %u%s] ", p->fragment_at, p->more_fragments ? "+" : "");
}

static void put_segment(struct out *o, const struct packet *p, const struct packet *want)
{
    static const char letters[] = "FSRP.UEW";
    put(o, ":%u>%u ", p->peer_port, p->local_port);
    for (unsigned i = 0; i < 8; i++)
        if (p->flags & 1U << i && letters[i] != '.')
            put(o, "%c", letters[i]);
    put(o, "%s %u:%u(%u)", p->flags & F_ACK ? "." : "", p->seq, p->seq + p->len, p->len);
    if (p->flags & F_ACK)
        put(o, " ack %u", p->ack);
    if (want->has_window)
        put(o, " win %u", p->window);
    if (p->urgent)
        put(o, " urg %u", p->urgent);
    if (want->any_options || p->options == 0)
        return;
    for (unsigned i = 0; i < p->options; i++) {
        put(o, "%s", i == 0 ? " <" : ", ");
        put_option(o, &p->option[i]);
    }
    put(o, ">");
}

void packet_text(char text[PACKET_TEXT_MAX], const struct packet *p, const struct packet *want)
{
    struct out o = {text, PACKET_TEXT_MAX};
    want = want ? want : p;
    text[0] = 0;
    put_attributes(&o, p, want);
    switch (p->kind) {
    case PACKET_TCP:
        put_segment(&o, p, want);
        break;
    case PACKET_UDP:
        put(&o, ":%u>%u udp (%u)", p->peer_port, p->local_port, p->len);
        break;
    case PACKET_ICMP:
        put(&o, "icmp %u/%u (%u)", p->type, p->code, p->len);
        break;
    case PACKET_OTHER:
        put(&o, "ip %u (%u)", p->protocol, p->len);
        break;
    }
}
