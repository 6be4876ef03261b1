#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A debugger at work on images that run as virtual machines.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/shell.sh

if ! need gdb; then
    skip a_debugger_and_virtual_machines "there is no gdb"
    exit 0
fi
if [ ! -w /dev/kvm ]; then
    skip a_debugger_and_virtual_machines "there is no /dev/kvm here, or it may not be opened"
    exit 0
fi

# debug IMAGE ARGUMENT...: starts it for the debugger, whose commands come from standard input, and
# which says what is then in out. The image's own output is in image.out, its status in $status.
debug() {
    image=$1
    shift
    cat >"$tmp/commands"
    : >"$tmp/image.out" # now: what is in it must not be taken for the new one's
    timeout 60 build/bin/drupe-hvt --mem=8 --gdb=0 "build/hvt/$image.hvt" "$@" >"$tmp/image.out" 2>&1 </dev/null &
    pid=$!
    wait_for 10 grep -q 'target remote' "$tmp/image.out" || return 1
    remote=$(sed -n 's/^drupe-hvt: waiting for a debugger: //p' "$tmp/image.out")
    timeout 60 gdb -nx -q -batch -ex 'set pagination off' -ex "$remote" -x "$tmp/commands" "build/hvt/$image.hvt" \
        >"$tmp/out" 2>&1 </dev/null
    wait "$pid"
    status=$?
    cat "$tmp/out" "$tmp/image.out"
}

says() { # PATTERN
    cat "$tmp/out"
    grep -qE "$1" "$tmp/out"
}

check an_image_waits_for_its_debugger_at_its_first_instruction debug hello <<'END'
bt
info registers rip cs
break hello
continue
bt
stepi
info registers rip
finish
x/2i $pc
info registers xmm0
kill
END
check which_finds_it_there says '^rip .*<_start>'
check a_breakpoint_stops_it says '^Breakpoint 1, hello \(\)'
check with_the_callers says '^#1 .* run \(\) at src/rt/task\.c'
check a_step_is_one_instruction says '^rip +0x[0-9a-f]+ .*<hello\+[1-4]>'
check a_function_returns_to_the_debugger says '^Value returned is .* = 0'
check and_vectors_can_be_seen says '^xmm0 .*v4_float'
check what_it_kills_ends_with_status_1 [ "$status" -eq 1 ]
check and_a_line grep -q '^drupe-hvt: the debugger has ended the image$' "$tmp/image.out"

check more_breakpoints_than_the_processor_has debug forbidden --do=overflow_stack <<'END'
break forbidden
break rt_stack_overflow
break hvt_fault
break plat_abort
break rt_fault
break dr_panic_at
break overflow_stack if depth < 999990
continue
continue
info args
bt 3
delete
continue
print *(int *)0
END
check all_stop_it says '^Breakpoint 1, forbidden'
check and_may_have_conditions says '^Breakpoint 7(\.[0-9])?, overflow_stack'
check an_image_that_fails_stops_once_more says 'received signal SIGSEGV'
check there_is_nothing_at_zero says 'Cannot access memory at address 0x0'

check an_image_that_panics_stops_at_its_end debug ends --how=panic --depth=3 <<'END'
continue
bt
continue
END
check with_what_it_said says '^#[0-9]+ .*dr_panic_at .*"as was asked'
check and_its_status_is_told says 'exited with code 0?377'
check and_is_the_tenders [ "$status" -eq 255 ]

check registers_and_memory_can_be_changed debug hello <<'END'
break hello
continue
set var $rax = 7
print $rax
set var *(char *)&dr_app = 'x'
print *(char *)&dr_app
return
next
detach
END
check registers_have_what_was_set says '^\$1 = 7'
check and_constants_too says "120 'x'"
check an_image_that_is_left_runs_on_and_ends_with_what_was_set [ "$status" -eq 7 ]
check without_what_was_skipped sh -c '! grep -q Hello "$1"' - "$tmp/image.out"

check a_variable_is_watched debug ends --how=panic --depth=9 <<'END'
break panic_at
continue
set can-use-hw-watchpoints 0
set $where = $rsp - 64
delete
watch *(long *)$where
continue
bt 1
kill
END
check until_it_changes says '^(Watchpoint [0-9]+: |New value = )'

finish
