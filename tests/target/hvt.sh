#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Images as virtual machines: under our tender, and under another one that SOLO5_HVT names.
set -u
cd "$(dirname "$0")/../.." || exit
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# report NAME COMMAND...: the test passes when the command does.
report() {
    name=$1${under:+_under_$under}
    shift
    if "$@"; then
        echo "ok $name"
    else
        sed 's/^/# /' "$tmp/out"
        echo "not ok $name"
        failed=1
    fi
}

# run STATUS ARGUMENT...: the tender's status must be that, its words are in out. An image that
# hangs is ended, with another status.
run() {
    want=$1
    shift
    timeout 60 "$tender" "$@" >"$tmp/out" 2>&1 </dev/null
    [ $? -eq "$want" ]
}

says() { # PATTERN
    grep -qE "$1" "$tmp/out"
}

# ends NAME IMAGE PATTERN ARGUMENT...: the image ends with status 255 and says so.
ends() {
    name=$1 image=$2 pattern=$3
    shift 3
    report "$name" run 255 --mem=8 "build/hvt/$image.hvt" "$@"
    report "and_says_so" says "$pattern"
}

# forbidden ACT PATTERN: what no image may do.
forbidden() {
    ends "$(echo "$1" | sed 's/^/to_/')_ends_the_image" forbidden "PANIC: $2" --do="$1"
}

memory() {
    no='which is not allowed'
    none='where nothing is mapped'
    for part in data heap stack; do
        forbidden execute_$part "page fault: executing 0x[0-9a-f]+, $no"
    done
    forbidden write_text "page fault: writing 0x[0-9a-f]+, $no"
    report and_the_backtrace_names_the_function says 'write_text\+'
    report and_the_registers_are_told says 'rip=0x[0-9a-f]+'
    report and_the_task says 'in task main of image forbidden'
    forbidden write_constants "page fault: writing 0x[0-9a-f]+, $no"
    forbidden read_zero_page "page fault: reading 0x8, $none"
    forbidden write_zero_page "page fault: writing 0x8, $none"
    forbidden read_first_tables "page fault: reading 0x2000, $none"
    forbidden write_boot_info "page fault: writing 0x10000, $no"
    forbidden read_descriptors "page fault: reading 0x[0-9a-f]+, $no"
    forbidden write_descriptors "page fault: writing 0x[0-9a-f]+, $no"
    forbidden write_page_tables "page fault: writing 0x[0-9a-f]+, $no"
}

privileges() {
    for act in stop_processor mask_interrupts read_page_tables_address set_page_tables allow_all_writes \
        set_interrupt_table write_model_register use_another_port use_a_port_behind_the_last ask_another_port; do
        forbidden $act 'general protection'
    done
    forbidden divide_by_zero 'divide error'
    forbidden execute_nothing 'invalid opcode'
}

# What an image may not write it cannot have our tender write either; a stock one does not know.
calls() {
    for act in have_text_written have_boot_info_written have_descriptors_written have_page_tables_written; do
        report "to_${act}_ends_the_image" run 1 --mem=8 build/hvt/forbidden.hvt --do=$act
        report and_says_so says 'its call WALLTIME names 8 octets at 0x[0-9a-f]+, which are not memory that it may use so'
    done
    report to_ask_a_port_for_calls_ends_the_image run 1 --mem=8 build/hvt/forbidden.hvt --do=ask_a_port_for_calls
    report and_says_so says 'port 0x501 is not for input of 4 octets'
}

# At every depth, until the stack is used up before the panic is reached.
panics_everywhere() {
    depth=0
    until says '^PANIC: stack overflow' && ! says 'as was asked'; do
        [ "$depth" -lt 2000 ] || return 1
        run 255 --mem=8 build/hvt/ends.hvt --how=panic --depth="$depth" || return 1
        says '^PANIC: ' || return 1
        depth=$((depth + 12))
    done
}

stacks() {
    ends a_smashed_stack_ends_the_image ends 'PANIC: .*stack' --how=smash
    report and_the_backtrace_names_who_smashed_it says 'smash\+'
    report a_panic_with_little_stack_left_is_reported panics_everywhere
    overflow='stack overflow: task main has used all of its 32768 octets'
    forbidden overflow_stack "$overflow"
    report and_the_backtrace_names_the_function_that_recursed says 'overflow_stack\+'
    forbidden leap_over_guard "$overflow"
    ends a_library_function_that_meets_the_end_of_the_stack overflow "PANIC: $overflow"
}

images() {
    for mem in 2 8 512 4096; do
        report "an_image_starts_with_${mem}_megabytes" run 0 --mem=$mem build/hvt/hello.hvt
        report and_does_its_work says 'Hello, world!'
    done
    report a_stripped_image_does_too run 0 --mem=2 build/hvt/hello.stripped.hvt
    report the_c_library_works run 0 --mem=8 build/hvt/libc.hvt
    report and_none_of_its_tests_fails sh -c '! grep -q "^not ok" "$1"' - "$tmp/out"
}

usable=$([ -w /dev/kvm ] && echo yes)
if [ -z "$usable" ]; then
    echo "skip images_as_virtual_machines: there is no /dev/kvm here, or it may not be opened"
    exit 0
fi

under=
tender=build/bin/drupe-hvt
if [ -x $tender ]; then
    images
    memory
    privileges
    calls
    stacks
    head -c 4096 /dev/zero >"$tmp/disk"
    timeout 60 build/bin/test-pair 1 "$tender" --mem=8 --net:service=@3 "--block:disk=$tmp/disk" build/hvt/plat.hvt \
        --solo5:warn 'a b' c '"' >"$tmp/out" 2>&1
    status=$?
    cat "$tmp/out"
    grep -q '^not ok' "$tmp/out" && failed=1
    report an_image_whose_network_is_gone_ends [ "$status" -eq 1 ]
    report and_says_why says "other end is gone"
    timeout 60 build/bin/test-pair 1 "$tender" --mem=8 --net:service=@3,offload "--block:disk=$tmp/disk" \
        build/hvt/plat.hvt --solo5:warn 'a b' c '"' >"$tmp/out" 2>&1
    status=$?
    report an_image_whose_network_takes_super_frames_ends_as_well [ "$status" -eq 1 ]
    report and_nothing_of_it_fails sh -c '! grep "^not ok" "$1"' - "$tmp/out"
    timeout 60 build/bin/test-pair 0 "$tender" --mem=8 --net:service=@3 "--block:disk=$tmp/disk" build/hvt/plat.hvt \
        overflow >"$tmp/overflow" 2>&1
    report an_overflow_of_the_first_stack_ends_the_image [ $? -eq 255 ]
    report and_says_so grep -q '^stack overflow' "$tmp/overflow"
else
    echo "skip images_under_our_tender: there is no $tender"
fi

under=another_tender
tender=${SOLO5_HVT:-}
if [ -n "$tender" ]; then
    images
    memory
    privileges
    stacks
else
    echo "skip images_under_another_tender: SOLO5_HVT names none"
fi

under=
report no_segment_is_writable_and_executable sh -c '! readelf -lW build/hvt/libc.hvt | grep -E "LOAD.* RWE "'
report hello_has_at_most_48_kibibytes [ "$(stat -c %s build/hvt/hello.stripped.hvt)" -le 49152 ]
exit $failed
