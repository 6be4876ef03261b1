/* SPDX-License-Identifier: ISC */
#include "tests/support/vplat.h"

#include "rt/args.h"
#include <drupe/time.h>

#include <stdarg.h>

static bool verbose;
static uint64_t port, size, wait_ns;
static const char *title;
static struct dr_ip gateway;
static struct dr_prefix ipv4;

static const struct dr_arg net_args[] = {
    DR_ARG_PREFIX("ipv4", &ipv4, "ADDRESS/LEN", "the address"),
    DR_ARG_IP("ipv4-gateway", &gateway, "ADDRESS", "the gateway"),
    DR_ARG_END,
};

static const struct dr_arg middle[] = {DR_ARG_TABLE(net_args), DR_ARG_END};

static const struct dr_arg args[] = {
    DR_ARG_UINT("port", &port, 1, 65535, "PORT", "the port"),
    DR_ARG_TABLE(middle),
    DR_ARG_FLAG("verbose", &verbose, "says more"),
    DR_ARG_STRING("title", &title, "TEXT", "the title"),
    DR_ARG_DURATION("wait", &wait_ns, "TIME", "how long"),
    DR_ARG_UINT("size", &size, 0, UINT64_MAX, "N", "how much"),
    DR_ARG_END,
};

static char why[ARGS_WHY_LEN];

static void defaults(void)
{
    verbose = false;
    port = 9000;
    size = 0;
    wait_ns = DR_S(90);
    title = NULL;
    memset(&gateway, 0, sizeof gateway);
    memset(&ipv4, 0, sizeof ipv4);
}

static enum args_verdict parse(const struct dr_arg *table, const char *first, ...)
{
    static char text[16][256];
    char *argv[18];
    int argc = 1;
    va_list more;
    static char name[] = "image";
    argv[0] = name;
    va_start(more, first);
    for (const char *a = first; a; a = va_arg(more, const char *)) {
        snprintf(text[argc - 1], sizeof text[0], "%s", a);
        argv[argc] = text[argc - 1];
        argc++;
    }
    va_end(more);
    argv[argc] = NULL;
    defaults();
    return args_parse(table, argc, argv, why);
}

TEST(no_arguments_leave_the_defaults)
{
    CHECK_INT(parse(args, NULL), ARGS_OK);
    CHECK_INT(port, 9000);
    CHECK_INT(parse(NULL, NULL), ARGS_OK);
}

TEST(each_type_is_read_in_both_forms)
{
    CHECK_INT(parse(args, "--port=80", "--ipv4", "10.0.0.2/24", "--verbose",
                    "--title=", "--wait", "250ms", "--ipv4-gateway=10.0.0.1",
                    "--size=18446744073709551615", NULL),
              ARGS_OK);
    CHECK_INT(port, 80);
    CHECK_INT(ipv4.len, 24);
    CHECK(verbose);
    CHECK_STR(title, "");
    CHECK_INT(wait_ns, DR_MS(250));
    CHECK_INT(gateway.octet[15], 1);
    CHECK(size == UINT64_MAX);
    CHECK_INT(parse(args, "--title", "a=b --c", NULL), ARGS_OK);
    CHECK_STR(title, "a=b --c");
    CHECK_INT(parse(args, "--title=--port", NULL), ARGS_OK);
    CHECK_STR(title, "--port");
}

TEST(routes_are_given_as_often_as_there_is_room)
{
    struct dr_route r[2];
    memset(r, 0, sizeof r);
    const struct dr_arg table[] = {DR_ARG_ROUTES("route", r, 2, "ROUTE", "ways"), DR_ARG_END};
    CHECK_INT(parse(table, "--route=10.1.0.0/16,10.0.0.9", "--route=10.2.0.0/15,10.0.0.8,65535",
                    NULL),
              ARGS_OK);
    CHECK_INT(r[0].to.len, 16);
    CHECK_INT(r[0].gateway.octet[15], 9);
    CHECK_INT(r[0].metric, 0);
    CHECK_INT(r[1].to.ip.octet[13], 2);
    CHECK_INT(r[1].metric, 65535);
    CHECK_INT(parse(table, "--route=10.1.0.0/16,10.0.0.9", NULL), ARGS_BAD);
    CHECK_STR(why, "--route is given more than 2 times");
    static const char *const bad[] = {
        "",
        "10.1.0.0/16",
        "10.1.0.0/16,",
        "10.1.0.0,10.0.0.9",
        "10.1.0.0/16,0.0.0.0",
        "10.1.0.0/16,10.0.0.9,",
        "10.1.0.0/16,10.0.0.9,65536",
        "10.1.0.0/16,10.0.0.9,1,",
        "10.1.0.0/16,10.0.0.9,x",
        "10.1.0.0/33,10.0.0.9",
        "123456789012345678901234567890123456789012345678901234567890"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        memset(r, 0, sizeof r);
        CHECK_INT(parse(table, "--route", bad[i], NULL), ARGS_BAD);
        CHECK_INT(r[0].gateway.octet[15], 0);
    }
}

TEST(durations_have_a_unit)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } good[] = {{"1ns", 1},
                {"2us", 2000},
                {"250ms", DR_MS(250)},
                {"30s", DR_S(30)},
                {"5m", DR_S(300)},
                {"1h", DR_S(3600)},
                {"0s", 0},
                {"18446744073709551614ns", UINT64_MAX - 1}};
    static const char *const bad[] = {"",
                                      "5",
                                      "s",
                                      "5 s",
                                      "5S",
                                      "-5s",
                                      "5.5s",
                                      "5sec",
                                      "5d",
                                      "18446744073709551615ns",
                                      "18446744073709551616ns",
                                      "5124096h",
                                      "+5s",
                                      "0x5s"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK_INT(parse(args, "--wait", good[i].text, NULL), ARGS_OK);
        CHECK(wait_ns == good[i].ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_INT(parse(args, "--wait", bad[i], NULL), ARGS_BAD);
}

#define REFUSED(text, ...)                                                                     \
    do {                                                                                       \
        CHECK_INT(parse(args, __VA_ARGS__, NULL), ARGS_BAD);                                   \
        CHECK_STR(why, text);                                                                  \
    } while (0)

TEST(what_does_not_fit_is_refused_with_what_was_expected)
{
    REFUSED("--port: \"0\" is not a number from 1 to 65535", "--port=0");
    REFUSED("--port: \"65536\" is not a number from 1 to 65535", "--port=65536");
    REFUSED("--port: \"\" is not a number from 1 to 65535", "--port=");
    REFUSED("--port: \"8o\" is not a number from 1 to 65535", "--port", "8o");
    REFUSED("--port: \" 80\" is not a number from 1 to 65535", "--port", " 80");
    REFUSED("--port: \"+80\" is not a number from 1 to 65535", "--port", "+80");
    REFUSED("--port: \"-80\" is not a number from 1 to 65535", "--port", "-80");
    REFUSED("--size: \"18446744073709551616\" is not a number from 0",
            "--size=18446744073709551616");
    REFUSED("--port needs a value: a number from 1 to 65535", "--port");
    REFUSED("--port needs a value: a number from 1 to 65535", "--port", "--verbose");
    REFUSED("--port is given twice", "--port=1", "--port=1");
    REFUSED("--verbose is given twice", "--verbose", "--verbose");
    REFUSED("--verbose takes no value", "--verbose=yes");
    REFUSED("there is no argument --prot=80; --help lists those there are", "--prot=80");
    REFUSED("there is no argument --por; --help lists those there are", "--por");
    REFUSED("\"80\" is not an argument: they begin with --", "80");
    REFUSED("\"-p\" is not an argument: they begin with --", "-p");
    REFUSED("\"--\" is not an argument: they begin with --", "--");
    REFUSED("\"\" is not an argument: they begin with --", "");
    REFUSED("there is no argument --=80; --help lists those there are", "--=80");
    REFUSED(
        "--ipv4: \"10.0.0.2\" is not an IP address with the length of its network's prefix, "
        "such as 10.0.0.2/24",
        "--ipv4=10.0.0.2");
    REFUSED("--ipv4-gateway: \"10.0.0\" is not an IP address such as 10.0.0.1",
            "--ipv4-gateway=10.0.0");
    REFUSED("--wait: \"5\" is not a duration such as 250ms, 30s, 5m or 1h", "--wait=5");
}

TEST(a_message_is_one_line_whatever_was_given)
{
    char text[220];
    memset(text, '\n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text, "--", 2);
    CHECK_INT(parse(args, text, NULL), ARGS_BAD);
    CHECK(!strchr(why, '\n') && strlen(why) < ARGS_WHY_LEN);
    CHECK_INT(parse(args, "--port", text + 2, NULL), ARGS_BAD);
    CHECK(!strchr(why, '\n') && strlen(why) < ARGS_WHY_LEN);
}

TEST(a_required_argument_must_be_there)
{
    static const struct dr_arg table[] = {
        {.kind = &dr_arg_uint, .required = true, .name = "port", .to.uint = &port, .max = 9},
        DR_ARG_END,
    };
    CHECK_INT(parse(table, NULL), ARGS_BAD);
    CHECK_STR(why, "--port is required: a number from 0 to 9");
    CHECK_INT(parse(table, "--port=5", NULL), ARGS_OK);
    CHECK_INT(parse(table, "--help", NULL), ARGS_HELP);
}

static char help[2048];

static void say(const char *line)
{
    strcat(help, line);
    strcat(help, "\n");
}

TEST(help_is_aligned_and_shows_ranges_and_defaults)
{
    defaults();
    help[0] = '\0';
    args_help("image", "Does things.", args, say);
    CHECK_STR(help, "image: Does things.\n"
                    "\n"
                    "  --port=PORT             the port (1 to 65535; 9000 by default)\n"
                    "  --ipv4=ADDRESS/LEN      the address\n"
                    "  --ipv4-gateway=ADDRESS  the gateway\n"
                    "  --verbose               says more\n"
                    "  --title=TEXT            the title\n"
                    "  --wait=TIME             how long (90s by default)\n"
                    "  --size=N                how much (0 by default)\n");
    CHECK_INT(dr_prefix_parse("10.0.0.2/24", &ipv4), 0);
    help[0] = '\0';
    args_help("image", "Does things.", net_args, say);
    CHECK(strstr(help, "the address (10.0.0.2/24 by default)\n"));
}

/* ---- As an image is started ------------------------------------------------ */

static int shows_port(void)
{
    return (int)(port % 251);
}

TEST(an_image_takes_its_arguments_and_the_runtimes)
{
    defaults();
    vplat_reset();
    vplat.args = args;
    vplat_args("--port", "7", "--logs=*:error", NULL);
    CHECK_INT(vplat_run(shows_port), 7);
    CHECK_STR(vplat_console(), "");
}

TEST(wrong_arguments_end_an_image_with_64_and_one_line)
{
    defaults();
    vplat_reset();
    vplat.args = args;
    vplat_args("--port=x", NULL);
    CHECK_INT(vplat_run(shows_port), 64);
    CHECK_STR(vplat_console(), "test: --port: \"x\" is not a number from 1 to 65535\n");
}

TEST(help_ends_an_image_with_0)
{
    defaults();
    vplat_reset();
    vplat.args = args;
    vplat_args("--help", "--nonsense", NULL);
    CHECK_INT(vplat_run(shows_port), 0);
    CHECK(strstr(vplat_console(), "test: A test.\n\n  --port=PORT "));
    CHECK(strstr(vplat_console(), "\n  --logs=RULES "));
    CHECK(strstr(vplat_console(), "\n  --help "));
}

TEST_MAIN(TEST_OF(no_arguments_leave_the_defaults), TEST_OF(each_type_is_read_in_both_forms),
          TEST_OF(routes_are_given_as_often_as_there_is_room), TEST_OF(durations_have_a_unit),
          TEST_OF(what_does_not_fit_is_refused_with_what_was_expected),
          TEST_OF(a_message_is_one_line_whatever_was_given),
          TEST_OF(a_required_argument_must_be_there),
          TEST_OF(help_is_aligned_and_shows_ranges_and_defaults),
          TEST_OF(an_image_takes_its_arguments_and_the_runtimes),
          TEST_OF(wrong_arguments_end_an_image_with_64_and_one_line),
          TEST_OF(help_ends_an_image_with_0))
