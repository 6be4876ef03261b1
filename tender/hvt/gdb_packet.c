/* SPDX-License-Identifier: ISC */
#include "tender/hvt/gdb_packet.h"

#define ESCAPE  '}'
#define TURNED  0x20
#define CONTROL 3 /* Ctrl-C */

int gdb_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void begin(struct gdb_receiver *r)
{
    r->state = GDB_TEXT;
    r->len = 0;
    r->sum = 0;
    r->too_long = false;
}

static void store(struct gdb_receiver *r, uint8_t octet)
{
    if (r->len < GDB_PACKET_MAX)
        r->text[r->len++] = octet;
    else
        r->too_long = true;
}

static enum gdb_event outside(struct gdb_receiver *r, uint8_t octet)
{
    switch (octet) {
    case '$':
        begin(r);
        return GDB_NOTHING;
    case '-':
        return GDB_AGAIN;
    case CONTROL:
        return GDB_INTERRUPT;
    default: /* "+", and what is not of the protocol */
        return GDB_NOTHING;
    }
}

static void inside(struct gdb_receiver *r, uint8_t octet)
{
    if (octet == '#') {
        r->state = GDB_SUM_HIGH;
        return;
    }
    if (octet == '$') { /* the one before has lost its end */
        begin(r);
        return;
    }
    r->sum = (uint8_t)(r->sum + octet);
    if (r->state == GDB_ESCAPED) {
        store(r, octet ^ TURNED);
        r->state = GDB_TEXT;
    } else if (octet == ESCAPE) {
        r->state = GDB_ESCAPED;
    } else {
        store(r, octet);
    }
}

enum gdb_event gdb_receive(struct gdb_receiver *r, uint8_t octet)
{
    int digit = gdb_digit(octet);
    switch (r->state) {
    case GDB_OUTSIDE:
        return outside(r, octet);
    case GDB_TEXT:
    case GDB_ESCAPED:
        inside(r, octet);
        return GDB_NOTHING;
    case GDB_SUM_HIGH:
        r->given = (uint8_t)((unsigned)digit << 4);
        r->too_long |= digit < 0;
        r->state = GDB_SUM_LOW;
        return GDB_NOTHING;
    case GDB_SUM_LOW:
        r->state = GDB_OUTSIDE;
        r->given = (uint8_t)(r->given | digit);
        return r->too_long || digit < 0 || r->given != r->sum ? GDB_DAMAGED : GDB_PACKET;
    }
    return GDB_NOTHING;
}

/* "*" would be taken for a repetition. */
static bool needs_escape(uint8_t c)
{
    return c == '$' || c == '#' || c == ESCAPE || c == '*';
}

size_t gdb_frame(struct bytes text, uint8_t out[GDB_FRAME_MAX])
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0, len = text.len < GDB_PACKET_MAX ? text.len : GDB_PACKET_MAX;
    uint8_t sum = 0;
    out[n++] = '$';
    for (size_t i = 0; i < len; i++) {
        if (needs_escape(text.at[i])) {
            out[n++] = ESCAPE;
            out[n++] = text.at[i] ^ TURNED;
        } else {
            out[n++] = text.at[i];
        }
    }
    for (size_t i = 1; i < n; i++)
        sum = (uint8_t)(sum + out[i]);
    out[n++] = '#';
    out[n++] = (uint8_t)digits[sum >> 4];
    out[n++] = (uint8_t)digits[sum & 15];
    return n;
}
