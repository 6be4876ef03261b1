# SPDX-License-Identifier: ISC
#
# The C library of images: musl, unpatched, built by its own Makefile out of its tree, with
# toolchain/musl before it on the include path (docs/design/toolchain.md).
MUSL_OVERLAY := toolchain/musl/syscall_arch.h toolchain/musl/calls.awk toolchain/musl/config.mak
MUSL_CALLS   := vendor/musl/arch/x86_64/bits/syscall.h.in
MUSL_MAKE     = $(MAKE) --no-print-directory -C $(B)/spt/musl -f $(TOP)/vendor/musl/Makefile \
                srcdir=$(TOP)/vendor/musl CC="$(CC)" \
                DRUPE_CFLAGS="$(spt_CFLAGS) -ffile-prefix-map=$(TOP)=/drupe" \
                MEMOPS="$(if $(CC_IS_CLANG),,-fno-tree-loop-distribute-patterns)" \
                OVERLAY="-I$(TOP)/toolchain/musl -Ioverlay"

$(B)/spt/musl/overlay/drupe_calls.h: vendor/musl/.unpacked $(MUSL_OVERLAY)
	@mkdir -p $(@D)
	@cp toolchain/musl/config.mak $(B)/spt/musl/config.mak
	$(Q)awk -v out=header -f toolchain/musl/calls.awk $(MUSL_CALLS) >$@

$(B)/spt/gen/calls.c: vendor/musl/.unpacked toolchain/musl/calls.awk
	@mkdir -p $(@D)
	$(Q)awk -v out=stubs -f toolchain/musl/calls.awk $(MUSL_CALLS) >$@

$(B)/spt/musl/include/.installed: $(B)/spt/musl/overlay/drupe_calls.h
	@echo "musl: installing its headers"
	$(Q)+$(MUSL_MAKE) -s install-headers includedir=$(TOP)/$(B)/spt/musl/include >/dev/null
	@touch $@

# A line every 250 files, so that it can be seen to move, also between other jobs' lines.
$(B)/spt/musl/lib/libc.a: $(B)/spt/musl/include/.installed $(B)/spt/flags
	@echo 'musl: building the C library of images'
	@rm -rf $@ $(B)/spt/musl/obj/src
	+$(Q)$(MUSL_MAKE) lib/libc.a 2>&1 | awk '/(error|fatal error): |\*\*\*/ { print; fflush() } NR % 250 == 0 { print "musl: " NR " files"; fflush() }'
	@test -f $@
