/* SPDX-License-Identifier: ISC */
#ifndef CAPTURE_WIRE_H
#define CAPTURE_WIRE_H

/* What host/capture.c and the helper that it starts agree on. The helper is run as
 *     drupe-pcap FILE DEVICE...
 * as host/helper.h says; its descriptors are the file, then for each device the image's link
 * and the device itself. FILE is for messages. DEVICE is "FEATURES,MAC,NAME,ATTACHED", the
 * features a decimal number. */

#include "host/helper.h"

#define CAPTURE_HELPER   "drupe-pcap"
#define CAPTURE_FILE_FD  HELPER_FD
#define CAPTURE_LINK_FD  (HELPER_FD + 1) /* of the first device; those that follow, 2 on */
#define CAPTURE_WORD_MAX 256

#endif
