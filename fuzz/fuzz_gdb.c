/* SPDX-License-Identifier: ISC */
/* A hostile debugger: whatever it sends, the tender touches nothing but the image's memory and
 * the copy of its registers, and its replies fit. */
#include "base/check.h"
#include "tender/hvt/gdb_commands.h"

#include <stdlib.h>

#define MEM 8192U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void answer(struct gdb *g, const struct gdb_receiver *r)
{
    static struct gdb_reply reply;
    static uint8_t frame[GDB_FRAME_MAX];
    enum gdb_next next = gdb_command(g, bytes_of(r->text, r->len), &reply);
    check(next <= GDB_KILL && reply.len <= GDB_PACKET_MAX);
    check(gdb_frame(bytes_of(reply.text, reply.len), frame) <= sizeof frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct gdb_receiver r;
    static struct gdb g;
    uint8_t *image = calloc(1, MEM);
    struct memory m = {.at = image, .size = MEM, .allocated = MEM};
    check(image);
    r = (struct gdb_receiver){.state = GDB_OUTSIDE};
    g = (struct gdb){.memory = &m, .points = {.use = len % 3}};
    for (size_t i = 0; i < len; i++)
        if (gdb_receive(&r, data[i]) == GDB_PACKET)
            answer(&g, &r);
    /* The same octets as one command, since few inputs have the right sums. */
    if (len <= GDB_PACKET_MAX) {
        memcpy(r.text, data, len);
        r.len = len;
        answer(&g, &r);
    }
    gdb_points_remove_all(&g.points, &m);
    check(!gdb_points_have_software(&g.points) && gdb_points_control(&g.points) == 0x600);
    free(image);
    return 0;
}
