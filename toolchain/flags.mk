# SPDX-License-Identifier: ISC
#
# Flags that everything shares, and how an object of ours is made.
#   build/host/DIR/x.o    for host programs: optimised, hardened
#   build/check/DIR/x.o   for tests on the host: address and undefined-behaviour sanitizers

CC ?= cc
ifeq ($(origin CC),default)
CC := gcc
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wcast-qual \
        -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wvla -Wformat=2 -Wundef -Werror

INCLUDES := -Iinclude -I. -Isrc
COMMON   := -std=c17 $(WARN) $(INCLUDES) -g -MMD -MP -ffile-prefix-map=$(TOP)=/drupe

HOST_CFLAGS  := $(COMMON) -D_GNU_SOURCE -O2 -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
                -fcf-protection -fstack-clash-protection
HOST_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack
# (An application's `make SANITIZE=1` must not change what it means here.)
override SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CHECK_CFLAGS := $(COMMON) -D_GNU_SOURCE -O1 $(SANITIZE)

D ?= .
include toolchain/targets.mk
$(call flags_stamp,$(B)/host/flags,$(HOST_CFLAGS) $(HOST_LDFLAGS))
$(call flags_stamp,$(B)/check/flags,$(CHECK_CFLAGS))

$(B)/host/%.o: %.c $(B)/host/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) -c -o $@ $<

$(B)/check/%.o: %.c $(B)/check/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CHECK_CFLAGS) -c -o $@ $<

# Quiet by default: V=1 shows the commands.
Q := $(if $(V),,@)

# The pure cores: no clock, no device, no heap. Host programs and tests use them too.
PURE_SRCS := $(sort $(wildcard src/base/*.c src/net/*.c src/net/*/*.c src/http/*.c))
$(B)/host/libpure.a: $(PURE_SRCS:%.c=$(B)/host/%.o)
$(B)/check/libpure.a: $(PURE_SRCS:%.c=$(B)/check/%.o)
# (Two explicit targets: one pattern rule for both would count one as made with the other.)
$(B)/host/libpure.a $(B)/check/libpure.a:
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcsD $@ $^
