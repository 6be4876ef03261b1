/* SPDX-License-Identifier: ISC */
/* What a debugger may send, and what it is told: without a connection and a machine. */
#include "tender/hvt/gdb_commands.h"
#include "tests/check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define MEM 16384U

static uint8_t octets[MEM];
static const struct memory memory = {.at = octets, .size = MEM, .allocated = MEM};

static void fresh(struct gdb *g)
{
    memset(octets, 0, sizeof octets);
    *g = (struct gdb){.memory = &memory, .stop = {.signal = SIGTRAP}};
    g->cpu.general[CPU_RAX] = 0x1122334455667788;
    g->cpu.rip = 0x2000;
}

/* ---- Packets --------------------------------------------------------------- */

/* What comes of these octets, a letter for each event. */
static const char *events(struct gdb_receiver *r, const char *octets_, size_t len)
{
    static char text[100];
    static const char letters[] = ".PD!A";
    size_t n = 0;
    *r = (struct gdb_receiver){.state = GDB_OUTSIDE};
    for (size_t i = 0; i < len && n < sizeof text - 1; i++) {
        enum gdb_event e = gdb_receive(r, (uint8_t)octets_[i]);
        if (e != GDB_NOTHING)
            text[n++] = letters[e];
    }
    text[n] = '\0';
    return text;
}

#define EVENTS(s) events(&r, s, sizeof(s) - 1)

TEST(a_packet_with_its_sum_is_taken_and_others_are_refused)
{
    struct gdb_receiver r;
    CHECK_STR(EVENTS("$g#67"), "P");
    CHECK_MEM(r.text, "g", 1);
    CHECK_STR(EVENTS("+$g#67+"), "P");
    CHECK_STR(EVENTS("$g#68"), "D");
    CHECK_STR(EVENTS("$g#6x"), "D");
    CHECK_STR(EVENTS("$g#x7"), "D");
    CHECK_STR(EVENTS("$#00"), "P");
    CHECK_INT(r.len, 0);
    CHECK_STR(EVENTS("$g#6"), "");
}

TEST(an_interrupt_counts_only_outside_of_packets)
{
    struct gdb_receiver r;
    CHECK_STR(EVENTS("\003"), "!");
    CHECK_STR(EVENTS("$\003#03"), "P");
    CHECK_STR(EVENTS("-"), "A");
    CHECK_STR(EVENTS("GET / HTTP/1.1\r\n"), "");
}

TEST(a_packet_that_begins_anew_is_the_new_one)
{
    struct gdb_receiver r;
    CHECK_STR(EVENTS("$abc$g#67"), "P");
    CHECK_INT(r.len, 1);
}

TEST(escaped_octets_are_turned_back)
{
    struct gdb_receiver r;
    CHECK_STR(EVENTS("$X}\003#d8"), "P");
    CHECK_INT(r.len, 2);
    CHECK_INT(r.text[1], '#');
}

TEST(a_packet_that_is_too_long_is_refused_whatever_its_sum)
{
    static struct gdb_receiver r;
    r.state = GDB_OUTSIDE;
    (void)gdb_receive(&r, '$');
    for (unsigned i = 0; i < GDB_PACKET_MAX + 1000; i++)
        CHECK_INT(gdb_receive(&r, 0), GDB_NOTHING);
    (void)gdb_receive(&r, '#');
    (void)gdb_receive(&r, '0');
    CHECK_INT(gdb_receive(&r, '0'), GDB_DAMAGED);
    CHECK_INT(r.len, GDB_PACKET_MAX);
}

TEST(what_is_framed_is_received_as_it_was)
{
    static uint8_t text[GDB_PACKET_MAX], out[GDB_FRAME_MAX];
    static struct gdb_receiver r;
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 7);
    size_t len = gdb_frame(bytes_of(text, sizeof text), out);
    CHECK(len <= sizeof out);
    r.state = GDB_OUTSIDE;
    for (size_t i = 0; i < len - 1; i++)
        CHECK_INT(gdb_receive(&r, out[i]), GDB_NOTHING);
    CHECK_INT(gdb_receive(&r, out[len - 1]), GDB_PACKET);
    CHECK_INT(r.len, sizeof text);
    CHECK_MEM(r.text, text, sizeof text);
}

/* ---- Commands -------------------------------------------------------------- */

static enum gdb_next next;

static const char *ask(struct gdb *g, const char *packet)
{
    static struct gdb_reply reply;
    static char text[GDB_PACKET_MAX + 1];
    next = gdb_command(g, bytes_of(packet, strlen(packet)), &reply);
    memcpy(text, reply.text, reply.len);
    text[reply.len] = '\0';
    return text;
}

TEST(why_it_stopped_is_told)
{
    struct gdb g;
    fresh(&g);
    CHECK_STR(ask(&g, "?"), "T05thread:1;");
    g.stop = (struct gdb_stop){SIGTRAP, true, GDB_WATCH_WRITE, 0x1234};
    CHECK_STR(ask(&g, "?"), "T05thread:1;watch:1234;");
    g.stop = (struct gdb_stop){SIGTRAP, true, GDB_BREAK, 0};
    CHECK_STR(ask(&g, "?"), "T05thread:1;");
    (void)ask(&g, "qSupported:swbreak+;hwbreak+");
    CHECK_STR(ask(&g, "?"), "T05thread:1;swbreak:;");
}

TEST(memory_is_read_and_written_within_its_bounds)
{
    struct gdb g;
    fresh(&g);
    octets[0x2001] = 0xab;
    CHECK_STR(ask(&g, "m2000,3"), "00ab00");
    CHECK_STR(ask(&g, "M2000,2:beef"), "OK");
    CHECK_STR(ask(&g, "m2000,3"), "beef00");
    CHECK_STR(ask(&g, "X2000,2:zz"), "OK");
    CHECK_STR(ask(&g, "m2000,2"), "7a7a");
    CHECK_STR(ask(&g, "m3fff,1"), "00");
    CHECK_STR(ask(&g, "m3fff,2"), "E14");
    CHECK_STR(ask(&g, "m4000,1"), "E14");
    CHECK_STR(ask(&g, "mffffffffffffffff,2"), "E14");
    CHECK_STR(ask(&g, "M3fff,2:0000"), "E14");
    CHECK_STR(ask(&g, "Xfffffffffffffff0,0:"), "E14");
}

TEST(the_zero_page_is_no_memory)
{
    struct gdb g;
    fresh(&g);
    CHECK_STR(ask(&g, "m0,8"), "E14");
    CHECK_STR(ask(&g, "mfff,1"), "E14");
    CHECK_STR(ask(&g, "m1000,1"), "00");
}

TEST(a_long_read_gives_what_fits_into_a_packet)
{
    struct gdb g;
    fresh(&g);
    size_t len = strlen(ask(&g, "m1000,2fff"));
    CHECK(len > 3000 && len <= GDB_PACKET_MAX && len % 2 == 0);
}

TEST(what_is_malformed_is_an_error_and_changes_nothing)
{
    static const char *const bad[] = {"m",
                                      "m1000",
                                      "m1000,",
                                      "mx,1",
                                      "m1000,1x",
                                      "M1000,1",
                                      "M1000,1:",
                                      "M1000,2:aa",
                                      "M1000,1:a",
                                      "M1000,1:xx",
                                      "X1000,2:a",
                                      "p",
                                      "px",
                                      "P0",
                                      "P0=",
                                      "P0=11",
                                      "P0=zz22334455667788",
                                      "G00",
                                      "Z",
                                      "Z0",
                                      "Z0,",
                                      "Z0,1000",
                                      "Zx,1,1",
                                      "cx",
                                      "s1000,1",
                                      "qXfer:features:read:target.xml:",
                                      "qXfer:features:read:target.xml:ffff,1"};
    struct gdb g;
    fresh(&g);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_STR(ask(&g, bad[i]), "E01");
        CHECK_INT(next, GDB_ANSWER);
    }
    CHECK(!g.cpu_changed);
    CHECK_INT(g.cpu.rip, 0x2000);
}

TEST(what_is_not_known_has_an_empty_reply)
{
    struct gdb g;
    fresh(&g);
    CHECK_STR(ask(&g, ""), "");
    CHECK_STR(ask(&g, "vMustReplyEmpty"), "");
    CHECK_STR(ask(&g, "vCont?"), "");
    CHECK_STR(ask(&g, "qCRC:1000,10"), "");
    CHECK_STR(ask(&g, "Z7,1000,1"), "");
}

TEST(registers_are_told_and_set_one_by_one)
{
    struct gdb g;
    fresh(&g);
    CHECK_STR(ask(&g, "p0"), "8877665544332211");
    CHECK_STR(ask(&g, "p10"), "0020000000000000");
    CHECK_STR(ask(&g, "P0=0100000000000000"), "OK");
    CHECK_INT(g.cpu.general[CPU_RAX], 1);
    CHECK(g.cpu_changed);
    CHECK_STR(ask(&g, "p3b"), "E22");
    CHECK_STR(ask(&g, "pffffffff"), "E22");
    CHECK_STR(ask(&g, "P12=33000000"), "E22"); /* a segment */
}

TEST(all_registers_are_set_to_what_was_told)
{
    struct gdb g;
    static char packet[GDB_PACKET_MAX];
    fresh(&g);
    g.cpu.fx.tags = 0x81;
    g.cpu.fs_base = 0x5000;
    struct cpu before = g.cpu;
    snprintf(packet, sizeof packet, "G%s", ask(&g, "g"));
    g.cpu.general[CPU_RAX] = g.cpu.fs_base = 0;
    CHECK_STR(ask(&g, packet), "OK");
    CHECK_MEM(&g.cpu, &before, sizeof before);
}

TEST(the_description_comes_in_parts_that_make_a_whole)
{
    static char all[8192];
    struct gdb g;
    size_t len = 0;
    fresh(&g);
    for (;;) {
        char packet[80];
        snprintf(packet, sizeof packet, "qXfer:features:read:target.xml:%zx,100", len);
        const char *part = ask(&g, packet);
        CHECK(part[0] == 'm' || part[0] == 'l');
        memcpy(all + len, part + 1, strlen(part));
        len += strlen(part) - 1;
        if (part[0] == 'l')
            break;
    }
    CHECK(strstr(all, "name=\"rip\"") && strstr(all, "name=\"xmm15\"") &&
          strstr(all, "name=\"gs_base\""));
    CHECK_STR(all + len - 9, "</target>");
}

TEST(running_stepping_and_ending_are_the_connections_to_do)
{
    struct gdb g;
    fresh(&g);
    CHECK_STR(ask(&g, "c"), "");
    CHECK_INT(next, GDB_CONTINUE);
    CHECK_STR(ask(&g, "s"), "");
    CHECK_INT(next, GDB_STEP);
    CHECK_STR(ask(&g, "C05"), "");
    CHECK_INT(next, GDB_CONTINUE);
    CHECK_STR(ask(&g, "c3000"), "");
    CHECK_INT(g.cpu.rip, 0x3000);
    CHECK_STR(ask(&g, "D"), "OK");
    CHECK_INT(next, GDB_DETACH);
    CHECK_STR(ask(&g, "k"), "");
    CHECK_INT(next, GDB_KILL);
}

/* ---- Breakpoints ------------------------------------------------------------ */

TEST(four_breakpoints_are_the_processors_and_the_fifth_an_instruction)
{
    struct gdb g;
    fresh(&g);
    g.points.use = GDB_USE_HARDWARE;
    memset(octets + 0x2000, 0x90, 16);
    for (unsigned i = 0; i < 5; i++) {
        char packet[] = "Z0,2000,1";
        packet[6] = (char)('0' + i);
        CHECK_STR(ask(&g, packet), "OK");
    }
    CHECK(gdb_points_have_software(&g.points));
    CHECK_INT(octets[0x2003], 0x90);
    CHECK_INT(octets[0x2004], 0xcc);
    CHECK_STR(ask(&g, "m2004,1"), "90");
    CHECK_STR(ask(&g, "z0,2004,1"), "OK");
    CHECK_INT(octets[0x2004], 0x90);
}

TEST(a_breakpoint_is_an_instruction_unless_the_processors_is_asked_for)
{
    struct gdb g;
    fresh(&g);
    CHECK_STR(ask(&g, "Z0,2000,1"), "OK");
    CHECK_STR(ask(&g, "Z1,2001,1"), "OK");
    CHECK_INT(octets[0x2000], 0xcc);
    CHECK_INT(octets[0x2001], 0);
    CHECK_INT(gdb_points_control(&g.points), 0x602);
    gdb_points_use_hardware(&g.points, &memory);
    CHECK_INT(octets[0x2000], 0);
    CHECK_INT(gdb_points_control(&g.points), 0x60a);
}

TEST(a_watchpoint_takes_the_place_of_a_breakpoint_that_can_be_an_instruction)
{
    struct gdb g;
    enum gdb_point_kind kind;
    fresh(&g);
    g.points.use = GDB_USE_HARDWARE;
    CHECK_STR(ask(&g, "Z0,2000,1"), "OK");
    CHECK_STR(ask(&g, "Z1,2001,1"), "OK");
    CHECK_STR(ask(&g, "Z1,2002,1"), "OK");
    CHECK_STR(ask(&g, "Z1,2003,1"), "OK");
    CHECK_STR(ask(&g, "Z2,2008,8"), "OK");
    CHECK_INT(octets[0x2000], 0xcc);
    CHECK(gdb_point_at(&g.points, 0x2000, &kind) && kind == GDB_BREAK);
    CHECK_STR(ask(&g, "Z2,2010,8"), "E28");
    CHECK_STR(ask(&g, "Z1,2004,1"), "E28");
}

TEST(only_what_the_processor_can_watch_is_watched)
{
    struct gdb g;
    fresh(&g);
    CHECK_STR(ask(&g, "Z2,2001,2"), "E28");
    CHECK_STR(ask(&g, "Z2,2000,3"), "E28");
    CHECK_STR(ask(&g, "Z3,2000,10"), "E28");
    CHECK_STR(ask(&g, "Z4,2002,2"), "OK");
}

TEST(the_control_register_says_what_each_does)
{
    struct gdb g;
    fresh(&g);
    CHECK_INT(gdb_points_control(&g.points), 0x600);
    (void)ask(&g, "Z1,2000,1");
    CHECK_INT(gdb_points_control(&g.points), 0x602);
    (void)ask(&g, "Z2,2008,8");
    CHECK_INT(gdb_points_control(&g.points), 0x90060a);
    (void)ask(&g, "Z4,2010,4");
    CHECK_INT(gdb_points_control(&g.points), 0xf90062a);
}

TEST(writing_over_a_breakpoint_leaves_it_there)
{
    struct gdb g;
    fresh(&g);
    g.points.use = GDB_USE_SOFTWARE;
    CHECK_STR(ask(&g, "Z0,2000,1"), "OK");
    CHECK_STR(ask(&g, "M2000,2:1234"), "OK");
    CHECK_INT(octets[0x2000], 0xcc);
    CHECK_STR(ask(&g, "m2000,2"), "1234");
    CHECK_STR(ask(&g, "z0,2000,1"), "OK");
    CHECK_INT(octets[0x2000], 0x12);
}

TEST(without_the_processors_every_breakpoint_is_an_instruction_and_nothing_is_watched)
{
    struct gdb g;
    fresh(&g);
    octets[0x2000] = 0x55;
    g.points.use = GDB_USE_SOFTWARE;
    CHECK_STR(ask(&g, "Z0,2000,1"), "OK");
    CHECK_STR(ask(&g, "Z1,2000,1"), "OK");
    CHECK_STR(ask(&g, "Z2,2008,8"), "E28");
    CHECK_STR(ask(&g, "z0,2000,1"), "OK");
    CHECK_INT(octets[0x2000], 0xcc);
    CHECK_STR(ask(&g, "z1,2000,1"), "OK");
    CHECK_INT(octets[0x2000], 0x55);
}

TEST(as_many_instructions_as_there_is_room_for)
{
    struct gdb g;
    char packet[20];
    fresh(&g);
    g.points.use = GDB_USE_SOFTWARE;
    for (unsigned i = 0; i < GDB_SOFTWARE; i++) {
        snprintf(packet, sizeof packet, "Z0,%x,1", 0x2000 + i);
        CHECK_STR(ask(&g, packet), "OK");
    }
    CHECK_STR(ask(&g, "Z0,3000,1"), "E28");
    CHECK_STR(ask(&g, "D"), "OK");
    for (unsigned i = 0; i < MEM; i++)
        CHECK_INT(octets[i], 0);
}

TEST_MAIN(
    TEST_OF(a_packet_with_its_sum_is_taken_and_others_are_refused),
    TEST_OF(an_interrupt_counts_only_outside_of_packets),
    TEST_OF(a_packet_that_begins_anew_is_the_new_one), TEST_OF(escaped_octets_are_turned_back),
    TEST_OF(a_packet_that_is_too_long_is_refused_whatever_its_sum),
    TEST_OF(what_is_framed_is_received_as_it_was), TEST_OF(why_it_stopped_is_told),
    TEST_OF(memory_is_read_and_written_within_its_bounds), TEST_OF(the_zero_page_is_no_memory),
    TEST_OF(a_long_read_gives_what_fits_into_a_packet),
    TEST_OF(what_is_malformed_is_an_error_and_changes_nothing),
    TEST_OF(what_is_not_known_has_an_empty_reply),
    TEST_OF(registers_are_told_and_set_one_by_one),
    TEST_OF(all_registers_are_set_to_what_was_told),
    TEST_OF(the_description_comes_in_parts_that_make_a_whole),
    TEST_OF(running_stepping_and_ending_are_the_connections_to_do),
    TEST_OF(four_breakpoints_are_the_processors_and_the_fifth_an_instruction),
    TEST_OF(a_breakpoint_is_an_instruction_unless_the_processors_is_asked_for),
    TEST_OF(a_watchpoint_takes_the_place_of_a_breakpoint_that_can_be_an_instruction),
    TEST_OF(only_what_the_processor_can_watch_is_watched),
    TEST_OF(the_control_register_says_what_each_does),
    TEST_OF(writing_over_a_breakpoint_leaves_it_there),
    TEST_OF(without_the_processors_every_breakpoint_is_an_instruction_and_nothing_is_watched),
    TEST_OF(as_many_instructions_as_there_is_room_for))
