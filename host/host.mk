# SPDX-License-Identifier: ISC
#
# What host programs share.

# The user-mode network's own part is in host/usernet.c and its neighbours.
HOST_USERNET_SRCS := $(sort $(wildcard host/usernet*.c))

# What a program of the unix target needs: the command line and its devices.
HOST_DEVICE_SRCS := host/error.c host/manifest.c host/options.c host/netdev.c host/devices.c \
                    $(HOST_USERNET_SRCS)

# What a tender needs besides.
HOST_TENDER_SRCS := $(HOST_DEVICE_SRCS) host/elf.c host/cmdline.c host/check_failed.c
