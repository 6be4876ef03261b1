# SPDX-License-Identifier: ISC
#
# The user-mode network: its words and its sandbox each alone, and the helper itself, to
# which the test is the image. (The relay alone: tests/gateway.)

USERNET_TESTS := $(addprefix $(B)/tests/,test_usernet_spec test_usernet)
TESTS += $(USERNET_TESTS) $(B)/tests/test_usernet_sandbox

$(B)/tests/test_usernet_spec: $(B)/check/host/usernet_spec.o
$(B)/tests/test_usernet: $(B)/check/host/usernet.o $(B)/check/host/helper.o $(B)/check/host/usernet_spec.o | $(B)/bin/drupe-usernet

$(USERNET_TESTS): $(B)/tests/%: $(B)/check/tests/usernet/%.o $(B)/check/tests/support/failed.o \
                                $(B)/check/host/error.o $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $(filter %.o,$^) $(filter %.a,$^)

# Without the sanitizers, which need system calls and memory that the sandbox forbids.
$(B)/tests/test_usernet_sandbox: $(addprefix $(B)/host/,tests/usernet/test_usernet_sandbox.o \
                                   host/gateway/sandbox.o host/confine.o host/error.o)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^ -lseccomp
