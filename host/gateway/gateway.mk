# SPDX-License-Identifier: ISC
#
# The helper of the user-mode network, and what host programs need to start it.

USERNET_OBJS := $(addprefix $(B)/host/host/,usernet.o usernet_spec.o helper.o)

USERNET_HELPER_SRCS := $(wildcard host/gateway/*.c) host/usernet_spec.c host/confine.c host/error.c host/check_failed.c
USERNET_HELPER_OBJS := $(USERNET_HELPER_SRCS:%.c=$(B)/host/%.o)

PROGRAMS += $(B)/bin/drupe-usernet
$(B)/bin/drupe-usernet: $(USERNET_HELPER_OBJS) $(B)/host/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^ -lseccomp
