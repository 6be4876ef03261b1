# SPDX-License-Identifier: ISC
#
# What an image is built with, for each target: the files in toolchain/targets/TARGET as
# make's variables. Included by the tree's Makefile, with D = . and by app.mk, with D = the tree.

# A file of flags, without its comments.
flags_of = $(shell grep -v '^\#' $(D)/toolchain/targets/$(1))

# What the compiler is asked is asked once, and not before something is compiled.
once = $(eval $(1) := $(2))$($(1))
CC_VERSION  = $(call once,CC_VERSION,$(shell $(CC) --version | head -n 1))
CC_IS_CLANG = $(findstring clang,$(CC_VERSION))
CC_INCLUDE  = $(call once,CC_INCLUDE,$(shell $(CC) -print-file-name=include))

# $(call flags_stamp,FILE,FLAGS): the file, on which objects depend, holds the compiler and these flags. It is
# written only when they are others than last time.
flags_stamp = $(call stamp,$(1),$(strip $(CC) $(CC_VERSION) $(2) $(if $(findstring -fsplit-stack,$(2)),$(STACK_CHECK_SUM))))
stamp = $(if $(call same,$(2),$(file <$(1))),,$(shell mkdir -p $(dir $(1)))$(file >$(1),$(2)))
same  = $(and $(findstring x$(1)x,x$(2)x),$(findstring x$(2)x,x$(1)x))

# Stack checks (docs/adr/0003-stack-checks.md): clang 14 cannot do them for functions with
# variable arguments. gcc's are made shorter before they are assembled, by what -B names.
STACK_CHECK     = $(if $(CC_IS_CLANG),,-fsplit-stack -B$(abspath $(D))/toolchain/stack-checks/)
STACK_CHECK_SUM = $(call once,STACK_CHECK_SUM,$(shell cat $(D)/toolchain/stack-checks/* | cksum))

# Which addresses each source has, of which `drupe inspect` makes its table: gcc says it unasked.
# (In clang's DWARF 5 a source's name is behind one more table.)
AREAS = $(if $(CC_IS_CLANG),-gdwarf-4 -gdwarf-aranges)

MUSL := $(D)/build/spt/musl
spt_FLAGS   := $(call flags_of,spt/cflags)
spt_CFLAGS   = $(spt_FLAGS) $(STACK_CHECK) $(AREAS)
spt_SYSTEM   = -isystem $(MUSL)/include -isystem $(CC_INCLUDE)
spt_LDFLAGS := $(call flags_of,spt/ldflags) -T $(D)/toolchain/targets/spt/spt.lds
spt_LIBGCC   = $(shell $(CC) $(if $(CC_IS_CLANG),--rtlib=libgcc) -print-libgcc-file-name)

# A virtual machine's image shares what is compiled for spt; only src/plat/hvt and an application's own
# sources are compiled for hvt.
hvt_FLAGS   := $(call flags_of,hvt/cflags)
hvt_CFLAGS   = $(spt_FLAGS) $(hvt_FLAGS) $(AREAS)
hvt_SYSTEM   = $(spt_SYSTEM)
hvt_LDFLAGS := $(call flags_of,hvt/ldflags) -L $(D)/toolchain/targets -T $(D)/toolchain/targets/hvt/hvt.lds

unix_FLAGS   := $(call flags_of,unix/cflags)
unix_CFLAGS   = $(unix_FLAGS) $(AREAS)
unix_LDFLAGS := $(call flags_of,unix/ldflags)

# unix with the sanitizers: `make SANITIZE=1` of an application.
unix-asan_CFLAGS   = $(filter-out -O2,$(unix_CFLAGS)) -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
unix-asan_LDFLAGS := -pie -Wl,--gc-sections -fsanitize=address,undefined
