# SPDX-License-Identifier: ISC

HVT_TENDER_SRCS := $(sort $(wildcard tender/hvt/*.c)) $(HOST_TENDER_SRCS) host/sandbox.c host/confine.c host/kvm.c
PROGRAMS += $(B)/bin/drupe-hvt

# Static, as drupe-spt: the dynamic linker would take a part of the time to the image's
# first instruction.
$(B)/bin/drupe-hvt: $(HVT_TENDER_SRCS:%.c=$(B)/host/%.o)
	@mkdir -p $(@D)
	$(Q)$(CC) -static-pie $(filter-out -pie,$(HOST_LDFLAGS)) -o $@ $^ -lseccomp -pthread
