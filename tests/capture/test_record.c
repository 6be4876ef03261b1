/* SPDX-License-Identifier: ISC */
/* The capture's file, on a disk that fills up, and frames that are not complete. */
#include "host/capture/record.h"
#include "tests/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static struct record_interface interface;
static struct record record;
static uint8_t file[65536];
static size_t file_len;

static void open_record(void)
{
    interface = (struct record_interface){.is = {.name = "net", .description = "user"}};
    record = (struct record){.name = "x.pcapng",
                             .fd = memfd_create("capture", 0),
                             .seeks = true,
                             .interface = &interface,
                             .interfaces = 1};
    CHECK(record.fd >= 0);
    record_begin(&record, 1);
}

static void read_back(void)
{
    ssize_t n = pread(record.fd, file, sizeof file, 0);
    CHECK(n > 0);
    file_len = (size_t)n;
    close(record.fd);
}

static uint32_t word_at(size_t at)
{
    return (uint32_t)(file[at] | file[at + 1] << 8 | file[at + 2] << 16) |
           (uint32_t)file[at + 3] << 24;
}

/* Where the n-th block of this type begins; every length must be the same at both ends. */
static size_t find_block(uint32_t type, unsigned n)
{
    size_t at = 0;
    while (at < file_len) {
        uint32_t len = word_at(at + 4);
        CHECK(len >= 12 && at + len <= file_len);
        CHECK_INT(word_at(at + len - 4), len);
        if (word_at(at) == type && n-- == 0)
            return at;
        at += len;
    }
    return SIZE_MAX;
}

TEST(a_frame_is_in_the_file_as_it_was)
{
    uint8_t frame[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6, 'x'};
    open_record();
    record_frames(&record, 0, true, 0, &(struct record_frame){frame, sizeof frame}, 1, 5);
    record_end(&record, 6);
    read_back();
    size_t at = find_block(6, 0);
    CHECK(at != SIZE_MAX);
    CHECK_INT(word_at(at + 20), sizeof frame);
    CHECK_MEM(file + at + 28, frame, sizeof frame);
    CHECK(find_block(5, 0) != SIZE_MAX);
    CHECK_INT(interface.received, 1);
}

/* 4 octets of a checksum's domain: 00 00 (where it goes; pseudo-header's sum 0x0102), ab cd. */
TEST(a_checksum_left_to_the_device_is_completed_in_the_file_alone)
{
    uint8_t frame[OFFLOAD_HEADER_LEN + 18] = {0};
    const struct offload work = {.partial = true, .sum_from = 14, .sum_at = 0};
    offload_print(frame, &work);
    uint8_t *text = frame + OFFLOAD_HEADER_LEN + 14;
    memcpy(text, "\x01\x02\xab\xcd", 4);
    open_record();
    record_frames(&record, 0, false, OFFLOAD_CSUM, &(struct record_frame){frame, sizeof frame},
                  1, 5);
    read_back();
    size_t at = find_block(6, 0);
    CHECK_INT(word_at(at + 20), 18);
    /* ~(0x0102 + 0xabcd) = 0x5330 */
    CHECK_MEM(file + at + 28 + 14, "\x53\x30\xab\xcd", 4);
    CHECK_MEM(text, "\x01\x02\xab\xcd", 4);
}

TEST(a_header_that_makes_no_sense_is_written_with_its_frame_and_a_comment)
{
    uint8_t frame[OFFLOAD_HEADER_LEN + 18] = {0, 77};
    open_record();
    record_frames(&record, 0, false, OFFLOAD_CSUM, &(struct record_frame){frame, sizeof frame},
                  1, 5);
    read_back();
    size_t at = find_block(6, 0);
    CHECK_INT(word_at(at + 20), sizeof frame);
    CHECK(memmem(file + at, word_at(at + 4), "malformed: ", 11) != NULL);
}

static void allow_octets(rlim_t most)
{
    struct rlimit r;
    CHECK_INT(getrlimit(RLIMIT_FSIZE, &r), 0);
    r.rlim_cur = most;
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &r), 0);
}

TEST(a_full_disk_leaves_whole_blocks_and_is_counted_when_there_is_room_again)
{
    uint8_t octets[3][600] = {{1}, {2}, {3}};
    int err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
    signal(SIGXFSZ, SIG_IGN);
    open_record();
    dup2(null, STDERR_FILENO);
    allow_octets((rlim_t)record.end + 1000);
    for (unsigned i = 0; i < 3; i++) {
        if (i == 2)
            allow_octets(RLIM_INFINITY);
        record_frames(&record, 0, true, 0, &(struct record_frame){octets[i], 600}, 1, i);
    }
    record_end(&record, 9);
    dup2(err, STDERR_FILENO);
    close(err);
    close(null);
    CHECK(record.said);
    CHECK_INT(interface.dropped, 1);
    read_back();
    CHECK_INT(file[find_block(6, 0) + 28], 1);
    size_t at = find_block(6, 1);
    CHECK_INT(file[at + 28], 3);
    CHECK_MEM(file + at + 28 + 600 + 8, "\4\0\10\0\1", 5); /* epb_dropcount: 1 */
    CHECK(find_block(6, 2) == SIZE_MAX);
    CHECK(find_block(5, 0) != SIZE_MAX);
}

TEST(a_reader_who_is_gone_ends_the_file_and_nothing_else)
{
    uint8_t frame[64] = {1};
    int fds[2], err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
    signal(SIGPIPE, SIG_IGN);
    CHECK_INT(pipe(fds), 0);
    close(fds[0]);
    interface = (struct record_interface){.is = {.name = "net", .description = "user"}};
    record =
        (struct record){.name = "-", .fd = fds[1], .interface = &interface, .interfaces = 1};
    dup2(null, STDERR_FILENO);
    record_begin(&record, 1);
    record_frames(&record, 0, true, 0, &(struct record_frame){frame, sizeof frame}, 1, 1);
    record_end(&record, 2);
    dup2(err, STDERR_FILENO);
    close(err);
    close(null);
    close(fds[1]);
    CHECK(record.over);
    CHECK_INT(interface.dropped, 1);
}

TEST_MAIN(TEST_OF(a_frame_is_in_the_file_as_it_was),
          TEST_OF(a_checksum_left_to_the_device_is_completed_in_the_file_alone),
          TEST_OF(a_header_that_makes_no_sense_is_written_with_its_frame_and_a_comment),
          TEST_OF(a_full_disk_leaves_whole_blocks_and_is_counted_when_there_is_room_again),
          TEST_OF(a_reader_who_is_gone_ends_the_file_and_nothing_else))
