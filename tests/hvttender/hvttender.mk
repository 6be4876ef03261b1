# SPDX-License-Identifier: ISC
#
# Test images for drupe-hvt, and the tests that run them; and the calls without KVM.

HVT_GUESTS := $(addprefix $(B)/tests/guest-,none.hvt net.hvt block.hvt)

$(HVT_GUESTS): $(B)/tests/guest-%.hvt: tests/hvttender/guest.c tests/sandbox/guest.lds
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_CFLAGS) $(guest_$*) $(GUEST_LDFLAGS) -MF $@.d -MT $@ -o $@ $<

HVT_TESTS := $(addprefix $(B)/tests/test_hvt_,tender net gdb_connection)
TESTS += $(HVT_TESTS)

# The same helper as for drupe-spt, for another tender.
$(B)/check/tests/hvttender/%.o: CHECK_CFLAGS += -DTENDER='"$(B)/bin/drupe-hvt"' -DGUEST='"$(B)/tests/guest-"'
$(B)/check/tests/hvttender/tender.o: tests/sandbox/tender.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CHECK_CFLAGS) -c -o $@ $<

$(HVT_TESTS): $(B)/tests/%: $(B)/check/tests/hvttender/%.o $(B)/check/tests/hvttender/tender.o \
              $(B)/check/tests/hvttender/support.o $(B)/check/tests/support/failed.o \
              $(B)/check/libhost.a $(B)/check/libpure.a | $(HVT_GUESTS) $(B)/tests/guest-none.spt $(B)/bin/drupe-hvt \
              $(B)/hvt/plat.hvt
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^

# The calls and the ring, fuzzed natively.
HVT_PURE := $(addprefix tender/hvt/,memory.c calls.c devices.c netring.c)
$(B)/tests/fuzz_hvt_calls: $(HVT_PURE:%.c=$(B)/check/%.o) $(B)/check/libhost.a
$(B)/fuzz/fuzz_hvt_calls: $(HVT_PURE:%.c=$(B)/fuzz/obj/%.o) $(HOST_CHECK_SRCS:%.c=$(B)/fuzz/obj/%.o)

# What a developer looks into an image with, as far as it needs no virtual machine.
TESTS += $(B)/tests/test_hvt_core
$(B)/tests/test_hvt_core: $(addprefix $(B)/check/,tests/hvttender/test_hvt_core.o tests/support/failed.o \
                          tender/hvt/core_head.o tender/hvt/cpu_x86_64.o) $(B)/check/libhost.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^

GDB_PURE := $(addprefix tender/hvt/,gdb_packet.c gdb_points.c gdb_registers_x86_64.c gdb_commands.c)
TESTS += $(B)/tests/test_hvt_gdb
$(B)/tests/test_hvt_gdb: $(addprefix $(B)/check/,tests/hvttender/test_hvt_gdb.o tests/support/failed.o) \
                         $(GDB_PURE:%.c=$(B)/check/%.o)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^
$(B)/tests/fuzz_gdb: $(GDB_PURE:%.c=$(B)/check/%.o)
$(B)/fuzz/fuzz_gdb: $(GDB_PURE:%.c=$(B)/fuzz/obj/%.o)

# What it says where there is no KVM to be had.
TESTS += tests/hvttender/nokvm.sh
tests/hvttender/nokvm.sh: $(B)/tests/guest-none.hvt $(B)/bin/drupe-hvt

# The tender's own sandbox.
TESTS += $(B)/tests/test_hvt_sandbox
$(B)/tests/test_hvt_sandbox: $(addprefix $(B)/check/,tests/hvttender/test_hvt_sandbox.o tests/support/failed.o \
                             tender/hvt/sandbox.o host/sandbox.o host/confine.o) $(B)/check/libhost.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ -lseccomp
