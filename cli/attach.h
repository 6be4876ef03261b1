/* SPDX-License-Identifier: ISC */
#ifndef CLI_ATTACH_H
#define CLI_ATTACH_H

/* What each network device of an image is attached to, by the user's words. Pure. */

#include "cli/cli.h"
#include "host/manifest.h"
#include "host/usernet_spec.h"

#define ATTACH_TEXT 128

/* What the user said. */
struct attach_words {
    const char *tap;         /* --tap, for the only device; NULL */
    struct cli_list net;     /* --net NAME=user, NAME=TAP, NAME=@FD */
    struct cli_list publish; /* -p */
};

struct attached {
    const char *name; /* the device, in the manifest */
    const char *to;   /* a tap or a descriptor; NULL: the user-mode network */
};

struct attachment {
    size_t n;
    struct attached net[ABI_MANIFEST_ENTRIES_MAX];
    const char *user;         /* the device on the user-mode network; NULL: none */
    struct usernet_spec spec; /* what it publishes */
};

/* Decides. Returns 0, CLI_FAILED (the image is not like that) or CLI_MISUSED. */
int attach_choose(const struct manifest *m, const struct attach_words *words,
                  struct attachment *out, struct error *e);

/* "user,publish=...", for usernet_start. */
void attach_spec(const struct usernet_spec *spec, char *out, size_t size);

/* How a client reaches a published port: "http://127.0.0.1:8080/" for port 80 of the
 * image, "127.0.0.1:9000 (UDP)" and the like for others. `out` has ATTACH_TEXT. */
const char *attach_address(const struct usernet_publish *p, char *out);

/* Whether one of the image's arguments is --NAME or --NAME=... */
bool attach_has_argument(char *const *args, const char *name);

#endif
