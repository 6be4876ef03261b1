/* SPDX-License-Identifier: ISC */
#ifndef TESTS_VPLAT_H
#define TESTS_VPLAT_H

/* A virtual target: src/plat/plat.h for tests on the host. The runtime and the
 * stack run on it as they do in an image, but the clock is a number, the console
 * a string, the network a pair of queues a device and randomness a seed, so that
 * a test says what happens and when, and a run can be repeated exactly.
 *
 *     static int body(void) { CHECK_INT(dr_sleep(DR_S(1)), 0); return 0; }
 *
 *     TEST(a_sleep_takes_its_time)
 *     {
 *         vplat_reset();
 *         CHECK_INT(vplat_run(body), 0);             // the image's exit status
 *         CHECK(vplat.now >= VPLAT_START + DR_S(1));
 *     }
 *
 * vplat_reset() begins anew: it forgets devices, frames, events and the console.
 * Between it and vplat_run() a test sets up what it needs. vplat_run() starts the
 * runtime (rt_start), which runs the body as the application's main, and returns
 * when the image ends. CHECK works inside tasks as it does outside: the first that
 * fails ends the image and the test.
 *
 * Time. The clock stands still while the image runs. When the image waits it
 * jumps to the next thing that happens: an event of the test's (vplat_at), or the
 * end of the wait. An image that waits for ever, with no event to come, ends with
 * VPLAT_STUCK. vplat_advance() is time spent computing.
 *
 * The other side of a wire. Frames for the image are pushed with vplat_net_push();
 * frames from it go to the device's `peer` function as they are written, or wait for
 * vplat_net_pop() when it has none. A peer that answers later does so by vplat_at().
 * vplat.on_wait is called each time the image waits, before anything else.
 *
 * A test program links vplat.o, the objects of src/rt, libpure.a and whatever it
 * tests: see tests/rt/rt.mk for the rule. Stacks are guarded mappings, and
 * AddressSanitizer is told of each switch. VPLAT_ECHO=1 in the environment copies
 * the console to stderr. */

#include "plat/plat.h"
#include "tests/check.h"
#include <drupe/args.h>
#include <sys/types.h>

/* What vplat_run returns, beyond an exit status of 0..255. */
#define VPLAT_STUCK 1000 /* the image waits for what never comes */

#define VPLAT_START      1000000000ULL          /* the monotonic clock at reset, ns */
#define VPLAT_WALL_START 1781331212000000000ULL /* 2026-06-13T06:13:32Z */

/* A frame that the image wrote to device `handle`; it is the callee's for the time
 * of the call. */
typedef void vplat_peer_fn(void *arg, int handle, const uint8_t *frame, size_t len);

struct vplat {
    uint64_t now;              /* the monotonic clock, ns */
    uint64_t wall;             /* the wall clock at VPLAT_START, ns */
    size_t mem_len;            /* the image's memory, octets; taken at vplat_run */
    unsigned log_level;        /* an enum dr_log_level */
    bool no_entropy;           /* plat_entropy answers -EIO */
    const struct dr_arg *args; /* the application's arguments; NULL for none */
    size_t stack_len;          /* the application's stack_len */
    void (*on_wait)(uint64_t deadline);
    uint64_t waits;           /* calls of plat_wait so far */
    uint64_t polls;           /* those whose deadline had passed already */
    unsigned stacks;          /* stacks handed out now */
    unsigned stacks_made;     /* stacks handed out so far */
    uint8_t *last_stack;      /* the lowest octet of the one last handed out */
    unsigned leaks;           /* reported by rt_leaked */
    bool leaks_allowed;       /* a leak does not end the image */
    struct offload last_work; /* what was asked for with the last frame written */
    int refuse_stack;         /* n > 0: the n-th plat_stack_new from now fails */
};
extern struct vplat vplat;

/* Forgets everything and sets the defaults: 32 MiB, level info, no arguments. */
void vplat_reset(void);

/* The image's arguments after argv[0]; the list ends with NULL. */
void vplat_args(const char *first, ...);
/* What the entropy is made from; 1 at reset. */
void vplat_seed(uint64_t seed);

/* Starts the image with `body` as its application's main. Returns the exit status,
 * 255 after a panic or failed check(), VPLAT_STUCK. */
int vplat_run(int (*body)(void));
/* The same without the runtime: `entry` is called on the first stack and ends the
 * image by plat_exit, or by returning (status 0). */
int vplat_run_bare(void (*entry)(void));

/* All that was written to the console since reset. */
const char *vplat_console(void);
void vplat_console_clear(void);

/* Lets time pass while the image computes; events do not happen meanwhile. */
void vplat_advance(uint64_t ns);
/* Calls fn(arg) when the image waits and the clock has come to `at`. In order of
 * time, and of the calls for the same time. */
void vplat_at(uint64_t at, void (*fn)(void *arg), void *arg);

/* Declares a device; returns its handle (1, 2, ...). */
int vplat_net_add(const char *name, const uint8_t mac[6], uint16_t mtu);
/* The device offers these (enum offload_feature); none after vplat_net_add. Asking for what it
 * does not offer aborts. */
void vplat_net_offer(int handle, uint32_t features);
/* A frame arrives at the device (it is copied). */
void vplat_net_push(int handle, const void *frame, size_t len);
void vplat_net_push_with(int handle, const void *frame, size_t len, const struct offload *work);
/* One that the device drops, because what came with it makes no sense. */
void vplat_net_push_malformed(int handle);
/* The same at a moment to come. */
void vplat_net_push_at(uint64_t at, int handle, const void *frame, size_t len);
/* The oldest frame the image wrote to a device without a peer. Returns its length
 * (at most `size` octets are stored), or -1 when there is none. */
ssize_t vplat_net_pop(int handle, void *buf, size_t size);
/* Frames go to `peer` from now on. */
void vplat_net_peer(int handle, vplat_peer_fn *peer, void *arg);
/* The next `n` writes answer -EAGAIN. */
void vplat_net_full(int handle, unsigned n);
/* The device's host side goes away: once what has arrived is read, reads answer -EIO, and
 * so do writes at once. It wakes the image. */
void vplat_net_gone(int handle);
/* Frames waiting to be read by the image, and to be popped by the test. */
size_t vplat_net_inward(int handle);
size_t vplat_net_outward(int handle);

/* How a failed CHECK leaves a task's stack. */
_Noreturn void vplat_check_failed(jmp_buf *end);
#undef test_failed
#define test_failed(file, line, ...)                                                           \
    do {                                                                                       \
        printf("# %s:%d: ", file, line);                                                       \
        printf(__VA_ARGS__);                                                                   \
        printf("\n");                                                                          \
        vplat_check_failed(&test_end);                                                         \
    } while (0)

#endif
