/* SPDX-License-Identifier: ISC */
/* Prints how many nanoseconds a cache line takes from CPU 0 to CPU 1: what bulk over the bridge
 * costs depends on it, and on a virtual machine it changes while one looks. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#define ROUNDS  1000 /* of one measurement */
#define BATCHES 100  /* the least counts: in it, nothing else ran */

static _Alignas(128) atomic_int line;

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void await(int value)
{
    while (atomic_load_explicit(&line, memory_order_acquire) != value)
        ;
}

static void put(int value)
{
    atomic_store_explicit(&line, value, memory_order_release);
}

static void *answer(void *arg)
{
    pin(0);
    for (int i = 0; i < ROUNDS * (BATCHES + 1); i++) {
        await(2 * i + 1);
        put(2 * i + 2);
    }
    return arg;
}

static double batch_ns(int first)
{
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = first; i < first + ROUNDS; i++) {
        put(2 * i + 1);
        await(2 * i + 2);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
}

int main(void)
{
    pthread_t other;
    pin(1);
    if (pthread_create(&other, NULL, answer, NULL) != 0)
        return 1;
    double least = batch_ns(0);
    for (int n = 1; n <= BATCHES; n++) {
        double ns = batch_ns(n * ROUNDS);
        least = ns < least ? ns : least;
    }
    pthread_join(other, NULL);
    printf("%.0f\n", least / ROUNDS / 2);
    return 0;
}
