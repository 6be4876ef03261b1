/* SPDX-License-Identifier: ISC */
#include "tender/hvt/gdb_points.h"

#define BREAK_INSTRUCTION 0xccU

static bool within(const struct memory *m, uint64_t at, uint64_t len)
{
    return at >= ELF_PAGE && at < m->allocated && len <= m->allocated - at;
}

/* ---- The processor's ------------------------------------------------------- */

static struct gdb_hardware *find_hardware(struct gdb_points *p, enum gdb_point_kind kind,
                                          uint64_t at, uint64_t len)
{
    for (unsigned i = 0; i < GDB_HARDWARE; i++) {
        struct gdb_hardware *h = &p->hardware[i];
        if (h->used && h->kind == kind && h->at == at && h->len == len)
            return h;
    }
    return NULL;
}

static struct gdb_hardware *free_hardware(struct gdb_points *p)
{
    for (unsigned i = 0; i < GDB_HARDWARE; i++)
        if (!p->hardware[i].used)
            return &p->hardware[i];
    return NULL;
}

/* ---- Instructions ---------------------------------------------------------- */

static struct gdb_software *find_software(struct gdb_points *p, enum gdb_point_kind kind,
                                          uint64_t at)
{
    for (unsigned i = 0; i < GDB_SOFTWARE; i++) {
        struct gdb_software *s = &p->software[i];
        if (s->used && s->kind == kind && s->at == at)
            return s;
    }
    return NULL;
}

static bool software_at(const struct gdb_points *p, uint64_t at, enum gdb_point_kind *kind)
{
    for (unsigned i = 0; i < GDB_SOFTWARE; i++)
        if (p->software[i].used && p->software[i].at == at) {
            *kind = p->software[i].kind;
            return true;
        }
    return false;
}

static bool insert_software(struct gdb_points *p, const struct memory *m,
                            enum gdb_point_kind kind, uint64_t at)
{
    uint8_t was;
    if (!gdb_points_read(p, m, at, &was, 1))
        return false;
    for (unsigned i = 0; i < GDB_SOFTWARE; i++)
        if (!p->software[i].used) {
            p->software[i] = (struct gdb_software){true, kind, at, was};
            m->at[at] = BREAK_INSTRUCTION;
            return true;
        }
    return false;
}

/* There may be another one at the same address. */
static void remove_software(struct gdb_points *p, struct gdb_software *s,
                            const struct memory *m)
{
    enum gdb_point_kind other;
    uint64_t at = s->at;
    s->used = false;
    m->at[at] = s->was;
    if (software_at(p, at, &other))
        m->at[at] = BREAK_INSTRUCTION;
}

/* One of the processor's that a breakpoint has which need not have it. */
static struct gdb_hardware *make_way(struct gdb_points *p, const struct memory *m)
{
    for (unsigned i = 0; i < GDB_HARDWARE; i++)
        if (p->hardware[i].kind == GDB_BREAK &&
            insert_software(p, m, GDB_BREAK, p->hardware[i].at))
            return &p->hardware[i];
    return NULL;
}

/* ---- Both ------------------------------------------------------------------ */

/* What the processor can watch: 1, 2, 4 or 8 octets at a multiple of that. */
static bool can_be_watched(uint64_t at, uint64_t len)
{
    return (len == 1 || len == 2 || len == 4 || len == 8) && at % len == 0;
}

static bool insert_hardware(struct gdb_points *p, const struct memory *m,
                            enum gdb_point_kind kind, uint64_t at, uint64_t len)
{
    if (p->use == GDB_USE_SOFTWARE || !can_be_watched(at, len))
        return false;
    if (find_hardware(p, kind, at, len))
        return true;
    struct gdb_hardware *h = free_hardware(p);
    if (!h && kind != GDB_BREAK)
        h = make_way(p, m);
    if (h)
        *h = (struct gdb_hardware){true, kind, at, (unsigned)len};
    return h;
}

static bool is_break(enum gdb_point_kind kind)
{
    return kind == GDB_BREAK || kind == GDB_HARDWARE_BREAK;
}

bool gdb_point_insert(struct gdb_points *p, const struct memory *m, enum gdb_point_kind kind,
                      uint64_t at, uint64_t len)
{
    bool breaks = is_break(kind);
    if (find_software(p, kind, at))
        return true;
    if ((kind != GDB_BREAK || p->use == GDB_USE_HARDWARE) &&
        insert_hardware(p, m, kind, at, breaks ? 1 : len))
        return true;
    return (kind == GDB_BREAK || (breaks && p->use == GDB_USE_SOFTWARE)) &&
           insert_software(p, m, kind, at);
}

bool gdb_point_remove(struct gdb_points *p, const struct memory *m, enum gdb_point_kind kind,
                      uint64_t at, uint64_t len)
{
    struct gdb_hardware *h = find_hardware(p, kind, at, is_break(kind) ? 1 : len);
    struct gdb_software *s = find_software(p, kind, at);
    if (h)
        *h = (struct gdb_hardware){0};
    if (s)
        remove_software(p, s, m);
    return true;
}

void gdb_points_remove_all(struct gdb_points *p, const struct memory *m)
{
    for (unsigned i = 0; i < GDB_SOFTWARE; i++)
        if (p->software[i].used)
            remove_software(p, &p->software[i], m);
    memset(p->hardware, 0, sizeof p->hardware);
}

void gdb_points_use_hardware(struct gdb_points *p, const struct memory *m)
{
    p->use = GDB_USE_HARDWARE;
    for (unsigned i = 0; i < GDB_SOFTWARE; i++) {
        struct gdb_software *s = &p->software[i];
        if (s->used && insert_hardware(p, m, s->kind, s->at, 1))
            remove_software(p, s, m);
    }
}

bool gdb_point_at(const struct gdb_points *p, uint64_t at, enum gdb_point_kind *kind)
{
    for (unsigned i = 0; i < GDB_HARDWARE; i++) {
        const struct gdb_hardware *h = &p->hardware[i];
        if (h->used && is_break(h->kind) && h->at == at) {
            *kind = h->kind;
            return true;
        }
    }
    return software_at(p, at, kind);
}

bool gdb_points_have_software(const struct gdb_points *p)
{
    for (unsigned i = 0; i < GDB_SOFTWARE; i++)
        if (p->software[i].used)
            return true;
    return false;
}

/* ---- Memory ---------------------------------------------------------------- */

bool gdb_points_read(const struct gdb_points *p, const struct memory *m, uint64_t at,
                     uint8_t *to, uint64_t len)
{
    if (!within(m, at, len))
        return false;
    memcpy(to, m->at + at, len);
    for (unsigned i = 0; i < GDB_SOFTWARE; i++) {
        const struct gdb_software *s = &p->software[i];
        if (s->used && s->at - at < len)
            to[s->at - at] = s->was;
    }
    return true;
}

bool gdb_points_write(struct gdb_points *p, const struct memory *m, uint64_t at,
                      struct bytes from)
{
    if (!within(m, at, from.len))
        return false;
    memcpy(m->at + at, from.at, from.len);
    for (unsigned i = 0; i < GDB_SOFTWARE; i++) {
        struct gdb_software *s = &p->software[i];
        if (s->used && s->at - at < from.len) {
            s->was = from.at[s->at - at];
            m->at[s->at] = BREAK_INSTRUCTION;
        }
    }
    return true;
}

/* ---- The processor's control register (DR7) --------------------------------- */

#define EXACT 0x600ULL /* bits 9 (exact data breakpoints) and 10 (always set) */

static uint64_t control(const struct gdb_hardware *h, unsigned i)
{
    static const uint8_t access[GDB_POINT_KINDS] = {0, 0, 1, 3, 3};
    static const uint8_t length[9] = {[1] = 0, [2] = 1, [4] = 3, [8] = 2};
    uint64_t four = (uint64_t)(access[h->kind] | length[h->len] << 2);
    return 2ULL << 2 * i | four << (16 + 4 * i);
}

uint64_t gdb_points_control(const struct gdb_points *p)
{
    uint64_t all = EXACT;
    for (unsigned i = 0; i < GDB_HARDWARE; i++)
        if (p->hardware[i].used)
            all |= control(&p->hardware[i], i);
    return all;
}
