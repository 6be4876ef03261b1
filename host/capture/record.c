/* SPDX-License-Identifier: ISC */
#include "host/capture/record.h"
#include "base/checksum.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define PARTS_MAX (3 * RECORD_BATCH)

_Static_assert(PARTS_MAX <= IOV_MAX, "a batch is a system call");

/* ---- The file -------------------------------------------------------------- */

/* By write alone, as stdio asks for what the sandbox forbids. */
static void say(struct record *r, int error)
{
    char line[300];
    int n = snprintf(line, sizeof line,
                     "drupe-pcap: cannot write '%s': %s; the network goes on, and frames are "
                     "left out\n",
                     r->name, strerrordesc_np(error));
    if (!r->said && n > 0)
        (void)!write(STDERR_FILENO, line,
                     (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
    r->said = true;
}

static void skip(struct iovec **part, unsigned *parts, size_t len)
{
    for (; *parts > 0 && len >= (*part)->iov_len; ++*part, --*parts)
        len -= (*part)->iov_len;
    if (*parts > 0) {
        (*part)->iov_base = (uint8_t *)(*part)->iov_base + len;
        (*part)->iov_len -= len;
    }
}

static ssize_t write_some(const struct record *r, const struct iovec *part, unsigned parts,
                          off_t at)
{
    ssize_t n;
    do
        n = r->seeks ? pwritev(r->fd, part, (int)parts, at) : writev(r->fd, part, (int)parts);
    while (n < 0 && errno == EINTR);
    return n;
}

/* All of it, or, in a file, nothing of it: half a block would make the rest unreadable. False
 * when it is left out. */
static bool write_all(struct record *r, struct iovec *part, unsigned parts)
{
    off_t at = r->end;
    while (parts > 0 && !r->over) {
        ssize_t n = write_some(r, part, parts, at);
        if (n <= 0) {
            say(r, n < 0 ? errno : ENOSPC);
            if (r->seeks)
                (void)!ftruncate(r->fd, r->end);
            else
                r->over = true;
            return false;
        }
        at += n;
        skip(&part, &parts, (size_t)n);
    }
    if (!r->over)
        r->end = at;
    return !r->over;
}

static bool write_block(struct record *r, uint8_t *at, size_t len)
{
    return write_all(r, &(struct iovec){at, len}, 1);
}

void record_begin(struct record *r, uint64_t now_ns)
{
    uint8_t section[PCAP_SECTION_MAX], interface[PCAP_INTERFACE_MAX];
    bool good = write_block(r, section, pcap_section(section, "drupe-pcap 0.1"));
    for (unsigned i = 0; i < r->interfaces; i++) {
        r->interface[i].start_ns = now_ns;
        good =
            good && write_block(r, interface, pcap_interface(interface, &r->interface[i].is));
    }
    r->over |= !good; /* packets without what stands before them mean nothing */
}

void record_end(struct record *r, uint64_t now_ns)
{
    for (unsigned i = 0; i < r->interfaces; i++) {
        const struct record_interface *f = &r->interface[i];
        uint8_t block[PCAP_STATISTICS_MAX];
        char lost[80];
        snprintf(lost, sizeof lost, "frames that the other side did not take: %llu",
                 (unsigned long long)f->lost);
        const struct pcap_statistics s = {.interface = i,
                                          .start_ns = f->start_ns,
                                          .end_ns = now_ns,
                                          .received = f->received,
                                          .dropped = f->dropped,
                                          .comment = lost};
        (void)write_block(r, block, pcap_statistics(block, &s));
    }
}

/* ---- Frames ---------------------------------------------------------------- */

/* Where a checksum was left to be written, and the octets that stood there. */
struct completed {
    uint8_t *at;
    uint8_t was[2];
};

/* Writes the checksum that the sender left to the device, so that a reader of the capture
 * finds it right. */
static void complete(uint8_t *frame, size_t len, const struct offload *work,
                     struct completed *c)
{
    struct bytes summed = bytes_of(frame + work->sum_from, len - work->sum_from);
    uint16_t sum = checksum_end(checksum_add(0, summed));
    c->at = frame + work->sum_from + work->sum_at;
    memcpy(c->was, c->at, sizeof c->was);
    if (sum == 0)
        sum = 0xffff; /* RFC 768; and the same sum for TCP */
    c->at[0] = (uint8_t)(sum >> 8);
    c->at[1] = (uint8_t)sum;
}

static void restore(const struct completed *c)
{
    if (c->at)
        memcpy(c->at, c->was, sizeof c->was);
}

/* A frame on its way to the file. */
struct entry {
    struct pcap_packet packet;
    struct completed sum;
    uint8_t head[PCAP_HEAD_LEN], tail[PCAP_TAIL_MAX];
};

/* In three parts. A frame whose header makes no sense is written as it is, header and all. */
static void prepare(struct entry *n, const struct record_frame *f, uint8_t features,
                    struct iovec part[3])
{
    size_t header_len = offload_header_len(features);
    struct bytes frame;
    struct offload work;
    n->sum.at = NULL;
    if (!offload_take(features, bytes_of(f->at, f->len), &frame, &work)) {
        n->packet.comment = "malformed: the offload header before it makes no sense";
        header_len = 0;
    } else if (work.partial) {
        complete(f->at + header_len, frame.len, &work, &n->sum);
    }
    n->packet.len = (uint32_t)(f->len - header_len);
    part[0] = (struct iovec){n->head, pcap_head(n->head, &n->packet)};
    part[1] = (struct iovec){f->at + header_len, n->packet.len};
    part[2] = (struct iovec){n->tail, pcap_tail(n->tail, &n->packet)};
}

void record_frames(struct record *r, unsigned interface, bool inbound, uint8_t features,
                   const struct record_frame *frame, unsigned frames, uint64_t now_ns)
{
    static struct entry entry[RECORD_BATCH];
    struct record_interface *f = &r->interface[interface];
    struct iovec part[PARTS_MAX];
    for (unsigned i = 0; i < frames; i++) {
        entry[i].packet = (struct pcap_packet){.interface = interface,
                                               .time_ns = now_ns,
                                               .inbound = inbound,
                                               .dropped = i == 0 ? f->missing : 0};
        prepare(&entry[i], &frame[i], features, &part[3 * i]);
    }
    bool written = frames > 0 && write_all(r, part, 3 * frames);
    for (unsigned i = 0; i < frames; i++)
        restore(&entry[i].sum);
    f->received += frames;
    f->dropped += written ? 0 : frames;
    f->missing = written ? 0 : f->missing + frames;
}
