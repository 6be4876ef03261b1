# SPDX-License-Identifier: ISC
#
# Scripts of what goes over the wire (docs/design/tcp-scripts.md). `build/tests/play_tcp FILE...`
# plays some; with --linux against the kernel's TCP.

TCP_PLAY    := $(B)/tests/play_tcp
TCP_SCRIPTS := $(sort $(wildcard tests/tcp/*.pkt))
TESTS       += $(B)/tests/test_tcp_script tests/tcp/scripts.sh

$(B)/tests/test_tcp_script: $(B)/check/tests/tcp/test_script.o
$(TCP_PLAY): $(addprefix $(B)/check/tests/tcp/,main.o host_linux.o)
$(B)/tests/test_tcp_script $(TCP_PLAY): \
        $(addprefix $(B)/check/tests/tcp/,packet.o script.o host.o host_inet.o play.o) \
        $(B)/check/tests/support/failed.o $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^

tests/tcp/scripts.sh: $(TCP_PLAY)
