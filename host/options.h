/* SPDX-License-Identifier: ISC */
#ifndef HOST_OPTIONS_H
#define HOST_OPTIONS_H

/* The command line that the tenders share, and that a program of the unix target
 * takes itself: how much memory, and what is attached to the image's devices. The
 * words are checked for their form here; against the manifest in host/devices.h. */

#include "host/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_DEVICES_MAX 256     /* device options on a command line */
#define OPTIONS_MEM_MAX     1048576 /* MB */

enum option_kind {
    OPTION_NET,
    OPTION_NET_MAC,
    OPTION_PCAP,
    OPTION_BLOCK,
    OPTION_BLOCK_SECTOR_SIZE
};

/* --KIND:NAME=VALUE; the texts are the command line's own. */
struct option_device {
    enum option_kind kind;
    const char *name;
    size_t name_len;
    const char *value;
};

struct options {
    uint64_t mem; /* octets */
    bool help, version, manifest;
    const char *pcap; /* the file for frames of all network devices; NULL: none */
    unsigned count;
    struct option_device device[OPTIONS_DEVICES_MAX];
    int rest; /* index of the first word that is no option of ours */
};

/* Asked about a word that is no option of all tenders': 1 when it is one of `own`'s, 0 when
 * not, -1 with the line when it is one that is wrong. */
typedef int options_more(void *own, const char *word, struct error *e);

/* A tender's, with more options of its own (or NULL): an option that is not known is an error;
 * the rest begins with the image, after an optional `--`. */
int options_parse_tender(struct options *o, int argc, char **argv, struct error *e);
int options_parse_tender_with(struct options *o, int argc, char **argv, options_more *more,
                              void *own, struct error *e);

/* A unix-target program's: the rest begins at the first word that is not known here
 * (or after `--`) and is the application's. There is --manifest; --help stays in the
 * rest too, since the application has something to say. */
int options_parse_program(struct options *o, int argc, char **argv, struct error *e);

/* "--net:" and so on, for messages. */
const char *option_text(enum option_kind kind);

/* The lines of --help that describe the options of devices and memory. */
extern const char options_help[];

#endif
