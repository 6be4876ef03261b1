/* SPDX-License-Identifier: ISC */
#include "host/cmdline.h"
#include "base/octets.h"

static bool plain(const char *word)
{
    return word[0] != 0 && word[strcspn(word, " \t\n\v\f\r\"'\\")] == 0;
}

static void put_quoted(struct writer *w, const char *word)
{
    write_u8(w, '"');
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            write_u8(w, '\\');
        write_u8(w, (uint8_t)*word);
    }
    write_u8(w, '"');
}

int cmdline_join(char *to, size_t size, int argc, char **argv, struct error *e)
{
    struct writer w = writer_of(to, size);
    for (int i = 0; i < argc; i++) {
        if (i > 0)
            write_u8(&w, ' ');
        if (plain(argv[i]))
            write_bytes(&w, bytes_of(argv[i], strlen(argv[i])));
        else
            put_quoted(&w, argv[i]);
    }
    write_u8(&w, 0);
    return w.ran_out ? fail(e, "the image's arguments are longer than %zu octets", size - 1)
                     : 0;
}
