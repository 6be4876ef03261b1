# SPDX-License-Identifier: ISC
#
# Every folder with a Makefile here is an application, built for every target:
# $(B)/spt/NAME.spt, $(B)/spt/NAME.stripped.spt, $(B)/unix/NAME.unix.

EXAMPLES := $(patsubst examples/%/Makefile,%,$(sort $(wildcard examples/*/Makefile)))
EXAMPLE_IMAGES := $(foreach t,spt unix,$(EXAMPLES:%=$(B)/$(t)/%.$(t)))
EXAMPLE_VENDOR := $(sort $(shell sed -n 's/^VENDOR *[?:]*= *//p' examples/*/Makefile))

define example
$(B)/$(2)/$(1).$(2): $(2)-libraries $(EXAMPLE_VENDOR:%=$(B)/$(2)/vendor/%.a) FORCE
	@+$(MAKE) -s --no-print-directory -C examples/$(1) TARGET=$(2) SANITIZE= DRUPE_TREE_IS_BUILT=1
$(B)/$(2)/$(1).stripped.$(2): $(B)/$(2)/$(1).$(2) ;
endef
$(foreach e,$(EXAMPLES),$(foreach t,spt unix,$(eval $(call example,$(e),$(t)))))

examples: $(EXAMPLE_IMAGES)
all: examples
FORCE:
.PHONY: examples FORCE
