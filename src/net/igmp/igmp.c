/* SPDX-License-Identifier: ISC */
#include "net/igmp/igmp.h"

#include "base/check.h"
#include "base/checksum.h"

#include <errno.h>

enum type { QUERY = 0x11, REPORT_1 = 0x12, REPORT_2 = 0x16, LEAVE_2 = 0x17, REPORT_3 = 0x22 };
/* Group records of version 3 (RFC 3376 4.2.12): what excludes no source takes all. */
enum record { MODE_IS_EXCLUDE = 2, CHANGE_TO_INCLUDE = 3, CHANGE_TO_EXCLUDE = 4 };

#define MESSAGE_LEN   8U
#define QUERY_3_LEN   12U
#define TENTH_NS      100000000ULL
#define ALL_HOSTS     ((struct ip4){0xe0000001})
#define ALL_ROUTERS   ((struct ip4){0xe0000002})
#define ALL_REPORTERS ((struct ip4){0xe0000016}) /* the version 3 routers */

static struct igmp_group *find(struct igmp *g, struct ip4 ip)
{
    /*@ loop invariant 0 <= i <= IGMP_GROUPS_MAX;
        loop assigns i;
        loop variant IGMP_GROUPS_MAX - i; */
    for (unsigned i = 0; i < IGMP_GROUPS_MAX; i++)
        if (ip4_equal(g->group[i].ip, ip))
            return &g->group[i];
    return NULL;
}

static uint64_t random_below(struct igmp *g, uint64_t ns)
{
    return ns == 0 ? 0 : (uint64_t)g->random(g->random_ctx) * 1000 % ns;
}

static bool is_version_2(const struct igmp *g, uint64_t now)
{
    return now < g->version_2_until;
}

/* ---- Members ----------------------------------------------------------------------------- */

static void say_change(struct igmp_group *e, uint64_t now)
{
    e->news = IGMP_CHANGE;
    e->changes = IGMP_ROBUSTNESS;
    e->due = now;
}

int igmp_join(struct igmp *g, struct ip4 group, uint64_t now)
{
    if (!ip4_is_multicast(group) || ip4_equal(group, ALL_HOSTS))
        return -EINVAL;
    struct igmp_group *e = find(g, group);
    if (!e)
        e = find(g, (struct ip4){0});
    if (!e)
        return -ENOSPC;
    e->ip = group;
    if (e->members++ == 0)
        say_change(e, now);
    return 0;
}

void igmp_leave(struct igmp *g, struct ip4 group, uint64_t now)
{
    struct igmp_group *e = find(g, group);
    check(e && e->members > 0);
    if (--e->members == 0)
        say_change(e, now);
}

bool igmp_is_member(const struct igmp *g, struct ip4 group)
{
    for (unsigned i = 0; i < IGMP_GROUPS_MAX; i++)
        if (ip4_equal(g->group[i].ip, group))
            return g->group[i].members > 0;
    return ip4_equal(group, ALL_HOSTS);
}

/* ---- Hearing ------------------------------------------------------------------------------
 */

/* RFC 3376 4.1.1: beyond 127 a floating-point number. In tenths of a second. */
static uint64_t max_response(uint8_t code)
{
    return code < 128 ? code : (uint64_t)(16 + code % 16) << (3 + code / 16 % 8);
}

static void answer_within(struct igmp *g, struct igmp_group *e, uint64_t ns, uint64_t now)
{
    if (e->members == 0)
        return;
    uint64_t at = now + random_below(g, ns);
    if (e->news == IGMP_NOTHING)
        e->news = IGMP_ANSWER;
    if (at < e->due)
        e->due = at;
}

static void query(struct igmp *g, size_t len, uint8_t code, struct ip4 group, uint64_t now)
{
    uint64_t ns = max_response(code) * TENTH_NS;
    if (len < QUERY_3_LEN) { /* RFC 3376 7.1; one of version 1 gives no time: ten seconds */
        g->version_2_until = now + IGMP_OLDER_QUERIER;
        ns = (code == 0 ? 100 : code) * TENTH_NS;
    }
    g->events[IGMP_QUERIES]++;
    /*@ loop invariant 0 <= i <= IGMP_GROUPS_MAX;
        loop assigns i, g->group[0 .. IGMP_GROUPS_MAX - 1];
        loop variant IGMP_GROUPS_MAX - i; */
    for (unsigned i = 0; i < IGMP_GROUPS_MAX; i++)
        if (group.n == 0 || ip4_equal(g->group[i].ip, group))
            answer_within(g, &g->group[i], ns, now);
}

static void silence(struct igmp *g, struct ip4 group, uint64_t now)
{
    struct igmp_group *e = find(g, group);
    if (!e || e->members == 0 || e->news == IGMP_NOTHING || !is_version_2(g, now))
        return;
    g->events[IGMP_SILENCED]++;
    e->news = IGMP_NOTHING;
    e->due = UINT64_MAX;
}

static enum igmp_verdict arrives(struct igmp *g, struct bytes message, struct ip4 dst,
                                 uint64_t now)
{
    struct reader r = reader_of(message);
    uint8_t type = read_u8(&r), code = read_u8(&r);
    read_u16(&r);
    struct ip4 group = {read_u32(&r)};
    if (r.ran_out)
        return IGMP_TRUNCATED;
    if (checksum_end(checksum_add(0, message)) != 0)
        return IGMP_BAD_CHECKSUM;
    bool general = type == QUERY && group.n == 0 && ip4_equal(dst, ALL_HOSTS);
    if (type != QUERY && type != REPORT_1 && type != REPORT_2)
        return IGMP_IGNORED;
    if (!general && !ip4_is_multicast(group))
        return IGMP_BAD_GROUP;
    if (type == QUERY)
        query(g, message.len, code, group, now);
    else
        silence(g, group, now);
    return IGMP_OK;
}

enum igmp_verdict igmp_arrives(struct igmp *g, struct bytes message, struct ip4 dst,
                               uint64_t now)
{
    enum igmp_verdict v = arrives(g, message, dst, now);
    g->verdicts[v]++;
    return v;
}

/* ---- Saying -------------------------------------------------------------------------------
 */

static void print_2(struct writer *w, enum type type, struct ip4 group)
{
    uint64_t sum = ((uint64_t)type << 8) + group.n;
    write_u8(w, (uint8_t)type);
    write_u8(w, 0);
    write_u16(w, checksum_end(sum));
    write_u32(w, group.n);
}

static void print_3(struct writer *w, enum record record, struct ip4 group)
{
    uint64_t sum = ((uint64_t)REPORT_3 << 8) + 1 + ((uint64_t)record << 8) + group.n;
    write_u8(w, REPORT_3);
    write_u8(w, 0);
    write_u16(w, checksum_end(sum));
    write_u32(w, 1); /* group records */
    write_u8(w, (uint8_t)record);
    write_u8(w, 0);
    write_u16(w, 0); /* sources */
    write_u32(w, group.n);
}

static void print(struct igmp *g, const struct igmp_group *e, uint64_t now, struct writer *w,
                  struct ip4 *dst)
{
    bool left = e->members == 0, old = is_version_2(g, now);
    g->events[left ? IGMP_LEAVES_OUT : IGMP_REPORTS_OUT]++;
    if (old)
        print_2(w, left ? LEAVE_2 : REPORT_2, e->ip);
    else if (left)
        print_3(w, CHANGE_TO_INCLUDE, e->ip);
    else
        print_3(w, e->news == IGMP_CHANGE ? CHANGE_TO_EXCLUDE : MODE_IS_EXCLUDE, e->ip);
    *dst = !old ? ALL_REPORTERS : left ? ALL_ROUTERS : e->ip;
}

/* What was said may have been lost: a change is said again. */
static void said(struct igmp *g, struct igmp_group *e, uint64_t now)
{
    if (e->news == IGMP_CHANGE && --e->changes > 0) {
        e->due = now + 1 + random_below(g, IGMP_UNSOLICITED);
        return;
    }
    e->news = IGMP_NOTHING;
    e->due = UINT64_MAX;
    if (e->members == 0)
        e->ip.n = 0;
}

bool igmp_next_packet(struct igmp *g, uint64_t now, struct writer *w, struct ip4 *dst)
{
    for (unsigned i = 0; i < IGMP_GROUPS_MAX; i++) {
        struct igmp_group *e = &g->group[i];
        if (e->due > now)
            continue;
        print(g, e, now, w, dst);
        said(g, e, now);
        return true;
    }
    return false;
}

uint64_t igmp_deadline(const struct igmp *g)
{
    uint64_t due = UINT64_MAX;
    for (unsigned i = 0; i < IGMP_GROUPS_MAX; i++)
        if (g->group[i].due < due)
            due = g->group[i].due;
    return due;
}

void igmp_init(struct igmp *g, uint32_t (*random)(void *ctx), void *random_ctx)
{
    *g = (struct igmp){.random = random, .random_ctx = random_ctx};
    for (unsigned i = 0; i < IGMP_GROUPS_MAX; i++)
        g->group[i].due = UINT64_MAX;
}

void igmp_check(const struct igmp *g)
{
    for (unsigned i = 0; i < IGMP_GROUPS_MAX; i++) {
        const struct igmp_group *e = &g->group[i];
        check((e->news == IGMP_NOTHING) == (e->due == UINT64_MAX)); /* M3 */
        if (e->ip.n == 0) {
            check(e->members == 0 && e->news == IGMP_NOTHING);
            continue;
        }
        check(ip4_is_multicast(e->ip) && !ip4_equal(e->ip, ALL_HOSTS)); /* M1 */
        check(e->members > 0 || e->news == IGMP_CHANGE);                /* M2 */
        for (unsigned k = 0; k < i; k++)
            check(!ip4_equal(g->group[k].ip, e->ip)); /* M1 */
    }
}
