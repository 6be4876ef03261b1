# SPDX-License-Identifier: ISC
#
# Vendored libraries. toolchain/vendor/NAME.mk says, in a few lines, how NAME is built; the sources
# come by toolchain/vendor-fetch. An application says VENDOR = NAME.
#
# A recipe of the usual kind sets NAME_SRCS (relative to the sources; wildcards and % no),
# NAME_INCLUDE (folders of headers, relative too) and NAME_CFLAGS, and gets, for each
# target T of host, check, unix, unix-asan and spt: $(B)/T/vendor/NAME.a (hvt takes spt's)

vendor/%/.unpacked: toolchain/vendor.lock toolchain/vendor-fetch
	@toolchain/vendor-fetch $*
.PRECIOUS: vendor/%/.unpacked

# Other people's code: their warnings are theirs.
VENDOR_COMMON := -w -std=gnu17 -ffile-prefix-map=$(TOP)=/drupe
vendor_flags_host      := -O2 -g -fPIE $(VENDOR_COMMON)
vendor_flags_check     := -O1 -g $(SANITIZE) $(VENDOR_COMMON)
vendor_flags_unix      := $(unix_CFLAGS) $(VENDOR_COMMON)
vendor_flags_unix-asan := $(unix-asan_CFLAGS) $(VENDOR_COMMON)
vendor_flags_spt       := $(spt_CFLAGS) $(spt_SYSTEM) -D_GNU_SOURCE $(VENDOR_COMMON)

$(foreach t,unix unix-asan spt,$(call flags_stamp,$(B)/$(t)/flags,$(vendor_flags_$(t))))

# vendor_includes NAME...: the -isystem options for what the named libraries offer.
vendor_includes = $(foreach n,$(1),$(patsubst %,-isystem $(D)/vendor/$(n)/%,$($(n)_INCLUDE)))

# $(call vendor_library,NAME): the rules of the usual kind of recipe, for every target.
define vendor_library_for
$(B)/$(2)/vendor/$(1)/%.o: vendor/$(1)/.unpacked toolchain/vendor/$(1).mk $(B)/$(2)/flags | $(C_LIBRARY_OF_$(2))
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(vendor_flags_$(2)) $$($(1)_CFLAGS) $$(call vendor_includes,$(1)) -c -o $$@ vendor/$(1)/$$*.c
$(B)/$(2)/vendor/$(1).a: $$($(1)_SRCS:%.c=$(B)/$(2)/vendor/$(1)/%.o)
	$$(Q)rm -f $$@ && ar rcsD $$@ $$^
endef
vendor_library = $(foreach t,host check unix unix-asan spt,$(eval $(call vendor_library_for,$(1),$(t))))

# Objects of images are compiled against musl's headers.
C_LIBRARY_OF_spt := $(B)/spt/musl/include/.installed
C_LIBRARY_OF_hvt := $(C_LIBRARY_OF_spt)

include $(sort $(wildcard toolchain/vendor/*.mk))
