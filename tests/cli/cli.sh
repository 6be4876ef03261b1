#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Every command but run and net: what it does, and the line for each thing that is wrong.
. "$(dirname "$0")/tap.sh"

help_lists_every_command() {
    for c in new build run net inspect doctor help; do
        "$drupe" help | grep -q "^  $c "
        "$drupe" help "$c" | grep -q "^usage: drupe $c"
        [ "$("$drupe" "$c" --help)" = "$("$drupe" help "$c")" ]
    done
    [ "$("$drupe" --help)" = "$("$drupe" help)" ]
}

version_is_one_line() {
    [ "$("$drupe" --version | wc -l)" = 1 ]
    "$drupe" --version | grep -q '^drupe [0-9]'
}

a_wrong_command_is_one_line() {
    says 64 'drupe: say what to do: new, build, run, ... (drupe help lists all)' "$drupe"
    says 64 "drupe: 'nothing' is not a command: drupe help lists them" "$drupe" nothing
    says 64 "drupe: 'nothing' is not a command: drupe help lists them" "$drupe" help nothing
    says 64 'drupe: help takes one command' "$drupe" help new build
}

new_makes_a_small_folder_from_each_template() {
    for t in hello echo web; do
        "$drupe" new "my-$t" --template "$t" >/dev/null
        [ "$(wc -l <"my-$t/Makefile")" -le 6 ]
        grep -q "^APP  = my-$t\$" "my-$t/Makefile"
        grep -q "^include $top/toolchain/app.mk\$" "my-$t/Makefile"
        cmp "my-$t/$t.c" "$top/examples/$t/$t.c"
        [ -s "my-$t/README.md" ]
    done
}

new_refuses_what_it_cannot_make() {
    name='a letter, then letters, digits, - and _, at most 63'
    mkdir there
    says 1 'drupe: there exists: choose another name or remove it' "$drupe" new there
    says 64 "drupe: '../up' is not a name for an application: $name" "$drupe" new ../up
    says 64 "drupe: '2nd' is not a name for an application: $name" "$drupe" new 2nd
    says 64 'drupe: new takes one name: drupe new NAME' "$drupe" new
    says 64 'drupe: new takes one name: drupe new NAME' "$drupe" new a b
    says 64 "drupe: 'ftp' is not a template: there are hello, echo and web" \
        "$drupe" new a --template ftp
    says 64 "drupe: '--x' is not an option here: see drupe help new" "$drupe" new a --x
    [ ! -e a ]
}

build_makes_an_image_and_says_where() {
    "$drupe" new built >/dev/null
    [ "$("$drupe" build built)" = "$room/built/build/spt/built.spt" ]
    [ -s built/build/spt/built.stripped.spt ]
    [ "$(cd built && "$drupe" build)" = "$room/built/build/spt/built.spt" ]
}

build_refuses_what_is_no_application() {
    mkdir empty other
    printf 'all:\n' >other/Makefile
    says 1 'drupe: missing: No such file or directory' "$drupe" build missing
    says 1 'drupe: /etc/passwd is not a folder' "$drupe" build /etc/passwd
    says 1 'drupe: empty has no Makefile: drupe new makes a folder that has one' \
        "$drupe" build empty
    says 1 'drupe: other/Makefile does not include toolchain/app.mk: see drupe new' \
        "$drupe" build other
    says 64 "drupe: 'xen' is not a target: there are spt, hvt and unix" "$drupe" build -t xen empty
    says 64 'drupe: build takes one folder' "$drupe" build a b
}

a_source_that_does_not_compile_is_said() {
    "$drupe" new broken >/dev/null
    echo 'nonsense' >>broken/hello.c
    status=0
    "$drupe" build broken >out 2>&1 || status=$?
    [ "$status" = 1 ]
    [ "$(tail -n 1 out)" = 'drupe: broken could not be built: make says why above' ]
}

# make would split them, or build somewhere else.
build_refuses_paths_that_make_cannot_hold() {
    for c in ' ' '$' '%' ':' '#' "'" '('; do
        mkdir "a${c}b"
        (cd "a${c}b" && "$drupe" new app >/dev/null)
        says 1 "drupe: make cannot build in $room/a${c}b/app: rename the folder, without '$c'" \
            "$drupe" build "a${c}b/app"
        (cd "a${c}b/app" && says 1 \
            "drupe: make cannot build in $room/a${c}b/app: rename the folder, without '$c'" \
            "$drupe" run .)
    done
    [ "$(ls -d a*)" = "$(ls -d a?b)" ]
}

inspect_says_what_is_in_an_image() {
    "$drupe" inspect "$top/build/spt/web.spt" >out
    grep -q '^target  *spt$' out
    grep -q '^abi  *2$' out
    grep -q '^device  *service (network)$' out
    grep -q '^  code  *[1-9]' out
    [ "$(grep -c '^segment.*rwx' out)" = 0 ]
    "$drupe" inspect "$top/build/spt/hello.spt" | grep -q '^device  *none$'
    "$drupe" inspect "$top/build/unix/hello.unix" | grep -q '^target  *unix$'
}

inspect_says_whose_the_code_is() {
    "$drupe" inspect "$top/build/spt/web.spt" | sed '1,/^code by source/d' >out
    for area in net http httpd stack rt base plat musl application; do
        grep -q "^  $area  *[1-9]" out
    done
    code=$("$drupe" inspect "$top/build/spt/web.spt" | sed -n 's/^  code  *//p')
    sum=$(awk '{ n += $2 } END { print n }' out)
    [ "$sum" -le "$code" ] && [ "$sum" -gt $((code * 9 / 10)) ]
    "$drupe" inspect "$top/build/spt/web.stripped.spt" >out
    if grep -q 'code by source' out; then return 1; fi
    "$drupe" inspect --json "$top/build/spt/web.spt" | tr -d ' \t\n' >out
    grep -q '"code":{"[a-z]*":[1-9]' out
}

inspect_prints_json() {
    "$drupe" inspect --json "$top/build/spt/web.spt" | tr -d ' \t\n' >out
    grep -q '"target":"spt"' out
    grep -q '"abi":{"type":"solo5.abi","target":"spt","version":2}' out
    grep -q '"manifest":{"type":"solo5.manifest","version":1,"devices":\[{"name":"service","type":"NET_BASIC"}\]}' out
    grep -q '"sizes":{"text":[1-9]' out
}

inspect_refuses_what_is_no_image() {
    echo text >text
    : >empty-file
    head -c 3000 "$top/build/spt/web.spt" >short
    says 1 'drupe: missing: No such file or directory' "$drupe" inspect missing
    says 64 'drupe: inspect takes one image' "$drupe" inspect
    for f in text empty-file short /bin/true /tmp /dev/null; do
        status=0
        "$drupe" inspect "$f" >out 2>err || status=$?
        [ "$status" = 1 ]
        [ "$(wc -l <err)" = 1 ]
        [ ! -s out ]
        grep -q "^drupe: $f: " err
    done
}

inspect_says_what_an_hvt_image_is() {
    "$drupe" inspect "$top/build/hvt/web.hvt" >out
    grep -q '^target  *hvt$' out
    grep -q '^abi  *2$' out
    grep -q '^device  *service ' out
    "$drupe" inspect --json "$top/build/hvt/web.hvt" | tr -d ' \t\n' | grep -q '"target":"hvt"'
}

doctor_says_what_this_machine_can_do() {
    "$drupe" doctor >out
    grep -q '^ok  seccomp ' out
    grep -q '^ok  low memory ' out
    grep -q '^ok  drupe-spt ' out
    grep -Eq '^(ok|no)  ?/dev/kvm  *(images can run as|missing: |unusable: )' out
    [ "$(tail -n 1 out)" = 'images can run here: drupe run' ]
    says 64 'drupe: doctor takes no words' "$drupe" doctor who
}

# Without the tender beside it, doctor must not say that all is well.
doctor_fails_where_images_cannot_run() {
    cp "$drupe" alone
    says 1 'drupe: images cannot run here: drupe-spt is missing (see above)' ./alone doctor
    says 1 'drupe: this drupe is not in the build/bin folder of its tree: run that one' \
        ./alone new elsewhere
}

try help_lists_every_command
try version_is_one_line
try a_wrong_command_is_one_line
try new_makes_a_small_folder_from_each_template
try new_refuses_what_it_cannot_make
try build_makes_an_image_and_says_where
try build_refuses_what_is_no_application
try a_source_that_does_not_compile_is_said
try build_refuses_paths_that_make_cannot_hold
try inspect_says_what_is_in_an_image
try inspect_says_whose_the_code_is
try inspect_prints_json
try inspect_refuses_what_is_no_image
try inspect_says_what_an_hvt_image_is
try doctor_says_what_this_machine_can_do
try doctor_fails_where_images_cannot_run
exit $failed
