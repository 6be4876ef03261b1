/* SPDX-License-Identifier: ISC */
#include "tender/hvt/netring_thread.h"
#include "tender/hvt/signals.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#define LOOKS     1024  /* at an empty ring, before it sleeps: some 20 to 40 microseconds */
#define STACK_LEN 65536 /* octets */

static bool comes_soon(const struct netring *r)
{
    for (int i = 0; i < LOOKS; i++) {
        if (netring_waiting(r))
            return true;
        __builtin_ia32_pause();
    }
    return false;
}

static void sleep_until_kicked(struct netring_thread *t)
{
    uint64_t count;
    netring_ask_for_kicks(&t->ring, true);
    if (!netring_waiting(&t->ring) && read(t->bell, &count, sizeof count) == sizeof count)
        t->kicks++;
    netring_ask_for_kicks(&t->ring, false);
}

/* The thread may not end, which takes system calls that the sandbox does not allow. */
static _Noreturn void give_up(struct netring_thread *t)
{
    uint64_t count;
    __atomic_store_n(&t->failed, true, __ATOMIC_RELEASE);
    signals_end(SIGNALS_RING);
    for (;;)
        (void)!read(t->bell, &count, sizeof count);
}

static void *serve(void *of)
{
    struct netring_thread *t = of;
    __atomic_store_n(&t->ready, true, __ATOMIC_RELEASE);
    for (;;) {
        if (!comes_soon(&t->ring))
            sleep_until_kicked(t);
        if (netring_serve(&t->ring, &t->error) != 0)
            give_up(t);
    }
}

static int create(struct netring_thread *t, pthread_t *thread)
{
    pthread_attr_t with;
    int bad = pthread_attr_init(&with);
    if (bad)
        return bad;
    bad = pthread_attr_setstacksize(&with, STACK_LEN);
    if (!bad)
        bad = pthread_create(thread, &with, serve, t);
    (void)pthread_attr_destroy(&with);
    return bad;
}

int netring_thread_start(struct netring_thread *t, struct guest *g, int bell, struct error *e)
{
    pthread_t thread;
    sigset_t all;
    *t = (struct netring_thread){.bell = bell};
    netring_init(&t->ring, g);
    g->ring = &t->ring;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, NULL);
    errno = create(t, &thread);
    if (errno != 0)
        return fail_errno(e, "cannot start the thread of the network ring");
    /* Until it runs its own code it makes system calls of the C library's. */
    while (!__atomic_load_n(&t->ready, __ATOMIC_ACQUIRE))
        __builtin_ia32_pause();
    return 0;
}

const struct error *netring_thread_error(const struct netring_thread *t)
{
    return __atomic_load_n(&t->failed, __ATOMIC_ACQUIRE) ? &t->error : NULL;
}
