/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SUPPORT_TCP_TEXT_H
#define TESTS_SUPPORT_TCP_TEXT_H

/* One connection against a script. Segments are text, as packetdrill and tcpdump print
 * them: flags (S F R P U, and . for ACK), sequence number, length, then what there is of
 * ack, win, mss, wscale, sackok, ts, ecr and sack:
 *
 *     "P. 1000(5) ack 5000 win 100"      "S 999(0) win 65535 mss 1460 wscale 7 sackok"
 *     ". 1000(0) ack 5000 ts 7 ecr 8"    ". 1000(0) ack 5000 sack 6000:7000 sack 8000:9000"
 *
 * Ours begin at 5000 (ISS 4999), the peer's at 1000 (IRS 999). Text is made from its
 * sequence number, so that whatever arrives can be verified. What we send goes through
 * tcp_print and tcp_parse before it becomes text. tcp_check runs after every event. */

#include "net/tcp/congestion.h"
#include "net/tcp/conn.h"
#include "net/tcp/core.h"
#include "tests/check.h"
#include "tests/support/test_supply.h"

#include <stdlib.h>

static struct tcp_shared shared;
static struct supply memory;
static struct tcp_conn conn;
static uint64_t now;
static unsigned events; /* of all calls since events_of was last asked */
static const struct tcp_congestion *congestion = &tcp_reno; /* has the rounder numbers */
static uint32_t window = 65535;                             /* of segments that name none */
static bool show_window, show_options;                      /* sackok, ts and ecr */
static bool silent; /* tcp_next_segment is not called: what is due stays so */
static unsigned refuse_from = UINT32_MAX, refuse_to = UINT32_MAX, requests;

__attribute__((unused)) static void *supply_malloc(struct supply *s, size_t len)
{
    (void)s;
    unsigned n = requests++;
    return n >= refuse_from && n < refuse_to ? NULL : dirty_memory(len);
}

__attribute__((unused)) static void supply_unmalloc(struct supply *s, void *at, size_t len)
{
    (void)s, (void)len;
    free(at);
}

static uint32_t no_random(void *ctx)
{
    (void)ctx;
    return 0;
}

static uint8_t octet_at(uint32_t seq)
{
    return (uint8_t)(seq * 2654435761U >> 24);
}

static void fill(uint8_t *to, uint32_t seq, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = octet_at(seq + (uint32_t)i);
}

static const struct ip4 US = {0x0a000002}, PEER = {0x0a000001};

/* ---- Text ------------------------------------------------------------------ */
static uint8_t segment_text[1 << 17];

static struct tcp_segment segment_of(const char *s)
{
    static const char letters[] = "FSRPU";
    static const uint8_t bits[] = {TCP_FIN, TCP_SYN, TCP_RST, TCP_PSH, TCP_URG};
    struct tcp_segment seg = {.src_port = 1, .dst_port = 2, .window = (uint16_t)window};
    unsigned len = 0, value = 0;
    int used = 0;
    char name[16];
    for (; *s && *s != ' '; s++) {
        const char *letter = strchr(letters, *s);
        seg.flags |= *s == '.' ? TCP_ACK : letter ? bits[letter - letters] : 0;
    }
    if (sscanf(s, " %u(%u)%n", &seg.seq.n, &len, &used) != 2)
        abort();
    for (s += used; sscanf(s, " %15s %u%n", name, &value, &used) >= 1; s += used) {
        if (!strcmp(name, "ack")) {
            seg.flags |= TCP_ACK;
            seg.ack.n = value;
        } else if (!strcmp(name, "win")) {
            seg.window = (uint16_t)value;
        } else if (!strcmp(name, "mss")) {
            seg.has_mss = true;
            seg.mss = (uint16_t)value;
        } else if (!strcmp(name, "wscale")) {
            seg.has_wscale = true;
            seg.wscale = (uint8_t)value;
        } else if (!strcmp(name, "sackok")) {
            seg.sack_permitted = true;
            used = (int)(strstr(s, name) - s) + 6;
        } else if (!strcmp(name, "ts")) {
            seg.has_ts = true;
            seg.ts_val = value;
        } else if (!strcmp(name, "ecr")) {
            seg.ts_ecr = value;
        } else if (!strcmp(name, "sack") && seg.sacks < TCP_SACKS_MAX && s[used] == ':') {
            struct tcp_range *block = &seg.sack[seg.sacks++];
            char *end;
            block->from.n = value;
            block->to.n = (uint32_t)strtoul(s + used + 1, &end, 10);
            used = (int)(end - s);
        } else {
            abort();
        }
    }
    fill(segment_text, seg.seq.n + !!(seg.flags & TCP_SYN), len);
    seg.text = bytes_of(segment_text, len);
    return seg;
}

static size_t text_of(char *to, size_t room, const struct tcp_segment *seg, size_t len)
{
    char flags[8], *f = flags;
    if (seg->flags & TCP_FIN)
        *f++ = 'F';
    if (seg->flags & TCP_SYN)
        *f++ = 'S';
    if (seg->flags & TCP_RST)
        *f++ = 'R';
    if (seg->flags & TCP_PSH)
        *f++ = 'P';
    if (seg->flags & TCP_URG)
        *f++ = 'U';
    if (seg->flags & TCP_ACK)
        *f++ = '.';
    *f = 0;
    size_t n = (size_t)snprintf(to, room, "%s %u(%zu)", flags, seg->seq.n, len);
    if (seg->flags & TCP_ACK && n < room)
        n += (size_t)snprintf(to + n, room - n, " ack %u", seg->ack.n);
    if (show_window && n < room)
        n += (size_t)snprintf(to + n, room - n, " win %u", seg->window);
    if (seg->has_mss && n < room)
        n += (size_t)snprintf(to + n, room - n, " mss %u", seg->mss);
    if (seg->has_wscale && n < room)
        n += (size_t)snprintf(to + n, room - n, " wscale %u", seg->wscale);
    if (show_options && seg->sack_permitted && n < room)
        n += (size_t)snprintf(to + n, room - n, " sackok");
    if (show_options && seg->has_ts && n < room)
        n += (size_t)snprintf(to + n, room - n, " ts %u ecr %u", seg->ts_val, seg->ts_ecr);
    for (unsigned i = 0; i < seg->sacks && n < room; i++)
        n += (size_t)snprintf(to + n, room - n, " sack %u:%u", seg->sack[i].from.n,
                              seg->sack[i].to.n);
    return n;
}

/* ---- Events ---------------------------------------------------------------- */
static char sent_text[8192];
static size_t sent_len;

static void note_sent(const struct tcp_segment *out)
{
    static uint8_t wire[70000];
    struct writer w = writer_of(wire, sizeof wire);
    struct tcp_segment seg = *out, back;
    seg.src_port = 2;
    seg.dst_port = 1;
    tcp_print(&w, &seg, &conn.out, US, PEER);
    CHECK_INT(tcp_parse(bytes_of(wire, writer_len(&w)), US, PEER, &back), TCP_OK);
    for (size_t i = 0; i < back.text.len; i++)
        CHECK_INT(back.text.at[i], octet_at(back.seq.n + (uint32_t)i));
    if (sent_len > sizeof sent_text - 200)
        return; /* nobody reads so much */
    if (sent_len > 0)
        sent_len += (size_t)snprintf(sent_text + sent_len, sizeof sent_text - sent_len, "; ");
    sent_len +=
        text_of(sent_text + sent_len, sizeof sent_text - sent_len, &back, back.text.len);
}

/* What goes out now. */
static const char *sent(void)
{
    struct tcp_segment seg;
    sent_len = 0;
    sent_text[0] = 0;
    tcp_check(&conn);
    for (unsigned n = 0; !silent && tcp_wants_to_send(&conn, now); n++) {
        CHECK(n < 1000);
        CHECK(tcp_next_segment(&conn, now, &seg));
        note_sent(&seg);
        tcp_check(&conn);
    }
    return sent_text;
}

__attribute__((unused)) static const char *arrives(struct tcp_conn *c, const char *text)
{
    struct tcp_segment seg = segment_of(text);
    struct tcp_out out = {0};
    tcp_arrives(c, &seg, now, &out);
    events |= out.events;
    return sent();
}

/* `ns` pass; whatever falls due in between is done at its time. */
__attribute__((unused)) static const char *passes(uint64_t ns)
{
    uint64_t end = now + ns;
    static char all[8192];
    size_t n = 0;
    all[0] = 0;
    while (tcp_deadline(&conn) <= end) {
        struct tcp_out out = {0};
        now = tcp_deadline(&conn);
        tcp_expires(&conn, now, &out);
        events |= out.events;
        if (*sent())
            n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", n ? "; " : "", sent_text);
    }
    now = end;
    return all;
}

/* The user writes the next n octets. */
static uint32_t written;

static size_t queue(size_t n)
{
    static uint8_t text[1 << 20];
    fill(text, conn.iss.n + 1 + written, n);
    n = tcp_write(&conn, bytes_of(text, n), now);
    written += (uint32_t)n;
    return n;
}

__attribute__((unused)) static const char *writes(size_t n)
{
    CHECK_INT(queue(n), n);
    return sent();
}

static uint32_t taken;

/* The user reads up to n octets, which must be the right ones. */
static size_t take(size_t n)
{
    static uint8_t text[1 << 20];
    n = tcp_read(&conn, text, n < sizeof text ? n : sizeof text, now);
    for (size_t i = 0; i < n; i++)
        CHECK_INT(text[i], octet_at(conn.irs.n + 1 + taken + (uint32_t)i));
    taken += (uint32_t)n;
    return n;
}

__attribute__((unused)) static const char *reads(size_t n)
{
    CHECK_INT(take(n), n);
    return sent();
}

__attribute__((unused)) static const char *shuts_down(void)
{
    tcp_shutdown(&conn, now);
    return sent();
}

__attribute__((unused)) static const char *closes(void)
{
    struct tcp_out out = {0};
    tcp_close(&conn, now, &out);
    events |= out.events;
    return sent();
}

__attribute__((unused)) static const char *aborts(void)
{
    struct tcp_out out = {0};
    tcp_abort(&conn, &out);
    events |= out.events;
    return sent();
}

__attribute__((unused)) static const char *events_of(void)
{
    static const char *const names[] = {"established", "readable", "writable", "ended", "free"};
    static char text[80];
    text[0] = 0;
    for (unsigned i = 0; i < 5; i++)
        if (events & 1U << i)
            strcat(strcat(text, text[0] ? " " : ""), names[i]);
    events = 0;
    return text;
}

__attribute__((unused)) static const char *state(void)
{
    static const char *const names[] = {
        "CLOSED",     "SYN-SENT",   "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
        "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",      "LAST-ACK",    "TIME-WAIT"};
    return names[conn.state];
}

/* ---- Beginnings ------------------------------------------------------------ */
static const struct tcp_open OPEN = {.iss = {4999}, .mss = 1460, .owner = NULL};

static void fresh(void)
{
    if (conn.shared)
        tcp_free(&conn);
    CHECK_INT(memory.used, 0);
    memory = (struct supply){.get = supply_malloc, .put = supply_unmalloc, .limit = SIZE_MAX};
    uint32_t receive_max = shared.receive_max, send_max = shared.send_max;
    shared = (struct tcp_shared){.buffers = &memory,
                                 .receive_max = receive_max ? receive_max : 65536,
                                 .send_max = send_max ? send_max : 65536,
                                 .congestion = congestion,
                                 .random = no_random};
    now = 1000 * TCP_SECOND;
    events = 0;
    window = 65535;
    written = taken = requests = 0;
    refuse_from = refuse_to = UINT32_MAX;
    show_window = show_options = silent = false;
}

/* SYN-SENT; returns the SYN. */
__attribute__((unused)) static const char *connects(void)
{
    fresh();
    tcp_connect(&conn, &shared, &OPEN, now);
    return sent();
}

/* SYN-RECEIVED from a listener; returns the SYN,ACK. */
__attribute__((unused)) static const char *accepts(const char *syn)
{
    fresh();
    struct tcp_segment seg = segment_of(syn);
    tcp_accept(&conn, &shared, &OPEN, &seg, now);
    return sent();
}

/* ESTABLISHED, passively, with nothing sent or received. */
__attribute__((unused)) static void establish(void)
{
    accepts("S 999(0) mss 1460");
    CHECK_STR(arrives(&conn, ". 1000(0) ack 5000"), "");
    CHECK_STR(state(), "ESTABLISHED");
    events = 0;
}

#endif
