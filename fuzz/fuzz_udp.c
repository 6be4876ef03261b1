/* SPDX-License-Identifier: ISC */
#include "base/check.h"
#include "net/udp/udp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static const struct ip4 src = {0x0a000001}, dst = {0x0a000002};

static void print_again(const struct udp_datagram *d)
{
    struct udp_datagram again;
    size_t len = UDP_HEADER_LEN + d->text.len;
    uint8_t *room = malloc(len);
    if (!room)
        return;
    struct writer w = writer_of(room, len);
    udp_print(&w, (struct ip4_endpoint){src, d->src_port},
              (struct ip4_endpoint){dst, d->dst_port}, d->text);
    check(!w.ran_out && writer_len(&w) == len);
    check(udp_parse(bytes_of(room, len), src, dst, &again) == UDP_OK);
    check(again.src_port == d->src_port && again.dst_port == d->dst_port);
    check(again.text.len == d->text.len);
    check(memcmp(again.text.at, d->text.at, d->text.len) == 0);
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct udp_datagram d;
    if (udp_parse(bytes_of(at, len), src, dst, &d) != UDP_OK)
        return 0;
    check(d.dst_port != 0);
    check(d.text.at == at + UDP_HEADER_LEN && d.text.len <= len - UDP_HEADER_LEN);
    print_again(&d);
    return 0;
}
