#!/bin/sh
# SPDX-License-Identifier: ISC
# An image as an ordinary program: src/plat/unix, plain and under the sanitizers.
cd "$(dirname "$0")/../.." || exit 1
. tests/support/shell.sh
with_peer=build/tests/with_peer

# says NAME STATUS OUTPUT COMMAND...: the status, and that the output contains the text, if any.
says() {
    shell_name=$1 want_status=$2 want=$3
    shift 3
    "$@" >"$tmp/out" 2>&1
    status=$?
    if [ "$status" -ne "$want_status" ]; then
        not_ok "$shell_name" "status $status: $(cat "$tmp/out")"
    elif [ -n "$want" ] && ! grep -qF -e "$want" "$tmp/out"; then
        not_ok "$shell_name" "$(cat "$tmp/out")"
    else
        ok "$shell_name"
    fi
}

truncate -s 2048 "$tmp/disk"

for kind in unix unix-asan; do
    p=build/tests/program-$kind
    run() {
        $with_peer "$p" --mem=8 --net:service=@3 "--block:disk=$tmp/disk" "$@"
    }
    says "${kind}_tells_memory_and_arguments" 0 "memory 8388608 of 8388608, level 3" run a "b c"
    says "${kind}_hands_over_arguments_as_they_are" 0 "[a][b c][--mem=3]" run a "b c" --mem=3
    says "${kind}_takes_the_log_level" 0 "level 4" run --solo5:debug a
    says "${kind}_reads_and_writes_its_disk" 0 "disk works" run disk
    says "${kind}_has_clocks_and_entropy" 0 "clocks work" run clocks
    says "${kind}_switches_stacks" 0 "first stack" run stacks
    says "${kind}_names_a_stack_overflow" 255 "stack overflow" run overflow
    says "${kind}_knows_internal_functions" 0 "symbol tell_symbol" run symbol
    says "${kind}_exits_with_the_status" 7 "" run exit 7
    says "${kind}_aborts_with_255" 255 "" run abort
    if [ $kind = unix ]; then
        says "${kind}_tells_of_a_fault_and_ends_by_the_signal" 139 "memory fault: address 0x10, at 0x" \
            run fault
    else
        says "${kind}_leaves_faults_to_the_sanitizer" 1 "AddressSanitizer: SEGV" run fault
    fi
    says "${kind}_prints_its_manifest" 0 '{ "name": "disk", "type": "BLOCK_BASIC" }' "$p" --manifest
    says "${kind}_helps_without_devices" 0 "--net:NAME=TAP" "$p" --help
    says "${kind}_wants_its_devices" 1 "'service' is not attached" "$p"
    says "${kind}_refuses_a_wrong_option" 1 "megabytes" "$p" --mem=x
    says "${kind}_sends_and_receives_until_the_peer_goes" 0 "peer is gone" \
        $with_peer "$p" --net:service=@3 --net-mac:service=02:00:00:00:00:09 "--block:disk=$tmp/disk" network

    start waiting $with_peer "$p" --net:service=@3 "--block:disk=$tmp/disk" wait
    if wait_for 10 grep -q ready "$tmp/waiting.out" && { stop "$pid"; [ $? -eq 1 ]; } &&
        grep -q "program-$kind: Exiting on signal 15" "$tmp/waiting.out"; then
        ok "${kind}_ends_on_sigterm"
    else
        not_ok "${kind}_ends_on_sigterm" "$(cat "$tmp/waiting.out")"
    fi
done
finish
