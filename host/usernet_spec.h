/* SPDX-License-Identifier: ISC */
#ifndef HOST_USERNET_SPEC_H
#define HOST_USERNET_SPEC_H

/* The words by which a user asks for the user-mode network:
 *
 *     user[,publish=[ADDR:]PORT:GUESTPORT[/tcp|/udp]]...
 *
 * Pure: no sockets, no files. ADDR is an IPv4 address in dotted form and 127.0.0.1
 * when left out; "/udp" at the very end of one publication makes it UDP. */

#include "host/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USERNET_PUBLISH_MAX  64
#define USERNET_PUBLISH_TEXT 40 /* octets that hold any printed publication, NUL too */

/* A port of the host that leads to a port of the image. */
struct usernet_publish {
    uint32_t addr; /* of the host, in host byte order; 0 is every address */
    uint16_t port; /* of the host: 1..65535 */
    uint16_t guest_port;
    bool udp;
};

struct usernet_spec {
    size_t n;
    struct usernet_publish publish[USERNET_PUBLISH_MAX];
};

/* Reads "[ADDR:]PORT:GUESTPORT[/tcp|/udp]". Returns 0, or -1 and the line that says
 * what is wrong. */
int usernet_publish_parse(const char *text, struct usernet_publish *out, struct error *e);

/* Adds one to the list, or refuses: it is there already, or the list is full. Every
 * address and one address are the same port twice. */
int usernet_spec_add(struct usernet_spec *spec, const struct usernet_publish *p,
                     struct error *e);

/* Reads the whole. Returns 0, or -1 and the line. */
int usernet_spec_parse(const char *text, struct usernet_spec *out, struct error *e);

/* Prints what usernet_publish_parse reads, with the address, into `buf` of
 * USERNET_PUBLISH_TEXT octets; returns `buf`. */
const char *usernet_publish_print(const struct usernet_publish *p, char *buf);

#endif
