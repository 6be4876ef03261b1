/* SPDX-License-Identifier: ISC */
#include "http/date.h"
#include "http/response.h"

#include "tests/check.h"

#include <time.h>

static const char *printed(struct writer *w, char *room)
{
    room[writer_len(w)] = '\0';
    return room;
}

TEST(status_lines_have_a_reason_or_none)
{
    char room[128];
    struct writer w = writer_of(room, sizeof room - 1);
    http_print_status(&w, 200);
    http_print_status(&w, 404);
    http_print_status(&w, 299);
    CHECK_STR(printed(&w, room),
              "HTTP/1.1 200 OK\r\nHTTP/1.1 404 Not Found\r\nHTTP/1.1 299 \r\n");
}

TEST(numbers_are_printed_whole)
{
    char room[128];
    struct writer w = writer_of(room, sizeof room - 1);
    http_print_length(&w, 0);
    http_print_length(&w, UINT64_MAX);
    CHECK_STR(printed(&w, room),
              "Content-Length: 0\r\nContent-Length: 18446744073709551615\r\n");
}

TEST(a_head_that_does_not_fit_is_noticed_at_every_length)
{
    char room[128];
    for (size_t n = 0; n < 17 + 6; n++) {
        struct writer w = writer_of(room, n);
        http_print_status(&w, 200);
        http_print_field(&w, bytes_of("A", 1), bytes_of("b", 1));
        CHECK(w.ran_out);
    }
}

TEST(values_that_would_split_a_response_are_not_valid)
{
    CHECK(http_value_valid(bytes_of("a b\tc", 5)));
    CHECK(http_value_valid(bytes_of("", 0)));
    CHECK(!http_value_valid(bytes_of("a\r\nB: c", 7)));
    CHECK(!http_value_valid(bytes_of("a\nb", 3)));
    CHECK(!http_value_valid(bytes_of("a\0b", 3)));
    CHECK(http_name_valid(bytes_of("X-Y", 3)));
    CHECK(!http_name_valid(bytes_of("", 0)));
    CHECK(!http_name_valid(bytes_of("X:", 2)));
    CHECK(!http_name_valid(bytes_of("X Y", 3)));
}

static const char *date(uint64_t s)
{
    static char out[HTTP_DATE_LEN + 1];
    http_date_print(s, out);
    return out;
}

TEST(dates_have_the_fixed_form)
{
    CHECK_STR(date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT"); /* RFC 9110 5.6.7 */
    CHECK_STR(date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK_STR(date(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
    CHECK_STR(date(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
    CHECK_STR(date(253402300799), "Fri, 31 Dec 9999 23:59:59 GMT");
    CHECK_STR(date(253402300800), "Fri, 31 Dec 9999 23:59:59 GMT");
    CHECK_STR(date(UINT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST(every_day_of_eight_thousand_years_has_the_date_that_libc_says)
{
    char want[64];
    for (time_t s = 43210; s < 253402300800; s += 86400) {
        struct tm tm;
        gmtime_r(&s, &tm);
        strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        CHECK_STR(date((uint64_t)s), want);
    }
}

TEST_MAIN(TEST_OF(status_lines_have_a_reason_or_none), TEST_OF(numbers_are_printed_whole),
          TEST_OF(a_head_that_does_not_fit_is_noticed_at_every_length),
          TEST_OF(values_that_would_split_a_response_are_not_valid),
          TEST_OF(dates_have_the_fixed_form),
          TEST_OF(every_day_of_eight_thousand_years_has_the_date_that_libc_says))
