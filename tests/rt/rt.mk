# SPDX-License-Identifier: ISC
#
# Tests of the runtime, and of what stands on it, on the virtual target
# (tests/support/vplat.h), under the sanitizers. Another folder does the same:
#
#     $(eval $(call virtual_tests,stack,$(B)/check/libstack.a))
#
# builds tests/stack/test_x.c to build/tests/stack/test_x with that archive (or those
# objects) ahead of the runtime, and adds it to the tests.

RT_SRCS := $(sort $(wildcard src/rt/*.c src/rt/arch/x86_64/*.c))
$(B)/check/librt.a: $(RT_SRCS:%.c=$(B)/check/%.o)
	$(Q)rm -f $@ && ar rcsD $@ $^

VIRTUAL := $(B)/check/tests/support/vplat.o $(B)/check/librt.a $(B)/check/libpure.a \
           $(B)/check/vendor/libsodium.a

define virtual_tests
$(1)_TESTS := $$(patsubst tests/$(1)/%.c,$$(B)/tests/$(1)/%,$$(sort $$(wildcard tests/$(1)/test_*.c)))
TESTS += $$($(1)_TESTS)
$$($(1)_TESTS): $$(B)/tests/$(1)/%: $$(B)/check/tests/$(1)/%.o $(2) $$(VIRTUAL)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(SANITIZE) -o $$@ $$^ -lm
endef

$(eval $(call virtual_tests,rt,))

# The runtime's parsers, which harnesses in fuzz/ link as well.
RT_PARSERS := src/rt/args.c src/rt/args_values.c src/rt/ip.c src/rt/log_text.c
$(B)/tests/fuzz_args $(B)/tests/fuzz_ip $(B)/tests/fuzz_log: $(RT_PARSERS:%.c=$(B)/check/%.o)
$(B)/fuzz/fuzz_args $(B)/fuzz/fuzz_ip $(B)/fuzz/fuzz_log: $(RT_PARSERS:%.c=$(B)/fuzz/obj/%.o)

$(B)/bench/tasks: $(addprefix $(B)/host/,bench/tasks.o tests/support/vplat.o $(RT_SRCS:.c=.o)) \
                  $(B)/host/libpure.a $(B)/host/vendor/libsodium.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^
