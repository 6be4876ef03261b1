/* SPDX-License-Identifier: ISC */
/* What the stack checks of compiled code call when there is no room left (bare/limit.h). */

/* A function whose frame does not fit calls this first of all, before it has touched its
 * stack; %rbp is its caller's frame. On a stack of our own, below a frame made up for the
 * caller, so that a backtrace has both. */
    .section .text.morestack, "ax", @progbits
    .globl __morestack
    .type __morestack, @function
__morestack:
    movq %rsp, %rax
    movq limit_emergency_top(%rip), %rsp
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
    movq limit_emergency_top(%rip), %rsp
overflowed:
    pushq (%rax)
    pushq %rbp
    movq %rsp, %rbp
    call limit_overflow
    ud2
    .size __morestack_allocate_stack_space, . - __morestack_allocate_stack_space

    .section .note.GNU-stack, "", @progbits
