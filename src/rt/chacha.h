/* SPDX-License-Identifier: ISC */
#ifndef RT_CHACHA_H
#define RT_CHACHA_H

#include <stddef.h>
#include <stdint.h>

#define CHACHA20_KEY_LEN   32 /* octets */
#define CHACHA20_NONCE_LEN 8

/* Fills out with the first len octets of the ChaCha20 key stream (20 rounds, a 64-bit
 * nonce, a 64-bit block counter from 0). len may be 0. */
void chacha20_stream(uint8_t *out, size_t len, const uint8_t key[CHACHA20_KEY_LEN],
                     const uint8_t nonce[CHACHA20_NONCE_LEN]);

#endif
