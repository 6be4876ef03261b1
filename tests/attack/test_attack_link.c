/* SPDX-License-Identifier: ISC */
/* Below TCP: broken frames and packets, ARP, ICMP and UDP. */
#include "net/inet/state.h"
#include "tests/attack/world.h"

#define FRAMES 2000U /* a round */

static const struct eth_addr honest_mac = {{2, 0, 0, 0, 0, 1}};

static struct ip4 honest_ip(void)
{
    return ip4_of(10, 0, 0, 1);
}

static struct eth_addr some_mac(uint32_t n)
{
    return (struct eth_addr){
        {2, 1, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

/* ---- Broken frames and packets -------------------------------------------------------- */

static void a_syn(struct frame *f, uint32_t n)
{
    struct tcp_segment s = {.src_port = (uint16_t)(1024 + n % 60000),
                            .dst_port = 80,
                            .seq = {n},
                            .flags = TCP_SYN,
                            .window = 1000};
    frame_tcp(f, far_ip(n), &s, NULL, 20);
}

static void to_nobody(struct frame *f)
{
    f->at[5] = 0x77;
}

static void from_a_group(struct frame *f)
{
    f->at[6] = 1;
}

static void from_itself(struct frame *f)
{
    memcpy(f->at + 6, image_mac.octet, 6);
}

static void unknown_type(struct frame *f)
{
    f->at[12] = 0x86;
}

static void to_everybody(struct frame *f)
{
    memset(f->at, 0xff, 6);
}

static void bad_version(struct frame *f)
{
    f->at[FRAME_IP] = 0x65;
    frame_sum_ip(f);
}

static void short_header(struct frame *f)
{
    f->at[FRAME_IP] = 0x44;
    frame_sum_ip(f);
}

static void header_beyond_the_packet(struct frame *f)
{
    f->at[FRAME_IP] = 0x4f;
    f->at[FRAME_IP + 2] = 0;
    f->at[FRAME_IP + 3] = 40;
    frame_sum_ip(f);
}

static void longer_than_the_frame(struct frame *f)
{
    f->at[FRAME_IP + 2] = 0xff;
    frame_sum_ip(f);
}

static void bad_ip_sum(struct frame *f)
{
    f->at[FRAME_IP + 10] ^= 1;
}

static void bad_tcp_sum(struct frame *f)
{
    f->at[FRAME_PAYLOAD + 16] ^= 1;
}

static void first_fragment(struct frame *f)
{
    f->at[FRAME_IP + 6] = 0x20;
    frame_sum_ip(f);
}

static void later_fragment(struct frame *f)
{
    f->at[FRAME_IP + 6] = 0x20;
    f->at[FRAME_IP + 7] = 1;
    frame_sum_ip(f);
}

/* The segment's first octets taken for options of the packet. */
static void hostile_ip_options(struct frame *f)
{
    static const uint8_t options[][4] = {{7, 0, 4, 0},  {68, 255, 5, 0}, {131, 3, 4, 0},
                                         {1, 1, 1, 99}, {0, 9, 9, 9},    {7, 1, 0, 0}};
    static unsigned n;
    f->at[FRAME_IP] = 0x46;
    memcpy(f->at + FRAME_PAYLOAD, options[n++ % 6], 4);
    frame_sum_ip(f);
}

static void from_everybody(struct frame *f)
{
    memset(f->at + FRAME_IP + 12, 0xff, 4);
    frame_sum_ip(f);
    frame_sum_tcp(f);
}

/* The image's own address as the source: the "land" attack. */
static void from_its_own_address(struct frame *f)
{
    memcpy(f->at + FRAME_IP + 12, f->at + FRAME_IP + 16, 4);
    frame_sum_ip(f);
    frame_sum_tcp(f);
}

static void for_another_address(struct frame *f)
{
    f->at[FRAME_IP + 19] = 77;
    frame_sum_ip(f);
    frame_sum_tcp(f);
}

static void an_unknown_protocol(struct frame *f)
{
    f->at[FRAME_IP + 9] = 200;
    frame_sum_ip(f);
}

static void a_segment_longer_than_it_is(struct frame *f)
{
    f->at[FRAME_PAYLOAD + 12] = 0xf0;
    frame_sum_tcp(f);
}

static void a_segment_without_a_header(struct frame *f)
{
    f->at[FRAME_PAYLOAD + 12] = 0x10;
    frame_sum_tcp(f);
}

typedef void breaking(struct frame *f);
static breaking *const ways[] = {to_nobody,
                                 from_a_group,
                                 from_itself,
                                 unknown_type,
                                 to_everybody,
                                 bad_version,
                                 short_header,
                                 header_beyond_the_packet,
                                 longer_than_the_frame,
                                 bad_ip_sum,
                                 bad_tcp_sum,
                                 first_fragment,
                                 later_fragment,
                                 hostile_ip_options,
                                 from_everybody,
                                 from_its_own_address,
                                 for_another_address,
                                 an_unknown_protocol,
                                 a_segment_longer_than_it_is,
                                 a_segment_without_a_header};
#define WAYS (sizeof ways / sizeof ways[0])

static void attack_broken(unsigned round)
{
    unsigned syn_acks = world.seen.syn_acks;
    struct frame f;
    for (uint32_t n = 0; n < FRAMES; n++) {
        a_syn(&f, round * FRAMES + n);
        ways[n % WAYS](&f);
        wire_send(&f);
    }
    world_settles();
    CHECK_INT(world.seen.syn_acks, syn_acks);
}

TEST(broken_frames_and_packets_are_dropped)
{
    withstands("spt", "web", attack_broken, world_is_served);
}

static void attack_lengths(unsigned round)
{
    struct frame f;
    a_syn(&f, round);
    for (size_t len = 1; len < f.len; len++)
        wire_send_bytes(f.at, len); /* runts, of every length */
    memset(f.at + f.len, 0x5a, sizeof f.at - f.len);
    for (size_t len = f.len; len < sizeof f.at; len += 97)
        wire_send_bytes(f.at, len); /* padding, up to jumbo frames */
    f.at[FRAME_IP + 2] = 0x23;
    f.at[FRAME_IP + 3] = 0x28; /* 9000 */
    frame_sum_ip(&f);
    for (unsigned n = 0; n < 100; n++)
        wire_send_bytes(f.at, FRAME_MAX);
}

TEST(frames_of_any_length_are_taken_or_dropped)
{
    withstands("spt", "web", attack_lengths, world_is_served);
}

static uint32_t noise(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15ULL;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* Right frames with a few octets changed, the checksums made right again half of the time. */
static void attack_noise(unsigned round)
{
    struct frame f;
    for (uint32_t n = 0; n < FRAMES; n++) {
        a_syn(&f, round * FRAMES + n);
        for (uint32_t k = noise() % 4; k > 0; k--)
            f.at[12 + noise() % (f.len - 12)] = (uint8_t)noise();
        if (n % 2) {
            frame_sum_tcp(&f);
            frame_sum_ip(&f);
        }
        wire_send(&f);
    }
}

TEST(noise_in_any_field_is_survived)
{
    withstands("spt", "web", attack_noise, world_is_served);
}

/* ---- ARP --------------------------------------------------------------------------------- */

static void says_arp(uint16_t op, struct eth_addr mac, struct ip4 sender, struct ip4 target)
{
    struct frame f;
    frame_arp(&f, &eth_broadcast, &(struct arp_packet){op, mac, {{0}}, sender, target});
    wire_send(&f);
}

static void attack_arp(unsigned round)
{
    for (uint32_t n = round * FRAMES; n < (round + 1) * FRAMES; n++) {
        struct ip4 sender = ip4_of(10, 0, 0, (uint8_t)(100 + n % 150));
        says_arp(ARP_REQUEST, some_mac(n), sender, image_ip());
        says_arp(ARP_REQUEST, some_mac(n), sender, ip4_of(10, 0, 0, (uint8_t)n));
        says_arp(ARP_REPLY, some_mac(n), far_ip(n), image_ip());
    }
}

TEST(a_flood_of_arp_is_answered_and_displaces_nobody_in_use)
{
    withstands("spt", "web", attack_arp, world_is_served);
}

/* RFC 5227 2.4 (c): one announcement in ten seconds. */
static void attack_claim(unsigned round)
{
    for (uint32_t n = 0; n < FRAMES; n++)
        says_arp(n % 2 ? ARP_REPLY : ARP_REQUEST, some_mac(round), image_ip(), image_ip());
    world_settles();
    CHECK(world.seen.announcements <= ARP_ANNOUNCEMENTS + world_rate(1, ARP_DEFEND_NS));
}

TEST(an_address_that_is_claimed_by_another_is_defended_and_not_in_a_flood)
{
    withstands("spt", "web", attack_claim, world_is_served);
}

/* Nothing on an Ethernet segment can tell who speaks the truth; it lasts until the
 * gateway itself speaks. */
static void attack_gateway(unsigned round)
{
    for (uint32_t n = 0; n < 100; n++)
        says_arp(ARP_REPLY, some_mac(round), honest_ip(), image_ip());
    says_arp(ARP_REQUEST, honest_mac, honest_ip(), image_ip());
}

TEST(a_gateway_that_was_impersonated_is_found_again_when_it_speaks)
{
    withstands("spt", "web", attack_gateway, world_is_served);
}

/* ---- ICMP ----------------------------------------------------------------------------------
 */

static void attack_ping(unsigned round)
{
    static uint8_t body[1472];
    struct frame f;
    for (uint32_t n = 0; n < FRAMES; n++) {
        struct icmp_message m = {.type = ICMP_ECHO_REQUEST, .rest = n};
        m.body = bytes_of(body, n % 2 ? sizeof body : n % sizeof body);
        frame_icmp(&f, far_ip(round * FRAMES + n), &m);
        wire_send(&f);
    }
    world_settles();
    CHECK(world.seen.echo_replies > 0);
    CHECK(world.seen.echo_replies <= world_rate(INET_ECHO_BURST, INET_ECHO_NS));
}

TEST(a_flood_of_pings_is_answered_within_a_rate)
{
    withstands("spt", "web", attack_ping, world_is_served);
}

static void attack_oversize(unsigned round)
{
    static uint8_t body[8000];
    struct frame f;
    (void)round;
    world.seen.echo_replies = 0;
    for (uint32_t n = 1; n < 500; n++) {
        struct icmp_message m = {.type = ICMP_ECHO_REQUEST, .rest = n};
        m.body = bytes_of(body, 1473 + n * 13);
        frame_icmp(&f, far_ip(n), &m);
        wire_send(&f);
        to_everybody(&f);
        memset(f.at + FRAME_IP + 16, 0xff, 4);
        frame_sum_ip(&f);
        wire_send(&f);
    }
    world_settles();
    CHECK_INT(world.seen.echo_replies, 0);
}

TEST(pings_too_long_and_pings_to_everybody_are_not_answered)
{
    withstands("spt", "web", attack_oversize, world_is_served);
}

/* An error about a packet of the image's, of the segment `seq` to the honest host. */
static void forge_error(uint8_t type, uint8_t code, const struct tcp_conn *c, uint32_t seq)
{
    uint8_t quote[28];
    struct frame f;
    struct writer w = writer_of(quote, sizeof quote);
    ip4_print(&w, image_ip(), honest_ip(), IP4_TCP, 1000);
    write_u16(&w, 80);
    write_u16(&w, c->local.port);
    write_u32(&w, seq);
    struct icmp_message m = {.type = type, .code = code, .body = bytes_of(quote, 28)};
    frame_icmp(&f, far_ip(seq), &m);
    wire_send(&f);
}

static void attack_errors(unsigned round)
{
    struct client *k = client_open(world.honest, 80);
    world_asks(k);
    for (uint32_t n = 0; n < FRAMES; n++)
        forge_error(n % 3 ? ICMP_UNREACHABLE : ICMP_TIME_EXCEEDED, (uint8_t)(n % 7), k->c,
                    n % 2 ? k->c->rcv_nxt.n - n : noise());
    world_asks(k);
    client_close(&k);
    (void)round;
}

TEST(forged_errors_end_no_connection)
{
    withstands("spt", "web", attack_errors, world_is_served);
}

/* ---- UDP -----------------------------------------------------------------------------------
 */

static void attack_udp(unsigned round)
{
    static uint8_t text[1472];
    struct frame f;
    for (uint32_t n = round * FRAMES; n < (round + 1) * FRAMES; n++) {
        struct ip4_endpoint from = {far_ip(n), (uint16_t)n};
        frame_udp(&f, from, (uint16_t)(1 + n % 65535), bytes_of(text, n % sizeof text));
        if (n % 10 == 0)
            f.at[FRAME_PAYLOAD + 4] ^= 1; /* its length */
        wire_send(&f);
    }
    world_settles();
    CHECK(world.seen.unreachables > 0);
    CHECK(world.seen.unreachables <= world_rate(INET_ERROR_BURST, INET_ERROR_NS));
}

TEST(datagrams_to_closed_ports_are_refused_within_a_rate)
{
    withstands("spt", "web", attack_udp, world_is_served);
}

TEST(broken_frames_are_dropped_by_an_image_for_unix_too)
{
    withstands("unix", "web", attack_broken, world_is_served);
}

TEST_MAIN(TEST_OF(broken_frames_and_packets_are_dropped),
          TEST_OF(frames_of_any_length_are_taken_or_dropped),
          TEST_OF(noise_in_any_field_is_survived),
          TEST_OF(a_flood_of_arp_is_answered_and_displaces_nobody_in_use),
          TEST_OF(an_address_that_is_claimed_by_another_is_defended_and_not_in_a_flood),
          TEST_OF(a_gateway_that_was_impersonated_is_found_again_when_it_speaks),
          TEST_OF(a_flood_of_pings_is_answered_within_a_rate),
          TEST_OF(pings_too_long_and_pings_to_everybody_are_not_answered),
          TEST_OF(forged_errors_end_no_connection),
          TEST_OF(datagrams_to_closed_ports_are_refused_within_a_rate),
          TEST_OF(broken_frames_are_dropped_by_an_image_for_unix_too))
