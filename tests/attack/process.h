/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ATTACK_PROCESS_H
#define TESTS_ATTACK_PROCESS_H

/* An image under its tender, as the host sees it: a process. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
    pid_t pid; /* 0 when there is none */
    int log;   /* what it prints, in memory */
    int wire;  /* our end of its network device */
    char text[4096];
};

/* "web" or "echo" on "spt" or "unix", with 8 MiB, as 10.0.0.2/24, gateway 10.0.0.1. */
void process_start(struct process *p, const char *target, const char *image);
/* Asks it to end, and waits. */
void process_end(struct process *p);
/* Ends what a failed test has left. */
void process_kill(struct process *p);

bool process_lives(const struct process *p);
/* What it has printed so far, the first octets. */
const char *process_log(struct process *p);
/* Octets of memory that it, the tender included, holds now. */
size_t process_resident(const struct process *p);
/* Nanoseconds of processor time used so far. */
uint64_t process_cpu(const struct process *p);

#endif
