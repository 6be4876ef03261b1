/* SPDX-License-Identifier: ISC */
/* Faults: all that runs at ring 0 once the image is sealed, on stacks of its own. What is known of
 * a fault is copied to where ring 3 can read it, and the image goes on at ring 3, in the
 * reporter. A second fault, or one at ring 0, ends the image here. */

#define GENERAL_PROTECTION 13
#define MSR_FS_BASE        0xc0000100
#define USER_HALF          0x8000 /* addresses from this << 32 on are not the image's */
#define REPORTED           hvt_ring0 + 688
#define PORT_PUTS          0x502
#define PORT_HALT          0x508

/* On a fault stack, once a vector and an error code are there. */
#define VECTOR 0
#define RIP    16
#define CS     24
#define RFLAGS 32
#define RSP    40

    .section .text.hvt_trap, "ax", @progbits

/* Where the processor goes, 16 octets for each vector. Some faults have no error code. */
    .balign 16
    .globl hvt_trap_entries
hvt_trap_entries:
    .set vector, 0
    .rept 32
    .balign 16
    .if (vector != 8) && (vector != 10) && (vector != 11) && (vector != 12) && (vector != 13) && (vector != 14) && (vector != 17) && (vector != 21)
    pushq $0
    .endif
    pushq $vector
    jmp trapped
    .set vector, vector + 1
    .endr

    .type trapped, @function
trapped:
    testb $3, CS(%rsp)
    jz ring0_failed
    cmpq $GENERAL_PROTECTION, VECTOR(%rsp)
    jne 1f
    cmpq $hvt_set_thread_pointer_here, RIP(%rsp)
    jne 1f
    cmpl $USER_HALF, %edx
    jb set_thread_pointer
1:  cmpq $0, REPORTED
    jne failed_again
    incq REPORTED

    movq %rax, hvt_report + 64
    movq %rbx, hvt_report + 72
    movq %rcx, hvt_report + 80
    movq %rdx, hvt_report + 88
    movq %rsi, hvt_report + 96
    movq %rdi, hvt_report + 104
    movq %rbp, hvt_report + 112
    movq %r8, hvt_report + 120
    movq %r9, hvt_report + 128
    movq %r10, hvt_report + 136
    movq %r11, hvt_report + 144
    movq %r12, hvt_report + 152
    movq %r13, hvt_report + 160
    movq %r14, hvt_report + 168
    movq %r15, hvt_report + 176
    movq %cr2, %rax
    movq %rax, hvt_report
    popq hvt_report + 56 /* vector */
    popq hvt_report + 8  /* error code */
    movq 0(%rsp), %rax
    movq %rax, hvt_report + 16
    movq 8(%rsp), %rax
    movq %rax, hvt_report + 24
    movq 16(%rsp), %rax
    movq %rax, hvt_report + 32
    movq 24(%rsp), %rax
    movq %rax, hvt_report + 40
    movq 32(%rsp), %rax
    movq %rax, hvt_report + 48

    movq $report, 0(%rsp)
    movq $2, 16(%rsp)
    movq limit_emergency_top, %rax
    movq %rax, 24(%rsp)
    iretq

set_thread_pointer:
    pushq %rcx
    movl $MSR_FS_BASE, %ecx
    wrmsr
    popq %rcx
    addq $2, RIP(%rsp)
    addq $16, %rsp
    iretq

ring0_failed:
    movl $ring0_failed_puts, %eax
    jmp 1f
failed_again:
    movl $failed_again_puts, %eax
1:  movl $PORT_PUTS, %edx
    outl %eax, %dx
    movl $halt_255, %eax
    movl $PORT_HALT, %edx
2:  outl %eax, %dx
    jmp 2b
    .size trapped, . - trapped

/* At ring 3, at the top of the emergency stack: below a frame made up for the function at
 * fault, so that a backtrace has it. (A backtrace takes addresses for those behind a call.) */
    .type report, @function
report:
    movq hvt_report + 16, %rax
    incq %rax
    pushq %rax
    pushq hvt_report + 112
    movq %rsp, %rbp
    call hvt_fault
    ud2
    .size report, . - report

    .section .rodata.hvt_trap, "a", @progbits
    .balign 8
ring0_failed_puts:
    .quad ring0_failed_text, ring0_failed_end - ring0_failed_text
failed_again_puts:
    .quad failed_again_text, failed_again_end - failed_again_text
halt_255:
    .quad 0
    .long 255, 0
ring0_failed_text:
    .ascii "The image's fault handler failed.\n"
ring0_failed_end:
failed_again_text:
    .ascii "The image failed again while its end was reported.\n"
failed_again_end:

    .section .note.GNU-stack, "", @progbits
