/* SPDX-License-Identifier: ISC */
#include "net/inet/state.h"

/* The names of each module's verdicts and events. */
static const char *const eth_names[] = {ETH_VERDICTS(NAMES_TEXT)};
static const char *const arp_names[] = {ARP_VERDICTS(NAMES_TEXT)};
static const char *const arp_event_names[] = {ARP_EVENTS(NAMES_TEXT)};
static const char *const ip4_names[] = {IP4_VERDICTS(NAMES_TEXT)};
static const char *const reassembly_names[] = {REASSEMBLY_VERDICTS(NAMES_TEXT)};
static const char *const reassembly_event_names[] = {REASSEMBLY_EVENTS(NAMES_TEXT)};
static const char *const icmp_names[] = {ICMP_VERDICTS(NAMES_TEXT)};
static const char *const udp_names[] = {UDP_VERDICTS(NAMES_TEXT)};
static const char *const tcp_names[TCP_VERDICTS] = {
    [TCP_OK] = "in",
    [TCP_TRUNCATED] = "truncated",
    [TCP_BAD_OFFSET] = "bad_offset",
    [TCP_BAD_CHECKSUM] = "bad_checksum",
    [TCP_BAD_OPTION] = "bad_option",
    [TCP_BAD_PORT] = "bad_port",
};

#define EVENT_NAME(id, module, name) {module, name, 0},
static const struct inet_counter event_names[] = {INET_EVENTS(EVENT_NAME)};

#define COUNT(name)                                                                            \
    {                                                                                          \
#name, offsetof(struct tcp_counts, name)                                               \
    }
static const struct {
    const char *name;
    size_t at;
} tcp_count_names[] = {
    COUNT(segments_in),       COUNT(segments_out),
    COUNT(text_in),           COUNT(text_out),
    COUNT(not_acceptable),    COUNT(challenge_acks),
    COUNT(challenge_limited), COUNT(resets_in),
    COUNT(resets_out),        COUNT(retransmits),
    COUNT(fast_retransmits),  COUNT(timeouts),
    COUNT(keepalive_probes),  COUNT(window_probes),
    COUNT(out_of_order),      COUNT(out_of_order_dropped),
    COUNT(duplicates),        COUNT(no_memory),
    COUNT(old_acks),          COUNT(early_acks),
    COUNT(text_after_end),    COUNT(growths),
    COUNT(growth_refused),    COUNT(black_holes),
    COUNT(path_probes),       COUNT(marks_in),
    COUNT(echoes_in),         COUNT(without_ack),
    COUNT(without_syn),       COUNT(resets_ignored),
    COUNT(sacks_ignored),     COUNT(sacks_reneged),
    COUNT(recoveries_undone), COUNT(tail_probes),
    COUNT(tail_losses),       COUNT(old_timestamps),
    COUNT(without_timestamp),
};
#define TCP_COUNTS (sizeof tcp_count_names / sizeof tcp_count_names[0])
_Static_assert(sizeof(struct tcp_counts) == TCP_COUNTS * sizeof(uint64_t),
               "every count of struct tcp_counts has a name");

struct group {
    const char *module;
    const char *const *name;
    const uint64_t *value;
    unsigned len;
};

/* None before a group was joined. */
static bool of_groups(const struct inet *in, unsigned n, struct inet_counter *out)
{
    out->module = "igmp";
    return in->groups && in->groups->counter(in, n, &out->name, &out->value);
}

static bool of_tcp(const struct inet *in, unsigned n, struct inet_counter *out)
{
    if (n >= TCP_COUNTS)
        return of_groups(in, n - (unsigned)TCP_COUNTS, out);
    *out = (struct inet_counter){.module = "tcp", .name = tcp_count_names[n].name};
    memcpy(&out->value, (const char *)&in->tcp.counts + tcp_count_names[n].at,
           sizeof out->value);
    return true;
}

static bool of_events(const struct inet *in, unsigned n, struct inet_counter *out)
{
    if (n >= INET_EVENT_COUNT)
        return of_tcp(in, n - INET_EVENT_COUNT, out);
    *out = event_names[n];
    out->value = in->counts[n];
    return true;
}

bool inet_counter(const struct inet *in, unsigned n, struct inet_counter *out)
{
    const struct group groups[] = {
        {"eth", eth_names, in->eth_counts, ETH_VERDICT_COUNT},
        {"arp", arp_names, in->arp_counts, ARP_VERDICT_COUNT},
        {"arp", arp_event_names, in->arp.counts, ARP_EVENT_COUNT},
        {"ip4", ip4_names, in->ip4_counts, IP4_VERDICT_COUNT},
        {"reassembly", reassembly_names, in->reassembly.verdicts, REASSEMBLY_VERDICT_COUNT},
        {"reassembly", reassembly_event_names, in->reassembly.events, REASSEMBLY_EVENT_COUNT},
        {"icmp", icmp_names, in->icmp_counts, ICMP_VERDICT_COUNT},
        {"udp", udp_names, in->udp_counts, UDP_VERDICT_COUNT},
        {"tcp", tcp_names, in->tcp_counts, TCP_VERDICTS},
    };
    for (unsigned g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        if (n < groups[g].len) {
            *out =
                (struct inet_counter){groups[g].module, groups[g].name[n], groups[g].value[n]};
            return true;
        }
        n -= groups[g].len;
    }
    return of_events(in, n, out);
}
