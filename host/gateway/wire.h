/* SPDX-License-Identifier: ISC */
#ifndef GATEWAY_WIRE_H
#define GATEWAY_WIRE_H

/* What host/usernet.c and the helper that it starts agree on. The helper is run as
 *     drupe-usernet SPEC
 * as host/helper.h says, with the link (SOCK_SEQPACKET, a frame a packet). */

#include "host/helper.h"

#define USERNET_HELPER    "drupe-usernet"
#define USERNET_LINK_FD   HELPER_FD
#define USERNET_WORD_FD   HELPER_WORD_FD
#define USERNET_READY     HELPER_READY
#define USERNET_MTU       65520
#define USERNET_FRAME_MAX (USERNET_MTU + 14)

/* The network: 10.0.0.0/24. */
#define USERNET_GATEWAY_ADDR 0x0a000001U
#define USERNET_IMAGE_ADDR   0x0a000002U
#define USERNET_PREFIX_LEN   24
#define USERNET_GATEWAY_MAC                                                                    \
    {                                                                                          \
        0x52, 0x55, 10, 0, 0, 1                                                                \
    }

#endif
