/* SPDX-License-Identifier: ISC */
#ifndef RT_LOG_H
#define RT_LOG_H

/* What <drupe/log.h> is made of. Pure but for log_init and dr_log itself. */

#include <drupe/log.h>

#define LOG_RULES_MAX  16U
#define LOG_SOURCE_LEN 24U /* octets with the final NUL */

/* Levels by source. Sources without a rule have the level `others`. Begin with
 * LOG_RULES(level). */
#define LOG_RULES(level)                                                                       \
    {                                                                                          \
        .others = (level), .most = (level)                                                     \
    }
struct log_rules {
    enum dr_log_level others;
    enum dr_log_level most; /* the highest of all, to say no quickly */
    unsigned count;
    struct {
        char source[LOG_SOURCE_LEN];
        enum dr_log_level level;
    } rule[LOG_RULES_MAX];
};

/* Adds the rules of a text like "*:info,net:debug" to `rules`. Returns 0, or -EINVAL
 * with one line in `why` (of `size` octets); then nothing has changed. */
DR_CHECKED int log_parse(struct log_rules *rules, const char *text, char *why, size_t size);
enum dr_log_level log_level(const struct log_rules *rules, const char *source);

#define LOG_TIME_LEN 26U /* "2026-06-13T06:13:32-00:00" and a NUL */
/* The time in UTC; -00:00 says that the place's own offset is not known (RFC 3339 4.3). */
void log_time(uint64_t wall_ns, char text[LOG_TIME_LEN]);

/* Copies `text` to `to` (of `size` >= 4 octets) as it may be shown: control characters and
 * what is not UTF-8 as \xNN; what does not fit is cut and ends with "...". Returns the
 * length. */
size_t log_escape(const char *text, char *to, size_t size);

/* The rules of the image from now on. */
void log_init(const struct log_rules *rules);

#endif
