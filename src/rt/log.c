/* SPDX-License-Identifier: ISC */
#include "rt/log.h"

#include "base/format.h"
#include "plat/plat.h"

#include <string.h>

static const char *const level_shown[] = {"", "ERROR", "WARN", "INFO", "DEBUG"};
#define LEVELS (sizeof level_shown / sizeof level_shown[0])

static struct log_rules rules; /* quiet until log_init */

void log_init(const struct log_rules *r)
{
    rules = *r;
}

bool dr_log_wants(const char *source, enum dr_log_level level)
{
    return level != DR_LOG_QUIET && level <= rules.most && level <= log_level(&rules, source);
}

void dr_log(const char *source, enum dr_log_level level, const char *fmt, ...)
{
    /* Not on the stack, which is small: nothing here waits, so they are ours alone. */
    static char text[DR_LOG_LINE_MAX], line[DR_LOG_LINE_MAX + 1];
    char time[LOG_TIME_LEN];
    if ((unsigned)level >= LEVELS || !dr_log_wants(source, level))
        return;
    va_list args;
    va_start(args, fmt);
    size_t n = format_va(text, sizeof text, fmt, args);
    va_end(args);
    log_time(plat_clock_wall(), time);
    size_t head = format(line, sizeof line, "%s: [%s] [%.*s] ", time, level_shown[level],
                         (int)LOG_SOURCE_LEN, source);
    size_t room = sizeof line - 1 - head; /* one octet is the newline's */
    size_t len = head + log_escape(text, line + head, room);
    if (n >= sizeof text && memcmp(line + len - 3, "...", 3) != 0)
        memcpy(line + len - 3, "...", 3);
    line[len++] = '\n';
    plat_console_write(line, len);
}
