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
