# SPDX-License-Identifier: ISC
#
# The helper of the user-mode network, and what host programs need to start it.

USERNET_OBJS := $(addprefix $(B)/host/host/,usernet.o usernet_spec.o)

USERNET_HELPER_SRCS := $(wildcard host/usernet/*.c) host/usernet_spec.c host/error.c host/check_failed.c
USERNET_HELPER_OBJS := $(USERNET_HELPER_SRCS:%.c=$(B)/host/%.o)
SLIRP_CFLAGS = $(subst -I,-isystem ,$(shell pkg-config --cflags slirp glib-2.0))
SLIRP_LIBS   = $(shell pkg-config --libs slirp glib-2.0 libseccomp)

$(B)/host/host/usernet/%.o: HOST_CFLAGS += $(SLIRP_CFLAGS)
$(B)/check/host/usernet/%.o: CHECK_CFLAGS += $(SLIRP_CFLAGS)

PROGRAMS += $(B)/bin/drupe-usernet
$(B)/bin/drupe-usernet: $(USERNET_HELPER_OBJS) $(B)/host/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^ $(SLIRP_LIBS)
