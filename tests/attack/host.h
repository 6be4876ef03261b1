/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ATTACK_HOST_H
#define TESTS_ATTACK_HOST_H

/* A host on the image's link with a stack of its own: a whole struct inet in real time. It
 * is honest as far as TCP goes; what its clients ask and when they read is the test's. */

#include "net/inet/inet.h"

#define HOST_CLIENTS   4096U
#define HOST_TEXT_KEPT 2048U

struct client {
    struct tcp_conn *c; /* NULL when it was closed */
    struct host *host;
    unsigned events; /* every enum tcp_event so far */
    bool reads;      /* what arrives is read at once */
    size_t got;      /* octets read so far */
    char text[HOST_TEXT_KEPT];
    struct list link; /* in host->idle or host->ready, or in none */
};

struct host {
    struct inet *in;
    struct supply memory, buffers;
    int wire;
    struct list idle, ready; /* clients not in use; clients with something to be read */
    struct client client[HOST_CLIENTS];
};

/* Now, of the clock that all use here. */
uint64_t now_ns(void);

/* 10.0.0.n at 02:00:00:00:00:n, with its end of the wire. NULL-safe end. */
struct host *host_new(uint8_t n, int wire);
void host_free(struct host **h);

void host_receives(struct host *h, struct bytes frame);
/* Time and whatever else is due; to be called after frames were received and calls made. */
void host_turn(struct host *h);
/* Closes every client whose connection the image has reset: others may take their places. */
void host_lets_go_of_reset(struct host *h);

struct client *client_open(struct host *h, uint16_t port);
/* Takes what fits: how many octets. */
size_t client_write(struct client *k, const void *text, size_t len);
void client_say(struct client *k, const char *text);
void client_shutdown(struct client *k);
/* Lets go of it, in order or with a reset; *k is NULL afterwards. */
void client_close(struct client **k);
void client_abort(struct client **k);

bool client_is_up(const struct client *k);
/* The image has ended it, in order or not. */
bool client_at_end(const struct client *k);
/* The image has sent this text, among the first octets. */
bool client_heard(const struct client *k, const char *text);
/* Forgets what it heard. */
void client_again(struct client *k);

#endif
