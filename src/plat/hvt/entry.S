/* SPDX-License-Identifier: ISC */
/* The ways between the rings. The tender enters at _start, at ring 0, with the boot info's
 * address in %rdi and the stack at the top of memory. */

#define MSR_EFER    0xc0000080
#define EFER_NXE    0x800
#define MSR_FS_BASE 0xc0000100

/* ring0.h */
#define KERNEL_DATA 0x10
#define USER_DATA   0x1b /* with the ring, 3 */
#define USER_CODE   0x23
#define TSS         0x28
#define GDT_AT      0
#define FAULT_AT    64
#define BEGIN_AT    576
#define GDT_LEN     64
#define FAULT_LEN   512
#define BEGIN_LEN   112

    .section .text.start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    xorl %ebp, %ebp
    andq $-16, %rsp
    call hvt_begin
    movq %rax, %rsi

    movl $MSR_EFER, %ecx
    rdmsr
    orl $EFER_NXE, %eax
    wrmsr
    movq $hvt_ring0 + 4096, %rsp /* the tender's stack is not in these tables */
    movq %rsi, %cr3
    lgdt gdt_register(%rip)
    lidt begin_register(%rip)
    movl $TSS, %eax
    ltr %ax
    movl $USER_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs

    /* Drops, onto a stack in the report's page. */
    pushq $USER_DATA
    pushq $hvt_report + 4096 - 8
    pushq $2
    pushq $USER_CODE
    pushq $hvt_start
    iretq
    .size _start, . - _start

/* At ring 3: an instruction that is none leads to the gate below, once. */
    .section .text.hvt_seal, "ax", @progbits
    .globl hvt_seal
    .type hvt_seal, @function
hvt_seal:
    ud2
    ret
    .size hvt_seal, . - hvt_seal

/* The page tables in %rdi come into force, and the gates for faults. */
    .globl hvt_seal_gate
    .type hvt_seal_gate, @function
hvt_seal_gate:
    movq %rdi, %cr3
    lidt fault_register(%rip)
    addq $2, (%rsp)
    iretq
    .size hvt_seal_gate, . - hvt_seal_gate

/* At ring 3: trap.S recognises the instruction by its address, does it, and comes back. It
 * works on every processor, which an instruction for the thread pointer does not. */
    .section .text.hvt_set_thread_pointer, "ax", @progbits
    .globl hvt_set_thread_pointer, hvt_set_thread_pointer_here
    .type hvt_set_thread_pointer, @function
hvt_set_thread_pointer:
    movl $MSR_FS_BASE, %ecx
    movl %edi, %eax
    movq %rdi, %rdx
    shrq $32, %rdx
hvt_set_thread_pointer_here:
    wrmsr
    ret
    .size hvt_set_thread_pointer, . - hvt_set_thread_pointer

    .section .text.hvt_continue, "ax", @progbits
    .globl hvt_continue
    .type hvt_continue, @function
hvt_continue:
    movq %rdi, %rsp
    xorl %ebp, %ebp
    pushq $0
    jmp *%rsi
    .size hvt_continue, . - hvt_continue

    .section .rodata.hvt_descriptors, "a", @progbits
    .balign 8
gdt_register:
    .word GDT_LEN - 1
    .quad hvt_ring0 + GDT_AT
    .balign 8
begin_register:
    .word BEGIN_LEN - 1
    .quad hvt_ring0 + BEGIN_AT
    .balign 8
fault_register:
    .word FAULT_LEN - 1
    .quad hvt_ring0 + FAULT_AT

/* The task state: the fault stacks, in ring 0's page, and the ports that ring 3 may use: 0x500
 * to 0x5ff and 0x600 to 0x603, one bit each, 0 meaning yes. (The processor wants an octet of
 * ones at the end.) It is only ever read. */
    .balign 16
    .globl hvt_tss, hvt_tss_end
hvt_tss:
    .long 0
    .quad hvt_ring0 + 2560, 0, 0
    .quad 0
    .quad hvt_ring0 + 2560, hvt_ring0 + 4096, 0, 0, 0, 0, 0
    .quad 0
    .word 0, ports - hvt_tss
ports:
    .fill 0x500 / 8, 1, 0xff
    .fill 0x100 / 8, 1, 0x00
    .byte 0xf0, 0xff
hvt_tss_end:

    .section .note.GNU-stack, "", @progbits
