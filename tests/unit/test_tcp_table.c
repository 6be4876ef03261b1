/* SPDX-License-Identifier: ISC */
/* Every state and every kind of segment: RFC 9293 3.10.7, with RFC 5961. */
#include "tests/support/tcp_text.h"

static void to_syn_sent(void)
{
    connects();
}

static void to_syn_received(void)
{
    accepts("S 999(0) mss 1460");
}

static void to_fin_wait_1(void)
{
    establish();
    shuts_down();
}

static void to_fin_wait_2(void)
{
    to_fin_wait_1();
    arrives(&conn, ". 1000(0) ack 5001");
}

static void to_close_wait(void)
{
    establish();
    arrives(&conn, "F. 1000(0) ack 5000");
}

static void to_closing(void)
{
    to_fin_wait_1();
    arrives(&conn, "F. 1000(0) ack 5000");
}

static void to_last_ack(void)
{
    to_close_wait();
    shuts_down();
}

static void to_time_wait(void)
{
    to_fin_wait_2();
    arrives(&conn, "F. 1000(0) ack 5001");
}

static void to_closed(void)
{
    establish();
    aborts();
}

/* A segment, relative to where the connection stands: `seq` to rcv_nxt, `ack` to snd_max. */
struct kind {
    const char *name, *flags;
    int seq;
    unsigned len;
    int ack;
};

static const struct kind KINDS[] = {
    {"the RST that is expected", "R", 0, 0, 0},
    {"a RST in the window", "R", 1, 0, 0},
    {"a RST outside", "R", 70000, 0, 0},
    {"a RST with the right ACK", "R.", 0, 0, 0},
    {"a SYN in the window", "S", 5, 0, 0},
    {"a SYN outside", "S", -9, 0, 0},
    {"a SYN with the right ACK", "S.", -1, 0, 0},
    {"nothing new", ".", 0, 0, 0},
    {"an ACK of what was not sent", ".", 0, 0, 1},
    {"an ACK too old", ".", 0, 0, -70000},
    {"an ACK outside the window", ".", -1, 0, 0},
    {"text in order", "P.", 0, 4, 0},
    {"text without ACK", "P", 0, 4, 0},
    {"text already here", ".", -4, 4, 0},
    {"text out of order", ".", 4, 4, 0},
    {"text outside", ".", 70000, 4, 0},
    {"a FIN", "F.", 0, 0, 0},
    {"text and FIN", "FP.", 0, 4, 0},
    {"urgent text", "PU.", 0, 4, 0},
};
#define KINDS_N (sizeof KINDS / sizeof KINDS[0])

struct row {
    const char *state;
    void (*reach)(void);
    const char *expect[KINDS_N]; /* what is sent, then the state */
};

static const struct row ROWS[] = {
    /* clang-format off */
    {"SYN-SENT",
     to_syn_sent,
     {
         "SYN-SENT", /* the RST that is expected */
         "SYN-SENT", /* a RST in the window */
         "SYN-SENT", /* a RST outside */
         "CLOSED", /* a RST with the right ACK */
         "S. 4999(0) ack 1006 mss 1460 SYN-RECEIVED", /* a SYN in the window */
         "S. 4999(0) ack 992 mss 1460 SYN-RECEIVED", /* a SYN outside */
         ". 5000(0) ack 1000 ESTABLISHED", /* a SYN with the right ACK */
         "SYN-SENT", /* nothing new */
         "R 5001(0) SYN-SENT", /* an ACK of what was not sent */
         "R 4294902296(0) SYN-SENT", /* an ACK too old */
         "SYN-SENT", /* an ACK outside the window */
         "SYN-SENT", /* text in order */
         "SYN-SENT", /* text without ACK */
         "SYN-SENT", /* text already here */
         "SYN-SENT", /* text out of order */
         "SYN-SENT", /* text outside */
         "SYN-SENT", /* a FIN */
         "SYN-SENT", /* text and FIN */
         "SYN-SENT", /* urgent text */
     }},
    {"SYN-RECEIVED",
     to_syn_received,
     {
         "CLOSED", /* the RST that is expected */
         ". 5000(0) ack 1000 SYN-RECEIVED", /* a RST in the window */
         "SYN-RECEIVED", /* a RST outside */
         "CLOSED", /* a RST with the right ACK */
         "CLOSED", /* a SYN in the window */
         ". 5000(0) ack 1000 SYN-RECEIVED", /* a SYN outside */
         ". 5000(0) ack 1000 SYN-RECEIVED", /* a SYN with the right ACK */
         "ESTABLISHED", /* nothing new */
         "R 5001(0) SYN-RECEIVED", /* an ACK of what was not sent */
         "R 4294902296(0) SYN-RECEIVED", /* an ACK too old */
         ". 5000(0) ack 1000 SYN-RECEIVED", /* an ACK outside the window */
         "ESTABLISHED", /* text in order */
         "SYN-RECEIVED", /* text without ACK */
         ". 5000(0) ack 1000 SYN-RECEIVED", /* text already here */
         ". 5000(0) ack 1000 ESTABLISHED", /* text out of order */
         ". 5000(0) ack 1000 SYN-RECEIVED", /* text outside */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* a FIN */
         ". 5000(0) ack 1005 CLOSE-WAIT", /* text and FIN */
         "ESTABLISHED", /* urgent text */
     }},
    {"ESTABLISHED",
     establish,
     {
         "CLOSED", /* the RST that is expected */
         ". 5000(0) ack 1000 ESTABLISHED", /* a RST in the window */
         "ESTABLISHED", /* a RST outside */
         "CLOSED", /* a RST with the right ACK */
         ". 5000(0) ack 1000 ESTABLISHED", /* a SYN in the window */
         ". 5000(0) ack 1000 ESTABLISHED", /* a SYN outside */
         ". 5000(0) ack 1000 ESTABLISHED", /* a SYN with the right ACK */
         "ESTABLISHED", /* nothing new */
         ". 5000(0) ack 1000 ESTABLISHED", /* an ACK of what was not sent */
         ". 5000(0) ack 1000 ESTABLISHED", /* an ACK too old */
         ". 5000(0) ack 1000 ESTABLISHED", /* an ACK outside the window */
         "ESTABLISHED", /* text in order */
         "ESTABLISHED", /* text without ACK */
         ". 5000(0) ack 1000 ESTABLISHED", /* text already here */
         ". 5000(0) ack 1000 ESTABLISHED", /* text out of order */
         ". 5000(0) ack 1000 ESTABLISHED", /* text outside */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* a FIN */
         ". 5000(0) ack 1005 CLOSE-WAIT", /* text and FIN */
         "ESTABLISHED", /* urgent text */
     }},
    {"FIN-WAIT-1",
     to_fin_wait_1,
     {
         "CLOSED", /* the RST that is expected */
         ". 5001(0) ack 1000 FIN-WAIT-1", /* a RST in the window */
         "FIN-WAIT-1", /* a RST outside */
         "CLOSED", /* a RST with the right ACK */
         ". 5001(0) ack 1000 FIN-WAIT-1", /* a SYN in the window */
         ". 5001(0) ack 1000 FIN-WAIT-1", /* a SYN outside */
         ". 5001(0) ack 1000 FIN-WAIT-1", /* a SYN with the right ACK */
         "FIN-WAIT-2", /* nothing new */
         ". 5001(0) ack 1000 FIN-WAIT-1", /* an ACK of what was not sent */
         ". 5001(0) ack 1000 FIN-WAIT-1", /* an ACK too old */
         ". 5001(0) ack 1000 FIN-WAIT-1", /* an ACK outside the window */
         "FIN-WAIT-2", /* text in order */
         "FIN-WAIT-1", /* text without ACK */
         ". 5001(0) ack 1000 FIN-WAIT-1", /* text already here */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* text out of order */
         ". 5001(0) ack 1000 FIN-WAIT-1", /* text outside */
         ". 5001(0) ack 1001 TIME-WAIT", /* a FIN */
         ". 5001(0) ack 1005 TIME-WAIT", /* text and FIN */
         "FIN-WAIT-2", /* urgent text */
     }},
    {"FIN-WAIT-2",
     to_fin_wait_2,
     {
         "CLOSED", /* the RST that is expected */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* a RST in the window */
         "FIN-WAIT-2", /* a RST outside */
         "CLOSED", /* a RST with the right ACK */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* a SYN in the window */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* a SYN outside */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* a SYN with the right ACK */
         "FIN-WAIT-2", /* nothing new */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* an ACK of what was not sent */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* an ACK too old */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* an ACK outside the window */
         "FIN-WAIT-2", /* text in order */
         "FIN-WAIT-2", /* text without ACK */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* text already here */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* text out of order */
         ". 5001(0) ack 1000 FIN-WAIT-2", /* text outside */
         ". 5001(0) ack 1001 TIME-WAIT", /* a FIN */
         ". 5001(0) ack 1005 TIME-WAIT", /* text and FIN */
         "FIN-WAIT-2", /* urgent text */
     }},
    {"CLOSE-WAIT",
     to_close_wait,
     {
         "CLOSED", /* the RST that is expected */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* a RST in the window */
         "CLOSE-WAIT", /* a RST outside */
         "CLOSED", /* a RST with the right ACK */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* a SYN in the window */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* a SYN outside */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* a SYN with the right ACK */
         "CLOSE-WAIT", /* nothing new */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* an ACK of what was not sent */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* an ACK too old */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* an ACK outside the window */
         "CLOSE-WAIT", /* text in order */
         "CLOSE-WAIT", /* text without ACK */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* text already here */
         "CLOSE-WAIT", /* text out of order */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* text outside */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* a FIN */
         ". 5000(0) ack 1001 CLOSE-WAIT", /* text and FIN */
         "CLOSE-WAIT", /* urgent text */
     }},
    {"CLOSING",
     to_closing,
     {
         "CLOSED", /* the RST that is expected */
         ". 5001(0) ack 1001 CLOSING", /* a RST in the window */
         "CLOSING", /* a RST outside */
         "CLOSED", /* a RST with the right ACK */
         ". 5001(0) ack 1001 CLOSING", /* a SYN in the window */
         ". 5001(0) ack 1001 CLOSING", /* a SYN outside */
         ". 5001(0) ack 1001 CLOSING", /* a SYN with the right ACK */
         "TIME-WAIT", /* nothing new */
         ". 5001(0) ack 1001 CLOSING", /* an ACK of what was not sent */
         ". 5001(0) ack 1001 CLOSING", /* an ACK too old */
         ". 5001(0) ack 1001 CLOSING", /* an ACK outside the window */
         "TIME-WAIT", /* text in order */
         "CLOSING", /* text without ACK */
         ". 5001(0) ack 1001 CLOSING", /* text already here */
         "TIME-WAIT", /* text out of order */
         ". 5001(0) ack 1001 CLOSING", /* text outside */
         ". 5001(0) ack 1001 TIME-WAIT", /* a FIN */
         ". 5001(0) ack 1001 TIME-WAIT", /* text and FIN */
         "TIME-WAIT", /* urgent text */
     }},
    {"LAST-ACK",
     to_last_ack,
     {
         "CLOSED", /* the RST that is expected */
         ". 5001(0) ack 1001 LAST-ACK", /* a RST in the window */
         "LAST-ACK", /* a RST outside */
         "CLOSED", /* a RST with the right ACK */
         ". 5001(0) ack 1001 LAST-ACK", /* a SYN in the window */
         ". 5001(0) ack 1001 LAST-ACK", /* a SYN outside */
         ". 5001(0) ack 1001 LAST-ACK", /* a SYN with the right ACK */
         "CLOSED", /* nothing new */
         ". 5001(0) ack 1001 LAST-ACK", /* an ACK of what was not sent */
         ". 5001(0) ack 1001 LAST-ACK", /* an ACK too old */
         ". 5001(0) ack 1001 LAST-ACK", /* an ACK outside the window */
         "CLOSED", /* text in order */
         "LAST-ACK", /* text without ACK */
         ". 5001(0) ack 1001 LAST-ACK", /* text already here */
         "CLOSED", /* text out of order */
         ". 5001(0) ack 1001 LAST-ACK", /* text outside */
         "CLOSED", /* a FIN */
         "CLOSED", /* text and FIN */
         "CLOSED", /* urgent text */
     }},
    {"TIME-WAIT",
     to_time_wait,
     {
         "TIME-WAIT", /* the RST that is expected */
         "TIME-WAIT", /* a RST in the window */
         "TIME-WAIT", /* a RST outside */
         "TIME-WAIT", /* a RST with the right ACK */
         ". 5001(0) ack 1001 TIME-WAIT", /* a SYN in the window */
         ". 5001(0) ack 1001 TIME-WAIT", /* a SYN outside */
         ". 5001(0) ack 1001 TIME-WAIT", /* a SYN with the right ACK */
         "TIME-WAIT", /* nothing new */
         ". 5001(0) ack 1001 TIME-WAIT", /* an ACK of what was not sent */
         ". 5001(0) ack 1001 TIME-WAIT", /* an ACK too old */
         ". 5001(0) ack 1001 TIME-WAIT", /* an ACK outside the window */
         "TIME-WAIT", /* text in order */
         "TIME-WAIT", /* text without ACK */
         ". 5001(0) ack 1001 TIME-WAIT", /* text already here */
         "TIME-WAIT", /* text out of order */
         ". 5001(0) ack 1001 TIME-WAIT", /* text outside */
         ". 5001(0) ack 1001 TIME-WAIT", /* a FIN */
         ". 5001(0) ack 1001 TIME-WAIT", /* text and FIN */
         "TIME-WAIT", /* urgent text */
     }},
    {"CLOSED",
     to_closed,
     {
         "CLOSED", /* the RST that is expected */
         "CLOSED", /* a RST in the window */
         "CLOSED", /* a RST outside */
         "CLOSED", /* a RST with the right ACK */
         "CLOSED", /* a SYN in the window */
         "CLOSED", /* a SYN outside */
         "CLOSED", /* a SYN with the right ACK */
         "CLOSED", /* nothing new */
         "CLOSED", /* an ACK of what was not sent */
         "CLOSED", /* an ACK too old */
         "CLOSED", /* an ACK outside the window */
         "CLOSED", /* text in order */
         "CLOSED", /* text without ACK */
         "CLOSED", /* text already here */
         "CLOSED", /* text out of order */
         "CLOSED", /* text outside */
         "CLOSED", /* a FIN */
         "CLOSED", /* text and FIN */
         "CLOSED", /* urgent text */
     }},
    /* clang-format on */
};

static const char *outcome(const struct row *row, const struct kind *k)
{
    static char text[300];
    char segment[100];
    row->reach();
    uint32_t seq = (conn.state == TCP_SYN_SENT ? 1000 : conn.rcv_nxt.n) + (uint32_t)k->seq;
    int n = snprintf(segment, sizeof segment, "%s %u(%u)", k->flags, seq, k->len);
    if (strchr(k->flags, '.'))
        snprintf(segment + n, sizeof segment - (size_t)n, " ack %u",
                 conn.snd_max.n + (uint32_t)k->ack);
    const char *answer = arrives(&conn, segment);
    snprintf(text, sizeof text, "%s%s%s", answer, *answer ? " " : "", state());
    return text;
}

TEST(each_state_answers_each_segment_as_the_rfcs_say)
{
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        for (size_t k = 0; k < KINDS_N; k++) {
            const char *got = outcome(&ROWS[i], &KINDS[k]);
            if (strcmp(got, ROWS[i].expect[k]) != 0)
                test_failed(__FILE__, __LINE__, "%s, %s: \"%s\", not \"%s\"", ROWS[i].state,
                            KINDS[k].name, got, ROWS[i].expect[k]);
        }
}

TEST_MAIN(TEST_OF(each_state_answers_each_segment_as_the_rfcs_say))
