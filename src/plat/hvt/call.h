/* SPDX-License-Identifier: ISC */
#ifndef PLAT_HVT_CALL_H
#define PLAT_HVT_CALL_H

/* Hypercalls: a 32-bit OUT, with the address of the call's structure. Each costs an exit to
 * the tender. */

#include <abi/hvt.h>

static inline void hvt_call(enum hvt_call n, const void *arg)
{
    __asm__ volatile("outl %0, %w1"
                     :
                     : "a"((uint32_t)(uintptr_t)arg), "d"((uint16_t)(HVT_CALL_PORT + n))
                     : "memory");
}

static inline void hvt_kick(void)
{
    __asm__ volatile("outl %0, %w1" : : "a"(0), "d"((uint16_t)HVT_KICK_PORT) : "memory");
}

#endif
