/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_GDB_PACKET_H
#define TENDER_HVT_GDB_PACKET_H

/* Packets of the debugger's remote protocol: "$", text, "#", two hexadecimal digits of the sum
 * of its octets. A "}" stands before an octet that is written with bit 5 turned over. Pure:
 * octets in, events out. Whoever is at the other end may send anything. */

#include "base/octets.h"

/* Octets of text in a packet, both ways; what is longer is refused as if it were damaged. */
#define GDB_PACKET_MAX 4096U
/* Room for it as it is sent: each octet may need two. */
#define GDB_FRAME_MAX (2U * GDB_PACKET_MAX + 4U)

enum gdb_event {
    GDB_NOTHING,   /* more is needed */
    GDB_PACKET,    /* a whole one: `text` and `len` of the receiver */
    GDB_DAMAGED,   /* its sum is wrong, or it is too long: ask for it again */
    GDB_INTERRUPT, /* Ctrl-C, outside of a packet */
    GDB_AGAIN,     /* the other end asks for our last packet again */
};

struct gdb_receiver {
    enum { GDB_OUTSIDE, GDB_TEXT, GDB_ESCAPED, GDB_SUM_HIGH, GDB_SUM_LOW } state;
    uint8_t text[GDB_PACKET_MAX];
    size_t len;
    bool too_long;
    uint8_t sum, given; /* of the octets, and what the packet says it is */
};

enum gdb_event gdb_receive(struct gdb_receiver *r, uint8_t octet);

/* Writes the packet for this text, at most GDB_PACKET_MAX octets of it, and returns the
 * length. */
size_t gdb_frame(struct bytes text, uint8_t out[GDB_FRAME_MAX]);

/* The value of a hexadecimal digit, or -1. */
int gdb_digit(uint8_t c);

#endif
