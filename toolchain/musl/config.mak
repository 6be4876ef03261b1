# SPDX-License-Identifier: ISC
#
# musl's own Makefile reads this instead of what its configure would write. CC, srcdir,
# DRUPE_CFLAGS, MEMOPS and OVERLAY come from toolchain/vendor/musl.mk.
ARCH := x86_64
MALLOC_DIR := oldmalloc
OPTIMIZE_GLOBS := string/mem*.c string/strlen.c
CFLAGS_C99FSE := -std=c99 -ffreestanding -nostdinc -fno-strict-aliasing -Wa,--noexecstack -w $(OVERLAY)
CFLAGS_AUTO := -Os -pipe
CFLAGS := $(filter-out -O2 -nostdinc,$(DRUPE_CFLAGS))
CFLAGS_MEMOPS := -fno-stack-protector $(MEMOPS)
CFLAGS_NOSSP := -fno-stack-protector

# What makes system calls of its own, in assembly, and the canary, which fails without a word: src/plat and
# src/rt/libc have these instead.
LIBC_OBJS := $(filter-out $(addprefix obj/src/,thread/__syscall_cp.o thread/x86_64/syscall_cp.o \
    thread/x86_64/__set_thread_area.o thread/x86_64/clone.o thread/x86_64/__unmapself.o \
    process/x86_64/vfork.o signal/x86_64/restore.o string/memcmp.o env/__stack_chk_fail.o), \
    $(filter obj/src/%,$(ALL_OBJS)))
