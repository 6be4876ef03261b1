# SPDX-License-Identifier: ISC
#
# The gateway's relay, between an image and a host that the test plays.

GATEWAY_RELAY := $(patsubst %,host/gateway/%.o,gateway image streams flows packet policy resolvers)
GATEWAY_TESTS := $(addprefix $(B)/tests/,test_gateway_streams test_gateway_flows)
TESTS += $(GATEWAY_TESTS)

$(GATEWAY_TESTS): $(B)/tests/%: $(B)/check/tests/gateway/%.o $(B)/check/tests/support/failed.o \
                                $(addprefix $(B)/check/,$(GATEWAY_RELAY)) $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^
