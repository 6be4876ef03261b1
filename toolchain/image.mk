# SPDX-License-Identifier: ISC
#
# What images are linked with, for each target T: $(B)/T/libdrupe.o, the whole library as one
# object, whose sections the linker drops when an image does not reach them, and whose internal names
# cannot meet an application's (they are hidden, and made local here).

LIB_SRCS := $(PURE_SRCS) $(sort $(wildcard src/rt/*.c src/rt/arch/x86_64/*.[cS] src/stack/*.c \
            src/stack/*/*.c src/flow/*.c src/httpd/*.c))
LIB_SRCS_spt  := $(LIB_SRCS) $(sort $(wildcard src/rt/libc/*.c src/plat/bare/*.[cS] src/plat/spt/*.[cS]))
LIB_SRCS_hvt  := $(sort $(wildcard src/plat/hvt/*.[cS]))
# host/host.mk says what a program of the unix target takes along.
LIB_SRCS_unix      = $(LIB_SRCS) $(UNIX_PLAT_SRCS) $(unix_FIBER) $(HOST_DEVICE_SRCS)
# The build for an application's tests: there a leak is an error.
LIB_SRCS_unix-asan = $(filter-out src/rt/leak.c,$(LIB_SRCS)) src/rt/strict/leak.c $(UNIX_PLAT_SRCS) $(unix-asan_FIBER) $(HOST_DEVICE_SRCS)

LIB_CFLAGS = $(COMMON) -fvisibility=hidden $(call vendor_includes,libsodium) -D_GNU_SOURCE

# Small before fast: only what loops over octets, or runs at every turn, is made fast. (Of a
# request's time the kernel takes nine tenths.)
LIB_FAST := src/base/% src/rt/sched src/rt/loop src/rt/wait src/rt/libc/memcmp src/net/tcp/segment src/net/tcp/output src/net/tcp/arrives src/net/tcp/acks src/net/tcp/timers src/net/inet/send src/net/inet/segments src/net/inet/conns src/net/ip4/ip4 src/plat/spt/device src/stack/device
LIB_SMALL := src/base/format
size_or_speed = $(if $(filter $(LIB_FAST),$(filter-out $(LIB_SMALL),$(1))),-O2,-Os)

lib_objects = $(patsubst %,$(B)/$(1)/lib/%.o,$(basename $(LIB_SRCS_$(1))))

define lib_rules
$(call flags_stamp,$(B)/$(1)/lib/flags,$($(1)_CFLAGS) $($(1)_SYSTEM) $(LIB_CFLAGS) $(LIB_FAST))
$(B)/$(1)/lib/%.o: %.c $(B)/$(1)/lib/flags | $(C_LIBRARY_OF_$(1)) vendor/libsodium/.unpacked
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$($(1)_CFLAGS) $$($(1)_SYSTEM) $$(LIB_CFLAGS) $$(call size_or_speed,$$*) -c -o $$@ $$<
$(B)/$(1)/lib/%.o: %.S $(B)/$(1)/lib/flags | $(C_LIBRARY_OF_$(1)) vendor/libsodium/.unpacked
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$($(1)_CFLAGS) $$($(1)_SYSTEM) $$(LIB_CFLAGS) -c -o $$@ $$<
endef
$(foreach t,spt hvt unix unix-asan,$(eval $(call lib_rules,$(t))))
$(B)/hvt/lib/src/plat/hvt/ring0.o: private LIB_CFLAGS += $(call flags_of,hvt/ring0)

# musl's list of system calls, each with a handler that says there is none.
$(B)/spt/lib/calls.o: $(B)/spt/gen/calls.c $(B)/spt/lib/flags | $(B)/spt/musl/include/.installed
	@mkdir -p $(@D)
	$(Q)$(CC) $(spt_CFLAGS) $(spt_SYSTEM) -std=c17 -c -o $@ $<

.SECONDEXPANSION:
$(B)/spt/libdrupe.o: $(B)/spt/lib/calls.o
$(B)/spt/libdrupe.o $(B)/unix/libdrupe.o $(B)/unix-asan/libdrupe.o: \
$(B)/%/libdrupe.o: $$(call lib_objects,$$*) $(B)/%/vendor/libsodium.a toolchain/image.mk
	@echo "libdrupe for $*"
	$(Q)ld -r --unique -o $@.tmp $(filter %.o,$^) --whole-archive $(filter %.a,$^)
	$(Q)objcopy --localize-hidden $@.tmp $@
	$(Q)rm -f $@.tmp

# All of spt's but what is spt's alone.
$(B)/hvt/libdrupe.o: $(call lib_objects,hvt) $(filter-out $(B)/spt/lib/src/plat/spt/%,$(call lib_objects,spt)) \
                     $(B)/spt/lib/calls.o $(B)/spt/vendor/libsodium.a toolchain/image.mk
	@echo "libdrupe for hvt"
	$(Q)ld -r --unique -o $@.tmp $(filter %.o,$^) --whole-archive $(filter %.a,$^)
	$(Q)objcopy --localize-hidden $@.tmp $@
	$(Q)rm -f $@.tmp

# The host's libraries that a program of the unix target needs besides.
$(B)/unix/libs $(B)/unix-asan/libs: toolchain/image.mk host/host.mk
	@mkdir -p $(@D)
	@echo '$(HOST_DEVICE_LIBS)' >$@

# Turns an application's devices into the source of its manifest.
$(B)/bin/drupe-manifest: $(B)/host/toolchain/manifest/main.o $(B)/host/toolchain/manifest/source.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -o $@ $^ -lcjson
PROGRAMS += $(B)/bin/drupe-manifest

# What app.mk asks the tree for.
spt-libraries: $(B)/spt/libdrupe.o $(B)/spt/musl/lib/libc.a $(B)/bin/drupe-manifest
hvt-libraries: $(B)/hvt/libdrupe.o $(B)/spt/musl/lib/libc.a $(B)/bin/drupe-manifest
unix-libraries: $(B)/unix/libdrupe.o $(B)/unix/libs $(B)/bin/drupe-manifest
unix-asan-libraries: $(B)/unix-asan/libdrupe.o $(B)/unix-asan/libs $(B)/bin/drupe-manifest
.PHONY: spt-libraries hvt-libraries unix-libraries unix-asan-libraries

# Host tests of the random generator compile its wrapper, too.
$(B)/host/src/rt/chacha.o: HOST_CFLAGS += $(call vendor_includes,libsodium)
$(B)/check/src/rt/chacha.o: CHECK_CFLAGS += $(call vendor_includes,libsodium)
$(B)/host/src/rt/chacha.o $(B)/check/src/rt/chacha.o: | vendor/libsodium/.unpacked

# $(call app_image,DIR,NAME,TARGET): the image of an application in the tree, by its own Makefile.
APP_VENDOR := $(sort $(shell sed -n 's/^VENDOR *[?:]*= *//p' examples/*/Makefile tests/target/*/Makefile))
define app_image
$(B)/$(3)/$(2).$(3): $(3)-libraries $(APP_VENDOR:%=$(B)/$(3:hvt=spt)/vendor/%.a) FORCE
	@+$(MAKE) -s --no-print-directory -C $(1) TARGET=$(3) SANITIZE= DRUPE_TREE_IS_BUILT=1
$(B)/$(3)/$(2).stripped.$(3): $(B)/$(3)/$(2).$(3) ;
endef
FORCE:
.PHONY: FORCE
