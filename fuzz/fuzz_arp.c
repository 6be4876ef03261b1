/* SPDX-License-Identifier: ISC */
/* Packets and look-ups against a cache. The first octet of a step says what: 0..127 a packet
 * made of the next octets, 128..191 a look-up, 192..255 time. The rest is tried as a packet. */
#include "base/check.h"
#include "net/arp/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static const struct eth_addr own_mac = {{2, 0, 0, 0, 0, 2}};

static void parse(struct bytes b)
{
    struct arp_packet p;
    uint8_t again[ARP_PACKET_LEN];
    if (arp_parse(b, &p) != ARP_OK)
        return;
    struct writer w = writer_of(again, sizeof again);
    arp_print(&w, &p);
    check(memcmp(again, b.at, sizeof again) == 0);
}

static struct ip4 address(struct reader *in)
{
    return (struct ip4){0x0a000000U | read_u8(in)};
}

static void packet(struct arp_cache *a, struct reader *in, unsigned op, uint64_t now)
{
    struct arp_packet p = {.op = op & 1 ? ARP_REQUEST : ARP_REPLY,
                           .sender = address(in),
                           .target = op & 2 ? ip4_of(10, 0, 0, 2) : address(in)};
    p.sender_mac = (struct eth_addr){{2, 0, 0, 0, 0, (uint8_t)(op & 4 ? p.sender.n : op)}};
    arp_arrives(a, &p, now);
}

static void fetch(struct arp_cache *a)
{
    struct eth_addr to;
    struct arp_packet p;
    struct ip4 ip;
    bool found;
    unsigned n = 0;
    while (arp_next_packet(a, &to, &p))
        check(n++ < 200 && ip4_own_has(a->own, p.sender));
    while (arp_next_news(a, &ip, &found))
        check(n++ < 400);
    arp_check(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static struct arp_cache a;
    struct ip4_own own = ip4_own_of(ip4_of(10, 0, 0, 2), 24);
    struct eth_addr mac;
    uint64_t now = 0;
    parse(bytes_of(at, len));
    arp_init(&a, &own, ip4_of(10, 0, 0, 1), &own_mac, now);
    struct reader in = reader_of(bytes_of(at, len));
    while (!in.ran_out && reader_left(&in) > 0) {
        unsigned op = read_u8(&in);
        if (op < 128)
            packet(&a, &in, op, now);
        else if (op < 192)
            (void)arp_find(&a, address(&in), now, &mac);
        else
            now += (uint64_t)read_u8(&in) << (op & 31) << 5;
        arp_expires(&a, now);
        fetch(&a);
        check(arp_deadline(&a) > now);
    }
    return 0;
}
