# SPDX-License-Identifier: ISC
#
# Captures: the form and the file each alone, then whole runs that tcpdump reads.

CAPTURE_TESTS := $(addprefix $(B)/tests/,test_pcap test_record)
TESTS += $(CAPTURE_TESTS) $(B)/tests/test_capture_sandbox tests/capture/capture.sh

$(CAPTURE_TESTS): $(B)/tests/%: $(B)/check/tests/capture/%.o $(B)/check/tests/support/failed.o \
                                $(B)/check/host/pcap.o $(B)/check/host/capture/record.o $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^

# Without the sanitizers, which need system calls and memory that the sandbox forbids.
$(B)/tests/test_capture_sandbox: $(addprefix $(B)/host/,tests/capture/test_capture_sandbox.o \
                                   tests/support/failed.o host/capture/sandbox.o host/confine.o host/sandbox.o host/error.o)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^ -lseccomp

tests/capture/capture.sh: | $(B)/bin/drupe $(B)/bin/drupe-pcap $(B)/bin/drupe-spt $(B)/spt/web.spt $(B)/spt/hello.spt $(B)/unix/web.unix
