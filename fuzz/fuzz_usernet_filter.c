/* SPDX-License-Identifier: ISC */
/* No frame that passes is for the host's loopback (F2), and a refused one has a reset. */
#include "host/usernet/filter.c"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct usernet_flows flows;
    uint8_t reset[USERNET_RESET_SIZE];
    struct bytes frame = bytes_of(data, len);
    usernet_note(&flows, frame);
    enum usernet_verdict v = usernet_filter(&flows, frame);
    if (v == USERNET_PASS && data[12] == 8 && data[13] == 0)
        check(data[30] != 127 && data[30] != 0 && data[30] < 224);
    if (v == USERNET_REFUSED)
        usernet_reset(frame, reset);
    return 0;
}
