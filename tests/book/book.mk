# SPDX-License-Identifier: ISC
#
# The chapters of the book, and the README, carried out as a reader would.
BOOK_TESTS := $(patsubst docs/book/%.md,$(B)/tests/book_%,$(sort $(wildcard docs/book/*.md))) \
              $(B)/tests/book_README
TESTS += $(BOOK_TESTS)

$(B)/tests/book_%: tests/book/book.mk
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nexec %s/tests/book/run-chapter %s\n' '$(TOP)' \
	    '$(if $(filter README,$*),$(TOP)/README.md,$(TOP)/docs/book/$*.md)' >$@ && chmod +x $@
