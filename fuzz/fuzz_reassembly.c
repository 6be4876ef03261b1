/* SPDX-License-Identifier: ISC */
/* Fragments of a few datagrams in any order, with any bounds, and time: reassembly_check after
 * each. Octets follow from their place, so a datagram that is called whole can be verified. */
#include "base/check.h"
#include "net/ip4/reassembly.h"
#include "tests/support/test_supply.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static uint8_t octet_at(uint16_t id, size_t at)
{
    return (uint8_t)(at * 7 + id);
}

static void check_whole(const struct ip4_packet *p)
{
    check(p->payload.at + p->payload.len == p->whole.at + p->whole.len);
    check(p->whole.len <= UINT16_MAX && !ip4_is_fragment(p));
    for (size_t i = 0; i < p->payload.len; i++)
        check(p->payload.at[i] == octet_at(p->id, i));
}

static void fragment(struct reassembly *r, struct reader *in, uint8_t op, uint64_t now)
{
    static uint8_t room[IP4_HEADER_MAX + 4096];
    size_t header_len = op & 4 ? 24 : 20, len = (size_t)read_u8(in) * 8 + (op & 8 ? 1 : 0);
    struct ip4_packet p = {.src = {op & 1}, .id = op >> 1 & 1, .protocol = IP4_UDP}, out;
    p.more_fragments = op & 16;
    p.fragment_at = (op & 32 ? read_u16(in) & IP4_FRAGMENT_AT : read_u8(in)) * 8U;
    memset(room, 0, header_len);
    for (size_t i = 0; i < len; i++)
        room[header_len + i] = octet_at(p.id, p.fragment_at + i);
    p.whole = bytes_of(room, header_len + len);
    p.payload = bytes_of(room + header_len, len);
    if (reassembly_arrives(r, &p, now, &out) == REASSEMBLY_WHOLE)
        check_whole(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct reader in = reader_of(bytes_of(at, len));
    struct test_supply supply = test_supply_of(SIZE_MAX);
    struct reassembly r;
    struct ip4_packet first;
    uint64_t now = 0;
    reassembly_init(&r, &supply.supply);
    while (!in.ran_out && reader_left(&in) > 0) {
        uint8_t op = read_u8(&in);
        if (op < 64)
            fragment(&r, &in, op, now);
        else if (op < 128)
            supply.grants = op & 1 ? op & 7 : -1;
        else
            now += (uint64_t)op << 26;
        reassembly_check(&r);
        for (bool has_first = false; reassembly_expires(&r, now, &has_first, &first);)
            if (has_first)
                check_whole(&first);
        check(reassembly_deadline(&r) > now);
        reassembly_check(&r);
    }
    reassembly_end(&r);
    check(supply.supply.used == 0 && r.octets == 0);
    return 0;
}
