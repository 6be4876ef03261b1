/* SPDX-License-Identifier: ISC */
#ifndef ABI_SPT_H
#define ABI_SPT_H

/* What a tender of the sandboxed-process target hands to the image. The image's
 * memory is mapped at its own addresses; it is entered at e_entry with the stack
 * at the top of memory and the address of the boot info in the first argument
 * register. */

#include <abi/manifest.h>
#include <abi/note.h>
#include <stdint.h>

#define SPT_MEM_START    0x10000U /* below is unmapped */
#define SPT_BOOT_INFO_AT 0x11000U

/* epoll data: a network device's handle, or this for the timer. */
#define SPT_TIMER_EVENT 0xFFFFFFFEULL

struct spt_boot_info {
    uint64_t mem_size;   /* octets: memory is [SPT_MEM_START, mem_size) */
    uint64_t kernel_end; /* where the image's segments end */
    const char *cmdline;
    const struct abi_manifest *manifest;
    int32_t epollfd;
    int32_t timerfd;
};
_Static_assert(sizeof(struct spt_boot_info) == 40, "spt boot info");

/* What our own tender offers beyond the contract stands right after the boot info,
 * where a stock tender has the manifest (whose first word is 1, so that the magic
 * number cannot be mistaken). The image uses a part when `len` covers it. */
#define SPT_MORE_MAGIC 0x3152545845505244ULL /* "DRPEXTR1" */
struct spt_more {
    uint64_t magic;
    uint32_t len;        /* octets of this structure that the tender filled in */
    uint32_t features;   /* by SPT_MORE_... */
    uint8_t entropy[64]; /* from the host's random number generator */
    uint8_t net[64];     /* by handle: what is on, of what the image's note understands */
};
_Static_assert(sizeof(struct spt_more) == 144, "spt_more");
/* Of block devices: fdatasync; fallocate of a hole; and a transfer of up to n octets for each n
 * of these, where it begins at least n before the end of the device: then it cannot go
 * beyond, whatever the length, and a filter of system calls can see that. */
#define SPT_MORE_BLOCKS 1U
#define SPT_BLOCK_BATCHES                                                                      \
    {                                                                                          \
        1U << 20, 1U << 16, 1U << 13                                                           \
    }
#define SPT_MORE_LEN_ENTROPY 80U /* with no more than that */

/* The other way round: where the image's memory begins, which the contract leaves free, an
 * image of ours says who of it can report a fault. Our tender calls that, on the handler's
 * stack, once it has said what it knows itself; the signal is blocked, so that a second fault
 * ends the process. When it returns, the process ends by the signal. */
#define SPT_REPORTER_AT    SPT_MEM_START
#define SPT_REPORTER_MAGIC 0x31544c4645505244ULL /* "DRPEFLT1" */
struct spt_reporter {
    uint64_t magic;
    uint64_t entry; /* of a function with the address of a struct spt_fault */
};

struct spt_fault {
    uint64_t signal, address; /* as the kernel tells them */
    uint64_t pc, sp, fp;      /* where it was: RIP, RSP, RBP */
};
_Static_assert(sizeof(struct spt_reporter) == 16 && sizeof(struct spt_fault) == 40,
               "spt fault");

#endif
