/* SPDX-License-Identifier: ISC */
/* Log rules, and text on its way to the console: no control character gets through. */
#include "base/check.h"
#include "rt/log.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct log_rules rules = LOG_RULES(DR_LOG_INFO);
    char why[256] = "", shown[64], *in = malloc(len + 1);
    if (!in)
        return 0;
    memcpy(in, data, len);
    in[len] = '\0';
    if (log_parse(&rules, in, why, sizeof why) == 0)
        check(rules.count <= LOG_RULES_MAX && log_level(&rules, "net") <= rules.most);
    else
        check(why[0] && !strchr(why, '\n'));
    for (size_t size = 4; size <= sizeof shown; size += 5) {
        size_t n = log_escape(in, shown, size);
        check(n < size && shown[n] == '\0' && strlen(shown) == n);
        for (size_t i = 0; i < n; i++)
            check((uint8_t)shown[i] >= 0x20 && shown[i] != 0x7f);
    }
    free(in);
    return 0;
}
