/* SPDX-License-Identifier: ISC */
/* A debugger's connection to a running tender: in the protocol's own words. */
#include "tests/hvttender/support.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 10000

static struct tender t;
static int conn = -1;

/* Starts the tender with an image that does this, and connects. */
static void start(const char *what)
{
    char line[100];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    snprintf(line, sizeof line, "--mem=4 --gdb=0 " NONE " %s", what);
    tender_start(&t, line);
    CHECK(tender_says(&t, "target remote 127.0.0.1:") && tender_says(&t, "\n"));
    to.sin_port = htons((uint16_t)atoi(strstr(t.text, "127.0.0.1:") + 10));
    conn = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(connect(conn, (struct sockaddr *)&to, sizeof to), 0);
}

static void put(const char *octets, size_t len)
{
    CHECK_INT(send(conn, octets, len, MSG_NOSIGNAL), len);
}

/* Sends a packet. */
static void ask(const char *text)
{
    char packet[200];
    uint8_t sum = 0;
    for (const char *p = text; *p; p++)
        sum = (uint8_t)(sum + (uint8_t)*p);
    int n = snprintf(packet, sizeof packet, "$%s#%02x", text, sum);
    put(packet, (size_t)n);
}

/* The next `len` octets, or what comes of them in time; good until the next. */
static const char *hear(size_t len)
{
    static char text[200];
    struct pollfd p = {.fd = conn, .events = POLLIN};
    size_t n = 0;
    while (n < len && poll(&p, 1, PATIENCE_MS) > 0) {
        ssize_t got = recv(conn, text + n, len - n, 0);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    text[n] = '\0';
    return text;
}

static void end(void)
{
    close(conn);
    conn = -1;
}

#define STOPPED   "+$T05thread:1;#d7"
#define HEARD(s)  CHECK_STR(hear(strlen(s)), s)
#define INTERRUPT "$T02thread:1;#d4"

TEST(packets_are_acknowledged_until_that_is_given_up)
{
    NEEDS_KVM();
    start("wait");
    ask("?");
    HEARD(STOPPED);
    ask("QStartNoAckMode");
    HEARD("+$OK#9a");
    ask("?");
    HEARD(&(STOPPED)[1]);
    ask("k");
    CHECK_INT(tender_end(&t), 1);
    end();
}

TEST(a_damaged_packet_is_asked_for_again_and_a_lost_reply_sent_again)
{
    NEEDS_KVM();
    start("wait");
    put("$?#00", 5);
    HEARD("-");
    ask("?");
    HEARD(STOPPED);
    put("-", 1);
    HEARD(&(STOPPED)[1]);
    ask("k");
    CHECK_INT(tender_end(&t), 1);
    end();
}

TEST(an_image_is_interrupted_while_it_waits_and_while_it_runs)
{
    static const char *const what[] = {"wait", "spin"};
    NEEDS_KVM();
    for (int i = 0; i < 2; i++) {
        start(what[i]);
        ask("c");
        HEARD("+");
        CHECK(tender_says(&t, "ready"));
        put("\003", 1);
        HEARD(INTERRUPT);
        ask("k");
        CHECK_INT(tender_end(&t), 1);
        end();
    }
}

/* Sent together: the image may have been stopped before it ran at all. */
TEST(an_interrupt_right_behind_the_command_to_run_is_not_lost)
{
    NEEDS_KVM();
    start("spin");
    for (int i = 0; i < 20; i++) {
        put("$c#63\003", 6);
        HEARD("+" INTERRUPT);
    }
    ask("k");
    CHECK_INT(tender_end(&t), 1);
    end();
}

/* At ring 0 the tender may go in steps of its own, of which the debugger hears nothing: the
 * image is in the midst of them when it has said that it is ready. */
TEST(an_interrupt_between_two_steps_is_told_as_one)
{
    NEEDS_KVM();
    for (int i = 0; i < 20; i++) {
        start("spin");
        ask("c");
        HEARD("+");
        CHECK(tender_says(&t, "ready"));
        put("\003", 1);
        HEARD(INTERRUPT);
        ask("k");
        CHECK_INT(tender_end(&t), 1);
        end();
    }
}

TEST(a_debugger_that_vanishes_ends_the_image)
{
    NEEDS_KVM();
    start("wait");
    ask("c");
    HEARD("+");
    CHECK(tender_says(&t, "ready"));
    end();
    CHECK_INT(tender_end(&t), 1);
    CHECK(strstr(t.text, "drupe-hvt: the debugger has ended the image\n"));
}

TEST(what_is_no_debugger_is_given_nothing_and_does_no_harm)
{
    static char flood[65536];
    NEEDS_KVM();
    start("wait");
    memset(flood, '$', sizeof flood);
    put(flood, sizeof flood);
    memset(flood, 'A', sizeof flood);
    put(flood, sizeof flood);
    put("GET / HTTP/1.1\r\n\r\n#zz", 21);
    HEARD("-");
    ask("?");
    HEARD(STOPPED);
    ask("k");
    CHECK_INT(tender_end(&t), 1);
    end();
}

TEST(a_signal_ends_the_tender_while_the_debugger_thinks_and_while_the_image_runs)
{
    NEEDS_KVM();
    start("wait");
    ask("?");
    HEARD(STOPPED);
    kill(t.pid, SIGTERM);
    CHECK_INT(tender_end(&t), 1);
    CHECK(strstr(t.text, "drupe-hvt: Exiting on signal 15\n"));
    end();
    start("wait");
    ask("c");
    HEARD("+");
    CHECK(tender_says(&t, "ready"));
    kill(t.pid, SIGTERM);
    HEARD("$X0f#ee");
    CHECK_INT(tender_end(&t), 1);
    CHECK(strstr(t.text, "drupe-hvt: Exiting on signal 15\n"));
    end();
}

TEST(the_status_of_an_image_that_ends_is_told)
{
    NEEDS_KVM();
    start("clocks");
    ask("c");
    HEARD("+$W00#b7");
    CHECK_INT(tender_end(&t), 0);
    end();
}

TEST(an_image_that_breaks_the_contract_is_shown_and_then_ended)
{
    NEEDS_KVM();
    start("port 65535 1");
    ask("c");
    HEARD("+$T06thread:1;#d8");
    ask("c");
    HEARD("+$X06#be");
    CHECK_INT(tender_end(&t), 1);
    CHECK(strstr(t.text, "port 0xffff is not"));
    end();
}

TEST(a_wrong_port_is_one_line)
{
    NEEDS_KVM();
    CHECK_REFUSED("--gdb=65536 " NONE " wait", "--gdb=65536: give a port");
    CHECK_REFUSED("--gdb= " NONE " wait", "--gdb=: give a port");
    CHECK_REFUSED("--gdb=-1 " NONE " wait", "--gdb=-1: give a port");
    CHECK_REFUSED("--gdb-port=x " NONE " wait", "give a port");
}

TEST(a_port_in_use_is_one_line)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    char line[100];
    NEEDS_KVM();
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_INT(bind(fd, (struct sockaddr *)&at, len), 0);
    CHECK_INT(listen(fd, 1), 0);
    CHECK_INT(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    snprintf(line, sizeof line, "--gdb=%u " NONE " wait", ntohs(at.sin_port));
    CHECK_REFUSED(line, "Address already in use");
    close(fd);
}

TEST_MAIN(TEST_OF(packets_are_acknowledged_until_that_is_given_up),
          TEST_OF(a_damaged_packet_is_asked_for_again_and_a_lost_reply_sent_again),
          TEST_OF(an_image_is_interrupted_while_it_waits_and_while_it_runs),
          TEST_OF(an_interrupt_right_behind_the_command_to_run_is_not_lost),
          TEST_OF(an_interrupt_between_two_steps_is_told_as_one),
          TEST_OF(a_debugger_that_vanishes_ends_the_image),
          TEST_OF(what_is_no_debugger_is_given_nothing_and_does_no_harm),
          TEST_OF(a_signal_ends_the_tender_while_the_debugger_thinks_and_while_the_image_runs),
          TEST_OF(the_status_of_an_image_that_ends_is_told),
          TEST_OF(an_image_that_breaks_the_contract_is_shown_and_then_ended),
          TEST_OF(a_wrong_port_is_one_line), TEST_OF(a_port_in_use_is_one_line))
