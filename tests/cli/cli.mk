# SPDX-License-Identifier: ISC
#
# The drupe command: its pure parts, and every command with every error.

CLI_TEST_OBJS := $(addprefix $(B)/check/,$(patsubst %,cli/%.o,options attach sections areas help image make \
                   place new run net inspect doctor) \
                   $(patsubst %,host/%.o,kvm helper usernet usernet_spec manifest elf error))
TESTS += $(B)/tests/test_cli tests/cli/cli.sh tests/cli/run.sh tests/cli/net.sh

$(B)/tests/test_cli: $(B)/check/tests/cli/test_cli.o $(B)/check/tests/support/failed.o $(CLI_TEST_OBJS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ -lcjson
