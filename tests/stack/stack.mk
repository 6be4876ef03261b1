# SPDX-License-Identifier: ISC
#
# The live stack on the virtual target, with a second one as its peer.

STACK_SRCS := $(sort $(wildcard src/stack/*.c))
$(B)/check/libstack.a: $(STACK_SRCS:%.c=$(B)/check/%.o)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(eval $(call virtual_tests,stack,$(B)/check/tests/stack/peer.o $(B)/check/libstack.a))
