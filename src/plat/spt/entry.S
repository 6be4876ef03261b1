/* SPDX-License-Identifier: ISC */
/* The tender enters here, with the boot info's address in %rdi and the stack at the
 * top of memory; and what the stack checks of compiled code call when there is no room left. */

    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    xorl %ebp, %ebp
    andq $-16, %rsp
    call spt_start
    ud2
    .size _start, . - _start

/* A function whose frame does not fit calls this first of all, before it has touched its
 * stack; %rbp is its caller's frame. On a stack of our own, below a frame made up for the
 * caller, so that a backtrace has both. */
    .section .text.morestack, "ax", @progbits
    .globl __morestack
    .type __morestack, @function
__morestack:
    movq %rsp, %rax
    leaq spt_emergency_stack_top(%rip), %rsp
    pushq 8(%rax)
    pushq %rbp
    movq %rsp, %rbp
    jmp overflowed
    .size __morestack, . - __morestack

/* The same for what a function takes from its stack as it goes: %rbp is its own frame. */
    .globl __morestack_allocate_stack_space
    .type __morestack_allocate_stack_space, @function
__morestack_allocate_stack_space:
    movq %rsp, %rax
    leaq spt_emergency_stack_top(%rip), %rsp
overflowed:
    pushq (%rax)
    pushq %rbp
    movq %rsp, %rbp
    call spt_stack_overflow
    ud2
    .size __morestack_allocate_stack_space, . - __morestack_allocate_stack_space

    .section .bss.emergency, "aw", @nobits
    .balign 16
    .skip 16384
spt_emergency_stack_top:

    .section .note.GNU-stack, "", @progbits
