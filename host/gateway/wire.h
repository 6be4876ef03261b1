/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_WIRE_H
#define GATEWAY_WIRE_H

/* What host/usernet.c and the helper that it starts agree on. The helper is run as
 *     drupe-usernet SPEC
 * with the link (SOCK_SEQPACKET, a frame a packet) and a pipe in fixed places. Into
 * the pipe it writes "ready" or the one line that says what is wrong, and closes it. */

#define USERNET_HELPER    "drupe-usernet"
#define USERNET_LINK_FD   3
#define USERNET_WORD_FD   4
#define USERNET_READY     "ready"
#define USERNET_MTU       65520
#define USERNET_FRAME_MAX (USERNET_MTU + 14)
#define USERNET_LINK_ROOM (1 << 20) /* octets asked of each sending side of the link */

/* The network: 10.0.0.0/24. */
#define USERNET_GATEWAY_ADDR 0x0a000001U
#define USERNET_IMAGE_ADDR   0x0a000002U
#define USERNET_PREFIX_LEN   24
#define USERNET_GATEWAY_MAC                                                                    \
    {                                                                                          \
        0x52, 0x55, 10, 0, 0, 1                                                                \
    }

#endif
