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

# Linux over it, to an image and to itself.
$(B)/bin/test-peer: $(B)/host/tests/link/peer.o
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^

$(eval $(call app_image,tests/link/mover,mover,spt))
TESTS += tests/link/link.sh
LINK_PEERS := $(B)/spt/mover.spt $(addprefix $(B)/bin/,drupe-spt test-link test-peer)
tests/link/link.sh: $(LINK_PEERS)
