/* SPDX-License-Identifier: ISC */
/* The judges judged: what a script may say, what is refused and where, and that a script which
 * is wrong about our host fails with both packets shown. */
#include "tests/check.h"
#include "tests/tcp/play.h"

#include <stdlib.h>

static const char *problem_of(const char *text)
{
    static char said[256];
    struct script s;
    struct script_problem p;
    if (script_read(&s, text, &p)) {
        script_end(&s);
        return "";
    }
    snprintf(said, sizeof said, "%u: %s", p.line, p.text);
    return said;
}

/* One packet line, as it is understood. */
static const char *packet_of(const char *line)
{
    static char text[PACKET_TEXT_MAX];
    struct script s;
    struct script_problem p;
    if (!script_read(&s, line, &p))
        test_failed(__FILE__, __LINE__, "%s", p.text);
    packet_text(text, &s.line[0].packet, NULL);
    script_end(&s);
    return text;
}

static const char *plays(const char *text)
{
    static struct play_problem problem;
    struct script_problem p;
    struct script s;
    const char *skip = NULL;
    if (!script_read(&s, text, &p))
        test_failed(__FILE__, __LINE__, "%s", p.text);
    struct host *h = host_inet(&s.options, &skip);
    CHECK(h);
    bool good = play(&s, h, &problem);
    h->ops->end(h);
    script_end(&s);
    if (good)
        return "";
    static char said[1500];
    snprintf(said, sizeof said, "%u: %s", problem.line, problem.text);
    return said;
}

/* ---- Reading ------------------------------------------------------------------------- */

TEST(comments_and_empty_lines_say_nothing)
{
    CHECK_STR(problem_of("# RFC\n\n// also\n+0 silence() # here too\n"), "");
    CHECK_STR(problem_of("# only this\n"), "0: the script says nothing");
    CHECK_STR(problem_of(""), "0: the script says nothing");
}

TEST(a_packet_is_printed_as_it_was_read)
{
    static const char *const same[] = {
        ":5000>80 S 0:0(0) win 65535 <mss 1460, sackOK, TS val 1 ecr 0, nop, wscale 7>",
        ":5000>80 P. 1:1461(1460) ack 1 win 257",
        ":5000>80 FRU. 4294967295:1(2) ack 5 win 0 urg 9",
        ":5000>80 S.EW 0:0(0) ack 1 win 1",
        ":1>65535 . 1:1(0) ack 1 win 1 <nop, nop, sack 1:2 5:9, eol, raw fd04f989>",
        "[ect0] [ttl 3] [tos 8] [nodf] [id 7] [src 1.0.0.9] [dst 255.255.255.255] :1>2 udp (5)",
        "[frag 8+] ip 17 (8)",
        "icmp 3/4 (28)",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        char line[300], want[300];
        snprintf(line, sizeof line, "+0 < %s", same[i]);
        snprintf(want, sizeof want, "%s", same[i]);
        char *letters = strstr(want, "S.EW");
        if (letters)
            memcpy(letters, "SEW.", 4);
        CHECK_STR(packet_of(line), want);
    }
}

TEST(times_are_of_the_script_or_of_the_line_before_and_may_be_spans)
{
    struct script s;
    struct script_problem p;
    CHECK(script_read(&s,
                      "1.5 silence()\n+0.000000001 silence()\n+1~+2.5 > . 1:1(0) ack 1\n"
                      "* > . 1:1(0) ack 1\n",
                      &p));
    CHECK_INT(s.lines, 4);
    CHECK_INT(s.line[0].at_ns, 1500000000);
    CHECK(!s.line[0].relative);
    CHECK_INT(s.line[1].at_ns, 1);
    CHECK(s.line[1].relative);
    CHECK_INT(s.line[2].at_ns, 1000000000);
    CHECK_INT(s.line[2].until_ns, 2500000000);
    CHECK(s.line[3].any_time);
    CHECK_INT(s.line[3].number, 4);
    script_end(&s);
}

static const struct {
    const char *text, *problem;
} BAD[] = {
    {"0 silence()\n0 sing()", "2: '<', '>' or a call expected, not 'sing()'"},
    {"0 < X 0:0(0)",
     "1: flags (of FSRP.UEW, or - for none), icmp, udp or ip expected, not 'X 0:0(0)'"},
    {"0 < SS 0:0(0)", "1: a flag is there twice"},
    {"0 < S 0:1(0)", "1: the end 1 is not 0 + 0"},
    {"0 < S 0:(0)", "1: a number expected, not '(0)'"},
    {"0 < S 0:0", "1: '(' expected, not ''"},
    {"0 < S 4294967296:0(0)", "1: 4294967296:0(0) is more than 4294967295"},
    {"0 < . 0:0(0)", "1: 'ack N' expected behind the flag '.'"},
    {"0 < S 0:0(0) ack 1", "1: an acknowledgement number without the flag '.'"},
    {"0 < S 0:0(0) win 65536", "1: 65536 is more than 65535"},
    {"0 < S 0:0(0) <mss>", "1: a number expected, not '>'"},
    {"0 < S 0:0(0) <mss 1", "1: '>' expected, not ''"},
    {"0 < S 0:0(0) <sock>", "1: no option: 'sock>'"},
    {"0 < S 0:0(0) <...>", "1: <...> is for packets that are expected"},
    {"0 < S 0:0(0) <sack 1:2 1:2 1:2 1:2 1:2>", "1: more than four SACK ranges"},
    {"0 < S 0:0(0) <sack>", "1: SACK ranges expected"},
    {"0 < S 0:0(0) <raw 0>", "1: at most 40 octets of two small hexadecimal digits expected"},
    {"0 < S 0:0(0) <raw zz>", "1: octets in hexadecimal expected, not 'zz>'"},
    {"0 < S 0:0(0) <TS val 1 ecr 1, TS val 1 ecr 1, TS val 1 ecr 1, TS val 1 ecr 1, nop>",
     "1: options of 41 octets; 40 fit"},
    {"0 < [blue] S 0:0(0)", "1: no attribute: 'blue] S 0:0(0)'"},
    {"0 < [ttl 256] S 0:0(0)", "1: 256] S 0:0(0) is more than 255"},
    {"0 < [ip-options 0102] S 0:0(0)", "1: IP options fill whole words of four octets"},
    {"0 < [frag 9] ip 17 (8)", "1: a fragment begins at a multiple of eight"},
    {"0 > [badsum] S 0:0(0)", "1: what is broken cannot be expected"},
    {"0 < icmp 3 (8)", "1: '/' expected, not '(8)'"},
    {"0 < S 0:0(0) and more", "1: nothing more expected, but 'and more'"},
    {"* < S 0:0(0)", "1: only packets that are expected may come at more than one time"},
    {"0~1 silence()", "1: only packets that are expected may come at more than one time"},
    {"+0~1 > S 0:0(0)", "1: both ends of a span of time have a '+', or none"},
    {"+2~+1 > S 0:0(0)", "1: a span of time ends before it begins"},
    {"1.0000000001 silence()", "1: a time has nine decimals at most"},
    {"1. silence()", "1: digits expected after the point of a time"},
    {"silence()", "1: a number expected, not 'silence()'"},
    {"0 listen(80)", "1: ',' expected, not ')'"},
    {"0 accept(3) = -EWHAT", "1: an error number's name expected, not 'EWHAT'"},
    {"0 state(3)", "1: '=' expected, not ''"},
    {"0 state(3) = ", "1: a name expected, not ''"},
    {"--colour=1\n0 silence()", "1: no option of a script: '--colour=1'"},
    {"--mtu\n0 silence()", "1: '=' expected, not ''"},
    {"0 silence()\n--mtu=1500", "2: options stand before the first line"},
};

TEST(a_bad_script_is_refused_at_its_line)
{
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        CHECK_STR(problem_of(BAD[i].text), BAD[i].problem);
}

TEST(a_line_of_any_length_is_read_or_refused)
{
    static const char good[] = "+0 < [ect0, ttl 3] :5000>80 SP.EWU 1:11(10) ack 7 win 5 urg 2 "
                               "<mss 1460, sackOK, TS val 1 ecr 0, sack 1:2, raw fd02>";
    for (size_t len = 0; len < sizeof good; len++) {
        char *line = malloc(len + 1);
        CHECK(line);
        memcpy(line, good, len);
        line[len] = 0;
        problem_of(line);
        free(line);
    }
    char longer[1000];
    memset(longer, ' ', sizeof longer);
    longer[sizeof longer - 1] = 0;
    CHECK_STR(problem_of(longer), "1: a line is longer than 399 octets");
}

/* ---- Playing ---------------------------------------------------------------------------- */

#define HANDSHAKE                                                                              \
    "0 listen(80, 4) = 3\n"                                                                    \
    "+0 < S 0:0(0) win 65535 <mss 1460>\n"

TEST(a_packet_that_differs_is_shown_beside_the_one_expected)
{
    CHECK_STR(plays(HANDSHAKE "+0 > S. 0:0(0) ack 2 win 65535 <mss 1460>\n"),
              "3: acknowledgement\n"
              "  expected: > :5000>80 S. 0:0(0) ack 2 win 65535 <mss 1460>\n"
              "  came:     > :5000>80 S. 0:0(0) ack 1 win 65535 <mss 1460> at 0.000000");
    CHECK(strstr(plays(HANDSHAKE "+0 > . 0:0(0) ack 1 <mss 1460>\n"), "3: flags\n"));
    CHECK(
        strstr(plays(HANDSHAKE "+0 > S. 5:5(0) ack 1 <mss 1460>\n"), "3: sequence numbers\n"));
    CHECK(strstr(plays(HANDSHAKE "+0 > S. 0:0(0) ack 1 win 7 <mss 1460>\n"), "3: window\n"));
    CHECK(strstr(plays(HANDSHAKE "+0 > S. 0:0(0) ack 1 <mss 1461>\n"), "3: options\n"));
    CHECK(strstr(plays(HANDSHAKE "+0 > S. 0:0(0) ack 1\n"), "3: options\n"));
    CHECK(strstr(plays(HANDSHAKE "+0 > [ce] S. 0:0(0) ack 1 <mss 1460>\n"), "3: ECN bits\n"));
    CHECK(strstr(plays(HANDSHAKE "+0 > [ttl 1] S. 0:0(0) ack 1 <mss 1460>\n"),
                 "3: time to live\n"));
    CHECK(strstr(plays(HANDSHAKE "+0 > :5001 S. 0:0(0) ack 1 <mss 1460>\n"), "3: ports\n"));
    CHECK(strstr(plays(HANDSHAKE "+0 > udp (4)\n"), "3: protocol\n"));
    CHECK_STR(plays(HANDSHAKE "+0 > S. 0:0(0) ack 1 <...>\n+0 < R 1:1(0)\n"), "");
}

TEST(a_packet_at_another_time_is_not_the_one_expected)
{
    CHECK(strstr(plays(HANDSHAKE "+1 > S. 0:0(0) ack 1 <mss 1460>\n"), "3: too early\n"));
    CHECK(strstr(plays(HANDSHAKE "+0 > S. 0:0(0) ack 1 <mss 1460>\n"
                                 "+0.5 > S. 0:0(0) ack 1 <mss 1460>\n"),
                 "4: nothing was sent until 0.500262\n"));
    CHECK(strstr(plays(HANDSHAKE "+0 < R 1:1(0)\n"), "3: not expected, at 0.000000: > "));
    CHECK(strstr(plays(HANDSHAKE), "2: not expected, at 0.000000: > "));
    CHECK(strstr(plays("1 silence()\n0.5 silence()\n"), "2: 0.500000 is before 1.000000"));
}

TEST(a_call_with_another_result_is_shown)
{
    CHECK_STR(plays("0 listen(80, 4) = 4\n"), "1: the result is 3, not 4");
    CHECK_STR(plays("0 listen(80, 4) = 3\n+0 accept(3) = 4\n"),
              "2: the result is -EAGAIN, not 4");
    CHECK_STR(plays("0 read(5, 1) = 0\n"), "1: there is no such descriptor");
    CHECK_STR(plays("0 listen(80, 4) = 3\n+0 read(3, 1) = 0\n"),
              "2: the result is -ENOTCONN, not 0");
    CHECK_STR(plays("0 counter(tcp.nothing) = 0\n"), "1: the result is -ENOSYS, not 0");
    CHECK_STR(plays("0 connect(9) = 3\n+0 > :9 S 0:0(0) <...>\n+0 state(3) = ESTABLISHED\n"),
              "3: the state is SYN-SENT, not ESTABLISHED");
}

TEST_MAIN(TEST_OF(comments_and_empty_lines_say_nothing),
          TEST_OF(a_packet_is_printed_as_it_was_read),
          TEST_OF(times_are_of_the_script_or_of_the_line_before_and_may_be_spans),
          TEST_OF(a_bad_script_is_refused_at_its_line),
          TEST_OF(a_line_of_any_length_is_read_or_refused),
          TEST_OF(a_packet_that_differs_is_shown_beside_the_one_expected),
          TEST_OF(a_packet_at_another_time_is_not_the_one_expected),
          TEST_OF(a_call_with_another_result_is_shown))
