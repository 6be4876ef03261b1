/* SPDX-License-Identifier: ISC */
/* Randomness: from the CPU, and from the tender when it is ours. Either will do, both are
 * mixed; with neither there is none, and a clock is no substitute. */
#include "plat/bare/boot.h"

#include <errno.h>
#include <string.h>

#define CPU_TRIES 32

enum source { SOURCE_UNKNOWN, SOURCE_NONE, SOURCE_RDRAND, SOURCE_RDSEED };

static enum source source;
static size_t offered_used; /* octets of the tender's that were given out */

static void cpuid(uint32_t leaf, uint32_t *b, uint32_t *c)
{
    uint32_t a = leaf, d;
    *c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(*b), "+c"(*c), "=d"(d));
}

static bool rdseed(uint64_t *v)
{
    bool ok;
    __asm__ volatile("rdseed %0" : "=r"(*v), "=@ccc"(ok));
    return ok;
}

static bool rdrand(uint64_t *v)
{
    bool ok;
    __asm__ volatile("rdrand %0" : "=r"(*v), "=@ccc"(ok));
    return ok;
}

static bool cpu_word(uint64_t *v)
{
    for (int i = 0; i < CPU_TRIES; i++) {
        if (source == SOURCE_RDSEED && rdseed(v))
            return true;
        if (source != SOURCE_NONE && rdrand(v))
            return true;
        __asm__ volatile("pause");
    }
    return false;
}

/* Some CPUs announce the instructions and answer all ones (or the same word) for ever. */
static bool cpu_works(void)
{
    uint64_t first, next;
    if (!cpu_word(&first))
        return false;
    for (int i = 0; i < 4; i++)
        if (cpu_word(&next) && next != first)
            return true;
    return false;
}

static void look_at_cpu(void)
{
    uint32_t b, c;
    source = SOURCE_NONE;
    cpuid(0, &b, &c);
    cpuid(1, &b, &c);
    if (!(c >> 30 & 1))
        return;
    cpuid(7, &b, &c);
    source = b >> 18 & 1 ? SOURCE_RDSEED : SOURCE_RDRAND;
    if (!cpu_works())
        source = SOURCE_NONE;
}

/* XORs into buf as many of the tender's octets as there are, and forgets them. */
static size_t mix_offered(uint8_t *buf, size_t len)
{
    size_t left;
    uint8_t *from = bare_offered(&left) + offered_used;
    left = left - offered_used < len ? left - offered_used : len;
    for (size_t i = 0; i < left; i++) {
        buf[i] ^= from[i];
        from[i] = 0;
    }
    offered_used += left;
    return left;
}

static bool mix_cpu(uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
        uint64_t v;
        if (!cpu_word(&v))
            return false;
        for (size_t k = 0; k < sizeof v && i + k < len; k++)
            buf[i + k] ^= (uint8_t)(v >> 8 * k);
    }
    return true;
}

int plat_entropy(void *buf, size_t len)
{
    if (source == SOURCE_UNKNOWN)
        look_at_cpu();
    memset(buf, 0, len);
    bool from_cpu = source != SOURCE_NONE && mix_cpu(buf, len);
    size_t from_tender = mix_offered(buf, len);
    return from_cpu || from_tender == len ? 0 : -EIO;
}
