# SPDX-License-Identifier: ISC
#
# The web server without a network: its connections on a script and a virtual clock.

HTTPD_SRCS  := $(filter-out src/httpd/serve.c,$(sort $(wildcard src/httpd/*.c)))
HTTPD_TESTS := $(patsubst tests/httpd/%.c,$(B)/tests/%,$(sort $(wildcard tests/httpd/test_*.c)))
TESTS       += $(HTTPD_TESTS)

$(HTTPD_TESTS): $(B)/tests/%: $(B)/check/tests/httpd/%.o $(HTTPD_SRCS:%.c=$(B)/check/%.o) \
                $(B)/check/src/rt/errors.o $(B)/check/tests/support/failed.o \
                $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^
