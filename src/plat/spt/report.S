/* SPDX-License-Identifier: ISC */
/* The tender calls this when the image has faulted, with a struct spt_fault in %rdi and on a stack
 * of the tender's. Below a frame made up for the function at fault, so that a backtrace has
 * it. (A backtrace takes addresses for those behind a call.) */

#define PC 16
#define FP 32

    .section .text.spt_fault, "ax", @progbits
    .globl spt_fault_enter
    .type spt_fault_enter, @function
spt_fault_enter:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, spt_fault_return
    movq PC(%rdi), %rax
    incq %rax
    pushq %rax
    pushq FP(%rdi)
    movq %rsp, %rbp
    subq $8, %rsp
    call spt_fault
    ud2
    .size spt_fault_enter, . - spt_fault_enter

/* From wherever the report has ended, back to the tender. */
    .globl spt_fault_leave
    .type spt_fault_leave, @function
spt_fault_leave:
    movq spt_fault_return, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret
    .size spt_fault_leave, . - spt_fault_leave

    .section .note.GNU-stack, "", @progbits
