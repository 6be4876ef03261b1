# SPDX-License-Identifier: ISC
#
# The unit tests of host/ link what host programs do, under the sanitizers.

HOST_CHECK_SRCS := host/elf.c host/cmdline.c $(HOST_DEVICE_SRCS) tests/support/image.c
HOST_TESTS      := $(B)/tests/test_elf $(B)/tests/test_manifest $(B)/tests/test_options

HOST_FUZZERS    := $(B)/tests/fuzz_elf

$(B)/check/libhost.a: $(HOST_CHECK_SRCS:%.c=$(B)/check/%.o)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(HOST_TESTS) $(HOST_FUZZERS): $(B)/check/libhost.a
$(B)/fuzz/fuzz_elf: $(HOST_CHECK_SRCS:%.c=$(B)/fuzz/obj/%.o)

# src/plat/unix with a program of the test's own in the runtime's place, plain and
# under the sanitizers.
UNIX_PROGRAM_SRCS := tests/host/unix_program.c src/base/format.c src/base/offload.c $(UNIX_PLAT_SRCS) $(HOST_DEVICE_SRCS)

$(B)/tests/program-unix: $(patsubst %.c,$(B)/host/%.o,$(UNIX_PROGRAM_SRCS) $(unix_FIBER))
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^

$(B)/tests/program-unix-asan: $(patsubst %.c,$(B)/check/%.o,$(UNIX_PROGRAM_SRCS) $(unix-asan_FIBER))
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^

$(B)/tests/with_peer: $(B)/host/tests/host/with_peer.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^

tests/host/unix.sh: $(B)/tests/program-unix $(B)/tests/program-unix-asan $(B)/tests/with_peer
TESTS += tests/host/unix.sh
