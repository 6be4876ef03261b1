#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What toolchain/stack-checks/shorten.awk makes of gcc's assembly, an instruction being a word and ; here.
set -u
cd "$(dirname "$0")/../.."
failed=0

# shortened NAME BODY EXPECTED: of a function f.
shortened() {
    got=$(printf '\t.type\tf, @function\nf:%s;\t.size\tf, .-f\n' "$2" | sed 's/\(\.L[0-9]*:\)/;\1/g' | tr ';' '\n' |
        sed 's/^ \([a-z]*\) /\t\1\t/; s/^ \([a-z]*\)$/\t\1/' | awk -f toolchain/stack-checks/shorten.awk |
        grep -v '^f:\|\.type\|\.size\|^$' | tr '\t' ' ' | tr '\n' ';')
    if [ "$got" = "$3" ]; then
        echo "ok $1"
    else
        echo "# $got"
        echo "not ok $1"
        failed=1
    fi
}

check='; cmpq %fs:112, %rsp; jnb .L2; movl $8, %r10d; xorl %r11d, %r11d; call __morestack; ret'
cold='.L9:; movl $8, %r10d; xorl %r11d, %r11d; call __morestack; ret; jmp .L2'

shortened a_function_that_calls_keeps_its_check_and_the_call \
    "$check.L2:; call g; ret" ' cmpq %fs:112, %rsp; jnb .L2; call __morestack;.L2:; call g; ret;'
shortened a_call_through_a_pointer_is_one_too \
    "$check.L2:; call *%rax; ret" ' cmpq %fs:112, %rsp; jnb .L2; call __morestack;.L2:; call *%rax; ret;'
shortened a_leaf_has_none "$check.L2:; leal 1(%rdi), %eax; ret" '.L2:; leal 1(%rdi), %eax; ret;'
shortened what_only_fails_is_a_leaf "$check.L2:; call check_failed" '.L2:; call check_failed;'
shortened a_leaf_whose_body_begins_elsewhere_goes_there \
    "$check; jmp .L2.L1:; incl %eax.L2:; jne .L1; ret" ' jmp .L2;.L1:; incl %eax;.L2:; jne .L1; ret;'
shortened a_call_behind_the_function_is_shortened_there \
    "; cmpq %fs:112, %rsp; jb .L9.L2:; call g; ret$cold.L10:; call h" \
    ' cmpq %fs:112, %rsp; jb .L9;.L2:; call g; ret;.L9:; call __morestack;.L10:; call h;'
shortened and_of_a_leaf_it_goes \
    "; cmpq %fs:112, %rsp; jb .L9.L2:; ret$cold.L10:; ret" '.L2:; ret;.L9:;.L10:; ret;'
shortened a_large_frame_is_checked_in_a_leaf_too \
    "; leaq -999(%rsp), %r11; cmpq %fs:112, %r11; jnb .L2; movl \$999, %r10d; xorl %r11d, %r11d; call __morestack; ret.L2:; ret" \
    ' leaq -999(%rsp), %r11; cmpq %fs:112, %r11; jnb .L2; call __morestack;.L2:; ret;'
exit $failed
