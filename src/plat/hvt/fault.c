/* SPDX-License-Identifier: ISC */
/* The reporter of faults, at ring 3: trap.S leaves what is known in hvt_report. */
#include "plat/bare/limit.h"
#include "plat/hvt/hvt.h"
#include "plat/plat.h"

#include <string.h>

#define PAGE_FAULT 14U
/* In a page fault's error code. */
#define WAS_MAPPED    1U
#define WAS_WRITE     2U
#define WAS_EXECUTION 16U

struct text {
    size_t len;
    char at[400];
};

static const char *const names[] = {
    "divide error",
    "debug",
    "non-maskable interrupt",
    "breakpoint",
    "overflow",
    "bound range exceeded",
    "invalid opcode",
    "no coprocessor",
    "double fault",
    "coprocessor overrun",
    "invalid task state",
    "segment not present",
    "stack segment fault",
    "general protection",
    "page fault",
    "reserved",
    "floating-point error",
    "misaligned access",
    "machine check",
    "SIMD floating-point error",
};

static const struct {
    const char *name;
    size_t at;
} registers[] = {
#define R(field)                                                                               \
    {                                                                                          \
#field, offsetof(struct hvt_report, field)                                             \
    }
    R(rax),
    R(rbx),
    R(rcx),
    R(rdx),
    R(rsi),
    R(rdi),
    R(rbp),
    R(r8),
    R(r9),
    R(r10),
    R(r11),
    R(r12),
    R(r13),
    R(r14),
    R(r15),
    {"rsp", offsetof(struct hvt_report, trap.rsp)},
    {"rip", offsetof(struct hvt_report, trap.rip)},
    {"rflags", offsetof(struct hvt_report, trap.rflags)},
    {"cr2", offsetof(struct hvt_report, trap.cr2)},
#undef R
};

static void put(struct text *t, const char *s)
{
    while (*s && t->len < sizeof t->at - 1)
        t->at[t->len++] = *s++;
    t->at[t->len] = '\0';
}

static void put_hex(struct text *t, uint64_t value)
{
    char digits[17];
    unsigned n = sizeof digits - 1;
    digits[n] = '\0';
    do
        digits[--n] = "0123456789abcdef"[value & 15];
    while (value >>= 4);
    put(t, "0x");
    put(t, digits + n);
}

/* Four to a line. */
static void say_registers(const struct hvt_report *r)
{
    struct text t = {0};
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        uint64_t value;
        memcpy(&value, (const uint8_t *)r + registers[i].at, sizeof value);
        put(&t, "  ");
        put(&t, registers[i].name);
        put(&t, "=");
        put_hex(&t, value);
        if (i % 4 == 3)
            put(&t, "\n");
        if (t.len > 200 || i + 1 == sizeof registers / sizeof registers[0]) {
            if (t.at[t.len - 1] != '\n')
                put(&t, i % 4 == 3 ? "" : "\n");
            plat_console_write(t.at, t.len);
            t.len = 0;
        }
    }
}

static void describe(struct text *t, const struct hvt_report *r)
{
    uint64_t code = r->trap.error_code;
    bool named = r->vector < sizeof names / sizeof names[0];
    put(t, named ? names[r->vector] : "unknown fault");
    if (r->vector == PAGE_FAULT) {
        put(t, code & WAS_EXECUTION ? ": executing "
               : code & WAS_WRITE   ? ": writing "
                                    : ": reading ");
        put_hex(t, r->trap.cr2);
        put(t, code & WAS_MAPPED ? ", which is not allowed" : ", where nothing is mapped");
    }
    put(t, " (vector ");
    put_hex(t, r->vector);
    put(t, ", error code ");
    put_hex(t, code);
    put(t, ") at ");
    put_hex(t, r->trap.rip);
}

_Noreturn void hvt_fault(void)
{
    const struct hvt_report *r = &hvt_report;
    struct text t = {0};
    hvt_report.magic = HVT_REPORT_MAGIC;
    limit_emergency();
    describe(&t, r);
    say_registers(r);
    if (r->vector == PAGE_FAULT && hvt_is_guard(r->trap.cr2))
        rt_stack_overflow();
    rt_fault(t.at);
}
