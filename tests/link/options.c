/* SPDX-License-Identifier: ISC */
#include "tests/link/options.h"

#include <stdio.h>
#include <stdlib.h>

#define MS 1000000ULL

const char link_options_help[] =
    "  loss=1%               lost one by one, at random\n"
    "  burst=0.1%,20%,100%   with each packet the link goes bad by the first chance and good\n"
    "                        again by the second; while it is bad it loses the third\n"
    "  duplicate=1%          doubled, perhaps more than once\n"
    "  corrupt=1%            a bit is turned over, or the end cut off\n"
    "  reorder=5%,10ms       held so long, and so overtaken\n"
    "  delay=20ms            (s, ms, us, ns)\n"
    "  jitter=5ms            up to so much more\n"
    "  rate=100mbit          bandwidth in bits a second (kbit, mbit, gbit)\n"
    "  queue=50ms            before that, to begin with 100ms; what would wait longer is lost\n"
    "  mark=1%               congestion experienced, where the packet allows it\n"
    "  mark-above=5ms        the same when it waits so long for the bandwidth\n"
    "  mtu=1400[,10s]        longest IP packet, from that time on; who sends a longer one "
    "that\n"
    "                        must not be fragmented is told\n"
    "  silent-mtu=1400[,10s] the same, and nobody is told\n";

/* A number, and what it is multiplied by, after its unit. */
struct unit {
    const char *name;
    double factor;
};

static const struct unit times[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {NULL, 0}};
static const struct unit rates[] = {
    {"kbit", 1e3 / 8}, {"mbit", 1e6 / 8}, {"gbit", 1e9 / 8}, {NULL, 0}};
static const struct unit chances[] = {{"%", LINK_SURE / 100.0}, {NULL, 0}};
static const struct unit lengths[] = {{"", 1}, {NULL, 0}};

/* What is left of an option's value. */
struct words {
    const char *at;
    bool bad;
};

static double quantity(struct words *w, const struct unit *units, double most)
{
    char *end;
    double n = w->at[0] >= '0' && w->at[0] <= '9' ? strtod(w->at, &end) : -1;
    if (n < 0) {
        w->bad = true;
        return 0;
    }
    size_t len = strcspn(end, ",");
    while (units->name && (strlen(units->name) != len || strncmp(units->name, end, len) != 0))
        units++;
    w->at = end[len] ? end + len + 1 : end + len;
    w->bad |= !units->name || n * units->factor > most || (end[len] && !end[len + 1]);
    return n * units->factor;
}

static uint64_t a_time(struct words *w)
{
    return (uint64_t)quantity(w, times, 1e12);
}

static uint32_t a_chance(struct words *w)
{
    return (uint32_t)(quantity(w, chances, LINK_SURE) + 0.5);
}

static void set_mtu(struct link_way *way, struct words *w)
{
    double n = quantity(w, lengths, 65535);
    w->bad |= n < 68; /* RFC 791: what every module must be able to forward */
    way->mtu = (uint32_t)n;
    way->mtu_from = *w->at ? a_time(w) : 0;
}

/* ---- An option each -------------------------------------------------------------------- */

static void set_loss(struct link_way *way, struct words *w)
{
    way->loss = a_chance(w);
}

static void set_burst(struct link_way *way, struct words *w)
{
    way->burst_begins = a_chance(w);
    way->burst_ends = a_chance(w);
    way->burst_loss = a_chance(w);
}

static void set_duplicate(struct link_way *way, struct words *w)
{
    way->duplication = a_chance(w);
    w->bad |= way->duplication > LINK_SURE / 2; /* it is tried again for each double */
}

static void set_corrupt(struct link_way *way, struct words *w)
{
    way->corruption = a_chance(w);
}

static void set_reorder(struct link_way *way, struct words *w)
{
    way->holding = a_chance(w);
    way->hold_ns = a_time(w);
}

static void set_delay(struct link_way *way, struct words *w)
{
    way->delay_ns = a_time(w);
}

static void set_jitter(struct link_way *way, struct words *w)
{
    way->jitter_ns = a_time(w);
}

static void set_rate(struct link_way *way, struct words *w)
{
    way->octets_per_s = (uint64_t)quantity(w, rates, 1e11);
    way->queue_ns = way->queue_ns ? way->queue_ns : 100 * MS;
    w->bad |= way->octets_per_s == 0;
}

static void set_queue(struct link_way *way, struct words *w)
{
    way->queue_ns = a_time(w);
}

static void set_mark(struct link_way *way, struct words *w)
{
    way->marking = a_chance(w);
}

static void set_mark_above(struct link_way *way, struct words *w)
{
    way->mark_above_ns = a_time(w);
}

static void set_loud_mtu(struct link_way *way, struct words *w)
{
    set_mtu(way, w);
    way->silent = false;
}

static void set_silent_mtu(struct link_way *way, struct words *w)
{
    set_mtu(way, w);
    way->silent = true;
}

static const struct option {
    const char *name, *example;
    void (*set)(struct link_way *way, struct words *w);
} options[] = {
    {"loss", "1%", set_loss},
    {"burst", "0.1%,20%,100%", set_burst},
    {"duplicate", "1% (50% at most)", set_duplicate},
    {"corrupt", "1%", set_corrupt},
    {"reorder", "5%,10ms", set_reorder},
    {"delay", "20ms", set_delay},
    {"jitter", "5ms", set_jitter},
    {"rate", "100mbit", set_rate},
    {"queue", "50ms", set_queue},
    {"mark", "1%", set_mark},
    {"mark-above", "5ms", set_mark_above},
    {"mtu", "1400 or 1400,10s", set_loud_mtu},
    {"silent-mtu", "1400 or 1400,10s", set_silent_mtu},
};

static const struct option *find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0)
            return &options[i];
    return NULL;
}

int link_option(struct link *l, const char *option, char error[LINK_ERROR_LEN])
{
    bool ab = strncmp(option, "ba-", 3) != 0, ba = strncmp(option, "ab-", 3) != 0;
    const char *name = ab && ba ? option : option + 3;
    size_t len = strcspn(name, "=");
    const struct option *o = find(name, len);
    if (!o) {
        snprintf(error, LINK_ERROR_LEN, "there is no option '%.40s': see --help", option);
        return -1;
    }
    bool bad = name[len] != '=';
    for (int to = 0; to < 2 && !bad; to++) {
        struct words w = {name + len + 1, false};
        if (to == 1 ? !ab : !ba)
            continue;
        o->set(&l->way[to], &w);
        bad = w.bad || *w.at;
    }
    if (bad)
        snprintf(error, LINK_ERROR_LEN, "'%.60s' cannot be: say %s=%s", option, o->name,
                 o->example);
    return bad ? -1 : 0;
}
