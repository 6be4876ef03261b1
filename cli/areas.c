/* SPDX-License-Identifier: ISC */
#include "cli/areas.h"
#include "host/le.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* DWARF's numbers: of tables, attributes and forms. */
enum { AT_NAME = 0x03, AT_COMP_DIR = 0x1b };
enum {
    FORM_ADDR = 0x01,
    FORM_DATA2 = 0x05,
    FORM_DATA4 = 0x06,
    FORM_DATA8 = 0x07,
    FORM_STRING = 0x08,
    FORM_DATA1 = 0x0b,
    FORM_STRP = 0x0e,
    FORM_UDATA = 0x0f,
    FORM_SEC_OFFSET = 0x17,
    FORM_FLAG_PRESENT = 0x19,
    FORM_LINE_STRP = 0x1f,
    FORM_IMPLICIT_CONST = 0x21,
};

struct tables {
    struct bytes aranges, info, abbrev, str, line_str;
};

/* ---- Reading --------------------------------------------------------------- */

static struct bytes part(struct bytes of, uint64_t at, uint64_t len)
{
    if (at > of.len || len > of.len - at)
        return bytes_of(of.at, 0);
    return bytes_of(of.at + at, (size_t)len);
}

static struct reader reader_at(struct bytes of, uint64_t at)
{
    return reader_of(part(of, at, at <= of.len ? of.len - at : 0));
}

/* LEB128; a signed one takes as many octets. */
static uint64_t read_leb(struct reader *r)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t octet = read_u8(r);
        n |= (uint64_t)(octet & 0x7f) << shift;
        if (!(octet & 0x80))
            break;
    }
    return n;
}

/* A text that ends with a NUL; empty when there is none. */
static struct bytes text_at(struct bytes of, uint64_t at)
{
    struct bytes rest = part(of, at, at <= of.len ? of.len - at : 0);
    const uint8_t *end = rest.len ? memchr(rest.at, 0, rest.len) : NULL;
    return bytes_of(rest.at, end ? (size_t)(end - rest.at) : 0);
}

static bool is(struct bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

/* ---- Sections -------------------------------------------------------------- */

static struct bytes section(struct bytes file, const Elf64_Ehdr *h, unsigned i, Elf64_Shdr *s)
{
    struct bytes octets = part(file, h->e_shoff, (uint64_t)h->e_shnum * sizeof *s);
    memset(s, 0, sizeof *s);
    if (i >= h->e_shnum || octets.len == 0)
        return bytes_of(file.at, 0);
    memcpy(s, octets.at + i * sizeof *s, sizeof *s);
    return s->sh_type == SHT_NOBITS || (s->sh_flags & SHF_COMPRESSED)
               ? bytes_of(file.at, 0)
               : part(file, s->sh_offset, s->sh_size);
}

static void find_tables(struct bytes file, const Elf64_Ehdr *h, struct tables *t)
{
    Elf64_Shdr s;
    struct bytes names = section(file, h, h->e_shstrndx, &s);
    struct {
        const char *name;
        struct bytes *to;
    } wanted[] = {{".debug_aranges", &t->aranges},
                  {".debug_info", &t->info},
                  {".debug_abbrev", &t->abbrev},
                  {".debug_str", &t->str},
                  {".debug_line_str", &t->line_str}};
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++)
        *wanted[k].to = bytes_of(file.at, 0);
    for (unsigned i = 0; i < h->e_shnum; i++) {
        struct bytes octets = section(file, h, i, &s);
        struct bytes name = text_at(names, s.sh_name);
        for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++)
            if (is(name, wanted[k].name))
                *wanted[k].to = octets;
    }
}

/* ---- The name of a unit ---------------------------------------------------- */

struct unit {
    struct bytes folder, file;
};

/* Reads a value past; its text, for the forms that are texts. False: a form that the
 * first entry of a unit of gcc's does not have. */
static bool read_value(struct reader *r, uint64_t form, const struct tables *t,
                       struct bytes *text)
{
    *text = bytes_of(t->str.at, 0);
    switch (form) {
    case FORM_STRP:
        *text = text_at(t->str, read_le32(r));
        return true;
    case FORM_LINE_STRP:
        *text = text_at(t->line_str, read_le32(r));
        return true;
    case FORM_STRING:
        *text = text_at(bytes_of(r->at, reader_left(r)), 0);
        (void)read_bytes(r, text->len + 1);
        return true;
    case FORM_DATA1:
        return read_bytes(r, 1).len == 1;
    case FORM_DATA2:
        return read_bytes(r, 2).len == 2;
    case FORM_DATA4:
    case FORM_SEC_OFFSET:
        return read_bytes(r, 4).len == 4;
    case FORM_DATA8:
    case FORM_ADDR:
        return read_bytes(r, 8).len == 8;
    case FORM_UDATA:
        (void)read_leb(r);
        return true;
    case FORM_FLAG_PRESENT:
    case FORM_IMPLICIT_CONST:
        return true;
    default:
        return false;
    }
}

/* One pair of an abbreviation; false at its end. */
static bool read_pair(struct reader *abbrev, uint64_t *attribute, uint64_t *form)
{
    *attribute = read_leb(abbrev);
    *form = read_leb(abbrev);
    if (*form == FORM_IMPLICIT_CONST)
        (void)read_leb(abbrev);
    return !abbrev->ran_out && (*attribute != 0 || *form != 0);
}

/* Moves to the pairs of the abbreviation `code`. */
static bool find_abbreviation(struct reader *abbrev, uint64_t code)
{
    uint64_t found, attribute, form;
    while ((found = read_leb(abbrev)) != 0 && !abbrev->ran_out) {
        (void)read_leb(abbrev); /* its tag */
        (void)read_u8(abbrev);  /* whether it has children */
        if (found == code)
            return true;
        while (read_pair(abbrev, &attribute, &form))
            continue;
    }
    return false;
}

static void read_unit(const struct tables *t, uint32_t at, struct unit *out)
{
    struct reader r = reader_at(t->info, at);
    struct bytes text;
    uint64_t attribute, form, abbrev_at;
    *out = (struct unit){bytes_of(t->info.at, 0), bytes_of(t->info.at, 0)};
    (void)read_le32(&r); /* its length */
    uint16_t version = read_le16(&r);
    (void)read_bytes(&r, version >= 5 ? 2 : 0); /* kind of unit, size of an address */
    abbrev_at = read_le32(&r);
    (void)read_bytes(&r, version >= 5 ? 0 : 1);
    struct reader abbrev = reader_at(t->abbrev, abbrev_at);
    if (r.ran_out || !find_abbreviation(&abbrev, read_leb(&r)))
        return;
    while (read_pair(&abbrev, &attribute, &form) && read_value(&r, form, t, &text)) {
        if (attribute == AT_NAME)
            out->file = text;
        else if (attribute == AT_COMP_DIR)
            out->folder = text;
    }
}

/* ---- From a path to an area ------------------------------------------------ */

/* The component of the path behind `head`, wherever that is; empty: it is not there. */
static struct bytes behind(struct bytes path, const char *head)
{
    const uint8_t *at = path.len ? memmem(path.at, path.len, head, strlen(head)) : NULL;
    if (!at)
        return bytes_of(path.at, 0);
    at += strlen(head);
    size_t left = path.len - (size_t)(at - path.at);
    const uint8_t *end = left ? memchr(at, '/', left) : NULL;
    return bytes_of(at, end ? (size_t)(end - at) : 0);
}

static bool begins(struct bytes path, const char *head)
{
    return path.len >= strlen(head) && memcmp(path.at, head, strlen(head)) == 0;
}

static void put(char out[AREA_NAME], struct bytes name)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    size_t n = name.len < AREA_NAME - 1 ? name.len : AREA_NAME - 1;
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(name.at[i] && strchr(plain, name.at[i]) ? name.at[i] : '?');
    out[n] = 0;
}

/* Builds call the tree /drupe, and an application outside of it by its own name. */
void area_of(struct bytes folder, struct bytes file, char out[AREA_NAME])
{
    struct bytes name = behind(file, "vendor/");
    if (name.len == 0 && begins(file, "src/") && is(folder, "/drupe"))
        name = behind(file, "src/");
    if (file.len == 0)
        name = bytes_of(AREA_OTHER, strlen(AREA_OTHER));
    else if (name.len == 0)
        name = bytes_of("application", strlen("application"));
    put(out, name);
}

/* ---- Adding up ------------------------------------------------------------- */

static void add(struct areas *a, const char *name, uint64_t len)
{
    unsigned i = 0;
    while (i < a->n && strcmp(a->area[i].name, name) != 0)
        i++;
    if (i == AREAS_MAX)
        i = AREAS_MAX - 1; /* the last one takes all that there is no room for */
    if (i == a->n) {
        const char *shown = i == AREAS_MAX - 1 ? AREA_OTHER : name;
        a->n++;
        memset(&a->area[i], 0, sizeof a->area[i]);
        memcpy(a->area[i].name, shown, strlen(shown));
    }
    a->area[i].len += len;
}

/* Where the file's code is: from the lowest to the highest address of sections that are
 * executed. */
struct code {
    uint64_t start, end;
};

static struct code find_code(struct bytes file, const Elf64_Ehdr *h)
{
    struct code c = {.start = UINT64_MAX};
    Elf64_Shdr s;
    for (unsigned i = 0; i < h->e_shnum; i++) {
        (void)section(file, h, i, &s);
        if (!(s.sh_flags & SHF_EXECINSTR) || s.sh_size > UINT64_MAX - s.sh_addr)
            continue;
        c.start = s.sh_addr < c.start ? s.sh_addr : c.start;
        c.end = s.sh_addr + s.sh_size > c.end ? s.sh_addr + s.sh_size : c.end;
    }
    return c;
}

/* The ranges of one unit's code; what the linker left out is at 0, and a compiler may give
 * those of its data as well. */
static uint64_t read_ranges(struct reader *r, const struct code *code)
{
    uint64_t sum = 0;
    while (reader_left(r) >= 16) {
        uint64_t at = read_le64(r), len = read_le64(r);
        if (at == 0 && len == 0)
            break;
        sum += at && at >= code->start && at < code->end ? len : 0;
    }
    return sum;
}

static int larger_first(const void *a, const void *b)
{
    const struct area *x = a, *y = b;
    return x->len < y->len ? 1 : x->len > y->len ? -1 : strcmp(x->name, y->name);
}

void areas_measure(struct bytes file, struct areas *out)
{
    Elf64_Ehdr head;
    struct tables t;
    out->n = 0;
    if (file.len < sizeof head)
        return;
    memcpy(&head, file.at, sizeof head);
    find_tables(file, &head, &t);
    struct code code = find_code(file, &head);
    struct reader all = reader_of(t.aranges);
    while (reader_left(&all) > 16) {
        char name[AREA_NAME];
        struct unit unit;
        struct reader set = reader_of(read_bytes(&all, read_le32(&all)));
        uint16_t version = read_le16(&set);
        uint32_t at = read_le32(&set);
        (void)read_bytes(&set, 2 + 4); /* sizes, and up to a multiple of 16 */
        uint64_t len = read_ranges(&set, &code);
        if (all.ran_out || set.ran_out || version != 2)
            break;
        read_unit(&t, at, &unit);
        area_of(unit.folder, unit.file, name);
        if (len > 0)
            add(out, name, len);
    }
    qsort(out->area, out->n, sizeof out->area[0], larger_first);
}
