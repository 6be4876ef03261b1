/* SPDX-License-Identifier: ISC */
#include "rt/switch.h"

/* Saves what the System V ABI says a call preserves: six registers, the control
 * words of SSE and x87, and the stack pointer. The control words are loaded only where
 * they differ, since loading them is slow and they all but never do. */
__asm__(".text\n"
        ".globl switch_stacks\n"
        ".hidden switch_stacks\n"
        ".type switch_stacks, @function\n"
        ".p2align 4\n"
        "switch_stacks:\n"
        "    endbr64\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    subq $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movl (%rsp), %eax\n"
        "    movzwl 4(%rsp), %ecx\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    cmpl %eax, (%rsp)\n"
        "    jne 1f\n"
        "    cmpw %cx, 4(%rsp)\n"
        "    jne 1f\n"
        "2:  addq $8, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        "1:  ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    jmp 2b\n"
        ".size switch_stacks, . - switch_stacks\n"
        ".section .note.GNU-stack, \"\", @progbits\n"
        ".text\n");

/* What switch_stacks pops, lowest address first. */
struct frame {
    uint32_t mxcsr;
    uint16_t x87, unused;
    uint64_t r15, r14, r13, r12, rbx, rbp;
    uint64_t pc;
    uint64_t end; /* where a caller's address would be: backtraces stop here */
};

void *switch_prepare(void *top, void (*entry)(void))
{
    /* At its first instruction a function finds rsp 8 below a multiple of 16. */
    struct frame *f = (struct frame *)top - 1;
    *f = (struct frame){.pc = (uint64_t)(uintptr_t)entry};
    __asm__("stmxcsr %0\n fnstcw %1" : "=m"(f->mxcsr), "=m"(f->x87));
    return f;
}
