/* SPDX-License-Identifier: ISC */
#ifndef HOST_DEVICES_H
#define HOST_DEVICES_H

/* Attaches what the command line names to the devices that an image declares. */

#include "host/manifest.h"
#include "host/options.h"

/* Opens each device, and fills in its entry: address and MTU, or capacity and block
 * size; the descriptor; `attached`. Every declared device must be attached, and every
 * option must name a declared device. The descriptors do not block (networks) and
 * close on exec; they are the caller's and last as long as the process. A network may
 * take half a second, when its tap is just being closed by another process. */
int devices_attach(const struct options *o, struct manifest *m, struct error *e);

/* The parts that read the command line's texts. `MAC`: six pairs of hexadecimal digits
 * with colons; not a group's address, not zero. `sector`: a power of 2, 512..32768. */
int parse_mac(const char *text, uint8_t mac[6], struct error *e);
int parse_sector_size(const char *text, uint16_t *size, struct error *e);

#endif
