/* SPDX-License-Identifier: ISC */
#ifndef DRUPE_NET_H
#define DRUPE_NET_H

/* A network device, brought to life: Ethernet, ARP, IPv4, ICMP, UDP, TCP.
 *
 * What is made from a net (connections, listeners, sockets) belongs to the code that
 * holds its pointer, not to a task: a connection may be handed from task to task, or
 * read by one and written by another, and is not closed when one of them ends (but see
 * dr_tcp_serve). DR_OWN(dr_tcp_close) closes it where its variable ends.
 *
 * A wait in a call on something that another task closes meanwhile ends with -EBADF.
 *
 * A device whose host side has gone for good (its interface was deleted, its socket
 * closed) is logged once, and ends what it carried as dr_net_down would; the counters
 * can still be read. Calls that begin something new give -ENETDOWN from then on. */

#include <drupe/args.h>
#include <drupe/base.h>
#include <drupe/ip.h>

struct dr_net;

/* How TCP finds out how fast it may send. */
enum dr_congestion {
    DR_CONGESTION_CUBIC,   /* RFC 9438: keeps long, fast paths full */
    DR_CONGESTION_NEWRENO, /* RFC 5681 */
};

/* Routes of a net beside its gateway. */
#define DR_NET_ROUTES_MAX 7U

/* What a device needs to take part in an IPv4 network. */
struct dr_net_config {
    struct dr_prefix ipv4;     /* own address and its network: that of a host in it */
    struct dr_ip ipv4_gateway; /* another host in the same network; zero for none */
    struct dr_route ipv4_routes[DR_NET_ROUTES_MAX]; /* those with a gateway of zero are none */
    enum dr_congestion congestion;                  /* of its TCP connections */
    bool no_ecn; /* those that we open do not ask for explicit congestion notification */
};

/* A counter of the stack, by name: "tcp.bad_checksum". Counters only grow. */
struct dr_counter {
    const char *module; /* "tcp" */
    const char *name;   /* "bad_checksum" */
    uint64_t value;
};

#pragma GCC visibility push(default)

/* --ipv4=10.0.0.2/24, --ipv4-gateway=10.0.0.1 and, as often as there are routes,
 * --ipv4-route=10.1.0.0/16,10.0.0.254, for DR_ARG_TABLE. */
extern const struct dr_arg dr_net_args[];

/* Brings the declared device `device` up with the address given by the arguments
 * of dr_net_args, announces it (RFC 5227 2.3), and serves it in the background.
 * Returns 0 and *net, or -ENODEV (no such device is declared), -EBUSY (it is up already),
 * -EINVAL (no or an unusable --ipv4, --ipv4-gateway or --ipv4-route, or an MTU below 576: one
 * line in the log says which), -EIO (the device is gone), -ENOMEM. Does not wait. */
DR_CHECKED int dr_net_up(const char *device, struct dr_net **net);

/* The same with a configuration given by the caller. */
DR_CHECKED int dr_net_up_with(const char *device, const struct dr_net_config *config,
                              struct dr_net **net);

/* Ends every connection with a reset, then takes the device down; it can be brought up
 * again. Waits for nothing: tasks that wait in calls on what was made from it are woken
 * (reads and writes give -ECONNRESET, accepts -ECONNABORTED, the rest -ENETDOWN). Nothing
 * made from it may be used afterwards but to be closed. */
void dr_net_down(struct dr_net **net);

/* Adds a route, and takes the one to the same network through the same gateway away. Return 0,
 * -EINVAL (no network; the gateway is no other host in the net's own network), -EEXIST,
 * -ENOSPC (DR_NET_ROUTES_MAX), for removing -ESRCH; -ENETDOWN. Do not wait. */
DR_CHECKED int dr_net_route_add(struct dr_net *net, const struct dr_route *route);
DR_CHECKED int dr_net_route_remove(struct dr_net *net, const struct dr_route *route);

/* Of the nets that are up the one by which packets to `to` go: whose own address it is, else
 * that with the best way there (struct dr_route), else NULL. Of equals the one whose device was
 * declared first; loopback addresses are every net's. */
struct dr_net *dr_net_for(const struct dr_ip *to);

/* The device's own IPv4 address. */
struct dr_ip dr_net_ip(const struct dr_net *net);

/* The n-th counter (0, 1, ...); false when there are fewer. What each counts is in
 * docs/design/observability.md. */
bool dr_net_counter(const struct dr_net *net, unsigned n, struct dr_counter *out);

/* Logs, each `every_ns`, the counters that changed since the last time, with what they are
 * now: as source "counters", level info, in one line when it fits ("tcp.segments_in 12,
 * tcp.text_in 80"), and nothing when none did. And once more when the net is taken down. 0
 * nanoseconds: never, so that an argument can be handed over as it is:
 *
 *     static uint64_t counters;
 *     ... DR_ARG_COUNTERS(&counters),
 *     ... err = dr_net_log_counters(net, counters);
 *
 * Returns 0, -EINVAL (less than a millisecond), -EALREADY, -ENOMEM. Does not wait. */
DR_CHECKED int dr_net_log_counters(struct dr_net *net, uint64_t every_ns);
#define DR_ARG_COUNTERS(var)                                                                   \
    DR_ARG_DURATION("counters", var, "DURATION", "log the counters that changed, so often")

#pragma GCC visibility pop
#endif
