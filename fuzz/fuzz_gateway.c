/* SPDX-License-Identifier: ISC */
/* A hostile image and a moody host around the gateway's relay. The input is a row of steps:
 * a frame as it is, a packet whose lengths and checksums are made right, an event at one of the
 * host's sockets, time. After each the relay's invariants hold (gateway_check), nothing that
 * may not be reached was asked for, and at the end everything is given back. */
#include "base/checksum.h"
#include "host/gateway/gateway.h"
#include "host/gateway/policy.h"
#include "host/gateway/state.h"
#include "tests/gateway/fake_host.h"
#include "tests/support/test_supply.h"

#define SECOND 1000000000ULL
#define MTU    1500U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct ip4_net own = {{0x0a000001}, 24};
static struct gateway *gw;
static uint64_t now;
static size_t link_room;
static uint32_t last_seq; /* of the last segment to the image, so that it can be answered */
static uint16_t last_ports[2];

static int take_frame(void *ctx, struct bytes frame)
{
    (void)ctx;
    check(frame.len <= MTU + ETH_HEADER_LEN);
    if (link_room == 0)
        return -EAGAIN;
    link_room--;
    if (frame.len >= 54 && frame.at[12] == 8 && frame.at[23] == IP4_TCP) {
        struct reader r = reader_of(bytes_of(frame.at + 34, 8));
        last_ports[0] = read_u16(&r);
        last_ports[1] = read_u16(&r);
        last_seq = read_u32(&r);
    }
    return 0;
}

/* What the relay may ask the host for. */
static int checked_stream(void *ctx, struct ip4_endpoint to, struct watch *w)
{
    check(policy_reaches(to.ip, &own) || to.ip.n == 0x7f000035);
    return fakes < FAKE_MAX - 8 ? fake_stream(ctx, to, w) : -EMFILE;
}

static int checked_udp(void *ctx, struct ip4_endpoint to, struct watch *w)
{
    check(policy_reaches(to.ip, &own) || to.ip.n == 0x7f000035);
    return fakes < FAKE_MAX - 8 ? fake_udp(ctx, to, w) : -EMFILE;
}

static int checked_echoes(void *ctx, struct ip4 to, struct watch *w)
{
    check(policy_reaches(to, &own));
    return fakes < FAKE_MAX - 8 ? fake_echoes(ctx, to, w) : -EMFILE;
}

static void put_u16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

/* The checksum of a TCP segment at `at` of a packet whose addresses are at `addresses`. */
static uint16_t transport_sum(const uint8_t *addresses, uint8_t protocol, const uint8_t *at,
                              size_t len)
{
    const uint8_t rest[4] = {0, protocol, (uint8_t)(len >> 8), (uint8_t)len};
    uint64_t sum = checksum_add(0, bytes_of(addresses, 8));
    return checksum_end(checksum_add(checksum_add(sum, bytes_of(rest, 4)), bytes_of(at, len)));
}

/* An IPv4 packet from the image whose payload is `p`, made right. With `answer` its ports and
 * acknowledgement are those that the last segment to the image asks for. */
static void send_packet(uint8_t protocol, uint32_t dst, bool answer, struct bytes p)
{
    static const uint8_t head[14] = {0x52, 0x55, 10, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    uint8_t frame[14 + 20 + 300];
    size_t len = p.len < 300 ? p.len : 300;
    uint8_t *ip = frame + 14, *at = ip + 20;
    struct writer w = writer_of(ip, 20);
    memcpy(frame, head, sizeof head);
    ip4_print(&w, (struct ip4){0x0a000002}, (struct ip4){dst}, protocol, len);
    memcpy(at, p.at, len);
    if (protocol == IP4_TCP && len >= 20) {
        if (answer) {
            put_u16(at, last_ports[1]);
            put_u16(at + 2, last_ports[0]);
            put_u16(at + 8, (uint16_t)((last_seq + 1) >> 16));
            put_u16(at + 10, (uint16_t)(last_seq + 1));
        }
        put_u16(at + 16, 0);
        put_u16(at + 16, transport_sum(ip + 12, protocol, at, len));
    } else if (protocol == IP4_UDP && len >= 8) {
        put_u16(at + 4, (uint16_t)len);
        put_u16(at + 6, 0);
    } else if (protocol == IP4_ICMP && len >= 8) {
        put_u16(at + 2, 0);
        put_u16(at + 2, checksum_end(checksum_add(0, bytes_of(at, len))));
    }
    gateway_frame(gw, bytes_of(frame, 34 + len), now);
}

/* Something happens to a socket, or a client comes. */
static void host_moves(struct reader *r)
{
    struct fake_socket *s = fake[read_u8(r) % (unsigned)fakes];
    uint8_t how = read_u8(r), n = read_u8(r);
    if (s->closed || !s->watch)
        return;
    if (s->kind == FAKE_PORT && how & 1 && fake_client_count < 100)
        fake_clients[fake_client_count++] =
            (struct ip4_endpoint){{how & 2 ? 0x7f000001 : 0xc0000209}, n};
    else if (s->kind == FAKE_STREAM) {
        s->error = how & 16 ? -ECONNREFUSED : how & 32 ? -EHOSTUNREACH : 0;
        s->broken |= (how & 192) == 192;
        s->at_end |= how & 8;
        s->has += (uint64_t)n * n;
        s->takes = how & 64 ? (size_t)n * 16 : SIZE_MAX;
    } else if (s->ins < FAKE_DATAGRAMS)
        s->in[s->ins++] = (struct fake_datagram){
            .peer = {{0x7f000001}, n}, .len = n % 100, .error = how & 16 ? -ECONNREFUSED : 0};
    gateway_ready(gw, s->watch, how & 7U, now);
}

static void step(struct reader *r)
{
    static const uint32_t to[] = {0x0a000001, 0xc0000207, 0x7f000001, 0x0a000003};
    uint8_t what = read_u8(r);
    switch (what % 8) {
    case 0:
        gateway_frame(gw, read_bytes(r, read_u8(r)), now);
        break;
    case 1:
    case 2:
    case 3: {
        static const uint8_t protocols[] = {IP4_TCP, IP4_UDP, IP4_ICMP};
        bool answer = what & 0x80;
        uint32_t dst = to[what >> 3 & 3];
        send_packet(protocols[what % 8 - 1], dst, answer, read_bytes(r, read_u8(r)));
        break;
    }
    case 4:
    case 5:
        host_moves(r);
        break;
    case 6:
        now += (uint64_t)read_u8(r) * SECOND / 4;
        break;
    default:
        link_room = what & 8 ? SIZE_MAX : read_u8(r) % 4;
        fake_refuses = what & 16 ? -EMFILE : what & 32 ? -EHOSTUNREACH : 0;
        gateway_link_ready(gw);
    }
    gateway_turn(gw, now);
    gateway_check(gw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct test_supply tables = test_supply_of(SIZE_MAX), buffers = test_supply_of(1 << 20);
    struct gateway_port port[2] = {{.image_port = 80}, {.image_port = 53, .udp = true}};
    struct gateway_host host = fake_calls;
    struct reader r = reader_of(bytes_of(data, len));
    host.stream = checked_stream;
    host.datagrams = checked_udp;
    host.echoes = checked_echoes;
    host.frame = take_frame;
    fake_forget();
    now = 1000 * SECOND;
    link_room = SIZE_MAX;
    for (unsigned i = 0; i < 2; i++) {
        port[i].watch.kind = WATCH_PORT;
        port[i].watch.fd = fake_new(FAKE_PORT, (struct ip4_endpoint){{0}, 0}, &port[i].watch);
    }
    struct gateway_config cfg = {.ip = own.ip,
                                 .image = {0x0a000002},
                                 .prefix_len = 24,
                                 .mtu = MTU,
                                 .mac = {0x52, 0x55, 10, 0, 0, 1},
                                 .resolver = {{0x7f000035}},
                                 .resolvers = 1,
                                 .port = port,
                                 .ports = 2,
                                 .streams_max = 6,
                                 .flows_max = 4,
                                 .memory = &tables.supply,
                                 .buffers = &buffers.supply,
                                 .key = {1, 2}};
    check(gateway_new(&gw, &cfg, &host, now) == 0);
    while (reader_left(&r) > 0 && !r.ran_out)
        step(&r);
    gateway_free(&gw);
    check(fakes_open == 2 && tables.supply.used == 0 && buffers.supply.used == 0);
    fake_forget();
    return 0;
}
