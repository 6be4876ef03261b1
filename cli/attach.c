/* SPDX-License-Identifier: ISC */
#include "cli/attach.h"

#include <stdio.h>
#include <string.h>

/* The value of --net NAME=VALUE for this device; NULL: none. Twice is misuse. */
static int said_for(const struct attach_words *w, const char *name, const char **out,
                    struct error *e)
{
    size_t len = strlen(name);
    *out = NULL;
    for (size_t i = 0; i < w->net.n; i++) {
        if (strncmp(w->net.at[i], name, len) != 0 || w->net.at[i][len] != '=')
            continue;
        if (*out)
            return misused(e, "--net %s is given twice", name);
        *out = w->net.at[i] + len + 1;
    }
    return 0;
}

/* Every --net must name a network device of the image. */
static int check_said(const struct manifest *m, const struct attach_words *w, struct error *e)
{
    for (size_t i = 0; i < w->net.n; i++) {
        size_t len = strcspn(w->net.at[i], "=");
        if (!w->net.at[i][len] || !w->net.at[i][len + 1])
            return misused(e, "'%.100s' is not --net NAME=user or NAME=TAP", w->net.at[i]);
        if (!manifest_find(m, w->net.at[i], len, ABI_DEVICE_NET))
            return fail(e, "the image declares no network device '%.*s'",
                        len > 70 ? 70 : (int)len, w->net.at[i]);
    }
    return 0;
}

static int name_all(const struct manifest *m, struct error *e)
{
    char names[200] = "";
    for (uint32_t i = 1; i < m->entries; i++)
        if (m->entry[i].type == ABI_DEVICE_NET && strlen(names) + 70 < sizeof names) {
            strcat(names, names[0] ? ", " : "");
            strcat(names, m->entry[i].name);
        }
    return misused(e,
                   "the image has several networks (%s): say --net NAME=user or NAME=TAP "
                   "for each",
                   names);
}

/* Puts one device on what was said, or on the default. */
static int attach_one(const char *name, const char *said, struct attachment *a, struct error *e)
{
    bool user = strcmp(said, "user") == 0;
    if (user && a->user)
        return misused(e, "only one device can be on the user-mode network");
    if (user)
        a->user = name;
    a->net[a->n++] = (struct attached){name, user ? NULL : said};
    return 0;
}

static int publish_all(const struct attach_words *w, struct attachment *a, struct error *e)
{
    struct usernet_publish p;
    if (w->publish.n && !a->user)
        return misused(e,
                       "-p publishes ports of the user-mode network, and no device is on it");
    for (size_t i = 0; i < w->publish.n; i++)
        if (usernet_publish_parse(w->publish.at[i], &p, e) < 0 ||
            usernet_spec_add(&a->spec, &p, e) < 0)
            return CLI_MISUSED;
    return 0;
}

int attach_choose(const struct manifest *m, const struct attach_words *words,
                  struct attachment *out, struct error *e)
{
    unsigned nets = 0;
    int r = check_said(m, words, e);
    memset(out, 0, sizeof *out);
    for (uint32_t i = 1; i < m->entries; i++)
        nets += m->entry[i].type == ABI_DEVICE_NET;
    if (r == 0 && nets == 0 && (words->tap || words->publish.n))
        return fail(e, "the image declares no network device: run it without -p and --tap");
    if (r == 0 && words->tap && words->net.n)
        return misused(e, "--tap is for the only network device: use --net alone");
    for (uint32_t i = 1; r == 0 && i < m->entries; i++) {
        const char *said, *name = m->entry[i].name;
        if (m->entry[i].type != ABI_DEVICE_NET || (r = said_for(words, name, &said, e)) != 0)
            continue;
        if (!said && nets > 1)
            return name_all(m, e);
        r = attach_one(name, said ? said : words->tap ? words->tap : "user", out, e);
    }
    return r == 0 ? publish_all(words, out, e) : r;
}

void attach_spec(const struct usernet_spec *spec, char *out, size_t size)
{
    char one[USERNET_PUBLISH_TEXT];
    size_t n = (size_t)snprintf(out, size, "user");
    for (size_t i = 0; i < spec->n && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, ",publish=%s",
                              usernet_publish_print(&spec->publish[i], one));
}

const char *attach_address(const struct usernet_publish *p, char *out)
{
    char text[USERNET_PUBLISH_TEXT];
    usernet_publish_print(p, text);
    *strrchr(text, ':') = '\0';
    if (p->guest_port == 80 && !p->udp)
        snprintf(out, ATTACH_TEXT, "http://%s/", text);
    else
        snprintf(out, ATTACH_TEXT, "%s leads to %s port %u of the image", text,
                 p->udp ? "UDP" : "TCP", p->guest_port);
    return out;
}

bool attach_has_argument(char *const *args, const char *name)
{
    size_t len = strlen(name);
    for (; *args; args++)
        if (strncmp(*args, "--", 2) == 0 && strncmp(*args + 2, name, len) == 0 &&
            ((*args)[2 + len] == '\0' || (*args)[2 + len] == '='))
            return true;
    return false;
}
