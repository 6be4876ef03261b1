/* SPDX-License-Identifier: ISC */
#ifndef TESTS_LINK_STREAM_H
#define TESTS_LINK_STREAM_H

/* What goes over the link in tests of real stacks, the same for both sides. A client connects
 * to STREAM_PORT and sends a request: a letter and the length, big-endian. Asked to get ('g'),
 * the server sends so many octets of the stream and ends. Asked to put ('p'), it takes as many
 * and answers with their hash, 8 octets. The stream does not repeat, so that what is misplaced,
 * doubled or missing shows. */

#include <stddef.h>
#include <stdint.h>

#define STREAM_PORT        9000
#define STREAM_REQUEST_LEN 9U
#define STREAM_HASH_LEN    8U
#define STREAM_BLOCK       65536U /* octets, a multiple of 8 */

static inline void stream_put_u64(uint8_t *at, uint64_t n)
{
    for (int i = 7; i >= 0; i--, n >>= 8)
        at[i] = (uint8_t)n;
}

static inline uint64_t stream_get_u64(const uint8_t *at)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n = n << 8 | at[i];
    return n;
}

/* The next octets of the stream; *state is 1 at its beginning. All but the last call are for
 * multiples of 8 octets. */
static inline void stream_fill(uint64_t *state, uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (i % 8 == 0) { /* xorshift64 */
            *state ^= *state << 13;
            *state ^= *state >> 7;
            *state ^= *state << 17;
        }
        at[i] = (uint8_t)(*state >> i % 8 * 8);
    }
}

#define STREAM_HASH_BEGIN 0xcbf29ce484222325U

/* FNV-1a with 64 bits, an octet after the other. */
static inline uint64_t stream_hash(uint64_t hash, const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * 0x100000001b3U;
    return hash;
}

#endif
