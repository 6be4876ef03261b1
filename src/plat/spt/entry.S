/* SPDX-License-Identifier: ISC */
/* The tender enters here, with the boot info's address in %rdi and the stack at the
 * top of memory. */

    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    xorl %ebp, %ebp
    andq $-16, %rsp
    call spt_start
    ud2
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
