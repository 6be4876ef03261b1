# SPDX-License-Identifier: ISC
#
# Every folder with a Makefile here is an application, built for every target:
# $(B)/spt/NAME.spt, $(B)/spt/NAME.stripped.spt, the same for hvt, $(B)/unix/NAME.unix.

EXAMPLES := $(patsubst examples/%/Makefile,%,$(sort $(wildcard examples/*/Makefile)))
EXAMPLE_IMAGES := $(foreach t,spt hvt unix,$(EXAMPLES:%=$(B)/$(t)/%.$(t)))

$(foreach e,$(EXAMPLES),$(foreach t,spt hvt unix,$(eval $(call app_image,examples/$(e),$(e),$(t)))))

examples: $(EXAMPLE_IMAGES)
all: examples
.PHONY: examples
