/* SPDX-License-Identifier: ISC */
#include "tender/hvt/gdb_registers.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A register: where it is in struct cpu, how many octets it has there, and in packets. */
struct place {
    const char *name, *type;
    size_t at;
    uint8_t here, there;
    bool fixed; /* told, never set */
};

#define FX(field) (offsetof(struct cpu, fx) + offsetof(struct cpu_fxsave, field))
#define GENERAL(name, n)                                                                       \
    {                                                                                          \
        name, "int64", offsetof(struct cpu, general) + 8 * (n), 8, 8, false                    \
    }
#define SEGMENT(name, n)                                                                       \
    {                                                                                          \
        name, "int32", offsetof(struct cpu, segment) + 8 * (n), 4, 4, true                     \
    }
#define ST(n)                                                                                  \
    {                                                                                          \
        "st" #n, "i387_ext", FX(st) + 16 * (n), 10, 10, false                                  \
    }
#define XMM(n)                                                                                 \
    {                                                                                          \
        "xmm" #n, "vec128", FX(xmm) + 16 * (n), 16, 16, false                                  \
    }

static const struct place core[] = {
    GENERAL("rax", CPU_RAX),
    GENERAL("rbx", CPU_RBX),
    GENERAL("rcx", CPU_RCX),
    GENERAL("rdx", CPU_RDX),
    GENERAL("rsi", CPU_RSI),
    GENERAL("rdi", CPU_RDI),
    GENERAL("rbp", CPU_RBP),
    GENERAL("rsp", CPU_RSP),
    GENERAL("r8", 8),
    GENERAL("r9", 9),
    GENERAL("r10", 10),
    GENERAL("r11", 11),
    GENERAL("r12", 12),
    GENERAL("r13", 13),
    GENERAL("r14", 14),
    GENERAL("r15", 15),
    {"rip", "code_ptr", offsetof(struct cpu, rip), 8, 8, false},
    {"eflags", "int32", offsetof(struct cpu, rflags), 4, 4, false},
    SEGMENT("cs", CPU_CS),
    SEGMENT("ss", CPU_SS),
    SEGMENT("ds", CPU_DS),
    SEGMENT("es", CPU_ES),
    SEGMENT("fs", CPU_FS),
    SEGMENT("gs", CPU_GS),
    ST(0),
    ST(1),
    ST(2),
    ST(3),
    ST(4),
    ST(5),
    ST(6),
    ST(7),
    {"fctrl", "int", FX(control), 2, 4, false},
    {"fstat", "int", FX(status), 2, 4, false},
    {"ftag", "int", FX(tags), 1, 4, true},
    {"fiseg", "int", FX(zero), 1, 4, true},
    {"fioff", "int", FX(instruction), 4, 4, true},
    {"foseg", "int", FX(zero), 1, 4, true},
    {"fooff", "int", FX(operand), 4, 4, true},
    {"fop", "int", FX(opcode), 2, 4, true},
};

static const struct place vectors[] = {
    XMM(0),
    XMM(1),
    XMM(2),
    XMM(3),
    XMM(4),
    XMM(5),
    XMM(6),
    XMM(7),
    XMM(8),
    XMM(9),
    XMM(10),
    XMM(11),
    XMM(12),
    XMM(13),
    XMM(14),
    XMM(15),
    {"mxcsr", "int", FX(mxcsr), 4, 4, false},
};

static const struct place bases[] = {
    {"fs_base", "int", offsetof(struct cpu, fs_base), 8, 8, false},
    {"gs_base", "int", offsetof(struct cpu, gs_base), 8, 8, false},
};

#define COUNT(array) ((unsigned)(sizeof(array) / sizeof(array)[0]))

unsigned gdb_register_count(void)
{
    return COUNT(core) + COUNT(vectors) + COUNT(bases);
}

static const struct place *place(unsigned n)
{
    if (n < COUNT(core))
        return &core[n];
    n -= COUNT(core);
    if (n < COUNT(vectors))
        return &vectors[n];
    n -= COUNT(vectors);
    return n < COUNT(bases) ? &bases[n] : NULL;
}

/* Two bits for each x87 register: 3 says that it is empty. FXSAVE has one, for "in use". */
static uint16_t whole_tags(uint8_t used)
{
    uint16_t tags = 0;
    for (unsigned i = 0; i < 8; i++)
        if (!(used >> i & 1))
            tags = (uint16_t)(tags | 3U << 2 * i);
    return tags;
}

size_t gdb_register_get(const struct cpu *cpu, unsigned n, uint8_t out[GDB_REGISTER_MAX])
{
    const struct place *p = place(n);
    if (!p)
        return 0;
    memset(out, 0, GDB_REGISTER_MAX);
    memcpy(out, (const uint8_t *)cpu + p->at, p->here);
    if (p->at == FX(tags)) {
        uint16_t tags = whole_tags(cpu->fx.tags);
        memcpy(out, &tags, sizeof tags);
    }
    return p->there;
}

bool gdb_register_set(struct cpu *cpu, unsigned n, struct bytes value)
{
    const struct place *p = place(n);
    if (!p || value.len != p->there)
        return false;
    if (p->fixed) { /* A debugger that sets all of them sends what it was told. */
        uint8_t now[GDB_REGISTER_MAX];
        (void)gdb_register_get(cpu, n, now);
        return memcmp(now, value.at, value.len) == 0;
    }
    memcpy((uint8_t *)cpu + p->at, value.at, p->here);
    return true;
}

/* ---- The description ------------------------------------------------------- */

struct description {
    size_t len;
    char text[6000];
};

static void put(struct description *d, const char *s)
{
    size_t len = strlen(s);
    if (len < sizeof d->text - d->len) {
        memcpy(d->text + d->len, s, len);
        d->len += len;
    }
}

static void put_registers(struct description *d, const struct place *p, unsigned count)
{
    char line[100];
    for (unsigned i = 0; i < count; i++) {
        snprintf(line, sizeof line, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"/>", p[i].name,
                 p[i].there * 8U, p[i].type);
        put(d, line);
    }
    put(d, "</feature>");
}

struct bytes gdb_description(void)
{
    static struct description d;
    if (d.len > 0)
        return bytes_of((const uint8_t *)d.text, d.len);
    put(&d, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>"
            "<architecture>i386:x86-64</architecture>"
            "<feature name=\"org.gnu.gdb.i386.core\">");
    put_registers(&d, core, COUNT(core));
    put(&d,
        "<feature name=\"org.gnu.gdb.i386.sse\">"
        "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
        "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
        "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
        "<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
        "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
        "<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
        "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/>"
        "<field name=\"v2_double\" type=\"v2d\"/><field name=\"v16_int8\" type=\"v16i8\"/>"
        "<field name=\"v8_int16\" type=\"v8i16\"/><field name=\"v4_int32\" type=\"v4i32\"/>"
        "<field name=\"v2_int64\" type=\"v2i64\"/><field name=\"uint128\" type=\"uint128\"/>"
        "</union>");
    put_registers(&d, vectors, COUNT(vectors));
    put(&d, "<feature name=\"org.gnu.gdb.i386.segments\">");
    put_registers(&d, bases, COUNT(bases));
    put(&d, "</target>");
    return bytes_of((const uint8_t *)d.text, d.len);
}
