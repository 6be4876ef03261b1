/* SPDX-License-Identifier: ISC */
#include "stack/stack.h"

#include <errno.h>

void *handle_new(struct dr_net *net, struct pool *pool, struct list *list)
{
    struct handle *h = pool_get(pool);
    if (!h)
        return NULL;
    h->net = net;
    h->pool = pool;
    list_init(&h->link);
    list_push(list, &h->link);
    net->handles++;
    return h;
}

static void handle_free(struct handle *h)
{
    struct dr_net *net = h->net;
    list_remove(&h->link);
    pool_put(h->pool, h);
    net->handles--;
    wait_wake_one(&net->room);
    net_release(net);
}

void handle_close(struct handle *h)
{
    h->closed = true;
    if (h->holds == 0)
        handle_free(h);
}

void handle_hold(struct handle *h)
{
    h->holds++;
}

void handle_drop(struct handle *h)
{
    check(h->holds > 0);
    h->holds--;
    if (h->closed && h->holds == 0)
        handle_free(h);
}

int handle_wait(struct handle *h, struct dr_link *queue)
{
    handle_hold(h);
    int err = wait_in(queue);
    if (h->closed)
        err = -EBADF;
    handle_drop(h);
    return err;
}
