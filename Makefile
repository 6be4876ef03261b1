# SPDX-License-Identifier: ISC
#
#   make run     a web page served by a sealed image, from nothing (PORT=8080)
#   make test    every test, from nothing
#   make prove   the proofs of the parsers (docs/design/proofs.md)
#   make         build everything
#
# Each part of the tree has a fragment of its own that says what it builds.

.DEFAULT_GOAL := all
TOP := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
B   := build

PROGRAMS :=   # host programs, in build/bin
TESTS    :=   # test programs and scripts, run by `make test` in this order
CLEAN    := $(B)
PORT     ?= 8080

# As many jobs as there are processors, unless the command line says -j.
ifeq ($(MAKELEVEL)$(shell tr '\0' '\n' </proc/$$PPID/cmdline | grep -E '^(-[A-Za-ik-z]*j|--jobs)'),0)
MAKEFLAGS += -j$(shell nproc)
endif

# The packages of the machine that all of this needs come first: make remakes this file, then
# begins anew. Nothing else is looked at until then.
ifneq ($(MAKECMDGOALS),clean)
include $(B)/deps.mk
endif
ifneq ($(filter test,$(MAKECMDGOALS)),)
include $(B)/deps-tests.mk
endif
ifneq ($(filter prove,$(MAKECMDGOALS)),)
include $(B)/deps-prove.mk
endif
$(B)/deps.mk: tools/install-deps
	@mkdir -p $(@D)
	@tools/install-deps
	@touch $@
$(B)/deps-tests.mk: tools/install-deps | $(B)/deps.mk
	@tools/install-deps tests
	@touch $@
$(B)/deps-prove.mk: tools/install-deps | $(B)/deps.mk
	@tools/install-deps prove
	@touch $@

ifneq ($(wildcard $(B)/deps.mk),)

include toolchain/flags.mk
include $(wildcard toolchain/vendor.mk toolchain/image.mk)
include $(wildcard host/host.mk host/gateway/gateway.mk host/capture/capture.mk tender/*/tender.mk cli/cli.mk examples/examples.mk)
include tests/tests.mk $(wildcard fuzz/fuzz.mk bench/bench.mk)

all: $(PROGRAMS)

# Only what this needs, so that a second run starts at once.
run: $(PROGRAMS) $(B)/spt/web.spt
	@tools/run-web $(PORT)

test: all $(TESTS)
	@tools/check-layers
	@tools/check-conformance
	@tools/run-tests $(TESTS)

prove:
	@tools/prove

-include $(shell find $(B) -path $(B)/kvm -prune -o -name '*.d' -print 2>/dev/null)
endif

clean:
	rm -rf $(CLEAN)

.PHONY: all test prove run clean
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
