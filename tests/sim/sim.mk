# SPDX-License-Identifier: ISC
#
# Two stacks over a bad link under a virtual clock: the TCP cores alone, and whole Internet
# hosts. `build/tests/sim_tcp COUNT [FIRST]` runs as many seeds of each kind as are asked for.

SIM_TESTS := $(B)/tests/sim_tcp $(B)/tests/sim_inet
TESTS     += $(SIM_TESTS)

$(SIM_TESTS): $(B)/tests/%: $(B)/check/tests/sim/%.o $(B)/check/tests/sim/link.o \
              $(B)/check/tests/support/failed.o $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^
