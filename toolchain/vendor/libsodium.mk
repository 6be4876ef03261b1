# SPDX-License-Identifier: ISC
#
# Of libsodium, its portable ChaCha20, for the random generator (src/rt/chacha.c). It
# wipes memory by a function that the C library has as well.
libsodium_INCLUDE := src/libsodium/include/sodium src/libsodium/include \
                     src/libsodium/crypto_stream/chacha20/ref
libsodium_CFLAGS  := -Os -Dsodium_memzero=explicit_bzero -Ivendor/libsodium/src/libsodium/include/sodium
libsodium_SRCS    := src/libsodium/crypto_stream/chacha20/ref/chacha20_ref.c
$(call vendor_library,libsodium)
