/* SPDX-License-Identifier: ISC */
#ifndef PLAT_HVT_HVT_H
#define PLAT_HVT_HVT_H

/* What the files of this target share.
 *
 * Theory of operation. The tender enters the image at ring 0, under page tables in which
 * everything can be written and executed. Start-up goes down in two steps:
 *
 *   ring0.c, entry.S   fill in the least page tables and descriptors that ring 3 can run
 *                      under, and drop to it. At ring 0 as little as possible is executed,
 *                      in general registers only: some machines interpret it.
 *   layout.c           at ring 3, decides what is where and builds the page tables that
 *                      hold from then on.
 *   hvt_seal           once more at ring 0: puts those in force. What they map cannot be
 *                      changed any more: no code is left at ring 0 but trap.S, which
 *                      hands a fault to the reporter at ring 3 (fault.c), and sets the
 *                      thread pointer.
 *
 * Memory, from below; what is not named is not mapped:
 *
 *   0x10000            the tender's boot info, manifest, command line     R
 *   0x100000           text                                               RX
 *                      read-only data                                     R
 *                      data                                               RW
 *   _end               descriptors, fault stacks                          ring 0's
 *   _end + a page      what is known of a fault (struct hvt_report)       RW
 *                      page tables                                        ring 0's
 *                      frames for the network ring, if there is one       RW
 *                      frames that were received, under our tender        RW
 *                      memory for the runtime                             RW
 *                      task stacks, each above a guard page               RW
 *                      emergency stack, above a guard page                RW
 *   top of memory      first stack, above a guard page                    RW
 *   above              the network ring, if there is one                  RW */

#include "base/octets.h"

#include <abi/hvt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HVT_PAGE            4096U
#define HVT_MAIN_STACK      (48U << 10) /* octets */
#define HVT_EMERGENCY_STACK (16U << 10)

/* Both of start-up's steps find these without a layout. */
extern uint8_t _end[]; /* of the image, page aligned: the linker script */

/* A fault, as ring 0 (trap.S) leaves it to the reporter, who adds the magic number. It is the
 * cookie of the call that ends the image, too, of which HVT_COOKIE_LEN octets must be readable.
 */
extern struct hvt_report hvt_report; /* at _end + a page */

struct hvt_layout {
    const struct hvt_boot_info *info;
    uint32_t features;     /* HVT_MORE_...: what a tender of ours offers */
    uint64_t tables;       /* physical address of the final page tables, up to `frames` */
    uintptr_t heap;        /* the runtime's memory begins here */
    uintptr_t stacks;      /* and ends here, where the first guard page is */
    size_t stack_slot;     /* octets of a guard page and a stack */
    size_t stacks_count;   /* how many of these */
    uintptr_t emergency;   /* lowest address of that stack */
    uintptr_t main_stack;  /* lowest address */
    uintptr_t top;         /* of memory, and of the first stack */
    struct hvt_ring *ring; /* the network ring; NULL: none */
    uint8_t *frames;       /* memory for what is in the ring */
    uint32_t frame_len;    /* octets for one */
    uint32_t frames_count; /* a power of two */
    uint8_t *received;     /* memory for what was received; NULL: one call a frame */
    uint32_t received_len; /* octets */
    uint32_t frame_max;    /* octets of the largest frame */
};
extern struct hvt_layout hvt_layout; /* constant once the C library starts */

/* ring0.c, at ring 0: what ring 3 needs to begin. Returns the address of its page tables. */
uint64_t hvt_begin(const struct hvt_boot_info *info);

/* layout.c, at ring 3 under these: fills in hvt_layout, builds the final tables and the
 * interrupt table. */
void hvt_lay_out(void);

/* entry.S. Each may be used at ring 3. */
void hvt_seal(uint64_t tables); /* once */
_Noreturn void hvt_continue(uintptr_t stack_top, void (*with)(void));
void hvt_set_thread_pointer(void *tp);

/* clock.c: takes the frequency over. */
void hvt_clock_start(uint64_t hz);

/* ring.c: sends a frame of at most hvt_layout.frame_len octets by the network ring. 0, or
 * -EAGAIN when it is full. */
int hvt_ring_write(int handle, const struct bytes *part, unsigned parts);
/* Waits for what was sent to be on its way, a bounded time. */
void hvt_ring_drain(void);

struct plat_net_in;
/* receive.c, where hvt_layout.received is: plat_wait for so long, and plat_net_read. */
uint64_t hvt_receive_wait(uint64_t timeout);
int hvt_receive_read(int handle, struct plat_net_in *in);

/* stack.c: whether a fault at this address is a stack's overflow. */
bool hvt_is_guard(uintptr_t address);

/* fault.c, on the emergency stack. */
_Noreturn void hvt_fault(void);

#endif
