# SPDX-License-Identifier: ISC
#
# The drupe command.

CLI_SRCS := $(sort $(wildcard cli/*.c)) $(HOST_DEVICE_SRCS) host/elf.c host/kvm.c host/check_failed.c
CLI_SRCS := $(filter-out host/options.c host/netdev.c host/devices.c host/blockfile.c host/capture.c,$(CLI_SRCS))

PROGRAMS += $(B)/bin/drupe
$(B)/bin/drupe: $(CLI_SRCS:%.c=$(B)/host/%.o)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^ -lcjson -lseccomp
