# SPDX-License-Identifier: ISC
#
# net/inet as a shared object for Google's packetdrill (docs/conformance.md says how it is used and
# what came of it), and a driver of our own that plays packetdrill's part.

DRILL      := $(B)/unix/packetdrill-drupe.so
DRILL_OBJS := $(patsubst %.c,$(B)/pic/%.o,$(PURE_SRCS) \
              $(addprefix tests/packetdrill/,wire.c sockets.c transfer.c options.c interface.c))
PROGRAMS   += $(DRILL)
TESTS      += $(B)/tests/test_packetdrill

PIC_CFLAGS := $(filter-out -fPIE,$(HOST_CFLAGS)) -fPIC -fvisibility=hidden
$(call flags_stamp,$(B)/pic/flags,$(PIC_CFLAGS))
$(B)/pic/%.o: %.c $(B)/pic/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(PIC_CFLAGS) -c -o $@ $<

$(DRILL): $(DRILL_OBJS)
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs -o $@ $^ -lpthread

$(B)/tests/test_packetdrill: $(B)/host/tests/packetdrill/test_packetdrill.o \
        $(B)/host/tests/tcp/packet.o $(B)/host/libpure.a $(B)/host/tests/support/failed.o | $(DRILL)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $(filter %.o %.a,$^) -ldl -lpthread
