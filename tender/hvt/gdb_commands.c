/* SPDX-License-Identifier: ISC */
#include "tender/hvt/gdb_commands.h"

#include <stdio.h>

/* Error numbers of replies: the protocol gives them no meaning. */
#define MALFORMED  "E01"
#define NO_MEMORY  "E14"
#define NO_SUCH    "E22"
#define NO_ROOM    "E28"
#define DATA_MAX   ((GDB_PACKET_MAX - 64) / 2) /* octets in one packet of hexadecimal digits */
#define CHUNK_MAX  (GDB_PACKET_MAX / 2 - 64)   /* of binary ones, which may need escapes */
#define FEATURES   "qXfer:features:read:target.xml:"
#define HEX_DIGITS 16 /* in the longest number */

/* ---- Replies --------------------------------------------------------------- */

static void say(struct gdb_reply *r, const char *text)
{
    size_t len = strlen(text);
    if (len > GDB_PACKET_MAX - r->len)
        len = GDB_PACKET_MAX - r->len;
    memcpy(r->text + r->len, text, len);
    r->len += len;
}

static enum gdb_next answer(struct gdb_reply *r, const char *text)
{
    say(r, text);
    return GDB_ANSWER;
}

static void say_hex(struct gdb_reply *r, const uint8_t *at, size_t len)
{
    char digits[3];
    for (size_t i = 0; i < len; i++) {
        snprintf(digits, sizeof digits, "%02x", at[i]);
        say(r, digits);
    }
}

void gdb_tell_stop(const struct gdb *g, struct gdb_reply *r)
{
    static const char *const watch[GDB_POINT_KINDS] = {[GDB_WATCH_WRITE] = "watch",
                                                       [GDB_WATCH_READ] = "rwatch",
                                                       [GDB_WATCH_ACCESS] = "awatch"};
    const struct gdb_stop *s = &g->stop;
    char text[64];
    snprintf(text, sizeof text, "T%02xthread:1;", (unsigned)s->signal & 255U);
    say(r, text);
    if (!s->at_point)
        return;
    if (watch[s->kind]) {
        snprintf(text, sizeof text, "%s:%lx;", watch[s->kind], (unsigned long)s->watched);
        say(r, text);
    } else if (g->tells_break) {
        say(r, s->kind == GDB_BREAK ? "swbreak:;" : "hwbreak:;");
    }
}

void gdb_tell_exit(struct gdb_reply *r, uint8_t status)
{
    char text[8];
    snprintf(text, sizeof text, "W%02x", status);
    say(r, text);
}

void gdb_tell_killed(struct gdb_reply *r, uint8_t signal)
{
    char text[8];
    snprintf(text, sizeof text, "X%02x", signal);
    say(r, text);
}

/* ---- Reading --------------------------------------------------------------- */

/* A number of one to sixteen digits. */
static bool number(struct reader *r, uint64_t *out)
{
    unsigned digits = 0;
    *out = 0;
    while (reader_left(r) > 0 && gdb_digit(*r->at) >= 0 && digits < HEX_DIGITS) {
        *out = *out << 4 | (uint64_t)gdb_digit(read_u8(r));
        digits++;
    }
    return digits > 0;
}

static bool character(struct reader *r, char c)
{
    return reader_left(r) > 0 && read_u8(r) == (uint8_t)c;
}

/* "ADDRESS,LENGTH" */
static bool range(struct reader *r, uint64_t *at, uint64_t *len)
{
    return number(r, at) && character(r, ',') && number(r, len);
}

/* Exactly `len` octets of two digits each. */
static bool hex(struct reader *r, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = gdb_digit(read_u8(r)), low = gdb_digit(read_u8(r));
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return !r->ran_out;
}

static bool starts(struct bytes packet, const char *with, struct bytes *rest)
{
    size_t len = strlen(with);
    if (packet.len < len || memcmp(packet.at, with, len) != 0)
        return false;
    *rest = bytes_of(packet.at + len, packet.len - len);
    return true;
}

/* ---- Registers ------------------------------------------------------------- */

static enum gdb_next all_registers(struct gdb *g, struct bytes arguments,
                                   struct gdb_reply *reply)
{
    uint8_t value[GDB_REGISTER_MAX];
    (void)arguments;
    for (unsigned n = 0; n < gdb_register_count(); n++)
        say_hex(reply, value, gdb_register_get(&g->cpu, n, value));
    return GDB_ANSWER;
}

/* All or none. */
static enum gdb_next set_all_registers(struct gdb *g, struct bytes arguments,
                                       struct gdb_reply *reply)
{
    struct cpu cpu = g->cpu;
    struct reader r = reader_of(arguments);
    uint8_t value[GDB_REGISTER_MAX];
    for (unsigned n = 0; n < gdb_register_count(); n++) {
        size_t len = gdb_register_get(&cpu, n, value);
        if (!hex(&r, value, len))
            return answer(reply, MALFORMED);
        (void)gdb_register_set(&cpu, n,
                               bytes_of(value, len)); /* (not those that are told only) */
    }
    g->cpu = cpu;
    g->cpu_changed = true;
    return answer(reply, "OK");
}

static enum gdb_next one_register(struct gdb *g, struct bytes arguments,
                                  struct gdb_reply *reply)
{
    struct reader r = reader_of(arguments);
    uint8_t value[GDB_REGISTER_MAX];
    uint64_t n;
    if (!number(&r, &n) || reader_left(&r) > 0)
        return answer(reply, MALFORMED);
    if (n >= gdb_register_count())
        return answer(reply, NO_SUCH);
    say_hex(reply, value, gdb_register_get(&g->cpu, (unsigned)n, value));
    return GDB_ANSWER;
}

static enum gdb_next set_register(struct gdb *g, struct bytes arguments,
                                  struct gdb_reply *reply)
{
    struct reader r = reader_of(arguments);
    uint8_t value[GDB_REGISTER_MAX];
    uint64_t n;
    if (!number(&r, &n) || !character(&r, '='))
        return answer(reply, MALFORMED);
    size_t len = n < gdb_register_count() ? gdb_register_get(&g->cpu, (unsigned)n, value) : 0;
    if (len == 0)
        return answer(reply, NO_SUCH);
    if (!hex(&r, value, len) || reader_left(&r) > 0)
        return answer(reply, MALFORMED);
    if (!gdb_register_set(&g->cpu, (unsigned)n, bytes_of(value, len)))
        return answer(reply, NO_SUCH);
    g->cpu_changed = true;
    return answer(reply, "OK");
}

/* ---- Memory ---------------------------------------------------------------- */

static enum gdb_next read_memory(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    static uint8_t data[DATA_MAX];
    struct reader r = reader_of(arguments);
    uint64_t at, len;
    if (!range(&r, &at, &len) || reader_left(&r) > 0)
        return answer(reply, MALFORMED);
    if (len > DATA_MAX)
        len = DATA_MAX;
    if (!gdb_points_read(&g->points, g->memory, at, data, len))
        return answer(reply, NO_MEMORY);
    say_hex(reply, data, len);
    return GDB_ANSWER;
}

static enum gdb_next write_at(struct gdb *g, uint64_t at, struct bytes data,
                              struct gdb_reply *reply)
{
    return answer(reply, gdb_points_write(&g->points, g->memory, at, data) ? "OK" : NO_MEMORY);
}

static enum gdb_next write_memory(struct gdb *g, struct bytes arguments,
                                  struct gdb_reply *reply)
{
    static uint8_t data[GDB_PACKET_MAX / 2];
    struct reader r = reader_of(arguments);
    uint64_t at, len;
    if (!range(&r, &at, &len) || !character(&r, ':') || reader_left(&r) / 2 != len ||
        len > sizeof data || !hex(&r, data, len) || reader_left(&r) > 0)
        return answer(reply, MALFORMED);
    return write_at(g, at, bytes_of(data, len), reply);
}

static enum gdb_next write_binary(struct gdb *g, struct bytes arguments,
                                  struct gdb_reply *reply)
{
    struct reader r = reader_of(arguments);
    uint64_t at, len;
    if (!range(&r, &at, &len) || !character(&r, ':') || reader_left(&r) != len)
        return answer(reply, MALFORMED);
    return write_at(g, at, read_rest(&r), reply);
}

/* ---- Running --------------------------------------------------------------- */

/* An address to go on at may follow. */
static enum gdb_next run(struct gdb *g, struct bytes address, enum gdb_next how,
                         struct gdb_reply *reply)
{
    struct reader r = reader_of(address);
    uint64_t at;
    if (address.len == 0)
        return how;
    if (!number(&r, &at) || reader_left(&r) > 0)
        return answer(reply, MALFORMED);
    g->cpu.rip = at;
    g->cpu_changed = true;
    return how;
}

static enum gdb_next go_on(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    return run(g, arguments, GDB_CONTINUE, reply);
}

static enum gdb_next step(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    return run(g, arguments, GDB_STEP, reply);
}

/* "C05" and "S05": with a signal, of which an image knows nothing. */
static enum gdb_next go_on_with_signal(struct gdb *g, struct bytes arguments,
                                       struct gdb_reply *reply)
{
    return run(g, bytes_of(arguments.at, 0), GDB_CONTINUE, reply);
}

static enum gdb_next step_with_signal(struct gdb *g, struct bytes arguments,
                                      struct gdb_reply *reply)
{
    return run(g, bytes_of(arguments.at, 0), GDB_STEP, reply);
}

static enum gdb_next why_stopped(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    (void)arguments;
    gdb_tell_stop(g, reply);
    return GDB_ANSWER;
}

static enum gdb_next detach(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    (void)arguments;
    gdb_points_remove_all(&g->points, g->memory);
    say(reply, "OK");
    return GDB_DETACH;
}

static enum gdb_next kill_image(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    (void)g, (void)arguments, (void)reply;
    return GDB_KILL;
}

/* ---- Points: "KIND,ADDRESS,LENGTH", where conditions may follow ---------------- */

static enum gdb_next point(struct gdb *g, struct bytes arguments, struct gdb_reply *reply,
                           bool insert)
{
    struct reader r = reader_of(arguments);
    uint64_t kind, at, len;
    if (!number(&r, &kind) || !character(&r, ',') || !range(&r, &at, &len))
        return answer(reply, MALFORMED);
    if (kind >= GDB_POINT_KINDS)
        return GDB_ANSWER;
    bool done =
        insert ? gdb_point_insert(&g->points, g->memory, (enum gdb_point_kind)kind, at, len)
               : gdb_point_remove(&g->points, g->memory, (enum gdb_point_kind)kind, at, len);
    return answer(reply, done ? "OK" : NO_ROOM);
}

static enum gdb_next insert_point(struct gdb *g, struct bytes arguments,
                                  struct gdb_reply *reply)
{
    return point(g, arguments, reply, true);
}

static enum gdb_next remove_point(struct gdb *g, struct bytes arguments,
                                  struct gdb_reply *reply)
{
    return point(g, arguments, reply, false);
}

/* ---- Questions ------------------------------------------------------------- */

/* The one task there is: the processor. */
static enum gdb_next fine(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    (void)g, (void)arguments;
    return answer(reply, "OK");
}

static bool contains(struct bytes text, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.at + i, word, len) == 0)
            return true;
    return false;
}

static enum gdb_next supported(struct gdb *g, struct bytes features, struct gdb_reply *reply)
{
    char text[128];
    g->tells_break = contains(features, "swbreak+") && contains(features, "hwbreak+");
    snprintf(text, sizeof text,
             "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;swbreak+;hwbreak+",
             GDB_PACKET_MAX - 16);
    return answer(reply, text);
}

/* "OFFSET,LENGTH" of the description: "m" and a part of it, "l" and the last. */
static enum gdb_next description(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    struct reader r = reader_of(arguments);
    struct bytes all = gdb_description();
    uint64_t offset, len;
    (void)g;
    if (!range(&r, &offset, &len) || reader_left(&r) > 0 || offset > all.len)
        return answer(reply, MALFORMED);
    if (len > CHUNK_MAX)
        len = CHUNK_MAX;
    bool last = len >= all.len - offset;
    if (last)
        len = all.len - offset;
    say(reply, last ? "l" : "m");
    memcpy(reply->text + 1, all.at + offset, len);
    reply->len += len;
    return GDB_ANSWER;
}

static enum gdb_next no_acks(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    (void)arguments;
    g->no_acks = true;
    return answer(reply, "OK");
}

static enum gdb_next first_threads(struct gdb *g, struct bytes arguments,
                                   struct gdb_reply *reply)
{
    (void)g, (void)arguments;
    return answer(reply, "m1");
}

static enum gdb_next more_threads(struct gdb *g, struct bytes arguments,
                                  struct gdb_reply *reply)
{
    (void)g, (void)arguments;
    return answer(reply, "l");
}

/* (Other questions begin with the same letters.) */
static enum gdb_next this_thread(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    (void)g;
    return arguments.len > 0 ? GDB_ANSWER : answer(reply, "QC1");
}

/* Not: the image was started for the debugger, which ends it when it leaves. */
static enum gdb_next attached(struct gdb *g, struct bytes arguments, struct gdb_reply *reply)
{
    (void)g, (void)arguments;
    return answer(reply, "0");
}

static const struct {
    const char *text;
    enum gdb_next (*handle)(struct gdb *g, struct bytes arguments, struct gdb_reply *reply);
} commands[] = {
    {"?", why_stopped},
    {"g", all_registers},
    {"G", set_all_registers},
    {"p", one_register},
    {"P", set_register},
    {"m", read_memory},
    {"M", write_memory},
    {"X", write_binary},
    {"c", go_on},
    {"s", step},
    {"C", go_on_with_signal},
    {"S", step_with_signal},
    {"D", detach},
    {"k", kill_image},
    {"Z", insert_point},
    {"z", remove_point},
    {"H", fine},
    {"T", fine},
    {"qSupported", supported},
    {FEATURES, description},
    {"QStartNoAckMode", no_acks},
    {"qfThreadInfo", first_threads},
    {"qsThreadInfo", more_threads},
    {"qC", this_thread},
    {"qAttached", attached},
};

/* A command that is not known has an empty reply. */
enum gdb_next gdb_command(struct gdb *g, struct bytes packet, struct gdb_reply *reply)
{
    struct bytes arguments;
    reply->len = 0;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (starts(packet, commands[i].text, &arguments))
            return commands[i].handle(g, arguments, reply);
    return GDB_ANSWER;
}
