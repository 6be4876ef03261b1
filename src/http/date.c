/* SPDX-License-Identifier: ISC */
#include "http/date.h"

#include <string.h>

#define DAY_S     86400U
#define LATEST_S  253402300799U /* 9999-12-31T23:59:59Z */
#define ERA_DAYS  146097U       /* of 400 years */
#define MARCH_0_D 719468U       /* from 0000-03-01 to 1970-01-01 */

struct civil {
    unsigned year, month, day; /* month 1..12, day 1..31 */
};

/* Years are counted from March, so that the leap day is a year's last: then the
 * months before it have the lengths 31 30 31 30 31, again and again, and the day of a
 * month's start is linear in its number, (153 m + 2) / 5. */
static struct civil civil_of(uint64_t days)
{
    uint64_t d = days + MARCH_0_D, era = d / ERA_DAYS;
    unsigned in_era = (unsigned)(d % ERA_DAYS);
    unsigned y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    unsigned in_year = in_era - (365 * y + y / 4 - y / 100);
    unsigned m = (5 * in_year + 2) / 153;
    struct civil c = {
        .year = (unsigned)(era * 400) + y + (m >= 10),
        .month = m < 10 ? m + 3 : m - 9,
        .day = in_year - (153 * m + 2) / 5 + 1,
    };
    return c;
}

static void two(char *at, unsigned n)
{
    at[0] = (char)('0' + n / 10);
    at[1] = (char)('0' + n % 10);
}

void http_date_print(uint64_t seconds, char out[HTTP_DATE_LEN])
{
    static const char weekdays[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (seconds > LATEST_S)
        seconds = LATEST_S;
    uint64_t days = seconds / DAY_S;
    unsigned s = (unsigned)(seconds % DAY_S);
    struct civil c = civil_of(days);

    memcpy(out, "Ddd, 00 Mmm 0000 00:00:00 GMT", HTTP_DATE_LEN);
    memcpy(out, weekdays + 3 * (days % 7), 3);
    two(out + 5, c.day);
    memcpy(out + 8, months + 3 * (c.month - 1), 3);
    two(out + 12, c.year / 100);
    two(out + 14, c.year % 100);
    two(out + 17, s / 3600);
    two(out + 20, s / 60 % 60);
    two(out + 23, s % 60);
}
