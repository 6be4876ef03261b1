# SPDX-License-Identifier: ISC

SPT_TENDER_SRCS := $(sort $(wildcard tender/spt/*.c)) $(HOST_TENDER_SRCS) host/sandbox.c
PROGRAMS += $(B)/bin/drupe-spt

# Static: a third of the time to the image's first instruction would go to the
# dynamic linker. Still position-independent, which keeps it out of the image's way.
$(B)/bin/drupe-spt: $(SPT_TENDER_SRCS:%.c=$(B)/host/%.o)
	@mkdir -p $(@D)
	$(Q)$(CC) -static-pie $(filter-out -pie,$(HOST_LDFLAGS)) -o $@ $^ -lseccomp
