/* SPDX-License-Identifier: ISC */
/* ChaCha20 with fast key erasure (Bernstein, 2017): each block of output begins
 * with the next key, and what is handed out is erased, so that who reads the memory
 * learns nothing of what was drawn before. Small draws are served from a buffer. */
#include "rt/random.h"

#include "base/check.h"
#include "plat/plat.h"
#include "rt/chacha.h"
#include <drupe/time.h>

#include <string.h>

#define KEY    CHACHA20_KEY_LEN
#define BUFFER 480U /* with the key, eight blocks of ChaCha20 */

static struct {
    bool seeded;
    bool stirred; /* the cipher has run over the first seed */
    uint8_t key[KEY];
    uint8_t buffer[BUFFER];
    size_t left;    /* unused octets, at the buffer's end */
    uint64_t drawn; /* octets since the last seed */
    uint64_t seeded_at;
} state;

static const uint8_t nonce[CHACHA20_NONCE_LEN];

/* memset that the compiler must not leave out. */
static void erase(void *at, size_t len)
{
    memset(at, 0, len);
    __asm__ volatile("" : : "r"(at) : "memory");
}

/* The next key is the cipher's output under this one. */
static void stir(void)
{
    uint8_t next[KEY];
    chacha20_stream(next, KEY, state.key, nonce);
    memcpy(state.key, next, KEY);
    erase(next, KEY);
    state.left = 0;
    state.stirred = true;
}

/* Mixes 32 octets into the key: the new one depends on all of both. */
static void mix(const uint8_t seed[KEY])
{
    for (size_t i = 0; i < KEY; i++)
        state.key[i] ^= seed[i];
    stir();
    state.drawn = 0;
    state.seeded_at = dr_now();
}

static int reseed(void)
{
    uint8_t seed[KEY];
    int err = plat_entropy(seed, sizeof seed);
    if (!err)
        mix(seed);
    erase(seed, sizeof seed);
    return err;
}

/* The cipher runs at the first draw: an image that draws nothing has no use for its code. */
int random_init(void)
{
    memset(&state, 0, sizeof state);
    int err = plat_entropy(state.key, KEY);
    state.seeded = !err;
    state.seeded_at = dr_now();
    return err;
}

/* A target that runs dry later leaves the key as it is, which is as good as ever,
 * and is asked again after as much again. */
static void reseed_if_due(size_t len)
{
    uint64_t now = dr_now();
    state.drawn += len;
    if (state.drawn < RANDOM_RESEED_OCTETS && now - state.seeded_at < RANDOM_RESEED_NS)
        return;
    state.drawn = 0;
    state.seeded_at = now;
    (void)reseed();
}

static void refill(void)
{
    uint8_t out[KEY + BUFFER];
    chacha20_stream(out, sizeof out, state.key, nonce);
    memcpy(state.key, out, KEY);
    memcpy(state.buffer, out + KEY, BUFFER);
    erase(out, sizeof out);
    state.left = BUFFER;
}

static void draw(uint8_t *to, size_t len)
{
    if (state.left < len)
        refill();
    uint8_t *from = state.buffer + BUFFER - state.left;
    memcpy(to, from, len);
    erase(from, len);
    state.left -= len;
}

void dr_random(void *buf, size_t len)
{
    check(state.seeded);
    if (!state.stirred)
        stir();
    reseed_if_due(len);
    if (len <= BUFFER / 2) {
        draw(buf, len);
        return;
    }
    /* Much at once has a key of its own, used once. */
    uint8_t key[KEY];
    draw(key, KEY);
    chacha20_stream(buf, len, key, nonce);
    erase(key, KEY);
}

uint32_t dr_random_u32(void)
{
    uint32_t v;
    dr_random(&v, sizeof v);
    return v;
}

uint64_t dr_random_u64(void)
{
    uint64_t v;
    dr_random(&v, sizeof v);
    return v;
}

/* Lemire's way (2019): the product's upper half is uniform once the few lower halves
 * that would favour some values are drawn again. */
uint32_t dr_random_below(uint32_t below)
{
    check(below > 0);
    uint32_t unfair = -below % below; /* 2^32 mod below */
    uint64_t product;
    do
        product = (uint64_t)dr_random_u32() * below;
    while ((uint32_t)product < unfair);
    return (uint32_t)(product >> 32);
}
