/* SPDX-License-Identifier: ISC */
#include "stack/counters_log.h"
#include "base/format.h"
#include "stack/stack.h"
#include <drupe/log.h>
#include <drupe/time.h>

#include <errno.h>

struct line {
    char text[COUNTERS_LINE_LEN];
    size_t len;
};

static void say(struct line *l)
{
    if (l->len > 0)
        dr_log("counters", DR_LOG_INFO, "%s", l->text);
    l->len = 0;
}

static void add(struct line *l, const struct dr_counter *c)
{
    char one[80];
    size_t len = format(one, sizeof one, "%s%s.%s %llu", l->len ? ", " : "", c->module, c->name,
                        (unsigned long long)c->value);
    if (len >= sizeof l->text - l->len)
        say(l);
    const char *from = l->len ? one : one[0] == ',' ? one + 2 : one;
    l->len += format(l->text + l->len, sizeof l->text - l->len, "%s", from);
}

/* Those of a group that was joined since then have moved the ones behind them. */
static void forget_moved(struct counters_log *l)
{
    struct dr_counter c;
    unsigned n = 0;
    while (dr_net_counter(l->net, n, &c))
        n++;
    if (n != l->counters)
        memset(l->last, 0, sizeof l->last);
    l->counters = n;
}

static void log_changed(struct counters_log *l)
{
    struct line line = {.len = 0};
    struct dr_counter c;
    forget_moved(l);
    for (unsigned n = 0; n < COUNTERS_LOG_MAX && dr_net_counter(l->net, n, &c); n++) {
        if (c.value != l->last[n])
            add(&line, &c);
        l->last[n] = c.value;
    }
    say(&line);
}

static void fire(struct loop_timer *t, uint64_t now)
{
    struct counters_log *l = container_of(t, struct counters_log, timer);
    log_changed(l);
    loop_timer_set(&l->timer, now + l->every_ns);
}

static void end(struct counters_log *l)
{
    struct dr_net *net = l->net;
    loop_timer_set(&l->timer, WHEEL_NEVER);
    log_changed(l);
    net->counters_log = NULL;
    supply_put(net->budget.tables, l, sizeof *l);
}

int dr_net_log_counters(struct dr_net *net, uint64_t every_ns)
{
    if (every_ns == 0)
        return 0;
    if (every_ns < DR_MS(1))
        return -EINVAL;
    if (net->counters_log)
        return -EALREADY;
    struct counters_log *l = supply_get(net->budget.tables, sizeof *l);
    if (!l)
        return -ENOMEM;
    memset(l, 0, sizeof *l);
    l->net = net;
    l->every_ns = every_ns;
    l->end = end;
    loop_timer_init(&l->timer, fire);
    loop_timer_set(&l->timer, dr_now() + every_ns);
    net->counters_log = l;
    return 0;
}
