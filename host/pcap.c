/* SPDX-License-Identifier: ISC */
#include "host/pcap.h"

/* draft-ietf-opsawg-pcapng, 4.1 to 4.6, and 3.5 for the options. */
enum block {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
};
#define BYTE_ORDER_MAGIC  0x1a2b3c4dU
#define LINKTYPE_ETHERNET 1U

enum option {
    OPT_END = 0,
    OPT_COMMENT = 1,
    SHB_USERAPPL = 4,
    IF_NAME = 2,
    IF_DESCRIPTION = 3,
    IF_MACADDR = 6,
    IF_TSRESOL = 9,
    EPB_FLAGS = 2,
    EPB_DROPCOUNT = 4,
    ISB_STARTTIME = 2,
    ISB_ENDTIME = 3,
    ISB_IFRECV = 4,
    ISB_IFDROP = 5,
};
#define FLAG_INBOUND  1U
#define FLAG_OUTBOUND 2U

struct out {
    uint8_t *at;
    size_t len;
};

static void put16(struct out *o, uint16_t v)
{
    o->at[o->len++] = (uint8_t)v;
    o->at[o->len++] = (uint8_t)(v >> 8);
}

static void put32(struct out *o, uint32_t v)
{
    put16(o, (uint16_t)v);
    put16(o, (uint16_t)(v >> 16));
}

/* Times and counts of packets are in two halves, the higher first. */
static void put_time(struct out *o, uint64_t v)
{
    put32(o, (uint32_t)(v >> 32));
    put32(o, (uint32_t)v);
}

static size_t padding(size_t len)
{
    return (4 - len % 4) % 4;
}

static void put_padding(struct out *o, size_t len)
{
    for (size_t n = padding(len); n > 0; n--)
        o->at[o->len++] = 0;
}

static void put_option(struct out *o, enum option code, const void *value, size_t len)
{
    put16(o, (uint16_t)code);
    put16(o, (uint16_t)len);
    memcpy(o->at + o->len, value, len);
    o->len += len;
    put_padding(o, len);
}

static void put_text(struct out *o, enum option code, const char *text)
{
    if (text)
        put_option(o, code, text, strnlen(text, PCAP_TEXT_MAX));
}

static void put_option64(struct out *o, enum option code, uint64_t v)
{
    put16(o, (uint16_t)code);
    put16(o, 8);
    put32(o, (uint32_t)v);
    put32(o, (uint32_t)(v >> 32));
}

static void put_option_time(struct out *o, enum option code, uint64_t v)
{
    put16(o, (uint16_t)code);
    put16(o, 8);
    put_time(o, v);
}

/* A block has its length at both ends. The first is put in when it is known. */
static struct out begin(uint8_t *at, enum block type)
{
    struct out o = {at, 0};
    put32(&o, (uint32_t)type);
    put32(&o, 0);
    return o;
}

static size_t end(struct out *o)
{
    put_option(o, OPT_END, "", 0);
    uint32_t len = (uint32_t)o->len + 4;
    put32(o, len);
    put32(&(struct out){o->at, 4}, len);
    return len;
}

size_t pcap_section(uint8_t out[PCAP_SECTION_MAX], const char *program)
{
    struct out o = begin(out, BLOCK_SECTION);
    put32(&o, BYTE_ORDER_MAGIC);
    put16(&o, 1); /* version 1.0 */
    put16(&o, 0);
    put32(&o, UINT32_MAX); /* of a length that is not known */
    put32(&o, UINT32_MAX);
    put_text(&o, SHB_USERAPPL, program);
    return end(&o);
}

size_t pcap_interface(uint8_t out[PCAP_INTERFACE_MAX], const struct pcap_interface *i)
{
    const uint8_t nanoseconds = 9;
    struct out o = begin(out, BLOCK_INTERFACE);
    put16(&o, LINKTYPE_ETHERNET);
    put16(&o, 0);
    put32(&o, 0); /* frames are not cut */
    put_text(&o, IF_NAME, i->name);
    put_text(&o, IF_DESCRIPTION, i->description);
    put_option(&o, IF_MACADDR, i->mac, sizeof i->mac);
    put_option(&o, IF_TSRESOL, &nanoseconds, 1);
    return end(&o);
}

/* After the packet: its padding, and the options. */
static void put_tail(struct out *o, const struct pcap_packet *p)
{
    put_padding(o, p->len);
    put16(o, EPB_FLAGS);
    put16(o, 4);
    put32(o, p->inbound ? FLAG_INBOUND : FLAG_OUTBOUND);
    if (p->dropped)
        put_option64(o, EPB_DROPCOUNT, p->dropped);
    put_text(o, OPT_COMMENT, p->comment);
    put_option(o, OPT_END, "", 0);
}

static uint32_t packet_block_len(const struct pcap_packet *p)
{
    uint8_t room[PCAP_TAIL_MAX];
    struct out tail = {room, 0};
    put_tail(&tail, p);
    return PCAP_HEAD_LEN + p->len + (uint32_t)tail.len + 4;
}

size_t pcap_head(uint8_t out[PCAP_HEAD_LEN], const struct pcap_packet *p)
{
    struct out o = {out, 0};
    put32(&o, BLOCK_PACKET);
    put32(&o, packet_block_len(p));
    put32(&o, p->interface);
    put_time(&o, p->time_ns);
    put32(&o, p->len);
    put32(&o, p->len); /* of all of it */
    return o.len;
}

size_t pcap_tail(uint8_t out[PCAP_TAIL_MAX], const struct pcap_packet *p)
{
    struct out o = {out, 0};
    put_tail(&o, p);
    put32(&o, packet_block_len(p));
    return o.len;
}

size_t pcap_statistics(uint8_t out[PCAP_STATISTICS_MAX], const struct pcap_statistics *s)
{
    struct out o = begin(out, BLOCK_STATISTICS);
    put32(&o, s->interface);
    put_time(&o, s->end_ns);
    put_option_time(&o, ISB_STARTTIME, s->start_ns);
    put_option_time(&o, ISB_ENDTIME, s->end_ns);
    put_option64(&o, ISB_IFRECV, s->received);
    put_option64(&o, ISB_IFDROP, s->dropped);
    put_text(&o, OPT_COMMENT, s->comment);
    return end(&o);
}
