/* SPDX-License-Identifier: ISC */
#ifndef HOST_WAITSET_H
#define HOST_WAITSET_H

/* What an image waits with: an epoll descriptor that is ready when one of its networks
 * has a frame, or when its timer went off. */

#include "host/manifest.h"

/* Makes both descriptors; they are the caller's. The data of a network's events is its
 * handle, that of the timer's is `timer_data`. */
int waitset_open(const struct manifest *m, uint64_t timer_data, int *epollfd, int *timerfd,
                 struct error *e);

#endif
