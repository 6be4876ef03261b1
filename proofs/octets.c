/* SPDX-License-Identifier: ISC */
/* The cursor never leaves its view, whatever is read from it. */

// left out: writer_of writer_len write_room write_bytes write_u8 write_u16 write_u32: they write

#include "proofs/octets.h"

#include "base/octets.h"
