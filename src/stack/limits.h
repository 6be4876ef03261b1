/* SPDX-License-Identifier: ISC */
#ifndef STACK_LIMITS_H
#define STACK_LIMITS_H

/* Every limit of the live stack, by name. What depends on the image's memory is
 * worked out from these in budget.c. Lengths are octets, times nanoseconds. */

#include <stdint.h>

/* Frames taken from a device in one turn of the loop, before the tasks run. */
#define DEVICE_FRAMES_A_TURN 128U

/* What of the image's memory the stack may hold at most: parts of 1/n. */
#define BUDGET_TABLES_SHARE  8U /* connections, listeners, sockets, tables */
#define BUDGET_BUFFERS_SHARE 4U /* what is queued, in and out */

/* About what a connection and its handle take of the tables' share. */
#define BUDGET_CONNECTION_COST 1024U
#define BUDGET_CONNECTIONS_MIN 64U
#define BUDGET_CONNECTIONS_MAX (1U << 20)
/* Of the connections, 1/n may be half open. */
#define BUDGET_HALF_OPEN_SHARE 4U

/* One connection's send or receive queue may grow to 1/n of the buffers, within: */
#define BUDGET_QUEUE_SHARE 16U
#define BUDGET_QUEUE_MIN   (16U << 10)
#define BUDGET_QUEUE_MAX   (2U << 20)

/* A UDP socket's queue holds this many datagrams of full length at the least. */
#define UDP_QUEUE_DATAGRAMS 4U
#define UDP_QUEUE_MIN       (16U << 10)

/* How long to wait before memory that others hold is asked for again, when nothing
 * tells that some was given back. */
#define MEMORY_RETRY_NS 10000000U
/* The same for a device that was full. */
#define DEVICE_RETRY_NS 1000000U

#endif
