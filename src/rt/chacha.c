/* SPDX-License-Identifier: ISC */
/* ChaCha20 is libsodium's (toolchain/vendor/libsodium.mk). */
#include "rt/chacha.h"

#include <chacha20_ref.h>

void chacha20_stream(uint8_t *out, size_t len, const uint8_t key[CHACHA20_KEY_LEN],
                     const uint8_t nonce[CHACHA20_NONCE_LEN])
{
    crypto_stream_chacha20_ref_implementation.stream(out, len, nonce, key);
}
