/* SPDX-License-Identifier: ISC */
/* Groups and their reports. What is said is text: "3 4 224.1.2.3" is a record of type 4 of
 * version 3, "2 16 224.1.2.3>224.1.2.3" a message of type 0x16 of version 2 and where it goes.
 */
#include "net/igmp/igmp.h"

#include "base/checksum.h"
#include "tests/check.h"
#include "tests/support/guarded.h"
#include "tests/support/hex.h"

#include <errno.h>

#define SECOND 1000000000ULL

static struct igmp g;
static uint64_t now;
static uint32_t dice;
static const struct ip4 group = {0xe0010203}, other = {0xe0010204}, all = {0xe0000001};

static uint32_t roll(void *ctx)
{
    (void)ctx;
    return dice += 0x12345677;
}

static void begin(void)
{
    igmp_init(&g, roll, NULL);
    now = 1000 * SECOND;
}

static const char *dotted(struct ip4 ip)
{
    static char text[2][16];
    static unsigned n;
    n ^= 1;
    snprintf(text[n], sizeof text[n], "%u.%u.%u.%u", ip.n >> 24, ip.n >> 16 & 255,
             ip.n >> 8 & 255, ip.n & 255);
    return text[n];
}

/* All that is due now. */
static const char *says(void)
{
    static char text[512];
    uint8_t room[IGMP_PACKET_MAX];
    struct ip4 dst;
    size_t len = 0;
    text[0] = 0;
    for (;;) {
        struct writer w = writer_of(room, sizeof room);
        if (!igmp_next_packet(&g, now, &w, &dst))
            break;
        CHECK(!w.ran_out);
        size_t n = writer_len(&w);
        CHECK_INT(checksum_end(checksum_add(0, bytes_of(room, n))), 0);
        struct reader r = reader_of(bytes_of(room + n - 4, 4));
        struct ip4 about = {read_u32(&r)};
        if (room[0] == 0x22)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s3 %u %s",
                                    len > 0 ? ", " : "", room[8], dotted(about));
        else
            len += (size_t)snprintf(text + len, sizeof text - len, "%s2 %x %s>%s",
                                    len > 0 ? ", " : "", room[0], dotted(about), dotted(dst));
        CHECK(room[0] != 0x22 || dst.n == 0xe0000016);
    }
    igmp_check(&g);
    CHECK(igmp_deadline(&g) > now);
    return text;
}

static const char *after(uint64_t ns)
{
    static char text[512];
    uint64_t until = now + ns;
    text[0] = 0;
    while (igmp_deadline(&g) <= until) {
        now = igmp_deadline(&g);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] ? ", " : "",
                 says());
    }
    now = until;
    return text;
}

/* A message whose checksum is put right. */
static enum igmp_verdict hears(const char *text, struct ip4 dst)
{
    uint8_t room[64];
    size_t len = hex(text, room);
    if (len >= 4 && room[2] == 0 && room[3] == 0) {
        uint16_t sum = checksum_end(checksum_add(0, bytes_of(room, len)));
        room[2] = (uint8_t)(sum >> 8);
        room[3] = (uint8_t)sum;
    }
    enum igmp_verdict v = igmp_arrives(&g, guarded(room, len), dst, now);
    igmp_check(&g);
    return v;
}

#define QUERY_3 "1164 0000 00000000 027d0000"
#define QUERY_2 "1164 0000 00000000"

TEST(who_joins_says_so_twice_within_a_second)
{
    begin();
    CHECK(!igmp_is_member(&g, group));
    CHECK_INT(igmp_join(&g, group, now), 0);
    CHECK(igmp_is_member(&g, group));
    CHECK_STR(says(), "3 4 224.1.2.3");
    CHECK_STR(after(SECOND + 1), "3 4 224.1.2.3");
    CHECK_STR(after(1000 * SECOND), "");
    CHECK_INT(g.events[IGMP_REPORTS_OUT], 2);
}

TEST(a_group_is_left_when_its_last_member_leaves)
{
    begin();
    CHECK_INT(igmp_join(&g, group, now), 0);
    CHECK_INT(igmp_join(&g, group, now), 0);
    after(2 * SECOND);
    igmp_leave(&g, group, now);
    CHECK_STR(says(), "");
    igmp_leave(&g, group, now);
    CHECK(!igmp_is_member(&g, group));
    CHECK_STR(says(), "3 3 224.1.2.3");
    CHECK_STR(after(2 * SECOND), "3 3 224.1.2.3");
    CHECK_INT(g.events[IGMP_LEAVES_OUT], 2);
}

TEST(only_groups_can_be_joined_and_only_so_many)
{
    begin();
    CHECK_INT(igmp_join(&g, ip4_of(10, 0, 0, 1), now), -EINVAL);
    CHECK_INT(igmp_join(&g, all, now), -EINVAL);
    CHECK(igmp_is_member(&g, all));
    for (unsigned i = 0; i < IGMP_GROUPS_MAX; i++)
        CHECK_INT(igmp_join(&g, (struct ip4){group.n + i}, now), 0);
    CHECK_INT(igmp_join(&g, (struct ip4){group.n + 100}, now), -ENOSPC);
    CHECK_INT(igmp_join(&g, group, now), 0);
}

TEST(a_general_query_is_answered_for_every_group_in_its_time)
{
    begin();
    CHECK_INT(igmp_join(&g, group, now), 0);
    CHECK_INT(igmp_join(&g, other, now), 0);
    after(2 * SECOND);
    CHECK_INT(hears(QUERY_3, all), IGMP_OK);
    const char *said = after(10 * SECOND);
    CHECK(strstr(said, "3 2 224.1.2.3") && strstr(said, "3 2 224.1.2.4"));
    CHECK_STR(after(100 * SECOND), "");
    CHECK_INT(g.events[IGMP_QUERIES], 1);
}

TEST(a_query_about_a_group_is_answered_by_its_members)
{
    begin();
    CHECK_INT(igmp_join(&g, group, now), 0);
    after(2 * SECOND);
    CHECK_INT(hears("110a 0000 e0010203 027d0000", group), IGMP_OK);
    CHECK_STR(after(SECOND), "3 2 224.1.2.3");
    CHECK_INT(hears("110a 0000 e0010204 027d0000", other), IGMP_OK);
    CHECK_STR(after(SECOND), "");
}

TEST(to_an_older_querier_version_2_is_spoken_for_a_while)
{
    begin();
    CHECK_INT(igmp_join(&g, group, now), 0);
    after(2 * SECOND);
    CHECK_INT(hears(QUERY_2, all), IGMP_OK);
    CHECK_STR(after(10 * SECOND), "2 16 224.1.2.3>224.1.2.3");
    igmp_leave(&g, group, now);
    CHECK_STR(says(), "2 17 224.1.2.3>224.0.0.2");
    after(2 * SECOND);
    CHECK_INT(hears("1100 0000 00000000", all), IGMP_OK); /* of version 1 */
    now += IGMP_OLDER_QUERIER;
    CHECK_INT(igmp_join(&g, group, now), 0);
    CHECK_STR(says(), "3 4 224.1.2.3");
}

TEST(a_report_by_another_member_silences_ours_in_version_2)
{
    begin();
    CHECK_INT(igmp_join(&g, group, now), 0);
    after(2 * SECOND);
    CHECK_INT(hears(QUERY_2, all), IGMP_OK);
    CHECK_INT(hears("1600 0000 e0010203", group), IGMP_OK);
    CHECK_STR(after(20 * SECOND), "");
    CHECK_INT(g.events[IGMP_SILENCED], 1);
    now += IGMP_OLDER_QUERIER;
    CHECK_INT(hears(QUERY_3, all), IGMP_OK);
    CHECK_INT(hears("1600 0000 e0010203", group), IGMP_OK);
    CHECK_STR(after(10 * SECOND), "3 2 224.1.2.3");
}

TEST(each_kind_of_message_has_its_verdict)
{
    begin();
    CHECK_INT(hears("1164 0000 000000", all), IGMP_TRUNCATED);
    CHECK_INT(hears("1164 1234 00000000", all), IGMP_BAD_CHECKSUM);
    CHECK_INT(hears("1164 0000 0a000001", all), IGMP_BAD_GROUP);
    CHECK_INT(hears("1164 0000 00000000", group), IGMP_BAD_GROUP); /* RFC 3376 9.1 */
    CHECK_INT(hears("1600 0000 0a000001", all), IGMP_BAD_GROUP);
    CHECK_INT(hears("2200 0000 00000000", all), IGMP_IGNORED);
    CHECK_INT(hears("1300 0000 e0010203", all), IGMP_IGNORED);
    CHECK_STR(after(1000 * SECOND), "");
}

TEST(a_long_time_to_answer_is_a_floating_point_number)
{
    begin();
    CHECK_INT(igmp_join(&g, group, now), 0);
    after(2 * SECOND);
    CHECK_INT(hears("11ff 0000 00000000 027d0000", all), IGMP_OK); /* 3,174.4 s */
    CHECK(igmp_deadline(&g) <= now + 3175 * SECOND);
    CHECK_INT(hears("1100 0000 00000000 027d0000", all), IGMP_OK); /* at once */
    CHECK_STR(says(), "3 2 224.1.2.3");
}

TEST_MAIN(TEST_OF(who_joins_says_so_twice_within_a_second),
          TEST_OF(a_group_is_left_when_its_last_member_leaves),
          TEST_OF(only_groups_can_be_joined_and_only_so_many),
          TEST_OF(a_general_query_is_answered_for_every_group_in_its_time),
          TEST_OF(a_query_about_a_group_is_answered_by_its_members),
          TEST_OF(to_an_older_querier_version_2_is_spoken_for_a_while),
          TEST_OF(a_report_by_another_member_silences_ours_in_version_2),
          TEST_OF(each_kind_of_message_has_its_verdict),
          TEST_OF(a_long_time_to_answer_is_a_floating_point_number))
