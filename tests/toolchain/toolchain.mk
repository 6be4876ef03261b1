# SPDX-License-Identifier: ISC
#
# The pure parts of what builds and starts an image, on the host.
TOOLCHAIN_TESTS := $(B)/tests/test_cmdline $(B)/tests/test_symbols $(B)/tests/test_manifest_source \
                   $(B)/tests/test_chacha
TESTS += $(TOOLCHAIN_TESTS) tests/toolchain/app.sh tests/toolchain/run_web.sh tests/toolchain/prove.sh

$(B)/tests/test_cmdline: $(B)/check/src/plat/bare/cmdline.o
$(B)/tests/test_symbols: $(B)/check/src/plat/bare/symbols.o
$(B)/tests/test_manifest_source: $(B)/check/toolchain/manifest/source.o
$(B)/tests/test_manifest_source: TOOLCHAIN_LIBS := -lcjson
$(B)/tests/test_chacha: $(B)/check/src/rt/chacha.o $(B)/check/vendor/libsodium.a

$(TOOLCHAIN_TESTS): $(B)/tests/%: $(B)/check/tests/toolchain/%.o $(B)/check/tests/support/failed.o
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(TOOLCHAIN_LIBS)

# Exact, and so a test: nothing about them depends on the machine.
TESTS += tests/toolchain/sizes.sh tests/toolchain/stack-checks.sh
tests/toolchain/sizes.sh: $(EXAMPLES:%=$(B)/spt/%.spt)

tests/toolchain/app.sh: spt-libraries unix-libraries unix-asan-libraries $(B)/bin/drupe-spt
tests/toolchain/run_web.sh: $(B)/spt/web.spt $(B)/bin/drupe $(B)/bin/drupe-spt $(B)/bin/drupe-usernet
