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
 * stack. %rbp is its caller's frame. On a stack of our own, with two frames made up so that
 * a backtrace begins with that function and its caller. */
    .section .text.morestack, "ax", @progbits
    .globl __morestack
    .type __morestack, @function
__morestack:
    movq %rsp, %rax
    leaq spt_emergency_stack_top(%rip), %rsp
    pushq 8(%rax)
    pushq %rbp
    movq %rsp, %rcx
    pushq (%rax)
    pushq %rcx
    movq %rsp, %rbp
    call spt_stack_overflow
    ud2
    .size __morestack, . - __morestack

/* The same, for memory that a function takes from its stack as it goes. */
    .globl __morestack_allocate_stack_space
    .type __morestack_allocate_stack_space, @function
__morestack_allocate_stack_space:
    jmp __morestack
    .size __morestack_allocate_stack_space, . - __morestack_allocate_stack_space

    .section .bss.emergency, "aw", @nobits
    .balign 16
    .skip 16384
spt_emergency_stack_top:

    .section .note.GNU-stack, "", @progbits
