/* SPDX-License-Identifier: ISC */
#include "net/arp/arp.h"
#include "rt/budget.h"
#include "stack/stack.h"
#include "tests/stack/peer.h"

#include <errno.h>
#include <stdlib.h>

static bool logged(const char *text)
{
    return strstr(vplat_console(), text) != NULL;
}

static unsigned times_logged(const char *text)
{
    unsigned n = 0;
    for (const char *at = vplat_console(); (at = strstr(at, text)) != NULL; at++)
        n++;
    return n;
}

/* ---- Up and down ----------------------------------------------------------- */

static int image_by_arguments(void)
{
    CHECK_INT(dr_net_up("net", &net), 0);
    struct dr_ip ip = dr_net_ip(net), want = dr_ip4(10, 0, 0, 2);
    CHECK(dr_ip_equal(&ip, &want));
    dr_net_down(&net);
    CHECK(!net);
    return 0;
}

/* Like run_down, with arguments. */
static int run_args(int (*body)(void), const char *a, const char *b)
{
    vplat_reset();
    device_forget_all();
    peer_start();
    vplat.args = dr_net_args;
    vplat_args(a, b, NULL);
    int status = vplat_run(body);
    peer_end();
    return status;
}

TEST(the_arguments_give_the_address)
{
    CHECK_INT(run_args(image_by_arguments, "--ipv4=10.0.0.2/24", "--ipv4-gateway=10.0.0.1"), 0);
    CHECK(logged("[INFO] [net] net is up: 10.0.0.2/24, gateway 10.0.0.1, 02:00:00:00:00:02, "
                 "MTU 1500"));
    CHECK(peer.frames > 0); /* it was announced */
}

static int image_refused(void)
{
    struct dr_net_config c = image_config;
    memset(&c.ipv4, 0, sizeof c.ipv4);
    CHECK_INT(dr_net_up_with("net", &c, &net), -EINVAL);
    CHECK(logged("device net has no address: give one, as in --ipv4=10.0.0.2/24"));
    c = image_config;
    c.ipv4.ip = dr_ip4(10, 0, 0, 255);
    CHECK_INT(dr_net_up_with("net", &c, &net), -EINVAL);
    CHECK(logged("--ipv4=10.0.0.255/24 is the broadcast address of its network"));
    c = image_config;
    c.ipv4_gateway = dr_ip4(10, 1, 0, 1);
    CHECK_INT(dr_net_up_with("net", &c, &net), -EINVAL);
    CHECK(logged("--ipv4-gateway=10.1.0.1 is not inside the network of --ipv4"));
    CHECK(!net);
    return 0;
}

TEST(an_unusable_address_is_refused_with_a_line)
{
    net = NULL;
    CHECK_INT(run_down(image_refused), 0);
    CHECK_INT(times_logged("[ERROR]"), 3);
}

static int image_no_device(void)
{
    CHECK_INT(dr_net_up_with("service", &image_config, &net), -ENODEV);
    CHECK_INT(dr_net_up_with("", &image_config, &net), -ENODEV);
    CHECK_INT(dr_net_up_with(NULL, &image_config, &net), -ENODEV);
    return 0;
}

TEST(a_device_that_is_not_declared_is_not_there)
{
    CHECK_INT(run_down(image_no_device), 0);
}

IMAGE_TEST(a_device_is_brought_up_once)
{
    struct dr_net *second = NULL;
    CHECK_INT(dr_net_up_with("net", &image_config, &second), -EBUSY);
    CHECK(!second);
    return 0;
}

IMAGE_TEST(a_device_taken_down_can_be_brought_up_again)
{
    dr_net_down(&net);
    CHECK(!net);
    dr_net_down(&net);
    CHECK_INT(dr_net_up_with("net", &image_config, &net), 0);
    return 0;
}

static int image_low_mtu(void)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
    vplat_net_add("small", mac, 500);
    CHECK_INT(dr_net_up_with("small", &image_config, &net), -EINVAL);
    CHECK(logged("device small has an MTU of 500: IPv4 needs 576"));
    return 0;
}

TEST(a_device_with_too_small_an_mtu_is_refused_with_a_line)
{
    CHECK_INT(run_down(image_low_mtu), 0);
}

static int image_frames_when_down(void)
{
    CHECK_INT(dr_net_up_with("net", &image_config, &net), 0);
    dr_net_down(&net);
    for (int i = 0; i < 300; i++)
        vplat_net_push(peer.handle, "a frame for nobody", 18);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    CHECK_INT(vplat_net_inward(peer.handle), 0);
    return 0;
}

TEST(a_device_that_is_down_is_still_read_so_that_the_image_can_sleep)
{
    CHECK_INT(run_down(image_frames_when_down), 0);
}

static int image_no_memory(void)
{
    struct supply *tables = budget_of(BUDGET_CONNECTIONS), *buffers = budget_of(BUDGET_NETWORK);
    size_t limit = tables->limit;
    int err = -ENOMEM;
    buffers->limit = 100;
    CHECK_INT(dr_net_up_with("net", &image_config, &net), -ENOMEM);
    buffers->limit = limit;
    for (tables->limit = 0; err == -ENOMEM; tables->limit += 512) {
        CHECK_INT(tables->used, 0);
        CHECK(tables->limit <= limit);
        err = dr_net_up_with("net", &image_config, &net);
    }
    CHECK_INT(err, 0);
    dr_net_down(&net);
    CHECK_INT(tables->used, 0);
    return 0;
}

TEST(a_device_for_which_there_is_no_memory_gives_all_back)
{
    CHECK_INT(run_down(image_no_memory), 0);
}

/* ---- What happens to what was made from it ---------------------------------- */

struct waiting {
    struct dr_tcp_listener *listener;
    struct dr_tcp *conn;
    struct dr_udp *udp;
    int accepted, connected, sent;
    ssize_t got, wrote, received;
};
static struct waiting w;
static char big[4U << 20];

static int task_accept(void *arg)
{
    struct dr_tcp *conn = NULL;
    (void)arg;
    w.accepted = dr_tcp_accept(w.listener, &conn);
    return 0;
}

static int task_read(void *arg)
{
    char buf[10];
    (void)arg;
    w.got = dr_tcp_read(w.conn, buf, sizeof buf);
    return 0;
}

static int task_write(void *arg)
{
    (void)arg;
    w.wrote = dr_tcp_write(w.conn, big, sizeof big);
    return 0;
}

static int task_receive(void *arg)
{
    char buf[10];
    (void)arg;
    w.received = dr_udp_recvfrom(w.udp, buf, sizeof buf, NULL);
    return 0;
}

static int task_connect(void *arg)
{
    struct dr_endpoint nobody = {.ip = dr_ip4(10, 0, 0, 77), .port = 1};
    struct dr_tcp *conn = NULL;
    (void)arg;
    w.connected = dr_tcp_connect(net, &nobody, &conn);
    return 0;
}

static int task_send(void *arg)
{
    struct dr_endpoint nobody = {.ip = dr_ip4(10, 0, 0, 78), .port = 1};
    (void)arg;
    w.sent = (int)dr_udp_sendto(w.udp, "x", 1, &nobody);
    return 0;
}

/* One task waits in each call, then `end` is called. */
static struct peer_conn *everyone_waits(struct dr_scope *s)
{
    static dr_task_fn *const all[] = {task_accept,  task_read,    task_write,
                                      task_receive, task_connect, task_send};
    w = (struct waiting){.accepted = 1, .connected = 1, .sent = 1};
    CHECK_INT(dr_tcp_listen(net, 80, 4, &w.listener), 0);
    struct peer_conn *p = peer_connect(80);
    peer_reads(p, false);
    CHECK_INT(dr_tcp_accept(w.listener, &w.conn), 0);
    CHECK_INT(dr_udp_bind(net, 53, &w.udp), 0);
    dr_scope_open(s, DR_NEVER);
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        CHECK_INT(dr_spawn(s, all[i], NULL, NULL), 0);
    CHECK_INT(dr_sleep(DR_MS(20)), 0);
    return p;
}

static void everyone_was_told(struct dr_scope *s)
{
    CHECK_INT(dr_scope_join(s), 0);
    CHECK_INT(dr_scope_close(s), 0);
    CHECK_INT(w.accepted, -ECONNABORTED);
    CHECK_INT(w.got, -ECONNRESET);
    CHECK_INT(w.wrote, -ECONNRESET);
    CHECK_INT(w.received, -ENETDOWN);
    CHECK_INT(w.connected, -ENETDOWN);
    CHECK_INT(w.sent, -ENETDOWN);
}

static void everything_can_be_closed(void)
{
    char buf[4];
    struct dr_tcp *conn = NULL;
    CHECK_INT(dr_tcp_read(w.conn, buf, sizeof buf), -ECONNRESET);
    CHECK_INT(dr_tcp_shutdown(w.conn), -ENOTCONN);
    CHECK_INT(dr_tcp_peer(w.conn).ip.octet[15], 1);
    dr_tcp_nodelay(w.conn, true);
    dr_tcp_keepalive(w.conn, DR_S(1));
    CHECK_INT(dr_tcp_accept(w.listener, &conn), -ECONNABORTED);
    CHECK_INT(dr_tcp_listener_port(w.listener), 80);
    dr_tcp_close(&w.conn);
    dr_tcp_unlisten(&w.listener);
    dr_udp_close(&w.udp);
    CHECK(!w.conn && !w.listener && !w.udp);
}

IMAGE_TEST(taking_a_device_down_ends_every_wait_and_resets_every_peer)
{
    struct dr_scope s;
    struct peer_conn *p = everyone_waits(&s);
    dr_net_down(&net);
    everyone_was_told(&s);
    CHECK(peer_was_reset(p));
    everything_can_be_closed();
    return 0;
}

IMAGE_TEST(a_device_that_goes_away_is_logged_once_and_ends_every_wait)
{
    struct dr_scope s;
    struct dr_tcp_listener *l = NULL;
    struct dr_tcp *conn = NULL;
    struct dr_udp *u = NULL;
    struct dr_endpoint to = peer_endpoint(80);
    everyone_waits(&s);
    vplat_net_gone(peer.handle);
    everyone_was_told(&s);
    CHECK_INT(dr_sleep(DR_S(10)), 0);
    CHECK_INT(times_logged("device net is gone"), 1);
    CHECK_INT(dr_tcp_listen(net, 81, 1, &l), -ENETDOWN);
    CHECK_INT(dr_tcp_connect(net, &to, &conn), -ENETDOWN);
    CHECK_INT(dr_udp_bind(net, 81, &u), -ENETDOWN);
    CHECK(counter("device.frames_in") > 0);
    everything_can_be_closed();
    dr_net_down(&net);
    CHECK_INT(dr_net_up_with("net", &image_config, &net), -EIO);
    return 0;
}

/* The address is still being announced: the stack has a deadline to come. */
IMAGE_TEST(a_device_that_went_away_and_is_taken_down_leaves_no_timer)
{
    vplat_net_gone(peer.handle);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    CHECK_INT(times_logged("device net is gone"), 1);
    CHECK_INT(dr_sleep(DR_MS(1)), 0);
    dr_net_down(&net);
    CHECK_INT(dr_sleep(DR_S(10)), 0);
    return 0;
}

/* ---- The image's end ------------------------------------------------------- */

static struct peer_conn *reader;
#define LAST_WORDS (300U << 10)
static size_t words;

static int image_that_leaves(void)
{
    struct dr_tcp_listener *l = NULL;
    struct dr_tcp *conn = NULL;
    CHECK_INT(dr_net_up_with("net", &image_config, &net), 0);
    CHECK_INT(dr_tcp_listen(net, 80, 1, &l), 0);
    reader = peer_connect(80);
    CHECK_INT(dr_tcp_accept(l, &conn), 0);
    CHECK_INT(dr_tcp_write(conn, big, words), words);
    dr_tcp_close(&conn);
    return 0;
}

/* More than the peer's window: its acknowledgements come after main has returned. */
TEST(what_was_written_and_closed_arrives_although_the_image_ends)
{
    vplat_reset();
    device_forget_all();
    peer_start();
    words = LAST_WORDS;
    CHECK_INT(vplat_run(image_that_leaves), 0);
    CHECK_INT(reader->got, LAST_WORDS);
    CHECK(vplat.now - VPLAT_START < DR_MS(100)); /* and it ends as soon as it has */
    peer_end();
}

static void peer_falls_silent(void *arg)
{
    (void)arg;
    peer.deaf = peer.mute = true;
}

TEST(an_image_that_ends_does_not_wait_for_ever_for_a_peer_that_does_not_answer)
{
    vplat_reset();
    device_forget_all();
    peer_start();
    words = 120U << 10; /* what a send buffer holds at first */
    vplat_at(VPLAT_START + DR_US(60), peer_falls_silent, NULL);
    CHECK_INT(vplat_run(image_that_leaves), 0);
    CHECK(reader->got < words);
    CHECK(vplat.now - VPLAT_START < DR_S(2));
    peer_end();
}

/* ---- Devices that refuse ---------------------------------------------------- */

IMAGE_TEST(a_frame_that_a_full_device_refused_is_counted_and_sent_again)
{
    struct dr_tcp_listener *l = NULL;
    struct dr_tcp *conn = NULL;
    CHECK_INT(dr_tcp_listen(net, 80, 1, &l), 0);
    struct peer_conn *p = peer_connect(80);
    CHECK_INT(dr_tcp_accept(l, &conn), 0);
    vplat_net_full(peer.handle, 2);
    CHECK_INT(dr_tcp_write(conn, "late", 4), 4);
    UNTIL(p->got == 4);
    CHECK_STR(p->text, "late");
    CHECK_INT(counter("device.full"), 2);
    dr_tcp_close(&conn);
    dr_tcp_unlisten(&l);
    return 0;
}

IMAGE_TEST(a_frame_of_which_the_device_speaks_nonsense_is_dropped_and_counted)
{
    uint64_t before = counter("device.frames_in");
    vplat_net_push_malformed(peer.handle);
    vplat_net_push(peer.handle, "short", 5);
    UNTIL(counter("device.frames_in") > before); /* what comes after it is read */
    CHECK_INT(counter("device.malformed"), 1);
    return 0;
}

/* ---- Counters --------------------------------------------------------------- */

IMAGE_TEST(every_counter_has_a_name_of_its_own)
{
    struct dr_counter a, b;
    unsigned n = 0;
    for (; dr_net_counter(net, n, &a); n++)
        for (unsigned m = 0; m < n; m++) {
            CHECK(dr_net_counter(net, m, &b));
            CHECK(strcmp(a.module, b.module) != 0 || strcmp(a.name, b.name) != 0);
        }
    CHECK(n > 20);
    CHECK(!dr_net_counter(net, n + 1, &a));
    CHECK(!dr_net_counter(net, UINT32_MAX, &a));
    uint64_t before = counter("device.frames_in");
    vplat_net_push(peer.handle, "short", 5);
    UNTIL(counter("device.frames_in") > before);
    CHECK_INT(counter("device.frames_out"), peer.frames);
    return 0;
}

/* By its full name, in backquotes. Tests run at the top of the tree. */
IMAGE_TEST(a_counter_that_is_not_documented_is_none)
{
    static char page[65536], missing[2000];
    size_t len = 0;
    FILE *f = fopen("docs/design/observability.md", "r");
    CHECK(f);
    page[fread(page, 1, sizeof page - 1, f)] = 0;
    fclose(f);
    struct dr_counter c;
    for (unsigned n = 0; dr_net_counter(net, n, &c); n++) {
        char name[80];
        snprintf(name, sizeof name, "`%s.%s`", c.module, c.name);
        if (!strstr(page, name) && len < sizeof missing)
            len += (size_t)snprintf(missing + len, sizeof missing - len, "%s ", name);
    }
    CHECK_STR(missing, "");
    return 0;
}

/* ---- Counters in the log ---------------------------------------------------- */

IMAGE_TEST(counters_that_changed_are_logged_each_period)
{
    CHECK_INT(dr_net_log_counters(net, DR_S(10)), 0);
    CHECK_INT(dr_net_log_counters(net, DR_S(10)), -EALREADY);
    CHECK_INT(dr_sleep(DR_S(11)), 0);
    CHECK(logged("[INFO] [counters] "));
    CHECK(logged("device.frames_out "));
    CHECK(!logged("tcp.resets_out"));
    vplat_console_clear();
    CHECK_INT(dr_sleep(DR_S(60)), 0);
    CHECK(!logged("[counters]")); /* nothing changed */
    vplat_net_push(peer.handle, "short", 5);
    CHECK_INT(dr_sleep(DR_S(10)), 0);
    CHECK(logged("[counters] eth.truncated 1, device.frames_in "));
    CHECK_INT(times_logged("[counters]"), 1);
    return 0;
}

IMAGE_TEST(counters_are_logged_once_more_when_the_net_is_taken_down)
{
    CHECK_INT(dr_net_log_counters(net, DR_S(3600)), 0);
    CHECK_INT(dr_sleep(DR_S(11)), 0);
    CHECK_INT(times_logged("[counters]"), 0);
    dr_net_down(&net);
    CHECK(logged("device.frames_out "));
    return dr_net_up_with("net", &image_config, &net);
}

IMAGE_TEST(counters_are_not_logged_when_nobody_asked)
{
    CHECK_INT(dr_net_log_counters(net, 0), 0);
    CHECK_INT(dr_net_log_counters(net, 1), -EINVAL);
    CHECK_INT(dr_sleep(DR_S(60)), 0);
    CHECK(!logged("[counters]"));
    return 0;
}

static void another_says_it_has(struct ip4 ip)
{
    uint8_t frame[ETH_HEADER_LEN + ARP_PACKET_LEN];
    const struct eth_addr mac = {{2, 0, 0, 0, 0, 9}};
    const struct arp_packet p = {
        .op = ARP_REQUEST, .sender = ip, .sender_mac = mac, .target = ip};
    struct writer out = writer_of(frame, sizeof frame);
    eth_print(&out, &eth_broadcast, &mac, ETH_ARP);
    arp_print(&out, &p);
    vplat_net_push(peer.handle, frame, writer_len(&out));
}

IMAGE_TEST(another_station_with_our_address_is_named_once)
{
    another_says_it_has(ip4_of(10, 0, 0, 3));
    another_says_it_has(ip4_of(10, 0, 0, 2));
    another_says_it_has(ip4_of(10, 0, 0, 2));
    UNTIL(counter("arp.conflicts") == 2);
    CHECK_INT(times_logged("net: 10.0.0.2 is also used by 02:00:00:00:00:09: give one"), 1);
    CHECK(!logged("10.0.0.3"));
    return 0;
}

TEST_MAIN(TEST_OF(another_station_with_our_address_is_named_once),
          TEST_OF(the_arguments_give_the_address),
          TEST_OF(an_unusable_address_is_refused_with_a_line),
          TEST_OF(a_device_that_is_not_declared_is_not_there),
          TEST_OF(a_device_is_brought_up_once),
          TEST_OF(a_device_taken_down_can_be_brought_up_again),
          TEST_OF(a_device_with_too_small_an_mtu_is_refused_with_a_line),
          TEST_OF(a_device_that_is_down_is_still_read_so_that_the_image_can_sleep),
          TEST_OF(a_device_for_which_there_is_no_memory_gives_all_back),
          TEST_OF(taking_a_device_down_ends_every_wait_and_resets_every_peer),
          TEST_OF(a_device_that_goes_away_is_logged_once_and_ends_every_wait),
          TEST_OF(a_device_that_went_away_and_is_taken_down_leaves_no_timer),
          TEST_OF(what_was_written_and_closed_arrives_although_the_image_ends),
          TEST_OF(an_image_that_ends_does_not_wait_for_ever_for_a_peer_that_does_not_answer),
          TEST_OF(a_frame_that_a_full_device_refused_is_counted_and_sent_again),
          TEST_OF(a_frame_of_which_the_device_speaks_nonsense_is_dropped_and_counted),
          TEST_OF(every_counter_has_a_name_of_its_own),
          TEST_OF(a_counter_that_is_not_documented_is_none),
          TEST_OF(counters_that_changed_are_logged_each_period),
          TEST_OF(counters_are_logged_once_more_when_the_net_is_taken_down),
          TEST_OF(counters_are_not_logged_when_nobody_asked))
