# SPDX-License-Identifier: ISC
#
# What host programs share.

# The user-mode network's own part is in host/usernet.c and its neighbours.
HOST_USERNET_SRCS := $(sort $(wildcard host/usernet*.c))

# What a program of the unix target needs: the command line and its devices.
HOST_DEVICE_SRCS := host/error.c host/manifest.c host/options.c host/netdev.c host/devices.c \
                    host/blockfile.c host/helper.c host/capture.c $(HOST_USERNET_SRCS)

# The libraries of the host that these need: none but the C library.
HOST_DEVICE_LIBS :=

# What a tender needs besides.
HOST_TENDER_SRCS := $(HOST_DEVICE_SRCS) host/elf.c host/cmdline.c host/waitset.c host/check_failed.c

# What a program of the unix target is made of besides: the target's own sources, and
# what a sanitizer is told, or not, of a switch of stacks.
UNIX_PLAT_SRCS  := $(filter-out src/plat/unix/fiber_%,$(sort $(wildcard src/plat/unix/*.c)))
unix_FIBER      := src/plat/unix/fiber_none.c
unix-asan_FIBER := src/plat/unix/fiber_asan.c
