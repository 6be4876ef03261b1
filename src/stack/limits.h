/* SPDX-License-Identifier: ISC */
#ifndef STACK_LIMITS_H
#define STACK_LIMITS_H

/* Every limit of the live stack, by name. What depends on the image's memory is
 * worked out in budget.c from these and the limits of its supplies (src/rt/budget.h). Lengths
 * are octets, times nanoseconds. */

#include <stdint.h>

/* Frames taken from a device in one turn of the loop, before the tasks run. */
#define DEVICE_FRAMES_A_TURN 128U

/* About what a connection and its handle take of the tables' share. */
#define STACK_CONNECTION_COST 896U
#define STACK_CONNECTIONS_MIN 64U
#define STACK_CONNECTIONS_MAX (1U << 20)
/* What is in TIME-WAIT may take 1/n of it, each with its place in a table: */
#define STACK_TIME_WAIT_SHARE 8U
#define STACK_TIME_WAIT_COST  128U
/* Of the connections, 1/n may be half open. */
#define STACK_HALF_OPEN_SHARE 4U

/* When there is no place for one more, so many that are parked make places at once. */
#define STACK_PARKED_EVICTED 16U

/* One connection's send or receive queue may grow to 1/n of the buffers, within: */
#define STACK_QUEUE_SHARE 4U
#define STACK_QUEUE_MIN   (16U << 10)
#define STACK_QUEUE_MAX   (4U << 20)
/* To begin with 1/n, within the same least and: */
#define STACK_QUEUE_FIRST_SHARE 16U
#define STACK_QUEUE_FIRST_MAX   (256U << 10)

/* A UDP socket's queue holds this many datagrams of full length at the least. */
#define UDP_QUEUE_DATAGRAMS 4U
/* And one of 65,507 octets, whatever the MTU. */
#define UDP_QUEUE_MIN (128U << 10)

/* How long to wait before memory that others hold is asked for again, when nothing
 * tells that some was given back. */
#define MEMORY_RETRY_NS 10000000U
/* The same for a device that was full. */
#define DEVICE_RETRY_NS 1000000U

#endif
