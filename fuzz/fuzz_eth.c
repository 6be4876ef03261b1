/* SPDX-License-Identifier: ISC */
#include "base/check.h"
#include "net/eth/eth.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const struct eth_addr own = {{2, 0, 0, 0, 0, 2}};
    struct eth_frame f;
    if (eth_parse(bytes_of(at, len), &own, &f) != ETH_OK)
        return 0;
    uint8_t again[ETH_HEADER_LEN];
    struct writer w = writer_of(again, sizeof again);
    eth_print(&w, &f.dst, &f.src, f.type);
    check(memcmp(again, at, sizeof again) == 0);
    check(f.payload.at == at + ETH_HEADER_LEN && f.payload.len == len - ETH_HEADER_LEN);
    return 0;
}
