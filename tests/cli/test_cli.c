/* SPDX-License-Identifier: ISC */
#include "cli/areas.h"
#include "cli/attach.h"
#include "cli/cli.h"
#include "cli/image.h"
#include "cli/sections.h"
#include "tests/check.h"

#include <elf.h>
#include <stdlib.h>

static struct error e;

/* --- options */

static bool flag;
static const char *text;
static struct cli_list list, words;
static char **rest;

/* `given` may be gone when the results are looked at. */
static int parse(int argc, char *const *given)
{
    static char *argv[CLI_LIST_MAX + 4];
    static const struct cli_option options[] = {{.c = 'f', .name = "flag", .flag = &flag},
                                                {.c = 't', .name = "text", .text = &text},
                                                {.c = 'l', .name = "list", .list = &list},
                                                {0}};
    flag = false;
    text = NULL;
    list.n = words.n = 0;
    e.text[0] = '\0';
    memcpy(argv, given, (size_t)(argc + 1) * sizeof *argv);
    return cli_parse(argc, argv, options, &words, &rest, &e);
}

/* Parses the words given; "run" stands before them. */
#define PARSE(...)                                                                             \
    parse((int)(sizeof((char *[]){"run", __VA_ARGS__}) / sizeof(char *)),                      \
          (char *[]){"run", __VA_ARGS__, NULL})

TEST(options_and_words_stand_in_any_order)
{
    CHECK_INT(PARSE("a", "-f", "b", "--text", "x"), 0);
    CHECK(flag);
    CHECK_STR(text, "x");
    CHECK_INT(words.n, 2);
    CHECK_STR(words.at[1], "b");
    CHECK(*rest == NULL);
}

TEST(a_value_stands_in_the_same_word_or_the_next)
{
    CHECK_INT(PARSE("-t", "x"), 0);
    CHECK_STR(text, "x");
    CHECK_INT(PARSE("-tx"), 0);
    CHECK_STR(text, "x");
    CHECK_INT(PARSE("--text=x=y"), 0);
    CHECK_STR(text, "x=y");
    CHECK_INT(PARSE("--text="), 0);
    CHECK_STR(text, "");
    CHECK_INT(PARSE("-l1", "--list", "2", "--list=3"), 0);
    CHECK_INT(list.n, 3);
}

TEST(what_follows_two_dashes_is_left_alone)
{
    CHECK_INT(PARSE("a", "--", "-f", "--", "--nothing"), 0);
    CHECK(!flag);
    CHECK_INT(words.n, 1);
    CHECK_STR(rest[0], "-f");
    CHECK_STR(rest[2], "--nothing");
}

TEST(a_single_dash_is_a_word)
{
    CHECK_INT(PARSE("-"), 0);
    CHECK_INT(words.n, 1);
}

TEST(wrong_options_are_misuse_and_say_so)
{
    CHECK_INT(PARSE("--nothing"), CLI_MISUSED);
    CHECK_STR(e.text, "'--nothing' is not an option here: see drupe help run");
    CHECK_INT(PARSE("-x"), CLI_MISUSED);
    CHECK_INT(PARSE("--tex", "x"), CLI_MISUSED);
    CHECK_INT(PARSE("--text"), CLI_MISUSED);
    CHECK_STR(e.text, "--text needs a value");
    CHECK_INT(PARSE("-ta", "-tb"), CLI_MISUSED);
    CHECK_STR(e.text, "--text is given twice");
    CHECK_INT(PARSE("--flag=yes"), CLI_MISUSED);
    CHECK_STR(e.text, "--flag takes no value");
}

TEST(more_words_than_there_is_room_for_are_refused)
{
    char *argv[CLI_LIST_MAX + 3] = {"run"};
    for (int i = 1; i <= CLI_LIST_MAX + 1; i++)
        argv[i] = "w";
    CHECK_INT(parse(CLI_LIST_MAX + 1, argv), 0);
    CHECK_INT(parse(CLI_LIST_MAX + 2, argv), CLI_MISUSED);
}

TEST(numbers_are_decimal_and_within_their_range)
{
    unsigned long n = 0;
    CHECK(cli_number("512", 1, 512, &n) && n == 512);
    CHECK(!cli_number("513", 1, 512, &n));
    CHECK(!cli_number("0", 1, 512, &n));
    CHECK(!cli_number("", 0, 512, &n));
    CHECK(!cli_number("-1", 0, 512, &n));
    CHECK(!cli_number("0x10", 0, 512, &n));
    CHECK(!cli_number("99999999999999999999", 0, 512, &n));
}

TEST(names_begin_with_a_letter_and_stay_out_of_paths)
{
    static const char *const good[] = {"a", "web", "My-app_2"};
    static const char *const bad[] = {"",   "2a",  "-a",  "_a",  ".",
                                      "..", "a/b", "a b", "a.b", "\xc3"};
    char longest[65] = {0};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(cli_name_ok(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!cli_name_ok(bad[i]));
    memset(longest, 'a', 63);
    CHECK(cli_name_ok(longest));
    longest[63] = 'a';
    CHECK(!cli_name_ok(longest));
}

/* --- what devices are attached to */

static struct manifest manifest_of(const char *first, const char *second)
{
    const char *const names[] = {first, second};
    struct manifest m = {.version = ABI_MANIFEST_VERSION, .entries = 1};
    for (int i = 0; i < 2 && names[i]; i++) {
        struct abi_manifest_entry *entry = &m.entry[m.entries++];
        strcpy(entry->name, names[i]);
        entry->type = ABI_DEVICE_NET;
    }
    return m;
}

/* What is chosen, as "NAME=WHERE ..." and the specification; or the error's line. */
static const char *choose(struct manifest m, struct attach_words w)
{
    static struct attachment a;
    static char out[2000];
    char spec[1000];
    int r = attach_choose(&m, &w, &a, &e);
    if (r != 0) {
        snprintf(out, sizeof out, "%d: %s", r, e.text);
        return out;
    }
    out[0] = '\0';
    for (size_t i = 0; i < a.n; i++) {
        strcat(strcat(out, a.net[i].name), "=");
        strcat(strcat(out, a.net[i].to ? a.net[i].to : "user"), " ");
    }
    attach_spec(&a.spec, spec, sizeof spec);
    return a.user ? strcat(out, spec) : out;
}

TEST(the_only_network_gets_the_user_mode_network)
{
    CHECK_STR(choose(manifest_of("service", NULL), (struct attach_words){0}),
              "service=user user");
    CHECK_STR(choose(manifest_of("service", NULL),
                     (struct attach_words){.publish = {2, {"8080:80", "0.0.0.0:53:53/udp"}}}),
              "service=user user,publish=127.0.0.1:8080:80,publish=0.0.0.0:53:53/udp");
}

TEST(the_only_network_can_be_put_on_a_tap)
{
    CHECK_STR(choose(manifest_of("service", NULL), (struct attach_words){.tap = "tap0"}),
              "service=tap0 ");
    CHECK_STR(
        choose(manifest_of("service", NULL), (struct attach_words){.net = {1, {"service=@5"}}}),
        "service=@5 ");
}

TEST(an_image_without_networks_gets_none)
{
    CHECK_STR(choose(manifest_of(NULL, NULL), (struct attach_words){0}), "");
    CHECK_STR(choose(manifest_of(NULL, NULL), (struct attach_words){.tap = "tap0"}),
              "-1: the image declares no network device: run it without -p and --tap");
    CHECK_STR(choose(manifest_of(NULL, NULL), (struct attach_words){.publish = {1, {"1:1"}}}),
              "-1: the image declares no network device: run it without -p and --tap");
}

TEST(several_networks_must_be_named)
{
    struct manifest m = manifest_of("a", "ab");
    CHECK_STR(choose(m, (struct attach_words){0}),
              "-2: the image has several networks (a, ab): say --net NAME=user or NAME=TAP for "
              "each");
    CHECK_STR(choose(m, (struct attach_words){.net = {2, {"ab=tap1", "a=user"}}}),
              "a=user ab=tap1 user");
    CHECK_STR(choose(m, (struct attach_words){.net = {2, {"ab=user", "a=user"}}}),
              "-2: only one device can be on the user-mode network");
}

TEST(words_that_fit_no_device_are_refused)
{
    struct manifest m = manifest_of("service", NULL);
    CHECK_STR(choose(m, (struct attach_words){.net = {1, {"other=tap0"}}}),
              "-1: the image declares no network device 'other'");
    CHECK_STR(choose(m, (struct attach_words){.net = {1, {"service"}}}),
              "-2: 'service' is not --net NAME=user or NAME=TAP");
    CHECK_STR(choose(m, (struct attach_words){.net = {2, {"service=a", "service=b"}}}),
              "-2: --net service is given twice");
    CHECK_STR(choose(m, (struct attach_words){.tap = "t", .net = {1, {"service=a"}}}),
              "-2: --tap is for the only network device: use --net alone");
    CHECK_STR(choose(m, (struct attach_words){.tap = "t", .publish = {1, {"1:1"}}}),
              "-2: -p publishes ports of the user-mode network, and no device is on it");
    CHECK_STR(choose(m, (struct attach_words){.publish = {1, {"0:1"}}}),
              "-2: '0' in '0:1' is not a port (1 to 65535)");
    CHECK_STR(choose(m, (struct attach_words){.publish = {2, {"1:1", "1:2"}}}),
              "-2: TCP port 1 is published twice");
}

TEST(published_addresses_are_told_as_a_client_says_them)
{
    char out[ATTACH_TEXT];
    struct usernet_publish web = {0x7f000001, 8080, 80, false};
    struct usernet_publish dns = {0, 53, 5353, true};
    CHECK_STR(attach_address(&web, out), "http://127.0.0.1:8080/");
    CHECK_STR(attach_address(&dns, out), "0.0.0.0:53 leads to UDP port 5353 of the image");
}

TEST(an_argument_is_found_by_its_whole_name)
{
    char *args[] = {"--ipv4-gateway=10.0.0.1", "ipv4", NULL};
    CHECK(!attach_has_argument(args, "ipv4"));
    CHECK(attach_has_argument(args, "ipv4-gateway"));
    args[1] = "--ipv4";
    CHECK(attach_has_argument(args, "ipv4"));
}

/* --- images */

TEST(the_manifest_of_a_program_is_read)
{
    struct manifest m;
    CHECK_INT(
        image_manifest_json("{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":[{"
                            "\"name\":\"service\",\"type\":\"NET_BASIC\"},{\"name\":\"d\","
                            "\"type\":\"BLOCK_BASIC\"}]}",
                            &m, &e),
        0);
    CHECK_INT(m.entries, 3);
    CHECK_STR(m.entry[1].name, "service");
    CHECK_INT(m.entry[2].type, ABI_DEVICE_BLOCK);
}

TEST(a_manifest_that_makes_no_sense_is_refused)
{
    static const char *const bad[] = {
        "",
        "hello",
        "{}",
        "[]",
        "{\"devices\":1}",
        "{\"devices\":[1]}",
        "{\"devices\":[{\"name\":\"a\"}]}",
        "{\"devices\":[{\"name\":\"a\",\"type\":\"X\"}]}",
        "{\"devices\":[{\"name\":\"a b\",\"type\":\"NET_BASIC\"}]}",
        "{\"devices\":[{\"name\":1,\"type\":\"NET_BASIC\"}]}",
    };
    struct manifest m;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_INT(image_manifest_json(bad[i], &m, &e), -1);
}

/* An ELF file of a header and these section headers. */
static struct bytes elf_of(const Elf64_Shdr *sections, uint16_t n)
{
    static uint8_t file[1000];
    Elf64_Ehdr h = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB},
                    .e_shoff = sizeof h,
                    .e_shentsize = sizeof(Elf64_Shdr),
                    .e_shnum = n};
    memcpy(file, &h, sizeof h);
    memcpy(file + sizeof h, sections, n * sizeof *sections);
    return bytes_of(file, sizeof h + n * sizeof *sections);
}

static const Elf64_Shdr sections[] = {
    {.sh_type = SHT_NULL, .sh_size = 1000},
    {.sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC | SHF_EXECINSTR, .sh_size = 1},
    {.sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC, .sh_size = 2},
    {.sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC | SHF_WRITE, .sh_size = 4},
    {.sh_type = SHT_NOBITS, .sh_flags = SHF_ALLOC | SHF_WRITE, .sh_size = 8},
    {.sh_type = SHT_SYMTAB, .sh_size = 16},
    {.sh_type = SHT_PROGBITS, .sh_size = 32},
};
#define SECTIONS (sizeof sections / sizeof sections[0])

TEST(sections_are_added_up_by_what_they_are)
{
    struct section_sizes z;
    CHECK_INT(sections_measure(elf_of(sections, SECTIONS), &z, &e), 0);
    CHECK_INT(z.text, 1);
    CHECK_INT(z.rodata, 2);
    CHECK_INT(z.data, 4);
    CHECK_INT(z.bss, 8);
    CHECK_INT(z.symbols, 16);
    CHECK_INT(z.debug, 32);
}

TEST(a_file_cut_short_is_refused_within_its_bounds)
{
    struct bytes whole = elf_of(sections, SECTIONS);
    for (size_t len = 0; len < whole.len; len++) {
        struct section_sizes z;
        uint8_t *part = malloc(len ? len : 1);
        CHECK(part != NULL);
        memcpy(part, whole.at, len);
        CHECK_INT(sections_measure(bytes_of(part, len), &z, &e), -1);
        free(part);
    }
}

/* --- areas */

static const char *area(const char *folder, const char *file)
{
    static char name[AREA_NAME];
    area_of(bytes_of(folder, strlen(folder)), bytes_of(file, strlen(file)), name);
    return name;
}

TEST(a_source_belongs_to_the_area_that_its_path_says)
{
    CHECK_STR(area("/drupe", "src/net/tcp/text.c"), "net");
    CHECK_STR(area("/drupe", "src/base/ring.c"), "base");
    CHECK_STR(area("/drupe/build/spt/musl", "/drupe/vendor/musl/src/string/memcpy.c"), "musl");
    CHECK_STR(area("/drupe/examples/web", "web.c"), "application");
    CHECK_STR(area("/mine", "src/net/mine.c"), "application");
    CHECK_STR(area("/mine", ""), "other");
    CHECK_STR(area("/drupe", "src/\033[2J/x.c"), "??2J");
    CHECK_STR(area("/drupe", "src/a-name-that-is-longer-than-there-is-room/x.c"),
              "a-name-that-is-longer-t");
}

/* An image of two units, as gcc tells them: sections 1 to 5 hold the tables. */
static const uint8_t aranges[] = {
    44, 0, 0,  0, 2, 0, 0,  0, 0,   0, 8, 0, 0, 0, 0, 0,  /* the unit at 0 */
    0,  0, 16, 0, 0, 0, 0,  0, 100, 0, 0, 0, 0, 0, 0, 0,  /* 100 octets */
    0,  0, 0,  0, 0, 0, 0,  0, 0,   0, 0, 0, 0, 0, 0, 0,  /* the end */
    76, 0, 0,  0, 2, 0, 21, 0, 0,   0, 8, 0, 0, 0, 0, 0,  /* the unit at 21 */
    0,  1, 16, 0, 0, 0, 0,  0, 200, 0, 0, 0, 0, 0, 0, 0,  /* 200 octets */
    0,  0, 0,  0, 0, 0, 0,  0, 7,   0, 0, 0, 0, 0, 0, 0,  /* left out */
    0,  0, 64, 0, 0, 0, 0,  0, 50,  0, 0, 0, 0, 0, 0, 0,  /* data */
    0,  0, 0,  0, 0, 0, 0,  0, 0,   0, 0, 0, 0, 0, 0, 0}; /* the end */
static const uint8_t info[] = {17, 0, 0, 0,   5,   0,   1,  8,   0,   0, 0, 0, 2, 0, 0,
                               0,  0, 9, 0,   0,   0,   24, 0,   0,   0, 4, 0, 0, 0, 0,
                               0,  8, 1, 'm', '.', 'c', 0,  '/', 'm', 0, 0, 0, 0, 0};
/* Abbreviation 1 has texts in place (and a constant); 2 has texts elsewhere. */
static const uint8_t abbrev[] = {1, 0x11, 0,    0x3e, 0x21, 0x7f, 3,    8,    0x1b, 8, 0,
                                 0, 2,    0x11, 0,    3,    0x0e, 0x1b, 0x1f, 0,    0, 0};
static const char str[] = "src/rt/x.c", line_str[] = "nothing\0\0/drupe";
static const char names[] =
    "\0.debug_aranges\0.debug_info\0.debug_abbrev\0.debug_str\0.debug_line_str";

static struct bytes image_of_two_units(void)
{
    static const struct {
        const void *octets;
        size_t len;
        unsigned name;
    } tables[] = {{aranges, sizeof aranges, 1},    {info, sizeof info, 16},
                  {abbrev, sizeof abbrev, 28},     {str, sizeof str, 42},
                  {line_str, sizeof line_str, 53}, {names, sizeof names, 0}};
    static uint8_t file[2000];
    Elf64_Shdr s[8] = {{0}};
    size_t at = sizeof(Elf64_Ehdr) + sizeof s;
    for (size_t i = 0; i < 6; i++) {
        s[i + 1] = (Elf64_Shdr){.sh_name = tables[i].name,
                                .sh_type = SHT_PROGBITS,
                                .sh_offset = at,
                                .sh_size = tables[i].len};
        memcpy(file + at, tables[i].octets, tables[i].len);
        at += tables[i].len;
    }
    s[7] = (Elf64_Shdr){.sh_type = SHT_NOBITS,
                        .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                        .sh_addr = 0x100000,
                        .sh_size = 0x2000};
    struct bytes head = elf_of(s, 8);
    memcpy(file, head.at, head.len);
    ((Elf64_Ehdr *)(void *)file)->e_shstrndx = 6;
    return bytes_of(file, at);
}

TEST(code_is_added_up_by_its_source)
{
    struct areas a;
    areas_measure(image_of_two_units(), &a);
    CHECK_INT(a.n, 2);
    CHECK_STR(a.area[0].name, "application");
    CHECK_INT(a.area[0].len, 200);
    CHECK_STR(a.area[1].name, "rt");
    CHECK_INT(a.area[1].len, 100);
}

TEST(areas_of_a_file_cut_short_or_spoilt_stay_within_its_bounds)
{
    struct bytes whole = image_of_two_units();
    struct areas a;
    for (size_t n = 0; n < whole.len; n++) {
        uint8_t *part = malloc(n + 1), *spoilt = malloc(whole.len);
        CHECK(part && spoilt);
        memcpy(part, whole.at, n);
        areas_measure(bytes_of(part, n), &a);
        memcpy(spoilt, whole.at, whole.len);
        spoilt[n] = 0xff;
        areas_measure(bytes_of(spoilt, whole.len), &a);
        CHECK(a.n <= 2);
        free(part);
        free(spoilt);
    }
}

/* --- commands */

TEST(every_command_has_a_summary_and_help_that_begins_with_its_usage)
{
    for (size_t i = 0; i < commands_n; i++) {
        char usage[60];
        snprintf(usage, sizeof usage, "usage: drupe %s", commands[i].name);
        CHECK(strncmp(commands[i].help, usage, strlen(usage)) == 0);
        CHECK(strlen(commands[i].summary) < 70);
        CHECK(command_find(commands[i].name) == &commands[i]);
    }
    CHECK(command_find("nothing") == NULL);
}

TEST_MAIN(TEST_OF(options_and_words_stand_in_any_order),
          TEST_OF(a_value_stands_in_the_same_word_or_the_next),
          TEST_OF(what_follows_two_dashes_is_left_alone), TEST_OF(a_single_dash_is_a_word),
          TEST_OF(wrong_options_are_misuse_and_say_so),
          TEST_OF(more_words_than_there_is_room_for_are_refused),
          TEST_OF(numbers_are_decimal_and_within_their_range),
          TEST_OF(names_begin_with_a_letter_and_stay_out_of_paths),
          TEST_OF(the_only_network_gets_the_user_mode_network),
          TEST_OF(the_only_network_can_be_put_on_a_tap),
          TEST_OF(an_image_without_networks_gets_none), TEST_OF(several_networks_must_be_named),
          TEST_OF(words_that_fit_no_device_are_refused),
          TEST_OF(published_addresses_are_told_as_a_client_says_them),
          TEST_OF(an_argument_is_found_by_its_whole_name),
          TEST_OF(the_manifest_of_a_program_is_read),
          TEST_OF(a_manifest_that_makes_no_sense_is_refused),
          TEST_OF(sections_are_added_up_by_what_they_are),
          TEST_OF(a_file_cut_short_is_refused_within_its_bounds),
          TEST_OF(a_source_belongs_to_the_area_that_its_path_says),
          TEST_OF(code_is_added_up_by_its_source),
          TEST_OF(areas_of_a_file_cut_short_or_spoilt_stay_within_its_bounds),
          TEST_OF(every_command_has_a_summary_and_help_that_begins_with_its_usage))
