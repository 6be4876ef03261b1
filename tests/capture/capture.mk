# SPDX-License-Identifier: ISC
#
# Captures: the form and the file each alone, then whole runs that tcpdump reads.

CAPTURE_TESTS := $(addprefix $(B)/tests/,test_pcap test_record)
TESTS += $(CAPTURE_TESTS) tests/capture/capture.sh

$(CAPTURE_TESTS): $(B)/tests/%: $(B)/check/tests/capture/%.o $(B)/check/tests/support/failed.o \
                                $(B)/check/host/pcap.o $(B)/check/host/capture/record.o $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^

tests/capture/capture.sh: | $(B)/bin/drupe $(B)/bin/drupe-pcap $(B)/bin/drupe-spt $(B)/spt/web.spt $(B)/spt/hello.spt $(B)/unix/web.unix
