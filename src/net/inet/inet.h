/* SPDX-License-Identifier: ISC */
#ifndef NET_INET_INET_H
#define NET_INET_INET_H

/* An Internet host on one Ethernet device, pure: Ethernet, ARP, IPv4, ICMP, UDP and TCP
 * put together. Frames, the user's calls and the time go in; frames and events come out
 * through the two functions of struct inet_rim. It waits for nothing and knows no clock.
 *
 * Memory: connections come from cfg.connections and their buffers from cfg.buffers, each a
 * budget. When one is used up the cheapest loss is taken and counted: the oldest connection
 * that was let go of, or that is half-open gives way, windows shrink, datagrams are dropped.
 *
 * Nothing here is called back from inside a rim function. */

#include "base/list.h"
#include "base/octets.h"
#include "base/offload.h"
#include "base/siphash.h"
#include "base/supply.h"
#include "net/ip4/addr.h"
#include "net/tcp/conn.h"
#include "net/tcp/tcp.h"

struct inet;
struct inet_listener;
struct inet_udp;

#define INET_FRAME_MAX(mtu) ((mtu) + 14U)

/* What arrived for a UDP socket; `text` is lent for the time of the call. */
struct inet_datagram {
    struct ip4_endpoint from, to;
    struct bytes text;
};

/* What the host around the stack does for it. */
struct inet_rim {
    void *ctx;
    /* Sends one frame. 0, -EAGAIN (full: the stack counts the drop, TCP tries again) or another
     * negative error. */
    int (*send)(void *ctx, struct bytes frame);
    /* Something happened to a connection that has an owner (enum tcp_event). The owner may not
     * free or close it from here. */
    void (*tcp_event)(void *ctx, struct tcp_conn *c, unsigned events);
    /* A connection waits to be accepted. */
    void (*acceptable)(void *ctx, struct inet_listener *l);
    /* A datagram for a bound socket: false when it has no room (counted). */
    bool (*datagram)(void *ctx, struct inet_udp *u, const struct inet_datagram *d);
    /* A neighbour that inet_resolve or inet_udp_send asked for was found (true) or given up.
     * `hop` is the next hop's address, which inet_next_hop gives for a destination. */
    void (*resolved)(void *ctx, struct ip4 hop, bool found);
    uint32_t (*random)(void *ctx);
    /* As `send`, one frame in several parts and with work left to be done to it: for a device
     * with offloads; else NULL. */
    int (*send_parts)(void *ctx, const struct bytes *part, unsigned parts,
                      const struct offload *work);
    /* The network reported a negative error number about a datagram that the socket sent to
     * `to` (RFC 1122 4.1.3.3); NULL when nobody wants to know. */
    void (*udp_error)(void *ctx, struct inet_udp *u, struct ip4_endpoint to, int error);
    /* The station `mac` uses our address `ip` too (RFC 5227 2.4); NULL when nobody wants to
     * know. */
    void (*conflict)(void *ctx, struct ip4 ip, const uint8_t mac[6]);
};
#define INET_PARTS_MAX (1U + QUEUE_VIEWS_MAX)

struct inet_config {
    uint8_t mac[6];
    uint16_t mtu;                /* 576..65535 */
    struct ip4 ip;               /* our own */
    uint8_t prefix_len;          /* 0..32 */
    struct ip4 gateway;          /* 0 for none */
    struct siphash_key hash_key; /* for tables and initial sequence numbers (RFC 6528) */
    struct supply *memory;       /* connections, listeners, sockets, tables */
    struct supply *buffers;      /* send and receive rings; need not be zeroed */
    uint32_t connections_max;
    uint32_t half_open_max;
    uint32_t time_wait_max;         /* beside those; 0 for as many */
    uint32_t receive_max, send_max; /* ring limits, powers of 2, 4 KiB..1 GiB; 0 for 256 KiB */
    uint32_t receive_first, send_first; /* likewise, to begin with; 0 for no less */
    /* A gateway's: packets to any host are taken as if they were to one of our addresses, but
     * those to `guest`, whom they all come from. Listeners and sockets that are bound to no
     * address get what is sent to any, and inet_listen_with, inet_udp_bind_all what is sent to
     * any port too. With proxy_arp ARP is answered for all those addresses, not for ours
     * alone. */
    bool transparent, proxy_arp;
    struct ip4 guest;
    uint32_t offloads; /* what the device offers, enum offload_feature: see rim.send_parts */
    bool ecn;          /* whether connections that we open ask for it (RFC 3168) */
    const struct tcp_congestion *congestion; /* NULL for TCP's default */
};

/* 0, -EINVAL (config), -ENOMEM. Announces the address (RFC 5227 2.3). */
int inet_init(struct inet **out, const struct inet_config *cfg, const struct inet_rim *rim,
              uint64_t now);
/* Resets every connection, gives all memory back. */
void inet_end(struct inet **in, uint64_t now);

/* One more address of ours, announced as the first was. 0, -EINVAL (no host can have it),
 * -EEXIST, -ENOSPC (IP4_OWN_MAX). */
int inet_add_address(struct inet *in, struct ip4 ip, uint8_t prefix_len, uint64_t now);
/* Takes it away; connections from it end with -EADDRNOTAVAIL. 0, -EADDRNOTAVAIL (not ours),
 * -EBUSY (the first stays). */
int inet_remove_address(struct inet *in, struct ip4 ip, uint64_t now);
/* Whether the address is ours, loopback among them, or one that we stand for. */
bool inet_is_own(const struct inet *in, struct ip4 ip);
/* Whether packets can be sent to the address: that of one other host, or of ourselves. */
bool inet_is_reachable(const struct inet *in, struct ip4 ip);
/* Whether they can be sent there from an address: 127/8 stays here (RFC 1122 3.2.1.3). */
bool inet_may_send_from(const struct inet *in, struct ip4 from, struct ip4 to);
/* Which of our addresses packets to `ip` come from: that in the network of the next hop. */
struct ip4 inet_source_for(const struct inet *in, struct ip4 ip);

/* A way to a network that we do not stand in. Of several to one destination that with the
 * longest prefix is taken; of equal ones one whose gateway answers, and the least metric. One
 * of our networks goes before a route of the same length. The configured gateway is the first
 * route: to 0.0.0.0/0, metric 0. */
struct inet_route {
    struct ip4_net to; /* no bits beyond its length */
    struct ip4 gateway;
    uint16_t metric;
};
/* 0, -EINVAL (no network; the gateway is no other host in one of our networks, nor the
 * configured one), -EEXIST (to the same network through the same gateway), -ENOSPC
 * (INET_ROUTES_MAX). */
int inet_route_add(struct inet *in, const struct inet_route *r);
/* That to the same network through the same gateway. 0, -ESRCH. */
int inet_route_remove(struct inet *in, const struct inet_route *r);
/* How well this interface suits packets to `ip`: among several the greatest wins. 0: there is
 * no way; UINT32_MAX: they stay here. */
uint32_t inet_preference(const struct inet *in, struct ip4 ip);

void inet_receive(struct inet *in, struct bytes frame, uint64_t now);
/* The same for a frame that is a super-frame, or whose checksum was left undone. */
void inet_receive_with(struct inet *in, struct bytes frame, const struct offload *work,
                       uint64_t now);
/* Timers whose time has come. */
void inet_expire(struct inet *in, uint64_t now);
/* When inet_expire and inet_flush are to be called next: UINT64_MAX for never; a moment in the
 * past when something is still pending (a connection sends at most INET_BURST_MAX segments a
 * turn). */
uint64_t inet_next(const struct inet *in);
/* Sends what the connections have pending, each at most a burst, in the order in which they
 * began to have it; to be called once a turn, after the users ran. When the device is full the
 * rest stays pending, and is tried again INET_RETRY_NS later. */
void inet_flush(struct inet *in, uint64_t now);
/* Whether some text or FIN was not acknowledged yet. Looks at every connection. */
bool inet_delivers(const struct inet *in);

/* ---- TCP ---------------------------------------------------------------------- */
struct inet_listen {
    struct ip4_endpoint at; /* address 0: any of ours; port 0 picks a free one */
    uint32_t backlog;
    bool every_port; /* of those that no other listener has; at.port is not looked at */
    /* SYNs are not answered: each makes at once a connection to be accepted, whose
     * inet_tcp_local says where it wants to go; then inet_tcp_admit or inet_tcp_refuse. */
    bool hold;
};
/* 0, -EADDRINUSE, -EADDRNOTAVAIL (not ours), -EINVAL (backlog 0), -ENOMEM. Established
 * connections that nobody has taken count against `backlog`; when so many wait, SYNs and the
 * last ACKs of handshakes are not answered. A listener at one address goes before one at any,
 * and that before one at every port; two at the same, or one at any beside one at an address,
 * cannot be. */
int inet_listen_with(struct inet *in, const struct inet_listen *how, void *owner,
                     struct inet_listener **out);
/* At any address. */
int inet_listen(struct inet *in, uint16_t port, uint32_t backlog, void *owner,
                struct inet_listener **out);
/* Whether there is one for connections to `at`. */
bool inet_listens_at(const struct inet *in, struct ip4_endpoint at);
uint16_t inet_listener_port(const struct inet_listener *l);
void *inet_listener_owner(const struct inet_listener *l);
void inet_unlisten(struct inet *in, struct inet_listener **l, uint64_t now);
/* The oldest established connection nobody has taken, with `owner` set; NULL when none. */
struct tcp_conn *inet_accept(struct inet *in, struct inet_listener *l, void *owner);

/* Begins to connect: TCP_EVENT_ESTABLISHED or _ENDED tells. 0, -ENETUNREACH, -EADDRNOTAVAIL,
 * -EINVAL (address cannot be connected to), -ENOMEM. */
int inet_connect(struct inet *in, struct ip4_endpoint to, void *owner, uint64_t now,
                 struct tcp_conn **out);

/* The same from an address of ours and a port; either 0 for one that is chosen.
 * -EADDRNOTAVAIL also when the address is not ours, -EADDRINUSE when there is such a
 * connection. */
int inet_connect_from(struct inet *in, struct ip4_endpoint from, struct ip4_endpoint to,
                      void *owner, uint64_t now, struct tcp_conn **out);

/* Whether there is a place for one more connection, or an old one that gives way to it. */
bool inet_has_place(const struct inet *in);

/* Whether the SYN of an accepted connection is still held. Such a one can be admitted, refused,
 * or aborted, which refuses it as -ECONNREFUSED; until then it reads and writes nothing, and
 * only a reset by its peer ends it (TCP_EVENT_ENDED). */
bool inet_tcp_held(const struct tcp_conn *c);
/* Answers the SYN; TCP_EVENT_ESTABLISHED tells when the handshake is complete. */
void inet_tcp_admit(struct inet *in, struct tcp_conn *c, uint64_t now);
/* Answers it with a reset (-ECONNREFUSED) or with ICMP destination unreachable: the network
 * (-ENETUNREACH), administratively prohibited (-EACCES), or the host (any other). Leaves NULL.
 */
void inet_tcp_refuse(struct inet *in, struct tcp_conn **c, int error, uint64_t now);

size_t inet_tcp_read(struct inet *in, struct tcp_conn *c, void *buf, size_t len, uint64_t now);
size_t inet_tcp_write(struct inet *in, struct tcp_conn *c, struct bytes b, uint64_t now);
size_t inet_tcp_write_static(struct inet *in, struct tcp_conn *c, struct bytes b, uint64_t now);
void inet_tcp_shutdown(struct inet *in, struct tcp_conn *c, uint64_t now);
/* Both let go of *c and leave NULL; owner is forgotten: no event is told any more. */
void inet_tcp_close(struct inet *in, struct tcp_conn **c, uint64_t now);
void inet_tcp_abort(struct inet *in, struct tcp_conn **c, uint64_t now);
void inet_tcp_nodelay(struct inet *in, struct tcp_conn *c, bool on);
void inet_tcp_user_timeout(struct inet *in, struct tcp_conn *c, uint64_t timeout_ns,
                           uint64_t now);
void inet_tcp_keepalive(struct inet *in, struct tcp_conn *c, uint64_t idle_ns, uint64_t now);
/* How its packets are sent from now on: their time to live (0 for IP4_TTL), and the
 * differentiated services code point, 0..63 (RFC 9293 3.9.2). Resets to what has no connection
 * any more and what TIME-WAIT answers are sent as all others. */
void inet_tcp_set(struct tcp_conn *c, uint8_t ttl, uint8_t dscp);
struct ip4_endpoint inet_tcp_peer(const struct tcp_conn *c);
struct ip4_endpoint inet_tcp_local(const struct tcp_conn *c);

/* ---- UDP ---------------------------------------------------------------------- */
int inet_udp_bind(struct inet *in, uint16_t port, void *owner,
                  struct inet_udp **out); /* 0, -EADDRINUSE, -ENOMEM */
/* At one of our addresses (0: any); also -EADDRNOTAVAIL. */
int inet_udp_bind_at(struct inet *in, struct ip4_endpoint at, void *owner,
                     struct inet_udp **out);
/* For what no other socket is bound to, at every address and port. -EADDRINUSE, -ENOMEM. */
int inet_udp_bind_all(struct inet *in, void *owner, struct inet_udp **out);
/* From now on the socket hears only `peer`, and is told errors only about it; port 0: all
 * again. -EINVAL when that can be no peer. */
int inet_udp_connect(struct inet *in, struct inet_udp *u, struct ip4_endpoint peer);
/* Joins and leaves a multicast group (RFC 1112, RFC 3376): the socket then gets what is sent to
 * it and the socket's port; closing leaves. 0, -EINVAL (no group that can be joined),
 * -EADDRINUSE (joined already), -ENOSPC (INET_UDP_GROUPS_MAX, IGMP_GROUPS_MAX), -ENOMEM; for
 * leaving -EADDRNOTAVAIL. */
int inet_udp_join(struct inet *in, struct inet_udp *u, struct ip4 group, uint64_t now);
int inet_udp_leave(struct inet *in, struct inet_udp *u, struct ip4 group, uint64_t now);
/* How what it sends is sent. */
struct inet_udp_options {
    bool broadcast;        /* may be sent to broadcast addresses; false at first */
    bool no_loop;          /* this host's members get nothing of what is sent to their group */
    uint8_t ttl;           /* time to live; 0 for IP4_TTL */
    uint8_t multicast_ttl; /* the same to groups; 0 for 1 (RFC 1112 6.1) */
    uint8_t tos;           /* type of service, or DSCP and ECN */
    bool whole;            /* in one packet or not at all: -EMSGSIZE for what the path does not
                              take, as far as that is known (RFC 1191) */
};
void inet_udp_set(struct inet_udp *u, const struct inet_udp_options *options);
uint16_t inet_udp_port(const struct inet_udp *u);
void *inet_udp_owner(const struct inet_udp *u);
void inet_udp_close(struct inet *in, struct inet_udp **u);
/* Sends up to UDP_TEXT_MAX octets, in fragments when they do not fit what the path is known to
 * take: our own MTU, or what a router said about an earlier datagram of this socket. 0,
 * -EMSGSIZE, -ENOBUFS (no memory for that), -ENETUNREACH, -EACCES (broadcast), -EINVAL,
 * -EHOSTUNREACH, -EAGAIN (the neighbour is not known yet, or the device is full: nothing was
 * sent; see inet_resolve). */
int inet_udp_send(struct inet *in, struct inet_udp *u, struct ip4_endpoint to,
                  struct bytes text, uint64_t now);

/* The same from an address of ours (0: the usual one) and a port (0: the socket's); also
 * -EADDRNOTAVAIL. */
int inet_udp_send_from(struct inet *in, struct inet_udp *u, struct ip4_endpoint from,
                       struct ip4_endpoint to, struct bytes text, uint64_t now);

/* Whether the next hop towards `ip` is known: 0; -EAGAIN (asked; rim.resolved tells),
 * -EHOSTUNREACH (asked and failed just now), -ENETUNREACH. */
int inet_resolve(struct inet *in, struct ip4 ip, uint64_t now);

/* The next hop towards `ip`: itself, a gateway, or 0 when there is no route. */
struct ip4 inet_next_hop(const struct inet *in, struct ip4 ip);

struct ip4 inet_ip(const struct inet *in); /* the first of our own */

/* ---- Counters: module and name of the n-th; false when there are fewer. -------- */
struct inet_counter {
    const char *module, *name;
    uint64_t value;
};
bool inet_counter(const struct inet *in, unsigned n, struct inet_counter *out);

/* Every invariant, verified: for tests, the simulator and the fuzzers. */
void inet_check(const struct inet *in);

#endif
