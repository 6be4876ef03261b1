/* SPDX-License-Identifier: ISC */
#ifndef HOST_USERNET_WIRE_H
#define HOST_USERNET_WIRE_H

/* What host/usernet.c and the helper that it starts agree on. The helper is run as
 *     drupe-usernet SPEC
 * with the link (SOCK_SEQPACKET, a frame a packet) and a pipe in fixed places. Into
 * the pipe it writes "ready" or the one line that says what is wrong, and closes it. */

#define USERNET_HELPER    "drupe-usernet"
#define USERNET_LINK_FD   3
#define USERNET_WORD_FD   4
#define USERNET_READY     "ready"
#define USERNET_MTU       1500
#define USERNET_FRAME_MAX (USERNET_MTU + 14)
#define USERNET_LINK_ROOM (1 << 20) /* octets asked of each sending side of the link */

#endif
