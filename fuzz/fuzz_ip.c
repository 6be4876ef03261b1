/* SPDX-License-Identifier: ISC */
/* Addresses: what is read is printed in one way, and that is read back the same. */
#include "base/check.h"
#include <drupe/ip.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct dr_ip ip, again;
    struct dr_prefix prefix;
    char text[DR_IP_TEXT_MAX], *in = malloc(len + 1); /* so that it ends where it ends */
    if (!in)
        return 0;
    memcpy(in, data, len);
    in[len] = '\0';
    if (dr_ip_parse(in, &ip) == 0) {
        check(dr_ip_parse(dr_ip_print(&ip, text), &again) == 0);
        check(dr_ip_equal(&ip, &again));
    }
    if (dr_prefix_parse(in, &prefix) == 0)
        check(prefix.len <= (dr_ip_is4(&prefix.ip) ? 32 : 128));
    free(in);
    return 0;
}
