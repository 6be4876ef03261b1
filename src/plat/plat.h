/* SPDX-License-Identifier: ISC */
#ifndef PLAT_PLAT_H
#define PLAT_PLAT_H

/* The narrow waist: all that the runtime and the stack ask of what is below.
 * Each target implements it in a folder of its own (unix/, spt/, ...), and the
 * tests in tests/support/ on a virtual clock. There is one thread.
 *
 * Times are nanoseconds. Errors are negative standard error numbers. */

#include "base/offload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAT_NEVER UINT64_MAX /* a deadline that does not come */

#define PLAT_DEVICE_MAX 63 /* devices an image can declare; handles are 1..63 */

/* What start-up found. Filled in before the runtime is entered; constant after. */
struct plat_boot {
    uint8_t *mem;       /* free memory of the image, page aligned, zeroed, not executable */
    size_t mem_len;     /* octets; a multiple of the page size */
    size_t budget;      /* octets of memory the image was given in all (--mem) */
    size_t stacks_len;  /* octets besides `mem` that the target keeps for plat_stack_new */
    int argc;           /* argv[0] is the image's name; the rest are its arguments */
    char **argv;        /* argv[argc] is NULL */
    bool poll_is_dear;  /* asking the devices costs as much as waiting for them a moment does */
    unsigned log_level; /* as asked by --solo5:..., an enum dr_log_level */
};
const struct plat_boot *plat_boot(void);

/* Nanoseconds since an arbitrary point; never goes back. */
uint64_t plat_clock_monotonic(void);
/* Nanoseconds since 1970-01-01T00:00:00Z. */
uint64_t plat_clock_wall(void);

/* Writes to the console, best effort. Never waits for another task. */
void plat_console_write(const void *buf, size_t len);

/* Fills buf with what randomness the target has (CPU, host). Returns 0, or -EIO
 * when there is none; the caller must not go on as if there were. */
int plat_entropy(void *buf, size_t len);

/* Ends the image with an exit status (0..254). */
_Noreturn void plat_exit(int status);
/* Ends the image after a bug: exit status 255, a core dump where there is one. */
_Noreturn void plat_abort(void);

/* Waits until `deadline` (monotonic, absolute, PLAT_NEVER for none) or until a
 * network device can be read. Returns the set of such devices: bit n is handle
 * n. A deadline in the past polls. May return early with nothing. */
uint64_t plat_wait(uint64_t deadline);

/* Network devices carry Ethernet frames, header included, FCS excluded. */
struct plat_net_info {
    uint8_t mac[6];
    uint16_t mtu;      /* octets of payload after the Ethernet header */
    uint32_t features; /* what the device does for frames: enum offload_feature */
    uint32_t room;     /* octets of the buffer that a read needs */
};
/* Finds the declared device `name`. Returns its handle (1..63) or -ENODEV. */
int plat_net_acquire(const char *name, struct plat_net_info *info);
/* The name of the n-th declared network device in manifest order (0, 1, ...),
 * or NULL when there are fewer. */
const char *plat_net_name(unsigned n);
/* A frame that arrived: a super-frame, or with its checksum still to be completed, only from a
 * device with these features. */
struct plat_net_in {
    struct bytes frame; /* in the buffer, or in the device's own memory: good until the next
                           read or wait */
    struct offload work;
};
/* Reads one frame; buf has `size` >= info.room octets, to be used as the device likes. Returns
 * 0; -EAGAIN when there is none; -EBADMSG, one was dropped because what came with it makes no
 * sense; or -EIO, once, when there will be no more. Never waits. */
int plat_net_read(int handle, void *buf, size_t size, struct plat_net_in *in);
#define PLAT_NET_PARTS_MAX 8U
/* Writes one frame of at most mtu + 14 octets, or a super-frame of up to OFFLOAD_FRAME_MAX.
 * It is in one part; with any feature, in up to PLAT_NET_PARTS_MAX, none of them needed any
 * more when the call returns. `work`, NULL for none, asks for no more than the features say.
 * Returns 0, -EAGAIN when the device is full, or -EIO. Never waits. */
int plat_net_write(int handle, const struct bytes *part, unsigned parts,
                   const struct offload *work);

/* Block devices; every call may take as long as the host does. Offsets and lengths are octets
 * and whole blocks within the device. Return 0; -EINVAL, and nothing was done; -EIO; or
 * -EOPNOTSUPP, which is for what the features do not say, and for a host that cannot discard.
 * What is discarded reads as zeroes. */
enum plat_block_feature { PLAT_BLOCK_FLUSH = 1, PLAT_BLOCK_DISCARD = 2 };
struct plat_block_info {
    uint64_t capacity;   /* octets */
    uint32_t block_size; /* octets */
    uint32_t features;   /* by enum plat_block_feature */
};
int plat_block_acquire(const char *name, struct plat_block_info *info);
int plat_block_read(int handle, uint64_t offset, void *buf, size_t len);
int plat_block_write(int handle, uint64_t offset, const void *buf, size_t len);
int plat_block_flush(int handle);
int plat_block_discard(int handle, uint64_t offset, uint64_t len);

/* Stacks for tasks: `len` octets (a multiple of the page size), page aligned,
 * growing down. On targets that can, the page below is unmapped. The memory comes
 * from `pages`, which the target may ignore where it has guarded mappings of its own.
 * NULL when the budget is used up. */
struct supply;
void *plat_stack_new(struct supply *pages, size_t len);
void plat_stack_free(struct supply *pages, void *stack, size_t len);

/* Around a switch to the stack [stack, stack + len): `leave` is the last call on the
 * old stack, `enter` the first on the new one, with what `leave` saved when that
 * stack was last left (NULL when it is new). The first stack of all is named by
 * stack == NULL. Where code is compiled with stack checks (spt) they set the limit;
 * under a sanitizer they tell it. `ending`: the old stack will not be returned to.
 * Neither may be compiled with a stack check of its own. */
void plat_stack_leave(void **saved, void *stack, size_t len, bool ending);
void plat_stack_enter(void *saved);

/* The function that the code address lies in, its start in *start; NULL when the
 * target has no symbols there. The text is good until the next call. */
const char *plat_symbol(uintptr_t pc, uintptr_t *start);

/* ---- Upcalls: what a target's start-up hands over to, once plat_boot() holds. ---- */

/* The runtime: reads the arguments, runs the application, and returns the status with which
 * the image is to end, as a C program's main does. The C library is ready. */
int rt_start(void);
/* For targets that bring no C library of their own: starts ours, then rt_start. */
_Noreturn void rt_start_libc(void);
/* For a target that lays its stacks out before anything else runs: the length that
 * plat_stack_new will be asked for, and how much of `mem_len` free octets stacks may take.
 * They need nothing to be started. */
size_t rt_stack_len(void);
size_t rt_stack_share(size_t mem_len);
/* A stack limit was exceeded (called on a stack of the target's own, or from its
 * fault handler): names the task and ends the image as a bug does. */
_Noreturn void rt_stack_overflow(void);
/* The processor refused an instruction of the image's (called on a stack of the target's own,
 * below a frame made up for the function at fault): says what, in which task and where, and
 * ends the image as a bug does. */
_Noreturn void rt_fault(const char *what);

#endif
