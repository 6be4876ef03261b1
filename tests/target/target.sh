#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Images under the sandboxed-process tender (TENDER: another one than ours).
set -u
cd "$(dirname "$0")/../.."
tender=${TENDER:-build/bin/drupe-spt}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# report NAME COMMAND...: the test passes when the command does.
report() {
    name=$1
    shift
    if "$@"; then
        echo "ok $name"
    else
        echo "not ok $name"
        failed=1
    fi
}

"$tender" --mem=8 build/spt/libc.spt >"$tmp/libc" || failed=1
cat "$tmp/libc"
echo
report handlers_of_the_end_run_and_what_they_print_comes_out grep -q 'last words' "$tmp/libc"

head -c 4096 /dev/zero >"$tmp/disk"
build/bin/test-pair 1 "$tender" --mem=8 --net:service=@3 "--block:disk=$tmp/disk" build/spt/plat.spt \
    --solo5:warn 'a b' c '"' >"$tmp/plat" 2>&1
status=$?
cat "$tmp/plat"
grep -q '^not ok' "$tmp/plat" && failed=1
report an_image_whose_network_is_gone_ends_instead_of_spinning [ "$status" -eq 1 ]
report and_says_why grep -q "other end is gone" "$tmp/plat"

# Images that clang built have no such checks (docs/adr/0003-stack-checks.md).
checked=1
nm build/spt/overflow.spt | grep -q ' __morestack$' || {
    checked=
    echo "skip a_stack_overflow_ends_an_image: this compiler cannot check stacks"
    echo "skip a_panic_with_little_stack_left_is_reported: this compiler cannot check stacks"
}
for image in ${checked:+build/spt/overflow.spt build/spt/overflow.stripped.spt}; do
    "$tender" --mem=8 "$image" >"$tmp/overflow" 2>&1
    status=$?
    report "a_stack_overflow_ends_${image##*/}_with_status_255" [ "$status" -eq 255 ]
    report "and_its_message_says_so" grep -qi 'stack' "$tmp/overflow"
    report "and_its_backtrace_names_the_function" grep -q 'descend' "$tmp/overflow"
done

# fault ACT STATUS WHAT: the process ends by the signal, once the image has said who did it.
fault() {
    sh -c '"$@"; exit $?' - "$tender" --mem=8 build/spt/forbidden.stripped.spt --do="$1" >"$tmp/fault" 2>&1
    report "to_${1}_ends_the_process_by_its_signal" [ $? -eq "$2" ]
    [ -z "${TENDER:-}" ] || return
    report and_the_image_says_what_it_was grep -q "^PANIC: $3: address 0x[0-9a-f]*, at 0x[0-9a-f]*$" "$tmp/fault"
    report and_in_which_task grep -q 'in task main of image forbidden' "$tmp/fault"
    report and_the_backtrace_names_the_function grep -q "#[0-9]* 0x[0-9a-f]* $1+0" "$tmp/fault"
}
fault write_text 139 'memory fault'
fault divide_by_zero 136 'arithmetic error'
fault execute_nothing 132 'invalid instruction'

for image in build/spt/ends.spt build/spt/ends.stripped.spt; do
    "$tender" --mem=8 "$image" --how=smash >"$tmp/smash" 2>&1
    status=$?
    report "a_smashed_stack_ends_${image##*/}_with_status_255" [ "$status" -eq 255 ]
    report "and_its_message_names_the_stack" grep -q 'PANIC: .*stack' "$tmp/smash"
    report "and_its_backtrace_names_who_smashed_it" grep -q 'smash+' "$tmp/smash"
done

# At every depth, until the stack is used up before the panic is reached.
panics_everywhere() {
    depth=0
    until grep -q '^PANIC: stack overflow' "$tmp/panic" 2>/dev/null &&
        ! grep -q 'as was asked' "$tmp/panic"; do
        [ "$depth" -lt 2000 ] || return 1
        "$tender" --mem=8 build/spt/ends.spt --how=panic --depth="$depth" >"$tmp/panic" 2>&1
        grep -q '^PANIC: ' "$tmp/panic" || return 1
        depth=$((depth + 8))
    done
}
[ -z "$checked" ] || report a_panic_with_little_stack_left_is_reported panics_everywhere

"$tender" --mem=8 build/spt/plat.spt >"$tmp/out" 2>&1
report without_its_devices_an_image_does_not_start [ $? -eq 1 ]

"$tender" --mem=1 build/spt/libc.spt >"$tmp/out" 2>&1
report too_little_memory_is_a_clear_line grep -q -- --mem "$tmp/out"

report an_image_makes_no_system_call_but_in_its_target sh -c '
    for image in build/spt/libc.spt build/spt/hello.spt; do
        objdump -d --no-show-raw-insn $image | awk "/^[0-9a-f]+ </ { f = \$2 } \$2 == \"syscall\" { print f }" |
            grep -vE "<(plat_|spt_|limit_thread_pointer|clock_read|transfer|arm)" && exit 1
    done
    exit 0'
report no_segment_is_writable_and_executable sh -c '! readelf -lW build/spt/libc.spt | grep -E "LOAD.* RWE "'
exit $failed
