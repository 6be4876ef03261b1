/* SPDX-License-Identifier: ISC */
/* Recurses without end. */
#include <drupe/app.h>

#include <stdio.h>

__attribute__((noinline)) static int descend(int n)
{
    char text[64];
    snprintf(text, sizeof text, "%d", n);
    int below = descend(n + 1);
    __asm__ volatile("" : : "r"(text) : "memory"); /* or a compiler makes a loop of it */
    return below + text[0];
}

static int overflow(void)
{
    return descend(0);
}

const struct dr_app dr_app = {.name = "overflow", .about = "Recurses.", .main = overflow};
