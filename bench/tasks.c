/* SPDX-License-Identifier: ISC */
/* What tasks cost: nanoseconds of the host's clock for each operation, the median of
 * nine runs, on the virtual target (whose clock calls cost nothing).
 *
 *     make build/bench/tasks && build/bench/tasks */
#include "tests/support/vplat.h"

#include "rt/pages.h"
#include <drupe/sync.h>
#include <drupe/task.h>

#include <stdlib.h>
#include <time.h>

#define RUNS  9
#define COUNT 100000

static double host_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *what, void (*run)(void))
{
    double ns[RUNS];
    for (int i = 0; i < RUNS; i++) {
        double from = host_ns();
        run();
        ns[i] = (host_ns() - from) / COUNT;
    }
    qsort(ns, RUNS, sizeof ns[0], by_value);
    printf("%-44s %7.1f ns (%.1f to %.1f)\n", what, ns[RUNS / 2], ns[0], ns[RUNS - 1]);
}

static int yields(void *arg)
{
    for (int i = 0; i < COUNT / 64; i++)
        if (dr_yield() != 0)
            return -1;
    return *(int *)arg;
}

static void switches(void)
{
    static int zero;
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    for (int i = 0; i < 64; i++)
        if (dr_spawn(&s, yields, &zero, NULL) != 0)
            abort();
    if (dr_scope_join(&s) != 0 || dr_scope_close(&s) != 0)
        abort();
}

static void turns(void)
{
    for (int i = 0; i < COUNT; i++)
        if (dr_yield() != 0)
            abort();
}

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static void spawns(void)
{
    struct dr_scope s;
    dr_scope_open(&s, DR_NEVER);
    for (int i = 0; i < COUNT; i++) {
        if (dr_spawn(&s, nothing, NULL, NULL) != 0)
            abort();
        if (i % 32 == 31 && dr_yield() != 0)
            abort();
    }
    if (dr_scope_close(&s) != 0)
        abort();
}

static void scopes(void)
{
    struct dr_scope s;
    for (int i = 0; i < COUNT; i++) {
        dr_scope_open(&s, dr_after(DR_S(30)));
        (void)dr_scope_close(&s);
    }
}

static void page_runs(void)
{
    void *run[16] = {0};
    for (int i = 0; i < COUNT; i++) {
        pages_put(run[i % 16], 32768);
        run[i % 16] = pages_get(32768, false);
    }
    for (int i = 0; i < 16; i++)
        pages_put(run[i], 32768);
}

static int body(void)
{
    measure("a switch, one of 64 tasks that yield", switches);
    measure("a turn of the loop with one task", turns);
    measure("spawn, run and end of a task", spawns);
    measure("a scope with a deadline, opened and closed", scopes);
    measure("a run of 8 pages, taken and given back", page_runs);
    return 0;
}

int main(void)
{
    (void)test_end;
    vplat_reset();
    return vplat_run(body);
}
