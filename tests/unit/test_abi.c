/* SPDX-License-Identifier: ISC */
/* Every number that compatibility with Solo5 rests on (docs/design/compatibility.md), as
 * a number: who changes a header of include/abi changes what other tenders and images see. */
#include "tests/check.h"

#include <abi/hvt.h>
#include <abi/spt.h>

#define AT(type, field, offset) CHECK_INT(offsetof(struct type, field), offset)
#define IS(name, value)         CHECK_INT(name, value)
#define SIZE(type, octets)      CHECK_INT(sizeof(struct type), octets)

TEST(the_notes_are_solo5s)
{
    CHECK_MEM(ABI_NOTE_NAME, "Solo5", 6);
    IS(ABI_NOTE_NAME_LEN, 6);
    IS(ABI_NOTE_ABI, 0x31494241);
    IS(ABI_NOTE_MANIFEST, 0x3154464D);
    IS(ABI_NOTE_ABI_DESC_AT, 20);
    IS(ABI_NOTE_MANIFEST_DESC_AT, 24);
    IS(ABI_NOTE_ABI_DESC_MAX, 32);
    IS(ABI_NOTE_MANIFEST_DESC_MAX, 6668);
    SIZE(abi_note, 16);
    AT(abi_note, version, 4);
    IS(ABI_TARGET_HVT, 1);
    IS(ABI_TARGET_SPT, 2);
    IS(ABI_TARGET_VIRTIO, 3);
    IS(ABI_TARGET_MUEN, 4);
    IS(ABI_TARGET_GENODE, 5);
    IS(ABI_TARGET_XEN, 6);
    IS(ABI_VERSION_HVT, 2);
    IS(ABI_VERSION_SPT, 2);
    IS(ABI_LOAD_MIN, 0x100000);
    IS(ABI_CMDLINE_SIZE, 8192);
    IS(ABI_MEM_DEFAULT, 0x20000000);
}

TEST(the_manifest_is_solo5s)
{
    IS(ABI_MANIFEST_VERSION, 1);
    IS(ABI_MANIFEST_ENTRIES_MAX, 64);
    IS(ABI_MANIFEST_NAME_SIZE, 68);
    IS(ABI_DEVICE_BLOCK, 1);
    IS(ABI_DEVICE_NET, 2);
    IS(ABI_DEVICE_RESERVED_FIRST, 0x40000000);
    SIZE(abi_manifest, 8);
    AT(abi_manifest, entries, 4);
    SIZE(abi_manifest_entry, 104);
    AT(abi_manifest_entry, type, 68);
    AT(abi_manifest_entry, u.block.capacity, 72);
    AT(abi_manifest_entry, u.block.block_size, 80);
    AT(abi_manifest_entry, u.net.mac, 72);
    AT(abi_manifest_entry, u.net.mtu, 78);
    AT(abi_manifest_entry, b.hostfd, 88);
    AT(abi_manifest_entry, attached, 96);
}

TEST(the_boot_info_of_spt_is_solo5s)
{
    IS(SPT_MEM_START, 0x10000);
    IS(SPT_BOOT_INFO_AT, 0x11000);
    IS(SPT_TIMER_EVENT, 0xFFFFFFFE);
    SIZE(spt_boot_info, 40);
    AT(spt_boot_info, mem_size, 0);
    AT(spt_boot_info, kernel_end, 8);
    AT(spt_boot_info, cmdline, 16);
    AT(spt_boot_info, manifest, 24);
    AT(spt_boot_info, epollfd, 32);
    AT(spt_boot_info, timerfd, 36);
}

TEST(low_memory_and_boot_info_of_hvt_are_solo5s)
{
    IS(HVT_GDT_AT, 0x1000);
    IS(HVT_PML4_AT, 0x2000);
    IS(HVT_PDPT_AT, 0x3000);
    IS(HVT_PD_AT, 0x4000);
    IS(HVT_PT_AT, 0x8000);
    IS(HVT_BOOT_INFO_AT, 0x10000);
    IS(HVT_MEM_STEP, 0x200000);
    IS(HVT_MEM_MAX, 0x100000000);
    IS(HVT_FEATURE_RING, 1);
    SIZE(hvt_boot_info, 56);
    AT(hvt_boot_info, mem_size, 0);
    AT(hvt_boot_info, kernel_end, 8);
    AT(hvt_boot_info, cpu_cycle_freq, 16);
    AT(hvt_boot_info, cmdline, 24);
    AT(hvt_boot_info, manifest, 32);
    AT(hvt_boot_info, host_features, 40);
    AT(hvt_boot_info, guest_features, 44);
    AT(hvt_boot_info, net_ring, 48);
}

TEST(the_calls_of_hvt_are_solo5s)
{
    IS(HVT_CALL_PORT, 0x500);
    IS(HVT_WALLTIME, 1);
    IS(HVT_PUTS, 2);
    IS(HVT_POLL, 3);
    IS(HVT_BLOCK_WRITE, 4);
    IS(HVT_BLOCK_READ, 5);
    IS(HVT_NET_WRITE, 6);
    IS(HVT_NET_READ, 7);
    IS(HVT_HALT, 8);
    IS(HVT_CALLS, 9);
    IS(HVT_OK, 0);
    IS(HVT_AGAIN, 1);
    IS(HVT_EINVAL, 2);
    IS(HVT_EUNSPEC, 3);
    IS(HVT_COOKIE_LEN, 512);
}

TEST(the_calls_of_hvt_that_are_ours_stay_what_they_are)
{
    IS(HVT_MORE_RECEIVE, 1);
    IS(HVT_RECEIVE, 0x80);
    IS(HVT_MORE_SEAL, 2);
    IS(HVT_SEAL, 0x81);
    IS(HVT_MORE_BLOCKS, 4);
    IS(HVT_MORE_SEND, 8);
    IS(HVT_SEND, 0x84);
    IS(HVT_SEND_PARTS_MAX, 9);
    SIZE(hvt_part, 16);
    SIZE(hvt_send, 160);
    AT(hvt_send, parts, 8);
    AT(hvt_send, ret, 12);
    AT(hvt_send, part, 16);
    AT(hvt_more, net, 80);
    IS(HVT_MORE_LEN_ENTROPY, 80);
    IS(HVT_FLUSH, 0x82);
    IS(HVT_DISCARD, 0x83);
    IS(HVT_ENOTSUP, 4);
    IS(HVT_SEALS_MAX, 8);
    SIZE(hvt_seal, 24);
    AT(hvt_seal, end, 8);
    AT(hvt_seal, ret, 16);
    IS(HVT_FRAME_ALIGN, 16);
    SIZE(hvt_frame, 16);
    AT(hvt_frame, len, 4);
    SIZE(hvt_receive, 56);
    AT(hvt_receive, wanted, 8);
    AT(hvt_receive, data, 16);
    AT(hvt_receive, len, 24);
    AT(hvt_receive, frame_max, 28);
    AT(hvt_receive, used, 32);
    AT(hvt_receive, ret, 36);
    AT(hvt_receive, ready_set, 40);
    AT(hvt_receive, lost_set, 48);
}

TEST(the_structures_of_hvts_calls_are_solo5s)
{
    SIZE(hvt_walltime, 8);
    SIZE(hvt_puts, 16);
    AT(hvt_puts, len, 8);
    SIZE(hvt_poll, 24);
    AT(hvt_poll, ready_set, 8);
    AT(hvt_poll, ret, 16);
    SIZE(hvt_block, 40);
    AT(hvt_block, offset, 8);
    AT(hvt_block, data, 16);
    AT(hvt_block, len, 24);
    AT(hvt_block, ret, 32);
    SIZE(hvt_net, 32);
    AT(hvt_net, data, 8);
    AT(hvt_net, len, 16);
    AT(hvt_net, ret, 24);
    SIZE(hvt_halt, 16);
    AT(hvt_halt, exit_status, 8);
    SIZE(hvt_trap, 56);
    AT(hvt_trap, error_code, 8);
    AT(hvt_trap, rip, 16);
    AT(hvt_trap, rsp, 40);
}

TEST(the_ring_of_hvt_is_solo5s)
{
    IS(HVT_KICK_PORT, 0x600);
    IS(HVT_RING_SLOTS, 1024);
    IS(HVT_RING_ROOM, 0x200000);
    IS(HVT_RING_WRITE, 1);
    IS(HVT_RING_READ, 2);
    SIZE(hvt_ring, 49280);
    AT(hvt_ring, ent_tail, 0);
    AT(hvt_ring, com_head, 4);
    AT(hvt_ring, ent_head, 64);
    AT(hvt_ring, com_tail, 68);
    AT(hvt_ring, needs_kick, 72);
    AT(hvt_ring, entry, 128);
    AT(hvt_ring, commit, 32896);
    SIZE(hvt_ring_entry, 32);
    AT(hvt_ring_entry, handle, 4);
    AT(hvt_ring_entry, data, 8);
    AT(hvt_ring_entry, len, 16);
    AT(hvt_ring_entry, id, 20);
    SIZE(hvt_ring_commit, 16);
    AT(hvt_ring_commit, ret, 4);
    AT(hvt_ring_commit, len, 8);
}

/* A stock tender has the manifest there, which begins with its version. */
TEST(our_additions_cannot_be_mistaken_for_a_manifest)
{
    CHECK_MEM(&(struct spt_more){.magic = SPT_MORE_MAGIC}, "DRPEXTR1", 8);
    CHECK_MEM(&(struct hvt_more){.magic = HVT_MORE_MAGIC}, "DRPPHVT1", 8);
    SIZE(spt_more, 144);
    AT(spt_more, entropy, 16);
    AT(spt_more, net, SPT_MORE_LEN_ENTROPY);
    IS(SPT_MORE_BLOCKS, 1);
    IS(ABI_BLOCK_MORE, 1);
    SIZE(abi_net_note, 8);
    AT(abi_net_note, block, 4);
    SIZE(hvt_more, 144);
    AT(hvt_more, len, 8);
    AT(hvt_more, features, 12);
    AT(hvt_more, entropy, 16);
}

TEST_MAIN(TEST_OF(the_notes_are_solo5s), TEST_OF(the_manifest_is_solo5s),
          TEST_OF(the_boot_info_of_spt_is_solo5s),
          TEST_OF(low_memory_and_boot_info_of_hvt_are_solo5s),
          TEST_OF(the_calls_of_hvt_are_solo5s),
          TEST_OF(the_calls_of_hvt_that_are_ours_stay_what_they_are),
          TEST_OF(the_structures_of_hvts_calls_are_solo5s), TEST_OF(the_ring_of_hvt_is_solo5s),
          TEST_OF(our_additions_cannot_be_mistaken_for_a_manifest))
