/* SPDX-License-Identifier: ISC */
#include "host/elf.h"
#include "tests/check.h"
#include "tests/support/image.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEM_SIZE (16ULL << 20)

static struct image image;
static struct elf_image parsed;
static struct error e;
static uint8_t octets[16384];

/* From a block of exactly this length, so that the sanitizer sees a read past it. */
static int parse_octets(const uint8_t *from, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, from, len);
    struct elf_source s = elf_source_view(bytes_of(copy, len));
    memset(&e, 0, sizeof e);
    int result = elf_parse(&s, &parsed, &e);
    free(copy);
    return result;
}

static int parse(void)
{
    return parse_octets(octets, image_build(&image, octets, sizeof octets));
}

static void check_refused(const char *why, int line)
{
    if (parse() == 0)
        test_failed(__FILE__, line, "accepted, not refused with \"%s\"", why);
    if (!strstr(e.text, why))
        test_failed(__FILE__, line, "\"%s\" does not say \"%s\"", e.text, why);
}

#define CHECK_REFUSED(why) check_refused(why, __LINE__)

/* An image that is right but for one member. */
#define CHECK_REFUSED_WITH(member, value, why)                                                 \
    do {                                                                                       \
        image_init(&image);                                                                    \
        image.member = (value);                                                                \
        CHECK_REFUSED(why);                                                                    \
    } while (0)

TEST(an_image_that_keeps_every_rule_is_accepted)
{
    image_init(&image);
    image_add(&image, "service", ABI_DEVICE_NET);
    CHECK_INT(parse(), 0);
    CHECK_INT(parsed.entry, IMAGE_TEXT_AT);
    CHECK_INT(parsed.segments, 2);
    CHECK_INT(parsed.end, 0x103000);
    CHECK_INT(parsed.segment[0].flags, ELF_R | ELF_X);
    CHECK_INT(parsed.segment[1].start, IMAGE_DATA_AT);
    CHECK_INT(parsed.manifest.entries, 2);
    CHECK_STR(parsed.manifest.entry[1].name, "service");
    CHECK_INT(elf_require(&parsed, ABI_TARGET_SPT, 2, &e), 0);
    CHECK_INT(elf_fits(&parsed, MEM_SIZE, &e), 0);
}

TEST(the_elf_header_must_be_that_of_an_executable_for_this_machine)
{
    CHECK_REFUSED_WITH(header.e_ident[EI_MAG0], 'X', "not an ELF file");
    CHECK_REFUSED_WITH(header.e_ident[EI_CLASS], ELFCLASS32, "not a 64-bit");
    CHECK_REFUSED_WITH(header.e_ident[EI_DATA], ELFDATA2MSB, "little-endian");
    CHECK_REFUSED_WITH(header.e_ident[EI_VERSION], 2, "ELF version 2");
    CHECK_REFUSED_WITH(header.e_type, ET_DYN, "ELF type is 3");
    CHECK_REFUSED_WITH(header.e_type, ET_REL, "ELF type is 1");
    CHECK_REFUSED_WITH(header.e_machine, EM_AARCH64, "another machine");
    CHECK_REFUSED_WITH(header.e_version, 2, "malformed");
    CHECK_REFUSED_WITH(header.e_ehsize, 65, "malformed");
    CHECK_REFUSED_WITH(header.e_phentsize, 55, "malformed");
    CHECK_REFUSED_WITH(header.e_phnum, 0, "0 program headers");
    CHECK_REFUSED_WITH(header.e_phnum, 65, "65 program headers");
    CHECK_REFUSED_WITH(header.e_phoff, 1 << 20, "cut short");
    CHECK_REFUSED_WITH(header.e_phoff, UINT64_MAX - 10, "cut short");
    CHECK_REFUSED_WITH(header.e_entry, 0xfffff, "entry");
}

TEST(what_the_header_says_of_the_operating_system_is_ignored)
{
    image_init(&image);
    image.header.e_ident[EI_OSABI] = 77;
    image.header.e_ident[EI_ABIVERSION] = 77;
    CHECK_INT(parse(), 0);
}

TEST(a_segment_must_lie_above_the_lowest_address_and_be_aligned)
{
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_vaddr, 0xff000, "begins below 0x100000");
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_align, 0, "no power of 2");
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_align, 0x1001, "no power of 2");
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_align, 16, "begin and end at a page");
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_align, 0x200000, "begins below 0x100000");
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_memsz, 0, "larger in the file");
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_memsz, UINT64_MAX - 0x1000, "goes round the end");
    CHECK_REFUSED_WITH(ph[PH_DATA].p_memsz, UINT64_MAX - IMAGE_DATA_AT, "goes round the end");
    CHECK_REFUSED_WITH(ph[PH_DATA].p_vaddr, UINT64_MAX & ~0xfffULL, "goes round the end");
}

TEST(segments_must_ascend_and_not_overlap)
{
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_memsz, 0x1001, "overlaps");
    CHECK_REFUSED_WITH(ph[PH_DATA].p_vaddr, IMAGE_TEXT_AT, "overlaps");
    CHECK_REFUSED_WITH(ph[PH_DATA].p_align, 0x100000, "overlaps");
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_vaddr, 0x200000, "overlaps");
}

TEST(no_segment_is_writable_and_executable)
{
    CHECK_REFUSED_WITH(ph[PH_TEXT].p_flags, PF_R | PF_W | PF_X, "writable and executable");
    CHECK_REFUSED_WITH(ph[PH_DATA].p_flags, PF_W | PF_X, "writable and executable");
}

TEST(a_segment_without_octets_in_the_file_is_not_looked_at)
{
    image_init(&image);
    image.ph[PH_DATA].p_filesz = 0;
    image.ph[PH_DATA].p_align = 3;
    image.ph[PH_DATA].p_flags = PF_R | PF_W | PF_X;
    CHECK_INT(parse(), 0);
    CHECK_INT(parsed.segments, 1);
    CHECK_INT(parsed.end, 0x101000);
}

TEST(a_segment_must_be_in_the_file)
{
    CHECK_REFUSED_WITH(ph[PH_DATA].p_offset, 1 << 20, "cut short");
    CHECK_REFUSED_WITH(ph[PH_DATA].p_offset, UINT64_MAX, "cut short");
    CHECK_REFUSED_WITH(ph[PH_DATA].p_filesz, 0x1000, "cut short");
}

TEST(an_image_must_have_both_notes)
{
    CHECK_REFUSED_WITH(ph[PH_ABI].p_type, PT_NULL, "no Solo5 ABI note");
    CHECK_REFUSED_WITH(ph[PH_MANIFEST].p_type, PT_NULL, "no Solo5 manifest");
    CHECK_REFUSED_WITH(abi_note[0], 5, "no Solo5 ABI note");
    CHECK_REFUSED_WITH(abi_note[2], 1, "no Solo5 ABI note");
    CHECK_REFUSED_WITH(abi_note[3], 0x20202020, "no Solo5 ABI note");
    CHECK_REFUSED_WITH(abi_note[4], 0x135, "no Solo5 ABI note");
    CHECK_REFUSED_WITH(manifest_head[2], 2, "no Solo5 manifest");
    CHECK_REFUSED_WITH(ph[PH_ABI].p_filesz, 19, "no Solo5 ABI note");
}

TEST(a_note_must_have_the_length_of_its_kind)
{
    CHECK_REFUSED_WITH(abi_note[1], 33, "ABI note has a wrong length");
    CHECK_REFUSED_WITH(abi_note[1], 17, "ABI note has a wrong length");
    CHECK_REFUSED_WITH(abi_note[1], 15, "ABI note is cut short");
    CHECK_REFUSED_WITH(ph[PH_ABI].p_filesz, 35, "ABI note has a wrong length");
    CHECK_REFUSED_WITH(ph[PH_ABI].p_offset, 1 << 20, "its note is not there");
    CHECK_REFUSED_WITH(manifest_head[1], 6669, "manifest note has a wrong length");
    CHECK_REFUSED_WITH(manifest_head[1], UINT32_MAX, "manifest note has a wrong length");
    CHECK_REFUSED_WITH(manifest_head[1], 3, "manifest is cut short");
    CHECK_REFUSED_WITH(manifest_head[1], 11, "manifest is cut short");
    CHECK_REFUSED_WITH(manifest_head[1], 4 + 8 + 103, "octets");
    CHECK_REFUSED_WITH(ph[PH_MANIFEST].p_filesz, 24 + 111, "wrong length");
}

TEST(a_note_of_our_own_says_which_network_features_it_understands)
{
    image_init(&image);
    CHECK_INT(parse(), 0);
    CHECK_INT(parsed.net_features, 0);
    image_understands(&image, ABI_NET_CSUM | ABI_NET_TSO4);
    CHECK_INT(parse(), 0);
    CHECK_INT(parsed.net_features, ABI_NET_CSUM | ABI_NET_TSO4);
    image.net_note[3] = 0x6f6c6f53; /* another's name */
    CHECK_INT(parse(), 0);
    CHECK_INT(parsed.net_features, 0);
    image_understands(&image, 1);
    image.net_note[1] = 7;
    CHECK_REFUSED("note on networks is cut short");
    image.net_note[1] = 9;
    CHECK_REFUSED("network note has a wrong length");
}

TEST(an_image_for_another_target_or_version_is_named_as_such)
{
    image_init(&image);
    image.abi_note[5] = ABI_TARGET_HVT;
    CHECK_INT(parse(), 0);
    CHECK_INT(elf_require(&parsed, ABI_TARGET_SPT, 2, &e), -1);
    CHECK_STR(e.text, "the image is for the target hvt (1), not spt");
    image.abi_note[5] = 99;
    CHECK_INT(parse(), 0);
    CHECK_INT(elf_require(&parsed, ABI_TARGET_SPT, 2, &e), -1);
    CHECK_STR(e.text, "the image is for the target unknown (99), not spt");
    image.abi_note[5] = ABI_TARGET_SPT;
    image.abi_note[6] = 3;
    CHECK_INT(parse(), 0);
    CHECK_INT(elf_require(&parsed, ABI_TARGET_SPT, 2, &e), -1);
    CHECK_STR(e.text, "the image asks for version 3 of the spt ABI; this tender offers 2");
}

TEST(an_image_must_fit_into_memory)
{
    image_init(&image);
    CHECK_INT(parse(), 0);
    CHECK_INT(elf_fits(&parsed, 0x103000, &e), 0);
    CHECK_INT(elf_fits(&parsed, 0x102fff, &e), -1);
    image.header.e_entry = 0x103000;
    CHECK_INT(parse(), 0);
    CHECK_INT(elf_fits(&parsed, 0x103000, &e), -1);
    CHECK_INT(elf_fits(&parsed, 0x103001, &e), 0);
}

TEST(every_truncation_is_refused)
{
    image_init(&image);
    image_add(&image, "service", ABI_DEVICE_NET);
    image_add(&image, "disk", ABI_DEVICE_BLOCK);
    size_t len = image_build(&image, octets, sizeof octets);
    for (size_t n = 0; n < len; n++) {
        CHECK_INT(parse_octets(octets, n), -1);
        CHECK(e.text[0] != 0 && !strchr(e.text, '\n'));
    }
    CHECK_INT(parse_octets(octets, len), 0);
}

TEST(no_changed_octet_leads_outside_of_memory)
{
    static const uint8_t changes[] = {0x01, 0x10, 0x80, 0xff};
    uint8_t *mem = malloc(MEM_SIZE);
    image_init(&image);
    image_add(&image, "service", ABI_DEVICE_NET);
    size_t len = image_build(&image, octets, sizeof octets);
    for (size_t n = 0; n < len * sizeof changes; n++) {
        size_t at = n / sizeof changes;
        octets[at] ^= changes[n % sizeof changes];
        struct elf_source s = elf_source_view(bytes_of(octets, len));
        if (elf_parse(&s, &parsed, &e) == 0 && elf_fits(&parsed, MEM_SIZE, &e) == 0)
            CHECK_INT(elf_load(&s, &parsed, mem, &e), 0);
        octets[at] ^= changes[n % sizeof changes];
    }
    free(mem);
}

TEST(segments_are_copied_to_their_addresses)
{
    uint8_t *mem = calloc(1, MEM_SIZE);
    image_init(&image);
    size_t len = image_build(&image, octets, sizeof octets);
    struct elf_source s = elf_source_view(bytes_of(octets, len));
    CHECK_INT(elf_parse(&s, &parsed, &e), 0);
    CHECK_INT(elf_load(&s, &parsed, mem, &e), 0);
    CHECK_INT(mem[IMAGE_TEXT_AT], 0xcc);
    CHECK_INT(mem[IMAGE_TEXT_AT + 1], 0);
    CHECK_MEM(mem + IMAGE_DATA_AT, IMAGE_DATA, sizeof IMAGE_DATA - 1);
    CHECK_INT(mem[IMAGE_DATA_AT + sizeof IMAGE_DATA - 1], 0);
    free(mem);
}

TEST(a_file_is_read_as_a_view_is)
{
    image_init(&image);
    size_t len = image_build(&image, octets, sizeof octets);
    int fd = memfd_create("image", MFD_CLOEXEC);
    struct elf_source s;
    CHECK(write(fd, octets, len) == (ssize_t)len);
    CHECK_INT(elf_source_file(fd, &s, &e), 0);
    CHECK_INT(elf_parse(&s, &parsed, &e), 0);
    CHECK_INT(parsed.segments, 2);
    CHECK(ftruncate(fd, 100) == 0);
    CHECK_INT(elf_parse(&s, &parsed, &e), -1);
    CHECK_STR(e.text, "the image became shorter while it was read");
    close(fd);
}

TEST(only_a_regular_file_is_an_image)
{
    int ends[2];
    struct elf_source s;
    CHECK(pipe(ends) == 0);
    CHECK_INT(elf_source_file(ends[0], &s, &e), -1);
    CHECK_STR(e.text, "not an image: not a regular file");
    close(ends[0]);
    close(ends[1]);
}

TEST_MAIN(TEST_OF(an_image_that_keeps_every_rule_is_accepted),
          TEST_OF(the_elf_header_must_be_that_of_an_executable_for_this_machine),
          TEST_OF(what_the_header_says_of_the_operating_system_is_ignored),
          TEST_OF(a_segment_must_lie_above_the_lowest_address_and_be_aligned),
          TEST_OF(segments_must_ascend_and_not_overlap),
          TEST_OF(no_segment_is_writable_and_executable),
          TEST_OF(a_segment_without_octets_in_the_file_is_not_looked_at),
          TEST_OF(a_segment_must_be_in_the_file), TEST_OF(an_image_must_have_both_notes),
          TEST_OF(a_note_must_have_the_length_of_its_kind),
          TEST_OF(a_note_of_our_own_says_which_network_features_it_understands),
          TEST_OF(an_image_for_another_target_or_version_is_named_as_such),
          TEST_OF(an_image_must_fit_into_memory), TEST_OF(every_truncation_is_refused),
          TEST_OF(no_changed_octet_leads_outside_of_memory),
          TEST_OF(segments_are_copied_to_their_addresses), TEST_OF(a_file_is_read_as_a_view_is),
          TEST_OF(only_a_regular_file_is_an_image))
