/* SPDX-License-Identifier: ISC */
#ifndef HOST_PCAP_H
#define HOST_PCAP_H

/* Writes captures of frames in the form pcapng (draft-ietf-opsawg-pcapng): a section header,
 * one description for each interface, then packets, and statistics at the end. Pure: octets
 * out, in little-endian order, times in nanoseconds since 1970. */

#include "base/octets.h"

#define PCAP_TEXT_MAX       255U /* octets of a text; what is longer is cut */
#define PCAP_SECTION_MAX    (48U + PCAP_TEXT_MAX)
#define PCAP_INTERFACE_MAX  (64U + 2 * PCAP_TEXT_MAX)
#define PCAP_HEAD_LEN       28U
#define PCAP_TAIL_MAX       (44U + PCAP_TEXT_MAX)
#define PCAP_STATISTICS_MAX (80U + PCAP_TEXT_MAX)

/* The section header; `program` wrote it. Returns octets written, a multiple of 4, as the
 * others do. */
size_t pcap_section(uint8_t out[PCAP_SECTION_MAX], const char *program);

/* An Ethernet interface. They are numbered from 0 in the order in which they are written. */
struct pcap_interface {
    const char *name, *description;
    uint8_t mac[6];
};
size_t pcap_interface(uint8_t out[PCAP_INTERFACE_MAX], const struct pcap_interface *i);

/* A packet is its head, its octets as they are, and its tail. */
struct pcap_packet {
    uint32_t interface;
    uint64_t time_ns;
    uint32_t len;        /* octets */
    bool inbound;        /* to the interface; else sent by it */
    uint64_t dropped;    /* packets not recorded since the interface's last one */
    const char *comment; /* NULL: none */
};
size_t pcap_head(uint8_t out[PCAP_HEAD_LEN], const struct pcap_packet *p);
size_t pcap_tail(uint8_t out[PCAP_TAIL_MAX], const struct pcap_packet *p);

struct pcap_statistics {
    uint32_t interface;
    uint64_t start_ns, end_ns;
    uint64_t received; /* packets seen, both ways */
    uint64_t dropped;  /* of them, not recorded */
    const char *comment;
};
size_t pcap_statistics(uint8_t out[PCAP_STATISTICS_MAX], const struct pcap_statistics *s);

#endif
