# SPDX-License-Identifier: ISC
#
# Two stacks over a bad link under a virtual clock: the TCP cores alone, and whole Internet
# hosts. `build/tests/sim_tcp COUNT [FIRST]` runs as many seeds of each kind as are asked for.

SIM_TESTS := $(B)/tests/sim_tcp $(B)/tests/sim_inet
TESTS     += $(SIM_TESTS)

$(SIM_TESTS): $(B)/tests/%: $(B)/check/tests/sim/%.o $(addprefix $(B)/check/tests/,sim/profile.o link/link.o link/frame.o) \
              $(B)/check/tests/support/failed.o $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^

# Not a test: `build/tests/goodput` prints the table of docs/design/tcp.md.
$(B)/tests/goodput: $(B)/host/tests/sim/goodput.o $(addprefix $(B)/host/tests/link/,link.o frame.o) \
                    $(B)/host/tests/support/failed.o $(B)/host/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^
