/* SPDX-License-Identifier: ISC */
#include "tests/sandbox/tender.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 10000
#define WORDS_MAX   64

void tender_start_words(struct tender *t, const char *const *words)
{
    int ends[2];
    t->len = 0;
    t->text[0] = 0;
    fflush(stdout);
    if (pipe(ends) != 0 || (t->pid = fork()) < 0) {
        perror("cannot start the tender");
        abort();
    }
    if (t->pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execv(TENDER, (char *const *)(const void *)words);
        _exit(126);
    }
    close(ends[1]);
    t->out = ends[0];
}

void tender_start(struct tender *t, const char *line)
{
    char copy[4096];
    const char *words[WORDS_MAX + 1] = {"drupe-spt"};
    int n = 1;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *w = strtok(copy, " "); w && n < WORDS_MAX; w = strtok(NULL, " "))
        words[n++] = w;
    tender_start_words(t, words);
}

/* Reads what there is; false at the end, or when patience is. */
static bool read_more(struct tender *t)
{
    struct pollfd p = {.fd = t->out, .events = POLLIN};
    if (poll(&p, 1, PATIENCE_MS) <= 0) {
        kill(t->pid, SIGKILL);
        return false;
    }
    ssize_t n = read(t->out, t->text + t->len, TENDER_TEXT_MAX - t->len);
    if (n <= 0)
        return false;
    t->len += (size_t)n;
    t->text[t->len] = 0;
    return true;
}

bool tender_says(struct tender *t, const char *text)
{
    while (!strstr(t->text, text))
        if (!read_more(t))
            return false;
    return true;
}

int tender_end(struct tender *t)
{
    int status;
    while (read_more(t))
        continue;
    close(t->out);
    if (waitpid(t->pid, &status, 0) != t->pid)
        abort();
    t->status = WIFEXITED(status)             ? WEXITSTATUS(status)
                : WTERMSIG(status) == SIGKILL ? -1
                                              : 128 + WTERMSIG(status);
    return t->status;
}

int tender_run(struct tender *t, const char *line)
{
    tender_start(t, line);
    return tender_end(t);
}
