/* SPDX-License-Identifier: ISC */
#ifndef TENDER_HVT_CORE_H
#define TENDER_HVT_CORE_H

/* Core dumps of an image: an ELF core file that a debugger opens beside the image. It has
 * the registers and all of the memory as one segment; pages of zeroes take no room in the file.
 *
 * The file can be made after everything else has been given up: what is left is to make
 * new files in the one folder that was named beforehand, and to write to them. */

#include "tender/hvt/cpu.h"
#include "tender/hvt/memory.h"

struct core {
    int dir;          /* the folder's descriptor */
    int fd;           /* the number that the file's will have */
    const char *path; /* of the folder, for messages */
    char name[32];    /* of the file: "core.drupe-hvt.PID" */
};

/* How the file is opened: never one that is there already, and so never through a link. */
#define CORE_FLAGS (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
#define CORE_MODE  0600

/* Opens the folder, in which it must be possible to make files. No descriptor may be
 * opened or closed between this and core_write. */
int core_prepare(struct core *c, const char *dir, struct error *e);

int core_write(const struct core *c, const struct cpu *cpu, const struct memory *m,
               struct error *e);

/* What is in the file before the memory, CORE_HEAD octets. Pure. */
#define CORE_HEAD 4096U
void core_head(uint8_t out[CORE_HEAD], const struct cpu *cpu, uint64_t memory);

#endif
