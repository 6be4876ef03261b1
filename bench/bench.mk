# SPDX-License-Identifier: ISC
#
#   make bench   the table of bench/README.md (needs root, and what bench/install installs)

$(B)/bench/first_octet: $(B)/host/bench/first_octet.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^

$(B)/bench/idle_clients: $(B)/host/bench/idle_clients.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^

$(B)/bench/sink: $(B)/host/bench/sink.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^

$(B)/bench/line: $(B)/host/bench/line.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -pthread -o $@ $^

bench: all $(B)/bench/first_octet $(B)/bench/idle_clients $(B)/bench/sink $(B)/bench/line $(B)/spt/bulk.spt \
       $(LINK_PEERS)
	@bench/run.sh

.PHONY: bench
