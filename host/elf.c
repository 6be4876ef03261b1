/* SPDX-License-Identifier: ISC */
#include "host/elf.h"
#include "host/le.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Where the octets come from -------------------------------------------- */

int elf_source_file(int fd, struct elf_source *out, struct error *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail_errno(e, "cannot be examined");
    if (!S_ISREG(st.st_mode))
        return fail(e, "not an image: not a regular file");
    *out = (struct elf_source){.len = (uint64_t)st.st_size, .fd = fd};
    return 0;
}

struct elf_source elf_source_view(struct bytes octets)
{
    return (struct elf_source){.len = octets.len, .fd = -1, .octets = octets};
}

static int read_file(int fd, uint64_t at, uint8_t *to, size_t len, struct error *e)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, to + done, len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "cannot be read");
        if (n == 0)
            return fail(e, "the image became shorter while it was read");
        done += (size_t)n;
    }
    return 0;
}

/* Reads [at, at + len), all of it or fails. `what` is for the message. */
static int read_at(const struct elf_source *s, uint64_t at, void *to, size_t len,
                   const char *what, struct error *e)
{
    if (at > s->len || len > s->len - at)
        return fail(e, "the image is cut short: its %s is not there", what);
    if (s->fd >= 0)
        return read_file(s->fd, at, to, len, e);
    if (len > 0)
        memcpy(to, s->octets.at + at, len);
    return 0;
}

/* ---- The file header ------------------------------------------------------- */

struct headers {
    uint64_t at; /* of the program headers */
    unsigned count;
};

static int check_ident(struct bytes id, struct error *e)
{
    if (id.len < EI_NIDENT || memcmp(id.at, ELFMAG, SELFMAG) != 0)
        return fail(e, "not an image: not an ELF file");
    if (id.at[EI_CLASS] != ELFCLASS64 || id.at[EI_DATA] != ELFDATA2LSB)
        return fail(e, "not an image: not a 64-bit little-endian ELF file");
    if (id.at[EI_VERSION] != EV_CURRENT)
        return fail(e, "not an image: ELF version %u", id.at[EI_VERSION]);
    return 0;
}

static int parse_header(struct bytes in, struct elf_image *out, struct headers *h,
                        struct error *e)
{
    struct reader r = reader_of(in);
    if (check_ident(read_bytes(&r, EI_NIDENT), e) != 0)
        return -1;
    uint16_t type = read_le16(&r), machine = read_le16(&r);
    uint32_t version = read_le32(&r);
    out->entry = read_le64(&r);
    h->at = read_le64(&r);
    (void)read_bytes(&r, 8 + 4); /* section headers, flags */
    uint16_t size = read_le16(&r), header_size = read_le16(&r);
    h->count = read_le16(&r);
    if (r.ran_out)
        return fail(e, "not an image: its ELF header is cut short");
    if (type != ET_EXEC)
        return fail(
            e, "not an image: its ELF type is %u, not %d (an executable at fixed addresses)",
            type, ET_EXEC);
    if (machine != EM_X86_64)
        return fail(e, "the image is for another machine (ELF machine %u, not x86_64)",
                    machine);
    if (version != EV_CURRENT || size != sizeof(Elf64_Ehdr) ||
        header_size != sizeof(Elf64_Phdr))
        return fail(e, "not an image: its ELF header is malformed");
    if (h->count < 1 || h->count > ELF_HEADERS_MAX)
        return fail(e, "the image has %u program headers, not 1 to %d", h->count,
                    ELF_HEADERS_MAX);
    if (out->entry < ABI_LOAD_MIN)
        return fail(e, "the image's entry %#lx is below %#x", out->entry, ABI_LOAD_MIN);
    return 0;
}

/* ---- Segments -------------------------------------------------------------- */

struct program_header {
    uint32_t type, flags;
    uint64_t offset, at, file_len, mem_len, align;
};

static struct program_header read_program_header(struct reader *r)
{
    struct program_header p;
    p.type = read_le32(r);
    p.flags = read_le32(r);
    p.offset = read_le64(r);
    p.at = read_le64(r);
    (void)read_le64(r); /* physical address */
    p.file_len = read_le64(r);
    p.mem_len = read_le64(r);
    p.align = read_le64(r);
    return p;
}

/* The pages [start, end) that the segment takes, without overflow. */
static int place(const struct program_header *p, struct elf_segment *s, struct error *e)
{
    uint64_t end;
    if (p->align == 0 || (p->align & (p->align - 1)) != 0)
        return fail(e, "the segment at %#lx has an alignment that is no power of 2", p->at);
    s->start = p->at & ~(p->align - 1);
    if (s->start < ABI_LOAD_MIN)
        return fail(e, "the segment at %#lx begins below %#x", p->at, ABI_LOAD_MIN);
    if (p->mem_len < p->file_len)
        return fail(e, "the segment at %#lx is larger in the file than in memory", p->at);
    if (__builtin_add_overflow(p->at, p->mem_len, &end) ||
        __builtin_add_overflow(end, p->align - 1, &end))
        return fail(e, "the segment at %#lx goes round the end of memory", p->at);
    s->end = end & ~(p->align - 1);
    if (s->start % ELF_PAGE != 0 || s->end % ELF_PAGE != 0)
        return fail(e, "the segment at %#lx does not begin and end at a page", p->at);
    return 0;
}

static int add_segment(const struct program_header *p, uint64_t file_len, struct elf_image *out,
                       struct error *e)
{
    struct elf_segment s = {.offset = p->offset,
                            .file_len = p->file_len,
                            .at = p->at,
                            .mem_len = p->mem_len,
                            .flags = p->flags & (ELF_R | ELF_W | ELF_X)};
    if (place(p, &s, e) != 0)
        return -1;
    if (s.start < out->end)
        return fail(e, "the segment at %#lx overlaps the one before it", p->at);
    if ((s.flags & ELF_W) && (s.flags & ELF_X))
        return fail(e, "the segment at %#lx is both writable and executable", p->at);
    if (p->offset > file_len || p->file_len > file_len - p->offset)
        return fail(e, "the image is cut short: the segment at %#lx is not there", p->at);
    out->segment[out->segments++] = s;
    out->end = s.end;
    return 0;
}

/* ---- Notes ----------------------------------------------------------------- */

#define NOTE_HEADER_LEN 20 /* three words and the padded name */

/* The first note of each PT_NOTE is looked at, and others ignored, as Solo5 does. */
struct note {
    uint32_t type;
    uint32_t desc_len; /* octets, with the padding before an aligned descriptor */
    bool own;          /* ours, not Solo5's */
};

static bool parse_note_header(struct bytes in, struct note *out)
{
    struct reader r = reader_of(in);
    uint32_t name_len = read_le32(&r);
    out->desc_len = read_le32(&r);
    out->type = read_le32(&r);
    struct bytes name = read_bytes(&r, 8);
    if (r.ran_out || name_len != ABI_NOTE_NAME_LEN)
        return false;
    out->own = memcmp(name.at, ABI_NOTE_OWN_NAME, ABI_NOTE_NAME_LEN) == 0;
    return out->own || memcmp(name.at, ABI_NOTE_NAME, ABI_NOTE_NAME_LEN) == 0;
}

static int parse_abi(struct bytes desc, struct elf_image *out, struct error *e)
{
    struct reader r = reader_of(desc);
    out->abi.target = read_le32(&r);
    out->abi.version = read_le32(&r);
    out->abi.zero[0] = read_le32(&r);
    out->abi.zero[1] = read_le32(&r);
    return r.ran_out ? fail(e, "the image's ABI note is cut short") : 0;
}

static int parse_manifest(struct bytes desc, struct elf_image *out, struct error *e)
{
    struct reader r = reader_of(desc);
    (void)read_bytes(&r, ABI_NOTE_MANIFEST_DESC_AT - NOTE_HEADER_LEN);
    return r.ran_out ? fail(e, "the manifest is cut short")
                     : manifest_parse(read_rest(&r), &out->manifest, e);
}

static int parse_net(struct bytes desc, struct elf_image *out, struct error *e)
{
    struct reader r = reader_of(desc);
    out->net_features = read_le32(&r);
    out->block_features = read_le32(&r);
    return r.ran_out ? fail(e, "the image's note on networks is cut short") : 0;
}

/* The notes that are read: the first of each kind. */
static const struct kind {
    const char *name;
    bool own;
    uint32_t type, desc_max;
    int (*parse)(struct bytes desc, struct elf_image *out, struct error *e);
} kinds[] = {
    {"ABI", false, ABI_NOTE_ABI, ABI_NOTE_ABI_DESC_MAX, parse_abi},
    {"manifest", false, ABI_NOTE_MANIFEST, ABI_NOTE_MANIFEST_DESC_MAX, parse_manifest},
    {"network", true, ABI_NOTE_NET, ABI_NOTE_NET_DESC_MAX, parse_net},
};
enum { KIND_ABI, KIND_MANIFEST, KIND_NET, KINDS };

static unsigned kind_of(const struct note *n)
{
    unsigned k = 0;
    while (k < KINDS && (kinds[k].own != n->own || kinds[k].type != n->type))
        k++;
    return k;
}

static int read_note(const struct elf_source *s, const struct program_header *p,
                     struct elf_image *out, bool found[KINDS], struct error *e)
{
    uint8_t octets[ABI_NOTE_MANIFEST_DESC_MAX];
    struct note n;
    if (p->file_len < NOTE_HEADER_LEN)
        return 0;
    if (read_at(s, p->offset, octets, NOTE_HEADER_LEN, "note", e) != 0)
        return -1;
    if (!parse_note_header(bytes_of(octets, NOTE_HEADER_LEN), &n))
        return 0;
    unsigned k = kind_of(&n);
    if (k == KINDS || found[k])
        return 0;
    if (n.desc_len > kinds[k].desc_max || n.desc_len > p->file_len - NOTE_HEADER_LEN)
        return fail(e, "the image's %s note has a wrong length", kinds[k].name);
    if (read_at(s, p->offset + NOTE_HEADER_LEN, octets, n.desc_len, "note", e) != 0)
        return -1;
    found[k] = true;
    return kinds[k].parse(bytes_of(octets, n.desc_len), out, e);
}

/* ---- All of it ------------------------------------------------------------- */

static int parse_program_headers(const struct elf_source *s, struct bytes in,
                                 struct elf_image *out, struct error *e)
{
    struct reader r = reader_of(in);
    bool found[KINDS] = {false};
    while (reader_left(&r) > 0) {
        struct program_header p = read_program_header(&r);
        int bad = 0;
        /* A segment without octets in the file is not looked at: memory is zeroed. */
        if (p.type == PT_LOAD && p.file_len > 0)
            bad = add_segment(&p, s->len, out, e);
        else if (p.type == PT_NOTE)
            bad = read_note(s, &p, out, found, e);
        if (bad)
            return -1;
    }
    if (!found[KIND_ABI])
        return fail(e, "not an image: it has no Solo5 ABI note");
    return found[KIND_MANIFEST] ? 0 : fail(e, "not an image: it has no Solo5 manifest");
}

int elf_parse(const struct elf_source *s, struct elf_image *out, struct error *e)
{
    uint8_t header[sizeof(Elf64_Ehdr)];
    uint8_t table[ELF_HEADERS_MAX * sizeof(Elf64_Phdr)];
    struct headers h;
    size_t len = s->len < sizeof header ? (size_t)s->len : sizeof header;
    out->segments = 0;
    out->end = 0;
    out->net_features = out->block_features = 0;
    if (read_at(s, 0, header, len, "ELF header", e) != 0 ||
        parse_header(bytes_of(header, len), out, &h, e) != 0)
        return -1;
    size_t table_len = h.count * sizeof(Elf64_Phdr);
    if (read_at(s, h.at, table, table_len, "table of program headers", e) != 0)
        return -1;
    return parse_program_headers(s, bytes_of(table, table_len), out, e);
}

const char *elf_target_text(uint32_t target)
{
    static const char *const text[] = {
        [ABI_TARGET_HVT] = "hvt",       [ABI_TARGET_SPT] = "spt",
        [ABI_TARGET_VIRTIO] = "virtio", [ABI_TARGET_MUEN] = "muen",
        [ABI_TARGET_GENODE] = "genode", [ABI_TARGET_XEN] = "xen"};
    return target < sizeof text / sizeof text[0] && text[target] ? text[target] : "unknown";
}

int elf_require(const struct elf_image *i, enum abi_target target, uint32_t version,
                struct error *e)
{
    if (i->abi.target != (uint32_t)target)
        return fail(e, "the image is for the target %s (%u), not %s",
                    elf_target_text(i->abi.target), i->abi.target, elf_target_text(target));
    if (i->abi.version != version)
        return fail(e, "the image asks for version %u of the %s ABI; this tender offers %u",
                    i->abi.version, elf_target_text(target), version);
    return 0;
}

int elf_open(const char *path, enum abi_target target, uint32_t version,
             struct elf_source *source, struct elf_image *image, struct error *e)
{
    /* O_NONBLOCK: a FIFO must not hold the tender up; files do not know it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail_errno(e, "%s: cannot be opened", path);
    if (elf_source_file(fd, source, e) == 0 && elf_parse(source, image, e) == 0 &&
        elf_require(image, target, version, e) == 0)
        return 0;
    close(fd);
    return fail_about(e, path);
}

int elf_fits(const struct elf_image *i, uint64_t mem_size, struct error *e)
{
    if (i->end > mem_size || i->entry >= mem_size)
        return fail(e, "the image needs more than %lu MB of memory: give it more with --mem=MB",
                    (unsigned long)(mem_size >> 20));
    return 0;
}

int elf_load(const struct elf_source *s, const struct elf_image *i, uint8_t *mem,
             struct error *e)
{
    for (unsigned n = 0; n < i->segments; n++) {
        const struct elf_segment *g = &i->segment[n];
        if (read_at(s, g->offset, mem + g->at, g->file_len, "segment", e) != 0)
            return -1;
    }
    return 0;
}
