/* SPDX-License-Identifier: ISC */
/* Joining, leaving, messages and time; the checksum of each message is put right in every
 * second case, or nothing would get past it. igmp_check after each step. */
#include "base/check.h"
#include "base/checksum.h"
#include "net/igmp/igmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static uint32_t dice(void *ctx)
{
    (void)ctx;
    return 12345;
}

static void message(struct igmp *g, struct reader *in, uint8_t op, uint64_t now)
{
    uint8_t room[16] = {0};
    struct bytes b = read_bytes(in, op & 15);
    if (b.len > 0)
        memcpy(room, b.at, b.len);
    if (b.len >= 4 && op & 16) {
        room[2] = room[3] = 0;
        uint16_t sum = checksum_end(checksum_add(0, bytes_of(room, b.len)));
        room[2] = (uint8_t)(sum >> 8);
        room[3] = (uint8_t)sum;
    }
    (void)igmp_arrives(g, bytes_of(room, b.len), (struct ip4){0xe0000001}, now);
}

static void say(struct igmp *g, uint64_t now)
{
    uint8_t room[IGMP_PACKET_MAX];
    struct ip4 dst;
    for (unsigned n = 0;; n++) {
        struct writer w = writer_of(room, sizeof room);
        if (!igmp_next_packet(g, now, &w, &dst))
            return;
        check(!w.ran_out && n < IGMP_GROUPS_MAX && ip4_is_multicast(dst));
        check(checksum_end(checksum_add(0, bytes_of(room, writer_len(&w)))) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct reader in = reader_of(bytes_of(at, len));
    struct igmp g;
    uint64_t now = 0;
    igmp_init(&g, dice, NULL);
    while (!in.ran_out && reader_left(&in) > 0) {
        uint8_t op = read_u8(&in);
        struct ip4 group = {0xe0000000U + (op & 31)};
        if (op < 64)
            (void)!igmp_join(&g, group, now);
        else if (op < 96 && igmp_is_member(&g, group) && (op & 31) != 1)
            igmp_leave(&g, group, now);
        else if (op < 160)
            message(&g, &in, op, now);
        else
            now += (uint64_t)op << 23;
        igmp_check(&g);
        say(&g, now);
        igmp_check(&g);
        check(igmp_deadline(&g) > now);
    }
    return 0;
}
