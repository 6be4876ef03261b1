# SPDX-License-Identifier: ISC
#
# Images made to be tested, under our tender: each folder with a Makefile is one.
TARGET_APPS := $(patsubst tests/target/%/Makefile,%,$(sort $(wildcard tests/target/*/Makefile)))
$(foreach a,$(TARGET_APPS),$(foreach t,spt hvt,$(eval $(call app_image,tests/target/$(a),$(a),$(t)))))

TESTS += tests/target/target.sh tests/target/hvt.sh tests/target/disk.sh tests/target/offload.sh
tests/target/offload.sh: $(B)/spt/bulk.spt $(B)/bin/drupe-spt
TESTS += tests/target/two.sh
tests/target/two.sh: $(B)/spt/two.spt $(B)/bin/drupe-spt
$(eval $(call app_image,tests/target/disk,disk,unix))
tests/target/disk.sh: $(B)/unix/disk.unix $(B)/spt/disk.spt $(B)/hvt/disk.hvt $(PROGRAMS)
tests/target/target.sh: $(TARGET_APPS:%=$(B)/spt/%.spt) $(B)/spt/plat.spt $(B)/bin/drupe-spt $(B)/bin/test-pair

tests/target/hvt.sh: $(TARGET_APPS:%=$(B)/hvt/%.hvt) $(B)/hvt/plat.hvt $(B)/hvt/hello.hvt $(B)/bin/test-pair $(PROGRAMS)
TESTS += tests/target/core.sh tests/target/gdb.sh
tests/target/core.sh tests/target/gdb.sh: $(TARGET_APPS:%=$(B)/hvt/%.hvt) $(B)/hvt/hello.hvt $(HVT_GUESTS) $(PROGRAMS)

# The pure part of the hvt target.
TESTS += $(B)/tests/test_pagetable
$(B)/tests/test_pagetable: $(B)/check/tests/target/test_pagetable.o $(B)/check/tests/support/failed.o \
                           $(B)/check/src/plat/hvt/pagetable.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^

# A target by itself, with a runtime that is a test.
PLAT_TEST_OBJS := $(patsubst %,$(B)/spt/lib/%.o,$(basename $(wildcard src/plat/spt/*.[cS] src/plat/bare/*.[cS] \
                  src/rt/libc/start.c src/rt/libc/console.c src/rt/libc/missing.c src/rt/libc/memcmp.c \
                  src/rt/libc/canary.c src/base/offload.c src/base/format.c)) \
                  tests/target/plat/plat calls)
$(B)/spt/plat/manifest.c: $(B)/bin/drupe-manifest
	@mkdir -p $(@D)
	$(Q)$(B)/bin/drupe-manifest --net=service --block=disk $@
$(B)/spt/lib/plat_manifest.o: $(B)/spt/plat/manifest.c $(B)/spt/lib/flags | $(C_LIBRARY_OF_spt)
	$(Q)$(CC) $(spt_CFLAGS) $(spt_SYSTEM) -Iinclude -c -o $@ $<
$(B)/spt/plat.spt: $(PLAT_TEST_OBJS) $(B)/spt/lib/plat_manifest.o $(B)/spt/musl/lib/libc.a toolchain/link-image
	$(Q)toolchain/link-image $@ $(spt_LDFLAGS) $(filter %.o,$^) $(B)/spt/musl/lib/libc.a

PLAT_TEST_OBJS_hvt := $(filter-out $(B)/spt/lib/src/plat/spt/%,$(PLAT_TEST_OBJS)) \
                      $(patsubst %,$(B)/hvt/lib/%.o,$(basename $(wildcard src/plat/hvt/*.[cS])))
$(B)/hvt/plat.hvt: $(PLAT_TEST_OBJS_hvt) $(B)/spt/lib/plat_manifest.o $(B)/spt/musl/lib/libc.a toolchain/link-image
	$(Q)toolchain/link-image $@ $(hvt_LDFLAGS) $(filter %.o,$^) $(B)/spt/musl/lib/libc.a

# Runs the tender with a socket pair for the device, and is the other end.
$(B)/bin/test-pair: $(B)/host/tests/target/plat/pair.o
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^
