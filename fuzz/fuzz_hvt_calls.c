/* SPDX-License-Identifier: ISC */
/* A hostile image under drupe-hvt, without KVM: whatever it asks for by calls and by the
 * network ring, the tender stays within the memory that is the image's, and changes
 * nothing of what the image itself may not write.
 *
 * An input is a row of steps. A step is a call with fields of the input's, or an entry of
 * the ring; addresses are chosen near the borders that matter. */
#include "base/check.h"
#include "tender/hvt/netring.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

#define TEXT_END (ABI_LOAD_MIN + 4096U)
#define MEM_SIZE (ABI_LOAD_MIN + 65536U)
#define CAPACITY 8192U

static volatile sig_atomic_t ending;
static struct guest guest = {.ending = &ending};
static struct netring ring;
static uint8_t *before; /* of what may not change */
static int peer;

/* ---- The world ------------------------------------------------------------- */

static void attach(unsigned handle, enum abi_device type, int fd)
{
    struct abi_manifest_entry *d = &guest.manifest.entry[handle];
    d->type = (uint32_t)type;
    d->attached = 1;
    d->b.hostfd = fd;
    if (type == ABI_DEVICE_BLOCK)
        d->u.block = (struct abi_block_info){.capacity = CAPACITY, .block_size = 512};
}

static void begin(void)
{
    int ends[2], disk = memfd_create("disk", MFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = 1}};
    guest.memory = (struct memory){.at = calloc(1, MEM_SIZE + sizeof(struct hvt_ring)),
                                   .size = MEM_SIZE,
                                   .allocated = MEM_SIZE + sizeof(struct hvt_ring),
                                   .sealed = 1,
                                   .read_only = {{ABI_LOAD_MIN, TEXT_END}}};
    before = calloc(1, TEXT_END);
    guest.console = open("/dev/null", O_WRONLY | O_CLOEXEC);
    guest.epollfd = epoll_create1(EPOLL_CLOEXEC);
    guest.timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) == 0);
    check(disk >= 0 && ftruncate(disk, CAPACITY) == 0);
    check(epoll_ctl(guest.epollfd, EPOLL_CTL_ADD, ends[0], &event) == 0);
    peer = ends[1];
    guest.manifest = (struct manifest){.version = 1, .entries = 3};
    attach(1, ABI_DEVICE_NET, ends[0]);
    attach(2, ABI_DEVICE_BLOCK, disk);
}

static void begin_ring(void)
{
    netring_init(&ring, &guest);
    memset(ring.shared, 0, sizeof *ring.shared);
    guest.ring = &ring;
}

/* A frame for the image to find, and none of the last input's. */
static void prepare(void)
{
    uint8_t frame[2048] = {2};
    memset(guest.memory.at + TEXT_END, 0, guest.memory.allocated - TEXT_END);
    begin_ring();
    guest.memory.sealed = 1;
    guest.memory.seals = 0;
    while (recv(peer, frame, sizeof frame, 0) > 0)
        continue;
    (void)!write(peer, frame, sizeof frame);
}

/* ---- Steps ----------------------------------------------------------------- */

/* Near a border, or anywhere. */
static uint64_t pick(struct reader *r)
{
    static const uint64_t borders[] = {
        0,        HVT_PML4_AT, HVT_BOOT_INFO_AT, ABI_LOAD_MIN, TEXT_END, TEXT_END + 4096,
        MEM_SIZE, 1ULL << 32,  1ULL << 63,       CAPACITY};
    unsigned which = read_u8(r);
    if (which >= sizeof borders / sizeof borders[0])
        return (uint64_t)read_u32(r) << 32 | read_u32(r);
    return borders[which] + (uint64_t)(int64_t)(int16_t)read_u16(r);
}

static void do_call(struct reader *r)
{
    unsigned n = read_u8(r) % (HVT_CALLS + 2 + HVT_CALLS_END - HVT_RECEIVE);
    uint64_t at = pick(r) & 0xffffffff, field[20] = {0};
    struct error e = {.text = ""};
    if (n >= HVT_CALLS + 2)
        n += HVT_RECEIVE - HVT_CALLS - 2;
    for (unsigned i = 0; i < (n < HVT_RECEIVE ? 5 : n == HVT_SEND ? 20 : 7); i++)
        field[i] = pick(r);
    /* Small numbers are the most interesting handles. */
    if (n >= HVT_BLOCK_WRITE && n <= HVT_NET_READ)
        field[0] &= read_u8(r);
    if (at >= TEXT_END && at <= MEM_SIZE - sizeof field)
        memcpy(guest.memory.at + at, field, sizeof field);
    ending = n == HVT_POLL || n == HVT_RECEIVE; /* no harness waits */
    int result = guest_call(&guest, n, gpa_of(at), &e);
    check(result >= 0 || e.text[0] != 0);
    if (result < 0)
        begin_ring(); /* the image would have ended */
    check(result != CALL_HALT || n == HVT_HALT);
    check(guest.memory.sealed == 1 + guest.memory.seals && guest.memory.seals <= HVT_SEALS_MAX);
}

static void do_ring(struct reader *r)
{
    struct hvt_ring *shared = ring.shared;
    struct error e = {.text = ""};
    uint32_t more = read_u8(r);
    for (uint32_t i = 0; i < more % 8; i++)
        shared->entry[(shared->ent_tail + i) % HVT_RING_SLOTS] =
            (struct hvt_ring_entry){.op = read_u8(r) % 4,
                                    .handle = read_u8(r) % 4,
                                    .data = pick(r),
                                    .len = (uint32_t)pick(r),
                                    .id = i};
    shared->ent_tail += more == 255 ? read_u32(r) : more % 8;
    uint32_t tail = shared->ent_tail;
    if (netring_serve(&ring, &e) != 0) {
        check(e.text[0] != 0);
        begin_ring(); /* the image would have ended */
        return;
    }
    check(ring.ent_head == tail && shared->ent_head == tail);
    check(shared->com_tail == ring.com_tail);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct reader r = reader_of(bytes_of(at, len));
    if (!before)
        begin();
    prepare();
    while (!r.ran_out && reader_left(&r) > 0)
        if (read_u8(&r) & 1)
            do_ring(&r);
        else
            do_call(&r);
    check(memcmp(guest.memory.at, before, TEXT_END) == 0);
    return 0;
}
