/* SPDX-License-Identifier: ISC */
/* What drupe-hvt does for an image, for its user, and with what is wrong. (Networks are in
 * test_hvt_net.c.) */
#include "tests/hvttender/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tender t;

/* ---- The contract ---------------------------------------------------------- */

TEST(the_image_finds_what_the_contract_promises)
{
    NEEDS_KVM();
    CHECK_RUNS("--mem=32 " NONE " boot");
    CHECK_STR(t.text, "memory 33554432\n");
    CHECK_RUNS(NONE " boot");
    CHECK_STR(t.text, "memory 536870912\n");
    CHECK_RUNS("--mem=4096 " NONE " boot");
    CHECK_STR(t.text, "memory 4294967296\n");
    CHECK_RUNS("--mem=2 " NONE " boot");
    CHECK_STR(t.text, "memory 2097152\n");
}

TEST(the_processor_is_in_the_contracts_state)
{
    NEEDS_KVM();
    CHECK_RUNS(NONE " state");
}

TEST(all_memory_can_be_used_and_was_zero)
{
    NEEDS_KVM();
    CHECK_RUNS("--mem=8 " NONE " touch");
}

TEST(the_clocks_run_and_poll_waits)
{
    NEEDS_KVM();
    CHECK_RUNS(NONE " clocks");
}

TEST(the_exit_status_is_the_images)
{
    NEEDS_KVM();
    CHECK_INT(tender_run(&t, NONE " exit 0"), 0);
    CHECK_INT(tender_run(&t, NONE " exit 7"), 7);
    CHECK_INT(tender_run(&t, NONE " exit 255"), 255);
    CHECK_INT(tender_run(&t, NONE " exit 300"), 44);
    CHECK_STR(t.text, "");
}

TEST(arguments_reach_the_image_verbatim_or_quoted)
{
    NEEDS_KVM();
    CHECK_RUNS(NONE " arguments --help --mem=3 -- --solo5:debug {x}");
    CHECK_STR(t.text, "arguments --help --mem=3 -- --solo5:debug {x}");
    const char *words[] = {"drupe-hvt", NONE, "arguments", "a b", "", "\"", NULL};
    tender_start_words(&t, words);
    CHECK_INT(tender_end(&t), 0);
    CHECK_STR(t.text, "arguments \"a b\" \"\" \"\\\"\"");
}

TEST(arguments_may_take_8191_octets_and_no_more)
{
    NEEDS_KVM();
    static char word[8192];
    const char *words[] = {"drupe-hvt", NONE, "arguments", word, NULL};
    memset(word, 'a', 8191 - strlen("arguments "));
    tender_start_words(&t, words);
    CHECK_INT(tender_end(&t), 0);
    CHECK_INT(t.len, 8191);
    word[strlen(word)] = 'a';
    tender_start_words(&t, words);
    CHECK_INT(tender_end(&t), 1);
    CHECK_STR(t.text, "drupe-hvt: the image's arguments are longer than 8191 octets\n");
}

/* ---- Block devices --------------------------------------------------------- */

TEST(a_block_device_is_read_and_written_within_its_bounds)
{
    NEEDS_KVM();
    static uint8_t content[8192];
    memset(content, 0x5a, 4096);
    const char *path = file_with(content, sizeof content);
    CHECK_RUNS(command("--block:disk=@ " BLOCK " boot", path));
    CHECK_STR(t.text, "memory 536870912\ncapacity 8192\nsector 512\n");
    CHECK_RUNS(command("--block:disk=@ " BLOCK " disk 8192", path));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(pread(fd, content, sizeof content, 0) == sizeof content);
    close(fd);
    CHECK_INT(content[0], 0x5a);
    CHECK_INT(content[7679], 0);
    CHECK_INT(content[7680], 0xa5);
    CHECK_INT(content[8191], 0xa5);
    struct stat st;
    CHECK(stat(path, &st) == 0 && st.st_size == 8192);
}

TEST(a_block_device_is_flushed_and_discarded_within_its_bounds)
{
    NEEDS_KVM();
    static uint8_t content[8192], after[8192];
    memset(content, 0x5a, sizeof content);
    const char *path = file_with(content, sizeof content);
    CHECK_RUNS(command("--stats --block:disk=@ " BLOCK " tend-disk 8192", path));
    CHECK(strstr(t.text, "FLUSH 1 DISCARD 5"));
    memset(content, 0x3c, 4096);
    if (strstr(t.text, "discarded"))
        memset(content + 512, 0, 1024);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(pread(fd, after, sizeof after, 0) == sizeof after);
    close(fd);
    CHECK_MEM(after, content, sizeof after);
    struct stat st;
    CHECK(stat(path, &st) == 0 && st.st_size == 8192);
}

TEST(a_handle_that_is_no_device_of_the_kind_is_einval)
{
    NEEDS_KVM();
    static const uint8_t content[1024];
    CHECK_RUNS(NONE " no-device");
    CHECK_RUNS(command("--block:disk=@ " BLOCK " no-device", file_with(content, 1024)));
}

TEST(a_file_that_shrinks_is_an_error_of_the_image_not_of_the_tender)
{
    NEEDS_KVM();
    static const uint8_t content[1024];
    const char *path = file_with(content, sizeof content);
    tender_start(&t, command("--block:disk=@ " BLOCK " outlive-disk", path));
    CHECK(tender_says(&t, "ready"));
    CHECK(truncate(path, 100) == 0);
    CHECK_INT(tender_end(&t), 0);
}

/* ---- What ends an image ---------------------------------------------------- */

#define NOT_ITS_OWN "which are not memory that it may use so"

TEST(a_structure_outside_of_memory_ends_the_image)
{
    NEEDS_KVM();
    CHECK_REFUSED("--mem=4 " NONE " call 1 top",
                  "its call WALLTIME names 8 octets at 0x400000");
    CHECK_REFUSED("--mem=4 " NONE " call 1 top-8", NOT_ITS_OWN);
    CHECK_RUNS("--mem=4 " NONE " call 1 top-9");
    CHECK_REFUSED("--mem=4 " NONE " call 2 top-16", "its call PUTS names 16 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 3 top-24", "its call POLL names 24 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 4 top-40", "its call BLOCK_WRITE names 40 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 5 top-40", "its call BLOCK_READ names 40 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 6 top-32", "its call NET_WRITE names 32 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 7 top-32", "its call NET_READ names 32 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 8 top-16", "its call HALT names 16 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 128 top-56", "its call RECEIVE names 56 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 129 top-24", "its call SEAL names 24 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 130 top-40", "its call FLUSH names 40 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 131 top-40", "its call DISCARD names 40 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 132 top-160", "its call SEND names 160 octets");
    CHECK_REFUSED("--mem=4 " NONE " call 8 4294967295", NOT_ITS_OWN);
}

TEST(an_answer_to_what_the_image_may_not_write_ends_it)
{
    NEEDS_KVM();
    CHECK_REFUSED(NONE " call 1 text", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " call 1 const", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " call 3 text", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " call 1 0", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " call 1 8192", NOT_ITS_OWN);    /* page tables */
    CHECK_REFUSED(NONE " call 1 65536", NOT_ITS_OWN);   /* boot info */
    CHECK_REFUSED(NONE " call 1 1048575", NOT_ITS_OWN); /* the last octets of low memory */
    CHECK_REFUSED(NONE " data 7 text 60", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " data 5 const 512", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " data 7 8192 60", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " data 128 text 60", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " data 128 8192 60", "its call RECEIVE names 60 octets at 0x2000");
    CHECK_REFUSED(NONE " data 128 top-60 60", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " data 128 buf 4294967295", NOT_ITS_OWN);
}

TEST(data_outside_of_memory_ends_the_image)
{
    NEEDS_KVM();
    static const char *const calls[] = {"2", "4", "5", "6", "7"};
    static const char *const bad[] = {"top-8 8",
                                      "top 0",
                                      "top 8",
                                      "buf 4194304",
                                      "buf 0-1",
                                      "0-1 1",
                                      "0-8 16",
                                      "4294967296 8",
                                      "0-1 0",
                                      "buf 0-4096",
                                      "9223372036854775808 8"};
    char line[100];
    for (unsigned c = 0; c < sizeof calls / sizeof calls[0]; c++)
        for (unsigned b = 0; b < sizeof bad / sizeof bad[0]; b++) {
            snprintf(line, sizeof line, "--mem=4 " NONE " data %s %s", calls[c], bad[b]);
            CHECK_REFUSED(line, NOT_ITS_OWN);
        }
    CHECK_RUNS("--mem=4 " NONE " data 2 top-9 8");
    CHECK_RUNS("--mem=4 " NONE " data 2 text 8");
}

TEST(a_cookie_must_have_512_readable_octets)
{
    NEEDS_KVM();
    CHECK_INT(tender_run(&t, NONE " data 8 buf 0"), 7);
    CHECK_INT(tender_run(&t, NONE " data 8 0 0"), 7);
    CHECK_INT(tender_run(&t, NONE " data 8 top-513 0"), 7);
    CHECK_REFUSED(NONE " data 8 top-512 0", "its call HALT names 512 octets");
    CHECK_REFUSED(NONE " data 8 0-1 0", "its call HALT names 512 octets");
}

TEST(what_an_image_has_sealed_no_call_writes_to)
{
    NEEDS_KVM();
    CHECK_RUNS(NONE " seal 0");
    CHECK_RUNS(NONE " seal 2048");
    CHECK_REFUSED(NONE " seal 1017", "its call WALLTIME names 8 octets");
    CHECK_REFUSED(NONE " seal 1024", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " seal 1500", NOT_ITS_OWN);
    CHECK_REFUSED(NONE " seal 2047", NOT_ITS_OWN);
}

TEST(any_other_port_or_width_ends_the_image)
{
    NEEDS_KVM();
    CHECK_REFUSED(NONE " port 1280 4", "port 0x500 is not for output of 4 octets");
    CHECK_REFUSED(NONE " port 1289 4", "port 0x509 is not for output of 4 octets");
    CHECK_REFUSED(NONE " port 1407 4", "port 0x57f is not for output of 4 octets");
    CHECK_REFUSED(NONE " port 1535 4", "port 0x5ff is not for output of 4 octets");
    CHECK_REFUSED(NONE " port 1282 1", "port 0x502 is not for output of 1 octets");
    CHECK_REFUSED(NONE " port 1282 2", "port 0x502 is not for output of 2 octets");
    CHECK_REFUSED(NONE " port 1282 4 in", "port 0x502 is not for input of 4 octets");
    CHECK_REFUSED(NONE " port 1408 4 in", "port 0x580 is not for input of 4 octets");
    CHECK_REFUSED(NONE " port 1536 4 in", "port 0x600 is not for input of 4 octets");
    CHECK_REFUSED(NONE " port 96 4 in", "port 0x60 is not for input of 4 octets");
    CHECK_REFUSED(NONE " port 1536 4", "port 0x600 is not for output of 4 octets");
    CHECK_REFUSED(NONE " port 0 4", "port 0 is not");
    CHECK_REFUSED(NONE " port 1020 1", "port 0x3fc is not");
    CHECK_REFUSED(NONE " port 65535 1", "port 0xffff is not");
}

TEST(text_and_constants_are_not_writable)
{
    NEEDS_KVM();
    CHECK_REFUSED(NONE " write text", "it made read-only (pc 0x1");
    CHECK_REFUSED(NONE " write const", "it made read-only (pc 0x1");
}

TEST(low_memory_is_not_there_or_not_writable)
{
    NEEDS_KVM();
    CHECK_REFUSED(NONE " write 8", "a fault, and nothing in it to handle it (pc 0x");
    CHECK_REFUSED(NONE " read 8", "a fault, and nothing in it to handle it");
    CHECK_REFUSED(NONE " read 8192", "a fault");
    CHECK_REFUSED(NONE " read 65535", "a fault");
    CHECK_RUNS(NONE " read 65536");
    CHECK_REFUSED(NONE " write 65536", "a fault");
    CHECK_REFUSED(NONE " write 1048568", "a fault");
    CHECK_REFUSED("--mem=4 " NONE " read top", "a fault");
}

TEST(an_image_that_stops_its_processor_is_ended)
{
    NEEDS_KVM();
    CHECK_REFUSED(NONE " hlt", "it stopped its processor for good (pc 0x1");
}

/* ---- Signals --------------------------------------------------------------- */

static void end_by_signal(const char *what, int signal)
{
    char line[100], says[100];
    snprintf(line, sizeof line, NONE " %s", what);
    snprintf(says, sizeof says, "ready\ndrupe-hvt: Exiting on signal %d\n", signal);
    tender_start(&t, line);
    CHECK(tender_says(&t, "ready"));
    kill(t.pid, signal);
    CHECK_INT(tender_end(&t), 1);
    CHECK_STR(t.text, says);
}

TEST(an_image_that_waits_ends_on_sigint_and_sigterm)
{
    NEEDS_KVM();
    end_by_signal("wait", SIGINT);
    end_by_signal("wait", SIGTERM);
}

TEST(an_image_that_never_waits_ends_too)
{
    NEEDS_KVM();
    end_by_signal("spin", SIGINT);
    end_by_signal("spin", SIGTERM);
}

TEST(a_signal_that_the_parent_ignored_or_blocked_still_ends_the_image)
{
    NEEDS_KVM();
    sigset_t blocked, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    signal(SIGINT, SIG_IGN);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    end_by_signal("wait", SIGINT);
    end_by_signal("wait", SIGTERM);
    sigprocmask(SIG_SETMASK, &old, NULL);
    signal(SIGINT, SIG_DFL);
}

/* ---- The command line ------------------------------------------------------ */

TEST(help_and_version_are_answers_not_errors)
{
    CHECK_INT(tender_run(&t, "--help"), 0);
    CHECK(strstr(t.text, "usage: drupe-hvt ") == t.text && strstr(t.text, "--stats"));
    CHECK_INT(tender_run(&t, "--version"), 0);
    CHECK(strstr(t.text, "ABI version 2\n"));
}

TEST(a_wrong_command_line_is_one_line_and_status_1)
{
    CHECK_REFUSED("", "which image?");
    CHECK_REFUSED("--stats", "which image?");
    CHECK_REFUSED("--statistics " NONE, "--statistics: no such option");
    CHECK_REFUSED("--mem=x " NONE, "--mem=x: give a number of megabytes");
    CHECK_REFUSED("--mem=1 " NONE, "--mem=1: give a number of megabytes from 2 to 4096");
    CHECK_REFUSED("--mem=4097 " NONE, "--mem=4097: give a number of megabytes from 2 to 4096");
    CHECK_REFUSED("/nonexistent", "/nonexistent: cannot be opened");
    CHECK_REFUSED(GUEST "none.spt", "the image is for the target spt (2), not hvt");
    CHECK_REFUSED("/etc/passwd", "not an image");
}

TEST(memory_that_the_tender_may_not_have_is_said)
{
    NEEDS_KVM();
    CHECK_INT(system("ulimit -v 262144; " TENDER " --mem=512 " NONE " exit 0 >/dev/null 2>&1"),
              1 << 8);
    CHECK_INT(system("ulimit -v 262144; " TENDER " --mem=512 " NONE
                     " exit 0 2>&1 | grep -q '^drupe-hvt: cannot map 512 MB of memory: '"),
              0);
    CHECK_INT(system("ulimit -v 262144; " TENDER " --mem=128 " NONE " exit 0"), 0);
}

TEST(an_odd_amount_of_memory_is_rounded_down_with_a_word)
{
    NEEDS_KVM();
    CHECK_RUNS("--mem=5 " NONE " boot");
    CHECK_STR(t.text, "drupe-hvt: --mem=5 is rounded down to 4, a multiple of 2\n"
                      "memory 4194304\n");
}

TEST(devices_must_be_those_that_the_image_declares)
{
    NEEDS_KVM();
    CHECK_REFUSED(NET, "the image's network device 'service' is not attached");
    CHECK_REFUSED(BLOCK, "the image's block device 'disk' is not attached");
    CHECK_REFUSED("--block:disk=/tmp " NONE, "declares no block device of that name");
    CHECK_REFUSED("--block:disk=/nonexistent " BLOCK, "cannot open '/nonexistent'");
}

TEST(stats_tell_what_passed)
{
    NEEDS_KVM();
    CHECK_RUNS("--stats " NONE " data 2 text 0");
    CHECK_STR(t.text, "drupe-hvt: exits: 2; PUTS 1 HALT 1\n"
                      "drupe-hvt: frames by calls: 0 sent, 0 received, 0 lost\n");
}

TEST_MAIN(TEST_OF(the_image_finds_what_the_contract_promises),
          TEST_OF(the_processor_is_in_the_contracts_state),
          TEST_OF(all_memory_can_be_used_and_was_zero), TEST_OF(the_clocks_run_and_poll_waits),
          TEST_OF(the_exit_status_is_the_images),
          TEST_OF(arguments_reach_the_image_verbatim_or_quoted),
          TEST_OF(arguments_may_take_8191_octets_and_no_more),
          TEST_OF(a_block_device_is_read_and_written_within_its_bounds),
          TEST_OF(a_block_device_is_flushed_and_discarded_within_its_bounds),
          TEST_OF(a_handle_that_is_no_device_of_the_kind_is_einval),
          TEST_OF(a_file_that_shrinks_is_an_error_of_the_image_not_of_the_tender),
          TEST_OF(a_structure_outside_of_memory_ends_the_image),
          TEST_OF(an_answer_to_what_the_image_may_not_write_ends_it),
          TEST_OF(data_outside_of_memory_ends_the_image),
          TEST_OF(a_cookie_must_have_512_readable_octets),
          TEST_OF(what_an_image_has_sealed_no_call_writes_to),
          TEST_OF(any_other_port_or_width_ends_the_image),
          TEST_OF(text_and_constants_are_not_writable),
          TEST_OF(low_memory_is_not_there_or_not_writable),
          TEST_OF(an_image_that_stops_its_processor_is_ended),
          TEST_OF(an_image_that_waits_ends_on_sigint_and_sigterm),
          TEST_OF(an_image_that_never_waits_ends_too),
          TEST_OF(a_signal_that_the_parent_ignored_or_blocked_still_ends_the_image),
          TEST_OF(help_and_version_are_answers_not_errors),
          TEST_OF(a_wrong_command_line_is_one_line_and_status_1),
          TEST_OF(memory_that_the_tender_may_not_have_is_said),
          TEST_OF(an_odd_amount_of_memory_is_rounded_down_with_a_word),
          TEST_OF(devices_must_be_those_that_the_image_declares),
          TEST_OF(stats_tell_what_passed))
