/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include "rt/log.h"

#include <errno.h>
#include <time.h>

static struct log_rules rules_of(const char *text)
{
    struct log_rules r = LOG_RULES(DR_LOG_INFO);
    char why[256];
    if (text && log_parse(&r, text, why, sizeof why) != 0)
        printf("# %s\n", why);
    return r;
}

static void begin(const char *rules)
{
    vplat_reset();
    struct log_rules r = rules_of(rules);
    log_init(&r);
}

TEST(a_line_has_time_level_source_and_text)
{
    begin(NULL);
    dr_info("hello %d", 7);
    CHECK_STR(vplat_console(), "2026-06-13T06:13:32-00:00: [INFO] [application] hello 7\n");
}

TEST(an_error_of_ours_has_words_and_another_has_its_number_alone)
{
    CHECK_STR(dr_error_text(-ECONNREFUSED), "connection refused");
    CHECK_STR(dr_error_text(-ETIMEDOUT), "timed out");
    CHECK_STR(dr_error_text(-ENOTTY), "error");
    CHECK_STR(dr_error_text(0), "error");
}

TEST(from_a_directive_that_it_has_not_a_format_stands_for_itself)
{
    static const char fmt[] = "%d is not %f %s";
    begin(NULL);
    dr_info(fmt, 7, 7.0, "");
    CHECK(strstr(vplat_console(), "7 is not %f %s\n"));
}

TEST(the_default_is_info)
{
    begin(NULL);
    CHECK(dr_log_wants("x", DR_LOG_ERROR) && dr_log_wants("x", DR_LOG_INFO));
    CHECK(!dr_log_wants("x", DR_LOG_DEBUG));
    CHECK(!dr_log_wants("x", DR_LOG_QUIET));
    dr_debug("not seen");
    CHECK_STR(vplat_console(), "");
}

TEST(the_last_rule_that_names_a_source_holds_or_else_the_one_for_all)
{
    begin("net:debug,*:error,net:warn,tcp:quiet");
    CHECK(dr_log_wants("net", DR_LOG_WARN) && !dr_log_wants("net", DR_LOG_INFO));
    CHECK(dr_log_wants("arp", DR_LOG_ERROR) && !dr_log_wants("arp", DR_LOG_WARN));
    CHECK(!dr_log_wants("tcp", DR_LOG_ERROR));
    begin("net:debug");
    CHECK(dr_log_wants("net", DR_LOG_DEBUG) && !dr_log_wants("arp", DR_LOG_DEBUG));
}

TEST(rules_that_are_none_are_refused_and_change_nothing)
{
    static const char *const bad[] = {
        "",
        "info",
        ":info",
        "*:",
        "*:Info",
        "*:verbose",
        "net",
        "net:",
        "net:info,",
        ",net:info",
        "net:info,,a:b",
        "net info",
        "Net:info",
        "n t:info",
        "net:info ",
        "*:info;net:debug",
        "a234567890123456789012345:info",
        "**:info",
        "net:1",
        ("a:info,b:info,c:info,d:info,e:info,f:info,g:info,h:info,i:info,j:info,k:info,l:info,"
         "m:info,n:info,o:info,p:info,q:info"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct log_rules r = LOG_RULES(DR_LOG_WARN), same = r;
        char why[256] = "";
        CHECK_INT(log_parse(&r, bad[i], why, sizeof why), -EINVAL);
        CHECK_MEM(&r, &same, sizeof r);
        CHECK(strstr(why, "is not SOURCE:LEVEL") && !strchr(why, '\n'));
    }
}

TEST(what_a_peer_sends_cannot_forge_a_line)
{
    begin(NULL);
    dr_info("got %s", "a\n2026\r\x1b[2J\x7f\t\\");
    CHECK(strstr(vplat_console(), "got a\\x0a2026\\x0d\\x1b[2J\\x7f\\x09\\\n"));
    CHECK(strchr(vplat_console(), '\n') == vplat_console() + strlen(vplat_console()) - 1);
}

static const char *escaped(const char *text)
{
    static char to[128];
    CHECK_INT(log_escape(text, to, sizeof to), strlen(to));
    return to;
}

TEST(text_in_utf8_is_shown_and_what_is_not_is_escaped)
{
    CHECK_STR(escaped("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x91"),
              "h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x91");
    CHECK_STR(escaped("\xc2\x9b"), "\\xc2\\x9b"); /* a C1 control */
    CHECK_STR(escaped("\x9b"), "\\x9b");          /* the same, raw */
    CHECK_STR(escaped("\xc0\xaf"), "\\xc0\\xaf"); /* overlong */
    CHECK_STR(escaped("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
    CHECK_STR(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* a surrogate */
    CHECK_STR(escaped("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
    CHECK_STR(escaped("\xe2\x82"), "\\xe2\\x82"); /* cut short */
    CHECK_STR(escaped("\xc3"), "\\xc3");
}

TEST(what_does_not_fit_is_cut_between_characters_and_says_so)
{
    char to[16];
    for (size_t size = 4; size <= sizeof to; size++) {
        memset(to, '#', sizeof to);
        size_t len = log_escape("abc\ndef\nghi\njkl", to, size);
        CHECK(len < size);
        CHECK_INT(strlen(to), len);
        CHECK_STR(to + len - 3, "...");
    }
    CHECK_INT(log_escape("0123456789abcde", to, 16), 15);
    CHECK_STR(to, "0123456789abcde");
    log_escape("0123456789abcdef", to, 16);
    CHECK_STR(to, "0123456789ab...");
    log_escape("0123456789\n789", to, 16);
    CHECK_STR(to, "0123456789...");
}

TEST(a_long_line_is_cut_at_the_limit)
{
    static char text[4000];
    for (size_t n = 440; n < 620; n++) {
        begin(NULL);
        memset(text, 'x', n);
        text[n] = '\0';
        dr_info("%s", text);
        size_t len = strlen(vplat_console());
        size_t whole = strlen("2026-06-13T06:13:32-00:00: [INFO] [application] ") + n + 1;
        CHECK_INT(len, whole <= DR_LOG_LINE_MAX ? whole : DR_LOG_LINE_MAX);
        CHECK(whole <= DR_LOG_LINE_MAX || strstr(vplat_console(), "xxx...\n"));
    }
    begin(NULL);
    memset(text, '\n', sizeof text - 1);
    dr_info("%s", text);
    CHECK(strlen(vplat_console()) <= DR_LOG_LINE_MAX);
    CHECK(strstr(vplat_console(), "\\x0a...\n"));
}

static const char *time_of(uint64_t seconds)
{
    static char text[LOG_TIME_LEN];
    log_time(seconds * 1000000000U + 999999999U, text);
    return text;
}

TEST(times_are_right_around_leap_days_and_years)
{
    CHECK_STR(time_of(0), "1970-01-01T00:00:00-00:00");
    CHECK_STR(time_of(951782399), "2000-02-28T23:59:59-00:00");
    CHECK_STR(time_of(951782400), "2000-02-29T00:00:00-00:00");
    CHECK_STR(time_of(951868800), "2000-03-01T00:00:00-00:00");
    CHECK_STR(time_of(1709164800), "2024-02-29T00:00:00-00:00");
    CHECK_STR(time_of(1735689599), "2024-12-31T23:59:59-00:00");
    CHECK_STR(time_of(4107542399), "2100-02-28T23:59:59-00:00");
    CHECK_STR(time_of(4107542400), "2100-03-01T00:00:00-00:00");
    CHECK_STR(time_of(2147483648), "2038-01-19T03:14:08-00:00");
}

TEST(times_agree_with_the_hosts_own_for_every_day_of_five_centuries)
{
    char want[LOG_TIME_LEN];
    for (time_t t = 43200; t < (time_t)500 * 366 * 86400; t += 86400) {
        struct tm tm;
        gmtime_r(&t, &tm);
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S-00:00", &tm);
        CHECK_STR(time_of((uint64_t)t), want);
    }
}

/* ---- As an image is started ------------------------------------------------ */

static int logs_all(void)
{
    dr_error("e");
    dr_warn("w");
    dr_info("i");
    dr_debug("d");
    dr_log("net", DR_LOG_DEBUG, "n");
    return 0;
}

static void check_lines(const char *levels)
{
    char got[8] = "";
    for (const char *p = vplat_console(); (p = strchr(p, '\n')) != NULL; p++)
        got[strlen(got)] = p[-1];
    CHECK_STR(got, levels);
}

TEST(the_tenders_level_holds_unless_logs_says_otherwise)
{
    static const char *const want[] = {"", "e", "ew", "ewi", "ewidn"};
    for (unsigned level = 0; level < 5; level++) {
        vplat_reset();
        vplat.log_level = level;
        CHECK_INT(vplat_run(logs_all), 0);
        check_lines(want[level]);
    }
    vplat_reset();
    vplat.log_level = DR_LOG_DEBUG;
    vplat_args("--logs=*:error,net:debug", NULL);
    CHECK_INT(vplat_run(logs_all), 0);
    check_lines("en");
}

TEST(wrong_log_rules_are_refused_before_main_runs)
{
    vplat_reset();
    vplat_args("--logs", "net:loud", NULL);
    CHECK_INT(vplat_run(logs_all), 64);
    CHECK(strstr(vplat_console(), "test: --logs: \"net:loud\" is not SOURCE:LEVEL"));
    CHECK(strchr(vplat_console(), '\n') == vplat_console() + strlen(vplat_console()) - 1);
}

TEST_MAIN(TEST_OF(a_line_has_time_level_source_and_text),
          TEST_OF(an_error_of_ours_has_words_and_another_has_its_number_alone),
          TEST_OF(from_a_directive_that_it_has_not_a_format_stands_for_itself),
          TEST_OF(the_default_is_info),
          TEST_OF(the_last_rule_that_names_a_source_holds_or_else_the_one_for_all),
          TEST_OF(rules_that_are_none_are_refused_and_change_nothing),
          TEST_OF(what_a_peer_sends_cannot_forge_a_line),
          TEST_OF(text_in_utf8_is_shown_and_what_is_not_is_escaped),
          TEST_OF(what_does_not_fit_is_cut_between_characters_and_says_so),
          TEST_OF(a_long_line_is_cut_at_the_limit),
          TEST_OF(times_are_right_around_leap_days_and_years),
          TEST_OF(times_agree_with_the_hosts_own_for_every_day_of_five_centuries),
          TEST_OF(the_tenders_level_holds_unless_logs_says_otherwise),
          TEST_OF(wrong_log_rules_are_refused_before_main_runs))
