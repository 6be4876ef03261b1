/* SPDX-License-Identifier: ISC */
#include "toolchain/manifest/source.h"
#include "tests/check.h"

#include <stdlib.h>

static struct devices devices;

/* "" when the manifest is taken, else why not. */
static const char *read_json(const char *text)
{
    memset(&devices, 0, sizeof devices);
    return devices_read_json(&devices, text) < 0 ? devices.error : "";
}

/* Of a manifest with this list of devices. */
static const char *read_devices(const char *list)
{
    static char text[8192];
    snprintf(text, sizeof text, "{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":[%s]}",
             list);
    return read_json(text);
}

static const char *add(const char *name)
{
    return devices_add(&devices, name, ABI_DEVICE_NET) < 0 ? devices.error : "";
}

TEST(a_manifest_of_solo5_is_taken)
{
    CHECK_STR(read_devices("{\"name\":\"service0\",\"type\":\"NET_BASIC\"},"
                           "{\"type\":\"BLOCK_BASIC\",\"name\":\"Disk\"}"),
              "");
    CHECK_INT(devices.n, 2);
    CHECK_STR(devices.device[0].name, "service0");
    CHECK_INT(devices.device[0].type, ABI_DEVICE_NET);
    CHECK_STR(devices.device[1].name, "Disk");
    CHECK_INT(devices.device[1].type, ABI_DEVICE_BLOCK);
}

TEST(a_manifest_may_have_no_devices)
{
    CHECK_STR(read_devices(""), "");
    CHECK_INT(devices.n, 0);
}

TEST(what_is_not_json_is_refused)
{
    CHECK_STR(read_json(""), "it is not JSON");
    CHECK_STR(read_json("{\"type\":"), "it is not JSON");
    CHECK_STR(read_json("{} more"), "it is not JSON");
}

TEST(every_truncation_of_a_manifest_is_refused)
{
    static const char whole[] = "{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":"
                                "[{\"name\":\"a\",\"type\":\"NET_BASIC\"}]}";
    CHECK_STR(read_json(whole), "");
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        char *cut = strndup(whole, len);
        const char *error = read_json(cut);
        free(cut);
        CHECK(error[0]);
    }
}

TEST(what_is_not_a_manifest_is_refused)
{
    CHECK_STR(read_json("[]"), "the manifest is not an object");
    CHECK_STR(read_json("{\"type\":\"x\",\"version\":1,\"devices\":[]}"),
              "the manifest's type is not \"solo5.manifest\"");
    CHECK_STR(read_json("{\"type\":1,\"version\":1,\"devices\":[]}"),
              "the manifest's type is not \"solo5.manifest\"");
    CHECK_STR(read_json("{\"type\":\"solo5.manifest\",\"version\":2,\"devices\":[]}"),
              "the manifest's version is not 1");
    CHECK_STR(read_json("{\"type\":\"solo5.manifest\",\"version\":\"1\",\"devices\":[]}"),
              "the manifest's version is not 1");
    CHECK_STR(read_json("{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":{}}"),
              "the manifest's devices are not an array");
}

TEST(unknown_missing_and_repeated_keys_are_refused)
{
    CHECK_STR(
        read_json("{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":[],\"more\":0}"),
        "the manifest has an unknown key \"more\"");
    CHECK_STR(read_json("{\"type\":\"solo5.manifest\",\"devices\":[]}"),
              "the manifest has no key \"version\"");
    CHECK_STR(
        read_json("{\"type\":\"a\",\"type\":\"solo5.manifest\",\"version\":1,\"devices\":[]}"),
        "the manifest has the key \"type\" twice");
    CHECK_STR(read_devices("{\"name\":\"a\",\"type\":\"NET_BASIC\",\"mac\":\"\"}"),
              "a device has an unknown key \"mac\"");
    CHECK_STR(read_devices("{\"name\":\"a\"}"), "a device has no key \"type\"");
}

TEST(a_device_that_is_not_one_is_refused)
{
    CHECK_STR(read_devices("1"), "a device is not an object");
    CHECK_STR(read_devices("{\"name\":1,\"type\":\"NET_BASIC\"}"),
              "the name and the type of a device are strings");
    CHECK_STR(read_devices("{\"name\":\"a\",\"type\":\"TAPE\"}"),
              "the device a is of type \"TAPE\": use NET_BASIC or BLOCK_BASIC");
}

TEST(a_name_is_1_to_67_letters_and_digits)
{
    char name[70];
    memset(&devices, 0, sizeof devices);
    memset(name, 'a', sizeof name);
    name[67] = 0;
    CHECK_STR(add(name), "");
    name[67] = 'a', name[68] = 0;
    CHECK(strstr(add(name), "is no name of a device: use 1 to 67 letters and digits"));
    CHECK_STR(add(""), "\"\" is no name of a device: use 1 to 67 letters and digits");
    CHECK_STR(add("a-b"), "\"a-b\" is no name of a device: use 1 to 67 letters and digits");
    CHECK_STR(add("\"};"), "\"\"};\" is no name of a device: use 1 to 67 letters and digits");
}

TEST(two_devices_have_two_names)
{
    memset(&devices, 0, sizeof devices);
    CHECK_STR(add("a"), "");
    CHECK_STR(add("A"), "");
    CHECK_INT(devices_add(&devices, "a", ABI_DEVICE_BLOCK), -1);
    CHECK_STR(devices.error, "the device a is declared twice");
}

TEST(there_are_at_most_63_devices)
{
    char name[16];
    memset(&devices, 0, sizeof devices);
    for (int i = 0; i < 63; i++) {
        snprintf(name, sizeof name, "d%d", i);
        CHECK_STR(add(name), "");
    }
    CHECK_STR(add("more"), "there are more than 63 devices");
}

TEST(the_source_names_each_device_with_its_type)
{
    char *text;
    size_t len;
    memset(&devices, 0, sizeof devices);
    CHECK_STR(add("service"), "");
    CHECK_INT(devices_add(&devices, "disk", ABI_DEVICE_BLOCK), 0);
    FILE *out = open_memstream(&text, &len);
    devices_print(&devices, out);
    fclose(out);
    bool right = strstr(text, "entry[3];") && strstr(text, "    3,\n") &&
                 strstr(text, "{.name = \"service\", .type = ABI_DEVICE_NET},") &&
                 strstr(text, "{.name = \"disk\", .type = ABI_DEVICE_BLOCK},");
    free(text);
    CHECK(right);
}

TEST_MAIN(TEST_OF(a_manifest_of_solo5_is_taken), TEST_OF(a_manifest_may_have_no_devices),
          TEST_OF(what_is_not_json_is_refused),
          TEST_OF(every_truncation_of_a_manifest_is_refused),
          TEST_OF(what_is_not_a_manifest_is_refused),
          TEST_OF(unknown_missing_and_repeated_keys_are_refused),
          TEST_OF(a_device_that_is_not_one_is_refused),
          TEST_OF(a_name_is_1_to_67_letters_and_digits), TEST_OF(two_devices_have_two_names),
          TEST_OF(there_are_at_most_63_devices),
          TEST_OF(the_source_names_each_device_with_its_type))
