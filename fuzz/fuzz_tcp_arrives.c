/* SPDX-License-Identifier: ISC */
/* A connection, and octets that say what happens to it: segments near or far from what it
 * expects, the user's calls, time, memory that is refused, a device that is full. The
 * invariants are checked after each event; whatever ends begins anew. */

#include "base/check.h"
#include "net/tcp/conn.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum event {
    SEGMENT, /* five times as likely as the others: see event_of */
    TIME = 5,
    WRITE,
    READ,
    SHUTDOWN,
    CLOSE,
    ABORT,
    FLUSH,
    UNSENT,
    MEMORY,
    NETWORK_ERROR,
    OPTION,
    EVENTS
};

struct world {
    struct supply memory;
    struct tcp_shared shared;
    struct tcp_conn conn;
    struct reader r;
    uint64_t now;
    bool refuse, let_go;
};

static struct world *the_world;

static void *get(struct supply *s, size_t len)
{
    (void)s;
    return the_world->refuse ? NULL : calloc(1, len);
}

static void put(struct supply *s, void *at, size_t len)
{
    (void)s, (void)len;
    free(at);
}

static uint32_t no_random(void *ctx)
{
    (void)ctx;
    return 0;
}

static const uint8_t TEXT[65536];

static struct seq near(struct world *w, struct seq base)
{
    return seq_add(base, (uint32_t)(int32_t)(int16_t)read_u16(&w->r));
}

static void options_of(struct world *w, struct tcp_segment *seg)
{
    uint8_t what = read_u8(&w->r);
    seg->has_ts = what & 1;
    seg->sack_permitted = what & 2;
    if (what & 4)
        seg->ts_val += (uint32_t)(int32_t)(int16_t)read_u16(&w->r);
    if (what & 8)
        seg->ts_ecr -= read_u16(&w->r);
    seg->sacks = what >> 4 & 3;
    seg->sacks = (uint8_t)(seg->sacks + (what >> 7));
    for (unsigned i = 0; i < seg->sacks; i++) {
        seg->sack[i].from = near(w, w->conn.snd_una);
        seg->sack[i].to = seq_add(seg->sack[i].from, read_u16(&w->r));
    }
}

static struct tcp_segment segment_of(struct world *w)
{
    struct tcp_segment seg = {.src_port = 1, .dst_port = 2};
    uint8_t how = read_u8(&w->r);
    seg.flags = read_u8(&w->r);
    seg.seq = how & 1 ? near(w, w->conn.rcv_nxt) : w->conn.rcv_nxt;
    seg.ack = how & 2 ? near(w, w->conn.snd_una) : w->conn.snd_max;
    if (how & 4)
        seg.seq.n = read_u32(&w->r);
    if (how & 8)
        seg.ack.n = read_u32(&w->r);
    seg.window = how & 16 ? read_u16(&w->r) : UINT16_MAX;
    seg.text = bytes_of(TEXT, how & 32 ? read_u16(&w->r) : 0);
    seg.has_mss = seg.has_wscale = how & 64;
    if (how & 64) {
        seg.mss = read_u16(&w->r);
        seg.wscale = (uint8_t)(read_u8(&w->r) % 15);
    }
    /* What is negotiated is there, unless the octets say otherwise. */
    seg.has_ts = w->conn.stamped;
    seg.ts_val = w->conn.ts_recent;
    seg.ts_ecr = (uint32_t)(w->now / 1000000);
    if (how & 128)
        options_of(w, &seg);
    return seg;
}

static void begin(struct world *w)
{
    uint8_t how = read_u8(&w->r);
    struct tcp_open open = {.iss = {read_u32(&w->r)}, .mss = 1460};
    struct tcp_segment syn = segment_of(w);
    if (how & 1)
        open.mss = (uint16_t)(88 + read_u16(&w->r) % 65000);
    w->shared.receive_max = 4096U << (how >> 5);
    w->shared.send_max = 4096U << (how >> 2 & 7);
    w->let_go = false;
    syn.flags = TCP_SYN;
    if (how & 2)
        tcp_connect(&w->conn, &w->shared, &open, w->now);
    else
        tcp_accept(&w->conn, &w->shared, &open, &syn, w->now);
}

static void flush(struct world *w, bool unsent)
{
    struct tcp_segment seg;
    unsigned n = 0;
    while (tcp_next_segment(&w->conn, w->now, &seg)) {
        check(seg.text_len <= 65535 && seg.text_at + seg.text_len <= w->conn.out.count);
        check(n++ < 20000);
        tcp_check(&w->conn);
        if (unsent) {
            tcp_unsent(&w->conn, &seg, w->now);
            tcp_check(&w->conn);
            return;
        }
    }
    check(!tcp_wants_to_send(&w->conn, w->now));
}

static void passes(struct world *w, uint64_t ns, struct tcp_out *out)
{
    uint64_t end = w->now + ns;
    for (unsigned n = 0; n < 200 && tcp_deadline(&w->conn) <= end; n++) {
        w->now = tcp_deadline(&w->conn) > w->now ? tcp_deadline(&w->conn) : w->now;
        tcp_expires(&w->conn, w->now, out);
        tcp_check(&w->conn);
        flush(w, false);
    }
    w->now = end;
}

static void arrives(struct world *w, struct tcp_out *out)
{
    struct tcp_segment seg = segment_of(w);
    (void)tcp_may_reuse(&w->conn, &seg);
    tcp_arrives(&w->conn, &seg, w->now, out);
}

static void happens(struct world *w, unsigned event, struct tcp_out *out)
{
    static uint8_t buf[65536];
    switch (event) {
    case TIME:
        passes(w, (uint64_t)read_u16(&w->r) << (read_u8(&w->r) % 24), out);
        break;
    case WRITE:
        (void)tcp_write(&w->conn, bytes_of(TEXT, read_u16(&w->r)), w->now);
        break;
    case READ:
        (void)tcp_read(&w->conn, buf, read_u16(&w->r), w->now);
        break;
    case SHUTDOWN:
        tcp_shutdown(&w->conn, w->now);
        break;
    case CLOSE:
    case ABORT:
        if (!w->let_go && event == CLOSE)
            tcp_close(&w->conn, w->now, out);
        else if (!w->let_go)
            tcp_abort(&w->conn, out);
        w->let_go = true;
        break;
    case FLUSH:
        flush(w, false);
        break;
    case UNSENT:
        flush(w, true);
        break;
    case MEMORY:
        w->refuse = !w->refuse;
        break;
    case NETWORK_ERROR:
        tcp_error(&w->conn, -(int)read_u8(&w->r) - 1, out);
        break;
    case OPTION:
        tcp_set_nodelay(&w->conn, read_u8(&w->r) & 1);
        tcp_set_keepalive(&w->conn, (uint64_t)read_u16(&w->r) << 20, w->now);
        break;
    default:
        arrives(w, out);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct world w;
    w = (struct world){.r = reader_of(bytes_of(data, len)), .now = 1};
    w.memory = (struct supply){.get = get, .put = put, .limit = SIZE_MAX};
    w.shared = (struct tcp_shared){.buffers = &w.memory, .random = no_random};
    the_world = &w;
    begin(&w);
    tcp_check(&w.conn);
    while (reader_left(&w.r) > 0 && !w.r.ran_out) {
        struct tcp_out out = {0};
        uint8_t event = read_u8(&w.r);
        happens(&w, event % EVENTS, &out);
        tcp_check(&w.conn);
        check(tcp_readable(&w.conn) <= w.shared.receive_max);
        if (event & 128)
            flush(&w, false);
        if (w.conn.state == TCP_CLOSED) {
            check(out.events & TCP_EVENT_ENDED || !w.let_go || out.events & TCP_EVENT_FREE);
            tcp_free(&w.conn);
            check(w.memory.used == 0);
            begin(&w);
        }
    }
    tcp_free(&w.conn);
    check(w.memory.used == 0);
    return 0;
}
