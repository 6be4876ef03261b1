# SPDX-License-Identifier: ISC
#
# fuzz/fuzz_x.c      a harness for one parser or machine, on the pure cores
# fuzz/corpus/x/     its inputs, which `make test` runs, whole and cut short
#
#   make fuzz                       every harness for 60 seconds each (needs clang)
#   make fuzz FUZZ=ip4 SECONDS=600  one of them; what it finds is kept in build/fuzz/corpus/ip4

FUZZ    ?= $(patsubst fuzz/fuzz_%.c,%,$(FUZZ_SRCS))
SECONDS ?= 60

FUZZ_SRCS  := $(sort $(wildcard fuzz/fuzz_*.c))
FUZZ_TESTS := $(FUZZ_SRCS:fuzz/%.c=$(B)/tests/%)
TESTS      += $(FUZZ_TESTS)

$(FUZZ_TESTS): $(B)/tests/%: $(B)/check/fuzz/%.o $(B)/check/fuzz/run_corpus.o \
               $(B)/check/tests/support/failed.o $(B)/check/libpure.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $(filter %.o,$^) $(filter %.a,$^)

FUZZ_CC     := clang
FUZZ_CFLAGS := $(COMMON) -D_GNU_SOURCE -O1 $(SANITIZE) -fsanitize=fuzzer-no-link

$(B)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -c -o $@ $<

$(B)/fuzz/fuzz_%: $(B)/fuzz/obj/fuzz/fuzz_%.o $(B)/fuzz/obj/tests/support/failed.o \
                  $(PURE_SRCS:%.c=$(B)/fuzz/obj/%.o)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(SANITIZE) -fsanitize=fuzzer -o $@ $^

# New inputs go to the first folder; the committed ones are only read.
fuzz: $(FUZZ:%=fuzz-run-%)
fuzz-run-%: $(B)/fuzz/fuzz_%
	@mkdir -p $(B)/fuzz/corpus/$* $(B)/fuzz/found
	$< -rss_limit_mb=2048 -timeout=10 -max_total_time=$(SECONDS) -print_final_stats=1 \
	   -artifact_prefix=$(B)/fuzz/found/$*- $(B)/fuzz/corpus/$* $(wildcard fuzz/corpus/$*)

.PHONY: fuzz
.PRECIOUS: $(B)/fuzz/obj/%.o $(B)/fuzz/fuzz_%

# The relay of the user-mode network besides.
$(B)/tests/fuzz_gateway: $(addprefix $(B)/check/,$(GATEWAY_RELAY))
$(B)/fuzz/fuzz_gateway: $(addprefix $(B)/fuzz/obj/,$(GATEWAY_RELAY))
