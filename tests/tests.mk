# SPDX-License-Identifier: ISC
#
# tests/unit/test_x.c   one program each, on the pure cores, under the sanitizers
# tests/e2e/*.sh        scripts that print the same lines as test programs do
# tests/*/*.mk          what needs more than that

UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
TESTS += $(UNIT_TESTS)

$(UNIT_TESTS): $(B)/tests/%: $(B)/check/tests/unit/%.o $(B)/check/tests/support/failed.o $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^

include $(wildcard tests/*/*.mk)
TESTS += $(sort $(wildcard tests/e2e/*.sh))
