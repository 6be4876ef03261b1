/* SPDX-License-Identifier: ISC */
#ifndef NET_ICMP_ICMP_H
#define NET_ICMP_ICMP_H

/* ICMP messages (RFC 792, RFC 1122 3.2.2). */

#include "base/names.h"
#include "base/octets.h"
#include "net/ip4/ip4.h"

#define ICMP_HEADER_LEN 8U
#define ICMP_QUOTE_MIN  8U /* octets of a quoted packet's payload (RFC 792) */
#define ICMP_MESSAGE_MAX                                                                       \
    548U /* of an error: the packet is no longer than 576 (RFC 1812 4.3.2.3) */

enum icmp_type {
    ICMP_ECHO_REPLY = 0,
    ICMP_UNREACHABLE = 3,
    ICMP_SOURCE_QUENCH = 4,
    ICMP_REDIRECT = 5,
    ICMP_ECHO_REQUEST = 8,
    ICMP_TIME_EXCEEDED = 11,
    ICMP_PARAMETER_PROBLEM = 12,
};

/* Codes of ICMP_UNREACHABLE. */
enum icmp_code {
    ICMP_NET_UNREACHABLE = 0,
    ICMP_HOST_UNREACHABLE = 1,
    ICMP_BAD_PROTOCOL = 2,
    ICMP_BAD_PORT = 3,
    ICMP_TOO_BIG = 4,
    ICMP_PROHIBITED = 13, /* RFC 1812 5.2.7.1 */
};

/* The code of ICMP_TIME_EXCEEDED for a datagram of which fragments were missing. */
#define ICMP_REASSEMBLY_TIME 1U

struct icmp_message {
    uint8_t type, code;
    uint32_t rest;     /* of the header: identifier and sequence number of an echo */
    struct bytes body; /* an error's: the packet it is about */
};

/* The packet of ours that an error is about. */
struct icmp_quote {
    struct ip4 src, dst;
    uint16_t total_len; /* as quoted */
    uint8_t protocol;
    struct bytes payload; /* its first octets, ICMP_QUOTE_MIN or more */
};

#define ICMP_VERDICTS(X)                                                                       \
    X(ICMP_OK, "in")                                                                           \
    X(ICMP_TRUNCATED, "truncated")                                                             \
    X(ICMP_BAD_CHECKSUM, "bad_checksum")                                                       \
    X(ICMP_BAD_QUOTE, "bad_quote") /* an error about no packet of ours */
enum icmp_verdict { ICMP_VERDICTS(NAMES_MEMBER) ICMP_VERDICT_COUNT };

enum icmp_verdict icmp_parse(struct bytes packet, struct icmp_message *out);

/* Whether the message reports an error, about which no error may be sent (RFC 1122 3.2.2). */
bool icmp_is_error(uint8_t type);

/* What an error message quotes: the head of an IPv4 packet, whose own length and checksum may
 * have been changed on the way, and are not verified. Writes *out only on ICMP_OK. */
enum icmp_verdict icmp_parse_quote(const struct icmp_message *error, struct icmp_quote *out);

/* What the error means to the user of a connection (RFC 1122 4.2.3.9): a negative error
 * number, or 0 for nothing (ICMP_TOO_BIG, source quench (RFC 6633), redirects). */
int icmp_error_number(const struct icmp_message *error);

/* Whether a packet holds an ICMP message about which no error may be sent: one that reports an
 * error, or is too short to say (RFC 1122 3.2.2). */
bool icmp_forbids_errors(const struct ip4_packet *p);

/* Writes a whole message with its checksum. */
void icmp_print(struct writer *w, const struct icmp_message *m);

#endif
