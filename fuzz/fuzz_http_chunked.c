/* SPDX-License-Identifier: ISC */
/* Chunked bodies. The first octet says where the rest is cut. Whole, cut in two and octet
 * by octet there is the same data, the same end, and as much left over. */
#include "base/check.h"
#include "http/chunked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct result {
    enum http_chunk end;
    size_t used, got;
    uint64_t sum;
};

static void add(struct result *r, struct bytes data)
{
    for (size_t i = 0; i < data.len; i++)
        r->sum = r->sum * 31 + data.at[i];
    r->got += data.len;
}

static struct result run(struct bytes all, size_t cut, size_t step)
{
    struct http_chunked c = {.left = 0};
    struct result r = {.end = HTTP_CHUNK_MORE};
    for (size_t n = cut; r.end == HTTP_CHUNK_MORE && r.used < all.len; n = step) {
        size_t part = n < all.len - r.used ? n : all.len - r.used;
        struct bytes data, in = bytes_of(all.at + r.used, part);
        while ((r.end = http_chunked_next(&c, &in, &data)) == HTTP_CHUNK_DATA) {
            check(data.len > 0 && data.at >= all.at && data.at + data.len <= all.at + all.len);
            add(&r, data);
        }
        check(in.len == 0 || r.end != HTTP_CHUNK_MORE);
        r.used += part - in.len;
        check(c.left <= INT64_MAX || r.end == HTTP_CHUNK_BAD);
    }
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0)
        return 0;
    struct bytes in = bytes_of(data + 1, len - 1);
    struct result whole = run(in, in.len, 1);
    struct result other[] = {run(in, data[0], in.len + 1), run(in, 0, 1)};
    for (size_t i = 0; i < 2; i++)
        check(other[i].end == whole.end && other[i].used == whole.used &&
              other[i].got == whole.got && other[i].sum == whole.sum);
    return 0;
}
