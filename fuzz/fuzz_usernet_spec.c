/* SPDX-License-Identifier: ISC */
/* Whatever is read as a specification is, printed, read as the same. */
#include "host/error.c"
#include "host/usernet_spec.c"
#include "base/check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void print(const struct usernet_spec *spec, char *out, size_t size)
{
    char one[USERNET_PUBLISH_TEXT];
    size_t n = (size_t)snprintf(out, size, "user");
    for (size_t i = 0; i < spec->n; i++)
        n += (size_t)snprintf(out + n, size - n, ",publish=%s",
                              usernet_publish_print(&spec->publish[i], one));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static char printed[USERNET_PUBLISH_MAX * (USERNET_PUBLISH_TEXT + 10)];
    struct usernet_spec spec = {0}, again = {0};
    struct error e;
    char *text = malloc(len + 1);
    if (!text)
        return 0;
    memcpy(text, data, len);
    text[len] = '\0';
    if (usernet_spec_parse(text, &spec, &e) == 0) {
        print(&spec, printed, sizeof printed);
        bool read = usernet_spec_parse(printed, &again, &e) == 0;
        check(read);
        check(spec.n == again.n);
        check(memcmp(spec.publish, again.publish, spec.n * sizeof spec.publish[0]) == 0);
    }
    free(text);
    return 0;
}
