# SPDX-License-Identifier: ISC
#
# The helper that captures frames.

CAPTURE_HELPER_SRCS := $(wildcard host/capture/*.c) host/pcap.c host/confine.c host/sandbox.c \
                       host/error.c host/check_failed.c

PROGRAMS += $(B)/bin/drupe-pcap
$(B)/bin/drupe-pcap: $(CAPTURE_HELPER_SRCS:%.c=$(B)/host/%.o) $(B)/host/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^ -lseccomp
