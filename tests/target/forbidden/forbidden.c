/* SPDX-License-Identifier: ISC */
/* Does what no image may: --do=NAME. What is tried must end the image. */
#include <drupe/app.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE       4096U
#define RET        0xc3
#define OTHER_PORT 0x80
#define DEEP       1000000

static const char *what;

extern uint8_t _end[]; /* the target's own memory begins here */

static uint8_t data[16] = {RET};
static const uint8_t *const constant = (const uint8_t *)"constant";

static void execute(void *at)
{
    *(volatile uint8_t *)at = RET;
    void (*volatile code)(void) = (void (*)(void))(uintptr_t)at;
    code();
}

static void execute_data(void)
{
    execute(data);
}

static void execute_heap(void)
{
    execute(malloc(16));
}

static void execute_stack(void)
{
    uint8_t here[16];
    execute(here);
}

/* (In assembly: compilers do not believe that address 8 is meant.) */
static void write_to(uintptr_t at)
{
    __asm__ volatile("movb $0, (%0)" : : "r"(at) : "memory");
}

static void read_from(uintptr_t at)
{
    uint8_t value;
    __asm__ volatile("movb (%1), %0" : "=q"(value) : "r"(at));
}

static void write_text(void)
{
    write_to((uintptr_t)write_text);
}

static void write_constants(void)
{
    write_to((uintptr_t)constant);
}

static void read_zero_page(void)
{
    read_from(8);
}

static void write_zero_page(void)
{
    write_to(8);
}

static void read_first_tables(void)
{
    read_from(0x2000);
}

static void write_boot_info(void)
{
    write_to(0x10000);
}

static void read_descriptors(void)
{
    read_from((uintptr_t)_end);
}

static void write_descriptors(void)
{
    write_to((uintptr_t)_end);
}

static void write_page_tables(void)
{
    write_to((uintptr_t)_end + 2 * PAGE);
}

static void overflow_stack(void)
{
    static volatile int depth = DEEP;
    volatile char frame[64];
    frame[0] = (char)depth;
    if (depth-- > 0)
        overflow_stack();
    frame[1] = frame[0];
}

/* One frame that is larger than a guard page. */
static void leap_over_guard(void)
{
    volatile char frame[100000];
    frame[0] = 1;
    (void)frame[0];
}

static void stop_processor(void)
{
    __asm__ volatile("hlt");
}

static void mask_interrupts(void)
{
    __asm__ volatile("cli");
}

static void read_page_tables_address(void)
{
    uintptr_t value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
}

static void set_page_tables(void)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"((uintptr_t)0x2000));
}

static void allow_all_writes(void)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"((uintptr_t)0x80000021));
}

static void set_interrupt_table(void)
{
    static const uint8_t none[10];
    __asm__ volatile("lidt %0" : : "m"(none));
}

static void write_model_register(void)
{
    __asm__ volatile("wrmsr" : : "c"(0xc0000080), "a"(0), "d"(0));
}

static void use_another_port(void)
{
    __asm__ volatile("outl %0, %w1" : : "a"(0), "d"(OTHER_PORT));
}

static void ask_another_port(void)
{
    uint32_t value;
    __asm__ volatile("inl %w1, %0" : "=a"(value) : "d"(OTHER_PORT));
}

static void ask_a_port_for_calls(void)
{
    uint32_t value;
    __asm__ volatile("inl %w1, %0" : "=a"(value) : "d"(0x501));
}

/* The tender is asked what time it is, and to write that there. */
static void have_it_written(uintptr_t at)
{
    __asm__ volatile("outl %0, %w1" : : "a"((uint32_t)at), "d"(0x501) : "memory");
}

static void have_text_written(void)
{
    have_it_written((uintptr_t)have_text_written);
}

static void have_boot_info_written(void)
{
    have_it_written(0x10000);
}

static void have_descriptors_written(void)
{
    have_it_written((uintptr_t)_end + 8);
}

static void have_page_tables_written(void)
{
    have_it_written((uintptr_t)_end + 2 * PAGE);
}

static void use_a_port_behind_the_last(void)
{
    __asm__ volatile("outl %0, %w1" : : "a"(0), "d"(0x604));
}

static void divide_by_zero(void)
{
    __asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0));
}

static void execute_nothing(void)
{
    __asm__ volatile("ud2");
}

static const struct {
    const char *name;
    void (*act)(void);
} acts[] = {
#define A(name)                                                                                \
    {                                                                                          \
#name, name                                                                            \
    }
    A(execute_data),
    A(execute_heap),
    A(execute_stack),
    A(write_text),
    A(write_constants),
    A(read_zero_page),
    A(write_zero_page),
    A(read_first_tables),
    A(write_boot_info),
    A(read_descriptors),
    A(write_descriptors),
    A(write_page_tables),
    A(overflow_stack),
    A(leap_over_guard),
    A(stop_processor),
    A(mask_interrupts),
    A(read_page_tables_address),
    A(set_page_tables),
    A(allow_all_writes),
    A(set_interrupt_table),
    A(write_model_register),
    A(use_another_port),
    A(use_a_port_behind_the_last),
    A(ask_another_port),
    A(ask_a_port_for_calls),
    A(have_text_written),
    A(have_boot_info_written),
    A(have_descriptors_written),
    A(have_page_tables_written),
    A(divide_by_zero),
    A(execute_nothing),
#undef A
};

static int forbidden(void)
{
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (what && strcmp(acts[i].name, what) == 0) {
            acts[i].act();
            printf("%s went unpunished\n", what);
            return 2;
        }
    printf("there is no such thing\n");
    return 3;
}

static const struct dr_arg args[] = {
    DR_ARG_STRING("do", &what, "NAME", "what to do"),
    DR_ARG_END,
};

const struct dr_app dr_app = {
    .name = "forbidden", .about = "Does what no image may.", .args = args, .main = forbidden};
