/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_MACHINE_H
#define TENDER_HVT_MACHINE_H

/* The state of the processor in which an image is entered. One file for each kind of
 * processor: x86_64.c. */

#include "host/error.h"
#include "tender/hvt/memory.h"

/* Where the image is entered, and what the tender found out. */
struct machine {
    uint64_t entry;
    uint64_t stack;        /* top */
    uint64_t cycles_per_s; /* out: of the cycle counter */
};

/* Writes descriptor and page tables to low memory; they map all that is allocated. */
void machine_tables(struct memory *m);

/* Gives a new virtual processor its features and registers, and finds the frequency of
 * its cycle counter. */
int machine_enter(int kvm, int vcpu, struct machine *machine, struct error *e);

/* Where the processor is, for messages: "pc 0x1000f3, sp 0x1ffff0". */
void machine_where(int vcpu, char *text, size_t len);

#endif
