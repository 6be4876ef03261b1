/* SPDX-License-Identifier: ISC */
#ifndef ABI_HVT_H
#define ABI_HVT_H

/* What a tender of the virtual-machine target and the image tell each other: Solo5's
 * hvt ABI, version 2, on x86_64. The image's physical memory begins at 0 and is mapped
 * to itself. It is entered at e_entry in long mode at ring 0, with interrupts off, the
 * stack 8 octets below the top of memory, and the address of the boot info in RDI.
 * A pointer of the image's is a 64-bit physical address in all structures. */

#include <abi/manifest.h>
#include <abi/note.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Low memory: written by the tender, and in the image's first page tables absent
 * below the boot info and read-only below ABI_LOAD_MIN -------------------------------- */

#define HVT_GDT_AT       0x1000U /* null, code, data: selectors 8 and 16 */
#define HVT_PML4_AT      0x2000U /* what CR3 has */
#define HVT_PDPT_AT      0x3000U
#define HVT_PD_AT        0x4000U /* four of them, for 4 GiB */
#define HVT_PT_AT        0x8000U /* the first 2 MiB, page by page */
#define HVT_BOOT_INFO_AT 0x10000U

#define HVT_MEM_STEP (2ULL << 20) /* memory is a multiple of it */
#define HVT_MEM_MAX  (4ULL << 30)

/* ---- Boot info --------------------------------------------------------------------- */

#define HVT_FEATURE_RING 1U /* in host_features: there may be a network ring */

struct hvt_boot_info {
    uint64_t mem_size;       /* octets that are the image's: [0, mem_size) */
    uint64_t kernel_end;     /* where the image's segments end */
    uint64_t cpu_cycle_freq; /* of the time-stamp counter, Hz */
    uint64_t cmdline;        /* address of a text that ends with a NUL */
    uint64_t manifest;       /* address of a struct abi_manifest */
    /* Later additions: an older tender has the manifest here. The image believes in the
     * ring only if both the bit and the address are there. */
    uint32_t host_features;
    uint32_t guest_features; /* never written: the page is read-only */
    uint64_t net_ring;       /* address of a struct hvt_ring, 0: none */
};
_Static_assert(sizeof(struct hvt_boot_info) == 56, "hvt boot info");
_Static_assert(offsetof(struct hvt_boot_info, cmdline) == 24, "hvt boot info");
_Static_assert(offsetof(struct hvt_boot_info, manifest) == 32, "hvt boot info");
_Static_assert(offsetof(struct hvt_boot_info, host_features) == 40, "hvt boot info");
_Static_assert(offsetof(struct hvt_boot_info, net_ring) == 48, "hvt boot info");

/* What our own tender offers beyond the contract stands right after the boot info,
 * where a stock tender has the manifest (which begins with 1, and cannot be mistaken
 * for the magic number). The image uses a part when `len` covers it. */
#define HVT_MORE_MAGIC 0x3154564850505244ULL /* "DRPPHVT1" */
struct hvt_more {
    uint64_t magic;
    uint32_t len;        /* octets of this structure that the tender filled in */
    uint32_t features;   /* HVT_MORE_...: what may be done beyond the contract */
    uint8_t entropy[64]; /* from the host's random number generator */
    uint8_t net[64];     /* by handle: what is on, of what the image's note understands */
};
_Static_assert(sizeof(struct hvt_more) == 144, "hvt_more");
#define HVT_MORE_LEN_ENTROPY 80U /* with no more than that */

#define HVT_MORE_RECEIVE 1U /* the call RECEIVE */
#define HVT_MORE_SEAL    2U /* the call SEAL */
#define HVT_MORE_SEND    8U /* the call SEND */
#define HVT_MORE_BLOCKS  4U /* any whole number of blocks a call; FLUSH and DISCARD */

/* ---- Hypercalls: OUT of 32 bits to port HVT_CALL_PORT + n, with the address of the
 * structure in EAX. An address range is good when it ends before mem_size: the very last
 * octet of memory cannot be named. A bad one, or any other port, ends the image. -------- */

#define HVT_CALL_PORT 0x500U

enum hvt_call {
    HVT_WALLTIME = 1,
    HVT_PUTS = 2,
    HVT_POLL = 3,
    HVT_BLOCK_WRITE = 4,
    HVT_BLOCK_READ = 5,
    HVT_NET_WRITE = 6,
    HVT_NET_READ = 7,
    HVT_HALT = 8,
    /* Ours, each where hvt_more offers it; far from what the contract may come to add. */
    HVT_RECEIVE = 0x80,
    HVT_SEAL = 0x81,
    HVT_FLUSH = 0x82,
    HVT_DISCARD = 0x83,
    HVT_SEND = 0x84,
};
#define HVT_CALLS     9    /* the contract's numbers are below this */
#define HVT_CALLS_END 0x85 /* all numbers are below this */

/* What a call leaves in `ret`. */
enum hvt_result {
    HVT_OK = 0,
    HVT_AGAIN = 1,   /* nothing there now */
    HVT_EINVAL = 2,  /* no such device, or not within it */
    HVT_EUNSPEC = 3, /* the host failed; of NET_READ: the other end is gone, said once */
    HVT_ENOTSUP = 4, /* ours: the host cannot do that */
};

struct hvt_walltime {
    uint64_t nsecs; /* out: since 1970 */
};

struct hvt_puts {
    uint64_t data;
    uint64_t len;
};

struct hvt_poll {
    uint64_t timeout_nsecs; /* from now */
    uint64_t ready_set;     /* out: bit 1 << handle of each network with a frame */
    int32_t ret;            /* out: how many */
    int32_t padding;
};

/* BLOCK_WRITE, BLOCK_READ. */
struct hvt_block {
    uint64_t handle;
    uint64_t offset; /* octets */
    uint64_t data;
    uint64_t len; /* octets; read: out too */
    int32_t ret;  /* out */
    int32_t padding;
};

/* NET_WRITE, NET_READ. */
struct hvt_net {
    uint64_t handle;
    uint64_t data;
    uint64_t len; /* octets of a frame with its Ethernet header; read: out too */
    int32_t ret;  /* out */
    int32_t padding;
};

#define HVT_COOKIE_LEN 512 /* octets that must be readable at a cookie */

struct hvt_halt {
    uint64_t cookie; /* address of a struct hvt_trap or hvt_report, or 0 */
    int32_t exit_status;
    int32_t padding;
};

/* What the image knows about the fault it ends for. */
struct hvt_trap {
    uint64_t cr2, error_code, rip, cs, rflags, rsp, ss;
};

/* Our images go on with the other registers. A stock image has anything there, so that the
 * magic number says which it is. */
#define HVT_REPORT_MAGIC 0x5047524550505244ULL /* "DRPPERGP" */
struct hvt_report {
    struct hvt_trap trap;
    uint64_t vector;
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t magic;
};
_Static_assert(offsetof(struct hvt_report, vector) == 56 &&
                   offsetof(struct hvt_report, r15) == 176 &&
                   offsetof(struct hvt_report, magic) == 184,
               "a fault's report");

/* RECEIVE: sends what is in the network ring, waits like POLL, and takes all frames that came
 * and have room: one exit for what else is three and two for each frame. An image that uses it
 * need not kick the ring before it waits.
 *
 * `data` is filled with one record after the other, from its beginning; each is a struct
 * hvt_frame and its frame, and begins at a multiple of HVT_FRAME_ALIGN from `data`. The tender
 * stops when less than `frame_max` octets and a head are left. */
struct hvt_receive {
    uint64_t timeout_nsecs; /* from now */
    uint64_t wanted;        /* bit 1 << handle: the networks whose frames are taken */
    uint64_t data;
    uint32_t len;
    uint32_t frame_max; /* octets: a longer frame is cut */
    uint32_t used;      /* out: octets of `data` that were filled */
    int32_t ret;        /* out: how many records */
    uint64_t ready_set; /* out: the networks that may have a frame still */
    uint64_t lost_set;  /* out: those whose other end is gone; said once */
};

#define HVT_FRAME_ALIGN 16U
struct hvt_frame {
    uint32_t handle;
    uint32_t len; /* octets of the frame behind this */
    uint64_t zero;
};

/* SEND: a frame from where its parts lie, behind those in the network ring. It is for frames
 * that are larger than it is worth to copy: an exit for 64 KiB is little. `ret` as of
 * NET_WRITE. */
#define HVT_SEND_PARTS_MAX 9U
struct hvt_part {
    uint64_t data, len;
};
struct hvt_send {
    uint64_t handle;
    uint32_t parts; /* 1 to HVT_SEND_PARTS_MAX */
    int32_t ret;    /* out */
    struct hvt_part part[HVT_SEND_PARTS_MAX];
};

/* SEAL: from now on neither a call nor an entry of the ring makes the tender write to
 * [start, end). It cannot be undone. */
#define HVT_SEALS_MAX 8U
struct hvt_seal {
    uint64_t start, end; /* addresses */
    int32_t ret;         /* out: OK; EINVAL: not within memory, empty, or one seal too many */
    int32_t padding;
};

/* FLUSH: what was written to the block device is on the disk (`offset`, `data` and `len` are
 * not looked at). DISCARD: [offset, offset + len) is not needed any more, and reads as zeroes
 * from then on; ENOTSUP leaves it as it is. Both take a struct hvt_block. */

_Static_assert(sizeof(struct hvt_receive) == 56 && sizeof(struct hvt_frame) == 16 &&
                   sizeof(struct hvt_seal) == 24 && sizeof(struct hvt_send) == 160 &&
                   offsetof(struct hvt_receive, used) == 32 &&
                   offsetof(struct hvt_receive, lost_set) == 48,
               "hypercalls of ours");
_Static_assert(sizeof(struct hvt_walltime) == 8 && sizeof(struct hvt_puts) == 16 &&
                   sizeof(struct hvt_poll) == 24 && sizeof(struct hvt_block) == 40 &&
                   sizeof(struct hvt_net) == 32 && sizeof(struct hvt_halt) == 16 &&
                   sizeof(struct hvt_trap) == 56,
               "hypercalls");
_Static_assert(offsetof(struct hvt_poll, ready_set) == 8 &&
                   offsetof(struct hvt_poll, ret) == 16 &&
                   offsetof(struct hvt_block, data) == 16 &&
                   offsetof(struct hvt_block, ret) == 32 && offsetof(struct hvt_net, ret) == 24,
               "hypercalls");

/* ---- The network ring: one for all network devices, above mem_size ------------------- */

#define HVT_RING_SLOTS 1024U        /* a power of two; one always stays free */
#define HVT_RING_ROOM  (2ULL << 20) /* octets of memory set aside for it */
#define HVT_KICK_PORT  0x600U       /* OUT of 32 bits; costs no exit to the tender */

enum hvt_ring_op {
    HVT_RING_WRITE = 1, /* sends a frame; nothing is answered */
    HVT_RING_READ = 2,  /* takes a frame; answered by a commit */
};

struct hvt_ring_entry {
    uint32_t op;
    uint32_t handle;
    uint64_t data;
    uint32_t len;
    uint32_t id; /* comes back in the commit */
    uint64_t zero;
};

struct hvt_ring_commit {
    uint32_t id;
    int32_t ret; /* an enum hvt_result */
    uint32_t len;
    uint32_t zero;
};

/* Indices run freely; the slot is the index modulo HVT_RING_SLOTS. The image fills an
 * entry, then advances ent_tail; after a full barrier it looks at needs_kick, and kicks.
 * The tender advances ent_head past what it has done, and com_tail past its commits. */
struct hvt_ring {
    uint32_t ent_tail, com_head; /* the image's */
    uint8_t padding0[56];
    uint32_t ent_head, com_tail, needs_kick; /* the tender's */
    uint8_t padding1[52];
    struct hvt_ring_entry entry[HVT_RING_SLOTS];
    struct hvt_ring_commit commit[HVT_RING_SLOTS];
};
_Static_assert(sizeof(struct hvt_ring_entry) == 32 && sizeof(struct hvt_ring_commit) == 16,
               "ring");
_Static_assert(offsetof(struct hvt_ring, ent_head) == 64 &&
                   offsetof(struct hvt_ring, entry) == 128 &&
                   offsetof(struct hvt_ring, commit) == 32896 &&
                   sizeof(struct hvt_ring) == 49280,
               "ring");

#endif
