/* SPDX-License-Identifier: ISC */
#include "host/usernet_spec.h"
#include "tests/check.h"

#include <stdlib.h>

#define FORM "[ADDR:]PORT:GUESTPORT[/tcp|/udp]"

/* What a specification is read as, printed; or its refusal. */
static const char *read_spec(const char *text)
{
    static char out[4000];
    struct usernet_spec spec;
    struct error e;
    char one[USERNET_PUBLISH_TEXT];
    if (usernet_spec_parse(text, &spec, &e) < 0) {
        snprintf(out, sizeof out, "%s", e.text);
        return out;
    }
    strcpy(out, "user");
    for (size_t i = 0; i < spec.n; i++) {
        strcat(out, ",publish=");
        strcat(out, usernet_publish_print(&spec.publish[i], one));
    }
    return out;
}

TEST(without_publications_nothing_is_published)
{
    CHECK_STR(read_spec("user"), "user");
}

TEST(a_port_is_published_on_loopback_unless_an_address_is_given)
{
    CHECK_STR(read_spec("user,publish=8080:80"), "user,publish=127.0.0.1:8080:80");
    CHECK_STR(read_spec("user,publish=0.0.0.0:1:65535"), "user,publish=0.0.0.0:1:65535");
    CHECK_STR(read_spec("user,publish=192.0.2.7:8080:80/tcp"),
              "user,publish=192.0.2.7:8080:80");
}

TEST(udp_is_published_by_its_suffix)
{
    CHECK_STR(read_spec("user,publish=53:53/udp,publish=53:53"),
              "user,publish=127.0.0.1:53:53/udp,publish=127.0.0.1:53:53");
}

TEST(what_is_printed_is_read_as_the_same)
{
    static const char *const texts[] = {
        "user,publish=127.0.0.1:8080:80,publish=10.1.2.3:1:2/udp",
        "user,publish=0.0.0.0:65535:65535"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK_STR(read_spec(texts[i]), texts[i]);
}

TEST(every_refusal_says_what_is_wrong)
{
    static const struct {
        const char *spec, *line;
    } bad[] = {
        {"", "'' is not a user-mode network: write user[,publish=" FORM "]"},
        {"users", "'users' is not a user-mode network: write user[,publish=" FORM "]"},
        {"user,", "'' is not known to the user-mode network: it takes publish=" FORM},
        {"user,mtu=9", "'mtu=9' is not known to the user-mode network: it takes publish=" FORM},
        {"user,publish=", "'' is not a port to publish: write " FORM},
        {"user,publish=80", "'80' is not a port to publish: write " FORM},
        {"user,publish=1:2:3:4", "'1:2:3:4' has no IPv4 address: write " FORM},
        {"user,publish=[::1]:8080:80", "'[::1]:8080:80' has no IPv4 address: write " FORM},
        {"user,publish=224.0.0.0:80:80",
         "'224.0.0.0' in '224.0.0.0:80:80' is not the address of one host"},
        {"user,publish=255.255.255.255:80:80/udp",
         "'255.255.255.255' in '255.255.255.255:80:80/udp' is not the address of one host"},
        {"user,publish=0:80", "'0' in '0:80' is not a port (1 to 65535)"},
        {"user,publish=65536:80", "'65536' in '65536:80' is not a port (1 to 65535)"},
        {"user,publish=99999999999:80",
         "'99999999999' in '99999999999:80' is not a port (1 to 65535)"},
        {"user,publish=80:-1", "'-1' in '80:-1' is not a port (1 to 65535)"},
        {"user,publish=080:80", "'080' in '080:80' is not a port (1 to 65535)"},
        {"user,publish=80: 80", "' 80' in '80: 80' is not a port (1 to 65535)"},
        {"user,publish=:80", "'' in ':80' is not a port (1 to 65535)"},
        {"user,publish=80:", "'' in '80:' is not a port (1 to 65535)"},
        {"user,publish=localhost:80:80",
         "'localhost' in 'localhost:80:80' is not an IPv4 address"},
        {"user,publish=127.0.0.256:80:80",
         "'127.0.0.256' in '127.0.0.256:80:80' is not an IPv4 address"},
        {"user,publish=127.1:80:80", "'127.1' in '127.1:80:80' is not an IPv4 address"},
        {"user,publish=:80:80", "'' in ':80:80' is not an IPv4 address"},
        {"user,publish=80:80/sctp", "'80:80/sctp' must end in /tcp, /udp or neither"},
        {"user,publish=80:80/", "'80:80/' must end in /tcp, /udp or neither"},
        {"user,publish=80:80/udp/tcp", "'80:80/udp/tcp' must end in /tcp, /udp or neither"},
        {"user,publish=80:80,publish=80:81", "TCP port 80 is published twice"},
        {"user,publish=0.0.0.0:80:80/udp,publish=127.0.0.1:80:80/udp",
         "UDP port 80 is published twice"},
        {"user,publish=80:80,",
         "'' is not known to the user-mode network: it takes publish=" FORM},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_STR(read_spec(bad[i].spec), bad[i].line);
}

TEST(the_same_port_on_two_addresses_is_two_ports)
{
    CHECK_STR(read_spec("user,publish=127.0.0.1:80:80,publish=127.0.0.2:80:80"),
              "user,publish=127.0.0.1:80:80,publish=127.0.0.2:80:80");
}

TEST(a_refused_text_leaves_the_result_alone)
{
    struct usernet_spec spec = {.n = 42};
    struct error e;
    CHECK_INT(usernet_spec_parse("user,publish=1:1,publish=x", &spec, &e), -1);
    CHECK_INT(spec.n, 42);
}

TEST(at_most_64_ports_are_published)
{
    char text[4000] = "user";
    for (int i = 1; i <= USERNET_PUBLISH_MAX; i++)
        sprintf(text + strlen(text), ",publish=%d:80", i);
    CHECK(strncmp(read_spec(text), "user,", 5) == 0);
    strcat(text, ",publish=1000:80");
    CHECK_STR(read_spec(text), "more than 64 ports are published");
}

/* The text ends where the allocation ends, so that a read behind it is seen. */
TEST(every_shorter_text_is_read_or_refused_within_its_bounds)
{
    static const char whole[] = "user,publish=127.0.0.1:8080:80/udp,publish=1:2";
    for (size_t len = 0; len < sizeof whole; len++) {
        char *part = malloc(len + 1);
        CHECK(part != NULL);
        memcpy(part, whole, len);
        part[len] = '\0';
        read_spec(part);
        free(part);
    }
}

TEST_MAIN(TEST_OF(without_publications_nothing_is_published),
          TEST_OF(a_port_is_published_on_loopback_unless_an_address_is_given),
          TEST_OF(udp_is_published_by_its_suffix), TEST_OF(what_is_printed_is_read_as_the_same),
          TEST_OF(every_refusal_says_what_is_wrong),
          TEST_OF(the_same_port_on_two_addresses_is_two_ports),
          TEST_OF(a_refused_text_leaves_the_result_alone),
          TEST_OF(at_most_64_ports_are_published),
          TEST_OF(every_shorter_text_is_read_or_refused_within_its_bounds))
