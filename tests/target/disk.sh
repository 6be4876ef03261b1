#!/bin/sh
# SPDX-License-Identifier: ISC
#
# disk.sh: the same image with a block device on every target, and with what goes wrong on the
# host. SOLO5 names a built tree of Solo5, whose tenders are tried too.
set -u
cd "$(dirname "$0")/../.." || exit
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# report NAME COMMAND...: the test passes when the command does.
report() {
    name=$1_on_$on
    shift
    if "$@"; then
        echo "ok $name"
    else
        sed 's/^/# /' "$tmp/out"
        echo "not ok $name"
        failed=1
    fi
}

# disk OCTETS: a file of zeroes.
disk() {
    rm -f "$tmp/disk"
    truncate -s "$1" "$tmp/disk"
}

# run STATUS ARGUMENT...: what is attached as the disk, then the image's arguments.
run() {
    want=$1 attach=$2
    shift 2
    # shellcheck disable=SC2086 # the program, and perhaps the image, are words
    if [ -n "$image" ]; then
        timeout 60 $program --mem=8 $attach $image "$@" >"$tmp/out" 2>&1
    else
        timeout 60 $program $attach "$@" >"$tmp/out" 2>&1
    fi
    [ $? -eq "$want" ]
}

says() { # PATTERN
    grep -qE "$1" "$tmp/out"
}

use() {
    disk 32768
    report a_disk_is_used run 0 "--block:disk=$tmp/disk" --do=use
    report and_nothing_went_wrong sh -c '! grep "^not ok" "$1"' - "$tmp/out"
    report and_its_size_stays [ "$(stat -c %s "$tmp/disk")" -eq 32768 ]
    disk 262144
    report a_disk_of_large_blocks_is_used run 0 "--block:disk=$tmp/disk --block-sector-size:disk=4096" --do=use
}

offers() {
    report it_offers_what_it_should says "^flush $1, discard"
}

# The file gets shorter while the image reads it. (A stock hvt tender ends; that is its way.)
shrink() {
    disk 32768
    (
        # The image says that it is ready; bounded, as its own end is.
        for _ in $(seq 1 500); do
            grep -q '^ready' "$tmp/out" 2>/dev/null && break
            sleep 0.02
        done
        truncate -s 100 "$tmp/disk"
    ) &
    : >"$tmp/out"
    report a_file_that_becomes_shorter_is_an_error run 5 "--block:disk=$tmp/disk" --do=read
    wait
    report and_the_image_is_told says '^EIO'
}

# A file system that is full.
full() {
    mkdir -p "$tmp/small"
    if ! unshare -m true 2>/dev/null; then
        echo "skip a_full_file_system_is_an_error_on_$on: no namespace of mounts can be made here"
        return
    fi
    report a_full_file_system_is_an_error full_in_namespace
    report and_the_image_is_told says '^EIO'
}

full_in_namespace() {
    export program image tmp
    unshare -m sh -c '
        mount -t tmpfs -o size=16k drupe-test "$tmp/small" && truncate -s 32768 "$tmp/small/disk" || exit 77
        timeout 60 $program ${image:+--mem=8} --block:disk="$tmp/small/disk" $image --do=fill >"$tmp/out" 2>&1
        [ $? -eq 5 ]'
}

refusals() {
    report no_disk_is_refused run 1 "" --do=use
    report and_it_is_said_what_to_add says "add --block:disk=FILE"
    disk 1000
    report a_size_that_is_not_whole_blocks_is_refused run 1 "--block:disk=$tmp/disk" --do=use
    report and_it_is_said_why says "1000 octets, is not a multiple of the sector size 512"
    report a_missing_file_is_refused run 1 "--block:disk=$tmp/none" --do=use
    report and_it_is_said_which says "cannot open '.*/none'"
    [ $on = hvt ] && return # one user more who may not open /dev/kvm either
    if [ "$(id -u)" -eq 0 ]; then
        program="setpriv --reuid=65534 --clear-groups $program"
        chmod 755 "$tmp"
    fi
    disk 32768
    chmod 444 "$tmp/disk"
    report a_file_that_may_only_be_read_is_refused run 1 "--block:disk=$tmp/disk" --do=use
    report and_it_is_said_which says "cannot open '.*/disk'"
}

on=unix program=build/unix/disk.unix image=
use
offers yes
shrink
full
refusals

on=spt program=build/bin/drupe-spt image=build/spt/disk.spt
use
offers yes
shrink
full
refusals

on=hvt program=build/bin/drupe-hvt image=build/hvt/disk.hvt
if [ -w /dev/kvm ]; then
    use
    offers yes
    shrink
    full
    report blocks_pass_many_at_once sh -c '
        n=$("$0" --stats --mem=8 --block:disk="$1" build/hvt/disk.hvt --do=use 2>&1 |
            sed -n "s/.*BLOCK_WRITE \([0-9]*\) .*/\1/p")
        [ "$n" -le 20 ]' $program "$(disk 32768; echo "$tmp/disk")"
    refusals
else
    echo "skip a_disk_is_used_on_hvt: there is no /dev/kvm here, or it may not be opened"
fi

if [ -x "${SOLO5:-/nonexistent}/tenders/spt/solo5-spt" ]; then
    on=solo5-spt program=$SOLO5/tenders/spt/solo5-spt image=build/spt/disk.spt
    use
    offers no
    shrink
    if [ -w /dev/kvm ]; then
        on=solo5-hvt program=$SOLO5/tenders/hvt/solo5-hvt image=build/hvt/disk.hvt
        use
        offers no
    fi
else
    echo "skip a_disk_is_used_under_stock_tenders: SOLO5 names no built tree of Solo5"
fi
exit $failed
