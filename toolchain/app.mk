# SPDX-License-Identifier: ISC
#
# Builds an application. Its Makefile, inside the tree or anywhere else, is:
#
#     APP  = hello
#     SRCS = hello.c
#     include /path/to/drupe/toolchain/app.mk
#
# and may say besides:
#
#     NET      = service           its network devices
#     BLOCK    = disk              its block devices
#     MANIFEST = manifest.json     or both, in Solo5's notation
#     VENDOR   = zlib              libraries from toolchain/vendor
#     CFLAGS   = ...               more flags for its own sources
#
#     make                         the image for TARGET (spt, hvt or unix)
#     make TARGET=unix SANITIZE=1  with the address and undefined-behaviour sanitizers
#     make clean
#
# The image is build/TARGET/APP.TARGET (for unix with the sanitizers: build/unix-asan/APP.unix),
# in the tree's build folder for what is in the tree. What it needs of the tree is built first.

DRUPE := $(patsubst %/toolchain/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
D     := $(DRUPE)

ifeq ($(origin CC),default)
CC := gcc
endif
TARGET ?= spt
SRCS   ?= $(APP).c

ifeq ($(filter $(TARGET),spt hvt unix),)
$(error TARGET is $(TARGET): it can be spt, hvt or unix)
endif
ifeq ($(APP),)
$(error The Makefile sets no APP)
endif

include $(DRUPE)/toolchain/targets.mk

VARIANT := $(TARGET)$(if $(and $(SANITIZE),$(filter unix,$(TARGET))),-asan)
APP_B   := $(if $(filter $(DRUPE)/%,$(CURDIR)),$(DRUPE),$(CURDIR))/build
LIB_B   := $(DRUPE)/build
O       := $(APP_B)/$(VARIANT)/app/$(APP)
IMAGE   := $(APP_B)/$(VARIANT)/$(APP).$(TARGET)
OBJS    := $(SRCS:%.c=$(O)/%.o) $(O)/manifest.o
Q       := $(if $(V),,@)

APP_CFLAGS = -std=gnu17 -Wall -Wextra $($(VARIANT)_CFLAGS) $($(VARIANT)_SYSTEM) -I$(DRUPE)/include \
             $(foreach v,$(VENDOR),$(patsubst %,-isystem $(DRUPE)/vendor/$(v)/%,$(call vendor_include,$(v)))) \
             -MMD -MP -ffile-prefix-map=$(CURDIR)=/$(APP) -ffile-prefix-map=$(DRUPE)=/drupe $(CFLAGS)
# The folders of headers that the library's recipe names.
vendor_include = $(shell sed -n 's/^$(1)_INCLUDE *:*= *//p' $(DRUPE)/toolchain/vendor/$(1).mk)

VENDOR_LIBS := $(VENDOR:%=$(LIB_B)/$(VARIANT:hvt=spt)/vendor/%.a)
TREE_FILES  := $(LIB_B)/$(VARIANT)/libdrupe.o $(VENDOR_LIBS) $(LIB_B)/bin/drupe-manifest \
               $(if $(filter spt hvt,$(TARGET)),$(MUSL)/lib/libc.a,$(LIB_B)/$(VARIANT)/libs)

image: $(IMAGE)

# The tree's own Makefile, when it builds its examples, has done this already.
tree:
ifndef DRUPE_TREE_IS_BUILT
	@+$(MAKE) -s --no-print-directory -C $(DRUPE) $(VARIANT)-libraries $(VENDOR_LIBS:$(DRUPE)/%=%)
endif
$(TREE_FILES): tree ;

$(call flags_stamp,$(O)/flags,$(APP_CFLAGS) $($(VARIANT)_LDFLAGS))

$(O)/%.o: %.c $(O)/flags | tree
	@mkdir -p $(@D)
	$(Q)$(CC) $(APP_CFLAGS) -c -o $@ $<

$(O)/manifest.c: $(firstword $(MAKEFILE_LIST)) $(MANIFEST) $(LIB_B)/bin/drupe-manifest
	@mkdir -p $(@D)
	$(Q)$(LIB_B)/bin/drupe-manifest $(NET:%=--net=%) $(BLOCK:%=--block=%) $(MANIFEST:%=--json=%) $@
$(O)/manifest.o: $(O)/manifest.c $(O)/flags
	$(Q)$(CC) $(APP_CFLAGS) -c -o $@ $<

$(APP_B)/spt/$(APP).spt $(APP_B)/hvt/$(APP).hvt: \
$(OBJS) $(TREE_FILES) $(DRUPE)/toolchain/link-image $(wildcard $(DRUPE)/toolchain/targets/*/*.lds)
	$(Q)$(DRUPE)/toolchain/link-image $@ $($(TARGET)_LDFLAGS) $(OBJS) $(LIB_B)/$(TARGET)/libdrupe.o \
	    --start-group $(VENDOR_LIBS) $(MUSL)/lib/libc.a $(spt_LIBGCC) --end-group

$(APP_B)/$(VARIANT)/$(APP).unix: $(OBJS) $(TREE_FILES)
	$(Q)$(CC) $($(VARIANT)_LDFLAGS) -o $@ $(OBJS) $(LIB_B)/$(VARIANT)/libdrupe.o $(VENDOR_LIBS) \
	    $$(cat $(LIB_B)/$(VARIANT)/libs)
	$(Q)strip -o $(@:.unix=.stripped.unix) $@

clean:
	rm -rf $(O) $(IMAGE) $(IMAGE:.$(TARGET)=.stripped.$(TARGET))

.PHONY: image tree clean
.DEFAULT_GOAL := image
.DELETE_ON_ERROR:
.SUFFIXES:

-include $(OBJS:.o=.d)
