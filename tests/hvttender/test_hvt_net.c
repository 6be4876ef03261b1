/* SPDX-License-Identifier: ISC */
/* drupe-hvt's networks: by calls and by the ring. */
#include "tests/hvttender/support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct tender t;
static const uint8_t frame[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x88, 0xb5, 'x', 'y'};

/* A tender whose image does `what` with one end of a pair of sockets, in which there are
 * frames already; the other end. */
static int start_with_frames(const char *what, int frames)
{
    int ends[2];
    char line[200];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0 ||
        fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0)
        abort();
    for (int i = 0; i < frames; i++)
        CHECK(write(ends[1], frame, sizeof frame) == sizeof frame);
    snprintf(line, sizeof line,
             "--stats --net:service=@%d --net-mac:service=02:00:00:00:00:fe " NET " %s",
             ends[0], what);
    tender_start(&t, line);
    close(ends[0]);
    return ends[1];
}

static int start_with_peer(const char *what)
{
    return start_with_frames(what, 0);
}

static void check_echo(const char *how)
{
    uint8_t back[2000];
    int peer = start_with_peer(how);
    CHECK(tender_says(&t, "ready"));
    CHECK(write(peer, frame, sizeof frame) == sizeof frame);
    if (tender_end(&t) != 0)
        test_failed(__FILE__, __LINE__, "ends with %d: %s", t.status, t.text);
    CHECK_INT(read(peer, back, sizeof back), sizeof frame);
    CHECK_MEM(back, frame + 6, 6);
    CHECK_MEM(back + 6, frame, 6);
    CHECK_MEM(back + 12, frame + 12, sizeof frame - 12);
    close(peer);
}

TEST(the_image_is_told_of_its_network_and_of_the_ring)
{
    NEEDS_KVM();
    int peer = start_with_peer("boot");
    CHECK_INT(tender_end(&t), 0);
    CHECK(strstr(t.text, "memory 536870912\nmtu 1500\nmac5 254\n") == t.text);
    close(peer);
}

TEST(the_ring_takes_none_of_the_images_memory_but_at_4_gib)
{
    NEEDS_KVM();
    int ends[2];
    char line[100];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    snprintf(line, sizeof line, "--mem=2 --net:service=@%d " NET " boot", ends[0]);
    CHECK_RUNS(line);
    CHECK(strstr(t.text, "memory 2097152\n") == t.text);
    snprintf(line, sizeof line, "--mem=4096 --net:service=@%d " NET " boot", ends[0]);
    CHECK_RUNS(line);
    CHECK(strstr(t.text, "memory 4292870144\n") == t.text);
    close(ends[0]);
    close(ends[1]);
}

TEST(frames_pass_by_calls)
{
    NEEDS_KVM();
    check_echo("echo");
    CHECK(strstr(t.text, "frames by calls: 1 sent, 1 received, 0 lost\n"));
}

TEST(frames_pass_by_the_ring)
{
    NEEDS_KVM();
    check_echo("ring");
    CHECK(strstr(t.text, "frames by the ring: 1 sent, 1 received, 1 lost\n"));
}

TEST(handles_of_networks_are_checked)
{
    NEEDS_KVM();
    int peer = start_with_peer("no-device net");
    CHECK_INT(tender_end(&t), 0);
    close(peer);
}

TEST(a_burst_costs_hardly_an_exit)
{
    NEEDS_KVM();
    static const char exits[] = "drupe-hvt: exits: ";
    uint8_t back[100];
    int peer = start_with_peer("burst 992");
    int got = 0, sent = 0, lost = 0;
    while (got < 992 && read(peer, back, sizeof back) == 60)
        got++;
    CHECK_INT(tender_end(&t), 0);
    CHECK(strncmp(t.text, exits, strlen(exits)) == 0);
    CHECK(atoi(t.text + strlen(exits)) <= 50);
    /* What the peer had no room for, since it was slow to read, is counted. */
    const char *by = strstr(t.text, "frames by the ring: ");
    CHECK(by &&
          sscanf(by, "frames by the ring: %d sent, 0 received, %d lost\n", &sent, &lost) == 2);
    CHECK_INT(sent, got);
    CHECK_INT(sent + lost, 992);
    close(peer);
}

/* The number behind `name` in what the tender said; -1: it is not there. */
static long count_of(const char *name)
{
    const char *at = strstr(t.text, name);
    return at ? atol(at + strlen(name)) : -1;
}

TEST(a_thousand_frames_come_and_go_for_a_few_exits)
{
    NEEDS_KVM();
    uint8_t back[100];
    int peer = start_with_peer("receive 1000");
    CHECK(tender_says(&t, "ready"));
    int got = 0;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 100; i++)
            CHECK(write(peer, frame, sizeof frame) == sizeof frame);
        for (int i = 0; i < 100 && read(peer, back, sizeof back) == 60; i++)
            got++;
    }
    if (tender_end(&t) != 0)
        test_failed(__FILE__, __LINE__, "ends with %d: %s", t.status, t.text);
    CHECK_INT(got, 1000);
    CHECK(strstr(t.text, "frames by the ring: 1000 sent, 0 received, 0 lost\n"));
    CHECK_INT(count_of(" rounds, "), 0); /* kicks */
    /* At worst an exit finds few of a hundred frames that are still being written. */
    long exits = count_of("exits: ");
    CHECK(exits > 0 && exits <= 1000);
    printf("# %ld exits for 1000 frames received and 1000 sent\n", exits);
    close(peer);
}

TEST(what_is_there_is_received_at_once)
{
    NEEDS_KVM();
    int peer = start_with_frames("receive 200", 200), got = 0;
    uint8_t back[100];
    while (got < 200 && read(peer, back, sizeof back) == 60)
        got++;
    CHECK_INT(tender_end(&t), 0);
    CHECK_INT(got, 200);
    CHECK(count_of("exits: ") <= 200 * 50 / 1000);
    CHECK_INT(count_of("RECEIVE "), 2);
    close(peer);
}

TEST(frames_are_received_within_the_room_that_the_image_gives)
{
    NEEDS_KVM();
    int peer = start_with_peer("within-limits");
    CHECK(tender_says(&t, "ready"));
    for (int i = 0; i < 3; i++)
        CHECK(write(peer, frame, sizeof frame) == sizeof frame);
    close(peer);
    if (tender_end(&t) != 0)
        test_failed(__FILE__, __LINE__, "ends with %d: %s", t.status, t.text);
}

TEST(a_network_whose_other_side_is_gone_says_so_once)
{
    NEEDS_KVM();
    int peer = start_with_peer("outlive-network");
    CHECK(tender_says(&t, "ready"));
    close(peer);
    if (tender_end(&t) != 0)
        test_failed(__FILE__, __LINE__, "ends with %d: %s", t.status, t.text);
    CHECK(strstr(t.text, "1 lost\n"));
}

TEST(a_frame_is_sent_from_where_its_parts_lie)
{
    NEEDS_KVM();
    uint8_t back[100];
    int peer = start_with_peer("send-parts");
    CHECK_INT(read(peer, back, sizeof back), 59);
    CHECK_INT(read(peer, back, sizeof back), 60);
    for (int i = 0; i < 60; i++)
        CHECK(back[i] == (i == 12 ? 0x88 : i == 13 ? 0xb5 : i));
    if (tender_end(&t) != 0)
        test_failed(__FILE__, __LINE__, "ends with %d: %s", t.status, t.text);
    CHECK(strstr(t.text, "frames by calls: 1 sent, 0 received, 0 lost\n"));
    close(peer);
}

TEST(a_part_that_is_not_the_images_ends_it)
{
    NEEDS_KVM();
    static const char *const parts[] = {"top 1", "top-1 1", "0-1 8", "buf 0-1"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char what[50];
        snprintf(what, sizeof what, "part %s", parts[i]);
        int peer = start_with_peer(what);
        CHECK_INT(tender_end(&t), 1);
        CHECK(strstr(t.text, "its call SEND names "));
        close(peer);
    }
}

/* Fewer than the image would kick for. */
TEST(what_is_in_the_ring_of_an_image_of_ours_at_its_end_is_sent)
{
    NEEDS_KVM();
    static const uint8_t content[4096];
    int ends[2], got = 0;
    char line[300];
    uint8_t back[400];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    CHECK(fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0);
    snprintf(line, sizeof line,
             "--stats --mem=8 --net:service=@%d --block:disk=%s " PLAT " leave", ends[0],
             file_with(content, sizeof content));
    tender_start(&t, line);
    close(ends[0]);
    while (read(ends[1], back, sizeof back) == 200 && back[100] == got)
        got++;
    CHECK_INT(tender_end(&t), 0);
    CHECK_INT(got, 20);
    CHECK(count_of(" rounds, ") <= 1); /* kicks: for the end */
    close(ends[1]);
}

static void check_misuse(const char *how, const char *why)
{
    char what[100];
    snprintf(what, sizeof what, "misuse %s", how);
    int peer = start_with_peer(what);
    CHECK(tender_says(&t, "ready"));
    CHECK_INT(tender_end(&t), 1);
    CHECK(strncmp(t.text, "ready\ndrupe-hvt: the image was ended: ", 38) == 0);
    if (!strstr(t.text, why))
        test_failed(__FILE__, __LINE__, "'%s' says %s", what, t.text);
    close(peer);
}

TEST(a_malformed_entry_of_the_ring_ends_the_image)
{
    NEEDS_KVM();
    check_misuse("op", "an entry of its network ring has the unknown operation 3");
    check_misuse("tail 1025", "its network ring claims 1025 entries");
    check_misuse("tail 4294967295", "its network ring claims 4294967295 entries");
    check_misuse("write top 60", "an entry of its network ring names 60 octets at 0x20000000");
    check_misuse("write top-60 60", "an entry of its network ring names 60 octets");
    check_misuse("write 0-1 60", "an entry of its network ring names 60 octets");
    check_misuse("write buf 4294967295", "names 4294967295 octets");
    check_misuse("read text 60", "an entry of its network ring names 60 octets at 0x100000");
    check_misuse("read 8192 60", "an entry of its network ring names 60 octets at 0x2000");
    check_misuse("read top-2000 2000", "an entry of its network ring names 2000 octets");
}

TEST_MAIN(TEST_OF(the_image_is_told_of_its_network_and_of_the_ring),
          TEST_OF(the_ring_takes_none_of_the_images_memory_but_at_4_gib),
          TEST_OF(frames_pass_by_calls), TEST_OF(frames_pass_by_the_ring),
          TEST_OF(handles_of_networks_are_checked), TEST_OF(a_burst_costs_hardly_an_exit),
          TEST_OF(a_thousand_frames_come_and_go_for_a_few_exits),
          TEST_OF(what_is_there_is_received_at_once),
          TEST_OF(frames_are_received_within_the_room_that_the_image_gives),
          TEST_OF(a_network_whose_other_side_is_gone_says_so_once),
          TEST_OF(a_frame_is_sent_from_where_its_parts_lie),
          TEST_OF(a_part_that_is_not_the_images_ends_it),
          TEST_OF(what_is_in_the_ring_of_an_image_of_ours_at_its_end_is_sent),
          TEST_OF(a_malformed_entry_of_the_ring_ends_the_image))
