# SPDX-License-Identifier: ISC
#
# The examples on every target, over the user-mode network, with real clients.

EXAMPLE_TESTS := $(foreach t,spt hvt unix,$(B)/tests/examples-$(t))
TESTS         += $(EXAMPLE_TESTS)

$(EXAMPLE_TESTS): $(B)/tests/examples-%: tests/examples/examples.sh $(B)/bin/drupe-spt $(B)/bin/drupe-usernet
	@mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec tests/examples/examples.sh %s\n' $* >$@ && chmod +x $@
$(B)/tests/examples-spt: $(B)/spt/echo.spt $(B)/spt/web.spt
$(B)/tests/examples-hvt: $(B)/hvt/echo.hvt $(B)/hvt/web.hvt $(filter %/drupe-hvt,$(PROGRAMS))
$(B)/tests/examples-unix: $(B)/unix/echo.unix $(B)/unix/web.unix
