# SPDX-License-Identifier: ISC
#
# A bad link: its core, and real stacks over it. `tests/link/long.sh` moves 1 GB each way.

$(B)/bin/test-link: $(addprefix $(B)/host/tests/link/,main.o options.o link.o frame.o) \
                    $(B)/host/tests/support/failed.o $(B)/host/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^

TESTS += $(B)/tests/test_link
$(B)/tests/test_link: $(addprefix $(B)/check/tests/link/,test_link.o options.o link.o frame.o) \
                      $(B)/check/tests/support/failed.o $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^
