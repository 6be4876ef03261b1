# SPDX-License-Identifier: ISC
#
# Test images that need no toolchain but the compiler's, and the tests of the tender
# that run them.

GUEST_CFLAGS := $(COMMON) -O1 -ffreestanding -fno-pie -fno-stack-protector -fcf-protection=none \
                -mgeneral-regs-only -fno-asynchronous-unwind-tables
GUEST_LDFLAGS := -nostdlib -static -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
                 -T tests/sandbox/guest.lds
GUESTS := $(addprefix $(B)/tests/guest-,none.spt net.spt block.spt offload.spt blocks.spt)

GUEST_NET   := {.name="service",.type=ABI_DEVICE_NET}
GUEST_BLOCK := {.name="disk",.type=ABI_DEVICE_BLOCK}
guest_none  := -DGUEST_ENTRIES=1 -DGUEST_DEVICES=
guest_net   := -DGUEST_ENTRIES=2 '-DGUEST_DEVICES=$(GUEST_NET)'
guest_offload := $(guest_net)
guest_block := -DGUEST_ENTRIES=2 '-DGUEST_DEVICES=$(GUEST_BLOCK)'
guest_blocks := $(guest_block)

# What an image is made of besides.
guest_more_offload := tests/sandbox/guest_offload.c
guest_more_blocks := tests/sandbox/guest_offload.c

$(GUESTS): $(B)/tests/guest-%.spt: tests/sandbox/guest.c tests/sandbox/guest.lds \
           tests/sandbox/guest_offload.c $(B)/host/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_CFLAGS) $(guest_$*) $(GUEST_LDFLAGS) -MF $@.d -MT $@ -o $@ $< $(guest_more_$*)

SANDBOX_TESTS := $(B)/tests/test_sandbox $(B)/tests/test_tender
TESTS += $(SANDBOX_TESTS)

$(B)/check/tests/sandbox/%.o: CHECK_CFLAGS += -DTENDER='"$(B)/bin/drupe-spt"' -DGUEST='"$(B)/tests/guest-"'
$(SANDBOX_TESTS): $(B)/tests/test_%: $(B)/check/tests/sandbox/test_%.o \
                  $(B)/check/tests/sandbox/tender.o $(B)/check/tests/support/failed.o \
                  $(B)/check/libhost.a $(B)/check/libpure.a | $(GUESTS) $(B)/bin/drupe-spt
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^
