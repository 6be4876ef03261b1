# SPDX-License-Identifier: ISC
#
# Whole images under their tenders, and a hostile network at the other end of their devices.

ATTACK_TESTS := $(patsubst tests/attack/%.c,$(B)/tests/attack/%,$(sort $(wildcard tests/attack/test_*.c)))
TESTS        += $(ATTACK_TESTS)

$(ATTACK_TESTS): $(B)/tests/attack/%: $(B)/check/tests/attack/%.o \
                 $(addprefix $(B)/check/tests/attack/,world.o process.o host.o frames.o) \
                 $(B)/check/tests/support/failed.o $(B)/check/libpure.a \
                 | $(B)/bin/drupe-spt $(B)/spt/web.spt $(B)/spt/echo.spt $(B)/unix/web.unix
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $(filter %.o %.a,$^)
