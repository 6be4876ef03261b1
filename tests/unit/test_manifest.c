/* SPDX-License-Identifier: ISC */
#include "host/manifest.h"
#include "tests/check.h"

#include <stdlib.h>

/* A manifest's octets, and the parsed one. */
static struct {
    uint32_t version, entries;
    struct abi_manifest_entry entry[65];
} in;
static struct manifest m;
static struct error e;

static void init(void)
{
    memset(&in, 0, sizeof in);
    in.version = ABI_MANIFEST_VERSION;
    in.entries = 1;
    in.entry[0].type = ABI_DEVICE_RESERVED_FIRST;
}

static void add(const char *name, uint32_t type)
{
    struct abi_manifest_entry *d = &in.entry[in.entries++];
    memset(d->name, 0, sizeof d->name);
    memcpy(d->name, name, strlen(name));
    d->type = type;
}

static void two_devices(void)
{
    init();
    add("service", ABI_DEVICE_NET);
    add("disk", ABI_DEVICE_BLOCK);
}

static size_t size(void)
{
    return 8 + in.entries * sizeof in.entry[0];
}

static int parse_len(size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, &in, len);
    int result = manifest_parse(bytes_of(copy, len), &m, &e);
    free(copy);
    return result;
}

static void check_refused(const char *why, int line)
{
    if (parse_len(size()) == 0)
        test_failed(__FILE__, line, "accepted, not refused with \"%s\"", why);
    if (!strstr(e.text, why))
        test_failed(__FILE__, line, "\"%s\" does not say \"%s\"", e.text, why);
}

#define CHECK_REFUSED(why) check_refused(why, __LINE__)

TEST(a_manifest_without_devices_is_accepted)
{
    init();
    CHECK_INT(parse_len(size()), 0);
    CHECK_INT(m.entries, 1);
    CHECK_INT(manifest_size(&m), 112);
}

TEST(devices_are_found_by_name_and_type)
{
    two_devices();
    CHECK_INT(parse_len(size()), 0);
    CHECK_INT(manifest_find(&m, "service", 7, ABI_DEVICE_NET), 1);
    CHECK_INT(manifest_find(&m, "disk", 4, ABI_DEVICE_BLOCK), 2);
    CHECK_INT(manifest_find(&m, "disk", 4, ABI_DEVICE_NET), 0);
    CHECK_INT(manifest_find(&m, "serv", 4, ABI_DEVICE_NET), 0);
    CHECK_INT(manifest_find(&m, "services", 8, ABI_DEVICE_NET), 0);
    CHECK_INT(manifest_find(&m, "", 0, ABI_DEVICE_RESERVED_FIRST), 0);
}

TEST(sixty_three_devices_are_accepted_and_no_more)
{
    char name[] = "d00";
    init();
    while (in.entries < ABI_MANIFEST_ENTRIES_MAX) {
        name[1] = (char)('0' + in.entries / 10);
        name[2] = (char)('0' + in.entries % 10);
        add(name, ABI_DEVICE_NET);
    }
    CHECK_INT(parse_len(size()), 0);
    add("more", ABI_DEVICE_NET);
    CHECK_REFUSED("65 entries");
}

TEST(the_head_must_be_right)
{
    two_devices();
    in.version = 2;
    CHECK_REFUSED("version 2, not 1");
    two_devices();
    in.entries = 0;
    CHECK_REFUSED("0 entries");
    two_devices();
    in.entries = UINT32_MAX;
    CHECK_INT(parse_len(sizeof in), -1);
    CHECK(strstr(e.text, "4294967295 entries"));
}

TEST(the_length_must_be_exactly_that_of_the_entries)
{
    two_devices();
    for (size_t len = 0; len < sizeof in; len++)
        CHECK_INT(parse_len(len), len == size() ? 0 : -1);
}

TEST(the_first_entry_must_be_the_reserved_one)
{
    two_devices();
    in.entry[0].type = ABI_DEVICE_NET;
    CHECK_REFUSED("reserved");
    two_devices();
    in.entry[0].name[0] = 'a';
    CHECK_REFUSED("reserved");
    two_devices();
    in.entry[0].attached = 1;
    CHECK_REFUSED("claims to be attached");
}

TEST(a_name_must_be_letters_and_digits_and_end)
{
    static const char *const bad[] = {"",        "a b", "a-b",      "a_b",
                                      "\x1b[2J", "a\n", "\xc3\xa9", "a."};
    two_devices();
    memset(in.entry[1].name, 'a', ABI_MANIFEST_NAME_SIZE - 1);
    CHECK_INT(parse_len(size()), 0);
    in.entry[1].name[ABI_MANIFEST_NAME_SIZE - 1] = 'a';
    CHECK_REFUSED("does not end");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        init();
        add(bad[i], ABI_DEVICE_NET);
        CHECK_REFUSED("letters and digits");
    }
}

TEST(a_type_must_be_known)
{
    static const uint32_t bad[] = {0, 3, ABI_DEVICE_RESERVED_FIRST, UINT32_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        init();
        add("service", bad[i]);
        CHECK_REFUSED("unknown type");
    }
}

TEST(a_name_is_declared_once)
{
    two_devices();
    add("service", ABI_DEVICE_BLOCK);
    CHECK_REFUSED("'service' twice");
}

TEST(nothing_is_attached_in_a_file)
{
    two_devices();
    in.entry[2].attached = 1;
    CHECK_REFUSED("device 2 in the manifest claims");
    in.entry[2].attached = 0x80;
    CHECK_REFUSED("device 2 in the manifest claims");
}

TEST(what_the_tender_fills_in_is_not_taken_from_the_file)
{
    two_devices();
    memset(&in.entry[1].u, 0xff, sizeof in.entry[1].u);
    in.entry[1].b.hostfd = 1;
    memset(in.entry[1].padding, 0xff, sizeof in.entry[1].padding);
    CHECK_INT(parse_len(size()), 0);
    CHECK_INT(m.entry[1].u.net.mtu, 0);
    CHECK_INT(m.entry[1].b.hostfd, 0);
    CHECK_INT(m.entry[1].padding[6], 0);
}

TEST(a_refused_manifest_leaves_the_result_alone)
{
    two_devices();
    memset(&m, 0x55, sizeof m);
    in.entry[2].attached = 1;
    CHECK_REFUSED("claims");
    CHECK_INT(m.entries, 0x55555555);
}

TEST(it_is_printed_as_the_json_that_declares_it)
{
    char *text;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    two_devices();
    CHECK_INT(parse_len(size()), 0);
    manifest_print(&m, to);
    fclose(to);
    CHECK_STR(text, "{\n"
                    "  \"type\": \"solo5.manifest\",\n"
                    "  \"version\": 1,\n"
                    "  \"devices\": [\n"
                    "    { \"name\": \"service\", \"type\": \"NET_BASIC\" },\n"
                    "    { \"name\": \"disk\", \"type\": \"BLOCK_BASIC\" }\n"
                    "  ]\n"
                    "}\n");
    free(text);
}

TEST_MAIN(TEST_OF(a_manifest_without_devices_is_accepted),
          TEST_OF(devices_are_found_by_name_and_type),
          TEST_OF(sixty_three_devices_are_accepted_and_no_more),
          TEST_OF(the_head_must_be_right),
          TEST_OF(the_length_must_be_exactly_that_of_the_entries),
          TEST_OF(the_first_entry_must_be_the_reserved_one),
          TEST_OF(a_name_must_be_letters_and_digits_and_end), TEST_OF(a_type_must_be_known),
          TEST_OF(a_name_is_declared_once), TEST_OF(nothing_is_attached_in_a_file),
          TEST_OF(what_the_tender_fills_in_is_not_taken_from_the_file),
          TEST_OF(a_refused_manifest_leaves_the_result_alone),
          TEST_OF(it_is_printed_as_the_json_that_declares_it))
