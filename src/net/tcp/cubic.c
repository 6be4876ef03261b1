/* SPDX-License-Identifier: ISC */
/* CUBIC (RFC 9438) in whole numbers, and HyStart++ (RFC 9406) for the first slow start.
 *
 * Windows are octets. CUBIC's clock ticks 1024 times a second, so that the cube of a time is
 * brought back to seconds by shifts; W_est is kept in 1/1024 octets, because in a large window
 * one acknowledgement adds less than an octet to it. */

#include "net/tcp/congestion.h"
#include "net/tcp/core.h"

#define TICKS     1024U      /* a second */
#define TICKS_MAX (1U << 20) /* from K: further away the window is at its limit anyway */
#define EST_UNIT  1024U      /* of an octet */
#define NO_RTT    UINT32_MAX /* microseconds */
#define ABC_LIMIT 8U         /* L of RFC 9406 4.3: segments without pacing */

/* RFC 9406 4.3 */
#define RTT_THRESH_MIN_US 4000U
#define RTT_THRESH_MAX_US 16000U
#define RTT_DIVISOR       8U
#define RTT_SAMPLES       8U
#define CSS_DIVISOR       4U
#define CSS_ROUNDS        5U

/* ---- The cubic function: RFC 9438 4.2 ----------------------------------------------- */

uint32_t tcp_cube_root(uint64_t n)
{
    uint64_t root = 0;
    for (int s = 63; s >= 0; s -= 3) {
        root *= 2;
        uint64_t b = 3 * root * (root + 1) + 1;
        if ((n >> s) >= b) {
            n -= b << s;
            root++;
        }
    }
    return (uint32_t)root;
}

static uint64_t ticks_of(uint64_t ns)
{
    return ns / 1000 * TICKS / 1000000;
}

/* K: the cube root of (W_max - cwnd_epoch) / C, windows in segments, C = 0.4. */
static uint32_t ticks_to(uint32_t w_max, uint32_t cwnd, uint32_t mss)
{
    return w_max > cwnd ? tcp_cube_root((uint64_t)(w_max - cwnd) * 5 * (1U << 29) / mss) : 0;
}

/* W_cubic(t) = C (t - K)^3 + W_max. */
static uint32_t w_cubic(const struct tcp_conn *c, uint64_t ticks)
{
    const struct tcp_cubic_state *q = &c->cubic;
    bool before = ticks < q->k_ticks;
    uint64_t d = before ? q->k_ticks - ticks : ticks - q->k_ticks;
    d = d < TICKS_MAX ? d : TICKS_MAX;
    uint64_t off = (d * d * d >> 20) * 4 * c->mss / (10 * TICKS);
    if (before)
        return off < q->w_max ? q->w_max - (uint32_t)off : 0;
    return off < TCP_CWND_MAX - q->w_max ? q->w_max + (uint32_t)off : TCP_CWND_MAX;
}

/* ---- Congestion avoidance ------------------------------------------------------------ */

/* A time that neither begins before the last loss nor counts when the window was not used:
 * RFC 9438 4.2, 5.8. After a slow start that no loss ended, and after a time-out, the curve
 * begins at its flat point (4.8, 4.10). */
static void begin_epoch(struct tcp_conn *c, uint64_t now)
{
    struct tcp_cubic_state *q = &c->cubic;
    q->in_epoch = true;
    q->epoch_at = now;
    q->w_max = tcp_max(q->w_max, c->cwnd);
    q->k_ticks = ticks_to(q->w_max, c->cwnd, c->mss);
    q->w_est = (uint64_t)c->cwnd * EST_UNIT;
    q->rest = 0;
}

/* RFC 9438 4.3: what Reno, with the same share of a loss, would have by now. Alpha is
 * 3 (1 - 0.7) / (1 + 0.7) = 9/17 until the window of the last loss is reached, then 1. */
static uint32_t reno_friendly(struct tcp_conn *c, uint32_t acked)
{
    struct tcp_cubic_state *q = &c->cubic;
    uint64_t more = (uint64_t)tcp_min(acked, c->cwnd) * c->mss * EST_UNIT / c->cwnd;
    q->w_est += q->w_est / EST_UNIT < q->w_prior ? more * 9 / 17 : more;
    return (uint32_t)(q->w_est / EST_UNIT);
}

/* RFC 9438 4.4, 4.5: by (target - cwnd) / cwnd for each acknowledged segment, and half of cwnd
 * in a round trip at most. */
static void approach(struct tcp_conn *c, uint32_t target, uint32_t acked)
{
    struct tcp_cubic_state *q = &c->cubic;
    target = tcp_min(target, c->cwnd + c->cwnd / 2);
    if (target <= c->cwnd)
        return;
    uint64_t sum = (uint64_t)(target - c->cwnd) * tcp_min(acked, c->cwnd) + q->rest;
    q->rest = (uint32_t)(sum % c->cwnd);
    c->cwnd += (uint32_t)(sum / c->cwnd);
}

static void avoid(struct tcp_conn *c, uint32_t acked, uint64_t now)
{
    const struct tcp_cubic_state *q = &c->cubic;
    if (!q->in_epoch)
        begin_epoch(c, now);
    uint64_t t = now - q->epoch_at;
    uint32_t est = reno_friendly(c, acked);
    if (w_cubic(c, ticks_of(t)) < est)
        c->cwnd = tcp_max(c->cwnd, est);
    else
        approach(c, w_cubic(c, ticks_of(t + c->srtt_ns)), acked);
}

/* ---- Slow start with HyStart++: RFC 9406 4.2 ------------------------------------------ */

static void begin_round(struct tcp_conn *c)
{
    struct tcp_cubic_state *q = &c->cubic;
    q->round_end = c->snd_max;
    q->rtt_before_us = q->rtt_us;
    q->rtt_us = NO_RTT;
    q->samples = 0;
    q->used_before = q->used;
    q->used = 0;
}

static void timed(struct tcp_conn *c, uint64_t rtt_ns)
{
    struct tcp_cubic_state *q = &c->cubic;
    uint64_t us = rtt_ns / 1000;
    if (us < q->rtt_us)
        q->rtt_us = (uint32_t)us;
    if (q->samples < UINT8_MAX)
        q->samples++;
}

/* Whether round trips have become longer: a queue builds up. */
static bool has_slowed(const struct tcp_cubic_state *q)
{
    if (q->samples < RTT_SAMPLES || q->rtt_us == NO_RTT || q->rtt_before_us == NO_RTT)
        return false;
    uint32_t thresh =
        tcp_max(RTT_THRESH_MIN_US, tcp_min(q->rtt_before_us / RTT_DIVISOR, RTT_THRESH_MAX_US));
    return q->rtt_us >= q->rtt_before_us + thresh;
}

/* After each acknowledgement; `round` says that it ended one. */
static void look_at_round_trips(struct tcp_conn *c, bool round)
{
    struct tcp_cubic_state *q = &c->cubic;
    if (!q->css) {
        q->css = has_slowed(q);
        q->css_rounds = 0;
        q->css_rtt_us = q->rtt_us;
    } else if (q->samples >= RTT_SAMPLES && q->rtt_us < q->css_rtt_us) {
        q->css = false; /* it was no queue: slow start goes on */
    } else if (round && ++q->css_rounds >= CSS_ROUNDS) {
        q->css = false;
        c->ssthresh = c->cwnd;
    }
}

static void slow_start(struct tcp_conn *c, uint32_t acked, bool round)
{
    struct tcp_cubic_state *q = &c->cubic;
    uint32_t more = tcp_min(acked, ABC_LIMIT * c->mss);
    if (q->first)
        look_at_round_trips(c, round);
    c->cwnd += q->css ? more / CSS_DIVISOR : more;
}

/* ---- The five functions --------------------------------------------------------------- */

static void begin(struct tcp_conn *c)
{
    c->cwnd = c->syn_lost ? c->mss : tcp_initial_window(c);
    c->ssthresh = TCP_CWND_MAX;
    c->cubic = (struct tcp_cubic_state){
        .round_end = c->snd_max, .rtt_us = NO_RTT, .rtt_before_us = NO_RTT, .first = true};
}

/* RFC 9438 5.8: the window grows only if it was used, half of it in slow start (which doubles
 * it in a round trip), else all but what a few segments of slack explain. What was used is
 * the most that was in flight in this round trip and the one before: acknowledgements that come
 * together see less and less of it. */
static bool is_used(const struct tcp_conn *c)
{
    uint32_t used = tcp_max(c->cubic.used, c->cubic.used_before);
    return c->cwnd < c->ssthresh ? used >= c->cwnd / 2 : used + 3U * c->mss >= c->cwnd;
}

static void grow(struct tcp_conn *c, uint32_t acked, uint32_t flight, uint64_t now)
{
    struct tcp_cubic_state *q = &c->cubic;
    bool round = seq_le(q->round_end, c->snd_una);
    q->used = tcp_max(q->used, flight);
    if (!is_used(c)) {
        q->epoch_at += now - q->grown_at;
    } else if (c->cwnd < c->ssthresh) {
        slow_start(c, acked, round);
    } else {
        avoid(c, acked, now);
    }
    q->grown_at = now;
    if (round)
        begin_round(c);
    c->cwnd = tcp_min(c->cwnd, TCP_CWND_MAX);
}

/* RFC 9438 4.6 with beta = 0.7, and 4.7: a flow whose window has become smaller since the loss
 * before gives up some more, for those that come. After a time-out W_max is found anew. */
static void reduce(struct tcp_conn *c, bool timed_out)
{
    struct tcp_cubic_state *q = &c->cubic;
    q->w_prior = c->cwnd;
    q->w_max = c->cwnd < q->w_max ? c->cwnd / 20 * 17 : c->cwnd;
    if (timed_out)
        q->w_max = 0;
    q->in_epoch = q->first = q->css = false;
    c->cwr_due = c->ecn;
    c->ssthresh = tcp_max(tcp_min(tcp_flight(c), c->cwnd) / 10 * 7, 2U * c->mss);
}

/* RFC 5681 4.1. Slow start leads back to near where the window was (RFC 9438 5.8 lets time
 * stand still meanwhile). */
static void idled(struct tcp_conn *c, uint64_t now)
{
    struct tcp_cubic_state *q = &c->cubic;
    q->epoch_at += now - q->grown_at;
    q->grown_at = now;
    uint32_t restart = tcp_initial_window(c);
    if (c->cwnd <= restart)
        return;
    c->ssthresh = tcp_max(c->ssthresh, c->cwnd / 4 * 3);
    c->cwnd = restart;
}

const struct tcp_congestion tcp_cubic = {begin, timed, grow, reduce, idled};
