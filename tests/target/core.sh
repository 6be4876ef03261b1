#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Core dumps of images that fail as virtual machines, and what a debugger finds in them.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/shell.sh

tender=build/bin/drupe-hvt
if ! need gdb; then
    skip core_dumps_of_virtual_machines "there is no gdb"
    exit 0
fi
if [ ! -w /dev/kvm ]; then
    skip core_dumps_of_virtual_machines "there is no /dev/kvm here, or it may not be opened"
    exit 0
fi
cores=$tmp/cores
mkdir "$cores"

# fail IMAGE ARGUMENT...: the image ends with status 255; its core dump is then `core`.
fail() {
    image=$1
    shift
    timeout 60 $tender --mem=8 --dumpcore="$cores" "build/hvt/$image.hvt" "$@" >"$tmp/out" 2>&1 </dev/null
    [ $? -eq 255 ] || return 1
    core=$(sed -n 's/^drupe-hvt: core dump: gdb IMAGE //p' "$tmp/out")
    [ -f "$core" ]
}

# opens IMAGE COMMAND PATTERN: what the debugger says to the command, about the last core dump.
opens() {
    timeout 60 gdb -nx -q -batch -ex "$2" "build/hvt/$1.hvt" "$core" >"$tmp/out" 2>&1 </dev/null
    grep -qE "$3" "$tmp/out"
}

check a_fault_leaves_a_core_dump fail forbidden --do=write_text
check that_only_its_owner_can_read [ "$(stat -c %a "$core")" = 600 ]
check and_that_takes_less_room_than_memory [ "$(du -k "$core" | cut -f 1)" -lt 2048 ]
check it_shows_the_function_at_fault opens forbidden bt '^#0 .*write_to'
check and_who_called_it opens forbidden bt '^#[1-9] .*forbidden \(\) at .*forbidden\.c:'
check and_the_kind_of_fault opens forbidden 'info program' 'SIGSEGV'
check and_variables opens forbidden 'frame function write_to' 'at=[0-9]+'
check and_the_registers opens forbidden 'info registers rip' '0x[0-9a-f]+ .*<write_text\+'

check a_panic_leaves_one_too fail ends --how=panic --depth=3
check it_shows_the_panic opens ends bt '^#[0-9]+ .*dr_panic_at .*fmt=.*"as was asked'
check and_who_panicked opens ends bt '^#[0-9]+ .*panic_at .* at ends\.c:'

check an_overflow_leaves_one_too fail forbidden --do=overflow_stack
check with_the_stack_of_the_task opens forbidden 'bt -3' '^#[0-9]{3} .*forbidden \(\)'

check a_division_by_zero_is_told_as_one fail forbidden --do=divide_by_zero
check as_a_process_would opens forbidden 'info program' 'SIGFPE'

n=$(ls "$cores" | wc -l)
timeout 60 $tender --mem=8 --dumpcore="$cores" build/hvt/hello.hvt >"$tmp/out" 2>&1
check an_image_that_ends_well_leaves_none [ "$(ls "$cores" | wc -l)" -eq "$n" ]

# The name is known beforehand, so that somebody else could have made something of it.
victim=$tmp/victim
sh -c 'ln -s "$1" "$2/core.drupe-hvt.$$"; exec '$tender' --mem=8 --dumpcore="$2" build/hvt/ends.hvt --how=panic' \
    - "$victim" "$cores" >"$tmp/out" 2>&1
check a_link_of_its_name_is_not_followed [ ! -e "$victim" ]
check and_that_is_said grep -q '^drupe-hvt: no core dump: .*cores/core.drupe-hvt.[0-9]* cannot be made: File exists$' "$tmp/out"

$tender --dumpcore="$tmp/nowhere" build/hvt/hello.hvt >"$tmp/out" 2>&1
check a_folder_that_is_not_there_is_an_error_at_once [ $? -eq 1 ]
check that_says_what_to_do grep -q 'nowhere: name a folder in which files can be made: No such file' "$tmp/out"

# A disk that is full: the largest file is smaller than the dump.
(ulimit -f 64; trap '' XFSZ; exec $tender --mem=8 --dumpcore="$cores" build/hvt/ends.hvt --how=panic) >"$tmp/out" 2>&1
check a_dump_for_which_there_is_no_room_is_said_to_be_cut grep -q 'core dump .* is not whole: File too large' "$tmp/out"

timeout 60 $tender --mem=8 --dumpcore="$cores" build/tests/guest-none.hvt port 65535 1 >"$tmp/out" 2>&1
check an_image_that_the_tender_ends_leaves_one_too [ $? -eq 1 ]
core=$(sed -n 's/^drupe-hvt: core dump: gdb IMAGE //p' "$tmp/out")
timeout 60 gdb -nx -q -batch -ex bt build/tests/guest-none.hvt "$core" >"$tmp/out" 2>&1 </dev/null
check that_shows_where_it_was grep -q '^#0 .*guest\.c:' "$tmp/out"

finish
