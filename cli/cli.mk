# SPDX-License-Identifier: ISC
#
# The drupe command.

CLI_SRCS := $(sort $(wildcard cli/*.c)) $(HOST_DEVICE_SRCS) host/elf.c host/check_failed.c
CLI_SRCS := $(filter-out host/options.c host/netdev.c host/devices.c,$(CLI_SRCS))
CLI_CFLAGS = $(subst -I,-isystem ,$(shell pkg-config --cflags libcjson))

$(B)/host/cli/%.o: HOST_CFLAGS += $(CLI_CFLAGS)
$(B)/check/cli/%.o: CHECK_CFLAGS += $(CLI_CFLAGS)

PROGRAMS += $(B)/bin/drupe
$(B)/bin/drupe: $(CLI_SRCS:%.c=$(B)/host/%.o)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^ -lcjson -lseccomp
