/* SPDX-License-Identifier: ISC */
/* The command line of tenders and of unix-target programs, and how an image's
 * arguments are joined. */
#include "host/cmdline.h"
#include "host/devices.h"
#include "host/options.h"
#include "tests/check.h"

#define WORDS_MAX 300

static struct options o;
static struct error e;
static char text[8192];
static char *words[WORDS_MAX + 1];

/* Splits at blanks; the program's name comes first. */
static int split(const char *line)
{
    static char name[] = "drupe-spt";
    int n = 0;
    snprintf(text, sizeof text, "%s", line);
    words[n++] = name;
    for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
        words[n++] = w;
    words[n] = NULL;
    return n;
}

static int tender(const char *line)
{
    int argc = split(line);
    return options_parse_tender(&o, argc, words, &e);
}

static int program(const char *line)
{
    int argc = split(line);
    return options_parse_program(&o, argc, words, &e);
}

static void check_refused(const char *line, const char *why, int at)
{
    if (tender(line) == 0)
        test_failed(__FILE__, at, "'%s' is accepted", line);
    if (!strstr(e.text, why))
        test_failed(__FILE__, at, "\"%s\" does not say \"%s\"", e.text, why);
}

#define CHECK_REFUSED(line, why) check_refused(line, why, __LINE__)

TEST(an_image_alone_gets_the_default_memory)
{
    CHECK_INT(tender("hello.spt"), 0);
    CHECK_INT(o.mem, 512 << 20);
    CHECK_INT(o.rest, 1);
    CHECK_INT(o.count, 0);
}

TEST(options_end_at_the_image)
{
    CHECK_INT(tender("--mem=8 hello.spt --mem=9 --help"), 0);
    CHECK_INT(o.mem, 8 << 20);
    CHECK_INT(o.rest, 2);
    CHECK(!o.help);
    CHECK_INT(tender("--mem=8 -- --odd-name.spt"), 0);
    CHECK_STR(words[o.rest], "--odd-name.spt");
}

TEST(each_device_option_is_taken_apart)
{
    CHECK_INT(tender("--net:a=tap0 --net-mac:a=02:00:00:00:00:01 --block:b=x=y "
                     "--block-sector-size:b=4096 i"),
              0);
    CHECK_INT(o.count, 4);
    CHECK_INT(o.device[0].kind, OPTION_NET);
    CHECK_STR(o.device[0].value, "tap0");
    CHECK_INT(o.device[1].kind, OPTION_NET_MAC);
    CHECK_INT(o.device[2].kind, OPTION_BLOCK);
    CHECK_STR(o.device[2].value, "x=y");
    CHECK_INT(o.device[3].kind, OPTION_BLOCK_SECTOR_SIZE);
    CHECK_INT(o.device[3].name_len, 1);
    CHECK_INT(o.rest, 5);
}

TEST(help_and_version_need_no_image)
{
    CHECK_INT(tender("--help"), 0);
    CHECK(o.help && !o.version);
    CHECK_INT(tender("--mem=8 --version"), 0);
    CHECK(o.version && !o.help);
}

TEST(a_capture_is_of_all_networks_or_of_one)
{
    CHECK_INT(tender("--pcap=x.pcapng --pcap:net=- i"), 0);
    CHECK_STR(o.pcap, "x.pcapng");
    CHECK_INT(o.count, 1);
    CHECK_INT(o.device[0].kind, OPTION_PCAP);
    CHECK_STR(o.device[0].value, "-");
    CHECK_INT(tender("i"), 0);
    CHECK(!o.pcap);
    check_refused("--pcap= i", "--pcap=: a value is missing", __LINE__);
    check_refused("--pcap x i", "--pcap: a value is missing", __LINE__);
    check_refused("--pcap=a --pcap=b i", "--pcap= is given twice", __LINE__);
    check_refused("--pcap:net=a --pcap:net=b i", "--pcap:net= is given twice", __LINE__);
}

TEST(a_wrong_tender_option_is_refused)
{
    CHECK_REFUSED("", "which image?");
    CHECK_REFUSED("--mem=8", "which image?");
    CHECK_REFUSED("--", "which image?");
    CHECK_REFUSED("--nte:a=b i", "--nte:a=b: no such option");
    CHECK_REFUSED("- i", "-: no such option");
    CHECK_REFUSED("--manifest i", "no such option");
    CHECK_REFUSED("--helpme i", "no such option");
}

TEST(memory_is_a_plain_number_of_megabytes)
{
    static const char *const bad[] = {
        "--mem= i",    "--mem=0 i",   "--mem=-1 i",
        "--mem=8M i",  "--mem=0x8 i", "--mem=1048577 i",
        "--mem=1.5 i", "--mem=+8 i",  "--mem=99999999999999999999 i"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_REFUSED(bad[i], "megabytes from 1 to 1048576");
    CHECK_REFUSED("--mem 8 i", "a value is missing");
    CHECK_INT(tender("--mem=1048576 i"), 0);
    CHECK_INT(o.mem, 1ULL << 40);
}

TEST(a_device_option_has_a_name_and_a_value)
{
    char line[200] = "--net:", name[69];
    CHECK_REFUSED("--net:a i", "a value is missing");
    CHECK_REFUSED("--net:a= i", "a value is missing");
    CHECK_REFUSED("--net:=tap0 i", "letters and digits");
    CHECK_REFUSED("--net:a-b=tap0 i", "letters and digits");
    CHECK_REFUSED("--net: i", "a value is missing");
    CHECK_REFUSED("--block:a i", "a value is missing");
    CHECK_REFUSED("--net=tap0 i", "no such option");
    memset(name, 'a', 68);
    name[68] = 0;
    strcat(strcat(line, name), "=tap0 i");
    CHECK_REFUSED(line, "letters and digits");
}

TEST(an_option_is_given_once)
{
    CHECK_REFUSED("--net:a=tap0 --net:a=tap1 i", "--net:a= is given twice");
    CHECK_REFUSED("--block:a=x --block:a=x i", "--block:a= is given twice");
    CHECK_INT(tender("--net:a=tap0 --net:ab=tap1 --block:a=x i"), 0);
}

TEST(more_options_than_there_can_be_devices_are_refused)
{
    char line[8000];
    size_t len = 0;
    for (int i = 0; i <= OPTIONS_DEVICES_MAX; i++)
        len += (size_t)snprintf(line + len, sizeof line - len, "--net:a%d=t ", i);
    CHECK_REFUSED(line, "more than 256");
}

TEST(a_program_takes_its_options_and_leaves_the_rest_to_the_application)
{
    CHECK_INT(program("--mem=8 --net:a=tap0 --port=80 --mem=9"), 0);
    CHECK_INT(o.mem, 8 << 20);
    CHECK_STR(words[o.rest], "--port=80");
    CHECK_INT(program("--mem=8 -- --mem=9"), 0);
    CHECK_STR(words[o.rest], "--mem=9");
    CHECK_INT(program(""), 0);
    CHECK_INT(o.rest, 1);
    CHECK_INT(program("--manifest"), 0);
    CHECK(o.manifest);
    CHECK_INT(program("--help"), 0);
    CHECK(o.help);
    CHECK_STR(words[o.rest], "--help");
    CHECK_INT(program("--mem=none"), -1);
}

TEST(a_hardware_address_is_that_of_one_station)
{
    static const char *const bad[] = {"",
                                      "02",
                                      "02:00:00:00:00",
                                      "02:00:00:00:00:",
                                      "02:00:00:00:00:0",
                                      "02:00:00:00:00:01:",
                                      "02:00:00:00:00:01:02",
                                      "02:00:00:00:00:0g",
                                      "02-00-00-00-00-01",
                                      "2:0:0:0:0:1",
                                      "020000000001",
                                      " 2:00:00:00:00:01",
                                      "ff:ff:ff:ff:ff:ff",
                                      "01:00:5e:00:00:01",
                                      "00:00:00:00:00:00"};
    uint8_t mac[6];
    CHECK_INT(parse_mac("02:00:5e:Ff:00:01", mac, &e), 0);
    CHECK_MEM(mac, "\x02\x00\x5e\xff\x00\x01", 6);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_INT(parse_mac(bad[i], mac, &e), -1);
}

TEST(a_sector_size_is_a_power_of_2_that_fits)
{
    static const char *const bad[] = {"",      "0",    "256",  "513",
                                      "65536", "-512", "512k", "99999999999"};
    uint16_t n;
    CHECK_INT(parse_sector_size("512", &n, &e), 0);
    CHECK_INT(parse_sector_size("32768", &n, &e), 0);
    CHECK_INT(n, 32768);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_INT(parse_sector_size(bad[i], &n, &e), -1);
}

static const char *join(int argc, char **argv)
{
    static char to[64];
    return cmdline_join(to, sizeof to, argc, argv, &e) == 0 ? to : "refused";
}

TEST(plain_words_are_joined_as_they_are)
{
    char *argv[] = {"--port=80", "a/b:c", "{x}"};
    CHECK_STR(join(3, argv), "--port=80 a/b:c {x}");
    CHECK_STR(join(0, argv), "");
}

TEST(a_word_with_blanks_or_quotes_is_quoted)
{
    char *argv[] = {"a b", "", "say \"hi\"", "it's", "c:\\d"};
    CHECK_STR(join(5, argv), "\"a b\" \"\" \"say \\\"hi\\\"\" \"it's\" \"c:\\\\d\"");
}

TEST(a_command_line_that_is_too_long_is_refused)
{
    char word[64];
    char *argv[] = {word, word};
    memset(word, 'a', 63);
    word[63] = 0;
    CHECK_STR(join(1, argv), word);
    CHECK_STR(join(2, argv), "refused");
    CHECK_STR(e.text, "the image's arguments are longer than 63 octets");
}

TEST(an_error_is_one_line_whatever_is_in_it)
{
    char longer[2000];
    CHECK_INT(fail(&e, "%s", "a\nb\x1b[2J"), -1);
    CHECK_STR(e.text, "a?b?[2J");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    fail(&e, "%s", longer);
    CHECK_INT(strlen(e.text), sizeof e.text - 1);
    fail_about(&e, longer);
    CHECK(strlen(e.text) < sizeof e.text);
}

TEST_MAIN(TEST_OF(an_image_alone_gets_the_default_memory), TEST_OF(options_end_at_the_image),
          TEST_OF(a_capture_is_of_all_networks_or_of_one),
          TEST_OF(each_device_option_is_taken_apart), TEST_OF(help_and_version_need_no_image),
          TEST_OF(a_wrong_tender_option_is_refused),
          TEST_OF(memory_is_a_plain_number_of_megabytes),
          TEST_OF(a_device_option_has_a_name_and_a_value), TEST_OF(an_option_is_given_once),
          TEST_OF(more_options_than_there_can_be_devices_are_refused),
          TEST_OF(a_program_takes_its_options_and_leaves_the_rest_to_the_application),
          TEST_OF(a_hardware_address_is_that_of_one_station),
          TEST_OF(a_sector_size_is_a_power_of_2_that_fits),
          TEST_OF(plain_words_are_joined_as_they_are),
          TEST_OF(a_word_with_blanks_or_quotes_is_quoted),
          TEST_OF(a_command_line_that_is_too_long_is_refused),
          TEST_OF(an_error_is_one_line_whatever_is_in_it))
